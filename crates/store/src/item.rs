//! Items: what goes in of them and what is asked about them. How they are appended stands in
//! `append`, where they belong in `grouping`.

use std::collections::HashMap;

use depeche_news::{
    DispatchId, Item, ItemId, Problem, SourceId, StoryId, Validators, jiff::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, Receipt, Store,
    append::{Change, append, stored},
    body::{Identity, decode},
    connection::{ms, time},
    delivery::{finish, keep_validators},
    grouping::{place, release},
    source::{learn, source_id},
};

/// An item that came in, understood and placed.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its identity.
    pub id: ItemId,
    /// What came in; `item.article` is what we understood.
    pub item: Item,
    /// The digest of what its provider sent ([`Item::digest`] before any page was merged in).
    pub digest: [u8; 16],
    /// A teaser of ours.
    pub teaser: String,
    /// The id an imported article line carried.
    pub external: Option<String>,
    /// When its delivery came in.
    pub received_at: Timestamp,
    /// Taken in late: never pushed nor alerted.
    pub backfill: bool,
    /// The page that has to be fetched for the whole text.
    pub page_wanted: Option<String>,
    /// This is the page of an item already there, not a new version of its provider.
    pub page_had: bool,
    /// Where it belongs.
    pub placed: Placed,
    /// Which reader and extractor understood it.
    pub reading: &'static str,
}

/// Where an item belongs, as the cluster said.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its story.
    pub story: StoryId,
    /// Its relation to the dispatch (`original`, `copy`, …).
    pub relation: String,
    /// Which item it relates to.
    pub related_to: Option<String>,
    /// The cluster's explanation, as JSON.
    pub evidence: Option<String>,
    /// What the cluster's window needs to know of it again.
    pub trace: Option<Vec<u8>>,
}

/// What the store knows of an item before another version of it is appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The digest of its latest version.
    pub digest: [u8; 16],
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its story.
    pub story: StoryId,
    /// Its relation to the dispatch.
    pub relation: String,
    /// It was compared with others; not so while only a teaser of it is known.
    pub placed: bool,
}

/// How a delivery was read; taken over with its items.
#[derive(Clone, Debug, Default)]
pub struct Appended {
    /// The delivery.
    pub delivery: i64,
    /// Its source.
    pub source: Option<SourceId>,
    /// What the feed calls itself.
    pub title: Option<String>,
    /// The feed's language.
    pub language: Option<String>,
    /// The interval the feed asks for.
    pub ttl_minutes: Option<u32>,
    /// What to send at the next request.
    pub validators: Option<Validators>,
    /// What was not understood.
    pub problems: Vec<Problem>,
    /// The delivery is late as a whole: what it changes is not told to live pages.
    pub backfill: bool,
}

/// What the window is told again of an item after a restart.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The item.
    pub id: ItemId,
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its story.
    pub story: StoryId,
    /// Its trace, as the cluster wrote it.
    pub trace: Vec<u8>,
    /// When its provider published it, as far as the list goes by it.
    pub at: Timestamp,
    /// When it came on the wire.
    pub wire_at: Timestamp,
}

impl Store {
    /// Appends what a delivery brought, marks the delivery as read and takes over its validators:
    /// all of it or nothing. Gives the number of items that were new or changed.
    pub fn append(&self, read: Appended, arrivals: Vec<Arrival>) -> Receipt<usize> {
        self.write(move |transaction| {
            let mut changed = 0;
            let mut new: Vec<&Arrival> = Vec::new();
            for arrival in &arrivals {
                let change = append(transaction, &read, arrival)?;
                changed += usize::from(change != Change::None);
                new.extend((change == Change::New).then_some(arrival));
            }
            // Of one source but in an import: its row is written once.
            for of_one in new.chunk_by(|a, b| a.item.source == b.item.source) {
                count(transaction, of_one)?;
            }
            if let Some(source) = &read.source {
                learn(
                    transaction,
                    source,
                    read.title.as_deref(),
                    read.language.as_deref(),
                    read.ttl_minutes,
                )?;
                if let Some(validators) = &read.validators {
                    keep_validators(transaction, source, validators)?;
                }
            }
            finish(transaction, read.delivery, "read", &read.problems)?;
            Ok(changed)
        })
    }

