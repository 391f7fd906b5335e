//! Two texts side by side: how much of each is in the other, and how it lies there.

use std::cmp::Ordering;

use depeche_text::{fold, is_cut};
use rustc_hash::FxHashMap;

use crate::{
    Candidate, figures,
    prints::{self, GROUP, Print},
    terms::{Spelled, names_differ, terms, title_overlap},
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
    /// Whether it says that it is another edition.
    pub(crate) marked: bool,
    /// What it is known by of its headline.
    pub(crate) headline: Option<u32>,
}

/// How a subject and an earlier text are alike.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Likeness {
    /// Worth in common.
    pub(crate) common: f32,
    /// Fingerprints in common.
    pub(crate) matches: usize,
    /// Share of the subject that is in the other.
    pub(crate) ours: f32,
    /// Share of the other that is in the subject.
    pub(crate) theirs: f32,
    /// Share of each in stretches that both have in one order, with the small gaps in them.
    pub(crate) our_cover: f32,
    pub(crate) their_cover: f32,
    /// Share of each that stands before what they have in common, but for a tenth of that.
    pub(crate) our_head: f32,
    pub(crate) their_head: f32,
    /// Share of the first eighth of each that the other has.
    pub(crate) our_start: f32,
    pub(crate) their_start: f32,
    /// Share of the other that stands before the second fingerprint in common.
    pub(crate) their_from: f32,
    /// Share of the subject that stands before the beginning of the other and is not in it.
    pub(crate) new_lead: f32,
    /// Longest passage in common, in words.
    pub(crate) run: u32,
    /// Share of the shorter text in passages in common, without the first words of each, which may be a phrase.
    pub(crate) in_passages: f32,
    /// Whether the longest passage is nearly all they have in common.
    pub(crate) in_one_place: bool,
    /// Numbers at the same place that agree, and that differ.
    pub(crate) same_figures: u32,
    pub(crate) other_figures: u32,
    /// Whether both texts are full of figures.
    pub(crate) figured: bool,
    /// Share of the shorter headline in common, if both have one.
    pub(crate) title: Option<f32>,
    /// Whether the headlines have the same words, enough of them to know a text by.
    pub(crate) same_headline: bool,
    /// Whether each headline has a name that the other has not.
    pub(crate) other_names: bool,
    /// Whether the subject's headline numbers a later part than the other's.
    pub(crate) part: Ordering,
    /// Whether the subject says that it is another edition.
    pub(crate) marked: bool,
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
            part: if titled { part(candidate.title) } else { 0 },
        };
        let worth = vec![1.0; prints.len()];
        let marked = is_marked(candidate.title) || is_marked(first_line);
        let cut = is_cut(candidate.text);
        let headline = trace.headline();
        (Self { prints, worth, places, trace, cut, marked, headline }, spelled)
    }

    /// Compares with the trace of an earlier text.
    pub(crate) fn like(&self, other: &Trace) -> Likeness {
        let matches = self.matches(other);
        let Found { ours: found, theirs } =
            Found::new(&matches, self.prints.len(), other.prints.len());
        let common: f32 = matches.iter().map(|&(_, ours)| self.worth[ours]).sum();
        let unmatched = (other.prints.len() - matches.len()) as f32;
        let second = matches.get(1).map_or(other.prints.len(), |&(theirs, _)| theirs);
        let (same_figures, other_figures) = figures::agreement(&self.trace.figures, &other.figures);
        let titled = self.trace.titled && other.titled;
        let (our_cover, their_cover) = covered(&matches);
        let (run, passages) = self.passages(&matches);
        Likeness {
            common,
            matches: matches.len(),
            ours: share(common, self.worth.iter().sum()),
            theirs: share(common, common + unmatched),
            our_cover: share(our_cover as f32, found.len() as f32),
            their_cover: share(their_cover as f32, theirs.len() as f32),
            our_head: head(&found, matches.len()),
            their_head: head(&theirs, matches.len()),
            our_start: start(&found),
            their_start: start(&theirs),
            their_from: share(second as f32, theirs.len() as f32),
            new_lead: new_lead(&matches, &found, theirs.len()),
            run,
            in_passages: share(passages as f32, self.trace.words.min(other.words) as f32),
            in_one_place: run as f32 >= matches.len() as f32 * WORDS_PER_PRINT * ONE_PLACE,
            same_figures,
            other_figures,
            figured: is_figured(&self.trace) && is_figured(other),
            title: if titled { title_overlap(&self.trace.terms, &other.terms) } else { None },
            same_headline: self.headline.is_some() && self.headline == other.headline(),
            other_names: titled && names_differ(&self.trace.terms, &other.terms),
            part: self.trace.part.max(1).cmp(&other.part.max(1)),
            marked: self.marked,
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

    /// The words of the longest passage in common, and of all of them without the first `GROUP` of each.
    fn passages(&self, matches: &[(usize, usize)]) -> (u32, u32) {
        let mut run = Run::default();
        let (mut longest, mut all, mut last) = (0, 0, GROUP as u32);
        for &(theirs, ours) in matches {
            let words = run.grow(theirs, ours, &self.prints);
            // What begins another passage has `GROUP` words; what goes on has more than before.
            all += words.saturating_sub(last);
            longest = longest.max(words);
            last = words;
        }
        (longest, all)
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

/// Which fingerprints of each text the other has.
struct Found {
    ours: Vec<bool>,
    theirs: Vec<bool>,
}

impl Found {
    fn new(matches: &[(usize, usize)], our_len: usize, their_len: usize) -> Self {
        let mut found = Self { ours: vec![false; our_len], theirs: vec![false; their_len] };
        for &(theirs, ours) in matches {
            found.ours[ours] = true;
            found.theirs[theirs] = true;
        }
        found
    }
}

/// The share of a text that stands before a tenth of what is found of it: single phrases may stand
/// anywhere.
fn head(found: &[bool], count: usize) -> f32 {
    let places = found.iter().enumerate().filter(|(_, found)| **found);
    let first = places.map(|(at, _)| at).nth(count / 10);
    share(first.unwrap_or(found.len()) as f32, found.len() as f32)
}

/// The share of a text's first eighth that is found.
fn start(found: &[bool]) -> f32 {
    let first = found.len().div_ceil(8).max(2);
    let count = found.iter().take(first).filter(|found| **found).count();
    share(count as f32, first as f32)
}

/// The number of a part that a headline ends with: «(2)», «2/3», «[2/3]»; 0 for none.
fn part(title: &str) -> u8 {
    let last = title.split_whitespace().next_back().unwrap_or_default();
    let inner = last.trim_matches(['(', ')', '[', ']']);
    let (part, of) = inner.split_once('/').unwrap_or((inner, "1"));
    if inner.len() == last.len() && !inner.contains('/') {
        return 0;
    }
    let number = |digits: &str| digits.parse().ok().filter(|number| (1..100).contains(number));
    number(of).and(number(part)).unwrap_or(0)
}

/// What agencies and newsrooms put before a dispatch that takes the place of an earlier one, folded.
const EDITION_MARKS: [&str; 12] = [
    "actualisation",
    "avant-papier",
    "correctif",
    "correction",
    "lead",
    "mis a jour",
    "mise a jour",
    "papier general",
    "rectificatif",
    "update",
    "version actualisee",
    "version corrigee",
];

/// Whether a line begins with the mark of another edition: «ACTUALISATION - », «(Version corrigée)».
fn is_marked(line: &str) -> bool {
    let start: String = line.trim_start_matches(['(', '[', ' ']).chars().take(24).collect();
    let start = fold(&start);
    let ends = |rest: &str| rest.trim_start().starts_with([':', '-', ')', ']', '/', '|']);
    EDITION_MARKS.iter().any(|mark| start.strip_prefix(mark).is_some_and(ends))
}

/// Whether a text is full of figures: one in fourteen words, as in a weather or market report.
fn is_figured(trace: &Trace) -> bool {
    trace.figures.len() as u32 * 14 >= trace.words
}

/// Words of a passage for each fingerprint it has: half of the distance at which one must be kept.
const WORDS_PER_PRINT: f32 = 3.5;

/// From which share of all that two texts have in common a passage is nearly all of it.
const ONE_PLACE: f32 = 0.75;

/// Fingerprints from one in common to the next within a stretch, some 50 words. Of a text in which scanning
/// has damaged every fourth word one in six is left.
const GAP_MAX: usize = 16;

/// How many fingerprints of ours and of the other lie in stretches in common: from one to the next it is
/// about as far in both.
fn covered(matches: &[(usize, usize)]) -> (usize, usize) {
    let (mut ours, mut theirs) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    for &(their, our) in matches {
        let step = last.and_then(|(last_their, last_our)| {
            let (down, across) = (their - last_their, our.checked_sub(last_our)?);
            let even = down.abs_diff(across) <= 2 + down.max(across) / 4;
            (across > 0 && down <= GAP_MAX && across <= GAP_MAX && even).then_some((down, across))
        });
        let (down, across) = step.unwrap_or((1, 1));
        theirs += down;
        ours += across;
        last = Some((their, our));
    }
    (ours, theirs)
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
