//! Takes the excess out of tags before they are tokenized.

use depeche_news::limits::extract::TAG_ATTRIBUTES_MAX;
use std::borrow::Cow;

/// Returns `page` with every tag cut after its five-hundredth attribute; almost always the page
/// itself.
pub(crate) fn bounded(page: &str) -> Cow<'_, str> {
    let bytes = page.as_bytes();
    let mut kept = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(start) = page.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        let (end, excess) = tag_end(bytes, start + 1);
        if let Some(excess) = excess {
            // Both borders are ASCII bytes, so that the slices are on character borders.
            kept.push_str(page.get(copied..excess).unwrap_or_default());
            copied = end;
        }
        at = end.max(start + 1);
    }
    if copied == 0 {
        return Cow::Borrowed(page);
    }
    kept.push_str(page.get(copied..).unwrap_or_default());
    Cow::Owned(kept)
}

/// Where the tag that opened before `at` ends (the place of its `>`), and from where on it is too
/// much. What does not look like a tag ends where it starts.
fn tag_end(bytes: &[u8], at: usize) -> (usize, Option<usize>) {
    if !bytes.get(at).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/') {
        return (at, None);
    }
    let (mut at, mut attributes, mut excess) = (at, 0, None);
    while let Some(&b) = bytes.get(at) {
        match b {
            b'>' => return (at, excess),
            b'"' | b'\'' if bytes.get(at.wrapping_sub(1)) == Some(&b'=') => {
                at = find(bytes, at + 1, |end| end == b).unwrap_or(bytes.len());
            }
            b' ' | b'\n' | b'\t' | b'\r' | b'/' | b'"' | b'\'' | b'\x0c' => {
                attributes += 1;
                if attributes > TAG_ATTRIBUTES_MAX && excess.is_none() {
                    excess = Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), excess)
}

fn find(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    bytes.get(from..)?.iter().position(|&b| wanted(b)).map(|found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_excess_is_taken_out() {
        let page = "<p class=\"a > b\">été</p> 1 < 2 <a href='x'>";
        assert!(matches!(bounded(page), Cow::Borrowed(same) if same == page));
        let long = format!("é<a{}>été", " x".repeat(9_000));
        let cut = bounded(&long);
        assert!(cut.len() < 1_100 && cut.ends_with(">été"), "{}", cut.len());
    }
}
