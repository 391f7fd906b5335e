//! Names that newspapers spell in several ways, joined when a query is read.
//!
//! A table of our own, which the operator of a wire can extend by a file (`spellings.txt`); a name may have several words.

use std::{collections::HashMap, sync::OnceLock};

use crate::query::{Word, words};

/// Most lines of an operator's table that are read.
const LINES_MAX: usize = 10_000;

/// Most spellings of one name: each of them stands for all others.
const SPELLINGS_MAX: usize = 32;

/// Most words of one name.
const NAME_WORDS_MAX: usize = 6;

const SPELLINGS: &[&[&str]] = &[
    &["raqa", "raqqa", "rakka", "racca"],
    &["mossoul", "mosul", "mossul"],
    &["daech", "daesh", "daich", "ei", "isis", "etat islamique", "islamic state"],
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
    &["otan", "nato"],
    &["opep", "opec"],
    &["al-qaida", "al-qaeda", "al-qaïda"],
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

/// Names and their spellings.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    /// The spellings of each name, as words.
    names: Vec<Vec<Vec<Word>>>,
    /// The names, and which spelling of it, by the first word.
    by_first: HashMap<String, Vec<(usize, usize)>>,
}

impl Spellings {
    /// Reads a table: the spellings of one name a line, with `=` between them; `#` begins a remark. What is no such line is
    /// told by its number, from 1.
    pub fn read(text: &str) -> (Self, Vec<usize>) {
        let mut spellings = Self::default();
        let mut wrong = Vec::new();
        for (number, line) in text.lines().take(LINES_MAX).enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            let names: Vec<&str> = line.split('=').map(str::trim).collect();
            if !line.is_empty() && !spellings.add(&names) {
                wrong.push(number + 1);
            }
        }
        (spellings, wrong)
    }

    /// Our own table.
    pub(crate) fn ours() -> &'static Self {
        static OURS: OnceLock<Spellings> = OnceLock::new();
        OURS.get_or_init(|| {
            let mut ours = Self::default();
            for names in SPELLINGS {
                ours.add(names);
            }
            ours
        })
    }

    /// Adds a name; false where it has fewer than two spellings or too many, or one without a word.
    fn add(&mut self, names: &[&str]) -> bool {
        if !(2..=SPELLINGS_MAX).contains(&names.len()) {
            return false;
        }
        let spelled: Vec<Vec<Word>> = names.iter().map(|name| words(name, &mut 0)).collect();
        let right = |words: &Vec<Word>| (1..=NAME_WORDS_MAX).contains(&words.len());
        if !spelled.iter().all(right) {
            return false;
        }
        for (which, words) in spelled.iter().enumerate() {
            let first = words.first().map(|word| word.form().to_owned()).unwrap_or_default();
            self.by_first.entry(first).or_default().push((self.names.len(), which));
        }
        self.names.push(spelled);
        true
    }

    /// Lets words that are a name, or parts of one, stand for its other spellings too.
    pub(crate) fn join(&self, words: &mut [Word]) {
        for start in 0..words.len() {
            let Some(first) = words.get(start) else { return };
            let Some(known) = self.by_first.get(first.form()) else { continue };
            for (name, which) in known {
                let Some(spellings) = self.names.get(*name) else { continue };
                let Some(ours) = spellings.get(*which) else { continue };
                let Some(said) = words.get_mut(start..start + ours.len()) else { continue };
                if !is_said(said, ours) {
                    continue;
                }
                let others = spellings.iter().enumerate().filter(|(other, _)| other != which);
                for (_, other) in others {
                    said.iter_mut().for_each(|word| word.stand_for(other));
                }
            }
        }
    }
}

/// Whether these words are that name: the same words, as far apart.
fn is_said(said: &[Word], name: &[Word]) -> bool {
    let apart = |words: &[Word], word: &Word| {
        words.first().map(|first| word.place.wrapping_sub(first.place))
    };
    said.iter()
        .zip(name)
        .all(|(word, own)| word.form() == own.form() && apart(said, word) == apart(name, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str, spellings: &Spellings) -> String {
        let mut words = words(text, &mut 0);
        spellings.join(&mut words);
        let shown = |word: &Word| {
            let phrases = word.phrases.iter().map(|phrase| {
                let forms: Vec<&str> = phrase.iter().map(Word::form).collect();
                format!("\"{}\"", forms.join(" "))
            });
            let forms = word.forms.iter().filter(|form| !form.starts_with('-')).cloned();
            let all: Vec<String> = forms.chain(phrases).collect();
            all.join("|")
        };
        words.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_name_stands_for_its_other_spellings() {
        let ours = Spellings::ours();
        assert_eq!(joined("Rakka", ours), "rakka|raqa|raqqa|racca");
        assert_eq!(joined("paris", ours), "paris");
        assert_eq!(
            joined("ei", ours),
            "ei|daech|daesh|daich|isis|\"etat islamique\"|\"islamic state\""
        );
        let both = "|daech|daesh|daich|ei|isis|\"islamic state\"";
        assert_eq!(joined("l'État islamique", ours), format!("etat{both} islamique{both}"));
        assert_eq!(joined("un état très islamique", ours), "etat tres islamique");
    }

    #[test]
    fn an_operators_table() {
        let (table, wrong) = Spellings::read(
            "# les nôtres\nMairie = Hôtel de ville\n\nseul\nSDIS=pompiers # oui\na = \n",
        );
        assert_eq!(wrong, [4, 6]);
        let many = (0..40).map(|n| format!("nom{n}")).collect::<Vec<_>>().join("=");
        assert_eq!(Spellings::read(&many).1, [1]);
        assert_eq!(joined("sdis", &table), "sdis|pompiers");
        assert_eq!(joined("hôtel de ville", &table), "hotel|mairie ville|mairie");
        assert_eq!(joined("mairie", &table), "mairie|\"hotel ville\"");
    }

    #[test]
    fn every_spelling_stands_once() {
        let mut all: Vec<&str> = SPELLINGS.iter().flat_map(|s| s.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
