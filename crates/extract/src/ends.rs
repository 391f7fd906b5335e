//! Lines at the ends of a story that are no part of it: who wrote it and when at its head; initials, rights and the
//! agency at its foot.

use depeche_news::{Article, Block};
use depeche_text::{agency, fold};

use crate::blocks::{Kind, Piece, ends_sentence};
use crate::dates::{self, Order};
use crate::phrases::starts_as_word;
use crate::rule::Rule;
use crate::trail::Trail;
use crate::{credit, headline};

/// Longest line at an end, and longest notice of rights.
const LINE_SIZE_MAX: usize = 80;
const RIGHTS_SIZE_MAX: usize = 400;

/// Takes such lines out of a body, as long as something else is left.
pub(crate) fn trim(pieces: &mut Vec<Piece>, mut trail: Option<&mut Trail>) {
    let is_line = |piece: &Piece| matches!(piece.kind, Kind::Paragraph | Kind::Loose);
    let head = |piece: &Piece| is_line(piece) && (is_byline(&piece.text) || is_date(&piece.text));
    let foot = |piece: &Piece| is_line(piece) && is_foot(&piece.text);
    let texts: Vec<usize> = pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.kind != Kind::Image)
        .map(|(at, _)| at)
        .collect();
    let is = |at: &&usize, what: &dyn Fn(&Piece) -> bool| pieces.get(**at).is_some_and(what);
    // A standfirst that the body begins with may stand above them.
    let under = usize::from(texts.first().is_some_and(|at| !is(&at, &head)));
    let heads = texts.iter().skip(under).take_while(|at| is(at, &head));
    let feet = texts.iter().rev().take_while(|at| is(at, &foot));
    let out: Vec<usize> = heads.chain(feet).copied().collect();
    if out.is_empty() || out.len() >= texts.len() {
        return;
    }
    for piece in out.iter().filter_map(|at| pieces.get(*at)) {
        let same = |other: &Piece| other.element == piece.element && other.text == piece.text;
        trail.as_deref_mut().into_iter().for_each(|trail| trail.leave_out(same, Rule::Byline));
    }
    let mut at = 0;
    pieces.retain(|_| {
        at += 1;
        !out.contains(&(at - 1))
    });
}

/// Longest piece at the end of a body that may be its signature.
pub(crate) const SIGNATURE_SIZE_MAX: usize = 60;

/// Takes a last piece that is nothing but the authors' names out of a body.
pub(crate) fn without_signature(
    pieces: &mut Vec<Piece>,
    authors: &[String],
    trail: Option<&mut Trail>,
) {
    let names: String = authors.iter().map(|name| headline::letters(name)).collect();
    let signs =
        |piece: &Piece| piece.size <= SIGNATURE_SIZE_MAX && headline::letters(&piece.text) == names;
    if pieces.len() > 1 && !names.is_empty() && pieces.last().is_some_and(signs) {
        pieces.pop();
        trail.into_iter().for_each(|trail| trail.leave_out(signs, Rule::Byline));
    }
}

/// Takes a first or last paragraph that is nothing but the credit out of a body.
pub(crate) fn without_credit(article: &mut Article, trail: Option<&mut Trail>) {
    let Some(credit) = article.credit.clone() else { return };
    let is =
        |block: &Block| matches!(block, Block::Paragraph(text) if credit::is_only(text, &credit));
    let count = article.body.len();
    let ends = |at: usize| at == 0 || at + 1 == count;
    let mut at = 0;
    if count > 1 && article.body.iter().enumerate().any(|(at, block)| ends(at) && is(block)) {
        article.body.retain(|block| {
            at += 1;
            !(ends(at - 1) && is(block))
        });
        let signs = |piece: &Piece| credit::is_only(&piece.text, &credit);
        trail.into_iter().for_each(|trail| trail.leave_out(signs, Rule::Byline));
    }
}

/// Words within a line of names, folded.
const BETWEEN: [&str; 28] = [
    "avec", "et", "and", "with", "und", "mit", "de", "du", "des", "d", "la", "le", "les", "l",
    "the", "of", "van", "von", "der", "den", "di", "da", "dos", "el", "a", "pour", "for", "y",
];

