//! Reads a body: decodes it as it comes, and stops at the limit of decoded bytes.

use depeche_news::limits::outbound::{BROTLI_BUFFER_BYTES, GROWTH_BYTES_MAX, ZSTD_WINDOW_LOG_MAX};
use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::Error;

/// What we tell servers that we read.
pub(crate) const ACCEPT_ENCODING: &str = "gzip, br, zstd, deflate";

/// How many bytes are looked at before a decoder is chosen; the longest magic number (zstd) has
/// four.
const MAGIC_BYTES: usize = 4;

/// A body while it comes in.
pub(crate) struct Body {
    encoding: String,
    bytes_max: usize,
    stage: Stage,
}

/// A body that came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) bytes: Vec<u8>,
    /// The end is missing: the compressed stream stops or breaks in its middle.
    pub(crate) incomplete: bool,
}

enum Stage {
    /// Too few bytes to tell what it is; they are kept.
    Head(Vec<u8>),
    Decoding(Box<dyn Decode>),
    /// The compressed stream broke; what was decoded until then.
    Broken(Sink),
}

impl Body {
    /// A body declared to be in `encoding` (the value of `Content-Encoding`; may be empty).
    pub(crate) fn new(encoding: &str, bytes_max: usize) -> Self {
        let encoding = encoding.trim().to_ascii_lowercase();
        Self { encoding, bytes_max, stage: Stage::Head(Vec::new()) }
    }

    /// Takes the next bytes as they came over the wire.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.stage {
            Stage::Head(head) => {
                head.extend_from_slice(bytes);
                if head.len() < MAGIC_BYTES { Ok(()) } else { self.begin() }
            }
            _ => self.decode(bytes),
        }
    }

    /// Ends the body.
    pub(crate) fn end(mut self) -> Result<Whole, Error> {
        self.begin()?;
        if let Stage::Decoding(decoder) = &mut self.stage
            && decoder.end().is_err()
        {
            self.break_off()?;
        }
        Ok(match &mut self.stage {
            Stage::Decoding(decoder) => Whole { bytes: decoder.sink().take(), incomplete: false },
            Stage::Broken(sink) => Whole { bytes: sink.take(), incomplete: true },
            Stage::Head(_) => Whole { bytes: Vec::new(), incomplete: false },
        })
    }

    /// Chooses the decoder, now that there is something to choose it by.
    fn begin(&mut self) -> Result<(), Error> {
        let Stage::Head(head) = &mut self.stage else { return Ok(()) };
        let head = std::mem::take(head);
        let decoder = decoder(&self.encoding, &head, Sink::new(self.bytes_max));
        self.stage = Stage::Decoding(decoder.map_err(|_| self.bad_compression())?);
        match self.decode(&head) {
            // Brotli and raw deflate have no mark of their own; markup that is neither is itself.
            Err(Error::BadCompression { .. }) if matches!(head.first(), Some(b'<' | b'{')) => {
                self.stage = Stage::Decoding(Box::new(Sink::new(self.bytes_max)));
                self.decode(&head)
            }
            decoded => decoded,
        }
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.stage {
            Stage::Decoding(decoder) => match decoder.write_all(bytes) {
                Ok(()) => Ok(()),
                Err(_) => self.break_off(),
            },
            _ => Ok(()),
        }
    }

    /// Decides what a decoder's refusal means: the limit, something that was never compressed, or
    /// a stream that broke on its way, of which the first part is still news.
    fn break_off(&mut self) -> Result<(), Error> {
        let Stage::Decoding(decoder) = &mut self.stage else { return Ok(()) };
        let sink = decoder.sink();
        if sink.full {
            return Err(Error::TooLarge { bytes_max: self.bytes_max });
        }
        if sink.bytes.is_empty() {
            return Err(self.bad_compression());
        }
        let kept = Sink { bytes: sink.take(), ..*sink };
        self.stage = Stage::Broken(kept);
        Ok(())
    }

    fn bad_compression(&self) -> Error {
        Error::BadCompression { encoding: self.encoding.clone() }
    }
}

/// The decoder of what the first bytes show, else of what is declared: servers do declare gzip for
/// a plain file, send a `.gz` without a word, and raw deflate where HTTP means zlib.
fn decoder(encoding: &str, head: &[u8], sink: Sink) -> io::Result<Box<dyn Decode>> {
    Ok(match encoding {
        _ if head.starts_with(&[0x1f, 0x8b]) => Box::new(MultiGzDecoder::new(sink)),
        _ if is_zstd(head) => Box::new(zstd_decoder(sink)?),
        "deflate" if is_zlib(head) => Box::new(ZlibDecoder::new(sink)),
        "deflate" if !head.is_empty() => Box::new(DeflateDecoder::new(sink)),
        "br" if !head.is_empty() => Box::new(DecompressorWriter::new(sink, BROTLI_BUFFER_BYTES)),
        _ => Box::new(sink),
    })
}

