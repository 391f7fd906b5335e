//! The words of a query as one state of the index holds them: where their lists lie, what they
//! weigh, and what stands in for a word that no document holds.

use std::{cmp::Reverse, rc::Rc};

use depeche_news::Viewer;
use tantivy::{DocId, postings::TermInfo};

use crate::{
    gather::Gatherer,
    paper::Texts,
    query::{Query, Word},
    terms::{as_stems, is_form},
    view::View,
};

/// What the exact form adds to its stem. Measured on questions and on headlines: 0.45 to 0.7 are
/// alike, nothing at all loses 0.015.
const FORM_WEIGHT: f32 = 0.55;

/// The same for a form that is its own stem: its list holds documents with other forms too.
const AS_WRITTEN_WEIGHT: f32 = 0.45;

/// What a word in the headline adds: a headline is short, so that each word of it weighs much
/// already.
const HEADLINE_WEIGHT: f32 = 0.8;

/// What is left of a word that two words of the query are when they are joined: both take it.
const JOINED_WEIGHT: f32 = 0.6;

/// What is left of a word that only makes a question.
const FAINT_WEIGHT: f32 = 0.3;

/// A word that more documents hold than one in this many ranks documents but finds none by
/// itself, if there are rarer words.
const COMMON_SHARE: u64 = 8;

/// A word that no more documents hold than this is never common: its list is walked in
/// microseconds.
const COMMON_MIN: u64 = 10_000;

/// Shortest word that a slip of the finger is looked for in: shorter ones have too many
/// neighbours.
const SLIP_BYTES_MIN: usize = 5;

/// Longest word of the same: each letter costs 50 look-ups, and real words end here.
const SLIP_BYTES_MAX: usize = 24;

/// Most postings that are walked for a query; the commonest words beyond it are passed over. A million articles hold the
/// ten commonest words of news some eight million times.
const POSTINGS_MAX: u64 = 6_000_000;

/// The words of a query that documents hold.
pub(crate) struct Clauses {
    /// In the order typed.
    pub(crate) all: Vec<Clause>,
    /// Words that no document holds, nor one a slip away, as they were typed.
    pub(crate) missing: Vec<String>,
    /// Words that no document holds, and those taken in their place.
    pub(crate) meant: Vec<(String, String)>,
}

/// One word of the query.
pub(crate) struct Clause {
    pub(crate) lists: Vec<List>,
    /// How rare it is; what proximity to it is worth.
    pub(crate) rarity: f32,
    /// Whether a document is a hit for holding it.
    pub(crate) finds: bool,
    /// Whether what holds all words holds it.
    pub(crate) counts: bool,
    /// Its place among the words typed.
    pub(crate) place: u32,
    documents: u64,
    asked: bool,
}

/// The list of one term.
pub(crate) struct List {
    pub(crate) text: Texts,
    pub(crate) weight: f32,
    pub(crate) lies: Lies,
}

impl List {
    /// How many documents it names.
    pub(crate) fn documents(&self) -> u64 {
        match &self.lies {
            Lies::There(places) => places.iter().flatten().map(|p| u64::from(p.doc_freq)).sum(),
            Lies::Made(documents) => documents.iter().map(|all| all.len() as u64).sum(),
        }
    }
}

/// Where a list lies, one place a segment.
pub(crate) enum Lies {
    /// In the index.
    There(Vec<Option<TermInfo>>),
    /// Put together for this search.
    Made(Vec<Rc<[DocId]>>),
}

impl Clauses {
    /// Looks up the words of a query. What only documents hold that `viewer` may not see, or that are deleted, no document
    /// holds: else whoever guesses a word would be told that it is there.
    pub(crate) fn new(
        gatherer: &Gatherer<'_>,
        query: &Query,
        viewer: Viewer,
    ) -> tantivy::Result<Self> {
        let view = gatherer.view;
        let mut found = Self { all: Vec::new(), missing: Vec::new(), meant: Vec::new() };
        gatherer.prepare(&query.words)?;
        for word in &query.words {
            let clause = Clause::new(gatherer, word)?;
            if clause.is_seen(view, viewer)? {
                found.all.push(clause);
            } else if !word.asked {
                match meant(gatherer, word, viewer)? {
                    Some((form, clause)) => {
                        found.meant.push((word.form().to_owned(), form));
                        found.all.push(clause);
                    }
                    None => found.missing.push(word.form().to_owned()),
                }
            }
        }
        found.keep_within(POSTINGS_MAX);
        if found.all.iter().all(|clause| !clause.finds) {
            found.all.iter_mut().for_each(|clause| clause.finds = true);
        }
        Ok(found)
    }

