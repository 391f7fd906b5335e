//! The collector as a whole: what is asked, how often, with what, and what is told of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{io::Write, path::Path, process::Stdio, sync::atomic::Ordering};

use depeche_news::{
    DeliveryKind,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{FailureNote, Gone, Poll, Store};
use serde_json::{Value, json};
use support::{Outside, Running, depeche, lines, told, until};

/// A folder for a wire that listens to these addresses.
fn wire(outside: &Outside, paths: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in paths {
        told(&["source", "add", "--data", data(folder.path()), &outside.address(path)]);
    }
    folder
}

fn data(folder: &Path) -> &str {
    folder.to_str().unwrap()
}

/// What is told of the source that was added at a path.
fn source(folder: &Path, outside: &Outside, path: &str) -> Value {
    let address = outside.address(path);
    let mut sources = lines(&["source", "list", "--data", data(folder), "--json"]).into_iter();
    sources.find(|source| source["address"] == address.as_str()).unwrap()
}

fn items(folder: &Path) -> Vec<Value> {
    lines(&["items", "--data", data(folder)])
}

fn feed(entries: &[(&str, &str)]) -> String {
    let entry = |(guid, inside): &(&str, &str)| {
        format!(
            "<item><title>Titre {guid}</title><guid isPermaLink=\"false\">{guid}</guid>{inside}</item>"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    format!("<rss version=\"2.0\"><channel><title>Fil</title>{entries}</channel></rss>")
}

fn whole(words: &str) -> String {
    format!("<description>{}</description>", format!("{words} ").repeat(200))
}

fn page(headline: &str) -> String {
    let text = "Le conseil a voté le budget de la commune après une longue séance de nuit, a dit la mairie. ";
    let body: String = (0..6).map(|n| format!("<p>{n} {}</p>", text.repeat(3))).collect();
    format!(
        "<!DOCTYPE html><html lang=fr><head><title>{headline}</title></head>\
         <body><article><h1>{headline}</h1>{body}</article></body></html>"
    )
}

#[test]
fn a_source_that_says_for_days_that_it_is_gone_is_retired_with_a_notice_and_can_be_resumed() {
    let outside = Outside::open();
    let gone = "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
    let to =
        |status: &str| format!("HTTP/1.1 {status}\r\nlocation: /gone\r\ncontent-length: 0\r\n\r\n");
    outside.put("/gone", gone.to_owned());
    outside.put("/fil", to("301 Moved"));
    outside.put("/once", gone.to_owned());
    outside.put("/elsewhere", to("302 Found"));
    let folder = wire(&outside, &["/fil", "/once", "/elsewhere"]);
    let store = Store::open(folder.path()).unwrap();
    for path in ["/fil", "/elsewhere"] {
        let source = store.source_at(&outside.address(path)).unwrap().unwrap();
        for days in [4, 2] {
            let at = Timestamp::now() - SignedDuration::from_hours(24 * days);
            let failure = FailureNote { word: "status_410".to_owned(), detail: String::new() };
            let poll = Poll {
                failure: Some(failure),
                gone: Gone::Said,
                ..Poll::unchanged(at, Timestamp::now())
            };
            store.polled(&source, poll).wait().unwrap();
        }
    }
    drop(store);
    let _running = Running::collector(folder.path(), outside.port);
    let told_of = || source(folder.path(), &outside, "/fil");
    until("it is retired", || told_of()["state"] == "paused");
    for path in ["/once", "/elsewhere"] {
        let told = || source(folder.path(), &outside, path);
        until("it is asked again tomorrow", || {
            told()["next_poll_at"].as_str()
                > Some(&*(Timestamp::now() + SignedDuration::from_hours(20)).to_string())
        });
        let asked = told();
        assert_eq!((&asked["state"], &asked["gone_at"]), (&json!("active"), &Value::Null));
        assert_eq!(asked["failure"]["word"], "status_410");
    }
    let gone = told_of();
    assert!(gone["health"].as_str().unwrap().starts_with("gone for good since 2"), "{gone}");
    assert_eq!(gone["failure"]["word"], "status_410");
    outside.put("/fil", feed(&[("1", &whole("mot"))]));
    told(&["source", "resume", "--data", data(folder.path()), &outside.address("/fil")]);
    until("it is read again", || items(folder.path()).len() == 1);
    assert_eq!((&told_of()["gone_at"], &told_of()["failure"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_source_that_moves_to_where_another_is_is_told_and_not_doubled() {
    let outside = Outside::open();
    outside.put("/new", feed(&[("1", &whole("mot"))]));
    let folder = wire(&outside, &["/new"]);
    let _running = Running::collector(folder.path(), outside.port);
    until("the one that stays is read", || items(folder.path()).len() == 1);
    let moved = "HTTP/1.1 301 Moved\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n";
    outside.put("/old", moved.to_owned());
    told(&["source", "add", "--data", data(folder.path()), &outside.address("/old")]);
    until("it is told", || source(folder.path(), &outside, "/old")["failure"] != Value::Null);
    let old = source(folder.path(), &outside, "/old");
    assert_eq!(old["failure"]["word"], "moved_to_known");
    assert!(old["failure"]["detail"].as_str().unwrap().ends_with("/new"), "{old}");
    assert_eq!((&old["items"], items(folder.path()).len()), (&json!(0), 1));
    // Nobody else is there: it is followed, and keeps its identity.
    outside.put("/alone", moved.replace("/new", "/there"));
    outside.put("/there", feed(&[("2", &whole("mot"))]));
    let added =
        &lines(&["source", "add", "--data", data(folder.path()), &outside.address("/alone")])[0];
    until("it is read at its new address", || items(folder.path()).len() == 2);
    let there = || source(folder.path(), &outside, "/there");
    assert_eq!(there()["id"], added["id"]);
    // Its old address names it, and only who says so renames it.
    let (name, was) = (there()["name"].clone(), outside.address("/alone"));
    let again = ["source", "add", "--data", data(folder.path()), &was, "--name", "Autre"];
    let known = &lines(&again)[0];
    assert_eq!((&known["new"], &known["name"]), (&json!(false), &name));
    assert_eq!(known["address"], outside.address("/there"));
    assert_eq!((&there()["name"], &there()["moved"]["from"]), (&name, &json!(was)));
    assert!(there()["health"].as_str().unwrap().contains(&format!("was at {was} until 2")));
    told(&[&again[..], &["--rename"]].concat());
    assert_eq!(there()["name"], "Autre");
    told(&["source", "refresh", "--data", data(folder.path()), &was]);
}

#[test]
fn a_sitemap_is_a_source_whose_pages_are_its_items() {
    let outside = Outside::open();
    let now = Timestamp::now();
    let listed = |paths: &[&str]| {
        let page = |path: &&str| {
            format!("<url><loc>{}</loc><lastmod>{now}</lastmod></url>", outside.address(path))
        };
        let old =
            "<url><loc>/old</loc><lastmod>2001-01-01</lastmod></url><url><loc>/undated</loc></url>";
        format!("<urlset>{old}{}</urlset>", paths.iter().map(page).collect::<String>())
    };
    let index = format!(
        "<sitemapindex><sitemap><loc>/pages.xml</loc><lastmod>{now}</lastmod></sitemap></sitemapindex>"
    );
    outside.put("/robots.txt", "User-agent: *\nDisallow: /closed\n".to_owned());
    outside.put("/sitemap.xml", index);
    outside.put("/pages.xml", listed(&["/a", "/closed/b"]));
    outside.put("/a", page("Le budget est voté"));
    outside.put("/c", page("La piscine rouvre lundi"));
    let folder = wire(&outside, &["/sitemap.xml"]);
    let _running = Running::collector(folder.path(), outside.port);
    until("its page is read", || items(folder.path()).len() == 1);
    assert_eq!(items(folder.path())[0]["headline"], "Le budget est voté");
    outside.put("/pages.xml", listed(&["/a", "/closed/b", "/c"]));
    // The index itself changes with what it names.
    outside.put(
        "/sitemap.xml",
        "<sitemapindex><sitemap><loc>/pages.xml</loc></sitemap></sitemapindex>".to_owned(),
    );
    until("the new page is read", || items(folder.path()).len() == 2);
    assert_eq!(source(folder.path(), &outside, "/sitemap.xml")["failure"], Value::Null);
    let asked = outside.served.asked.lock().unwrap().clone();
    assert_eq!((asked.get("/a"), asked.get("/c")), (Some(&1), Some(&1)), "once each");
    for never in ["/closed/b", "/old", "/undated"] {
        assert_eq!(asked.get(never), None, "{never}");
    }
}

#[test]
fn a_feed_that_announces_another_address_is_followed_where_a_feed_is() {
    let outside = Outside::open();
    let announcing = |guid: &str, to: &str| {
        let to =
            format!("<itunes:new-feed-url>{}</itunes:new-feed-url><item>", outside.address(to));
        let feed = feed(&[(guid, &whole("mot"))]).replacen("<item>", &to, 1);
        feed.replace("<rss ", "<rss xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" ")
    };
    outside.put("/old", announcing("1", "/new"));
    outside.put("/new", announcing("2", "/new"));
    outside.put("/lost", announcing("3", "/page"));
    outside.put("/page", page("Un article"));
    outside.put("/ping", announcing("4", "/pong"));
    outside.put("/pong", announcing("5", "/ping"));
    outside.put("/taken", announcing("6", "/there"));
    outside.put("/there", feed(&[("7", &whole("mot"))]));
    let folder = wire(&outside, &["/old", "/lost", "/ping", "/taken", "/there"]);
    let added = source(folder.path(), &outside, "/old");
    // Behind a password, only its own host will do.
    let (own, foreign) = (Outside::open(), Outside::open());
    own.put(
        "/signed",
        announcing("8", "/x").replace(&outside.address("/x"), &foreign.address("/signed")),
    );
    foreign.put("/signed", feed(&[("9", &whole("mot"))]));
    told(&["source", "add", "--data", data(folder.path()), &own.address("/signed")]);
    sign(data(folder.path()), &own.address("/signed"));
    let running = Running::collector_allowed(folder.path(), "127.0.0.1");
    let listed = || lines(&["source", "list", "--data", data(folder.path()), "--json"]);
    let at = |address: String| listed().into_iter().find(|source| source["address"] == *address);
    until("it is asked where it is now", || at(outside.address("/new")).is_some());
    assert_eq!(at(outside.address("/new")).unwrap()["id"], added["id"]);
    until("what came of the others is told", || {
        let told = |source: &Value| source["notices"][0]["word"] == "announced";
        listed().iter().filter(|source| told(source)).count() == 4
    });
    let why = |address: String| at(address).unwrap()["notices"][0]["detail"].to_string();
    for (address, expected) in [
        (outside.address("/lost"), "a page came"),
        (outside.address("/ping"), "moved to"),
        (outside.address("/taken"), "another source"),
        (own.address("/signed"), "password"),
    ] {
        assert!(why(address.clone()).contains(expected), "{address}: {}", why(address.clone()));
    }
    assert!(foreign.served.asked.lock().unwrap().is_empty());
    until("the new one is read", || items(folder.path()).len() == 7);
    assert_eq!(at(outside.address("/new")).unwrap()["notices"], json!([]));
    // It stays where it is, also for those that announce themselves.
    outside.put("/lost", feed(&[("3", &whole("mot"))]));
    until("nothing is announced any more", || {
        at(outside.address("/lost")).unwrap()["notices"] == json!([])
    });
    drop(running);
    let asked = outside.served.asked.lock().unwrap().clone();
    assert_eq!((asked["/pong"], asked["/page"]), (1, 1), "once a day");
}

#[test]
fn a_sitemap_sends_us_to_nobody_else() {
    let (own, foreign) = (Outside::open(), Outside::open());
    let now = Timestamp::now();
    let listed = |addresses: &[String]| {
        let page =
            |address: &String| format!("<url><loc>{address}</loc><lastmod>{now}</lastmod></url>");
        format!("<urlset>{}</urlset>", addresses.iter().map(page).collect::<String>())
    };
    let list =
        |address: &str| format!("<sitemap><loc>{address}</loc><lastmod>{now}</lastmod></sitemap>");
    own.put(
        "/sitemap.xml",
        format!(
            "<sitemapindex>{}{}</sitemapindex>",
            list("/pages.xml"),
            list(&foreign.address("/list.xml"))
        ),
    );
    own.put(
        "/pages.xml",
        listed(&[own.address("/a"), foreign.address("/b"), foreign.address("/c")]),
    );
    own.put("/a", page("Le budget est voté"));
    foreign.put("/b", page("Ailleurs"));
    foreign.put("/list.xml", listed(&[foreign.address("/c")]));
    let folder = wire(&own, &["/sitemap.xml"]);
    let _running = Running::collector_allowed(folder.path(), "127.0.0.1");
    until("its own page is read", || items(folder.path()).len() == 1);
    let told = source(folder.path(), &own, "/sitemap.xml");
    assert_eq!(told["notices"][0]["word"], "foreign_pages", "{told}");
    assert!(told["notices"][0]["detail"].as_str().unwrap().starts_with("3, as http"), "{told}");
    assert!(foreign.served.asked.lock().unwrap().is_empty());
    // Once it names none, nothing is told any more.
    own.put("/sitemap.xml", format!("<sitemapindex>{}</sitemapindex>", list("/pages.xml")));
    own.put("/pages.xml", listed(&[own.address("/a")]));
    until("it is well", || source(folder.path(), &own, "/sitemap.xml")["notices"] == json!([]));
}

#[test]
fn a_list_that_could_not_be_read_is_asked_for_again_while_its_index_stays_the_same() {
    let outside = Outside::open();
    let now = Timestamp::now();
    let dated = |what: &str, path: &str| {
        format!("<{what}><loc>{}</loc><lastmod>{now}</lastmod></{what}>", outside.address(path))
    };
    let index = dated("sitemap", "/pages.xml") + &dated("sitemap", "/more.xml");
    outside.put("/sitemap.xml", format!("<sitemapindex>{index}</sitemapindex>"));
    outside.put("/pages.xml", format!("<urlset>{}</urlset>", dated("url", "/a")));
    outside.put("/more.xml", "HTTP/1.1 500 Down\r\ncontent-length: 0\r\n\r\n".to_owned());
    outside.put("/a", page("Le budget est voté"));
    outside.put("/b", page("La piscine rouvre lundi"));
    let folder = wire(&outside, &["/sitemap.xml"]);
    let _running = Running::collector(folder.path(), outside.port);
    until("what could be read is", || items(folder.path()).len() == 1);
    outside.put("/more.xml", format!("<urlset>{}</urlset>", dated("url", "/b")));
    until("the other list is read", || items(folder.path()).len() == 2);
    until("then nothing is asked twice", || outside.served.unchanged.load(Ordering::SeqCst) > 0);
}

#[test]
fn an_article_that_stands_in_two_feeds_is_fetched_once() {
    let outside = Outside::open();
    let teased = format!(
        "<link>{}</link><description>Le conseil a voté le budget de la commune...</description>",
        outside.address("/a")
    );
    outside.put("/une", feed(&[("1", &teased)]));
    outside.put("/monde", feed(&[("2", &teased)]));
    outside.put("/closed", feed(&[("3", &teased.replace("/a<", "/b<"))]));
    outside.put("/a", page("Le budget est voté"));
    outside.put("/b", page("Le budget est voté"));
    let folder = wire(&outside, &["/une", "/monde", "/closed"]);
    told(&[
        "source",
        "change",
        "--data",
        data(folder.path()),
        &outside.address("/closed"),
        "--pages",
        "never",
    ]);
    let _running = Running::collector(folder.path(), outside.port);
    let whole = || {
        let export = lines(&["export", "--data", data(folder.path())]);
        export.iter().filter(|item| item.to_string().contains("longue séance de nuit")).count()
    };
    until("both are whole", || whole() == 2);
    assert_eq!(items(folder.path()).len(), 3);
    let asked = outside.served.asked.lock().unwrap().clone();
    assert_eq!((asked.get("/a"), asked.get("/b")), (Some(&1), None));
}

#[test]
fn a_copied_page_is_as_late_as_what_it_is_copied_for() {
    let outside = Outside::open();
    let now = Timestamp::now();
    let listed = format!("<url><loc>{}</loc><lastmod>{now}</lastmod></url>", outside.address("/a"));
    outside.put("/sitemap.xml", format!("<urlset>{listed}</urlset>"));
    outside.put("/a", page("Le budget est voté"));
    let folder = wire(&outside, &["/sitemap.xml"]);
    let _running = Running::collector(folder.path(), outside.port);
    until("the first list is read", || items(folder.path()).len() == 1);
    let teaser = "<description>Le conseil a voté le budget de la commune...</description>";
    let teased = format!("<link>{}</link>{teaser}", outside.address("/a"));
    outside.put("/une", feed(&[("1", &teased)]));
    told(&["source", "add", "--data", data(folder.path()), &outside.address("/une")]);
    let store = Store::open(folder.path()).unwrap();
    let pages = || -> Vec<(bool, bool)> {
        let all =
            (1..=store.last_delivery().unwrap()).map(|id| store.delivery(id).unwrap().delivery);
        let of_items = all.filter(|delivery| delivery.address == outside.address("/a"));
        of_items.map(|d| (matches!(d.kind, DeliveryKind::Page(_)), d.backfill)).collect()
    };
    until("the page has come for both", || pages().len() == 2);
    assert_eq!(
        pages(),
        [(false, true), (true, false)],
        "the first list is late, the teaser's page is not"
    );
    assert_eq!(outside.served.asked.lock().unwrap().get("/a"), Some(&1));
}

#[test]
fn a_source_behind_a_password_is_asked_with_it_and_nobody_else_hears_of_it() {
    let outside = Outside::open();
    let teased = |host: &str, path: &str| {
        format!(
            "<link>http://{host}:{}{path}</link><description>Le conseil a voté...</description>",
            outside.port
        )
    };
    outside
        .put("/fil", feed(&[("1", &teased("127.0.0.1", "/a")), ("2", &teased("localhost", "/b"))]));
    outside.put("/open", feed(&[("3", &whole("mot"))]));
    for path in ["/a", "/b"] {
        outside.put(path, page("Le budget est voté"));
    }
    let folder = wire(&outside, &["/fil", "/open"]);
    let data = data(folder.path());
    let address = outside.address("/fil");
    let mut set = depeche(&["source", "access", "--data", data, &address, "--user", "alice"]);
    let mut set = set
        .args(["--password-file", "-", "--header", "X-Key: sesame2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    set.stdin.take().unwrap().write_all(b"sesame1\n").unwrap();
    let said = String::from_utf8(set.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("\"password\":true") && said.contains("x-key"), "{said}");
    let allowed = format!("127.0.0.1:{}", outside.port);
    let _running = Running::collector(folder.path(), outside.port);
    until("all is read", || {
        let asked = outside.served.asked.lock().unwrap().clone();
        ["/a", "/b", "/open"].iter().all(|path| asked.contains_key(*path))
    });
    let signed = outside.served.signed.lock().unwrap().clone();
    // alice:sesame1
    assert!(
        signed.contains(&"/fil authorization: Basic YWxpY2U6c2VzYW1lMQ==".to_owned()),
        "{signed:?}"
    );
    assert!(signed.iter().any(|head| head.starts_with("/a ")), "{signed:?}");
    assert!(signed.iter().all(|head| !head.starts_with("/b ") && !head.starts_with("/open ")));
    for arguments in [
        vec!["source", "list", "--data", data, "--json"],
        vec!["source", "access", "--data", data, &address],
        vec!["export", "--data", data],
        vec!["doctor", "--data", data, "--json"],
    ] {
        let output = depeche(&arguments).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!said.contains("sesame") && !said.contains("alice"), "{arguments:?}: {said}");
    }
    told(&["source", "access", "--data", data, &address, "--clear"]);
    let shown = &lines(&["source", "access", "--data", data, &address])[0];
    assert_eq!((&shown["password"], &shown["headers"]), (&json!(false), &json!([])), "{allowed}");
}

#[test]
fn a_refused_sign_in_says_what_to_do_and_is_tried_again_at_once() {
    let outside = Outside::open();
    let folder = wire(&outside, &["/fil", "/gone"]);
    let store = Store::open(folder.path()).unwrap();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    for (path, word) in [("/fil", "status_401"), ("/gone", "status_410")] {
        let id = store.source_at(&outside.address(path)).unwrap().unwrap();
        let failure = FailureNote { word: word.to_owned(), detail: String::new() };
        let poll = Poll { failure: Some(failure), ..Poll::unchanged(Timestamp::now(), later) };
        store.polled(&id, poll).wait().unwrap();
    }
    drop(store);
    let told_of = |path| source(folder.path(), &outside, path);
    assert!(told_of("/fil")["next_step"].as_str().unwrap().contains("depeche source access"));
    assert!(told_of("/gone")["next_step"].as_str().unwrap().contains("three days it is paused"));
    let (data, address) = (data(folder.path()), outside.address("/fil"));
    let alone = depeche(&["source", "access", "--data", data, &address, "--user", "alice"]);
    let alone = { alone }.output().unwrap();
    let said = String::from_utf8_lossy(&alone.stderr).into_owned();
    assert!(!alone.status.success() && said.contains("--password-file"), "{said}");
    let next = || told_of("/fil")["next_poll_at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(next() > Timestamp::now());
    sign(data, &address);
    assert!(next() <= Timestamp::now());
}

/// Has a source asked with a password.
fn sign(data: &str, address: &str) {
    let mut set = depeche(&["source", "access", "--data", data, address, "--user", "alice"]);
    let set = set.args(["--password-file", "-", "--header", "X-Key: sesame2"]);
    let mut set = set.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    set.stdin.take().unwrap().write_all(b"sesame1\n").unwrap();
    assert!(set.wait().unwrap().success());
}

#[test]
fn a_source_that_moves_to_a_foreign_host_leaves_its_password_behind() {
    let (own, foreign) = (Outside::open(), Outside::open());
    let redirect =
        |to: &str| format!("HTTP/1.1 301 Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    // One moves, one turns out to be a page that names its feed elsewhere, one moves within its host.
    own.put("/fil", redirect(&foreign.address("/fil")));
    let alternate = format!(
        "<link rel=alternate type=application/rss+xml href=\"{}\">",
        foreign.address("/named")
    );
    own.put("/page", format!("<!DOCTYPE html><html><head>{alternate}</head><body>x</body></html>"));
    own.put("/old", redirect("/new"));
    own.put("/new", feed(&[("3", &whole("mot"))]));
    foreign.put("/fil", feed(&[("1", &whole("mot"))]));
    foreign.put("/named", feed(&[("2", &whole("mot"))]));
    let folder = wire(&own, &["/fil", "/page", "/old"]);
    let data = data(folder.path());
    for path in ["/fil", "/page", "/old"] {
        sign(data, &own.address(path));
    }
    let _running = Running::collector_allowed(folder.path(), "127.0.0.1");
    until("all are asked again where they are now", || {
        let asked = foreign.served.asked.lock().unwrap();
        let often = |path: &str| asked.get(path).is_some_and(|times| *times >= 3);
        let there = own.served.asked.lock().unwrap();
        often("/fil") && often("/named") && there.get("/new").is_some_and(|times| *times >= 3)
    });
    assert_eq!(foreign.served.signed.lock().unwrap().clone(), Vec::<String>::new());
    for (outside, path, kept) in
        [(&foreign, "/fil", false), (&foreign, "/named", false), (&own, "/new", true)]
    {
        let told = source(folder.path(), outside, path);
        let access = &lines(&["source", "access", "--data", data, &outside.address(path)])[0];
        assert_eq!(access["password"], json!(kept), "{access}");
        let words: Vec<_> =
            told["notices"].as_array().unwrap().iter().map(|n| &n["word"]).collect();
        assert_eq!(words, if kept { vec![] } else { vec!["secret_left"] }, "{told}");
        assert_eq!(told["health"].as_str().unwrap().contains("without its password"), !kept);
    }
    let signed = own.served.signed.lock().unwrap().clone();
    assert!(signed.iter().any(|head| head.starts_with("/new ")), "{signed:?}");
    // Whoever says anew how it is asked has seen it.
    sign(data, &foreign.address("/fil"));
    assert_eq!(source(folder.path(), &foreign, "/fil")["notices"], json!([]));
}

#[test]
fn a_page_waits_while_robots_txt_cannot_be_read() {
    let outside = Outside::open();
    let broken = "HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n";
    outside.put("/robots.txt", broken.to_owned());
    let link = format!("<link>{}</link>", outside.address("/a"));
    outside.put("/fil", feed(&[("1", &link)]));
    outside.put("/a", page("Le budget est voté"));
    let folder = wire(&outside, &["/fil"]);
    let store = Store::open(folder.path()).unwrap();
    let _running = Running::collector(folder.path(), outside.port);
    until("its rules are asked for", || {
        outside.served.asked.lock().unwrap().contains_key("/robots.txt")
    });
    until("the page is put off", || {
        store.due_jobs(Timestamp::now(), 9).unwrap().is_empty()
            && store.pages_wanted().unwrap() == 1
    });
    assert!(!outside.served.asked.lock().unwrap().contains_key("/a"));
}

#[test]
fn what_an_address_leads_to_is_told_with_what_is_in_it() {
    let outside = Outside::open();
    outside
        .put("/", "<!DOCTYPE html><html><body><a href=/les-flux>RSS</a></body></html>".to_owned());
    outside.put(
        "/les-flux",
        "<!DOCTYPE html><html><body><a href=/fil.rss>Tout</a></body></html>".to_owned(),
    );
    let date = "<pubDate>Thu, 11 Feb 2016 16:41:00 +0100</pubDate>";
    outside.put("/fil.rss", feed(&[("1", date), ("2", "")]));
    let allowed = format!("127.0.0.1:{}", outside.port);
    let test = |path: &str| {
        let address = outside.address(path);
        let output =
            depeche(&["source", "test", &address, "--allow-address", &allowed]).output().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        (told, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (told, _) = test("/");
    let expected = json!({
        "address": outside.address("/fil.rss"), "title": "Fil", "kind": "feed", "format": "rss2.0", "items": 2,
        "language": null, "newest": "2016-02-11T16:41:00+01:00",
        "preview": [
            { "headline": "Titre 1", "at": "2016-02-11T16:41:00+01:00" },
            { "headline": "Titre 2", "at": null },
        ],
    });
    assert_eq!(told, json!({ "found": [expected], "failure": null }));
    let (told, said) = test("/nowhere");
    assert_eq!(told["failure"]["word"], "status_404");
    assert!(said.contains("nothing is at this address any more"), "{said}");
}
