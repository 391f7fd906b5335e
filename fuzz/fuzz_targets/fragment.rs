#![no_main]
//! The content of entries.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = depeche_extract::body_of_entry(
        "Titre",
        Some(&text),
        Some(&text),
        Some("https://a.example/"),
    );
});
