//! What the first judgement of a page says around each of its pieces.

use foldhash::{HashMap, HashMapExt};

use super::features::Rows;
use crate::tree::ROOT;

/// Elements around a piece that are looked at.
pub(crate) const LEVELS: usize = 8;

/// Where a piece stands, for the second judgement.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Whether it is a link or label apart from the story, which is not judged at all.
    pub apart: bool,
    /// Its length in letters' worth.
    pub size: f32,
    /// Its element and those around it, from the inside.
    pub elements: [u32; LEVELS],
    /// What its element and those around it are called.
    pub signature: u64,
    /// Its folded text.
    pub text: u32,
}

/// The chance from which on a piece counts as surely in, and its least size.
const STRONG: (f32, f32) = (0.5, 80.0);

/// Mean chances by size.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    size: f32,
    sure: f32,
}

impl Mean {
    fn add(&mut self, size: f32, chance: f32) {
        self.size += size;
        self.sure += size * chance;
    }

    fn get(self) -> f32 {
        self.sure / self.size.max(1.0)
    }

    /// The mean of the others.
    fn without(self, size: f32, chance: f32) -> f32 {
        let rest = self.size - size;
        if rest < 1.0 { -1.0 } else { (self.sure - size * chance) / rest }
    }
}

/// The names of what a row of [`context`] holds.
pub fn context_names() -> Vec<&'static str> {
    let mut names = Vec::new();
    let places = [Place::default()];
    Around::new(&places, &[0.0]).row(0, &mut |name, _| names.push(name));
    names
}

/// One row a piece: what was first thought of it and of its surroundings.
pub fn context(places: &[Place], chances: &[f32]) -> Rows {
    let around = Around::new(places, chances);
    let mut rows = Rows::default();
    for at in 0..places.len() {
        around.row(at, &mut |_, value| rows.values.push(value));
        if at == 0 {
            rows.width = rows.values.len();
        }
    }
    rows
}

pub(super) struct Around<'a> {
    places: &'a [Place],
    chances: &'a [f32],
    /// By the place of each element.
    by_element: Vec<Mean>,
    by_signature: HashMap<u64, Mean>,
    /// Best chance of each text and where.
    by_text: HashMap<u32, (f32, usize)>,
    /// Sure size before each piece.
    before: Vec<f32>,
    /// The strong piece before and after each.
    strong_before: Vec<Option<usize>>,
    strong_after: Vec<Option<usize>>,
    first: Option<usize>,
    last: Option<usize>,
    /// The stretch of the page with most for it.
    stretch: (usize, usize),
    /// What speaks against each piece before it, summed.
    doubts: Vec<f32>,
}

impl<'a> Around<'a> {
    pub(super) fn new(places: &'a [Place], chances: &'a [f32]) -> Self {
        let elements = places.iter().flat_map(|place| place.elements).max();
        let elements = elements.map_or(0, |last| last as usize + 1);
        let mut around = Self {
            places,
            chances,
            by_element: vec![Mean::default(); elements],
            by_signature: HashMap::new(),
            by_text: HashMap::new(),
            before: vec![0.0],
            strong_before: Vec::new(),
            strong_after: vec![None; places.len()],
            first: None,
            last: None,
            stretch: stretch(places, chances),
            doubts: vec![0.0],
        };
        let mut sum = 0.0;
        let mut strong = None;
        for (at, (place, &chance)) in places.iter().zip(chances).enumerate() {
            // The root stands in for what is missing, and is counted once.
            let far = place.elements.iter().position(|element| *element == ROOT);
            for element in place.elements.iter().take(far.map_or(LEVELS, |far| far + 1)) {
                let mean = around.by_element.get_mut(*element as usize);
                mean.into_iter().for_each(|mean| mean.add(place.size, chance));
            }
            around.by_signature.entry(place.signature).or_default().add(place.size, chance);
            let best = around.by_text.entry(place.text).or_insert((chance, at));
            if chance > best.0 {
                *best = (chance, at);
            }
            sum += place.size * chance;
            around.before.push(sum);
            let doubt = around.doubts.last().copied().unwrap_or(0.0)
                + place.size.min(300.0) * (1.0 - chance);
            around.doubts.push(doubt);
            around.strong_before.push(strong);
            if chance > STRONG.0 && place.size >= STRONG.1 {
                strong = Some(at);
                around.first = around.first.or(strong);
                around.last = strong;
            }
        }
        let mut strong = None;
        for (at, (place, &chance)) in places.iter().zip(chances).enumerate().rev() {
            if let Some(after) = around.strong_after.get_mut(at) {
                *after = strong;
            }
            if chance > STRONG.0 && place.size >= STRONG.1 {
                strong = Some(at);
            }
        }
        around
    }

