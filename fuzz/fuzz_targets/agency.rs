#![no_main]
//! Agency messages of every format: the wires' text, and what desks write around a text.

use depeche_formats::{Hints, cut, read, sniff};
use depeche_text::agency;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = sniff(bytes);
    let hints = Hints { base: Some("https://a.example/"), ..Hints::default() };
    // A text is a wire's by its header, which is rarely made up by chance.
    let wired = [b"\x01arf0501 3 i 120\r\n\x02".as_slice(), bytes].concat();
    let anpa = [b"\x16\x16\x01r0501\x1f_fr\r\nu i\x13\x11 AR-Pont 02-10 0060\r\n\x02".as_slice(), bytes].concat();
    for bytes in [bytes, &wired, &anpa] {
        let document = read(bytes, &hints);
        assert_eq!(document.incomplete, document.problems.iter().any(|problem| problem.word == "incomplete"));
        let _ = cut(bytes, &hints, |at| at % 2 == 0);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (agency::split_marks(text), agency::desk_line(text), agency::is_kill_phrase(text));
        let _ = (agency::insertions(text), agency::is_signature(text), agency::ending_credit(text));
        let _ = depeche_text::split_dateline(text);
    }
});
