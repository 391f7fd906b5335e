//! What could not be understood, said in words that stay the same.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One problem with something that arrived: a stable word, and what it was about.
///
/// Reserved words: `refused` (not a thing of this kind), `unreadable` (no such file), `bad_input`
/// (the input line), `incomplete` (ended early), `panic` (caught; a defect of ours).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable word: lower case, underscores.
    pub word: String,
    /// What it was about; may be empty.
    pub detail: String,
}

impl Problem {
    /// A problem with its detail.
    pub fn new(word: &str, detail: impl Into<String>) -> Self {
        Self { word: word.to_owned(), detail: detail.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.is_empty() {
            true => f.write_str(&self.word),
            false => write!(f, "{}: {}", self.word, self.detail),
        }
    }
}
