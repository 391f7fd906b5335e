//! The window of copies and stories while nothing runs: the file its snapshot is kept in, and what has changed of the
//! items in it since. What the wire log does not tell of is noted beside it, in the transaction that changes it.
//!
//! The file may be missing, old or damaged at any time: whoever reads it asks here whether it is of this wire.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use depeche_news::{ItemId, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, Remembered, Store,
    admin::{meta, set_meta},
    backup::Part,
    connection::{last_seq, ms},
    item::{REMEMBERED, item_id, remembered},
    trouble::has_room,
};

/// The name of the file in the data folder.
pub(crate) const NAME: &str = "window.snapshot";

/// What the keys of notes begin with; the item comes behind it, and how far the log was is the value.
const UNTOLD: &str = "untold:";

/// The first key behind all of them.
const UNTOLD_END: &str = "untold;";

/// Before which place of the log notes were forgotten: a snapshot that is older cannot be told what has changed.
const TOLD: &str = "window_told";

/// Bytes that are written at a time.
const WRITTEN_AT_ONCE: usize = 1 << 16;

impl Store {
    /// Keeps a snapshot of the window, of so many bytes at most, in the place of the one before: on disk when this
    /// returns. Whatever ends the process meanwhile, the file is the one before or the new one.
    pub fn keep_window(
        &self,
        bytes_max: u64,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        if !has_room(self.folder(), bytes_max) {
            return Err(Error::DiskFull);
        }
        let file = window_file(self.folder());
        let part = Part::beside(&file)?;
        let failed = |error: io::Error| Error::of_io(&file, &error);
        let mut out = BufWriter::with_capacity(WRITTEN_AT_ONCE, part.file());
        write(&mut out).and_then(|()| out.flush()).map_err(failed)?;
        drop(out);
        part.becomes(&file)
    }

    /// The snapshot that is kept; `None` where there is none. What an ended process left of a new one goes.
    pub fn kept_window(&self) -> Result<Option<File>, Error> {
        let file = window_file(self.folder());
        Part::sweep(&file)?;
        // Looked at before it is opened: a pipe would be waited for, and a link leads to what is not ours.
        match fs::symlink_metadata(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if !found.is_file() => {
                return Err(Error::File { file, reason: "it is not a file".to_owned() });
            }
            _ => {}
        }
        File::open(&file).map(Some).map_err(|error| Error::of_io(&file, &error))
    }

    /// Takes the snapshot away, for good when this returns.
    pub fn drop_window(&self) -> Result<(), Error> {
        drop_window(self.folder())
    }

    /// The bytes of the snapshot that is kept.
    pub fn window_bytes(&self) -> u64 {
        fs::metadata(window_file(self.folder())).map_or(0, |file| file.len())
    }

    /// What a place of the wire log is known by, in whatever file it stands: the life of the wire, and the entry; `None`
    /// where the log does not have that entry.
    pub fn place_on_wire(&self, seq: u64) -> Result<Option<String>, Error> {
        self.read_all(|connection| {
            let epoch: u64 =
                connection.query_row("SELECT epoch FROM counter", [], |row| row.get(0))?;
            if seq == 0 {
                return Ok(Some(format!("{epoch} 0")));
            }
            let mut statement =
                connection.prepare_cached("SELECT kind, item, at FROM wire WHERE seq = ?1")?;
            let entry = statement.query_row([seq], |row| {
                let (kind, item, at): (String, String, i64) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(format!("{epoch} {seq} {kind} {item} {at}"))
            });
            Ok(entry.optional()?)
        })
    }

    /// The items that have changed behind a place of the wire log, each once, in the order of their last change; `None`
    /// where the log does not tell it all, or of more than so many changes.
    pub fn changed_since(
        &self,
        after: u64,
        changes_max: usize,
    ) -> Result<Option<Vec<ItemId>>, Error> {
        self.read_all(|connection| {
            let Some(entries) = last_seq(connection)?.checked_sub(after) else { return Ok(None) };
            let told = meta(connection, TOLD)?.map_or(Some(0), |told| told.parse().ok());
            if entries > changes_max as u64 || told.is_none_or(|told| after < told) {
                return Ok(None);
            }
            let mut changes = entries_since(connection, after)?;
            if changes.len() as u64 != entries {
                return Ok(None);
            }
            changes.extend(untold_since(connection, after)?);
            // What is not told of came behind the entry that was the last then. By number alone, so that an entry stays
            // before it.
            changes.sort_by_key(|(seq, _)| *seq);
            let mut seen = HashSet::new();
            let mut last: Vec<ItemId> = (changes.into_iter().rev())
                .filter_map(|(_, item)| seen.insert(item.clone()).then_some(item))
                .collect();
            last.reverse();
            Ok(Some(last))
        })
    }

