//! The commands as a person or a program runs them, on a real folder.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

use serde_json::{Value, json};
use support::{Outside, Running, depeche, lines, told, until};

const TITLE: &str =
    "L'Otan envisage d'élargir sa coalition face à l'État voisin (Jeanne Corvisier)";
const BODY: &str = "<p>« Nous étudions la possibilité d'une coalition plus large », a déclaré la secrétaire générale adjointe \
    devant la presse réunie à Bruxelles, au terme de deux jours de discussions avec les pays membres.</p><p>La préfète de la \
    région a précisé que les avions resteraient au sol cet été, le temps que les œuvres du musée soient mises à l'abri, et que \
    les journaux seraient tenus informés chaque matin de l'avancement des travaux.</p>";

fn page(folder: &Path) -> String {
    let html = format!(
        "<html lang=\"fr\"><head><title>{TITLE} - Le Fil</title><meta property=\"article:published_time\" \
         content=\"2016-02-11T16:41:00+01:00\"></head><body><nav><a href=\"/\">Accueil</a></nav><article><h1>{TITLE}</h1>{BODY}\
         </article><footer>Mentions légales</footer></body></html>"
    );
    let file = folder.join("page.html");
    std::fs::write(&file, html).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn an_imported_page_is_found_however_it_is_spelt_and_stands_at_its_own_date() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let summary = &lines(&["import", "--data", data, &page(folder.path())])[0];
    assert_eq!((&summary["items"], &summary["problems"]), (&json!(1), &json!([])));
    let words = [
        "otan",
        "OTAN",
        "O.T.A.N.",
        "l'Otan",
        "l’OTAN",
        "coalitions",
        "Etat voisin",
        "ÉTATS",
        "prefete",
        "PRÉFÈTES",
        "avion",
        "été",
        "oeuvre",
        "journal",
    ];
    for word in words {
        let hits = lines(&["search", "--data", data, word]);
        assert_eq!(hits.len(), 1, "{word}");
        assert_eq!(hits[0]["at"], "2016-02-11T15:41:00Z", "{word}");
    }
    let item = &lines(&["items", "--data", data])[0];
    assert_eq!(item["headline"], "L'Otan envisage d'élargir sa coalition face à l'État voisin");
    // Twice is once.
    assert_eq!(lines(&["import", "--data", data, &page(folder.path())])[0]["items"], 0);
    assert_eq!(lines(&["items", "--data", data]).len(), 1);
}

#[test]
fn import_works_beside_the_process_that_collects() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let outside = Outside::open();
    let _running = Running::collector(&data, outside.port);
    until("the collector has the lease", || data.join("index.lock").exists());
    std::thread::sleep(std::time::Duration::from_millis(300));
    let data = data.to_str().unwrap();
    assert_eq!(lines(&["import", "--data", data, &page(folder.path())])[0]["items"], 1);
    until("it is found", || lines(&["search", "--data", data, "coalition"]).len() == 1);
}

#[test]
fn article_lines_are_found_by_their_own_ids() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let file = folder.path().join("lines.jsonl");
    let line = |id: &str, text: &str| {
        json!({ "id": id, "source": "essai", "text": text, "language": "fr" }).to_string()
    };
    let text = [
        line("a", "La comète est visible à l'œil nu."),
        line("b", "Le marché aux fleurs."),
        "{".to_owned(),
    ]
    .join("\n");
    std::fs::write(&file, text).unwrap();
    told(&["import", "--data", data, file.to_str().unwrap()]);
    let input =
        [json!({ "id": "q1", "query": "comètes" }).to_string(), "nonsense".to_owned()].join("\n");
    let answers = batch(&["search", "--data", data, "--batch"], &input);
    assert_eq!((&answers[0]["id"], &answers[0]["hits"]), (&json!("q1"), &json!(["a"])));
    assert!(answers[0]["microseconds"].is_u64());
    assert!(answers[1]["problems"][0].as_str().unwrap().starts_with("bad_input"));
}

