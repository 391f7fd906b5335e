//! Sources in the store: how they do, how they are asked, what of their pages is wanted.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use depeche_news::limits::collect::{HOSTS_REMEMBERED, PAGES_WAITING_MAX};
use depeche_news::{Access, Moment, SourceId, SourceVisibility, jiff::Timestamp};
use depeche_store::{
    Appended, Arrival, FailureNote, Gone, NewJob, NewSource, Poll, Recorded, SourceChange,
    SourceKind, SourceState, Store, Viewer,
};

use support::desk;

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
fn a_name_is_one_line_that_turns_nothing() {
    let desk = desk();
    let a = desk.source("  Le\u{202e} Fil\n\u{0}de l\u{2066}'Est ", SourceVisibility::Shared);
    let name = || desk.store.source(Viewer::Administrator, desk.now, &a).unwrap().unwrap().name;
    assert_eq!(name(), "Le Fil de l'Est");
    let change = SourceChange { name: Some("AF\u{2069}P\t".to_owned()), ..SourceChange::default() };
    assert!(desk.store.change_source(&a, change, desk.now).wait().unwrap());
    assert_eq!(name(), "AFP");
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
