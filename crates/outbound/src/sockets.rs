//! Tests against real sockets: a server of a few lines on loopback, which each test tells what to
//! answer.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use depeche_news::{Access, Validators};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    Client, Error, Form, Policy, Request, Response, Wait, body::tests::packed, client::Patience,
};

/// What the server does on one connection.
#[derive(Clone)]
enum Reply {
    /// Sends this and hangs up.
    Bytes(Vec<u8>),
    /// Sends this and then nothing, without hanging up.
    Hang(Vec<u8>),
    /// Sends this and then a byte every 20 ms, for ever.
    Drip(Vec<u8>),
    /// Sends this and then this, again and again, for ever.
    Flood(Vec<u8>, Vec<u8>),
}

/// A server, and the heads of the requests it got.
struct Server {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each path with its reply; `HERE` in a reply is the server's own host and port.
    async fn start(pages: &[(&'static str, Reply)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages: Arc<HashMap<_, _>> = Arc::new(pages.iter().cloned().collect());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&pages), Arc::clone(&seen), address));
            }
        });
        Self { address, heads }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A client that is allowed to reach this server and nothing else that is special.
    fn client(&self) -> Client {
        client(&[&self.address.to_string()])
    }

    fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn answer(
    mut stream: TcpStream,
    pages: Arc<HashMap<&'static str, Reply>>,
    seen: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head: String = head.iter().map(|&byte| char::from(byte)).collect();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    seen.lock().unwrap().push(head);
    let missing = Reply::Bytes(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec());
    let here = |bytes: Vec<u8>| match std::str::from_utf8(&bytes) {
        Ok(text) => text.replace("HERE", &address.to_string()).into_bytes(),
        Err(_) => bytes,
    };
    // Whoever has heard enough hangs up; that is no failure of the test.
    let _ = match pages.get(path.as_str()).unwrap_or(&missing).clone() {
        Reply::Bytes(bytes) => stream.write_all(&here(bytes)).await,
        Reply::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Reply::Drip(bytes) => drip(&mut stream, &bytes).await,
        Reply::Flood(bytes, more) => flood(&mut stream, &bytes, &more).await,
    };
}

async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(b" ").await?;
    }
}

async fn flood(stream: &mut TcpStream, bytes: &[u8], more: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    loop {
        stream.write_all(more).await?;
    }
}

const QUICK: Patience = Patience {
    connection: Duration::from_millis(400),
    first_byte: Duration::from_millis(500),
    next_byte: Duration::from_millis(300),
    whole: Duration::from_millis(1200),
};

fn client(allow: &[&str]) -> Client {
    let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
    let policy = Policy { allow, user_agent: "Depeche/test (+https://depeche.example/)".into() };
    Client::with_patience(&policy, QUICK).unwrap()
}

async fn get(client: &Client, address: &str, validators: &Validators) -> Result<Response, Error> {
    let accept = "application/rss+xml, */*;q=0.1";
    client
        .get(&Request { address, validators, accept, body_bytes_max: 1 << 20, access: None })
        .await
}

async fn ask(client: &Client, address: &str) -> Result<Response, Error> {
    get(client, address, &Validators::default()).await
}

fn ok(headers: &str, body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

fn to(status: u16, location: &str) -> Reply {
    let head = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nETag: \"hop\"\r\n");
    Reply::Bytes((head + "Connection: close\r\nContent-Length: 0\r\n\r\n").into_bytes())
}

fn bytes(text: &str) -> Reply {
    Reply::Bytes(text.as_bytes().to_vec())
}

