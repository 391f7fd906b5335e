//! The words a French desk writes around a text, in any format: what stands at a headline, above the
//! text, in it and under it. Nothing is lost: what is taken off is given back beside the rest.

use crate::fold;

/// What a word of the desk at a headline or above a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A few words, before everything else.
    Flash,
    /// One line (formerly BULLETIN).
    Alert,
    /// A first paragraph.
    Urgent,
    /// It takes up what came before.
    Update,
    /// Something was wrong and is now right.
    Correction,
    /// It must not be used any more.
    Kill,
    /// It must not be used yet.
    Embargo,
    /// A word to editors.
    Advisory,
    /// The form of the text: lead, papier général, encadré, chronologie, reportage, …
    Form,
}

/// Words of a desk, folded, and what they mean; longer ones first where one begins another.
const MARKS: [(&str, Mark); 62] = [
    ("alerte info", Mark::Alert),
    ("flash info", Mark::Flash),
    ("flash", Mark::Flash),
    ("alerte", Mark::Alert),
    ("bulletin", Mark::Alert),
    ("urgent", Mark::Urgent),
    ("attention correction", Mark::Correction),
    ("correction", Mark::Correction),
    ("corrige", Mark::Correction),
    ("rectificatif", Mark::Correction),
    ("attention annulation", Mark::Kill),
    ("attention annule", Mark::Kill),
    ("attention annulee", Mark::Kill),
    ("annulation", Mark::Kill),
    ("annule", Mark::Kill),
    ("annulee", Mark::Kill),
    ("depeche annulee", Mark::Kill),
    ("actualisation", Mark::Update),
    ("actualise", Mark::Update),
    ("actualisee", Mark::Update),
    ("version actualisee", Mark::Update),
    ("sous embargo", Mark::Embargo),
    ("embargo", Mark::Embargo),
    ("avis", Mark::Advisory),
    ("avis aux redactions", Mark::Advisory),
    ("note aux redactions", Mark::Advisory),
    ("memento", Mark::Advisory),
    ("papier general", Mark::Form),
    ("papier-general", Mark::Form),
    ("papier d'angle", Mark::Form),
    ("papier magazine", Mark::Form),
    ("avant-papier", Mark::Form),
    ("papier", Mark::Form),
    ("1er lead", Mark::Form),
    ("2e lead", Mark::Form),
    ("2eme lead", Mark::Form),
    ("3e lead", Mark::Form),
    ("3eme lead", Mark::Form),
    ("lead general", Mark::Form),
    ("lead", Mark::Form),
    ("encadre", Mark::Form),
    ("eclairage", Mark::Form),
    ("chrono", Mark::Form),
    ("chronologie", Mark::Form),
    ("reperes", Mark::Form),
    ("fiche technique", Mark::Form),
    ("factuel", Mark::Form),
    ("synthese", Mark::Form),
    ("reportage", Mark::Form),
    ("interview", Mark::Form),
    ("entretien", Mark::Form),
    ("portrait", Mark::Form),
    ("analyse", Mark::Form),
    ("enquete", Mark::Form),
    ("decryptage", Mark::Form),
    ("factuel presse", Mark::Form),
    ("verbatim", Mark::Form),
    ("revue de presse", Mark::Form),
    ("magazine", Mark::Form),
    ("prev", Mark::Form),
    ("previsions", Mark::Form),
    ("dossier", Mark::Form),
];

/// A headline without the words of the desk that stood at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked<'a> {
    /// What is left; never empty where something else than marks was there.
    pub text: &'a str,
    /// What each of them means, and how it was written.
    pub marks: Vec<(Mark, &'a str)>,
}

/// Most marks taken off one line; `URGENT - CORRECTION - PAPIER GENERAL` has three.
const MARKS_MAX: usize = 6;

/// Takes the words of the desk off the head of a line and out of the bracket at its end.
///
/// They are written in capitals and set apart by a dash, a colon or brackets; only the words of the ladder
/// (`URGENT Séisme …`) may go without, before a word that is no capitals. «Vol annulé», «Annulation du
/// sommet» and «ANNULATION DU SOMMET» say what happened and stay.
pub fn split_marks(line: &str) -> Marked<'_> {
    let mut text = line.trim();
    let mut marks = Vec::new();
    while marks.len() < MARKS_MAX {
        let Some((found, rest)) = first_mark(text) else { break };
        text = rest;
        marks.extend(found);
    }
    if let Some((found, rest)) = last_bracket(text) {
        text = rest;
        marks.extend(found);
    }
    Marked { text, marks }
}

