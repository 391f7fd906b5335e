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
    found(html, base, "link", |tag, base| {
        let link = Told::of(tag);
        let address = absolute(&link.href.filter(|_| link.alternate && link.feed)?, base);
        Some(FeedLink { address, title: link.title })
    })
}

/// What the `<a href>` of `html` lead to that have the look of feeds, in page order.
pub fn linked_feeds(html: &str, base: &str) -> Vec<FeedLink> {
    found(html, base, "a", |tag, base| {
        let link = Told::of(tag);
        let url = Url::parse(&absolute(&link.href?, base)).ok().filter(looks_like_a_feed)?;
        Some(FeedLink { address: url.into(), title: link.title })
    })
}

/// A headline as it is written in a feed, without its markup.
pub fn headline(markup: &str) -> String {
    let mut plain = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some((text, tag)) = rest.split_once('<') {
        plain.push_str(text);
        rest = tag;
        if !tag.starts_with(|c: char| c.is_alphabetic() || "/!".contains(c)) {
            plain.push('<');
            continue;
        }
        let Some((_, after)) = tag.split_once('>') else {
            // Where this tag does not end, none does.
            plain.push('<');
            break;
        };
        rest = after;
    }
    plain.push_str(rest);
    depeche_text::squash(&unescape(&plain, &[]))
}

/// The links that `pick` finds in tags of one name, each once. What `pick` has read of the text is not looked
/// through for other tags, so that a page costs what it is long.
fn found<'t>(
    html: &'t str,
    base: &str,
    wanted: &str,
    pick: impl Fn(&mut Tag<'t>, Option<&Url>) -> Option<FeedLink>,
) -> Vec<FeedLink> {
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
        let mut tag = Tag::new(html, name.end);
        let name = &html[name];
        if name.eq_ignore_ascii_case("base") {
            base = Told::of(&mut tag)
                .href
                .and_then(|href| Url::parse(&absolute(&href, base.as_ref())).ok())
                .or(base);
        } else if name.eq_ignore_ascii_case(wanted) {
            let link = pick(&mut tag, base.as_ref());
            found.extend(
                link.filter(|link| found.iter().all(|known| known.address != link.address)),
            );
        }
        at = tag.at();
    }
    found
}

/// What a tag says of where it leads.
#[derive(Default)]
struct Told {
    href: Option<String>,
    title: Option<String>,
    alternate: bool,
    feed: bool,
}

impl Told {
    fn of(tag: &mut Tag<'_>) -> Self {
        let mut told = Self::default();
        let filled =
            |value| Some(unescape(value, &[]).trim().to_owned()).filter(|value| !value.is_empty());
        for (name, value) in tag {
            match name.to_ascii_lowercase().as_str() {
                "href" => told.href = told.href.or_else(|| filled(value)),
                "title" => told.title = told.title.or_else(|| filled(value)),
                "rel" => {
                    told.alternate =
                        value.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("alternate"));
                }
                "type" => told.feed = is_feed(value),
                _ => {}
            }
        }
        told
    }
}

/// Whether an address is written as those of feeds are. Pages that list an outlet's feeds are called the same.
fn looks_like_a_feed(url: &Url) -> bool {
    const WORDS: [&str; 7] = ["rss", "rss2", "atom", "rdf", "feed", "feeds", "flux"];
    let telling = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
    };
    let host =
        url.host_str().is_some_and(|host| host.starts_with("feeds.") || host.starts_with("rss."));
    matches!(url.scheme(), "http" | "https")
        && (host || telling(url.path()) || url.query().is_some_and(telling))
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

    /// Quotation marks that take in all that follows, for each tag anew.
    #[test]
    fn no_text_is_looked_through_twice() {
        for hostile in
            ["<link a=\" \"b=\"", "<link/a=", "<link a='", "<link a=\"", "<link ", "<link"]
        {
            let html = hostile.repeat(1000);
            let read = std::cell::Cell::new(0);
            found(&html, "https://a.example/", "link", |tag, _| {
                let from = tag.at();
                tag.by_ref().for_each(drop);
                read.set(read.get() + tag.at() - from);
                None
            });
            assert!(read.get() <= html.len(), "{hostile}: {}", read.get());
        }
        assert_eq!(headline(&"<a".repeat(3)), "<a<a<a");
        assert_eq!(headline("< <b>x"), "< x");
    }

    #[track_caller]
    fn check_anchors(html: &str, expected: &[&str]) {
        let found = linked_feeds(html, "https://a.example/monde/");
        let found: Vec<_> = found.iter().map(|found| found.address.as_str()).collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn links_that_have_the_look_of_feeds() {
        check_anchors("<a href='/rss/une.xml'>RSS</a>", &["https://a.example/rss/une.xml"]);
        check_anchors("<a href='fil.rss#top'>", &["https://a.example/monde/fil.rss#top"]);
        check_anchors("<A HREF='https://feeds.b.example/x'>", &["https://feeds.b.example/x"]);
        check_anchors("<a href='/?feed=rss2'>", &["https://a.example/?feed=rss2"]);
        check_anchors("<a href='/les-flux-rss'>", &["https://a.example/les-flux-rss"]);
        check_anchors("<a href='/feedback'><a href='mailto:rss@a.example'><a>", &[]);
        check_anchors("<link href='/rss'>", &[]);
    }

    #[test]
    fn headlines_without_their_markup() {
        for (markup, plain) in [
            ("L&#8217;Otan <b>se</b>\n réunit", "L\u{2019}Otan se réunit"),
            ("1 < 2 &amp; 3", "1 < 2 & 3"),
            ("a <", "a <"),
            ("", ""),
        ] {
            assert_eq!(headline(markup), plain);
        }
    }
}
