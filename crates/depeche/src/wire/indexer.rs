//! The loop that brings the wire to the search index: a cursor on the log.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use depeche_news::{Article, ItemId, SourceVisibility, jiff::Timestamp};
use depeche_search::{Change, Index};
use depeche_store::{Lease, Paper, Store};

use crate::wire::{Bell, REST};

/// Entries applied between two looks at the clock.
const ENTRIES_AT_ONCE: usize = 512;

/// Longest an entry waits for the commit that makes it found while more keep coming.
const COMMIT_AFTER: Duration = Duration::from_millis(500);

/// How often it looks at the log by itself, for what other processes wrote.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Where the index lives in a data folder.
pub(crate) fn folder(store: &Store) -> std::path::PathBuf {
    store.folder().join("index")
}

/// An index that follows the wire.
pub(crate) struct Indexer {
    store: Store,
    index: Index,
    seq: u64,
    epoch: u64,
    _lease: Lease,
}

impl Indexer {
    /// Opens the index, or `None` when another process writes it.
    pub(crate) fn start(store: &Store) -> anyhow::Result<Option<Self>> {
        let Some(lease) = Lease::take(store.folder(), "index")? else { return Ok(None) };
        let mut index = Index::open(&folder(store)).context("cannot open the search index")?.index;
        let wire = store.cursor()?;
        // A cursor of another epoch, or one beyond the wire, is from another life of the store: what it
        // indexed may never have been here.
        let ours =
            index.cursor().filter(|cursor| cursor.epoch == wire.epoch && cursor.seq <= wire.seq);
        if ours.is_none() {
            index.clear()?;
        }
        let seq = ours.map_or(0, |cursor| cursor.seq);
        Ok(Some(Self { store: store.clone(), index, seq, epoch: wire.epoch, _lease: lease }))
    }

    /// A reader of this index.
    pub(crate) fn reader(&self) -> anyhow::Result<depeche_search::Reader> {
        Ok(self.index.reader()?)
    }

    /// Applies the log up to its end and commits; gives the number of entries.
    pub(crate) fn catch_up(&mut self) -> anyhow::Result<usize> {
        let mut applied = 0;
        let mut uncommitted = Instant::now();
        loop {
            let entries = self.store.entries(self.seq, ENTRIES_AT_ONCE)?;
            let Some(last) = entries.last() else { break };
            let (seq, more) = (last.seq, entries.len() == ENTRIES_AT_ONCE);
            applied += entries.len();
            // What an item is now is what counts, read once however often it is told of.
            let latest: BTreeMap<ItemId, u64> =
                entries.into_iter().map(|entry| (entry.subject.item, entry.seq)).collect();
            self.apply(&latest)?;
            self.seq = seq;
            if !more || uncommitted.elapsed() > COMMIT_AFTER {
                self.index.commit(self.seq, self.epoch)?;
                uncommitted = Instant::now();
            }
        }
        Ok(applied)
    }

    fn apply(&mut self, latest: &BTreeMap<ItemId, u64>) -> anyhow::Result<()> {
        let ids: Vec<ItemId> = latest.keys().cloned().collect();
        let mut papers = self.store.papers(Timestamp::now(), &ids)?;
        let change = |(id, seq): (&ItemId, &u64)| match papers.remove(id) {
            Some(paper) => Change::Put(searched(paper, *seq)),
            None => Change::Delete(id.clone()),
        };
        let changes: Vec<Change> = latest.iter().map(change).collect();
        self.index.apply(&changes).context("cannot write to the search index")
    }
}

/// What search indexes of what the store holds.
fn searched(paper: Paper, seq: u64) -> depeche_search::Paper {
    let body = paper.article.text();
    let Article { headline, credit, standfirst, authors, language, .. } = paper.article;
    depeche_search::Paper {
        item: paper.item,
        external: paper.external,
        dispatch: paper.dispatch,
        source: paper.source,
        private: paper.visibility == SourceVisibility::Private,
        headline,
        credit: credit.unwrap_or_default(),
        standfirst: standfirst.unwrap_or_default(),
        body,
        byline: authors.join(", "),
        language,
        at: paper.at,
        seq,
    }
}

/// Runs until the bell says stop, or until the index fails: opened again, it is rebuilt if it has to.
pub(crate) fn run(mut indexer: Indexer, bell: &Bell) {
    while !bell.stopped() {
        match indexer.catch_up() {
            Ok(0) => bell.wait(LOOK_EVERY),
            Ok(_) => gather(bell),
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "indexing failed; opening the index again"
                );
                return bell.wait(REST);
            }
        }
    }
}

/// Lets more come in before the next commit: each costs a dozen files, however little it holds.
fn gather(bell: &Bell) {
    let until = Instant::now() + COMMIT_AFTER;
    while !bell.stopped() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        bell.wait(left);
    }
}
