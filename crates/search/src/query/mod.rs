//! What a reader typed, understood as far as it goes; nothing typed is ever an error.
//!
//! A query is words that rank (`wanted`), all of them optional, and conditions (`must`). Words of conditions rank too.

mod dates;
mod fields;
mod lexer;
mod matching;
mod parse;
#[cfg(test)]
mod tests;
mod tree;
mod typed;
mod word;

use depeche_news::SourceId;

use crate::Spellings;

pub use matching::Sheet;
pub(crate) use parse::said_words;
pub(crate) use tree::{Node, Part, Said};
pub use typed::{TypedCondition, typed_conditions};
pub(crate) use word::{Word, words};

/// Longest query looked at, in bytes: a pasted headline and standfirst; more is a mistake.
const QUERY_BYTES_MAX: usize = 2_000;

/// Most words of a query: one bit each in the ranking. Headlines have 15 at most, and each word
/// costs a walk through its list.
pub(crate) const WORDS_MAX: usize = 31;

/// Neighbours among this many first words are looked for joined too; a long query is a headline,
/// whose words were written right.
const SPACED_WORDS_MAX: usize = 5;

/// Deepest search kept under a name that names another one.
const SAVED_DEPTH_MAX: usize = 3;

/// Most searches of a query that were kept, those within others among them: each has conditions of its own.
const SAVED_MAX: usize = 8;

/// A query: words that rank, and conditions that documents must meet.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words that a document may hold or not, in the order typed.
    wanted: Vec<Word>,
    /// What a document must meet, all of it.
    must: Vec<Node>,
    /// What documents are ranked by: the wanted words and those of conditions, each once.
    pub(crate) words: Vec<Word>,
    /// Parts that were not understood.
    ignored: Vec<Ignored>,
    /// Words typed, stop words among them.
    typed: u32,
}

/// A part of a query that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The part as typed.
    pub text: String,
    /// Why.
    pub reason: Reason,
}

/// Why a part of a query was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A field of other programs that has no meaning here.
    Field,
    /// No date, interval or duration.
    Time,
    /// No value that this field can have.
    Value,
    /// Too few letters before the star.
    Start,
    /// Too much of it.
    Long,
    /// Too many of its kind.
    Many,
    /// Brackets too deep.
    Deep,
    /// No source of this name.
    Source,
    /// No search kept under this name.
    Saved,
}

impl Reason {
    /// Why, in a few words of English: for the terminal.
    pub fn told(self) -> &'static str {
        match self {
            Self::Field => "no such field here",
            Self::Time => {
                "neither a date nor a duration, as 2016-02-11, 2016-02/2016-04, 7d, yesterday"
            }
            Self::Value => "no value that this field can have",
            Self::Start => "three letters at least before the star",
            Self::Long => "too long",
            Self::Many => "too many of its kind",
            Self::Deep => "too many brackets",
            Self::Source => "no source of this name",
            Self::Saved => "no search saved under this name",
        }
    }
}

/// What a query may name that the index does not know.
pub trait Names {
    /// The sources of a name.
    fn sources(&self, name: &str) -> Vec<SourceId>;
    /// The search that was kept under a name, as it was typed.
    fn saved(&self, name: &str) -> Option<String>;
    /// The operator's own names with several spellings.
    fn spellings(&self) -> &Spellings;
}

impl Query {
    /// Reads what was typed into a search box: words, `"phrases"`, `-word`, `OR`, brackets, `word*` and fields
    /// (`docs/recherche.md` has all of it).
    pub fn parse(text: &str) -> Self {
        let mut query = parse::parse(cut(text));
        query.tell_cut(text);
        query
    }

    /// Reads what is being typed: the last word may not be whole.
    pub fn typing(text: &str) -> Self {
        let mut query = Self::parse(text);
        let whole = text.ends_with(|c: char| !c.is_alphanumeric());
        if let Some(last) = query.wanted.last_mut().filter(|_| !whole)
            && last.place == query.typed
            && last.form().chars().count() >= parse::START_CHARS_MIN
        {
            last.begins = true;
            query.finish();
        }
        query
    }

    /// Reads `text` as plain words only: a headline with its quotation marks and dashes.
    pub fn plain(text: &str) -> Self {
        let mut query = Self::default();
        query.wanted = word::words(cut(text), &mut query.typed);
        query.finish();
        query.tell_cut(text);
        query
    }

    /// Whether it names sources, which are to be looked up.
    pub fn names_sources(&self) -> bool {
        let mut names = false;
        self.must.iter().for_each(|node| {
            node.walk(&mut |node| names |= matches!(node, Node::SourceNamed(_) | Node::Saved(_)));
        });
        names
    }

