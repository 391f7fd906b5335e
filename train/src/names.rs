//! What class and id names are worth: a logistic regression over their hashes.

use std::collections::{HashMap, HashSet};

use depeche_extract::study::{Rows, name_columns};

use crate::pages::{self, Page};

/// Least outlets that use a name: what one outlet alone says is of no use elsewhere.
const OUTLETS_MIN: usize = 3;
const ROUNDS: usize = 6;
const RATE: f32 = 0.4;
const DECAY: f32 = 3e-4;
/// Least weight that is kept.
const WEIGHT_MIN: f32 = 0.08;

/// Learns the weights: hash and weight in 32nds, by hash.
pub(crate) fn learn<'a>(pages: impl Iterator<Item = &'a Page>) -> Vec<(u32, i8)> {
    let pages: Vec<&Page> = pages.collect();
    let common = common(&pages);
    let counts = pages::outlets(pages.iter().copied());
    let mut weights: HashMap<u32, f32> = HashMap::new();
    let mut squares: HashMap<u32, f32> = HashMap::new();
    let mut base = -1.0_f32;
    for _ in 0..ROUNDS {
        for page in &pages {
            let share = 1.0 / counts.get(&page.outlet).map_or(1.0, |count| *count as f32).sqrt();
            for ((names, label), weight) in page.names.iter().zip(&page.labels).zip(&page.weights) {
                if *weight == 0.0 {
                    continue;
                }
                let tokens: HashSet<u32> =
                    names.iter().flatten().copied().filter(|t| common.contains(t)).collect();
                let mut tokens: Vec<u32> = tokens.into_iter().collect();
                tokens.sort_unstable();
                let sum = base
                    + tokens
                        .iter()
                        .map(|token| weights.get(token).copied().unwrap_or(0.0))
                        .sum::<f32>();
                let chance = 1.0 / (1.0 + (-sum).exp());
                let error = (f32::from(*label) - chance) * (weight * share * 20.0).min(2.0);
                base += 0.01 * error;
                for token in tokens {
                    let value = weights.entry(token).or_default();
                    let gradient = error - DECAY * *value;
                    let square = squares.entry(token).or_insert(1.0);
                    *square += gradient * gradient;
                    *value += RATE * gradient / square.sqrt();
                }
            }
        }
    }
    let mut learned: Vec<(u32, i8)> = weights
        .into_iter()
        .filter(|(_, weight)| weight.abs() >= WEIGHT_MIN)
        .map(|(hash, weight)| (hash, (weight * 32.0).round().clamp(-127.0, 127.0) as i8))
        .collect();
    learned.sort_unstable();
    learned
}

fn common(pages: &[&Page]) -> HashSet<u32> {
    let mut outlets: HashMap<u32, HashSet<u64>> = HashMap::new();
    for page in pages {
        let tokens: HashSet<u32> = page.names.iter().flatten().flatten().copied().collect();
        for token in tokens {
            outlets.entry(token).or_default().insert(page.outlet);
        }
    }
    outlets
        .into_iter()
        .filter(|(_, outlets)| outlets.len() >= OUTLETS_MIN)
        .map(|(token, _)| token)
        .collect()
}

/// Writes the columns of names into the rows of a page.
pub(crate) fn fill(page: &Page, rows: &mut Rows, weights: &[(u32, i8)]) {
    let weight = |token: &u32| {
        let found = weights.binary_search_by_key(token, |(hash, _)| *hash);
        found.ok().map_or(0.0, |at| f32::from(weights[at].1) / 32.0)
    };
    let width = rows.width;
    for (row, names) in rows.values.chunks_mut(width).zip(&page.names) {
        let columns = name_columns(names.iter().map(|names| names.iter().map(weight).sum()));
        row[width - columns.len()..].copy_from_slice(&columns);
    }
}
