//! Where the index lies: `index-<digest>` in the folder it is given, the digest naming schema and
//! analysis, so that another version of the program never reads what it does not understand.

use std::{
    fs,
    os::unix::fs::DirBuilderExt as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use tantivy::{
    Index, IndexWriter, TantivyDocument, TantivyError, indexer::LogMergePolicy,
    tokenizer::TextAnalyzer,
};

use crate::{
    Error,
    paper::Fields,
    typesetter::{GALLEY, GalleyTokenizer},
    view::View,
};

/// Memory of the one indexing thread. tantivy takes no less than 15; with 20 a segment holds
/// some thousand articles.
const WRITER_BYTES: usize = 20_000_000;

/// Segments with fewer documents are merged with each other whatever their sizes. News comes in a
/// few items a commit: with tantivy's 10,000 every seventh commit would write all of a day anew.
const SMALL_SEGMENT: u32 = 1_000;

/// Up to this size every file's checksum is verified when the index is opened: a second or two of
/// reading. A larger index is believed if its segments open, since each of its files was synced
/// before the commit that names it.
const VERIFIED_BYTES_MAX: u64 = 1 << 31;

/// The file in an index folder that asks for all of it to be verified, however large it is.
const DOUBTED: &str = "doubted";

/// The index of this schema inside `folder`.
pub(crate) fn path(folder: &Path, fields: &Fields) -> PathBuf {
    folder.join(format!("index-{}", fields.digest()))
}

/// An index with its writer.
pub(crate) struct Writable {
    pub(crate) index: Index,
    pub(crate) writer: IndexWriter,
}

/// Opens the index in `path`, or puts an empty one there if it is missing or torn.
pub(crate) fn open(path: &Path, fields: &Fields) -> Result<Writable, Error> {
    if !path.join("meta.json").exists() {
        return fresh(path, fields);
    }
    match existing(path, fields) {
        Ok(writable) => Ok(writable),
        Err(TantivyError::LockFailure(..)) => Err(Error::Locked(path.to_owned())),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the index is torn and is built anew");
            fresh(path, fields)
        }
    }
}

/// Opens what is there and looks at all of it. tantivy trusts its own files, and a torn one can
/// make it panic.
fn existing(path: &Path, fields: &Fields) -> tantivy::Result<Writable> {
    let open = || {
        let index = Index::open_in_dir(path)?;
        register(&index);
        let writer = writer(&index)?;
        verify(&index, path)?;
        View::new(index.reader()?.searcher(), fields.clone(), None)?;
        Ok(Writable { index, writer })
    };
    catch_unwind(AssertUnwindSafe(open))
        .unwrap_or_else(|_| Err(TantivyError::InternalError("a file made tantivy panic".into())))
}

fn writer(index: &Index) -> tantivy::Result<IndexWriter> {
    let writer: IndexWriter<TantivyDocument> = index.writer_with_num_threads(1, WRITER_BYTES)?;
    let mut merging = LogMergePolicy::default();
    merging.set_min_layer_size(SMALL_SEGMENT);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

fn register(index: &Index) {
    let galley = TextAnalyzer::from(GalleyTokenizer::default());
    index.tokenizers().register(GALLEY, galley);
}

/// Asks for all files of an index to be verified when it is opened next.
pub(crate) fn doubt(path: &Path) {
    if let Err(error) = fs::write(path.join(DOUBTED), "") {
        tracing::warn!(path = %path.display(), %error, "the index could not be marked as torn");
    }
}

fn verify(index: &Index, path: &Path) -> tantivy::Result<()> {
    let doubted = path.join(DOUBTED);
    if bytes(path) > VERIFIED_BYTES_MAX && !doubted.exists() {
        return Ok(());
    }
    let damaged = index.validate_checksum()?;
    match damaged.into_iter().next() {
        None => {
            // Gone it is already, or it costs another look.
            let _ = fs::remove_file(doubted);
            Ok(())
        }
        Some(file) => Err(TantivyError::InternalError(format!("{} is damaged", file.display()))),
    }
}

fn bytes(path: &Path) -> u64 {
    let files = fs::read_dir(path).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Puts an empty index at `path`. What lay there is moved away first, so that a crash in between
/// leaves no half of each.
fn fresh(path: &Path, fields: &Fields) -> Result<Writable, Error> {
    let because = |error| Error::Folder(path.to_owned(), error);
    let torn = path.with_extension("torn");
    if path.exists() {
        remove(&torn);
        fs::rename(path, &torn).map_err(because)?;
    }
    // It holds every text: nobody else's to read, in whatever folder it lies.
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(because)?;
    let index = Index::create_in_dir(path, fields.schema.clone())?;
    register(&index);
    let writer = writer(&index)?;
    remove(&torn);
    Ok(Writable { index, writer })
}

/// Removes the indexes of other schemas and what was torn; `path` is the one in use.
pub(crate) fn remove_others(path: &Path) {
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with("index-");
        if ours && entry.path() != path {
            remove(&entry.path());
        }
    }
}

/// Removes a folder; one that stays behind costs room and nothing else.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "an old index could not be removed");
    }
}
