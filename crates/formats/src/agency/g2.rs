//! `NewsML-G2`: messages, packages, items.

use depeche_news::limits::formats::{AGENCY_AROUND_MAX, AGENCY_HEAD_MAX, AGENCY_LIST_MAX};
use depeche_news::{Dated, Moment, Topic, jiff::tz::TimeZone};

use super::{AgencyItem, add, after_colon, body, forms, items, line};
use crate::dates::date_in;
use crate::made;
use crate::markup::{Element, Lower};
use crate::{Channel, Content, Document, Enclosure, Link, Person};

/// Reads the message, package or item at `root`.
pub(super) fn read(root: Element<'_, '_>, zone: Option<&TimeZone>) -> Document {
    let mut document = Document { format: Some("newsml-g2".to_owned()), ..Document::default() };
    let mut sent = None;
    if let Some(header) = root.child("header") {
        document.feed = channel(header, zone);
        sent = document.feed.updated;
    }
    document.problems.extend(forms::problems(root));
    if PARTS.contains(&Lower::of(root.name()).as_str()) {
        add(&mut document, excerpt(root, zone), Some(root.span()));
        return document;
    }
    for item in items(root, &["newsItem", "packageItem"], &mut document) {
        let draft = draft(item, sent, zone);
        // A package without a headline only says what comes together.
        if item.is("newsItem") || draft.entry.title.is_some() || has_headline(&draft) {
            add(&mut document, draft, Some(item.span()));
        }
    }
    document
}

fn has_headline(draft: &AgencyItem) -> bool {
    draft.entry.desk.as_deref().is_some_and(|desk| !desk.headlines.is_empty())
}

fn channel(header: Element<'_, '_>, zone: Option<&TimeZone>) -> Channel {
    let text = |name| header.child(name).and_then(Element::filled_text);
    Channel {
        id: text("transmitId"),
        title: text("sender").or_else(|| text("origin")),
        updated: header.child("sent").and_then(|sent| date_in(&sent.text(), zone)),
        ..Channel::default()
    }
}

fn draft(item: Element<'_, '_>, sent: Option<Moment>, zone: Option<&TimeZone>) -> AgencyItem {
    let mut draft = AgencyItem::of(zone);
    draft.entry.guid = item.filled("guid");
    draft.entry.version = item.filled("version");
    draft.entry.language = item.filled("xml:lang");
    draft.desk_list(|desk| &mut desk.dates, sent.map(|at| Dated { what: "sent".to_owned(), at }));
    let names = Names::of(item);
    item.children().for_each(|child| part(child, &names, &mut draft));
    missing(item, &mut draft);
    draft
}

fn part(part: Element<'_, '_>, names: &Names, draft: &mut AgencyItem) {
    match Lower::of(part.name()).as_str() {
        "itemmeta" => part.children().for_each(|child| about_item(child, draft)),
        "contentmeta" => part.children().for_each(|child| about_content(child, names, draft)),
        "contentset" => part.children().for_each(|child| rendition(child, draft)),
        "groupset" => part
            .descendants()
            .filter(|inner| inner.is("itemRef"))
            .for_each(|item_ref| link(item_ref, draft)),
        "rightsinfo" => rights(part, draft),
        _ => {}
    }
}

/// Parts of an item, as excerpts have them.
pub(super) const PARTS: [&str; 5] =
    ["itemmeta", "contentmeta", "contentset", "groupset", "rightsinfo"];

/// Reads a part of an item that stands by itself.
fn excerpt(root: Element<'_, '_>, zone: Option<&TimeZone>) -> AgencyItem {
    let mut draft = AgencyItem::of(zone);
    part(root, &Names(Vec::new()), &mut draft);
    draft.problem("missing_element", "the item around it");
    draft
}

/// Says which of the parts that every item has are not there.
fn missing(item: Element<'_, '_>, draft: &mut AgencyItem) {
    match item.child("itemMeta") {
        None => draft.problem("missing_element", "itemMeta"),
        Some(meta) => {
            for name in ["itemClass", "provider", "versionCreated"] {
                if meta.child(name).is_none() {
                    draft.problem("missing_element", format!("{name} in itemMeta"));
                }
            }
        }
    }
    let is_catalog = |child: Element<'_, '_>| child.is("catalogRef") || child.is("catalog");
    let (standard, version) = (item.attribute("standard"), item.attribute("standardversion"));
    let minor = version.and_then(|version| version.strip_prefix("2.")?.parse::<u16>().ok());
    let needs_catalog = minor.is_some_and(|minor| minor < MINOR_WITHOUT_CATALOG);
    if needs_catalog && !heads(item).any(is_catalog) {
        draft.problem("missing_element", "catalogRef: its codes cannot be resolved");
    }
    let known = minor.is_some_and(|minor| minor <= MINOR_KNOWN);
    match (standard, version) {
        (Some(standard), _) if !standard.eq_ignore_ascii_case("NewsML-G2") => {
            draft.bad("unknown_version", "standard", standard);
        }
        (_, Some(version)) if !known => draft.bad("unknown_version", "standardversion", version),
        _ => {}
    }
}

