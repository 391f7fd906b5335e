//! The loop that asks sources when their time has come, and does the jobs that need the outside.

use depeche_news::limits::collect::{JOBS_AT_ONCE, PAGES_MAX, REQUESTS_MAX};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use depeche_collect::{
    Clocks, Fetched, HostClock, HostPace, Judged, Outcome, RobotsBook, Target, Turn, fetch,
    timetable::{History, Intervals, next_poll},
};
use depeche_news::{
    Problem,
    jiff::{SignedDuration, Timestamp},
};
use depeche_outbound::Client;
use depeche_store::{
    ClockSays, Error, FailureNote, Lease, Poll, PolledSource, Store, Trouble, TroubleKind,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::wire::{Bell, REST, jobs, metrics::Counters, subscriber};

/// How often it looks who is due: well under the 2 s from publication to the page.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Sources looked at in one go.
const DUE_AT_ONCE: usize = 256;

/// Time between two requests to one host.
const SPACING: Duration = Duration::from_millis(500);

/// How often a few hosts are asked for the time while our clock seems wrong: whoever sets it right
/// sees the wire go on within a minute, and no host notices.
const CLOCK_EVERY: Duration = Duration::from_secs(30);

/// Hosts asked for the time at once.
const CLOCKS_ASKED: usize = 5;

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
    clocks: Arc<Mutex<Clocks>>,
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
            clocks: Arc::default(),
            seats: Arc::new(Semaphore::new(REQUESTS_MAX)),
            page_seats: Arc::new(Semaphore::new(PAGES_MAX)),
        }
    }

    /// Runs until the bell says stop; `lease` says that nobody else asks the sources of this folder.
    pub(crate) async fn run(self, lease: Lease, stop: Bell) {
        let mut troubles = self.store.trouble();
        let mut planned = false;
        let mut clock_asked = None;
        while !stop.stopped() {
            let trouble = troubles.borrow_and_update().clone();
            lease.note(trouble.as_ref());
            match trouble {
                Some(trouble) => self.rest(&trouble, &mut clock_asked).await,
                None => {
                    planned = planned || self.plan().await;
                    if let Err(error) = self.look().await {
                        tracing::error!(%error, "the collector cannot read the store");
                        tokio::time::sleep(REST).await;
                    }
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Spreads the first polls of this run.
    async fn plan(&self) -> bool {
        let now = Timestamp::now();
        let latest = SignedDuration::try_from(self.intervals.longest).unwrap_or_default();
        let planned = self.store.plan_polls(now, now + latest).await;
        if let Err(error) = &planned {
            tracing::error!(%error, "the collector cannot plan its polls");
        }
        planned.is_ok()
    }

    /// Asks nobody while a trouble lasts, except for the time of day where that is the trouble.
    async fn rest(&self, trouble: &Trouble, asked: &mut Option<Instant>) {
        let due = asked.is_none_or(|asked| asked.elapsed() >= CLOCK_EVERY);
        if trouble.kind == TroubleKind::Clock && due {
            *asked = Some(Instant::now());
            if let Err(error) = self.ask_the_time().await {
                tracing::error!(%error, "the collector cannot read the store");
            }
        }
    }

    /// Asks some sources of different hosts and keeps nothing of the answers but their time.
    async fn ask_the_time(&self) -> Result<(), Error> {
        let store = self.store.clone();
        let read =
            tokio::task::spawn_blocking(move || store.due_sources(Timestamp::MAX, DUE_AT_ONCE));
        let mut hosts = HashSet::new();
        for source in read.await.map_err(|_| Error::Closed)?? {
            let host =
                Url::parse(&source.address).ok().and_then(|url| Some(url.host_str()?.into()));
            let new = host.is_some_and(|host: String| hosts.insert(host));
            if new && hosts.len() <= CLOCKS_ASKED {
                let (collector, target) = (self.clone(), target(&source));
                self.start(format!("time {}", source.id), |_| async move {
                    let _turn = collector.turn(&target.address, &collector.seats).await;
                    let clock = fetch(&collector.client, &target, Timestamp::now()).await.clock;
                    collector.compare(clock);
                    Ok(())
                });
            }
        }
        Ok(())
    }

    /// Takes note of what a server says of our clock.
    fn compare(&self, clock: Option<HostClock>) {
        let Some(clock) = clock else { return };
        let mut clocks = self.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = clocks.judged();
        clocks.note(clock);
        let judged = clocks.judged();
        if judged != before {
            self.store.clock_compared(says(judged));
        }
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
            match work.await {
                Ok(()) => {}
                // Told once, when it began; what was under way is asked for again.
                Err(_) if collector.store.trouble().borrow().is_some() => {}
                Err(error) => {
                    tracing::error!(%error, name = under_way.name, "the collector cannot write what came in")
                }
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
        let fetched = fetch(&self.client, &target(&source), now).await;
        drop(turn);
        self.compare(fetched.clock.clone());
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
            next_at: match adopted {
                Some(_) => now,
                None if source.pushed && !failed => {
                    subscriber::slowed(next_poll(&history, now), now, &self.intervals)
                }
                None => next_poll(&history, now),
            },
            moved_to: adopted.or(fetched.moved_to),
            validators: fetched.validators,
        };
        let brought = fetched.delivery.is_some();
        self.store.received(&source.id, poll, fetched.delivery).await?;
        if brought {
            self.ingest.ring();
        }
        Ok(())
    }
}

fn target(source: &PolledSource) -> Target {
    Target {
        source: source.id.clone(),
        address: source.address.clone(),
        validators: source.validators.clone(),
        first: source.news_at.is_none(),
    }
}

fn says(judged: Judged) -> ClockSays {
    match judged {
        Judged::Unknown => ClockSays::Nothing,
        Judged::Right => ClockSays::Right,
        Judged::Off(ahead) => {
            let way = if ahead.is_positive() { "ahead" } else { "behind" };
            let minutes = ahead.abs().as_mins();
            ClockSays::Wrong(format!(
                "the clock is {minutes} minutes {way} of those of the servers that were asked"
            ))
        }
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
