//! The disk fails at every write in turn: the store is whole each time, and what was to be taken in is
//! there once, in the store and in the index, after the next start, or without one where it goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says why")]

mod support;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use depeche_news::Viewer;
use depeche_search::{Query, Reader, Scope};
use depeche_store::{Store, TroubleKind};
use support::{Outside, Running, depeche, lines, told, until};

/// How a write fails; see support/faults.c.
const KINDS: [&str; 4] = ["full", "io", "short", "lasting"];

/// Up to here every write fails in turn: the file is made, migrated, and takes its first delivery.
const EACH_UP_TO: usize = 64;

/// Beyond, transactions and index files are alike: one write in three. Not a multiple of the number
/// of kinds, so that each kind comes to each sort of write.
const STEP_BEYOND: usize = 3;

/// Runs at a time: each spends half of its time waiting for the disk.
const AT_ONCE: usize = 3;

/// Items of each of the two feeds.
const ITEMS: usize = 4;

#[test]
fn the_nth_write_fails_and_nothing_is_lost_or_doubled() {
    let Some(shim) = shim() else { return };
    let place = tempfile::tempdir().unwrap();
    let files = feeds(place.path());
    let (next, over) = (AtomicUsize::new(1), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let nth = nth_of(next.fetch_add(1, Ordering::SeqCst));
                    let met = one_fault(&shim.path, &files, nth, KINDS[nth % KINDS.len()]);
                    over.fetch_or(!met, Ordering::SeqCst);
                }
            });
        }
    });
    let runs = next.load(Ordering::SeqCst);
    assert!(runs > EACH_UP_TO, "only {runs} runs met a fault: is the shim loaded?");
}

fn nth_of(run: usize) -> usize {
    if run <= EACH_UP_TO { run } else { EACH_UP_TO + (run - EACH_UP_TO) * STEP_BEYOND }
}

/// One import with a fault and one without; whether the fault was met.
fn one_fault(shim: &Path, files: &[PathBuf], nth: usize, kind: &str) -> bool {
    let place = tempfile::tempdir().unwrap();
    let (data, mark) = (place.path().join("data"), place.path().join("mark"));
    let import = || {
        let mut command = depeche(&["import", "--data"]);
        command.arg(&data).args(files).stdout(Stdio::null());
        command
    };
    let mut faulty = import();
    faulty.env("LD_PRELOAD", shim).env("FAULT_FOLDER", &data).env("FAULT_MARK", &mark);
    faulty.env("FAULT_NTH", nth.to_string()).env("FAULT_KIND", kind);
    let ended = faulty.stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let what = format!("write {nth} ({kind}), after which it said {said:?}");
    assert!(ended.status.code().is_some(), "it was killed: {what}");
    assert!(!said.contains("panicked at"), "{what}");

    let store = Store::open(&data).expect(&what);
    assert_eq!(store.check().expect(&what), Vec::<String>::new(), "{what}");
    drop(store);
    if ended.status.success() {
        // Who says that it is done has done it.
        everything_once(&data, &what);
    }
    let again = import().stderr(Stdio::piped()).output().unwrap();
    assert!(again.status.success(), "{what}; then {}", String::from_utf8_lossy(&again.stderr));
    everything_once(&data, &what);
    mark.exists()
}

/// Each item once in the store and in the index, copies with what they copy.
fn everything_once(data: &Path, what: &str) {
    let items = lines(&["items", "--data", data.to_str().unwrap()]);
    let mut dispatches: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in &items {
        assert_eq!(item["versions"], 1, "{what}");
        let (guid, dispatch) = (item["guid"].as_str().unwrap(), item["dispatch"].as_str().unwrap());
        dispatches.entry(dispatch).or_default().push(guid);
    }
    let mut together: Vec<Vec<&str>> = dispatches.into_values().collect();
    together.iter_mut().for_each(|guids| guids.sort_unstable());
    together.sort();
    assert_eq!(
        together,
        [
            vec!["0-0", "1-0"],
            vec!["0-1"],
            vec!["0-2"],
            vec!["0-3"],
            vec!["1-1"],
            vec!["1-2"],
            vec!["1-3"]
        ],
        "{what}"
    );

    let reader = Reader::open(&data.join("index")).expect(what);
    assert_eq!(reader.documents(), items.len() as u64, "{what}");
    for (feed, item) in (0..2).flat_map(|feed| (0..ITEMS).map(move |item| (feed, item))) {
        let query = Query::plain(&word(feed, item));
        let hits = reader.search(&query, &Scope::new(Viewer::Administrator)).unwrap();
        assert_eq!(hits.total, if item == 0 { 2 } else { 1 }, "{feed}-{item}: {what}");
    }
}

