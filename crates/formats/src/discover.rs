//! Finds the feeds that a page points to.

use depeche_news::limits::formats::{DISCOVERED_BYTES_MAX, DISCOVERED_LINKS_MAX};
use serde::Serialize;
use url::Url;

use crate::address::absolute;
use crate::markup::{Tag, tag_name, unescape};

/// A feed that a page points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedLink {
    /// Its absolute address.
    pub address: String,
    /// What the page calls it.
    pub title: Option<String>,
}

/// The feeds in the `<link rel="alternate">` of `html`, which came from `base`, in page order.
pub fn discover(html: &str, base: &str) -> Vec<FeedLink> {
    let html = &html[..html.floor_char_boundary(DISCOVERED_BYTES_MAX)];
    let mut base = Url::parse(base).ok();
    let mut found: Vec<FeedLink> = Vec::new();
    let mut at = 0;
    while let Some(length) = html[at..].find('<').filter(|_| found.len() < DISCOVERED_LINKS_MAX) {
        at += length;
        let Some(name) = tag_name(html, at) else {
            at += 1;
            continue;
        };
        let (tag, attributes) = (&html[name.clone()], name.end);
        at = attributes;
        if tag.eq_ignore_ascii_case("base") {
            base = href(html, attributes)
                .and_then(|href| Url::parse(&absolute(&href, base.as_ref())).ok())
                .or(base);
        } else if tag.eq_ignore_ascii_case("link") {
            let link = feed_link(html, attributes, base.as_ref());
            found.extend(
                link.filter(|link| found.iter().all(|known| known.address != link.address)),
            );
        }
    }
    found
}

fn href(html: &str, attributes: usize) -> Option<String> {
    let mut tag = Tag::new(html, attributes);
    let (_, value) = tag.find(|(name, _)| name.eq_ignore_ascii_case("href"))?;
    Some(unescape(value, &[]).trim().to_owned()).filter(|href| !href.is_empty())
}

fn feed_link(html: &str, attributes: usize, base: Option<&Url>) -> Option<FeedLink> {
    let (mut alternate, mut feed, mut title) = (false, false, None);
    for (name, value) in Tag::new(html, attributes) {
        match name.to_ascii_lowercase().as_str() {
            "rel" => {
                alternate =
                    value.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("alternate"))
            }
            "type" => feed = is_feed(value),
            "title" => {
                title = Some(unescape(value, &[]).trim().to_owned()).filter(|t| !t.is_empty())
            }
            _ => {}
        }
    }
    let href = href(html, attributes).filter(|_| alternate && feed)?;
    Some(FeedLink { address: absolute(&href, base), title })
}

/// `application/json` is not among them: half of the pages of the web link their own data so.
fn is_feed(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        essence.as_str(),
        "application/rss+xml"
            | "application/atom+xml"
            | "application/rdf+xml"
            | "application/feed+json"
            | "text/xml"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &[(&str, Option<&str>)]) {
        let found = discover(html, "https://a.example/monde/");
        let found: Vec<_> =
            found.iter().map(|f| (f.address.as_str(), f.title.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn links_to_feeds() {
        let rss = "<LINK rel='alternate' type='application/rss+xml' title='À la une' href='/rss?a=1&amp;b'>";
        check(rss, &[("https://a.example/rss?a=1&b", Some("À la une"))]);
        check(
            "<link type=application/atom+xml href=fil.atom rel='home alternate'/>",
            &[("https://a.example/monde/fil.atom", None)],
        );
        check(
            "<base href='/x/'><link rel=alternate type=application/feed+json href=f>",
            &[("https://a.example/x/f", None)],
        );
        check(&format!("{rss}{rss}"), &[("https://a.example/rss?a=1&b", Some("À la une"))]);
    }

    #[test]
    fn links_to_other_things() {
        check("<link rel=alternate hreflang=en href=/en>", &[]);
        check("<link rel=alternate type=application/json href=/wp-json/1>", &[]);
        check("<link rel=stylesheet type=application/rss+xml href=/en>", &[]);
        check("<link rel=alternate type=application/rss+xml>", &[]);
        check("< link <link", &[]);
    }
}
