//! Repair of stories: what was placed lately is looked at again, and what is said to be mended is.

use depeche_news::{DispatchId, StoryId, jiff::Timestamp};
use rusqlite::{Connection, params};

use crate::{
    Error, Receipt, Remembered, Store,
    connection::{ms, time},
    decision::{Position, members, put, remembered_item},
    item::{dispatch_id, story_id},
};

/// A dispatch as repair looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentDispatch {
    /// Its identity.
    pub dispatch: DispatchId,
    /// The story it belongs to.
    pub story: StoryId,
    /// The trace of the item that founded it.
    pub trace: Vec<u8>,
}

/// What is to be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoryMend {
    /// All dispatches of a story go to another one, to which its address leads on.
    Merge {
        /// The story that ends.
        story: StoryId,
        /// The one that goes on.
        into: StoryId,
    },
    /// Dispatches leave their story for one that the first of them founds.
    Split {
        /// The dispatches, in the order they came.
        dispatches: Vec<DispatchId>,
    },
}

impl Store {
    /// The dispatches founded since `since`, in the order they came, the latest `limit` at most; none of a story in which
    /// something stands by an editor's word.
    pub fn recent_dispatches(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<RecentDispatch>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT dispatch, story, trace FROM item
                 WHERE wire_at >= ?1 AND id = dispatch AND length(trace) > 0 AND removed_at IS NULL
                   AND story NOT IN (SELECT moved.story FROM decision
                                     JOIN decision_move ON decision_move.decision = decision.number
                                     JOIN item AS moved ON moved.id = decision_move.item
                                     WHERE decision.undone_at IS NULL)
                 ORDER BY wire_at DESC, id DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![ms(since), limit as i64], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            let recent = rows.map(|row| {
                let (dispatch, story, trace) = row?;
                Ok(RecentDispatch {
                    dispatch: dispatch_id(dispatch)?,
                    story: story_id(story)?,
                    trace,
                })
            });
            let mut recent = recent.collect::<Result<Vec<_>, Error>>()?;
            recent.reverse();
            Ok(recent)
        })
    }

    /// When the last item came on the wire.
    pub fn last_on_wire(&self) -> Result<Option<Timestamp>, Error> {
        self.read_all(|connection| {
            let last: Option<i64> =
                connection.query_row("SELECT max(wire_at) FROM item", [], |row| row.get(0))?;
            Ok(last.map(time))
        })
    }

    /// Mends stories; gives where the items stand now that moved and have a trace.
    pub fn mend_stories(&self, mends: Vec<StoryMend>, now: Timestamp) -> Receipt<Vec<Remembered>> {
        self.write(move |transaction| {
            let mut moved = Vec::new();
            for mend in &mends {
                for (members, story) in moving(transaction, mend)? {
                    for mut position in members {
                        story.as_str().clone_into(&mut position.story);
                        put(transaction, &position, now)?;
                        moved.extend(remembered_item(transaction, &position)?);
                    }
                }
            }
            Ok(moved)
        })
    }
}

/// The items that a mend moves, and the story they go to.
fn moving(
    connection: &Connection,
    mend: &StoryMend,
) -> Result<Vec<(Vec<Position>, StoryId)>, Error> {
    match mend {
        StoryMend::Merge { story, into } => {
            Ok(vec![(members(connection, "story", story.as_str())?, into.clone())])
        }
        StoryMend::Split { dispatches } => {
            let Some(first) = dispatches.first() else { return Ok(Vec::new()) };
            let all = dispatches.iter().map(|dispatch| {
                Ok((members(connection, "dispatch", dispatch.as_str())?, StoryId::from(first)))
            });
            all.collect()
        }
    }
}
