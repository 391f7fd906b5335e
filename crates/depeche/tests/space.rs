//! `depeche space`, as a program and as a person read it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "the support of all tests")]

mod support;

use support::{depeche, lines};

#[test]
fn the_parts_of_the_folder_are_told_as_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let articles = folder.path().join("articles.jsonl");
    let line = r#"{"id":"1","source":"Le Fil","title":"La Meuse en crue","text":"Le fleuve monte encore."}"#;
    std::fs::write(&articles, line).unwrap();
    lines(&["import", "--data", data, articles.to_str().unwrap()]);
    let told = lines(&["space", "--data", data]);
    assert_eq!(told.len(), 1);
    let bytes = |name: &str| told[0][name].as_u64().unwrap();
    assert_eq!((bytes("items"), bytes("versions")), (1, 1));
    assert_eq!(told[0]["sources"][0]["name"], "Le Fil");
    assert!(bytes("index_bytes") > 0 && bytes("handed_in_bytes") > 0 && bytes("item_bytes") > 0);
    assert_eq!(
        bytes("total_bytes"),
        ["file_bytes", "wal_bytes", "window_bytes", "index_bytes"].map(bytes).iter().sum::<u64>()
    );
}

#[test]
fn a_folder_without_a_wire_is_told_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("mistyped");
    let output = depeche(&["space", "--data", missing.to_str().unwrap()]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("there is no wire in"), "{error}");
    assert!(!missing.exists());
}
