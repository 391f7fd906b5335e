//! A text as the words and signs that are compared, and the names and quotations in it.

use std::borrow::Cow;

use super::Weight;

/// A word, a sign, or the end of a paragraph.
#[derive(Debug)]
pub(super) struct Word<'a> {
    /// As it is written; empty at the end of a paragraph.
    pub(super) text: Cow<'a, str>,
    /// What two that are the same have in common, however they are written.
    pub(super) key: Cow<'a, str>,
    /// Whether a space stands before it.
    pub(super) spaced: bool,
    pub(super) weight: Weight,
    /// How many words it counts for.
    pub(super) count: usize,
}

/// The key of the end of a paragraph.
const BREAK: &str = "\n";

impl Word<'_> {
    pub(super) fn is_break(&self) -> bool {
        self.key == BREAK
    }

    /// Whether it is a word without figures.
    pub(super) fn is_letters(&self) -> bool {
        self.key.starts_with(char::is_alphabetic)
    }

    fn is_end(&self) -> bool {
        self.is_break()
            || matches!(&*self.key, "." | "!" | "?" | ":" | "…" | "\"" | "–" | "—")
            || (self.key == "-" && self.spaced)
    }

    /// Whether it joins the words beside it to one: «Saint-Mihiel».
    fn is_hyphen(&self) -> bool {
        self.key == "-" && !self.spaced
    }
}

/// The words and signs of a text of one paragraph a line; the first of them where there are more than `max`, which
/// are more than that still: of a megabyte of signs each would take a hundred bytes.
pub(super) fn words(text: &str, max: usize) -> Vec<Word<'_>> {
    let mut all = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if all.len() > max {
            break;
        }
        if !all.is_empty() {
            all.push(end());
        }
        let first = all.len();
        pieces(line, max, &mut all);
        quoted(all.get_mut(first..).unwrap_or_default());
    }
    named(&mut all);
    all
}

/// The paragraphs of a text, each as if it were one word; so many words and ends of paragraphs at most, the last of which
/// has all the rest.
pub(super) fn paragraphs(text: &str, words_max: usize) -> Vec<Word<'_>> {
    let lines = text.splitn(words_max / 2, '\n').map(str::trim).filter(|line| !line.is_empty());
    let paragraph = |line| Word {
        text: Cow::Borrowed(line),
        key: Cow::Borrowed(line),
        spaced: false,
        weight: Weight::Plain,
        count: line.split_whitespace().count(),
    };
    lines.flat_map(|line| [paragraph(line), end()]).collect()
}

fn end() -> Word<'static> {
    let (text, key) = (Cow::Borrowed(""), Cow::Borrowed(BREAK));
    Word { text, key, spaced: false, weight: Weight::Plain, count: 0 }
}

/// Cuts a line: runs of letters and digits are words, with the apostrophe that ends an elision and the signs within a
/// number; everything else stands alone.
fn pieces<'a>(line: &'a str, max: usize, all: &mut Vec<Word<'a>>) {
    let mut rest = line;
    let mut spaced = false;
    while let Some(first) = rest.chars().next().filter(|_| all.len() <= max) {
        if first.is_whitespace() {
            rest = rest.trim_start();
            spaced = true;
            continue;
        }
        let len = match first {
            first if first.is_ascii_digit() => number(rest),
            first if first.is_alphanumeric() => word(rest),
            first => first.len_utf8(),
        };
        let (text, after) = rest.split_at_checked(len.max(1)).unwrap_or((rest, ""));
        let figure = text.contains(|c: char| c.is_ascii_digit());
        let weight = if figure { Weight::Figure } else { Weight::Plain };
        let count = usize::from(first.is_alphanumeric());
        all.push(Word { text: Cow::Borrowed(text), key: key(text), spaced, weight, count });
        (rest, spaced) = (after, false);
    }
}

/// How long a number is: «1 200», «3,5», «14:05», «2026-03-11», «16h41».
fn number(text: &str) -> usize {
    let mut len = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let within = c.is_alphanumeric() || {
            let parts = matches!(c, ',' | '.' | ':' | '-' | '/')
                || matches!(c, ' ' | '\u{a0}' | '\u{202f}') && is_group(rest.clone());
            parts && rest.peek().is_some_and(char::is_ascii_digit)
        };
        if !within {
            break;
        }
        len += c.len_utf8();
    }
    len
}

/// Whether just three digits follow: a group of a larger number.
fn is_group(rest: impl Iterator<Item = char>) -> bool {
    let next: Vec<bool> = rest.take(4).map(|c| c.is_ascii_digit()).collect();
    next.iter().take_while(|digit| **digit).count() == 3
}

/// How long a word is, with the apostrophe that ends it.
fn word(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let apostrophe = text.get(end..).and_then(|rest| rest.chars().next());
    let apostrophe = apostrophe.filter(|c| matches!(c, '\'' | '’'));
    let elides =
        text.get(end..).is_some_and(|rest| rest.chars().nth(1).is_some_and(char::is_alphabetic));
    end + apostrophe.filter(|_| elides).map_or(0, char::len_utf8)
}

/// A word without what only its typography has.
fn key(text: &str) -> Cow<'_, str> {
    match text {
        "«" | "»" | "“" | "”" | "„" | "\"" => Cow::Borrowed("\""),
        "’" => Cow::Borrowed("'"),
        _ if is_grouped(text) => text.chars().filter(char::is_ascii_digit).collect(),
        _ if text.contains(['’', ' ', '\u{a0}', '\u{202f}']) => {
            let plain = text.chars().filter(|c| !c.is_whitespace());
            Cow::Owned(plain.map(|c| if c == '’' { '\'' } else { c }).collect())
        }
        _ => Cow::Borrowed(text),
    }
}

