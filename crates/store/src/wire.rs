//! The wire log, and what those who follow it read.

use std::collections::HashMap;

use depeche_news::{
    Article, Cursor, Desk, DispatchId, Entry, ItemId, Kind, SourceId, SourceVisibility, Subject,
    Urgency, Viewer, jiff::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Error, Store, WireState,
    body::{Identity, decode},
    connection::{last_seq, ms, time, visibility},
    item::{dispatch_id, item_id},
    source::source_id,
};

/// What full text search needs of an item.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The item.
    pub item: ItemId,
    /// The id an imported article line carried.
    pub external: Option<String>,
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its source.
    pub source: SourceId,
    /// Who may see its source.
    pub visibility: SourceVisibility,
    /// The time it is listed at.
    pub at: Timestamp,
    /// What is known of it.
    pub article: Article,
    /// Its urgency.
    pub urgency: Option<Urgency>,
    /// What its agency's desk says of it.
    pub desk: Desk,
}

/// What a live page is told of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Each dispatch once, with its strongest kind, newest last.
    pub told: Vec<(Kind, DispatchId)>,
    /// Dispatches that merged into others and are no more.
    pub gone: Vec<DispatchId>,
    /// The place up to which was looked.
    pub upto: u64,
}

impl Store {
    /// The log after `after`, at most `limit` entries.
    pub fn entries(&self, after: u64, limit: usize) -> Result<Vec<Entry>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, kind, item, dispatch, at FROM wire WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )?;
            let rows = statement.query_map(params![after, limit as i64], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
            rows.map(|row| {
                let (seq, kind, item, dispatch, at) = row?;
                let subject = Subject { item: item_id(item)?, dispatch: dispatch_id(dispatch)? };
                Ok(Entry { seq, kind: known_kind(&kind)?, subject, at: time(at) })
            })
            .collect()
        })
    }

    /// How far the wire is.
    pub fn cursor(&self) -> Result<Cursor, Error> {
        self.read_all(cursor)
    }

    /// What a live page is told: the log after `after` without backfill, at most `limit` entries.
    pub fn live_dispatches(
        &self,
        viewer: Viewer,
        now: Timestamp,
        after: u64,
        limit: usize,
    ) -> Result<Live, Error> {
        self.read(viewer, now, |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT wire.seq, wire.kind, item.dispatch, wire.gone
                 FROM wire JOIN item ON item.id = wire.item JOIN source ON source.id = item.source
                 WHERE wire.seq > ?1 AND NOT wire.backfill AND (?3 OR source.visibility = 'shared')
                 ORDER BY wire.seq LIMIT ?2",
            )?;
            let all = viewer == Viewer::Administrator;
            let mut rows = statement.query(params![after, limit as i64, all])?;
            let mut live = Live { upto: after, ..Live::default() };
            let mut looked = 0;
            while let Some(row) = rows.next()? {
                looked += 1;
                live.upto = row.get(0)?;
                let kind = known_kind(&row.get::<_, String>(1)?)?;
                live.tell(kind, dispatch_id(row.get(2)?)?);
                live.gone.extend(row.get::<_, Option<String>>(3)?.map(dispatch_id).transpose()?);
            }
            if looked < limit {
                live.upto = last_seq(connection)?.max(live.upto);
            }
            Ok(live)
        })
    }

    /// What search indexes of these items; items that nobody may see (or only as a notice) are
    /// not in the answer and belong out of the index.
    pub fn papers(&self, now: Timestamp, ids: &[ItemId]) -> Result<HashMap<ItemId, Paper>, Error> {
        self.read(Viewer::Administrator, now, |connection| {
            let mut papers = HashMap::with_capacity(ids.len());
            for id in ids {
                if let Some(paper) = paper(connection, id)? {
                    papers.insert(id.clone(), paper);
                }
            }
            Ok(papers)
        })
    }
}

impl Live {
    fn tell(&mut self, kind: Kind, dispatch: DispatchId) {
        match self.told.iter_mut().find(|(_, known)| *known == dispatch) {
            Some((known, _)) => *known = stronger(*known, kind),
            None => self.told.push((kind, dispatch)),
        }
    }
}

