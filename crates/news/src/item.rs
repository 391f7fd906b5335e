//! One piece of news as its provider identifies it.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{Article, Desk, ItemId, Moment, SourceId, content_digest};

/// A version of an item as it came in, with what we understood of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Where it came from.
    pub source: SourceId,
    /// How its provider identifies it (IPTC `guid`, RSS `guid`, Atom `id`).
    pub guid: Option<String>,
    /// The address its provider gives for it.
    pub address: Option<String>,
    /// Its provider's own version number or label.
    pub version: Option<String>,
    /// Whether it may be used at all.
    pub status: Status,
    /// What kind of change this version is.
    pub signal: Option<Signal>,
    /// Not to be shown before this moment.
    pub embargoed_until: Option<Moment>,
    /// The provider's urgency.
    pub urgency: Option<Urgency>,
    /// What we understood of it.
    pub article: Article,
    /// What its agency's desk says beside the text.
    #[serde(default, skip_serializing_if = "Desk::is_empty")]
    pub desk: Desk,
}

/// Whether a provider lets an item be used (IPTC `pubStatus`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// May be shown.
    #[default]
    Usable,
    /// Held back by its provider for now.
    Withheld,
    /// Killed by its provider: a notice stands in its place.
    Canceled,
}

/// What a new version means to readers (IPTC `signal`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// More of the same.
    Update,
    /// Something was wrong and is now right.
    Correction,
    /// Must not be used any more.
    Kill,
    /// A word to editors.
    Advisory,
}

/// The provider's urgency, 1 (flash) to 9; 1 to 3 are shown as urgent (IPTC `urgency`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Urgency(u8);

impl Urgency {
    /// Takes 1 to 9; anything else is no urgency.
    pub fn new(value: u8) -> Option<Self> {
        (1..=9).contains(&value).then_some(Self(value))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether a reader is told «URGENT». Three and below, as agencies number their ladder
    /// (1 flash, 2 bulletin, 3 urgent, 4 ordinary).
    pub fn is_urgent(self) -> bool {
        self.0 <= 3
    }
}

impl TryFrom<u8> for Urgency {
    type Error = String;

    fn try_from(value: u8) -> Result<Self, String> {
        Self::new(value).ok_or_else(|| format!("urgency {value} is not 1 to 9"))
    }
}

impl From<Urgency> for u8 {
    fn from(urgency: Urgency) -> Self {
        urgency.0
    }
}

impl Item {
    /// A usable item of this source that says nothing of itself beside its article.
    pub fn of(source: SourceId, article: Article) -> Self {
        Self {
            source,
            guid: None,
            address: None,
            version: None,
            status: Status::Usable,
            signal: None,
            embargoed_until: None,
            urgency: None,
            article,
            desk: Desk::default(),
        }
    }

    /// The identity of this item, whatever its version.
    pub fn id(&self) -> ItemId {
        let content = || format!("{}\n{}", self.article.headline, self.article.text());
        match (&self.guid, &self.address) {
            (None, None) => ItemId::new(&self.source, None, None, &content()),
            (guid, address) => ItemId::new(&self.source, guid.as_deref(), address.as_deref(), ""),
        }
    }

    /// Whether this version may not take the place of `latest`, because its provider made it earlier.
    ///
    /// Versions are compared as numbers where both are numbers, else by when they were made, and that only
    /// where a desk tells it: an outlet's feed is always right about what it says now. A kill stands until
    /// something provably newer comes; and a kill that is newer by either way takes effect.
    pub fn is_older_than(&self, latest: &Self) -> bool {
        let by_number = number(self).zip(number(latest)).map(|(own, other)| own.cmp(&other));
        let agency = !self.desk.dates.is_empty() && !latest.desk.dates.is_empty();
        let made = |item: &Self| item.article.modified.map(|at| at.sort_key());
        let by_date = made(self).zip(made(latest)).map(|(own, other)| own.cmp(&other));
        let by_date = by_date.filter(|_| agency);
        let first_that_tells = by_number.filter(|order| order.is_ne()).or(by_date);
        match (self.status, latest.status) {
            (Status::Canceled, Status::Usable | Status::Withheld) => {
                by_number.is_some_and(Ordering::is_lt) && !by_date.is_some_and(Ordering::is_gt)
            }
            (Status::Usable | Status::Withheld, Status::Canceled) => {
                !first_that_tells.is_some_and(Ordering::is_gt)
            }
            _ => first_that_tells.is_some_and(Ordering::is_lt),
        }
    }

