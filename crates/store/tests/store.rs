//! The store, with a real file: what goes in comes out, to whom it may, exactly once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use depeche_news::limits::collect::{HOSTS_REMEMBERED, PAGES_WAITING_MAX};
use depeche_news::{
    Access, Article, Block, Delivery, DeliveryKind, DispatchId, Item, ItemId, Kind, Moment, Signal,
    SourceId, SourceVisibility, Status, StoryId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Appended, Arrival, FailureNote, Gone, NewJob, NewSource, Notice, Placed, Poll, Recorded,
    SourceChange, SourceKind, SourceState, Store, Viewer,
};

struct Desk {
    store: Store,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    Desk { store, now: "2016-02-11T16:00:00Z".parse().unwrap(), _folder: folder }
}

impl Desk {
    fn source(&self, address: &str, visibility: SourceVisibility) -> SourceId {
        let new = NewSource {
            address: address.to_owned(),
            name: Some(address.to_owned()),
            language: None,
            visibility,
            kind: SourceKind::Feed,
        };
        self.store.add_source(new, self.now).wait().unwrap().0
    }

    fn deliver(&self, source: &SourceId, body: &str) -> Recorded {
        let delivery = Delivery {
            source: source.clone(),
            kind: DeliveryKind::Feed,
            address: "https://a.example/fil.rss".to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            received_at: self.now,
            backfill: false,
            validators: Validators { etag: Some(format!("\"{body}\"")), last_modified: None },
        };
        self.store.record(delivery).wait().unwrap()
    }

    /// Appends one item as `edit` leaves it, at `minute` past the hour; gives its id.
    fn append(
        &self,
        source: &SourceId,
        guid: &str,
        minute: i64,
        edit: impl FnOnce(&mut Arrival),
    ) -> ItemId {
        let article = Article {
            headline: format!("Titre {guid}"),
            body: vec![Block::Paragraph(format!("Texte {guid}"))],
            ..Article::default()
        };
        let item = Item { guid: Some(guid.to_owned()), ..Item::of(source.clone(), article) };
        let id = item.id();
        let dispatch = DispatchId::from(&id);
        let story = StoryId::from(&dispatch);
        let mut arrival = Arrival {
            id: id.clone(),
            digest: item.digest(),
            item,
            teaser: "Accroche".to_owned(),
            external: None,
            received_at: self.now + SignedDuration::from_mins(minute),
            backfill: false,
            page_wanted: None,
            page_had: false,
            placed: Placed {
                dispatch,
                story,
                relation: "original".to_owned(),
                related_to: None,
                evidence: None,
                trace: None,
            },
            reading: "test",
        };
        edit(&mut arrival);
        arrival.digest = arrival.item.digest();
        let delivery = match self.deliver(source, &format!("{guid} {minute}")) {
            Recorded::New(id) | Recorded::Repeated(id) => id,
        };
        let read = Appended { delivery, ..Appended::default() };
        self.store.append(read, vec![arrival]).wait().unwrap();
        id
    }

    fn headlines(&self, viewer: Viewer) -> Vec<String> {
        let latest = self.store.latest(viewer, self.later(59), None, 50).unwrap();
        latest.rows.into_iter().map(|row| row.headline).collect()
    }

    fn later(&self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(minutes)
    }

    fn kinds(&self) -> Vec<Kind> {
        self.store.entries(0, 100).unwrap().into_iter().map(|entry| entry.kind).collect()
    }
}

