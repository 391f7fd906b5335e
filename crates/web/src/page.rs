//! What every page has in common: its frame, its visitor, and how it reads the store.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};
use depeche_news::{Viewer, jiff::Timestamp};
use depeche_store::{Error, Receipt, Store};

use crate::{
    App, assets,
    failure::Failure,
    trouble::Banner,
    words::{Language, Words},
};

/// Who asks, when, and in which language; made once a request, at the edge.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) language: Language,
    pub(crate) viewer: Viewer,
    pub(crate) now: Timestamp,
    /// The session's secret, where its cookie came along.
    pub(crate) session: Option<String>,
    /// The query of this address, without its language.
    pub(crate) query: String,
    /// The host the request names; checked at the edge.
    pub(crate) host: String,
}

impl Visit {
    pub(crate) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// The same visit as if it had asked with this query and nothing else.
    pub(crate) fn as_at(&self, query: &str) -> Self {
        Self { query: query.to_owned(), ..self.clone() }
    }

    pub(crate) fn administers(&self) -> bool {
        self.viewer == Viewer::Administrator
    }

    /// Lets only the administrator pass.
    pub(crate) fn administrator(&self) -> Result<(), Failure> {
        if self.administers() { Ok(()) } else { Err(Failure::Forbidden) }
    }
}

/// Which entry of the menu a page stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    Latest,
    Front,
    Sources,
    Elsewhere,
}

/// The frame of a page.
pub(crate) struct Page {
    pub(crate) w: &'static Words,
    pub(crate) here: Here,
    pub(crate) administers: bool,
    pub(crate) demo: bool,
    pub(crate) banner: Option<Banner>,
    /// What the search field holds.
    pub(crate) query: String,
    /// This page in the other language.
    pub(crate) other_language: String,
}

impl Page {
    pub(crate) fn new(app: &App, visit: &Visit, here: Here) -> Self {
        let other = match visit.language {
            Language::French => Language::English,
            Language::English => Language::French,
        };
        let mark = if visit.query.is_empty() { "" } else { "&" };
        Self {
            w: visit.words(),
            here,
            administers: visit.administers(),
            demo: app.settings.demo,
            banner: Banner::of(app, visit),
            query: String::new(),
            other_language: format!("?{}{mark}lang={}", visit.query, other.tag()),
        }
    }

    pub(crate) fn at_latest(&self) -> bool {
        self.here == Here::Latest
    }

    pub(crate) fn at_front(&self) -> bool {
        self.here == Here::Front
    }

    pub(crate) fn at_sources(&self) -> bool {
        self.here == Here::Sources
    }

    pub(crate) fn languages(&self) -> &'static [Language] {
        &Language::ALL
    }

    pub(crate) fn style(&self) -> &'static str {
        assets::STYLE.path()
    }

    pub(crate) fn script(&self) -> &'static str {
        assets::SCRIPT.path()
    }

    pub(crate) fn icon(&self) -> &'static str {
        assets::ICON.path()
    }
}

/// Draws a page.
pub(crate) fn draw(template: &impl Template) -> Result<Response, Failure> {
    Ok(sent(render(template)?))
}

/// Draws a page as text.
pub(crate) fn render(template: &impl Template) -> Result<String, Failure> {
    template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be drawn");
        Failure::Trouble
    })
}

/// How long a browser keeps a page: it asks each time whether there is a later one.
pub(crate) const KEPT: &str = "private, no-cache";

/// The answer with a page that was drawn.
pub(crate) fn sent(html: String) -> Response {
    ([(header::CACHE_CONTROL, KEPT)], Html(html)).into_response()
}

/// Reads the store away from the threads that serve sockets.
pub(crate) async fn read<T, F>(app: &Arc<App>, read: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce(&Store) -> Result<T, Error> + Send + 'static,
{
    let store = app.store.clone();
    let told = tokio::task::spawn_blocking(move || read(&store)).await;
    told.map_err(|error| told_to_log(&error))?.map_err(|error| told_to_log(&error))
}

/// Writes to the store and waits until it is on disk; a full queue of writes holds up no socket.
pub(crate) async fn write<T, F>(app: &Arc<App>, write: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce(&Store) -> Receipt<T> + Send + 'static,
{
    read(app, move |store| write(store).wait()).await
}

/// The operator's log tells what happened; the reader is told only what to do.
pub(crate) fn told_to_log(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "a request failed in the store");
    Failure::Trouble
}
