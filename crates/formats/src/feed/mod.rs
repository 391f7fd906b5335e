//! RSS of every version, RDF, Atom and CDF: one reader for all, because real feeds mix them.
//!
//! Elements are read by what they mean, not by which root they stand under: an `atom:link` in RSS,
//! a `dc:creator` in Atom and an `<issued>` in a feed that calls itself 1.0 are all understood.

mod around;
mod gather;
mod modules;
mod person;
mod text;
mod updates;

use depeche_news::limits::formats::{
    ADDRESS_BYTES_MAX, AGENCY_MESSAGE_PROBLEMS_MAX, FEED_ITEMS_MAX,
};
use std::borrow::Cow;

use depeche_news::{Moment, Problem, jiff::tz::TimeZone};
use url::Url;

use crate::address::against;
use crate::agency::{self, LIST_CUT, extension};
use crate::dates::date_in;
use crate::markup::{Element, Namespace, Tree};
use crate::{Document, Home, feed::gather::Gathered};

/// Reads a tree as a feed; `None` when nothing in it is one.
pub(crate) fn read(tree: &Tree<'_>, home: Home<'_>) -> Option<Document> {
    let Home { base, zone } = home;
    let place = Place { base: base.map(Cow::Borrowed), has_base: tree.has_base, zone };
    let document = tree.document();
    let mut roots: Vec<_> = document.children().filter(|top| is_root(*top)).collect();
    if roots.is_empty() && !document.children().any(|top| top.is("html")) {
        // An error message with unclosed tags may stand around the feed.
        roots.extend(document.descendants().find(|inner| is_root(*inner)));
    }
    let format = format(*roots.first()?);
    let mut reading = Reading { document: Document::default(), channel: Gathered::default() };
    reading.document.format = Some(format);
    for root in roots {
        match is_item(root) {
            true => reading.item(root, &place),
            false => reading.channel(root, &place),
        }
    }
    let Reading { mut document, channel } = reading;
    if channel.cut {
        document.lost(LIST_CUT);
    }
    unread_date(&mut document, &channel);
    document.feed = channel.into_channel();
    against_own_page(&mut document, base.is_some());
    Some(document)
}

/// A place of the tree: what is read against there, for relative addresses and for dates without zone.
pub(crate) struct Place<'u> {
    pub(crate) base: Option<Cow<'u, Url>>,
    has_base: bool,
    pub(crate) zone: Option<&'u TimeZone>,
}

impl Place<'_> {
    /// The place inside of `element`, which may set `xml:base`.
    pub(crate) fn inside(&self, element: Element<'_, '_>) -> Place<'_> {
        let own = if self.has_base { element.attribute("xml:base") } else { None };
        let joined = own.and_then(|own| match &self.base {
            Some(outer) => against(outer, own),
            None if own.len() > ADDRESS_BYTES_MAX => None,
            None => Url::parse(own).ok(),
        });
        let base = joined.map(Cow::Owned).or_else(|| self.base.as_deref().map(Cow::Borrowed));
        Place { base, has_base: self.has_base, zone: self.zone }
    }

    /// The date in an element; one without zone is one of the source's.
    pub(crate) fn date(&self, text: &str) -> Option<Moment> {
        date_in(text, self.zone)
    }

    pub(crate) fn base(&self) -> Option<&Url> {
        self.base.as_deref()
    }
}

struct Reading {
    document: Document,
    channel: Gathered,
}

impl Reading {
    fn channel(&mut self, root: Element<'_, '_>, place: &Place<'_>) {
        let place = place.inside(root);
        self.channel.attributes(root, &place);
        for child in root.children() {
            if is_item(child) {
                self.item(child, &place);
            } else if child.is("channel") && !root.is("channel") {
                // RDF has its items beside the channel, RSS inside.
                self.channel(child, &place);
            } else if child.is("items") && child.child("item").is_some() {
                child.children().filter(|c| is_item(*c)).for_each(|item| self.item(item, &place));
            } else {
                self.channel.element(child, &place);
            }
        }
    }

    fn item(&mut self, item: Element<'_, '_>, place: &Place<'_>) {
        if self.document.items.len() >= FEED_ITEMS_MAX {
            return self.document.lost("more items than are read of one document");
        }
        let place = place.inside(item);
        let mut gathered = Gathered::default();
        gathered.attributes(item, &place);
        for child in item.children() {
            gathered.element(child, &place);
        }
        gathered.join_media();
        if gathered.cut {
            self.document.lost(LIST_CUT);
        }
        unread_date(&mut self.document, &gathered);
        let agency = gathered.agency.take();
        let mut entry = gathered.into_entry();
        if let Some(agency) = agency {
            let (problems, cut) = extension::onto(*agency, &mut entry);
            for problem in problems {
                agency::tell(&mut self.document.problems, AGENCY_MESSAGE_PROBLEMS_MAX, problem);
            }
            if cut {
                self.document.lost(LIST_CUT);
            }
        }
        self.document.items.push(entry);
        self.document.parts.push(item.span());
    }
}

/// Tells the first date of a document that could not be read: the others are mostly of the same form.
fn unread_date(document: &mut Document, gathered: &Gathered) {
    const WORD: &str = "unreadable_date";
    if let Some(text) = &gathered.around.unread_date
        && document.problems.iter().all(|problem| problem.word != WORD)
    {
        document.problems.push(Problem::new(WORD, text.clone()));
    }
}

fn is_root(element: Element<'_, '_>) -> bool {
    ["rss", "feed", "rdf", "channel"].iter().any(|root| element.is(root)) || is_item(element)
}

fn is_item(element: Element<'_, '_>) -> bool {
    let known = matches!(element.namespace(), Namespace::Core | Namespace::Rdf);
    known && (element.is("item") || element.is("entry"))
}

