//! The pages as a browser gets them, over a real store: what they show, to whom, and how safely.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::HashSet, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use depeche_news::{
    Block, DispatchId, ItemId, Moment, Signal, SourceId, SourceVisibility, Status, StoryId,
    jiff::{SignedDuration, Timestamp},
};
use depeche_search::{Change, Paper};
use depeche_store::{Arrival, ItemLine, SourceKind, Trouble, TroubleKind, Viewer};
use depeche_web::{Settings, Site, router};
use futures_util::StreamExt;
use support::{Desk, desk};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

const BODY_BYTES_MAX: usize = 4 << 20;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn site(desk: &Desk) -> Router {
    let (_, search) = watch::channel(None);
    router(Site::new(desk.store.clone(), search, Settings::default()))
}

fn request(method: &str, address: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(address).header("host", "127.0.0.1:7410")
}

async fn send(site: &Router, request: Request<Body>) -> Answer {
    let answer = site.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

async fn get(site: &Router, address: &str) -> Answer {
    send(site, request("GET", address).body(Body::empty()).unwrap()).await
}

async fn post(site: &Router, address: &str, cookie: &str, form: &str) -> Answer {
    let request = request("POST", address)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://127.0.0.1:7410");
    send(site, request.body(Body::from(form.to_owned())).unwrap()).await
}

/// The store waits for its writer where a test would block the runtime.
async fn at<T: Send + 'static>(desk: &Desk, act: impl FnOnce(&Desk) -> T + Send) -> T {
    tokio::task::block_in_place(|| act(desk))
}

