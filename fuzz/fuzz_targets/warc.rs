#![no_main]
//! Archives, in pieces whose size the first byte says.

use depeche_formats::warc::Archive;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let mut archive = Archive::default();
    let mut records = 0_usize;
    for mut piece in bytes.chunks(usize::from(*size).max(1) * 16) {
        while archive.next(&mut piece).is_some() {
            records += 1;
        }
    }
    while archive.end().is_some() {
        records += 1;
    }
    // Each record takes bytes: none comes out of nothing, though what is packed holds a thousand times its own.
    assert!(records <= bytes.len() * 1032 + 1);
    let _ = archive.problems();
});
