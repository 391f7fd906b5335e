//! The store, with a real file: what goes in comes out, to whom it may, exactly once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use depeche_news::{
    Article, Delivery, DeliveryKind, DispatchId, ItemId, Kind, Moment, Signal, SourceId,
    SourceVisibility, Status, StoryId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Appended, Arrival, NewJob, NewSource, Notice, Recorded, SourceChange, SourceKind, Store, Viewer,
};

use support::{Desk, desk, join};

#[test]
fn copies_fold_into_one_row_led_by_the_earliest_item() {
    let desk = desk();
    let (a, b) =
        (desk.source("a", SourceVisibility::Shared), desk.source("b", SourceVisibility::Shared));
    let founder = desk.append(&a, "1", 0, |_| {});
    desk.append(&b, "2", 1, join(&founder));
    desk.append(&b, "3", 2, |_| {});
    let latest = desk.store.latest(Viewer::Reader, desk.later(5), None, 50).unwrap();
    let told: Vec<_> = latest.rows.iter().map(|row| (row.headline.as_str(), row.copies)).collect();
    assert_eq!(told, [("Titre 3", 0), ("Titre 1", 1)]);
    assert_eq!(latest.rows[1].others[0].name, "b");
}

#[test]
fn paging_shows_every_row_exactly_once() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let mut expected: Vec<ItemId> =
        (0..23).map(|n| desk.append(&a, &n.to_string(), n / 5, |_| {})).collect();
    let mut seen = Vec::new();
    let mut place = None;
    loop {
        let part = desk.store.latest(Viewer::Reader, desk.later(30), place.as_ref(), 4).unwrap();
        seen.extend(part.rows.into_iter().map(|row| row.item));
        match part.next {
            Some(next) => place = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 23);
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
}

#[test]
fn the_same_version_again_changes_nothing_and_a_b_a_makes_three() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let set = |headline: &'static str| {
        move |arrival: &mut Arrival| arrival.item.article.headline = headline.into()
    };
    let id = desk.append(&a, "1", 0, set("A"));
    desk.append(&a, "1", 1, set("A"));
    desk.append(&a, "1", 2, set("B"));
    desk.append(&a, "1", 3, set("A"));
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Revised, Kind::Revised]);
    let page = desk.store.article(Viewer::Reader, desk.later(5), &id).unwrap().unwrap();
    let told: Vec<_> = page.versions.iter().map(|version| version.headline.as_str()).collect();
    assert_eq!(told, ["A", "B", "A"]);
}

#[test]
fn a_late_version_is_kept_in_its_place_and_told_to_nobody() {
    let desk = desk();
    let source = desk.source("https://a.example/fil", SourceVisibility::Shared);
    let version = |number: u32, minute: i64| {
        desk.append(&source, "1", minute, |arrival| {
            arrival.item.version = Some(number.to_string());
            arrival.item.article.headline = format!("Version {number}");
        })
    };
    let id = version(4, 1);
    let told = desk.store.entries(0, 100).unwrap().len();
    for (number, minute) in [(2, 2), (3, 3), (1, 4), (2, 5)] {
        version(number, minute);
    }
    assert_eq!(desk.store.entries(0, 100).unwrap().len(), told);
    let view = desk.store.article(Viewer::Reader, desk.now, &id).unwrap().unwrap();
    assert_eq!(view.article.headline, "Version 4");
    let versions: Vec<_> =
        view.versions.iter().map(|line| (line.number, line.headline.as_str())).collect();
    let expected = [(4, "Version 4"), (3, "Version 3"), (2, "Version 2"), (1, "Version 1")];
    assert_eq!(versions, expected);
}

#[test]
fn a_correction_is_told_and_a_kill_leaves_a_notice() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let id = desk.append(&a, "1", 0, |_| {});
    desk.append(&a, "1", 1, |arrival| {
        arrival.item.signal = Some(Signal::Correction);
        arrival.item.article.headline = "Corrigé".to_owned();
    });
    let row = &desk.store.latest(Viewer::Reader, desk.later(2), None, 1).unwrap().rows[0];
    assert_eq!((row.headline.as_str(), row.corrected_at), ("Corrigé", Some(desk.later(1))));
    desk.append(&a, "1", 3, |arrival| arrival.item.status = Status::Canceled);
    let row = &desk.store.latest(Viewer::Reader, desk.later(4), None, 1).unwrap().rows[0];
    assert_eq!(
        (row.headline.as_str(), &row.notice),
        ("", &Some(Notice::Killed { at: desk.later(3) }))
    );
    let page = desk.store.article(Viewer::Administrator, desk.later(4), &id).unwrap().unwrap();
    assert_eq!(page.article, Article::default());
    assert!(page.versions.iter().all(|version| version.headline.is_empty()));
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Corrected, Kind::Killed]);
    assert!(desk.store.papers(desk.later(4), &[id]).unwrap().is_empty());
}

