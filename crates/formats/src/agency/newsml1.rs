//! NewsML 1.2, the form that AFP still sends.

use depeche_news::{Dated, Moment, Status, Topic, jiff::tz::TimeZone};

use super::{AgencyItem, add, after_colon, body, items, line, walk};
use crate::dates::date_in;
use crate::markup::{Element, Lower};
use crate::{Channel, Content, Document, Enclosure, Link, Person};

/// Reads the message at `root`.
pub(super) fn read(root: Element<'_, '_>, zone: Option<&TimeZone>) -> Document {
    let mut document = Document { format: Some("newsml1".to_owned()), ..Document::default() };
    let version = root.attribute("Version").unwrap_or_default();
    if !matches!(version, "" | "1.0" | "1.1" | "1.2") {
        let problem = depeche_news::Problem::new("unknown_version", format!("Version {version:?}"));
        document.problems.push(problem);
    }
    let mut sent = None;
    if let Some(envelope) = root.child("NewsEnvelope") {
        sent = envelope.child("DateAndTime").and_then(|sent| date_in(&sent.text(), zone));
        document.feed = Channel {
            id: envelope.child("TransmissionId").and_then(line),
            updated: sent,
            ..Channel::default()
        };
    }
    for item in items(root, &["NewsItem"], &mut document) {
        add(&mut document, draft(item, sent, zone), Some(item.span()));
    }
    document
}

fn draft(item: Element<'_, '_>, sent: Option<Moment>, zone: Option<&TimeZone>) -> AgencyItem {
    let mut draft = AgencyItem::of(zone);
    draft.entry.language = item.filled("xml:lang");
    draft.desk_list(|desk| &mut desk.dates, sent.map(|at| Dated { what: "sent".to_owned(), at }));
    for part in item.children() {
        match Lower::of(part.name()).as_str() {
            "identification" => identify(part, &mut draft),
            "newsmanagement" => manage(part, &mut draft),
            "newscomponent" => describe(part, &mut draft),
            _ => {}
        }
    }
    for name in ["Identification", "NewsManagement"] {
        if item.child(name).is_none() {
            draft.problem("missing_element", name);
        }
    }
    draft
}

/// The guid is the public identifier without the revision at its end, so that all versions of an
/// item share it.
fn identify(part: Element<'_, '_>, draft: &mut AgencyItem) {
    let named = |name: &str| part.descendants().find(|inner| inner.is(name));
    let revision = named("RevisionId");
    let version = revision.and_then(line);
    match revision.and_then(|revision| revision.attribute("Update")) {
        Some("U") => draft.signal("update"),
        Some("A") => draft.signal("append"),
        _ => {}
    }
    let public = named("PublicIdentifier").and_then(line);
    draft.alt_id(Some("PublicIdentifier".to_owned()), public.clone());
    let whole = public.or_else(|| named("NewsItemId").and_then(line));
    draft.entry.guid = whole.map(|guid| match (guid.rsplit_once(':'), &version) {
        (Some((before, end)), Some(version)) if end.starts_with(version.as_str()) => {
            before.to_owned()
        }
        _ => guid,
    });
    draft.entry.version = version;
    draft.entry.slugline = named("NameLabel").and_then(line);
    draft.desk().provider = named("ProviderId").and_then(line);
}

fn manage(part: Element<'_, '_>, draft: &mut AgencyItem) {
    for child in part.children() {
        let code = child.attribute("FormalName").map(after_colon).unwrap_or_default();
        match Lower::of(child.name()).as_str() {
            "firstcreated" => draft.first_created(&child.text()),
            "thisrevisioncreated" => draft.version_created(&child.text()),
            "status" => draft.status(code),
            "urgency" => draft.urgency(code),
            "newsitemtype" => {
                draft.desk().item_class = Some(code.to_owned()).filter(|code| !code.is_empty());
            }
            "instruction" => draft.signal(code),
            "statuswillchange" => embargo(child, draft),
            "derivedfrom" | "associatedwith" => link(child, draft),
            "usagerights" | "property" => {}
            _ => {}
        }
    }
}

/// `Embargoed` now and `Usable` at a date: the item is usable from that date on.
fn embargo(change: Element<'_, '_>, draft: &mut AgencyItem) {
    let until = change.child("DateAndTime");
    let until = until.and_then(|until| draft.date("embargoed", &until.text()));
    let future = change.child("FutureStatus").and_then(|status| status.filled("FormalName"));
    let usable = future.is_some_and(|future| after_colon(&future).eq_ignore_ascii_case("usable"));
    if usable && until.is_some() && draft.entry.status == Some(Status::Withheld) {
        draft.entry.embargoed_until = until;
        draft.entry.status = Some(Status::Usable);
    }
}

