//! Finds: the best hit of each dispatch or of each story, and all that is told beside them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use depeche_news::{DispatchId, StoryId};
use depeche_search::{Hit, Hits, Order, Query, Reader, Scope};
use depeche_store::Error;

use super::{
    Asking, Nothing, Outcome,
    asked::Sought,
    days::{Chart, chart, range},
    logged,
    narrow::{Chip, Facet, chips, facets},
    remarks::{Remark, corrected, remarks, suggestions},
    rows::rows,
    searched,
};
use crate::{App, failure::Failure, list::Line, page::Visit};

/// Results of a page; with their passages they fill three screens.
const PAGE_RESULTS: usize = 20;
/// Hits looked at so that their dispatches fill a page; the most carried ones have some hundred copies, and the index gives
/// no more.
const HITS_MAX: usize = 2_000;

/// Results and what is told beside them.
pub(super) struct Found {
    pub(super) count: String,
    pub(super) chips: Vec<Chip>,
    pub(super) remarks: Vec<Remark>,
    pub(super) orders: [Choice; 3],
    pub(super) fold: Choice,
    pub(super) facets: Vec<Facet>,
    pub(super) chart: Option<Chart>,
    pub(super) dates: Dates,
    pub(super) rows: Vec<Line>,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) feeds: [Choice; 4],
}

/// A way to have the results.
pub(super) struct Choice {
    pub(super) href: String,
    pub(super) word: &'static str,
    pub(super) current: bool,
}

/// The form of dates.
pub(super) struct Dates {
    pub(super) typed: String,
    pub(super) kept: Vec<(&'static str, &'static str)>,
    pub(super) from: String,
    pub(super) until: String,
}

/// What is found; `typing` where the last word may not be whole.
pub(super) async fn outcome(
    app: &Arc<App>,
    visit: &Visit,
    sought: &Sought,
    typing: bool,
) -> Result<Outcome, Failure> {
    let sought = sought.clone();
    let found = searched(app, visit, move |asking| {
        let query = match typing {
            true => Query::typing(&sought.typed),
            false => Query::parse(&sought.typed),
        };
        find(asking, &sought, query)
    });
    Ok(found.await?.unwrap_or(Outcome::NotReady))
}

/// What is found; nothing to tell where the index cannot be read.
fn find(asking: &Asking<'_>, sought: &Sought, query: Query) -> Result<Option<Outcome>, Error> {
    let w = asking.visit.words();
    let sources = asking.sources()?;
    let query = asking.named(query, &sources);
    let wanted = sought.from + PAGE_RESULTS;
    let order = sought.order;
    let scope =
        Scope { order, counted: true, now: asking.now(), ..Scope::new(asking.visit.viewer) };
    if query.is_empty() && query.ignored().is_empty() {
        let told = w.only_common_words.to_owned();
        return Ok(Some(Outcome::Nothing(Nothing::told(told))));
    }
    let ranked = match sought.by_story {
        true => best_of_stories(asking, &query, &scope, wanted)?,
        false => logged(best_of_dispatches(asking.reader, &query, &scope, wanted)),
    };
    let Some(Best { hits, best, all }) = ranked else { return Ok(None) };
    if sought.from >= best.len() && !best.is_empty() {
        // Beyond the last page there is the last page.
        let from = (best.len() - 1) / PAGE_RESULTS * PAGE_RESULTS;
        return find(asking, &Sought { from, ..sought.clone() }, query);
    }
    let shown = best.get(sought.from..best.len().min(wanted)).unwrap_or_default();
    let marked = match hits.meant.as_slice() {
        [] => query.clone(),
        meant => asking.named(Query::parse(&corrected(&sought.typed, meant)), &sources),
    };
    let mut rows = rows(asking, &marked, shown, sought.by_story)?;
    if order == Order::Recency && hits.whole == hits.total {
        // A dispatch is found by its latest copy, and its row tells its own time.
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    }
    let (chips, remarks) = (chips(sought, w), remarks(&hits, &query, sought, &rows, w));
    if rows.is_empty() {
        let tried = suggestions(sought, w);
        let told = w.nothing_found(&sought.typed);
        return Ok(Some(Outcome::Nothing(Nothing { told, chips, remarks, tried })));
    }
    let counted = hits.facets.unwrap_or_default();
    let (from, until) = range(&sought.typed);
    let to = |from| Sought { from, ..sought.clone() }.href();
    let feed = |form: &str, word| Choice { href: sought.feed(form), word, current: false };
    Ok(Some(Outcome::Found(Box::new(Found {
        count: match all && best.len() < hits.total as usize {
            true => w.articles_in(hits.total as usize, best.len(), sought.by_story),
            false => w.articles(hits.total as usize),
        },
        chips,
        remarks,
        orders: orders(sought, w),
        fold: Choice {
            href: Sought { by_story: !sought.by_story, from: 0, ..sought.clone() }.href(),
            word: if sought.by_story { w.unfold_stories } else { w.fold_stories },
            current: false,
        },
        facets: facets(&counted, &sources, sought, w),
        chart: chart(&counted.days, sought, w),
        dates: Dates { typed: sought.typed.clone(), kept: sought.kept(), from, until },
        rows,
        previous: (sought.from > 0).then(|| to(sought.from.saturating_sub(PAGE_RESULTS))),
        next: (best.len() > wanted).then(|| to(sought.from + PAGE_RESULTS)),
        feeds: [feed("atom", "Atom"), feed("rss", "RSS"), feed("json", "JSON"), feed("csv", "CSV")],
    }))))
}

