//! `cargo xtask kill`: the test that kills the program at every stage, as often as one likes.

use crate::{cargo, run};

/// Runs it so many times; fails at the first item that is missing or there twice.
pub(crate) fn kill(times: u32) -> anyhow::Result<()> {
    let test = [
        "test",
        "--quiet",
        "--locked",
        "--package",
        "depeche",
        "--test",
        "kill",
        "--",
        "--nocapture",
    ];
    run(cargo().args(test).env("DEPECHE_KILLS", times.to_string()))
}
