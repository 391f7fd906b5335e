//! What the window needs to know of an item again, small enough to be kept with each item.

use crate::{
    figures::{FIGURES_MAX, Figure},
    prints::PRINTS_MAX,
    terms::{TERMS_MAX, Term},
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
}

/// The form these bytes have; another one is not read.
const FORM: u8 = 1;

impl Trace {
    /// The trace as bytes, for the store.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (prints, figures, terms) = (self.prints.len(), self.figures.len(), self.terms.len());
        let mut bytes = Vec::with_capacity(12 + prints * 4 + figures * 4 + terms * 5);
        bytes.extend([FORM, u8::from(self.titled)]);
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
            bytes.push(term.weight);
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
        let titled = match bytes.take()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let words = u32::from_le_bytes(bytes.take()?);
        let prints = bytes.count(PRINTS_MAX)?;
        let figures = bytes.count(FIGURES_MAX)?;
        let terms = bytes.count(TERMS_MAX)?;
        let trace = Self {
            prints: bytes.list(prints, |b| Some(u32::from_le_bytes(b.take()?)))?,
            figures: bytes
                .list(figures, |b| Some(Figure { place: b.short()?, number: b.short()? }))?,
            terms: bytes.list(terms, |b| {
                Some(Term { hash: u32::from_le_bytes(b.take()?), weight: b.take::<1>()?[0] })
            })?,
            words,
            titled,
        };
        let sorted = trace.terms.is_sorted_by(|a, b| a.hash < b.hash);
        (bytes.0.is_empty() && sorted && all_differ(&trace.prints)).then_some(trace)
    }
}

fn all_differ(prints: &[u32]) -> bool {
    let mut sorted = prints.to_vec();
    sorted.sort_unstable();
    sorted.is_sorted_by(|a, b| a < b)
}

/// Bytes still to be read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take()?))
    }

    fn count(&mut self, max: usize) -> Option<usize> {
        Some(usize::from(self.short()?)).filter(|&count| count <= max)
    }

    fn list<T>(&mut self, count: usize, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..count).map(|_| one(self)).collect()
    }
}
