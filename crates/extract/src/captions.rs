//! A caption and the credit that stands in it, parted: «(Photo X)», «© X / AFP», «Crédit photo : X».

use depeche_text::{fold, squash};

/// Longest credit.
const CREDIT_CHARS_MAX: usize = 120;

/// Words that open a credit, folded; what stands before them is the caption.
const OPENERS: &[&str] = &[
    "credit photo",
    "credits photo",
    "credit image",
    "credit :",
    "credits :",
    "credit:",
    "credits:",
    "photo credit",
    "image credit",
    "picture credit",
    "photo by ",
    "photo courtesy",
    "photograph by ",
    "photograph:",
    "photo :",
    "photo:",
    "photos :",
    "photos:",
    "photo de ",
    "photo d'archives",
    "photo archives",
    "image :",
    "image:",
    "image by ",
    "image source",
    "picture:",
    "foto:",
    "foto de ",
    "foto :",
    "bild:",
    "bildquelle:",
    "quelle:",
    "source :",
    "source:",
    "copyright",
    "©",
    "(c)",
];

/// Those who are credited alone, folded.
const AGENCIES: &[&str] = &[
    "afp",
    "reuters",
    "ap",
    "ap photo",
    "associated press",
    "getty images",
    "getty",
    "dpa",
    "epa",
    "epa-efe",
    "efe",
    "ansa",
    "lusa",
    "keystone",
    "belga",
    "sipa",
    "sipa press",
    "abaca",
    "maxppp",
    "hans lucas",
    "imago",
    "imago images",
    "picture alliance",
    "shutterstock",
    "istock",
    "unsplash",
    "pexels",
    "pa",
    "pa media",
    "pa wire",
    "bloomberg",
    "xinhua",
    "tass",
    "apa",
    "ritzau",
    "ntb",
    "tt",
    "anp",
    "pap",
    "wikimedia commons",
    "wikipedia",
    "dr",
    "d.r.",
    "archives",
];

/// Whether the names of an element in a caption say that it holds the credit.
pub(crate) fn is_credit(names: &str) -> bool {
    let names = names.to_ascii_lowercase();
    let words =
        ["credit", "copyright", "photographer", "photographe", "image-source", "img-source"];
    words.iter().any(|word| names.contains(word)) && !names.contains("caption")
}

/// The caption and the credit of what stands under a picture, line by line.
pub(crate) fn split(text: &str) -> (Option<String>, Option<String>) {
    let (mut caption, mut credit) = (String::new(), None);
    for line in text.split('\n').map(squash).filter(|line| !line.is_empty()) {
        let (own, credited) = parted(&line);
        if !own.is_empty() && !caption.contains(own) {
            caption.push_str(if caption.is_empty() { "" } else { " " });
            caption.push_str(own);
        }
        credit = credit.or_else(|| credited.map(cleaned)).filter(|credit| !credit.is_empty());
    }
    ((!caption.is_empty()).then_some(caption), credit)
}

/// A line's caption and its credit as written.
fn parted(line: &str) -> (&str, Option<&str>) {
    if let Some((own, inside)) = in_brackets(line) {
        return (own, Some(inside));
    }
    if let Some(at) = opener(line) {
        let (own, credit) = line.split_at(at);
        if credit.chars().count() <= CREDIT_CHARS_MAX {
            return (
                own.trim().trim_end_matches(['-', '–', '—', '|', '/', '·', '(', '[']).trim_end(),
                Some(credit),
            );
        }
    }
    let parters = [" | ", " – ", " — ", " - ", " / ", ". "];
    let last = parters.iter().filter_map(|parter| Some((line.rfind(parter)?, parter.len()))).max();
    if let Some((at, length)) = last.filter(|_| !is_agency(line)) {
        let (own, credit) =
            (line.get(..at).unwrap_or(line), line.get(at + length..).unwrap_or_default());
        if is_agency(credit) {
            // «Un nom / AFP» is all credit; «Une légende. Un nom / AFP» is not.
            return match own.rfind(". ") {
                Some(end) => (own.get(..=end).unwrap_or(own), line.get(end + 2..)),
                None if is_name(own) => ("", Some(line)),
                None => (own.trim_end(), Some(credit)),
            };
        }
    }
    if is_agency(line) { ("", Some(line)) } else { (line, None) }
}

/// A credit in brackets at the end of a line.
fn in_brackets(line: &str) -> Option<(&str, &str)> {
    let bare = line.trim_end().trim_end_matches('.');
    let (close, open) = if bare.ends_with(')') { (')', '(') } else { (']', '[') };
    let inside = bare.strip_suffix(close)?;
    let at = inside.rfind(open)?;
    let (own, credit) = (line.get(..at)?, inside.get(at + 1..)?);
    let is_credit = opener(credit) == Some(0) || is_agency(credit) || ends_in_agency(credit);
    let named = WITHIN.iter().find(|opener| fold(credit).starts_with(*opener));
    if let Some(named) = named.filter(|_| opener(credit) != Some(0)) {
        let at =
            credit.char_indices().nth(named.chars().count()).map_or(credit.len(), |(at, _)| at);
        return Some((own.trim_end(), credit.get(at..)?));
    }
    (is_credit && credit.chars().count() <= CREDIT_CHARS_MAX).then(|| (own.trim_end(), credit))
}

