//! The live stream at `/direct`: the wire log as server-sent events.
//!
//! One task for each language and viewer reads the log, draws the rows that came or changed once,
//! and hands the same bytes to every connection. A connection that cannot be brought up to date
//! (a cursor of another epoch, one too old, a reader too slow) is told `resync` and ends. When the
//! process ends, each stream is brought to its end, and the browser comes back by itself.

use std::{
    cmp::Reverse,
    collections::{HashSet, VecDeque},
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use askama::Template;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use depeche_news::{
    Cursor, DispatchId, Kind, Viewer,
    jiff::{Timestamp, tz::TimeZone},
};
use depeche_store::{Error, Live as Told, Row, Store};
use futures_util::stream;
use serde::Serialize;
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        broadcast::{self, error::RecvError},
        watch,
    },
    task::spawn_blocking,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    App,
    failure::Failure,
    forms::Asked,
    list::{self, Day},
    page::{Visit, read},
    words::{Language, Words},
};

/// Readers hear of what happened at most this often: eyes do not follow more.
const FRAME_EVERY: Duration = Duration::from_secs(1);
/// Silence after which a comment is sent: below the minute after which proxies cut a connection.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// A connection's life; the browser opens the next one by itself, and whoever signed out
/// meanwhile is a reader again.
const STREAM_LIFE: Duration = Duration::from_secs(30 * 60);
/// Frames a slow connection may be behind.
const FRAMES_QUEUED: usize = 16;
/// Connections at once; each holds a socket and a queue of pointers.
const STREAMS_MAX: usize = 2048;
/// Log entries a returning reader is brought up over; beyond, the page is quicker loaded anew.
const ENTRIES_BEHIND_MAX: u64 = 2000;
/// Log entries that one frame looks at: more rows a second than anybody reads.
const ENTRIES_A_FRAME: usize = 200;

const RESYNC: Bytes = Bytes::from_static(b"event: resync\ndata: {}\n\n");
const STILL_HERE: Bytes = Bytes::from_static(b":\n\n");
/// What a stream begins with: how long a browser waits before it comes back.
const GREETING: Bytes = Bytes::from_static(b"retry: 3000\n\n");

/// `GET /direct`
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let permit = Arc::clone(&app.live.room).try_acquire_owned().map_err(|_| Failure::Busy)?;
    let audience = Audience { language: visit.language, viewer: visit.viewer };
    // Listening before looking back: nothing falls between the two.
    let frames = app.live.listen(audience, &app);
    let returning = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let cursor = returning.or(asked.get("depuis")).map(str::to_owned);
    let zone = app.settings.zone.clone();
    let missed = read(&app, move |store| missed(store, audience, &zone, cursor.as_deref())).await?;
    let mut connection = Connection::new(frames, missed, permit);
    connection.ended |= *app.live.ending.borrow();
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Asks proxies of nginx's kind not to hold frames back.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(stream::unfold(connection, next))).into_response())
}

/// The live streams of a site, one for each audience.
pub(crate) struct Live {
    channels: Vec<Channel>,
    room: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
}

struct Channel {
    audience: Audience,
    frames: broadcast::Sender<Frame>,
    told: AtomicBool,
}

/// Who is told the same thing in the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Audience {
    language: Language,
    viewer: Viewer,
}

/// What happened up to a place of the log, as it goes to the browser.
#[derive(Clone, Debug)]
struct Frame {
    upto: u64,
    bytes: Bytes,
    /// Nothing comes after it: the process ends.
    last: bool,
}

impl Frame {
    fn last() -> Self {
        Self { upto: u64::MAX, bytes: Bytes::new(), last: true }
    }
}

impl Live {
    /// Streams that nobody listens to yet; each starts with its first reader.
    pub(crate) fn new(ending: watch::Receiver<bool>) -> Self {
        let audiences = Language::ALL.into_iter().flat_map(|language| {
            [Viewer::Reader, Viewer::Administrator].map(|viewer| Audience { language, viewer })
        });
        let channel = |audience| {
            let (frames, _) = broadcast::channel(FRAMES_QUEUED);
            Channel { audience, frames, told: AtomicBool::new(false) }
        };
        let room = Arc::new(Semaphore::new(STREAMS_MAX));
        Self { channels: audiences.map(channel).collect(), room, ending }
    }

