//! What programs deliver by themselves: pushes with a token, and what hubs send.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    convert::Infallible,
    io::Write,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use depeche_news::{
    DeliveryKind, SourceId, SourceVisibility,
    jiff::SignedDuration,
    limits::pushed::{BODIES_OF_ONE, BODY_BYTES_MAX, BURST, HUB_BURST, WAITS_OF_ONE},
};
use depeche_store::{
    Appended, NewSource, SourceKind, SourceState, Subscription, SubscriptionState, Trouble,
    TroubleKind,
};
use depeche_web::{Settings, Site, router};
use futures_util::Stream;
use serde_json::{Value, json};
use support::{
    Desk,
    browser::{Answer, request, send, site},
    desk,
};
use tokio::sync::{mpsc, watch};

const FEED: &str = "<rss version='2.0'><channel><title>A</title></channel></rss>";

impl Answer {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }

    /// Status and word of a refusal.
    #[track_caller]
    fn refused(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap().to_owned())
    }
}

/// A source that is pushed, and its token.
fn pushed(desk: &Desk, name: &str) -> (SourceId, String) {
    tokio::task::block_in_place(|| {
        let new = NewSource {
            address: format!("push:{name}"),
            name: Some(name.to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Files,
        };
        let source = desk.store.add_source(new, desk.now).wait().unwrap().0;
        let token = desk.store.new_intake_token(&source, desk.now).wait().unwrap().unwrap();
        (source, token)
    })
}

async fn push(
    site: &Router,
    address: &str,
    token: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = request("POST", address).header("authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(site, request.body(body.into()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_answered_when_it_is_stored_and_known_when_it_comes_again() {
    let desk = desk();
    let site = site(&desk);
    let (source, token) = pushed(&desk, "agence");
    let first =
        push(&site, "/intake/agence", &token, &[("content-type", "text/xml; charset=utf-8")], FEED)
            .await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(first.header("content-type"), "application/json");
    let waiting = desk.store.pending_deliveries(10).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(first.json(), json!({ "delivery": waiting[0].id, "repeated": false }));
    let delivery = &waiting[0].delivery;
    assert_eq!((&delivery.source, &delivery.kind), (&source, &DeliveryKind::Pushed));
    assert_eq!(
        delivery.headers,
        [("content-type".to_owned(), "text/xml; charset=utf-8".to_owned())]
    );
    assert_eq!(delivery.body, FEED.as_bytes());

    let other = push(&site, &format!("/intake/{source}"), &token, &[], "Un texte.").await;
    assert_eq!(other.status, StatusCode::CREATED);
    let again = push(&site, "/intake/agence", &token, &[], FEED).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json(), json!({ "delivery": waiting[0].id, "repeated": true }));

    let key = [("idempotency-key", "\"a-1\"")];
    let keyed = push(&site, "/intake/agence", &token, &key, FEED).await;
    assert_eq!(keyed.status, StatusCode::CREATED);
    let again = push(&site, "/intake/agence", &token, &[("idempotency-key", "a-1")], FEED).await;
    assert_eq!(
        (again.status, &again.json()["delivery"]),
        (StatusCode::OK, &keyed.json()["delivery"])
    );
    let other = push(&site, "/intake/agence", &token, &key, "Un autre.").await;
    assert_eq!(other.refused(), (422, "key_used".to_owned()));
    assert_eq!(desk.store.pending_deliveries(10).unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_of_the_source_learns_nothing() {
    let desk = desk();
    let site = site(&desk);
    let (_, token) = pushed(&desk, "agence");
    let (_, others) = pushed(&desk, "autre");
    let wrong = push(&site, "/intake/agence", &others, &[], FEED).await;
    assert_eq!(wrong.refused(), (401, "unauthorized".to_owned()));
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    for (address, token) in [
        ("/intake/agence", "nonsense"),
        ("/intake/personne", token.as_str()),
        ("/intake/%ff", token.as_str()),
        ("/intake/00000000000000000000", token.as_str()),
    ] {
        let answer = push(&site, address, token, &[], FEED).await;
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body), "{address}");
    }
    let none = request("POST", "/intake/agence").body(Body::from(FEED)).unwrap();
    let none = send(&site, none).await;
    assert_eq!((none.status, &none.body), (wrong.status, &wrong.body));
    let read = send(&site, request("GET", "/intake/agence").body(Body::empty()).unwrap()).await;
    assert_eq!(read.refused(), (405, "wrong_method".to_owned()));
    assert_eq!(desk.store.last_delivery().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_stands_on_its_token_and_not_on_where_it_comes_from() {
    let desk = desk();
    let site = site(&desk);
    let (_, token) = pushed(&desk, "agence");
    let from = [("origin", "https://elsewhere.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(
        push(&site, "/intake/agence", &token, &from, FEED).await.status,
        StatusCode::CREATED
    );
    // Neither does that let a form in, nor another host name.
    for address in ["/sources/livrees", "/sources/ajouter", "/intake/../sources/ajouter"] {
        let answer = push(&site, address, &token, &from, "nom=x").await;
        assert!(matches!(answer.status.as_u16(), 401 | 403 | 404), "{address}: {}", answer.status);
    }
    let elsewhere = Request::post("/intake/agence")
        .header("host", "evil.example")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(FEED));
    assert_eq!(send(&site, elsewhere.unwrap()).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_unpacked_and_bounded_and_what_is_no_news_is_refused() {
    let desk = desk();
    let site = site(&desk);
    let (_, token) = pushed(&desk, "agence");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(FEED.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let packed = push(&site, "/intake/agence", &token, &[("content-encoding", "gzip")], gzip).await;
    assert_eq!(packed.status, StatusCode::CREATED);
    assert_eq!(desk.store.pending_deliveries(1).unwrap()[0].delivery.body, FEED.as_bytes());
    let large = vec![b' '; BODY_BYTES_MAX + 1];
    for (headers, body, status, word) in [
        (&[][..], large, 413, "too_large"),
        (&[], b"PK\x03\x04".to_vec(), 415, "not_news"),
        (&[], b" \n".to_vec(), 422, "not_news"),
        (&[("content-encoding", "compress")], FEED.into(), 415, "unknown_encoding"),
        (&[("content-encoding", "br")], b"\xff\xff\xff".to_vec(), 400, "bad_encoding"),
        (&[("idempotency-key", "")], FEED.into(), 400, "bad_key"),
    ] {
        let answer = push(&site, "/intake/agence", &token, headers, body).await;
        assert_eq!(answer.refused(), (status, word.to_owned()));
    }
    assert_eq!(desk.store.pending_deliveries(10).unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_while_the_source_or_the_wire_rests_or_too_much_comes() {
    let desk = desk();
    let (source, token) = pushed(&desk, "agence");
    let (_, search) = watch::channel(None);
    let trouble = Trouble { kind: TroubleKind::DiskFull, since: desk.now, detail: "full".into() };
    let (told, troubled) = watch::channel(Some(trouble));
    let mut made = Site::new(desk.store.clone(), search, Settings::default());
    made.trouble = troubled;
    let site = router(made);
    let resting = push(&site, "/intake/agence", &token, &[], FEED).await;
    assert_eq!(resting.refused(), (503, "resting".to_owned()));
    assert_eq!(resting.header("retry-after"), "30");
    told.send_replace(None);
    let state = |state| {
        tokio::task::block_in_place(|| desk.store.set_source_state(&source, state).wait().unwrap());
    };
    state(SourceState::Paused);
    assert_eq!(
        push(&site, "/intake/agence", &token, &[], FEED).await.refused(),
        (409, "paused".to_owned())
    );
    state(SourceState::Active);
    let mut sent = 0;
    let last = loop {
        let answer =
            push(&site, "/intake/agence", &token, &[("content-encoding", "none")], "").await;
        sent += 1;
        if answer.status == StatusCode::TOO_MANY_REQUESTS || sent > 20 * BURST {
            break answer;
        }
    };
    assert_eq!(last.refused(), (429, "too_many".to_owned()));
    assert_eq!(last.header("retry-after"), "1");
    assert!(sent > BURST - 2);
    assert_eq!(desk.store.last_delivery().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_what_became_of_it() {
    let desk = desk();
    let site = site(&desk);
    let (_, token) = pushed(&desk, "agence");
    let waiting = push(&site, "/intake/agence?wait=1", &token, &[], FEED).await;
    let told = waiting.json();
    assert_eq!((waiting.status, &told["state"]), (StatusCode::CREATED, &json!("waiting")));
    let id = told["delivery"].as_i64().unwrap();
    let store = desk.store.clone();
    let read = Appended { delivery: id, ..Appended::default() };
    tokio::task::block_in_place(|| store.append(read, Vec::new()).wait().unwrap());
    let read = push(&site, "/intake/agence?wait=5", &token, &[], FEED).await.json();
    assert_eq!((&read["state"], &read["items"]), (&json!("read"), &json!([])));
    let refused = push(&site, "/intake/agence", &token, &[], "Texte.").await.json()["delivery"]
        .as_i64()
        .unwrap();
    let problems = vec![depeche_news::Problem::new("refused", "no news")];
    tokio::task::block_in_place(|| store.refuse(refused, None, "x", problems).wait().unwrap());
    let answer = push(&site, "/intake/agence?wait=5", &token, &[], "Texte.").await;
    assert_eq!(answer.refused(), (422, "refused".to_owned()));
    assert_eq!(answer.json()["delivery"], json!(refused));
}

/// A body that never comes, and counts how many of its like are waited for at once: now, and at the most.
struct Slow {
    waited_for: Arc<Mutex<(usize, usize)>>,
    begun: bool,
}

impl Stream for Slow {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.begun {
            let mut waited_for = self.waited_for.lock().unwrap();
            waited_for.0 += 1;
            waited_for.1 = waited_for.0.max(waited_for.1);
            drop(waited_for);
            self.begun = true;
        }
        Poll::Pending
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        if self.begun {
            self.waited_for.lock().unwrap().0 -= 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_takes_some_of_the_seats_and_not_all() {
    let desk = desk();
    let site = site(&desk);
    let ((_, slow), (_, quick)) = (pushed(&desk, "lente"), pushed(&desk, "vive"));
    let waited_for = Arc::<Mutex<(usize, usize)>>::default();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (site, token) = (site.clone(), slow.clone());
        let body = Slow { waited_for: Arc::clone(&waited_for), begun: false };
        waiting.spawn(async move {
            push(&site, "/intake/lente", &token, &[], Body::from_stream(body)).await
        });
    }
    while waited_for.lock().unwrap().1 < BODIES_OF_ONE {
        tokio::task::yield_now().await;
    }
    for number in 0..50 {
        let sent = push(&site, "/intake/vive", &quick, &[], format!("Texte {number}.")).await;
        assert_eq!(sent.status, StatusCode::CREATED);
    }
    assert_eq!(waited_for.lock().unwrap().1, BODIES_OF_ONE);
}

/// A push that waits until it is read holds no body, and keeps nobody from delivering.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_keeps_nobody_waiting() {
    let desk = desk();
    let site = site(&desk);
    let (_, token) = pushed(&desk, "agence");
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..=WAITS_OF_ONE {
        let (site, token) = (site.clone(), token.clone());
        waiting.spawn(async move {
            let text = format!("Texte {number}.");
            push(&site, "/intake/agence?wait=20", &token, &[], text).await
        });
    }
    // One too many waits, and is told so at once.
    let told = waiting.join_next().await.unwrap().unwrap();
    assert_eq!((told.status, &told.json()["state"]), (StatusCode::CREATED, &json!("waiting")));
    let pushed = push(&site, "/intake/agence", &token, &[], "Un autre.").await;
    assert_eq!(pushed.status, StatusCode::CREATED);
    assert!(waiting.try_join_next().is_none(), "the others wait");
}

/// A hub that sends ever again is told to come later, and another one is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_has_a_pace() {
    let desk = desk();
    let site = site(&desk);
    let held = subscribed(&desk);
    let mut sent = 0;
    loop {
        let request = request("POST", &format!("/websub/{}", held.callback));
        let answer = send(&site, request.body(Body::from("unsigned")).unwrap()).await;
        sent += 1;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.header("retry-after"), "1");
            break;
        }
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        assert!(sent < 20 * HUB_BURST);
    }
    assert!(sent >= HUB_BURST);
}

/// A stranger has as many hubs and feeds in his domain as he likes, and sends slowly to all of them.
#[tokio::test(flavor = "multi_thread")]
async fn the_hubs_of_one_stranger_close_the_door_to_no_other() {
    let desk = desk();
    let site = site(&desk);
    let honest = subscribed(&desk);
    let sign = |held: &Subscription| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, held.secret.as_bytes());
        let tag = hmac::sign(&key, FEED.as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (asked, mut waited_for) = mpsc::channel(16);
    let mut sitting = Vec::new();
    for number in 0..6 {
        let (hub, feed) =
            (format!("https://hub{number}.stranger.example/"), format!("f{number}.stranger"));
        let held = subscribed_at(&desk, &feed, &hub);
        let (asked, site) = (asked.clone(), site.clone());
        sitting.push(tokio::spawn(async move {
            let slow = Body::from_stream(futures_util::stream::once(async move {
                let _ = asked.send(()).await;
                std::future::pending::<Result<String, std::convert::Infallible>>().await
            }));
            let request = request("POST", &format!("/websub/{}", held.callback));
            send(&site, request.body(slow).unwrap()).await.status
        }));
    }
    waited_for.recv().await.unwrap();
    // The others take their seats in this time, if there are any for them.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), waited_for.recv()).await;
    let request = request("POST", &format!("/websub/{}", honest.callback))
        .header("x-hub-signature", format!("sha256={}", sign(&honest)));
    let answer = send(&site, request.body(Body::from(FEED)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert!(waited_for.try_recv().is_err(), "one of them sits, and the others wait behind it");
    sitting.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn signed_in(desk: &Desk, site: &Router) -> String {
    let token =
        tokio::task::block_in_place(|| desk.store.new_administrator_token().wait().unwrap());
    let answer = form(site, "/connexion", "", &format!("jeton={token}")).await;
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn form(site: &Router, address: &str, cookie: &str, fields: &str) -> Answer {
    let request = request("POST", address)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://127.0.0.1:7410");
    send(site, request.body(Body::from(fields.to_owned())).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_shows_and_revokes_tokens() {
    let desk = desk();
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for address in ["/sources/livrees", "/sources/00000000000000000000/jeton"] {
        assert_eq!(form(&site, address, "", "nom=x").await.status, StatusCode::FORBIDDEN);
    }
    let added = form(&site, "/sources/livrees", &cookie, "nom=Agence+du+Sud").await;
    let page = added.header("location").trim_end_matches("#livraisons").to_owned();
    assert!(page.starts_with("/sources/"), "{page}");
    let seen = |cookie: String| {
        let asked = request("GET", &page).header("cookie", cookie).header("accept-language", "fr");
        send(&site, asked.body(Body::empty()).unwrap())
    };
    let before = seen(cookie.clone()).await.body;
    assert!(before.contains("/intake/agence-du-sud"), "{before}");
    assert!(before.contains("rien reçu encore"), "{before}");
    let made = form(&site, &format!("{page}/jeton"), &cookie, "").await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"));
    let token =
        made.body.split("id=\"jeton\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let pushed = push(&site, "/intake/agence-du-sud", &token, &[], FEED).await;
    assert_eq!(pushed.status, StatusCode::CREATED);
    let after = seen(cookie.clone()).await.body;
    assert!(!after.contains(&token) && after.contains("dernière livraison"), "{after}");
    let reader = seen(String::new()).await.body;
    assert!(!reader.contains("/intake/") && !reader.contains("name=\"jeton\""), "{reader}");
    let name = after.split("name=\"jeton\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let revoked =
        form(&site, &format!("{page}/jeton/retirer"), &cookie, &format!("jeton={name}")).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    assert_eq!(
        push(&site, "/intake/agence-du-sud", &token, &[], FEED).await.status,
        StatusCode::UNAUTHORIZED
    );
}

const TOPIC: &str = "https://a.example/fil.rss";

/// A feed that names a hub, which was asked for a subscription.
fn subscribed(desk: &Desk) -> Subscription {
    subscribed_at(desk, "A", "https://hub.example/")
}

fn subscribed_at(desk: &Desk, feed: &str, hub: &str) -> Subscription {
    tokio::task::block_in_place(|| {
        let source = desk.source(feed, SourceVisibility::Shared);
        let (_, store) = (desk.append(&source, "1", 5, |_| {}), &desk.store);
        let delivery = store.last_delivery().unwrap();
        let hub = Some((hub.to_owned(), TOPIC.to_owned()));
        let read = Appended { delivery, source: Some(source), hub, ..Appended::default() };
        store.append(read, Vec::new()).wait().unwrap();
        let found = store.due_subscriptions(desk.now, 1).unwrap().remove(0);
        let next_at = desk.now + SignedDuration::from_mins(10);
        store.subscription_asked(&found.callback, desk.now, next_at).wait().unwrap();
        found
    })
}

async fn asks(site: &Router, callback: &str, query: &str) -> Answer {
    let address = format!("/websub/{callback}?{query}");
    send(site, request("GET", &address).body(Body::empty()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_is_told_that_we_subscribed_and_nobody_else_is() {
    let desk = desk();
    let site = site(&desk);
    let held = subscribed(&desk);
    let topic = "hub.topic=https%3A%2F%2Fa.example%2Ffil.rss";
    let subscribe =
        format!("hub.mode=subscribe&{topic}&hub.challenge=%3Cb%3E42&hub.lease_seconds=3600");
    for (callback, query) in [
        ("nonsense", subscribe.as_str()),
        (&held.callback, "hub.mode=subscribe&hub.topic=https://b.example/&hub.challenge=42"),
        (
            &held.callback,
            "hub.mode=unsubscribe&hub.topic=https://a.example/fil.rss&hub.challenge=42",
        ),
        (&held.callback, ""),
    ] {
        assert_eq!(asks(&site, callback, query).await.status, StatusCode::NOT_FOUND, "{query}");
    }
    let state = || desk.store.subscription(&held.callback).unwrap().unwrap().state;
    assert_eq!(state(), SubscriptionState::Asked);
    let confirmed = asks(&site, &held.callback, &subscribe).await;
    assert_eq!((confirmed.status, confirmed.body.as_str()), (StatusCode::OK, "<b>42"));
    assert!(confirmed.header("content-type").starts_with("text/plain"));
    assert_eq!(confirmed.header("x-content-type-options"), "nosniff");
    assert_eq!(state(), SubscriptionState::Active);
    let denied =
        asks(&site, &held.callback, &format!("hub.mode=denied&{topic}&hub.reason=no")).await;
    assert_eq!((denied.status, state()), (StatusCode::OK, SubscriptionState::Active));
    let due = |after| {
        desk.store.due_subscriptions(desk.now + SignedDuration::from_mins(after), 9).unwrap().len()
    };
    assert_eq!((due(35), due(65)), (0, 1), "the hub is asked, but not more than once an hour");
    // Nor is the lease another one because somebody calls again.
    let until = || desk.store.subscription(&held.callback).unwrap().unwrap().until;
    let before = until();
    let longer = subscribe.replace("3600", "864000");
    assert_eq!(asks(&site, &held.callback, &longer).await.body, "<b>42");
    assert_eq!(until(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hub_sends_counts_only_with_our_signature() {
    let desk = desk();
    let site = site(&desk);
    let held = subscribed(&desk);
    let address = format!("/websub/{}", held.callback);
    let sent = async |callback: &str, signature: &str, body: &str| {
        let request = request("POST", callback)
            .header("content-type", "application/rss+xml")
            .header("x-hub-signature", signature);
        send(&site, request.body(Body::from(body.to_owned())).unwrap()).await.status
    };
    let signed = |algorithm, body: &str| {
        let key = hmac::Key::new(algorithm, held.secret.as_bytes());
        let tag = hmac::sign(&key, body.as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let waiting = || desk.store.pending_deliveries(10).unwrap();
    let right = format!("sha256={}", signed(hmac::HMAC_SHA256, FEED));
    for (signature, body) in [("", FEED), ("sha256=00", FEED), (&right, "<rss>forged</rss>")] {
        assert_eq!(sent(&address, signature, body).await, StatusCode::ACCEPTED);
    }
    assert_eq!(waiting().len(), 0);
    assert_eq!(desk.store.subscription(&held.callback).unwrap().unwrap().ignored, 3);
    assert_eq!(sent(&address, &right, FEED).await, StatusCode::ACCEPTED);
    let delivery = waiting().remove(0).delivery;
    assert_eq!((delivery.address.as_str(), &delivery.kind), (TOPIC, &DeliveryKind::Pushed));
    assert_eq!((&delivery.source, delivery.body.as_slice()), (&held.source, FEED.as_bytes()));
    let other = "<rss><channel><title>B</title></channel></rss>";
    let sha1 = format!("sha1={}", signed(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, other));
    assert_eq!(sent(&address, &sha1, other).await, StatusCode::ACCEPTED);
    assert_eq!(waiting().len(), 2);
    assert_eq!(sent("/websub/nonsense", &right, FEED).await, StatusCode::GONE);
    // One that says only that there is something new has the feed asked.
    let due = |desk: &Desk| {
        desk.store.due_sources(desk.now + SignedDuration::from_mins(1), 1).unwrap().len()
    };
    tokio::task::block_in_place(|| desk.polled(&held.source, None));
    assert_eq!(due(&desk), 0);
    let empty = format!("sha512={}", signed(hmac::HMAC_SHA512, ""));
    assert_eq!(sent(&address, &empty, "").await, StatusCode::ACCEPTED);
    assert_eq!((due(&desk), waiting().len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_refused_are_refused_again() {
    let desk = desk();
    let site = site(&desk);
    let (_, token) = pushed(&desk, "agence");
    let first = push(&site, "/intake/agence", &token, &[], "{}").await;
    assert_eq!(first.status, StatusCode::CREATED);
    tokio::task::block_in_place(|| {
        let id = desk.store.pending_deliveries(9).unwrap()[0].id;
        let why = vec![depeche_news::Problem::new("not_a_feed", "no form that is known")];
        desk.store.refuse(id, None, "not_a_feed", why).wait().unwrap();
    });
    for address in ["/intake/agence", "/intake/agence?wait=5"] {
        let again = push(&site, address, &token, &[], "{}").await;
        assert_eq!(again.refused(), (422, "refused".to_owned()), "{address}");
        let told = again.json();
        assert_eq!(told["state"], "refused", "{address}");
        assert!(told["detail"].as_str().unwrap().contains("no form that is known"), "{told}");
    }
}
