#![no_main]
//! What stands in a line: credits, datelines, teasers, typography, language.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = depeche_text::split_credit(&text);
    let _ = depeche_text::split_dateline(&text);
    let _ = depeche_text::is_cut(&text);
    let _ = depeche_text::language(&text, Some("fr"));
    let _ = depeche_text::typeset(&text, Some("fr"));
    for characters in [1, 2, 20, 80] {
        let teaser = depeche_text::teaser(&text, characters);
        assert!(teaser.chars().count() <= characters, "{teaser:?}");
    }
});
