//! Reading again: items are read anew from what they were read from, and the index is made anew from the
//! log. Who asks leaves a mark in the store; whoever holds the lease works it off.

use depeche_news::{DispatchId, Item, ItemId, Kind, SourceId, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, Known, PendingDelivery, Receipt, Store,
    admin::{meta, set_meta},
    append::{rewrite_version, show},
    body::{Identity, decode},
    connection::{ms, time},
    delivery::whole,
    item::{dispatch_id, item_id, known},
    source::source_id,
    window::untold,
    wire::log,
};

/// Which items are to be read again.
#[derive(Clone, Debug, Default)]
pub struct Rereading {
    /// Those of this source; else of all.
    pub source: Option<SourceId>,
    /// Those listed at this time or later; else all.
    pub since: Option<Timestamp>,
    /// Not those that this reading understood; else whoever read them.
    pub unless_read_by: Option<&'static str>,
}

/// What came of reading again since it was last asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reread {
    /// Items that were read again.
    pub reread: usize,
    /// Those of them whose article is another now.
    pub changed: usize,
    /// Items left as they were: what they were read from is not there any more, or says less now.
    pub unreadable: usize,
}

/// An item to read again, with what it was read from.
#[derive(Clone, Debug)]
pub struct ToReread {
    /// Which item.
    pub id: ItemId,
    /// Its latest version as it was understood; `None` where that cannot be read back.
    pub item: Option<Item>,
    /// Where it belongs.
    pub known: Known,
    /// When it came on the wire.
    pub wire_at: Timestamp,
    /// Its text comes from its page.
    pub page_had: bool,
    /// The delivery that brought its latest version; without a body where that was dropped.
    pub delivery: Option<i64>,
    /// Its page, where that is kept.
    pub page: Option<PendingDelivery>,
    /// How many versions it had when this was read.
    versions: u32,
}

/// What became of an item that was to be read again.
#[derive(Clone, Debug)]
pub enum Again {
    /// Left as it is.
    Unreadable(Box<ToReread>),
    /// Read again.
    Read(Box<ReadAgain>),
}

/// An item as it is understood now.
#[derive(Clone, Debug)]
pub struct ReadAgain {
    /// What it was.
    pub before: ToReread,
    /// What it is.
    pub item: Item,
    /// The digest of what its provider sent, as the reading of now gives it.
    pub digest: [u8; 16],
    /// A teaser of ours.
    pub teaser: String,
    /// What the cluster's window needs to know of it, where that is another now.
    pub trace: Option<Vec<u8>>,
    /// Which reader and extractor understood it.
    pub reading: &'static str,
}

const TALLY: &str = "reread";
const REINDEX: &str = "reindex";

impl Store {
    /// Marks items to be read again; gives how many are marked now.
    pub fn mark_to_reread(&self, which: Rereading) -> Receipt<usize> {
        self.write(move |transaction| {
            if left(transaction)? == 0 {
                set_meta(transaction, TALLY, &serde_json::to_string(&Reread::default())?)?;
            }
            transaction.execute(
                "INSERT OR IGNORE INTO to_reread (item, delivery)
                 SELECT item.id, version.delivery FROM item JOIN version ON version.item = item.id AND version.number = item.versions
                 WHERE item.removed_at IS NULL AND (?1 IS NULL OR item.source = ?1)
                   AND (?2 IS NULL OR item.sort_at >= ?2) AND (?3 IS NULL OR version.reading <> ?3)",
                params![
                    which.source.as_ref().map(SourceId::as_str),
                    which.since.map(ms),
                    which.unless_read_by,
                ],
            )?;
            left(transaction)
        })
    }

    /// How many items are still to be read again, and what came of the others.
    pub fn rereading(&self) -> Result<(usize, Reread), Error> {
        self.read_all(|connection| Ok((left(connection)?, tally(connection)?)))
    }

