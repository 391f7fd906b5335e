//! Reading: a delivery becomes drafts of items, whatever kind it is.

use std::collections::{HashMap, HashSet};

use depeche_extract as extract;
use depeche_formats::{self as formats, Entry};
use depeche_news::jiff::tz::TimeZone;
use depeche_news::{
    Article, Delivery, DeliveryKind, Desk, Item, ItemId, Moment, Problem, Schedule, Status,
};
use depeche_store::{Error, PendingDelivery, Store};

use crate::{article, mail, seen::Seen};

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
    let delivery = &pending.delivery;
    match delivery.kind {
        DeliveryKind::Feed => {
            let zone = zone(pending);
            Some(feed(delivery, zone.as_ref(), &mut Seen::default()))
        }
        DeliveryKind::Loose => Some(loose(delivery)),
        DeliveryKind::Lines => Some(lines(delivery)),
        DeliveryKind::Mail => Some(mail::message(delivery)),
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
    })
}

/// The zone of its source, where the tables still know it.
fn zone(pending: &PendingDelivery) -> Option<TimeZone> {
    pending.zone.as_deref().and_then(|name| TimeZone::get(name).ok())
}

fn header<'d>(delivery: &'d Delivery, name: &str) -> Option<&'d str> {
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
    let article = extracted.article;
    if article.headline.is_empty() && article.body.is_empty() {
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
    for (number, line) in String::from_utf8_lossy(&delivery.body).lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match self::line(delivery, line) {
            Ok(draft) => reading.drafts.push(draft),
            Err(error) => reading
                .problems
                .push(Problem::new("bad_input", format!("line {}: {error}", number + 1))),
        }
    }
    reading.refused = reading.drafts.is_empty();
    reading
}

/// The draft of one article line.
pub(crate) fn line(delivery: &Delivery, line: &str) -> serde_json::Result<Draft> {
    Ok(from_line(delivery, serde_json::from_str(line)?))
}

fn from_line(delivery: &Delivery, line: Line) -> Draft {
    let text = line.text.unwrap_or_default();
    let mut article = Article {
        headline: depeche_text::squash(&line.title.unwrap_or_default()),
        body: article::paragraphs(&text),
        published: line.published.as_deref().and_then(Moment::parse),
        ..Article::default()
    };
    article.language = depeche_text::language(&text, line.language.as_deref());
    article::split_headline(&mut article);
    let external = line.id;
    let item =
        plain_item(delivery, external.clone(), line.url.as_deref().and_then(web_address), article);
    Draft { item, external, page_wanted: None, page_had: false }
}
