//! What goes for good and what expires, with a real file: read as bytes, as a thief would.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use depeche_news::{
    Article, Block, Delivery, DeliveryKind, DispatchId, Item, ItemId, Kind, Moment, SourceId,
    SourceVisibility, StoryId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Again, Appended, Arrival, Cutting, Keep, KeepSource, NewSource, Notice, Placed, ReadAgain,
    Recorded, Remains, Rereading, SourceKind, Store, TakenDown, Viewer,
};

/// A word that stands in the article of `victim` alone, in every field of it.
const WORD: &str = "Ornithorynque";

struct Desk {
    store: Store,
    now: Timestamp,
    folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    Desk { store, now: "2016-02-11T16:00:00Z".parse().unwrap(), folder }
}

/// Documents of these tests are lines, each with the guid of its item in front.
fn cut(delivery: &Delivery, cutting: Cutting<'_>) -> Remains {
    let text = String::from_utf8(delivery.body.clone()).unwrap();
    let id = |line: &str| ItemId::new(&delivery.source, line.split(' ').next(), None, "");
    let keep = |line: &&str| match cutting {
        Cutting::Without(ids) => !ids.contains(&id(line)),
        Cutting::Only(ids) => ids.contains(&id(line)),
    };
    let rest: String = text.split_inclusive('\n').filter(keep).collect();
    match rest.as_str() {
        "" => Remains::Nothing,
        rest if rest == text => Remains::Whole,
        rest => Remains::Part(rest.as_bytes().to_vec()),
    }
}

impl Desk {
    fn source(&self, address: &str) -> SourceId {
        let new = NewSource {
            address: address.to_owned(),
            name: Some(address.to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Feed,
        };
        self.store.add_source(new, self.now).wait().unwrap().0
    }

    fn record(&self, source: &SourceId, kind: DeliveryKind, days: i64, body: &str) -> i64 {
        let delivery = Delivery {
            source: source.clone(),
            address: match kind {
                DeliveryKind::Page(_) => format!("https://a.example/{WORD}"),
                _ => "https://a.example/fil".to_owned(),
            },
            kind,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            received_at: self.later(days),
            backfill: false,
            validators: Validators::default(),
        };
        match self.store.record(delivery).wait().unwrap() {
            Recorded::New(id) | Recorded::Repeated(id) => id,
        }
    }

    fn arrival(&self, source: &SourceId, guid: &str, days: i64, text: &str) -> Arrival {
        let article = Article {
            headline: text.to_owned(),
            credit: Some(text.to_owned()),
            section: Some(text.to_owned()),
            body: vec![Block::Paragraph(text.into())],
            ..Article::default()
        };
        let item = Item {
            guid: Some(guid.to_owned()),
            address: Some(format!("https://a.example/{text}")),
            ..Item::of(source.clone(), article)
        };
        let id = item.id();
        let dispatch = DispatchId::from(&id);
        Arrival {
            digest: item.digest(),
            id,
            teaser: text.to_owned(),
            external: Some(text.to_owned()),
            received_at: self.later(days),
            backfill: false,
            page_wanted: None,
            page_had: false,
            placed: Placed {
                story: StoryId::from(&dispatch),
                dispatch,
                relation: "original".to_owned(),
                related_to: None,
                evidence: Some(format!("\"{text}\"")),
                trace: Some(text.as_bytes().to_vec()),
            },
            reading: "1",
            item,
        }
    }

    fn append(&self, delivery: i64, arrivals: Vec<Arrival>) {
        let read = Appended { delivery, ..Appended::default() };
        self.store.append(read, arrivals).wait().unwrap();
    }

    /// One item, brought by a document of its own; gives its id.
    fn item(&self, source: &SourceId, guid: &str, days: i64) -> ItemId {
        let arrival = self.arrival(source, guid, days, &format!("Titre {guid}"));
        let id = arrival.id.clone();
        let body = format!("{guid} ici\nautre {days}\n");
        self.append(self.record(source, DeliveryKind::Feed, days, &body), vec![arrival]);
        id
    }

    fn later(&self, days: i64) -> Timestamp {
        self.now + SignedDuration::from_hours(24 * days)
    }

    fn take_down(&self, ids: &[&ItemId]) -> TakenDown {
        let ids = ids.iter().map(|id| (*id).clone()).collect();
        let now = self.later(1);
        let taken = self.store.take_down(ids, "Jugement du 9 mai".to_owned(), cut, now);
        let taken = taken.wait().unwrap();
        assert!(self.store.scrub().unwrap());
        taken
    }

    fn kinds(&self) -> Vec<Kind> {
        self.store.entries(0, 999).unwrap().into_iter().map(|entry| entry.kind).collect()
    }

    fn rows(&self) -> usize {
        self.store.latest(Viewer::Administrator, self.later(99), None, 50).unwrap().rows.len()
    }
}

/// Whether any file of the folder holds the word, as it is or in a zstd frame.
fn found(folder: &Path, word: &[u8]) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    std::fs::read_dir(folder).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let frames =
            bytes.windows(4).enumerate().filter(|(_, four)| *four == [0x28, 0xb5, 0x2f, 0xfd]);
        let mut decoded = frames.filter_map(|(at, _)| {
            zstd::bulk::decompress(&bytes[at..at + frame(&bytes[at..])], 1 << 20).ok()
        });
        holds(&bytes) || decoded.any(|decoded| holds(&decoded))
    })
}

