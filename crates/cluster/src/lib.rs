//! Copies of one dispatch; dispatches of one story.
//!
//! Pure, deterministic, bounded: the [`Window`] holds what came in lately, says for each new item
//! what it is to the earlier ones, and hands out a [`Trace`] that others store. The window itself keeps
//! only what finds a text; the traces of those it compares it asks for. After a restart they are given
//! back in the same order, and the window is what it was.

mod carriers;
mod compare;
mod figures;
mod glossary;
mod judge;
mod mend;
mod names;
mod prints;
mod snapshot;
mod stories;
mod terms;
#[cfg(test)]
mod tests;
mod texts;
mod trace;
mod window;
mod words;

use depeche_news::jiff::Timestamp;
use serde::Serialize;

pub use mend::{Mend, Recent, mends};
pub use snapshot::NotRestored;
pub use trace::Trace;
pub use window::{Held, Limits, Stage, Window};

/// An item that asks for its place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Candidate<'a> {
    /// The item's identity.
    pub id: &'a str,
    /// Its headline.
    pub title: &'a str,
    /// Its body, one paragraph a line; may be empty.
    pub text: &'a str,
    /// When its provider says it was published.
    pub published: Option<Timestamp>,
}

/// Where an item belongs, why, and what to keep of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The dispatch it belongs to, named by the item that founded it.
    pub dispatch: String,
    /// What it is to the item named in `of`.
    pub relation: Relation,
    /// The earlier item it shares text with.
    pub of: Option<String>,
    /// The story its dispatch belongs to, named by the dispatch that founded it.
    pub story: String,
    /// What the decision rests on, to be shown.
    pub evidence: Evidence,
    /// What `Window::restore` takes after a restart.
    pub trace: Trace,
}

/// What an item is to the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The first of its dispatch, or without any relative.
    Original,
    /// The same text, cut, extended or touched up.
    Copy,
    /// The same dispatch brought up to date or corrected.
    Version,
    /// Only the start of it.
    Teaser,
    /// Another dispatch that shares a passage.
    Background,
    /// Nothing to compare: it has no text.
    None,
}

impl Relation {
    /// Whether an item that is this to another has its dispatch.
    pub fn joins(self) -> bool {
        matches!(self, Self::Copy | Self::Version | Self::Teaser)
    }

    /// Whether an item that is this shares text with another.
    pub(crate) fn is_kinship(self) -> bool {
        self.joins() || self == Self::Background
    }

    /// The word the store and the batch program write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Copy => "copy",
            Self::Version => "version",
            Self::Teaser => "teaser",
            Self::Background => "background",
            Self::None => "none",
        }
    }
}

/// What a placement rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// Share of this text that is in the other, 0 to 1.
    pub ours: f32,
    /// Share of the other text that is in this one, 0 to 1.
    pub theirs: f32,
    /// Which paragraphs of this text are in the other, counted from 0.
    pub paragraphs: Vec<u16>,
    /// The longest passage in common, in words.
    pub longest_run: u32,
    /// Whether numbers differ at the same place of both.
    pub figures_differ: bool,
    /// Whether both have the same headline, of words enough to know a text by: a teaser may rest on that alone.
    pub same_headline: bool,
    /// The terms that tie it most strongly to its story, the strongest first.
    pub story_terms: Vec<String>,
}