/// The format by the root element and what it says of its version.
fn format(root: Element<'_, '_>) -> String {
    let version = root.attribute("version").filter(|v| is_version(v)).unwrap_or_default();
    let declares = |part: &str| root.pairs().any(|(_, value)| value.contains(part));
    match root.name().to_ascii_lowercase().as_str() {
        "rss" | "item" => format!("rss{version}"),
        "rdf" if declares("rdf/simple/0.9") => "rdf0.90".to_owned(),
        "rdf" => "rdf1.0".to_owned(),
        "channel" if root.attribute("href").is_some() || root.attribute("lastmod").is_some() => {
            "cdf".to_owned()
        }
        "channel" => "rss".to_owned(),
        _ if declares("purl.org/atom/ns") || version == "0.3" => "atom0.3".to_owned(),
        _ => "atom1.0".to_owned(),
    }
}

/// Whether it is a number as versions have it, and not whatever a document puts there.
pub(crate) fn is_version(text: &str) -> bool {
    text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Where nothing else is known, relative addresses of items belong to the feed's own page.
fn against_own_page(document: &mut Document, base_known: bool) {
    let page = document.feed.link.as_deref().and_then(|link| Url::parse(link).ok());
    let Some(page) = page.filter(|_| !base_known) else { return };
    let absolute = |address: &mut String| *address = crate::address::absolute(address, Some(&page));
    for item in &mut document.items {
        item.link.iter_mut().for_each(absolute);
        item.links.iter_mut().for_each(|link| absolute(&mut link.href));
        item.enclosures.iter_mut().for_each(|enclosure| absolute(&mut enclosure.url));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entry;

    fn item(inside: &str) -> Entry {
        let text = format!("<rss><channel><item>{inside}</item></channel></rss>");
        let tree = crate::markup::parse(&text);
        let base = Url::parse("https://a.example/").ok();
        let home = Home { base: base.as_ref(), zone: None };
        read(&tree, home).unwrap().items.remove(0)
    }

    #[track_caller]
    fn link(inside: &str, expected: Option<&str>) {
        assert_eq!(item(inside).link.as_deref(), expected);
    }

    #[track_caller]
    fn said(field: fn(&Entry) -> Option<&String>, inside: &str, expected: &str) {
        assert_eq!(field(&item(inside)).map(String::as_str), Some(expected));
    }

    #[test]
    fn the_page_of_an_item() {
        link("<link>/1</link><guid>https://b.example/2</guid>", Some("https://a.example/1"));
        link("<guid>https://b.example/2</guid>", Some("https://b.example/2"));
        link("<guid isPermaLink='false'>https://b.example/2</guid>", None);
        link("<guid>2</guid>", None);
        link("<link rel='self' href='/s'/><link href='/p'/>", Some("https://a.example/p"));
        link(
            "<link type='application/pdf' href='/f'/><link href='/p'/>",
            Some("https://a.example/p"),
        );
    }

    #[test]
    fn own_words_before_borrowed_ones() {
        let of: fn(&Entry) -> Option<&String> = |entry| entry.title.as_ref();
        said(of, "<media:title>m</media:title><dc:title>d</dc:title><title>t</title>", "t");
        said(of, "<media:title>m</media:title><dc:title>d</dc:title>", "d");
        said(of, "<media:group><media:title>m</media:title></media:group>", "m");
        let caption =
            "<media:content url='/i'><media:description>c</media:description></media:content>";
        assert_eq!(item(caption).summary, None);
        said(
            |entry| entry.summary.as_ref(),
            "<itunes:summary>i</itunes:summary><description>d</description>",
            "d",
        );
        said(|entry| entry.guid.as_ref(), "<dc:identifier>d</dc:identifier><guid>g</guid>", "g");
        said(|entry| entry.language.as_ref(), "<dc:language>fr_CA</dc:language>", "fr-CA");
    }

    #[test]
    fn bodies_beside_the_summary() {
        let entry = item("<description>d</description><content:encoded>c</content:encoded>");
        assert_eq!((entry.summary.as_deref(), entry.content.len()), (Some("d"), 1));
        let entry = item("<description>d</description><summary>s</summary><summary>d</summary>");
        assert_eq!((entry.summary.as_deref(), entry.content.len()), (Some("d"), 1));
    }

    #[test]
    fn lists_are_cut_and_it_is_said() {
        let many = "<item><title>x</title></item>".repeat(FEED_ITEMS_MAX + 1);
        let text = format!("<rss>{many}</rss>");
        let document = read(&crate::markup::parse(&text), Home::default()).unwrap();
        assert_eq!((document.items.len(), document.incomplete), (FEED_ITEMS_MAX, true));
        let many: String = (0..300).map(|i| format!("<category>{i}</category>")).collect();
        let text = format!("<rss><item>{many}</item></rss>");
        assert!(read(&crate::markup::parse(&text), Home::default()).unwrap().incomplete);
    }

    #[test]
    fn formats_are_named() {
        let name =
            |text: &str| read(&crate::markup::parse(text), Home::default()).and_then(|d| d.format);
        assert_eq!(name("<rss version='0.91'/>").as_deref(), Some("rss0.91"));
        assert_eq!(name("<feed version='0.3'/>").as_deref(), Some("atom0.3"));
        assert_eq!(
            name("<a:feed xmlns:a='http://www.w3.org/2005/Atom'/>").as_deref(),
            Some("atom1.0")
        );
        assert_eq!(name("<b>Warning<rdf:RDF/>").as_deref(), Some("rdf1.0"));
        assert_eq!(name("<CHANNEL HREF='/'/>").as_deref(), Some("cdf"));
        assert_eq!(name("<html><rss/></html>"), None);
        assert_eq!(name("<p>"), None);
    }
}
