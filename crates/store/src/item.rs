//! Items: what goes in of them and what is asked about them. How they are appended stands in
//! `append`, where they belong in `grouping`.

use std::collections::HashMap;

use depeche_news::limits::store::HEADLINES_MAX;
use depeche_news::{
    DispatchId, Item, ItemId, Problem, Removal, Schedule, SourceId, Status, StoryId, Validators,
    jiff::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Chain, Cut, Error, Receipt, Store,
    append::{Change, append, stored},
    body::{Identity, decode},
    connection::{ms, removal, status, time},
    delivery::{finish, keep_validators},
    grouping::{place, release},
    removal::{cut_out, overwriting, taken_down_among},
    source::{learn, source_id, stirred},
    subscription::hub_found,
    window::untold,
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
    /// It was compared with others, or put where it is by an editor; not so while only a teaser of it is known.
    pub placed: bool,
    /// How it was taken away, if it was; it does not come back.
    pub removed: Option<Removal>,
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
    /// What the feed says of its own timetable.
    pub schedule: Schedule,
    /// Where the feed says that it has moved.
    pub moved_to: Option<String>,
    /// What to send at the next request.
    pub validators: Option<Validators>,
    /// The hub that sends what is new in the feed, and what it calls the feed.
    pub hub: Option<(String, String)>,
    /// What was not understood.
    pub problems: Vec<Problem>,
    /// The delivery is late as a whole: what it changes is not told to live pages.
    pub backfill: bool,
    /// Items it carries that were taken down before it came, and what cuts them out of it.
    pub gone: Option<(Vec<ItemId>, Cut)>,
}

/// What the window is told again of an item after a restart.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The item.
    pub id: ItemId,
    /// Its source.
    pub source: SourceId,
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
    /// Whether its provider killed it.
    pub killed: bool,
    /// When the first item of its story was published, where that is another one and is known.
    pub story_since: Option<Timestamp>,
}

/// An item by its headline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titled {
    /// Its identity.
    pub id: ItemId,
    /// As lists show it.
    pub headline: String,
    /// How its provider identifies it.
    pub guid: Option<String>,
    /// The address its provider gives for it.
    pub address: Option<String>,
    /// That of its latest version.
    pub status: Status,
    /// How many it has.
    pub versions: u32,
}

impl Store {
    /// Appends what a delivery brought, marks the delivery as read and takes over its validators:
    /// all of it or nothing. Gives the number of items that were new or changed.
    pub fn append(&self, read: Appended, arrivals: Vec<Arrival>) -> Receipt<usize> {
        self.append_after(&Chain::default(), read, arrivals)
    }