#[tokio::test]
async fn a_conditional_request_carries_the_validators_byte_for_byte() {
    let feed = b"HTTP/1.1 200 OK\r\nETag: W/\"\xe9 1\"\r\nLast-Modified: hier \r\nContent-Length: 3\r\n\r\nfil";
    let same = "HTTP/1.1 304 Not Modified\r\nLast-Modified: midi\r\n\r\n";
    let server =
        Server::start(&[("/fil", Reply::Bytes(feed.to_vec())), ("/same", bytes(same))]).await;
    let client = server.client();

    let first = ask(&client, &server.url("/fil")).await.unwrap();
    assert_eq!((first.status, first.body.as_slice()), (200, &b"fil"[..]));
    assert_eq!(first.validators.last_modified.as_deref(), Some("hier"));

    let second = get(&client, &server.url("/same"), &first.validators).await.unwrap();
    assert!(second.unchanged && second.body.is_empty());
    assert_eq!(second.validators.last_modified.as_deref(), Some("midi"));

    let heads = server.asked();
    assert!(!heads[0].contains("if-none-match"));
    assert!(heads[1].contains("if-none-match: W/\"\u{e9} 1\"\r\n"), "{}", heads[1]);
    assert!(heads[1].contains("if-modified-since: hier\r\n"));
    assert!(heads[1].contains("user-agent: Depeche/test (+https://depeche.example/)\r\n"));
    assert!(heads[1].contains("accept: application/rss+xml, */*;q=0.1\r\n"));
    assert!(!heads[1].contains("referer") && !heads[1].contains("cookie"));
}

#[tokio::test]
async fn every_notation_of_a_special_address_is_refused() {
    let server = Server::start(&[]).await;
    // Only the server's own port is allowed; all of these are another address or another port.
    let client = server.client();
    for (address, why) in [
        ("http://127.0.0.1/", "loopback"),
        ("http://127.0.0.2/", "loopback"),
        ("http://2130706433/", "loopback"),
        ("http://0x7f.1/", "loopback"),
        ("http://0177.0.0.1/", "loopback"),
        ("http://127.1/", "loopback"),
        ("http://127.0.0.1./", "loopback"),
        ("http://\u{ff11}27.0.0.1/", "loopback"),
        ("http://localhost/", "loopback"),
        ("http://localhost:1/", "loopback"),
        ("http://10.0.0.1/", "private"),
        ("http://169.254.169.254/latest/", "link-local"),
        ("http://[::1]/", "loopback"),
        ("http://[::]/", "unspecified"),
        ("http://0/", "unspecified"),
        ("http://[::ffff:127.0.0.1]/", "an IPv4 address in IPv6 clothes"),
        ("http://[64:ff9b::7f00:1]/", "behind NAT64"),
    ] {
        let refused = ask(&client, address).await.unwrap_err();
        let Error::RefusedAddress { why: told, .. } = &refused else {
            panic!("{address}: {refused:?}")
        };
        assert_eq!(*told, why, "{address}");
    }
    let port = server.address.port();
    let refused = ask(&client, &format!("http://127.0.0.2:{port}/")).await.unwrap_err();
    assert!(matches!(refused, Error::RefusedAddress { .. }), "{refused:?}");
    assert_eq!(server.asked().len(), 0);
    // The name is checked for the port that was asked for.
    assert_eq!(ask(&client, &format!("http://localhost:{port}/")).await.unwrap().status, 404);
}

