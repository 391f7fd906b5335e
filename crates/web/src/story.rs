//! A story: what can be said of it as a whole, and its dispatches day by day.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use depeche_news::{SourceId, StoryId, jiff::Timestamp, slug};
use depeche_store::{FirstItem, Row, StoryHeadline, StoryView};
use depeche_text::{Heading, fold, story_title, teaser, typeset};

use crate::{
    App,
    article::moved_as_asked,
    dates,
    failure::Failure,
    forms::{Asked, Named, query},
    list::{self, Day, NAME_CHARS, foreign, href},
    page::{Here, Page, Visit, draw, read},
    related::{Related, related},
    words::Words,
};

/// Outlets named; those beyond carry little of the story and are counted with the rest.
const OUTLETS_MAX: usize = 40;

/// `GET /sujet/{id}/{slug}`
pub(crate) async fn story(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<StoryId>,
    asked: Asked,
) -> Result<Response, Failure> {
    let (viewer, now, id) = (visit.viewer, visit.now, named.id.clone());
    let after = asked.get("avant").and_then(list::read_place);
    let continued = after.is_some();
    let view = read(&app, move |store| store.story(viewer, now, &id, after.as_ref())).await?;
    let view = view.ok_or(Failure::NotFound)?;
    let right = story_href(&view.id, &view.headlines);
    if continued && view.rows.is_empty() {
        return Ok(Redirect::to(&right).into_response());
    }
    if view.rows.is_empty() {
        return Err(Failure::NotFound);
    }
    if right != href("sujet", named.id.as_str(), named.slug.as_deref().unwrap_or_default()) {
        return Ok(moved_as_asked(&visit, right));
    }
    let reader = app.search.borrow().clone().filter(|_| !continued);
    let (asked, seen) = (visit.clone(), view.clone());
    let related = read(&app, move |store| match reader {
        Some(reader) => related(store, &reader, &asked, &seen),
        None => Ok(Vec::new()),
    });
    story_page(&app, &visit, view, related.await?, right, continued)
}

/// What a story is called.
pub(crate) fn story_name(headlines: &[StoryHeadline]) -> &str {
    let headings = headlines.iter().map(|told| Heading {
        source: told.source.as_str(),
        headline: &told.headline,
        language: told.language.as_deref(),
    });
    let headings: Vec<Heading<'_>> = headings.collect();
    story_title(&headings).unwrap_or_default()
}

/// The language that a story's name is in, which need not be that of the article it is told beside.
pub(crate) fn story_language<'a>(headlines: &'a [StoryHeadline], name: &str) -> Option<&'a str> {
    headlines.iter().find(|told| told.headline.contains(name))?.language.as_deref()
}

/// The address of a story.
pub(crate) fn story_href(id: &StoryId, headlines: &[StoryHeadline]) -> String {
    href("sujet", id.as_str(), &slug(story_name(headlines)))
}

fn story_page(
    app: &App,
    visit: &Visit,
    view: StoryView,
    related: Vec<Related>,
    top: String,
    continued: bool,
) -> Result<Response, Failure> {
    let (w, zone) = (visit.words(), &app.settings.zone);
    let name = story_name(&view.headlines);
    let theirs = story_language(&view.headlines, name);
    let facts = view.facts;
    let outlets = facts.outlets.iter().take(OUTLETS_MAX).map(|(source, items)| Outlet {
        id: source.id.clone(),
        name: teaser(&source.name, NAME_CHARS),
        count: w.number(*items),
    });
    draw(&StoryPage {
        page: Page::new(app, visit, Here::Elsewhere),
        w,
        headline: typeset(name, theirs).into_owned(),
        language: foreign(theirs, visit.language),
        extent: w.extent(facts.dispatches, facts.items, facts.outlets.len()),
        happened: w.happened(facts.corrected, facts.notices),
        first: facts.first.as_ref().map(|first| First::of(app, visit, first)),
        last: facts.last_at.map(|at| Time::of(app, visit, at)),
        outlets: outlets.collect(),
        terms: ties(&facts.terms, &view.rows),
        related: related.iter().map(|other| Neighbour::of(app, visit, other)).collect(),
        days: list::days(&view.rows, visit.language, zone),
        older: view.next.as_ref().map(list::write_place),
        top,
        continued,
    })
}

/// A time in words and exactly.
struct Time {
    when: String,
    exact: String,
}

impl Time {
    fn of(app: &App, visit: &Visit, at: Timestamp) -> Self {
        let at = at.to_zoned_datetime(app.settings.zone.clone());
        Self { when: dates::day_and_time(visit.language, &at), exact: dates::exact(&at) }
    }
}

/// The item a story began with.
struct First {
    when: String,
    exact: String,
    source: String,
    href: String,
}

impl First {
    fn of(app: &App, visit: &Visit, first: &FirstItem) -> Self {
        let Time { when, exact } = Time::of(app, visit, first.at);
        let href = href("article", first.item.as_str(), "");
        Self { when, exact, source: first.source.name.clone(), href }
    }
}

