//! The page as one line of blocks: paragraphs, headings, entries, each with what is known of it.

use depeche_news::limits::extract::PIECES_MAX;

use crate::captions;
use crate::elements::{is_custom_block, is_skipped};
use crate::embeds;
use crate::marks::{self, Marks};
use crate::rule::Rule;
use crate::tree::{NodeId, ROOT, Tree};

pub(crate) use crate::elements::is_hidden;
pub(crate) use crate::writer::{Writer, ends_sentence, is_invisible, size};

/// What a block is by its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Paragraph,
    /// Text of a div, a cell, or of no element of its own.
    Loose,
    Heading(u8),
    Entry,
    Quote,
    Cell,
    Caption,
    Image,
}

/// How a part of a piece stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    Link,
    Strong,
    Emphasis,
    Code,
}

/// A part of a text that stands out, and the element by which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) stand: Stand,
    pub(crate) element: NodeId,
}

/// A run of text between two borders of blocks.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    /// The innermost block element.
    pub(crate) element: NodeId,
    pub(crate) text: String,
    /// Its length in letters' worth: a Han or Kana sign counts for three.
    pub(crate) size: usize,
    /// How much of it is in links.
    pub(crate) linked: usize,
    /// How much of it is bold or italic.
    pub(crate) stressed: usize,
    /// What the names of the elements around it say.
    pub(crate) marks: Marks,
    /// Whether it is in a `header` element.
    pub(crate) in_header: bool,
    /// The list or table it is part of.
    pub(crate) group: NodeId,
    /// The row of its table.
    pub(crate) row: NodeId,
    /// The entry of a list that it stands in.
    pub(crate) item: NodeId,
    /// What stands out in it, by bytes of its text.
    pub(crate) standing: Vec<Standing>,
    /// Its lines as they are set, where it is the text of a `pre`.
    pub(crate) set: Option<Box<str>>,
    /// The caption of an image.
    pub(crate) caption: Option<String>,
    /// Something embedded, whose page its text names; its kind is that of an image.
    pub(crate) embed: bool,
}

impl Piece {
    /// A line of plain text.
    pub(crate) fn of_line(text: String) -> Self {
        Self {
            kind: Kind::Paragraph,
            element: ROOT,
            size: size(&text),
            linked: 0,
            stressed: 0,
            marks: Marks::NONE,
            in_header: false,
            group: ROOT,
            row: ROOT,
            item: ROOT,
            standing: Vec::new(),
            set: None,
            caption: None,
            embed: false,
            text,
        }
    }

    /// The share of its text that is in links.
    pub(crate) fn link_density(&self) -> f32 {
        if self.size == 0 { 0.0 } else { self.linked as f32 / self.size as f32 }
    }

    pub(crate) fn is_heading(&self) -> bool {
        matches!(self.kind, Kind::Heading(_))
    }

    /// Whether nearly all of it is stressed.
    pub(crate) fn is_bold(&self) -> bool {
        self.stressed * 10 >= self.size * 8
    }
}

/// How much is taken for furniture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// By element, by name, and what is hidden.
    Names,
    /// By element; by name only comments. For pages whose names lie.
    Elements,
    /// Nothing: for fragments.
    Nothing,
}

/// The pieces of a page or fragment, in order, furniture left out.
pub(crate) fn pieces(page: &Page, strictness: Strictness) -> Vec<Piece> {
    pieces_in(page, ROOT, strictness)
}

/// The same of one element.
pub(crate) fn pieces_in(page: &Page, top: NodeId, strictness: Strictness) -> Vec<Piece> {
    let tree = page.tree;
    let believes = strictness != Strictness::Nothing;
    let mut reading = Reading { page, strictness, writer: Writer::new(believes) };
    let mut at = top;
    'walk: loop {
        if reading.enter(at)
            && let Some(first) = tree.children(at).next()
        {
            at = first;
            continue;
        }
        loop {
            reading.writer.leave(at, tree.name(at));
            if at == top || reading.writer.count() >= PIECES_MAX {
                break 'walk;
            }
            if let Some(next) = tree.next_sibling(at) {
                at = next;
                break;
            }
            let Some(parent) = tree.parent(at) else { break 'walk };
            at = parent;
        }
    }
    let mut pieces = reading.writer.finish();
    pieces.truncate(PIECES_MAX);
    pieces
}

