//! Which pictures and embeds a story shows: those between two pieces of its text, and its own after the last one.

use depeche_text::fold;

use crate::blocks::{Kind, Page, Piece};
use crate::marks::Marks;
use crate::tree::{NodeId, ROOT, Tree};

/// Takes in what the story shows.
pub(crate) fn take_in(page: &Page, pieces: &[Piece], inside: &mut [bool]) {
    let own = after(page, pieces, inside);
    between(pieces, inside);
    own.into_iter().for_each(|at| put(inside, at));
}

fn put(inside: &mut [bool], at: usize) {
    if let Some(inside) = inside.get_mut(at) {
        *inside = true;
    }
}

/// Takes in the images that stand between two pieces of the story, in an element of one of them.
fn between(pieces: &[Piece], inside: &mut [bool]) {
    let mut before: Option<usize> = None;
    let mut images: Vec<usize> = Vec::new();
    for at in 0..pieces.len() {
        let is_image = pieces.get(at).is_some_and(|piece| piece.kind == Kind::Image);
        let kept = inside.get(at).copied().unwrap_or(false);
        if is_image && before.is_some() {
            images.push(at);
        } else if kept {
            let beside = images.drain(..).filter(|image| is_beside(pieces, *image, at));
            beside.for_each(|image| put(inside, image));
            before = Some(at);
        } else if !is_image && !pieces.get(at).is_some_and(stands_beside) {
            images.clear();
        }
    }
}

/// A caption and a post's own text stand beside what is shown.
fn stands_beside(piece: &Piece) -> bool {
    piece.marks.any(Marks::CAPTION) || matches!(piece.kind, Kind::Caption | Kind::Quote)
}

/// Whether an image and a piece of the story are in one element that is not named for furniture.
fn is_beside(pieces: &[Piece], image: usize, at: usize) -> bool {
    let (Some(image), Some(piece)) = (pieces.get(image), pieces.get(at)) else { return false };
    !image.marks.any(Marks::FURNITURE) || piece.marks.any(Marks::FURNITURE)
}

/// The story's own pictures and embeds right after its last text: in its container, and in nothing that is made for other
/// things. What stands behind the next foreign text is not the story's.
fn after(page: &Page, pieces: &[Piece], inside: &[bool]) -> Vec<usize> {
    let text = |at: &usize| pieces.get(*at).is_some_and(|piece| piece.kind != Kind::Image);
    let kept: Vec<usize> =
        inside.iter().enumerate().filter(|(_, kept)| **kept).map(|(at, _)| at).collect();
    let kept: Vec<usize> = kept.into_iter().filter(text).collect();
    let Some(last) = kept.last() else { return Vec::new() };
    let elements = kept.iter().filter_map(|at| pieces.get(*at)).map(|piece| piece.element);
    let story = Story { page, container: around_all(page.tree, elements) };
    let follow = pieces.iter().enumerate().skip(last + 1);
    let follow = follow.take_while(|(_, piece)| {
        piece.kind == Kind::Image || stands_beside(piece) || announces(piece)
    });
    follow
        .filter(|(_, piece)| piece.kind == Kind::Image && story.has(piece))
        .map(|(at, _)| at)
        .collect()
}

/// Whether an element is in the one that has all the texts that are kept, and in nothing that is made for other things.
pub(crate) fn is_own(page: &Page, pieces: &[Piece], inside: &[bool], id: NodeId) -> bool {
    let kept =
        pieces.iter().zip(inside).filter(|(piece, inside)| **inside && piece.kind != Kind::Image);
    let container = around_all(page.tree, kept.map(|(piece, _)| piece.element));
    !matches!(page.tree.name(container), "" | "html" | "body")
        && Story { page, container }.is_within(id, container)
}

/// The innermost element that has all of these in it.
pub(crate) fn around_all(tree: &Tree, elements: impl Iterator<Item = NodeId>) -> NodeId {
    let path = |id: NodeId| {
        let mut path: Vec<NodeId> = std::iter::once(id).chain(tree.ancestors(id)).collect();
        path.reverse();
        path
    };
    let mut common: Option<Vec<NodeId>> = None;
    let mut before = None;
    for element in elements {
        if before.replace(element) == Some(element) {
            continue;
        }
        let path = path(element);
        match &mut common {
            Some(common) => {
                let same = common.iter().zip(&path).take_while(|(a, b)| a == b).count();
                common.truncate(same);
            }
            None => common = Some(path),
        }
    }
    // Of a single paragraph it is what the paragraph stands in.
    let innermost = common.and_then(|common| common.last().copied()).unwrap_or(ROOT);
    match tree.name(innermost) {
        "p" | "li" | "blockquote" | "h2" | "h3" => tree.parent(innermost).unwrap_or(ROOT),
        _ => innermost,
    }
}

