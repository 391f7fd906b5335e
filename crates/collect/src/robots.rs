//! Reads robots.txt (RFC 9309), and keeps what was read for a day.
//!
//! Pages are only fetched where it allows; feeds are made to be fetched and are not asked about.

use depeche_news::limits::collect::{ROBOTS_BYTES_MAX, ROBOTS_RULES_MAX, SITES_REMEMBERED};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_news::{
    Access, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_outbound::Request;
use tokio::sync::OnceCell;
use url::Url;

use crate::{Failure, Scout};

/// How long a file that was read is believed; RFC 9309 allows a day.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How long a site stays closed whose file could not be read.
const CLOSED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What one robots.txt says to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    /// The time it asks for between two requests.
    pub crawl_delay: Option<Duration>,
    /// The sitemaps it names.
    pub sitemaps: Vec<String>,
    /// It could not be read, and is asked for again then: until then nobody knows what it says.
    pub unread_until: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    allow: bool,
}

impl Robots {
    /// Reads the file for the robot `agent` (a product name, as `Depeche`).
    pub fn read(text: &str, agent: &str) -> Self {
        let mut reader = Reader { agent, ..Reader::default() };
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            if let Some((field, value)) = line.split_once(':') {
                reader.take(&field.trim().to_ascii_lowercase(), value.trim());
            }
        }
        let robots = if reader.named { reader.ours } else { reader.everyones };
        Self { sitemaps: reader.sitemaps, ..robots }
    }

    /// Whether `address` may be fetched: the longest rule that fits decides, and of two of the same
    /// length the one that allows.
    pub fn allows(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let path = match url.query() {
            Some(query) => normal(&format!("{}?{query}", url.path())),
            None => normal(url.path()),
        };
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, &path));
        fitting.max_by_key(|rule| (rule.pattern.len(), rule.allow)).is_none_or(|rule| rule.allow)
    }

    /// A site that lets nobody in, as one has to take it whose file cannot be read.
    fn closed() -> Self {
        Self { rules: vec![Rule { pattern: "/".into(), allow: false }], ..Self::default() }
    }
}

#[derive(Default)]
struct Reader<'a> {
    agent: &'a str,
    /// The groups for us, and those for everyone.
    ours: Robots,
    everyones: Robots,
    sitemaps: Vec<String>,
    /// A group named us, be it an empty one.
    named: bool,
    /// Whom the group is for that is being read.
    for_us: bool,
    for_everyone: bool,
    /// The last line of the group was no `User-agent`: the next one begins another group.
    in_rules: bool,
}

impl Reader<'_> {
    fn take(&mut self, field: &str, value: &str) {
        match field {
            "user-agent" => self.agent_line(value),
            "allow" | "disallow" => {
                self.in_rules = true;
                let rule = Rule { pattern: normal(value), allow: field == "allow" };
                if !value.is_empty() {
                    self.groups(|group| {
                        if group.rules.len() < ROBOTS_RULES_MAX {
                            group.rules.push(rule.clone());
                        }
                    });
                }
            }
            "crawl-delay" => {
                let seconds = value.parse().ok().filter(|seconds| (0.0..1e6).contains(seconds));
                let delay = seconds.map(Duration::from_secs_f64);
                self.groups(|group| group.crawl_delay = group.crawl_delay.or(delay));
            }
            "sitemap" if self.sitemaps.len() < ROBOTS_RULES_MAX => {
                self.sitemaps.push(value.to_owned())
            }
            _ => {}
        }
    }

    fn agent_line(&mut self, value: &str) {
        if std::mem::take(&mut self.in_rules) {
            (self.for_us, self.for_everyone) = (false, false);
        }
        // Some write the version behind the name, which is no part of it.
        let end = value.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_')));
        let name = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        self.for_us |= !name.is_empty() && name.eq_ignore_ascii_case(self.agent);
        self.for_everyone |= value == "*";
        self.named |= self.for_us;
    }

    fn groups(&mut self, change: impl Fn(&mut Robots)) {
        if self.for_us {
            change(&mut self.ours);
        }
        if self.for_everyone {
            change(&mut self.everyones);
        }
    }
}

