//! What changed between two texts: a version and the one before it, a copy and what it is a copy of.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use depeche_news::{Article, ItemId, Signal, slug};
use depeche_store::{Store, TextView};
use depeche_text::{Change, Difference, Stretch, Weight, difference, typeset};
use serde::Deserialize;

use crate::{
    App,
    article::moved,
    dates,
    failure::Failure,
    forms::{fields, query},
    list::{foreign, href},
    page::{Here, Page, Visit, draw, read},
    words::{Language, Words},
};

/// `GET /article/{id}/versions/{number}`: what this version changed.
pub(crate) async fn version(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let id = ItemId::parse(&id).ok_or(Failure::NotFound)?;
    let number: u32 = number.parse().map_err(|_| Failure::NotFound)?;
    let (viewer, now, asked) = (visit.viewer, visit.now, id.clone());
    let found =
        read(&app, move |store| store.version_and_before(viewer, now, &asked, number)).await?;
    let (before, at) = found.ok_or(Failure::NotFound)?;
    // The first there is has changed nothing.
    let Some(before) = before else { return Ok(moved(&address(&at))) };
    let turn = app.comparisons.next().await;
    let drawing = Arc::clone(&app);
    let draw = move |_: &Store| {
        let _turn = turn;
        Ok(comparison(&drawing, &visit, &Compared::of(before, at, true)))
    };
    read(&app, draw).await?
}

/// `GET /article/{id}/comparaison/{other}`: how the text of an item differs from that of another.
pub(crate) async fn items(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((id, other)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let pair = ItemId::parse(&id).zip(ItemId::parse(&other));
    let (id, other) = pair.filter(|(id, other)| id != other).ok_or(Failure::NotFound)?;
    let (viewer, now, asked) = (visit.viewer, visit.now, fields(&visit.query));
    let number = |name| asked.get(name).and_then(|number| number.parse().ok());
    let (ours, theirs): (Option<u32>, Option<u32>) = (number(VERSION), number(BEFORE));
    let latest = |number: Option<u32>| number.unwrap_or(u32::MAX);
    let turn = app.comparisons.next().await;
    let drawing = Arc::clone(&app);
    let draw = move |store: &Store| {
        let _turn = turn;
        let (one, other) = ((&id, latest(ours)), (&other, latest(theirs)));
        let found = store.two_texts(viewer, now, one, other)?;
        let numbered = ours.or(theirs).is_some();
        let compared = found.map(|(text, other)| Compared::of(other, text, numbered));
        Ok(compared.map(|compared| comparison(&drawing, &visit, &compared)))
    };
    read(&app, draw).await?.ok_or(Failure::NotFound)?
}

/// Names which version of the item, and of the one it is held against, where that is not the latest.
const VERSION: &str = "version";
const BEFORE: &str = "avant";

/// The address of the page that holds an item against another, each in a version of it if that is not the latest.
pub(crate) fn items_href(
    (id, ours): (&ItemId, Option<u32>),
    (other, theirs): (&ItemId, Option<u32>),
) -> String {
    let numbers = [(VERSION, ours), (BEFORE, theirs)];
    let numbers = numbers.map(|(name, number)| Some((name, number?.to_string())));
    let asked = query(numbers.iter().flatten().map(|(name, number)| (*name, number.as_str())));
    let mark = if asked.is_empty() { "" } else { "?" };
    format!("/article/{id}/comparaison/{other}{mark}{asked}")
}

/// The address of the page that tells what a version changed.
pub(crate) fn version_href(id: &ItemId, number: u32) -> String {
    format!("/article/{id}/versions/{number}")
}

fn address(text: &TextView) -> String {
    href("article", text.item.as_str(), &slug(&text.article.headline))
}

/// Two texts and how they differ: worked out and drawn where the store is read, for long ones take a tenth of a second.
struct Compared {
    before: TextView,
    after: TextView,
    headline: Difference,
    text: Difference,
    /// Whether it is told which versions they are.
    numbered: bool,
}

impl Compared {
    fn of(before: TextView, after: TextView, numbered: bool) -> Self {
        let headline = difference(&before.article.headline, &after.article.headline);
        let text = difference(&text_of(&before.article), &text_of(&after.article));
        Self { before, after, headline, text, numbered }
    }
}

fn comparison(app: &App, visit: &Visit, compared: &Compared) -> Result<Response, Failure> {
    let Compared { before, after, headline, text, numbered } = compared;
    let w = visit.words();
    let theirs = after.article.language.as_deref();
    let of_versions = before.item == after.item;
    draw(&ComparisonPage {
        page: Page::new(app, visit, Here::Elsewhere),
        w,
        title: typeset(&after.article.headline, theirs).into_owned(),
        language: foreign(theirs, visit.language),
        heading: if of_versions { w.changes } else { w.comparison },
        sides: [Side::of(app, visit, before, *numbered), Side::of(app, visit, after, *numbered)],
        why: why(before, after, w),
        extent: w.words_changed(text.same, text.left, text.added),
        lists: lists(text, w, visit.language),
        headline: (!headline.is_none()).then(|| headline.paragraphs.concat()),
        unchanged: text.is_none() && headline.is_none(),
        paragraphs: &text.paragraphs,
    })
}

/// Standfirst and body, a paragraph a line.
pub(crate) fn text_of(article: &Article) -> String {
    let body = article.text();
    let parts = article.standfirst.iter().map(String::as_str).chain([body.as_str()]);
    parts.collect::<Vec<_>>().join("\n")
}

/// One of the two texts, as the head of the page names it.
struct Side {
    source: String,
    href: String,
    what: String,
    when: String,
    exact: String,
}

impl Side {
    fn of(app: &App, visit: &Visit, text: &TextView, numbered: bool) -> Self {
        let w = visit.words();
        let at = text.received_at.to_zoned_datetime(app.settings.zone.clone());
        let signal = match text.signal {
            Some(Signal::Correction) => w.version_correction,
            Some(Signal::Kill) => w.version_kill,
            Some(Signal::Advisory) => w.version_advisory,
            _ => "",
        };
        let number = if numbered { w.version_number(text.number) } else { String::new() };
        let what: Vec<&str> =
            [number.as_str(), signal].into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            source: text.source.name.clone(),
            href: address(text),
            what: what.join(", "),
            when: dates::day_and_time(visit.language, &at),
            exact: dates::exact(&at),
        }
    }
}

