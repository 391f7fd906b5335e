//! What comes by itself, with the real program: folders that files are dropped into, pushes, a hub.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_types, reason = "the test is an agency and a hub that connect")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use depeche_news::{
    Delivery, DeliveryKind, SourceId, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Appended, Recorded, SourceState, Store, SubscriptionState};
use serde_json::Value;
use support::{Running, depeche, lines, told, until};

/// A wire that runs, and where it is served.
struct Wire {
    running: Running,
    pages: String,
}

impl Wire {
    fn start(data: &Path, listen: &str, arguments: &[&str]) -> Self {
        let mut all = vec!["run", "--data", data.to_str().unwrap(), "--listen", listen];
        all.extend(arguments);
        let mut command = depeche(&all);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut pages = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut pages).unwrap();
        let pages = pages.trim().trim_start_matches("http://").to_owned();
        assert!(!pages.is_empty(), "the wire did not start");
        Self { running: Running(child), pages }
    }

    fn kill(self) {
        self.running.kill();
    }

    fn page(&self) -> String {
        http(&self.pages, "GET", "/", &[], b"").1
    }
}

/// Status and body of a request; 0 when nobody answers.
fn http(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> (u16, String) {
    let answer = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len(),
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = answer().unwrap_or_default();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
}

fn feed(items: &[(&str, &str)]) -> String {
    let items: String = items
        .iter()
        .map(|(guid, title)| {
            format!(
                "<item><title>{title}</title><guid isPermaLink=\"false\">{guid}</guid>\
                 <description>{}</description></item>",
                text(guid),
            )
        })
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Agence</title><language>fr</language>{items}</channel></rss>"
    )
}

