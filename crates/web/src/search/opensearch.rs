//! The description by which browsers take us up among their search engines, and what they complete while one types.

use std::{collections::HashSet, sync::Arc};

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use depeche_search::{Query, Scope};
use depeche_store::Error;
use serde_json::json;

use super::{
    Asking,
    asked::typed,
    base,
    found::{Best, best_of_dispatches},
    logged,
    rows::found,
    searched,
};
use crate::{
    App, assets,
    failure::Failure,
    forms::Asked,
    page::{KEPT, Visit, render},
    words::Words,
};

/// Completions told: browsers show six to ten.
const COMPLETIONS: usize = 8;

/// `GET /opensearch.xml`
pub(crate) async fn description(
    State(app): State<Arc<App>>,
    visit: Visit,
) -> Result<Response, Failure> {
    let drawn =
        Description { base: base(&app, &visit), icon: assets::ICON.path(), w: visit.words() };
    let kind = "application/opensearchdescription+xml; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)], render(&drawn)?)
        .into_response())
}

/// `GET /recherche/suggestions`: what was typed and headlines that it begins to find.
pub(crate) async fn suggestions(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Failure> {
    let typed = typed(&asked);
    let headlines = match typed.is_empty() {
        true => Vec::new(),
        false => {
            let text = typed.clone();
            let found = searched(&app, &visit, move |asking| headlines(asking, &text));
            found.await?.ok_or(Failure::NoIndex)?
        }
    };
    let headers =
        [(header::CONTENT_TYPE, "application/x-suggestions+json"), (header::CACHE_CONTROL, KEPT)];
    Ok((headers, json!([typed, headlines]).to_string()).into_response())
}

fn headlines(asking: &Asking<'_>, typed: &str) -> Result<Option<Vec<String>>, Error> {
    let query = asking.plainly_named(Query::typing(typed))?;
    let scope = Scope {
        order: depeche_search::Order::Mixed,
        now: asking.now(),
        ..Scope::new(asking.visit.viewer)
    };
    let best = logged(best_of_dispatches(asking.reader, &query, &scope, COMPLETIONS * 2));
    let Some(Best { best, .. }) = best else { return Ok(None) };
    let mut known = HashSet::new();
    let told = found(asking, &best)?.into_iter().filter(|(_, row)| row.notice.is_none());
    let told = told.map(|(_, row)| row.headline).filter(|headline| known.insert(headline.clone()));
    Ok(Some(told.take(COMPLETIONS).collect()))
}

#[derive(Template)]
#[template(path = "opensearch.xml")]
struct Description {
    base: String,
    icon: &'static str,
    w: &'static Words,
}