fn join(founder: &ItemId) -> impl FnOnce(&mut Arrival) + use<> {
    let dispatch = DispatchId::from(founder);
    move |arrival: &mut Arrival| {
        arrival.placed.story = StoryId::from(&dispatch);
        arrival.placed.dispatch = dispatch;
        arrival.placed.relation = "copy".to_owned();
    }
}

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
fn a_source_tells_how_it_does() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let failure = FailureNote { word: "timeout".to_owned(), detail: "after 20 s".to_owned() };
    for minute in 1..3 {
        let failure = Some(failure.clone());
        let poll = Poll { failure, ..Poll::unchanged(desk.later(minute), desk.later(minute + 5)) };
        desk.store.polled(&a, poll).wait().unwrap();
    }
    let told = desk.store.source(Viewer::Reader, desk.now, &a).unwrap().unwrap();
    assert_eq!((told.failures, told.failure, told.succeeded_at), (2, Some(failure), None));
    assert!(desk.store.due_sources(desk.later(6), 9).unwrap().is_empty());
    desk.store
        .polled(
            &a,
            Poll {
                moved_to: Some(depeche_store::Moved {
                    address: "https://new.example/".to_owned(),
                    same_host: true,
                }),
                ..Poll::unchanged(desk.later(7), desk.later(9))
            },
        )
        .wait()
        .unwrap();
    let told = desk.store.source(Viewer::Reader, desk.now, &a).unwrap().unwrap();
    assert_eq!((told.failures, told.failure, told.succeeded_at), (0, None, Some(desk.later(7))));
    // It moved, and is the same source at its new address.
    assert_eq!(desk.source("https://new.example/", SourceVisibility::Shared), a);
    // It is known by its old address too, and keeps its name.
    let old = told.moved.as_ref().unwrap().address.clone();
    assert_eq!(
        (told.moved.unwrap().left_at, &*told.address),
        (desk.later(7), "https://new.example/")
    );
    let new = NewSource {
        address: old.clone(),
        name: Some("Autre".to_owned()),
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    assert_eq!(desk.store.add_source(new, desk.now).wait().unwrap(), (a.clone(), false));
    assert_eq!(desk.store.source_formerly_at(&old).unwrap(), Some(a.clone()));
    assert_eq!(desk.store.source(Viewer::Reader, desk.now, &a).unwrap().unwrap().name, told.name);
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
fn a_source_that_keeps_sending_what_cannot_be_read_is_never_well() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let poll = |minute| Poll::unchanged(desk.later(minute), desk.later(minute));
    desk.store.polled(&a, poll(1)).wait().unwrap();
    let Recorded::New(id) = desk.deliver(&a, "x") else { panic!("new bytes are a new delivery") };
    desk.store.refuse(id, Some(a.clone()), "not_a_feed", Vec::new()).wait().unwrap();
    desk.store.polled(&a, poll(2)).wait().unwrap();
    assert_eq!(desk.deliver(&a, "x"), Recorded::Repeated(id));
    let told = desk.store.source(Viewer::Reader, desk.now, &a).unwrap().unwrap();
    assert_eq!((told.failures, told.failure.unwrap().word.as_str()), (1, "not_a_feed"));
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
fn sources_are_read_in_turns_and_feeds_before_pages() {
    let desk = desk();
    let (greedy, modest) = (
        desk.source("greedy", SourceVisibility::Shared),
        desk.source("modest", SourceVisibility::Shared),
    );
    for n in 0..40 {
        desk.deliver(&greedy, &n.to_string());
    }
    desk.deliver(&modest, "x");
    let pending = desk.store.pending_deliveries(8).unwrap();
    assert!(pending.iter().any(|pending| pending.delivery.source == modest));
    let greedy: Vec<_> =
        pending.iter().filter(|p| p.delivery.source == greedy).map(|p| p.id).collect();
    assert!(greedy.is_sorted() && greedy.len() == 4);
}

#[test]
fn what_lists_show_of_sources_moves_a_counter() {
    let desk = desk();
    let outlets = || desk.store.changes().borrow().outlets;
    let moves = |act: &str, before: u64, expected: u64| {
        assert_eq!(outlets() - before, expected, "{act}");
        outlets()
    };
    let seen = outlets();
    let a = desk.source("a", SourceVisibility::Shared);
    let seen = moves("adding", seen, 1);
    desk.source("a", SourceVisibility::Shared);
    let seen = moves("adding again", seen, 0);
    let learn = |title: &str| {
        let delivery = match desk.deliver(&a, title) {
            Recorded::New(id) | Recorded::Repeated(id) => id,
        };
        let title = Some(title.to_owned());
        let read = Appended { delivery, source: Some(a.clone()), title, ..Appended::default() };
        desk.store.append(read, Vec::new()).wait().unwrap();
    };
    learn("Journal");
    let seen = moves("a feed's title where the operator chose the name", seen, 0);
    let change = |change| desk.store.change_source(&a, change, desk.now).wait().unwrap();
    assert!(change(SourceChange { name: Some(" ".to_owned()), ..SourceChange::default() }));
    let seen = moves("giving the name back", seen, 1);
    learn("Journal du soir");
    let seen = moves("a new title", seen, 1);
    learn("Journal du soir");
    let seen = moves("the same title", seen, 0);
    let same = Some("Journal du soir".to_owned());
    assert!(change(SourceChange { name: same, ..SourceChange::default() }));
    learn("Journal du matin");
    let seen = moves("saving the name that is there does not choose it", seen, 2);
    desk.store.set_source_state(&a, depeche_store::SourceState::Paused).wait().unwrap();
    let seen = moves("pausing", seen, 0);
    desk.store.remove_source(&a, desk.now).wait().unwrap();
    moves("removing", seen, 1);
    assert!(!change(SourceChange::default()), "a source that is gone is not changed");
}

#[test]
fn another_process_hears_of_a_name() {
    let desk = desk();
    let beside = Store::open(desk.store.folder()).unwrap();
    let (changes, seen) = (beside.changes(), beside.changes().borrow().outlets);
    desk.source("a", SourceVisibility::Shared);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while changes.borrow().outlets == seen {
        assert!(std::time::Instant::now() < deadline, "the other store never heard of it");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
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

#[test]
fn a_source_that_is_gone_for_good_is_paused_until_it_is_resumed() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let failure = FailureNote { word: "status_410".to_owned(), detail: String::new() };
    let polled = |minute, failure: Option<&FailureNote>, gone| {
        let poll = Poll {
            failure: failure.cloned(),
            gone,
            ..Poll::unchanged(desk.later(minute), desk.later(minute))
        };
        desk.store.polled(&a, poll).wait().unwrap();
    };
    let told = || desk.store.source(Viewer::Reader, desk.now, &a).unwrap().unwrap();
    let said = || desk.store.due_sources(desk.later(9), 9).unwrap()[0].gone_said;
    polled(0, Some(&failure), Gone::Said);
    polled(1, None, Gone::No);
    assert_eq!(said(), None, "it came back");
    polled(2, Some(&failure), Gone::Said);
    polled(3, Some(&failure), Gone::No);
    polled(4, Some(&failure), Gone::Said);
    assert_eq!((told().state, told().gone_at), (SourceState::Active, None));
    assert_eq!(said(), Some((desk.later(2), 2)), "another failure between takes nothing back");
    polled(5, Some(&failure), Gone::ForGood);
    let gone = told();
    assert_eq!((gone.state, gone.gone_at), (SourceState::Paused, Some(desk.later(5))));
    assert_eq!(gone.failure.as_ref(), Some(&failure));
    assert!(desk.store.due_sources(desk.later(9), 9).unwrap().is_empty());
    desk.store.set_source_state(&a, SourceState::Active).wait().unwrap();
    let back = told();
    assert_eq!((back.state, back.gone_at, back.failures), (SourceState::Active, None, 0));
    assert_eq!(said(), None);
    assert_eq!((back.failure, desk.store.due_sources(desk.later(9), 9).unwrap().len()), (None, 1));
}

#[test]
fn the_rhythm_of_a_source_is_that_of_its_items() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let known = || desk.store.due_sources(Timestamp::MAX, 9).unwrap().remove(0);
    assert_eq!((known().newest_at, known().week_items), (None, 0));
    // Its first document: what it holds is as old as it says.
    let at = |minute, edit: &dyn Fn(&mut Arrival)| {
        desk.append(&a, &format!("{minute}"), minute, |arrival| edit(arrival))
    };
    let _ = at(0, &|arrival| {
        arrival.item.article.published = Moment::parse("2016-02-01T08:00:00Z");
    });
    let poll =
        Poll { on_news_at: desk.later(12), ..Poll::unchanged(desk.later(10), desk.later(600)) };
    desk.store.polled(&a, poll).wait().unwrap();
    let next = || {
        let told = desk.store.source(Viewer::Reader, desk.now, &a).unwrap().unwrap();
        told.next_poll_at.unwrap()
    };
    assert_eq!(next(), desk.later(600));
    at(11, &|_| {});
    assert_eq!(next(), desk.later(12), "it had news: it is asked again as planned for that case");
    assert_eq!((known().newest_at, known().week_items), (Some(desk.later(11)), 1));
}

#[test]
fn a_source_is_asked_with_what_was_said_and_forgets_it_with_its_end() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let access = Access {
        user: Some("alice".to_owned()),
        password: Some("sesame".to_owned()),
        headers: vec![("x-key".to_owned(), "42".to_owned())],
        proxy: Some("http://p.example:3128/".to_owned()),
    };
    let has = || desk.store.due_sources(Timestamp::MAX, 9).unwrap()[0].has_access;
    assert!(!has());
    desk.store.set_access(&a, access.clone()).wait().unwrap();
    assert_eq!((has(), desk.store.access(&a).unwrap()), (true, Some(access.clone())));
    let page = |source: &SourceId| NewJob::FetchItem {
        source: source.clone(),
        address: "https://a.example/1".to_owned(),
        late: false,
    };
    let b = desk.source("b", SourceVisibility::Shared);
    for source in [&a, &b] {
        desk.store.add_job(page(source), desk.now).wait().unwrap();
    }
    let jobs = desk.store.due_jobs(desk.now, 9).unwrap();
    let mut told: Vec<_> = jobs.iter().map(|job| (job.what == page(&a), job.has_access)).collect();
    told.sort_unstable();
    assert_eq!(told, [(false, false), (true, true)]);
    desk.store.set_access(&a, Access::default()).wait().unwrap();
    assert_eq!((has(), desk.store.access(&a).unwrap()), (false, None));
    desk.store.set_access(&a, access).wait().unwrap();
    desk.store.remove_source(&a, desk.now).wait().unwrap();
    assert_eq!(desk.store.access(&a).unwrap(), None);
}

