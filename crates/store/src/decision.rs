//! What editors say about what belongs together: it is done at once, remembered, and can be undone.
//!
//! A decision moves items between dispatches and stories as the cluster's own verdicts do, so that every address that
//! was given leads on. Who founded a dispatch or a story keeps its address; the others go on under that of their first.

use depeche_news::{DispatchId, ItemId, StoryId, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::Serialize;

use crate::{
    Error, Placed, Receipt, Remembered, Store,
    append::stored,
    connection::{ms, time},
    grouping::place,
    item::{REMEMBERED, item_id, remembered},
};

/// What an editor says of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// It is no copy: it is a dispatch of its own.
    Apart,
    /// It is a copy of another item. What was held to be copies of it comes along.
    Together,
    /// Its story is that of another item.
    SameStory,
    /// Its dispatch is about something else: it is a story of its own.
    OtherStory,
}

impl DecisionKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apart => "apart",
            Self::Together => "together",
            Self::SameStory => "same_story",
            Self::OtherStory => "other_story",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::Apart, Self::Together, Self::SameStory, Self::OtherStory];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It was done.
    Done {
        /// Its number, by which it can be undone.
        number: i64,
        /// The items that moved.
        moved: Vec<ItemId>,
    },
    /// Nothing changed, for this reason.
    Refused(NotDecided),
}

/// Why a decision changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDecided {
    /// There is no such item, or only a notice of it.
    NoItem(String),
    /// It is already so.
    AlreadySo,
    /// There is no decision of this number, or it was undone before.
    NoDecision,
    /// What it moved was moved again by this later decision, which has to be undone first.
    MovedSince(i64),
    /// What it moved stands elsewhere now, and no decision says why.
    MovedOn,
}

/// A decision as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionLine {
    /// Its number.
    pub number: i64,
    /// What was said.
    pub kind: DecisionKind,
    /// The item spoken of.
    pub item: ItemId,
    /// The item it belongs with.
    pub other: Option<ItemId>,
    /// When.
    pub made_at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// How many items it moved.
    pub moved: usize,
}

/// The evidence of what an editor said.
const BY_EDITOR: &str = r#"{"editor":true}"#;

/// Where an item stands.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    item: String,
    dispatch: String,
    pub(crate) story: String,
    relation: String,
    related_to: Option<String>,
    evidence: Option<String>,
}

impl Position {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            item: row.get(0)?,
            dispatch: row.get(1)?,
            story: row.get(2)?,
            relation: row.get(3)?,
            related_to: row.get(4)?,
            evidence: row.get(5)?,
        })
    }

    fn original(self) -> Self {
        let evidence = Some(BY_EDITOR.to_owned());
        Self { relation: "original".to_owned(), related_to: None, evidence, ..self }
    }
}

/// What is read of where an item stands.
const POSITION: &str = "SELECT id, dispatch, story, relation, related_to, evidence FROM item";

