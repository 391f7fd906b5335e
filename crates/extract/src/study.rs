//! For training: the pieces of a page with all that the model is told of them.

use crate::{Hints, page};

pub use crate::choice::{
    Forest, Model, Place, Rows, Tree, Weights, bin, context, context_names, name_columns,
    wording_columns,
};

/// A page as the model sees it.
#[derive(Debug, Default)]
pub struct Study {
    /// The text of each piece.
    pub texts: Vec<String>,
    /// The rows, with the columns of wording and names at their end, all zero.
    pub rows: Rows,
    /// Where each piece stands.
    pub places: Vec<Place>,
    /// The hashed names of each piece's element and of those around it.
    pub names: Vec<Vec<Vec<u32>>>,
    /// The hashed words and pairs of words of each piece that is judged.
    pub wordings: Vec<Vec<u32>>,
}

/// What might be the headline of a page.
#[derive(Debug, Default)]
pub struct Titles {
    /// The text of each candidate, the outlet's name taken off.
    pub texts: Vec<String>,
    /// What is known of each, in the order of `signs`.
    pub signs: Vec<Vec<f32>>,
}

/// What is known of a candidate, by name.
pub fn signs() -> &'static [&'static str] {
    &crate::headline::NAMES
}

/// Reads a page for the training of headlines.
pub fn titles(bytes: &[u8], hints: &Hints) -> Titles {
    page::titles(&page::decoded(bytes, hints), hints)
}

/// What the columns of a row are called.
pub fn columns() -> Vec<&'static str> {
    page::columns()
}

/// Reads a page for training.
pub fn of(bytes: &[u8], hints: &Hints) -> Study {
    page::study(&page::decoded(bytes, hints), hints)
}
