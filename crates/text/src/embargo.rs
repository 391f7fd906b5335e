//! Embargoes in words: «SOUS EMBARGO jusqu'au 27/11 à 6h», «NOT FOR PUBLICATION BEFORE Friday 06:00», by themselves on
//! a line, in brackets or a dash at a headline, or opening a text.
//!
//! What makes them none of the text's own sentences is that after the words of the desk there is nothing but a time:
//! «l'embargo jusqu'au 27 novembre sur le pétrole russe» and «Sous embargo jusqu'au 27 novembre, le rapport …» are prose.

use crate::{agency::SEPARATORS, fold};

/// Words of a text looked at; the longest of them has about twenty.
const WORDS_MAX: usize = 40;

/// Brackets and dashes of a headline behind which an embargo is looked for.
const PARTS_MAX: usize = 6;

/// How an embargo begins, folded; none is the start of another.
const OPENERS: [&[&str]; 21] = [
    &["strictement", "sous", "embargo"],
    &["not", "to", "be", "published"],
    &["not", "to", "be", "released"],
    &["a", "ne", "pas", "diffuser"],
    &["a", "ne", "pas", "publier"],
    &["under", "strict", "embargo"],
    &["ne", "pas", "diffuser"],
    &["ne", "pas", "publier"],
    &["not", "for", "publication"],
    &["not", "for", "release"],
    &["not", "for", "broadcast"],
    &["do", "not", "publish"],
    &["do", "not", "release"],
    &["hold", "for", "release"],
    &["diffusion", "interdite"],
    &["publication", "interdite"],
    &["sous", "embargo"],
    &["under", "embargo"],
    &["strict", "embargo"],
    &["embargoed"],
    &["embargo"],
];

/// Words that say until when, one of which has to stand behind an opener that is no embargo by itself.
const UNTIL: [&str; 5] = ["avant", "jusqu", "before", "until", "till"];

/// What else times are told with, folded.
const TIME_WORDS: &str = " jusqu jusque a au du le la l de d un en pour publication publier diffusion diffuser ne pas avant strict \
    ferme heure heures h min mn minuit midi matin soir locale locales local time hour hours o clock france francaise paris \
    bruxelles geneve suisse belgique londres london montreal quebec ottawa washington new york gmt utc cet cest bst est edt \
    et hne hae am pm noon midnight until till on at the of before for release not be from lundi mardi mercredi jeudi \
    vendredi samedi dimanche monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun janvier \
    fevrier mars avril mai juin juillet aout septembre octobre novembre decembre january february march april may june \
    july august september october november december janv fev avr juil sept oct nov dec jan feb mar apr jun jul aug sep \
    z temps universel er inclus ";

/// A word of a text, and what stands between it and the next one.
struct Word<'t> {
    end: usize,
    folded: String,
    gap: &'t str,
    /// The first letter of the next one is a capital.
    before_capital: bool,
    before_digit: bool,
}

/// The embargo that opens a text, and the text behind it, which is empty where it stands by itself.
pub fn opening_embargo(text: &str) -> Option<(&str, &str)> {
    let text = text.trim().trim_start_matches(['*', '=', ' ']);
    if let Some(inner) = text.strip_prefix(['(', '[']) {
        let end = closing(inner)?;
        let words = whole(inner.get(..end)?)?;
        return Some((words, trimmed(inner.get(end + 1..)?)));
    }
    // Looked at first: this is on the path of every article, and few begin so.
    let first = fold(text.split(|c: char| !c.is_alphanumeric()).next()?);
    if !OPENERS.iter().any(|opener| opener.first().is_some_and(|own| *own == first)) {
        return None;
    }
    let words = words(text);
    let opener = OPENERS.iter().find(|opener| {
        words.len() >= opener.len()
            && opener.iter().zip(&words).all(|(own, word)| *own == word.folded)
    })?;
    let is_bare = *opener == ["embargo"];
    let is_loud = text.starts_with("EMBARGO") || !is_bare;
    // «Embargo le 5 décembre» is a headline; «Embargo : 5 décembre» is a desk's.
    let announced = is_loud || words.first().is_some_and(|word| word.gap.contains(':'));
    let is_embargo = opener.last().is_some_and(|last| last.starts_with("embargo"));
    let end = time_end(&words, opener.len(), is_embargo && announced)?;
    let (said, rest) = text.split_at_checked(end)?;
    let said = match rest.strip_prefix(')') {
        Some(after) if said.contains('(') => text.get(..text.len() - after.len())?,
        _ => said,
    };
    let rest = trimmed(text.get(said.len()..)?);
    // A newspaper may begin so; a desk that writes it in small letters gives it a line.
    (rest.is_empty() || is_loud).then_some((said, rest))
}