type Found<'a> = (Vec<(Mark, &'a str)>, &'a str);

fn first_mark(text: &str) -> Option<Found<'_>> {
    if let Some(inner) = text.strip_prefix(['(', '[']) {
        let (inside, rest) = inner.split_once([')', ']'])?;
        return Some((listed(inside)?, trim_separator(rest)));
    }
    let capitals = text.len() - text.trim_start_matches(is_of_capitals).len();
    let head = text.get(..capitals)?.trim_end_matches(|c: char| !c.is_alphanumeric());
    let (word, mark) = longest(head)?;
    let after = text.get(word.len()..)?;
    let rest = trim_separator(after);
    let apart = after.trim_start().starts_with(SEPARATORS);
    let ladder = matches!(mark, Mark::Flash | Mark::Alert | Mark::Urgent);
    let bare = ladder && after.starts_with(' ') && starts_a_sentence(rest);
    (apart || bare || rest.is_empty()).then(|| (vec![(mark, word)], rest))
}

/// The longest mark that `head`, a run of capitals, begins with.
fn longest(head: &str) -> Option<(&str, Mark)> {
    let in_word = |at: usize| head.get(..at).is_some_and(|h| h.ends_with(char::is_alphanumeric));
    let ends = head.char_indices().filter(|(_, c)| !c.is_alphanumeric()).map(|(at, _)| at);
    let ends = ends.chain([head.len()]).filter(|at| in_word(*at)).take(WORDS_MAX);
    let ends: Vec<usize> = ends.collect();
    ends.into_iter().rev().find_map(|end| {
        let word = head.get(..end)?;
        Some((word, mark(word)?))
    })
}

/// Words looked at in a run of capitals; `AVIS AUX REDACTIONS` has three.
const WORDS_MAX: usize = 6;

const SEPARATORS: [char; 8] = ['-', '–', '—', ':', '/', '|', '=', '•'];

fn is_of_capitals(c: char) -> bool {
    !c.is_lowercase()
        && !matches!(c, ':' | '(' | ')' | '[' | ']' | '«' | '"' | '–' | '—' | '/' | '|')
}

/// Whether a word of the ladder without a dash can stand before it: a capital, and not all in capitals.
fn starts_a_sentence(rest: &str) -> bool {
    let word = rest.split([' ', '\u{a0}']).next().unwrap_or_default();
    let first = word.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().next();
    let lower = word.chars().any(char::is_lowercase) || word.chars().count() == 1;
    first.is_some_and(|c| c.is_numeric() || (c.is_uppercase() && lower))
}

fn trim_separator(text: &str) -> &str {
    text.trim_start().trim_start_matches(SEPARATORS).trim_start()
}

/// What a word of the desk means, however its accents and dashes are written.
fn mark(word: &str) -> Option<Mark> {
    let folded = fold(word);
    let words: Vec<&str> = folded
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-')))
        .filter(|word| !word.is_empty() && *word != "-")
        .collect();
    let folded = words.join(" ");
    MARKS.iter().find(|(known, _)| *known == folded).map(|(_, mark)| *mark)
}

/// Marks in a list, as brackets have them; `None` where one of them is none.
fn listed(inside: &str) -> Option<Vec<(Mark, &str)>> {
    if inside.chars().any(char::is_lowercase) {
        return None;
    }
    let parts = inside.split([',', '/', '+']).map(str::trim);
    parts.map(|part| Some((mark(part)?, part))).collect()
}

fn last_bracket(text: &str) -> Option<Found<'_>> {
    let inner = text.strip_suffix(')')?;
    let (rest, inside) = inner.rsplit_once('(')?;
    let rest = rest.trim_end();
    let found = listed(inside)?;
    (!rest.is_empty()).then_some((found, rest))
}

