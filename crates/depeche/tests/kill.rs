//! kill -9 at every stage: nothing that came in is lost, nothing is there twice, nothing waits.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeMap, path::Path, sync::atomic::Ordering};

use depeche_news::{Viewer, jiff::Timestamp};
use depeche_search::{Query, Reader, Scope};
use depeche_store::Store;
use support::{Outside, Running, lines, told, until};

/// Feeds with whole texts; the last one carries copies of the first one's.
const WHOLE: usize = 3;
/// Items of each feed.
const ITEMS: usize = 24;
/// Kills at each stage, each further along than the one before; more are done in rounds.
const KILLS_A_STAGE: usize = 4;
/// How many in all where not 20 are wanted (`cargo xtask kill --times 200`).
const KILLS: &str = "DEPECHE_KILLS";

/// What a store looks like when a stage is under way.
type Stage = (&'static str, fn(&Store, usize) -> bool);

const STAGES: [Stage; 5] = [
    ("a delivery is stored and not read", |store, _| {
        !store.pending_deliveries(1).unwrap().is_empty()
    }),
    ("some items are on the wire", |store, nth| store.cursor().unwrap().seq > nth as u64 * 20),
    ("pages are wanted", |store, nth| {
        let wanted = store.pages_wanted().unwrap();
        wanted > 0 && wanted <= ITEMS - nth * 5
    }),
    ("the index is behind the wire", |store, nth| {
        let seq = store.cursor().unwrap().seq;
        seq > nth as u64 * 15 && indexed(store.folder()) < seq
    }),
    ("everything is asked once", |store, nth| {
        let asked = store.sources(Viewer::Administrator, Timestamp::now()).unwrap();
        asked.iter().filter(|source| source.polled_at.is_some()).count() > nth
    }),
];

/// Twenty kills, four at each of five stages.
#[test]
fn twenty_kills_lose_nothing() {
    let outside = Outside::open();
    publish(&outside);
    let a_round = STAGES.len() * KILLS_A_STAGE;
    for kill in 0..wanted().unwrap_or(a_round) {
        let (stage, reached) = STAGES[kill / KILLS_A_STAGE % STAGES.len()];
        one_kill(&outside, stage, |store| reached(store, kill % KILLS_A_STAGE));
        if (kill + 1) % a_round == 0 {
            println!("{} kills, nothing missing, nothing twice", kill + 1);
        }
    }
}

fn wanted() -> Option<usize> {
    let number = std::env::var(KILLS).ok()?;
    Some(number.parse().expect("a number of kills"))
}

fn one_kill(outside: &Outside, stage: &str, reached: impl Fn(&Store) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    for feed in 0..=WHOLE {
        let address = outside.address(&format!("/{feed}.rss"));
        told(&["source", "add", "--data", data.to_str().unwrap(), &address]);
    }
    let running = Running::collector(data, outside.port);
    {
        let store = Store::open(data).unwrap();
        until(stage, || reached(&store));
    }
    running.kill();

    let store = Store::open(data).unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new(), "after a kill where {stage}");
    let unchanged = outside.served.unchanged.load(Ordering::SeqCst);
    let _running = Running::collector(data, outside.port);
    until("every item is there", || {
        lines(&["items", "--data", data.to_str().unwrap()]).len() >= (WHOLE + 1) * ITEMS
    });
    until("every page is there", || {
        store.pages_wanted().unwrap() == 0 && store.pending_deliveries(1).unwrap().is_empty()
    });
    until("every source says it has nothing new", || {
        outside.served.unchanged.load(Ordering::SeqCst) > unchanged + WHOLE
    });
    until("the index is there", || indexed(data) >= store.cursor().unwrap().seq);
    everything_once(data, stage);
}

