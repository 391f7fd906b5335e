//! Puts documents first in which the words of the query stand together as they were typed.

use tantivy::schema::IndexRecordOption;

use crate::{
    clause::{Clause, Lies},
    condition::Sightings,
    paper::Texts,
    rank::{Candidate, by_rank},
    view::View,
};

/// How many of the best are looked at again. A document further down has too little of the words
/// to become the first by their order; 100 were measured to give no more than 30.
pub(crate) const RERANKED: usize = 30;

/// What a pair of words side by side adds, against the weight of its commoner word.
const PAIR_WEIGHT: f32 = 0.3;

/// Pairs in the reverse order are worth half: «Syrie Otan» for «Otan Syrie».
const REVERSED: f32 = 0.5;

/// Forms that stand in a document more often are left out there: it is a table or a book, which has them beside each other
/// by chance, and reading so many places of thirty documents takes longer than finding them.
const PLACES_MAX: u32 = 512;

/// Adds to the scores of the first candidates what the closeness of their words is worth, and
/// sorts these anew.
pub(crate) fn rerank(
    view: &View,
    clauses: &[Clause],
    candidates: &mut [Candidate],
) -> tantivy::Result<()> {
    let (first, _) = candidates.split_at_mut(candidates.len().min(RERANKED));
    if clauses.len() < 2 || first.len() < 2 {
        return Ok(());
    }
    first.sort_unstable_by_key(|candidate| (candidate.segment, candidate.document));
    for same in first.chunk_by_mut(|a, b| a.segment == b.segment) {
        add_closeness(view, clauses, same)?;
    }
    first.sort_unstable_by(by_rank);
    Ok(())
}

/// Works off candidates of one segment in the order of its documents.
fn add_closeness(
    view: &View,
    clauses: &[Clause],
    candidates: &mut [Candidate],
) -> tantivy::Result<()> {
    let Some(segment) = candidates.first().map(|candidate| candidate.segment) else {
        return Ok(());
    };
    let mut sightings = clauses
        .iter()
        .map(|clause| sightings(view, clause, segment))
        .collect::<tantivy::Result<Vec<_>>>()?;
    let (mut before, mut here) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let mut previous: Option<&Clause> = None;
        for (clause, sighting) in clauses.iter().zip(&mut sightings) {
            sighting.places(candidate.document, PLACES_MAX, &mut here);
            if let Some(previous) = previous {
                let apart = clause.place.saturating_sub(previous.place);
                let weight = PAIR_WEIGHT * clause.rarity.min(previous.rarity);
                candidate.score += weight * closeness(&before, &here, apart);
            }
            std::mem::swap(&mut before, &mut here);
            previous = Some(clause);
        }
    }
    Ok(())
}

fn sightings(view: &View, clause: &Clause, number: usize) -> tantivy::Result<Sightings> {
    let mut lists = Vec::new();
    let Some(segment) = view.segments.get(number) else { return Ok(Sightings::new(lists)) };
    for list in clause.lists.iter().filter(|list| list.text == Texts::Stems) {
        if let Lies::There(places) = &list.lies
            && let Some(Some(place)) = places.get(number)
        {
            let detail = IndexRecordOption::WithFreqsAndPositions;
            lists
                .push(segment.text(Texts::Stems).lists.read_postings_from_terminfo(place, detail)?);
        }
    }
    Ok(Sightings::new(lists))
}

/// How close two words come in a document: 1 where they stand as far apart as in the query, less
/// with every word between, 0 where one of them is missing. Places ascend.
fn closeness(first: &[u32], second: &[u32], apart: u32) -> f32 {
    let mut best = 0.0f32;
    for &place in first {
        let wanted = place.saturating_add(apart);
        let (lower, upper) = second.split_at(second.partition_point(|&other| other < wanted));
        let after = lower.last().filter(|&&other| other > place).into_iter().chain(upper.first());
        for &other in after {
            best = best.max(1.0 / (1.0 + wanted.abs_diff(other) as f32));
        }
        let (earlier, _) = lower.split_at(lower.partition_point(|&other| other < place));
        if let Some(&other) = earlier.last() {
            best = best.max(REVERSED / (1.0 + wanted.abs_diff(other) as f32));
        }
        if best >= 1.0 {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &[u32], second: &[u32], apart: u32, expected: f32) {
        assert_eq!(closeness(first, second, apart), expected);
    }

    #[test]
    fn words_as_close_as_they_were_typed() {
        check(&[4], &[5], 1, 1.0);
        check(&[4], &[6], 2, 1.0);
        check(&[4], &[6], 1, 0.5);
        check(&[1, 40], &[20, 41], 1, 1.0);
        check(&[5], &[4], 1, 0.5 / 3.0);
        check(&[], &[4], 1, 0.0);
        check(&[4], &[], 1, 0.0);
    }
}
