//! Pages that say what went wrong and what to do, and never how we are built.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use crate::{
    App,
    page::{Here, Page, Visit},
    words::Words,
};

/// Why there is no page. A handler returns one; the edge, which knows the reader's language, draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NotFound,
    /// It was here, and its time is over.
    Gone,
    WrongMethod,
    WrongHost,
    Forbidden,
    ForeignForm,
    BadRequest,
    NoneChosen,
    EnoughTokens,
    Trouble,
    Busy,
    /// The index is not there yet, or cannot be read.
    NoIndex,
}

/// When to ask again for what needs an index, in seconds: one of a small wire is made by then.
const INDEX_AGAIN: &str = "30";

impl Failure {
    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Forbidden | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::BadRequest | Self::NoneChosen => StatusCode::BAD_REQUEST,
            Self::EnoughTokens => StatusCode::CONFLICT,
            Self::Trouble => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::NoIndex => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its title, and what to do.
    fn told(self, w: &'static Words) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => (w.not_found, w.not_found_why),
            Self::Gone => (w.expired, w.expired_why),
            Self::WrongMethod => (w.wrong_method, w.wrong_method_why),
            Self::WrongHost => (w.wrong_host, w.wrong_host_why),
            Self::Forbidden => (w.forbidden, w.forbidden_why),
            Self::ForeignForm => (w.foreign_form, w.foreign_form_why),
            Self::BadRequest => (w.bad_request, w.bad_request_why),
            Self::NoneChosen => (w.none_chosen, w.none_chosen_why),
            Self::EnoughTokens => (w.intake_tokens, w.token_enough),
            Self::NoIndex => (w.search, w.search_not_ready),
            Self::Trouble | Self::Busy => (w.trouble, w.trouble_why),
        }
    }

    /// The page that tells it.
    pub(crate) fn page(self, app: &App, visit: &Visit) -> Response {
        let w = visit.words();
        let (title, why) = self.told(w);
        let page = Page::new(app, visit, Here::Elsewhere);
        let sign_in = self == Self::Forbidden;
        let drawn = FailurePage { page, w, title, why, sign_in, next: "/sources" }.render();
        let caching = [(header::CACHE_CONTROL, "no-store")];
        let html = Html(drawn.unwrap_or_else(|_| title.to_owned()));
        let mut response = (self.status(), caching, html).into_response();
        if self == Self::NoIndex {
            let again = HeaderValue::from_static(INDEX_AGAIN);
            response.headers_mut().insert(header::RETRY_AFTER, again);
        }
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    page: Page,
    w: &'static Words,
    title: &'static str,
    why: &'static str,
    sign_in: bool,
    next: &'static str,
}
