//! Hosts that asked to be left alone: all that they serve waits, not only what was asked for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use depeche_news::{
    jiff::{SignedDuration, Timestamp},
    limits::collect::HOSTS_REMEMBERED,
};
use depeche_outbound::is_special;
use url::{Host, Url};

use crate::{Failure, Fault, timetable::RETRY_AFTER_MAX};

/// The hosts at rest, each until when. Cloning it is cheap and shares them.
#[derive(Clone, Debug, Default)]
pub struct Rests(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    hosts: HashMap<String, Timestamp>,
    /// Those that were noted since they were last taken to be written down.
    unwritten: Vec<(String, Timestamp)>,
}

impl Rests {
    /// Takes note of a failure that asks for rest; a host that does not say how long is left alone for `least`.
    pub fn heard(&self, failure: &Failure, least: Duration, now: Timestamp) {
        if let Some((host, until)) = rest(failure, least, now) {
            self.note(host, until, now);
        }
    }

    /// Takes note that a host, as [`host_of`] names it, is at rest.
    fn note(&self, host: String, until: Timestamp, now: Timestamp) {
        if self.know(host.clone(), until, now) {
            self.known().unwritten.push((host, until));
        }
    }

    /// Remembers a host that asked for rest before this run; gives whether that was to be remembered. The longer
    /// word holds. Where too many rest at once, the newest are asked all the same.
    pub fn know(&self, host: String, until: Timestamp, now: Timestamp) -> bool {
        let hosts = &mut self.known().hosts;
        if hosts.len() >= HOSTS_REMEMBERED {
            hosts.retain(|_, until| *until > now);
        }
        let before = hosts.get(&host).copied();
        let room = before.is_some() || hosts.len() < HOSTS_REMEMBERED;
        let new = room && before.is_none_or(|before| before < until);
        if new {
            hosts.insert(host, until);
        }
        new
    }

    /// What was noted since this was last asked, to be written down.
    pub fn take_unwritten(&self) -> Vec<(String, Timestamp)> {
        std::mem::take(&mut self.known().unwritten)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when the host of `address` is at rest.
    pub fn until(&self, address: &str, now: Timestamp) -> Option<Timestamp> {
        let host = host_of(address)?;
        self.known().hosts.get(&host).copied().filter(|until| *until > now)
    }
}

/// The host of an address with its port, where others than the operator are asked there. Bridges in
/// the operator's own network make feeds of many sites: what one of them says is not said for the others.
fn host_of(address: &str) -> Option<String> {
    const OWN: [&str; 8] =
        [".local", ".localhost", ".lan", ".home", ".internal", ".intranet", ".home.arpa", ".test"];
    let url = Url::parse(address).ok()?;
    // Numbers too: what is known by no name is hardly anybody's but the operator's.
    let Some(Host::Domain(name)) = url.host() else { return None };
    let name = name.trim_end_matches('.');
    let public = name.contains('.') && !OWN.iter().any(|end| name.ends_with(end));
    public.then(|| format!("{name}:{}", url.port_or_known_default().unwrap_or_default()))
}

/// Whether an address is, as far as it tells, one of the operator's own network: a number that is none of the
/// public internet, or a name that nobody outside knows.
pub fn is_own_network(address: &str) -> bool {
    match Url::parse(address).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(ip)) => is_special(ip.into()),
        Some(Host::Ipv6(ip)) => is_special(ip.into()),
        _ => host_of(address).is_none(),
    }
}

/// The rest that a failure asks for, if it asks for one: too many requests (429), or out of order with a word
/// on how long (503). `least` is for a server that does not say how long.
fn rest(failure: &Failure, least: Duration, now: Timestamp) -> Option<(String, Timestamp)> {
    let wait = match (failure.fault, failure.retry_after) {
        (Fault::Status(429), told) => told.unwrap_or(least),
        (Fault::Status(503), Some(told)) => told,
        _ => return None,
    };
    let host = host_of(failure.answered.as_deref()?)?;
    let wait = SignedDuration::try_from(wait.min(RETRY_AFTER_MAX)).ok()?;
    let until = now.checked_add(wait).ok()?;
    (until > now).then_some((host, until))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2016-02-11T12:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(status: u16, retry_after: Option<u64>, address: &str, minutes: Option<i64>) {
        let failure = Failure {
            retry_after: retry_after.map(Duration::from_secs),
            answered: Some(address.to_owned()),
            ..Failure::new(Fault::Status(status), "")
        };
        let rest = rest(&failure, Duration::from_secs(600), now());
        let told = rest.map(|(_, until)| until.duration_since(now()).as_mins());
        assert_eq!(told, minutes, "{status} {address}");
    }

    #[test]
    fn a_host_that_asks_for_fewer_visits_rests_as_a_whole() {
        check(429, Some(1800), "https://a.example/fil.rss", Some(30));
        check(429, None, "https://a.example/fil.rss", Some(10));
        check(503, Some(1800), "https://a.example/fil.rss", Some(30));
        check(503, None, "https://a.example/fil.rss", None);
        check(500, Some(1800), "https://a.example/fil.rss", None);
        check(429, Some(0), "https://a.example/", None);
        check(429, Some(u64::MAX), "https://a.example/", Some(2 * 24 * 60));
    }

    #[test]
    fn what_the_operators_own_bridge_says_is_said_for_one_feed() {
        for address in
            ["http://127.0.0.1:1200/a", "http://rsshub:1200/a", "http://x.lan/", "http://[::1]/"]
        {
            check(429, Some(1800), address, None);
        }
    }

    #[test]
    fn hosts_are_kept_apart_until_their_time() {
        let rests = Rests::default();
        let soon = now() + SignedDuration::from_mins(5);
        rests.note("a.example:443".into(), soon, now());
        assert_eq!(rests.until("https://a.example/other", now()), Some(soon));
        assert_eq!(rests.until("https://A.EXAMPLE./", now()), Some(soon));
        for other in ["http://a.example/", "https://b.example/", "nothing"] {
            assert_eq!(rests.until(other, now()), None, "{other}");
        }
        assert_eq!(rests.until("https://a.example/", soon), None);
    }

    #[test]
    fn what_was_noted_is_written_once_and_the_longer_word_holds() {
        let rests = Rests::default();
        let at = |minutes| now() + SignedDuration::from_mins(minutes);
        let host = || "a.example:443".to_owned();
        rests.know("b.example:443".to_owned(), at(9), now());
        rests.note(host(), at(5), now());
        rests.note(host(), at(3), now());
        assert_eq!(rests.take_unwritten(), [(host(), at(5))]);
        rests.note(host(), at(8), now());
        assert_eq!(rests.take_unwritten(), [(host(), at(8))]);
        assert!(rests.take_unwritten().is_empty());
        for n in 0..2 * HOSTS_REMEMBERED {
            rests.note(format!("{n}.example:443"), at(1), now());
        }
        assert_eq!(rests.known().hosts.len(), HOSTS_REMEMBERED);
        assert_eq!(rests.until("https://a.example/", now()), Some(at(8)), "is not pushed out");
    }
}