/// The embargo that stands at a headline, and the headline without it.
pub fn headline_embargo(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if let Some(found) = opening_embargo(line) {
        return Some(found);
    }
    if let Some(inner) = line.strip_suffix([')', ']']) {
        let opens = inner.rmatch_indices(['(', '[']).take(PARTS_MAX);
        let mut found =
            opens.filter_map(|(at, _)| Some((whole(inner.get(at + 1..)?)?, inner.get(..at)?)));
        if let Some((words, rest)) = found.next() {
            return Some((words, rest.trim_end()));
        }
    }
    let parts = [" - ", " – ", " — ", " | ", " / ", ": "];
    parts.iter().find_map(|dash| {
        let mut ends = line.rmatch_indices(dash).take(PARTS_MAX);
        ends.find_map(|(at, _)| {
            Some((whole(line.get(at + dash.len()..)?)?, line.get(..at)?.trim_end()))
        })
    })
}

/// «SOUS EMBARGO jusqu'…» and what else stands on its line; those two in capitals, as desks write them.
pub(crate) fn embargo_line(text: &str) -> Option<&str> {
    let text = text.trim_matches(['(', '[', ')', ']', '*', '=', ' ']);
    let rest = text.strip_prefix("SOUS EMBARGO").or_else(|| text.strip_prefix("EMBARGO"))?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || SEPARATORS.contains(&c));
    let folded = fold(rest);
    let starts = |words: &[&str]| words.iter().any(|word| folded.starts_with(word));
    let until = starts(&["jusqu", "pour publication", "until", "a publier", "avant", "ferme"]);
    // «EMBARGO DU 12 FEVRIER», but «EMBARGO DU PETROLE».
    let dated = starts(&["du ", "au "]) && folded.contains(|c: char| c.is_ascii_digit());
    (rest.is_empty() || until || dated).then_some(text)
}

/// Where the bracket closes that stood before a text: «(… (heure de Paris))».
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let brackets = inner.match_indices(['(', '[', ')', ']']).take(2 * PARTS_MAX);
    brackets.into_iter().find_map(|(at, bracket)| {
        depth = if matches!(bracket, "(" | "[") { depth + 1 } else { depth - 1 };
        (depth == 0).then_some(at)
    })
}

/// A text that is an embargo and nothing else.
fn whole(text: &str) -> Option<&str> {
    if text.trim_start().starts_with(['(', '[']) {
        return None;
    }
    opening_embargo(text).filter(|(_, rest)| rest.is_empty()).map(|(words, _)| words)
}

fn trimmed(rest: &str) -> &str {
    let is_dash = |c: char| c.is_whitespace() || ".,;:-–—|/=*)]".contains(c);
    rest.trim_start_matches(is_dash).trim_end()
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    while words.len() < WORDS_MAX {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let Some((word, after)) =
            rest.split_at_checked(length).filter(|(word, _)| !word.is_empty())
        else {
            break;
        };
        let gap = after.find(char::is_alphanumeric).unwrap_or(after.len());
        let (gap, next) = after.split_at(gap);
        words.push(Word {
            end: at + length,
            folded: fold(word),
            gap,
            before_capital: next.starts_with(char::is_uppercase),
            before_digit: next.starts_with(|c: char| c.is_ascii_digit()),
        });
        at += length + gap.len();
    }
    words
}

