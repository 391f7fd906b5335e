//! The loop that brings the wire to the search index: a cursor on the log.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use depeche_news::{Article, ItemId, SourceVisibility, jiff::Timestamp};
use depeche_search::{About, Change, Index, Reader};
use depeche_store::{Error, Lease, Paper, Store};

use crate::wire::{Bell, REST};

/// Entries applied between two looks at the clock.
const ENTRIES_AT_ONCE: usize = 512;

/// Longest an entry waits for the commit that makes it found while more keep coming.
const COMMIT_AFTER: Duration = Duration::from_millis(500);

/// How often it looks at the log by itself, for what other processes wrote.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Removals looked at in one go.
const REMOVED_AT_ONCE: usize = 4096;

/// How often files are written anew for what has expired, at most: it is the disk's whole work for a moment.
const REWRITE_EVERY: Duration = Duration::from_secs(3600);

/// How often a command looks whether the running indexer is where it has to be.
const WAIT: Duration = Duration::from_millis(100);

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
    /// It is being made anew.
    anew: bool,
    /// How far along the log it was looked for what is to be taken out of its files.
    swept: u64,
    /// Something has expired since the files were written anew.
    expired: bool,
    rewritten: Instant,
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
        Ok(Some(Self {
            store: store.clone(),
            index,
            seq,
            epoch: wire.epoch,
            anew: false,
            swept: 0,
            expired: false,
            rewritten: Instant::now(),
            _lease: lease,
        }))
    }

    /// A reader of this index.
    pub(crate) fn reader(&self) -> anyhow::Result<depeche_search::Reader> {
        Ok(self.index.reader()?)
    }

    /// Applies the log up to its end and commits; gives the number of entries. Begins anew where that was asked
    /// for, and sees to it that no word of what was taken down is left.
    pub(crate) fn catch_up(&mut self) -> anyhow::Result<usize> {
        self.catch_up_while(|| true)
    }

    /// The same, but no further than the next commit once `go_on` says no.
    fn catch_up_while(&mut self, go_on: impl Fn() -> bool) -> anyhow::Result<usize> {
        if !self.anew && self.store.reindex()?.is_some() {
            self.index.clear()?;
            (self.seq, self.swept, self.anew) = (0, 0, true);
        }
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
            if more && !go_on() {
                // One that is made anew is not committed before it is whole.
                return self.pause().map(|()| applied);
            }
            if more && uncommitted.elapsed() > COMMIT_AFTER {
                self.pause()?;
                uncommitted = Instant::now();
            }
        }
        if applied > 0 || self.anew {
            self.index.commit(self.seq, self.epoch)?;
        }
        if std::mem::take(&mut self.anew) {
            self.store.set_reindex(None).wait()?;
        }
        self.sweep()?;
        Ok(applied)
    }

    /// In the middle of much: commits what is there, or says how far the index is that is made anew. That one
    /// is not committed before it is whole: until then the old one answers.
    fn pause(&mut self) -> anyhow::Result<()> {
        match self.anew {
            true => self.store.set_reindex(Some(self.seq)).wait()?,
            false => self.index.commit(self.seq, self.epoch)?,
        }
        Ok(())
    }

    /// Takes what was removed out of the index's files: at once where the operator took it down, else when an
    /// hour's worth has grown old.
    fn sweep(&mut self) -> anyhow::Result<()> {
        loop {
            let removed = self.store.removed_since(self.swept, REMOVED_AT_ONCE)?;
            let Some(last) = removed.last().map(|last| last.seq).filter(|last| *last <= self.seq)
            else {
                break;
            };
            self.expired |= removed.iter().any(|removed| !removed.taken_down);
            let taken = removed.into_iter().filter(|removed| removed.taken_down);
            let taken: Vec<ItemId> = taken.map(|removed| removed.item).collect();
            if !taken.is_empty() {
                self.index.purge(&taken)?;
            }
            self.swept = last;
        }
        if self.expired && self.rewritten.elapsed() > REWRITE_EVERY {
            self.index.purge_worn()?;
            (self.expired, self.rewritten) = (false, Instant::now());
        }
        Ok(())
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

/// Brings the index to the end of the wire, or waits until the process that indexes has.
pub(crate) fn caught_up(store: &Store) -> anyhow::Result<()> {
    let seq = store.cursor()?.seq;
    // What the running wire waits for may never be over.
    let goes_on = || store.troubled().map_or(Ok(()), |trouble| Err(Error::Resting(trouble)));
    loop {
        goes_on()?;
        if let Some(mut indexer) = Indexer::start(store)? {
            if let Err(error) = indexer.catch_up() {
                // A full disk says more than what it did to the index.
                goes_on()?;
                return Err(error);
            }
            return Ok(());
        }
        let indexed = Reader::open(&folder(store)).ok().and_then(|reader| reader.cursor());
        if indexed.is_some_and(|cursor| cursor.seq >= seq) {
            return Ok(());
        }
        std::thread::sleep(WAIT);
    }
}

/// What search indexes of what the store holds.
fn searched(paper: Paper, seq: u64) -> depeche_search::Paper {
    let body = paper.article.text();
    let about = About::of(&paper.article, &paper.desk, paper.urgency);
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
        about,
        at: paper.at,
        seq,
    }
}

/// Runs until the bell says stop, or until the index fails: opened again, it is rebuilt if it has to.
pub(crate) fn run(mut indexer: Indexer, bell: &Bell) {
    while !bell.stopped() {
        if indexer.index.is_broken() {
            tracing::error!("a search found the index torn; opening the index again");
            indexer.index.doubt();
            return bell.wait(REST);
        }
        match indexer.catch_up_while(|| !bell.stopped()) {
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
