//! `POST /intake/{source}`: a delivery is pushed by whoever holds a token of its source.
//!
//! It is answered when it is on disk, and not before. What it is, is found out when it is read: whoever wants
//! to know waits for that (`?wait=5`). Nothing here looks at cookies, and every answer is JSON.

use std::{
    io::{self, Read},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use depeche_news::{
    Delivery, DeliveryKind, SourceId, Validators, content_digest,
    jiff::Timestamp,
    limits::{outbound::ZSTD_WINDOW_LOG_MAX, pushed},
};
use depeche_store::{Delivered, DeliveryOutcome, DeliveryState, Error, KnownBy, Pusher, Store};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout_at;

use crate::{
    App,
    door::{Who, body_within},
    forms,
};

/// Headers that matter for reading a body, whoever sends it.
pub(crate) const HEADERS_KEPT: [&str; 2] = ["content-type", "content-language"];

/// That a sender with a token may say too: where what he sends stands.
const LOCATION: &str = "content-location";

/// How often it is looked whether a delivery was read.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Why a delivery is not taken: `{"error": word, "detail": sentence}`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    word: &'static str,
    detail: String,
    retry_after: Option<u32>,
    /// The delivery, where it was stored all the same.
    delivery: Option<i64>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, word: &'static str, detail: impl Into<String>) -> Self {
        Self { status, word, detail: detail.into(), retry_after: None, delivery: None }
    }

    pub(crate) fn after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same whatever is wrong with the token, so that nobody learns which sources there are.
    fn unauthorized() -> Self {
        let why = "give `Authorization: Bearer` with a token of this source";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", why)
    }

    fn too_large(most: usize) -> Self {
        let why = format!("more than {most} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", why)
    }

    /// Nothing is taken in now.
    pub(crate) fn resting(why: &str) -> Self {
        let detail = format!("nothing is taken in now: {why}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "resting", detail).after(pushed::RETRY_SECONDS)
    }

    /// What the store says; the operator's log tells the rest.
    pub(crate) fn of_store(error: &Error) -> Self {
        match error {
            Error::Resting(trouble) => Self::resting(trouble.kind.word()),
            Error::DiskFull | Error::ReadOnly => Self::resting("it could not be stored"),
            error => {
                tracing::error!(%error, "a delivery that was pushed could not be stored");
                let what = "it could not be stored";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "trouble", what)
                    .after(pushed::RETRY_SECONDS)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut told = json!({ "error": self.word, "detail": self.detail });
        if let (Some(id), Some(told)) = (self.delivery, told.as_object_mut()) {
            told.insert("delivery".to_owned(), id.into());
        }
        if let (true, Some(told)) = (self.word == "refused", told.as_object_mut()) {
            told.insert("state".to_owned(), "refused".into());
        }
        let mut response = answer(self.status, &told);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        let known = match self.status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::METHOD_NOT_ALLOWED => Some((header::ALLOW, "POST")),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Some((header::ACCEPT_ENCODING, "gzip, br, zstd")),
            _ => None,
        };
        if let Some((name, value)) = known {
            headers.insert(name, header::HeaderValue::from_static(value));
        }
        response
    }
}

fn answer(status: StatusCode, told: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, format!("{told}\n")).into_response()
}

/// `POST /intake/{source}`
pub(crate) async fn take(
    State(app): State<Arc<App>>,
    source: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let taken = match source {
        Ok(Path(source)) => taken(&app, source, request).await,
        Err(_) => Err(Refusal::unauthorized()),
    };
    taken.unwrap_or_else(IntoResponse::into_response)
}

/// Any other method.
pub(crate) async fn wrong_method() -> Response {
    let why = "deliveries are sent with POST";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", why).into_response()
}

