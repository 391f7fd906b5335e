//! `depeche items`: what the wire holds, as JSON lines.

use depeche_news::{Viewer, jiff::Timestamp};

use crate::{arguments::Data, command::open_existing, telling};

/// Lists every item, oldest on the wire first.
pub(crate) fn items(data: &Data) -> anyhow::Result<()> {
    let store = open_existing(&data.folder)?;
    let mut told = Ok(());
    store.each_item(Viewer::Administrator, Timestamp::now(), |item| {
        if told.is_ok() {
            told = serde_json::to_string(&item)
                .map_err(Into::into)
                .and_then(|line| telling::answer(&line));
        }
    })?;
    told
}
