//! Grouping: which dispatch and which story an item belongs to, where a row stands in the list, and
//! what becomes of dispatches that merge.

use depeche_news::limits::store::TOLD_DAYS_MAX;
use depeche_news::{ItemId, Kind, jiff::Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    Error, Placed,
    append::Stored,
    connection::ms,
    item::{dispatch_id, item_id},
    window::untold,
    wire::{log, log_gone},
};

/// Puts an item where it belongs now; if that is elsewhere than before, the wire says so and an
/// emptied dispatch leaves a redirect.
pub(crate) fn place(
    transaction: &Transaction<'_>,
    id: &ItemId,
    placed: &Placed,
    before: &Stored,
    backfill: bool,
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
    settle(transaction, id, dispatch, before.dispatch != dispatch)?;
    refresh_dispatch(transaction, dispatch, story)?;
    if (before.dispatch.as_str(), before.story.as_str()) == (dispatch, story) {
        return Ok(());
    }
    let emptied =
        before.dispatch != dispatch && leave_dispatch(transaction, &before.dispatch, dispatch)?;
    if before.story != story {
        leave_story(transaction, &before.story, story)?;
    }
    if before.on_wire {
        log(transaction, Kind::Regrouped, id, &placed.dispatch, backfill, now)?;
        if emptied {
            log_gone(transaction, &before.dispatch)?;
        }
    } else {
        untold(transaction, id)?;
    }
    Ok(())
}

/// Writes the row of the dispatch of a new item. Mostly the item founds it, and then there is
/// nothing else to look at.
pub(crate) fn found(
    transaction: &Transaction<'_>,
    id: &ItemId,
    placed: &Placed,
    sort_at: Timestamp,
) -> Result<(), Error> {
    let (dispatch, story) = (placed.dispatch.as_str(), placed.story.as_str());
    let founded = dispatch == id.as_str()
        && transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO dispatch (id, story, sort_at) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![dispatch, story, ms(sort_at)])?
            == 1;
    if founded {
        return Ok(());
    }
    settle(transaction, id, dispatch, true)?;
    refresh_dispatch(transaction, dispatch, story)
}

/// What an item counts for in the order of its dispatch, and by whom.
struct Standing {
    lead_at: i64,
    sort_at: i64,
    wire_at: i64,
    backfill: bool,
    pushed: bool,
}

impl Standing {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            lead_at: row.get(0)?,
            sort_at: row.get(1)?,
            wire_at: row.get(2)?,
            backfill: row.get(3)?,
            pushed: row.get(4)?,
        })
    }

    /// Whether it may lead a dispatch that `other` leads, by the date it tells: in a first poll whoever was asked
    /// first is anyone, and an agency that pushes is ahead of what is made of it. Both are believed some days.
    fn may_lead(&self, other: &Self) -> bool {
        let is_believed = (self.backfill && other.backfill) || (self.pushed && !other.pushed);
        is_believed && other.lead_at - self.sort_at <= TOLD_MS_MAX
    }
}

/// Gives an item its place among the items of its dispatch that every reader may see. Who came first leads: a copy
/// that comes later and tells an earlier date neither moves the dispatch nor puts its headline over it.
fn settle(
    transaction: &Transaction<'_>,
    id: &ItemId,
    dispatch: &str,
    is_joining: bool,
) -> Result<(), Error> {
    let own = transaction
        .prepare_cached(
            "SELECT lead_at, sort_at, wire_at, backfill, (SELECT kind = 'files' FROM source WHERE source.id = item.source)
             FROM item WHERE id = ?1",
        )?
        .query_row([id.as_str()], Standing::of)?;
    let leader = transaction
        .prepare_cached(
            "SELECT lead_at, sort_at, wire_at, backfill, source.kind = 'files'
             FROM item CROSS JOIN source ON source.id = item.source
             WHERE item.dispatch = ?1 AND item.id <> ?2 AND source.visibility = 'shared' AND item.on_wire
               AND item.removal IS NOT 'expired'
             ORDER BY item.lead_at LIMIT 1",
        )?
        .query_row([dispatch, id.as_str()], Standing::of)
        .optional()?;
    let lead_at = match leader {
        None => own.sort_at,
        Some(_) if !is_joining => return Ok(()),
        Some(leader) if own.sort_at > leader.lead_at || own.may_lead(&leader) => own.sort_at,
        Some(leader) => own.wire_at.max(leader.lead_at + 1),
    };
    if lead_at != own.lead_at {
        transaction
            .prepare_cached("UPDATE item SET lead_at = ?2 WHERE id = ?1")?
            .execute(params![id.as_str(), lead_at])?;
    }
    Ok(())
}

