//! The sources and how each does.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use depeche_news::{SourceId, SourceVisibility, is_web};
use depeche_store::{SourceKind, SourceState, SourceView};

use crate::{
    App, Starter, dates,
    failure::Failure,
    forms::Asked,
    health::health,
    page::{Here, Page, Visit, draw, read},
    words::Words,
};

/// Sources from which on a list can be narrowed: about what is seen without scrolling twice.
const FILTERED_FROM: usize = 20;

/// What the forms that add a source hold when they are shown again, and what is wrong with it.
#[derive(Default)]
pub(crate) struct AddForm {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) bad_address: bool,
    pub(crate) pushed_name: String,
    pub(crate) pushed_private: bool,
    pub(crate) bad_pushed_name: bool,
}

/// `GET /sources`
pub(crate) async fn all(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Failure> {
    page(&app, &visit, &asked, AddForm::default()).await
}

/// The page again, with what was sent and what is wrong with it.
pub(crate) async fn again(
    app: &Arc<App>,
    visit: &Visit,
    add: AddForm,
) -> Result<Response, Failure> {
    let page = page(app, visit, &Asked::default(), add).await?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}

async fn page(
    app: &Arc<App>,
    visit: &Visit,
    asked: &Asked,
    add: AddForm,
) -> Result<Response, Failure> {
    let (viewer, now) = (visit.viewer, visit.now);
    let mut views = read(app, move |store| store.sources(viewer, now)).await?;
    // Those that need somebody first, then by name.
    let fine = |view: &SourceView| view.failure.is_none() && view.notices.is_empty();
    views.sort_by_cached_key(|view| (fine(view), depeche_text::fold(&view.name)));
    let starters = starter_sets(&not_yet(app.settings.starter_sources, &views), visit.words());
    let (total, filterable) = (views.len(), views.len() > FILTERED_FROM);
    let named = |key| asked.all(key).filter(|_| visit.administers()).collect::<Vec<&str>>();
    let (added, known) = (named("ajoutee"), named("connue"));
    let said = [
        said(&views, &added, |names| visit.words().sources_added(names)),
        said(&views, &known, |names| visit.words().sources_known(names)),
    ];
    let filter = asked.get("filtre").filter(|_| filterable).unwrap_or_default().to_owned();
    let wanted = depeche_text::fold(&filter);
    views.retain(|view| {
        let shown = format!("{} {}", view.name, shown_address(visit, &view.address));
        depeche_text::fold(&shown).contains(&wanted)
    });
    let marked = |view: &SourceView| SourceLine {
        fresh: added.contains(&view.id.as_str()),
        ..line(app, visit, view)
    };
    draw(&SourcesPage {
        page: Page::new(app, visit, Here::Sources),
        w: visit.words(),
        total,
        filterable,
        filter,
        said: said.into_iter().flatten().collect(),
        sources: views.iter().map(marked).collect(),
        starters,
        add,
    })
}

/// What came of the click that led here.
struct Said {
    sentence: String,
    /// Where the row of the first of them is.
    row: String,
}

/// A sentence on the sources of these identities, if there are any.
fn said(
    views: &[SourceView],
    ids: &[&str],
    sentence: impl Fn(&[String]) -> String,
) -> Option<Said> {
    let names = views.iter().filter(|view| ids.contains(&view.id.as_str()));
    let names: Vec<String> = names.map(|view| view.name.clone()).collect();
    let row = ids.first().map(|id| format!("#source-{id}"))?;
    (!names.is_empty()).then(|| Said { sentence: sentence(&names), row })
}

/// A source as the pages name it.
pub(crate) struct SourceLine {
    pub(crate) id: SourceId,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) count: String,
    pub(crate) health: String,
    pub(crate) down: bool,
    /// The collector's own words on a failure; for whoever has to mend it.
    pub(crate) detail: Option<String>,
    pub(crate) private: bool,
    pub(crate) paused: bool,
    pub(crate) polled: bool,
    pub(crate) pausable: bool,
    /// It waits to be asked for the first time.
    pub(crate) unasked: bool,
    /// It was added by the click that led here.
    pub(crate) fresh: bool,
}

/// An address as it is shown. Readers see those of the web, without the query, which may hold a key; where a
/// folder of this machine lies, and whose mail was taken in, is nothing for them.
fn shown_address(visit: &Visit, address: &str) -> String {
    if visit.administers() {
        return address.to_owned();
    }
    let shown = address.split(['?', '#']).next().unwrap_or_default();
    if is_web(shown) { shown.to_owned() } else { String::new() }
}

/// Where a source was before it moved, as far as that is shown.
fn moved_told(app: &App, visit: &Visit, view: &SourceView) -> String {
    let Some(former) = &view.moved else { return String::new() };
    let address = shown_address(visit, &former.address);
    let left = dates::short(visit.language, former.left_at, visit.now, &app.settings.zone);
    if address.is_empty() { address } else { visit.words().moved(&address, &left) }
}

pub(crate) fn line(app: &App, visit: &Visit, view: &SourceView) -> SourceLine {
    let w = visit.words();
    let health = health(view, w, visit.now, &app.settings.zone);
    let failure = view.failure.as_ref().filter(|_| visit.administers() && health.down);
    SourceLine {
        id: view.id.clone(),
        name: view.name.clone(),
        address: shown_address(visit, &view.address),
        count: w.dispatches(view.items),
        health: health.sentence + &moved_told(app, visit, view),
        down: health.down,
        detail: failure.map(|f| f.detail.clone()).filter(|detail| !detail.is_empty()),
        private: view.visibility == SourceVisibility::Private,
        paused: view.state == SourceState::Paused,
        polled: view.kind == SourceKind::Feed,
        pausable: view.kind == SourceKind::Feed || view.comes_by_itself(),
        unasked: view.kind == SourceKind::Feed
            && view.polled_at.is_none()
            && view.state == SourceState::Active,
        fresh: false,
    }
}

/// Sources offered under one heading.
pub(crate) struct StarterSet {
    pub(crate) name: &'static str,
    pub(crate) starters: Vec<Starter>,
}

/// Groups starters by the set they belong to, in their order.
pub(crate) fn starter_sets(starters: &[Starter], w: &'static Words) -> Vec<StarterSet> {
    let mut sets: Vec<StarterSet> = Vec::new();
    for starter in starters {
        let name = match starter.set {
            "fr" => w.starters_french,
            "en" => w.starters_english,
            other => other,
        };
        match sets.iter_mut().find(|set| set.name == name) {
            Some(set) => set.starters.push(*starter),
            None => sets.push(StarterSet { name, starters: vec![*starter] }),
        }
    }
    sets
}

fn not_yet(starters: &[Starter], known: &[SourceView]) -> Vec<Starter> {
    let new = |starter: &&Starter| known.iter().all(|view| view.address != starter.address);
    starters.iter().filter(new).copied().collect()
}

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    page: Page,
    w: &'static Words,
    total: usize,
    filterable: bool,
    filter: String,
    said: Vec<Said>,
    sources: Vec<SourceLine>,
    starters: Vec<StarterSet>,
    add: AddForm,
}
