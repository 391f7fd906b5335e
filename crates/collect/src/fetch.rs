//! Asks one source once.

use depeche_news::limits::collect::FEED_BYTES_MAX;
use std::time::Duration;

use depeche_formats::{FeedLink, Kind, sitemap::Sitemap};
use depeche_news::{
    Access, Delivery, DeliveryKind, Problem, SourceId, Validators, jiff::Timestamp,
};
use depeche_outbound::{Client, Error, Request, Response};

use crate::{Failure, Fault, HostClock, clock::host_clock, listing, listing::Foreign};

/// What a feed may come as; anything is taken, since many are labelled as something else.
const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, \
    application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

/// Headers that matter for reading a body again later.
const HEADERS_KEPT: [&str; 3] = ["content-type", "content-language", "link"];

/// A source whose time has come.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its identity.
    pub source: SourceId,
    /// The address to ask.
    pub address: String,
    /// What that address gave the last time, if its items are stored.
    pub validators: Validators,
    /// Nothing has come from it yet: what comes now is backfill, however new it may be.
    pub first: bool,
    /// What it is asked with beyond its address.
    pub access: Option<Access>,
}

/// What came of asking a source.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// What was received, to be stored before anything else is done with it. It is there even when
    /// it is not a feed, so that a better reader can be run over it later.
    pub delivery: Option<Delivery>,
    /// How it went.
    pub outcome: Outcome,
    /// Where the source has moved for good.
    pub moved_to: Option<String>,
    /// The address itself, or where it has moved for good, says that it is gone (410).
    pub gone: bool,
    /// Validators to send the next time that no delivery carries: those of a 304.
    pub validators: Option<Validators>,
    /// How long the server says that nothing will change.
    pub fresh_for: Option<Duration>,
    /// The list of pages that came in a feed's place, as far as they are of its own host.
    pub listed: Option<Sitemap>,
    /// What it names of other hosts.
    pub foreign: Foreign,
    /// The feeds that the page names that came in a feed's place.
    pub feeds: Vec<FeedLink>,
    /// What was odd about the transfer (`incomplete`).
    pub problems: Vec<Problem>,
    /// What the server says of our clock.
    pub clock: Option<HostClock>,
}

/// How asking a source went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It sent a document.
    New,
    /// It has nothing new.
    Unchanged,
    /// It brought nothing.
    Failed(Failure),
}

impl Outcome {
    /// The failure, if it is one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::New | Self::Unchanged => None,
        }
    }
}

/// Asks the source at `target` once; `now` is when what comes will have come in.
pub async fn fetch(client: &Client, target: &Target, now: Timestamp) -> Fetched {
    let Target { address, validators, .. } = target;
    let request = Request {
        address,
        validators,
        accept: ACCEPT,
        body_bytes_max: FEED_BYTES_MAX,
        access: target.access.as_ref(),
    };
    let fetched = match client.get(&request).await {
        Ok(response) => understood(response, target, now),
        Err(error) => Fetched::of(Outcome::Failed(told(&error, address))),
    };
    // Whether what failed is a source, or only a try at finding one, its caller knows.
    tracing::debug!(address, outcome = ?fetched.outcome, "asked an address");
    fetched
}

/// A failure on the way; what is wrong with an address that was not asked for is a redirect's fault.
fn told(error: &Error, asked: &str) -> Failure {
    let failure = Failure::from(error);
    let elsewhere =
        matches!(error, Error::BadAddress { address, .. } if !asked.starts_with(address));
    Failure { fault: if elsewhere { Fault::BadRedirect } else { failure.fault }, ..failure }
}

impl Fetched {
    /// Nothing came but this.
    pub fn of(outcome: Outcome) -> Self {
        Self {
            delivery: None,
            outcome,
            moved_to: None,
            gone: false,
            validators: None,
            fresh_for: None,
            listed: None,
            foreign: Foreign::default(),
            feeds: Vec::new(),
            problems: Vec::new(),
            clock: None,
        }
    }
}

