//! The line `archives` of `cargo xtask eval`: archives and lists of subscriptions, good and broken, handed to
//! `depeche import`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use serde_json::{Value, json};

/// Imports each sample into a wire of its own; gives what was read of each archive, how many lists were read, and
/// how often the program fell.
pub(crate) fn figures(program: &Path, sets: &Path, work: &Path) -> anyhow::Result<String> {
    let mut records = serde_json::Map::new();
    let (mut pages, mut panics) = (0, 0);
    for path in samples(&sets.join("intake/warc"), &["warc", "arc", "gz", "bad"])? {
        let (summary, panicked) = imported(program, &path, work)?;
        panics += usize::from(panicked);
        pages += summary["items"].as_u64().unwrap_or(0);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        records.insert(name.unwrap_or_default(), summary["records"].clone());
    }
    let (mut lists, mut lists_read, mut feeds) = (0, 0, 0);
    for folder in ["clean", "errors"] {
        for path in samples(&sets.join("intake/feedvalidator/opml").join(folder), &["opml"])? {
            let (summary, panicked) = imported(program, &path, work)?;
            panics += usize::from(panicked);
            lists += 1;
            lists_read += usize::from(!panicked && summary.is_object());
            feeds += summary["sources"].as_u64().unwrap_or(0);
        }
    }
    let figures = json!({
        "set": "archives",
        "archives": records.len(),
        "records": records,
        "items": pages,
        "opml": lists,
        "opml_read": lists_read,
        "opml_sources": feeds,
        "panics": panics,
    });
    Ok(figures.to_string())
}

fn samples(folder: &Path, extensions: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let files =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let known = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        extensions.contains(&&*extension)
    };
    let mut paths: Vec<PathBuf> =
        files.filter_map(Result::ok).map(|file| file.path()).filter(known).collect();
    paths.sort();
    Ok(paths)
}

/// The summary of one import, and whether the program panicked or died of it. One of which nothing could be taken
/// in has its summary too.
fn imported(program: &Path, path: &Path, work: &Path) -> anyhow::Result<(Value, bool)> {
    let data = work.join("archives.data");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let output = Command::new(program).arg("import").arg("--data").arg(&data).arg(path).output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    let panicked = told.contains("panicked") || output.status.code().is_none();
    let summary = String::from_utf8_lossy(&output.stdout);
    let summary = summary.lines().last().and_then(|line| serde_json::from_str(line).ok());
    Ok((summary.unwrap_or_default(), panicked))
}
