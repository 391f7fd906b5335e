//! The names that queries of this wire may use.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use depeche_news::{Viewer, jiff::Timestamp};
use depeche_search::{Catalogue, Query, Spellings};
use depeche_store::Store;

use crate::telling;

/// A query with the names of sources and the operator's spellings looked up; what was passed over is told.
pub(crate) fn query(store: &Store, viewer: Viewer, words: &str) -> anyhow::Result<Query> {
    let query = Query::parse(words);
    let sources = match query.names_sources() {
        true => store.source_names(viewer, Timestamp::now())?,
        false => Vec::new(),
    };
    let spellings = spellings(store.folder());
    let query = query.named(&Catalogue::new(&sources, &spellings));
    for ignored in query.ignored().iter().take(5) {
        let text: String = ignored.text.chars().take(60).collect();
        telling::say(&format!(
            "note: passed over in the query: {text} ({})",
            ignored.reason.told()
        ));
    }
    Ok(query)
}

/// Where an operator writes names with several spellings, in the data folder.
const SPELLINGS: &str = "spellings.txt";

/// Largest such file that is read, in bytes: 10,000 lines.
const SPELLINGS_BYTES_MAX: u64 = 1 << 20;

/// The operator's own names with several spellings; lines that cannot be read are told and passed over.
pub(crate) fn spellings(folder: &Path) -> Spellings {
    let path = folder.join(SPELLINGS);
    let open = fs::metadata(&path).and_then(|file| match file.is_file() {
        true => fs::File::open(&path),
        false => Err(io::Error::other("it is no file")),
    });
    let file = match open {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Spellings::default(),
        Err(error) => {
            telling::say(&format!("note: cannot read {}: {error}", path.display()));
            return Spellings::default();
        }
    };
    let mut bytes = Vec::new();
    if let Err(error) = file.take(SPELLINGS_BYTES_MAX).read_to_end(&mut bytes) {
        telling::say(&format!("note: cannot read {}: {error}", path.display()));
    }
    let (spellings, wrong) = Spellings::read(&String::from_utf8_lossy(&bytes));
    for line in wrong.iter().take(5) {
        telling::say(&format!(
            "note: {}, line {line}: write the spellings of one name with = between them (Raqa = Raqqa = Rakka)",
            path.display()
        ));
    }
    spellings
}
