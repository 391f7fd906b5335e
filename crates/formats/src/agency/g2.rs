//! `NewsML-G2`: messages, packages, items.

use depeche_news::{Status, Urgency};

use super::{add, after_colon, body, items, line, note_signal, signal, status, stricter};
use crate::dates::date;
use crate::markup::{Element, Lower};
use crate::{Channel, Content, Document, Enclosure, Entry, Keyword, Link, Person};

/// Reads the message, package or item at `root`.
pub(super) fn read(root: Element<'_, '_>) -> Document {
    let mut document = Document { format: Some("newsml-g2".to_owned()), ..Document::default() };
    if let Some(header) = root.child("header") {
        document.feed = channel(header);
    }
    for item in items(root, &["newsItem", "packageItem"]) {
        let entry = entry(item);
        // A package without a headline only says what comes together.
        if item.is("newsItem") || entry.title.is_some() {
            add(&mut document, entry, Some(item.span()));
        }
    }
    document
}

fn channel(header: Element<'_, '_>) -> Channel {
    let text = |name| header.child(name).and_then(Element::filled_text);
    Channel {
        id: text("transmitId"),
        title: text("sender").or_else(|| text("origin")),
        updated: header.child("sent").and_then(|sent| date(&sent.text())),
        ..Channel::default()
    }
}

fn entry(item: Element<'_, '_>) -> Entry {
    let mut entry = Entry {
        guid: item.filled("guid"),
        version: item.filled("version"),
        language: item.filled("xml:lang"),
        ..Entry::default()
    };
    for part in item.children() {
        match Lower::of(part.name()).as_str() {
            "itemmeta" => part.children().for_each(|child| about_item(child, &mut entry)),
            "contentmeta" => {
                part.children().for_each(|child| about_content(child, &mut entry));
                entry.title = headline(part).or(entry.title);
            }
            "contentset" => part.children().for_each(|child| rendition(child, &mut entry)),
            "groupset" => part
                .descendants()
                .filter(|inner| inner.is("itemRef"))
                .for_each(|item_ref| link(item_ref, &mut entry)),
            "rightsinfo" => entry.rights = entry.rights.take().or_else(|| rights(part)),
            _ => {}
        }
    }
    entry
}

/// Management: what may be done with the item, and when it was made.
fn about_item(child: Element<'_, '_>, entry: &mut Entry) {
    let moment = || date(&child.text());
    match Lower::of(child.name()).as_str() {
        "pubstatus" => entry.status = stricter(entry.status, status(code(child))),
        "signal" => note_signal(entry, signal(code(child))),
        "embargoed" => {
            entry.embargoed_until = moment();
            // An embargo without a date holds until a later version lifts it.
            if entry.embargoed_until.is_none() {
                entry.status = stricter(entry.status, Some(Status::Withheld));
            }
        }
        "versioncreated" => entry.updated = moment(),
        "firstcreated" => entry.published = moment(),
        "ednote" => entry.note = entry.note.take().or_else(|| child.filled_text()),
        "title" => entry.title = entry.title.take().or_else(|| line(child)),
        "link" => link(child, entry),
        _ => {}
    }
}

/// Description: what the item is about, and by whom.
fn about_content(child: Element<'_, '_>, entry: &mut Entry) {
    let text = || line(child);
    match Lower::of(child.name()).as_str() {
        "urgency" => {
            entry.urgency = child.text().parse().ok().and_then(Urgency::new).or(entry.urgency);
        }
        "slugline" => add_to_line(&mut entry.slugline, text(), child.attribute("separator")),
        "by" => entry.byline = entry.byline.take().or_else(text),
        "dateline" => entry.dateline = entry.dateline.take().or_else(text),
        "creditline" => entry.credit = entry.credit.take().or_else(text),
        "description" => entry.summary = entry.summary.take().or_else(text),
        "language" => {
            let tag = child.filled("tag").or_else(text);
            entry.language = tag.or_else(|| entry.language.take());
        }
        "creator" => entry.authors.extend(person(child)),
        "contributor" => entry.contributors.extend(person(child)),
        "located" => located(child, entry),
        "subject" => entry.keywords.extend(subject(child)),
        "keyword" => {
            let keyword = |term| Keyword { term: Some(term), ..Keyword::default() };
            entry.keywords.extend(text().map(keyword));
        }
        "contentcreated" => entry.published = entry.published.or_else(|| date(&child.text())),
        "contentmodified" => entry.updated = entry.updated.or_else(|| date(&child.text())),
        _ => {}
    }
}

