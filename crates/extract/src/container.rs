//! The element of a page that holds its story.
//!
//! Recall first: it is the one whose prose outweighs its furniture by most.

use crate::blocks::{Kind, Page, Piece, ends_sentence};
use crate::marks::Marks;
use crate::tree::{NodeId, ROOT, Tree};

/// What a piece adds to the container that holds it: prose for it, labels and links against it.
fn value(piece: &Piece) -> f32 {
    let size = piece.size as f32;
    let density = piece.link_density();
    if matches!(piece.kind, Kind::Image | Kind::Caption | Kind::Heading(_))
        || piece.marks.any(Marks::CAPTION)
    {
        return 0.0;
    }
    if density > 0.5 {
        return -0.6 * size.min(100.0);
    }
    if piece.size < 40 && !ends_sentence(&piece.text) {
        return -0.3 * size;
    }
    let trust = match piece.kind {
        Kind::Paragraph | Kind::Quote => 1.0,
        Kind::Entry => 0.6,
        _ => 0.8,
    };
    let long = if piece.size < 80 { 0.5 } else { 1.0 };
    trust * long * size * (1.0 - density)
}

/// The element with the greatest sum of values, the innermost of equals; and the one in it that
/// calls itself the story, or itself.
pub(crate) fn containers(page: &Page, pieces: &[&Piece]) -> (NodeId, NodeId) {
    let tree = page.tree;
    let sums = sums(tree, pieces);
    let greatest = sums.iter().copied().fold(0.0, f32::max);
    // Wrappers around one element have its very sum.
    let best = (0..).zip(&sums).filter(|(_, sum)| **sum > 0.0 && **sum >= greatest - 0.5);
    let best = best.map(|(id, _)| id).max_by_key(|&id| tree.ancestors(id).count());
    let best = best.unwrap_or(ROOT);
    (best, narrowed(page, pieces, &sums, best))
}

/// The values of all that is in each element, by its place in the tree.
fn sums(tree: &Tree, pieces: &[&Piece]) -> Vec<f32> {
    let mut sums = vec![0.0; tree.len()];
    for piece in pieces {
        let value = value(piece);
        for id in std::iter::once(piece.element).chain(tree.ancestors(piece.element)) {
            if let Some(sum) = sums.get_mut(id as usize) {
                *sum += value;
            }
        }
    }
    sums
}

fn sum_of(sums: &[f32], id: NodeId) -> f32 {
    sums.get(id as usize).copied().unwrap_or(0.0)
}

/// How much of a container's prose an element that calls itself the body must hold.
const BODY_SHARE_MIN: f32 = 0.6;

/// Goes into the element that names itself the article's body, if it holds most of the prose.
fn narrowed(page: &Page, pieces: &[&Piece], sums: &[f32], container: NodeId) -> NodeId {
    let tree = page.tree;
    let whole = sum_of(sums, container);
    let mut best = (container, 0.0);
    let mut seen = vec![false; tree.len()];
    for piece in pieces {
        for id in std::iter::once(piece.element).chain(tree.ancestors(piece.element)) {
            let seen = seen.get_mut(id as usize).map(|seen| std::mem::replace(seen, true));
            if id == container || seen != Some(false) {
                break;
            }
            let sum = sum_of(sums, id);
            let named = tree.name(id) == "article" || page.marks_of(id).any(Marks::BODY);
            if named
                && sum >= whole * BODY_SHARE_MIN
                && sum > best.1
                && is_within(tree, id, container)
            {
                best = (id, sum);
            }
        }
    }
    best.0
}

fn is_within(tree: &Tree, id: NodeId, container: NodeId) -> bool {
    container == ROOT || tree.ancestors(id).any(|around| around == container)
}

/// Which pieces are in the container.
pub(crate) fn inside(tree: &Tree, pieces: &[Piece], container: NodeId) -> Vec<bool> {
    let within = |id| id == container || is_within(tree, id, container);
    pieces.iter().map(|piece| within(piece.element)).collect()
}
