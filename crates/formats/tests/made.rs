//! No document becomes much more than it is: what it writes once and uses everywhere is made out within bounds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use depeche_formats::{Document, Hints, opml, read, sitemap};
use depeche_news::limits::formats::{MADE_BYTES_MIN, MADE_PER_BYTE};

/// All of what was read, as it would be kept.
fn weight(document: &Document) -> usize {
    serde_json::to_string(document).unwrap().len()
}

#[track_caller]
fn bounded(text: &str) {
    let document = read(text.as_bytes(), &Hints::default());
    let most = (text.len() * MADE_PER_BYTE).max(MADE_BYTES_MIN);
    let weight = weight(&document);
    // An address stands in two fields, and names of fields come on top.
    assert!(weight < 3 * (most + text.len()), "{weight} of {}", text.len());
    assert!(document.incomplete, "what is left out is said");
    assert!(!document.items.is_empty(), "the items are there");
}

#[test]
fn a_document_is_bounded_by_what_it_is() {
    let long = "x".repeat(8000);
    let links = "<item><link>a</link></item>".repeat(2000);
    bounded(&format!("<rss xml:base='https://a.example/{long}/'><channel>{links}</channel></rss>"));
    let bases = "<item xml:base='b/'><link>a</link></item>".repeat(2000);
    bounded(&format!("<rss xml:base='https://a.example/{long}/'><channel>{bases}</channel></rss>"));
    let markup = "&lt;img src=a>".repeat(40_000);
    bounded(&format!(
        "<rss xml:base='https://a.example/{long}/'><item><description>{markup}</description></item></rss>"
    ));
    let links = "<link href='b'/>".repeat(250);
    bounded(&format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'>{}</feed>",
        format!("<entry>{links}</entry>").repeat(300)
    ));
    let entity = "e".repeat(255);
    let uses = "&a;".repeat(100);
    let items = format!("<item t='{uses}'><title>{uses}</title></item>").repeat(1500);
    bounded(&format!("<!DOCTYPE rss [<!ENTITY a '{entity}'>]><rss>{items}</rss>"));
    let uri = "u".repeat(400_000);
    let subjects = "<subject qcode='s:1'/>".repeat(500);
    bounded(&format!(
        "<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='g' standard='NewsML-G2' standardversion='2.35'>\
         <catalog><scheme alias='s' uri='http://{uri}/'/></catalog><contentMeta>{subjects}</contentMeta></newsItem>"
    ));
}

#[test]
fn usual_documents_have_room() {
    let base = "https://a.example/fil/monde/europe/france/";
    let body = "&lt;img src=a>".repeat(200);
    let items = format!("<item><link>1</link><description>{body}</description></item>").repeat(500);
    let text = format!("<rss xml:base='{base}'><channel>{items}</channel></rss>");
    let document = read(text.as_bytes(), &Hints::default());
    assert_eq!((document.incomplete, document.items.len()), (false, 500));
    let last = document.items.last().unwrap();
    assert_eq!(last.link.as_deref(), Some("https://a.example/fil/monde/europe/france/1"));
    assert!(
        last.summary
            .as_deref()
            .unwrap()
            .ends_with("<img src=\"https://a.example/fil/monde/europe/france/a\">")
    );
}

#[test]
fn lists_are_bounded_too() {
    let name = "n".repeat(100_000);
    let feeds = "<outline xmlUrl='https://a.example/'/>".repeat(2000);
    let text = format!("<opml><body><outline text='{name}'>{feeds}</outline></body></opml>");
    let list = opml::read(text.as_bytes());
    let weight: usize =
        list.outlines.iter().filter_map(|feed| feed.folder.as_ref()).map(String::len).sum();
    assert_eq!((list.outlines.len(), list.incomplete), (2000, true));
    assert!(weight <= MADE_BYTES_MIN, "{weight}");

    let base = format!("https://a.example/{}/", "x".repeat(8000));
    let pages = "<url><loc>a</loc></url>".repeat(2000);
    let text = format!("<urlset>{pages}</urlset>");
    let map = sitemap(text.as_bytes(), &Hints { base: Some(&base), ..Hints::default() });
    let weight: usize = map.pages.iter().map(|page| page.address.len()).sum();
    assert_eq!((map.pages.len(), map.incomplete), (2000, true));
    assert!(weight <= MADE_BYTES_MIN + text.len(), "{weight}");
}
