//! What bytes are that can be no news, told in the same words wherever they come in.

/// What these bytes are, where their beginning shows that they are no news.
pub fn no_news(bytes: &[u8]) -> Option<&'static str> {
    let begins = |signs: &[&[u8]]| signs.iter().any(|sign| bytes.starts_with(sign));
    match bytes {
        bytes if bytes.trim_ascii().is_empty() => Some("there is nothing in it"),
        _ if begins(&[b"PK\x03\x04", b"PK\x05\x06"]) => {
            Some("a zip archive: unpack it, and give the files that are in it")
        }
        _ if begins(&[
            b"7z\xbc\xaf\x27\x1c",
            b"Rar!\x1a\x07",
            b"\xfd7zXZ\0",
            b"\x28\xb5\x2f\xfd",
        ]) || bytes.get(257..262) == Some(b"ustar") =>
        {
            Some(
                "an archive (7z, rar, xz, zstd or tar): unpack it, and give the files that are in it",
            )
        }
        _ if begins(&[b"%PDF-"]) => Some("a PDF document"),
        _ if begins(&[b"\x89PNG", b"\xff\xd8\xff", b"GIF8"])
            || begins(&[b"RIFF"]) && bytes.get(8..12) == Some(b"WEBP") =>
        {
            Some("a picture")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert!(no_news(bytes).unwrap_or("news").starts_with(expected), "{:?}", no_news(bytes));
    }

    #[test]
    fn first_bytes_show_what_is_no_news() {
        check(b" \r\n", "there is nothing");
        check(b"PK\x03\x04\0\0", "a zip archive: unpack it");
        check(b"Rar!\x1a\x07\x01", "an archive (");
        check(&[&[b'a'; 257][..], b"ustar\0"].concat(), "an archive (");
        check(b"%PDF-1.7", "a PDF");
        check(b"\x89PNG\r\n", "a picture");
        check(b"RIFF\0\0\0\0WEBPVP8 ", "a picture");
        check(b"RIFF est le nom d'une association", "news");
        check(b"PKK : un texte", "news");
    }
}
