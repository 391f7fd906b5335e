//! What a poll costs: one that says «unchanged», one that repeats the same bytes, one with a single
//! new item among the known.

use std::time::Duration;

use depeche_collect::{Target, fetch};
use depeche_news::{Schedule, Validators, jiff::Timestamp};
use depeche_store::{Poll, PolledSource};

use crate::{
    arguments::Arguments,
    clock::process_cpu,
    figures::{Figures, ms},
    making::{self, Way},
    outlet::{Document, Outlet, client},
    text::{Piece, feeds},
};

const PART: &str = "poll";

/// Polls that are counted.
const POLLS: usize = 300;

/// Items in the feed.
const ITEMS: usize = 25;

pub(crate) fn measure(figures: &mut Figures, arguments: &Arguments) -> anyhow::Result<()> {
    let polls = arguments.times(POLLS);
    let mut newsroom = making::newsroom(arguments, ITEMS + polls)?;
    let pieces: Vec<Piece> = (0..ITEMS + polls + 1).map(|_| newsroom.piece()).collect();
    let mut desk = Desk::open()?;
    // The most read of formats: RSS with whole texts.
    let feed = |from: usize| {
        let pieces: Vec<&Piece> = pieces.iter().skip(from).take(ITEMS).collect();
        Document::new(feeds::feed(0, &pieces), feeds::media_type(0))
    };
    desk.outlet.publish(feed(0));
    // Once to store it, once to send what it said.
    desk.polls(2, |_| {})?;
    let unchanged = desk.polls(polls, |_| {})?;
    desk.outlet.honour(false);
    let repeated = desk.polls(polls, |_| {})?;
    let documents: Vec<Document> = (1..=polls).map(feed).collect();
    let mut documents = documents.into_iter();
    let one_new =
        desk.polls(polls, |outlet| outlet.publish(documents.next().unwrap_or_default()))?;
    anyhow::ensure!(desk.way.store.cursor()?.seq as usize == ITEMS + polls, "items were lost");
    let mut tell = |name: &str, cost: Duration| {
        figures.tell(PART, name, ms(cost) / polls as f64, "ms CPU/poll");
    };
    tell("unchanged (304)", unchanged);
    tell("the same bytes again, 25 items", repeated);
    tell("one new among 25, to the index", one_new);
    Ok(())
}

/// A wire, its one outlet on a socket, and who asks it.
struct Desk {
    way: Way,
    outlet: Outlet,
    client: depeche_outbound::Client,
    source: PolledSource,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let way = Way::open(folder.path())?;
        let outlet = Outlet::open()?;
        let client = client(&outlet)?;
        let source = PolledSource {
            id: way.source(0)?,
            address: outlet.address(),
            validators: Validators::default(),
            failures: 0,
            news_at: None,
            ttl_minutes: None,
            schedule: Schedule::default(),
            added_at: Timestamp::now(),
            newest_at: None,
            week_items: 0,
            whole_at: None,
            has_access: false,
            pushed: false,
            gone_said: None,
            announced: None,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { way, outlet, client, source, runtime, _folder: folder })
    }

    /// Polls so many times, each after a change outside; gives their CPU without the outlet's.
    fn polls(&mut self, times: usize, mut change: impl FnMut(&Outlet)) -> anyhow::Result<Duration> {
        let mut cost = Duration::ZERO;
        for _ in 0..times {
            change(&self.outlet);
            let (all, theirs) = (process_cpu(), self.outlet.cpu());
            self.poll()?;
            let (all, theirs) = (process_cpu() - all, self.outlet.cpu() - theirs);
            cost += all.saturating_sub(theirs);
        }
        Ok(cost)
    }

    /// What the collector does at a poll, without waiting for its turn.
    fn poll(&mut self) -> anyhow::Result<()> {
        let now = Timestamp::now();
        let target = Target {
            source: self.source.id.clone(),
            address: self.source.address.clone(),
            validators: self.source.validators.clone(),
            first: false,
            access: None,
        };
        let fetched = self.runtime.block_on(fetch(&self.client, &target, now));
        if let Some(failure) = fetched.outcome.failure() {
            anyhow::bail!("the outlet was not read: {failure:?}");
        }
        let poll = Poll { validators: fetched.validators, ..Poll::unchanged(now, now) };
        let polled = self.way.store.polled(&self.source.id, poll);
        if let Some(delivery) = fetched.delivery {
            self.source.validators = delivery.validators.clone();
            self.way.record(vec![delivery])?;
        }
        polled.wait()?;
        self.way.work(now)?;
        self.way.index()?;
        Ok(())
    }
}
