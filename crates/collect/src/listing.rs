//! Sitemaps as sources: what a list of pages names as new, and the lists that a list names.
//!
//! A sitemap is no delivery: it holds no news, only where news is. What it names is fetched as pages, each
//! of which is one. A list with news in it (`news:news`) is read as a feed is.

use depeche_formats::{self as formats, Hints, Kind, sitemap::Sitemap};
use depeche_news::{
    Delivery, Moment, Validators,
    jiff::{SignedDuration, Timestamp},
    limits::collect::{PAGES_OF_LIST_MAX, SITEMAPS_FOLLOWED_MAX},
};
use depeche_outbound::Response;
use url::Url;

use crate::{Failure, Fault, Scout, Target};

/// How far back a change makes a page news: search engines take news of the last two days.
const NEW_FOR: SignedDuration = SignedDuration::from_hours(48);

/// A page that a list names as new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub address: String,
    /// When it last changed.
    pub modified: Moment,
}

/// What came of the lists that a list names.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// Those with news in them.
    pub deliveries: Vec<Delivery>,
    /// The pages of all, the newest first.
    pub pages: Vec<Listed>,
    /// Why one of them gave nothing; told where none gave anything.
    pub failure: Option<Failure>,
    /// Addresses of other hosts that they named.
    pub foreign: Foreign,
}

/// Addresses that a list names of other hosts than its own. They are not asked: whoever writes a list would say
/// whom we visit, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub example: String,
}

impl Foreign {
    fn add(&mut self, address: &str) {
        if self.count == 0 {
            self.example = address.to_owned();
        }
        self.count += 1;
    }

    /// Counts those of another list too.
    pub fn join(&mut self, other: &Self) {
        if self.count == 0 {
            self.example.clone_from(&other.example);
        }
        self.count += other.count;
    }

    /// What the operator is told; nothing where there are none.
    pub fn told(&self) -> Option<String> {
        (self.count > 0).then(|| format!("{}, as {}", self.count, self.example))
    }
}

/// Takes out of a list that was asked for at `own` what is not of its own host or of its twin with or without
/// `www.`; gives what that was.
pub(crate) fn keep_own(map: &mut Sitemap, own: &str) -> Foreign {
    let mut foreign = Foreign::default();
    let own = Url::parse(own).ok();
    let mut ours = |address: &str| {
        let ours =
            Url::parse(address).ok().zip(own.as_ref()).is_some_and(|(to, own)| twins(own, &to));
        if !ours {
            foreign.add(address);
        }
        ours
    };
    map.pages.retain(|page| ours(&page.address));
    map.sitemaps.retain(|list| ours(&list.address));
    foreign
}

/// Whether two addresses are of one site: the same host but for a `www.`, at the same port or both at the usual
/// one of their scheme.
fn twins(a: &Url, b: &Url) -> bool {
    let name = |url: &Url| {
        let host = url.host_str()?;
        Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
    };
    name(a).is_some() && name(a) == name(b) && a.port() == b.port()
}

/// The sitemap in an answer; nothing where it has news in it, or is something else.
pub(crate) fn sitemap(response: &Response) -> Option<Sitemap> {
    // Cheap for all others: the root of a sitemap stands near its start.
    let start = response.body.get(..response.body.len().min(4096)).unwrap_or_default();
    let start = String::from_utf8_lossy(start).to_lowercase();
    let listed = start.contains("<urlset") || start.contains("sitemapindex") || is_lines(&start);
    if !listed || matches!(formats::sniff(&response.body), Kind::Page | Kind::Opml) {
        return None;
    }
    let hints = Hints {
        content_type: response.header("content-type"),
        base: Some(&response.address),
        ..Hints::default()
    };
    let map = formats::sitemap(&response.body, &hints);
    let refused = map.problems.iter().any(|problem| problem.word == "refused");
    let news = map.pages.iter().any(|page| page.news.is_some());
    (!refused && !news).then_some(map)
}

/// Lines of addresses and nothing else.
fn is_lines(start: &str) -> bool {
    start.trim_start().starts_with("http") && !start.contains('<')
}

