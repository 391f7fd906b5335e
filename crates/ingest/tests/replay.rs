//! The same deliveries in the same order give the same groups, however often the process was started anew between them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use depeche_ingest::Ingest;
use depeche_news::{
    Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::Store;
use support::deliver;

const PLACES: [&str; 5] = ["Verdun", "Pau", "Sedan", "Brest", "Nantes"];
const EVENTS: [(&str, &str); 4] = [
    (
        "La crue recule à {}",
        "La préfecture a levé mardi l'alerte à {} après trois jours de pluie. Deux cents habitants sont rentrés chez eux, a indiqué le maire, qui demande que la digue soit réparée avant l'hiver.",
    ),
    (
        "Le budget de {} est voté",
        "Le conseil de {} a voté lundi un budget en hausse de deux pour cent. Trois écoles seront rénovées, a précisé l'adjointe aux finances, et la médiathèque ouvrira le dimanche dès septembre.",
    ),
    (
        "Grève des bus à {}",
        "Les chauffeurs de bus de {} ont cessé le travail mercredi matin pour demander des horaires stables. La direction propose une rencontre vendredi, que les syndicats attendent sans illusion.",
    ),
    (
        "Un incendie détruit la halle de {}",
        "La halle de {} a brûlé dans la nuit sans faire de victime. Soixante pompiers ont lutté jusqu'à l'aube, et une enquête a été ouverte sur les causes du sinistre par le parquet.",
    ),
];

/// The n-th news: copies, corrections and teasers of earlier ones among them.
fn news(n: usize) -> (String, String) {
    let (event, place) = (EVENTS[n / 3 % EVENTS.len()], PLACES[n / 5 % PLACES.len()]);
    let (title, text) = (event.0.replace("{}", place), event.1.replace("{}", place));
    let text = match n % 4 {
        1 => text.replace("trois", "quatre"),
        2 => format!("Selon nos informations, cela change peu. {text}"),
        3 => text.chars().take(120).collect::<String>() + "…",
        _ => text,
    };
    (title, text)
}

/// What the wire says of its items after all documents; the process is started anew before those that `restarts` names.
fn replayed(restarts: impl Fn(usize) -> bool) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut now: Timestamp = "2016-02-11T16:00:00Z".parse().unwrap();
    let mut ingest = Ingest::start(&store, now).unwrap();
    for n in 0..60 {
        now += SignedDuration::from_mins(7);
        if restarts(n) {
            ingest = None;
            assert!(ingest.is_none());
            ingest = Ingest::start(&store, now).unwrap();
        }
        let (title, text) = news(n);
        let (outlet, guid) = (format!("outlet{}", n % 7), (n / 2).to_string());
        deliver(&store, &outlet, (&guid, &title, &text), now);
        while ingest.as_mut().unwrap().work(now, || true).unwrap() > 0 {}
    }
    let mut told = Vec::new();
    store.each_item(Viewer::Administrator, now, |item| told.push(format!("{item:?}"))).unwrap();
    told
}

#[test]
fn the_same_deliveries_give_the_same_groups() {
    let told = replayed(|_| false);
    let copies = told.iter().filter(|line| line.contains("relation: \"copy\"")).count();
    assert!(told.len() > 30 && copies > 2, "{copies} copies of {}", told.len());
    assert_eq!(replayed(|_| false), told);
    assert_eq!(replayed(|n| n % 9 == 4), told);
    assert_eq!(replayed(|_| true), told);
}
