//! Which story an item belongs to: by the terms it shares with what was told lately.

use rustc_hash::FxHashMap;

use crate::{
    terms::Term,
    texts::{Text, Texts, norm, weight},
};

/// A text as its story knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
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

/// Hours after which nothing new belongs to a story.
const SILENCE_SECONDS_MAX: i64 = 72 * 3600;

/// Texts looked at for one term, the latest first, and for all terms of a text. What a frequent
/// term finds beyond that, rarer ones find as well.
pub(crate) const TEXTS_PER_TERM_MAX: usize = 200;
const TEXTS_PER_SEARCH_MAX: usize = 1_000;

/// What a text must share, of what ours says in all, to be compared in full.
const SHARED_MIN: f32 = 0.1;

/// Texts that are compared in full.
const COMPARED_MAX: usize = 32;

/// The story that a text with these terms goes on with, if there is one.
pub(crate) fn nearest(
    texts: &Texts,
    terms: &[Term],
    at: i64,
    told: impl Fn(&Text) -> Option<Told>,
) -> Option<u32> {
    let weights = texts.weights(terms);
    let norm = norm(&weights);
    let mut stories: Vec<Near> = Vec::new();
    for (text, common) in alike(texts, terms, &weights, norm) {
        let Some(text) = texts.get(text) else { continue };
        let Some(told) = told(text).filter(|t| (t.at - at).abs() <= SILENCE_SECONDS_MAX) else {
            continue;
        };
        if common.terms < terms.len().min(usize::from(text.terms)).clamp(1, 2) {
            continue;
        }
        let likeness = common.likeness(norm, text.norm);
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

/// The texts that share the most with ours, the most alike first, and what they share.
fn alike(texts: &Texts, terms: &[Term], weights: &[f32], norm: f32) -> Vec<(u32, Common)> {
    let mut order: Vec<(&Term, f32)> = terms.iter().zip(weights.iter().copied()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rarity = texts.rarity();
    let mut shared: FxHashMap<u32, Common> = FxHashMap::default();
    shared.reserve(TEXTS_PER_SEARCH_MAX);
    let mut left = TEXTS_PER_SEARCH_MAX;
    // The terms that more texts have than were looked at, and the last that was.
    let mut cut_off = Vec::new();
    for (term, ours) in order {
        let entry = texts.entry(term.hash);
        let rarity = rarity(entry.len());
        let mut last = u32::MAX;
        let looked_at = entry.len().min(TEXTS_PER_TERM_MAX).min(left);
        for posting in entry.latest().take(looked_at) {
            last = posting.text();
            shared.entry(last).or_default().add(ours, weight(posting.weight(), rarity));
        }
        left -= looked_at;
        if looked_at < entry.len() {
            cut_off.push((entry, ours, rarity, last));
        }
    }
    let least = norm * norm * SHARED_MIN;
    let mut alike: Vec<_> =
        shared.into_iter().filter(|(_, common)| common.worth >= least).collect();
    let order =
        |a: &(u32, Common), b: &(u32, Common)| b.1.worth.total_cmp(&a.1.worth).then(a.0.cmp(&b.0));
    if alike.len() > COMPARED_MAX {
        alike.select_nth_unstable_by(COMPARED_MAX, order);
        alike.truncate(COMPARED_MAX);
    }
    alike.sort_unstable_by(order);
    for (text, common) in &mut alike {
        for (entry, ours, rarity, last) in &cut_off {
            if *text < *last
                && let Some(theirs) = entry.weight(*text)
            {
                common.add(*ours, weight(theirs, *rarity));
            }
        }
    }
    alike
}

/// What two texts have in common.
#[derive(Clone, Copy, Debug, Default)]
struct Common {
    terms: usize,
    /// The weights of the terms in ours, and their squares.
    said: f32,
    worth: f32,
    product: f32,
}

impl Common {
    fn add(&mut self, ours: f32, theirs: f32) {
        self.terms += 1;
        self.said += ours;
        self.worth += ours * ours;
        self.product += ours * theirs;
    }

    /// The cosine of the two, less where they have little in common.
    fn likeness(&self, our_norm: f32, their_norm: f32) -> f32 {
        let cosine = self.product / (our_norm * their_norm).max(f32::MIN_POSITIVE);
        cosine * (self.said / SAID_MIN).min(1.0)
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::Trace;

    #[test]
    fn words_that_all_headlines_have_cost_no_more_with_every_headline() {
        let terms: Vec<Term> = (0..20).map(|hash| Term { hash, weight: 16 }).collect();
        let trace = Trace { terms: terms.clone(), ..Trace::default() };
        let mut texts = Texts::new(10_000);
        for name in 0..3_000 {
            texts.add(name, name, &trace, None);
        }
        let compared = Cell::new(0);
        let story = nearest(&texts, &terms, 0, |text| {
            compared.set(compared.get() + 1);
            Some(Told { story: text.name, story_texts: 1, at: 0 })
        });
        assert_eq!((story.is_some(), compared.get()), (true, COMPARED_MAX));
        let weights = texts.weights(&terms);
        let alike = alike(&texts, &terms, &weights, norm(&weights));
        assert_eq!(alike.iter().map(|(_, common)| common.terms).min(), Some(20));
    }
}
