//! What the servers that are asked say of our clock, by the `Date` of their answers.

use std::collections::VecDeque;

use depeche_news::jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use depeche_outbound::Response;
use url::Url;

/// Hosts that are remembered, each with its latest answer. Few, so that three new answers are the
/// majority soon after a clock was set right.
const HOSTS_MAX: usize = 5;

/// Hosts that must agree before our clock is called wrong: one or two may have a wrong clock of
/// their own, or the same cache before them.
const HOSTS_AGREE: usize = 3;

/// How far our clock may be off. Feeds are dated to the minute and sorted by it; servers differ by
/// seconds, and a cache that does not tell its age by some minutes.
const OFF_MAX: SignedDuration = SignedDuration::from_mins(10);

/// How far ahead of a host's clock ours is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostClock {
    /// The host.
    pub host: String,
    /// By how much ours is ahead; negative when it is behind.
    pub ahead: SignedDuration,
}

/// What the hosts that were asked last say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Too few were asked.
    Unknown,
    /// Our clock is right.
    Right,
    /// Our clock is ahead by this much, or behind where it is negative.
    Off(SignedDuration),
}

/// The clocks of the hosts that were asked last.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    seen: VecDeque<HostClock>,
}

impl Clocks {
    /// Takes note of what a host says; its latest answer counts.
    pub fn note(&mut self, clock: HostClock) {
        self.seen.retain(|known| known.host != clock.host);
        self.seen.push_back(clock);
        if self.seen.len() > HOSTS_MAX {
            self.seen.pop_front();
        }
    }

    /// What they say together. That our clock is right, one host is enough to say: two clocks are
    /// not wrong by the same amount.
    pub fn judged(&self) -> Judged {
        let mut ahead: Vec<SignedDuration> = self.seen.iter().map(|clock| clock.ahead).collect();
        ahead.sort();
        let Some(&median) = ahead.get(ahead.len() / 2) else { return Judged::Unknown };
        match median.abs() <= OFF_MAX {
            true => Judged::Right,
            false if ahead.len() >= HOSTS_AGREE => Judged::Off(median),
            false => Judged::Unknown,
        }
    }
}

/// What an answer says of our clock: its `Date`, and the `Age` that a cache on the way adds to it. Only the
/// host that was asked is heard: one that sends us on to ever new names would be many voices.
pub(crate) fn host_clock(response: &Response, asked: &str, now: Timestamp) -> Option<HostClock> {
    let date = rfc2822::parse(response.header("date")?).ok()?.timestamp();
    let age = response.header("age").and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
    let host = |address: &str| Some(Url::parse(address).ok()?.host_str()?.to_owned());
    let host = host(&response.address).filter(|answered| host(asked).as_ref() == Some(answered))?;
    let theirs = date.checked_add(SignedDuration::from_secs(i64::from(age))).ok()?;
    Some(HostClock { host, ahead: now.duration_since(theirs) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(minutes_ahead: &[(&str, i64)], expected: Judged) {
        let mut clocks = Clocks::default();
        for (host, minutes) in minutes_ahead {
            let ahead = SignedDuration::from_mins(*minutes);
            clocks.note(HostClock { host: (*host).to_owned(), ahead });
        }
        assert_eq!(clocks.judged(), expected, "{minutes_ahead:?}");
    }

    const fn off(minutes: i64) -> Judged {
        Judged::Off(SignedDuration::from_mins(minutes))
    }

    #[test]
    fn a_clock_is_off_when_three_hosts_agree() {
        check(&[], Judged::Unknown);
        check(&[("a", 0)], Judged::Right);
        check(&[("a", 60)], Judged::Unknown);
        check(&[("a", 60), ("a", 60), ("a", 60)], Judged::Unknown);
        check(&[("a", 60), ("b", 61), ("c", 59)], off(60));
        check(&[("a", -60), ("b", -61), ("c", -59)], off(-60));
        check(&[("a", 60), ("b", 0), ("c", 9)], Judged::Right);
        check(&[("a", 60), ("b", 0), ("c", 70), ("d", 65)], off(65));
        check(&[("a", 10), ("b", 10), ("c", 10)], Judged::Right);
    }

    #[test]
    fn a_clock_that_was_set_right_is_right_after_three_answers() {
        let wrong = [("a", 60), ("b", 60), ("c", 60), ("d", 60), ("e", 60)];
        check(&[&wrong[..], &[("a", 0), ("b", 0)]].concat(), off(60));
        check(&[&wrong[..], &[("a", 0), ("b", 0), ("c", 0)]].concat(), Judged::Right);
        check(&[&wrong[..], &[("f", 0), ("g", 0), ("h", 0)]].concat(), Judged::Right);
    }
}
