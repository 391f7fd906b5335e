//! Which pieces of a page are its story, by a small model over what is known of each.
//!
//! `sheet` gathers what is known of a page, `features` makes a row of numbers of each piece, `model`
//! judges the rows twice: first each by itself, then with the first judgements of what stands around
//! it (`context`). Where somebody asks, `why` tells what moved each chance, in the words of `traits`.

mod context;
mod features;
mod model;
mod names;
mod phrasing;
mod sheet;
#[cfg(test)]
mod tests;
mod traits;
mod weights;
mod why;
mod words;

use std::sync::OnceLock;

pub(crate) use sheet::{Declared, Sheet};
pub(crate) use traits::{Leaning, Trait};
pub(crate) use why::{Weighed, leanings};

pub use context::{Place, context, context_names};
pub use features::Rows;
pub use model::{Forest, Model, Tree, bin};
pub use names::columns as name_columns;
pub use phrasing::columns as wording_columns;
pub use weights::Weights;

/// The project's own weights; `weights/README.md` says what they were learned from, and how.
pub(crate) fn own() -> &'static Model {
    static OWN: OnceLock<Model> = OnceLock::new();
    // A test reads them, so that the default is never used.
    OWN.get_or_init(|| {
        Model::of_bytes(include_bytes!("../../weights/story.bin")).unwrap_or_default()
    })
}

/// FNV-1a, 32 bits: the same on every machine and in every version.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| hash_on(hash, *byte))
}

pub(crate) fn hash_on(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// The hash of a word, and that of its first seven characters.
fn hash_and_stem(word: &str) -> (u32, u32) {
    let end = word.char_indices().nth(7).map_or(word.len(), |(at, _)| at);
    let (stem, rest) = word.split_at(end);
    let stem = hash(stem.as_bytes());
    (rest.bytes().fold(stem, hash_on), stem)
}
