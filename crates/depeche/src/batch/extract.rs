//! `depeche extract --batch`: one line in, one answer out, whatever the line names.

use depeche_extract::{Extracted, Hints, study::Model};
use depeche_news::Problem;
use serde_json::{Value, json};

use super::{Named, named};

/// Answers one input line `{"id", "path", "url"?}`, by weights if there are any.
pub(crate) fn answer(line: &str, model: Option<&Model>) -> Value {
    let Named { id, input, bytes, cut } = match named(line) {
        Ok(named) => named,
        Err((id, problem)) => return failed(id, &problem),
    };
    let address = input.get("url").and_then(Value::as_str);
    let hints = Hints { address, model, ..Hints::default() };
    match std::panic::catch_unwind(|| depeche_extract::any(&bytes, &hints)) {
        Ok(mut extracted) => {
            if cut {
                extracted.problems.push(Problem::new("incomplete", super::CUT));
            }
            told(id, &extracted)
        }
        Err(_) => failed(id, &Problem::new("panic", "")),
    }
}

/// What is answered for a page that was read.
pub(crate) fn told(id: Value, extracted: &Extracted) -> Value {
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

/// What is answered for what could not be read.
pub(crate) fn failed(id: Value, problem: &Problem) -> Value {
    json!({
        "id": id, "headline": null, "credit": null, "standfirst": null, "authors": [], "published": null,
        "modified": null, "language": null, "text": "", "problems": [problem.to_string()],
    })
}
