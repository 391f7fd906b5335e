//! The jobs that a click or a feed asked for: the outside is asked here, the result is read from
//! the store.

use depeche_news::limits::collect::PAGE_TRIES_MAX;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use depeche_collect::{
    Discovery, Failure, Fault, Found, Wanted, access_of_page, discover, page,
    timetable::RETRY_AFTER_MAX,
};
use depeche_formats as formats;
use depeche_news::{
    Access, Delivery, DeliveryKind, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_outbound::{Client, Policy};
use depeche_store::{Error, Job, NewJob, Recorded, Store};
use serde_json::{Value, json};

use crate::{
    arguments::Allowed, command::source::of_outlines, telling::Seldom, wire::collector::Collector,
};

/// Wait before the second try of a page; doubled each time.
const PAGE_RETRY: Duration = Duration::from_secs(20);

/// The one client of this process, with what the operator allows.
pub(crate) fn client(allowed: &Allowed) -> anyhow::Result<Client> {
    let policy = Policy {
        allow: allowed.addresses.clone(),
        user_agent: user_agent(allowed.contact.as_deref()),
    };
    Ok(Client::new(&policy)?)
}

/// The name that robots.txt files may speak to.
pub(crate) const AGENT: &str = "Depeche";

/// Who asks: honestly, and where the operator says so with an address to complain to.
fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let contact = contact.map(|contact| format!("; +{contact}")).unwrap_or_default();
    format!("{AGENT}/{version} (news wire; self-hosted{contact})")
}

/// Does a job and notes its result.
pub(crate) async fn done(collector: &Collector, job: Job) -> Result<(), Error> {
    let store = &collector.store;
    let given = Given { id: job.id, attempts: job.attempts, has_access: job.has_access };
    match job.what {
        NewJob::FetchPage { item, source, address } => {
            let kind = DeliveryKind::Page(item);
            let wanted = Wanted { source, kind, address, access: None };
            fetch_page(collector, &given, wanted, false).await
        }
        NewJob::FetchItem { source, address, late } => {
            let wanted = Wanted { source, kind: DeliveryKind::Loose, address, access: None };
            fetch_page(collector, &given, wanted, late).await
        }
        NewJob::TestAddress { address } => {
            let _seat = Arc::clone(&collector.seats).acquire_owned().await.ok();
            let found = told(&discover(collector.scout(), &address).await);
            store.finish_job(job.id, found["failure"].is_null(), found.to_string()).await
        }
        NewJob::TakeOpml { document } => {
            let taken = take_opml(store, &document).await?;
            store.finish_job(job.id, true, taken.to_string()).await
        }
    }
}

/// What is known of a job beside what is to be done.
struct Given {
    id: i64,
    attempts: u32,
    has_access: bool,
}

async fn fetch_page(
    collector: &Collector,
    given: &Given,
    mut wanted: Wanted,
    late: bool,
) -> Result<(), Error> {
    let store = &collector.store;
    let job = given.id;
    if given.has_access {
        wanted.access = access(collector, &wanted).await?;
    }
    let scout = collector.scout();
    // What was sent to anybody is good for anybody, also while its host rests.
    if wanted.access.is_none()
        && let Some(copy) = copy(collector, &wanted, scout.now).await?
    {
        return page_came(collector, job, Delivery { backfill: late, ..copy }, &wanted).await;
    }
    if let Some(until) = scout.resting(&wanted.address, wanted.access.as_ref()) {
        return store.put_off_job(job, until).await;
    }
    match page_of(collector, &wanted).await {
        Ok(delivery) => {
            let delivery = Delivery { backfill: late, ..delivery };
            page_came(collector, job, delivery, &wanted).await
        }
        Err(failure) if failure.fault == Fault::HostRests => {
            let until = scout.resting(&wanted.address, wanted.access.as_ref());
            store.put_off_job(job, until.unwrap_or(scout.now)).await
        }
        Err(failure) => page_failed(collector, job, given.attempts, &wanted, failure).await,
    }
}

/// Asks for a page in its turn, as robots.txt allows.
async fn page_of(collector: &Collector, wanted: &Wanted) -> Result<Delivery, Failure> {
    let scout = collector.scout();
    let rules = scout.rules(&wanted.address, wanted.access.as_ref()).await?;
    if !rules.allows(&wanted.address) {
        let Some(until) = rules.unread_until else {
            return Err(Failure::new(Fault::Robots, "robots.txt asks not to fetch it"));
        };
        let retry_after = Duration::try_from(until.duration_since(scout.now)).ok();
        let failure = Failure::new(Fault::Robots, "robots.txt could not be read");
        return Err(Failure { retry_after, ..failure });
    }
    let _turn = scout.pace.page_turn(&wanted.address, rules.crawl_delay.unwrap_or_default()).await;
    // Seats are never closed; if they were, nobody would have to wait.
    let _seat = Arc::clone(&collector.page_seats).acquire_owned().await.ok();
    // While it waited, another page's answer may have asked for rest.
    scout.awake(&wanted.address, wanted.access.as_ref())?;
    page(scout.client, wanted, scout.now)
        .await
        .inspect_err(|failure| scout.heard(failure, wanted.access.as_ref()))
}

