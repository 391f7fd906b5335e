//! Understanding: what an entry, a page or a line says becomes an article.

use depeche_news::limits::ingest::{HEADLINE_CHARS_MAX, KEYWORDS_MAX};
use std::borrow::Cow;

use depeche_extract as extract;
use depeche_formats::{Channel, Content, Entry};
use depeche_news::{Article, Block, Image, Item, SourceId, Status, is_web};

use crate::{
    desk::{self, Clocks},
    read::Draft,
};

/// Characters of the teaser that lists show.
const TEASER_CHARS: usize = depeche_store::TEASER_CHARS;

/// Makes the draft of an item out of a feed's or an agency's entry; `clocks` are those of its delivery.
pub(crate) fn from_entry(
    source: &SourceId,
    entry: &Entry,
    feed: &Channel,
    clocks: Clocks<'_>,
) -> Draft {
    // An agency message is whole as it is, however short: a flash has no page behind it.
    let is_whole = entry.desk.is_some() && entry.link.is_none();
    let mut draft = understood(source, entry, feed, is_whole);
    finish(&mut draft.item, entry.desk.is_some(), clocks);
    draft
}

/// The same for what is whole as it is whoever sends it, its text without the blocks that `keep` refuses.
pub(crate) fn from_whole(
    source: &SourceId,
    entry: &Entry,
    feed: &Channel,
    clocks: Clocks<'_>,
    keep: impl Fn(&Block) -> bool,
) -> Draft {
    let mut draft = understood(source, entry, feed, true);
    draft.item.article.body.retain(keep);
    draft.is_nothing = is_nothing(&draft, entry);
    finish(&mut draft.item, entry.desk.is_some(), clocks);
    draft
}

/// Puts the words of the desk and the credit where they belong.
pub(crate) fn finish(item: &mut Item, from_agency: bool, clocks: Clocks<'_>) {
    desk::settle(item, from_agency, clocks);
    // The bracket of a desk is no credit, and stands behind one.
    split_headline(&mut item.article);
}

/// What an entry says, as it says it; one that `is_whole` has no page behind it.
fn understood(source: &SourceId, entry: &Entry, feed: &Channel, is_whole: bool) -> Draft {
    let base = entry.link.as_deref().or(feed.link.as_deref());
    let headline = entry.title.as_deref().map(plain).unwrap_or_default();
    let content = entry.content.iter().max_by_key(|content| content.value.len()).map(markup);
    let body =
        extract::body_of_entry(&headline, entry.summary.as_deref(), content.as_deref(), base);
    let mut article = Article {
        headline,
        credit: entry.credit.clone(),
        slugline: entry.slugline.clone(),
        standfirst: body.standfirst,
        authors: entry
            .authors
            .iter()
            .filter_map(|person| person.name.as_deref())
            .map(plain)
            .collect(),
        dateline: entry.dateline.clone(),
        body: body.body,
        language: None,
        published: entry.published.or(entry.updated),
        modified: entry.updated,
        keywords: keywords(entry),
        section: None,
        image: image(entry),
        address: entry.link.clone().filter(|link| is_web(link)),
        outlet: outlet(entry, feed),
        ..Article::default()
    };
    article.authors.retain(|name| !name.is_empty());
    article.section = article.keywords.first().cloned();
    let declared = entry.language.as_deref().or(feed.language.as_deref());
    article.language = depeche_text::language(&sample(&article), declared);
    let whole = is_whole || !body.teaser_only;
    if whole && article.body.is_empty() {
        // What an agency sends is its text, not a teaser of one.
        short_text(&mut article, entry.summary.as_deref(), content.as_deref(), base);
    }
    if article.standfirst.is_none() {
        article.standfirst = under_headline(entry, &article);
    }
    let page_wanted = entry.link.clone().filter(|link| !whole && is_web(link));
    let item = Item {
        source: source.clone(),
        guid: entry.guid.clone(),
        address: entry.link.clone().filter(|link| is_web(link)),
        version: entry.version.clone(),
        status: entry.status.unwrap_or_default(),
        signal: entry.signal,
        embargoed_until: entry.embargoed_until,
        urgency: entry.urgency,
        article,
        desk: desk::of_entry(entry),
    };
    let mut draft = Draft { page_wanted, ..Draft::of(item) };
    draft.is_nothing = is_nothing(&draft, entry);
    draft
}

