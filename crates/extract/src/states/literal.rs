//! Long texts in the strings of a script that is no JSON.

use depeche_news::limits::extract::STATE_STORIES_MAX;

use super::Story;
use super::walk::{add, has_paragraphs, is_body_name, is_told};

/// Shortest text without a name that says what it is.
const UNNAMED_BYTES_MIN: usize = 400;

/// Adds the strings of a script that may be a story.
pub(super) fn gather(script: &str, evidence: &'static str, found: &mut Vec<Story>) {
    let mut at = 0;
    while let Some(quote) = script.get(at..).and_then(|rest| rest.find(['"', '\'', '`'])) {
        let start = at + quote;
        let before = script.get(..start).unwrap_or_default().trim_end();
        let opens = before.ends_with([':', '(', ',', '=', '[', '+']);
        // Only what opens a string is read to its end: no such quote is escaped within another, so that none is read twice.
        let string = opens.then(|| raw(script.get(start..).unwrap_or_default())).flatten();
        let Some((raw, end)) = string else {
            at = start + 1;
            continue;
        };
        at = start + end;
        if raw.len() < super::STORY_BYTES_MIN || found.len() >= STATE_STORIES_MAX {
            continue;
        }
        let named =
            before.strip_suffix([':', '=']).is_some_and(|before| is_body_name(name(before)));
        let text = unescaped(raw);
        let wanted = named || has_paragraphs(&text) || text.len() >= UNNAMED_BYTES_MIN;
        if wanted && is_told(&text) {
            add(found, Story { text, evidence, ..Story::default() });
        }
    }
}

/// The name at the end of a text.
fn name(before: &str) -> &str {
    let before = before.trim_end().trim_end_matches(['"', '\'']);
    let start =
        before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    before.get(start..).unwrap_or_default()
}

/// The string that a text starts with, its escapes replaced, and where it ends.
pub(super) fn read(text: &str) -> Option<(String, usize)> {
    let (raw, end) = raw(text)?;
    Some((unescaped(raw), end))
}

/// What stands between the quotes of the string that a text starts with, and where it ends.
fn raw(text: &str) -> Option<(&str, usize)> {
    let quote = text.bytes().next().filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'\n' if quote != b'`' => return None,
            _ if byte == quote => return Some((text.get(1..at)?, at + 1)),
            _ => {}
        }
    }
    None
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, after)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut signs = after.chars();
        let sign = signs.next();
        rest = signs.as_str();
        match sign {
            Some('n') => text.push('\n'),
            Some('t' | 'r' | 'b' | 'f' | 'v') => text.push(' '),
            Some('u') => rest = coded(rest, 4, &mut text),
            Some('x') => rest = coded(rest, 2, &mut text),
            Some('\n') | None => {}
            Some(sign) => text.push(sign),
        }
    }
    text.push_str(rest);
    text
}

/// Writes the sign with the code at the start of `rest`, of so many digits; what follows.
fn coded<'r>(rest: &'r str, digits: usize, text: &mut String) -> &'r str {
    let code = |text: &str| u32::from_str_radix(text, 16).ok();
    let Some((first, after)) = rest.split_at_checked(digits) else { return rest };
    let Some(first) = code(first) else { return rest };
    // Signs outside of the first plane are written as two.
    let second = after.strip_prefix("\\u").and_then(|after| after.split_at_checked(4));
    let second = second.and_then(|(second, after)| Some((code(second)?, after)));
    if let Some((second, after)) = second
        && (0xd800..0xdc00).contains(&first)
        && (0xdc00..0xe000).contains(&second)
    {
        text.extend(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
        return after;
    }
    text.push(char::from_u32(first).unwrap_or('\u{fffd}'));
    after
}

/// A text with its `%xx` replaced.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
