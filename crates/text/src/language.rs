//! Which language a text is in: the source's word first, then the text itself.

use whatlang::{Detector, Lang};

use crate::is_alphanumeric;

/// Characters looked at: enough for trigrams to be sure, cheap for every article.
const CHARS_MAX: usize = 500;

/// Fewer letters than this and a guess is worth less than the source's word.
const LETTERS_MIN: usize = 20;

/// The language of `text` as a BCP 47 primary tag (`fr`), or the declared one where the text is
/// too short to tell. A declared tag is believed unless the text clearly speaks another language.
pub fn language(text: &str, declared: Option<&str>) -> Option<String> {
    let declared = declared.and_then(primary);
    let start = match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    if declared.as_deref().is_some_and(|declared| speaks(start, declared)) {
        return declared;
    }
    if start.chars().filter(|c| c.is_alphabetic()).count() < LETTERS_MIN {
        return declared;
    }
    match Detector::new().detect(start) {
        Some(guess) if guess.is_reliable() || declared.is_none() => {
            tag(guess.lang()).map(str::to_owned).or(declared)
        }
        _ => declared,
    }
}

/// Whether a word in small letters is one that texts of a language are full of.
type Frequent = fn(&str) -> bool;

/// Words that a text of a language is full of, and that its neighbours do not have or seldom.
const FREQUENT: [(&str, Frequent); 4] =
    [("fr", french), ("en", english), ("de", german), ("es", spanish)];

#[rustfmt::skip]
fn french(word: &str) -> bool {
    matches!(
        word,
        "le" | "les" | "des" | "du" | "et" | "dans" | "pour" | "une" | "qui" | "est" | "sur" | "par" | "au"
            | "aux" | "avec" | "à" | "ce" | "cette" | "ces" | "il" | "elle" | "ils" | "sont" | "ont" | "été"
            | "plus" | "pas" | "ne" | "nous" | "vous" | "mais" | "d" | "l" | "qu"
    )
}

#[rustfmt::skip]
fn english(word: &str) -> bool {
    matches!(
        word,
        "the" | "of" | "and" | "to" | "in" | "that" | "was" | "for" | "with" | "has" | "from" | "said" | "have"
            | "its" | "it" | "he" | "is" | "at" | "by" | "his" | "be" | "this" | "were"
    )
}

#[rustfmt::skip]
fn german(word: &str) -> bool {
    matches!(
        word,
        "der" | "die" | "das" | "und" | "den" | "von" | "mit" | "sich" | "auf" | "ist" | "nicht" | "ein"
            | "eine" | "dem" | "im" | "zu" | "für" | "des" | "als" | "auch"
    )
}

#[rustfmt::skip]
fn spanish(word: &str) -> bool {
    matches!(
        word,
        "el" | "los" | "las" | "del" | "que" | "una" | "por" | "con" | "para" | "su" | "y" | "al" | "se"
            | "lo" | "más" | "como"
    )
}

/// One word of this many of a text has to be frequent in its declared language for that to be
/// believed unasked: in running text every third to sixth is.
const FREQUENT_EVERY: usize = 10;

/// How many times as many words have to be frequent in the declared language as in any other.
const FREQUENT_TIMES: usize = 2;

/// Words from which on that share means something.
const WORDS_MIN: usize = 20;

/// Whether a text plainly is in the language its source declares: a count of words, forty times
/// cheaper than detection, and nearly all articles are.
fn speaks(text: &str, declared: &str) -> bool {
    let Some(own) = FREQUENT.iter().position(|(language, _)| *language == declared) else {
        return false;
    };
    let mut words = 0;
    let mut hits = [0_usize; FREQUENT.len()];
    let mut lower = String::new();
    for word in text.split(|c| !is_alphanumeric(c)).filter(|word| !word.is_empty()) {
        words += 1;
        if word.len() <= FREQUENT_BYTES_MAX {
            lower.clear();
            lower.push_str(word);
            lower.make_ascii_lowercase();
            for (hits, (_, frequent)) in hits.iter_mut().zip(FREQUENT) {
                *hits += usize::from(frequent(&lower));
            }
        }
    }
    let others = hits.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, hits)| *hits);
    let (ours, theirs) = (hits[own], others.max().unwrap_or_default());
    words >= WORDS_MIN && ours * FREQUENT_EVERY >= words && ours >= theirs * FREQUENT_TIMES
}

/// The longest of the frequent words, «cette» and «nicht», and one byte more for an accent.
const FREQUENT_BYTES_MAX: usize = 6;

/// The primary subtag of a declared language (`fr-FR` gives `fr`); `None` when it is no tag.
fn primary(declared: &str) -> Option<String> {
    let primary = declared.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let right = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
    (right && primary != "und").then_some(primary)
}

/// The BCP 47 tag of a language whatlang names by ISO 639-3.
fn tag(lang: Lang) -> Option<&'static str> {
    Some(match lang {
        Lang::Fra => "fr",
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Cat => "ca",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Ell => "el",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Hrv => "hr",
        Lang::Slv => "sl",
        Lang::Tur => "tr",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Pes => "fa",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cmn => "zh",
        Lang::Vie => "vi",
        Lang::Tha => "th",
        Lang::Ind => "id",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, declared: Option<&str>, expected: Option<&str>) {
        assert_eq!(language(text, declared).as_deref(), expected);
    }

    #[test]
    fn the_text_is_asked_and_the_source_believed() {
        let french = "Le conseil municipal a voté mardi soir le budget de la commune, malgré les réserves de l'opposition.";
        check(french, None, Some("fr"));
        check(french, Some("fr-FR"), Some("fr"));
        check(french, Some("en"), Some("fr"));
        check(french, Some("es"), Some("fr"));
        check("Otan", Some("fr"), Some("fr"));
        check("Otan", Some("x-klingon"), None);
        check("", None, None);
    }
}
