//! Whether a plain text says anything: whatever is no other format looks like one, tables of numbers and lists of
//! settings too.

use depeche_news::limits::ingest::{PROSE_LINES_MAX, PROSE_WORDS_MAX};

/// Whether a text has a line that reads like a sentence, and is no table.
pub(crate) fn has_prose(text: &str) -> bool {
    let lines = || {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.take(PROSE_LINES_MAX)
    };
    !SEPARATORS.iter().any(|separator| is_table(lines(), *separator)) && lines().any(is_sentence)
}

/// Whether lines that a table's mark stands in as often are sentences all the same, a headline before them: «Le maire,
/// élu jeudi, démissionne.» has two commas, as has the next line.
fn are_sentences<'t>(lines: impl Iterator<Item = &'t str>, mark: char) -> bool {
    lines.enumerate().all(|(at, line)| {
        let fields = || line.split(mark).skip(1);
        let ends = line.trim_end_matches(['»', '"', ' ', '\u{a0}']).ends_with(['.', '!', '?', '…']);
        is_sentence(line) && (ends || at == 0) && fields().all(|after| after.starts_with(' '))
    })
}

/// What parts the fields of a table, and how often it stands in a line of one; commas stand in sentences too.
const SEPARATORS: [(char, usize); 4] = [(';', 1), ('\t', 1), ('|', 1), (',', 2)];

/// Whether all lines but one in ten have the same number of fields, two lines at least.
fn is_table<'t>(
    lines: impl Iterator<Item = &'t str> + Clone,
    (separator, least): (char, usize),
) -> bool {
    let counts: Vec<usize> = lines.clone().map(|line| line.matches(separator).count()).collect();
    let first = counts.first().copied().unwrap_or_default();
    let same = counts.iter().filter(|count| **count == first).count();
    first >= least && same >= 2 && same * 10 >= counts.len() * 9 && !are_sentences(lines, separator)
}

/// Whether a line has three words, or two and an end, and they are most of it.
fn is_sentence(line: &str) -> bool {
    let parts = || line.split_whitespace().take(PROSE_WORDS_MAX);
    let words = parts().filter(|part| is_word(part)).count();
    let ends = line.ends_with(['.', '!', '?', '…', '»', '"']);
    // Where words are not parted by spaces, letters are counted.
    let unparted =
        line.chars().take(PROSE_WORDS_MAX).filter(|c| *c > '\u{e00}' && c.is_alphabetic()).count();
    (words >= 3 || (words == 2 && ends)) && words * 2 >= parts().count() || unparted >= UNPARTED_MIN
}

/// Letters of a script without spaces that make a sentence.
const UNPARTED_MIN: usize = 8;

fn is_word(part: &str) -> bool {
    let bare = part.trim_matches(|c: char| !c.is_alphanumeric());
    !bare.is_empty() && bare.chars().all(|c| c.is_alphabetic() || "'’-‑.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_sentences() {
        for text in [
            "Le pont rouvre.",
            "SEISME DE MAGNITUDE 6 AU LARGE DU JAPON",
            "Sète : 12 morts, 3 blessés dans un accident",
            "Un texte.\n\nDeux lignes.",
            "Sète, Agde, Frontignan\n\nLe port, la plage, la gare sont fermés, dit-on.\nFin, enfin.",
            "Résultats\n1;2;3\nLe maire a été élu jeudi soir.",
            "Le maire, élu jeudi, démissionne.\n\nLe préfet, interrogé, se tait.",
            "Le maire, élu jeudi, démissionne\n\nLe préfet, interrogé, s'est dit « surpris. »",
            "地震が東北地方で発生しました",
        ] {
            assert!(has_prose(text), "{text}");
        }
    }

    #[test]
    fn a_table_has_none() {
        for text in [
            "a;b;c\n1;2;3",
            "a;b;c\n1;2;3\n",
            "Nom du client;Ville de naissance\nJean de la Fontaine;Château-Thierry",
            "un,deux,trois\n1,2,3\n4,5,6",
            "1 2 3 4\n5 6 7 8",
            "ville\tnombre de gens\nSète\t44000",
            "cle = valeur",
            "Nom du client, sa ville, son mot\nJean de Sète, Agde, Tout va bien.\nAnne de Lodève, Pau, Rien",
            "Nom du client,sa ville,son mot\nJean de Sète,Agde,Tout va bien.\nAnne de Pau,Pau,Rien ne va.",
            "[1, 2]",
            "ok",
            "",
        ] {
            assert!(!has_prose(text), "{text}");
        }
    }
}
