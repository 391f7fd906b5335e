//! `depeche search --batch`: one query a line, answered from an index that is already open.

use depeche_news::{Problem, Viewer};
use depeche_search::{Hit, Hits, Query, Reader, Scope};
use serde::Deserialize;
use serde_json::{Value, json};

/// Hits of one answer: as many as a measure of recall looks at.
const HITS_MAX: usize = 100;

/// One input line.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    query: String,
    /// Whether it is read as what a reader types, with operators and fields, instead of as plain words.
    #[serde(default)]
    typed: bool,
}

/// Answers one line: the ids of the articles found, best first, by relevance alone. Whoever can
/// run the command on the data folder may see all of it.
pub(crate) fn answer(index: &Reader, line: &str) -> Value {
    let Line { id, query, typed } = match serde_json::from_str(line) {
        Ok(line) => line,
        Err(error) => return refusal(line, &error.to_string()),
    };
    let scope = Scope { limit: HITS_MAX, with_external: true, ..Scope::new(Viewer::Administrator) };
    // The query is read inside the measured time; the reader measures the rest.
    let started = std::time::Instant::now();
    let query = if typed { Query::parse(&query) } else { Query::plain(&query) };
    let found = index.search(&query, &scope);
    let microseconds = started.elapsed().as_micros() as u64;
    let (Hits { hits, .. }, problem) = match found {
        Ok(found) => (found, None),
        Err(error) => (Hits::default(), Some(Problem::new("unreadable", error.to_string()))),
    };
    let hits: Vec<_> = hits.into_iter().map(name).collect();
    let problems: Vec<_> = problem.iter().map(Problem::to_string).collect();
    json!({ "id": id, "hits": hits, "microseconds": microseconds, "problems": problems })
}

/// What a hit is called: as in the line it was imported from, if it was.
fn name(hit: Hit) -> String {
    hit.external.unwrap_or_else(|| hit.item.to_string())
}

/// The answer to a line that is no query; its id is kept if it has one.
fn refusal(line: &str, why: &str) -> Value {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let id = line.get("id").cloned().unwrap_or_default();
    let problem = Problem::new("bad_input", why).to_string();
    json!({ "id": id, "hits": [], "microseconds": null, "problems": [problem] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_gets_its_answer() {
        let folder = tempfile::tempdir().unwrap();
        let mut index = depeche_search::Index::open(folder.path()).unwrap().index;
        index.commit(0, 0).unwrap();
        let reader = index.reader().unwrap();
        let found = answer(&reader, r#"{"id":"q1","query":"\"Otan\" -Syrie"}"#);
        assert_eq!((&found["id"], &found["hits"]), (&json!("q1"), &json!([])));
        assert!(found["microseconds"].is_u64() && found["problems"] == json!([]));
        for (line, id) in [("", Value::Null), ("{", Value::Null), (r#"{"id":7}"#, json!(7))] {
            let refused = answer(&reader, line);
            assert_eq!((&refused["id"], &refused["hits"]), (&id, &json!([])), "{line}");
            let problem = refused["problems"][0].as_str().unwrap_or_default();
            assert!(problem.starts_with("bad_input"), "{problem}");
        }
    }
}
