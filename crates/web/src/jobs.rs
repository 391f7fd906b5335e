//! What came of a click that the collector works off: a page that reloads until it is known.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use depeche_store::{JobState, JobView};
use serde::Deserialize;

use crate::{
    App,
    failure::Failure,
    forms::{Asked, Named},
    health,
    page::{Here, Page, Visit, draw, read},
    words::Words,
};

/// Feeds and problems shown of one job; a person reads no more.
const SHOWN_MAX: usize = 50;

/// `GET /travaux/{id}`
pub(crate) async fn job(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<i64>,
    asked: Asked,
) -> Result<Response, Failure> {
    visit.administrator()?;
    let view = read(&app, move |store| store.job(named.id)).await?;
    let view = view.ok_or(Failure::NotFound)?;
    let w = visit.words();
    let opml = asked.get("quoi") == Some("opml");
    let told = tell(&view, opml, w);
    draw(&JobPage {
        page: Page::new(&app, &visit, Here::Sources),
        w,
        title: told.title,
        waiting: view.state == JobState::Waiting,
        sentences: told.sentences,
        found: told.found,
        problems: told.problems,
    })
}

#[derive(Default)]
struct Told {
    title: &'static str,
    sentences: Vec<String>,
    found: Vec<FeedLine>,
    problems: Vec<String>,
}

fn tell(view: &JobView, opml: bool, w: &'static Words) -> Told {
    let (title, waiting) = match opml {
        true => (w.taking_opml, w.taking_now),
        false => (w.testing, w.testing_now),
    };
    let one =
        |sentence: &str| Told { title, sentences: vec![sentence.to_owned()], ..Told::default() };
    if view.state == JobState::Waiting {
        return one(waiting);
    }
    match serde_json::from_str(&view.result) {
        Ok(Outcome::Test { found, failure }) => test_told(found, failure, w),
        Ok(Outcome::Opml { added, known, problems }) => Told {
            title: w.taking_opml,
            sentences: vec![w.opml_outcome(added, known)],
            problems: problems.into_iter().take(SHOWN_MAX).map(problem).collect(),
            ..Told::default()
        },
        Err(_) => one(w.job_failed),
    }
}

fn test_told(found: Vec<Feed>, failure: Option<FailureWord>, w: &'static Words) -> Told {
    let sentence = match (&failure, found.is_empty()) {
        (_, false) => None,
        (Some(failure), true) => Some(health::test_failed(&failure.word, w)),
        (None, true) => Some(w.test_nothing.to_owned()),
    };
    let line = |feed: Feed| FeedLine {
        title: if feed.title.trim().is_empty() { feed.address.clone() } else { feed.title },
        count: [feed.format, w.dispatches(feed.items)].join(", "),
        address: feed.address,
    };
    Told {
        title: w.testing,
        sentences: sentence.into_iter().collect(),
        found: found.into_iter().take(SHOWN_MAX).map(line).collect(),
        problems: failure.map(|f| f.detail).filter(|d| !d.is_empty()).into_iter().collect(),
    }
}

/// A problem is a word, or a word with its detail.
fn problem(problem: serde_json::Value) -> String {
    let text = |name| problem.get(name).and_then(serde_json::Value::as_str);
    match (problem.as_str(), text("word"), text("detail")) {
        (Some(text), _, _) => text.to_owned(),
        (_, Some(word), Some(detail)) if !detail.is_empty() => format!("{word}: {detail}"),
        (_, Some(word), _) => word.to_owned(),
        _ => problem.to_string(),
    }
}

/// What the collector writes as the result of a job.
#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Test {
        found: Vec<Feed>,
        #[serde(default)]
        failure: Option<FailureWord>,
    },
    Opml {
        added: usize,
        known: usize,
        #[serde(default)]
        problems: Vec<serde_json::Value>,
    },
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Feed {
    address: String,
    title: String,
    format: String,
    items: usize,
}

#[derive(Deserialize)]
struct FailureWord {
    word: String,
    #[serde(default)]
    detail: String,
}

struct FeedLine {
    title: String,
    address: String,
    count: String,
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    page: Page,
    w: &'static Words,
    title: &'static str,
    waiting: bool,
    sentences: Vec<String>,
    found: Vec<FeedLine>,
    problems: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[track_caller]
    fn check(result: &str, sentence: &str, found: usize) {
        let view = JobView { id: 1, state: JobState::Done, result: result.to_owned() };
        let told = tell(&view, false, Language::French.words());
        assert_eq!(told.sentences.concat().replace('\u{202f}', " "), sentence, "{result}");
        assert_eq!(told.found.len(), found, "{result}");
    }

    #[test]
    fn each_result_is_told() {
        check(
            r#"{"found":[{"address":"https://a.example/","title":"","format":"rss","items":3}],"failure":null}"#,
            "",
            1,
        );
        check(
            r#"{"found":[],"failure":{"word":"timeout","detail":"30 s"}}"#,
            "Pas de réponse utilisable : le serveur tarde trop.",
            0,
        );
        check(
            r#"{"added":2,"known":1,"problems":["bad_address"]}"#,
            "2 sources ajoutées, 1 déjà connue.",
            0,
        );
        check("garbage", Language::French.words().job_failed.replace('\u{202f}', " ").as_str(), 0);
        check("", Language::French.words().job_failed.replace('\u{202f}', " ").as_str(), 0);
    }
}
