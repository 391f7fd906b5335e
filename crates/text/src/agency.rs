//! The words a French desk writes around a text, in any format: what stands at a headline, above the
//! text, in it and under it. Nothing is lost: what is taken off is given back beside the rest.

use crate::{embargo::embargo_line, fold};

pub use crate::embargo::{headline_embargo, opening_embargo};

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

/// Words of a desk, folded, and what they mean; of a line the longest counts.
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

/// What English desks write on the lines above a text, among other words: `1ST LEAD-WRITETHRU`, `PAGE 2 KILL`. At the
/// headlines of other feeds these are words of the language.
const WIRE_MARKS: [(&str, Mark); 8] = [
    ("kill", Mark::Kill),
    ("correction", Mark::Correction),
    ("corrected", Mark::Correction),
    ("refile", Mark::Correction),
    ("lead", Mark::Update),
    ("writethru", Mark::Update),
    ("update", Mark::Update),
    ("advisory", Mark::Advisory),
];

/// What a line of a wire above a text says of it, by a desk's own words or by the English ones.
pub fn label_mark(line: &str) -> Option<Mark> {
    let own = split_marks(line).marks.first().map(|(mark, _)| *mark);
    let folded = fold(line);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).collect();
    let english = WIRE_MARKS.iter().find(|(known, _)| words.contains(known)).map(|(_, mark)| *mark);
    // A kill counts wherever it stands; a form or an urgency says least.
    let weight = |mark: &Mark| match mark {
        Mark::Kill => 2,
        Mark::Correction | Mark::Update | Mark::Advisory => 1,
        _ => 0,
    };
    english.into_iter().chain(own).max_by_key(weight)
}

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

pub(crate) const SEPARATORS: [char; 8] = ['-', '–', '—', ':', '/', '|', '=', '•'];

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

