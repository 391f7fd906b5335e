//! `depeche import`: archives, mail, lists, and what happens when it is cut off.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::{depeche, lines, told, until};

struct Wire {
    folder: tempfile::TempDir,
}

fn wire() -> Wire {
    Wire { folder: tempfile::tempdir().unwrap() }
}

impl Wire {
    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let file = self.folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn import(&self, file: &str) -> Value {
        lines(&["import", "--data", &self.data(), file]).remove(0)
    }

    fn headlines(&self) -> Vec<String> {
        let items = lines(&["items", "--data", &self.data()]);
        let mut headlines: Vec<String> =
            items.iter().map(|item| item["headline"].as_str().unwrap().to_owned()).collect();
        headlines.sort();
        headlines
    }

    fn sources(&self) -> Vec<(String, String)> {
        let sources = lines(&["source", "list", "--json", "--data", &self.data()]);
        let of = |source: &Value, key: &str| source[key].as_str().unwrap().to_owned();
        sources.iter().map(|source| (of(source, "address"), of(source, "name"))).collect()
    }
}

fn fixture(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures", name].iter().collect();
    path.to_str().unwrap().to_owned()
}

fn problems(summary: &Value) -> Vec<&str> {
    summary["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem.as_str().unwrap())
        .collect()
}

const PAGES: [&str; 4] = [
    "La bibliothèque allonge ses horaires",
    "Le marché aux fleurs revient samedi",
    "Le pont des Tanneurs rouvre à la circulation",
    "Un platane centenaire abattu",
];

#[test]
fn an_archive_gives_its_pages_under_their_outlets_however_it_is_packed() {
    for name in ["warc/plain.warc", "warc/records.warc.gz", "warc/whole.warc.gz"] {
        let wire = wire();
        let summary = wire.import(&fixture(name));
        assert_eq!(
            (&summary["records"], &summary["items"]),
            (&json!(9), &json!(4)),
            "{name}: {summary}"
        );
        assert_eq!(
            summary["passed_over"],
            json!({ "media": 1, "other": 1, "request": 1, "revisit": 1, "status": 1 })
        );
        assert_eq!(summary["problems"], json!([]), "{name}");
        assert_eq!(wire.headlines(), PAGES, "{name}");
        let outlets: Vec<String> = wire.sources().into_iter().map(|(address, _)| address).collect();
        assert_eq!(outlets, ["file:canal.example", "file:fil.example"]);
        // At the moment it was in the archive, where it says none itself.
        let found = &lines(&["search", "--data", &wire.data(), "Tanneurs"])[0];
        assert_eq!(found["at"], "2016-02-11T15:41:00Z");
        let again = wire.import(&fixture(name));
        assert_eq!(
            (&again["repeated"], &again["items"], &again["records"]),
            (&json!(1), &json!(0), &json!(0))
        );
    }
}

#[test]
fn a_broken_archive_gives_what_is_whole_and_says_what_is_not() {
    let broken = wire();
    let summary = broken.import(&fixture("warc/broken.warc"));
    let problems = problems(&summary);
    assert!(problems.iter().any(|problem| problem.contains("as long as it says")), "{problems:?}");
    assert_eq!(broken.headlines()[..3], PAGES[..3]);
    let member = wire();
    let summary = member.import(&fixture("warc/broken-member.warc.gz"));
    assert!(!summary["problems"].as_array().unwrap().is_empty());
    assert_eq!(member.headlines(), PAGES[1..3]);
}

#[test]
fn mail_is_kept_under_its_list_or_its_sender() {
    let wire = wire();
    let summary = wire.import(&fixture("mail"));
    assert_eq!((&summary["records"], &summary["items"]), (&json!(5), &json!(5)), "{summary}");
    assert_eq!(
        wire.headlines(),
        [
            "Audience du 12 février",
            "Audience du 19 février",
            "Communiqué: l'audience du 12 février est reportée",
            "La crue de la Meuse recule à Verdun",
            "Le pont rouvre lundi",
        ]
    );
    let expected = [
        ("mail:greffe@tribunal.example", "Greffe du tribunal"),
        ("mail:matinale.fil.example", "La matinale de Meuse"),
        ("mail:presse@mairie.example", "Mairie"),
    ];
    let expected: Vec<_> =
        expected.map(|(address, name)| (address.to_owned(), name.to_owned())).into();
    assert_eq!(wire.sources(), expected);
    assert_eq!(problems(&summary).len(), 1, "{summary}");
    let found = lines(&["search", "--data", &wire.data(), "greffier"]);
    assert_eq!(found.len(), 1);
    // Read again by the same reader, nothing changes; taken down, nothing is left of the message.
    let again = &lines(&["reprocess", "--all", "--data", &wire.data()])[0];
    assert_eq!(again["changed"].as_u64().unwrap_or(0), 0, "{again}");
    let id = found[0]["item"].as_str().or_else(|| found[0]["id"].as_str()).unwrap().to_owned();
    told(&["items", "remove", "--data", &wire.data(), "--reason", "Erreur", "--yes", &id]);
    assert!(lines(&["search", "--data", &wire.data(), "greffier"]).is_empty());
    let file = std::fs::read(Path::new(&wire.data()).join("depeche.sqlite")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("dit le greffier"));
}

#[test]
fn a_list_of_sources_goes_in_and_out_with_its_folders() {
    let wire = wire();
    let list = "<opml version='2.0'><body><outline text='Presse'><outline text='Régions'><outline text='Le Fil &amp; co' \
        type='rss' xmlUrl='https://fil.example/rss?a=1&amp;b=2' language='fr'/></outline><outline xmlUrl='https://canal.example/atom'/>\
        </outline><outline type='rss' text='Rien'/></body></opml>";
    let summary = wire.import(&wire.put("sources.opml", list));
    assert_eq!((&summary["sources"], problems(&summary).len()), (&json!(2), 1), "{summary}");
    told(&[
        "source",
        "add",
        "--private",
        "--data",
        &wire.data(),
        "https://interne.example/rss?cle=s3cret",
    ]);
    let out = told(&["source", "export", "--data", &wire.data()]);
    let read = depeche_formats::opml::read(out.as_bytes());
    let found: Vec<_> = read
        .outlines
        .iter()
        .map(|o| (o.feed.as_str(), o.folder.as_deref(), o.title.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("https://canal.example/atom", Some("Presse"), "https://canal.example/atom"),
            ("https://fil.example/rss?a=1&b=2", Some("Presse / Régions"), "Le Fil & co"),
        ]
    );
    let file = wire.folder.path().join("out.opml");
    told(&[
        "source",
        "export",
        "--private",
        "--data",
        &wire.data(),
        "--out",
        file.to_str().unwrap(),
    ]);
    assert!(std::fs::read_to_string(&file).unwrap().contains("s3cret"));
}

#[test]
fn lines_that_are_none_are_told_and_not_taken() {
    let wire = wire();
    let article = |id: &str, more: Value| {
        let mut line = json!({ "id": id, "title": format!("Titre {id}"), "text": "Un texte." });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line.to_string()
    };
    let text = [
        article("a", json!({})),
        "[]".to_owned(),
        "{}".to_owned(),
        article("b", json!({ "published": "avant-hier", "url": "ftp://a.example/x" })),
        String::new(),
        article("a", json!({ "title": "Titre a, corrigé" })),
        article("c", json!({ "published": "jeudi 11 février 2016 16:41" })),
    ];
    let summary = wire.import(&wire.put("lignes.jsonl", text.join("\n")));
    assert_eq!(wire.headlines(), ["Titre a, corrigé", "Titre b", "Titre c"]);
    let told: Vec<String> = problems(&summary)
        .iter()
        .map(|told| told.split(" (file:").next().unwrap().to_owned())
        .collect();
    assert_eq!(
        told,
        [
            "bad_input: line 2: not a JSON object",
            "bad_input: line 3: neither a title nor a text",
            "bad_input: line 4: `published` is not a date: avant-hier",
            "bad_input: line 4: `url` is not a web address: ftp://a.example/x",
            "bad_input: line 6: the same item as line 1; the later one counts",
        ]
    );
    let c = lines(&["items", "--data", &wire.data()])
        .into_iter()
        .find(|item| item["headline"] == "Titre c")
        .unwrap();
    assert!(c["published"].as_str().unwrap().starts_with("2016-02-11T16:41"), "{c}");
}

#[test]
fn a_line_goes_to_the_source_it_names_else_to_that_of_its_file() {
    let wire = wire();
    let line = |title: &str, source: Value| {
        json!({ "title": title, "text": "Un texte.", "source": source }).to_string()
    };
    let text = [
        String::new(),
        line("Un", json!("Fil")),
        line("Deux", Value::Null),
        String::new(),
        line("Trois", json!(" Fil ")),
        line("Quatre", json!(4)),
    ];
    let summary = wire.import(&wire.put("lignes.jsonl", text.join("\n")));
    assert_eq!(problems(&summary), [""; 0]);
    let items = lines(&["items", "--data", &wire.data()]);
    let titles = |source: &str| {
        let named = items.iter().filter(|item| item["source"] == source);
        let mut titles: Vec<_> = named.map(|item| item["headline"].as_str().unwrap()).collect();
        titles.sort_unstable();
        titles
    };
    assert_eq!(titles("Fil"), ["Trois", "Un"]);
    assert_eq!(titles("lignes"), ["Deux", "Quatre"]);
}

#[test]
fn folders_that_are_not_looked_into_are_told() {
    let wire = wire();
    let folder = wire.folder.path().join("dossier");
    let deep = (0..20).fold(folder.clone(), |folder, level| folder.join(format!("n{level}")));
    std::fs::create_dir_all(&deep).unwrap();
    let line = json!({ "title": "Un", "text": "Un texte." }).to_string();
    std::fs::write(deep.join("loin.jsonl"), &line).unwrap();
    std::fs::write(folder.join("ici.jsonl"), &line).unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("retour")).unwrap();
    let summary = wire.import(folder.to_str().unwrap());
    let told = problems(&summary);
    assert_eq!((summary["items"].as_u64(), told.len()), (Some(1), 2), "{summary}");
    assert!(
        told[0].contains("/n16: deeper than") && told[1].contains("/retour: a link"),
        "{told:?}"
    );
}

