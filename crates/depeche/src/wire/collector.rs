//! The loop that asks sources when their time has come, and does the jobs that need the outside.

use depeche_news::limits::collect::{JOBS_AT_ONCE, PAGES_MAX, REQUESTS_MAX};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use depeche_collect::{
    Clocks, Failure, Fault, Fetched, HostClock, HostPace, Judged, Outcome, Rests, RobotsBook,
    Scout, Target, Turn, fetch,
    listing::{Foreign, follow, is_list},
    look_where_announced, may_follow,
    timetable::{
        History, Intervals, Rhythm, after_rest, doubted, gone_for_good, next_poll,
        next_poll_on_news,
    },
};
use depeche_news::{
    Access, Problem, Validators,
    jiff::{SignedDuration, Timestamp},
    pasted,
};
use depeche_outbound::{Client, same_host};
use depeche_store::{
    ClockSays, Error, FailureNote, Gone, Lease, Moved, NewJob, Poll, PolledSource, Store, Trouble,
    TroubleKind,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::wire::{Bell, REST, jobs, metrics::Counters, subscriber};

/// How often it looks who is due: well under the 2 s from publication to the page.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Sources looked at in one go.
const DUE_AT_ONCE: usize = 256;

/// Time between two requests to one host.
pub(crate) const SPACING: Duration = Duration::from_millis(500);

/// The notice of a list that names pages of other hosts.
const FOREIGN_PAGES: &str = "foreign_pages";

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
    /// Hosts that asked to be left alone.
    pub(crate) rests: Rests,
    /// Pages that came lately.
    pub(crate) copies: Copies,
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
            rests: Rests::default(),
            copies: Copies::default(),
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

    /// What every request goes by.
    pub(crate) fn scout(&self) -> Scout<'_> {
        let Self { client, pace, robots, rests, .. } = self;
        let least = self.intervals.first;
        Scout { client, pace, robots, rests, least, now: Timestamp::now() }
    }

    /// Spreads the first polls of this run, and remembers which hosts asked the last one to leave them alone.
    async fn plan(&self) -> bool {
        let now = Timestamp::now();
        let latest = SignedDuration::try_from(self.intervals.longest).unwrap_or_default();
        let planned = self.store.plan_polls(now, now + latest).await;
        let rests = match planned {
            Ok(()) => self.read(move |store| store.host_rests(now)).await,
            Err(error) => Err(error),
        };
        match rests {
            Ok(rests) => {
                for (host, until) in rests {
                    self.rests.know(host, until, now);
                }
                true
            }
            Err(error) => {
                tracing::error!(%error, "the collector cannot plan its polls");
                false
            }
        }
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
        let due = self.read(|store| store.due_sources(Timestamp::MAX, DUE_AT_ONCE)).await?;
        let mut hosts = HashSet::new();
        for source in due {
            let host =
                Url::parse(&source.address).ok().and_then(|url| Some(url.host_str()?.into()));
            let new = host.is_some_and(|host: String| hosts.insert(host));
            if new && hosts.len() <= CLOCKS_ASKED {
                let (collector, target) = (self.clone(), target(&source, None));
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
        let now = Timestamp::now();
        for (host, until) in self.rests.take_unwritten() {
            self.store.rest_host(host, until, now).await?;
        }
        let due = self.read(move |store| {
            Ok((store.due_jobs(now, JOBS_AT_ONCE)?, store.due_sources(now, DUE_AT_ONCE)?))
        });
        let (jobs, sources) = due.await?;
        for source in sources {
            self.start(
                source.id.to_string(),
                |collector| async move { collector.ask(source).await },
            );
        }
        for job in jobs {
            // Two items of one page take turns: the second finds what the first was sent.
            let name = match &job.what {
                NewJob::FetchPage { address, .. } | NewJob::FetchItem { address, .. } => {
                    format!("page {address}")
                }
                _ => format!("job {}", job.id),
            };
            self.start(name, |collector| async move { jobs::done(&collector, job).await });
        }
        Ok(())
    }

    /// Reads the store, which may wait for its disk.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || read(&store)).await.map_err(|_| Error::Closed)?
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
        let access = self.access(&source).await?;
        let turn = self.turn(&source.address, &self.seats).await;
        let now = Timestamp::now();
        let target = target(&source, access);
        let scout = self.scout();
        if let Some(until) = scout.resting(&target.address, target.access.as_ref()) {
            return self.store.put_off_source(&source.id, after_rest(&source.id, until)).await;
        }
        let mut fetched = fetched(scout, &target).await;
        drop(turn);
        let (pages, foreign) = self.listed(&target, &mut fetched).await?;
        if fetched.outcome.failure().is_some_and(|failure| failure.fault == Fault::HostRests) {
            let until = scout.resting(&target.address, target.access.as_ref()).unwrap_or(now);
            return self.store.put_off_source(&source.id, after_rest(&source.id, until)).await;
        }
        self.compare(fetched.clock.clone());
        let (mut fetched, moved_to) = self.moved(&source, fetched, is_secret(&target)).await?;
        let adopted = moved_to.is_some() && !fetched.feeds.is_empty();
        if adopted {
            // The page has told what it was asked for.
            fetched.delivery = None;
        }
        tell(&source.address, &fetched.outcome, adopted);
        self.counters.poll(&fetched.outcome);
        let mut poll = poll(&source, &fetched, self.intervals, now);
        if source.pushed && poll.failure.is_none() {
            let slowed = |at| subscriber::slowed(at, now, &self.intervals);
            (poll.next_at, poll.on_news_at) = (slowed(poll.next_at), slowed(poll.on_news_at));
        }
        if adopted {
            poll.next_at = now;
        }
        (poll.moved_to, poll.pages) = (moved_to, pages);
        if poll.failure.is_none() && poll.moved_to.is_none() {
            self.follow_text(&source, &target, &mut poll, &mut fetched).await?;
        }
        poll.notices.extend(foreign.map(|foreign| (FOREIGN_PAGES.to_owned(), foreign.told())));
        let brought = fetched.delivery.is_some();
        self.store.received(&source.id, poll, fetched.delivery).await?;
        if brought {
            self.ingest.ring();
        }
        Ok(())
    }

    /// Follows a list of pages to what it names: lists with news are stored, new pages are given.
    async fn listed(
        &self,
        target: &Target,
        fetched: &mut Fetched,
    ) -> Result<(Vec<String>, Option<Foreign>), Error> {
        let Some(map) = fetched.listed.take() else { return Ok((Vec::new(), None)) };
        let mut followed = follow(self.scout(), target, &map).await;
        followed.foreign.join(&fetched.foreign);
        let nothing = followed.deliveries.is_empty() && followed.pages.is_empty();
        if followed.failure.as_ref().is_some_and(|failure| failure.fault != Fault::Robots) {
            // What was not read of it is asked for again, also where the list itself stays the same.
            fetched.validators = None;
        }
        if let Some(failure) = followed.failure.filter(|_| nothing) {
            fetched.outcome = Outcome::Failed(failure);
        }
        for delivery in followed.deliveries {
            self.store.record(delivery).await?;
            self.ingest.ring();
        }
        let pages = followed.pages.into_iter().map(|page| page.address).collect();
        Ok((pages, Some(followed.foreign)))
    }

    /// Looks at the address that the source's own text says it has moved to, and has it asked there from now on,
    /// or says why not.
    async fn follow_text(
        &self,
        source: &PolledSource,
        target: &Target,
        poll: &mut Poll,
        fetched: &mut Fetched,
    ) -> Result<(), Error> {
        let Some(to) = source.announced.as_deref().and_then(pasted) else { return Ok(()) };
        let upgraded = to.strip_prefix("http:").is_some_and(|rest| {
            source.address.strip_prefix("https:").is_some_and(|own| own == rest)
        });
        if to == source.address || upgraded {
            poll.announced = Some(Ok(()));
            return Ok(());
        }
        let asked = to.clone();
        let known = self.read(move |store| store.source_at(&asked)).await?.is_some();
        let looked = match may_follow(&source.address, &to, is_secret(target)) {
            Ok(()) if known => Err("another source is there".to_owned()),
            Ok(()) => look_where_announced(self.scout(), target, &to).await,
            Err(why) => Err(why.to_owned()),
        };
        if looked.is_ok() {
            // What validates the old address says nothing of the new one, which is asked at once.
            if let Some(delivery) = &mut fetched.delivery {
                delivery.validators = Validators::default();
            }
            (poll.validators, poll.next_at) = (Some(Validators::default()), poll.at);
            let same_host = same_host(&source.address, &to);
            poll.moved_to = Some(Moved { address: to.clone(), same_host });
        }
        poll.announced = Some(looked.map_err(|why| format!("{to}: {why}")));
        Ok(())
    }

    async fn access(&self, source: &PolledSource) -> Result<Option<Access>, Error> {
        if !source.has_access {
            return Ok(None);
        }
        let id = source.id.clone();
        self.read(move |store| store.access(&id)).await
    }

    /// Where a source is to be asked from now on, if that is somewhere else. Where it leads to another source
    /// of ours, what came is that one's, which asks for it itself.
    async fn moved(
        &self,
        source: &PolledSource,
        fetched: Fetched,
        has_secret: bool,
    ) -> Result<(Fetched, Option<Moved>), Error> {
        // What was added as a source is the page of a site: its feed is what was meant. Only at the first
        // time, so that two pages cannot send us back and forth.
        let new = source.news_at.is_none() && source.failures == 0;
        let adopted = fetched.feeds.first().filter(|_| new).map(|feed| feed.address.clone());
        let Some(address) = adopted.or_else(|| fetched.moved_to.clone()) else {
            return Ok((fetched, None));
        };
        let asked = address.clone();
        let there = self.read(move |store| store.source_at(&asked)).await?;
        if there.is_none_or(|there| there == source.id) {
            let same_host = same_host(&source.address, &address);
            if has_secret && !same_host {
                let source = source.id.as_str();
                tracing::warn!(
                    source,
                    "it moved to another host: what only its own may see is given up"
                );
            }
            return Ok((fetched, Some(Moved { address, same_host })));
        }
        let detail = format!("{} leads to {address}", source.address);
        let outcome = Outcome::Failed(Failure::new(Fault::MovedToKnown, detail));
        let known =
            Fetched { outcome, delivery: None, validators: None, problems: Vec::new(), ..fetched };
        Ok((known, None))
    }
}

