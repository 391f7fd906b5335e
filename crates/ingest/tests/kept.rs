//! What a restart makes of the window: by its snapshot, without one, with one that is old, damaged or not ours.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use depeche_ingest::{Ingest, cut};
use depeche_news::{
    DeliveryKind, ItemId, SourceId, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Decided, DecisionKind, Keep, NewJob, Store, restore};
use support::{outlet, record, rss};

struct Desk {
    store: Store,
    ingest: Option<Ingest>,
    now: Timestamp,
    folder: tempfile::TempDir,
}

/// Words of an article that nothing else has, by its number.
fn text(number: u32) -> Vec<String> {
    let word = |at: u32| {
        let hash = (number * 1_000 + at).wrapping_mul(0x9e37_79b1);
        let letter =
            |nibble: u32| char::from(b"abdefilmnoprstuv"[(hash >> (4 * nibble)) as usize & 15]);
        let word: String = (0..8).map(letter).collect();
        format!("{}{word}", ["Q", "x", "v", "z"][at as usize % 4])
    };
    (0..6)
        .map(|line| (0..16).map(|at| word(line * 16 + at)).collect::<Vec<_>>().join(" "))
        .collect()
}

fn item(guid: &str, title: &str, lines: &[String]) -> String {
    let text: String = lines.iter().map(|line| format!("&lt;p>{line}.&lt;/p>")).collect();
    format!(
        "<item><title>{title}</title><link>https://a.example/{guid}</link>\
         <guid isPermaLink=\"false\">{guid}</guid><description>{text}</description></item>"
    )
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = "2016-02-11T16:00:00Z".parse().unwrap();
    let mut desk = Desk { store, ingest: None, now, folder };
    desk.start();
    desk
}

impl Desk {
    fn start(&mut self) {
        self.ingest = Some(Ingest::start(&self.store, self.now).unwrap().unwrap());
    }

    fn stop(&mut self) {
        self.ingest.take().unwrap().stop(self.now);
    }

    /// As a process that was killed leaves it.
    fn kill(&mut self) {
        self.ingest = None;
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("window.snapshot")
    }

    /// One that is not believed at the start is not there after it.
    fn is_kept(&self) -> bool {
        self.file().exists()
    }

    fn source(&self, name: &str) -> SourceId {
        outlet(&self.store, name, self.now)
    }

    fn work(&mut self) {
        let ingest = self.ingest.as_mut().unwrap();
        while ingest.work(self.now, || true).unwrap() > 0 {}
    }

    fn feed(&mut self, source: &SourceId, items: &[String]) {
        self.now += SignedDuration::from_secs(10);
        record(&self.store, source, DeliveryKind::Feed, rss(&items.concat()), self.now);
        self.work();
    }

    /// No page can be had: teasers are all there is.
    fn no_pages(&mut self) {
        for job in self.store.due_jobs(self.now, 99).unwrap() {
            if let NewJob::FetchPage { item, .. } = job.what {
                self.store.page_missing(&item).wait().unwrap();
            }
        }
        self.work();
    }

    /// Where all items are, and by what.
    fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        let later = self.now + SignedDuration::from_hours(1);
        self.store
            .each_item(Viewer::Reader, later, |item| {
                places.push(format!(
                    "{} {} {} {}",
                    item.id, item.dispatch, item.story, item.relation
                ));
            })
            .unwrap();
        places.sort();
        places
    }

    fn take_down(&self, id: &ItemId) {
        self.store.take_down(vec![id.clone()], String::new(), cut, self.now).wait().unwrap();
    }
}

fn id(source: &SourceId, guid: &str) -> ItemId {
    ItemId::new(source, Some(guid), None, "")
}

/// How a process ends now and then.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Never,
    Stop,
    Kill,
    StopAndLose,
}

