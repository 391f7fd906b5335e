//! ninjs, news in JSON, of its versions 1 to 3: one item, lists of them, and what an interface wraps around.
//!
//! Version 3 writes its names with capitals inside (`pubStatus`), 1 and 2 without: names are compared
//! without their case.

use depeche_news::limits::formats::{
    AGENCY_LIST_MAX, NINJS_ASSOCIATIONS_DEEP_MAX, NINJS_WRAPPINGS_MAX,
};
use depeche_news::{Problem, Topic, jiff::tz::TimeZone};
use serde_json::Value;

use super::{AgencyItem, add, after_colon, bounded, ninjs_form};
use crate::json::{Parsed, parsed};
use crate::{Content, Document, Enclosure, Link, Person};

/// Reads items of ninjs out of a text and the object that it begins with; `None` when the text is JSON of another
/// kind, or none.
pub(crate) fn read(
    text: &str,
    object: Option<&Parsed>,
    zone: Option<&TimeZone>,
) -> Option<Document> {
    if is_json_feed(text) {
        return None;
    }
    let list = if object.is_none() { listed(text) } else { None };
    let Some((value, missing)) = object.or(list.as_ref()) else {
        return looks_like_one(text).then(malformed);
    };
    let mut document = Document { format: Some("ninjs".to_owned()), ..Document::default() };
    let items = bounded(items(value).into_iter(), &mut document);
    if items.is_empty() {
        return None;
    }
    if let Some(missing) = missing {
        document.lost(*missing);
    }
    for item in items {
        let mut draft = draft(item, zone);
        for problem in ninjs_form::problems(item) {
            draft.problem(&problem.word, problem.detail);
        }
        add(&mut document, draft, None);
    }
    Some(document)
}

/// A JSON Feed says so in its first lines; it is not parsed twice.
fn is_json_feed(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(FEED_BYTES)).unwrap_or_default();
    start.contains("jsonfeed.org/version")
}

/// Bytes in which a JSON Feed names its version.
const FEED_BYTES: usize = 2048;

/// A list, which the parser of feeds does not take.
fn listed(text: &str) -> Option<Parsed> {
    if !text.starts_with('[') {
        return None;
    }
    let wrapped = format!("{{\"list\":{text}");
    // Closed here, or cut back to what is whole.
    parsed(&format!("{wrapped}}}")).or_else(|| parsed(&wrapped))
}

fn looks_like_one(text: &str) -> bool {
    let says = |key: &str| text.contains(key);
    text.starts_with('{')
        && says("\"uri\"")
        && ["headline", "body_", "bodies", "pubstatus", "pubStatus", "genre", "description_"]
            .iter()
            .any(|key| says(key))
}

/// An item that is no JSON: nothing of it can be trusted, but it is said what it was to be.
fn malformed() -> Document {
    let problem = Problem::new("refused", "ninjs that is no JSON");
    Document { problems: vec![problem], ..Document::default() }
}

/// The items in a value: itself, or those in a list, also where an interface wraps something around each.
fn items(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut ahead = vec![(value, 0)];
    while let Some((value, depth)) = ahead.pop() {
        if is_item(value) {
            found.push(value);
        } else if depth < NINJS_WRAPPINGS_MAX {
            let inside: Vec<&Value> = match value {
                Value::Array(values) => values.iter().collect(),
                Value::Object(_) => ["item", "items", "data", "list", "_items", "newsItems"]
                    .iter()
                    .filter_map(|key| value.get(*key))
                    .collect(),
                _ => Vec::new(),
            };
            ahead.extend(inside.into_iter().rev().map(|inner| (inner, depth + 1)));
        }
    }
    found
}

/// What an item of ninjs has beside its identity; `headline` alone is also a word of others.
const OWN_NAMES: [&str; 17] = [
    "pubstatus",
    "versioncreated",
    "firstcreated",
    "contentcreated",
    "headline",
    "headlines",
    "body_html",
    "body_text",
    "body_xhtml",
    "bodies",
    "representationtype",
    "copyrightholder",
    "associations",
    "renditions",
    "altids",
    "eventdetails",
    "urgency",
];

