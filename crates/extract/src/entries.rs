//! The entries of a live blog: elements made alike, each of which begins with a time. Where some of them are the story, all are.

use std::collections::BTreeMap;

use crate::blocks::{Kind, Page, Piece};
use crate::marks::Marks;
use crate::tree::{NodeId, ROOT, Tree};

/// Fewest entries of a live blog, and most times that are looked at.
const ENTRIES_MIN: usize = 3;
const TIMES_MAX: usize = 800;

/// How far above its time an entry is looked for, and above a text its entry.
const REACH: usize = 4;
const DEPTH: usize = 12;

/// Longest text of a time: «10h05», «10:05 Uhr».
const TIME_CHARS_MAX: usize = 12;

/// The entries made alike: their parent, their name, the first word of their class.
type Key<'a> = (NodeId, &'a str, &'a str);

/// Takes in all entries of the group of which most was chosen; where the page does not call itself live, only if most of its
/// entries were chosen.
pub(crate) fn take_in(page: &Page, pieces: &[Piece], inside: &mut [bool], live: bool) {
    let mut groups = groups(page.tree).into_iter().map(|members| {
        let of = |piece: &Piece| around(page.tree, piece.element, &members);
        let own: Vec<Option<NodeId>> = pieces.iter().map(of).collect();
        (own, members)
    });
    let mut best: Option<(usize, Vec<Option<NodeId>>)> = None;
    for (own, members) in groups.by_ref() {
        let kept = || {
            let all = own.iter().zip(inside.iter()).zip(pieces);
            all.filter(|((own, kept), piece)| own.is_some() && **kept && piece.kind != Kind::Image)
        };
        let mut chosen: Vec<NodeId> = kept().filter_map(|((own, _), _)| *own).collect();
        chosen.dedup();
        let size: usize = kept().map(|(_, piece)| piece.size).sum();
        let enough = !chosen.is_empty() && (live || chosen.len() * 2 > members.len());
        if enough
            && !is_of_links(pieces, &own)
            && !lead_elsewhere(page.tree, &members)
            && best.as_ref().is_none_or(|(most, _)| size > *most)
        {
            best = Some((size, own));
        }
    }
    let Some((_, own)) = best else { return };
    for ((piece, own), inside) in pieces.iter().zip(own).zip(inside) {
        *inside |= own.is_some() && is_text(piece);
    }
}

/// Whether a piece of an entry is its text rather than its time or its furniture.
fn is_text(piece: &Piece) -> bool {
    let apart = Marks::FURNITURE | Marks::COMMENT | Marks::DATE | Marks::BYLINE;
    let label = piece.kind == Kind::Loose && piece.size < 30;
    let other = label || matches!(piece.kind, Kind::Image | Kind::Caption) || is_time(&piece.text);
    !other && !piece.marks.any(apart) && piece.link_density() < 0.5
}

/// Whether entries are mostly links, as the news of the day beside a story are.
fn is_of_links(pieces: &[Piece], own: &[Option<NodeId>]) -> bool {
    let all =
        pieces.iter().zip(own).filter(|(piece, own)| own.is_some() && piece.kind != Kind::Image);
    let (size, linked) =
        all.fold((0, 0), |(size, linked), (piece, _)| (size + piece.size, linked + piece.linked));
    linked * 3 > size
}

/// Whether most of the members have their headline in a link to a page of its own, as the news of a day have that open in
/// their list: each is a story.
fn lead_elsewhere(tree: &Tree, members: &[NodeId]) -> bool {
    let headed = |id: &NodeId| {
        let links = tree.walk(*id).take(NODES_MAX).filter(|id| tree.name(*id) == "a");
        let mut away =
            links.filter(|id| tree.attribute(*id, "href").is_some_and(|to| !to.starts_with('#')));
        away.any(|id| tree.text(id).trim().chars().count() >= HEADLINE_CHARS_MIN)
    };
    members.iter().filter(|id| headed(id)).count() * 2 > members.len()
}

/// Nodes of an entry among which its headline is looked for, and the least of a headline.
const NODES_MAX: usize = 16;
const HEADLINE_CHARS_MIN: usize = 24;

