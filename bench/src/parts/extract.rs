//! What taking the story from a page costs, beside dom_smoothie, which another program knows.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{arguments::Arguments, figures::Figures};

const PART: &str = "pages";

/// Measures over the pages of the sets, or over those of our own fixtures, which are small.
pub(crate) fn measure(figures: &mut Figures, arguments: &Arguments) -> anyhow::Result<()> {
    let Some(oracle) = std::env::var_os("DEPECHE_ORACLE") else {
        figures.left_out(PART, "the other reader is not built; `cargo xtask bench` does that");
        return Ok(());
    };
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/kinds");
    let folder: PathBuf = arguments.sets.as_ref().map_or_else(own, |sets| sets.join("extraction"));
    let said = Command::new(oracle).arg("pages").arg(&folder).output()?;
    anyhow::ensure!(said.status.success(), "the other reader found no pages");
    let said: Value = serde_json::from_slice(&said.stdout)?;
    let of = |whose: &str, key: &str| said[whose][key].as_f64().unwrap_or_default();
    for (whose, name) in [("ours", "ours"), ("dom_smoothie", "dom_smoothie")] {
        figures.tell(PART, &format!("{name}, pages"), of(whose, "pages_s"), "/s");
        figures.tell(PART, &format!("{name}, bytes"), of(whose, "mb_s"), "MB/s");
        figures.tell(PART, &format!("{name}, half of the pages within"), of(whose, "p50_ms"), "ms");
    }
    figures.held(PART, "ours, 99 of 100 pages within", of("ours", "p99_ms"), "ms", "≤ 20");
    let ratio = said["ratio"].as_f64().unwrap_or_default();
    figures.held(PART, "ours to dom_smoothie", ratio, "×", "≥ 1");
    Ok(())
}
