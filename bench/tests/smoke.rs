//! The bench does not rot: every part runs on tiny wires and tells its figures. How large they are
//! decides nothing here.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, path::Path, process::Command};

/// Runs it with these arguments; gives its figures as (part, name, value).
fn figures(arguments: &[&str]) -> Vec<(String, String, f64)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let said = Command::new(env!("CARGO_BIN_EXE_bench"))
        .env("RUST_BACKTRACE", "0")
        .args(["--quick", "--json"])
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap();
    assert!(said.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
    let told: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(told["header"]["commit"].is_string() && told["header"]["text"].is_string());
    let figures = told["figures"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    figures
        .map(|figure| {
            (text(&figure["part"]), text(&figure["name"]), figure["value"].as_f64().unwrap())
        })
        .collect()
}

/// Where only this package is tested, the program beside it is missing or old.
fn build_the_program() {
    let beside = Path::new(env!("CARGO_BIN_EXE_bench")).parent().unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap());
    // As the workspace's tests are built, which then has nothing to do.
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--tests"]);
    if beside.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success());
}

#[test]
fn every_part_runs() {
    build_the_program();
    let figures = figures(&["--articles", "40,120", "--connections", "12", "--socket"]);
    let parts: BTreeSet<&str> = figures.iter().map(|(part, ..)| part.as_str()).collect();
    let all =
        ["copies", "index", "ingest", "lag", "latest", "live", "memory", "poll", "search", "space"];
    assert_eq!(parts, BTreeSet::from(all));
    let value = |wanted: &str| {
        let named: Vec<f64> =
            figures.iter().filter(|(_, name, _)| name.contains(wanted)).map(|f| f.2).collect();
        assert!(!named.is_empty(), "no figure «{wanted}» in {figures:#?}");
        named[0]
    };
    // Stages that ingest no longer marks, or a tree that moved, would be measured as nothing.
    for stage in ["recorded", "read (", "placed", "appended", "indexed"] {
        assert!(value(stage).is_finite() && value(stage) < 1e8, "{stage}");
    }
    for part in ["bodies", "fingerprints", "wire log", "raw documents", "search index"] {
        assert!(value(part) > 0.0, "{part}");
    }
    assert_eq!(value("heard of every entry"), 12.0);
    assert_eq!(value("missed something untold"), 0.0);
}

#[test]
fn an_archive_is_made_imported_and_killed_on_its_way() {
    build_the_program();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages.warc.gz");
    let file = file.to_str().unwrap();
    let figures = figures(&["archive", file, "--gzip", "--count", "400", "--kills", "1"]);
    let value = |wanted: &str| {
        figures.iter().find(|(_, name, _)| name.contains(wanted)).map(|(.., value)| *value)
    };
    assert_eq!(value("pages missing, or there twice"), Some(0.0), "{figures:?}");
    assert_eq!(value("after 1 kills"), Some(0.0), "{figures:?}");
    assert!(value("items a second").is_some_and(|rate| rate > 0.0), "{figures:?}");
    assert!(value("resident").is_some_and(|bytes| bytes > 0.0), "{figures:?}");
}

#[test]
fn wires_that_are_kept_are_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().to_str().unwrap();
    let run = |only| figures(&["--articles", "40", "--keep", kept, "--only", only]);
    let made = run("ingest,space");
    assert!(made.iter().any(|(part, ..)| part == "ingest"));
    let again = run("ingest,space");
    assert!(again.iter().all(|(part, ..)| part == "space"), "{again:?}");
    assert_eq!(again.len(), made.iter().filter(|(part, ..)| part == "space").count());
}
