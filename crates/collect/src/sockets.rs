//! Tests against real sockets: a server of a few lines on loopback, which each test tells what to
//! answer.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use depeche_news::{
    Access, DeliveryKind, ItemId, SourceId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_outbound::{Client, Policy};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    Failure, Fault, Fetched, HostPace, Outcome, Rests, RobotsBook, Scout, Target, Wanted, discover,
    fetch, listing::follow, page,
};

const FEED: &str = "<rss version=\"2.0\"><channel><title>Le fil</title></channel></rss>";
const PAGE: &str = "<!DOCTYPE html><html><head><link rel=alternate type=application/rss+xml \
    title=\"À la une\" href=/fil.rss></head><body><p>Bonjour</p></body></html>";

/// The server hangs when it is asked for this.
const HANG: &str = "/hang";

struct Server {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(pages: &[(&'static str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages: Arc<HashMap<_, _>> = Arc::new(pages.iter().cloned().collect());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&pages), Arc::clone(&seen)));
            }
        });
        Self { address, heads }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn fetch(&self, path: &str, validators: Validators) -> Fetched {
        fetch(&client(&[self]), &target(self.url(path), validators), now()).await
    }

    #[track_caller]
    fn head(&self, n: usize) -> String {
        self.heads.lock().unwrap()[n].clone()
    }
}

