//! What each edition did to the text, worked out once and kept: an article page is asked for more often than its texts
//! change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use depeche_news::ItemId;
use depeche_store::TextView;
use depeche_text::{
    Change, Difference,
    agency::{Mark, label_mark, split_marks},
    difference,
};

use crate::comparison::text_of;

/// Most words of each of two texts that are compared for a line: few reports have more, and two long ones that have little in
/// common are dear, twenty times a page. What is longer is told by the shares found when it was placed.
pub(crate) const WORDS_MAX: usize = 2_000;

/// Most bytes of a text that is read for a line: 6,000 words.
pub(crate) const TEXT_BYTES_MAX: u64 = 48 << 10;

/// Effects remembered. When there are more, all are worked out again.
const REMEMBERED_MAX: usize = 8_192;

/// Figures told of one edition; the page of the comparison has them all.
pub(crate) const FIGURES_MAX: usize = 3;

/// Of both texts so much is new, in per cent, that nothing was changed: it was written anew.
const ANEW_PER_CENT: usize = 75;

/// A version of an item as it is understood today.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Text {
    pub(crate) item: ItemId,
    pub(crate) number: u32,
    pub(crate) stamp: u64,
}

/// A text, and the one it is held against.
pub(crate) type Pair = (Text, Option<Text>);

/// What is known of an edition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Effect {
    /// Its words.
    pub(crate) words: usize,
    /// What its desk calls it.
    pub(crate) labels: Vec<(Mark, String)>,
    /// What it adds, as its desk says it.
    pub(crate) updated_with: Option<String>,
    /// Its language.
    pub(crate) language: Option<String>,
    /// Its headline.
    pub(crate) headline: String,
    /// What it did to the text that it is held against.
    pub(crate) done: Option<Done>,
}

impl Effect {
    /// Whether it left the text as it was.
    pub(crate) fn is_nothing(&self) -> bool {
        self.changed() == Some(0)
    }

    /// Words that went and came, where the two texts could be held against each other; an anew written one changed all.
    pub(crate) fn changed(&self) -> Option<usize> {
        match self.done.as_ref()? {
            Done::Anew => Some(usize::MAX),
            Done::Changed { left, added, .. } => Some(left + added),
        }
    }
}

/// What an edition did to a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Done {
    /// So little is left of it that it is another one.
    Anew,
    /// What changed.
    Changed {
        /// Words that stayed, went and came.
        same: usize,
        left: usize,
        added: usize,
        /// Paragraphs that are gone whole.
        paragraphs: usize,
        /// Figures that took the place of others.
        figures: Vec<(String, String)>,
        /// Whether the headline is another.
        headline: bool,
    },
}

/// How long effects are remembered: they have words of their texts, and what was taken down must not stay in memory.
const REMEMBERED_FOR: Duration = Duration::from_secs(3_600);

/// The effects that were worked out lately.
#[derive(Clone, Default)]
pub(crate) struct Remembered(Arc<Mutex<Kept>>);

/// Effects, and until when they are kept.
#[derive(Default)]
struct Kept {
    all: HashMap<Pair, Arc<Effect>>,
    until: Option<Instant>,
}

impl Remembered {
    pub(crate) fn get(&self, pair: &Pair) -> Option<Arc<Effect>> {
        self.kept(Instant::now()).all.get(pair).cloned()
    }

    pub(crate) fn put(&self, pair: Pair, effect: Arc<Effect>) {
        let now = Instant::now();
        let mut kept = self.kept(now);
        if kept.all.len() >= REMEMBERED_MAX {
            *kept = Kept::default();
        }
        kept.until.get_or_insert(now + REMEMBERED_FOR);
        kept.all.insert(pair, effect);
    }

    /// What is kept at this time.
    fn kept(&self, now: Instant) -> MutexGuard<'_, Kept> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.until.is_some_and(|until| now >= until) {
            *kept = Kept::default();
        }
        kept
    }
}

/// What an edition is and did to the text before.
pub(crate) fn effect(before: Option<&TextView>, text: &TextView) -> Effect {
    let now = text_of(&text.article);
    let done = before.and_then(|before| {
        let headline = before.article.headline != text.article.headline;
        done(&text_of(&before.article), &now, headline)
    });
    let words = match &done {
        Some(Done::Changed { same, added, .. }) => same + added,
        _ => counted(&now),
    };
    Effect {
        words,
        labels: labels(&text.labels),
        updated_with: text.updated_with.clone(),
        language: text.article.language.clone(),
        headline: text.article.headline.clone(),
        done,
    }
}

/// The words of a text, as they are counted where two are compared.
fn counted(text: &str) -> usize {
    match text.split_whitespace().count() {
        words if words > WORDS_MAX => words,
        _ => difference("", text).added,
    }
}

fn done(before: &str, now: &str, headline: bool) -> Option<Done> {
    let (old, new) = (bag(before), bag(now));
    let (many, others): (usize, usize) = (old.values().sum(), new.values().sum());
    if many.max(others) > WORDS_MAX {
        return None;
    }
    let common: usize =
        old.iter().map(|(word, count)| (*count).min(new.get(word).copied().unwrap_or(0))).sum();
    let is_new = |of: usize| (of - common.min(of)) * 100 > of * ANEW_PER_CENT;
    if is_new(many) && is_new(others) {
        return Some(Done::Anew);
    }
    let found = difference(before, now);
    Some(Done::Changed {
        same: found.same,
        left: found.left,
        added: found.added,
        paragraphs: paragraphs_cut(before, &found),
        figures: figures(&found),
        headline,
    })
}

