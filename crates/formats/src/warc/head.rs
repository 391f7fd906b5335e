//! The heads of records: a block of fields in WARC, one line in ARC.

use depeche_news::Moment;
use depeche_news::jiff::{civil, tz::Offset};

use crate::dates::date;

/// What the head of a record says, of WARC or of ARC; not the head of the answer in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: RecordKind,
    pub(super) address: Option<String>,
    pub(super) date: Option<Moment>,
    pub(super) content_type: Option<String>,
    /// Bytes of its block; unknown where that is not a number.
    pub(super) length: Option<u64>,
}

/// What a record of an archive is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordKind {
    /// An answer of a server.
    Response,
    /// A document without the answer it came in.
    Resource,
    /// The text of a page, as derived archives (WET) hold it.
    Conversion,
    /// Says that the same was there before.
    Revisit,
    /// What was asked for.
    Request,
    /// What the archive says of itself, and everything else.
    #[default]
    Other,
}

/// Reads the block of fields between `WARC/1.0` and the blank line.
pub(super) fn warc(block: &[u8]) -> Head {
    let text = String::from_utf8_lossy(block);
    let mut head = Head::default();
    for (name, value) in fields(&text) {
        let filled = || Some(value.clone()).filter(|value| !value.is_empty());
        match name.to_ascii_lowercase().as_str() {
            "warc-type" => head.kind = kind(&value),
            // Some crawlers write it in angle brackets, as record ids are.
            "warc-target-uri" => {
                head.address = filled().map(|uri| uri.trim_matches(['<', '>']).trim().to_owned());
            }
            "warc-date" => head.date = date(&value),
            "content-type" => head.content_type = filled(),
            "content-length" => head.length = value.parse().ok(),
            _ => {}
        }
    }
    head
}

/// Fields of a head of this kind: a name, a colon, a value; a line that starts with a blank goes on with the
/// one before.
pub(super) fn fields(text: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                if let Some((name, value)) = line.split_once(':') {
                    fields.push((name.trim(), value.trim().to_owned()));
                }
            }
        }
    }
    fields
}

fn kind(name: &str) -> RecordKind {
    match name.to_ascii_lowercase().as_str() {
        "response" => RecordKind::Response,
        "resource" => RecordKind::Resource,
        "conversion" => RecordKind::Conversion,
        "revisit" => RecordKind::Revisit,
        "request" => RecordKind::Request,
        _ => RecordKind::Other,
    }
}

/// Reads the line that opens a record of an ARC file: address, host, date, media type, length; the second
/// version has more in between. Addresses with blanks in them are as old as the format.
pub(super) fn arc(line: &[u8]) -> Option<Head> {
    let line = std::str::from_utf8(line).ok()?.trim_end();
    let words: Vec<&str> = line.split(' ').collect();
    let [before @ .., length] = words.as_slice() else { return None };
    let at = before.iter().rposition(|word| is_stamp(word))?;
    let (address, after) = (before.get(..at.checked_sub(1)?)?, before.get(at + 1..)?);
    let address = address.join(" ");
    let scheme_end = address.find(':')?;
    let named = address.get(..scheme_end)?;
    if named.is_empty() || !named.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let media = after.first()?;
    Some(Head {
        kind: if named == "filedesc" { RecordKind::Other } else { RecordKind::Response },
        address: Some(address),
        date: stamp(before.get(at)?),
        content_type: Some((*media).to_owned()),
        length: length.parse().ok(),
    })
}

fn is_stamp(word: &str) -> bool {
    (8..=20).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// `20140216050221`, in UTC.
fn stamp(digits: &str) -> Option<Moment> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize| i8::try_from(number(from, from + 2).unwrap_or(0)).ok();
    let at = civil::DateTime::new(
        number(0, 4)?,
        small(4)?,
        small(6)?,
        small(8)?,
        small(10)?,
        small(12)?,
        0,
    );
    Some(Moment::utc(Offset::UTC.to_timestamp(at.ok()?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_arc(line: &str, expected: Option<(&str, &str, Option<u64>)>) {
        let head = arc(line.as_bytes());
        let found = head.as_ref().map(|head| {
            (
                head.address.as_deref().unwrap_or_default(),
                head.date.map(|date| date.to_string()).unwrap_or_default(),
                head.length,
            )
        });
        assert_eq!(
            found,
            expected.map(|(address, date, length)| (address, date.to_owned(), length))
        );
    }

    #[test]
    fn the_line_of_an_arc_record() {
        check_arc(
            "https://a.example/otan 192.0.2.7 20160211154100 text/html 1591",
            Some(("https://a.example/otan", "2016-02-11T15:41:00+00:00", Some(1591))),
        );
        check_arc(
            "https://a.example/?q=l'Otan se réunit 192.0.2.7 20160211154100 text/html 200 - - 12 fil.arc 7",
            Some(("https://a.example/?q=l'Otan se réunit", "2016-02-11T15:41:00+00:00", Some(7))),
        );
        check_arc(
            "https://a.example/ 192.0.2.7 20160211154100 text/html abc",
            Some(("https://a.example/", "2016-02-11T15:41:00+00:00", None)),
        );
        check_arc("L'Otan se réunit à Bruxelles le 20160211 à 3", None);
        check_arc("", None);
    }

    #[test]
    fn the_fields_of_a_warc_record() {
        let head = warc(
            b"WARC/1.0\r\nwarc-type: response\r\nWARC-Target-URI: <https://a.example/otan>\r\nWARC-Date: 2016-02-11T15:41:00Z\r\n\
              Content-Type: application/http;\r\n msgtype=response\r\nContent-Length: 12\r\n",
        );
        assert_eq!((head.kind, head.length), (RecordKind::Response, Some(12)));
        assert_eq!(head.address.as_deref(), Some("https://a.example/otan"));
        assert_eq!(head.content_type.as_deref(), Some("application/http; msgtype=response"));
        assert_eq!(
            head.date.map(|date| date.to_string()).as_deref(),
            Some("2016-02-11T15:41:00+00:00")
        );
    }
}