/// The two bytes that RFC 1950 begins a stream with: method 8, and a multiple of 31 together.
fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [a, b, ..] if a & 0x0f == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0)
}

/// A frame of zstd, or one that is to be skipped, which may come first (RFC 8878).
fn is_zstd(head: &[u8]) -> bool {
    matches!(head, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

fn zstd_decoder(sink: Sink) -> io::Result<ZstdDecoder> {
    let mut decoder = zstd::stream::raw::Decoder::new()?;
    decoder.set_parameter(zstd::zstd_safe::DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX))?;
    Ok(zstd::stream::zio::Writer::new(sink, decoder))
}

type ZstdDecoder = zstd::stream::zio::Writer<Sink, zstd::stream::raw::Decoder<'static>>;

/// Decoded bytes, and no more of them than the limit.
struct Sink {
    bytes: Vec<u8>,
    bytes_max: usize,
    full: bool,
}

impl Sink {
    fn new(bytes_max: usize) -> Self {
        Self { bytes: Vec::new(), bytes_max, full: false }
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.full || bytes.len() > self.bytes_max - self.bytes.len() {
            self.full = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        // By steps and not doubled: a body at its limit would take twice of it.
        if bytes.len() > self.bytes.capacity() - self.bytes.len() {
            self.bytes.reserve_exact(
                self.bytes.len().clamp(bytes.len(), GROWTH_BYTES_MAX.max(bytes.len())),
            );
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A decoder that is written to and passes on what it understood.
trait Decode: Write + Send {
    fn sink(&mut self) -> &mut Sink;
    /// Passes on the rest; fails when the stream is not at its end.
    fn end(&mut self) -> io::Result<()>;
}

impl Decode for Sink {
    fn sink(&mut self) -> &mut Sink {
        self
    }
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decode for MultiGzDecoder<Sink> {
    fn sink(&mut self) -> &mut Sink {
        self.get_mut()
    }
    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }
}

impl Decode for ZlibDecoder<Sink> {
    fn sink(&mut self) -> &mut Sink {
        self.get_mut()
    }
    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }
}

impl Decode for DeflateDecoder<Sink> {
    fn sink(&mut self) -> &mut Sink {
        self.get_mut()
    }
    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }
}

impl Decode for DecompressorWriter<Sink> {
    fn sink(&mut self) -> &mut Sink {
        self.get_mut()
    }
    fn end(&mut self) -> io::Result<()> {
        self.close()
    }
}

impl Decode for ZstdDecoder {
    fn sink(&mut self) -> &mut Sink {
        self.writer_mut()
    }
    fn end(&mut self) -> io::Result<()> {
        self.finish()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use flate2::{Compression, write as pack};

    use super::*;

    const NEWS: &str = "<rss><channel><title>Le fil</title></channel></rss>";
    const ENCODINGS: [&str; 4] = ["gzip", "deflate", "zstd", ""];

    pub(crate) fn packed(encoding: &str, plain: &[u8]) -> Vec<u8> {
        match encoding {
            "gzip" => {
                let mut out = pack::GzEncoder::new(Vec::new(), Compression::best());
                out.write_all(plain).unwrap();
                out.finish().unwrap()
            }
            "deflate" => {
                let mut out = pack::ZlibEncoder::new(Vec::new(), Compression::fast());
                out.write_all(plain).unwrap();
                out.finish().unwrap()
            }
            "raw deflate" => {
                let mut out = pack::DeflateEncoder::new(Vec::new(), Compression::fast());
                out.write_all(plain).unwrap();
                out.finish().unwrap()
            }
            "zstd" => zstd::stream::encode_all(plain, 3).unwrap(),
            _ => plain.to_vec(),
        }
    }

    /// [`NEWS`] three times, as brotli packs it.
    const BROTLI: &[u8] = &[
        0x1b, 0x98, 0x00, 0x20, 0x1c, 0x07, 0x76, 0x2c, 0xbc, 0x4d, 0x46, 0xea, 0xdd, 0xa8, 0x79,
        0x7c, 0x98, 0xe6, 0xe6, 0x8b, 0x99, 0x5c, 0x83, 0x94, 0xa5, 0xb1, 0x01, 0x87, 0x1c, 0xb8,
        0x7f, 0x3b, 0x47, 0x94, 0x25, 0x2e, 0x35, 0xe6, 0x71, 0xb1, 0x2c, 0xff, 0x41, 0x36, 0xce,
        0xa4, 0xa6, 0xf0, 0x00, 0x38, 0x50,
    ];

    /// 4 MiB of spaces.
    const BROTLI_BOMB: &[u8] =
        &[0x9b, 0xff, 0xff, 0x3f, 0xf8, 0x25, 0x40, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x07];

    fn read(encoding: &str, wire: &[u8], step: usize, bytes_max: usize) -> Result<Whole, Error> {
        let mut body = Body::new(encoding, bytes_max);
        for part in wire.chunks(step) {
            body.take(part)?;
        }
        body.end()
    }

    #[track_caller]
    fn check(encoding: &str, wire: &[u8], expected: &str) {
        for step in [1, 3, 7, 1000] {
            let whole = read(encoding, wire, step, 1 << 20).unwrap();
            assert_eq!(String::from_utf8_lossy(&whole.bytes), expected, "{encoding} by {step}");
            assert!(!whole.incomplete, "{encoding} by {step}");
        }
    }

    #[test]
    fn bodies_are_decoded_whatever_their_pieces() {
        for encoding in ENCODINGS {
            check(encoding, &packed(encoding, NEWS.as_bytes()), NEWS);
        }
        check("br", BROTLI, &NEWS.repeat(3));
        check(" GZIP ", &packed("gzip", NEWS.as_bytes()), NEWS);
        check("x-gzip", &packed("gzip", NEWS.as_bytes()), NEWS);
        check("deflate", &packed("raw deflate", NEWS.as_bytes()), NEWS);
        check("gzip", &[packed("gzip", b"un "), packed("gzip", b"deux")].concat(), "un deux");
        check("", b"", "");
        check("", b"a", "a");
        for encoding in ["gzip", "br", "zstd", "deflate"] {
            check(encoding, b"", "");
        }
    }

    #[test]
    fn a_wrong_label_does_not_lose_the_news() {
        check("gzip", NEWS.as_bytes(), NEWS);
        check("zstd", NEWS.as_bytes(), NEWS);
        check("utf-8", NEWS.as_bytes(), NEWS);
        check("none", NEWS.as_bytes(), NEWS);
        check("", &packed("gzip", NEWS.as_bytes()), NEWS);
        check("gzip, identity", &packed("gzip", NEWS.as_bytes()), NEWS);
        for encoding in ["br", "deflate"] {
            assert_eq!(read(encoding, NEWS.as_bytes(), 1000, 1000).unwrap().bytes, NEWS.as_bytes());
        }
    }

    #[test]
    fn what_is_no_compression_at_all_is_an_error() {
        for (encoding, wire) in
            [("br", b"\x11nonsense" as &[u8]), ("gzip", b"\x1f\x8b\x00\x00nonsense")]
        {
            let refused = read(encoding, wire, 5, 1 << 20);
            assert_eq!(refused, Err(Error::BadCompression { encoding: encoding.to_owned() }));
        }
    }

    #[test]
    fn a_stream_cut_short_gives_its_beginning_and_says_so() {
        // Words that do not repeat, so that half of the packed bytes hold about half of the text.
        let text: String = (0..20_000u64).map(|i| format!("{:x} ", i * 2_654_435_761)).collect();
        for encoding in ["gzip", "deflate", "zstd"] {
            let wire = packed(encoding, text.as_bytes());
            let whole = read(encoding, &wire[..wire.len() * 3 / 4], 1000, 1 << 20).unwrap();
            assert!(whole.incomplete, "{encoding}");
            assert!(!whole.bytes.is_empty() && text.as_bytes().starts_with(&whole.bytes));
        }
        assert!(read("br", &BROTLI[..BROTLI.len() - 3], 5, 1000).unwrap().incomplete);
    }

    #[test]
    fn the_limit_counts_decoded_bytes() {
        let bomb = vec![b' '; 64 << 20];
        for encoding in ["gzip", "deflate", "raw deflate", "zstd"] {
            let wire = packed(encoding, &bomb);
            assert!(wire.len() < 400_000, "{encoding} packs it well: {}", wire.len());
            let encoding = encoding.trim_start_matches("raw ");
            let refused = read(encoding, &wire, 16 << 10, 1 << 20);
            assert_eq!(refused, Err(Error::TooLarge { bytes_max: 1 << 20 }));
        }
        let refused = read("br", BROTLI_BOMB, 5, 1 << 20);
        assert_eq!(refused, Err(Error::TooLarge { bytes_max: 1 << 20 }));
        assert_eq!(read("", b"12345", 2, 4), Err(Error::TooLarge { bytes_max: 4 }));
        assert_eq!(read("", b"1234", 2, 4).unwrap().bytes, b"1234");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(label in 0..6usize, noise in proptest::collection::vec(0u8.., 0..300), cut in 0..300usize) {
            let encoding = ["gzip", "br", "zstd", "deflate", "", "x"][label];
            let _ = read(encoding, &noise, 7, 1000);
            // A stream that is right up to `cut` reaches further into the decoders.
            let mut wire = packed(encoding, NEWS.repeat(5).as_bytes());
            wire.truncate(cut);
            wire.extend_from_slice(&noise);
            let _ = read(encoding, &wire, 7, 1000);
        }
    }
}