#[test]
fn every_batch_answers_each_line_in_order_and_never_stops() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path());
    let input = [
        "{\"id\":\"1\",\"path\":\"/nowhere/at-all\"}",
        "[]",
        "{",
        &json!({ "id": "4", "path": page }).to_string(),
    ]
    .join("\n");
    for command in ["extract", "read"] {
        let answers = batch(&[command, "--batch"], &input);
        let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
        assert_eq!(ids, [&json!("1"), &Value::Null, &Value::Null, &json!("4")], "{command}");
        let words: Vec<&str> =
            answers[..3].iter().map(|answer| answer["problems"][0].as_str().unwrap()).collect();
        assert!(
            words[0].starts_with("unreadable")
                && words[1..].iter().all(|word| word.starts_with("bad_input")),
            "{words:?}"
        );
    }
    assert!(
        batch(&["extract", "--batch"], &input)[3]["text"]
            .as_str()
            .unwrap()
            .contains("coalition plus large")
    );
    assert!(
        batch(&["read", "--batch"], &input)[3]["problems"][0]
            .as_str()
            .unwrap()
            .starts_with("refused")
    );
    let answers = batch(&["group", "--batch"], "{\"id\":\"1\",\"title\":\"a\",\"text\":\"\"}\nx");
    assert_eq!((answers.len(), &answers[0]["relation"]), (2, &json!("none")));
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    check(
        &["run", "--data", data, "--allow-address", "10.0.0.0/99"],
        &["10.0.0.0/99", "--allow-address"],
    );
    check(&["run", "--data", data, "--zone", "Mars/Olympus"], &["Mars/Olympus", "Europe/Paris"]);
    check(&["source", "add", "--data", data, "not an address"], &["not an address", "hint:"]);
    let nowhere = folder.path().join("mistyped");
    check(
        &["source", "pause", "--data", nowhere.to_str().unwrap(), "nobody"],
        &["no wire", "hint:"],
    );
    assert!(!nowhere.exists());
    told(&["source", "add", "--data", data, "https://a.example/fil.rss"]);
    check(&["source", "pause", "--data", data, "nobody"], &["nobody", "hint:"]);
    let zone =
        |zone| ["source", "change", "--data", data, "https://a.example/fil.rss", "--zone", zone];
    check(&zone("Mars/Olympus"), &["Mars/Olympus", "Europe/Paris"]);
    told(&zone("europe/paris"));
    assert_eq!(lines(&["source", "list", "--data", data, "--json"])[0]["zone"], "Europe/Paris");
    told(&zone(""));
    check(&["import", "--data", data, "/nowhere/at-all"], &["/nowhere/at-all", "hint:"]);
    check(&["search", "--data", data, "otan"], &["index", "hint:"]);
    check(&["extract", "/nowhere/at-all"], &["/nowhere/at-all", "hint:"]);
    let weights = ["extract", "--batch", "--weights"];
    check(&[&weights[..], &["/nowhere/at-all"]].concat(), &["/nowhere/at-all", "hint:"]);
    check(
        &[&weights[..], &["Cargo.toml"]].concat(),
        &["Cargo.toml holds no weights", "train story"],
    );
    check(&["items", "--data", "/proc/nowhere"], &["/proc/nowhere", "hint:"]);
}

#[test]
fn a_private_address_is_refused_unless_it_is_allowed() {
    let outside = Outside::open();
    outside.put("/fil.rss", "<rss version=\"2.0\"><channel><title>Fil</title><item><title>Un</title></item></channel></rss>".into());
    let address = outside.address("/fil.rss");
    let refused = depeche(&["source", "test", &address]).output().unwrap();
    assert!(!refused.status.success());
    let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(said["failure"]["word"], "refused_address");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("hint: if it is yours, allow it"));
    assert!(outside.served.asked.lock().unwrap().is_empty(), "it was asked all the same");
    let allowed = format!("127.0.0.1:{}", outside.port);
    let found = &lines(&["source", "test", &address, "--allow-address", &allowed])[0]["found"][0];
    assert_eq!((&found["title"], &found["items"]), (&json!("Fil"), &json!(1)));
}

