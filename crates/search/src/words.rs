//! Cuts text into words as a reader of news sees them, already folded.
//!
//! French first: `l'Otan` is the word `otan`, `aujourd'hui` is one word, `O.T.A.N.` is `otan`, and
//! `porte-avions` is two. Every byte of an article goes through here, so there is one pass and one
//! buffer.

use std::ops::Range;

use depeche_text::is_alphanumeric;

/// Longest word kept, in bytes of its folded form. The longest words of European newspapers have
/// about 50 letters; what goes beyond is an address or a script without spaces, and is cut.
const WORD_BYTES_MAX: usize = 64;

/// The words of a text, in order.
pub(crate) struct Words<'a> {
    text: &'a str,
    /// How far the text was read, always between two characters.
    at: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Puts the folded form of the next word into `folded` and tells where it stands.
    pub(crate) fn next(&mut self, folded: &mut String) -> Option<Range<usize>> {
        let mut start = self.skip_to_word()?;
        if self.take_plain_word(folded) {
            return Some(start..self.at);
        }
        let mut letters = 0;
        let mut acronym = false;
        folded.clear();
        loop {
            letters += self.take_letters(folded);
            let end = self.at;
            match self.joint(folded, letters, acronym) {
                Joint::None => {
                    if folded.is_empty() {
                        start = self.skip_to_word()?;
                        letters = 0;
                        continue;
                    }
                    return Some(start..end);
                }
                Joint::Elision => {
                    self.pass_sign();
                    start = self.at;
                    letters = 0;
                    folded.clear();
                }
                Joint::Apostrophe => {
                    self.pass_sign();
                }
                Joint::Acronym => {
                    self.pass_sign();
                    acronym = true;
                    letters = 0;
                }
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes behind the next character.
    fn pass_sign(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    fn skip_to_word(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        loop {
            let byte = *bytes.get(self.at)?;
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    return Some(self.at);
                }
                self.at += 1;
            } else {
                let c = self.rest().chars().next()?;
                if is_alphanumeric(c) {
                    return Some(self.at);
                }
                self.at += c.len_utf8();
            }
        }
    }

    /// Takes a word of ASCII letters that nothing joins with what follows, as most words are.
    fn take_plain_word(&mut self, folded: &mut String) -> bool {
        let rest = self.rest();
        let run = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let joined = match rest.as_bytes().get(run) {
            Some(b'\'' | b'`') => true,
            Some(b'.') => run == 1,
            Some(byte) => !byte.is_ascii(),
            None => false,
        };
        if joined || run == 0 {
            return false;
        }
        folded.clear();
        push_ascii(rest.get(..run).unwrap_or_default(), folded);
        self.at += run;
        true
    }

    /// Takes the run of letters and digits that begins here; how many there were.
    fn take_letters(&mut self, folded: &mut String) -> usize {
        let mut letters = 0;
        loop {
            let rest = self.rest();
            let run = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
            push_ascii(rest.get(..run).unwrap_or_default(), folded);
            letters += run;
            self.at += run;
            let Some(c) = self.rest().chars().next() else { return letters };
            if c.is_ascii() || !push_letter(c, folded) {
                return letters;
            }
            letters += 1;
            self.at += c.len_utf8();
        }
    }

    /// What joins the letters taken so far with those that follow.
    fn joint(&self, folded: &str, letters: usize, acronym: bool) -> Joint {
        let mut ahead = self.rest().chars();
        let (Some(sign), Some(next)) = (ahead.next(), ahead.next()) else { return Joint::None };
        if is_apostrophe(sign) && is_alphanumeric(next) {
            return if !acronym && is_elided(folded) { Joint::Elision } else { Joint::Apostrophe };
        }
        let single = sign == '.' && letters == 1 && next.is_alphabetic();
        if single && !ahead.next().is_some_and(char::is_alphanumeric) {
            return Joint::Acronym;
        }
        Joint::None
    }
}

enum Joint {
    /// Nothing: the word ends here.
    None,
    /// An apostrophe after an elided word, which is dropped.
    Elision,
    /// An apostrophe inside a word.
    Apostrophe,
    /// The dot after one letter of an acronym.
    Acronym,
}

/// Appends ASCII letters and digits, as far as a word goes.
fn push_ascii(run: &str, folded: &mut String) {
    let from = folded.len();
    let room = WORD_BYTES_MAX.saturating_sub(from).min(run.len());
    folded.push_str(run.get(..room).unwrap_or_default());
    if let Some(pushed) = folded.get_mut(from..) {
        pushed.make_ascii_lowercase();
    }
}

/// Appends the folded form of a letter or digit beyond ASCII; false when `c` is neither. Signs that
/// fold to nothing (a combining accent, a soft hyphen) belong to the word they stand in.
fn push_letter(c: char, folded: &mut String) -> bool {
    let before = folded.len();
    depeche_text::fold_char(c, folded);
    let belongs = is_alphanumeric(c) || folded.len() == before;
    if !belongs || folded.len() > WORD_BYTES_MAX {
        folded.truncate(before);
    }
    belongs
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '′' | '´' | '`')
}

/// French words that lose their last vowel before another word.
fn is_elided(folded: &str) -> bool {
    matches!(
        folded,
        "l" | "d"
            | "j"
            | "m"
            | "n"
            | "s"
            | "t"
            | "c"
            | "qu"
            | "jusqu"
            | "lorsqu"
            | "puisqu"
            | "quoiqu"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut words = Words::new(text);
        let (mut folded, mut found) = (String::new(), Vec::new());
        while words.next(&mut folded).is_some() {
            found.push(folded.clone());
        }
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn words_as_readers_see_them() {
        check("L'OTAN, l’Otan et l`otan", "otan otan et otan");
        check("l'O.T.A.N. Ensuite", "otan ensuite");
        check("U.S.A. et J.-C.", "usa et j c");
        check("Aujourd'hui, prud’hommes", "aujourdhui prudhommes");
        check("jusqu'à qu'il", "a il");
        check("porte-avions", "porte avions");
        check("Fin. A la fin", "fin a la fin");
        check("14,2 milliards", "14 2 milliards");
        check("e\u{301}te\u{301} soft\u{ad}hyphen", "ete softhyphen");
        check("CŒUR à l'œuvre", "coeur a oeuvre");
        check("  «…» ' - ", "");
        check("Київ 北京", "киів 北京");
        check(&"x".repeat(80), &"x".repeat(WORD_BYTES_MAX));
    }

    #[test]
    fn a_word_stands_where_it_was_written() {
        let text = "Pour l’État.";
        let mut words = Words::new(text);
        let mut folded = String::new();
        words.next(&mut folded);
        let range = words.next(&mut folded).unwrap();
        assert_eq!(&text[range], "État");
    }
}
