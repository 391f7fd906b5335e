//! A query's conditions on the documents of one segment.

use std::rc::Rc;

use depeche_news::jiff::{Timestamp, ZonedDateTime};
use tantivy::{
    DocId, DocSet, Term,
    postings::{Postings, SegmentPostings},
    schema::IndexRecordOption,
};

use crate::{
    gather::Gatherer,
    paper::{Digits, Texts},
    phrase::{Gaps, near},
    query::{Node, Part, Word},
    view::Segment,
};

/// What holding a document against a condition costs, in nanoseconds: some steps in a list or a column.
const CONDITION_COST: u64 = 10;

/// What reading the places of a word in a document costs.
const WORD_PLACES_COST: u64 = 150;

/// A condition, ready to be held against documents in ascending order.
pub(crate) enum Condition<'a> {
    Run(Run),
    /// Words that are said of it.
    Said(Vec<Option<SegmentPostings>>),
    Urgency(&'a Segment, u8, u8),
    /// By the starts of their ids, ascending.
    Sources(&'a Segment, Vec<u64>),
    /// From the one to the other, in microseconds.
    Time(&'a Segment, i64, i64),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<'a> Condition<'a> {
    pub(crate) fn new(
        gatherer: &Gatherer<'_>,
        segment: &'a Segment,
        node: &Node,
        now: &ZonedDateTime,
    ) -> tantivy::Result<Self> {
        let all = |parts: &[Node]| -> tantivy::Result<Vec<Self>> {
            parts.iter().map(|part| Self::new(gatherer, segment, part, now)).collect()
        };
        Ok(match node {
            Node::Run { part, words, slop } => {
                Self::Run(Run::new(gatherer, segment, *part, words, *slop)?)
            }
            Node::Said { what, words } => {
                let field = gatherer.view.fields.said;
                let list = |word: &String| {
                    let term = Term::from_field_text(field, &what.term(word));
                    segment.said.read_postings(&term, IndexRecordOption::Basic)
                };
                Self::Said(words.iter().map(list).collect::<Result<_, _>>()?)
            }
            Node::Urgency(from, to) => Self::Urgency(segment, *from, *to),
            Node::Sources(sources) => {
                let numbers = sources.iter().map(|id| Digits::of(id.as_str()).high);
                let mut numbers: Vec<u64> = numbers.collect();
                numbers.sort_unstable();
                Self::Sources(segment, numbers)
            }
            // What was not looked up is met by nothing.
            Node::SourceNamed(_) | Node::Saved(_) => Self::Any(Vec::new()),
            Node::Time(interval) => {
                let (from, until) = interval.moments(now);
                let from = from.map_or(i64::MIN, Timestamp::as_microsecond);
                Self::Time(segment, from, until.map_or(i64::MAX, Timestamp::as_microsecond))
            }
            Node::Not(inner) => Self::Not(Box::new(Self::new(gatherer, segment, inner, now)?)),
            Node::All(parts) => Self::All(all(parts)?),
            Node::Any(parts) => Self::Any(all(parts)?),
        })
    }

    /// Whether any document of the segment can meet it: of a day's search most segments are of other days.
    pub(crate) fn can_be_met(&self) -> bool {
        match self {
            Self::Run(run) => run.words.iter().all(Sightings::are_any),
            Self::Said(words) => words.iter().all(Option::is_some),
            Self::Time(segment, from, until) => {
                segment.at.max_value() >= *from && segment.at.min_value() < *until
            }
            Self::Sources(_, sources) => !sources.is_empty(),
            Self::Urgency(..) | Self::Not(_) => true,
            Self::All(parts) => parts.iter().all(Self::can_be_met),
            Self::Any(parts) => parts.iter().any(Self::can_be_met),
        }
    }

    /// Whether a document meets it; asked in ascending order.
    pub(crate) fn is_met(&mut self, document: DocId, cost: &mut u64) -> bool {
        *cost += CONDITION_COST;
        match self {
            Self::Run(run) => run.is_in(document, cost),
            Self::Said(words) => {
                words.iter_mut().all(|list| list.as_mut().is_some_and(|list| is_at(list, document)))
            }
            Self::Urgency(segment, from, to) => {
                (u64::from(*from)..=u64::from(*to)).contains(&segment.urgency.get_val(document))
            }
            Self::Sources(segment, sources) => {
                sources.binary_search(&segment.source.get_val(document)).is_ok()
            }
            Self::Time(segment, from, until) => {
                (*from..*until).contains(&segment.at.get_val(document))
            }
            Self::Not(inner) => !inner.is_met(document, cost),
            Self::All(parts) => parts.iter_mut().all(|part| part.is_met(document, cost)),
            Self::Any(parts) => parts.iter_mut().any(|part| part.is_met(document, cost)),
        }
    }
}

/// Words that must stand one after the other; mostly one.
pub(crate) struct Run {
    words: Vec<Sightings>,
    gaps: Gaps,
    slop: u32,
}

impl Run {
    pub(crate) fn new(
        gatherer: &Gatherer<'_>,
        segment: &Segment,
        part: Part,
        words: &[Word],
        slop: u32,
    ) -> tantivy::Result<Self> {
        let (text, placed) = match part {
            Part::Text => (Texts::Stems, words.len() > 1),
            Part::Headline => (Texts::Headline, false),
        };
        let detail = match placed {
            true => IndexRecordOption::WithFreqsAndPositions,
            false => IndexRecordOption::Basic,
        };
        let sightings =
            words.iter().map(|word| Sightings::of_word(gatherer, segment, text, word, detail));
        let gaps = if placed { Gaps::of(words) } else { Gaps::default() };
        Ok(Self { words: sightings.collect::<tantivy::Result<_>>()?, gaps, slop })
    }

    /// Whether a document holds the run; asked in ascending order.
    pub(crate) fn is_in(&mut self, document: DocId, cost: &mut u64) -> bool {
        *cost += CONDITION_COST * self.words.len() as u64;
        if !self.words.iter_mut().all(|word| word.is_in(document)) {
            return false;
        }
        if self.gaps.is_empty() {
            return true;
        }
        let places = self.words.iter_mut().map(|word| {
            let mut places = Vec::new();
            word.places(document, u32::MAX, &mut places);
            places
        });
        let places: Vec<Vec<u32>> = places.collect();
        *cost += WORD_PLACES_COST * places.len() as u64;
        near(places, &self.gaps, self.slop, cost)
    }
}

/// Where the documents of a segment hold one word, whatever its stem.
pub(crate) struct Sightings {
    pub(crate) lists: Vec<SegmentPostings>,
    /// Documents that hold it in another way: a name of several words, or words that begin so.
    others: Rc<[DocId]>,
    /// The place in `others`.
    at: usize,
}

impl Sightings {
    pub(crate) fn new(lists: Vec<SegmentPostings>) -> Self {
        Self { lists, others: Rc::default(), at: 0 }
    }

    pub(crate) fn of_word(
        gatherer: &Gatherer<'_>,
        segment: &Segment,
        text: Texts,
        word: &Word,
        detail: IndexRecordOption,
    ) -> tantivy::Result<Self> {
        let (view, index) = (gatherer.view, &segment.text(text).lists);
        let mut lists = Vec::with_capacity(word.stems.len());
        for stem in &word.stems {
            lists.extend(index.read_postings(&view.term(text, stem), detail)?);
        }
        // Where places do not matter, it is also there where it is joined with its neighbour, or they with it.
        if text == Texts::Stems && detail == IndexRecordOption::Basic {
            let forms = &segment.text(Texts::Forms).lists;
            for form in &word.forms {
                lists.extend(forms.read_postings(&view.term(Texts::Forms, form), detail)?);
            }
        }
        let others = match text {
            Texts::Headline => Rc::default(),
            _ => gatherer.others(segment, word)?,
        };
        Ok(Self { lists, others, at: 0 })
    }

    /// Whether any document holds the word.
    fn are_any(&self) -> bool {
        !self.lists.is_empty() || !self.others.is_empty()
    }

    /// Whether a document holds the word; asked in ascending order.
    pub(crate) fn is_in(&mut self, document: DocId) -> bool {
        self.lists.iter_mut().any(|list| is_at(list, document)) || self.is_among_others(document)
    }

    fn is_among_others(&mut self, document: DocId) -> bool {
        let rest = self.others.get(self.at..).unwrap_or_default();
        // Mostly it is one of the next ones: the way there doubles until it is passed.
        let mut step = 1;
        while rest.get(step).is_some_and(|other| *other < document) {
            step *= 2;
        }
        let near = rest.get(step / 2..rest.len().min(step + 1)).unwrap_or_default();
        let before = near.partition_point(|other| *other < document);
        let found = near.get(before) == Some(&document);
        self.at += step / 2 + before;
        found
    }

    /// Puts the places of the word in a document, ascending, into `places`, but for forms that have more than `most`.
    pub(crate) fn places(&mut self, document: DocId, most: u32, places: &mut Vec<u32>) {
        places.clear();
        for list in &mut self.lists {
            if is_at(list, document) && list.term_freq() <= most {
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
