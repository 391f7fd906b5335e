//! From a folded word to the terms it is indexed under and searched by.
//!
//! Every word is indexed as the stem of its language, and where that is another word, as the form
//! it was written in too. The stem finds «coalition» by «coalitions», the form lets the exact word
//! rank first. Each language has a family with a chain of its own (`family`, `chain`), and all
//! their stems live in one field, told apart by a mark.

mod chain;
mod family;
mod french;
mod korean;
mod stop;

use rustc_hash::FxHashMap;

pub(crate) use self::{
    chain::stems,
    family::{FAMILIES, Family, family_of, unmarked},
    stop::{is_faint, is_stop},
};

/// Stems remembered before the memory is emptied: the forms of some weeks of a newspaper, about
/// 4 MB. Stemming is the dearest step of indexing, and most words of an article were seen before.
const REMEMBERED_MAX: usize = 1 << 16;

/// Bytes of a word as written that are looked at: twice those of its folded form, since accents
/// may stand by themselves. More would fill the memory.
const WRITTEN_BYTES_MAX: usize = 128;

/// The stems that are this form itself, in the languages in which a slip of the finger is guessed.
pub(crate) fn as_stems(form: &str) -> [String; 3] {
    [Family::French, Family::English, Family::Other]
        .map(|family| format!("{}{form}", family.mark()))
}

/// Whether a stem is the form itself: then the form is not indexed beside it.
pub(crate) fn is_form(stem: &str, form: &str) -> bool {
    unmarked(stem) == form
}

/// Stems the words of one language and remembers them.
pub(crate) struct Stems {
    family: Family,
    /// Where the stem of each word stands in `stems`, and its length. The words are folded if
    /// that is all their stem depends on.
    known: FxHashMap<Box<str>, (u32, u8)>,
    stems: String,
}

impl Stems {
    pub(crate) fn new(family: Family) -> Self {
        Self { family, known: FxHashMap::default(), stems: String::new() }
    }

    pub(crate) fn is_french(&self) -> bool {
        self.family == Family::French
    }

    /// The stem of a word, given folded and as it was written.
    pub(crate) fn stem(&mut self, form: &str, written: &str) -> &str {
        let word = if chain::folds_first(self.family) { form } else { short(written) };
        let (start, length) = match self.known.get(word) {
            Some(&known) => known,
            None => self.learn(word, form),
        };
        let start = start as usize;
        self.stems.get(start..start + usize::from(length)).unwrap_or_default()
    }

    #[cold]
    fn learn(&mut self, word: &str, form: &str) -> (u32, u8) {
        if self.known.len() >= REMEMBERED_MAX {
            self.known.clear();
            self.stems.clear();
        }
        let stem = chain::stem(self.family, form, word);
        let place = (self.stems.len() as u32, stem.len() as u8);
        self.stems.push_str(&stem);
        self.known.insert(word.into(), place);
        place
    }
}

fn short(written: &str) -> &str {
    written.get(..written.floor_char_boundary(WRITTEN_BYTES_MAX)).unwrap_or_default()
}
