use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;

fn record(kind: &str, address: &str, block: &str, length: usize) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2016-02-11T15:41:00Z\r\n\
         Content-Type: application/http\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
}

fn page(name: &str) -> String {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{name}</p>");
    record("response", &format!("https://a.example/{name}"), &block, block.len())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text).unwrap_or_default();
    packed.finish().unwrap_or_default()
}

/// Reads an archive in pieces; what each record is, and the first problem's word.
fn read(bytes: &[u8], piece: usize) -> (Vec<String>, usize) {
    let mut archive = Archive::default();
    let mut told = Vec::new();
    let say = |record: Record| match record.page {
        Ok(page) => format!(
            "{}{}",
            page.address.rsplit('/').next().unwrap_or_default(),
            if page.whole { "" } else { "…" }
        ),
        Err(passed) => passed.word().to_owned(),
    };
    for mut piece in bytes.chunks(piece) {
        told.extend(std::iter::from_fn(|| archive.next(&mut piece)).map(say));
    }
    told.extend(std::iter::from_fn(|| archive.end()).map(say));
    (told, archive.problems().len())
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&str], problems: usize) {
    for piece in [1, 7, 100, 1 << 20] {
        let (told, found) = read(bytes, piece);
        assert_eq!(
            (told.as_slice(), found),
            (expected.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().as_slice(), problems),
            "in pieces of {piece}"
        );
    }
}

#[test]
fn records_plain_packed_one_by_one_and_packed_whole() {
    let parts = [
        record("warcinfo", "", "format: x", 9),
        page("a"),
        record("request", "https://a.example/a", "GET /", 5),
        page("b"),
    ];
    let expected = ["other", "a", "request", "b"];
    check(parts.concat().as_bytes(), &expected, 0);
    check(&gzip(parts.concat().as_bytes()), &expected, 0);
    let members: Vec<u8> = parts.iter().flat_map(|part| gzip(part.as_bytes())).collect();
    check(&members, &expected, 0);
    // In blocks that have nothing to do with the records.
    let blocks: Vec<u8> = parts.concat().as_bytes().chunks(100).flat_map(gzip).collect();
    check(&blocks, &expected, 0);
}

#[test]
fn wrong_lengths_and_what_is_in_between() {
    let longer = |name: &str, by: usize| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{name}</p>");
        record("response", &format!("https://a.example/{name}"), &block, block.len() + by)
    };
    check(
        format!("{}{}{}", longer("a", 120), page("b"), page("c")).as_bytes(),
        &["a…", "b", "c"],
        1,
    );
    check(format!("{}{}", page("a"), longer("b", 5000)).as_bytes(), &["a", "b…"], 1);
    let block = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Otan</p>";
    let shorter = record("response", "https://a.example/a", block, block.len() - 4);
    check(format!("{shorter}{}", page("b")).as_bytes(), &["a…", "b"], 1);
    check(format!("{}junk\nmore junk\n{}", page("a"), page("b")).as_bytes(), &["a…", "b"], 1);
    check(format!("junk\nmore junk\n{}", page("b")).as_bytes(), &["b"], 1);
    let none = page("a").replace("Content-Length", "Length");
    check(format!("{none}{}", page("b")).as_bytes(), &["a", "b"], 1);
}

#[test]
fn what_is_not_read_twice_is_told() {
    let block = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Otan</p>";
    let longer = record("response", "https://a.example/a", block, block.len() + 120);
    let text = format!("{longer}{}{}", page("b"), page("c"));
    let mut archive = Archive { reread: REREAD_BYTES_MAX, ..Archive::default() };
    let mut input = text.as_bytes();
    let found = std::iter::from_fn(|| archive.next(&mut input)).count();
    assert_eq!(found + std::iter::from_fn(|| archive.end()).count(), 2);
    let told = archive.problems();
    assert!(told.iter().any(|problem| problem.detail.starts_with(FORGONE)), "{told:?}");

    let mut packed = gzip(page("a").as_bytes());
    packed.truncate(packed.len() / 2);
    packed.extend(gzip(page("b").as_bytes()));
    let mut archive = Archive::default();
    archive.packed.reread = REREAD_BYTES_MAX;
    let mut input = &packed[..];
    while archive.next(&mut input).or_else(|| archive.end()).is_some() {}
    let told = archive.problems();
    assert!(told.iter().any(|problem| problem.detail.starts_with(FORGONE)), "{told:?}");
}

#[test]
fn what_only_looks_like_heads_is_passed_over() {
    let heads = "WARC/1.0\r\n".repeat(40_000);
    let text = format!("{}{heads}junk\r\n\r\nmore\r\n\r\n{}", page("a"), page("b"));
    check(text.as_bytes(), &["a", "other", "b"], PROBLEMS_MAX + 1);
}