/// A related story in a line.
struct Neighbour {
    href: String,
    headline: String,
    language: Option<String>,
    day: String,
    /// How much of it there is, and what it has in common.
    about: String,
}

impl Neighbour {
    fn of(app: &App, visit: &Visit, other: &Related) -> Self {
        let (w, row) = (visit.words(), &other.row);
        let name = story_name(&other.line.headlines);
        let language = row.language.as_deref();
        let day = row.at.to_zoned_datetime(app.settings.zone.clone()).date();
        let size = w.dispatches(other.line.dispatches);
        Self {
            href: story_href(&other.line.id, &other.line.headlines),
            headline: typeset(name, language).into_owned(),
            language: foreign(language, visit.language),
            day: dates::day(visit.language, day),
            about: format!("{size} · {}", w.in_common(&other.shared)),
        }
    }
}

/// An outlet and how much of the story it carries.
struct Outlet {
    id: SourceId,
    name: String,
    count: String,
}

/// A word that ties the dispatches of a story, and where else it stands.
struct Tie {
    word: String,
    href: String,
}

/// The words that tie a story, as its dispatches write them. Terms are folded and each stands for
/// all forms of its word: one that no dispatch shows as it is, and a second form of a word that is
/// told already, say nothing to a reader.
fn ties(terms: &[String], rows: &[Row]) -> Vec<Tie> {
    let mut told: Vec<&String> = Vec::new();
    let mut ties = Vec::new();
    for term in terms {
        if is_rest_of_number(term) || told.iter().any(|known| one_word(known, term)) {
            continue;
        }
        let texts = rows.iter().map(|row| &row.headline).chain(rows.iter().map(|row| &row.teaser));
        let Some(word) = as_written(term, texts.map(String::as_str)) else { continue };
        told.push(term);
        if ties.iter().any(|tie: &Tie| tie.word == word) {
            continue;
        }
        let href = format!("/recherche?{}", query([("q", word.as_str())]));
        ties.push(Tie { word, href });
    }
    ties
}

/// Whether a term is what is left of a number that was cut («000» of «12.000»): a year says something, this does not.
fn is_rest_of_number(term: &str) -> bool {
    term.len() < "2026".len() && term.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters in common from which two words are taken for forms of one.
const STEM_CHARS: usize = 5;

/// Whether two folded words are forms of one.
pub(crate) fn one_word(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let shorter = a.chars().count().min(b.chars().count());
    common >= STEM_CHARS && common + 1 >= shorter
}

/// A folded term as a dispatch writes it, rather inside of a headline than at its start, where every
/// word has a capital.
fn as_written<'a>(term: &str, texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut at_start = None;
    for text in texts {
        let compounds = text.split(|c: char| !c.is_alphanumeric() && c != '-');
        for (place, compound) in compounds.filter(|word| !word.is_empty()).enumerate() {
            let Some(word) = compound.split('-').find(|word| fold(word) == term) else { continue };
            let word = if is_name(compound) { compound } else { word };
            if place > 0 {
                return Some(word.to_owned());
            }
            at_start.get_or_insert(word);
        }
    }
    at_start.map(str::to_owned)
}

/// Whether words joined by hyphens are one name: «Saint-Mihiel», «Boulogne-sur-Mer».
fn is_name(compound: &str) -> bool {
    let is_capital = |part: &str| part.starts_with(char::is_uppercase);
    compound.split('-').next().is_some_and(is_capital)
        && compound.rsplit('-').next().is_some_and(is_capital)
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage {
    page: Page,
    w: &'static Words,
    headline: String,
    language: Option<String>,
    extent: String,
    happened: Option<String>,
    first: Option<First>,
    last: Option<Time>,
    outlets: Vec<Outlet>,
    terms: Vec<Tie>,
    related: Vec<Neighbour>,
    days: Vec<Day>,
    older: Option<String>,
    top: String,
    continued: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_told_once() {
        assert!(one_word("batiment", "batiments"));
        assert!(one_word("chauffe", "chauffes"));
        assert!(!one_word("otan", "otage"));
        assert!(!one_word("prefete", "prefecture"));
    }

    #[test]
    fn a_term_is_told_as_it_is_written() {
        let texts = [
            "Crue de la Meuse : vingt-deux engins à Saint-Mihiel",
            "La Meuse en crue à Boulogne-sur-Mer, 12.000 évacués",
        ];
        for (term, expected) in [
            ("saint", Some("Saint-Mihiel")),
            ("mihiel", Some("Saint-Mihiel")),
            ("boulogne", Some("Boulogne-sur-Mer")),
            ("deux", Some("deux")),
            ("crue", Some("crue")),
            ("evacues", Some("évacués")),
            ("ardennes", None),
        ] {
            assert_eq!(as_written(term, texts.into_iter()).as_deref(), expected, "{term}");
        }
        assert!(is_rest_of_number("000"));
        assert!(!is_rest_of_number("2024"));
        assert!(!is_rest_of_number("g7"));
    }
}
