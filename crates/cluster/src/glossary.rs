//! From a term to the texts that have it, the latest first, and how much each is about it.
//!
//! As with the fingerprints, what came lately is kept apart until it is settled.

use std::io::{self, Read, Write};

use rustc_hash::FxHashMap;

use crate::{
    carriers::{TEXT_BITS_MAX, refill},
    names::NONE,
    snapshot::{NotRestored, Reading, Writing},
    terms::{TERMS_MAX, Term},
};

/// The postings of all terms.
#[derive(Debug)]
pub(crate) struct Glossary {
    shelves: Vec<Shelf>,
    recent: FxHashMap<u32, Recent>,
    /// The postings that are not settled, in the order they came.
    told: Vec<Told>,
    /// The first text that is not settled, and where the postings of each such text begin in `told`.
    unsettled: u32,
    begins: Vec<u32>,
}

/// The settled postings of one part of all terms, sorted by term, those of a term by text.
#[derive(Debug, Default)]
struct Shelf {
    hashes: Vec<u32>,
    /// Where the postings of each term end.
    ends: Vec<u32>,
    postings: Vec<Posting>,
}

/// A text, and above its bits the weight that a term has in it and whether it is in its rubric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posting(u32);

/// The postings of a term that are not settled: the number of the latest in `told`, and how many.
#[derive(Clone, Copy, Debug)]
struct Recent {
    latest: u32,
    count: u32,
}

/// A posting that is not settled, and the one of the same term before it in `told`.
#[derive(Clone, Copy, Debug)]
struct Told {
    hash: u32,
    posting: Posting,
    before: u32,
}

/// Shelves, so that settling needs little room beside what is there.
const SHELVES: usize = 64;

/// Bits of a posting above those of its text.
const WEIGHT_SHIFT: u32 = 24;
const _: () = assert!(TEXT_BITS_MAX <= WEIGHT_SHIFT);

/// The highest bit, which no weight reaches.
const RUBRIC_BIT: u32 = 31;

impl Posting {
    fn new(text: u32, term: &Term) -> Self {
        let rubric = u32::from(term.rubric) << RUBRIC_BIT;
        Self(rubric | u32::from(term.weight) << WEIGHT_SHIFT | text)
    }

    /// The same of a text that has another number now.
    fn of(self, text: u32) -> Self {
        Self(self.0 >> WEIGHT_SHIFT << WEIGHT_SHIFT | text)
    }

    pub(crate) fn text(self) -> u32 {
        self.0 % (1 << WEIGHT_SHIFT)
    }

    pub(crate) fn weight(self) -> u8 {
        (self.0 >> WEIGHT_SHIFT) as u8 & !(1 << (RUBRIC_BIT - WEIGHT_SHIFT))
    }

    /// Whether the term stands in the rubric of the text.
    pub(crate) fn rubric(self) -> bool {
        self.0 >> RUBRIC_BIT == 1
    }
}

impl Default for Glossary {
    fn default() -> Self {
        let shelves = std::iter::repeat_with(Shelf::default).take(SHELVES).collect();
        Self {
            shelves,
            recent: FxHashMap::default(),
            told: Vec::new(),
            unsettled: 0,
            begins: Vec::new(),
        }
    }
}

/// The postings of one term.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    hash: u32,
    settled: &'a [Posting],
    recent: Option<Recent>,
    glossary: &'a Glossary,
}

impl Glossary {
    /// Adds the terms of a text; its number is the one after the last.
    pub(crate) fn tell(&mut self, text: u32, terms: &[Term]) {
        self.begins.push(self.told.len() as u32);
        for term in terms {
            let number = self.told.len() as u32;
            let recent = self.recent.entry(term.hash).or_insert(Recent { latest: NONE, count: 0 });
            let posting = Posting::new(text, term);
            self.told.push(Told { hash: term.hash, posting, before: recent.latest });
            *recent = Recent { latest: number, count: recent.count + 1 };
        }
    }