/// Whether an address is that of a list of pages by its name: then robots.txt is asked before it is.
pub fn is_list(address: &str) -> bool {
    let path = Url::parse(address).map(|url| url.path().to_lowercase());
    path.is_ok_and(|path| path.contains("sitemap") || path.ends_with(".xml.gz"))
}

/// Whether a list is called after news.
pub(crate) fn tells_of_news(address: &str) -> bool {
    ["news", "actu", "article"].iter().any(|word| address.contains(word))
}

/// The pages of a list that are news now, the newest first. Those without a date are not: a list of pages
/// of any age says nothing by naming one.
pub fn recent(map: &Sitemap, now: Timestamp) -> Vec<Listed> {
    let news = |page: &formats::sitemap::Page| {
        let modified = page.modified?;
        // A clock that is ahead by some hours, or a zone that was left out, is no reason to miss it.
        let age = now.duration_since(modified.sort_key());
        let new = (-NEW_FOR / 2..=NEW_FOR).contains(&age);
        new.then(|| Listed { address: page.address.clone(), modified })
    };
    let mut pages: Vec<Listed> = map.pages.iter().filter_map(news).collect();
    newest_first(&mut pages);
    pages
}

fn newest_first(pages: &mut Vec<Listed>) {
    pages.sort_by_key(|page| std::cmp::Reverse(page.modified.sort_key()));
    let mut seen = std::collections::HashSet::new();
    pages.retain(|page| seen.insert(page.address.clone()));
    pages.truncate(PAGES_OF_LIST_MAX);
}

/// The lists of an index that are worth asking: those that changed lately; where none is dated, those that
/// are called after news, and the last, since most sites append.
pub fn children(map: &Sitemap, now: Timestamp) -> Vec<&str> {
    let dated = map.sitemaps.iter().any(|child| child.modified.is_some());
    let lately = |modified: Moment| now.duration_since(modified.sort_key()) <= NEW_FOR;
    let mut chosen: Vec<&str> = match dated {
        true => {
            let fresh = map.sitemaps.iter().filter(|child| child.modified.is_some_and(lately));
            fresh.map(|child| child.address.as_str()).collect()
        }
        false => {
            let telling = map.sitemaps.iter().filter(|child| tells_of_news(&child.address));
            let all = telling.chain(map.sitemaps.last());
            all.map(|child| child.address.as_str()).collect()
        }
    };
    chosen.dedup();
    chosen.truncate(SITEMAPS_FOLLOWED_MAX);
    chosen
}

