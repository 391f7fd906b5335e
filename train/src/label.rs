//! Which pieces of a page are of its true body.

use std::collections::HashMap;

use depeche_extract::study::Study;
use serde_json::Value;

/// The label of each piece, and its weight.
pub(crate) fn all(study: &Study, truth: &Value) -> (Vec<bool>, Vec<f32>) {
    match truth["body"].as_str() {
        Some(body) => whole(study, body, truth["standfirst"].as_str()),
        None => segments(study, truth),
    }
}

/// Letters' worth that every piece counts besides its own: short pieces make a body wrong as well.
const OWN_SIZE: f32 = 30.0;

fn whole(study: &Study, body: &str, standfirst: Option<&str>) -> (Vec<bool>, Vec<f32>) {
    let wanted = tokens(body);
    let mut all = Vec::new();
    let mut borders = vec![0];
    for text in &study.texts {
        all.extend(tokens(text));
        borders.push(all.len());
    }
    let matched = common(&all, &wanted);
    let standfirst: Vec<String> = standfirst.map(tokens).unwrap_or_default();
    let mut labels = Vec::new();
    let mut weights = Vec::new();
    let mut total = 0.0;
    for (at, text) in study.texts.iter().enumerate() {
        let (from, to) = (borders[at], borders[at + 1]);
        let found = matched[from..to].iter().filter(|place| **place != NONE).count();
        let whole = found * 10 >= (to - from) * 6 && to > from;
        // A few common words are found anywhere: they have to stand together in the truth.
        let together = to - from > 4
            || matched[from..to].windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
        let label = whole && together;
        let own = &all[from..to];
        let free = !label
            && own.len() > 3
            && standfirst.len() >= own.len()
            && standfirst.windows(own.len()).any(|part| part == own);
        let size = text.chars().count() as f32;
        let weight = if free || to == from { 0.0 } else { size.min(2000.0) + OWN_SIZE };
        if label {
            total += size;
        }
        labels.push(label);
        weights.push(weight);
    }
    // Every page counts the same, whatever its length; one whose body was not found counts nothing.
    let scale = if total > 0.0 { 1.0 / (total + 300.0) } else { 0.0 };
    weights.iter_mut().for_each(|weight| *weight *= scale);
    (labels, weights)
}

/// Pages of which only some segments are known.
fn segments(study: &Study, truth: &Value) -> (Vec<bool>, Vec<f32>) {
    let list = |name: &str| -> Vec<String> {
        truth[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(spaces).collect()
    };
    let (with, without) = (list("with"), list("without"));
    let texts: Vec<String> = study.texts.iter().map(|text| spaces(text)).collect();
    let holders = |segment: &str| -> Vec<usize> {
        texts
            .iter()
            .enumerate()
            .filter(|(_, text)| text.contains(segment))
            .map(|(at, _)| at)
            .collect()
    };
    let mut labels = vec![false; texts.len()];
    let mut weights = vec![0.0; texts.len()];
    let each = 1.0 / (with.len() + without.len()).max(1) as f32;
    for segment in &without {
        for at in holders(segment) {
            weights[at] += each;
        }
    }
    for segment in &with {
        // A segment that stands in several pieces tells of none.
        if let [at] = holders(segment).as_slice() {
            if weights[*at] > 0.0 && !labels[*at] {
                weights[*at] = 0.0;
                continue;
            }
            labels[*at] = true;
            weights[*at] += each;
        }
    }
    (labels, weights)
}

fn spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tokens(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let alone =
            ('\u{3040}'..='\u{30ff}').contains(&c) || ('\u{3400}'..='\u{9fff}').contains(&c);
        if !(c.is_alphanumeric() || c == '_') || alone {
            if !word.is_empty() {
                all.push(std::mem::take(&mut word));
            }
            if alone {
                all.push(c.to_string());
            }
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

const NONE: u32 = u32::MAX;

/// Most cells of the table that is filled: longer texts are aligned by their rare words first.
const CELLS_MAX: usize = 600_000_000;

/// For each word of `all` the place in `wanted` it stands for, in a longest common subsequence.
fn common(all: &[String], wanted: &[String]) -> Vec<u32> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let both: Vec<u32> = all
        .iter()
        .chain(wanted)
        .map(|word| {
            let next = numbers.len() as u32;
            *numbers.entry(word.as_str()).or_insert(next)
        })
        .collect();
    let (a, b) = both.split_at(all.len());
    if a.len().saturating_mul(b.len()) > CELLS_MAX {
        return vec![NONE; a.len()];
    }
    let width = b.len() + 1;
    let words = width.div_ceil(64);
    // Whether the best path to a cell comes from the left (a word of `wanted` skipped), a bit each;
    // of the others, whether it comes diagonally is told by equality and `up`.
    let (mut left, mut diagonal) =
        (vec![0_u64; words * (a.len() + 1)], vec![0_u64; words * (a.len() + 1)]);
    let mut row = vec![0_u32; width];
    for i in 1..=a.len() {
        let mut corner = 0;
        for j in 1..width {
            let up = row[j];
            let value = if a[i - 1] == b[j - 1] {
                // A run of words is worth more than the same number of strays.
                let run = i > 1 && j > 1 && a[i - 2] == b[j - 2];
                corner + if run { 5 } else { 4 }
            } else {
                0
            };
            let best = value.max(up).max(row[j - 1]);
            if value == best && value > 0 {
                diagonal[i * words + j / 64] |= 1 << (j % 64);
            } else if best == row[j - 1] && best > up {
                left[i * words + j / 64] |= 1 << (j % 64);
            }
            corner = up;
            row[j] = best;
        }
    }
    let mut found = vec![NONE; a.len()];
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        let bit = |table: &[u64]| table[i * words + j / 64] & (1 << (j % 64)) != 0;
        if bit(&diagonal) {
            found[i - 1] = (j - 1) as u32;
            i -= 1;
            j -= 1;
        } else if bit(&left) {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    found
}
