//! The address that hubs call (WebSub): they ask whether we subscribed, and send what is new.
//!
//! The address cannot be guessed, and what is sent there counts only with the signature that our secret makes.
//! Where it has none, the answer is the same, so that nobody learns from it.

use std::{sync::Arc, time::Instant};

use aws_lc_rs::hmac;
use axum::{
    extract::{Path, RawQuery, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use depeche_news::{
    Delivery, DeliveryKind, Validators, content_digest,
    jiff::{SignedDuration, Timestamp},
    limits::pushed::{
        BODY_BYTES_MAX, CHALLENGE_BYTES_MAX, HUB_FIRST_BYTES_MAX, HUB_PER_SECOND,
        LEASE_SECONDS_MAX, LEASE_SECONDS_MIN,
    },
};
use depeche_store::{Subscription, SubscriptionState};

use crate::{
    App,
    door::{Who, domain},
    forms,
    intake::{HEADERS_KEPT, Refusal, away, blocking, decoded, header_text, kept, whole},
};

/// How long a lease is taken to last whose length a hub does not tell, though it must.
const LEASE_UNTOLD: SignedDuration = SignedDuration::from_hours(24);

/// How long after it was asked a hub may verify; some do that with the next batch.
const VERIFIED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// How often a hub is asked again because somebody says in its name that a subscription is over.
const DOUBTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How long a hub that said no is left alone.
const DENIED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// `GET /websub/{callback}`: a hub asks whether this was wanted.
pub(crate) async fn verify(
    State(app): State<Arc<App>>,
    callback: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(Path(callback)) = callback else { return plain(StatusCode::NOT_FOUND, "") };
    let asked = Verification::of(query.as_deref().unwrap_or_default());
    verified(&app, callback, asked).await.unwrap_or_else(|refusal| plain(refusal.status, ""))
}

async fn verified(
    app: &Arc<App>,
    callback: String,
    asked: Verification,
) -> Result<Response, Refusal> {
    let found = blocking(app, {
        let callback = callback.clone();
        move |store| store.subscription(&callback)
    });
    let Some(subscription) = found.await? else { return Ok(plain(StatusCode::NOT_FOUND, "")) };
    let now = Timestamp::now();
    let verdict = asked.judged(&subscription, now);
    let noted = verdict.clone();
    blocking(app, move |store| match noted {
        Verdict::Confirmed { until, next_at } => {
            store.subscription_confirmed(&callback, until, next_at).wait()
        }
        Verdict::Ended => store.subscription_ended(&callback, now).wait(),
        Verdict::Denied { reason } => {
            let next_at = now.checked_add(DENIED_FOR).unwrap_or(Timestamp::MAX);
            store.subscription_denied(&callback, &reason, next_at).wait()
        }
        Verdict::Doubted => {
            let next_at = subscription.asked_at.and_then(|at| at.checked_add(DOUBTED_EVERY).ok());
            store.subscription_doubted(&callback, next_at.map_or(now, |at| at.max(now))).wait()
        }
        Verdict::Again | Verdict::Unknown => Ok(()),
    })
    .await?;
    Ok(match verdict {
        Verdict::Confirmed { .. } | Verdict::Ended | Verdict::Again => {
            plain(StatusCode::OK, &asked.challenge)
        }
        Verdict::Denied { .. } | Verdict::Doubted => plain(StatusCode::OK, ""),
        Verdict::Unknown => plain(StatusCode::NOT_FOUND, ""),
    })
}

fn plain(status: StatusCode, text: &str) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, text.to_owned()).into_response()
}

/// What a hub asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Verification {
    mode: String,
    topic: String,
    challenge: String,
    lease_seconds: Option<u32>,
    reason: String,
}

/// What is answered and noted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Confirmed {
        until: Timestamp,
        next_at: Timestamp,
    },
    /// It has confirmed already, and did not hear our answer perhaps.
    Again,
    Ended,
    /// It says no to what it has confirmed. Whoever knows the callback can say so: the hub is asked.
    Doubted,
    Denied {
        reason: String,
    },
    Unknown,
}

impl Verification {
    fn of(query: &str) -> Self {
        let asked = forms::fields(query);
        let get = |name: &str| asked.get(name).unwrap_or_default().to_owned();
        Self {
            mode: get("hub.mode"),
            topic: get("hub.topic"),
            challenge: Some(get("hub.challenge"))
                .filter(|challenge| challenge.len() <= CHALLENGE_BYTES_MAX)
                .unwrap_or_default(),
            lease_seconds: get("hub.lease_seconds").parse().ok(),
            reason: get("hub.reason").chars().take(200).collect(),
        }
    }

