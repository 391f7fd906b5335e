//! The jobs that a click or a feed asked for: the outside is asked here, the result is read from
//! the store.

use std::time::Duration;

use depeche_collect::{Failure, Fault, Outcome, Target, Wanted, fetch, page};
use depeche_formats as formats;
use depeche_news::{
    ItemId, SourceId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_outbound::{Client, Policy};
use depeche_store::{Error, Job, NewJob, Recorded, Store};
use serde_json::{Value, json};

use crate::{arguments::Allowed, command::source::of_outline, wire::collector::Collector};

/// Feeds of one page that are tried: a page names one for each of its sections, the first is its own.
const FEEDS_TRIED_MAX: usize = 6;

/// Tries of an item's page before its teaser is taken for all there is.
const PAGE_TRIES_MAX: u32 = 4;

/// Wait before the second try of a page; doubled each time.
const PAGE_RETRY: Duration = Duration::from_secs(20);

/// The one client of this process, with what the operator allows.
pub(crate) fn client(allowed: &Allowed) -> anyhow::Result<Client> {
    let policy = Policy { allow: allowed.addresses.clone(), user_agent: user_agent() };
    Ok(Client::new(&policy)?)
}

/// The name that robots.txt files may speak to.
pub(crate) const AGENT: &str = "Depeche";

fn user_agent() -> String {
    format!("{AGENT}/{} (news wire; self-hosted)", env!("CARGO_PKG_VERSION"))
}

/// Does a job and notes its result.
pub(crate) async fn done(collector: &Collector, job: Job) -> Result<(), Error> {
    let store = &collector.store;
    match job.what {
        NewJob::FetchPage { item, source, address } => {
            fetch_page(collector, job.id, job.attempts, Wanted { source, item, address }).await
        }
        NewJob::TestAddress { address } => {
            let turn = collector.turn(&address, &collector.seats).await;
            let found = test_address(&collector.client, &address).await;
            drop(turn);
            store.finish_job(job.id, found["failure"].is_null(), found.to_string()).await
        }
        NewJob::TakeOpml { document } => {
            let taken = take_opml(store, &document).await?;
            store.finish_job(job.id, true, taken.to_string()).await
        }
    }
}

async fn fetch_page(
    collector: &Collector,
    job: i64,
    attempts: u32,
    wanted: Wanted,
) -> Result<(), Error> {
    let store = &collector.store;
    let item = wanted.item.clone();
    let now = Timestamp::now();
    let turn = collector.turn(&wanted.address, &collector.page_seats).await;
    let fetched = match collector.robots.allows(&collector.client, &wanted.address, now).await {
        true => page(&collector.client, &wanted, now).await,
        false => Err(Failure::new(Fault::Robots, "robots.txt asks not to fetch it")),
    };
    drop(turn);
    match fetched {
        Ok(delivery) => {
            if let Recorded::Repeated(read_before) = store.record(delivery).await? {
                // The page is the same, what the feed tells of the item is not.
                store.read_again(read_before).await?;
            }
            collector.ingest.ring();
            store.finish_job(job, true, String::new()).await
        }
        Err(failure) if passing(&failure) && attempts + 1 < PAGE_TRIES_MAX => {
            let wait =
                SignedDuration::try_from(PAGE_RETRY * 2u32.pow(attempts)).unwrap_or_default();
            store.retry_job(job, Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)).await
        }
        Err(failure) => page_lost(collector, job, &item, &wanted.address, &failure).await,
    }
}

async fn page_lost(
    collector: &Collector,
    job: i64,
    item: &ItemId,
    address: &str,
    failure: &Failure,
) -> Result<(), Error> {
    tracing::info!(address, word = %failure.word(), detail = failure.detail, "a page could not be had; its teaser stays");
    collector.store.page_missing(item).await?;
    collector.ingest.ring();
    collector.store.finish_job(job, false, failure.word().into_owned()).await
}

/// Whether a failure may be over at the next try.
fn passing(failure: &Failure) -> bool {
    match failure.fault {
        Fault::Dns | Fault::Connect | Fault::Timeout | Fault::Protocol => true,
        Fault::Status(status) => status == 429 || status >= 500,
        _ => false,
    }
}

/// Asks an address what it is: `{"found": [{"address", "title", "format", "items"}], "failure"}`.
/// A page gives the feeds it names.
pub(crate) async fn test_address(client: &Client, address: &str) -> Value {
    let (found, feeds, failure) = asked(client, address).await;
    if let Some(found) = found {
        return json!({ "found": [found], "failure": null });
    }
    let mut all = Vec::new();
    for feed in feeds.iter().take(FEEDS_TRIED_MAX) {
        all.extend(asked(client, feed).await.0);
    }
    let failure = failure.filter(|_| all.is_empty());
    json!({ "found": all, "failure": failure.map(|f| json!({ "word": f.word(), "detail": f.detail })) })
}

/// What one address is, the feeds it names, and why it is none.
async fn asked(client: &Client, address: &str) -> (Option<Value>, Vec<String>, Option<Failure>) {
    let target = Target {
        source: SourceId::of_address(address),
        address: address.to_owned(),
        validators: Validators::default(),
        first: true,
    };
    let fetched = fetch(client, &target, Timestamp::now()).await;
    let feeds = fetched.feeds.into_iter().map(|feed| feed.address).collect();
    let failure = match fetched.outcome {
        Outcome::Failed(failure) => return (None, feeds, Some(failure)),
        Outcome::New | Outcome::Unchanged => {
            Failure::new(Fault::NotAFeed, "it could not be read as a feed")
        }
    };
    let Some(delivery) = fetched.delivery else { return (None, feeds, Some(failure)) };
    let hints = formats::Hints { content_type: None, base: Some(address) };
    let document = formats::read(&delivery.body, &hints);
    let Some(format) = document.format else { return (None, feeds, Some(failure)) };
    let address = fetched.moved_to.unwrap_or_else(|| address.to_owned());
    let (items, title) = (document.items.len(), document.feed.title.unwrap_or_default());
    (
        Some(json!({ "address": address, "title": title, "format": format, "items": items })),
        feeds,
        None,
    )
}

/// Adds every source of an OPML document: `{"added", "known", "problems"}`.
async fn take_opml(store: &Store, document: &str) -> Result<Value, Error> {
    let read = formats::opml::read(document.as_bytes());
    let (mut added, mut known) = (0, 0);
    let mut problems: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    for outline in read.outlines {
        let folder = outline.folder.clone();
        let new = match of_outline(outline) {
            Ok(new) => new,
            Err(why) => {
                problems.push(why);
                continue;
            }
        };
        let (id, is_new) = store.add_source(new, Timestamp::now()).await?;
        if let Some(folder) = folder {
            store.file_source(&id, &folder).await?;
        }
        match is_new {
            true => added += 1,
            false => known += 1,
        }
    }
    Ok(json!({ "added": added, "known": known, "problems": problems }))
}