/// What a line above a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskLine<'a> {
    /// «(Actualisé avec …)»: what it was brought up to date with, without its brackets.
    Update(&'a str),
    /// «SOUS EMBARGO jusqu'au …»: the words that say until when; may be empty.
    Embargo(&'a str),
    /// «Prière de …»: a word to editors.
    Note(&'a str),
    /// What is killed: «ATTENTION - ANNULE …», «Prière d'annuler …».
    Kill(&'a str),
}

/// Longest line of a desk believed in; a summary of what an update adds has up to 300 characters.
const LINE_BYTES_MAX: usize = 500;

/// Takes the first line of the desk off a paragraph above a text; gives what of the paragraph is left.
pub fn desk_line(paragraph: &str) -> Option<(DeskLine<'_>, &str)> {
    let text = paragraph.trim();
    if let Some((inside, rest)) = bracketed(text)
        && fold(inside).starts_with("actualis")
    {
        return Some((DeskLine::Update(inside), trim_separator(rest)));
    }
    if text.len() > LINE_BYTES_MAX {
        return None;
    }
    if let Some(until) = embargo(text) {
        return Some((DeskLine::Embargo(until), ""));
    }
    if is_kill_phrase(text) {
        return Some((DeskLine::Kill(text), ""));
    }
    let folded = fold(text);
    let updated =
        ["attention - actualis", "attention actualis", "actualise avec", "actualisation avec"];
    if updated.iter().any(|start| folded.starts_with(start)) {
        return Some((DeskLine::Update(text), ""));
    }
    let notes = [
        "priere de ",
        "a l'attention des redactions",
        "note aux redactions",
        "note a la redaction",
        "avis aux redactions",
        "attention redactions",
        "merci aux redactions",
    ];
    notes.iter().any(|start| folded.starts_with(start)).then_some((DeskLine::Note(text), ""))
}

/// The first bracket and what stands behind it.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let mut depth = 1_u32;
    for (at, c) in inner.char_indices().take_while(|(at, _)| *at <= LINE_BYTES_MAX) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner.get(..at)?.trim(), inner.get(at + 1..)?));
        }
    }
    None
}

/// The words behind «SOUS EMBARGO jusqu'…»; those two in capitals, as desks write them.
fn embargo(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['(', '[', '*', '=', ' ']);
    let rest = text.strip_prefix("SOUS EMBARGO").or_else(|| text.strip_prefix("EMBARGO"))?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || SEPARATORS.contains(&c));
    let rest = rest.trim_end_matches([')', ']', '*', '=', ' ']);
    let folded = fold(rest);
    let until = ["jusqu", "pour publication", "until", "a publier", "avant", "du ", "au ", "ferme"];
    (rest.is_empty() || until.iter().any(|word| folded.starts_with(word))).then_some(rest)
}

/// Whether a paragraph asks editors to kill: «Prière d'annuler …», «cette dépêche est annulée», «ne plus
/// utiliser». A flight, a match or a decree that was cancelled is news.
pub fn is_kill_phrase(paragraph: &str) -> bool {
    let folded = fold(paragraph);
    let asks = [
        "priere d'annuler",
        "priere de ne pas utiliser",
        "priere de ne plus utiliser",
        "priere de ne pas tenir compte",
        "veuillez annuler",
        "merci d'annuler la depeche",
        "merci de ne pas utiliser",
        "merci de ne plus utiliser",
        "merci de ne pas tenir compte de",
        "ne doit pas etre utilisee",
        "ne doit plus etre utilisee",
        "ne doit pas etre reprise",
    ];
    if asks.iter().any(|phrase| folded.contains(phrase)) {
        return true;
    }
    let copy =
        ["depeche", "copie", "article", "alerte", "urgent", "flash", "papier", "information"];
    let killed = ["est annule", "sont annule", "a ete annulee par l'agence", "est a annuler"];
    let this = copy.iter().any(|copy| {
        folded.contains(&format!("cette {copy}"))
            || folded.contains(&format!("cet {copy}"))
            || folded.contains(&format!("notre {copy}"))
            || folded.contains(&format!("ce {copy}"))
            || folded.starts_with(&format!("la {copy} intitulee"))
    });
    this && killed.iter().any(|word| folded.contains(word))
}