    /// Tells `each` what the window has to know of these items now: nothing, where they are gone, were never compared, or
    /// came in before `since`.
    pub fn remembered_of(
        &self,
        ids: &[ItemId],
        since: Timestamp,
        mut each: impl FnMut(&ItemId, Option<Remembered>),
    ) -> Result<(), Error> {
        self.read_all(|connection| {
            let sql = format!("{REMEMBERED} AND id = ?1 AND wire_at >= ?2");
            let mut statement = connection.prepare(&sql)?;
            for id in ids {
                let mut rows = statement.query(params![id.as_str(), ms(since)])?;
                each(id, rows.next()?.map(remembered).transpose()?);
            }
            Ok(())
        })
    }

    /// Whether anything is noted that no snapshot knows of yet, as far as that can be told.
    pub fn has_untold(&self) -> bool {
        let noted = self.read_all(|connection| Ok(!untold_since(connection, 0)?.is_empty()));
        noted.unwrap_or(true)
    }

    /// Forgets the notes on what changed before a place of the wire log: a snapshot that is kept knows of it, or none is
    /// kept.
    pub fn forget_untold(&self, before: u64) -> Result<(), Error> {
        const BEFORE: &str =
            "FROM meta WHERE key >= ?1 AND key < ?2 AND CAST(value AS INTEGER) < ?3";
        let noted = self.read_all(|connection| {
            let mut statement = connection.prepare_cached(&format!("SELECT 1 {BEFORE}"))?;
            Ok(statement.exists(params![UNTOLD, UNTOLD_END, before])?)
        })?;
        if !noted {
            return Ok(());
        }
        self.write(move |transaction| {
            let sql = format!("DELETE {BEFORE}");
            transaction.execute(&sql, params![UNTOLD, UNTOLD_END, before])?;
            set_meta(transaction, TOLD, &before.to_string())
        })
        .wait()
    }
}

/// Notes that an item's place or trace changes without an entry of the wire log.
pub(crate) fn untold(transaction: &Transaction<'_>, id: &ItemId) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO meta (key, value) SELECT ?1 || ?2, CAST(seq AS TEXT) FROM counter WHERE TRUE
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute([UNTOLD, id.as_str()])?;
    Ok(())
}

/// Forgets all notes: of a wire that begins a new life no snapshot is read.
pub(crate) fn forget_all_untold(connection: &Connection) -> Result<(), Error> {
    let sql = "DELETE FROM meta WHERE (key >= ?1 AND key < ?2) OR key = ?3";
    connection.execute(sql, [UNTOLD, UNTOLD_END, TOLD])?;
    Ok(())
}

/// Takes the snapshot of a folder away, for good when this returns, and what is left of one that was not written to its
/// end. A folder of its name is none of ours and stays.
pub(crate) fn drop_window(folder: &Path) -> Result<(), Error> {
    let file = window_file(folder);
    Part::sweep(&file)?;
    match fs::remove_file(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) if file.is_dir() => Ok(()),
        removed => removed
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(|error| Error::of_io(&file, &error)),
    }
}

fn window_file(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// Changes, with how far the log was.
type Changes = Vec<(u64, ItemId)>;

fn entries_since(connection: &Connection, after: u64) -> Result<Changes, Error> {
    let mut statement =
        connection.prepare_cached("SELECT seq, item FROM wire WHERE seq > ?1 ORDER BY seq")?;
    let rows = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| row.map_err(Error::from).and_then(|(seq, item)| Ok((seq, item_id(item)?))))
        .collect()
}

/// What was noted since: also where nothing was told after, since what is noted does not move the log.
fn untold_since(connection: &Connection, after: u64) -> Result<Changes, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT CAST(value AS INTEGER), substr(key, length(?1) + 1) FROM meta
         WHERE key >= ?1 AND key < ?2 AND CAST(value AS INTEGER) >= ?3 ORDER BY 1, 2",
    )?;
    let noted = params![UNTOLD, UNTOLD_END, after];
    let rows = statement.query_map(noted, |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| row.map_err(Error::from).and_then(|(seq, item)| Ok((seq, item_id(item)?))))
        .collect()
}
