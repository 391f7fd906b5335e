//! `cargo xtask train headline`: what each sign of a candidate for the headline is worth.
//!
//! A page is a choice among its candidates: the weights are those that make the true ones likeliest (a conditional
//! logit), with a price for each weight so that rare signs stay small. Outlets are dealt into parts to
//! say how good it is on outlets that were not seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use depeche_extract::study;
use serde_json::Value;

use crate::pages;

/// A page: the signs of its candidates, and which are the true headline.
struct Choice {
    set: String,
    outlet: u64,
    signs: Vec<Vec<f64>>,
    right: Vec<bool>,
}

/// Parts that the outlets are dealt into.
const PARTS: u64 = 10;

/// Steps downhill; more change the fourth digit.
const STEPS: usize = 1500;

/// What a weight costs by its square, in pages.
const PRICE: f64 = 1.0;

/// Learns from all pages, says what parts of the outlets gave, and writes the table.
pub(crate) fn learn(folder: &Path, also: &[PathBuf], out: &Path) -> anyhow::Result<()> {
    let choices: Vec<Choice> = pages::each(folder, read)?.into_iter().flatten().collect();
    let also = also.iter().map(|folder| pages::each(folder, read));
    let also: Vec<Vec<Option<Choice>>> = also.collect::<anyhow::Result<_>>()?;
    let also: Vec<Choice> = also.into_iter().flatten().flatten().collect();
    tell(&choices, &also);
    let all: Vec<&Choice> = choices.iter().chain(&also).collect();
    let table = table(&weights(&all));
    std::fs::write(out, table).with_context(|| format!("cannot write {}", out.display()))
}

fn read(bytes: &[u8], truth: &Value) -> Option<Choice> {
    let hints = depeche_extract::Hints { address: truth["url"].as_str(), ..Default::default() };
    let wanted = letters(truth["title"].as_str()?);
    let titles = study::titles(bytes, &hints);
    Some(Choice {
        set: truth["source"].as_str().unwrap_or_default().to_owned(),
        outlet: pages::outlet_number(truth),
        right: titles.texts.iter().map(|text| letters(text) == wanted).collect(),
        signs: titles
            .signs
            .iter()
            .map(|signs| signs.iter().map(|sign| f64::from(*sign)).collect())
            .collect(),
    })
}

fn letters(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What a page counts: news are what the wire reads.
fn importance(choice: &Choice) -> f64 {
    match choice.set.as_str() {
        "fundus" => 2.0,
        // Many pages of few patterns.
        "french" => 0.2,
        _ => 1.0,
    }
}

/// The weights under which the true candidates are likeliest.
fn weights(choices: &[&Choice]) -> Vec<f64> {
    let size = study::signs().len();
    let taught: Vec<&&Choice> = choices.iter().filter(|one| one.right.contains(&true)).collect();
    let total: f64 = taught.iter().map(|one| importance(one)).sum();
    let mut weights = vec![0.0; size];
    let mut speed = vec![0.0; size];
    for _ in 0..STEPS {
        let mut slope: Vec<f64> = weights.iter().map(|weight| -PRICE * weight / total).collect();
        for choice in &taught {
            let share = importance(choice) / total;
            let chances = chances(choice, &weights, |_| true);
            let right = self::chances(choice, &weights, |at| choice.right[at]);
            for (at, signs) in choice.signs.iter().enumerate() {
                let pull = share * (right[at] - chances[at]);
                for (slope, sign) in slope.iter_mut().zip(signs) {
                    *slope += pull * sign;
                }
            }
        }
        for ((weight, speed), slope) in weights.iter_mut().zip(&mut speed).zip(&slope) {
            *speed = 0.9 * *speed + slope;
            *weight += *speed;
        }
    }
    weights
}

/// The chances of the candidates among those that `of` names.
fn chances(choice: &Choice, weights: &[f64], of: impl Fn(usize) -> bool) -> Vec<f64> {
    let worths: Vec<f64> = choice.signs.iter().map(|signs| worth(signs, weights)).collect();
    let most = worths.iter().copied().fold(f64::MIN, f64::max);
    let each: Vec<f64> = worths
        .iter()
        .enumerate()
        .map(|(at, worth)| if of(at) { (worth - most).exp() } else { 0.0 })
        .collect();
    let sum: f64 = each.iter().sum();
    each.iter().map(|one| one / sum.max(1e-300)).collect()
}

fn worth(signs: &[f64], weights: &[f64]) -> f64 {
    signs.iter().zip(weights).map(|(sign, weight)| sign * weight).sum()
}

fn is_right(choice: &Choice, weights: &[f64]) -> bool {
    let worths = choice.signs.iter().map(|signs| worth(signs, weights));
    let best = worths.enumerate().rev().max_by(|a, b| a.1.total_cmp(&b.1));
    best.is_some_and(|(at, _)| choice.right[at])
}

/// Prints how often each set's headlines are right, no outlet judged by weights that saw it.
fn tell(choices: &[Choice], also: &[Choice]) {
    let mut sets: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for part in 0..PARTS {
        let others = choices.iter().filter(|one| one.outlet % PARTS != part);
        let others: Vec<&Choice> = others.chain(also).collect();
        let weights = weights(&others);
        for choice in choices.iter().filter(|one| one.outlet % PARTS == part) {
            let [right, possible, all] = sets.entry(&choice.set).or_default();
            *right += usize::from(is_right(choice, &weights));
            *possible += usize::from(choice.right.contains(&true));
            *all += 1;
        }
    }
    for (set, [right, possible, all]) in sets {
        println!(
            "{set}: {:.3} right, {:.3} among the candidates, of {all}",
            right as f64 / all as f64,
            possible as f64 / all as f64
        );
    }
}

fn table(weights: &[f64]) -> String {
    let mut text = format!(
        "//! What each sign is worth: made by `cargo xtask train headline`, never by hand.\n\n\
         /// In the order of the signs' names.\n\
         #[rustfmt::skip]\n\
         pub(super) const WEIGHTS: [f32; {}] = [\n",
        weights.len()
    );
    for (weight, name) in weights.iter().zip(study::signs()) {
        let _ = writeln!(text, "    {weight:.2}, // {name}");
    }
    text.push_str("];\n");
    text
}
