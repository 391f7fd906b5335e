//! Gradient-boosted trees over binned columns, grown level by level.

use depeche_extract::study::{Forest, Place, Rows, Tree, bin};

use crate::pages::{self, Page};

/// How trees are grown.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) trees: usize,
    pub(crate) depth: u32,
    pub(crate) rate: f32,
    /// Added to the curvature of a leaf, in pages' worth.
    pub(crate) smooth: f32,
    /// Share of the columns that a tree looks at, and of the pages.
    pub(crate) columns: f32,
    pub(crate) pages: f32,
}

impl Settings {
    pub(crate) const FIRST: Self =
        Self { trees: 120, depth: 6, rate: 0.12, smooth: 0.15, columns: 0.5, pages: 0.7 };
    pub(crate) const SECOND: Self =
        Self { trees: 150, depth: 6, rate: 0.08, smooth: 0.15, columns: 0.4, pages: 0.7 };
}

/// Fewest rows of a node that is parted, the least gain of parting, and the least curvature of a side, in pages' worth.
const ROWS_MIN: usize = 8;
const GAIN_MIN: f32 = 0.01;
const CURVE_MIN: f32 = 0.01;

/// Most bins of a column.
const BINS: usize = 48;

const UNIT: f32 = 4096.0;

/// The columns of all labelled pieces, binned, a column after the other.
struct Table {
    borders: Vec<Vec<f32>>,
    bins: Vec<Vec<u8>>,
    labels: Vec<f32>,
    weights: Vec<f32>,
    /// The page of each row.
    pages: Vec<u32>,
}

pub(crate) type Sample<'a> = (&'a Page, &'a Rows, Option<&'a Rows>);

fn table(samples: &[Sample]) -> Table {
    let outlets = pages::outlets(samples.iter().map(|(page, ..)| *page));
    let mut rows: Vec<(&[f32], &[f32])> = Vec::new();
    let (mut labels, mut weights, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (page, own, context)) in samples.iter().enumerate() {
        // An outlet with many pages would be learned by heart.
        let share = outlets.get(&page.outlet).map_or(1.0, |count| 1.0 / (*count as f32).sqrt());
        for at in (0..page.labels.len()).filter(|at| page.weights[*at] > 0.0) {
            rows.push((own.row(at), context.map_or(&[][..], |context| context.row(at))));
            labels.push(f32::from(page.labels[at]));
            weights.push(page.weights[at] * share * page.counts);
            pages.push(number as u32);
        }
    }
    let width = rows.first().map_or(0, |(own, context)| own.len() + context.len());
    let value = |row: &(&[f32], &[f32]), column: usize| {
        if column < row.0.len() { row.0[column] } else { row.1[column - row.0.len()] }
    };
    let (mut borders, mut bins) = (Vec::new(), Vec::new());
    for column in 0..width {
        let step = (rows.len() / 20_000).max(1);
        let mut values: Vec<f32> =
            rows.iter().step_by(step).map(|row| value(row, column)).collect();
        values.sort_by(f32::total_cmp);
        let own = quantiles(&values);
        bins.push(rows.iter().map(|row| bin(&own, value(row, column))).collect());
        borders.push(own);
    }
    Table { borders, bins, labels, weights, pages }
}

/// Borders between distinct values that part them evenly.
fn quantiles(sorted: &[f32]) -> Vec<f32> {
    let mut distinct = sorted.to_vec();
    distinct.dedup();
    if distinct.len() <= BINS {
        return distinct.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
    }
    let mut borders: Vec<f32> = (1..BINS).map(|at| sorted[at * sorted.len() / BINS]).collect();
    borders.dedup();
    borders
}

/// A sequence of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }
}

/// Grows a forest.
pub(crate) fn learn(samples: &[Sample], settings: &Settings) -> Forest {
    let table = table(samples);
    let rows = table.labels.len();
    let all: f32 = table.weights.iter().sum();
    let positive: f32 =
        table.weights.iter().zip(&table.labels).map(|(weight, label)| weight * label).sum();
    let base = ((positive / (all - positive).max(1e-6)).ln() * UNIT).round() as i16;
    let mut sums = vec![f32::from(base) / UNIT; rows];
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut forest = Forest { borders: table.borders.clone(), base, trees: Vec::new() };
    let mut slopes = vec![(0.0_f32, 0.0_f32); rows];
    for _ in 0..settings.trees {
        let columns: Vec<usize> =
            (0..table.bins.len()).filter(|_| dice.next() < settings.columns).collect();
        let taken: Vec<bool> = samples.iter().map(|_| dice.next() < settings.pages).collect();
        let mut used: Vec<u32> = Vec::with_capacity(rows);
        for at in 0..rows {
            let chance = 1.0 / (1.0 + (-sums[at]).exp());
            let weight = table.weights[at];
            slopes[at] = (
                (table.labels[at] - chance) * weight,
                (chance * (1.0 - chance)).max(1e-4) * weight,
            );
            if taken[table.pages[at] as usize] {
                used.push(at as u32);
            }
        }
        let tree = grow(&table, &slopes, used, &columns, settings);
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum += f32::from(leaf(&tree, |column| table.bins[column][at])) / UNIT;
        }
        forest.trees.push(tree);
    }
    forest
}

