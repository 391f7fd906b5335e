#![no_main]
//! Feeds and agency messages of every format, and the dates in them.

use depeche_formats::{Hints, dates, read, sniff};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = sniff(bytes);
    let _ = read(bytes, &Hints { base: Some("https://a.example/"), ..Hints::default() });
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = dates::date(text);
    }
});