async fn answer(
    mut stream: TcpStream,
    pages: Arc<HashMap<&'static str, String>>,
    seen: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        // Whoever speaks TLS is hung up on.
        if byte == 0x16 && head.is_empty() {
            return;
        }
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    seen.lock().unwrap().push(head);
    if path == HANG {
        std::future::pending::<()>().await;
    }
    let missing = status("404 Not Found", "");
    let reply = pages.get(path.as_str()).unwrap_or(&missing);
    // Whoever has heard enough hangs up; that is no failure of the test.
    let _ = stream.write_all(reply.as_bytes()).await;
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

fn ok(headers: &str, body: &str) -> String {
    reply("200 OK", headers, body)
}

fn status(status: &str, headers: &str) -> String {
    reply(status, headers, "")
}

fn client(servers: &[&Server]) -> Client {
    let allow = servers.iter().map(|s| s.address.to_string().parse().unwrap()).collect();
    Client::new(&Policy { allow, user_agent: "Depeche/test".into() }).unwrap()
}

fn target(address: String, validators: Validators) -> Target {
    Target {
        source: SourceId::of_address(&address),
        address,
        validators,
        first: false,
        access: None,
    }
}

fn now() -> Timestamp {
    "2016-02-11T12:00:00Z".parse().unwrap()
}

fn etag(etag: &str) -> Validators {
    Validators { etag: Some(etag.to_owned()), last_modified: None }
}

#[tokio::test]
async fn a_feed_becomes_a_delivery() {
    let headers = "ETag: W/\"1\"\r\nContent-Type: text/xml\r\nX-Powered-By: chance\r\n\
        Cache-Control: max-age=300\r\n";
    let server = Server::start(&[("/fil.rss", ok(headers, FEED))]).await;
    let fetched = server.fetch("/fil.rss", Validators::default()).await;
    assert_eq!(fetched.outcome, Outcome::New);
    assert_eq!(fetched.fresh_for, Some(Duration::from_secs(300)));
    let delivery = fetched.delivery.unwrap();
    assert_eq!(delivery.kind, DeliveryKind::Feed);
    assert_eq!(delivery.address, server.url("/fil.rss"));
    assert_eq!(delivery.body, FEED.as_bytes());
    assert_eq!(delivery.validators, etag("W/\"1\""));
    assert_eq!(delivery.headers, [("content-type".to_owned(), "text/xml".to_owned())]);
    assert!(!delivery.backfill && delivery.received_at == now());
    assert!(server.head(0).contains("accept: application/rss+xml, application/atom+xml"));
    let other = server.fetch("/./fil.rss#top", Validators::default()).await.delivery.unwrap();
    assert_eq!(other.headers.len(), 1, "the same address written otherwise is no redirect");
}

#[tokio::test]
async fn an_unchanged_feed_brings_new_validators_and_nothing_else() {
    let server = Server::start(&[
        ("/same", status("304 Not Modified", "Last-Modified: midi\r\n")),
        ("/unasked", status("304 Not Modified", "")),
    ])
    .await;
    let fetched = server.fetch("/same", etag("\"1\"")).await;
    assert_eq!(fetched.outcome, Outcome::Unchanged);
    assert!(fetched.delivery.is_none());
    let last_modified = Some("midi".to_owned());
    assert_eq!(fetched.validators, Some(Validators { last_modified, ..etag("\"1\"") }));
    assert!(server.head(0).contains("if-none-match: \"1\"\r\n"));
    let unasked = server.fetch("/unasked", Validators::default()).await;
    assert_eq!(unasked.outcome.failure().unwrap().word(), "status_304");
}

#[tokio::test]
async fn a_page_in_a_feeds_place_is_kept_and_names_its_feeds() {
    let server = Server::start(&[("/", ok("ETag: \"1\"\r\n", PAGE)), ("/empty", ok("", ""))]).await;
    let fetched = server.fetch("/", Validators::default()).await;
    assert_eq!(fetched.outcome.failure().unwrap().word(), "not_a_feed");
    let delivery = fetched.delivery.unwrap();
    assert_eq!((delivery.body, delivery.validators), (PAGE.into(), Validators::default()));
    assert_eq!(fetched.feeds.len(), 1);
    assert_eq!(fetched.feeds[0].address, server.url("/fil.rss"));
    assert_eq!(fetched.feeds[0].title.as_deref(), Some("À la une"));
    let empty = server.fetch("/empty", Validators::default()).await;
    assert_eq!(empty.outcome.failure().unwrap().word(), "empty");
}

#[tokio::test]
async fn failures_have_their_words() {
    let server = Server::start(&[
        ("/gone", status("410 Gone", "")),
        ("/busy", status("429 Too Many Requests", "Retry-After: 120\r\n")),
        ("/down", status("503 Down", "")),
        ("/wall", reply("403 Forbidden", "Content-Type: text/html\r\n", "Are you human?")),
        ("/inside", status("302 Found", "Location: http://169.254.169.254/latest/\r\n")),
        ("/moved-inside", status("301 Moved", "Location: http://127.0.0.1:1/\r\n")),
        ("/circle", status("302 Found", "Location: /circle\r\n")),
        ("/file", status("302 Found", "Location: file:///etc/passwd\r\n")),
        ("/garbage", "this is not HTTP\r\n\r\n".to_owned()),
        ("/bad-gzip", ok("Content-Encoding: br\r\n", "\u{11} is no brotli")),
    ])
    .await;
    for (path, word) in [
        ("/missing", "status_404"),
        ("/gone", "status_410"),
        ("/busy", "status_429"),
        ("/down", "status_503"),
        ("/wall", "bot_wall"),
        ("/inside", "refused_address"),
        ("/moved-inside", "refused_address"),
        ("/circle", "redirects"),
        ("/file", "bad_redirect"),
        ("/garbage", "protocol"),
        ("/bad-gzip", "bad_compression"),
    ] {
        let fetched = server.fetch(path, Validators::default()).await;
        let failure = fetched.outcome.failure().unwrap();
        assert_eq!(failure.word(), word, "{path}");
        assert!(fetched.delivery.is_none() && fetched.moved_to.is_none(), "{path}");
        let busy = (path == "/busy").then(|| Duration::from_secs(120));
        assert_eq!(failure.retry_after, busy, "{path}");
    }
}

#[tokio::test]
async fn a_source_that_moved_for_good_says_where_to() {
    let server = Server::start(&[
        ("/old", status("301 Moved", "Location: /fil.rss\r\n")),
        ("/lost", status("301 Moved", "Location: /nowhere\r\n")),
        ("/fil.rss", ok("ETag: \"1\"\r\n", FEED)),
    ])
    .await;
    let fetched = server.fetch("/old", etag("\"0\"")).await;
    assert_eq!(fetched.moved_to, Some(server.url("/fil.rss")));
    let delivery = fetched.delivery.unwrap();
    assert_eq!(delivery.address, server.url("/old"), "deliveries stand under the asked address");
    assert_eq!(delivery.headers, [("content-location".to_owned(), server.url("/fil.rss"))]);
    assert!(!server.head(1).contains("if-none-match"));
    let lost = server.fetch("/lost", Validators::default()).await;
    assert_eq!(
        (lost.moved_to, lost.outcome.failure().unwrap().word()),
        (None, "status_404".into())
    );
}

#[tokio::test]
async fn what_comes_first_is_backfill_and_what_breaks_off_is_told() {
    let cut = format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 999\r\n\r\n{FEED}");
    let server = Server::start(&[("/cut", cut)]).await;
    let first = Target { first: true, ..target(server.url("/cut"), Validators::default()) };
    let fetched = fetch(&client(&[&server]), &first, now()).await;
    assert_eq!(fetched.outcome, Outcome::New);
    assert_eq!(fetched.problems[0].word, "incomplete");
    let delivery = fetched.delivery.unwrap();
    assert!(delivery.backfill && delivery.validators == Validators::default());
}

#[tokio::test]
async fn the_page_of_an_item_becomes_a_delivery() {
    let server = Server::start(&[
        ("/a", ok("Content-Type: text/html\r\n", PAGE)),
        ("/b", ok("Content-Type: application/pdf\r\n", "%PDF")),
    ])
    .await;
    let client = client(&[&server]);
    let source = SourceId::of_address(&server.url("/fil.rss"));
    let item = ItemId::new(&source, Some("1"), None, "");
    let wanted = |path| Wanted {
        source: source.clone(),
        kind: DeliveryKind::Page(item.clone()),
        address: server.url(path),
        access: None,
    };
    let delivery = page(&client, &wanted("/a"), now()).await.unwrap();
    assert_eq!((delivery.kind, delivery.backfill), (DeliveryKind::Page(item.clone()), false));
    assert_eq!(delivery.body, PAGE.as_bytes());
    assert_eq!(page(&client, &wanted("/b"), now()).await.unwrap_err().word(), "not_a_page");
    assert_eq!(page(&client, &wanted("/c"), now()).await.unwrap_err().word(), "status_404");
}

#[tokio::test]
async fn one_host_that_hangs_holds_up_nobody_else() {
    let mut servers = Vec::new();
    for _ in 0..9 {
        servers.push(Server::start(&[("/fil.rss", ok("", FEED))]).await);
    }
    let client = client(&servers.iter().collect::<Vec<_>>());
    let pace = HostPace::new(Duration::from_secs(1));
    let ask = |address: String| {
        let (client, pace) = (client.clone(), pace.clone());
        async move {
            let _turn = pace.acquire(&address).await;
            fetch(&client, &target(address, Validators::default()), now()).await.outcome
        }
    };
    let start = Instant::now();
    let hanging: Vec<_> = (0..5).map(|_| tokio::spawn(ask(servers[8].url(HANG)))).collect();
    let others = servers[..8].iter().flat_map(|server| {
        (0..5).map(|_| tokio::spawn(ask(server.url("/fil.rss")))).collect::<Vec<_>>()
    });
    for outcome in join_all(others).await {
        assert_eq!(outcome.unwrap(), Outcome::New);
    }
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(servers[8].heads.lock().unwrap().len(), 2, "two at a time, however they hang");
    hanging.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_site_is_asked_for_its_rules_once_a_day() {
    let rules = "User-agent: Depeche\nDisallow: /private\n";
    let open = Server::start(&[("/robots.txt", ok("", rules))]).await;
    let without = Server::start(&[]).await;
    let down = Server::start(&[("/robots.txt", status("503 Down", ""))]).await;
    let client = client(&[&open, &without, &down]);
    let (pace, robots, rests) = book();
    let later = now() + SignedDuration::from_hours(25);
    for (server, path, at, allowed) in [
        (&open, "/a", now(), true),
        (&open, "/private/a", now(), false),
        (&open, "/a", later, true),
        (&without, "/private/a", now(), true),
        (&down, "/a", now(), false),
    ] {
        let scout = Scout { now: at, ..scout(&client, &pace, &robots, &rests) };
        let rules = scout.rules(&server.url(path), None).await.unwrap();
        assert_eq!(rules.allows(&server.url(path)), allowed, "{path}");
    }
    assert_eq!(open.heads.lock().unwrap().len(), 2, "once, and once again the day after");
    for nowhere in ["http://10.0.0.1/", "nowhere"] {
        let rules = scout(&client, &pace, &robots, &rests).rules(nowhere, None).await.unwrap();
        assert!(!rules.allows(nowhere), "{nowhere}");
    }
}

fn book() -> (HostPace, RobotsBook, Rests) {
    (HostPace::new(Duration::ZERO), RobotsBook::new("Depeche"), Rests::default())
}

fn scout<'a>(
    client: &'a Client,
    pace: &'a HostPace,
    robots: &'a RobotsBook,
    rests: &'a Rests,
) -> Scout<'a> {
    Scout { client, pace, robots, rests, least: Duration::from_secs(600), now: now() }
}