    /// The postings of a term; among them may be texts that are gone.
    pub(crate) fn entry(&self, hash: u32) -> Entry<'_> {
        let settled = self.shelves[shelf(hash)].postings(hash);
        Entry { hash, settled, recent: self.recent.get(&hash).copied(), glossary: self }
    }

    /// The postings of a text that is not settled.
    fn told_of(&self, text: u32) -> Option<&[Told]> {
        let at = text.checked_sub(self.unsettled)? as usize;
        let begin = |at: usize| self.begins.get(at).map(|&begin| begin as usize);
        self.told.get(begin(at)?..begin(at + 1).unwrap_or(self.told.len()))
    }

    /// The bytes taken.
    pub(crate) fn bytes(&self) -> usize {
        let shelf = |shelf: &Shelf| {
            (shelf.hashes.capacity() + shelf.ends.capacity() + shelf.postings.capacity()) * 4
        };
        let recent = self.recent.capacity() * (size_of::<(u32, Recent)>() + 2);
        let told = self.told.capacity() * size_of::<Told>() + self.begins.capacity() * 4;
        self.shelves.iter().map(shelf).sum::<usize>() + recent + told
    }

    /// Settles what came lately. `renumbered` has the new number of each text, `NONE` for those that are
    /// gone; their order stays.
    pub(crate) fn settle(&mut self, renumbered: &[u32]) {
        let mut told: Vec<(u32, Posting)> =
            std::mem::take(&mut self.told).iter().map(|told| (told.hash, told.posting)).collect();
        told.sort_unstable_by_key(|&(hash, posting)| (shelf(hash), hash, posting.text()));
        self.recent = FxHashMap::default();
        self.begins = Vec::new();
        self.unsettled = renumbered.iter().filter(|&&text| text != NONE).count() as u32;
        let mut told = told.as_slice();
        let mut merged = Shelf::default();
        for (number, part) in self.shelves.iter_mut().enumerate() {
            let ours = told.partition_point(|&(hash, _)| shelf(hash) <= number);
            let (arriving, others) = told.split_at(ours);
            told = others;
            part.settle(arriving, renumbered, &mut merged);
        }
    }

    /// Writes all postings.
    pub(crate) fn write(&self, out: &mut Writing<'_, impl Write>) -> io::Result<()> {
        for Shelf { hashes, ends, postings } in &self.shelves {
            out.rows(hashes.len(), hashes.iter().zip(ends).map(|(&hash, &end)| [hash, end]))?;
            out.rows(postings.len(), postings.iter().map(|posting| [posting.0]))?;
        }
        out.rows(self.told.len(), self.told.iter().map(|told| [told.hash, told.posting.0]))
    }

    /// Reads what [`Glossary::write`] wrote of so many texts, of which the first so many are settled.
    pub(crate) fn read(
        from: &mut Reading<'_, impl Read>,
        settled: usize,
        texts: usize,
    ) -> Result<Self, NotRestored> {
        let mut glossary = Self::default();
        let postings_max = texts.saturating_mul(TERMS_MAX);
        let posting = |posting: u32| {
            let posting = Posting(posting);
            ((posting.text() as usize) < texts).then_some(posting)
        };
        for shelf in &mut glossary.shelves {
            let terms = from.rows(postings_max, |row: [u32; 2]| Some(row))?;
            shelf.hashes = terms.iter().map(|[hash, _]| *hash).collect();
            shelf.ends = terms.iter().map(|[_, end]| *end).collect();
            shelf.postings = from.rows(postings_max, |[told]| posting(told))?;
            let last = shelf.ends.last().map_or(0, |&end| end as usize);
            if last != shelf.postings.len() || !shelf.ends.is_sorted() {
                return Err(NotRestored::Broken);
            }
        }
        glossary.unsettled = settled as u32;
        let told = from.rows(postings_max, |[hash, told]| Some((hash, posting(told)?)))?;
        let mut told = told.as_slice();
        for text in glossary.unsettled..texts as u32 {
            let ours = told.iter().take_while(|(_, posting)| posting.text() == text).count();
            let (terms, others) = told.split_at(ours);
            let term = |&(hash, posting): &(u32, Posting)| Term {
                hash,
                weight: posting.weight(),
                rubric: posting.rubric(),
            };
            glossary.tell(text, &terms.iter().map(term).collect::<Vec<_>>());
            told = others;
        }
        if told.is_empty() { Ok(glossary) } else { Err(NotRestored::Broken) }
    }

    /// Calls `f` with each term and its settled postings.
    pub(crate) fn each_settled(&self, mut f: impl FnMut(u32, &[Posting])) {
        for shelf in &self.shelves {
            let mut from = 0;
            for (&term, &end) in shelf.hashes.iter().zip(&shelf.ends) {
                f(term, &shelf.postings[from..end as usize]);
                from = end as usize;
            }
        }
    }
}

/// Hashes of terms are spread well; their highest bits order the shelf.
fn shelf(hash: u32) -> usize {
    hash as usize % SHELVES
}

impl<'a> Entry<'a> {
    /// How many texts have the term.
    pub(crate) fn len(&self) -> usize {
        self.settled.len() + self.recent.map_or(0, |recent| recent.count as usize)
    }

