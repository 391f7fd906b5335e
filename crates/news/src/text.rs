//! Text with what stands out in it: links, emphasis, code. The words are a text of their own; whoever wants no more reads
//! them as one.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{Deserialize, Serialize};

use crate::{is_web, limits::text::SPANS_MAX};

/// Plain text, and the parts of it that are marked.
///
/// Marks are in order, lie within each other or apart, and none is empty; a link stands in no other.
/// As JSON it is its words, or `{"text", "spans"}` where something is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Text {
    words: String,
    spans: Vec<Span>,
}

/// A marked part of a text; as JSON `[start, end, what]`, in bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32, String)", into = "(u32, u32, String)")]
pub struct Span {
    /// The byte it begins at.
    pub start: u32,
    /// The byte behind it.
    pub end: u32,
    /// What it is.
    pub mark: Mark,
}

/// How a part of a text stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It leads to an address: absolute, of http, https or mailto.
    Link(String),
    /// It is strong.
    Strong,
    /// It is stressed.
    Emphasis,
    /// It is code.
    Code,
}

/// A step through a marked text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A mark begins, over these words.
    Open(&'a Mark, &'a str),
    /// Words between two places where marks begin or end.
    Words(&'a str),
    /// The mark ends that began last and has not ended.
    Close(&'a Mark),
}

/// Whether a reader may be led to an address from within a text.
pub(crate) fn is_linkable(address: &str) -> bool {
    let is_mail = |address: &str| {
        let (name, host) = address.split_once('@')?;
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_graphic() && b != b'%');
        (!name.is_empty() && host.contains('.') && plain(address)).then_some(())
    };
    is_web(address) || address.strip_prefix("mailto:").and_then(is_mail).is_some()
}

impl Text {
    /// Words with marks; what of these does not fit the words or each other is left out.
    pub fn new(words: impl Into<String>, spans: Vec<Span>) -> Self {
        let words = words.into();
        let spans = if spans.is_empty() { spans } else { fitting(&words, spans) };
        Self { words, spans }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// The marks, in order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The same marks on the same words set in another way: with other spaces, apostrophes or dots.
    pub fn reset(&self, words: String) -> Self {
        if self.spans.is_empty() {
            return Self { words, spans: Vec::new() };
        }
        let places = self.spans.iter().flat_map(|span| [span.start, span.end]);
        let mut places: Vec<(u32, u32)> = places.map(|place| (place, 0)).collect();
        places.sort_unstable();
        let mut old = Signs::of(&self.words);
        let counts: Vec<(u32, u32)> =
            places.iter().map(|&(place, _)| (place, old.before(place as usize))).collect();
        let count = |place: u32| {
            let at = counts.binary_search_by_key(&place, |(place, _)| *place).unwrap_or_default();
            counts.get(at).map_or(0, |(_, count)| *count)
        };
        let marks = self.spans.iter();
        let marks = marks.map(|span| (count(span.start), count(span.end), span.mark.clone()));
        let spans = placed(&words, marks.collect()).into_iter();
        let spans = spans.map(|(start, end, mark)| Span { start, end, mark }).collect();
        Self::new(words, spans)
    }

    /// What stands behind a byte of it, with the marks of that.
    pub fn behind(&self, byte: usize) -> Self {
        let words = self.words.get(byte..).unwrap_or_default();
        let cut = (self.words.len() - words.len()) as u32;
        let ends = self.spans.iter().filter(|span| span.end > cut);
        let spans = ends.map(|span| Span {
            start: span.start.saturating_sub(cut),
            end: span.end - cut,
            mark: span.mark.clone(),
        });
        Self::new(words, spans.collect())
    }

    /// A walk through words and marks.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::with_capacity(self.spans.len() * 3 + 1);
        let mut open: Vec<&Span> = Vec::new();
        let mut at = 0;
        let words = |from: usize, to: usize| self.words.get(from..to).filter(|w| !w.is_empty());
        for span in &self.spans {
            while let Some(inner) = open.pop_if(|inner| inner.end <= span.start) {
                parts.extend(words(at, inner.end as usize).map(Part::Words));
                at = inner.end as usize;
                parts.push(Part::Close(&inner.mark));
            }
            parts.extend(words(at, span.start as usize).map(Part::Words));
            at = span.start as usize;
            let inner = words(at, span.end as usize).unwrap_or_default();
            parts.push(Part::Open(&span.mark, inner));
            open.push(span);
        }
        while let Some(inner) = open.pop() {
            parts.extend(words(at, inner.end as usize).map(Part::Words));
            at = inner.end as usize;
            parts.push(Part::Close(&inner.mark));
        }
        parts.extend(words(at, self.words.len()).map(Part::Words));
        parts
    }
}

