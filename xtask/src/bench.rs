//! `cargo xtask bench`: builds the program and the bench with optimisation and runs the bench.

use std::{ffi::OsString, process::Command};

use anyhow::{Context, bail};

use crate::{cargo, oracle, run, target};

/// Hands everything on to the bench; its own `--help` says what there is.
pub(crate) fn bench(arguments: &[OsString]) -> anyhow::Result<()> {
    // The program is measured too, and found beside the bench.
    let packages = ["--package", "depeche", "--package", "bench"];
    run(cargo().args(["build", "--quiet", "--release", "--locked"]).args(packages))?;
    // Not in the root: the files it is told to write are named from where the caller stands.
    let status = Command::new(target().join("release/bench"))
        .args(arguments)
        .env("DEPECHE_ORACLE", oracle::built(true)?)
        .status()
        .context("cannot start the bench")?;
    if !status.success() {
        bail!("the bench failed ({status})");
    }
    Ok(())
}
