//! What a page declares about its article: structured data, meta elements, links.

use depeche_news::limits::extract::{LINKED_BYTES_MAX, LIST_MAX};
use depeche_text::squash;

use crate::blocks::Page;
use crate::headline::letters;
use crate::labels::Labels;
use crate::linked_data::{self, Linked};
use crate::marks::Marks;
use crate::tree::{NodeId, ROOT, Tree};
use crate::{dates, embeds};

/// What a page declares, each in the order it was found.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The article of the page's JSON-LD.
    pub(crate) linked: Linked,
    /// Meta elements: lower-case name or property, content.
    pub(crate) metas: Vec<(String, String)>,
    /// The `title` element.
    pub(crate) title: String,
    /// The canonical address as written.
    pub(crate) canonical: Option<String>,
    /// What the page says its relative addresses start from, as written.
    pub(crate) base: Option<String>,
    /// The declared language.
    pub(crate) language: Option<String>,
    /// Microdata: property, value, in document order.
    pub(crate) properties: Vec<(String, String)>,
    /// First-level headings with their element.
    pub(crate) headings: Vec<Heading>,
    /// Elements that name authors, as marked.
    pub(crate) bylines: Vec<Byline>,
    /// What its links call the story.
    pub(crate) labels: Labels,
    /// The publication as a script of the page tells it to itself.
    pub(crate) scripted: Option<String>,
    /// Paragraphs of prose seen so far.
    paragraphs: usize,
    /// Whether a first-level heading was seen that is not among furniture.
    headed: bool,
    /// The item of microdata whose author was seen first.
    authored: Option<NodeId>,
    /// The letters of posts of other sites, whose dates and names are their own.
    pub(crate) posts: Vec<String>,
    /// Dates on the page: attribute or text of `time` elements and of elements named for dates.
    pub(crate) dates: Vec<DateSeen>,
}

/// The level of what is a heading by its name only.
pub(crate) const NAMED: u8 = 9;

/// The level of what is one by its looks.
pub(crate) const LARGE: u8 = 8;

/// A heading of the first levels; of lower ones those that are a link.
#[derive(Debug)]
pub(crate) struct Heading {
    pub(crate) level: u8,
    pub(crate) text: String,
    /// Whether its element or one around it calls itself the headline.
    pub(crate) marked: bool,
    /// Its pieces, where elements of their own hold them.
    pub(crate) parts: Vec<String>,
    /// The text of an element in it that calls itself a source or a credit.
    pub(crate) source: Option<String>,
    /// Where the link leads that it is in or that is in it.
    pub(crate) link: Option<String>,
    /// Among furniture of the page.
    pub(crate) aside: bool,
    /// How many paragraphs of prose come before it.
    pub(crate) after: usize,
}

/// An element that names authors.
#[derive(Debug)]
pub(crate) struct Byline {
    /// Its text, a line for each piece of it.
    pub(crate) text: String,
    /// The texts of its links.
    pub(crate) links: Vec<String>,
    /// What says that it names or leads to the author, and nothing else.
    pub(crate) declared: bool,
    /// Among furniture of the page.
    pub(crate) aside: bool,
    /// Between the page's first heading and its first prose.
    pub(crate) head: bool,
    /// Where it stands, and whether it is a link itself.
    place: (NodeId, bool),
}

/// A date seen in the text of the page.
#[derive(Debug)]
pub(crate) struct DateSeen {
    pub(crate) text: String,
    /// In a `time` element that says it is the publication.
    pub(crate) published: bool,
    /// Named as a modification.
    pub(crate) modified: bool,
    /// Among furniture of the page.
    pub(crate) aside: bool,
    /// Between the page's first heading and its first prose.
    pub(crate) head: bool,
}

/// Nodes between two links to authors that stand side by side.
const BESIDE_MAX: NodeId = 12;

/// Most nodes of a small element.
const SHORT_NODES_MAX: usize = 60;

/// Longest byline.
const BYLINE_BYTES_MAX: usize = 200;