/// Marks on `words`, given by how many of its signs stand before each end, by their bytes.
///
/// Signs are what is seen: no space counts, and an ellipsis counts as its three dots.
pub fn placed<M>(words: &str, marks: Vec<(u32, u32, M)>) -> Vec<(u32, u32, M)> {
    let mut places: Vec<u32> = marks.iter().flat_map(|(start, end, _)| [*start, *end]).collect();
    places.sort_unstable();
    places.dedup();
    // Of each count, the place behind that many signs, and the place of the sign that follows.
    let mut found: Vec<(u32, u32)> = Vec::with_capacity(places.len());
    let (mut count, mut behind) = (0, 0);
    for (at, c) in words.char_indices() {
        let own = weight(c);
        if own == 0 {
            continue;
        }
        while places.get(found.len()).is_some_and(|place| *place < count + own) {
            found.push((behind, at as u32));
        }
        count += own;
        behind = (at + c.len_utf8()) as u32;
    }
    found.resize(places.len(), (behind, words.len() as u32));
    let place =
        |count: u32| places.binary_search(&count).ok().and_then(|at| found.get(at).copied());
    let span = |(start, end, mark): (u32, u32, M)| Some((place(start)?.1, place(end)?.0, mark));
    marks.into_iter().filter_map(span).filter(|(start, end, _)| start < end).collect()
}

/// How many signs a text has, as [`placed`] counts them.
pub fn signs(text: &str) -> u32 {
    text.chars().map(weight).sum()
}

fn weight(c: char) -> u32 {
    match c {
        '…' => 3,
        // Signs that only part, hide or turn others are left out wherever texts are cleaned.
        '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{2060}' => 0,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => 0,
        c if c.is_whitespace() || c.is_control() => 0,
        _ => 1,
    }
}

/// Counts the signs of a text up to places that only grow.
struct Signs<'a> {
    text: &'a str,
    at: usize,
    count: u32,
}

impl<'a> Signs<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0, count: 0 }
    }

    fn before(&mut self, place: usize) -> u32 {
        self.count += self.text.get(self.at..place).map_or(0, signs);
        self.at = place.max(self.at);
        self.count
    }
}

/// Those of some marks that fit a text and each other.
fn fitting(words: &str, mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| {
        let text = words.get(span.start as usize..span.end as usize);
        let led = !matches!(&span.mark, Mark::Link(address) if !is_linkable(address));
        led && text.is_some_and(|text| text.chars().any(|c| weight(c) > 0))
    });
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut open: Vec<(u32, Mark)> = Vec::new();
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len().min(SPANS_MAX));
    for span in spans {
        open.retain(|(end, _)| *end > span.start);
        let within = open.last().is_none_or(|(end, _)| *end >= span.end);
        let link = |mark: &Mark| matches!(mark, Mark::Link(_));
        let again = open.iter().any(|(_, mark)| {
            *mark == span.mark || *mark == Mark::Code || (link(mark) && link(&span.mark))
        });
        if within && !again && kept.len() < SPANS_MAX {
            open.push((span.end, span.mark.clone()));
            kept.push(span);
        }
    }
    kept
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.words
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self { words, spans: Vec::new() }
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.words
    }
}

impl<'a> From<&'a Text> for Cow<'a, str> {
    fn from(text: &'a Text) -> Self {
        Cow::Borrowed(&text.words)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.words == other
    }
}

