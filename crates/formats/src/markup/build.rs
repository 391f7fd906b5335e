//! Puts the tree together, and mends it on the way.
//!
//! What is mended: `<` and `&` in text, tags that are never closed, end tags that were never
//! opened, void HTML elements, names in any case, what stands before the first tag. What is not
//! there any more (the document was cut, a limit was reached) is said in `Tree::lost`.

use depeche_news::limits::formats::{
    ATTRIBUTES_MAX, ENTITIES_MAX, ENTITY_BYTES_MAX, NAMESPACES_MAX, NESTING_MAX, NODES_MAX,
    TEXT_BYTES_MAX,
};
use std::{borrow::Cow, collections::HashSet};

use super::entities::is_known;
use super::tree::{Attribute, Content, Place, ROOT, Slot};
use super::{Namespace, Piece, Tree, next_piece, tag_name, unescape};

/// HTML elements that have no end tag. `link`, `meta` and `source` are names of feeds as well and
/// are not among them.
const VOID: [&str; 7] = ["br", "hr", "img", "wbr", "input", "col", "embed"];

/// Fields of RSS that hold text and nothing else of RSS.
const LEAVES: [&str; 4] = ["title", "link", "guid", "pubDate"];

/// Fields of RSS that follow each other, so that none starts inside a leaf.
const FIELDS: [&str; 8] =
    ["title", "link", "guid", "pubDate", "description", "category", "enclosure", "item"];

/// Reads any text as markup.
pub(crate) fn parse(text: &str) -> Tree<'_> {
    let root = Slot {
        content: Content::Text { text: Cow::Borrowed(""), cdata: false },
        parent: ROOT,
        first: ROOT,
        last: ROOT,
        next: ROOT,
        span: 0..0,
    };
    let tree =
        Tree { slots: vec![root], attributes: Vec::new(), has_base: false, lost: Vec::new() };
    let mut builder = Builder {
        text,
        at: 0,
        tree,
        open: Vec::new(),
        skipped: 0,
        namespaces: Vec::new(),
        entities: Vec::new(),
        refused: HashSet::new(),
        typed: false,
    };
    builder.run();
    builder.tree
}

