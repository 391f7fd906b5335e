//! Backup and restore as a person runs them, and who may share a folder.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, path::Path, process::Stdio};

use depeche_store::Store;
use support::{Outside, Running, depeche, lines, told, until};

/// Article lines as a file; the wire of them in a folder.
fn wire(data: &Path, articles: usize) {
    let file = data.with_extension("jsonl");
    let lines: String = (0..articles)
        .map(|number| {
            format!(
                "{{\"id\":\"a{number}\",\"source\":\"Le Fil\",\"title\":\"Titre {number}\",\
                 \"text\":\"La préfète a ouvert le chantier{number} ce matin.\",\"language\":\"fr\"}}\n"
            )
        })
        .collect();
    fs::write(&file, lines).unwrap();
    told(&["import", "--data", data.to_str().unwrap(), file.to_str().unwrap()]);
}

/// What the program says on standard error when it refuses.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = depeche(arguments).output().unwrap();
    assert!(!output.status.success(), "{arguments:?} was done");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_wire_moves_by_its_backup_while_it_runs_and_is_searched_anew() {
    let place = tempfile::tempdir().unwrap();
    let (old, new, file) =
        (place.path().join("old"), place.path().join("new"), place.path().join("b.sqlite"));
    let [old, new, file] = [&old, &new, &file].map(|path| path.to_str().unwrap());
    wire(Path::new(old), 30);
    let outside = Outside::open();
    let running = Running::collector(Path::new(old), outside.port);
    until("it runs", || Path::new(old).join("collect.lock").exists());
    let written = &lines(&["backup", "--data", old, file])[0];
    assert_eq!(written["bytes"], fs::metadata(file).unwrap().len());
    drop(running);

    let restored = &lines(&["restore", "--data", new, file])[0];
    assert_eq!(restored["items"], 30);
    assert_eq!(told(&["items", "--data", new]), told(&["items", "--data", old]));
    assert!(refused(&["search", "--data", new, "chantier7"]).contains("hint: it is made by"));
    let _running = Running::collector(Path::new(new), outside.port);
    until("it is found", || {
        let search = depeche(&["search", "--data", new, "chantier7"]).output().unwrap();
        search.status.success() && search.stdout.iter().filter(|&&byte| byte == b'\n').count() == 1
    });
}

#[test]
fn an_index_of_the_old_life_is_not_used() {
    let place = tempfile::tempdir().unwrap();
    let (data, file) = (place.path().join("data"), place.path().join("b.sqlite"));
    let [data, file] = [&data, &file].map(|path| path.to_str().unwrap());
    wire(Path::new(data), 3);
    told(&["backup", "--data", data, file]);
    wire(Path::new(data), 9);
    assert_eq!(lines(&["search", "--data", data, "chantier7"]).len(), 1);
    told(&["restore", "--data", data, file, "--replace"]);
    let outside = Outside::open();
    let _running = Running::collector(Path::new(data), outside.port);
    until("what the backup has not is not found", || {
        lines(&["search", "--data", data, "chantier7"]).is_empty()
            && lines(&["search", "--data", data, "chantier2"]).len() == 1
    });
}

#[test]
fn what_is_refused_is_told_with_the_next_step() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (data, file, none) = (path("data"), path("b"), path("none"));
    let said = refused(&["backup", "--data", &none, &file]);
    assert!(said.starts_with("error: there is no wire in "), "{said}");
    wire(Path::new(&data), 3);
    told(&["backup", "--data", &data, &file]);
    let said = refused(&["backup", "--data", &data, &file]);
    assert!(said.contains("it is there already\n  hint: "), "{said}");
    let said = refused(&["restore", "--data", &data, &file]);
    assert!(said.contains("there is a wire in ") && said.contains("--replace"), "{said}");

    let bytes = fs::read(&file).unwrap();
    let mut later = bytes.clone();
    later[60..64].copy_from_slice(&9999u32.to_be_bytes());
    let mut foreign = bytes.clone();
    foreign[68..72].copy_from_slice(b"ELSE");
    let cases: [(&[u8], &str); 4] = [
        (b"not a database at all", "was not made by D\u{e9}p\u{ea}che"),
        (&foreign, "was not made by D\u{e9}p\u{ea}che"),
        (&bytes[..bytes.len() - 100], "it ends early"),
        (&later, "the store has schema 9999"),
    ];
    for (bytes, sentence) in cases {
        fs::write(path("bad"), bytes).unwrap();
        let said = refused(&["restore", "--data", &none, &path("bad")]);
        assert!(said.contains(sentence) && said.contains("\n  hint: "), "{said}");
        assert!(!Path::new(&none).exists(), "{said}");
    }
    let said = refused(&["restore", "--data", &none, &path("missing")]);
    assert!(said.contains("No such file"), "{said}");
}

#[test]
fn a_second_server_on_a_folder_is_refused_and_names_the_first() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let outside = Outside::open();
    let running = Running::collector(&data, outside.port);
    until("it collects", || fs::metadata(data.join("collect.lock")).is_ok_and(|f| f.len() > 0));
    let folder = data.to_str().unwrap();
    let said = refused(&["run", "--data", folder, "--only", "collect"]);
    let first =
        format!("error: another depeche (process {}) collects in {folder}\n", running.0.id());
    assert!(said.starts_with(&first) && said.contains("--only serve"), "{said}");
    let file = place.path().join("b");
    let file = file.to_str().unwrap();
    told(&["backup", "--data", folder, file]);
    let said = refused(&["restore", "--data", folder, "--replace", file]);
    assert!(said.starts_with(&first), "{said}");
    // One that is about to end is waited for.
    let next = depeche(&["run", "--data", folder, "--only", "collect"])
        .stderr(Stdio::null())
        .spawn()
        .map(Running)
        .unwrap();
    running.kill();
    let number = format!("\"process\":{}", next.0.id());
    until("the next one collects", || {
        fs::read_to_string(data.join("collect.lock")).unwrap_or_default().contains(&number)
    });
    assert_eq!(Store::open(&data).unwrap().check().unwrap(), Vec::<String>::new());
}
