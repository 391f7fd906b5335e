//! Search: the list's own rows with the best passage under each, and the description by which
//! browsers take us up among their search engines.

use std::{collections::HashSet, ops::Range, sync::Arc};

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use depeche_news::{DispatchId, jiff::ZonedDateTime};
use depeche_search::{Catalogue, Hit, Order, Query, Reader, Scope, passage as best_passage};
use depeche_store::{Error, Store};
use depeche_text::typeset;

use crate::{
    App,
    failure::Failure,
    forms::{Asked, query},
    list::{self, Line, Piece},
    page::{Here, Page, Visit, draw, read},
    words::Words,
};

/// Results of a page; with their passages they fill three screens.
const PAGE_RESULTS: usize = 20;
/// Results one can page to; whoever wants more narrows the query.
const RESULTS_MAX: usize = 1000;
/// Hits looked at so that their dispatches fill a page; the most carried ones have some hundred copies.
const HITS_MAX: usize = 5000;
/// Characters of a query: a long headline pasted whole.
const QUERY_CHARS: usize = 400;
/// Parts of a query told as passed over.
const IGNORED_TOLD: usize = 3;
/// Characters of a passage: three lines under a row.
const PASSAGE_CHARS: usize = 220;

/// `GET /recherche`
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Failure> {
    let w = visit.words();
    let typed: String = asked.get("q").unwrap_or_default().chars().take(QUERY_CHARS).collect();
    let order = match asked.get("ordre") {
        Some("date") => Order::Recency,
        Some("pertinence") => Order::Relevance,
        _ => Order::Mixed,
    };
    let from = asked.get("apres").and_then(|n| n.parse().ok()).unwrap_or(0).min(RESULTS_MAX);
    let mut page = Page::new(&app, &visit, Here::Elsewhere);
    page.query.clone_from(&typed);
    let outcome = if typed.is_empty() {
        Outcome::NotReady
    } else {
        outcome(&app, &visit, &typed, order, from).await?
    };
    let filling = filling(&app, visit.words()).await?;
    let title = if typed.is_empty() { w.search.to_owned() } else { w.found_of(&typed) };
    draw(&SearchPage { page, w, title, filling, outcome })
}

/// Entries that the index is behind before it is told: fewer are the ordinary second of a busy wire.
const ENTRIES_BEHIND: u64 = 1000;

/// How far the index is, where it is being filled.
async fn filling(app: &Arc<App>, w: &'static Words) -> Result<Option<String>, Failure> {
    let Some(reader) = app.search.borrow().clone() else { return Ok(None) };
    let wire = app.changes.borrow().cursor;
    // The place of the index is read from its folder.
    let indexed = read(app, move |_| Ok(reader.cursor())).await?;
    // An index of another life of the store is about to be filled from the start.
    let seq = indexed.filter(|cursor| cursor.epoch == wire.epoch).map_or(0, |cursor| cursor.seq);
    let behind = wire.seq.saturating_sub(seq) > ENTRIES_BEHIND;
    Ok(behind.then(|| w.search_filling(seq * 100 / wire.seq)))
}

async fn outcome(
    app: &Arc<App>,
    visit: &Visit,
    typed: &str,
    order: Order,
    from: usize,
) -> Result<Outcome, Failure> {
    let reader = app.search.borrow().clone();
    let Some(reader) = reader else { return Ok(Outcome::NotReady) };
    let (visit, shared, typed) = (visit.clone(), Arc::clone(app), typed.to_owned());
    read(app, move |store| {
        let sought = named(&shared, &visit, store, Query::parse(&typed))?;
        let wanted = from + PAGE_RESULTS;
        let asked = Scope { order, now: now(&shared, &visit), ..Scope::new(visit.viewer) };
        let (total, hits) = match hits(&reader, &sought, &asked, wanted) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "the index could not be searched");
                return Ok(Outcome::NotReady);
            }
        };
        let ignored = sought.ignored().iter().take(IGNORED_TOLD);
        let ignored = ignored.map(|part| visit.words().passed_over(part)).collect();
        let page = hits.get(from..hits.len().min(wanted)).unwrap_or_default();
        let rows = rows(&shared, &visit, store, &sought, page)?;
        if rows.is_empty() {
            return Ok(Outcome::Nothing { tried: advice(&typed, visit.words()), ignored });
        }
        let more = hits.len() > wanted;
        let mut found = found(&visit, &typed, order, from, more, total, rows);
        found.ignored = ignored;
        Ok(Outcome::Found(found))
    })
    .await
}

