//! What the class and id names of a page have meant on other pages: hashes with a weight each.

use foldhash::{HashMap, HashMapExt};

use crate::tree::{NodeId, Tree};

/// Elements looked at from a piece upwards.
pub(crate) const LEVELS: usize = 6;

/// Most names of one element that are looked at: utility frameworks write dozens that mean nothing.
const NAMES_MAX: usize = 12;

/// The hashes of an element's names, by their words and whole, each with the element's own name.
pub(crate) fn of(tree: &Tree, id: NodeId, each: &mut dyn FnMut(u32)) {
    let name = tree.name(id);
    if name.is_empty() {
        return;
    }
    lists(tree, id).for_each(|names| of_list(names, each));
}

/// The attributes of an element that hold names.
fn lists(tree: &Tree, id: NodeId) -> impl Iterator<Item = &str> {
    const NAMING: [&str; 6] = ["class", "id", "itemprop", "role", "data-component", "data-testid"];
    NAMING.iter().filter_map(move |attribute| tree.attribute(id, attribute))
}

fn of_list(names: &str, each: &mut dyn FnMut(u32)) {
    for whole in names.split_ascii_whitespace().take(NAMES_MAX) {
        let mut hash = super::hash(b"");
        let (mut word, mut letters, mut before) = (hash, 0, 0_u8);
        for byte in whole.bytes().take(60) {
            let parts = !byte.is_ascii_alphabetic()
                || (before.is_ascii_lowercase() && byte.is_ascii_uppercase());
            if parts {
                if letters > 1 {
                    each(word);
                }
                (word, letters) = (super::hash(b""), 0);
            }
            before = byte;
            if byte.is_ascii_digit() {
                continue;
            }
            hash = super::hash_on(hash, byte.to_ascii_lowercase());
            if byte.is_ascii_alphabetic() {
                word = super::hash_on(word, byte.to_ascii_lowercase());
                letters += 1;
            }
        }
        if letters > 1 {
            each(word);
        }
        each(super::hash_on(hash, b'='));
    }
}

/// The weight of the names of each element that is `named`, by its place in the tree.
pub(crate) fn scores(tree: &Tree, weight: &dyn Fn(u32) -> f32, named: &[bool]) -> Vec<f32> {
    // The same few lists stand on most elements. What they weigh is of 32nds, so that sums of sums are exact.
    let mut known: HashMap<&str, f32> = HashMap::new();
    let mut of_known = |names| {
        *known.entry(names).or_insert_with(|| {
            let mut sum = 0.0;
            of_list(names, &mut |name| sum += weight(name));
            sum
        })
    };
    let ids = (0..).zip(named);
    ids.map(|(id, named)| {
        if *named {
            lists(tree, id).map(&mut of_known).fold(0.0, |sum, own| sum + own)
        } else {
            0.0
        }
    })
    .collect()
}

/// What the names of an element and those around it weigh.
pub(crate) fn put(
    tree: &Tree,
    id: NodeId,
    scores: &[f32],
    put: &mut impl FnMut(&'static str, f32),
) {
    let score = |id: NodeId| scores.get(id as usize).copied().unwrap_or(0.0);
    let levels = std::iter::once(id).chain(tree.ancestors(id)).take(LEVELS).map(score);
    for (name, value) in COLUMNS.into_iter().zip(columns(levels)) {
        put(name, value);
    }
}

const COLUMNS: [&str; 4] = ["names", "own names", "worst names", "best names"];

/// The columns made of the weights of an element's names and of those around it, from the inside:
/// their sum, the first, the least and the greatest.
pub fn columns(levels: impl Iterator<Item = f32>) -> [f32; 4] {
    let mut columns = [0.0_f32; 4];
    for (level, own) in levels.enumerate() {
        columns[0] += own;
        if level == 0 {
            columns[1] = own;
        }
        columns[2] = columns[2].min(own);
        columns[3] = columns[3].max(own);
    }
    columns
}

/// The hashed names of an element and of those around it, each level by itself.
pub(crate) fn levels(tree: &Tree, id: NodeId) -> Vec<Vec<u32>> {
    let levels = std::iter::once(id).chain(tree.ancestors(id)).take(LEVELS);
    levels
        .map(|id| {
            let mut names = Vec::new();
            of(tree, id, &mut |name| names.push(name));
            names
        })
        .collect()
}