#[test]
fn hosts_rest_until_their_time() {
    let desk = desk();
    let rest = |host: &str, minute| {
        let host = format!("{host}.example:443");
        desk.store.rest_host(host, desk.later(minute), desk.now).wait().unwrap();
    };
    rest("a", 30);
    // Another source of the host was told something shorter at the same time.
    rest("a", 20);
    rest("b", 5);
    let known = |minute| {
        let mut rests = desk.store.host_rests(desk.later(minute)).unwrap();
        rests.sort();
        rests.into_iter().map(|(host, _)| host).collect::<Vec<_>>()
    };
    assert_eq!(known(0), ["a.example:443", "b.example:443"]);
    assert_eq!(known(20), ["a.example:443"]);
    assert!(known(30).is_empty());
    // What never ends in number ends here; the longest rests are kept.
    let many: Vec<_> = (0..HOSTS_REMEMBERED + 9)
        .map(|n| desk.store.rest_host(format!("{n}:443"), desk.later(6), desk.now))
        .collect();
    many.into_iter().for_each(|noted| noted.wait().unwrap());
    assert_eq!(known(0).len(), HOSTS_REMEMBERED);
    assert!(known(0).contains(&"a.example:443".to_owned()));
}

#[test]
fn the_pages_of_a_list_are_wanted_once() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let page = |n: u32| format!("https://a.example/{n}");
    let listed = |pages: &[u32]| {
        let pages = pages.iter().map(|n| page(*n)).collect();
        let poll = Poll { pages, ..Poll::unchanged(desk.now, desk.now) };
        desk.store.polled(&a, poll).wait().unwrap();
    };
    let wanted = || -> Vec<(String, bool)> {
        let jobs = desk.store.due_jobs(desk.later(1), 99).unwrap().into_iter();
        jobs.filter_map(|job| match job.what {
            NewJob::FetchItem { address, late, .. } => Some((address, late)),
            _ => None,
        })
        .collect()
    };
    listed(&[2, 1]);
    listed(&[3, 2, 1]);
    assert_eq!(wanted(), [(page(1), true), (page(2), true), (page(3), true)], "the oldest first");
    let jobs = desk.store.due_jobs(desk.later(1), 99).unwrap();
    jobs.iter().for_each(|job| {
        desk.store.finish_job(job.id, job.id % 2 == 0, String::new()).wait().unwrap();
    });
    listed(&[3, 2, 1]);
    assert!(wanted().is_empty(), "done or not, it was tried today");
    // What came in other ways is known too; what comes once the source has brought news is news.
    desk.append(&a, "4", 1, |arrival| arrival.item.address = Some(page(4)));
    listed(&[5, 4]);
    assert_eq!(wanted(), [(page(5), false)]);
}

