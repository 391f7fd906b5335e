//! The demo's outside world: invented outlets that publish the sample wire of `fixtures/wire` on a
//! local port, in the formats and page layouts of real ones, and go on publishing.
//!
//! Nothing here is known to the wire: it fetches these feeds and pages over a real socket, by the
//! same path as any other source.

mod day;
mod feeds;
mod pages;

use std::sync::Arc;

use anyhow::Context;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use depeche_news::{content_digest, jiff::Timestamp};
use tokio::net::TcpListener;

use day::{Day, Format, Outlet};

/// The outlets, served.
pub(crate) struct Outlets {
    /// The port they are served on.
    pub(crate) port: u16,
    /// Their feeds: address, name, language.
    pub(crate) feeds: Vec<Feed>,
}

/// One outlet's feed.
pub(crate) struct Feed {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) language: String,
}

struct World {
    day: Day,
    base: String,
}

/// Starts serving on a free local port; one dispatch more every `every_seconds`.
pub(crate) async fn open(every_seconds: u32) -> anyhow::Result<Outlets> {
    let day = Day::read(Timestamp::now(), every_seconds)?;
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("cannot open a local port for the demo's outlets")?;
    let port = listener.local_addr()?.port();
    let base = format!("http://127.0.0.1:{port}");
    let feeds = day.outlets().iter().map(|outlet| Feed {
        address: format!("{base}/{}/{}", outlet.key, outlet.format.file()),
        name: outlet.name.clone(),
        language: outlet.language.clone(),
    });
    let feeds = feeds.collect();
    let world = Arc::new(World { day, base });
    let router = Router::new().route("/{outlet}/{file}", get(serve)).with_state(world);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the demo's outlets have closed");
        }
    });
    Ok(Outlets { port, feeds })
}

async fn serve(
    State(world): State<Arc<World>>,
    Path((outlet, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(outlet) = world.day.outlet(&outlet) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let now = Timestamp::now();
    if file == outlet.format.file() {
        return feed(&world, outlet, now, &headers);
    }
    let edition =
        world.day.published(outlet, now).into_iter().find(|edition| edition.page() == file);
    match edition {
        Some(edition) => {
            let others = world.day.published(outlet, now);
            let page = pages::page(outlet, &edition, &others, &world.base);
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn feed(world: &World, outlet: &Outlet, now: Timestamp, headers: &HeaderMap) -> Response {
    let body = feeds::feed(outlet, &world.day.published(outlet, now), &world.base);
    let etag = format!("\"{:x}\"", u128::from_be_bytes(content_digest(&[&body])));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|sent| sent.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let kind = match outlet.format {
        Format::Rss => "application/rss+xml; charset=utf-8",
        Format::Rdf => "application/rdf+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Jsonfeed => "application/feed+json",
        Format::Newsml => "application/vnd.iptc.g2.newsmessage+xml",
    };
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::ETAG, etag)], body).into_response()
}

/// Text as XML and HTML carry it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(c),
        }
    }
    safe
}
