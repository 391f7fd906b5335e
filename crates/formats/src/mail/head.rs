//! The head of a message or of a part, bounded before anything reads it.
//!
//! `mail-parser` keeps each field of a head as a tree of what it says, some hundred bytes for two, and a head has no
//! end but its blank line: one of 30 MB of empty fields takes more than a gigabyte.

use std::borrow::Cow;

use depeche_news::limits::archives::{
    MAIL_FIELDS_MAX, MAIL_HEAD_BYTES_MAX, MAIL_PART_FIELDS_MAX, MAIL_PART_HEAD_BYTES_MAX,
};
use depeche_text::decode;
use mail_parser::{Message, MessageParser};

use crate::lines::blank_line;

/// The head of a message or of a part, cut off from its body: what is read of its fields, and whether that is all.
pub(super) struct Head<'b> {
    /// Its fields in UTF-8, and the blank line after them where there is one.
    fields: Cow<'b, [u8]>,
    /// Head and body as they came.
    bytes: &'b [u8],
    /// What follows the blank line; `None` without one.
    pub(super) body: Option<&'b [u8]>,
    /// Whether all of its fields are there.
    pub(super) whole: bool,
}

impl<'b> Head<'b> {
    /// That of a message.
    pub(super) fn of_message(bytes: &'b [u8]) -> Self {
        Self::of(bytes, MAIL_HEAD_BYTES_MAX, MAIL_FIELDS_MAX)
    }

    /// That of a part of one.
    pub(super) fn of_part(bytes: &'b [u8]) -> Self {
        Self::of(bytes, MAIL_PART_HEAD_BYTES_MAX, MAIL_PART_FIELDS_MAX)
    }

    fn of(bytes: &'b [u8], most_bytes: usize, most_fields: usize) -> Self {
        let blank = blank_line(bytes);
        let (all, body) = bytes.split_at(blank.unwrap_or(bytes.len()));
        let kept = kept(all, most_bytes, most_fields);
        let whole = kept.len() == all.len();
        // Blanks on the last line would make the library read on: to it, they go on with the field before.
        let ends = blank.is_none() || all == b"\n" || all == b"\r\n";
        let ends = ends || all.ends_with(b"\n\n") || all.ends_with(b"\n\r\n");
        // Fields that are not UTF-8 are written by senders who never heard of encoded words.
        let fields = match std::str::from_utf8(kept) {
            Ok(_) => Cow::Borrowed(kept),
            Err(_) => Cow::Owned(decode(kept, &[]).text.into_bytes()),
        };
        let fields = match whole && ends {
            true => fields,
            false => Cow::Owned([fields.trim_ascii_end(), b"\r\n\r\n"].concat()),
        };
        Self { fields, bytes, body: blank.map(|_| body), whole }
    }

    /// What its fields say.
    pub(super) fn parsed(&self) -> Option<Message<'_>> {
        MessageParser::default().parse_headers(&*self.fields)
    }

    /// The head as it is read, with its body.
    pub(super) fn with_body(&self) -> Cow<'b, [u8]> {
        match &self.fields {
            Cow::Borrowed(_) => Cow::Borrowed(self.bytes),
            Cow::Owned(fields) => Cow::Owned([fields, self.body.unwrap_or_default()].concat()),
        }
    }
}

/// The start of a head that is not longer than this, up to the end of a field where one ends in it.
fn kept(head: &[u8], most_bytes: usize, most_fields: usize) -> &[u8] {
    let (mut at, mut fields, mut field) = (0, 0, 0);
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            // The blank line is no field.
            fields += usize::from(!line.trim_ascii().is_empty());
            field = at;
        }
        if fields > most_fields || at + line.len() > most_bytes {
            let end = if field > 0 { field } else { most_bytes.min(head.len()) };
            return head.get(..end).unwrap_or_default();
        }
        at += line.len();
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &str, fields: &str, body: Option<&str>, whole: bool) {
        let head = Head::of(bytes.as_bytes(), 24, 3);
        assert_eq!(String::from_utf8_lossy(&head.fields), fields);
        assert_eq!((head.body, head.whole), (body.map(str::as_bytes), whole));
        assert_eq!(
            head.with_body(),
            match head.fields {
                Cow::Borrowed(_) => bytes.to_owned(),
                Cow::Owned(_) => format!("{fields}{}", body.unwrap_or_default()),
            }
            .as_bytes()
        );
    }

    #[test]
    fn a_head_ends_at_its_blank_line() {
        check("A: 1\nB: 2\n\nText\n\n", "A: 1\nB: 2\n\n", Some("Text\n\n"), true);
        check("A: 1\r\n\r\n", "A: 1\r\n\r\n", Some(""), true);
        check("\nText", "\n", Some("Text"), true);
        check("A: 1\n \nB: 2\n\n", "A: 1\r\n\r\n", Some("B: 2\n\n"), true);
        check("A: 1\nB: 2", "A: 1\nB: 2", None, true);
        check("", "", None, true);
    }

    #[test]
    fn a_head_that_is_too_long_ends_after_a_field() {
        check("A:1\nB:2\nC:3\nD:4\n\nx", "A:1\nB:2\nC:3\r\n\r\n", Some("x"), false);
        check("A:1\nB:2\n 3\n 4\n 567890123456\n\nx", "A:1\r\n\r\n", Some("x"), false);
        check(
            "A: 12345678901234567890123\n\nx",
            "A: 123456789012345678901\r\n\r\n",
            Some("x"),
            false,
        );
    }
}
