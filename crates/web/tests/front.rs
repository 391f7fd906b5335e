//! «À la une», what a story is called, and the stories it is related to, as a browser gets them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::{body::Body, http::StatusCode};
use depeche_news::{DispatchId, ItemId, SourceId, SourceVisibility, StoryId};
use depeche_store::Arrival;
use depeche_web::{Settings, Site, router};
use support::{
    Desk,
    browser::{at, get, request, searchable, send, signed_in, site},
    desk,
};
use tokio::sync::watch;
use tower::ServiceExt;

/// A story told by a headline of each source, a minute apart, the first `ago` minutes ago.
fn story(desk: &Desk, sources: &[SourceId], headlines: &[&str], ago: i64) -> ItemId {
    let mut founder: Option<ItemId> = None;
    for (n, headline) in headlines.iter().enumerate() {
        let source = &sources[n % sources.len()];
        let guid = format!("{headline}{n}");
        let item = desk.append(source, &guid, ago - n as i64, |arrival: &mut Arrival| {
            arrival.item.article.headline = (*headline).to_owned();
            if let Some(founder) = &founder {
                arrival.placed.story = StoryId::from(&DispatchId::from(founder));
            }
        });
        founder.get_or_insert(item);
    }
    founder.unwrap()
}

fn open(desk: &Desk, names: &[&str]) -> Vec<SourceId> {
    names.iter().map(|name| desk.source(name, SourceVisibility::Shared)).collect()
}

