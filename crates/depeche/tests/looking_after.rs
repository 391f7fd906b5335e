//! Configuration, `doctor` and `export` as a person at a terminal has them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::BTreeMap,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use depeche_news::{SourceVisibility, jiff::Timestamp};
use depeche_store::{NewSource, SourceKind, Store};
use serde_json::{Value, json};
use support::{depeche, lines, told};

const LINES: [&str; 3] = [
    r#"{"id":"a","source":"Le Fil","url":"https://a.example/1","title":"=L'Otan se réunit (AFP)","text":"Les ministres se sont réunis.\n\nIls ont \"parlé\".","published":"2016-02-11T16:41:00+01:00","language":"fr"}"#,
    r#"{"id":"b","source":"L'Écho","title":"La piscine rouvre","text":"Elle rouvre lundi à huit heures.","published":"2016-03-11"}"#,
    r#"{"id":"c","source":"L'Écho","title":"Le marché déménage","text":"Il s'installe sur la place du village.","published":"2016-04-11"}"#,
];

/// A wire of three items, one more of a private source.
fn wire() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let private = NewSource {
        address: "file:Interne".to_owned(),
        name: Some("Interne".to_owned()),
        language: None,
        visibility: SourceVisibility::Private,
        kind: SourceKind::Files,
    };
    Store::open(&data).unwrap().add_source(private, Timestamp::now()).wait().unwrap();
    let import = |name: &str, text: String, more: &[&str]| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let given = ["import", "--data", data.to_str().unwrap(), file.to_str().unwrap()];
        told(&[&given[..], more].concat());
    };
    import("a.jsonl", LINES.join("\n"), &[]);
    let secret = r#"{"id":"s","title":"Secret de la maison","text":"Personne ne doit le lire."}"#;
    import("b.jsonl", secret.to_owned(), &["--source", "Interne"]);
    (folder, data)
}

/// Runs the program; gives whether it succeeded, and both that it said.
fn ran(arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String, String) {
    let output = depeche(arguments).envs(environment.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let text = "data = \"/srv/fil\"\n[run]\nzone = \"Europe/Brussels\"\nhost = [\"a.example\", \"b.example\"]\npoll_every = 60\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let environment = [("DEPECHE_ZONE", "Europe/Lisbon"), ("DEPECHE_POLL_EVERY", "70")];
    let given = ["config", "check", file, "--", "--poll-every", "80"];
    let (well, said, _) = ran(&given, &environment);
    assert!(well);
    let said: Vec<String> =
        said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for expected in [
        "data = \"/srv/fil\" # file",
        "listen = \"127.0.0.1:8400\" # default",
        "host = [\"a.example\", \"b.example\"] # file",
        "zone = \"Europe/Lisbon\" # environment",
        "poll_every = 80 # flag",
        "# only is not set",
        "format = \"text\" # default",
    ] {
        assert!(said.iter().any(|line| line == expected), "{expected} is not in {said:#?}");
    }
    // Named in the environment, it is the same file.
    let (_, named, told) = ran(&["config", "check"], &[("DEPECHE_CONFIG", file)]);
    assert!(named.contains("\"/srv/fil\"") && told.contains(file), "{named} {told}");
}

#[test]
fn a_wrong_file_stops_what_needs_it_and_nothing_else() {
    let (folder, data) = wire();
    let data = data.to_str().unwrap();
    let file = folder.path().join("data/depeche.toml");
    std::fs::write(&file, "\n[run]\nlisen = \"127.0.0.1:1\"\n").unwrap();
    let wrong = "unknown key `lisen` in line 3: did you mean `listen`?";
    for given in
        [&["items", "--data", data][..], &["run", "--data", data], &["token", "--data", data]]
    {
        let (well, said, error) = ran(given, &[]);
        assert!(!well && said.is_empty(), "{given:?} {said}");
        assert!(error.contains(wrong) && error.contains(file.to_str().unwrap()), "{error}");
        assert_eq!(error.matches("hint:").count(), 1, "{error}");
    }
    let (well, said, _) = ran(&["doctor", "--data", data], &[]);
    assert!(!well && said.contains(wrong), "{said}");
    assert!(ran(&["config", "show"], &[("DEPECHE_DATA", data)]).0);
    std::fs::write(&file, "[run]\nzone = \"Mars/Olympus\"\n").unwrap();
    let (well, _, error) = ran(&["config", "check", file.to_str().unwrap()], &[]);
    assert!(!well && error.contains("Mars/Olympus") && error.contains("Europe/Paris"), "{error}");
    assert!(ran(&["--help"], &[]).0);
    let (well, _, error) = ran(&["items", "--data", data, "--config", "/nowhere/at-all.toml"], &[]);
    assert!(!well && error.contains("/nowhere/at-all.toml"), "{error}");
}

#[test]
fn what_config_show_prints_is_a_file_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("depeche.toml");
    let shown = told(&["config", "show"]);
    // Every key taken as it stands, but those whose example is only the name of a value.
    let all: Vec<String> = shown
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| line.trim_start_matches('#'))
        .filter(|line| {
            let examples = ["\"ADDRESS:PORT\"", "\"LEVEL\"", "contact = \"ADDRESS\""];
            examples.iter().all(|example| !line.contains(example))
        })
        .map(str::to_owned)
        .collect();
    std::fs::write(&file, all.join("\n")).unwrap();
    let (well, said, error) = ran(&["config", "check", file.to_str().unwrap()], &[]);
    assert!(well, "{error}");
    assert!(said.contains("zone = \"Europe/Paris\"") && said.contains("# file"), "{said}");
}

