//! Reading: a delivery becomes drafts of items, whatever kind it is.

use std::collections::{HashMap, HashSet};

use depeche_extract as extract;
use depeche_formats::{self as formats, Entry};
use depeche_news::jiff::tz::TimeZone;
use depeche_news::limits::ingest::TOLD_GUID_CHARS_MAX;
use depeche_news::{Delivery, DeliveryKind, Item, ItemId, Moment, Problem, Schedule, is_web};
use depeche_store::{Error, PendingDelivery, Store};

use crate::{article, desk::Clocks, hub, lines, mail, prose, pushed, refer, seen::Seen};

/// Which reader and extractor understood an item; moves when one of them understands more.
pub const READING: &str = "7";

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
    /// Where a feed says that it has moved.
    pub(crate) moved_to: Option<String>,
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
    /// A part of its document is missing.
    pub(crate) incomplete: bool,
    /// It has neither headline nor text nor file, and takes nothing away either.
    pub(crate) is_nothing: bool,
    /// The item that it is a version of, where that is not the one of its own guid, address or text.
    pub(crate) about: Option<ItemId>,
}

impl Draft {
    /// The item that it is a version of.
    pub(crate) fn id(&self) -> ItemId {
        self.about.clone().unwrap_or_else(|| self.item.id())
    }

    /// The draft of an item that is whole as it is.
    pub(crate) fn of(item: Item) -> Self {
        let (external, page_wanted, about) = (None, None, None);
        let (page_had, incomplete, is_nothing) = (false, false, false);
        Self { item, external, page_wanted, page_had, incomplete, is_nothing, about }
    }
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
        DeliveryKind::Feed => Some(with_news(delivery, feed(delivery, zone, &mut Seen::default()))),
        DeliveryKind::Loose => Some(loose(delivery, zone)),
        DeliveryKind::Lines => Some(lines::read(delivery, zone)),
        DeliveryKind::Mail => Some(with_news(delivery, mail::message(delivery, zone))),
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
    let (delivery, zone) = (&pending.delivery, zone(pending));
    let mut reading = match &delivery.kind {
        DeliveryKind::Feed => with_news(delivery, feed(delivery, zone.as_ref(), seen)),
        DeliveryKind::Page(item) => match store.item(item)? {
            Some(known) => page(delivery, item, known, zone.as_ref()),
            None => refused("unreadable", "the item of this page is not there"),
        },
        other => whole_as(delivery, other, zone.as_ref()).unwrap_or_default(),
    };
    refer::resolve(store, Clocks::of(delivery, zone.as_ref()), &mut reading.drafts)?;
    Ok(reading)
}

/// The zone of its source, where the tables still know it.
pub(crate) fn zone(pending: &PendingDelivery) -> Option<TimeZone> {
    pending.zone.as_deref().and_then(|name| TimeZone::get(name).ok())
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
        content_type: delivery.header("content-type"),
        base: Some(delivery.found_at()),
        zone,
    }
}

/// Leaves out what is nothing: it would blank the item whose name it has. A message in which nothing else is, is
/// refused; a feed that is asked may have such entries, and is one all the same.
fn with_news(delivery: &Delivery, mut reading: Reading) -> Reading {
    let is_message =
        |draft: &Draft| delivery.kind != DeliveryKind::Feed || !draft.item.desk.is_empty();
    let all = reading.drafts.len();
    let nothing: Vec<Draft> = reading.drafts.extract_if(.., |draft| draft.is_nothing).collect();
    reading.refused |= all > 0 && nothing.len() == all && nothing.iter().all(is_message);
    if let Some(first) = nothing.first() {
        let of = first.item.guid.as_deref().map(|guid| format!(" in {guid}")).unwrap_or_default();
        let of: String = of.chars().take(TOLD_GUID_CHARS_MAX).collect();
        reading.problems.push(Problem::new("no_news", format!("neither headline nor text{of}")));
    }
    reading
}

