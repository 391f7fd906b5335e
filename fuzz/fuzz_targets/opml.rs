#![no_main]
//! Lists of subscriptions.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = depeche_formats::opml::read(bytes);
});