/// Asks for the lists that an index names, one level deep, each in its turn and where robots.txt allows.
pub async fn follow(scout: Scout<'_>, target: &Target, map: &Sitemap) -> Followed {
    let now = scout.now;
    let mut followed = Followed { pages: recent(map, now), ..Followed::default() };
    for address in children(map, now) {
        let rules = match scout.rules(address, target.access.as_ref()).await {
            Ok(rules) if rules.allows(address) => rules,
            Ok(_) => {
                followed.failure = Some(Failure::new(Fault::Robots, address));
                continue;
            }
            Err(failure) => {
                followed.failure = Some(failure);
                continue;
            }
        };
        let target = Target {
            address: address.to_owned(),
            validators: Validators::default(),
            access: target
                .access
                .as_ref()
                .and_then(|access| crate::access_of_page(access, &target.address, address)),
            ..target.clone()
        };
        let fetched = scout.fetch(&target, rules.crawl_delay.unwrap_or_default()).await;
        followed.foreign.join(&fetched.foreign);
        match (fetched.outcome.failure(), fetched.delivery, fetched.listed) {
            (Some(failure), ..) => followed.failure = Some(failure.clone()),
            (None, Some(delivery), _) => {
                // The source's validators are those of its own address.
                let validators = Validators::default();
                followed.deliveries.push(Delivery { validators, ..delivery });
            }
            (None, None, Some(map)) => followed.pages.extend(recent(&map, now)),
            (None, None, None) => {}
        }
    }
    newest_first(&mut followed.pages);
    followed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2016-02-11T12:00:00Z".parse().unwrap()
    }

    fn read(xml: &str) -> Sitemap {
        formats::sitemap(xml.as_bytes(), &Hints::default())
    }

    #[track_caller]
    fn check_recent(dates: &[&str], expected: &[usize]) {
        let page = |(n, date): (usize, &&str)| {
            let modified =
                if date.is_empty() { String::new() } else { format!("<lastmod>{date}</lastmod>") };
            format!("<url><loc>https://a.example/{n}</loc>{modified}</url>")
        };
        let pages: String = dates.iter().enumerate().map(page).collect();
        let found = recent(&read(&format!("<urlset>{pages}</urlset>")), now());
        let found: Vec<_> = found.iter().map(|page| page.address.clone()).collect();
        let expected: Vec<_> = expected.iter().map(|n| format!("https://a.example/{n}")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_pages_of_the_last_two_days_the_newest_first() {
        check_recent(&["2016-02-10", "2016-02-11T11:00:00Z", "2016-02-01", ""], &[1, 0]);
        check_recent(&["2016-02-09T12:00:00Z", "2016-02-09T11:59:00Z"], &[0]);
        check_recent(&["2016-02-11T14:00:00Z", "2017-01-01"], &[0]);
    }

    #[track_caller]
    fn check_children(lists: &[(&str, &str)], expected: &[&str]) {
        let list = |(name, date): &(&str, &str)| {
            let modified =
                if date.is_empty() { String::new() } else { format!("<lastmod>{date}</lastmod>") };
            format!("<sitemap><loc>https://a.example/{name}</loc>{modified}</sitemap>")
        };
        let lists: String = lists.iter().map(list).collect();
        let map = read(&format!("<sitemapindex>{lists}</sitemapindex>"));
        let found: Vec<_> = children(&map, now())
            .into_iter()
            .map(|c| c.trim_start_matches("https://a.example/"))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_lists_that_changed_lately() {
        check_children(
            &[("a", "2016-01-01"), ("b", "2016-02-11"), ("c", "2016-02-10")],
            &["b", "c"],
        );
        check_children(&[("a", "2016-01-01"), ("news", "")], &[]);
        check_children(
            &[("tags", ""), ("news-1", ""), ("p-1", ""), ("p-2", "")],
            &["news-1", "p-2"],
        );
        let many: Vec<_> = (0..50).map(|n| (format!("{n}"), "2016-02-11")).collect();
        let many: Vec<_> = many.iter().map(|(name, date)| (name.as_str(), *date)).collect();
        let map_len = SITEMAPS_FOLLOWED_MAX;
        let names: Vec<_> = (0..map_len).map(|n| n.to_string()).collect();
        check_children(&many, &names.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_of_another_host_is_counted_and_not_kept() {
        let own = "https://a.example/sitemap.xml";
        let of = |address: &str| format!("<url><loc>{address}</loc></url>");
        for (address, kept) in [
            ("https://a.example/1", true),
            ("http://a.example/1", true),
            ("https://www.a.example/1", true),
            ("https://b.example/1", false),
            ("https://b.a.example/1", false),
            ("https://a.example:8443/1", false),
            ("https://a.example.b.example/1", false),
            ("mailto:a@a.example", false),
        ] {
            let mut map = read(&format!("<urlset>{}</urlset>", of(address)));
            let foreign = keep_own(&mut map, own);
            assert_eq!((map.pages.len(), foreign.count), (usize::from(kept), usize::from(!kept)));
            assert_eq!(foreign.told().is_some(), !kept, "{address}");
        }
        let mut map =
            read("<sitemapindex><sitemap><loc>https://b.example/</loc></sitemap></sitemapindex>");
        assert_eq!(keep_own(&mut map, own).told().as_deref(), Some("1, as https://b.example/"));
        assert!(map.sitemaps.is_empty());
    }

    #[test]
    fn lists_by_their_names() {
        for (address, list) in [
            ("https://a.example/sitemap.xml", true),
            ("https://a.example/Sitemap_News.php?x", true),
            ("https://a.example/pages.xml.gz", true),
            ("https://a.example/fil.rss", false),
        ] {
            assert_eq!(is_list(address), list, "{address}");
        }
    }
}
