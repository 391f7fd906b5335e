//! What is known of each candidate, in numbers.

use super::candidates::{Candidate, from, is_shouted};
use super::letters;
use super::outlet::{Outlet, last_parted, without_names};
use crate::facts::Facts;

/// What the numbers are called, in their order.
pub(crate) const NAMES: [&str; 81] = [
    "heading",
    "heading later",
    "second",
    "second later",
    "part first",
    "part last",
    "linked",
    "microdata",
    "og",
    "meta",
    "title",
    "segment first",
    "segment last",
    "segment inner",
    "trimmed",
    "trimmed title",
    "trimmed heading",
    "named",
    "own link",
    "large",
    "marked heading",
    "marked second",
    "linked heading",
    "aside",
    "after prose",
    "only heading",
    "agree 2",
    "agree 3",
    "agree 4",
    "heading+linked",
    "heading+og",
    "heading+title",
    "og+title",
    "linked+og",
    "linked+title",
    "second+linked",
    "second+og",
    "second+title",
    "part+linked",
    "part+og",
    "part+title",
    "later+declared",
    "in title",
    "in og",
    "in linked",
    "in heading",
    "holds title",
    "holds og",
    "holds linked",
    "holds heading",
    "starts title",
    "ends title",
    "starts heading",
    "ends heading",
    "like title",
    "like og",
    "like linked",
    "like heading",
    "one word",
    "two words",
    "few words",
    "many words",
    "length",
    "outlet",
    "holds outlet",
    "shouted",
    "parted",
    "colon",
    "cut",
    "heading beside linked",
    "name at its end",
    "sign in heading",
    "news heading",
    "news og",
    "news linked",
    "news title",
    "news second",
    "named in title",
    "address in it",
    "it in address",
    "most like address",
];

/// The numbers of one candidate.
pub(crate) type Signs = [f32; NAMES.len()];

/// What the page has of each kind, to compare with.
struct Others<'a> {
    title: Form,
    og: Form,
    linked: Form,
    heading: Form,
    outlet: &'a Outlet,
    headings: usize,
    /// Whether the page calls itself news.
    news: bool,
    longest: usize,
}

/// A text by its letters and their pairs.
#[derive(Default)]
struct Form {
    letters: String,
    /// Each once, in order.
    pairs: Vec<(char, char)>,
}

