//! `depeche read --batch`: one line in, one answer out, whatever the line names.

use std::io::Read as _;

use depeche_formats::{Document, Hints};
use depeche_news::Problem;
use serde_json::Value;

/// Longest document that is unpacked: twice what the collector takes from the network, so that
/// kept deliveries can always be read again.
const DOCUMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Answers one input line `{"id", "path", "headers"?, "base"?}`.
pub(crate) fn answer(line: &str) -> Value {
    let input: Value = match serde_json::from_str(line) {
        Ok(input) => input,
        Err(error) => return failed(Value::Null, Problem::new("bad_input", error.to_string())),
    };
    let id = input.get("id").cloned().unwrap_or(Value::Null);
    let Some(path) = input.get("path").and_then(Value::as_str) else {
        return failed(id, Problem::new("bad_input", "no path"));
    };
    let (bytes, cut) = match document(path) {
        Ok(read) => read,
        Err(error) => return failed(id, Problem::new("unreadable", error.to_string())),
    };
    let header = |name: &str| input.get("headers").and_then(|headers| headers.get(name)?.as_str());
    let hints = Hints {
        content_type: header("content-type"),
        base: input.get("base").and_then(Value::as_str).or_else(|| header("content-location")),
    };
    match std::panic::catch_unwind(|| depeche_formats::read(&bytes, &hints)) {
        Ok(mut document) => {
            if cut {
                document.incomplete = true;
                document.problems.push(Problem::new(
                    "incomplete",
                    "the file is longer than is read, or damaged",
                ));
            }
            told(id, &document)
        }
        Err(_) => failed(id, Problem::new("panic", "")),
    }
}

/// The bytes of a document, those inside of a `.gz`; and whether some at its end are missing.
fn document(path: &str) -> std::io::Result<(Vec<u8>, bool)> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    let read = if path.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(file).take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        file.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)
    };
    let cut = match read {
        Ok(length) => length as u64 > DOCUMENT_BYTES_MAX,
        // What a damaged archive gave before it broke is still news.
        Err(_) if !bytes.is_empty() => true,
        Err(error) => return Err(error),
    };
    bytes.truncate(usize::try_from(DOCUMENT_BYTES_MAX).unwrap_or(usize::MAX));
    Ok((bytes, cut))
}

fn told(id: Value, document: &Document) -> Value {
    let problems: Vec<_> = document.problems.iter().map(Problem::to_string).collect();
    let mut answer =
        serde_json::to_value(document).unwrap_or_else(|_| Value::Object(serde_json::Map::new()));
    answer["id"] = id;
    answer["problems"] = problems.into();
    answer
}

fn failed(id: Value, problem: Problem) -> Value {
    told(id, &Document { problems: vec![problem], ..Document::default() })
}