/// Longest line that announces what is shown under it.
const ANNOUNCED_SIZE_MAX: usize = 100;

/// Whether a line without a link says that something is shown: «Vidéo : le pont vu du ciel».
fn announces(piece: &Piece) -> bool {
    const STARTS: [&str; 12] = [
        "video",
        "en video",
        "voir la video",
        "regardez",
        "revoir",
        "ecoutez",
        "en images",
        "photos",
        "watch",
        "listen",
        "le tweet",
        "la carte",
    ];
    let folded = fold(&piece.text);
    piece.size < ANNOUNCED_SIZE_MAX
        && piece.linked == 0
        && STARTS.iter().any(|start| crate::phrases::starts_as_word(&folded, start))
}

/// Where the text of a story stands.
struct Story<'a> {
    page: &'a Page<'a>,
    container: NodeId,
}

/// How far above the text of a story the element is that is the article.
const ARTICLE_REACH: usize = 3;

/// Elements of a figure that are looked at.
const FIGURE_NODES_MAX: usize = 60;

/// Narrowest picture that shows something without saying what.
const WIDTH_MIN: u32 = 300;

impl Story<'_> {
    /// Whether a picture or an embed is in the story's container, or at least in its article, and belongs to it.
    fn has(&self, piece: &Piece) -> bool {
        let tree = self.page.tree;
        let within = |top| self.is_within(piece.element, top);
        let article = tree
            .ancestors(self.container)
            .take(ARTICLE_REACH)
            .find(|id| tree.name(*id) == "article");
        if piece.embed {
            return within(self.container) || article.is_some_and(within);
        }
        within(self.container) && self.is_picture(piece)
    }

    /// Whether an element is in another, and between them nothing is made for other things.
    fn is_within(&self, id: NodeId, top: NodeId) -> bool {
        let tree = self.page.tree;
        let path = || std::iter::once(id).chain(tree.ancestors(id));
        path().any(|id| id == top)
            && !path().take_while(|id| *id != top).any(|id| is_foreign(self.page, id))
    }

    /// Whether an image is a picture rather than a sign or a teaser's: it leads nowhere, and is a figure, told of, or wide.
    fn is_picture(&self, piece: &Piece) -> bool {
        if is_portrait(&piece.text) {
            return false;
        }
        let tree = self.page.tree;
        let nodes: Vec<NodeId> = tree.walk(piece.element).take(FIGURE_NODES_MAX).collect();
        let leads = |id: &NodeId| tree.name(*id) == "a" && leads_on(tree, *id);
        let wide = |id: &NodeId| {
            let width = tree.attribute(*id, "width").and_then(|width| width.parse::<u32>().ok());
            tree.name(*id) == "img" && width.is_some_and(|width| width >= WIDTH_MIN)
        };
        let figure = || {
            std::iter::once(piece.element)
                .chain(tree.ancestors(piece.element).take(2))
                .any(|id| tree.name(id) == "figure")
        };
        !nodes.iter().any(leads) && (piece.caption.is_some() || figure() || nodes.iter().any(wide))
    }
}

/// Whether an element holds what is not the story's.
pub(crate) fn is_foreign(page: &Page, id: NodeId) -> bool {
    matches!(page.tree.name(id), "aside" | "footer" | "nav" | "form" | "li" | "a" | "header")
        || page.marks_of(id).any(Marks::FURNITURE | Marks::COMMENT | Marks::CONSENT | Marks::BYLINE)
}

/// Whether a link leads to something else than a picture in another size.
pub(crate) fn leads_on(tree: &Tree, link: NodeId) -> bool {
    tree.attribute(link, "href").is_some_and(|href| !is_image_file(href))
}

/// Whether an image is named as authors' portraits are.
pub(crate) fn is_portrait(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PORTRAITS.iter().any(|portrait| name.contains(portrait))
}

/// What the files of authors' portraits are called.
const PORTRAITS: [&str; 3] = ["avatar", "headshot", "portrait-auteur"];

/// Whether an address is that of a picture in another size.
fn is_image_file(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"].iter().any(|end| path.ends_with(end))
}
