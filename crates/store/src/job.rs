//! Jobs: what a click or a feed asks of the outside, done by the collector.

use std::collections::HashSet;

use depeche_news::{ItemId, SourceId, jiff::Timestamp, limits::collect::PAGES_WAITING_MAX};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Chain, Error, JobState, JobView, Receipt, Store, connection::ms};

/// Work for the collector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewJob {
    /// Fetch the page of an item of which only a teaser is known.
    FetchPage {
        /// The item.
        item: ItemId,
        /// Its source.
        source: SourceId,
        /// The page.
        address: String,
    },
    /// Fetch a page that a list of pages names: an item of its own.
    FetchItem {
        /// The source that the list is.
        source: SourceId,
        /// The page.
        address: String,
        /// It came with the first list: it is older than the source is listened to.
        #[serde(default)]
        late: bool,
    },
    /// Ask an address what it is, without listening to it yet.
    TestAddress {
        /// The address.
        address: String,
    },
    /// Add every source of an OPML document.
    TakeOpml {
        /// The document.
        document: String,
    },
}

/// A job that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What to do.
    pub what: NewJob,
    /// How often it was tried before.
    pub attempts: u32,
    /// Its source is asked in a way of its own: see [`Store::access`].
    pub has_access: bool,
}

impl Store {
    /// Adds a job; gives its number.
    pub fn add_job(&self, new: NewJob, now: Timestamp) -> Receipt<i64> {
        self.take_in(&Chain::default(), move |transaction| add(transaction, &new, now))
    }

    /// Jobs whose time has come: those a person waits for first, the pages of sources in turns.
    pub fn due_jobs(&self, now: Timestamp, limit: usize) -> Result<Vec<Job>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, payload, attempts,
                   EXISTS (SELECT 1 FROM access WHERE access.source = chosen.source) FROM (
                   SELECT *, row_number() OVER (PARTITION BY source ORDER BY due_at) AS place
                   FROM job WHERE state = 'waiting' AND due_at <= ?1) AS chosen
                 WHERE place <= ?3 ORDER BY kind IN ('fetch_page', 'fetch_item'), place, due_at LIMIT ?2",
            )?;
            let rows = statement
                .query_map(params![ms(now), limit as i64, OF_ONE_SOURCE], |row| {
                    Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
                })?;
            rows.map(|row| {
                let (id, payload, attempts, has_access) = row?;
                Ok(Job { id, what: serde_json::from_str(&payload)?, attempts, has_access })
            })
            .collect()
        })
    }

    /// Ends a job with its result. That of a page is the page: nobody asks for the job again.
    pub fn finish_job(&self, id: i64, done: bool, result: String) -> Receipt<()> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM job WHERE id = ?1 AND kind = 'fetch_page'", [id])?;
            let state = if done { "done" } else { "failed" };
            transaction.execute(
                "UPDATE job SET state = ?2, result = ?3 WHERE id = ?1",
                params![id, state, result],
            )?;
            Ok(())
        })
    }

    /// Puts a job off to a later try.
    pub fn retry_job(&self, id: i64, due_at: Timestamp) -> Receipt<()> {
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE job SET attempts = attempts + 1, due_at = ?2 WHERE id = ?1",
                params![id, ms(due_at)],
            )?;
            Ok(())
        })
    }

    /// Puts a job off that could not even be tried.
    pub fn put_off_job(&self, id: i64, due_at: Timestamp) -> Receipt<()> {
        self.write(move |transaction| {
            transaction
                .execute("UPDATE job SET due_at = ?2 WHERE id = ?1", params![id, ms(due_at)])?;
            Ok(())
        })
    }

    /// A job and what came of it.
    pub fn job(&self, id: i64) -> Result<Option<JobView>, Error> {
        self.read_all(|connection| {
            let row =
                connection.query_row("SELECT state, result FROM job WHERE id = ?1", [id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get(1)?))
                });
            Ok(row.optional()?.map(|(state, result)| JobView {
                id,
                state: state_of(&state),
                result,
            }))
        })
    }

    /// How many pages are still to be fetched: of items, and those that lists name.
    pub fn pages_wanted(&self) -> Result<usize, Error> {
        self.read_all(|connection| {
            let count: i64 = connection.query_row(
                "SELECT count(*) FROM job WHERE state = 'waiting' AND kind IN ('fetch_page', 'fetch_item')",
                [],
                |row| row.get(0),
            )?;
            Ok(count as usize)
        })
    }
}