const DAM: [&str; 3] = [
    "EN DIRECT. Barrage de Verdun",
    "Le barrage de Verdun a cédé",
    "Le barrage de Verdun a cédé dans la nuit",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_several_tell_stands_on_the_front_with_its_reason() {
    let desk = desk();
    at(&desk, |desk| {
        let sources = open(desk, &["Ouest Matin", "Le Courrier", "Radio Littoral"]);
        story(desk, &sources, &DAM, 30);
        story(desk, &sources[..1], &["Seul à le dire"], 10);
    })
    .await;
    let site = site(&desk);
    let page = get(&site, "/a-la-une").await.body;
    for part in [
        "<h1 class=\"title\">À la une</h1>",
        "<a href=\"/a-la-une\" aria-current=\"page\">À la une</a>",
        ">Le barrage de Verdun a cédé</a></h2>",
        "3 sources indépendantes en 1\u{202f}h, 3 dépêches, première à ",
        " (Ouest Matin)",
        ">Le barrage de Verdun a cédé dans la nuit</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Seul à le dire"), "{page}");
    let title = page.split("<h2>").nth(1).unwrap().split('"').nth(1).unwrap();
    assert_eq!(get(&site, title).await.status, StatusCode::OK, "{title}");
    let english = get(&site, "/a-la-une?lang=en").await.body;
    for part in
        ["<h1 class=\"title\">Front page</h1>", "3 independent sources in 1\u{a0}h, 3 dispatches"]
    {
        assert!(english.contains(part), "{part}: {english}");
    }
    assert!(english.contains("<h2 lang=\"fr\">"), "{english}");
    assert!(get(&site, "/").await.body.contains("<a href=\"/a-la-une\">À la une</a>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_there_on_reload_and_for_nobody_else() {
    let desk = desk();
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let nothing = get(&site, "/a-la-une").await;
    assert!(nothing.body.contains("Aucun sujet"), "{}", nothing.body);
    let known = request("GET", "/a-la-une").header("if-none-match", nothing.header("etag"));
    let known = send(&site, known.body(Body::empty()).unwrap()).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    at(&desk, |desk| {
        let sources = open(desk, &["Ouest Matin", "Le Courrier"]);
        story(desk, &sources, &DAM[1..], 5);
        let mut half = vec![desk.source("Secrète", SourceVisibility::Private)];
        half.extend(sources);
        story(desk, &half[..2], &["La grève est votée", "La grève est votée à Lancy"], 4);
    })
    .await;
    let told = get(&site, "/a-la-une").await.body;
    assert!(told.contains("a cédé") && !told.contains("grève") && !told.contains("Secrète"));
    let own = request("GET", "/a-la-une").header("cookie", &cookie).body(Body::empty());
    let own = send(&site, own.unwrap()).await.body;
    assert!(own.contains("grève") && own.contains("(Secrète)"), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_front_is_carried_by_a_first_round_trip() {
    const FIRST_ROUND_TRIP: usize = 14 * 1024;
    let desk = desk();
    at(&desk, |desk| {
        desk.fill(90);
        let names: Vec<String> =
            (0..8).map(|n| format!("Le Courrier de la Haute-Lande {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let sources = open(desk, &names);
        for n in 0..20_usize {
            let told: Vec<String> = (0..5_usize)
                .map(|m| {
                    let what = ["Séisme", "Crue", "Incendie", "Grève", "Procès"][n % 5];
                    let how =
                        ["les secours attendus", "un bilan provisoire", "le préfet s'explique"];
                    let (how, seed) = (how[m % 3], blake(n * 5 + m));
                    format!("{what} à {seed} : {how} après une nuit sans sommeil, selon {seed}")
                })
                .collect();
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            story(desk, &sources, &told, 20 + n as i64);
        }
    })
    .await;
    let site = site(&desk);
    for coding in ["br", "gzip"] {
        let asked = request("GET", "/a-la-une").header("accept-encoding", coding);
        let answer = site.clone().oneshot(asked.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], coding);
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        assert!(body.len() <= FIRST_ROUND_TRIP, "{coding}: {} bytes", body.len());
    }
    let page = get(&site, "/a-la-une").await.body;
    assert_eq!(page.matches("<p class=\"why\">").count(), 15);
    assert_eq!(page.matches("<li class=\"row").count(), 45);
}

/// A word that compresses as badly as a name.
fn blake(n: usize) -> String {
    let id = SourceId::of_address(&n.to_string()).to_string();
    let letters = id.bytes().take(9).map(|byte| char::from(b'a' + byte % 26));
    letters.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_names_what_went_before_it_and_why() {
    const MONTHS: i64 = 90 * 24 * 60;
    let desk = desk();
    let (folder, founder) = at(&desk, |desk| {
        let sources = open(desk, &["Ouest Matin", "Le Courrier"]);
        let earlier =
            ["Des fissures dans le barrage de Verdun", "Fissures : le barrage de Verdun fermé"];
        story(desk, &sources, &earlier, MONTHS);
        story(desk, &sources, &["Un marché couvert à Verdun"], MONTHS + 10);
        story(desk, &sources, &["Le barrage routier levé à Lancy"], 200);
        let secret = desk.source("Secrète", SourceVisibility::Private);
        story(desk, &[secret], &["Le barrage de Verdun : une note secrète"], 300);
        for n in 0..40 {
            let n = blake(n);
            story(desk, &sources, &[&format!("Vu à {n} : {n} sans {n}")], MONTHS);
        }
        (tempfile::tempdir().unwrap(), story(desk, &sources, &DAM, 30))
    })
    .await;
    let site = at(&desk, |desk| searchable(desk, folder.path())).await;
    let address = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    assert_eq!(address, format!("/sujet/{founder}/le-barrage-de-verdun-a-cede"));
    let page = get(&site, &address).await.body;
    let related = page.split("id=\"related-title\"").nth(1).unwrap_or_default();
    for part in [
        ">À rapprocher</h2>",
        ">Des fissures dans le barrage de Verdun</a>",
        "2 dépêches · en commun\u{202f}: Verdun, barrage",
    ] {
        assert!(related.contains(part), "{part}: {page}");
    }
    for other in ["secrète", "Lancy", "marché", "a cédé"] {
        assert!(!related.contains(other), "{other}: {related}");
    }
    let blind = router(Site::new(desk.store.clone(), watch::channel(None).1, Settings::default()));
    assert!(!get(&blind, &address).await.body.contains("À rapprocher"), "there is no index yet");
}
