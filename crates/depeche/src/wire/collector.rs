//! The loop that asks sources when their time has come, and does the jobs that need the outside.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_collect::{
    Fetched, HostPace, Outcome, RobotsBook, Target, Turn, fetch,
    timetable::{History, Intervals, next_poll},
};
use depeche_news::{
    Problem,
    jiff::{SignedDuration, Timestamp},
};
use depeche_outbound::Client;
use depeche_store::{Error, FailureNote, Lease, Poll, PolledSource, Store};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::wire::{Bell, REST, jobs, metrics::Counters};

/// How often it looks who is due: well under the 2 s from publication to the page.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Requests under way at once, over all hosts. Enough that 2,000 sources a few of which hang for
/// their whole timeout are all asked within minutes; each costs a socket and its body.
const REQUESTS_MAX: usize = 32;

/// Pages under way at once.
const PAGES_MAX: usize = 16;

/// Sources looked at in one go.
const DUE_AT_ONCE: usize = 256;

/// Jobs under way at once. A source that was added just now wants hundreds of pages of one host; what
/// waits there keeps that host's feeds waiting behind it.
const JOBS_AT_ONCE: usize = 48;

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
    pub(crate) counters: Counters,
    /// Rung when a delivery has come in.
    pub(crate) ingest: Bell,
    busy: Arc<Mutex<HashSet<String>>>,
    /// For feeds, and for the tests a person waits for.
    pub(crate) seats: Arc<Semaphore>,
    /// For the pages of items: however many a feed links to, feeds are asked.
    pub(crate) page_seats: Arc<Semaphore>,
}

impl Collector {
    /// A collector for this store.
    pub(crate) fn new(
        store: Store,
        client: Client,
        intervals: Intervals,
        counters: Counters,
        ingest: Bell,
    ) -> Self {
        Self {
            store,
            client,
            pace: HostPace::new(SPACING),
            robots: Arc::new(RobotsBook::new(jobs::AGENT)),
            intervals,
            counters,
            ingest,
            busy: Arc::default(),
            seats: Arc::new(Semaphore::new(REQUESTS_MAX)),
            page_seats: Arc::new(Semaphore::new(PAGES_MAX)),
        }
    }

    /// Runs until the bell says stop.
    pub(crate) async fn run(self, stop: Bell) {
        let Some(_lease) = self.lease(&stop).await else { return };
        let now = Timestamp::now();
        let latest = SignedDuration::try_from(self.intervals.longest).unwrap_or_default();
        if let Err(error) = self.store.plan_polls(now, now + latest).await {
            tracing::error!(%error, "the collector cannot plan its polls");
        }
        while !stop.stopped() {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "the collector cannot read the store");
                tokio::time::sleep(REST).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until no other process asks the sources of this folder; `None` when it is time to stop.
    async fn lease(&self, stop: &Bell) -> Option<Lease> {
        while !stop.stopped() {
            match Lease::take(self.store.folder(), "collect") {
                Ok(Some(lease)) => return Some(lease),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "the collector cannot take its lease"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        None
    }

    async fn look(&self) -> Result<(), Error> {
        let store = self.store.clone();
        let now = Timestamp::now();
        let read = tokio::task::spawn_blocking(move || {
            Ok::<_, Error>((
                store.due_jobs(now, JOBS_AT_ONCE)?,
                store.due_sources(now, DUE_AT_ONCE)?,
            ))
        });
        let (jobs, sources) = read.await.map_err(|_| Error::Closed)??;
        for source in sources {
            self.start(
                source.id.to_string(),
                |collector| async move { collector.ask(source).await },
            );
        }
        for job in jobs {
            self.start(format!("job {}", job.id), |collector| async move {
                jobs::done(&collector, job).await
            });
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
            if let Err(error) = work.await {
                tracing::error!(%error, name = under_way.name, "the collector cannot write what came in");
            }
        });
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn at a host, and then for one of the seats that hosts share: who waits for a
    /// slow host keeps nobody else waiting.
    pub(crate) async fn turn(
        &self,
        address: &str,
        seats: &Arc<Semaphore>,
    ) -> (Turn, Option<OwnedSemaphorePermit>) {
        let turn = self.pace.acquire(address).await;
        // Seats are never closed; if they were, nobody would have to wait.
        let seat = Arc::clone(seats).acquire_owned().await.ok();
        (turn, seat)
    }

    async fn ask(&self, source: PolledSource) -> Result<(), Error> {
        let turn = self.turn(&source.address, &self.seats).await;
        let now = Timestamp::now();
        let target = Target {
            source: source.id.clone(),
            address: source.address.clone(),
            validators: source.validators.clone(),
            first: source.news_at.is_none(),
        };
        let fetched = fetch(&self.client, &target, now).await;
        drop(turn);
        self.counters.poll(&fetched.outcome);
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
        // What was added as a source is the page of a site: its feed is what was meant. Only at the first
        // time, so that two pages cannot send us back and forth.
        let new = source.news_at.is_none() && source.failures == 0;
        let adopted = fetched.feeds.first().filter(|_| new).map(|feed| feed.address.clone());
        let poll = Poll {
            at: now,
            failure: failure_of(&fetched),
            next_at: if adopted.is_some() { now } else { next_poll(&history, now) },
            moved_to: adopted.or(fetched.moved_to),
            validators: fetched.validators,
        };
        // Both go into the writer's queue in this order, so that what storing and reading the delivery
        // find out is noted after the poll.
        let polled = self.store.polled(&source.id, poll);
        let recorded = fetched.delivery.map(|delivery| self.store.record(delivery));
        polled.await?;
        if let Some(recorded) = recorded {
            recorded.await?;
            self.ingest.ring();
        }
        Ok(())
    }
}

/// What a source's health is told: that it failed, or that what came was cut short.
fn failure_of(fetched: &Fetched) -> Option<FailureNote> {
    let failed = fetched.outcome.failure().map(|failure| FailureNote {
        word: failure.word().into_owned(),
        detail: failure.detail.clone(),
    });
    let cut = |problem: &Problem| FailureNote {
        word: problem.word.clone(),
        detail: problem.detail.clone(),
    };
    failed.or_else(|| fetched.problems.first().map(cut))
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
