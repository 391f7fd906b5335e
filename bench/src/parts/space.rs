//! Bytes an article, by part, against the bytes of its text.

use std::{fs, path::Path};

use depeche_store::{Store, Tree};

use crate::{figures::Figures, making::Made};

const PART: &str = "space";

pub(crate) fn measure(figures: &mut Figures, made: &Made) -> anyhow::Result<()> {
    let store = Store::open(&made.folder)?;
    let (trees, traces) = (store.trees()?, store.trace_bytes()?);
    let articles = made.note.articles.max(1) as f64;
    let text = made.note.text_bytes as f64 / articles;
    let sum = |wanted: &dyn Fn(&Tree) -> bool| {
        trees.iter().filter(|tree| wanted(tree)).map(|tree| tree.bytes).sum::<u64>()
    };
    let raw = sum(&|tree| is_raw(tree));
    let all = sum(&|_| true);
    let bodies = sum(&|tree| tree.name == "version");
    let indexes = sum(&|tree| tree.index && !is_raw(tree));
    let log = sum(&|tree| tree.name == "wire");
    let rows = all - raw - bodies - indexes - log - traces;
    let search = bytes_of(&made.folder.join("index"));

    let an_article = |bytes: u64| bytes as f64 / articles;
    figures.tell(PART, "text of an article", text, "bytes");
    let whole = an_article(all - raw);
    figures.held(PART, "store without raw documents, of the text", whole / text, "", "≤ 0.75");
    let parts = [
        ("bodies (version rows)", bodies),
        ("rows of items, dispatches, sources", rows),
        ("indexes", indexes),
    ];
    for (name, bytes) in parts {
        figures.tell(PART, &format!("  {name}"), an_article(bytes), "bytes");
    }
    figures.held(PART, "  fingerprints", an_article(traces), "bytes", "≤ 1,000");
    figures.tell(PART, "  wire log", an_article(log), "bytes");
    figures.held(PART, "search index, of the text", an_article(search) / text, "", "≤ 0.45");
    figures.tell(PART, "raw documents, apart", an_article(raw), "bytes");
    Ok(())
}

/// What holds the documents as they came.
fn is_raw(tree: &Tree) -> bool {
    tree.name.starts_with("delivery") || tree.name.starts_with("sqlite_autoindex_delivery")
}

/// Bytes of all files below a folder.
fn bytes_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => bytes_of(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
