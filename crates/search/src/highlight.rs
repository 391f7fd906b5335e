//! Shows in a text what a query found it by.

use std::{
    collections::{HashMap, HashSet},
    iter,
    ops::Range,
};

use rustc_hash::FxHashMap;

use crate::{
    joins::Joiner,
    query::Query,
    script::{Script, is_han},
    terms::{Family, Stems, is_stop, stems, unmarked},
    words::Words,
};

/// Longest text looked through for marks and passages, in bytes: some five pages, more than nearly all articles
/// have. What a result list shows of a longer one is from its beginning.
const TEXT_BYTES_MAX: usize = 32 << 10;

/// The byte ranges of `text` that hold words of `query`, whatever their form and language, in order. Words that only make a
/// question are not marked if there are others.
pub fn highlight(text: &str, query: &Query) -> Vec<Range<usize>> {
    let marks = Marker::new(query).marks(cut(text), None);
    marks.into_iter().map(|mark| mark.range).collect()
}

/// Shows in texts what one query found them by.
pub struct Marker<'q> {
    /// The terms of the query, each with the number of its word.
    terms: FxHashMap<&'q str, usize>,
    /// The first two bytes of each term, one of 64 bits: most words of a text begin otherwise and are none.
    starts: u64,
    /// The stems of the words that were met, by the language of their text.
    stems: HashMap<Family, Stems>,
}

/// A word of the query in a text.
struct Mark {
    range: Range<usize>,
    /// Which word of the query.
    word: usize,
}

impl<'q> Marker<'q> {
    /// A marker for one query and any number of texts.
    pub fn new(query: &'q Query) -> Self {
        let only_faint = query.words.iter().all(|word| word.is_faint);
        let words = query.words.iter().enumerate();
        let terms = words
            .filter(|(_, word)| only_faint || !word.is_faint)
            .flat_map(|(number, word)| {
                iter::once(word).chain(&word.joined).map(move |word| (number, word))
            })
            .flat_map(|(number, word)| {
                word.forms.iter().chain(&word.stems).map(move |term| (term.as_str(), number))
            });
        let mut marker = Self { terms: FxHashMap::default(), starts: 0, stems: HashMap::default() };
        for (term, number) in terms {
            marker.terms.entry(term).or_insert(number);
            marker.starts |= start(unmarked(term));
        }
        marker
    }

    /// The passage of about `chars` characters of `text`, which is in `language`, that holds most of the query's words, cut
    /// at words, with the ranges to mark in it. Without any match it is the beginning.
    pub fn passage(
        &mut self,
        text: &str,
        language: Option<&str>,
        chars: usize,
    ) -> (String, Vec<Range<usize>>) {
        let text = cut(text);
        let marks = self.marks(text, Some(Family::of(language)));
        let bounds = bounds(text, best_start(&marks, chars), chars);
        let ranges = marks.iter().map(|mark| &mark.range);
        let inside = ranges.filter(|range| bounds.start <= range.start && range.end <= bounds.end);
        let mut passage = String::with_capacity(chars + 8);
        if bounds.start > 0 {
            passage.push_str("… ");
        }
        let shift = passage.len();
        let shown = inside.map(|r| r.start - bounds.start + shift..r.end - bounds.start + shift);
        let shown = shown.collect();
        passage.push_str(text.get(bounds.clone()).unwrap_or_default().trim_end());
        if bounds.end < text.trim_end().len() {
            passage.push_str(" …");
        }
        (passage, shown)
    }

    /// The words of the query in a text of a family, or of any.
    fn marks(&mut self, text: &str, family: Option<Family>) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        let (mut words, mut form) = (Words::new(text), String::new());
        let mut joiner = Joiner::default();
        while let Some(range) = words.next(&mut form) {
            let written = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
            let is_stop = is_stop(&form);
            if !is_stop && let Some(word) = self.word(&form, written(&range), family) {
                marks.push(Mark { range: range.clone(), word });
            } else if form.starts_with(is_han) {
                let from = marks.last().map_or(0, |mark| mark.range.end);
                self.mark_pairs(text, range.clone(), from, &mut marks);
            }
            if let Some((range, joined)) = joiner.next(text, &range, &form, is_stop)
                && let Some(word) = self.word(joined, written(&range), family)
            {
                while marks.pop_if(|mark| mark.range.start >= range.start).is_some() {}
                marks.push(Mark { range, word });
            }
        }
        marks
    }

    /// Marks the pairs of Chinese characters in a word, or at its beginning, that the query has:
    /// they are found though the dictionary cut another way.
    fn mark_pairs(&self, text: &str, word: Range<usize>, from: usize, marks: &mut Vec<Mark>) {
        let before = text.get(from..word.start).unwrap_or_default().chars().next_back();
        let mut first = word.start - before.map_or(0, char::len_utf8);
        let mut second = word.start;
        for c in text.get(word).unwrap_or_default().chars() {
            let end = second + c.len_utf8();
            let pair = text.get(first..end).unwrap_or_default();
            if first < second
                && let Some(word) = self.find(pair)
            {
                marks.push(Mark { range: first..end, word });
                // Marks do not overlap.
                second = end;
            }
            (first, second) = (second, end);
        }
    }

    /// The word of the query that this form is one of. Stems begin as their words do, but for the Arabic article.
    fn word(&mut self, form: &str, written: &str, family: Option<Family>) -> Option<usize> {
        if self.starts & start(form) == 0 && Script::of(form) != Script::Arabic {
            return None;
        }
        if let Some(word) = self.find(form) {
            return Some(word);
        }
        let Some(family) = family else {
            return stems(form, written).iter().find_map(|stem| self.find(stem));
        };
        let known = self.stems.entry(family).or_insert_with(|| Stems::new(family));
        self.terms.get(known.stem(form, written)).copied()
    }

    fn find(&self, term: &str) -> Option<usize> {
        self.terms.get(term).copied()
    }
}

