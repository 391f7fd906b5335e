//! Retention: what is kept how long. Items expire by the time they are listed at; documents are reduced to
//! what brought something; pages go when they are old. All in small batches beside the intake.

use std::collections::HashSet;

use depeche_news::{
    ItemId, Kind, SourceId, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, PendingDelivery, Receipt, Remains, Store,
    admin::{meta, set_meta},
    connection::{ms, time},
    delivery::whole,
    grouping::refresh_dispatch,
    item::{dispatch_id, item_id},
    removal::{empty, keep_body},
    source::source_id,
    wire::log,
};

/// Where the time that retention went by last is kept.
const KEPT_AT: &str = "kept_at";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long things are kept; days, and nothing for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Items, where their source says nothing else.
    pub items_days: Option<u32>,
    /// The pages items were read from.
    pub pages_days: Option<u32>,
    /// Feed documents with the entries that brought nothing.
    pub documents_days: u32,
}

impl Default for Keep {
    /// A week of whole documents is enough to find out why an item was read as it was.
    fn default() -> Self {
        Self { items_days: None, pages_days: None, documents_days: 7 }
    }
}

/// How long the items of one source are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepSource {
    /// As the configuration says.
    AsAll,
    /// For ever.
    Forever,
    /// So many days.
    Days(u32),
}

/// A document that is old enough to be reduced.
#[derive(Clone, Debug)]
pub struct DueDocument {
    /// The document as it is stored.
    pub document: PendingDelivery,
    /// The items that a version of was brought by it; none: it brought nothing.
    pub brought: HashSet<ItemId>,
    /// Its size when it was read; another one means that it was cut since.
    bytes: i64,
}

/// What retention would take at some time.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Due {
    /// Items that would expire.
    pub items: usize,
    /// Documents that would be reduced or dropped.
    pub documents: usize,
    /// Pages that would be dropped.
    pub pages: usize,
}

/// What a source takes.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SourceBytes {
    /// The source.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// Days its items are kept; nothing: as the configuration says; 0: for ever.
    pub keep_days: Option<u32>,
    /// Items that are kept of it.
    pub items: usize,
    /// Bytes of articles a day, lately.
    pub article_bytes_a_day: u64,
    /// Bytes of documents and pages a day, lately.
    pub raw_bytes_a_day: u64,
}

/// What keeping items for some days would save.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Saving {
    /// The days.
    pub days: u32,
    /// Items that are older.
    pub items: usize,
    /// Bytes of their articles and pages, as they are stored.
    pub bytes: u64,
}

/// Days over which what comes in is averaged: a week has its weekend.
const LATELY_DAYS: i64 = 7;

/// What `keep_days` of a source means for ever by.
const FOREVER: u32 = 0;

/// The sources with the time before which their items are old; `?1` is now, `?2` the days of all.
const OLD: &str = "
WITH days AS (SELECT id, coalesce(keep_days, ?2, 0) AS days FROM source),
     old AS (SELECT id, ?1 - days * 86400000 AS before FROM days WHERE days > 0)";

