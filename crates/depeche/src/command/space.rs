//! `depeche space`: what takes how much of the data folder.

use std::{
    fs,
    io::{self, IsTerminal},
    path::Path,
};

use depeche_store::{Space, Store};
use serde_json::json;

use crate::{arguments::ListSpace, command::open_existing, telling};

/// Sources that are named, unless all are asked for as JSON: those that a person would do something
/// about stand first.
const SOURCES_TOLD: usize = 10;

/// Tells what takes how much: a table for a person, one JSON object for a program.
pub(crate) fn space(list: &ListSpace) -> anyhow::Result<()> {
    let folder = &list.data.folder;
    let store: Store = open_existing(folder)?;
    let space = store.space()?;
    let index_bytes = folder_bytes(&folder.join("index")).unwrap_or(0);
    if list.json || !io::stdout().is_terminal() {
        return telling::answer(&object(&space, index_bytes)?.to_string());
    }
    telling::answer(&table(&space, index_bytes))
}

fn object(space: &Space, index_bytes: u64) -> anyhow::Result<serde_json::Value> {
    let mut object = serde_json::to_value(space)?;
    object["index_bytes"] = json!(index_bytes);
    object["total_bytes"] = json!(total(space, index_bytes));
    object["item_bytes"] = json!(space.item_bytes());
    Ok(object)
}

fn total(space: &Space, index_bytes: u64) -> u64 {
    space.file_bytes + space.wal_bytes + space.window_bytes + index_bytes
}

fn table(space: &Space, index_bytes: u64) -> String {
    let total = total(space, index_bytes);
    let mut lines = vec![line("in all", total, total)];
    for (what, bytes) in [
        ("articles", space.articles_bytes),
        ("fingerprints, to find copies and stories", space.fingerprints_bytes),
        ("feeds as they came", space.feeds_bytes),
        ("pages as they came", space.pages_bytes),
        ("files as they were handed in", space.handed_in_bytes),
        ("rows: headlines, teasers, addresses, the wire log", space.rows_bytes),
        ("indexes of the rows", space.indexes_bytes),
        ("free, to be used again", space.free_bytes),
        ("written lately (depeche.sqlite-wal)", space.wal_bytes),
        ("window of copies and stories (window.snapshot)", space.window_bytes),
        ("full-text index (index/)", index_bytes),
    ] {
        lines.push(line(what, bytes, total));
    }
    let items = space.items;
    lines.push(String::new());
    lines.push(format!("{items} items in {} versions; an item takes", space.versions));
    let each = |bytes: u64| size(bytes.checked_div(items).unwrap_or(0));
    lines.push(format!("  {:>9}  in the store, with its share of rows", size(space.item_bytes())));
    lines.push(format!("  {:>9}  of fingerprints", each(space.fingerprints_bytes)));
    lines.push(format!("  {:>9}  in the full-text index", each(index_bytes)));
    lines.push(format!("  {:>9}  of what it was read from", each(space.documents_bytes())));
    if !space.sources.is_empty() {
        lines.push(String::new());
        lines.push("    items   articles  fingerprints  documents  source".to_owned());
    }
    for source in space.sources.iter().take(SOURCES_TOLD) {
        lines.push(format!(
            "{:>9}  {:>9}  {:>12}  {:>9}  {}",
            source.items,
            size(source.articles_bytes),
            size(source.fingerprints_bytes),
            size(source.documents_bytes),
            source.name,
        ));
    }
    if let Some(more) = space.sources.len().checked_sub(SOURCES_TOLD).filter(|more| *more > 0) {
        lines.push(format!("           and {more} more; --json names all, and each table"));
    }
    lines.join("\n")
}

fn line(what: &str, bytes: u64, total: u64) -> String {
    let share = (bytes * 100).checked_div(total).unwrap_or(0);
    format!("{:>9}  {share:>3} %  {what}", size(bytes))
}

/// Bytes as a person reads them.
fn size(bytes: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match STEPS.into_iter().find(|(step, _)| bytes >= *step) {
        Some((step, unit)) => format!("{:.1} {unit}", bytes as f64 / step as f64),
        None => format!("{bytes} B"),
    }
}

/// The bytes of all files in a folder; a file that goes while we look counts nothing.
fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.metadata() {
                Ok(entry_is) if entry_is.is_dir() => folders.push(entry.path()),
                Ok(entry_is) => bytes += entry_is.len(),
                Err(_) => {}
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_a_person_would_use() {
        let told = [0, 999, 1_000, 1_294, 45_678_000, 2_500_000_000].map(size);
        assert_eq!(told, ["0 B", "999 B", "1.0 kB", "1.3 kB", "45.7 MB", "2.5 GB"]);
    }

    #[test]
    fn an_empty_wire_has_a_table_too() {
        let told = table(&Space::default(), 0);
        assert!(told.contains("0 items in 0 versions"), "{told}");
    }
}