fn is_item(value: &Value) -> bool {
    let Some(fields) = value.as_object() else { return false };
    let named = |names: &[&str]| {
        fields.keys().any(|key| names.iter().any(|name| key.eq_ignore_ascii_case(name)))
    };
    let identified = named(&["uri"]) || named(&["guid"]);
    let standard = named(&["$standard", "standard"]);
    let known = fields.keys().filter(|key| ninjs_form::is_known(key)).count();
    let plain = named(&["uri"]) && known * 2 >= fields.len();
    (identified && (named(&OWN_NAMES) || standard || plain)) || (standard && named(&OWN_NAMES))
}

/// A field by its name, without its case.
pub(super) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).or_else(|| {
        let fields = value.as_object()?;
        fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, field)| field)
    })
}

/// What a field says, by its name without its case.
fn own(value: &Value, name: &str) -> Option<String> {
    said(field(value, name)?)
}

/// A text or a number that says something.
fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    field(value, name).and_then(Value::as_array).into_iter().flatten()
}

/// Values of a list, or of an object by key as version 1 has them.
fn each<'v>(value: &'v Value, name: &str) -> Vec<(Option<&'v str>, &'v Value)> {
    match field(value, name) {
        Some(Value::Array(values)) => {
            values.iter().map(|value| (value.get("name").and_then(Value::as_str), value)).collect()
        }
        Some(Value::Object(fields)) => {
            fields.iter().map(|(key, v)| (Some(key.as_str()), v)).collect()
        }
        _ => Vec::new(),
    }
}

fn draft(value: &Value, zone: Option<&TimeZone>) -> AgencyItem {
    let mut draft = AgencyItem::of(zone);
    let text = |name: &str| own(value, name);
    draft.entry.guid = text("guid").or_else(|| text("uri")).map(|guid| lasting(guid, value));
    draft.entry.version = text("version");
    draft.entry.language = text("language");
    draft.entry.slugline = text("slugline");
    draft.entry.byline =
        text("byline").or_else(|| text("by")).or_else(|| by_role(value, "bylines", ""));
    draft.entry.dateline = text("dateline");
    draft.entry.credit = text("creditline").or_else(|| text("source"));
    draft.entry.summary = text("description_html")
        .or_else(|| text("description_text"))
        .or_else(|| by_role(value, "descriptions", "summary"));
    manage(value, &mut draft);
    headlines(value, &mut draft);
    let content = content(value);
    draft.entry_list(|entry| &mut entry.content, content);
    about(value, &mut draft);
    files(value, &mut draft, 0);
    links(value, &mut draft);
    for person in list(value, "authors").filter_map(|author| own(author, "name")) {
        let person = Person { name: Some(person), ..Person::default() };
        draft.entry_list(|entry| &mut entry.authors, [person]);
    }
    draft
}

/// An address as identity, without what is asked with it: AP hands out one with a token for each request.
fn lasting(guid: String, value: &Value) -> String {
    let own_id = field(value, "altids").and_then(|ids| own(ids, "itemid"));
    match guid.split_once('?') {
        Some((address, _)) if own_id.is_some_and(|id| address.ends_with(&id)) => address.to_owned(),
        _ => guid,
    }
}

