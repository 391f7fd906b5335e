//! When a source is asked again: pure arithmetic on what is known of it.
//!
//! What each rule is for, and what was decided against, stands in
//! `docs/design/019-timetable-and-politeness.md`.

use std::time::Duration;

use depeche_news::{
    Schedule, SourceId, content_digest,
    jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone},
};

use crate::{Fault, Outcome};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Longest back-off of a source that fails since hours: a server that was down over night is heard again
/// before the morning is over.
const BACKOFF_MAX: Duration = Duration::from_secs(3 * 60 * 60);

/// Failures in a row after which a source is asked once a day: three days and more at [`BACKOFF_MAX`].
const FAILURES_MANY: u32 = 30;

/// Longest time that a server may send us away: two days, as other readers grant; beyond that the
/// header is a mistake.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// How often a source must say that it is gone (410) before it is believed …
const GONE_ANSWERS: u32 = 3;

/// … and over how long: a broken deployment is mended after a weekend, and whoever sits between us and a server
/// for some hours does not silence it for good.
const GONE_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// How long what is said for a whole site (`max-age`, the default of a program) is believed against what the
/// source itself shows: an hour.
const BELIEVED: Duration = HOUR;

/// Silence that says nothing yet, however lively a source is: a long weekend.
const SILENCE_LEAST: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// The intervals that sources are asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// For a source that nothing is known of yet.
    pub first: Duration,
    /// The shortest: for one that brought news just now.
    pub shortest: Duration,
    /// The longest while all is well, whatever the feed or its server says.
    pub longest: Duration,
}

impl Default for Intervals {
    /// A wire wants news within minutes, and a conditional request every two costs a server little. A day
    /// is for what is silent for two: whatever has news is asked by its own rhythm.
    fn default() -> Self {
        Self { first: 10 * MINUTE, shortest: 2 * MINUTE, longest: DAY }
    }
}

/// How often a source had news lately, by the moments of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// When it was added: silence is counted from here until its first news.
    pub since: Timestamp,
    /// When it last had news.
    pub newest_at: Option<Timestamp>,
    /// Items of the seven days before its last news.
    pub week_items: u32,
}

impl Rhythm {
    /// The time between two items.
    fn gap(&self) -> Option<Duration> {
        (self.week_items > 0).then(|| WEEK / self.week_items)
    }

    fn silence(&self, now: Timestamp) -> Duration {
        let last = self.newest_at.unwrap_or(self.since);
        Duration::try_from(now.duration_since(last)).unwrap_or_default()
    }

