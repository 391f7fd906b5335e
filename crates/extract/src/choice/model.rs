//! Boosted trees over binned numbers, and the small file that holds them.

use super::context::{Around, Place};
use super::weights::Weights;

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

/// Most borders that are counted one by one.
const COUNTED_MAX: usize = 40;

/// The bin of a value: how many borders are below it.
pub fn bin(borders: &[f32], value: f32) -> u8 {
    let below = match borders {
        [] => 0,
        // Without a search where it is not worth one.
        [only] => usize::from(*only < value),
        [first, second] => usize::from(*first < value) + usize::from(*second < value),
        // Of a few dozen, which are all that most columns have, counting them at once is faster than any search.
        _ if borders.len() <= COUNTED_MAX => {
            borders.iter().map(|border| u32::from(*border < value)).sum::<u32>() as usize
        }
        _ => borders.partition_point(|border| *border < value),
    };
    u8::try_from(below).unwrap_or(u8::MAX)
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
        chance(self.base, &self.trees, |trees| trees.iter().map(|tree| tree.value(bins)).sum())
    }
}

/// The chance that trees give, some of them at a time asked for the sum of their `values`.
fn chance<T>(base: i16, trees: &[T], values: impl Fn(&[T]) -> i32) -> f32 {
    let mut sum = i32::from(base);
    for trees in trees.chunks(ASKED_AT_A_TIME) {
        sum += values(trees);
        if sum < LOST {
            break;
        }
    }
    1.0 / (1.0 + (-Forest::log_odds(sum)).exp())
}

/// Levels of the trees that are learned, and the leaves under them.
const DEPTH: usize = 6;
const LEAVES: usize = 1 << DEPTH;

/// The bins of a row with as many places as a node can name, so that none is asked for in vain.
type Bins = [u8; 256];

/// A tree of [`DEPTH`] levels with its root at place 1: the children of `n` are `2n` and `2n + 1`.
struct Level {
    nodes: [(u8, u8); LEAVES],
    leaves: [i16; LEAVES],
}

impl Level {
    fn of(tree: &Tree) -> Option<Self> {
        let mut level = Self { nodes: [(Tree::NOTHING, 0); LEAVES], leaves: [0; LEAVES] };
        let (_, nodes) = level.nodes.split_first_mut()?;
        let fits = tree.nodes.len() == nodes.len() && tree.leaves.len() == LEAVES;
        fits.then_some(())?;
        nodes.copy_from_slice(&tree.nodes);
        level.leaves.copy_from_slice(&tree.leaves);
        Some(level)
    }

    /// The place below `at`. None is out of bounds, which the compiler sees.
    #[inline]
    fn below(&self, at: usize, bins: &Bins) -> usize {
        let (column, border) = self.nodes.get(at % LEAVES).copied().unwrap_or_default();
        let bin = bins.get(usize::from(column)).copied().unwrap_or_default();
        at * 2 + usize::from(bin > border)
    }

    #[inline]
    fn leaf(&self, at: usize) -> i32 {
        self.leaves.get(at % LEAVES).copied().map_or(0, i32::from)
    }
}

/// The sum of what trees add: some go down side by side, as each step waits for the one before.
fn values(levels: &[Level], bins: &Bins) -> i32 {
    const BESIDE: usize = 4;
    let (fours, rest) = levels.as_chunks::<BESIDE>();
    let of_four = |four: &[Level; BESIDE]| {
        let mut at = [1; BESIDE];
        for _ in 0..DEPTH {
            at = std::array::from_fn(|tree| four[tree].below(at[tree], bins));
        }
        four.iter().zip(at).map(|(level, at)| level.leaf(at)).sum::<i32>()
    };
    let of_one = |level: &Level| level.leaf((0..DEPTH).fold(1, |at, _| level.below(at, bins)));
    fours.iter().map(of_four).sum::<i32>() + rest.iter().map(of_one).sum::<i32>()
}

/// A forest made ready for many rows.
struct Grown<'a> {
    forest: &'a Forest,
    /// Its trees, if all are of the depth that ours have.
    levels: Option<Vec<Level>>,
}

impl<'a> Grown<'a> {
    fn new(forest: &'a Forest) -> Self {
        // A column of the last number would be taken for one that is nothing.
        let fits = forest.borders.len() < usize::from(Tree::NOTHING);
        let levels = || forest.trees.iter().map(Level::of).collect();
        Self { forest, levels: fits.then(levels).flatten() }
    }

