//! Reads the plain markup of most feed entries in one pass, without a tree.
//!
//! Only what the tree builder would leave as it is written is read here: known elements, closed in
//! the order in which they were opened, or left open where HTML says that they end. At the first
//! sign of anything else the whole fragment goes to the tree builder.

use depeche_news::limits::extract::{ATTRIBUTES_MAX, OPEN_MAX};
use std::ops::Range;

use crate::blocks::{CREDITS, Piece, SOURCES, Writer};
use crate::captions;
use crate::embeds;
use crate::marks::Marks;
use crate::tree::NodeId;

/// The addresses of links by their elements, in order.
pub(crate) type Hrefs = Vec<(NodeId, String)>;

/// The pieces of a fragment and where its links lead, or nothing where its markup is not so simple.
pub(crate) fn pieces(html: &str) -> Option<(Vec<Piece>, Hrefs)> {
    let mut reading = Reading {
        html,
        at: 0,
        next: 1,
        open: Vec::new(),
        hrefs: Vec::new(),
        writer: Writer::default(),
    };
    if html.contains('\0') {
        return None;
    }
    while reading.at < html.len() {
        reading.step()?;
    }
    // What is still open is closed by the end, and nothing is written there.
    Some((reading.writer.finish(), reading.hrefs))
}

struct Reading<'h> {
    html: &'h str,
    at: usize,
    /// The number of the next element; 0 is the document's.
    next: NodeId,
    open: Vec<(Name, NodeId)>,
    hrefs: Hrefs,
    writer: Writer,
}

/// What the tree builder does with an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// Ends an open paragraph.
    Block,
    /// The same, and does not stand in another of its kind.
    Heading,
    /// Ends an open entry of its list.
    Entry,
    /// Stands in the text.
    Inline,
    /// Has no end tag.
    Void,
}

type Name = &'static str;

/// The elements that are read here.
const ELEMENTS: [(Name, Nature); 45] = [
    ("p", Nature::Block),
    ("a", Nature::Inline),
    ("br", Nature::Void),
    ("strong", Nature::Inline),
    ("em", Nature::Inline),
    ("b", Nature::Inline),
    ("i", Nature::Inline),
    ("img", Nature::Void),
    ("span", Nature::Inline),
    ("li", Nature::Entry),
    ("ul", Nature::Block),
    ("div", Nature::Block),
    ("h1", Nature::Heading),
    ("h2", Nature::Heading),
    ("h3", Nature::Heading),
    ("h4", Nature::Heading),
    ("h5", Nature::Heading),
    ("h6", Nature::Heading),
    ("blockquote", Nature::Block),
    ("figure", Nature::Block),
    ("figcaption", Nature::Block),
    ("hr", Nature::Void),
    ("u", Nature::Inline),
    ("s", Nature::Inline),
    ("small", Nature::Inline),
    ("big", Nature::Inline),
    ("font", Nature::Inline),
    ("tt", Nature::Inline),
    ("code", Nature::Inline),
    ("strike", Nature::Inline),
    ("sup", Nature::Inline),
    ("sub", Nature::Inline),
    ("cite", Nature::Inline),
    ("q", Nature::Inline),
    ("abbr", Nature::Inline),
    ("time", Nature::Inline),
    ("mark", Nature::Inline),
    ("del", Nature::Inline),
    ("ins", Nature::Inline),
    ("article", Nature::Block),
    ("section", Nature::Block),
    ("header", Nature::Block),
    ("footer", Nature::Block),
    ("aside", Nature::Block),
    ("center", Nature::Block),
];

impl<'h> Reading<'h> {
    fn step(&mut self) -> Option<()> {
        let html = self.html;
        let rest = html.get(self.at..)?;
        match rest.as_bytes() {
            [b'<', b'/', ..] => self.end_tag(rest.get(2..)?),
            [b'<', b'!', ..] => self.comment(rest),
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => self.start_tag(rest.get(1..)?),
            [b'<', ..] => None,
            _ => self.text(rest),
        }
    }

    fn text(&mut self, rest: &'h str) -> Option<()> {
        let end = rest.find('<').unwrap_or(rest.len());
        let text = rest.get(..end)?;
        self.at += end;
        let Some(first) = text.find('&') else {
            self.writer.write(text);
            return Some(());
        };
        let (plain, mut rest) = text.split_at(first);
        self.writer.write(plain);
        while let Some(after) = rest.strip_prefix('&') {
            let (meant, after) = reference(after)?;
            self.writer.write(meant.encode_utf8(&mut [0; 4]));
            let next = after.find('&').unwrap_or(after.len());
            self.writer.write(after.get(..next)?);
            rest = after.get(next..)?;
        }
        Some(())
    }

