//! Addresses: which of them may be asked for, and stand in a link.

use url::Url;

use crate::limits::outbound::ADDRESS_BYTES_MAX;

/// Whether `address` is one of the web. No other one (`javascript:`, `data:`, `file:`) is ever asked for, stored as
/// an item's own or put into a link.
pub fn is_web(address: &str) -> bool {
    let begins = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins("https://") || begins("http://")
}

/// The host of an address with its port, as it is written; `None` where it names none.
pub fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

/// An address as a person pastes it: with spaces around it, without its scheme, or with the `feed:` that some
/// browsers put before it. In one spelling, so that it is known again however it was given; `None` where it is no
/// address on the web, or carries a user name.
pub fn pasted(given: &str) -> Option<String> {
    let given = given.trim().trim_matches(['<', '>', '"']).trim();
    let bare = match given.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("feed") => rest.trim_start_matches('/'),
        _ => given,
    };
    let bare = bare.trim_start_matches("//");
    let whole = if bare.contains("://") { bare.to_owned() } else { format!("https://{bare}") };
    let mut url = Url::parse(&whole).ok()?;
    url.set_fragment(None);
    let web = matches!(url.scheme(), "http" | "https") && url.has_host() && !url.cannot_be_a_base();
    let sayable = url.username().is_empty() && url.password().is_none();
    let address = String::from(url);
    (web && sayable && address.len() <= ADDRESS_BYTES_MAX).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_stands_before_the_path() {
        for (address, expected) in [
            ("https://www.a.example/1?x=@b", Some("www.a.example")),
            ("http://u:p@A.example:8080?x", Some("A.example:8080")),
            ("https://a.example", Some("a.example")),
            ("https:///1", None),
            ("/1", None),
        ] {
            assert_eq!(host(address), expected, "{address}");
        }
    }

    #[track_caller]
    fn check_pasted(given: &str, address: Option<&str>) {
        assert_eq!(pasted(given).as_deref(), address, "{given}");
    }

    #[test]
    fn addresses_as_people_paste_them() {
        check_pasted("a.example", Some("https://a.example/"));
        check_pasted(" <https://a.example/fil> ", Some("https://a.example/fil"));
        check_pasted("feed:https://a.example/fil", Some("https://a.example/fil"));
        check_pasted("feed://a.example/fil", Some("https://a.example/fil"));
        check_pasted("//a.example/fil", Some("https://a.example/fil"));
        check_pasted("a.example:8080/fil", Some("https://a.example:8080/fil"));
        check_pasted("127.0.0.1:8080", Some("https://127.0.0.1:8080/"));
        check_pasted("http://a.example", Some("http://a.example/"));
        for bad in [
            "",
            " ",
            "file:///etc/passwd",
            "mailto:a@a.example",
            "https://u:p@a.example/",
            "ftp://a.example",
            "a b",
            "https://",
            "javascript:alert(1)",
        ] {
            check_pasted(bad, None);
        }
    }

    #[test]
    fn only_the_web_is_the_web() {
        for address in ["https://a.example/", "http://a.example", "HTTPS://A.example/"] {
            assert!(is_web(address), "{address}");
        }
        for address in [
            "",
            "a.example",
            "javascript:alert(1)//http://",
            "file:///etc/x",
            " https://a",
            "httpsé",
        ] {
            assert!(!is_web(address), "{address}");
        }
    }
}
