//! Normal forms: what makes `Préfète`, `prefete` and `PRÉFÈTE` the same word.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folds case, accents, ligatures and quotation marks: two spellings that a reader takes for the
/// same give the same text. Whitespace and punctuation stay (apostrophes become `'`).
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends the folded form of `text` to `folded`; for the path that every article takes.
pub fn fold_into(text: &str, folded: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        // Runs of ASCII, some thirty letters in French and more in English, are taken at once.
        let plain = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (ascii, more) = rest.split_at(plain);
        let from = folded.len();
        folded.push_str(ascii);
        if let Some(taken) = folded.get_mut(from..) {
            taken.make_ascii_lowercase();
        }
        let mut chars = more.chars();
        if let Some(c) = chars.next() {
            fold_char(c, folded);
        }
        rest = chars.as_str();
    }
}

/// Appends the folded form of one character.
pub fn fold_char(c: char, folded: &mut String) {
    if let Some(plain) = plain(c) {
        return folded.push_str(plain);
    }
    let parts = std::iter::once(c).nfkd().flat_map(char::to_lowercase).nfkd();
    for part in parts.filter(|part| !is_combining_mark(*part)) {
        match plain(part) {
            Some(plain) => folded.push_str(plain),
            None => folded.push(part),
        }
    }
}

/// What the letters and signs of European languages fold to, by table: it is on the path of every
/// article, and decomposition does not know ligatures and struck letters.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => "e",
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => "a",
        'î' | 'ï' | 'Î' | 'Ï' | 'ı' => "i",
        'ô' | 'ö' | 'Ô' | 'Ö' | 'ø' | 'Ø' => "o",
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => "u",
        'ç' | 'Ç' => "c",
        '’' | '‘' | 'ʼ' | '′' | '`' | '´' => "'",
        '«' | '»' | '“' | '”' | '„' => "\"",
        'œ' | 'Œ' => "oe",
        'æ' | 'Æ' => "ae",
        'ß' | 'ẞ' => "ss",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' => "d",
        // A soft hyphen, a zero-width space or joiner is nothing a reader sees.
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => "",
        _ => return None,
    })
}

/// Whether a character is a letter or a digit: what the standard library says, without its tables
/// for the signs that European news is written with.
pub fn is_alphanumeric(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '×' | '÷' | '\u{a0}' | '«' | '»' | '\u{2010}'..='\u{2027}' => false,
        // Latin with its accents.
        'À'..='\u{24f}' => true,
        _ => c.is_alphanumeric(),
    }
}

/// Makes every run of whitespace one space and trims both ends. No-break spaces count as
/// whitespace; line breaks do not survive. Signs that turn the direction of writing are taken out: in a headline they
/// make one thing of another. The marks of a direction (U+200E, U+200F) turn nothing and stay.
pub fn squash(text: &str) -> String {
    let text = text.trim();
    if is_squashed(text) {
        return text.to_owned();
    }
    if text.contains(turns_writing) {
        return squash(&text.replace(turns_writing, ""));
    }
    let mut squashed = String::with_capacity(text.len());
    for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
        if !squashed.is_empty() {
            squashed.push(' ');
        }
        squashed.push_str(word);
    }
    squashed
}

/// Embeddings, overrides and isolates of the bidirectional algorithm, and their ends.
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether `squash` would change nothing, which is so of most text that gets here: told from its
/// bytes, without cutting it into words.
fn is_squashed(text: &str) -> bool {
    const AT_ONCE: usize = 32;
    let bytes = text.as_bytes();
    let nexts = bytes.get(1..).unwrap_or_default();
    let ends = [bytes.first(), bytes.last()];
    // Without a way out, so that it is done for many bytes at a time.
    let doubtful = |part: &[u8], nexts: &[u8]| {
        let twice = part
            .iter()
            .zip(nexts)
            .fold(false, |any, (byte, next)| any | ((*byte == b' ') & (*next == b' ')));
        part.iter().fold(twice, |any, byte| any | may_be_blank(*byte))
    };
    let blank = |at: usize| {
        let own = bytes.get(at).copied().unwrap_or(0);
        (own == b' ' && bytes.get(at + 1) == Some(&b' ')) || is_other_blank(text, at)
    };
    let mut from = (0..bytes.len()).step_by(AT_ONCE);
    !ends.into_iter().flatten().any(|end| *end == b' ')
        && from.all(|from| {
            let to = bytes.len().min(from + AT_ONCE);
            let part = bytes.get(from..to).unwrap_or_default();
            let nexts = nexts.get(from..).unwrap_or_default();
            !doubtful(part, nexts) || !(from..to).any(blank)
        })
}

/// Whether a byte may begin a blank that is no space.
fn may_be_blank(byte: u8) -> bool {
    (byte.wrapping_sub(b'\t') <= 4) | (byte == 0xc2) | (byte.wrapping_sub(0xe1) <= 2)
}

/// Whether a blank that is no space, or a sign that turns the writing, stands at a place.
fn is_other_blank(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        Some(b'\t'..=b'\r') => true,
        Some(0xc2) => matches!(text.as_bytes().get(at + 1), Some(0x85 | 0xa0)),
        // What else is blank stands in three bytes that begin so; few other signs do.
        Some(0xe1..=0xe3) => text
            .get(at..at + 3)
            .is_some_and(|c| c.starts_with(|c: char| c.is_whitespace() || turns_writing(c))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(fold(a), fold(b));
    }

    #[test]
    fn signs_that_turn_the_writing_go() {
        assert_eq!(squash("Le \u{202e}oN\u{202c} a \u{2066} b\u{2069}"), "Le oN a b");
        assert_eq!(squash("\u{202a}"), "");
        assert_eq!(squash("1\u{200f} \u{200e}2\u{2060}"), "1\u{200f} \u{200e}2\u{2060}");
    }

    #[test]
    fn spellings_a_reader_takes_for_the_same() {
        same("Préfète", "PREFETE");
        same("État", "etat");
        same("cœur", "COEUR");
        same("l’Otan", "l'OTAN");
        same("Łódź", "lodz");
        same("e\u{301}te\u{301}", "été");
        same("ﬁn", "fin");
    }

    #[test]
    fn whitespace_is_squashed() {
        assert_eq!(squash(" a\u{a0}\n\tb  c "), "a b c");
        assert_eq!(squash(" \n"), "");
    }

    #[test]
    fn letters_are_what_the_standard_library_says() {
        let other = ('\0'..='\u{ffff}').find(|&c| is_alphanumeric(c) != c.is_alphanumeric());
        assert_eq!(other, None);
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once.clone());
        }

        #[test]
        fn squashing_is_splitting_and_joining(text in "[ab \\t\u{a0}\u{85}\u{202f}\u{3000}\u{2019}\u{e9}\u{1680}\u{200b}]{0,12}") {
            let words: Vec<&str> = text.split_whitespace().collect();
            proptest::prop_assert_eq!(squash(&text), words.join(" "));
        }
    }
}
