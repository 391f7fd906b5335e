//! The pages as a browser gets them, over a real store: what they show, to whom, and how safely.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::HashSet, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use depeche_news::{Block, DispatchId, Signal, SourceVisibility, StoryId};
use depeche_store::{Trouble, TroubleKind};
use depeche_web::{Settings, Site, router};
use futures_util::StreamExt;
use support::{
    browser::{BODY_BYTES_MAX, at, get, request, searchable, send, signed_in, site},
    desk,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

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
                Block::Paragraph(EVIL.into()),
                Block::Subhead(EVIL.into()),
                Block::Quote(EVIL.into()),
                Block::List(vec![EVIL.into()]),
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
async fn search_folds_copies_marks_passages_and_pages() {
    const OTHERS: usize = 45;
    let (desk, folder) = (desk(), tempfile::tempdir().unwrap());
    let site = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let founder = desk.append(&source, "x", 300, |arrival| {
            let text = "Rien. La préfète de l'Otan <b>parle</b> à Vaucresson.";
            arrival.item.article.body = vec![Block::Paragraph(text.into())];
        });
        for n in 0..OTHERS {
            desk.append(&source, &format!("n{n}"), n as i64, |arrival| {
                let text = format!("Vaucresson attend le numéro {n}.");
                arrival.item.article.body = vec![Block::Paragraph(text.into())];
            });
        }
        let other = desk.source("B", SourceVisibility::Shared);
        desk.append(&other, "y", 299, |arrival| {
            let text = "La préfète de l'Otan parle à Vaucresson.";
            arrival.item.article.body = vec![Block::Paragraph(text.into())];
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
    assert!(nothing.contains("Rien ne répond") && nothing.contains("Sans les guillemets"));
    for odd in ["", "%22", "-", "%ff%00", "%F0%9F%98%80", "titre:", "(((", "*"] {
        let answer = get(&site, &format!("/recherche?q={odd}&apres=99999999999&ordre=x")).await;
        assert_eq!(answer.status, StatusCode::OK, "{odd}");
    }
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