    fn listen(&self, audience: Audience, app: &App) -> broadcast::Receiver<Frame> {
        let Some(channel) = self.channels.iter().find(|channel| channel.audience == audience)
        else {
            return broadcast::channel(1).1;
        };
        let frames = channel.frames.subscribe();
        if !channel.told.swap(true, Ordering::Relaxed) {
            let (store, zone) = (app.store.clone(), app.settings.zone.clone());
            let told = tell(audience, channel.frames.clone(), store, zone);
            tokio::spawn(until_the_end(self.ending.clone(), channel.frames.clone(), told));
        }
        frames
    }
}

/// Tells as long as the process lives; then ends the streams of those who listen.
async fn until_the_end(
    mut ending: watch::Receiver<bool>,
    frames: broadcast::Sender<Frame>,
    told: impl Future<Output = ()>,
) {
    tokio::select! {
        () = told => {}
        // Where nobody can say that the process ends, it goes on.
        Ok(_) = ending.wait_for(|ending| *ending) => {}
    }
    let _ = frames.send(Frame::last());
}

/// Follows the log and tells one audience, at most a frame a second.
async fn tell(audience: Audience, frames: broadcast::Sender<Frame>, store: Store, zone: TimeZone) {
    let mut changes = store.changes();
    let mut seen = changes.borrow_and_update().cursor.seq;
    loop {
        let last = changes.borrow_and_update().cursor.seq;
        if seen >= last {
            if changes.changed().await.is_err() {
                return;
            }
            continue;
        }
        if frames.receiver_count() == 0 {
            seen = last;
            continue;
        }
        let (reading, zone) = (store.clone(), zone.clone());
        let drawn = spawn_blocking(move || frame(&reading, audience, &zone, seen, last)).await;
        match drawn {
            Ok(Ok(frame)) => {
                seen = frame.upto;
                // Nobody listening any more is no failure.
                let _ = frames.send(frame);
            }
            Ok(Err(error)) => tracing::error!(%error, "the live stream could not read the wire"),
            Err(error) => tracing::error!(%error, "the live stream could not draw a frame"),
        }
        sleep(FRAME_EVERY).await;
    }
}

/// What a connection missed since `cursor`, frame by frame; `None` when that cannot be told.
fn missed(
    store: &Store,
    audience: Audience,
    zone: &TimeZone,
    cursor: Option<&str>,
) -> Result<Option<Vec<Frame>>, Error> {
    let last = store.cursor()?;
    let Some(cursor) = cursor else { return Ok(Some(Vec::new())) };
    let Ok(cursor) = cursor.parse::<Cursor>() else { return Ok(None) };
    let behind = last.seq.checked_sub(cursor.seq);
    if cursor.epoch != last.epoch || behind.is_none_or(|behind| behind > ENTRIES_BEHIND_MAX) {
        return Ok(None);
    }
    let mut frames: Vec<Frame> = Vec::new();
    let mut seen = cursor.seq;
    while seen < last.seq {
        let frame = frame(store, audience, zone, seen, last.seq)?;
        seen = frame.upto;
        frames.push(frame);
    }
    Ok(Some(frames))
}

/// Draws what happened after `seen`; `last` is the end of the log as far as is known.
fn frame(
    store: &Store,
    audience: Audience,
    zone: &TimeZone,
    seen: u64,
    last: u64,
) -> Result<Frame, Error> {
    let now = Timestamp::now();
    let Told { told, gone, upto: looked } =
        store.live_dispatches(audience.viewer, now, seen, ENTRIES_A_FRAME)?;
    // Late deliveries and what this viewer may not see leave no row, and are behind us all the same.
    let upto = if told.is_empty() || looked <= seen { last.max(looked) } else { looked };
    let ids: Vec<DispatchId> = told.iter().map(|(_, id)| id.clone()).collect();
    let mut rows = store.rows(audience.viewer, now, &ids)?;
    // What was told and may not be seen any more: withheld, or put under embargo again.
    let seen_still: HashSet<&DispatchId> = rows.iter().map(|row| &row.dispatch).collect();
    let withdrawn: Vec<DispatchId> =
        ids.iter().filter(|id| !seen_still.contains(id)).cloned().collect();
    rows.sort_by_key(|row| Reverse(row.at));
    let arrived = |kind| matches!(kind, Kind::Published | Kind::Released);
    let fresh: HashSet<&DispatchId> =
        told.iter().filter(|(kind, _)| arrived(*kind)).map(|(_, id)| id).collect();
    let (fresh, changed): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| fresh.contains(&row.dispatch));
    let id = Cursor { epoch: store.cursor()?.epoch, seq: upto };
    Ok(Frame {
        upto,
        last: false,
        bytes: encode(
            id,
            audience.language,
            zone,
            &fresh,
            &changed,
            Ended { gone: &gone, withdrawn: &withdrawn },
        ),
    })
}