/// A query with the names of sources and of what has several spellings looked up.
fn named(app: &App, visit: &Visit, store: &Store, query: Query) -> Result<Query, Error> {
    let sources = match query.names_sources() {
        true => store.sources(visit.viewer, visit.now)?,
        false => Vec::new(),
    };
    let sources: Vec<_> =
        sources.into_iter().map(|source| (source.id, source.name, source.address)).collect();
    let spellings = &app.settings.spellings;
    Ok(query.named(&Catalogue { sources: &sources, spellings }))
}

/// The moment of asking in the zone of the house.
fn now(app: &App, visit: &Visit) -> ZonedDateTime {
    visit.now.to_zoned_datetime(app.settings.zone.clone())
}

/// The best hit of each dispatch, more than `wanted` of them where there are, and the number of
/// articles in all. Copies fold, so that more hits are asked for until there are enough.
fn hits(
    reader: &Reader,
    sought: &Query,
    asked: &Scope<'_>,
    wanted: usize,
) -> Result<(usize, Vec<Hit>), depeche_search::Error> {
    let mut limit = (wanted + 1) * 2;
    loop {
        let scope = Scope { limit, ..asked.clone() };
        let found = reader.search(sought, &scope)?;
        let asked_all = found.hits.len() < limit || limit > HITS_MAX;
        let mut known = HashSet::new();
        let mut best = found.hits;
        best.retain(|hit| known.insert(hit.dispatch.clone()));
        if asked_all || best.len() > wanted {
            return Ok((found.total as usize, best));
        }
        limit *= 4;
    }
}

fn found(
    visit: &Visit,
    typed: &str,
    order: Order,
    from: usize,
    more: bool,
    total: usize,
    rows: Vec<Line>,
) -> Found {
    let w = visit.words();
    let href = |order: Order, from: usize| {
        let start = from.to_string();
        let mut fields = vec![("q", typed)];
        fields.extend(match order {
            Order::Recency => Some(("ordre", "date")),
            Order::Relevance => Some(("ordre", "pertinence")),
            Order::Mixed | Order::Score => None,
        });
        fields.extend((from > 0).then_some(("apres", start.as_str())));
        format!("/recherche?{}", query(fields))
    };
    let choice =
        |choice: Order, word| OrderLink { href: href(choice, 0), word, current: choice == order };
    Found {
        count: w.articles(total),
        ignored: Vec::new(),
        orders: [
            choice(Order::Mixed, w.by_both),
            choice(Order::Relevance, w.by_relevance),
            choice(Order::Recency, w.by_date),
        ],
        previous: (from > 0).then(|| href(order, from.saturating_sub(PAGE_RESULTS))),
        next: more.then(|| href(order, from + PAGE_RESULTS)),
        rows,
    }
}

/// The rows of these hits, each with its passage.
fn rows(
    app: &App,
    visit: &Visit,
    store: &Store,
    sought: &Query,
    hits: &[Hit],
) -> Result<Vec<Line>, Error> {
    let ids: Vec<DispatchId> = hits.iter().map(|hit| hit.dispatch.clone()).collect();
    let mut lines = Vec::with_capacity(ids.len());
    for row in store.rows(visit.viewer, visit.now, &ids)? {
        let mut line = list::line(&row, visit.language, &app.settings.zone);
        line.time = crate::dates::short(visit.language, row.at, visit.now, &app.settings.zone);
        let hit = hits.iter().find(|hit| hit.dispatch == row.dispatch);
        if let (Some(hit), None) = (hit, &row.notice) {
            line.teaser = None;
            line.passage = passage(visit, store, sought, hit)?;
        }
        lines.push(line);
    }
    Ok(lines)
}

