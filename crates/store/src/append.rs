//! Appending: an arrival becomes an item, a version of one, or a better reading of a version, with
//! the wire entries that tell of it, in the transaction of its delivery.

use depeche_news::{Article, Item, ItemId, Kind, Moment, Signal, Status, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Appended, Arrival, Error, NewJob,
    body::{ENCODING, encode},
    connection::{ms, status, status_word},
    grouping::{found, place},
    item::{item, versions_of},
    job,
    window::untold,
    wire::log,
};

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It changes nothing.
    None,
    /// It is an item that was not there.
    New,
    /// It is a version or a better reading of one that was.
    Changed,
}

/// Appends one arrival.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
) -> Result<Change, Error> {
    let now = arrival.received_at;
    match stored(transaction, &arrival.id)? {
        None if arrival.page_had => return Ok(Change::None),
        None => return insert(transaction, read, arrival, now).map(|()| Change::New),
        Some(before) if before.removed => return Ok(Change::None),
        // A page that nobody waits for any more is that of an older version, or of a killed item.
        Some(before) if arrival.page_had && !before.page_wanted => return Ok(Change::None),
        Some(before) if arrival.page_had => reread(transaction, read, arrival, &before, now)?,
        Some(before) if before.digest == arrival.digest => return Ok(Change::None),
        Some(before) => match latest_if_newer(transaction, arrival, &before)? {
            Some(_) => return keep_as_history(transaction, read, arrival, &before, now),
            None => revise(transaction, read, arrival, &before, now)?,
        },
    }
    Ok(Change::Changed)
}

/// What stands in the row of an item.
pub(crate) struct Stored {
    pub(crate) digest: Vec<u8>,
    pub(crate) versions: u32,
    pub(crate) status: Status,
    pub(crate) on_wire: bool,
    pub(crate) removed: bool,
    pub(crate) page_wanted: bool,
    pub(crate) dispatch: String,
    pub(crate) story: String,
}

