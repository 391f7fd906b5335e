//! NITF documents by themselves.

use depeche_news::{Status, Topic, jiff::tz::TimeZone};

use super::{AgencyItem, add, body, line, walk};
use crate::markup::{Element, Lower};
use crate::{Document, Link};

/// Reads the document at `root`.
pub(super) fn read(root: Element<'_, '_>, zone: Option<&TimeZone>) -> Document {
    let mut document = Document { format: Some("nitf".to_owned()), ..Document::default() };
    let mut draft = AgencyItem::of(zone);
    draft.entry.language = root.filled("xml:lang");
    let head = root.child("head");
    if let Some(head) = head {
        walk(head, |part| about(part, &mut draft));
    }
    if let Some(above) = root.child("body").and_then(|body| body.child("body.head")) {
        walk(above, |part| above_the_text(part, &mut draft));
    }
    let said = draft.entry.desk.as_deref().is_some_and(|desk| !desk.headlines.is_empty());
    if !said {
        draft.entry.title = head.and_then(|head| head.child("title")).and_then(line);
    }
    match root.child("body").and_then(|body| body.child("body.content")) {
        Some(content) => draft.entry_list(|entry| &mut entry.content, body(content)),
        None => draft.problem("missing_element", "body.content"),
    }
    if let Some(end) = root.child("body").and_then(|body| body.child("body.end")) {
        let tagline = end.child("tagline").and_then(line);
        draft.desk().signature = tagline.filter(|line| depeche_text::agency::is_signature(line));
    }
    add(&mut document, draft, Some(root.span()));
    document
}

fn about(part: Element<'_, '_>, draft: &mut AgencyItem) -> bool {
    let norm = || part.attribute("norm").unwrap_or_default();
    match Lower::of(part.name()).as_str() {
        // What stands inside of it is still to be read.
        "docdata" => {
            manage(part, draft);
            return false;
        }
        "doc-id" => draft.entry.guid = part.filled("id-string"),
        "urgency" => draft.urgency(part.attribute("ed-urg").unwrap_or_default()),
        "date.issue" => {
            let issued = draft.date("issued", norm());
            draft.entry.published = issued;
            draft.entry.updated = draft.entry.updated.or(issued);
        }
        "date.release" => release(norm(), draft),
        "date.expire" => _ = draft.date("expires", norm()),
        "du-key" => {
            draft.entry.slugline = part.filled("key");
            draft.entry.version = part.filled("version");
        }
        "ed-msg" => draft.note(part.filled("info")),
        "doc.copyright" => draft.copyright(part.filled("holder")),
        "doc.rights" => {
            let terms = part.filled("limitations").or_else(|| line(part));
            draft.desk_list(|desk| &mut desk.usage_terms, terms);
        }
        "fixture" => draft.alt_id(Some("fixture".to_owned()), part.filled("fix-id")),
        "from-src" => draft.desk_list(|desk| &mut desk.info_sources, part.filled("src-name")),
        "keyword" => draft.keyword(part.filled("key")),
        "classifier" => classifier(part, draft),
        "evloc" => place(part, draft),
        "tobject" => {
            part.filled("tobject.type").into_iter().for_each(|name| draft.genre(named(name)));
            return false;
        }
        "tobject.subject" => {
            let names =
                ["tobject.subject.detail", "tobject.subject.matter", "tobject.subject.type"];
            let name = names.iter().find_map(|name| part.filled(name));
            let code = part.filled("tobject.subject.refnum");
            draft.subject(Topic { code, name, ..Topic::default() });
        }
        "revision-history" => _ = draft.date("revised", norm()),
        "pubdata" => {
            draft.desk().provider = part.filled("name");
            _ = draft.date("publication", part.attribute("date.publication").unwrap_or_default());
        }
        _ => return false,
    }
    true
}

fn manage(docdata: Element<'_, '_>, draft: &mut AgencyItem) {
    draft.status(docdata.attribute("management-status").unwrap_or_default());
    if let Some(target) = docdata.filled("management-doc-idref") {
        let rel = Some("previousVersion".to_owned());
        draft.link(Link { href: target, rel, ..Link::default() });
    }
}

/// A release date after the issue is an embargo, and then the item is usable from it on.
fn release(norm: &str, draft: &mut AgencyItem) {
    let until = draft.date("released", norm);
    let issued = draft.entry.published;
    let later = |until: &depeche_news::Moment| {
        issued.is_none_or(|issued| issued.sort_key() < until.sort_key())
    };
    draft.entry.embargoed_until = until.filter(later);
    if draft.entry.embargoed_until.is_some() && draft.entry.status == Some(Status::Withheld) {
        draft.entry.status = Some(Status::Usable);
    }
}

fn above_the_text(part: Element<'_, '_>, draft: &mut AgencyItem) -> bool {
    let text = || line(part);
    match Lower::of(part.name()).as_str() {
        "hl1" => draft.headline(None, text()),
        "hl2" => draft.headline(Some("subHeadline"), text()),
        "byline" => draft.entry.byline = text(),
        "dateline" => {
            draft.entry.dateline = text();
            if let Some(date) = part.child("story.date") {
                _ = draft.date("story", date.attribute("norm").unwrap_or_default());
            }
            let place = part.child("location").and_then(line);
            draft.located(Topic { name: place, ..Topic::default() });
        }
        "distributor" => draft.desk().provider = text().or(draft.desk().provider.take()),
        "abstract" => draft.entry.summary = body(part).map(|content| content.value),
        "rights" => draft.copyright(text()),
        "note" => draft.note(text()),
        _ => return false,
    }
    true
}

fn classifier(part: Element<'_, '_>, draft: &mut AgencyItem) {
    let kind = part.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let topic = Topic {
        scheme: part.filled("type"),
        code: part.filled("idsrc").and(part.filled("value-code")).or_else(|| part.filled("value")),
        name: line(part),
        ..Topic::default()
    };
    if kind.contains("genre") {
        draft.genre(topic);
    } else {
        draft.subject(topic);
    }
}

fn place(part: Element<'_, '_>, draft: &mut AgencyItem) {
    let around = ["county-dist", "state-prov", "iso-cc"];
    let broader = around.iter().filter_map(|name| part.filled(name)).collect();
    draft.located(Topic {
        name: part.filled("city").or_else(|| line(part)),
        broader,
        ..Topic::default()
    });
}

fn named(name: String) -> Topic {
    Topic { name: Some(name), ..Topic::default() }
}
