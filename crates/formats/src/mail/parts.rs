//! The parts of a message, taken apart without going deeper than a message ever needs.
//!
//! `mail-parser` keeps messages inside of messages as a tree, as deep as whoever wrote them likes, and a tree that
//! deep cannot even be thrown away. So it is handed one part at a time; what is inside of what is decided here.

use depeche_news::limits::archives::{MAIL_DEPTH_MAX, MAIL_PARTS_MAX};
use mail_parser::{Message, MessageParser, MimeHeaders};

/// A part without parts: its head and its body.
pub(super) struct Leaf<'b> {
    pub(super) bytes: &'b [u8],
    /// It is a message by itself.
    pub(super) is_message: bool,
    /// It should have parts, and has none.
    pub(super) is_empty: bool,
}

/// The leaves of a message in their order, and whether that is all of them.
pub(super) fn leaves(bytes: &[u8]) -> (Vec<Leaf<'_>>, bool) {
    let mut leaves = Vec::new();
    let mut all = true;
    let mut open = vec![(bytes, 0_usize, false)];
    while let Some((bytes, depth, in_digest)) = open.pop() {
        if leaves.len() >= MAIL_PARTS_MAX {
            return (leaves, false);
        }
        let head = MessageParser::default().parse_headers(bytes);
        let kind = head.as_ref().and_then(Message::content_type);
        let is = |name: &str| kind.is_some_and(|kind| kind.ctype().eq_ignore_ascii_case(name));
        let boundary = kind.and_then(|kind| kind.attribute("boundary")).filter(|_| is("multipart"));
        let inside = boundary.map(|boundary| parts(bytes, boundary.as_bytes()));
        match inside.filter(|inside| !inside.is_empty()) {
            Some(inside) if depth < MAIL_DEPTH_MAX => {
                let digest = kind
                    .and_then(|kind| kind.subtype())
                    .is_some_and(|name| name.eq_ignore_ascii_case("digest"));
                open.extend(inside.into_iter().rev().map(|part| (part, depth + 1, digest)));
            }
            Some(_) => all = false,
            None => {
                let is_message = is("message") || (in_digest && kind.is_none());
                leaves.push(Leaf { bytes, is_message, is_empty: is("multipart") });
            }
        }
    }
    (leaves, all)
}

/// The parts between the lines that a boundary makes.
fn parts<'b>(bytes: &'b [u8], boundary: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let (mut at, mut from) = (0, None);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let after = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary));
        let Some(after) =
            after.map(<[u8]>::trim_ascii_end).filter(|after| matches!(*after, b"" | b"--"))
        else {
            continue;
        };
        if let Some(from) = from {
            parts.push(without_break(bytes.get(from..start).unwrap_or_default()));
        }
        from = after.is_empty().then_some(at);
        if from.is_none() || parts.len() >= MAIL_PARTS_MAX {
            return parts;
        }
    }
    // A message that ends early has no last line.
    parts.extend(from.map(|from| bytes.get(from..).unwrap_or_default()));
    parts
}

/// A part without the line break that belongs to the boundary after it.
fn without_break(part: &[u8]) -> &[u8] {
    part.strip_suffix(b"\r\n").or_else(|| part.strip_suffix(b"\n")).unwrap_or(part)
}