#[test]
fn of_one_source_so_many_pages_wait_and_no_more() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let page = |n: usize| format!("https://a.example/{n}");
    let listed = || {
        let pages = (0..2 * PAGES_WAITING_MAX).map(page).collect();
        let poll = Poll { pages, ..Poll::unchanged(desk.now, desk.now) };
        desk.store.polled(&a, poll).wait().unwrap();
        desk.store.pages_wanted().unwrap()
    };
    assert_eq!((listed(), listed()), (PAGES_WAITING_MAX, PAGES_WAITING_MAX));
    let first = desk.store.due_jobs(desk.later(1), 1).unwrap().remove(0);
    let NewJob::FetchItem { address, .. } = first.what else { panic!("{first:?}") };
    assert_eq!(address, page(PAGES_WAITING_MAX - 1), "the newest, from their oldest on");
    // One is done: the next one that is still named takes its place.
    desk.store.finish_job(first.id, true, String::new()).wait().unwrap();
    assert_eq!(listed(), PAGES_WAITING_MAX);
}

#[test]
fn where_no_pages_are_wanted_the_teaser_is_all_there_is() {
    let desk = desk();
    let a = desk.source("a", SourceVisibility::Shared);
    let change = SourceChange { pages: Some(false), ..SourceChange::default() };
    assert!(desk.store.change_source(&a, change, desk.now).wait().unwrap());
    let teased = |guid: &str| {
        desk.append(&a, guid, 1, |arrival| {
            arrival.page_wanted = Some("https://a.example/1".to_owned());
            arrival.placed.trace = None;
        })
    };
    let item = teased("1");
    assert_eq!(desk.store.pages_wanted().unwrap(), 0);
    assert_eq!(desk.store.unplaced(9).unwrap(), [item], "and is placed by what it says");
    let change = SourceChange { pages: Some(true), ..SourceChange::default() };
    assert!(desk.store.change_source(&a, change, desk.now).wait().unwrap());
    teased("2");
    assert_eq!(desk.store.pages_wanted().unwrap(), 1);
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
