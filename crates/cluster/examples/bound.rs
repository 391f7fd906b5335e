//! What the best grouping could reach on labelled pairs, if it knew all the labels.
//!
//! `bound FILE`: one pair a line, its two items, and last whether they are `copy`, `rework`, `shared` or `distinct`, parted by
//! tabs; other lines are passed over. An item is in one group, so pairs that should be together and pairs
//! that should be apart can contradict each other. Every grouping of the items that reworks tie
//! together is tried, copies kept together and distinct ones apart, and for each number of shared pairs joined the
//! most reworks are told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
};

/// Reworks, shared and distinct pairs.
type Counts = [usize; 3];

/// The first of those that one is tied to.
fn root(tied: &HashMap<String, String>, item: &str) -> String {
    let mut at = item;
    while let Some(next) = tied.get(at).filter(|next| *next != at) {
        at = next;
    }
    at.to_owned()
}

fn tie(tied: &mut HashMap<String, String>, one: &str, other: &str) {
    let (one, other) = (root(tied, one), root(tied, other));
    tied.insert(one, other);
}

/// The pairs between groups of copies, by the roots of the two, the lesser first.
type Between = BTreeMap<(String, String), Counts>;

fn between<'a>(groups: &'a Between, one: &'a str, other: &'a str) -> Counts {
    let key = (one.min(other).to_owned(), one.max(other).to_owned());
    groups.get(&key).copied().unwrap_or_default()
}

/// For each number of shared pairs joined the most reworks.
type Best = BTreeMap<usize, usize>;

fn keep(best: &mut Best, shared: usize, reworks: usize) {
    let most = best.entry(shared).or_default();
    *most = reworks.max(*most);
}

/// Tries every grouping of `left`, put one by one into `groups` or a group of its own.
fn try_all<'a>(
    pairs: &'a Between,
    left: &[&'a str],
    groups: &mut Vec<Vec<&'a str>>,
    [shared, reworks]: [usize; 2],
    best: &mut Best,
) {
    let Some((next, left)) = left.split_first() else { return keep(best, shared, reworks) };
    for at in 0..groups.len() {
        let counts = groups[at].iter().map(|other| between(pairs, next, other));
        let sum = counts.fold([0; 3], |sum: Counts, counts| [0, 1, 2].map(|n| sum[n] + counts[n]));
        if sum[2] == 0 {
            groups[at].push(next);
            try_all(pairs, left, groups, [shared + sum[1], reworks + sum[0]], best);
            groups[at].pop();
        }
    }
    groups.push(vec![next]);
    try_all(pairs, left, groups, [shared, reworks], best);
    groups.pop();
}

/// Labelled pairs, items that are copies of each other taken for one.
#[derive(Default)]
struct Labelled {
    /// All pairs, and those of which both items are in one group of copies.
    all: Counts,
    within: Counts,
    between: Between,
    /// Groups of copies that reworks tie together, as long as there is one between them.
    tied: HashMap<String, String>,
}

const LABELS: [&str; 3] = ["rework", "shared", "distinct"];

impl Labelled {
    fn read(file: &str) -> Self {
        let pairs: Vec<(&str, &str, &str)> = file.lines().filter_map(pair).collect();
        let mut copies = HashMap::new();
        for (one, other, _) in pairs.iter().filter(|(.., label)| *label == "copy") {
            tie(&mut copies, one, other);
        }
        let mut labelled = Self::default();
        for (one, other, label) in pairs {
            if let Some(label) = LABELS.iter().position(|known| *known == label) {
                labelled.add(root(&copies, one), root(&copies, other), label);
            }
        }
        labelled
    }

    fn add(&mut self, one: String, other: String, label: usize) {
        self.all[label] += 1;
        if one == other {
            self.within[label] += 1;
            return;
        }
        if label == 0 {
            tie(&mut self.tied, &one, &other);
        }
        let key = if one < other { (one, other) } else { (other, one) };
        self.between.entry(key).or_default()[label] += 1;
    }

    /// What reworks tie together.
    fn parts(&self) -> Vec<Vec<&str>> {
        let items: BTreeSet<&str> =
            self.between.keys().flat_map(|(one, other)| [one.as_str(), other]).collect();
        let mut parts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for item in items {
            parts.entry(root(&self.tied, item)).or_default().push(item);
        }
        parts.into_values().collect()
    }

    fn best(&self) -> Best {
        let mut total = Best::from([(self.within[1], self.within[0])]);
        for items in self.parts() {
            let (mut best, mut sum) = (Best::new(), Best::new());
            try_all(&self.between, &items, &mut Vec::new(), [0, 0], &mut best);
            for (shared, reworks) in &total {
                for (more_shared, more) in &best {
                    keep(&mut sum, shared + more_shared, reworks + more);
                }
            }
            total = sum;
        }
        total
    }
}

fn pair(line: &str) -> Option<(&str, &str, &str)> {
    let mut cells = line.split('\t');
    Some((cells.next()?, cells.next()?, cells.next_back()?))
}

#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn main() -> std::io::Result<()> {
    let Some(path) = std::env::args().nth(1) else {
        println!("bound FILE");
        return Ok(());
    };
    let labelled = Labelled::read(&fs::read_to_string(path)?);
    let share = |part: usize, of: usize| part as f64 / labelled.all[of].max(1) as f64;
    let mut most = None;
    for (shared, reworks) in labelled.best() {
        if most.is_none_or(|most| reworks > most) {
            most = Some(reworks);
            let (of_shared, of_reworks) = (share(shared, 1), share(reworks, 0));
            println!(
                "shared {of_shared:.4} ({shared}): rework at most {of_reworks:.4} ({reworks})"
            );
        }
    }
    Ok(())
}