impl Store {
    /// Says how long the items of a source are kept.
    pub fn keep_source(&self, id: &SourceId, keep: KeepSource) -> Receipt<()> {
        let id = id.clone();
        let days = match keep {
            KeepSource::AsAll => None,
            KeepSource::Forever => Some(FOREVER),
            KeepSource::Days(days) => Some(days),
        };
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE source SET keep_days = ?2 WHERE id = ?1",
                params![id.as_str(), days],
            )?;
            Ok(())
        })
    }

    /// The time that retention goes by: ours, but never more than a day beyond what it was when this was asked
    /// last, or when the newest entry of the wire was written. A clock that jumps ahead by years does not
    /// empty the wire within an hour; one that is right is caught up with, a day at each look.
    pub fn keeping_time(&self, now: Timestamp) -> Receipt<Timestamp> {
        self.write(move |transaction| {
            let told = meta(transaction, KEPT_AT)?.and_then(|at| at.parse::<i64>().ok());
            let newest = || {
                transaction.query_row("SELECT at FROM wire ORDER BY seq DESC LIMIT 1", [], |row| {
                    row.get::<_, i64>(0)
                })
            };
            let before = match told {
                Some(told) => Some(told),
                None => newest().optional()?,
            };
            let time = before.map_or(now, |before| now.min(time(before.saturating_add(DAY_MS))));
            set_meta(transaction, KEPT_AT, &ms(time).to_string())?;
            Ok(time)
        })
    }

    /// Lets the oldest items expire whose time is over, `limit` at most; gives their number.
    pub fn expire(&self, keep: Keep, now: Timestamp, limit: usize) -> Receipt<usize> {
        self.write(move |transaction| {
            let due = due_items(transaction, keep, now, limit)?;
            for item in &due {
                expire(transaction, item, now)?;
            }
            Ok(due.len())
        })
    }

    /// Whole documents that are old enough to be reduced, `limit` at most.
    pub fn due_documents(
        &self,
        keep: Keep,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueDocument>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, body_bytes FROM delivery INDEXED BY delivery_whole
                 WHERE reduced = 0 AND received_at < ?1 AND state <> 'new' ORDER BY received_at LIMIT ?2",
            )?;
            let before = before(now, keep.documents_days);
            let rows = statement
                .query_map(params![before, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.map(|row| {
                let (id, bytes) = row?;
                Ok(DueDocument {
                    document: whole(connection, id)?,
                    brought: brought(connection, id)?,
                    bytes,
                })
            })
            .collect()
        })
    }

    /// Puts what is left in the place of documents that were due. One that was cut meanwhile is left for the
    /// next time: what was taken out of it must not come back.
    pub fn reduce(&self, reduced: Vec<(DueDocument, Remains)>) -> Receipt<usize> {
        self.write(move |transaction| {
            let mut done = 0;
            for (due, remains) in &reduced {
                done += usize::from(reduce(transaction, due, remains)?);
            }
            Ok(done)
        })
    }

    /// Drops the oldest pages that are kept too long, `limit` at most; gives their number.
    pub fn drop_pages(&self, keep: Keep, now: Timestamp, limit: usize) -> Receipt<usize> {
        self.write(move |transaction| {
            let Some(days) = keep.pages_days else { return Ok(0) };
            Ok(transaction
                .prepare_cached(
                    "UPDATE delivery SET body = NULL, body_bytes = 0 WHERE id IN (
                       SELECT id FROM delivery INDEXED BY delivery_page
                       WHERE substr(kind, 1, 6) = '{\"page' AND body IS NOT NULL AND state <> 'new'
                         AND received_at < ?1 ORDER BY received_at LIMIT ?2)",
                )?
                .execute(params![before(now, days), limit as i64])?)
        })
    }

    /// What would go if retention were done at `now`.
    pub fn retention_due(&self, keep: Keep, now: Timestamp) -> Result<Due, Error> {
        self.read_all(|connection| due(connection, keep, now))
    }

    /// What each source that was not removed takes, the largest first.
    pub fn source_bytes(&self, now: Timestamp) -> Result<Vec<SourceBytes>, Error> {
        self.read_all(|connection| source_bytes(connection, now))
    }

    /// What keeping all items for these days would save at once.
    pub fn savings(&self, now: Timestamp, days: &[u32]) -> Result<Vec<Saving>, Error> {
        self.read_all(|connection| days.iter().map(|days| saving(connection, now, *days)).collect())
    }

    /// Whether an item, or all of a dispatch, was here for this viewer and has expired.
    pub fn has_expired(&self, viewer: Viewer, now: Timestamp, id: &str) -> Result<bool, Error> {
        self.read(viewer, now, |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT 1 FROM item JOIN source ON source.id = item.source
                 WHERE (item.id = ?1 OR item.dispatch = ?1) AND item.removal = 'expired' AND item.on_wire
                   AND (?2 OR source.visibility = 'shared')",
            )?;
            Ok(statement.exists(params![id, viewer == Viewer::Administrator])?)
        })
    }
}

fn before(now: Timestamp, days: u32) -> i64 {
    let hours = SignedDuration::from_hours(24 * i64::from(days));
    ms(now.checked_sub(hours).unwrap_or(Timestamp::MIN))
}

