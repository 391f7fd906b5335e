//! Live pages: a thousand real connections, each told every entry, and what that costs.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use depeche_news::{content_digest, jiff::Timestamp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    arguments::Arguments,
    clock::{cpu_of_process, memory_of_process},
    figures::{Figures, progress, rate},
    making::{Made, Way},
    server::{Running, more_descriptors},
    text::{Newsroom, Piece, Plan},
};

const PART: &str = "live";

/// Rounds of news, a second apart, and pieces in each.
const ROUNDS: usize = 8;
const PIECES: usize = 25;

/// Longest that the last entry is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Numbers of these pieces start beyond those of any wire that was made.
const FIRST: usize = 1_000_000_000;

pub(crate) fn measure(
    figures: &mut Figures,
    arguments: &Arguments,
    made: &Made,
) -> anyhow::Result<()> {
    more_descriptors();
    let (connections, rounds) = (arguments.connections, arguments.times(ROUNDS).min(ROUNDS));
    let running = Running::start(&made.folder, None)?;
    let mut way = Way::open(&made.folder)?;
    let start = way.store.cursor()?;
    let (cpu, memory) = (
        || cpu_of_process(running.pid()).unwrap_or_default(),
        || memory_of_process(running.pid()).map_or(0, |memory| memory.resident),
    );
    let alone = memory();
    let listeners = Listeners::start(running.port, connections, &start.to_string())?;
    let each = (memory().saturating_sub(alone)) as f64 / connections.max(1) as f64;
    let before = cpu();
    publish(arguments, &mut way, rounds)?;
    let end = way.store.cursor()?.seq;
    let told = listeners.wait(end);
    let cost = cpu() - before;

    let entries = way.store.entries(start.seq, usize::MAX >> 1)?;
    let wanted: HashSet<String> =
        entries.iter().map(|entry| entry.subject.dispatch.to_string()).collect();
    let Told { whole, resynced, frames, bytes } = told.against(&wanted);
    let lost = connections - whole - resynced;
    figures.tell(PART, "connections", connections as f64, "");
    figures.tell(PART, "entries published", entries.len() as f64, "");
    figures.tell(PART, "connections that heard of every entry", whole as f64, "");
    figures.tell(PART, "connections told to load anew (resync)", resynced as f64, "");
    figures.held(PART, "connections that missed something untold", lost as f64, "", "0");
    figures.tell(
        PART,
        "entries delivered a CPU second",
        rate(whole * entries.len(), cost),
        "entries/s",
    );
    figures.tell(PART, "frames delivered a CPU second", rate(frames, cost), "frames/s");
    figures.tell(PART, "bytes sent a CPU second", rate(bytes, cost) / 1e6, "MB/s");
    figures.held(PART, "resident bytes a connection", each, "bytes", "about 18,900");
    Ok(())
}

fn publish(arguments: &Arguments, way: &mut Way, rounds: usize) -> anyhow::Result<()> {
    let mut newsroom = Newsroom::open(&Plan {
        seed: arguments.seed ^ 0x5eed,
        count: rounds * PIECES,
        a_day: arguments.a_day,
        end: Timestamp::now(),
        sets: arguments.sets.as_deref(),
        first: FIRST + Timestamp::now().as_second().unsigned_abs() as usize * 1000,
    })?;
    for round in 0..rounds {
        let now = Timestamp::now();
        let pieces: Vec<Piece> =
            (0..PIECES).map(|_| Piece { at: now, ..newsroom.piece() }).collect();
        way.record(way.deliveries(&pieces))?;
        way.work(now)?;
        progress(&format!("round {} of {rounds} is on the wire", round + 1));
        sleep(Duration::from_millis(1000));
    }
    way.index()?;
    Ok(())
}

/// Everybody who listens.
struct Listeners {
    all: Arc<Vec<Listener>>,
    frames: Arc<Frames>,
    runtime: tokio::runtime::Runtime,
}

/// One connection, as far as it is known from outside.
#[derive(Default)]
struct Listener {
    /// The last place it was told.
    seen: AtomicU64,
    resynced: AtomicBool,
    broken: AtomicBool,
    /// Digests of the frames it was given.
    given: Mutex<Vec<[u8; 16]>>,
}

/// What was told in each frame; all connections are given the same ones.
#[derive(Default)]
struct Frames {
    told: Mutex<HashMap<[u8; 16], HashSet<String>>>,
    count: AtomicUsize,
    bytes: AtomicUsize,
}

/// What everybody was told.
struct Told {
    whole: usize,
    resynced: usize,
    frames: usize,
    bytes: usize,
}