    /// A comment that ends as it should.
    fn comment(&mut self, rest: &str) -> Option<()> {
        let inside = rest.strip_prefix("<!--").filter(|inside| !inside.starts_with(['>', '-']))?;
        let (inside, _) = inside.split_once("-->")?;
        if inside.contains("--") || inside.ends_with('-') || inside.contains("<!") {
            return None;
        }
        self.at += "<!--".len() + inside.len() + "-->".len();
        Some(())
    }

    fn start_tag(&mut self, rest: &'h str) -> Option<()> {
        let (name, nature) = element(rest)?;
        let attributes = Attributes::of(rest, name.len())?;
        self.at += 1 + attributes.end;
        if matches!(name, "blockquote" | "div")
            && attributes.value("class").is_some_and(embeds::may_be)
        {
            return None;
        }
        if self.is_open("figure") && attributes.value("class").is_some_and(captions::is_credit) {
            return None;
        }
        // How deep an entry stands is asked of the tree.
        if name == "ul" && (self.is_open("li") || self.is_open("ul")) {
            return None;
        }
        if name == "a"
            && let Some(href) = attributes.value("href")
        {
            self.hrefs.push((self.next, decoded(href)?));
        }
        match nature {
            Nature::Inline if name == "a" && self.is_open("a") => return None,
            Nature::Inline => {}
            Nature::Entry => self.end_entry()?,
            Nature::Void if name != "hr" => return self.void(name, &attributes),
            Nature::Heading if self.open.iter().any(|(open, _)| is_heading(open)) => return None,
            Nature::Block | Nature::Heading | Nature::Void => self.end_paragraph()?,
        }
        if nature == Nature::Entry {
            self.end_paragraph()?;
        }
        if nature == Nature::Void {
            return self.void(name, &attributes);
        }
        if attributes.closed || self.open.len() >= OPEN_MAX {
            return None;
        }
        self.writer.enter(self.next, name, Marks::NONE);
        self.open.push((name, self.next));
        self.next += 1;
        Some(())
    }

    fn void(&mut self, name: &str, attributes: &Attributes<'h>) -> Option<()> {
        if name == "img" && CREDITS.iter().any(|credit| attributes.value(credit).is_some()) {
            return None;
        }
        let mut sources = [const { None }; SOURCES.len()];
        if name == "img" {
            for (source, wanted) in sources.iter_mut().zip(SOURCES) {
                *source = match attributes.value(wanted) {
                    Some(value) => Some(decoded(value)?),
                    None => None,
                };
            }
            self.writer.image(sources.each_ref().map(Option::as_deref));
        } else {
            self.writer.enter(self.next, name, Marks::NONE);
        }
        self.next += 1;
        Some(())
    }

    fn end_tag(&mut self, rest: &str) -> Option<()> {
        let (name, nature) = element(rest)?;
        let after = rest.get(name.len()..)?;
        let blank = after.bytes().position(|b| !b.is_ascii_whitespace())?;
        if after.as_bytes().get(blank) != Some(&b'>') || nature == Nature::Void {
            return None;
        }
        self.at += 2 + name.len() + blank + 1;
        if nature != Nature::Inline {
            // What ends by itself inside of what ends.
            while self.open.last().is_some_and(|(open, _)| *open != name && ends_itself(open)) {
                if name == "p" {
                    return None;
                }
                self.close();
            }
        }
        (self.open.last()?.0 == name).then(|| self.close())
    }

    fn close(&mut self) {
        if let Some((name, id)) = self.open.pop() {
            self.writer.leave(id, name);
        }
    }

    fn is_open(&self, name: &str) -> bool {
        self.open.iter().any(|(open, _)| *open == name)
    }

    /// Ends a paragraph that the next element cannot stand in; nothing where other elements are
    /// open in it.
    fn end_paragraph(&mut self) -> Option<()> {
        if !self.is_open("p") {
            return Some(());
        }
        (self.open.last()?.0 == "p").then(|| self.close())
    }

    /// Ends the entry before the next one of the same list.
    fn end_entry(&mut self) -> Option<()> {
        let around =
            |name: &str| name != "div" && name != "p" && nature(name) != Some(Nature::Inline);
        let within = self.open.iter().rev().take_while(|(name, _)| *name == "li" || !around(name));
        if within.into_iter().any(|(name, _)| *name == "li") {
            if self.open.last()?.0 == "p" {
                self.close();
            }
            return (self.open.last()?.0 == "li").then(|| self.close());
        }
        Some(())
    }
}

/// The element whose name `rest` starts with.
fn element(rest: &str) -> Option<(Name, Nature)> {
    let end = rest.bytes().position(|b| !b.is_ascii_alphanumeric())?;
    let (name, after) = rest.split_at(end);
    if !after.starts_with([' ', '\t', '\n', '>', '/']) {
        return None;
    }
    ELEMENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).copied()
}

