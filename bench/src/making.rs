//! Making a wire: pieces become feeds, and the feeds take the way of the program (recorded, worked
//! off by ingest, indexed), each stage timed by itself.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use depeche_ingest::Ingest;
use depeche_news::{
    Article, Delivery, DeliveryKind, ItemId, SourceId, SourceVisibility, Validators,
    jiff::Timestamp,
};
use depeche_search::{About, Change, Index};
use depeche_store::{NewSource, Paper, SourceKind, SourceState, Store};
use serde::{Deserialize, Serialize};

use crate::{
    arguments::Arguments,
    clock::{cpu_of, process_cpu, thread_cpu},
    figures::progress,
    stages,
    text::{Newsroom, OUTLETS, Piece, Plan, feeds},
};

/// Pieces that come in between two looks of the loops: some 25 a feed, as feeds are long.
const AT_ONCE: usize = 300;

/// Entries applied to the index at once, as the program does.
const ENTRIES_AT_ONCE: usize = 512;

/// What is written beside a wire that was made, so that it can be used again.
const NOTE: &str = "made.json";

/// A wire on disk and what is known of it.
pub(crate) struct Made {
    pub(crate) folder: PathBuf,
    pub(crate) note: Note,
    /// What making it cost; `None` when it was there already.
    pub(crate) spent: Option<Spent>,
}

/// What a wire was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) articles: usize,
    seed: u64,
    a_day: usize,
    text: String,
    pub(crate) text_bytes: u64,
}

impl Note {
    pub(crate) fn of(arguments: &Arguments, articles: usize) -> Self {
        let Arguments { seed, a_day, .. } = *arguments;
        Self { articles, seed, a_day, text: arguments.text(), text_bytes: 0 }
    }
}

/// CPU by stage.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) all: Duration,
    pub(crate) record: Duration,
    pub(crate) read: Duration,
    pub(crate) place: Duration,
    pub(crate) append: Duration,
    pub(crate) index: Duration,
    /// Entries that the index took.
    pub(crate) entries: usize,
}

/// The wire of so many articles; made unless it is there.
pub(crate) fn made(base: &Path, arguments: &Arguments, articles: usize) -> anyhow::Result<Made> {
    let folder = base.join(format!("wire-{articles}"));
    let note = Note::of(arguments, articles);
    if let Some(known) = known(&folder)
        && (Note { text_bytes: 0, ..known.clone() }) == note
    {
        progress(&format!("using the wire in {}", folder.display()));
        return Ok(Made { folder, note: known, spent: None });
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let mut newsroom = newsroom(arguments, articles)?;
    let mut way = Way::open(&folder)?;
    let (spent, text_bytes) = make(&mut way, &mut newsroom, articles)?;
    drop(way);
    let note = Note { text_bytes, ..note };
    fs::write(folder.join(NOTE), serde_json::to_string(&note)?)?;
    Ok(Made { folder, note, spent: Some(spent) })
}

/// What is known of a wire that was made.
pub(crate) fn known(folder: &Path) -> Option<Note> {
    serde_json::from_str(&fs::read_to_string(folder.join(NOTE)).ok()?).ok()
}

/// Where the pieces of a wire of so many articles come from.
pub(crate) fn newsroom(arguments: &Arguments, articles: usize) -> anyhow::Result<Newsroom> {
    Newsroom::open(&Plan {
        seed: arguments.seed,
        count: articles,
        a_day: arguments.a_day,
        end: Timestamp::now(),
        sets: arguments.sets.as_deref(),
        first: 0,
    })
}

fn make(way: &mut Way, newsroom: &mut Newsroom, articles: usize) -> anyhow::Result<(Spent, u64)> {
    let mut spent = Spent::default();
    let (read, place) = (stages::spent("read"), stages::spent("place"));
    let (began, mut writing, mut text_bytes, mut done) = (process_cpu(), Duration::ZERO, 0, 0);
    while done < articles {
        let before = thread_cpu();
        let pieces: Vec<Piece> =
            (0..AT_ONCE.min(articles - done)).map(|_| newsroom.piece()).collect();
        let deliveries = way.deliveries(&pieces);
        text_bytes += pieces.iter().map(|piece| piece.text_bytes() as u64).sum::<u64>();
        writing += thread_cpu() - before;

        let now = pieces.last().map_or_else(Timestamp::now, |piece| piece.at);
        spent.record += cpu_of(|| way.record(deliveries)).1;
        let alone = thread_cpu();
        let (worked, all) = cpu_of(|| way.work(now));
        worked?;
        // Reading and placing run in this thread, appending in the store's.
        spent.append += all.saturating_sub(thread_cpu() - alone);
        let (entries, cost) = cpu_of(|| way.index());
        spent.index += cost;
        spent.entries += entries?;
        let tenth = articles.div_ceil(10).max(AT_ONCE);
        if (done + pieces.len()) / tenth > done / tenth && articles > 5000 {
            progress(&format!("{} of {articles} articles", done + pieces.len()));
        }
        done += pieces.len();
    }
    spent.all = (process_cpu() - began).saturating_sub(writing);
    spent.read = stages::spent("read") - read;
    spent.place = stages::spent("place") - place;
    Ok((spent, text_bytes))
}

/// The way of an article through one process, stage by stage.
pub(crate) struct Way {
    pub(crate) store: Store,
    ingest: Ingest,
    index: Index,
    seq: u64,
    sources: Vec<SourceId>,
}

impl Way {
    /// A wire in `folder`, with its outlets. Nobody else asks them: they are paused.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let store = Store::open(folder)?;
        let now = Timestamp::now();
        let sources = (0..OUTLETS).map(|outlet| source(&store, outlet, now));
        let sources = sources.collect::<anyhow::Result<_>>()?;
        let ingest = Ingest::start(&store, now)?.context("another process takes in here")?;
        let opened = Index::open(&folder.join("index"))?;
        Ok(Self { store, ingest, seq: opened.cursor.unwrap_or(0), index: opened.index, sources })
    }

    /// The feeds that bring these pieces, one an outlet.
    pub(crate) fn deliveries(&self, pieces: &[Piece]) -> Vec<Delivery> {
        let outlets = self.sources.iter().enumerate();
        outlets.filter_map(|(outlet, source)| delivery(outlet, source, pieces)).collect()
    }

    /// The identity of an outlet.
    pub(crate) fn source(&self, outlet: usize) -> anyhow::Result<SourceId> {
        self.sources.get(outlet).cloned().context("no such outlet")
    }

    /// What the collector does with what came.
    #[inline(never)]
    pub(crate) fn record(&self, deliveries: Vec<Delivery>) -> anyhow::Result<()> {
        let receipts: Vec<_> =
            deliveries.into_iter().map(|delivery| self.store.record(delivery)).collect();
        receipts.into_iter().try_for_each(|receipt| receipt.wait().map(|_| ()))?;
        Ok(())
    }

    /// What the ingest loop does until nothing waits.
    #[inline(never)]
    pub(crate) fn work(&mut self, now: Timestamp) -> anyhow::Result<()> {
        while self.ingest.work(now, || true)? > 0 {}
        Ok(())
    }

    /// What the index's loop does until it has caught up; gives the number of entries.
    #[inline(never)]
    pub(crate) fn index(&mut self) -> anyhow::Result<usize> {
        let (applied, seq) = catch_up(&self.store, &mut self.index, self.seq)?;
        self.seq = seq;
        Ok(applied)
    }
}

