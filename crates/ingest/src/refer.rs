//! Kills and corrections that come as messages of their own: which earlier message they are about.
//!
//! A wire numbers its messages each day anew, and a kill has a number of its own. Where it names the one it is about
//! by that one's number, and exactly one such message of its source has come in, it becomes that item's next version,
//! which takes the text away. A correction may be a sentence on a word, so it takes no place: it is linked. Where none
//! or several came in, it stands by itself: a wrong link would take away what nobody killed.

use std::collections::HashSet;

use depeche_formats::{CORRECTS, KILLS};
use depeche_news::{Item, ItemId, Relation};
use depeche_store::{Error, Store};

use crate::read::Draft;

/// What an item names as what it may be about: the ids these have in its source, and their guids.
pub(crate) fn candidates(item: &Item) -> impl Iterator<Item = (ItemId, &Relation)> {
    let links = item.desk.links.iter().filter(|link| is_reference(link));
    links.map(|link| (ItemId::new(&item.source, Some(&link.target), None, ""), link))
}

fn is_reference(link: &Relation) -> bool {
    matches!(link.rel.as_deref(), Some(KILLS | CORRECTS))
}

/// Finds out what kills and corrections are about, among what came in before and what comes with them.
pub(crate) fn resolve(store: &Store, drafts: &mut [Draft]) -> Result<(), Error> {
    if drafts.iter().all(|draft| candidates(&draft.item).next().is_none()) {
        return Ok(());
    }
    let beside: HashSet<ItemId> = drafts.iter().map(|draft| draft.item.id()).collect();
    for draft in drafts {
        let named: Vec<ItemId> = candidates(&draft.item).map(|(id, _)| id).collect();
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

fn about(item: &mut Item, link: &Relation) {
    if link.rel.as_deref() == Some(KILLS) {
        item.guid = Some(link.target.clone());
    } else {
        let rel = Some("previousVersion".to_owned());
        item.desk.links.push(Relation { rel, ..link.clone() });
    }
}
