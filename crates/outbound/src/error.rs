//! What can go wrong outside, one case each.

use std::{error, io, net::IpAddr, time::Duration};

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The client itself could not be made.
    #[error("set up the HTTP client: {0}")]
    Setup(String),
    /// Not an address we ask for: not http or https, with a user name, or not an address at all.
    #[error("ask for `{address}`: {why}")]
    BadAddress {
        /// The address as it was given, or as a redirect gave it.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The guard refuses to connect there.
    #[error("connect to {host}: its address {ip} is {why}, and no allowance covers it")]
    RefusedAddress {
        /// The host as it is written in the address.
        host: String,
        /// The first of its addresses that was refused.
        ip: IpAddr,
        /// What kind of address that is.
        why: &'static str,
    },
    /// The name has no address.
    #[error("look up {host}: {detail}")]
    Dns {
        /// The name.
        host: String,
        /// What the resolver said.
        detail: String,
    },
    /// Nobody answered at the address.
    #[error("connect to {host}: {detail}")]
    Connect {
        /// The host.
        host: String,
        /// What the system said.
        detail: String,
    },
    /// No secure connection: a bad certificate, or no TLS at all.
    #[error("make a secure connection to {host}: {detail}")]
    Tls {
        /// The host.
        host: String,
        /// What TLS said.
        detail: String,
    },
    /// The proxy that a source is asked through does not pass us on.
    #[error("pass through the proxy to {host}: {detail}")]
    Proxy {
        /// The host that was asked for.
        host: String,
        /// What the proxy or the system said.
        detail: String,
    },
    /// It took too long.
    #[error("get an answer from {host}: nothing within {} s while waiting for {wait}", .after.as_secs_f32())]
    Timeout {
        /// The host.
        host: String,
        /// What was waited for.
        wait: Wait,
        /// How long.
        after: Duration,
    },
    /// More decoded bytes than the caller takes.
    #[error("read the body: more than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// The body is not what its `Content-Encoding` says, from its first byte.
    #[error("decompress the body: it is not {encoding}")]
    BadCompression {
        /// The encoding that was declared.
        encoding: String,
    },
    /// A redirect leads to an address already asked on the way.
    #[error("follow redirects: they go in a circle at {address}")]
    RedirectLoop {
        /// Where the circle closes.
        address: String,
    },
    /// The redirects never end.
    #[error("follow redirects: more than {max}")]
    TooManyRedirects {
        /// The limit.
        max: usize,
    },
    /// What came is not HTTP, or stopped before its body began.
    #[error("understand the answer of {host}: {detail}")]
    Protocol {
        /// The host.
        host: String,
        /// What HTTP said.
        detail: String,
    },
}

/// What was waited for when the time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Name look-up, connection and TLS.
    Connection,
    /// The status and headers.
    FirstByte,
    /// The next part of the body.
    NextByte,
    /// Everything, redirects included.
    Whole,
}

impl std::fmt::Display for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection",
            Self::FirstByte => "the first byte",
            Self::NextByte => "the next byte",
            Self::Whole => "the whole answer",
        })
    }
}

impl Error {
    /// Tells what made `error` while sending a request to `url`.
    pub(crate) fn of_sending(error: &reqwest::Error, url: &url::Url, connect: Duration) -> Self {
        if let Some(ours) = causes(error).find_map(|cause| cause.downcast_ref::<Self>()) {
            return ours.clone();
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let detail = innermost(error);
        if error.is_timeout() {
            return Self::Timeout { host, wait: Wait::Connection, after: connect };
        }
        match error.is_connect() {
            true if url.scheme() == "https" && broke_tls(error) => Self::Tls { host, detail },
            true => Self::Connect { host, detail },
            false => Self::Protocol { host, detail },
        }
    }
}

/// Whether TLS failed rather than TCP. TLS reports alien bytes and bad certificates as invalid
/// data, and a peer that hangs up during the handshake as an unexpected end; a TCP connect has
/// neither.
fn broke_tls(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| {
        matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
    })
}

/// The last cause: the one that names the thing and not the layer.
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(
    error: &'a reqwest::Error,
) -> impl Iterator<Item = &'a (dyn error::Error + 'static)> + 'a {
    std::iter::successors(Some(error as &(dyn error::Error + 'static)), |cause| {
        // The source of an I/O error that wraps another error is the source of that one: without
        // this, the wrapped error itself, and the kind it has, would be skipped.
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as _).or_else(|| cause.source())
    })
}