fn manage(value: &Value, draft: &mut AgencyItem) {
    let text = |name: &str| own(value, name);
    for (name, what) in [
        ("contentcreated", "content_created"),
        ("contentmodified", "content_modified"),
        ("expires", "expires"),
        ("transmissiondate", "sent"),
    ] {
        text(name).into_iter().for_each(|date| _ = draft.date(what, &date));
    }
    text("firstcreated").into_iter().for_each(|date| draft.first_created(&date));
    text("versioncreated").into_iter().for_each(|date| draft.version_created(&date));
    let created = draft.desk().date("content_created");
    draft.entry.published = draft.entry.published.or(created);
    draft.status(after_colon(&text("pubstatus").unwrap_or_default()));
    let signals = list(value, "signals").filter_map(Value::as_str).map(str::to_owned);
    signals.chain(text("signal")).for_each(|signal| draft.signal(&signal));
    draft.urgency(&text("urgency").unwrap_or_default());
    let embargo = text("embargoed").or_else(|| text("embargoeduntil"));
    embargo.into_iter().for_each(|until| draft.embargo(&until));
    draft.note(text("ednote"));
    draft.desk().item_class = text("type");
    draft.desk().provider = text("provider");
    draft.copyright(text("copyrightnotice").or_else(|| text("copyrightholder")));
    let terms = list(value, "usageterms").filter_map(Value::as_str).map(str::to_owned);
    draft.desk_list(|desk| &mut desk.usage_terms, terms.chain(text("usageterms")));
    let rights = field(value, "rightsinfo").and_then(|rights| own(rights, "linkedrights"));
    draft.desk_list(|desk| &mut desk.usage_terms, rights);
}

/// The headline; version 1 adds its role to the name of the field, later ones have a list.
fn headlines(value: &Value, draft: &mut AgencyItem) {
    draft.headline(Some("main"), own(value, "headline"));
    for headline in list(value, "headlines") {
        let role = own(headline, "role");
        draft.headline(role.as_deref(), own(headline, "value"));
    }
    for (role, headline) in roles(value, "headline_") {
        draft.headline(Some(role), said(headline));
    }
    draft.entry.title = own(value, "title");
}

/// Fields whose name is a prefix and a role: their roles and their values.
fn roles<'v>(value: &'v Value, prefix: &'static str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    value.as_object().into_iter().flatten().filter_map(move |(key, value)| {
        let start = key.get(..prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some((key.get(prefix.len()..)?, value))
    })
}

/// The bodies: by key in version 1, as a list with roles later.
fn content(value: &Value) -> Vec<Content> {
    let keyed = roles(value, "body_").filter_map(|(role, body)| {
        let plain =
            role.eq_ignore_ascii_case("text") || role.to_ascii_lowercase().ends_with("_text");
        let text = said(body)?;
        let media_type = if plain || !text.contains('<') { "text/plain" } else { "text/html" };
        Some(Content { value: text, media_type: Some(media_type.to_owned()) })
    });
    let listed = list(value, "bodies").filter_map(|body| {
        Some(Content { value: own(body, "value")?, media_type: own(body, "contenttype") })
    });
    keyed.chain(listed).collect()
}

/// What it is about: subjects, genres, places, and whom it names.
fn about(value: &Value, draft: &mut AgencyItem) {
    for name in [
        "subject",
        "subjects",
        "event",
        "events",
        "organisation",
        "organisations",
        "person",
        "people",
        "object",
        "objects",
    ] {
        list(value, name).for_each(|subject| draft.subject(topic(subject)));
    }
    for name in ["keywords", "keyword"] {
        let words = list(value, name)
            .filter_map(|word| word.as_str().map(str::to_owned).or_else(|| own(word, "name")));
        words.for_each(|word| draft.keyword(Some(word)));
    }
    for name in ["genre", "genres"] {
        list(value, name).for_each(|genre| draft.genre(topic(genre)));
    }
    if let Some(located) = own(value, "located") {
        draft.located(Topic { name: Some(located), ..Topic::default() });
    }
    if let Some(place) = field(value, "datelinelocation") {
        let around = ["countryareaname", "countryname"];
        let broader = around.iter().filter_map(|name| own(place, name)).collect();
        draft.located(Topic { name: own(place, "city"), broader, ..Topic::default() });
    }
    for name in ["place", "places"] {
        for place in list(value, name).map(topic).filter(|place| place.label().is_some()) {
            draft.keyword(place.name);
        }
    }
    for name in ["infosource", "infosources"] {
        let sources = list(value, name).filter_map(|source| own(source, "name"));
        draft.desk_list(|desk| &mut desk.info_sources, sources);
    }
    let services = list(value, "services")
        .chain(list(value, "service"))
        .filter_map(|s| own(s, "name").or_else(|| own(s, "code")));
    draft.desk_list(|desk| &mut desk.services, services);
    for (role, id) in each(value, "altids") {
        let role = own(id, "role").or_else(|| role.map(str::to_owned));
        let text = id.as_str().map(str::to_owned).or_else(|| own(id, "value"));
        draft.alt_id(role, text);
    }
}

