//! One outlet on a socket: a document, with an ETag that it can honour or not.

#![expect(clippy::disallowed_types, reason = "it is the outside that is asked, and asks nobody")]

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use depeche_news::content_digest;
use depeche_outbound::{Client, Policy};

use crate::clock::thread_cpu;

/// What is served.
#[derive(Clone, Default)]
pub(crate) struct Document {
    text: String,
    media_type: &'static str,
    etag: String,
}

impl Document {
    pub(crate) fn new(text: String, media_type: &'static str) -> Self {
        let digest = u128::from_be_bytes(content_digest(&[&text]));
        Self { text, media_type, etag: format!("\"{digest:x}\"") }
    }
}

#[derive(Default)]
struct Shared {
    document: Mutex<Document>,
    /// Whether «unchanged» is ever the answer.
    honest: AtomicBool,
    /// Nanoseconds of CPU that answering has cost.
    cpu: AtomicU64,
}

/// The outlet; it serves until the process ends.
pub(crate) struct Outlet {
    shared: Arc<Shared>,
    port: u16,
}

impl Outlet {
    pub(crate) fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        shared.honest.store(true, Ordering::Relaxed);
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&ours);
                // A connection that breaks is the client's to notice.
                std::thread::spawn(move || shared.answer(stream));
            }
        });
        Ok(Self { shared, port })
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/fil", self.port)
    }

    pub(crate) fn publish(&self, document: Document) {
        *self.shared.document.lock().unwrap_or_else(PoisonError::into_inner) = document;
    }

    /// Whether to say «unchanged» to whoever knows the document.
    pub(crate) fn honour(&self, honest: bool) {
        self.shared.honest.store(honest, Ordering::Relaxed);
    }

    /// CPU that serving has cost so far.
    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.shared.cpu.load(Ordering::SeqCst))
    }
}

impl Shared {
    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        let mut since = Duration::ZERO;
        loop {
            let mut etag = None;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                let lower = line.to_ascii_lowercase();
                if let Some(sent) = lower.strip_prefix("if-none-match:") {
                    etag = Some(sent.trim().to_owned());
                } else if line.trim().is_empty() {
                    break;
                }
            }
            let Document { text, media_type, etag: now } =
                self.document.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let known = etag.as_deref() == Some(&now) && self.honest.load(Ordering::Relaxed);
            let length = text.len();
            let answer = match known {
                true => format!("HTTP/1.1 304 Not Modified\r\netag: {now}\r\n\r\n"),
                false => format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\netag: {now}\r\ncontent-length: {length}\r\n\r\n{text}"
                ),
            };
            reader.get_mut().write_all(answer.as_bytes())?;
            let until = thread_cpu();
            self.cpu.fetch_add((until - since).as_nanos() as u64, Ordering::SeqCst);
            since = until;
        }
    }
}

/// A client that may ask this outlet.
pub(crate) fn client(outlet: &Outlet) -> anyhow::Result<Client> {
    let allowed = format!("127.0.0.1:{}", outlet.port).parse()?;
    Ok(Client::new(&Policy { allow: vec![allowed], user_agent: "Depeche/bench".to_owned() })?)
}
