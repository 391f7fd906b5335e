//! Items: appended with their versions, their place among copies and stories, and the wire
//! entries that tell of them, all in one transaction.

use std::collections::HashMap;

use depeche_news::{
    Article, DispatchId, Item, ItemId, Kind, Problem, Signal, SourceId, Status, StoryId,
    Validators, jiff::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, Receipt, Store,
    connection::{ms, status, status_word, time},
    delivery::{ZSTD_LEVEL, decompress, finish, keep_validators},
    source::learn,
    wire::{log, log_gone},
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
    /// The time it is listed at.
    pub at: Timestamp,
}

impl Store {
    /// Appends what a delivery brought, marks the delivery as read and takes over its validators:
    /// all of it or nothing. Gives the number of items that were new or changed.
    pub fn append(&self, read: Appended, arrivals: Vec<Arrival>) -> Receipt<usize> {
        self.write(move |transaction| {
            let mut changed = 0;
            for arrival in &arrivals {
                changed += usize::from(append(transaction, &read, arrival)?);
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
                "SELECT digest, dispatch, story, relation FROM item WHERE id = ?1",
            )?;
            let mut known = HashMap::new();
            for id in ids {
                let row = statement
                    .query_row([id.as_str()], |row| {
                        Ok((
                            row.get::<_, Vec<u8>>(0)?,
                            row.get::<_, String>(1)?,
                            row.get::<_, String>(2)?,
                            row.get(3)?,
                        ))
                    })
                    .optional()?;
                if let Some((digest, dispatch, story, relation)) = row {
                    let digest =
                        digest.try_into().map_err(|_| Error::Unreadable("digest".to_owned()))?;
                    let (dispatch, story) = (dispatch_id(dispatch)?, story_id(story)?);
                    known.insert(id.clone(), Known { digest, dispatch, story, relation });
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

    /// Says that the page of an item is the one that was read before.
    pub fn page_unchanged(&self, id: &ItemId) -> Receipt<()> {
        let id = id.clone();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE item SET page = 'had' WHERE id = ?1 AND page = 'wanted'",
                [id.as_str()],
            )?;
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
            Some(before) => place(transaction, &id, &placed, &before, now),
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
                "SELECT min(embargoed_until) FROM item WHERE on_wire = 0 AND status = 'usable'",
                [],
                |row| row.get(0),
            )?;
            Ok(next.map(time))
        })
    }

    /// What the cluster's window has to be told again: items listed since `since`, oldest first.
    pub fn remembered(&self, since: Timestamp) -> Result<Vec<Remembered>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, dispatch, story, trace, sort_at FROM item
                 WHERE sort_at >= ?1 AND trace IS NOT NULL AND removed_at IS NULL
                 ORDER BY wire_at, id",
            )?;
            let rows = statement.query_map([ms(since)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, i64>(4)?))
            })?;
            rows.map(|row| {
                let (id, dispatch, story, trace, at) = row?;
                Ok(Remembered {
                    id: item_id(id)?,
                    dispatch: dispatch_id(dispatch)?,
                    story: story_id(story)?,
                    trace,
                    at: time(at),
                })
            })
            .collect()
        })
    }
}

/// Appends one arrival; false when it changes nothing.
fn append(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
) -> Result<bool, Error> {
    let now = arrival.received_at;
    match stored(transaction, &arrival.id)? {
        None if arrival.page_had => Ok(false),
        None => insert(transaction, read, arrival, now).map(|()| true),
        Some(before) if before.removed => Ok(false),
        Some(before) if arrival.page_had => {
            reread(transaction, arrival, &before, now).map(|()| true)
        }
        Some(before) if before.digest == arrival.digest => Ok(false),
        Some(before) => revise(transaction, read, arrival, &before, now).map(|()| true),
    }
}

/// What stands in the row of an item.
struct Stored {
    digest: Vec<u8>,
    versions: u32,
    status: Status,
    on_wire: bool,
    removed: bool,
    backfill: bool,
    dispatch: String,
    story: String,
}

fn stored(connection: &Connection, id: &ItemId) -> Result<Option<Stored>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT digest, versions, status, on_wire, removed_at IS NOT NULL, backfill, dispatch, story
         FROM item WHERE id = ?1",
    )?;
    let row = statement.query_row([id.as_str()], |row| {
        Ok(Stored {
            digest: row.get(0)?,
            versions: row.get(1)?,
            status: status(&row.get::<_, String>(2)?),
            on_wire: row.get(3)?,
            removed: row.get(4)?,
            backfill: row.get(5)?,
            dispatch: row.get(6)?,
            story: row.get(7)?,
        })
    });
    Ok(row.optional()?)
}