impl Facts {
    /// Reads a page's declarations in one walk.
    pub(crate) fn of(page: &Page) -> Self {
        let tree = page.tree;
        let mut facts = Self::default();
        let mut scripts = Vec::new();
        for id in tree.walk(ROOT) {
            match tree.name(id) {
                "" => continue,
                "html" => {
                    facts.language = tree
                        .attribute(id, "lang")
                        .or_else(|| tree.attribute(id, "xml:lang"))
                        .map(str::to_owned)
                }
                "meta" => facts.meta(tree, id),
                "title" if facts.title.is_empty() && !is_in_svg(tree, id) => {
                    facts.title = tree.text(id)
                }
                "link" if is_rel(tree, id, "canonical") => {
                    facts.canonical = facts
                        .canonical
                        .take()
                        .or_else(|| tree.attribute(id, "href").map(str::to_owned));
                }
                "base" => {
                    let base = || tree.attribute(id, "href").map(str::to_owned);
                    facts.base = facts.base.take().or_else(base);
                }
                "script" if tree.attribute(id, "type").is_some_and(|t| t.contains("ld+json")) => {
                    scripts.push(script_text(tree, id))
                }
                "script" if facts.scripted.is_none() => {
                    let texts = tree.children(id).filter_map(|child| tree.text_of(child));
                    facts.scripted = texts.filter_map(scripted_date).next();
                }
                "a" => facts.labels.link(tree, id),
                "nav" | "ol" | "ul" => facts.labels.crumb(page, id),
                "h1" => facts.heading(page, id, 1),
                "h2" => facts.heading(page, id, 2),
                "h3" | "h4" if leads_on(tree, id) => facts.heading(page, id, 3),
                "font" if is_large(tree, id) => facts.heading(page, id, LARGE),
                "div" | "p" | "span" | "td" if page.marks_of(id).any(Marks::HEADLINE) => {
                    facts.heading(page, id, NAMED)
                }
                "blockquote" | "div" if is_post(tree, id) && facts.posts.len() < LIST_MAX => {
                    facts.posts.push(post_text(tree, id))
                }
                "div" | "section" => facts.labels.crumb(page, id),
                "time" => facts.time(page, id),
                "p" => facts.paragraphs += usize::from(is_prose(tree, id)),
                _ => {}
            }
            facts.marked(page, id);
        }
        facts.linked = linked_data::article(&scripts);
        facts
    }

    /// The content of the first of these meta elements that is there and not empty.
    pub(crate) fn first_meta<'a>(&'a self, names: &'a [&str]) -> Option<&'a str> {
        self.all_metas(names).next()
    }

