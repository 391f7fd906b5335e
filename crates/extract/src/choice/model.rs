//! Boosted trees over binned numbers, and the small file that holds them.

use super::context::{Place, context};
use super::features::Rows;

/// A decision tree of a fixed depth, laid out level by level: the children of node `n` are
/// `2n + 1` and `2n + 2`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The column each inner node looks at, and the bin above which it goes right. 255 goes left.
    pub nodes: Vec<(u8, u8)>,
    /// What each leaf adds, in 4096ths.
    pub leaves: Vec<i16>,
}

/// Trees over the columns of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// The upper borders of each column's bins, rising.
    pub borders: Vec<Vec<f32>>,
    /// What is there before any tree, in 4096ths.
    pub base: i16,
    /// The trees.
    pub trees: Vec<Tree>,
}

const UNIT: f32 = 4096.0;

/// The bin of a value: how many borders are below it.
pub fn bin(borders: &[f32], value: f32) -> u8 {
    u8::try_from(borders.partition_point(|border| *border < value)).unwrap_or(u8::MAX)
}

impl Tree {
    /// The column of a node that looks at nothing.
    pub(super) const NOTHING: u8 = u8::MAX;

    fn value(&self, bins: &[u8]) -> i32 {
        let mut at = 0;
        while at < self.nodes.len() {
            at = self.next(at, bins);
        }
        self.leaves.get(at - self.nodes.len()).copied().map_or(0, i32::from)
    }

    /// Where a row goes on from an inner node.
    #[inline]
    pub(super) fn next(&self, at: usize, bins: &[u8]) -> usize {
        let (column, border) = self.nodes.get(at).copied().unwrap_or((Self::NOTHING, 0));
        let right = bins.get(usize::from(column)).is_some_and(|bin| *bin > border);
        at * 2 + 1 + usize::from(right)
    }
}

impl Forest {
    /// Adds the bins of `row` to `bins`, from column `from` on.
    fn fill(&self, row: &[f32], from: usize, bins: &mut Vec<u8>) {
        let borders = self.borders.iter().skip(from);
        bins.extend(row.iter().zip(borders).map(|(value, borders)| bin(borders, *value)));
    }

    /// The bins of a row that stands in parts.
    pub(super) fn bins(&self, parts: &[&[f32]]) -> Vec<u8> {
        let mut bins = Vec::new();
        for part in parts {
            self.fill(part, bins.len(), &mut bins);
        }
        bins
    }

    /// What a sum of leaves is in log odds.
    pub(super) fn log_odds(sum: i32) -> f32 {
        sum as f32 / UNIT
    }

    /// The chance of a row, given its bins.
    pub fn chance(&self, bins: &[u8]) -> f32 {
        let sum =
            self.trees.iter().map(|tree| tree.value(bins)).sum::<i32>() + i32::from(self.base);
        1.0 / (1.0 + (-Self::log_odds(sum)).exp())
    }
}

/// The weights: of names, and of both judgements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Hashes of names, rising, with their weight in 32nds.
    pub names: Vec<(u32, i8)>,
    /// The judgement of each piece by itself.
    pub first: Forest,
    /// The judgement with the first one of what is around.
    pub second: Forest,
}

/// Where a piece is so surely out that it is not judged again.
const SURELY_OUT: f32 = 0.003;

impl Model {
    /// The weight of a name.
    pub fn name(&self, token: u32) -> f32 {
        let found = self.names.binary_search_by_key(&token, |(hash, _)| *hash);
        found
            .ok()
            .and_then(|at| self.names.get(at))
            .map_or(0.0, |(_, weight)| f32::from(*weight) / 32.0)
    }

    /// Whether what the first judgement says is the last word.
    pub(super) fn is_surely_out(&self, chance: f32) -> bool {
        chance < SURELY_OUT
    }

    /// The chance of each row to be of the story.
    pub fn judge(&self, rows: &Rows, places: &[Place]) -> Vec<f32> {
        let mut bins = Vec::with_capacity(rows.width);
        let first: Vec<f32> = (0..rows.count())
            .map(|at| {
                bins.clear();
                self.first.fill(rows.row(at), 0, &mut bins);
                self.first.chance(&bins)
            })
            .collect();
        let context = context(places, &first);
        (0..rows.count())
            .map(|at| {
                let own = first.get(at).copied().unwrap_or(0.0);
                if self.is_surely_out(own) {
                    return own;
                }
                bins.clear();
                self.second.fill(rows.row(at), 0, &mut bins);
                self.second.fill(context.row(at), rows.width, &mut bins);
                self.second.chance(&bins)
            })
            .collect()
    }

    /// The bytes of a weights file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        put_u16(&mut bytes, self.names.len());
        for (hash, weight) in &self.names {
            bytes.extend(hash.to_le_bytes());
            bytes.extend(weight.to_le_bytes());
        }
        for forest in [&self.first, &self.second] {
            forest.write(&mut bytes);
        }
        bytes
    }

    /// Reads a weights file; none if it is none of ours, or damaged.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let names = take_u16(&mut rest)?;
        let names = (0..names)
            .map(|_| {
                Some((u32::from_le_bytes(take(&mut rest)?), i8::from_le_bytes(take(&mut rest)?)))
            })
            .collect::<Option<_>>()?;
        let (first, second) = (Forest::read(&mut rest)?, Forest::read(&mut rest)?);
        rest.is_empty().then_some(Self { names, first, second })
    }
}

const MAGIC: &[u8] = b"depeche story model 1\n";

fn put_u16(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend(u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_u16(rest: &mut &[u8]) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(take(rest)?)))
}

impl Forest {
    fn write(&self, bytes: &mut Vec<u8>) {
        put_u16(bytes, self.borders.len());
        for borders in &self.borders {
            put_u16(bytes, borders.len());
            bytes.extend(borders.iter().flat_map(|border| border.to_le_bytes()));
        }
        bytes.extend(self.base.to_le_bytes());
        put_u16(bytes, self.trees.len());
        for tree in &self.trees {
            put_u16(bytes, tree.nodes.len());
            bytes.extend(tree.nodes.iter().flat_map(|(column, border)| [*column, *border]));
            bytes.extend(tree.leaves.iter().flat_map(|leaf| leaf.to_le_bytes()));
        }
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        let mut borders = Vec::new();
        for _ in 0..take_u16(rest)? {
            let count = take_u16(rest)?;
            borders.push(
                (0..count).map(|_| Some(f32::from_le_bytes(take(rest)?))).collect::<Option<_>>()?,
            );
        }
        let base = i16::from_le_bytes(take(rest)?);
        let mut trees = Vec::new();
        for _ in 0..take_u16(rest)? {
            let count = take_u16(rest)?;
            let nodes =
                (0..count).map(|_| take::<2>(rest).map(|[column, border]| (column, border)));
            let nodes = nodes.collect::<Option<_>>()?;
            let leaves = (0..=count)
                .map(|_| Some(i16::from_le_bytes(take(rest)?)))
                .collect::<Option<_>>()?;
            trees.push(Tree { nodes, leaves });
        }
        Some(Self { borders, base, trees })
    }
}
