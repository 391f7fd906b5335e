//! «Dernières infos»: dispatches by the time they are listed at, each told by one of its items.

use depeche_news::{DispatchId, SourceId, Urgency, Viewer, jiff::Timestamp};
use rusqlite::{CachedStatement, Connection, Params, params};

use crate::{
    Error, ItemLine, Latest, Notice, Place, Row, SourceName, Store,
    connection::{ms, time},
    item::{dispatch_id, item_id, story_id},
    source::source_id,
    wire::wire_state,
};

impl Store {
    /// The newest rows, or those strictly older than `after`.
    pub fn latest(
        &self,
        viewer: Viewer,
        now: Timestamp,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Latest, Error> {
        self.read(viewer, now, |connection| {
            let (at, dispatch) = before(after);
            part(connection, list(connection)?, params![at, dispatch], limit)
        })
    }

    /// The same for what one source carries: its items, not whole dispatches, lead the rows.
    pub fn latest_of_source(
        &self,
        viewer: Viewer,
        now: Timestamp,
        source: &SourceId,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Latest, Error> {
        self.read(viewer, now, |connection| {
            let (at, dispatch) = before(after);
            let sql = format!(
                "{ITEMS}, seen.sort_at FROM seen
                 WHERE seen.source = ?3 AND (seen.sort_at, seen.dispatch) < (?1, ?2)
                 ORDER BY seen.sort_at DESC, seen.dispatch DESC"
            );
            part(
                connection,
                connection.prepare_cached(&sql)?,
                params![at, dispatch, source.as_str()],
                limit,
            )
        })
    }

    /// The rows of these dispatches, in the given order; those that may not be seen are left out.
    pub fn rows(
        &self,
        viewer: Viewer,
        now: Timestamp,
        ids: &[DispatchId],
    ) -> Result<Vec<Row>, Error> {
        self.read(viewer, now, |connection| rows(connection, ids))
    }

    /// Calls `each` for every item that `viewer` may see, oldest on the wire first.
    pub fn each_item(
        &self,
        viewer: Viewer,
        now: Timestamp,
        mut each: impl FnMut(ItemLine),
    ) -> Result<(), Error> {
        self.read(viewer, now, |connection| lines(connection, "seen", &mut each))
    }
}

/// Tells the items of a view, oldest on the wire first.
pub(crate) fn lines(
    connection: &Connection,
    among: &str,
    each: &mut impl FnMut(ItemLine),
) -> Result<(), Error> {
    let sql = format!(
        "SELECT id, address, source_name, iif(seen_as = 2, headline, ''), dispatch, relation, story, versions,
                published, wire_at, guid, seen_as, status = 'withheld', embargoed_until
         FROM {among} ORDER BY wire_at, id"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(line(row, among == "held")?);
    }
    Ok(())
}

fn line(row: &rusqlite::Row<'_>, held: bool) -> Result<ItemLine, Error> {
    let published: Option<String> = row.get(8)?;
    let (seen_as, withheld): (i64, bool) = (row.get(11)?, row.get(12)?);
    let visibility = match (held, withheld, seen_as) {
        (true, true, _) => "withheld",
        (true, false, _) => "embargoed",
        (false, _, 2) => "shown",
        (false, ..) => "notice",
    };
    let until = row.get::<_, Option<i64>>(13)?.filter(|_| visibility == "embargoed");
    Ok(ItemLine {
        id: item_id(row.get(0)?)?,
        address: row.get(1)?,
        source: row.get(2)?,
        headline: row.get(3)?,
        dispatch: dispatch_id(row.get(4)?)?,
        relation: row.get(5)?,
        story: story_id(row.get(6)?)?,
        versions: row.get(7)?,
        published: published.as_deref().and_then(depeche_news::Moment::parse),
        wire_at: time(row.get(9)?),
        guid: row.get(10)?,
        visibility,
        embargoed_until: until.map(time),
    })
}

/// The columns a row is told from.
pub(crate) const ITEMS: &str = "SELECT seen.dispatch, seen.id, seen.story, seen.headline, seen.credit, seen.teaser,
    seen.language, seen.published, seen.source, seen.source_name, seen.section, seen.urgency, seen.corrected_at,
    seen.killed_at, seen.removed_at, seen.removal_reason, seen.seen_as, seen.lead_at,
    seen.relation = 'teaser'";

/// Where a row stands in a list by dispatches; follows [`ITEMS`].
pub(crate) const BY_DISPATCH: &str =
    ", dispatch.sort_at FROM dispatch CROSS JOIN seen ON seen.dispatch = dispatch.id";

/// The list, read along the index of its order: a page costs the same however long the wire is.
fn list(connection: &Connection) -> Result<CachedStatement<'_>, Error> {
    let sql = format!(
        "{ITEMS}{BY_DISPATCH}
         WHERE (dispatch.sort_at, dispatch.id) < (?1, ?2)
         ORDER BY dispatch.sort_at DESC, dispatch.id DESC, seen.lead_at, seen.id"
    );
    Ok(connection.prepare_cached(&sql)?)
}

pub(crate) fn before(after: Option<&Place>) -> (i64, String) {
    after.map_or((i64::MAX, String::new()), |place| (ms(place.at), place.dispatch.to_string()))
}

pub(crate) fn part(
    connection: &Connection,
    mut statement: CachedStatement<'_>,
    params: impl Params,
    limit: usize,
) -> Result<Latest, Error> {
    let mut rows = folded(&mut statement, params, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| Place { at: row.at, dispatch: row.dispatch.clone() });
    Ok(Latest { rows, next, state: wire_state(connection)? })
}

/// Reads items in the order of their dispatches and folds them to rows, `limit` at most.
fn folded(
    statement: &mut CachedStatement<'_>,
    params: impl Params,
    limit: usize,
) -> Result<Vec<Row>, Error> {
    let mut items = statement.query(params)?;
    let mut folded = Vec::new();
    let mut carriers: Vec<Row> = Vec::new();
    while let Some(row) = items.next()? {
        let carrier = carrier(row)?;
        if carriers.first().is_some_and(|first| first.dispatch != carrier.dispatch) {
            folded.extend(fold(std::mem::take(&mut carriers)));
            if folded.len() == limit {
                return Ok(folded);
            }
        }
        carriers.push(carrier);
    }
    folded.extend(fold(carriers));
    Ok(folded)
}

/// Folds the items of one dispatch, which come in the order that they have in it: the first leads, also
/// where only its notice may be shown. (The one that founded the dispatch is merely the first that
/// came in, which at a first poll may be anyone's.)
fn fold(carriers: Vec<Row>) -> Option<Row> {
    let mut carriers = carriers.into_iter();
    let mut lead = carriers.next()?;
    lead.updated_at = None;
    for carrier in carriers {
        if carrier.source == lead.source && carrier.notice.is_none() {
            lead.corrected_at = lead.corrected_at.max(carrier.corrected_at);
            lead.updated_at = lead.updated_at.max(carrier.updated_at);
        }
        lead.copies += 1;
        lead.at = lead.at.min(carrier.at);
        if carrier.source != lead.source && !lead.others.contains(&carrier.source) {
            lead.others.push(carrier.source);
        }
    }
    Some(lead)
}

/// One item as a row of its own, as the statement above gives it.
fn carrier(row: &rusqlite::Row<'_>) -> Result<Row, Error> {
    let notice = notice(row)?;
    let hidden = notice.is_some();
    let at = row.get(19)?;
    let came = time(row.get(17)?);
    // The start of a text is no later edition of it.
    let edition = !hidden && !row.get::<_, bool>(18)?;
    let text = |index| -> Result<String, Error> {
        Ok(if hidden { String::new() } else { row.get(index)? })
    };
    Ok(Row {
        dispatch: dispatch_id(row.get(0)?)?,
        item: item_id(row.get(1)?)?,
        story: story_id(row.get(2)?)?,
        headline: text(3)?,
        credit: if hidden { None } else { row.get(4)? },
        teaser: text(5)?,
        language: row.get(6)?,
        at: time(at),
        day_only: row
            .get::<_, Option<String>>(7)?
            .is_some_and(|day| day_at(&day) == Some(time(at))),
        source: SourceName { id: source_id(row.get(8)?)?, name: row.get(9)? },
        others: Vec::new(),
        copies: 0,
        section: if hidden { None } else { row.get(10)? },
        urgency: row.get::<_, Option<u8>>(11)?.and_then(Urgency::new),
        corrected_at: row.get::<_, Option<i64>>(12)?.map(time),
        updated_at: edition.then_some(came),
        notice,
    })
}

/// When a day starts, if that is all a provider told.
fn day_at(published: &str) -> Option<Timestamp> {
    let moment = depeche_news::Moment::parse(published)?;
    matches!(moment, depeche_news::Moment::Day(_)).then(|| moment.sort_key())
}

/// The notice of an item that may not be shown whole; columns as in [`ITEMS`].
fn notice(row: &rusqlite::Row<'_>) -> Result<Option<Notice>, Error> {
    if row.get::<_, i64>(16)? == 2 {
        return Ok(None);
    }
    let removed: Option<i64> = row.get(14)?;
    Ok(Some(match removed {
        Some(at) => Notice::Removed {
            at: time(at),
            reason: row.get::<_, Option<String>>(15)?.unwrap_or_default(),
        },
        None => Notice::Killed { at: time(row.get::<_, Option<i64>>(13)?.unwrap_or_default()) },
    }))
}

pub(crate) fn rows(connection: &Connection, ids: &[DispatchId]) -> Result<Vec<Row>, Error> {
    let sql = format!("{ITEMS}{BY_DISPATCH} WHERE dispatch.id = ?1 ORDER BY seen.lead_at, seen.id");
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut statement = connection.prepare_cached(&sql)?;
        found.extend(folded(&mut statement, [id.as_str()], 1)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use rusqlite::StatementStatus;

    use super::*;

    /// Adds rows `from..to` to the wire, five to a story.
    fn fill(store: &Store, from: i64, to: i64) {
        let fill = store.write(move |transaction| {
            transaction.execute(
                "INSERT OR IGNORE INTO source (id, address, name, named_by_us, visibility, state, kind, added_at)
                 VALUES (printf('%020x', 1), 'https://a.example/', 'A', 0, 'shared', 'active', 'feed', 0)",
                [],
            )?;
            transaction.execute(
                "WITH RECURSIVE n (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ?2)
                 INSERT INTO item (id, source, versions, digest, status, headline, teaser, wire_at, sort_at, lead_at,
                   backfill, on_wire, page, dispatch, story, relation)
                 SELECT printf('%020x', n), printf('%020x', 1), 1, x'00', 'usable', 'Titre', 'Accroche', n, n, n,
                   0, 1, 'none', printf('%020x', n), printf('%020x', n / 5), 'original' FROM n",
                [from, to],
            )?;
            transaction.execute(
                "INSERT INTO dispatch (id, story, sort_at) SELECT dispatch, story, sort_at FROM item
                 WHERE sort_at >= ?1",
                [from],
            )?;
            Ok(())
        });
        fill.wait().unwrap();
    }

    fn steps(store: &Store) -> i32 {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let counted = store.read(Viewer::Reader, now, |connection| {
            let mut statement = list(connection)?;
            statement.reset_status(StatementStatus::VmStep);
            let rows = folded(&mut statement, params![i64::MAX, ""], 50)?;
            assert_eq!(rows.len(), 50);
            Ok(statement.get_status(StatementStatus::VmStep))
        });
        counted.unwrap()
    }

    #[test]
    fn a_page_costs_the_same_however_long_the_wire_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        fill(&store, 1, 1_000);
        let short = steps(&store);
        fill(&store, 1_000, 20_000);
        let long = steps(&store);
        assert!(long <= short + short / 10, "{long} steps of SQLite, {short} on a short wire");
    }
}
