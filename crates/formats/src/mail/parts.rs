//! The parts of a message, taken apart without going deeper than a message ever needs.
//!
//! `mail-parser` keeps messages inside of messages as a tree, as deep as whoever wrote them likes, and a tree that
//! deep cannot even be thrown away. So it is handed one part at a time; what is inside of what is decided here.

use depeche_news::Problem;
use depeche_news::limits::archives::{MAIL_DEPTH_MAX, MAIL_PARTS_MAX};
use mail_parser::{Message, MimeHeaders};

use super::head::Head;
use crate::document::lost;

/// A part without parts.
pub(super) struct Leaf<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) head: Head<'b>,
    /// It is a message by itself.
    pub(super) is_message: bool,
    /// It should have parts, and has none.
    pub(super) is_empty: bool,
}

/// The leaves of a message with this head in their order, and what is not among them.
pub(super) fn leaves<'b>(
    bytes: &'b [u8],
    head: Head<'b>,
    problems: &mut Vec<Problem>,
) -> Vec<Leaf<'b>> {
    let mut leaves = Vec::new();
    // Parts with parts inside of them.
    let mut wholes = 0;
    let mut open = vec![(bytes, head, 0_usize, false)];
    while let Some((bytes, head, depth, in_digest)) = open.pop() {
        if leaves.len() >= MAIL_PARTS_MAX || wholes > MAIL_PARTS_MAX {
            lost(problems, MORE_PARTS);
            break;
        }
        if !head.whole {
            lost(problems, "a head that is longer than is read of one");
        }
        let parsed = head.parsed();
        let kind = parsed.as_ref().and_then(Message::content_type);
        let is = |name: &str| kind.is_some_and(|kind| kind.ctype().eq_ignore_ascii_case(name));
        let boundary = kind.and_then(|kind| kind.attribute("boundary")).filter(|_| is("multipart"));
        let inside = boundary.map(|boundary| parts(bytes, boundary.as_bytes(), problems));
        wholes += usize::from(inside.is_some());
        match inside.filter(|inside| !inside.is_empty()) {
            Some(inside) if depth < MAIL_DEPTH_MAX => {
                let digest = kind
                    .and_then(|kind| kind.subtype())
                    .is_some_and(|name| name.eq_ignore_ascii_case("digest"));
                let part = |part| (part, Head::of_part(part), depth + 1, digest);
                open.extend(inside.into_iter().rev().map(part));
            }
            Some(_) => lost(problems, "parts that are deeper than is looked into one message"),
            None => {
                let is_message = is("message") || (in_digest && kind.is_none());
                let is_empty = is("multipart");
                drop(parsed);
                leaves.push(Leaf { bytes, head, is_message, is_empty });
            }
        }
    }
    leaves
}

const MORE_PARTS: &str = "more parts than are read of one message";

/// The parts between the lines that a boundary makes.
fn parts<'b>(bytes: &'b [u8], boundary: &[u8], problems: &mut Vec<Problem>) -> Vec<&'b [u8]> {
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
        if from.is_none() {
            return parts;
        }
        if parts.len() >= MAIL_PARTS_MAX {
            lost(problems, MORE_PARTS);
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
