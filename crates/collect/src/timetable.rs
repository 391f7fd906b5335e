//! When a source is asked again: pure arithmetic on what is known of it.

use std::time::Duration;

use depeche_news::{
    SourceId, content_digest,
    jiff::{SignedDuration, Timestamp},
};

use crate::{Fault, Outcome};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Longest back-off of a failing source: a server that was down over night is heard again before
/// the morning is over.
const BACKOFF_MAX: Duration = Duration::from_secs(3 * 60 * 60);

/// How long a source stays unasked that says it is gone for good, or that we refuse to ask: a day,
/// in case somebody erred.
const GONE_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest time that a server may send us away: two days, as other readers grant; beyond that the
/// header is a mistake.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// The intervals that sources are asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// For a source that nothing is known of yet.
    pub first: Duration,
    /// The shortest: for one that brought news just now.
    pub shortest: Duration,
    /// The longest while all is well, whatever the server says about freshness.
    pub longest: Duration,
}

impl Default for Intervals {
    /// A wire wants news within minutes, and a conditional request every two costs a server little;
    /// an hour is what other readers ask in.
    fn default() -> Self {
        Self { first: 10 * MINUTE, shortest: 2 * MINUTE, longest: HOUR }
    }
}

/// What is known of a source after it was asked.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// The source.
    pub source: &'a SourceId,
    /// How it went this time.
    pub outcome: &'a Outcome,
    /// Failures in a row, this time included.
    pub failures: u32,
    /// When it last brought news.
    pub news_at: Option<Timestamp>,
    /// How long the server says that nothing will change: `max-age` or the feed's `ttl`, whichever
    /// is longer.
    pub fresh_for: Option<Duration>,
    /// The operator's intervals.
    pub intervals: Intervals,
}

/// When to ask again a source that was asked at `now`.
pub fn next_poll(history: &History<'_>, now: Timestamp) -> Timestamp {
    let wait = match history.outcome {
        Outcome::Failed(failure) => {
            let sent_away = failure.retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
            back_off(failure.fault, history).max(sent_away)
        }
        Outcome::New | Outcome::Unchanged => interval(history, now),
    };
    let wait = wait + wait.mul_f64(jitter(history.source));
    SignedDuration::try_from(wait).ok().and_then(|w| now.checked_add(w).ok()).unwrap_or(now)
}

/// The interval of a source that is well: as long again as half of the time since its last news, so
/// that news is late by no more than half of the silence before it, and a source at rest is left
/// in peace. A document that changed has not brought news for certain, but it is not at rest.
fn interval(history: &History<'_>, now: Timestamp) -> Duration {
    let Intervals { first, shortest, longest } = history.intervals;
    let silence = history.news_at.map(|at| now.duration_since(at));
    let quiet =
        silence.map_or(first, |silence| Duration::try_from(silence / 2).unwrap_or_default());
    let quiet = if *history.outcome == Outcome::New { quiet.min(first) } else { quiet };
    let fresh = history.fresh_for.unwrap_or_default();
    quiet.max(fresh).clamp(shortest, longest.max(shortest))
}

/// The back-off of a failing source: doubled each time up to a limit.
fn back_off(fault: Fault, history: &History<'_>) -> Duration {
    let base = match fault {
        Fault::Status(410) | Fault::BadAddress | Fault::RefusedAddress => return GONE_FOR,
        // Somebody over there wants to be asked less.
        Fault::Status(403 | 429) | Fault::BotWall => history.intervals.first,
        _ => history.intervals.shortest,
    };
    let doublings = history.failures.saturating_sub(1).min(16);
    base.saturating_mul(1 << doublings).min(BACKOFF_MAX.max(base))
}

