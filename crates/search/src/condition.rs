//! A query's conditions on the documents of one segment.

use depeche_news::jiff::{Timestamp, ZonedDateTime};
use tantivy::{
    DocId, DocSet, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    schema::IndexRecordOption,
};

use crate::{
    paper::{Digits, Texts},
    phrase::{Gaps, near},
    query::{Node, Part, Word},
    view::{Segment, View},
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
    Sources(&'a Segment, Vec<u64>),
    /// From the one to the other, in microseconds.
    Time(&'a Segment, i64, i64),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<'a> Condition<'a> {
    pub(crate) fn new(
        view: &View,
        segment: &'a Segment,
        node: &Node,
        now: &ZonedDateTime,
    ) -> tantivy::Result<Self> {
        let all = |parts: &[Node]| -> tantivy::Result<Vec<Self>> {
            parts.iter().map(|part| Self::new(view, segment, part, now)).collect()
        };
        Ok(match node {
            Node::Run { part, words, slop } => {
                Self::Run(Run::new(view, segment, *part, words, *slop)?)
            }
            Node::Said { what, words } => {
                let field = view.fields.said;
                let list = |word: &String| {
                    let term = Term::from_field_text(field, &what.term(word));
                    segment.said.read_postings(&term, IndexRecordOption::Basic)
                };
                Self::Said(words.iter().map(list).collect::<Result<_, _>>()?)
            }
            Node::Urgency(from, to) => Self::Urgency(segment, *from, *to),
            Node::Sources(sources) => {
                let numbers = sources.iter().map(|id| Digits::of(id.as_str()).high);
                Self::Sources(segment, numbers.collect())
            }
            // What was not looked up is met by nothing.
            Node::SourceNamed(_) | Node::Saved(_) => Self::Any(Vec::new()),
            Node::Time(interval) => {
                let (from, until) = interval.moments(now);
                let from = from.map_or(i64::MIN, Timestamp::as_microsecond);
                Self::Time(segment, from, until.map_or(i64::MAX, Timestamp::as_microsecond))
            }
            Node::Not(inner) => Self::Not(Box::new(Self::new(view, segment, inner, now)?)),
            Node::All(parts) => Self::All(all(parts)?),
            Node::Any(parts) => Self::Any(all(parts)?),
        })
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
            Self::Sources(segment, sources) => sources.contains(&segment.source.get_val(document)),
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
    fn new(
        view: &View,
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
            words.iter().map(|word| Sightings::of_word(view, segment, text, word, detail));
        let gaps = if placed { Gaps::of(words) } else { Gaps::default() };
        Ok(Self { words: sightings.collect::<tantivy::Result<_>>()?, gaps, slop })
    }

    /// Whether a document holds the run; asked in ascending order.
    fn is_in(&mut self, document: DocId, cost: &mut u64) -> bool {
        *cost += CONDITION_COST * self.words.len() as u64;
        if !self.words.iter_mut().all(|word| word.is_in(document)) {
            return false;
        }
        if self.gaps.is_empty() {
            return true;
        }
        let places = self.words.iter_mut().map(|word| {
            let mut places = Vec::new();
            word.places(document, &mut places);
            places
        });
        let places: Vec<Vec<u32>> = places.collect();
        *cost += WORD_PLACES_COST * places.len() as u64;
        near(places, &self.gaps, self.slop, cost)
    }
}

/// Most terms that are meant by one that only begins so; what begins more begins half of all words.
const BEGINNING_MAX: usize = 4_000;

/// The same of a word that is still being typed: what begins more says nothing yet.
const TYPING_MAX: usize = 300;

/// The documents of a segment that hold a word otherwise than by its stems, ascending.
pub(crate) fn others(view: &View, segment: &Segment, word: &Word) -> tantivy::Result<Vec<DocId>> {
    if !word.begins && word.phrases.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Marks::new(segment.reader.max_doc());
    if word.begins {
        let starts = word.starts();
        let stems = starts.iter().map(|start| (Texts::Stems, start.as_str()));
        let most = if word.asked { BEGINNING_MAX } else { TYPING_MAX };
        for (text, start) in stems.chain([(Texts::Forms, word.form())]) {
            let lists = &segment.text(text).lists;
            let places = segment.beginning(text, start, most)?;
            if !word.asked && places.len() == most {
                // What is typed so far may still become anything.
                return Ok(Vec::new());
            }
            for place in places {
                let detail = IndexRecordOption::Basic;
                found.mark_all(&mut lists.read_postings_from_terminfo(&place, detail)?);
            }
        }
    }
    for phrase in &word.phrases {
        let mut run = Run::new(view, segment, Part::Text, phrase, 0)?;
        for document in rarest(view, segment, phrase)? {
            if run.is_in(document, &mut 0) {
                found.mark(document);
            }
        }
    }
    Ok(found.documents())
}

/// The documents with the rarest word of a phrase.
fn rarest(view: &View, segment: &Segment, phrase: &[Word]) -> tantivy::Result<Vec<DocId>> {
    let mut rarest: Option<Vec<DocId>> = None;
    for word in phrase {
        let detail = IndexRecordOption::Basic;
        let mut sightings = Sightings::of_word(view, segment, Texts::Stems, word, detail)?;
        let mut found = Marks::new(segment.reader.max_doc());
        sightings.lists.iter_mut().for_each(|list| found.mark_all(list));
        let documents = found.documents();
        if rarest.as_ref().is_none_or(|rarest| documents.len() < rarest.len()) {
            rarest = Some(documents);
        }
    }
    Ok(rarest.unwrap_or_default())
}

/// Documents of a segment, a bit each: thousands of lists are put together faster so than by sorting.
struct Marks(Vec<u64>);

impl Marks {
    fn new(documents: DocId) -> Self {
        Self(vec![0; documents as usize / 64 + 1])
    }

    fn mark(&mut self, document: DocId) {
        if let Some(bits) = self.0.get_mut(document as usize / 64) {
            *bits |= 1 << (document % 64);
        }
    }

    fn mark_all(&mut self, list: &mut SegmentPostings) {
        let mut document = list.doc();
        while document != TERMINATED {
            self.mark(document);
            document = list.advance();
        }
    }

    /// All of them, ascending.
    fn documents(&self) -> Vec<DocId> {
        let mut documents = Vec::new();
        for (at, bits) in (0..).zip(&self.0) {
            let mut left = *bits;
            while left != 0 {
                documents.push(at * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        documents
    }
}

/// Where the documents of a segment hold one word, whatever its stem.
pub(crate) struct Sightings {
    lists: Vec<SegmentPostings>,
    /// Documents that hold it in another way: a name of several words, or words that begin so.
    others: Vec<DocId>,
}

impl Sightings {
    pub(crate) fn new(lists: Vec<SegmentPostings>) -> Self {
        Self { lists, others: Vec::new() }
    }

    pub(crate) fn of_word(
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
        // Where places do not matter, it is also there where it is joined with its neighbour, or they with it.
        if text == Texts::Stems && detail == IndexRecordOption::Basic {
            let forms = &segment.text(Texts::Forms).lists;
            for form in &word.forms {
                lists.extend(forms.read_postings(&view.term(Texts::Forms, form), detail)?);
            }
        }
        let others = match text {
            Texts::Headline => Vec::new(),
            _ => others(view, segment, word)?,
        };
        Ok(Self { lists, others })
    }

    /// Whether a document holds the word; asked in ascending order.
    pub(crate) fn is_in(&mut self, document: DocId) -> bool {
        self.lists.iter_mut().any(|list| is_at(list, document))
            || self.others.binary_search(&document).is_ok()
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
