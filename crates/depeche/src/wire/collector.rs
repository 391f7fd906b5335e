//! The loop that asks sources when their time has come, and does the jobs that need the outside.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_collect::{
    HostPace, Outcome, RobotsBook, Target, fetch,
    timetable::{History, Intervals, next_poll},
};
use depeche_news::jiff::Timestamp;
use depeche_outbound::Client;
use depeche_store::{Error, FailureNote, Poll, PolledSource, Store};
use tokio::sync::Semaphore;

use crate::wire::{Bell, REST, jobs};

/// How often it looks who is due: well under the 2 s from publication to the page.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Requests under way at once, over all hosts. Enough that 2,000 sources a few of which hang for
/// their whole timeout are all asked within minutes; each costs a socket and its body.
const REQUESTS_MAX: usize = 32;

/// Sources looked at in one go.
const DUE_AT_ONCE: usize = 256;

/// Time between two requests to one host.
const SPACING: Duration = Duration::from_millis(500);

/// What asking the outside needs.
#[derive(Clone)]
pub(crate) struct Collector {
    pub(crate) store: Store,
    pub(crate) client: Client,
    pub(crate) pace: HostPace,
    pub(crate) robots: Arc<RobotsBook>,
    pub(crate) intervals: Intervals,
    /// Rung when a delivery has come in.
    pub(crate) ingest: Bell,
    busy: Arc<Mutex<HashSet<String>>>,
    seats: Arc<Semaphore>,
}

impl Collector {
    /// A collector for this store.
    pub(crate) fn new(store: Store, client: Client, intervals: Intervals, ingest: Bell) -> Self {
        Self {
            store,
            client,
            pace: HostPace::new(SPACING),
            robots: Arc::new(RobotsBook::new(jobs::AGENT)),
            intervals,
            ingest,
            busy: Arc::default(),
            seats: Arc::new(Semaphore::new(REQUESTS_MAX)),
        }
    }

    /// Runs until the bell says stop.
    pub(crate) async fn run(self, stop: Bell) {
        while !stop.stopped() {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "the collector cannot read the store");
                tokio::time::sleep(REST).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn look(&self) -> Result<(), Error> {
        let store = self.store.clone();
        let now = Timestamp::now();
        let read = tokio::task::spawn_blocking(move || {
            Ok::<_, Error>((
                store.due_jobs(now, DUE_AT_ONCE)?,
                store.due_sources(now, DUE_AT_ONCE)?,
            ))
        });
        let (jobs, sources) = read.await.map_err(|_| Error::Closed)??;
        for job in jobs {
            self.start(format!("job {}", job.id), |collector| async move {
                jobs::done(&collector, job).await
            });
        }
        for source in sources {
            self.start(
                source.id.to_string(),
                |collector| async move { collector.ask(source).await },
            );
        }
        Ok(())
    }

    /// Starts a work unless it is under way already.
    fn start<F>(&self, name: String, work: impl FnOnce(Self) -> F)
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        if !self.busy().insert(name.clone()) {
            return;
        }
        let (collector, work) = (self.clone(), work(self.clone()));
        tokio::spawn(async move {
            let under_way = UnderWay { busy: collector.busy, name };
            let _seat = collector.seats.acquire().await;
            if let Err(error) = work.await {
                tracing::error!(%error, name = under_way.name, "the collector cannot write what came in");
            }
        });
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, source: PolledSource) -> Result<(), Error> {
        let turn = self.pace.acquire(&source.address).await;
        let now = Timestamp::now();
        let target = Target {
            source: source.id.clone(),
            address: source.address.clone(),
            validators: source.validators.clone(),
            first: source.news_at.is_none(),
        };
        let fetched = fetch(&self.client, &target, now).await;
        drop(turn);
        let failed = matches!(fetched.outcome, Outcome::Failed(_));
        let ttl = source.ttl_minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60));
        let history = History {
            source: &source.id,
            outcome: &fetched.outcome,
            failures: if failed { source.failures + 1 } else { 0 },
            news_at: source.news_at,
            fresh_for: fetched.fresh_for.max(ttl),
            intervals: self.intervals,
        };
        let poll = Poll {
            at: now,
            failure: fetched.outcome.failure().map(|failure| FailureNote {
                word: failure.word().into_owned(),
                detail: failure.detail.clone(),
            }),
            next_at: next_poll(&history, now),
            moved_to: fetched.moved_to,
            validators: fetched.validators,
        };
        // Both go into the writer's queue in this order, so that what reading the delivery finds out
        // is noted after the poll.
        let recorded = fetched.delivery.map(|delivery| self.store.record(delivery));
        self.store.polled(&source.id, poll).await?;
        if let Some(recorded) = recorded {
            recorded.await?;
            self.ingest.ring();
        }
        Ok(())
    }
}

/// A work under way; however it ends, it may be started again.
struct UnderWay {
    busy: Arc<Mutex<HashSet<String>>>,
    name: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}
