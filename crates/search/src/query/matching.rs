//! A query held against one article: what alerts and feeds ask, without an index.

use std::collections::{BTreeSet, HashMap, HashSet};

use depeche_news::{SourceId, jiff::ZonedDateTime};
use tantivy::tokenizer::{TokenStream, Tokenizer};

use super::{Node, Part, Query, Word};
use crate::{
    paper::Paper,
    phrase::{Gaps, near},
    typesetter::{GalleyTokenizer, Typesetter},
};

/// An article made ready to be held against any number of queries; by the same analysis as the index.
#[derive(Clone, Debug)]
pub struct Sheet {
    places: HashMap<String, Vec<u32>>,
    forms: BTreeSet<String>,
    headline: HashSet<String>,
    said: HashSet<String>,
    source: SourceId,
    urgency: Option<u8>,
    at: depeche_news::jiff::Timestamp,
}

impl Sheet {
    /// Analyses a paper.
    pub fn new(paper: &Paper) -> Self {
        let set = Typesetter::default().set(paper);
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        each(&set.stems, |place, term| places.entry(term.to_owned()).or_default().push(place));
        let mut forms: BTreeSet<String> = places.keys().cloned().collect();
        each(&set.forms, |_, term| _ = forms.insert(term.to_owned()));
        let all = |galley: &str| {
            let mut terms = HashSet::new();
            each(galley, |_, term| _ = terms.insert(term.to_owned()));
            terms
        };
        Self {
            places,
            forms,
            headline: all(&set.headline),
            said: all(&set.said),
            source: paper.source.clone(),
            urgency: paper.about.urgency,
            at: paper.at,
        }
    }
}

/// Calls with each term of a galley and its place.
fn each(galley: &str, mut take: impl FnMut(u32, &str)) {
    let mut tokenizer = GalleyTokenizer::default();
    let mut stream = tokenizer.token_stream(galley);
    while stream.advance() {
        let token = stream.token();
        take(token.position as u32, &token.text);
    }
}

impl Query {
    /// Whether an article holds all words of the query and meets its conditions, at a time of asking. Words that only make
    /// a question are not asked for.
    pub fn matches(&self, sheet: &Sheet, now: &ZonedDateTime) -> bool {
        let mut words = self.wanted.iter().filter(|word| !word.is_faint);
        !self.is_empty()
            && words.all(|word| sheet.holds(Part::Text, word))
            && self.must.iter().all(|node| sheet.meets(node, now))
    }
}

impl Sheet {
    fn meets(&self, node: &Node, now: &ZonedDateTime) -> bool {
        match node {
            Node::Run { part, words, slop } => self.has_run(*part, words, *slop),
            Node::Said { what, words } => {
                words.iter().all(|word| self.said.contains(&what.term(word)))
            }
            Node::Urgency(from, to) => self.urgency.is_some_and(|u| (*from..=*to).contains(&u)),
            Node::Sources(sources) => sources.contains(&self.source),
            // What was not looked up is met by nothing.
            Node::SourceNamed(_) | Node::Saved(_) => false,
            Node::Time(interval) => {
                let (from, until) = interval.moments(now);
                from.is_none_or(|from| self.at >= from) && until.is_none_or(|until| self.at < until)
            }
            Node::Not(inner) => !self.meets(inner, now),
            Node::All(parts) => parts.iter().all(|part| self.meets(part, now)),
            Node::Any(parts) => parts.iter().any(|part| self.meets(part, now)),
        }
    }

    fn has_run(&self, part: Part, words: &[Word], slop: u32) -> bool {
        if !words.iter().all(|word| self.holds(part, word)) {
            return false;
        }
        let places = || words.iter().map(|word| self.places_of(word)).collect();
        words.len() < 2 || part == Part::Headline || near(places(), &Gaps::of(words), slop, &mut 0)
    }

    fn holds(&self, part: Part, word: &Word) -> bool {
        if part == Part::Headline {
            return word.stems.iter().any(|stem| self.headline.contains(stem));
        }
        word.stems.iter().any(|stem| self.places.contains_key(stem))
            || word.forms.iter().any(|form| self.forms.contains(form))
            || (word.begins && self.begins_with(word))
            || word.phrases.iter().any(|phrase| self.has_run(Part::Text, phrase, 0))
    }

    fn begins_with(&self, word: &Word) -> bool {
        let starts = word.starts().into_iter().chain([word.form().to_owned()]);
        starts.into_iter().any(|start| {
            let next = self.forms.range(start.clone()..).next();
            next.is_some_and(|form| form.starts_with(&start))
        })
    }

    fn places_of(&self, word: &Word) -> Vec<u32> {
        let lists = word.stems.iter().filter_map(|stem| self.places.get(stem));
        let mut places: Vec<u32> = lists.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}
