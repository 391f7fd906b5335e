//! The files of an import: which they are, what is in them, and how far they were read before.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context;
use depeche_formats::{Kind, gunzip, is_gzip, mail, sniff, warc};
use depeche_news::limits::archives::IMPORT_DEPTH_MAX;

use crate::telling::Advice;

/// Bytes of a file that tell what it is, and that are read at once.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

/// One file to be taken in.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// Folders that are not looked into, and why not.
pub(super) type Passed = Vec<(PathBuf, &'static str)>;

/// The files that are meant, by name; hidden ones in folders are passed over.
pub(super) fn found(given: &[PathBuf]) -> anyhow::Result<(Vec<Found>, Passed)> {
    let (mut paths, mut passed) = (Vec::new(), Vec::new());
    for path in given {
        fs::metadata(path).map_err(|error| {
            Advice::error(
                format!("cannot read {}: {error}", path.display()),
                "give a file or folder that exists",
            )
        })?;
        gather(path, 0, &mut paths, &mut passed)?;
    }
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    Ok((paths.into_iter().map(|path| Found { bytes: bytes(&path), path }).collect(), passed))
}

fn gather(
    path: &Path,
    depth: usize,
    paths: &mut Vec<PathBuf>,
    passed: &mut Passed,
) -> anyhow::Result<()> {
    if !path.is_dir() {
        paths.push(path.to_owned());
        return Ok(());
    }
    let why = match depth {
        0 => None,
        _ if path.is_symlink() => Some("a link to a folder, which may lead back to this one"),
        _ => (depth > IMPORT_DEPTH_MAX).then_some("deeper than folders are looked into"),
    };
    if let Some(why) = why {
        passed.push((path.to_owned(), why));
        return Ok(());
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
    let mut inside: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    inside.retain(|path| {
        !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
    });
    inside.sort();
    inside.iter().try_for_each(|path| gather(path, depth + 1, paths, passed))
}

/// What a file is, as far as it matters how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// WARC or ARC.
    Archive,
    Mbox,
    Lines,
    /// Read whole: a feed, a page, a text, a list of sources, a message.
    Document,
}

/// A file that was looked into.
pub(super) struct Opened {
    file: fs::File,
    pub(super) form: Form,
    is_gzip: bool,
    read: Arc<AtomicU64>,
}

impl Opened {
    /// Opens a file; `read` counts its bytes as they are read.
    pub(super) fn open(path: &Path, read: &Arc<AtomicU64>) -> io::Result<Self> {
        let mut file = fs::File::open(path)?;
        let mut start = Vec::with_capacity(PIECE_BYTES);
        file.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut start)?;
        file.rewind()?;
        let is_gzip = is_gzip(&start);
        if is_gzip {
            start = gunzip(&start, PIECE_BYTES).bytes;
        }
        Ok(Self { file, form: form(&start), is_gzip, read: Arc::clone(read) })
    }

    /// The digest of all its bytes: what tells a file from every other, whatever it is called.
    pub(super) fn digest(&mut self) -> io::Result<[u8; 32]> {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut self.file, &mut hasher)?;
        self.file.rewind()?;
        Ok(*hasher.finalize().as_bytes())
    }

    /// Its bytes as they are, from a place on.
    pub(super) fn packed(mut self, from: u64) -> io::Result<impl BufRead> {
        self.file.seek(SeekFrom::Start(from))?;
        self.read.fetch_add(from, Ordering::Relaxed);
        Ok(BufReader::with_capacity(PIECE_BYTES, Counted { file: self.file, read: self.read }))
    }

    /// Its bytes out of their gzip, where they are in one, from a place on.
    pub(super) fn unpacked(self, from: u64) -> io::Result<Box<dyn BufRead>> {
        if !self.is_gzip {
            return Ok(Box::new(self.packed(from)?));
        }
        let unpacked = flate2::bufread::MultiGzDecoder::new(self.packed(0)?);
        let mut unpacked = BufReader::with_capacity(PIECE_BYTES, unpacked);
        io::copy(&mut unpacked.by_ref().take(from), &mut io::sink())?;
        Ok(Box::new(unpacked))
    }
}

fn form(start: &[u8]) -> Form {
    if warc::is_archive(start) {
        return Form::Archive;
    }
    if mail::is_mbox(start) {
        return Form::Mbox;
    }
    match sniff(start) {
        Kind::ArticleLines => Form::Lines,
        _ => Form::Document,
    }
}

struct Counted {
    file: fs::File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}
