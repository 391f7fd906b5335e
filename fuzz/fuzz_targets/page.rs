#![no_main]
//! Pages.

use depeche_extract::{Hints, any, article};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let hints = Hints { content_type: None, address: Some("https://a.example/1"), language: None };
    let _ = any(bytes, &hints);
    let _ = article(bytes, &hints);
});