/// Whether a number is written in groups of three digits: «3.500», «3 500», «3,500».
fn is_grouped(text: &str) -> bool {
    let mut groups = text.split(['.', ',', ' ', '\u{a0}', '\u{202f}']);
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()) && digits(group));
    let mut rest = groups.peekable();
    first && rest.peek().is_some() && rest.all(|group| group.len() == 3 && digits(group))
}

/// Marks what stands in quotation marks. A paragraph that is not closed is none.
fn quoted(words: &mut [Word]) {
    let mut opened = None;
    for at in 0..words.len() {
        let Some(word) = words.get(at) else { return };
        let opens = matches!(&*word.text, "«" | "“" | "„");
        let closes = matches!(&*word.text, "»" | "”" | "“");
        match opened {
            None if opens || word.text == "\"" => opened = Some(at),
            Some(from) if closes || word.text == "\"" => {
                let inner = words.get_mut(from..=at).unwrap_or_default();
                let plain = inner.iter_mut().filter(|word| word.weight == Weight::Plain);
                plain.for_each(|word| word.weight = Weight::Quotation);
                opened = None;
            }
            _ => {}
        }
    }
}

/// Words that begin sentences before a name, folded.
#[rustfmt::skip]
const STARTS: [&str; 30] = [
    "le", "la", "les", "un", "une", "des", "en", "dans", "selon", "mais", "pour", "avec", "ce", "cette", "et", "a", "au",
    "par", "sur", "the", "an", "in", "on", "at", "but", "for", "with", "this", "and", "by",
];

/// Marks names: words with a capital that begin no sentence, or before another one that does not.
fn named(words: &mut [Word]) {
    let is_capital = |word: &Word| word.is_letters() && word.key.starts_with(char::is_uppercase);
    let pairs: Vec<bool> = words.windows(2).map(|pair| pair.iter().all(is_capital)).collect();
    let mut begins = true;
    for (word, before_capital) in words.iter_mut().zip(pairs.into_iter().chain([false])) {
        let first = before_capital && !STARTS.contains(&&*crate::fold(&word.key));
        // «L'» and «À» begin what is none.
        let long =
            word.key.chars().filter(|c| c.is_alphabetic()).count() > 1 && !word.key.ends_with('\'');
        if is_capital(word) && long && (!begins || first) && word.weight == Weight::Plain {
            word.weight = Weight::Name;
        }
        begins = word.is_end() || (begins && !word.is_letters());
    }
    hyphenated(words);
}

/// Makes names of all that is joined by hyphens from a capital to a name: «Saint-Mihiel», «Port-la-Nouvelle».
fn hyphenated(words: &mut [Word]) {
    let mut from = 0;
    for at in 0..words.len() {
        let joined = |at: usize| words.get(at).is_some_and(|word| !word.spaced && !word.is_break());
        let is_hyphen = |at: usize| words.get(at).is_some_and(Word::is_hyphen);
        if is_hyphen(at) || (at > 0 && is_hyphen(at - 1) && joined(at)) {
            let whole = words.get_mut(from..=at).unwrap_or_default();
            let capital =
                whole.first().is_some_and(|word| word.key.starts_with(char::is_uppercase));
            if capital && whole.last().is_some_and(|word| word.weight == Weight::Name) {
                let plain = whole.iter_mut().filter(|word| word.weight == Weight::Plain);
                plain.for_each(|word| word.weight = Weight::Name);
                // It is a name from its start to here: no word is looked at twice.
                from = at;
            }
        } else {
            from = at;
        }
    }
}

/// Small words within a name.
const WITHIN: [&str; 10] = ["de", "du", "des", "la", "le", "d'", "von", "van", "der", "el"];

/// The names in a text, whole: «Anne Le Goff», «Charles de Gaulle».
pub(super) fn names(words: &[Word]) -> Vec<String> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word.weight != Weight::Name {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        loop {
            let is_name = |at: usize| words.get(at).is_some_and(|w| w.weight == Weight::Name);
            let bridge = words.get(end).is_some_and(|w| WITHIN.contains(&&*w.key) || w.key == "-");
            match (is_name(end), bridge && is_name(end + 1)) {
                (true, _) => end += 1,
                (_, true) => end += 2,
                _ => break,
            }
        }
        all.push(set(words.get(at..end).unwrap_or_default()));
        at = end;
    }
    all
}

/// The quotations in a text, without their marks.
pub(super) fn quotations(words: &[Word]) -> Vec<String> {
    let is_mark = |word: &Word| word.key == "\"" && word.weight == Weight::Quotation;
    let marks: Vec<usize> =
        words.iter().enumerate().filter(|(_, word)| is_mark(word)).map(|(at, _)| at).collect();
    let pairs = marks.chunks_exact(2).filter_map(|pair| match pair {
        [from, to] => words.get(from + 1..*to),
        _ => None,
    });
    pairs.filter(|inner| inner.len() > 1).map(set).collect()
}

/// Words as they are written.
fn set(words: &[Word]) -> String {
    let mut text = String::new();
    for word in words {
        if word.spaced && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.text);
    }
    text
}
