//! Unpacking: what came in under gzip, deflate or brotli, as far as it goes and never beyond a limit.

use std::borrow::Cow;
use std::io::Read;

use depeche_news::limits::archives::CODINGS_MAX;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What was unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The bytes, up to where they could be read.
    pub bytes: Vec<u8>,
    /// Whether that is all of them: neither damaged, nor cut, nor more than the limit.
    pub whole: bool,
}

/// Whether `bytes` start as gzip does.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Unpacks gzip, `most` bytes at most.
pub fn gunzip(bytes: &[u8], most: usize) -> Unpacked {
    bounded(MultiGzDecoder::new(bytes), most)
}

/// Unpacks a body by the codings its header names, last one first, and says whether that is all of it; `None` for
/// a coding that is not known, or too many of them.
pub(crate) fn decoded<'b>(
    bytes: &'b [u8],
    codings: &str,
    most: usize,
) -> Option<(Cow<'b, [u8]>, bool)> {
    let (mut body, mut whole) = (Cow::Borrowed(bytes), true);
    let mut passes = 0;
    for coding in codings.rsplit(',').map(str::trim).filter(|coding| !coding.is_empty()) {
        let next = match coding.to_ascii_lowercase().as_str() {
            "identity" | "none" | "utf-8" | "binary" => continue,
            _ if passes == CODINGS_MAX => return None,
            "gzip" | "x-gzip" => gunzip(&body, most),
            "deflate" => inflated(&body, most),
            "br" => bounded(brotli_decompressor::Decompressor::new(&*body, 4096), most),
            _ => return None,
        };
        passes += 1;
        // What says that it is packed and does not open at all is often plain: archives store it unpacked.
        if !next.bytes.is_empty() || body.is_empty() {
            whole &= next.whole;
            body = Cow::Owned(next.bytes);
        }
    }
    Some((body, whole))
}

/// `deflate` is zlib by the standard and bare in the wild.
fn inflated(bytes: &[u8], most: usize) -> Unpacked {
    let zlib = bounded(ZlibDecoder::new(bytes), most);
    if zlib.bytes.is_empty() { bounded(DeflateDecoder::new(bytes), most) } else { zlib }
}

fn bounded(packed: impl Read, most: usize) -> Unpacked {
    let mut bytes = Vec::new();
    let read = packed.take(most as u64 + 1).read_to_end(&mut bytes);
    let whole = read.is_ok() && bytes.len() <= most;
    bytes.truncate(most);
    Unpacked { bytes, whole }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).unwrap_or_default();
        packed.finish().unwrap_or_default()
    }

    #[track_caller]
    fn check(bytes: &[u8], codings: &str, expected: Option<(&str, bool)>) {
        let found = decoded(bytes, codings, 1000);
        let found = found.map(|(body, whole)| (String::from_utf8_lossy(&body).into_owned(), whole));
        assert_eq!(found, expected.map(|(text, whole)| (text.to_owned(), whole)));
    }

    #[test]
    fn bodies_are_unpacked_by_their_codings() {
        check(b"Otan", "", Some(("Otan", true)));
        check(b"Otan", "identity", Some(("Otan", true)));
        check(&gzip("Otan"), "x-gzip", Some(("Otan", true)));
        check(&gzip(&String::from_utf8_lossy(b"Otan")), "identity, gzip", Some(("Otan", true)));
        check(b"\x78\x9c\xf3\x2f\x49\xcc\x03\x00\x03\xcc\x01\x93", "deflate", Some(("Otan", true)));
        check(b"\xf3\x2f\x49\xcc\x03\x00", "deflate", Some(("Otan", true)));
        check(b"\x8b\x01\x80Otan\x03", "br", Some(("Otan", true)));
        check(b"Otan", "zstd", None);
        check(&gzip("Otan"), "identity, identity, none, identity, gzip", Some(("Otan", true)));
        check(b"Otan", "gzip, gzip, gzip, gzip", None);
        assert!(matches!(decoded(b"Otan", "gzip", 10), Some((Cow::Borrowed(_), true))));
    }

    #[test]
    fn what_is_plain_in_spite_of_its_header_stays() {
        check(b"<p>Otan</p>", "gzip", Some(("<p>Otan</p>", true)));
    }

    #[test]
    fn a_bomb_and_a_tail_that_is_missing_are_told() {
        let body = gunzip(&gzip(&"a".repeat(100_000)), 1000);
        assert_eq!((body.bytes.len(), body.whole), (1000, false));
        let packed = gzip("Le marché aux fleurs");
        let body = gunzip(&packed[..packed.len() - 6], 1000);
        assert_eq!((body.bytes.as_slice(), body.whole), ("Le marché aux fleurs".as_bytes(), false));
    }
}
