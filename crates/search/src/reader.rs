//! Searching: any number of readers, in the writer's process or in another one.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use depeche_news::{Cursor, DispatchId, ItemId};
use tantivy::{IndexReader, ReloadPolicy, SegmentReader, columnar::ColumnValues};

use crate::{
    Error, Query, Scope,
    clause::Clauses,
    facets::Facets,
    folder,
    gather::Gatherer,
    index::cursor_of_payload,
    paper::{Digits, Fields},
    proximity::{RERANKED, rerank},
    rank::{Candidate, Found, best},
    scope::Order,
    view::{Segment, View},
};

/// Deepest hit that can be asked for: nobody turns a hundred pages, and each keeps memory.
const HITS_MAX: usize = 2_000;

/// Searches the index; clones are cheap and share everything.
#[derive(Clone)]
pub struct Reader {
    reader: IndexReader,
    fields: Fields,
    view: Arc<RwLock<Arc<View>>>,
    /// Whether a file could not be read, so that the index is to be opened again.
    broken: Arc<AtomicBool>,
}

/// The answer to a search.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// How many documents were found in all.
    pub total: u64,
    /// How many of them hold all words of the query.
    pub whole: u64,
    /// Words of the query that no document holds, folded, and those that were taken in their place.
    pub meant: Vec<(String, String)>,
    /// Words of the query that no document holds, folded.
    pub missing: Vec<String>,
    /// Whether the query cost so much that only the latest documents were looked at.
    pub cut_short: bool,
    /// All that was found, counted, where the scope asks for it.
    pub facets: Option<Facets>,
    /// Those asked for, in the order asked for.
    pub hits: Vec<Hit>,
    /// From the query to the ranked hits, by a monotonic clock.
    pub took_microseconds: u64,
}

/// One document found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The item.
    pub item: ItemId,
    /// The id that its imported line carried, where the scope asks for it.
    pub external: Option<String>,
    /// The dispatch it belongs to.
    pub dispatch: DispatchId,
    /// Comparable within one answer only.
    pub score: f32,
}

impl Reader {
    /// Opens the index in `folder` for searching only; it may be written by another process.
    /// Commits of that are seen within a second, or at once after [`Reader::reload`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let fields = Fields::new();
        let path = folder::path(folder, &fields);
        if !path.join("meta.json").exists() {
            return Err(Error::Missing(folder.to_owned()));
        }
        let index = tantivy::Index::open_in_dir(path)?;
        let policy = ReloadPolicy::OnCommitWithDelay;
        Self::new(index.reader_builder().reload_policy(policy).try_into()?, fields)
    }

    pub(crate) fn new(reader: IndexReader, fields: Fields) -> Result<Self, Error> {
        let view = View::new(reader.searcher(), fields.clone(), None)?;
        let view = Arc::new(RwLock::new(Arc::new(view)));
        Ok(Self { reader, fields, view, broken: Arc::default() })
    }

    /// Looks for commits of another process now.
    pub fn reload(&self) -> Result<(), Error> {
        self.reader.reload()?;
        Ok(())
    }

    /// How far along the wire log the last commit is, whoever made it; read from the disk.
    pub fn cursor(&self) -> Option<Cursor> {
        let metas = self.reader.searcher().index().load_metas().ok()?;
        cursor_of_payload(&metas.payload?)
    }

    /// How many documents can be found.
    pub fn documents(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Searches. A query without any word finds everything in `scope`, the latest first.
    pub fn search(&self, query: &Query, scope: &Scope<'_>) -> Result<Hits, Error> {
        self.reading(|| self.find(query, scope))
    }

    /// Whether a file could not be read as it was written: then the index is to be opened again.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// What `read` gives. tantivy trusts its own files: one that was written over while it is open makes it panic.
    pub(crate) fn reading<T>(&self, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(Error::Torn));
        if read.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        read
    }

    fn find(&self, query: &Query, scope: &Scope<'_>) -> Result<Hits, Error> {
        let started = Instant::now();
        let view = self.view()?;
        let (clauses, found) = ranked(&view, query, scope)?;
        let page = found.best.get(scope.offset.min(found.best.len())..).unwrap_or_default();
        let hits = hits(&view, page, scope.with_external)?;
        let took_microseconds = started.elapsed().as_micros() as u64;
        let Found { total, whole, facets, cut_short, .. } = found;
        let Clauses { meant, missing, .. } = clauses;
        Ok(Hits { total, whole, meant, missing, cut_short, facets, hits, took_microseconds })
    }

    /// Opens the latest commit, as the next search would, and lets go of the one before.
    pub(crate) fn renew(&self) -> Result<(), Error> {
        self.view().map(|_| ())
    }

    /// Whether a word of this item may be left in a file, though it is not found any more.
    pub fn still_holds(&self, item: &ItemId) -> Result<bool, Error> {
        for segment in self.reader.searcher().segment_readers() {
            if holds(segment, &self.fields, std::slice::from_ref(item))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The view of the latest commit, made by the first search after it.
    pub(crate) fn view(&self) -> Result<Arc<View>, Error> {
        let searcher = self.reader.searcher();
        let current = |view: &View| {
            view.searcher.generation().generation_id() == searcher.generation().generation_id()
        };
        let view = Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner));
        if current(&view) {
            return Ok(view);
        }
        let mut shared = self.view.write().unwrap_or_else(PoisonError::into_inner);
        if !current(&shared) {
            let renewed = View::new(searcher.clone(), self.fields.clone(), Some(&*shared))?;
            *shared = Arc::new(renewed);
        }
        Ok(Arc::clone(&shared))
    }
}

