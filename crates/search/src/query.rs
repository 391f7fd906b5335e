//! What a reader typed, understood as far as it goes; nothing typed is ever an error.

use std::ops::Range;

use crate::{
    joins::{Joiner, Pairs, joined_term, spaced},
    names,
    terms::{is_faint, is_stop, stems},
    words::Words,
};

/// Longest query looked at, in bytes: a pasted headline and standfirst; more is a mistake.
const QUERY_BYTES_MAX: usize = 2_000;

/// Most words of a query: one bit each in the ranking. Headlines have 15 at most, and each word
/// costs a walk through its list.
pub(crate) const WORDS_MAX: usize = 32;

/// Neighbours among this many first words are looked for joined too; a long query is a headline,
/// whose words were written right.
const SPACED_WORDS_MAX: usize = 4;

/// Operators of other programs that readers may type; they are told that we pass over them.
const UNKNOWN_FIELDS: &[&str] = &[
    "source", "auteur", "author", "site", "inurl", "date", "pubdate", "avant", "après", "depuis",
    "label", "f", "filetype",
];

/// A query: words that rank, and conditions that documents must meet.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words that a document may hold, in the order typed; those of phrases and of the headline
    /// among them.
    pub(crate) words: Vec<Word>,
    /// Words that must follow each other.
    pub(crate) phrases: Vec<Phrase>,
    /// Words that must stand in the headline.
    pub(crate) headline: Vec<Word>,
    /// What must not be there.
    pub(crate) excluded: Vec<Phrase>,
    /// Parts that were not understood, as typed.
    ignored: Vec<String>,
    /// Words typed, stop words among them.
    typed: u32,
}

/// A word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The folded word, and other spellings of the same name.
    pub(crate) forms: Vec<String>,
    /// Stems of all of these in every language.
    pub(crate) stems: Vec<String>,
    /// What it and a neighbour are as one word: as good as this word, and no better however rare.
    pub(crate) joined: Vec<Self>,
    /// Where it stands among the words of the query, stop words counted.
    pub(crate) place: u32,
    /// Whether it is one of the words that only make a question of it.
    pub(crate) is_faint: bool,
}

/// Words one after the other; mostly one.
pub(crate) type Phrase = Vec<Word>;

impl Query {
    /// Reads what was typed into a search box: words, `"phrases"`, `-word` or `!word`, and
    /// `titre:word` (`intitle:`, `title:`) for the headline.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = cut(text).trim_start();
        while !rest.is_empty() {
            let part = Part::first(rest);
            query.take(&part);
            rest = part.rest.trim_start();
        }
        if let Some(beyond) = text.get(cut(text).len()..).filter(|beyond| !beyond.is_empty()) {
            query.ignored.push(beyond.to_owned());
        }
        query
    }

    /// Reads `text` as plain words only: a headline with its quotation marks and dashes.
    pub fn plain(text: &str) -> Self {
        let mut query = Self::default();
        for word in words(cut(text), &mut query.typed) {
            query.add(word);
        }
        query
    }

    /// The parts that were passed over, as they were typed.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.excluded.is_empty()
    }

    /// Whether everything is asked for: nothing was typed, or only what must not be there. A query
    /// of stop words alone asks for nothing that could be found.
    pub(crate) fn is_for_all(&self) -> bool {
        self.words.is_empty() && (self.typed == 0 || !self.excluded.is_empty())
    }

    fn take(&mut self, part: &Part<'_>) {
        let found = words(part.text, &mut self.typed);
        match part.kind {
            Kind::Unknown => return self.ignored.push(part.text.to_owned()),
            Kind::Excluded if !found.is_empty() => return self.excluded.push(found),
            Kind::Excluded => return,
            Kind::Phrase if found.len() > 1 => self.phrases.push(found.clone()),
            Kind::Headline => self.headline.extend(found.iter().cloned()),
            Kind::Phrase | Kind::Words => {}
        }
        for word in found {
            self.add(word);
        }
    }

    /// Adds a word unless it, or another form with the same French stem, is there already.
    fn add(&mut self, mut word: Word) {
        if self.words.len() < SPACED_WORDS_MAX
            && let Some(last) = self.words.last_mut()
        {
            last.meet(&mut word);
        }
        if self.words.iter().any(|other| other.stems.first() == word.stems.first()) {
            return;
        }
        if self.words.len() < WORDS_MAX {
            self.words.push(word);
        } else {
            self.ignored.extend(word.forms.into_iter().take(1));
        }
    }
}

/// One part of a query, between spaces or quotation marks.
struct Part<'a> {
    kind: Kind,
    text: &'a str,
    rest: &'a str,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Words,
    Phrase,
    Headline,
    Excluded,
    Unknown,
}

