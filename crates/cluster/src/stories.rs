//! Which story an item belongs to: by the terms it shares with what was told lately.

use rustc_hash::FxHashMap;

use crate::{
    glossary::Posting,
    terms::{BODY, Term},
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
    /// When the dispatch that founded the story was published, if that is known.
    pub(crate) since: Option<i64>,
}

impl Told {
    /// Whether a text of this time can still belong to the story.
    fn goes_on(&self, at: i64) -> bool {
        let age = self.since.map_or(0, |since| at - since);
        let silence_max = i64::from(self.story_texts.clamp(1, DAYS_OPEN_MAX)) * DAY_SECONDS;
        (self.at - at).abs() <= silence_max && age <= AGE_SECONDS_MAX
    }
}

/// How alike a text must be to what tells a story, 0 to 1, in a window that begins.
const LIKENESS_MIN: f32 = 0.1;

/// What e times as many texts ask for more: of many, some are alike by chance. It is counted from
/// `TEXTS_FEW`, and past `TEXTS_MANY` the words themselves have told what they are worth; of a text with a
/// body sooner, because it says more than a headline can have in common with another by chance.
const LIKENESS_PER_TEXTS: f32 = 0.18;
const TEXTS_FEW: f32 = 300.0;
const TEXTS_MANY: usize = 3_000;
const TEXTS_MANY_WITH_BODY: usize = 1_500;

/// What a story that is e times as long asks for more, so that topics do not swallow events; up to as
/// many texts as are averaged, or a great event would fall to pieces.
const GROWTH: f32 = 0.12;

/// What the terms in common must say together to count in full: three words that no other text
/// has, or two names.
/// A short headline is like many others by one word.
const SAID_MIN: f32 = 3.0;

/// What of it must stand in a headline of either: an event is named by its headlines, and what two bodies
/// repeat may be the words that all news is told with.
const TITLED_MIN: f32 = 0.5;

/// Texts of one story that are averaged: the most alike ones, so that a long story can go on.
const AVERAGED_MAX: u32 = 10;

/// How much the most alike of them counts by itself, and which power of their number the others
/// are divided by: less than 1, because not every text of a story has the same words.
const NEAREST_SHARE: f32 = 0.1;
const AVERAGED_POWER: f32 = 0.87;

/// The power of the lengths that likeness is divided by: with 1, the cosine, two headlines of a
/// word or two are alike by it alone.
const LENGTH_POWER: f32 = 0.55;

/// What is left of a likeness where each headline has a rubric that the other knows nothing of: the
/// same thing happened in another town.
const OTHER_RUBRIC: f32 = 0.4;

/// An event is told by all within hours: what is left of a likeness across more, and the hours after
/// which the rest is down to a third.
const LATER: f32 = 0.55;
const HOURS: f32 = 3.0;

/// Days of silence after which nothing new belongs to a story: as many as texts tell it, so many at most. What one
/// text told and nobody took up for a day is over.
const DAYS_OPEN_MAX: u32 = 3;
const DAY_SECONDS: i64 = 24 * 3600;

/// Age at which a story takes nothing more, however much is told: what goes on for weeks is a
/// topic, with a story for each thing that happens in it.
const AGE_SECONDS_MAX: i64 = 7 * DAY_SECONDS;

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
    let rubric = terms.iter().any(|term| term.rubric);
    let mut stories: Vec<Near> = Vec::new();
    for (text, common) in alike(texts, terms, &weights, norm) {
        let Some(text) = texts.get(text) else { continue };
        let Some(told) = told(text).filter(|told| told.goes_on(at)) else {
            continue;
        };
        let enough = terms.len().min(usize::from(text.terms)).clamp(1, 2);
        if common.terms < enough || common.titled < TITLED_MIN {
            continue;
        }
        let other = common.other_rubric(rubric && text.rubric);
        let likeness = common.likeness(norm, text.norm) * other * closeness(told.at - at);
        match stories.iter_mut().find(|near| near.story == told.story) {
            Some(near) => near.add(likeness),
            None => stories.push(Near {
                story: told.story,
                texts: told.story_texts,
                nearest: likeness,
                sum: likeness,
                added: 1,
            }),
        }
    }
    let best = stories
        .into_iter()
        .reduce(|best, next| if next.likeness() > best.likeness() { next } else { best })?;
    let with_body = terms.iter().any(|term| term.weight == BODY);
    (best.likeness() >= likeness_min(texts.len(), with_body)).then_some(best.story)
}

