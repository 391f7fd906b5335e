#![no_main]
//! JSON Feeds and ninjs, whole, cut and mended.

use depeche_formats::{Hints, cut, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let hints = Hints { base: Some("https://a.example/"), ..Hints::default() };
    let feed = [br#"{"version":"https://jsonfeed.org/version/1.1","#.as_slice(), bytes].concat();
    for bytes in [bytes, &feed] {
        let document = read(bytes, &hints);
        let said = document.problems.iter().any(|problem| problem.word == "incomplete");
        assert_eq!(document.incomplete, said);
        if let Some(rest) = cut(bytes, &hints, |at| at % 2 == 0) {
            let even: Vec<_> = document.items.into_iter().step_by(2).collect();
            assert_eq!(read(&rest, &hints).items, even);
        }
    }
});
