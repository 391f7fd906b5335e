//! From a fingerprint to the texts that carry it, in little more than 4 bytes a posting.
//!
//! What came lately stands in an open-addressed table; from time to time it is *settled*: merged
//! into sorted shelves without a free byte between, where texts that are gone are left out.

use std::{
    hint::black_box,
    io::{self, Read, Write},
    ops::Range,
};

use crate::{
    names::NONE,
    prints::PRINTS_MAX,
    snapshot::{NotRestored, Reading, Writing},
};

/// The postings of all fingerprints.
#[derive(Debug)]
pub(crate) struct Carriers {
    shape: Shape,
    shelves: Vec<Shelf>,
    recent: Vec<Slot>,
    recent_len: usize,
}

/// The settled postings of one part of all keys, sorted by key and then by text.
#[derive(Debug, Default)]
struct Shelf {
    /// Where the postings of each of its `BUCKETS` end; empty while there are none.
    ends: Vec<u16>,
    /// What their bucket leaves open of the key, above; the text, below.
    postings: Vec<u32>,
}

/// A posting that has not been settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    key: u32,
    text: u32,
}

/// A slot that nothing stands in.
const EMPTY: Slot = Slot { key: 0, text: NONE };

/// How the bits of a posting are shared out: the more texts are to be told apart, the fewer are left for the
/// key, and the more shelves say the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    /// Bits of a posting that say its text.
    text_bits: u32,
}

/// Bits of a key that say its bucket in a shelf.
const BUCKET_BITS: u32 = 10;

/// Buckets of a shelf. With 45 postings an article each has 16 to 32 of them in a full window.
const BUCKETS: usize = 1 << BUCKET_BITS;

/// Bits that say a text: in a window of 100,000 items and in one of a million.
const TEXT_BITS_MIN: u32 = 18;
pub(crate) const TEXT_BITS_MAX: u32 = 21;

/// Postings of a shelf, which its ends can count: three times what it has in a full window.
const SHELF_POSTINGS_MAX: usize = u16::MAX as usize;

/// Places where a posting that is not settled may stand. By chance no row is so long; texts made for it,
/// whose fingerprints are all alike, must not make one without end.
const ROW_MAX: usize = 512;

/// Homes of a table without postings.
const HOMES_MIN: usize = 1_024;

/// Texts kept under one key. A fingerprint that more dispatches have is page furniture or a
/// template, and must not make a look-up slow.
pub(crate) const CARRIERS_MAX: usize = 48;

impl Carriers {
    /// No postings yet, and room to tell so many texts apart, at most two million.
    pub(crate) fn new(texts_max: usize) -> Self {
        let bits = usize::BITS - texts_max.saturating_sub(1).leading_zeros();
        let shape = Shape { text_bits: bits.clamp(TEXT_BITS_MIN, TEXT_BITS_MAX) };
        let shelves = std::iter::repeat_with(Shelf::default).take(shape.shelves()).collect();
        Self { shape, shelves, recent: table(HOMES_MIN), recent_len: 0 }
    }

    /// Texts that can be told apart.
    pub(crate) fn texts_max(&self) -> usize {
        1 << self.shape.text_bits
    }

    /// Adds a posting, unless `CARRIERS_MAX` texts that are not `gone` have its fingerprint already.
    pub(crate) fn insert(&mut self, print: u32, text: u32, gone: impl Fn(u32) -> bool) {
        let mut carriers = 0;
        self.each_text(print, |text| carriers += usize::from(!gone(text)));
        if carriers < CARRIERS_MAX {
            self.add(print, text, gone);
        }
    }

    /// Adds a posting whose fingerprint is known to have few texts.
    pub(crate) fn add(&mut self, print: u32, text: u32, gone: impl Fn(u32) -> bool) {
        if (self.recent_len + 1) * 4 > self.homes() * 3 {
            let wider = table(self.homes() / 2 * 3);
            let slots = std::mem::replace(&mut self.recent, wider);
            slots
                .into_iter()
                .filter(|&slot| slot != EMPTY)
                .for_each(|slot| self.put(slot, |_| false));
        }
        self.recent_len += 1;
        self.put(Slot { key: spread(print), text }, gone);
    }