/// Whether there is nothing to show of an entry, nor anything that it takes away.
fn is_nothing(draft: &Draft, entry: &Entry) -> bool {
    let (item, article) = (&draft.item, &draft.item.article);
    article.headline.is_empty()
        && article.standfirst.as_deref().is_none_or(str::is_empty)
        && article.text().is_empty()
        && article.image.is_none()
        && entry.enclosures.is_empty()
        && draft.page_wanted.is_none()
        && item.status == Status::Usable
}

/// What an agency puts under its headline (`hl2` of NITF, `subHeadline`), where the text does not say it again.
fn under_headline(entry: &Entry, article: &Article) -> Option<String> {
    let goes_under = |role: &str| {
        let role = role.to_ascii_lowercase();
        role.contains("sub") || role.contains("under")
    };
    let headlines = entry.desk.iter().flat_map(|desk| &desk.headlines);
    let mut under = headlines.filter(|worded| worded.role.as_deref().is_some_and(goes_under));
    let said = depeche_text::fold(&format!("{}\n{}", article.headline, article.text()));
    let text = depeche_text::squash(&under.next()?.text);
    (!text.is_empty() && !said.contains(&depeche_text::fold(&text))).then_some(text)
}

/// The text of a short message, block by block; its summary is a standfirst where it says something else.
fn short_text(
    article: &mut Article,
    summary: Option<&str>,
    content: Option<&str>,
    base: Option<&str>,
) {
    let blocks = content.map(|content| extract::fragment(content, base)).unwrap_or_default();
    if blocks.iter().all(|block| block.text().is_empty()) {
        article.body = article.standfirst.take().map(paragraph).into_iter().collect();
        return;
    }
    article.body = blocks;
    let text = depeche_text::fold(&article.text());
    let summary = summary.map(plain).filter(|summary| !summary.is_empty());
    article.standfirst = summary.filter(|summary| !text.contains(&depeche_text::fold(summary)));
}

/// The content as markup: plain text becomes paragraphs.
fn markup(content: &Content) -> Cow<'_, str> {
    if content.media_type.as_deref() != Some("text/plain") {
        return Cow::Borrowed(&content.value);
    }
    let safe = escaped(&content.value);
    let paragraphs =
        paragraphs(&safe).iter().map(|block| format!("<p>{}</p>", block.text())).collect();
    Cow::Owned(paragraphs)
}

/// Text as markup that says the same.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn keywords(entry: &Entry) -> Vec<String> {
    let mut keywords: Vec<String> = Vec::new();
    for keyword in &entry.keywords {
        let word =
            keyword.label.as_deref().or(keyword.term.as_deref()).map(plain).unwrap_or_default();
        if !word.is_empty() && !keywords.contains(&word) && keywords.len() < KEYWORDS_MAX {
            keywords.push(word);
        }
    }
    keywords
}

fn image(entry: &Entry) -> Option<Image> {
    let enclosed = || {
        let pictures = entry.enclosures.iter().filter(|enclosure| {
            enclosure.media_type.as_deref().is_some_and(|media| media.starts_with("image/"))
        });
        pictures.map(|enclosure| enclosure.url.clone()).next()
    };
    let address = entry.image.clone().or_else(enclosed).filter(|address| is_web(address))?;
    let words = |markup: &String| Some(plain(markup)).filter(|words| !words.is_empty());
    let (caption, credit) = (entry.image_caption.as_ref(), entry.image_credit.as_ref());
    Some(Image { address, caption: caption.and_then(words), credit: credit.and_then(words) })
}

/// Whose it is: a feed that gathers others says from whom it has an item.
fn outlet(entry: &Entry, feed: &Channel) -> Option<String> {
    let first = entry.origin.as_ref().and_then(|origin| origin.title.as_deref());
    first.map(plain).filter(|name| !name.is_empty()).or_else(|| feed.title.as_deref().map(plain))
}

/// Takes the credit in brackets off the headline, and bounds what is left.
pub(crate) fn split_headline(article: &mut Article) {
    let credited = depeche_text::split_credit(&article.headline);
    let credit = credited.credit.map(str::to_owned);
    let headline = depeche_text::teaser(credited.headline, HEADLINE_CHARS_MAX);
    article.headline = headline;
    if credit.is_some() {
        article.credit = credit;
    }
}

