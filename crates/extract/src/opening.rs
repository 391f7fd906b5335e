//! The picture that a story opens with, where its page declares none: between headline and second paragraph, or over both in
//! a figure. One that stands deeper in the text illustrates its own place, and stays there.

use depeche_news::{Block, Image};
use depeche_text::fold;
use url::Url;

use crate::blocks::{Kind, Page, Piece};
use crate::shown::{self, around_all};
use crate::tree::{NodeId, Tree};
use crate::{captions, elements, pictures, render, sources};

/// Most images that are looked at: those of a head are a handful.
const IMAGES_MAX: usize = 40;

/// Most elements of what has a picture and its caption in it.
const FIGURE_NODES_MAX: usize = 80;

/// Narrowest picture that opens a story without saying what it shows, by its own measure and by its sets.
const WIDTH_MIN: u32 = 400;
const LISTED_WIDTH_MIN: u32 = 600;

/// Narrower ones are signs, portraits and what counts visitors, whatever stands under them.
const SIGN_WIDTH_MAX: u32 = 120;

/// Words in the names of what is no picture.
const SIGNS: [&str; 14] = [
    "logo",
    "icon",
    "icone",
    "avatar",
    "gravatar",
    "author",
    "auteur",
    "pixel",
    "spacer",
    "blank",
    "placeholder",
    "sprite",
    "ad",
    "ads",
];

/// Where a story opens.
pub(crate) struct Opening {
    /// The innermost element that has headline and text in it.
    top: NodeId,
    /// The headline before the text.
    headline: Option<NodeId>,
    /// The first text of the story, and the last that a picture may stand before.
    first: NodeId,
    last: NodeId,
    /// Folded names.
    authors: Vec<String>,
}

impl Opening {
    /// Of the pieces of a body.
    pub(crate) fn of(page: &Page, pieces: &[Piece], authors: &[String]) -> Option<Self> {
        let tree = page.tree;
        let texts = || pieces.iter().filter(|piece| piece.kind != Kind::Image);
        let first = texts().next()?.element;
        let last = texts().map(|piece| piece.element).find(|id| *id != first).unwrap_or(first);
        let before = tree.walk(crate::tree::ROOT).take_while(|id| *id != first);
        let headline = before.filter(|id| tree.name(*id) == "h1").last();
        let elements = headline.into_iter().chain(texts().map(|piece| piece.element));
        let top = around_all(tree, elements);
        let authors = authors.iter().map(|name| fold(name)).collect();
        Some(Self { top, headline, first, last, authors })
    }

    /// The picture, taken out of the body if it stands there.
    pub(crate) fn picture(
        &self,
        page: &Page,
        base: Option<&Url>,
        body: &mut Vec<Block>,
    ) -> Option<Image> {
        let tree = page.tree;
        // Over the headline of an article stands what is its own; over that of a whole page what is the site's.
        let whole = matches!(tree.name(self.top), "html" | "body" | "");
        let mut after = self.headline.is_none() && !whole;
        let mut above = !after;
        let before_last =
            tree.walk(self.top).take_while(|id| *id != self.last || *id == self.first);
        let images = before_last.filter_map(|id| {
            after |= Some(id) == self.headline || id == self.first;
            above &= !after;
            (tree.name(id) == "img" && (after || !whole)).then_some((id, above))
        });
        images.take(IMAGES_MAX).find_map(|(id, above)| self.read(page, base, body, (id, above)))
    }

    /// An image with its caption, if it is the story's.
    fn read(
        &self,
        page: &Page,
        base: Option<&Url>,
        body: &mut Vec<Block>,
        (id, above): (NodeId, bool),
    ) -> Option<Image> {
        let tree = page.tree;
        if !self.has(page, id, above) || (above && pictures::figure(page, id).is_none()) {
            return None;
        }
        let address = render::absolute(sources::best(tree, id)?, base)?;
        let own = pictures::addresses(page, id, base);
        let same = |image: &Image| image.address == address || own.contains(&image.address);
        let in_body = body.iter().find_map(|block| match block {
            Block::Image(image) if same(image) => Some(image.clone()),
            _ => None,
        });
        let under = is_small(page, id).then(|| pictures::caption(page, id)).flatten();
        let (caption, credit) = under.as_deref().map(captions::split).unwrap_or_default();
        let told = in_body.unwrap_or_default();
        let (caption, credit) = (told.caption.or(caption), told.credit.or(credit));
        let names = |text: &String| self.authors.contains(&fold(text));
        let tells = caption.is_some() || credit.is_some();
        if caption.as_ref().is_some_and(names)
            || !tells && (!is_large(tree, id) || is_sign(tree, id, &address))
        {
            return None;
        }
        pictures::taken(body, same);
        Some(Image { address, caption, credit })
    }

    /// Whether an image stands in nothing that is made for other things, is seen, and is no sign.
    fn has(&self, page: &Page, id: NodeId, above: bool) -> bool {
        let tree = page.tree;
        let around = tree.ancestors(id).take_while(|around| *around != self.top);
        let mut around = std::iter::once(id).chain(around);
        let small = |name| measure(tree, id, name).is_some_and(|size| size <= SIGN_WIDTH_MAX);
        let is_own = |id: NodeId| match tree.name(id) {
            // The head of an article is its own; that of a site has no headline of a story in it.
            "header" => {
                !above
                    || self.headline.is_some_and(|h1| tree.ancestors(h1).any(|around| around == id))
            }
            "a" => !shown::leads_on(tree, id),
            _ => !shown::is_foreign(page, id),
        };
        !small("width")
            && !small("height")
            && around.all(|id| is_own(id) && !elements::is_unseen(tree, id))
    }
}

/// Whether what has a picture and its caption in it is no larger than such are.
fn is_small(page: &Page, image: NodeId) -> bool {
    let tree = page.tree;
    let around =
        tree.ancestors(image).take(4).find(|id| matches!(tree.name(*id), "figure" | "div"));
    let around = pictures::figure(page, image).or(around);
    around.is_some_and(|id| tree.walk(id).nth(FIGURE_NODES_MAX).is_none())
}

/// Whether a picture is declared as large, and not as a strip for an advertisement.
fn is_large(tree: &Tree, image: NodeId) -> bool {
    let (width, height) = (measure(tree, image, "width"), measure(tree, image, "height"));
    let flat = width.zip(height).is_some_and(|(width, height)| height.saturating_mul(4) < width);
    let wide = width.is_some_and(|width| width >= WIDTH_MIN)
        || sources::widest(tree, image).is_some_and(|width| width >= LISTED_WIDTH_MIN);
    wide && !flat
}

fn measure(tree: &Tree, image: NodeId, name: &str) -> Option<u32> {
    let value = tree.attribute(image, name)?.trim();
    value.strip_suffix("px").unwrap_or(value).parse().ok()
}

/// Whether the names of an image or of its file say that it is a sign.
fn is_sign(tree: &Tree, image: NodeId, address: &str) -> bool {
    let names = ["class", "id", "alt"].iter().filter_map(|name| tree.attribute(image, name));
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let is_word = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| SIGNS.iter().any(|sign| word.eq_ignore_ascii_case(sign)))
    };
    file.ends_with(".svg")
        || shown::is_portrait(file)
        || is_word(file)
        || names.into_iter().any(is_word)
}
