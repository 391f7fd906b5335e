//! Lists of documents that are put together for one search: words that begin so, and names of several words.
//!
//! Ranking and conditions want the same lists, so each is made once. They are the dearest part of a search and are made
//! before anything is ranked, those of the latest documents first; past half of what a search may cost no more are made.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use tantivy::{
    DocId, DocSet, TERMINATED, index::SegmentId, postings::SegmentPostings,
    schema::IndexRecordOption,
};

use crate::{
    condition::{Run, Sightings},
    paper::Texts,
    query::{Part, Word},
    rank::COST_MAX,
    view::{Segment, View},
};

/// Most terms that are meant by one that only begins so; what begins more begins half of all words.
const BEGINNING_MAX: usize = 4_000;

/// The same of a word that is still being typed: what begins more says nothing yet.
const TYPING_MAX: usize = 300;

/// What opening the list of a term costs, in nanoseconds, and what walking over one document of it.
const TERM_COST: u64 = 300;
const WALKED_COST: u64 = 2;

/// What giving out a document of a list costs, once for the list and once for what is ranked by it.
const MADE_COST: u64 = 15;

/// Puts lists together for one search.
pub(crate) struct Gatherer<'a> {
    pub(crate) view: &'a View,
    made: RefCell<Vec<Made>>,
    cost: Cell<u64>,
    /// Whether anything was left out of the list that is being made.
    leaves_out: Cell<bool>,
}

/// A list of one segment.
struct Made {
    segment: SegmentId,
    word: Word,
    documents: Rc<[DocId]>,
    /// Whether all of them are there.
    whole: bool,
}

impl<'a> Gatherer<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        Self { view, made: RefCell::default(), cost: Cell::new(0), leaves_out: Cell::new(false) }
    }

    /// What all lists have cost so far, in nanoseconds as they are reckoned.
    pub(crate) fn cost(&self) -> u64 {
        self.cost.get()
    }

    /// Whether all lists of a segment have all that they should.
    pub(crate) fn is_whole(&self, segment: &Segment) -> bool {
        let id = segment.reader.segment_id();
        self.made.borrow().iter().all(|made| made.whole || made.segment != id)
    }

    /// Makes the lists of these words for one segment after the other, the latest first: where not all can be made, at least
    /// the latest documents are known by all words.
    pub(crate) fn prepare(&self, words: &[Word]) -> tantivy::Result<()> {
        for number in &self.view.latest_first {
            let Some(segment) = self.view.segments.get(*number) else { continue };
            for word in words {
                self.others(segment, word)?;
            }
        }
        Ok(())
    }

    /// The documents of a segment that hold a word otherwise than by its stems, ascending.
    pub(crate) fn others(&self, segment: &Segment, word: &Word) -> tantivy::Result<Rc<[DocId]>> {
        if !word.begins && word.phrases.is_empty() {
            return Ok(Rc::default());
        }
        let id = segment.reader.segment_id();
        let known = |made: &&Made| made.segment == id && is_same(&made.word, word);
        if let Some(made) = self.made.borrow().iter().find(known) {
            return Ok(Rc::clone(&made.documents));
        }
        let documents: Rc<[DocId]> = self.make(segment, word)?.into();
        self.charge(documents.len() as u64 * MADE_COST);
        let (word, whole) = (word.clone(), !self.leaves_out.take());
        let made = Made { segment: id, word, documents: Rc::clone(&documents), whole };
        self.made.borrow_mut().push(made);
        Ok(documents)
    }

    fn charge(&self, cost: u64) {
        self.cost.set(self.cost.get() + cost);
    }

    /// Whether lists have cost what they may; what is left out then is told.
    fn is_spent(&self) -> bool {
        let spent = self.cost.get() > COST_MAX / 2;
        if spent {
            self.leaves_out.set(true);
        }
        spent
    }

    fn make(&self, segment: &Segment, word: &Word) -> tantivy::Result<Vec<DocId>> {
        let mut found = Marks::new(segment.reader.max_doc());
        if word.begins && !self.mark_beginnings(segment, word, &mut found)? {
            return Ok(Vec::new());
        }
        for phrase in &word.phrases {
            let mut run = Run::new(self, segment, Part::Text, phrase, 0)?;
            for document in self.rarest(segment, phrase)? {
                if self.is_spent() {
                    break;
                }
                let mut cost = 0;
                if run.is_in(document, &mut cost) {
                    found.mark(document);
                }
                self.charge(cost);
            }
        }
        Ok(found.documents())
    }

    /// Marks what holds a word that begins so; false where a word still being typed may become anything.
    fn mark_beginnings(
        &self,
        segment: &Segment,
        word: &Word,
        found: &mut Marks,
    ) -> tantivy::Result<bool> {
        let starts = word.starts();
        let stems = starts.iter().map(|start| (Texts::Stems, start.as_str()));
        let most = if word.asked { BEGINNING_MAX } else { TYPING_MAX };
        for (text, start) in stems.chain([(Texts::Forms, word.form())]) {
            let lists = &segment.text(text).lists;
            let places = segment.beginning(text, start, most)?;
            if !word.asked && places.len() == most {
                return Ok(false);
            }
            for place in places {
                if self.is_spent() {
                    return Ok(true);
                }
                self.charge(TERM_COST + u64::from(place.doc_freq) * WALKED_COST);
                let detail = IndexRecordOption::Basic;
                found.mark_all(&mut lists.read_postings_from_terminfo(&place, detail)?);
            }
        }
        Ok(true)
    }

    /// The documents with the rarest word of a phrase.
    fn rarest(&self, segment: &Segment, phrase: &[Word]) -> tantivy::Result<Vec<DocId>> {
        let mut rarest: Option<(u64, Sightings)> = None;
        for word in phrase {
            let detail = IndexRecordOption::Basic;
            let sightings = Sightings::of_word(self, segment, Texts::Stems, word, detail)?;
            let documents = sightings.lists.iter().map(|list| u64::from(list.doc_freq())).sum();
            if rarest.as_ref().is_none_or(|(fewest, _)| documents < *fewest) {
                rarest = Some((documents, sightings));
            }
        }
        let mut found = Marks::new(segment.reader.max_doc());
        if let Some((documents, mut sightings)) = rarest {
            self.charge(documents * WALKED_COST);
            sightings.lists.iter_mut().for_each(|list| found.mark_all(list));
        }
        Ok(found.documents())
    }
}

/// Whether two words have the same list.
fn is_same(word: &Word, other: &Word) -> bool {
    word.form() == other.form()
        && word.begins == other.begins
        && word.asked == other.asked
        && word.stems == other.stems
        && word.phrases == other.phrases
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