#[test]
fn a_wire_on_a_full_disk_rests_and_goes_on_by_itself() {
    let Some(shim) = shim() else { return };
    let place = tempfile::tempdir().unwrap();
    let (data, full) = (place.path().join("data"), place.path().join("full"));
    let outside = Outside::open();
    outside.put("/a.rss", feed(0, 1));
    let folder = data.to_str().unwrap();
    told(&["source", "add", "--data", folder, &outside.address("/a.rss")]);
    let allowed = format!("127.0.0.1:{}", outside.port);
    let mut command = depeche(&["run", "--only", "collect", "--poll-every", "1"]);
    command.args(["--data", folder, "--allow-address", &allowed]);
    command.env("LD_PRELOAD", &shim.path).env("FAULT_FOLDER", &data).env("FAULT_WHILE", &full);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let _running = Running(command.spawn().unwrap());

    let items = || lines(&["items", "--data", folder]).len();
    until("the first item is there", || items() == 1);
    std::fs::write(&full, "").unwrap();
    outside.put("/a.rss", feed(0, ITEMS));
    // Another process that looks at this folder sees why nothing comes.
    let store = Store::open(&data).unwrap();
    until("the wire rests", || {
        store.trouble().borrow().as_ref().is_some_and(|found| found.kind == TroubleKind::DiskFull)
    });
    assert_eq!(items(), 1);
    std::fs::remove_file(&full).unwrap();
    until("everything is there", || items() == ITEMS);
    until("the trouble is over", || store.trouble().borrow().is_none());
    until("everything is found", || {
        Reader::open(&data.join("index")).is_ok_and(|reader| reader.documents() == ITEMS as u64)
    });
    assert!(lines(&["items", "--data", folder]).iter().all(|item| item["versions"] == 1));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// What makes writes fail, built for this machine.
struct Shim {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

/// Builds it with the C compiler that built SQLite; `None` where it cannot be loaded.
fn shim() -> Option<Shim> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        eprintln!("skipped: faults are made by preloading a library, which is done for glibc only");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faults.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/faults.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&path).arg(source).arg("-ldl");
    assert!(compiler.status().expect("cc is there: it built SQLite").success());
    Some(Shim { path, _folder: folder })
}

/// Two feeds as files; the first item of the second one is a copy.
fn feeds(folder: &Path) -> [PathBuf; 2] {
    [0, 1].map(|number| {
        let file = folder.join(format!("{number}.rss"));
        std::fs::write(&file, feed(number, ITEMS)).unwrap();
        file
    })
}

fn feed(number: usize, items: usize) -> String {
    let items: String = (0..items)
        .map(|item| {
            let (word, text) = (word(number, item), text(number, item));
            format!(
                "<item><title>Titre {word}</title><guid isPermaLink=\"false\">{number}-{item}</guid>\
                 <description>{text}</description></item>"
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Source {number}</title>{items}</channel></rss>")
}

/// A word that only one text has, and its copy.
fn word(feed: usize, item: usize) -> String {
    let own = if item == 0 { 0 } else { feed * ITEMS + item };
    let letter = |place: usize| char::from(b'a' + ((own + 1) * place % 26) as u8);
    format!("zq{}{}{}", letter(1), letter(3), letter(5))
}

/// A text of its own for each item: no run of five words is in another, except in the copy.
fn text(feed: usize, item: usize) -> String {
    let own = if item == 0 { 0 } else { feed * ITEMS + item };
    let mut seed = own as u64 * 7919 + 17;
    let words = (0..160).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("mot{}", (seed >> 33) % 4096)
    });
    format!("{} {}.", word(feed, item), words.collect::<Vec<_>>().join(" "))
}