    /// Appends as [`Self::append`] does, unless a write of this chain failed before: what is
    /// placed by what came before it must not stand without that.
    pub fn append_after(
        &self,
        chain: &Chain,
        read: Appended,
        arrivals: Vec<Arrival>,
    ) -> Receipt<usize> {
        self.take_in(chain, move |transaction| {
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
                // What a list of pages led to is told by the pages themselves.
                if let (None, Some(last)) = (&read.source, of_one.last()) {
                    let (source, at) = (&last.item.source, last.received_at);
                    stirred(transaction, source, at, read.backfill)?;
                }
            }
            if let Some(source) = &read.source {
                learn(transaction, source, &read)?;
                if let Some(last) = arrivals.last().filter(|_| changed > 0) {
                    stirred(transaction, source, last.received_at, read.backfill)?;
                }
                if let Some(validators) = &read.validators {
                    keep_validators(transaction, source, validators)?;
                }
                if let Some((hub, topic)) = &read.hub {
                    hub_found(transaction, source, read.delivery, hub, topic)?;
                }
            }
            if let Some((items, cut)) = &read.gone {
                forget(transaction, read.delivery, items, *cut)?;
            }
            finish(transaction, read.delivery, "read", &read.problems)?;
            Ok(changed)
        })
    }

    /// What is known of these items; unknown ones are not in the answer.
    pub fn known(&self, ids: &[ItemId]) -> Result<HashMap<ItemId, Known>, Error> {
        self.read_all(|connection| {
            let mut found = HashMap::new();
            for id in ids {
                if let Some(known) = known(connection, id)? {
                    found.insert(id.clone(), known);
                }
            }
            Ok(found)
        })
    }

    /// The item as its latest version has it, whoever may see it; for the stages that work on it.
    pub fn item(&self, id: &ItemId) -> Result<Option<Item>, Error> {
        self.read_all(|connection| item(connection, id))
    }

    /// What a source published from one moment to another, by its headlines, the latest first.
    pub fn headlines_between(
        &self,
        source: &SourceId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Titled>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, headline, guid, address, status, versions FROM item
                 WHERE source = ?1 AND sort_at >= ?2 AND sort_at < ?3 AND removed_at IS NULL
                 ORDER BY sort_at DESC LIMIT ?4",
            )?;
            let bounds = params![source.as_str(), ms(from), ms(to), HEADLINES_MAX as i64];
            let rows = statement.query_and_then(bounds, titled)?;
            rows.collect()
        })
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
            Some(before) if !before.removed => {
                untold(transaction, &id)?;
                place(transaction, &id, &placed, &before, false, now)
            }
            _ => Ok(()),
        })
    }

    /// Releases the items whose embargo has ended; gives their number.
    pub fn release(&self, now: Timestamp) -> Receipt<usize> {
        self.take_in(&Chain::default(), move |transaction| release(transaction, now))
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

    /// Tells `each` what the cluster's window has to know again: the latest `items_max` items that came in
    /// since `since`, in the order they came. Not one list of them is made: their traces are tens
    /// of megabytes.
    pub fn remembered(
        &self,
        since: Timestamp,
        items_max: usize,
        mut each: impl FnMut(Remembered),
    ) -> Result<(), Error> {
        self.read_all(|connection| {
            // By number in two steps: sorting the rows themselves would sort their traces too.
            let mut latest = connection.prepare(
                "SELECT rowid FROM item WHERE wire_at >= ?1 ORDER BY wire_at DESC LIMIT ?2",
            )?;
            let rows = latest.query_map(params![ms(since), items_max as i64], |row| row.get(0))?;
            let mut numbers: Vec<i64> = rows.collect::<Result<_, _>>()?;
            numbers.sort_unstable();
            let mut statement = connection.prepare(&format!("{REMEMBERED} AND rowid = ?1"))?;
            for number in numbers {
                let mut rows = statement.query([number])?;
                let Some(row) = rows.next()? else { continue };
                each(remembered(row)?);
            }
            Ok(())
        })
    }

    /// The trace of an item, as the cluster wrote it.
    pub fn trace(&self, id: &ItemId) -> Result<Option<Vec<u8>>, Error> {
        self.read_all(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT trace FROM item WHERE id = ?1 AND removed_at IS NULL")?;
            let trace = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
            Ok(trace.flatten())
        })
    }
}

/// What the window has to know of items; the first item of a story may have left the window long ago.
pub(crate) const REMEMBERED: &str = "SELECT id, dispatch, story, trace, sort_at, wire_at,
       (SELECT sort_at FROM item AS first WHERE first.id = item.story AND item.story <> item.id),
       source, killed_at IS NOT NULL
     FROM item WHERE trace IS NOT NULL AND removed_at IS NULL";

/// A row of [`REMEMBERED`].
pub(crate) fn remembered(row: &Row<'_>) -> Result<Remembered, Error> {
    Ok(Remembered {
        id: item_id(row.get(0)?)?,
        dispatch: dispatch_id(row.get(1)?)?,
        story: story_id(row.get(2)?)?,
        trace: row.get(3)?,
        at: time(row.get(4)?),
        wire_at: time(row.get(5)?),
        story_since: row.get::<_, Option<i64>>(6)?.map(time),
        source: source_id(row.get(7)?)?,
        killed: row.get(8)?,
    })
}

