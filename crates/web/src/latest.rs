//! «Dernières infos», and the welcome where there is no source yet.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use depeche_news::{Cursor, Viewer};
use depeche_store::Latest;

use crate::{
    App,
    failure::Failure,
    forms::Asked,
    list::{self, Day, PAGE_ROWS},
    page::{Here, Page, Visit, draw, read},
    sources::{StarterSet, starter_sets},
    words::Words,
};

/// `GET /`
pub(crate) async fn latest(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let after = asked.get("avant").and_then(list::read_place);
    let top = after.is_none();
    let tag = entity_tag(&visit, read(&app, |store| store.cursor()).await?);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        let kept = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let (viewer, now) = (visit.viewer, visit.now);
    let (found, sources) = read(&app, move |store| {
        let found = store.latest(viewer, now, after.as_ref(), PAGE_ROWS)?;
        let nothing = top && found.rows.is_empty();
        Ok((found, !nothing || !store.sources(viewer, now)?.is_empty()))
    })
    .await?;
    if !sources {
        return welcome(&app, &visit);
    }
    // The tag names a cursor not later than what the page shows: at worst a page is drawn anew.
    Ok(([(header::ETAG, tag)], list_page(&app, &visit, &found, top)?).into_response())
}

fn list_page(app: &App, visit: &Visit, found: &Latest, live: bool) -> Result<Response, Failure> {
    draw(&LatestPage {
        page: Page::new(app, visit, Here::Latest),
        w: visit.words(),
        days: list::days(&found.rows, visit.language, &app.settings.zone),
        cursor: found.cursor,
        older: found.next.as_ref().map(list::write_place),
        live,
    })
}

fn welcome(app: &App, visit: &Visit) -> Result<Response, Failure> {
    draw(&WelcomePage {
        page: Page::new(app, visit, Here::Latest),
        w: visit.words(),
        starters: starter_sets(app.settings.starter_sources, visit.words()),
        next: "/",
    })
}

/// What the list depends on besides its address: the wire, who looks, the language, this program.
fn entity_tag(visit: &Visit, cursor: Cursor) -> String {
    let viewer = if visit.viewer == Viewer::Administrator { "a" } else { "r" };
    let program = env!("CARGO_PKG_VERSION");
    format!("W/\"{cursor}-{viewer}-{}-{program}\"", visit.language.tag())
}

#[derive(Template)]
#[template(path = "latest.html")]
struct LatestPage {
    page: Page,
    w: &'static Words,
    days: Vec<Day>,
    cursor: Cursor,
    older: Option<String>,
    live: bool,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    page: Page,
    w: &'static Words,
    starters: Vec<StarterSet>,
    next: &'static str,
}