fn leaf(tree: &Tree, bin: impl Fn(usize) -> u8) -> i16 {
    let mut at = 0;
    while let Some(&(column, border)) = tree.nodes.get(at) {
        let right = column != u8::MAX && bin(usize::from(column)) > border;
        at = at * 2 + 1 + usize::from(right);
    }
    tree.leaves[at - tree.nodes.len()]
}

type Sums = Vec<[(f32, f32); 64]>;

fn grow(
    table: &Table,
    slopes: &[(f32, f32)],
    used: Vec<u32>,
    columns: &[usize],
    settings: &Settings,
) -> Tree {
    let inner = (1_usize << settings.depth) - 1;
    let mut tree = Tree { nodes: vec![(u8::MAX, 0); inner], leaves: vec![0; inner + 1] };
    let mut level: Vec<(usize, Vec<u32>, Option<Sums>)> = vec![(0, used, None)];
    while let Some((node, rows, sums)) = level.pop() {
        let total = rows.iter().fold((0.0, 0.0), |sum, at| {
            let slope = slopes[*at as usize];
            (sum.0 + slope.0, sum.1 + slope.1)
        });
        if node >= inner {
            let value = settings.rate * total.0 / (total.1 + settings.smooth);
            tree.leaves[node - inner] = (value * UNIT).round().clamp(-32_000.0, 32_000.0) as i16;
            continue;
        }
        let sums = sums.unwrap_or_else(|| histogram(table, slopes, &rows, columns));
        match best(&sums, total, columns, settings) {
            Some((column, border)) if rows.len() >= ROWS_MIN => {
                tree.nodes[node] = (column as u8, border);
                let (right, left): (Vec<u32>, Vec<u32>) =
                    rows.into_iter().partition(|at| table.bins[column][*at as usize] > border);
                let (small, large, small_first) = if left.len() < right.len() {
                    (left, right, true)
                } else {
                    (right, left, false)
                };
                let deeper = node * 2 + 2 < inner;
                let own = deeper.then(|| histogram(table, slopes, &small, columns));
                let others = own.as_ref().map(|own| without(sums, own));
                let (left_node, right_node) = (node * 2 + 1, node * 2 + 2);
                let (small_node, large_node) =
                    if small_first { (left_node, right_node) } else { (right_node, left_node) };
                level.push((small_node, small, own));
                level.push((large_node, large, others));
            }
            _ => {
                // Nothing to part: all go left, down to one leaf.
                level.push((node * 2 + 1, rows, Some(sums)));
            }
        }
    }
    tree
}

fn without(mut sums: Sums, part: &Sums) -> Sums {
    for (all, part) in sums.iter_mut().zip(part) {
        for (all, part) in all.iter_mut().zip(part) {
            all.0 -= part.0;
            all.1 -= part.1;
        }
    }
    sums
}

fn histogram(table: &Table, slopes: &[(f32, f32)], rows: &[u32], columns: &[usize]) -> Sums {
    let one = |columns: &[usize]| -> Sums {
        columns
            .iter()
            .map(|column| {
                let mut sums = [(0.0, 0.0); 64];
                let bins = &table.bins[*column];
                for at in rows {
                    let slope = slopes[*at as usize];
                    let sum = &mut sums[usize::from(bins[*at as usize] & 63)];
                    sum.0 += slope.0;
                    sum.1 += slope.1;
                }
                sums
            })
            .collect()
    };
    if rows.len() < 4_000 {
        return one(columns);
    }
    let (left, right) = columns.split_at(columns.len() / 2);
    std::thread::scope(|scope| {
        let right = scope.spawn(|| one(right));
        let mut sums = one(left);
        sums.extend(right.join().unwrap_or_default());
        sums
    })
}

fn best(
    sums: &Sums,
    total: (f32, f32),
    columns: &[usize],
    settings: &Settings,
) -> Option<(usize, u8)> {
    let score = |sum: (f32, f32)| sum.0 * sum.0 / (sum.1 + settings.smooth);
    let whole = score(total);
    let mut best = (GAIN_MIN, None);
    for (sums, column) in sums.iter().zip(columns) {
        let mut left = (0.0, 0.0);
        for (border, sum) in sums.iter().enumerate().take(BINS) {
            left.0 += sum.0;
            left.1 += sum.1;
            let right = (total.0 - left.0, total.1 - left.1);
            if left.1 < CURVE_MIN || right.1 < CURVE_MIN {
                continue;
            }
            let gain = score(left) + score(right) - whole;
            if gain > best.0 {
                best = (gain, Some((*column, border as u8)));
            }
        }
    }
    best.1
}

/// The chances of a page's rows by themselves.
pub(crate) fn judge(forest: &Forest, rows: &Rows, places: &[Place]) -> Vec<f32> {
    let bins = |at: usize| -> Vec<u8> {
        let columns = rows.row(at).iter().zip(&forest.borders);
        columns.map(|(value, borders)| bin(borders, *value)).collect()
    };
    let chance = |(at, place): (usize, &Place)| {
        if place.apart { 0.0 } else { forest.chance(&bins(at)) }
    };
    places.iter().enumerate().map(chance).collect()
}
