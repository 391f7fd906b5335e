//! The recogniser of languages: its figures, and the counts that its weights are learned from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use cargo_metadata::MetadataCommand;

use crate::{cargo, root, run, target, train};

/// The version of lingua's models that the committed weights were learned from.
const VERSION: &str = "1.3.0";

/// Lingua's names of what is learned; korean, thai and others have their script alone.
#[rustfmt::skip]
const MODELS: [&str; 40] = [
    "french", "english", "german", "spanish", "italian", "portuguese", "dutch", "catalan", "polish", "czech",
    "slovak", "hungarian", "romanian", "swedish", "danish", "bokmal", "nynorsk", "finnish", "estonian", "latvian",
    "lithuanian", "croatian", "slovene", "serbian", "turkish", "vietnamese", "indonesian", "icelandic", "basque", "albanian",
    "russian", "ukrainian", "bulgarian", "macedonian", "belarusian", "arabic", "persian", "urdu", "chinese", "japanese",
];

/// Prints the share of the French headlines of a news day, the rate, our own set's, and that of test sentences, if given.
pub(crate) fn figures(sets: &Path, sentences: Option<&Path>) -> anyhow::Result<()> {
    let example = |arguments: &[&str]| {
        let mut example = cargo();
        example.args(["run", "--quiet", "--release", "--locked", "--package", "depeche-text"]);
        run(example.args(["--example", "language", "--"]).args(arguments))
    };
    example(&["own"])?;
    let day = sets.join("understanding/story_day.tsv");
    if day.is_file() {
        example(&["headlines", &day.to_string_lossy()])?;
    }
    match sentences {
        Some(folder) => example(&["sentences", &fs::canonicalize(folder)?.to_string_lossy()]),
        None => Ok(()),
    }
}

/// Learns the weights anew; the same counts give the same bytes.
pub(crate) fn learn(out: Option<&Path>) -> anyhow::Result<()> {
    let committed = root().join("crates/text/weights/language.bin");
    train::language(&models()?, out.unwrap_or(&committed))
}

/// The folder where cargo has unpacked lingua's models: a package that depends on them is fetched for.
fn models() -> anyhow::Result<PathBuf> {
    let folder = target().join("lingua");
    fs::create_dir_all(folder.join("src"))?;
    let lines: String = MODELS
        .iter()
        .map(|name| format!("lingua-{name}-language-model = \"={VERSION}\"\n"))
        .collect();
    let manifest = folder.join("Cargo.toml");
    let start = "[package]\nname = \"models\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n";
    fs::write(&manifest, format!("{start}{lines}"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    run(cargo().args(["fetch", "--quiet", "--manifest-path"]).arg(&manifest))?;
    let metadata = MetadataCommand::new().manifest_path(&manifest).exec()?;
    let one = metadata.packages.iter().find(|package| package.name.starts_with("lingua-"));
    let folder = one.and_then(|package| package.manifest_path.parent()?.parent());
    Ok(folder.context("cargo did not tell where the models are")?.into())
}
