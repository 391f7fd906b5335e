//! What «À la une» and a story's page cost on a long wire: fills a store and an index with invented
//! stories and asks for the pages, each drawn anew.
//!
//!     cargo run --release -p depeche-web --example front -- [ITEMS]

#![allow(clippy::print_stdout, reason = "an example tells its figures")]
#![allow(clippy::unwrap_used, reason = "an example fails by panicking")]

use std::{error::Error, time::Instant};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use depeche_news::{
    Article, Block, Delivery, DeliveryKind, DispatchId, Item, ItemId, Moment, SourceId,
    SourceVisibility, StoryId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_search::{About, Change, Index, Paper};
use depeche_store::{Appended, Arrival, NewSource, Placed, Recorded, SourceKind, Store};
use depeche_web::{Settings, Site, router};
use tokio::sync::watch;
use tower::ServiceExt;

/// Items of a wire that has run for some weeks.
const ITEMS: usize = 200_000;
/// Items of a story, and of a delivery.
const ITEMS_A_STORY: usize = 5;
const ITEMS_A_DELIVERY: usize = 2_000;
const SOURCES: usize = 300;
const SECONDS_APART: usize = 7;
/// Times that each page is asked for.
const ASKED: usize = 15;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let items = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(ITEMS);
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("data"))?;
    let now = Timestamp::now();
    let (wire, index) = tokio::task::block_in_place(|| fill(&store, folder.path(), items, now));
    let (_keep, search) = watch::channel(Some(index.reader()?));
    let site = router(Site::new(store.clone(), search, Settings::default()));
    println!("{items} items, {} stories, {SOURCES} sources", items.div_ceil(ITEMS_A_STORY));

    let mut times = Vec::new();
    for n in 0..ASKED {
        // A change, so that the page is drawn anew; a second and more, so that it is not a busy wire.
        let fresh = arrival(&wire, items + n * ITEMS_A_STORY, now);
        tokio::task::block_in_place(|| take(&store, &wire, vec![fresh], now));
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        times.push(asked(&site, "/a-la-une").await?);
    }
    told("/a-la-une", times);
    let mut times = Vec::new();
    for n in 0..ASKED {
        let story = arrival(&wire, (items - 1 - n * 97) / ITEMS_A_STORY * ITEMS_A_STORY, now).id;
        let right = request(&site, &format!("/sujet/{story}")).await?;
        let address =
            right.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        times.push(asked(&site, address).await?);
    }
    told("/sujet/…", times);
    Ok(())
}

async fn request(site: &Router, address: &str) -> Result<axum::response::Response, Box<dyn Error>> {
    let request = Request::get(address).header("host", "127.0.0.1").body(Body::empty())?;
    Ok(site.clone().oneshot(request).await?)
}