/// A text that shares no words with another one, so that none is taken for its copy.
fn text(guid: &str) -> String {
    let seed =
        guid.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let words = (0..40_u64).map(|at| {
        let number =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(at.wrapping_mul(977));
        let letter = |shift: u64| char::from(b'a' + (number >> shift) as u8 % 26);
        [8, 17, 26, 35, 44].map(letter).iter().collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How often each guid is on the wire.
fn guids(data: &Path) -> BTreeMap<String, usize> {
    let mut guids = BTreeMap::new();
    for item in lines(&["items", "--data", data.to_str().unwrap()]) {
        assert_eq!(item["versions"], 1, "{item}");
        *guids.entry(item["guid"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    guids
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn add_folder(data: &Path, folder: &Path, more: &[&str]) {
    let mut all = vec!["source", "add", "--data", data.to_str().unwrap(), "--folder"];
    all.push(folder.to_str().unwrap());
    all.extend(more);
    told(&all);
}

/// Where files are that were taken on one day.
fn taken(folder: &Path) -> Vec<String> {
    let days = names(&folder.join("taken"));
    days.iter().flat_map(|day| names(&folder.join("taken").join(day))).collect()
}

#[test]
fn what_is_dropped_is_taken_whole_and_put_away() {
    let root = tempfile::tempdir().unwrap();
    let (data, folder) = (root.path().join("data"), root.path().join("fil"));
    fs::create_dir_all(folder.join("sport")).unwrap();
    add_folder(&data, &folder, &["--settle", "1"]);
    fs::write(folder.join("a.xml"), feed(&[("a", "Titre a")])).unwrap();
    fs::write(folder.join("sport/b.xml"), feed(&[("b", "Titre b")])).unwrap();
    fs::write(folder.join("c.xml.part"), feed(&[("c", "Titre c")])).unwrap();
    fs::write(folder.join("d.zip"), b"PK\x03\x04").unwrap();
    let wire = Wire::start(&data, "127.0.0.1:0", &[]);
    until("whole files are taken", || guids(&data).len() == 2);
    until("they are put away", || taken(&folder) == ["a.xml", "sport"]);
    until("what is no news is refused", || {
        names(&folder.join("refused")) == ["d.zip", "d.zip.txt"]
    });
    assert!(folder.join("c.xml.part").exists());
    fs::rename(folder.join("c.xml.part"), folder.join("c.xml")).unwrap();
    until("what was renamed is taken", || guids(&data).len() == 3);
    until("its page is on the wire", || wire.page().contains("Titre c"));
    until("it is put away too", || names(&folder) == ["refused", "sport", "taken"]);
    // A folder that is gone is told, and taken up again when it is back.
    fs::rename(&folder, root.path().join("away")).unwrap();
    until("it is said that the folder is gone", || failure(&data) == "folder_missing");
    fs::rename(root.path().join("away"), &folder).unwrap();
    until("it is well again", || failure(&data) == Value::Null);
}

fn failure(data: &Path) -> Value {
    lines(&["source", "list", "--data", data.to_str().unwrap()])[0]["failure"]["word"].clone()
}

/// Whoever drops files makes links where we write, and puts them in the place of what we moved.
#[test]
fn links_in_a_folder_lead_nowhere() {
    let root = tempfile::tempdir().unwrap();
    let (data, folder) = (root.path().join("data"), root.path().join("fil"));
    let outside = root.path().join("outside");
    fs::create_dir_all(folder.join("refused")).unwrap();
    fs::create_dir_all(&outside).unwrap();
    add_folder(&data, &folder, &["--settle", "0"]);
    fs::write(outside.join("secret.xml"), feed(&[("secret", "Titre secret")])).unwrap();
    symlink(outside.join("secret.xml"), folder.join("refused/d.zip.txt")).unwrap();
    fs::write(folder.join("d.zip"), b"PK\x03\x04").unwrap();
    fs::write(folder.join("a.xml"), feed(&[("a", "Titre a")])).unwrap();
    let _wire = Wire::start(&data, "127.0.0.1:0", &[]);
    until("it is refused beside the link", || folder.join("refused/d-2.zip.txt").exists());
    assert!(fs::read_to_string(outside.join("secret.xml")).unwrap().contains("Titre secret"));
    until("the file is put away", || taken(&folder) == ["a.xml"]);
    let day = folder.join("taken").join(&names(&folder.join("taken"))[0]);
    fs::remove_file(day.join("a.xml")).unwrap();
    symlink(outside.join("secret.xml"), day.join("a.xml")).unwrap();
    // Two more files, one after the other: a look for what was written to later has gone by in between.
    for name in ["b", "c"] {
        fs::write(folder.join(format!("{name}.xml")), feed(&[(name, name)])).unwrap();
        until("it is taken", || guids(&data).contains_key(name));
        until("it is put away", || !folder.join(format!("{name}.xml")).exists());
    }
    fs::rename(folder.join("taken"), root.path().join("away")).unwrap();
    assert_eq!(guids(&data).into_keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    // A link where they are put away is told, and what is dropped is news all the same.
    symlink(&outside, folder.join("taken")).unwrap();
    until("it is told", || failure(&data) == "folder_fixed");
    fs::write(folder.join("d.xml"), feed(&[("d", "Titre d")])).unwrap();
    until("it is taken", || guids(&data).contains_key("d"));
    assert!(folder.join("d.xml").exists());
    assert_eq!(names(&outside), ["secret.xml"]);
    fs::remove_file(folder.join("taken")).unwrap();
    until("only the one that stayed is told", || {
        let list = lines(&["source", "list", "--data", data.to_str().unwrap()]);
        list[0]["failure"]["detail"].as_str().is_some_and(|detail| detail.contains("d.xml"))
    });
    fs::remove_file(folder.join("d.xml")).unwrap();
    until("it is well again", || failure(&data) == Value::Null);
}

#[test]
fn a_done_file_says_what_is_whole_and_what_stays_is_taken_once() {
    let root = tempfile::tempdir().unwrap();
    let (data, folder) = (root.path().join("data"), root.path().join("fil"));
    fs::create_dir_all(&folder).unwrap();
    add_folder(&data, &folder, &["--done-suffix", ".done", "--after", "leave"]);
    for name in ["a", "b"] {
        fs::write(folder.join(format!("{name}.xml")), feed(&[(name, name)])).unwrap();
    }
    fs::write(folder.join("a.xml.done"), "").unwrap();
    let wire = Wire::start(&data, "127.0.0.1:0", &[]);
    until("what is said to be whole is taken", || guids(&data).len() == 1);
    wire.kill();
    fs::write(folder.join("b.xml.done"), "").unwrap();
    let _wire = Wire::start(&data, "127.0.0.1:0", &[]);
    until("the other one is taken", || guids(&data).len() == 2);
    assert_eq!(names(&folder), ["a.xml", "a.xml.done", "b.xml", "b.xml.done"]);
    let store = Store::open(&data).unwrap();
    assert_eq!(store.last_delivery().unwrap(), 2, "what stays is one delivery");
}

/// Files in the folder and pushes at the same time, with a kill at ever later moments: each once.
#[test]
fn an_empty_file_is_refused_and_taken_when_its_bytes_come_all_the_same() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (data, folder) = (data.path(), folder.path());
    add_folder(data, folder, &["--done-suffix", ".done"]);
    fs::write(folder.join("orphan.done"), "").unwrap();
    let orphan = fs::File::options().write(true).open(folder.join("orphan.done")).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_455_000_000);
    orphan.set_modified(long_ago).unwrap();
    fs::write(folder.join("a.xml"), "").unwrap();
    fs::write(folder.join("a.xml.done"), "").unwrap();
    let _wire = Wire::start(data, "127.0.0.1:0", &[]);
    until("it is refused", || names(&folder.join("refused")) == ["a.xml", "a.xml.txt"]);
    until("what is alone is told", || failure(data) == "done_alone");
    fs::write(folder.join("refused/a.xml"), feed(&[("1", "un")])).unwrap();
    until("it is taken", || guids(data).len() == 1);
}

#[test]
fn kills_lose_and_double_nothing_of_what_comes_by_itself() {
    const FILES: usize = 40;
    for kill in 0..6 {
        let root = tempfile::tempdir().unwrap();
        let (data, folder) = (root.path().join("data"), root.path().join("fil"));
        fs::create_dir_all(&folder).unwrap();
        add_folder(&data, &folder, &["--settle", "0"]);
        told(&["source", "add", "--data", data.to_str().unwrap(), "--pushed", "Agence"]);
        let token = told(&["source", "token", "--data", data.to_str().unwrap(), "Agence"]);
        let headers = [("authorization", format!("Bearer {}", token.trim()))];
        for file in 0..FILES {
            let guid = format!("f{file}");
            fs::write(folder.join(format!("{guid}.xml")), feed(&[(&guid, &guid)])).unwrap();
        }
        let wire = Wire::start(&data, "127.0.0.1:0", &[]);
        let mut acknowledged = Vec::new();
        {
            let store = Store::open(&data).unwrap();
            until("enough has come in", || {
                let guid = format!("p{}", acknowledged.len());
                let body = feed(&[(&guid, &guid)]);
                let pushed = http(&wire.pages, "POST", "/intake/agence", &headers, body.as_bytes());
                assert_eq!(pushed.0, 201, "{}", pushed.1);
                acknowledged.push(guid);
                store.last_delivery().unwrap() > kill * 12
            });
        }
        wire.kill();
        let wire = Wire::start(&data, "127.0.0.1:0", &[]);
        for guid in &acknowledged {
            // Whoever did not hear the answer sends it again.
            let body = feed(&[(guid, guid)]);
            let again = http(&wire.pages, "POST", "/intake/agence", &headers, body.as_bytes());
            assert_eq!(again.0, 200, "{}", again.1);
        }
        let all = FILES + acknowledged.len();
        until("everything is on the wire", || guids(&data).len() >= all);
        until("every file is put away", || taken(&folder).len() >= FILES);
        let there = guids(&data);
        assert_eq!(there.len(), all, "after kill {kill}");
        assert!(there.values().all(|&times| times == 1), "after kill {kill}: {there:?}");
        assert_eq!(taken(&folder).len(), FILES, "after kill {kill}");
        assert_eq!(names(&folder), ["taken"], "after kill {kill}");
    }
}

/// Whoever sends slowly, however often, waits behind himself.
#[test]
fn slow_bodies_close_the_intake_to_nobody_else() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().to_str().unwrap();
    let token = |name: &str| {
        told(&["source", "add", "--data", data, "--pushed", name]);
        told(&["source", "token", "--data", data, name]).trim().to_owned()
    };
    let (slow, quick) = (token("lente"), token("vive"));
    let wire = Wire::start(root.path(), "127.0.0.1:0", &[]);
    let body = feed(&[("1", "Titre un")]);
    let begin = || {
        let mut stream = TcpStream::connect(&wire.pages).unwrap();
        let (host, length) = (&wire.pages, body.len());
        write!(
            stream,
            "POST /intake/lente HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {slow}\r\n\
             expect: 100-continue\r\ncontent-length: {length}\r\n\r\n",
        )
        .unwrap();
        stream
    };
    // Told to go on when their body is waited for.
    let mut sitting = [begin(), begin()];
    for stream in &mut sitting {
        let mut told = [0; 12];
        stream.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 100");
    }
    let more: Vec<TcpStream> = (0..38).map(|_| begin()).collect();
    let headers = [("authorization", format!("Bearer {quick}"))];
    let pushed = http(&wire.pages, "POST", "/intake/vive", &headers, body.as_bytes());
    assert_eq!(pushed.0, 201, "{}", pushed.1);
    drop((sitting, more));
}

/// A hub on a real socket, and the feed that names it.
#[derive(Clone)]
struct Hub {
    port: u16,
    state: Arc<Mutex<Asked>>,
}

#[derive(Default)]
struct Asked {
    /// What was sent to the hub, each as its fields.
    forms: Vec<BTreeMap<String, String>>,
    feed: String,
    /// Where the pages are served that it calls.
    pages: String,
    polls: usize,
    silent: bool,
    denies: bool,
    lease: u32,
}

impl Hub {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let hub = Self { port, state: Arc::default() };
        hub.state.lock().unwrap().lease = 3600;
        let shared = hub.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let hub = shared.clone();
                std::thread::spawn(move || hub.answer(stream));
            }
        });
        hub
    }

    fn topic(&self) -> String {
        format!("http://127.0.0.1:{}/fil", self.port)
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let (mut line, mut length, mut path) = (String::new(), 0, String::new());
        while reader.read_line(&mut line).unwrap_or(0) > 0 && !line.trim().is_empty() {
            if path.is_empty() {
                path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        let _ = reader.read_exact(&mut body);
        let answer = if path == "/fil" {
            let mut state = self.state.lock().unwrap();
            state.polls += 1;
            let links = format!(
                "link: <http://127.0.0.1:{0}/hub>; rel=\"hub\"\r\nlink: <{1}>; rel=\"self\"",
                self.port,
                self.topic(),
            );
            format!(
                "HTTP/1.1 200 OK\r\n{links}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{}",
                state.feed.len(),
                state.feed,
            )
        } else {
            self.asked(&body);
            "HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        let _ = reader.get_mut().write_all(answer.as_bytes());
    }

    /// Takes a form and verifies it as hubs do, before or after it has answered.
    fn asked(&self, body: &[u8]) {
        let form: BTreeMap<String, String> =
            url::form_urlencoded::parse(body).into_owned().collect();
        let (silent, denies, lease) = {
            let mut state = self.state.lock().unwrap();
            state.forms.push(form.clone());
            (state.silent, state.denies, state.lease)
        };
        if silent {
            return;
        }
        let (address, path) = self.called(&form);
        let mode = if denies { "denied" } else { form["hub.mode"].as_str() };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", mode)
            .append_pair("hub.topic", &form["hub.topic"])
            .append_pair("hub.challenge", "a challenge")
            .append_pair("hub.lease_seconds", &lease.to_string())
            .finish();
        let (status, echoed) = http(&address, "GET", &format!("{path}?{query}"), &[], b"");
        let expected = if denies { "" } else { "a challenge" };
        assert_eq!((status, echoed.as_str()), (200, expected));
    }

    /// Where and under which path the callback of a form is reached.
    fn called(&self, form: &BTreeMap<String, String>) -> (String, String) {
        until("the wire has said where it is", || !self.state.lock().unwrap().pages.is_empty());
        let path = form["hub.callback"].strip_prefix(BASE).unwrap().to_owned();
        (self.state.lock().unwrap().pages.clone(), path)
    }

    fn last(&self) -> BTreeMap<String, String> {
        self.state.lock().unwrap().forms.last().unwrap().clone()
    }

    fn times(&self, mode: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.forms.iter().filter(|form| form["hub.mode"] == mode).count()
    }

    /// Sends what is new, signed with this secret.
    fn distribute(&self, secret: &str, body: &str) -> u16 {
        let (address, path) = self.called(&self.last());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, body.as_bytes());
        let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let headers = [
            ("content-type", "application/rss+xml".to_owned()),
            ("x-hub-signature", format!("sha256={tag}")),
        ];
        http(&address, "POST", &path, &headers, body.as_bytes()).0
    }
}

/// Where the wire says that it is reached; the hub knows better, since no port is known before it is taken.
const BASE: &str = "http://127.0.0.1:9";

/// A wire that listens to the hub's feed and can be reached by the hub.
fn subscriber(data: &Path, hub: &Hub) -> Wire {
    subscriber_beside(data, hub, &format!("127.0.0.1:{}", hub.port))
}

/// The same, beside another server that may be asked.
fn subscriber_beside(data: &Path, hub: &Hub, other: &str) -> Wire {
    told(&["source", "add", "--data", data.to_str().unwrap(), &hub.topic()]);
    let allowed = format!("127.0.0.1:{}", hub.port);
    let more = ["--base-url", BASE, "--allow-address", &allowed, "--allow-address", other];
    let wire = Wire::start(data, "127.0.0.1:0", &more);
    hub.state.lock().unwrap().pages.clone_from(&wire.pages);
    wire
}

fn held(store: &Store) -> Option<depeche_store::Subscription> {
    let sources = store.sources(Viewer::Administrator, Timestamp::now()).unwrap();
    store.subscription_of(&sources.first()?.id).unwrap()
}

#[test]
fn a_hub_sends_what_is_new_until_it_is_asked_to_end() {
    let (root, hub) = (tempfile::tempdir().unwrap(), Hub::open());
    hub.state.lock().unwrap().feed = feed(&[("1", "Titre un")]);
    let wire = subscriber(root.path(), &hub);
    let store = Store::open(root.path()).unwrap();
    let active = || held(&store).is_some_and(|held| held.state == SubscriptionState::Active);
    until("the hub has confirmed", active);
    let form = hub.last();
    assert_eq!(form["hub.topic"], hub.topic());
    assert!(form["hub.secret"].len() >= 32);
    let polls = hub.state.lock().unwrap().polls;

    assert_eq!(hub.distribute("not our secret", &feed(&[("2", "Titre faux")])), 202);
    until("it is counted", || held(&store).unwrap().ignored == 1);
    assert_eq!(hub.distribute(&form["hub.secret"], &feed(&[("2", "Titre deux")])), 202);
    until("what was sent is on the page", || wire.page().contains("Titre deux"));
    assert!(!wire.page().contains("Titre faux"));
    assert_eq!(hub.state.lock().unwrap().polls, polls, "it was not asked for");

    let id = store.sources(Viewer::Administrator, Timestamp::now()).unwrap()[0].id.clone();
    store.set_source_state(&id, SourceState::Paused).wait().unwrap();
    until("the hub is asked to end it", || hub.times("unsubscribe") == 1);
    until("it has ended", || store.subscription(&callback(&form)).unwrap().is_none());
    assert_eq!(hub.distribute(&form["hub.secret"], &feed(&[("3", "Titre trois")])), 410);
    store.set_source_state(&id, SourceState::Active).wait().unwrap();
    until("it is subscribed anew", active);
    assert_ne!(hub.last()["hub.callback"], form["hub.callback"]);
}

fn callback(form: &BTreeMap<String, String>) -> String {
    form["hub.callback"].rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_lease_is_renewed_before_it_ends_and_a_lapsed_one_asked_for_again() {
    let (root, hub) = (tempfile::tempdir().unwrap(), Hub::open());
    {
        let mut state = hub.state.lock().unwrap();
        // No lease is believed that is so short; it is wound forward by hand.
        (state.feed, state.lease) = (feed(&[("1", "Titre un")]), 4);
    }
    let _wire = subscriber(root.path(), &hub);
    let store = Store::open(root.path()).unwrap();
    let hours = |hours| Timestamp::now() + SignedDuration::from_hours(hours);
    for renewed in 1..=2 {
        let confirmed = || {
            let held = held(&store)?;
            Some(held).filter(|held| held.state == SubscriptionState::Active && held.failures == 0)
        };
        until("it is confirmed", || confirmed().is_some_and(|held| held.until > Some(hours(0))));
        let callback = confirmed().unwrap().callback;
        store.subscription_confirmed(&callback, hours(1), hours(0)).wait().unwrap();
        until("it was renewed", || hub.times("subscribe") > renewed);
    }
    until("it is confirmed", || held(&store).unwrap().failures == 0);
    assert_eq!(held(&store).unwrap().callback, callback(&hub.last()));
    let polls = {
        let mut state = hub.state.lock().unwrap();
        state.silent = true;
        state.polls
    };
    let callback = held(&store).unwrap().callback;
    store.subscription_confirmed(&callback, hours(0), hours(1)).wait().unwrap();
    until("it has lapsed", || held(&store).unwrap().state == SubscriptionState::Asked);
    until("the feed is asked again", || hub.state.lock().unwrap().polls > polls);
}

/// Lists and files are known when they come again, but not better than the operator knows what he wants.
#[test]
fn what_was_removed_is_there_again_when_it_is_imported_again() {
    let (root, hub) = (tempfile::tempdir().unwrap(), Hub::open());
    let data = root.path().join("data");
    let told_of = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--data", data.to_str().unwrap()]);
        told(&all)
    };
    hub.state.lock().unwrap().feed = feed(&[("1", "Titre un")]);
    let (list, file) = (root.path().join("l.opml"), root.path().join("agence.xml"));
    let outline = format!("<outline type='rss' text='Fil' xmlUrl='{}'/>", hub.topic());
    fs::write(&list, format!("<opml version='2.0'><body>{outline}</body></opml>")).unwrap();
    fs::write(&file, feed(&[("file", "Titre du fichier")])).unwrap();
    let (list, file) = (list.to_str().unwrap(), file.to_str().unwrap());
    told_of(&["import", list, file]);
    let allowed = format!("127.0.0.1:{}", hub.port);
    let wire = Wire::start(&data, "127.0.0.1:0", &["--allow-address", &allowed]);
    until("both are on the wire", || guids(&data).len() == 2);
    drop(wire);
    let sources = || lines(&["source", "list", "--data", data.to_str().unwrap()]);
    let before = sources();
    assert_eq!(before.len(), 2);
    for source in &before {
        told_of(&["source", "remove", source["id"].as_str().unwrap()]);
    }
    assert_eq!(sources().len(), 0);
    told_of(&["import", list, file]);
    let ids = |sources: &[Value]| sources.iter().map(|s| s["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&sources()), ids(&before));
    hub.state.lock().unwrap().feed = feed(&[("1", "Titre un"), ("2", "Titre deux")]);
    let _wire = Wire::start(&data, "127.0.0.1:0", &["--allow-address", &allowed]);
    until("it is asked again", || guids(&data).len() == 3);
}

/// A hub that takes the form and does not answer keeps no other one waiting.
#[test]
fn a_slow_hub_keeps_no_other_waiting() {
    let (root, hub) = (tempfile::tempdir().unwrap(), Hub::open());
    let data = root.path().to_str().unwrap();
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = slow.local_addr().unwrap().to_string();
    hub.state.lock().unwrap().feed = feed(&[("1", "Titre un")]);
    // As many as hubs were asked at once, and each with a hub of its own on the same socket.
    for number in 0..4 {
        let source = told(&["source", "add", "--data", data, &format!("http://{at}/{number}")]);
        assert!(!source.is_empty());
    }
    let store = Store::open(root.path()).unwrap();
    for (number, source) in
        store.sources(Viewer::Administrator, Timestamp::now()).unwrap().iter().enumerate()
    {
        let (hub, topic) = (format!("http://{at}/hub/{number}"), source.address.clone());
        names_hub(&store, &source.id, hub, topic);
    }
    let (held, taken) = std::sync::mpsc::channel();
    std::thread::spawn(move || slow.incoming().flatten().try_for_each(|stream| held.send(stream)));
    let allowed = hub.clone();
    let _wire = subscriber_beside(root.path(), &allowed, &at);
    until("the other hub was asked", || hub.times("subscribe") == 1);
    let mut form = taken.into_iter().find_map(|mut stream| {
        let mut start = [0; 4];
        stream.read_exact(&mut start).unwrap();
        (&start == b"POST").then_some(stream)
    });
    let form = form.as_mut().unwrap();
    form.set_nonblocking(true).unwrap();
    let mut rest = Vec::new();
    let open = form.read_to_end(&mut rest).unwrap_err();
    assert_eq!(open.kind(), std::io::ErrorKind::WouldBlock, "the slow one is waited for still");
}

/// As if a feed had been read that names a hub.
fn names_hub(store: &Store, source: &SourceId, hub: String, topic: String) {
    let delivery = Delivery {
        source: source.clone(),
        kind: DeliveryKind::Feed,
        address: topic.clone(),
        headers: Vec::new(),
        body: topic.clone().into_bytes(),
        received_at: Timestamp::now(),
        backfill: false,
        validators: Validators::default(),
    };
    let (Recorded::New(delivery) | Recorded::Repeated(delivery)) =
        store.record(delivery).wait().unwrap();
    let hub = Some((hub, topic));
    let read = Appended { delivery, source: Some(source.clone()), hub, ..Appended::default() };
    store.append(read, Vec::new()).wait().unwrap();
}

#[test]
fn hubs_that_say_no_or_nothing_are_left_alone_and_the_feed_is_asked() {
    for denies in [true, false] {
        let (root, hub) = (tempfile::tempdir().unwrap(), Hub::open());
        {
            let mut state = hub.state.lock().unwrap();
            (state.feed, state.denies, state.silent) =
                (feed(&[("1", "Titre un")]), denies, !denies);
        }
        let wire = subscriber(root.path(), &hub);
        let store = Store::open(root.path()).unwrap();
        let expected = if denies { SubscriptionState::Denied } else { SubscriptionState::Asked };
        until("the hub was asked", || held(&store).is_some_and(|held| held.state == expected));
        until("it has heard us", || hub.times("subscribe") == 1);
        let due = store.due_subscriptions(Timestamp::now(), 1).unwrap();
        assert_eq!(due, [], "it is not asked again at once");
        let now = Timestamp::now() + depeche_news::jiff::SignedDuration::from_hours(24);
        assert!(!store.due_sources(now, 1).unwrap()[0].pushed);
        drop(wire);
        assert_eq!(hub.times("subscribe"), 1);
    }
}

/// What means nothing for a kind of source is refused with what to do instead.
#[test]
fn what_means_nothing_for_a_source_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().to_str().unwrap();
    told(&["source", "add", "--data", data, "https://q.example/fil.rss", "--name", "Radio Q"]);
    told(&["source", "add", "--data", data, "--pushed", "Agence"]);
    for (arguments, why, what_to_do) in [
        (&["token", "--data", data, "Radio Q"][..], "not delivered by pushes", "--pushed"),
        (&["refresh", "--data", data, "Agence"], "is not asked", "source token"),
        (&["access", "--data", data, "Agence", "--user", "a"], "is not asked", "source token"),
    ] {
        let output = depeche(&[&["source"], arguments].concat()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(said.contains(why) && said.contains(what_to_do), "{said}");
    }
    assert_eq!(told(&["source", "token", "--data", data, "Agence"]).trim().len(), 48);
}
