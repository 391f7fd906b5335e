//! From a folded word to the terms it is indexed under and searched by.
//!
//! Every word is indexed as the stem of its language, and where that is another word, as the form
//! it was written in too. The stem finds «coalition» by «coalitions», the form lets the exact word
//! rank first. Folding comes before stemming, so that a query without accents meets the same stem.

use frostem::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

/// The languages that have a stemmer of their own; every other one is searched by its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    French,
    English,
    Other,
}

/// Stems remembered before the memory is emptied: the forms of some weeks of a newspaper, about
/// 4 MB. Stemming is the dearest step of indexing, and most words of an article were seen before.
const REMEMBERED_MAX: usize = 1 << 16;

impl Family {
    pub(crate) fn of(language: Option<&str>) -> Self {
        match language.map(|tag| tag.split(['-', '_']).next().unwrap_or(tag)) {
            // An item without a language is most likely in that of the house.
            None | Some("fr") => Self::French,
            Some("en") => Self::English,
            Some(_) => Self::Other,
        }
    }

    fn stemmer(self) -> Option<Stemmer> {
        match self {
            Self::French => Some(Stemmer::new(Algorithm::French)),
            Self::English => Some(Stemmer::new(Algorithm::English)),
            Self::Other => None,
        }
    }

    /// The stem of a folded form, marked with its language: an English stem must not meet the
    /// French one that happens to be spelled like it, which measurably hurts.
    pub(crate) fn stem(self, form: &str) -> String {
        let mut marked = String::with_capacity(form.len() + 1);
        marked.push_str(self.mark());
        match self.stemmer() {
            Some(stemmer) if is_stemmed(form) => marked.push_str(&stemmer.stem(form)),
            _ => marked.push_str(form),
        }
        marked
    }

    /// Comes before a stem; no word begins with such a sign ([`is_form`] takes it off).
    fn mark(self) -> &'static str {
        match self {
            Self::French => "",
            Self::English => "+",
            Self::Other => "=",
        }
    }
}

/// The stems that one folded form may be indexed under, whatever the language of the document.
pub(crate) fn stems(form: &str) -> Vec<String> {
    [Family::French, Family::English, Family::Other].map(|family| family.stem(form)).to_vec()
}

/// The stems that are this form itself, in every language.
pub(crate) fn as_stems(form: &str) -> [String; 3] {
    [Family::French, Family::English, Family::Other]
        .map(|family| format!("{}{form}", family.mark()))
}

/// Whether a stem is the form itself: then the form is not indexed beside it.
pub(crate) fn is_form(stem: &str, form: &str) -> bool {
    stem.strip_prefix(['+', '=']).unwrap_or(stem) == form
}

/// Numbers have no stem, and other alphabets none in these languages.
fn is_stemmed(form: &str) -> bool {
    form.bytes().all(|b| b.is_ascii_lowercase())
}

/// Stems the words of one language and remembers them.
pub(crate) struct Stems {
    family: Family,
    /// Where the stem of each form stands in `stems`, and its length.
    known: FxHashMap<Box<str>, (u32, u8)>,
    stems: String,
}

impl Stems {
    pub(crate) fn new(family: Family) -> Self {
        Self { family, known: FxHashMap::default(), stems: String::new() }
    }

    pub(crate) fn stem(&mut self, form: &str) -> &str {
        let (start, length) = match self.known.get(form) {
            Some(&known) => known,
            None => self.learn(form),
        };
        let start = start as usize;
        self.stems.get(start..start + usize::from(length)).unwrap_or_default()
    }

    #[cold]
    fn learn(&mut self, form: &str) -> (u32, u8) {
        if self.known.len() >= REMEMBERED_MAX {
            self.known.clear();
            self.stems.clear();
        }
        let stem = self.family.stem(form);
        let place = (self.stems.len() as u32, stem.len() as u8);
        self.stems.push_str(&stem);
        self.known.insert(form.into(), place);
        place
    }
}

/// Words that are not indexed: articles, prepositions, pronouns, and the commonest of English. One
/// list for all languages, since nobody knows that of a query; so nothing that means something in
/// another one («or», «an», «car»), and no form of «avoir» and «être», among which are the
/// season «été», the point of the compass «est», the «sommes» and the «avions».
pub(crate) fn is_stop(form: &str) -> bool {
    match form.len() {
        1 => matches!(form, "l" | "d" | "a" | "c" | "j" | "m" | "t" | "s" | "y" | "n"),
        2 => matches!(
            form,
            "le" | "la"
                | "un"
                | "de"
                | "du"
                | "au"
                | "et"
                | "ou"
                | "ce"
                | "il"
                | "on"
                | "tu"
                | "je"
                | "me"
                | "te"
                | "se"
                | "en"
                | "ne"
                | "qu"
                | "sa"
                | "ma"
                | "ta"
                | "of"
                | "to"
                | "in"
                | "is"
                | "by"
        ),
        3 => matches!(
            form,
            "les"
                | "une"
                | "des"
                | "aux"
                | "cet"
                | "ces"
                | "que"
                | "qui"
                | "par"
                | "sur"
                | "lui"
                | "ses"
                | "mes"
                | "the"
                | "and"
                | "for"
                | "was"
        ),
        4 => matches!(
            form,
            "elle"
                | "nous"
                | "vous"
                | "dans"
                | "pour"
                | "avec"
                | "leur"
                | "with"
                | "from"
                | "that"
                | "this"
        ),
        5 => matches!(form, "cette" | "elles" | "leurs" | "notre" | "votre"),
        _ => false,
    }
}

/// Words of a question that say little about its answer. They are indexed and searched, and weigh
/// less: «Quel été fut le plus chaud ?» is about the heat.
pub(crate) fn is_faint(form: &str) -> bool {
    matches!(
        form,
        "quel"
            | "quelle"
            | "quels"
            | "quelles"
            | "lequel"
            | "laquelle"
            | "combien"
            | "comment"
            | "pourquoi"
            | "quand"
            | "quoi"
            | "est"
            | "sont"
            | "etait"
            | "etaient"
            | "ete"
            | "fut"
            | "ont"
            | "avait"
            | "what"
            | "which"
            | "who"
            | "when"
            | "where"
            | "why"
            | "how"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(Family::French.stem(a), Family::French.stem(b));
    }

    #[test]
    fn inflected_forms_have_one_stem() {
        same("coalitions", "coalition");
        same("journaux", "journal");
        same("chevaux", "cheval");
        same("prefete", "prefetes");
        assert_eq!(Family::of(Some("en-GB")), Family::English);
        assert_eq!(Family::of(None), Family::French);
        assert_eq!(Family::English.stem("running"), "+run");
        assert_eq!(Family::Other.stem("wahlen"), "=wahlen");
        assert_eq!(Family::French.stem("2016"), "2016");
        assert!(
            is_form("+run", "run") && is_form("otan", "otan") && !is_form("coalit", "coalition")
        );
    }

    #[test]
    fn words_that_news_is_made_of_are_no_stop_words() {
        for word in ["avions", "ete", "est", "sommes", "or", "an", "car", "fut", "son", "pas"] {
            assert!(!is_stop(word), "{word}");
        }
        assert!(is_stop("les") && is_stop("dans") && is_stop("the"));
    }
}
