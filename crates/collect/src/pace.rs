//! Politeness towards a host: few requests at a time, and a moment between two.

use depeche_news::limits::collect::{CRAWL_DELAY_MAX, HOSTS_REMEMBERED};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};
use url::{Host, Url};

/// How many requests one host gets at a time. Sites have banned readers that opened one for each
/// of their feeds; with two, a slow feed does not hold up the others of its host.
const AT_A_TIME: usize = 2;

/// The turns that hosts are asked in. Cloning it is cheap and shares the turns.
#[derive(Clone, Debug)]
pub struct HostPace {
    spacing: Duration,
    hosts: Arc<Mutex<HashMap<String, Queue>>>,
}

/// Leave to ask a host once; dropping it lets the next one ask.
#[derive(Debug)]
pub struct Turn {
    _seat: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
struct Queue {
    seats: Arc<Semaphore>,
    next_at: Instant,
    /// When the next page may be asked for, where robots.txt wants more time between two.
    page_at: Instant,
}

impl HostPace {
    /// Turns with at least `spacing` between the beginnings of two.
    pub fn new(spacing: Duration) -> Self {
        Self { spacing, hosts: Arc::default() }
    }

    /// Waits for a turn at the host and port of `address`. An address without a host needs none.
    pub async fn acquire(&self, address: &str) -> Turn {
        let Some((host, spacing)) = self.host(address) else { return Turn { _seat: None } };
        let seats = self.seats(&host);
        // Seats are never closed; if they were, nobody would have to wait.
        let seat = seats.acquire_owned().await.ok();
        sleep_until(self.slot(&host, spacing)).await;
        Turn { _seat: seat }
    }

    /// Waits until the next page of a host whose robots.txt asks for this time between two. It takes no
    /// seat meanwhile: the host's feeds are asked as ever.
    pub async fn page_turn(&self, address: &str, delay: Duration) -> Turn {
        if let Some((host, _)) = self.host(address).filter(|_| !delay.is_zero()) {
            self.seats(&host);
            sleep_until(self.page_slot(&host, delay.min(CRAWL_DELAY_MAX))).await;
        }
        self.acquire(address).await
    }

    /// The host and port, and the time between two requests there. Our own machine needs none: it
    /// is only ever asked where the operator allowed it.
    fn host(&self, address: &str) -> Option<(String, Duration)> {
        let url = Url::parse(address).ok()?;
        let own = match url.host()? {
            Host::Ipv4(ip) => IpAddr::V4(ip).is_loopback(),
            Host::Ipv6(ip) => IpAddr::V6(ip).is_loopback(),
            Host::Domain(name) => name == "localhost",
        };
        let host = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
        Some((host, if own { Duration::ZERO } else { self.spacing }))
    }

    fn seats(&self, host: &str) -> Arc<Semaphore> {
        let now = Instant::now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_REMEMBERED {
            let awaited = |host: &Queue| host.next_at.max(host.page_at) > now;
            hosts.retain(|_, host| Arc::strong_count(&host.seats) > 1 || awaited(host));
        }
        let fresh =
            || Queue { seats: Arc::new(Semaphore::new(AT_A_TIME)), next_at: now, page_at: now };
        Arc::clone(&hosts.entry(host.to_owned()).or_insert_with(fresh).seats)
    }

    /// Takes the next free moment for a page of `host`.
    fn page_slot(&self, host: &str, delay: Duration) -> Instant {
        let now = Instant::now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(host) = hosts.get_mut(host) else { return now };
        let slot = host.page_at.max(now);
        host.page_at = slot + delay;
        slot
    }

    /// Takes the next free moment at `host`.
    fn slot(&self, host: &str, spacing: Duration) -> Instant {
        let now = Instant::now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(host) = hosts.get_mut(host) else { return now };
        let slot = host.next_at.max(now);
        host.next_at = slot + spacing;
        slot
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const A: &str = "https://a.example/fil.rss";

    #[tokio::test(start_paused = true)]
    async fn two_at_a_time_and_a_moment_between() {
        let pace = HostPace::new(Duration::from_secs(1));
        let start = Instant::now();
        let first = pace.acquire(A).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        let second = pace.acquire(A).await;
        assert_eq!(start.elapsed().as_millis() / 10, 100, "a moment later");
        assert!(pace.acquire("https://a.example:443/b").now_or_never().is_none(), "no third seat");
        // Another port and another host have turns of their own.
        for other in ["http://a.example/", "https://b.example/", "not an address"] {
            assert!(pace.acquire(other).now_or_never().is_some(), "{other}");
        }
        drop(first);
        let third = pace.acquire(A).await;
        assert!(start.elapsed() >= Duration::from_secs(2));
        drop((second, third));
    }

    #[tokio::test(start_paused = true)]
    async fn pages_wait_as_long_as_robots_asks_and_feeds_do_not() {
        let pace = HostPace::new(Duration::from_secs(1));
        let start = Instant::now();
        let delay = Duration::from_secs(10);
        drop(pace.page_turn(A, delay).await);
        drop(pace.page_turn(A, delay).await);
        assert_eq!(start.elapsed().as_secs(), 10);
        drop(pace.acquire(A).await);
        assert_eq!(start.elapsed().as_secs(), 11, "a feed waits for its own turn only");
        drop(pace.page_turn(A, Duration::from_secs(86_400)).await);
        drop(pace.page_turn(A, delay).await);
        assert_eq!(start.elapsed().as_secs(), 20 + CRAWL_DELAY_MAX.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn our_own_machine_needs_no_moment() {
        let pace = HostPace::new(Duration::from_secs(1));
        for address in ["http://127.0.0.1:8765/", "http://[::1]/", "http://localhost/"] {
            let seats =
                (pace.acquire(address).now_or_never(), pace.acquire(address).now_or_never());
            assert!(seats.0.is_some() && seats.1.is_some(), "{address}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_at_rest_are_forgotten() {
        let pace = HostPace::new(Duration::ZERO);
        let kept = pace.acquire(A).await;
        for n in 0..HOSTS_REMEMBERED * 2 {
            drop(pace.acquire(&format!("http://{n}.example/")).await);
        }
        let hosts = pace.hosts.lock().unwrap();
        assert!(hosts.len() <= HOSTS_REMEMBERED && hosts.contains_key("a.example:443"));
        drop(kept);
    }
}
