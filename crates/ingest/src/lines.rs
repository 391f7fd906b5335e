//! Article lines: one JSON object a line, as `depeche import FILE.jsonl` and pushes bring them.

use std::collections::HashMap;

use depeche_formats as formats;
use depeche_news::{Article, Delivery, Item, ItemId, Moment, Problem};

use crate::{
    article,
    read::{Draft, Reading, web_address},
};

/// One line of `depeche import FILE.jsonl`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Line {
    id: Option<String>,
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
    published: Option<String>,
    language: Option<String>,
}

/// Reads the article lines of a delivery; what is no article is told, with its line.
pub(crate) fn read(delivery: &Delivery) -> Reading {
    let mut reading = Reading::default();
    let mut places: HashMap<ItemId, (usize, usize)> = HashMap::new();
    // A piece of a file says with which line it begins.
    let first = delivery.address.rsplit_once("#L").and_then(|(_, first)| first.parse().ok());
    let first: usize = first.unwrap_or(1);
    for (number, line) in String::from_utf8_lossy(&delivery.body).lines().enumerate() {
        let number = first.saturating_add(number);
        if line.trim().is_empty() {
            continue;
        }
        let mut told = |what: &str| {
            reading.problems.push(Problem::new("bad_input", format!("line {number}: {what}")));
        };
        let read = match self::line(delivery, line) {
            Ok(read) => read,
            Err(why) => {
                told(&why);
                continue;
            }
        };
        read.doubts.iter().for_each(|doubt| told(doubt));
        let id = read.draft.item.id();
        match places.get(&id).copied() {
            // Of a list that is added to, the later line is the newer state.
            Some((place, before)) => {
                if let Some(draft) = reading.drafts.get_mut(place) {
                    if draft.item.digest() != read.draft.item.digest() {
                        told(&format!("the same item as line {before}; the later one counts"));
                    }
                    *draft = read.draft;
                }
                places.insert(id, (place, number));
            }
            None => {
                places.insert(id, (reading.drafts.len(), number));
                reading.drafts.push(read.draft);
            }
        }
    }
    reading.refused = reading.drafts.is_empty();
    reading
}

/// An article line that was read, and what of it was not understood.
pub(crate) struct ReadLine {
    pub(crate) draft: Draft,
    doubts: Vec<String>,
}

/// Reads one article line, or says why it is none.
pub(crate) fn line(delivery: &Delivery, line: &str) -> Result<ReadLine, String> {
    // A list would be taken for the fields in their order.
    if !line.trim_start().starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    from_line(delivery, serde_json::from_str(line).map_err(|error| error.to_string())?)
}

fn from_line(delivery: &Delivery, line: Line) -> Result<ReadLine, String> {
    let text = line.text.unwrap_or_default();
    let mut doubts = Vec::new();
    let published = line.published.as_deref().map(str::trim).filter(|date| !date.is_empty());
    let moment =
        published.and_then(|date| Moment::parse(date).or_else(|| formats::dates::date(date)));
    if let Some(date) = published.filter(|_| moment.is_none()) {
        doubts.push(format!("`published` is not a date: {}", shortened(date)));
    }
    let url = line.url.as_deref().map(str::trim).filter(|url| !url.is_empty());
    let address = url.and_then(web_address);
    if let Some(url) = url.filter(|_| address.is_none()) {
        doubts.push(format!("`url` is not a web address: {}", shortened(url)));
    }
    let mut article = Article {
        headline: depeche_text::squash(&line.title.unwrap_or_default()),
        body: article::paragraphs(&text),
        published: moment,
        ..Article::default()
    };
    if article.headline.is_empty() && article.body.is_empty() {
        return Err("neither a title nor a text".to_owned());
    }
    article.language = depeche_text::language(&text, line.language.as_deref());
    article::split_headline(&mut article);
    let external = line.id;
    let guid = external.clone();
    let item = Item { guid, address, ..Item::of(delivery.source.clone(), article) };
    let draft = Draft { item, external, page_wanted: None, page_had: false };
    Ok(ReadLine { draft, doubts })
}

/// The start of a value, for a problem to name it.
fn shortened(value: &str) -> String {
    depeche_text::teaser(&depeche_text::squash(value), 60)
}
