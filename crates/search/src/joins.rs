//! Words that others write as one: `porte-avions` is `porteavions` too, `1 000` is `1000`, and
//! `14,2` is one number.
//!
//! Both spellings stay two words with places of their own, so that a phrase finds what it always
//! found. The joined word is one more form of the document, with a mark: who types `porteavions`
//! looks for it, who types `porte-avions` does not, since the two words are there.

use std::ops::Range;

use crate::{script::is_han, words::WORD_BYTES_MAX};

/// Comes before a joined word among the forms; no word begins with it.
const MARK: char = '-';

/// The term that words are indexed under which this is the joined spelling of. A stemmer often
/// misses such words («porteavions» is «nous porteavions» to the French one): only the `s` goes.
pub(crate) fn joined_term(joined: &str) -> String {
    let singular = joined.strip_suffix('s').filter(|rest| rest.len() > 3).unwrap_or(joined);
    let mut term = String::with_capacity(singular.len() + 1);
    term.push(MARK);
    term.push_str(singular);
    term
}

/// What two words typed with a space between may be to others: «week end», «1 000». `first` may
/// be such a number itself, which has more than three digits then.
pub(crate) fn spaced(first: &str, second: &str) -> Option<String> {
    let fits = match (Last::of(first), Last::of(second)) {
        (Last::Number(_), Last::Number(3)) => !first.starts_with('0'),
        (Last::Word, Last::Word) => is_prefix(first),
        _ => false,
    };
    (fits && first.len() + second.len() <= WORD_BYTES_MAX).then(|| format!("{first}{second}"))
}

/// The longest of the words below, and of the groups of a number.
const PREFIX_BYTES_MAX: usize = 5;

/// First parts of words that are written in all three ways. Any two neighbours would find the
/// `giletsjaunes` of hashtags, which are so rare that they outweigh all else.
fn is_prefix(form: &str) -> bool {
    matches!(
        form,
        "anti"
            | "auto"
            | "bio"
            | "co"
            | "cyber"
            | "e"
            | "eco"
            | "euro"
            | "ex"
            | "extra"
            | "infra"
            | "mega"
            | "micro"
            | "mini"
            | "multi"
            | "narco"
            | "neo"
            | "porte"
            | "post"
            | "pre"
            | "semi"
            | "super"
            | "tele"
            | "trans"
            | "ultra"
            | "vice"
            | "week"
    )
}

/// Finds the pairs of Chinese characters that cuts went through.
#[derive(Default)]
pub(crate) struct Pairs {
    /// The last character of the word before and where it ends.
    last: Option<(usize, char)>,
}

impl Pairs {
    /// The pair of the last character before a word and its first one. The dictionary cuts
    /// «会见了法国» before the wrong character, and most words have two.
    pub(crate) fn crossing(&mut self, place: &Range<usize>, form: &str) -> Option<[char; 2]> {
        let mut chars = form.chars();
        let first = chars.next().filter(|c| is_han(*c));
        let last = chars.next_back().or(first).filter(|c| is_han(*c));
        let before = std::mem::replace(&mut self.last, last.map(|last| (place.end, last)));
        let (_, before) = before.filter(|(end, _)| *end == place.start)?;
        Some([before, first?])
    }
}

/// The pairs inside a word that is longer than one: «大学生» is found by «大学».
pub(crate) fn inner_pairs(form: &str) -> impl Iterator<Item = [char; 2]> {
    let long = form.chars().nth(2).is_some();
    let seconds = form.chars().skip(1).filter(move |_| long);
    form.chars().zip(seconds).filter(|(a, b)| is_han(*a) && is_han(*b)).map(|(a, b)| [a, b])
}

/// Goes along the words of a text and joins those that belong together.
#[derive(Default)]
pub(crate) struct Joiner {
    /// The word before, or those that are joined so far, if the next one may belong to them.
    joined: String,
    /// Where these stand.
    place: Range<usize>,
    last: Last,
}

/// What the word before is to the next one.
#[derive(Clone, Copy, Default, PartialEq)]
enum Last {
    /// Nothing: a stop word, or no sign that joins stands between them.
    #[default]
    None,
    Word,
    /// A number and how many digits its last group has.
    Number(usize),
}

impl Joiner {
    /// The next word of `text`: if it belongs to those before, where all these stand, and what
    /// they are joined. A stop word (`is_stop`) belongs to none.
    #[inline]
    pub(crate) fn next(
        &mut self,
        text: &str,
        place: &Range<usize>,
        form: &str,
        is_stop: bool,
    ) -> Option<(Range<usize>, &str)> {
        if is_stop {
            self.last = Last::None;
            return None;
        }
        let joins = may_join(text, place.end, form);
        match self.last {
            Last::None if !joins => None,
            _ => self.join(text, place, form, joins),
        }
    }