/// Words that open a credit where it stands in brackets.
const WITHIN: &[&str] = &["photo ", "photos ", "image ", "foto ", "credit "];

/// Where the last words stand that open a credit.
fn opener(line: &str) -> Option<usize> {
    let starts = line.char_indices().filter(|(at, _)| {
        let before = line.get(..*at).and_then(|before| before.chars().last());
        before.is_none_or(|c| !c.is_alphanumeric())
    });
    let opens = |at: usize| {
        let start: String = line.get(at..).unwrap_or_default().chars().take(24).collect();
        let folded = fold(&start);
        let written = folded.trim_start_matches('"');
        start.starts_with('©') || OPENERS.iter().any(|opener| written.starts_with(opener))
    };
    starts.map(|(at, _)| at).find(|at| opens(*at))
}

fn is_agency(text: &str) -> bool {
    let folded = fold(text);
    AGENCIES.contains(&folded.trim_matches(|c: char| !c.is_alphanumeric())) || ends_in_agency(text)
}

/// «Jeanne Morvan/AFP», «Jean Petit via Getty Images».
fn ends_in_agency(text: &str) -> bool {
    let by = |(who, agency): (&str, &str)| {
        let agency = fold(agency);
        is_name(who) && AGENCIES.contains(&agency.trim_matches(|c: char| !c.is_alphanumeric()))
    };
    text.rsplit_once('/').is_some_and(by) || text.rsplit_once(" via ").is_some_and(by)
}

/// Whether a text reads like the name of a person or a firm: a few words, each with a capital.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| word.chars().next().is_some_and(|c| !c.is_lowercase());
    !words.is_empty() && words.len() <= 4 && words.iter().all(capital)
}

/// A credit without its opening words and brackets.
fn cleaned(credit: &str) -> String {
    let mut rest = credit.trim();
    for _ in 0..3 {
        let folded_start = |opener: &&&str| {
            let length = opener.chars().count();
            let start: String = rest.chars().take(length).collect();
            start == **opener || fold(&start) == fold(opener)
        };
        let Some(opener) = OPENERS.iter().filter(folded_start).max_by_key(|opener| opener.len())
        else {
            break;
        };
        let at = rest.char_indices().nth(opener.chars().count()).map_or(rest.len(), |(at, _)| at);
        rest = rest
            .get(at..)
            .unwrap_or_default()
            .trim_start_matches([':', ' ', '\u{a0}', '\u{202f}', '-', '–']);
    }
    rest.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | '|')
    })
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, caption: &str, credit: &str) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        assert_eq!(split(text), (some(caption), some(credit)), "{text}");
    }

    #[test]
    fn captions_and_credits_are_parted() {
        check("Le pont Vieux, lundi.", "Le pont Vieux, lundi.", "");
        check("Le pont Vieux. © Jeanne Morvan / AFP", "Le pont Vieux.", "Jeanne Morvan / AFP");
        check("Le pont Vieux (Photo Jeanne Morvan)", "Le pont Vieux", "Jeanne Morvan");
        check("Le pont Vieux (Photo : Jeanne Morvan)", "Le pont Vieux", "Jeanne Morvan");
        check("Le pont Vieux. Crédit photo : Orne Info", "Le pont Vieux.", "Orne Info");
        check("Le pont Vieux\n© Orne Info", "Le pont Vieux", "Orne Info");
        check("Le pont Vieux | AFP", "Le pont Vieux", "AFP");
        check("Jeanne Morvan / AFP", "", "Jeanne Morvan / AFP");
        check("Le pont fermé. Jeanne Morvan / AFP", "Le pont fermé.", "Jeanne Morvan / AFP");
        check("The old bridge. Photograph: Ann Lee/Reuters", "The old bridge.", "Ann Lee/Reuters");
        check("The old bridge (Ann Lee/AP)", "The old bridge", "Ann Lee/AP");
        check("Die alte Brücke. Foto: dpa", "Die alte Brücke.", "dpa");
        check("© DR", "", "DR");
        check(
            "La photo : une affaire de lumière et de patience, répète-t-il à ses élèves depuis trente ans, dans cette salle où il enseigne.",
            "La photo : une affaire de lumière et de patience, répète-t-il à ses élèves depuis trente ans, dans cette salle où il enseigne.",
            "",
        );
        check("", "", "");
    }
}
