//! Folders that are watched: how each is, beside its source.

use std::path::PathBuf;

use depeche_news::SourceId;
use rusqlite::{Row, params};

use crate::{Error, FailureNote, Receipt, Store, source::source_id};

/// What a watched folder's address begins with; its path follows.
const SCHEME: &str = "folder:";

/// A folder that files are dropped into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFolder {
    /// Its source.
    pub source: SourceId,
    /// Where it is.
    pub path: PathBuf,
    /// What the name of the empty file ends with that says that one is whole.
    pub done_suffix: Option<String>,
    /// Seconds a file does not change before it is taken to be whole.
    pub settle_seconds: Option<u32>,
    /// What becomes of a file that was taken.
    pub after: AfterTaking,
    /// What is wrong with it, as far as it was noted.
    pub failure: Option<String>,
}

/// What becomes of a file that was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterTaking {
    /// It is moved into a folder for those that were taken.
    #[default]
    Move,
    /// It is deleted.
    Delete,
    /// It stays; what it holds is remembered.
    Leave,
}

impl AfterTaking {
    fn word(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Delete => "delete",
            Self::Leave => "leave",
        }
    }
}

impl Store {
    /// Says how a folder is watched; its source is there already.
    pub fn watch_folder(&self, folder: WatchedFolder) -> Receipt<()> {
        self.write(move |transaction| {
            transaction.execute(
                "INSERT INTO watched_folder (source, done_suffix, settle_seconds, after)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (source) DO UPDATE SET done_suffix = ?2, settle_seconds = ?3, after = ?4",
                params![
                    folder.source.as_str(),
                    folder.done_suffix,
                    folder.settle_seconds,
                    folder.after.word(),
                ],
            )?;
            Ok(())
        })
    }

    /// The folders that are watched now.
    pub fn watched_folders(&self) -> Result<Vec<WatchedFolder>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT source.id, source.address, done_suffix, settle_seconds, after, failure_word
                 FROM watched_folder JOIN source ON source.id = watched_folder.source
                 WHERE state = 'active' AND removed_at IS NULL ORDER BY source.id",
            )?;
            let rows = statement.query_map([], |row| Ok(watched(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// Notes what keeps a folder from being read, or that nothing does any more.
    pub fn folder_failed(&self, source: &SourceId, failure: Option<FailureNote>) -> Receipt<()> {
        let source = source.clone();
        self.write(move |transaction| {
            let (word, detail) = failure.map(|note| (note.word, note.detail)).unzip();
            transaction.execute(
                "UPDATE source SET failures = iif(?2 IS NULL, 0, failures + 1), failure_word = ?2,
                   failure_detail = ?3
                 WHERE id = ?1",
                params![source.as_str(), word, detail],
            )?;
            Ok(())
        })
    }
}

fn watched(row: &Row<'_>) -> Result<WatchedFolder, Error> {
    let address: String = row.get(1)?;
    let after = match row.get::<_, String>(4)?.as_str() {
        "delete" => AfterTaking::Delete,
        "leave" => AfterTaking::Leave,
        _ => AfterTaking::Move,
    };
    Ok(WatchedFolder {
        source: source_id(row.get(0)?)?,
        path: PathBuf::from(address.strip_prefix(SCHEME).unwrap_or(&address)),
        done_suffix: row.get(2)?,
        settle_seconds: row.get(3)?,
        after,
        failure: row.get(5)?,
    })
}