fn frame(bytes: &[u8]) -> usize {
    zstd::zstd_safe::find_frame_compressed_size(bytes).unwrap_or(0)
}

#[test]
fn what_is_taken_down_is_in_no_file_any_more() {
    let desk = desk();
    let a = desk.source("a");
    let filler = "Du texte qui n'a rien à voir avec elle, mais qui remplit les pages. ".repeat(9);
    // Enough around it that its rows have moved between pages.
    for n in 0..60 {
        let arrival = desk.arrival(&a, &n.to_string(), 0, &format!("{n} {filler}"));
        let body = format!("{n} {filler}\nvictime {WORD} {n}\n");
        desk.append(desk.record(&a, DeliveryKind::Feed, 0, &body), vec![arrival]);
        if n == 30 {
            let mut victim = desk.arrival(&a, "victime", 0, &format!("{WORD} {filler}"));
            victim.page_wanted = Some(format!("https://a.example/{WORD}"));
            desk.append(
                desk.record(&a, DeliveryKind::Feed, 0, &format!("victime {WORD}\n")),
                vec![victim],
            );
        }
    }
    let id = ItemId::new(&a, Some("victime"), None, "");
    let mut page = desk.arrival(&a, "victime", 0, &format!("{WORD} en entier {filler}"));
    page.page_had = true;
    desk.append(desk.record(&a, DeliveryKind::Page(id.clone()), 0, WORD), vec![page]);
    desk.record(&a, DeliveryKind::Feed, 0, &format!("victime {WORD}, pas encore lu\n"));
    assert!(found(desk.folder.path(), WORD.as_bytes()), "the test looks in the right place");

    let taken = desk.take_down(&[&id]);
    assert_eq!(taken, TakenDown { items: 1, documents: 62, pages: 1 });
    assert!(!found(desk.folder.path(), WORD.as_bytes()));
    assert!(desk.store.check().unwrap().is_empty());
    let row = desk.store.latest(Viewer::Reader, desk.later(1), None, 99).unwrap().rows;
    let notice = row.into_iter().find_map(|row| row.notice).unwrap();
    assert_eq!(
        notice,
        Notice::Removed { at: desk.later(1), reason: "Jugement du 9 mai".to_owned() }
    );
    assert!(
        desk.store.article(Viewer::Reader, desk.later(1), &id).unwrap().unwrap().notice.is_some()
    );
    assert!(desk.store.papers(desk.later(1), std::slice::from_ref(&id)).unwrap().is_empty());
    assert!(desk.store.due_jobs(desk.later(2), 9).unwrap().is_empty());
    assert_eq!(desk.store.item(&id).unwrap(), None);
    // Again is nothing new.
    assert_eq!(desk.take_down(&[&id]).items, 0);
}

#[test]
fn what_is_taken_down_does_not_come_back() {
    let desk = desk();
    let a = desk.source("a");
    let id = desk.item(&a, "1", 0);
    desk.take_down(&[&id]);
    let arrival = desk.arrival(&a, "1", 2, WORD);
    let delivery = desk.record(&a, DeliveryKind::Feed, 2, &format!("1 {WORD}\n2 ici\n"));
    let gone = Some((vec![id.clone()], cut as depeche_store::Cut));
    let read = Appended { delivery, gone, ..Appended::default() };
    assert_eq!(desk.store.append(read, vec![arrival]).wait().unwrap(), 0);
    assert_eq!(desk.store.delivery(delivery).unwrap().delivery.body, b"2 ici\n");
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Removed]);
    // A page that was under way goes as well.
    let page = desk.record(&a, DeliveryKind::Page(id.clone()), 2, WORD);
    desk.store.refuse(page, None, "unreadable", Vec::new()).wait().unwrap();
    assert!(desk.store.delivery(page).unwrap().delivery.body.is_empty());
    // Live pages are told, of the dispatch that stands in their list.
    let live = desk.store.live_dispatches(Viewer::Reader, desk.later(3), 1, 9).unwrap();
    assert_eq!(live.told, [(Kind::Removed, DispatchId::from(&id))]);
    let removed = desk.store.removed_since(1, 9).unwrap();
    assert_eq!((removed.len(), removed[0].seq, removed[0].taken_down), (1, 2, true));
}

