//! Names that newspapers spell in several ways, joined when a query is read.
//!
//! Only transcriptions of one name that are no word of their own: «EI» is not here, nor is any
//! pair that a reader may want to tell apart.

/// Spellings of one name a line, folded; one word each, since a query is looked at word by word.
const SPELLINGS: &[&[&str]] = &[
    &["raqa", "raqqa", "rakka", "racca"],
    &["mossoul", "mosul", "mossul"],
    &["daech", "daesh", "daich"],
    &["kiev", "kyiv"],
    &["kharkiv", "kharkov"],
    &["odessa", "odesa"],
    &["lviv", "lvov"],
    &["alep", "aleppo"],
    &["kadhafi", "khadafi", "gaddafi", "qaddafi"],
    &["assad", "asad"],
    &["poutine", "putin"],
    &["eltsine", "yeltsin"],
    &["zelensky", "zelenski", "zelenskyy", "zelenskiy"],
    &["navalny", "navalni"],
    &["netanyahou", "netanyahu", "netanyaou"],
    &["khamenei", "khameini"],
    &["hezbollah", "hizbollah", "hizballah"],
    &["houthis", "houthistes", "huthis"],
    &["peshmerga", "peshmergas", "pechmerga", "pechmergas"],
    &["pekin", "beijing"],
    &["birmanie", "myanmar"],
    &["kaboul", "kabul"],
    &["teheran", "tehran"],
    &["bagdad", "baghdad"],
    &["beyrouth", "beirut"],
    &["tripoli", "tarabulus"],
    &["djihadiste", "jihadiste"],
    &["djihadistes", "jihadistes"],
    &["djihad", "jihad"],
];

/// The other spellings of a folded name.
pub(crate) fn others(form: &str) -> impl Iterator<Item = &'static str> {
    let spellings = SPELLINGS.iter().find(|spellings| spellings.contains(&form));
    let others: Vec<_> = spellings
        .map(|all| all.iter().copied().filter(|other| *other != form).collect())
        .unwrap_or_default();
    others.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_knows_its_other_spellings() {
        assert_eq!(others("rakka").collect::<Vec<_>>(), ["raqa", "raqqa", "racca"]);
        assert_eq!(others("paris").count(), 0);
    }

    #[test]
    fn every_spelling_is_one_folded_word_and_stands_once() {
        let mut all: Vec<_> = SPELLINGS.iter().flat_map(|s| s.iter().copied()).collect();
        assert!(all.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
