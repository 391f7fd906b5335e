//! Makes relative addresses absolute, alone and inside of markup.

use depeche_news::limits::formats::ADDRESS_BYTES_MAX;
use std::borrow::Cow;

use url::Url;

use crate::made;
use crate::markup::{Piece, escape_into, next_piece, tag_name, unescape};

/// Attributes of HTML that hold one address.
const ADDRESSES: [&str; 12] = [
    "href",
    "src",
    "cite",
    "action",
    "background",
    "classid",
    "codebase",
    "data",
    "longdesc",
    "poster",
    "profile",
    "usemap",
];

/// `address` against `base`; as written where it is absolute or there is no base.
pub(crate) fn absolute(address: &str, base: Option<&Url>) -> String {
    let address = address.trim();
    let joined = base.filter(|_| is_relative(address)).and_then(|base| against(base, address));
    joined.map_or_else(|| address.to_owned(), String::from)
}

/// `address` against `base`, if both are as long as addresses are, and the document may still become longer by it.
pub(crate) fn against(base: &Url, address: &str) -> Option<Url> {
    let is_usual = base.as_str().len().max(address.len()) <= ADDRESS_BYTES_MAX;
    // Looked at first, so that an empty account costs no more work.
    let joined = (is_usual && made::take(0)).then(|| base.join(address).ok())??;
    let length = joined.as_str().len();
    (length <= ADDRESS_BYTES_MAX && made::take(length)).then_some(joined)
}

/// Whether `address` has no scheme. An empty one and a place in the page itself are left alone.
fn is_relative(address: &str) -> bool {
    if address.is_empty() || address.starts_with('#') || address.len() > ADDRESS_BYTES_MAX {
        return false;
    }
    let scheme_end = address.find([':', '/', '?', '#']);
    let has_scheme = scheme_end.is_some_and(|at| {
        address.as_bytes().get(at) == Some(&b':')
            && address.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    !has_scheme
}

/// Markup with the addresses in its tags made absolute; unchanged where none is relative.
pub(crate) fn absolute_markup<'m>(markup: &'m str, base: &Url) -> Cow<'m, str> {
    let mut out = String::new();
    let mut written = 0;
    let mut at = 0;
    while let Some(length) = markup[at..].find('<') {
        at += length;
        let Some(name) = tag_name(markup, at) else {
            at += 1;
            continue;
        };
        at = name.end;
        while let Piece::Attribute { name, value, quoted } = next_piece(markup, &mut at) {
            let Some(joined) = joined(&markup[name], &markup[value.clone()], base) else {
                continue;
            };
            out.push_str(&markup[written..value.start]);
            written = value.end;
            match quoted {
                true => escape_into(&joined, true, &mut out),
                false => {
                    out.push('"');
                    escape_into(&joined, true, &mut out);
                    out.push('"');
                }
            }
        }
    }
    if written == 0 {
        return Cow::Borrowed(markup);
    }
    out.push_str(&markup[written..]);
    Cow::Owned(out)
}

fn joined(name: &str, value: &str, base: &Url) -> Option<String> {
    if !ADDRESSES.iter().any(|address| name.eq_ignore_ascii_case(address)) {
        return None;
    }
    let value = unescape(value.trim(), &[]);
    is_relative(&value).then(|| against(base, &value).map(String::from))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, expected: &str) {
        let base = Url::parse("https://a.example/fil/rss.xml").unwrap();
        assert_eq!(absolute_markup(markup, &base), expected);
    }

    #[test]
    fn addresses_in_markup() {
        check("<a href='/x?a=1&amp;b'>x</a>", "<a href='https://a.example/x?a=1&amp;b'>x</a>");
        check("<img src=i.jpg alt=i>", "<img src=\"https://a.example/fil/i.jpg\" alt=i>");
        check("<a href=#n>", "<a href=#n>");
        check("<a href='mailto:a@b'> 1 < 2 <a href=", "<a href='mailto:a@b'> 1 < 2 <a href=");
        check("<a href='//b.example/y'>", "<a href='https://b.example/y'>");
    }

    #[test]
    fn addresses_alone() {
        let base = Url::parse("https://a.example/fil/").ok();
        assert_eq!(absolute(" b ", base.as_ref()), "https://a.example/fil/b");
        assert_eq!(absolute("urn:x", base.as_ref()), "urn:x");
        assert_eq!(absolute("b", None), "b");
    }
}
