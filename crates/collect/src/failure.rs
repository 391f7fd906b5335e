//! Why a source or a page brought nothing, in words that stay the same.

use std::{borrow::Cow, fmt, time::Duration};

use depeche_outbound::{Error, Response};

/// One failure: what kind, and what exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub fault: Fault,
    /// What exactly; a short technical text, which may hold words of the other side.
    pub detail: String,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Duration>,
    /// The address that answered, where one did and was that of the host asked: anybody can send us on to another
    /// one, whose word then holds for what was asked only.
    pub answered: Option<String>,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not an address we ask for.
    BadAddress,
    /// The address guard refuses to connect there.
    RefusedAddress,
    /// The name has no address.
    Dns,
    /// Nobody answered.
    Connect,
    /// No secure connection.
    Tls,
    /// It took too long.
    Timeout,
    /// More bytes than are taken.
    TooLarge,
    /// Compressed in a way that cannot be read.
    BadCompression,
    /// Redirects without end.
    Redirects,
    /// Not HTTP.
    Protocol,
    /// Any status that is no success.
    Status(u16),
    /// A wall against robots stood in the way.
    BotWall,
    /// The operator's proxy does not pass us on.
    Proxy,
    /// It has moved to where another source is.
    MovedToKnown,
    /// Its host asked to be left alone.
    HostRests,
    /// The site's robots.txt asks not to fetch it.
    Robots,
    /// It sends us on to what is no address of the web.
    BadRedirect,
    /// The answer has nothing in it.
    Empty,
    /// Something came, but no feed.
    NotAFeed,
    /// Something came, but no page.
    NotAPage,
}

impl Failure {
    /// A failure with its detail.
    pub fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self { fault, detail: detail.into(), retry_after: None, answered: None }
    }

    /// The stable word, as it is stored and as the pages look it up.
    pub fn word(&self) -> Cow<'static, str> {
        self.fault.word()
    }

    /// What a status that is no success means.
    pub(crate) fn of_status(response: &Response) -> Self {
        let wall = response.header("cf-mitigated");
        let html = response.header("content-type").is_some_and(|kind| kind.contains("text/html"));
        let detail = format!("{} from {}", response.status, response.address);
        let failure = match (response.status, wall) {
            (_, Some(wall)) => {
                Self::new(Fault::BotWall, format!("{detail} (cf-mitigated: {wall})"))
            }
            (403, None) if html => Self::new(Fault::BotWall, detail),
            (status, None) => Self::new(Fault::Status(status), detail),
        };
        let answered = Some(response.address.clone()).filter(|_| !response.other_host);
        Self { retry_after: response.retry_after, answered, ..failure }
    }
}

impl Fault {
    /// The stable word: lower case, underscores.
    pub fn word(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::BadAddress => "bad_address",
            Self::RefusedAddress => "refused_address",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::BadCompression => "bad_compression",
            Self::Redirects => "redirects",
            Self::Protocol => "protocol",
            Self::Status(status) => return Cow::Owned(format!("status_{status}")),
            Self::BotWall => "bot_wall",
            Self::Proxy => "proxy",
            Self::MovedToKnown => "moved_to_known",
            Self::HostRests => "host_rests",
            Self::Robots => "robots",
            Self::BadRedirect => "bad_redirect",
            Self::Empty => "empty",
            Self::NotAFeed => "not_a_feed",
            Self::NotAPage => "not_a_page",
        })
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let fault = match error {
            Error::BadAddress { .. } => Fault::BadAddress,
            Error::RefusedAddress { .. } => Fault::RefusedAddress,
            Error::Dns { .. } => Fault::Dns,
            Error::Setup(_) | Error::Connect { .. } => Fault::Connect,
            Error::Tls { .. } => Fault::Tls,
            Error::Proxy { .. } => Fault::Proxy,
            Error::Timeout { .. } => Fault::Timeout,
            Error::TooLarge { .. } => Fault::TooLarge,
            Error::BadCompression { .. } => Fault::BadCompression,
            Error::RedirectLoop { .. } | Error::TooManyRedirects { .. } => Fault::Redirects,
            Error::Protocol { .. } => Fault::Protocol,
        };
        Self::new(fault, error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word(), self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, headers: &[(&str, &str)], word: &str) {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let response = Response { status, headers, ..Response::default() };
        assert_eq!(Failure::of_status(&response).word(), word);
    }

    /// A feed that redirects to a busy address would have that host rest for all others.
    #[test]
    fn a_host_rests_only_when_it_was_asked_itself() {
        for (other_host, answered) in [(false, Some("https://a.example/")), (true, None)] {
            let address = "https://a.example/".to_owned();
            let response = Response { status: 429, address, other_host, ..Response::default() };
            assert_eq!(Failure::of_status(&response).answered.as_deref(), answered);
        }
    }

    #[test]
    fn statuses_have_words() {
        check(404, &[("content-type", "text/html")], "status_404");
        check(410, &[], "status_410");
        check(429, &[("content-type", "text/html")], "status_429");
        check(403, &[], "status_403");
        check(403, &[("content-type", "text/html; charset=utf-8")], "bot_wall");
        check(503, &[("cf-mitigated", "challenge")], "bot_wall");
    }
}