#[test]
fn the_folder_of_the_wire_may_stand_in_the_file() {
    let (folder, data) = wire();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, format!("data = {:?}\n", data.to_str().unwrap())).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(lines(&["items", "--config", file]).len(), 4);
    assert_eq!(lines(&["--config", file, "export"]).len(), 4);
}

#[test]
fn completions_and_manual_pages_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man");
    told(&["man", "--out", out.to_str().unwrap()]);
    for page in ["depeche.1", "depeche-run.1", "depeche-source-add.1"] {
        let text = std::fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(".TH") && text.contains("\\-\\-config"), "{page}");
    }
    assert!(told(&["man"]).contains(".TH depeche 1"));
    for (shell, word) in
        [("bash", "complete -F"), ("zsh", "#compdef depeche"), ("fish", "complete -c depeche")]
    {
        assert!(told(&["completions", shell]).contains(word), "{shell}");
    }
}

/// What doctor says: the verdict of each check, and the sentence of each.
fn doctor(data: &Path, more: &[&str]) -> (bool, BTreeMap<String, (String, String)>) {
    let given = [&["doctor", "--data", data.to_str().unwrap(), "--json"], more].concat();
    let (well, said, error) = ran(&given, &[]);
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said} {error}"));
    let checks = said["checks"].as_array().unwrap().iter().map(|check| {
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(check["verdict"] == "wrong", check["next"].is_string(), "{check}");
        (text("check"), (text("verdict"), text("said")))
    });
    let wrong = said["wrong"].as_u64().unwrap();
    assert_eq!(well, wrong == 0, "{said}");
    (well, checks.collect())
}

#[track_caller]
fn wrong(data: &Path, check: &str, expected: &str) {
    let (well, checks) = doctor(data, &[]);
    let (verdict, said) = checks.get(check).unwrap_or_else(|| panic!("{checks:#?}"));
    assert!(!well && verdict == "wrong" && said.contains(expected), "{checks:#?}");
}