impl Listeners {
    fn start(port: u16, count: usize, cursor: &str) -> anyhow::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let all: Arc<Vec<Listener>> = Arc::new((0..count).map(|_| Listener::default()).collect());
        let frames = Arc::new(Frames::default());
        let open = Arc::new(AtomicUsize::new(0));
        for at in 0..count {
            let (all, frames, open) = (Arc::clone(&all), Arc::clone(&frames), Arc::clone(&open));
            let request = format!(
                "GET /direct?depuis={cursor} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept-language: fr\r\n\r\n"
            );
            runtime.spawn(async move {
                let Some(listener) = all.get(at) else { return };
                if listen(port, &request, listener, &frames, &open).await.is_err() {
                    listener.broken.store(true, Ordering::SeqCst);
                }
            });
        }
        let began = Instant::now();
        while open.load(Ordering::SeqCst) < count && began.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20));
        }
        let open = open.load(Ordering::SeqCst);
        anyhow::ensure!(open == count, "only {open} of {count} connections were opened");
        Ok(Self { all, frames, runtime })
    }

    /// Waits until everybody was told up to `end`, or told to load anew.
    fn wait(self, end: u64) -> Self {
        let began = Instant::now();
        let done = |listener: &Listener| {
            listener.seen.load(Ordering::SeqCst) >= end
                || listener.resynced.load(Ordering::SeqCst)
                || listener.broken.load(Ordering::SeqCst)
        };
        while !self.all.iter().all(done) && began.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20));
        }
        self
    }

    /// Counts who heard of all these dispatches.
    fn against(self, wanted: &HashSet<String>) -> Told {
        self.runtime.shutdown_background();
        let told = self.frames.told.lock().unwrap_or_else(PoisonError::into_inner);
        let heard_all = |listener: &&Listener| {
            let given = listener.given.lock().unwrap_or_else(PoisonError::into_inner);
            let heard: HashSet<&String> =
                given.iter().filter_map(|digest| told.get(digest)).flatten().collect();
            wanted.iter().all(|id| heard.contains(id))
        };
        let resynced = self.all.iter().filter(|l| l.resynced.load(Ordering::SeqCst));
        let kept = self.all.iter().filter(|l| !l.resynced.load(Ordering::SeqCst));
        Told {
            whole: kept.filter(heard_all).count(),
            resynced: resynced.count(),
            frames: self.frames.count.load(Ordering::SeqCst),
            bytes: self.frames.bytes.load(Ordering::SeqCst),
        }
    }
}

/// Reads one live page until it ends.
async fn listen(
    port: u16,
    request: &str,
    listener: &Listener,
    frames: &Frames,
    open: &AtomicUsize,
) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::with_capacity(4096);
    let (mut begun, mut text) = (false, Vec::new());
    while stream.read_buf(&mut buffer).await? > 0 {
        if !begun {
            let Some(end) = find(&buffer, b"\r\n\r\n") else { continue };
            buffer.drain(..end + 4);
            begun = true;
            open.fetch_add(1, Ordering::SeqCst);
        }
        while let Some((start, end)) = chunk(&buffer) {
            text.extend_from_slice(&buffer[start..end]);
            buffer.drain(..end + 2);
        }
        while let Some(end) = find(&text, b"\n\n") {
            frames.take(&text[..end], listener);
            text.drain(..end + 2);
        }
    }
    Ok(())
}

/// Where the first whole chunk lies; its line end follows.
fn chunk(buffer: &[u8]) -> Option<(usize, usize)> {
    let line = find(buffer, b"\r\n")?;
    let size = usize::from_str_radix(std::str::from_utf8(&buffer[..line]).ok()?, 16).ok()?;
    let end = line + 2 + size;
    (buffer.len() >= end + 2).then_some((line + 2, end))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

impl Frames {
    /// Notes one event that a connection was given.
    fn take(&self, event: &[u8], listener: &Listener) {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(event.len(), Ordering::SeqCst);
        let event = String::from_utf8_lossy(event);
        if event.lines().any(|line| line == "event: resync") {
            listener.resynced.store(true, Ordering::SeqCst);
            return;
        }
        let id = event.lines().find_map(|line| line.strip_prefix("id: ")?.split_once('.'));
        let Some(seq) = id.and_then(|(_, seq)| seq.parse().ok()) else { return };
        let digest = content_digest(&[&event]);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.entry(digest).or_insert_with(|| ids(&event));
        drop(told);
        listener.given.lock().unwrap_or_else(PoisonError::into_inner).push(digest);
        listener.seen.fetch_max(seq, Ordering::SeqCst);
    }
}

/// Everything in a frame that has the form of an identity.
fn ids(event: &str) -> HashSet<String> {
    let words = event.split(|c: char| !c.is_ascii_hexdigit());
    words.filter(|word| word.len() == 20).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_and_identities_are_found() {
        assert_eq!(chunk(b"5\r\nhello\r\n0"), Some((3, 8)));
        assert_eq!(chunk(b"5\r\nhel"), None);
        let id = "0123456789abcdef0123";
        assert_eq!(
            ids(&format!("id=\\\"{id}\\\" href=/depeche/{id}/x")),
            HashSet::from([id.to_owned()])
        );
    }
}
