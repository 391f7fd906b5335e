//! What later items are compared with: the texts that lead, and how they are found.
//!
//! Of each there are only postings and 16 bytes here; the whole trace is asked for when a text is
//! to be compared. Texts are numbered as they come. One that goes leaves its postings behind until
//! the texts are settled, so that nobody needs to know what they were.

use std::io::{self, Read, Write};

use crate::{
    carriers::{CARRIERS_MAX, Carriers},
    glossary::{Entry, Glossary},
    names::{NONE, Names},
    snapshot::{NotRestored, Reading, Writing},
    terms::{BODY, Term, WORD, headlines_before},
    trace::Trace,
};

/// A text that leads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// Its item; `NONE` when it is gone.
    pub(crate) name: u32,
    /// Its dispatch.
    pub(crate) dispatch: u32,
    /// The length of the vector of its terms, by their rarity when it was told or last settled.
    pub(crate) norm: f32,
    /// How many fingerprints it has, 255 for more.
    pub(crate) prints: u8,
    /// How many terms it has.
    pub(crate) terms: u8,
    /// Whether its headline has a rubric that tells.
    pub(crate) rubric: bool,
}

/// What stood under the fingerprints of an item that were looked up, so that it is not looked up again.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// How many texts carry each.
    carriers: Vec<u32>,
    /// The dispatches of those texts, each with the place of its fingerprint in `carriers`.
    dispatches: Vec<(u32, u32)>,
}

impl Found {
    /// Notes the dispatches of the texts that carry the next fingerprint.
    pub(crate) fn note(&mut self, dispatches: &[u32]) {
        let at = self.carriers.len() as u32;
        self.carriers.push(dispatches.len() as u32);
        self.dispatches.extend(dispatches.iter().map(|&dispatch| (at, dispatch)));
    }

    fn carriers(&self, at: usize) -> usize {
        self.carriers.get(at).map_or(0, |&count| count as usize)
    }

    /// How many of the first `count` fingerprints texts of a dispatch carry.
    pub(crate) fn known(&self, dispatch: u32, count: usize) -> usize {
        let ours = |&&(at, of): &&(u32, u32)| of == dispatch && (at as usize) < count;
        let mut last = None;
        let known = self.dispatches.iter().filter(ours);
        known.filter(|(at, _)| last.replace(*at) != Some(*at)).count()
    }
}

/// The texts that lead, by number, and what they are found by.
#[derive(Debug)]
pub(crate) struct Texts {
    texts: Vec<Text>,
    carriers: Carriers,
    glossary: Glossary,
    /// How many are settled, and how many of all are gone.
    settled: usize,
    gone: usize,
}

/// Texts that are not settled: at least so many, so that a small window is not always being
/// settled, and one in so many of all, so that a large one is not either. A posting that is not
/// settled takes three times the room.
const UNSETTLED_MIN: usize = 1_024;
const UNSETTLED_PART: usize = 16;

/// Texts that are gone and still have postings: at least so many, and one in so many of all. They make
/// the terms of those that stay look more common than they are.
const GONE_MIN: usize = 128;
const GONE_PART: usize = 16;

/// Texts assumed to have been seen before the first, with no terms but those of [`headlines_before`].
const TEXTS_BEFORE: f32 = 3_000.0;

impl Texts {
    /// No texts yet, and room for so many, with as many that are gone.
    pub(crate) fn new(texts_max: usize) -> Self {
        Self {
            texts: Vec::new(),
            carriers: Carriers::new(2 * texts_max),
            glossary: Glossary::default(),
            settled: 0,
            gone: 0,
        }
    }

