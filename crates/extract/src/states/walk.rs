//! Looks through a JSON value for texts that may be a story.

use std::collections::HashMap;

use depeche_news::limits::extract::{STATE_BYTES_MAX, STATE_STORIES_MAX};
use serde_json::{Map, Value};

use super::{STORY_BYTES_MIN, Story};
use crate::linked_data::split_keywords;

type Object = Map<String, Value>;

/// What is looked at next: a value, and the nearest object around it that has a title.
struct Step<'v> {
    value: &'v Value,
    titled: Option<&'v Object>,
}

/// Adds what may be a story; looks at no more than `room` values. `texts` are those that a string may name with a `$`,
/// each of which has words and sentences.
pub(super) fn gather(
    state: &Value,
    evidence: &'static str,
    texts: &HashMap<&str, &str>,
    room: &mut usize,
    found: &mut Vec<Story>,
) {
    let referred = |text: &str| {
        let text = texts.get(text.strip_prefix('$')?);
        text.filter(|text| text.len() >= STORY_BYTES_MIN).map(|text| (*text).to_owned())
    };
    let mut steps = vec![Step { value: state, titled: None }];
    while let Some(Step { value, titled }) = steps.pop() {
        if *room == 0 || is_full(found) {
            return;
        }
        *room -= 1;
        match value {
            Value::Object(object) => {
                let titled = if title(object).is_some() { Some(object) } else { titled };
                for (name, inner) in object {
                    // One text may be named by every name of an object.
                    if is_full(found) {
                        return;
                    }
                    match inner {
                        Value::String(text) if text.starts_with('$') && is_body_name(name) => {
                            if let Some(text) = referred(text) {
                                add(found, story(text, titled, evidence));
                            }
                        }
                        Value::String(text) if may_be_story(name, text) => {
                            add(found, story(text.clone(), titled, evidence));
                        }
                        _ => steps.push(Step { value: inner, titled }),
                    }
                }
            }
            Value::Array(values) => {
                if let Some(text) = paragraphs(values) {
                    add(found, story(text, titled, evidence));
                }
                steps.extend(values.iter().map(|value| Step { value, titled }));
            }
            _ => {}
        }
    }
}

/// Whether no more is looked for: their number or their bytes are enough.
fn is_full(found: &[Story]) -> bool {
    let bytes = found.iter().map(|story| story.text.len()).sum::<usize>();
    found.len() >= STATE_STORIES_MAX || bytes >= STATE_BYTES_MAX
}

/// Adds a story that is long enough.
pub(super) fn add(found: &mut Vec<Story>, story: Story) {
    if story.text.len() >= STORY_BYTES_MIN && found.len() < STATE_STORIES_MAX {
        found.push(story);
    }
}

fn story(text: String, titled: Option<&Object>, evidence: &'static str) -> Story {
    let text = match text.contains("&lt;p") && !text.contains("<p") {
        true => crate::linked_data::decoded(&text),
        false => text,
    };
    Story {
        text,
        headline: titled.and_then(title).map(crate::linked_data::decoded),
        published: titled.and_then(published),
        authors: titled.map(authors).unwrap_or_default(),
        evidence,
    }
}

/// Names that mean a body, as their letters.
const BODY_NAMES: &[&str] = &[
    "body",
    "bodyhtml",
    "bodytext",
    "htmlbody",
    "content",
    "contents",
    "contenthtml",
    "htmlcontent",
    "contentraw",
    "articlebody",
    "articlecontent",
    "articletext",
    "article",
    "text",
    "texte",
    "fulltext",
    "html",
    "rendered",
    "value",
    "corps",
    "contenu",
    "storybody",
    "story",
    "maincontent",
    "richtext",
    "markup",
    "paragraph",
    "paragraphs",
    "data",
    "description",
    "postcontent",
    "p",
    "copy",
    "inhalt",
    "cuerpo",
    "testo",
    "blocks",
];

pub(super) fn is_body_name(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase());
    let letters: String = letters.take(24).collect();
    BODY_NAMES.contains(&letters.as_str())
}

fn may_be_story(name: &str, text: &str) -> bool {
    text.len() >= STORY_BYTES_MIN && (is_body_name(name) || has_paragraphs(text)) && is_told(text)
}

pub(super) fn has_paragraphs(text: &str) -> bool {
    text.contains("<p>") || text.contains("<p ") || text.contains("<br")
}

/// Whether a text has words and sentences, and is no code, list of names or encoded data.
pub(super) fn is_told(text: &str) -> bool {
    let start = text.trim_start();
    let spaces = text.bytes().take(4_000).filter(|b| *b == b' ').count();
    let all = text.len().min(4_000);
    let spaced = spaces * 20 >= all || !text.is_ascii();
    !start.starts_with(['{', '[']) && spaced && text.contains(['.', '。', '!', '?', '।'])
}