    fn join(
        &mut self,
        text: &str,
        place: &Range<usize>,
        form: &str,
        joins: bool,
    ) -> Option<(Range<usize>, &str)> {
        let glue = self.glue(text, place, form);
        if let Some(glue) = glue {
            self.place.end = place.end;
            self.joined.push_str(glue);
            self.joined.push_str(form);
        } else if joins {
            self.place = place.clone();
            self.joined.clear();
            self.joined.push_str(form);
        }
        self.last = if joins { Last::of(form) } else { Last::None };
        glue.map(|_| (self.place.clone(), self.joined.as_str()))
    }

    /// What is put between the words before and this one, if they are one.
    fn glue(&self, text: &str, place: &Range<usize>, form: &str) -> Option<&'static str> {
        if self.last == Last::None || self.joined.len() + 1 + form.len() > WORD_BYTES_MAX {
            return None;
        }
        let gap = text.get(self.place.end..place.start).unwrap_or_default();
        match (self.last, Last::of(form), gap) {
            (Last::Number(last), Last::Number(digits), "." | ",") => {
                Some(if last <= 3 && digits == 3 { "" } else { "." })
            }
            (Last::Number(1..=3), Last::Number(3), " " | "\u{a0}" | "\u{202f}" | "\u{2009}") => {
                (!self.joined.starts_with('0')).then_some("")
            }
            (Last::Number(_), Last::Number(_), _) | (Last::None, ..) => None,
            (_, _, "-" | "\u{2010}" | "\u{2011}") => (!is_inverted(form)).then_some(""),
            (Last::Word, Last::Word, " ") => is_prefix(&self.joined).then_some(""),
            _ => None,
        }
    }
}

/// Whether a word that ends at `end` may belong to the next one, by the sign that follows: this is
/// asked of every word of an article.
fn may_join(text: &str, end: usize, form: &str) -> bool {
    let number = || form.bytes().next_back().is_some_and(|byte| byte.is_ascii_digit());
    match text.as_bytes().get(end) {
        Some(b' ') => form.len() <= PREFIX_BYTES_MAX && (number() || is_prefix(form)),
        Some(b'.' | b',') => number(),
        // A hyphen or a space of another width.
        Some(b'-' | 0xc2 | 0xe2) => true,
        _ => false,
    }
}

impl Last {
    fn of(form: &str) -> Self {
        let number = form.bytes().all(|byte| byte.is_ascii_digit());
        if number { Self::Number(form.len()) } else { Self::Word }
    }
}

/// Words that stand behind a hyphen in French and are never joined: «dit-ils», «peut-être».
fn is_inverted(form: &str) -> bool {
    matches!(
        form,
        "ils" | "moi" | "toi" | "ci" | "meme" | "memes" | "eux" | "etre" | "dela" | "dire"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{terms::is_stop, words::Words};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (mut words, mut form) = (Words::new(text), String::new());
        let (mut joiner, mut found) = (Joiner::default(), Vec::new());
        while let Some(place) = words.next(&mut form) {
            found.extend(
                joiner
                    .next(text, &place, &form, is_stop(&form))
                    .map(|(_, joined)| joined.to_owned()),
            );
        }
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn words_that_belong_together() {
        check("Le porte-avions, le week-end", "porteavions weekend");
        check("e‑mail, Covid-19, le G-7, F-16", "email covid19 g7 f16");
        check("vice-premier-ministre", "vicepremier vicepremierministre");
        check("peut-il, est-ce, celui-ci, a-t-on", "");
        check("Le week end, porte avions; gilets jaunes", "weekend porteavions");
        check("mot - mot, mot. Mot", "");
    }

    #[test]
    fn numbers() {
        check("14,2 % et 14.2", "14.2 14.2");
        check("1 000, 24\u{a0}500, 1.000, 1,000", "1000 24500 1000 1000");
        assert_eq!(spaced("1", "000").as_deref(), Some("1000"));
        assert_eq!(spaced("week", "end").as_deref(), Some("weekend"));
        check("1 234 567 et 1.234.567,5", "1234 1234567 1234 1234567 1234567.5");
        check("en 2015 300 personnes, 2015-2016", "");
        check("le 12 300", "12300");
        check("007 123", "");
    }
}
