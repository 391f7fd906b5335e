//! Cuts text into words as a reader of news sees them, already folded.
//!
//! French first: `l'Otan` is the word `otan`, `aujourd'hui` is one word, `O.T.A.N.` is `otan`, and
//! `porte-avions` is two. Scripts that set no spaces are cut by a dictionary (`segment`). Every
//! byte of an article goes through here, so there is one pass and one buffer.

use std::ops::Range;

use depeche_text::is_alphanumeric;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{script::is_unspaced, segment::segment};

/// Longest word kept, in bytes of its folded form. The longest words of European newspapers have
/// about 50 letters; what goes beyond is an address, and is cut.
pub(crate) const WORD_BYTES_MAX: usize = 64;

/// The words of a text, in order.
pub(crate) struct Words<'a> {
    text: &'a str,
    /// How far the text was read, always between two characters.
    at: usize,
    /// Where the next words of a script without spaces end, the next one last.
    cuts: Vec<usize>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, cuts: Vec::new() }
    }

    /// Puts the folded form of the next word into `folded` and tells where it stands.
    pub(crate) fn next(&mut self, folded: &mut String) -> Option<Range<usize>> {
        if let Some(end) = self.cuts.pop() {
            return Some(self.take_cut(end, folded));
        }
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
                Joint::None if folded.is_empty() => {
                    if let Some(end) = self.cut_unspaced() {
                        return Some(self.take_cut(end, folded));
                    }
                    start = self.skip_to_word()?;
                    letters = 0;
                }
                Joint::None => {
                    compose(folded);
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

    /// Cuts the run of a script without spaces that begins here; where its first word ends.
    fn cut_unspaced(&mut self) -> Option<usize> {
        let rest = self.rest();
        let run = rest.find(|c| !is_unspaced(c)).unwrap_or(rest.len());
        let run = rest.get(..run).unwrap_or_default();
        segment(run, self.at, &mut self.cuts);
        self.cuts.pop()
    }

    /// Takes the word up to one of the cuts.
    fn take_cut(&mut self, end: usize, folded: &mut String) -> Range<usize> {
        let word = self.at..end;
        self.at = end;
        folded.clear();
        let text = self.text.get(word.clone()).unwrap_or_default();
        for c in text.nfkc().flat_map(char::to_lowercase) {
            if folded.len() + c.len_utf8() > WORD_BYTES_MAX {
                break;
            }
            folded.push(c);
        }
        word
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
            if c.is_ascii() || is_unspaced(c) || !push_letter(c, folded) {
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
    match c {
        // Syllables, whose parts are no accents; vowels of Indian scripts are none either.
        '\u{ac00}'..='\u{d7a3}' | '\u{900}'..='\u{dff}'
            if is_alphanumeric(c) || is_combining_mark(c) =>
        {
            folded.push(c);
            if folded.len() > WORD_BYTES_MAX {
                folded.truncate(before);
            }
            return true;
        }
        'ς' => folded.push('σ'),
        // An Arabic line is justified with these.
        'ـ' => {}
        _ => depeche_text::fold_char(c, folded),
    }
    let belongs = is_alphanumeric(c) || folded.len() == before;
    if !belongs || folded.len() > WORD_BYTES_MAX {
        folded.truncate(before);
    }
    belongs
}

/// Puts Korean syllables together that came in parts.
fn compose(folded: &mut String) {
    let is_part = |c| matches!(c, '\u{1100}'..='\u{11ff}');
    if !folded.is_ascii() && folded.contains(is_part) {
        *folded = folded.nfc().collect();
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '′' | '´' | '`')
}

/// French words that lose their last vowel before another word, and Italian ones.
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
            | "un"
            | "all"
            | "dall"
            | "dell"
            | "nell"
            | "sull"
            | "gl"
            | "degl"
            | "quest"
            | "quell"
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
        check("dell'Unione, un’altra", "unione altra");
        check("ΑΘΗΝΑΣ Αθήνας", "αθηνασ αθηνασ");
        check("مُحَمَّد محـــمد", "محمد محمد");
        check("हिन्दी समाचार", "हिन्दी समाचार");
    }

    #[test]
    fn scripts_without_spaces_are_cut_by_a_dictionary() {
        check("国际货币基金组织2016年警告NATO。", "国际 货币 基金 组织 2016 年 警告 nato");
        check("日本の首相は、ＮＡＴＯで", "日本 の 首相 は nato で");
        check("ﾊﾞｽとパス", "バス と パス");
        check("นายกรัฐมนตรีไทย", "นายก รัฐมนตรี ไทย");
        check("서울에서 한국", "서울에서 한국");
        check(&"한국".nfd().collect::<String>(), "한국");
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
