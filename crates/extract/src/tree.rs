//! Our own tree of a page: an arena that html5ever fills, bounded in size and depth.

use depeche_news::limits::extract::{ATTRIBUTES_MAX, DEPTH_MAX, END_TAGS_SPARE, NODES_MAX};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, Namespace, QualName};

/// A node's place in the arena.
pub(crate) type NodeId = u32;

const NONE: NodeId = NodeId::MAX;
/// The document, which holds everything.
pub(crate) const ROOT: NodeId = 0;

/// A parsed page.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The parent of each node, side by side: the way up is gone more often than any other.
    parents: Vec<NodeId>,
    /// Those of all elements.
    attributes: Vec<Named>,
    /// Whether a part was left out because of a limit.
    pub(crate) cut: bool,
}

struct Node {
    parent: NodeId,
    first: NodeId,
    last: NodeId,
    previous: NodeId,
    next: NodeId,
    depth: u16,
    content: Content,
}

/// An attribute.
#[derive(Clone)]
struct Named {
    name: LocalName,
    value: StrTendril,
}

/// From where to where the attributes of an element stand among those of all.
type Part = (u32, u32);

fn part<T>(all: &[T], (from, to): Part) -> &[T] {
    all.get(from as usize..to as usize).unwrap_or_default()
}

impl From<Attribute> for Named {
    fn from(attribute: Attribute) -> Self {
        Self { name: attribute.name.local, value: attribute.value }
    }
}

enum Content {
    Element { namespace: Namespace, name: LocalName, attributes: Part },
    Text(StrTendril),
    Other,
}

/// Bytes of a page for each node of its tree, on most pages.
const NODE_BYTES: usize = 48;

/// Parses a whole page.
pub(crate) fn parse(page: &str) -> Tree {
    let guard = Guard::new(page);
    crate::tokens::feed(page, &guard);
    guard.builder.sink.finish()
}

#[cfg(test)]
fn parse_by_html5ever(page: &str) -> Tree {
    use html5ever::TokenizerResult;
    use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};

    let tokenizer = Tokenizer::new(Guard::new(page), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(page));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

impl Tree {
    /// How many nodes there are; every [`NodeId`] is below.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// The local name of an element, `""` for anything else.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        match self.node(id).map(|node| &node.content) {
            Some(Content::Element { name, .. }) => name,
            _ => "",
        }
    }

    /// The text of a text node.
    pub(crate) fn text_of(&self, id: NodeId) -> Option<&str> {
        match self.node(id).map(|node| &node.content) {
            Some(Content::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn named(&self, id: NodeId) -> &[Named] {
        match self.node(id).map(|node| &node.content) {
            Some(Content::Element { attributes, .. }) => part(&self.attributes, *attributes),
            _ => &[],
        }
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, id: NodeId, wanted: &str) -> Option<&str> {
        let found = self.named(id).iter().find(|attribute| &*attribute.name == wanted);
        found.map(|attribute| &*attribute.value)
    }

    /// All attributes, by their names.
    pub(crate) fn attributes(&self, id: NodeId) -> impl Iterator<Item = (&str, &str)> {
        self.named(id).iter().map(|attribute| (&*attribute.name, &*attribute.value))
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.parents.get(id as usize).copied().filter(|&parent| parent != NONE)
    }

    /// The children, in order.
    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let first = self.node(id).map_or(NONE, |node| node.first);
        std::iter::successors((first != NONE).then_some(first), |&child| {
            self.node(child).map(|node| node.next).filter(|&next| next != NONE)
        })
    }

    pub(crate) fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).map(|node| node.next).filter(|&next| next != NONE)
    }

    /// The elements around a node, from its parent outwards.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |&parent| self.parent(parent))
    }

    /// The node after `id` in document order that is not inside of it, within `top`.
    pub(crate) fn after(&self, id: NodeId, top: NodeId) -> Option<NodeId> {
        let mut at = id;
        while at != top {
            let node = self.node(at)?;
            if node.next != NONE {
                return Some(node.next);
            }
            at = node.parent;
        }
        None
    }

    /// `top` and all that is in it, in document order.
    pub(crate) fn walk(&self, top: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(top), move |&id| {
            let first = self.node(id).map_or(NONE, |node| node.first);
            if first != NONE { Some(first) } else { self.after(id, top) }
        })
    }

    /// All text in `top`, whitespace squashed.
    pub(crate) fn text(&self, top: NodeId) -> String {
        let mut text = String::new();
        for piece in self.walk(top).filter_map(|id| self.text_of(id)) {
            text.extend(piece.chars().filter(|c| !crate::blocks::is_invisible(*c)));
        }
        depeche_text::squash(&text)
    }

    /// All text in `top`, with a space between elements that follow each other without one: a
    /// kicker and a headline that only the style sheet keeps apart.
    pub(crate) fn text_parted(&self, top: NodeId) -> String {
        let mut text = String::new();
        for id in self.walk(top) {
            let after_element = self
                .node(id)
                .is_some_and(|node| node.previous != NONE && !self.name(node.previous).is_empty());
            match self.text_of(id) {
                Some(piece) => text.push_str(piece),
                None if after_element && id != top => text.push(' '),
                None => {}
            }
        }
        text.retain(|c| !crate::blocks::is_invisible(c));
        depeche_text::squash(&text)
    }
}

