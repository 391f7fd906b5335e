#![no_main]
//! Documents with entries cut out: what is left says of the others what the whole said.

use depeche_formats::{Hints, cut, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let hints = Hints { base: Some("https://a.example/"), ..Hints::default() };
    if let Some(rest) = cut(bytes, &hints, |at| at % 2 == 0) {
        let even: Vec<_> = read(bytes, &hints).items.into_iter().step_by(2).collect();
        assert_eq!(read(&rest, &hints).items, even);
    }
});