/// Cuts items that were taken down out of a delivery that came in with them.
fn forget(
    transaction: &Transaction<'_>,
    delivery: i64,
    items: &[ItemId],
    cut: Cut,
) -> Result<(), Error> {
    let gone = taken_down_among(transaction, items)?;
    overwriting(transaction, |transaction| cut_out(transaction, delivery, &gone, cut).map(|_| ()))
}

pub(crate) fn known(connection: &Connection, id: &ItemId) -> Result<Option<Known>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT digest, dispatch, story, relation,
                trace IS NOT NULL OR EXISTS (SELECT 1 FROM decision_move JOIN decision ON decision.number = decision_move.decision
                                             WHERE decision_move.item = item.id AND decision.undone_at IS NULL), removal
         FROM item WHERE id = ?1",
    )?;
    let row = statement.query_row([id.as_str()], |row| {
        let digest: Vec<u8> = row.get(0)?;
        let removed = row.get::<_, Option<String>>(5)?.map(|word| removal(&word));
        Ok((digest, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, removed))
    });
    let Some((digest, dispatch, story, relation, placed, removed)) = row.optional()? else {
        return Ok(None);
    };
    let digest = digest.try_into().map_err(|_| Error::Unreadable("digest".to_owned()))?;
    let (dispatch, story) = (dispatch_id(dispatch)?, story_id(story)?);
    Ok(Some(Known { digest, dispatch, story, relation, placed, removed }))
}

/// Counts new items at their source, of which all are.
fn count(transaction: &Transaction<'_>, new: &[&Arrival]) -> Result<(), Error> {
    let Some(last) = new.last() else { return Ok(()) };
    transaction
        .prepare_cached("UPDATE source SET items = items + ?3, news_at = ?2 WHERE id = ?1")?
        .execute(params![last.item.source.as_str(), ms(last.received_at), new.len() as i64])?;
    Ok(())
}

/// The latest version of an item; `None` where it is not there or was emptied.
pub(crate) fn item(connection: &Connection, id: &ItemId) -> Result<Option<Item>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT encoding, article, source, guid, address
         FROM version JOIN item ON item.id = version.item
         WHERE version.item = ?1 AND length(article) > 0 ORDER BY number DESC LIMIT 1",
    )?;
    let row = statement.query_row([id.as_str()], |row| {
        Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    let Some((encoding, stored, source, guid, address)) = row.optional()? else { return Ok(None) };
    let identity = Identity { source: source_id(source)?, guid, address };
    decode(encoding, &stored, identity).map(Some)
}

/// The versions of an item that can be read back, with their numbers, latest first.
pub(crate) fn versions_of(
    connection: &Connection,
    id: &ItemId,
    limit: usize,
) -> Result<Vec<(u32, Item)>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT number, encoding, article, source, guid, address
         FROM version JOIN item ON item.id = version.item
         WHERE version.item = ?1 AND length(article) > 0 ORDER BY number DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![id.as_str(), limit as i64])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (guid, address) = (row.get(4)?, row.get(5)?);
        let identity = Identity { source: source_id(row.get(3)?)?, guid, address };
        let stored: Vec<u8> = row.get(2)?;
        found.extend(decode(row.get(1)?, &stored, identity).ok().map(|item| (row.get(0), item)));
    }
    found.into_iter().map(|(number, item)| Ok((number?, item))).collect()
}

fn titled(row: &Row<'_>) -> Result<Titled, Error> {
    Ok(Titled {
        id: item_id(row.get(0)?)?,
        headline: row.get(1)?,
        guid: row.get(2)?,
        address: row.get(3)?,
        status: status(&row.get::<_, String>(4)?),
        versions: row.get(5)?,
    })
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