fn understood(response: Response, target: &Target, now: Timestamp) -> Fetched {
    let fresh_for = response.max_age;
    let clock = host_clock(&response, &target.address, now);
    let moved_to = response.moved_permanently_to.clone();
    // Who sends us on for a time only speaks of another address.
    let gone = response.status == 410 && response.permanent;
    let fetched = match response.status {
        200..300 => received(response, target, now),
        304 if target.validators != Validators::default() => Fetched {
            validators: Some(renewed(&target.validators, response.validators)),
            ..Fetched::of(Outcome::Unchanged)
        },
        _ => Fetched::of(Outcome::Failed(Failure::of_status(&response))),
    };
    // Where a failing address points to is not to be trusted for good.
    let moved_to = moved_to.filter(|_| fetched.outcome.failure().is_none());
    Fetched { moved_to, gone, fresh_for, clock, ..fetched }
}

/// The validators after a 304: servers may renew one and leave the other out.
fn renewed(known: &Validators, told: Validators) -> Validators {
    Validators {
        etag: told.etag.or_else(|| known.etag.clone()),
        last_modified: told.last_modified.or_else(|| known.last_modified.clone()),
    }
}

fn received(response: Response, target: &Target, now: Timestamp) -> Fetched {
    if let Some(mut map) = listing::sitemap(&response) {
        let foreign = listing::keep_own(&mut map, &target.address);
        // What it names is noted in the write that takes these over.
        let validators = Some(response.validators).filter(|_| !map.incomplete);
        return Fetched { listed: Some(map), foreign, validators, ..Fetched::of(Outcome::New) };
    }
    let (failure, feeds) = judged(&response);
    let mut problems = Vec::new();
    if response.incomplete {
        problems.push(Problem::new("incomplete", "the transfer broke off"));
    }
    let mut delivery = delivery(response, &target.source, DeliveryKind::Feed, &target.address, now);
    delivery.backfill = target.first;
    if failure.is_some() {
        // With them, the same page would be an unchanged success the next time.
        delivery.validators = Validators::default();
    }
    let outcome = failure.map_or(Outcome::New, Outcome::Failed);
    Fetched { delivery: Some(delivery), feeds, problems, ..Fetched::of(outcome) }
}

/// Whether a feed came; if a page came in its place, the feeds that it names.
fn judged(response: &Response) -> (Option<Failure>, Vec<FeedLink>) {
    if response.body.iter().all(u8::is_ascii_whitespace) {
        let detail = format!("{} from {}", response.status, response.address);
        return (Some(Failure::new(Fault::Empty, detail)), Vec::new());
    }
    let what = match depeche_formats::sniff(&response.body) {
        Kind::Feed => return (None, Vec::new()),
        Kind::Page => "a page",
        Kind::Opml => "a list of subscriptions",
        Kind::Text => "plain text",
        Kind::ArticleLines => "lines of articles",
        Kind::Unknown => "something unknown",
    };
    let feeds = if what == "a page" { named_feeds(response) } else { Vec::new() };
    let detail = format!("{what} came from {}", response.address);
    (Some(Failure::new(Fault::NotAFeed, detail)), feeds)
}

fn named_feeds(response: &Response) -> Vec<FeedLink> {
    let label = response.header("content-type").and_then(charset);
    let page = depeche_text::decode(&response.body, &[label]);
    depeche_formats::discover(&page.text, &response.address)
}

/// The `charset` of a `Content-Type`.
pub(crate) fn charset(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1);
    parameters.filter_map(|parameter| parameter.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset").then_some(value.trim().trim_matches('"'))
    })
}

/// The delivery of a response. It stands under the address that was asked for, which stays the same
/// while redirects change; where the body was found in the end is its `content-location`.
pub(crate) fn delivery(
    response: Response,
    source: &SourceId,
    kind: DeliveryKind,
    asked: &str,
    received_at: Timestamp,
) -> Delivery {
    let mut headers = response.headers;
    headers.retain(|(name, _)| HEADERS_KEPT.contains(&name.as_str()));
    if !same_address(asked, &response.address) {
        headers.push(("content-location".to_owned(), response.address));
    }
    Delivery {
        source: source.clone(),
        kind,
        address: asked.to_owned(),
        headers,
        body: response.body,
        received_at,
        backfill: false,
        validators: response.validators,
    }
}

/// Whether `found` is `asked` as it is sent: normalised, without its fragment.
fn same_address(asked: &str, found: &str) -> bool {
    url::Url::parse(asked).is_ok_and(|mut asked| {
        asked.set_fragment(None);
        asked.as_str() == found
    })
}
