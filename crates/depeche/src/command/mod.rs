//! The commands, one file each.

pub(crate) mod backup;
pub(crate) mod batches;
pub(crate) mod catalogue;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod import;
pub(crate) mod items;
pub(crate) mod pushed;
pub(crate) mod reference;
pub(crate) mod reprocess;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod run;
pub(crate) mod source;
pub(crate) mod space;

use std::path::Path;

use depeche_store::{Error, Store, TroubleKind};

use crate::{
    arguments::Data,
    telling::{self, Advice},
};

/// Opens the store of a data folder; [`hint`] says what to do when it cannot.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Store> {
    Ok(Store::open(folder)?)
}

/// What the person at the terminal can do about an error of the store.
pub(crate) fn hint(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::Open { .. } => {
            "--data names the data folder; it must be a folder this user may write to, on a local disk"
        }
        Error::Denied { .. } => {
            "run depeche as the user that owns the folder, or name another one with --data"
        }
        Error::OtherOwner { .. } => {
            "run depeche as that user (sudo -u), or give the whole folder to this one (chown -R)"
        }
        Error::Foreign { .. } => {
            "nothing was changed in it: name another folder or file, or move this one away"
        }
        Error::LaterSchema { .. } => {
            "nothing was changed in it: install the depeche that wrote it, or a later one"
        }
        Error::Held { work, .. } if work == "collect" => {
            "stop that one first; beside one that only collects, --only serve serves the pages"
        }
        Error::Held { .. } => "stop that one first",
        Error::DiskFull => {
            "free some room on that disk and do it again; nothing that was taken in is lost"
        }
        Error::ReadOnly => {
            "depeche writes also where it only serves: make the folder writable, or copy it to a disk that is"
        }
        Error::Damaged(_) => {
            "stop depeche and take the latest backup: `depeche restore --replace`; the damaged file is kept beside"
        }
        Error::Busy => "do it again when the other process is done",
        Error::Resting(trouble) => match trouble.kind {
            TroubleKind::DiskFull => {
                "free some room on that disk and do it again: what is in is kept"
            }
            TroubleKind::ReadOnly => "make the folder writable and do it again: what is in is kept",
            TroubleKind::Damaged => {
                "stop depeche and take the latest backup: `depeche restore --replace`"
            }
            TroubleKind::Clock => {
                "set the clock of this machine and do it again: what is in is kept"
            }
            TroubleKind::Other => {
                "look at the disk and the system's log, and do it again: what is in is kept"
            }
        },
        Error::File { .. } => "give a file that can be used",
        Error::HoldsWire { .. } => {
            "name an empty folder, or put this wire aside with --replace: it is kept beside under a dated name"
        }
        _ => return None,
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

/// A file that cannot be read.
fn unreadable(path: &Path, error: &std::io::Error) -> anyhow::Error {
    Advice::error(
        format!("cannot read {}: {error}", path.display()),
        "give a file that exists and may be read",
    )
}
