//! What can go wrong with a store, named by who can act on it.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use crate::{Trouble, TroubleKind};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or the file in it cannot be used.
    #[error("cannot open the store in {folder}: {reason}", folder = folder.display())]
    Open {
        /// The data folder.
        folder: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// This user may not read and write there.
    #[error("this user may not read and write {path}: {reason}", path = path.display())]
    Denied {
        /// The data folder, or what is in it.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The wire is another user's: files made by this one would lock its owner out.
    #[error("the wire in {folder} belongs to user {owner}, this is user {user}", folder = folder.display())]
    OtherOwner {
        /// The data folder.
        folder: PathBuf,
        /// The owner's number.
        owner: u32,
        /// The number of this user.
        user: u32,
    },
    /// It is not a store of ours; nothing of it was changed.
    #[error("{file} was not made by Dépêche", file = file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// The store was written by a later Dépêche.
    #[error("the store has schema {found}, this program knows up to {known}: use a newer depeche")]
    LaterSchema {
        /// The schema of the file.
        found: u32,
        /// The newest schema of this program.
        known: u32,
    },
    /// Another process does this work in this folder.
    #[error("another depeche{process} {work} {folder}", process = numbered(*process), work = doing(work),
            folder = folder.display())]
    Held {
        /// The work.
        work: String,
        /// Its number, where it could be read.
        process: Option<u32>,
        /// The data folder.
        folder: PathBuf,
    },
    /// There is no room left on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The file, or the file system it is on, can only be read.
    #[error("the store can only be read")]
    ReadOnly,
    /// What is in the file is not what was written there.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Another process wrote for longer than we wait.
    #[error("the store is busy: another process has been writing for longer than ten seconds")]
    Busy,
    /// Nothing is taken in while a trouble lasts; what came is asked for again.
    #[error("nothing is taken in: {0}")]
    Resting(Trouble),
    /// A write of the same work before this one failed, so that this one was not tried.
    #[error("an earlier write of the same work failed")]
    Broken,
    /// A file that a backup is read from or written to cannot be used.
    #[error("cannot use {file}: {reason}", file = file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Where a backup shall be restored to, there is a wire.
    #[error("there is a wire in {folder}", folder = folder.display())]
    HoldsWire {
        /// The data folder.
        folder: PathBuf,
    },
    /// SQLite refused.
    #[error("the store failed: {0}")]
    Sqlite(rusqlite::Error),
    /// Something stored could not be read back.
    #[error("the store holds something unreadable: {0}")]
    Unreadable(String),
    /// The transaction this write was part of could not be committed.
    #[error("the store could not commit: {0}")]
    Commit(String),
    /// The writer is gone: the process is ending.
    #[error("the store is closed")]
    Closed,
}

fn numbered(process: Option<u32>) -> String {
    process.map(|process| format!(" (process {process})")).unwrap_or_default()
}

/// What a process with this lease does, before the folder's name.
fn doing(work: &str) -> &'static str {
    match work {
        "collect" => "collects in",
        "serve" => "serves the pages of",
        "ingest" => "takes in what came to",
        "index" => "indexes",
        _ => "works in",
    }
}

impl Error {
    /// What the system said of `path`, by who can act on it.
    pub(crate) fn of_io(path: &Path, error: &io::Error) -> Self {
        let (path, reason) = (path.to_owned(), error.to_string());
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied { path, reason },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Open { folder: path, reason },
        }
    }

    /// The trouble of the machine that this error tells of, if it is one.
    pub(crate) fn trouble(&self) -> Option<TroubleKind> {
        match self {
            Self::DiskFull => Some(TroubleKind::DiskFull),
            Self::ReadOnly => Some(TroubleKind::ReadOnly),
            Self::Damaged(_) => Some(TroubleKind::Damaged),
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
                    Some(TroubleKind::Other)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The same error for another write of the same transaction.
    pub(crate) fn shared(&self) -> Self {
        match self {
            Self::DiskFull => Self::DiskFull,
            Self::ReadOnly => Self::ReadOnly,
            Self::Busy => Self::Busy,
            Self::Damaged(reason) => Self::Damaged(reason.clone()),
            other => Self::Commit(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