    /// A digest of what a reader would call a change; two versions with the same one are the same
    /// version. Left out is what moves without the news changing: dates, keywords, section, addresses.
    pub fn digest(&self) -> [u8; 16] {
        let article = &self.article;
        let moment = |m: &Option<Moment>| m.map(|m| m.to_string()).unwrap_or_default();
        let text = article.text();
        content_digest(&[
            &article.headline,
            article.credit.as_deref().unwrap_or_default(),
            article.standfirst.as_deref().unwrap_or_default(),
            &text,
            self.version.as_deref().unwrap_or_default(),
            &format!("{:?} {:?}", self.status, self.signal),
            &moment(&self.embargoed_until),
            &article.authors.join("\n"),
            &self.urgency.map(|urgency| urgency.get().to_string()).unwrap_or_default(),
        ])
    }
}

/// A version that is a number.
fn number(item: &Item) -> Option<u64> {
    item.version.as_deref().and_then(|version| version.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dated;

    fn item(version: &str, modified: &str, status: Status, from_agency: bool) -> Item {
        let what = "version_created".to_owned();
        let dated = Moment::parse("2016-02-11").map(|at| Dated { what, at });
        let dates = dated.filter(|_| from_agency).into_iter().collect();
        Item {
            source: SourceId::of_address("https://a.example/fil"),
            guid: Some("1".to_owned()),
            address: None,
            version: Some(version.to_owned()).filter(|version| !version.is_empty()),
            status,
            signal: None,
            embargoed_until: None,
            urgency: None,
            article: Article { modified: Moment::parse(modified), ..Article::default() },
            desk: Desk { dates, ..Desk::default() },
        }
    }

    /// Of two versions told as `version date`, whether the first may not replace the second.
    #[track_caller]
    fn check(from_agency: bool, new: (&str, &str, Status), old: (&str, &str, Status), older: bool) {
        let new = item(new.0, new.1, new.2, from_agency);
        let old = item(old.0, old.1, old.2, from_agency);
        assert_eq!(new.is_older_than(&old), older);
    }

    #[test]
    fn versions_are_compared_as_numbers_else_by_when_they_were_made() {
        use Status::Usable;
        check(true, ("10", "", Usable), ("9", "", Usable), false);
        check(true, ("9", "", Usable), ("10", "", Usable), true);
        check(true, ("9", "", Usable), ("9", "", Usable), false);
        check(true, ("a", "2016-02-10", Usable), ("b", "2016-02-11", Usable), true);
        check(true, ("2", "2016-02-10", Usable), ("2", "2016-02-11", Usable), true);
        check(true, ("3", "2016-02-10", Usable), ("2", "2016-02-11", Usable), false);
        check(true, ("", "", Usable), ("2", "2016-02-11", Usable), false);
        // A feed that goes back to what it was says what is true now.
        check(false, ("", "2016-02-10", Usable), ("", "2016-02-11", Usable), false);
    }

    #[test]
    fn a_kill_stands_until_something_newer_comes() {
        use Status::{Canceled, Usable};
        check(true, ("3", "", Usable), ("2", "", Canceled), false);
        check(true, ("2", "", Usable), ("2", "", Canceled), true);
        check(true, ("", "", Usable), ("2", "", Canceled), true);
        check(true, ("", "2016-02-12", Usable), ("", "2016-02-11", Canceled), false);
        check(false, ("", "", Usable), ("", "", Canceled), true);
        check(true, ("1", "", Canceled), ("3", "", Usable), true);
        check(true, ("1", "2016-02-12", Canceled), ("3", "2016-02-11", Usable), false);
        check(true, ("", "2016-02-10", Canceled), ("", "2016-02-11", Usable), false);
    }
}