fn insert(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<(), Error> {
    let (item, placed) = (&arrival.item, &arrival.placed);
    let article = &item.article;
    let sort_at = sort_at(article, now);
    let on_wire = goes_on_wire(item, now);
    transaction
        .prepare_cached(
            "INSERT INTO item (id, source, guid, address, external, versions, digest, status, embargoed_until,
               urgency, headline, credit, teaser, language, section, published, wire_at, sort_at, backfill,
               on_wire, page, dispatch, story, relation, related_to, evidence, trace)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
               ?20, ?21, ?22, ?23, ?24, ?25, ?26)",
        )?
        .execute(params![
            arrival.id.as_str(),
            item.source.as_str(),
            item.guid,
            item.address,
            arrival.external,
            arrival.digest.as_slice(),
            status_word(item.status),
            item.embargoed_until.map(|until| ms(until.sort_key())),
            item.urgency.map(|urgency| urgency.get()),
            listed_headline(arrival),
            article.credit,
            arrival.teaser,
            article.language,
            article.section,
            article.published.map(|published| published.to_string()),
            ms(now),
            ms(sort_at),
            arrival.backfill,
            on_wire,
            if arrival.page_wanted.is_some() { "wanted" } else { "none" },
            placed.dispatch.as_str(),
            placed.story.as_str(),
            placed.relation,
            placed.related_to,
            placed.evidence,
            placed.trace,
        ])?;
    transaction
        .prepare_cached("UPDATE source SET items = items + 1, news_at = ?2 WHERE id = ?1")?
        .execute(params![item.source.as_str(), ms(now)])?;
    add_version(transaction, read, arrival, 1, now)?;
    refresh_dispatch(transaction, placed.dispatch.as_str(), placed.story.as_str())?;
    want_page(transaction, arrival, now)?;
    if on_wire {
        log(transaction, Kind::Published, &arrival.id, &placed.dispatch, arrival.backfill, now)?;
    }
    Ok(())
}

/// A new version of its provider.
fn revise(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
    before: &Stored,
    now: Timestamp,
) -> Result<(), Error> {
    add_version(transaction, read, arrival, before.versions + 1, now)?;
    let (kind, on_wire) = change(&arrival.item, before, now);
    let corrected = (kind == Some(Kind::Corrected)).then(|| ms(now));
    let killed = (arrival.item.status == Status::Canceled).then(|| ms(now));
    transaction
        .prepare_cached(
            "UPDATE item SET digest = ?2, status = ?3, embargoed_until = ?4, on_wire = ?5,
               corrected_at = coalesce(?6, corrected_at), killed_at = ?7,
               page = iif(?8, 'wanted', page), address = coalesce(?9, address), urgency = ?10
             WHERE id = ?1",
        )?
        .execute(params![
            arrival.id.as_str(),
            arrival.digest.as_slice(),
            status_word(arrival.item.status),
            arrival.item.embargoed_until.map(|until| ms(until.sort_key())),
            on_wire,
            corrected,
            killed,
            arrival.page_wanted.is_some(),
            arrival.item.address,
            arrival.item.urgency.map(|urgency| urgency.get()),
        ])?;
    show(transaction, arrival)?;
    want_page(transaction, arrival, now)?;
    place(transaction, &arrival.id, &arrival.placed, before, now)?;
    if let Some(kind) = kind {
        log(transaction, kind, &arrival.id, &arrival.placed.dispatch, before.backfill, now)?;
    }
    Ok(())
}

/// The page of an item came: a better reading of the version that is there.
fn reread(
    transaction: &Transaction<'_>,
    arrival: &Arrival,
    before: &Stored,
    now: Timestamp,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "UPDATE version SET article = ?3, encoding = 1, reading = ?4, headline = ?5 WHERE item = ?1 AND number = ?2",
        )?
        .execute(params![
            arrival.id.as_str(),
            before.versions,
            encode(&arrival.item)?,
            arrival.reading,
            arrival.item.article.headline,
        ])?;
    transaction.execute("UPDATE item SET page = 'had' WHERE id = ?1", [arrival.id.as_str()])?;
    show(transaction, arrival)?;
    place(transaction, &arrival.id, &arrival.placed, before, now)?;
    if before.on_wire {
        log(
            transaction,
            Kind::Revised,
            &arrival.id,
            &arrival.placed.dispatch,
            before.backfill,
            now,
        )?;
    }
    Ok(())
}

