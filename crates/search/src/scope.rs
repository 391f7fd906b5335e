//! Which documents are wanted, and what a document must hold beyond the words that rank it.

use depeche_news::{SourceId, Viewer, jiff::Timestamp};
use tantivy::{
    DocId, DocSet,
    postings::{Postings, SegmentPostings},
    schema::IndexRecordOption,
};

use crate::{
    paper::{Digits, Texts},
    query::{Query, Word},
    view::{Segment, View},
};

/// How hits are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The best match first.
    #[default]
    Relevance,
    /// Those that hold most of the words first, among these the latest.
    Recency,
    /// The best match first, older ones weighing less.
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
}

impl Scope<'_> {
    /// The ten best matches that `viewer` may see.
    pub fn new(viewer: Viewer) -> Self {
        let order = Order::Relevance;
        Self { viewer, limit: 10, offset: 0, order, after: None, before: None, sources: &[] }
    }
}

/// Decides on the documents of one segment, asked in ascending order.
pub(crate) struct Filter<'a> {
    segment: &'a Segment,
    sees_private: bool,
    after: Option<i64>,
    before: Option<i64>,
    sources: Vec<u64>,
    required: Vec<Run>,
    excluded: Vec<Run>,
}

impl<'a> Filter<'a> {
    pub(crate) fn new(
        view: &View,
        segment: &'a Segment,
        query: &Query,
        scope: &Scope<'_>,
    ) -> tantivy::Result<Self> {
        let run = |text, phrase: &[Word]| Run::new(view, segment, text, phrase);
        let mut required = Vec::with_capacity(query.phrases.len() + query.headline.len());
        for phrase in &query.phrases {
            required.push(run(Texts::Stems, phrase)?);
        }
        for word in query.headline.chunks(1) {
            required.push(run(Texts::Headline, word)?);
        }
        let excluded = query.excluded.iter().map(|phrase| run(Texts::Stems, phrase));
        Ok(Self {
            segment,
            sees_private: scope.viewer == Viewer::Administrator,
            after: scope.after.map(Timestamp::as_microsecond),
            before: scope.before.map(Timestamp::as_microsecond),
            sources: scope.sources.iter().map(|id| Digits::of(id.as_str()).high).collect(),
            required,
            excluded: excluded.collect::<tantivy::Result<_>>()?,
        })
    }

    /// Whether a document is wanted.
    pub(crate) fn admits(&mut self, document: DocId) -> bool {
        let segment = self.segment;
        !segment.reader.is_deleted(document)
            && (self.sees_private || !segment.private.get_val(document))
            && self.in_time(document)
            && self.has_source(document)
            && self.required.iter_mut().all(|run| run.is_in(document))
            && !self.excluded.iter_mut().any(|run| run.is_in(document))
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

/// Words that must stand one after the other; mostly one.
struct Run {
    words: Vec<(u32, Sightings)>,
    places: [Vec<u32>; 2],
}

impl Run {
    fn new(view: &View, segment: &Segment, text: Texts, phrase: &[Word]) -> tantivy::Result<Self> {
        let detail = match phrase.len() {
            0 | 1 => IndexRecordOption::Basic,
            _ => IndexRecordOption::WithFreqsAndPositions,
        };
        let words = phrase
            .iter()
            .map(|word| Ok((word.place, Sightings::of_word(view, segment, text, word, detail)?)));
        Ok(Self { words: words.collect::<tantivy::Result<_>>()?, places: Default::default() })
    }

    /// Whether a document holds the run; asked in ascending order.
    fn is_in(&mut self, document: DocId) -> bool {
        let all = self.words.iter_mut().all(|(_, word)| word.is_in(document));
        let Some(((first_place, first), others)) = self.words.split_first_mut() else {
            return all;
        };
        if !all || others.is_empty() {
            return all;
        }
        let [starts, places] = &mut self.places;
        first.places(document, starts);
        for (place, word) in others {
            let gap = place.saturating_sub(*first_place);
            word.places(document, places);
            starts.retain(|start| places.binary_search(&start.saturating_add(gap)).is_ok());
        }
        !starts.is_empty()
    }
}

/// Where the documents of a segment hold one word, whatever its stem.
pub(crate) struct Sightings {
    lists: Vec<SegmentPostings>,
}

impl Sightings {
    pub(crate) fn new(lists: Vec<SegmentPostings>) -> Self {
        Self { lists }
    }

    fn of_word(
        view: &View,
        segment: &Segment,
        text: Texts,
        word: &Word,
        detail: IndexRecordOption,
    ) -> tantivy::Result<Self> {
        let index = &segment.text(text).lists;
        let mut lists = Vec::with_capacity(word.stems.len());
        for stem in &word.stems {
            lists.extend(index.read_postings(&view.term(text, stem), detail)?);
        }
        Ok(Self::new(lists))
    }

    /// Whether a document holds the word; asked in ascending order.
    fn is_in(&mut self, document: DocId) -> bool {
        self.lists.iter_mut().any(|list| is_at(list, document))
    }

    /// Puts the places of the word in a document, ascending, into `places`.
    pub(crate) fn places(&mut self, document: DocId, places: &mut Vec<u32>) {
        places.clear();
        for list in &mut self.lists {
            if is_at(list, document) {
                list.append_positions_with_offset(0, places);
            }
        }
        if self.lists.len() > 1 {
            places.sort_unstable();
        }
    }
}

fn is_at(list: &mut SegmentPostings, document: DocId) -> bool {
    if list.doc() < document {
        list.seek(document);
    }
    list.doc() == document
}
