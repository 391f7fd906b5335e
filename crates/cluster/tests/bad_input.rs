//! What a careless or hostile provider sends: it is grouped as a person would group it, in bounded time.

use std::{cell::Cell, collections::HashMap};

use depeche_cluster::{Candidate, Limits, Placement, Relation, Trace, Window};
use depeche_news::jiff::Timestamp;

/// A window, the traces of what was placed in it, and how many of them were asked for.
#[derive(Default)]
struct Desk {
    window: Window,
    traces: HashMap<String, Vec<u8>>,
    asked: Cell<usize>,
}

impl Desk {
    fn place(&mut self, id: &str, title: &str, text: &str) -> Placement {
        self.place_at(id, title, text, None)
    }

    fn place_at(&mut self, id: &str, title: &str, text: &str, at: Option<&str>) -> Placement {
        let published = at.and_then(|at| at.parse().ok());
        let candidate = Candidate { id, title, text, published };
        let placed = self.window.place(&candidate, |id| {
            self.asked.set(self.asked.get() + 1);
            Trace::from_bytes(self.traces.get(id)?)
        });
        self.traces.insert(id.to_owned(), placed.trace.to_bytes());
        placed
    }
}

/// A paragraph of so many words that no other number gives.
fn paragraph(number: u32, words: u32) -> String {
    let word = |at: u32| {
        let mut left = number.wrapping_mul(7_919).wrapping_add(at).wrapping_mul(2_654_435_769);
        let mut word = String::new();
        for _ in 0..4 {
            word.push(
                ['b', 'd', 'f', 'g', 'l', 'm', 'n', 'p', 'r', 't', 'v', 'z'][left as usize % 12],
            );
            word.push(['a', 'e', 'i', 'o', 'u'][left as usize / 12 % 5]);
            left /= 60;
        }
        word
    };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

fn article(number: u32) -> String {
    (0..4).map(|part| paragraph(number * 4 + part, 60)).collect::<Vec<_>>().join("\n")
}

fn headline(number: u32) -> String {
    paragraph(1_000_000 + number, 6)
}

/// Traces asked for with one item, at most: see `Window::place`.
const ASKED_MAX: usize = 32;

#[test]
fn one_text_ten_thousand_times_is_one_dispatch() {
    let mut desk = Desk::default();
    for n in 0..10_000 {
        // Every second one under a headline of its own.
        let title = if n % 2 == 0 { headline(0) } else { headline(n) };
        let placed = desk.place(&n.to_string(), &title, &article(0));
        assert_eq!(placed.dispatch, "0", "{n}");
        assert_eq!(placed.relation, if n == 0 { Relation::Original } else { Relation::Copy });
    }
    assert!(desk.asked.get() <= 10_000, "{}", desk.asked.get());
    assert_eq!(desk.place("other", &headline(1), &article(1)).relation, Relation::Original);
}

#[test]
fn one_word_makes_no_two_items_one() {
    let mut desk = Desk::default();
    for n in 0..2_000u32 {
        let placed = desk.place(&n.to_string(), &headline(n), "Vidéo");
        assert_eq!((placed.dispatch, placed.relation), (n.to_string(), Relation::None));
    }
    assert_eq!(desk.asked.get(), 0);
}

#[test]
fn texts_of_five_megabytes_are_known_by_their_beginning() {
    let mut desk = Desk::default();
    let long: String = (0..10_000).map(|n| format!("{}\n", paragraph(n, 60))).collect();
    assert!(long.len() > 5_000_000);
    assert_eq!(desk.place("1", &headline(1), &long).relation, Relation::Original);
    let again = desk.place("2", &headline(1), &long);
    assert_eq!((again.dispatch.as_str(), again.relation), ("1", Relation::Copy));
    let start = format!("{}…", paragraph(0, 45));
    assert_eq!(desk.place("3", &headline(1), &start).dispatch, "1");
    for (id, text) in [("4", "a".repeat(5_000_000)), ("5", "\n".repeat(5_000_000))] {
        assert_eq!(desk.place(id, &headline(4), &text).dispatch, id);
    }
    for (id, text) in [("6", "a ".repeat(2_500_000)), ("7", "\u{300}é".repeat(1_000_000))] {
        assert_eq!(desk.place(id, &headline(6), &text).dispatch, id);
    }
    assert!(desk.traces.values().all(|trace| trace.len() < 5_000));
}

#[test]
fn a_paragraph_under_every_article_joins_none() {
    let mut desk = Desk::default();
    let imprint = paragraph(900_000, 50);
    for n in 0..3_000u32 {
        desk.asked.set(0);
        let text = format!("{}\n{imprint}", article(n));
        let placed = desk.place(&n.to_string(), &headline(n), &text);
        assert_eq!(placed.dispatch, n.to_string());
        assert!(desk.asked.get() <= ASKED_MAX);
    }
    let copy = desk.place("copy", &headline(7), &article(1_234));
    assert_eq!((copy.dispatch.as_str(), copy.relation), ("1234", Relation::Copy));
    // A short item of that source, most of which is the paragraph.
    for n in 0..50u32 {
        let text = format!("{}\n{imprint}", paragraph(700_000 + n, 25));
        let id = format!("short {n}");
        assert_eq!(desk.place(&id, &headline(5_000 + n), &text).dispatch, id);
    }
}

#[test]
fn dates_out_of_this_world_part_nothing() {
    for at in ["0001-01-01T00:00:00Z", "3000-01-01T00:00:00Z"] {
        let mut desk = Desk::default();
        let now: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        desk.window.advance(now);
        desk.place_at("1", &headline(1), &article(1), Some("2026-03-01T08:00:00Z"));
        let copy = desk.place_at("2", &headline(1), &article(1), Some(at));
        assert_eq!((copy.dispatch.as_str(), copy.relation), ("1", Relation::Copy));
        // Two with the same wrong date are told at one time.
        desk.place_at("3", "Otan : Stoltenberg reçu à Bruxelles", &article(3), Some(at));
        let told = desk.place_at("4", "Stoltenberg à Bruxelles pour l'Otan", &article(4), Some(at));
        assert_eq!((told.dispatch.as_str(), told.story.as_str()), ("4", "3"));
        // They stay as long as what came with them.
        desk.window.trim(now);
        assert_eq!(desk.window.len(), 4);
        desk.window.trim("2026-03-09T08:00:00Z".parse().unwrap());
        assert!(desk.window.is_empty());
    }
}

#[test]
fn an_item_that_comes_twice_is_there_once() {
    let mut desk = Desk::default();
    for _ in 0..200 {
        let placed = desk.place("1", &headline(1), &article(1));
        assert_eq!((placed.dispatch.as_str(), placed.of), ("1", None));
    }
    assert_eq!(desk.window.len(), 1);
    assert_eq!(desk.place("2", &headline(1), &article(1)).dispatch, "1");
    assert_eq!(desk.place("1", &headline(1), &article(1)).of.as_deref(), Some("2"));
}

#[test]
fn versions_in_any_order_are_one_dispatch() {
    let flash = paragraph(1, 30);
    let urgent = format!("{flash}\n{}", paragraph(2, 60));
    let lead = format!("{}\n{urgent}\n{}", paragraph(3, 40), paragraph(4, 60));
    let corrected = lead.replacen(' ', " 12 ", 1);
    let forms = [&flash, &urgent, &lead, &corrected];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let mut desk = Desk::default();
        for round in 0..2 {
            for (at, form) in order.into_iter().enumerate() {
                let id = format!("{}", at + 4 * round);
                let placed = desk.place(&id, &headline(1), forms[form]);
                assert_eq!(placed.dispatch, "0", "{order:?} {form}");
                assert_eq!(placed.relation == Relation::Original, at + round == 0);
            }
        }
    }
}

#[test]
fn a_window_of_one_item_holds_the_last() {
    let mut window = Window::new(Limits { items_max: 0, hours_max: 0 });
    for id in ["1", "2", "3"] {
        let text = article(1);
        let candidate = Candidate { id, title: "", text: &text, ..Candidate::default() };
        assert_eq!(window.place(&candidate, |_| None).dispatch, id);
        assert_eq!(window.len(), 1);
    }
}
