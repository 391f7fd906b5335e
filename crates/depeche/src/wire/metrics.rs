//! Figures for a monitoring system, as OpenMetrics text: `/metrics`, and `/healthz` beside it.

use std::{
    collections::BTreeMap,
    fmt::{Display, Write as _},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use depeche_collect::Outcome;
use depeche_news::jiff::Timestamp;
use depeche_search::Reader;
use depeche_store::{Figures, Store};
use futures_util::StreamExt;
use tokio::{sync::watch, task::spawn_blocking};

/// Kinds of pages that requests are counted by: the first part of a path, and what it is called.
const ROUTES: [(&str, &str); 9] = [
    ("", "latest"),
    (LIVE_PATH, "live"),
    ("article", "article"),
    ("depeche", "dispatch"),
    ("sujet", "story"),
    ("recherche", "search"),
    ("sources", "sources"),
    ("connexion", "sign_in"),
    ("healthz", "health"),
];

/// The path of the live stream.
const LIVE_PATH: &str = "direct";

/// What other paths are called.
const OTHER: &str = "other";

/// Statuses by their hundreds, 1xx to 5xx.
const STATUSES: usize = 5;

/// What this process has done since it started.
#[derive(Clone)]
pub(crate) struct Counters(Arc<Counted>);

struct Counted {
    started: Timestamp,
    polls: Mutex<BTreeMap<String, u64>>,
    requests: [[AtomicU64; STATUSES]; ROUTES.len() + 1],
    live: AtomicUsize,
}

impl Counters {
    /// Nothing done yet.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Counted {
            started: Timestamp::now(),
            polls: Mutex::default(),
            requests: Default::default(),
            live: AtomicUsize::new(0),
        }))
    }

    /// A source was asked.
    pub(crate) fn poll(&self, outcome: &Outcome) {
        let word = match outcome {
            Outcome::New => "new".into(),
            Outcome::Unchanged => "unchanged".into(),
            Outcome::Failed(failure) => failure.word(),
        };
        let mut polls = self.0.polls.lock().unwrap_or_else(PoisonError::into_inner);
        *polls.entry(word.into_owned()).or_default() += 1;
    }

    fn request(&self, route: usize, status: StatusCode) {
        let hundred = usize::from(status.as_u16() / 100).clamp(1, STATUSES) - 1;
        if let Some(count) = self.0.requests.get(route).and_then(|counts| counts.get(hundred)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Counts the requests of the pages and the live pages that are open.
pub(crate) fn counted(pages: Router, counters: Counters) -> Router {
    pages.layer(middleware::from_fn_with_state(counters, count))
}

async fn count(State(counters): State<Counters>, request: Request, next: Next) -> Response {
    let first = request.uri().path().split('/').nth(1).unwrap_or_default();
    let route = ROUTES.iter().position(|(path, _)| *path == first).unwrap_or(ROUTES.len());
    let live = first == LIVE_PATH;
    let response = next.run(request).await;
    counters.request(route, response.status());
    match live && response.status().is_success() {
        true => response.map(|stream| while_listened(stream, counters)),
        false => response,
    }
}

fn while_listened(stream: Body, counters: Counters) -> Body {
    let listening = Listening::new(counters);
    let counted = stream.into_data_stream().inspect(move |_| {
        // Counted as long as the stream is held.
        let _ = &listening;
    });
    Body::from_stream(counted)
}

/// One live page that is open.
struct Listening(Counters);

impl Listening {
    fn new(counters: Counters) -> Self {
        counters.0.live.fetch_add(1, Ordering::Relaxed);
        Self(counters)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.0.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the figures are read from.
#[derive(Clone)]
pub(crate) struct Watched {
    /// The store.
    pub(crate) store: Store,
    /// The index, once there is one.
    pub(crate) search: watch::Receiver<Option<Reader>>,
    /// What this process has done.
    pub(crate) counters: Counters,
}

/// `/metrics` and `/healthz`, for a listener of their own.
pub(crate) fn router(watched: Watched) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .with_state(watched)
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let text = spawn_blocking(move || text(&watched)).await.unwrap_or_default();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

async fn healthz(State(watched): State<Watched>) -> Response {
    let asked = spawn_blocking(move || match watched.store.troubled() {
        Some(trouble) => Err(format!("{}: {trouble}\n", trouble.kind.word())),
        None => watched.store.figures().map_err(|error| format!("{error}\n")),
    });
    let answer = asked.await.unwrap_or_else(|_| Err("the store could not be asked\n".to_owned()));
    match answer {
        Ok(_) => "ok\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

fn text(watched: &Watched) -> String {
    let mut out = Exposition::default();
    let figures = watched.store.figures();
    let counters = &watched.counters.0;
    out.family("depeche_build", "info", "", "The program.");
    out.sample("depeche_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    out.family(
        "depeche_trouble",
        "gauge",
        "",
        "1 while nothing is taken in, or the store cannot be read.",
    );
    let troubled = figures.is_err() || watched.store.troubled().is_some();
    out.sample("depeche_trouble", &[], u8::from(troubled));
    if let Ok(figures) = &figures {
        wire(&mut out, figures);
        lag(&mut out, figures, watched.search.borrow().as_ref());
    }
    out.family(
        "depeche_polls",
        "counter",
        "",
        "Sources asked by this process, by what came of it.",
    );
    for (word, count) in &*counters.polls.lock().unwrap_or_else(PoisonError::into_inner) {
        out.sample("depeche_polls_total", &[("outcome", word)], count);
    }
    requests(&mut out, counters);
    out.gauge(
        "depeche_live_connections",
        "Live pages that are open.",
        counters.live.load(Ordering::Relaxed),
    );
    process(&mut out, counters.started);
    out.end()
}

fn wire(out: &mut Exposition, figures: &Figures) {
    let now = Timestamp::now();
    let age =
        |at: Option<Timestamp>| at.map_or(0.0, |at| now.duration_since(at).as_secs_f64().max(0.0));
    out.gauge("depeche_wire_seq", "The last place of the wire log.", figures.cursor.seq);
    out.gauge("depeche_items", "Items on the wire.", figures.items);
    out.gauge(
        "depeche_deliveries_waiting",
        "Deliveries that are not read yet.",
        figures.deliveries_waiting,
    );
    out.family(
        "depeche_delivery_age_seconds",
        "gauge",
        "seconds",
        "Since the oldest unread delivery came in.",
    );
    out.sample("depeche_delivery_age_seconds", &[], age(figures.oldest_delivery_at));
    out.gauge(
        "depeche_pages_wanted",
        "Pages of items that are still to be fetched.",
        figures.pages_wanted,
    );
    out.family(
        "depeche_page_age_seconds",
        "gauge",
        "seconds",
        "Since the longest waiting page is due.",
    );
    out.sample("depeche_page_age_seconds", &[], age(figures.oldest_page_due_at));
    out.family("depeche_sources", "gauge", "", "Feeds by how they do.");
    let states = [
        ("well", figures.sources_well),
        ("failing", figures.sources_failing),
        ("paused", figures.sources_paused),
    ];
    for (state, count) in states {
        out.sample("depeche_sources", &[("state", state)], count);
    }
    out.family("depeche_store_bytes", "gauge", "bytes", "The database, without its log.");
    out.sample("depeche_store_bytes", &[], figures.bytes);
}

/// How far the index is behind; one of another life of the store has everything before it.
fn lag(out: &mut Exposition, figures: &Figures, reader: Option<&Reader>) {
    let wire = figures.cursor;
    let indexed = reader.and_then(Reader::cursor).filter(|cursor| cursor.epoch == wire.epoch);
    let lag = wire.seq.saturating_sub(indexed.map_or(0, |cursor| cursor.seq));
    out.family(
        "depeche_index_lag_entries",
        "gauge",
        "entries",
        "Entries of the wire log that the index lacks.",
    );
    out.sample("depeche_index_lag_entries", &[], lag);
}

fn requests(out: &mut Exposition, counters: &Counted) {
    out.family("depeche_requests", "counter", "", "Requests answered, by page and status.");
    let names = ROUTES.iter().map(|(_, name)| *name).chain([OTHER]);
    for (name, counts) in names.zip(&counters.requests) {
        for (hundred, count) in counts.iter().enumerate() {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let status = format!("{}xx", hundred + 1);
                out.sample("depeche_requests_total", &[("page", name), ("status", &status)], count);
            }
        }
    }
}

fn process(out: &mut Exposition, started: Timestamp) {
    out.family("process_start_time_seconds", "gauge", "seconds", "When this process started.");
    out.sample("process_start_time_seconds", &[], started.as_second());
    if let Some(bytes) = resident_bytes() {
        out.family("process_resident_memory_bytes", "gauge", "bytes", "Memory of this process.");
        out.sample("process_resident_memory_bytes", &[], bytes);
    }
}

/// Resident memory, where the system tells it as Linux does.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

/// OpenMetrics text as it is written.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// Begins a family of samples.
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {}", escaped(help));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    /// A family of one gauge without unit.
    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", "", help);
        self.sample(name, &[], value);
    }

    fn end(mut self) -> String {
        self.0.push_str("# EOF\n");
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
