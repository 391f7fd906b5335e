//! From bytes to text, whatever label they carry.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text; bytes that mean nothing became U+FFFD.
    pub text: String,
    /// The WHATWG name of the encoding that was used.
    pub encoding: &'static str,
    /// Whether some bytes meant nothing in it.
    pub damaged: bool,
}

/// Bytes the detector looks at: a page says all that matters in its first part, and detection is
/// linear in what it is given.
const DETECT_BYTES_MAX: usize = 64 * 1024;

/// Decodes `bytes`. A byte-order mark wins, then valid UTF-8 whatever the label says (most wrong
/// labels are templates that moved to UTF-8), then the first label that names an encoding (HTTP
/// header before the document's own declaration), then detection.
pub fn decode(bytes: &[u8], labels: &[Option<&str>]) -> Decoded {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[mark_bytes..]);
    }
    if let Some(decoded) = wide_without_mark(bytes) {
        return decoded;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), encoding: UTF_8.name(), damaged: false };
    }
    let labelled =
        labels.iter().flatten().find_map(|label| Encoding::for_label(label.trim().as_bytes()));
    match labelled {
        // Labelled UTF-8 and not valid: a stray byte in UTF-8, or another encoding altogether.
        Some(encoding) if encoding != UTF_8 => with(encoding, bytes),
        _ => mostly_utf8(bytes).unwrap_or_else(|| with(detected(bytes), bytes)),
    }
}

/// Calls `each` with every character that [`decode`] makes of `bytes` and with how many bytes were read by
/// its end; `encoding` is the one that `decode` told.
pub fn characters(bytes: &[u8], encoding: &str, mut each: impl FnMut(char, usize)) {
    if encoding == UTF_32 {
        let unit = if bytes.first() == Some(&0) { u32::from_be_bytes } else { u32::from_le_bytes };
        for (number, quad) in bytes.as_chunks::<4>().0.iter().enumerate() {
            let read = char::from_u32(unit(*quad)).unwrap_or(char::REPLACEMENT_CHARACTER);
            each(read, (number + 1) * 4);
        }
        return;
    }
    let Some(encoding) = Encoding::for_label(encoding.as_bytes()) else { return };
    let mark_bytes = Encoding::for_bom(bytes).map_or(0, |(_, mark_bytes)| mark_bytes);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    // One byte ends three characters at most: two that mean nothing and itself.
    let mut text = [0; 32];
    for (at, byte) in bytes.iter().enumerate().skip(mark_bytes) {
        let last = at + 1 == bytes.len();
        let (_, _, written, _) =
            decoder.decode_to_utf8(std::slice::from_ref(byte), &mut text, last);
        let read = text.get(..written).and_then(|text| std::str::from_utf8(text).ok());
        read.unwrap_or_default().chars().for_each(|c| each(c, at + 1));
    }
}

/// The name of an encoding that WHATWG has none for.
const UTF_32: &str = "UTF-32";

/// UTF-16 and UTF-32 without a byte-order mark, as seen from the NULs around the first `<` or `{`.
fn wide_without_mark(bytes: &[u8]) -> Option<Decoded> {
    match bytes.get(..4)? {
        [0, 0, 0, b'<' | b'{'] => Some(utf32(bytes, u32::from_be_bytes)),
        [b'<' | b'{', 0, 0, 0] => Some(utf32(bytes, u32::from_le_bytes)),
        [0, b'<' | b'{', 0, _] => Some(with(UTF_16BE, bytes)),
        [b'<' | b'{', 0, _, 0] => Some(with(UTF_16LE, bytes)),
        _ => None,
    }
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Decoded {
    let (units, rest) = bytes.as_chunks::<4>();
    let read = |quad: &[u8; 4]| char::from_u32(unit(*quad)).unwrap_or(char::REPLACEMENT_CHARACTER);
    let text: String = units.iter().map(read).collect();
    let damaged = !rest.is_empty() || text.contains(char::REPLACEMENT_CHARACTER);
    Decoded { text, encoding: UTF_32, damaged }
}

/// UTF-8 with a few damaged bytes: where at least nine of ten non-ASCII sequences are valid.
fn mostly_utf8(bytes: &[u8]) -> Option<Decoded> {
    let text = String::from_utf8_lossy(bytes);
    let bad = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    let good = text.chars().filter(|c| !c.is_ascii()).count().saturating_sub(bad);
    (good >= bad * 9).then(|| Decoded {
        text: text.into_owned(),
        encoding: UTF_8.name(),
        damaged: true,
    })
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let start = &bytes[..bytes.len().min(DETECT_BYTES_MAX)];
    detector.feed(start, start.len() == bytes.len());
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == UTF_8 { WINDOWS_1252 } else { guess }
}

fn with(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), encoding: encoding.name(), damaged }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], label: Option<&str>, text: &str) {
        assert_eq!(decode(bytes, &[label]).text, text);
    }

    #[test]
    fn bytes_are_read_whatever_their_label() {
        check("été".as_bytes(), None, "été");
        check("été".as_bytes(), Some("iso-8859-1"), "été");
        check(b"\xe9t\xe9 \xe0 Paris, l'\xe9t\xe9", Some("utf-8"), "été à Paris, l'été");
        check(b"\xe9t\xe9 \xe0 Paris, l'\xe9t\xe9", None, "été à Paris, l'été");
        check(b"\xe9t\xe9", Some("ISO-8859-15"), "été");
        check(b"\xff\xfe<\0a\0", None, "<a");
        check(b"\xef\xbb\xbf<a", Some("latin1"), "<a");
        check(b"\0<\0a", None, "<a");
        check(b"\0\0\0<\0\0\0a", None, "<a");
        check(b"", None, "");
    }

    #[track_caller]
    fn places(bytes: &[u8], expected: &[(char, usize)]) {
        let mut found = Vec::new();
        characters(bytes, decode(bytes, &[None]).encoding, |c, end| found.push((c, end)));
        assert_eq!(found, expected);
    }

    #[test]
    fn every_character_has_a_place_in_the_bytes() {
        places("aé<".as_bytes(), &[('a', 1), ('é', 3), ('<', 4)]);
        places(b"\xef\xbb\xbf<a", &[('<', 4), ('a', 5)]);
        places(b"\xff\xfe<\0\xe9\0", &[('<', 4), ('é', 6)]);
        places(b"<\0a\0", &[('<', 2), ('a', 4)]);
        places(b"\0\0\0<\0\0\0a", &[('<', 4), ('a', 8)]);
    }
}