/// What a new version means on the wire, and whether the item is on it afterwards.
fn change(item: &Item, before: &Stored, now: Timestamp) -> (Option<Kind>, bool) {
    if !before.on_wire {
        let goes = goes_on_wire(item, now);
        return (goes.then_some(Kind::Published), goes);
    }
    let killed = item.status == Status::Canceled && before.status != Status::Canceled;
    let kind = match item.signal {
        _ if killed => Kind::Killed,
        Some(Signal::Correction) => Kind::Corrected,
        _ => Kind::Revised,
    };
    (Some(kind), true)
}

fn goes_on_wire(item: &Item, now: Timestamp) -> bool {
    item.status == Status::Usable
        && item.embargoed_until.is_none_or(|until| until.sort_key() <= now)
}

/// The earlier of what the provider says and now. A provider that tells only today's day is taken
/// at our time: the start of the day would put it under this morning's news.
fn sort_at(article: &Article, now: Timestamp) -> Timestamp {
    match article.published {
        Some(published) if ms(now) - ms(published.sort_key()) < DAY_MS && is_day(published) => now,
        Some(published) => published.sort_key().min(now),
        None => now,
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn is_day(moment: depeche_news::Moment) -> bool {
    matches!(moment, depeche_news::Moment::Day(_))
}

fn add_version(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
    number: u32,
    now: Timestamp,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO version (item, number, digest, received_at, version, signal, headline, encoding, article,
               reading, delivery)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?10)",
        )?
        .execute(params![
            arrival.id.as_str(),
            number,
            arrival.digest.as_slice(),
            ms(now),
            arrival.item.version,
            arrival.item.signal.map(|signal| serde_json::to_string(&signal)).transpose()?,
            arrival.item.article.headline,
            encode(&arrival.item)?,
            arrival.reading,
            read.delivery,
        ])?;
    transaction
        .prepare_cached("UPDATE item SET versions = ?2 WHERE id = ?1")?
        .execute(params![arrival.id.as_str(), number])?;
    Ok(())
}

/// Encoding 1: zstd of the item as JSON.
fn encode(item: &Item) -> Result<Vec<u8>, Error> {
    zstd::bulk::compress(&serde_json::to_vec(item)?, ZSTD_LEVEL)
        .map_err(|error| Error::Unreadable(error.to_string()))
}

pub(crate) fn decode(encoding: i64, stored: &[u8]) -> Result<Item, Error> {
    match encoding {
        1 => Ok(serde_json::from_slice(&decompress(stored)?)?),
        other => Err(Error::Unreadable(format!("article encoding {other}"))),
    }
}

/// What lists show of an item, after its latest version changed.
fn show(transaction: &Transaction<'_>, arrival: &Arrival) -> Result<(), Error> {
    let article = &arrival.item.article;
    transaction
        .prepare_cached(
            "UPDATE item SET headline = ?2, credit = ?3, teaser = ?4, language = ?5, section = coalesce(?6, section)
             WHERE id = ?1",
        )?
        .execute(params![
            arrival.id.as_str(),
            listed_headline(arrival),
            article.credit,
            arrival.teaser,
            article.language,
            article.section,
        ])?;
    Ok(())
}

/// An item without a headline is listed by its teaser.
fn listed_headline(arrival: &Arrival) -> &str {
    let headline = &arrival.item.article.headline;
    if headline.is_empty() { &arrival.teaser } else { headline }
}

/// Puts an item where it belongs now; if that is elsewhere than before, the wire says so and an
/// emptied dispatch leaves a redirect.
fn place(
    transaction: &Transaction<'_>,
    id: &ItemId,
    placed: &Placed,
    before: &Stored,
    now: Timestamp,
) -> Result<(), Error> {
    let (dispatch, story) = (placed.dispatch.as_str(), placed.story.as_str());
    transaction
        .prepare_cached(
            "UPDATE item SET dispatch = ?2, story = ?3, relation = ?4, related_to = coalesce(?5, related_to),
               evidence = coalesce(?6, evidence), trace = coalesce(?7, trace)
             WHERE id = ?1",
        )?
        .execute(params![
            id.as_str(),
            dispatch,
            story,
            placed.relation,
            placed.related_to,
            placed.evidence,
            placed.trace,
        ])?;
    if (before.dispatch.as_str(), before.story.as_str()) == (dispatch, story) {
        return Ok(());
    }
    refresh_dispatch(transaction, dispatch, story)?;
    let emptied =
        before.dispatch != dispatch && leave_dispatch(transaction, &before.dispatch, dispatch)?;
    if before.story != story {
        leave_story(transaction, &before.story, story)?;
    }
    if before.on_wire {
        log(transaction, Kind::Regrouped, id, &placed.dispatch, before.backfill, now)?;
        if emptied {
            log_gone(transaction, &before.dispatch)?;
        }
    }
    Ok(())
}