    /// Adds the text of an item and returns its number, unless there are too many. Of an item whose
    /// fingerprints were just looked up it is known what was found.
    pub(crate) fn add(
        &mut self,
        name: u32,
        dispatch: u32,
        trace: &Trace,
        found: Option<&Found>,
    ) -> Option<u32> {
        let number = self.texts.len();
        if number >= self.carriers.texts_max() {
            return None;
        }
        self.texts.push(Text {
            name,
            dispatch,
            norm: 0.0,
            prints: trace.prints.len().min(255) as u8,
            terms: trace.terms.len().min(255) as u8,
            rubric: trace.terms.iter().any(|term| term.rubric),
        });
        let gone = |text: u32| self.texts[text as usize].name == NONE;
        for (at, print) in looked_up(trace).enumerate() {
            match found.map(|found| found.carriers(at)) {
                Some(CARRIERS_MAX..) => {}
                Some(_) => self.carriers.add(print, number as u32, gone),
                None => self.carriers.insert(print, number as u32, gone),
            }
        }
        self.glossary.tell(number as u32, &trace.terms);
        let norm = norm(&self.weights(&trace.terms));
        self.texts.last_mut()?.norm = norm;
        Some(number as u32)
    }

    /// Lets a text be gone.
    pub(crate) fn remove(&mut self, text: u32) {
        if let Some(text) = self.texts.get_mut(text as usize) {
            text.name = NONE;
            self.gone += 1;
        }
    }

    /// A text that is not gone.
    pub(crate) fn get(&self, text: u32) -> Option<&Text> {
        self.texts.get(text as usize).filter(|text| text.name != NONE)
    }

    /// Calls `f` for each text that carries a fingerprint.
    pub(crate) fn each_carrier(&self, print: u32, mut f: impl FnMut(u32, &Text)) {
        self.carriers.each_text(print, |text| {
            if let Some(found) = self.get(text) {
                f(text, found);
            }
        });
    }

    /// See [`Carriers::bring_near`].
    pub(crate) fn bring_near(&self, prints: &[u32]) {
        self.carriers.bring_near(prints);
    }

    /// The texts that have a term.
    pub(crate) fn entry(&self, hash: u32) -> Entry<'_> {
        self.glossary.entry(hash)
    }

    /// What the terms of a text weigh here.
    pub(crate) fn weights(&self, terms: &[Term]) -> Vec<f32> {
        let rarity = self.rarity();
        let weight =
            |term: &Term| weight(term.weight, rarity(term.hash, self.entry(term.hash).len()));
        terms.iter().map(weight).collect()
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len() - self.gone
    }

    /// How much a term tells that so many texts have: 1 if no text has it, 0 if all have.
    pub(crate) fn rarity(&self) -> impl Fn(u32, usize) -> f32 + use<> {
        let all = (self.len() as f32 + TEXTS_BEFORE).ln();
        move |term, texts| {
            let texts = texts as f32 + headlines_before(term) as f32;
            1.0 - ((texts + 1.0).ln() / all).min(1.0)
        }
    }

    /// The bytes taken: of the texts, the postings of fingerprints, and those of terms.
    pub(crate) fn bytes(&self) -> [usize; 3] {
        let texts = self.texts.capacity() * size_of::<Text>();
        [texts, self.carriers.bytes(), self.glossary.bytes()]
    }

    /// Whether something is gone and has left postings.
    pub(crate) fn has_gone(&self) -> bool {
        self.gone > 0
    }

    /// Whether so much has come or gone that the texts should be settled.
    pub(crate) fn is_unsettled(&self) -> bool {
        let all = self.texts.len();
        let came = all - self.settled;
        came >= UNSETTLED_MIN.max(all / UNSETTLED_PART)
            || self.gone >= GONE_MIN.max(all / GONE_PART)
    }

    /// Brings all postings into their final form, leaves out those of texts that are gone, closes
    /// the gaps in the numbers of the others, and weighs all texts anew.
    pub(crate) fn settle(&mut self, names: &mut Names) {
        let mut left = 0;
        let renumber = |text: &Text| match text.name {
            NONE => NONE,
            name => {
                names[name].text = left;
                left += 1;
                left - 1
            }
        };
        let renumbered: Vec<u32> = self.texts.iter().map(renumber).collect();
        self.texts.retain(|text| text.name != NONE);
        self.carriers.settle((self.gone > 0).then_some(&renumbered));
        self.glossary.settle(&renumbered);
        (self.settled, self.gone) = (self.texts.len(), 0);
        self.weigh();
    }

    /// Writes the texts and their postings; `numbers` has the number of each name there.
    pub(crate) fn write(
        &self,
        numbers: &[u32],
        out: &mut Writing<'_, impl Write>,
    ) -> io::Result<()> {
        let there = |name: u32| numbers.get(name as usize).copied().unwrap_or(NONE);
        let row = |text: &Text| {
            let gone = text.name == NONE;
            let dispatch = if gone { NONE } else { there(text.dispatch) };
            let counts = [text.prints, text.terms, u8::from(text.rubric), 0];
            let counts = u32::from_le_bytes(counts);
            [there(text.name), dispatch, text.norm.to_bits(), counts]
        };
        out.rows(self.texts.len(), self.texts.iter().map(row))?;
        out.u64(self.settled as u64)?;
        self.carriers.write(out)?;
        self.glossary.write(out)
    }

    /// Reads what [`Texts::write`] wrote into these, which are empty, and says in the names which lead.
    pub(crate) fn read(
        &mut self,
        names: &mut Names,
        from: &mut Reading<'_, impl Read>,
    ) -> Result<(), NotRestored> {
        self.texts = from.rows(self.carriers.texts_max(), |[name, dispatch, norm, counts]| {
            let norm = f32::from_bits(norm);
            let [prints, terms, rubric, ..] = counts.to_le_bytes();
            Some(Text { name, dispatch, norm, prints, terms, rubric: rubric == 1 })
        })?;
        self.gone = 0;
        for (number, text) in (0..).zip(&self.texts) {
            match text.name {
                NONE => self.gone += 1,
                name => names.lead(name, text.dispatch, number).ok_or(NotRestored::Broken)?,
            }
        }
        self.settled = from.count(self.texts.len())?;
        self.carriers.read(from, self.texts.len())?;
        self.glossary = Glossary::read(from, self.settled, self.texts.len())?;
        Ok(())
    }

    fn weigh(&mut self) {
        let rarity = self.rarity();
        let mut squares = vec![0.0; self.texts.len()];
        self.glossary.each_settled(|term, postings| {
            let rarity = rarity(term, postings.len());
            for posting in postings {
                let weight = weight(posting.weight(), rarity);
                squares[posting.text() as usize] += weight * weight;
            }
        });
        for (text, square) in self.texts.iter_mut().zip(squares) {
            text.norm = square.sqrt();
        }
    }
}

