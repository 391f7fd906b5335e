//! Which language a text is in: the source's word first, then the text itself.
//!
//! The script of most letters leaves one language or a few, and of these the pieces of words decide (`table`, learned by
//! the crate `train`; docs/design/032-language.md). One pass, no allocation.

mod table;
mod words;

/// What the trainer needs to see the text as the recogniser does, and to lay out the weights.
pub mod study {
    pub use super::{
        table::{
            BUCKETS, BYTES, GROUPS, HEADER_BYTES, LANES, SLOTS, START_BYTES, STEP, group, place,
        },
        words::{Script, Word, words},
        {ARABIC, CYRILLIC, HAN, LATIN},
    };
}

use words::Script;

/// The languages of Latin letters, in the order of their weights. Norwegian has two written forms; Serbian is
/// written in both scripts.
#[rustfmt::skip]
pub const LATIN: &[&str] = &[
    "fr", "en", "de", "es", "it", "pt", "nl", "ca", "pl", "cs", "sk", "hu", "ro", "sv", "da", "no",
    "no", "fi", "et", "lv", "lt", "hr", "sl", "sr", "tr", "vi", "id", "is", "eu", "sq",
];

/// The languages of Cyrillic letters.
pub const CYRILLIC: &[&str] = &["ru", "uk", "bg", "sr", "mk", "be"];

/// The languages of Arabic letters.
pub const ARABIC: &[&str] = &["ar", "fa", "ur"];

/// The languages of Chinese signs.
pub const HAN: &[&str] = &["zh", "ja"];

/// Characters looked at: a headline and a paragraph, where nothing is left in doubt.
const CHARS_MAX: usize = 500;

/// Fewer letters than this, a name or two, tell nothing that the source does not know better.
const LETTERS_MIN: u32 = 8;

/// A text in Chinese signs of which one in so many letters is kana is Japanese.
const KANA_EVERY: u32 = 12;

/// A language, and how likely it is the right one of those we know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recognised {
    /// BCP 47 primary tag.
    pub language: &'static str,
    /// From 0 to 1.
    pub probability: f32,
}

/// The language of `text` as a BCP 47 primary tag (`fr`), or the declared one where the text is
/// too short to tell. A declared tag is believed unless the text clearly speaks another language.
pub fn language(text: &str, declared: Option<&str>) -> Option<String> {
    let declared = declared.and_then(primary);
    let seen = Seen::of(text);
    let told = seen.recognised(declared.as_deref()).filter(|told| {
        let sure = declared.is_none() || told.probability >= OVERRULE_MIN;
        sure && seen.letters >= LETTERS_MIN
    });
    told.map(|told| told.language.to_owned()).or(declared)
}

/// The language that `text` by itself seems to be in, however short it is.
pub fn recognise(text: &str) -> Option<Recognised> {
    Seen::of(text).recognised(None)
}

/// How much likelier the declared language is than another before the text is looked at.
const DECLARED_ODDS: f32 = 50.0;

/// How likely a language has to be to overrule a declared one.
const OVERRULE_MIN: f32 = 0.9;

/// What was seen of a text.
struct Seen {
    /// Letters by script; a sign or syllable is worth two letters of others.
    scripts: [u32; Script::COUNT],
    letters: u32,
    sums: [table::Sums; table::GROUPS],
}

impl Seen {
    fn of(text: &str) -> Self {
        let start = match text.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => &text[..end],
            None => text,
        };
        let mut seen = Self {
            scripts: [0; Script::COUNT],
            letters: 0,
            sums: std::array::from_fn(table::starts),
        };
        words::words(start, |word| {
            let worth = match word.script {
                Script::Han | Script::Kana | Script::Hangul => 2,
                _ => 1,
            };
            let letters = word.len() as u32 * worth;
            seen.letters += letters;
            seen.scripts[word.script as usize] += letters;
            if let Some(sums) = table::group(word.script).and_then(|group| seen.sums.get_mut(group))
            {
                table::add(word, sums);
            }
        });
        seen
    }

    /// The likeliest language of the script that most is written in.
    fn recognised(&self, declared: Option<&str>) -> Option<Recognised> {
        let of = |script: Script| self.scripts[script as usize];
        let (han, kana) = (of(Script::Han), of(Script::Kana));
        let chinese = if kana * KANA_EVERY >= han + kana { &["ja"][..] } else { HAN };
        let parts: [(u32, Script, &[&'static str]); 10] = [
            (of(Script::Latin), Script::Latin, LATIN),
            (of(Script::Cyrillic), Script::Cyrillic, CYRILLIC),
            (of(Script::Arabic), Script::Arabic, ARABIC),
            (han + kana, Script::Han, chinese),
            (of(Script::Hangul), Script::Hangul, &["ko"]),
            (of(Script::Greek), Script::Greek, &["el"]),
            (of(Script::Hebrew), Script::Hebrew, &["he"]),
            (of(Script::Devanagari), Script::Devanagari, &["hi"]),
            (of(Script::Thai), Script::Thai, &["th"]),
            (of(Script::Other), Script::Other, &[]),
        ];
        let (letters, script, languages) =
            parts.into_iter().max_by_key(|(letters, ..)| *letters)?;
        match languages {
            [] => None,
            _ if letters == 0 => None,
            [language] => Some(Recognised { language, probability: 1.0 }),
            [..] => self.likeliest(table::group(script)?, languages, declared),
        }
    }

    fn likeliest(
        &self,
        group: usize,
        languages: &[&'static str],
        declared: Option<&str>,
    ) -> Option<Recognised> {
        let sums = self.sums.get(group)?;
        let most = sums.iter().take(languages.len()).max()?;
        let (mut all, mut best, mut last) = (0.0, ("", 0.0), ("", 0.0));
        for (sum, language) in sums.iter().zip(languages) {
            let mut odds = ((sum - most) as f32 * table::STEP).exp();
            if declared.is_some_and(|declared| declared == *language) {
                odds *= DECLARED_ODDS;
            }
            all += odds;
            // A language written in two ways is as likely as both together; they stand side by side.
            last = (*language, if last.0 == *language { last.1 + odds } else { odds });
            if last.1 > best.1 {
                best = last;
            }
        }
        Some(Recognised { language: best.0, probability: best.1 / all })
    }
}

/// The primary subtag of a declared language (`fr-FR` gives `fr`); `None` when it is no tag.
fn primary(declared: &str) -> Option<String> {
    let primary = declared.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let right = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
    (right && primary != "und").then_some(primary)
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
