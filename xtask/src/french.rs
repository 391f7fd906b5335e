//! `cargo xtask eval --only french`: our own French pages, whose truth is known by construction.
//!
//! Two pages a pattern of `fixtures/french`; a line of figures each half. What is wrong is listed for the half to develop
//! with, and never for the half to report on, so that nobody learns from it.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::{target, train};

/// Pages a pattern.
const EACH: usize = 2;

/// What is asked of a page, in the order of the figures.
const ASKED: [&str; 6] = ["body", "headline", "date", "credit", "standfirst", "authors"];

/// Prints the figures of both halves.
pub(crate) fn figures(work: &Path) -> anyhow::Result<()> {
    let folder = work.join("french");
    train::french(&folder, EACH)?;
    for half in ["develop", "report"] {
        let pages = folder.join(half);
        let truths = truths(&pages)?;
        let answers = answers(&pages, &truths)?;
        let mut counts = [(0, 0); ASKED.len()];
        for (truth, answer) in truths.iter().zip(&answers) {
            for ((field, count), right) in ASKED.iter().zip(&mut counts).zip(judged(truth, answer))
            {
                let Some(right) = right else { continue };
                count.1 += 1;
                count.0 += usize::from(right);
                if !right && half == "develop" {
                    println!("  {}: {field}", truth["id"].as_str().unwrap_or_default());
                }
            }
        }
        let told: Vec<String> = ASKED
            .iter()
            .zip(counts)
            .map(|(field, (right, all))| {
                format!(
                    "{field}={:.3} ({right} of {all})",
                    right as f64 / f64::from(all.max(1) as u32)
                )
            })
            .collect();
        println!("french {half}: pages={} {}", truths.len(), told.join(" "));
    }
    Ok(())
}

fn truths(pages: &Path) -> anyhow::Result<Vec<Value>> {
    let mut text = String::new();
    GzDecoder::new(File::open(pages.join("truth.jsonl.gz"))?).read_to_string(&mut text)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// The program's answers, in the order of the truths.
fn answers(pages: &Path, truths: &[Value]) -> anyhow::Result<Vec<Value>> {
    let input = pages.join("in.jsonl");
    let line = |truth: &Value| {
        let id = truth["id"].as_str().unwrap_or_default();
        json!({ "id": id, "path": pages.join(format!("{id}.html.gz")), "url": truth["url"] })
    };
    let lines: Vec<String> = truths.iter().map(|truth| line(truth).to_string()).collect();
    fs::write(&input, lines.join("\n"))?;
    let output = Command::new(target().join("release/depeche"))
        .args(["extract", "--batch"])
        .stdin(File::open(&input)?)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start the program")?;
    let said = String::from_utf8(output.stdout).context("the answers are not UTF-8")?;
    let answers: Vec<Value> = said.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if answers.len() != truths.len() {
        bail!("{} pages got {} answers", truths.len(), answers.len());
    }
    Ok(answers)
}

/// Of each field that the page shows, whether it is right.
fn judged(truth: &Value, answer: &Value) -> [Option<bool>; ASKED.len()] {
    let shows = |field: &str| {
        truth["shows"].as_array().is_some_and(|shown| shown.iter().any(|shown| shown == field))
    };
    let same = |a: &Value, b: &Value| words(a) == words(b);
    let day = |value: &Value| value.as_str().and_then(|date| date.get(..10)).map(str::to_owned);
    let list = |value: &Value| -> Vec<Vec<String>> {
        value.as_array().into_iter().flatten().map(words).collect()
    };
    [
        Some(same(&truth["body"], &answer["text"])),
        Some(same(&truth["title"], &answer["headline"])),
        shows("date").then(|| day(&truth["published"]) == day(&answer["published"])),
        shows("credit").then(|| same(&truth["credit"], &answer["credit"])),
        shows("standfirst").then(|| same(&truth["standfirst"], &answer["standfirst"])),
        shows("author").then(|| list(&truth["authors"]) == list(&answer["authors"])),
    ]
}

/// The words of a text: signs and spaces are set differently by every outlet.
fn words(value: &Value) -> Vec<String> {
    let text = value.as_str().unwrap_or_default().to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a page does not show is not asked; a credit where there is none is wrong.
    #[test]
    fn fields_are_compared_by_their_words() {
        let truth = json!({
            "body": "Un.\n\nDeux.", "title": "La crue", "published": "2014-03-01T08:00:00+01:00", "credit": null,
            "standfirst": "Chapeau", "authors": ["Ana Ba"], "shows": ["date", "credit", "author"],
        });
        for (answer, expected) in [
            (
                json!({ "text": "Un. Deux", "headline": "La crue", "published": "2014-03-01", "authors": ["Ana Ba"] }),
                [true, true, true, true, true],
            ),
            (
                json!({ "text": "Un.", "headline": null, "published": null, "credit": "HP", "authors": [] }),
                [false; 5],
            ),
        ] {
            let judged = judged(&truth, &answer);
            assert_eq!(judged[4], None);
            let asked: Vec<bool> = judged.into_iter().flatten().collect();
            assert_eq!(asked, expected, "{answer}");
        }
    }
}
