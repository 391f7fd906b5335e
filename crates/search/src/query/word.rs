//! One word of a query: all that it may stand as in the index.

use crate::{
    terms::{is_faint, is_stop, stems},
    words::Words,
};

/// A word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The folded word, and other spellings of the same name.
    pub(crate) forms: Vec<String>,
    /// Stems of all of these in every language.
    pub(crate) stems: Vec<String>,
    /// Names of several words that are the same one.
    pub(crate) phrases: Vec<Vec<Self>>,
    /// Where it stands among the words of the query, stop words counted.
    pub(crate) place: u32,
    /// Whether it is one of the words that only make a question of it.
    pub(crate) is_faint: bool,
    /// Whether words that only begin with it are meant too.
    pub(crate) begins: bool,
    /// Whether a document that holds all words has to hold this one.
    pub(crate) counts: bool,
    /// Whether a condition asks for it: then it finds documents, however common it is.
    pub(crate) asked: bool,
}

impl Word {
    pub(crate) fn new(form: &str, place: u32) -> Self {
        let (forms, stems) = (vec![form.to_owned()], stems(form));
        let is_faint = is_faint(form);
        Self {
            forms,
            stems,
            phrases: Vec::new(),
            place,
            is_faint,
            begins: false,
            counts: true,
            asked: false,
        }
    }

    /// Lets it stand for another spelling of its name too.
    pub(crate) fn stand_for(&mut self, name: &[Self]) {
        if let [word] = name {
            let new = |all: &[String], one: &String| !all.contains(one);
            let forms: Vec<_> =
                word.forms.iter().filter(|f| new(&self.forms, f)).cloned().collect();
            let stems: Vec<_> =
                word.stems.iter().filter(|s| new(&self.stems, s)).cloned().collect();
            self.forms.extend(forms);
            self.stems.extend(stems);
        } else if !self.phrases.iter().any(|phrase| phrase == name) {
            self.phrases.push(name.to_vec());
        }
    }

    /// Whether it and another are forms of one word.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.begins == other.begins && self.stems.first() == other.stems.first()
    }

    /// The word as it was typed, folded.
    pub(crate) fn form(&self) -> &str {
        self.forms.first().map_or("", String::as_str)
    }
}

/// The words of `text` that are searched for; `place` counts all of them.
pub(crate) fn words(text: &str, place: &mut u32) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut cutter, mut form) = (Words::new(text), String::new());
    while cutter.next(&mut form).is_some() {
        *place += 1;
        if !is_stop(&form) {
            words.push(Word::new(&form, *place));
        }
    }
    words
}