/// Each item of the truth exactly once: in the store, in the index, and in the right dispatch.
fn everything_once(data: &Path, stage: &str) {
    let items = lines(&["items", "--data", data.to_str().unwrap()]);
    let mut truth: BTreeMap<String, usize> = BTreeMap::new();
    for item in &items {
        *truth.entry(item["guid"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(truth.len(), (WHOLE + 1) * ITEMS, "items after a kill where {stage}");
    assert!(
        truth.values().all(|&times| times == 1),
        "an item is there twice after a kill where {stage}"
    );
    assert!(items.iter().all(|item| item["versions"] == 1));

    let dispatch = |guid: String| {
        let item = items.iter().find(|item| item["guid"] == guid.as_str()).unwrap();
        item["dispatch"].as_str().unwrap().to_owned()
    };
    let mut dispatches: Vec<String> = Vec::new();
    for item in 0..ITEMS {
        assert_eq!(
            dispatch(guid(0, item)),
            dispatch(guid(WHOLE - 1, item)),
            "a copy after a kill where {stage}"
        );
        dispatches.extend([0, 1, WHOLE].map(|feed| dispatch(guid(feed, item))));
    }
    dispatches.sort();
    dispatches.dedup();
    assert_eq!(dispatches.len(), WHOLE * ITEMS, "dispatches after a kill where {stage}");

    let reader = Reader::open(&data.join("index")).unwrap();
    assert_eq!(
        reader.documents(),
        ((WHOLE + 1) * ITEMS) as u64,
        "documents after a kill where {stage}"
    );
    for feed in 0..=WHOLE {
        for item in 0..ITEMS {
            let hits = reader
                .search(&Query::plain(&word(feed, item)), &Scope::new(Viewer::Administrator))
                .unwrap();
            let copies = if feed == 0 || feed == WHOLE - 1 { 2 } else { 1 };
            assert_eq!(hits.total, copies, "{} after a kill where {stage}", word(feed, item));
        }
    }
}

fn indexed(data: &Path) -> u64 {
    Reader::open(&data.join("index"))
        .ok()
        .and_then(|reader| reader.cursor())
        .map_or(0, |cursor| cursor.seq)
}

fn guid(feed: usize, item: usize) -> String {
    format!("{feed}-{item}")
}

/// A word that only one text has; the copies' words are those of what they copy.
fn word(feed: usize, item: usize) -> String {
    let letters = |mut number: usize| {
        let mut word = String::new();
        for _ in 0..4 {
            word.push(char::from(b'a' + (number % 26) as u8));
            number = number / 26 + 7;
        }
        word
    };
    format!("zq{}", letters(if feed == WHOLE - 1 { item } else { feed * 1000 + item }))
}

/// Feeds 0 and 1 with texts of their own, the last whole one with copies of feed 0, one with teasers.
fn publish(outside: &Outside) {
    for feed in 0..=WHOLE {
        let mut items = String::new();
        for item in 0..ITEMS {
            let (text, guid) = (text(feed, item), guid(feed, item));
            let link = outside.address(&format!("/page/{guid}"));
            let body = match feed == WHOLE {
                true => format!("{}...", text.chars().take(90).collect::<String>()),
                false => {
                    text.split('\n').map(|line| format!("&lt;p&gt;{line}&lt;/p&gt;")).collect()
                }
            };
            items.push_str(&format!(
                "<item><title>Titre {guid} {}</title><link>{link}</link><guid isPermaLink=\"false\">{guid}</guid>\
                 <description>{body}</description></item>",
                word(feed, item),
            ));
            let page: String = text.split('\n').map(|line| format!("<p>{line}</p>")).collect();
            let title = format!("Titre {guid} {}", word(feed, item));
            outside.put(
                &format!("/page/{guid}"),
                format!("<html lang=fr><title>{title}</title><body><article><h1>{title}</h1>{page}</article></body></html>"),
            );
        }
        outside.put(
            &format!("/{feed}.rss"),
            format!("<rss version=\"2.0\"><channel><title>Source {feed}</title><language>fr</language>{items}</channel></rss>"),
        );
    }
}

/// A text of its own for each item, long enough to be a whole one: no run of five words of one is
/// in another, except in copies.
fn text(feed: usize, item: usize) -> String {
    let own = if feed == WHOLE - 1 { item } else { feed * 1000 + item };
    let mut seed = own as u64 * 7919 + 17;
    let mut sentences = Vec::new();
    for paragraph in 0..4 {
        let mut words = vec![if paragraph == 0 { word(feed, item) } else { "Puis".to_owned() }];
        for _ in 0..45 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            words.push(WORDS[(seed >> 33) as usize % WORDS.len()].to_owned());
        }
        sentences.push(format!("{}.", words.join(" ")));
    }
    sentences.join("\n")
}

const WORDS: [&str; 60] = [
    "commune",
    "rivière",
    "conseil",
    "budget",
    "école",
    "marché",
    "travaux",
    "route",
    "hôpital",
    "forêt",
    "maire",
    "habitants",
    "séance",
    "projet",
    "quartier",
    "gare",
    "train",
    "usine",
    "emploi",
    "musée",
    "tableau",
    "équipe",
    "match",
    "saison",
    "récolte",
    "vigne",
    "pluie",
    "neige",
    "alerte",
    "pompier",
    "enquête",
    "procès",
    "témoin",
    "avocat",
    "juge",
    "accord",
    "grève",
    "syndicat",
    "salaire",
    "hausse",
    "baisse",
    "prix",
    "énergie",
    "réseau",
    "panne",
    "bateau",
    "port",
    "pêche",
    "campagne",
    "vote",
    "liste",
    "scrutin",
    "théâtre",
    "festival",
    "livre",
    "auteur",
    "comète",
    "étoile",
    "mission",
    "fusée",
];
