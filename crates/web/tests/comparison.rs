//! What changed between two texts, as a reader is told it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::http::StatusCode;
use depeche_news::{
    Block, DispatchId, ItemId, Signal, SourceId, SourceVisibility, Status, StoryId,
};
use depeche_store::Arrival;

use support::{
    browser::{at, get, site},
    desk,
};

fn tells(arrival: &mut Arrival, text: &str) {
    arrival.item.article.body = text.lines().map(|line| Block::Paragraph(line.into())).collect();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_told_by_the_word() {
    let desk = desk();
    let item = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |arrival| {
            tells(arrival, "La crue a fait 12 morts à Verdun.\nPaul Aubin l'a dit.");
        });
        desk.append(&source, "1", 8, |arrival| {
            tells(arrival, "La crue a fait 14 morts à Verdun.\nAnne Morel <b>l'a dit.");
            arrival.item.signal = Some(Signal::Correction);
        })
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/article/{item}/titre-1")).await.body;
    let href = format!("/article/{item}/versions/2");
    assert!(page.contains(&format!("<a href=\"{href}\">voir ce qui a changé</a>")), "{page}");
    let page = get(&site, &href).await.body;
    for part in [
        "La crue a fait <del class=\"grave\">12</del> <ins class=\"grave\">14</ins> morts",
        "<del>12\u{a0}morts</del> → <ins>14\u{a0}morts</ins>",
        "<del>Paul Aubin</del>",
        "version 2, correction",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<b>l"), "foreign markup is text");
    let first = get(&site, &format!("/article/{item}/versions/1")).await;
    assert_eq!(first.status, StatusCode::MOVED_PERMANENTLY);
    for absent in ["versions/3", "versions/x", "versions/0", "versions/4294967295"] {
        let answer = get(&site, &format!("/article/{item}/{absent}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{absent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_held_against_what_it_is_a_copy_of() {
    let desk = desk();
    let (founder, copy, secret) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let other = desk.source("Bé", SourceVisibility::Shared);
        let own = desk.source("C", SourceVisibility::Private);
        let founder = desk.append(&source, "1", 9, |arrival| tells(arrival, "La Meuse monte."));
        let joins = |arrival: &mut Arrival| {
            tells(arrival, "La Meuse baisse.");
            arrival.placed.dispatch = DispatchId::from(&founder);
            arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
            arrival.placed.relation = "copy".to_owned();
            arrival.placed.related_to = Some(founder.to_string());
            arrival.placed.evidence = Some(
                r#"{"ours":0.9,"theirs":0.5,"longest_run":40,"same_headline":true}"#.to_owned(),
            );
        };
        let copy = desk.append(&other, "2", 8, joins);
        (founder.clone(), copy, desk.append(&own, "3", 7, joins))
    })
    .await;
    let site = site(&desk);
    let href = format!("/article/{copy}/comparaison/{founder}");
    let copies = get(&site, &format!("/depeche/{founder}/copies")).await.body;
    assert!(copies.contains(&format!("<a href=\"{href}\">comparer</a>")), "{copies}");
    let page = get(&site, &href).await.body;
    for part in [
        "Pourquoi ils sont ensemble",
        "90\u{202f}% de ce texte se trouve dans l’autre, 50\u{202f}% de l’autre dans celui-ci.",
        "Plus long passage commun\u{202f}: 40 mots.",
        "Les deux ont le même titre.",
        "<del>monte</del> <ins>baisse</ins>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let unknown = ItemId::new(&SourceId::of_address("x"), Some("y"), None, "");
    // The other way round no verdict was given.
    let back = get(&site, &format!("/article/{founder}/comparaison/{copy}")).await.body;
    assert!(back.contains("monte</ins>") && !back.contains("Pourquoi ils sont"), "{back}");
    for hidden in [&secret, &unknown] {
        for href in [
            format!("/article/{hidden}/comparaison/{founder}"),
            format!("/article/{founder}/comparaison/{hidden}"),
        ] {
            assert_eq!(get(&site, &href).await.status, StatusCode::NOT_FOUND, "{href}");
        }
    }
    let itself = get(&site, &format!("/article/{founder}/comparaison/{founder}")).await;
    assert_eq!(itself.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_killed_or_never_shown_is_compared_with_nothing() {
    let desk = desk();
    let (killed, held) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |arrival| tells(arrival, "La Meuse monte."));
        desk.append(&source, "1", 8, |arrival| tells(arrival, "La Meuse baisse."));
        let killed = desk.append(&source, "1", 7, |arrival| {
            arrival.item.status = Status::Canceled;
            arrival.item.signal = Some(Signal::Kill);
        });
        desk.append(&source, "2", 9, |arrival| {
            tells(arrival, "Le secret.");
            arrival.item.status = Status::Withheld;
        });
        (killed, desk.append(&source, "2", 8, |arrival| tells(arrival, "Ce qui est public.")))
    })
    .await;
    let site = site(&desk);
    for href in
        [format!("/article/{killed}/versions/2"), format!("/article/{killed}/comparaison/{held}")]
    {
        assert_eq!(get(&site, &href).await.status, StatusCode::NOT_FOUND, "{href}");
    }
    let first = get(&site, &format!("/article/{held}/versions/2")).await;
    assert_eq!(first.status, StatusCode::MOVED_PERMANENTLY, "{}", first.body);
    assert_eq!(
        get(&site, &format!("/article/{held}/versions/1")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passage_of_another_dispatch_is_told_and_can_be_seen() {
    let desk = desk();
    let [theirs, hidden, ours, other] = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let private = desk.source("B", SourceVisibility::Private);
        let shown =
            desk.append(&source, "1", 9, |arrival| tells(arrival, "Un passage.\nUn autre."));
        let hidden = desk.append(&private, "2", 9, |arrival| tells(arrival, "Un secret."));
        let of = |guid: &str, theirs: &ItemId| {
            desk.append(&source, guid, 8, |arrival| {
                tells(arrival, "Une nouvelle.\nUn passage.");
                arrival.placed.relation = "background".to_owned();
                arrival.placed.related_to = Some(theirs.to_string());
            })
        };
        let (ours, other) = (of("3", &shown), of("4", &hidden));
        [shown, hidden, ours, other]
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/article/{ours}/titre-3")).await.body;
    let href = format!("/article/{ours}/comparaison/{theirs}");
    assert!(page.contains("un passage en commun avec"), "{page}");
    assert!(page.contains(&format!("<a href=\"{href}\">")), "{page}");
    let compared = get(&site, &href).await.body;
    assert!(compared.contains("qui en reprend un passage"), "{compared}");
    let page = get(&site, &format!("/article/{other}/titre-4")).await.body;
    assert!(!page.contains(hidden.as_str()) && !page.contains("un passage en commun"), "{page}");
}