    fn judged(&self, subscription: &Subscription, now: Timestamp) -> Verdict {
        use SubscriptionState::{Active, Asked, Ending};
        let ours = self.topic == subscription.topic && !self.topic.is_empty();
        let answerable = ours && !self.challenge.is_empty();
        match (self.mode.as_str(), subscription.state) {
            ("subscribe", Asked | Active) if answerable && wanted(subscription, now) => {
                match subscription.failures {
                    0 if subscription.state == Active => Verdict::Again,
                    _ => self.confirmed(subscription, now),
                }
            }
            ("unsubscribe", Ending) if answerable => Verdict::Ended,
            ("denied", Active) if ours => Verdict::Doubted,
            ("denied", Asked) if ours => {
                let told = Some(self.reason.clone()).filter(|reason| !reason.is_empty());
                Verdict::Denied { reason: told.unwrap_or_else(|| "without a reason".to_owned()) }
            }
            _ => Verdict::Unknown,
        }
    }

    /// Renewed when some two thirds of the lease are over, not all subscriptions at the same moment.
    fn confirmed(&self, subscription: &Subscription, now: Timestamp) -> Verdict {
        let lease = match self.lease_seconds {
            Some(seconds) => SignedDuration::from_secs(i64::from(
                seconds.clamp(LEASE_SECONDS_MIN, LEASE_SECONDS_MAX),
            )),
            None => LEASE_UNTOLD,
        };
        let [jitter, ..] = content_digest(&["renewal", &subscription.callback]);
        let part = 0.6 + f64::from(jitter) / f64::from(u8::MAX) / 15.0;
        let later = |wait| now.checked_add(wait).unwrap_or(Timestamp::MAX);
        Verdict::Confirmed {
            until: later(lease),
            next_at: later(SignedDuration::from_millis((lease.as_millis() as f64 * part) as i64)),
        }
    }
}

/// Whether a hub was asked for it lately: what nobody asked for makes no lease longer.
fn wanted(subscription: &Subscription, now: Timestamp) -> bool {
    let asked = subscription.asked_at.is_some_and(|at| now.duration_since(at) <= VERIFIED_WITHIN);
    asked && !subscription.idle
}

/// `POST /websub/{callback}`: a hub sends what is new.
pub(crate) async fn content(
    State(app): State<Arc<App>>,
    callback: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(callback)) = callback else { return plain(StatusCode::NOT_FOUND, "") };
    match distributed(&app, callback, request).await {
        Ok(status) => plain(status, ""),
        Err(refusal) => refusal.into_response(),
    }
}

