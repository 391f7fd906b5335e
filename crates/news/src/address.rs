//! Addresses: which of them may be asked for, and stand in a link.

/// Whether `address` is one of the web. No other one (`javascript:`, `data:`, `file:`) is ever asked for, stored as
/// an item's own or put into a link.
pub fn is_web(address: &str) -> bool {
    let begins = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins("https://") || begins("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

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
