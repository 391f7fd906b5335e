//! What can go wrong with a store, named by who can act on it.

use std::path::PathBuf;

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
    /// The store was written by a later Dépêche.
    #[error("the store has schema {found}, this program knows up to {known}: use a newer depeche")]
    LaterSchema {
        /// The schema of the file.
        found: u32,
        /// The newest schema of this program.
        known: u32,
    },
    /// SQLite refused.
    #[error("the store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
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

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
