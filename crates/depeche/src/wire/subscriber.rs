//! The loop that subscribes to the hubs that feeds name (WebSub): asks, asks again, renews and ends.
//!
//! What hubs answer comes in through the pages (`web::websub`), which may be another process. Without an address
//! of ours that they can call, nothing is asked.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_collect::{Failure, Fault, HostPace, Rests, is_own_network, timetable::Intervals};
use depeche_news::{
    jiff::{SignedDuration, Timestamp},
    limits::pushed::{HUB_ANSWER_BYTES_MAX, HUBS_ASKED_AT_ONCE, LEASE_SECONDS},
};
use depeche_outbound::{Client, Form, Response};
use depeche_store::{Error, Store, Subscription, SubscriptionState};

use crate::wire::{Bell, REST};

/// How often it looks what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often it looks which subscriptions have lapsed or are not wanted any more: leases last days.
const TIDY_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// Wait before a hub is asked again that did not confirm; doubled each time.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Longest wait between two tries.
const AGAIN_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How long a hub's host is left alone that sends us away and does not say for how long.
const REST_AFTER: Duration = Duration::from_secs(600);

/// How often a hub is asked to end a subscription; after that it learns it when it calls.
const ENDING_TRIES: u32 = 3;

/// How often a feed is asked whose hub sends what is new: pushes get lost, and nobody is told.
const SAFETY_POLL: SignedDuration = SignedDuration::from_hours(1);

/// Letters of a hub's answer that are kept.
const DETAIL_CHARS: usize = 200;

/// What asking hubs needs; the turns and rests of hosts are those of the collector.
#[derive(Clone)]
pub(crate) struct Hubs {
    /// Where it stands what is to be asked.
    pub(crate) store: Store,
    /// What asks.
    pub(crate) client: Client,
    /// The turns at hosts.
    pub(crate) pace: HostPace,
    /// Hosts that asked to be left alone.
    pub(crate) rests: Rests,
    /// Where hubs reach our pages.
    pub(crate) base: String,
    /// Callbacks of the subscriptions that are being asked for.
    pub(crate) busy: Arc<Mutex<HashSet<String>>>,
}

/// Runs until the bell says stop.
pub(crate) async fn run(hubs: Hubs, stop: Bell) {
    let mut troubles = hubs.store.trouble();
    let mut tidied_at = Timestamp::MIN;
    while !stop.stopped() {
        let now = Timestamp::now();
        let tidy = now.duration_since(tidied_at) >= TIDY_EVERY;
        let rests = troubles.borrow_and_update().is_some();
        if !rests && let Err(error) = hubs.look(now, tidy).await {
            tracing::error!(%error, "subscriptions cannot be seen to");
            tokio::time::sleep(REST).await;
        }
        tidied_at = if tidy { now } else { tidied_at };
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Hubs {
    /// Has each hub asked that is due, each in a task of its own: a slow one keeps no other waiting.
    async fn look(&self, now: Timestamp, tidy: bool) -> Result<(), Error> {
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || {
            if tidy && let Some(tidied) = store.tidy_subscriptions(now)? {
                tidied.wait()?;
            }
            store.due_subscriptions(now, HUBS_ASKED_AT_ONCE)
        });
        for held in read.await.map_err(|_| Error::Closed)?? {
            let under_way = {
                let mut busy = self.busy();
                busy.len() >= HUBS_ASKED_AT_ONCE || !busy.insert(held.callback.clone())
            };
            if !under_way {
                tokio::spawn(self.clone().asked(held));
            }
        }
        Ok(())
    }

    async fn asked(self, held: Subscription) {
        let _done = UnderWay { busy: Arc::clone(&self.busy), callback: held.callback.clone() };
        if let Err(error) = self.ask(held).await
            && self.store.trouble().borrow().is_none()
        {
            tracing::error!(%error, "what a hub was asked cannot be noted");
        }
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, held: Subscription) -> Result<(), Error> {
        let (store, ending) = (&self.store, held.state == SubscriptionState::Ending);
        if ending && held.failures >= ENDING_TRIES {
            return store.subscription_ended(&held.callback, Timestamp::now()).await;
        }
        if !ending && let Some(why) = unfit(&held) {
            tracing::warn!(hub = held.hub, topic = held.topic, why, "a hub is left alone");
            let next_at = later(Timestamp::now(), AGAIN_MAX);
            return store.subscription_denied(&held.callback, why, next_at).await;
        }
        let turn = self.pace.acquire(&held.hub).await;
        let now = Timestamp::now();
        if let Some(until) = self.rests.until(&held.hub, now) {
            let why = "its host asked to be left alone";
            return store.subscription_failed(&held.callback, why, until).await;
        }
        let again = later(now, back_off(held.failures));
        // Noted first: a hub may confirm before it has answered.
        store.subscription_asked(&held.callback, now, again).await?;
        let answer = self.send(&held, ending).await;
        drop(turn);
        let failure = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => return Ok(()),
            Ok(answer) => {
                self.sent_away(&answer, now);
                match answer.status {
                    307 | 308 => {
                        format!("status {}: it sends us on to another host", answer.status)
                    }
                    status => format!("status {status}"),
                }
            }
            Err(error) => error.to_string(),
        };
        let failure: String = failure.chars().take(DETAIL_CHARS).collect();
        tracing::info!(hub = held.hub, topic = held.topic, failure, "a hub could not be asked");
        store.subscription_failed(&held.callback, &failure, again).await
    }

    async fn send(
        &self,
        held: &Subscription,
        ending: bool,
    ) -> Result<Response, depeche_outbound::Error> {
        let callback = format!("{}/websub/{}", self.base, held.callback);
        let lease = LEASE_SECONDS.to_string();
        let mut fields = vec![
            ("hub.callback", callback.as_str()),
            ("hub.mode", if ending { "unsubscribe" } else { "subscribe" }),
            ("hub.topic", held.topic.as_str()),
        ];
        if !ending {
            fields.extend([("hub.lease_seconds", lease.as_str()), ("hub.secret", &held.secret)]);
        }
        let form =
            Form { address: &held.hub, fields: &fields, body_bytes_max: HUB_ANSWER_BYTES_MAX };
        self.client.post(&form).await
    }

    /// Takes note of a host that asks to be left alone.
    fn sent_away(&self, answer: &Response, now: Timestamp) {
        let failure = Failure {
            retry_after: answer.retry_after,
            answered: Some(answer.address.clone()),
            ..Failure::new(Fault::Status(answer.status), "")
        };
        self.rests.heard(&failure, REST_AFTER, now);
    }
}