struct Builder<'a> {
    text: &'a str,
    at: usize,
    tree: Tree<'a>,
    /// The open elements, outermost first, with their names.
    open: Vec<(Place, &'a str)>,
    /// How many elements are open below the deepest one that is kept.
    skipped: usize,
    /// Declared prefixes with the depth that declares them.
    namespaces: Vec<(usize, &'a str, Namespace)>,
    entities: Vec<(&'a str, &'a str)>,
    /// Names of entities that are declared and not taken, until one of them is met.
    refused: HashSet<&'a str>,
    /// The one document type was read; a second one is skipped without looking into it.
    typed: bool,
}

impl<'a> Builder<'a> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            if self.tree.slots.len() >= NODES_MAX {
                self.lose("more elements than are read of one document");
                break;
            }
            self.step();
        }
        if !self.open.is_empty() && self.at >= self.text.len() {
            self.lose("the document ends before its last element is closed");
        }
        self.close(0, self.text.len(), self.text.len());
    }

    fn step(&mut self) {
        let rest = &self.text[self.at..];
        if !rest.starts_with('<') {
            return self.plain_text();
        }
        match rest.as_bytes().get(1) {
            Some(b'/') if tag_name(self.text, self.at).is_some() => self.end_tag(),
            Some(b'!') if rest.starts_with("<!--") => self.skip_to(4, "-->"),
            Some(b'!') if starts_with(rest, "<![cdata[") => self.cdata(),
            Some(b'!') if starts_with(rest, "<!doctype") => self.doctype(),
            Some(b'!') => self.skip_to(2, ">"),
            Some(b'?') => self.instruction(),
            _ => self.start_tag(),
        }
    }

    /// Text up to the next thing that can be markup; a `<` before a space or a digit is text.
    fn plain_text(&mut self) {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        loop {
            // From the second round on `end` stands on a `<` that is text.
            let from = if bytes.get(end) == Some(&b'<') { end + 1 } else { end };
            match self.text[from..].find('<') {
                None => end = self.text.len(),
                Some(length) => {
                    end = from + length;
                    let next = bytes.get(end + 1);
                    if !(matches!(next, Some(b'!' | b'?')) || tag_name(self.text, end).is_some()) {
                        continue;
                    }
                }
            }
            break;
        }
        self.text_until(end);
    }

    fn text_until(&mut self, end: usize) {
        let raw = &self.text[self.at..end];
        self.at = end;
        if !self.open.is_empty() {
            let text = self.unescaped(raw);
            self.push_text(text, false);
        }
    }

    fn push_text(&mut self, text: Cow<'a, str>, cdata: bool) {
        let text = match text.len() > TEXT_BYTES_MAX {
            true => {
                self.lose("a text longer than is kept");
                Cow::Owned(text[..text.floor_char_boundary(TEXT_BYTES_MAX)].to_owned())
            }
            false => text,
        };
        if !text.is_empty() {
            self.push(Content::Text { text, cdata });
        }
    }

    fn cdata(&mut self) {
        let start = self.at + "<![CDATA[".len();
        let rest = &self.text[start..];
        let length = rest.find("]]>");
        self.at = length.map_or(self.text.len(), |length| start + length + "]]>".len());
        if length.is_none() {
            self.lose("the document ends inside a CDATA section");
        }
        if !self.open.is_empty() {
            self.push_text(Cow::Borrowed(&rest[..length.unwrap_or(rest.len())]), true);
        }
    }

    /// Skips to behind `mark`, or over all the rest.
    fn skip_to(&mut self, from: usize, mark: &str) {
        let start = self.at + from;
        match self.text[start..].find(mark) {
            Some(length) => self.at = start + length + mark.len(),
            None => {
                self.at = self.text.len();
                self.lose("the document ends inside a comment or declaration");
            }
        }
    }

    /// A processing instruction ends at `?>`, or where its `?` was forgotten before the next tag.
    fn instruction(&mut self) {
        let rest = &self.text[self.at + 1..];
        let next_tag = rest.find('<').unwrap_or(rest.len());
        let whole = rest[..next_tag].contains("?>");
        self.skip_to(2, if whole { "?>" } else { ">" });
    }

    /// A document type, and the plain entities it declares.
    fn doctype(&mut self) {
        let rest = &self.text[self.at..];
        let plain_end = rest.find('>').unwrap_or(rest.len());
        let subset = rest.find('[').filter(|&at| at < plain_end);
        let Some(subset) = subset.filter(|_| !std::mem::replace(&mut self.typed, true)) else {
            return self.skip_to(2, ">");
        };
        let mut closes = rest.match_indices(']').take(ENTITIES_MAX).map(|(at, _)| at);
        let closing = |at: &usize| rest[at + 1..].trim_start().starts_with('>');
        let Some(end) = closes.find(closing) else { return self.skip_to(2, ">") };
        (self.entities, self.refused) = declared_entities(&rest[subset..end]);
        self.skip_to(end, ">");
    }

    /// The text with its references replaced; says once that one is left as it is written.
    fn unescaped(&mut self, raw: &'a str) -> Cow<'a, str> {
        if !self.refused.is_empty() && names_one_of(raw, &self.refused) {
            self.refused.clear();
            self.lose("an entity that is made of others, or is a file, is left as it is written");
        }
        unescape(raw, &self.entities)
    }

    fn start_tag(&mut self) {
        let Some(name_range) = tag_name(self.text, self.at) else { return self.plain_text() };
        let first_attribute = self.tree.attributes.len();
        let mut at = name_range.end;
        let mut end = next_piece(self.text, &mut at);
        while let Piece::Attribute { name, value, .. } = end {
            self.attribute(first_attribute, &self.text[name], &self.text[value]);
            end = next_piece(self.text, &mut at);
        }
        let Piece::End { closed } = end else {
            self.tree.attributes.truncate(first_attribute);
            return match end {
                Piece::Broken => self.text_until(at),
                _ => {
                    self.lose("the document ends inside a tag");
                    self.at = self.text.len();
                }
            };
        };
        let start = std::mem::replace(&mut self.at, at);
        self.open_element(start, &self.text[name_range], first_attribute, closed);
    }

    fn attribute(&mut self, first: usize, name: &'a str, value: &'a str) {
        if self.tree.attributes.len() - first >= ATTRIBUTES_MAX {
            return self.lose("more attributes than are kept of one element");
        }
        let value = self.unescaped(value);
        self.tree.attributes.push(Attribute { name, value });
    }

    fn open_element(&mut self, start: usize, name: &'a str, first_attribute: usize, closed: bool) {
        self.close_what_cannot_contain(name, start);
        let void = closed || is_one_of(name, &VOID);
        if self.open.len() >= NESTING_MAX {
            self.tree.attributes.truncate(first_attribute);
            self.skipped += usize::from(!void);
            return self.lose("elements nested deeper than are kept");
        }
        self.declare_namespaces(first_attribute);
        let (prefix, local_at) = match name.find(':') {
            Some(colon) => (&name[..colon], colon + 1),
            None => ("", 0),
        };
        let content = Content::Element {
            namespace: self.namespace(prefix),
            name,
            local_at: u16::try_from(local_at).unwrap_or(0),
            attributes: first_attribute as u32..self.tree.attributes.len() as u32,
        };
        let place = self.push(content);
        if let Some(slot) = self.tree.slots.get_mut(place as usize) {
            slot.span = start as u32..self.at as u32;
        }
        match void {
            true => self.forget_namespaces(),
            false => self.open.push((place, name)),
        }
    }

    /// An item does not stand in an item, nor a date in a title: where one starts inside the
    /// other, the other was not closed. Atom content may carry entries as XML.
    fn close_what_cannot_contain(&mut self, name: &str, start: usize) {
        let in_leaf = self.open.last().is_some_and(|(place, open)| {
            // A link of NewsML-G2 has its title inside.
            is_one_of(open, &LEAVES) && self.namespace_of(*place) != Some(Namespace::Newsml)
        });
        if in_leaf && is_one_of(name, &FIELDS) {
            self.close(self.open.len() - 1, start, start);
        }
        if !(name.eq_ignore_ascii_case("item") || name.eq_ignore_ascii_case("entry")) {
            return;
        }
        let Some(at) = self.open.iter().rposition(|(_, open)| open.eq_ignore_ascii_case(name))
        else {
            return;
        };
        let inside = self.open.get(at + 1..).unwrap_or_default();
        if !inside.iter().any(|(_, open)| open.eq_ignore_ascii_case("content")) {
            self.close(at, start, start);
        }
    }

    fn namespace_of(&self, place: super::tree::Place) -> Option<Namespace> {
        match self.tree.slots.get(place as usize)?.content {
            Content::Element { namespace, .. } => Some(namespace),
            Content::Text { .. } => None,
        }
    }

    fn end_tag(&mut self) {
        let Some(range) = tag_name(self.text, self.at) else { return self.plain_text() };
        let name = &self.text[range.clone()];
        // The next tag may start before this one ends: `</title<link>`.
        let rest = &self.text[range.end..];
        let length = rest.find(['<', '>']).unwrap_or(rest.len());
        let start = self.at;
        self.at = range.end + length + usize::from(rest[length..].starts_with('>'));
        let open = self.open.iter().rposition(|(_, open)| open.eq_ignore_ascii_case(name));
        match open {
            Some(at) if self.skipped == 0 || is_frame(name) => {
                self.close(at, start, self.at);
            }
            Some(_) => self.skipped -= 1,
            None => self.skipped = self.skipped.saturating_sub(1),
        }
    }

    /// Closes the open elements from the `at`th inwards; those inside it end where its own end starts.
    fn close(&mut self, at: usize, inner_end: usize, end: usize) {
        for (depth, (place, _)) in self.open.drain(at..).enumerate() {
            if let Some(slot) = self.tree.slots.get_mut(place as usize) {
                slot.span.end = if depth == 0 { end } else { inner_end } as u32;
            }
        }
        self.skipped = 0;
        self.forget_namespaces();
    }

    fn declare_namespaces(&mut self, first_attribute: usize) {
        let depth = self.open.len() + 1;
        for at in first_attribute..self.tree.attributes.len() {
            let Some(attribute) = self.tree.attributes.get(at) else { return };
            let name = attribute.name;
            self.tree.has_base |= name.eq_ignore_ascii_case("xml:base");
            let prefix = match name.get(..5).filter(|start| start.eq_ignore_ascii_case("xmlns")) {
                Some(_) if name.len() == 5 => "",
                Some(_) if name.as_bytes().get(5) == Some(&b':') => &name[6..],
                _ => continue,
            };
            let mut namespace = Namespace::of_address(&attribute.value);
            // A feed with a default namespace of its own invention is still a feed.
            if namespace == Namespace::Other && prefix.is_empty() && self.open.is_empty() {
                namespace = Namespace::Core;
            }
            if self.namespaces.len() < NAMESPACES_MAX {
                self.namespaces.push((depth, prefix, namespace));
            }
        }
    }

    fn forget_namespaces(&mut self) {
        let depth = self.open.len();
        while self.namespaces.last().is_some_and(|(declared, ..)| *declared > depth) {
            self.namespaces.pop();
        }
    }

    fn namespace(&self, prefix: &str) -> Namespace {
        let declared = self.namespaces.iter().rev().find(|(_, declared, _)| *declared == prefix);
        declared.map_or_else(|| Namespace::of_prefix(prefix), |(.., namespace)| *namespace)
    }

    fn push(&mut self, content: Content<'a>) -> Place {
        let parent = self.open.last().map_or(ROOT, |(place, _)| *place);
        let place = self.tree.slots.len() as Place;
        self.tree.slots.push(Slot {
            content,
            parent,
            first: ROOT,
            last: ROOT,
            next: ROOT,
            span: 0..0,
        });
        let Some(above) = self.tree.slots.get_mut(parent as usize) else { return place };
        let before = std::mem::replace(&mut above.last, place);
        match before {
            ROOT => above.first = place,
            _ => {
                if let Some(before) = self.tree.slots.get_mut(before as usize) {
                    before.next = place;
                }
            }
        }
        place
    }

    fn lose(&mut self, what: &'static str) {
        if !self.tree.lost.contains(&what) {
            self.tree.lost.push(what);
        }
    }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|one| name.eq_ignore_ascii_case(one))
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

