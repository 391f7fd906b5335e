//! What agencies hold back for now: under embargo, or withheld until they say otherwise. The desk must know what
//! will appear; readers never see it, and neither does anything that is made for them.

use depeche_news::{ItemId, SourceId, Viewer, jiff::Timestamp};
use rusqlite::{Connection, Row, params};

use crate::{Error, HeldLine, ItemLine, Store, connection::time, item::item_id, latest::lines};

impl Store {
    /// What is held back of a source, what appears first at the top, `limit` at most; nothing for readers.
    pub fn held_of_source(
        &self,
        viewer: Viewer,
        now: Timestamp,
        source: &SourceId,
        limit: usize,
    ) -> Result<Vec<HeldLine>, Error> {
        self.read(viewer, now, |connection| {
            let sql = "SELECT id, headline, language, iif(status = 'withheld', NULL, embargoed_until) AS until
                       FROM held WHERE source = ?1 ORDER BY until NULLS LAST, wire_at, id LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![source.as_str(), limit as i64], |r| Ok(line(r)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// Calls `each` for every item that is held back, the one that came in first at the top; for readers for none.
    pub fn each_held(
        &self,
        viewer: Viewer,
        now: Timestamp,
        mut each: impl FnMut(ItemLine),
    ) -> Result<(), Error> {
        self.read(viewer, now, |connection| lines(connection, "held", &mut each))
    }
}

fn line(row: &Row<'_>) -> Result<HeldLine, Error> {
    Ok(HeldLine {
        item: item_id(row.get(0)?)?,
        headline: row.get(1)?,
        language: row.get(2)?,
        until: row.get::<_, Option<i64>>(3)?.map(time),
    })
}

/// When an item appears that is held back; nothing where only its agency knows.
pub(crate) fn until(connection: &Connection, id: &ItemId) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT iif(status = 'withheld', NULL, embargoed_until) FROM held WHERE id = ?1";
    let until: Option<i64> =
        connection.prepare_cached(sql)?.query_row([id.as_str()], |row| row.get(0))?;
    Ok(until.map(time))
}
