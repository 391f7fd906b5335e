//! The page as one line of blocks: paragraphs, headings, entries, each with what is known of it.

use depeche_news::limits::extract::PIECES_MAX;

use crate::captions;
use crate::embeds;
use crate::marks::{self, Marks};
use crate::rule::Rule;
use crate::tree::{NodeId, ROOT, Tree};

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
    let mut reading =
        Reading { page, strictness, writer: Writer { believes, ..Writer::default() } };
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
            if at == top || reading.writer.pieces.len() >= PIECES_MAX {
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

/// Writes pieces as elements are entered and left.
#[derive(Default)]
pub(crate) struct Writer {
    /// Whether an element called a caption is one.
    believes: bool,
    pieces: Vec<Piece>,
    /// What is embedded in the text at hand.
    embeds: Vec<Piece>,
    /// One for each open block element.
    open: Vec<Open>,
    run: String,
    linked: usize,
    stressed: usize,
    links_open: usize,
    stress_open: usize,
}

#[derive(Clone, Copy)]
struct Open {
    element: NodeId,
    kind: Kind,
    marks: Marks,
    in_header: bool,
    group: NodeId,
    row: NodeId,
}

impl Open {
    const OUTERMOST: Self = Self {
        element: ROOT,
        kind: Kind::Loose,
        marks: Marks::NONE,
        in_header: false,
        group: ROOT,
        row: ROOT,
    };
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
            self.writer.run.push_str("\n\n© ");
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

impl Writer {
    fn top(&self) -> Open {
        self.open.last().copied().unwrap_or(Open::OUTERMOST)
    }

    /// Begins an element, with what its names say.
    pub(crate) fn enter(&mut self, id: NodeId, name: &str, marks: Marks) {
        match name {
            "br" => self.run.push('\n'),
            "hr" => self.flush(),
            "a" => self.links_open += 1,
            "b" | "strong" | "em" | "i" => self.stress_open += 1,
            _ if is_block(name) => self.open_block(id, name, marks),
            _ => {}
        }
    }

    /// Ends an element.
    pub(crate) fn leave(&mut self, id: NodeId, name: &str) {
        match name {
            "a" => self.links_open = self.links_open.saturating_sub(1),
            "b" | "strong" | "em" | "i" => self.stress_open = self.stress_open.saturating_sub(1),
            _ if self.open.last().is_some_and(|open| open.element == id) => {
                self.flush();
                self.open.pop();
            }
            _ => {}
        }
    }

    /// All pieces, after the last element.
    pub(crate) fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }

    fn open_block(&mut self, id: NodeId, name: &str, marks: Marks) {
        self.flush();
        let mut open = self.top();
        open.element = id;
        open.marks |= marks;
        open.in_header |= name == "header";
        open.kind = kind(name, open.kind);
        if matches!(name, "ul" | "ol" | "dl" | "table") {
            open.group = id;
        }
        if name == "tr" {
            open.row = id;
        }
        self.open.push(open);
    }

    /// Takes in a piece of text.
    pub(crate) fn write(&mut self, text: &str) {
        if self.links_open + self.stress_open > 0 {
            let size = size(text);
            self.linked += if self.links_open > 0 { size } else { 0 };
            self.stressed += if self.stress_open > 0 { size } else { 0 };
        }
        // A line break of the source is a space; those of `br` stay. What nobody sees goes.
        let mut rest = text;
        while let Some(at) = first_unwritten(rest) {
            let (seen, more) = rest.split_at(at);
            self.run.push_str(seen);
            let mut more = more.chars();
            if more.next() == Some('\n') {
                self.run.push(' ');
            }
            rest = more.as_str();
        }
        self.run.push_str(rest);
    }

    /// Takes in an image by the addresses it has.
    pub(crate) fn image(&mut self, sources: [Option<&str>; 4]) {
        let mut sources = sources.into_iter().flatten().map(str::trim);
        let source = sources.find(|source| !source.starts_with("data:") && !source.is_empty());
        let Some(source) = source else { return };
        let piece = Piece { kind: Kind::Image, ..self.piece(source.to_owned()) };
        self.pieces.push(piece);
    }

    /// Takes in something embedded, after the text that it stands in.
    pub(crate) fn embed(&mut self, page: String) {
        let before = self.pieces.iter().rev().take(4).filter(|piece| piece.embed);
        let known = before.chain(&self.embeds).any(|piece| piece.text == page);
        if !known {
            let piece = Piece { kind: Kind::Image, embed: true, ..self.piece(page) };
            self.embeds.push(piece);
        }
    }

    /// Whether the text at hand will be the caption of an image.
    fn is_under_image(&self) -> bool {
        let image =
            self.pieces.last().is_some_and(|piece| piece.kind == Kind::Image && !piece.embed);
        image && self.top().kind == Kind::Caption
    }

    /// Takes in the credit of the image at hand.
    fn credit(&mut self, credit: &str) {
        let credit = depeche_text::squash(credit);
        if let Some(image) = self.pieces.last_mut().filter(|piece| piece.kind == Kind::Image)
            && !credit.is_empty()
        {
            captioned(&mut image.caption, &format!("© {credit}"));
        }
    }

    fn piece(&self, text: String) -> Piece {
        let open = self.top();
        Piece {
            kind: open.kind,
            element: open.element,
            size: size(&text),
            linked: 0,
            stressed: 0,
            marks: open.marks,
            in_header: open.in_header,
            group: open.group,
            row: open.row,
            caption: None,
            embed: false,
            text,
        }
    }

    /// Ends the run of text at hand.
    fn flush(&mut self) {
        let (linked, stressed) =
            (std::mem::take(&mut self.linked), std::mem::take(&mut self.stressed));
        if self.run.is_empty() {
            self.pieces.append(&mut self.embeds);
            return;
        }
        let whole = if linked + stressed > 0 { size(&self.run).max(1) } else { 1 };
        let run = std::mem::take(&mut self.run);
        for text in paragraphs(&run) {
            let mut piece = self.piece(text);
            if linked + stressed > 0 {
                // Where one element holds several paragraphs, each has its share of the links.
                let all = if piece.size + 2 >= whole { linked } else { 0 };
                piece.linked = (linked * piece.size / whole).max(all);
                piece.stressed = stressed * piece.size / whole;
            }
            let is_caption = piece.kind == Kind::Caption
                || (self.believes
                    && piece.marks.any(Marks::CAPTION)
                    && piece.size < CAPTION_BYTES_MAX / 2);
            match self.pieces.last_mut() {
                Some(image) if is_caption && image.kind == Kind::Image && !image.embed => {
                    captioned(&mut image.caption, &piece.text);
                }
                _ => self.pieces.push(piece),
            }
        }
        self.run = run;
        self.run.clear();
        self.pieces.append(&mut self.embeds);
    }
}

/// Longest caption of several lines.
const CAPTION_BYTES_MAX: usize = 600;

/// Adds a line to a caption.
fn captioned(caption: &mut Option<String>, line: &str) {
    match caption {
        Some(before) if before.len() + line.len() < CAPTION_BYTES_MAX => {
            before.push('\n');
            before.push_str(line);
        }
        Some(_) => {}
        None => *caption = Some(line.to_owned()),
    }
}

/// Shortest line that ends with a full stop to be a paragraph of its own before a single break.
const LINE_SIZE_MIN: usize = 80;

/// The paragraphs of a run: parted by two breaks, or by one where the line before is a whole
/// sentence of some length.
fn paragraphs(run: &str) -> Vec<String> {
    let run = run.trim();
    if !run.contains('\n') {
        let only = depeche_text::squash(run);
        return if only.is_empty() { Vec::new() } else { vec![only] };
    }
    let mut found: Vec<String> = Vec::new();
    let mut joins = false;
    for line in run.split('\n') {
        let line = depeche_text::squash(line);
        if line.is_empty() {
            joins = false;
            continue;
        }
        match found.last_mut() {
            Some(last) if joins => {
                last.push(' ');
                last.push_str(&line);
            }
            _ => found.push(line),
        }
        joins = found
            .last()
            .is_some_and(|last| is_shorter(last, LINE_SIZE_MIN) || !ends_sentence(last));
    }
    found
}

/// The first line break or invisible sign. All invisible ones begin with one of three bytes.
fn first_unwritten(text: &str) -> Option<usize> {
    let is = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(is_invisible));
    let mut bytes = text.bytes().enumerate();
    bytes
        .find(|&(at, byte)| byte == b'\n' || (matches!(byte, 0xc2 | 0xe2 | 0xef) && is(at)))
        .map(|(at, _)| at)
}

