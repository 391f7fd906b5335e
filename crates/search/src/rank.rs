//! Walks the lists of a query's words and keeps the best documents.
//!
//! Documents are scored a window at a time, list after list: the scores of a window stay in the
//! first cache, and a posting costs a few nanoseconds whatever the number of words. First the
//! words that find, then those that only rank, on what was found.

use std::cmp::Ordering;

use tantivy::{DocId, TERMINATED, postings::BlockSegmentPostings, schema::IndexRecordOption};

use crate::{
    clause::{Clause, Clauses, Lies, List},
    facets::{Count, Facets},
    gather::Gatherer,
    query::Query,
    recency::half_life,
    scope::{Filter, Order, Scope},
    view::{Segment, Text, View},
};

/// Documents scored at a time; scores and words found take 32 kB, a first-level cache.
const WINDOW: usize = 4_096;

/// What is left of the score of a very old document in the mixed order, so that the right
/// document of years ago still beats a weak one of today.
const OLD_SHARE: f32 = 0.3;

/// A document on its way to be a hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// Comes before the score; the same for all, except in the order of recency.
    rank: i64,
    pub(crate) score: f32,
    pub(crate) segment: usize,
    pub(crate) document: DocId,
}

/// What was found.
pub(crate) struct Found {
    /// The best documents, best first.
    pub(crate) best: Vec<Candidate>,
    /// How many there are.
    pub(crate) total: u64,
    /// How many hold all words.
    pub(crate) whole: u64,
    /// All of them counted, where that was asked for.
    pub(crate) facets: Option<Facets>,
    /// Whether it cost so much that the older documents were not looked at.
    pub(crate) cut_short: bool,
}

/// Most that a search may cost, in nanoseconds of a core as they are reckoned here; a clock would give other answers on
/// a busy machine. Past it the answer is cut short, and says so.
pub(crate) const COST_MAX: u64 = 35_000_000;

/// What a posting costs, and a document that was found.
const POSTING_COST: u64 = 4;
const FOUND_COST: u64 = 20;

/// The best `wanted` documents of all segments.
pub(crate) fn best(
    gatherer: &Gatherer<'_>,
    query: &Query,
    clauses: &Clauses,
    scope: &Scope<'_>,
    wanted: usize,
) -> tantivy::Result<Found> {
    let view = gatherer.view;
    let mut best = Best { wanted, kept: Vec::new(), floor: None, total: 0, whole: 0 };
    let mut count = scope.counted.then(|| Count::new(&scope.now, view.newest));
    let mut window = Window::new();
    let whole = whole(clauses);
    let half_life = match scope.order {
        Order::Mixed => half_life(view, query, &clauses.all)?,
        _ => f32::INFINITY,
    };
    let (mut walked, mut cut_short) = (0, false);
    for &number in &view.latest_first {
        let Some(segment) = view.segments.get(number) else { continue };
        let mut is_spent = walked + gatherer.cost() >= COST_MAX;
        cut_short |= is_spent;
        if is_spent {
            break;
        }
        let filter = Filter::new(gatherer, segment, query, scope)?;
        // A list that is not whole leaves out what is wanted and lets through what is not; it is only better than nothing.
        is_spent = !gatherer.is_whole(segment);
        cut_short |= is_spent;
        if is_spent && best.total > 0 {
            break;
        }
        let order = scope.order;
        let cost = walked + gatherer.cost();
        let mut walk =
            Walk { view, segment, number, filter, order, whole, half_life, freshest: 1.0, cost };
        walk.freshest = walk.freshness(segment.at.max_value());
        if let Some(count) = &mut count {
            count.open(segment);
        }
        let mut cursors = cursors(view, &clauses.all, segment, number)?;
        let mut start = walk.start(query, &cursors, 0);
        while let Some(base) = start.filter(|_| walk.cost() < COST_MAX) {
            window.open(base, walk.segment.reader.max_doc(), query.is_for_all());
            let postings: u64 = cursors.iter_mut().map(|cursor| window.score(cursor)).sum();
            walk.cost += postings * POSTING_COST;
            walk.gather(&window, &mut best, count.as_mut());
            start = walk.start(query, &cursors, base.saturating_add(WINDOW as DocId));
        }
        walked = walk.cost() - gatherer.cost();
        if let Some(count) = &mut count {
            count.close(segment)?;
        }
    }
    let (total, whole) = (best.total, best.whole);
    cut_short |= walked + gatherer.cost() >= COST_MAX;
    Ok(Found { best: best.finish(), total, whole, facets: count.map(Count::finish), cut_short })
}

/// The bits of a document that holds all words; none where that cannot be.
fn whole(clauses: &Clauses) -> Option<u32> {
    let counting = clauses.all.iter().enumerate().filter(|(_, clause)| clause.counts);
    let bits = counting.fold(0, |bits, (word, _)| bits | bit(word));
    (clauses.missing.is_empty() && bits != 0).then_some(bits)
}

/// The bit of a word, by its number.
fn bit(word: usize) -> u32 {
    1 << (word % 31)
}

