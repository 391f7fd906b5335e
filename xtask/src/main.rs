//! `cargo xtask …`: set-up, tests, house rules, evaluation, figures. Rust, so that there is no script to rot.

#![allow(clippy::print_stdout, reason = "what xtask says is its output")]

mod bench;
mod eval;
mod farm;
mod french;
mod fuzz;
mod kill;
mod language;
mod oracle;
mod queries;
mod samples;
mod setup;
mod story;
mod test;
mod tidy;
mod train;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "set-up, tests, house rules, evaluation")]
enum Task {
    /// Install what the tests need: a browser, and what drives it.
    Setup,
    /// Set up, then run everything: format, lints, tests, docs, house rules, browser.
    Test {
        /// Leave the browser out (never in CI).
        #[arg(long)]
        no_browser: bool,
    },
    /// Write docs/reference anew from the definition of the command line.
    Reference,
    /// Check the house rules.
    Tidy,
    /// Run the scorers over evaluation sets and print a line of figures for each.
    Eval {
        /// The folder that holds the sets; the scorers are in `tools` beside it.
        #[arg(long, env = "DEPECHE_EVAL_SETS")]
        sets: PathBuf,
        /// Only sets whose name starts so (`extraction`, `copies`, …); `story` judges the story model by parts of outlets,
        /// `french` reads the French pages of our own, `language` asks the recogniser of languages.
        #[arg(long)]
        only: Option<String>,
        /// Where what was read of each agency sample is written, a line of JSON each.
        #[arg(long)]
        table: Option<PathBuf>,
        /// With `--only language`: a folder of lingua's language models, for their test sentences.
        #[arg(long)]
        sentences: Option<PathBuf>,
    },
    /// Measure what the path costs; `cargo xtask bench --help` lists the parts and sizes.
    #[command(disable_help_flag = true)]
    Bench {
        /// What is handed on to the bench.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Hurl at the parsers what is known to be hard and then what is made up; the targets are in fuzz/.
    Fuzz(fuzz::Options),
    /// Collect a farm of invented sources and hold the wire against what the farm knows.
    Farm(farm::Options),
    /// Make news queries out of articles at hand and print how well search answers them.
    Queries {
        /// What `depeche export --format jsonl` wrote, or lines with `id`, `title` and `text`.
        #[arg(long, required = true, value_name = "FILE")]
        from: Vec<std::path::PathBuf>,
    },
    /// Kill the program at every stage, so many times in all, and see that nothing is lost.
    Kill {
        #[arg(long, default_value_t = 200)]
        times: u32,
    },
    /// Make what is trained on texts of our own and committed.
    #[command(subcommand)]
    Train(Train),
}

#[derive(clap::Subcommand)]
enum Train {
    /// The dictionary that articles are compressed with.
    Dictionary {
        /// Where it is written; a committed one is never made anew, a better one gets the next number.
        file: PathBuf,
    },
    /// What tells the headline among its candidates: a table in the code of `extract`.
    Headline {
        /// The folder that holds the sets; the pages are in `extraction`.
        #[arg(long, env = "DEPECHE_EVAL_SETS")]
        sets: PathBuf,
    },
    /// What tells a language: the weights in `text`, from the counts of lingua's models, which cargo fetches.
    Language {
        /// Where they are written, if not where they are compiled from.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// The weights of the story model, for `depeche extract --weights`.
    Story {
        /// The folder that holds the sets; the pages are in `extraction`.
        #[arg(long, env = "DEPECHE_EVAL_SETS")]
        sets: PathBuf,
        /// Where they are written.
        #[arg(long)]
        out: PathBuf,
        /// Print how often the trees look at each column.
        #[arg(long)]
        columns: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Task::parse() {
        Task::Setup => setup::setup().map(|_| ()),
        Task::Test { no_browser } => test::test(no_browser),
        Task::Reference => run(cargo().args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "depeche",
            "--",
            "reference",
            "--out",
            "docs/reference",
        ])),
        Task::Tidy => tidy::tidy(),
        Task::Bench { arguments } => bench::bench(&arguments),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::Farm(options) => farm::farm(&options),
        Task::Queries { from } => queries::queries(&from),
        Task::Kill { times } => kill::kill(times),
        Task::Eval { sets, only, sentences, .. } if only.as_deref() == Some("language") => {
            language::figures(&std::path::absolute(sets)?, sentences.as_deref())
        }
        Task::Eval { sets, only, table, .. } => {
            eval::eval(&sets, only.as_deref(), table.as_deref())
        }
        Task::Train(Train::Dictionary { file }) => train::dictionary(&file),
        Task::Train(Train::Headline { sets }) => train::headline(&sets.join("extraction")),
        Task::Train(Train::Language { out }) => language::learn(out.as_deref()),
        Task::Train(Train::Story { sets, out, columns }) => {
            let more: &[&str] = if columns { &["--columns"] } else { &[] };
            train::story(&sets.join("extraction"), &out, more)
        }
    }
}

/// The root of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Runs a command in the root and fails with what it was.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let said = format!("{command:?}").replace('"', "");
    let status =
        command.current_dir(root()).status().with_context(|| format!("cannot start `{said}`"))?;
    if !status.success() {
        bail!("`{said}` failed ({status})");
    }
    Ok(())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
