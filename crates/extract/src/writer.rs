//! From elements as they are entered and left to pieces: where one ends, how much of it is a link, what is a caption.

use depeche_news::limits::text::SPANS_MAX;
use depeche_news::{placed, signs};

use crate::blocks::{Kind, Piece, Stand, Standing};
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
    /// What stands out in the run, by bytes of it, and what is open.
    standing: Vec<Standing>,
    standing_open: Vec<(Stand, NodeId, usize)>,
    /// The outermost `pre` that is open, and its lines as they are set.
    set_open: Option<NodeId>,
    set: String,
}

#[derive(Clone, Copy)]
struct Open {
    element: NodeId,
    kind: Kind,
    marks: Marks,
    in_header: bool,
    group: NodeId,
    row: NodeId,
    item: NodeId,
}

impl Open {
    const OUTERMOST: Self = Self {
        element: ROOT,
        kind: Kind::Loose,
        marks: Marks::NONE,
        in_header: false,
        group: ROOT,
        row: ROOT,
        item: ROOT,
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
        if let Some(stand) = stand(name) {
            // One within another of its kind says nothing more, and every run would have all of them.
            let same = self.standing_open.iter().filter(|(open, ..)| *open == stand).count();
            if same < if stand == Stand::Link { LINKS_OPEN_MAX } else { 1 } {
                self.standing_open.push((stand, id, self.run.len()));
            }
        }
        match name {
            "br" => {
                self.run.push('\n');
                self.set.extend(self.set_open.map(|_| '\n'));
            }
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
        if let Some((stand, _, start)) = self.standing_open.pop_if(|(_, open, _)| *open == id) {
            self.stood(stand, id, start);
        }
        match name {
            "a" => self.links_open = self.links_open.saturating_sub(1),
            "b" | "strong" | "em" | "i" => self.stress_open = self.stress_open.saturating_sub(1),
            _ if self.open.last().is_some_and(|open| open.element == id) => {
                self.flush();
                self.open.pop();
                self.set_open.take_if(|set| *set == id);
            }
            _ => {}
        }
    }

    /// Notes that what was written from `start` on stands out.
    fn stood(&mut self, stand: Stand, element: NodeId, start: usize) {
        let written = start < self.run.len() && self.standing.len() < STANDING_MAX;
        self.standing.extend(written.then_some(Standing {
            start: start as u32,
            end: self.run.len() as u32,
            stand,
            element,
        }));
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
        if matches!(name, "li" | "dt" | "dd") {
            open.item = id;
        }
        if name == "pre" {
            self.set_open.get_or_insert(id);
        }
        self.open.push(open);
    }

    /// Takes in a piece of text.
    pub(crate) fn write(&mut self, text: &str) {
        if self.set_open.is_some() {
            self.set.push_str(text);
        }
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
            item: open.item,
            standing: Vec::new(),
            set: None,
            caption: None,
            embed: false,
            text,
        }
    }

    /// Ends the run of text at hand.
    fn flush(&mut self) {
        let (linked, stressed) =
            (std::mem::take(&mut self.linked), std::mem::take(&mut self.stressed));
        let standing = self.standing();
        let set = std::mem::take(&mut self.set);
        if self.run.is_empty() {
            self.pieces.append(&mut self.embeds);
            return;
        }
        let whole = if linked + stressed > 0 { size(&self.run).max(1) } else { 1 };
        let run = std::mem::take(&mut self.run);
        let texts = paragraphs(&run);
        let mut standings = standings(&run, &texts, standing).into_iter();
        let set = Some(set).filter(|set| texts.len() == 1 && !set.is_empty());
        for text in texts {
            let mut piece = self.piece(text);
            piece.standing = standings.next().unwrap_or_default();
            piece.set = set.as_deref().map(Box::from);
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

impl Writer {
    /// What stands out in the run that ends; what is open goes on in the next.
    fn standing(&mut self) -> Vec<Standing> {
        // As where they end by themselves: the inner before the outer.
        for at in (0..self.standing_open.len()).rev() {
            let Some((stand, element, start)) = self.standing_open.get(at).copied() else { break };
            self.stood(stand, element, start);
        }
        self.standing_open.iter_mut().for_each(|(_, _, start)| *start = 0);
        std::mem::take(&mut self.standing)
    }
}

/// Links that are open at once: one, and those that nobody closed.
const LINKS_OPEN_MAX: usize = 3;

/// Most parts of one run that stand out; twice what is kept of a text, as some lead nowhere.
const STANDING_MAX: usize = SPANS_MAX * 2;

fn stand(name: &str) -> Option<Stand> {
    match name {
        "a" => Some(Stand::Link),
        "b" | "strong" => Some(Stand::Strong),
        "i" | "em" => Some(Stand::Emphasis),
        "code" => Some(Stand::Code),
        _ => None,
    }
}

/// What stands out in a run, of each of its paragraphs: only spaces were changed between them.
fn standings(run: &str, texts: &[String], all: Vec<Standing>) -> Vec<Vec<Standing>> {
    let only = texts.first().filter(|_| texts.len() == 1);
    match (all.as_slice(), only) {
        ([], _) => return Vec::new(),
        // Most are links alone, as those of menus.
        ([one], Some(text)) if is_whole(run, one) => {
            return vec![vec![Standing { start: 0, end: text.len() as u32, ..*one }]];
        }
        _ => {}
    }
    let mut places: Vec<u32> = all.iter().flat_map(|one| [one.start, one.end]).collect();
    places.sort_unstable();
    places.dedup();
    let (mut at, mut count) = (0, 0);
    let counts: Vec<u32> = places
        .iter()
        .map(|place| {
            count += run.get(at..*place as usize).map_or(0, signs);
            at = *place as usize;
            count
        })
        .collect();
    let count = |place: u32| {
        places.binary_search(&place).ok().and_then(|at| counts.get(at)).copied().unwrap_or(0)
    };
    let counted: Vec<(u32, u32, Standing)> =
        all.iter().map(|one| (count(one.start), count(one.end), *one)).collect();
    let mut before = 0;
    let of_text = |text: &String| {
        let (from, to) = (before, before + signs(text));
        before = to;
        let own = counted.iter().filter(|(start, end, _)| *start < to && *end > from);
        let own =
            own.map(|(start, end, one)| (start.saturating_sub(from), (*end).min(to) - from, *one));
        let placed = placed(text, own.collect()).into_iter();
        placed.map(|(start, end, one)| Standing { start, end, ..one }).collect()
    };
    texts.iter().map(of_text).collect()
}

/// Whether a part is all of a run but for spaces.
fn is_whole(run: &str, one: &Standing) -> bool {
    let (before, after) = (run.get(..one.start as usize), run.get(one.end as usize..));
    [before, after].into_iter().flatten().all(|rest| rest.trim().is_empty())
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