/// The order of hits: higher first, then as they lie in the index.
pub(crate) fn by_rank(a: &Candidate, b: &Candidate) -> Ordering {
    (b.rank.cmp(&a.rank))
        .then(b.score.total_cmp(&a.score))
        .then_with(|| (a.segment, a.document).cmp(&(b.segment, b.document)))
}

/// The way through one segment.
struct Walk<'a> {
    view: &'a View,
    segment: &'a Segment,
    number: usize,
    filter: Filter<'a>,
    order: Order,
    /// The bits of a document that holds all words.
    whole: Option<u32>,
    /// After this time half of what recency is worth is gone, in seconds.
    half_life: f32,
    /// What is left of a score here at best.
    freshest: f32,
    /// What the search has cost so far, but for what conditions did here.
    cost: u64,
}

impl Walk<'_> {
    /// What the search has cost so far.
    fn cost(&self) -> u64 {
        self.cost + self.filter.cost
    }

    /// Where the next window opens: at the next document that a word finds. A query without
    /// words goes through all documents.
    fn start(&self, query: &Query, cursors: &[Cursor<'_>], from: DocId) -> Option<DocId> {
        if query.is_for_all() {
            return (from < self.segment.reader.max_doc()).then_some(from);
        }
        cursors.iter().filter(|cursor| cursor.finds).filter_map(Cursor::document).min()
    }

    /// Takes the documents of a window that were found and are wanted.
    fn gather(&mut self, window: &Window, best: &mut Best, mut count: Option<&mut Count>) {
        for (document, score, words) in window.found() {
            self.cost += FOUND_COST;
            if !self.filter.admits(document) {
                if self.cost() >= COST_MAX {
                    return;
                }
                continue;
            }
            let whole = self.whole.is_some_and(|whole| words & whole == whole);
            best.whole += u64::from(whole);
            if let Some(count) = &mut count {
                count.take(self.segment, document);
            }
            let mut candidate = Candidate { rank: 0, score, segment: self.number, document };
            match self.order {
                Order::Score => {}
                Order::Relevance => candidate.rank = i64::from(whole),
                Order::Recency => candidate.rank = self.recency(document, words, whole),
                Order::Mixed => {
                    candidate.rank = i64::from(whole);
                    // As fresh as the latest here it would be at best: most need not be asked how old they are.
                    let at_best = Candidate { score: score * self.freshest, ..candidate };
                    if best.is_beyond(&at_best) {
                        best.total += 1;
                        continue;
                    }
                    candidate.score *= self.freshness(self.segment.at.get_val(document));
                }
            }
            best.take(candidate);
        }
    }

    /// All words, then how many of them, then seconds.
    fn recency(&self, document: DocId, words: u32, whole: bool) -> i64 {
        let seconds = self.segment.at.get_val(document) / 1_000_000;
        (i64::from(whole) << 56) + (i64::from(words.count_ones()) << 48) + seconds
    }

    /// What is left of a score by its document's age against the latest of the index.
    fn freshness(&self, at: i64) -> f32 {
        let age = self.view.newest.saturating_sub(at);
        let half_lives = (age / 1_000_000) as f32 / self.half_life;
        OLD_SHARE + (1.0 - OLD_SHARE) * (-half_lives).exp2()
    }
}

/// The cursors on all lists of a segment: first those of words that find.
fn cursors<'a>(
    view: &'a View,
    clauses: &'a [Clause],
    segment: &'a Segment,
    number: usize,
) -> tantivy::Result<Vec<Cursor<'a>>> {
    let mut cursors = Vec::new();
    for (word, clause) in clauses.iter().enumerate() {
        for list in &clause.lists {
            let cursor = Cursor::open(view, segment, number, list, clause.finds)?;
            cursors.extend(cursor.map(|cursor| Cursor { word: bit(word), ..cursor }));
        }
    }
    cursors.sort_by_key(|cursor| !cursor.finds);
    Ok(cursors)
}

/// A place in one list of one segment.
struct Cursor<'a> {
    postings: Postings<'a>,
    /// The place in the block of postings.
    at: usize,
    text: &'a Text,
    damping: &'a [f32; 256],
    weight: f32,
    finds: bool,
    /// The bit of its word.
    word: u32,
}

/// A list that is walked.
#[expect(clippy::large_enum_variant, reason = "nearly every list is the large one")]
enum Postings<'a> {
    /// In the index, a block at a time.
    There(BlockSegmentPostings),
    /// Made for this search, whole.
    Made(&'a [DocId]),
}

impl<'a> Cursor<'a> {
    fn open(
        view: &'a View,
        segment: &'a Segment,
        number: usize,
        list: &'a List,
        finds: bool,
    ) -> tantivy::Result<Option<Self>> {
        let text = segment.text(list.text);
        let postings = match &list.lies {
            Lies::There(places) => {
                let Some(Some(place)) = places.get(number) else { return Ok(None) };
                let counts = IndexRecordOption::WithFreqs;
                Postings::There(text.lists.read_block_postings_from_terminfo(place, counts)?)
            }
            Lies::Made(documents) => {
                Postings::Made(documents.get(number).map_or(&[], |documents| documents))
            }
        };
        let damping = view.damping(list.text);
        Ok(Some(Self { postings, at: 0, text, damping, weight: list.weight, finds, word: 0 }))
    }