/// Takes a subscription off the list of those under way, however its task ends.
struct UnderWay {
    busy: Arc<Mutex<HashSet<String>>>,
    callback: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.callback);
    }
}

/// Why a hub is not asked: others on the way would read the secret, or it would learn an address of our network.
fn unfit(held: &Subscription) -> Option<&'static str> {
    if held.hub.starts_with("http:") && !is_own_network(&held.hub) {
        return Some(
            "it has no https, and whoever reads the secret on the way could send in its name",
        );
    }
    let tells = [&held.topic, &held.feed].into_iter().any(|address| is_own_network(address));
    (tells && !is_own_network(&held.hub))
        .then_some("the feed is one of our own network, of which no hub outside is told")
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
    use depeche_news::SourceId;

    use super::*;

    #[test]
    fn a_hub_that_does_not_confirm_is_asked_ever_more_seldom() {
        let minutes = |failures| back_off(failures).as_mins();
        assert_eq!((minutes(0), minutes(1), minutes(3)), (10, 20, 80));
        assert_eq!((minutes(9), minutes(u32::MAX)), (24 * 60, 24 * 60));
    }

    #[test]
    fn no_secret_goes_out_in_the_clear_and_no_address_of_ours_to_strangers() {
        for (hub, topic, fit) in [
            ("https://hub.example/", "https://a.example/", true),
            ("http://hub.example/", "https://a.example/", false),
            ("http://9.9.9.9/", "https://a.example/", false),
            ("http://127.0.0.1:9/", "https://a.example/", true),
            ("http://[fd00::1]/", "http://rsshub:1200/a", true),
            ("https://hub.example/", "http://rsshub:1200/a", false),
            ("https://hub.example/", "http://10.1.2.3/", false),
            ("https://hub.example/", "http://[::ffff:10.1.2.3]/", false),
            ("https://hub.example/", "http://100.64.0.1/", false),
            ("https://hub.example/", "https://9.9.9.9/", true),
        ] {
            let held = Subscription {
                callback: "c".to_owned(),
                source: SourceId::of_address(topic),
                feed: topic.to_owned(),
                hub: hub.to_owned(),
                topic: topic.to_owned(),
                secret: "s".to_owned(),
                state: SubscriptionState::Found,
                asked_at: None,
                until: None,
                failures: 0,
                detail: None,
                pushed_at: None,
                ignored: 0,
                idle: false,
            };
            assert_eq!(unfit(&held).is_none(), fit, "{hub} {topic}");
        }
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
