//! What the line of a dispatch is made of: bounded, in order, and for each viewer his own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use depeche_news::{Block, ItemId, SourceVisibility, Status};
use depeche_store::{Arrival, COPIES_MAX, VERSIONS_MAX, Viewer};
use support::{desk, join};

#[test]
fn a_large_dispatch_is_read_to_its_bound_and_the_item_itself_besides() {
    let desk = desk();
    let source = desk.source("a", SourceVisibility::Shared);
    let founder = desk.append(&source, "0", 0, |_| {});
    let mut last = founder.clone();
    for n in 1..=COPIES_MAX as i64 {
        last = desk.append(&source, &n.to_string(), n, join(&founder));
    }
    let now = desk.later(COPIES_MAX as i64 + 1);
    let view = desk.store.article(Viewer::Reader, now, &last).unwrap().unwrap();
    assert_eq!((view.copies.len(), view.more_copies), (COPIES_MAX, true));
    assert!(view.copies.is_sorted_by_key(|copy| copy.lead_at) && view.copies[0].item == founder);
    assert_eq!(view.own.unwrap().item, last);
    let view = desk.store.article(Viewer::Reader, now, &founder).unwrap().unwrap();
    assert_eq!((view.copies.len(), view.more_copies), (COPIES_MAX - 1, true));
    assert_eq!(view.own.unwrap().item, founder);
}

#[test]
fn of_many_versions_the_latest_and_the_first_are_told() {
    let desk = desk();
    let source = desk.source("a", SourceVisibility::Shared);
    let version = |n: i64| {
        desk.append(&source, "1", n, |arrival| {
            arrival.item.article.headline = format!("Titre {n}");
            if n == 1 {
                arrival.item.status = Status::Withheld;
            }
        })
    };
    let id = version(1);
    let told = || {
        let view = desk.store.article(Viewer::Reader, desk.later(59), &id).unwrap().unwrap();
        assert!(view.versions.len() <= VERSIONS_MAX);
        let own = view.own.unwrap();
        (own.number, own.versions.iter().map(|version| version.number).collect::<Vec<_>>())
    };
    version(2);
    version(3);
    // What was never on the wire is not told.
    assert_eq!(told(), (3, vec![2, 3]));
    (4..=40).for_each(|n| drop(version(n)));
    let latest: Vec<u32> = (22..=40).collect();
    assert_eq!(told(), (40, [vec![2], latest].concat()));
}

#[test]
fn texts_are_given_to_whom_they_may_be_shown_and_if_they_are_short() {
    let desk = desk();
    let open = desk.source("a", SourceVisibility::Shared);
    let own = desk.source("b", SourceVisibility::Private);
    let says = |word: &str| {
        let block = Block::Paragraph(word.into());
        move |arrival: &mut Arrival| {
            arrival.item.article.body = vec![block];
            arrival.item.desk.labels = vec!["LEAD".to_owned()];
        }
    };
    let long: String =
        (0..4000_u64).map(|n| format!("{:x} ", n.wrapping_mul(0x9e37_79b9))).collect();
    let founder = desk.append(&open, "1", 0, says("Un"));
    desk.append(&open, "1", 1, says("Deux"));
    let hidden = desk.append(&own, "2", 2, says("Secret"));
    let killed = desk.append(&open, "3", 3, says("Faux"));
    desk.append(&open, "3", 4, |arrival| arrival.item.status = Status::Canceled);
    let large = desk.append(&open, "4", 5, says(&long));
    // Packed it is shorter than any of these.
    let same = desk.append(&open, "5", 6, says(&"Mot ".repeat(1 << 20)));
    let all: Vec<(ItemId, u32)> = [&founder, &hidden, &killed, &large, &same]
        .into_iter()
        .flat_map(|id| [(id.clone(), 1), (id.clone(), 2)])
        .collect();
    let read = |viewer, bytes_max: u64| -> Vec<String> {
        let texts = desk.store.texts(viewer, desk.later(9), &all, bytes_max).unwrap();
        assert!(texts.iter().all(|text| text.labels == ["LEAD"]));
        let begins = |text: String| text.split(' ').next().unwrap_or_default().to_owned();
        texts.into_iter().map(|text| begins(text.article.text())).collect()
    };
    assert_eq!(read(Viewer::Reader, 4096), ["Un", "Deux"]);
    assert_eq!(read(Viewer::Administrator, 4096), ["Un", "Deux", "Secret"]);
    assert_eq!(read(Viewer::Reader, 1 << 20), ["Un", "Deux", "0"]);
    let view = desk.store.article(Viewer::Reader, desk.later(9), &killed).unwrap().unwrap();
    let killed = view.own.unwrap();
    assert_eq!((killed.headline.as_str(), killed.size, killed.versions.len()), ("", 0, 0));
}
