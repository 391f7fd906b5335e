//! Numbered migrations, forward only.

use rusqlite::{Connection, TransactionBehavior};

use crate::Error;

/// The migrations in order; the number of one is its place, from 1. A landed one never changes.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/001.sql"), include_str!("migrations/002.sql")];

/// The newest schema of this program.
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Brings the schema up to date; each step is one transaction with its own number in it.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let known = KNOWN;
    let found = version(connection)?;
    if found > known {
        return Err(Error::LaterSchema { found, known });
    }
    for number in found + 1..=known {
        step(connection, number)?;
    }
    Ok(())
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