fn topic(value: &Value) -> Topic {
    if let Some(name) = value.as_str() {
        return Topic { name: Some(name.to_owned()), ..Topic::default() };
    }
    let uri = own(value, "uri");
    let code = own(value, "code").or_else(|| own(value, "literal"));
    let (scheme, last) = uri.as_deref().and_then(|uri| uri.rsplit_once(['/', '#', ':'])).unzip();
    Topic {
        scheme: own(value, "scheme").or_else(|| scheme.map(str::to_owned)),
        code: code.or_else(|| last.map(str::to_owned)).or_else(|| uri.clone()),
        address: uri.filter(|uri| uri.contains("://")),
        name: own(value, "name"),
        broader: Vec::new(),
    }
}

/// Files: its own renditions, and those of the pictures and films that are associated with it.
fn files(value: &Value, draft: &mut AgencyItem, depth: usize) {
    for (_, rendition) in each(value, "renditions") {
        let media_type = own(rendition, "contenttype").or_else(|| own(rendition, "mimetype"));
        let length = own(rendition, "sizeinbytes");
        let url = own(rendition, "href");
        let new = url.map(|url| Enclosure { url, media_type, length });
        let is_known = |new: &Enclosure| {
            let known = draft.entry.enclosures.iter().take(AGENCY_LIST_MAX);
            known.into_iter().any(|known| known.url == new.url)
        };
        let new = new.filter(|new| !is_known(new));
        draft.entry_list(|entry| &mut entry.enclosures, new);
    }
    if depth >= NINJS_ASSOCIATIONS_DEEP_MAX {
        return;
    }
    for (role, associated) in each(value, "associations") {
        // Version 1 may have a list of them under one key.
        let associated: Vec<&Value> = match associated {
            Value::Array(several) => several.iter().collect(),
            one => vec![one],
        };
        for one in associated {
            association(role, one, draft);
            files(one, draft, depth + 1);
        }
    }
}

/// What comes along, named by its headline and its place in the package.
fn association(role: Option<&str>, value: &Value, draft: &mut AgencyItem) {
    let Some(target) = own(value, "uri").or_else(|| own(value, "guid")) else { return };
    let title = own(value, "headline").or_else(|| by_role(value, "headlines", "main"));
    relation(draft, Some(role.unwrap_or("association").to_owned()), target, title);
}

fn links(value: &Value, draft: &mut AgencyItem) {
    for link in list(value, "links") {
        let target = own(link, "href").or_else(|| own(link, "uri"));
        let rel = own(link, "rel").map(|rel| after_colon(&rel).to_owned());
        let title = own(link, "title");
        target.into_iter().for_each(|target| relation(draft, rel.clone(), target, title.clone()));
    }
    for (name, rel) in [
        ("evolvedfrom", "previousVersion"),
        ("rewrite_of", "previousVersion"),
        ("translated_from", "translationOf"),
        ("translation_of", "translationOf"),
    ] {
        if let Some(target) = own(value, name) {
            relation(draft, Some(rel.to_owned()), target, None);
        }
    }
}

fn relation(draft: &mut AgencyItem, rel: Option<String>, target: String, title: Option<String>) {
    draft.link(Link { href: target, rel, title, ..Link::default() });
}

/// The value with this role in a list of them, else the first one.
fn by_role(value: &Value, name: &str, role: &str) -> Option<String> {
    let has_role = |entry: &&Value| own(entry, "role").is_some_and(|own| after_colon(&own) == role);
    let chosen = list(value, name).find(has_role).or_else(|| list(value, name).next())?;
    own(chosen, "value")
}
