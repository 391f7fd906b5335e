//! Markup that never refuses: whatever comes in, a tree comes out, with what had to be left out.
//!
//! `scan` reads tags, `entities` references, `namespace` prefixes; `build` puts the tree together,
//! `tree` is walked by the readers of each format, `write` gives a part of it back as HTML.

mod build;
mod entities;
mod namespace;
mod scan;
mod tree;
mod write;

pub(crate) use build::parse;
pub(crate) use entities::{unescape, windows_1252};
pub(crate) use namespace::Namespace;
pub(crate) use scan::{Piece, Tag, next_piece, tag_name};
pub(crate) use tree::{Element, Lower, Node, Tree};
pub(crate) use write::{escape_into, inner_markup};
