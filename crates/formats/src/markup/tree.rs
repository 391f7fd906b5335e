//! The tree of a document: flat, borrowed from its text, walked without recursion.

use std::borrow::Cow;
use std::ops::Range;

use super::Namespace;

/// Place of a node in its tree.
pub(super) type Place = u32;

/// The place of the root, which stands for the document and is its own parent.
pub(super) const ROOT: Place = 0;

/// A document as nodes in document order.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(super) slots: Vec<Slot<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    /// Some element sets `xml:base`, so that readers must look for it.
    pub(crate) has_base: bool,
    /// What had to be left out, in words.
    pub(crate) lost: Vec<&'static str>,
}

#[derive(Debug)]
pub(super) struct Slot<'a> {
    pub(super) content: Content<'a>,
    pub(super) parent: Place,
    /// First and last child, next sibling; `ROOT` for none.
    pub(super) first: Place,
    pub(super) last: Place,
    pub(super) next: Place,
    /// Where an element starts and ends in the text, its tags included.
    pub(super) span: Range<u32>,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Element { namespace: Namespace, name: &'a str, local_at: u16, attributes: Range<u32> },
    Text { text: Cow<'a, str>, cdata: bool },
}

#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: Cow<'a, str>,
}

/// An element or a piece of text.
#[derive(Clone, Copy)]
pub(crate) enum Node<'t, 'a> {
    /// An element.
    Element(Element<'t, 'a>),
    /// Text with its references replaced; `cdata` when it was written as such.
    Text { text: &'t str, cdata: bool },
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Element<'t, 'a> {
    tree: &'t Tree<'a>,
    place: Place,
}

impl<'a> Tree<'a> {
    /// The document itself: its children are the top elements.
    pub(crate) fn document(&self) -> Element<'_, 'a> {
        Element { tree: self, place: ROOT }
    }
}

impl<'t, 'a> Element<'t, 'a> {
    /// All children in document order.
    pub(crate) fn nodes(self) -> impl Iterator<Item = Node<'t, 'a>> {
        let slot = |place: Place| self.tree.slots.get(place as usize);
        let mut next = slot(self.place).map_or(ROOT, |slot| slot.first);
        std::iter::from_fn(move || {
            let place = (next != ROOT).then_some(next)?;
            let slot = slot(place)?;
            next = slot.next;
            Some(match &slot.content {
                Content::Element { .. } => Node::Element(Self { tree: self.tree, place }),
                Content::Text { text, cdata } => Node::Text { text, cdata: *cdata },
            })
        })
    }

    /// The elements among the children.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        self.nodes().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text { .. } => None,
        })
    }

    /// The first child with this local name, in any namespace.
    pub(crate) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.is(name))
    }

    /// Every element below, in document order, this one not counted.
    pub(crate) fn descendants(self) -> impl Iterator<Item = Self> {
        let mut at = self.place;
        std::iter::from_fn(move || {
            at = self.after(at)?;
            Some(Self { tree: self.tree, place: at })
        })
        .filter(|element| element.attributes().is_some())
    }

    /// The node after `at` in document order, as long as it is inside this element.
    fn after(self, at: Place) -> Option<Place> {
        let slots = &self.tree.slots;
        let mut slot = slots.get(at as usize)?;
        if slot.first != ROOT {
            return Some(slot.first);
        }
        let mut here = at;
        while here != self.place {
            if slot.next != ROOT {
                return Some(slot.next);
            }
            here = slot.parent;
            slot = slots.get(here as usize)?;
        }
        None
    }

    /// Where it stands in the text, its tags included.
    pub(crate) fn span(self) -> Range<usize> {
        let span = self.tree.slots.get(self.place as usize).map(|slot| slot.span.clone());
        let span = span.unwrap_or_default();
        span.start as usize..span.end as usize
    }

    /// The element around this one; `None` at the top.
    pub(crate) fn parent(self) -> Option<Self> {
        let parent = self.tree.slots.get(self.place as usize)?.parent;
        (parent != ROOT).then_some(Self { tree: self.tree, place: parent })
    }

    /// Its vocabulary.
    pub(crate) fn namespace(self) -> Namespace {
        match self.content() {
            Some(Content::Element { namespace, .. }) => *namespace,
            _ => Namespace::Other,
        }
    }

    /// Its name as written, with its prefix.
    pub(crate) fn full_name(self) -> &'a str {
        match self.content() {
            Some(Content::Element { name, .. }) => name,
            _ => "",
        }
    }

    /// Its name without prefix, as written.
    pub(crate) fn name(self) -> &'a str {
        match self.content() {
            Some(Content::Element { name, local_at, .. }) => {
                name.get(usize::from(*local_at)..).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// Whether its name without prefix is this one, whatever the case.
    pub(crate) fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The attribute with this name as written (prefix included), whatever the case; the first
    /// one where it is there twice.
    pub(crate) fn attribute(self, name: &str) -> Option<&'t str> {
        let attributes = self.attributes()?;
        attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name)).map(|a| a.value.trim())
    }

    /// Like `attribute`, and without a value it is not there.
    pub(crate) fn filled(self, name: &str) -> Option<String> {
        self.attribute(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Its attributes as written.
    pub(crate) fn pairs(self) -> impl Iterator<Item = (&'a str, &'t str)> {
        self.attributes().unwrap_or_default().iter().map(|a| (a.name, a.value.as_ref()))
    }

    /// All text inside, markup left out, trimmed.
    pub(crate) fn text(self) -> Cow<'t, str> {
        let mut pieces = self.texts();
        let first = pieces.next().unwrap_or_default();
        let Some(second) = pieces.next() else { return Cow::Borrowed(first.trim()) };
        let all: String = [first, second].into_iter().chain(pieces).collect();
        Cow::Owned(all.trim().to_owned())
    }

    /// Like `text`, and nothing when it is empty.
    pub(crate) fn filled_text(self) -> Option<String> {
        let text = self.text();
        (!text.is_empty()).then(|| text.into_owned())
    }

    fn texts(self) -> impl Iterator<Item = &'t str> {
        let mut at = self.place;
        std::iter::from_fn(move || {
            at = self.after(at)?;
            Some(at)
        })
        .filter_map(|place| match &self.tree.slots.get(place as usize)?.content {
            Content::Text { text, .. } => Some(text.as_ref()),
            Content::Element { .. } => None,
        })
    }

    fn content(self) -> Option<&'t Content<'a>> {
        self.tree.slots.get(self.place as usize).map(|slot| &slot.content)
    }

    fn attributes(self) -> Option<&'t [Attribute<'a>]> {
        match self.content()? {
            Content::Element { attributes, .. } => {
                self.tree.attributes.get(attributes.start as usize..attributes.end as usize)
            }
            Content::Text { .. } => None,
        }
    }
}

/// A short name in lower case, for `match`; a longer one than any we know is empty.
pub(crate) struct Lower {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Lower {
    /// `managingEditor` and `creditLine` are the longest kind of name we match.
    const LONGEST: usize = 24;

    /// Lowers the ASCII letters of `name`.
    pub(crate) fn of(name: &str) -> Self {
        let mut lower = Self { bytes: [0; Self::LONGEST], length: 0 };
        if let Some(place) = lower.bytes.get_mut(..name.len()) {
            place.copy_from_slice(name.as_bytes());
            place.make_ascii_lowercase();
            lower.length = name.len();
        }
        lower
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}
