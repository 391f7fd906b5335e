//! Whole pages, written by us in the markups that French outlets use, and what they must become.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use depeche_extract::{Extracted, Hints};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pages")
}

/// The names of all pages that have an expectation, in order.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.filter_map(|file| Some(file.strip_suffix(".expected.json")?.to_owned())).collect();
    names.sort();
    names
}

fn check(name: &str) {
    let page = std::fs::read(folder().join(format!("{name}.html"))).unwrap();
    let expected = std::fs::read(folder().join(format!("{name}.expected.json"))).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let Extracted { article, .. } = depeche_extract::article(&page, &Hints::default());

    let text = article.text();
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(serde_json::json!(paragraphs), expected["body"], "{name}: body");
    let told = serde_json::json!({
        "headline": article.headline, "credit": article.credit, "standfirst": article.standfirst,
        "authors": article.authors, "published": article.published, "language": article.language,
    });
    for (field, value) in told.as_object().unwrap() {
        assert_eq!(value, &expected[field], "{name}: {field}");
    }
    for furniture in expected["not_in_text"].as_array().unwrap() {
        assert!(!text.contains(furniture.as_str().unwrap()), "{name}: {furniture} in the text");
    }
}

#[test]
fn pages_become_the_articles_they_are() {
    let names = names();
    assert!(names.len() >= 8, "{names:?}");
    names.iter().for_each(|name| check(name));
}