    /// The time between two items, while its silence is not yet longer than what it was known for.
    fn gap_held(&self, now: Timestamp) -> Option<Duration> {
        let held = |gap: &Duration| self.silence(now) <= SILENCE_LEAST.max(*gap * 8);
        self.gap().filter(held)
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
    /// How often it has news.
    pub rhythm: Rhythm,
    /// How long its server says that nothing will change (`max-age`, `Expires`).
    pub fresh_for: Option<Duration>,
    /// How long its feed asks to be left alone (RSS `ttl`).
    pub ttl: Option<Duration>,
    /// When its feed says that it has news, and when not.
    pub schedule: &'a Schedule,
    /// The operator's intervals.
    pub intervals: Intervals,
}

/// When to ask again a source that was asked at `now`, should it turn out to have brought no news.
pub fn next_poll(history: &History<'_>, now: Timestamp) -> Timestamp {
    let Outcome::Failed(failure) = history.outcome else {
        return when_well(history, now);
    };
    let sent_away = failure.retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
    let wait = back_off(failure.fault, history).max(sent_away);
    later(now, wait + wait.mul_f64(jitter(history.source)))
}

/// When to ask it again, should what it sent turn out to hold news.
pub fn next_poll_on_news(history: &History<'_>, now: Timestamp) -> Timestamp {
    let rhythm = Rhythm { newest_at: Some(now), ..history.rhythm };
    next_poll(&History { rhythm, ..history.clone() }, now)
}

/// Whether to ask once without validators a source that has been silent far longer than its rhythm: some
/// servers answer «unchanged» for ever. At most once a day, and the longer the silence, the rarer.
/// `whole_at` is when it last sent a whole document.
pub fn doubted(rhythm: &Rhythm, whole_at: Option<Timestamp>, now: Timestamp) -> bool {
    let silence = rhythm.silence(now);
    let last = whole_at
        .map_or(Duration::MAX, |at| Duration::try_from(now.duration_since(at)).unwrap_or_default());
    silence > SILENCE_LEAST.max(rhythm.gap().unwrap_or(WEEK) * 4) && last >= DAY.max(silence / 4)
}

/// The next time of a source that is well: by its rhythm, not before what it asked for, and not at hours
/// that it says bring nothing.
fn when_well(history: &History<'_>, now: Timestamp) -> Timestamp {
    let Intervals { shortest, longest, .. } = history.intervals;
    let longest = longest.max(shortest);
    let wait = own(history, now).max(asked_for(history, now)).clamp(shortest, longest);
    let share = jitter(history.source);
    let spread = match wait + wait.mul_f64(share) {
        over if over > longest && shortest < longest => longest.mul_f64(1.0 - share),
        within => within,
    };
    past_silent_hours(history, now, later(now, spread))
}

/// Half of the time since its last news, so that news is late by no more than half of the silence before it
/// and a source at rest is left in peace; but no longer than half of the usual time between two items, so
/// that a night does not make the morning late.
fn own(history: &History<'_>, now: Timestamp) -> Duration {
    let rhythm = history.rhythm;
    let quiet = rhythm.silence(now) / 2;
    match (rhythm.newest_at, rhythm.gap_held(now)) {
        (None, _) => quiet.max(history.intervals.first),
        (_, Some(gap)) => quiet.min(gap / 2),
        (_, None) => quiet,
    }
}

/// How long it asked to be left alone. A `ttl` is the feed's own word. Cache headers are often those of a
/// whole site, and the syndication module that of a program, which says «hourly» of everything: they are
/// believed as far as the source's own items do not say otherwise.
fn asked_for(history: &History<'_>, now: Timestamp) -> Duration {
    let believed = BELIEVED.max(history.rhythm.gap_held(now).unwrap_or(Duration::MAX));
    let fresh = history.fresh_for.unwrap_or_default().min(believed);
    let update = until_update(history.schedule, now).min(believed);
    history.ttl.unwrap_or_default().max(fresh).max(update)
}

/// The time until a feed's next update, as it counts them; none where they are hourly or more frequent.
fn until_update(schedule: &Schedule, now: Timestamp) -> Duration {
    let seconds = schedule.update_seconds.map(i64::from).filter(|seconds| *seconds > 3600);
    let Some(seconds) = seconds else { return Duration::ZERO };
    let wait = schedule.update_base.map_or(seconds, |base| {
        seconds - now.as_second().saturating_sub(base.as_second()).rem_euclid(seconds)
    });
    Duration::from_secs(wait.unsigned_abs())
}

/// The first moment from `at` on that the feed does not except (`skipHours`, `skipDays`); the longest wait
/// where all of them are.
fn past_silent_hours(history: &History<'_>, now: Timestamp, at: Timestamp) -> Timestamp {
    let silent = |at: Timestamp| {
        let there = at.to_zoned_datetime(TimeZone::UTC);
        let hour = u8::try_from(there.hour()).unwrap_or_default();
        history.schedule.skip_hours.contains(&hour)
            || history.schedule.skip_days.contains(&day_number(there.weekday()))
    };
    let mut next = at;
    for _hour in 0..24 {
        if !silent(next) {
            return next.min(latest(history, now)).max(at);
        }
        let into = next.as_second().rem_euclid(3600).unsigned_abs();
        let start = HOUR.saturating_sub(Duration::from_secs(into));
        next = later(next, start + HOUR.mul_f64(jitter(history.source)));
    }
    latest(history, now).max(at)
}

/// Whether a source is gone for good that has said so since `since`, this time for the `answers`th, and has
/// brought nothing meanwhile.
pub fn gone_for_good(since: Timestamp, answers: u32, now: Timestamp) -> bool {
    let long = Duration::try_from(now.duration_since(since)).is_ok_and(|time| time >= GONE_FOR);
    long && answers >= GONE_ANSWERS
}

/// When to ask a source whose host rests until then: some minutes apart from the host's other sources.
pub fn after_rest(source: &SourceId, until: Timestamp) -> Timestamp {
    later(until, HOUR.mul_f64(jitter(source)))
}

fn day_number(day: Weekday) -> u8 {
    day.to_monday_one_offset().unsigned_abs()
}

fn latest(history: &History<'_>, now: Timestamp) -> Timestamp {
    later(now, history.intervals.longest)
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| at.checked_add(wait).ok()).unwrap_or(at)
}

