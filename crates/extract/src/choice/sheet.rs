//! A page with all that its rows are made of: what is known of each piece by itself, of each element, and of the page.

use foldhash::{HashMap, HashMapExt, HashSet};

use depeche_text::fold;

use super::context::{LEVELS, Place};
use super::words::{self, Word};
use crate::blocks::{Kind, Page, Piece, ends_sentence};
use crate::content::{self, Known};
use crate::marks::Marks;
use crate::phrases;
use crate::tree::{NodeId, ROOT, Tree};

/// What a page declares, made ready to be compared with its pieces.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// Hashes of the three-word runs of the declared body; empty where there is none.
    pub(super) body: HashSet<u64>,
    /// The words of the headline, hashed.
    pub(super) headline: HashSet<u32>,
}

impl Declared {
    pub(crate) fn new(body: Option<&str>, headline: &str) -> Self {
        let hashes = |folded: &str| -> Vec<u32> {
            words::words_of(folded).map(|word| super::hash(word.as_bytes())).collect()
        };
        let body = body.map(|text| runs(hashes(&fold(text)).into_iter()).collect());
        Self {
            body: body.unwrap_or_default(),
            headline: hashes(&fold(headline)).into_iter().collect(),
        }
    }
}

/// Hashes of the runs of three words, of the hashes of words.
pub(super) fn runs(words: impl Iterator<Item = u32>) -> impl Iterator<Item = u64> {
    let mut last = [0_u64; 2];
    words.filter_map(move |word| {
        let hash = u64::from(word) + 1;
        let [first, second] = last;
        last = [second, hash];
        (first != 0).then(|| {
            first.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
                ^ second.wrapping_mul(0xc2b2_ae3d_27d4_eb4f).rotate_left(31)
                ^ hash.wrapping_mul(0x1656_67b1_9e37_79f9)
        })
    })
}

/// What is known of one piece by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    pub(super) folded: String,
    /// The hash of its folded text.
    pub(super) text: u32,
    /// The words of that, where a row is made of it.
    pub(super) words: Vec<Word>,
    pub(super) size: f32,
    /// What its size is in a row.
    pub(super) log_size: f32,
    pub(super) density: f32,
    pub(super) prose: bool,
    pub(super) sentence: bool,
    /// Whether it opens what comes after a story, where it is a line.
    pub(super) opens_tail: bool,
    pub(super) signature: u64,
    /// Its own element's name and class.
    pub(super) called: u64,
    pub(super) kin: [(NodeId, u64); KIN],
    pub(super) parent: NodeId,
    /// Whether it is one of the forms of the headline.
    pub(super) headline: bool,
    /// Whether it is in the container.
    pub(super) within: bool,
    /// Whether it is a link or a label outside the container, as those of menus and lists: half of a page's pieces.
    pub(super) apart: bool,
}

/// Longest link outside the container that is not judged.
const APART_SIZE_MAX: usize = 100;

/// Longest label outside the container that is not judged.
const LABEL_SIZE_MAX: usize = 25;

/// Sums over what an element holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) size: f32,
    pub(super) linked: f32,
    pub(super) prose: f32,
    pub(super) pieces: f32,
    pub(super) sentences: f32,
}

/// Levels around a piece at which it is asked what stands beside it under the same names.
pub(super) const KIN: usize = 3;

/// A page with all that its rows are made of.
pub(crate) struct Sheet<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) pieces: Vec<&'a Piece>,
    pub(super) known: &'a Known,
    pub(super) declared: &'a Declared,
    pub(super) looks: Vec<Look>,
    pub(super) sums: Vec<Sums>,
    pub(super) around: Vec<Around>,
    /// By signature: pieces, size, linked, prose.
    pub(super) alike: HashMap<u64, [f32; 4]>,
    /// By folded text: how often.
    pub(super) repeats: HashMap<u32, f32>,
    pub(super) container: NodeId,
    pub(super) narrowed: NodeId,
    /// The headline above most prose.
    pub(super) headline: Option<usize>,
    /// Prose before each piece, and after the last in all.
    pub(super) before: Vec<f32>,
    /// The heading over each piece.
    pub(super) over: Vec<Option<usize>>,
    /// How many headings of the first level, and how many that open what comes after a story,
    /// stand before each piece.
    pub(super) firsts: Vec<f32>,
    pub(super) tails: Vec<f32>,
    pub(super) articles: f32,
    /// By element and what pieces in it are called: their prose and count; three levels, the innermost first.
    pub(super) alike_in: [HashMap<(NodeId, u64), [f32; 2]>; KIN],
    /// By name and class of the own element: prose and count on the page.
    pub(super) called: HashMap<u64, [f32; 2]>,
    /// What the rules take for the body.
    pub(super) by_rules: HashSet<u32>,
    /// In how many pieces of the container's prose each word stands.
    pub(super) shared: HashMap<u32, u32>,
}

