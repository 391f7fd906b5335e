//! Real texts instead of made-up ones: paragraphs of a folder of evaluation sets, drawn again and
//! again. They are read to be measured with and never kept.

use std::{fs, path::Path};

use anyhow::{Context, bail};

use super::{Text, random::Random};

/// Files below the folder that hold one text a line, as JSON with `title` and `text`.
const FILES: [&str; 2] = ["understanding/real_docs.jsonl", "search/docs.jsonl"];

/// Shorter lines are captions and furniture.
const PARAGRAPH_BYTES_MIN: usize = 80;

/// How often the next paragraph is one of the same text.
const SAME_TEXT: f64 = 0.7;

/// Texts to draw from: a headline and paragraphs each.
pub(crate) struct Pool(Vec<(String, Vec<String>)>);

impl Pool {
    pub(crate) fn read(sets: &Path) -> anyhow::Result<Self> {
        let mut texts = Vec::new();
        for file in FILES {
            let path = sets.join(file);
            let lines = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            texts.extend(lines.lines().filter_map(text));
        }
        if texts.is_empty() {
            bail!("no text in {}", sets.display());
        }
        Ok(Self(texts))
    }

    /// A piece of about so many bytes.
    pub(super) fn piece(&self, random: &mut Random, bytes: usize) -> Text {
        let (headline, own) = random.one(&self.0);
        let mut paragraphs: Vec<String> = Vec::new();
        let mut size = 0;
        while size < bytes {
            let from = if random.chance(SAME_TEXT) { own } else { &random.one(&self.0).1 };
            let paragraph = random.one(from).clone();
            size += paragraph.len();
            paragraphs.push(paragraph);
        }
        (headline.clone(), None, paragraphs)
    }
}

fn text(line: &str) -> Option<(String, Vec<String>)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let long = |line: &&str| line.len() >= PARAGRAPH_BYTES_MIN;
    let paragraphs: Vec<String> =
        line["text"].as_str()?.lines().map(str::trim).filter(long).map(str::to_owned).collect();
    let first = paragraphs.first()?;
    let title = line["title"].as_str().filter(|title| !title.is_empty());
    let headline = title.map_or_else(|| first.chars().take(90).collect(), str::to_owned);
    Some((headline, paragraphs))
}