#[test]
fn a_failing_source_costs_the_others_nothing() {
    let outside = Outside::open();
    let item = |n| {
        format!(
            "<item><title>Titre {n}</title><guid>{n}</guid><description>{}</description></item>",
            "mot ".repeat(200)
        )
    };
    outside.put(
        "/well.rss",
        format!(
            "<rss version=\"2.0\"><channel><title>Bien</title>{}{}</channel></rss>",
            item(1),
            item(2)
        ),
    );
    outside.put("/page.rss", format!("<html><body>{BODY}</body></html>"));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for path in ["/missing.rss", "/page.rss", "/well.rss"] {
        told(&["source", "add", "--data", data, &outside.address(path)]);
    }
    let _running = Running::collector(folder.path(), outside.port);
    until("the good source is read", || lines(&["items", "--data", data]).len() == 2);
    let word = |path: &str| {
        let address = outside.address(path);
        let sources = lines(&["source", "list", "--data", data, "--json"]);
        let source =
            sources.into_iter().find(|source| source["address"] == address.as_str()).unwrap();
        source["failure"]["word"].as_str().map(str::to_owned)
    };
    until("the failures are told", || {
        word("/missing.rss").is_some() && word("/page.rss").is_some()
    });
    assert_eq!(word("/missing.rss").as_deref(), Some("status_404"));
    assert_eq!(word("/page.rss").as_deref(), Some("not_a_feed"));
    assert_eq!(word("/well.rss"), None);
}

fn batch(arguments: &[&str], input: &str) -> Vec<Value> {
    let mut child = depeche(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[track_caller]
fn check(arguments: &[&str], said: &[&str]) {
    let Output { status, stderr, .. } = depeche(arguments).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(!status.success(), "{arguments:?} succeeded");
    assert!(said.iter().all(|word| stderr.contains(word)), "{arguments:?}: {stderr}");
}

#[test]
fn a_lost_or_torn_index_is_rebuilt_by_itself_while_the_wire_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    told(&["import", "--data", data.to_str().unwrap(), &page(folder.path())]);
    let found = || {
        depeche(&["search", "--data", data.to_str().unwrap(), "coalition"])
            .output()
            .is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    };
    std::fs::remove_dir_all(data.join("index")).unwrap();
    assert!(!found());
    let running = Running::collector(&data, 1);
    until("a lost index is there again", found);
    running.kill();
    for file in files(&data.join("index")) {
        std::fs::write(file, b"torn").unwrap();
    }
    assert!(!found());
    let _running = Running::collector(&data, 1);
    until("a torn index is there again", found);
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_site_that_is_added_is_listened_to_at_the_feed_it_names() {
    let outside = Outside::open();
    let link = "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/fil.rss\">";
    outside.put("/", format!("<html><head>{link}</head><body>Bienvenue</body></html>"));
    let item = format!(
        "<item><title>Titre</title><guid>1</guid><description>{}</description></item>",
        "mot ".repeat(200)
    );
    outside.put(
        "/fil.rss",
        format!("<rss version=\"2.0\"><channel><title>Le fil</title>{item}</channel></rss>"),
    );
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    told(&["source", "add", "--data", data, &outside.address("/")]);
    let log = folder.path().join("log");
    let allowed = format!("127.0.0.1:{}", outside.port);
    let run = ["run", "--data", data, "--only", "collect", "--allow-address", &allowed];
    let stderr = std::fs::File::create(&log).unwrap();
    let _running = Running(depeche(&run).stdout(Stdio::null()).stderr(stderr).spawn().unwrap());
    until("its feed is read", || lines(&["items", "--data", data]).len() == 1);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("a page leads to its feed"), "{log}");
    assert!(!log.contains("failed") && !log.contains("could not be read"), "{log}");
    let tested = depeche(&["source", "test", &outside.address("/"), "--allow-address", &allowed]);
    let tested = { tested }.output().unwrap();
    assert!(tested.status.success());
    assert_eq!(String::from_utf8_lossy(&tested.stderr), "");
    let source = &lines(&["source", "list", "--data", data, "--json"])[0];
    assert_eq!((&source["name"], &source["failure"]), (&json!("Le fil"), &Value::Null));
}

#[test]
fn a_short_note_is_taken_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("note.txt");
    std::fs::write(&note, "La piscine municipale\n\nElle rouvre lundi à huit heures.\n").unwrap();
    let answer = &lines(&["extract", note.to_str().unwrap()])[0];
    assert_eq!(answer["headline"], "La piscine municipale");
    assert_eq!(answer["text"], "Elle rouvre lundi à huit heures.");
}

