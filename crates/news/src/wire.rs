//! The wire log: what happened, in commit order.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DispatchId, ItemId};

/// One row of the wire log. It carries no text: a replay reads what may be shown now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the log; commit order, no gaps a reader could miss.
    pub seq: u64,
    /// What happened.
    pub kind: Kind,
    /// To what.
    pub subject: Subject,
    /// When it was written.
    pub at: Timestamp,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The item.
    pub item: ItemId,
    /// The dispatch it belongs to after this entry.
    pub dispatch: DispatchId,
}

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It came on the wire.
    Published,
    /// It has a new version or a better reading.
    Revised,
    /// Its provider corrected it.
    Corrected,
    /// Its provider killed it.
    Killed,
    /// Its embargo ended.
    Released,
    /// It moved to another dispatch or story.
    Regrouped,
    /// The operator or retention took it away.
    Removed,
}

impl Kind {
    /// The word the store keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Revised => "revised",
            Self::Corrected => "corrected",
            Self::Killed => "killed",
            Self::Released => "released",
            Self::Regrouped => "regrouped",
            Self::Removed => "removed",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Published,
            Self::Revised,
            Self::Corrected,
            Self::Killed,
            Self::Released,
            Self::Regrouped,
            Self::Removed,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }
}

/// A place in the log as it is shown outside: `epoch.seq`. The epoch changes when a backup is
/// restored, so that a cursor from before is recognised and resynchronised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which life of the store.
    pub epoch: u64,
    /// The last entry seen.
    pub seq: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('.').and_then(|(e, s)| Some((e.parse().ok()?, s.parse().ok()?)));
        let (epoch, seq) = parts.ok_or_else(|| format!("not a cursor: {text}"))?;
        Ok(Self { epoch, seq })
    }
}