#[tokio::test]
async fn every_redirect_is_guarded() {
    let pages = [
        ("/1", to(302, "http://127.0.0.2/")),
        ("/2", to(301, "http://10.0.0.1/")),
        ("/3", to(307, "http://[::1]/")),
        ("/4", to(308, "http://2130706433/")),
        ("/5", to(303, "//169.254.169.254/latest/")),
        ("/6", to(302, "http://localhost:1/")),
    ];
    let server = Server::start(&pages).await;
    let client = server.client();
    for (path, _) in pages {
        let refused = ask(&client, &server.url(path)).await.unwrap_err();
        assert!(matches!(refused, Error::RefusedAddress { .. }), "{path}: {refused:?}");
    }
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn what_is_not_asked_for() {
    let server = Server::start(&[
        ("/file", to(302, "file:///etc/passwd")),
        ("/user", to(302, "http://a:b@HERE/")),
    ])
    .await;
    let client = server.client();
    let long = format!("http://a.example/{}", "a".repeat(9000));
    let (file, user) = (server.url("/file"), server.url("/user"));
    for address in [&file, &user, "ftp://a.example/", "http://a@b.example/", "fil", "", &long] {
        let refused = ask(&client, address).await.unwrap_err();
        assert!(matches!(refused, Error::BadAddress { .. }), "{address}: {refused:?}");
    }
}

#[tokio::test]
async fn redirects_are_followed_and_permanent_ones_remembered() {
    let server = Server::start(&[
        ("/old", to(301, "/new#top")),
        ("/new", ok("ETag: \"new\"\r\nContent-Length: 3\r\n", b"fil")),
        ("/mixed", to(308, "/later")),
        ("/later", to(302, "/new")),
        ("/a", to(302, "/old")),
        ("/circle", to(302, "/circle")),
        ("/x1", to(302, "/x2")),
        ("/x2", to(302, "/x1")),
        ("/r1", to(301, "/r2")),
        ("/r2", to(301, "/r3")),
        ("/r3", to(301, "/r4")),
        ("/r4", to(301, "/r5")),
        ("/r5", to(301, "/r6")),
        ("/r6", to(301, "/new")),
        ("/nowhere", bytes("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")),
    ])
    .await;
    let client = server.client();
    let known = Validators { etag: Some("\"old\"".into()), last_modified: None };

    let old = get(&client, &server.url("/old"), &known).await.unwrap();
    assert_eq!((old.address, old.body), (server.url("/new"), b"fil".to_vec()));
    assert_eq!(old.moved_permanently_to, Some(server.url("/new")));
    assert_eq!(old.validators.etag.as_deref(), Some("\"new\""));
    let heads = server.asked();
    assert!(heads[0].contains("if-none-match: \"old\"") && !heads[1].contains("if-none-match"));

    let mixed = ask(&client, &server.url("/mixed")).await.unwrap();
    assert_eq!(mixed.moved_permanently_to, Some(server.url("/later")));
    assert_eq!(mixed.validators, Validators::default());
    let passing = ask(&client, &server.url("/a")).await.unwrap();
    assert_eq!((passing.moved_permanently_to, passing.validators.etag), (None, None));

    for path in ["/circle", "/x1"] {
        let refused = ask(&client, &server.url(path)).await.unwrap_err();
        assert!(matches!(refused, Error::RedirectLoop { .. }), "{refused:?}");
    }
    let refused = ask(&client, &server.url("/r1")).await.unwrap_err();
    assert_eq!(refused, Error::TooManyRedirects { max: 5 });
    assert_eq!(ask(&client, &server.url("/r2")).await.unwrap().body, b"fil");
    assert_eq!(ask(&client, &server.url("/nowhere")).await.unwrap().status, 302);
}

#[tokio::test]
async fn a_bomb_and_a_body_without_end_stop_at_the_limit() {
    let bomb = packed("gzip", &vec![b' '; 256 << 20]);
    assert!(bomb.len() < 270_000, "{}", bomb.len());
    let endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let lying = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec();
    let server = Server::start(&[
        ("/bomb", ok("Content-Encoding: gzip\r\n", &bomb)),
        ("/endless", Reply::Flood(endless, vec![b'x'; 4096])),
        ("/lying", Reply::Flood(lying, vec![b'x'; 4096])),
    ])
    .await;
    for path in ["/bomb", "/endless", "/lying"] {
        let refused = ask(&server.client(), &server.url(path)).await.unwrap_err();
        assert_eq!(refused, Error::TooLarge { bytes_max: 1 << 20 }, "{path}");
    }
}

#[tokio::test]
async fn a_lying_length_does_no_harm() {
    let server = Server::start(&[
        ("/too-long", ok("ETag: \"1\"\r\nContent-Length: 999\r\n", b"fil")),
        ("/too-short", ok("Content-Length: 2\r\n", b"fil")),
        ("/nothing", ok("Content-Length: 999\r\n", b"")),
        ("/gzip", ok("Content-Encoding: gzip\r\n", &packed("gzip", b"fil"))),
        ("/not-gzip", ok("Content-Encoding: gzip\r\n", b"<rss/>")),
        ("/broken", ok("Content-Encoding: br\r\n", b"\x11 is no brotli")),
    ])
    .await;
    let client = server.client();
    let long = ask(&client, &server.url("/too-long")).await.unwrap();
    assert_eq!((long.body, long.incomplete), (b"fil".to_vec(), true));
    assert_eq!(long.validators, Validators::default(), "the rest is asked for again");
    let short = ask(&client, &server.url("/too-short")).await.unwrap();
    assert_eq!((short.body, short.incomplete), (b"fi".to_vec(), false));
    let nothing = ask(&client, &server.url("/nothing")).await.unwrap_err();
    assert!(matches!(nothing, Error::Protocol { .. }), "{nothing:?}");
    assert_eq!(ask(&client, &server.url("/gzip")).await.unwrap().body, b"fil");
    assert_eq!(ask(&client, &server.url("/not-gzip")).await.unwrap().body, b"<rss/>");
    let broken = ask(&client, &server.url("/broken")).await.unwrap_err();
    assert_eq!(broken, Error::BadCompression { encoding: "br".into() });
}

#[tokio::test]
async fn whoever_keeps_us_waiting_is_left() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let server = Server::start(&[
        ("/silent", Reply::Hang(Vec::new())),
        ("/hang", Reply::Hang(head.clone())),
        ("/drip", Reply::Drip(head)),
        ("/drip-head", Reply::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec())),
    ])
    .await;
    let client = server.client();
    for (path, wait, after) in [
        ("/silent", Wait::FirstByte, QUICK.first_byte),
        ("/hang", Wait::NextByte, QUICK.next_byte),
        ("/drip", Wait::Whole, QUICK.whole),
        ("/drip-head", Wait::FirstByte, QUICK.first_byte),
    ] {
        let start = Instant::now();
        let refused = ask(&client, &server.url(path)).await.unwrap_err();
        assert_eq!(refused, Error::Timeout { host: "127.0.0.1".into(), wait, after }, "{path}");
        assert!(start.elapsed() < QUICK.whole * 2, "{path}");
    }
}