async fn taken(app: &Arc<App>, source: String, request: Request) -> Result<Response, Refusal> {
    let pusher = admitted(app, source, request.headers()).await?;
    let (parts, body) = request.into_parts();
    let key = key(&parts.headers)?;
    let who = content_digest(&["source", pusher.source.as_str()]);
    let stored = {
        let _seat = app.door.pushes.turn(&[who]).await?;
        let received = received(&parts.headers, body).await?;
        let delivery = delivery(&pusher.source, &parts.headers, received)?;
        let known_by = key.map_or(KnownBy::Content, KnownBy::Key);
        let token = Some(pusher.token);
        blocking(app, move |store| store.delivered(delivery, known_by, token).wait()).await?
    };
    let (id, repeated) = match stored {
        Delivered::New(id) => (id, false),
        Delivered::Repeated(id) => (id, true),
        Delivered::OtherBytes(id) => {
            let why = "another delivery came under this Idempotency-Key";
            let refusal = Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "key_used", why);
            return Err(Refusal { delivery: Some(id), ..refusal });
        }
    };
    let outcome = match waits(parts.uri.query().unwrap_or_default()) {
        Some(patience) => Some(outcome(app, who, id, patience).await?),
        // What was refused before is not accepted by coming again.
        None if repeated => Some(outcome(app, who, id, Duration::ZERO).await?)
            .filter(|outcome| outcome.state == DeliveryState::Refused),
        None => None,
    };
    told(id, repeated, outcome)
}

/// Who pushes, if he may do so now.
async fn admitted(app: &Arc<App>, source: String, headers: &HeaderMap) -> Result<Pusher, Refusal> {
    let token = bearer(headers).ok_or_else(Refusal::unauthorized)?.to_owned();
    let pusher = blocking(app, move |store| store.pusher(&token, &source)).await?;
    let pusher = pusher.ok_or_else(Refusal::unauthorized)?;
    let who = pusher.token.first_chunk().copied().unwrap_or_default();
    if let Err(seconds) = app.door.tokens.admits(who, Instant::now()) {
        let why = format!("more than {} deliveries a second", pushed::PER_SECOND);
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many", why).after(seconds));
    }
    if pusher.paused {
        return Err(Refusal::new(StatusCode::CONFLICT, "paused", "this source is paused"));
    }
    match app.trouble.borrow().as_ref() {
        Some(trouble) => Err(Refusal::resting(trouble.kind.word())),
        None => Ok(pusher),
    }
}

/// The token of `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The `Idempotency-Key`, which may stand in quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().map(|key| key.trim().trim_matches('"')).unwrap_or_default();
    if key.is_empty() || key.len() > pushed::KEY_BYTES_MAX {
        let why = format!("an Idempotency-Key is 1 to {} letters", pushed::KEY_BYTES_MAX);
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "bad_key", why));
    }
    Ok(Some(key.to_owned()))
}

/// How long to wait for the delivery to be read: `wait=5`, in seconds.
fn waits(query: &str) -> Option<Duration> {
    let seconds = forms::fields(query).get("wait")?.parse::<u32>().ok()?;
    Some(Duration::from_secs(u64::from(seconds)).min(pushed::WAIT_MAX))
        .filter(|wait| !wait.is_zero())
}

/// The body of a request, decoded, within the limits of size and time.
pub(crate) async fn received(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let bytes = whole(headers, body, pushed::BODY_BYTES_MAX).await?;
    let encoding = header_text(headers, "content-encoding").to_owned();
    away(move || decoded(&encoding, bytes, pushed::BODY_BYTES_MAX)).await
}

/// Works on a body away from the threads that serve sockets.
pub(crate) async fn away<T, F>(work: F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Refusal> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(bad_encoding()))
}

/// The body of a request as it came, of so many bytes at most.
pub(crate) async fn whole(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Refusal> {
    let declared = header_text(headers, "content-length").parse::<usize>().unwrap_or_default();
    if declared > most {
        return Err(Refusal::too_large(most));
    }
    let began = tokio::time::Instant::now();
    let (mut stream, mut bytes) = (body.into_data_stream(), Vec::with_capacity(declared));
    loop {
        let part = timeout_at(began + body_within(bytes.len()), stream.next()).await;
        let Some(part) = part.map_err(|_| too_slow())? else { return Ok(Bytes::from(bytes)) };
        let broke = |_| Refusal::new(StatusCode::BAD_REQUEST, "incomplete", "it broke off");
        let part = part.map_err(broke)?;
        if bytes.len() + part.len() > most {
            return Err(Refusal::too_large(most));
        }
        bytes.extend_from_slice(&part);
    }
}

fn too_slow() -> Refusal {
    let why = format!(
        "less than {} kB a second, or more than {} s",
        pushed::BODY_PER_SECOND / 1000,
        pushed::BODY_WITHIN.as_secs(),
    );
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", why)
}

/// A body out of its `Content-Encoding`. A gzip file that is sent as it is, is unpacked too.
pub(crate) fn decoded(encoding: &str, bytes: Bytes, most: usize) -> Result<Vec<u8>, Refusal> {
    let gzip = bytes.starts_with(&[0x1f, 0x8b]);
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" if !gzip => Ok(bytes.into()),
        "" | "identity" | "gzip" | "x-gzip" => {
            bounded(flate2::read::MultiGzDecoder::new(&*bytes), most)
        }
        "br" => bounded(brotli::Decompressor::new(&*bytes, 4096), most),
        "zstd" => {
            let mut decoder =
                zstd::stream::read::Decoder::new(&*bytes).map_err(|_| bad_encoding())?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|_| bad_encoding())?;
            bounded(decoder, most)
        }
        _ => {
            let why = "send it plain, or as gzip, br or zstd";
            Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unknown_encoding", why))
        }
    }
}

