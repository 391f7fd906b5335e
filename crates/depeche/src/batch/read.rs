//! `depeche read --batch`: one line in, one answer out, whatever the line names.

use depeche_formats::{Document, Hints};
use depeche_news::Problem;
use serde_json::Value;

use super::{Named, named};

/// Answers one input line `{"id", "path", "headers"?, "base"?}`.
pub(crate) fn answer(line: &str) -> Value {
    let Named { id, input, bytes, cut } = match named(line) {
        Ok(named) => named,
        Err((id, problem)) => return failed(id, problem),
    };
    let header = |name: &str| input.get("headers").and_then(|headers| headers.get(name)?.as_str());
    let hints = Hints {
        content_type: header("content-type"),
        base: input.get("base").and_then(Value::as_str).or_else(|| header("content-location")),
        ..Hints::default()
    };
    match std::panic::catch_unwind(|| depeche_formats::read(&bytes, &hints)) {
        Ok(mut document) => {
            if cut {
                document.incomplete = true;
                document.problems.push(Problem::new("incomplete", super::CUT));
            }
            told(id, &document)
        }
        Err(_) => failed(id, Problem::new("panic", "")),
    }
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