/// What a term weighs of this rarity.
pub(crate) fn weight(in_text: u8, rarity: f32) -> f32 {
    let in_text = if in_text == BODY { BODY_WORTH } else { in_text };
    f32::from(in_text) / f32::from(WORD) * rarity
}

/// What a body's term weighs for its story, in the measure of a headline's: what a text repeats in its
/// first lines tells the event nearly as well. Its own weight only says that it is not of the headline.
const BODY_WORTH: u8 = 18;

/// The length of a vector of weights.
pub(crate) fn norm(weights: &[f32]) -> f32 {
    weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt()
}

/// Whether the fingerprint at this place of a text is looked up: those of its head, which is all
/// that a teaser has, and every fourth one after. That finds the texts; what they share is then
/// seen from all.
pub(crate) fn is_indexed(at: usize, print: u32) -> bool {
    at < HEAD_PRINTS || is_indexed_anywhere(print)
}

/// Whether a fingerprint is looked up wherever it stands.
pub(crate) fn is_indexed_anywhere(print: u32) -> bool {
    print.is_multiple_of(INDEXED_PART)
}

/// Fingerprints of a head: 300 characters or so.
const HEAD_PRINTS: usize = 16;

/// Behind the head one fingerprint in so many is looked up. A passage of 50 words has 14.
const INDEXED_PART: u32 = 4;

/// The fingerprints of a text that are looked up, and last what stands for its headline, if anything does.
pub(crate) fn looked_up(trace: &Trace) -> impl Iterator<Item = u32> + '_ {
    let prints = trace.prints.iter().enumerate();
    let indexed = prints.filter(|(at, print)| is_indexed(*at, **print)).map(|(_, &print)| print);
    indexed.chain(trace.headline())
}
