//! Reads one tag, piece by piece, from text that may be cut or broken anywhere.

use std::ops::Range;

/// A piece of a tag after its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// `name="value"`; the ranges are those of the name and of the value without its quotes.
    Attribute { name: Range<usize>, value: Range<usize>, quoted: bool },
    /// The `>`; `closed` when a `/` stood before it.
    End { closed: bool },
    /// Another `<`: what looked like a tag was text.
    Broken,
    /// The text ends inside the tag.
    Cut,
}

/// Attributes of a complete tag, for readers that need no tree.
pub(crate) struct Tag<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tag<'t> {
    /// The tag whose attributes start at `at`.
    pub(crate) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    /// Where reading has come to: behind the tag, once it has no more attributes.
    pub(crate) fn at(&self) -> usize {
        self.at
    }
}

impl<'t> Iterator for Tag<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        match next_piece(self.text, &mut self.at) {
            Piece::Attribute { name, value, .. } => {
                Some((self.text.get(name)?, self.text.get(value)?))
            }
            _ => None,
        }
    }
}

/// The range of the name of the tag that starts at `at` with its `<` or `</`; `None` for text.
pub(crate) fn tag_name(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'/'));
    let first = *bytes.get(start)?;
    if !(first.is_ascii_alphabetic() || first == b'_' || first == b':' || first >= 0x80) {
        return None;
    }
    let end = end_of(bytes, start, |b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'<'));
    Some(start..end)
}

/// Reads the next piece of a tag at `at`, and moves `at` behind it.
pub(crate) fn next_piece(text: &str, at: &mut usize) -> Piece {
    let bytes = text.as_bytes();
    let mut closed = false;
    loop {
        match bytes.get(*at) {
            None => return Piece::Cut,
            Some(b'<') => return Piece::Broken,
            Some(b'>') => {
                *at += 1;
                return Piece::End { closed };
            }
            Some(b'/') => closed = true,
            Some(b'=' | b'"' | b'\'') => closed = false,
            Some(byte) if byte.is_ascii_whitespace() => {}
            Some(_) => return attribute(text, at),
        }
        *at += 1;
    }
}

fn attribute(text: &str, at: &mut usize) -> Piece {
    let bytes = text.as_bytes();
    let no_name = |b: u8| b.is_ascii_whitespace() || matches!(b, b'=' | b'/' | b'>' | b'<');
    let name = *at..end_of(bytes, *at, no_name);
    let equals = end_of(bytes, name.end, |b| !b.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        *at = name.end;
        return Piece::Attribute { value: name.end..name.end, name, quoted: false };
    }
    let start = end_of(bytes, equals + 1, |b| !b.is_ascii_whitespace());
    let quoted = match bytes.get(start) {
        Some(&quote @ (b'"' | b'\'')) => {
            text[start + 1..].find(char::from(quote)).map(|length| start + 1..start + 1 + length)
        }
        _ => None,
    };
    if let Some(value) = quoted {
        *at = value.end + 1;
        return Piece::Attribute { name, value, quoted: true };
    }
    let end = end_of(bytes, start, |b| b.is_ascii_whitespace() || b == b'>');
    *at = end;
    Piece::Attribute { name, value: start..end, quoted: false }
}

/// The first place from `at` on where `stop` holds, or the end.
fn end_of(bytes: &[u8], at: usize, stop: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at.min(bytes.len()) + rest.iter().position(|&b| stop(b)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tag: &str, attributes: &[(&str, &str)]) {
        let name = tag_name(tag, 0).unwrap();
        assert_eq!(Tag::new(tag, name.end).collect::<Vec<_>>(), attributes);
    }

    #[test]
    fn attributes_as_they_are_written() {
        check("<a href='/x' class=\"b c\">", &[("href", "/x"), ("class", "b c")]);
        check("<a href=/x/ download>", &[("href", "/x/"), ("download", "")]);
        check("<a href = \"x>y\"/>", &[("href", "x>y")]);
        check("<a href=\"x>y", &[("href", "\"x")]);
        check("<a \"=' b=c", &[("b", "c")]);
    }

    #[test]
    fn what_is_no_tag() {
        assert_eq!(tag_name("< 5", 0), None);
        assert_eq!(tag_name("<", 0), None);
        assert_eq!(tag_name("<3", 0), None);
        assert_eq!(next_piece("a <b", &mut 1), Piece::Broken);
        assert_eq!(next_piece(" /", &mut 0), Piece::Cut);
    }
}
