//! `cargo xtask eval --sets DIR`: the scorers over the sets, one line of figures a set.
//!
//! The sets and scorers are not part of the project; any folder of the same layout will do. The
//! program is asked through its `--batch` commands, as any other program could be.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::{
    cargo, french, run,
    samples::{self, Asked},
    story, target,
};

/// One set: its name, its scorer, the scorer's own arguments, the folder below the sets, and the
/// command of ours that answers it.
struct Set {
    name: &'static str,
    scorer: &'static str,
    options: &'static [&'static str],
    folder: &'static str,
    command: &'static str,
}

const SETS: &[Set] = &[
    Set { name: "seed", scorer: "score_seed.py", options: &[], folder: "seed", command: "extract" },
    Set {
        name: "extraction",
        scorer: "score_extraction.py",
        options: &[],
        folder: "extraction",
        command: "extract",
    },
    Set {
        name: "feeds",
        scorer: "score_feeds.py",
        options: &[],
        folder: "intake",
        command: "read",
    },
    Set {
        name: "copies_press",
        scorer: "score_copies.py",
        options: &["--set", "press"],
        folder: "understanding",
        command: "group",
    },
    Set {
        name: "copies_open",
        scorer: "score_copies.py",
        options: &["--set", "open"],
        folder: "understanding",
        command: "group",
    },
    Set {
        name: "copies_real",
        scorer: "score_copies.py",
        options: &["--set", "real"],
        folder: "understanding",
        command: "group",
    },
    Set {
        name: "stories_gnews",
        scorer: "score_stories.py",
        options: &["--set", "gnews"],
        folder: "understanding",
        command: "group",
    },
    Set {
        name: "stories_day",
        scorer: "score_stories.py",
        options: &["--set", "day"],
        folder: "understanding",
        command: "group",
    },
    Set {
        name: "search",
        scorer: "score_search.py",
        options: &[],
        folder: "search",
        command: "search",
    },
];

/// Runs every set that is there.
pub(crate) fn eval(sets: &Path, only: Option<&str>, table: Option<&Path>) -> anyhow::Result<()> {
    let sets = fs::canonicalize(sets)
        .with_context(|| format!("cannot find the sets in {}", sets.display()))?;
    let tools = sets.parent().map(|beside| beside.join("tools")).unwrap_or_default();
    let asked = |set: &&Set| only.is_none_or(|only| set.name.starts_with(only));
    let build = ["build", "--quiet", "--locked", "--package", "depeche"];
    // What is only counted needs no fast program.
    let fast = SETS.iter().any(|set| asked(&set)) || matches!(only, Some("story" | "french"));
    run(cargo().args(build).args(fast.then_some("--release")))?;
    let work = target().join("eval");
    fs::create_dir_all(&work)?;
    for set in SETS.iter().filter(asked) {
        if !sets.join(set.folder).is_dir() {
            println!("{}: not in {}", set.name, sets.display());
            continue;
        }
        println!("{}", figures(set, &sets, &tools, &work)?);
    }
    if only.is_none_or(|only| only == "french") {
        french::figures(&work)?;
    }
    if only == Some("story") {
        println!("{}", story::figures(&sets, &tools, &work)?);
    }
    let profile = if fast { "release" } else { "debug" };
    let (program, intake) = (target().join(profile).join("depeche"), sets.join("intake"));
    let samples = Asked { program: &program, intake: &intake, work: &work };
    let counted = |name: &str| intake.is_dir() && only.is_none_or(|only| name.starts_with(only));
    if counted("archives") {
        println!("{}", samples::archives(&samples)?);
    }
    if counted("agency") {
        samples::agency(&samples, table)?;
    }
    Ok(())
}

/// The last line of the scorer: the set's name and its figures.
fn figures(set: &Set, sets: &Path, tools: &Path, work: &Path) -> anyhow::Result<String> {
    let scorer = tools.join(set.scorer);
    let (input, output) =
        (work.join(format!("{}.in.jsonl", set.name)), work.join(format!("{}.out.jsonl", set.name)));
    let score = |more: &[&str]| {
        let mut command = Command::new("python3");
        command.arg(&scorer).arg("--data").arg(sets.join(set.folder)).args(set.options).args(more);
        command
    };
    let program = target().join("release/depeche");
    let mut answer = Command::new(&program);
    answer.args([set.command, "--batch"]);
    if set.command == "search" {
        let data = indexed(&program, work, &score)?;
        answer.arg("--data").arg(data);
        write(&mut score(&["--inputs", "queries"]), &input)?;
    } else {
        write(&mut score(&["--inputs"]), &input)?;
    }
    answer.stdin(File::open(&input)?);
    write(&mut answer, &output)?;
    let said = score(&["--pred"]).arg(&output).stderr(Stdio::inherit()).output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.lines().last().map(str::to_owned).with_context(|| format!("{} said nothing", set.scorer))
}

/// A fresh wire that holds the documents of a search set.
fn indexed(
    program: &Path,
    work: &Path,
    score: &impl Fn(&[&str]) -> Command,
) -> anyhow::Result<PathBuf> {
    let (data, documents) = (work.join("search.data"), work.join("search.docs.jsonl"));
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    write(&mut score(&["--inputs", "docs"]), &documents)?;
    let mut import = Command::new(program);
    run(import.arg("import").arg("--data").arg(&data).arg(&documents).stdout(Stdio::null()))?;
    Ok(data)
}

/// Runs a command with its output into a file.
pub(crate) fn write(command: &mut Command, file: &Path) -> anyhow::Result<()> {
    let said = format!("{command:?}");
    let status = command
        .stdout(File::create(file)?)
        .status()
        .with_context(|| format!("cannot start {said}"))?;
    if !status.success() {
        bail!("{said} failed ({status})");
    }
    Ok(())
}
