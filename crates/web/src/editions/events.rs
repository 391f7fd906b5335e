//! What happened to a dispatch, in time order: items that came and versions that took the place of others.

use std::{cmp::Reverse, collections::HashSet};

use depeche_news::{ItemId, Signal, jiff::Timestamp};
use depeche_store::{CopyLine, VersionMark};

/// An item that came, or a version of it that took the place of the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) of: &'a CopyLine,
    pub(crate) at: Timestamp,
    /// Which version it is.
    pub(crate) number: u32,
    /// What kind of change it was.
    pub(crate) signal: Option<Signal>,
    /// What it is held against: an item and its version of that time.
    pub(crate) base: Option<(&'a CopyLine, u32)>,
    /// Set where its outlet goes on with a text of its own.
    pub(crate) is_own: bool,
    /// Set where it is a version of an item that was there.
    pub(crate) revises: bool,
    /// A version that its provider made before the one that was there.
    pub(crate) late: bool,
}

/// All that happened to the items of a dispatch, which come in the order they lead it.
pub(crate) fn events<'a>(items: &[&'a CopyLine]) -> Vec<Event<'a>> {
    let mut all: Vec<Event<'a>> = Vec::new();
    for (place, item) in items.iter().copied().enumerate() {
        let before = items.get(..place).unwrap_or_default();
        all.push(arrival(item, before, items));
        all.extend(revisions(item));
    }
    // Of one moment an item stands before its versions and before those that followed it.
    all.sort_by_key(|event| event.at);
    all
}

fn arrival<'a>(item: &'a CopyLine, before: &[&'a CopyLine], items: &[&'a CopyLine]) -> Event<'a> {
    let first = item.versions.iter().min_by_key(|version| version.received_at);
    let is_text = |other: &&'a CopyLine| other.notice.is_none() && other.item != item.item;
    let related = || {
        let id = item.related_to.as_ref()?;
        items.iter().copied().filter(is_text).find(|other| other.item == *id)
    };
    // Its outlet's own text before it says what its outlet did; one that gathers from several goes on with nobody's.
    let outlets_own =
        |other: &&'a CopyLine| other.source.id == item.source.id && other.credit == item.credit;
    let own = before.iter().rev().copied().filter(is_text).find(outlets_own);
    let found = own.or_else(related);
    let base =
        found.or_else(|| before.iter().copied().find(is_text)).filter(|_| item.notice.is_none());
    Event {
        of: item,
        at: item.lead_at,
        number: first.map_or(item.number, |first| first.number),
        signal: first.and_then(|first| first.signal),
        base: base.map(|base| (base, in_force(base, item.wire_at))),
        is_own: own.is_some(),
        revises: false,
        late: false,
    }
}

/// Which version of an item was there at a moment.
fn in_force(item: &CopyLine, at: Timestamp) -> u32 {
    let there = item.versions.iter().filter(|version| version.received_at <= at);
    let first = item.versions.first();
    there.max_by_key(|version| version.number).or(first).map_or(item.number, |v| v.number)
}

fn revisions(item: &CopyLine) -> impl Iterator<Item = Event<'_>> {
    let first = item.versions.iter().min_by_key(|version| version.received_at);
    let later = move |version: &&VersionMark| Some(version.number) != first.map(|f| f.number);
    item.versions.iter().filter(later).map(move |version| {
        let others = || item.versions.iter();
        let before = others().filter(|other| other.number < version.number).next_back();
        Event {
            of: item,
            at: version.received_at.max(item.lead_at),
            number: version.number,
            signal: version.signal,
            base: before.map(|before| (item, before.number)),
            is_own: true,
            revises: true,
            late: others().any(|other| {
                other.number > version.number && other.received_at < version.received_at
            }),
        }
    })
}

/// What of a dispatch is to be found at a glance.
#[derive(Debug, Default)]
pub(crate) struct Marked<'a> {
    pub(crate) first: Option<&'a ItemId>,
    pub(crate) original: Option<&'a ItemId>,
    pub(crate) longest: Option<&'a ItemId>,
}

/// The item that the others are taken from: that of the agency which others credit; where nobody credits anybody that is
/// here, the one that founded the dispatch, unless it credits another itself.
pub(crate) fn original<'a>(items: &[&'a CopyLine]) -> Option<&'a CopyLine> {
    let lower = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
    let credits: HashSet<String> = items.iter().filter_map(|item| lower(&item.credit)).collect();
    let is_credited = |item: &&'a CopyLine| {
        let name = item.source.name.to_lowercase();
        credits.iter().any(|credit| names(credit, &name))
    };
    let credits_other = |item: &CopyLine| {
        let name = item.source.name.to_lowercase();
        lower(&item.credit).is_some_and(|credit| !names(&credit, &name))
    };
    let founds = |item: &&'a CopyLine| item.relation == "original" && !credits_other(item);
    let all = || items.iter().copied();
    all().find(is_credited).or_else(|| all().find(founds))
}

/// Whether a credit («AFP», «avec AFP et Reuters») names an outlet, be it by a part of its name («AFP - Monde»).
fn names(credit: &str, outlet: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let within = |part: &[String], whole: &[String]| {
        !part.is_empty() && whole.windows(part.len()).any(|window| window == part)
    };
    let (credit, outlet) = (words(credit), words(outlet));
    let credited = credit.split(|word| BETWEEN_NAMES.contains(&word.as_str()));
    credited.into_iter().any(|name| within(&outlet, name) || within(name, &outlet))
}

/// What stands between the names of a credit.
const BETWEEN_NAMES: [&str; 6] = ["avec", "et", "par", "with", "and", "by"];

/// The places in `events` of the `most` that are shown: what somebody looks for before the others, the earlier before the
/// later.
pub(crate) fn shown(
    events: &[Event<'_>],
    marked: &Marked<'_>,
    read: Option<&ItemId>,
    most: usize,
) -> Vec<usize> {
    let original = events.iter().find(|event| Some(&event.of.item) == marked.original);
    let agency = original.map(|event| &event.of.source.id);
    let weight = |event: &Event<'_>| {
        let id = Some(&event.of.item);
        let named = [read, marked.first, marked.original, marked.longest].contains(&id);
        let grave = matches!(event.signal, Some(Signal::Correction | Signal::Kill))
            || event.of.notice.is_some();
        match event {
            _ if named && !event.revises => 0,
            _ if grave => 1,
            _ if Some(&event.of.source.id) == agency => 2,
            _ if id == read => 3,
            _ if !event.revises => 4,
            _ => 5,
        }
    };
    let mut places: Vec<usize> = (0..events.len()).collect();
    // Of a live blog's many versions, the latest.
    let place = |at: &usize| {
        let event = events.get(*at);
        let latest =
            event.filter(|event| event.revises).map_or(i64::MAX, |e| e.at.as_millisecond());
        (event.map(weight), Reverse(latest), *at)
    };
    places.sort_by_key(place);
    places.truncate(most);
    places.sort_unstable();
    places
}