/// A wire of two feed items, imported; gives the arguments' data folder.
fn two_items(folder: &Path) -> String {
    let entry = |n: &str, words: &str| {
        let text = format!(
            "Le {words} a été vu au bord de la rivière par trois promeneurs, a dit la mairie. "
        )
        .repeat(6);
        format!(
            "<item><title>{words} numéro {n}</title><guid>{n}</guid><description>{text}</description></item>"
        )
    };
    let items = [entry("1", "ornithorynque"), entry("2", "castor")].concat();
    let feed = folder.join("fil.xml");
    std::fs::write(
        &feed,
        format!("<rss version=\"2.0\"><channel><title>Fil</title>{items}</channel></rss>"),
    )
    .unwrap();
    let data = folder.join("data").to_str().unwrap().to_owned();
    assert_eq!(lines(&["import", "--data", &data, feed.to_str().unwrap()])[0]["items"], 2);
    data
}

fn id_of(data: &str, word: &str) -> String {
    let items = lines(&["items", "list", "--data", data]);
    let item = items.iter().find(|item| item["headline"].as_str().unwrap().starts_with(word));
    item.unwrap()["id"].as_str().unwrap().to_owned()
}

fn found(data: &str, word: &str) -> usize {
    lines(&["search", "--data", data, word]).len()
}

#[test]
fn an_item_is_taken_down_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let data = &two_items(folder.path());
    let id = &id_of(data, "ornithorynque");
    let remove = ["items", "remove", "--data", data, id, "--reason", "Jugement du 9 mai"];
    check(&remove, &["nothing was removed", "--yes"]);
    check(&["items", "remove", "--data", data, "nobody", "--reason", "x"], &["nobody", "hint:"]);
    check(&["items", "remove", "--data", data, id, "--reason", " ", "--yes"], &["reason", "hint:"]);
    assert_eq!(found(data, "ornithorynque"), 1);
    let answer = &lines(&[&remove[..], &["--yes"]].concat())[0];
    assert_eq!(
        answer,
        &json!({
            "items": [id], "removed": 1, "documents": 1, "pages": 0, "log_emptied": true, "index_purged": true
        })
    );
    let here = || {
        let files = files(Path::new(data)).into_iter().map(|file| std::fs::read(file).unwrap());
        files
            .filter(|bytes| {
                bytes.windows(13).any(|word| word.eq_ignore_ascii_case(b"ornithorynque"))
            })
            .count()
    };
    assert_eq!(here(), 0);
    // A replay of the log from its start does not bring it back, nor does the same feed.
    told(&["reindex", "--data", data]);
    told(&["import", "--data", data, folder.path().join("fil.xml").to_str().unwrap()]);
    assert_eq!((found(data, "ornithorynque"), found(data, "castor"), here()), (0, 1, 0));
    let items = lines(&["items", "--data", data]);
    let notice = items.iter().find(|item| item["id"] == id.as_str()).unwrap();
    assert_eq!((&notice["visibility"], &notice["headline"]), (&json!("notice"), &json!("")));
}

