//! Everything the wire knows of its items, for an export: read in parts, so that a long one neither
//! fills the memory nor holds a snapshot that keeps the log of the database growing.

use depeche_news::{
    DispatchId, Item, ItemId, SourceId, SourceVisibility, StoryId, Viewer, jiff::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    Error, Notice, SourceName, Store, VersionLine,
    connection::{ms, time, visibility},
    item::{dispatch_id, item, item_id, story_id},
    page::{is_stub, versions},
    source::source_id,
};

/// Items read in one snapshot: some megabytes at most.
const AT_ONCE: i64 = 200;

/// A place in the order of arrival: when an item came on the wire, and its row.
type Place = (i64, i64);

/// Which items are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those listed at this time or later.
    pub since: Option<Timestamp>,
    /// Only those listed before this time.
    pub until: Option<Timestamp>,
    /// Only those of this source.
    pub source: Option<SourceId>,
}

/// An item with everything around it.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The item.
    pub id: ItemId,
    /// Where it comes from.
    pub source: SourceName,
    /// The address its source is listened to at.
    pub source_address: String,
    /// Who may see its source.
    pub visibility: SourceVisibility,
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its story.
    pub story: StoryId,
    /// Its relation to the dispatch.
    pub relation: String,
    /// Which item it relates to.
    pub related_to: Option<String>,
    /// The id an imported article line carried.
    pub external: Option<String>,
    /// The time it is listed at.
    pub at: Timestamp,
    /// When it came on the wire.
    pub wire_at: Timestamp,
    /// When its provider corrected it last.
    pub corrected_at: Option<Timestamp>,
    /// Whether only a teaser is known so far.
    pub teaser_only: bool,
    /// Its versions, newest first.
    pub versions: Vec<VersionLine>,
    /// Its latest version, with what was understood of it; nothing where only a notice may be shown.
    pub item: Option<Item>,
    /// Set when only a notice may be shown.
    pub notice: Option<Notice>,
}

impl Store {
    /// Calls `each` for the items that are wanted and that `viewer` may see, first come first, until it
    /// says no. Items that come in meanwhile may be in it or not.
    pub fn each_exported(
        &self,
        viewer: Viewer,
        now: Timestamp,
        wanted: &Wanted,
        mut each: impl FnMut(Exported) -> bool,
    ) -> Result<(), Error> {
        let mut after = (i64::MIN, i64::MIN);
        loop {
            let (mut part, last) =
                self.read(viewer, now, |connection| part(connection, wanted, after))?;
            part.iter_mut().for_each(|exported| for_viewer(exported, viewer));
            let Some(last) = last else { return Ok(()) };
            after = last;
            for exported in part {
                if !each(exported) {
                    return Ok(());
                }
            }
        }
    }

    /// One item for an export, if `viewer` may see it or its notice.
    pub fn exported(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &ItemId,
    ) -> Result<Option<Exported>, Error> {
        let mut exported = self.read(viewer, now, |connection| one(connection, id))?;
        exported.iter_mut().for_each(|exported| for_viewer(exported, viewer));
        Ok(exported)
    }
}

/// Words to editors are not for readers.
fn for_viewer(exported: &mut Exported, viewer: Viewer) {
    if let Some(item) = exported.item.as_mut().filter(|_| viewer != Viewer::Administrator) {
        item.desk = std::mem::take(&mut item.desk).for_readers();
    }
}

/// The next items after a place of the index by arrival, and the place they reach to; no place when
/// there is nothing more.
fn part(
    connection: &Connection,
    wanted: &Wanted,
    after: Place,
) -> Result<(Vec<Exported>, Option<Place>), Error> {
    let mut statement = connection.prepare_cached(
        "SELECT wire_at, rowid, id FROM item
         WHERE (wire_at, rowid) > (?1, ?2) AND sort_at >= ?3 AND sort_at < ?4 AND source = coalesce(?5, source)
         ORDER BY wire_at, rowid LIMIT ?6",
    )?;
    let mut rows = statement.query(params![
        after.0,
        after.1,
        wanted.since.map_or(i64::MIN, ms),
        wanted.until.map_or(i64::MAX, ms),
        wanted.source.as_ref().map(SourceId::as_str),
        AT_ONCE,
    ])?;
    let (mut part, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        last = Some((row.get(0)?, row.get(1)?));
        part.extend(one(connection, &item_id(row.get(2)?)?)?);
    }
    Ok((part, last))
}

fn one(connection: &Connection, id: &ItemId) -> Result<Option<Exported>, Error> {
    let mut statement = connection.prepare_cached(SELECT)?;
    let row = statement.query_row([id.as_str()], |row| Ok(exported(row))).optional()?;
    let Some(mut exported) = row.transpose()? else { return Ok(None) };
    exported.versions = versions(connection, id, exported.notice.is_some(), usize::MAX)?;
    if exported.notice.is_none() {
        exported.item = item(connection, id)?;
        exported.teaser_only |= exported.item.as_ref().is_some_and(|item| is_stub(&item.article));
    }
    Ok(Some(exported))
}

const SELECT: &str = "SELECT seen.id, seen.source, seen.source_name, source.address, source.visibility, seen.dispatch,
    seen.story, seen.relation,
    (SELECT known.id FROM seen AS known WHERE known.id = seen.related_to), seen.external, seen.sort_at, seen.wire_at, seen.corrected_at,
    seen.page, seen.seen_as, seen.killed_at, seen.removed_at, seen.removal_reason
    FROM seen JOIN source ON source.id = seen.source WHERE seen.id = ?1";

fn exported(row: &Row<'_>) -> Result<Exported, Error> {
    let notice = match (row.get::<_, i64>(14)?, row.get::<_, Option<i64>>(16)?) {
        (2, _) => None,
        (_, Some(at)) => Some(Notice::Removed {
            at: time(at),
            reason: row.get::<_, Option<String>>(17)?.unwrap_or_default(),
        }),
        (_, None) => {
            Some(Notice::Killed { at: time(row.get::<_, Option<i64>>(15)?.unwrap_or_default()) })
        }
    };
    Ok(Exported {
        id: item_id(row.get(0)?)?,
        source: SourceName { id: source_id(row.get(1)?)?, name: row.get(2)? },
        source_address: row.get(3)?,
        visibility: visibility(&row.get::<_, String>(4)?),
        dispatch: dispatch_id(row.get(5)?)?,
        story: story_id(row.get(6)?)?,
        relation: row.get(7)?,
        related_to: row.get(8)?,
        external: row.get(9)?,
        at: time(row.get(10)?),
        wire_at: time(row.get(11)?),
        corrected_at: row.get::<_, Option<i64>>(12)?.map(time),
        teaser_only: matches!(row.get::<_, String>(13)?.as_str(), "wanted" | "missing"),
        versions: Vec::new(),
        item: None,
        notice,
    })
}
