//! For training: the pieces of a page with all that the model is told of them.

use crate::{Hints, page};

pub use crate::choice::{
    Forest, Model, Place, Rows, Tree, bin, context, context_names, name_columns,
};

/// A page as the model sees it.
#[derive(Debug, Default)]
pub struct Study {
    /// The text of each piece.
    pub texts: Vec<String>,
    /// The rows, with the columns of names at their end, all zero.
    pub rows: Rows,
    /// Where each piece stands.
    pub places: Vec<Place>,
    /// The hashed names of each piece's element and of those around it.
    pub names: Vec<Vec<Vec<u32>>>,
}

/// What the columns of a row are called.
pub fn columns() -> Vec<&'static str> {
    page::columns()
}

/// Reads a page for training.
pub fn of(bytes: &[u8], hints: &Hints) -> Study {
    page::study(&page::decoded(bytes, hints))
}
