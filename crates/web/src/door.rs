//! The door that deliveries come in by: how many bodies are in memory at once, and how often somebody may
//! deliver. Nobody fills it alone, and hubs, which are strangers, have seats of their own.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use depeche_news::limits::pushed;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::intake::Refusal;

/// Who delivers: a digest of a source, of a token, of a hub.
pub(crate) type Who = [u8; 16];

/// What all deliveries share that come by themselves.
pub(crate) struct Door {
    /// How often a token may deliver.
    pub(crate) tokens: Paces,
    /// How often a hub may send for one feed.
    pub(crate) callbacks: Paces,
    /// Bodies of pushes, by source.
    pub(crate) pushes: Seats,
    /// Bodies of hubs that have rightly signed before, by the domains of hub and feed.
    pub(crate) hubs: Seats,
    /// Bodies of hubs that have not.
    pub(crate) new_hubs: Seats,
    /// Pushes that wait until they are read, by source.
    pub(crate) waits: Seats,
}

impl Door {
    pub(crate) fn new() -> Self {
        Self {
            tokens: Paces::new(pushed::BURST, pushed::PER_SECOND),
            callbacks: Paces::new(pushed::HUB_BURST, pushed::HUB_PER_SECOND),
            pushes: Seats::new(pushed::BODIES_AT_ONCE, pushed::BODIES_OF_ONE),
            hubs: Seats::new(pushed::HUB_BODIES_AT_ONCE, pushed::HUB_BODIES_OF_ONE),
            new_hubs: Seats::new(pushed::HUB_FIRST_BODIES_AT_ONCE, pushed::HUB_BODIES_OF_ONE),
            waits: Seats::new(pushed::WAITS_AT_ONCE, pushed::WAITS_OF_ONE),
        }
    }
}

/// Seats of which nobody has more than a few.
pub(crate) struct Seats {
    all: Arc<Semaphore>,
    of_one: usize,
    of: Mutex<HashMap<Who, Arc<Semaphore>>>,
}

/// A seat, free again when this goes.
pub(crate) struct Seat {
    _own: Vec<OwnedSemaphorePermit>,
    _one: OwnedSemaphorePermit,
}

impl Seats {
    fn new(all: usize, of_one: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), of_one, of: Mutex::default() }
    }

    /// Waits for a seat: among one's own first, so that whoever sends much waits behind himself. Who is several
    /// waits as each of them, always in the same order.
    pub(crate) async fn turn(&self, who: &[Who]) -> Result<Seat, Refusal> {
        let seat = async {
            let mut own = Vec::with_capacity(who.len());
            for &who in who {
                own.push(self.of(who).acquire_owned().await.ok()?);
            }
            let one = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Seat { _own: own, _one: one })
        };
        let busy = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many at once");
        timeout(pushed::TURN_WITHIN, seat).await.ok().flatten().ok_or_else(|| busy().after(1))
    }

    /// A seat, if there is one now.
    pub(crate) fn free(&self, who: Who) -> Option<Seat> {
        let own = vec![self.of(who).try_acquire_owned().ok()?];
        let one = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Seat { _own: own, _one: one })
    }

    fn of(&self, who: Who) -> Arc<Semaphore> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if of.len() >= pushed::PACES_MAX {
            // Whoever sits or waits holds on to his.
            of.retain(|_, seats| Arc::strong_count(seats) > 1);
        }
        Arc::clone(of.entry(who).or_insert_with(|| Arc::new(Semaphore::new(self.of_one))))
    }
}

/// Levels that countries have before the name of whoever it is.
const LEVELS: [&str; 12] =
    ["ac", "asso", "co", "com", "edu", "go", "gob", "gouv", "gov", "ne", "net", "org"];

/// Who a hub's host, or a feed's, belongs to, as far as an address tells: the last two parts of its name, three where
/// the country has a level of its own before that (`co.uk`); a number as it is, of the long ones the half that a network has.
pub(crate) fn domain(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let place = place.rsplit('@').next().unwrap_or_default();
    if let Some((long, _)) = place.strip_prefix('[').and_then(|long| long.split_once(']')) {
        let [a, b, c, d, ..] = long.parse::<Ipv6Addr>().map(|ip| ip.segments()).unwrap_or_default();
        return format!("[{a:x}:{b:x}:{c:x}:{d:x}]");
    }
    let host = place.split(':').next().unwrap_or_default().trim_end_matches('.');
    let host = host.to_ascii_lowercase();
    if host.parse::<Ipv4Addr>().is_ok() {
        return host;
    }
    let mut parts: Vec<&str> = host.rsplit('.').take(3).collect();
    if !matches!(parts.as_slice(), [country, level, _] if country.len() == 2 && LEVELS.contains(level))
    {
        parts.truncate(2);
    }
    parts.reverse();
    parts.join(".")
}