fn nature(name: &str) -> Option<Nature> {
    ELEMENTS.iter().find(|(known, _)| *known == name).map(|(_, nature)| *nature)
}

fn is_heading(name: &str) -> bool {
    nature(name) == Some(Nature::Heading)
}

/// Whether an element needs no end tag where the one around it ends.
fn ends_itself(name: &str) -> bool {
    matches!(name, "p" | "li")
}

/// The attributes of a tag that is written as it should be.
struct Attributes<'h> {
    tag: &'h str,
    pairs: Vec<(Range<usize>, Range<usize>)>,
    /// Whether a `/` stands before the `>`.
    closed: bool,
    /// The place after the `>`.
    end: usize,
}

impl<'h> Attributes<'h> {
    /// Reads them from `at` on; nothing where a quote is missing or in a place of its own.
    fn of(tag: &'h str, mut at: usize) -> Option<Self> {
        let bytes = tag.as_bytes();
        let mut pairs = Vec::new();
        loop {
            let blanks = run(bytes, at, |b| b.is_ascii_whitespace());
            let parted = blanks > at;
            at = blanks;
            match bytes.get(at)? {
                b'>' => return Some(Self { tag, pairs, closed: false, end: at + 1 }),
                b'/' if bytes.get(at + 1) == Some(&b'>') => {
                    return Some(Self { tag, pairs, closed: true, end: at + 2 });
                }
                _ if !parted || pairs.len() >= ATTRIBUTES_MAX => return None,
                _ => {}
            }
            let name = at..run(bytes, at, is_name);
            if name.is_empty() {
                return None;
            }
            let (value, end) = value(bytes, name.end)?;
            pairs.push((name, value));
            at = end;
        }
    }

    /// The value of the first attribute with this name.
    fn value(&self, wanted: &str) -> Option<&'h str> {
        let is = |name: &Range<usize>| {
            self.tag.get(name.clone()).is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        let (_, value) = self.pairs.iter().find(|(name, _)| is(name))?;
        self.tag.get(value.clone())
    }
}

/// The value after an attribute's name, and where it ends.
fn value(bytes: &[u8], name_end: usize) -> Option<(Range<usize>, usize)> {
    let equals = run(bytes, name_end, |b| b.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        return Some((name_end..name_end, name_end));
    }
    let start = run(bytes, equals + 1, |b| b.is_ascii_whitespace());
    match *bytes.get(start)? {
        quote @ (b'"' | b'\'') => {
            let end = run(bytes, start + 1, |b| b != quote);
            bytes.get(end).map(|_| (start + 1..end, end + 1))
        }
        _ => {
            let end = run(bytes, start, |b| is_name(b) || b == b':');
            // A slash or a second `=` in a value without quotes is nothing to guess about.
            (end > start).then_some((start..end, end))
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'%' | b'#')
}

/// The first place from `at` on that is not so, or the end.
fn run(bytes: &[u8], at: usize, so: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&b| !so(b)).unwrap_or(rest.len())
}

