//! A line of Markdown: its text means nothing, its marks mean what they are.

use std::ops::Range;

use crate::{Mark, Part, Span, Text};

/// Signs that may be markup wherever they stand, in CommonMark and in GitHub's.
pub(super) const SIGNS: &str = "\\`*_[]<>~|";

/// Text on one line, in which nothing is markup.
pub(super) fn inline(text: &str) -> String {
    let text = flat(text);
    let mut out = String::with_capacity(text.len() + 8);
    escaped(&text, 0..text.len(), &mut out);
    out
}

/// The same with the text's marks.
pub(super) fn marked(text: &Text) -> String {
    if text.spans().is_empty() {
        return inline(text);
    }
    let text = text.reset(flat(text));
    let spans = written(&text);
    let text = Text::new(text.as_str(), spans);
    let (mut out, mut at) = (String::with_capacity(text.len() + 64), 0);
    let mut fence: Option<String> = None;
    for part in text.parts() {
        match part {
            Part::Words(words) => {
                match fence {
                    Some(_) => out.push_str(words),
                    None => escaped(&text, at..at + words.len(), &mut out),
                }
                at += words.len();
            }
            Part::Open(mark, words) => {
                // An exclamation mark before a link would make a picture of it.
                if matches!(mark, Mark::Link(_)) && ends_bare(&out) {
                    out.insert(out.len() - 1, '\\');
                }
                let opening = opening(mark, words);
                out.push_str(&opening);
                fence = (*mark == Mark::Code).then_some(opening);
            }
            // Nothing stands within code: what ends while a fence is open is the code.
            Part::Close(mark) => out.push_str(&fence.take().unwrap_or_else(|| closing(mark))),
        }
    }
    out
}

/// Whether what is written ends with an exclamation mark that nothing escapes.
fn ends_bare(out: &str) -> bool {
    let before = out.strip_suffix('!');
    before.is_some_and(|before| (before.len() - before.trim_end_matches('\\').len()) % 2 == 0)
}

/// Text on one line: its spaces single, no sign in it that only commands.
fn flat(text: &str) -> String {
    let is_break = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    let words: Vec<&str> = text.split(is_break).filter(|word| !word.is_empty()).collect();
    let text = words.join(" ").replace(|c: char| c.is_control(), "");
    text.trim().to_owned()
}

fn escaped(text: &str, range: Range<usize>, out: &mut String) {
    let start = range.start;
    for (at, c) in text.get(range).unwrap_or_default().char_indices() {
        let at = start + at;
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + c.len_utf8()..));
        if SIGNS.contains(c) || is_sign_here(before, c, after.unwrap_or_default()) {
            out.push('\\');
        }
        out.push(c);
    }
}

/// The marks that can be written: stars mean nothing between a letter and a sign that is none, nor beside other stars.
fn written(text: &Text) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(text.spans().len());
    for span in text.spans() {
        let beside = |other: &Span| is_stressed(other) && other.end == span.start;
        let fits = match span.mark {
            Mark::Link(_) => true,
            Mark::Code => {
                let code_beside =
                    |other: &Span| other.mark == Mark::Code && other.end == span.start;
                fences_alone(text, span) && !spans.iter().any(code_beside)
            }
            _ => flanks(text, span) && !spans.iter().rev().take(4).any(beside),
        };
        spans.extend(fits.then(|| span.clone()));
    }
    spans
}

/// Whether no other backtick touches the ends of some code: it would make its fence a longer one, and of what follows
/// markup.
fn fences_alone(text: &str, span: &Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let inner = part(text, span);
    !(before.ends_with('`')
        || inner.starts_with('`')
        || inner.ends_with('`')
        || after.starts_with('`'))
}

fn is_stressed(span: &Span) -> bool {
    matches!(span.mark, Mark::Strong | Mark::Emphasis)
}

fn part<'a>(text: &'a str, span: &Span) -> &'a str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

fn flanks(text: &str, span: &Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default().chars().next_back();
    let after = text.get(span.end as usize..).unwrap_or_default().chars().next();
    let inner = part(text, span);
    let (first, last) = (inner.chars().next(), inner.chars().next_back());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let free = |c: Option<char>| c.is_none_or(char::is_whitespace);
    (letter(first) || free(before)) && (letter(last) || free(after))
}

fn opening(mark: &Mark, words: &str) -> String {
    match mark {
        Mark::Link(_) => "[".to_owned(),
        Mark::Strong => "**".to_owned(),
        Mark::Emphasis => "*".to_owned(),
        Mark::Code => "`".repeat(longest_run(words, '`') + 1),
    }
}

fn closing(mark: &Mark) -> String {
    match mark {
        Mark::Link(address) => format!("](<{}>)", target(address)),
        mark => opening(mark, ""),
    }
}

/// The length of the longest run of a sign.
pub(super) fn longest_run(text: &str, sign: char) -> usize {
    text.split(|c| c != sign).map(str::len).max().unwrap_or(0)
}

/// Signs that are markup at some places only: an entity, the end of a heading, and what GitHub makes an address of.
fn is_sign_here(before: &str, c: char, after: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    match c {
        '&' => after.starts_with(|c| is_word(c) || c == '#'),
        '#' => before.is_empty() || (before.ends_with(' ') && after.bytes().all(|b| b == b'#')),
        ':' => before.ends_with(is_word) && after.starts_with("//"),
        '@' => !before.is_empty() && after.starts_with(is_word),
        '.' => {
            let start = before.get(before.len().saturating_sub(3)..);
            start.is_some_and(|start| start.eq_ignore_ascii_case("www"))
        }
        '!' => after.starts_with('['),
        _ => false,
    }
}

/// A line of its own: what opens a heading, a quotation, a list or a rule is text too.
pub(super) fn line(text: &str) -> String {
    as_line(inline(text))
}

/// The same with the text's marks.
pub(super) fn marked_line(text: &Text) -> String {
    as_line(marked(text))
}

fn as_line(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(b'+' | b'-' | b'=') if digits == 0 => format!("\\{text}"),
        Some(b'.' | b')') if (1..10).contains(&digits) => {
            let (number, rest) = text.split_at(digits);
            format!("{number}\\{rest}")
        }
        _ => text,
    }
}

/// An address between pointed brackets.
pub(super) fn target(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let last = address.rfind(';').unwrap_or(0);
    for (at, c) in address.char_indices() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            // An entity is one in an address too.
            '&' if at < last => out.push_str("%26"),
            c if c.is_whitespace() || c.is_control() => out.push_str("%20"),
            c => out.push(c),
        }
    }
    out
}