impl<'a> Part<'a> {
    /// The first part of a text that begins with it.
    fn first(text: &'a str) -> Self {
        if let Some(inner) = text.strip_prefix(['-', '!']).filter(|inner| !inner.starts_with(' ')) {
            let (inner, _, rest) = split(inner);
            return Self { kind: Kind::Excluded, text: inner, rest };
        }
        if let Some((name, after)) = field(text) {
            let (inner, _, rest) = split(after);
            return match name {
                Some(()) => Self { kind: Kind::Headline, text: inner, rest },
                None => Self {
                    kind: Kind::Unknown,
                    text: text.strip_suffix(rest).unwrap_or(text),
                    rest,
                },
            };
        }
        let (inner, quoted, rest) = split(text);
        Self { kind: if quoted { Kind::Phrase } else { Kind::Words }, text: inner, rest }
    }
}

/// What comes after a field's name; `Some(())` for the headline, `None` for one we do not know.
fn field(text: &str) -> Option<(Option<()>, &str)> {
    let (name, after) = text.split_once(':')?;
    if name.contains(char::is_whitespace) || after.starts_with(char::is_whitespace) {
        return None;
    }
    let name = name.to_lowercase();
    match name.as_str() {
        "titre" | "intitle" | "title" => Some((Some(()), after)),
        other if UNKNOWN_FIELDS.contains(&other) => Some((None, after)),
        _ => None,
    }
}

/// The quoted text or the run up to a space that `text` begins with, whether it was quoted, and
/// what follows. A quotation that is never closed is plain words.
fn split(text: &str) -> (&str, bool, &str) {
    let close = match text.chars().next() {
        Some('"') => Some('"'),
        Some('“') => Some('”'),
        Some('«') => Some('»'),
        _ => None,
    };
    let mut inside = text.chars();
    inside.next();
    let quoted = close.and_then(|close| inside.as_str().split_once(close));
    if let Some((inner, rest)) = quoted {
        return (inner, true, rest);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    (run, false, rest)
}

/// The words of `text` that are searched for; `place` counts all of them.
fn words(text: &str, place: &mut u32) -> Vec<Word> {
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

impl Word {
    /// A folded word.
    pub(crate) fn new(form: &str, place: u32) -> Self {
        Self::written(form, form, place)
    }

    /// A word folded and as it was written.
    fn written(form: &str, written: &str, place: u32) -> Self {
        let mut word = Self {
            forms: vec![form.to_owned()],
            stems: stems(form, written),
            joined: Vec::new(),
            place,
            is_faint: is_faint(form),
        };
        for other in names::others(form) {
            word.forms.push(other.to_owned());
            word.stems.extend(stems(other, other));
        }
        word.forms.push(joined_term(form));
        word
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
    fn meet(&mut self, next: &mut Self) {
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
}

/// The start of `text` that is looked at.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(QUERY_BYTES_MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: &[Word]) -> String {
        words.iter().map(|w| w.forms[0].as_str()).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let query = Query::parse(text);
        let mut parts = vec![shown(&query.words)];
        parts.extend(query.phrases.iter().map(|p| format!("\"{}\"", shown(p))));
        parts.extend(query.excluded.iter().map(|p| format!("-{}", shown(p))));
        parts.extend(query.headline.iter().map(|w| format!("titre:{}", w.forms[0])));
        parts.extend(query.ignored.iter().map(|text| format!("?{text}")));
        assert_eq!(parts.join(" ").trim(), expected);
    }

    #[test]
    fn what_readers_type() {
        check("Otan Syrie", "otan syrie");
        check("l'Otan et les Syriens", "otan syriens");
        check("\"gilets jaunes\" Paris", "gilets jaunes paris \"gilets jaunes\"");
        check("« gilets jaunes »", "gilets jaunes \"gilets jaunes\"");
        check("grève -SNCF", "greve -sncf");
        check("grève !\"la poste\"", "greve -poste");
        check("titre:otan Syrie", "otan syrie titre:otan");
        check("intitle:\"ashton carter\"", "ashton carter titre:ashton titre:carter");
        check("otan source:afp", "otan ?source:afp");
        check("\"jamais fermé", "jamais ferme");
        check("FGTB: colère", "fgtb colere");
        check("porte-avions - Syrie", "porte avions syrie");
        check("manifestation manifestations", "manifestation");
        check("", "");
        check("- ! \" « : titre:", "");
    }

    #[test]
    fn plain_text_has_no_operators() {
        let query = Query::plain("-Macron: «les gilets jaunes» !");
        assert_eq!(shown(&query.words), "macron gilets jaunes");
        assert!(query.phrases.is_empty() && query.excluded.is_empty());
    }

    #[test]
    fn too_many_words_are_passed_over() {
        let text = (0..40).map(|n| format!("mot{n}")).collect::<Vec<_>>().join(" ");
        let query = Query::parse(&text);
        assert_eq!(query.words.len(), WORDS_MAX);
        assert_eq!(query.ignored().len(), 40 - WORDS_MAX);
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,80}") {
            Query::parse(&text);
            Query::plain(&text);
        }
    }
}
