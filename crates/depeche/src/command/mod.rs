//! The commands, one file each.

pub(crate) mod batches;
pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod items;
pub(crate) mod run;
pub(crate) mod source;
pub(crate) mod space;

use std::path::Path;

use depeche_store::Store;

use crate::{
    arguments::Data,
    telling::{self, Advice},
};

/// Opens the store of a data folder, with a hint when it cannot.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Store> {
    Store::open(folder).map_err(|error| match &error {
        depeche_store::Error::LaterSchema { .. } => error.into(),
        _ => Advice::error(
            error.to_string(),
            "--data names the data folder; it must be a folder this user may write to, on a local disk",
        ),
    })
}

/// Opens the store of a data folder that is there; a mistyped name is not made into a new wire.
pub(crate) fn open_existing(folder: &Path) -> anyhow::Result<Store> {
    if folder.join("depeche.sqlite").exists() {
        return open(folder);
    }
    Err(Advice::error(
        format!("there is no wire in {}", folder.display()),
        "--data names the data folder of a wire; `depeche run`, `import` and `source add` make a new one",
    ))
}

/// `depeche token`: a new administrator's token, where the first one was lost or seen.
pub(crate) fn token(data: &Data) -> anyhow::Result<()> {
    telling::answer(&open_existing(&data.folder)?.new_administrator_token().wait()?)
}