/// An attribute's value with its references replaced; nothing where one is not written out.
fn decoded(value: &str) -> Option<String> {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((plain, after)) = rest.split_once('&') {
        text.push_str(plain);
        let (meant, after) = reference(after)?;
        text.push(meant);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// What stands after an `&`: the sign that is meant and the rest. A reference without its `;`, a
/// rare one or one to a control is left to the tree builder.
fn reference(after: &str) -> Option<(char, &str)> {
    if after.starts_with([' ', '\n', '\t']) {
        return Some(('&', after));
    }
    let (name, rest) = after.split_at_checked(after.bytes().take(10).position(|b| b == b';')?)?;
    let meant = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "laquo" => '«',
        "raquo" => '»',
        "rsquo" => '’',
        "lsquo" => '‘',
        "rdquo" => '”',
        "ldquo" => '“',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "euro" => '€',
        "deg" => '°',
        "agrave" => 'à',
        "acirc" => 'â',
        "ccedil" => 'ç',
        "egrave" => 'è',
        "eacute" => 'é',
        "ecirc" => 'ê',
        "icirc" => 'î',
        "ocirc" => 'ô',
        "ugrave" => 'ù',
        "ucirc" => 'û',
        "Eacute" => 'É',
        _ => numbered(name.strip_prefix('#')?)?,
    };
    Some((meant, rest.get(1..)?))
}

fn numbered(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16),
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse(),
        _ => return None,
    };
    let number = number.ok()?;
    let plain = matches!(number, 0x20..=0x7e | 0xa0..=0xd7ff | 0xe000..=0xfdcf | 0xfdf0..=0xfffd);
    plain.then(|| char::from_u32(number)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blocks::{self, Page, Strictness};
    use crate::render::{self, Setting};

    /// By the tree builder.
    fn by_tree(html: &str) -> Vec<Piece> {
        let tree = crate::tree::parse(html);
        blocks::pieces(&Page::of_fragment(&tree), Strictness::Nothing)
    }

    /// What of the pieces becomes blocks; groups by where they begin.
    fn told(pieces: &[Piece]) -> Vec<String> {
        let group = |piece: &Piece| pieces.iter().position(|other| other.group == piece.group);
        let told = pieces.iter().map(|piece| {
            let Piece { kind, text, size, caption, .. } = piece;
            format!("{kind:?} {text:?} {size} {caption:?} {:?}", group(piece))
        });
        told.collect()
    }

    fn base() -> url::Url {
        url::Url::parse("https://a.example/1").unwrap()
    }

    /// The blocks of pieces with all marks.
    fn set(pieces: Vec<Piece>, hrefs: &Hrefs) -> Vec<depeche_news::Block> {
        render::blocks(pieces, &Setting::of_links(hrefs, Some(&base())))
    }

    fn set_by_tree(html: &str) -> Vec<depeche_news::Block> {
        let tree = crate::tree::parse(html);
        let pieces = blocks::pieces(&Page::of_fragment(&tree), Strictness::Nothing);
        render::blocks(pieces, &Setting::of_page(&tree, Some(&base())))
    }

    #[track_caller]
    fn check(html: &str, simple: bool) {
        let read = pieces(html);
        assert_eq!(read.is_some(), simple, "{html}");
        if let Some((read, hrefs)) = read {
            assert_eq!(told(&read), told(&by_tree(html)), "{html}");
            assert_eq!(set(read, &hrefs), set_by_tree(html), "{html}");
        }
    }

    #[test]
    fn what_feeds_write_is_simple() {
        check("<p>Un <b>deux</b>\ntrois</p><P CLASS='x' >quatre<br/>cinq</p>", true);
        check("<p>un<p>deux<ul><li>trois<li><p>quatre</ul>cinq", true);
        check("<ul><li><a href='/x?a&amp;b'>a</a></li><li>c</li></ul>", true);
        check("<p>un <b>de<a href=x>ux</b></a>", false);
        check(
            "<figure class=x><img src='/a?b=1&amp;c=2' alt=\"x>y\" /><figcaption>z</figcaption></figure>",
            true,
        );
        check("<!-- wp:paragraph --><p>R&amp;D &#8217;&eacute;&nbsp;& co</p><!-- /wp -->", true);
        check("<h2>un</h2>deux<hr>trois<blockquote><p>quatre</blockquote>", true);
        check("<div><p>un<div>deux</div></div>trois\u{ad}\u{200b}x", true);
    }

    #[test]
    fn the_rest_is_for_the_tree_builder() {
        for html in [
            "<p><b>un<p>deux",
            "<a>un<a>deux",
            "un</p>deux",
            "<table>",
            "<p>un</span>",
            "<script>x",
            "<ul><li>a<ul><li>b</ul></ul>",
            "<ol><li>a</ol>",
            "un & deux &copy trois",
            "&#128;",
            "<p title='x",
            "<b/>un",
            "< 5",
            "<!-->x",
            "<h2>a<h3>b",
            "<li><b>un<li>deux",
            "<p><span>x</p>",
            "<xyz>",
            "<p a=\"b\"c>",
            "</br>",
        ] {
            check(html, false);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
        #[test]
        fn both_ways_lead_to_the_same(parts in prop::collection::vec(prop::sample::select(vec![
            "<p>", "</p>", "<b>", "</b>", "<a href='/x'>", "</a>", "<ul>", "</ul>", "<li>", "</li>", "<br>",
            "<div>", "</div>", "<h2>", "</h2>", "<img src=i.jpg>", "<span>", "</span>", "<hr/>", "un ", "deux\n",
            "Une phrase qui est assez longue pour finir un paragraphe, avec un point à sa fin.", "&amp;", "&lt;",
            "<blockquote>", "</blockquote>", "<figure>", "</figure>", "<figcaption>", "</figcaption>", "<!-- x -->",
            "<ol>", "</ol>", "<em>", "</em>", "\u{a0}", "&", ";", "<", ">", "<section>", "</section>", "</i>",
            "<b>un</b>", "<p>un</p>", "<p>un</p>", "<li>un</li>", "<ul><li>un", "</li></ul>", "<p>un <a href=x>deux</a>",
            "<div><p>un", "</p></div>", "<h2>un</h2>", "<blockquote><p>un</p></blockquote>", "<em>un</em> deux", "un",
        ]), 0..10)) {
            let html = parts.concat();
            if let Some((read, hrefs)) = pieces(&html) {
                prop_assert_eq!(told(&read), told(&by_tree(&html)));
                prop_assert_eq!(set(read, &hrefs), set_by_tree(&html));
            }
        }
    }
}
