//! The languages that have a chain of their own.

use frostem::Algorithm;

use crate::script::Script;

/// A language with a chain of its own; words of every other one are searched as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    French,
    English,
    German,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
    Polish,
    Swedish,
    Danish,
    Norwegian,
    Finnish,
    Hungarian,
    Romanian,
    Czech,
    Turkish,
    Russian,
    Ukrainian,
    Greek,
    Arabic,
    Chinese,
    Japanese,
    Korean,
    Other,
}

/// What there is to know of a family.
struct Row {
    family: Family,
    /// The first subtags of its languages.
    tags: &'static [&'static str],
    /// Comes before its stems.
    mark: &'static str,
    script: Script,
    algorithm: Option<Algorithm>,
}

const fn row(
    family: Family,
    tags: &'static [&'static str],
    mark: &'static str,
    script: Script,
    algorithm: Option<Algorithm>,
) -> Row {
    Row { family, tags, mark, script, algorithm }
}

/// All families, in the order of their names above. The commonest of our wires come first: a word
/// of a text is compared with the query family by family.
static ROWS: &[Row] = &[
    row(Family::French, &["fr"], "", Script::Latin, Some(Algorithm::French)),
    row(Family::English, &["en"], "+", Script::Latin, Some(Algorithm::English)),
    row(Family::German, &["de"], "G", Script::Latin, Some(Algorithm::German)),
    row(Family::Spanish, &["es"], "S", Script::Latin, Some(Algorithm::Spanish)),
    row(Family::Italian, &["it"], "I", Script::Latin, Some(Algorithm::Italian)),
    row(Family::Portuguese, &["pt"], "P", Script::Latin, Some(Algorithm::Portuguese)),
    row(Family::Dutch, &["nl"], "N", Script::Latin, Some(Algorithm::Dutch)),
    row(Family::Polish, &["pl"], "L", Script::Latin, Some(Algorithm::Polish)),
    row(Family::Swedish, &["sv"], "W", Script::Latin, Some(Algorithm::Swedish)),
    row(Family::Danish, &["da"], "D", Script::Latin, Some(Algorithm::Danish)),
    row(Family::Norwegian, &["no", "nb", "nn"], "B", Script::Latin, Some(Algorithm::Norwegian)),
    row(Family::Finnish, &["fi"], "F", Script::Latin, Some(Algorithm::Finnish)),
    row(Family::Hungarian, &["hu"], "H", Script::Latin, Some(Algorithm::Hungarian)),
    row(Family::Romanian, &["ro", "mo"], "R", Script::Latin, Some(Algorithm::Romanian)),
    row(Family::Czech, &["cs"], "C", Script::Latin, Some(Algorithm::Czech)),
    row(Family::Turkish, &["tr"], "T", Script::Latin, Some(Algorithm::Turkish)),
    row(Family::Russian, &["ru"], "U", Script::Cyrillic, Some(Algorithm::Russian)),
    row(Family::Ukrainian, &["uk"], "K", Script::Cyrillic, Some(Algorithm::Ukrainian)),
    row(Family::Greek, &["el"], "Q", Script::Greek, Some(Algorithm::Greek)),
    row(Family::Arabic, &["ar"], "A", Script::Arabic, Some(Algorithm::Arabic)),
    row(Family::Chinese, &["zh", "yue", "cmn"], "Z", Script::Han, None),
    row(Family::Japanese, &["ja"], "J", Script::Han, None),
    row(Family::Korean, &["ko"], "O", Script::Hangul, None),
    row(Family::Other, &[], "=", Script::Other, None),
];

/// How many families there are.
pub(crate) const FAMILIES: usize = ROWS.len();

impl Family {
    /// The family of a language as BCP 47 names it.
    pub(crate) fn of(language: Option<&str>) -> Self {
        // An item without a language is most likely in that of the house.
        let Some(tag) = language else { return Self::French };
        let tag = tag.split(['-', '_']).next().unwrap_or(tag);
        let row = ROWS.iter().find(|row| row.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)));
        row.map_or(Self::Other, |row| row.family)
    }

    /// All families, by their numbers.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.family)
    }

    /// The families whose words are written in a script, and the one that takes all others.
    pub(crate) fn written_in(script: Script) -> impl Iterator<Item = Self> {
        Self::all().filter(move |family| family.takes(script) == *family)
    }

    /// The family that a word in this script counts to in a text of this family: figures are the
    /// same in all, and a Greek word in a Dutch text has no Dutch stem.
    pub(crate) fn takes(self, script: Script) -> Self {
        match script {
            Script::Figures => Self::French,
            _ if script == self.row().script => self,
            _ => Self::Other,
        }
    }

    /// Comes before a stem: a stem of one language must not meet that of another one that happens
    /// to be spelled like it, which measurably hurts. No word begins with such a sign.
    pub(crate) fn mark(self) -> &'static str {
        self.row().mark
    }

    pub(crate) fn algorithm(self) -> Option<Algorithm> {
        self.row().algorithm
    }

    /// The place of this family among all.
    pub(crate) fn number(self) -> usize {
        self as usize
    }

    fn row(self) -> &'static Row {
        static OTHER: Row = row(Family::Other, &[], "=", Script::Other, None);
        ROWS.get(self.number()).unwrap_or(&OTHER)
    }
}

/// Takes the mark of its family off a stem.
pub(crate) fn unmarked(stem: &str) -> &str {
    if is_marked(stem) { stem.get(1..).unwrap_or_default() } else { stem }
}

/// Which family a stem is marked for.
pub(crate) fn family_of(stem: &str) -> Family {
    let mark = stem.get(..1).filter(|_| is_marked(stem));
    let marked = mark.and_then(|mark| ROWS.iter().find(|row| row.mark == mark));
    marked.map_or(Family::French, |row| row.family)
}

fn is_marked(stem: &str) -> bool {
    matches!(stem.as_bytes().first(), Some(b'A'..=b'Z' | b'+' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_place_and_its_mark() {
        for (number, row) in ROWS.iter().enumerate() {
            assert_eq!(row.family.number(), number);
            assert_eq!(family_of(&format!("{}stem", row.mark)), row.family);
            assert_eq!(unmarked(&format!("{}stem", row.mark)), "stem");
        }
    }

    #[test]
    fn languages_by_their_tags() {
        for (tag, family) in [
            ("fr-CA", Family::French),
            ("en_GB", Family::English),
            ("PT-br", Family::Portuguese),
            ("nb", Family::Norwegian),
            ("zh-Hant-TW", Family::Chinese),
            ("th", Family::Other),
            ("", Family::Other),
        ] {
            assert_eq!(Family::of(Some(tag)), family, "{tag}");
        }
        assert_eq!(Family::of(None), Family::French);
    }

    #[test]
    fn a_word_is_sought_where_its_script_is_written() {
        let found = |script| Family::written_in(script).collect::<Vec<_>>();
        assert_eq!(found(Script::Figures), [Family::French]);
        assert_eq!(found(Script::Han), [Family::Chinese, Family::Japanese, Family::Other]);
        assert_eq!(found(Script::Cyrillic), [Family::Russian, Family::Ukrainian, Family::Other]);
        assert_eq!(found(Script::Latin).len(), 17);
        assert_eq!(Family::Dutch.takes(Script::Greek), Family::Other);
    }
}
