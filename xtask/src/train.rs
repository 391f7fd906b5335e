//! Training: what is made from texts of our own and committed.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::{cargo, root, run, target};

/// Bytes of the dictionary: the last 48 kB save 12 bytes an article (docs/design/010-space.md), and a
/// larger one is no better.
const DICTIONARY_BYTES: usize = 112 * 1024;

/// Makes the dictionary that the store compresses articles with. The same texts and the same
/// version of zstd give the same bytes.
///
/// The stored rows name it by its number: once a version of Dépêche carries a dictionary, a better
/// one needs a number of its own.
pub(crate) fn dictionary(file: &Path) -> anyhow::Result<()> {
    if file.exists() {
        bail!("{} is there, and rows may need it: give the next number", file.display());
    }
    let mut samples = corpus(&root().join("crates/store/dictionary/corpus"))?;
    // The corpus is dense; the demo's news day says much of it several times. Twice puts them level.
    samples.extend_from_within(..);
    samples.extend(news_day(&root().join("fixtures/wire"))?);
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
    fs::write(file, &dictionary).with_context(|| format!("cannot write {}", file.display()))?;
    let bytes: usize = samples.iter().map(String::len).sum();
    println!("{}: {} bytes from {bytes} bytes of text", file.display(), dictionary.len());
    Ok(())
}

/// French pages a pattern that teach: more than are asked, so that no story is learned with its pattern.
const TAUGHT_EACH: usize = 8;

/// Learns the weights of the story model from labelled pages and the half of the French ones that is
/// for developing; the crate `train` does it.
pub(crate) fn story(pages: &Path, out: &Path, more: &[&str]) -> anyhow::Result<()> {
    let french = target().join("eval/french-taught");
    self::french(&french, TAUGHT_EACH)?;
    let mut train = trainer()?;
    train.arg("story").arg("--data").arg(pages).arg("--out").arg(out);
    train
        .arg("--also")
        .arg(french.join("develop"))
        .arg("--also")
        .arg(french.join("teach"))
        .args(more);
    done(&mut train)
}

/// Learns what tells the headline of the same pages, and writes the table.
pub(crate) fn headline(pages: &Path) -> anyhow::Result<()> {
    let french = target().join("eval/french-taught");
    self::french(&french, TAUGHT_EACH)?;
    let mut train = trainer()?;
    train.arg("headline").arg("--data").arg(pages).arg("--also").arg(french.join("develop"));
    train.arg("--also").arg(french.join("teach"));
    done(train.arg("--out").arg(root().join("crates/extract/src/headline/weights.rs")))
}

/// Learns what tells a language from lingua's counts, and writes the weights.
pub(crate) fn language(models: &Path, out: &Path) -> anyhow::Result<()> {
    done(trainer()?.arg("language").arg("--models").arg(models).arg("--out").arg(out))
}

/// Writes the French pages of our own, so many a pattern, a folder of labelled pages each half.
pub(crate) fn french(out: &Path, each: usize) -> anyhow::Result<()> {
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    let fixtures = root().join("fixtures");
    let mut train = trainer()?;
    train.arg("french").arg("--patterns").arg(fixtures.join("french"));
    train.arg("--wire").arg(fixtures.join("wire")).arg("--out").arg(out);
    done(train.args(["--each", &each.to_string()]))
}

fn trainer() -> anyhow::Result<Command> {
    run(cargo().args(["build", "--quiet", "--release", "--locked", "--package", "train"]))?;
    // Not in the root: what it reads and writes is named from where the caller stands.
    Ok(Command::new(target().join("release/train")))
}

fn done(train: &mut Command) -> anyhow::Result<()> {
    if !train.status().context("cannot start the training")?.success() {
        bail!("the training failed");
    }
    Ok(())
}

/// The texts of the corpus, which blank lines part.
fn corpus(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for file in files(folder)? {
        let text = fs::read_to_string(&file)?;
        texts.extend(text.split("\n\n").map(|text| format!("{}\n", text.trim())));
    }
    Ok(texts)
}

/// The demo's items, as the rows of the store have them (`crates/store/src/body.rs`).
fn news_day(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = files(&folder.join("items"))?;
    files.push(folder.join("bulletins.json"));
    let mut texts = Vec::new();
    for file in files {
        let items: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file)?)
            .with_context(|| format!("{} is not a list of items", file.display()))?;
        texts.extend(items.iter().map(lines));
    }
    Ok(texts)
}

fn lines(item: &Value) -> String {
    let mut lines = format!("{}\n", item["headline"].as_str().unwrap_or_default());
    if let Some(standfirst) = item["standfirst"].as_str() {
        lines.extend(["\u{1}", standfirst, "\n"]);
    }
    let paragraphs = item["body"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for (place, paragraph) in paragraphs.enumerate() {
        if let Some(subhead) = item["subheads"][(place + 1).to_string()].as_str() {
            lines.extend(["\u{2}", subhead, "\n"]);
        }
        lines.extend([paragraph, "\n"]);
    }
    // In the order of `Rest` there, so that a row finds its keys in one piece.
    let rest = format!(
        r#"{{"language":"fr","published":"2026-01-05T08:30:00+01:00","modified":"2026-01-05T09:12:00+01:00","authors":{},"section":{},"keywords":{},"image":{{"address":"https://www.courrier.example/images/2026/01/05/photo.jpg","caption":null,"credit":null}},"canonical":true}}"#,
        item["authors"], item["section"], item["keywords"],
    );
    lines + "\u{5}" + &rest + "\n"
}

/// The files of a folder in the order of their names.
fn files(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = read.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