/// Another item, by its public identifier.
fn link(child: Element<'_, '_>, draft: &mut AgencyItem) {
    let Some(target) = child.filled("NewsItem") else { return };
    let rel = if child.is("DerivedFrom") { "derivedFrom" } else { "associatedWith" };
    let rel = child.attribute("FormalName").map(after_colon).unwrap_or(rel);
    let title = child.child("Comment").and_then(line);
    let rel = Some(rel.to_owned());
    draft.link(Link { href: target, rel, title, ..Link::default() });
}

/// Components stand inside each other; the outermost says what the item is.
fn describe(component: Element<'_, '_>, draft: &mut AgencyItem) {
    walk(component, |inner| {
        let text = || line(inner);
        let code = || inner.filled("FormalName").map(|code| after_colon(&code).to_owned());
        let entry = &mut draft.entry;
        match Lower::of(inner.name()).as_str() {
            "headline" => keep(&mut entry.title, text),
            "subheadline" => draft.headline(Some("subHeadline"), text()),
            "byline" => keep(&mut entry.byline, text),
            "dateline" => keep(&mut entry.dateline, text),
            "creditline" => keep(&mut entry.credit, text),
            "copyrightline" | "copyrightholder" => draft.copyright(text()),
            "rightsline" | "usagetype" => draft.desk_list(|desk| &mut desk.usage_terms, text()),
            "newsline" => news_line(inner, draft),
            "slugline" => entry.slugline = text().or(entry.slugline.take()),
            "author" | "creator" => {
                draft.entry_list(|entry| &mut entry.authors, party(inner).map(person))
            }
            "contributor" => {
                draft.entry_list(|entry| &mut entry.contributors, party(inner).map(person))
            }
            "source" => draft.desk_list(|desk| &mut desk.info_sources, party(inner)),
            "provider" => {
                let provider = party(inner);
                keep(&mut entry.credit, || provider.clone());
                draft.desk().provider = provider.or(draft.desk().provider.take());
            }
            "language" => entry.language = code().or(entry.language.take()),
            "genre" => topic(inner).into_iter().for_each(|topic| draft.genre(topic)),
            "ofinterestto" => draft.desk_list(|desk| &mut desk.services, code()),
            "subject" | "subjectmatter" | "subjectdetail" | "subjectqualifier" => {
                topic(inner).into_iter().for_each(|topic| draft.subject(topic));
            }
            "keywordline" => draft.keyword(text()),
            "property" => property(inner, draft),
            "contentitem" => content(inner, draft),
            _ => return false,
        }
        true
    });
}

/// A line of a kind of the provider's own: a note to editors, a standfirst, or nothing we know.
fn news_line(inner: Element<'_, '_>, draft: &mut AgencyItem) {
    let kind = inner.child("NewsLineType").and_then(|kind| kind.filled("FormalName"));
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let text = inner.child("NewsLineText").and_then(line);
    if kind.contains("note") || kind.contains("editor") || kind.contains("advisory") {
        draft.note(text);
    } else if kind.contains("summary") || kind.contains("abstract") {
        keep(&mut draft.entry.summary, || text);
    } else if kind.contains("keyword") {
        draft.keyword(text);
    }
}

fn content(item: Element<'_, '_>, draft: &mut AgencyItem) {
    let kind = || item.child("MimeType").and_then(|kind| kind.filled("FormalName"));
    if let Some(data) = item.child("DataContent") {
        let marked = data.children().next().is_some();
        let plain = || {
            let value = data.filled_text()?;
            Some(Content { value, media_type: Some("text/plain".to_owned()) })
        };
        let content = if marked { body(data) } else { plain() };
        draft.entry_list(|entry| &mut entry.content, content);
    } else if let Some(url) = item.filled("Href") {
        let file = Enclosure { url, media_type: kind(), length: None };
        draft.entry_list(|entry| &mut entry.enclosures, [file]);
    }
}

fn topic(element: Element<'_, '_>) -> Option<Topic> {
    let code = element.filled("FormalName")?;
    let scheme = element.filled("Scheme").or_else(|| element.filled("Vocabulary"));
    Some(Topic { code: Some(code), scheme, ..Topic::default() })
}

fn party(element: Element<'_, '_>) -> Option<String> {
    element.child("Party")?.filled("FormalName")
}

fn person(name: String) -> Person {
    Person { name: Some(name), ..Person::default() }
}

/// A property: a part of the place, or a keyword.
fn property(property: Element<'_, '_>, draft: &mut AgencyItem) {
    let Some(kind) = property.attribute("FormalName").map(after_colon) else { return };
    let Some(value) = property.filled("Value") else { return };
    match Lower::of(kind).as_str() {
        "city" => draft.located(Topic { name: Some(value), ..Topic::default() }),
        // What is around the city comes after it.
        "countryarea" | "country" => draft.broader(value),
        "keyword" => draft.keyword(Some(value)),
        "ednote" => draft.note(Some(value)),
        _ => {}
    }
}

fn keep(field: &mut Option<String>, value: impl FnOnce() -> Option<String>) {
    if field.is_none() {
        *field = value();
    }
}