/// The headline without role or with that of a main one; what only goes under it is no headline.
fn headline(meta: Element<'_, '_>) -> Option<String> {
    let headlines = || meta.children().filter(|child| child.is("headline"));
    let role = |child: &Element<'_, '_>| {
        child.attribute("role").map(after_colon).unwrap_or_default().to_ascii_lowercase()
    };
    let main = headlines().filter(|child| !role(child).contains("sub")).find_map(line);
    main.or_else(|| headlines().find_map(line))
}

/// One form of the content: XML inline, text inline, or a file elsewhere.
fn rendition(child: Element<'_, '_>, entry: &mut Entry) {
    match Lower::of(child.name()).as_str() {
        "inlinexml" => entry.content.extend(body(child)),
        "inlinedata" => {
            let Some(value) = child.filled_text() else { return };
            let usual = if value.starts_with('<') { "text/html" } else { "text/plain" };
            let media_type = child.filled("contenttype").or_else(|| Some(usual.to_owned()));
            entry.content.push(Content { value, media_type });
        }
        "remotecontent" => {
            let Some(url) = child.filled("href").or_else(|| child.filled("residref")) else {
                return;
            };
            let (media_type, length) = (child.filled("contenttype"), child.filled("size"));
            entry.enclosures.push(Enclosure { url, media_type, length });
        }
        _ => {}
    }
}

fn rights(info: Element<'_, '_>) -> Option<String> {
    info.child("copyrightNotice")
        .and_then(line)
        .or_else(|| info.child("copyrightHolder").and_then(name_or_line))
}

fn link(child: Element<'_, '_>, entry: &mut Entry) {
    let Some(href) = child.filled("href").or_else(|| child.filled("residref")) else { return };
    let link = Link {
        href,
        rel: child.attribute("rel").map(|rel| after_colon(rel).to_owned()),
        media_type: child.filled("contenttype"),
        length: child.filled("size"),
        title: child.child("title").and_then(Element::filled_text),
    };
    entry.links.push(link);
}

fn located(child: Element<'_, '_>, entry: &mut Entry) {
    entry.located.extend(name_of(child));
    for broader in child.children().filter(|inner| inner.is("broader")) {
        entry.located.extend(name_of(broader));
    }
}

fn subject(child: Element<'_, '_>) -> Option<Keyword> {
    let coded =
        child.filled("qcode").or_else(|| child.filled("uri")).or_else(|| child.filled("literal"));
    let keyword = Keyword {
        term: coded.as_deref().map(|code| after_colon(code).to_owned()),
        scheme: coded.as_deref().and_then(|code| Some(code.rsplit_once(':')?.0.to_owned())),
        label: name_of(child),
    };
    (keyword.term.is_some() || keyword.label.is_some()).then_some(keyword)
}

fn person(child: Element<'_, '_>) -> Option<Person> {
    let literal = || child.filled("literal");
    name_of(child).or_else(literal).map(|name| Person { name: Some(name), ..Person::default() })
}

/// The French name where there are several languages, else the first one.
fn name_of(element: Element<'_, '_>) -> Option<String> {
    let names = || element.children().filter(|inner| inner.is("name"));
    let french =
        names().find(|name| name.attribute("xml:lang").is_some_and(|l| l.starts_with("fr")));
    french.or_else(|| names().next()).and_then(line)
}

fn name_or_line(element: Element<'_, '_>) -> Option<String> {
    name_of(element).or_else(|| line(element))
}

fn add_to_line(line: &mut Option<String>, part: Option<String>, separator: Option<&str>) {
    let Some(part) = part else { return };
    match line {
        Some(line) => {
            line.push_str(separator.filter(|s| !s.is_empty()).unwrap_or("-"));
            line.push_str(&part);
        }
        None => *line = Some(part),
    }
}

/// The code of an element, by `qcode` or `uri`, without its list.
fn code<'t>(element: Element<'t, '_>) -> &'t str {
    let code = element.attribute("qcode").or_else(|| element.attribute("uri")).unwrap_or_default();
    code.rsplit([':', '/']).next().unwrap_or_default()
}