    /// Has what stands under these fingerprints brought near, all at once: where memory is slow and the window
    /// large, that takes hardly longer than one look-up. Changes nothing.
    pub(crate) fn bring_near(&self, prints: &[u32]) {
        let shape = self.shape;
        let shelf = |key: u32| &self.shelves[shape.shelf(key)];
        for key in prints.iter().copied().map(spread) {
            black_box(shelf(key).ends.get(shape.bucket(key)).copied());
        }
        for key in prints.iter().copied().map(spread) {
            let postings = shelf(key).bucket(shape.bucket(key));
            black_box((postings.first().copied(), postings.last().copied()));
            black_box(self.recent[self.home(key)]);
        }
    }

    /// Calls `f` for each text that carries a fingerprint; among them may be some that are gone.
    pub(crate) fn each_text(&self, print: u32, mut f: impl FnMut(u32)) {
        let (key, shape) = (spread(print), self.shape);
        let settled = self.shelves[shape.shelf(key)].postings(key, shape);
        settled.iter().for_each(|&posting| f(shape.text_of(posting)));
        for slot in self.row(key) {
            match *slot {
                EMPTY => return,
                slot if slot.key == key => f(slot.text),
                _ => {}
            }
        }
    }

    /// The bytes taken.
    pub(crate) fn bytes(&self) -> usize {
        let shelf = |shelf: &Shelf| shelf.ends.capacity() * 2 + shelf.postings.capacity() * 4;
        self.shelves.iter().map(shelf).sum::<usize>() + self.recent.capacity() * size_of::<Slot>()
    }

    /// Settles what came lately. `renumbered` has the new number of each text, `NONE` for those that are
    /// gone; their order stays. `None` while all have their numbers still.
    pub(crate) fn settle(&mut self, renumbered: Option<&[u32]>) {
        let number = |text: u32| match renumbered {
            Some(renumbered) => renumbered[text as usize],
            None => text,
        };
        let mut recent: Vec<u64> = (self.recent.iter())
            .filter(|slot| **slot != EMPTY)
            .map(|slot| (slot.key, number(slot.text)))
            .filter(|&(_, text)| text != NONE)
            .map(|(key, text)| u64::from(key) << 32 | u64::from(text))
            .collect();
        sort_rows(&mut recent);
        self.clear_recent();
        let (shape, mut recent) = (self.shape, recent.as_slice());
        let mut merged = Shelf::default();
        for (number, shelf) in self.shelves.iter_mut().enumerate() {
            let ours = recent
                .iter()
                .take_while(|posting| shape.shelf((**posting >> 32) as u32) == number)
                .count();
            let (arriving, others) = recent.split_at(ours);
            recent = others;
            if let Some(renumbered) = renumbered {
                shelf.renumber(renumbered, shape);
            }
            if !arriving.is_empty() {
                shelf.settle(arriving, shape, &mut merged);
            }
        }
    }

    /// Writes all postings.
    pub(crate) fn write(&self, out: &mut Writing<'_, impl Write>) -> io::Result<()> {
        out.u32(self.shape.text_bits)?;
        for shelf in &self.shelves {
            out.rows(shelf.ends.len(), shelf.ends.iter().map(|&end| [u32::from(end)]))?;
            out.rows(shelf.postings.len(), shelf.postings.iter().map(|&posting| [posting]))?;
        }
        // Not as they stand: where that is depends on how large the table was when they came.
        let recent = self.recent.iter().filter(|slot| **slot != EMPTY);
        let mut recent: Vec<[u32; 2]> = recent.map(|slot| [slot.key, slot.text]).collect();
        recent.sort_unstable();
        out.rows(recent.len(), recent.into_iter())
    }

