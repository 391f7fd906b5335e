//! What a document is, by its content: labels are wrong too often to be asked.

use crate::decode::clean_text;
use crate::markup::tag_name;
use depeche_news::limits::formats::SNIFF_BYTES_MAX;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A feed or an agency message.
    Feed,
    /// An HTML page.
    Page,
    /// A list of subscriptions.
    Opml,
    /// Plain text.
    Text,
    /// Lines of JSON, an article each.
    ArticleLines,
    /// Nothing we can read.
    Unknown,
}

/// Says what `bytes` are.
pub fn sniff(bytes: &[u8]) -> Kind {
    let start = &bytes[..bytes.len().min(SNIFF_BYTES_MAX)];
    if crate::agency::wire::wire(start).is_some() {
        return Kind::Feed;
    }
    let text = clean_text(start, None).text;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Kind::Unknown;
    }
    if text.starts_with('{') || is_list_of_items(text) {
        return json(text);
    }
    roots(text).unwrap_or_else(|| plain(start, text))
}

/// By the first tag that tells; a comment or an error message may stand before it.
fn roots(text: &str) -> Option<Kind> {
    let mut at = 0;
    while let Some(length) = text[at..].find('<') {
        at += length;
        let rest = &text[at..];
        if rest.starts_with("<!--") {
            at += rest.find("-->")?;
        } else if let Some(name) = tag_name(text, at) {
            let name = text[name].to_ascii_lowercase();
            let local = name.rsplit(':').next().unwrap_or_default();
            if let Some(kind) = root(local, at) {
                return Some(kind);
            }
        } else if rest.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype html")) {
            // XHTML document types stand on feeds by mistake; only the short one is sure.
            let rest = rest[14..].trim_start();
            if rest.starts_with('>') {
                return Some(Kind::Page);
            }
        }
        at += 1;
    }
    None
}

fn root(local: &str, at: usize) -> Option<Kind> {
    match local {
        "rss" | "feed" | "rdf" | "channel" | "urlset" | "newsmessage" | "newsitem"
        | "packageitem" | "newsml" | "nitf" => Some(Kind::Feed),
        "opml" => Some(Kind::Opml),
        "html" | "head" | "body" => Some(Kind::Page),
        // A fragment of a page.
        "div" | "p" | "article" | "meta" | "title" | "h1" if at == 0 => Some(Kind::Page),
        _ => None,
    }
}

/// A list of objects, as interfaces send items of ninjs.
fn is_list_of_items(text: &str) -> bool {
    let inside = text.strip_prefix('[').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with('{')) && has_ninjs(text)
}

/// The names of ninjs, which version 3 writes with capitals inside.
pub(crate) fn has_ninjs(text: &str) -> bool {
    let names = ["\"versioncreated\"", "\"pubstatus\"", "\"contentcreated\"", "\"firstcreated\""];
    let lower = text.to_ascii_lowercase();
    names.iter().any(|name| lower.contains(name))
}

/// An object on a line by itself is an article; a feed names its version or its items first.
fn json(text: &str) -> Kind {
    let head: String = text.chars().filter(|c| !c.is_whitespace()).take(200).collect();
    let feed =
        text.contains("jsonfeed.org/version") || head.contains("\"items\":[") || has_ninjs(text);
    match text.lines().next() {
        _ if feed => Kind::Feed,
        Some(line)
            if line.contains("\"id\"")
                || line.contains("\"title\"")
                || line.contains("\"url\"") =>
        {
            Kind::ArticleLines
        }
        _ => Kind::Unknown,
    }
}

fn plain(bytes: &[u8], text: &str) -> Kind {
    let controls = bytes.iter().filter(|&&b| b < 0x20 && !b.is_ascii_whitespace()).count();
    let damaged = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    if (controls + damaged) * 50 > bytes.len() { Kind::Unknown } else { Kind::Text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Kind) {
        assert_eq!(sniff(bytes), expected);
    }

    #[test]
    fn documents_show_what_they_are() {
        check(b"<?xml version='1.0'?><!-- <html> --><rss>", Kind::Feed);
        check(b"Warning: x on line 3\n<rdf:RDF xmlns='x'>", Kind::Feed);
        check(b"\xff\xfe<\0f\0e\0e\0d\0>\0", Kind::Feed);
        check(b"{ \"version\": \"https://jsonfeed.org/version/1\" }", Kind::Feed);
        check(b"[ {\"uri\": \"a\", \"pubStatus\": \"usable\"}]", Kind::Feed);
        check(b"\x01hpf0123 4 i 211 /Otan\r\n\x02L'Otan =", Kind::Feed);
        check(b"\x16\x16\x01W2870\x1f_hp\r\nr i\x13\x11 HP-Otan\r\n\x02^Otan<", Kind::Feed);
        check(b"[1, 2]", Kind::Text);
        check(b"\n<!DOCTYPE html><title>x", Kind::Page);
        check(b"<HTML><body>", Kind::Page);
        check(b"<p>Un paragraphe", Kind::Page);
        check(b"<opml version='2.0'>", Kind::Opml);
        check(b"{\"id\": \"1\", \"title\": \"x\"}\n{\"id\"", Kind::ArticleLines);
        check("L'Otan étudie 1 < 2 possibilités".as_bytes(), Kind::Text);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Unknown);
        check(b" \n", Kind::Unknown);
    }
}