/// One event; one without rows only moves the browser's cursor.
fn encode(
    id: Cursor,
    language: Language,
    zone: &TimeZone,
    fresh: &[Row],
    changed: &[Row],
    ended: Ended<'_>,
) -> Bytes {
    let nothing = ended.gone.is_empty() && ended.withdrawn.is_empty();
    if fresh.is_empty() && changed.is_empty() && nothing {
        return Bytes::from(format!("id: {id}\n\n"));
    }
    let html = |rows: &[Row]| {
        let days = list::days(rows, language, zone);
        RowsFragment { w: language.words(), days }.render().unwrap_or_default()
    };
    let rows = Rows { fresh: html(fresh), changed: html(changed), ended };
    // JSON writes line ends as `\n`, so that the event has one line of data.
    let data = serde_json::to_string(&rows).unwrap_or_default();
    Bytes::from(format!("id: {id}\nevent: wire\ndata: {data}\n\n"))
}

/// Dispatches of which no row is left.
#[derive(Clone, Copy, Serialize)]
struct Ended<'a> {
    /// They merged into others.
    gone: &'a [DispatchId],
    /// They may not be shown any more; their text goes from open pages at once.
    withdrawn: &'a [DispatchId],
}

/// What the script takes: rows in their days and hours, as the page draws them.
#[derive(Serialize)]
struct Rows<'a> {
    fresh: String,
    changed: String,
    #[serde(flatten)]
    ended: Ended<'a>,
}

#[derive(Template)]
#[template(path = "rows.html")]
struct RowsFragment {
    w: &'static Words,
    days: Vec<Day>,
}

/// One browser that listens.
struct Connection {
    waiting: VecDeque<Bytes>,
    frames: broadcast::Receiver<Frame>,
    /// What it has been told already.
    caught: u64,
    ended: bool,
    until: Instant,
    _room: OwnedSemaphorePermit,
}

impl Connection {
    fn new(
        frames: broadcast::Receiver<Frame>,
        missed: Option<Vec<Frame>>,
        room: OwnedSemaphorePermit,
    ) -> Self {
        let ended = missed.is_none();
        let missed = missed.unwrap_or_default();
        let caught = missed.last().map_or(0, |frame| frame.upto);
        let mut waiting = VecDeque::from([GREETING]);
        waiting.extend(missed.into_iter().map(|frame| frame.bytes));
        waiting.extend(ended.then_some(RESYNC));
        Self { waiting, frames, caught, ended, until: Instant::now() + STREAM_LIFE, _room: room }
    }
}

/// The next bytes for one browser.
async fn next(mut connection: Connection) -> Option<(Result<Bytes, Infallible>, Connection)> {
    loop {
        if let Some(bytes) = connection.waiting.pop_front() {
            return Some((Ok(bytes), connection));
        }
        if connection.ended {
            return None;
        }
        let patience = (Instant::now() + KEEP_ALIVE).min(connection.until);
        let told = match timeout_at(patience, connection.frames.recv()).await {
            Err(_silence) if patience == connection.until => return None,
            Err(_silence) => STILL_HERE,
            Ok(Ok(frame)) if frame.last => return None,
            Ok(Ok(frame)) if frame.upto <= connection.caught => continue,
            Ok(Ok(frame)) => frame.bytes,
            Ok(Err(RecvError::Lagged(_))) => {
                connection.ended = true;
                RESYNC
            }
            Ok(Err(RecvError::Closed)) => return None,
        };
        return Some((Ok(told), connection));
    }
}
