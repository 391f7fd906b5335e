//! Two texts to be held against each other: a version and the one before it, or the items of two outlets.

use depeche_news::{ItemId, Viewer, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use crate::{
    Error, SourceName, Store, TextView,
    body::{decode, length},
    connection::time,
    item::item_id,
    page::identity,
    source::source_id,
};

/// What of an item is read for a comparison; its latest version, unless a number is asked for.
const TEXT: &str = "
    SELECT seen.id, seen.source, seen.source_name, seen.guid, seen.address, version.number, version.received_at,
           version.signal, version.encoding, version.article, seen.headline, seen.relation, seen.related_to, seen.evidence
    FROM seen JOIN version ON version.item = seen.id
    WHERE seen.id = ?1 AND seen.seen_as = 2 AND version.shown AND length(version.article) > 0";

impl Store {
    /// A version of an item, and the one that was shown before it; `None` where this viewer may not read the item, or it
    /// has no such version any more.
    pub fn version_and_before(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &ItemId,
        number: u32,
    ) -> Result<Option<(Option<TextView>, TextView)>, Error> {
        self.read(viewer, now, |connection| {
            let at = version(connection, id, "number = ?2", number)?;
            let Some(at) = at.filter(|at| at.number == number) else { return Ok(None) };
            Ok(Some((version(connection, id, "number < ?2", number)?, at)))
        })
    }

    /// Two items, each in the last version up to a number; `None` where this viewer may not read both.
    pub fn two_texts(
        &self,
        viewer: Viewer,
        now: Timestamp,
        one: (&ItemId, u32),
        other: (&ItemId, u32),
    ) -> Result<Option<(TextView, TextView)>, Error> {
        self.read(viewer, now, |connection| {
            let text = |(id, number)| version(connection, id, "number <= ?2", number);
            Ok(text(one)?.zip(text(other)?))
        })
    }

    /// Versions of items, each where this viewer may read it and it has `bytes_max` bytes at most.
    pub fn texts(
        &self,
        viewer: Viewer,
        now: Timestamp,
        wanted: &[(ItemId, u32)],
        bytes_max: u64,
    ) -> Result<Vec<TextView>, Error> {
        self.read(viewer, now, |connection| {
            let sql = format!("{TEXT} AND version.number = ?2 AND length(version.article) <= ?3");
            let mut statement = connection.prepare_cached(&sql)?;
            // Some kilobytes may be a word a million times; what they are is told before they are unpacked.
            let short = |row: &SqlRow<'_>| -> Result<Option<TextView>, Error> {
                let is_short =
                    length(&row.get::<_, Vec<u8>>(9)?).is_none_or(|all| all <= bytes_max);
                is_short.then(|| text(row)).transpose()
            };
            let mut read = |(id, number): &(ItemId, u32)| {
                let row = params![id.as_str(), number, bytes_max];
                let found = statement.query_row(row, |row| Ok(short(row)));
                found.optional()?.transpose().map(Option::flatten)
            };
            wanted.iter().filter_map(|wanted| read(wanted).transpose()).collect()
        })
    }
}

/// The last shown version of which this holds.
fn version(
    connection: &Connection,
    id: &ItemId,
    which: &str,
    number: u32,
) -> Result<Option<TextView>, Error> {
    let sql = format!("{TEXT} AND version.{which} ORDER BY version.number DESC LIMIT 1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row(params![id.as_str(), number], |row| Ok(text(row)));
    found.optional()?.transpose()
}

fn text(row: &SqlRow<'_>) -> Result<TextView, Error> {
    let stored: Vec<u8> = row.get(9)?;
    let item = decode(row.get(8)?, &stored, identity(row, 1, 3, 4)?)?;
    let (mut article, desk) = (item.article, item.desk);
    if article.headline.is_empty() {
        article.headline = row.get(10)?;
    }
    let signal: Option<String> = row.get(7)?;
    let related_to: Option<String> = row.get(12)?;
    Ok(TextView {
        item: item_id(row.get(0)?)?,
        source: SourceName { id: source_id(row.get(1)?)?, name: row.get(2)? },
        article,
        labels: desk.labels,
        updated_with: desk.updated_with,
        number: row.get(5)?,
        received_at: time(row.get(6)?),
        signal: signal.and_then(|word| serde_json::from_str(&word).ok()),
        relation: row.get(11)?,
        related_to: related_to.map(item_id).transpose()?,
        evidence: row.get(13)?,
    })
}
