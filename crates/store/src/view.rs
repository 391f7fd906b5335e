//! What a reader's request gets from the store: plain data, already filtered for its viewer.

use depeche_news::{
    Article, Cursor, Desk, DispatchId, ItemId, Moment, Signal, SourceId, SourceVisibility, StoryId,
    Urgency, jiff::Timestamp,
};
use serde::{Deserialize, Serialize};

/// One line of «Dernières infos»: a dispatch, told by its earliest item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The dispatch.
    pub dispatch: DispatchId,
    /// The item that leads it for this viewer.
    pub item: ItemId,
    /// The story it belongs to.
    pub story: StoryId,
    /// Headline without credit; empty for a notice.
    pub headline: String,
    /// The bracketed attribution.
    pub credit: Option<String>,
    /// A teaser of ours, at most [`TEASER_CHARS`] characters.
    pub teaser: String,
    /// BCP 47.
    pub language: Option<String>,
    /// The time it is listed at.
    pub at: Timestamp,
    /// Its provider told only the day, and it is an older one: there is no time of day to show.
    pub day_only: bool,
    /// Who leads it.
    pub source: SourceName,
    /// Who else carries it, most important first, without the leading source; no name twice.
    pub others: Vec<SourceName>,
    /// How many further items the dispatch has for this viewer.
    pub copies: usize,
    /// The outlet's section.
    pub section: Option<String>,
    /// The provider's urgency.
    pub urgency: Option<Urgency>,
    /// When its provider corrected it last, be it by an item of its own.
    pub corrected_at: Option<Timestamp>,
    /// When its provider brought out the latest further edition of it, as an item of its own.
    pub updated_at: Option<Timestamp>,
    /// Set when only a notice may be shown.
    pub notice: Option<Notice>,
}

/// Characters of the teaser that a row carries: two lines of the list on a laptop.
pub const TEASER_CHARS: usize = 180;

/// What stands in the place of something that may not be shown any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Its provider killed it.
    Killed {
        /// When the kill came in.
        at: Timestamp,
    },
    /// The operator took it away.
    Removed {
        /// When.
        at: Timestamp,
        /// Why, in the operator's words.
        reason: String,
    },
}

/// A source as it is named beside a headline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceName {
    /// Its identity.
    pub id: SourceId,
    /// Its name.
    pub name: String,
}

/// A place in the list, for keyset paging: everything strictly older than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Time of the last row seen.
    pub at: Timestamp,
    /// Its dispatch, for rows of the same time.
    pub dispatch: DispatchId,
}

/// A part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The rows, newest first.
    pub rows: Vec<Row>,
    /// Where the next part starts, if there is one.
    pub next: Option<Place>,
    /// How far the wire was when this was read; a live page listens from here.
    pub state: WireState,
}

/// How far the wire is, and what is shown of its sources: two lists read at the same state by the
/// same viewer are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireState {
    /// The place in the wire log.
    pub cursor: Cursor,
    /// Moves when a source is added, renamed, shown to others or removed.
    pub outlets: u64,
}

impl WireState {
    /// Whether whoever read at this state has seen all that `other` knows.
    pub fn covers(&self, other: &Self) -> bool {
        self.cursor.epoch == other.cursor.epoch
            && self.cursor.seq >= other.cursor.seq
            && self.outlets >= other.outlets
    }

    /// The further of the two in each respect; of two epochs, `other`'s.
    pub(crate) fn later(self, other: Self) -> Self {
        if self.cursor.epoch != other.cursor.epoch {
            return other;
        }
        let seq = self.cursor.seq.max(other.cursor.seq);
        let cursor = Cursor { seq, ..other.cursor };
        Self { cursor, outlets: self.outlets.max(other.outlets) }
    }
}

