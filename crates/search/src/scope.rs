//! Which documents are wanted, and what a document must meet beyond the words that rank it.

use depeche_news::{
    SourceId, Viewer,
    jiff::{Timestamp, ZonedDateTime, tz::TimeZone},
};
use tantivy::DocId;

use crate::{condition::Condition, gather::Gatherer, paper::Digits, query::Query, view::Segment};

/// How hits are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The best match first, by nothing but its score: what measures of relevance ask for.
    Score,
    /// Those that hold all words first, among these the best match.
    Relevance,
    /// Those that hold all words first, then most of them, among these the latest.
    Recency,
    /// Those that hold all words first, among these the best match, of which older ones weigh less.
    #[default]
    Mixed,
}

/// Which hits are wanted.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Who is looking.
    pub viewer: Viewer,
    /// At most this many hits.
    pub limit: usize,
    /// Passes over this many of the best.
    pub offset: usize,
    /// How hits are ordered.
    pub order: Order,
    /// Only documents from this time on.
    pub after: Option<Timestamp>,
    /// Only documents before this time.
    pub before: Option<Timestamp>,
    /// Only documents of these sources; empty means all.
    pub sources: &'a [SourceId],
    /// The time at which it is asked, and the zone of the house: «depuis:7j» counts from it.
    pub now: ZonedDateTime,
    /// Whether the results are to be counted by source, section, day and so on.
    pub counted: bool,
    /// Whether hits are to tell the ids that their imported lines carried, which are looked up one by one.
    pub with_external: bool,
}

impl Scope<'_> {
    /// The ten best matches that `viewer` may see.
    pub fn new(viewer: Viewer) -> Self {
        Self {
            viewer,
            limit: 10,
            offset: 0,
            order: Order::Score,
            after: None,
            before: None,
            sources: &[],
            now: Timestamp::now().to_zoned_datetime(TimeZone::UTC),
            counted: false,
            with_external: false,
        }
    }
}

/// Decides on the documents of one segment, asked in ascending order.
pub(crate) struct Filter<'a> {
    segment: &'a Segment,
    viewer: Viewer,
    after: Option<i64>,
    before: Option<i64>,
    sources: Vec<u64>,
    conditions: Vec<Condition<'a>>,
    /// What the conditions have cost so far, in nanoseconds as they are reckoned.
    pub(crate) cost: u64,
}

impl<'a> Filter<'a> {
    pub(crate) fn new(
        gatherer: &Gatherer<'_>,
        segment: &'a Segment,
        query: &Query,
        scope: &Scope<'_>,
    ) -> tantivy::Result<Self> {
        let conditions = query.conditions().iter();
        let conditions = conditions.map(|node| Condition::new(gatherer, segment, node, &scope.now));
        Ok(Self {
            segment,
            viewer: scope.viewer,
            after: scope.after.map(Timestamp::as_microsecond),
            before: scope.before.map(Timestamp::as_microsecond),
            sources: scope.sources.iter().map(|id| Digits::of(id.as_str()).high).collect(),
            conditions: conditions.collect::<tantivy::Result<_>>()?,
            cost: 0,
        })
    }

    /// Whether any document of the segment can be wanted.
    pub(crate) fn admits_any(&self) -> bool {
        let at = &self.segment.at;
        self.after.is_none_or(|after| at.max_value() >= after)
            && self.before.is_none_or(|before| at.min_value() < before)
            && self.conditions.iter().all(Condition::can_be_met)
    }

    /// Whether every document of the segment is wanted, so that none need be asked about.
    pub(crate) fn admits_all(&self) -> bool {
        self.segment.shows_all(self.viewer)
            && self.after.is_none()
            && self.before.is_none()
            && self.sources.is_empty()
            && self.conditions.is_empty()
    }

    /// Whether a document is wanted.
    pub(crate) fn admits(&mut self, document: DocId) -> bool {
        let segment = self.segment;
        segment.shows(document, self.viewer)
            && self.in_time(document)
            && self.has_source(document)
            && self
                .conditions
                .iter_mut()
                .all(|condition| condition.is_met(document, &mut self.cost))
    }

    fn in_time(&self, document: DocId) -> bool {
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        let at = self.segment.at.get_val(document);
        self.after.is_none_or(|after| at >= after) && self.before.is_none_or(|before| at < before)
    }

    fn has_source(&self, document: DocId) -> bool {
        self.sources.is_empty() || self.sources.contains(&self.segment.source.get_val(document))
    }
}