    /// Passes over the commonest words of a query that has too many of them.
    fn keep_within(&mut self, most: u64) {
        let free = self.all.iter().filter(|clause| !clause.asked);
        let mut sizes: Vec<u64> = free.map(|clause| clause.documents).collect();
        sizes.sort_unstable();
        let mut walked = 0;
        let kept = sizes.iter().take_while(|documents| {
            walked += **documents * 2;
            walked <= most
        });
        let commonest = sizes.get(kept.count().max(1) - 1).copied().unwrap_or_default();
        self.all.retain(|clause| clause.asked || clause.documents <= commonest);
    }
}

impl Clause {
    fn new(gatherer: &Gatherer<'_>, word: &Word) -> tantivy::Result<Self> {
        let view = gatherer.view;
        let mut clause = Self {
            lists: Vec::new(),
            rarity: 0.0,
            finds: true,
            counts: word.counts && !word.is_faint,
            place: word.place,
            documents: 0,
            asked: word.asked,
        };
        let faint = if word.is_faint { FAINT_WEIGHT } else { 1.0 };
        clause.add_word(view, word, faint, 0)?;
        let documents = clause.documents;
        for joined in &word.joined {
            clause.add_word(view, joined, faint * JOINED_WEIGHT, documents)?;
        }
        clause.add_others(gatherer, word)?;
        let common = clause.documents > COMMON_MIN.max(view.documents / COMMON_SHARE);
        clause.finds = word.asked || (!word.is_faint && !common);
        clause.rarity = view.rarity(clause.documents);
        Ok(clause)
    }