fn bounded(from: impl Read, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = from.take(most as u64 + 1).read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() > most => Err(Refusal::too_large(most)),
        Ok(_) => Ok(bytes),
        Err(_) => Err(bad_encoding()),
    }
}

fn bad_encoding() -> Refusal {
    let why = "it is not what its Content-Encoding says, or it ends too early";
    Refusal::new(StatusCode::BAD_REQUEST, "bad_encoding", why)
}

/// The delivery that a body makes; the store gives it its address.
fn delivery(source: &SourceId, headers: &HeaderMap, body: Vec<u8>) -> Result<Delivery, Refusal> {
    if let Some((status, why)) = no_news(header_text(headers, "content-type"), &body) {
        return Err(Refusal::new(status, "not_news", why));
    }
    let told = [HEADERS_KEPT.as_slice(), &[LOCATION]].concat();
    Ok(Delivery {
        source: source.clone(),
        kind: DeliveryKind::Pushed,
        address: String::new(),
        headers: kept(headers, &told),
        body,
        received_at: Timestamp::now(),
        backfill: false,
        validators: Validators::default(),
    })
}

/// Those of some headers that say something.
pub(crate) fn kept(headers: &HeaderMap, names: &[&str]) -> Vec<(String, String)> {
    let told = names.iter().map(|name| ((*name).to_owned(), header_text(headers, name).to_owned()));
    told.filter(|(_, value)| !value.is_empty()).collect()
}

/// Why a body can be no news, where its first bytes say so.
fn no_news(content_type: &str, body: &[u8]) -> Option<(StatusCode, &'static str)> {
    let unsupported = |why| Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    if content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return unsupported("send the message itself as the body, not a form");
    }
    let why = depeche_news::no_news(body)?;
    match body.trim_ascii().is_empty() {
        true => Some((StatusCode::UNPROCESSABLE_ENTITY, why)),
        false => unsupported(why),
    }
}

