//! Reads the response headers that matter: validators, how long to wait, how long it stays fresh.

use std::time::Duration;

use depeche_news::{Validators, jiff};
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{
    self, AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, RETRY_AFTER,
};

/// All headers, names in lower case, in the order they came.
pub(crate) fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The validators byte for byte.
pub(crate) fn validators(headers: &HeaderMap) -> Validators {
    Validators {
        etag: headers.get(ETAG).map(opaque),
        last_modified: headers.get(LAST_MODIFIED).map(opaque),
    }
}

/// The headers that make a request conditional.
pub(crate) fn conditions(validators: &Validators) -> Vec<(HeaderName, HeaderValue)> {
    let named = |name, text: &Option<String>| {
        text.as_deref().and_then(transparent).map(|value| (name, value))
    };
    [
        named(header::IF_NONE_MATCH, &validators.etag),
        named(header::IF_MODIFIED_SINCE, &validators.last_modified),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How long to stay away: seconds, or a date, counted from the server's own clock. A date without
/// a `Date` to count it from says nothing.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers.get(RETRY_AFTER)?);
    seconds(&value).or_else(|| between(date(headers.get(DATE)?)?, date(headers.get(RETRY_AFTER)?)?))
}

/// How long the response stays fresh: `max-age` less `Age`, else `Expires`; nothing when the
/// server wants to be asked each time.
pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let control = headers.get_all(CACHE_CONTROL).iter().map(text).collect::<Vec<_>>().join(",");
    let directives = || control.split(',').map(str::trim);
    if directives()
        .any(|d| d.eq_ignore_ascii_case("no-cache") || d.eq_ignore_ascii_case("no-store"))
    {
        return None;
    }
    let declared = directives().find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds(value.trim_matches('"')))?
    });
    match declared {
        Some(fresh) => {
            let age = headers.get(AGE).and_then(|value| seconds(&text(value))).unwrap_or_default();
            Some(fresh.saturating_sub(age))
        }
        None => between(date(headers.get(DATE)?)?, date(headers.get(EXPIRES)?)?),
    }
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

fn date(value: &HeaderValue) -> Option<Timestamp> {
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    parser.parse_timestamp(text(value).trim()).ok()
}

fn between(start: Timestamp, end: Timestamp) -> Option<Duration> {
    Some(Duration::try_from(end.duration_since(start)).unwrap_or_default())
}

/// A header to be read: UTF-8, or Latin-1 as HTTP once had it.
fn text(value: &HeaderValue) -> String {
    std::str::from_utf8(value.as_bytes()).map_or_else(|_| opaque(value), str::to_owned)
}

/// A header to be sent back: one character a byte, so that no byte is lost.
fn opaque(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|&byte| char::from(byte)).collect()
}

/// The bytes that [`opaque`] kept; nothing for a text that was not made by it.
fn transparent(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap())
            })
            .collect()
    }

    const NOON: (&str, &[u8]) = ("date", b"Thu, 11 Feb 2016 12:00:00 GMT");

    #[test]
    fn validators_come_back_byte_for_byte() {
        for etag in [&b"\"abc\""[..], b"W/\"a b\"", b"unquoted", b"\"caf\xe9\"", b"\"caf\xc3\xa9\""]
        {
            let kept =
                validators(&map(&[("etag", etag), ("last-modified", b"yesterday, at noon")]));
            let sent = conditions(&kept);
            assert_eq!(sent[0].1.as_bytes(), etag);
            assert_eq!(sent[1].1.as_bytes(), b"yesterday, at noon");
        }
        let alien =
            Validators { etag: Some("\"\u{4e2d}\"".into()), last_modified: Some("\n".into()) };
        assert_eq!(conditions(&alien), []);
    }

    #[track_caller]
    fn check_retry(lines: &[(&'static str, &[u8])], expected: Option<u64>) {
        assert_eq!(retry_after(&map(lines)), expected.map(Duration::from_secs));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        check_retry(&[("retry-after", b"120")], Some(120));
        check_retry(&[("retry-after", b" 120 ")], Some(120));
        check_retry(&[NOON, ("retry-after", b"Thu, 11 Feb 2016 12:10:00 GMT")], Some(600));
        check_retry(&[NOON, ("retry-after", b"Thu, 11 Feb 2016 11:00:00 GMT")], Some(0));
        check_retry(&[("retry-after", b"Thu, 11 Feb 2016 12:10:00 GMT")], None);
        check_retry(&[NOON, ("retry-after", b"soon")], None);
        check_retry(&[("retry-after", b"-5")], None);
        check_retry(&[NOON], None);
    }

    #[track_caller]
    fn check_age(lines: &[(&'static str, &[u8])], expected: Option<u64>) {
        assert_eq!(max_age(&map(lines)), expected.map(Duration::from_secs));
    }

    #[test]
    fn freshness_is_max_age_less_age_or_expires() {
        check_age(&[("cache-control", b"max-age=600")], Some(600));
        check_age(&[("cache-control", b"public, Max-Age=\"600\""), ("age", b"100")], Some(500));
        check_age(&[("cache-control", b"max-age=600"), ("age", b"700")], Some(0));
        check_age(&[("cache-control", b"no-cache, max-age=600")], None);
        check_age(&[("cache-control", b"public"), ("cache-control", b"max-age=9")], Some(9));
        check_age(&[NOON, ("expires", b"Thu, 11 Feb 2016 12:05:00 GMT")], Some(300));
        check_age(&[NOON, ("expires", b"0")], None);
        check_age(&[NOON, ("cache-control", b"max-age=x")], None);
        check_age(&[], None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(noise in proptest::collection::vec(0x20u8.., 0..40), digits in "[0-9]{0,25}") {
            let noise = [b"max-age=".as_slice(), digits.as_bytes(), &noise].concat();
            let values = [noise.as_slice(), digits.as_bytes(), NOON.1, b"Fri, 31 Dec 9999 23:59:59 GMT"];
            for value in values.iter().filter(|value| HeaderValue::from_bytes(value).is_ok()) {
                for date in values.iter().filter(|value| HeaderValue::from_bytes(value).is_ok()) {
                    let lines = ["retry-after", "expires", "cache-control", "age", "etag"].map(|name| (name, *value));
                    let map = map(&[&lines[..], &[("date", *date)]].concat());
                    let _ = (retry_after(&map), max_age(&map), listed(&map), conditions(&validators(&map)));
                }
            }
        }
    }
}
