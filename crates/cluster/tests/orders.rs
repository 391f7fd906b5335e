//! The same texts in another order make the same dispatches: who came first leads, and the groups are those.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use depeche_cluster::{Candidate, Trace, Window};

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.roll(at + 1));
        }
    }
}

/// A paragraph of so many words that no other number gives.
fn paragraph(number: usize, words: usize) -> String {
    let mut dice = Dice(number as u64 * 7_919 + 1);
    let syllables = ["ba", "cor", "di", "fel", "gu", "lan", "mi", "nor", "pa", "ral", "so", "tin"];
    let mut word = || (0..3).map(|_| syllables[dice.roll(12)]).collect::<String>();
    (0..words).map(|_| word()).collect::<Vec<_>>().join(" ")
}

/// What outlets make of a dispatch: as it is, cut, lengthened, under a headline of their own, with another figure.
fn forms(dispatch: usize) -> Vec<(String, String)> {
    let lines: Vec<String> =
        (0..6).map(|part| paragraph(dispatch * 10 + part, 45) + " 12 blessés").collect();
    let (title, own) = (paragraph(9_000 + dispatch, 6), paragraph(9_500 + dispatch, 6));
    let longer = [lines.join("\n"), paragraph(dispatch * 10 + 7, 60)].join("\n");
    vec![
        (title.clone(), lines.join("\n")),
        (title.clone(), lines[..4].join("\n")),
        (own, lines.join("\n")),
        (title.clone(), longer),
        (title, lines.join("\n").replacen("12 blessés", "14 blessés", 6)),
    ]
}

/// Which texts stand together, in whatever order the dispatches are told.
fn groups(order: &[usize], texts: &[(String, String)]) -> BTreeSet<Vec<usize>> {
    let (mut window, mut traces) = (Window::default(), HashMap::<String, Trace>::new());
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for &at in order {
        let (id, (title, text)) = (format!("{at}"), &texts[at]);
        let candidate = Candidate { id: &id, title, text, ..Candidate::default() };
        let placed = window.place(&candidate, |id| traces.get(id).cloned());
        traces.insert(id, placed.trace);
        groups.entry(placed.dispatch).or_default().push(at);
    }
    let sorted = |mut group: Vec<usize>| {
        group.sort_unstable();
        group
    };
    groups.into_values().map(sorted).collect()
}

#[test]
fn another_order_makes_the_same_dispatches() {
    const DISPATCHES: usize = 12;
    let texts: Vec<(String, String)> = (0..DISPATCHES).flat_map(forms).collect();
    let each = texts.len() / DISPATCHES;
    let expected: BTreeSet<Vec<usize>> =
        (0..DISPATCHES).map(|n| (n * each..(n + 1) * each).collect()).collect();
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut dice = Dice(1);
    for round in 0..60 {
        assert_eq!(groups(&order, &texts), expected, "round {round}: {order:?}");
        dice.shuffle(&mut order);
    }
}
