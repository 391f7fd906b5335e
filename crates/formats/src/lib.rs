//! Wire formats: what the provider says.
//!
//! Layer 1: no I/O, no clock, never fails, never panics. Bytes come in as they were received; a
//! [`Document`] comes out with what was understood, and with a [`Problem`](depeche_news::Problem)
//! for everything that was not. The way through: `decode` makes text of bytes, `markup` makes a
//! tree of text, `agency`, `sitemap`, `feed` and `json` read it, each in the words of its own format.

mod address;
mod agency;
pub mod atom;
mod cut;
pub mod dates;
mod decode;
mod discover;
mod document;
mod feed;
mod json;
mod lines;
mod made;
pub mod mail;
mod markup;
pub mod opml;
pub mod sitemap;
mod sniff;
mod twice;
mod unpack;
pub mod warc;

use depeche_news::jiff::tz::TimeZone;
use url::Url;

pub use agency::{CORRECTS, KILLS, is_numbered_daily, signal_of};
pub use cut::cut;
pub use discover::{FeedLink, discover, headline, linked_feeds};
pub use document::{
    Channel, Content, Document, Enclosure, Entry, Hints, Keyword, Link, Origin, Person,
};
pub use sitemap::sitemap;
pub use sniff::{Kind, sniff};
pub use unpack::{Unpacked, gunzip, is_gzip};

/// Reads a feed or an agency message of any format.
pub fn read(bytes: &[u8], hints: &Hints<'_>) -> Document {
    if let Some(document) = agency::wire::read(bytes, hints.content_type.and_then(decode::charset))
    {
        return document;
    }
    let base = hints.base.and_then(|base| Url::parse(base.trim()).ok());
    let decoded = decode::clean_text(bytes, hints.content_type);
    let home = Home { base: base.as_ref(), zone: hints.zone };
    let (mut document, enough) =
        made::within(decoded.text.len(), || understood(&decoded.text, home));
    if !enough {
        document.lost(made::TOO_MUCH);
    }
    if decoded.damaged {
        let problem = depeche_news::Problem::new("damaged_text", decoded.encoding);
        document.problems.push(problem);
    }
    twice::mend(&mut document);
    document
}

/// Where a document is from: what its relative addresses and its times without zone are read against.
#[derive(Clone, Copy, Default)]
pub(crate) struct Home<'h> {
    pub(crate) base: Option<&'h Url>,
    pub(crate) zone: Option<&'h TimeZone>,
}

fn understood(text: &str, home: Home<'_>) -> Document {
    let bare = text.trim_start_matches('\u{feff}').trim();
    let object = json::parsed(bare);
    let feed = || json::read(object.as_ref()?, home);
    if let Some(document) = agency::ninjs::read(bare, object.as_ref(), home.zone).or_else(feed) {
        return document;
    }
    let tree = markup::parse(text);
    let read = agency::read(&tree, home.zone)
        .or_else(|| sitemap::read(&tree, home))
        .or_else(|| feed::read(&tree, home));
    let Some(mut document) = read else {
        return Document::refused(why_refused(text, &tree));
    };
    for lost in &tree.lost {
        document.lost(*lost);
    }
    document
}

fn why_refused(text: &str, tree: &markup::Tree<'_>) -> &'static str {
    let top = |name: &str| tree.document().children().any(|top| top.is(name));
    match text.trim().is_empty() {
        true => "an empty document",
        false if top("html") => "an HTML page",
        false if top("opml") => "a list of subscriptions",
        false if top("sitemapindex") => "a list of sitemaps",
        false if top("urlset") => "a sitemap without news",
        false => "no format that is known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(bytes: &[u8], why: &str) {
        let document = read(bytes, &Hints::default());
        let problems: Vec<_> = document.problems.iter().map(ToString::to_string).collect();
        assert_eq!((document.format, problems), (None, vec![format!("refused: {why}")]));
    }

    #[test]
    fn what_is_refused_and_why() {
        refused(b" \n", "an empty document");
        refused(b"<!DOCTYPE html><html><body>x", "an HTML page");
        refused(b"<opml><body></body></opml>", "a list of subscriptions");
        refused(b"<sitemapindex></sitemapindex>", "a list of sitemaps");
        refused(b"<urlset><url><loc>/x</loc></url></urlset>", "a sitemap without news");
        refused(b"{\"a\": 1}", "no format that is known");
        refused("Un texte.".as_bytes(), "no format that is known");
    }

    #[test]
    fn damaged_text_is_read_and_it_is_said() {
        let text = "<rss><channel><title>Très, très, très, très, très abîmé".to_owned();
        let bytes = [text.repeat(2).as_bytes(), b"\xff</title></channel></rss>"].concat();
        let document = read(&bytes, &Hints::default());
        assert!(document.feed.title.is_some_and(|title| title.starts_with("Très")));
        assert!(document.problems.iter().any(|problem| problem.word == "damaged_text"));
    }

    #[test]
    fn text_that_was_encoded_twice_is_mended_and_it_is_said() {
        let twice = |text: &str| text.bytes().map(char::from).collect::<String>();
        let item = |text: &str| {
            format!("<item><title>{text}</title><description>{text}</description></item>")
        };
        let feed = |outlet: &str, items: &str| {
            format!("<rss version='2.0'><channel><title>{outlet}</title>{items}</channel></rss>")
        };
        let (good, other) = ("La préfète lève l'alerte à Sète", "Où va l'été ?");
        for (text, told) in [
            (twice(&feed("L'Été", &item(good))), 1),
            (feed("L'Été", &format!("{}{}", item(&twice(good)), item(other))), 1),
            (feed("L'Été", &item(good)), 0),
            (feed("L'Ete", &item("PÃ© et PÃ¨, dit l'élève")), 0),
        ] {
            let document = read(text.as_bytes(), &Hints::default());
            let problems =
                document.problems.iter().filter(|problem| problem.word == "damaged_text");
            assert_eq!(problems.count(), told, "{text}");
            let titles = document.items.iter().filter_map(|item| item.title.as_deref());
            let right = |title: &str| [good, other].contains(&title) || told == 0;
            assert!(titles.into_iter().all(right), "{:?}", document.items);
            assert_eq!(
                document.items.first().map(|item| &item.title),
                document.items.first().map(|item| &item.summary)
            );
            assert_eq!(
                document.feed.title.as_deref(),
                Some(if told == 0 && text.contains("L'Ete") { "L'Ete" } else { "L'Été" })
            );
        }
    }
}
