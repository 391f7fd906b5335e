//! What moved the model: of each piece, which of the things that are known of it changed its chance by how much.
//!
//! By Saabas' way: along the path of a piece through a tree, each node changes the value that is to be expected, and
//! the change is put down to the column that the node looks at. What a node leads one to expect is the plain mean of the
//! leaves under it, each counting the same: the weights hold no counts of how often each was reached. So the amounts rank the
//! reasons, they do not measure them; a chance and its base and all amounts still add up.
//!
//! A column of the second judgement holds the first one's chance. What that moved is handed on to what moved the first.

use super::context::{context, context_names};
use super::features::Rows;
use super::model::{Forest, Model, Tree};
use super::sheet::Sheet;
use super::traits::{Leaning, Trait, of_column};

/// The chance of a piece, and what moved it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weighed {
    pub(crate) chance: f32,
    /// One for each trait that moved it at all, in the order of traits.
    pub(crate) leanings: Vec<Leaning>,
}

/// What moved the chance of each row.
pub(crate) fn leanings(model: &Model, sheet: &Sheet, rows: &Rows, chances: &[f32]) -> Vec<Weighed> {
    let names = [sheet.columns(), context_names()].concat();
    let traits: Vec<Trait> = names.iter().map(|name| of_column(name)).collect();
    let (first, second) = (Means::of(&model.first), Means::of(&model.second));
    let bins = |at: usize| model.first.bins(&[rows.row(at)]);
    let own: Vec<f32> = (0..rows.count()).map(|at| model.first.chance(&bins(at))).collect();
    let context = context(&sheet.places(), &own);
    let each = (0..rows.count()).zip(chances).map(|(at, &chance)| {
        let mut moves = first.moves(&bins(at), names.len());
        if !model.is_surely_out(own.get(at).copied().unwrap_or(0.0)) {
            let bins = model.second.bins(&[rows.row(at), context.row(at)]);
            let again = second.moves(&bins, names.len());
            moves = handed_on(moves, again, &traits);
        }
        Weighed { chance, leanings: by_trait(&moves, &traits) }
    });
    each.collect()
}

/// The moves of the second judgement, where those by the first one's chance are parted among what moved that the
/// same way.
fn handed_on(first: Vec<f32>, mut again: Vec<f32>, traits: &[Trait]) -> Vec<f32> {
    let own = |on: &Trait| *on == Trait::First;
    let by_first: f32 = again.iter().zip(traits).filter(|(_, on)| own(on)).map(|(by, _)| by).sum();
    let same = |by: f32| if by * by_first > 0.0 { by } else { 0.0 };
    let whole: f32 = first.iter().map(|by| same(*by)).sum();
    if whole != 0.0 {
        for ((by, first), on) in again.iter_mut().zip(&first).zip(traits) {
            let handed = by_first * same(*first) / whole;
            *by = if own(on) { handed } else { *by + handed };
        }
    }
    again
}

fn by_trait(moves: &[f32], traits: &[Trait]) -> Vec<Leaning> {
    let all = Trait::ALL.into_iter().map(|on| {
        let own = moves.iter().zip(traits).filter(|(_, of)| **of == on);
        Leaning { on, by: own.map(|(by, _)| by).sum() }
    });
    all.filter(|leaning| leaning.by != 0.0).collect()
}

/// A forest with what each of its nodes leads one to expect.
struct Means<'a> {
    forest: &'a Forest,
    means: Vec<Vec<f32>>,
}

impl<'a> Means<'a> {
    fn of(forest: &'a Forest) -> Self {
        Self { forest, means: forest.trees.iter().map(means).collect() }
    }

    /// What each column moved, in log odds.
    fn moves(&self, bins: &[u8], columns: usize) -> Vec<f32> {
        let mut moves = vec![0.0; columns];
        for (tree, means) in self.forest.trees.iter().zip(&self.means) {
            let mean = |at: usize| means.get(at).copied().unwrap_or(0.0);
            let mut at = 0;
            while let Some(&(column, _)) = tree.nodes.get(at) {
                let next = tree.next(at, bins);
                if let Some(moved) = moves.get_mut(usize::from(column)) {
                    *moved += mean(next) - mean(at);
                }
                at = next;
            }
        }
        moves
    }
}

/// The mean of the leaves under each node, in log odds; a node that looks at nothing has that of its left.
fn means(tree: &Tree) -> Vec<f32> {
    let leaves = tree.leaves.iter().map(|leaf| Forest::log_odds(i32::from(*leaf)));
    let mut means = vec![0.0; tree.nodes.len()];
    means.extend(leaves);
    for at in (0..tree.nodes.len()).rev() {
        let of = |child: usize| means.get(child).copied().unwrap_or(0.0);
        let (left, right) = (of(at * 2 + 1), of(at * 2 + 2));
        let nothing = tree.nodes.get(at).is_some_and(|(column, _)| *column == Tree::NOTHING);
        if let Some(mean) = means.get_mut(at) {
            *mean = if nothing { left } else { (left + right) / 2.0 };
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forest() -> Forest {
        let tree =
            Tree { nodes: vec![(0, 0), (1, 1), (255, 0)], leaves: vec![-4096, 0, 4096, 8192] };
        Forest { borders: vec![vec![0.5], vec![1.0, 2.0]], base: 0, trees: vec![tree] }
    }

    /// The root expects (-0.5 + 1) / 2: its left is the mean of two leaves, its right goes left only.
    #[test]
    fn what_is_expected_moves_along_the_path() {
        let forest = forest();
        let means = Means::of(&forest);
        for (bins, expected) in
            [([0, 1], [-0.75, -0.5]), ([0, 2], [-0.75, 0.5]), ([1, 0], [0.75, 0.0])]
        {
            assert_eq!(means.moves(&bins, 2), expected, "{bins:?}");
        }
    }

    #[test]
    fn what_the_first_chance_moved_is_handed_to_what_moved_that() {
        let traits = [Trait::Length, Trait::Links, Trait::First];
        let moves = handed_on(vec![-1.0, 3.0, 0.0], vec![0.5, 0.0, 2.0], &traits);
        assert_eq!(moves, [0.5, 2.0, 0.0]);
        // Where nothing moved the first that way, it stays what it is.
        let moves = handed_on(vec![-1.0, 0.0, 0.0], vec![0.5, 0.0, 2.0], &traits);
        assert_eq!(moves, [0.5, 0.0, 2.0]);
    }
}
