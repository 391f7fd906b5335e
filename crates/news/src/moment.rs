//! When something happened, as exactly as its provider told it.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};

/// A day, or an instant with the offset its provider wrote.
///
/// Shown and stored as RFC 3339: a full-date (`2016-02-11`) or a date-time with offset
/// (`2016-02-11T16:41:00+01:00`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Moment {
    /// Only the day is known.
    Day(Date),
    /// An instant, and the offset it was written with.
    Instant {
        /// The instant itself.
        at: Timestamp,
        /// The offset from UTC its provider wrote.
        offset: Offset,
    },
}

impl Moment {
    /// An instant in UTC.
    pub fn utc(at: Timestamp) -> Self {
        Self::Instant { at, offset: Offset::UTC }
    }

    /// Reads the two RFC 3339 forms of section 5.6 (date-time with offset, full-date); `None` for
    /// anything else. Dates as feeds write them are read by `depeche-formats`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == 10 {
            return text.parse().ok().map(Self::Day);
        }
        let at: Timestamp = text.parse().ok()?;
        Some(Self::Instant { at, offset: offset_of(text)? })
    }

    /// The instant to sort by: a day counts from its start in UTC.
    pub fn sort_key(&self) -> Timestamp {
        match self {
            Self::Day(date) => {
                Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
            }
            Self::Instant { at, .. } => *at,
        }
    }
}

/// The offset at the end of an RFC 3339 date-time: `Z`, `+01:00` or `+0100`.
fn offset_of(text: &str) -> Option<Offset> {
    if text.ends_with(['Z', 'z']) {
        return Some(Offset::UTC);
    }
    let at = text.rfind(['+', '-']).filter(|&i| i > 10)?;
    let digits: String = text.get(at + 1..)?.chars().filter(char::is_ascii_digit).collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).unwrap_or("0").parse().ok()?;
    let seconds = (hours * 60 + minutes) * 60;
    Offset::from_seconds(if text[at..].starts_with('-') { -seconds } else { seconds }).ok()
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::Instant { at, offset } => write!(f, "{}", at.display_with_offset(*offset)),
        }
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not an RFC 3339 date: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(Moment::parse(text).map(|m| m.to_string()).as_deref(), Some(shown));
    }

    #[test]
    fn moments_keep_the_precision_and_the_offset_they_were_written_with() {
        check("2016-02-11", "2016-02-11");
        check("2016-02-11T16:41:00+01:00", "2016-02-11T16:41:00+01:00");
        check("2016-02-11T15:41:00Z", "2016-02-11T15:41:00+00:00");
        check("2016-02-11T10:41:00-05:00", "2016-02-11T10:41:00-05:00");
        assert_eq!(Moment::parse("hier"), None);
        assert_eq!(Moment::parse("2016-13-41"), None);
    }

    #[test]
    fn a_day_sorts_by_its_start() {
        let day = Moment::parse("2016-02-11").unwrap();
        let instant = Moment::parse("2016-02-11T00:30:00+01:00").unwrap();
        assert!(instant.sort_key() < day.sort_key());
    }
}
