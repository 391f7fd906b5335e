//! Finds the sources that an address leads to, whatever a person pasted: a site, a section, a channel, a
//! feed, a sitemap, a bare host.

use std::time::Duration;

use depeche_formats::{self as formats, Document, FeedLink, Hints, sitemap::Sitemap};
use depeche_news::{
    Delivery, Moment, SourceId, Validators,
    limits::collect::{
        DISCOVERY_REQUESTS_MAX, FEEDS_TRIED_MAX, PREVIEW_MAX, SITEMAPS_TRIED_MAX, WELL_KNOWN_MAX,
    },
    pasted,
};
use url::Url;

use crate::{
    Failure, Fault, Outcome, Scout, Target,
    fetch::{Fetched, charset},
    listing::{Listed, children, recent, tells_of_news},
};

/// Where feeds usually are: the programs that make most sites (WordPress, Ghost, Hugo, Jekyll, Drupal, SPIP)
/// put them there, the most widespread first.
const WELL_KNOWN: [&str; 9] = [
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feed.atom",
    "index.rss",
    "rss/feed.xml",
];

/// What an address leads to.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The sources, the best first.
    pub found: Vec<Found>,
    /// Why there is none.
    pub failure: Option<Failure>,
}

/// A source that was found, and what it holds now.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where it is asked.
    pub address: String,
    /// What it calls itself, else what the page calls it.
    pub title: String,
    /// What it is.
    pub kind: FoundKind,
    /// Its format, as the reader names it.
    pub format: String,
    /// How many items it holds.
    pub items: usize,
    /// Its language.
    pub language: Option<String>,
    /// The moment of its newest item.
    pub newest: Option<Moment>,
    /// Its first items: headline and moment.
    pub preview: Vec<(String, Option<Moment>)>,
}

/// What a found source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundKind {
    /// A feed.
    Feed,
    /// A list of pages for search engines.
    Sitemap,
}

impl FoundKind {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
        }
    }
}

/// Finds the sources that what a person pasted leads to: itself, what its page names, what its links lead to, where feeds
/// usually are, and at last the sitemaps of its site.
pub async fn discover(scout: Scout<'_>, given: &str) -> Discovery {
    let Some(address) = pasted(given) else {
        let failure = Failure::new(Fault::BadAddress, given.chars().take(200).collect::<String>());
        return Discovery { found: Vec::new(), failure: Some(failure) };
    };
    let mut search = Search { scout, left: DISCOVERY_REQUESTS_MAX, tried: Vec::new() };
    let mut first = search.look(&address).await;
    // What was pasted without its scheme is taken for https; old servers know nothing of it.
    let unreached = matches!(&first, Looked::Failed(failure) if matches!(failure.fault, Fault::Connect | Fault::Tls | Fault::Timeout));
    if unreached && !given.contains("://") {
        let plain = address.replacen("https:", "http:", 1);
        first = match search.look(&plain).await {
            Looked::Failed(_) => first,
            found => found,
        };
    }
    let page = match first {
        Looked::Found(found) => return Discovery { found: vec![*found], failure: None },
        Looked::Failed(failure) => return Discovery { found: Vec::new(), failure: Some(failure) },
        Looked::Page(page) => page,
    };
    let mut found = search.named(&page).await;
    if found.is_empty() {
        found = search.linked(&page).await;
    }
    if found.is_empty() {
        found = search.well_known(&page).await;
    }
    if found.is_empty() {
        found = search.sitemaps(&page).await;
    }
    let failure = found.is_empty().then(|| page.failure.clone());
    Discovery { found, failure }
}

/// What one address is.
enum Looked {
    Found(Box<Found>),
    Page(Page),
    Failed(Failure),
}

struct Page {
    address: String,
    html: String,
    failure: Failure,
}

struct Search<'a> {
    scout: Scout<'a>,
    left: usize,
    tried: Vec<String>,
}