/// What the source of a page is asked with, as far as the page may be.
async fn access(collector: &Collector, wanted: &Wanted) -> Result<Option<Access>, Error> {
    let source = wanted.source.clone();
    let found = collector.read(move |store| {
        let Some(access) = store.access(&source)? else { return Ok(None) };
        let view = store.source(Viewer::Administrator, Timestamp::now(), &source)?;
        Ok(view.map(|view| (access, view.address)))
    });
    let found = found.await?;
    Ok(found.and_then(|(access, address)| access_of_page(&access, &address, &wanted.address)))
}

/// The page that came lately for another item of the same address.
async fn copy(
    collector: &Collector,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Option<Delivery>, Error> {
    let Some(id) = collector.copies.of(&wanted.address) else { return Ok(None) };
    let delivery = collector.read(move |store| store.delivery(id)).await?.delivery;
    // The page of the same item is wanted again because it changed.
    let other = delivery.kind != wanted.kind && !delivery.body.is_empty();
    let (source, kind) = (wanted.source.clone(), wanted.kind.clone());
    Ok(other.then_some(Delivery { source, kind, received_at: now, ..delivery }))
}

async fn page_came(
    collector: &Collector,
    job: i64,
    delivery: Delivery,
    wanted: &Wanted,
) -> Result<(), Error> {
    let store = &collector.store;
    let id = match store.record(delivery).await? {
        Recorded::New(id) => id,
        Recorded::Repeated(read_before) => {
            // The page is the same, what the feed tells of the item is not.
            store.read_again(read_before).await?;
            read_before
        }
    };
    // What was sent to one source's own eyes is not for another.
    if wanted.access.is_none() {
        collector.copies.note(&wanted.address, id);
    }
    collector.ingest.ring();
    store.finish_job(job, true, String::new()).await
}

async fn page_failed(
    collector: &Collector,
    job: i64,
    attempts: u32,
    wanted: &Wanted,
    failure: Failure,
) -> Result<(), Error> {
    let now = Timestamp::now();
    if !passing(&failure) || attempts + 1 >= PAGE_TRIES_MAX {
        return page_lost(collector, job, wanted, &failure).await;
    }
    let told = failure.retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
    let wait = SignedDuration::try_from(told.max(PAGE_RETRY * 2u32.pow(attempts)));
    let due = now.checked_add(wait.unwrap_or_default()).unwrap_or(Timestamp::MAX);
    collector.store.retry_job(job, due).await
}

/// When missing pages were last told of, by source.
static MISSING: LazyLock<Seldom> = LazyLock::new(Seldom::default);

async fn page_lost(
    collector: &Collector,
    job: i64,
    wanted: &Wanted,
    failure: &Failure,
) -> Result<(), Error> {
    let address = &wanted.address;
    if let Some(more) = MISSING.due(wanted.source.as_str(), Instant::now()) {
        let source = wanted.source.as_str();
        tracing::info!(source, address, word = %failure.word(), detail = failure.detail, more, "a page could not be had; its teaser stays");
    }
    if let DeliveryKind::Page(item) = &wanted.kind {
        collector.store.page_missing(item).await?;
    }
    collector.ingest.ring();
    collector.store.finish_job(job, false, failure.word().into_owned()).await
}

/// Whether a failure may be over at the next try.
fn passing(failure: &Failure) -> bool {
    match failure.fault {
        Fault::Dns | Fault::Connect | Fault::Timeout | Fault::Protocol => true,
        Fault::Status(status) => status == 429 || status >= 500,
        // It is only not known yet what the site asks.
        Fault::Robots => failure.retry_after.is_some(),
        _ => false,
    }
}

/// What an address leads to, as it is told: `{"found": [{"address", "title", "kind", "format", "items",
/// "language", "newest", "preview": [{"headline", "at"}]}], "failure"}`.
pub(crate) fn told(discovery: &Discovery) -> Value {
    let found = |found: &Found| {
        let preview = found.preview.iter();
        let preview = preview.map(|(headline, at)| json!({ "headline": headline, "at": at }));
        json!({
            "address": found.address,
            "title": found.title,
            "kind": found.kind.word(),
            "format": found.format,
            "items": found.items,
            "language": found.language,
            "newest": found.newest,
            "preview": preview.collect::<Vec<_>>(),
        })
    };
    let failure =
        discovery.failure.as_ref().map(|f| json!({ "word": f.word(), "detail": f.detail }));
    json!({ "found": discovery.found.iter().map(found).collect::<Vec<_>>(), "failure": failure })
}

/// Adds every source of an OPML document: `{"added", "known", "problems"}`.
async fn take_opml(store: &Store, document: &str) -> Result<Value, Error> {
    let read = formats::opml::read(document.as_bytes());
    let mut problems: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    let (sources, refused) = of_outlines(read.outlines);
    problems.extend(refused);
    let (added, known) = store.add_sources(sources, Timestamp::now()).await?;
    Ok(json!({ "added": added, "known": known, "problems": problems }))
}