/// What the elements around a node are and call themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    pub(super) elements: u32,
    pub(super) marks: Marks,
    pub(super) depth: u16,
    /// The innermost `article`, the element itself counted.
    pub(super) article: Option<NodeId>,
}

/// Elements that say something about all that they hold.
pub(super) const TELLING: [&str; 18] = [
    "nav",
    "aside",
    "footer",
    "header",
    "form",
    "dialog",
    "menu",
    "article",
    "main",
    "section",
    "table",
    "figure",
    "blockquote",
    "ul",
    "ol",
    "a",
    "details",
    "dl",
];
pub(super) const HIDDEN: u32 = 1 << 31;

/// The place of an element in [`TELLING`], without a search.
fn telling(name: &str) -> Option<usize> {
    Some(match name {
        "nav" => 0,
        "aside" => 1,
        "footer" => 2,
        "header" => 3,
        "form" => 4,
        "dialog" => 5,
        "menu" => 6,
        "article" => 7,
        "main" => 8,
        "section" => 9,
        "table" => 10,
        "figure" => 11,
        "blockquote" => 12,
        "ul" => 13,
        "ol" => 14,
        "a" => 15,
        "details" => 16,
        "dl" => 17,
        _ => return None,
    })
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(
        page: &'a Page<'a>,
        pieces: Vec<&'a Piece>,
        known: &'a Known,
        declared: &'a Declared,
    ) -> Self {
        let tree = page.tree;
        let (container, narrowed) = content::containers(page, &pieces);
        let within = within(tree, container);
        let mut names = Names::new(tree);
        let looks: Vec<Look> =
            pieces.iter().map(|piece| look(&mut names, piece, known, &within)).collect();
        let (mut alike, mut repeats) = (HashMap::new(), HashMap::new());
        let (mut before, mut prose) = (Vec::with_capacity(pieces.len() + 1), 0.0);
        for look in &looks {
            let all: &mut [f32; 4] = alike.entry(look.signature).or_default();
            all[0] += 1.0;
            all[1] += look.size;
            all[2] += look.size * look.density;
            all[3] += if look.prose { look.size } else { 0.0 };
            *repeats.entry(look.text).or_insert(0.0) += 1.0;
            before.push(prose);
            prose += if look.prose { look.size } else { 0.0 };
        }
        before.push(prose);
        let mut sheet = Self {
            page,
            sums: sums(tree, &pieces, &looks),
            pieces,
            known,
            declared,
            around: around(page),
            looks,
            alike,
            repeats,
            container,
            narrowed,
            headline: None,
            before,
            over: Vec::new(),
            firsts: Vec::new(),
            tails: Vec::new(),
            shared: HashMap::new(),
            alike_in: Default::default(),
            called: HashMap::new(),
            by_rules: content::by_rules(page, known),
            articles: tree.walk(ROOT).filter(|id| tree.name(*id) == "article").count() as f32,
        };
        sheet.headline = sheet.headline();
        sheet.headings();
        sheet.shared = sheet.shared_words();
        sheet.count_kin();
        sheet
    }

    /// Counts what stands in one element under the same names.
    fn count_kin(&mut self) {
        for look in &self.looks {
            let prose = if look.prose { look.size } else { 0.0 };
            let add = |sums: &mut [f32; 2]| {
                sums[0] += prose;
                sums[1] += 1.0;
            };
            add(self.called.entry(look.called).or_default());
            for (level, key) in look.kin.into_iter().enumerate() {
                if let Some(all) = self.alike_in.get_mut(level) {
                    add(all.entry(key).or_default());
                }
            }
        }
    }

    /// The words of the container's prose.
    fn shared_words(&self) -> HashMap<u32, u32> {
        let mut shared = HashMap::new();
        let mut own = Vec::new();
        for look in self.looks.iter().filter(|look| look.prose && look.within) {
            own.clear();
            own.extend(look.words.iter().filter_map(|word| word.content));
            own.sort_unstable();
            own.dedup();
            for word in &own {
                *shared.entry(*word).or_insert(0) += 1;
            }
        }
        shared
    }

    /// Finds the headings over each piece.
    fn headings(&mut self) {
        let (mut over, mut firsts, mut tails) = (None, 0.0, 0.0);
        for (at, (piece, look)) in self.pieces.iter().zip(&self.looks).enumerate() {
            self.over.push(over);
            self.firsts.push(firsts);
            self.tails.push(tails);
            let heading =
                piece.is_heading() || (look.size < 60.0 && piece.stressed * 10 > piece.size * 8);
            if heading {
                over = Some(at);
            }
            firsts += f32::from(piece.kind == Kind::Heading(1));
            tails += f32::from(look.size < 80.0 && !look.sentence && look.opens_tail);
        }
    }

    /// The headline with most prose before the next one.
    fn headline(&self) -> Option<usize> {
        let all = self.looks.iter().enumerate().filter(|(_, look)| look.headline);
        let all: Vec<usize> = all.map(|(at, _)| at).collect();
        let prose = |place: usize, at: usize| {
            let end = all.get(place + 1).copied().unwrap_or(self.pieces.len());
            self.before_at(end) - self.before_at(at)
        };
        let scored = all.iter().enumerate().map(|(place, &at)| (prose(place, at), at));
        scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, at)| at)
    }

    pub(super) fn before_at(&self, at: usize) -> f32 {
        self.before.get(at).copied().unwrap_or(0.0)
    }

    pub(super) fn around(&self, id: NodeId) -> Around {
        self.around.get(id as usize).copied().unwrap_or_default()
    }

    pub(super) fn sums(&self, id: NodeId) -> Sums {
        self.sums.get(id as usize).copied().unwrap_or_default()
    }

    /// Where each piece stands, for the second judgement.
    pub(crate) fn places(&self) -> Vec<Place> {
        let tree = self.page.tree;
        let each = self.pieces.iter().zip(&self.looks).map(|(piece, look)| {
            let mut elements = [ROOT; LEVELS];
            let around = std::iter::once(piece.element).chain(tree.ancestors(piece.element));
            elements.iter_mut().zip(around).for_each(|(place, id)| *place = id);
            let Look { apart, size, signature, text, .. } = *look;
            Place { apart, size, elements, signature, text }
        });
        each.collect()
    }

    /// The hashed words and pairs of words of each piece that is judged.
    pub(crate) fn wordings(&self) -> Vec<Vec<u32>> {
        self.looks.iter().map(|look| super::phrasing::of(&look.words)).collect()
    }

    /// The folded text of each piece.
    pub(crate) fn into_folded(self) -> Vec<String> {
        self.looks.into_iter().map(|look| look.folded).collect()
    }

    /// The hashed names around each piece.
    pub(crate) fn names(&self) -> Vec<Vec<Vec<u32>>> {
        self.pieces
            .iter()
            .map(|piece| super::names::levels(self.page.tree, piece.element))
            .collect()
    }
}