/// Stands between tokenizer and tree builder, and keeps back what would go over a limit.
struct Guard {
    builder: TreeBuilder<NodeId, Planting>,
    /// Start tags kept back whose end tags are still to come.
    dropped: Cell<usize>,
    /// End tags that are still let through: each start tag that makes an element lets one through, so that what opens a
    /// script or a title is always closed.
    ends: Cell<usize>,
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        let Token::TagToken(tag) = &token else { return self.builder.process_token(token, line) };
        if self.keeps_back(tag) {
            return TokenSinkResult::Continue;
        }
        let (starts, before) = (tag.kind == TagKind::StartTag, self.builder.sink.count());
        let result = self.builder.process_token(token, line);
        if starts && self.builder.sink.count() > before {
            self.ends.set(self.ends.get() + 1);
        }
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Guard {
    fn new(page: &str) -> Self {
        let options = TreeBuilderOpts {
            scripting_enabled: true,
            drop_doctype: true,
            ..TreeBuilderOpts::default()
        };
        let builder = TreeBuilder::new(Planting::new(page.len() / NODE_BYTES), options);
        Self { builder, dropped: Cell::new(0), ends: Cell::new(END_TAGS_SPARE) }
    }

    fn keeps_back(&self, tag: &Tag) -> bool {
        let planting = &self.builder.sink;
        let dropped = self.dropped.get();
        match tag.kind {
            TagKind::StartTag if planting.full() => {
                planting.cut.set(true);
                true
            }
            TagKind::StartTag if planting.depth.get() >= DEPTH_MAX => {
                planting.cut.set(true);
                self.dropped.set(dropped + 1);
                true
            }
            TagKind::EndTag if dropped > 0 => {
                self.dropped.set(dropped - 1);
                true
            }
            TagKind::EndTag => match self.ends.get().checked_sub(1) {
                Some(left) => {
                    self.ends.set(left);
                    false
                }
                None => true,
            },
            _ => false,
        }
    }
}

/// The tree as it grows.
struct Planting {
    nodes: RefCell<Vec<Node>>,
    attributes: RefCell<Vec<Named>>,
    cut: Cell<bool>,
    /// Depth of the element opened last and not yet closed.
    depth: Cell<u16>,
}

/// The name of an element, handed to the tree builder by value (names are interned).
#[derive(Debug)]
struct Name {
    namespace: Namespace,
    local: LocalName,
}

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.namespace
    }

    fn local_name(&self) -> &LocalName {
        &self.local
    }
}

impl Planting {
    fn new(nodes: usize) -> Self {
        let nodes = RefCell::new(Vec::with_capacity(nodes.min(NODES_MAX)));
        let attributes = RefCell::default();
        let planting = Self { nodes, attributes, cut: Cell::new(false), depth: Cell::new(0) };
        planting.add(Content::Other);
        planting
    }