/// How long a page takes, in milliseconds.
async fn asked(site: &Router, address: &str) -> Result<f64, Box<dyn Error>> {
    let started = Instant::now();
    let answer = request(site, address).await?;
    assert!(answer.status().is_success(), "{address}: {}", answer.status());
    to_bytes(answer.into_body(), 1 << 22).await?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

fn told(page: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    println!("{page}: {middle:.1} ms in the middle, {worst:.1} ms at most, of {}", times.len());
}

fn fill(
    store: &Store,
    folder: &std::path::Path,
    items: usize,
    now: Timestamp,
) -> (Vec<SourceId>, Index) {
    let wire: Vec<SourceId> = (0..SOURCES).map(|n| source(store, n, now)).collect();
    let mut index = Index::open(&folder.join("index")).unwrap().index;
    let mut from = 0;
    while from < items {
        let to = items.min(from + ITEMS_A_DELIVERY);
        // The last item is a second old.
        let since = |n| now - SignedDuration::from_secs(((items - n) * SECONDS_APART) as i64);
        let arrivals: Vec<Arrival> = (from..to).map(|n| arrival(&wire, n, since(n))).collect();
        let papers: Vec<Change> =
            arrivals.iter().map(|arrival| Change::Put(paper(arrival))).collect();
        index.apply(&papers).unwrap();
        take(store, &wire, arrivals, now);
        from = to;
    }
    index.commit(1, 1).unwrap();
    (wire, index)
}

fn source(store: &Store, n: usize, now: Timestamp) -> SourceId {
    let new = NewSource {
        address: format!("https://s{n}.example/fil.rss"),
        name: Some(format!("Outlet {n}")),
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    store.add_source(new, now).wait().unwrap().0
}

fn take(store: &Store, wire: &[SourceId], arrivals: Vec<Arrival>, now: Timestamp) {
    let body = arrivals.iter().map(|arrival| arrival.id.as_str()).collect::<String>().into_bytes();
    let source = wire[0].clone();
    let delivery = Delivery {
        source: source.clone(),
        kind: DeliveryKind::Feed,
        address: "https://s0.example/fil.rss".to_owned(),
        headers: Vec::new(),
        body,
        received_at: now,
        backfill: false,
        validators: Validators::default(),
    };
    let (Recorded::New(delivery) | Recorded::Repeated(delivery)) =
        store.record(delivery).wait().unwrap();
    let read = Appended { delivery, source: Some(source), ..Appended::default() };
    store.append(read, arrivals).wait().unwrap();
}

/// Item `n`: one of five of a story, of which the third copies the second.
fn arrival(wire: &[SourceId], n: usize, at: Timestamp) -> Arrival {
    let source = &wire[mixed(n) % wire.len()];
    let story = n / ITEMS_A_STORY;
    let article = Article {
        headline: headline(story, n),
        body: (0..6).map(|p| Block::Paragraph(sentence(story, n * 6 + p).into())).collect(),
        language: Some("fr".to_owned()),
        published: Some(Moment::utc(at)),
        ..Article::default()
    };
    let item = Item { guid: Some(n.to_string()), ..Item::of(source.clone(), article) };
    let place = n % ITEMS_A_STORY;
    let of = |n: usize| DispatchId::from(&id(wire, n));
    let dispatch = of(if place == 2 { n - 1 } else { n });
    let story = StoryId::from(&of(n - place));
    Arrival {
        id: item.id(),
        digest: item.digest(),
        teaser: sentence(story_of(n), n).chars().take(150).collect(),
        item,
        external: None,
        received_at: at,
        backfill: false,
        page_wanted: None,
        page_had: false,
        placed: Placed {
            dispatch,
            story,
            relation: if place == 2 { "copy" } else { "original" }.to_owned(),
            related_to: None,
            evidence: None,
            trace: None,
        },
        reading: "example",
    }
}

fn story_of(n: usize) -> usize {
    n / ITEMS_A_STORY
}

fn id(wire: &[SourceId], n: usize) -> ItemId {
    ItemId::new(&wire[mixed(n) % wire.len()], Some(&n.to_string()), None, "")
}

/// A headline with two names that few stories have, and words that many have.
fn headline(story: usize, n: usize) -> String {
    let (place, name) =
        (capital(&word(mixed(story) % 4_000)), capital(&word(4_000 + mixed(story + 7) % 9_000)));
    format!("Le {} de {place} et {name} : {} {}", usual(story), usual(n), usual(n + 1))
}

fn sentence(story: usize, n: usize) -> String {
    let words: Vec<String> = (0..24).map(|w| usual(n * 24 + w)).collect();
    format!("À {}, {}.", capital(&word(mixed(story) % 4_000)), words.join(" "))
}

/// A word of the language: the earlier ones are used more.
fn usual(n: usize) -> String {
    let share = (mixed(n) % 10_000) as f64 / 10_000.0;
    word(20_000 + (8_000.0 * share.powi(3)) as usize)
}

fn word(mut n: usize) -> String {
    let mut word = String::new();
    for _ in 0..3 {
        word.push(char::from(b"bcdfglmnprstv"[n % 13]));
        word.push(char::from(b"aeiou"[n / 13 % 5]));
        n /= 65;
    }
    word
}

fn capital(word: &str) -> String {
    word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect()
}

/// A number that looks like chance, the same each time.
fn mixed(n: usize) -> usize {
    let n = (n as u64 ^ 0x5bf0_3635).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (n ^ (n >> 29)) as usize >> 3
}

fn paper(arrival: &Arrival) -> Paper {
    let article = &arrival.item.article;
    Paper {
        item: arrival.id.clone(),
        external: None,
        dispatch: arrival.placed.dispatch.clone(),
        source: arrival.item.source.clone(),
        private: false,
        headline: article.headline.clone(),
        credit: String::new(),
        standfirst: String::new(),
        byline: String::new(),
        body: article.text(),
        language: article.language.clone(),
        about: About::default(),
        at: arrival.received_at,
        seq: 1,
    }
}