    /// The contents of these meta elements: in the order of `names`, then of the page.
    pub(crate) fn all_metas<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        names.iter().flat_map(move |name| {
            let named = self.metas.iter().filter(move |(key, _)| key == name);
            named.map(|(_, content)| content.as_str())
        })
    }

    /// The first value of a microdata property.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn meta(&mut self, tree: &Tree, id: NodeId) {
        let key = ["property", "name", "itemprop", "http-equiv"]
            .into_iter()
            .find_map(|k| tree.attribute(id, k));
        let content =
            tree.attribute(id, "content").map(squash).filter(|content| !content.is_empty());
        if let (Some(key), Some(content)) = (key, content)
            && self.metas.len() < LIST_MAX * 4
        {
            self.metas.push((key.trim().to_ascii_lowercase(), content));
        }
    }

    fn heading(&mut self, page: &Page, id: NodeId, level: u8) {
        let tree = page.tree;
        if self.headings.len() >= LIST_MAX || tree.walk(id).nth(SHORT_NODES_MAX).is_some() {
            return;
        }
        let text = tree.text_parted(id);
        if !text.is_empty() {
            let marked = page.marks_of(id).any(Marks::HEADLINE);
            let is_link = |id: NodeId| tree.name(id) == "a";
            let around = || tree.ancestors(id).take(3);
            let link = tree.walk(id).chain(around()).find(|id| is_link(*id));
            let link = link.map(|id| tree.attribute(id, "href").unwrap_or_default().to_owned());
            let aside = is_aside(page, id);
            self.headed |= level == 1 && !aside;
            let parts = parts(tree, id);
            let source = source(tree, id);
            let after = self.paragraphs;
            self.headings.push(Heading { level, text, marked, parts, source, link, aside, after });
        }
    }

    fn time(&mut self, page: &Page, id: NodeId) {
        let tree = page.tree;
        let text = tree.attribute(id, "datetime").map(squash).filter(|text| !text.is_empty());
        let text = text.unwrap_or_else(|| tree.text(id));
        self.date(page, id, text, tree.attribute(id, "pubdate").is_some());
    }

    fn date(&mut self, page: &Page, id: NodeId, text: String, pubdate: bool) {
        let tree = page.tree;
        let names = [tree.attribute(id, "class"), tree.attribute(id, "itemprop")];
        let says = |word: &str| {
            names.iter().flatten().any(|name| name.to_ascii_lowercase().contains(word))
        };
        let of_post = || tree.ancestors(id).any(|around| is_post(tree, around));
        if !text.is_empty()
            && text.len() < BYLINE_BYTES_MAX
            && self.dates.len() < LIST_MAX
            && (self.posts.is_empty() || !of_post())
        {
            let aside = is_aside(page, id);
            self.dates.push(DateSeen {
                aside,
                head: !aside && self.in_head(),
                published: pubdate || says("publish") || says("pubdate") || says("entry-date"),
                // Old rules for blogs ask for `updated` on any date of a post.
                modified: (says("update") || says("modified"))
                    && !(says("entry-date") || says("post-date"))
                    || dates::begins_with_change(&text),
                text,
            });
        }
    }

    /// Elements that are found by their names: microdata, bylines, dates.
    fn marked(&mut self, page: &Page, id: NodeId) {
        let tree = page.tree;
        // RDFa says `schema:datePublished` where microdata says `datePublished`.
        let property = tree.attribute(id, "itemprop").or_else(|| {
            let property = tree.attribute(id, "property").filter(|_| tree.name(id) != "meta")?;
            Some(property.rsplit(':').next().unwrap_or(property))
        });
        if let Some(property) = property
            && !matches!(property, "articleBody" | "text" | "comment")
            && self.properties.len() < LIST_MAX * 4
        {
            let value = tree
                .attribute(id, "content")
                .or_else(|| tree.attribute(id, "datetime"))
                .map(squash);
            let value = value.unwrap_or_else(|| match property {
                "author" | "creator" => name_in(tree, id),
                _ => short_text(tree, id),
            });
            // Cards of other stories name their own authors.
            let is_author = matches!(property, "author" | "creator");
            if !is_author || *self.authored.get_or_insert_with(|| item(tree, id)) == item(tree, id)
            {
                self.properties.push((property.to_owned(), value));
            }
        }
        let marks = page.marks_of(id);
        let is_author_link =
            tree.name(id) == "a" && (is_rel(tree, id, "author") || leads_to_author(tree, id));
        if is_author_link || marks.any(Marks::BYLINE) || is_named(tree, id) {
            self.byline(page, id, is_author_link);
        }
        if marks.any(Marks::DATE) && tree.name(id) != "time" {
            let text = short_text(tree, id);
            self.date(page, id, text, false);
        }
    }

    /// Whether the walk is between the first heading and the first prose.
    fn in_head(&self) -> bool {
        self.headed && self.paragraphs == 0
    }

    /// An element that names authors, or one more link of several that stand side by side.
    fn byline(&mut self, page: &Page, id: NodeId, is_link: bool) {
        let tree = page.tree;
        let text = short_lines(tree, id);
        let of_comment = |around: NodeId| page.marks_of(around).any(Marks::COMMENT);
        if text.is_empty()
            || self.bylines.len() >= LIST_MAX
            || tree.ancestors(id).any(of_comment) && !page.is_most(id)
        {
            return;
        }
        let beside = self.bylines.last_mut().filter(|last| {
            let (place, link) = last.place;
            is_link
                && link
                && id.saturating_sub(place) < BESIDE_MAX
                && tree.parent(place) == tree.parent(id)
        });
        if let Some(last) = beside {
            last.links.push(text);
            last.place.0 = id;
            return;
        }
        let aside = is_aside(page, id);
        let links = tree.walk(id).take(SHORT_NODES_MAX).filter(|inner| tree.name(*inner) == "a");
        self.bylines.push(Byline {
            links: links.map(|link| short_text(tree, link)).collect(),
            text,
            declared: is_link || is_named(tree, id),
            aside,
            head: !aside && self.in_head(),
            place: (id, is_link),
        });
    }
}

/// Whether an element is among furniture of the page.
fn is_aside(page: &Page, id: NodeId) -> bool {
    page.tree.ancestors(id).any(|around| {
        matches!(page.tree.name(around), "nav" | "footer" | "aside")
            || page.marks_of(around).any(Marks::FURNITURE) && !page.is_most(around)
    })
}