pub(crate) fn stored(connection: &Connection, id: &ItemId) -> Result<Option<Stored>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT digest, versions, status, on_wire, removed_at IS NOT NULL, dispatch, story,
                page IN ('wanted', 'missing') AND status <> 'canceled'
         FROM item WHERE id = ?1",
    )?;
    let row = statement.query_row([id.as_str()], |row| {
        Ok(Stored {
            digest: row.get(0)?,
            versions: row.get(1)?,
            status: status(&row.get::<_, String>(2)?),
            on_wire: row.get(3)?,
            removed: row.get(4)?,
            dispatch: row.get(5)?,
            story: row.get(6)?,
            page_wanted: row.get(7)?,
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
    let on_wire = goes_on_wire(&arrival.item, now);
    let sort_at = sort_at(&arrival.item.article, now);
    insert_item(transaction, arrival, on_wire, sort_at, now)?;
    add_version(transaction, read, arrival, 1, now)?;
    found(transaction, &arrival.id, &arrival.placed, sort_at)?;
    want_page(transaction, arrival, now)?;
    if on_wire {
        let dispatch = &arrival.placed.dispatch;
        log(transaction, Kind::Published, &arrival.id, dispatch, arrival.backfill, now)?;
    } else {
        untold(transaction, &arrival.id)?;
    }
    Ok(())
}

/// The row of a new item, whole: a row that is written again costs as much as a new one.
fn insert_item(
    transaction: &Transaction<'_>,
    arrival: &Arrival,
    on_wire: bool,
    sort_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let (item, placed, article) = (&arrival.item, &arrival.placed, &arrival.item.article);
    transaction
        .prepare_cached(
            "INSERT INTO item (id, source, guid, address, external, versions, digest, status, embargoed_until,
               urgency, headline, credit, teaser, language, section, published, wire_at, sort_at, lead_at, backfill,
               on_wire, page, dispatch, story, relation, related_to, evidence, trace, corrected_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17, ?18, ?19,
               ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)",
        )?
        .execute(params![
            arrival.id.as_str(),
            item.source.as_str(),
            item.guid,
            item.address,
            arrival.external,
            arrival.digest.as_slice(),
            status_word(item.status),
            embargo(item, now),
            item.urgency.map(|urgency| urgency.get()),
            listed_headline(article, &arrival.teaser),
            article.credit,
            arrival.teaser,
            article.language,
            article.section,
            article.published.map(|published| published.to_string()),
            ms(now),
            ms(sort_at),
            arrival.backfill,
            on_wire,
            page_word(arrival),
            placed.dispatch.as_str(),
            placed.story.as_str(),
            placed.relation,
            placed.related_to,
            placed.evidence,
            placed.trace,
            // What comes as an item of its own to correct another.
            (item.signal == Some(Signal::Correction)).then(|| ms(sort_at)),
        ])?;
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
               corrected_at = coalesce(?6, corrected_at), killed_at = ?7, page = ?8,
               address = coalesce(?9, address), urgency = ?10, versions = ?11
             WHERE id = ?1",
        )?
        .execute(params![
            arrival.id.as_str(),
            arrival.digest.as_slice(),
            status_word(arrival.item.status),
            embargo(&arrival.item, now),
            on_wire,
            corrected,
            killed,
            page_word(arrival),
            arrival.item.address,
            arrival.item.urgency.map(|urgency| urgency.get()),
            before.versions + 1,
        ])?;
    if on_wire && !before.on_wire {
        // It is news now, not when its provider first held it back.
        transaction.execute(
            "UPDATE item SET wire_at = ?2, sort_at = ?2, lead_at = ?2 WHERE id = ?1",
            params![arrival.id.as_str(), ms(now)],
        )?;
    }
    show(transaction, &arrival.id, &arrival.item.article, &arrival.teaser)?;
    want_page(transaction, arrival, now)?;
    place(transaction, &arrival.id, &arrival.placed, before, read.backfill, now)?;
    if let Some(kind) = kind {
        let late = if kind == Kind::Published { arrival.backfill } else { read.backfill };
        log(transaction, kind, &arrival.id, &arrival.placed.dispatch, late, now)?;
    } else {
        untold(transaction, &arrival.id)?;
    }
    Ok(())
}

/// The latest version, where what came in was made before it. Only desks number or date their versions, and
/// only a kill is not taken back by what comes after it.
fn latest_if_newer(
    transaction: &Transaction<'_>,
    arrival: &Arrival,
    before: &Stored,
) -> Result<Option<Item>, Error> {
    let told = arrival.item.version.is_some() || !arrival.item.desk.dates.is_empty();
    if !told && before.status != Status::Canceled {
        return Ok(None);
    }
    let latest = item(transaction, &arrival.id)?;
    Ok(latest.filter(|latest| arrival.item.is_older_than(latest)))
}

/// Keeps a version that came late: in its place among the others, told to nobody. What is there already is not
/// kept twice.
fn keep_as_history(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
    before: &Stored,
    now: Timestamp,
) -> Result<Change, Error> {
    let mut number = before.versions;
    for (own, stored) in versions_of(transaction, &arrival.id, HISTORY_MAX)? {
        if stored.digest() == arrival.digest {
            return Ok(Change::None);
        }
        if own == before.versions || arrival.item.is_older_than(&stored) {
            number = own;
        }
    }
    let mut moved = transaction
        .prepare_cached("UPDATE version SET number = number + 1 WHERE item = ?1 AND number = ?2")?;
    for moving in (number..=before.versions).rev() {
        moved.execute(params![arrival.id.as_str(), moving])?;
    }
    add_version(transaction, read, arrival, number, now)?;
    transaction
        .prepare_cached("UPDATE item SET versions = versions + 1 WHERE id = ?1")?
        .execute([arrival.id.as_str()])?;
    if !before.on_wire {
        transaction
            .prepare_cached("UPDATE version SET shown = 0 WHERE item = ?1 AND number = ?2")?
            .execute(params![arrival.id.as_str(), number])?;
    }
    Ok(Change::None)
}

/// Versions that a late one is compared with, from the latest on: a live text of a long day has some dozens.
const HISTORY_MAX: usize = 64;

/// The page of an item came: a better reading of the version that is there.
fn reread(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
    before: &Stored,
    now: Timestamp,
) -> Result<(), Error> {
    rewrite_version(transaction, &arrival.id, before.versions, &arrival.item, arrival.reading)?;
    transaction
        .prepare_cached("UPDATE version SET page_delivery = ?3 WHERE item = ?1 AND number = ?2")?
        .execute(params![arrival.id.as_str(), before.versions, read.delivery])?;
    // A feed without dates leaves it to the page to say how old its news is.
    transaction.execute(
        "UPDATE item SET page = 'had', sort_at = min(sort_at, ?2) WHERE id = ?1",
        params![arrival.id.as_str(), ms(sort_at(&arrival.item.article, now))],
    )?;
    show(transaction, &arrival.id, &arrival.item.article, &arrival.teaser)?;
    place(transaction, &arrival.id, &arrival.placed, before, read.backfill, now)?;
    if before.on_wire {
        log(transaction, Kind::Revised, &arrival.id, &arrival.placed.dispatch, read.backfill, now)?;
    } else {
        untold(transaction, &arrival.id)?;
    }
    Ok(())
}

/// Puts a better reading of a version in the place of the one that is there.
pub(crate) fn rewrite_version(
    transaction: &Transaction<'_>,
    id: &ItemId,
    number: u32,
    item: &Item,
    reading: &str,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            // At the end of the table: a row that grows where it stands splits its page into halves.
            "UPDATE version SET article = ?3, encoding = ?5, reading = ?4, headline = '',
               rowid = (SELECT max(rowid) + 1 FROM version)
             WHERE item = ?1 AND number = ?2",
        )?
        .execute(params![id.as_str(), number, encode(item)?, reading, ENCODING])?;
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
    item.status == Status::Usable && embargo(item, now).is_none()
}

