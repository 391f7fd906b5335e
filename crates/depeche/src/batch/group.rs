//! `depeche group --batch`: places each article of a stream among the earlier ones.

use depeche_cluster::{Candidate, Limits, Placement, Relation, Window};
use depeche_news::{Moment, Problem};
use serde_json::{Value, json};

/// Answers the lines of one stream; what came earlier in it is what later lines are compared with.
pub(crate) struct Group {
    window: Window,
}

impl Group {
    /// A stream that begins.
    pub(crate) fn new() -> Self {
        Self { window: Window::new(Limits::default()) }
    }

    /// The answer to one line.
    pub(crate) fn answer(&mut self, line: &str) -> Value {
        let article: Value = match serde_json::from_str(line) {
            Ok(article @ Value::Object(_)) => article,
            Ok(_) => return refusal(&Value::Null, "not an object"),
            Err(error) => return refusal(&Value::Null, &error.to_string()),
        };
        let field = |name: &str| article.get(name).and_then(Value::as_str);
        let Some(id) = field("id") else { return refusal(&article["id"], "no id") };
        let candidate = Candidate {
            id,
            title: field("title").unwrap_or_default(),
            text: field("text").unwrap_or_default(),
            published: field("published").and_then(Moment::parse).map(|at| at.sort_key()),
            source: field("source"),
            language: field("language"),
        };
        told(id, &self.window.place(&candidate))
    }
}

impl Default for Group {
    fn default() -> Self {
        Self::new()
    }
}

fn told(id: &str, placement: &Placement) -> Value {
    json!({
        "id": id,
        "dispatch": placement.dispatch,
        "relation": placement.relation.as_str(),
        "of": placement.of,
        "story": placement.story,
        "evidence": placement.evidence,
        "problems": [],
    })
}

fn refusal(id: &Value, detail: &str) -> Value {
    json!({
        "id": id,
        "dispatch": null,
        "relation": Relation::None.as_str(),
        "of": null,
        "story": null,
        "problems": [Problem::new("bad_input", detail).to_string()],
    })
}
