//! One piece of news as its provider identifies it.

use serde::{Deserialize, Serialize};

use crate::{Article, ItemId, Moment, SourceId, content_digest};

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
    /// The identity of this item, whatever its version.
    pub fn id(&self) -> ItemId {
        let content = || format!("{}\n{}", self.article.headline, self.article.text());
        match (&self.guid, &self.address) {
            (None, None) => ItemId::new(&self.source, None, None, &content()),
            (guid, address) => ItemId::new(&self.source, guid.as_deref(), address.as_deref(), ""),
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