    /// Its postings, the latest first.
    pub(crate) fn latest(self) -> impl Iterator<Item = Posting> + 'a {
        let told = &self.glossary.told;
        let at = move |number: u32| told.get(number as usize);
        let latest = self.recent.and_then(|recent| at(recent.latest));
        let recent = std::iter::successors(latest, move |told| at(told.before));
        recent.map(|told| told.posting).chain(self.settled.iter().rev().copied())
    }

    /// The posting of a text, if it has the term.
    pub(crate) fn posting(self, text: u32) -> Option<Posting> {
        if let Some(told) = self.glossary.told_of(text) {
            return told.iter().find(|told| told.hash == self.hash).map(|told| told.posting);
        }
        let at = self.settled.binary_search_by_key(&text, |posting| posting.text()).ok()?;
        self.settled.get(at).copied()
    }
}

impl Shelf {
    fn postings(&self, hash: u32) -> &[Posting] {
        let Ok(at) = self.hashes.binary_search(&hash) else { return &[] };
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.postings[from as usize..self.ends[at] as usize]
    }

    /// Merges `arriving`, sorted by term and then by text, into what is there, by way of `merged`.
    fn settle(&mut self, mut arriving: &[(u32, Posting)], renumbered: &[u32], merged: &mut Self) {
        let here = |posting: Posting| match renumbered[posting.text() as usize] {
            NONE => None,
            text => Some(posting.of(text)),
        };
        merged.hashes.clear();
        merged.ends.clear();
        merged.postings.clear();
        let (mut at, mut from) = (0, 0);
        loop {
            let old = self.hashes.get(at).copied();
            let new = arriving.first().map(|&(hash, _)| hash);
            let Some(hash) = [old, new].into_iter().flatten().min() else { break };
            let before = merged.postings.len();
            if old == Some(hash) {
                let end = self.ends[at] as usize;
                merged.postings.extend(self.postings[from..end].iter().copied().filter_map(here));
                (at, from) = (at + 1, end);
            }
            let ours = arriving.iter().take_while(|(new, _)| *new == hash).count();
            let (ours, others) = arriving.split_at(ours);
            arriving = others;
            merged.postings.extend(ours.iter().filter_map(|&(_, posting)| here(posting)));
            if merged.postings.len() > before {
                merged.hashes.push(hash);
                merged.ends.push(merged.postings.len() as u32);
            }
        }
        refill(&mut self.hashes, &merged.hashes);
        refill(&mut self.ends, &merged.ends);
        refill(&mut self.postings, &merged.postings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(range: std::ops::Range<u32>, glossary: &mut Glossary) {
        for text in range {
            let terms = [1, 2 + text % 7, 1_000 + text];
            glossary.tell(
                text,
                &terms.map(|hash| Term { hash, weight: (text % 30) as u8, rubric: false }),
            );
        }
    }

    fn texts(glossary: &Glossary, hash: u32) -> Vec<u32> {
        glossary.entry(hash).latest().map(Posting::text).collect()
    }

    #[test]
    fn the_latest_texts_of_a_term_come_first() {
        let mut glossary = Glossary::default();
        told(0..50, &mut glossary);
        glossary.settle(&(0..50).collect::<Vec<_>>());
        told(50..100, &mut glossary);
        assert_eq!(texts(&glossary, 1), (0..100).rev().collect::<Vec<_>>());
        assert_eq!(texts(&glossary, 4)[..3], [93, 86, 79]);
        assert_eq!((texts(&glossary, 1_007), texts(&glossary, 7_777)), (vec![7], vec![]));
        let entry = glossary.entry(4);
        let weight = |text| entry.posting(text).map(Posting::weight);
        assert_eq!((entry.len(), weight(2), weight(3)), (14, Some(2), None));
        assert_eq!((weight(93), weight(92)), (Some(3), None));
    }

    #[test]
    fn texts_that_are_gone_are_left_out_and_the_others_renumbered() {
        let mut glossary = Glossary::default();
        told(0..10, &mut glossary);
        let renumbered: Vec<u32> =
            (0..10).map(|text| if text % 2 == 0 { NONE } else { text / 2 }).collect();
        glossary.settle(&renumbered);
        assert_eq!(texts(&glossary, 1), [4, 3, 2, 1, 0]);
        assert_eq!(glossary.entry(1).posting(3).map(Posting::weight), Some(7));
        assert!(texts(&glossary, 1_004).is_empty());
        let mut count = 0;
        glossary.each_settled(|_, postings| count += postings.len());
        assert_eq!(count, 15);
        glossary.settle(&[NONE; 5]);
        assert!(glossary.shelves.iter().all(|shelf| shelf.hashes.is_empty()));
    }
}