#[test]
fn a_running_wire_takes_down_reads_and_indexes_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = &two_items(folder.path());
    let outside = Outside::open();
    let _running = Running::collector(Path::new(data), outside.port);
    until("it indexes", || Path::new(data).join("keep.lock").exists());
    let id = &id_of(data, "ornithorynque");
    let answer = &lines(&["items", "remove", "--data", data, id, "--reason", "x", "--yes"])[0];
    assert_eq!((&answer["removed"], &answer["index_purged"]), (&json!(1), &json!(true)));
    let again = &lines(&["reprocess", "--data", data, "--all"])[0];
    assert_eq!(again, &json!({ "reread": 1, "changed": 0, "unreadable": 0 }));
    told(&["reindex", "--data", data]);
    assert_eq!((found(data, "ornithorynque"), found(data, "castor")), (0, 1));
}

#[test]
fn what_is_kept_how_long_is_told_and_done() {
    let folder = tempfile::tempdir().unwrap();
    let data = &two_items(folder.path());
    let again = &lines(&["reprocess", "--data", data])[0];
    assert_eq!(again, &json!({ "reread": 0, "changed": 0, "unreadable": 0 }));
    check(&["reprocess", "--data", data, "--since", "hier"], &["hier", "hint:"]);
    check(&["source", "keep", "--data", data, "fil", "0"], &["`0`", "hint:"]);
    assert_eq!(lines(&["source", "keep", "--data", data, "fil", "forever"])[0]["keep"], "forever");
    let told = &lines(&["retention", "--data", data, "--json", "--keep-items-days", "1"])[0];
    assert_eq!((&told["due"][2][0], &told["due"][2][1]["items"]), (&json!(30), &json!(0)));
    lines(&["source", "keep", "--data", data, "fil", "default"]);
    let told =
        &lines(&["retention", "--data", data, "--json", "--keep-items-days", "1", "--apply"])[0];
    assert_eq!((&told["due"][1][1]["items"], &told["applied"]["items"]), (&json!(2), &json!(0)));
    assert!(told["bytes_a_day"].as_u64().unwrap() > 0 && told["free_bytes"].as_u64().unwrap() > 0);
    let told =
        &lines(&["retention", "--data", data, "--json", "--keep-documents-days", "0", "--apply"])
            [0];
    assert_eq!(told["applied"]["documents"], 1);
    // Also from what was reduced it is read as it was.
    let again = &lines(&["reprocess", "--data", data, "--all"])[0];
    assert_eq!(again, &json!({ "reread": 2, "changed": 0, "unreadable": 0 }));
}

/// Names come from feeds: none of them commands a terminal or turns what stands after it.
#[test]
fn a_name_from_outside_is_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (address, name) = ("https://a.example/fil.rss", "Le fil \u{9b}31m\u{202e}lrep");
    told(&["source", "add", "--data", data, address]);
    told(&["source", "change", "--data", data, address, "--name", name]);
    let list = told(&["source", "list", "--data", data, "--json"]);
    assert!(!list.contains(['\u{9b}', '\u{202e}']), "{list}");
    let source: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(source["name"], "Le fil 31mlrep");
}

/// Where a file lay that was imported is the operator's business.
#[test]
fn what_is_public_tells_no_path_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    told(&["import", "--data", data, &page(folder.path())]);
    let source = lines(&["source", "list", "--data", data, "--json"])[0]["id"].clone();
    let source = source.as_str().unwrap();
    told(&["source", "change", "--data", data, source, "--visibility", "shared"]);
    for format in ["atom", "csv", "jsonl"] {
        let export = told(&["export", "--data", data, "--public", "--format", format]);
        assert!(export.contains("coalition"), "{format}: {export}");
        let path = folder.path().to_str().unwrap();
        assert!(!export.contains("file:") && !export.contains(path), "{format}: {export}");
    }
}
