//! From a fingerprint to the texts that carry it, in little more than 4 bytes a posting.
//!
//! What came lately stands in an open-addressed table; from time to time it is *settled*: merged
//! into sorted shelves without a free byte between, where texts that are gone are left out.

use std::hint::black_box;

use crate::names::NONE;

/// The postings of all fingerprints.
#[derive(Debug)]
pub(crate) struct Carriers {
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

/// Bits of a key that say its shelf, its bucket there, and what is left of it in a posting.
const SHELF_BITS: u32 = 11;
const BUCKET_BITS: u32 = 10;
const REST_BITS: u32 = 32 - SHELF_BITS - BUCKET_BITS;

/// Bits of a posting that say its text.
const TEXT_BITS: u32 = 32 - REST_BITS;

/// Texts that can be told apart in a posting.
pub(crate) const TEXTS_MAX: usize = 1 << TEXT_BITS;

/// Buckets of a shelf. At 25 to 45 million postings, those of a million articles, each has 12 to 21 of them; the
/// ends of all take 4 MB.
const BUCKETS: usize = 1 << BUCKET_BITS;

/// Postings of a shelf, which its ends can count: three times what it has of a million articles.
const SHELF_POSTINGS_MAX: usize = u16::MAX as usize;

/// Places where a posting that is not settled may stand. By chance no row is so long; texts made for it,
/// whose fingerprints are all alike, must not make one without end.
const ROW_MAX: usize = 512;

/// Homes of a table without postings.
const HOMES_MIN: usize = 1_024;

/// Texts kept under one key. A fingerprint that more dispatches have is page furniture or a
/// template, and must not make a look-up slow.
pub(crate) const CARRIERS_MAX: usize = 48;

impl Default for Carriers {
    fn default() -> Self {
        let shelves = std::iter::repeat_with(Shelf::default).take(1 << SHELF_BITS).collect();
        Self { shelves, recent: table(HOMES_MIN), recent_len: 0 }
    }
}

impl Carriers {
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
        let shelf = |key: u32| &self.shelves[shelf(key)];
        for &print in prints {
            let key = spread(print);
            black_box(shelf(key).ends.get(bucket(key)).copied());
        }
        for &print in prints {
            let key = spread(print);
            let postings = shelf(key).bucket(bucket(key));
            black_box((postings.first().copied(), postings.last().copied()));
            black_box(self.recent[self.home(key)]);
        }
    }

