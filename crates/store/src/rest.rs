//! Hosts that asked to be left alone, so that a restart does not ask them again.

use depeche_news::{SourceId, jiff::Timestamp, limits::collect::HOSTS_REMEMBERED};
use rusqlite::{Transaction, params};

use crate::{
    Error, Receipt, Store,
    connection::{ms, time},
};

impl Store {
    /// The hosts at rest, each until when.
    pub fn host_rests(&self, now: Timestamp) -> Result<Vec<(String, Timestamp)>, Error> {
        self.read_all(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT host, until FROM host_rest WHERE until > ?1")?;
            let rows =
                statement.query_map([ms(now)], |row| Ok((row.get(0)?, time(row.get(1)?))))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes note of a host at rest.
    pub fn rest_host(&self, host: String, until: Timestamp, now: Timestamp) -> Receipt<()> {
        self.write(move |transaction| note(transaction, &host, until, now))
    }

    /// Puts a source off that was not asked: its host is at rest. It has not failed.
    pub fn put_off_source(&self, id: &SourceId, next_at: Timestamp) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE source SET next_poll_at = ?2 WHERE id = ?1",
                params![id.as_str(), ms(next_at)],
            )?;
            Ok(())
        })
    }
}

/// Takes note of a host at rest, and forgets those that no longer are.
fn note(
    transaction: &Transaction<'_>,
    host: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    transaction.execute("DELETE FROM host_rest WHERE until <= ?1", [ms(now)])?;
    transaction.execute(
        "INSERT INTO host_rest (host, until) VALUES (?1, ?2)
         ON CONFLICT (host) DO UPDATE SET until = max(until, excluded.until)",
        params![host, ms(until)],
    )?;
    // Whoever names hosts without end, each of which asks for rest, fills memory no more than this table.
    transaction.execute(
        "DELETE FROM host_rest WHERE host IN
           (SELECT host FROM host_rest ORDER BY until DESC LIMIT -1 OFFSET ?1)",
        [HOSTS_REMEMBERED as i64],
    )?;
    Ok(())
}