/// Every file of a folder with its size and the time of its last change; without the memory that the
/// processes of a database share, where whoever reads it notes that it does.
fn state(folder: &Path) -> BTreeMap<PathBuf, (u64, i64, i64)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.metadata().unwrap();
        if file.is_dir() {
            found.extend(state(&path));
        }
        if path.extension().is_some_and(|extension| extension == "sqlite-shm") {
            continue;
        }
        found.insert(path, (file.len(), file.mtime(), file.mtime_nsec()));
    }
    found
}

#[test]
fn doctor_finds_a_wire_well_and_changes_nothing() {
    let (_folder, data) = wire();
    let before = state(&data);
    for more in [&[][..], &["--thorough"]] {
        let (well, checks) = doctor(&data, more);
        assert!(well, "{checks:#?}");
        assert!(checks["store"].1.contains("4 items"), "{checks:#?}");
        assert_eq!(checks["index"].1, "4 documents, up to date");
        assert_eq!(state(&data), before);
    }
    let (well, said, _) = ran(&["doctor", "--data", data.to_str().unwrap()], &[]);
    assert!(well && said.lines().count() == 9, "{said}");
}

#[test]
fn doctor_tells_what_others_may_read() {
    let (_folder, data) = wire();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let folder = || doctor(&data, &[]).1["folder"].clone();
    mode(&data, 0o755);
    mode(&data.join("index"), 0o700);
    assert_eq!(folder().0, "ok", "nothing in it is theirs");
    mode(&data.join("depeche.sqlite"), 0o644);
    let (verdict, said) = folder();
    assert_eq!(verdict, "note");
    assert!(said.contains("others, who may read depeche.sqlite: chmod 700"), "{said}");
    mode(&data, 0o700);
    assert_eq!(folder().0, "ok");
}

#[test]
fn doctor_looks_for_watched_folders() {
    let (folder, data) = wire();
    let (drop, away) = (folder.path().join("drop"), folder.path().join("dropx"));
    std::fs::create_dir(&drop).unwrap();
    let watch = ["source", "add", "--data", data.to_str().unwrap(), "--folder"];
    assert!(ran(&[&watch[..], &[drop.to_str().unwrap()]].concat(), &[]).0);
    assert_eq!(doctor(&data, &[]).1["watched"].0, "ok");
    std::fs::rename(&drop, &away).unwrap();
    wrong(&data, "watched", "1 of 1 watched folders");
    let (_, said, _) = ran(&["doctor", "--data", data.to_str().unwrap()], &[]);
    assert!(said.contains("/drop\"") && said.contains("next: bring the folder back"), "{said}");
    std::fs::rename(&away, &drop).unwrap();
    assert_eq!(doctor(&data, &[]).1["watched"].0, "ok");
}

#[test]
fn doctor_says_what_is_wrong() {
    let (folder, data) = wire();
    let nowhere = folder.path().join("nowhere");
    wrong(&nowhere, "folder", "not there");
    assert!(!nowhere.exists());
    wrong(&folder.path().join("a.jsonl"), "folder", "not a folder");
    wrong(folder.path(), "folder", "no wire");
    // A torn index, then none.
    let index = data.join("index");
    for (path, _) in state(&index).into_iter().filter(|(path, _)| path.is_file()) {
        std::fs::write(path, b"torn").unwrap();
    }
    wrong(&data, "index", "cannot be opened");
    std::fs::remove_dir_all(&index).unwrap();
    wrong(&data, "index", "missing");
}

#[test]
fn doctor_finds_damage_in_the_store() {
    let (_folder, data) = wire();
    let file = data.join("depeche.sqlite");
    // Everything into the one file, then a page in the middle of it is lost.
    copied_whole(&data);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(&file, &bytes).unwrap();
    wrong(&data, "store", "");
    std::fs::write(&file, "Ceci n'est pas une base de données.").unwrap();
    wrong(&data, "store", "not a database");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    wrong(&data, "store", "not a database");
}

