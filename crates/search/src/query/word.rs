//! One word of a query: all that it may stand as in the index.

use std::ops::Range;

use crate::{
    joins::{Joiner, Pairs, joined_term, spaced},
    terms::{family_of, is_faint, is_stop, stems},
    words::Words,
};

/// Most forms that a word stands for, and most names of several words: a table of spellings may have the same name again and
/// again.
const FORMS_MAX: usize = 64;
const PHRASES_MAX: usize = 16;

/// A word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The folded word, and other spellings of the same name.
    pub(crate) forms: Vec<String>,
    /// Stems of all of these in every language.
    pub(crate) stems: Vec<String>,
    /// What it and a neighbour are as one word: as good as this word, and no better however rare.
    pub(crate) joined: Vec<Self>,
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
    /// A folded word.
    pub(crate) fn new(form: &str, place: u32) -> Self {
        Self::written(form, form, place)
    }

    /// A word folded and as it was written.
    fn written(form: &str, written: &str, place: u32) -> Self {
        Self {
            forms: vec![form.to_owned(), joined_term(form)],
            stems: stems(form, written),
            joined: Vec::new(),
            phrases: Vec::new(),
            place,
            is_faint: is_faint(form),
            begins: false,
            counts: true,
            asked: false,
        }
    }

    /// Takes what this word and its neighbour are when they are joined. A number is one whichever
    /// way it is written; other words are found where they stand apart anyway.
    fn join(&mut self, joined: &str, written: &str) {
        if self.joined.iter().any(|other| other.forms.first().is_some_and(|form| form == joined)) {
            return;
        }
        let mut joined = Self::written(joined, written, self.place);
        if !joined.is_number() {
            joined.forms.truncate(1);
        }
        self.joined.push(joined);
    }

    fn is_number(&self) -> bool {
        let mut bytes = self.forms.iter().take(1).flat_map(|form| form.bytes());
        bytes.all(|byte| byte.is_ascii_digit() || byte == b'.')
    }

    /// Takes what others write as one of two words that were typed apart.
    pub(crate) fn meet(&mut self, next: &mut Self) {
        if self.place + 1 != next.place {
            return;
        }
        let number = self.joined.iter().rev().find(|joined| joined.is_number());
        let grouped = number.and_then(|number| number.forms.first());
        let short = self.forms.first().filter(|form| !self.is_number() || form.len() <= 3);
        let (Some(first), Some(second)) = (grouped.or(short), next.forms.first()) else { return };
        if let Some(joined) = spaced(first, second) {
            self.join(&joined, &joined);
            next.join(&joined, &joined);
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
            if self.forms.len() + forms.len() <= FORMS_MAX {
                self.forms.extend(forms);
                self.stems.extend(stems);
            }
        } else if self.phrases.len() < PHRASES_MAX
            && !self.phrases.iter().any(|phrase| phrase == name)
        {
            self.phrases.push(name.to_vec());
        }
    }

    /// Whether it and another are forms of one word.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.begins == other.begins && self.stems.first() == other.stems.first()
    }

    /// What stems begin with that are the word itself, in every language that it may be of.
    pub(crate) fn starts(&self) -> Vec<String> {
        let marks = self.stems.iter().map(|stem| family_of(stem).mark());
        let mut starts: Vec<String> = marks.map(|mark| format!("{mark}{}", self.form())).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// The word as it was typed, folded.
    pub(crate) fn form(&self) -> &str {
        self.forms.first().map_or("", String::as_str)
    }
}

/// The words of `text` that are searched for; `place` counts all of them.
pub(crate) fn words(text: &str, place: &mut u32) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut cutter, mut form) = (Words::new(text), String::new());
    let (mut joiner, mut pairs) = (Joiner::default(), Pairs::default());
    while let Some(range) = cutter.next(&mut form) {
        *place += 1;
        let written = |range: Range<usize>| text.get(range).unwrap_or_default();
        let is_stop = is_stop(&form);
        if !is_stop {
            words.push(Word::written(&form, written(range.clone()), *place));
        }
        let last = words.iter_mut().rev().take(2);
        if let Some(pair) = pairs.crossing(&range, &form) {
            let pair = String::from_iter(pair);
            last.for_each(|word| word.join(&pair, &pair));
        } else if let Some((range, joined)) = joiner.next(text, &range, &form, is_stop) {
            last.for_each(|word| word.join(joined, written(range.clone())));
        }
    }
    words
}
