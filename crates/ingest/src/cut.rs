//! Cutting: items go out of a delivery, whatever kind it is; the store hands in what it holds.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use depeche_formats as formats;
use depeche_news::{Delivery, DeliveryKind, Item, ItemId};
use depeche_store::{Cutting, Remains};

use crate::{
    article, lines, mail,
    pushed::kind_of,
    read::{self, Draft, Reading},
    refer::{self, letters},
    seen::Seen,
};

/// Cuts items out of a delivery; what the store is given as its [`depeche_store::Cut`].
///
/// Where a document cannot be cut, a take-down takes all of it, and retention keeps all of it. So it is
/// where reading it fails in a way that would be a defect of ours.
pub fn cut(delivery: &Delivery, cutting: Cutting<'_>) -> Remains {
    let cut = || of_kind(&delivery.kind, delivery, cutting);
    catch_unwind(AssertUnwindSafe(cut)).unwrap_or_else(|_| uncut(cutting))
}

fn of_kind(kind: &DeliveryKind, delivery: &Delivery, cutting: Cutting<'_>) -> Remains {
    match kind {
        DeliveryKind::Feed => feed(delivery, cutting),
        DeliveryKind::Lines => lines(delivery, cutting),
        DeliveryKind::Page(item) => page(item, cutting),
        DeliveryKind::Loose => one_item(read::loose(delivery, None), cutting),
        DeliveryKind::Mail => one_item(mail::message(delivery, None), cutting),
        DeliveryKind::Pushed => match kind_of(&delivery.body) {
            Ok(kind) => of_kind(&kind, delivery, cutting),
            Err(_) => uncut(cutting),
        },
    }
}

/// What becomes of a document that cannot be cut.
fn uncut(cutting: Cutting<'_>) -> Remains {
    match cutting {
        Cutting::Without(_) => Remains::Nothing,
        Cutting::Only(_) => Remains::Whole,
    }
}

/// Which items of a document stay.
fn staying<'i>(items: impl Iterator<Item = &'i Item> + Clone, cutting: Cutting<'_>) -> Vec<bool> {
    let Cutting::Without(ids) = cutting else {
        return items.map(|item| stays(item, cutting)).collect();
    };
    if !items.clone().any(refer::kills_by_headline) {
        return items.map(|item| stays(item, cutting)).collect();
    }
    // A kill stays with what it names by its headline, where only that can be meant.
    let (mut here, mut gone) = (HashSet::new(), HashSet::new());
    for item in items.clone().filter(|item| !refer::kills_by_headline(item)) {
        let set = if is_named(item, ids) { &mut gone } else { &mut here };
        set.insert(letters(&item.article.headline));
    }
    let is_about_another = |item: &Item| {
        let headline = letters(&item.article.headline);
        here.contains(&headline) && !gone.contains(&headline) && !is_named(item, ids)
    };
    items.map(|item| stays(item, cutting) || is_about_another(item)).collect()
}

/// Whether an item stays, whatever it stands beside.
fn stays(item: &Item, cutting: Cutting<'_>) -> bool {
    // Which one a kill names by its headline only the store knows.
    match cutting {
        Cutting::Without(ids) => !is_named(item, ids) && !refer::kills_by_headline(item),
        Cutting::Only(ids) => is_named(item, ids) || refer::kills_by_headline(item),
    }
}

/// Whether an item is one of these. It is known by its identity, or by what that would be from its address: a guid that
/// identified nothing beside other entries looks like a good one when they are cut.
fn is_named(item: &Item, ids: &HashSet<ItemId>) -> bool {
    let by_address = item
        .address
        .as_deref()
        .map(|_| ItemId::new(&item.source, None, item.address.as_deref(), ""));
    // A kill has become a version of what it is about.
    ids.contains(&item.id())
        || by_address.as_ref().is_some_and(|id| ids.contains(id))
        || refer::candidates(item).any(|(id, _)| ids.contains(&id))
}

