//! The store: one SQLite file, one writer with group commit, readers beside it, and the wire log.
//!
//! Acknowledged means on disk: [`Receipt::wait`] returns after the commit (`synchronous=FULL`).
//! SQL stands only in this crate. Every read that a reader causes takes a [`Viewer`] and sees items
//! through one view whose filter is [`depeche_news::visible`].

mod access;
mod admin;
mod append;
mod backup;
mod body;
mod compared;
mod connection;
mod decision;
mod delivery;
mod editions;
mod error;
mod exported;
mod facts;
mod filed;
mod front;
mod grouping;
mod held;
mod import;
mod intake_token;
mod item;
mod job;
mod latest;
mod lease;
mod mended;
mod notice;
mod page;
mod pushed;
mod removal;
mod reread;
mod rest;
mod retention;
mod schema;
mod source;
mod source_facts;
mod space;
mod story;
mod subscription;
mod trouble;
mod view;
mod watched;
mod window;
mod wire;
mod writer;

pub use admin::SESSION_DAYS;
pub use backup::{Restored, restore};
pub use connection::Store;
pub use decision::{Decided, DecisionKind, DecisionLine, NotDecided};
pub use delivery::{PendingDelivery, Recorded};
pub use editions::{COPIES_MAX, VERSIONS_MAX};
pub use error::Error;
pub use exported::{Exported, Wanted};
pub use facts::{Checked, Figures, Inspection, SILENT, Silent, WatchedSeen, inspect};
pub use import::{Imported, ImportedFile, Mark};
pub use intake_token::{IntakeToken, Pusher};
pub use item::{Appended, Arrival, Known, Placed, Remembered, Titled};
pub use job::{Job, NewJob};
pub use lease::{Lease, collector_rests};
pub use mended::{RecentDispatch, StoryMend};
pub use pushed::{Delivered, DeliveryOutcome, DeliveryState, KnownBy};
pub use removal::{Cut, Cutting, Remains, Removed, TakenDown};
pub use reread::{Again, ReadAgain, Reread, Rereading, ToReread};
pub use retention::{Due, DueDocument, Keep, KeepSource, Saving, SourceBytes};
pub use source::{Gone, Moved, NewSource, Poll, PolledSource, SourceChange};
pub use space::{IndexSpace, SourceSpace, Space, TableSpace};
pub use subscription::{Subscription, SubscriptionState};
pub use trouble::{ClockSays, Trouble, TroubleKind};
pub use view::*;
pub use watched::{AfterTaking, WatchedFolder};
pub use wire::{Live, Paper};
pub use writer::{Chain, Receipt};

pub use depeche_news::Viewer;
