//! The leading picture of an article, with the caption and credit that stand under it on its page.

use depeche_news::{Block, Image};
use url::Url;

use crate::blocks::{self, Kind, Page, Piece, Strictness};
use crate::facts::Facts;
use crate::marks::Marks;
use crate::opening::Opening;
use crate::tree::{NodeId, ROOT};
use crate::{captions, render, sources};

/// Most images of a page that are compared with the one it declares.
const IMAGES_MAX: usize = 200;

/// The picture that the page declares, or the first one that its story opens with, and which evidence told it; with what
/// stands under it, else what JSON-LD says of it. It stands no more in the body.
pub(crate) fn leading(
    page: &Page,
    facts: &Facts,
    base: Option<&Url>,
    opening: Option<&Opening>,
    body: &mut Vec<Block>,
) -> Option<(Image, &'static str)> {
    let Some((address, evidence)) = declared(facts, base) else {
        let image = opening.filter(|_| !body.is_empty())?.picture(page, base, body)?;
        return Some((image, "page"));
    };
    let wanted = stem(&address);
    let found = shown(page, wanted);
    let own: Vec<String> =
        found.as_ref().map(|found| found.addresses(page, base)).unwrap_or_default();
    let same = |image: &Image| {
        image.address == address
            || is_same(stem(&image.address), wanted)
            || own.contains(&image.address)
    };
    let in_body = taken(body, same).unwrap_or_default();
    let (caption, credit) = found.map(|found| captions::split(&found.caption)).unwrap_or_default();
    let told = &facts.linked.picture;
    let alternative = || facts.first_meta(&["og:image:alt"]).map(str::to_owned);
    let shown_caption = in_body.caption.or(caption);
    let caption = shown_caption.or_else(|| told.caption.clone()).or_else(alternative);
    let credit = in_body.credit.or(credit).or_else(|| told.credit.clone());
    Some((Image { address, caption, credit }, evidence))
}

/// The first address declared that a reader may be led to.
fn declared(facts: &Facts, base: Option<&Url>) -> Option<(String, &'static str)> {
    let mut metas = facts.all_metas(&["og:image", "og:image:url", "twitter:image"]);
    let meta = metas.find_map(|declared| Some((render::absolute(declared, base)?, "meta")));
    let linked = || Some((render::absolute(facts.linked.image.as_deref()?, base)?, "json-ld"));
    meta.or_else(linked)
}

/// Takes the first picture that is the same out of a body.
pub(crate) fn taken(body: &mut Vec<Block>, same: impl Fn(&Image) -> bool) -> Option<Image> {
    let is_it = |block: &Block| matches!(block, Block::Image(image) if same(image));
    match body.iter().position(is_it).map(|at| body.remove(at)) {
        Some(Block::Image(image)) => Some(image),
        _ => None,
    }
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

/// A picture on its page with what stands under it.
struct Found {
    image: NodeId,
    caption: String,
}

impl Found {
    /// Its addresses as a body has them.
    fn addresses(&self, page: &Page, base: Option<&Url>) -> Vec<String> {
        addresses(page, self.image, base)
    }
}

/// The addresses in a picture's own attributes as a body has them.
pub(crate) fn addresses(page: &Page, image: NodeId, base: Option<&Url>) -> Vec<String> {
    sources::plain(page.tree, image).filter_map(|source| render::absolute(source, base)).collect()
}

/// The declared picture as the page shows it with a caption, if it does.
fn shown(page: &Page, wanted: &str) -> Option<Found> {
    let tree = page.tree;
    let images = tree.walk(ROOT).filter(|id| tree.name(*id) == "img").take(IMAGES_MAX);
    let is_it = |id: &NodeId| sources::all(tree, *id).any(|source| is_same(stem(source), wanted));
    images.filter(is_it).find_map(|image| Some(Found { image, caption: caption(page, image)? }))
}

/// What stands under a picture: in its figure, or else in the element around it.
pub(crate) fn caption(page: &Page, image: NodeId) -> Option<String> {
    let tree = page.tree;
    let figure = figure(page, image);
    let around =
        || tree.ancestors(image).take(4).find(|id| matches!(tree.name(*id), "figure" | "div"));
    let pieces = blocks::pieces_in(page, figure.or_else(around)?, Strictness::Elements);
    // One that has its address in a set alone is no piece.
    let is_own = |piece: &Piece| sources::plain(tree, image).any(|source| source == piece.text);
    let mut images = pieces.iter().filter(|piece| piece.kind == Kind::Image && !piece.embed);
    let first = images.clone().next();
    if let Some(own) = images.find(|piece| is_own(piece)).or(first) {
        return own.caption.clone();
    }
    let lines = pieces.iter().filter(|piece| piece.kind == Kind::Caption && figure.is_some());
    let lines: Vec<&str> = lines.map(|piece| piece.text.as_str()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The figure that an image is in.
pub(crate) fn figure(page: &Page, image: NodeId) -> Option<NodeId> {
    page.tree.ancestors(image).take(6).find(|id| page.tree.name(*id) == "figure")
}

/// What stays of an image's address in all its sizes: its file's name without ending and measures.
fn stem(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
    match name.rsplit_once(['-', '_']) {
        Some((bare, end)) if is_measure(end) => bare,
        _ => name,
    }
}

/// `1200x630`, `w800`, `scaled`.
fn is_measure(end: &str) -> bool {
    let digits = |text: &str| text.len() >= 2 && text.bytes().all(|b| b.is_ascii_digit());
    let both =
        end.split_once(['x', 'X']).is_some_and(|(width, height)| digits(width) && digits(height));
    both || end.eq_ignore_ascii_case("scaled") || end.strip_prefix(['w', 'W']).is_some_and(digits)
}

fn is_same(a: &str, b: &str) -> bool {
    a.len() >= 4 && a.eq_ignore_ascii_case(b)
}