#[tokio::test]
async fn a_host_at_rest_is_asked_for_nothing() {
    // Asked for through a proxy, which has an address of its own, it answers.
    let proxy = Server::start(&[
        ("http://a.example/fil.rss", ok("", FEED)),
        ("http://a.example/robots.txt", ok("", "User-agent: *\nDisallow: /closed\n")),
    ])
    .await;
    let client = client(&[&proxy]);
    let (pace, robots, rests) = book();
    let scout = scout(&client, &pace, &robots, &rests);
    let busy = Failure {
        answered: Some("http://a.example/other".to_owned()),
        ..Failure::new(Fault::Status(429), "")
    };
    let through = Access { proxy: Some(proxy.url("/")), ..Access::default() };
    scout.heard(&busy, Some(&through));
    assert_eq!(scout.resting("http://a.example/fil.rss", None), None, "said to the proxy");
    scout.heard(&busy, None);
    let plain = target("http://a.example/fil.rss".to_owned(), Validators::default());
    let word = |failure: Option<&Failure>| failure.map(|failure| failure.word().into_owned());
    let rests = Some("host_rests".to_owned());
    let fetched = scout.fetch(&plain, Duration::ZERO).await;
    assert_eq!(word(fetched.outcome.failure()), rests);
    assert_eq!(word(scout.rules(&plain.address, None).await.err().as_ref()), rests);
    let discovery = discover(scout, "http://a.example/").await;
    assert_eq!(word(discovery.failure.as_ref()), rests);
    let child = depeche_formats::sitemap::Child { address: plain.address.clone(), modified: None };
    let map = depeche_formats::sitemap::Sitemap { sitemaps: vec![child], ..Default::default() };
    assert_eq!(word(follow(scout, &plain, &map).await.failure.as_ref()), rests);
    assert!(proxy.heads.lock().unwrap().is_empty());
    let proxied = Target { access: Some(through.clone()), ..plain };
    assert_eq!(scout.fetch(&proxied, Duration::ZERO).await.outcome, Outcome::New);
    let rules = scout.rules(&proxied.address, Some(&through)).await.unwrap();
    assert!(!rules.allows("http://a.example/closed"));
}