    /// Reads what [`Carriers::write`] wrote of so many texts into these, which are empty.
    pub(crate) fn read(
        &mut self,
        from: &mut Reading<'_, impl Read>,
        texts: usize,
    ) -> Result<(), NotRestored> {
        let shape = self.shape;
        if from.u32()? != shape.text_bits {
            return Err(NotRestored::OtherForm);
        }
        let is_text = |text: u32| (text as usize) < texts;
        for shelf in &mut self.shelves {
            shelf.ends = from.rows(BUCKETS, |[end]| u16::try_from(end).ok())?;
            shelf.postings = from.rows(SHELF_POSTINGS_MAX, |[posting]| {
                is_text(shape.text_of(posting)).then_some(posting)
            })?;
            let last = shelf.ends.last().map_or(0, |&end| usize::from(end));
            let whole = shelf.ends.is_empty() || shelf.ends.len() == BUCKETS;
            if !whole || !shelf.ends.is_sorted() || last != shelf.postings.len() {
                return Err(NotRestored::Broken);
            }
        }
        let recent: Vec<Slot> = from.rows(texts.saturating_mul(PRINTS_MAX), |[key, text]| {
            is_text(text).then_some(Slot { key, text })
        })?;
        self.recent = table(HOMES_MIN.max(recent.len() * 2));
        self.recent_len = recent.len();
        recent.into_iter().for_each(|slot| self.put(slot, |_| false));
        Ok(())
    }

    /// Empties the table of what came lately. It stays as large, if it was well filled: as much will come again.
    fn clear_recent(&mut self) {
        if self.recent_len * 4 >= self.homes() {
            self.recent.fill(EMPTY);
        } else {
            self.recent = table(HOMES_MIN.max(self.recent_len * 2));
        }
        self.recent_len = 0;
    }

    /// Puts a posting in the first place that is free, or where one of a text that is gone stands.
    fn put(&mut self, slot: Slot, gone: impl Fn(u32) -> bool) {
        let home = self.home(slot.key);
        let row = &mut self.recent[home..home + ROW_MAX];
        if let Some(free) = row.iter_mut().find(|slot| **slot == EMPTY || gone(slot.text)) {
            *free = slot;
        }
    }

    /// The places where a key may stand, the first first.
    fn row(&self, key: u32) -> &[Slot] {
        let home = self.home(key);
        &self.recent[home..home + ROW_MAX]
    }

    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * self.homes() as u64) >> 32) as usize
    }

    fn homes(&self) -> usize {
        self.recent.len() - ROW_MAX
    }
}

/// A table without postings; a row may begin at its last home.
fn table(homes: usize) -> Vec<Slot> {
    vec![EMPTY; homes + ROW_MAX]
}