#[test]
fn a_dispatch_whose_lead_was_taken_down_keeps_its_row_and_its_redirects() {
    let desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    let founder = desk.item(&a, "1", 0);
    let mut copy = desk.arrival(&b, "2", 1, "Copie");
    copy.placed.dispatch = DispatchId::from(&founder);
    let copy_id = copy.id.clone();
    desk.append(desk.record(&b, DeliveryKind::Feed, 1, "2\n"), vec![copy]);
    desk.take_down(&[&founder]);
    let row = desk.store.latest(Viewer::Reader, desk.later(2), None, 9).unwrap().rows.remove(0);
    assert_eq!((row.item, row.copies, row.notice.is_some()), (founder.clone(), 1, true));
    let view = desk.store.article(Viewer::Reader, desk.later(2), &copy_id).unwrap().unwrap();
    assert_eq!((view.article.headline.as_str(), view.copies.len()), ("Copie", 1));
    let both = desk.store.items_of_dispatch(&DispatchId::from(&founder)).unwrap();
    assert_eq!(both.len(), 2);
}

#[test]
fn what_has_expired_is_nowhere() {
    let desk = desk();
    let a = desk.source("a");
    let old = desk.item(&a, "1", 0);
    let mut copy = desk.arrival(&a, "2", 0, "Copie");
    copy.placed.dispatch = DispatchId::from(&old);
    desk.append(desk.record(&a, DeliveryKind::Feed, 0, "2\n"), vec![copy]);
    desk.item(&a, "3", 20);
    let keep = Keep { items_days: Some(30), ..Keep::default() };
    assert_eq!(desk.store.expire(keep, desk.later(29), 9).wait().unwrap(), 0);
    assert_eq!(desk.store.retention_due(keep, desk.later(31)).unwrap().items, 2);
    assert_eq!(desk.store.expire(keep, desk.later(31), 9).wait().unwrap(), 2);
    assert_eq!(desk.store.expire(keep, desk.later(31), 9).wait().unwrap(), 0);
    for viewer in [Viewer::Reader, Viewer::Administrator] {
        let now = desk.later(31);
        let rows = desk.store.latest(viewer, now, None, 9).unwrap().rows;
        assert_eq!(rows.len(), 1);
        assert!(desk.store.article(viewer, now, &old).unwrap().is_none());
        assert!(desk.store.dispatch_lead(viewer, now, &DispatchId::from(&old)).unwrap().is_none());
        assert!(desk.store.has_expired(viewer, now, old.as_str()).unwrap());
        assert_eq!(desk.store.sources(viewer, now).unwrap()[0].items, 1);
        assert_eq!(desk.store.latest_of_source(viewer, now, &a, None, 9).unwrap().rows.len(), 1);
        let mut listed = 0;
        desk.store.each_item(viewer, now, |_| listed += 1).unwrap();
        assert_eq!(listed, 1);
    }
    assert!(desk.store.papers(desk.later(31), std::slice::from_ref(&old)).unwrap().is_empty());
    // Nobody is told live of what only grew old, and a feed that still carries it brings nothing back.
    assert!(
        desk.store.live_dispatches(Viewer::Reader, desk.later(31), 3, 9).unwrap().told.is_empty()
    );
    let again = desk.arrival(&a, "1", 32, "Titre 1");
    desk.append(desk.record(&a, DeliveryKind::Feed, 32, "1\n"), vec![again]);
    assert_eq!(desk.rows(), 1);
    // A new item of its dispatch lists it again, with that one alone.
    let mut late = desk.arrival(&a, "4", 33, "Suite");
    late.placed.dispatch = DispatchId::from(&old);
    desk.append(desk.record(&a, DeliveryKind::Feed, 33, "4\n"), vec![late]);
    let row = desk.store.latest(Viewer::Reader, desk.later(34), None, 9).unwrap().rows.remove(0);
    assert_eq!((row.headline.as_str(), row.copies), ("Suite", 0));
    assert!(desk.store.check().unwrap().is_empty());
}