/// Whether `path` begins as `pattern` says: `*` stands for anything, `$` at the end for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = None;
    for part in parts {
        // The leftmost place leaves the most for the parts that follow.
        if let Some(part) = last.replace(part) {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
    }
    match last {
        None => !to_the_end || rest.is_empty(),
        Some(part) if to_the_end => rest.ends_with(part),
        Some(part) => rest.contains(part),
    }
}

/// One spelling of a path: other alphabets percent-encoded, encodings in upper case, and letters,
/// digits and `-._~` plain.
fn normal(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let encoded = bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(hex);
        at += if encoded.is_some() { 3 } else { 1 };
        match encoded.unwrap_or(byte) {
            plain if encoded.is_none() && plain.is_ascii() => normal.push(char::from(plain)),
            plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => {
                normal.push(char::from(plain));
            }
            other => {
                let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 15)]);
                normal.extend(['%', digit(other >> 4), digit(other)]);
            }
        }
    }
    normal
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    match digits {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

/// What the sites say that pages were asked of.
#[derive(Debug)]
pub struct RobotsBook {
    agent: String,
    sites: Mutex<HashMap<String, Arc<OnceCell<Entry>>>>,
}

#[derive(Debug)]
struct Entry {
    robots: Arc<Robots>,
    until: Timestamp,
}

impl RobotsBook {
    /// An empty book of the robot `agent` (a product name, as `Depeche`).
    pub fn new(agent: &str) -> Self {
        Self { agent: agent.to_owned(), sites: Mutex::default() }
    }

    /// What the site of `address` says, asking it if it was not asked today. Who asks for the same site
    /// meanwhile waits for the same answer. `access` says through which proxy.
    pub(crate) async fn of(
        &self,
        scout: &Scout<'_>,
        address: &str,
        access: Option<&Access>,
    ) -> Arc<Robots> {
        let file = Url::parse(address).ok().and_then(|url| url.join("/robots.txt").ok());
        let Some(file) = file else { return Arc::new(Robots::closed()) };
        let site = self.site(file.as_str(), scout.now);
        let entry = site.get_or_init(|| entry(scout, file.as_str(), &self.agent, access)).await;
        Arc::clone(&entry.robots)
    }

    fn site(&self, file: &str, now: Timestamp) -> Arc<OnceCell<Entry>> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= SITES_REMEMBERED {
            sites.clear();
        }
        let site = sites.entry(file.to_owned()).or_default();
        if site.get().is_some_and(|entry| entry.until <= now) {
            *site = Arc::default();
        }
        Arc::clone(site)
    }
}