/// The back-off of a failing source: doubled each time up to some hours, and a day where it fails for days
/// or where nothing but somebody's act can mend it.
fn back_off(fault: Fault, history: &History<'_>) -> Duration {
    let base = match fault {
        Fault::Status(410)
        | Fault::BadAddress
        | Fault::BadRedirect
        | Fault::RefusedAddress
        | Fault::MovedToKnown => {
            return DAY;
        }
        // Somebody over there wants to be asked less, or does not know us.
        Fault::Status(401 | 403 | 404 | 429) | Fault::BotWall => history.intervals.first,
        _ => history.intervals.shortest,
    };
    if history.failures >= FAILURES_MANY {
        return DAY.max(base);
    }
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

    /// A Thursday.
    const NOW: &str = "2016-02-11T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn ago(minutes: i64) -> Timestamp {
        now() - SignedDuration::from_mins(minutes)
    }

    /// A source that nothing is known of but this.
    struct Case {
        outcome: Outcome,
        failures: u32,
        newest: Option<i64>,
        week_items: u32,
        fresh_for: u64,
        ttl: u64,
        schedule: Schedule,
        intervals: Intervals,
    }

    /// News `minutes` ago, `week_items` in the week before.
    fn news(minutes: i64, week_items: u32) -> Case {
        Case {
            outcome: Outcome::Unchanged,
            failures: 0,
            newest: Some(minutes),
            week_items,
            fresh_for: 0,
            ttl: 0,
            schedule: Schedule::default(),
            intervals: Intervals::default(),
        }
    }

    impl Case {
        fn next(&self, poll: fn(&History<'_>, Timestamp) -> Timestamp) -> (Timestamp, f64) {
            let source = SourceId::of_address("https://a.example/fil.rss");
            let history = History {
                source: &source,
                outcome: &self.outcome,
                failures: self.failures,
                rhythm: Rhythm {
                    since: ago(60),
                    newest_at: self.newest.map(ago),
                    week_items: self.week_items,
                },
                fresh_for: Some(MINUTE * u32::try_from(self.fresh_for).unwrap()),
                ttl: Some(MINUTE * u32::try_from(self.ttl).unwrap()),
                schedule: &self.schedule,
                intervals: self.intervals,
            };
            (poll(&history, now()), jitter(&source))
        }

        /// The wait in minutes, without its jitter.
        fn minutes(&self, poll: fn(&History<'_>, Timestamp) -> Timestamp) -> i64 {
            let (next, jitter) = self.next(poll);
            let wait = next.duration_since(now()).as_secs_f64();
            let longest = self.intervals.longest.as_secs_f64();
            let capped = (wait - longest * (1.0 - jitter)).abs() < 1.0;
            let wait = if capped { longest } else { wait / (1.0 + jitter) };
            (wait / 60.0).round() as i64
        }

        #[track_caller]
        fn waits(&self, minutes: i64) {
            assert_eq!(self.minutes(next_poll), minutes);
        }
    }

    const A_DAY: i64 = 24 * 60;

    #[test]
    fn a_source_is_gone_when_it_has_said_so_for_days() {
        let days = |days: i64| ago(days * A_DAY);
        for (since, answers, gone) in [
            (now(), 1, false),
            (now(), 99, false),
            (days(3), 2, false),
            (days(2), 3, false),
            (days(3), 3, true),
        ] {
            assert_eq!(gone_for_good(since, answers, now()), gone, "{since} {answers}");
        }
    }

    #[test]
    fn a_source_is_asked_as_often_as_it_has_news() {
        // Right after news; then after half of the silence.
        news(0, 0).waits(2);
        news(1, 0).waits(2);
        news(10, 0).waits(5);
        news(120, 0).waits(60);
        news(A_DAY, 0).waits(A_DAY / 2);
        news(365 * A_DAY, 0).waits(A_DAY);
        // No longer than half of the usual gap: 100 items a week are one in 100 minutes.
        news(600, 101).waits(50);
        news(10, 101).waits(5);
        news(600, 2000).waits(3);
        // Silent for longer than a weekend, and than eight of its gaps: what it was does not count.
        news(3 * A_DAY, 101).waits(A_DAY);
        news(3 * A_DAY, 10).waits(504);
        // News from the future, as of a clock that was set back.
        news(-5, 0).waits(2);
        // Nothing yet, and added an hour ago.
        Case { newest: None, ..news(0, 0) }.waits(30);
    }

    #[test]
    fn news_in_what_came_brings_the_next_time_forward() {
        for case in [news(600, 101), news(365 * A_DAY, 0)] {
            assert_eq!(case.minutes(next_poll_on_news), 2);
        }
        assert_eq!(Case { ttl: 30, ..news(600, 101) }.minutes(next_poll_on_news), 30);
    }

    #[test]
    fn what_it_asks_for_is_granted() {
        Case { ttl: 45, ..news(0, 2000) }.waits(45);
        Case { ttl: 100 * 60, ..news(0, 2000) }.waits(A_DAY);
        // What is said for a whole site: an hour, or the time between two items where that is longer.
        Case { fresh_for: 15, ..news(0, 2000) }.waits(15);
        Case { fresh_for: 600, ..news(0, 2000) }.waits(60);
        Case { fresh_for: 600, ..news(0, 21) }.waits(480);
        Case { fresh_for: 600, ..news(0, 0) }.waits(600);
        let every = |seconds, base: Option<&str>| Schedule {
            update_seconds: Some(seconds),
            update_base: base.map(|base| base.parse().unwrap()),
            ..Schedule::default()
        };
        Case { schedule: every(3600, None), ..news(0, 0) }.waits(2);
        Case { schedule: every(7200, None), ..news(0, 0) }.waits(120);
        Case { schedule: every(7200, None), ..news(0, 2000) }.waits(60);
        Case { schedule: every(604_800, None), ..news(0, 0) }.waits(A_DAY);
        let evening = Some("2016-01-01T18:00:00Z");
        Case { schedule: every(86_400, evening), ..news(0, 0) }.waits(360);
        let tomorrow = Some("2016-02-12T15:00:00Z");
        Case { schedule: every(86_400, tomorrow), ..news(0, 0) }.waits(180);
    }

    #[track_caller]
    fn check_skipped(minutes: i64, hours: &[u8], days: &[u8], from: &str, to: &str) {
        let schedule = Schedule {
            skip_hours: hours.to_vec(),
            skip_days: days.to_vec(),
            ..Schedule::default()
        };
        let (next, _) = Case { schedule, ..news(minutes, 0) }.next(next_poll);
        let told = next.to_string();
        assert!(from <= told.as_str() && told.as_str() <= to, "{told}");
    }

    #[test]
    fn hours_and_days_without_news_are_passed_over() {
        check_skipped(0, &[3], &[], "2016-02-11T12:02", "2016-02-11T12:03");
        check_skipped(0, &[12, 13], &[], "2016-02-11T14:00", "2016-02-11T14:07");
        check_skipped(0, &[], &[4], "2016-02-12T00:00", "2016-02-12T00:07");
        check_skipped(0, &[0, 1], &[4], "2016-02-12T02:00", "2016-02-12T02:07");
        // A weekend and more is asked once a day; nonsense as well.
        check_skipped(0, &[], &[4, 5, 6], "2016-02-12T12:00", "2016-02-12T12:00:01");
        let all: Vec<u8> = (0..24).collect();
        check_skipped(0, &all, &[], "2016-02-12T12:00", "2016-02-12T12:00:01");
    }

    #[test]
    fn the_operators_interval_wins() {
        let every = Duration::from_secs(300);
        let intervals = Intervals { first: every, shortest: every, longest: every };
        Case { intervals, ttl: 600, ..news(A_DAY, 0) }.waits(5);
        Case { intervals, newest: None, ..news(0, 0) }.waits(5);
    }

    #[track_caller]
    fn check_failed(fault: Fault, failures: u32, retry_after: Option<u64>, minutes: i64) {
        let retry_after = retry_after.map(Duration::from_secs);
        let outcome = Outcome::Failed(Failure { retry_after, ..Failure::new(fault, "") });
        let case = Case { outcome, failures, ..news(0, 2000) };
        let (next, jitter) = case.next(next_poll);
        let wait = next.duration_since(now()).as_secs_f64() / (1.0 + jitter);
        assert_eq!((wait / 60.0).round() as i64, minutes);
    }

    #[test]
    fn a_failing_source_is_asked_less_and_less() {
        check_failed(Fault::Timeout, 0, None, 2);
        check_failed(Fault::Timeout, 1, None, 2);
        check_failed(Fault::Timeout, 2, None, 4);
        check_failed(Fault::Dns, 6, None, 64);
        check_failed(Fault::Status(500), 7, None, 128);
        check_failed(Fault::Status(500), 8, None, 180);
        check_failed(Fault::Connect, 29, None, 180);
        check_failed(Fault::Connect, 30, None, 24 * 60);
        check_failed(Fault::Connect, u32::MAX, None, 24 * 60);
        check_failed(Fault::Status(429), 1, None, 10);
        check_failed(Fault::Status(404), 2, None, 20);
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

    #[track_caller]
    fn check_doubted(silent_days: i64, week_items: u32, whole_days: Option<i64>, doubt: bool) {
        let day = |days: i64| ago(days * A_DAY);
        let rhythm = Rhythm { since: day(900), newest_at: Some(day(silent_days)), week_items };
        assert_eq!(doubted(&rhythm, whole_days.map(day), now()), doubt);
    }

    #[test]
    fn a_source_that_is_silent_for_long_is_doubted_once_a_day() {
        check_doubted(3, 100, Some(3), true);
        check_doubted(3, 100, None, true);
        check_doubted(3, 100, Some(0), false);
        check_doubted(1, 100, Some(1), false);
        // Seven a week: four days of silence are not much.
        check_doubted(3, 7, Some(3), false);
        check_doubted(5, 7, Some(5), true);
        check_doubted(20, 0, Some(20), false);
        // After a year, once in three months.
        check_doubted(365, 0, Some(60), false);
        check_doubted(365, 0, Some(100), true);
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

    proptest::proptest! {
        #[test]
        fn a_source_that_is_well_is_asked_within_its_bounds(
            minutes in -10_000i64..1_000_000, week in 0u32..3000, fresh in 0u64..100_000, ttl in 0u64..100_000,
            hours in proptest::collection::vec(0u8..24, 0..24), days in proptest::collection::vec(1u8..8, 0..7),
            update in proptest::option::of(0u32..u32::MAX),
        ) {
            let schedule = Schedule { skip_hours: hours, skip_days: days, update_seconds: update, update_base: None };
            let case = Case { fresh_for: fresh, ttl, schedule, ..news(minutes, week) };
            for poll in [next_poll, next_poll_on_news] {
                let wait = case.next(poll).0.duration_since(now()).as_secs();
                proptest::prop_assert!((120..=86_400).contains(&wait), "{wait}");
            }
        }
    }
}