/// The end of an embargo that still stands, as its column has it.
fn embargo(item: &Item, now: Timestamp) -> Option<i64> {
    item.embargoed_until.map(|until| until.sort_key()).filter(|until| *until > now).map(ms)
}

fn page_word(arrival: &Arrival) -> &'static str {
    if arrival.page_wanted.is_some() { "wanted" } else { "none" }
}

/// The earlier of what the provider says and now. A provider that tells only today's day is taken
/// at our time: the start of the day would put it under this morning's news.
fn sort_at(article: &Article, now: Timestamp) -> Timestamp {
    match article.published {
        Some(day @ Moment::Day(_)) if ms(now) - ms(day.sort_key()) < DAY_MS => now,
        Some(published) => published.sort_key().min(now),
        None => now,
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The row of a version. Its headline stands with its article; the column is that of encoding 1.
fn add_version(
    transaction: &Transaction<'_>,
    read: &Appended,
    arrival: &Arrival,
    number: u32,
    now: Timestamp,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO version (item, number, received_at, version, signal, headline, encoding, article, reading,
               delivery, shown)
             VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            arrival.id.as_str(),
            number,
            ms(now),
            arrival.item.version,
            arrival.item.signal.map(|signal| serde_json::to_string(&signal)).transpose()?,
            ENCODING,
            encode(&arrival.item)?,
            arrival.reading,
            read.delivery,
            goes_on_wire(&arrival.item, now),
        ])?;
    Ok(())
}

/// What lists show of an item, after its latest version changed.
pub(crate) fn show(
    transaction: &Transaction<'_>,
    id: &ItemId,
    article: &Article,
    teaser: &str,
) -> Result<(), Error> {
    let headline = listed_headline(article, teaser);
    transaction
        .prepare_cached(
            "UPDATE item SET headline = ?2, credit = ?3, teaser = ?4, language = ?5,
               section = coalesce(?6, section), published = coalesce(?7, published)
             WHERE id = ?1",
        )?
        .execute(params![
            id.as_str(),
            headline,
            article.credit,
            teaser,
            article.language,
            article.section,
            article.published.map(|published| published.to_string()),
        ])?;
    Ok(())
}

/// An item without a headline is listed by its teaser.
fn listed_headline<'a>(article: &'a Article, teaser: &'a str) -> &'a str {
    if article.headline.is_empty() { teaser } else { &article.headline }
}

/// Writes the job that fetches an item's page.
fn want_page(
    transaction: &Transaction<'_>,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(address) = &arrival.page_wanted else { return Ok(()) };
    let missing = transaction
        .prepare_cached(
            "UPDATE item SET page = 'missing'
             WHERE id = ?1 AND (SELECT no_pages FROM source WHERE source.id = item.source)",
        )?
        .execute([arrival.id.as_str()])?;
    if missing > 0 {
        return Ok(());
    }
    let (item, source) = (arrival.id.clone(), arrival.item.source.clone());
    job::add(transaction, &NewJob::FetchPage { item, source, address: address.clone() }, now)?;
    Ok(())
}
