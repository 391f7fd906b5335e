//! Reading: a delivery becomes drafts of items, whatever kind it is.

use std::collections::{HashMap, HashSet};

use depeche_extract as extract;
use depeche_formats::{self as formats, Entry};
use depeche_news::jiff::tz::TimeZone;
use depeche_news::{
    Article, Delivery, DeliveryKind, Desk, Item, ItemId, Moment, Problem, Schedule, Status,
};
use depeche_store::{Error, PendingDelivery, Store};

use crate::{article, hub, mail, pushed, seen::Seen};

/// Which reader and extractor understood an item; moves when one of them understands more.
pub const READING: &str = "2";

/// What a delivery was read as.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Its items.
    pub(crate) drafts: Vec<Draft>,
    /// It is not a thing of its kind; nothing was taken from it.
    pub(crate) refused: bool,
    pub(crate) title: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) ttl_minutes: Option<u32>,
    /// The hub that a feed names, and what it calls itself there.
    pub(crate) hub: Option<(String, String)>,
    pub(crate) schedule: Schedule,
    pub(crate) problems: Vec<Problem>,
}

/// An item that was read and has no place yet.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) item: Item,
    /// The id an imported article line carried.
    pub(crate) external: Option<String>,
    /// The page to fetch for the whole text.
    pub(crate) page_wanted: Option<String>,
    /// This is the page of an item already there.
    pub(crate) page_had: bool,
}

/// Reads a delivery that stands for itself, whole; `None` for the page of an item.
pub(crate) fn whole(pending: &PendingDelivery) -> Option<Reading> {
    whole_as(&pending.delivery, &pending.delivery.kind, zone(pending).as_ref())
}

/// Reads a delivery whole, as one of this kind.
pub(crate) fn whole_as(
    delivery: &Delivery,
    kind: &DeliveryKind,
    zone: Option<&TimeZone>,
) -> Option<Reading> {
    match kind {
        DeliveryKind::Feed => Some(feed(delivery, zone, &mut Seen::default())),
        DeliveryKind::Loose => Some(loose(delivery)),
        DeliveryKind::Lines => Some(lines(delivery)),
        DeliveryKind::Mail => Some(mail::message(delivery)),
        DeliveryKind::Pushed => Some(pushed::read(delivery, zone)),
        DeliveryKind::Page(_) => None,
    }
}

/// Reads one delivery; of a feed what was not `seen` in its last document.
pub(crate) fn delivery(
    store: &Store,
    pending: &PendingDelivery,
    seen: &mut Seen,
) -> Result<Reading, Error> {
    let delivery = &pending.delivery;
    Ok(match &delivery.kind {
        DeliveryKind::Feed => feed(delivery, zone(pending).as_ref(), seen),
        DeliveryKind::Page(item) => match store.item(item)? {
            Some(known) => page(delivery, item, known),
            None => refused("unreadable", "the item of this page is not there"),
        },
        DeliveryKind::Loose => loose(delivery),
        DeliveryKind::Lines => lines(delivery),
        DeliveryKind::Mail => mail::message(delivery),
        DeliveryKind::Pushed => pushed::read(delivery, zone(pending).as_ref()),
    })
}

/// The zone of its source, where the tables still know it.
fn zone(pending: &PendingDelivery) -> Option<TimeZone> {
    pending.zone.as_deref().and_then(|name| TimeZone::get(name).ok())
}

pub(crate) fn header<'d>(delivery: &'d Delivery, name: &str) -> Option<&'d str> {
    delivery.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

pub(crate) fn refused(word: &str, detail: &str) -> Reading {
    Reading { refused: true, problems: vec![Problem::new(word, detail)], ..Reading::default() }
}

/// What is known of a feed's document before it is read.
pub(crate) fn feed_hints<'d>(
    delivery: &'d Delivery,
    zone: Option<&'d TimeZone>,
) -> formats::Hints<'d> {
    formats::Hints {
        content_type: header(delivery, "content-type"),
        base: Some(header(delivery, "content-location").unwrap_or(&delivery.address)),
        zone,
    }
}

