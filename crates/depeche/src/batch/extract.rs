//! `depeche extract --batch`: one line in, one answer out, whatever the line names.

use std::io::Read as _;

use depeche_extract::{Extracted, Hints};
use depeche_news::Problem;
use serde_json::{Value, json};

/// Longest page that is unpacked; a small file that unpacks to more is an attack.
const PAGE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Answers one input line `{"id", "path", "url"?}`.
pub(crate) fn answer(line: &str) -> Value {
    let input: Value = match serde_json::from_str(line) {
        Ok(input) => input,
        Err(error) => return failed(Value::Null, Problem::new("bad_input", error.to_string())),
    };
    let id = input.get("id").cloned().unwrap_or(Value::Null);
    let Some(path) = input.get("path").and_then(Value::as_str) else {
        return failed(id, Problem::new("bad_input", "no path"));
    };
    let page = match page(path) {
        Ok(page) => page,
        Err(error) => return failed(id, Problem::new("unreadable", error.to_string())),
    };
    let hints = Hints { address: input.get("url").and_then(Value::as_str), ..Hints::default() };
    match std::panic::catch_unwind(|| depeche_extract::any(&page, &hints)) {
        Ok(extracted) => told(id, &extracted),
        Err(_) => failed(id, Problem::new("panic", "")),
    }
}

/// The bytes of a page; those inside of a `.gz`.
fn page(path: &str) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    if path.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(file).take(PAGE_BYTES_MAX).read_to_end(&mut bytes)?;
    } else {
        file.take(PAGE_BYTES_MAX).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn told(id: Value, extracted: &Extracted) -> Value {
    let article = &extracted.article;
    let text = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    json!({
        "id": id,
        "headline": text(&article.headline),
        "credit": article.credit,
        "standfirst": article.standfirst,
        "authors": article.authors,
        "published": article.published,
        "modified": article.modified,
        "language": article.language,
        "text": article.text(),
        "evidence": extracted.evidence.iter().map(|(field, by)| (*field, by)).collect::<Vec<_>>(),
        "problems": extracted.problems.iter().map(Problem::to_string).collect::<Vec<_>>(),
    })
}

fn failed(id: Value, problem: Problem) -> Value {
    json!({
        "id": id, "headline": null, "credit": null, "standfirst": null, "authors": [], "published": null,
        "modified": null, "language": null, "text": "", "problems": [problem.to_string()],
    })
}