async fn signed_in(desk: &Desk, site: &Router) -> String {
    let token = at(desk, |desk| desk.store.new_administrator_token().wait().unwrap()).await;
    let answer = post(site, "/connexion", "", &format!("jeton={token}&suite=/sources")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/sources");
    let cookie = answer.header("set-cookie");
    for promise in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(promise), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_protecting_headers() {
    let desk = desk();
    at(&desk, |desk| desk.fill(3)).await;
    let site = site(&desk);
    let addresses = [
        "/",
        "/recherche?q=otan",
        "/sources",
        "/connexion",
        "/opensearch.xml",
        "/nulle-part",
        "/article/x/y",
        "/sources/ajouter",
        "/?avant=%ff&lang=zz",
        "/direct?depuis=999.1",
    ];
    for address in addresses {
        let answer = get(&site, address).await;
        assert!(answer.status.as_u16() < 500, "{address}: {}", answer.status);
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{address}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{address}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
        assert!(!answer.body.contains("<style") && !answer.body.contains(" style="), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_host_names_are_answered() {
    let desk = desk();
    let site = site(&desk);
    for (host, status) in [
        ("127.0.0.1:7410", StatusCode::OK),
        ("localhost", StatusCode::OK),
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1.evil.example", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let request = Request::builder().uri("/").header("host", host).body(Body::empty());
        let answer = send(&site, request.unwrap()).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let nameless = Request::builder().uri("/").body(Body::empty()).unwrap();
    assert_eq!(send(&site, nameless).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changes_without_a_session_from_our_own_pages() {
    let desk = desk();
    let source = at(&desk, |desk| desk.source("A", SourceVisibility::Shared)).await;
    let site = site(&desk);
    let acts = [
        "/sources/ajouter".to_owned(),
        "/sources/tester".to_owned(),
        "/sources/opml".to_owned(),
        format!("/sources/{source}/pause"),
        format!("/sources/{source}/retirer"),
    ];
    for act in &acts {
        for cookie in ["", "session=0123456789abcdef", "session="] {
            let answer = post(&site, act, cookie, "adresse=https://b.example/").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act} with {cookie}");
        }
    }
    let cookie = signed_in(&desk, &site).await;
    let foreign = request("POST", &acts[3])
        .header("cookie", &cookie)
        .header("origin", "http://evil.example")
        .body(Body::empty());
    assert_eq!(send(&site, foreign.unwrap()).await.status, StatusCode::FORBIDDEN);
    let cross = request("POST", &acts[3])
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty());
    assert_eq!(send(&site, cross.unwrap()).await.status, StatusCode::FORBIDDEN);
    let asked = request("GET", &acts[3]).header("cookie", &cookie).body(Body::empty());
    assert_eq!(send(&site, asked.unwrap()).await.status, StatusCode::METHOD_NOT_ALLOWED);

    let answer = post(&site, &acts[3], &cookie, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(get(&site, "/sources").await.body.contains("En pause"));
    let answer = post(&site, "/sources/ajouter", &cookie, "adresse=ftp://b.example/").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer =
        post(&site, "/sources/ajouter", &cookie, "adresse=https://b.example/&nom=Bé").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(get(&site, "/sources").await.body.contains(">Bé<"));

    assert_eq!(post(&site, "/deconnexion", &cookie, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(post(&site, &acts[3], &cookie, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_opens_nothing() {
    let desk = desk();
    at(&desk, |desk| desk.store.new_administrator_token().wait().unwrap()).await;
    let site = site(&desk);
    for form in ["jeton=x", "jeton=", "", "%ff=%zz"] {
        let answer = post(&site, "/connexion", "", form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form}");
        assert_eq!(answer.header("set-cookie"), "", "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_markup_never_reaches_a_page() {
    const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'";
    let desk = desk();
    let (id, source) = at(&desk, |desk| {
        let source = desk.source(EVIL, SourceVisibility::Shared);
        let id = desk.append(&source, "1", 5, |arrival| {
            let article = &mut arrival.item.article;
            article.headline = EVIL.to_owned();
            article.credit = Some(EVIL.to_owned());
            article.standfirst = Some(EVIL.to_owned());
            article.section = Some(EVIL.to_owned());
            article.authors = vec![EVIL.to_owned()];
            article.language = Some("\"><script>".to_owned());
            article.body = vec![
                Block::Paragraph(EVIL.to_owned()),
                Block::Subhead(EVIL.to_owned()),
                Block::Quote(EVIL.to_owned()),
                Block::List(vec![EVIL.to_owned()]),
            ];
            arrival.item.address = Some("javascript:alert(3)".to_owned());
        });
        (id, source)
    })
    .await;
    let site = site(&desk);
    let article = get(&site, &format!("/article/{id}")).await.header("location").to_owned();
    let addresses = [
        "/".to_owned(),
        "/sources".to_owned(),
        format!("/sources/{source}"),
        article,
        format!("/depeche/{id}/copies"),
        "/recherche?q=%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        "/?lang=%3Cscript%3E&x=%3Cscript%3E".to_owned(),
        "/connexion?suite=%22%3E%3Cscript%3E".to_owned(),
    ];
    for address in addresses {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        let ours = answer.body.matches("<script type=\"module\"").count();
        assert_eq!(answer.body.matches("<script").count(), ours, "{address}");
        assert!(!answer.body.contains("<img"), "{address}");
        assert!(!answer.body.contains("href=\"javascript"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_languages_and_their_choice() {
    let desk = desk();
    at(&desk, |desk| desk.fill(3)).await;
    let site = site(&desk);
    assert!(get(&site, "/").await.body.contains("<html lang=\"fr\">"));
    let english = request("GET", "/").header("accept-language", "en-GB,fr;q=0.5");
    let answer = send(&site, english.body(Body::empty()).unwrap()).await;
    assert!(answer.body.contains("<html lang=\"en\">") && answer.body.contains("Latest"));
    let chosen = get(&site, "/sources?lang=en").await;
    assert!(
        chosen.body.contains("12 sources") && chosen.header("set-cookie").starts_with("lang=en")
    );
    let kept = request("GET", "/")
        .header("accept-language", "en")
        .header("cookie", "a=b; lang=fr")
        .body(Body::empty());
    assert!(send(&site, kept.unwrap()).await.body.contains("<html lang=\"fr\">"));
    let other = get(&site, "/recherche?q=l%27eau&lang=fr").await.body;
    assert!(other.contains("?q=l%27eau&#38;lang=en"), "the other language keeps the query");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_helpfully() {
    let desk = desk();
    let site = site(&desk);
    let unknown = "0123456789abcdef0123";
    for address in [
        "/rien".to_owned(),
        "/article/x".to_owned(),
        "/article/%ff/x".to_owned(),
        format!("/article/{unknown}/x"),
        format!("/depeche/{unknown}"),
        format!("/depeche/{unknown}/copies"),
        format!("/sujet/{unknown}"),
        format!("/sources/{unknown}"),
    ] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        assert!(answer.body.contains("Page introuvable"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_shows_every_row_exactly_once() {
    const ROWS: usize = 137;
    let desk = desk();
    at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        // Three at each minute: places must tell rows of the same time apart.
        let arrivals =
            (0..ROWS).map(|n| desk.arrival(&source, &format!("n{n}"), (n / 3) as i64, |_| {}));
        desk.take(&source, arrivals.collect());
    })
    .await;
    let site = site(&desk);
    let mut seen = HashSet::new();
    let mut address = "/".to_owned();
    for _page in 0..3 {
        let body = get(&site, &address).await.body;
        for row in body.split("<li class=\"row").skip(1) {
            let id = row.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(seen.insert(id.to_owned()), "{id} is shown twice");
        }
        let older = body.split("/?avant=").nth(1).map(|rest| rest.split('"').next().unwrap());
        address = older.map_or_else(String::new, |place| format!("/?avant={place}"));
    }
    assert_eq!(seen.len(), ROWS);
    assert_eq!(address, "", "the last page leads no further");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_page_is_not_sent_again_until_the_wire_moves() {
    let desk = desk();
    let source = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 5, |_| {});
        source
    })
    .await;
    let site = site(&desk);
    let tag = get(&site, "/").await.header("etag").to_owned();
    let again = || request("GET", "/").header("if-none-match", &tag).body(Body::empty()).unwrap();
    assert_eq!(send(&site, again()).await.status, StatusCode::NOT_MODIFIED);
    at(&desk, |desk| desk.append(&source, "2", 1, |_| {})).await;
    assert_eq!(send(&site, again()).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_rows_fit_the_first_round_trip() {
    let desk = desk();
    at(&desk, |desk| desk.fill(60)).await;
    let request = request("GET", "/").header("accept-encoding", "gzip").body(Body::empty());
    let answer = site(&desk).oneshot(request.unwrap()).await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let bytes = to_bytes(answer.into_body(), BODY_BYTES_MAX).await.unwrap().len();
    assert!(bytes <= 14_000, "{bytes} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn slugs_merges_and_copies_lead_to_one_address() {
    let desk = desk();
    let (founder, copy) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let other = desk.source("Bé", SourceVisibility::Shared);
        let founder = desk.append(&source, "1", 9, |_| {});
        let copy = desk.append(&other, "2", 8, |arrival| {
            arrival.placed.dispatch = DispatchId::from(&founder);
            arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
            arrival.placed.relation = "copy".to_owned();
            arrival.placed.evidence = Some("{\"theirs\":0.5}".to_owned());
        });
        (founder, copy)
    })
    .await;
    let site = site(&desk);
    for (address, leads_to) in [
        (format!("/article/{founder}"), format!("/article/{founder}/titre-1")),
        (format!("/article/{copy}/autre"), format!("/article/{copy}/titre-2")),
        (format!("/depeche/{founder}/autre"), format!("/depeche/{founder}/titre-1")),
    ] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{address}");
        assert_eq!(answer.header("location"), leads_to);
        assert_eq!(get(&site, &leads_to).await.status, StatusCode::OK);
    }
    let page = get(&site, &format!("/depeche/{founder}/titre-1")).await.body;
    assert!(page.contains("rel=\"canonical\" href=\"https://a.example/1\""));
    assert!(page.contains("rel=\"noopener noreferrer nofollow\""));
    let copies = get(&site, &format!("/depeche/{founder}/copies")).await.body;
    assert!(
        copies.contains(">Bé</a>")
            && copies.contains("<span>50\u{202f}% du texte d’origine</span>"),
        "{copies}"
    );
}

/// The pages with an index of all that is on the wire.
fn searchable(desk: &Desk, folder: &std::path::Path) -> Router {
    let mut index = depeche_search::Index::open(folder).unwrap().index;
    let entries = desk.store.entries(0, 1000).unwrap();
    let ids: Vec<_> = entries.into_iter().map(|entry| entry.subject.item).collect();
    let papers = desk.store.papers(desk.now, &ids).unwrap();
    let changes = papers.into_values().map(|paper| {
        Change::Put(Paper {
            item: paper.item,
            external: None,
            dispatch: paper.dispatch,
            source: paper.source,
            private: paper.visibility == SourceVisibility::Private,
            headline: paper.article.headline.clone(),
            credit: String::new(),
            standfirst: String::new(),
            byline: String::new(),
            body: paper.article.text(),
            language: paper.article.language.clone(),
            at: paper.at,
            seq: 1,
        })
    });
    index.apply(&changes.collect::<Vec<_>>()).unwrap();
    index.commit(1, 1).unwrap();
    let (_, search) = watch::channel(Some(index.reader().unwrap()));
    router(Site::new(desk.store.clone(), search, Settings::default()))
}

#[tokio::test(flavor = "multi_thread")]
async fn search_folds_copies_marks_passages_and_pages() {
    const OTHERS: usize = 45;
    let (desk, folder) = (desk(), tempfile::tempdir().unwrap());
    let site = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let founder = desk.append(&source, "x", 300, |arrival| {
            let text = "Rien. La préfète de l'Otan <b>parle</b> à Vaucresson.";
            arrival.item.article.body = vec![Block::Paragraph(text.to_owned())];
        });
        for n in 0..OTHERS {
            desk.append(&source, &format!("n{n}"), n as i64, |arrival| {
                let text = format!("Vaucresson attend le numéro {n}.");
                arrival.item.article.body = vec![Block::Paragraph(text)];
            });
        }
        let other = desk.source("B", SourceVisibility::Shared);
        desk.append(&other, "y", 299, |arrival| {
            let text = "La préfète de l'Otan parle à Vaucresson.";
            arrival.item.article.body = vec![Block::Paragraph(text.to_owned())];
            arrival.placed.dispatch = DispatchId::from(&founder);
            arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
        });
        searchable(desk, folder.path())
    })
    .await;
    let body = get(&site, "/recherche?q=prefete+otan").await.body;
    assert!(body.contains("<mark>préfète</mark> de l’<mark>Otan</mark>"), "{body}");
    assert!(!body.contains("<b>parle"), "{body}");
    assert!(body.contains("value=\"prefete otan\""));
    assert_eq!(body.matches("<li class=\"row").count(), 1, "two copies are one row");

    let mut seen = HashSet::new();
    let mut address = "/recherche?q=vaucresson&ordre=date".to_owned();
    for _page in 0..3 {
        let body = get(&site, &address).await.body;
        assert!(body.contains("47 articles"), "{address}");
        for row in body.split("<li class=\"row").skip(1) {
            let id = row.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(seen.insert(id.to_owned()), "{id} is shown twice");
        }
        let more = body.split("<a href=\"").find(|link| link.contains("rel=\"next\""));
        let more = more.map(|link| link.split('"').next().unwrap().replace("&#38;", "&"));
        address = more.unwrap_or_default();
    }
    assert_eq!((seen.len(), address.as_str()), (OTHERS + 1, ""));

    let nothing = get(&site, "/recherche?q=%22zzyzx+qqfr%22").await.body;
    assert!(nothing.contains("Rien ne répond") && nothing.contains("sans les guillemets"));
    for odd in ["", "%22", "-", "%ff%00", "%F0%9F%98%80", "titre:", "(((", "*"] {
        let answer = get(&site, &format!("/recherche?q={odd}&apres=99999999999&ordre=x")).await;
        assert_eq!(answer.status, StatusCode::OK, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desk_says_stands_by_the_text_and_its_notes_are_for_editors() {
    use depeche_news::{Relation, Topic};
    let desk = desk();
    let id = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |_| {});
        desk.append(&source, "2", 5, |arrival| {
            arrival.item.address = None;
            arrival.item.article.slugline = Some("France-pont".to_owned());
            let said = &mut arrival.item.desk;
            said.labels = vec!["URGENT".to_owned(), "PAPIER GENERAL".to_owned()];
            said.updated_with = Some("Actualisé avec le maire".to_owned());
            said.notes = vec!["Corrige le <jour>".to_owned()];
            said.copyright = Some("© 2016 AR".to_owned());
            said.located = vec![Topic {
                name: Some("Nasbinals".to_owned()),
                broader: vec!["Lozère".to_owned()],
                ..Topic::default()
            }];
            let to = |target: &str| Relation { target: target.to_owned(), ..Relation::default() };
            said.links = vec![to("1"), to("https://ar.example/crues"), to("javascript:x"), to("2")];
        })
    })
    .await;
    let site = site(&desk);
    let address = format!("/article/{id}/titre-2");
    let read = get(&site, &address).await.body;
    for told in [
        "Actualisé avec le maire",
        "PAPIER GENERAL",
        "Nasbinals, Lozère",
        "France-pont",
        "© 2016 AR",
        ">Titre 1</a>",
        "href=\"https://ar.example/crues\"",
        "voir aussi",
    ] {
        assert!(read.contains(told), "{told}");
    }
    for kept_back in ["Corrige le", "javascript:x", "URGENT"] {
        assert!(!read.contains(kept_back), "{kept_back}");
    }
    let cookie = signed_in(&desk, &site).await;
    let asked = request("GET", &address).header("cookie", &cookie).body(Body::empty());
    let editor = send(&site, asked.unwrap()).await.body;
    assert!(editor.contains("Note aux rédactions") && editor.contains("Corrige le &#60;jour&#62;"));
}

/// An article, and two that their agency holds back, with a word of their texts.
fn held_back(desk: &Desk, until: Timestamp) -> (SourceId, [(ItemId, &'static str); 2]) {
    let source = desk.source("A", SourceVisibility::Shared);
    desk.append(&source, "1", 9, |_| {});
    let told = |arrival: &mut Arrival, word: &str| {
        arrival.item.article.headline = format!("Secret {word}");
        arrival.item.article.body = vec![Block::Paragraph(format!("Texte secret {word}"))];
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_is_seen_by_the_desk() {
    let desk = desk();
    let folder = tempfile::tempdir().unwrap();
    let until = desk.now + SignedDuration::from_hours(12);
    let (source, held) = at(&desk, |desk| held_back(desk, until)).await;
    let site = at(&desk, |desk| searchable(desk, folder.path())).await;
    let cookie = signed_in(&desk, &site).await;
    let own = async |address: &str| {
        let asked = request("GET", address).header("cookie", &cookie).body(Body::empty());
        send(&site, asked.unwrap()).await
    };
    let page = format!("/sources/{source}");
    for (id, word) in &held {
        let address = format!("/article/{id}");
        let article = own(&address).await;
        assert_eq!((article.status, article.header("cache-control")), (StatusCode::OK, "no-store"));
        assert!(article.body.contains(&format!("Texte secret {word}")), "{word}");
        assert!(own(&page).await.body.contains(&format!("href=\"{address}\"")), "{word}");
        for way in [&address, &format!("/article/{id}/secret"), &format!("/depeche/{id}")] {
            let answer = get(&site, way).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{way}");
            assert!(!answer.body.to_lowercase().contains(word), "{way}");
        }
        let copies = get(&site, &format!("/depeche/{id}/copies")).await;
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
    let desk = desk();
    let folder = tempfile::tempdir().unwrap();
    let until = desk.now + SignedDuration::from_hours(12);
    let (source, _) = at(&desk, |desk| held_back(desk, until)).await;
    let site = at(&desk, |desk| searchable(desk, folder.path())).await;
    let cookie = signed_in(&desk, &site).await;
    let own = async |address: &str| {
        let asked = request("GET", address).header("cookie", &cookie).body(Body::empty());
        send(&site, asked.unwrap()).await
    };
    let page = format!("/sources/{source}");
    // No way out for readers; and no list or search of the administrator's is mixed with it.
    let ways = ["/", "/sources", &page, "/recherche?q=secret", "/recherche?q=retenu"];
    for way in ways {
        let answer = get(&site, way).await;
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
    at(&desk, |desk| desk.append(&source, "4", 1, |_| {})).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_dispatch_leaves_its_notice_and_no_word_of_its_text() {
    let desk = desk();
    let id = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |_| {});
        desk.append(&source, "1", 5, |arrival| arrival.item.status = Status::Canceled)
    })
    .await;
    let site = site(&desk);
    for address in ["/".to_owned(), format!("/depeche/{id}")] {
        let body = get(&site, &address).await.body;
        assert!(body.contains("Annulée par son agence"), "{address}");
        assert!(!body.contains("Titre 1") && !body.contains("Texte 1"), "{address}");
    }
}

/// What stands at a text of minute 10 after a copy of it, that came earlier or later, was killed.
#[track_caller]
fn warned(credit: Option<&str>, copy_came: i64, copy_told: &str, is_warned: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let desk = desk();
    let (site, text) = runtime.block_on(async {
        let text = at(&desk, |desk| {
            let [alpha, beta] =
                ["Alpha", "Beta"].map(|name| desk.source(name, SourceVisibility::Shared));
            let text = desk.append(&alpha, "1", 60, |arrival| {
                arrival.received_at = desk.now - SignedDuration::from_mins(10);
                arrival.item.article.credit = credit.map(str::to_owned);
            });
            for status in [Status::Usable, Status::Canceled] {
                desk.append(&beta, "b", 60, |arrival| {
                    arrival.received_at = desk.now - SignedDuration::from_mins(copy_came);
                    arrival.item.article.published = depeche_news::Moment::parse(copy_told);
                    arrival.item.status = status;
                    arrival.placed.dispatch = DispatchId::from(&text);
                    arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
                });
            }
            text
        })
        .await;
        (site(&desk), text)
    });
    let page = runtime.block_on(get(&site, &format!("/article/{text}/titre-1"))).body;
    assert_eq!(page.contains("dont ce texte est repris"), is_warned, "{credit:?} {copy_came}");
}

#[test]
fn a_killed_copy_warns_where_the_text_can_be_taken_from_it() {
    warned(None, 20, "2016-02-11", true);
    warned(Some("Avec Beta"), 20, "2016-02-11", true);
    warned(Some("Une autre agence"), 20, "2016-02-11", false);
    // Whatever it tells of its age, it came after the text.
    warned(None, 5, "2000-01-03", false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_down_is_gone_and_says_why() {
    let desk = desk();
    let id = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let id = desk.append(&source, "1", 9, |_| {});
        let nothing = |_: &depeche_news::Delivery, _: depeche_store::Cutting<'_>| {
            depeche_store::Remains::Nothing
        };
        let taken = desk.store.take_down(
            vec![id.clone()],
            "Jugement du 9 mai".to_owned(),
            nothing,
            desk.now,
        );
        taken.wait().unwrap();
        id
    })
    .await;
    let site = site(&desk);
    let row = get(&site, "/").await;
    assert!(row.status == StatusCode::OK && row.body.contains("Retirée"), "{}", row.body);
    for (address, words) in [
        (format!("/article/{id}"), ["Cette dépêche a été retirée", "Jugement du 9 mai"]),
        (format!("/article/{id}/titre-1"), ["Cette dépêche a été retirée", "Jugement du 9 mai"]),
        (format!("/depeche/{id}/titre-1"), ["Cette dépêche a été retirée", "Jugement du 9 mai"]),
        (format!("/depeche/{id}?lang=en"), ["was removed from this wire", "Jugement du 9 mai"]),
    ] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::GONE, "{address}");
        for word in words {
            assert!(answer.body.contains(word), "{address}: {}", answer.body);
        }
        assert!(!answer.body.contains("Texte 1"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_any_more_says_so_to_whom_it_was_shown() {
    let desk = desk();
    let (open, hidden) = at(&desk, |desk| {
        let (a, b) = (
            desk.source("A", SourceVisibility::Shared),
            desk.source("B", SourceVisibility::Private),
        );
        let ids = (desk.append(&a, "1", 60 * 48, |_| {}), desk.append(&b, "2", 60 * 48, |_| {}));
        let keep = depeche_store::Keep { items_days: Some(1), ..depeche_store::Keep::default() };
        assert_eq!(desk.store.expire(keep, desk.now, 9).wait().unwrap(), 2);
        ids
    })
    .await;
    let site = site(&desk);
    for address in [format!("/article/{open}"), format!("/depeche/{open}/titre-1")] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::GONE, "{address}");
        assert!(answer.body.contains("n’est plus conservée"), "{address}");
    }
    assert!(get(&site, &format!("/article/{open}?lang=en")).await.body.contains("no longer kept"));
    assert_eq!(get(&site, &format!("/article/{hidden}")).await.status, StatusCode::NOT_FOUND);
    assert!(!get(&site, "/").await.body.contains("Titre 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_source_is_the_administrators() {
    let desk = desk();
    let source = at(&desk, |desk| {
        desk.source("Ouverte", SourceVisibility::Shared);
        let source = desk.source("Secrète", SourceVisibility::Private);
        desk.append(&source, "1", 5, |_| {});
        source
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for address in ["/".to_owned(), "/sources".to_owned(), format!("/sources/{source}")] {
        assert!(!get(&site, &address).await.body.contains("Secrète"), "{address}");
        let own = request("GET", &address).header("cookie", &cookie).body(Body::empty());
        assert!(send(&site, own.unwrap()).await.body.contains("Secrète"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_offers_a_start() {
    let desk = desk();
    let site = site(&desk);
    assert!(get(&site, "/").await.body.contains("name=\"jeton\""));
    let cookie = signed_in(&desk, &site).await;
    let own = request("GET", "/").header("cookie", &cookie).body(Body::empty());
    let body = send(&site, own.unwrap()).await.body;
    assert!(body.contains("name=\"adresse\"") && body.contains("name=\"opml\""));

    let tested = post(&site, "/sources/tester", &cookie, "adresse=https://b.example/").await;
    let job = tested.header("location").to_owned();
    assert!(job.starts_with("/travaux/"), "{job}");
    let waiting = request("GET", &job).header("cookie", &cookie).body(Body::empty());
    assert!(send(&site, waiting.unwrap()).await.body.contains("http-equiv=\"refresh\""));
    assert_eq!(get(&site, &job).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_life_is_told_to_load_anew() {
    let desk = desk();
    at(&desk, |desk| desk.fill(2)).await;
    let site = site(&desk);
    for cursor in ["999.1", "1.999999", "x", "1.x"] {
        let answer = get(&site, &format!("/direct?depuis={cursor}")).await;
        assert_eq!(answer.header("content-type"), "text/event-stream");
        assert!(answer.body.contains("event: resync"), "{cursor}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_what_was_missed_then_what_comes() {
    let desk = desk();
    let (source, cursor) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |_| {});
        let cursor = desk.store.cursor().unwrap();
        desk.append(&source, "2", 5, |_| {});
        (source, cursor)
    })
    .await;
    let request = request("GET", "/direct").header("last-event-id", cursor.to_string());
    let answer = site(&desk).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let mut stream = answer.into_body().into_data_stream();
    let mut told = String::new();
    while !told.contains("Titre 2") {
        told.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(!told.contains("Titre 1"), "{told}");
    at(&desk, |desk| desk.append(&source, "3", 1, |_| {})).await;
    while !told.contains("Titre 3") {
        told.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
    }
    let last = told.rsplit("id: ").next().unwrap();
    assert!(
        last.starts_with(&format!("{}.", cursor.epoch)) && last.contains("event: wire"),
        "{last}"
    );
    at(&desk, |desk| {
        desk.append(&source, "1", 9, |arrival| {
            arrival.item.signal = Some(Signal::Correction);
            arrival.item.article.headline = "Titre rectifié".to_owned();
        })
    })
    .await;
    while !told.contains("Titre rectifié") {
        told.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
    }
    let last = told.rsplit("id: ").next().unwrap();
    assert!(last.contains("\"fresh\":\"\""), "what changed is not new: {last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_lists_its_dispatches_and_each_article_leads_to_it() {
    let desk = desk();
    let founder = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let founder = desk.append(&source, "1", 90, |_| {});
        desk.append(&source, "2", 5, |arrival| {
            arrival.placed.story = StoryId::from(&DispatchId::from(&founder));
        });
        founder
    })
    .await;
    let site = site(&desk);
    let article = get(&site, &format!("/article/{founder}/titre-1")).await.body;
    assert!(article.contains("Dans ce sujet"), "{article}");
    let address = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    assert_eq!(address, format!("/sujet/{founder}/titre-2"));
    let story = get(&site, &address).await.body;
    assert!(story.contains("Titre 1") && story.contains("Titre 2") && story.contains("2 dépêches"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_served_ready_in_each_encoding_to_whom_it_belongs() {
    let desk = desk();
    at(&desk, |desk| {
        desk.fill(12);
        let secret = desk.source("Secrète", SourceVisibility::Private);
        desk.append(&secret, "s", 1, |_| {});
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let plain = get(&site, "/").await;
    assert!(plain.body.contains("<html lang=\"fr\">") && !plain.body.contains("Secrète"));
    assert_eq!(plain.header("content-encoding"), "");
    for accepted in ["br", "gzip"] {
        let own = request("GET", "/").header("accept-encoding", accepted).header("cookie", &cookie);
        let answer = send(&site, own.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), accepted);
        assert_ne!(answer.header("etag"), plain.header("etag"), "the administrator sees more");
        let reader = request("GET", "/").header("accept-encoding", accepted).body(Body::empty());
        let reader = send(&site, reader.unwrap()).await;
        assert_eq!(reader.header("etag"), plain.header("etag"));
        let vary: Vec<_> = reader.headers.get_all("vary").iter().collect();
        assert_eq!(vary, ["accept-encoding", "cookie, accept-language"]);
    }
    for address in ["/?lang=en", "/?utm=x", "/"] {
        let head = send(&site, request("HEAD", address).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""), "{address}");
        let same = head.header("etag") == plain.header("etag");
        assert_eq!(same, !address.contains("lang"), "{address}");
        assert!(head.header("content-security-policy").contains("default-src 'none'"));
    }
    let known = request("GET", "/").header("if-none-match", plain.header("etag"));
    let known = send(&site, known.body(Body::empty()).unwrap()).await;
    assert_eq!((known.status, known.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(known.header("etag"), plain.header("etag"));
    assert_eq!(known.header("cache-control"), "private, no-cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_given_is_in_the_list_at_once() {
    let desk = desk();
    let source = at(&desk, |desk| {
        let source = desk.source("Ancien nom", SourceVisibility::Shared);
        desk.append(&source, "1", 5, |_| {});
        source
    })
    .await;
    let site = site(&desk);
    assert!(get(&site, "/").await.body.contains("Ancien nom"));
    let cookie = signed_in(&desk, &site).await;
    let form = "nom=Nouveau+nom&langue=fr&jours=30";
    let answer = post(&site, &format!("/sources/{source}/modifier"), &cookie, form).await;
    assert_eq!(answer.header("location"), format!("/sources/{source}"));
    let list = get(&site, "/").await.body;
    assert!(list.contains("Nouveau nom") && !list.contains("Ancien nom"));
    let own = request("GET", &format!("/sources/{source}")).header("cookie", &cookie);
    let page = send(&site, own.body(Body::empty()).unwrap()).await.body;
    assert!(page.contains("30 jours") && page.contains("value=\"fr\""), "{page}");
    let reader = get(&site, &format!("/sources/{source}")).await.body;
    assert!(!reader.contains("30 jours") && !reader.contains("modifier"), "{reader}");

    let form = "nom=Nouveau+nom&privee=1";
    post(&site, &format!("/sources/{source}/modifier"), &cookie, form).await;
    assert!(!get(&site, "/").await.body.contains("Nouveau nom"));
    for bad in ["jours=0", "langue=x"] {
        let answer = post(&site, &format!("/sources/{source}/modifier"), &cookie, bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let answer = post(&site, &format!("/sources/{source}/modifier"), "", "nom=x").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_tells_what_it_brought_and_who_had_it_before() {
    let desk = desk();
    let (source, refused) = at(&desk, |desk| {
        let source = desk.source("Le Courrier", SourceVisibility::Shared);
        let other = desk.source("Agence", SourceVisibility::Shared);
        let secret = desk.source("Secrète", SourceVisibility::Private);
        for n in 0..3 {
            desk.append(&source, &format!("n{n}"), n, |_| {});
        }
        let founder = desk.append(&other, "f", 50, |_| {});
        let hidden = desk.append(&secret, "s", 50, |_| {});
        for (guid, founder) in [("c1", &founder), ("c2", &hidden)] {
            desk.append(&source, guid, 20, |arrival| {
                arrival.placed.dispatch = DispatchId::from(founder);
            });
        }
        desk.polled(&source, Some("timeout"));
        let files = depeche_store::NewSource {
            address: "file:archive".to_owned(),
            name: Some("Archive".to_owned()),
            language: Some("en".to_owned()),
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Files,
        };
        (source, desk.store.add_source(files, desk.now).wait().unwrap().0)
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/sources/{source}")).await.body;
    for told in [
        "https://le-courrier.example/fil.rss",
        "Échecs de suite<dd>1",
        "Prochaine demande",
        "<b>4</b> qu’elle est seule à publier <span>80\u{202f}%</span>",
        "<b>1</b> parus d’abord ailleurs <span>20\u{202f}%</span>",
        "5 articles en trente jours, 5 au plus en un jour",
        "<th scope=\"row\">",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Secrète"));
    assert_eq!(page.matches("<rect ").count(), 30);
    let cookie = signed_in(&desk, &site).await;
    let own = request("GET", &format!("/sources/{source}")).header("cookie", &cookie);
    let own = send(&site, own.body(Body::empty()).unwrap()).await.body;
    assert!(own.contains("<b>2</b> parus d’abord ailleurs"), "the private source counts: {own}");
    let english = get(&site, &format!("/sources/{refused}?lang=en")).await.body;
    assert!(english.contains("Language<dd>English") && english.contains("Files imported by hand"));
    assert!(!english.contains("<svg"), "nothing to draw");
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_of_a_source_lead_back_to_its_page() {
    let desk = desk();
    let source = at(&desk, |desk| desk.source("A", SourceVisibility::Shared)).await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let own = format!("/sources/{source}");
    for (act, from, leads_to) in [
        ("pause", own.as_str(), own.as_str()),
        ("reprendre", "/sources", "/sources"),
        ("interroger", "", "/sources"),
        ("retirer", own.as_str(), "/sources"),
    ] {
        let request = request("POST", &format!("{own}/{act}"))
            .header("cookie", &cookie)
            .header("origin", "http://127.0.0.1:7410")
            .header("referer", format!("http://127.0.0.1:7410{from}"));
        let answer = send(&site, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("location"), leads_to, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_is_told_whole_and_betrays_no_private_source() {
    let desk = desk();
    let (founder, cookie_site) = at(&desk, |desk| {
        let [agency, paper] =
            ["Agence", "Journal"].map(|name| desk.source(name, SourceVisibility::Shared));
        let secret = desk.source("Secrète", SourceVisibility::Private);
        let first = desk.append(&secret, "0", 300, |_| {});
        let story = StoryId::from(&DispatchId::from(&first));
        let terms = r#"{"story_terms":["otan","prefete"]}"#;
        for (guid, ago) in [("La préfète et l'Otan", 200), ("L'Otan décide", 100)] {
            for source in [&agency, &paper] {
                let dispatch = desk.arrival(&agency, guid, ago, |_| {}).placed.dispatch;
                desk.append(source, guid, ago, |arrival| {
                    arrival.item.article.headline = guid.to_owned();
                    arrival.placed.dispatch = dispatch.clone();
                    arrival.placed.story = story.clone();
                    arrival.placed.evidence = Some(terms.to_owned());
                });
            }
        }
        let killed = |arrival: &mut depeche_store::Arrival| {
            arrival.placed.story = story.clone();
            arrival.item.status = Status::Canceled;
        };
        desk.append(&paper, "k", 90, |arrival| arrival.placed.story = story.clone());
        desk.append(&paper, "k", 80, killed);
        (first, site(desk))
    })
    .await;
    let site = cookie_site;
    let address = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    let page = get(&site, &address).await.body;
    for told in [
        "3 dépêches, 5 articles de 2 sources",
        "1 annulé ou retiré",
        "D’abord chez",
        ">Agence</a>",
        "<a href=\"/recherche?q=Otan\">Otan</a>",
        ">préfète</a>",
        "Annulée par son agence",
        "+1",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Secrète") && !page.contains("Titre k"), "{page}");
    let cookie = signed_in(&desk, &site).await;
    let own = request("GET", &address).header("cookie", &cookie).body(Body::empty());
    let own = send(&site, own.unwrap()).await.body;
    assert!(
        own.contains("Secrète") && own.contains("4 dépêches, 6 articles de 3 sources"),
        "{own}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_story_shows_every_dispatch_once() {
    const DISPATCHES: usize = 320;
    let desk = desk();
    let founder = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let founder = desk.append(&source, "n0", 0, |_| {});
        let story = StoryId::from(&DispatchId::from(&founder));
        let more = (1..DISPATCHES).map(|n| {
            desk.arrival(&source, &format!("n{n}"), (n / 3) as i64, |arrival| {
                arrival.placed.story = story.clone();
            })
        });
        desk.take(&source, more.collect());
        founder
    })
    .await;
    let site = site(&desk);
    let top = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    let (mut seen, mut address, mut pages) = (HashSet::new(), top, 0);
    while !address.is_empty() {
        let body = get(&site, &address).await.body;
        for row in body.split("<li class=\"row").skip(1) {
            let id = row.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(seen.insert(id.to_owned()), "{id} is shown twice");
        }
        let more = body.split("<a href=\"").find(|link| link.contains("rel=\"next\""));
        address = more.map_or_else(String::new, |link| link.split('"').next().unwrap().to_owned());
        pages += 1;
    }
    assert_eq!((seen.len(), pages), (DISPATCHES, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_stands_on_every_page_and_health_is_told_to_programs() {
    let desk = desk();
    at(&desk, |desk| desk.fill(3)).await;
    let (trouble, told) = watch::channel(None);
    let site = router(Site {
        trouble: told,
        ..Site::new(desk.store.clone(), watch::channel(None).1, Settings::default())
    });
    let health = || async {
        // Asked under the address of a container, which is no name of ours.
        let asked = Request::builder().uri("/healthz").header("host", "10.1.2.3:7410");
        let answer = send(&site, asked.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        (answer.status.as_u16(), answer.body)
    };
    assert_eq!(health().await, (200, "ok\n".to_owned()));
    let calm = get(&site, "/").await;
    assert!(!calm.body.contains("id=\"trouble\""));

    let detail = "/var/lib/depeche <x>".to_owned();
    trouble.send_replace(Some(Trouble { kind: TroubleKind::DiskFull, since: desk.now, detail }));
    assert_eq!(health().await, (503, "disk_full\n".to_owned()));
    let cookie = signed_in(&desk, &site).await;
    for address in ["/", "/sources", "/recherche?q=x", "/nulle-part"] {
        let page = get(&site, address).await;
        assert!(page.body.contains("La prise de nouvelles est suspendue depuis"), "{address}");
        assert!(page.body.contains("le disque est plein."), "{address}");
        assert!(!page.body.contains("/var/lib") && !page.body.contains("Libérez"), "{address}");
        let own = request("GET", address).header("cookie", &cookie).body(Body::empty());
        let own = send(&site, own.unwrap()).await.body;
        assert!(own.contains("Libérez") && own.contains("/var/lib/depeche &#60;x&#62;"), "{own}");
    }
    assert!(get(&site, "/?lang=en").await.body.contains("the disk is full."));
    trouble.send_replace(None);
    assert_eq!(get(&site, "/").await.header("etag"), calm.header("etag"));
    assert_eq!(health().await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_says_how_far_it_is_filled() {
    let (desk, folder) = (desk(), tempfile::tempdir().unwrap());
    let site = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let some = (0..1300).map(|n| desk.arrival(&source, &format!("n{n}"), 5, |_| {}));
        desk.take(&source, some.collect());
        let mut index = depeche_search::Index::open(folder.path()).unwrap().index;
        index.commit(260, desk.store.cursor().unwrap().epoch).unwrap();
        let (_, search) = watch::channel(Some(index.reader().unwrap()));
        router(Site::new(desk.store.clone(), search, Settings::default()))
    })
    .await;
    let body = get(&site, "/recherche?q=titre").await.body;
    assert!(body.contains("La recherche se remplit\u{202f}: 20\u{202f}%."), "{body}");
}

/// Live pages that listen at once.
const LISTENERS: usize = 1000;
/// What comes on the wire meanwhile.
const ENTRIES: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_reaches_every_live_page_or_it_is_told_to_load_anew() {
    more_descriptors();
    let desk = desk();
    let (source, cursor) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "0", 9, |_| {});
        (source, desk.store.cursor().unwrap())
    })
    .await;
    let (end, ending) = watch::channel(false);
    let site = router(Site {
        ending,
        ..Site::new(desk.store.clone(), watch::channel(None).1, Settings::default())
    });
    let pages = listening(site, cursor).await;
    let ids: Vec<String> = (0..ENTRIES)
        .map(|n| desk.arrival(&source, &format!("e{n}"), 1, |_| {}).id.to_string())
        .collect();
    // Each page tells when it has heard of the last entry, or that it should load anew.
    let heard = Arc::new(Semaphore::new(0));
    let reading: Vec<_> = pages
        .into_iter()
        .map(|(n, socket, mut told)| {
            let (heard, last) = (Arc::clone(&heard), ids[ENTRIES - 1].clone());
            tokio::spawn(async move {
                let mut waits = true;
                // Until the end of the body: a stream that breaks off has none.
                while !told.ends_with(b"0\r\n\r\n") {
                    assert!(more(&socket, &mut told).await > 0, "page {n} was cut off");
                    let text = String::from_utf8_lossy(&told);
                    if waits && (text.contains(&last) || text.contains("event: resync")) {
                        waits = false;
                        heard.add_permits(1);
                    }
                }
                String::from_utf8(told).unwrap()
            })
        })
        .collect();
    for n in 0..ENTRIES {
        at(&desk, |desk| desk.append(&source, &format!("e{n}"), 1, |_| {})).await;
    }
    drop(heard.acquire_many(LISTENERS as u32).await.unwrap());
    end.send_replace(true);
    let mut anew = 0;
    for page in reading {
        let told = page.await.unwrap();
        if told.contains("event: resync") {
            anew += 1;
        } else {
            let missing = ids.iter().filter(|id| !told.contains(id.as_str())).count();
            assert_eq!(missing, 0, "entries that a page did not hear of");
        }
    }
    assert!(anew < LISTENERS / 2, "{anew} pages were told to load anew");
}

/// Serves the site on a socket and opens the live pages, each with what it was told so far.
async fn listening(site: Router, cursor: depeche_news::Cursor) -> Vec<(usize, TcpStream, Vec<u8>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, site).await });
    let mut pages = Vec::new();
    for n in 0..LISTENERS {
        let socket = TcpStream::connect(address).await.unwrap();
        let asked = format!("GET /direct?depuis={cursor} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        socket.writable().await.unwrap();
        assert_eq!(socket.try_write(asked.as_bytes()).unwrap(), asked.len());
        // The greeting: from here on the page listens.
        let mut told = Vec::new();
        while !String::from_utf8_lossy(&told).contains("retry:") {
            assert!(more(&socket, &mut told).await > 0, "page {n} was refused");
        }
        pages.push((n, socket, told));
    }
    pages
}

/// Reads what has come; gives the number of bytes, none at the end.
async fn more(socket: &TcpStream, told: &mut Vec<u8>) -> usize {
    loop {
        socket.readable().await.unwrap();
        let mut part = [0; 16 * 1024];
        match socket.try_read(&mut part) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            read => {
                let read = read.unwrap();
                told.extend_from_slice(&part[..read]);
                return read;
            }
        }
    }
}

/// Two descriptors for each live page of the test.
fn more_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, wanted).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_is_confirmed_and_what_is_wrong_is_told_at_its_field() {
    let desk = desk();
    at(&desk, |desk| desk.fill(1)).await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let own = async |address: &str| {
        let asked = request("GET", address).header("cookie", &cookie).body(Body::empty());
        send(&site, asked.unwrap()).await.body
    };
    let form = "adresse=https://n.example/fil&nom=Nouvelle";
    let answer = post(&site, "/sources/ajouter", &cookie, form).await;
    let page = own(answer.header("location")).await;
    let told = "«\u{202f}Nouvelle\u{202f}» est ajoutée\u{202f}; elle est interrogée maintenant.";
    assert!(page.contains(told), "{page}");
    assert_eq!(page.matches("class=\"fresh-source\"").count(), 1);
    assert!(page.contains("Pas encore interrogée.") && page.contains("Voir ce qui est venu"));
    let english = format!("{}&lang=en", answer.header("location"));
    assert!(own(&english).await.contains("“Nouvelle” is added; it is being asked now."));

    for (act, form, kept, message) in [
        (
            "ajouter",
            "adresse=n%27importe+quoi&nom=X",
            "value=\"n&#39;importe quoi\"",
            "adresse-faute",
        ),
        ("tester", "adresse=n%27importe+quoi", "value=\"n&#39;importe quoi\"", "adresse-faute"),
        ("ajouter", "adresse=+&nom=Gardée", "value=\"Gardée\"", "adresse-faute"),
        ("livrees", "nom=", "value=\"\"", "nom-faute"),
        ("livrees", "nom=%21%21", "value=\"!!\"", "nom-faute"),
    ] {
        let answer = post(&site, &format!("/sources/{act}"), &cookie, form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(answer.body.contains(kept), "{form}: {kept}");
        assert!(answer.body.contains(&format!("id=\"{message}\"")), "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sources_can_be_narrowed_without_script() {
    let desk = desk();
    let site = site(&desk);
    at(&desk, |desk| desk.fill(1)).await;
    assert!(!get(&site, "/sources").await.body.contains("name=\"filtre\""));
    at(&desk, |desk| {
        for n in 0..9 {
            desk.source(&format!("Autre {n}"), SourceVisibility::Shared);
        }
    })
    .await;
    let named = |body: &str| body.matches("<li id=\"source-").count();
    let all = get(&site, "/sources").await.body;
    assert!(all.contains("name=\"filtre\"") && named(&all) == 21);
    for (asked, count) in [("vallee", 1), ("AUTRE", 9), ("autre-3.example", 1), ("rien", 0)] {
        let body = get(&site, &format!("/sources?filtre={asked}")).await.body;
        assert_eq!(named(&body), count, "{asked}");
        assert!(body.contains("21 sources"), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_understood_is_told_in_the_readers_language() {
    let desk = desk();
    let (source, item) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let delivery = depeche_news::Delivery {
            source: source.clone(),
            kind: depeche_news::DeliveryKind::Pushed,
            address: "push:a".to_owned(),
            headers: Vec::new(),
            body: b"a".to_vec(),
            received_at: desk.now,
            backfill: false,
            validators: depeche_news::Validators::default(),
        };
        let depeche_store::Recorded::New(delivery) = desk.store.record(delivery).wait().unwrap()
        else {
            panic!("it came before");
        };
        let problems = vec![depeche_news::Problem::new("no_body", "urn:x")];
        let read = depeche_store::Appended { delivery, problems, ..Default::default() };
        let arrival = desk.arrival(&source, "1", 5, |_| {});
        let item = arrival.id.clone();
        desk.store.append(read, vec![arrival]).wait().unwrap();
        (source, item)
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for (language, sentence) in [
        ("fr", "Un article n’a pas de texte, seulement un titre."),
        ("en", "An article has no text, only a headline."),
    ] {
        let address = format!("/sources/{source}?lang={language}");
        let asked = request("GET", &address).header("cookie", &cookie).body(Body::empty());
        let body = send(&site, asked.unwrap()).await.body;
        assert!(body.contains(sentence) && !body.contains("no_body"), "{language}");
        assert!(body.contains(&format!("href=\"/article/{item}\"")), "{language}");
        assert!(!get(&site, &address).await.body.contains(sentence), "{language}");
    }
}
