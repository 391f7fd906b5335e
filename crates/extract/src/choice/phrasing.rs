//! What the words of a piece have meant on other pages: hashes of words and of pairs of words with a weight each.

use super::words::Word;

/// Words of a piece whose pairs are looked at, from its start.
const FIRST: usize = 24;

/// And from its end: calls and credits stand there.
const LAST: usize = 10;

/// The columns made of a piece's words.
pub(crate) const COLUMNS: [&str; 4] =
    ["wording", "worst wording", "best wording", "wording a word"];

/// The hashes of a piece's words and pairs of words, those of its start and its end; each may come again.
pub(crate) fn of(words: &[Word], each: &mut dyn FnMut(u32)) {
    let mut part = |words: &[Word], opening: bool| {
        let mut before = opening.then_some(START);
        for word in words {
            each(word.hash);
            if let Some(before) = before {
                each(pair(before, word.hash));
            }
            before = Some(word.hash);
        }
    };
    if words.len() <= FIRST + LAST {
        part(words, true);
    } else {
        part(words.get(..FIRST).unwrap_or_default(), true);
        part(words.get(words.len() - LAST..).unwrap_or_default(), false);
    }
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

/// The hashes of a piece's words, each once, in the order of their numbers.
pub(crate) fn all(words: &[Word]) -> Vec<u32> {
    let mut all = Vec::new();
    of(words, &mut |hash| all.push(hash));
    all.sort_unstable();
    all.dedup();
    all
}
