//! The loop that subscribes to the hubs that feeds name (WebSub): asks, asks again, renews and ends.
//!
//! What hubs answer comes in through the pages (`web::websub`), which may be another process. Without an address
//! of ours that they can call, nothing is asked.

use std::time::Duration;

use depeche_collect::timetable::Intervals;
use depeche_news::{
    jiff::{SignedDuration, Timestamp},
    limits::pushed::{HUB_ANSWER_BYTES_MAX, LEASE_SECONDS},
};
use depeche_outbound::{Client, Form};
use depeche_store::{Error, Store, Subscription, SubscriptionState};
use futures_util::{StreamExt, stream};

use crate::wire::{Bell, REST};

/// How often it looks what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Hubs asked in one look, and so in a second: thousands of feeds share one hub, which is asked for all of
/// them when a wire begins.
const ASKED_AT_ONCE: usize = 4;

/// Wait before a hub is asked again that did not confirm; doubled each time.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Longest wait between two tries.
const AGAIN_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How often a hub is asked to end a subscription; after that it learns it when it calls.
const ENDING_TRIES: u32 = 3;

/// How often a feed is asked whose hub sends what is new: pushes get lost, and nobody is told.
const SAFETY_POLL: SignedDuration = SignedDuration::from_hours(1);

/// Letters of a hub's answer that are kept.
const DETAIL_CHARS: usize = 200;

/// Runs until the bell says stop; `base` is where hubs reach our pages.
pub(crate) async fn run(store: Store, client: Client, base: String, stop: Bell) {
    let mut troubles = store.trouble();
    while !stop.stopped() {
        let rests = troubles.borrow_and_update().is_some();
        if !rests && let Err(error) = look(&store, &client, &base).await {
            tracing::error!(%error, "subscriptions cannot be seen to");
            tokio::time::sleep(REST).await;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(store: &Store, client: &Client, base: &str) -> Result<(), Error> {
    let now = Timestamp::now();
    let of = store.clone();
    let read = tokio::task::spawn_blocking(move || {
        if let Some(tidied) = of.tidy_subscriptions(now)? {
            tidied.wait()?;
        }
        of.due_subscriptions(now, ASKED_AT_ONCE)
    });
    let due = read.await.map_err(|_| Error::Closed)??;
    let asked = stream::iter(due).map(|held| ask(store, client, base, held));
    let mut asked = asked.buffer_unordered(ASKED_AT_ONCE);
    while let Some(done) = asked.next().await {
        done?;
    }
    Ok(())
}

async fn ask(store: &Store, client: &Client, base: &str, held: Subscription) -> Result<(), Error> {
    let now = Timestamp::now();
    let ending = held.state == SubscriptionState::Ending;
    if ending && held.failures >= ENDING_TRIES {
        return store.subscription_ended(&held.callback, now).await;
    }
    let again = later(now, back_off(held.failures));
    // Noted first: a hub may confirm before it has answered.
    store.subscription_asked(&held.callback, now, again).await?;
    let callback = format!("{base}/websub/{}", held.callback);
    let lease = LEASE_SECONDS.to_string();
    let mut fields = vec![
        ("hub.callback", callback.as_str()),
        ("hub.mode", if ending { "unsubscribe" } else { "subscribe" }),
        ("hub.topic", held.topic.as_str()),
    ];
    if !ending {
        fields.extend([("hub.lease_seconds", lease.as_str()), ("hub.secret", &held.secret)]);
    }
    let form = Form { address: &held.hub, fields: &fields, body_bytes_max: HUB_ANSWER_BYTES_MAX };
    let failure = match client.post(&form).await {
        Ok(answer) if (200..300).contains(&answer.status) => return Ok(()),
        Ok(answer) => format!("status {}", answer.status),
        Err(error) => error.to_string(),
    };
    let failure: String = failure.chars().take(DETAIL_CHARS).collect();
    tracing::info!(hub = held.hub, topic = held.topic, failure, "a hub could not be asked");
    store.subscription_failed(&held.callback, &failure, again).await
}

fn back_off(failures: u32) -> SignedDuration {
    AGAIN_AFTER.checked_mul(1 << failures.min(16)).unwrap_or(AGAIN_MAX).min(AGAIN_MAX)
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// When a feed is asked again whose hub sends what is new: seldom, but no later than the operator wants.
pub(crate) fn slowed(next_at: Timestamp, now: Timestamp, intervals: &Intervals) -> Timestamp {
    let longest = SignedDuration::try_from(intervals.longest).unwrap_or(SAFETY_POLL);
    next_at.max(later(now, SAFETY_POLL.min(longest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_that_does_not_confirm_is_asked_ever_more_seldom() {
        let minutes = |failures| back_off(failures).as_mins();
        assert_eq!((minutes(0), minutes(1), minutes(3)), (10, 20, 80));
        assert_eq!((minutes(9), minutes(u32::MAX)), (24 * 60, 24 * 60));
    }

    #[test]
    fn a_feed_whose_hub_sends_is_asked_once_an_hour() {
        let now = Timestamp::UNIX_EPOCH;
        let minute = |minutes| later(now, SignedDuration::from_mins(minutes));
        let usual = Intervals::default();
        assert_eq!(slowed(minute(2), now, &usual), minute(60));
        assert_eq!(slowed(minute(90), now, &usual), minute(90));
        let second = Duration::from_secs(1);
        let wished = Intervals { first: second, shortest: second, longest: second };
        assert_eq!(slowed(minute(0), now, &wished), later(now, SignedDuration::from_secs(1)));
    }
}