/// How alike a text must be among so many.
fn likeness_min(texts: usize, with_body: bool) -> f32 {
    let many = if with_body { TEXTS_MANY_WITH_BODY } else { TEXTS_MANY };
    let texts = texts.min(many) as f32;
    LIKENESS_MIN + LIKENESS_PER_TEXTS * (1.0 + texts / TEXTS_FEW).ln()
}

/// What is left of a likeness across so many seconds.
fn closeness(seconds: i64) -> f32 {
    let hours = seconds.unsigned_abs() as f32 / 3_600.0;
    LATER + (1.0 - LATER) * (-hours / HOURS).exp()
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
        let rarity = rarity(term.hash, entry.len());
        let mut last = u32::MAX;
        let looked_at = entry.len().min(TEXTS_PER_TERM_MAX).min(left);
        for posting in entry.latest().take(looked_at) {
            last = posting.text();
            shared.entry(last).or_default().add(term, ours, posting, rarity);
        }
        left -= looked_at;
        if looked_at < entry.len() {
            cut_off.push((entry, term, ours, rarity, last));
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
        for (entry, term, ours, rarity, last) in &cut_off {
            if *text < *last
                && let Some(posting) = entry.posting(*text)
            {
                common.add(term, *ours, posting, *rarity);
            }
        }
    }
    alike
}

/// What two texts have in common.
#[derive(Clone, Copy, Debug, Default)]
struct Common {
    terms: usize,
    /// The lesser weights of the terms; the squares of those in ours; their products.
    said: f32,
    worth: f32,
    product: f32,
    /// Of what they say, what stands in the headline of either.
    titled: f32,
    /// Whether one of them stands in the rubric of either.
    rubric: bool,
}

impl Common {
    fn add(&mut self, term: &Term, ours: f32, posting: Posting, rarity: f32) {
        let theirs = weight(posting.weight(), rarity);
        let said = ours.min(theirs);
        self.terms += 1;
        self.said += said;
        if term.weight.max(posting.weight()) > BODY {
            self.titled += said;
        }
        self.worth += ours * ours;
        self.product += ours * theirs;
        self.rubric |= term.rubric || posting.rubric();
    }

    /// How alike the two are, less where they have little in common.
    fn likeness(&self, our_norm: f32, their_norm: f32) -> f32 {
        let lengths = (our_norm * their_norm).max(f32::MIN_POSITIVE);
        self.product / lengths.powf(LENGTH_POWER) * (self.said / SAID_MIN).min(1.0)
    }

    /// What is left where both have a rubric.
    fn other_rubric(&self, both: bool) -> f32 {
        if both && !self.rubric { OTHER_RUBRIC } else { 1.0 }
    }
}

/// A story that may be gone on with.
struct Near {
    story: u32,
    texts: u32,
    /// The likeness of the most alike text, the sum of all that are averaged, and how many these are.
    nearest: f32,
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
        let averaged = self.sum / (texts.min(AVERAGED_MAX) as f32).powf(AVERAGED_POWER);
        let likeness = NEAREST_SHARE * self.nearest + (1.0 - NEAREST_SHARE) * averaged;
        likeness - GROWTH * (texts.min(AVERAGED_MAX) as f32).ln()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::Trace;

    #[test]
    fn words_that_all_headlines_have_cost_no_more_with_every_headline() {
        let terms: Vec<Term> =
            (0..20).map(|hash| Term { hash, weight: 16, rubric: false }).collect();
        let trace = Trace { terms: terms.clone(), ..Trace::default() };
        let mut texts = Texts::new(10_000);
        for name in 0..3_000 {
            texts.add(name, name, &trace, None);
        }
        let compared = Cell::new(0);
        let story = nearest(&texts, &terms, 0, |text| {
            compared.set(compared.get() + 1);
            Some(Told { story: text.name, story_texts: 1, at: 0, since: None })
        });
        assert_eq!((story, compared.get()), (None, COMPARED_MAX));
        let weights = texts.weights(&terms);
        let alike = alike(&texts, &terms, &weights, norm(&weights));
        assert_eq!(alike.iter().map(|(_, common)| common.terms).min(), Some(20));
    }
}
