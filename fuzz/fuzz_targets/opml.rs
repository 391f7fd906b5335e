#![no_main]
//! Lists of subscriptions, and the feeds that a page names.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = depeche_formats::opml::read(bytes);
    let _ = depeche_formats::discover(&String::from_utf8_lossy(bytes), "https://a.example/");
});
