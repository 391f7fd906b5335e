//! Words as a language makes them, from the counts of its pieces of one to five letters.
//!
//! lingua's models hold how often a letter follows those before it, of every piece of letters that its texts
//! have, with nothing left out. What follows no letter is therefore the rest: the end of the word. Likewise a piece
//! starts a word as often as no letter is before it.

use std::path::Path;

use anyhow::Context;
use fst::Streamer;
use rustc_hash::FxHashMap;

use super::chance::Chance;

/// Letters of a piece at most.
const PIECE_MAX: usize = 5;

/// Up to five letters in one number, 21 bits each, the last lowest.
type Piece = u128;

const LETTER_BITS: u32 = 21;

/// The last four letters of a piece.
const CONTEXT: Piece = (1 << (LETTER_BITS * (PIECE_MAX as u32 - 1))) - 1;

/// Marks letters that start a word.
const START: Piece = 1 << 127;

/// Letters of a made-up word at most.
const WORD_MAX: usize = 24;

/// What may follow the letters before, the end as none, with sums of shares.
#[derive(Default)]
struct Next {
    letters: Vec<Option<char>>,
    sums: Vec<f32>,
}

/// A language's words, letter by letter.
pub(super) struct Chain {
    next: FxHashMap<Piece, Next>,
}

impl Chain {
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let bytes =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let model = fst::Map::new(bytes)?;
        let mut pieces: Vec<(Vec<char>, f64)> = Vec::new();
        let mut stream = model.stream();
        while let Some((piece, share)) = stream.next() {
            pieces
                .push((std::str::from_utf8(piece)?.chars().collect(), f64::from_bits(share).exp()));
        }
        Ok(Self::of(pieces))
    }

    /// From pieces and how often each comes after its letters but the last.
    fn of(mut pieces: Vec<(Vec<char>, f64)>) -> Self {
        pieces.sort_by_key(|(letters, _)| letters.len());
        let mut counts: FxHashMap<Piece, f64> = FxHashMap::default();
        counts.insert(0, 1.0);
        for (letters, share) in &pieces {
            let before = counts.get(&number(&letters[..letters.len() - 1])).copied();
            counts.insert(number(letters), before.unwrap_or_default() * share);
        }
        // As often as a piece starts a word.
        let mut starts: FxHashMap<Piece, f64> = counts.clone();
        for (letters, _) in pieces.iter().filter(|(letters, _)| letters.len() > 1) {
            let count = counts[&number(letters)];
            *starts.entry(number(&letters[1..])).or_default() -= count;
        }
        let least = counts.values().copied().fold(1.0, f64::min) / 2.0;
        let mut shares: FxHashMap<Piece, Vec<(Option<char>, f64)>> = FxHashMap::default();
        for (letters, _) in &pieces {
            let (before, last) = letters.split_at(letters.len() - 1);
            let piece = number(letters);
            if letters.len() < PIECE_MAX && starts[&piece] > least {
                shares
                    .entry(START | number(before))
                    .or_default()
                    .push((last.first().copied(), starts[&piece]));
            }
            if letters.len() == PIECE_MAX {
                shares
                    .entry(number(before))
                    .or_default()
                    .push((last.first().copied(), counts[&piece]));
            }
        }
        // The end is what is left.
        for (letters, _) in pieces.iter().filter(|(letters, _)| letters.len() < PIECE_MAX) {
            let piece = number(letters);
            let (state, count) = match letters.len() + 1 {
                PIECE_MAX => (piece, counts[&piece]),
                _ => (START | piece, starts[&piece]),
            };
            let followed: f64 =
                shares.get(&state).into_iter().flatten().map(|(_, share)| share).sum();
            if count - followed > least {
                shares.entry(state).or_default().push((None, count - followed));
            }
        }
        let next = shares.into_iter().map(|(state, shares)| {
            let mut next = Next::default();
            let mut sum = 0.0;
            for (letter, share) in shares {
                sum += share;
                next.letters.push(letter);
                next.sums.push(sum as f32);
            }
            (state, next)
        });
        Self { next: next.collect() }
    }

    /// A word as the language might have it.
    pub(super) fn word(&self, chance: &mut Chance, word: &mut String) {
        let (mut piece, mut count) = (0, 0);
        while count < WORD_MAX {
            let state = if count + 1 < PIECE_MAX { START | piece } else { piece & CONTEXT };
            let Some(next) = self.next.get(&state) else { return };
            let all = next.sums.last().copied().unwrap_or_default();
            let told = chance.below_one() * all;
            let place = next.sums.partition_point(|sum| *sum <= told);
            let Some(Some(letter)) = next.letters.get(place) else { return };
            word.push(*letter);
            piece = with(piece, *letter);
            count += 1;
        }
    }
}

fn number(letters: &[char]) -> Piece {
    letters.iter().fold(0, |piece, letter| with(piece, *letter))
}

/// The last four letters of a piece and one more.
fn with(piece: Piece, letter: char) -> Piece {
    const MASK: Piece = (1 << (LETTER_BITS * PIECE_MAX as u32)) - 1;
    ((piece << LETTER_BITS) | Piece::from(u32::from(letter))) & MASK
}