/// Words of the desk inside of a text: what stands in brackets and says it is the editor's (ndlr).
pub fn insertions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(['n', 'N']) {
        let here = text.get(at..at + 4).is_some_and(|word| word.eq_ignore_ascii_case("ndlr"));
        if !here || found.len() >= INSERTIONS_MAX {
            continue;
        }
        let (before, after) =
            (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
        let open = before.rfind(['(', '[']).filter(|open| at - open < LINE_BYTES_MAX);
        let close = after.find([')', ']']).filter(|close| *close < LINE_BYTES_MAX);
        if let (Some(open), Some(close)) = (open, close)
            && !before.get(open..).is_some_and(|inside| inside.contains([')', ']']))
        {
            found.extend(text.get(open + 1..at + close).map(str::trim));
        }
    }
    found.dedup();
    found
}

/// Insertions kept of one text; an interview has about ten.
const INSERTIONS_MAX: usize = 32;

/// Whether a last line is who wrote and who edited, in initials: `abc-def/gh/ij`, `bur-ahe/pn`.
pub fn is_signature(line: &str) -> bool {
    let line = line.trim();
    let parts: Vec<&str> = line.split(['-', '/', '.']).collect();
    let initials =
        |part: &&str| (2..=5).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase());
    // A slash or two dashes, because «peut-être» has one too.
    let apart = line.contains('/') || parts.len() > 2;
    (2..=8).contains(&parts.len()) && apart && parts.iter().all(initials)
}

/// The agency that a last line names in brackets or alone: `(AFP)`, `AFP`.
pub fn ending_credit(line: &str) -> Option<&str> {
    let line = line.trim();
    let inner = line.strip_prefix('(').and_then(|line| line.strip_suffix(')')).unwrap_or(line);
    AGENCIES.contains(&inner).then_some(inner)
}

