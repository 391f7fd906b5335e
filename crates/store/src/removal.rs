//! Taking down: an item's words go from the store for good, wherever they are kept, and a dated notice
//! stays. What is kept how long stands in `retention`.

use std::{collections::HashSet, time::Duration};

use depeche_news::{Delivery, DispatchId, ItemId, Kind, jiff::Timestamp};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};

use crate::{
    Error, Receipt, Store,
    connection::{connect, file_of, ms},
    delivery::{compress, whole},
    grouping::refresh_dispatch,
    item::{dispatch_id, item_id},
    wire::log,
};

/// What is to be cut out of a delivery.
#[derive(Clone, Copy, Debug)]
pub enum Cutting<'i> {
    /// These items, by whatever they may be known.
    Without(&'i HashSet<ItemId>),
    /// All but these.
    Only(&'i HashSet<ItemId>),
}

/// What is left of a delivery's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remains {
    /// All of it.
    Whole,
    /// This, which the same reader reads.
    Part(Vec<u8>),
    /// Nothing.
    Nothing,
}

/// Cuts items out of a delivery. The store knows no format: the stage that reads documents hands this in.
pub type Cut = fn(&Delivery, Cutting<'_>) -> Remains;

/// What a take-down took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct TakenDown {
    /// Items that were there and were not taken down before.
    pub items: usize,
    /// Feed documents that carried one of them.
    pub documents: usize,
    /// Pages of theirs.
    pub pages: usize,
}

/// An item that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its entry in the wire log.
    pub seq: u64,
    /// Which item.
    pub item: ItemId,
    /// It was taken down by the operator; else it expired.
    pub taken_down: bool,
}

/// How long a truncated log is waited for: whoever reads an older state is done within milliseconds.
const CHECKPOINT_TRIES: u32 = 50;

/// Wait between two tries.
const CHECKPOINT_REST: Duration = Duration::from_millis(100);

impl Store {
    /// Takes items down in one transaction: their text, their versions' text, their pages, and their entries in
    /// every document still stored. A notice with `reason` stays. Call [`Store::scrub`] when it is done.
    pub fn take_down(
        &self,
        ids: Vec<ItemId>,
        reason: String,
        cut: Cut,
        now: Timestamp,
    ) -> Receipt<TakenDown> {
        self.write(move |transaction| {
            overwriting(transaction, |transaction| take_down(transaction, &ids, &reason, cut, now))
        })
    }

    /// Rewrites the file and empties its log, so that no earlier state of a page, free or half used, holds what
    /// was taken away. Holds up writes meanwhile: about a second for 100 MB. False when a reader kept the log.
    pub fn scrub(&self) -> Result<bool, Error> {
        // The window that is kept has fingerprints of it; whoever takes in writes it anew.
        self.drop_window()?;
        let connection = connect(&file_of(self.folder()), OpenFlags::default())?;
        connection.execute_batch("VACUUM")?;
        for _ in 0..CHECKPOINT_TRIES {
            let busy: i64 =
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy == 0 {
                return Ok(true);
            }
            std::thread::sleep(CHECKPOINT_REST);
        }
        Ok(false)
    }

    /// What was removed after `after`, in the order of the log.
    pub fn removed_since(&self, after: u64, limit: usize) -> Result<Vec<Removed>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT wire.seq, wire.item, coalesce(item.removal = 'taken_down', FALSE)
                 FROM wire INDEXED BY wire_removed LEFT JOIN item ON item.id = wire.item
                 WHERE wire.kind = 'removed' AND wire.seq > ?1 ORDER BY wire.seq LIMIT ?2",
            )?;
            let rows = statement.query_map(params![after, limit as i64], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            rows.map(|row| {
                let (seq, item, taken_down) = row?;
                Ok(Removed { seq, item: item_id(item)?, taken_down })
            })
            .collect()
        })
    }

    /// All items of a dispatch, whoever may see them.
    pub fn items_of_dispatch(&self, id: &DispatchId) -> Result<Vec<ItemId>, Error> {
        self.read_all(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT id FROM item WHERE dispatch = ?1 ORDER BY id")?;
            let rows = statement.query_map([id.as_str()], |row| row.get(0))?;
            rows.map(|row| item_id(row?)).collect()
        })
    }
}

