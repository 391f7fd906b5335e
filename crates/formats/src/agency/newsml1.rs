//! NewsML 1.2, the form that AFP still sends.

use depeche_news::{Signal, Status, Urgency};

use super::{add, after_colon, body, items, line, note_signal, signal, status, stricter, walk};
use crate::dates::date;
use crate::markup::{Element, Lower};
use crate::{Channel, Content, Document, Enclosure, Entry, Keyword, Person};

/// Reads the message at `root`.
pub(super) fn read(root: Element<'_, '_>) -> Document {
    let mut document = Document { format: Some("newsml1".to_owned()), ..Document::default() };
    if let Some(envelope) = root.child("NewsEnvelope") {
        document.feed = Channel {
            id: envelope.child("TransmissionId").and_then(line),
            updated: envelope.child("DateAndTime").and_then(|sent| date(&sent.text())),
            ..Channel::default()
        };
    }
    for item in items(root, &["NewsItem"]) {
        add(&mut document, entry(item), Some(item.span()));
    }
    document
}

fn entry(item: Element<'_, '_>) -> Entry {
    let mut entry = Entry { language: item.filled("xml:lang"), ..Entry::default() };
    for part in item.children() {
        match Lower::of(part.name()).as_str() {
            "identification" => identify(part, &mut entry),
            "newsmanagement" => manage(part, &mut entry),
            "newscomponent" => describe(part, &mut entry),
            _ => {}
        }
    }
    entry
}

/// The guid is the public identifier without the revision at its end, so that all versions of an
/// item share it.
fn identify(part: Element<'_, '_>, entry: &mut Entry) {
    let named = |name: &str| part.descendants().find(|inner| inner.is(name));
    let revision = named("RevisionId");
    entry.version = revision.and_then(line);
    if revision.and_then(|revision| revision.attribute("Update")) == Some("U") {
        note_signal(entry, Some(Signal::Update));
    }
    let public = named("PublicIdentifier").and_then(line);
    let whole = public.or_else(|| named("NewsItemId").and_then(line));
    entry.guid = whole.map(|guid| match (guid.rsplit_once(':'), &entry.version) {
        (Some((before, end)), Some(version)) if end.starts_with(version.as_str()) => {
            before.to_owned()
        }
        _ => guid,
    });
    entry.slugline = named("NameLabel").and_then(line);
}

fn manage(part: Element<'_, '_>, entry: &mut Entry) {
    for child in part.children() {
        let code = child.attribute("FormalName").map(after_colon).unwrap_or_default();
        match Lower::of(child.name()).as_str() {
            "firstcreated" => entry.published = date(&child.text()),
            "thisrevisioncreated" => entry.updated = date(&child.text()),
            "status" => entry.status = stricter(entry.status, status(code)),
            "urgency" => entry.urgency = code.parse().ok().and_then(Urgency::new),
            "instruction" => note_signal(entry, signal(code)),
            "statuswillchange" => embargo(child, entry),
            _ => {}
        }
    }
}

/// `Embargoed` now and `Usable` at a date: the item is usable from that date on.
fn embargo(change: Element<'_, '_>, entry: &mut Entry) {
    let until = change.child("DateAndTime").and_then(|at| date(&at.text()));
    let future = change.child("FutureStatus").and_then(|status| status.filled("FormalName"));
    let usable = future.is_some_and(|future| after_colon(&future).eq_ignore_ascii_case("usable"));
    if usable && until.is_some() && entry.status == Some(Status::Withheld) {
        entry.embargoed_until = until;
        entry.status = Some(Status::Usable);
    }
}

/// Components stand inside each other; the outermost says what the item is.
fn describe(component: Element<'_, '_>, entry: &mut Entry) {
    walk(component, |inner| {
        let text = || line(inner);
        let code = || inner.filled("FormalName");
        match Lower::of(inner.name()).as_str() {
            "headline" => keep(&mut entry.title, text),
            "byline" => keep(&mut entry.byline, text),
            "dateline" => keep(&mut entry.dateline, text),
            "creditline" => keep(&mut entry.credit, text),
            "copyrightline" => keep(&mut entry.rights, text),
            "slugline" => entry.slugline = text().or(entry.slugline.take()),
            "author" | "creator" => entry.authors.extend(party(inner)),
            "provider" => {
                let provider = inner.child("Party").and_then(|party| party.filled("FormalName"));
                keep(&mut entry.credit, || provider);
            }
            "language" => entry.language = code().or(entry.language.take()),
            "subject" | "subjectmatter" | "subjectdetail" => entry.keywords.extend(subject(inner)),
            "keywordline" => entry.keywords.extend(text().map(plain_keyword)),
            "property" => entry.located.extend(place(inner)),
            "contentitem" => content(inner, entry),
            _ => return false,
        }
        true
    });
}

fn content(item: Element<'_, '_>, entry: &mut Entry) {
    if let Some(data) = item.child("DataContent") {
        let marked = data.children().next().is_some();
        let plain = || {
            let value = data.filled_text()?;
            Some(Content { value, media_type: Some("text/plain".to_owned()) })
        };
        entry.content.extend(if marked { body(data) } else { plain() });
    } else if let Some(url) = item.filled("Href") {
        let kind = item.child("MimeType").and_then(|kind| kind.filled("FormalName"));
        entry.enclosures.push(Enclosure { url, media_type: kind, length: None });
    }
}

fn subject(element: Element<'_, '_>) -> Option<Keyword> {
    let term = element.filled("FormalName")?;
    let keyword = Keyword { term: Some(term), scheme: element.filled("Scheme"), label: None };
    Some(keyword)
}

fn plain_keyword(term: String) -> Keyword {
    Keyword { term: Some(term), ..Keyword::default() }
}

fn party(element: Element<'_, '_>) -> Option<Person> {
    let name = element.child("Party")?.filled("FormalName")?;
    Some(Person { name: Some(name), ..Person::default() })
}

fn place(property: Element<'_, '_>) -> Option<String> {
    let kind = property.attribute("FormalName").map(after_colon)?;
    let is_place = ["City", "CountryArea", "Country"].iter().any(|k| kind.eq_ignore_ascii_case(k));
    property.filled("Value").filter(|_| is_place)
}

fn keep(field: &mut Option<String>, value: impl FnOnce() -> Option<String>) {
    if field.is_none() {
        *field = value();
    }
}