/// Asks a source. A list of pages is for robots, and is asked for where robots.txt allows.
async fn fetched(scout: Scout<'_>, target: &Target) -> Fetched {
    let access = target.access.as_ref();
    if is_list(&target.address) {
        let failure = match scout.rules(&target.address, access).await {
            Ok(rules) if rules.allows(&target.address) => None,
            Ok(_) => Some(Failure::new(Fault::Robots, "robots.txt asks not to fetch it")),
            Err(failure) => Some(failure),
        };
        if let Some(failure) = failure {
            return Fetched::of(Outcome::Failed(failure));
        }
    }
    let fetched = fetch(scout.client, target, scout.now).await;
    if let Some(failure) = fetched.outcome.failure() {
        scout.heard(failure, access);
    }
    fetched
}

/// Says in the log that a source failed. The page of a site that names its feed has done well.
fn tell(address: &str, outcome: &Outcome, adopted: bool) {
    match outcome.failure() {
        Some(_) if adopted => tracing::info!(address, "a page leads to its feed, which is asked"),
        Some(failure) => {
            tracing::info!(address, word = %failure.word(), detail = failure.detail, "a source failed");
        }
        None => {}
    }
}

/// What is noted of asking a source, and when it is asked again.
fn poll(source: &PolledSource, fetched: &Fetched, intervals: Intervals, now: Timestamp) -> Poll {
    let failure = fetched.outcome.failure();
    let ttl = source.ttl_minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60));
    let history = History {
        source: &source.id,
        outcome: &fetched.outcome,
        failures: if failure.is_some() { source.failures + 1 } else { 0 },
        rhythm: rhythm(source),
        fresh_for: fetched.fresh_for,
        ttl,
        schedule: &source.schedule,
        intervals,
    };
    Poll {
        failure: failure_of(fetched),
        on_news_at: next_poll_on_news(&history, now),
        gone: gone(source, fetched, now),
        validators: fetched.validators.clone(),
        ..Poll::unchanged(now, next_poll(&history, now))
    }
}