/// What an address of this server leads to: addresses by their paths, kinds, and the first headline.
async fn discovered(
    server: &Server,
    path: &str,
) -> (Vec<(String, String, String)>, Option<String>) {
    discovered_at(server, &server.url(path)).await
}

async fn discovered_at(
    server: &Server,
    given: &str,
) -> (Vec<(String, String, String)>, Option<String>) {
    let client = client(&[server]);
    let (pace, robots, rests) = book();
    let discovery = discover(scout(&client, &pace, &robots, &rests), given).await;
    let start = server.url("");
    let found = discovery.found.into_iter().map(|found| {
        let path = found.address.trim_start_matches(&start).to_owned();
        let headline =
            found.preview.first().map(|(headline, _)| headline.trim_start_matches(&start));
        (path, found.kind.word().to_owned(), headline.unwrap_or_default().to_owned())
    });
    (found.collect(), discovery.failure.map(|failure| failure.word().into_owned()))
}

fn feed(headline: &str) -> String {
    let item = format!(
        "<item><title>{headline}</title><pubDate>Thu, 11 Feb 2016 10:00:00 GMT</pubDate></item>"
    );
    ok("", &format!("<rss version=\"2.0\"><channel><title>Fil</title>{item}</channel></rss>"))
}

fn html(inside: &str) -> String {
    ok("Content-Type: text/html\r\n", &format!("<!DOCTYPE html><html><body>{inside}</body></html>"))
}

