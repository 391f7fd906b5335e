//! `depeche retention`: what goes when, and how long the disk lasts.

use std::{path::Path, time::Duration};

use depeche_news::jiff::{SignedDuration, Timestamp};
use depeche_store::{Due, Keep, Lease, Saving, SourceBytes, Store};
use serde::Serialize;
use serde_json::json;

use crate::{
    arguments::{Keeping, Retention},
    command::open_existing,
    telling,
    wire::keeper::{self, Tended},
};

/// Days ahead for which it is told what would go.
const AHEAD_DAYS: [i64; 4] = [0, 7, 30, 365];

/// Days for which it is told what keeping only them would save.
const KEEPS_DAYS: [u32; 3] = [30, 90, 365];

/// Sources shown in a table; the others are in the JSON.
const SOURCES_SHOWN: usize = 20;

/// How often the running keeper is looked at, which does the same work meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What goes when, and what it would save.
#[derive(Serialize)]
struct Forecast {
    keep: serde_json::Value,
    due: Vec<(i64, Due)>,
    bytes_a_day: u64,
    free_bytes: Option<u64>,
    disk_lasts_days: Option<u64>,
    savings: Vec<Saving>,
    sources: Vec<SourceBytes>,
    applied: Option<Tended>,
}

/// How long things are kept, out of what was given.
pub(crate) fn keep(given: &Keeping) -> Keep {
    Keep {
        items_days: given.items_days,
        pages_days: given.pages_days,
        documents_days: given.documents_days,
    }
}

/// Tells what retention would take, and takes it where that was asked for.
pub(crate) fn retention(given: &Retention) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let keep = keep(&given.keeping);
    let applied = if given.apply { Some(apply(&store, keep)?) } else { None };
    let forecast = forecast(&store, &given.data.folder, keep, applied)?;
    match given.json {
        true => telling::answer(&serde_json::to_string(&forecast)?),
        false => lines(&forecast).iter().try_for_each(|line| telling::answer(line)),
    }
}

/// Does what is due now. A wire that runs beside it may be doing the same; then it is waited for.
fn apply(store: &Store, keep: Keep) -> anyhow::Result<Tended> {
    loop {
        if let Some(_lease) = Lease::take(store.folder(), "keep")? {
            return Ok(keeper::tend(store, keep, Timestamp::now(), || true)?);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn forecast(
    store: &Store,
    folder: &Path,
    keep: Keep,
    applied: Option<Tended>,
) -> anyhow::Result<Forecast> {
    let now = Timestamp::now();
    let due = AHEAD_DAYS.iter().map(|days| {
        let then = now + SignedDuration::from_hours(24 * days);
        Ok((*days, store.retention_due(keep, then)?))
    });
    let sources = store.source_bytes(now)?;
    let a_day = |source: &SourceBytes| source.article_bytes_a_day + source.raw_bytes_a_day;
    let bytes_a_day: u64 = sources.iter().map(a_day).sum();
    let free_bytes = free_bytes(folder);
    Ok(Forecast {
        keep: json!({
            "items_days": keep.items_days,
            "pages_days": keep.pages_days,
            "documents_days": keep.documents_days,
        }),
        due: due.collect::<anyhow::Result<_>>()?,
        bytes_a_day,
        free_bytes,
        disk_lasts_days: free_bytes.and_then(|free| free.checked_div(bytes_a_day)),
        savings: store.savings(now, &KEEPS_DAYS)?,
        sources,
        applied,
    })
}

/// What the file system of the folder has left for us.
fn free_bytes(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

fn lines(forecast: &Forecast) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(Tended { items, documents, pages }) = forecast.applied {
        lines.push(format!("gone: {items} items, {documents} documents, {pages} pages"));
    }
    for (days, due) in &forecast.due {
        let when = match days {
            0 => "due now".to_owned(),
            days => format!("within {days} days"),
        };
        let Due { items, documents, pages } = due;
        lines
            .push(format!("{when:<16} {items:>8} items {documents:>8} documents {pages:>8} pages"));
    }
    let lasts = match forecast.disk_lasts_days {
        Some(days) => format!(", the disk lasts {days} days at this pace"),
        None => String::new(),
    };
    let free = forecast.free_bytes.map_or_else(|| "unknown".to_owned(), megabytes);
    lines
        .push(format!("{} come in a day, {free} are free{lasts}", megabytes(forecast.bytes_a_day)));
    for saving in &forecast.savings {
        lines.push(format!(
            "keeping {} days would let go of {} items and {} at once",
            saving.days,
            saving.items,
            megabytes(saving.bytes)
        ));
    }
    lines.extend(forecast.sources.iter().take(SOURCES_SHOWN).map(source_line));
    lines
}

fn source_line(source: &SourceBytes) -> String {
    let keep = match source.keep_days {
        None => "as all".to_owned(),
        Some(0) => "for ever".to_owned(),
        Some(days) => format!("{days} days"),
    };
    format!(
        "{:<32} {:>8} items, kept {keep:<10} {:>10} of articles and {:>10} raw a day",
        source.name,
        source.items,
        megabytes(source.article_bytes_a_day),
        megabytes(source.raw_bytes_a_day)
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