    fn chance(&self, bins: &[u8]) -> f32 {
        let Some(levels) = &self.levels else { return self.forest.chance(bins) };
        let mut all = [0; 256];
        all.iter_mut().zip(bins).for_each(|(place, bin)| *place = *bin);
        chance(self.forest.base, levels, |levels| values(levels, &all))
    }
}

/// The log odds below which a piece is so surely out that no further tree is asked, and how many are asked at a time.
const LOST: i32 = -5 * UNIT as i32;
const ASKED_AT_A_TIME: usize = 16;

/// The weights: of names and words, and of both judgements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Of class and id names.
    pub names: Weights,
    /// Of words and pairs of words.
    pub wordings: Weights,
    /// The judgement of each piece by itself.
    pub first: Forest,
    /// The judgement with the first one of what is around.
    pub second: Forest,
}

/// Where a piece is so surely out that it is not judged again.
const SURELY_OUT: f32 = 0.01;

impl Model {
    /// The weight of a name.
    pub fn name(&self, token: u32) -> f32 {
        self.names.get(token)
    }

    /// The weight of a word or of a pair of words.
    pub fn wording(&self, token: u32) -> f32 {
        self.wordings.get(token)
    }

    /// Whether what the first judgement says is the last word.
    pub(super) fn is_surely_out(&self, chance: f32) -> bool {
        chance < SURELY_OUT
    }

    /// The chance of each piece to be of the story; `row` puts the columns of the piece at a place.
    ///
    /// A row is made into its bins at once: those of a long page would take a hundred megabytes.
    pub fn judge(&self, places: &[Place], row: &mut dyn FnMut(usize, &mut Vec<f32>)) -> Vec<f32> {
        let (mut bins, mut values, mut width) = (Vec::new(), Vec::new(), 0);
        let mut first = Vec::with_capacity(places.len());
        let mut starts = Vec::with_capacity(places.len());
        let grown = Grown::new(&self.first);
        for (at, place) in places.iter().enumerate() {
            starts.push(bins.len());
            if place.apart {
                first.push(0.0);
                continue;
            }
            values.clear();
            row(at, &mut values);
            width = values.len();
            self.first.fill(&values, 0, &mut bins);
            let start = starts.last().copied().unwrap_or(0);
            let chance = grown.chance(bins.get(start..).unwrap_or_default());
            first.push(chance);
            if self.is_surely_out(chance) {
                bins.truncate(start);
            }
        }
        let around = Around::new(places, &first);
        let grown = Grown::new(&self.second);
        let mut own = Vec::with_capacity(width);
        let again = first.iter().zip(starts).enumerate().map(|(at, (&chance, start))| {
            if self.is_surely_out(chance) {
                return chance;
            }
            own.clear();
            // Both judgements were learned from the same rows, so that their own columns have the same borders.
            own.extend(bins.iter().skip(start).take(width.min(self.first.borders.len())));
            values.clear();
            around.row(at, &mut |_, value| values.push(value));
            self.second.fill(&values, width, &mut own);
            grown.chance(&own)
        });
        again.collect()
    }

    /// The bytes of a weights file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        put_weights(&mut bytes, &self.names);
        put_weights(&mut bytes, &self.wordings);
        for forest in [&self.first, &self.second] {
            forest.write(&mut bytes);
        }
        bytes
    }

    /// Reads a weights file; none if it is none of ours, or damaged.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let (names, wordings) = (take_weights(&mut rest)?, take_weights(&mut rest)?);
        let (first, second) = (Forest::read(&mut rest)?, Forest::read(&mut rest)?);
        // What was learned together has the same borders for the columns of a piece.
        let fits = second.borders.starts_with(&first.borders);
        (rest.is_empty() && fits).then_some(Self { names, wordings, first, second })
    }
}

const MAGIC: &[u8] = b"depeche story model 2\n";

fn put_weights(bytes: &mut Vec<u8>, weights: &Weights) {
    let count = u32::try_from(weights.len()).unwrap_or(u32::MAX);
    bytes.extend(count.to_le_bytes());
    for (hash, weight) in weights.each() {
        bytes.extend(hash.to_le_bytes());
        bytes.extend(weight.to_le_bytes());
    }
}

fn take_weights(rest: &mut &[u8]) -> Option<Weights> {
    let count = u32::from_le_bytes(take(rest)?);
    let each =
        (0..count).map(|_| Some((u32::from_le_bytes(take(rest)?), i8::from_le_bytes(take(rest)?))));
    Some(Weights::of(each.collect::<Option<_>>()?))
}

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
