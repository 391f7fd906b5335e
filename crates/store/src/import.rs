//! Files that are taken in: how far each was read, so that an import goes on where it was interrupted.

use depeche_news::{Delivery, jiff::Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    Chain, Error, Receipt, Recorded, Store,
    connection::{ms, time},
    delivery::record,
};

/// A file, by its bytes and the name that its items are kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Digest of all of its bytes.
    pub digest: [u8; 32],
    /// The name of the source that was asked for; empty where its parts name their own.
    pub source: String,
    /// Where it was found.
    pub path: String,
}

/// How far a file was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The byte of the file where the last unit begins, or one before it from which it is found.
    pub place: u64,
    /// How many units begin between that byte and it.
    pub skip: u64,
    /// Units read: records, messages or lines.
    pub units: u64,
}

/// What is known of a file that was taken in before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Where it was found then.
    pub path: String,
    /// How far it was read.
    pub mark: Mark,
    /// When it was read to its end; `None`: it was interrupted.
    pub done_at: Option<Timestamp>,
}

impl Store {
    /// What is known of a file from earlier imports.
    pub fn imported(&self, file: &ImportedFile) -> Result<Option<Imported>, Error> {
        self.read_all(|connection| {
            let found = connection.query_row(
                "SELECT path, place, skip, units, done_at FROM import WHERE digest = ?1 AND source = ?2",
                params![file.digest.as_slice(), file.source],
                |row| {
                    let number = |column| row.get::<_, i64>(column).map(|number| number as u64);
                    Ok(Imported {
                        path: row.get(0)?,
                        mark: Mark { place: number(1)?, skip: number(2)?, units: number(3)? },
                        done_at: row.get::<_, Option<i64>>(4)?.map(time),
                    })
                },
            );
            Ok(found.optional()?)
        })
    }

    /// Stores a delivery out of a file together with how far that was read: both or neither, and none after one
    /// of the same chain that failed.
    pub fn record_of_file(
        &self,
        chain: &Chain,
        delivery: Delivery,
        file: &ImportedFile,
        mark: Mark,
    ) -> Receipt<Recorded> {
        let file = file.clone();
        self.take_in(chain, move |transaction| {
            put(transaction, &file, mark, None)?;
            record(transaction, &delivery)
        })
    }

    /// Notes that a file was read to its end.
    pub fn file_done(&self, file: &ImportedFile, mark: Mark, now: Timestamp) -> Receipt<()> {
        let file = file.clone();
        self.take_in(&Chain::default(), move |transaction| put(transaction, &file, mark, Some(now)))
    }
}

fn put(
    transaction: &Transaction<'_>,
    file: &ImportedFile,
    mark: Mark,
    done_at: Option<Timestamp>,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO import (digest, source, path, place, skip, units, done_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (digest, source) DO UPDATE SET
               path = ?3, place = ?4, skip = ?5, units = ?6, done_at = ?7",
        )?
        .execute(params![
            file.digest.as_slice(),
            file.source,
            file.path,
            mark.place as i64,
            mark.skip as i64,
            mark.units as i64,
            done_at.map(ms),
        ])?;
    Ok(())
}