/// From this version on an item may do without a catalog.
const MINOR_WITHOUT_CATALOG: u16 = 30;

/// The latest version of the standard this was read against.
const MINOR_KNOWN: u16 = 35;

/// Management: what may be done with the item, and when it was made.
fn about_item(child: Element<'_, '_>, draft: &mut AgencyItem) {
    let text = child.text();
    match Lower::of(child.name()).as_str() {
        "pubstatus" => draft.status(code(child)),
        "signal" => draft.signal(code(child)),
        "embargoed" => draft.embargo(&text),
        "versioncreated" => draft.version_created(&text),
        "firstcreated" => draft.first_created(&text),
        "expires" => _ = draft.date("expires", &text),
        "itemclass" => draft.desk().item_class = Some(code(child).to_owned()),
        "provider" => draft.desk().provider = name_or_code(child),
        "service" => draft.desk_list(|desk| &mut desk.services, name_or_code(child)),
        "ednote" => draft.note(line(child)),
        "title" => draft.entry.title = draft.entry.title.take().or_else(|| line(child)),
        "altid" => draft.alt_id(kind(child), line(child)),
        "link" => link(child, draft),
        _ => {}
    }
}

/// Description: what the item is about, and by whom.
fn about_content(child: Element<'_, '_>, names: &Names, draft: &mut AgencyItem) {
    let text = || line(child);
    let entry = &mut draft.entry;
    match Lower::of(child.name()).as_str() {
        "urgency" => draft.urgency(&child.text()),
        "headline" => headline(child, draft),
        "slugline" => add_to_line(&mut entry.slugline, text(), child.attribute("separator")),
        "by" => entry.byline = entry.byline.take().or_else(text),
        "dateline" => entry.dateline = entry.dateline.take().or_else(text),
        "creditline" => entry.credit = entry.credit.take().or_else(text),
        "description" => entry.summary = entry.summary.take().or_else(text),
        "language" => {
            let tag = child.filled("tag").or_else(text);
            entry.language = tag.or_else(|| entry.language.take());
        }
        "creator" => draft.entry_list(|entry| &mut entry.authors, person(child)),
        "contributor" => draft.entry_list(|entry| &mut entry.contributors, person(child)),
        "infosource" => draft.desk_list(|desk| &mut desk.info_sources, name_or_code(child)),
        "located" => draft.located(topic(child, names)),
        "subject" => draft.subject(topic(child, names)),
        "genre" => draft.genre(topic(child, names)),
        "keyword" => draft.keyword(text()),
        "altid" => draft.alt_id(kind(child), text()),
        "contentcreated" => {
            let created = draft.date("content_created", &child.text());
            draft.entry.published = draft.entry.published.or(created);
        }
        "contentmodified" => {
            let modified = draft.date("content_modified", &child.text());
            draft.entry.updated = draft.entry.updated.or(modified);
        }
        _ => {}
    }
}

fn headline(child: Element<'_, '_>, draft: &mut AgencyItem) {
    let own = draft.entry.language.as_deref().unwrap_or_default();
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    // A headline in another language than the item's is that of its translation.
    let foreign = child
        .attribute("xml:lang")
        .filter(|tag| !own.is_empty() && !tag.is_empty() && primary(tag) != primary(own));
    let role = child.attribute("role").filter(|role| !role.is_empty());
    let role = role.or(foreign);
    draft.headline(role, line(child));
}

/// One form of the content: XML inline, text inline, or a file elsewhere.
fn rendition(child: Element<'_, '_>, draft: &mut AgencyItem) {
    match Lower::of(child.name()).as_str() {
        "inlinexml" => {
            draft.entry_list(|entry| &mut entry.content, body(child));
            if let Some(document) = child.child("nitf") {
                inline_nitf(document, draft);
            }
        }
        "inlinedata" => {
            let Some(value) = child.filled_text() else { return };
            let usual = if value.starts_with('<') { "text/html" } else { "text/plain" };
            let media_type = child.filled("contenttype").or_else(|| Some(usual.to_owned()));
            draft.entry_list(|entry| &mut entry.content, [Content { value, media_type }]);
        }
        "remotecontent" => {
            let Some(url) = child.filled("href").or_else(|| child.filled("residref")) else {
                return;
            };
            let (media_type, length) = (child.filled("contenttype"), child.filled("size"));
            let file = Enclosure { url, media_type, length };
            draft.entry_list(|entry| &mut entry.enclosures, [file]);
        }
        _ => {}
    }
}

