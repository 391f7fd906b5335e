#![no_main]
//! Pages and the plain text of them.

use depeche_extract::{Hints, any, article, plain};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let hints = Hints { content_type: None, address: Some("https://a.example/1"), language: None };
    let _ = any(bytes, &hints);
    let _ = article(bytes, &hints);
    let _ = plain(&String::from_utf8_lossy(bytes), &hints);
});