const TOLD_MS_MAX: i64 = TOLD_DAYS_MAX * 24 * 60 * 60 * 1000;

/// Writes the row of a dispatch after its items changed. It is listed by its first item that
/// every reader may see, so that the place of a row betrays neither a private source nor an embargo;
/// one of which all items have expired is not listed. Both are looked up in the order of its items: all of them
/// at each of them would cost a dispatch of ten thousand a hundred million looks.
pub(crate) fn refresh_dispatch(
    transaction: &Transaction<'_>,
    dispatch: &str,
    story: &str,
) -> Result<(), Error> {
    let written = transaction
        .prepare_cached(
            "INSERT INTO dispatch (id, story, sort_at)
             SELECT ?1, ?2, place.at FROM (SELECT coalesce(
               (SELECT item.lead_at FROM item CROSS JOIN source ON source.id = item.source
                WHERE item.dispatch = ?1 AND item.removal IS NOT 'expired' AND item.on_wire
                  AND source.visibility = 'shared' ORDER BY item.lead_at LIMIT 1),
               (SELECT lead_at FROM item WHERE dispatch = ?1 AND removal IS NOT 'expired'
                ORDER BY lead_at LIMIT 1)) AS at) AS place
             WHERE place.at IS NOT NULL
             ON CONFLICT (id) DO UPDATE SET story = excluded.story, sort_at = excluded.sort_at",
        )?
        .execute([dispatch, story])?;
    if written == 0 {
        transaction.prepare_cached("DELETE FROM dispatch WHERE id = ?1")?.execute([dispatch])?;
    }
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
            redirect(transaction, "dispatch", old, new).map(|()| true)
        }
    }
}

fn leave_story(transaction: &Transaction<'_>, old: &str, new: &str) -> Result<(), Error> {
    let left: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM item WHERE story = ?1)",
        [old],
        |row| row.get(0),
    )?;
    if left { Ok(()) } else { redirect(transaction, "story", old, new) }
}

/// A dispatch and the story it founded have the same identity and may go to different places.
fn redirect(transaction: &Transaction<'_>, kind: &str, gone: &str, now: &str) -> Result<(), Error> {
    transaction.execute(
        "INSERT INTO redirect (kind, gone, now) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, gone) DO UPDATE SET now = excluded.now",
        [kind, gone, now],
    )?;
    Ok(())
}

/// Releases the items whose embargo has ended. One that was on the wire before its provider put it
/// under embargo keeps its place there.
pub(crate) fn release(transaction: &Transaction<'_>, now: Timestamp) -> Result<usize, Error> {
    let due: Vec<(String, String, String, String)> = {
        let mut statement = transaction.prepare_cached(
            "SELECT id, dispatch, story, status FROM item WHERE embargoed_until <= ?1",
        )?;
        let rows = statement
            .query_map([ms(now)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    for (id, dispatch, story, status) in &due {
        let usable = status == "usable";
        transaction.execute(
            "UPDATE item SET wire_at = iif(on_wire OR NOT ?3, wire_at, ?2),
               sort_at = iif(on_wire OR NOT ?3, sort_at, embargoed_until),
               lead_at = iif(on_wire OR NOT ?3, lead_at, embargoed_until), on_wire = on_wire OR ?3,
               embargoed_until = NULL
             WHERE id = ?1",
            params![id, ms(now), usable],
        )?;
        refresh_dispatch(transaction, dispatch, story)?;
        transaction.execute(
            "UPDATE version SET shown = 1
             WHERE item = ?1 AND ?2 AND number = (SELECT versions FROM item WHERE id = ?1)",
            params![id, usable],
        )?;
        if usable {
            let (id, dispatch) = (item_id(id.clone())?, dispatch_id(dispatch.clone())?);
            log(transaction, Kind::Released, &id, &dispatch, false, now)?;
        }
    }
    Ok(due.len())
}
