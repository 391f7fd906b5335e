//! Cuts entries out of a document: what is left is a document of the same format, with the entries that
//! are kept as they were.

use std::{collections::HashSet, ops::Range};

use crate::made;
use crate::{
    Document, Hints,
    decode::{clean_text, cleaned},
    json, markup, read,
};

/// The document without the entries that `keep` refuses, asked by their place in [`Document::items`].
///
/// `None` where that cannot be: what is cut is read again, and unless it says of the kept entries what the
/// whole said it is no answer. A message that is one item cannot be cut.
pub fn cut(bytes: &[u8], hints: &Hints<'_>, keep: impl Fn(usize) -> bool) -> Option<Vec<u8>> {
    let document = read(bytes, hints);
    document.format.as_ref()?;
    let gone: Vec<usize> = (0..document.items.len()).filter(|at| !keep(*at)).collect();
    if gone.is_empty() {
        return Some(bytes.to_vec());
    }
    let rest = if document.parts.is_empty() {
        json::without(&clean_text(bytes, hints.content_type).text, &gone)?
    } else {
        without(bytes, hints, &document, &gone)?
    };
    let again = read(&rest, hints);
    let kept =
        document.items.iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, entry)| entry);
    (again.format == document.format && again.items.iter().eq(kept)).then_some(rest)
}

/// The bytes without the elements of these entries; the encoding stays what it was.
fn without(
    bytes: &[u8],
    hints: &Hints<'_>,
    document: &Document,
    gone: &[usize],
) -> Option<Vec<u8>> {
    let decoded = clean_text(bytes, hints.content_type);
    let parts = gone.iter().map(|at| document.parts.get(*at).cloned());
    let mut parts = parts.collect::<Option<Vec<_>>>()?;
    parts.extend(mentions(&decoded.text, &parts));
    parts.sort_by_key(|part| part.start);
    let places = places(bytes, decoded.encoding, parts)?;
    let mut rest = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for part in places {
        rest.extend_from_slice(bytes.get(from..part.start.max(from))?);
        from = from.max(part.end);
    }
    rest.extend_from_slice(bytes.get(from..)?);
    Some(rest)
}

/// Where an RDF channel lists the items that are cut: the words of an address are those of its headline.
fn mentions(text: &str, parts: &[Range<usize>]) -> Vec<Range<usize>> {
    let (tree, _) = made::within(text.len(), || markup::parse(text));
    let starts: HashSet<usize> = parts.iter().map(|part| part.start).collect();
    let elements = || tree.document().descendants();
    let about: HashSet<&str> = elements()
        .filter(|element| starts.contains(&element.span().start))
        .filter_map(|element| element.attribute("rdf:about"))
        .collect();
    let listed = |element: &markup::Element<'_, '_>| {
        let resource = element.attribute("rdf:resource").or_else(|| element.attribute("resource"));
        element.is("li") && resource.is_some_and(|resource| about.contains(resource))
    };
    elements().filter(listed).map(|element| element.span()).collect()
}

/// Parts of the decoded text, in order, as parts of the bytes it was decoded from.
fn places(bytes: &[u8], encoding: &str, parts: Vec<Range<usize>>) -> Option<Vec<Range<usize>>> {
    let mut ends: Vec<usize> = parts.iter().flat_map(|part| [part.start, part.end]).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut found = Vec::with_capacity(ends.len());
    let (mut text_bytes, mut read_bytes) = (0, 0);
    depeche_text::characters(bytes, encoding, |c, behind| {
        while ends.get(found.len()).is_some_and(|end| *end <= text_bytes) {
            found.push(read_bytes);
        }
        text_bytes += cleaned(c).map_or(0, char::len_utf8);
        read_bytes = behind;
    });
    while ends.get(found.len()).is_some_and(|end| *end <= text_bytes) {
        found.push(read_bytes);
    }
    let place = |end: &usize| found.get(ends.binary_search(end).ok()?).copied();
    parts.iter().map(|part| Some(place(&part.start)?..place(&part.end)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &[u8], gone: usize, rest: Option<&[u8]>) {
        let rest = rest.map(<[u8]>::to_vec);
        assert_eq!(cut(document, &Hints::default(), |at| at != gone), rest);
    }

    #[test]
    fn an_entry_goes_and_all_else_stays_byte_for_byte() {
        check(
            b"<rss><channel> <item><title>1</title></item> <item><title>2</item></channel></rss>",
            0,
            Some(b"<rss><channel>  <item><title>2</item></channel></rss>"),
        );
        check(
            b"<rss><item><title>\xe9t\xe9 un</title><item><title>\xe9t\xe9 deux</title></rss>",
            1,
            Some(b"<rss><item><title>\xe9t\xe9 un</title></rss>"),
        );
        check(
            b"<rss>\x01\n<item><title>1</title></item><item><title>2</title></item></rss>",
            0,
            Some(b"<rss>\x01\n<item><title>2</title></item></rss>"),
        );
        check(
            br#"{"items":[{"id":"1"},{"id":"2"}],"version":"https://jsonfeed.org/version/1"}"#,
            0,
            Some(br#"{"items":[{"id":"2"}],"version":"https://jsonfeed.org/version/1"}"#),
        );
    }

    #[test]
    fn a_wide_encoding_stays_wide() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let document =
            wide("\u{feff}<rss><item><title>é</title></item><item><title>2</title></item></rss>");
        let rest = wide("\u{feff}<rss><item><title>2</title></item></rss>");
        check(&document, 0, Some(&rest));
    }

    #[test]
    fn an_rdf_channel_does_not_list_what_is_gone() {
        let rest = cut(
            b"<rdf:RDF><channel><items><rdf:Seq><rdf:li rdf:resource='/a'/><rdf:li rdf:resource='/b'/>\
              </rdf:Seq></items></channel><item rdf:about='/a'/><item rdf:about='/b'/></rdf:RDF>",
            &Hints::default(),
            |at| at != 0,
        );
        assert!(!String::from_utf8(rest.unwrap_or_default()).unwrap_or_default().contains("/a"));
    }

    #[test]
    fn what_is_one_item_or_nothing_is_not_cut() {
        check(b"<nitf><head><title>1</title></head></nitf>", 0, None);
        check(br#"{"guid":"1","headline":"x"}"#, 0, None);
        check(b"<urlset><url><loc>/x</loc><news:news/></url></urlset>", 0, None);
        check(b"Rien.", 0, None);
    }
}
