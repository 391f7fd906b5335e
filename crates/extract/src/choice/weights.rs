//! What hashes weigh: a list that is asked some thousand times a page.

/// Hashes with their weights in 32nds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Rising.
    hashes: Vec<u32>,
    weights: Vec<i8>,
    /// Where the hashes of each beginning stand, the end of the last one with them.
    starts: Vec<u32>,
}

/// Bits of a beginning: with some ten thousands of hashes two or three share one.
const BITS: u32 = 14;

impl Weights {
    /// What hashes weigh, in any order; of one that is there twice, one weight is taken.
    pub fn of(mut all: Vec<(u32, i8)>) -> Self {
        all.sort_unstable();
        all.dedup_by_key(|(hash, _)| *hash);
        let mut starts = vec![0; (1 << BITS) + 1];
        for (hash, _) in &all {
            let next = starts.get_mut(beginning(*hash) + 1);
            next.into_iter().for_each(|next| *next += 1);
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (hashes, weights) = all.into_iter().unzip();
        Self { hashes, weights, starts }
    }

    /// The weight of a hash; nothing where it is not known.
    pub fn get(&self, hash: u32) -> f32 {
        let start = |at: usize| self.starts.get(at).copied().unwrap_or(0) as usize;
        let (from, to) = (start(beginning(hash)), start(beginning(hash) + 1));
        let some = self.hashes.get(from..to).unwrap_or_default();
        let found = some.iter().position(|known| *known == hash);
        let weight = found.and_then(|at| self.weights.get(from + at));
        weight.map_or(0.0, |weight| f32::from(*weight) / 32.0)
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Each hash and its weight in 32nds, rising.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, i8)> {
        self.hashes.iter().copied().zip(self.weights.iter().copied())
    }
}

fn beginning(hash: u32) -> usize {
    (hash >> (u32::BITS - BITS)) as usize
}
