//! Whether words stand near each other.

use crate::query::Word;

/// Places of a word looked at where words need not stand in a row: a text that has one more often is a table.
const PLACES_MAX: usize = 512;

/// What looking at a place costs.
const PLACE_COST: u64 = 5;

/// How far each word of a phrase stands behind the one before, stop words counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gaps(Vec<u32>);

impl Gaps {
    pub(crate) fn of(words: &[Word]) -> Self {
        let next = words.iter().skip(1).zip(words);
        Self(next.map(|(word, before)| word.place.saturating_sub(before.place)).collect())
    }

    /// Whether the words may stand anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether words stand as they were typed, out of place by `slop` in all. The places of each ascend. What it cost, in
/// nanoseconds as they are reckoned, is added to `cost`.
pub(crate) fn near(places: Vec<Vec<u32>>, gaps: &Gaps, slop: u32, cost: &mut u64) -> bool {
    *cost += places.iter().map(|places| places.len() as u64 * PLACE_COST).sum::<u64>();
    let mut words = places.into_iter();
    let Some(first) = words.next() else { return true };
    if slop == 0 {
        return in_a_row(first, words, gaps);
    }
    let mut reached: Vec<(u32, u32)> = first.into_iter().take(PLACES_MAX).map(|p| (p, 0)).collect();
    for (places, gap) in words.zip(&gaps.0) {
        *cost += (reached.len() * places.len()) as u64;
        let cost = |place: u32| {
            let costs = reached
                .iter()
                .map(|(before, cost)| cost + before.saturating_add(*gap).abs_diff(place));
            Some((place, costs.min().filter(|cost| *cost <= slop)?))
        };
        reached = places.into_iter().take(PLACES_MAX).filter_map(cost).collect();
    }
    !reached.is_empty()
}

fn in_a_row(mut starts: Vec<u32>, words: impl Iterator<Item = Vec<u32>>, gaps: &Gaps) -> bool {
    let mut apart = 0u32;
    for (places, gap) in words.zip(&gaps.0) {
        apart = apart.saturating_add(*gap);
        starts.retain(|start| places.binary_search(&start.saturating_add(apart)).is_ok());
        if starts.is_empty() {
            return false;
        }
    }
    !starts.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(places: &[&[u32]], slop: u32, expected: bool) {
        let gaps = Gaps(vec![1; places.len().saturating_sub(1)]);
        let places = places.iter().map(|places| places.to_vec()).collect();
        assert_eq!(near(places, &gaps, slop, &mut 0), expected);
    }

    #[test]
    fn words_in_a_row_and_near() {
        check(&[&[1, 9], &[4, 10]], 0, true);
        check(&[&[1], &[3]], 0, false);
        check(&[&[1], &[3]], 1, true);
        check(&[&[4], &[3]], 1, false);
        check(&[&[4], &[3]], 2, true);
        check(&[&[1], &[3], &[5]], 1, false);
        check(&[&[1], &[3], &[5]], 2, true);
        check(&[&[1], &[]], 9, false);
        check(&[], 0, true);
    }
}