/// What of the verdict's evidence is told to readers.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Evidence {
    ours: Option<f64>,
    /// The share of the earlier text that the later one has, 0 to 1.
    pub(crate) theirs: Option<f64>,
    longest_run: Option<usize>,
    figures_differ: bool,
    same_headline: bool,
    editor: bool,
}

impl Evidence {
    /// What the store keeps of a verdict; nothing where that is of another reading.
    pub(crate) fn of(json: Option<&str>) -> Self {
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }
}

/// Why the later text was taken for what it is to the earlier one, in sentences; nothing where no such verdict was given.
fn why(before: &TextView, after: &TextView, w: &Words) -> Vec<String> {
    if after.related_to.as_ref() != Some(&before.item) {
        return Vec::new();
    }
    let evidence = Evidence::of(after.evidence.as_deref());
    let per_cent = |share: f64| (share.clamp(0.0, 1.0) * 100.0).round() as u32;
    if evidence.editor {
        return vec![w.verdict_editor.to_owned()];
    }
    let mut told = vec![w.verdict(&after.relation).to_owned()];
    if let (Some(ours), Some(theirs)) = (evidence.ours, evidence.theirs) {
        told.push(w.shares(per_cent(ours), per_cent(theirs)));
    }
    told.extend(evidence.longest_run.filter(|run| *run > 0).map(|run| w.longest_run(run)));
    told.extend(evidence.figures_differ.then(|| w.figures_differ.to_owned()));
    told.extend(evidence.same_headline.then(|| w.same_headline.to_owned()));
    told
}

/// What is told apart: its name, and in each line what stood there and what stands there now.
struct List {
    word: &'static str,
    lines: Vec<(String, String)>,
}

fn lists(found: &Difference, w: &Words, language: Language) -> Vec<List> {
    let quoted = |text: &String| match language {
        Language::French => format!("«\u{202f}{text}\u{202f}»"),
        Language::English => format!("“{text}”"),
    };
    let left = |all: &[String], set: &dyn Fn(&String) -> String| {
        all.iter().map(|one| (set(one), String::new())).collect::<Vec<_>>()
    };
    let added = |all: &[String], set: &dyn Fn(&String) -> String| {
        all.iter().map(|one| (String::new(), set(one))).collect::<Vec<_>>()
    };
    let plain: &dyn Fn(&String) -> String = &Clone::clone;
    let names = [left(&found.names_left, plain), added(&found.names_added, plain)].concat();
    let quotations =
        [left(&found.quotations_left, &quoted), added(&found.quotations_added, &quoted)].concat();
    let all = [(w.figures, found.figures.clone()), (w.names, names), (w.quotations, quotations)];
    let all = all.into_iter().filter(|(_, lines)| !lines.is_empty());
    all.map(|(word, lines)| List { word, lines }).collect()
}

/// The class of a changed stretch, by what it is.
fn class(stretch: &Stretch) -> Option<&'static str> {
    match stretch.weight {
        Weight::Plain => None,
        Weight::Figure | Weight::Name => Some("grave"),
        Weight::Quotation => Some("quoted"),
    }
}

#[derive(Template)]
#[template(path = "comparison.html")]
struct ComparisonPage<'a> {
    page: Page,
    w: &'static Words,
    title: String,
    language: Option<String>,
    heading: &'static str,
    sides: [Side; 2],
    why: Vec<String>,
    extent: String,
    lists: Vec<List>,
    headline: Option<Vec<Stretch>>,
    unchanged: bool,
    paragraphs: &'a [Vec<Stretch>],
}