/// Whether an element says that its text is the name of somebody who wrote: hCard's `fn`, and what systems for blogs write.
fn is_named(tree: &Tree, id: NodeId) -> bool {
    const NAMES: [&str; 2] = ["fn", "username"];
    const WITHIN: [&str; 3] = ["authorname", "author-name", "author_name"];
    matches!(tree.name(id), "a" | "span" | "p" | "div" | "strong")
        && tree.attribute(id, "class").is_some_and(|class| {
            class.split_ascii_whitespace().any(|name| {
                let name = name.to_ascii_lowercase();
                NAMES.contains(&name.as_str()) || WITHIN.iter().any(|word| name.contains(word))
            })
        })
}

/// Whether an element is a post of another site.
fn is_post(tree: &Tree, id: NodeId) -> bool {
    tree.attribute(id, "class").is_some_and(embeds::is_post)
}

/// The letters of a post, of none that is larger than posts are.
fn post_text(tree: &Tree, id: NodeId) -> String {
    let is_small = tree.walk(id).nth(SHORT_NODES_MAX * 2).is_none();
    let text = if is_small { tree.text(id) } else { String::new() };
    if text.len() < POST_BYTES_MAX { letters(&text) } else { String::new() }
}

/// Longest post.
const POST_BYTES_MAX: usize = 2_000;

/// The item of microdata in which a property stands.
fn item(tree: &Tree, id: NodeId) -> NodeId {
    let is_item = |around: &NodeId| tree.attribute(*around, "itemscope").is_some();
    tree.ancestors(id).find(is_item).unwrap_or(ROOT)
}

/// Whether a heading is in a link or has one in it.
fn leads_on(tree: &Tree, id: NodeId) -> bool {
    let is_link = |id: NodeId| tree.name(id) == "a";
    tree.walk(id).take(SHORT_NODES_MAX).any(is_link) || tree.ancestors(id).take(2).any(is_link)
}

/// Whether old markup sets a text as large as headings are.
fn is_large(tree: &Tree, id: NodeId) -> bool {
    tree.attribute(id, "size").is_some_and(|size| {
        matches!(size.trim(), "4" | "5" | "6" | "7" | "+1" | "+2" | "+3" | "+4")
    })
}

/// What an element of microdata calls the name of its person, or all its text.
fn name_in(tree: &Tree, id: NodeId) -> String {
    let named =
        |inner: &NodeId| tree.attribute(*inner, "itemprop").is_some_and(|n| n.contains("name"));
    let name =
        tree.walk(id).skip(1).take(SHORT_NODES_MAX).find(named).map(|name| {
            tree.attribute(name, "content").map_or_else(|| short_text(tree, name), squash)
        });
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| short_lines(tree, id))
}

/// The texts of the elements in a heading, and what stands between them.
fn parts(tree: &Tree, heading: NodeId) -> Vec<String> {
    // A link or a `span` around all of it is no part.
    let mut top = heading;
    for _ in 0..3 {
        let filled: Vec<NodeId> =
            tree.children(top).filter(|child| !tree.text(*child).is_empty()).take(2).collect();
        match filled.as_slice() {
            [only] if !tree.name(*only).is_empty() => top = *only,
            _ => break,
        }
    }
    let texts = tree.children(top).map(|child| tree.text_parted(child));
    texts.filter(|text| !text.is_empty()).take(PARTS_MAX).collect()
}

/// The text of an element in a heading that calls itself a source.
fn source(tree: &Tree, heading: NodeId) -> Option<String> {
    const NAMES: [&str; 6] = ["source", "agence", "agency", "credit", "credits", "signature"];
    let named = |id: &NodeId| {
        let class = tree.attribute(*id, "class").unwrap_or_default().to_ascii_lowercase();
        class.split(|c: char| !c.is_alphanumeric()).any(|word| NAMES.contains(&word))
    };
    let inner = tree.walk(heading).skip(1).take(SHORT_NODES_MAX);
    inner.filter(named).map(|id| tree.text_parted(id)).find(|text| !text.is_empty())
}

/// Pieces of a heading; what has more is set letter by letter.
const PARTS_MAX: usize = 5;

/// Whether the own text of a paragraph is prose by its length.
fn is_prose(tree: &Tree, id: NodeId) -> bool {
    let own = tree.children(id).filter_map(|child| tree.text_of(child));
    own.map(str::len).sum::<usize>() > 80
}

/// The text of a small element, empty when it holds more than a line.
fn short_text(tree: &Tree, id: NodeId) -> String {
    squash(&short_lines(tree, id))
}

