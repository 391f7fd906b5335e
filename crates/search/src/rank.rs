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
    view::{Saturation, Segment, Text, View},
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
pub(crate) const COST_MAX: u64 = 30_000_000;

/// What a posting costs, and a document that was found.
const POSTING_COST: u64 = 4;

/// Postings that looking up one document in a list costs as much as.
const LOOKED_UP: u64 = 12;

const FOUND_COST: u64 = 12;

/// The best `wanted` documents of all segments.
pub(crate) fn best(
    gatherer: &Gatherer<'_>,
    query: &Query,
    clauses: &Clauses,
    scope: &Scope<'_>,
    wanted: usize,
) -> tantivy::Result<Found> {
    let view = gatherer.view;
    let half_life = match scope.order {
        Order::Mixed => half_life(view, query, &clauses.all)?,
        _ => f32::INFINITY,
    };
    let mut ranking = Ranking {
        gatherer,
        query,
        clauses,
        scope,
        whole: whole(clauses),
        half_life,
        window: Window::new(),
        best: Best { wanted, kept: Vec::new(), floor: None, total: 0, whole: 0 },
        count: scope.counted.then(|| Count::new(&scope.now, view.newest)),
        walked: 0,
    };
    let mut cut_short = false;
    for &number in &view.latest_first {
        cut_short |= !ranking.go_through(number)?;
        if cut_short && ranking.best.total > 0 || ranking.cost() >= COST_MAX {
            break;
        }
    }
    let Ranking { best, count, .. } = ranking;
    let (total, whole) = (best.total, best.whole);
    Ok(Found { best: best.finish(), total, whole, facets: count.map(Count::finish), cut_short })
}

/// The ranking of one search.
struct Ranking<'a> {
    gatherer: &'a Gatherer<'a>,
    query: &'a Query,
    clauses: &'a Clauses,
    scope: &'a Scope<'a>,
    /// The bits of a document that holds all words.
    whole: Option<u32>,
    /// After this time half of what recency is worth is gone, in seconds.
    half_life: f32,
    window: Window,
    best: Best,
    count: Option<Count>,
    /// What going through segments has cost so far.
    walked: u64,
}

