//! `cargo xtask test`: everything, in the order in which it fails fastest, with a summary.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::bail;

use crate::{cargo, fuzz, oracle, run, setup, target, tidy};

/// One step of the tests.
struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// Runs every step, also after a failed one, and fails if one did.
pub(crate) fn test(no_browser: bool) -> anyhow::Result<()> {
    let mut steps = Vec::new();
    let mut step = |name, work: &dyn Fn() -> anyhow::Result<()>| {
        println!("\n== {name}");
        let began = Instant::now();
        let failure = work().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            println!("{failure}");
        }
        steps.push(Step { name, took: began.elapsed(), failure });
    };
    step("format", &|| run(cargo().args(["fmt", "--all", "--check"])));
    step("house rules", &tidy::tidy);
    step("lints", &|| {
        run(cargo().args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))
    });
    step("tests", &|| run(cargo().args(["test", "--quiet", "--workspace", "--locked"])));
    step("oracle", &oracle::compare);
    step("docs", &|| {
        run(cargo()
            .args([
                "doc",
                "--quiet",
                "--workspace",
                "--no-deps",
                "--locked",
                "--document-private-items",
            ])
            .env("RUSTDOCFLAGS", "-D warnings"))
    });
    step("fuzz", &|| fuzz::fuzz(&fuzz::Options::default()));
    if no_browser && std::env::var_os("CI").is_none() {
        println!("\n== browser: left out");
    } else {
        step("browser", &browser);
    }
    summary(&steps)
}

/// The pages in a real browser, against the program the tests built.
fn browser() -> anyhow::Result<()> {
    let chromium = setup::setup()?;
    // As the tests are built: of one package alone, dependencies would be compiled again with fewer features.
    run(cargo().args(["build", "--quiet", "--locked", "--workspace", "--tests"]))?;
    let program = target().join("debug/depeche");
    let files = ["e2e/wire.test.mjs", "e2e/payloads.test.mjs", "e2e/explain.test.mjs"];
    let tests = ["--test", "--test-reporter", "spec"].into_iter().chain(files);
    run(Command::new("node").args(tests).env("CHROMIUM", chromium).env("DEPECHE", program))
}

fn summary(steps: &[Step]) -> anyhow::Result<()> {
    println!("\n== summary");
    for Step { name, took, failure } in steps {
        let told = if failure.is_some() { "FAILED" } else { "passed" };
        println!("{told:>7}  {name} ({} s)", took.as_secs());
    }
    let failed = steps.iter().filter(|step| step.failure.is_some()).count();
    println!("\n{} passed, {failed} failed", steps.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} steps failed", steps.len());
    }
    Ok(())
}
