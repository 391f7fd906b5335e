//! «Dernières infos», and the welcome where there is no source yet.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use depeche_news::Cursor;
use depeche_store::{Latest, Place};

use crate::{
    App,
    drawn::{Drawn, Sheet},
    failure::Failure,
    forms::Asked,
    list::{self, Day, PAGE_ROWS},
    page::{Here, KEPT, Page, Visit, read, render, sent, told_to_log},
    ready::{Coding, Ready, tagged},
    sources::{AddForm, StarterSet, starter_sets},
    words::Words,
};

/// `GET /`
pub(crate) async fn latest(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    match asked.get("avant").and_then(list::read_place) {
        Some(after) => older(&app, &visit, after, &headers).await,
        None => newest(&app, &visit, &headers).await,
    }
}

/// The page as everybody of this language sees it, drawn once for a state of the wire.
async fn newest(app: &Arc<App>, visit: &Visit, headers: &HeaderMap) -> Result<Response, Failure> {
    let drawing = (Arc::clone(app), visit.as_at(""));
    let draw = move || sheet(&drawing.0, &drawing.1);
    let sheet = Drawn::page(app, |app| &app.drawn, visit, Coding::accepted(headers), draw).await?;
    Ok(sheet.ready.answer(headers, "text/html; charset=utf-8", KEPT))
}

/// An older page is drawn for whoever asks: few do, each for another one.
async fn older(
    app: &Arc<App>,
    visit: &Visit,
    after: Place,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let visit = visit.as_at(&format!("avant={}", list::write_place(&after)));
    let (viewer, now) = (visit.viewer, visit.now);
    let found = read(app, move |store| store.latest(viewer, now, Some(&after), PAGE_ROWS)).await?;
    Ok(tagged(headers, list_page(app, &visit, &found, false)?, sent))
}

fn sheet(app: &App, visit: &Visit) -> Result<Sheet, Failure> {
    let trouble = |error| told_to_log(&error);
    let (viewer, now) = (visit.viewer, visit.now);
    let found = app.store.latest(viewer, now, None, PAGE_ROWS).map_err(trouble)?;
    let nothing =
        found.rows.is_empty() && app.store.sources(viewer, now).map_err(trouble)?.is_empty();
    let html = if nothing { welcome(app, visit)? } else { list_page(app, visit, &found, true)? };
    let banner = crate::trouble::Banner::of(app, visit);
    Ok(Sheet { state: found.state, banner, ready: Ready::new(html) })
}

fn list_page(app: &App, visit: &Visit, found: &Latest, live: bool) -> Result<String, Failure> {
    render(&LatestPage {
        page: Page::new(app, visit, Here::Latest),
        w: visit.words(),
        days: list::days(&found.rows, visit.language, &app.settings.zone),
        cursor: found.state.cursor,
        older: found.next.as_ref().map(list::write_place),
        live,
    })
}

fn welcome(app: &App, visit: &Visit) -> Result<String, Failure> {
    render(&WelcomePage {
        page: Page::new(app, visit, Here::Latest),
        w: visit.words(),
        starters: starter_sets(app.settings.starter_sources, visit.words()),
        next: "/",
        add: AddForm::default(),
    })
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
    add: AddForm,
}