impl Ranking<'_> {
    fn cost(&self) -> u64 {
        self.walked + self.gatherer.cost()
    }

    /// Goes through a segment; false where it was not gone through whole because that would cost too much.
    fn go_through(&mut self, number: usize) -> tantivy::Result<bool> {
        let view = self.gatherer.view;
        let Some(segment) = view.segments.get(number) else { return Ok(true) };
        if self.cost() >= COST_MAX {
            return Ok(false);
        }
        let filter = Filter::new(self.gatherer, segment, self.query, self.scope)?;
        // A list that is not whole leaves out what is wanted and lets through what is not; it is only better than nothing.
        let whole_lists = self.gatherer.is_whole(segment);
        if !whole_lists && self.best.total > 0 {
            return Ok(false);
        }
        if !filter.admits_any() {
            return Ok(whole_lists);
        }
        let latest = segment.at.max_value();
        let (order, whole, half_life) = (self.scope.order, self.whole, self.half_life);
        let cost = self.cost();
        let mut walk = Walk {
            view,
            segment,
            number,
            filter,
            order,
            whole,
            half_life,
            latest,
            freshest: 1.0,
            cost,
        };
        walk.freshest = walk.freshness(latest);
        let mut cursors = cursors(view, &self.clauses.all, segment, number)?;
        let for_all = self.query.is_for_all();
        let mut start = walk.start(for_all, &cursors, 0);
        while let Some(base) = start.filter(|_| walk.cost() < COST_MAX) {
            self.window.open(base, segment.reader.max_doc(), for_all);
            walk.cost += self.window.score_all(&mut cursors) * POSTING_COST;
            let through = walk.gather(&mut self.window, &mut self.best, self.count.as_mut());
            start = match through {
                true => walk.start(for_all, &cursors, base.saturating_add(WINDOW as DocId)),
                false => Some(base),
            };
        }
        self.walked = walk.cost() - self.gatherer.cost();
        if let Some(count) = &mut self.count {
            count.close(segment)?;
        }
        Ok(whole_lists && start.is_none())
    }
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
    /// The latest time here, and what is left of a score at that.
    latest: i64,
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
    fn start(&self, for_all: bool, cursors: &[Cursor<'_>], from: DocId) -> Option<DocId> {
        if for_all {
            return (from < self.segment.reader.max_doc()).then_some(from);
        }
        cursors.iter().filter(|cursor| cursor.finds).filter_map(Cursor::document).min()
    }

    /// Takes the documents of a window that were found and are wanted, and empties it; false where that would cost too much.
    fn gather(
        &mut self,
        window: &mut Window,
        best: &mut Best,
        mut count: Option<&mut Count>,
    ) -> bool {
        let admits_all = self.filter.admits_all();
        for part in 0..window.found.len() {
            while let Some((document, slot)) = window.next(part) {
                self.cost += FOUND_COST;
                if !admits_all && !self.filter.admits(document) {
                    if self.cost() >= COST_MAX {
                        window.clear();
                        return false;
                    }
                    continue;
                }
                let whole = self.whole.is_some_and(|whole| slot.words & whole == whole);
                best.total += 1;
                best.whole += u64::from(whole);
                if let Some(count) = &mut count {
                    count.take(document);
                }
                self.weigh(document, slot, whole, best);
            }
        }
        true
    }

    /// Keeps a document if it is among the best. As fresh as the latest here it would be at best: most need not be asked
    /// how old they are.
    fn weigh(&self, document: DocId, slot: Slot, whole: bool, best: &mut Best) {
        let mut candidate =
            Candidate { rank: 0, score: slot.score, segment: self.number, document };
        match self.order {
            Order::Score => {}
            Order::Relevance => candidate.rank = i64::from(whole),
            Order::Recency => candidate.rank = recency(self.latest, slot.words, whole),
            Order::Mixed => {
                candidate.rank = i64::from(whole);
                candidate.score *= self.freshest;
            }
        }
        if best.is_beyond(&candidate) {
            return;
        }
        match self.order {
            Order::Score | Order::Relevance => {}
            Order::Recency => candidate.rank = recency(self.at(document), slot.words, whole),
            Order::Mixed => candidate.score = slot.score * self.freshness(self.at(document)),
        }
        best.take(candidate);
    }

    fn at(&self, document: DocId) -> i64 {
        self.segment.at.get_val(document)
    }

    /// What is left of a score by its document's age against the latest of the index.
    fn freshness(&self, at: i64) -> f32 {
        let age = self.view.newest.saturating_sub(at);
        let half_lives = (age / 1_000_000) as f32 / self.half_life;
        OLD_SHARE + (1.0 - OLD_SHARE) * (-half_lives).exp2()
    }
}

/// A document's rank by time, in microseconds: all words, then how many of them, then seconds.
fn recency(at: i64, words: u32, whole: bool) -> i64 {
    (i64::from(whole) << 56) + (i64::from(words.count_ones()) << 48) + at / 1_000_000
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
    saturation: &'a Saturation,
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
        let saturation = view.saturation(list.text);
        Ok(Some(Self { postings, at: 0, text, saturation, weight: list.weight, finds, word: 0 }))
    }

    /// The document the cursor stands at; `None` at the end.
    fn document(&self) -> Option<DocId> {
        self.documents().get(self.at).copied().filter(|document| *document != TERMINATED)
    }

    /// The documents of the block it stands in.
    fn documents(&self) -> &[DocId] {
        match &self.postings {
            Postings::There(postings) => postings.docs(),
            Postings::Made(documents) => documents,
        }
    }

    /// How often the word is in them; nothing where it counts as once.
    fn counts(&self) -> &[u32] {
        match &self.postings {
            Postings::There(postings) => postings.freqs(),
            Postings::Made(_) => &[],
        }
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
        let length = usize::from(self.text.lengths.fieldnorm_id(document));
        self.weight * self.saturation.of(count, length)
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
    /// How many of them there are.
    length: usize,
    /// What is known of each; nothing between two windows.
    slots: Vec<Slot>,
    /// Those that were found, a bit each: of a rare word's window only the few are looked at.
    found: [u64; WINDOW / 64],
}

/// What is known of a document.
#[derive(Clone, Copy, Default)]
struct Slot {
    score: f32,
    /// The words it was found by.
    words: u32,
}

/// Documents found in a window up to which each is looked up in a list that finds none, instead of walking it.
const FEW: usize = 48;

impl Window {
    fn new() -> Self {
        let slots = vec![Slot::default(); WINDOW];
        Self { base: 0, length: 0, slots, found: [0; WINDOW / 64] }
    }