impl Form {
    fn new(letters: String) -> Self {
        let mut pairs: Vec<_> = letters.chars().zip(letters.chars().skip(1)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self { letters, pairs }
    }

    /// How many pairs two texts share, of all that both have.
    fn likeness(&self, other: &Self) -> f32 {
        let mut rest = other.pairs.iter().peekable();
        let shared = self.pairs.iter().filter(|pair| {
            while rest.next_if(|other| other < pair).is_some() {}
            rest.next_if(|other| other == pair).is_some()
        });
        let both = shared.count() as f32;
        2.0 * both / ((self.pairs.len() + other.pairs.len()).max(1)) as f32
    }

    /// Whether the other is strictly within this.
    fn holds(&self, other: &Self) -> bool {
        !other.letters.is_empty()
            && self.letters.len() > other.letters.len()
            && self.letters.contains(&other.letters)
    }
}

/// The numbers of all candidates.
pub(crate) fn of_all(all: &[Candidate], facts: &Facts, outlet: &Outlet) -> Vec<Signs> {
    let first = |place: u32| {
        let found = all.iter().find(|one| one.is_from(place));
        Form::new(found.map(|one| one.letters.clone()).unwrap_or_default())
    };
    let others = Others {
        title: Form::new(letters(&facts.title)),
        og: first(from::OG),
        linked: first(from::LINKED),
        heading: first(from::HEADING),
        outlet,
        news: facts.linked.news,
        headings: facts.headings.iter().filter(|h| h.level == 1 && !h.text.is_empty()).count(),
        longest: all.iter().map(|one| one.letters.len()).max().unwrap_or(1),
    };
    let like: Vec<(f32, f32)> = all.iter().map(|one| outlet.agreement(&one.text)).collect();
    let most = like.iter().map(|(a, b)| a * b).fold(0.0, f32::max);
    let with = all.iter().zip(like);
    with.map(|(one, (its, own))| {
        of_one(one, &others, [its, own, yes(most > 0.1 && its * own >= most)])
    })
    .collect()
}

fn of_one(one: &Candidate, others: &Others, address: [f32; 3]) -> Signs {
    let own = Form::new(one.letters.clone());
    let places = Places::of(one);
    let mut numbers: Vec<f32> = (0..from::ALL).map(|place| yes(one.is_from(1 << place))).collect();
    numbers.extend(
        [places.heading && one.marked, places.second && one.marked, one.linked, one.aside].map(yes),
    );
    numbers.push(one.after.min(5) as f32 / 5.0);
    numbers.extend(agreement(one, &places, others));
    numbers.extend(comparison(&own, others));
    numbers.extend(looks(one, others));
    let Places { first, second, linked, og, title, .. } = places;
    let named_in_title = one.is_from(from::NAMED) && (title || others.title.holds(&own));
    numbers.extend([
        yes(first && !others.linked.letters.is_empty()),
        yes(without_names(&one.text, others.outlet).len() < one.text.len()),
        yes(last_parted(&one.text).is_some() && first),
    ]);
    numbers.extend([first, og, linked, title, second].map(|place| yes(place && others.news)));
    numbers.push(yes(named_in_title));
    numbers.extend(address);
    std::array::from_fn(|at| numbers.get(at).copied().unwrap_or_default())
}

fn yes(sign: bool) -> f32 {
    f32::from(u8::from(sign))
}

/// Where a candidate was found, kinds of places taken together.
struct Places {
    first: bool,
    heading: bool,
    second: bool,
    part: bool,
    linked: bool,
    og: bool,
    title: bool,
}

impl Places {
    fn of(one: &Candidate) -> Self {
        Self {
            first: one.is_from(from::HEADING),
            heading: one.is_from(from::HEADING | from::HEADING_LATER),
            second: one.is_from(from::SECOND | from::SECOND_LATER),
            part: one.is_from(from::PART_FIRST | from::PART_LAST),
            linked: one.is_from(from::LINKED),
            og: one.is_from(from::OG),
            title: one.is_from(from::TITLE),
        }
    }
}

/// Which places say the same.
fn agreement(one: &Candidate, places: &Places, others: &Others) -> [f32; 17] {
    let Places { first, heading, second, part, linked, og, title } = *places;
    let agree = [heading, second, linked, og, title].iter().filter(|yes| **yes).count();
    [
        first && others.headings == 1,
        agree == 2,
        agree == 3,
        agree >= 4,
        first && linked,
        first && og,
        first && title,
        og && title,
        linked && og,
        linked && title,
        second && linked,
        second && og,
        second && title,
        part && linked,
        part && og,
        part && title,
        one.is_from(from::HEADING_LATER) && (linked || og || title),
    ]
    .map(yes)
}

/// How a candidate stands to the chief ones.
fn comparison(own: &Form, others: &Others) -> Vec<f32> {
    let kinds = [&others.title, &others.og, &others.linked, &others.heading];
    let mut numbers: Vec<f32> = kinds.iter().map(|kind| yes(kind.holds(own))).collect();
    numbers.extend(kinds.map(|kind| yes(own.holds(kind))));
    for kind in [&others.title, &others.heading] {
        let holds = kind.holds(own);
        numbers.push(yes(holds && kind.letters.starts_with(&own.letters)));
        numbers.push(yes(holds && kind.letters.ends_with(&own.letters)));
    }
    numbers.extend(kinds.map(|kind| kind.likeness(own)));
    numbers
}

/// What is seen in its text alone.
fn looks(one: &Candidate, others: &Others) -> [f32; 11] {
    let words = one.text.split_whitespace().count();
    [
        yes(words == 1),
        yes(words == 2),
        yes(words == 3 || words == 4),
        yes(words > 18),
        one.letters.len() as f32 / others.longest.max(1) as f32,
        yes(others.outlet.is(&one.text)),
        yes(others.outlet.is_in(&one.letters)),
        yes(is_shouted(&one.text)),
        yes(last_parted(&one.text).is_some()),
        yes(one.text.contains(": ")),
        yes(depeche_text::is_cut(&one.text)),
    ]
}