/// Waits until a delivery was read, as long as is granted, and not at all where too many wait.
async fn outcome(
    app: &Arc<App>,
    who: Who,
    id: i64,
    patience: Duration,
) -> Result<DeliveryOutcome, Refusal> {
    let seat = app.door.waits.free(who);
    let deadline = Instant::now() + patience;
    loop {
        let outcome = blocking(app, move |store| store.delivery_outcome(id)).await?;
        let gone = || Refusal::new(StatusCode::GONE, "gone", "the delivery was removed");
        let outcome = outcome.ok_or_else(gone)?;
        let late = seat.is_none() || Instant::now() >= deadline;
        if outcome.state != DeliveryState::Waiting || late {
            return Ok(outcome);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn told(id: i64, repeated: bool, outcome: Option<DeliveryOutcome>) -> Result<Response, Refusal> {
    let mut told = json!({ "delivery": id, "repeated": repeated });
    if let (Some(outcome), Some(told)) = (outcome, told.as_object_mut()) {
        if outcome.state == DeliveryState::Refused {
            let why = outcome.problems.join("; ");
            let refusal = Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", why);
            return Err(Refusal { delivery: Some(id), ..refusal });
        }
        let state = if outcome.state == DeliveryState::Read { "read" } else { "waiting" };
        told.insert("state".to_owned(), state.into());
        told.insert("items".to_owned(), json!(outcome.items));
        told.insert("problems".to_owned(), json!(outcome.problems));
    }
    Ok(answer(if repeated { StatusCode::OK } else { StatusCode::CREATED }, &told))
}

/// Asks the store away from the threads that serve sockets.
pub(crate) async fn blocking<T, F>(app: &Arc<App>, ask: F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce(&Store) -> Result<T, Error> + Send + 'static,
{
    let store = app.store.clone();
    let asked = tokio::task::spawn_blocking(move || ask(&store)).await;
    asked.unwrap_or(Err(Error::Closed)).map_err(|error| Refusal::of_store(&error))
}

pub(crate) fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_bytes(value).unwrap());
        headers
    }

    #[track_caller]
    fn check_bearer(value: &str, expected: Option<&str>) {
        assert_eq!(bearer(&headers("authorization", value.as_bytes())), expected, "{value}");
    }

    #[test]
    fn a_token_stands_behind_its_scheme() {
        check_bearer("Bearer abc", Some("abc"));
        check_bearer("bearer  abc ", Some("abc"));
        check_bearer("Basic abc", None);
        check_bearer("Bearer", None);
        check_bearer("Bearer ", None);
        check_bearer("abc", None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[track_caller]
    fn check_encoding(encoding: &str, bytes: Vec<u8>, expected: Result<&[u8], StatusCode>) {
        let told = decoded(encoding, bytes.into(), pushed::BODY_BYTES_MAX)
            .map_err(|refusal| refusal.status);
        assert_eq!(told, expected.map(<[u8]>::to_vec), "{encoding}");
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        brotli::CompressorWriter::new(&mut packed, 4096, 3, 20).write_all(bytes).unwrap();
        packed
    }

    #[test]
    fn bodies_come_out_of_their_encoding_and_no_further_than_their_limit() {
        let plain = b"<rss/>";
        let zstd = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
        let bomb = vec![b' '; pushed::BODY_BYTES_MAX + 1];
        for none in ["", "identity", "IDENTITY"] {
            check_encoding(none, plain.to_vec(), Ok(plain));
            check_encoding(none, gzip(plain), Ok(plain));
        }
        check_encoding("gzip", gzip(plain), Ok(plain));
        check_encoding("br", brotli(plain), Ok(plain));
        check_encoding("zstd", zstd(plain), Ok(plain));
        check_encoding("gzip", gzip(&bomb), Err(StatusCode::PAYLOAD_TOO_LARGE));
        check_encoding("br", brotli(&bomb), Err(StatusCode::PAYLOAD_TOO_LARGE));
        check_encoding("zstd", zstd(&bomb), Err(StatusCode::PAYLOAD_TOO_LARGE));
        for encoding in ["gzip", "br", "zstd"] {
            check_encoding(encoding, b"\xff\xffnonsense".to_vec(), Err(StatusCode::BAD_REQUEST));
        }
        let mut cut = gzip(plain);
        cut.truncate(cut.len() - 4);
        check_encoding("gzip", cut, Err(StatusCode::BAD_REQUEST));
        check_encoding("deflate", plain.to_vec(), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        check_encoding("gzip, br", plain.to_vec(), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }

    #[track_caller]
    fn check_news(content_type: &str, body: &[u8], expected: Option<u16>) {
        let told = no_news(content_type, body).map(|(status, _)| status.as_u16());
        assert_eq!(told, expected, "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn what_can_be_no_news_is_refused_at_the_door() {
        check_news("", b"<rss/>", None);
        check_news("application/pdf", b"<rss/>", None);
        check_news("multipart/form-data; boundary=x", b"--x", Some(415));
        check_news("", b"PK\x03\x04", Some(415));
        check_news("", b"%PDF-1.7", Some(415));
        check_news("", b"\x89PNG\r\n", Some(415));
        check_news("", b" \n", Some(422));
    }

    #[test]
    fn a_wait_is_some_seconds_and_no_more() {
        assert_eq!(waits("wait=5"), Some(Duration::from_secs(5)));
        assert_eq!(waits("wait=99999"), Some(pushed::WAIT_MAX));
        for none in ["", "wait", "wait=0", "wait=-1", "wait=x", "wait=99999999999"] {
            assert_eq!(waits(none), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_fall(value in proptest::collection::vec(0x20u8.., 0..300), query in "\\PC{0,60}") {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                for name in ["authorization", "idempotency-key", "content-encoding"] {
                    let mut headers = HeaderMap::new();
                    headers.insert(name, value.clone());
                    let _ = (bearer(&headers), key(&headers));
                    let _ = decoded(header_text(&headers, name), Bytes::from_static(b"x"), 9);
                }
            }
            waits(&query);
        }
    }
}