fn orders(sought: &Sought, w: &crate::words::Words) -> [Choice; 3] {
    let choice = |order, word| Choice {
        href: Sought { order, from: 0, ..sought.clone() }.href(),
        word,
        current: order == sought.order,
    };
    [
        choice(Order::Mixed, w.by_both),
        choice(Order::Relevance, w.by_relevance),
        choice(Order::Recency, w.by_date),
    ]
}

/// What was found, the best of each row.
pub(super) struct Best {
    /// The answer of the index to the first question, without the hits.
    pub(super) hits: Hits,
    pub(super) best: Vec<Hit>,
    /// Whether these are all there are.
    pub(super) all: bool,
}

impl Best {
    /// Keeps of each dispatch the first hit.
    fn of(mut hits: Hits) -> Self {
        let all = hits.total == hits.hits.len() as u64;
        let mut best = std::mem::take(&mut hits.hits);
        let mut known = HashSet::new();
        best.retain(|hit| known.insert(hit.dispatch.clone()));
        Self { hits, best, all }
    }
}

/// The best hit of each dispatch, more than `wanted` of them where there are. Copies fold: where a few hits are not enough,
/// all are asked for that are ever looked at, since each question costs the whole search.
pub(super) fn best_of_dispatches(
    reader: &Reader,
    query: &Query,
    asked: &Scope<'_>,
    wanted: usize,
) -> Result<Best, depeche_search::Error> {
    let limit = (wanted + 1) * 2;
    let mut found = Best::of(reader.search(query, &Scope { limit, ..asked.clone() })?);
    if !found.all && found.best.len() <= wanted {
        let scope = Scope { limit: HITS_MAX, counted: false, ..asked.clone() };
        let Best { best, all, .. } = Best::of(reader.search(query, &scope)?);
        found = Best { best, all, ..found };
    }
    Ok(found)
}

/// The same for stories: of each the best hit. `None` where the index cannot be read.
fn best_of_stories(
    asking: &Asking<'_>,
    query: &Query,
    asked: &Scope<'_>,
    wanted: usize,
) -> Result<Option<Best>, Error> {
    let dispatches =
        |asked: &Scope<'_>, wanted| logged(best_of_dispatches(asking.reader, query, asked, wanted));
    let Some(mut found) = dispatches(asked, wanted * 2) else { return Ok(None) };
    fold_stories(asking, &mut found.best)?;
    if !found.all && found.best.len() <= wanted {
        let scope = Scope { counted: false, ..asked.clone() };
        let Some(Best { best, all, .. }) = dispatches(&scope, HITS_MAX) else { return Ok(None) };
        found = Best { best, all, ..found };
        fold_stories(asking, &mut found.best)?;
    }
    Ok(Some(found))
}

/// Keeps of each story the first hit.
fn fold_stories(asking: &Asking<'_>, best: &mut Vec<Hit>) -> Result<(), Error> {
    let ids: Vec<DispatchId> = best.iter().map(|hit| hit.dispatch.clone()).collect();
    let rows = asking.store.rows(asking.visit.viewer, asking.visit.now, &ids)?;
    let stories: HashMap<DispatchId, StoryId> =
        rows.into_iter().map(|row| (row.dispatch, row.story)).collect();
    let mut known = HashSet::new();
    best.retain(|hit| stories.get(&hit.dispatch).is_some_and(|id| known.insert(id.clone())));
    Ok(())
}
