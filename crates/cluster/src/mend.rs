//! Repair: which stories of late were one all along, and which texts went with the wrong one.
//!
//! A story is found by what was told before it, so the first texts of an event can open two stories, and
//! a text that fits two can take the worse. Looked at again with what came after, that shows. Nothing
//! here changes anything: it says what to mend, and the identities stay those that were given.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::{Trace, terms::Term};

/// A dispatch as repair looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Recent<'a> {
    /// Its identity.
    pub dispatch: &'a str,
    /// The story it belongs to.
    pub story: &'a str,
    /// What is left of its leading item's text.
    pub trace: &'a Trace,
}

/// What should be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Two stories are one: `story` leads on to `into`, which began before it.
    Merge {
        /// The story that ends.
        story: String,
        /// The story that goes on, with all of its dispatches.
        into: String,
    },
    /// Dispatches of `story` have nothing in common with what founded it. It keeps its identity and its founder;
    /// they make a story under the identity of the first of them.
    Split {
        /// The story they leave.
        story: String,
        /// The dispatches that leave, in the order they came.
        dispatches: Vec<String>,
    },
}

/// Dispatches looked at, the latest: two days of a wire of 2,000 a day.
const DISPATCHES_MAX: usize = 4_000;

/// Dispatches that one is compared with for a term: the latest that had it before. What many have is
/// looked at from one to the next, so that a great story holds together.
const COMPARED_PER_TERM_MAX: usize = 20;

/// What two headlines must have in common, of all the two say, to tell one event; and to have to do
/// with each other at all.
const ONE_EVENT: f32 = 0.6;
const AKIN: f32 = 0.15;

/// Of the pairs across two stories, the share that must tell one event for the two to be merged.
const PAIRS_SHARE: f32 = 0.5;

