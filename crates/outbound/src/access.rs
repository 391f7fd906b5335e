//! What is sent for one source alone, to its own host alone; and the proxy it is asked through.

use depeche_news::Access;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Headers that the client itself is answerable for: with another value an answer could not be read.
const OURS: [&str; 9] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "accept-encoding",
    "te",
    "upgrade",
    "if-none-match",
    "if-modified-since",
];

/// Puts the credentials and headers of `access` in the place of those of the same name.
pub(crate) fn sent(mut ask: reqwest::RequestBuilder, access: &Access) -> reqwest::RequestBuilder {
    if let Some(user) = &access.user {
        ask = ask.basic_auth(user, access.password.as_deref());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in access.headers.iter().filter_map(|(name, value)| header(name, value).ok())
    {
        headers.append(name, value);
    }
    ask.headers(headers)
}

/// Reads a header as an operator gives it; says what is wrong with it without repeating its value.
pub fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name: HeaderName =
        name.trim().parse().map_err(|_| "a header is `Name: value`, its name without spaces")?;
    if OURS.contains(&name.as_str()) {
        return Err("this header belongs to the connection and cannot be set");
    }
    let mut value =
        HeaderValue::from_str(value.trim()).map_err(|_| "the value of a header is one line")?;
    // Whatever its name is: it is set by hand because it is one's own.
    value.set_sensitive(true);
    Ok((name, value))
}

/// The rule for every secret of a source: whether what `from` may be sent, `to` may be sent too. The same
/// scheme, host and port, or the same host taken up to https; nothing that is no address.
pub fn same_host(from: &str, to: &str) -> bool {
    let both = Url::parse(from).ok().zip(Url::parse(to).ok());
    both.is_some_and(|(from, to)| from.has_host() && same_ears(&from, &to))
}

/// [`same_host`], of addresses that are parsed already.
pub(crate) fn same_ears(from: &Url, to: &Url) -> bool {
    let place = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
    let upgraded = place(from) == ("http".to_owned(), Some(80))
        && place(to) == ("https".to_owned(), Some(443));
    from.host_str() == to.host_str() && (place(from) == place(to) || upgraded)
}

/// Reads the address of a proxy as an operator gives it. With SOCKS the proxy looks names up itself: looked
/// up here, they would be checked as though we connected to them.
pub fn proxy_address(given: &str) -> Result<String, &'static str> {
    let url =
        Url::parse(given.trim()).map_err(|_| "a proxy is named as http://proxy.example:3128")?;
    let known = ["http", "https", "socks5", "socks5h"];
    if !known.contains(&url.scheme()) || !url.has_host() {
        return Err("a proxy is an http, https or socks5 address");
    }
    let text = String::from(url);
    Ok(match text.strip_prefix("socks5://") {
        Some(rest) => format!("socks5h://{rest}"),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_ears(from: &str, to: &str, same: bool) {
        assert_eq!(same_host(from, to), same, "{from} {to}");
    }

    #[test]
    fn secrets_stay_with_their_host() {
        check_ears("https://a.example/x", "https://a.example/y", true);
        check_ears("http://a.example/", "https://a.example/", true);
        check_ears("https://a.example/", "http://a.example/", false);
        check_ears("http://a.example:8080/", "https://a.example/", false);
        check_ears("https://a.example/", "https://a.example:8443/", false);
        check_ears("https://a.example/", "https://b.a.example/", false);
        check_ears("https://a.example/", "https://a.example.b.example/", false);
        check_ears("https://A.example:443/", "https://a.example/", true);
        check_ears("nowhere", "nowhere", false);
        check_ears("file:/a", "file:/a", false);
    }

    #[test]
    fn headers_an_operator_may_set() {
        for name in ["Authorization", "X-Key"] {
            let (_, value) = header(name, "sesame").unwrap();
            assert!(value.is_sensitive() && !format!("{value:?}").contains("sesame"), "{name}");
        }
        assert!(
            header(" X-Key ", " 1 ").is_ok_and(|(name, value)| name == "x-key" && value == "1")
        );
        for (name, value) in [("", "x"), ("a b", "x"), ("Host", "b.example"), ("X", "a\r\nb: c")] {
            assert!(header(name, value).is_err(), "{name}: {value}");
        }
    }

    #[test]
    fn proxies_an_operator_may_name() {
        assert_eq!(proxy_address("http://p.example:3128").as_deref(), Ok("http://p.example:3128/"));
        assert_eq!(
            proxy_address(" socks5://10.0.0.1:1080 ").as_deref(),
            Ok("socks5h://10.0.0.1:1080")
        );
        for bad in ["p.example:3128", "ftp://p.example", "http://", ""] {
            assert!(proxy_address(bad).is_err(), "{bad}");
        }
    }
}
