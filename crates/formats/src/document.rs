//! What a provider says: one feed or agency message, in the words of our trade.

use std::ops::Range;

use depeche_news::jiff::tz::TimeZone;
use depeche_news::{Desk, Moment, Problem, Schedule, Signal, Status, Urgency};
use serde::Serialize;

/// What is known about a document before it is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'h> {
    /// The `Content-Type` it came with; only its charset is believed, and not always.
    pub content_type: Option<&'h str>,
    /// The address it came from; relative addresses are read against it.
    pub base: Option<&'h str>,
    /// The zone of its source: that of dates that name none. Else they are UTC.
    pub zone: Option<&'h TimeZone>,
}

/// A document as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Document {
    /// `rss2.0`, `rdf1.0`, `atom1.0`, `jsonfeed1.1`, `cdf`, `sitemap`, `newsml-g2`, `newsml1`, `nitf`,
    /// `ninjs`, `iptc7901`, `anpa1312`; `None` when it was refused.
    pub format: Option<String>,
    /// What it says of itself.
    pub feed: Channel,
    /// Its items in document order.
    pub items: Vec<Entry>,
    /// The input ended early, or a part had to be left out; a problem says which.
    pub incomplete: bool,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Where each item stands in the decoded text; empty in JSON.
    #[serde(skip)]
    pub parts: Vec<Range<usize>>,
}

/// What a feed says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Channel {
    /// Atom `id`, RDF `about`, the address of a JSON Feed.
    pub id: Option<String>,
    /// Its name, markup as written.
    pub title: Option<String>,
    /// The page it belongs to.
    pub link: Option<String>,
    /// All links in document order.
    pub links: Vec<Link>,
    /// What it is about, markup as written.
    pub description: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// When it was published.
    pub published: Option<Moment>,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// Who writes it.
    pub authors: Vec<Person>,
    /// Who else helps.
    pub contributors: Vec<Person>,
    /// Copyright line.
    pub rights: Option<String>,
    /// The program that made it.
    pub generator: Option<String>,
    /// Address of its picture.
    pub image: Option<String>,
    /// What it files itself under.
    pub keywords: Vec<Keyword>,
    /// Who publishes it, where that is not who writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Person>,
    /// Where it says that it has moved, in its text instead of its server's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// Not valid any more after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// It says that it is not for everybody's eyes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explicit: Option<bool>,
    /// It asks not to be listed in directories.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
    /// How long it may be kept before it is asked again (RSS `ttl`).
    pub ttl_minutes: Option<u32>,
    /// When it says that it has news, and when not.
    #[serde(skip_serializing_if = "Schedule::is_empty")]
    pub schedule: Schedule,
}

/// One item of a feed or of an agency message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Entry {
    /// How its provider identifies it.
    pub guid: Option<String>,
    /// The headline, markup as written.
    pub title: Option<String>,
    /// Its page; a guid that is a permalink counts when there is no other.
    pub link: Option<String>,
    /// All links in document order.
    pub links: Vec<Link>,
    /// BCP 47.
    pub language: Option<String>,
    /// When it was first published.
    pub published: Option<Moment>,
    /// When this version was made.
    pub updated: Option<Moment>,
    /// Who wrote it.
    pub authors: Vec<Person>,
    /// Who else helped.
    pub contributors: Vec<Person>,
    /// Copyright line.
    pub rights: Option<String>,
    /// Teaser or standfirst, markup as written.
    pub summary: Option<String>,
    /// The body, once for each form it is carried in; markup as written.
    pub content: Vec<Content>,
    /// Files that come along.
    pub enclosures: Vec<Enclosure>,
    /// What it is filed under.
    pub keywords: Vec<Keyword>,
    /// Address of its picture.
    pub image: Option<String>,
    /// Its provider's version.
    pub version: Option<String>,
    /// Whether it may be used (IPTC `pubStatus`).
    pub status: Option<Status>,
    /// What kind of change this version is.
    pub signal: Option<Signal>,
    /// Not to be shown before.
    pub embargoed_until: Option<Moment>,
    /// 1 (flash) to 9.
    pub urgency: Option<Urgency>,
    /// The desk's short name for the subject.
    pub slugline: Option<String>,
    /// By whom, as written.
    pub byline: Option<String>,
    /// Place, date and agency, as written.
    pub dateline: Option<String>,
    /// Who is to be credited.
    pub credit: Option<String>,
    /// Where it was written, from the place to what is around it.
    pub located: Vec<String>,
    /// A word to editors, not for readers.
    pub note: Option<String>,
    /// What its picture shows, markup as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_caption: Option<String>,
    /// Who made its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_credit: Option<String>,
    /// The feed it was taken over from, in one that gathers others (`source`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Latitude and longitude in degrees, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    /// The page where readers comment on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    /// What it answers: identities or addresses of other items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_reply_to: Vec<String>,
    /// Not valid any more after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// What else its agency's desk says; only of what an agency sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<Box<Desk>>,
}

/// A link of a feed or an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Link {
    /// Absolute where a base is known.
    pub href: String,
    /// `alternate`, `self`, `enclosure`, …
    pub rel: Option<String>,
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: Option<String>,
    /// Bytes, as written.
    pub length: Option<String>,
    /// For readers.
    pub title: Option<String>,
}

/// Somebody named in a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Person {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their page.
    pub url: Option<String>,
}

/// The feed that an item was taken over from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Origin {
    /// How that feed identifies itself.
    pub id: Option<String>,
    /// Its name, markup as written.
    pub title: Option<String>,
    /// Its page, or where it is read.
    pub link: Option<String>,
}

/// A file that comes along with an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Enclosure {
    /// Absolute where a base is known.
    pub url: String,
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: Option<String>,
    /// Bytes, as written.
    pub length: Option<String>,
}

/// What something is filed under.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Keyword {
    /// The keyword or code itself.
    pub term: Option<String>,
    /// The list it is from.
    pub scheme: Option<String>,
    /// The keyword for readers.
    pub label: Option<String>,
}

/// A body, and what it is written in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Content {
    /// The text or markup as its provider wrote it.
    pub value: String,
    /// `text/html`, `text/plain`, `application/xhtml+xml`, …
    #[serde(rename = "type")]
    pub media_type: Option<String>,
}

impl Document {
    /// A document that is no feed and no agency message.
    pub(crate) fn refused(why: &str) -> Self {
        Self { problems: vec![Problem::new("refused", why)], ..Self::default() }
    }

    /// Says once that something is missing, and what.
    pub(crate) fn lost(&mut self, what: impl Into<String>) {
        self.incomplete = true;
        lost(&mut self.problems, what);
    }
}

/// Says once among the problems of something that a part of it is missing, and which.
pub(crate) fn lost(problems: &mut Vec<Problem>, what: impl Into<String>) {
    let problem = Problem::new("incomplete", what);
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}