#[test]
fn an_embargo_hides_until_it_ends_and_then_is_released_once() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let until = Moment::utc(desk.later(10));
    let id = desk.append(&a, "1", 0, |arrival| arrival.item.embargoed_until = Some(until));
    assert!(desk.kinds().is_empty());
    let count =
        |minute| desk.store.source(Viewer::Reader, desk.later(minute), &a).unwrap().unwrap().items;
    assert_eq!((count(9), count(10)), (0, 1), "what is held back is not even counted");
    for viewer in [Viewer::Reader, Viewer::Administrator] {
        let rows = desk.store.latest(viewer, desk.later(9), None, 5).unwrap().rows;
        assert!(
            rows.is_empty() && desk.store.article(viewer, desk.later(9), &id).unwrap().is_none()
        );
    }
    assert_eq!(desk.store.next_release().unwrap(), Some(desk.later(10)));
    assert_eq!(desk.store.release(desk.later(9)).wait().unwrap(), 0);
    assert_eq!(desk.store.release(desk.later(11)).wait().unwrap(), 1);
    assert_eq!(desk.store.release(desk.later(12)).wait().unwrap(), 0);
    assert_eq!(desk.kinds(), [Kind::Released]);
    assert_eq!(desk.headlines(Viewer::Reader), ["Titre 1"]);
}

#[test]
fn a_private_source_is_betrayed_by_nothing() {
    let desk = desk();
    let (open, hidden) = (
        desk.source("open", SourceVisibility::Shared),
        desk.source("h", SourceVisibility::Private),
    );
    let founder = desk.append(&hidden, "1", 0, |_| {});
    let copy = desk.append(&open, "2", 5, join(&founder));
    desk.append(&hidden, "3", 6, join(&founder));
    let latest = desk.store.latest(Viewer::Reader, desk.later(9), None, 5).unwrap();
    let row = &latest.rows[0];
    assert_eq!((&row.item, row.copies, row.others.len(), row.at), (&copy, 0, 0, desk.later(5)));
    assert!(desk.store.article(Viewer::Reader, desk.later(9), &founder).unwrap().is_none());
    assert!(
        desk.store
            .article(Viewer::Reader, desk.later(9), &copy)
            .unwrap()
            .unwrap()
            .copies
            .is_empty()
    );
    assert!(
        desk.store
            .sources(Viewer::Reader, desk.now)
            .unwrap()
            .iter()
            .all(|source| source.name == "open")
    );
    assert_eq!(
        desk.store.latest(Viewer::Administrator, desk.later(9), None, 5).unwrap().rows[0].copies,
        2
    );
}

#[test]
fn an_item_that_moves_leaves_a_redirect() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let founder = desk.append(&a, "1", 0, |_| {});
    let moved = desk
        .append(&a, "2", 1, |arrival| arrival.page_wanted = Some("https://a.example/2".to_owned()));
    let old = DispatchId::from(&moved);
    desk.append(&a, "2", 2, |arrival| {
        arrival.page_had = true;
        join(&founder)(arrival);
    });
    let lead = desk.store.dispatch_lead(Viewer::Reader, desk.later(3), &old).unwrap().unwrap();
    assert_eq!(lead, (DispatchId::from(&founder), founder.clone()));
    let story = desk
        .store
        .story(Viewer::Reader, desk.later(3), &StoryId::from(&old), None)
        .unwrap()
        .unwrap();
    assert_eq!(story.id, StoryId::from(&DispatchId::from(&founder)));
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Published, Kind::Regrouped, Kind::Revised]);
    assert_eq!(desk.headlines(Viewer::Reader).len(), 1);
    // A live page that has the row of the old dispatch is told that it is no more.
    let live = desk.store.live_dispatches(Viewer::Reader, desk.later(3), 2, 9).unwrap();
    assert_eq!((live.gone, live.upto), (vec![old], 4));
    assert_eq!(live.told, [(Kind::Revised, DispatchId::from(&founder))]);
}

