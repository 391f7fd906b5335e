//! Text as a row of words: each only its hash, its paragraph and how many digits it has.

use depeche_text::fold_into;

/// One word as everything after reading sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// A hash of its folded letters; of a number its value.
    pub(crate) hash: u32,
    /// Which paragraph of the text it stands in.
    pub(crate) paragraph: u16,
    /// How many digits it has, if it has nothing else.
    pub(crate) digits: u8,
}

/// Words looked at. The longest press articles measured have under 8,000; what comes after is a
/// document, and its beginning tells whose copy it is.
pub(crate) const WORDS_MAX: usize = 10_000;

/// Bytes looked at, so that a text without words costs no more than one with them.
pub(crate) const TEXT_BYTES_MAX: usize = 16 * WORDS_MAX;

/// A text with its letters folded, as far as it is looked at.
#[derive(Debug)]
pub(crate) struct Folded {
    text: String,
    start: usize,
}

/// Bytes of a text that are its start, some 200 words: the news stands at the top.
const START_BYTES: usize = 1_200;

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
        let (start, rest) = text.split_at(text.floor_char_boundary(START_BYTES));
        let mut folded = String::with_capacity(text.len() + 8);
        fold_into(start, &mut folded);
        let start = folded.len();
        fold_into(rest, &mut folded);
        Self { text: folded, start }
    }

    /// Its first [`START_BYTES`], as they were before they were folded.
    pub(crate) fn start(&self) -> &str {
        &self.text[..self.start]
    }
}

/// Reads a text into words. Signs and spacing are no words, so that `10.000`, `10 000` and a
/// change of quotation marks make no difference.
pub(crate) fn words(text: &Folded) -> Vec<Word> {
    let mut words = Vec::with_capacity(text.text.len() / 6 + 1);
    let mut paragraph = 0u16;
    each_word(&text.text, |token| match token {
        Token::Break => paragraph = paragraph.saturating_add(1),
        Token::Word(letters, hash) => words.push(word(letters, hash, paragraph)),
    });
    words
}

fn word(letters: &str, hash: u32, paragraph: u16) -> Word {
    let mut value = 0u32;
    for byte in letters.bytes() {
        if !byte.is_ascii_digit() {
            return Word { hash, paragraph, digits: 0 };
        }
        value = value.wrapping_mul(10).wrapping_add(u32::from(byte - b'0'));
    }
    Word { hash: value, paragraph, digits: letters.len().min(255) as u8 }
}

impl Word {
    /// Whether all of it is digits.
    pub(crate) fn is_number(&self) -> bool {
        self.digits > 0
    }
}

/// A word or the end of a paragraph.
pub(crate) enum Token<'a> {
    /// Folded letters and digits, and their [`hash`].
    Word(&'a str, u32),
    /// A line break; blank lines give none.
    Break,
}

/// Calls `f` for each word of a folded text and for each end of a paragraph between two words.
pub(crate) fn each_word<'a>(folded: &'a str, mut f: impl FnMut(Token<'a>)) {
    let bytes = folded.as_bytes();
    let (mut at, mut count, mut broken) = (0, 0, false);
    while at < folded.len() && count < WORDS_MAX {
        let (from, mut state) = (at, HASH_BEFORE);
        while let Some(&byte) = bytes.get(at) {
            if LETTERS[usize::from(byte)] {
                state = hash_step(state, byte);
                at += 1;
                continue;
            }
            let letter = if byte.is_ascii() { None } else { letter(&folded[at..]) };
            let Some(more) = letter else { break };
            state = hash_on(state, &bytes[at..at + more]);
            at += more;
        }
        if at == from {
            if bytes[at].is_ascii() {
                broken |= bytes[at] == b'\n';
                at += 1;
                continue;
            }
            let sign = folded[at..].chars().next().unwrap_or_default();
            at += sign.len_utf8();
            if !stands_alone(sign) {
                continue;
            }
            state = hash_on(state, &bytes[from..at]);
        }
        if std::mem::take(&mut broken) && count > 0 {
            f(Token::Break);
        }
        count += 1;
        f(Token::Word(&folded[from..at], mix(state)));
    }
}

/// The bytes of the first character, if it is one of several that may make a word.
fn letter(folded: &str) -> Option<usize> {
    let c = folded.chars().next()?;
    (c.is_alphanumeric() && !stands_alone(c)).then(|| c.len_utf8())
}

/// Which bytes are an ASCII letter or digit.
static LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        letters[byte as usize] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    letters
};

/// Whether a character is a word by itself: in scripts that put no space between words.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Hashes a folded word; the same on every machine and in every release, because traces are kept.
pub(crate) fn hash(letters: &str) -> u32 {
    mix(hash_on(HASH_BEFORE, letters.as_bytes()))
}

/// The state of a hash before the first byte.
const HASH_BEFORE: u64 = 0xcbf2_9ce4_8422_2325;

fn hash_on(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, &byte| hash_step(state, byte))
}

fn hash_step(state: u64, byte: u8) -> u64 {
    (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

/// Spreads 64 bits over 32.
pub(crate) fn mix(state: u64) -> u32 {
    let mixed = (state ^ (state >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut seen = String::new();
        each_word(&Folded::new(text).text, |token| match token {
            Token::Word(letters, hashed) => {
                assert_eq!(hashed, hash(letters));
                seen.extend([letters, " "]);
            }
            Token::Break => seen.push('|'),
        });
        assert_eq!(seen.trim_end(), expected);
    }

    #[test]
    fn text_becomes_folded_words() {
        check("L’Été : 10.000 € !", "l ete 10 000");
        check("Un\n\n\nDeux\n", "un |deux");
        check("\n\nUn", "un");
        check("北京 2022", "北 京 2022");
        check("", "");
    }

    #[test]
    fn spelling_makes_no_difference() {
        let words = |text| words(&Folded::new(text));
        assert_eq!(words("« Près de 10 000 »"), words("\"PRES de 10.000\""));
        assert!(words("12")[0].is_number());
        assert!(!words("12e")[0].is_number());
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let words = |text: &str| words(&Folded::new(text));
        assert_eq!(words(&"a ".repeat(WORDS_MAX * 2)).len(), WORDS_MAX);
        assert!(words(&"é".repeat(TEXT_BYTES_MAX)).len() == 1);
    }
}