    fn chance(&self, at: usize, step: isize) -> f32 {
        at.checked_add_signed(step).and_then(|at| self.chances.get(at)).copied().unwrap_or(-1.0)
    }

    pub(super) fn row(&self, at: usize, put: &mut impl FnMut(&'static str, f32)) {
        let Some(place) = self.places.get(at) else { return };
        let own = self.chance(at, 0);
        for (name, step) in STEPS {
            put(name, self.chance(at, step));
        }
        let total = self.before.last().copied().unwrap_or(0.0).max(1.0);
        let before = |at: usize| self.before.get(at.min(self.places.len())).copied().unwrap_or(0.0);
        put("sure before", before(at) / total);
        put("sure after", (total - before(at + 1)) / total);
        put("sure in all", total.ln());
        for (name, from, to) in [
            ("sure ten before", at.saturating_sub(10), at),
            ("sure four before", at.saturating_sub(4), at),
            ("sure four after", at + 1, at + 5),
            ("sure ten after", at + 1, at + 11),
        ] {
            put(name, (before(to) - before(from)).max(0.0).ln_1p());
        }
        for (names, element) in ELEMENTS.iter().zip(place.elements) {
            let mean = self.by_element.get(element as usize).copied().unwrap_or_default();
            put(names[0], mean.without(place.size, own));
            put(names[1], mean.sure / total);
        }
        let alike = self.by_signature.get(&place.signature).copied().unwrap_or_default();
        put("sure alike", alike.without(place.size, own));
        put("sure share alike", alike.get());
        let far =
            |from: Option<usize>| from.map_or(-1.0, |from| (from.abs_diff(at) as f32).ln_1p());
        put("strong before", far(self.strong_before.get(at).copied().flatten()));
        put("strong after", far(self.strong_after.get(at).copied().flatten()));
        let signed = |edge: Option<usize>| {
            edge.map_or(-9.0, |edge| {
                let far = (edge.abs_diff(at) as f32).ln_1p();
                if edge > at { -far } else { far }
            })
        };
        put("from first", signed(self.first));
        put("from last", signed(self.last));
        let (from, to) = self.stretch;
        let edge = if at < from {
            from
        } else if at >= to {
            to.saturating_sub(1)
        } else {
            at
        };
        let far = (edge.abs_diff(at) as f32).ln_1p();
        put("from stretch", if at < from { -far } else { far });
        let doubts = |at: usize| self.doubts.get(at).copied().unwrap_or(0.0);
        let between = if at < from {
            doubts(from) - doubts(at + 1)
        } else if at >= to {
            doubts(at) - doubts(to)
        } else {
            -1.0
        };
        put("doubts to stretch", if between < 0.0 { -1.0 } else { between.ln_1p() });
        put("stretch", (before(to) - before(from)) / total);
        let (best, where_) = self.by_text.get(&place.text).copied().unwrap_or((own, at));
        put("better twin", if where_ == at { 0.0 } else { best });
    }
}

/// The stretch of pieces whose sum of sizes, those that are rather out against it, is greatest.
fn stretch(places: &[Place], chances: &[f32]) -> (usize, usize) {
    let (mut best, mut sum) = ((0.0, (0, 0)), 0.0);
    let mut from = 0;
    for (at, (place, chance)) in places.iter().zip(chances).enumerate() {
        sum += (place.size.min(600.0) + 20.0) * (chance - 0.4);
        if sum <= 0.0 {
            (sum, from) = (0.0, at + 1);
        } else if sum > best.0 {
            best = (sum, (from, at + 1));
        }
    }
    best.1
}

const STEPS: [(&str, isize); 9] = [
    ("sure", 0),
    ("sure first before", -1),
    ("sure second before", -2),
    ("sure third before", -3),
    ("sure fourth before", -4),
    ("sure first after", 1),
    ("sure second after", 2),
    ("sure third after", 3),
    ("sure fourth after", 4),
];

const ELEMENTS: [[&str; 2]; LEVELS] = [
    ["sure in element", "share in element"],
    ["sure in parent", "share in parent"],
    ["sure in second", "share in second"],
    ["sure in third", "share in third"],
    ["sure in fourth", "share in fourth"],
    ["sure in fifth", "share in fifth"],
    ["sure in sixth", "share in sixth"],
    ["sure in seventh", "share in seventh"],
];
