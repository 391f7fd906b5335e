//! Archives, mailboxes and sitemaps, mutilated: read to their end, the same whatever the pieces they come in.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

use std::path::{Path, PathBuf};

use depeche_formats::{
    Hints,
    mail::{self, Mbox, Piece},
    sitemap,
    warc::{Archive, Record},
};
use proptest::prelude::*;

fn fixtures(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn records(bytes: &[u8], piece: usize) -> (Vec<Record>, usize) {
    let mut archive = Archive::default();
    let mut found = Vec::new();
    for mut piece in bytes.chunks(piece) {
        found.extend(std::iter::from_fn(|| archive.next(&mut piece)));
    }
    found.extend(std::iter::from_fn(|| archive.end()));
    (found, archive.problems().len())
}

fn messages(bytes: &[u8], piece: usize) -> Vec<Piece> {
    let mut mbox = Mbox::default();
    let mut found = Vec::new();
    for mut piece in bytes.chunks(piece) {
        found.extend(std::iter::from_fn(|| mbox.next(&mut piece)));
    }
    found.extend(std::iter::from_fn(|| mbox.end()));
    found
}

/// A fixture with a piece put in, a part doubled, and its end cut off.
fn mutilated(
    fixtures: &[Vec<u8>],
    which: usize,
    at: [prop::sample::Index; 3],
    piece: &[u8],
) -> Vec<u8> {
    let mut bytes = fixtures[which % fixtures.len()].clone();
    let place = at[0].index(bytes.len());
    bytes.splice(place..place, piece.iter().copied());
    let (one, other) = (at[1].index(bytes.len()), at[2].index(bytes.len()));
    let doubled = bytes[one.min(other)..one.max(other)].to_vec();
    bytes.splice(place..place, doubled);
    bytes.truncate(at[2].index(bytes.len()) + bytes.len() / 3);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_mutilated_archive_is_read(
        which in 0_usize..16,
        at in any::<[prop::sample::Index; 3]>(),
        size in 1_usize..200,
        piece in prop::sample::select(vec![
            &b""[..], b"\r\n\r\nWARC/1.0\r\n", b"Content-Length: 99999999\r\n", b"\x1f\x8b\x08\0", b"\0\0\0\0", b"HTTP/1.1 200\r\n\r\n",
            b"\n", b"filedesc://x 1.2.3.4 20160211000000 text/plain 9\n",
        ]),
    ) {
        let bytes = mutilated(&fixtures("warc"), which, at, piece);
        let (found, _) = records(&bytes, size);
        prop_assert!(found.len() <= bytes.len());
        // Plain archives are the same in pieces of any size; what a broken member is unpacked to may not be.
        if !bytes.starts_with(&[0x1f]) {
            prop_assert_eq!(&found, &records(&bytes, bytes.len().max(1)).0);
        }
        // From the place of any record the next one is found again.
        if let [first, second, ..] = found.as_slice()
            && !bytes.starts_with(&[0x1f])
        {
            let mut rest = bytes.get(first.place.offset as usize..).unwrap();
            let mut archive = Archive::after(first.place);
            let next = archive.next(&mut rest).or_else(|| archive.end());
            prop_assert_eq!(next.map(|record| record.place), Some(second.place));
        }
    }

    #[test]
    fn a_mutilated_message_is_read(
        which in 0_usize..16,
        at in any::<[prop::sample::Index; 3]>(),
        size in 1_usize..200,
        piece in prop::sample::select(vec![
            &b"--alt\r\n"[..], b"--rel--\r\n", b"\r\n\r\n", b"Content-Type: multipart/mixed; boundary=alt\r\n\r\n--alt\r\n",
            b"Content-Transfer-Encoding: base64\r\n", b"=?utf-8?q?=?=", b"From x Thu Feb 11 16:41:00 2016\n", b"\xff\xfe", b"<!--", b"<td style='display:none'>",
            b"Content-Type: message/rfc822\r\n\r\n",
        ]),
    ) {
        let bytes = mutilated(&fixtures("mail"), which, at, piece);
        let mail = mail::read(&bytes, None);
        prop_assert_eq!(mail.sender, mail::sender(&bytes));
        prop_assert_eq!(messages(&bytes, size), messages(&bytes, bytes.len().max(1)));
        let _ = (mail::is_message(&bytes), mail::is_mbox(&bytes));
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (records(&bytes, 7), messages(&bytes, 7), mail::read(&bytes, None));
        let _ = sitemap(&bytes, &Hints::default());
    }
}

/// Parts in parts in parts, a hundred thousand deep, and as many messages in messages.
#[test]
fn nesting_costs_no_stack() {
    let depth = 100_000;
    let parts: String = (0..depth)
        .map(|level| {
            format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")
        })
        .collect();
    let _ = mail::read(format!("From: a@fil.example\r\n{parts}\r\nTexte").as_bytes(), None);
    let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(depth);
    let _ = mail::read(format!("From: a@fil.example\r\n{messages}").as_bytes(), None);
    let hidden = "<div style='display:none'>".repeat(depth);
    let html = format!("From: a@fil.example\r\nContent-Type: text/html\r\n\r\n{hidden}");
    let _ = mail::read(html.as_bytes(), None);
}