/// Names whose end tag closes everything inside, also what was not kept.
fn is_frame(name: &str) -> bool {
    let frames = ["item", "entry", "channel", "rss", "feed", "rdf:RDF", "newsItem", "newsMessage"];
    is_one_of(name, &frames)
}

/// `<!ENTITY name "value">` with a value that is plain text: no markup, no reference, no file. And the names of the
/// others.
fn declared_entities(subset: &str) -> (Vec<(&str, &str)>, HashSet<&str>) {
    let (mut taken, mut refused) = (Vec::new(), HashSet::new());
    for declaration in subset.split("<!ENTITY").skip(1).take(2 * ENTITIES_MAX) {
        let declaration = declaration.trim_start();
        let Some((name, rest)) = declaration.split_once(char::is_whitespace) else { continue };
        match plain_value(rest.trim_start()).filter(|_| taken.len() < ENTITIES_MAX) {
            Some(value) => taken.push((name, value)),
            // Feeds declare the names of HTML by their numbers, and those are known.
            None if is_known(name) => {}
            None => _ = refused.insert(name),
        }
    }
    (taken, refused)
}

fn plain_value(rest: &str) -> Option<&str> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, _) = rest.get(1..)?.split_once(quote)?;
    let plain = value.len() <= ENTITY_BYTES_MAX && !value.contains(['<', '&', '%']);
    plain.then_some(value)
}

