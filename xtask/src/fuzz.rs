//! `cargo xtask fuzz`: what is hurled at the parsers, first what is known to be hard, then what is made up.
//!
//! The targets stand in `fuzz/`, a workspace of its own, one file a parser. They are built with the
//! project's own toolchain: coverage is a matter of code generation, not of a nightly compiler.

use std::{
    ffi::OsString,
    fs,
    io::BufRead,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context, bail};
use clap::Args;

use crate::{cargo, root, run, target};

/// What to fuzz, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each target, after its corpus.
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u32,
    /// Only this target.
    #[arg(long)]
    pub(crate) only: Option<String>,
    /// Targets at a time.
    #[arg(long, default_value_t = 2)]
    pub(crate) jobs: usize,
    /// Keep what is found under target/fuzz/corpus, and go on from there the next time.
    #[arg(long)]
    pub(crate) keep: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 10, only: None, jobs: 2, keep: false }
    }
}

/// What makes a build tell libFuzzer which way an input took.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Fixtures that a target begins with besides its own corpus.
const FIXTURES: &[(&str, &str)] = &[
    ("agency", "agency"),
    ("cut", "feeds"),
    ("feed", "feeds"),
    ("fragment", "hostile"),
    ("mail", "mail"),
    ("page", "pages"),
    ("sitemap", "feeds"),
    ("warc", "warc"),
];

/// No input may take longer: ten times what the slowest of the longest takes, on a busy machine.
const TIMEOUT: &str = "-timeout=10";

/// No input may take more memory, what libFuzzer itself remembers included.
const MEMORY: &str = "-rss_limit_mb=1024";

/// Builds the targets, runs each over its committed corpus and then for its seconds; fails if one fell.
pub(crate) fn fuzz(options: &Options) -> anyhow::Result<()> {
    let names = names(options.only.as_deref())?;
    let built = build(&names)?;
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match one(&built, name, options) {
                        Ok(told) => println!("{name}: {told}"),
                        Err(error) => {
                            println!("{name}: {error:#}");
                            failures.lock().into_iter().for_each(|mut all| all.push(name.clone()));
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_default();
    if !failures.is_empty() {
        bail!("fuzzing found something in {}", failures.join(", "));
    }
    Ok(())
}

/// The targets there are: a file each.
fn names(only: Option<&str>) -> anyhow::Result<Vec<String>> {
    let files =
        fs::read_dir(root().join("fuzz/fuzz_targets")).context("cannot list the targets")?;
    let mut names: Vec<String> = files
        .filter_map(|file| Some(file.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .filter(|name| only.is_none_or(|only| name == only))
        .collect();
    names.sort_unstable();
    if names.is_empty() {
        bail!("no such target; they are the files of fuzz/fuzz_targets");
    }
    Ok(names)
}

/// Builds these targets; gives the folder they are in.
fn build(names: &[String]) -> anyhow::Result<PathBuf> {
    let host = host()?;
    let into = target().join("fuzz");
    let mut build = cargo();
    // With a target named, build scripts and macros are left as they are.
    build.args(["build", "--quiet", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
    build.arg("--target").arg(&host).arg("--target-dir").arg(&into);
    build.args(names.iter().flat_map(|name| ["--bin", name]));
    run(build.env("RUSTFLAGS", COVERAGE.join(" ")).env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    Ok(into.join(host).join("release"))
}

fn host() -> anyhow::Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let said = Command::new(rustc).arg("-vV").output().context("cannot start rustc")?;
    let host = said.stdout.lines().map_while(Result::ok);
    let host = host.filter_map(|line| line.strip_prefix("host: ").map(str::to_owned)).next();
    host.context("rustc does not say what it runs on")
}

/// Runs one target over its corpus and for its seconds; gives what libFuzzer counted.
fn one(built: &Path, name: &str, options: &Options) -> anyhow::Result<String> {
    let fuzz = target().join("fuzz");
    let (scratch, artifacts, log) = (
        fuzz.join(if options.keep { "corpus" } else { "scratch" }).join(name),
        fuzz.join("artifacts").join(name),
        fuzz.join(format!("{name}.log")),
    );
    if !options.keep && scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    for folder in [&scratch, &artifacts] {
        fs::create_dir_all(folder)?;
    }
    let mut command = Command::new(built.join(name));
    // The first folder takes what is new; the committed ones are only read.
    command.arg(&scratch).args(committed(name));
    command.arg(format!("-max_total_time={}", options.seconds));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args([TIMEOUT, MEMORY, "-print_final_stats=1"]);
    let said = fs::File::create(&log)?;
    let status = command.stdout(Stdio::null()).stderr(said).status();
    let status = status.with_context(|| format!("cannot start {}", built.join(name).display()))?;
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        bail!("{}", fell(&said, &built.join(name), &log));
    }
    Ok(format!("{} executions", counted(&said, "stat::number_of_executed_units:")))
}

/// The folders of inputs that a target begins with.
fn committed(name: &str) -> Vec<PathBuf> {
    let fixtures = FIXTURES.iter().filter(|(target, _)| *target == name);
    let fixtures = fixtures.map(|(_, folder)| root().join("fixtures").join(folder));
    let own = root().join("fuzz/corpus").join(name);
    fixtures.chain([own]).filter(|folder| folder.is_dir()).collect()
}

/// What made it fall, the input, and how to do it again.
fn fell(said: &str, program: &Path, log: &Path) -> String {
    let why: Vec<&str> = said
        .lines()
        .skip_while(|line| !line.contains("panicked at") && !line.contains("ERROR: libFuzzer"))
        .take(3)
        .collect();
    let input = counted(said, "Test unit written to ");
    format!(
        "fell on {input}\n{}\nagain: {} {input}\nmore: {}",
        why.join("\n"),
        program.display(),
        log.display()
    )
}

/// What libFuzzer printed after `words`.
fn counted<'s>(said: &'s str, words: &str) -> &'s str {
    said.rsplit_once(words).and_then(|(_, rest)| rest.lines().next()).unwrap_or("?").trim()
}
