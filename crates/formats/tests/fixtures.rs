//! Reads every feed of the fixtures and compares with what is expected; then mutilates them.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

use std::path::{Path, PathBuf};

use depeche_formats::{Hints, read, sniff};
use proptest::prelude::*;
use serde_json::Value;

const BASE: &str = "https://fil.example/rss";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/feeds")
}

fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let is_input = |path: &PathBuf| !path.to_string_lossy().ends_with(".expected.json");
    let mut fixtures: Vec<_> =
        files.filter(is_input).map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    fixtures.sort();
    fixtures
}

/// Nothing and nothing in a list need not be expected.
fn without_empty(value: Value) -> Value {
    let is_filled =
        |value: &Value| !value.is_null() && value.as_array().is_none_or(|a| !a.is_empty());
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| is_filled(value));
            Value::Object(fields.map(|(key, value)| (key, without_empty(value))).collect())
        }
        Value::Array(values) => values.into_iter().map(without_empty).collect(),
        other => other,
    }
}

/// With `DEPECHE_EXPECT=write` what is read becomes what is expected: look at the difference.
#[test]
fn fixtures_are_read_as_expected() {
    let write = std::env::var("DEPECHE_EXPECT").is_ok_and(|value| value == "write");
    for (path, bytes) in fixtures() {
        let document = read(&bytes, &Hints { content_type: None, base: Some(BASE) });
        let found = without_empty(serde_json::to_value(&document).unwrap());
        let expected_path = path.with_extension("expected.json");
        if write {
            let pretty = serde_json::to_string_pretty(&found).unwrap();
            std::fs::write(&expected_path, pretty + "\n").unwrap();
        }
        let expected = std::fs::read(&expected_path).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        assert_eq!(found, expected, "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Cut, doubled, and with pieces of other places in it, a document is still read to its end.
    #[test]
    fn a_mutilated_fixture_is_read(
        which in 0_usize..64,
        cut in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        piece in prop::sample::select(vec![
            &b"<"[..], b">", b"&", b"\"", b"<![CDATA[", b"]]>", b"<!--", b"<!DOCTYPE x [", b"</item>",
            b"<item>", b"<a href='", b"xmlns:a=\"", b"&#x110000;", b"\xff", b"\xc3", b"\0", b"<?xml encoding=\"utf-16\"?>",
        ]),
    ) {
        let fixtures = fixtures();
        let mut bytes = fixtures[which % fixtures.len()].1.clone();
        let at = from.index(bytes.len());
        bytes.splice(at..at, piece.iter().copied());
        let (one, other) = (from.index(bytes.len()), to.index(bytes.len()));
        let copied = bytes[one.min(other)..one.max(other)].to_vec();
        let at = cut.index(bytes.len());
        bytes.splice(at..at, copied);
        bytes.truncate(cut.index(bytes.len()) + bytes.len() / 4);
        let document = read(&bytes, &Hints { content_type: Some("text/xml; charset=latin1"), base: Some(BASE) });
        prop_assert!(document.format.is_some() || !document.problems.is_empty());
        prop_assert_eq!(document.incomplete, document.problems.iter().any(|p| p.word == "incomplete"));
        let _ = (sniff(&bytes), depeche_formats::opml::read(&bytes));
        let _ = depeche_formats::discover(&String::from_utf8_lossy(&bytes), BASE);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (read(&bytes, &Hints::default()), sniff(&bytes), depeche_formats::opml::read(&bytes));
    }
}
