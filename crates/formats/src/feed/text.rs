//! The text constructs of feeds: plain, escaped, inline, base64, and in truth often another one.

use std::borrow::Cow;

use url::Url;

use crate::Content;
use crate::address::absolute_markup;
use crate::markup::{Element, escape_into, inner_markup};

/// The text or markup an element carries, and what it is written in.
pub(crate) fn content(element: Element<'_, '_>, base: Option<&Url>) -> Content {
    let declared = element.attribute("type").unwrap_or_default();
    let kind = Kind::of(declared, element.attribute("mode").unwrap_or_default());
    let element = escaped_in_div(element, kind).unwrap_or(element);
    let (value, media_type) = if element.children().next().is_some() {
        // It is written as HTML, whatever it was read as.
        (Cow::Owned(inline(element, kind)), Some("text/html"))
    } else {
        let text = element.text();
        match kind {
            Kind::Base64 => (decoded(&text).map_or(text, Cow::Owned), None),
            Kind::Plain => (text, Some("text/plain")),
            Kind::Html | Kind::Xhtml | Kind::Unsaid => (text, Some("text/html")),
        }
    };
    let value = match base.filter(|_| kind != Kind::Plain && value.contains('<')) {
        Some(base) => absolute_markup(&value, base).into_owned(),
        None => value.into_owned(),
    };
    let media_type =
        media_type.unwrap_or(if declared.contains('/') { declared } else { "text/html" });
    Content { value, media_type: Some(media_type.to_owned()) }
}

/// The value alone as markup, nothing when it is empty.
pub(crate) fn filled(element: Element<'_, '_>, base: Option<&Url>) -> Option<String> {
    Some(as_markup(content(element, base))).filter(|value| !value.is_empty())
}

/// Markup that shows the content: what was declared to be plain text is escaped.
pub(crate) fn as_markup(content: Content) -> String {
    if content.media_type.as_deref() != Some("text/plain") || !content.value.contains(['<', '&']) {
        return content.value;
    }
    let mut markup = String::with_capacity(content.value.len() + 16);
    escape_into(&content.value, false, &mut markup);
    markup
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Html,
    Xhtml,
    Base64,
    Unsaid,
}

impl Kind {
    /// By Atom's `type` and `mode`; RSS has neither, and its text is HTML.
    fn of(declared: &str, mode: &str) -> Self {
        let declared = declared.to_ascii_lowercase();
        match declared.as_str() {
            _ if mode.eq_ignore_ascii_case("base64") => Self::Base64,
            "text" | "text/plain" | "plain" => Self::Plain,
            "xhtml" | "application/xhtml+xml" => Self::Xhtml,
            "html" | "text/html" => Self::Html,
            "" => Self::Unsaid,
            other if other.starts_with("text/") || other.ends_with("xml") => Self::Html,
            other if other.contains('/') => Self::Base64,
            _ => Self::Unsaid,
        }
    }
}

/// The `div` that one weblog service put around escaped HTML.
fn escaped_in_div<'t, 'a>(element: Element<'t, 'a>, kind: Kind) -> Option<Element<'t, 'a>> {
    let mut children = element.children();
    let div = children.next().filter(|first| kind == Kind::Html && first.is("div"))?;
    (children.next().is_none() && div.children().next().is_none()).then_some(div)
}

/// Markup inside; the `div` that Atom asks for around XHTML is no part of it.
fn inline(element: Element<'_, '_>, kind: Kind) -> String {
    let mut children = element.children();
    let first = children.next().filter(|first| first.is("div"));
    let only = first.filter(|_| kind == Kind::Xhtml && children.next().is_none());
    inner_markup(only.unwrap_or(element), kind == Kind::Xhtml).trim().to_owned()
}

/// Base64 that is text; `None` for anything else.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::parse;

    #[track_caller]
    fn check(element: &str, value: &str, media_type: &str) {
        let tree = parse(element);
        let base = Url::parse("https://a.example/").ok();
        let content = content(tree.document().children().next().unwrap(), base.as_ref());
        assert_eq!(
            (content.value.as_str(), content.media_type.as_deref()),
            (value, Some(media_type))
        );
    }

    #[test]
    fn every_way_to_carry_text() {
        check("<title>R&amp;D</title>", "R&D", "text/html");
        check("<title type='text'>1 &lt; 2</title>", "1 < 2", "text/plain");
        check("<d>&lt;a href='/b'></d>", "<a href='https://a.example/b'>", "text/html");
        check("<d><![CDATA[<b>x</b>]]></d>", "<b>x</b>", "text/html");
        check("<d>ligne<br>suite &amp; <i>fin</d>", "ligne<br>suite &amp; <i>fin</i>", "text/html");
        let div = "<c type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>&lt;<p/></div></c>";
        check(div, "&lt;<p></p>", "text/html");
        check("<c mode='base64' type='text/html'>PGI+w6k8L2I+</c>", "<b>é</b>", "text/html");
        check("<c mode='base64'>é</c>", "é", "text/html");
    }
}
