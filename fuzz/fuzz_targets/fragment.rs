#![no_main]
//! The content of entries, their headlines, datelines and teasers.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = depeche_extract::body_of_entry(
        "Titre",
        Some(&text),
        Some(&text),
        Some("https://a.example/"),
    );
    let _ = depeche_text::split_credit(&text);
    let _ = depeche_text::split_dateline(&text);
    let _ = depeche_text::teaser(&text, 80);
    let _ = depeche_text::typeset(&text, Some("fr"));
    let _ = depeche_text::decode(bytes, &[None]);
});