async fn entry(scout: &Scout<'_>, file: &str, agent: &str, access: Option<&Access>) -> Entry {
    // The file is everybody's: nothing but the way to it is the source's own.
    let way = Access { proxy: access.and_then(|access| access.proxy.clone()), ..Access::default() };
    let request = Request {
        address: file,
        validators: &Validators::default(),
        accept: "text/plain, */*;q=0.5",
        body_bytes_max: ROBOTS_BYTES_MAX,
        access: Some(&way),
    };
    let answer = scout.client.get(&request).await;
    if let Some(refusal) = answer.as_ref().ok().filter(|answer| answer.status >= 400) {
        scout.heard(&Failure::of_status(refusal), access);
    }
    let (robots, believed) = match answer {
        Ok(response) if (200..300).contains(&response.status) => {
            let text = depeche_text::decode(&response.body, &[]).text;
            (Robots::read(&text, agent), BELIEVED_FOR)
        }
        // No file, or one that is not for us to read: no rules (RFC 9309, 2.3.1.3).
        Ok(response) if (400..500).contains(&response.status) && response.status != 429 => {
            (Robots::default(), BELIEVED_FOR)
        }
        _ => (Robots::closed(), CLOSED_FOR),
    };
    let until = scout.now.checked_add(believed).unwrap_or(scout.now);
    let unread_until = (believed == CLOSED_FOR).then_some(until);
    Entry { robots: Arc::new(Robots { unread_until, ..robots }), until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(robots: &str, path: &str, allowed: bool) {
        let robots = Robots::read(robots, "Depeche");
        assert_eq!(robots.allows(&format!("https://a.example{path}")), allowed, "{path}");
    }

    #[test]
    fn the_longest_rule_decides() {
        let all = "User-agent: *\n";
        check("", "/a", true);
        check("User-agent: *\nDisallow: /", "/a", false);
        check("User-agent: *\nDisallow:", "/a", true);
        check(&format!("{all}Disallow: /a\nAllow: /a/b"), "/a/b/c", true);
        check(&format!("{all}Disallow: /a\nAllow: /a/b"), "/a/c", false);
        check(&format!("{all}Allow: /a\nDisallow: /a"), "/a", true);
        check(&format!("{all}Disallow: /*.pdf$"), "/a.pdf", false);
        check(&format!("{all}Disallow: /*.pdf$"), "/a.pdf?b", true);
        check(&format!("{all}Disallow: /*?"), "/a?b=c", false);
        check(&format!("{all}Disallow: /a*b*c"), "/axxbyyc", false);
        check(&format!("{all}Disallow: /a*b*c"), "/axxcyyb", true);
        check(&format!("{all}Disallow: /a$"), "/a", false);
        check(&format!("{all}Disallow: /a$"), "/ab", true);
        check(&format!("{all}Disallow: /*a*a$"), "/a", true);
        check(&format!("{all}Disallow: /cach\u{e9}"), "/cach%c3%a9", false);
        check(&format!("{all}Disallow: /%7Ea"), "/~a", false);
        check(&format!("{all}Disallow: /a%2fb"), "/a/b", true);
    }

    #[test]
    fn our_own_groups_come_before_everyones() {
        check("User-agent: depeche\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", true);
        check("User-agent: Depeche/1.0\nDisallow: /a\nUser-agent: *\nAllow: /", "/a", false);
        check("User-agent: Depechemode\nDisallow: /", "/a", true);
        check("User-agent: a\nUser-agent: Depeche\nDisallow: /a", "/a", false);
        check("User-agent: Depeche\nDisallow: /a\nUser-agent: b\nDisallow: /c", "/c", true);
        check("User-agent: Depeche\nDisallow: /a\nUser-agent: Depeche\nDisallow: /c", "/c", false);
        check("User-agent: Depeche\nDisallow:\nUser-agent: *\nDisallow: /", "/a", true);
        check("User-agent: *\nCrawl-delay: 5\nUser-agent: a\nDisallow: /", "/a", false);
    }

    #[test]
    fn files_are_odd() {
        check("\u{feff}User-agent: *\rDisallow: /a # why\r\n", "/a", false);
        check("USER-AGENT : *\nDISALLOW : /a", "/a", false);
        check("Disallow: /a", "/a", true);
        check("<!DOCTYPE html><p>Not found: <a href='/'>", "/a", true);
        let text =
            "Sitemap: https://a.example/s.xml\nUser-agent: *\nCrawl-delay: 2.5\nCrawl-delay: -1";
        let robots = Robots::read(text, "Depeche");
        assert_eq!(robots.sitemaps, ["https://a.example/s.xml"]);
        assert_eq!(robots.crawl_delay, Some(Duration::from_millis(2500)));
        assert!(!Robots::closed().allows("https://a.example/"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(User-agent: \\*\n|Disallow: |Allow:|[/*$%a-c\u{e9}]{0,6}|\n|.){0,40}", path in "[/*$%a-c\u{e9}]{0,20}") {
            let robots = Robots::read(&text, "Depeche");
            robots.allows(&format!("https://a.example/{path}"));
        }

        #[test]
        fn fits_as_the_plain_definition_says(pattern in "[ab*]{0,6}\\$?", path in "[ab]{0,8}") {
            fn plain(pattern: &[u8], path: &[u8]) -> bool {
                match (pattern, path) {
                    ([], _) | ([b'$'], []) => true,
                    ([b'*', rest @ ..], _) => (0..=path.len()).any(|n| plain(rest, &path[n..])),
                    ([p, pattern @ ..], [c, path @ ..]) => p == c && plain(pattern, path),
                    _ => false,
                }
            }
            proptest::prop_assert_eq!(fits(&pattern, &path), plain(pattern.as_bytes(), path.as_bytes()));
        }
    }
}