/// A stream of new articles, copies, versions and teasers, with ends of the process in between.
fn streamed(end: End) -> Vec<String> {
    let mut desk = desk();
    let sources = ["a", "b", "c"].map(|name| desk.source(name));
    for n in 0..90u32 {
        let source = &sources[n as usize % 3];
        let (guid, title) =
            (n.to_string(), format!("Titre {n} Q{:x}", n.wrapping_mul(0x9e37_79b1)));
        let before = n.saturating_sub(7);
        let mut lines = text(if n % 4 == 1 { before } else { n });
        let guid = if n % 6 == 4 { (n - 3).to_string() } else { guid };
        match n % 10 {
            3 => lines.truncate(1),
            5 => lines[2] = text(before)[3].clone(),
            _ => {}
        }
        desk.feed(source, &[item(&guid, &title, &lines)]);
        if n % 10 == 6 {
            desk.no_pages();
        }
        if n % 8 == 7 && end != End::Never {
            // Of an earlier moment, when it is killed.
            if end == End::Kill && n % 16 == 7 {
                desk.kill();
            } else {
                desk.stop();
            }
            if end == End::StopAndLose {
                fs::remove_file(desk.file()).unwrap();
            }
            desk.start();
            assert_eq!(desk.is_kept(), end != End::StopAndLose, "{end:?} after {n}");
        }
    }
    desk.places()
}

#[test]
fn places_are_the_same_whatever_ends_the_process() {
    let never = streamed(End::Never);
    let relations = ["copy", "teaser", "original"];
    assert!(
        relations.iter().all(|word| never.iter().any(|place| place.ends_with(word))),
        "{never:#?}"
    );
    for end in [End::Stop, End::Kill, End::StopAndLose] {
        assert_eq!(streamed(end), never, "{end:?}");
    }
}

#[test]
fn a_window_is_kept_while_the_wire_runs_too() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "Un", &text(1))]);
    assert!(!desk.is_kept());
    desk.now += SignedDuration::from_mins(1);
    desk.work();
    assert!(desk.is_kept());
    desk.feed(&a, &[item("2", "Deux", &text(2))]);
    desk.kill();
    desk.start();
    assert!(desk.is_kept());
    desk.feed(&b, &[item("3", "Trois", &text(2)), item("4", "Quatre", &text(1))]);
    let known = desk.store.known(&[id(&b, "3"), id(&b, "4")]).unwrap();
    assert_eq!(known[&id(&b, "3")].dispatch.as_str(), id(&a, "2").as_str());
    assert_eq!(known[&id(&b, "4")].dispatch.as_str(), id(&a, "1").as_str());
}

/// What is done to an item between the snapshot and the next start, with nothing of it on the wire.
#[test]
fn what_the_wire_does_not_tell_is_told_the_window() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("teaser", "Un", &text(1)[..1])]);
    desk.stop();
    desk.start();
    let cursor = desk.store.cursor().unwrap();
    desk.no_pages();
    assert_eq!(desk.store.cursor().unwrap(), cursor, "nothing was told");
    desk.kill();
    desk.start();
    assert!(desk.is_kept());
    desk.feed(&b, &[item("whole", "Deux", &text(1))]);
    let known = desk.store.known(&[id(&b, "whole")]).unwrap();
    assert_eq!(known[&id(&b, "whole")].dispatch.as_str(), id(&a, "teaser").as_str());
    // A snapshot of before that, put back by whomever, is not believed.
    desk.stop();
    let old = fs::read(desk.file()).unwrap();
    desk.start();
    desk.feed(&a, &[item("other", "Trois", &text(3)[..1])]);
    desk.feed(&a, &[item("another", "Quatre", &text(4))]);
    desk.no_pages();
    desk.feed(&a, &[item("third", "Cinq", &text(5))]);
    desk.stop();
    fs::write(desk.file(), old).unwrap();
    desk.start();
    assert!(!desk.is_kept());
}

/// The hashes of the terms of an item, as they stand in its trace.
fn terms(trace: &[u8]) -> Vec<[u8; 4]> {
    let count = |at: usize| usize::from(u16::from_le_bytes([trace[at], trace[at + 1]]));
    let begin = 12 + 4 * (count(6) + count(8));
    trace[begin..].chunks_exact(5).map(|term| term[..4].try_into().unwrap()).collect()
}

/// How many of these stand somewhere in the file.
fn found(desk: &Desk, hashes: &[[u8; 4]]) -> usize {
    let file = fs::read(desk.file()).unwrap();
    hashes.iter().filter(|hash| file.windows(4).any(|four| four == *hash)).count()
}