fn passage(
    visit: &Visit,
    store: &Store,
    sought: &Query,
    hit: &Hit,
) -> Result<Option<Vec<Piece>>, Error> {
    let Some(view) = store.article(visit.viewer, visit.now, &hit.item)? else { return Ok(None) };
    let mut text = view.article.text();
    if text.is_empty() {
        text = view.article.standfirst.unwrap_or_default();
    }
    let (passage, marks) = best_passage(&text, sought, PASSAGE_CHARS);
    let pieces = pieces(&passage, &marks, view.article.language.as_deref());
    Ok(Some(pieces).filter(|pieces| !pieces.is_empty()))
}

/// Cuts a passage at its marks and sets each piece.
fn pieces(passage: &str, marks: &[Range<usize>], language: Option<&str>) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(marks.len() * 2 + 1);
    let mut push = |range: Range<usize>, marked| {
        let Some(text) = passage.get(range).filter(|text| !text.is_empty()) else { return };
        let mut text = typeset(text, language).into_owned();
        // An elision whose word is marked stands at the end of its piece: «l'|Otan».
        if language == Some("fr") && text.ends_with('\'') {
            text.pop();
            text.push('’');
        }
        pieces.push(Piece { text, marked });
    };
    let mut end = 0;
    for mark in marks {
        push(end..mark.start, false);
        push(mark.clone(), true);
        end = mark.end;
    }
    push(end..passage.len(), false);
    pieces
}

/// What would find something, judged by what was typed.
fn advice(typed: &str, w: &Words) -> Vec<&'static str> {
    let quoted = typed.contains(['"', '«', '“']).then_some(w.nothing_try_quotes);
    let excluded = typed.split_whitespace().any(|word| word.starts_with(['-', '!']));
    let excluded = excluded.then_some(w.nothing_try_without);
    [quoted, excluded, Some(w.nothing_try_other)].into_iter().flatten().collect()
}

/// `GET /opensearch.xml`
pub(crate) async fn description(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let here = format!("http://{}", visit.host);
    let base = app.settings.base_url.as_deref().unwrap_or(&here).trim_end_matches('/').to_owned();
    let drawn = Description { base, w: visit.words() }.render();
    match drawn {
        Ok(xml) => {
            let kind = "application/opensearchdescription+xml; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], xml).into_response()
        }
        Err(_) => Failure::Trouble.into_response(),
    }
}

/// What the search page shows.
enum Outcome {
    NotReady,
    Nothing { tried: Vec<&'static str>, ignored: Vec<String> },
    Found(Found),
}

struct Found {
    count: String,
    ignored: Vec<String>,
    orders: [OrderLink; 3],
    rows: Vec<Line>,
    previous: Option<String>,
    next: Option<String>,
}

struct OrderLink {
    href: String,
    word: &'static str,
    current: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    w: &'static Words,
    title: String,
    filling: Option<String>,
    outcome: Outcome,
}

#[derive(Template)]
#[template(path = "opensearch.xml")]
struct Description {
    base: String,
    w: &'static Words,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_passage_is_cut_at_its_marks() {
        let cut = pieces("L'Otan dit non", &[2..6, 7..10], Some("fr"));
        let shown: Vec<_> = cut.iter().map(|p| (p.text.as_str(), p.marked)).collect();
        assert_eq!(
            shown,
            [("L’", false), ("Otan", true), (" ", false), ("dit", true), (" non", false)]
        );
        // Marks that fit no text are passed over.
        assert_eq!(pieces("é", &[1..9, 3..4], None).len(), 0);
    }

    #[test]
    fn advice_fits_what_was_typed() {
        let w = Language::French.words();
        assert_eq!(advice("otan", w), [w.nothing_try_other]);
        assert_eq!(advice("\"otan\" -paris", w).len(), 3);
    }
}