#[test]
fn where_a_hidden_item_moved_to_is_not_told() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let hidden = desk.source("hidden", SourceVisibility::Private);
    let founder = desk.append(&a, "1", 0, |_| {});
    let moved = desk.append(&hidden, "2", 1, |arrival| {
        arrival.page_wanted = Some("https://a.example/2".to_owned());
    });
    desk.append(&hidden, "2", 2, |arrival| {
        arrival.page_had = true;
        join(&founder)(arrival);
    });
    let lead = |viewer| {
        let old = DispatchId::from(&moved);
        desk.store.dispatch_lead(viewer, desk.later(3), &old).unwrap().map(|(_, lead)| lead)
    };
    assert_eq!(lead(Viewer::Reader), None);
    assert_eq!(lead(Viewer::Administrator), Some(founder));
}

#[test]
fn validators_come_with_the_items_they_stand_for() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let due = |store: &Store| store.due_sources(desk.later(1), 1).unwrap().remove(0).validators;
    let Recorded::New(id) = desk.deliver(&a, "x") else { panic!("new bytes are a new delivery") };
    assert_eq!(desk.deliver(&a, "x"), Recorded::Repeated(id));
    assert_eq!(due(&desk.store), Validators::default());
    let pending = desk.store.pending_deliveries(10).unwrap();
    assert_eq!((pending.len(), pending[0].delivery.body.as_slice()), (1, b"x".as_slice()));
    let validators = Some(pending[0].delivery.validators.clone());
    let read =
        Appended { delivery: id, source: Some(a.clone()), validators, ..Appended::default() };
    desk.store.append(read, Vec::new()).wait().unwrap();
    assert_eq!(due(&desk.store).etag.as_deref(), Some("\"x\""));
    assert!(desk.store.pending_deliveries(10).unwrap().is_empty());
}

#[test]
fn a_failing_write_takes_back_only_itself() {
    let desk = desk();
    let unknown = SourceId::of_address("nowhere");
    let delivery = Delivery {
        source: unknown,
        kind: DeliveryKind::Feed,
        address: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
        received_at: desk.now,
        backfill: false,
        validators: Validators::default(),
    };
    let bad = desk.store.record(delivery);
    let good = desk
        .store
        .add_job(NewJob::TestAddress { address: "https://a.example/".to_owned() }, desk.now);
    assert!(bad.wait().is_err());
    assert!(good.wait().is_ok());
}

#[test]
fn the_token_and_sessions_are_kept_as_hashes() {
    let desk = desk();
    let token = desk.store.first_administrator_token().wait().unwrap().unwrap();
    assert_eq!(desk.store.first_administrator_token().wait().unwrap(), None);
    assert!(desk.store.administrator_token_matches(&token).unwrap());
    assert!(!desk.store.administrator_token_matches("").unwrap());
    let session = desk.store.open_session(desk.now).wait().unwrap();
    assert!(desk.store.session_valid(&session, desk.later(60)).unwrap());
    assert!(
        !desk
            .store
            .session_valid(&session, desk.now + SignedDuration::from_hours(24 * 31))
            .unwrap()
    );
    desk.store.close_session(&session).wait().unwrap();
    assert!(!desk.store.session_valid(&session, desk.now).unwrap());
}

#[test]
fn a_store_of_a_later_schema_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let file = folder.path().join("depeche.sqlite");
    rusqlite::Connection::open(file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("schema 99"), "{error}");
}

#[test]
fn two_processes_worth_of_stores_share_one_folder() {
    let desk = desk();
    let beside = Store::open(desk.store.folder()).unwrap();
    let changes = beside.changes();
    let a = desk.source("a", SourceVisibility::Shared);
    desk.append(&a, "1", 0, |_| {});
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while changes.borrow().cursor.seq < 1 {
        assert!(std::time::Instant::now() < deadline, "the other store never heard of it");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(beside.entries(0, 10).unwrap().len(), 1);
}

#[test]
fn an_embargo_put_on_a_published_item_ends_as_any_other() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let id = desk.append(&a, "1", 0, |_| {});
    let until = Moment::utc(desk.later(10));
    desk.append(&a, "1", 1, |arrival| arrival.item.embargoed_until = Some(until));
    assert!(desk.store.papers(desk.later(2), std::slice::from_ref(&id)).unwrap().is_empty());
    assert_eq!(desk.store.release(desk.later(11)).wait().unwrap(), 1);
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Revised, Kind::Released]);
    let row = desk.store.latest(Viewer::Reader, desk.later(12), None, 1).unwrap().rows.remove(0);
    assert_eq!((row.item, row.at), (id, desk.now));
}

