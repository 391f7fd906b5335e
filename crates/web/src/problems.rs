//! What was not understood, in sentences: each stable word of a problem has one in French and in English.

use crate::words::{self, Language};

/// A problem as the pages tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) sentence: &'static str,
    /// The reader's own words, for whoever has to mend it.
    pub(crate) detail: String,
}

/// Tells a problem written as `word` or `word: detail`.
pub(crate) fn told(problem: &str, language: Language) -> Told {
    let (word, detail) = problem.split_once(": ").unwrap_or((problem, ""));
    let known = words::sentence(SENTENCES, word, language);
    // What has no sentence here keeps its word.
    let detail = if known.is_some() { detail } else { problem };
    let [french, english] = UNKNOWN;
    let sentence = known.unwrap_or(language.of(french, english));
    Told { sentence, detail: detail.to_owned() }
}

/// A problem for the terminal: its sentence, and the detail in brackets.
pub fn problem_in_english(problem: &str) -> String {
    let Told { sentence, detail } = told(problem, Language::English);
    if detail.is_empty() { sentence.to_owned() } else { format!("{sentence} ({detail})") }
}

const UNKNOWN: [&str; 2] = ["Une partie n’a pas été comprise.", "A part was not understood."];

/// The words of `depeche_news::Problem`: in French, in English.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("refused", "Ce n’est rien de ce qui est lu ici.", "This is nothing that is read here."),
    ("incomplete", "Le document s’interrompt avant sa fin.", "The document ends before its end."),
    (
        "bad_input",
        "Une ligne n’est pas écrite comme il faut.",
        "A line is not written as it should be.",
    ),
    (
        "panic",
        "Dépêche a été mis en défaut\u{202f}; le document est conservé.",
        "It made Dépêche fail; the document is kept.",
    ),
    ("missing_field", "Une indication nécessaire manque.", "Something that is needed is missing."),
    ("missing_element", "Un élément nécessaire manque.", "An element that is needed is missing."),
    (
        "missing_content",
        "Un article n’a ni titre ni texte.",
        "An article has neither headline nor text.",
    ),
    ("missing_guid", "Un article n’a pas d’identifiant.", "An article has no identity."),
    (
        "missing_version",
        "Un article n’a pas de numéro de version.",
        "An article has no version number.",
    ),
    (
        "damaged_text",
        "Des caractères étaient abîmés et sont remplacés.",
        "Characters were damaged and are replaced.",
    ),
    ("conflict", "Deux indications se contredisent.", "Two statements contradict each other."),
    ("unreadable_date", "Une date n’a pas pu être lue.", "A date could not be read."),
    ("bad_urgency", "Un degré d’urgence n’existe pas.", "A degree of urgency does not exist."),
    ("unreadable", "Le fichier n’a pas pu être lu.", "The file could not be read."),
    (
        "too_large",
        "Le document est trop grand\u{202f}; la suite n’a pas été lue.",
        "The document is too large; the rest was not read.",
    ),
    ("passed_over", "Une partie a été laissée de côté.", "A part was passed over."),
    (
        "no_body",
        "Un article n’a pas de texte, seulement un titre.",
        "An article has no text, only a headline.",
    ),
    (
        "declared_text_differs",
        "Une page déclare un autre texte que celui qu’elle montre\u{202f}; celui-ci est gardé.",
        "A page declares another text than the one it shows; the latter is kept.",
    ),
    (
        "no_news",
        "Un message sans titre ni texte n’est pas pris.",
        "A message without headline and text is not taken.",
    ),
    ("no_item", "Il n’y a aucun article dedans.", "There is no article in it."),
    ("no_address", "Un article n’a pas d’adresse.", "An article has no address."),
    ("bad_address", "Une adresse n’en est pas une.", "An address is not one."),
    ("bad_code", "Un code n’en est pas un.", "A code is not one."),
    ("not_a_feed", "Ce n’est pas un fil d’information.", "This is not a news feed."),
    (
        "wrong_type",
        "Une indication n’est pas du genre attendu.",
        "A statement is not of the kind that is expected.",
    ),
    (
        "unknown_version",
        "Le format est d’une version inconnue.",
        "The format is of an unknown version.",
    ),
    (
        "unknown_status",
        "Le statut d’un article est inconnu.",
        "The status of an article is unknown.",
    ),
    ("unknown_value", "Une indication a une valeur inconnue.", "A statement has an unknown value."),
    ("unknown_field", "Une indication est inconnue.", "A statement is unknown."),
    ("unknown_element", "Un élément est inconnu.", "An element is unknown."),
    (
        "nested_too_deep",
        "Des éléments sont emboîtés trop profondément.",
        "Elements are nested too deep.",
    ),
    ("more_problems", "D’autres difficultés du même genre.", "More difficulties of the same kind."),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word that is given to `Problem::new` by `formats`, `extract`, `ingest` and the import, directly or by
    /// the functions that an agency's formats tell theirs with (docs/design/017-agency.md).
    const MADE: &[&str] = &[
        "refused",
        "incomplete",
        "bad_input",
        "panic",
        "unreadable",
        "too_large",
        "not_a_feed",
        "damaged_text",
        "passed_over",
        "no_body",
        "declared_text_differs",
        "no_address",
        "bad_address",
        "missing_guid",
        "missing_version",
        "missing_content",
        "missing_element",
        "missing_field",
        "unknown_status",
        "unknown_version",
        "unknown_value",
        "unknown_field",
        "unknown_element",
        "unreadable_date",
        "bad_urgency",
        "bad_code",
        "wrong_type",
        "conflict",
        "nested_too_deep",
        "no_item",
        "no_news",
        "more_problems",
    ];

    #[test]
    fn each_word_that_is_made_has_its_own_sentence_and_no_other_has_one() {
        for word in MADE {
            for (language, unknown) in Language::ALL.into_iter().zip(UNKNOWN) {
                assert_ne!(told(word, language).sentence, unknown, "{word}");
            }
        }
        for (word, ..) in SENTENCES {
            assert!(MADE.contains(word), "{word} is made by nobody");
        }
    }

    #[test]
    fn each_word_has_its_sentence_and_keeps_its_detail() {
        let french = |problem: &str| told(problem, Language::French);
        let missing = french("missing_content: neither headline nor text: urn:a");
        assert_eq!(missing.sentence, "Un article n’a ni titre ni texte.");
        assert_eq!(missing.detail, "neither headline nor text: urn:a");
        assert_eq!(french("no_body").detail, "");
        assert_eq!(told("no_item", Language::English).sentence, "There is no article in it.");
        assert_eq!(french("some_later_word: x").detail, "some_later_word: x");
        for (word, french, english) in SENTENCES {
            assert!(french.ends_with('.') && english.ends_with('.'), "{word}");
            assert_eq!(depeche_text::typeset(french, Some("fr")), *french, "{word}");
        }
    }
}