/// Marks in a list, as brackets have them; `None` where one of them is none, or there are more than a desk writes.
fn listed(inside: &str) -> Option<Vec<(Mark, &str)>> {
    if inside.chars().any(char::is_lowercase) {
        return None;
    }
    let parts = inside.split([',', '/', '+']).map(str::trim);
    let found: Vec<_> =
        parts.take(MARKS_MAX + 1).map(|part| Some((mark(part)?, part))).collect::<Option<_>>()?;
    (found.len() <= MARKS_MAX).then_some(found)
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
    /// «SOUS EMBARGO jusqu'au …», as it is written; it may not say until when.
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
    if let Some((embargo, rest)) = opening_embargo(text) {
        return Some((DeskLine::Embargo(embargo), rest));
    }
    if text.len() > LINE_BYTES_MAX {
        return None;
    }
    if let Some(until) = embargo_line(text) {
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

/// Whether a paragraph asks editors to kill: «Prière d'annuler …», «cette dépêche est annulée», «ne plus
/// utiliser». A flight, a match or a decree that was cancelled is news.
pub fn is_kill_phrase(paragraph: &str) -> bool {
    let start = paragraph.get(..paragraph.floor_char_boundary(KILL_BYTES_MAX)).unwrap_or_default();
    let folded = fold(start);
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| folded.contains(phrase));
    says(&KILL_ASKED) || (says(&KILLED) && names_a_copy(&folded))
}

/// Bytes of a paragraph in which it asks editors to kill: their headline may come before it, the story behind it.
const KILL_BYTES_MAX: usize = 2 * LINE_BYTES_MAX;

/// What asks editors to kill, folded.
const KILL_ASKED: [&str; 12] = [
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

/// What is said of a copy that is killed.
const KILLED: [&str; 4] =
    ["est annule", "sont annule", "a ete annulee par l'agence", "est a annuler"];

/// Whether a folded text speaks of a desk's own copy: «cette dépêche», «notre alerte», «la dépêche intitulée …».
fn names_a_copy(folded: &str) -> bool {
    let copies =
        ["depeche", "copie", "article", "alerte", "urgent", "flash", "papier", "information"];
    let these = ["cette ", "cet ", "notre ", "ce "];
    copies.iter().any(|copy| {
        folded.match_indices(copy).any(|(at, _)| {
            let (before, after) = folded.split_at(at);
            these.iter().any(|this| before.ends_with(this))
                || (before == "la " && after.strip_prefix(copy).is_some_and(is_titled))
        })
    })
}

fn is_titled(after: &str) -> bool {
    after.starts_with(" intitulee")
}

/// Words of the desk inside of a text: what stands in brackets and says it is the editor's (ndlr).
pub fn insertions(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    // The bracket that is open, and where in it `ndlr` was seen last: the text is gone through once, however
    // often it has either.
    let (mut open, mut seen) = (None, None);
    for (at, mark) in text.match_indices(['(', '[', ')', ']', 'n', 'N']) {
        let is_near = |from: usize| at - from < LINE_BYTES_MAX;
        match mark {
            "(" | "[" if seen.is_none_or(|seen| !is_near(seen)) => (open, seen) = (Some(at), None),
            "(" | "[" => {}
            ")" | "]" => {
                if let (Some(from), Some(_)) = (open.take(), seen.take().filter(|at| is_near(*at)))
                {
                    found.extend(text.get(from + 1..at).map(str::trim));
                }
                if found.len() >= INSERTIONS_MAX {
                    break;
                }
            }
            _ => {
                let here =
                    text.get(at..at + 4).is_some_and(|word| word.eq_ignore_ascii_case("ndlr"));
                seen = if here && open.is_some_and(is_near) { Some(at) } else { seen };
            }
        }
    }
    found.dedup();
    found
}

/// Insertions kept of one text; an interview has about ten.
pub const INSERTIONS_MAX: usize = 32;

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
    fn lines_of_a_wire_have_a_meaning() {
        for (line, mark) in [
            ("ANNULATION", Some(Mark::Kill)),
            ("(CORRECTION - AJOUTE UNE DECLARATION)", Some(Mark::Correction)),
            ("1st Ld-Writethru", Some(Mark::Update)),
            ("LEAD", Some(Mark::Update)),
            ("PAGE 2 KILL", Some(Mark::Kill)),
            ("PAPIER GENERAL", Some(Mark::Form)),
            ("URGENT", Some(Mark::Urgent)),
            ("AVIS - kill", Some(Mark::Kill)),
            ("Skill", None),
        ] {
            assert_eq!(label_mark(line), mark, "{line}");
        }
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
            Some((Embargo("SOUS EMBARGO jusqu'au 12 février à 06H00 GMT"), "")),
        );
        assert_eq!(line("EMBARGO DU 12 FEVRIER"), Some((Embargo("EMBARGO DU 12 FEVRIER"), "")));
        assert_eq!(line("Prière de noter l'heure."), Some((Note("Prière de noter l'heure."), "")));
        let kill = "Prière d'annuler la dépêche de 16h10, envoyée par erreur.";
        assert_eq!(line(kill), Some((Kill(kill), "")));
        for text in [
            "Le vol est annulé.",
            "(Bruxelles) Le sommet",
            "Sous embargo depuis 1990, l'île vit mal.",
            "EMBARGO SUR LE PETROLE",
            "EMBARGO DU PETROLE",
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
            "La dépêche intitulée «Le pont» est annulée.",
            "Notre alerte de 16h10 est à annuler.",
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
            "On lit que la dépêche intitulée «Le pont» est annulée.",
            "Merci d'annuler vos réservations",
        ] {
            assert!(!is_kill_phrase(text), "{text}");
        }
    }

    /// Gone through once for each of its brackets or words, none of these would end within a day.
    #[test]
    fn a_text_made_to_be_searched_for_ever_is_gone_through_once() {
        let many = 1 << 20;
        assert_eq!(insertions(&"ndlr ".repeat(many)), [""; 0]);
        assert_eq!(insertions(&"(".repeat(many)), [""; 0]);
        assert_eq!(insertions(&"(ndlr ".repeat(many)), [""; 0]);
        let numbered: String = (0..many).map(|at| format!("({at} ndlr)")).collect();
        assert_eq!(insertions(&numbered).len(), INSERTIONS_MAX);
        assert!(!is_kill_phrase(&"cette depeche ".repeat(many)));
        assert!(!is_kill_phrase(&format!("{} est annulé: cette dépêche", "un ".repeat(many))));
    }

    #[test]
    fn insertions_signatures_and_endings() {
        assert_eq!(
            insertions("«Il (le ministre, ndlr) viendra», a-t-il dit [NDLR: jeudi]. Un (a) ndlr."),
            ["le ministre, ndlr", "NDLR: jeudi"]
        );
        assert_eq!(insertions("Un (le maire (élu), ndlr) et (ndlr: [ici])"), ["ndlr: [ici"]);
        assert_eq!(insertions("ndlr (un) ndlr) (deux"), [""; 0]);
        let far = format!("(ndlr {} ) (NDLR)", "a".repeat(LINE_BYTES_MAX));
        assert_eq!(insertions(&far), ["NDLR"]);
        for line in ["abc-def/gh/ij", "bur-ahe/pn", "ab/cd", "abc-def-gh"] {
            assert!(is_signature(line), "{line}");
        }
        for line in ["peut-être", "abc", "Abc/def", "etc/passwd est lu", "24/11", ""] {
            assert!(!is_signature(line), "{line}");
        }
        assert_eq!(ending_credit(" (AFP) "), Some("AFP"));
        assert_eq!(ending_credit("Fin"), None);
    }

    /// The letters and digits of texts, whatever order they are in.
    fn letters(texts: &[&str]) -> Vec<char> {
        let mut letters: Vec<char> =
            texts.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphanumeric()).collect();
        letters.sort_unstable();
        letters
    }

    /// Says what is lost of a line when the words of the desk are taken off it.
    fn check_whole(line: &str) {
        let marked = split_marks(line);
        let mut parts: Vec<&str> = marked.marks.iter().map(|(_, word)| *word).collect();
        parts.push(marked.text);
        assert_eq!(letters(&parts), letters(&[line]), "{line}: {parts:?}");
        let Some((desk_line, rest)) = desk_line(line) else { return };
        let (DeskLine::Embargo(words)
        | DeskLine::Update(words)
        | DeskLine::Note(words)
        | DeskLine::Kill(words)) = desk_line;
        assert_eq!(letters(&[words, rest]), letters(&[line]), "{line}");
    }

    #[test]
    fn a_bracket_with_more_words_than_a_desk_writes_stays() {
        let long = format!("({}) Le pont", ["URGENT"; MARKS_MAX + 1].join(", "));
        stays(&long);
        check_whole(&"URGENT - ".repeat(MARKS_MAX + 2));
        check_whole("CORRECTION - LEAD - Le pont (ENCADRÉ, REPÈRES)");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(
            line in "(URGENT|ANNULE|LEAD|SOUS EMBARGO|PAPIER GENERAL|\\(|\\[|\\(LEAD[,/] ?URGENT\\))( - |: | |\\)|, |\\] ){0,3}\\PC{0,20}(\\(URGENT, LEAD\\)|\\(MAJ\\))?",
            above in "(\\(?(Actualisé|ACTUALISATION|SOUS EMBARGO|EMBARGO|Prière de)( avec| - | du| jusqu'au)? ?){1}\\PC{0,20}\\)?\\PC{0,20}",
        ) {
            check_whole(&line);
            check_whole(&above);
        }

        #[test]
        fn an_insertion_is_a_part_of_its_text(text in "(\\(|\\)|\\[|\\]|ndlr|NDLR|é| |\\PC){0,20}") {
            for insertion in insertions(&text) {
                proptest::prop_assert!(insertion.to_lowercase().contains("ndlr"));
                proptest::prop_assert!(text.contains(insertion));
            }
        }

        #[test]
        fn any_last_line_is_looked_at(line in "\\PC{0,40}") {
            let signed = is_signature(&line);
            proptest::prop_assert!(!signed || line.trim().is_ascii());
            proptest::prop_assert!(ending_credit(&line).is_none_or(|credit| line.contains(credit)));
        }
    }
}
