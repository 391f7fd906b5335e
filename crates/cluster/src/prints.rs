//! Fingerprints: which hashed word groups of a text stand for it.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::words::{Word, mix};

/// One fingerprint and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    /// A hash of `GROUP` words in a row.
    pub(crate) hash: u32,
    /// The position of the first of them in the text.
    pub(crate) word: u32,
    /// The paragraph they stand in.
    pub(crate) paragraph: u16,
}

/// Words in a group. Three are common phrases, five no longer survive the damage that scanning
/// and rewording do.
pub(crate) const GROUP: usize = 4;

/// Groups of which one at least is kept (winnowing): a passage of `GROUP + WINNOW - 1` words in
/// common is always found.
const WINNOW: usize = 6;

/// Fingerprints kept of one text: enough for 3,000 words, and a trace stays under 5 kB.
pub(crate) const PRINTS_MAX: usize = 1_000;

/// The fingerprints of a text in order, each once, and where each stands among them. Groups do not
/// cross paragraphs, so that a line of page furniture between two of them changes neither.
pub(crate) fn prints(words: &[Word]) -> (Vec<Print>, FxHashMap<u32, u32>) {
    let mut prints = Vec::with_capacity(words.len() / 2 + 1);
    let mut groups = Vec::new();
    let mut at = 0;
    for paragraph in words.chunk_by(|a, b| a.paragraph == b.paragraph) {
        winnow(paragraph, at, &mut groups, &mut prints);
        at += paragraph.len() as u32;
    }
    if prints.is_empty() {
        winnow(words, 0, &mut groups, &mut prints);
    }
    let mut places = FxHashMap::default();
    places.reserve(prints.len().min(PRINTS_MAX));
    prints.retain(|print: &Print| {
        let place = places.len();
        match places.entry(print.hash) {
            Entry::Vacant(free) if place < PRINTS_MAX => {
                free.insert(place as u32);
                true
            }
            _ => false,
        }
    });
    (prints, places)
}

/// Keeps the smallest hash of every `WINNOW` neighbouring groups. `groups` is room to work in.
fn winnow(words: &[Word], at_word: u32, groups: &mut Vec<u32>, prints: &mut Vec<Print>) {
    if words.len() < GROUP {
        return;
    }
    let paragraph = words.first().map_or(0, |word| word.paragraph);
    groups.clear();
    groups.extend(words.windows(GROUP).map(group));
    let window = WINNOW.min(groups.len());
    let (mut smallest, mut last) = (0, None);
    for (at, &hash) in groups.iter().enumerate() {
        // The rightmost smallest one: it stays the smallest for the most windows to come.
        if hash <= groups[smallest] {
            smallest = at;
        } else if smallest + window <= at {
            let from = smallest + 1;
            let rest = groups[from..=at].iter().enumerate().rev().min_by_key(|(_, hash)| **hash);
            smallest = from + rest.map_or(0, |(offset, _)| offset);
        }
        if at + 1 >= window && last.replace(smallest) != Some(smallest) {
            prints.push(Print {
                hash: groups[smallest],
                word: at_word + smallest as u32,
                paragraph,
            });
        }
    }
}

fn group(words: &[Word]) -> u32 {
    let step = |state: u64, word: &Word| {
        state.wrapping_mul(0x0100_0000_01b3).wrapping_add(u64::from(word.hash) + 1)
    };
    mix(words.iter().fold(0, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Folded, words};

    const TEXT: &str = "Le conseil a voté mardi soir un budget de douze millions pour la digue, \
        malgré les réserves des riverains et l'avis contraire du commissaire";

    fn hashes(text: &str) -> Vec<u32> {
        prints(&words(&Folded::new(text))).0.iter().map(|print| print.hash).collect()
    }

    #[test]
    fn a_passage_is_found_wherever_it_stands() {
        let alone = hashes(TEXT);
        let within = hashes(&format!("Autre chose avant.\nRechercher\n{TEXT}\nLire aussi"));
        assert!(alone.len() >= 3 && alone.iter().all(|hash| within.contains(hash)));
        assert!(hashes("un deux trois").is_empty());
        assert_eq!(hashes("un deux\ntrois quatre").len(), 1);
    }

    #[test]
    fn of_every_few_groups_the_smallest_is_kept() {
        let text: String = (0..400u32).map(|n| format!("m{} ", n * n % 97)).collect();
        let words = words(&Folded::new(&text));
        let groups: Vec<u32> = words.windows(GROUP).map(group).collect();
        let mut kept = Vec::new();
        winnow(&words, 0, &mut Vec::new(), &mut kept);
        let mut expected: Vec<u32> = (groups.windows(WINNOW).enumerate())
            .map(|(from, window)| {
                let smallest = window.iter().min();
                (from + window.iter().rposition(|hash| Some(hash) == smallest).unwrap()) as u32
            })
            .collect();
        expected.dedup();
        assert_eq!(kept.iter().map(|print| print.word).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_stands_twice_counts_once() {
        let (twice, places) = prints(&words(&Folded::new(&format!("{TEXT}\n{TEXT}"))));
        assert_eq!((twice.len(), places.len()), (hashes(TEXT).len(), hashes(TEXT).len()));
    }
}
