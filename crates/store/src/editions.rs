//! What the line of a dispatch is made of: its items as the viewer may see them, and the versions of each.

use depeche_news::{DispatchId, ItemId, Urgency};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use crate::{
    CopyLine, Error, SourceName, VersionMark,
    connection::time,
    item::item_id,
    page::{Among, notice},
    source::source_id,
};

/// Items of a dispatch that a page is made of, the earliest. A large wire has an agency's text a hundred times; beyond
/// that nobody reads a list, and a page has to stay cheap.
pub const COPIES_MAX: usize = 400;

/// Versions of an item in the line, the latest and the first that came in. A live blog has hundreds.
pub const VERSIONS_MAX: usize = 20;

/// What of an item is read for the line. The length of a text is known without reading it.
const LINE: &str = "
    SELECT seen.id, seen.source, seen.source_name, iif(seen.seen_as = 2, seen.headline, ''), seen.sort_at, seen.relation,
           seen.evidence, seen.killed_at, seen.removed_at, seen.removal_reason, seen.seen_as, seen.corrected_at, seen.wire_at,
           seen.credit, seen.related_to, seen.lead_at, seen.urgency, seen.versions,
           iif(seen.seen_as = 2, (SELECT length(version.article) FROM version
                                  WHERE version.item = seen.id AND version.number = seen.versions), 0), seen.digest";

/// The items of a dispatch in the order they lead it, and whether there are more than are read.
pub(crate) fn items(
    connection: &Connection,
    dispatch: &DispatchId,
) -> Result<(Vec<CopyLine>, bool), Error> {
    let sql =
        format!("{LINE} FROM seen WHERE dispatch = ?1 ORDER BY seen.lead_at, seen.id LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let most = COPIES_MAX as i64 + 1;
    let rows = statement.query_map(params![dispatch.as_str(), most], |row| Ok(line(row)))?;
    let mut items = rows.map(|row| row?).collect::<Result<Vec<_>, Error>>()?;
    let more = items.len() > COPIES_MAX;
    items.truncate(COPIES_MAX);
    for item in items.iter_mut().filter(|item| item.number > 1 && item.notice.is_none()) {
        item.versions = marks(connection, &item.item)?;
    }
    Ok((items, more))
}

/// One item as the line has it, among those that a page is made of.
pub(crate) fn item(
    connection: &Connection,
    among: Among,
    id: &ItemId,
) -> Result<Option<CopyLine>, Error> {
    let sql = format!("{LINE} FROM {} WHERE seen.id = ?1", among.name());
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([id.as_str()], |row| Ok(line(row)));
    let Some(mut item) = found.optional()?.transpose()? else { return Ok(None) };
    if item.number > 1 && item.notice.is_none() {
        item.versions = marks(connection, id)?;
    }
    Ok(Some(item))
}

fn line(row: &SqlRow<'_>) -> Result<CopyLine, Error> {
    let digest: Vec<u8> = row.get(19)?;
    Ok(CopyLine {
        item: item_id(row.get(0)?)?,
        source: SourceName { id: source_id(row.get(1)?)?, name: row.get(2)? },
        headline: row.get(3)?,
        at: time(row.get(4)?),
        lead_at: time(row.get(15)?),
        wire_at: time(row.get(12)?),
        credit: row.get(13)?,
        relation: row.get(5)?,
        related_to: row.get::<_, Option<String>>(14)?.map(item_id).transpose()?,
        evidence: row.get(6)?,
        corrected_at: row.get::<_, Option<i64>>(11)?.map(time),
        urgency: row.get::<_, Option<u8>>(16)?.and_then(Urgency::new),
        notice: notice(row, 7, 10)?,
        number: row.get(17)?,
        size: row.get::<_, Option<i64>>(18)?.unwrap_or_default() as usize,
        stamp: stamp(&digest),
        versions: Vec::new(),
    })
}

/// What tells one reading of an item from another.
fn stamp(digest: &[u8]) -> u64 {
    digest.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The versions of an item that were on the wire, by number.
fn marks(connection: &Connection, id: &ItemId) -> Result<Vec<VersionMark>, Error> {
    let of = "SELECT number, received_at, signal FROM version WHERE item = ?1 AND shown ORDER BY";
    let read = |order: &str, limit: usize| {
        let mut statement = connection.prepare_cached(&format!("{of} {order} LIMIT ?2"))?;
        let rows = statement.query_map(params![id.as_str(), limit as i64], |row| Ok(mark(row)))?;
        rows.map(|row| row?).collect::<Result<Vec<_>, Error>>()
    };
    let mut marks = read("number DESC", VERSIONS_MAX)?;
    if marks.len() == VERSIONS_MAX {
        let first = read("number", 1)?;
        marks.truncate(VERSIONS_MAX - 1);
        marks.extend(first);
    }
    marks.reverse();
    Ok(marks)
}

fn mark(row: &SqlRow<'_>) -> Result<VersionMark, Error> {
    let signal: Option<String> = row.get(2)?;
    Ok(VersionMark {
        number: row.get(0)?,
        received_at: time(row.get(1)?),
        signal: signal.and_then(|word| serde_json::from_str(&word).ok()),
    })
}