/// What the NITF inside of an item says of it, where the item itself does not.
fn inline_nitf(document: Element<'_, '_>, draft: &mut AgencyItem) {
    let named = |name: &str| document.descendants().find(|inner| inner.is(name)).and_then(line);
    let entry = &mut draft.entry;
    entry.byline = entry.byline.take().or_else(|| named("byline"));
    entry.dateline = entry.dateline.take().or_else(|| named("dateline"));
    if !has_headline(draft) && draft.entry.title.is_none() {
        draft.entry.title = named("hl1").or_else(|| named("title"));
    }
}

fn rights(info: Element<'_, '_>, draft: &mut AgencyItem) {
    let notice = info.child("copyrightNotice").and_then(line);
    draft.copyright(notice.or_else(|| info.child("copyrightHolder").and_then(name_or_line)));
    for terms in info.children().filter(|child| child.is("usageTerms")) {
        draft.desk_list(|desk| &mut desk.usage_terms, line(terms));
    }
}

fn link(child: Element<'_, '_>, draft: &mut AgencyItem) {
    let Some(href) = child.filled("href").or_else(|| child.filled("residref")) else { return };
    let rel = child.attribute("rel").map(|rel| last_part(rel).to_owned());
    let title = child.child("title").and_then(line);
    let (media_type, length) = (child.filled("contenttype"), child.filled("size"));
    draft.link(Link { href, rel, media_type, length, title });
}

/// The first children of an item and of what is around it, and those of its message's header: catalogs stand before
/// the items. All children would be all items, for each of them.
fn heads<'t, 'a>(item: Element<'t, 'a>) -> impl Iterator<Item = Element<'t, 'a>> {
    let first = |element: Element<'t, 'a>| element.children().take(AGENCY_HEAD_MAX);
    let around = std::iter::successors(Some(item), |inner| inner.parent()).take(AGENCY_AROUND_MAX);
    let headed = move |element: Element<'t, 'a>| {
        let header = first(element).find(|child| child.is("header"));
        first(element).chain(header.into_iter().flat_map(first))
    };
    around.flat_map(headed)
}

/// What the message itself says of its lists: aliases with their addresses.
struct Names(Vec<(String, String)>);

impl Names {
    /// The catalogs in the item and around it; a remote one is only named, and nothing is fetched for it.
    fn of(item: Element<'_, '_>) -> Self {
        let catalogs = heads(item).filter(|child| child.is("catalog"));
        let schemes = catalogs.flat_map(Element::children).filter(|child| child.is("scheme"));
        let named = schemes.filter_map(|s| Some((s.filled("alias")?, s.filled("uri")?)));
        Self(named.take(AGENCY_LIST_MAX).collect())
    }

    fn address(&self, scheme: &str, code: &str) -> Option<String> {
        let (_, uri) = self.0.iter().find(|(alias, _)| alias == scheme)?;
        made::take(uri.len() + code.len()).then(|| format!("{uri}{code}"))
    }
}

fn topic(child: Element<'_, '_>, names: &Names) -> Topic {
    let coded =
        child.filled("qcode").or_else(|| child.filled("uri")).or_else(|| child.filled("literal"));
    let (scheme, code) = match coded.as_deref() {
        Some(coded) if coded.contains("://") => coded.rsplit_once(['/', '#']).unzip(),
        Some(coded) => (coded.rsplit_once(':').map(|(s, _)| s), Some(after_colon(coded))),
        None => (None, None),
    };
    let resolved = scheme.zip(code).and_then(|(scheme, code)| names.address(scheme, code));
    let broader = child.children().filter(|inner| inner.is("broader"));
    Topic {
        scheme: scheme.map(str::to_owned),
        code: code.filter(|code| !code.is_empty()).map(str::to_owned),
        address: child.filled("uri").or(resolved),
        name: name_of(child),
        broader: broader.filter_map(name_of).collect(),
    }
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
    french.into_iter().chain(names()).find_map(line)
}

fn name_or_line(element: Element<'_, '_>) -> Option<String> {
    name_of(element).or_else(|| line(element)).or_else(|| element.filled("literal"))
}

fn name_or_code(element: Element<'_, '_>) -> Option<String> {
    let code = || Some(code(element)).filter(|code| !code.is_empty()).map(str::to_owned);
    name_or_line(element).or_else(code)
}

/// The kind of another name: by its type, or by the place it is used in.
fn kind(element: Element<'_, '_>) -> Option<String> {
    let kind = element.attribute("type").or_else(|| element.attribute("environment"))?;
    Some(last_part(kind).to_owned()).filter(|kind| !kind.is_empty())
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
    last_part(code)
}

fn last_part(code: &str) -> &str {
    code.rsplit([':', '/', '#']).next().unwrap_or_default()
}