impl Search<'_> {
    /// The feeds that the page names.
    async fn named(&mut self, page: &Page) -> Vec<Found> {
        let links = formats::discover(&page.html, &page.address);
        self.tested(links.into_iter().take(FEEDS_TRIED_MAX)).await.0
    }

    /// The feeds that its links lead to, also through a page that lists them.
    async fn linked(&mut self, page: &Page) -> Vec<Found> {
        let links = formats::linked_feeds(&page.html, &page.address);
        let (mut found, lists) = self.tested(links.into_iter().take(FEEDS_TRIED_MAX)).await;
        for list in lists {
            if !found.is_empty() {
                break;
            }
            let mut links = formats::discover(&list.html, &list.address);
            links.extend(formats::linked_feeds(&list.html, &list.address));
            found.extend(self.tested(links.into_iter().take(FEEDS_TRIED_MAX)).await.0);
        }
        found
    }

    /// The first feed where feeds usually are, in the page's folder and at its root.
    async fn well_known(&mut self, page: &Page) -> Vec<Found> {
        for address in well_known(&page.address) {
            if let Looked::Found(found) = self.look(&address).await {
                return vec![*found];
            }
        }
        Vec::new()
    }

    /// The sitemaps with news that robots.txt names, or that are where they usually are.
    async fn sitemaps(&mut self, page: &Page) -> Vec<Found> {
        let Ok(rules) = self.scout.rules(&page.address, None).await else { return Vec::new() };
        let base = Url::parse(&page.address).ok();
        let absolute = |address: &str| Some(base.as_ref()?.join(address).ok()?.into());
        let mut named: Vec<String> = rules.sitemaps.iter().filter_map(|s| absolute(s)).collect();
        // Those of news first: the others list the pages of twenty years.
        named.sort_by_key(|address| !tells_of_news(address));
        let usual = ["/sitemap-news.xml", "/news-sitemap.xml", "/sitemap.xml"];
        named.extend(usual.iter().filter_map(|path| absolute(path)));
        let mut found = Vec::new();
        for address in named.iter().filter(|address| rules.allows(address)).take(SITEMAPS_TRIED_MAX)
        {
            if let Looked::Found(sitemap) = self.look(address).await {
                found.push(*sitemap);
            }
        }
        found
    }

    /// What links lead to: sources, and pages.
    async fn tested(&mut self, links: impl Iterator<Item = FeedLink>) -> (Vec<Found>, Vec<Page>) {
        let (mut found, mut pages) = (Vec::new(), Vec::new());
        for link in links {
            match self.look(&link.address).await {
                Looked::Found(mut source) => {
                    if source.title.is_empty() {
                        source.title = link.title.unwrap_or_default();
                    }
                    found.push(*source);
                }
                Looked::Page(page) => pages.push(page),
                Looked::Failed(_) => {}
            }
        }
        (found, pages)
    }

    /// What an address is.
    async fn look(&mut self, address: &str) -> Looked {
        match self.asked(address).await {
            Err(failure) => Looked::Failed(failure),
            Ok(mut fetched) => match fetched.listed.take() {
                Some(map) => self.looked_into(&map, address).await,
                None => looked(fetched, address),
            },
        }
    }

    /// Asks an address once, in its turn.
    async fn asked(&mut self, address: &str) -> Result<Fetched, Failure> {
        let known = self.tried.iter().any(|tried| tried == address);
        if known || self.left == 0 {
            return Err(Failure::new(Fault::NotAFeed, "it was tried before"));
        }
        self.left -= 1;
        self.tried.push(address.to_owned());
        let target = Target {
            source: SourceId::of_address(address),
            address: address.to_owned(),
            validators: Validators::default(),
            first: true,
            access: None,
        };
        Ok(self.scout.fetch(&target, Duration::ZERO).await)
    }

    /// What a list of pages is worth: its news, or that of the first list it names that has some.
    async fn looked_into(&mut self, map: &Sitemap, address: &str) -> Looked {
        let now = self.scout.now;
        let pages = recent(map, now);
        if !pages.is_empty() {
            return Looked::Found(Box::new(list(address, &pages)));
        }
        for child in children(map, now).into_iter().take(SITEMAPS_TRIED_MAX) {
            if !self.scout.rules(child, None).await.is_ok_and(|rules| rules.allows(child)) {
                continue;
            }
            let Ok(fetched) = self.asked(child).await else { continue };
            // One level deep: a list that an index names is none itself.
            let pages = fetched.listed.as_ref().map(|map| recent(map, now)).unwrap_or_default();
            let found = match looked(fetched, child) {
                _ if !pages.is_empty() => list(address, &pages),
                Looked::Found(found) => {
                    Found { address: address.to_owned(), kind: FoundKind::Sitemap, ..*found }
                }
                Looked::Page(_) | Looked::Failed(_) => continue,
            };
            return Looked::Found(Box::new(found));
        }
        let detail = "a list of pages, none of which is dated within two days";
        Looked::Failed(Failure::new(Fault::NotAFeed, detail))
    }
}