pub(crate) fn feed(delivery: &Delivery, zone: Option<&TimeZone>, seen: &mut Seen) -> Reading {
    let document = formats::read(&delivery.body, &feed_hints(delivery, zone));
    if document.format.is_none() {
        return Reading { refused: true, problems: document.problems, ..Reading::default() };
    }
    let feed = &document.feed;
    let worthless = worthless_guids(&document.items);
    let fresh = seen.fresh(&delivery.source, feed, &document.items, &worthless);
    let drafts = fresh.into_iter().map(|entry| {
        let mut draft = article::from_entry(&delivery.source, entry, feed);
        let worth =
            |guid: &String| draft.item.address.is_none() || !worthless.contains(guid.as_str());
        draft.item.guid = draft.item.guid.take().filter(worth);
        draft
    });
    let drafts = drafts.collect();
    Reading {
        drafts,
        refused: false,
        title: feed.title.as_deref().map(article::plain).filter(|title| !title.is_empty()),
        language: feed.language.clone(),
        ttl_minutes: feed.ttl_minutes,
        hub: hub::named(delivery, feed),
        schedule: feed.schedule.clone(),
        problems: document.problems,
    }
}

/// Some outlets give all their entries one guid. Where a document has a guid with two addresses, the
/// guid identifies nothing, and the address does.
fn worthless_guids(entries: &[Entry]) -> HashSet<&str> {
    let mut addresses: HashMap<&str, Option<&str>> = HashMap::new();
    let mut worthless = HashSet::new();
    for entry in entries {
        let Some(guid) = entry.guid.as_deref() else { continue };
        let address = entry.link.as_deref().filter(|link| article::is_web(link));
        if *addresses.entry(guid).or_insert(address) != address {
            worthless.insert(guid);
        }
    }
    worthless
}

/// The page of an item: its text completes what the feed told, which keeps the last word on
/// headline and dates.
fn page(delivery: &Delivery, id: &ItemId, mut known: Item) -> Reading {
    let extracted =
        extract::article(&delivery.body, &page_hints(delivery, known.article.language.as_deref()));
    if !article::complete(&mut known.article, extracted.article) {
        let mut problems = extracted.problems;
        problems.push(Problem::new("refused", format!("no story found in the page of {id}")));
        return Reading { refused: true, problems, ..Reading::default() };
    }
    let draft = Draft { item: known, external: None, page_wanted: None, page_had: true };
    Reading { drafts: vec![draft], problems: extracted.problems, ..Reading::default() }
}

/// A page handed in by itself.
pub(crate) fn loose(delivery: &Delivery) -> Reading {
    let extracted = extract::any(&delivery.body, &page_hints(delivery, None));
    let mut article = extracted.article;
    // Of a page that says no date, an archive knows when it was there.
    let archived = header(delivery, "warc-date");
    article.published = article.published.or_else(|| archived.and_then(Moment::parse));
    // Archives are full of pages that only lead to others; who hands in a page by itself means it.
    let is_story = !article.body.is_empty() || (archived.is_none() && !article.headline.is_empty());
    if !is_story {
        return Reading { refused: true, problems: extracted.problems, ..Reading::default() };
    }
    let address = article.address.clone().or_else(|| web_address(&delivery.address));
    let item = plain_item(delivery, None, address, article);
    let draft = Draft { item, external: None, page_wanted: None, page_had: false };
    Reading { drafts: vec![draft], problems: extracted.problems, ..Reading::default() }
}

pub(crate) fn page_hints<'d>(
    delivery: &'d Delivery,
    language: Option<&'d str>,
) -> extract::Hints<'d> {
    extract::Hints {
        content_type: header(delivery, "content-type"),
        address: Some(&delivery.address),
        language,
    }
}

fn web_address(address: &str) -> Option<String> {
    (address.starts_with("https://") || address.starts_with("http://")).then(|| address.to_owned())
}

fn plain_item(
    delivery: &Delivery,
    guid: Option<String>,
    address: Option<String>,
    article: Article,
) -> Item {
    Item {
        source: delivery.source.clone(),
        guid,
        address,
        version: None,
        status: Status::Usable,
        signal: None,
        embargoed_until: None,
        urgency: None,
        desk: Desk::default(),
        article,
    }
}

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

fn lines(delivery: &Delivery) -> Reading {
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
    let item = plain_item(delivery, external.clone(), address, article);
    let draft = Draft { item, external, page_wanted: None, page_had: false };
    Ok(ReadLine { draft, doubts })
}

/// The start of a value, for a problem to name it.
fn shortened(value: &str) -> String {
    depeche_text::teaser(&depeche_text::squash(value), 60)
}