/// An article page.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticleView {
    /// The item.
    pub item: ItemId,
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its story, when that holds more than this dispatch.
    pub story: Option<StoryLine>,
    /// Where it comes from.
    pub source: SourceName,
    /// What may be shown; headline and body are empty when there is a notice.
    pub article: Article,
    /// Set when only a notice may be shown.
    pub notice: Option<Notice>,
    /// The original's address.
    pub address: Option<String>,
    /// The time it is listed at.
    pub at: Timestamp,
    /// When it came on the wire.
    pub wire_at: Timestamp,
    /// When its provider corrected it last.
    pub corrected_at: Option<Timestamp>,
    /// The provider's urgency.
    pub urgency: Option<Urgency>,
    /// Whether only a teaser is known so far (its page is still wanted, could not be had, or is for those who pay).
    pub teaser_only: bool,
    /// What its agency's desk says, as far as this viewer may read it.
    pub desk: Desk,
    /// What it names that can be gone to.
    pub links: Vec<LinkLine>,
    /// The item of another dispatch that it was found to share a passage with.
    pub passage: Option<PassageLine>,
    /// Its latest versions, newest first.
    pub versions: Vec<VersionLine>,
    /// The item as one of its dispatch.
    pub own: Option<CopyLine>,
    /// The other items of the dispatch that this viewer may see, in the order they lead it.
    pub copies: Vec<CopyLine>,
    /// Whether the dispatch has more than these.
    pub more_copies: bool,
}

/// The article page of an item that its agency holds back for now.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldArticle {
    /// The page as it will be.
    pub view: ArticleView,
    /// When it appears; `None`: not before its agency says so.
    pub until: Option<Timestamp>,
}

/// An item that its agency holds back for now, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLine {
    /// The item.
    pub item: ItemId,
    /// Its headline.
    pub headline: String,
    /// BCP 47.
    pub language: Option<String>,
    /// When it appears; `None`: not before its agency says so.
    pub until: Option<Timestamp>,
}

/// An item of another dispatch with a passage in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageLine {
    /// The item.
    pub item: ItemId,
    /// Its headline.
    pub headline: String,
}

/// Another item or page that an item names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkLine {
    /// What it is to the item (`previousVersion`, `seeAlso`, …), as its provider says.
    pub rel: Option<String>,
    /// Its headline or title.
    pub title: Option<String>,
    /// The item, where it is one of ours that the viewer may see.
    pub item: Option<ItemId>,
    /// Its address on the web, where it is none of ours.
    pub address: Option<String>,
}

/// One version of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionLine {
    /// Our count, from 1.
    pub number: u32,
    /// When it came in.
    pub received_at: Timestamp,
    /// The provider's own version.
    pub version: Option<String>,
    /// What kind of change it was.
    pub signal: Option<Signal>,
    /// Its headline.
    pub headline: String,
}

/// The text of an item in one of its versions, to be held against another.
#[derive(Clone, Debug, PartialEq)]
pub struct TextView {
    /// The item.
    pub item: ItemId,
    /// Who carries it.
    pub source: SourceName,
    /// What the version says.
    pub article: Article,
    /// Words of the desk that stood at its headline or above its text.
    pub labels: Vec<String>,
    /// What it adds, as its desk says it.
    pub updated_with: Option<String>,
    /// Its number in our count, from 1.
    pub number: u32,
    /// When it came in.
    pub received_at: Timestamp,
    /// What kind of change it was.
    pub signal: Option<Signal>,
    /// What the item is to its dispatch: `original`, `copy`, `version`, `teaser`, `background`.
    pub relation: String,
    /// The item it was compared with.
    pub related_to: Option<ItemId>,
    /// How it was found, as `depeche-cluster` explains it (JSON), if it was compared.
    pub evidence: Option<String>,
}

/// A version of an item, without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionMark {
    /// Our count, from 1.
    pub number: u32,
    /// When it came in.
    pub received_at: Timestamp,
    /// What kind of change it was.
    pub signal: Option<Signal>,
}

