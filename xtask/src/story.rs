//! `cargo xtask eval --only story`: the story model, judged on pages of outlets that it was not learned from.
//!
//! Weights are learned as many times as there are parts of the outlets, each time without one; the program
//! answers the pages of that part with them. This takes minutes, so it is done when asked for by its name.

use std::{
    collections::HashMap,
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::{target, train};

const FOLDS: usize = 4;

/// The line of the scorer.
pub(crate) fn figures(sets: &Path, tools: &Path, work: &Path) -> anyhow::Result<String> {
    let pages = sets.join("extraction");
    let folder = work.join("story");
    fs::create_dir_all(&folder)?;
    train::story(&pages, &folder, &["--folds", &FOLDS.to_string()])?;
    let folds = fs::read_to_string(folder.join("folds.txt"))?;
    let folds: HashMap<&str, usize> = folds
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(id, fold)| Some((id, fold.parse().ok()?)))
        .collect();
    let score = |more: &[&str]| {
        let mut command = Command::new("python3");
        command.arg(tools.join("score_extraction.py")).arg("--data").arg(&pages).args(more);
        command
    };
    let asked = score(&["--inputs"]).stderr(Stdio::inherit()).output()?;
    let asked = String::from_utf8(asked.stdout).context("the scorer's inputs are not UTF-8")?;
    let answers = answers(&asked, &folds, &folder)?;
    let file = folder.join("out.jsonl");
    fs::write(&file, answers.join("\n"))?;
    let said = score(&["--pred"]).arg(&file).stderr(Stdio::inherit()).output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let last = said.lines().last().context("the scorer said nothing")?;
    Ok(format!("story, by parts of outlets: {last}"))
}

/// The answers to all inputs in their order, each by the weights of its part.
fn answers(
    asked: &str,
    folds: &HashMap<&str, usize>,
    folder: &Path,
) -> anyhow::Result<Vec<String>> {
    let mut answers: Vec<String> = vec![String::new(); asked.lines().count()];
    for fold in 0..FOLDS {
        let fold_of = |line: &str| -> anyhow::Result<usize> {
            let input: Value = serde_json::from_str(line)?;
            // A page without text taught nothing, so that it is of every part.
            Ok(input["id"].as_str().and_then(|id| folds.get(id)).copied().unwrap_or(0))
        };
        let mut own = Vec::new();
        for (place, line) in asked.lines().enumerate() {
            if fold_of(line)? == fold {
                own.push((place, line));
            }
        }
        let lines: Vec<&str> = own.iter().map(|(_, line)| *line).collect();
        let input = folder.join("in.jsonl");
        fs::write(&input, lines.join("\n"))?;
        let output = Command::new(target().join("release/depeche"))
            .args(["extract", "--batch", "--weights"])
            .arg(folder.join(format!("{fold}.weights")))
            .stdin(File::open(&input)?)
            .stderr(Stdio::inherit())
            .output()?;
        let said = String::from_utf8(output.stdout).context("the answers are not UTF-8")?;
        if said.lines().count() != own.len() {
            bail!("{} inputs got {} answers", own.len(), said.lines().count());
        }
        for ((place, _), line) in own.iter().zip(said.lines()) {
            answers[*place] = line.to_owned();
        }
    }
    Ok(answers)
}