impl Store {
    /// Does what an editor says of an item, and of the other one it belongs with, if it does with one.
    pub fn decide(
        &self,
        kind: DecisionKind,
        item: ItemId,
        other: Option<ItemId>,
        now: Timestamp,
    ) -> Receipt<Decided> {
        self.write(move |transaction| {
            let moves = match moves(transaction, kind, &item, other.as_ref())? {
                Ok(moves) => moves,
                Err(why) => return Ok(Decided::Refused(why)),
            };
            transaction.execute(
                "INSERT INTO decision (kind, item, other, made_at, changed)
                 VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(changed), 0) + 1 FROM decision))",
                params![kind.as_str(), item.as_str(), other.as_ref().map(ItemId::as_str), ms(now)],
            )?;
            let number = transaction.last_insert_rowid();
            for (before, after) in &moves {
                remember(transaction, number, before, after)?;
                put(transaction, after, now)?;
            }
            let moved = moves.into_iter().map(|(before, _)| item_id(before.item));
            Ok(Decided::Done { number, moved: moved.collect::<Result<_, _>>()? })
        })
    }

    /// Gives back what was before a decision.
    pub fn undo_decision(&self, number: i64, now: Timestamp) -> Receipt<Decided> {
        self.write(move |transaction| {
            let moves = match given_back(transaction, number)? {
                Ok(moves) => moves,
                Err(why) => return Ok(Decided::Refused(why)),
            };
            for after in &along(transaction, &moves)? {
                // So that whoever follows decisions is told of it too; it was nowhere else before.
                remember(transaction, number, after, after)?;
                put(transaction, after, now)?;
            }
            for position in &moves {
                put(transaction, position, now)?;
            }
            transaction.execute(
                "UPDATE decision SET undone_at = ?2, changed = (SELECT max(changed) + 1 FROM decision)
                 WHERE number = ?1",
                params![number, ms(now)],
            )?;
            let moved = moves.into_iter().map(|position| item_id(position.item));
            Ok(Decided::Done { number, moved: moved.collect::<Result<_, _>>()? })
        })
    }

    /// All decisions, the latest first.
    pub fn decisions(&self) -> Result<Vec<DecisionLine>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT number, kind, item, other, made_at, undone_at,
                        (SELECT count(*) FROM decision_move WHERE decision = number)
                 FROM decision ORDER BY number DESC",
            )?;
            let rows = statement.query_map([], |row| Ok(line(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// How far decisions have changed.
    pub fn decisions_changed(&self) -> Result<i64, Error> {
        self.read_all(|connection| {
            let sql = "SELECT coalesce(max(changed), 0) FROM decision";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
    }

    /// Where the items stand now that decisions moved which changed after `after`, as the cluster's window is told of them:
    /// those that came on the wire since `since`. Also how far decisions have changed.
    pub fn moved_by_decisions(
        &self,
        after: i64,
        since: Timestamp,
    ) -> Result<(Vec<Remembered>, i64), Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{REMEMBERED} AND wire_at >= ?2 AND id IN
                   (SELECT decision_move.item FROM decision
                    JOIN decision_move ON decision_move.decision = decision.number
                    WHERE decision.changed > ?1)
                 ORDER BY wire_at, id"
            ))?;
            let rows = statement.query_map(params![after, ms(since)], |row| Ok(remembered(row)))?;
            let moved = rows.map(|row| row?).collect::<Result<_, Error>>()?;
            let sql = "SELECT coalesce(max(changed), 0) FROM decision";
            Ok((moved, connection.query_row(sql, [], |row| row.get(0))?))
        })
    }
}

/// Where an item stands that has moved, for the cluster's window; nothing where it has no trace.
pub(crate) fn remembered_item(
    connection: &Connection,
    position: &Position,
) -> Result<Option<Remembered>, Error> {
    let mut statement = connection.prepare_cached(&format!("{REMEMBERED} AND id = ?1"))?;
    let row = statement.query_row([&position.item], |row| Ok(remembered(row)));
    row.optional()?.transpose()
}

fn line(row: &Row<'_>) -> Result<DecisionLine, Error> {
    let kind: String = row.get(1)?;
    let other: Option<String> = row.get(3)?;
    Ok(DecisionLine {
        number: row.get(0)?,
        kind: DecisionKind::parse(&kind).ok_or(Error::Unreadable(kind))?,
        item: item_id(row.get(2)?)?,
        other: other.map(item_id).transpose()?,
        made_at: time(row.get(4)?),
        undone_at: row.get::<_, Option<i64>>(5)?.map(time),
        moved: row.get::<_, i64>(6)? as usize,
    })
}

fn position(connection: &Connection, id: &ItemId) -> Result<Option<Position>, Error> {
    let sql = format!("{POSITION} WHERE id = ?1 AND removed_at IS NULL");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([id.as_str()], Position::of).optional()?)
}