/// Of a paragraph so much is gone, in per cent, that it was cut.
const CUT_PER_CENT: usize = 90;

/// The paragraphs of a text that a later one left out. Where its end is cut, the difference has it as part of the last
/// paragraph that stayed, so what went is laid out by the earlier text's own.
fn paragraphs_cut(before: &str, found: &Difference) -> usize {
    let lengths = before.lines().map(letters).filter(|letters| *letters > 0);
    let mut left = lengths.map(|length| (length, 0)).collect::<Vec<_>>();
    let (mut at, mut passed) = (0, 0);
    let stretches = found.paragraphs.iter().flatten();
    for stretch in stretches.filter(|stretch| stretch.change != Change::Added) {
        let mut rest = letters(&stretch.text);
        while let (Some((length, gone)), true) = (left.get_mut(at), rest > 0) {
            let here = rest.min(*length - passed);
            *gone += if stretch.change == Change::Left { here } else { 0 };
            (rest, passed) = (rest - here, passed + here);
            if passed == *length {
                (at, passed) = (at + 1, 0);
            }
        }
    }
    left.iter().filter(|(length, gone)| gone * 100 >= length * CUT_PER_CENT).count()
}

/// The letters and figures of a text: signs and spaces may be written another way in the other.
fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// How often a text has each word.
fn bag(text: &str) -> HashMap<&str, usize> {
    let mut bag = HashMap::new();
    for word in text.split_whitespace() {
        *bag.entry(word).or_default() += 1;
    }
    bag
}

/// The figures that took the place of others.
fn figures(found: &Difference) -> Vec<(String, String)> {
    let replaced = found.figures.iter().filter(|(old, new)| !old.is_empty() && !new.is_empty());
    replaced.take(FIGURES_MAX).cloned().collect()
}

/// What a desk calls an edition, as far as it says what it is.
fn labels(labels: &[String]) -> Vec<(Mark, String)> {
    let mut found: Vec<(Mark, String)> = Vec::new();
    for label in labels {
        let own = split_marks(label).marks;
        let own = own.first().map(|(mark, word)| (*mark, (*word).to_lowercase()));
        let mark = own.or_else(|| label_mark(label).map(|mark| (mark, label.to_lowercase())));
        let known = |(mark, _): &(Mark, String)| found.iter().any(|(other, _)| other == mark);
        let told = mark.filter(|label| !matches!(label.0, Mark::Embargo | Mark::Advisory));
        found.extend(told.filter(|label| !known(label)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, now: &str, expected: &str) {
        let told = match done(before, now, false) {
            None => "too long".to_owned(),
            Some(Done::Anew) => "anew".to_owned(),
            Some(Done::Changed { same, left, added, paragraphs, figures, .. }) => {
                format!("{same} {left} {added} {paragraphs} {figures:?}")
            }
        };
        assert_eq!(told, expected, "{before} | {now}");
    }

    #[test]
    fn an_edition_is_told_by_what_it_did() {
        let (a, b, c) = ("Un deux trois quatre.", "Cinq six sept huit.", "Neuf dix onze douze.");
        let all = format!("{a}\n{b}\n{c}");
        check(a, a, "4 0 0 0 []");
        check(&all, &format!("{a}\n{b}"), "8 4 0 1 []");
        check(&all, a, "4 8 0 2 []");
        check(&all, &format!("{a}\n{c}"), "8 4 0 1 []");
        check(&all, &format!("{b}\n{c}"), "8 4 0 1 []");
        check(&all, &format!("{a}\n{c}\nTreize."), "8 4 1 1 []");
        check(&all, &format!("{a}\nCinq six.\n{c}"), "10 2 0 0 []");
        check(&format!("{a}\n\n{b}"), &format!("{a} {b}"), "8 0 0 0 []");
        check(
            "Il y a 12 morts.",
            "Il y a 14 morts.",
            "4 1 1 0 [(\"12\\u{a0}morts\", \"14\\u{a0}morts\")]",
        );
        check(a, b, "anew");
        check("", a, "0 0 4 0 []");
        check(a, "", "0 4 0 1 []");
        check(&"mot ".repeat(WORDS_MAX + 1), a, "too long");
    }

    #[test]
    fn the_words_of_a_desk_are_told_once() {
        let all = ["FLASH", "SOUS EMBARGO", "PAPIER GENERAL", "LEAD", "1st Ld-Writethru"];
        let told = labels(&all.map(str::to_owned));
        let words: Vec<&str> = told.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(words, ["flash", "papier general", "1st ld-writethru"]);
    }

    #[test]
    fn what_is_remembered_stays_bounded() {
        let remembered = Remembered::default();
        let item = ItemId::parse("0123456789abcdef0123").unwrap();
        for number in 0..=REMEMBERED_MAX as u32 {
            let text = Text { item: item.clone(), number, stamp: 0 };
            remembered.put((text, None), Arc::default());
        }
        let now = Instant::now();
        assert_eq!(remembered.kept(now).all.len(), 1);
        assert_eq!(remembered.kept(now + REMEMBERED_FOR).all.len(), 0);
    }
}
