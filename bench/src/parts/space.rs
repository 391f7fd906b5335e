//! Bytes an article, by part, against the bytes of its text.

use std::{fs, path::Path};

use depeche_store::{Store, TableSpace};

use crate::{figures::Figures, making::Made};

const PART: &str = "space";

pub(crate) fn measure(figures: &mut Figures, made: &Made) -> anyhow::Result<()> {
    let space = Store::open(&made.folder)?.space()?;
    let articles = made.note.articles.max(1) as f64;
    let text = made.note.text_bytes as f64 / articles;
    let (raw, kept): (Vec<&TableSpace>, Vec<&TableSpace>) =
        space.tables.iter().partition(|table| table.name == "delivery");
    let rows_of = |name: &str| {
        kept.iter().filter(|table| table.name == name).map(|table| table.rows_bytes).sum::<u64>()
    };
    let whole = |tables: &[&TableSpace]| {
        tables.iter().map(|table| table.rows_bytes + table.indexes_bytes).sum::<u64>()
    };
    let traces = space.fingerprints_bytes;
    let (raw, all) = (whole(&raw), whole(&kept) - traces);
    let (bodies, log) = (rows_of("version"), rows_of("wire"));
    let indexes = kept.iter().map(|table| table.indexes_bytes).sum::<u64>();
    let rows = all - bodies - indexes - log;
    let search = bytes_of(&made.folder.join("index"));

    let an_article = |bytes: u64| bytes as f64 / articles;
    figures.tell(PART, "text of an article", text, "bytes");
    let name = "store without raw documents and fingerprints, of the text";
    figures.held(PART, name, an_article(all) / text, "", "≤ 0.75");
    let parts = [
        ("bodies (version rows)", bodies),
        ("rows of items, dispatches, sources", rows),
        ("indexes", indexes),
    ];
    for (name, bytes) in parts {
        figures.tell(PART, &format!("  {name}"), an_article(bytes), "bytes");
    }
    figures.held(PART, "fingerprints", an_article(traces), "bytes", "≤ 1,000");
    figures.tell(PART, "  wire log", an_article(log), "bytes");
    figures.held(PART, "search index, of the text", an_article(search) / text, "", "≤ 0.45");
    figures.tell(PART, "raw documents, apart", an_article(raw), "bytes");
    Ok(())
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