#[test]
fn an_archive_is_not_unpacked_to_a_thousand_times_of_it() {
    let body = gzip(&vec![b'a'; RECORD_BYTES_MAX - 1]);
    let mut block =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n<p>".to_vec();
    block.truncate(block.len() - 3);
    block.extend(body);
    let mut bomb = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/x\r\nContent-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    bomb.extend(block);
    bomb.extend(b"\r\n\r\n");
    let (told, problems) = read(&bomb.repeat(30), 1 << 16);
    let unpacked = told.iter().filter(|told| *told == "x").count() * RECORD_BYTES_MAX;
    let most = bomb.len() * 30 * UNPACKED_PER_BYTE as usize + UNPACKED_BYTES_MIN as usize;
    assert!(unpacked <= most + 2 * RECORD_BYTES_MAX, "{unpacked}");
    assert_eq!((told.len(), problems > 0), (30, true));
    assert_eq!(told.last().map(String::as_str), Some("too_large"));
}

#[test]
fn an_archive_of_breaks_tells_the_first_and_that_there_are_more() {
    let none = page("a").replace("Content-Length", "Length").repeat(PROBLEMS_MAX + 10);
    let (told, problems) = read(none.as_bytes(), 1 << 20);
    assert_eq!((told.len(), problems), (PROBLEMS_MAX + 10, PROBLEMS_MAX + 1));
}

#[test]
fn tails_and_members_that_break() {
    let (a, b, c) =
        (gzip(page("a").as_bytes()), gzip(page("b").as_bytes()), gzip(page("c").as_bytes()));
    let cut = [&a[..], &b[..b.len() / 2], &c[..]].concat();
    let (told, problems) = read(&cut, 1 << 20);
    assert!(
        told.first().is_some_and(|a| a == "a") && told.last().is_some_and(|c| c == "c"),
        "{told:?}"
    );
    assert!(problems > 0);
    let tail = [&a[..], &b[..b.len() - 9]].concat();
    let (told, problems) = read(&tail, 64);
    assert_eq!((told.first().map(String::as_str), problems > 0), (Some("a"), true), "{told:?}");
    let mut damaged = [&a[..], &b[..]].concat();
    damaged[a.len() - 6] ^= 1;
    check(&damaged, &["a", "b"], 1);
    check(&[&a[..], &[0; 64], &b[..]].concat(), &["a", "b"], 0);
}

#[test]
fn reading_goes_on_at_a_place() {
    let parts = [page("a"), page("b"), page("c"), page("d")];
    let members: Vec<u8> = parts.iter().flat_map(|part| gzip(part.as_bytes())).collect();
    for bytes in [parts.concat().into_bytes(), gzip(parts.concat().as_bytes()), members] {
        let mut archive = Archive::default();
        let mut input = &bytes[..];
        let places: Vec<Place> =
            std::iter::from_fn(|| archive.next(&mut input)).map(|record| record.place).collect();
        for (number, place) in places.into_iter().enumerate().take(3) {
            let mut archive = Archive::after(place);
            let mut input = &bytes[place.offset as usize..];
            let next = archive.next(&mut input).or_else(|| archive.end());
            let next = next.and_then(|record| record.page.ok());
            assert_eq!(
                next.map(|page| page.address),
                Some(format!("https://a.example/{}", ["b", "c", "d"][number]))
            );
        }
    }
}

#[test]
fn what_is_too_large_is_not_held() {
    let block = format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(RECORD_BYTES_MAX));
    let large = record("response", "https://a.example/x", &block, block.len());
    let (told, problems) = read(format!("{large}{}", page("b")).as_bytes(), 1 << 16);
    assert_eq!((told, problems), (vec!["too_large".to_owned(), "b".to_owned()], 0));
    let mut archive = Archive::default();
    let mut input = &large.as_bytes()[..large.len() - 10];
    assert_eq!(archive.next(&mut input), None);
    assert!(
        archive.window.capacity() + archive.open.map_or(0, |open| open.block.capacity()) < 1 << 20
    );
}

#[test]
fn an_arc_file() {
    let arc = "filedesc://fil.arc 192.0.2.7 20160211154100 text/plain 14\n1 0 Le Fil\nx y\n\
        https://a.example/a 192.0.2.7 20160211154100 text/html 54\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>1</p>\n\n\
        https://a.example/b 192.0.2.7 20160211154100 text/html abc\n<p>2</p>\n\
        https://a.example/c 192.0.2.7 20160211154100 text/html 8\n<p>3</p>\n";
    check(arc.as_bytes(), &["other", "a", "b", "c"], 1);
}
