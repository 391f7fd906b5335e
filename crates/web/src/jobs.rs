//! What came of a click that the collector works off: a page that reloads until it is known.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use depeche_news::{Moment, jiff::tz::TimeZone};
use depeche_store::{JobState, JobView};
use serde::Deserialize;

use crate::{
    App, dates,
    failure::Failure,
    forms::{Asked, Named},
    health,
    page::{Here, Page, Visit, draw, read},
    problems,
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
    let told = tell(&view, opml, w, &app.settings.zone);
    draw(&JobPage {
        page: Page::new(&app, &visit, Here::Sources),
        w,
        title: told.title,
        waiting: view.state == JobState::Waiting,
        sentences: told.sentences,
        detail: told.detail,
        found: told.found,
        problems: told.problems,
    })
}

#[derive(Default)]
struct Told {
    title: &'static str,
    sentences: Vec<String>,
    /// The collector's own words on what is said.
    detail: Option<String>,
    found: Vec<FeedLine>,
    problems: Vec<problems::Told>,
}

fn tell(view: &JobView, opml: bool, w: &'static Words, zone: &TimeZone) -> Told {
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
        Ok(Outcome::Test { found, failure }) => test_told(found, failure, w, zone),
        Ok(Outcome::Opml { added, known, problems }) => Told {
            title: w.taking_opml,
            sentences: vec![w.opml_outcome(added, known)],
            problems: problems
                .into_iter()
                .take(SHOWN_MAX)
                .map(|one| problems::told(&problem(one), w.language))
                .collect(),
            ..Told::default()
        },
        Err(_) => one(w.job_failed),
    }
}

fn test_told(
    found: Vec<Feed>,
    failure: Option<FailureWord>,
    w: &'static Words,
    zone: &TimeZone,
) -> Told {
    let sentence = match (&failure, found.is_empty()) {
        (_, false) => None,
        (Some(failure), true) => Some(health::test_failed(&failure.word, w)),
        (None, true) => Some(w.test_nothing.to_owned()),
    };
    Told {
        title: w.testing,
        sentences: sentence.into_iter().collect(),
        found: found.into_iter().take(SHOWN_MAX).map(|feed| feed_line(feed, w, zone)).collect(),
        detail: failure.map(|failure| failure.detail).filter(|detail| !detail.is_empty()),
        problems: Vec::new(),
    }
}

/// What was found, as a person recognises it: its name, how much is in it and how new, its headlines.
fn feed_line(feed: Feed, w: &'static Words, zone: &TimeZone) -> FeedLine {
    let preview = |line: Headline| HeadlineLine {
        when: line.at.map(|at| dates::moment(w.language, &at, zone)).unwrap_or_default(),
        exact: line.at.map(|at| at.to_string()),
        headline: line.headline,
    };
    let format = if feed.kind == "sitemap" { w.test_sitemap.to_owned() } else { feed.format };
    let language = feed.language.as_deref().map(|tag| w.language_name(tag).to_owned());
    let count = [Some(format), language, Some(w.dispatches(feed.items))];
    FeedLine {
        title: if feed.title.trim().is_empty() { feed.address.clone() } else { feed.title },
        count: count.into_iter().flatten().collect::<Vec<_>>().join(", "),
        preview: feed.preview.into_iter().take(SHOWN_MAX).map(preview).collect(),
        address: feed.address,
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
    kind: String,
    format: String,
    items: usize,
    language: Option<String>,
    preview: Vec<Headline>,
}

#[derive(Deserialize)]
struct Headline {
    headline: String,
    at: Option<Moment>,
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
    preview: Vec<HeadlineLine>,
}

struct HeadlineLine {
    when: String,
    exact: Option<String>,
    headline: String,
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    page: Page,
    w: &'static Words,
    title: &'static str,
    waiting: bool,
    sentences: Vec<String>,
    detail: Option<String>,
    found: Vec<FeedLine>,
    problems: Vec<problems::Told>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[track_caller]
    fn check(result: &str, sentence: &str, found: usize) {
        let view = JobView { id: 1, state: JobState::Done, result: result.to_owned() };
        let told = tell(&view, false, Language::French.words(), &TimeZone::UTC);
        assert_eq!(told.sentences.concat().replace('\u{202f}', " "), sentence, "{result}");
        assert_eq!(told.found.len(), found, "{result}");
    }

    #[test]
    fn what_was_found_is_shown_with_its_headlines() {
        let result = r#"{"found":[{"address":"https://a.example/fil","title":"Fil","kind":"feed","format":"rss2.0",
            "items":2,"language":"fr","newest":null,"preview":[
            {"headline":"Un","at":"2016-02-11T16:41:00Z"},{"headline":"Deux","at":null}]}],"failure":null}"#;
        let view = JobView { id: 1, state: JobState::Done, result: result.to_owned() };
        let told = tell(&view, false, Language::French.words(), &TimeZone::UTC);
        let feed = &told.found[0];
        assert_eq!(feed.count, "rss2.0, français, 2 dépêches");
        let lines: Vec<_> =
            feed.preview.iter().map(|l| (l.when.as_str(), l.headline.as_str())).collect();
        assert_eq!(lines, [("11 février 2016 à 16:41", "Un"), ("", "Deux")]);
    }

    #[test]
    fn the_collectors_own_words_stand_beside_and_are_no_problem() {
        for (detail, expected) in [("30 s", Some("30 s")), ("", None)] {
            let result =
                format!(r#"{{"found":[],"failure":{{"word":"timeout","detail":"{detail}"}}}}"#);
            let view = JobView { id: 1, state: JobState::Done, result };
            let told = tell(&view, false, Language::French.words(), &TimeZone::UTC);
            assert_eq!((told.detail.as_deref(), told.problems), (expected, Vec::new()));
        }
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