    /// Whether a viewer may see a document that holds it.
    fn is_seen(&self, view: &View, viewer: Viewer) -> tantivy::Result<bool> {
        for list in &self.lists {
            for (number, segment) in view.segments.iter().enumerate() {
                let seen = match &list.lies {
                    Lies::There(places) => match places.get(number) {
                        Some(Some(place)) => segment.shows_one(list.text, place, viewer)?,
                        _ => false,
                    },
                    Lies::Made(documents) => documents.get(number).is_some_and(|all| {
                        all.iter().any(|document| segment.shows(*document, viewer))
                    }),
                };
                if seen {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Adds the lists of a word; none counts for rarer than one of `common` documents.
    fn add_word(
        &mut self,
        view: &View,
        word: &Word,
        faint: f32,
        common: u64,
    ) -> tantivy::Result<()> {
        for form in &word.forms {
            self.add(view, Texts::Forms, form, faint * FORM_WEIGHT, common)?;
        }
        for stem in &word.stems {
            // The stem's list stands for that of a form which is its own stem.
            let as_written = word.forms.iter().any(|form| is_form(stem, form));
            let form_weight = if as_written { AS_WRITTEN_WEIGHT } else { 0.0 };
            self.add(view, Texts::Stems, stem, faint * (1.0 + form_weight), common)?;
            if view.has_headlines {
                self.add(view, Texts::Headline, stem, faint * HEADLINE_WEIGHT, common)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        view: &View,
        text: Texts,
        term: &str,
        share: f32,
        common: u64,
    ) -> tantivy::Result<()> {
        let (places, documents) = view.look_up(text, term)?;
        if documents > 0 {
            self.documents = self.documents.max(documents);
            let weight = share * view.rarity(documents.max(common));
            self.lists.push(List { text, weight, lies: Lies::There(places) });
        }
        Ok(())
    }

    /// Adds what is found otherwise than by a term: names of several words, and words that begin so.
    fn add_others(&mut self, gatherer: &Gatherer<'_>, word: &Word) -> tantivy::Result<()> {
        if !word.begins && word.phrases.is_empty() {
            return Ok(());
        }
        let view = gatherer.view;
        let segments = view.segments.iter();
        let made = segments.map(|segment| gatherer.others(segment, word));
        let made: Vec<Rc<[DocId]>> = made.collect::<tantivy::Result<_>>()?;
        let documents: u64 = made.iter().map(|documents| documents.len() as u64).sum();
        if documents > 0 {
            self.documents = self.documents.max(documents);
            let weight = view.rarity(documents);
            self.lists.push(List { text: Texts::Stems, weight, lies: Lies::Made(made) });
        }
        Ok(())
    }
}

/// What a reader may have meant by a word that no document holds, as a form and a clause: the word without an article
/// that lost its apostrophe (`lecologie`), or the commonest word one slip away.
fn meant(
    gatherer: &Gatherer<'_>,
    word: &Word,
    viewer: Viewer,
) -> tantivy::Result<Option<(String, Clause)>> {
    let view = gatherer.view;
    let Some(form) = word.forms.first().filter(|form| may_slip(form)) else { return Ok(None) };
    for candidates in [without_article(form), one_slip_away(form)] {
        let mut held = Vec::new();
        for candidate in candidates {
            let documents = holding(view, &candidate)?;
            held.extend((documents > 0).then_some((Reverse(documents), candidate)));
        }
        held.sort_unstable();
        for (_, candidate) in held {
            let clause = Clause::new(gatherer, &Word::new(&candidate, word.place))?;
            if clause.is_seen(view, viewer)? {
                return Ok(Some((candidate, clause)));
            }
        }
    }
    Ok(None)
}

/// How many documents hold a form, as such or as its own stem.
fn holding(view: &View, form: &str) -> tantivy::Result<u64> {
    let (_, mut documents) = view.look_up(Texts::Forms, form)?;
    for stem in as_stems(form) {
        documents = documents.max(view.look_up(Texts::Stems, &stem)?.1);
    }
    Ok(documents)
}

fn may_slip(form: &str) -> bool {
    (SLIP_BYTES_MIN..=SLIP_BYTES_MAX).contains(&form.len())
        && form.bytes().all(|b| b.is_ascii_lowercase())
}

fn without_article(form: &str) -> Vec<String> {
    ["qu", "l", "d", "s", "n", "m", "j", "c", "t"]
        .iter()
        .filter_map(|article| form.strip_prefix(article))
        .filter(|rest| rest.len() > 2 && rest.starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h']))
        .map(str::to_owned)
        .collect()
}

/// All words that a letter left out, put in, replaced or exchanged makes of an ASCII word; the
/// first letter is nearly always right, and stays.
fn one_slip_away(form: &str) -> Vec<String> {
    let mut words = Vec::with_capacity(form.len() * 54);
    for at in 1..=form.len() {
        let (before, after) = form.split_at(at);
        let mut letters = after.chars();
        let first = letters.next();
        let rest = letters.as_str();
        words.extend(('a'..='z').map(|letter| format!("{before}{letter}{after}")));
        if let Some(first) = first {
            words.push(format!("{before}{rest}"));
            let others = ('a'..='z').filter(|letter| *letter != first);
            words.extend(others.map(|letter| format!("{before}{letter}{rest}")));
            let second = letters.next();
            let last = letters.as_str();
            words.extend(second.map(|second| format!("{before}{second}{first}{last}")));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_a_finger() {
        let words = one_slip_away("mouvemnt");
        for meant in ["mouvement", "mouvent", "mouvment", "mouvemnts", "mouvelnt"] {
            assert!(words.iter().any(|word| word == meant), "{meant}");
        }
        assert!(!words.iter().any(|word| word == "ouvemnt"));
        assert!(one_slip_away("pesronne").iter().any(|word| word == "personne"));
        assert!(!may_slip("otan") && !may_slip("2016-02") && may_slip("mouvemnt"));
    }

    #[test]
    fn a_lost_apostrophe() {
        assert_eq!(without_article("lecologie"), ["ecologie"]);
        assert_eq!(without_article("quun"), Vec::<String>::new());
        assert_eq!(without_article("paris"), Vec::<String>::new());
    }
}
