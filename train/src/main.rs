//! `cargo xtask train story`: the weights of the story model, from labelled pages.
//!
//! `pages` reads them, `label` finds which of their pieces are of the true body, `names` weighs class
//! and id names, `boost` grows trees, `learn` puts the parts together. With `--folds N` the outlets are
//! dealt into N parts and each part gets weights of its own, learned from the others: no page is
//! judged by weights that saw its outlet. `headline` learns what tells the headline of a page
//! (`cargo xtask train headline`).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what it says is its output")]

mod boost;
mod french;
mod headline;
mod label;
mod language;
mod learn;
mod names;
mod pages;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use depeche_extract::study::Model;

use crate::pages::Page;

/// Learns which pieces of a page are its story.
#[derive(Parser)]
enum Task {
    /// Learn weights from labelled pages.
    Story(Story),
    /// Learn what tells the headline among its candidates, and write the table.
    Headline {
        /// Folder of labelled pages.
        #[arg(long)]
        data: PathBuf,
        /// Folders of pages that teach every part and are judged in none.
        #[arg(long)]
        also: Vec<PathBuf>,
        /// The table.
        #[arg(long)]
        out: PathBuf,
    },
    /// Learn the weights of the recogniser of languages.
    Language {
        /// Folder of lingua's language models, as cargo unpacks their crates.
        #[arg(long)]
        models: PathBuf,
        /// The weights.
        #[arg(long)]
        out: PathBuf,
    },
    /// Fill patterns of French pages with stories: a folder of labelled pages each half.
    French {
        /// The patterns, in `develop` and `report`.
        #[arg(long)]
        patterns: PathBuf,
        /// The news day: `outlets.json` and `items`.
        #[arg(long)]
        wire: PathBuf,
        /// Where `develop` and `report` are written.
        #[arg(long)]
        out: PathBuf,
        /// Pages a pattern.
        #[arg(long, default_value_t = 2)]
        each: usize,
    },
}

#[derive(clap::Args)]
struct Story {
    /// Folder with `truth.jsonl.gz` and the pages, one a file: `ID.html.gz`.
    #[arg(long)]
    data: PathBuf,
    /// The weights; with --folds a folder for one file a part, and `folds.txt`: each page and its part.
    #[arg(long)]
    out: PathBuf,
    /// Folders of further pages, dealt into the parts as the others.
    #[arg(long)]
    also: Vec<PathBuf>,
    /// How many parts the outlets are dealt into.
    #[arg(long)]
    folds: Option<u64>,
    /// Print how often the trees look at each column.
    #[arg(long)]
    columns: bool,
}

fn main() -> anyhow::Result<()> {
    match Task::parse() {
        Task::Story(arguments) => story(&arguments),
        Task::Headline { data, also, out } => headline::learn(&data, &also, &out),
        Task::Language { models, out } => language::learn(&models, &out),
        Task::French { patterns, wire, out, each } => french::write(&patterns, &wire, &out, each),
    }
}

fn story(arguments: &Story) -> anyhow::Result<()> {
    let pages = pages::read(&arguments.data)?;
    let also = arguments.also.iter().map(|folder| pages::read(folder));
    let also: Vec<Page> = also.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect();
    let pieces: usize = pages.iter().map(|page| page.weights.len()).sum();
    let labelled =
        pages.iter().flat_map(|page| &page.weights).filter(|weight| **weight > 0.0).count();
    eprintln!("{} pages, {pieces} pieces, {labelled} labelled", pages.len());
    match arguments.folds {
        None => {
            let all: Vec<&Page> = pages.iter().chain(&also).collect();
            let model = learn::model(&all, &learn::Effort::FULL);
            if arguments.columns {
                learn::print_columns(&model);
            }
            write(&arguments.out, &model)
        }
        Some(folds) => each_fold(&pages, &also, folds, &arguments.out),
    }
}

/// Learns the weights of each part from the others.
fn each_fold(pages: &[Page], also: &[Page], folds: u64, out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    for fold in 0..folds {
        let others = pages.iter().filter(|page| page.outlet % folds != fold);
        let also = also.iter().filter(|page| page.outlet % folds != fold);
        let others: Vec<&Page> = others.chain(also).collect();
        write(&out.join(format!("{fold}.weights")), &learn::model(&others, &learn::Effort::FULL))?;
    }
    let list: String = pages
        .iter()
        .chain(also)
        .map(|page| format!("{} {}\n", page.id, page.outlet % folds))
        .collect();
    std::fs::write(out.join("folds.txt"), list)?;
    Ok(())
}

fn write(file: &Path, model: &Model) -> anyhow::Result<()> {
    let bytes = model.to_bytes();
    std::fs::write(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
    println!(
        "{}: {} bytes, {} names, {} words and pairs",
        file.display(),
        bytes.len(),
        model.names.len(),
        model.wordings.len()
    );
    Ok(())
}