#[test]
fn a_line_that_is_too_long_costs_only_itself() {
    let wire = wire();
    let line = |title: &str, text: &str| json!({ "title": title, "text": text }).to_string();
    let text =
        [line("Un", "Texte."), line("Trop", &"mot ".repeat(1_200_000)), line("Deux", "Texte.")]
            .join("\n");
    let summary = wire.import(&wire.put("longues.jsonl", text));
    assert_eq!(wire.headlines(), ["Deux", "Un"]);
    assert!(problems(&summary)[0].starts_with("too_large: line 2"), "{summary}");
}

#[test]
fn the_same_bytes_under_another_name_are_told_and_taken_once() {
    let wire = wire();
    let line = json!({ "id": "a", "title": "Un titre", "text": "Un texte." }).to_string();
    wire.import(&wire.put("une.jsonl", &line));
    let summary = wire.import(&wire.put("autre.jsonl", &line));
    assert!(problems(&summary)[0].contains("taken in as file:"), "{summary}");
    assert_eq!((wire.headlines().len(), wire.sources().len()), (1, 1));
    // Under a name that was asked for it is another source's.
    lines(&[
        "import",
        "--data",
        &wire.data(),
        "--source",
        "Autre",
        &wire.put("autre.jsonl", &line),
    ]);
    assert_eq!(wire.headlines().len(), 2);
}