/// Whether a line is nothing but a byline: «Par Maud Ferrandier avec AFP (à Lyon)».
fn is_byline(text: &str) -> bool {
    let folded = fold(text);
    let opens = ["par", "by", "von"].iter().any(|start| starts_as_word(&folded, start));
    if !opens || text.chars().count() >= LINE_SIZE_MAX || ends_sentence(text) {
        return false;
    }
    // «By Ann Gray, political editor»
    let names = text.split(['(', ',']).next().unwrap_or_default();
    let words = names.split(|c: char| !c.is_alphanumeric() && c != '-');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).skip(1).collect();
    let named = |word: &&str| word.starts_with(char::is_uppercase);
    words.iter().any(named)
        && words.iter().all(|word| named(word) || BETWEEN.contains(&fold(word).as_str()))
}

/// How lines begin that tell when a story was published, folded.
const DATED: [&str; 17] = [
    "stand",
    "erschienen",
    "date de publication",
    "publie le",
    "publie a",
    "publie",
    "mis a jour",
    "mise a jour",
    "modifie le",
    "published",
    "updated",
    "last updated",
    "posted on",
    "veroffentlicht",
    "aktualisiert",
    "publicado",
    "actualizado",
];

/// Whether a line is nothing but a date: «Publié le 5 mars 2026 à 14:32».
fn is_date(text: &str) -> bool {
    let folded = fold(text);
    let dated = DATED.iter().any(|start| starts_as_word(&folded, start)) && !ends_sentence(text);
    text.chars().count() < LINE_SIZE_MAX
        && (dated || READING.iter().any(|told| folded.contains(told)))
        && dates::prose(text, Order::DayFirst).is_some()
}

/// What tells how long a story takes to be read, folded; beside a date it is no part of the story.
const READING: [&str; 4] = ["lesezeit", "temps de lecture", "min de lecture", "min read"];

/// How notices of an agency's rights begin, folded.
const RIGHTS: [&str; 4] = [
    "tous droits de reproduction",
    "tous droits reserves",
    "toute reproduction interdite",
    "toutes les informations reproduites dans cette rubrique",
];

/// Whether a last line tells who wrote, whose it is, or from whom: `bur-abc/def`, «(Avec AFP)».
fn is_foot(text: &str) -> bool {
    let folded = fold(text);
    let rights = || RIGHTS.iter().any(|start| folded.starts_with(start));
    let inner = text.trim().strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let with = |inner: &str| {
        let rest = inner.strip_prefix("Avec ").or_else(|| inner.strip_prefix("avec "));
        rest.is_some_and(|rest| {
            rest.chars().count() < LINE_SIZE_MAX / 2 && depeche_text::is_credit(rest)
        })
    };
    agency::is_signature(text)
        || (text.chars().count() < RIGHTS_SIZE_MAX && rights())
        || with(inner.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_at_the_ends_are_told_from_paragraphs() {
        for line in [
            "Par Le Figaro avec AFP",
            "Par Maud Ferrandier (Lyon, correspondance)",
            "By Reuters",
            "By Ann Gray, political editor",
        ] {
            assert!(is_byline(line), "{line}");
        }
        for line in
            ["Par temps de gel à Lyon", "Parlons de Vire", "Par Toutatis, il gagne !", "par ici"]
        {
            assert!(!is_byline(line), "{line}");
        }
        assert!(
            is_date("Publié le 5 mars 2026 à 14:32") && is_date("Mis à jour le 05/03/2026 à 15h02")
        );
        assert!(
            is_date("Stand: 23.05.2014, 13:10 Uhr") && is_date("23. Mai 2014 · Lesezeit: 3 Min.")
        );
        assert!(!is_date("Publié le 5 mars 2026, le rapport accable la mairie de Vire."));
        for line in [
            "bur-abc/def/ghi",
            "(Avec AFP)",
            "Tous droits de reproduction et de représentation réservés.",
        ] {
            assert!(is_foot(line), "{line}");
        }
        for line in ["Avec lui, tout change.", "peut-être", "Avec le temps"] {
            assert!(!is_foot(line), "{line}");
        }
    }
}
