//! What a source's page tells beyond how it does: what it brought by day, how much of that it had
//! first, and what of its deliveries was not understood.

use depeche_news::{SourceId, Viewer, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    Error, Misread, SourceFacts, Store,
    connection::{ms, time},
    item::item_id,
};

/// Items looked at for a source's days: 300 a day for a month, more than any feed brings; the
/// latest count.
const ITEMS_MAX: i64 = 10_000;

/// Deliveries looked back over for what was not understood: a day of a busy feed.
const DELIVERIES_BACK: i64 = 50;

/// Deliveries told of: the latest say what is wrong.
const MISREAD_MAX: usize = 10;

impl Store {
    /// What a source brought on days that begin at `days`, the earliest first, if `viewer` may see
    /// it.
    pub fn source_facts(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &SourceId,
        days: &[Timestamp],
    ) -> Result<Option<SourceFacts>, Error> {
        self.read(viewer, now, |connection| {
            let all = viewer == Viewer::Administrator;
            let Some(keep_days) = keep_days(connection, id, all)? else { return Ok(None) };
            let mut facts = SourceFacts { days: vec![0; days.len()], ..SourceFacts::default() };
            brought(connection, id, days, &mut facts)?;
            if all {
                facts.keep_days = keep_days;
                facts.misread = misread(connection, id)?;
            }
            Ok(Some(facts))
        })
    }
}

/// The days its items are kept; nothing where the source is not to be seen.
fn keep_days(
    connection: &Connection,
    id: &SourceId,
    all: bool,
) -> Result<Option<Option<u32>>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT keep_days FROM source
         WHERE id = ?1 AND removed_at IS NULL AND (?2 OR visibility = 'shared')",
    )?;
    Ok(statement.query_row(params![id.as_str(), all], |row| row.get(0)).optional()?)
}

/// Counts its items by day. Who had it first is asked of what this viewer may see: the share of a
/// source must not tell of another that is private.
fn brought(
    connection: &Connection,
    id: &SourceId,
    days: &[Timestamp],
    facts: &mut SourceFacts,
) -> Result<(), Error> {
    let since = days.first().copied().unwrap_or(Timestamp::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT seen.sort_at,
                (SELECT min(other.sort_at) FROM seen AS other
                 WHERE other.dispatch = seen.dispatch AND other.source <> seen.source)
         FROM seen WHERE seen.source = ?1 AND seen.sort_at >= ?2
         ORDER BY seen.sort_at DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![id.as_str(), ms(since), ITEMS_MAX])?;
    while let Some(row) = rows.next()? {
        let (at, others): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        let day = days.partition_point(|start| ms(*start) <= at);
        if let Some(count) = day.checked_sub(1).and_then(|day| facts.days.get_mut(day)) {
            *count += 1;
        }
        match others {
            None => facts.alone += 1,
            Some(others) if others < at => facts.after_others += 1,
            Some(_) => facts.first += 1,
        }
    }
    Ok(())
}

fn misread(connection: &Connection, id: &SourceId) -> Result<Vec<Misread>, Error> {
    let mut statement = connection.prepare_cached(
        r#"SELECT received_at, state = 'refused', problems, id, address,
             (SELECT iif(count(DISTINCT item) = 1, item, NULL) FROM version WHERE version.delivery = told.id)
           FROM (
             SELECT * FROM (
               SELECT delivery.id, received_at, delivery.state, problems, delivery.address FROM delivery JOIN source
                 ON source.id = delivery.source AND source.address = delivery.address
               WHERE source.id = ?1 ORDER BY delivery.id DESC LIMIT ?2)
             UNION ALL
             SELECT * FROM (
               SELECT id, received_at, state, problems, address FROM delivery
               WHERE source = ?1 AND kind = '"pushed"' ORDER BY id DESC LIMIT ?2)) AS told
           WHERE problems <> '[]' OR state = 'refused' ORDER BY id DESC"#,
    )?;
    let rows = statement.query_map(params![id.as_str(), DELIVERIES_BACK], |row| Ok(told(row)))?;
    rows.take(MISREAD_MAX).map(|row| row?).collect()
}

fn told(row: &Row<'_>) -> Result<Misread, Error> {
    Ok(Misread {
        received_at: time(row.get(0)?),
        refused: row.get(1)?,
        problems: serde_json::from_str(&row.get::<_, String>(2)?)?,
        delivery: row.get(3)?,
        address: row.get(4)?,
        item: row.get::<_, Option<String>>(5)?.map(item_id).transpose()?,
    })
}
