//! What the window needs to know of an item again, small enough to be kept with each item.

use crate::{
    figures::{FIGURES_MAX, Figure},
    prints::PRINTS_MAX,
    terms::{TERMS_MAX, Term, headline, title_overlap},
};

/// What is left of a text: fingerprints, figures and terms, no words.
///
/// A 3 kB article leaves some 700 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Hashes of the fingerprints in the order of the text, each once.
    pub(crate) prints: Vec<u32>,
    /// Numbers, each with what stands around it.
    pub(crate) figures: Vec<Figure>,
    /// Terms of headline and body, sorted by hash.
    pub(crate) terms: Vec<Term>,
    /// How many words the text has.
    pub(crate) words: u32,
    /// Whether it has a headline of its own; otherwise its first line stands for it.
    pub(crate) titled: bool,
    /// The number of the part its headline ends with, 0 for none.
    pub(crate) part: u8,
}

/// The form these bytes have; another one is not read.
pub(crate) const FORM: u8 = 1;

/// The bit above the weight of a term that says whether it stands in the rubric.
const RUBRIC_BIT: u32 = 7;

/// Words of a text that says no more than its headline does, or hardly.
const BRIEF_WORDS_MAX: u32 = 40;

impl Trace {
    /// Whether it is told in a few words under a headline: too little for another text to be known by it.
    pub fn is_brief(&self) -> bool {
        self.titled && self.words <= BRIEF_WORDS_MAX
    }

    /// How much of the shorter headline's words is in the other, 0 to 1; 0 where one has too few to tell.
    pub fn headline_share(&self, other: &Self) -> f32 {
        title_overlap(&self.terms, &other.terms).unwrap_or(0.0)
    }

    /// What it has in common with all texts of the same headline, if it has one to know it by.
    pub(crate) fn headline(&self) -> Option<u32> {
        if self.titled { headline(&self.terms) } else { None }
    }

    /// The trace as bytes, for the store.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (prints, figures, terms) = (self.prints.len(), self.figures.len(), self.terms.len());
        let mut bytes = Vec::with_capacity(12 + prints * 4 + figures * 4 + terms * 5);
        bytes.extend([FORM, u8::from(self.titled) | self.part << 1]);
        bytes.extend(self.words.to_le_bytes());
        for count in [prints, figures, terms] {
            bytes.extend((count as u16).to_le_bytes());
        }
        bytes.extend(self.prints.iter().flat_map(|print| print.to_le_bytes()));
        for figure in &self.figures {
            bytes.extend(figure.place.to_le_bytes());
            bytes.extend(figure.number.to_le_bytes());
        }
        for term in &self.terms {
            bytes.extend(term.hash.to_le_bytes());
            bytes.push(term.weight | u8::from(term.rubric) << RUBRIC_BIT);
        }
        bytes
    }

    /// Reads what `to_bytes` wrote; `None` for anything else. The item is then to be placed again
    /// from its text.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        if bytes.take::<1>()? != [FORM] {
            return None;
        }
        let [head] = bytes.take()?;
        let (titled, part) = (head & 1 == 1, head >> 1);
        let words = u32::from_le_bytes(bytes.take()?);
        let prints = bytes.count(PRINTS_MAX)?;
        let figures = bytes.count(FIGURES_MAX)?;
        let terms = bytes.count(TERMS_MAX)?;
        let print = |row: &[u8; 4]| u32::from_le_bytes(*row);
        let figure = |&[a, b, c, d]: &[u8; 4]| Figure {
            place: u16::from_le_bytes([a, b]),
            number: u16::from_le_bytes([c, d]),
        };
        let term = |&[a, b, c, d, weight]: &[u8; 5]| Term {
            hash: u32::from_le_bytes([a, b, c, d]),
            weight: weight & !(1 << RUBRIC_BIT),
            rubric: weight >> RUBRIC_BIT == 1,
        };
        let trace = Self {
            prints: bytes.rows(prints)?.iter().map(print).collect(),
            figures: bytes.rows(figures)?.iter().map(figure).collect(),
            terms: bytes.rows(terms)?.iter().map(term).collect(),
            words,
            titled,
            part,
        };
        let sorted = trace.terms.is_sorted_by(|a, b| a.hash < b.hash);
        (bytes.0.is_empty() && sorted).then_some(trace)
    }
}

/// Bytes still to be read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn count(&mut self, max: usize) -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(self.take()?))).filter(|&count| count <= max)
    }

    /// So many rows of `N` bytes.
    fn rows<const N: usize>(&mut self, count: usize) -> Option<&[[u8; N]]> {
        let (rows, rest) = self.0.split_at_checked(count * N)?;
        self.0 = rest;
        Some(rows.as_chunks().0)
    }
}
