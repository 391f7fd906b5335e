//! Made-up headlines: words of a language's chain, with fewer small words than running text, with names that are the same
//! everywhere, a foreign word, or no accents.

use depeche_text::fold;

use super::{chain::Chain, chance::Chance};

/// How often something is done to a made-up headline.
const TERSE: f32 = 0.4;
const NAMES: f32 = 0.4;
const ENGLISH: f32 = 0.05;
const PLAIN: f32 = 0.08;

/// Of a terse headline, how often a small word is left out, and how long it is at most.
const LEFT_OUT: f32 = 0.4;
const SMALL_CHARS: usize = 3;

/// Names in the order they were written down, which keeps most first names by their last ones.
pub(super) fn names() -> Vec<&'static str> {
    include_str!("names.txt").split_whitespace().collect()
}

/// A source of made-up headlines of one language.
pub(super) struct Desk<'a> {
    pub(super) chain: &'a Chain,
    /// What other languages borrow from.
    pub(super) english: Option<&'a Chain>,
    pub(super) names: &'a [&'static str],
    /// Whether people leave out its accents where a keyboard has none.
    pub(super) plain: bool,
    /// Serbian is made in Cyrillic and written in Latin letters.
    pub(super) romanised: bool,
}

impl Desk<'_> {
    /// Writes a headline.
    pub(super) fn write(&self, chance: &mut Chance, headline: &mut String) {
        headline.clear();
        let words = match chance.below(20) {
            0..6 => 1 + chance.below(3),
            6..14 => 4 + chance.below(6),
            _ => 10 + chance.below(8),
        };
        let terse = chance.happens(TERSE);
        let mut names =
            if !self.names.is_empty() && chance.happens(NAMES) { 1 + chance.below(3) } else { 0 };
        let english = self.english.filter(|_| words > 3 && chance.happens(ENGLISH));
        let mut word = String::new();
        for place in 0..words {
            word.clear();
            let chain = english.filter(|_| chance.below(words) == 0).unwrap_or(self.chain);
            chain.word(chance, &mut word);
            let small = terse && words > 1 && word.chars().count() <= SMALL_CHARS;
            if !(small && chance.happens(LEFT_OUT)) {
                headline.push_str(&word);
                headline.push(' ');
            }
            if names > 0 && chance.below(words) <= place {
                let first = chance.below(self.names.len());
                for name in self.names.iter().skip(first).take(1 + chance.below(2)) {
                    headline.push_str(name);
                    headline.push(' ');
                }
                names -= 1;
            }
        }
        if self.romanised {
            *headline = romanised(headline);
        }
        if self.plain && chance.happens(PLAIN) {
            *headline = fold(headline);
        }
    }
}

/// Serbian in Latin letters.
fn romanised(text: &str) -> String {
    const CYRILLIC: &str = "абвгдђежзијклмнопрстћуфхцчш";
    const LATIN: &str = "abvgdđežzijklmnoprstćufhcčš";
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'љ' => written.push_str("lj"),
            'њ' => written.push_str("nj"),
            'џ' => written.push_str("dž"),
            _ => {
                let place = CYRILLIC.chars().position(|cyrillic| cyrillic == letter);
                written.push(place.and_then(|place| LATIN.chars().nth(place)).unwrap_or(letter));
            }
        }
    }
    written
}
