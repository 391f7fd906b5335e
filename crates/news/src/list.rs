//! The entries of a list, with their numbers, their depth and what is a term of which.

use serde::{Deserialize, Serialize};

use crate::{Span, Text};

/// An entry of a list; as JSON its text, where nothing else is to be told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct ListEntry {
    /// What it says.
    pub text: Text,
    /// How many lists stand around its own, within the story.
    pub depth: u8,
    /// What stands before it.
    pub mark: Bullet,
}

/// What stands before an entry of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bullet {
    /// A dot or a dash.
    #[default]
    Plain,
    /// Its number.
    Number(i32),
    /// Nothing: it is a term, and what follows describes it.
    Term,
    /// Nothing: it describes the term before it.
    Description,
    /// Nothing: it goes on with the entry before it.
    More,
}

impl Bullet {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

fn is_outermost(depth: &u8) -> bool {
    *depth == 0
}

impl ListEntry {
    /// Whether it begins or goes on with a list of terms.
    pub fn is_of_terms(&self) -> bool {
        matches!(self.mark, Bullet::Term | Bullet::Description)
    }
}

impl<T: Into<Text>> From<T> for ListEntry {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// The words of a list as they are counted: an entry a line, and a blank line where the depth changes.
pub(crate) fn words(entries: &[ListEntry]) -> String {
    let mut words = String::new();
    let mut depth = None;
    for entry in entries {
        match depth.replace(entry.depth) {
            None => {}
            Some(before) if before == entry.depth => words.push('\n'),
            Some(_) => words.push_str("\n\n"),
        }
        words.push_str(&entry.text);
    }
    words
}

/// How an entry is written as JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Marked {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        spans: Vec<Span>,
        #[serde(default, skip_serializing_if = "is_outermost")]
        depth: u8,
        #[serde(default, skip_serializing_if = "Bullet::is_plain")]
        mark: Bullet,
    },
}

impl From<Written> for ListEntry {
    fn from(written: Written) -> Self {
        match written {
            Written::Plain(text) => Self::from(text),
            Written::Marked { text, spans, depth, mark } => {
                Self { text: Text::new(text, spans), depth, mark }
            }
        }
    }
}

impl From<ListEntry> for Written {
    fn from(entry: ListEntry) -> Self {
        let ListEntry { text, depth, mark } = entry;
        if text.spans().is_empty() && is_outermost(&depth) && mark.is_plain() {
            return Self::Plain(text.into());
        }
        let spans = text.spans().to_vec();
        Self::Marked { text: text.into(), spans, depth, mark }
    }
}