/// Whether a text has a reference to one of these entities.
fn names_one_of(text: &str, entities: &HashSet<&str>) -> bool {
    let references = text.split('&').skip(1).filter_map(|after| after.split_once(';'));
    references.into_iter().any(|(name, _)| entities.contains(name))
}

#[cfg(test)]
mod tests {
    use super::super::inner_markup;
    use super::*;

    #[track_caller]
    fn check(text: &str, mended: &str) {
        let tree = parse(text);
        assert_eq!(inner_markup(tree.document(), true), mended);
        assert!(tree.lost.is_empty(), "{:?}", tree.lost);
    }

    #[track_caller]
    fn lost(text: &str, mended: &str) {
        let tree = parse(text);
        assert_eq!(inner_markup(tree.document(), true), mended);
        assert!(!tree.lost.is_empty());
    }

    #[test]
    fn what_is_mended() {
        check("junk <?xml version='1.0'?>\n<a/> junk", "<a></a>");
        check("<a>1 < 2 & 3 <b c</a>", "<a>1 &lt; 2 &amp; 3 &lt;b c</a>");
        check("<a><b><c></A>", "<a><b><c></c></b></a>");
        check("<a></b>x</a></a>", "<a>x</a>");
        check(
            "<i><title>1<guid>2<title>3</i>",
            "<i><title>1</title><guid>2</guid><title>3</title></i>",
        );
        check("<?php $a->b; ?><a><?x y><b/></a>", "<a><b></b></a>");
        check("<a>x<br>y</a>", "<a>x<br>y</a>");
        check(
            "<r><item><t>1<item><t>2</item></r>",
            "<r><item><t>1</t></item><item><t>2</t></item></r>",
        );
        check("<a><![CDATA[<b>&amp;]]><!-- > --></a>", "<a>&lt;b&gt;&amp;amp;</a>");
        check("<a b=1 b='2' c/>", "<a b=\"1\" b=\"2\" c=\"\"></a>");
    }