    /// Looks up the names of sources and of kept searches. What nobody knows is passed over, and what was asked for so
    /// finds nothing.
    pub fn named(mut self, names: &dyn Names) -> Self {
        let mut saved = 0;
        for _ in 0..SAVED_DEPTH_MAX {
            let mut ignored = Vec::new();
            let mut again = false;
            let mut look_up = |node| match node {
                Node::SourceNamed(name) => {
                    let sources = names.sources(&name);
                    if sources.is_empty() {
                        ignored.push(Ignored { text: name, reason: Reason::Source });
                    }
                    Node::Sources(sources)
                }
                Node::Saved(name) if saved == SAVED_MAX => {
                    ignored.push(Ignored { text: name, reason: Reason::Many });
                    Node::Any(Vec::new())
                }
                Node::Saved(name) => match names.saved(&name) {
                    Some(text) => {
                        (again, saved) = (true, saved + 1);
                        Self::parse(&text).whole()
                    }
                    None => {
                        ignored.push(Ignored { text: name, reason: Reason::Saved });
                        Node::Any(Vec::new())
                    }
                },
                other => other,
            };
            let must = std::mem::take(&mut self.must);
            self.must = must.into_iter().map(|node| node.map(&mut look_up)).collect();
            self.ignored.extend(ignored);
            if !again {
                break;
            }
        }
        self.join(names.spellings());
        self.finish();
        self
    }

    /// Lets names stand for their other spellings.
    fn join(&mut self, spellings: &Spellings) {
        spellings.join(&mut self.wanted);
        for node in &mut self.must {
            node.runs(&mut |words| spellings.join(words));
        }
    }

    /// The parts that were passed over, and why.
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.must.is_empty()
    }

    /// How many words a document must hold to hold all of them.
    pub fn words_counted(&self) -> usize {
        self.words.iter().filter(|word| word.counts && !word.is_faint).count()
    }

    /// Whether it asks for a time.
    pub(crate) fn asks_time(&self) -> bool {
        let mut asks = false;
        self.must.iter().for_each(|node| {
            node.walk(&mut |node| asks |= matches!(node, Node::Time(_)));
        });
        asks
    }

    /// What a document must meet.
    pub(crate) fn conditions(&self) -> &[Node] {
        &self.must
    }

    /// Whether documents are not found by words, but all are looked at: nothing was typed, or conditions that a document
    /// may meet without any word. A query of stop words alone asks for nothing that could be found.
    pub(crate) fn is_for_all(&self) -> bool {
        let words = !self.wanted.is_empty() || self.must.iter().any(Node::has_words);
        !words && (self.typed == 0 || !self.must.is_empty())
    }

    /// All of it as one condition: every word has to be there.
    fn whole(self) -> Node {
        let mut parts = self.must;
        let run = |word: Word| Node::Run { part: Part::Text, words: vec![word], slop: 0 };
        parts.extend(self.wanted.into_iter().filter(|word| !word.is_faint).map(run));
        Node::All(parts)
    }

    /// Puts together what ranks.
    fn finish(&mut self) {
        self.join(Spellings::ours());
        for at in 1..self.wanted.len().min(SPACED_WORDS_MAX) {
            if let Some([word, next]) = self.wanted.get_mut(at - 1..=at) {
                word.meet(next);
            }
        }
        if self.must.is_empty() && self.wanted.iter().all(|word| word.is_faint) {
            // Alone, such a word is what is asked for: «été», «est».
            self.wanted.iter_mut().for_each(|word| word.is_faint = false);
        }
        let mut all = self.wanted.clone();
        let from = all.len();
        self.must.iter().for_each(|node| node.ranking(&mut all));
        // Words of conditions find what holds them, however common they are.
        all.iter_mut().skip(from).for_each(|word| word.asked = true);
        all.sort_by_key(|word| word.place);
        self.words.clear();
        for word in all {
            if let Some(known) = self.words.iter_mut().find(|known| known.is_like(&word)) {
                known.asked |= word.asked;
            } else if self.words.len() < WORDS_MAX {
                self.words.push(word);
            } else {
                let beyond = Ignored { text: word.form().to_owned(), reason: Reason::Long };
                // It is put together again once names are looked up.
                if !self.ignored.contains(&beyond) {
                    self.ignored.push(beyond);
                }
            }
        }
    }

    fn tell_cut(&mut self, text: &str) {
        let beyond = text.get(cut(text).len()..).unwrap_or_default();
        if !beyond.is_empty() {
            self.ignored.push(Ignored { text: beyond.to_owned(), reason: Reason::Long });
        }
    }
}

/// The start of `text` that is looked at.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(QUERY_BYTES_MAX)).unwrap_or_default()
}