/// Brings what is still in the database's log into the database, as its last user would.
fn copied_whole(data: &Path) {
    let connection = rusqlite::Connection::open(data.join("depeche.sqlite")).unwrap();
    // A store that was open in this process looks at the file once more before it is gone.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while connection.pragma_update(None, "journal_mode", "delete").is_err() {
        assert!(std::time::Instant::now() < until, "the database stays locked");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn doctor_knows_a_later_schema_and_a_database_of_others() {
    let (_folder, data) = wire();
    let file = data.join("depeche.sqlite");
    copied_whole(&data);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    wrong(&data, "store", "schema is 99");
    std::fs::remove_file(&file).unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "application_id", 7).unwrap();
    wrong(&data, "store", "no wire");
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    wrong(&data, "store", "no such table");
}

#[test]
fn an_editor_says_what_belongs_together_and_takes_it_back() {
    let (_folder, data) = wire();
    let folder = data.to_str().unwrap();
    let ran_on = |arguments: &[&str]| {
        lines(&[&["items", arguments[0], "--data", folder], &arguments[1..]].concat())
    };
    let items = lines(&["items", "--data", folder]);
    let id = |at: usize| items[at]["id"].as_str().unwrap().to_owned();
    let (one, other) = (id(0), id(1));
    assert_ne!(items[0]["dispatch"], items[1]["dispatch"]);
    let done = &ran_on(&["together", &other, &one])[0];
    assert_eq!(done["moved"][0]["dispatch"], items[0]["dispatch"], "{done}");
    assert_eq!((&done["decision"], &done["moved"][0]["relation"]), (&json!(1), &json!("copy")));
    assert_eq!(ran_on(&["decisions"])[0]["kind"], "together");
    assert_eq!(ran_on(&["undo", "1"])[0]["moved"][0]["id"], other);
    assert_eq!(lines(&["items", "--data", folder]), items);
    for (arguments, part) in [
        (&["undo", "1"][..], "no such decision"),
        (&["apart", &one], "so already"),
        (&["together", &one, "x"], "no item `x`"),
        (&["same-story", &one, "00000000000000000000"], "no item"),
    ] {
        let given = [&["items", arguments[0], "--data", folder], &arguments[1..]].concat();
        let (well, _, error) = ran(&given, &[]);
        assert!(!well && error.contains(part) && error.contains("hint:"), "{error}");
    }
}

fn export(data: &Path, more: &[&str]) -> String {
    told(&[&["export", "--data", data.to_str().unwrap()], more].concat())
}

#[test]
fn an_export_holds_what_the_wire_knows() {
    let (_folder, data) = wire();
    let items: Vec<Value> =
        export(&data, &[]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&Value> = items.iter().map(|item| &item["external"]).collect();
    assert_eq!(ids, ["a", "b", "c", "s"]);
    let first = &items[0];
    assert_eq!(first["article"]["headline"], "=L'Otan se réunit");
    assert_eq!(first["article"]["credit"], "AFP");
    assert_eq!(first["article"]["body"][1], json!({ "paragraph": "Ils ont \"parlé\"." }));
    assert_eq!(first["text"], "Les ministres se sont réunis.\n\nIls ont \"parlé\".");
    assert_eq!(first["source"]["name"], "Le Fil");
    assert_eq!(first["at"], "2016-02-11T15:41:00Z");
    assert_eq!(first["versions"][0]["number"], 1);
    assert_eq!((&first["relation"], &first["notice"]), (&json!("original"), &Value::Null));
    assert_eq!(items[3]["source"]["visibility"], "private");
}

#[test]
fn an_export_takes_what_is_asked_for() {
    let (_folder, data) = wire();
    #[track_caller]
    fn ids(data: &Path, more: &[&str], expected: &[&str]) {
        let lines = export(data, more);
        let ids = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["external"].clone());
        assert_eq!(ids.collect::<Vec<_>>(), expected, "{more:?}");
    }
    ids(&data, &["--since", "2016-03-11", "--until", "2016-04-11"], &["b"]);
    ids(&data, &["--source", "L'Écho"], &["b", "c"]);
    ids(&data, &["--query", "marché"], &["c"]);
    ids(&data, &["--query", "personne"], &["s"]);
    ids(&data, &["--query", "personne", "--public"], &[]);
    let public = export(&data, &["--public"]);
    assert_eq!(public.lines().count(), 3);
    assert!(!public.contains("Interne") && !public.contains("file:"), "{public}");
    let (well, _, error) = ran(&["export", "--data", data.to_str().unwrap(), "--source", "x"], &[]);
    assert!(!well && error.contains("hint:"), "{error}");
    let (well, _, error) =
        ran(&["export", "--data", data.to_str().unwrap(), "--since", "hier"], &[]);
    assert!(!well && error.contains("2016-02-11"), "{error}");
}