    #[test]
    fn what_is_lost_is_said() {
        lost("<a><b>x", "<a><b>x</b></a>");
        lost("<a>x</a><b c", "<a>x</a>");
        lost("<a><![CDATA[x", "<a>x</a>");
        lost("<a>x<!-- y", "<a>x</a>");
        lost(
            &"<a>".repeat(NESTING_MAX + 1),
            &format!("{}{}", "<a>".repeat(NESTING_MAX), "</a>".repeat(NESTING_MAX)),
        );
    }

    #[test]
    fn deep_nesting_ends_with_its_item() {
        let deep = "<x>".repeat(1000);
        let text = format!("<rss><item>{deep}</item><item><title>2</title></item></rss>");
        let tree = parse(&text);
        let rss = tree.document().child("rss").unwrap();
        assert_eq!(rss.children().count(), 2);
    }

    #[test]
    fn entities_are_taken_when_they_cannot_grow() {
        let types = "<!DOCTYPE r [<!ENTITY nom 'Dépêche'><!ENTITY a '&nom;&nom;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>";
        check(&format!("{types}<r>&nom; &eacute; &ab;</r>"), "<r>Dépêche é &amp;ab;</r>");
        let name = "n".repeat(300);
        let long = format!("<!DOCTYPE r [<!ENTITY {name} SYSTEM 'x'>]><r>&{name}x; &x&{name};</r>");
        lost(&long, &format!("<r>&amp;{name}x; &amp;x&amp;{name};</r>"));
        let known = "<!DOCTYPE r [<!ENTITY nbsp '&#160;'>]><r>1&nbsp;000</r>";
        check(known, "<r>1\u{a0}000</r>");
        // What is left as written is no text of the outlet's.
        lost(&format!("{types}<r>&nom; &a; &f;</r>"), "<r>Dépêche &amp;a; &amp;f;</r>");
        lost(&format!("{types}<r t='&f;'/>"), "<r t=\"&amp;f;\"></r>");
        let many: String = (0..=ENTITIES_MAX).map(|n| format!("<!ENTITY e{n} 'x'>")).collect();
        let last = format!("<r>&e0;&e{ENTITIES_MAX};</r>");
        let left = format!("<r>x&amp;e{ENTITIES_MAX};</r>");
        lost(&format!("<!DOCTYPE r [{many}]>{last}"), &left);
    }

    #[test]
    fn vocabularies_are_known_by_address_or_by_prefix() {
        let name = |text: &str| {
            let tree = parse(text);
            tree.document().descendants().last().unwrap().namespace()
        };
        assert_eq!(
            name("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title/></a:feed>"),
            Namespace::Core
        );
        assert_eq!(name("<rss xmlns='http://x.example/'><title/></rss>"), Namespace::Core);
        assert_eq!(name("<rss><dc:creator/></rss>"), Namespace::Dublin);
        assert_eq!(name("<rss xmlns:dc='http://x.example/'><dc:creator/></rss>"), Namespace::Other);
        assert_eq!(name("<rss><b xmlns='http://x.example/'/><title/></rss>"), Namespace::Core);
    }
}