    /// Calls `f` for each text that carries a fingerprint; among them may be some that are gone.
    pub(crate) fn each_text(&self, print: u32, mut f: impl FnMut(u32)) {
        let key = spread(print);
        let settled = self.shelves[shelf(key)].postings(key);
        settled.iter().for_each(|&posting| f(text_of(posting)));
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
    /// gone; their order stays.
    pub(crate) fn settle(&mut self, renumbered: &[u32]) {
        let recent = std::mem::replace(&mut self.recent, table(HOMES_MIN));
        self.recent_len = 0;
        let mut recent: Vec<u64> = (recent.into_iter())
            .filter(|slot| *slot != EMPTY)
            .map(|slot| (slot.key, renumbered[slot.text as usize]))
            .filter(|&(_, text)| text != NONE)
            .map(|(key, text)| u64::from(key) << 32 | u64::from(text))
            .collect();
        sort_rows(&mut recent);
        let mut recent = recent.as_slice();
        let mut merged = Shelf::default();
        for (number, shelf) in self.shelves.iter_mut().enumerate() {
            let ours =
                recent.partition_point(|posting| posting >> (64 - SHELF_BITS) <= number as u64);
            let (arriving, others) = recent.split_at(ours);
            recent = others;
            if !arriving.is_empty() || !shelf.postings.is_empty() {
                shelf.settle(arriving, renumbered, &mut merged);
            }
        }
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

fn shelf(key: u32) -> usize {
    (key >> (32 - SHELF_BITS)) as usize
}

fn bucket(key: u32) -> usize {
    (key >> REST_BITS) as usize % BUCKETS
}

/// A posting of this key and text.
fn posting(key: u32, text: u32) -> u32 {
    key << TEXT_BITS | text
}

fn text_of(posting: u32) -> u32 {
    posting % TEXTS_MAX as u32
}

impl Shelf {
    /// The postings of a key.
    fn postings(&self, key: u32) -> &[u32] {
        let postings = self.bucket(bucket(key));
        let least = posting(key, 0);
        let from = postings.partition_point(|&posting| posting < least);
        let postings = &postings[from..];
        let same = |posting: &&u32| **posting >> TEXT_BITS == least >> TEXT_BITS;
        &postings[..postings.iter().take_while(same).count()]
    }

    fn bucket(&self, bucket: usize) -> &[u32] {
        let end = |bucket: usize| self.ends.get(bucket).map_or(0, |&end| usize::from(end));
        let from = bucket.checked_sub(1).map_or(0, end);
        &self.postings[from..end(bucket)]
    }

    /// Merges `arriving`, sorted by key and then by text, into what is there, by way of `merged`.
    fn settle(&mut self, mut arriving: &[u64], renumbered: &[u32], merged: &mut Self) {
        let Self { ends, postings } = merged;
        ends.clear();
        postings.clear();
        let here = |old: u32| match renumbered[text_of(old) as usize] {
            NONE => None,
            text => Some(old >> TEXT_BITS << TEXT_BITS | text),
        };
        for number in 0..BUCKETS {
            let ours = arriving.iter().take_while(|new| bucket((**new >> 32) as u32) == number);
            let (new, others) = arriving.split_at(ours.count());
            arriving = others;
            let mut new = new.iter().map(|new| posting((new >> 32) as u32, *new as u32)).peekable();
            let old = self.bucket(number).iter().filter_map(|&old| here(old));
            if new.peek().is_none() {
                postings.extend(old);
            } else {
                for old in old {
                    while let Some(new) = new.next_if(|new| *new < old) {
                        postings.push(new);
                    }
                    postings.push(old);
                }
                postings.extend(new);
            }
            postings.truncate(SHELF_POSTINGS_MAX);
            ends.push(postings.len() as u16);
        }
        refill(&mut self.ends, ends);
        refill(&mut self.postings, postings);
    }
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
        let mut carriers = Carriers::default();
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
            carriers.settle(&same);
        }
        assert_eq!(texts(&carriers, 9_005), [35, 36, 37, 38, 39, 40, 41]);
        assert_eq!(texts(&carriers, 4_321), [4_321]);
    }

    #[test]
    fn texts_that_are_gone_are_left_out_and_the_others_renumbered() {
        let mut carriers = Carriers::default();
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
        carriers.settle(&renumbered);
        assert!(texts(&carriers, 10).is_empty());
        assert_eq!(texts(&carriers, 11)[..3], [5, 55, 105]);
        carriers.insert(11, 500, |_| false);
        carriers.settle(&(0..501).collect::<Vec<_>>());
        assert_eq!(texts(&carriers, 11).last(), Some(&500));
        carriers.settle(&[NONE; 501]);
        assert!(carriers.shelves.iter().all(|shelf| shelf.postings.is_empty()));
    }

    #[test]
    fn furniture_fills_no_table() {
        let mut carriers = Carriers::default();
        (0..10_000).for_each(|text| carriers.insert(1, text, |_| false));
        assert_eq!(texts(&carriers, 1).len(), CARRIERS_MAX);
        // Those that are gone are no furniture, nor do they fill a row.
        (0..10_000).for_each(|text| carriers.insert(2, text, |other| other + 10 < text));
        assert!(texts(&carriers, 2).contains(&9_999) && texts(&carriers, 2).len() <= CARRIERS_MAX);
    }

    #[test]
    fn keys_made_to_stand_together_make_no_long_row() {
        let mut carriers = Carriers::default();
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
        shelf.settle(&arriving, &[], &mut Shelf::default());
        assert_eq!(shelf.postings.len(), SHELF_POSTINGS_MAX);
    }
}
