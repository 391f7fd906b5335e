//! What the tests of the program share: outlets on a real socket, and the program as a process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "tests fail by panicking; not each uses all"
)]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Longest a test waits for something to become true: far beyond what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Documents served by path, with an ETag and 304 for whoever sends it; one that begins with `HTTP/1.1` is sent
/// as it is.
#[derive(Clone, Default)]
pub(crate) struct Served {
    documents: Arc<Mutex<HashMap<String, String>>>,
    /// Requests by path that were answered.
    pub(crate) asked: Arc<Mutex<HashMap<String, usize>>>,
    /// How often «unchanged» was the answer.
    pub(crate) unchanged: Arc<AtomicUsize>,
    /// Heads of the requests that carried something of one source alone.
    pub(crate) signed: Arc<Mutex<Vec<String>>>,
}

/// A server and its port.
pub(crate) struct Outside {
    pub(crate) served: Served,
    pub(crate) port: u16,
}

impl Outside {
    /// Serves on a free port of this machine until the test ends.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = Served::default();
        let shared = served.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || shared.answer(stream));
            }
        });
        Self { served, port }
    }

    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn put(&self, path: &str, document: String) {
        self.served.documents.lock().unwrap().insert(path.to_owned(), document);
    }
}

impl Served {
    fn answer(&self, stream: impl Read + Write) {
        let mut reader = BufReader::new(stream);
        loop {
            let (mut path, mut etag) = (String::new(), None);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                if line.to_ascii_lowercase().starts_with("authorization:") {
                    self.signed.lock().unwrap().push(format!("{path} {}", line.trim()));
                }
                if path.is_empty() {
                    path = line.split(' ').nth(1).unwrap_or("/").to_owned();
                } else if let Some((_, sent)) =
                    line.to_ascii_lowercase().split_once("if-none-match:")
                {
                    etag = Some(sent.trim().to_owned());
                } else if line.trim().is_empty() {
                    break;
                }
            }
            *self.asked.lock().unwrap().entry(path.clone()).or_default() += 1;
            let document = self.documents.lock().unwrap().get(&path).cloned();
            let answer = match document {
                None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
                Some(raw) if raw.starts_with("HTTP/1.1 ") => raw,
                Some(document) => {
                    let now = format!("\"{}-{}\"", document.len(), checksum(&document));
                    if etag.as_deref() == Some(&now) {
                        self.unchanged.fetch_add(1, Ordering::SeqCst);
                        format!("HTTP/1.1 304 Not Modified\r\netag: {now}\r\n\r\n")
                    } else {
                        let length = document.len();
                        format!(
                            "HTTP/1.1 200 OK\r\netag: {now}\r\ncontent-length: {length}\r\n\r\n{document}"
                        )
                    }
                }
            };
            if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn checksum(text: &str) -> u64 {
    text.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// The program as a command.
pub(crate) fn depeche(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_depeche"));
    command.args(arguments);
    command
}

/// Runs the program to its end; gives its standard output.
pub(crate) fn told(arguments: &[&str]) -> String {
    let output = depeche(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of the program's output as JSON.
pub(crate) fn lines(arguments: &[&str]) -> Vec<serde_json::Value> {
    told(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A running program that is killed when the test is done with it.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts the collector of a data folder, which may ask the given port of this machine.
    pub(crate) fn collector(data: &Path, port: u16) -> Self {
        Self::collector_allowed(data, &format!("127.0.0.1:{port}"))
    }

    /// Starts the collector of a data folder, which may ask what is allowed.
    pub(crate) fn collector_allowed(data: &Path, allowed: &str) -> Self {
        let data = data.to_str().unwrap();
        let arguments = [
            "run",
            "--data",
            data,
            "--only",
            "collect",
            "--allow-address",
            allowed,
            "--poll-every",
            "1",
        ];
        Self(depeche(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// SIGKILL, as a power cut for the process: no handler runs.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is true; fails with what it was when it never gets so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "still not so: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
