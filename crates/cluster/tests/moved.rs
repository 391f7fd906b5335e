//! What the window knows of stories when they are moved, and when their first item has left it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use depeche_cluster::{Candidate, Limits, Placement, Trace, Window};
use depeche_news::jiff::Timestamp;

type Traces = HashMap<String, Trace>;

fn time(day: i64, hour: i64) -> Timestamp {
    let first: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
    first + depeche_news::jiff::SignedDuration::from_hours(24 * day + hour)
}

fn place(
    window: &mut Window,
    traces: &mut Traces,
    (id, title, text): (&str, &str, &str),
    at: Timestamp,
) -> Placement {
    window.advance(at);
    window.trim(at);
    let candidate = Candidate { id, title, text, published: Some(at) };
    let placed = window.place(&candidate, |id| traces.get(id).cloned());
    traces.insert(id.to_owned(), placed.trace.clone());
    placed
}

const QUAKE: &str = "Séisme : trois villages coupés du monde près de Valmorel";
const QUAKE_TEXT: &str = "Le séisme de mardi a coupé les routes de trois villages au-dessus de Valmorel. Les secours \
     montent à pied par le col, où la neige tombe depuis midi, et une école reçoit les familles que leurs murs inquiètent.";
const MATCH: &str = "Cyclisme : Aubrac s'impose au sprint à Brimeux";
const MATCH_TEXT: &str = "Le coureur d'Aubrac a réglé le peloton dans la rampe finale de Brimeux. Il prend la tête du \
     classement par points avant le contre-la-montre de dimanche, que son équipe prépare depuis l'hiver sur ce parcours.";

#[test]
fn a_dispatch_that_is_moved_takes_what_comes_later_along() {
    let (mut window, mut traces) = (Window::default(), Traces::new());
    for (id, title, text) in
        [("quake", QUAKE, QUAKE_TEXT), ("match", MATCH, MATCH_TEXT), ("copy", QUAKE, QUAKE_TEXT)]
    {
        place(&mut window, &mut traces, (id, title, text), time(0, 0));
    }
    // One after the other, as whoever moved them tells of them.
    for id in ["quake", "copy"] {
        window.restore(id, &traces[id], "quake", "match", Some(time(0, 0)));
    }
    let later = place(&mut window, &mut traces, ("later", QUAKE, QUAKE_TEXT), time(0, 1));
    assert_eq!((later.dispatch.as_str(), later.story.as_str()), ("quake", "match"));
}

/// A window with a story that began eight days ago and was told on ever since; its first item has left.
fn old_story(traces: &mut Traces) -> Window {
    let mut window = Window::new(Limits::default());
    for day in [0, 1, 3, 6] {
        let id = format!("day {day}");
        let placed = place(&mut window, traces, (&id, QUAKE, ""), time(day, 0));
        assert_eq!(placed.story, "day 0");
    }
    window.trim(time(8, 0));
    assert_eq!(window.len(), 3);
    window
}

#[test]
fn a_story_grows_no_older_when_the_window_is_made_anew() {
    let mut traces = Traces::new();
    let window = old_story(&mut traces);
    let mut bytes = Vec::new();
    window.snapshot(1, &mut bytes).unwrap();
    let kept = Window::restored(Limits::default(), &mut bytes.as_slice()).unwrap().0;
    let told = |begun: Option<Timestamp>| {
        let mut window = Window::default();
        for day in [1, 3, 6] {
            let id = format!("day {day}");
            window.advance(time(day, 0));
            window.restore(&id, &traces[&id], &id, "day 0", Some(time(day, 0)));
            if let Some(begun) = begun {
                window.begun("day 0", begun);
            }
        }
        window
    };
    for (name, window, expected) in [
        ("it went on", window, "new"),
        ("from a snapshot", kept, "new"),
        ("told again", told(Some(time(0, 0))), "new"),
        ("told without its beginning", told(None), "day 0"),
    ] {
        let (mut window, mut traces) = (window, traces.clone());
        let placed = place(&mut window, &mut traces, ("new", QUAKE, ""), time(8, 0));
        assert_eq!(placed.story, expected, "{name}");
    }
}