async fn distributed(
    app: &Arc<App>,
    callback: String,
    request: Request,
) -> Result<StatusCode, Refusal> {
    let found = blocking(app, {
        let callback = callback.clone();
        move |store| store.subscription(&callback)
    });
    // Tells the hub that it need not call any more.
    let Some(subscription) = found.await? else { return Ok(StatusCode::GONE) };
    let trouble = app.trouble.borrow().as_ref().map(|trouble| trouble.kind.word());
    if let Some(word) = trouble {
        return Err(Refusal::resting(word));
    }
    if let Err(seconds) =
        app.door.callbacks.admits(content_digest(&["callback", &callback]), Instant::now())
    {
        let why = format!("more than {HUB_PER_SECOND} a second");
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many", why).after(seconds));
    }
    let (parts, body) = request.into_parts();
    // Who has never signed anything takes no seat of those who have.
    let (seats, most) = match subscription.pushed_at {
        Some(_) => (&app.door.hubs, BODY_BYTES_MAX),
        None => (&app.door.new_hubs, HUB_FIRST_BYTES_MAX),
    };
    let _seat = seats.turn(&owners(&subscription)).await?;
    let bytes = whole(&parts.headers, body, most).await?;
    let listens =
        matches!(subscription.state, SubscriptionState::Asked | SubscriptionState::Active);
    if !listens || subscription.idle {
        return Ok(StatusCode::ACCEPTED);
    }
    let Some(body) = checked(&parts.headers, &subscription.secret, bytes, most).await? else {
        tracing::warn!(
            hub = subscription.hub,
            "what a hub sent was not signed as agreed and is ignored"
        );
        blocking(app, move |store| store.content_ignored(&callback).wait()).await?;
        return Ok(StatusCode::ACCEPTED);
    };
    if body.trim_ascii().is_empty() {
        // It only says that there is something new.
        let now = Timestamp::now();
        blocking(app, move |store| store.content_announced(&callback, now).wait()).await?;
        return Ok(StatusCode::ACCEPTED);
    }
    let delivery = delivery(subscription, &parts.headers, body);
    blocking(app, move |store| store.content_delivered(&callback, delivery).wait()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whose content it is: the domain of the hub, which the feed chooses, and that of the feed, which the operator did.
fn owners(subscription: &Subscription) -> [Who; 2] {
    let hub = content_digest(&["hub", &domain(&subscription.hub)]);
    [hub, content_digest(&["feed", &domain(&subscription.feed)])]
}

/// The decoded body of what was signed as agreed; made away from the threads that serve sockets.
async fn checked(
    headers: &HeaderMap,
    secret: &str,
    bytes: Bytes,
    most: usize,
) -> Result<Option<Vec<u8>>, Refusal> {
    let (headers, secret) = (headers.clone(), secret.to_owned());
    away(move || match signed(&headers, &secret, &bytes) {
        true => decoded(header_text(&headers, "content-encoding"), bytes, most).map(Some),
        false => Ok(None),
    })
    .await
}

fn delivery(subscription: Subscription, headers: &HeaderMap, body: Vec<u8>) -> Delivery {
    Delivery {
        source: subscription.source,
        // Not a feed that was asked for: it says nothing of what to send at the next request.
        kind: DeliveryKind::Pushed,
        address: subscription.topic,
        headers: kept(headers, &HEADERS_KEPT),
        body,
        received_at: Timestamp::now(),
        backfill: false,
        validators: Validators::default(),
    }
}

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

/// Whether what came carries the signature that our secret makes of it.
fn signed(headers: &HeaderMap, secret: &str, body: &[u8]) -> bool {
    let told = headers.get(SIGNATURE).map(HeaderValue::as_bytes).and_then(signature);
    told.is_some_and(|(method, tag)| {
        hmac::verify(&hmac::Key::new(method, secret.as_bytes()), body, &tag).is_ok()
    })
}

/// The method and the tag of `sha256=1f…`.
fn signature(header: &[u8]) -> Option<(hmac::Algorithm, Vec<u8>)> {
    let (method, tag) = std::str::from_utf8(header).ok()?.trim().split_once('=')?;
    let method = match method.trim().to_ascii_lowercase().as_str() {
        // Hubs use it still, and a tag of it cannot be forged.
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        _ => return None,
    };
    Some((method, bytes_of(tag.trim())?))
}

fn bytes_of(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let digits = digits?;
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use depeche_news::SourceId;

    use super::*;

    /// RFC 2202 and RFC 4231, test case 2.
    const KEY: &str = "Jefe";
    const TEXT: &[u8] = b"what do ya want for nothing?";
    const TAGS: [&str; 4] = [
        "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ];

    #[track_caller]
    fn check_signature(header: &str, body: &[u8], expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, HeaderValue::from_str(header).unwrap());
        assert_eq!(signed(&headers, KEY, body), expected, "{header}");
    }

    #[test]
    fn a_signature_is_that_of_our_secret_over_the_whole_body() {
        for tag in TAGS {
            check_signature(tag, TEXT, true);
            check_signature(&tag.to_uppercase(), TEXT, true);
            check_signature(tag, b"what do ya want for something?", false);
            check_signature(&tag[..tag.len() - 2], TEXT, false);
            check_signature(&tag[..tag.len() - 1], TEXT, false);
        }
        let (_, tag) = TAGS[1].split_once('=').unwrap();
        for wrong in ["", "=", "sha256", "sha256=", "sha256=zz", tag] {
            check_signature(wrong, TEXT, false);
        }
        check_signature(&format!("sha1={tag}"), TEXT, false);
        check_signature(&format!("md5={tag}"), TEXT, false);
        assert!(!signed(&HeaderMap::new(), KEY, TEXT));
    }

    const TOPIC: &str = "https://a.example/fil";

    fn subscription(state: SubscriptionState, idle: bool) -> Subscription {
        Subscription {
            callback: "abc".to_owned(),
            source: SourceId::of_address(TOPIC),
            feed: TOPIC.to_owned(),
            hub: "https://hub.example/".to_owned(),
            topic: TOPIC.to_owned(),
            secret: KEY.to_owned(),
            state,
            asked_at: Some(Timestamp::UNIX_EPOCH),
            until: None,
            failures: 1,
            detail: None,
            pushed_at: None,
            ignored: 0,
            idle,
        }
    }

    fn judged(query: &str, state: SubscriptionState) -> Verdict {
        Verification::of(query).judged(&subscription(state, false), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn only_what_we_asked_for_is_confirmed() {
        use SubscriptionState::{Active, Asked, Denied, Ending, Found};
        let topic = "hub.topic=https%3A%2F%2Fa.example%2Ffil";
        let subscribe = format!("hub.mode=subscribe&{topic}&hub.challenge=x&hub.lease_seconds=900");
        let unsubscribe = format!("hub.mode=unsubscribe&{topic}&hub.challenge=x");
        for state in [Found, Asked, Active, Denied, Ending] {
            let confirmed = matches!(judged(&subscribe, state), Verdict::Confirmed { .. });
            assert_eq!(confirmed, matches!(state, Asked | Active), "{state:?}");
            let ended = judged(&unsubscribe, state) == Verdict::Ended;
            assert_eq!(ended, state == Ending, "{state:?}");
        }
        let late = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(25);
        for state in [Asked, Active] {
            let verdict = Verification::of(&subscribe).judged(&subscription(state, false), late);
            assert_eq!(verdict, Verdict::Unknown, "nobody asked");
        }
        let idle = subscription(Asked, true);
        let asked = Verification::of(&subscribe);
        assert_eq!(asked.judged(&idle, Timestamp::UNIX_EPOCH), Verdict::Unknown);
        for wrong in [
            "hub.mode=subscribe&hub.topic=https://b.example/&hub.challenge=x",
            "hub.mode=subscribe&hub.challenge=x",
            "hub.mode=publish&hub.topic=https://a.example/fil&hub.challenge=x",
            "hub.mode=subscribe&hub.topic=https://a.example/fil",
            "",
        ] {
            assert_eq!(judged(wrong, Asked), Verdict::Unknown, "{wrong}");
        }
        // Confirmed already: whoever calls now makes the lease neither longer nor shorter.
        let confirmed = Subscription { failures: 0, ..subscription(Active, false) };
        assert_eq!(asked.judged(&confirmed, Timestamp::UNIX_EPOCH), Verdict::Again);
        let no = Verification::of(&format!("hub.mode=denied&{topic}"));
        assert_eq!(no.judged(&confirmed, Timestamp::UNIX_EPOCH), Verdict::Doubted);
        let denied = judged(&format!("hub.mode=denied&{topic}&hub.reason=no+room"), Asked);
        assert_eq!(denied, Verdict::Denied { reason: "no room".to_owned() });
    }

    #[track_caller]
    fn check_lease(told: &str, seconds: i64) {
        let query = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=x&{told}");
        let Verdict::Confirmed { until, next_at } = judged(&query, SubscriptionState::Asked) else {
            panic!("{query}");
        };
        assert_eq!(until.as_second(), seconds, "{told}");
        let part = next_at.as_millisecond() as f64 / until.as_millisecond() as f64;
        assert!((0.59..0.67).contains(&part), "{told}: {part}");
    }

    #[test]
    fn a_lease_is_renewed_when_two_thirds_of_it_are_over() {
        check_lease("hub.lease_seconds=864000", 864_000);
        check_lease("hub.lease_seconds=5000", 5000);
        check_lease("hub.lease_seconds=3", i64::from(LEASE_SECONDS_MIN));
        check_lease("hub.lease_seconds=0", i64::from(LEASE_SECONDS_MIN));
        check_lease("hub.lease_seconds=4294967295", i64::from(LEASE_SECONDS_MAX));
        check_lease("hub.lease_seconds=-1", 86_400);
        check_lease("hub.lease_seconds=", 86_400);
        check_lease("", 86_400);
    }

    proptest::proptest! {
        #[test]
        fn no_query_and_no_header_makes_it_fall(query in "\\PC{0,80}", header in proptest::collection::vec(0u8.., 0..90)) {
            let asked = Verification::of(&format!("hub.mode=subscribe&{query}"));
            asked.judged(&subscription(SubscriptionState::Asked, false), Timestamp::MAX);
            signature(&header);
            signature(&[b"sha256=".as_slice(), &header].concat());
        }
    }
}
