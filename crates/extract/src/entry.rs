//! What a feed entry tells of its article, and whether its page has to be fetched.

use std::borrow::Cow;

use depeche_news::{Block, limits::text::LINK_BYTES_MAX};
use depeche_text::{fold, is_cut, squash};
use url::Url;

use crate::blocks::{self, Page, Strictness};
use crate::content::{is_teaser_of, same_start, sorted};
use crate::render::{self, Setting};
use crate::{phrases, simple, tree};

/// Standfirst and body of a feed entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryBody {
    /// The standfirst, or all there is where the entry carries only a teaser.
    pub standfirst: Option<String>,
    /// The body without headline, standfirst and teasers.
    pub body: Vec<Block>,
    /// Whether the entry carries no whole text: it is empty, short, or was cut.
    pub teaser_only: bool,
}

/// Shortest summary that is taken for the whole article: standfirsts stay below.
const WHOLE_SUMMARY_CHARS_MIN: usize = 500;

/// Shortest content, given beside or instead of a summary, that is taken for the whole article:
/// a wire dispatch of three sentences is above.
const WHOLE_CONTENT_CHARS_MIN: usize = 250;

/// Reads the content of a feed entry as blocks; markup or plain text. Nothing active survives.
pub fn fragment(html: &str, base: Option<&str>) -> Vec<Block> {
    let base = base.and_then(|base| Url::parse(base).ok());
    fragment_within(html, base.as_ref(), LINK_BYTES_MAX)
}

/// The same, with so many bytes of addresses that its links may lead to.
pub(crate) fn fragment_within(html: &str, base: Option<&Url>, links: usize) -> Vec<Block> {
    if !has_markup(html) {
        let text =
            if html.contains('&') { crate::linked_data::decoded(html) } else { String::new() };
        let lines = if text.is_empty() { html } else { &text };
        return lines
            .lines()
            .map(squash)
            .filter(|line| !line.is_empty())
            .map(|line| Block::Paragraph(line.into()))
            .collect();
    }
    if let Some((pieces, hrefs)) = simple::pieces(html) {
        return render::blocks(pieces, &Setting::of_links(&hrefs, base).within(links));
    }
    let tree = tree::parse(html);
    let pieces = blocks::pieces(&Page::of_fragment(&tree), Strictness::Nothing);
    render::blocks(pieces, &Setting::of_page(&tree, base).within(links))
}

/// Whether a text has tags in it.
pub(crate) fn has_markup(text: &str) -> bool {
    let opens = |at: usize| {
        text.as_bytes()
            .get(at + 1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'))
    };
    text.match_indices('<').any(|(at, _)| opens(at))
}

/// Makes standfirst and body out of an entry's summary and content.
pub fn body_of_entry(
    headline: &str,
    summary_html: Option<&str>,
    content_html: Option<&str>,
    base: Option<&str>,
) -> EntryBody {
    let headline = fold(headline);
    let read = |html: Option<&str>| {
        without_furniture(html.map(|html| fragment(html, base)).unwrap_or_default(), &headline)
    };
    let (summary, content) = (read(summary_html), read(content_html));
    let (summary, content, whole_chars_min) = match letters(&content) {
        0 => (vec![], summary, WHOLE_SUMMARY_CHARS_MIN),
        _ => (summary, content, WHOLE_CONTENT_CHARS_MIN),
    };
    let summary = text(&summary);
    if letters(&content) < whole_chars_min || ends_cut(&content) {
        let teaser = if summary.is_empty() { text(&content) } else { summary };
        return EntryBody { standfirst: some(teaser), body: vec![], teaser_only: true };
    }
    let (standfirst, body) = without_repeats(summary, content);
    EntryBody { standfirst, body, teaser_only: false }
}

/// A block with its folded text, which all that compares it looks at.
struct Folded {
    block: Block,
    folded: String,
}

/// The words of a block, copied only where it has to put them together.
fn words(block: &Block) -> Cow<'_, str> {
    match block {
        Block::Paragraph(text) | Block::Subhead(text) | Block::Quote(text) => text.into(),
        block => block.text().into(),
    }
}