#[track_caller]
fn check_found(
    (found, failure): (Vec<(String, String, String)>, Option<String>),
    expected: &[(&str, &str, &str)],
    why_not: Option<&str>,
) {
    let found: Vec<_> =
        found.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!((found.as_slice(), failure.as_deref()), (expected, why_not));
}

#[tokio::test]
async fn whatever_is_pasted_leads_to_its_sources() {
    let server = Server::start(&[
        ("/fil.rss", feed("L&amp;#8217;Otan &lt;b&gt;se&lt;/b&gt; réunit")),
        ("/named", html("<link rel=alternate type=application/rss+xml href=/fil.rss>\
            <link rel=alternate type=application/atom+xml href=/gone.atom><a href=/other.rss>RSS</a>")),
        ("/linked", html("<a href=/les-flux>Nos flux RSS</a><a href=/other.rss>x</a>")),
        ("/other.rss", feed("Autre")),
        ("/listed", html("<a href=/les-flux>Nos flux RSS</a>")),
        ("/les-flux", html("<a href=/other.rss>À la une</a><a href=/fil.rss>Monde</a>")),
        ("/rubrique/feed", feed("Rubrique")),
        ("/rubrique/", html("rien")),
        ("/moved", status("301 Moved", "Location: /fil.rss\r\n")),
    ])
    .await;
    let news = ("/fil.rss", "feed", "L\u{2019}Otan se réunit");
    check_found(discovered(&server, "/fil.rss").await, &[news], None);
    check_found(discovered(&server, "/moved").await, &[news], None);
    check_found(discovered(&server, "/named").await, &[news], None);
    let other = ("/other.rss", "feed", "Autre");
    check_found(discovered(&server, "/linked").await, &[other], None);
    check_found(discovered(&server, "/listed").await, &[other, news], None);
    check_found(
        discovered(&server, "/rubrique/").await,
        &[("/rubrique/feed", "feed", "Rubrique")],
        None,
    );
    check_found(discovered(&server, "/missing").await, &[], Some("status_404"));
    // Without its scheme, and on a server that knows no TLS.
    let bare = |path: &str| server.url(path).trim_start_matches("http://").to_owned();
    check_found(discovered_at(&server, &bare("/fil.rss#top")).await, &[news], None);
    let secure = server.url("/fil.rss").replace("http:", "https:");
    // Hung up on, or reset: either way https was asked for, and http is not tried.
    let (found, failure) = discovered_at(&server, &secure).await;
    assert!(
        found.is_empty() && matches!(failure.as_deref(), Some("tls" | "connect")),
        "{failure:?}"
    );
    check_found(discovered_at(&server, "not an address").await, &[], Some("bad_address"));
}

