//! `depeche restore`: a wire from a backup, as a new life of it.

use serde_json::json;

use crate::{
    arguments::Restore,
    command::backup::{bar, tell},
    telling,
};

/// Restores the backup into the folder; done when it is whole and on disk.
pub(crate) fn restore(restore: &Restore) -> anyhow::Result<()> {
    let bar = bar();
    let (from, folder) = (&restore.file, &restore.data.folder);
    let restored = depeche_store::restore(from, folder, restore.replace, |done, all| {
        tell(&bar, done, all);
    });
    bar.finish_and_clear();
    let restored = restored?;
    if let Some(kept) = &restored.kept {
        telling::say(&format!("the wire that was there is kept as {}", kept.display()));
    }
    telling::say("all sessions have ended; the search index is built anew when the wire runs");
    let summary = json!({
        "items": restored.items,
        "schema": restored.schema,
        "epoch": restored.epoch,
        "kept": restored.kept,
    });
    telling::answer(&summary.to_string())
}