#[test]
fn nothing_of_what_was_taken_down_is_in_a_snapshot() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("gone", &text(1)[0], &text(1)), item("stays", &text(2)[0], &text(2))]);
    let gone = id(&a, "gone");
    let hashes = terms(&desk.store.trace(&gone).unwrap().unwrap());
    desk.stop();
    assert_eq!((hashes.len() > 10, found(&desk, &hashes)), (true, hashes.len()));
    // While nothing runs: the command takes it away, and where it did not come to that, the next start does.
    let before = fs::read(desk.file()).unwrap();
    desk.take_down(&gone);
    assert!(desk.store.scrub().unwrap() && !desk.is_kept());
    fs::write(desk.file(), &before).unwrap();
    desk.start();
    assert!(!desk.is_kept());
    // Nor what a killed process left of one.
    let part = desk.folder.path().join("window.snapshot.part");
    fs::write(&part, &before).unwrap();
    assert!(desk.store.scrub().unwrap() && !part.exists());
    fs::write(&part, before).unwrap();
    desk.kill();
    desk.start();
    assert!(!part.exists());
    desk.feed(&b, &[item("copy", &text(1)[0], &text(1))]);
    let known = desk.store.known(&[id(&b, "copy")]).unwrap();
    assert_eq!(known[&id(&b, "copy")].dispatch.as_str(), id(&b, "copy").as_str());
    // While it runs.
    desk.now += SignedDuration::from_mins(2);
    desk.work();
    assert!(desk.is_kept() && found(&desk, &hashes) > 10);
    desk.take_down(&id(&b, "copy"));
    desk.work();
    assert!(!desk.is_kept());
    desk.now += SignedDuration::from_mins(2);
    desk.work();
    assert!(desk.is_kept());
    assert_eq!(found(&desk, &hashes), 0);
    let stays = terms(&desk.store.trace(&id(&a, "stays")).unwrap().unwrap());
    assert_eq!(found(&desk, &stays), stays.len());
}

#[test]
fn what_has_expired_does_not_come_back_by_a_snapshot() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "Un", &text(1))]);
    desk.stop();
    desk.now += SignedDuration::from_hours(30);
    let keep = Keep { items_days: Some(1), ..Keep::default() };
    assert_eq!(desk.store.expire(keep, desk.now, 9).wait().unwrap(), 1);
    desk.start();
    assert!(desk.is_kept());
    desk.feed(&b, &[item("2", "Un", &text(1))]);
    let known = desk.store.known(&[id(&b, "2")]).unwrap();
    assert_eq!(known[&id(&b, "2")].dispatch.as_str(), id(&b, "2").as_str());
}

#[test]
fn a_damaged_snapshot_is_left() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "Un", &text(1))]);
    desk.stop();
    let whole = fs::read(desk.file()).unwrap();
    let line = whole.iter().position(|&byte| byte == b'\n').unwrap();
    let mut damaged = vec![Vec::new(), whole[..line].to_vec(), whole[..whole.len() - 1].to_vec()];
    damaged.push(b"{}\n".repeat(4_000));
    for at in [0, 9, line - 3, line, line + 1, line + 20, line + 60, whole.len() - 9] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        damaged.push(bytes);
    }
    for (number, bytes) in damaged.into_iter().enumerate() {
        fs::write(desk.file(), bytes).unwrap();
        desk.start();
        assert!(!desk.is_kept(), "damage {number}");
        desk.kill();
    }
    fs::write(desk.file(), whole).unwrap();
    desk.start();
    assert!(desk.is_kept());
    desk.feed(&b, &[item("2", "Deux", &text(1))]);
    let known = desk.store.known(&[id(&b, "2")]).unwrap();
    assert_eq!(known[&id(&b, "2")].dispatch.as_str(), id(&a, "1").as_str());
}

/// What is there in the place of a snapshot, or of one in the making.
#[derive(Clone, Copy, Debug)]
enum Odd {
    Pipe,
    Folder,
    FullFolder,
    Link,
    LinkToNothing,
}

impl Odd {
    const ALL: [Self; 5] =
        [Self::Pipe, Self::Folder, Self::FullFolder, Self::Link, Self::LinkToNothing];

