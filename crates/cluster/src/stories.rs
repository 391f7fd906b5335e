//! Which story an item belongs to: by the terms it shares with what was told lately.

use rustc_hash::FxHashMap;

use crate::terms::{Term, WORD};

/// What the window knows of the terms of its dispatches.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    carried: FxHashMap<u32, Carried>,
    texts: u32,
}

/// Who carries a term.
#[derive(Debug, Default)]
struct Carried {
    /// How many texts.
    texts: u32,
    /// The latest ones, in order; at most twice `TEXTS_PER_TERM_MAX`.
    latest: Vec<u32>,
}

/// A text that was told for a story, as the window knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// Its terms, sorted by hash.
    pub(crate) terms: &'a [Term],
    /// Its story.
    pub(crate) story: u32,
    /// How many texts tell that story.
    pub(crate) story_texts: u32,
    /// When, in seconds.
    pub(crate) at: i64,
}

/// How alike a text must be on average to what tells a story, 0 to 1.
const LIKENESS_MIN: f32 = 0.2;

/// What a story that is e times as long asks for more, so that topics do not swallow events.
const GROWTH: f32 = 0.06;

/// What the terms in common must say together to count in full: three words that no other text
/// has, or two names.
/// A short headline is like many others by one word.
const SAID_MIN: f32 = 3.0;

/// Texts of one story that are averaged: the most alike ones, so that a long story can go on.
const AVERAGED_MAX: u32 = 10;

/// Texts assumed to have been seen before the first, none with any of its terms.
const TEXTS_BEFORE: f32 = 3_000.0;

/// Hours after which nothing new belongs to a story.
const SILENCE_SECONDS_MAX: i64 = 72 * 3600;

/// Texts looked at for one term, the latest first, and for all terms of a text. What a frequent
/// term finds beyond that, rarer ones find as well.
const TEXTS_PER_TERM_MAX: usize = 200;
const TEXTS_PER_SEARCH_MAX: usize = 1_000;

/// What a text must share, of what ours says in all, to be compared in full.
const SHARED_MIN: f32 = 0.1;

/// Texts that are compared in full.
const COMPARED_MAX: usize = 32;

impl Stories {
    /// Adds the terms of `text`.
    pub(crate) fn tell(&mut self, text: u32, terms: &[Term]) {
        self.texts += 1;
        for term in terms {
            let carried = self.carried.entry(term.hash).or_default();
            carried.texts += 1;
            if carried.latest.len() >= 2 * TEXTS_PER_TERM_MAX {
                carried.latest.drain(..TEXTS_PER_TERM_MAX);
            }
            carried.latest.push(text);
        }
    }

    /// Takes the terms of `text` away.
    pub(crate) fn untell(&mut self, text: u32, terms: &[Term]) {
        self.texts = self.texts.saturating_sub(1);
        for term in terms {
            let Some(carried) = self.carried.get_mut(&term.hash) else { continue };
            carried.texts -= 1;
            if carried.texts == 0 {
                self.carried.remove(&term.hash);
            } else {
                carried.latest.retain(|&other| other != text);
            }
        }
    }

