#![no_main]
//! Bytes under a label that the first byte chooses: the text, and where each of its characters came from.

use depeche_text::{characters, decode};

const LABELS: [Option<&str>; 8] = [
    None,
    Some("utf-8"),
    Some("iso-8859-1"),
    Some("windows-1251"),
    Some("utf-16"),
    Some("shift_jis"),
    Some("iso-2022-jp"),
    Some("gb18030"),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((label, bytes)) = bytes.split_first() else { return };
    let decoded = decode(bytes, &[LABELS[usize::from(*label) % LABELS.len()]]);
    let (mut text, mut read) = (String::new(), 0);
    characters(bytes, decoded.encoding, |c, behind| {
        assert!(read <= behind && behind <= bytes.len());
        read = behind;
        text.push(c);
    });
    assert_eq!(text, decoded.text);
});
