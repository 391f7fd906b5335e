//! What happened to a dispatch, in time order: items that came and versions that took the place of others.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use depeche_news::{ItemId, Signal, SourceId, jiff::Timestamp};
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
    /// What the agency had on the wire when an outlet's copy came, where that is another text: the nearer one is what it
    /// was made from.
    pub(crate) agency: Option<(&'a CopyLine, u32)>,
    /// Set where its outlet goes on with a text of its own.
    pub(crate) is_own: bool,
    /// Set where it is a version of an item that was there.
    pub(crate) revises: bool,
    /// A version that its provider made before the one that was there.
    pub(crate) late: bool,
}

/// All that happened to the items of a dispatch, which come in the order they lead it.
pub(crate) fn events<'a>(items: &[&'a CopyLine]) -> Vec<Event<'a>> {
    let texts = || items.iter().copied().filter(|item| item.notice.is_none());
    let by_id: HashMap<&ItemId, &'a CopyLine> = texts().map(|item| (&item.item, item)).collect();
    // What each outlet had last: that says what it did since.
    let mut last: HashMap<&SourceId, &'a CopyLine> = HashMap::new();
    let mut first = None;
    let agency = original(items).map(|item| &item.source.id);
    let mut all: Vec<Event<'a>> = Vec::new();
    for item in items.iter().copied() {
        if item.notice.is_some() {
            all.push(arrival(item, None, false));
            continue;
        }
        let own = last.insert(&item.source.id, item).filter(|own| goes_on(own, item));
        let related = item.related_to.as_ref().and_then(|id| by_id.get(id).copied());
        // What stands below it in the line cannot be what it was made from.
        let above =
            |related: &&CopyLine| related.item != item.item && related.lead_at <= item.lead_at;
        let related = related.filter(above);
        let mut came = arrival(item, own.or(related).or(first), own.is_some());
        if own.is_none() && Some(&item.source.id) != agency {
            let theirs = agency.and_then(|agency| last.get(agency).copied());
            let theirs = theirs.map(|theirs| (theirs, in_force(theirs, item.wire_at)));
            came.agency =
                theirs.filter(|theirs| !came.base.is_some_and(|base| same(base, *theirs)));
        }
        all.push(came);
        all.extend(revisions(item));
        first = first.or(Some(item));
    }
    // Of one moment an item stands before its versions and before those that followed it.
    all.sort_by_key(|event| event.at);
    all
}

/// Whether an outlet's later text is a new edition of its earlier one: who gathers from several, and says from whom, goes on
/// with nobody's.
pub(crate) fn goes_on(earlier: &CopyLine, later: &CopyLine) -> bool {
    earlier.credit.is_none() || later.credit.is_none() || earlier.credit == later.credit
}

/// Whether two are one version of one item.
fn same((a, a_number): (&CopyLine, u32), (b, b_number): (&CopyLine, u32)) -> bool {
    a.item == b.item && a_number == b_number
}

fn arrival<'a>(item: &'a CopyLine, base: Option<&'a CopyLine>, is_own: bool) -> Event<'a> {
    let first = item.versions.iter().min_by_key(|version| version.received_at);
    Event {
        of: item,
        at: item.lead_at,
        number: first.map_or(item.number, |first| first.number),
        signal: first.and_then(|first| first.signal),
        base: base.map(|base| (base, in_force(base, item.wire_at))),
        agency: None,
        is_own,
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
        let before = others().rfind(|other| other.number < version.number);
        Event {
            of: item,
            at: version.received_at.max(item.lead_at),
            number: version.number,
            signal: version.signal,
            base: before.map(|before| (item, before.number)),
            agency: None,
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
    let all = || items.iter().copied();
    let credited = Credited::of(all().filter_map(|item| item.credit.as_deref()));
    let credits_other = |item: &CopyLine| {
        let credited = item.credit.iter().map(String::as_str);
        item.credit.is_some() && !Credited::of(credited).names(&item.source.name)
    };
    let founds = |item: &&'a CopyLine| item.relation == "original" && !credits_other(item);
    let agency = all().find(|item| credited.names(&item.source.name));
    agency.or_else(|| all().find(founds))
}

/// Whom credits name («AFP», «avec AFP et Reuters»), each name whole and by its parts.
#[derive(Default)]
struct Credited {
    names: HashSet<String>,
    parts: HashSet<String>,
}

/// What stands between the names of a credit.
const BETWEEN_NAMES: [&str; 6] = ["avec", "et", "par", "with", "and", "by"];

/// Words looked at of a credit or an outlet's name.
const NAME_WORDS_MAX: usize = 12;

impl Credited {
    fn of<'c>(credits: impl Iterator<Item = &'c str>) -> Self {
        let mut all = Self::default();
        for credit in credits {
            for name in words(credit).split(|word| BETWEEN_NAMES.contains(&word.as_str())) {
                all.names.insert(name.join(" "));
                all.parts.extend(parts(name));
            }
        }
        all
    }

    /// Whether an outlet is among them, be it by a part of its name («AFP - Monde») or by its initials («HP» for Hexagone
    /// Presse).
    fn names(&self, outlet: &str) -> bool {
        let outlet = words(outlet);
        let initials: String = outlet.iter().filter_map(|word| word.chars().next()).collect();
        self.parts.contains(&outlet.join(" "))
            || (outlet.len() > 1 && self.names.contains(&initials))
            || parts(&outlet).any(|part| self.names.contains(&part))
    }
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(NAME_WORDS_MAX).map(str::to_lowercase).collect()
}

/// All runs of words in a name.
fn parts(name: &[String]) -> impl Iterator<Item = String> {
    (1..=name.len()).flat_map(|length| name.windows(length)).map(|part| part.join(" "))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_names_an_outlet_however_it_calls_itself() {
        for (credit, outlet, expected) in [
            ("AFP", "AFP", true),
            ("afp", "AFP - Monde", true),
            ("avec AFP et Reuters", "Reuters", true),
            ("Le Monde avec AFP", "Le Monde", true),
            ("L'Est républicain avec AFP", "L’Est républicain", true),
            ("HP", "Hexagone Presse", true),
            ("AFP", "Agence France-Presse", true),
            ("L", "Libération", false),
            ("AFP", "AFPA", false),
            ("avec", "Avec", false),
            ("Claire Vasseur", "Le Courrier", false),
            ("", "Le Courrier", false),
            ("AFP", "", false),
        ] {
            let credited = Credited::of([credit].into_iter());
            assert_eq!(credited.names(outlet), expected, "{credit}, {outlet}");
        }
    }
}