/// All items of a dispatch or a story, by the order in which they lead.
pub(crate) fn members(
    connection: &Connection,
    column: &str,
    id: &str,
) -> Result<Vec<Position>, Error> {
    let sql = format!("{POSITION} WHERE {column} = ?1 ORDER BY lead_at, id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([id], Position::of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which items a decision moves: where each stands, and where it will.
type Moves = Vec<(Position, Position)>;

fn moves(
    connection: &Connection,
    kind: DecisionKind,
    item: &ItemId,
    other: Option<&ItemId>,
) -> Result<Result<Moves, NotDecided>, Error> {
    let Some(own) = position(connection, item)? else {
        return Ok(Err(NotDecided::NoItem(item.to_string())));
    };
    let there = match other {
        Some(other) => match position(connection, other)? {
            Some(there) => Some(there),
            None => return Ok(Err(NotDecided::NoItem(other.to_string()))),
        },
        None => None,
    };
    let moves = match (kind, there) {
        (DecisionKind::Apart, _) => apart(connection, own)?,
        (DecisionKind::OtherStory, _) => other_story(connection, own)?,
        (DecisionKind::Together, Some(there)) => together(connection, own, &there)?,
        (DecisionKind::SameStory, Some(there)) => same_story(connection, own, &there)?,
        (_, None) => Vec::new(),
    };
    Ok(if moves.is_empty() { Err(NotDecided::AlreadySo) } else { Ok(moves) })
}

fn apart(connection: &Connection, own: Position) -> Result<Moves, Error> {
    let all = members(connection, "dispatch", &own.dispatch)?;
    if all.len() < 2 {
        return Ok(Vec::new());
    }
    if own.dispatch != own.item {
        let after = Position { dispatch: own.item.clone(), ..own.clone() }.original();
        return Ok(vec![(own, after)]);
    }
    // The dispatch is called by this item: the others go on under their first.
    let others: Vec<Position> = all.into_iter().filter(|one| one.item != own.item).collect();
    let first = others.first().map(|first| first.item.clone()).unwrap_or_default();
    let moved = others.into_iter().map(|before| {
        let after = Position { dispatch: first.clone(), ..before.clone() };
        let leads = after.item == first;
        let after = if leads { after.original() } else { after };
        (before, after)
    });
    Ok(moved.collect())
}

fn together(connection: &Connection, own: Position, there: &Position) -> Result<Moves, Error> {
    if own.dispatch == there.dispatch {
        return Ok(Vec::new());
    }
    let founds = own.dispatch == own.item;
    let moving = match founds {
        true => members(connection, "dispatch", &own.dispatch)?,
        false => vec![own.clone()],
    };
    let moved = moving.into_iter().map(|before| {
        let (dispatch, story) = (there.dispatch.clone(), there.story.clone());
        let mut after = Position { dispatch, story, ..before.clone() };
        if before.item == own.item {
            after.relation = "copy".to_owned();
            after.related_to = Some(there.item.clone());
            after.evidence = Some(BY_EDITOR.to_owned());
        }
        (before, after)
    });
    Ok(moved.collect())
}

fn same_story(connection: &Connection, own: Position, there: &Position) -> Result<Moves, Error> {
    if own.story == there.story {
        return Ok(Vec::new());
    }
    let all = members(connection, "story", &own.story)?;
    let moved = all.into_iter().map(|before| {
        let after = Position { story: there.story.clone(), ..before.clone() };
        (before, after)
    });
    Ok(moved.collect())
}

fn other_story(connection: &Connection, own: Position) -> Result<Moves, Error> {
    let all = members(connection, "story", &own.story)?;
    let founds = own.dispatch == own.story;
    let (ours, others): (Vec<Position>, Vec<Position>) =
        all.into_iter().partition(|one| one.dispatch == own.dispatch);
    let Some(first) = others.first().map(|first| first.dispatch.clone()) else {
        return Ok(Vec::new());
    };
    // The story is called by this dispatch: the others go on under their first.
    let (moving, story) = if founds { (others, first) } else { (ours, own.dispatch) };
    under(connection, moving, story)
}

/// Brings items under the name of a story. Who stands there, since its founder had left it for another story, makes room:
/// it goes on under the first of its own, so that nothing joins what nobody said it belongs with. No dispatch is in two
/// stories, so this ends.
fn under(
    connection: &Connection,
    mut moving: Vec<Position>,
    mut story: String,
) -> Result<Moves, Error> {
    let mut moved = Moves::new();
    loop {
        let there = members(connection, "story", &story)?;
        moved.extend(moving.into_iter().map(|before| {
            let after = Position { story: story.clone(), ..before.clone() };
            (before, after)
        }));
        let Some(first) = there.first().map(|first| first.dispatch.clone()) else {
            return Ok(moved);
        };
        (moving, story) = (there, first);
    }
}

fn remember(
    transaction: &Transaction<'_>,
    number: i64,
    before: &Position,
    after: &Position,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO decision_move (decision, item, dispatch, story, relation, related_to, evidence, to_dispatch, to_story)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            number,
            before.item,
            before.dispatch,
            before.story,
            before.relation,
            before.related_to,
            before.evidence,
            after.dispatch,
            after.story,
        ])?;
    Ok(())
}