#[tokio::test]
async fn garbage_and_closed_doors_are_told_apart() {
    let server = Server::start(&[("/garbage", bytes("\0\0\x07 this is not HTTP\r\n\r\n"))]).await;
    let client = server.client();
    let garbage = ask(&client, &server.url("/garbage")).await.unwrap_err();
    assert!(matches!(garbage, Error::Protocol { .. }), "{garbage:?}");

    // These two answer a greeting of TLS with plain HTTP, and not at all.
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = plain.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut stream, _) = plain.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer).await;
        });
        let tls = ask(&self::client(&[&address]), &format!("https://{address}/")).await;
        assert!(matches!(tls, Err(Error::Tls { .. })), "{tls:?}");
    }

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let connect = ask(&self::client(&["127.0.0.1"]), &format!("http://{closed}/")).await;
    assert!(matches!(connect, Err(Error::Connect { .. })), "{connect:?}");
    let dns = ask(&client, "http://nobody.invalid/").await.unwrap_err();
    assert!(matches!(dns, Error::Dns { .. } | Error::Timeout { .. }), "{dns:?}");
}

#[tokio::test]
async fn statuses_come_back_without_a_body() {
    let busy = "HTTP/1.1 429 Too Many\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nwait";
    let fresh = ok("Cache-Control: max-age=300\r\nContent-Type: text/xml\r\n", b"<rss/>");
    let sloppy = ok("Bad header: 1\r\nX-Folded: a\r\n b\r\nETag : \"1\"\r\n", b"fil");
    let pages = [("/busy", bytes(busy)), ("/fresh", fresh), ("/sloppy", sloppy)];
    let server = Server::start(&pages).await;
    let client = server.client();
    let busy = ask(&client, &server.url("/busy")).await.unwrap();
    assert_eq!((busy.status, busy.body.len()), (429, 0));
    assert_eq!(busy.retry_after, Some(Duration::from_secs(120)));
    let fresh = ask(&client, &server.url("/fresh")).await.unwrap();
    assert_eq!(fresh.max_age, Some(Duration::from_secs(300)));
    assert_eq!(fresh.header("content-type"), Some("text/xml"));
    let sloppy = ask(&client, &server.url("/sloppy")).await.unwrap();
    assert_eq!(
        (sloppy.body.as_slice(), sloppy.validators.etag.as_deref()),
        (&b"fil"[..], Some("\"1\""))
    );
}