/// One copy of a dispatch, and how it compares with the founding item.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyLine {
    /// The item.
    pub item: ItemId,
    /// Who carries it.
    pub source: SourceName,
    /// Its headline; empty for a notice.
    pub headline: String,
    /// The time it is listed at.
    pub at: Timestamp,
    /// The time it counts for among the items of its dispatch.
    pub lead_at: Timestamp,
    /// When it came on the wire.
    pub wire_at: Timestamp,
    /// Whom it credits.
    pub credit: Option<String>,
    /// Its relation: `original`, `copy`, `version`, `teaser`.
    pub relation: String,
    /// The item it was compared with.
    pub related_to: Option<ItemId>,
    /// How it was found, as `depeche-cluster` explains it (JSON), if it was compared.
    pub evidence: Option<String>,
    /// When its provider corrected it last.
    pub corrected_at: Option<Timestamp>,
    /// The provider's urgency.
    pub urgency: Option<Urgency>,
    /// Set when only a notice may be shown.
    pub notice: Option<Notice>,
    /// The number of its latest version.
    pub number: u32,
    /// How many bytes the text of that takes as it is kept; 0 for a notice.
    pub size: usize,
    /// Another one where what we understood of the item is another.
    pub stamp: u64,
    /// Those of its versions that were on the wire, by number; empty where there is but one.
    pub versions: Vec<VersionMark>,
}

/// A headline that tells a story; which of them names it is for who draws it to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryHeadline {
    /// Who carries it.
    pub source: SourceId,
    /// As it stands on the wire.
    pub headline: String,
    /// BCP 47.
    pub language: Option<String>,
}

/// A story as another page names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryLine {
    /// The story.
    pub id: StoryId,
    /// The headlines it can be named by, in the order they were listed in.
    pub headlines: Vec<StoryHeadline>,
    /// How many dispatches this viewer can see.
    pub dispatches: usize,
}

/// A story page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryView {
    /// The story.
    pub id: StoryId,
    /// The headlines it can be named by, in the order they were listed in.
    pub headlines: Vec<StoryHeadline>,
    /// What can be said of it as a whole.
    pub facts: StoryFacts,
    /// Its dispatches, newest first, a page of them.
    pub rows: Vec<Row>,
    /// Where the next page starts, if there is one.
    pub next: Option<Place>,
}

/// «À la une»: the stories that grow, the first ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Front {
    /// The stories.
    pub stories: Vec<FrontStory>,
    /// How far the wire was when this was read.
    pub state: WireState,
}

/// A story on the front, and why it stands there.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontStory {
    /// The story as it is named, and how many dispatches it has.
    pub line: StoryLine,
    /// What its place rests on.
    pub standing: Standing,
    /// The item it began with.
    pub first: FirstItem,
    /// Its newest dispatches, the newest first.
    pub rows: Vec<Row>,
}

/// What a story's place on the front rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// What it is ranked by.
    pub score: f64,
    /// Sources that came to tell it in [`Self::hours`], each in its own words.
    pub voices: usize,
    /// Sources that came to carry it in [`Self::hours`], copies of others' texts among them.
    pub sources: usize,
    /// The hours these are counted in, the last ones.
    pub hours: u32,
    /// Items that copy a dispatch of another source, of all that was looked at.
    pub copies: usize,
}

/// What can be said of a story as a whole, from the items that the viewer may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoryFacts {
    /// How many dispatches it has, killed and removed ones included.
    pub dispatches: usize,
    /// How many items.
    pub items: usize,
    /// How many of these their providers corrected.
    pub corrected: usize,
    /// How many only leave a notice.
    pub notices: usize,
    /// The item it began with.
    pub first: Option<FirstItem>,
    /// When its latest item is listed.
    pub last_at: Option<Timestamp>,
    /// Who reports on it and with how many items, the most first.
    pub outlets: Vec<(SourceName, usize)>,
    /// The terms that tie its items together, folded, those of most items first.
    pub terms: Vec<String>,
}

/// The earliest item of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstItem {
    /// The item.
    pub item: ItemId,
    /// Who carried it.
    pub source: SourceName,
    /// The time it is listed at.
    pub at: Timestamp,
}

