//! The house rules, as ordinary checks: each gives its complaints, one line each.

mod ballast;
mod dependencies;
mod layers;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::root;

/// What the rules look at.
struct House {
    root: PathBuf,
    metadata: Metadata,
    /// Every Rust file of ours: its path below the root, and its text.
    files: Vec<(String, String)>,
}

/// A rule: its name, and what it has to complain of.
type Rule = (&'static str, fn(&House) -> Vec<String>);

const RULES: &[Rule] = &[
    ("each crate uses only the layers below it", layers::layers),
    ("ARCHITECTURE.md has a paragraph for each crate", layers::paragraphs),
    ("functions over 70 lines only become fewer", sources::long_functions),
    ("SQL stands only in store", sources::sql),
    ("outgoing connections are made only in outbound", sources::connections),
    ("nothing names a path of one machine", sources::machine_paths),
    ("limits of the intake stand in one file", sources::limits),
    ("each limit is used", sources::used_limits),
    ("no large file, archive or binary is tracked", ballast::ballast),
    ("lock file entries only grow with a reason", dependencies::lock_entries),
    ("licences of dependencies are among the allowed", dependencies::licences),
    ("dependencies come from crates.io", dependencies::origins),
];

/// Checks every rule.
pub(crate) fn tidy() -> anyhow::Result<()> {
    let house = House::look(&root())?;
    let mut complaints = 0;
    for (name, rule) in RULES {
        let found = rule(&house);
        println!("{} {name}", if found.is_empty() { "ok    " } else { "FAILED" });
        for complaint in &found {
            println!("         {complaint}");
        }
        complaints += found.len();
    }
    if complaints > 0 {
        bail!(
            "{complaints} complaints; the rules stand in xtask/src/tidy, the numbers in xtask/house.json"
        );
    }
    Ok(())
}

impl House {
    fn look(root: &Path) -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(["--locked".to_owned()])
            .exec()?;
        let mut files = Vec::new();
        for folder in ["crates", "bench", "train", "xtask"] {
            rust_files(root, &root.join(folder), &mut files)?;
        }
        Ok(Self { root: root.to_owned(), metadata, files })
    }

    /// The names under a key of `xtask/house.json`.
    fn names(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.root.join("xtask/house.json")).unwrap_or_default();
        let house: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let names = house[name]["names"].as_array().into_iter().flatten();
        names.filter_map(|name| Some(name.as_str()?.to_owned())).collect()
    }

    /// A number that may only change with a reason, from `xtask/house.json`.
    fn number(&self, name: &str) -> usize {
        let text = fs::read_to_string(self.root.join("xtask/house.json")).unwrap_or_default();
        let numbers: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        numbers[name]["most"].as_u64().unwrap_or(0) as usize
    }
}

fn rust_files(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            rust_files(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_keeps_its_rules() {
        let house = House::look(&root()).unwrap();
        let complaints: Vec<String> = RULES.iter().flat_map(|(_, rule)| rule(&house)).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}