impl From<(u32, u32, String)> for Span {
    fn from((start, end, what): (u32, u32, String)) -> Self {
        let mark = match what.as_str() {
            "strong" => Mark::Strong,
            "em" => Mark::Emphasis,
            "code" => Mark::Code,
            _ => Mark::Link(what),
        };
        Self { start, end, mark }
    }
}

impl From<Span> for (u32, u32, String) {
    fn from(span: Span) -> Self {
        let what = match span.mark {
            Mark::Strong => "strong".to_owned(),
            Mark::Emphasis => "em".to_owned(),
            Mark::Code => "code".to_owned(),
            Mark::Link(address) => address,
        };
        (span.start, span.end, what)
    }
}

/// How a text is written as JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Marked { text: String, spans: Vec<Span> },
}

impl From<Written> for Text {
    fn from(written: Written) -> Self {
        match written {
            Written::Plain(words) => Self::from(words),
            Written::Marked { text, spans } => Self::new(text, spans),
        }
    }
}

impl From<Text> for Written {
    fn from(text: Text) -> Self {
        match text.spans.is_empty() {
            true => Self::Plain(text.words),
            false => Self::Marked { text: text.words, spans: text.spans },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: u32, end: u32, what: &str) -> Span {
        Span::from((start, end, what.to_owned()))
    }

    #[test]
    fn only_marks_that_fit_are_kept() {
        let words = "Le rapport, publié mardi, l’été.";
        let web = "https://a.example/1";
        for (given, kept) in [
            (vec![span(3, 10, web)], 1),
            (vec![span(3, 10, "javascript:alert(1)")], 0),
            (vec![span(3, 10, "mailto:a@b.example")], 1),
            (vec![span(3, 10, "mailto:?bcc=x")], 0),
            (vec![span(10, 3, web)], 0),
            (vec![span(3, 1_000, web)], 0),
            // Within a sign, and over nothing but a space.
            (vec![span(17, 18, "em")], 0),
            (vec![span(2, 3, "em")], 0),
            // Across another, within another, the same within itself.
            (vec![span(0, 10, "em"), span(3, 20, "strong")], 1),
            (vec![span(3, 10, "em"), span(0, 10, web)], 2),
            (vec![span(3, 10, web), span(0, 10, web)], 1),
            (vec![span(3, 10, "em"), span(0, 10, "code")], 1),
        ] {
            let text = Text::new(words, given.clone());
            assert_eq!(text.spans().len(), kept, "{given:?}");
            assert_eq!(&*text, words);
        }
        let many = (0..20_000).map(|at| span(at, at + 1, "em")).collect();
        assert_eq!(Text::new("x".repeat(20_000), many).spans().len(), SPANS_MAX);
    }

    #[test]
    fn marks_stay_on_their_words_however_these_are_set() {
        let text =
            Text::new("Il dit: l'été... fini !", vec![span(8, 18, "em"), span(19, 23, "strong")]);
        let set = text.reset("Il dit\u{202f}: l’été… fini\u{202f}!".to_owned());
        let marked: Vec<&str> =
            set.spans().iter().map(|span| &set[span.start as usize..span.end as usize]).collect();
        assert_eq!(marked, ["l’été…", "fini"]);
    }

    proptest! {
        /// The parts say the whole text, and close what they open.
        #[test]
        fn parts_are_the_text(words in "[a-é \u{a0}…]{0,30}", marks in proptest::collection::vec((0_u32..40, 0_u32..40, 0_usize..4), 0..8)) {
            let kinds = ["https://a.example/", "strong", "em", "code"];
            let spans = marks.iter().map(|&(start, end, kind)| span(start, end, kinds[kind])).collect();
            let text = Text::new(words.clone(), spans);
            let (mut said, mut open) = (String::new(), Vec::new());
            for part in text.parts() {
                match part {
                    Part::Words(words) => said.push_str(words),
                    Part::Open(mark, words) => open.push((mark, said.clone() + words)),
                    Part::Close(mark) => {
                        let (opened, end) = open.pop().unwrap_or((mark, String::new()));
                        prop_assert!(opened == mark && end == said);
                    }
                }
            }
            prop_assert!(open.is_empty() && said == words);
            prop_assert_eq!(text.reset(words.clone()).spans().len(), text.spans().len());
        }
    }
}