    /// What is known of these items; unknown ones are not in the answer.
    pub fn known(&self, ids: &[ItemId]) -> Result<HashMap<ItemId, Known>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT digest, dispatch, story, relation, trace IS NOT NULL FROM item WHERE id = ?1",
            )?;
            let mut known = HashMap::new();
            for id in ids {
                let row = statement
                    .query_row([id.as_str()], |row| {
                        Ok((
                            row.get::<_, Vec<u8>>(0)?,
                            row.get::<_, String>(1)?,
                            row.get::<_, String>(2)?,
                            (row.get(3)?, row.get(4)?),
                        ))
                    })
                    .optional()?;
                if let Some((digest, dispatch, story, (relation, placed))) = row {
                    let digest =
                        digest.try_into().map_err(|_| Error::Unreadable("digest".to_owned()))?;
                    let (dispatch, story) = (dispatch_id(dispatch)?, story_id(story)?);
                    known.insert(id.clone(), Known { digest, dispatch, story, relation, placed });
                }
            }
            Ok(known)
        })
    }

    /// The item as its latest version has it, whoever may see it; for the stages that work on it.
    pub fn item(&self, id: &ItemId) -> Result<Option<Item>, Error> {
        self.read_all(|connection| item(connection, id))
    }

    /// Says that the page of an item could not be had: the teaser is all there is.
    pub fn page_missing(&self, id: &ItemId) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE item SET page = 'missing' WHERE id = ?1 AND page = 'wanted'",
                [id.as_str()],
            )?;
            Ok(())
        })
    }

    /// Has a delivery read again: an item that its page was read for has changed since.
    pub fn read_again(&self, delivery: i64) -> Receipt<()> {
        self.write(move |transaction| {
            transaction.execute("UPDATE delivery SET state = 'new' WHERE id = ?1", [delivery])?;
            Ok(())
        })
    }

    /// Items of which only a teaser is known for good and that have no place yet, oldest first.
    pub fn unplaced(&self, limit: usize) -> Result<Vec<ItemId>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM item WHERE page = 'missing' AND trace IS NULL ORDER BY wire_at LIMIT ?1",
            )?;
            let rows = statement.query_map([limit as i64], |row| row.get(0))?;
            rows.map(|row| item_id(row?)).collect()
        })
    }

    /// Puts an item where it belongs, with no other change to it.
    pub fn place(&self, id: &ItemId, placed: Placed, now: Timestamp) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| match stored(transaction, &id)? {
            Some(before) => place(transaction, &id, &placed, &before, false, now),
            None => Ok(()),
        })
    }

    /// Releases the items whose embargo has ended; gives their number.
    pub fn release(&self, now: Timestamp) -> Receipt<usize> {
        self.write(move |transaction| release(transaction, now))
    }

    /// When the next embargo ends.
    pub fn next_release(&self) -> Result<Option<Timestamp>, Error> {
        self.read_all(|connection| {
            let next: Option<i64> = connection.query_row(
                "SELECT min(embargoed_until) FROM item WHERE embargoed_until IS NOT NULL",
                [],
                |row| row.get(0),
            )?;
            Ok(next.map(time))
        })
    }

    /// What the cluster's window has to be told again: items that came in since `since`, in that order.
    pub fn remembered(&self, since: Timestamp) -> Result<Vec<Remembered>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, dispatch, story, trace, sort_at, wire_at FROM item
                 WHERE wire_at >= ?1 AND trace IS NOT NULL AND removed_at IS NULL ORDER BY rowid",
            )?;
            let rows = statement.query_map([ms(since)], |row| {
                let times = (row.get::<_, i64>(4)?, row.get::<_, i64>(5)?);
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, times))
            })?;
            rows.map(|row| {
                let (id, dispatch, story, trace, (at, wire_at)) = row?;
                Ok(Remembered {
                    id: item_id(id)?,
                    dispatch: dispatch_id(dispatch)?,
                    story: story_id(story)?,
                    trace,
                    at: time(at),
                    wire_at: time(wire_at),
                })
            })
            .collect()
        })
    }
}

/// Counts new items at their source, of which all are.
fn count(transaction: &Transaction<'_>, new: &[&Arrival]) -> Result<(), Error> {
    let Some(last) = new.last() else { return Ok(()) };
    transaction
        .prepare_cached("UPDATE source SET items = items + ?3, news_at = ?2 WHERE id = ?1")?
        .execute(params![last.item.source.as_str(), ms(last.received_at), new.len() as i64])?;
    Ok(())
}

pub(crate) fn item(connection: &Connection, id: &ItemId) -> Result<Option<Item>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT encoding, article, source, guid, address
         FROM version JOIN item ON item.id = version.item
         WHERE version.item = ?1 ORDER BY number DESC LIMIT 1",
    )?;
    let row = statement.query_row([id.as_str()], |row| {
        Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    let Some((encoding, stored, source, guid, address)) = row.optional()? else { return Ok(None) };
    let identity = Identity { source: source_id(source)?, guid, address };
    decode(encoding, &stored, identity).map(Some)
}

pub(crate) fn item_id(text: String) -> Result<ItemId, Error> {
    ItemId::parse(&text).ok_or(Error::Unreadable(text))
}

pub(crate) fn dispatch_id(text: String) -> Result<DispatchId, Error> {
    DispatchId::parse(&text).ok_or(Error::Unreadable(text))
}

pub(crate) fn story_id(text: String) -> Result<StoryId, Error> {
    StoryId::parse(&text).ok_or(Error::Unreadable(text))
}
