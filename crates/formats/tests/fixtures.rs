//! Reads every feed of the fixtures and compares with what is expected; then mutilates them.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

use std::path::{Path, PathBuf};

use depeche_formats::{Hints, cut, read, sniff};
use proptest::prelude::*;
use serde_json::Value;

const BASE: &str = "https://fil.example/rss";

fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let files = ["feeds", "agency"].into_iter().flat_map(|folder| files(&root.join(folder)));
    let is_input = |path: &PathBuf| {
        let name = path.to_string_lossy();
        !name.ends_with(".expected.json") && !name.ends_with(".md")
    };
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
        let document = read(&bytes, &Hints { base: Some(BASE), ..Hints::default() });
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

/// What a document that was cut anywhere says less than the whole, it says that it does not say.
#[test]
fn nothing_is_lost_silently_wherever_a_document_ends() {
    let hints = Hints { base: Some(BASE), ..Hints::default() };
    let mut cuts = 0;
    for (path, bytes) in fixtures() {
        let whole = read(&bytes, &hints);
        if whole.incomplete || whole.format.is_none() {
            continue;
        }
        for end in (0..bytes.len()).step_by(5) {
            let part = read(&bytes[..end], &hints);
            // Behind its end of text a wire's message may end anywhere, and another need not follow.
            let between = bytes[..end].iter().rev().find(|byte| matches!(byte, 1 | 3)) == Some(&3);
            let told =
                between || part.incomplete || part.format.is_none() && !part.problems.is_empty();
            let same = part.items == whole.items && part.feed == whole.feed;
            assert!(told || same, "{} ends at {end} and says nothing of it", path.display());
            cuts += 1;
        }
    }
    assert!(cuts > 1000, "only {cuts}");
}

/// Formats in which a message is one item, or text without elements: there is nothing to cut.
const UNCUT: [&str; 4] = ["nitf", "ninjs", "iptc7901", "anpa1312"];

/// What is left says of the kept entries what the whole said, and nothing of the others.
#[track_caller]
fn check_cut(name: &str, bytes: &[u8], keep: impl Fn(usize) -> bool) {
    let hints = Hints { base: Some(BASE), ..Hints::default() };
    let document = read(bytes, &hints);
    let rest = cut(bytes, &hints, &keep).unwrap_or_else(|| panic!("{name} was not cut"));
    let again = read(&rest, &hints);
    let kept = document.items.iter().enumerate().filter(|(at, _)| keep(*at));
    assert_eq!(again.items, kept.map(|(_, entry)| entry.clone()).collect::<Vec<_>>(), "{name}");
    let text = String::from_utf8_lossy(&rest);
    for (at, entry) in document.items.iter().enumerate().filter(|(at, _)| !keep(*at)) {
        let title = entry.title.as_deref().filter(|title| title.is_ascii() && title.len() > 20);
        assert!(!title.is_some_and(|title| text.contains(title)), "{name} still has {at}");
    }
}

#[test]
fn every_entry_of_a_fixture_can_be_cut_out() {
    let mut cuts = 0;
    for (path, bytes) in fixtures() {
        let document = read(&bytes, &Hints { base: Some(BASE), ..Hints::default() });
        let one = document.format.as_deref().is_none_or(|format| UNCUT.contains(&format));
        // A sitemap or a message without items is none.
        if one || document.items.len() < 2 {
            continue;
        }
        let name = path.display().to_string();
        for gone in 0..document.items.len() {
            check_cut(&name, &bytes, |at| at != gone);
            check_cut(&name, &bytes, |at| at == gone);
            cuts += 2;
        }
    }
    assert!(cuts > 20, "only {cuts}");
}

/// A feed of a format, entry by entry, in an encoding.
fn generated(format: usize, titles: &[String], wide: bool) -> Vec<u8> {
    let escaped = |title: &str| title.replace('&', "&amp;").replace('<', "&lt;");
    let entries = |make: &dyn Fn(usize, &str) -> String| {
        titles.iter().enumerate().map(|(at, title)| make(at, title)).collect::<String>()
    };
    let text = match format {
        0 => format!("<rss version='2.0'><channel><title>Fil</title>{}</channel></rss>", entries(&|at, title| {
            format!("<item><guid>{at}</guid><title>{}</title><description><![CDATA[<p>{title}]]></description></item>\n", escaped(title))
        })),
        1 => format!("<feed xmlns='http://www.w3.org/2005/Atom'>{}<id>x</id></feed>", entries(&|at, title| {
            format!("<entry><id>{at}</id><title>{}</title></entry>", escaped(title))
        })),
        2 => format!("<rdf:RDF><channel><title>Fil</title></channel>{}</rdf:RDF>", entries(&|at, title| {
            format!("<item rdf:about='/{at}'><title>{}</title>", escaped(title))
        })),
        3 => serde_json::json!({
            "version": "https://jsonfeed.org/version/1.1",
            "items": titles.iter().enumerate().map(|(at, title)| serde_json::json!({"id": at, "title": title})).collect::<Vec<_>>(),
        }).to_string(),
        _ => format!("<newsMessage><itemSet>{}</itemSet></newsMessage>", entries(&|at, title| {
            format!("<newsItem guid='{at}'><contentMeta><headline>{}</headline></contentMeta></newsItem>", escaped(title))
        })),
    };
    match wide {
        true => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        false => text.into_bytes(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Cut, doubled, and with pieces of other places in it, a document is still read to its end.
    #[test]
    fn a_mutilated_fixture_is_read(
        which in 0_usize..128,
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
        let document = read(&bytes, &Hints { content_type: Some("text/xml; charset=latin1"), base: Some(BASE), zone: None });
        prop_assert!(document.format.is_some() || !document.problems.is_empty());
        prop_assert_eq!(document.incomplete, document.problems.iter().any(|p| p.word == "incomplete"));
        let hints = Hints { base: Some(BASE), ..Hints::default() };
        if let Some(rest) = depeche_formats::cut(&bytes, &hints, |at| at % 2 == 1) {
            let odd = read(&bytes, &hints).items.into_iter().skip(1).step_by(2);
            prop_assert_eq!(read(&rest, &hints).items, odd.collect::<Vec<_>>());
        }
        let _ = (sniff(&bytes), depeche_formats::opml::read(&bytes));
        let _ = depeche_formats::discover(&String::from_utf8_lossy(&bytes), BASE);
    }

    #[test]
    fn a_generated_feed_is_cut(
        format in 0_usize..5,
        titles in prop::collection::vec("[a-zé<&]{1,12}", 1..8),
        kept in any::<u8>(),
        wide in any::<bool>(),
    ) {
        let bytes = generated(format, &titles, wide);
        check_cut("generated", &bytes, |at| kept >> at & 1 == 1);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = cut(&bytes, &Hints::default(), |at| at % 2 == 0);
        let _ = (read(&bytes, &Hints::default()), sniff(&bytes), depeche_formats::opml::read(&bytes));
    }
}
