//! The words of a text as the recogniser sees them: which script, and the pieces of one to five letters with the
//! ends of the word.

/// What a word is written in. A script that one of our languages alone has tells the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// From French to Vietnamese.
    Latin,
    /// Russian, Ukrainian and their neighbours.
    Cyrillic,
    /// Arabic, Persian and Urdu.
    Arabic,
    /// Chinese, and Japanese without kana.
    Han,
    /// Japanese.
    Kana,
    /// Korean.
    Hangul,
    /// Greek.
    Greek,
    /// Hebrew.
    Hebrew,
    /// Hindi.
    Devanagari,
    /// Thai.
    Thai,
    /// One that no language of ours has.
    Other,
}

/// Letters of a piece at most, the ends of the word among them.
const PIECE_MAX: usize = 5;

/// Letters of a word that are looked at: longer ones are addresses and compounds, and their start is enough.
const WORD_MAX: usize = 30;

/// What stands before and behind a word.
const END: u32 = 0x20;

/// A word with its ends, in small letters.
#[derive(Debug)]
pub struct Word {
    letters: [u32; WORD_MAX + 2],
    count: usize,
    /// The script of its first letter.
    pub script: Script,
}

impl Script {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Other as usize + 1;
}

impl Word {
    const fn empty() -> Self {
        Self { letters: [END; WORD_MAX + 2], count: 0, script: Script::Latin }
    }

    fn push(&mut self, letter: char) {
        if self.count < WORD_MAX
            && let Some(place) = self.letters.get_mut(self.count + 1)
        {
            *place = letter.into();
            self.count += 1;
        }
    }

    /// How many letters it has.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it has none, which no word that is told of is.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Calls `each` with the number of every piece: of a sign for a word its own alone.
    pub fn pieces(&self, mut each: impl FnMut(u64)) {
        if self.script == Script::Han {
            each(with(SEED, self.letters[1]));
            return;
        }
        let ends = self.letters.get(..self.count + 2).unwrap_or_default();
        for start in 0..ends.len() - 1 {
            let mut piece = SEED;
            for (place, letter) in ends[start..].iter().take(PIECE_MAX).enumerate() {
                piece = with(piece, *letter);
                // A plain letter alone tells nothing, and would be looked up most.
                if place > 0 || *letter > 0x7f {
                    each(piece);
                }
            }
        }
    }
}

const SEED: u64 = 0x1656_67b1_9e37_79f9;

/// The number of a piece with a letter more.
const fn with(piece: u64, letter: u32) -> u64 {
    (piece.rotate_left(5) ^ letter as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Calls `each` with every word of a text.
pub fn words(text: &str, mut each: impl FnMut(&Word)) {
    let mut word = Word::empty();
    let mut finish = |word: &mut Word| {
        if word.count > 0 {
            word.letters[word.count + 1] = END;
            each(word);
            word.count = 0;
        }
    };
    for letter in text.chars() {
        let Some((letter, script)) = letter_of(letter) else {
            if !is_mark(letter) {
                finish(&mut word);
            }
            continue;
        };
        // Where words are not parted, or need not be looked into, each letter is one.
        let alone = !matches!(script, Script::Latin | Script::Cyrillic | Script::Arabic);
        if alone || script != word.script {
            finish(&mut word);
            word.script = script;
        }
        word.push(letter);
        if alone {
            finish(&mut word);
        }
    }
    finish(&mut word);
}

/// A letter as a small one, and its script.
fn letter_of(letter: char) -> Option<(char, Script)> {
    if letter.is_ascii() {
        return letter.is_ascii_alphabetic().then(|| (letter.to_ascii_lowercase(), Script::Latin));
    }
    let script = match u32::from(letter) {
        0xd7 | 0xf7 => return None,
        0xaa | 0xba | 0xc0..=0x24f | 0x1e00..=0x1eff => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f => Script::Cyrillic,
        0x5d0..=0x5ea => Script::Hebrew,
        0x640 => return None,
        0x620..=0x64a
        | 0x66e..=0x6d3
        | 0x6fa..=0x6ff
        | 0x750..=0x77f
        | 0xfb50..=0xfdff
        | 0xfe70..=0xfefc => Script::Arabic,
        0x900..=0x963 | 0x970..=0x97f => Script::Devanagari,
        0xe01..=0xe4e => Script::Thai,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7a3 => Script::Hangul,
        0x3041..=0x3096 | 0x30a1..=0x30fa | 0x31f0..=0x31ff | 0xff66..=0xff9d => Script::Kana,
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3134f => Script::Han,
        _ if letter.is_alphabetic() && !is_mark(letter) => Script::Other,
        _ => return None,
    };
    Some((letter.to_lowercase().next().unwrap_or(letter), script))
}

/// Whether it is set on the letter before: accents on their own, vowels of Arabic, and what draws a word out.
fn is_mark(letter: char) -> bool {
    matches!(u32::from(letter), 0x300..=0x36f | 0x64b..=0x65f | 0x640 | 0x670 | 0xad | 0x200d..=0x200f)
}
