//! Wires of every earlier schema open, are brought up to date and say the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod earlier;

use std::path::Path;

use depeche_news::{Cursor, ItemId, Viewer, jiff::Timestamp};
use depeche_store::{Error, Store, restore};
use earlier::{TOKEN, dumps, laid, wire};
use rusqlite::Connection;

fn now() -> Timestamp {
    "2016-02-12T00:00:00Z".parse().unwrap()
}

/// What every dump holds, told by the faces that readers and the program use.
#[track_caller]
fn says_the_same(store: &Store) {
    let sources = store.sources(Viewer::Administrator, now()).unwrap();
    let told: Vec<_> = sources.iter().map(|source| (source.name.as_str(), source.items)).collect();
    assert_eq!(told, [("Le Courrier", 2), ("Le Fil", 3)]);

    let latest = store.latest(Viewer::Reader, now(), None, 9).unwrap();
    let told: Vec<_> = latest.rows.iter().map(|row| (&*row.headline, row.copies)).collect();
    assert_eq!(told, [("Une page qui manque", 0), ("Budget : la commune a voté", 3)]);

    let id = |id: &str| ItemId::parse(id).unwrap();
    let revised = store.article(Viewer::Reader, now(), &id("c17a59857814bb444eb5")).unwrap();
    let versions: Vec<_> = revised.unwrap().versions.into_iter().map(|v| v.headline).collect();
    assert_eq!(versions, ["La commune vote son budget de nuit", "La commune vote son budget"]);
    let paged = store.item(&id("7dff16b24f4d3fd69cbd")).unwrap().unwrap();
    assert!(paged.article.text().starts_with("Ce matin le conseil"), "{}", paged.article.text());

    assert_eq!(store.cursor().unwrap(), Cursor { epoch: 1_455_206_126, seq: 8 });
    assert_eq!(store.entries(0, 99).unwrap().len(), 8);
    assert_eq!((store.pages_wanted().unwrap(), store.last_delivery().unwrap()), (1, 4));
    assert!(store.administrator_token_matches(TOKEN).unwrap());
    assert!(store.session_valid(TOKEN, now()).unwrap());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_wire_of_every_earlier_schema_says_the_same() {
    for (number, dump) in dumps() {
        let folder = tempfile::tempdir().unwrap();
        let file = laid(&dump, folder.path());
        assert_eq!(version(&file), number);
        for _twice in 0..2 {
            says_the_same(&Store::open(folder.path()).unwrap());
        }
        assert_eq!(version(&file), known());
    }
}

#[test]
fn every_earlier_schema_has_its_dump() {
    let numbers: Vec<u32> = dumps().into_iter().map(|(number, _)| number).collect();
    let expected: Vec<u32> = (1..known()).collect();
    assert_eq!(numbers, expected, "a new schema adds tests/schemas/NNN.sql of the one before it");
}

#[test]
fn a_later_schema_is_refused_and_left_as_it_is() {
    let folder = wire();
    let file = folder.path().join("depeche.sqlite");
    set(&file, "PRAGMA user_version = 9999");
    let before = std::fs::read(&file).unwrap();
    let error = Store::open(folder.path()).err().unwrap();
    let expected = format!(
        "the store has schema 9999, this program knows up to {}: use a newer depeche",
        known()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

/// The last thing that step 2 makes is there already, so that the step fails when all but done.
#[test]
fn a_step_that_is_interrupted_leaves_the_old_schema_whole() {
    let folder = wire();
    let file = folder.path().join("depeche.sqlite");
    set(&file, "CREATE INDEX wire_removed ON wire (at)");
    let before = schema(&file);
    assert!(Store::open(folder.path()).is_err());
    assert_eq!((version(&file), schema(&file)), (1, before));
    set(&file, "DROP INDEX wire_removed");
    says_the_same(&Store::open(folder.path()).unwrap());
}

/// The newest schema, as the refusal of a later one tells it.
fn known() -> u32 {
    let folder = wire();
    set(&folder.path().join("depeche.sqlite"), "PRAGMA user_version = 9999");
    match Store::open(folder.path()) {
        Err(Error::LaterSchema { known, .. }) => known,
        other => panic!("{:?}", other.err()),
    }
}

fn set(file: &Path, sql: &str) {
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

fn version(file: &Path) -> u32 {
    let connection = Connection::open(file).unwrap();
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn schema(file: &Path) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql")
        .unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Every write of bringing a wire up to date fails in turn, in every way: what is there is whole, of
/// one schema or the other, and the next open brings it to its end.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_step_whose_nth_write_fails_is_done_by_the_next_open() {
    let known = known();
    let met = each_fault("open", &["full", "io", "short", "lasting"], |folder, what| {
        let found = version(&folder.join("depeche.sqlite"));
        assert!((1..=known).contains(&found), "{what} left schema {found}");
        says_the_same(&Store::open(folder).unwrap());
    });
    assert!(met > 40, "only {met} faults were met: is the shim loaded?");
}

/// Every write of a restore fails in turn: in the folder is the wire that was there, or none and that
/// one beside, or the new one; and the next restore brings it to its end.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_restore_whose_nth_write_fails_loses_nothing() {
    let backup = wire();
    let file = backup.path().join("depeche.sqlite");
    let met = each_fault("restore", &["io", "lasting"], |folder, what| {
        let sqlite = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.unwrap().path();
            path.extension().is_some_and(|end| end == "sqlite").then_some(path)
        };
        let wires: Vec<_> = std::fs::read_dir(folder).unwrap().filter_map(sqlite).collect();
        assert!(!wires.is_empty(), "{what} lost the wire");
        for wire in wires {
            let connection = Connection::open(&wire).unwrap();
            let items: i64 =
                connection.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
            assert_eq!(items, 5, "{what} left half of a wire");
        }
        restore(&file, folder, true, |_, _| {}).unwrap();
        assert_eq!(Store::open(folder).unwrap().check().unwrap(), Vec::<String>::new());
    });
    assert!(met > 40, "only {met} faults were met: is the shim loaded?");
}

/// Runs `doing` on a wire of schema 1 in a process of its own, with a fault at each write in turn and
/// of each kind, and `then` after each; gives the number of faults that were met.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn each_fault(doing: &str, kinds: &[&str], then: impl Fn(&Path, &str)) -> usize {
    let place = tempfile::tempdir().unwrap();
    let (shim, mark) = (place.path().join("faults.so"), place.path().join("mark"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../depeche/tests/support/faults.c");
    let mut compiler = std::process::Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(source).arg("-ldl");
    assert!(compiler.status().expect("cc is there: it built SQLite").success());
    let (mut met, backup) = (0, wire());
    for kind in kinds {
        for nth in 1.. {
            let (folder, what) = (wire(), format!("{doing}: write {nth} ({kind})"));
            let mut child = std::process::Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "does_what_it_is_told"]).env("DOES", doing);
            child.env("FOLDER", folder.path()).env("BACKUP", backup.path());
            child.env("LD_PRELOAD", &shim).env("FAULT_FOLDER", folder.path());
            child.env("FAULT_MARK", &mark).env("FAULT_KIND", kind);
            child.env("FAULT_NTH", nth.to_string());
            assert!(child.output().unwrap().status.success(), "{what}");
            then(folder.path(), &what);
            if std::fs::remove_file(&mark).is_err() {
                break;
            }
            met += 1;
        }
    }
    met
}

/// Not a test by itself: the process that [`each_fault`] runs.
#[test]
fn does_what_it_is_told() {
    let told = |name: &str| std::env::var_os(name).map(std::path::PathBuf::from);
    let (Some(folder), Some(backup)) = (told("FOLDER"), told("BACKUP")) else { return };
    if std::env::var("DOES").unwrap() == "open" {
        let _ = Store::open(&folder);
    } else {
        let _ = restore(&backup.join("depeche.sqlite"), &folder, true, |_, _| {});
    }
}