/// Takes the summary out of the content where it is repeated; a cut one is no standfirst.
fn without_repeats(summary: String, content: Vec<Folded>) -> (Option<String>, Vec<Block>) {
    let folded = || content.iter().map(|block| block.folded.as_str());
    let whole = fold(&summary);
    let repeated = folded().any(|text| !whole.is_empty() && same_start(text, &whole));
    let starts = folded()
        .find(|text| !text.is_empty())
        .is_some_and(|text| text.starts_with(&whole) && !repeated);
    let sorted = sorted(folded());
    let keep = |text: &str| !(is_teaser_of(&sorted, text) || repeated && same_start(text, &whole));
    let kept: Vec<bool> = folded().map(keep).collect();
    let standfirst = if is_cut(&summary) || starts { None } else { some(summary) };
    let mut body = Vec::with_capacity(content.len());
    let blocks = content.into_iter().zip(kept).filter(|(_, keep)| *keep);
    body.extend(blocks.map(|(Folded { block, .. }, _)| block));
    (standfirst, body)
}

/// Drops the headline at the start, and lines that only call to the page.
fn without_furniture(blocks: Vec<Block>, headline: &str) -> Vec<Folded> {
    let is_line = |text: &str| {
        text.len() < 200 && (phrases::is_furniture_line(text) || phrases::is_feed_line(text))
    };
    let mut kept: Vec<Folded> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let folded = fold(&words(&block));
        let furniture = !matches!(block, Block::Image(_) | Block::Embed(_))
            && (is_line(&folded) || (kept.is_empty() && folded == headline));
        if !furniture {
            kept.push(Folded { block, folded });
        }
    }
    kept
}

fn letters(blocks: &[Folded]) -> usize {
    blocks.iter().map(|block| words(&block.block).chars().count()).sum()
}

fn ends_cut(blocks: &[Folded]) -> bool {
    let last =
        blocks.iter().rev().find(|block| !matches!(block.block, Block::Image(_) | Block::Embed(_)));
    last.is_some_and(|block| is_cut(&words(&block.block)))
}

fn text(blocks: &[Folded]) -> String {
    let texts = blocks.iter().map(|block| words(&block.block)).filter(|text| !text.is_empty());
    let texts: Vec<_> = texts.collect();
    squash(&texts.join(" "))
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAD: &str = "Le conseil a voté mardi soir le budget de la commune.";

    fn story() -> String {
        format!("<p>{}</p>", "La séance a duré quatre heures et demie. ".repeat(15))
    }

    #[track_caller]
    fn check(
        summary: Option<&str>,
        content: Option<&str>,
        standfirst: Option<&str>,
        blocks: usize,
        teaser_only: bool,
    ) {
        let entry = body_of_entry("Le budget est voté", summary, content, None);
        let got = (entry.standfirst.as_deref(), entry.body.len(), entry.teaser_only);
        assert_eq!(got, (standfirst, blocks, teaser_only), "{entry:?}");
    }

    #[test]
    fn entries_tell_what_they_carry() {
        let story = story();
        check(None, None, None, 0, true);
        check(Some(LEAD), None, Some(LEAD), 0, true);
        check(Some(LEAD), Some(&story), Some(LEAD), 1, false);
        check(Some(&story), None, None, 1, false);
        check(Some(LEAD), Some(&format!("<p>{LEAD}</p>{story}")), Some(LEAD), 1, false);
        check(
            Some("Le conseil a voté mardi…"),
            Some(&format!("<p>{LEAD}</p>{story}")),
            None,
            2,
            false,
        );
        check(
            None,
            Some(&format!("<h1>Le budget est voté</h1>{story}<p><a href=x>Lire la suite</a></p>")),
            None,
            1,
            false,
        );
        check(
            Some(LEAD),
            Some(&format!("{story}<p>Il a ajouté que rien ne...</p>")),
            Some(LEAD),
            0,
            true,
        );
    }

    #[test]
    fn fragments_are_plain_blocks() {
        let base = Some("https://a.example/un/");
        let image = |address: &str| {
            Block::Image(depeche_news::Image { address: address.into(), ..Default::default() })
        };
        let paragraph = |text: &str| Block::Paragraph(text.into());
        assert_eq!(fragment("un &amp; deux\ntrois", None), [paragraph("un & deux trois")]);
        assert_eq!(
            fragment("un\n\ndeux < trois", None),
            [paragraph("un"), paragraph("deux < trois")]
        );
        assert_eq!(fragment("<p onclick=x>un<script>x()</script>", None), [paragraph("un")]);
        assert_eq!(
            fragment("<img src=../i.jpg><img src='javascript:x'>", base),
            [image("https://a.example/i.jpg")]
        );
        assert_eq!(
            fragment("<ul><li>un<li>deux</ul>", None),
            [Block::List(vec!["un".into(), "deux".into()])]
        );
    }
}
