//! ninjs, news in JSON, of its versions 1 to 3.

use depeche_news::{Status, Urgency};
use serde_json::Value;

use super::{add, after_colon, note_signal, signal, status, stricter};
use crate::dates::date;
use crate::json::{list, parsed, text_of};
use crate::{Content, Document, Enclosure, Entry, Keyword, Link, Person};

/// Reads one item of ninjs; `None` when the text is JSON of another kind, or none.
pub(crate) fn read(text: &str) -> Option<Document> {
    let (value, cut) = parsed(text.trim())?;
    let says = |keys: &[&str]| keys.iter().any(|key| value.get(*key).is_some());
    let is_item = says(&["uri", "guid"])
        && says(&["pubstatus", "versioncreated", "headline", "headlines", "body_html", "bodies"]);
    if !is_item {
        return None;
    }
    let mut document = Document { format: Some("ninjs".to_owned()), ..Document::default() };
    if cut {
        document.lost("the document ends before its last value is closed");
    }
    add(&mut document, entry(&value), None);
    Some(document)
}

fn entry(value: &Value) -> Entry {
    let text = |key: &str| own(value, key);
    let moment = |key: &str| text(key).and_then(|text| date(&text));
    let mut entry = Entry {
        guid: text("guid").or_else(|| text("uri")),
        title: text("headline").or_else(|| by_role(value, "headlines", "main")),
        language: text("language"),
        published: moment("firstcreated").or_else(|| moment("contentcreated")),
        updated: moment("versioncreated"),
        rights: text("copyrightnotice").or_else(|| text("copyrightholder")),
        summary: text("description_html")
            .or_else(|| text("description_text"))
            .or_else(|| by_role(value, "descriptions", "summary")),
        content: content(value),
        keywords: keywords(value),
        version: text("version"),
        status: status(after_colon(&text("pubstatus").unwrap_or_default())),
        embargoed_until: moment("embargoed"),
        urgency: text("urgency").and_then(|u| u.parse().ok()).and_then(Urgency::new),
        slugline: text("slugline"),
        byline: text("byline").or_else(|| by_role(value, "bylines", "")),
        dateline: text("dateline"),
        credit: text("creditline").or_else(|| text("source")),
        located: text("located").into_iter().collect(),
        note: text("ednote"),
        ..Entry::default()
    };
    for person in list(value, "authors").filter_map(|author| own(author, "name")) {
        entry.authors.push(Person { name: Some(person), ..Person::default() });
    }
    for rendition in list(value, "renditions") {
        let (media_type, length) = (own(rendition, "contenttype"), own(rendition, "sizeinbytes"));
        let url = own(rendition, "href");
        entry.enclosures.extend(url.map(|url| Enclosure { url, media_type, length }));
    }
    for link in list(value, "links").filter_map(|link| own(link, "href")) {
        entry.links.push(Link { href: link, ..Link::default() });
    }
    // An embargo whose end cannot be read holds until a later version lifts it.
    if entry.embargoed_until.is_none() && text("embargoed").is_some() {
        entry.status = stricter(entry.status, Some(Status::Withheld));
    }
    note_signal(&mut entry, text("signal").and_then(|code| signal(after_colon(&code))));
    entry
}

/// The bodies: by key in version 1, as a list with roles later.
fn content(value: &Value) -> Vec<Content> {
    let keys =
        [("body_html", "text/html"), ("body_xhtml", "text/html"), ("body_text", "text/plain")];
    let keyed = keys.iter().filter_map(|(key, media_type)| {
        Some(Content { value: own(value, key)?, media_type: Some((*media_type).to_owned()) })
    });
    let listed = list(value, "bodies").filter_map(|body| {
        Some(Content { value: own(body, "value")?, media_type: own(body, "contenttype") })
    });
    keyed.chain(listed).collect()
}

fn keywords(value: &Value) -> Vec<Keyword> {
    let coded = list(value, "subject").chain(list(value, "subjects")).map(|subject| Keyword {
        term: own(subject, "code").or_else(|| own(subject, "uri")),
        scheme: own(subject, "scheme"),
        label: own(subject, "name"),
    });
    let plain = list(value, "keywords").filter_map(|word| {
        Some(Keyword { term: Some(word.as_str()?.to_owned()), ..Keyword::default() })
    });
    let said = |keyword: &Keyword| keyword.term.is_some() || keyword.label.is_some();
    coded.chain(plain).filter(said).collect()
}

/// The value with this role in a list of them, else the first one.
fn by_role(value: &Value, key: &str, role: &str) -> Option<String> {
    let has_role = |entry: &&Value| own(entry, "role").is_some_and(|own| after_colon(&own) == role);
    let chosen = list(value, key).find(has_role).or_else(|| list(value, key).next())?;
    own(chosen, "value")
}

fn own(value: &Value, key: &str) -> Option<String> {
    text_of(value, key).map(std::borrow::Cow::into_owned)
}