/// Whether a source is gone: said once, it may be a mistake, or somebody else's word.
fn gone(source: &PolledSource, fetched: &Fetched, now: Timestamp) -> Gone {
    let (since, before) = source.gone_said.unwrap_or((now, 0));
    match fetched.gone {
        false => Gone::No,
        true if gone_for_good(since, before + 1, now) => Gone::ForGood,
        true => Gone::Said,
    }
}

fn rhythm(source: &PolledSource) -> Rhythm {
    let PolledSource { added_at, newest_at, week_items, .. } = *source;
    Rhythm { since: added_at, newest_at, week_items }
}

fn target(source: &PolledSource, access: Option<Access>) -> Target {
    let doubted = doubted(&rhythm(source), source.whole_at, Timestamp::now());
    Target {
        source: source.id.clone(),
        address: source.address.clone(),
        validators: if doubted { Validators::default() } else { source.validators.clone() },
        first: source.news_at.is_none(),
        access,
    }
}

/// Whether something is sent with it that only its own host may see.
fn is_secret(target: &Target) -> bool {
    target.access.as_ref().is_some_and(Access::is_secret)
}

/// How long a page is good for another item of the same address: two feeds of one outlet tell of it within
/// minutes; after an hour it may have changed.
const COPY_GOOD_FOR: Duration = Duration::from_secs(60 * 60);

/// Pages that are remembered: those that come in an hour at full pace are fewer.
const COPIES_MAX: usize = 10_000;

/// The deliveries of the pages that came lately, by address: an article that stands in two feeds is fetched
/// once. Cloning it is cheap and shares them.
#[derive(Clone, Default)]
pub(crate) struct Copies(Arc<Mutex<HashMap<String, (i64, Instant)>>>);

impl Copies {
    /// Takes note of a page that came.
    pub(crate) fn note(&self, address: &str, delivery: i64) {
        let mut copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if copies.len() >= COPIES_MAX {
            copies.retain(|_, (_, at)| at.elapsed() < COPY_GOOD_FOR);
        }
        if copies.len() < COPIES_MAX {
            copies.insert(address.to_owned(), (delivery, Instant::now()));
        }
    }

    /// The delivery of a page that came within the hour.
    pub(crate) fn of(&self, address: &str) -> Option<i64> {
        let copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (delivery, at) = copies.get(address)?;
        (at.elapsed() < COPY_GOOD_FOR).then_some(*delivery)
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
