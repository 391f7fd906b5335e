//! News sitemaps: what an outlet without a feed tells search engines of its last two days.
//!
//! Only addresses that carry a `news:news` are items; a plain sitemap is a list of pages of any
//! age, and no news.

use depeche_news::limits::formats::{SITEMAP_ITEMS_MAX, SITEMAP_KEYWORDS_MAX};
use url::Url;

use crate::address::absolute;
use crate::dates::date;
use crate::markup::{Element, Tree};
use crate::{Document, Entry, Keyword, Link};

/// Reads a tree as a sitemap with news; `None` when it is none.
pub(crate) fn read(tree: &Tree<'_>, base: Option<&Url>) -> Option<Document> {
    let root = tree.document().children().find(|top| top.is("urlset"))?;
    let mut document = Document { format: Some("sitemap".to_owned()), ..Document::default() };
    for address in root.children().filter(|child| child.is("url")) {
        let Some(entry) = entry(address, base) else { continue };
        if document.items.len() >= SITEMAP_ITEMS_MAX {
            document.lost("more items than are read of one document");
            break;
        }
        let publication = address.child("news").and_then(|news| news.child("publication"));
        let outlet = publication.and_then(|outlet| outlet.child("name"));
        document.feed.title = document.feed.title.or_else(|| outlet.and_then(Element::filled_text));
        document.items.push(entry);
        document.parts.push(address.span());
    }
    (!document.items.is_empty()).then_some(document)
}

fn entry(address: Element<'_, '_>, base: Option<&Url>) -> Option<Entry> {
    let text = |element: Element<'_, '_>, name: &str| element.child(name)?.filled_text();
    let moment = |element, name| text(element, name).and_then(|text| date(&text));
    let news = address.child("news")?;
    let page = absolute(&text(address, "loc")?, base);
    let keywords = text(news, "keywords").unwrap_or_default();
    let keywords = keywords.split(',').map(str::trim).filter(|word| !word.is_empty());
    let image = address.child("image").and_then(|image| text(image, "loc"));
    Some(Entry {
        guid: Some(page.clone()),
        title: text(news, "title"),
        links: vec![Link {
            href: page.clone(),
            rel: Some("alternate".to_owned()),
            ..Link::default()
        }],
        link: Some(page),
        language: news.child("publication").and_then(|outlet| text(outlet, "language")),
        published: moment(news, "publication_date"),
        updated: moment(address, "lastmod"),
        keywords: keywords
            .take(SITEMAP_KEYWORDS_MAX)
            .map(|word| Keyword { term: Some(word.to_owned()), ..Keyword::default() })
            .collect(),
        image: image.map(|image| absolute(&image, base)),
        ..Entry::default()
    })
}
