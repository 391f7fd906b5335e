//! Another reader of feeds, in a workspace of its own: compared with ours by the tests, measured by the bench.

use std::{path::PathBuf, process::Command};

use crate::{cargo, run, target};

/// Builds it; gives the program.
pub(crate) fn built(optimised: bool) -> anyhow::Result<PathBuf> {
    let into = target().join("oracle");
    let mut build = cargo();
    build
        .args([
            "build",
            "--quiet",
            "--locked",
            "--manifest-path",
            "oracle/Cargo.toml",
            "--target-dir",
        ])
        .arg(&into);
    build.args(optimised.then_some("--release"));
    run(&mut build)?;
    Ok(into.join(if optimised { "release" } else { "debug" }).join("depeche-oracle"))
}

/// Compares both over the fixtures and over feeds that are made up; the bench was built with the tests.
pub(crate) fn compare() -> anyhow::Result<()> {
    let made_up = target().join("oracle/feeds");
    let bench = target().join("debug/bench");
    run(Command::new(bench).arg("feeds").arg(&made_up))?;
    run(Command::new(built(false)?).arg("compare").arg("fixtures/feeds").arg(made_up))
}
