//! The leading picture of an article, with the caption and credit that stand under it on its page.

use depeche_news::{Block, Image};
use url::Url;

use crate::blocks::{self, Kind, Page, Piece, SOURCES, Strictness};
use crate::facts::Facts;
use crate::marks::Marks;
use crate::tree::{NodeId, ROOT};
use crate::{captions, render};

/// Most images of a page that are compared with the one it declares.
const IMAGES_MAX: usize = 200;

/// The picture that the page declares, or the first one of the body; told by what stands under it, else by what JSON-LD
/// says of it.
pub(crate) fn leading(
    page: &Page,
    facts: &Facts,
    base: Option<&Url>,
    body: &mut Vec<Block>,
) -> Option<Image> {
    let declared = facts
        .first_meta(&["og:image", "og:image:url", "twitter:image"])
        .or(facts.linked.image.as_deref())?;
    let address = render::absolute(declared, base)?;
    let wanted = stem(&address);
    let in_body = body.iter().position(|block| {
        matches!(block, Block::Image(image) if image.address == address || is_same(&stem(&image.address), &wanted))
    });
    let mut image = match in_body.map(|at| body.remove(at)) {
        Some(Block::Image(image)) => Image { address, ..image },
        _ => shown(page, &wanted, &address).unwrap_or(Image { address, ..Image::default() }),
    };
    let told = &facts.linked.picture;
    let alternative = || facts.first_meta(&["og:image:alt"]).map(str::to_owned);
    image.caption = image.caption.or_else(|| told.caption.clone()).or_else(alternative);
    image.credit = image.credit.or_else(|| told.credit.clone());
    Some(image)
}

/// Gives the images that are kept the caption that stands after each, where an element is only called one.
pub(crate) fn with_captions(pieces: &mut [Piece], inside: &[bool]) {
    for at in 0..pieces.len() {
        let own = |piece: &&Piece| piece.marks.any(Marks::CAPTION) && piece.size < CAPTION_SIZE_MAX;
        let kept = |at: usize| inside.get(at).copied().unwrap_or(false);
        let caption = pieces.get(at + 1).filter(own).map(|piece| piece.text.clone());
        if let Some(image) = pieces.get_mut(at).filter(|piece| piece.kind == Kind::Image)
            && kept(at)
            && !kept(at + 1)
        {
            image.caption = image.caption.take().or(caption);
        }
    }
}

/// Longest caption.
const CAPTION_SIZE_MAX: usize = 300;

/// The picture as the page shows it, with its caption, if it does.
fn shown(page: &Page, wanted: &str, address: &str) -> Option<Image> {
    let tree = page.tree;
    let images = tree.walk(ROOT).filter(|id| tree.name(*id) == "img").take(IMAGES_MAX);
    let is_it = |id: &NodeId| {
        let mut sources = SOURCES.iter().filter_map(|source| tree.attribute(*id, source));
        sources.any(|source| is_same(&stem(source), wanted))
    };
    let all = images.filter(is_it).filter_map(|id| {
        let around =
            tree.ancestors(id).take(4).find(|id| matches!(tree.name(*id), "figure" | "div"))?;
        let figure = tree.ancestors(id).take(6).find(|id| tree.name(*id) == "figure");
        let pieces = blocks::pieces_in(page, figure.unwrap_or(around), Strictness::Elements);
        let text =
            pieces.into_iter().find(|piece| piece.kind == Kind::Image && !piece.embed)?.caption?;
        let (caption, credit) = captions::split(&text);
        Some(Image { address: address.to_owned(), caption, credit })
    });
    all.into_iter().next()
}

/// What stays of an image's address in all its sizes: its file's name without ending and measures.
fn stem(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name).to_ascii_lowercase();
    match name.rsplit_once(['-', '_']) {
        Some((bare, end)) if is_measure(end) => bare.to_owned(),
        _ => name,
    }
}

/// `1200x630`, `w800`, `scaled`.
fn is_measure(end: &str) -> bool {
    let digits = |text: &str| text.len() >= 2 && text.bytes().all(|b| b.is_ascii_digit());
    let both = end.split_once('x').is_some_and(|(width, height)| digits(width) && digits(height));
    both || end == "scaled" || end.strip_prefix('w').is_some_and(digits)
}

fn is_same(a: &str, b: &str) -> bool {
    a.len() >= 4 && a == b
}