fn feed(delivery: &Delivery, cutting: Cutting<'_>) -> Remains {
    let reading = read::feed(delivery, None, &mut Seen::default());
    if reading.refused {
        // What cannot be read may hold anything.
        return uncut(cutting);
    }
    let stay = staying(reading.drafts.iter().map(|draft| &draft.item), cutting);
    if stay.iter().all(|stays| *stays) {
        return Remains::Whole;
    }
    let keep = |at: usize| stay.get(at).copied().unwrap_or(true);
    let rest = formats::cut(&delivery.body, &read::feed_hints(delivery, None), keep);
    let (here, gone): (Vec<_>, Vec<_>) =
        reading.drafts.iter().zip(&stay).partition(|(_, stays)| **stays);
    let here: HashSet<String> =
        here.iter().map(|(draft, _)| letters(&draft.item.article.headline)).collect();
    let gone: Vec<&Draft> = gone.into_iter().map(|(draft, _)| draft).collect();
    match (rest, cutting) {
        // An entry may be told of outside of it: in a comment, in the description of the feed.
        (Some(rest), Cutting::Without(_)) if still_told(&rest, &gone, &here) => Remains::Nothing,
        (Some(rest), _) => Remains::Part(rest),
        (None, _) => uncut(cutting),
    }
}

/// Letters of a headline from which on it is nobody else's: shorter ones («Météo») are the names of columns.
const HEADLINE_LETTERS_MIN: usize = 16;

/// Letters of a text's start that are looked for.
const START_LETTERS: usize = 60;

/// Whether the rest of a document tells of what is gone, in whatever encoding, escaped, in a comment or an
/// attribute: by its headline or the start of its text. The headline of a kill is that of what it names, which may
/// still be `here`.
fn still_told(rest: &[u8], gone: &[&Draft], here: &HashSet<String>) -> bool {
    let declared = String::from_utf8_lossy(rest.get(..DECLARATION_BYTES).unwrap_or(rest));
    let label = declared.split("encoding=").nth(1).map(|rest| rest.get(1..).unwrap_or_default());
    let label = label.and_then(|rest| rest.split(['"', '\'']).next());
    let text = depeche_text::decode(rest, &[label]).text;
    let bare = text.replace("<!--", " ").replace("-->", " ");
    let bare = bare.replace("<![CDATA[", " ").replace("]]>", " ");
    let once = article::plain(&bare);
    let told = [letters(&text), letters(&article::plain(&once)), letters(&once)];
    gone.iter().any(|draft| {
        let article = &draft.item.article;
        let (headline, mut start) = (letters(&article.headline), letters(&article.text()));
        start.truncate(start.floor_char_boundary(START_LETTERS));
        let tells = |part: &str, least: usize| {
            part.len() >= least && told.iter().any(|told| told.contains(part))
        };
        let is_of_another = refer::kills_by_headline(&draft.item) && here.contains(&headline);
        (!is_of_another && tells(&headline, HEADLINE_LETTERS_MIN))
            || tells(&start, START_LETTERS / 2)
    })
}

/// Bytes in which an XML document names its encoding.
const DECLARATION_BYTES: usize = 200;

fn lines(delivery: &Delivery, cutting: Cutting<'_>) -> Remains {
    // Whose item it is does not hang on its date, nor on the zone of that.
    let read = |line| lines::line(delivery, &String::from_utf8_lossy(line), None).ok();
    let lines = delivery.body.split_inclusive(|byte| *byte == b'\n');
    let lines: Vec<(&[u8], Option<Item>)> =
        lines.map(|line| (line, read(line).map(|read| read.draft.item))).collect();
    let mut stay = staying(lines.iter().filter_map(|(_, item)| item.as_ref()), cutting).into_iter();
    let mut rest = Vec::with_capacity(delivery.body.len());
    for (line, item) in &lines {
        // A line that cannot be read may hold anything.
        let keep = match (item, cutting) {
            (Some(_), _) => stay.next().unwrap_or_default(),
            (None, Cutting::Without(_)) => line.trim_ascii().is_empty(),
            (None, Cutting::Only(_)) => false,
        };
        if keep {
            rest.extend_from_slice(line);
        }
    }
    match rest.len() {
        length if length == delivery.body.len() => Remains::Whole,
        _ if rest.trim_ascii().is_empty() => Remains::Nothing,
        _ => Remains::Part(rest),
    }
}

fn page(item: &ItemId, cutting: Cutting<'_>) -> Remains {
    match cutting {
        Cutting::Without(ids) if ids.contains(item) => Remains::Nothing,
        _ => Remains::Whole,
    }
}

/// A page handed in by itself, and a message, are one item each.
fn one_item(reading: Reading, cutting: Cutting<'_>) -> Remains {
    match reading.drafts.iter().all(|draft| stays(&draft.item, cutting)) {
        true => Remains::Whole,
        false => uncut(cutting),
    }
}
