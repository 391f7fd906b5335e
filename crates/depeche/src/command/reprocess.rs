//! `depeche reprocess` and `depeche reindex`: what is kept is read, or indexed, again.

use std::time::Duration;

use depeche_ingest::{Ingest, READING};
use depeche_news::{Moment, jiff::Timestamp};
use depeche_store::{Rereading, Store};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{
    arguments::{Data, Reprocess},
    command::{open_existing, source::find},
    telling::{self, Advice},
    wire::indexer::{self, Indexer},
};

/// How often it is looked how far the running wire is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Reads items again from what they were read from; done when all of it can be searched.
pub(crate) fn reprocess(given: &Reprocess) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let source = given.source.as_deref().map(|meant| find(&store, meant)).transpose()?;
    let which = Rereading {
        source: source.map(|source| source.id),
        since: given.since.as_deref().map(since).transpose()?,
        unless_read_by: (!given.all).then_some(READING),
    };
    let marked = store.mark_to_reread(which).wait()?;
    let progress = bar(marked as u64, "items");
    loop {
        if let Some(mut ingest) = Ingest::start(&store, Timestamp::now())? {
            while ingest.work(Timestamp::now(), || true)? > 0 {
                progress.set_position(marked.saturating_sub(store.rereading()?.0) as u64);
            }
            ingest.stop(Timestamp::now());
            break;
        }
        let left = store.rereading()?.0;
        progress.set_position(marked.saturating_sub(left) as u64);
        if left == 0 {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    progress.finish_and_clear();
    indexer::caught_up(&store)?;
    telling::answer(&serde_json::to_string(&store.rereading()?.1)?)
}

fn since(text: &str) -> anyhow::Result<Timestamp> {
    Moment::parse(text).map(|moment| moment.sort_key()).ok_or_else(|| {
        Advice::error(
            format!("`{text}` is not a date"),
            "write it as 2026-05-09 or 2026-05-09T16:41:00+02:00",
        )
    })
}

/// Makes the search index anew from the wire log; until it is there the old one answers.
pub(crate) fn reindex(data: &Data) -> anyhow::Result<()> {
    let store = open_existing(&data.folder)?;
    store.set_reindex(Some(0)).wait()?;
    let entries = store.cursor()?.seq;
    let progress = bar(entries, "entries");
    let looking = progress.clone();
    // Whoever indexes beside us may end before it is done; then it is ours to do.
    while look(&store, &looking)? {
        match Indexer::start(&store)? {
            Some(indexer) => make_anew(&store, indexer, &looking)?,
            None => std::thread::sleep(LOOK_EVERY),
        }
    }
    progress.finish_and_clear();
    telling::answer(&json!({ "entries": entries }).to_string())
}

/// Makes the index anew in this process, while a thread draws how far it is.
fn make_anew(store: &Store, mut indexer: Indexer, progress: &ProgressBar) -> anyhow::Result<()> {
    let (done, looking, stop) = (store.clone(), progress.clone(), crate::wire::Bell::default());
    let stopped = stop.clone();
    let watch = std::thread::spawn(move || {
        // What is drawn beside the work is no reason to end it.
        while !stopped.stopped() && look(&done, &looking).is_ok() {
            stopped.wait(LOOK_EVERY);
        }
    });
    let made = indexer.catch_up();
    stop.stop();
    let _ = watch.join();
    made.map(|_| ())
}

/// Draws how far the new index is; false when it is there.
fn look(store: &Store, progress: &ProgressBar) -> anyhow::Result<bool> {
    let upto = store.reindex()?;
    progress.set_position(upto.unwrap_or(0));
    Ok(upto.is_some())
}

fn bar(all: u64, of: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {of}, {{elapsed}}"));
    ProgressBar::new(all).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