    fn make(self, at: &Path) {
        let link = |to: &str| std::os::unix::fs::symlink(to, at).unwrap();
        match self {
            Self::Pipe => assert!(Command::new("mkfifo").arg(at).status().unwrap().success()),
            Self::Folder => fs::create_dir(at).unwrap(),
            Self::FullFolder => fs::create_dir_all(at.join("x")).unwrap(),
            Self::Link => link("precious"),
            Self::LinkToNothing => link("nowhere"),
        }
    }

    /// A folder is none of ours: it stays, and nothing is kept.
    fn stays(self) -> bool {
        matches!(self, Self::Folder | Self::FullFolder)
    }
}

#[test]
fn what_is_no_file_keeps_nothing_from_being_taken_in() {
    for odd in Odd::ALL {
        for name in ["window.snapshot", "window.snapshot.part"] {
            let mut desk = desk();
            let a = desk.source("a");
            let precious = desk.folder.path().join("precious");
            fs::write(&precious, "precious").unwrap();
            desk.feed(&a, &[item("1", "Un", &text(1))]);
            desk.kill();
            let at = desk.folder.path().join(name);
            odd.make(&at);
            desk.start();
            desk.feed(&a, &[item("2", "Deux", &text(1))]);
            let known = desk.store.known(&[id(&a, "2")]).unwrap();
            assert_eq!(known[&id(&a, "2")].dispatch.as_str(), id(&a, "1").as_str());
            desk.take_down(&id(&a, "1"));
            assert!(desk.store.scrub().unwrap(), "{odd:?} {name}");
            desk.work();
            desk.stop();
            let kept = fs::symlink_metadata(desk.file()).is_ok_and(|file| file.is_file());
            assert_eq!(kept, !odd.stays(), "{odd:?} {name}");
            assert_eq!(fs::read_to_string(precious).unwrap(), "precious", "{odd:?} {name}");
        }
    }
}

#[test]
fn a_snapshot_of_another_life_or_another_wire_is_left() {
    let mut desk = desk();
    let a = desk.source("a");
    desk.feed(&a, &[item("1", "Un", &text(1))]);
    desk.stop();
    let old = fs::read(desk.file()).unwrap();
    let backup = desk.folder.path().join("copy.sqlite");
    desk.store.backup(&backup, |_, _| {}).unwrap();
    let refused = desk.store.backup(&desk.file(), |_, _| {});
    assert!(refused.is_err());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("window.snapshot"), &old).unwrap();
    restore(&backup, folder.path(), false, |_, _| {}).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut restored = Desk { store, ingest: None, now: desk.now, folder };
    assert!(!restored.is_kept(), "a restore leaves none");
    fs::write(restored.file(), &old).unwrap();
    restored.start();
    assert!(!restored.is_kept());

    let mut other = self::desk();
    let source = other.source("b");
    other.feed(&source, &[item("1", "Un", &text(1))]);
    other.kill();
    fs::write(other.file(), &old).unwrap();
    other.start();
    assert!(!other.is_kept());
}

#[test]
fn what_an_editor_says_is_in_the_window_after_a_start() {
    // Said while the ingest runs and has not looked yet, or while nothing runs; which ends by itself, or is killed.
    for (running, killed) in [(true, false), (true, true), (false, false)] {
        let mut desk = desk();
        let (a, b) = (desk.source("a"), desk.source("b"));
        desk.feed(&a, &[item("1", "Un", &text(1)), item("2", "Deux", &text(2))]);
        desk.stop();
        if running {
            desk.start();
        }
        let (first, second) = (id(&a, "1"), id(&a, "2"));
        let kind = DecisionKind::SameStory;
        let decided = desk.store.decide(kind, second.clone(), Some(first), desk.now).wait();
        assert!(matches!(decided, Ok(Decided::Done { .. })), "{decided:?}");
        match (running, killed) {
            (true, true) => desk.kill(),
            (true, false) => desk.stop(),
            (false, _) => {}
        }
        desk.start();
        assert!(desk.is_kept());
        desk.feed(&b, &[item("3", "Trois", &text(2))]);
        let known = desk.store.known(&[id(&b, "3")]).unwrap();
        let place = &known[&id(&b, "3")];
        assert_eq!(place.dispatch.as_str(), second.as_str());
        assert_eq!(place.story.as_str(), id(&a, "1").as_str(), "{running} {killed}");
    }
}
