//! Kills and corrections that come as messages of their own: which earlier message they are about.
//!
//! A wire numbers its messages each day anew, and a kill has a number of its own. Where it names the one it is about
//! by that one's number, and exactly one such message of its source has come in, it becomes that item's next version,
//! which takes the text away. A correction may be a sentence on a word, so it takes no place: it is linked. Where none
//! or several came in, it stands by itself: a wrong link would take away what nobody killed. In other feeds and in plain
//! text a kill has the headline of what it kills behind its mark.

use std::collections::{BTreeMap, HashMap, HashSet};

use depeche_formats::{CORRECTS, KILLS, is_numbered_daily};
use depeche_news::{
    Item, ItemId, Relation, Status,
    jiff::{Timestamp, civil::Date, tz::TimeZone},
};
use depeche_store::{Error, Store, Titled};
use depeche_text::agency::{self, Mark};

use crate::{desk::Clocks, read::Draft};

/// What an item names as what it may be about: the ids these have in its source, and their guids.
pub(crate) fn candidates(item: &Item) -> impl Iterator<Item = (ItemId, &Relation)> {
    let links = item.desk.links.iter().filter(|link| is_reference(link));
    links.map(|link| (ItemId::new(&item.source, Some(&link.target), None, ""), link))
}

fn is_reference(link: &Relation) -> bool {
    matches!(link.rel.as_deref(), Some(KILLS | CORRECTS))
}

/// Finds out what kills and corrections are about, among what came in before and what comes with them.
pub(crate) fn resolve(
    store: &Store,
    clocks: Clocks<'_>,
    drafts: &mut [Draft],
) -> Result<(), Error> {
    by_headline(store, clocks, drafts)?;
    if drafts.iter().all(|draft| candidates(&draft.item).next().is_none()) {
        return Ok(());
    }
    let beside: HashSet<ItemId> = drafts.iter().map(|draft| draft.item.id()).collect();
    for draft in drafts {
        let named: Vec<ItemId> = candidates(&draft.item).map(|(id, _)| id).collect();
        if named.is_empty() {
            continue;
        }
        let known = store.known(&named)?;
        let is_there = |id: &ItemId| known.contains_key(id) || beside.contains(id);
        let found: Vec<Relation> = candidates(&draft.item)
            .filter(|(id, _)| is_there(id))
            .map(|(_, link)| link.clone())
            .collect();
        draft.item.desk.links.retain(|link| !is_reference(link));
        if let [one] = found.as_slice() {
            about(&mut draft.item, one);
        }
    }
    Ok(())
}

/// Whether an item is a kill whose headline is all that says of what: «ANNULATION - Le pont rouvre». A wire's names the
/// other by number, and its messages of a day often share their headline.
pub(crate) fn kills_by_headline(item: &Item) -> bool {
    let is_kill = |label: &String| {
        agency::split_marks(label).marks.first().is_some_and(|(mark, _)| *mark == Mark::Kill)
    };
    let guid = item.guid.as_deref().unwrap_or_default();
    item.status == Status::Canceled
        && !item.article.headline.is_empty()
        && !is_numbered_daily(guid)
        && item.desk.labels.iter().any(is_kill)
        && candidates(item).next().is_none()
}

/// Makes a kill a version of the one item of its source that has its headline, of its day or the day before.
fn by_headline(store: &Store, clocks: Clocks<'_>, drafts: &mut [Draft]) -> Result<(), Error> {
    // By days, so that the headlines of each are read once, and no more of them than of one are held.
    let mut kills: BTreeMap<(Timestamp, Timestamp), Vec<&mut Draft>> = BTreeMap::new();
    for draft in drafts.iter_mut().filter(|draft| kills_by_headline(&draft.item)) {
        let own = draft.item.id();
        if store.known(std::slice::from_ref(&own))?.contains_key(&own) {
            continue;
        }
        if let Some(days) = days_of(&draft.item, clocks) {
            kills.entry(days).or_default().push(draft);
        }
    }
    for ((from, to), kills) in kills {
        let Some(source) = kills.first().map(|draft| draft.item.source.clone()) else { continue };
        let mut titled: HashMap<String, Vec<Titled>> = HashMap::new();
        for known in store.headlines_between(&source, from, to)? {
            titled.entry(letters(&known.headline)).or_default().push(known);
        }
        for draft in kills {
            let same = titled.get(&letters(&draft.item.article.headline));
            if let Some(one) = same.and_then(|same| killed_of(same)) {
                (draft.item.guid, draft.item.address) = (one.guid.clone(), one.address.clone());
                draft.about = Some(one.id.clone());
            }
        }
    }
    Ok(())
}

/// From when to when what a kill is about was published.
fn days_of(kill: &Item, clocks: Clocks<'_>) -> Option<(Timestamp, Timestamp)> {
    let zone = clocks.zone.cloned().unwrap_or(TimeZone::UTC);
    let told = kill.article.published.map_or(clocks.received_at, |at| at.sort_key());
    let day = zone.to_datetime(told).date();
    let start = |day: Date| zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok();
    Some((start(day.yesterday().ok()?)?, start(day.tomorrow().ok()?)?))
}

/// Which of the items that have its headline a kill is about: the only one that is there.
fn killed_of(same: &[Titled]) -> Option<&Titled> {
    // A kill that is read again finds the one it took away.
    let is_there = |known: &&Titled| known.status != Status::Canceled;
    let there: Vec<&Titled> = same.iter().filter(is_there).collect();
    let killed = same.iter().filter(|known| known.versions > 1).collect();
    let found = if there.is_empty() { killed } else { there };
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The letters and digits of a text, folded, and nothing between them.
pub(crate) fn letters(text: &str) -> String {
    depeche_text::fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn about(item: &mut Item, link: &Relation) {
    if link.rel.as_deref() == Some(KILLS) {
        item.guid = Some(link.target.clone());
    } else {
        let rel = Some("previousVersion".to_owned());
        item.desk.links.push(Relation { rel, ..link.clone() });
    }
}