    /// Moves the empty window to `base`.
    fn open(&mut self, base: DocId, end: DocId, all_found: bool) {
        self.base = base;
        self.length = (end.saturating_sub(base) as usize).min(WINDOW);
        if all_found {
            (0..self.length).for_each(|place| self.mark(place));
        }
    }

    fn mark(&mut self, place: usize) {
        if let Some(bits) = self.found.get_mut(place / 64) {
            *bits |= 1 << (place % 64);
        }
    }

    fn is_found(&self, place: usize) -> bool {
        self.found.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    /// The place of a document in the window.
    fn place(&self, document: DocId) -> Option<usize> {
        let place = document.wrapping_sub(self.base) as usize;
        (place < self.length).then_some(place)
    }

    /// Adds what all lists give to the documents of the window; how many postings were walked. Those that find come first.
    fn score_all(&mut self, cursors: &mut [Cursor<'_>]) -> u64 {
        let finding = cursors.partition_point(|cursor| cursor.finds);
        let (finding, ranking) = cursors.split_at_mut(finding);
        let mut walked: u64 = finding.iter_mut().map(|cursor| self.score::<true>(cursor)).sum();
        if ranking.is_empty() {
            return walked;
        }
        let count: u32 = self.found.iter().map(|bits| bits.count_ones()).sum();
        let few = (count as usize <= FEW).then(|| self.documents());
        for cursor in ranking {
            walked += match &few {
                None => self.score::<false>(cursor),
                Some(few) => self.score_some(cursor, few),
            };
        }
        walked
    }

    /// The documents found.
    fn documents(&self) -> Vec<DocId> {
        let places = (0..self.length).filter(|place| self.is_found(*place));
        places.map(|place| self.base + place as DocId).collect()
    }

    /// Adds what one list gives to the documents of the window, and moves its cursor past them; how many they were.
    fn score<const FINDS: bool>(&mut self, cursor: &mut Cursor<'_>) -> u64 {
        cursor.skip_to(self.base);
        let mut walked = 0;
        loop {
            let from = cursor.at;
            let documents = cursor.documents();
            let exhausted = documents.is_empty();
            let rest = documents.get(from..).unwrap_or_default();
            let counts = cursor.counts().get(from..).unwrap_or_default();
            let mut here = 0;
            for &document in rest {
                let Some(place) = self.place(document) else { break };
                let count = counts.get(here).copied().unwrap_or(1);
                here += 1;
                if FINDS {
                    self.mark(place);
                } else if !self.is_found(place) {
                    continue;
                }
                if let Some(slot) = self.slots.get_mut(place) {
                    slot.score += cursor.worth(document, count);
                    slot.words |= cursor.word;
                }
            }
            let through = here == rest.len();
            walked += here as u64;
            cursor.at = from + here;
            if exhausted || !through || !cursor.next_block() {
                return walked;
            }
        }
    }

    /// Adds what one list gives to these documents, ascending, which were found.
    fn score_some(&mut self, cursor: &mut Cursor<'_>, found: &[DocId]) -> u64 {
        for document in found {
            cursor.skip_to(*document);
            if cursor.document() != Some(*document) {
                continue;
            }
            let count = cursor.counts().get(cursor.at).copied().unwrap_or(1);
            let worth = cursor.worth(*document, count);
            let slot = self.place(*document).and_then(|place| self.slots.get_mut(place));
            if let Some(slot) = slot {
                slot.score += worth;
                slot.words |= cursor.word;
            }
        }
        found.len() as u64 * LOOKED_UP
    }

    /// Takes the next document found out of the 64 of this part.
    fn next(&mut self, part: usize) -> Option<(DocId, Slot)> {
        let bits = self.found.get_mut(part).filter(|bits| **bits != 0)?;
        let place = part * 64 + bits.trailing_zeros() as usize;
        *bits &= *bits - 1;
        Some((self.base + place as DocId, self.slots.get_mut(place).map(std::mem::take)?))
    }

    fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.found.fill(0);
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
        let Some(floor) = &self.floor else { return false };
        match candidate.rank.cmp(&floor.rank) {
            Ordering::Less => true,
            Ordering::Greater => false,
            // Mostly it is the score; what is equal is rare, and scores are never NaN.
            Ordering::Equal => {
                candidate.score < floor.score
                    || (candidate.score <= floor.score && by_rank(candidate, floor).is_ge())
            }
        }
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