/// How often each may come: some at once, and then so many a second.
pub(crate) struct Paces {
    burst: f64,
    per_second: f64,
    of: Mutex<HashMap<Who, Pace>>,
}

/// How often one may still come, as of a moment; it grows again with time.
struct Pace {
    left: f64,
    at: Instant,
}

impl Paces {
    fn new(burst: u32, per_second: u32) -> Self {
        Self { burst: burst.into(), per_second: per_second.into(), of: Mutex::default() }
    }

    /// Lets one pass, or says for how many seconds he shall stay away.
    pub(crate) fn admits(&self, who: Who, now: Instant) -> Result<(), u32> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if of.len() >= pushed::PACES_MAX {
            of.retain(|_, pace| self.left(pace, now) < self.burst);
        }
        let pace = of.entry(who).or_insert(Pace { left: self.burst, at: now });
        *pace = Pace { left: self.left(pace, now), at: now };
        if pace.left < 1.0 {
            return Err(1);
        }
        pace.left -= 1.0;
        Ok(())
    }

    fn left(&self, pace: &Pace, now: Instant) -> f64 {
        let grown = now.saturating_duration_since(pace.at).as_secs_f64() * self.per_second;
        (pace.left + grown).min(self.burst)
    }
}

/// How long a body may take of which so many bytes are there: one that only trickles gives up its seat.
pub(crate) fn body_within(bytes: usize) -> Duration {
    let earned = Duration::from_secs_f64(bytes as f64 / f64::from(pushed::BODY_PER_SECOND));
    (pushed::BODY_BEGINS_WITHIN + earned).min(pushed::BODY_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Who = [1; 16];
    const OTHER: Who = [2; 16];

    #[test]
    fn a_token_has_a_burst_and_then_a_pace() {
        let (paces, start) = (Door::new().tokens, Instant::now());
        for _ in 0..pushed::BURST {
            assert_eq!(paces.admits(ONE, start), Ok(()));
        }
        assert_eq!(paces.admits(ONE, start), Err(1));
        assert_eq!(paces.admits(OTHER, start), Ok(()));
        let later = start + Duration::from_secs(1);
        for _ in 0..pushed::PER_SECOND {
            assert_eq!(paces.admits(ONE, later), Ok(()));
        }
        assert_eq!(paces.admits(ONE, later), Err(1));
    }

    #[test]
    fn nobody_takes_all_seats() {
        let seats = Seats::new(3, 2);
        let own: Vec<Option<Seat>> = (0..3).map(|_| seats.free(ONE)).collect();
        assert_eq!(own.iter().flatten().count(), 2);
        let third = seats.free(OTHER);
        assert!(third.is_some() && seats.free(OTHER).is_none());
        drop(own);
        assert!(seats.free(OTHER).is_some());
    }

    #[test]
    fn a_domain_is_one_however_many_hosts_it_has() {
        for (address, expected) in [
            ("https://hub0.stranger.example/a", "stranger.example"),
            ("http://u:p@HUB1.a.stranger.example.:8080?x", "stranger.example"),
            ("https://stranger.example", "stranger.example"),
            ("https://hub0.ab.example", "ab.example"),
            ("https://feeds.bbc.co.uk/fil", "bbc.co.uk"),
            ("http://10.1.2.3:80/", "10.1.2.3"),
            ("http://[2001:db8:1:2::3]:80/hub", "[2001:db8:1:2]"),
            ("http://[2001:db8:1:2:3::]/hub", "[2001:db8:1:2]"),
            ("http://localhost/", "localhost"),
            ("", ""),
        ] {
            assert_eq!(domain(address), expected, "{address}");
        }
    }

    #[test]
    fn a_body_that_trickles_is_not_waited_for() {
        assert_eq!(body_within(0), pushed::BODY_BEGINS_WITHIN);
        assert_eq!(body_within(pushed::BODY_BYTES_MAX), pushed::BODY_WITHIN);
        let second = body_within(pushed::BODY_PER_SECOND as usize) - body_within(0);
        assert_eq!(second, Duration::from_secs(1));
        assert!(body_within(0) < pushed::TURN_WITHIN, "whoever waits for a seat outwaits those");
    }
}