/// Pages of one source that are given at once: a feed with thousands of links waits for itself.
const OF_ONE_SOURCE: i64 = 8;

/// How long the result of a job can be read: a day is longer than anybody waits for it.
const RESULT_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) fn add(
    transaction: &Transaction<'_>,
    new: &NewJob,
    now: Timestamp,
) -> Result<i64, Error> {
    let (kind, source) = match new {
        NewJob::FetchPage { source, .. } => ("fetch_page", source.as_str()),
        NewJob::FetchItem { source, .. } => ("fetch_item", source.as_str()),
        NewJob::TestAddress { .. } => ("test_address", ""),
        NewJob::TakeOpml { .. } => ("take_opml", ""),
    };
    transaction
        .prepare_cached("DELETE FROM job WHERE state <> 'waiting' AND due_at < ?1")?
        .execute([ms(now) - RESULT_KEPT_MS])?;
    transaction
        .prepare_cached(
            "INSERT INTO job (kind, source, payload, state, due_at) VALUES (?1, ?2, ?3, 'waiting', ?4)",
        )?
        .execute(params![kind, source, serde_json::to_string(new)?, ms(now)])?;
    Ok(transaction.last_insert_rowid())
}

/// Adds the jobs of the pages that a list names, as far as they are not known: as an item, as a delivery, or
/// as a job of the last day, done or not.
pub(crate) fn want_items(
    transaction: &Transaction<'_>,
    source: &SourceId,
    pages: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    if pages.is_empty() {
        return Ok(());
    }
    let late = transaction
        .prepare_cached("SELECT news_at IS NULL FROM source WHERE id = ?1")?
        .query_row([source.as_str()], |row| row.get(0))?;
    let waiting: usize = transaction
        .prepare_cached(
            "SELECT count(*) FROM job WHERE source = ?1 AND state = 'waiting' AND kind = 'fetch_item'",
        )?
        .query_row([source.as_str()], |row| row.get::<_, i64>(0))? as usize;
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
    for address in pages {
        // The list names what has no room as long as it is new.
        if wanted.len() >= PAGES_WAITING_MAX.saturating_sub(waiting) {
            break;
        }
        if seen.insert(address) && !is_known(transaction, source, address)? {
            wanted.push(address);
        }
    }
    // The oldest first, so that they come on the wire in their order.
    for address in wanted.into_iter().rev() {
        let (source, address) = (source.clone(), address.clone());
        add(transaction, &NewJob::FetchItem { source, address, late }, now)?;
    }
    Ok(())
}

/// Whether a page is known of a source: each look is one in an index, however long it has been listened to.
fn is_known(
    transaction: &Transaction<'_>,
    source: &SourceId,
    address: &str,
) -> Result<bool, Error> {
    let known = transaction
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM job WHERE kind = 'fetch_item' AND source = ?1
                            AND json_extract(payload, '$.fetch_item.address') = ?2)
               OR EXISTS (SELECT 1 FROM delivery WHERE source = ?1 AND address = ?2)
               OR EXISTS (SELECT 1 FROM item WHERE source = ?1 AND address = ?2)",
        )?
        .query_row([source.as_str(), address], |row| row.get(0))?;
    Ok(known)
}

fn state_of(word: &str) -> JobState {
    match word {
        "waiting" => JobState::Waiting,
        "done" => JobState::Done,
        _ => JobState::Failed,
    }
}