#[tokio::test]
async fn a_site_without_feeds_has_its_sitemaps() {
    let dated =
        |path: &str, date: &str| format!("<url><loc>{path}</loc><lastmod>{date}</lastmod></url>");
    let index = "<sitemapindex><sitemap><loc>/closed.xml</loc><lastmod>2016-02-11</lastmod></sitemap>\
        <sitemap><loc>/pages.xml</loc><lastmod>2016-02-10</lastmod></sitemap></sitemapindex>";
    let server = Server::start(&[
        ("/", html("rien")),
        (
            "/robots.txt",
            ok("", "User-agent: *\nDisallow: /closed\nSitemap: /old.xml\nSitemap: /index.xml\n"),
        ),
        ("/index.xml", ok("", index)),
        ("/pages.xml", ok("", &format!("<urlset>{}</urlset>", dated("/a", "2016-02-11")))),
        ("/old.xml", ok("", &format!("<urlset>{}</urlset>", dated("/b", "2001-01-01")))),
    ])
    .await;
    check_found(discovered(&server, "/").await, &[("/index.xml", "sitemap", "/a")], None);
    check_found(discovered(&server, "/index.xml").await, &[("/index.xml", "sitemap", "/a")], None);
    check_found(discovered(&server, "/old.xml").await, &[], Some("not_a_feed"));
    let asked = server.heads.lock().unwrap().clone();
    assert!(asked.iter().all(|head| !head.starts_with("GET /closed.xml")), "robots.txt closes it");
    let requests = asked.iter().filter(|head| !head.contains("robots.txt")).count();
    assert!(requests < 30, "{requests}");
}

#[tokio::test]
async fn a_list_of_pages_is_followed_where_robots_lets_us() {
    let news = "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>/n</loc><news:news>\
        <news:title>Nouvelle</news:title></news:news></url></urlset>";
    let lists = ["closed", "news", "pages", "broken"];
    let list = |name: &&str| {
        format!("<sitemap><loc>/{name}.xml</loc><lastmod>2016-02-11</lastmod></sitemap>")
    };
    let lists: String = lists.iter().map(list).collect();
    let server = Server::start(&[
        ("/sitemap.xml", ok("ETag: \"1\"\r\n", &format!("<sitemapindex>{lists}</sitemapindex>"))),
        ("/robots.txt", ok("", "User-agent: *\nDisallow: /closed\n")),
        ("/news.xml", ok("ETag: \"2\"\r\n", news)),
        (
            "/pages.xml",
            ok("", "<urlset><url><loc>/p</loc><lastmod>2016-02-11</lastmod></url></urlset>"),
        ),
    ])
    .await;
    let target = target(server.url("/sitemap.xml"), Validators::default());
    let client = client(&[&server]);
    let fetched = fetch(&client, &target, now()).await;
    assert_eq!((&fetched.outcome, fetched.delivery.is_none()), (&Outcome::New, true));
    assert_eq!(fetched.validators, Some(etag("\"1\"")));
    let (pace, robots, rests) = book();
    let map = fetched.listed.unwrap();
    let followed = follow(scout(&client, &pace, &robots, &rests), &target, &map).await;
    let deliveries: Vec<_> = followed.deliveries.iter().map(|d| d.address.clone()).collect();
    assert_eq!(deliveries, [server.url("/news.xml")]);
    assert_eq!(followed.deliveries[0].validators, Validators::default());
    let pages: Vec<_> = followed.pages.iter().map(|page| page.address.clone()).collect();
    assert_eq!(pages, [server.url("/p")]);
    assert_eq!(followed.failure.unwrap().word(), "status_404");
    let asked = server.heads.lock().unwrap().clone();
    assert!(asked.iter().all(|head| !head.starts_with("GET /closed.xml")));
}
