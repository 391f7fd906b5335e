//! The short lines directly above and below a story, where bylines, credits and signatures stand.
//!
//! Markup sets author, credit and date side by side without a space: here what stands in elements of its own is apart.

use crate::blocks::{Kind, Page, Piece, ends_sentence};
use crate::content::{Known, is_prose};
use crate::marks::Marks;
use crate::standfirst::is_headline;
use crate::tree::{NodeId, Tree};

/// A line, in the pieces that its elements make of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) parts: Vec<Part>,
    /// Whether it is mostly a link, an entry of a list, a heading, or in an element named as furniture.
    pub(crate) doubtful: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) text: String,
    /// In an element that calls itself a source.
    pub(crate) sourced: bool,
}

impl Line {
    /// The parts with a space between.
    pub(crate) fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The parts, parted again where a sign stands between names and dates.
    pub(crate) fn apart(&self) -> Vec<String> {
        let mut found = Vec::new();
        for part in &self.parts {
            let marked =
                SIGNS.iter().fold(part.text.clone(), |text, sign| text.replace(sign, "\n"));
            found.extend(
                marked.lines().map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned),
            );
        }
        found
    }

    /// A line by its text alone, a part for each line break in it.
    pub(crate) fn of_text(text: &str) -> Self {
        let parts = text.lines().map(depeche_text::squash).filter(|text| !text.is_empty());
        let parts = parts.map(|text| Part { text, sourced: false }).collect();
        Self { parts, ..Self::default() }
    }
}

/// What parts author, credit, date and section in a line; a comma stands within credits too.
const SIGNS: [&str; 9] = [" – ", " - ", " — ", " / ", " | ", "•", "·", "●", "\n"];

/// The lines between headline and story, and those from its last paragraph on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    pub(crate) above: Vec<Line>,
    pub(crate) below: Vec<Line>,
    /// The story's first paragraph, which may have an agency in its dateline.
    pub(crate) first: Option<String>,
    /// The story's last paragraph.
    pub(crate) last: Option<String>,
}

/// Longest line, in letters' worth.
const SIZE_MAX: usize = 160;

/// Lines that are looked at on each side.
const ABOVE_MAX: usize = 12;
const BELOW_MAX: usize = 3;

/// Farthest headline above the story, in pieces.
const REACH_MAX: usize = 30;

pub(crate) fn beside(page: &Page, pieces: &[Piece], inside: &[bool], known: &Known) -> Beside {
    let is_text = |piece: &Piece| !matches!(piece.kind, Kind::Image | Kind::Caption);
    let kept = |at: &usize| inside.get(*at).copied().unwrap_or(false);
    let story = |at: &usize| kept(at) && pieces.get(*at).is_some_and(is_prose);
    let (Some(first), Some(last)) =
        ((0..pieces.len()).find(story), (0..pieces.len()).rev().find(story))
    else {
        return Beside::default();
    };
    let reach = first.saturating_sub(REACH_MAX);
    let between = pieces.get(reach..first).unwrap_or_default();
    let headline = between.iter().rposition(|piece| is_headline(piece, known));
    let from = headline.map_or(first.saturating_sub(ABOVE_MAX / 3), |at| reach + at + 1);
    let is_line = |piece: &&Piece| {
        is_text(piece) && piece.size < SIZE_MAX && !piece.marks.any(Marks::CAPTION | Marks::COMMENT)
    };
    let above = pieces.get(from..first).unwrap_or_default().iter().filter(is_line).take(ABOVE_MAX);
    let below = pieces.get(last..).unwrap_or_default().iter().filter(|piece| is_text(piece));
    let below = below.take(BELOW_MAX + 1).filter(is_line);
    let line = |piece: &Piece| line(page.tree, piece);
    let text = |at: usize| pieces.get(at).map(|piece| piece.text.clone());
    Beside {
        above: above.map(line).collect(),
        below: below.map(line).collect(),
        first: text(first),
        last: text(last),
    }
}

fn line(tree: &Tree, piece: &Piece) -> Line {
    Line {
        parts: parts(tree, piece),
        doubtful: piece.link_density() > 0.5
            || matches!(piece.kind, Kind::Entry | Kind::Heading(_))
            || piece.marks.any(Marks::FURNITURE)
            || ends_sentence(&piece.text),
    }
}

/// Most nodes of a line.
const NODES_MAX: usize = 60;

/// The texts of a piece's elements, or all of it where they do not make it up.
fn parts(tree: &Tree, piece: &Piece) -> Vec<Part> {
    let written = |text: &str| -> String {
        text.chars().filter(|c| !c.is_whitespace() && !crate::blocks::is_invisible(*c)).collect()
    };
    let whole = written(&piece.text);
    let all: Vec<Part> = tree
        .walk(piece.element)
        .take(NODES_MAX)
        .filter_map(|id| Some((id, depeche_text::squash(tree.text_of(id)?))))
        .filter(|(_, text)| !text.is_empty())
        .map(|(id, text)| Part { text, sourced: is_sourced(tree, id, piece.element) })
        .collect();
    // An element may hold several pieces, one after the other.
    for from in 0..all.len() {
        let mut said = String::new();
        for to in from..all.len() {
            said.push_str(&all.get(to).map(|part| written(&part.text)).unwrap_or_default());
            if said == whole {
                return all.get(from..=to).unwrap_or_default().to_vec();
            }
            if !whole.starts_with(&said) {
                break;
            }
        }
    }
    vec![Part { text: piece.text.clone(), sourced: false }]
}

/// Whether a text is in an element, up to that of its line, that calls itself a source or an agency.
fn is_sourced(tree: &Tree, text: NodeId, line: NodeId) -> bool {
    const NAMES: [&str; 4] = ["source", "agence", "agency", "provenance"];
    let inner = tree.ancestors(text).take_while(|id| *id >= line).take(2);
    let mut names = inner.filter_map(|id| tree.attribute(id, "class"));
    names.any(|class| {
        let class = class.to_ascii_lowercase();
        let mut words = class.split(|c: char| !c.is_alphanumeric());
        words.any(|word| NAMES.contains(&word))
    })
}