#[test]
fn a_plain_sitemap_is_refused_with_what_to_do() {
    let wire = wire();
    let map = wire.put("plan.xml", "<?xml version='1.0'?><sitemapindex><sitemap><loc>https://a.example/1.xml</loc></sitemap></sitemapindex>");
    let output = depeche(&["import", "--data", &wire.data(), &map]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("source add"));
}

/// So many pages of seven outlets.
fn archive(pages: usize) -> String {
    let page = |number: usize| {
        let text = format!("Le conseil numéro {number} a voté mardi soir le budget de la commune, a dit le maire {number}. ").repeat(4);
        let html = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>Conseil {number}</title><article><h1>Conseil {number}</h1><p>{text}</p></article></html>"
        );
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://c{}.example/{number}\r\nWARC-Date: 2016-02-11T15:41:00Z\r\n\
             Content-Length: {}\r\n\r\n{html}\r\n\r\n",
            number % 7,
            html.len(),
        )
    };
    (0..pages).map(page).collect()
}

#[test]
fn nothing_to_take_in_is_said_with_what_would_be() {
    let wire = wire();
    let empty = wire.folder.path().join("vide");
    std::fs::create_dir(&empty).unwrap();
    let zip = wire.put("tout.zip", b"PK\x03\x04\0\0\0\0");
    for (given, why) in
        [(empty.to_str().unwrap(), "there is no file in"), (&*zip, "a zip archive: unpack it")]
    {
        let output = depeche(&["import", "--data", &wire.data(), given]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1));
        assert!(told.contains(why) && told.contains("hint: give feeds"), "{told}");
    }
    let line = wire.put("un.jsonl", json!({ "title": "Un", "text": "Un texte." }).to_string());
    assert_eq!(wire.import(&line)["sources"], 1);
}

/// Interrupted, an import says so, keeps what it has read, and goes on where it was.
#[test]
fn an_import_that_is_interrupted_says_how_to_go_on() {
    let wire = wire();
    let file = wire.put("conseils.warc", archive(1_000));
    let import = depeche(&["import", "--data", &wire.data(), &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("it has begun", || Path::new(&wire.data()).join("ingest.lock").exists());
    kill_process(Pid::from_child(&import), Signal::INT).unwrap();
    let output = import.wait_with_output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["interrupted"], true, "{summary}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130));
    assert!(told.contains("the same command goes on"), "{told}");
    let rest = wire.import(&file);
    let records = |summary: &Value| summary["records"].as_u64().unwrap();
    assert_eq!(records(&summary) + records(&rest), 1_000, "{summary} {rest}");
    assert_eq!(wire.headlines().len(), 1_000);
}

/// Killed in its middle again and again, an import goes on where it was, and all is there once.
#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    const PAGES: usize = 400;
    let wire = wire();
    let file = wire.put("conseils.warc", archive(PAGES));
    let count = || {
        let output = depeche(&["items", "--data", &wire.data()]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().count()
    };
    let mut seen = 0;
    for _ in 0..3 {
        let mut import = depeche(&["import", "--data", &wire.data(), &file])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("some of it is on the wire while it reads", || {
            count() > seen || import.try_wait().unwrap().is_some()
        });
        let _ = import.kill();
        import.wait().unwrap();
        seen = count();
    }
    let summary = wire.import(&file);
    assert_eq!(wire.headlines().len(), PAGES, "{summary}");
    let versions = lines(&["export", "--data", &wire.data()]);
    assert!(versions.iter().all(|item| item["versions"].as_array().unwrap().len() == 1));
    let again = wire.import(&file);
    assert_eq!((&again["deliveries"], &again["repeated"]), (&json!(0), &json!(1)));
}
