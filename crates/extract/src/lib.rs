//! A page becomes an article, and says which evidence it used.
//!
//! Layer 1: no I/O, no clock, never fails. What a page declares (JSON-LD, meta elements,
//! microdata) is reconciled with what it shows; the body is chosen block by block.
//!
//! The way of a page: `tokens` cuts it, `tree` grows of that within limits, `facts` reads its declarations, `blocks`
//! makes one line of its text, `content` chooses the body among the blocks. Where weights are given, `choice`
//! judges the blocks by them instead; `study` shows its trainer what it sees. Who asks why is answered by `told`: `trail`
//! notes by which `rule` each block was kept or left out.

mod about;
mod addresses;
mod authors;
mod blocks;
mod captions;
mod choice;
mod container;
mod content;
mod credit;
mod dates;
mod elements;
mod embeds;
mod ends;
mod entries;
mod entry;
mod facts;
mod headline;
mod judge;
mod kinds;
mod labels;
mod lines;
mod linked_data;
mod live;
mod marks;
mod nature;
mod numbering;
mod opening;
mod page;
mod paywall;
mod phrases;
mod pictures;
mod plain;
mod published;
mod render;
mod rule;
mod set;
mod shown;
mod simple;
mod sources;
mod standfirst;
mod states;
pub mod study;
mod tables;
mod tokens;
mod told;
mod trail;
mod tree;
mod walls;
mod writer;

use depeche_news::{Article, Problem, jiff::tz::TimeZone};

use crate::trail::Trail;

pub use entry::{EntryBody, body_of_entry, fragment};
pub use kinds::PageKind;
pub use page::{article, decoded};
pub use told::{BlockKind, Explained, Judged, Reason, explained};

/// What is known of a page besides its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The `Content-Type` it was served with.
    pub content_type: Option<&'a str>,
    /// The address it was found at.
    pub address: Option<&'a str>,
    /// The language of its source.
    pub language: Option<&'a str>,
    /// The zone of its source, for times that tell none.
    pub zone: Option<&'a TimeZone>,
    /// Weights to judge by instead of the project's own.
    pub model: Option<&'a study::Model>,
}

/// What was understood of a page.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    /// The article.
    pub article: Article,
    /// Which evidence each field was taken from.
    pub evidence: Vec<(&'static str, String)>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// What kind of page it is; where it is not a story its body is empty.
    pub kind: PageKind,
}

/// Understands the plain text of a page, as a scraper saw it.
pub fn plain(text: &str, hints: &Hints) -> Extracted {
    of_plain(text, hints, None)
}

fn of_plain(text: &str, hints: &Hints, trail: Option<&mut Trail>) -> Extracted {
    let lines = plain::read(text, trail);
    let credited = depeche_text::split_credit(&lines.headline);
    let mut article = Article {
        headline: credited.headline.to_owned(),
        credit: credited.credit.map(str::to_owned),
        standfirst: lines.standfirst,
        authors: lines.authors,
        published: lines.published,
        body: render::blocks(lines.body.pieces, &render::Setting::of_links(&[], None)),
        address: hints.address.and_then(|address| render::absolute(address, None)),
        ..Article::default()
    };
    article.language = depeche_text::language(&page::sample(&article), hints.language);
    article.dateline = page::dateline(&article).map(|(dateline, _)| dateline);
    let evidence = of_lines(&article);
    let (problems, kind) = match article.body.is_empty() {
        true => (vec![Problem::new("no_body", "")], PageKind::Unknown),
        false => (vec![], PageKind::Story),
    };
    Extracted { article, evidence, problems, kind }
}

/// The evidence for what was read out of the lines of a text: the lines, and for the language what they say.
fn of_lines(article: &Article) -> Vec<(&'static str, String)> {
    let told = [
        ("headline", !article.headline.is_empty(), "line"),
        ("credit", article.credit.is_some(), "headline"),
        ("standfirst", article.standfirst.is_some(), "line"),
        ("authors", !article.authors.is_empty(), "line"),
        ("published", article.published.is_some(), "line"),
        ("dateline", article.dateline.is_some(), "text"),
        ("language", article.language.is_some(), "text"),
        ("address", article.address.is_some(), "where it was found"),
        ("body", true, "lines"),
    ];
    let told = told.into_iter().filter(|(_, is_there, _)| *is_there);
    told.map(|(field, _, by)| (field, by.to_owned())).collect()
}

/// Understands a page or the text of one, whichever the bytes are; what is neither is refused.
pub fn any(bytes: &[u8], hints: &Hints) -> Extracted {
    of_any(bytes, hints, None)
}

fn of_any(bytes: &[u8], hints: &Hints, trail: Option<&mut Trail>) -> Extracted {
    let page = page::decoded(bytes, hints);
    let extracted = match page.text.trim_start() {
        text if is_binary(text) => refused(),
        text if text.starts_with('<') || text.contains("</") => page::of_text(&page, hints, trail),
        text => of_plain(text, hints, trail),
    };
    page::told_if_cut(bytes, extracted)
}

/// Characters looked at: every binary format shows itself in its header.
const HEADER_CHARS: usize = 1_000;

/// The mark of byte order.
const BOM: char = '\u{feff}';

/// Whether a decoded text is that of a document of another format, whose header is text.
pub(crate) fn is_document(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == BOM).starts_with("%PDF-")
}

/// The answer to what is no text.
pub(crate) fn refused() -> Extracted {
    let problems = vec![Problem::new("refused", "not a text")];
    Extracted { problems, kind: PageKind::Unknown, ..Extracted::default() }
}

/// Whether a decoded text is none: a document of another format whose header is text, or one in twenty of its first
/// characters means nothing.
fn is_binary(text: &str) -> bool {
    if is_document(text) {
        return true;
    }
    let (mut all, mut bad) = (0, 0);
    for c in text.chars().take(HEADER_CHARS) {
        all += 1;
        bad += usize::from(c == '\u{fffd}' || (c.is_control() && !c.is_whitespace()));
    }
    bad * 20 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], headline: &str, problem: Option<&str>) {
        let extracted = any(bytes, &Hints::default());
        let first = extracted.problems.first().map(|problem| problem.word.as_str());
        assert_eq!((extracted.article.headline.as_str(), first), (headline, problem));
        if problem == Some("refused") {
            assert_eq!(article(bytes, &Hints::default()).article, Article::default());
        }
    }

    #[test]
    fn what_kind_of_thing_it_is_shows_in_its_content() {
        let text = "La cote d'alerte est levée\n\nLa préfecture a annoncé mardi la fin de la crue, après trois jours de pluie.";
        check(text.as_bytes(), "La cote d'alerte est levée", None);
        check(b"<title>La cote d'alerte</title>", "La cote d'alerte", Some("no_body"));
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10", "", Some("refused"));
        check(b"\xef\xbb\xbf \n%PDF-1.7\n1 0 obj\n<< /Title (Budget) >>\n</", "", Some("refused"));
        check(b"", "", Some("no_body"));
        let twice = "<h1>La prÃ©fÃ¨te lÃ¨ve l'alerte</h1>";
        check(twice.as_bytes(), "La préfète lève l'alerte", Some("damaged_text"));
    }
}
