//! What is known of each piece of a page, as numbers for the model.
//!
//! Nothing is decided here. A row is made of what a piece says, where it stands, what holds it,
//! what stands beside it, and what the page declares about its story.

use super::model::Model;
use super::names;
use super::phrasing;
use super::sheet::{HIDDEN, KIN, Look, Sheet, TELLING, runs};
use super::words;
use crate::blocks::{Kind, Piece};
use crate::content::same_start;
use crate::marks::Marks;
use crate::phrases;
use crate::tree::{NodeId, ROOT};

/// The rows of a page: one a piece, all of the same width.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Numbers a row.
    pub width: usize,
    /// All rows, one after the other.
    pub values: Vec<f32>,
}

impl Rows {
    /// One row.
    pub fn row(&self, at: usize) -> &[f32] {
        self.values.get(at * self.width..(at + 1) * self.width).unwrap_or_default()
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }
}

impl Sheet<'_> {
    /// All rows; those of pieces that are not judged are of zeros.
    pub(crate) fn rows(&self, model: &Model) -> Rows {
        let scores = self.scores(model);
        let mut rows = Rows { width: self.columns().len(), values: Vec::new() };
        for at in 0..self.pieces.len() {
            self.put_row(at, model, &scores, &mut rows.values);
            rows.values.resize((at + 1) * rows.width, 0.0);
        }
        rows
    }

    /// Adds the row of one piece, or nothing where it is not judged.
    pub(crate) fn put_row(&self, at: usize, model: &Model, scores: &[f32], values: &mut Vec<f32>) {
        if self.looks.get(at).is_some_and(|look| !look.apart) {
            self.row(at, model, scores, &mut |_, value| values.push(value));
        }
    }

    /// What the names of each element weigh, for [`Self::put_row`].
    pub(crate) fn scores(&self, model: &Model) -> Vec<f32> {
        names::scores(self.page.tree, &|name| model.name(name), &self.named())
    }

    /// The elements whose names are looked at.
    fn named(&self) -> Vec<bool> {
        let tree = self.page.tree;
        let mut named = vec![false; tree.len()];
        let judged = self.pieces.iter().zip(&self.looks).filter(|(_, look)| !look.apart);
        for (piece, _) in judged {
            let levels = std::iter::once(piece.element).chain(tree.ancestors(piece.element));
            for id in levels.take(names::LEVELS) {
                if let Some(named) = named.get_mut(id as usize) {
                    *named = true;
                }
            }
        }
        named
    }

    /// What stands in a row is called, in its order.
    pub(crate) fn columns(&self) -> Vec<&'static str> {
        let mut columns = Vec::new();
        self.row(0, &Model::default(), &[], &mut |name, _| columns.push(name));
        columns
    }

    fn row(
        &self,
        at: usize,
        model: &Model,
        scores: &[f32],
        put: &mut impl FnMut(&'static str, f32),
    ) {
        let (Some(piece), Some(look)) = (self.pieces.get(at).copied(), self.looks.get(at)) else {
            return;
        };
        self.says(piece, look, put);
        self.declares(look, put);
        self.shares(look, put);
        self.stands(at, piece, look, put);
        self.held(piece, put);
        self.beside(at, look, put);
        self.kin(look, put);
        let wording =
            phrasing::columns(phrasing::of(&look.words).iter().map(|hash| model.wording(*hash)));
        for (name, value) in phrasing::COLUMNS.into_iter().zip(wording) {
            put(name, value);
        }
        names::put(self.page.tree, piece.element, scores, put);
    }

    /// What its text says.
    fn says(&self, piece: &Piece, look: &Look, put: &mut impl FnMut(&'static str, f32)) {
        let text = words::Text::of(&piece.text, &look.words);
        put("size", (look.size + 1.0).ln());
        put("words", (text.words + 1.0).ln());
        put("letters a word", text.letters / text.words.max(1.0));
        put("function words", text.function_words / text.words.max(1.0));
        put("capitals", text.capitals / text.words.max(1.0));
        put("digits", text.digits / look.size.max(1.0));
        put("commas", text.commas / text.words.max(1.0));
        put("stops", text.stops);
        put("signs", text.signs / text.words.max(1.0));
        put("quotes", text.quotes);
        put("starts", text.starts);
        put("ends", text.ends);
        put("sentence", f32::from(look.sentence));
        put("odd signs", text.odd);
        put("link density", look.density);
        put("stressed", piece.stressed as f32 / look.size.max(1.0));
        put("kind", kind(piece.kind));
        put("element", f32::from(words::element(self.page.tree.name(piece.element))));
        let short = look.size < 200.0;
        put("opens tail", f32::from(short && look.opens_tail));
        put("furniture line", f32::from(short && phrases::is_furniture_line(&look.folded)));
        put("notice", f32::from(look.size < 800.0 && phrases::is_notice(&look.folded)));
        put("caption words", f32::from(short && phrases::is_caption(&look.folded)));
        put("feed line", f32::from(short && phrases::is_feed_line(&look.folded)));
        put(
            "byline words",
            f32::from(short && phrases::BYLINE_STARTS.iter().any(|s| look.folded.starts_with(s))),
        );
        // Most lines have no digit, and reading a date is dear.
        let dated = short
            && look.folded.bytes().any(|byte| byte.is_ascii_digit())
            && crate::dates::prose(&piece.text, crate::dates::Order::DayFirst).is_some();
        put("dated", f32::from(dated));
        put("cut", f32::from(depeche_text::is_cut(&piece.text)));
        put("repeats", self.repeats.get(&look.text).copied().unwrap_or(1.0).min(9.0));
    }

    /// How it stands to what the page declares.
    fn declares(&self, look: &Look, put: &mut impl FnMut(&'static str, f32)) {
        let share = if self.declared.body.is_empty() {
            -1.0
        } else {
            let (mut all, mut found) = (0.0, 0.0);
            for run in runs(look.words.iter().map(|word| word.hash)) {
                all += 1.0;
                found += f32::from(self.declared.body.contains(&run));
            }
            if all > 0.0 { found / all } else { -0.5 }
        };
        put("in declared body", share);
        let declared = || self.known.standfirsts.iter().take(STANDFIRSTS_MAX);
        let standfirst = declared().any(|text| same_start(text, &look.folded));
        put("declared standfirst", f32::from(standfirst));
        // A short start is looked for much faster than the whole.
        let start = look.folded.char_indices().nth(16).map_or(0, |(end, _)| end);
        let start = look.folded.get(..start).unwrap_or_default();
        let part = look.folded.len() > 30
            && declared().any(|text| {
                text.len() < STANDFIRST_BYTES_MAX
                    && text.len() >= look.folded.len()
                    && text.contains(start)
                    && text.contains(look.folded.as_str())
            });
        put("in standfirst", f32::from(part));
        put("headline", f32::from(look.headline));
        let (mut all, mut same) = (0.0, 0.0);
        for word in look.words.iter().take(60) {
            all += 1.0;
            same += f32::from(self.declared.headline.contains(&word.hash));
        }
        put("headline words", same / f32::max(all, 1.0));
        let author = look.size < 400.0
            && self
                .known
                .authors
                .iter()
                .any(|name| name.len() > 4 && look.folded.contains(name.as_str()));
        put("author", f32::from(author));
    }

    /// How much of its vocabulary it has in common with the rest of the container.
    fn shares(&self, look: &Look, put: &mut impl FnMut(&'static str, f32)) {
        let (mut all, mut found) = (0.0_f32, [0.0_f32; 2]);
        for word in look.words.iter().filter_map(|word| word.content).take(120) {
            let times = self.shared.get(&word).copied().unwrap_or(0);
            all += 1.0;
            found[0] += f32::from(times >= 2);
            found[1] += (times as f32).ln_1p();
        }
        put("shared words", if all > 0.0 { found[0] / all } else { -1.0 });
        put("shared often", if all > 0.0 { found[1] / all } else { -1.0 });
        put("content words", all.ln_1p());
    }

    /// Where it stands.
    fn stands(
        &self,
        at: usize,
        piece: &Piece,
        look: &Look,
        put: &mut impl FnMut(&'static str, f32),
    ) {
        let around = self.around(piece.element);
        let count = self.pieces.len() as f32;
        let total = self.before_at(self.pieces.len()).max(1.0);
        put("place", at as f32 / count);
        put("from end", (count - at as f32).ln());
        put("prose before", self.before_at(at) / total);
        put("prose after", (total - self.before_at(at + 1)) / total);
        put("page pieces", count.ln());
        put("page prose", total.ln());
        for (bit, name) in TELLING.iter().enumerate() {
            put(name, f32::from(around.elements & (1 << bit) != 0));
        }
        put("hidden", f32::from(around.elements & HIDDEN != 0));
        put("depth", f32::from(around.depth));
        let own = self.page.marks_of(piece.element) | self.page.marks_of(look.parent);
        for (name, marks) in MARKS {
            put(name, f32::from(around.marks.any(marks)) + f32::from(own.any(marks)));
        }
        let since = self.headline.map_or(-1.0, |headline| {
            if headline > at {
                -((headline - at) as f32).ln_1p() - 1.0
            } else {
                ((at - headline) as f32).ln_1p()
            }
        });
        put("since headline", since);
        let prose =
            self.headline.map_or(-1.0, |headline| self.before_at(at) - self.before_at(headline));
        put("prose since headline", prose / total);
        self.under(at, put);
        for (names, container) in [(INSIDE, self.container), (INSIDE_NARROWED, self.narrowed)] {
            self.inside(names, piece, container, put);
        }
    }

    /// What heads it, and which article it is of.
    fn under(&self, at: usize, put: &mut impl FnMut(&'static str, f32)) {
        let over = self.over.get(at).copied().flatten();
        let heading =
            over.and_then(|over| Some((over, self.pieces.get(over)?, self.looks.get(over)?)));
        put("heading over", heading.map_or(-1.0, |(over, ..)| ((at - over) as f32).ln_1p()));
        put("kind over", heading.map_or(-1.0, |(_, piece, _)| kind(piece.kind)));
        put("tail over", heading.map_or(-1.0, |(_, _, look)| f32::from(look.opens_tail)));
        put("density over", heading.map_or(-1.0, |(_, _, look)| look.density));
        put("size over", heading.map_or(-1.0, |(_, _, look)| look.log_size));
        let from = self.headline.unwrap_or(0);
        let since = |counts: &[f32]| {
            counts.get(at).copied().unwrap_or(0.0) - counts.get(from).copied().unwrap_or(0.0)
        };
        put("first headings since", since(&self.firsts));
        put("tails since", since(&self.tails));
        put("articles", self.articles);
        let tree = self.page.tree;
        let element = self.pieces.get(at).map_or(ROOT, |piece| piece.element);
        let article = self.around(element).article;
        let total = self.sums(ROOT).prose.max(1.0);
        put("article prose", article.map_or(-1.0, |id| self.sums(id).prose / total));
        let own = self.headline.and_then(|at| self.pieces.get(at)).map(|piece| piece.element);
        let same =
            article.zip(own).map(|(article, own)| tree.ancestors(own).any(|id| id == article));
        put("article of headline", same.map_or(-1.0, f32::from));
        let shared = own.map_or(0.0, |own| {
            let (mut a, mut b) = (element, own);
            while a != b {
                if self.around(a).depth >= self.around(b).depth && a != ROOT {
                    a = tree.parent(a).unwrap_or(ROOT);
                } else {
                    b = tree.parent(b).unwrap_or(ROOT);
                }
            }
            self.sums(a).prose / total
        });
        put("shared with headline", shared);
    }

    /// How it stands to a container.
    fn inside(
        &self,
        names: [&'static str; 4],
        piece: &Piece,
        container: NodeId,
        put: &mut impl FnMut(&'static str, f32),
    ) {
        let tree = self.page.tree;
        let mut steps = 0_u16;
        let mut at = piece.element;
        let mut levels = self.around(container).depth;
        // Up from the piece to where the container is, or to the level of the container.
        while self.around(at).depth > levels {
            at = tree.parent(at).unwrap_or(ROOT);
            steps += 1;
        }
        let within = at == container;
        let mut other = container;
        let mut apart = 0_u16;
        while at != other && levels > 0 && apart < 64 {
            if self.around(at).depth >= levels {
                at = tree.parent(at).unwrap_or(ROOT);
            }
            other = tree.parent(other).unwrap_or(ROOT);
            levels -= 1;
            apart += 1;
        }
        put(names[0], f32::from(within));
        put(names[1], f32::from(steps));
        put(names[2], f32::from(apart));
        put(names[3], self.sums(at).prose / self.sums(ROOT).prose.max(1.0));
    }

    /// What the elements hold that hold it.
    fn held(&self, piece: &Piece, put: &mut impl FnMut(&'static str, f32)) {
        let tree = self.page.tree;
        let total = self.sums(ROOT).prose.max(1.0);
        let mut at = piece.element;
        for names in HELD {
            let sums = self.sums(at);
            put(names[0], sums.size.ln_1p());
            put(names[1], sums.linked / sums.size.max(1.0));
            put(names[2], sums.prose / total);
            put(names[3], sums.pieces.ln_1p());
            put(names[4], sums.sentences / sums.pieces.max(1.0));
            at = tree.parent(at).unwrap_or(ROOT);
        }
    }

    /// How much of what stands with it in one element is called like it.
    fn kin(&self, look: &Look, put: &mut impl FnMut(&'static str, f32)) {
        put("by rules", f32::from(self.by_rules.contains(&look.text)));
        let total = self.sums(ROOT).prose.max(1.0);
        let [prose, count] = self.called.get(&look.called).copied().unwrap_or_default();
        put("called prose", prose / total);
        put("called count", count.ln_1p());
        for ((names, key), all) in KIN_NAMES.iter().zip(look.kin).zip(&self.alike_in) {
            let [prose, count] = all.get(&key).copied().unwrap_or_default();
            put(names[0], prose / self.sums(key.0).prose.max(1.0));
            put(names[1], count / self.sums(key.0).pieces.max(1.0));
            put(names[2], count.ln_1p());
        }
    }

    /// What stands beside it and what is made like it.
    fn beside(&self, at: usize, look: &Look, put: &mut impl FnMut(&'static str, f32)) {
        let total = self.sums(ROOT).prose.max(1.0);
        let [count, size, linked, prose] =
            self.alike.get(&look.signature).copied().unwrap_or_default();
        put("alike", count.ln_1p());
        put("alike size", (size / count.max(1.0)).ln_1p());
        put("alike density", linked / size.max(1.0));
        put("alike prose", prose / total);
        let nothing = Look::default();
        for (names, step) in BESIDE {
            let other = at
                .checked_add_signed(step)
                .and_then(|at| Some((self.pieces.get(at)?, self.looks.get(at)?)));
            let (piece, other) = match other {
                Some((piece, look)) => (Some(piece), look),
                None => (None, &nothing),
            };
            put(names[0], other.log_size);
            put(names[1], other.density);
            put(names[2], piece.map_or(-1.0, |piece| kind(piece.kind)));
            put(names[3], f32::from(other.sentence));
            put(
                names[4],
                f32::from(other.parent == look.parent)
                    + f32::from(other.signature == look.signature),
            );
        }
        for (name, steps) in WINDOWS {
            let (from, to) = if steps < 0 {
                (at.saturating_add_signed(steps), at)
            } else {
                (at + 1, (at + 1).saturating_add_signed(steps).min(self.pieces.len()))
            };
            put(name, (self.before_at(to) - self.before_at(from)).max(0.0).ln_1p());
        }
    }
}

/// Declared standfirsts that a piece is looked for in, and their length: each piece is, so that both are bounded.
const STANDFIRSTS_MAX: usize = 8;
const STANDFIRST_BYTES_MAX: usize = 4_000;

const MARKS: [(&str, Marks); 11] = [
    ("furniture mark", Marks::FURNITURE),
    ("doubtful mark", Marks::DOUBTFUL),
    ("body mark", Marks::BODY),
    ("caption mark", Marks::CAPTION),
    ("headline mark", Marks::HEADLINE),
    ("standfirst mark", Marks::STANDFIRST),
    ("proper standfirst mark", Marks::STANDFIRST_PROPER),
    ("byline mark", Marks::BYLINE),
    ("date mark", Marks::DATE),
    ("comment mark", Marks::COMMENT),
    ("consent mark", Marks::CONSENT),
];

const INSIDE: [&str; 4] =
    ["in container", "steps to container", "apart from container", "shared prose"];

const INSIDE_NARROWED: [&str; 4] =
    ["in body", "steps to body", "apart from body", "shared with body"];

const HELD: [[&str; 5]; 5] = [
    ["own size", "own density", "own prose", "own pieces", "own sentences"],
    ["parent size", "parent density", "parent prose", "parent pieces", "parent sentences"],
    ["second size", "second density", "second prose", "second pieces", "second sentences"],
    ["third size", "third density", "third prose", "third pieces", "third sentences"],
    ["fourth size", "fourth density", "fourth prose", "fourth pieces", "fourth sentences"],
];

const BESIDE: [([&str; 5], isize); 6] = [
    (
        [
            "third before size",
            "third before density",
            "third before kind",
            "third before sentence",
            "third before alike",
        ],
        -3,
    ),
    (
        [
            "second before size",
            "second before density",
            "second before kind",
            "second before sentence",
            "second before alike",
        ],
        -2,
    ),
    (["before size", "before density", "before kind", "before sentence", "before alike"], -1),
    (["after size", "after density", "after kind", "after sentence", "after alike"], 1),
    (
        [
            "second after size",
            "second after density",
            "second after kind",
            "second after sentence",
            "second after alike",
        ],
        2,
    ),
    (
        [
            "third after size",
            "third after density",
            "third after kind",
            "third after sentence",
            "third after alike",
        ],
        3,
    ),
];

const KIN_NAMES: [[&str; 3]; KIN] = [
    ["kin prose", "kin share", "kin count"],
    ["second kin prose", "second kin share", "second kin count"],
    ["third kin prose", "third kin share", "third kin count"],
];

const WINDOWS: [(&str, isize); 4] =
    [("ten before", -10), ("four before", -4), ("four after", 4), ("ten after", 10)];

fn kind(kind: Kind) -> f32 {
    match kind {
        Kind::Paragraph => 0.0,
        Kind::Loose => 1.0,
        Kind::Quote => 2.0,
        Kind::Entry => 3.0,
        Kind::Cell => 4.0,
        Kind::Caption => 5.0,
        Kind::Image => 6.0,
        Kind::Heading(level) => 7.0 + f32::from(level),
    }
}
