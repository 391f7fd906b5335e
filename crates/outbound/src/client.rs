//! Asks for one address, follows its redirects by hand, and reads the answer within its limits.

use depeche_news::limits::outbound::{
    ADDRESS_BYTES_MAX, ANSWER_WITHIN, CONNECTION_WITHIN, FIRST_BYTE_WITHIN, IDLE_CONNECTIONS_MAX,
    IDLE_FOR, NEXT_BYTE_WITHIN, REDIRECTS_MAX,
};
use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_news::{Access, Validators};
use reqwest::{
    StatusCode,
    header::{self, HeaderValue},
};
use tokio::time::timeout;
use url::{Host, Url};

use crate::{
    Allowance, Error, Wait,
    access::{self, same_ears},
    body::{ACCEPT_ENCODING, Body, Whole},
    error::innermost,
    guard::{Guard, Names, system_names},
    headers,
};

/// Who asks, and where it may go besides the public internet.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// What the operator allows.
    pub allow: Vec<Allowance>,
    /// The `User-Agent`: an honest name, with an address to complain to.
    pub user_agent: String,
}

/// What to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The address, http or https.
    pub address: &'a str,
    /// The validators that this very address gave the last time.
    pub validators: &'a Validators,
    /// The value of `Accept`.
    pub accept: &'a str,
    /// How many decoded bytes of the body are taken.
    pub body_bytes_max: usize,
    /// What only this source is asked with.
    pub access: Option<&'a Access>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status of the last hop.
    pub status: u16,
    /// The address of the last hop.
    pub address: String,
    /// It is that of another host than the one asked: what it says of itself, a stranger had us hear.
    pub other_host: bool,
    /// Where the address itself has moved for good: as far as all redirects on the way say so.
    pub moved_permanently_to: Option<String>,
    /// Every redirect on the way was one for good, or there was none: what is said is said of the address.
    pub permanent: bool,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The decoded body of a success; empty for any other status.
    pub body: Vec<u8>,
    /// The body has no end: the connection or its compression broke off.
    pub incomplete: bool,
    /// What to send the next time, to the address asked for or to where it has moved for good.
    pub validators: Validators,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Duration>,
    /// How long the server says that nothing will change.
    pub max_age: Option<Duration>,
    /// Nothing has changed since the validators were given (304).
    pub unchanged: bool,
}

impl Response {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The HTTP client. Cloning it is cheap and shares its connections.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

struct Inner {
    /// One door for each port that an allowance names, so that a name looked up behind that door
    /// is checked for that port: the resolver is not told which port it looks a name up for.
    by_port: HashMap<u16, Door>,
    /// The door of all other ports.
    others: Door,
    /// The doors of the operator's proxies, by their addresses.
    proxied: Mutex<HashMap<String, Arc<Door>>>,
    policy: Policy,
    names: Names,
    patience: Patience,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// A guard, and the connections that were made under it.
#[derive(Debug)]
pub(crate) struct Door {
    guard: Guard,
    pub(crate) http: reqwest::Client,
}

/// How long we wait for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Name, connection and TLS.
    pub(crate) connection: Duration,
    /// Until status and headers.
    pub(crate) first_byte: Duration,
    /// Between two parts of a body.
    pub(crate) next_byte: Duration,
    /// Everything, redirects included.
    pub(crate) whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connection: CONNECTION_WITHIN,
            first_byte: FIRST_BYTE_WITHIN,
            next_byte: NEXT_BYTE_WITHIN,
            whole: ANSWER_WITHIN,
        }
    }
}

impl Client {
    /// A client under this policy.
    pub fn new(policy: &Policy) -> Result<Self, Error> {
        Self::with_patience(policy, Patience::default())
    }

    pub(crate) fn with_patience(policy: &Policy, patience: Patience) -> Result<Self, Error> {
        Self::with_names(policy, patience, &system_names())
    }

