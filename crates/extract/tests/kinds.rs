//! Pages without a story, and stories that look like such pages, written by us: what each is taken for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use depeche_extract::{Extracted, Hints, PageKind};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/kinds")
}

fn word(kind: PageKind) -> String {
    format!("{kind:?}").to_lowercase()
}

/// What differs from what is expected of a page.
fn differences(name: &str, expected: &Value) -> Vec<String> {
    let page = std::fs::read(folder().join(format!("{name}.html"))).unwrap();
    let hints = Hints { address: expected["address"].as_str(), ..Hints::default() };
    let Extracted { article, kind, problems, evidence } = depeche_extract::article(&page, &hints);
    let without = problems.iter().any(|problem| problem.word == "no_body");
    let is_story = kind == PageKind::Story;
    let mut wrong = Vec::new();
    let mut check = |what: &str, got: &Value, wanted: &Value| {
        if got != wanted {
            wrong.push(format!("{name}: {what} {got} instead of {wanted}"));
        }
    };
    check("kind", &word(kind).into(), &expected["kind"]);
    check("is told", &without.into(), &(!is_story).into());
    check("has a body", &(!article.body.is_empty()).into(), &is_story.into());
    check(
        "paywalled",
        &article.paywalled.into(),
        &expected["paywalled"].as_bool().unwrap_or_default().into(),
    );
    if let Some(headline) = expected["headline"].as_str() {
        check("headline", &article.headline.as_str().into(), &headline.into());
    }
    if let Some(wanted) = expected["evidence"].as_str() {
        let by = evidence.iter().find(|(field, _)| *field == "body").map(|(_, by)| by.as_str());
        check("evidence", &by.into(), &wanted.into());
    }
    if let Some(paragraphs) = expected["body"].as_u64() {
        let text = article.text();
        check("paragraphs", &text.split("\n\n").count().into(), &paragraphs.into());
    }
    wrong
}

#[test]
fn pages_are_taken_for_what_they_are() {
    let expected = std::fs::read(folder().join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let expected = expected.as_object().unwrap();
    let pages = std::fs::read_dir(folder()).unwrap().count() - 2;
    assert_eq!(pages, expected.len(), "each page has an expectation");
    let wrong: Vec<_> =
        expected.iter().flat_map(|(name, expected)| differences(name, expected)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
