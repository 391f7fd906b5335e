//! What a record holds: an answer of a server, out of its transfer and content codings, or a document by
//! itself; and whether that is anything of ours.

use std::borrow::Cow;

use depeche_news::limits::archives::RECORD_BYTES_MAX;
use url::Url;

use super::head::{Head, RecordKind, fields};
use super::{Page, Passed};
use crate::lines::blank_line;
use crate::sniff::has_ninjs;
use crate::unpack::decoded;
use crate::{Kind, sniff};

/// The page, feed or text of a record's block; else why it is passed over.
pub(super) fn page(head: &Head, block: &[u8]) -> Result<Page, Passed> {
    let answer = match (head.kind, block.starts_with(b"HTTP/")) {
        (RecordKind::Response, true) => answer(block)?,
        (RecordKind::Response | RecordKind::Resource | RecordKind::Conversion, _) => Answer {
            content_type: head.content_type.clone(),
            body: Cow::Borrowed(block),
            whole: true,
        },
        (RecordKind::Revisit, _) => return Err(Passed::Revisit),
        (RecordKind::Request, _) => return Err(Passed::Request),
        (RecordKind::Other, _) => return Err(Passed::Other),
    };
    let address = head.address.as_deref().and_then(address).ok_or(Passed::NoAddress)?;
    let essence = essence(answer.content_type.as_deref());
    let kind = kind(&essence, &answer.body).filter(|_| !is_for_machines(&address));
    let kind = kind.ok_or(Passed::Media)?;
    Ok(Page {
        address,
        date: head.date,
        content_type: answer.content_type,
        body: answer.body.into_owned(),
        kind,
        whole: answer.whole,
    })
}

/// The address of a page or a file; crawlers also name their own notes, as `metadata:` and `dns:`.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https" | "file").then(|| url.into())
}

struct Answer<'b> {
    content_type: Option<String>,
    body: Cow<'b, [u8]>,
    whole: bool,
}

/// A server's answer out of its codings; what could not be decoded to its end is given as far as it goes.
fn answer(block: &[u8]) -> Result<Answer<'_>, Passed> {
    let (head, body) = block.split_at(blank_line(block).unwrap_or(block.len()));
    let text = String::from_utf8_lossy(head);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let status = first.split_ascii_whitespace().nth(1).unwrap_or_default();
    if !matches!(status, "200" | "203") {
        return Err(Passed::Status);
    }
    let fields = fields(rest);
    let field = |name: &str| {
        let mut named = fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let content_type = field("content-type").map(str::to_owned);
    let chunked = field("transfer-encoding")
        .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    let (body, all_chunks) = if chunked { unchunked(body) } else { (Cow::Borrowed(body), true) };
    let Some(coding) = field("content-encoding") else {
        return Ok(Answer { content_type, body, whole: all_chunks });
    };
    let (unpacked, whole) = match decoded(&body, coding, RECORD_BYTES_MAX).ok_or(Passed::Coding)? {
        (Cow::Owned(unpacked), whole) => (Some(unpacked), whole),
        (Cow::Borrowed(_), whole) => (None, whole),
    };
    let body = unpacked.map_or(body, Cow::Owned);
    Ok(Answer { content_type, body, whole: all_chunks && whole })
}

/// A body out of its chunks, and whether the last one was there. One that is not in chunks at all is as it is:
/// many archives keep the header and not the chunks.
fn unchunked(body: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let mut whole = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size =
            std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let (Some(size), Some(end)) = (size, end) else {
            return match whole.is_empty() {
                true => (Cow::Borrowed(body), true),
                false => (Cow::Owned(whole), false),
            };
        };
        rest = rest.get(end + 1..).unwrap_or_default();
        let chunk = rest.get(..size.min(rest.len())).unwrap_or_default();
        whole.extend_from_slice(chunk);
        if size == 0 || chunk.len() < size {
            return (Cow::Owned(whole), size == 0);
        }
        rest = rest.get(size..).unwrap_or_default();
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
}

