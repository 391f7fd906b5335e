//! The bytes received once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ItemId, SourceId};

/// What came in at one address at one time; never edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The source it was fetched or handed in for.
    pub source: SourceId,
    /// What it is meant to be.
    pub kind: DeliveryKind,
    /// The address that was asked for, or the file's name.
    pub address: String,
    /// Response headers that matter for reading (`content-type`), lower-case names.
    pub headers: Vec<(String, String)>,
    /// The decoded body.
    pub body: Vec<u8>,
    /// When it came in.
    pub received_at: Timestamp,
    /// Taken in late (an archive, an old page, a first poll's old items): never pushed nor alerted.
    pub backfill: bool,
    /// What to send at the next request for the same address, once its items are stored.
    pub validators: Validators,
}

impl Delivery {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Where it was found in the end, which redirects may have moved away from where it was asked for.
    pub fn found_at(&self) -> &str {
        self.header("content-location").unwrap_or(&self.address)
    }
}

/// What a delivery is meant to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryKind {
    /// A feed or an agency message.
    Feed,
    /// The page of one item, which is already on the wire.
    Page(ItemId),
    /// A page handed in by itself: an item of its own.
    Loose,
    /// Article lines of `depeche import`.
    Lines,
    /// Whatever came by itself, pushed or dropped: what it is, is found out when it is read.
    Pushed,
    /// One message of mail: an item of its own.
    Mail,
}

/// HTTP validators, byte for byte as the server sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// `ETag`, quotes included.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}