/// A source and how it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceView {
    /// Its identity.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// The address it is listened to at.
    pub address: String,
    /// Its language, if known.
    pub language: Option<String>,
    /// Who may see it.
    pub visibility: SourceVisibility,
    /// Whether it is listened to.
    pub state: SourceState,
    /// What it is.
    pub kind: SourceKind,
    /// When it was added.
    pub added_at: Timestamp,
    /// The last time it was asked.
    pub polled_at: Option<Timestamp>,
    /// The last time it answered as it should.
    pub succeeded_at: Option<Timestamp>,
    /// The last time it brought something new.
    pub news_at: Option<Timestamp>,
    /// When it will be asked next.
    pub next_poll_at: Option<Timestamp>,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure, if the last attempt was one.
    pub failure: Option<FailureNote>,
    /// Items it has on the wire.
    pub items: usize,
    /// When it said that it is gone for good; it is paused then.
    pub gone_at: Option<Timestamp>,
    /// The zone of its dates that name none (IANA name); else UTC.
    pub zone: Option<String>,
    /// What should be known of it although it answers.
    pub notices: Vec<FailureNote>,
    /// Where it was listened to before, if it has moved.
    pub moved: Option<Former>,
}

/// Where a source was listened to before it moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Its address until then.
    pub address: String,
    /// When it moved.
    pub left_at: Timestamp,
}

impl SourceView {
    /// Whether what it brings is pushed or dropped into a folder.
    pub fn comes_by_itself(&self) -> bool {
        ["push:", "folder:"].iter().any(|scheme| self.address.starts_with(scheme))
    }
}

/// What a source brought lately, as far as the viewer may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFacts {
    /// Items listed on each of the days that were asked about.
    pub days: Vec<usize>,
    /// Of these items, those that nobody else carries.
    pub alone: usize,
    /// Those that others carry too, and later.
    pub first: usize,
    /// Those that another source had before.
    pub after_others: usize,
    /// Days its items are kept; `None`: as the configuration says. For the administrator.
    pub keep_days: Option<u32>,
    /// Its last deliveries of which something was not understood, newest first. For the
    /// administrator.
    pub misread: Vec<Misread>,
}

/// A delivery of which something was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// Its number.
    pub delivery: i64,
    /// Where it came from.
    pub address: String,
    /// What it brought, where that is one item.
    pub item: Option<ItemId>,
    /// When it came in.
    pub received_at: Timestamp,
    /// Nothing of it could be read.
    pub refused: bool,
    /// What was not understood.
    pub problems: Vec<String>,
}

/// Why a source's last attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureNote {
    /// A stable word (`dns`, `timeout`, `status_404`, …), told to people by the pages.
    pub word: String,
    /// What exactly; a short technical text, not to be shown without escaping.
    pub detail: String,
}

/// Whether a source is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceState {
    /// Listened to.
    Active,
    /// Not asked until resumed.
    Paused,
}

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A feed or agency message at an address, polled.
    Feed,
    /// Files handed in with `depeche import`.
    Files,
}

/// An item as `depeche items` lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemLine {
    /// The item.
    pub id: ItemId,
    /// The original's address.
    pub address: Option<String>,
    /// The source's name.
    pub source: String,
    /// Headline without credit; empty for a notice.
    pub headline: String,
    /// Its dispatch.
    pub dispatch: DispatchId,
    /// Its relation to it.
    pub relation: String,
    /// Its story.
    pub story: StoryId,
    /// How many versions there are.
    pub versions: u32,
    /// When its provider published it.
    pub published: Option<Moment>,
    /// When it came on the wire.
    pub wire_at: Timestamp,
    /// How its provider identifies it.
    pub guid: Option<String>,
    /// `shown` or `notice`; `embargoed` or `withheld` for what only the administrator is told of.
    pub visibility: &'static str,
    /// When what is under embargo appears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embargoed_until: Option<Timestamp>,
}

/// A job that a click asked for and the collector does: test an address, take in an OPML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Its number.
    pub id: i64,
    /// `waiting`, `done` or `failed`.
    pub state: JobState,
    /// What came out, as JSON of the job's own form; empty while waiting.
    pub result: String,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Not done yet.
    Waiting,
    /// Done.
    Done,
    /// Given up.
    Failed,
}