/// The same, a line for each piece of text in it.
fn short_lines(tree: &Tree, id: NodeId) -> String {
    let mut text = String::new();
    for inner in tree.walk(id).take(SHORT_NODES_MAX) {
        if matches!(tree.name(inner), "script" | "style" | "svg" | "noscript") {
            return String::new();
        }
        let piece = tree.text_of(inner).map(squash).filter(|piece| !piece.is_empty());
        if let Some(piece) = piece {
            text.push_str(&piece);
            text.push('\n');
        }
        if text.len() > BYLINE_BYTES_MAX * 2 {
            return String::new();
        }
    }
    text
}

fn script_text(tree: &Tree, id: NodeId) -> String {
    let texts = tree.children(id).filter_map(|child| tree.text_of(child));
    let mut text = String::new();
    for piece in texts {
        if text.len() + piece.len() > LINKED_BYTES_MAX {
            return String::new();
        }
        text.push_str(piece);
    }
    text
}

/// The date of publication in the data that a page's own scripts work with.
fn scripted_date(script: &str) -> Option<String> {
    const FIELDS: [&str; 8] = [
        "\"datePublished",
        "\"publishDate",
        "\"publishedDate",
        "\"publishedAt",
        "\"published_at",
        "\"publicationDate",
        "\"firstPublished",
        "\"createdAt",
    ];
    let (field, at) = first_field(script, &FIELDS)?;
    let after = script.get(at..)?.strip_prefix(*FIELDS.get(field)?)?;
    // A script in a string of a script has its quotation marks escaped.
    let (quote, value) = after.split_once(':')?;
    let value = value.trim_start().trim_start_matches('\\').strip_prefix('"')?;
    let (date, _) = value.split_once(['"', '\\'])?;
    (quote.trim_start_matches('\\') == "\"" && date.len() < 40).then(|| date.to_owned())
}

/// The surest field of a script that is there at all, by its number, and where it stands first.
///
/// Scripts are half of many a page, so that it is looked for in one pass: where a quotation mark stands before one of
/// the letters that the fields begin with.
fn first_field(script: &str, fields: &[&str]) -> Option<(usize, usize)> {
    const AT_ONCE: usize = 64;
    let bytes = script.as_bytes();
    let begins = |(quote, next): (&u8, &u8)| {
        (*quote == b'"') & ((*next == b'd') | (*next == b'p') | (*next == b'f') | (*next == b'c'))
    };
    let mut best: Option<(usize, usize)> = None;
    let nexts = bytes.get(1..).unwrap_or_default();
    for (part, (quotes, nexts)) in bytes.chunks(AT_ONCE).zip(nexts.chunks(AT_ONCE)).enumerate() {
        // Without a way out, so that it is done for many bytes at a time.
        if !quotes.iter().zip(nexts).fold(false, |any, pair| any | begins(pair)) {
            continue;
        }
        let begun = quotes.iter().zip(nexts).enumerate().filter(|(_, pair)| begins(*pair));
        for at in begun.map(|(at, _)| part * AT_ONCE + at) {
            let rest = bytes.get(at..).unwrap_or_default();
            let surer = fields.get(..best.map_or(fields.len(), |(field, _)| field));
            let found = surer?.iter().position(|field| rest.starts_with(field.as_bytes()));
            best = found.map(|field| (field, at)).or(best);
        }
        if best.is_some_and(|(field, _)| field == 0) {
            break;
        }
    }
    best
}

fn is_rel(tree: &Tree, id: NodeId, wanted: &str) -> bool {
    tree.attribute(id, "rel")
        .is_some_and(|rel| rel.split_whitespace().any(|r| r.eq_ignore_ascii_case(wanted)))
}

/// Whether a link leads to the page of an author.
fn leads_to_author(tree: &Tree, id: NodeId) -> bool {
    const FOLDERS: [&str; 10] = [
        "/author/",
        "/authors/",
        "/auteur/",
        "/autor/",
        "/autoren/",
        "/journaliste/",
        "/contributor/",
        "/contributors/",
        "/redacteur/",
        "/by/",
    ];
    let opens = |rest: &[u8]| FOLDERS.iter().any(|folder| rest.starts_with(folder.as_bytes()));
    tree.attribute(id, "href").map(str::as_bytes).is_some_and(|href| {
        let strokes = href.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        strokes.map(|(at, _)| href.get(at..)).any(|rest| rest.is_some_and(opens))
    })
}

fn is_in_svg(tree: &Tree, id: NodeId) -> bool {
    tree.ancestors(id).any(|around| tree.name(around) == "svg")
}