/// Applies the log after `seq` to an index.
pub(crate) fn catch_up(
    store: &Store,
    index: &mut Index,
    mut seq: u64,
) -> anyhow::Result<(usize, u64)> {
    let epoch = store.cursor()?.epoch;
    let mut applied = 0;
    loop {
        let entries = store.entries(seq, ENTRIES_AT_ONCE)?;
        let Some(last) = entries.last() else { return Ok((applied, seq)) };
        seq = last.seq;
        applied += entries.len();
        let latest: BTreeMap<ItemId, u64> =
            entries.into_iter().map(|entry| (entry.subject.item, entry.seq)).collect();
        index.apply(&changes(store, &latest)?)?;
        index.commit(seq, epoch)?;
    }
}

/// What the log's entries change in the index, as the program's own loop tells it.
pub(crate) fn changes(
    store: &Store,
    latest: &BTreeMap<ItemId, u64>,
) -> anyhow::Result<Vec<Change>> {
    let ids: Vec<ItemId> = latest.keys().cloned().collect();
    let mut papers = store.papers(Timestamp::now(), &ids)?;
    let change = |(id, seq): (&ItemId, &u64)| match papers.remove(id) {
        Some(paper) => Change::Put(searched(paper, *seq)),
        None => Change::Delete(id.clone()),
    };
    Ok(latest.iter().map(change).collect())
}

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

fn source(store: &Store, outlet: usize, now: Timestamp) -> anyhow::Result<SourceId> {
    let new = NewSource {
        address: feeds::address(outlet),
        name: Some(format!("Outlet {outlet}")),
        language: Some("fr".to_owned()),
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    let (id, _) = store.add_source(new, now).wait()?;
    store.set_source_state(&id, SourceState::Paused).wait()?;
    Ok(id)
}

fn delivery(outlet: usize, source: &SourceId, pieces: &[Piece]) -> Option<Delivery> {
    let ours: Vec<&Piece> = pieces.iter().filter(|piece| piece.outlet == outlet).collect();
    let received_at = pieces.last()?.at;
    (!ours.is_empty()).then(|| Delivery {
        source: source.clone(),
        kind: DeliveryKind::Feed,
        address: feeds::address(outlet),
        headers: vec![("content-type".to_owned(), feeds::media_type(outlet).to_owned())],
        body: feeds::feed(outlet, &ours).into_bytes(),
        received_at,
        backfill: false,
        validators: Validators::default(),
    })
}
