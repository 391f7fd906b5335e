//! The store and the machine it runs on: refusals that change nothing, troubles, leases, backups.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod earlier;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use depeche_news::{
    Delivery, DeliveryKind, SourceId, SourceVisibility, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Chain, ClockSays, Error, Lease, NewJob, NewSource, SourceKind, Store, TroubleKind, restore,
};
use earlier::{TOKEN, wire};
use rusqlite::Connection;
use tempfile::TempDir;

fn now() -> Timestamp {
    "2016-02-12T00:00:00Z".parse().unwrap()
}

/// Opens a folder that must be refused; gives the sentence, after looking that nothing changed.
#[track_caller]
fn refused(folder: &TempDir) -> String {
    let file = folder.path().join("depeche.sqlite");
    let before = fs::read(&file).unwrap();
    let error = Store::open(folder.path()).err().expect("it is refused").to_string();
    assert_eq!(fs::read(&file).unwrap(), before, "{error}");
    error
}

fn laid(bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("depeche.sqlite"), bytes).unwrap();
    folder
}

#[test]
fn what_is_not_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("depeche.sqlite");
    let foreign = Connection::open(&file).unwrap();
    foreign.execute_batch("CREATE TABLE notes (text)").unwrap();
    let told = format!("{} was not made by Dépêche", file.display());
    assert_eq!(refused(&folder), told);
    foreign.execute_batch("PRAGMA application_id = 7; PRAGMA user_version = 1").unwrap();
    assert_eq!(refused(&folder), told);
    foreign.execute_batch("PRAGMA application_id = -7; PRAGMA user_version = -1").unwrap();
    assert_eq!(refused(&folder), told);

    let damaged =
        refused(&laid(b"Le texte d'une note, qui n'est pas une base de donn\xe9es. Et plus."));
    assert!(damaged.starts_with("the store is damaged: "), "{damaged}");
    let ours = wire();
    let mut bytes = fs::read(ours.path().join("depeche.sqlite")).unwrap();
    bytes[100..8192].fill(0xA5);
    let damaged = refused(&laid(&bytes));
    assert!(damaged.starts_with("the store is damaged: "), "{damaged}");
}

#[test]
fn a_folder_that_is_a_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wire");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file).err().unwrap().to_string();
    assert_eq!(error, format!("cannot open the store in {}: it is not a folder", file.display()));
}

#[test]
fn a_wire_of_another_user_is_refused() {
    let folder = wire();
    let file = folder.path().join("depeche.sqlite");
    if std::os::unix::fs::chown(&file, Some(12345), None).is_ok() {
        assert!(refused(&folder).contains("belongs to user 12345"));
        return;
    }
    // Who may not give files away is no administrator, and is refused what it may not write.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(refused(&folder).starts_with("this user may not read and write"));
}

#[test]
fn a_wire_in_a_folder_that_others_may_enter_is_not_theirs_to_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.new_administrator_token().wait().unwrap();
    for name in ["depeche.sqlite", "depeche.sqlite-wal", "depeche.sqlite-shm"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_new_folder_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a/b");
    let _lease = Lease::take(&data, "collect").unwrap().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("collect.lock"))), (0o700, 0o600));
}

#[test]
fn a_lease_says_who_holds_it_and_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let held = Lease::take(folder.path(), "collect").unwrap().unwrap();
    let patience = Duration::from_millis(60);
    let error = Lease::take_within(folder.path(), "collect", patience).unwrap_err();
    let expected = format!(
        "another depeche (process {}) collects in {}",
        std::process::id(),
        folder.path().display()
    );
    assert_eq!(error.to_string(), expected);
    let waiting = std::thread::spawn({
        let folder = folder.path().to_owned();
        move || Lease::take_within(&folder, "collect", Duration::from_secs(60)).is_ok()
    });
    drop(held);
    assert!(waiting.join().unwrap());
}

