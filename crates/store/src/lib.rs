//! The store: one SQLite file, one writer with group commit, readers beside it, and the wire log.
//!
//! Acknowledged means on disk: [`Receipt::wait`] returns after the commit (`synchronous=FULL`).
//! SQL stands only in this crate. Every read that a reader causes takes a [`Viewer`] and sees items
//! through one view whose filter is [`depeche_news::visible`].

mod admin;
mod append;
mod body;
mod connection;
mod delivery;
mod error;
mod grouping;
mod item;
mod job;
mod latest;
mod lease;
mod page;
mod schema;
mod source;
mod space;
mod view;
mod wire;
mod writer;

pub use admin::SESSION_DAYS;
pub use connection::Store;
pub use delivery::{PendingDelivery, Recorded};
pub use error::Error;
pub use item::{Appended, Arrival, Known, Placed, Remembered};
pub use job::{Job, NewJob};
pub use lease::Lease;
pub use source::{NewSource, Poll, PolledSource};
pub use space::{IndexSpace, SourceSpace, Space, TableSpace};
pub use view::*;
pub use wire::{Live, Paper};
pub use writer::Receipt;

pub use depeche_news::Viewer;