    fn count(&self) -> usize {
        self.nodes.borrow().len()
    }

    fn full(&self) -> bool {
        self.count() >= NODES_MAX
    }

    fn add(&self, content: Content) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        let id = NodeId::try_from(nodes.len()).unwrap_or(NONE);
        nodes.push(Node {
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            depth: 0,
            content,
        });
        id
    }

    /// Adds attributes behind those of all elements, after a copy of those at `before`.
    fn keep(&self, before: Part, added: impl Iterator<Item = Named>) -> Part {
        let mut all = self.attributes.borrow_mut();
        let from = all.len();
        all.extend_from_within(before.0 as usize..before.1 as usize);
        all.extend(added);
        u32::try_from(from).ok().zip(u32::try_from(all.len()).ok()).unwrap_or_default()
    }

    fn with<T>(&self, id: NodeId, read: impl FnOnce(&mut Node) -> T) -> Option<T> {
        self.nodes.borrow_mut().get_mut(id as usize).map(read)
    }

    /// Adds `text` to the text node `id`, if it is one.
    fn extended(&self, id: NodeId, text: &StrTendril) -> bool {
        self.with(id, |node| match &mut node.content {
            Content::Text(before) => {
                before.push_tendril(text);
                true
            }
            _ => false,
        })
        .unwrap_or(false)
    }

    /// Links `child` in as the last child of `parent`, or before `before`.
    fn link(&self, parent: NodeId, child: NodeId, before: NodeId) {
        self.remove_from_parent(&child);
        let depth = self.with(parent, |node| node.depth).unwrap_or(0).saturating_add(1);
        let previous = match before {
            NONE => self.with(parent, |node| std::mem::replace(&mut node.last, child)),
            _ => self.with(before, |node| std::mem::replace(&mut node.previous, child)),
        }
        .unwrap_or(NONE);
        self.with(child, |node| {
            node.parent = parent;
            node.previous = previous;
            node.next = before;
            node.depth = depth;
        });
        match previous {
            NONE => self.with(parent, |node| node.first = child),
            _ => self.with(previous, |node| node.next = child),
        };
        self.depth.set(depth);
    }

    fn put(&self, parent: NodeId, child: NodeOrText<NodeId>, before: NodeId) {
        match child {
            NodeOrText::AppendNode(child) => self.link(parent, child, before),
            NodeOrText::AppendText(text) => {
                let neighbour = match before {
                    NONE => self.with(parent, |node| node.last),
                    _ => self.with(before, |node| node.previous),
                };
                if neighbour.is_some_and(|neighbour| self.extended(neighbour, &text)) {
                    return;
                }
                let depth = self.depth.get();
                let id = self.add(Content::Text(text));
                self.link(parent, id, before);
                self.depth.set(depth);
            }
        }
    }
}

impl TreeSink for Planting {
    type Handle = NodeId;
    type Output = Tree;
    type ElemName<'a> = Name;