/// A parsed page with what is known of its elements.
pub(crate) struct Page<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) marks: Vec<Marks>,
    shares: Shares,
}

impl<'a> Page<'a> {
    pub(crate) fn new(tree: &'a Tree) -> Self {
        Self { tree, marks: marks::all(tree), shares: Shares::of(tree) }
    }

    /// A fragment, of which nothing is taken for furniture.
    pub(crate) fn of_fragment(tree: &'a Tree) -> Self {
        Self { tree, marks: Vec::new(), shares: Shares::default() }
    }

    /// What the names of an element say.
    pub(crate) fn marks_of(&self, id: NodeId) -> Marks {
        self.marks.get(id as usize).copied().unwrap_or_default()
    }

    /// Whether an element holds so much of the page that its names say nothing.
    pub(crate) fn is_most(&self, id: NodeId) -> bool {
        self.shares.share(id) > 0.6
    }

    /// How much prose the page has in all.
    pub(crate) fn prose(&self) -> usize {
        self.shares.total as usize
    }
}

/// How much prose stands in each element, before anything is decided: it keeps a page whose
/// `body` is called `has-sidebar` from being thrown away with its sidebar.
#[derive(Default)]
struct Shares {
    prose: Vec<u32>,
    main_heading: Vec<NodeId>,
    total: u32,
}

/// Shortest run of text that counts as prose here: shorter ones are labels.
const PROSE_BYTES_MIN: usize = 60;

impl Shares {
    fn of(tree: &Tree) -> Self {
        let mut prose = vec![0_u32; tree.len()];
        let mut main_heading = Vec::new();
        let order: Vec<NodeId> = tree.walk(ROOT).collect();
        for &id in &order {
            if tree.name(id) == "h1" {
                main_heading.extend(std::iter::once(id).chain(tree.ancestors(id)));
            }
            if let Some(text) = tree.text_of(id).map(str::trim)
                && text.len() >= PROSE_BYTES_MIN
                && let Some(count) = prose.get_mut(id as usize)
                && !tree
                    .parent(id)
                    .is_some_and(|parent| tree.name(parent) == "a" || is_skipped(tree.name(parent)))
            {
                *count = u32::try_from(text.len()).unwrap_or(u32::MAX);
            }
        }
        for &id in order.iter().rev() {
            let own = prose.get(id as usize).copied().unwrap_or(0);
            if let Some(parent) = tree.parent(id)
                && let Some(sum) = prose.get_mut(parent as usize)
            {
                *sum = sum.saturating_add(own);
            }
        }
        main_heading.sort_unstable();
        main_heading.dedup();
        let total = prose.first().copied().unwrap_or(0);
        Self { prose, main_heading, total }
    }

    fn share(&self, id: NodeId) -> f32 {
        let own = self.prose.get(id as usize).copied().unwrap_or(0);
        if self.total == 0 { 0.0 } else { own as f32 / self.total as f32 }
    }

    /// Whether an element is too much of the page to be taken for furniture by its name.
    fn protected(&self, id: NodeId) -> bool {
        let share = self.share(id);
        share > 0.6 || (share > 0.3 && self.main_heading.binary_search(&id).is_ok())
    }
}

/// The walk through a tree.
struct Reading<'a> {
    page: &'a Page<'a>,
    strictness: Strictness,
    writer: Writer,
}

