//! What a feed says of its own timetable.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a feed says that it has news, and when not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// Hours of the day, in GMT, that bring nothing (RSS `skipHours`): 0 to 23, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hours: Vec<u8>,
    /// Days that bring nothing (RSS `skipDays`): 1 for Monday to 7 for Sunday, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<u8>,
    /// Seconds between two updates (`sy:updatePeriod` divided by `sy:updateFrequency`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_seconds: Option<u32>,
    /// A moment that updates are counted from (`sy:updateBase`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_base: Option<Timestamp>,
}

impl Schedule {
    /// It says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