#[test]
fn what_was_withheld_is_news_when_it_is_let_go() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    desk.append(&a, "1", 0, |arrival| arrival.item.status = Status::Withheld);
    desk.append(&a, "2", 1, |_| {});
    desk.append(&a, "1", 5, |_| {});
    let rows = desk.store.latest(Viewer::Reader, desk.later(6), None, 5).unwrap().rows;
    let told: Vec<_> = rows.iter().map(|row| (row.headline.as_str(), row.at)).collect();
    assert_eq!(told, [("Titre 1", desk.later(5)), ("Titre 2", desk.later(1))]);
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Published]);
}

#[test]
fn live_pages_are_told_of_changes_to_old_news_but_not_of_archives() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let old = desk.append(&a, "1", 0, |arrival| arrival.backfill = true);
    desk.append(&a, "1", 1, |arrival| arrival.item.status = Status::Canceled);
    let live = desk.store.live_dispatches(Viewer::Reader, desk.later(2), 0, 9).unwrap();
    assert_eq!(live.told, [(Kind::Killed, DispatchId::from(&old))]);
    let hidden = desk.source("h", SourceVisibility::Private);
    desk.append(&hidden, "2", 3, |_| {});
    assert_eq!(
        desk.store.live_dispatches(Viewer::Reader, desk.later(4), live.upto, 9).unwrap().told,
        []
    );
}

#[test]
fn a_headline_that_was_only_ever_under_embargo_is_never_shown() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let under = |headline: &'static str| {
        let until = Moment::utc(desk.later(10));
        move |arrival: &mut Arrival| {
            arrival.item.article.headline = headline.to_owned();
            arrival.item.embargoed_until = Some(until);
        }
    };
    let id = desk.append(&a, "1", 0, under("Nom de la victime"));
    desk.append(&a, "1", 1, under("Titre neutre"));
    desk.store.release(desk.later(11)).wait().unwrap();
    let page = desk.store.article(Viewer::Administrator, desk.later(12), &id).unwrap().unwrap();
    let told: Vec<_> = page.versions.iter().map(|version| version.headline.as_str()).collect();
    assert_eq!(told, ["Titre neutre"]);
}

#[test]
fn a_source_made_private_takes_all_it_brought_from_readers() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let id = desk.append(&a, "1", 0, |_| {});
    let seen_by = |visibility| {
        let change = SourceChange { visibility: Some(visibility), ..SourceChange::default() };
        assert!(desk.store.change_source(&a, change, desk.now).wait().unwrap());
    };
    seen_by(SourceVisibility::Private);
    assert!(desk.headlines(Viewer::Reader).is_empty());
    assert_eq!(desk.headlines(Viewer::Administrator), ["Titre 1"]);
    let last = desk.store.entries(1, 10).unwrap().pop().unwrap();
    assert_eq!(
        (last.kind, last.subject.item),
        (Kind::Revised, id.clone()),
        "the index hears of it"
    );
    let paper = desk.store.papers(desk.later(1), std::slice::from_ref(&id)).unwrap();
    assert_eq!(paper[&id].visibility, SourceVisibility::Private);
    seen_by(SourceVisibility::Shared);
    assert_eq!(desk.headlines(Viewer::Reader), ["Titre 1"]);
    let entries = desk.store.entries(0, 10).unwrap().len();
    seen_by(SourceVisibility::Shared);
    assert_eq!(desk.store.entries(0, 10).unwrap().len(), entries, "no change tells nothing");
}

