//! Two texts side by side: how much of each is in the other, and how it lies there.

use depeche_text::is_cut;
use rustc_hash::FxHashMap;

use crate::{
    Candidate, figures,
    prints::{self, GROUP, Print},
    terms::{Spelled, terms, title_overlap},
    trace::Trace,
    words::{Folded, words},
};

/// A text that is being placed, ready to be compared with many.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Its fingerprints in order.
    pub(crate) prints: Vec<Print>,
    /// What each of them is worth, by how many dispatches share it.
    pub(crate) worth: Vec<f32>,
    /// Where each fingerprint stands in `prints`.
    pub(crate) places: FxHashMap<u32, u32>,
    /// What will be left of it.
    pub(crate) trace: Trace,
    /// Whether somebody cut it («…» at its end).
    pub(crate) cut: bool,
}

/// How a subject and an earlier text are alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Likeness {
    /// Worth in common.
    pub(crate) common: f32,
    /// Share of the subject that is in the other.
    pub(crate) ours: f32,
    /// Share of the other that is in the subject.
    pub(crate) theirs: f32,
    /// Share of the other that stands before the second fingerprint in common.
    pub(crate) their_from: f32,
    /// Share of the subject that stands before the beginning of the other and is not in it.
    pub(crate) new_lead: f32,
    /// Longest passage in common, in words.
    pub(crate) run: u32,
    /// Numbers at the same place that agree, and that differ.
    pub(crate) same_figures: u32,
    pub(crate) other_figures: u32,
    /// Share of the shorter headline in common, if both have one.
    pub(crate) title: Option<f32>,
    /// The subject's paragraphs that are in the other.
    pub(crate) paragraphs: Vec<u16>,
    /// Words of the subject and of the other.
    pub(crate) our_words: u32,
    pub(crate) their_words: u32,
}

impl Subject {
    /// Reads a candidate.
    pub(crate) fn read(candidate: &Candidate<'_>) -> (Self, Vec<Spelled>) {
        let text = Folded::new(candidate.text);
        let words = words(&text);
        let (prints, places) = prints::prints(&words);
        let titled = !candidate.title.trim().is_empty();
        let first_line = candidate.text.trim_start().lines().next().unwrap_or_default();
        let headline = if titled { candidate.title } else { first_line };
        let spelled = terms(headline, &text);
        let trace = Trace {
            prints: prints.iter().map(|print| print.hash).collect(),
            figures: figures::figures(&words),
            terms: spelled.iter().map(|spelled| spelled.term).collect(),
            words: words.len() as u32,
            titled,
        };
        let worth = vec![1.0; prints.len()];
        (Self { prints, worth, places, trace, cut: is_cut(candidate.text) }, spelled)
    }

    /// Compares with the trace of an earlier text.
    pub(crate) fn like(&self, other: &Trace) -> Likeness {
        let matches = self.matches(other);
        let mut found = vec![false; self.prints.len()];
        matches.iter().for_each(|&(_, ours)| found[ours] = true);
        let common: f32 = matches.iter().map(|&(_, ours)| self.worth[ours]).sum();
        let unmatched = (other.prints.len() - matches.len()) as f32;
        let second = matches.get(1).map_or(other.prints.len(), |&(theirs, _)| theirs);
        let (same_figures, other_figures) = figures::agreement(&self.trace.figures, &other.figures);
        let titled = self.trace.titled && other.titled;
        Likeness {
            common,
            ours: share(common, self.worth.iter().sum()),
            theirs: share(common, common + unmatched),
            their_from: share(second as f32, other.prints.len() as f32),
            new_lead: new_lead(&matches, &found, other.prints.len()),
            run: self.longest_run(&matches),
            same_figures,
            other_figures,
            title: if titled { title_overlap(&self.trace.terms, &other.terms) } else { None },
            paragraphs: self.paragraphs(&found),
            our_words: self.trace.words,
            their_words: other.words,
        }
    }

    /// The fingerprints in common: the place of each in the other text, in order, and in ours.
    fn matches(&self, other: &Trace) -> Vec<(usize, usize)> {
        let ours = |print| self.places.get(print).map(|&place| place as usize);
        let both = |(theirs, print)| Some((theirs, ours(print)?));
        other.prints.iter().enumerate().filter_map(both).collect()
    }

    fn longest_run(&self, matches: &[(usize, usize)]) -> u32 {
        let mut run = Run::default();
        matches
            .iter()
            .map(|&(theirs, ours)| run.grow(theirs, ours, &self.prints))
            .max()
            .unwrap_or(0)
    }

    /// The paragraphs of which at least half is found.
    fn paragraphs(&self, found: &[bool]) -> Vec<u16> {
        let both: Vec<_> = self.prints.iter().zip(found).collect();
        let of = |(print, _): &(&Print, &bool)| print.paragraph;
        both.chunk_by(|a, b| of(a) == of(b))
            .filter(|chunk| chunk.iter().filter(|(_, found)| **found).count() * 2 >= chunk.len())
            .filter_map(|chunk| chunk.first().map(of))
            .collect()
    }
}

/// The share of our text that is new and stands before where the other's first third begins in it:
/// before its first quarter, because single phrases may stand anywhere.
fn new_lead(matches: &[(usize, usize)], found: &[bool], their_len: usize) -> f32 {
    let third = their_len.div_ceil(3);
    let head = matches.iter().take_while(|(theirs, _)| *theirs < third);
    let mut places: Vec<usize> = head.map(|&(_, ours)| ours).collect();
    places.sort_unstable();
    let begin = places.get(places.len() / 4).copied().unwrap_or(0);
    let new = found.iter().take(begin).filter(|&&found| !found).count();
    share(new as f32, found.len() as f32)
}

fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// A passage that both texts have, while it is followed through them.
#[derive(Default)]
struct Run {
    from: u32,
    last: Option<(usize, usize)>,
}

impl Run {
    /// Goes on to the next fingerprint in common and returns the words of the passage so far. One
    /// fingerprint may be missing between two: it may have been kept elsewhere in the text.
    fn grow(&mut self, theirs: usize, ours: usize, prints: &[Print]) -> u32 {
        let goes_on = self.last.is_some_and(|(their_last, our_last)| {
            theirs - their_last <= 2 && ours > our_last && ours - our_last <= 2
        });
        let word = prints[ours].word;
        if !goes_on {
            self.from = word;
        }
        self.last = Some((theirs, ours));
        word - self.from + GROUP as u32
    }
}