/// What to mend among these dispatches, which are given in the order they came. The same dispatches
/// give the same mends; a story that ends is in one merge only, and none is both merged and split.
pub fn mends(recent: &[Recent<'_>]) -> Vec<Mend> {
    let recent = &recent[recent.len().saturating_sub(DISPATCHES_MAX)..];
    let akin = alike_pairs(recent);
    let mut mends = merges(recent, &akin);
    let merged: FxHashSet<String> = (mends.iter())
        .flat_map(|mend| match mend {
            Mend::Merge { story, into } => [story.clone(), into.clone()],
            Mend::Split { story, .. } => [story.clone(), story.clone()],
        })
        .collect();
    mends.extend(splits(recent, &akin).into_iter().filter(|mend| match mend {
        Mend::Split { story, .. } => !merged.contains(story),
        Mend::Merge { .. } => true,
    }));
    mends
}

/// Pairs of dispatches that share a term, the earlier first, and how alike they are.
fn alike_pairs(recent: &[Recent<'_>]) -> BTreeMap<(usize, usize), f32> {
    let mut by_term: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, one) in recent.iter().enumerate() {
        for term in &one.trace.terms {
            by_term.entry(term.hash).or_default().push(at);
        }
    }
    let mut pairs = BTreeMap::new();
    for having in by_term.values() {
        for (place, &later) in having.iter().enumerate() {
            for &earlier in having.iter().take(place).rev().take(COMPARED_PER_TERM_MAX) {
                pairs.entry((earlier, later)).or_insert_with(|| {
                    let terms = |at: usize| recent.get(at).map_or(&[][..], |one| &one.trace.terms);
                    overlap(terms(earlier), terms(later))
                });
            }
        }
    }
    pairs
}

/// What two texts have in common, of what both say on average.
fn overlap(ours: &[Term], theirs: &[Term]) -> f32 {
    let says = |terms: &[Term]| terms.iter().map(|term| f32::from(term.weight)).sum::<f32>();
    let common: f32 = (ours.iter())
        .filter_map(|term| {
            let at = theirs.binary_search_by_key(&term.hash, |theirs| theirs.hash).ok()?;
            Some(f32::from(theirs.get(at)?.weight.min(term.weight)))
        })
        .sum();
    2.0 * common / (says(ours) + says(theirs)).max(1.0)
}

/// Stories of which most pairs of dispatches tell one event.
fn merges(recent: &[Recent<'_>], akin: &BTreeMap<(usize, usize), f32>) -> Vec<Mend> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut size: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, one) in recent.iter().enumerate() {
        first.entry(one.story).or_insert(at);
        *size.entry(one.story).or_default() += 1;
    }
    let mut across: BTreeMap<(usize, usize), (usize, &str, &str)> = BTreeMap::new();
    for (&(earlier, later), _) in akin.iter().filter(|(_, likeness)| **likeness >= ONE_EVENT) {
        let (Some(one), Some(other)) = (recent.get(earlier), recent.get(later)) else { continue };
        if one.story == other.story {
            continue;
        }
        let begun = |story: &str| first.get(story).copied().unwrap_or_default();
        let (one, other) = (one.story, other.story);
        let (into, from) = if begun(one) < begun(other) { (one, other) } else { (other, one) };
        across.entry((begun(into), begun(from))).or_insert((0, into, from)).0 += 1;
    }
    let mut touched = FxHashSet::default();
    let mut mends = Vec::new();
    for (pairs, into, story) in across.into_values() {
        let size = |story: &str| size.get(story).copied().unwrap_or(1) as f32;
        let enough = pairs as f32 >= PAIRS_SHARE * size(into) * size(story);
        // One that is merged into or away stays as it is till the next time, so that no merge leads on to another.
        if enough && !touched.contains(into) && touched.insert(story) {
            touched.insert(into);
            mends.push(Mend::Merge { story: story.to_owned(), into: into.to_owned() });
        }
    }
    mends
}

/// Stories with dispatches that no chain of likeness ties to their first.
fn splits(recent: &[Recent<'_>], akin: &BTreeMap<(usize, usize), f32>) -> Vec<Mend> {
    let mut root: Vec<usize> = (0..recent.len()).collect();
    for (&(earlier, later), _) in akin.iter().filter(|(_, likeness)| **likeness >= AKIN) {
        let same = matches!((recent.get(earlier), recent.get(later)), (Some(a), Some(b)) if a.story == b.story);
        let (one, other) = (root_of(&root, earlier), root_of(&root, later));
        if same && let Some(root) = root.get_mut(one.max(other)) {
            *root = one.min(other);
        }
    }
    let mut founder: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parts: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
    for (at, one) in recent.iter().enumerate() {
        let root = root_of(&root, at);
        if one.dispatch == one.story {
            founder.insert(one.story, root);
        }
        parts.entry((root, one.story)).or_default().push(one.dispatch.to_owned());
    }
    // Where the founder is not among them nobody can say which part is its own.
    (parts.into_iter())
        .filter(|((root, story), _)| founder.get(story).is_some_and(|founder| founder != root))
        .map(|((_, story), dispatches)| Mend::Split { story: story.to_owned(), dispatches })
        .collect()
}

/// The first of those that one is tied to.
fn root_of(root: &[usize], mut at: usize) -> usize {
    while let Some(&before) = root.get(at).filter(|&&before| before != at) {
        at = before;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Candidate, Limits, Window};

    /// Dispatches as `id story headline`; mends as `story > into` and `story / dispatches`.
    #[track_caller]
    fn check(dispatches: &[(&str, &str, &str)], expected: &[&str]) {
        let traces: Vec<Trace> = (dispatches.iter())
            .map(|(id, _, title)| {
                let candidate = Candidate { id, title, ..Candidate::default() };
                Window::new(Limits::default()).place(&candidate, |_| None).trace
            })
            .collect();
        let recent: Vec<Recent<'_>> = (dispatches.iter().zip(&traces))
            .map(|((dispatch, story, _), trace)| Recent { dispatch, story, trace })
            .collect();
        let told: Vec<String> = (mends(&recent).into_iter())
            .map(|mend| match mend {
                Mend::Merge { story, into } => format!("{story} > {into}"),
                Mend::Split { story, dispatches } => format!("{story} / {}", dispatches.join(" ")),
            })
            .collect();
        assert_eq!(told, expected);
    }

    const QUAKE: &str = "Séisme à Valmorel : trois villages coupés du monde";
    const QUAKE_TOO: &str = "Valmorel : les villages coupés du monde après le séisme";
    const RACE: &str = "Cyclisme : Aubrac s'impose au sprint devant Delvaux";
    const RACE_TOO: &str = "Aubrac s'impose au sprint, Delvaux deuxième";

    #[test]
    fn one_event_in_two_stories_is_merged_into_the_earlier() {
        check(&[("a", "a", QUAKE), ("b", "b", RACE), ("c", "c", QUAKE_TOO)], &["c > a"]);
        check(&[("a", "a", QUAKE), ("b", "b", RACE)], &[]);
    }

    #[test]
    fn no_merge_leads_on_to_another() {
        check(&[("a", "a", QUAKE), ("b", "b", QUAKE), ("c", "c", QUAKE)], &["b > a"]);
    }

    #[test]
    fn what_has_nothing_to_do_with_the_founder_leaves() {
        check(
            &[("a", "a", QUAKE), ("b", "a", RACE), ("c", "a", QUAKE_TOO), ("d", "a", RACE_TOO)],
            &["a / b d"],
        );
        check(&[("a", "a", QUAKE), ("c", "a", QUAKE_TOO)], &[]);
    }

    #[test]
    fn without_its_founder_a_story_is_not_split() {
        check(&[("b", "a", RACE), ("c", "a", QUAKE)], &[]);
    }

    #[test]
    fn a_great_story_holds_together() {
        let titles: Vec<(String, String)> = (0..90)
            .map(|n| (format!("{n}"), format!("Valmorel : mot{n} terme{n} rend Valmorel")))
            .collect();
        let told = titles.iter().map(|(id, title)| (id.as_str(), "0", title.as_str()));
        check(&told.collect::<Vec<_>>(), &[]);
    }

    #[test]
    fn nothing_to_look_at_needs_no_mending() {
        check(&[], &[]);
        check(&[("a", "a", ""), ("b", "b", "")], &[]);
    }
}