/// Soft hyphens, zero-width spaces and marks of byte order.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{2060}')
}

/// Whether a text ends as a sentence does.
pub(crate) fn ends_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(['"', '»', '”', '’', '\'', ')', ']', ' ', '“']);
    end.ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟'])
}

/// Whether a text is shorter than so many letters' worth; looks at no more of it than it has to.
fn is_shorter(text: &str, limit: usize) -> bool {
    size(text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])) < limit
}

/// The length of a text in letters' worth.
pub(crate) fn size(text: &str) -> usize {
    // What counts for three begins with E2 BA or higher; most texts have no sign that does.
    let bytes = text.as_bytes();
    let highest = bytes.iter().copied().fold(0, u8::max);
    if highest < 0xe2
        || (highest == 0xe2 && !bytes.windows(2).any(|pair| pair[0] == 0xe2 && pair[1] >= 0xba))
    {
        return text.chars().count();
    }
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 3 } else { 1 }).sum()
}

fn kind(name: &str, around: Kind) -> Kind {
    match name {
        "p" if matches!(around, Kind::Entry | Kind::Quote | Kind::Caption | Kind::Cell) => around,
        "p" => Kind::Paragraph,
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" | "h5" | "h6" => Kind::Heading(4),
        "li" | "dd" | "dt" => Kind::Entry,
        "blockquote" => Kind::Quote,
        "td" | "th" => Kind::Cell,
        "figcaption" | "caption" | "figure" => Kind::Caption,
        _ => match around {
            Kind::Entry | Kind::Quote | Kind::Caption | Kind::Heading(_) | Kind::Cell => around,
            _ => Kind::Loose,
        },
    }
}