/// The entries of a feed or an agency's message, those that are nothing among them, one a draft.
pub(crate) fn feed(delivery: &Delivery, zone: Option<&TimeZone>, seen: &mut Seen) -> Reading {
    let document = formats::read(&delivery.body, &feed_hints(delivery, zone));
    if document.format.is_none() {
        return Reading { refused: true, problems: document.problems, ..Reading::default() };
    }
    let feed = &document.feed;
    let worthless = worthless_guids(&document.items);
    let fresh = seen.fresh(&delivery.source, feed, &document.items, &worthless);
    let clocks = Clocks::of(delivery, zone);
    let drafts = fresh.into_iter().map(|entry| {
        let mut draft = article::from_entry(&delivery.source, entry, feed, clocks);
        let worth =
            |guid: &String| draft.item.address.is_none() || !worthless.contains(guid.as_str());
        draft.item.guid = draft.item.guid.take().filter(worth);
        draft.incomplete = document.incomplete;
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
        moved_to: feed.moved_to.clone(),
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
        let address = entry.link.as_deref().filter(|link| is_web(link));
        if *addresses.entry(guid).or_insert(address) != address {
            worthless.insert(guid);
        }
    }
    worthless
}

/// The page of an item: its text completes what the feed told, which keeps the last word on
/// headline and dates.
fn page(delivery: &Delivery, id: &ItemId, mut known: Item, zone: Option<&TimeZone>) -> Reading {
    let hints = page_hints(delivery, known.article.language.as_deref(), zone);
    let extracted = extract::article(&delivery.body, &hints);
    if !article::complete(&mut known.article, extracted.article) {
        let mut problems = extracted.problems;
        problems.push(Problem::new("refused", format!("no story found in the page of {id}")));
        return Reading { refused: true, problems, ..Reading::default() };
    }
    let draft = Draft { page_had: true, ..Draft::of(known) };
    Reading { drafts: vec![draft], problems: extracted.problems, ..Reading::default() }
}

/// A page or a plain text handed in by itself; `zone` is that of its source.
pub(crate) fn loose(delivery: &Delivery, zone: Option<&TimeZone>) -> Reading {
    if formats::sniff(&delivery.body) == formats::Kind::Text {
        let text = extract::decoded(&delivery.body, &page_hints(delivery, None, zone)).text;
        if !prose::has_prose(&text) {
            return refused("refused", "no news in it: a text without a sentence");
        }
    }
    let extracted = extract::any(&delivery.body, &page_hints(delivery, None, zone));
    let no_news = extracted.kind.is_no_news();
    let mut article = extracted.article;
    // Of a page that says no date, an archive knows when it was there.
    let archived = delivery.header("warc-date");
    article.published = article.published.or_else(|| archived.and_then(Moment::parse));
    // Archives are full of pages that only lead to others; who hands in a page by itself means it.
    let is_story = !article.body.is_empty() || (archived.is_none() && !article.headline.is_empty());
    if !is_story || no_news {
        return Reading { refused: true, problems: extracted.problems, ..Reading::default() };
    }
    let address = article.address.clone().or_else(|| web_address(&delivery.address));
    let mut item = Item { address, ..Item::of(delivery.source.clone(), article) };
    article::finish(&mut item, false, Clocks::of(delivery, zone));
    Reading { drafts: vec![Draft::of(item)], problems: extracted.problems, ..Reading::default() }
}

pub(crate) fn page_hints<'d>(
    delivery: &'d Delivery,
    language: Option<&'d str>,
    zone: Option<&'d TimeZone>,
) -> extract::Hints<'d> {
    extract::Hints {
        content_type: delivery.header("content-type"),
        address: Some(&delivery.address),
        language,
        zone,
        model: None,
    }
}

pub(crate) fn web_address(address: &str) -> Option<String> {
    is_web(address).then(|| address.to_owned())
}