/// Whether a segment's lists name one of these items, be it deleted.
pub(crate) fn holds(
    segment: &SegmentReader,
    fields: &Fields,
    items: &[ItemId],
) -> tantivy::Result<bool> {
    let lists = segment.inverted_index(fields.item)?;
    for item in items {
        if lists.get_term_info(&fields.item_term(item))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What was found down to the last hit asked for, in order.
fn ranked(view: &View, query: &Query, scope: &Scope<'_>) -> Result<(Clauses, Found), Error> {
    let asked = scope.offset.saturating_add(scope.limit).min(HITS_MAX);
    let scope = match query.is_for_all() {
        true => &Scope { order: Order::Recency, ..scope.clone() },
        false => scope,
    };
    let gatherer = Gatherer::new(view);
    let clauses = Clauses::new(&gatherer, query, scope.viewer)?;
    let mut found = best(&gatherer, query, &clauses, scope, asked.max(RERANKED))?;
    if scope.order != Order::Recency {
        rerank(view, &clauses.all, &mut found.best)?;
    }
    found.best.truncate(asked);
    Ok((clauses, found))
}

fn hits(view: &View, candidates: &[Candidate], with_external: bool) -> Result<Vec<Hit>, Error> {
    let mut externals = match with_external {
        true => externals(view, candidates)?.into_iter(),
        false => Vec::new().into_iter(),
    };
    let mut hits = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let external = externals.next().flatten();
        if let Some(segment) = view.segments.get(candidate.segment) {
            hits.extend(hit(segment, candidate, external));
        }
    }
    Ok(hits)
}

fn hit(segment: &Segment, candidate: &Candidate, external: Option<String>) -> Option<Hit> {
    let id = |columns: &[Arc<dyn ColumnValues<u64>>; 2]| {
        let [high, low] = columns.each_ref().map(|column| column.get_val(candidate.document));
        Digits { high, low }.text()
    };
    let item = ItemId::parse(&id(&segment.item))?;
    let dispatch = DispatchId::parse(&id(&segment.dispatch))?;
    Some(Hit { item, external, dispatch, score: candidate.score })
}

/// The external ids of the candidates, in their order. A dictionary is read from the start of a
/// block at every look-up, so each segment's is gone through once.
fn externals(view: &View, candidates: &[Candidate]) -> Result<Vec<Option<String>>, Error> {
    let mut externals = vec![None; candidates.len()];
    for (number, segment) in view.segments.iter().enumerate() {
        let Some(column) = &segment.external else { continue };
        let mut wanted: Vec<(u64, usize)> = Vec::new();
        for (place, candidate) in candidates.iter().enumerate() {
            if candidate.segment == number {
                wanted.extend(column.term_ords(candidate.document).next().map(|ord| (ord, place)));
            }
        }
        wanted.sort_unstable();
        let mut ords: Vec<_> = wanted.iter().map(|(ord, _)| *ord).collect();
        ords.dedup();
        let mut texts = Vec::with_capacity(ords.len());
        let take = |text: &[u8]| texts.push(String::from_utf8_lossy(text).into_owned());
        let read = column.dictionary().sorted_ords_to_term_cb(&ords, take);
        read.map_err(tantivy::TantivyError::from)?;
        for (ord, place) in wanted {
            let text = ords.binary_search(&ord).ok().and_then(|at| texts.get(at));
            if let Some(external) = externals.get_mut(place) {
                *external = text.cloned();
            }
        }
    }
    Ok(externals)
}