/// Proxy variables are read when a client is made, and a test must not change its own environment:
/// this one runs itself again with them set.
#[test]
fn proxy_variables_are_ignored() {
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"];
    let variables = names.map(|name| (name, "http://127.0.0.1:1/"));
    fetches_with("proxy_variables_are_ignored", &variables);
}

#[test]
fn a_system_without_certificates_still_reads_http() {
    let variables = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
    fetches_with("a_system_without_certificates_still_reads_http", &variables);
}

/// Runs `test`, which calls this, once more in an environment with these variables, and there
/// fetches something.
#[track_caller]
fn fetches_with(test: &str, variables: &[(&str, &str)]) {
    const AGAIN: &str = "DEPECHE_TEST_AGAIN";
    if std::env::var_os(AGAIN).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(async {
            let server = Server::start(&[("/fil", ok("", b"fil"))]).await;
            let answer = ask(&server.client(), &server.url("/fil")).await.unwrap();
            assert_eq!(answer.body, b"fil");
        });
    }
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", &format!("sockets::{test}")]).env(AGAIN, "1");
    let output = again.envs(variables.iter().copied()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

async fn with_access(client: &Client, address: &str, access: &Access) -> Result<Response, Error> {
    let (validators, accept) = (&Validators::default(), "*/*");
    let access = Some(access);
    client.get(&Request { address, validators, accept, body_bytes_max: 1 << 20, access }).await
}

#[tokio::test]
async fn what_one_source_is_asked_with_stays_with_its_host() {
    let other = Server::start(&[("/fil", ok("Content-Length: 3\r\n", b"fil"))]).await;
    let away = format!("http://{}/fil", other.address);
    let back = format!("http://{}/back", other.address);
    let server = Server::start(&[
        ("/fil", ok("Content-Length: 3\r\n", b"fil")),
        ("/here", to(302, "/fil")),
        ("/away", to(302, &away)),
        ("/round", to(302, &back)),
    ])
    .await;
    let client = client(&[&server.address.to_string(), &other.address.to_string()]);
    let access = Access {
        user: Some("alice".into()),
        password: Some("s\u{e9}same".into()),
        headers: vec![("X-Key".into(), "42".into()), ("User-Agent".into(), "Other".into())],
        proxy: None,
    };
    for path in ["/here", "/away", "/round"] {
        with_access(&client, &server.url(path), &access).await.unwrap();
    }
    let own = server.asked();
    assert_eq!(own.len(), 4, "two for /here");
    for head in own {
        assert!(head.contains("authorization: Basic YWxpY2U6c8Opc2FtZQ==\r\n"), "{head}");
        assert!(head.contains("x-key: 42\r\n") && head.contains("user-agent: Other\r\n"), "{head}");
        assert!(!head.contains("Depeche"), "{head}");
    }
    for head in other.asked() {
        assert!(!head.contains("authorization") && !head.contains("x-key"), "{head}");
        assert!(head.contains("user-agent: Depeche/test"), "{head}");
    }
}

#[tokio::test]
async fn a_proxy_passes_on_and_is_guarded_itself() {
    let proxy = Server::start(&[
        ("http://a.example/fil", ok("Content-Length: 3\r\n", b"fil")),
        ("http://a.example/inside", to(302, "http://10.0.0.1/")),
    ])
    .await;
    let client = proxy.client();
    let through = |proxy: String| Access { proxy: Some(proxy), ..Access::default() };
    let access = through(format!("http://alice:sesame@{}/", proxy.address));
    let passed = with_access(&client, "http://a.example/fil", &access).await.unwrap();
    assert_eq!(passed.body, b"fil");
    assert!(proxy.asked()[0].contains("proxy-authorization: Basic"), "{}", proxy.asked()[0]);
    let inside = with_access(&client, "http://a.example/inside", &access).await.unwrap_err();
    assert!(matches!(inside, Error::RefusedAddress { .. }), "{inside:?}");
    // A secure address is asked for with CONNECT, which this proxy does not know.
    let refused = with_access(&client, "https://a.example/fil", &access).await.unwrap_err();
    assert!(matches!(refused, Error::Proxy { .. }), "{refused:?}");
    assert!(!refused.to_string().contains("sesame"), "{refused}");
    assert!(proxy.asked()[2].starts_with("CONNECT a.example:443 "), "{}", proxy.asked()[2]);
    // Proxies in networks that were not allowed are refused as any other target is.
    for address in ["http://127.0.0.2:3128", "socks5h://10.0.0.1:1080", "http://localhost:1"] {
        let refused = with_access(&client, "http://a.example/", &through(address.into())).await;
        assert!(matches!(refused, Err(Error::RefusedAddress { .. })), "{address}: {refused:?}");
    }
}

#[tokio::test]
async fn a_socks_proxy_is_given_the_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 3];
        stream.read_exact(&mut hello).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut ask = vec![0; 5 + "a.example".len() + 2];
        stream.read_exact(&mut ask).await.unwrap();
        assert_eq!((ask[3], &ask[5..14]), (3, &b"a.example"[..]), "a name, not an address");
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let mut head = [0; 512];
        let _ = stream.read(&mut head).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfil").await.unwrap();
    });
    let proxy = crate::proxy_address(&format!("socks5://{address}")).unwrap();
    let access = Access { proxy: Some(proxy), ..Access::default() };
    let client = client(&[&address.to_string()]);
    let passed = with_access(&client, "http://a.example/fil", &access).await.unwrap();
    assert_eq!(passed.body, b"fil");
}

