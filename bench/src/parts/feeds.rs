//! What reading feeds costs, beside feed-rs, which another program knows: nothing of it is built into ours.

use std::{fs, path::Path, process::Command};

use anyhow::Context;
use serde_json::Value;

use crate::{
    arguments::Arguments,
    figures::Figures,
    making,
    text::{Piece, feeds},
};

const PART: &str = "feeds";

/// Items of a feed, so that it has some 13 MB.
const ITEMS: usize = 5000;

/// Who sends what: RSS with whole texts beside teasers, RSS with escaped ones, Atom.
const KINDS: [(usize, &str); 3] = [(0, "rss.xml"), (3, "rss-escaped.xml"), (4, "atom.xml")];

/// Other formats and manners, for what is compared and not measured.
const MORE: [(usize, &str); 4] =
    [(2, "rss-rich.xml"), (7, "rss-breaks.xml"), (8, "atom-pictured.xml"), (6, "feed.json")];

/// Writes a feed of each format.
pub(crate) fn write(arguments: &Arguments, folder: &Path, items: usize) -> anyhow::Result<()> {
    written(arguments, folder, items, &[&KINDS[..], &MORE[..]].concat())
}

fn written(
    arguments: &Arguments,
    folder: &Path,
    items: usize,
    kinds: &[(usize, &str)],
) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut newsroom = making::newsroom(arguments, items)?;
    let pieces: Vec<Piece> = (0..items).map(|_| newsroom.piece()).collect();
    let pieces: Vec<&Piece> = pieces.iter().collect();
    for (outlet, name) in kinds {
        fs::write(folder.join(name), feeds::feed(*outlet, &pieces))?;
    }
    Ok(())
}

pub(crate) fn measure(
    figures: &mut Figures,
    arguments: &Arguments,
    base: &Path,
) -> anyhow::Result<()> {
    let Some(oracle) = std::env::var_os("DEPECHE_ORACLE") else {
        figures.left_out(PART, "the other reader is not built; `cargo xtask bench` does that");
        return Ok(());
    };
    let folder = base.join("feeds");
    written(arguments, &folder, arguments.times(ITEMS), &KINDS)?;
    let said = Command::new(oracle).arg("speed").arg(&folder).output()?;
    anyhow::ensure!(said.status.success(), "the other reader failed");
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        let line: Value = serde_json::from_str(line)?;
        let of = |key: &str| line[key].as_f64().unwrap_or_default();
        let name = line["document"].as_str().unwrap_or_default();
        figures.tell(PART, &format!("{name}, ours"), of("ours_mb_s"), "MB/s");
        figures.tell(PART, &format!("{name}, feed-rs"), of("feed_rs_mb_s"), "MB/s");
        figures.held(PART, &format!("{name}, ours to feed-rs"), of("ratio"), "×", "≥ 1");
    }
    Ok(())
}
