//! A story: its dispatches in time order, and who reports on it.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use depeche_news::{StoryId, slug};
use depeche_store::{SourceName, StoryView};
use depeche_text::typeset;

use crate::{
    App,
    article::{colon, moved},
    failure::Failure,
    forms::Named,
    list::{self, Day, href},
    page::{Here, Page, Visit, draw, read},
    words::Words,
};

/// `GET /sujet/{id}/{slug}`
pub(crate) async fn story(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<StoryId>,
) -> Result<Response, Failure> {
    let (viewer, now, id) = (visit.viewer, visit.now, named.id.clone());
    let view = read(&app, move |store| store.story(viewer, now, &id)).await?;
    let view = view.filter(|view| !view.rows.is_empty()).ok_or(Failure::NotFound)?;
    let right = slug(&view.headline);
    if view.id != named.id || named.slug.as_deref().unwrap_or_default() != right {
        return Ok(moved(&href("sujet", view.id.as_str(), &right)));
    }
    story_page(&app, &visit, view)
}

fn story_page(app: &App, visit: &Visit, view: StoryView) -> Result<Response, Failure> {
    let language = view.rows.first().and_then(|row| row.language.as_deref());
    draw(&StoryPage {
        page: Page::new(app, visit, Here::Elsewhere),
        w: visit.words(),
        colon: colon(visit.language),
        headline: typeset(&view.headline, language).into_owned(),
        size: view.rows.len(),
        days: list::days(&view.rows, visit.language, &app.settings.zone),
        sources: view.sources,
    })
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage {
    page: Page,
    w: &'static Words,
    colon: &'static str,
    headline: String,
    size: usize,
    days: Vec<Day>,
    sources: Vec<SourceName>,
}
