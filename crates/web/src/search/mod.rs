//! Search: the list's own rows with the best passage under each, what they can be narrowed by, and the same results as
//! feeds for programs.
//!
//! A page is made from its address alone (`asked`). Results are found and folded in `found`, told as rows in `rows`, with
//! remarks on what was and was not found (`remarks`), the conditions that stand in the query and those that would narrow
//! it (`narrow`), and a histogram (`days`). With `partie=1` the same address gives the results alone, for the script that
//! shows them while one types.

mod asked;
mod behind;
mod days;
mod feeds;
mod found;
mod like;
mod narrow;
mod opensearch;
mod remarks;
mod rows;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use depeche_news::{ItemId, SourceId, jiff::ZonedDateTime};
use depeche_search::{Catalogue, Query, Reader};
use depeche_store::{Error, Store};

use self::{
    asked::Sought,
    found::{Found, outcome},
    narrow::Chip,
    remarks::Remark,
};
pub(crate) use self::{
    feeds::feed,
    like::like_href,
    opensearch::{description, suggestions},
};
use crate::{
    App,
    failure::Failure,
    forms::Asked,
    list::Line,
    page::{Here, Page, Visit, draw, read},
    words::Words,
};

/// `GET /recherche`
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Failure> {
    let w = visit.words();
    if let Some(item) = asked.get("comme") {
        let item = ItemId::parse(item).ok_or(Failure::NotFound)?;
        let (heading, outcome) = like::like(&app, &visit, item).await?;
        let title = w.like_title(&heading.headline);
        let page = Page::new(&app, &visit, Here::Elsewhere);
        let results = Results { w, title, behind: None, outcome };
        return draw(&SearchPage { page, results, heading: Some(heading), feeds: None });
    }
    let sought = Sought::of(&asked);
    if let Some(narrowed) = days::narrowed(&asked, &sought.typed) {
        return Ok(Redirect::to(&sought.with(narrowed).href()).into_response());
    }
    let typing = asked.has("partie");
    let outcome = match sought.typed.is_empty() {
        true => Outcome::Ask,
        false => outcome(&app, &visit, &sought, typing).await?,
    };
    let title = match sought.typed.is_empty() {
        true => w.search.to_owned(),
        false => w.found_of(&sought.typed),
    };
    let behind = behind::behind(&app, &visit).await?.map(|behind| behind.told(&app, &visit));
    let results = Results { w, title, behind, outcome };
    if typing {
        return draw(&results);
    }
    let mut page = Page::new(&app, &visit, Here::Elsewhere);
    page.query.clone_from(&sought.typed);
    let feeds = (!sought.typed.is_empty()).then_some(sought);
    draw(&SearchPage { page, results, heading: None, feeds })
}

/// Does what needs the index, in its turn; without an index there is nothing to do.
async fn searched<T, F>(app: &Arc<App>, visit: &Visit, find: F) -> Result<Option<T>, Failure>
where
    T: Send + 'static,
    F: FnOnce(&Asking<'_>) -> Result<Option<T>, Error> + Send + 'static,
{
    let Some(reader) = app.search.borrow().clone() else { return Ok(None) };
    let (visit, shared) = (visit.clone(), Arc::clone(app));
    let turn = app.searches.next().await;
    read(app, move |store| {
        let _turn = turn;
        find(&Asking { app: &shared, visit: &visit, store, reader: &reader })
    })
    .await
}

/// What a search is made with: who asks, and where.
struct Asking<'a> {
    app: &'a App,
    visit: &'a Visit,
    store: &'a Store,
    reader: &'a Reader,
}

impl Asking<'_> {
    /// The sources that the visitor may see, with their names and addresses.
    fn sources(&self) -> Result<Vec<(SourceId, String, String)>, Error> {
        self.store.source_names(self.visit.viewer, self.visit.now)
    }

    /// A query with the names of sources and of what has several spellings looked up.
    fn named(&self, query: Query, sources: &[(SourceId, String, String)]) -> Query {
        query.named(&Catalogue::new(sources, &self.app.settings.spellings))
    }

    /// A query for programs, which are told nothing beside: names are looked up only where it has any.
    fn plainly_named(&self, query: Query) -> Result<Query, Error> {
        let sources = if query.names_sources() { self.sources()? } else { Vec::new() };
        Ok(self.named(query, &sources))
    }

    /// The moment of asking in the zone of the house.
    fn now(&self) -> ZonedDateTime {
        self.visit.now.to_zoned_datetime(self.app.settings.zone.clone())
    }
}

/// An answer of the index; that it could not be read is for the operator's log.
fn logged<T>(answer: Result<T, depeche_search::Error>) -> Option<T> {
    answer.inspect_err(|error| tracing::error!(%error, "the index could not be searched")).ok()
}

/// Where readers reach this server.
fn base(app: &App, visit: &Visit) -> String {
    let here = format!("http://{}", visit.host);
    app.settings.base_url.as_deref().unwrap_or(&here).trim_end_matches('/').to_owned()
}

/// What the results part of the page shows.
enum Outcome {
    /// Nothing was typed.
    Ask,
    /// There is no index yet, or it cannot be read.
    NotReady,
    Nothing(Nothing),
    Found(Box<Found>),
    /// What is like an article.
    Like(Vec<Line>),
}

/// That nothing was found, and what would find something.
struct Nothing {
    told: String,
    chips: Vec<Chip>,
    remarks: Vec<Remark>,
    tried: Vec<Remark>,
}

impl Nothing {
    /// Nothing but that.
    fn told(told: String) -> Self {
        Self { told, chips: Vec::new(), remarks: Vec::new(), tried: Vec::new() }
    }
}

/// The article whose like is shown.
struct Heading {
    headline: String,
    href: String,
}

/// The results part of the page.
#[derive(Template)]
#[template(path = "found.html")]
struct Results {
    w: &'static Words,
    title: String,
    /// How far the index is, where it is not where the wire is.
    behind: Option<String>,
    outcome: Outcome,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    results: Results,
    heading: Option<Heading>,
    feeds: Option<Sought>,
}