    /// A client that asks `names` for the addresses of names.
    pub(crate) fn with_names(
        policy: &Policy,
        patience: Patience,
        names: &Names,
    ) -> Result<Self, Error> {
        let door = |port| Door::new(policy, port, None, patience.connection, Arc::clone(names));
        let mut by_port = HashMap::new();
        for port in policy.allow.iter().filter_map(|allowance| allowance.port) {
            by_port.insert(port, door(Some(port))?);
        }
        let (others, policy, names) = (door(None)?, policy.clone(), Arc::clone(names));
        let proxied = Mutex::default();
        Ok(Self(Arc::new(Inner { by_port, others, proxied, policy, names, patience })))
    }

    /// Asks for an address and takes the answer, within the limits of size and time.
    pub async fn get(&self, request: &Request<'_>) -> Result<Response, Error> {
        let whole = self.0.patience.whole;
        match timeout(whole, Box::pin(self.follow(request))).await {
            Ok(answer) => answer,
            Err(_) => {
                let host = Url::parse(request.address).ok();
                let host = host.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
                Err(Error::Timeout { host, wait: Wait::Whole, after: whole })
            }
        }
    }

    pub(crate) fn patience(&self) -> Patience {
        self.0.patience
    }

    async fn follow(&self, request: &Request<'_>) -> Result<Response, Error> {
        let asked = parsed(request.address)?;
        let mut way = Way::from(asked);
        loop {
            // Validators belong to the address that gave them: after a redirect there are none.
            let validators = way.before.is_empty().then_some(request.validators);
            let answer = self.ask(&way, validators, request).await?;
            match redirect(&answer) {
                Some(location) => way.go_on(&location?, answer.status())?,
                None => return self.take(answer, way, request.body_bytes_max).await,
            }
        }
    }

    async fn ask(
        &self,
        way: &Way,
        validators: Option<&Validators>,
        request: &Request<'_>,
    ) -> Result<reqwest::Response, Error> {
        let url = &way.here;
        // Also where a proxy connects for us: what is written as a number can be checked here.
        self.door(url).check_literal(url)?;
        let proxy = request.access.and_then(|access| access.proxy.as_deref());
        let proxied = proxy.map(|proxy| self.through(proxy)).transpose()?;
        let door = proxied.as_deref().unwrap_or_else(|| self.door(url));
        let mut ask = door.http.get(url.clone()).header(header::ACCEPT_ENCODING, ACCEPT_ENCODING);
        if let Ok(accept) = HeaderValue::from_str(request.accept) {
            ask = ask.header(header::ACCEPT, accept);
        }
        for (name, value) in validators.map(headers::conditions).unwrap_or_default() {
            ask = ask.header(name, value);
        }
        if let Some(access) = request.access.filter(|_| way.same_ears) {
            ask = access::sent(ask, access);
        }
        let Patience { connection, first_byte, .. } = self.0.patience;
        match timeout(first_byte, ask.send()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => match Error::of_sending(&error, url, connection) {
                Error::Connect { host, detail } if proxy.is_some() => {
                    Err(Error::Proxy { host, detail })
                }
                error => Err(error),
            },
            Err(_) => Err(late(url, Wait::FirstByte, first_byte)),
        }
    }

    /// The door to a proxy, whose own address is checked as that of any other target. What it connects to
    /// is its operator's business.
    fn through(&self, proxy: &str) -> Result<Arc<Door>, Error> {
        let mut doors = self.0.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(door) = doors.get(proxy) {
            return Ok(Arc::clone(door));
        }
        let not_said = || bad("(a proxy)", "the proxy is not an address");
        let url = Url::parse(proxy).map_err(|_| not_said())?;
        let port = url.port_or_known_default().or(Some(SOCKS_PORT));
        let through = reqwest::Proxy::all(proxy).map_err(|_| not_said())?;
        let Inner { policy, patience, names, .. } = &*self.0;
        let names = Arc::clone(names);
        let door = Door::new(policy, port, Some(through), patience.connection, names)?;
        // URLs of other schemes keep a number as a name.
        let host = url.host_str().unwrap_or_default();
        let literal = Url::parse(&format!("http://{host}/")).map_err(|_| not_said())?;
        door.check_literal(&literal)?;
        let door = Arc::new(door);
        doors.insert(proxy.to_owned(), Arc::clone(&door));
        Ok(door)
    }

