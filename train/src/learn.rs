//! The parts of the model, learned one after the other.

use depeche_extract::study::{Model, Rows, columns, context, context_names};

use crate::boost::{self, Settings};
use crate::names;
use crate::pages::Page;

/// How many trees are grown.
pub(crate) struct Effort {
    /// For the first judgement.
    pub(crate) first: usize,
    /// For the second.
    pub(crate) second: usize,
}

impl Effort {
    /// Beyond this, more trees change nothing that can be measured (docs/design/022-story-model.md).
    pub(crate) const FULL: Self = Self { first: 120, second: 150 };
}

/// Parts that the training pages are dealt into, so that what comes later learns from earlier answers
/// that were given without knowing the page.
const PARTS: u64 = 4;

/// The part of a page; another deal than that of `--folds`.
fn part(page: &Page) -> u64 {
    (page.outlet / 1009) % PARTS
}

/// Learns from pages: names and first judgements part by part, for the second judgement to learn from,
/// then from all.
pub(crate) fn model(pages: &[&Page], effort: &Effort) -> Model {
    let first = Settings { trees: effort.first, ..Settings::FIRST };
    let second = Settings { trees: effort.second, ..Settings::SECOND };
    let rows = named(pages);
    let chances = judged(pages, &rows, &first);
    let contexts: Vec<Rows> =
        pages.iter().zip(&chances).map(|(page, chances)| context(&page.places, chances)).collect();
    let alone: Vec<_> = pages.iter().zip(&rows).map(|(page, rows)| (*page, rows, None)).collect();
    let around =
        alone.iter().zip(&contexts).map(|((page, rows, _), context)| (*page, *rows, Some(context)));
    let weights = names::Weights::learn(pages);
    Model {
        names: weights.names,
        wordings: weights.wordings,
        first: boost::learn(&alone, &first),
        second: boost::learn(&around.collect::<Vec<_>>(), &second),
    }
}

/// The rows with the weights of names that other parts taught.
fn named(pages: &[&Page]) -> Vec<Rows> {
    let mut named: Vec<Rows> = pages.iter().map(|page| page.rows.clone()).collect();
    for own in 0..PARTS {
        let others: Vec<&Page> = pages.iter().filter(|page| part(page) != own).copied().collect();
        let weights = names::Weights::learn(&others);
        for (page, rows) in pages.iter().zip(&mut named).filter(|(page, _)| part(page) == own) {
            names::fill(page, rows, &weights);
        }
    }
    named
}

/// The first judgement of each page, by trees that other parts taught.
fn judged(pages: &[&Page], rows: &[Rows], settings: &Settings) -> Vec<Vec<f32>> {
    let mut chances = vec![Vec::new(); pages.len()];
    for own in 0..PARTS {
        let (judge, teach): (Vec<usize>, Vec<usize>) =
            (0..pages.len()).partition(|at| part(pages[*at]) == own);
        let samples: Vec<_> = teach.iter().map(|at| (pages[*at], &rows[*at], None)).collect();
        let forest = boost::learn(&samples, settings);
        for at in judge {
            chances[at] = boost::judge(&forest, &rows[at], &pages[at].places);
        }
    }
    chances
}

/// Prints how often each column is looked at, the most used first.
pub(crate) fn print_columns(model: &Model) {
    let columns: Vec<&str> = columns().into_iter().chain(context_names()).collect();
    for forest in [&model.first, &model.second] {
        let mut counts = vec![0; columns.len()];
        for (column, _) in forest.trees.iter().flat_map(|tree| &tree.nodes) {
            if let Some(count) = counts.get_mut(usize::from(*column)) {
                *count += 1;
            }
        }
        let mut all: Vec<_> = counts.into_iter().zip(&columns).collect();
        all.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        for (count, column) in all {
            println!("{count:6} {column}");
        }
        println!();
    }
}