#[test]
fn a_clock_that_jumps_moves_what_is_old_by_a_day() {
    let desk = desk();
    let time = |now| desk.store.keeping_time(now).wait().unwrap();
    assert_eq!(time(desk.later(3)), desk.later(3), "nothing is on the wire yet");
    assert_eq!(time(desk.later(400)), desk.later(4));
    assert_eq!(time(desk.later(400)), desk.later(5));
    assert_eq!(time(desk.later(5)), desk.later(5));
}

#[test]
fn a_source_may_keep_its_items_longer_or_shorter_than_all() {
    let desk = desk();
    let (a, b, c) = (desk.source("a"), desk.source("b"), desk.source("c"));
    for source in [&a, &b, &c] {
        desk.item(source, "1", 0);
    }
    desk.store.keep_source(&a, KeepSource::Days(5)).wait().unwrap();
    desk.store.keep_source(&b, KeepSource::Forever).wait().unwrap();
    let expire = |items_days, days| {
        let keep = Keep { items_days, ..Keep::default() };
        desk.store.expire(keep, desk.later(days), 9).wait().unwrap()
    };
    assert_eq!(
        (expire(None, 4), expire(None, 6), expire(Some(10), 9), expire(Some(10), 11)),
        (0, 1, 0, 1)
    );
    desk.store.keep_source(&b, KeepSource::AsAll).wait().unwrap();
    assert_eq!(expire(Some(10), 11), 1);
}

#[test]
fn an_embargoed_item_expires_by_its_age_and_leaves_no_trace() {
    let desk = desk();
    let a = desk.source("a");
    let mut held = desk.arrival(&a, "1", 0, "Sous embargo");
    held.item.embargoed_until = Some(Moment::utc(desk.later(90)));
    let id = held.id.clone();
    desk.append(desk.record(&a, DeliveryKind::Feed, 0, "1\n"), vec![held]);
    let keep = Keep { items_days: Some(30), ..Keep::default() };
    assert_eq!(desk.store.expire(keep, desk.later(40), 9).wait().unwrap(), 1);
    assert_eq!(desk.store.release(desk.later(91)).wait().unwrap(), 0);
    assert!(!desk.store.has_expired(Viewer::Administrator, desk.later(91), id.as_str()).unwrap());
}

#[test]
fn documents_are_reduced_to_what_brought_something() {
    let desk = desk();
    let a = desk.source("a");
    let brought = desk.item(&a, "1", 0);
    let nothing = desk.record(&a, DeliveryKind::Feed, 1, "1 ici\nautre 1\n");
    desk.append(nothing, Vec::new());
    desk.item(&a, "2", 2);
    let reduce = |days| {
        let due = desk.store.due_documents(Keep::default(), desk.later(days), 9).unwrap();
        let cuts = due.into_iter().map(|due| {
            let remains = cut(&due.document.delivery, Cutting::Only(&due.brought));
            (due, remains)
        });
        desk.store.reduce(cuts.collect()).wait().unwrap()
    };
    assert_eq!((reduce(6), reduce(8), reduce(8)), (0, 1, 0));
    assert_eq!(desk.store.delivery(1).unwrap().delivery.body, b"1 ici\n");
    assert_eq!(reduce(10), 2);
    assert!(desk.store.delivery(nothing).is_err());
    assert_eq!(desk.store.delivery(3).unwrap().delivery.body, b"2 ici\n");
    // With its item the rest goes, and the same bytes are still known.
    let keep = Keep { items_days: Some(30), ..Keep::default() };
    assert_eq!(desk.store.expire(keep, desk.later(40), 9).wait().unwrap(), 2);
    assert!(desk.store.delivery(1).is_err());
    assert_eq!(desk.record(&a, DeliveryKind::Feed, 41, "2 ici\nautre 2\n"), 3);
    assert!(desk.store.has_expired(Viewer::Reader, desk.later(41), brought.as_str()).unwrap());
}