    fn finish(self) -> Tree {
        let nodes = self.nodes.into_inner();
        let parents = nodes.iter().map(|node| node.parent).collect();
        Tree { nodes, parents, attributes: self.attributes.into_inner(), cut: self.cut.get() }
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Name {
        let name = self.with(*target, |node| match &node.content {
            Content::Element { namespace, name, .. } => {
                Some(Name { namespace: namespace.clone(), local: name.clone() })
            }
            _ => None,
        });
        name.flatten().unwrap_or_else(|| Name {
            namespace: html5ever::ns!(),
            local: html5ever::local_name!(""),
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _flags: ElementFlags,
    ) -> NodeId {
        let attributes = self.keep((0, 0), attributes.into_iter().map(Named::from));
        self.add(Content::Element { namespace: name.ns, name: name.local, attributes })
    }

    fn create_comment(&self, _text: StrTendril) -> NodeId {
        self.add(Content::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> NodeId {
        self.add(Content::Other)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.put(*parent, child, NONE);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        match self.with(*element, |node| node.parent) {
            Some(parent) if parent != NONE => self.put(parent, child, *element),
            _ => self.put(*previous, child, NONE),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &NodeId) {
        let depth = self.with(*node, |node| node.depth).unwrap_or(0);
        self.depth.set(depth.saturating_sub(1));
    }

    /// A template's contents stay inside of it; whoever reads the tree passes over templates.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        if let Some(parent) = self.with(*sibling, |node| node.parent) {
            self.put(parent, child, *sibling);
        }
    }

    fn add_attrs_if_missing(&self, target: &NodeId, missing: Vec<Attribute>) {
        let own = self.with(*target, |node| match &node.content {
            Content::Element { attributes, .. } => Some(*attributes),
            _ => None,
        });
        let Some(own) = own.flatten() else { return };
        let new = |all: &[Named], one: &Attribute| all.iter().all(|has| has.name != one.name.local);
        let missing: Vec<Named> = {
            let all = self.attributes.borrow();
            let own = part(&all, own);
            // Of `html` and `body`, which may come again and again: each is compared with all before.
            let room = ATTRIBUTES_MAX.saturating_sub(own.len());
            missing.into_iter().filter(|one| new(own, one)).take(room).map(Named::from).collect()
        };
        if !missing.is_empty() {
            let all = self.keep(own, missing.into_iter());
            self.with(*target, |node| {
                if let Content::Element { attributes, .. } = &mut node.content {
                    *attributes = all;
                }
            });
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        let freed = self.with(*target, |node| {
            let links = (node.parent, node.previous, node.next);
            (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
            links
        });
        let Some((parent, previous, next)) = freed else { return };
        match previous {
            NONE => self.with(parent, |node| node.first = next),
            _ => self.with(previous, |node| node.next = next),
        };
        match next {
            NONE => self.with(parent, |node| node.last = previous),
            _ => self.with(next, |node| node.previous = previous),
        };
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        while let Some(child) = self.with(*node, |node| node.first).filter(|&child| child != NONE) {
            self.link(*new_parent, child, NONE);
        }
    }
}

#[cfg(test)]
mod tests {
    use depeche_news::limits::extract::TAG_ATTRIBUTES_MAX;

    use super::*;

    #[track_caller]
    fn check(page: &str, names: &str, text: &str) {
        let tree = parse(page);
        let walked: Vec<_> = tree.walk(ROOT).map(|id| tree.name(id)).collect();
        assert_eq!(walked.join(" ").split_whitespace().collect::<Vec<_>>().join(" "), names);
        assert_eq!(tree.text(ROOT), text);
    }

    #[test]
    fn pages_become_trees() {
        check("<p>a<b>b</p>c", "html head body p b b", "abc");
        check("<table><tr><td>x</table>y", "html head body table tbody tr td", "xy");
        check("<table>x<tr><td>y", "html head body table tbody tr td", "xy");
        check("", "html head body", "");
    }

    /// All of a tree that is read, an element or text a line.
    fn drawn(tree: &Tree) -> String {
        let mut drawn = String::new();
        for id in tree.walk(ROOT) {
            let depth = tree.ancestors(id).count();
            let attributes: Vec<_> = tree.attributes(id).collect();
            drawn.push_str(&format!(
                "{depth} {} {attributes:?} {:?}\n",
                tree.name(id),
                tree.text_of(id)
            ));
        }
        drawn
    }

    #[track_caller]
    fn check_tokens(page: &str) {
        assert_eq!(drawn(&parse(page)), drawn(&parse_by_html5ever(page)), "{page:?}");
    }

    #[test]
    fn tokens_are_those_of_html5ever() {
        check_tokens("<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\"><p>a<table><td>b");
        check_tokens("\u{feff}<!doctype html><p>a<table><td>b\r\nc\rd");
        check_tokens(
            "<p CLASS=A&amp;b class=c/ d='&notit;&not=&nota&not' / e=\"&#x41;&#0;&#150\"f>&notit;&#x;&#</P x>",
        );
        check_tokens(
            "<script><!--<script></script>--></script>a<script><!-->b</script >c<script>\0<!--<script",
        );
        check_tokens(
            "<title>a</titles><b>&eacute;</title/ x>b<textarea>\n\nx</textarea><style>&amp;</style><plaintext>a</plaintext>\0",
        );
        check_tokens("a\0b<!-->c<!--->d<!----!>e<!--a--!b-->f<!-- --->g<?h>i</>j</ k>l<!m>n<o</p<");
        check_tokens("<svg><![CDATA[a\0<b>]]]>c</svg><![CDATA[d]]>e<math><![CDATA[f]]");
    }

    /// Bits of pages, of which any row is a page too. Not among them: `<pre>` and the digit `a`, as html5ever keeps the first line
    /// break of a `pre` where an error stands before it, against the standard.
    const BITS: [&str; 72] = [
        "<",
        ">",
        "/",
        "!",
        "-",
        "--",
        "-->",
        "--!>",
        "<!--",
        "<!-->",
        "&",
        "&amp;",
        "&amp",
        "&not",
        "&notin;",
        "&#",
        "&#x",
        "&#65;",
        "&#x80",
        "&#99999999;",
        ";",
        "=",
        "'",
        "\"",
        " ",
        "\n",
        "\r",
        "\t",
        "\u{c}",
        "\0",
        "g",
        "x",
        "É",
        "1",
        "p",
        "b",
        "script",
        "title",
        "style",
        "svg",
        "table",
        "td",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<a href=",
        "<a href='",
        "<a href=\"",
        "<script>",
        "</script",
        "</script>",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<style>",
        "</style>",
        "<svg>",
        "</svg>",
        "<![CDATA[",
        "]]>",
        "]",
        "<!doctype",
        "<!DOCTYPE html>",
        "public",
        "<plaintext>",
        "<table>",
        "<td>",
        "<hr/>",
        "<?",
        "</",
    ];

    proptest::proptest! {
        #[test]
        fn any_tokens_are_those_of_html5ever(bits in proptest::collection::vec(0..BITS.len(), 0..40)) {
            let page: String = bits.into_iter().map(|bit| BITS[bit]).collect();
            check_tokens(&page);
        }
    }

    #[test]
    fn attributes_that_come_bit_by_bit_are_bounded() {
        let kept = |name: &str| {
            let page: String = (0..5000).map(|n| format!("<{name} b{n}=1>")).collect();
            let tree = parse(&format!("<body>{page}<p>x"));
            assert_eq!(tree.text(ROOT), "x");
            let of = tree.walk(ROOT).find(|id| tree.name(*id) == name);
            of.map_or(0, |id| tree.attributes(id).count())
        };
        assert_eq!((kept("html"), kept("body")), (ATTRIBUTES_MAX, ATTRIBUTES_MAX));
    }

    #[test]
    fn tags_are_cut_after_many_attributes() {
        let page: String = (0..9_000).map(|n| format!(" a{n}='>'")).collect();
        let tree = parse(&format!("é<a{page}>été"));
        let of = tree.walk(ROOT).find(|id| tree.name(*id) == "a");
        assert_eq!(of.map(|id| tree.attributes(id).count()), Some(TAG_ATTRIBUTES_MAX));
        assert_eq!(tree.text(ROOT), "éété");
    }

    #[test]
    fn end_tags_that_close_nothing_are_bounded() {
        let open = "<span>".repeat(250);
        let tree = parse(&format!("{open}{}<title>un</title><p>deux", "</p>".repeat(500_000)));
        assert!(tree.len() < END_TAGS_SPARE + 1_000, "{} nodes", tree.len());
        assert_eq!(tree.text(ROOT), "undeux");
        let tree = parse(&format!("{open}{}", "<td></p>".repeat(500_000)));
        assert!(tree.len() < END_TAGS_SPARE + 1_000, "{} nodes", tree.len());
    }

    #[test]
    fn deep_pages_are_cut_and_keep_their_text() {
        let tree = parse(&format!("{}deep{}after", "<div>".repeat(5000), "</div>".repeat(5000)));
        assert!(tree.cut);
        assert_eq!(tree.text(ROOT), "deepafter");
    }
}