#[tokio::test]
async fn a_form_is_sent_under_the_same_guard_and_only_along_redirects_that_keep_it() {
    let other = Server::start(&[("/hub", ok("", b"taken"))]).await;
    let server = Server::start(&[
        ("/hub", ok("", b"taken")),
        ("/moved", to(307, "http://HERE/hub")),
        ("/found", to(302, "http://HERE/hub")),
        ("/inside", to(308, "http://10.0.0.1/hub")),
        ("/elsewhere", to(307, &other.url("/hub"))),
    ])
    .await;
    let client = server.client();
    let post = async |address: &str| {
        let fields = [("hub.mode", "subscribe"), ("hub.topic", "https://a.example/?a=1&b")];
        client.post(&Form { address, fields: &fields, body_bytes_max: 1 << 10 }).await
    };
    let sent = post(&server.url("/hub")).await.unwrap();
    assert_eq!((sent.status, sent.body.as_slice()), (200, &b"taken"[..]));
    let head = server.asked().remove(0);
    assert!(head.starts_with("POST /hub "), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(head.contains("content-length: 67\r\n"), "{head}");
    assert_eq!(post(&server.url("/moved")).await.unwrap().status, 200);
    assert_eq!(post(&server.url("/found")).await.unwrap().status, 302);
    assert_eq!(post(&server.url("/inside")).await.unwrap().status, 308);
    assert_eq!(post(&server.url("/elsewhere")).await.unwrap().status, 307);
    assert!(other.asked().is_empty(), "another host is sent nothing");
    for address in ["http://10.0.0.1/", "http://[::ffff:127.0.0.1]:9/"] {
        let refused = post(address).await;
        assert!(matches!(refused, Err(Error::RefusedAddress { .. })), "{address}: {refused:?}");
    }
}
