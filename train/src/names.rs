//! What class and id names, and words and pairs of words, are worth: a logistic regression over their hashes.

use std::collections::{HashMap, HashSet};

use depeche_extract::study::{self, Rows, name_columns, wording_columns};

use crate::pages::{self, Page};

const ROUNDS: usize = 6;
const RATE: f32 = 0.4;
const DECAY: f32 = 3e-4;

/// What is weighed: the hashes of a piece.
pub(crate) type Tokens = fn(&Page, usize) -> Vec<u32>;

/// The names around a piece, each once.
pub(crate) fn names(page: &Page, at: usize) -> Vec<u32> {
    let mut names: Vec<u32> = page.names[at].iter().flatten().copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The words of a piece and their pairs, each once.
pub(crate) fn wordings(page: &Page, at: usize) -> Vec<u32> {
    page.wordings[at].clone()
}

/// Learns the weights: hash and weight in 32nds, by hash.
pub(crate) fn learn<'a>(
    pages: impl Iterator<Item = &'a Page>,
    of: Tokens,
    least: &Least,
) -> study::Weights {
    let pages: Vec<&Page> = pages.collect();
    let common = common(&pages, of, least);
    let counts = pages::outlets(pages.iter().copied());
    let mut weights: HashMap<u32, f32> = HashMap::new();
    let mut squares: HashMap<u32, f32> = HashMap::new();
    let mut base = -1.0_f32;
    let tokens: Vec<Vec<Vec<u32>>> = pages
        .iter()
        .map(|page| {
            let each = (0..page.labels.len()).map(|at| {
                of(page, at).into_iter().filter(|token| common.contains(token)).collect()
            });
            each.collect()
        })
        .collect();
    for _ in 0..ROUNDS {
        for (page, tokens) in pages.iter().zip(&tokens) {
            let share = 1.0 / counts.get(&page.outlet).map_or(1.0, |count| *count as f32).sqrt();
            for ((tokens, label), weight) in tokens.iter().zip(&page.labels).zip(&page.weights) {
                if *weight == 0.0 {
                    continue;
                }
                let sum = base
                    + tokens
                        .iter()
                        .map(|token| weights.get(token).copied().unwrap_or(0.0))
                        .sum::<f32>();
                let chance = 1.0 / (1.0 + (-sum).exp());
                let error = (f32::from(*label) - chance) * (weight * share * 20.0).min(2.0);
                base += 0.01 * error;
                for token in tokens {
                    let value = weights.entry(*token).or_default();
                    let gradient = error - DECAY * *value;
                    let square = squares.entry(*token).or_insert(1.0);
                    *square += gradient * gradient;
                    *value += RATE * gradient / square.sqrt();
                }
            }
        }
    }
    let learned = weights
        .into_iter()
        .filter(|(_, weight)| weight.abs() >= least.weight)
        .map(|(hash, weight)| (hash, (weight * 32.0).round().clamp(-127.0, 127.0) as i8));
    study::Weights::of(learned.collect())
}

/// What is kept.
pub(crate) struct Least {
    /// Least outlets that use it: what one outlet alone says is of no use elsewhere.
    outlets: usize,
    /// Least weight.
    weight: f32,
    /// Whether pages of our own say what is used: their stories are a few that come again, and their words would be
    /// known by heart.
    own: bool,
}

impl Least {
    pub(crate) const NAMES: Self = Self { outlets: 3, weight: 0.08, own: true };
    /// Words tell less than names, and there are more of them.
    pub(crate) const WORDINGS: Self = Self { outlets: 3, weight: 0.2, own: false };
}

fn common(pages: &[&Page], of: Tokens, least: &Least) -> HashSet<u32> {
    let mut outlets: HashMap<u32, HashSet<u64>> = HashMap::new();
    for page in pages.iter().filter(|page| least.own || page.counts == 1.0) {
        let tokens: HashSet<u32> = (0..page.labels.len()).flat_map(|at| of(page, at)).collect();
        for token in tokens {
            outlets.entry(token).or_default().insert(page.outlet);
        }
    }
    outlets
        .into_iter()
        .filter(|(_, outlets)| outlets.len() >= least.outlets)
        .map(|(token, _)| token)
        .collect()
}

/// The weights of both.
pub(crate) struct Weights {
    pub(crate) names: study::Weights,
    pub(crate) wordings: study::Weights,
}

impl Weights {
    pub(crate) fn learn(pages: &[&Page]) -> Self {
        let each = || pages.iter().copied();
        Self {
            names: learn(each(), names, &Least::NAMES),
            wordings: learn(each(), wordings, &Least::WORDINGS),
        }
    }
}

/// Writes the columns of wording and names into the rows of a page.
pub(crate) fn fill(page: &Page, rows: &mut Rows, weights: &Weights) {
    let width = rows.width;
    for (at, row) in rows.values.chunks_mut(width).enumerate() {
        let names = page.names[at].iter();
        let names =
            name_columns(names.map(|names| names.iter().map(|n| weights.names.get(*n)).sum()));
        let wording =
            wording_columns(page.wordings[at].iter().map(|word| weights.wordings.get(*word)));
        let from = width - names.len() - wording.len();
        row[from..from + wording.len()].copy_from_slice(&wording);
        row[from + wording.len()..].copy_from_slice(&names);
    }
}
