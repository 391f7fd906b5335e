//! What we understood of an item.

use serde::{Deserialize, Serialize};

use crate::{ListEntry, Moment, Text, list};

/// An article: the story out of its page or its feed, once.
///
/// All text is plain (its marks stand beside it), whitespace squashed, typography as its provider wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Article {
    /// The headline without its credit and without the outlet's name.
    pub headline: String,
    /// The bracketed attribution at the headline's end, without its brackets.
    pub credit: Option<String>,
    /// The desk's short name for the subject (`Otan-Syrie-conflit`).
    pub slugline: Option<String>,
    /// The standfirst (chapeau).
    pub standfirst: Option<String>,
    /// Persons, one name each.
    pub authors: Vec<String>,
    /// Place, date and agency that open a dispatch (`BRUXELLES, 11 fév 2016 (AFP) -`).
    pub dateline: Option<String>,
    /// The body in order; nothing twice, no standfirst, no teaser, no furniture.
    pub body: Vec<Block>,
    /// BCP 47, as short as possible (`fr`).
    pub language: Option<String>,
    /// When its provider says it was published.
    pub published: Option<Moment>,
    /// When its provider says it was last changed.
    pub modified: Option<Moment>,
    /// Free keywords of the provider.
    pub keywords: Vec<String>,
    /// The outlet's section (rubrique).
    pub section: Option<String>,
    /// The leading picture.
    pub image: Option<Image>,
    /// The address its provider calls canonical, absolute.
    pub address: Option<String>,
    /// The outlet's own name.
    pub outlet: Option<String>,
    /// Whether its outlet keeps the whole of it for those who pay.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paywalled: bool,
    /// Whether it is told entry by entry as it happens (a live blog).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
}

/// One block of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// A paragraph.
    Paragraph(Text),
    /// A heading inside the body (intertitre).
    Subhead(Text),
    /// A quotation set apart.
    Quote(Text),
    /// A list.
    List(Vec<ListEntry>),
    /// Lines that stand as they are set: verses, code, a form.
    Preformatted(String),
    /// A picture with its caption.
    Image(Image),
    /// A table.
    Table(Table),
    /// Something that stands elsewhere: a video, a post.
    Embed(Embed),
    /// Where an entry of a live blog begins; what follows up to the next one is its text.
    Entry(LiveEntry),
}

/// What a story shows from elsewhere; it is named, not loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Embed {
    /// The absolute address of its page, not of a player.
    pub address: String,
    /// What stands under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// The head of an entry of a live blog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LiveEntry {
    /// When it was written, as far as its page tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// The time as its page shows it (`14h54`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// Its own headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
}

impl LiveEntry {
    /// When it was written, as its page shows it, and what it is called.
    pub fn head(&self) -> String {
        let time = self.shown.clone().or(self.at.map(|at| at.to_string()));
        let parts: Vec<String> = time.into_iter().chain(self.headline.clone()).collect();
        parts.join(" ")
    }
}

/// Rows of cells, all plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// One list of cells a row.
    pub rows: Vec<Vec<String>>,
}

/// A picture somewhere else; it is named, not loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// Absolute http or https address.
    pub address: String,
    /// The caption.
    pub caption: Option<String>,
    /// Who is credited for it.
    pub credit: Option<String>,
}

impl Block {
    /// The words of this block, as they are counted and searched; an image and what is embedded have none of the
    /// story.
    pub fn text(&self) -> String {
        match self {
            Self::Paragraph(text) | Self::Subhead(text) | Self::Quote(text) => text.to_string(),
            Self::List(entries) => list::words(entries),
            Self::Preformatted(lines) => lines.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Table(table) => {
                table.rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>().join("\n")
            }
            Self::Entry(entry) => entry.headline.clone().unwrap_or_default(),
            Self::Image(_) | Self::Embed(_) => String::new(),
        }
    }
}

impl Article {
    /// The body as text: blocks in order, joined by one blank line.
    pub fn text(&self) -> String {
        let texts: Vec<_> = self.body.iter().map(Block::text).filter(|t| !t.is_empty()).collect();
        texts.join("\n\n")
    }
}
