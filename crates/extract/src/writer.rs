//! From elements as they are entered and left to pieces: where one ends, how much of it is a link, what is a caption.

use crate::blocks::{Kind, Piece};
use crate::elements::{is_block, kind};
use crate::marks::Marks;
use crate::tree::{NodeId, ROOT};

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

impl Writer {
    /// Nothing is written yet; `believes`: an element called a caption is one.
    pub(crate) fn new(believes: bool) -> Self {
        Self { believes, ..Self::default() }
    }

    fn top(&self) -> Open {
        self.open.last().copied().unwrap_or(Open::OUTERMOST)
    }

    /// Begins an element, with what its names say.
    pub(crate) fn enter(&mut self, id: NodeId, name: &str, marks: Marks) {
        match name {
            "br" => self.run.push('\n'),
            "hr" => self.flush(),
            "a" => self.links_open += 1,
            "cite" if self.top().kind == Kind::Quote && ends_sentence(&self.run) => {
                self.run.push(' ')
            }
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

    /// How many pieces there are up to here.
    pub(crate) fn count(&self) -> usize {
        self.pieces.len()
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
    pub(crate) fn is_under_image(&self) -> bool {
        let image =
            self.pieces.last().is_some_and(|piece| piece.kind == Kind::Image && !piece.embed);
        image && self.top().kind == Kind::Caption
    }

    /// Says that what follows is the credit of the image at hand.
    pub(crate) fn begin_credit(&mut self) {
        self.run.push_str("\n\n© ");
    }

    /// Takes in the credit of the image at hand.
    pub(crate) fn credit(&mut self, credit: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_chinese_count_for_three() {
        for (text, expected) in [("l’été", 5), ("⺀", 3), ("⹿", 1), ("北京 «a»", 10), ("", 0)]
        {
            assert_eq!(size(text), expected, "{text}");
        }
    }
}