/// Agencies that sign in French, as they write themselves.
pub(crate) const AGENCIES: [&str; 17] = [
    "AFP",
    "Reuters",
    "REUTERS",
    "AP",
    "ATS",
    "Keystone-ATS",
    "Belga",
    "BELGA",
    "dpa",
    "DPA",
    "ANSA",
    "EFE",
    "Xinhua",
    "TASS",
    "APS",
    "MAP",
    "PC",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, text: &str, marks: &[&str]) {
        let marked = split_marks(line);
        let found: Vec<&str> = marked.marks.iter().map(|(_, word)| *word).collect();
        assert_eq!((marked.text, found.as_slice()), (text, marks));
    }

    #[track_caller]
    fn stays(line: &str) {
        check(line, line, &[]);
    }

    #[test]
    fn words_of_the_desk_are_taken_off() {
        check("URGENT - Séisme au large", "Séisme au large", &["URGENT"]);
        check("ALERTE: Séisme au large", "Séisme au large", &["ALERTE"]);
        check("ALERTE INFO - Séisme", "Séisme", &["ALERTE INFO"]);
        check("URGENT L'Otan étudie", "L'Otan étudie", &["URGENT"]);
        check("FLASH 12 morts", "12 morts", &["FLASH"]);
        check("URGENT À Bruxelles", "À Bruxelles", &["URGENT"]);
        check("(CORRECTION) Le pont rouvre", "Le pont rouvre", &["CORRECTION"]);
        check("CORRECTION - Le pont rouvre", "Le pont rouvre", &["CORRECTION"]);
        check("URGENT - CORRECTION - Le pont", "Le pont", &["URGENT", "CORRECTION"]);
        check("Le pont rouvre (PAPIER GENERAL)", "Le pont rouvre", &["PAPIER GENERAL"]);
        check(
            "Le pont (PAPIER GÉNÉRAL, ACTUALISATION)",
            "Le pont",
            &["PAPIER GÉNÉRAL", "ACTUALISATION"],
        );
        check("LEAD - Le pont", "Le pont", &["LEAD"]);
        check("PAPIER GENERAL", "", &["PAPIER GENERAL"]);
        check("2e LEAD", "2e LEAD", &[]);
        check("ENCADRÉ: Le pont en dates", "Le pont en dates", &["ENCADRÉ"]);
        check("ATTENTION - ANNULE - Le pont", "Le pont", &["ATTENTION - ANNULE"]);
        check("ANNULE: Le pont", "Le pont", &["ANNULE"]);
    }

    #[test]
    fn what_happened_is_no_word_of_the_desk() {
        for line in [
            "Vol annulé",
            "Annulé : le concert de Bercy",
            "Annulation du sommet",
            "ANNULATION DU SOMMET",
            "Urgent besoin de sang",
            "ALERTE enlèvement déclenchée en Moselle",
            "ALERTE ROUGE SUR LA COTE",
            "LEAD singer d'un groupe",
            "REPORTAGE au cœur de la crue",
            "Remaniement (MAJ)",
            "L'Otan (29 pays)",
            "(AFP) Le pont",
            "AVIS DE TEMPETE",
            "Le pont - URGENT",
            "ANNULEES",
        ] {
            stays(line);
        }
        check("", "", &[]);
    }

    #[test]
    fn marks_have_a_meaning() {
        let mark = |line| split_marks(line).marks.first().map(|(mark, _)| *mark);
        assert_eq!(mark("BULLETIN - a"), Some(Mark::Alert));
        assert_eq!(mark("ANNULATION - a"), Some(Mark::Kill));
        assert_eq!(mark("(RECTIFICATIF) a"), Some(Mark::Correction));
        assert_eq!(mark("SOUS EMBARGO - a"), Some(Mark::Embargo));
        assert_eq!(mark("CHRONO - a"), Some(Mark::Form));
    }

    #[test]
    fn lines_of_the_desk_above_a_text() {
        use DeskLine::{Embargo, Kill, Note, Update};
        let line = |text| desk_line(text);
        assert_eq!(
            line("(Actualisé avec réaction (Berlin) et contexte) BRUXELLES (AFP) - Un"),
            Some((Update("Actualisé avec réaction (Berlin) et contexte"), "BRUXELLES (AFP) - Un")),
        );
        assert_eq!(line("ATTENTION - ACTUALISE avec bilan ///").map(|found| found.1), Some(""));
        assert_eq!(
            line("SOUS EMBARGO jusqu'au 12 février à 06H00 GMT"),
            Some((Embargo("jusqu'au 12 février à 06H00 GMT"), "")),
        );
        assert_eq!(line("Prière de noter l'heure."), Some((Note("Prière de noter l'heure."), "")));
        let kill = "Prière d'annuler la dépêche de 16h10, envoyée par erreur.";
        assert_eq!(line(kill), Some((Kill(kill), "")));
        for text in [
            "Le vol est annulé.",
            "(Bruxelles) Le sommet",
            "Sous embargo depuis 1990, l'île vit mal.",
            "EMBARGO SUR LE PETROLE",
            "Actualisons nos idées",
            "(Actualisé",
            "La prière de vendredi",
            "",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
    }

    #[test]
    fn a_kill_asks_editors() {
        for text in [
            "Veuillez annuler notre dépêche intitulée «Le pont».",
            "Cette dépêche est annulée.",
            "Prière de ne pas utiliser la dépêche de 16h10.",
            "La dépêche ne doit pas être utilisée.",
        ] {
            assert!(is_kill_phrase(text), "{text}");
        }
        for text in [
            "Le vol Paris-Nice est annulé.",
            "Cette information a été démentie.",
            "Le décret est annulé.",
            "L'urgence est annulée",
            "Cette dépêche d'Ems",
            "Merci d'annuler vos réservations",
        ] {
            assert!(!is_kill_phrase(text), "{text}");
        }
    }

    #[test]
    fn insertions_signatures_and_endings() {
        assert_eq!(
            insertions("«Il (le ministre, ndlr) viendra», a-t-il dit [NDLR: jeudi]. Un (a) ndlr."),
            ["le ministre, ndlr", "NDLR: jeudi"]
        );
        for line in ["abc-def/gh/ij", "bur-ahe/pn", "ab/cd", "abc-def-gh"] {
            assert!(is_signature(line), "{line}");
        }
        for line in ["peut-être", "abc", "Abc/def", "etc/passwd est lu", "24/11", ""] {
            assert!(!is_signature(line), "{line}");
        }
        assert_eq!(ending_credit(" (AFP) "), Some("AFP"));
        assert_eq!(ending_credit("Fin"), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(line in "(URGENT|ANNULE|LEAD|\\(|)( - |: | |\\)){0,2}\\PC{0,40}") {
            let marked = split_marks(&line);
            proptest::prop_assert!(line.contains(marked.text));
            proptest::prop_assert!(marked.marks.iter().all(|(_, word)| line.contains(word)));
            let _ = (desk_line(&line), insertions(&line), is_signature(&line), ending_credit(&line));
        }
    }
}
