//! Numbers and what stands around them: what tells a correction from a copy.

use std::ops::Range;

use crate::words::{Word, mix};

/// A number at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    /// A hash of the words before and after it.
    pub(crate) place: u16,
    /// A hash of the number.
    pub(crate) number: u16,
}

/// Figures kept of one text. A match report has some thirty; a table has thousands, and its first
/// ones tell enough.
pub(crate) const FIGURES_MAX: usize = 64;

/// Words of a line whose figures count. What is shorter is a dateline or page furniture, with the minute
/// of its publication or the minutes it takes to read.
const LINE_WORDS_MIN: usize = 8;

/// The figures of a text in order. `10 000`, `10.000` and `10000` are the same number.
pub(crate) fn figures(words: &[Word]) -> Vec<Figure> {
    let lines = words.chunk_by(|a, b| a.paragraph == b.paragraph);
    let lines: Vec<usize> = lines.map(<[Word]>::len).collect();
    let short: usize = lines.iter().filter(|&&len| len < LINE_WORDS_MIN).sum();
    // A table is short lines only.
    let least = if short * 2 > words.len() { 0 } else { LINE_WORDS_MIN };
    let mut figures = Vec::new();
    let mut at = 0;
    for len in lines {
        let line = at..at + len;
        if len >= least && words[line.clone()].iter().any(Word::is_number) {
            figures_of(words, line, &mut figures);
        }
        at += len;
    }
    figures
}

/// The figures of one line, each with the words around it, which may stand in other lines.
fn figures_of(words: &[Word], line: Range<usize>, figures: &mut Vec<Figure>) {
    let mut at = line.start;
    for run in words[line].chunk_by(|a, b| a.is_number() == b.is_number()) {
        let end = at + run.len();
        if run.first().is_some_and(Word::is_number) && figures.len() < FIGURES_MAX {
            let around = [at.checked_sub(2), at.checked_sub(1), Some(end)];
            let around = around.map(|at| at.and_then(|at| words.get(at)));
            figures.push(Figure { place: place(around), number: number(run) });
        }
        at = end;
    }
}

/// Another number nearby is part of the place, whatever it is: both may have changed.
fn place(around: [Option<&Word>; 3]) -> u16 {
    let hash = |word: Option<&Word>| word.filter(|word| !word.is_number()).map_or(1, |w| w.hash);
    let step = |state: u64, word| state.wrapping_mul(0x0100_0000_01b3) ^ u64::from(hash(word));
    mix(around.into_iter().fold(7, step)) as u16
}

fn number(run: &[Word]) -> u16 {
    let step = |state: u64, word: &Word| {
        let shift = 10u64.wrapping_pow(u32::from(word.digits));
        state.wrapping_mul(shift).wrapping_add(u64::from(word.hash))
    };
    mix(run.iter().fold(0, step)) as u16
}

/// How many figures of `ours` have the same number at the same place in `theirs`, and how many
/// only another number.
pub(crate) fn agreement(ours: &[Figure], theirs: &[Figure]) -> (u32, u32) {
    let (mut same, mut other) = (0, 0);
    for figure in ours {
        let mut there = theirs.iter().filter(|theirs| theirs.place == figure.place).peekable();
        if there.peek().is_some() {
            let agrees = there.any(|theirs| theirs.number == figure.number);
            *(if agrees { &mut same } else { &mut other }) += 1;
        }
    }
    (same, other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Folded, words};

    #[track_caller]
    fn check(ours: &str, theirs: &str, expected: (u32, u32)) {
        let figures = |text| figures(&words(&Folded::new(text)));
        assert_eq!(agreement(&figures(ours), &figures(theirs)), expected);
    }

    #[test]
    fn figures_agree_or_differ_at_their_places() {
        let text = "près de 10 000 euros et 3 blessés";
        check(text, "Près de 10.000 euros, et 3 blessés", (2, 0));
        check(text, "près de 10000 euros et 5 blessés", (1, 1));
        check(text, "plus de 10 000 euros, dont 3 promis", (0, 0));
        check("", text, (0, 0));
        check(&format!("Publié le 3 mars\n{text}"), &format!("Publié le 4 mars\n{text}"), (2, 0));
        check("Or : 1.900\nCuivre : 8.500", "Or : 1.950\nCuivre : 8.500", (1, 1));
    }
}
