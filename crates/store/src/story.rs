//! What a story page reads.

use std::collections::{HashMap, HashSet};

use depeche_news::{ItemId, StoryId, Viewer, jiff::Timestamp};
use rusqlite::{Connection, Row as SqlRow, params};
use serde::Deserialize;

use crate::{
    Error, FirstItem, Place, SourceName, Store, StoryFacts, StoryHeadline, StoryLine, StoryView,
    connection::time,
    item::{item_id, story_id},
    latest::{BY_DISPATCH, ITEMS, before, part},
    page::{followed, story_line},
    source::source_id,
};

/// Dispatches of one page of a story: a day of the largest event, 40 kB on the wire.
const ROWS_A_PAGE: usize = 300;

/// Items whose evidence is read for the story's terms: the words of the first are those of all.
const EVIDENCE_ITEMS_MAX: usize = 200;

/// Headlines told of a story, the earliest: what an event is called stands within its first hours.
const HEADLINES_MAX: i64 = 192;

/// Terms told of a story: more is a word cloud.
const TERMS_MAX: usize = 8;

impl Store {
    /// A story page, from the start or strictly older than `after`; its id differs from the asked
    /// one where the story was merged into another.
    pub fn story(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &StoryId,
        after: Option<&Place>,
    ) -> Result<Option<StoryView>, Error> {
        self.read(viewer, now, |connection| story(connection, id, after))
    }

    /// These stories as other pages name them; those that may not be seen are left out.
    pub fn story_lines(
        &self,
        viewer: Viewer,
        now: Timestamp,
        ids: &[StoryId],
    ) -> Result<Vec<StoryLine>, Error> {
        self.read(viewer, now, |connection| {
            let lines = ids.iter().map(|id| story_line(connection, id));
            Ok(lines.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }
}

fn story(
    connection: &Connection,
    id: &StoryId,
    after: Option<&Place>,
) -> Result<Option<StoryView>, Error> {
    let id = story_id(followed(connection, id.as_str(), "story")?)?;
    let headlines = headlines(connection, &id)?;
    if headlines.is_empty() {
        return Ok(None);
    }
    let facts = facts(connection, &id)?;
    let (at, dispatch) = before(after);
    let sql = format!(
        "{ITEMS}{BY_DISPATCH}
         WHERE dispatch.id IN (SELECT dispatch FROM item WHERE item.story = ?3) AND dispatch.story = ?3
           AND (dispatch.sort_at, dispatch.id) < (?1, ?2)
         ORDER BY dispatch.sort_at DESC, dispatch.id DESC, seen.lead_at, seen.id"
    );
    let statement = connection.prepare_cached(&sql)?;
    let found = part(connection, statement, params![at, dispatch, id.as_str()], ROWS_A_PAGE)?;
    Ok(Some(StoryView { id, headlines, facts, rows: found.rows, next: found.next }))
}

/// The headlines a story can be named by, in the order they were listed in.
pub(crate) fn headlines(
    connection: &Connection,
    id: &StoryId,
) -> Result<Vec<StoryHeadline>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT source, headline, language FROM seen
         WHERE story = ?1 AND seen_as = 2 AND headline <> '' ORDER BY sort_at, id LIMIT ?2",
    )?;
    let headlines = statement.query_map(params![id.as_str(), HEADLINES_MAX], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    })?;
    let told = |row: rusqlite::Result<(String, String, Option<String>)>| {
        let (source, headline, language) = row?;
        Ok(StoryHeadline { source: source_id(source)?, headline, language })
    };
    headlines.map(told).collect()
}

/// Looks at each item of the story once, the earliest first.
fn facts(connection: &Connection, id: &StoryId) -> Result<StoryFacts, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, source_name, sort_at, dispatch, seen_as, corrected_at IS NOT NULL, evidence
         FROM seen WHERE story = ?1 ORDER BY sort_at, id",
    )?;
    let mut rows = statement.query([id.as_str()])?;
    let mut told = Telling::default();
    while let Some(row) = rows.next()? {
        told.take(row)?;
    }
    Ok(told.facts())
}

/// What is gathered while the items of a story go by.
#[derive(Default)]
struct Telling {
    facts: StoryFacts,
    dispatches: HashSet<String>,
    outlets: HashMap<SourceName, usize>,
    /// How many items are tied by a term, and the best place it has among an item's terms.
    terms: HashMap<String, (usize, usize)>,
}

impl Telling {
    fn take(&mut self, row: &SqlRow<'_>) -> Result<(), Error> {
        let item: ItemId = item_id(row.get(0)?)?;
        let source = SourceName { id: source_id(row.get(1)?)?, name: row.get(2)? };
        let at = time(row.get(3)?);
        let shown = row.get::<_, i64>(5)? == 2;
        self.facts.items += 1;
        self.facts.corrected += usize::from(shown && row.get(6)?);
        self.facts.notices += usize::from(!shown);
        self.facts.last_at = Some(at);
        self.facts.first.get_or_insert_with(|| FirstItem { item, source: source.clone(), at });
        self.dispatches.insert(row.get(4)?);
        *self.outlets.entry(source).or_default() += 1;
        if shown && self.facts.items <= EVIDENCE_ITEMS_MAX {
            self.tied_by(row.get::<_, Option<String>>(7)?.as_deref());
        }
        Ok(())
    }

    fn tied_by(&mut self, evidence: Option<&str>) {
        // Evidence of another reading than ours says nothing here; it is no failure.
        let evidence = evidence.and_then(|json| serde_json::from_str::<Evidence>(json).ok());
        for (place, term) in evidence.unwrap_or_default().story_terms.into_iter().enumerate() {
            let (items, best) = self.terms.entry(term).or_insert((0, place));
            *items += 1;
            *best = place.min(*best);
        }
    }

    fn facts(self) -> StoryFacts {
        let mut terms: Vec<_> = self.terms.into_iter().collect();
        terms.sort_by(|(a, (a_items, a_place)), (b, (b_items, b_place))| {
            b_items.cmp(a_items).then(a_place.cmp(b_place)).then_with(|| a.cmp(b))
        });
        let mut outlets: Vec<_> = self.outlets.into_iter().collect();
        outlets.sort_by(|(a, a_items), (b, b_items)| {
            b_items.cmp(a_items).then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id))
        });
        StoryFacts {
            dispatches: self.dispatches.len(),
            outlets,
            terms: terms.into_iter().take(TERMS_MAX).map(|(term, _)| term).collect(),
            ..self.facts
        }
    }
}

/// What of a comparison ties an item to its story.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Evidence {
    story_terms: Vec<String>,
}