/// A story of three dispatches: a private source had it first, `a` founded the second dispatch that
/// `b` copied, `b` wrote the third, which was corrected.
fn story_of_three(desk: &Desk) -> StoryId {
    let [a, b] = ["a", "b"].map(|name| desk.source(name, SourceVisibility::Shared));
    let hidden = desk.source("hidden", SourceVisibility::Private);
    let first = desk.append(&hidden, "0", 0, |_| {});
    let story = StoryId::from(&DispatchId::from(&first));
    let told = |arrival: &mut Arrival, terms: &str| {
        arrival.placed.story = story.clone();
        arrival.placed.evidence = Some(format!(r#"{{"ours":0.5,"story_terms":[{terms}]}}"#));
    };
    let founder = desk.append(&a, "1", 5, |arrival| told(arrival, r#""otan","syrie""#));
    desk.append(&b, "2", 6, |arrival| {
        told(arrival, r#""syrie""#);
        arrival.placed.dispatch = DispatchId::from(&founder);
    });
    desk.append(&b, "3", 8, |arrival| told(arrival, r#""syrie","otan""#));
    desk.append(&b, "3", 9, |arrival| {
        told(arrival, r#""syrie","otan""#);
        arrival.item.signal = Some(Signal::Correction);
        arrival.item.article.headline = "Titre rectifié".to_owned();
    });
    story
}

#[test]
fn a_story_is_told_as_a_whole_and_no_private_source_with_it() {
    let desk = desk();
    let story = story_of_three(&desk);
    let told = |viewer| desk.store.story(viewer, desk.later(30), &story, None).unwrap().unwrap();
    let (reader, all) = (told(Viewer::Reader), told(Viewer::Administrator));
    let first = reader.facts.first.clone().unwrap();
    assert_eq!((first.source.name.as_str(), first.at), ("a", desk.later(5)));
    assert_eq!(all.facts.first.unwrap().source.name, "hidden");
    assert_eq!((reader.facts.dispatches, reader.facts.items), (2, 3));
    assert_eq!((all.facts.dispatches, all.facts.items), (3, 4));
    assert_eq!((reader.facts.corrected, reader.facts.notices), (1, 0));
    let outlets: Vec<_> =
        reader.facts.outlets.iter().map(|(source, items)| (source.name.as_str(), *items)).collect();
    assert_eq!(outlets, [("b", 2), ("a", 1)]);
    assert_eq!(reader.facts.terms, ["syrie", "otan"]);
    assert_eq!(reader.rows.len(), 2);
    assert_eq!(reader.next, None);
    let place =
        depeche_store::Place { at: reader.rows[0].at, dispatch: reader.rows[0].dispatch.clone() };
    let older =
        desk.store.story(Viewer::Reader, desk.later(30), &story, Some(&place)).unwrap().unwrap();
    assert_eq!(older.rows, reader.rows[1..]);
}

#[test]
fn a_source_is_told_by_what_it_had_first_and_what_others_had_before() {
    let desk = desk();
    story_of_three(&desk);
    let facts = |name: &str, viewer| {
        let id = SourceId::of_address(name);
        let days = [desk.now - SignedDuration::from_hours(24), desk.later(7)];
        desk.store.source_facts(viewer, desk.later(30), &id, &days).unwrap()
    };
    let b = facts("b", Viewer::Reader).unwrap();
    assert_eq!(b.days, [1, 1]);
    assert_eq!((b.alone, b.first, b.after_others), (1, 0, 1));
    let a = facts("a", Viewer::Reader).unwrap();
    assert_eq!((a.alone, a.first, a.after_others), (0, 1, 0));
    assert_eq!(facts("hidden", Viewer::Reader), None);
    assert_eq!(facts("hidden", Viewer::Administrator).unwrap().alone, 1);
}

#[test]
fn what_was_not_understood_is_the_administrators() {
    let desk = desk();
    let id = desk
        .store
        .add_source(
            NewSource {
                address: "https://a.example/fil.rss".to_owned(),
                name: None,
                language: None,
                visibility: SourceVisibility::Shared,
                kind: SourceKind::Feed,
            },
            desk.now,
        )
        .wait()
        .unwrap()
        .0;
    for body in ["well", "ill"] {
        let (Recorded::New(delivery) | Recorded::Repeated(delivery)) = desk.deliver(&id, body);
        let problems = match body {
            "ill" => vec![depeche_news::Problem::new("bad_date", "demain")],
            _ => Vec::new(),
        };
        let read = Appended { delivery, problems, ..Appended::default() };
        desk.store.append(read, Vec::new()).wait().unwrap();
    }
    let change = SourceChange { keep_days: Some(Some(30)), ..SourceChange::default() };
    desk.store.change_source(&id, change, desk.now).wait().unwrap();
    let facts =
        |viewer| desk.store.source_facts(viewer, desk.now, &id, &[desk.now]).unwrap().unwrap();
    let all = facts(Viewer::Administrator);
    assert_eq!(all.keep_days, Some(30));
    assert_eq!(all.misread.len(), 1);
    assert_eq!(all.misread[0].problems, ["bad_date: demain"]);
    assert_eq!(
        (facts(Viewer::Reader).keep_days, facts(Viewer::Reader).misread),
        (None, Vec::new())
    );
}

#[test]
fn the_window_is_told_the_latest_items_with_a_trace_in_the_order_they_came() {
    let desk = desk();
    let source = desk.source("https://a.example/fil", SourceVisibility::Shared);
    let traced = |trace: &'static [u8]| {
        move |arrival: &mut Arrival| arrival.placed.trace = Some(trace.to_vec())
    };
    let ids = [
        desk.append(&source, "a", 1, traced(b"a")),
        desk.append(&source, "b", 2, traced(b"b")),
        desk.append(&source, "c", 3, |_| {}),
        desk.append(&source, "d", 4, traced(b"d")),
    ];
    let told = |since: i64, items_max: usize| {
        let mut told = Vec::new();
        let each = |item: depeche_store::Remembered| told.push(item.trace);
        desk.store.remembered(desk.later(since), items_max, each).unwrap();
        told
    };
    assert_eq!(told(0, 9), [b"a", b"b", b"d"]);
    assert_eq!(told(2, 9), [b"b", b"d"]);
    assert_eq!(told(0, 2), [b"d"]);
    assert_eq!(desk.store.trace(&ids[1]).unwrap().as_deref(), Some(&b"b"[..]));
    assert_eq!(desk.store.trace(&ids[2]).unwrap(), None);
}

/// The rows of readers: what leads, and the minute it is listed at.
fn led(desk: &Desk) -> Vec<(String, i64)> {
    let latest = desk.store.latest(Viewer::Reader, desk.later(59), None, 50).unwrap();
    let minute = |at: Timestamp| (at.as_second() - desk.now.as_second()) / 60;
    latest.rows.into_iter().map(|row| (row.headline, minute(row.at))).collect()
}

/// A dispatch led by what came at minute 10, and what then becomes of it by a copy at minute 20.
#[track_caller]
fn joined(first: (SourceKind, bool, i64), copy: (SourceKind, bool, i64), expected: (&str, i64)) {
    let desk = desk();
    let source = |address: &str, kind| {
        let new = NewSource {
            address: address.to_owned(),
            name: Some(address.to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind,
        };
        desk.store.add_source(new, desk.now).wait().unwrap().0
    };
    let told = |arrival: &mut Arrival, backfill, minute| {
        arrival.backfill = backfill;
        arrival.item.article.published =
            Some(Moment::parse(&desk.later(minute).to_string()).unwrap());
    };
    let (alpha, beta) =
        (source("https://a.example/", first.0), source("https://b.example/", copy.0));
    let a = desk.append(&alpha, "a", 10, |arrival| told(arrival, first.1, first.2));
    desk.append(&beta, "b", 20, |arrival| {
        told(arrival, copy.1, copy.2);
        arrival.placed.dispatch = DispatchId::from(&a);
        arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
    });
    assert_eq!(led(&desk), [(expected.0.to_owned(), expected.1)]);
}

#[test]
fn a_copy_that_tells_an_earlier_date_does_not_take_a_dispatch_over() {
    use SourceKind::{Feed, Files};
    const YEARS: i64 = -16 * 365 * 24 * 60;
    const WEEK: i64 = 7 * 24 * 60;
    joined((Feed, false, 9), (Feed, true, YEARS), ("Titre a", 9));
    joined((Feed, false, 9), (Feed, false, 5), ("Titre a", 9));
    joined((Files, false, 9), (Files, true, YEARS), ("Titre a", 9));
    // In a first poll anyone is asked first, and an agency that pushes is ahead of its clients: both within days.
    joined((Feed, true, -50), (Feed, true, -90), ("Titre b", -90));
    joined((Feed, true, -50), (Feed, true, -50 - WEEK - 1), ("Titre a", -50));
    joined((Feed, false, 9), (Files, false, 5), ("Titre b", 5));
    joined((Feed, false, 9), (Files, true, YEARS), ("Titre a", 9));
    joined((Files, false, 9), (Feed, false, 5), ("Titre a", 9));
}
