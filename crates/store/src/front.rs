//! «À la une»: the stories that several sources have come to tell in the last hours.

mod rank;

use std::collections::HashMap;

use depeche_news::{
    DispatchId, Viewer, host,
    jiff::{SignedDuration, Timestamp},
};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use crate::{
    Error, FirstItem, Front, FrontStory, SourceName, Standing, Store,
    connection::{ms, time},
    front::rank::{Heard, standing},
    item::{dispatch_id, item_id, story_id},
    latest,
    page::story_line,
    source::source_id,
    wire::wire_state,
};

/// The hours that are looked at: what was heard before them counts nothing any more.
const HOURS: i64 = 24;

/// Items of these hours that are looked at, the latest. A wire of a thousand sources has as many in
/// a day; a faster one is looked at for fewer hours.
const ITEMS_MAX: i64 = 12_000;

/// Stories whose earlier items are looked at too, for each one that is shown.
const TRIED_FOR_EACH: usize = 2;

/// Earlier items of a story that are looked at, the latest: who was heard before is no new voice.
const EARLIER_MAX: i64 = 300;

/// Newest dispatches told of each story.
const ROWS_EACH: usize = 3;

impl Store {
    /// The stories that grow, at most `limit`, as this viewer may see them.
    pub fn front(&self, viewer: Viewer, now: Timestamp, limit: usize) -> Result<Front, Error> {
        self.read(viewer, now, |connection| {
            let stories = ranked(connection, now, limit)?;
            let told = stories.into_iter().map(|ranked| told(connection, ranked));
            let stories: Result<Vec<_>, _> = told.collect();
            let stories = stories?.into_iter().flatten().collect();
            Ok(Front { stories, state: wire_state(connection)? })
        })
    }
}

/// A story and its place.
struct Ranked {
    story: String,
    heard: Vec<Heard>,
    standing: Standing,
}

/// The stories in their order: first by what is in the hours alone, then the best of them by all that
/// is known of them.
fn ranked(connection: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Ranked>, Error> {
    let since = ms(now - SignedDuration::from_hours(HOURS));
    let mut ranked: Vec<Ranked> = lately(connection, since)?
        .into_iter()
        .filter_map(|(story, heard)| placed(story, heard, now))
        .collect();
    in_order(&mut ranked, limit * TRIED_FOR_EACH);
    let mut known = Vec::with_capacity(ranked.len());
    for Ranked { story, mut heard, .. } in ranked {
        heard.extend(earlier(connection, &story, since)?);
        known.extend(placed(story, heard, now));
    }
    in_order(&mut known, limit);
    Ok(known)
}

fn placed(story: String, mut heard: Vec<Heard>, now: Timestamp) -> Option<Ranked> {
    let standing = standing(&mut heard, ms(now))?;
    Some(Ranked { story, heard, standing })
}

fn in_order(ranked: &mut Vec<Ranked>, limit: usize) {
    ranked.sort_by(|a, b| {
        let newer = b.standing.score.total_cmp(&a.standing.score);
        newer.then_with(|| a.story.cmp(&b.story))
    });
    ranked.truncate(limit);
}

/// What was heard since then, by story; read along the index of the list, so that it costs the same
/// however long the wire is and whatever old news is taken in meanwhile.
fn lately(connection: &Connection, since: i64) -> Result<HashMap<String, Vec<Heard>>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT seen.dispatch, seen.source, seen.credit, seen.sort_at, seen.lead_at, seen.address, seen.story
         FROM dispatch CROSS JOIN seen ON seen.dispatch = dispatch.id
         WHERE dispatch.sort_at >= ?1 AND seen.seen_as = 2
         ORDER BY dispatch.sort_at DESC, dispatch.id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![since, ITEMS_MAX])?;
    let mut stories: HashMap<String, Vec<Heard>> = HashMap::new();
    while let Some(row) = rows.next()? {
        stories.entry(row.get(6)?).or_default().push(heard(row)?);
    }
    Ok(stories)
}

/// What was heard of a story before.
fn earlier(connection: &Connection, story: &str, since: i64) -> Result<Vec<Heard>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT dispatch, source, credit, sort_at, lead_at, address FROM seen
         WHERE story = ?1 AND sort_at < ?2 AND seen_as = 2 ORDER BY sort_at DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![story, since, EARLIER_MAX])?;
    let mut earlier = Vec::new();
    while let Some(row) = rows.next()? {
        earlier.push(heard(row)?);
    }
    Ok(earlier)
}

fn heard(row: &SqlRow<'_>) -> Result<Heard, Error> {
    let (dispatch, source, credit) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let address: Option<String> = row.get(5)?;
    let source = address.as_deref().and_then(house).unwrap_or(source);
    Ok(Heard { dispatch, source, credit, at: row.get(3)?, lead_at: row.get(4)? })
}

/// Whose pages an address is of: an outlet has a feed for each of its sections, and tells a thing once.
fn house(address: &str) -> Option<String> {
    let host = host(address)?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned())
}

/// A story with its place as the page tells it.
fn told(connection: &Connection, ranked: Ranked) -> Result<Option<FrontStory>, Error> {
    let Ranked { story, heard, standing } = ranked;
    let story = story_id(story)?;
    let Some(line) = story_line(connection, &story)? else { return Ok(None) };
    let Some(first) = first(connection, story.as_str())? else { return Ok(None) };
    let rows = latest::rows(connection, &newest(&heard)?)?;
    let rows = rows.into_iter().filter(|row| row.notice.is_none()).collect();
    Ok(Some(FrontStory { line, standing, first, rows }))
}

/// The newest dispatches of what was heard, by their earliest items as the list is.
fn newest(heard: &[Heard]) -> Result<Vec<DispatchId>, Error> {
    let mut begun: HashMap<&str, i64> = HashMap::new();
    for item in heard {
        let at = begun.entry(&item.dispatch).or_insert(item.at);
        *at = item.at.min(*at);
    }
    let mut newest: Vec<_> = begun.into_iter().collect();
    newest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.cmp(a.0)));
    let newest = newest.into_iter().take(ROWS_EACH);
    newest.map(|(dispatch, _)| dispatch_id(dispatch.to_owned())).collect()
}

/// The item a story began with.
fn first(connection: &Connection, story: &str) -> Result<Option<FirstItem>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, source_name, sort_at FROM seen
         WHERE story = ?1 AND seen_as = 2 ORDER BY sort_at, id LIMIT 1",
    )?;
    let first = statement.query_row([story], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
    });
    let Some((item, source, name, at)) = first.optional()? else { return Ok(None) };
    let source = SourceName { id: source_id(source)?, name };
    Ok(Some(FirstItem { item: item_id(item)?, source, at: time(at) }))
}
