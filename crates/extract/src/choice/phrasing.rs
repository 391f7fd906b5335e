//! What the words of a piece have meant on other pages: hashes of words and of pairs of words with a weight each.

use super::words::Word;

/// Words of a piece whose pairs are looked at, from its start.
const FIRST: usize = 24;

/// And from its end: calls and credits stand there.
const LAST: usize = 10;

/// The columns made of a piece's words.
pub(crate) const COLUMNS: [&str; 4] =
    ["wording", "worst wording", "best wording", "wording a word"];

/// The hashes of a piece's words and pairs of words, those of its start and its end, each once, in the order of their numbers.
pub(crate) fn of(words: &[Word]) -> Vec<u32> {
    let whole = words.len() <= FIRST + LAST;
    let first = if whole { words } else { words.get(..FIRST).unwrap_or_default() };
    let last = if whole { &[] } else { words.get(words.len() - LAST..).unwrap_or_default() };
    let opening = std::iter::once(START).chain(first.iter().map(|word| word.hash));
    let mut all: Vec<u32> = first.iter().chain(last).map(|word| word.hash).collect();
    all.extend(opening.zip(first).map(|(before, word)| pair(before, word.hash)));
    all.extend(
        last.iter().zip(last.iter().skip(1)).map(|(before, word)| pair(before.hash, word.hash)),
    );
    all.sort_unstable();
    all.dedup();
    all
}

/// Stands before the first word.
const START: u32 = 0x5be0_cd19;

fn pair(first: u32, second: u32) -> u32 {
    first.rotate_left(13).wrapping_mul(0x9e37_79b1) ^ second.wrapping_mul(0x85eb_ca6b)
}

/// The columns made of the weights of a piece's words: their sum, the least, the greatest, and the sum shared out.
pub fn columns(weights: impl Iterator<Item = f32>) -> [f32; COLUMNS.len()] {
    let (mut columns, mut known) = ([0.0_f32; COLUMNS.len()], 0.0_f32);
    for weight in weights.filter(|weight| *weight != 0.0) {
        columns[0] += weight;
        columns[1] = columns[1].min(weight);
        columns[2] = columns[2].max(weight);
        known += 1.0;
    }
    columns[3] = columns[0] / known.max(1.0);
    columns
}