fn paper(connection: &Connection, id: &ItemId) -> Result<Option<Paper>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT seen.external, seen.dispatch, seen.source, seen.sort_at, source.visibility, version.encoding,
                version.article, seen.guid, seen.address
         FROM seen JOIN source ON source.id = seen.source
         JOIN version ON version.item = seen.id AND version.number = seen.versions
         WHERE seen.id = ?1 AND seen.seen_as = 2 AND seen.on_wire",
    )?;
    let row = statement
        .query_row([id.as_str()], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get::<_, String>(4)?,
                row.get(5)?,
                row.get::<_, Vec<u8>>(6)?,
                (row.get(7)?, row.get(8)?),
            ))
        })
        .optional()?;
    let Some((external, dispatch, source, at, seen_by, encoding, stored, (guid, address))) = row
    else {
        return Ok(None);
    };
    let source = source_id(source)?;
    let identity = Identity { source: source.clone(), guid, address };
    let read = decode(encoding, &stored, identity)?;
    Ok(Some(Paper {
        item: id.clone(),
        external,
        dispatch: dispatch_id(dispatch)?,
        source,
        visibility: visibility(&seen_by),
        at: time(at),
        urgency: read.urgency,
        desk: read.desk,
        article: read.article,
    }))
}

/// Writes one entry; the place comes from the counter, in this transaction.
pub(crate) fn log(
    transaction: &Transaction<'_>,
    kind: Kind,
    item: &ItemId,
    dispatch: &DispatchId,
    backfill: bool,
    at: Timestamp,
) -> Result<(), Error> {
    transaction.prepare_cached("UPDATE counter SET seq = seq + 1")?.execute([])?;
    transaction
        .prepare_cached(
            "INSERT INTO wire (seq, kind, item, dispatch, backfill, at)
             SELECT seq, ?1, ?2, ?3, ?4, ?5 FROM counter",
        )?
        .execute(params![kind.as_str(), item.as_str(), dispatch.as_str(), backfill, ms(at)])?;
    Ok(())
}

/// Notes at the entry just written that its item was the last of a dispatch.
pub(crate) fn log_gone(transaction: &Transaction<'_>, dispatch: &str) -> Result<(), Error> {
    transaction
        .prepare_cached("UPDATE wire SET gone = ?1 WHERE seq = (SELECT seq FROM counter)")?
        .execute([dispatch])?;
    Ok(())
}

pub(crate) fn cursor(connection: &Connection) -> Result<Cursor, Error> {
    Ok(connection.query_row("SELECT epoch, seq FROM counter", [], |row| {
        Ok(Cursor { epoch: row.get(0)?, seq: row.get(1)? })
    })?)
}

pub(crate) fn wire_state(connection: &Connection) -> Result<WireState, Error> {
    let mut statement = connection.prepare_cached("SELECT epoch, seq, outlets FROM counter")?;
    Ok(statement.query_row([], |row| {
        let cursor = Cursor { epoch: row.get(0)?, seq: row.get(1)? };
        Ok(WireState { cursor, outlets: row.get(2)? })
    })?)
}

/// Says that what lists show of sources has changed: a name, who may see one, whether there is any.
pub(crate) fn outlets_moved(transaction: &Transaction<'_>) -> Result<(), Error> {
    transaction.prepare_cached("UPDATE counter SET outlets = outlets + 1")?.execute([])?;
    Ok(())
}

fn known_kind(word: &str) -> Result<Kind, Error> {
    Kind::parse(word).ok_or_else(|| Error::Unreadable(word.to_owned()))
}

/// The kind that a reader has to be told, of two about the same dispatch.
fn stronger(a: Kind, b: Kind) -> Kind {
    let weight = |kind| match kind {
        Kind::Removed => 6,
        Kind::Killed => 5,
        Kind::Published => 4,
        Kind::Released => 3,
        Kind::Corrected => 2,
        Kind::Revised => 1,
        Kind::Regrouped => 0,
    };
    if weight(b) > weight(a) { b } else { a }
}
