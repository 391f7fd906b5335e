//! NITF documents by themselves.

use depeche_news::{Status, Urgency};

use super::{add, body, line, status, stricter, walk};
use crate::dates::date;
use crate::markup::{Element, Lower};
use crate::{Document, Entry, Keyword};

/// Reads the document at `root`.
pub(super) fn read(root: Element<'_, '_>) -> Document {
    let mut document = Document { format: Some("nitf".to_owned()), ..Document::default() };
    let mut entry = Entry { language: root.filled("xml:lang"), ..Entry::default() };
    if let Some(head) = root.child("head") {
        walk(head, |part| about(part, &mut entry));
        let head_title = head.child("title").and_then(line);
        entry.title = entry.title.or(head_title);
    }
    if let Some(head) = root.child("body").and_then(|body| body.child("body.head")) {
        walk(head, |part| above_the_text(part, &mut entry));
    }
    let content = root.child("body").and_then(|body| body.child("body.content"));
    entry.content.extend(content.and_then(body));
    add(&mut document, entry, Some(root.span()));
    document
}

fn about(part: Element<'_, '_>, entry: &mut Entry) -> bool {
    let norm = || part.attribute("norm").and_then(date);
    match Lower::of(part.name()).as_str() {
        // What stands inside of it is still to be read.
        "docdata" => {
            manage(part, entry);
            return false;
        }
        "doc-id" => entry.guid = part.filled("id-string"),
        "urgency" => {
            entry.urgency =
                part.attribute("ed-urg").and_then(|u| u.parse().ok()).and_then(Urgency::new);
        }
        "date.issue" => entry.published = norm(),
        "date.release" => release(norm(), entry),
        "du-key" => {
            entry.slugline = part.filled("key");
            entry.version = part.filled("version");
        }
        "ed-msg" => entry.note = part.filled("info"),
        "doc.copyright" => entry.rights = part.filled("holder"),
        "keyword" => entry.keywords.extend(part.filled("key").map(|key| keyword(key, None))),
        "tobject.subject" => {
            let names =
                ["tobject.subject.detail", "tobject.subject.matter", "tobject.subject.type"];
            let label = names.iter().find_map(|name| part.filled(name));
            let code = part.filled("tobject.subject.refnum");
            entry.keywords.extend(code.map(|code| keyword(code, label)));
        }
        _ => return false,
    }
    true
}

fn manage(docdata: Element<'_, '_>, entry: &mut Entry) {
    let code = docdata.attribute("management-status").unwrap_or_default();
    entry.status = stricter(entry.status, status(code));
}

/// A release date after the issue is an embargo, and then the item is usable from it on.
fn release(until: Option<depeche_news::Moment>, entry: &mut Entry) {
    let later = |until: &depeche_news::Moment| {
        entry.published.is_none_or(|issued| issued.sort_key() < until.sort_key())
    };
    entry.embargoed_until = until.filter(later);
    if entry.embargoed_until.is_some() && entry.status == Some(Status::Withheld) {
        entry.status = Some(Status::Usable);
    }
}

fn above_the_text(part: Element<'_, '_>, entry: &mut Entry) -> bool {
    let text = || line(part);
    match Lower::of(part.name()).as_str() {
        "hl1" => entry.title = text().or(entry.title.take()),
        "byline" => entry.byline = text(),
        "dateline" => {
            entry.dateline = text();
            entry.located.extend(part.child("location").and_then(line));
        }
        "abstract" => entry.summary = body(part).map(|content| content.value),
        "rights" => entry.rights = text().or(entry.rights.take()),
        _ => return false,
    }
    true
}

fn keyword(term: String, label: Option<String>) -> Keyword {
    Keyword { term: Some(term), scheme: None, label }
}