    /// The document the cursor stands at; `None` at the end.
    fn document(&self) -> Option<DocId> {
        let documents = match &self.postings {
            Postings::There(postings) => postings.docs(),
            Postings::Made(documents) => documents,
        };
        documents.get(self.at).copied().filter(|document| *document != TERMINATED)
    }

    /// Goes to the first document from `base` on.
    fn skip_to(&mut self, base: DocId) {
        if self.document().is_none_or(|document| document >= base) {
            return;
        }
        self.at = match &mut self.postings {
            Postings::There(postings) => postings.seek(base),
            Postings::Made(documents) => documents.partition_point(|document| *document < base),
        };
    }

    /// What one posting adds to its document's score.
    fn worth(&self, document: DocId, count: u32) -> f32 {
        let length = self.text.lengths.fieldnorm_id(document);
        let damping = self.damping.get(usize::from(length)).copied().unwrap_or(1.0);
        let count = count as f32;
        self.weight * count / (count + damping)
    }

    /// Goes to the next block; false at the end.
    fn next_block(&mut self) -> bool {
        match &mut self.postings {
            Postings::There(postings) => {
                postings.advance();
                self.at = 0;
                true
            }
            Postings::Made(_) => false,
        }
    }
}

/// The scores of some thousand documents in a row.
struct Window {
    base: DocId,
    scores: Vec<f32>,
    /// The words each document was found by; none: not found.
    words: Vec<u32>,
}

/// Stands for «found without a word».
const NO_WORD: u32 = 1 << 31;

impl Window {
    fn new() -> Self {
        Self { base: 0, scores: Vec::new(), words: Vec::new() }
    }

    /// Empties the window and moves it to `base`.
    fn open(&mut self, base: DocId, end: DocId, all_found: bool) {
        let length = (end.saturating_sub(base) as usize).min(WINDOW);
        self.base = base;
        self.scores.clear();
        self.scores.resize(length, 0.0);
        self.words.clear();
        self.words.resize(length, if all_found { NO_WORD } else { 0 });
    }

    /// Adds what one list gives to the documents of the window, and moves its cursor past them; how many they were.
    fn score(&mut self, cursor: &mut Cursor<'_>) -> u64 {
        cursor.skip_to(self.base);
        let mut walked = 0;
        loop {
            let (documents, counts) = match &cursor.postings {
                Postings::There(postings) => (postings.docs(), postings.freqs()),
                Postings::Made(documents) => (*documents, [].as_slice()),
            };
            let mut at = cursor.at;
            let counts = counts.iter().skip(cursor.at).copied().chain(std::iter::repeat(1));
            for (&document, count) in documents.iter().skip(cursor.at).zip(counts) {
                let slot = document.wrapping_sub(self.base) as usize;
                let (Some(score), Some(words)) =
                    (self.scores.get_mut(slot), self.words.get_mut(slot))
                else {
                    break;
                };
                at += 1;
                if cursor.finds || *words != 0 {
                    *score += cursor.worth(document, count);
                    *words |= cursor.word;
                }
            }
            let (exhausted, through) = (documents.is_empty(), at >= documents.len());
            walked += (at - cursor.at) as u64;
            cursor.at = at;
            if exhausted || !through || !cursor.next_block() {
                return walked;
            }
        }
    }

    /// The documents found, their scores and words.
    fn found(&self) -> impl Iterator<Item = (DocId, f32, u32)> {
        let rows = self.scores.iter().zip(&self.words).zip(self.base..);
        rows.filter(|((_, words), _)| **words != 0)
            .map(|((score, words), document)| (document, *score, *words))
    }
}

/// Keeps the best candidates.
struct Best {
    wanted: usize,
    kept: Vec<Candidate>,
    /// A candidate after this one is none of the best.
    floor: Option<Candidate>,
    total: u64,
    whole: u64,
}

impl Best {
    fn take(&mut self, candidate: Candidate) {
        self.total += 1;
        if self.is_beyond(&candidate) {
            return;
        }
        self.kept.push(candidate);
        if self.kept.len() >= 2 * self.wanted.max(16) {
            self.prune();
        }
    }

    /// Whether a candidate is none of the best, whatever comes.
    fn is_beyond(&self, candidate: &Candidate) -> bool {
        self.floor.is_some_and(|floor| by_rank(candidate, &floor).is_ge())
    }

    fn prune(&mut self) {
        if let Some(last) = self.wanted.checked_sub(1).filter(|last| *last < self.kept.len()) {
            let (_, floor, _) = self.kept.select_nth_unstable_by(last, by_rank);
            self.floor = Some(*floor);
        }
        self.kept.truncate(self.wanted);
    }

    fn finish(mut self) -> Vec<Candidate> {
        self.prune();
        self.kept.sort_unstable_by(by_rank);
        self.kept
    }
}