/// Where the time ends that stands behind an opener of so many words: at the end of the text, of its sentence, or at
/// a dash. Unless they are said to be an `embargo`, a word behind them says until when.
fn time_end(words: &[Word<'_>], opener: usize, embargo: bool) -> Option<usize> {
    let mut until = embargo;
    let (mut timed, mut found) = (false, None);
    for (at, word) in words.iter().enumerate().skip(opener) {
        let Word { end, folded, gap, before_capital, before_digit } = word;
        if !is_of_time(folded) {
            break;
        }
        until |= UNTIL.contains(&folded.as_str());
        timed |= folded.starts_with(|c: char| c.is_ascii_digit()) || is_day(folded);
        if !(until && timed) {
            continue;
        }
        let is_last = at + 1 == words.len() && words.len() < WORDS_MAX;
        let parts = is_last || parts(gap) || (gap.contains('.') && *before_capital);
        if parts {
            found = Some(*end);
            // «27 novembre - 6h» goes on.
            if !before_digit {
                break;
            }
        }
    }
    found
}

/// Whether what stands between two words parts a time from what is said of it.
fn parts(gap: &str) -> bool {
    let dashes = [": ", ":\u{a0}", " - ", " / ", "//", "\u{a0}-"];
    gap.contains([';', '|', '–', '—', '=', '*', '\n', ']'])
        || dashes.iter().any(|dash| gap.contains(dash))
}

fn is_of_time(folded: &str) -> bool {
    let after = folded.trim_start_matches(|c: char| c.is_ascii_digit());
    if after.len() == folded.len() {
        return TIME_WORDS.split_whitespace().any(|word| word == folded);
    }
    let hour = after.strip_prefix(['h', 't']).map(|minutes| minutes.trim_end_matches('z'));
    hour.is_some_and(|minutes| minutes.bytes().all(|b| b.is_ascii_digit()))
        || ["", "er", "st", "nd", "rd", "th", "am", "pm", "gmt", "utc", "z", "heures"]
            .contains(&after)
}

/// A word that by itself says when.
fn is_day(folded: &str) -> bool {
    ["minuit", "midi", "midnight", "noon"].contains(&folded)
        || (folded.len() > 4 && folded.ends_with("day"))
        || (folded.ends_with("di") && folded.len() >= 5)
        || folded == "dimanche"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embargo_opens_a_text() {
        for (text, words, rest) in [
            (
                "SOUS EMBARGO JUSQU'AU VENDREDI 27 NOVEMBRE 2026 A 06H00",
                "SOUS EMBARGO JUSQU'AU VENDREDI 27 NOVEMBRE 2026 A 06H00",
                "",
            ),
            (
                "[SOUS EMBARGO jusqu'au 27 novembre 2026 à 6h00] Le prix",
                "SOUS EMBARGO jusqu'au 27 novembre 2026 à 6h00",
                "Le prix",
            ),
            (
                "(SOUS EMBARGO jusqu'au 27/11 à 6h (heure de Paris)) Un",
                "SOUS EMBARGO jusqu'au 27/11 à 6h (heure de Paris)",
                "Un",
            ),
            (
                "Sous embargo jusqu'au 27 nov. 2026 à 6h00. Le 27 novembre, tout ira.",
                "Sous embargo jusqu'au 27 nov. 2026 à 6h00",
                "Le 27 novembre, tout ira.",
            ),
            (
                "SOUS EMBARGO jusqu'au 27/11 à 6h - 12 morts à Sète",
                "SOUS EMBARGO jusqu'au 27/11 à 6h",
                "12 morts à Sète",
            ),
            (
                "SOUS EMBARGO - jusqu'au 27/11 - 6h : Le prix",
                "SOUS EMBARGO - jusqu'au 27/11 - 6h",
                "Le prix",
            ),
            (
                "EMBARGOED UNTIL 27 November 2026 06:00",
                "EMBARGOED UNTIL 27 November 2026 06:00",
                "",
            ),
            ("*** EMBARGOED until Friday 6am GMT ***", "EMBARGOED until Friday 6am GMT", ""),
            (
                "NOT FOR PUBLICATION BEFORE 27 November 2026 06:00 GMT. The",
                "NOT FOR PUBLICATION BEFORE 27 November 2026 06:00 GMT",
                "The",
            ),
            ("À NE PAS DIFFUSER AVANT le 27/11 à 6h", "À NE PAS DIFFUSER AVANT le 27/11 à 6h", ""),
            ("Embargo jusqu'au 27/11 à 6h", "Embargo jusqu'au 27/11 à 6h", ""),
            ("EMBARGO 27/11 6H - Le", "EMBARGO 27/11 6H", "Le"),
            (
                "Embargo : 27 novembre 2026, 06h00 (heure de Paris)",
                "Embargo : 27 novembre 2026, 06h00 (heure de Paris)",
                "",
            ),
        ] {
            assert_eq!(opening_embargo(text), Some((words, rest)), "{text}");
        }
    }

    #[test]
    fn prose_about_an_embargo_is_none() {
        for text in [
            "l'embargo jusqu'au 27 novembre sur le pétrole russe a été prolongé",
            "L'embargo jusqu'au 27 novembre sur le pétrole russe a été prolongé.",
            "Embargo jusqu'au 27 novembre sur le pétrole russe",
            "Embargo jusqu'au 27 novembre : la Russie menace",
            "Sous embargo jusqu'au 27 novembre, le rapport a fuité.",
            "Sous embargo depuis 1990, l'île vit mal.",
            "Embargo le 5 décembre",
            "Pétrole : embargo le 5 décembre",
            "Pétrole : Embargo le 5 décembre",
            "EMBARGO SUR LE PETROLE",
            "EMBARGO DU PETROLE",
            "NOT FOR PUBLICATION",
            "Ne pas publier le 27 novembre",
            "SOUS EMBARGO",
            "(Bruxelles) Le 27",
            "",
        ] {
            assert_eq!(opening_embargo(text), None, "{text}");
            assert_eq!(headline_embargo(text), None, "{text}");
        }
    }

    #[test]
    fn an_embargo_stands_at_either_end_of_a_headline() {
        let words = "SOUS EMBARGO jusqu'au 27/11 à 6h";
        for line in [
            "Le prix du Causse (SOUS EMBARGO jusqu'au 27/11 à 6h)",
            "Le prix du Causse - SOUS EMBARGO jusqu'au 27/11 à 6h",
            "[SOUS EMBARGO jusqu'au 27/11 à 6h] Le prix du Causse",
            "SOUS EMBARGO jusqu'au 27/11 à 6h : Le prix du Causse",
        ] {
            assert_eq!(headline_embargo(line), Some((words, "Le prix du Causse")), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn its_parts_are_the_text(text in "(SOUS EMBARGO|EMBARGOED|À NE PAS PUBLIER| |\\(|\\)|\\[|\\]|jusqu'au|before|27/11|6h|\\PC| - |\\. ){0,14}") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            for (words, rest) in opening_embargo(&text).into_iter().chain(headline_embargo(&text)) {
                let (words, rest, all) = (letters(words), letters(rest), letters(&text));
                let either = [format!("{words}{rest}"), format!("{rest}{words}")];
                proptest::prop_assert!(either.contains(&all), "{either:?}");
            }
        }
    }
}
