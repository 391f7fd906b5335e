//! An invented archive: pages as a crawler stores them, to be imported.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use anyhow::Context;
use flate2::{Compression, write::GzEncoder};

use crate::{
    arguments::{Archive, Arguments},
    making,
    text::Piece,
};

/// Writes so many pages, each with its request, one gzip member a record or plain.
pub(crate) fn write(arguments: &Arguments, wanted: &Archive) -> anyhow::Result<()> {
    let mut newsroom = making::newsroom(arguments, wanted.count)?;
    let file = File::create(&wanted.out)
        .with_context(|| format!("cannot write {}", wanted.out.display()))?;
    let mut out = BufWriter::new(file);
    let furniture = furniture(wanted.furniture_bytes);
    put(&mut out, wanted.gzip, &info())?;
    for _ in 0..wanted.count {
        let piece = newsroom.piece();
        let address = format!("https://outlet-{}.example/article/{}", piece.outlet, piece.number);
        let date = format!("{:.0}", piece.at);
        let request = "GET / HTTP/1.1\r\nUser-Agent: bench\r\n\r\n";
        put(&mut out, wanted.gzip, &record("request", &address, &date, request))?;
        let page = page(&piece, &furniture);
        let length = page.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{page}"
        );
        put(&mut out, wanted.gzip, &record("response", &address, &date, &answer))?;
    }
    out.flush()?;
    Ok(())
}

fn put(out: &mut impl Write, gzip: bool, record: &str) -> anyhow::Result<()> {
    if !gzip {
        return Ok(out.write_all(record.as_bytes())?);
    }
    let mut member = GzEncoder::new(out, Compression::default());
    member.write_all(record.as_bytes())?;
    member.finish()?;
    Ok(())
}

fn info() -> String {
    let block = "software: bench\r\nformat: WARC File Format 1.0\r\n";
    let length = block.len();
    format!(
        "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Type: application/warc-fields\r\nContent-Length: {length}\r\n\r\n\
         {block}\r\n\r\n"
    )
}

fn record(kind: &str, address: &str, date: &str, block: &str) -> String {
    let length = block.len();
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: {date}\r\n\
         Content-Type: application/http; msgtype={kind}\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
}

fn page(piece: &Piece, furniture: &str) -> String {
    let text: String = piece.paragraphs.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    let standfirst = piece.standfirst.as_deref().unwrap_or_default();
    format!(
        "<!DOCTYPE html><html lang=\"fr\"><head><title>{headline}</title>\
         <meta property=\"article:published_time\" content=\"{at}\">{furniture}</head><body><nav><a href=\"/\">Accueil</a></nav>\
         <article><h1>{headline}</h1><p class=\"chapo\">{standfirst}</p>\n{text}</article>\
         <footer>Mentions légales</footer></body></html>",
        headline = piece.headline,
        at = piece.at,
    )
}

/// What pages carry besides their text, as much as the bytes of it that are asked for.
fn furniture(bytes: usize) -> String {
    let mut styles = String::from("<style>");
    let mut number = 0_u64;
    while styles.len() < bytes {
        number =
            number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        styles.push_str(&format!(
            ".c{:x} {{ margin: {}px {}px; }}\n",
            number >> 40,
            number >> 60,
            (number >> 50) % 64
        ));
    }
    styles.push_str("</style>");
    styles
}