    /// Items to read again, `limit` at most, those of one document together.
    pub fn to_reread(&self, limit: usize) -> Result<Vec<ToReread>, Error> {
        self.read_all(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT item FROM to_reread ORDER BY delivery, item LIMIT ?1")?;
            let rows = statement.query_map([limit as i64], |row| row.get(0))?;
            let ids = rows.map(|row| item_id(row?)).collect::<Result<Vec<_>, _>>()?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.extend(to_reread(connection, &id)?);
            }
            Ok(found)
        })
    }

    /// One delivery as it is stored; its body is empty where that is not kept.
    pub fn delivery(&self, id: i64) -> Result<PendingDelivery, Error> {
        self.read_all(|connection| whole(connection, id))
    }

    /// Takes over what was read again, in one transaction. An item that has changed or gone meanwhile is left.
    pub fn reread(&self, again: Vec<Again>, now: Timestamp) -> Receipt<()> {
        self.write(move |transaction| {
            let mut tally = tally(transaction)?;
            for again in &again {
                let before = match again {
                    Again::Unreadable(before) => before.as_ref(),
                    Again::Read(read) => &read.before,
                };
                if is_still(transaction, before)? {
                    match again {
                        Again::Unreadable(_) => tally.unreadable += 1,
                        Again::Read(read) => {
                            tally.reread += 1;
                            tally.changed += usize::from(take_over(transaction, read, now)?);
                        }
                    }
                }
                transaction
                    .prepare_cached("DELETE FROM to_reread WHERE item = ?1")?
                    .execute([before.id.as_str()])?;
            }
            set_meta(transaction, TALLY, &serde_json::to_string(&tally)?)
        })
    }

    /// Forgets marks of items that are not there any more; those that are stay.
    pub fn forget_lost_marks(&self) -> Receipt<usize> {
        self.write(|transaction| {
            Ok(transaction.execute(
                "DELETE FROM to_reread WHERE item NOT IN (
                   SELECT item.id FROM item JOIN version ON version.item = item.id AND version.number = item.versions
                   WHERE item.removed_at IS NULL)",
                [],
            )?)
        })
    }

    /// Asks whoever indexes to make the index anew, or says how far along the log that is; `None` when done.
    pub fn set_reindex(&self, upto: Option<u64>) -> Receipt<()> {
        self.write(move |transaction| match upto {
            Some(seq) => set_meta(transaction, REINDEX, &seq.to_string()),
            None => {
                transaction.execute("DELETE FROM meta WHERE key = ?1", [REINDEX])?;
                Ok(())
            }
        })
    }

    /// How far along the log the index was made anew; `None` when nobody asked for it.
    pub fn reindex(&self) -> Result<Option<u64>, Error> {
        self.read_all(|connection| {
            Ok(meta(connection, REINDEX)?.map(|upto| upto.parse().unwrap_or(0)))
        })
    }
}

fn left(connection: &Connection) -> Result<usize, Error> {
    let count: i64 =
        connection.query_row("SELECT count(*) FROM to_reread", [], |row| row.get(0))?;
    Ok(count as usize)
}

fn tally(connection: &Connection) -> Result<Reread, Error> {
    let told = meta(connection, TALLY)?;
    Ok(told.and_then(|told| serde_json::from_str(&told).ok()).unwrap_or_default())
}

/// An item with what it was read from; `None` when it is gone or cannot be read back.
fn to_reread(connection: &Connection, id: &ItemId) -> Result<Option<ToReread>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT item.wire_at, item.page = 'had', item.versions, version.delivery, version.page_delivery,
                version.encoding, version.article, item.source, item.guid, item.address
         FROM item JOIN version ON version.item = item.id AND version.number = item.versions
         WHERE item.id = ?1 AND item.removed_at IS NULL",
    )?;
    let row = statement
        .query_row([id.as_str()], |row| {
            Ok((
                time(row.get(0)?),
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get::<_, Option<i64>>(4)?,
                row.get(5)?,
                row.get::<_, Vec<u8>>(6)?,
                (row.get(7)?, row.get(8)?, row.get(9)?),
            ))
        })
        .optional()?;
    let Some((wire_at, page_had, versions, delivery, page, encoding, article, named)) = row else {
        return Ok(None);
    };
    let Some(known) = known(connection, id)? else { return Ok(None) };
    let (source, guid, address) = named;
    let identity = Identity { source: source_id(source)?, guid, address };
    let item = decode(encoding, &article, identity).ok();
    let page = page.map(|page| whole(connection, page)).transpose()?;
    let page = page.filter(|page| !page.delivery.body.is_empty());
    Ok(Some(ToReread { id: id.clone(), item, known, wire_at, page_had, delivery, page, versions }))
}

fn is_still(connection: &Connection, before: &ToReread) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM item WHERE id = ?1 AND versions = ?2 AND page = 'had' = ?3 AND removed_at IS NULL",
    )?;
    Ok(statement.exists(params![before.id.as_str(), before.versions, before.page_had])?)
}

/// Puts a new reading in the place of the old one; true when the article is another now.
fn take_over(
    transaction: &Transaction<'_>,
    read: &ReadAgain,
    now: Timestamp,
) -> Result<bool, Error> {
    let id = &read.before.id;
    let changed = read.before.item.as_ref() != Some(&read.item);
    if changed {
        rewrite_version(transaction, id, read.before.versions, &read.item, read.reading)?;
    }
    transaction
        .prepare_cached("UPDATE version SET reading = ?3 WHERE item = ?1 AND number = ?2")?
        .execute(params![id.as_str(), read.before.versions, read.reading])?;
    transaction
        .prepare_cached("UPDATE item SET digest = ?2, trace = coalesce(?3, trace) WHERE id = ?1")?
        .execute(params![id.as_str(), read.digest.as_slice(), read.trace])?;
    show(transaction, id, &read.item.article, &read.teaser)?;
    if changed && let Some(dispatch) = on_wire(transaction, id)? {
        log(transaction, Kind::Revised, id, &dispatch, true, now)?;
    } else if read.trace.is_some() {
        untold(transaction, id)?;
    }
    Ok(changed)
}

fn on_wire(connection: &Connection, id: &ItemId) -> Result<Option<DispatchId>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT dispatch FROM item WHERE id = ?1 AND on_wire")?;
    let dispatch = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    dispatch.map(dispatch_id).transpose()
}
