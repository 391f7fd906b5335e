//! The sources and how each does.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use depeche_news::{SourceId, SourceVisibility, is_web};
use depeche_store::{SourceKind, SourceState, SourceView};

use crate::{
    App, Starter,
    failure::Failure,
    health::health,
    page::{Here, Page, Visit, draw, read},
    words::Words,
};

/// `GET /sources`
pub(crate) async fn all(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Failure> {
    let (viewer, now) = (visit.viewer, visit.now);
    let mut views = read(&app, move |store| store.sources(viewer, now)).await?;
    // Those that need somebody first, then by name.
    views.sort_by_cached_key(|view| (view.failure.is_none(), depeche_text::fold(&view.name)));
    draw(&SourcesPage {
        page: Page::new(&app, &visit, Here::Sources),
        w: visit.words(),
        sources: views.iter().map(|view| line(&app, &visit, view)).collect(),
        starters: starter_sets(&not_yet(app.settings.starter_sources, &views), visit.words()),
    })
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
}

/// An address as it is shown. Readers see those of the web, without the query, which may hold a key; where a
/// folder of this machine lies, and whose mail was taken in, is nothing for them.
fn shown_address(visit: &Visit, view: &SourceView) -> String {
    if visit.administers() {
        return view.address.clone();
    }
    let shown = view.address.split(['?', '#']).next().unwrap_or_default();
    if is_web(shown) { shown.to_owned() } else { String::new() }
}

pub(crate) fn line(app: &App, visit: &Visit, view: &SourceView) -> SourceLine {
    let w = visit.words();
    let health = health(view, w, visit.now, &app.settings.zone);
    let failure = view.failure.as_ref().filter(|_| visit.administers() && health.down);
    SourceLine {
        id: view.id.clone(),
        name: view.name.clone(),
        address: shown_address(visit, view),
        count: w.dispatches(view.items),
        health: health.sentence,
        down: health.down,
        detail: failure.map(|f| f.detail.clone()).filter(|detail| !detail.is_empty()),
        private: view.visibility == SourceVisibility::Private,
        paused: view.state == SourceState::Paused,
        polled: view.kind == SourceKind::Feed,
        pausable: view.kind == SourceKind::Feed || view.comes_by_itself(),
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
    sources: Vec<SourceLine>,
    starters: Vec<StarterSet>,
}
