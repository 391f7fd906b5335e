//! From the bytes of a feed to clean text: its labels are read, its control characters go.

use depeche_news::limits::formats::DECLARATION_BYTES_MAX;
use depeche_text::{Decoded, decode, mended};

use crate::markup::windows_1252;

/// Decodes `bytes` with the charset of `content_type` or of the XML declaration, unless they show
/// themselves to be something else.
pub(crate) fn clean_text(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    let start = bytes.get(..DECLARATION_BYTES_MAX).unwrap_or(bytes);
    let declared = String::from_utf8_lossy(start);
    let labels = [content_type.and_then(charset), declared_encoding(&declared)];
    let mut decoded = decode(bytes, &labels);
    if let Some(text) = mended(&decoded.text) {
        decoded = Decoded { text, encoding: "encoded twice", damaged: true };
    }
    if needs_cleaning(decoded.text.as_bytes()) {
        decoded.text = decoded.text.chars().filter_map(cleaned).collect();
    }
    decoded
}

/// The charset parameter of a content type, its quotes and spaces off.
pub(crate) fn charset(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("charset")?;
    let value = content_type.get(at + "charset".len()..)?.trim_start().strip_prefix('=')?;
    let value = value.split(';').next()?.trim();
    Some(value.trim_matches(|c| matches!(c, '"' | '\'')))
}

/// The encoding that an XML declaration names.
fn declared_encoding(start: &str) -> Option<&str> {
    let (_, declaration) = start.split_once("<?xml")?;
    let (declaration, _) = declaration.split_once('>')?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value.get(1..)?.split(quote).next()?.trim())
}

/// Whether the text has control characters that no reader should see.
fn needs_cleaning(bytes: &[u8]) -> bool {
    let control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // Whole chunks without a way out in between, so that the compiler takes many bytes at once.
    let low = bytes.chunks(CHUNK).any(|chunk| chunk.iter().fold(false, |any, &b| any | control(b)));
    // U+0080 to U+009F: C2 followed by 80 to 9F.
    let pair = |(a, b): (&u8, &u8)| (*a == 0xc2) & (0x80..=0x9f).contains(b);
    let high = |chunk: &[u8], next: &[u8]| {
        chunk.iter().zip(next).fold(false, |any, both| any | pair(both))
    };
    let next = bytes.get(1..).unwrap_or_default();
    low || bytes.chunks(CHUNK).zip(next.chunks(CHUNK)).any(|(chunk, next)| high(chunk, next))
}

/// Bytes looked at between two ways out.
const CHUNK: usize = 512;

/// What is left of a character that was decoded.
pub(crate) fn cleaned(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' => Some(c),
        '\0'..='\u{1f}' => None,
        '\u{80}'..='\u{9f}' => Some(windows_1252(c as u8)),
        _ => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], content_type: Option<&str>, expected: &str) {
        assert_eq!(clean_text(bytes, content_type).text, expected);
    }

    #[test]
    fn labels_are_read_where_they_stand() {
        let declared = b"<?xml version='1.0' encoding='iso-8859-15'?><a>\xa4</a>";
        check(declared, None, "<?xml version='1.0' encoding='iso-8859-15'?><a>€</a>");
        check(b"<a>\xa4", Some("text/xml; charset = \"ISO-8859-15\""), "<a>€");
        check("<a>é".as_bytes(), Some("text/xml;charset=us-ascii"), "<a>é");
    }

    #[test]
    fn control_characters_go() {
        check(b"a\x0b\x00b\n\tc", None, "ab\n\tc");
        check("l\u{92}Otan".as_bytes(), None, "l’Otan");
        let far = format!("{}\u{92}", "a".repeat(CHUNK - 1));
        check(far.as_bytes(), None, &far.replace('\u{92}', "’"));
    }
}
