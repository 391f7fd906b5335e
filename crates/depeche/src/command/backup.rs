//! `depeche backup`: the whole store in one file, while the wire runs.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{arguments::Backup, command::open_existing, telling};

/// Writes the backup; done when it is whole and on disk.
pub(crate) fn backup(backup: &Backup) -> anyhow::Result<()> {
    let store = open_existing(&backup.data.folder)?;
    let bar = bar();
    let written = store.backup(&backup.file, |done, all| tell(&bar, done, all));
    bar.finish_and_clear();
    telling::answer(&json!({ "file": backup.file, "bytes": written? }).to_string())
}

/// A bar of bytes; nothing where there is no terminal.
pub(crate) fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}, {elapsed}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Moves the bar; what is estimated may be passed.
pub(crate) fn tell(bar: &ProgressBar, done: u64, all: u64) {
    bar.set_length(all.max(done));
    bar.set_position(done);
}