    /// The latest texts that have a term, the latest first.
    pub(crate) fn latest(&self, hash: u32) -> impl Iterator<Item = u32> + '_ {
        let latest = self.carried.get(&hash).map_or(&[][..], |carried| &carried.latest);
        latest.iter().rev().take(TEXTS_PER_TERM_MAX).copied()
    }

    /// How much a term tells: 1 if no text has it, 0 if all have.
    pub(crate) fn rarity(&self, hash: u32) -> f32 {
        let frequency = self.carried.get(&hash).map_or(0, |carried| carried.texts) as f32;
        1.0 - (frequency + 1.0).ln() / (self.texts as f32 + TEXTS_BEFORE).ln()
    }

    /// The story that a text with these terms goes on with, if there is one.
    pub(crate) fn nearest<'a>(
        &self,
        terms: &[Term],
        at: i64,
        told: impl Fn(u32) -> Option<Told<'a>>,
    ) -> Option<u32> {
        let ours = Weighed::new(terms, self);
        let mut stories: Vec<Near> = Vec::new();
        for text in self.candidates(&ours) {
            let Some(told) = told(text).filter(|t| (t.at - at).abs() <= SILENCE_SECONDS_MAX) else {
                continue;
            };
            let Some(likeness) = ours.likeness(&Weighed::new(told.terms, self)) else { continue };
            match stories.iter_mut().find(|near| near.story == told.story) {
                Some(near) => near.add(likeness),
                None => stories.push(Near {
                    story: told.story,
                    texts: told.story_texts,
                    sum: likeness,
                    added: 1,
                }),
            }
        }
        let best = stories
            .into_iter()
            .reduce(|best, next| if next.likeness() > best.likeness() { next } else { best })?;
        (best.likeness() >= LIKENESS_MIN).then_some(best.story)
    }

    /// The texts that share the most with ours, the most alike first.
    fn candidates(&self, ours: &Weighed<'_>) -> Vec<u32> {
        let mut order: Vec<usize> = (0..ours.weights.len()).collect();
        order.sort_by(|&a, &b| ours.weights[b].total_cmp(&ours.weights[a]));
        let mut shared: FxHashMap<u32, f32> = FxHashMap::default();
        let mut left = TEXTS_PER_SEARCH_MAX;
        for at in order {
            let worth = ours.weights[at] * ours.weights[at];
            for text in self.latest(ours.terms[at].hash).take(left) {
                *shared.entry(text).or_default() += worth;
                left -= 1;
            }
        }
        let least = ours.norm * ours.norm * SHARED_MIN;
        let mut candidates: Vec<_> =
            shared.into_iter().filter(|(_, worth)| *worth >= least).collect();
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        candidates.truncate(COMPARED_MAX);
        candidates.into_iter().map(|(text, _)| text).collect()
    }
}

/// Terms with their weight in this window.
struct Weighed<'a> {
    terms: &'a [Term],
    weights: Vec<f32>,
    norm: f32,
}

impl<'a> Weighed<'a> {
    fn new(terms: &'a [Term], stories: &Stories) -> Self {
        let weight =
            |term: &Term| f32::from(term.weight) / f32::from(WORD) * stories.rarity(term.hash);
        let weights: Vec<f32> = terms.iter().map(weight).collect();
        let norm = weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
        Self { terms, weights, norm }
    }

    /// The cosine of two texts; `None` where they share one term only, unless one has no more.
    fn likeness(&self, other: &Self) -> Option<f32> {
        let (mut shared, mut product, mut said) = (0, 0.0, 0.0);
        let mut theirs = other.terms.iter().zip(&other.weights).peekable();
        for (term, weight) in self.terms.iter().zip(&self.weights) {
            while theirs.next_if(|(other, _)| other.hash < term.hash).is_some() {}
            if let Some((_, other)) = theirs.next_if(|(other, _)| other.hash == term.hash) {
                shared += 1;
                product += weight * other;
                said += weight;
            }
        }
        let enough = self.terms.len().min(other.terms.len()).min(2);
        let cosine = product / (self.norm * other.norm).max(f32::MIN_POSITIVE);
        (shared >= enough.max(1)).then(|| cosine * (said / SAID_MIN).min(1.0))
    }
}

/// A story that may be gone on with.
struct Near {
    story: u32,
    texts: u32,
    sum: f32,
    added: u32,
}

impl Near {
    /// Adds a text of the story; the most alike come first.
    fn add(&mut self, likeness: f32) {
        if self.added < AVERAGED_MAX {
            self.sum += likeness;
            self.added += 1;
        }
    }

    fn likeness(&self) -> f32 {
        let texts = self.texts.max(1);
        self.sum / texts.min(AVERAGED_MAX) as f32 - GROWTH * (texts as f32).ln()
    }
}
