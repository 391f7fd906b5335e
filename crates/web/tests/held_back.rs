//! What an agency holds back: the desk sees it, and nobody and nothing else does.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::{Router, body::Body, http::StatusCode};
use depeche_news::{
    Block, ItemId, Moment, SourceId, SourceVisibility, Status,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Arrival, ItemLine, Viewer};
use futures_util::StreamExt;
use support::{
    Desk,
    browser::{Answer, at, get, request, searchable, send, signed_in},
    desk,
};
use tower::ServiceExt;

/// An article, and two that their agency holds back, with a word of their texts.
fn held_back(desk: &Desk, until: Timestamp) -> (SourceId, [(ItemId, &'static str); 2]) {
    let source = desk.source("A", SourceVisibility::Shared);
    desk.append(&source, "1", 9, |_| {});
    let told = |arrival: &mut Arrival, word: &str| {
        arrival.item.article.headline = format!("Secret {word}");
        arrival.item.article.body = vec![Block::Paragraph(format!("Texte secret {word}").into())];
    };
    let embargoed = desk.append(&source, "2", 5, |arrival| {
        arrival.item.embargoed_until = Some(Moment::utc(until));
        told(arrival, "sous embargo");
    });
    let withheld = desk.append(&source, "3", 5, |arrival| {
        arrival.item.status = Status::Withheld;
        told(arrival, "retenu");
    });
    (source, [(embargoed, "sous embargo"), (withheld, "retenu")])
}

/// A desk that holds two items back for twelve hours, its pages with their index, and an administrator at them.
struct Newsroom {
    desk: Desk,
    site: Router,
    cookie: String,
    source: SourceId,
    /// Its page.
    page: String,
    held: [(ItemId, &'static str); 2],
    _index: tempfile::TempDir,
}

async fn newsroom() -> Newsroom {
    let (desk, index) = (desk(), tempfile::tempdir().unwrap());
    let until = desk.now + SignedDuration::from_hours(12);
    let (source, held) = at(&desk, |desk| held_back(desk, until)).await;
    let site = at(&desk, |desk| searchable(desk, index.path())).await;
    let cookie = signed_in(&desk, &site).await;
    let page = format!("/sources/{source}");
    Newsroom { desk, site, cookie, source, page, held, _index: index }
}

/// A page as the administrator gets it.
async fn owned(site: &Router, cookie: &str, address: &str) -> Answer {
    let asked = request("GET", address).header("cookie", cookie).body(Body::empty());
    send(site, asked.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_is_seen_by_the_desk() {
    let Newsroom { site, cookie, page, held, .. } = &newsroom().await;
    let own = async |address: &str| owned(site, cookie, address).await;
    for (id, word) in held {
        let address = format!("/article/{id}");
        let article = own(&address).await;
        assert_eq!((article.status, article.header("cache-control")), (StatusCode::OK, "no-store"));
        assert!(article.body.contains(&format!("Texte secret {word}")), "{word}");
        assert!(own(page).await.body.contains(&format!("href=\"{address}\"")), "{word}");
        for way in [&address, &format!("/article/{id}/secret"), &format!("/depeche/{id}")] {
            let answer = get(site, way).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{way}");
            assert!(!answer.body.to_lowercase().contains(word), "{way}");
        }
        let copies = get(site, &format!("/depeche/{id}/copies")).await;
        assert_eq!(copies.status, StatusCode::NOT_FOUND);
    }
    let band = |id, language: &str| format!("/article/{id}?lang={language}");
    let french = own(&band(&held[0].0, "fr")).await.body;
    assert!(french.contains("Sous embargo jusqu’au ") && french.contains("class=\"held\""));
    assert!(own(&band(&held[0].0, "en")).await.body.contains("Under embargo until "));
    assert!(own(&band(&held[1].0, "fr")).await.body.contains("Retenu par son agence"));
    assert!(own(&band(&held[1].0, "en")).await.body.contains("Withheld by its agency"));
    assert!(own(&format!("{page}?lang=fr")).await.body.contains("À paraître"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_is_in_no_list_search_or_stream() {
    let Newsroom { desk, site, cookie, source, page, .. } = &newsroom().await;
    let own = async |address: &str| owned(site, cookie, address).await;
    // No way out for readers; and no list or search of the administrator's is mixed with it.
    let ways = ["/", "/sources", page, "/recherche?q=secret", "/recherche?q=retenu"];
    for way in ways {
        let answer = get(site, way).await;
        assert!(!answer.body.contains("Secret") && !answer.body.contains("À paraître"), "{way}");
    }
    for way in ["/", "/sources", "/recherche?q=secret"] {
        assert!(!own(way).await.body.contains("Secret"), "{way}");
    }
    let began = format!("/direct?depuis={}.0", desk.store.cursor().unwrap().epoch);
    let mut stream = site
        .clone()
        .oneshot(request("GET", &began).body(Body::empty()).unwrap())
        .await
        .unwrap()
        .into_body()
        .into_data_stream();
    let mut told = String::new();
    at(desk, |desk| desk.append(source, "4", 1, |_| {})).await;
    while !told.contains("Titre 4") {
        told.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(!told.contains("Secret"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_leaves_the_store_only_for_the_administrator() {
    let desk = desk();
    let until = desk.now + SignedDuration::from_hours(12);
    let (source, held) = at(&desk, |desk| held_back(desk, until)).await;
    let ids: Vec<_> = held.iter().map(|(id, _)| id.clone()).collect();
    assert!(desk.store.papers(desk.now, &ids).unwrap().is_empty());
    assert!(desk.store.entries(0, 100).unwrap().iter().all(|e| !ids.contains(&e.subject.item)));
    for viewer in [Viewer::Reader, Viewer::Administrator] {
        let mut listed = Vec::new();
        desk.store.each_item(viewer, desk.now, |line| listed.push(line.id)).unwrap();
        assert!(listed.iter().all(|id| !ids.contains(id)));
    }
    let mut states = Vec::new();
    let tell = |line: ItemLine| states.push((line.visibility, line.embargoed_until.is_some()));
    desk.store.each_held(Viewer::Administrator, desk.now, tell).unwrap();
    states.sort_unstable();
    assert_eq!(states, [("embargoed", true), ("withheld", false)]);
    desk.store.each_held(Viewer::Reader, desk.now, |line| panic!("{line:?}")).unwrap();
    let later = until + SignedDuration::from_secs(1);
    let left = desk.store.held_of_source(Viewer::Administrator, later, &source, 9).unwrap();
    assert_eq!(left.len(), 1, "what has ended is not held any more");
}
