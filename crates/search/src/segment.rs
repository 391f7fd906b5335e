//! Cuts scripts that set no spaces into words: Chinese, Japanese, Thai, Lao, Burmese and Khmer.
//!
//! By the dictionaries of ICU4X, which are compiled in.

use std::sync::LazyLock;

use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed, options::WordBreakInvariantOptions};

/// Most bytes cut at once: no sentence is longer, and the segmenter keeps some numbers for each.
const RUN_BYTES_MAX: usize = 4 << 10;

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// Puts the ends of the words of `run`, which begins at `start`, into `cuts`, the first one last.
pub(crate) fn segment(run: &str, start: usize, cuts: &mut Vec<usize>) {
    cuts.clear();
    let mut rest = run;
    let mut from = start;
    while !rest.is_empty() {
        let (part, more) = rest.split_at(rest.floor_char_boundary(RUN_BYTES_MAX));
        cuts.extend(SEGMENTER.segment_str(part).filter(|cut| *cut > 0).map(|cut| from + cut));
        from += part.len();
        rest = more;
    }
    cuts.reverse();
}