struct DueItem {
    id: ItemId,
    source: String,
    dispatch: String,
    story: String,
}

fn due_items(
    connection: &Connection,
    keep: Keep,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<DueItem>, Error> {
    let sql = format!(
        "{OLD} SELECT item.id, item.source, item.dispatch, item.story
         FROM old CROSS JOIN item INDEXED BY item_kept
         WHERE item.source = old.id AND item.removed_at IS NULL AND item.sort_at < old.before LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![ms(now), keep.items_days, limit as i64], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    rows.map(|row| {
        let (id, source, dispatch, story) = row?;
        Ok(DueItem { id: item_id(id)?, source, dispatch, story })
    })
    .collect()
}

/// Empties an item, drops its versions with what only they were read from, and takes its dispatch out of the
/// list with the last of its items.
fn expire(transaction: &Transaction<'_>, item: &DueItem, now: Timestamp) -> Result<(), Error> {
    let read_from: Vec<i64> = {
        let mut statement = transaction.prepare_cached(
            "SELECT delivery FROM version WHERE item = ?1 AND delivery IS NOT NULL
             UNION SELECT page_delivery FROM version WHERE item = ?1 AND page_delivery IS NOT NULL",
        )?;
        let rows = statement.query_map([item.id.as_str()], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    transaction
        .prepare_cached("DELETE FROM version WHERE item = ?1")?
        .execute([item.id.as_str()])?;
    for delivery in read_from {
        // A whole document is reduced when its own time comes.
        drop_unneeded(transaction, delivery, true)?;
    }
    empty(transaction, &item.id, "expired", "", now)?;
    transaction
        .prepare_cached("UPDATE source SET items = max(items - 1, 0) WHERE id = ?1")?
        .execute([&item.source])?;
    refresh_dispatch(transaction, &item.dispatch, &item.story)?;
    log(transaction, Kind::Removed, &item.id, &dispatch_id(item.dispatch.clone())?, true, now)
}

/// Drops a delivery that nothing was read from, or nothing that is still there. The latest of its address
/// stays without its body: the same bytes are to be recognised when they come again.
fn drop_unneeded(
    transaction: &Transaction<'_>,
    delivery: i64,
    only_reduced: bool,
) -> Result<(), Error> {
    let needed = transaction
        .prepare_cached(
            "SELECT 1 FROM delivery WHERE id = ?1 AND (
               (?2 AND reduced = 0 AND substr(kind, 1, 6) <> '{\"page')
               OR EXISTS (SELECT 1 FROM version WHERE version.delivery = ?1)
               OR EXISTS (SELECT 1 FROM version WHERE version.page_delivery = ?1))",
        )?
        .exists(params![delivery, only_reduced])?;
    if needed {
        return Ok(());
    }
    let later = transaction
        .prepare_cached(
            "SELECT 1 FROM delivery AS this JOIN delivery AS later
               ON later.source = this.source AND later.address = this.address AND later.id > this.id
             WHERE this.id = ?1 AND later.kind = this.kind",
        )?
        .exists([delivery])?;
    let sql = match later {
        true => "DELETE FROM delivery WHERE id = ?1",
        false => "UPDATE delivery SET body = NULL, body_bytes = 0, reduced = 1 WHERE id = ?1",
    };
    transaction.prepare_cached(sql)?.execute([delivery])?;
    Ok(())
}

fn brought(connection: &Connection, delivery: i64) -> Result<HashSet<ItemId>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT item FROM version WHERE delivery = ?1
         UNION SELECT item FROM version WHERE page_delivery = ?1",
    )?;
    let rows = statement.query_map([delivery], |row| row.get(0))?;
    rows.map(|row| item_id(row?)).collect()
}

fn reduce(
    transaction: &Transaction<'_>,
    due: &DueDocument,
    remains: &Remains,
) -> Result<bool, Error> {
    let id = due.document.id;
    let as_it_was = transaction
        .prepare_cached("SELECT 1 FROM delivery WHERE id = ?1 AND reduced = 0 AND body_bytes = ?2 AND state <> 'new'")?
        .exists(params![id, due.bytes])?;
    if !as_it_was || brought(transaction, id)? != due.brought {
        return Ok(false);
    }
    if due.brought.is_empty() {
        return drop_unneeded(transaction, id, false).map(|()| true);
    }
    if let Remains::Part(rest) = remains {
        keep_body(transaction, id, Some(rest))?;
    }
    transaction.prepare_cached("UPDATE delivery SET reduced = 1 WHERE id = ?1")?.execute([id])?;
    Ok(true)
}

fn due(connection: &Connection, keep: Keep, now: Timestamp) -> Result<Due, Error> {
    let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<usize, Error> {
        Ok(connection.query_row(sql, params, |row| row.get::<_, i64>(0))? as usize)
    };
    let items = format!(
        "{OLD} SELECT count(*) FROM old CROSS JOIN item INDEXED BY item_kept
         WHERE item.source = old.id AND item.removed_at IS NULL AND item.sort_at < old.before"
    );
    let documents =
        "SELECT count(*) FROM delivery WHERE reduced = 0 AND received_at < ?1 AND state <> 'new'
        AND substr(kind, 1, 6) <> '{\"page'";
    let pages = "SELECT count(*) FROM delivery
        WHERE substr(kind, 1, 6) = '{\"page' AND body IS NOT NULL AND received_at < ?1";
    Ok(Due {
        items: count(&items, &[&ms(now), &keep.items_days])?,
        documents: count(documents, &[&before(now, keep.documents_days)])?,
        pages: match keep.pages_days {
            Some(days) => count(pages, &[&before(now, days)])?,
            None => 0,
        },
    })
}

fn source_bytes(connection: &Connection, now: Timestamp) -> Result<Vec<SourceBytes>, Error> {
    let mut statement = connection.prepare(
        "WITH articles AS (
           SELECT item.source AS source, sum(length(version.article)) AS bytes
           FROM version JOIN item ON item.id = version.item WHERE version.received_at >= ?1 GROUP BY item.source),
         raw AS (
           SELECT source, sum(length(body)) AS bytes FROM delivery WHERE received_at >= ?1 GROUP BY source)
         SELECT source.id, source.name, source.keep_days, source.items, coalesce(articles.bytes, 0),
                coalesce(raw.bytes, 0), min(source.added_at, ?2)
         FROM source LEFT JOIN articles ON articles.source = source.id LEFT JOIN raw ON raw.source = source.id
         WHERE source.removed_at IS NULL
         ORDER BY coalesce(articles.bytes, 0) + coalesce(raw.bytes, 0) DESC, source.id",
    )?;
    let since = now - SignedDuration::from_hours(24 * LATELY_DAYS);
    let rows = statement.query_map([ms(since), ms(now)], |row| {
        // A source that was added yesterday has had a day.
        let heard = now.duration_since(time(row.get::<_, i64>(6)?).max(since));
        let a_day = |bytes: i64| (bytes * 24 / heard.as_hours().max(24)) as u64;
        Ok((
            row.get::<_, String>(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get::<_, i64>(3)? as usize,
            (a_day(row.get(4)?), a_day(row.get(5)?)),
        ))
    })?;
    rows.map(|row| {
        let (id, name, keep_days, items, (article_bytes_a_day, raw_bytes_a_day)) = row?;
        let id = source_id(id)?;
        Ok(SourceBytes { id, name, keep_days, items, article_bytes_a_day, raw_bytes_a_day })
    })
    .collect()
}

fn saving(connection: &Connection, now: Timestamp, days: u32) -> Result<Saving, Error> {
    Ok(connection.query_row(
        "SELECT count(DISTINCT item.id),
                coalesce(sum(length(version.article) + coalesce(length(page.body), 0)), 0)
         FROM item JOIN version ON version.item = item.id
         LEFT JOIN delivery AS page ON page.id = version.page_delivery
         WHERE item.removed_at IS NULL AND item.sort_at < ?1",
        [before(now, days)],
        |row| {
            Ok(Saving {
                days,
                items: row.get::<_, i64>(0)? as usize,
                bytes: row.get::<_, i64>(1)? as u64,
            })
        },
    )?)
}