struct Desk {
    store: Store,
    source: SourceId,
    _folder: TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let new = NewSource {
        address: "https://a.example/fil.rss".into(),
        name: None,
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    let source = store.add_source(new, now()).wait().unwrap().0;
    Desk { store, source, _folder: folder }
}

impl Desk {
    fn record(&self) -> Result<(), Error> {
        let delivery = Delivery {
            source: self.source.clone(),
            kind: DeliveryKind::Feed,
            address: "https://a.example/fil.rss".into(),
            headers: Vec::new(),
            body: b"un fil".to_vec(),
            received_at: now(),
            backfill: false,
            validators: Validators::default(),
        };
        self.store.record(delivery).wait().map(|_| ())
    }
}

#[test]
fn while_a_trouble_lasts_intake_is_refused_and_the_rest_is_not() {
    let desk = desk();
    let trouble = desk.store.trouble();
    assert_eq!(*trouble.borrow(), None);
    desk.store.clock_compared(ClockSays::Wrong("the clock is 60 minutes ahead".into()));
    assert_eq!(trouble.borrow().clone().unwrap().kind, TroubleKind::Clock);
    let told = desk.record().unwrap_err().to_string();
    assert_eq!(told, "nothing is taken in: the clock is 60 minutes ahead");
    let job = NewJob::TestAddress { address: "https://a.example/".into() };
    assert!(matches!(desk.store.add_job(job, now()).wait(), Err(Error::Resting(_))));
    assert!(matches!(desk.store.release(now()).wait(), Err(Error::Resting(_))));
    desk.store.remove_source(&desk.source, now()).wait().unwrap();
    desk.store.clock_compared(ClockSays::Right);
    assert_eq!(*trouble.borrow(), None);
    desk.record().unwrap();
}

#[test]
fn a_clock_that_was_lost_is_told_at_the_start() {
    let folder = wire();
    let later = Timestamp::now() + SignedDuration::from_hours(30);
    let file = folder.path().join("depeche.sqlite");
    let set = format!("UPDATE wire SET at = {} WHERE seq = 8", later.as_millisecond());
    Connection::open(&file).unwrap().execute_batch(&set).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let trouble = store.trouble().borrow().clone().unwrap();
    assert!(trouble.detail.starts_with("the clock says "), "{trouble}");
    // Another machine that agrees with it is believed over what the wire says.
    store.clock_compared(ClockSays::Right);
    assert_eq!(*store.trouble().borrow(), None);
}

#[test]
fn a_process_that_serves_sees_the_trouble_of_the_one_that_collects() {
    // The note of another process: this test cannot be two, so the number in it is changed.
    let folder = wire();
    let lease = Lease::take(folder.path(), "collect").unwrap().unwrap();
    let trouble = depeche_store::Trouble {
        kind: TroubleKind::Other,
        since: now(),
        detail: "disk I/O error".repeat(100),
    };
    lease.note(Some(&trouble));
    let file = folder.path().join("collect.lock");
    let note = fs::read_to_string(&file).unwrap();
    assert_eq!(note.len(), 512);
    let mut note: serde_json::Value = serde_json::from_str(&note).unwrap();
    note["process"] = 1.into();
    fs::write(&file, note.to_string()).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.trouble().borrow().clone().unwrap().kind, TroubleKind::Other);
    drop(lease);
    let began = Instant::now();
    while store.trouble().borrow().is_some() {
        assert!(began.elapsed() < Duration::from_secs(60), "it is over when its holder is gone");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn after_a_write_that_failed_none_of_its_chain_is_tried() {
    let desk = desk();
    let chain = Chain::default();
    let append = |delivery| {
        let read = depeche_store::Appended { delivery, ..Default::default() };
        desk.store.append_after(&chain, read, Vec::new()).wait()
    };
    append(1).unwrap();
    desk.store.clock_compared(ClockSays::Wrong("late".into()));
    assert!(matches!(append(2), Err(Error::Resting(_))));
    desk.store.clock_compared(ClockSays::Right);
    assert!(matches!(append(3), Err(Error::Broken)));
}

#[test]
fn a_backup_is_the_wire_at_one_moment_and_restores_as_a_new_life() {
    let (folder, place, data) =
        (wire(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let to = place.path().join("sauvegarde d'hier #1.sqlite");
    let store = Store::open(folder.path()).unwrap();
    let told = AtomicU64::new(0);
    let bytes = store.backup(&to, |_, all| told.store(all, Ordering::SeqCst)).unwrap();
    assert_eq!(bytes, fs::metadata(&to).unwrap().len());
    assert!(told.load(Ordering::SeqCst) > 0);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");

    let restored = restore(&to, data.path(), false, |_, _| {}).unwrap();
    assert_eq!((restored.items, &restored.kept), (5, &None));
    assert!(restored.epoch > store.cursor().unwrap().epoch);
    let new = Store::open(data.path()).unwrap();
    assert_eq!(new.cursor().unwrap().epoch, restored.epoch);
    assert_eq!(new.cursor().unwrap().seq, store.cursor().unwrap().seq);
    assert!(!new.session_valid(TOKEN, now()).unwrap());
    assert!(new.administrator_token_matches(TOKEN).unwrap());
    let rows = |store: &Store| store.latest(Viewer::Reader, now(), None, 9).unwrap().rows;
    assert_eq!(rows(&new), rows(&store));
    assert_eq!(new.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_backup_takes_no_name_that_is_taken() {
    let folder = wire();
    let store = Store::open(folder.path()).unwrap();
    let told = |to: &Path| store.backup(to, |_, _| {}).unwrap_err().to_string();
    let taken = folder.path().join("taken");
    fs::write(&taken, "x").unwrap();
    assert!(told(&taken).ends_with("it is there already"));
    assert_eq!(fs::read(&taken).unwrap(), b"x");
    assert!(told(&folder.path().join("depeche.sqlite")).ends_with("it is there already"));
    for own in ["depeche.sqlite-journal", "ingest.lock", "index", "depeche.toml"] {
        assert!(
            told(&folder.path().join(own)).ends_with("the wire itself uses this name"),
            "{own}"
        );
    }
    assert!(told(Path::new("/nowhere/at/all")).contains("its folder cannot be used"));
    // In the data folder under a name of its own, it is allowed.
    store.backup(&folder.path().join("copie"), |_, _| {}).unwrap();
}

#[test]
fn a_backup_is_not_written_through_what_lies_in_its_way() {
    let (folder, place) = (wire(), tempfile::tempdir().unwrap());
    let (victim, to) = (place.path().join("victim"), place.path().join("b"));
    fs::write(&victim, "x").unwrap();
    std::os::unix::fs::symlink(&victim, place.path().join("b.part")).unwrap();
    Store::open(folder.path()).unwrap().backup(&to, |_, _| {}).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"x");
    let made = fs::symlink_metadata(&to).unwrap();
    assert!(made.is_file());
    assert_eq!(made.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_database_that_does_something_by_itself_is_not_ours() {
    let (folder, place) = (wire(), tempfile::tempdir().unwrap());
    let file = place.path().join("b");
    Store::open(folder.path()).unwrap().backup(&file, |_, _| {}).unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch(
            "CREATE TRIGGER stay AFTER DELETE ON session BEGIN INSERT INTO session SELECT old.token_hash, old.ends_at; END",
        )
        .unwrap();
    drop(connection);
    assert_eq!(not_restored(&file), "FILE was not made by Dépêche");
}

/// Restores what must be refused; gives the sentence, after looking that nothing changed.
#[track_caller]
fn not_restored(from: &Path) -> String {
    let data = tempfile::tempdir().unwrap();
    let error = restore(from, data.path(), false, |_, _| {}).unwrap_err().to_string();
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0, "{error}");
    error.replace(&from.display().to_string(), "FILE")
}

#[test]
fn what_is_no_whole_backup_of_ours_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("b");
    assert!(not_restored(&file).starts_with("cannot use FILE: No such file"));
    assert_eq!(not_restored(place.path()), "cannot use FILE: it is not a file");
    let foreign = "FILE was not made by Dépêche";
    for bytes in [&b""[..], b"une note", b"SQLite format 3\0"] {
        fs::write(&file, bytes).unwrap();
        assert_eq!(not_restored(&file), foreign);
    }
    let folder = wire();
    let whole = fs::read(folder.path().join("depeche.sqlite")).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let half = format!("it ends early: {} of {} bytes are there", whole.len() / 2, whole.len());
    assert_eq!(not_restored(&file), format!("cannot use FILE: {half}"));
    let mut damaged = whole.clone();
    damaged[4096..12288].fill(0xA5);
    fs::write(&file, &damaged).unwrap();
    assert!(not_restored(&file).starts_with("cannot use FILE: it is damaged: "));
    fs::write(&file, &whole).unwrap();
    let set = |sql: &str| Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    set("PRAGMA user_version = 9999");
    assert!(not_restored(&file).starts_with("the store has schema 9999"));
    set("PRAGMA user_version = 1; PRAGMA application_id = 7");
    assert_eq!(not_restored(&file), foreign);
    set("PRAGMA application_id = 0");
    fs::write(place.path().join("b-wal"), "x").unwrap();
    assert!(not_restored(&file).contains("it is in use"));
}

#[test]
fn a_wire_is_replaced_only_when_told_and_kept_beside() {
    let (folder, place) = (wire(), tempfile::tempdir().unwrap());
    let to = place.path().join("b");
    let store = Store::open(folder.path()).unwrap();
    store.backup(&to, |_, _| {}).unwrap();
    store.remove_source(&SourceId::parse("40eb0af7dd5f983301df").unwrap(), now()).wait().unwrap();
    drop(store);
    let again = |replace| restore(&to, folder.path(), replace, |_, _| {});
    assert!(matches!(again(false), Err(Error::HoldsWire { .. })));
    {
        let _held = Lease::take(folder.path(), "collect").unwrap().unwrap();
        assert!(matches!(again(true), Err(Error::Held { .. })));
    }
    let sources = |folder: &Path| {
        Store::open(folder).unwrap().sources(Viewer::Administrator, now()).unwrap().len()
    };
    assert_eq!(sources(folder.path()), 1);
    let first = again(true).unwrap();
    assert_eq!(sources(folder.path()), 2);
    let second = again(true).unwrap();
    assert!(second.epoch > first.epoch);
    // What was put aside is whole, with what was in its log.
    let aside = tempfile::tempdir().unwrap();
    restore(&first.kept.unwrap(), aside.path(), false, |_, _| {}).unwrap();
    assert_eq!(sources(aside.path()), 1);
}
