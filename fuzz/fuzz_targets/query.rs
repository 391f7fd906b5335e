#![no_main]
//! What readers type, and what is marked by it.

use depeche_search::{Marker, Query, highlight};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let query = Query::parse(&text);
    let _ = highlight(&text, &query);
    let _ = Marker::new(&query).passage(&text, Some("fr"), 60);
});
