#![no_main]
//! The plain text of a page as somebody copied it.

use depeche_extract::{Hints, plain};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let hints = Hints { address: Some("https://a.example/1"), ..Hints::default() };
    let _ = plain(&String::from_utf8_lossy(bytes), &hints);
});
