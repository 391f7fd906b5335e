//! What a query asks of a document, as one tree: the index is searched by it, and a single article is held against it.

use depeche_news::SourceId;

use super::{dates::Interval, word::Word};

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// Words that stand near each other in this order; mostly one.
    Run {
        /// Where they stand.
        part: Part,
        /// The words, each with its place among those typed.
        words: Vec<Word>,
        /// How many places they may be out of that order in all.
        slop: u32,
    },
    /// Words that all stand in what is said of an article beside its text, wherever.
    Said {
        /// What is said.
        what: Said,
        /// The words.
        words: Vec<String>,
    },
    /// An urgency from the one to the other, 1 the highest.
    Urgency(u8, u8),
    /// One of these sources.
    Sources(Vec<SourceId>),
    /// Sources by a name, before it was looked up.
    SourceNamed(String),
    /// A search that was kept under a name, before it was looked up.
    Saved(String),
    /// A time.
    Time(Interval),
    /// Not this.
    Not(Box<Self>),
    /// All of these; of none, anything.
    All(Vec<Self>),
    /// One of these; of none, nothing.
    Any(Vec<Self>),
}

/// Where words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Anywhere in the text.
    Text,
    /// In the headline.
    Headline,
}

/// What is said of an article beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Said {
    /// Who wrote it.
    Author,
    /// Which agency is credited.
    Agency,
    /// Its language.
    Language,
    /// Its section.
    Section,
    /// Its kind.
    Kind,
    /// A place it is from or about.
    Place,
    /// A person it is about.
    Person,
}

impl Said {
    /// A word of it as it stands in the index.
    pub(crate) fn term(self, word: &str) -> String {
        format!("{}{word}", self.mark())
    }

    /// Comes before a word of it in the index.
    fn mark(self) -> char {
        match self {
            Self::Author => 'a',
            Self::Agency => 'g',
            Self::Language => 'l',
            Self::Section => 's',
            Self::Kind => 'k',
            Self::Place => 'p',
            Self::Person => 'n',
        }
    }
}

impl Node {
    /// Goes through this condition and all within it.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Not(inner) => inner.walk(visit),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.walk(visit)),
            _ => {}
        }
    }

    /// The same with every condition as `change` makes it, the inner ones first.
    pub(crate) fn map(self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        let inner = match self {
            Self::Not(inner) => Self::Not(Box::new(inner.map(change))),
            Self::All(parts) => Self::All(parts.into_iter().map(|part| part.map(change)).collect()),
            Self::Any(parts) => Self::Any(parts.into_iter().map(|part| part.map(change)).collect()),
            other => other,
        };
        change(inner)
    }

    /// Goes through the words of all runs within it.
    pub(crate) fn runs(&mut self, change: &mut dyn FnMut(&mut [Word])) {
        match self {
            Self::Run { words, .. } => change(words),
            Self::Not(inner) => inner.runs(change),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter_mut().for_each(|part| part.runs(change));
            }
            _ => {}
        }
    }

    /// Whether a document that meets this holds one of its words.
    pub(crate) fn has_words(&self) -> bool {
        match self {
            Self::Run { words, .. } => !words.is_empty(),
            Self::All(parts) => parts.iter().any(Self::has_words),
            Self::Any(parts) => !parts.is_empty() && parts.iter().all(Self::has_words),
            _ => false,
        }
    }

    /// The words that a document is ranked by for meeting this, those of what must not be there aside.
    pub(crate) fn ranking(&self, words: &mut Vec<Word>) {
        match self {
            Self::Run { words: run, .. } => {
                words.extend(run.iter().cloned());
            }
            Self::All(parts) => parts.iter().for_each(|part| part.ranking(words)),
            // One of them is enough.
            Self::Any(parts) => {
                let from = words.len();
                parts.iter().for_each(|part| part.ranking(words));
                words.iter_mut().skip(from).for_each(|word| word.counts = false);
            }
            _ => {}
        }
    }
}
