//! Bytes that are ready to be sent: compressed once for each encoding that somebody asked for, with
//! the tag by which a browser knows whether it has them.

use std::{io::Write, sync::OnceLock};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// How hard Brotli tries. A page of 50 rows takes 0.7 ms at 5 and comes to 8.5 kB; 9 takes 40 ms to save
/// one per cent of that, 11 takes 120 ms to save eleven, and on a live wire the next page is due.
const BROTLI_QUALITY: i32 = 5;

/// Brotli's window as a power of two: pages are smaller than 256 kB.
const BROTLI_WINDOW: i32 = 18;

/// An encoding of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    Plain,
}

impl Coding {
    /// The best that a request accepts.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_ENCODING).into_iter();
        let ranges = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
        let (mut brotli, mut gzip, mut any) = (None, None, 0.0);
        for range in ranges.take(RANGES_MAX) {
            let (name, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").and_then(|q| q.trim().parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            match name.trim() {
                "br" => brotli = Some(weight),
                "gzip" => gzip = Some(weight),
                "*" => any = weight,
                _ => {}
            }
        }
        let (brotli, gzip) = (brotli.unwrap_or(any), gzip.unwrap_or(any));
        match () {
            () if brotli > 0.0 && brotli >= gzip => Self::Brotli,
            () if gzip > 0.0 => Self::Gzip,
            () => Self::Plain,
        }
    }
}

/// Codings of a header that are looked at; browsers name four.
const RANGES_MAX: usize = 16;

/// Bytes in every encoding, each made when it is first asked for.
pub(crate) struct Ready {
    tag: HeaderValue,
    plain: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl Ready {
    pub(crate) fn new(content: impl Into<Bytes>) -> Self {
        let plain = content.into();
        Self { tag: entity_tag(&plain), plain, brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// Whether it can be sent in this encoding without compressing it first.
    pub(crate) fn has(&self, coding: Coding) -> bool {
        match coding {
            Coding::Brotli => self.brotli.get().is_some(),
            Coding::Gzip => self.gzip.get().is_some(),
            Coding::Plain => true,
        }
    }

    /// The bytes in this encoding; the first time this compresses them.
    pub(crate) fn bytes(&self, coding: Coding) -> &Bytes {
        match coding {
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)),
            Coding::Plain => &self.plain,
        }
    }

    /// The answer to a request: the bytes, or that it has them already.
    pub(crate) fn answer(
        &self,
        asked: &HeaderMap,
        media_type: &'static str,
        kept: &'static str,
    ) -> Response {
        let coding = Coding::accepted(asked);
        let known = is_known(asked, &self.tag);
        let body = if known { Body::empty() } else { Body::from(self.bytes(coding).clone()) };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let coding = match coding {
            Coding::Brotli => Some("br"),
            Coding::Gzip => Some("gzip"),
            Coding::Plain => None,
        };
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }
}

/// Puts the tag of its content on a page that was drawn for one request, or answers that the browser
/// has it.
pub(crate) fn tagged(
    asked: &HeaderMap,
    page: String,
    drawn: impl FnOnce(String) -> Response,
) -> Response {
    let tag = entity_tag(page.as_bytes());
    let mut response = match is_known(asked, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => drawn(page),
    };
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// A tag of what a page says, in whichever encoding: weak, since the bytes differ by encoding.
fn entity_tag(content: &[u8]) -> HeaderValue {
    let digest = depeche_news::content_digest(&[&String::from_utf8_lossy(content)]);
    let digits: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("W/\"{digits}\"")).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether a request says that it has the page of this tag. A browser names one; a cache between may
/// name several, and may have made ours a strong one.
fn is_known(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let weak = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let ours = tag.to_str().map(weak).unwrap_or_default();
    let known = asked.get_all(header::IF_NONE_MATCH).into_iter();
    let mut tags = known.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    tags.any(|known| known.trim() == "*" || weak(known) == ours)
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default().into()
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut packed = Vec::with_capacity(plain.len() / 4);
    let parameters = ::brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut plain = plain;
    // Reading from memory and writing to it do not fail.
    let _ = ::brotli::BrotliCompress(&mut plain, &mut packed, &parameters);
    packed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_coding(accepted: &'static str, expected: Coding) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        assert_eq!(Coding::accepted(&headers), expected, "{accepted}");
    }

    #[test]
    fn each_request_gets_the_best_it_takes() {
        check_coding("gzip, deflate, br, zstd", Coding::Brotli);
        check_coding("gzip", Coding::Gzip);
        check_coding("gzip;q=1.0, br;q=0.5", Coding::Gzip);
        check_coding("br;q=0, gzip", Coding::Gzip);
        check_coding("*", Coding::Brotli);
        check_coding("*;q=0.1, br;q=0", Coding::Gzip);
        check_coding("identity", Coding::Plain);
        check_coding("br;q=0, gzip;q=0", Coding::Plain);
        check_coding(";;,q=,", Coding::Plain);
        assert_eq!(Coding::accepted(&HeaderMap::new()), Coding::Plain);
    }

    #[track_caller]
    fn check_known(named: &'static str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(named));
        assert_eq!(is_known(&headers, &HeaderValue::from_static("W/\"a1\"")), expected, "{named}");
    }

    #[test]
    fn a_known_tag_is_recognised() {
        check_known("W/\"a1\"", true);
        check_known("\"a1\"", true);
        check_known("W/\"b2\", W/\"a1\"", true);
        check_known("*", true);
        check_known("W/\"a2\"", false);
        check_known("", false);
    }
}