/// The groups of three or more elements made alike that begin with a time, each in order.
fn groups(tree: &Tree) -> Vec<Vec<NodeId>> {
    let mut alike: BTreeMap<Key, Vec<NodeId>> = BTreeMap::new();
    let times = tree.walk(ROOT).filter(|id| tree.text_of(*id).is_some_and(is_time));
    for time in times.take(TIMES_MAX) {
        // Up to the element that something else stands before the time in.
        let mut below = time;
        for around in tree.ancestors(time).take(REACH + 1) {
            if !opens(tree, around, below) {
                break;
            }
            below = around;
            let class = tree.attribute(around, "class").unwrap_or_default();
            let word = class.split_whitespace().next().unwrap_or_default();
            let key = (tree.parent(around).unwrap_or(ROOT), tree.name(around), word);
            let members = alike.entry(key).or_default();
            if members.last() != Some(&around) {
                members.push(around);
            }
        }
    }
    let mut groups: Vec<Vec<NodeId>> =
        alike.into_values().filter(|members| members.len() >= ENTRIES_MIN).collect();
    groups.iter_mut().for_each(|members| members.sort_unstable());
    groups
}

/// Whether a child is the first of an element that has text.
fn opens(tree: &Tree, element: NodeId, child: NodeId) -> bool {
    let mut before = tree.children(element).take_while(|id| *id != child).take(DEPTH);
    before.all(|id| tree.text(id).trim().is_empty())
}

/// The entry that an element is in, of those in order.
fn around(tree: &Tree, id: NodeId, members: &[NodeId]) -> Option<NodeId> {
    let mut around = std::iter::once(id).chain(tree.ancestors(id).take(DEPTH));
    around.find(|id| members.binary_search(id).is_ok())
}

/// Whether a text is the time of a day and no more: «10h05», «10 h», «10:05».
fn is_time(text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..).unwrap_or_default().trim_start();
    (1..=2).contains(&digits)
        && text.chars().count() <= TIME_CHARS_MAX
        && rest.starts_with(['h', 'H', ':'])
        && rest.chars().skip(1).take(2).all(|c| c.is_ascii_digit() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_day_are_told() {
        for time in ["10h05", "9:41", " 08 h 12 ", "10h", "10:05 Uhr"] {
            assert!(is_time(time), "{time}");
        }
        for text in ["10 hommes", "2026", "10h05, la SNCF annonce", "h", ""] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn all_entries_made_alike_are_the_story() {
        let entry =
            |time: &str, text: &str| format!("<article><time>{time}</time><p>{text}</p></article>");
        let texts = [
            "La SNCF annonce l’interruption de la circulation entre Brest et Quimper jusqu’à 16 heures au moins.",
            "« Restez chez vous », déclare le préfet du Finistère lors d’un point presse à Quimper.",
            "Selon Enedis, 40 000 foyers sont privés d’électricité dans le département.",
        ];
        let times = ["10h05", "09h41", "08h12"];
        let entries: String =
            times.iter().zip(texts).map(|(time, text)| entry(time, text)).collect();
        let page = format!(
            "<title>DIRECT. Tempête</title><main><h1>DIRECT. Tempête Ingrid</h1>{entries}</main>"
        );
        let article = crate::article(page.as_bytes(), &crate::Hints::default()).article;
        let shown: Vec<&str> = article
            .body
            .iter()
            .filter_map(|block| match block {
                depeche_news::Block::Entry(entry) => entry.shown.as_deref(),
                _ => None,
            })
            .collect();
        assert_eq!((shown.as_slice(), article.body.len()), (times.as_slice(), 6));
    }

    /// News of a day that open in their list are stories of their own.
    #[test]
    fn news_that_open_in_a_list_are_no_entries() {
        let item = |number: usize| {
            format!(
                "<div class=item><a href=/{number}><time>1{number}h05</time><h3>La crue recule dans le village {number}</h3></a>\
                <p>Les habitants du village {number} ont retrouvé leurs maisons ce matin, après trois nuits au gymnase.</p></div>"
            )
        };
        let page: String = (1..6).map(item).collect();
        let tree = crate::tree::parse(&page);
        let groups = groups(&tree);
        assert!(!groups.is_empty() && groups.iter().all(|members| lead_elsewhere(&tree, members)));
    }
}