/// Of each element, whether it is the container or in it.
fn within(tree: &Tree, container: NodeId) -> Vec<bool> {
    let mut within = vec![false; tree.len()];
    for id in tree.walk(container) {
        if let Some(within) = within.get_mut(id as usize) {
            *within = true;
        }
    }
    within
}

fn look(names: &mut Names, piece: &Piece, known: &Known, within: &[bool]) -> Look {
    let sentence = ends_sentence(&piece.text);
    let density = piece.link_density();
    let textual = !matches!(piece.kind, Kind::Heading(_) | Kind::Image | Kind::Caption);
    let folded = fold(&piece.text);
    let within = within.get(piece.element as usize).copied().unwrap_or(false);
    let label = piece.size < LABEL_SIZE_MAX || (density > 0.5 && piece.size < APART_SIZE_MAX);
    let apart = textual && label && !within;
    Look {
        text: super::hash(folded.as_bytes()),
        words: if apart { Vec::new() } else { words::words(&folded) },
        size: piece.size as f32,
        log_size: (piece.size as f32).ln_1p(),
        density,
        prose: textual && density < 0.5 && piece.size >= 40 && (sentence || piece.size >= 100),
        sentence,
        opens_tail: phrases::opens_tail(&folded),
        signature: names.signature(piece.element),
        called: names.called(piece.element),
        kin: names.kin_of(piece.element),
        parent: names.tree.parent(piece.element).unwrap_or(ROOT),
        headline: known.is_headline_folded(piece.size, &folded),
        within,
        apart,
        folded,
    }
}