/// Has what is deleted overwritten with zeros while `write` runs.
pub(crate) fn overwriting<T>(
    transaction: &Transaction<'_>,
    write: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let set = |on: &str| transaction.pragma_update_and_check(None, "secure_delete", on, |_| Ok(()));
    set("on")?;
    let written = write(transaction);
    set("off")?;
    written
}

fn take_down(
    transaction: &Transaction<'_>,
    ids: &[ItemId],
    reason: &str,
    cut: Cut,
    now: Timestamp,
) -> Result<TakenDown, Error> {
    let mut taken = TakenDown::default();
    let mut sources: Vec<(String, HashSet<ItemId>)> = Vec::new();
    for id in ids {
        let Some(there) = there(transaction, id)? else { continue };
        match sources.iter_mut().find(|(source, _)| *source == there.source) {
            Some((_, items)) => drop(items.insert(id.clone())),
            None => sources.push((there.source.clone(), HashSet::from([id.clone()]))),
        }
        taken.pages += drop_pages(transaction, &there.source, id)?;
        if there.removed {
            continue;
        }
        taken.items += 1;
        empty(transaction, id, "taken_down", reason, now)?;
        transaction.execute(
            "UPDATE version SET headline = '', article = x'', version = NULL WHERE item = ?1",
            [id.as_str()],
        )?;
        refresh_dispatch(transaction, &there.dispatch, &there.story)?;
        log(transaction, Kind::Removed, id, &dispatch_id(there.dispatch)?, false, now)?;
    }
    for (source, items) in &sources {
        taken.documents += cut_documents(transaction, source, items, cut)?;
    }
    Ok(taken)
}

struct There {
    source: String,
    dispatch: String,
    story: String,
    removed: bool,
}

fn there(connection: &Connection, id: &ItemId) -> Result<Option<There>, Error> {
    let row = connection.query_row(
        "SELECT source, dispatch, story, removed_at IS NOT NULL FROM item WHERE id = ?1",
        [id.as_str()],
        |row| {
            Ok(There {
                source: row.get(0)?,
                dispatch: row.get(1)?,
                story: row.get(2)?,
                removed: row.get(3)?,
            })
        },
    );
    Ok(row.optional()?)
}

/// Empties the row of an item down to what a notice tells. Its address goes too: the words of one are
/// those of the headline.
pub(crate) fn empty(
    transaction: &Transaction<'_>,
    id: &ItemId,
    removal: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "UPDATE item SET removal = ?2, removal_reason = nullif(?3, ''), removed_at = ?4, guid = NULL,
               address = NULL, external = NULL, digest = zeroblob(16), headline = '', credit = NULL, teaser = '',
               language = NULL, section = NULL, urgency = NULL, embargoed_until = NULL, page = 'none',
               related_to = NULL, evidence = NULL, trace = NULL
             WHERE id = ?1",
        )?
        .execute(params![id.as_str(), removal, reason, ms(now)])?;
    transaction.prepare_cached("DELETE FROM to_reread WHERE item = ?1")?.execute([id.as_str()])?;
    // Where it was is no secret; what tied it there may be words of it.
    transaction
        .prepare_cached(
            "UPDATE decision_move SET related_to = NULL, evidence = NULL WHERE item = ?1",
        )?
        .execute([id.as_str()])?;
    transaction
        .prepare_cached(
            "DELETE FROM job WHERE kind = 'fetch_page' AND json_extract(payload, '$.fetch_page.item') = ?1",
        )?
        .execute([id.as_str()])?;
    Ok(())
}

