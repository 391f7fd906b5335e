//! «À la une»: the stories that several sources have come to tell, each with the reason it stands here.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use depeche_news::jiff::SignedDuration;
use depeche_store::{FrontStory, Row};
use depeche_text::{fold, teaser, typeset};

use crate::{
    App, dates,
    drawn::{Drawn, Sheet},
    failure::Failure,
    list::{self, Line, NAME_CHARS, foreign},
    page::{Here, KEPT, Page, Visit, render, told_to_log},
    ready::{Coding, Ready},
    story::{story_href, story_language, story_name},
    trouble::Banner,
    words::Words,
};

/// Stories of the page: what a look takes in, and with their headlines what a first round trip carries.
const STORIES: usize = 15;

/// Hours in which a time of day alone is clear, before midnight too.
const CLEAR_HOURS: i64 = 12;

/// `GET /a-la-une`
pub(crate) async fn front(
    State(app): State<Arc<App>>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let drawing = (Arc::clone(&app), visit.as_at(""));
    let draw = move || sheet(&drawing.0, &drawing.1);
    let coding = Coding::accepted(&headers);
    let sheet = Drawn::page(&app, |app| &app.front, &visit, coding, draw).await?;
    Ok(sheet.ready.answer(&headers, "text/html; charset=utf-8", KEPT))
}

fn sheet(app: &App, visit: &Visit) -> Result<Sheet, Failure> {
    let front = app.store.front(visit.viewer, visit.now, STORIES);
    let front = front.map_err(|error| told_to_log(&error))?;
    let html = render(&FrontPage {
        page: Page::new(app, visit, Here::Front),
        w: visit.words(),
        stories: front.stories.iter().map(|story| Standing::of(app, visit, story)).collect(),
    })?;
    Ok(Sheet { state: front.state, banner: Banner::of(app, visit), ready: Ready::new(html) })
}

/// A story on the page.
struct Standing {
    href: String,
    title: String,
    /// Where it is not the page's.
    language: Option<String>,
    why: String,
    rows: Vec<Line>,
}

impl Standing {
    fn of(app: &App, visit: &Visit, story: &FrontStory) -> Self {
        let (w, line) = (visit.words(), &story.line);
        let title = story_name(&line.headlines);
        let language = story_language(&line.headlines, title);
        let first = &story.first;
        let when = dates::lately(visit.language, first.at, visit.now, &app.settings.zone);
        let who = teaser(&first.source.name, NAME_CHARS);
        let rows = story.rows.iter().filter(|row| fold(&row.headline) != fold(title));
        Self {
            href: story_href(&line.id, &line.headlines),
            title: typeset(title, language).into_owned(),
            language: foreign(language, visit.language),
            why: w.stands_here(&story.standing, line.dispatches, &when, &who),
            rows: rows.map(|row| short_line(app, visit, row)).collect(),
        }
    }
}

/// A row as it stands under its story: the page has no days, so that an older one tells its own, and
/// what it is about is said above.
fn short_line(app: &App, visit: &Visit, row: &Row) -> Line {
    let mut line = list::line(row, visit.language, &app.settings.zone);
    let zoned = |at: depeche_news::jiff::Timestamp| at.to_zoned_datetime(app.settings.zone.clone());
    let (at, now) = (zoned(row.at), zoned(visit.now));
    let lately = visit.now.duration_since(row.at) < SignedDuration::from_hours(CLEAR_HOURS);
    if at.date() != now.date() && !lately {
        line.time = dates::short_day(visit.language, at.date());
    }
    line.teaser = None;
    line
}

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    page: Page,
    w: &'static Words,
    stories: Vec<Standing>,
}