/// The plain text of a piece of markup, on one line.
pub(crate) fn plain(markup: &str) -> String {
    if !markup.contains(['<', '&']) {
        return depeche_text::squash(markup);
    }
    let blocks = extract::fragment(markup, None);
    let texts: Vec<String> = blocks.iter().map(Block::text).collect();
    depeche_text::squash(&texts.join(" "))
}

fn paragraph(text: String) -> Block {
    Block::Paragraph(text.into())
}

/// The paragraphs of a plain text: separated by blank lines, or by line breaks where there are none.
pub(crate) fn paragraphs(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let parts: Vec<&str> =
        if text.contains("\n\n") { text.split("\n\n").collect() } else { text.lines().collect() };
    let squashed = parts.into_iter().map(depeche_text::squash).filter(|part| !part.is_empty());
    squashed.map(paragraph).collect()
}

/// Completes what a feed told of an item with its page; false when the page has no story to give. Where it is kept for
/// those who pay and shows less than the feed told, that is all it says.
pub(crate) fn complete(known: &mut Article, page: Article) -> bool {
    let told = known.standfirst.as_deref().map_or(0, str::len);
    if page.body.is_empty() || page.text().len() < told / 2 {
        known.paywalled |= page.paywalled;
        return page.paywalled;
    }
    if known.headline.is_empty() || depeche_text::is_cut(&known.headline) {
        known.headline = page.headline;
    }
    known.credit = known.credit.take().or(page.credit);
    // A feed's teaser is often the body's start; the page says what the standfirst is.
    known.standfirst = page.standfirst;
    known.body = page.body;
    known.language = page.language.or(known.language.take());
    known.published = known.published.or(page.published);
    known.modified = page.modified.or(known.modified);
    known.section = known.section.take().or(page.section);
    known.image = known.image.take().or(page.image);
    known.dateline = known.dateline.take().or(page.dateline);
    desk::dateline_apart(known);
    (known.paywalled, known.live) = (page.paywalled, page.live);
    if known.authors.is_empty() {
        known.authors = page.authors;
    }
    if known.keywords.is_empty() {
        known.keywords = page.keywords;
    }
    true
}

/// Our teaser: the start of the standfirst, or of the body's first paragraph.
pub(crate) fn teaser(article: &Article) -> String {
    let lead = article.standfirst.clone().unwrap_or_else(|| {
        let paragraphs = article
            .body
            .iter()
            .filter(|block| matches!(block, Block::Paragraph(_) | Block::Quote(_)));
        paragraphs.map(Block::text).next().unwrap_or_else(|| article.text())
    });
    let lead = depeche_text::split_dateline(&lead).map_or(lead.as_str(), |(_, text)| text);
    depeche_text::teaser(lead, TEASER_CHARS)
}

fn sample(article: &Article) -> String {
    let mut sample = article.headline.clone();
    for text in
        article.standfirst.iter().cloned().chain(article.body.iter().take(3).map(Block::text))
    {
        sample.push(' ');
        sample.push_str(&text);
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_teaser_starts_after_the_dateline() {
        let body = vec![Block::Paragraph("VERDUN, 24 nov (HP) - La Meuse baisse.".into())];
        assert_eq!(teaser(&Article { body, ..Article::default() }), "La Meuse baisse.");
    }

    #[test]
    fn the_dateline_of_a_page_is_told_once() {
        let page = |line: &str, text: &str| Article {
            dateline: Some(line.to_owned()),
            body: vec![Block::Paragraph(text.into())],
            ..Article::default()
        };
        for (line, text, told, left) in [
            ("WASHINGTON —", "WASHINGTON — The court.", None, "The court."),
            ("VERDUN (HP) –", "VERDUN (HP) – La crue.", Some("Verdun, 5 nov (HP) -"), "La crue."),
            (
                "Verdun (HP) –",
                "Verdun (HP) – La crue.",
                Some("SEDAN (HP) -"),
                "Verdun (HP) – La crue.",
            ),
        ] {
            let told = told.map(str::to_owned);
            let mut known = Article { dateline: told.clone(), ..Article::default() };
            assert!(complete(&mut known, page(line, text)));
            assert_eq!(known.dateline, told.or(Some(line.to_owned())));
            assert_eq!(known.text(), left);
        }
    }
}