/// Sorts postings that come in the order of their homes: none is far from its place.
fn sort_rows(postings: &mut [u64]) {
    for from in 1..postings.len() {
        let mut at = from;
        while at > 0 && postings[at - 1] > postings[at] {
            postings.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Fingerprints are hashes, but the smallest of their neighbours, so they are spread again. No two
/// become one.
fn spread(print: u32) -> u32 {
    print.wrapping_mul(0x9e37_79b1)
}

impl Shape {
    fn shelves(self) -> usize {
        1 << (self.text_bits - BUCKET_BITS)
    }

    fn shelf(self, key: u32) -> usize {
        (key >> (32 + BUCKET_BITS - self.text_bits)) as usize
    }

    fn bucket(self, key: u32) -> usize {
        (key >> (32 - self.text_bits)) as usize % BUCKETS
    }

    /// A posting of this key and text.
    fn posting(self, key: u32, text: u32) -> u32 {
        key << self.text_bits | text
    }

    fn text_of(self, posting: u32) -> u32 {
        posting & ((1 << self.text_bits) - 1)
    }

    /// What a posting says of its key.
    fn key_of(self, posting: u32) -> u32 {
        posting >> self.text_bits
    }
}

impl Shelf {
    /// The postings of a key.
    fn postings(&self, key: u32, shape: Shape) -> &[u32] {
        let postings = self.bucket(shape.bucket(key));
        let least = shape.posting(key, 0);
        let from = postings.partition_point(|&posting| posting < least);
        let postings = &postings[from..];
        let same = |posting: &&u32| shape.key_of(**posting) == shape.key_of(least);
        &postings[..postings.iter().take_while(same).count()]
    }

    fn bucket(&self, bucket: usize) -> &[u32] {
        &self.postings[self.begin(bucket)..self.begin(bucket + 1)]
    }

    /// Where the postings of a bucket begin; of the one behind the last, where all end.
    fn begin(&self, bucket: usize) -> usize {
        let before = bucket.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |&end| usize::from(end))
    }

    /// Gives the texts their new numbers and leaves out those that are gone.
    fn renumber(&mut self, renumbered: &[u32], shape: Shape) {
        let (mut kept, mut from) = (0, 0);
        for end in &mut self.ends {
            let to = usize::from(*end);
            for at in from..to {
                let posting = self.postings[at];
                let text = renumbered[shape.text_of(posting) as usize];
                // Written in any case and kept or not: whether it is, nobody can foretell.
                self.postings[kept] = shape.posting(shape.key_of(posting), shape.text_of(text));
                kept += usize::from(text != NONE);
            }
            *end = kept as u16;
            from = to;
        }
        self.postings.truncate(kept);
    }

    /// Merges `arriving`, sorted by key and then by text, into what is there, by way of `merged`. Of
    /// what lies between only where it stands changes.
    fn settle(&mut self, arriving: &[u64], shape: Shape, merged: &mut Self) {
        merged.ends.clear();
        merged.postings.clear();
        self.ends.resize(BUCKETS, self.ends.last().copied().unwrap_or(0));
        let key = |new: &u64| (*new >> 32) as u32;
        let mut bucket = 0;
        for new in arriving.chunk_by(|a, b| shape.bucket(key(a)) == shape.bucket(key(b))) {
            let ours = new.first().map_or(0, |new| shape.bucket(key(new)));
            self.move_buckets(bucket..ours, merged);
            let new = new.iter().map(|new| shape.posting(key(new), *new as u32));
            merge(self.bucket(ours), new, &mut merged.postings);
            merged.end_bucket();
            bucket = ours + 1;
        }
        self.move_buckets(bucket..BUCKETS, merged);
        refill(&mut self.ends, &merged.ends);
        refill(&mut self.postings, &merged.postings);
    }

    /// Appends buckets as they are to another shelf.
    fn move_buckets(&self, buckets: Range<usize>, to: &mut Self) {
        let (from, end) = (self.begin(buckets.start), self.begin(buckets.end));
        let at = to.postings.len();
        to.postings.extend_from_slice(&self.postings[from..end]);
        to.postings.truncate(SHELF_POSTINGS_MAX);
        let moved = |&end: &u16| (usize::from(end) - from + at).min(SHELF_POSTINGS_MAX) as u16;
        to.ends.extend(self.ends[buckets].iter().map(moved));
    }

    fn end_bucket(&mut self) {
        self.postings.truncate(SHELF_POSTINGS_MAX);
        self.ends.push(self.postings.len() as u16);
    }
}

/// Appends what two sorted rows have, sorted.
fn merge(old: &[u32], new: impl Iterator<Item = u32>, merged: &mut Vec<u32>) {
    let mut new = new.peekable();
    for &old in old {
        while let Some(new) = new.next_if(|new| *new < old) {
            merged.push(new);
        }
        merged.push(old);
    }
    merged.extend(new);
}

/// Puts `rows` in the place of what a list holds. It keeps its room while that fits, so that settling
/// leaves no holes between what is settled.
pub(crate) fn refill<T: Copy>(list: &mut Vec<T>, rows: &[T]) {
    let fits = rows.len() <= list.capacity() && list.capacity() / 2 <= rows.len();
    if !fits {
        *list = Vec::new();
        list.reserve_exact(rows.len());
    }
    list.clear();
    list.extend_from_slice(rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(carriers: &Carriers, print: u32) -> Vec<u32> {
        let mut texts = Vec::new();
        carriers.each_text(print, |text| texts.push(text));
        texts
    }

    #[test]
    fn postings_are_found_before_and_after_they_settle() {
        let mut carriers = Carriers::new(100_000);
        let same: Vec<u32> = (0..5_000).collect();
        for round in 0..3 {
            for text in same.iter().copied().filter(|text| text % 3 == round) {
                carriers.insert(text, text, |_| false);
                carriers.insert(text / 7 + 9_000, text, |_| false);
            }
            for print in [0, 1, 2, 4_321] {
                let there = print % 3 <= round;
                assert_eq!(texts(&carriers, print), if there { vec![print] } else { vec![] });
            }
            carriers.settle(None);
        }
        assert_eq!(texts(&carriers, 9_005), [35, 36, 37, 38, 39, 40, 41]);
        assert_eq!(texts(&carriers, 4_321), [4_321]);
    }

    #[test]
    fn texts_that_are_gone_are_left_out_and_the_others_renumbered() {
        let mut carriers = Carriers::new(100_000);
        for text in 0..1_000 {
            carriers.insert(text % 100, text, |_| false);
        }
        let mut left = 0;
        let renumbered: Vec<u32> = (0..1_000)
            .map(|text| match text % 2 {
                0 => NONE,
                _ => {
                    left += 1;
                    left - 1
                }
            })
            .collect();
        carriers.settle(Some(&renumbered));
        assert!(texts(&carriers, 10).is_empty());
        assert_eq!(texts(&carriers, 11)[..3], [5, 55, 105]);
        carriers.insert(11, 500, |_| false);
        carriers.settle(None);
        assert_eq!(texts(&carriers, 11).last(), Some(&500));
        carriers.settle(Some(&[NONE; 501]));
        assert!(carriers.shelves.iter().all(|shelf| shelf.postings.is_empty()));
    }

    #[test]
    fn furniture_fills_no_table() {
        let mut carriers = Carriers::new(100_000);
        (0..10_000).for_each(|text| carriers.insert(1, text, |_| false));
        assert_eq!(texts(&carriers, 1).len(), CARRIERS_MAX);
        // Those that are gone are no furniture, nor do they fill a row.
        (0..10_000).for_each(|text| carriers.insert(2, text, |other| other + 10 < text));
        assert!(texts(&carriers, 2).contains(&9_999) && texts(&carriers, 2).len() <= CARRIERS_MAX);
    }

    #[test]
    fn keys_made_to_stand_together_make_no_long_row() {
        let mut carriers = Carriers::new(100_000);
        // What spreads to 0, 1, 2 …
        let inverse = (0..5)
            .fold(1u32, |inverse, _| inverse.wrapping_mul(2u32.wrapping_sub(spread(inverse))));
        assert_eq!(spread(7u32.wrapping_mul(inverse)), 7);
        let prints = (0..5_000u32).map(|key| key.wrapping_mul(inverse));
        (0..).zip(prints).for_each(|(text, print)| carriers.insert(print, text, |_| false));
        let taken = carriers.recent.iter().filter(|slot| **slot != EMPTY).count();
        assert!(taken <= ROW_MAX + 5_000 / 4_096, "{taken}");
    }

    #[test]
    fn a_full_shelf_takes_no_more() {
        let mut shelf = Shelf::default();
        let arriving: Vec<u64> =
            (0..SHELF_POSTINGS_MAX as u64 + 1_000).map(|n| n << 38 >> 6).collect();
        shelf.settle(&arriving, Shape { text_bits: TEXT_BITS_MIN }, &mut Shelf::default());
        assert_eq!(shelf.postings.len(), SHELF_POSTINGS_MAX);
    }
}