    pub(crate) fn door(&self, url: &Url) -> &Door {
        let port = url.port_or_known_default();
        port.and_then(|port| self.0.by_port.get(&port)).unwrap_or(&self.0.others)
    }

    /// Reads the last hop's answer.
    pub(crate) async fn take(
        &self,
        answer: reqwest::Response,
        way: Way,
        bytes_max: usize,
    ) -> Result<Response, Error> {
        let (status, headers) = (answer.status(), answer.headers());
        let unchanged = status == StatusCode::NOT_MODIFIED;
        let mut response = Response {
            status: status.as_u16(),
            address: way.here.to_string(),
            other_host: !way.same_ears,
            permanent: way.permanent,
            headers: headers::listed(headers),
            retry_after: headers::retry_after(headers),
            max_age: headers::max_age(headers),
            unchanged,
            ..Response::default()
        };
        if (status.is_success() || unchanged) && way.permanent {
            response.validators = headers::validators(headers);
        }
        if status.is_success() {
            let whole = self.read(answer, &way.here, bytes_max).await?;
            (response.body, response.incomplete) = (whole.bytes, whole.incomplete);
        }
        if response.incomplete {
            response.validators = Validators::default();
        }
        response.moved_permanently_to = way.moved_to;
        Ok(response)
    }

    async fn read(
        &self,
        mut answer: reqwest::Response,
        url: &Url,
        bytes_max: usize,
    ) -> Result<Whole, Error> {
        let encoding = answer.headers().get(header::CONTENT_ENCODING);
        let encoding = encoding.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut body = Body::new(encoding, bytes_max);
        let next_byte = self.0.patience.next_byte;
        let mut broke = None;
        loop {
            match timeout(next_byte, answer.chunk()).await {
                Ok(Ok(Some(bytes))) => body.take(&bytes)?,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => {
                    broke = Some(innermost(&error));
                    break;
                }
                Err(_) => return Err(late(url, Wait::NextByte, next_byte)),
            }
        }
        let whole = body.end()?;
        match broke {
            Some(detail) if whole.bytes.is_empty() => {
                Err(Error::Protocol { host: host_of(url), detail })
            }
            broke => Ok(Whole { incomplete: whole.incomplete || broke.is_some(), ..whole }),
        }
    }
}

impl Door {
    fn new(
        policy: &Policy,
        port: Option<u16>,
        proxy: Option<reqwest::Proxy>,
        connection: Duration,
        names: Names,
    ) -> Result<Self, Error> {
        let guard = Guard::new(&policy.allow, port, names);
        let builder = || {
            // A proxy of the environment would connect for us, past the guard.
            let mut builder = reqwest::Client::builder().no_proxy();
            if let Some(proxy) = &proxy {
                builder = builder.proxy(proxy.clone());
            }
            trusting(builder)
                .user_agent(&policy.user_agent)
                .dns_resolver(guard.clone())
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                // Browsers read past these three mistakes of servers, so the news is out there.
                .http1_ignore_invalid_headers_in_responses(true)
                .http1_allow_spaces_after_header_name_in_responses(true)
                .http1_allow_obsolete_multiline_headers_in_responses(true)
                .connect_timeout(connection)
                .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
                .pool_idle_timeout(IDLE_FOR)
        };
        // A system without certificates (a bare container) still reads http and its own demo.
        let http = builder().build().or_else(|error| {
            let http = builder().tls_certs_only([]).build()?;
            let why = innermost(&error);
            tracing::warn!(why, "found no certificates of the system, so no https will be trusted");
            Ok(http)
        });
        let http = http.map_err(|error: reqwest::Error| Error::Setup(innermost(&error)))?;
        Ok(Self { guard, http })
    }

