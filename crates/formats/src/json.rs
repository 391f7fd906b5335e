//! JSON Feed 1.0 and 1.1, also when it was cut.

use depeche_news::Problem;
use depeche_news::limits::formats::{
    DATE_BYTES_MAX, JSON_DEPTH_MAX, JSON_ITEMS_MAX, JSON_OBJECT_COST, JSON_VALUES_MAX,
};
use std::borrow::Cow;

use serde_json::Value;
use url::Url;

use crate::address::absolute;
use crate::dates::date_in;
use crate::feed::is_version;
use crate::{Channel, Content, Document, Enclosure, Entry, Home, Keyword, Link, Person};

/// Reads an object as a JSON Feed; `None` when it is JSON of another kind.
pub(crate) fn read((value, missing): &Parsed, home: Home<'_>) -> Option<Document> {
    let version = text_of(value, "version").unwrap_or_default();
    let items = value.get("items").and_then(Value::as_array);
    if !version.contains("jsonfeed.org") && items.is_none() {
        return None;
    }
    let number = version.rsplit('/').next().filter(|v| is_version(v)).unwrap_or_default();
    let items = items.map(Vec::as_slice).unwrap_or_default();
    let mut document = Document {
        format: Some(format!("jsonfeed{number}")),
        feed: channel(value, home.base),
        items: items.iter().take(JSON_ITEMS_MAX).map(|item| entry(item, home)).collect(),
        ..Document::default()
    };
    if let Some(text) = unread_date(items, &document.items) {
        document.problems.push(Problem::new("unreadable_date", text));
    }
    if let Some(missing) = missing {
        document.lost(*missing);
    }
    if items.len() > JSON_ITEMS_MAX {
        document.lost("more items than are read of one document");
    }
    Some(document)
}

/// The first date that could not be read.
fn unread_date(items: &[Value], entries: &[Entry]) -> Option<String> {
    items.iter().zip(entries).find_map(|(item, entry)| {
        let dates = [("date_published", entry.published), ("date_modified", entry.updated)];
        let unread = dates.into_iter().filter(|(_, read)| read.is_none());
        unread.filter_map(|(key, _)| text_of(item, key)).next().map(|text| {
            let end = text.floor_char_boundary(DATE_BYTES_MAX);
            text[..end].to_owned()
        })
    })
}

/// The feed without the items at these places, written anew.
pub(crate) fn without(text: &str, gone: &[usize]) -> Option<Vec<u8>> {
    let (mut value, _) = parsed(text.trim_start_matches('\u{feff}').trim())?;
    let items = value.get_mut("items")?.as_array_mut()?;
    let mut at = 0;
    items.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    serde_json::to_vec(&value).ok()
}

fn channel(value: &Value, base: Option<&Url>) -> Channel {
    let text = |key| text_of(value, key).map(Cow::into_owned);
    let address = |key| text_of(value, key).map(|address| absolute(&address, base));
    let link = address("home_page_url");
    Channel {
        id: address("feed_url"),
        title: text("title"),
        links: links(link.as_deref(), address("feed_url").as_deref())
            .into_iter()
            .chain(list(value, "hubs").filter_map(|hub| hub_link(hub, base)))
            .collect(),
        link,
        description: text("description"),
        language: text("language"),
        authors: authors(value, base),
        image: address("icon").or_else(|| address("favicon")),
        ..Channel::default()
    }
}

fn entry(value: &Value, home: Home<'_>) -> Entry {
    let Home { base, zone } = home;
    let text = |key| text_of(value, key).map(Cow::into_owned);
    let address = |key| text_of(value, key).map(|address| absolute(&address, base));
    let moment = |key| text_of(value, key).and_then(|text| date_in(&text, zone));
    let content = |key, media_type: &str| {
        text(key).map(|value| Content { value, media_type: Some(media_type.to_owned()) })
    };
    let link = address("url").or_else(|| address("external_url"));
    let bodies = [content("content_html", "text/html"), content("content_text", "text/plain")];
    Entry {
        guid: text("id"),
        title: text("title"),
        links: links(link.as_deref(), None),
        link,
        language: text("language"),
        published: moment("date_published"),
        updated: moment("date_modified"),
        authors: authors(value, base),
        summary: text("summary"),
        content: bodies.into_iter().flatten().collect(),
        enclosures: list(value, "attachments").filter_map(|file| enclosure(file, base)).collect(),
        keywords: list(value, "tags").filter_map(keyword).collect(),
        image: address("image").or_else(|| address("banner_image")),
        ..Entry::default()
    }
}

fn links(page: Option<&str>, own: Option<&str>) -> Vec<Link> {
    let link = |href: &str, rel: &str, media_type: &str| Link {
        href: href.to_owned(),
        rel: Some(rel.to_owned()),
        media_type: Some(media_type.to_owned()),
        ..Link::default()
    };
    let page = page.map(|href| link(href, "alternate", "text/html"));
    page.into_iter().chain(own.map(|href| link(href, "self", "application/feed+json"))).collect()
}

/// Where one may ask to be told of news.
fn hub_link(hub: &Value, base: Option<&Url>) -> Option<Link> {
    let href = absolute(&text_of(hub, "url")?, base);
    Some(Link { href, rel: Some("hub".to_owned()), ..Link::default() })
}

fn authors(value: &Value, base: Option<&Url>) -> Vec<Person> {
    let person = |author: &Value| {
        let person = Person {
            name: text_of(author, "name").map(Cow::into_owned),
            email: None,
            url: text_of(author, "url").map(|address| absolute(&address, base)),
        };
        (person != Person::default()).then_some(person)
    };
    list(value, "authors").chain(value.get("author")).filter_map(person).collect()
}