/// Puts an item where it is to stand, and tells the wire.
pub(crate) fn put(
    transaction: &Transaction<'_>,
    position: &Position,
    now: Timestamp,
) -> Result<(), Error> {
    let id = item_id(position.item.clone())?;
    let Some(before) = stored(transaction, &id)? else { return Ok(()) };
    let placed = Placed {
        dispatch: DispatchId::parse(&position.dispatch)
            .ok_or_else(|| Error::Unreadable(position.dispatch.clone()))?,
        story: StoryId::parse(&position.story)
            .ok_or_else(|| Error::Unreadable(position.story.clone()))?,
        relation: position.relation.clone(),
        related_to: None,
        evidence: None,
        trace: None,
    };
    place(transaction, &id, &placed, &before, false, now)?;
    transaction
        .prepare_cached("UPDATE item SET related_to = ?2, evidence = ?3 WHERE id = ?1")?
        .execute(params![position.item, position.related_to, position.evidence])?;
    Ok(())
}

/// Where those go that came since to what a decision had set apart, when its items go back: they came because of these,
/// and the name they stand under goes with its founder.
fn along(connection: &Connection, back: &[Position]) -> Result<Vec<Position>, Error> {
    let mut along: Vec<Position> = Vec::new();
    for there in back {
        let Some(now) = position(connection, &item_id(there.item.clone())?)? else { continue };
        let of_dispatch = now.dispatch == now.item && there.dispatch != now.dispatch;
        let of_story = now.story == now.item && there.story != now.story;
        let came = match (of_dispatch, of_story) {
            (true, _) => members(connection, "dispatch", &now.dispatch)?,
            (false, true) => members(connection, "story", &now.story)?,
            (false, false) => continue,
        };
        let goes_back = |one: &Position| back.iter().any(|position| position.item == one.item);
        along.extend(came.into_iter().filter(|one| !goes_back(one)).map(|one| {
            let dispatch = if of_dispatch { there.dispatch.clone() } else { one.dispatch.clone() };
            Position { dispatch, story: there.story.clone(), ..one }
        }));
    }
    Ok(along)
}

/// Where the items of a decision stood before it, if they still stand where it put them.
fn given_back(
    connection: &Connection,
    number: i64,
) -> Result<Result<Vec<Position>, NotDecided>, Error> {
    let known: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM decision WHERE number = ?1 AND undone_at IS NULL)",
        [number],
        |row| row.get(0),
    )?;
    if !known {
        return Ok(Err(NotDecided::NoDecision));
    }
    let later: Option<i64> = connection.query_row(
        "SELECT max(later.decision) FROM decision_move AS ours
         JOIN decision_move AS later ON later.item = ours.item AND later.decision > ours.decision
         JOIN decision ON decision.number = later.decision AND decision.undone_at IS NULL
         WHERE ours.decision = ?1",
        [number],
        |row| row.get(0),
    )?;
    if let Some(later) = later {
        return Ok(Err(NotDecided::MovedSince(later)));
    }
    let mut statement = connection.prepare_cached(
        "SELECT moved.item, moved.dispatch, moved.story, moved.relation, moved.related_to, moved.evidence,
                item.dispatch = moved.to_dispatch AND item.story = moved.to_story
         FROM decision_move AS moved JOIN item ON item.id = moved.item
         WHERE moved.decision = ?1 ORDER BY item.lead_at, item.id",
    )?;
    let rows = statement
        .query_map([number], |row| Ok((Position::of(row)?, row.get::<_, bool>(6)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    if rows.iter().any(|(_, stands)| !stands) {
        return Ok(Err(NotDecided::MovedOn));
    }
    Ok(Ok(rows.into_iter().map(|(position, _)| position).collect()))
}