/// The share of a wait that is added to it, 0 to 10 %: always the same for one source, so that
/// tests and restarts agree, and different from the next one's, so that a thousand sources that were
/// added together drift apart.
fn jitter(source: &SourceId) -> f64 {
    let [a, b, ..] = content_digest(&["jitter", source.as_str()]);
    f64::from(u16::from_le_bytes([a, b])) / f64::from(u16::MAX) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;

    const NOW: &str = "2016-02-11T12:00:00Z";

    /// The wait in minutes, without its jitter.
    fn wait(history: &History<'_>) -> i64 {
        let now: Timestamp = NOW.parse().unwrap();
        let next = next_poll(history, now);
        let jittered = next.duration_since(now).as_secs_f64();
        let wait = jittered / (1.0 + jitter(history.source));
        (wait / 60.0).round() as i64
    }

    #[track_caller]
    fn check_well(outcome: &Outcome, news_minutes_ago: Option<i64>, fresh_for: u64, minutes: i64) {
        let source = SourceId::of_address("https://a.example/fil.rss");
        let now: Timestamp = NOW.parse().unwrap();
        let history = History {
            source: &source,
            outcome,
            failures: 0,
            news_at: news_minutes_ago.map(|m| now - SignedDuration::from_mins(m)),
            fresh_for: Some(MINUTE * u32::try_from(fresh_for).unwrap()),
            intervals: Intervals::default(),
        };
        assert_eq!(wait(&history), minutes);
    }

    #[test]
    fn a_source_is_asked_as_often_as_it_has_news() {
        use Outcome::{New, Unchanged};
        check_well(&New, None, 0, 10);
        check_well(&New, Some(0), 0, 2);
        check_well(&Unchanged, Some(1), 0, 2);
        check_well(&Unchanged, Some(10), 0, 5);
        check_well(&Unchanged, Some(60), 0, 30);
        check_well(&Unchanged, Some(120), 0, 60);
        check_well(&Unchanged, Some(60 * 24 * 365), 0, 60);
        // It has changed, whether or not there was an item in it.
        check_well(&New, Some(60 * 24), 0, 10);
        // News from the future, as of a clock that was set back.
        check_well(&Unchanged, Some(-5), 0, 2);
    }

    #[test]
    fn freshness_lengthens_an_interval_up_to_the_longest() {
        use Outcome::{New, Unchanged};
        check_well(&New, Some(0), 15, 15);
        check_well(&Unchanged, Some(60), 15, 30);
        check_well(&Unchanged, Some(0), 60 * 24, 60);
    }

    #[track_caller]
    fn check_failed(fault: Fault, failures: u32, retry_after: Option<u64>, minutes: i64) {
        let source = SourceId::of_address("https://a.example/fil.rss");
        let retry_after = retry_after.map(Duration::from_secs);
        let outcome = Outcome::Failed(Failure { retry_after, ..Failure::new(fault, "") });
        let history = History {
            source: &source,
            outcome: &outcome,
            failures,
            news_at: Some(NOW.parse().unwrap()),
            fresh_for: None,
            intervals: Intervals::default(),
        };
        assert_eq!(wait(&history), minutes);
    }

    #[test]
    fn a_failing_source_is_asked_less_and_less() {
        check_failed(Fault::Timeout, 0, None, 2);
        check_failed(Fault::Timeout, 1, None, 2);
        check_failed(Fault::Timeout, 2, None, 4);
        check_failed(Fault::Dns, 6, None, 64);
        check_failed(Fault::Status(500), 7, None, 128);
        check_failed(Fault::Status(500), 8, None, 180);
        check_failed(Fault::Connect, u32::MAX, None, 180);
        check_failed(Fault::Status(429), 1, None, 10);
        check_failed(Fault::BotWall, 3, None, 40);
        check_failed(Fault::Status(410), 1, None, 24 * 60);
        check_failed(Fault::RefusedAddress, 1, None, 24 * 60);
    }

    #[test]
    fn a_server_may_send_us_away_for_two_days() {
        check_failed(Fault::Status(429), 1, Some(3600), 60);
        check_failed(Fault::Status(429), 1, Some(60), 10);
        check_failed(Fault::Status(503), 8, Some(60), 180);
        check_failed(Fault::Status(503), 1, Some(u64::MAX), 2 * 24 * 60);
    }

    #[test]
    fn sources_drift_apart_by_up_to_a_tenth() {
        let shares: Vec<f64> = (0..1000)
            .map(|n| jitter(&SourceId::of_address(&format!("https://{n}.example/"))))
            .collect();
        assert!(shares.iter().all(|share| (0.0..=0.1).contains(share)));
        let mean = shares.iter().sum::<f64>() / 1000.0;
        assert!((0.045..0.055).contains(&mean), "{mean}");
    }
}