    /// Checks an address written as a number: the resolver is never asked about it. The parser of
    /// URLs has already read every notation (decimal, octal, hexadecimal, short) as the same one.
    pub(crate) fn check_literal(&self, url: &Url) -> Result<(), Error> {
        let ip: IpAddr = match url.host() {
            Some(Host::Ipv4(ip)) => ip.into(),
            Some(Host::Ipv6(ip)) => ip.into(),
            _ => return Ok(()),
        };
        let refused = |why| Error::RefusedAddress { host: host_of(url), ip, why };
        self.guard.check(ip).map_err(refused)
    }
}

/// Who is trusted besides the certificates of the system: nobody.
#[cfg(not(test))]
fn trusting(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

#[cfg(test)]
use crate::sockets_tls::trusting;

/// The port of SOCKS where an address names none.
const SOCKS_PORT: u16 = 1080;

/// The addresses asked so far.
pub(crate) struct Way {
    pub(crate) here: Url,
    before: Vec<Url>,
    /// Where the unbroken run of permanent redirects from the start leads.
    moved_to: Option<String>,
    permanent: bool,
    /// No host but the first was on the way: what is meant for it may still be sent.
    same_ears: bool,
}

impl From<Url> for Way {
    fn from(here: Url) -> Self {
        Self { here, before: Vec::new(), moved_to: None, permanent: true, same_ears: true }
    }
}

impl Way {
    /// Whether a redirect leads to where what was meant for this host may be sent too.
    pub(crate) fn stays(&self, location: &str) -> bool {
        self.here.join(location).is_ok_and(|next| same_ears(&self.here, &next))
    }

    pub(crate) fn go_on(&mut self, location: &str, status: StatusCode) -> Result<(), Error> {
        let next = self.here.join(location).map_err(|_| bad(location, "not an address"))?;
        let next = accepted(next)?;
        if next == self.here || self.before.contains(&next) {
            return Err(Error::RedirectLoop { address: next.into() });
        }
        if self.before.len() >= REDIRECTS_MAX {
            return Err(Error::TooManyRedirects { max: REDIRECTS_MAX });
        }
        self.permanent &=
            matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        self.same_ears &= same_ears(&self.here, &next);
        if self.permanent {
            self.moved_to = Some(next.to_string());
        }
        self.before.push(std::mem::replace(&mut self.here, next));
        Ok(())
    }
}

/// The `Location` of a redirect; `None` for every other answer.
pub(crate) fn redirect(answer: &reqwest::Response) -> Option<Result<String, Error>> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = answer.headers().get(header::LOCATION)?;
    let text = std::str::from_utf8(location.as_bytes()).map(str::to_owned);
    Some(text.map_err(|_| bad(&String::from_utf8_lossy(location.as_bytes()), "not UTF-8")))
}

pub(crate) fn parsed(address: &str) -> Result<Url, Error> {
    let url = Url::parse(address).map_err(|_| bad(address, "not an address"))?;
    accepted(url)
}

/// Takes what we ask for: http or https, without user name, of a length that servers take.
fn accepted(mut url: Url) -> Result<Url, Error> {
    let why = match &url {
        url if !matches!(url.scheme(), "http" | "https") => "only http and https are asked for",
        url if !url.username().is_empty() || url.password().is_some() => {
            "a user name or password in an address is never sent"
        }
        url if url.as_str().len() > ADDRESS_BYTES_MAX => "it is too long",
        _ => {
            url.set_fragment(None);
            return Ok(url);
        }
    };
    Err(bad(url.as_str(), why))
}

fn bad(address: &str, why: &'static str) -> Error {
    Error::BadAddress { address: address.chars().take(200).collect(), why }
}

pub(crate) fn late(url: &Url, wait: Wait, after: Duration) -> Error {
    Error::Timeout { host: host_of(url), wait, after }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