/// More than are read at once, most of which came in at the same time.
#[test]
fn a_long_export_has_every_item_once() {
    const ITEMS: usize = 450;
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("a.jsonl"));
    let line = |n: usize| json!({ "id": n.to_string(), "title": format!("Titre {n}"), "text": "Un texte." });
    let text: Vec<String> = (0..ITEMS).map(|n| line(n).to_string()).collect();
    std::fs::write(&file, text.join("\n")).unwrap();
    told(&["import", "--data", data.to_str().unwrap(), file.to_str().unwrap()]);
    let lines = export(&data, &[]);
    let ids: std::collections::BTreeSet<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["external"].to_string())
        .collect();
    assert_eq!((lines.lines().count(), ids.len()), (ITEMS, ITEMS));
}

#[test]
fn a_table_is_read_back_cell_by_cell() {
    let (_folder, data) = wire();
    let rows = cells(&export(&data, &["--format", "csv"]));
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{rows:?}");
    let column = |name: &str| rows[0].iter().position(|title| title == name).unwrap();
    assert_eq!(rows[1][column("headline")], "'=L'Otan se réunit");
    assert_eq!(rows[1][column("text")], "Les ministres se sont réunis.\n\nIls ont \"parlé\".");
}

/// Reads CSV as RFC 4180 has it.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(characters.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted, "the last line has no end");
    rows
}

#[test]
fn a_feed_is_taken_in_again() {
    let (folder, data) = wire();
    let file = folder.path().join("fil.atom");
    let out = ["--format", "atom", "--public", "--out", file.to_str().unwrap()];
    assert_eq!(export(&data, &out), "");
    let read = &lines(&["read", file.to_str().unwrap()])[0];
    assert_eq!(read["problems"], json!([]), "{read}");
    let other = folder.path().join("other");
    let other = other.to_str().unwrap();
    let summary = &lines(&["import", "--data", other, file.to_str().unwrap()])[0];
    assert_eq!((&summary["items"], &summary["problems"]), (&json!(3), &json!([])));
    let headlines: Vec<String> = lines(&["items", "--data", other])
        .iter()
        .map(|item| item["headline"].as_str().unwrap().to_owned())
        .collect();
    assert!(headlines.contains(&"La piscine rouvre".to_owned()), "{headlines:?}");
    // What is there already is left alone: it may be the only copy of something.
    std::fs::write(folder.path().join("taken"), "x").unwrap();
    let taken = folder.path().join("taken");
    let given = ["export", "--data", data.to_str().unwrap(), "--out", taken.to_str().unwrap()];
    let (well, _, error) = ran(&given, &[]);
    assert!(!well && error.contains("is there already"), "{error}");
    assert_eq!(std::fs::read(&taken).unwrap(), b"x");
    // A place that cannot be written to leaves nothing behind.
    let nowhere = folder.path().join("nowhere/x.csv");
    let given = ["export", "--data", data.to_str().unwrap(), "--out", nowhere.to_str().unwrap()];
    let (well, _, error) = ran(&given, &[]);
    assert!(!well && error.contains("hint:"), "{error}");
}
