//! Wires of earlier schemas, as they were written then: one file of SQL for each.

#![allow(clippy::unwrap_used, dead_code, reason = "tests fail by panicking; not each uses all")]

use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// The administrator's token of these wires, which is also a session's.
pub(crate) const TOKEN: &str = "60ec4b85e38a15810cbfcb1ee4b088844cee0e49e5c78586";

/// The dumps by the number of their schema. A new schema adds the dump of the one before it.
pub(crate) fn dumps() -> Vec<(u32, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    let mut dumps: Vec<(u32, PathBuf)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().parse().unwrap(), path))
        .collect();
    dumps.sort();
    dumps
}

/// Puts the wire of a dump into a folder; gives its file.
pub(crate) fn laid(dump: &Path, folder: &Path) -> PathBuf {
    let file = folder.join("depeche.sqlite");
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch("PRAGMA synchronous = off").unwrap();
    connection.execute_batch(&std::fs::read_to_string(dump).unwrap()).unwrap();
    file
}

/// A folder with the wire of schema 1.
pub(crate) fn wire() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    laid(&dumps()[0].1, folder.path());
    folder
}