#[test]
fn a_document_cut_meanwhile_is_not_put_back() {
    let desk = desk();
    let a = desk.source("a");
    let id = desk.item(&a, "1", 0);
    let mut due = desk.store.due_documents(Keep::default(), desk.later(9), 9).unwrap();
    desk.take_down(&[&id]);
    let due = due.remove(0);
    let remains = cut(&due.document.delivery, Cutting::Only(&due.brought));
    assert_eq!(desk.store.reduce(vec![(due, remains)]).wait().unwrap(), 0);
    assert_eq!(desk.store.delivery(1).unwrap().delivery.body, b"autre 0\n");
}

#[test]
fn pages_go_when_they_are_old_and_are_taken_in_again() {
    let desk = desk();
    let a = desk.source("a");
    let mut teaser = desk.arrival(&a, "1", 0, "Accroche");
    teaser.page_wanted = Some("https://a.example/1".to_owned());
    let id = teaser.id.clone();
    desk.append(desk.record(&a, DeliveryKind::Feed, 0, "1\n"), vec![teaser]);
    let mut page = desk.arrival(&a, "1", 0, "Entier");
    page.page_had = true;
    let delivery = desk.record(&a, DeliveryKind::Page(id.clone()), 0, "la page");
    desk.append(delivery, vec![page]);
    let keep = Keep { pages_days: Some(10), ..Keep::default() };
    assert_eq!(desk.store.drop_pages(Keep::default(), desk.later(99), 9).wait().unwrap(), 0);
    assert_eq!(desk.store.drop_pages(keep, desk.later(9), 9).wait().unwrap(), 0);
    assert_eq!(desk.store.retention_due(keep, desk.later(11)).unwrap().pages, 1);
    assert_eq!(desk.store.drop_pages(keep, desk.later(11), 9).wait().unwrap(), 1);
    assert_ne!(desk.record(&a, DeliveryKind::Page(id), 12, "la page"), delivery);
}

#[test]
fn figures_say_what_a_keep_would_save() {
    let desk = desk();
    let a = desk.source("a");
    desk.item(&a, "1", 0);
    desk.item(&a, "2", 40);
    let now = desk.later(41);
    let bytes = desk.store.source_bytes(now).unwrap();
    assert_eq!((bytes.len(), bytes[0].items), (1, 2));
    assert!(bytes[0].article_bytes_a_day > 0 && bytes[0].raw_bytes_a_day > 0);
    let savings = desk.store.savings(now, &[30, 90]).unwrap();
    assert_eq!((savings[0].items, savings[1].items, savings[1].bytes), (1, 0, 0));
    assert!(savings[0].bytes > 0);
}

#[test]
fn a_spoilt_article_is_read_again_in_its_place() {
    let desk = desk();
    let a = desk.source("a");
    let id = desk.item(&a, "1", 0);
    let mark = |which| desk.store.mark_to_reread(which).wait().unwrap();
    assert_eq!(mark(Rereading { unless_read_by: Some("1"), ..Rereading::default() }), 0);
    assert_eq!(mark(Rereading { since: Some(desk.later(1)), ..Rereading::default() }), 0);
    assert_eq!(mark(Rereading { source: Some(desk.source("b")), ..Rereading::default() }), 0);
    assert_eq!(mark(Rereading { unless_read_by: Some("2"), ..Rereading::default() }), 1);
    let file = rusqlite::Connection::open(desk.folder.path().join("depeche.sqlite")).unwrap();
    file.execute("UPDATE version SET article = x'00', headline = 'gâté'", []).unwrap();
    let again = |item: Item| {
        let before = desk.store.to_reread(9).unwrap().remove(0);
        let read = ReadAgain {
            digest: item.digest(),
            item,
            teaser: "t".to_owned(),
            trace: None,
            reading: "2",
            before,
        };
        desk.store.reread(vec![Again::Read(Box::new(read))], desk.later(1)).wait().unwrap();
        desk.store.rereading().unwrap()
    };
    let item = desk.arrival(&a, "1", 0, "Titre 1").item;
    let (left, done) = again(item.clone());
    assert_eq!((left, done.reread, done.changed, done.unreadable), (0, 1, 1, 0));
    assert_eq!(desk.store.item(&id).unwrap(), Some(item.clone()));
    assert_eq!(desk.kinds(), [Kind::Published, Kind::Revised]);
    // Once more changes nothing, and nobody is told.
    assert_eq!(mark(Rereading::default()), 1);
    let (_, done) = again(item);
    assert_eq!((done.reread, done.changed), (1, 0));
    assert_eq!(desk.kinds().len(), 2);
    let view = desk.store.article(Viewer::Reader, desk.later(2), &id).unwrap().unwrap();
    assert_eq!((view.versions.len(), view.at), (1, desk.now));
}