/// The markup of a list of paragraphs, if it is one: three at least, most of them sentences.
fn paragraphs(values: &[Value]) -> Option<String> {
    if values.len() < 3 {
        return None;
    }
    let (mut html, mut all, mut told) = (String::new(), 0, 0);
    for value in values {
        let Some((name, text)) = paragraph(value) else { continue };
        all += 1;
        told += usize::from(text.len() >= 60 && is_told(&text));
        if text.contains('<') && has_paragraphs(&text) {
            html.push_str(&text);
        } else {
            html.push_str(&format!("<{name}>{text}</{name}>"));
        }
    }
    (told >= 2 && told * 2 >= all && html.len() >= STORY_BYTES_MIN).then_some(html)
}

/// Words in the type of a block that is no text of the story.
const ASIDE_TYPES: &[&str] = &[
    "image",
    "photo",
    "video",
    "ad",
    "advert",
    "advertisement",
    "newsletter",
    "related",
    "promo",
    "gallery",
    "embed",
    "iframe",
    "link",
    "links",
    "button",
    "teaser",
    "card",
];

/// One block of a story and the element it becomes. The parser bounds the depth.
fn paragraph(value: &Value) -> Option<(&'static str, String)> {
    match value {
        Value::String(text) => Some(("p", text.clone())),
        // An element as React writes it: ["$", name, key, {"children": …}].
        Value::Array(element) if element.first().and_then(Value::as_str) == Some("$") => {
            let name = element.get(1).and_then(Value::as_str)?;
            let name = match name {
                "p" => "p",
                "h2" | "h3" => "h2",
                "blockquote" => "blockquote",
                _ => return None,
            };
            let mut text = String::new();
            inline(element.get(3)?.get("children")?, &mut text);
            Some((name, text))
        }
        Value::Object(object) => {
            let kind = ["type", "_type", "__typename", "nodeType", "name", "tag", "kind"]
                .into_iter()
                .find_map(|name| object.get(name)?.as_str())
                .unwrap_or_default()
                .to_ascii_lowercase();
            if kind
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| ASIDE_TYPES.contains(&word))
            {
                return None;
            }
            let heading = kind.contains("head") || kind.contains("subtitle") || is_heading(&kind);
            let mut text = String::new();
            inline(value, &mut text);
            (!text.trim().is_empty()).then_some((if heading { "h2" } else { "p" }, text))
        }
        _ => None,
    }
}

fn is_heading(kind: &str) -> bool {
    matches!(kind, "h2" | "h3" | "h4" | "heading-2" | "heading-3")
}

/// The text of a block out of its parts. The parser bounds the depth.
fn inline(value: &Value, text: &mut String) {
    match value {
        Value::String(part) => text.push_str(part),
        Value::Array(element) if element.first().and_then(Value::as_str) == Some("$") => {
            if let Some(children) = element.get(3).and_then(|props| props.get("children")) {
                inline(children, text);
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| inline(part, text)),
        Value::Object(object) => {
            // One of them: what follows is another form of it, or what it belongs to.
            const PARTS: &[&str] = &[
                "html",
                "text",
                "content",
                "value",
                "children",
                "body",
                "paragraph",
                "markup",
                "spans",
                "data",
                "attributes",
                "props",
                "model",
                "items",
                "leaves",
                "nodes",
                "p",
            ];
            let part =
                PARTS.iter().find_map(|name| object.get(*name).filter(|part| !is_none(part)));
            if let Some(part) = part {
                inline(part, text);
            }
        }
        _ => {}
    }
}

fn is_none(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(_) => false,
        _ => true,
    }
}

fn title(object: &Object) -> Option<&str> {
    let texts = ["headline", "title", "titre", "pageTitle", "articleTitle", "headlines", "name"];
    let text = |value: &'_ Value| -> Option<usize> { value.as_str().map(str::len) };
    texts.into_iter().find_map(|name| {
        let value = object.get(name)?;
        let inner = ["basic", "rendered", "main", "text", "default"];
        let value = if text(value).is_some() {
            value
        } else {
            inner.iter().find_map(|name| value.get(*name))?
        };
        value.as_str().filter(|title| title.len() >= 8 && title.len() <= 400)
    })
}

fn published(object: &Object) -> Option<String> {
    const NAMES: [&str; 12] = [
        "datePublished",
        "publishedAt",
        "published_at",
        "publishDate",
        "publicationDate",
        "publishedDate",
        "first_publish_date",
        "display_date",
        "firstPublishedAt",
        "published",
        "date",
        "createdAt",
    ];
    NAMES
        .iter()
        .find_map(|name| object.get(*name)?.as_str())
        .filter(|date| date.len() < 40)
        .map(str::to_owned)
}

fn authors(object: &Object) -> Vec<String> {
    let value = ["authors", "author", "byline"].iter().find_map(|name| object.get(*name));
    let name = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Object(person) => person.get("name").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let names: Vec<String> = match value {
        Some(Value::Array(all)) => all.iter().take(8).filter_map(name).collect(),
        Some(Value::String(names)) => split_keywords(names),
        Some(one) => name(one).into_iter().collect(),
        None => Vec::new(),
    };
    names.into_iter().filter(|name| (3..80).contains(&name.len())).collect()
}
