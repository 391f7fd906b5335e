//! From a word to its stem, language by language.
//!
//! French and English fold first and stem then, so that a query without accents meets the same
//! stem. In most other languages the endings carry the accents («eleições», «правительство» with
//! its й, «città»), and a stemmer that is given folded words misses them: these stem what was
//! written, and fold the stem.

use std::borrow::Cow;

use depeche_text::fold_into;
use frostem::Stemmer;
use unicode_normalization::UnicodeNormalization as _;

use super::{Family, french, korean};
use crate::{script::Script, words::WORD_BYTES_MAX};

/// The stem of a word in a text of `family`, marked. `form` is the word folded, `written` as it
/// stands in the text.
pub(crate) fn stem(family: Family, form: &str, written: &str) -> String {
    let family = family.takes(Script::of(form));
    let letters = if folds_first(family) { String::new() } else { letters(family, written) };
    marked(family, &own_stem(family, form, &letters))
}

/// The stems a word may be indexed under, whatever the language of the document: those of all
/// languages in its script. Where the stem of the folded word is another one it is among them, for
/// whoever types without accents, or finds a text without.
pub(crate) fn stems(form: &str, written: &str) -> Vec<String> {
    let plain = letters(Family::Other, written);
    let mut stems = Vec::with_capacity(24);
    for family in Family::written_in(Script::of(form)) {
        let own = (family == Family::Turkish).then(|| letters(family, written));
        let letters = own.as_ref().unwrap_or(&plain);
        let stem = own_stem(family, form, letters);
        if !folds_first(family) && letters != form {
            let folded = own_stem(family, form, form);
            if folded != stem {
                stems.push(marked(family, &folded));
            }
        }
        stems.push(marked(family, &stem));
    }
    stems
}

/// Whether the stem depends on the folded word only.
pub(crate) fn folds_first(family: Family) -> bool {
    use Family::{Chinese, English, French, Japanese, Korean, Other};
    matches!(family, French | English | Chinese | Japanese | Korean | Other)
}

fn marked(family: Family, stem: &str) -> String {
    let mut marked = String::with_capacity(stem.len() + 1);
    marked.push_str(family.mark());
    marked.push_str(stem);
    marked
}

/// The stem without the mark of a word in the script of `family`.
fn own_stem<'a>(family: Family, form: &'a str, letters: &str) -> Cow<'a, str> {
    match (family, family.algorithm()) {
        (Family::French, Some(algorithm)) if is_plain(form) => match french::prepared(form) {
            Cow::Borrowed(form) => Stemmer::new(algorithm).stem(form),
            Cow::Owned(form) => Stemmer::new(algorithm).stem(&form).into_owned().into(),
        },
        (Family::English, Some(algorithm)) if is_plain(form) => Stemmer::new(algorithm).stem(form),
        (Family::French | Family::English, _) => form.into(),
        (_, Some(algorithm)) => {
            let word = trimmed(family, letters);
            match refolded(family, &Stemmer::new(algorithm).stem(&word)) {
                stem if stem.is_empty() => form.into(),
                stem => stem.into(),
            }
        }
        (Family::Korean, None) => korean::noun(form).into(),
        (Family::Japanese, None) => without_long_vowel(form).into(),
        (_, None) => form.into(),
    }
}

/// Numbers have no stem, and other alphabets none in these languages.
fn is_plain(form: &str) -> bool {
    form.bytes().all(|b| b.is_ascii_lowercase())
}

/// The letters of a word as its stemmer wants them: small, composed, without the dots of an
/// acronym, hyphens, tatweels and what else only adorns.
fn letters(family: Family, written: &str) -> String {
    let turkish = family == Family::Turkish;
    // What follows the apostrophe of a Turkish name are endings: «İstanbul'da».
    let end = if turkish { written.find(['\'', '’']) } else { None };
    let written = written.get(..end.unwrap_or(written.len())).unwrap_or_default();
    let mut letters = String::with_capacity(written.len() + 4);
    if !turkish && written.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        letters.push_str(written.get(..written.len().min(WORD_BYTES_MAX)).unwrap_or_default());
        letters.make_ascii_lowercase();
        return letters;
    }
    for c in written.nfkc().filter(|c| c.is_alphabetic() && *c != 'ـ') {
        match c {
            'I' if turkish => letters.push('ı'),
            'İ' => letters.push('i'),
            // Greek endings have their sigma by the place, which capitals do not know.
            'Σ' | 'ς' => letters.push('σ'),
            'أ' | 'إ' | 'آ' | 'ٱ' => letters.push('ا'),
            _ => letters.extend(c.to_lowercase()),
        }
        if letters.len() > WORD_BYTES_MAX {
            break;
        }
    }
    letters
}

/// A word without what its stemmer stumbles over: plurals like «eleições», whose stem is not that
/// of «eleição», and the Arabic article, after which it takes off other endings.
fn trimmed(family: Family, letters: &str) -> Cow<'_, str> {
    match family {
        Family::Portuguese => {
            let endings = ["ões", "ães", "oes", "aes"].into_iter();
            let plain = endings.filter_map(|ending| letters.strip_suffix(ending)).next();
            plain.map_or(letters.into(), |plain| format!("{plain}ão").into())
        }
        Family::Arabic => {
            let articles = ["وال", "بال", "كال", "فال", "لل", "ال"].into_iter();
            let mut bare = articles.filter_map(|article| letters.strip_prefix(article));
            bare.find(|bare| bare.chars().count() >= 3).unwrap_or(letters).into()
        }
        _ => letters.into(),
    }
}

/// A stem without its accents.
fn refolded(family: Family, stem: &str) -> String {
    let mut folded = String::with_capacity(stem.len());
    fold_into(stem, &mut folded);
    match family {
        Family::Arabic => folded.replace('ة', "ه").replace('ى', "ي"),
        Family::Greek => folded.replace('ς', "σ"),
        _ => folded,
    }
}

/// «サーバー» is «サーバ» to many.
fn without_long_vowel(form: &str) -> &str {
    form.strip_suffix('ー').filter(|rest| rest.chars().count() >= 3).unwrap_or(form)
}
