//! Numbered migrations, forward only, and whose file it is.

use std::path::PathBuf;

use rusqlite::{Connection, TransactionBehavior};

use crate::Error;

/// The migrations in order; the number of one is its place, from 1. A landed one never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001.sql"),
    include_str!("migrations/002.sql"),
    include_str!("migrations/003.sql"),
    include_str!("migrations/004.sql"),
];

/// What stands in the header of a file of ours: «DPCH». Schema 2 and later set it.
pub(crate) const APPLICATION: i64 = 0x4450_4348;

/// The newest schema of this program.
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Brings the schema up to date; each step is one transaction with its own number in it.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let found = recognise(connection)?;
    for number in found + 1..=KNOWN {
        step(connection, number)?;
    }
    Ok(())
}

/// The schema of a file of ours, 0 when it is empty; refuses any other.
pub(crate) fn recognise(connection: &Connection) -> Result<u32, Error> {
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let ours = match (application, found) {
        (APPLICATION, 1..) => true,
        (0, 0) => tables(connection, "%")? == 0,
        // Schema 1 had no number of its own: it is known by its tables.
        (0, _) => {
            let named = ["counter", "source", "delivery", "item", "version", "dispatch", "wire"];
            named
                .iter()
                .try_fold(true, |all, name| Ok::<_, Error>(all && tables(connection, name)? == 1))?
        }
        _ => false,
    };
    // What runs by itself in a database is never ours.
    if !ours || programs(connection)? > 0 {
        return Err(Error::Foreign { file: file(connection) });
    }
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    if found > KNOWN {
        return Err(Error::LaterSchema { found, known: KNOWN });
    }
    Ok(found)
}

fn programs(connection: &Connection) -> Result<i64, Error> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn file(connection: &Connection) -> PathBuf {
    connection.path().unwrap_or_default().into()
}

fn tables(connection: &Connection, named: &str) -> Result<i64, Error> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name LIKE ?1";
    Ok(connection.query_row(sql, [named], |row| row.get(0))?)
}

fn step(connection: &mut Connection, number: u32) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have come first while we waited for the lock.
    if version(&transaction)? < number {
        transaction.execute_batch(MIGRATIONS[number as usize - 1])?;
        transaction.pragma_update(None, "user_version", number)?;
        if number == 1 {
            // The epoch tells one life of a store from another: an index of another life is not ours.
            transaction
                .execute("INSERT INTO counter (one, epoch, seq) VALUES (1, unixepoch(), 0)", [])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