fn looked(fetched: Fetched, asked: &str) -> Looked {
    let Fetched { delivery, outcome, moved_to, .. } = fetched;
    let unread = || Failure::new(Fault::NotAFeed, "it could not be read as a feed");
    match (outcome, delivery) {
        (Outcome::Failed(failure), Some(delivery)) if failure.fault == Fault::NotAFeed => {
            Looked::Page(page(&delivery, failure))
        }
        (Outcome::Failed(failure), _) => Looked::Failed(failure),
        (_, None) => Looked::Failed(unread()),
        (_, Some(delivery)) => {
            let hints = Hints {
                content_type: delivery.header("content-type"),
                base: Some(delivery.found_at()),
                ..Hints::default()
            };
            let document = formats::read(&delivery.body, &hints);
            let address = moved_to.unwrap_or_else(|| asked.to_owned());
            match source(document, address) {
                Some(found) => Looked::Found(Box::new(found)),
                None => Looked::Failed(unread()),
            }
        }
    }
}

fn page(delivery: &Delivery, failure: Failure) -> Page {
    let label = delivery.header("content-type").and_then(charset);
    let html = depeche_text::decode(&delivery.body, &[label]).text;
    Page { address: delivery.found_at().to_owned(), html, failure }
}

fn source(document: Document, address: String) -> Option<Found> {
    let format = document.format?;
    let kind = if format == "sitemap" { FoundKind::Sitemap } else { FoundKind::Feed };
    let moment = |item: &formats::Entry| item.published.or(item.updated);
    let newest = document.items.iter().filter_map(moment).max_by_key(Moment::sort_key);
    let titled = document.items.iter().filter_map(|item| {
        let words = item.title.as_deref().or(item.summary.as_deref())?;
        let headline = depeche_text::teaser(&formats::headline(words), PREVIEW_CHARS_MAX);
        Some((headline, moment(item))).filter(|(headline, _)| !headline.is_empty())
    });
    Some(Found {
        preview: titled.take(PREVIEW_MAX).collect(),
        address,
        title: document.feed.title.as_deref().map(formats::headline).unwrap_or_default(),
        kind,
        format,
        items: document.items.len(),
        language: document.feed.language,
        newest,
    })
}

/// A list of pages, as a source: its pages are known by their addresses until they are fetched.
fn list(address: &str, pages: &[Listed]) -> Found {
    let preview = pages.iter().take(PREVIEW_MAX);
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    Found {
        address: address.to_owned(),
        title: host.unwrap_or_default(),
        kind: FoundKind::Sitemap,
        format: "sitemap".to_owned(),
        items: pages.len(),
        language: None,
        newest: pages.first().map(|page| page.modified),
        preview: preview.map(|page| (page.address.clone(), Some(page.modified))).collect(),
    }
}

/// Characters of a headline in a preview; an item without one is shown by the start of its text.
const PREVIEW_CHARS_MAX: usize = 160;

/// Where feeds usually are as seen from `address`: in its folder first, then at the root.
fn well_known(address: &str) -> Vec<String> {
    let Ok(url) = Url::parse(address) else { return Vec::new() };
    let mut folder = url.clone();
    folder.set_query(None);
    if !folder.path().ends_with('/') {
        let path = format!("{}/", folder.path());
        folder.set_path(&path);
    }
    let root = url.join("/").ok();
    let apart = root.as_ref().is_some_and(|root| *root != folder);
    let inside = WELL_KNOWN.iter().take(3).filter(|_| apart).map(|path| folder.join(path));
    let at_root = WELL_KNOWN.iter().filter_map(|path| Some(root.as_ref()?.join(path)));
    let all = inside.chain(at_root).filter_map(Result::ok).map(String::from);
    all.take(WELL_KNOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_feeds_usually_are() {
        let all = well_known("https://a.example/?x=1");
        assert_eq!((all.len(), all[0].as_str()), (9, "https://a.example/feed"));
        let all = well_known("https://a.example/monde");
        assert_eq!(
            (all.len(), all[0].as_str(), all[3].as_str()),
            (10, "https://a.example/monde/feed", "https://a.example/feed")
        );
        assert!(well_known("nowhere").is_empty());
    }
}
