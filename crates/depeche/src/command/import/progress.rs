//! What the person at the terminal sees: bytes, units and items, while reading and while taking in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use depeche_news::{Viewer, jiff::Timestamp};
use depeche_store::Store;
use indicatif::{ProgressBar, ProgressStyle};

/// How often the terminal is told.
const TOLD_EVERY: Duration = Duration::from_millis(500);

/// How far an import is.
pub(super) struct Progress<'s> {
    store: &'s Store,
    bar: ProgressBar,
    /// Bytes of all files that were read.
    pub(super) read: Arc<AtomicU64>,
    items_before: usize,
    told: Instant,
}

impl<'s> Progress<'s> {
    pub(super) fn new(store: &'s Store, bytes: u64) -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template(
            "{bar:24} {bytes}/{total_bytes} {bytes_per_sec}, {elapsed} gone, {eta} to go: {msg}",
        );
        let bar = ProgressBar::new(bytes)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let items_before = items(store)?;
        Ok(Self { store, bar, read: Arc::default(), items_before, told: Instant::now() })
    }

    /// Tells how far it is, if it is time to: `units` read, `waiting` deliveries still to be taken in.
    pub(super) fn tell(&mut self, units: u64, waiting: Option<usize>) {
        if self.told.elapsed() < TOLD_EVERY || self.bar.is_hidden() {
            return;
        }
        self.told = Instant::now();
        self.bar.set_position(self.read.load(Ordering::Relaxed));
        let waiting = waiting.map(|waiting| format!(", {waiting} waiting")).unwrap_or_default();
        let items = self.items().unwrap_or(0);
        self.bar.set_message(format!("{units} records, {items} items{waiting}"));
    }

    /// Items that came on the wire since it began.
    pub(super) fn items(&self) -> anyhow::Result<usize> {
        Ok(items(self.store)?.saturating_sub(self.items_before))
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn items(store: &Store) -> anyhow::Result<usize> {
    let sources = store.sources(Viewer::Administrator, Timestamp::now())?;
    Ok(sources.iter().map(|source| source.items).sum())
}
