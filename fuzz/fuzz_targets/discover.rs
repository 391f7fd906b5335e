#![no_main]
//! Pages, and the feeds that they name.

use depeche_formats::{discover, headline, linked_feeds};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for found in discover(&text, "https://a.example/").iter().chain(&linked_feeds(&text, "https://a.example/")) {
        assert!(!found.address.is_empty());
    }
    let _ = headline(&text);
});