/// Empties the deliveries of an item's pages, their addresses among them.
fn drop_pages(transaction: &Transaction<'_>, source: &str, id: &ItemId) -> Result<usize, Error> {
    Ok(transaction.execute(
        "UPDATE delivery SET body = NULL, body_bytes = 0, address = '', headers = '[]', digest = zeroblob(16),
           problems = '[]', etag = NULL, reduced = 1, state = iif(state = 'new', 'refused', state)
         WHERE source = ?1 AND kind = json_object('page', ?2) AND address <> ''",
        params![source, id.as_str()],
    )?)
}

/// Cuts items out of what is stored of their source: of every whole document, and of those that are
/// reduced to what brought a version where that was one of theirs.
fn cut_documents(
    transaction: &Transaction<'_>,
    source: &str,
    items: &HashSet<ItemId>,
    cut: Cut,
) -> Result<usize, Error> {
    let mut documents = ids(
        transaction,
        "SELECT id FROM delivery
         WHERE source = ?1 AND reduced = 0 AND body IS NOT NULL AND substr(kind, 1, 6) <> '{\"page'",
        source,
    )?;
    for item in items {
        documents.extend(ids(
            transaction,
            "SELECT DISTINCT delivery.id FROM version JOIN delivery ON delivery.id = version.delivery
             WHERE version.item = ?1 AND delivery.reduced = 1 AND delivery.body IS NOT NULL",
            item.as_str(),
        )?);
    }
    documents.sort_unstable();
    documents.dedup();
    let mut cuts = 0;
    for id in documents {
        cuts += usize::from(cut_out(transaction, id, items, cut)?);
    }
    Ok(cuts)
}

fn ids(connection: &Connection, sql: &str, of: &str) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([of], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Cuts items out of one delivery as it is stored now; true when it carried any.
pub(crate) fn cut_out(
    transaction: &Transaction<'_>,
    delivery: i64,
    items: &HashSet<ItemId>,
    cut: Cut,
) -> Result<bool, Error> {
    let stored = whole(transaction, delivery)?;
    match cut(&stored.delivery, Cutting::Without(items)) {
        Remains::Whole => return Ok(false),
        Remains::Part(rest) => keep_body(transaction, delivery, Some(&rest))?,
        Remains::Nothing => keep_body(transaction, delivery, None)?,
    }
    Ok(true)
}

/// Puts what is left in the place of a delivery's body. Its digest stays that of what came in, so that the
/// same bytes are still recognised.
pub(crate) fn keep_body(
    transaction: &Transaction<'_>,
    delivery: i64,
    rest: Option<&[u8]>,
) -> Result<(), Error> {
    transaction
        .prepare_cached("UPDATE delivery SET body = ?2, body_bytes = ?3 WHERE id = ?1")?
        .execute(params![
            delivery,
            rest.map(compress).transpose()?,
            rest.map_or(0, <[u8]>::len) as i64,
        ])?;
    Ok(())
}

/// Which of these items were taken down.
pub(crate) fn taken_down_among(
    connection: &Connection,
    ids: &[ItemId],
) -> Result<HashSet<ItemId>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM item WHERE id = ?1 AND removal = 'taken_down'")?;
    let mut found = HashSet::new();
    for id in ids {
        if statement.exists([id.as_str()])? {
            found.insert(id.clone());
        }
    }
    Ok(found)
}

/// Forgets the body of a page that came in for an item which is gone.
pub(crate) fn drop_page_of_gone(transaction: &Transaction<'_>, delivery: i64) -> Result<(), Error> {
    let row = transaction.query_row(
        "SELECT source, json_extract(kind, '$.page') FROM delivery
         WHERE id = ?1 AND substr(kind, 1, 6) = '{\"page'",
        [delivery],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    );
    let Some((source, item)) = row.optional()? else { return Ok(()) };
    let item = item_id(item)?;
    if there(transaction, &item)?.is_some_and(|there| there.removed) {
        overwriting(transaction, |transaction| drop_pages(transaction, &source, &item))?;
    }
    Ok(())
}