/// Elements that never hold text of the story.
fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "head"
            | "script"
            | "style"
            | "noscript"
            | "template"
            | "iframe"
            | "svg"
            | "math"
            | "object"
            | "embed"
            | "audio"
            | "video"
            | "canvas"
            | "button"
            | "input"
            | "select"
            | "textarea"
            | "option"
            | "datalist"
            | "progress"
            | "meter"
            | "map"
            | "frameset"
            | "noframes"
            | "applet"
            | "title"
            | "link"
            | "meta"
            | "source"
    )
}

/// Children of an element that are looked at for what is written beside one of them: each of them asks.
const CHILDREN_MAX: usize = 16;

/// Whether an element of a site's own making stands apart, as its style would say: nothing is written beside it.
fn is_custom_block(tree: &Tree, id: NodeId) -> bool {
    let beside = |id| tree.children(id).take(CHILDREN_MAX).filter_map(|child| tree.text_of(child));
    tree.name(id).contains('-')
        && tree.parent(id).is_some_and(|parent| beside(parent).all(|text| text.trim().is_empty()))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "html"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "summary"
            | "caption"
            | "menu"
            | "label"
    )
}

pub(crate) fn is_hidden(tree: &Tree, id: NodeId) -> bool {
    tree.attribute(id, "hidden").is_some()
        || tree.attribute(id, "aria-hidden") == Some("true")
        || tree.attribute(id, "style").filter(|style| may_hide(style)).is_some_and(|style| {
            let style: String =
                style.chars().take(200).filter(|c| !c.is_whitespace()).collect::<String>();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Whether a value in a style begins as `none` or `hidden` do.
fn may_hide(style: &str) -> bool {
    let values = style.split(':').skip(1).map(str::trim_start);
    values.into_iter().any(|value| value.starts_with(['n', 'h']))
}

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
    fn signs_of_chinese_count_for_three() {
        for (text, expected) in [("l’été", 5), ("⺀", 3), ("⹿", 1), ("北京 «a»", 10), ("", 0)]
        {
            assert_eq!(size(text), expected, "{text}");
        }
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
        check("<ul><li>a<li><p>b</ul>", &["a", "b"]);
        check("<x-text><span>a</span></x-text> <x-text>b</x-text>", &["a", "b"]);
        check("<p>a <x-mark>b</x-mark> c", &["a b c"]);
    }
}
