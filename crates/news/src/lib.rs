//! The words of the trade as types, and what may be shown to whom.
//!
//! Layer 0: no I/O, no async, no clock. Everything here is plain data that the stages hand to each
//! other; `docs/glossary.md` keeps the words with their IPTC and RSS names and in French.

mod access;
mod address;
mod article;
mod delivery;
mod desk;
mod forms;
mod identity;
mod item;
pub mod limits;
mod list;
mod moment;
mod no_news;
mod problem;
mod schedule;
mod slug;
mod text;
mod visibility;
mod wire;

pub use access::Access;
pub use address::{host, is_web, pasted};
pub use article::{Article, Block, Embed, Image, LiveEntry, Table};
pub use delivery::{Delivery, DeliveryKind, Validators};
pub use desk::{Dated, Desk, Relation, Topic, Worded};
pub use forms::{html, inline_html, list_html, markdown, plain};
pub use identity::{DispatchId, ItemId, SourceId, StoryId, content_digest};
pub use item::{Item, Signal, Status, Urgency};
pub use list::{Bullet, ListEntry};
pub use moment::Moment;
pub use no_news::no_news;
pub use problem::Problem;
pub use schedule::Schedule;
pub use slug::slug;
pub use text::{Mark, Part, Span, Text, placed, signs};
pub use visibility::{Removal, Showing, SourceVisibility, Viewer, Visibility, held, visible};
pub use wire::{Cursor, Entry, Kind, Subject};

// The one time type of the house; re-exported so that no crate picks another.
pub use jiff;