/// What elements are called, each looked at once.
struct Names<'a> {
    tree: &'a Tree,
    /// Zero for those that were not asked for.
    called: Vec<u64>,
}

impl<'a> Names<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self { tree, called: vec![0; tree.len()] }
    }

    /// Hash of an element's name and class.
    fn called(&mut self, id: NodeId) -> u64 {
        let known = self.called.get(id as usize).copied().unwrap_or(0);
        if known != 0 {
            return known;
        }
        let class = self.tree.attribute(id, "class");
        let class = class.map_or(0, |class| super::hash(class.as_bytes()));
        let name = super::hash(self.tree.name(id).as_bytes());
        let called = u64::from(name) << 32 | u64::from(class);
        self.called.get_mut(id as usize).into_iter().for_each(|place| *place = called);
        called
    }

    /// What an element, its parent and theirs are called: paragraphs of one story share it.
    fn signature(&mut self, id: NodeId) -> u64 {
        let tree = self.tree;
        let levels = std::iter::once(id).chain(tree.ancestors(id)).take(3);
        levels.fold(0, |all: u64, id| {
            all.rotate_left(21).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.called(id)
        })
    }

    /// The elements around a piece, each with what the way down from it is called.
    fn kin_of(&mut self, id: NodeId) -> [(NodeId, u64); KIN] {
        let mut way = 0_u64;
        let mut at = id;
        std::array::from_fn(|_| {
            way = way.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.called(at);
            at = self.tree.parent(at).unwrap_or(ROOT);
            (at, way)
        })
    }
}

fn sums(tree: &Tree, pieces: &[&Piece], looks: &[Look]) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); tree.len()];
    for (piece, look) in pieces.iter().zip(looks) {
        for id in std::iter::once(piece.element).chain(tree.ancestors(piece.element)) {
            if let Some(sum) = sums.get_mut(id as usize) {
                sum.size += look.size;
                sum.linked += look.size * look.density;
                sum.prose += if look.prose { look.size } else { 0.0 };
                sum.pieces += 1.0;
                sum.sentences += f32::from(look.sentence);
            }
        }
    }
    sums
}

fn around(page: &Page) -> Vec<Around> {
    let tree = page.tree;
    let mut all = vec![Around::default(); tree.len()];
    for id in tree.walk(ROOT) {
        let name = tree.name(id);
        if name.is_empty() && id != ROOT {
            continue;
        }
        let over = tree
            .parent(id)
            .and_then(|parent| all.get(parent as usize))
            .copied()
            .unwrap_or_default();
        let mut own = Around { depth: over.depth + u16::from(id != ROOT), ..over };
        if let Some(bit) = telling(name) {
            own.elements |= 1 << bit;
            own.article = if name == "article" { Some(id) } else { own.article };
        }
        if crate::blocks::is_hidden(tree, id) {
            own.elements |= HIDDEN;
        }
        if !page.is_most(id) {
            own.marks |= page.marks_of(id);
        }
        if let Some(place) = all.get_mut(id as usize) {
            *place = own;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telling_elements_are_found_in_their_place() {
        let places: Vec<_> = TELLING.iter().map(|name| telling(name)).collect();
        assert_eq!(places, (0..TELLING.len()).map(Some).collect::<Vec<_>>());
        assert_eq!(telling("div"), None);
    }
}
