//! Running as a service: readiness, the graceful stop, figures, logs and the first token.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_types, reason = "the test is a reader that connects")]

mod support;

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::{fs::PermissionsExt, net::UnixDatagram},
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::{Outside, Running, depeche, lines, told, until};

/// Longest a test waits for a datagram or an answer; far beyond what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A wire that runs, where it is served, and where its figures are.
struct Wire {
    running: Running,
    pages: String,
}

impl Wire {
    fn start(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut all = vec!["run", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut command = depeche(&all);
        command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pages = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut pages).unwrap();
        let pages = pages.trim().trim_start_matches("http://").to_owned();
        assert!(!pages.is_empty(), "{}", rest(child.stderr.as_mut().unwrap()));
        Self { running: Running(child), pages }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child().id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn child(&self) -> &Child {
        &self.running.0
    }

    /// Waits for its end; gives its exit code and what it said.
    fn ended(mut self) -> (Option<i32>, String) {
        let said = rest(self.running.0.stderr.as_mut().unwrap());
        (self.running.0.wait().unwrap().code(), said)
    }

    fn stop(self) -> (Option<i32>, String) {
        self.signal(Signal::TERM);
        self.ended()
    }
}

fn rest(from: &mut impl Read) -> String {
    let mut said = String::new();
    from.read_to_string(&mut said).unwrap();
    said
}

/// Sends a request and leaves the connection open.
fn asked(address: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    stream
}

fn answer(address: &str, path: &str) -> String {
    rest(&mut asked(address, path))
}

/// A manager's socket that hears what a service tells.
struct Manager(UnixDatagram);

impl Manager {
    fn hear(&self) -> String {
        let mut bytes = [0; 4096];
        let length = self.0.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[track_caller]
    fn until(&self, word: &str) -> String {
        loop {
            let heard = self.hear();
            if heard.lines().any(|line| line == word) {
                return heard;
            }
        }
    }
}

fn manager(folder: &Path) -> (Manager, String) {
    let path = folder.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    (Manager(socket), path.to_str().unwrap().to_owned())
}

#[test]
fn a_service_tells_its_manager_and_ends_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (manager, path) = manager(folder.path());
    let environment = [("NOTIFY_SOCKET", path.as_str()), ("WATCHDOG_USEC", "200000")];
    let wire = Wire::start(&data, &[], &environment);
    let ready = manager.until("READY=1");
    assert!(ready.contains(&format!("STATUS=serving http://{}", wire.pages)), "{ready}");
    manager.until("WATCHDOG=1");
    let mut live = BufReader::new(asked(&wire.pages, "/direct"));
    let mut line = String::new();
    while !line.starts_with("retry:") {
        line.clear();
        assert!(live.read_line(&mut line).unwrap() > 0, "the live stream did not begin");
    }
    wire.signal(Signal::TERM);
    manager.until("STOPPING=1");
    // The stream ends as streams do, so that the browser comes back, and is not cut off.
    assert!(rest(&mut live).ends_with("0\r\n\r\n"));
    assert_eq!(wire.ended().0, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_manager_may_listen_at_an_abstract_name() {
    use std::os::{linux::net::SocketAddrExt, unix::net::SocketAddr};
    let folder = tempfile::tempdir().unwrap();
    let name = format!("depeche-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = format!("@{name}");
    let wire = Wire::start(folder.path(), &["--log-level", "debug"], &[("NOTIFY_SOCKET", &name)]);
    Manager(socket).until("READY=1");
    assert_eq!(wire.stop().0, Some(0));
}

#[test]
fn a_collector_alone_is_ready_and_stops_too() {
    let folder = tempfile::tempdir().unwrap();
    let (manager, path) = manager(folder.path());
    let data = folder.path().join("data");
    let arguments = ["run", "--data", data.to_str().unwrap(), "--only", "collect"];
    let mut command = depeche(&arguments);
    let child = command.env("NOTIFY_SOCKET", &path).stderr(Stdio::piped()).spawn().unwrap();
    let wire = Wire { running: Running(child), pages: String::new() };
    manager.until("READY=1");
    wire.signal(Signal::INT);
    manager.until("STOPPING=1");
    assert_eq!(wire.ended().0, Some(0));
}

#[test]
fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (manager, path) = manager(folder.path());
    let data = folder.path().join("data");
    let wire = Wire::start(&data, &[], &[("NOTIFY_SOCKET", &path)]);
    // A request that never ends is waited for, as long as nobody is in a hurry.
    let mut half = TcpStream::connect(&wire.pages).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nhost: half").unwrap();
    assert!(answer(&wire.pages, "/").starts_with("HTTP/1.1 200"));
    wire.signal(Signal::TERM);
    manager.until("STOPPING=1");
    wire.signal(Signal::TERM);
    assert_eq!(wire.ended().0, Some(130));
}

#[test]
fn the_first_token_goes_to_a_file_of_the_operator_where_a_log_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("administrator.token");
    let (code, said) = Wire::start(folder.path(), &[], &[]).stop();
    assert_eq!(code, Some(0), "{said}");
    let token = std::fs::read_to_string(&file).unwrap();
    assert_eq!(token.trim().len(), 48);
    assert!(said.contains(file.to_str().unwrap()) && !said.contains(token.trim()), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_file(&file).unwrap();
    let (_, said) = Wire::start(folder.path(), &[], &[]).stop();
    assert!(!file.exists() && !said.contains("token"), "{said}");
}

#[test]
fn a_log_in_json_is_json_to_the_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = folder.path().to_str().unwrap();
    let arguments = ["run", "--data", data, "--listen", &address, "--log-format", "json"];
    let output = depeche(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(last["level"], "error");
    assert!(last["message"].as_str().unwrap().contains(&address), "{last}");
    assert!(last["fields"]["hint"].as_str().unwrap().contains("--listen"), "{last}");

    let wire = Wire::start(folder.path(), &["--log-format", "json", "-vv"], &[]);
    let (_, said) = wire.stop();
    assert!(said.lines().count() > 0);
    for line in said.lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        let keys: HashSet<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, HashSet::from(["time", "level", "message", "fields"]), "{line}");
        assert!(object["message"].as_str().is_some_and(|message| !message.is_empty()), "{line}");
    }
}

/// A free port of this machine; another program may take it before it is used, which a test shows as
/// a failure to listen.
fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn figures_are_openmetrics() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    std::fs::write(
        &file,
        "{\"id\":\"1\",\"title\":\"Un titre\",\"text\":\"Un texte assez long.\"}\n",
    )
    .unwrap();
    let data = folder.path().join("data");
    told(&["import", "--data", data.to_str().unwrap(), file.to_str().unwrap()]);
    told(&["source", "add", "--data", data.to_str().unwrap(), "http://127.0.0.1:9/fil.rss"]);
    let metrics = free_address();
    let wire = Wire::start(&data, &["--metrics", &metrics], &[]);
    assert!(answer(&metrics, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(answer(&metrics, "/").starts_with("HTTP/1.1 404"));
    assert!(answer(&wire.pages, "/").starts_with("HTTP/1.1 200"));
    let live = asked(&wire.pages, "/direct");
    let figure =
        |name: &str| {
            let answer = answer(&metrics, "/metrics");
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(
                "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"
            ));
            parsed(body).get(name).copied()
        };
    until("the source was asked, and refused", || {
        figure("depeche_polls_total{outcome=\"refused_address\"}") >= Some(1.0)
    });
    until("the index is there", || figure("depeche_index_lag_entries") == Some(0.0));
    until("the live page is counted", || figure("depeche_live_connections") == Some(1.0));
    assert_eq!(figure("depeche_items"), Some(1.0));
    assert_eq!(figure("depeche_wire_seq"), Some(1.0));
    assert_eq!(figure("depeche_trouble"), Some(0.0));
    until("its refusal is noted", || figure("depeche_sources{state=\"failing\"}") == Some(1.0));
    assert_eq!(figure("depeche_requests_total{page=\"latest\",status=\"2xx\"}"), Some(1.0));
    drop(live);
    until("who left is not counted", || figure("depeche_live_connections") == Some(0.0));
    let version = format!("depeche_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(figure(&version), Some(1.0));
    let doctor: Value = lines_of_doctor(&data);
    assert!(doctor["checks"].to_string().contains("takes in"), "{doctor}");
    assert_eq!(wire.stop().0, Some(0));
}

/// What doctor says of a wire while it runs.
fn lines_of_doctor(data: &Path) -> Value {
    lines(&["doctor", "--data", data.to_str().unwrap(), "--json"]).remove(0)
}

/// Reads OpenMetrics text as strictly as it is meant: families whole and once, in their order, with
/// TYPE, UNIT and HELP before the samples, names that fit, and an end.
fn parsed(text: &str) -> HashMap<String, f64> {
    let body = text.strip_suffix("# EOF\n").expect("no end");
    let (mut samples, mut families) = (HashMap::new(), HashSet::new());
    let (mut family, mut kind) = ("", "");
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let words: Vec<&str> = comment.splitn(3, ' ').collect();
            match words.as_slice() {
                ["TYPE", name, of] => {
                    assert!(families.insert(*name), "{name} is there twice");
                    assert!(["gauge", "counter", "info"].contains(of), "{line}");
                    (family, kind) = (name, of);
                }
                ["UNIT", name, unit] => {
                    assert!(*name == family && name.ends_with(&format!("_{unit}")), "{line}");
                }
                ["HELP", name, help] => assert!(*name == family && !help.is_empty(), "{line}"),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        assert_eq!(name, format!("{family}{suffix}"), "{line}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{line}");
        labels(series.strip_prefix(name).unwrap());
        let value: f64 = value.parse().unwrap();
        assert!(value.is_finite() && value >= 0.0, "{line}");
        assert_eq!(samples.insert(series.to_owned(), value), None, "{line} is there twice");
    }
    samples
}

/// `{name="value",…}`, or nothing.
fn labels(text: &str) {
    if text.is_empty() {
        return;
    }
    let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap();
    for label in inside.split(',') {
        let (name, value) = label.split_once('=').unwrap();
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{text}");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        assert!(!value.contains(['"', '\n']), "{text}");
    }
}

/// From an outlet that keeps its stories for those who pay, through the whole wire, to its reader.
#[test]
fn a_story_for_those_who_pay_is_told_as_one() {
    let teaser =
        "Le tribunal d'Annonay laisse trois mois de plus au fabricant de montgolfières. ".repeat(4);
    let outside = Outside::open();
    let stub = "<html lang=fr><head><title>Trois mois de plus</title><script type=application/ld+json>\
        {\"@type\":\"NewsArticle\",\"headline\":\"Trois mois de plus\",\"isAccessibleForFree\":false}</script></head>\
        <body><article><h1>Trois mois de plus</h1><p>Le tribunal d'Annonay laisse trois mois de plus au fabricant.</p>\
        </article></body></html>";
    outside.put("/abonnes", stub.to_owned());
    let link = outside.address("/abonnes");
    outside.put(
        "/fil",
        format!(
            "<rss version=\"2.0\"><channel><title>Fil</title><item><title>Trois mois de plus</title>\
             <link>{link}</link><description>{teaser}...</description></item></channel></rss>"
        ),
    );
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    told(&["source", "add", "--data", data, &outside.address("/fil")]);
    let allowed = format!("127.0.0.1:{}", outside.port);
    let wire = Wire::start(folder.path(), &["--allow-address", &allowed, "--poll-every", "1"], &[]);
    let page = || {
        let items = lines(&["items", "--data", data]);
        let id = items.first()?["id"].as_str()?.to_owned();
        let answer = answer(&wire.pages, &format!("/article/{id}/trois-mois-de-plus"));
        answer.contains("Réservé aux abonnés").then_some(answer)
    };
    until("the page says so", || page().is_some());
    let page = page().unwrap();
    assert!(page.contains("Seule l’accroche de cet article est connue"), "{page}");
    assert!(page.contains("fabricant de montgolfières"), "{page}");
    let export = lines(&["export", "--data", data]);
    assert_eq!(export[0]["teaser_only"], true, "{}", export[0]);
    assert!(export[0].to_string().contains("\"paywalled\":true"), "{}", export[0]);
}
