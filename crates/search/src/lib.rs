//! Full text search of the wire, on tantivy: French first.
//!
//! The index is a cache: it is told what to hold ([`Index::apply`]), remembers in its own commit
//! how far along the wire log it is ([`Index::commit`]), and is built anew from the log whenever it
//! is missing, torn or of another schema ([`Index::open`]). Bodies are read and not kept.
//!
//! A search takes this way: what was typed becomes a [`Query`] (`query`), its words become lists
//! of one state of the index (`view`, `clause`), the lists are walked and the best documents kept
//! (`rank`, filtered by `scope` and `condition`, aged by `recency`, counted by `facets`), and the
//! first of these are put in order by how close the words stand (`proximity`). A query can also be
//! held against a single article ([`Sheet`]).

mod about;
mod catalogue;
mod clause;
mod condition;
mod facets;
mod folder;
mod gather;
mod highlight;
mod index;
mod joins;
mod names;
mod paper;
mod phrase;
mod proximity;
mod query;
mod rank;
mod reader;
mod recency;
mod scope;
mod script;
mod segment;
mod telling;
mod terms;
mod typesetter;
mod view;
mod words;

pub use catalogue::Catalogue;
pub use facets::Facets;
pub use highlight::{Marker, highlight};
pub use index::{Index, Opened};
pub use names::Spellings;
pub use paper::{About, Change, Paper};
pub use query::{Ignored, Names, Query, Reason, Sheet, TypedCondition, typed_conditions};
pub use reader::{Hit, Hits, Reader};
pub use scope::{Order, Scope};

use std::path::PathBuf;

/// What can go wrong between the index and its disk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process writes to this index.
    #[error("open the index in {0}: another process writes to it")]
    Locked(PathBuf),
    /// There is no index to read.
    #[error("find an index in {0}")]
    Missing(PathBuf),
    /// The folder cannot be used.
    #[error("use the index folder {0}: {1}")]
    Folder(PathBuf, #[source] std::io::Error),
    /// A file of the index is not as it was written.
    #[error("read the index: a file of it is torn")]
    Torn,
    /// tantivy says so.
    #[error("use the index: {0}")]
    Tantivy(#[from] tantivy::TantivyError),
}