impl Reading<'_> {
    /// Takes a node in; whether its children are wanted.
    fn enter(&mut self, id: NodeId) -> bool {
        let tree = self.page.tree;
        if let Some(text) = tree.text_of(id) {
            self.writer.write(text);
            return false;
        }
        let name = if is_custom_block(tree, id) { "div" } else { tree.name(id) };
        if let Some(page) = embeds::of(tree, id, name) {
            self.writer.embed(page);
        }
        if is_skipped(name) || self.is_furniture(id, name) {
            return false;
        }
        if name == "img" {
            self.writer.image(SOURCES.map(|source| tree.attribute(id, source)));
            if let Some(credit) = CREDITS.iter().find_map(|name| tree.attribute(id, name)) {
                self.writer.credit(credit);
            }
        } else if self.page.shares.share(id) <= 0.6 {
            self.writer.enter(id, name, self.page.marks_of(id));
        } else {
            self.writer.enter(id, name, Marks::NONE);
        }
        if self.writer.is_under_image()
            && tree.attribute(id, "class").is_some_and(captions::is_credit)
        {
            self.writer.begin_credit();
        }
        true
    }

    fn is_furniture(&self, id: NodeId, name: &str) -> bool {
        let shares = &self.page.shares;
        if self.strictness == Strictness::Nothing || matches!(name, "html" | "body" | "") {
            return false;
        }
        let by_element = matches!(name, "nav" | "aside" | "footer" | "form" | "dialog" | "menu");
        let by_header = name == "header" && shares.main_heading.binary_search(&id).is_err();
        let hidden = || self.strictness == Strictness::Names && is_hidden(self.page.tree, id);
        (by_element || by_header || hidden() || self.is_named_furniture(id, name))
            && !shares.protected(id)
    }

    fn is_named_furniture(&self, id: NodeId, name: &str) -> bool {
        let marks = self.page.marks_of(id);
        if self.strictness == Strictness::Elements {
            return marks.any(Marks::COMMENT | Marks::CONSENT);
        }
        marks.any(Marks::FURNITURE) && !marks.any(Marks::BODY) && name != "main"
    }
}

/// Why an element is left out before anything is judged, if it is.
pub(crate) fn left_out(page: &Page, id: NodeId, strictness: Strictness) -> Option<Rule> {
    let reading = Reading { page, strictness, writer: Writer::default() };
    let name = page.tree.name(id);
    reading.is_furniture(id, name).then(|| match name {
        "nav" | "aside" | "footer" | "form" | "dialog" | "menu" | "header" => Rule::Element,
        _ if reading.is_named_furniture(id, name) => Rule::Named,
        _ => Rule::Hidden,
    })
}

/// Attributes that hold the address of an image; the first that is one counts.
pub(crate) const SOURCES: [&str; 4] = ["src", "data-src", "data-original", "data-lazy-src"];

/// Attributes that hold the credit of an image.
pub(crate) const CREDITS: [&str; 3] = ["data-credit", "data-copyright", "data-photographer"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(page: &str, expected: &[&str]) {
        let tree = crate::tree::parse(page);
        let pieces = pieces(&Page::new(&tree), Strictness::Nothing);
        let texts: Vec<_> = pieces.into_iter().map(|piece| piece.text).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn pages_of_nothing_but_paragraphs_are_cut() {
        let tree = crate::tree::parse(&format!("<p>{}", "x<br><br>".repeat(PIECES_MAX + 5)));
        assert_eq!(pieces(&Page::new(&tree), Strictness::Nothing).len(), PIECES_MAX);
        let page = format!("<h1>La crue</h1>{}", "<p>Une phrase du texte.".repeat(PIECES_MAX + 5));
        let problems = crate::article(page.as_bytes(), &crate::Hints::default()).problems;
        assert!(problems.iter().any(|problem| problem.detail == "too many paragraphs"));
    }

    #[test]
    fn pages_become_lines_of_blocks() {
        check("<p>a <b>b</b>\nc<p>d", &["a b c", "d"]);
        check("<div>a<br>b<br><br>c<div>d</div>e</div>", &["a b", "c", "d", "e"]);
        check("<script>x</script>a<hr>b", &["a", "b"]);
        check(
            "<blockquote>A.<cite>B</cite></blockquote><p>l'<cite>Éclair</cite>",
            &["A. B", "l'Éclair"],
        );
        check("<ul><li>a<li><p>b</ul>", &["a", "b"]);
        check("<x-text><span>a</span></x-text> <x-text>b</x-text>", &["a", "b"]);
        check("<p>a <x-mark>b</x-mark> c", &["a b c"]);
    }
}