/// The bit of how a term begins.
fn start(term: &str) -> u64 {
    let byte = |at| u64::from(term.as_bytes().get(at).copied().unwrap_or_default());
    1 << ((byte(0) * 31 + byte(1)) % 64)
}

/// Where the window with the most different words begins; at the first of equal ones.
fn best_start(marks: &[Mark], chars: usize) -> usize {
    let mut best = (0, 0);
    for (number, first) in marks.iter().enumerate() {
        let inside = marks.iter().skip(number);
        let inside = inside.take_while(|mark| mark.range.end <= first.range.start + chars);
        let words: HashSet<_> = inside.take(MARKS_COUNTED).map(|mark| mark.word).collect();
        if words.len() > best.0 {
            best = (words.len(), first.range.start);
        }
    }
    best.1
}

/// Marks looked at for one window: a query has 32 words, and a text may be one word repeated.
const MARKS_COUNTED: usize = 64;

/// The bytes of about `chars` characters around `start`, from the beginning of a sentence if one
/// is near, else of a word.
fn bounds(text: &str, start: usize, chars: usize) -> Range<usize> {
    let lead = text.floor_char_boundary(start.saturating_sub(chars / 4));
    let before = text.get(lead..start).unwrap_or_default();
    let sentence = before.rfind(['.', '!', '?', '\n']).map(|at| lead + at + 1);
    let word = (lead > 0).then(|| before.find(' ').map(|at| lead + at)).flatten();
    let start = if lead == 0 { 0 } else { sentence.or(word).unwrap_or(lead) };
    let rest = text.get(start..).unwrap_or_default();
    let start = start + (rest.len() - rest.trim_start().len());
    let shown = text.get(start..).unwrap_or_default();
    match shown.char_indices().nth(chars) {
        None => start..text.len(),
        Some((cut, _)) => {
            let shown = shown.get(..cut).unwrap_or_default();
            start..start + shown.rfind(char::is_whitespace).filter(|at| *at > 0).unwrap_or(cut)
        }
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(text: &str, query: &Query, chars: usize) -> (String, Vec<Range<usize>>) {
        Marker::new(query).passage(text, Some("fr"), chars)
    }

    #[track_caller]
    fn check(text: &str, query: &str, expected: &str) {
        let ranges = highlight(text, &Query::parse(query));
        let found: Vec<_> = ranges.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn marks_are_whole_words_in_every_form() {
        check("L'OTAN étudie. Selon l’O.T.A.N., oui", "otan", "OTAN O.T.A.N");
        check("Deux Préfètes et une préfète", "prefete", "Préfètes préfète");
        check("les journaux du journal", "journal", "journaux journal");
        check("À Raqqa", "rakka", "Raqqa");
        check("Quel est le prix ?", "quel prix", "prix");
        check("Rien ici", "otan", "");
        check("", "otan", "");
    }

    #[test]
    fn the_passage_holds_most_words() {
        let text = "Rien d'abord. Beaucoup de mots sans rapport avec ce que l'on cherche, vraiment \
                    beaucoup. L'Otan veut aider la coalition en Syrie. Puis encore des mots.";
        let (passage, marks) = passage(text, &Query::parse("otan syrie"), 60);
        assert_eq!(passage, "… L'Otan veut aider la coalition en Syrie. Puis encore des …");
        let marked: Vec<_> = marks.into_iter().map(|range| &passage[range]).collect();
        assert_eq!(marked, ["Otan", "Syrie"]);
    }

    #[test]
    fn without_a_match_the_passage_is_the_beginning() {
        let query = Query::parse("otan");
        assert_eq!(passage("Un deux trois quatre", &query, 9).0, "Un deux …");
        assert_eq!(passage("Un", &query, 9).0, "Un");
        assert_eq!(passage("", &query, 9).0, "");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,80}", query in "\\PC{0,20}", chars in 0usize..40) {
            let query = Query::parse(&query);
            highlight(&text, &query);
            passage(&text, &query, chars);
        }
    }
}