fn enclosure(file: &Value, base: Option<&Url>) -> Option<Enclosure> {
    Some(Enclosure {
        url: absolute(&text_of(file, "url")?, base),
        media_type: text_of(file, "mime_type").map(Cow::into_owned),
        length: text_of(file, "size_in_bytes").map(Cow::into_owned),
    })
}

fn keyword(tag: &Value) -> Option<Keyword> {
    Some(Keyword { term: Some(tag.as_str()?.to_owned()), ..Keyword::default() })
}

pub(crate) fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Text under `key`, trimmed and not empty; a number counts, as identifiers often are.
pub(crate) fn text_of<'v>(value: &'v Value, key: &str) -> Option<Cow<'v, str>> {
    match value.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text.trim())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// A value that was read, and what of it is missing.
pub(crate) type Parsed = (Value, Option<&'static str>);

/// The object that `text` begins with. One whose end is missing, or that is larger than is read, is read up to there.
pub(crate) fn parsed(text: &str) -> Option<Parsed> {
    if !text.starts_with('{') {
        return None;
    }
    let (within, too_much) = within_bounds(text);
    if too_much.is_some() {
        return Some((serde_json::from_str(&mended(within)?).ok()?, too_much));
    }
    // A stream reads the first value and leaves alone what was printed after it.
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next()? {
        Ok(value) => Some((value, None)),
        Err(_) => {
            let cut = "the document ends before its last value is closed";
            serde_json::from_str(&mended(text)?).ok().map(|value| (value, Some(cut)))
        }
    }
}

/// The start of the text that is not deeper and has no more values than is read, and why that is not all of it.
fn within_bounds(text: &str) -> (&str, Option<&'static str>) {
    let (mut depth, mut cost) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                cost += JSON_OBJECT_COST;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => cost += 1,
            _ => {}
        }
        let told = match (depth > JSON_DEPTH_MAX, cost > JSON_VALUES_MAX) {
            (true, _) => Some("values that are deeper inside each other than is read"),
            (_, true) => Some("more values than are read of one document"),
            _ => None,
        };
        if told.is_some() {
            // A sign of JSON is one byte, so that this is the border of a character.
            return (text.get(..at).unwrap_or_default(), told);
        }
    }
    (text, None)
}

/// Cut back to the last object or list that is whole, and everything around it closed. Line breaks
/// and tabs in strings, which JSON forbids, become spaces.
fn mended(text: &str) -> Option<String> {
    let mut open: Vec<char> = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    let mut whole: Option<(usize, Vec<char>)> = None;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push('}'),
            b'[' => open.push(']'),
            b'}' | b']' => {
                if open.pop() != Some(char::from(byte)) {
                    break;
                }
                // Only what closes an item is kept: its depth is small, the copies are cheap.
                if open.len() <= 2 {
                    whole = Some((at + 1, open.clone()));
                }
            }
            _ => {}
        }
    }
    let (end, open) = whole?;
    let mut mended: String = text.get(..end)?.replace(['\n', '\r', '\t'], " ");
    mended.extend(open.into_iter().rev());
    Some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Fil",
        "items": [{"id": 1, "title": "Un", "tags": ["a"], "url": "/1"}, {"id": "2", "ti"#;

    #[test]
    fn a_cut_feed_gives_the_items_that_are_whole_and_says_so() {
        let base = Url::parse("https://a.example/").ok();
        let document =
            read(&parsed(FEED).unwrap(), Home { base: base.as_ref(), zone: None }).unwrap();
        assert_eq!(document.format.as_deref(), Some("jsonfeed1.1"));
        assert_eq!(document.items.len(), 1);
        assert_eq!(document.items[0].guid.as_deref(), Some("1"));
        assert_eq!(document.items[0].link.as_deref(), Some("https://a.example/1"));
        assert!(document.incomplete);
    }

    #[test]
    fn a_date_that_cannot_be_read_is_told_and_hubs_are_links() {
        let text = r#"{"version": "https://jsonfeed.org/version/1", "hubs": [{"type": "WebSub",
            "url": "https://hub.example/"}], "items": [{"id": "1", "date_published": "hier"}]}"#;
        let document = read(&parsed(text).unwrap(), Home::default()).unwrap();
        assert_eq!(document.problems, [Problem::new("unreadable_date", "hier")]);
        assert_eq!(document.feed.links[0].rel.as_deref(), Some("hub"));
    }

    /// What a bomb of JSON is read as, and what is told of the rest.
    #[track_caller]
    fn check_bounded(item: &str, times: usize, told: &str) {
        let items = format!("{{\"id\": \"1\"}},{}", item.repeat(times));
        let text =
            format!("{{\"version\": \"https://jsonfeed.org/version/1\", \"items\": [{items}");
        let (value, missing) = parsed(&text).unwrap();
        assert_eq!(missing, Some(told));
        let document = read(&(value, missing), Home::default()).unwrap();
        assert_eq!(document.items[0].guid.as_deref(), Some("1"));
        assert!(document.incomplete);
    }

    #[test]
    fn what_is_too_deep_or_too_much_is_read_up_to_there() {
        check_bounded("[", 1_000_000, "values that are deeper inside each other than is read");
        check_bounded(
            "{\"a\":",
            1_000_000,
            "values that are deeper inside each other than is read",
        );
        check_bounded("{\"\":0},", 400_000, "more values than are read of one document");
        check_bounded("[[],[],0],", 400_000, "more values than are read of one document");
    }

    #[test]
    fn other_json_is_no_feed() {
        for text in ["{}", "[]", "{\"a\":", "{\"items\": 1}", ""] {
            assert_eq!(parsed(text).and_then(|parsed| read(&parsed, Home::default())), None);
        }
    }
}
