//! `depeche group --batch`: places each article of a stream among the earlier ones.

use std::collections::{HashMap, VecDeque};

use depeche_cluster::{Candidate, Limits, Placement, Relation, Trace, Window};
use depeche_news::{Moment, Problem};
use serde_json::{Value, json};

/// Answers the lines of one stream; what came earlier in it is what later lines are compared with.
pub(crate) struct Group {
    window: Window,
    traces: Traces,
}

/// The traces of what may be in the window, and the ids in the order they came.
#[derive(Default)]
struct Traces {
    by_id: HashMap<String, Vec<u8>>,
    came: VecDeque<String>,
}

impl Traces {
    fn keep(&mut self, id: &str, trace: &Trace) {
        if self.by_id.insert(id.to_owned(), trace.to_bytes()).is_none() {
            self.came.push_back(id.to_owned());
        }
        if self.came.len() > Limits::default().items_max {
            self.came.pop_front().and_then(|oldest| self.by_id.remove(&oldest));
        }
    }

    fn get(&self, id: &str) -> Option<Trace> {
        Trace::from_bytes(self.by_id.get(id)?)
    }
}

impl Group {
    /// A stream that begins.
    pub(crate) fn new() -> Self {
        Self { window: Window::new(Limits::default()), traces: Traces::default() }
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
        };
        let placement = self.window.place(&candidate, |id| self.traces.get(id));
        self.traces.keep(id, &placement.trace);
        told(id, &placement)
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