/// Writes the row of a dispatch after its items changed. It is listed by its earliest item that
/// every reader may see, so that the place of a row betrays no private source.
fn refresh_dispatch(
    transaction: &Transaction<'_>,
    dispatch: &str,
    story: &str,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO dispatch (id, story, sort_at)
             SELECT ?1, ?2, coalesce(min(iif(source.visibility = 'shared', item.sort_at, NULL)), min(item.sort_at))
             FROM item JOIN source ON source.id = item.source WHERE item.dispatch = ?1
             ON CONFLICT (id) DO UPDATE SET story = excluded.story, sort_at = excluded.sort_at",
        )?
        .execute([dispatch, story])?;
    Ok(())
}

/// Sees to a dispatch that an item has left; true when nothing is left of it.
fn leave_dispatch(transaction: &Transaction<'_>, old: &str, new: &str) -> Result<bool, Error> {
    let left: Option<String> = transaction
        .query_row("SELECT story FROM item WHERE dispatch = ?1 LIMIT 1", [old], |row| row.get(0))
        .optional()?;
    match left {
        Some(story) => refresh_dispatch(transaction, old, &story).map(|()| false),
        None => {
            transaction.execute("DELETE FROM dispatch WHERE id = ?1", [old])?;
            redirect(transaction, old, new).map(|()| true)
        }
    }
}

fn leave_story(transaction: &Transaction<'_>, old: &str, new: &str) -> Result<(), Error> {
    let left: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM item WHERE story = ?1)",
        [old],
        |row| row.get(0),
    )?;
    if left { Ok(()) } else { redirect(transaction, old, new) }
}

/// A dispatch and its story may have the same identity and go to different places only when the
/// founding item moved; the dispatch's target then leads to its story as well.
fn redirect(transaction: &Transaction<'_>, gone: &str, now: &str) -> Result<(), Error> {
    transaction
        .execute("INSERT OR IGNORE INTO redirect (gone, now) VALUES (?1, ?2)", [gone, now])?;
    Ok(())
}

/// Writes the job that fetches an item's page.
fn want_page(
    transaction: &Transaction<'_>,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(address) = &arrival.page_wanted else { return Ok(()) };
    crate::job::add(
        transaction,
        &crate::NewJob::FetchPage {
            item: arrival.id.clone(),
            source: arrival.item.source.clone(),
            address: address.clone(),
        },
        now,
    )?;
    Ok(())
}

fn release(transaction: &Transaction<'_>, now: Timestamp) -> Result<usize, Error> {
    let due: Vec<(String, String, String, bool, i64)> = {
        let mut statement = transaction.prepare_cached(
            "SELECT id, dispatch, story, backfill, embargoed_until FROM item
             WHERE on_wire = 0 AND status = 'usable' AND embargoed_until <= ?1",
        )?;
        let rows = statement.query_map([ms(now)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    for (id, dispatch, story, backfill, until) in &due {
        transaction.execute(
            "UPDATE item SET on_wire = 1, wire_at = ?2, sort_at = ?3 WHERE id = ?1",
            params![id, ms(now), until],
        )?;
        refresh_dispatch(transaction, dispatch, story)?;
        let (id, dispatch) = (item_id(id.clone())?, dispatch_id(dispatch.clone())?);
        log(transaction, Kind::Released, &id, &dispatch, *backfill, now)?;
    }
    Ok(due.len())
}

pub(crate) fn item(connection: &Connection, id: &ItemId) -> Result<Option<Item>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT encoding, article FROM version WHERE item = ?1 ORDER BY number DESC LIMIT 1",
    )?;
    let row: Option<(i64, Vec<u8>)> =
        statement.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    row.map(|(encoding, stored)| decode(encoding, &stored)).transpose()
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