/// The media type without its parameters, in lower case.
fn essence(content_type: Option<&str>) -> String {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// What a document is, by its media type and by itself: both are wrong too often to be believed alone.
fn kind(essence: &str, body: &[u8]) -> Option<Kind> {
    let may_be_page = matches!(essence, "text/html" | "application/xhtml+xml");
    let may_be_text = essence == "text/plain";
    let untold =
        matches!(essence, "" | "application/octet-stream" | "application/http" | "no-type");
    let may_be_feed = essence.ends_with("xml") || essence.ends_with("json");
    match sniff(body) {
        Kind::Feed if is_without_news(body) => None,
        Kind::Feed if may_be_page || may_be_text || untold || may_be_feed => Some(Kind::Feed),
        Kind::Page if may_be_page || may_be_text || untold || may_be_feed => Some(Kind::Page),
        // A fragment, or a page that begins with something else.
        Kind::Text if may_be_page => Some(Kind::Page),
        Kind::Text if may_be_text => Some(Kind::Text),
        _ => None,
    }
}

/// What looks like a feed and is none: plain sitemaps, and the data that pages load for themselves.
fn is_without_news(body: &[u8]) -> bool {
    let has =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    let start = body.get(..START_BYTES).unwrap_or(body);
    match start.trim_ascii_start().first() {
        Some(b'{') => {
            !has(body, "jsonfeed.org/version") && !has_ninjs(&String::from_utf8_lossy(body))
        }
        _ => has(start, "<urlset") && !has(body, ":news>"),
    }
}

/// Bytes in which a document shows its root.
const START_BYTES: usize = 4096;

/// Texts at a site's root that are for crawlers.
fn is_for_machines(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    [
        "/robots.txt",
        "/ads.txt",
        "/app-ads.txt",
        "/humans.txt",
        "/llms.txt",
        "/.well-known/security.txt",
    ]
    .iter()
    .any(|name| path.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(block: &str, expected: Result<(&str, bool), Passed>) {
        let head = Head {
            kind: RecordKind::Response,
            address: Some("https://a.example/otan".to_owned()),
            ..Head::default()
        };
        let page = page(&head, block.as_bytes());
        let found = page.map(|page| (String::from_utf8_lossy(&page.body).into_owned(), page.whole));
        assert_eq!(found, expected.map(|(body, whole)| (body.to_owned(), whole)));
    }

    const HTML: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

    #[test]
    fn answers_out_of_their_chunks() {
        check(&format!("{HTML}\r\n<p>Otan</p>"), Ok(("<p>Otan</p>", true)));
        check(
            &format!(
                "{HTML}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>Ot\r\n6;x=y\r\nan</p>\r\n0\r\n\r\n"
            ),
            Ok(("<p>Otan</p>", true)),
        );
        check(
            &format!("{HTML}Transfer-Encoding: chunked\r\n\r\n<p>Otan</p>"),
            Ok(("<p>Otan</p>", true)),
        );
        check(
            &format!("{HTML}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>Ot\r\nff\r\nan"),
            Ok(("<p>Otan", false)),
        );
        check(
            &format!("{HTML}Transfer-Encoding: chunked\r\n\r\n5\r\n<p>Ot\r\nxyz"),
            Ok(("<p>Ot", false)),
        );
        check(
            &format!("{HTML}Content-Encoding: gzip\r\n\r\n<p>Otan</p>"),
            Ok(("<p>Otan</p>", true)),
        );
        check(&format!("{HTML}Content-Encoding: zstd\r\n\r\n<p>Otan</p>"), Err(Passed::Coding));
    }

    /// All that an agency sends as ninjs, of each version of it.
    #[test]
    fn ninjs_is_an_agencys_and_no_data_of_a_page() {
        let agency = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/agency");
        for version in ["ninjs1", "ninjs2", "ninjs3"] {
            for message in ["1-urgent", "2-update", "3-correction", "4-cancel", "embargo"] {
                let path = agency.join(version).join(message).with_extension("json");
                let body = std::fs::read(&path).unwrap_or_default();
                assert_eq!(kind("application/json", &body), Some(Kind::Feed), "{path:?}");
            }
        }
        let bare = r#"{"uri": "a", "firstCreated": "2016-02-11", "headlines": []}"#;
        assert_eq!(kind("application/vnd.iptc.ninjs+json", bare.as_bytes()), Some(Kind::Feed));
    }

    #[test]
    fn what_is_none_of_ours() {
        check(
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>Otan</p>",
            Err(Passed::Status),
        );
        check("HTTP/1.1 200\r\nContent-Type: image/png\r\n\r\n\u{89}PNG", Err(Passed::Media));
        check("HTTP/1.1 200\r\nContent-Type: text/css\r\n\r\na { color: red }", Err(Passed::Media));
        check(
            "HTTP/1.1 200\r\nContent-Type: application/json\r\n\r\n{\"a\": 1}",
            Err(Passed::Media),
        );
        check(
            "HTTP/1.1 200\r\nContent-Type: text/xml\r\n\r\n<rss></rss>",
            Ok(("<rss></rss>", true)),
        );
        check(
            "HTTP/1.1 200\r\nContent-Type: text/xml\r\n\r\n<urlset><url><loc>/x</loc></url></urlset>",
            Err(Passed::Media),
        );
        check(
            "HTTP/1.1 200\r\nContent-Type: application/json\r\n\r\n{\"items\":[]}",
            Err(Passed::Media),
        );
        check("HTTP/1.1 200\r\n\r\n", Err(Passed::Media));
        check("HTTP/", Err(Passed::Status));
    }
}
