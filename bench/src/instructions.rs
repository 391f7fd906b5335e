//! Counting instructions: this program again, under valgrind, doing one work so many times.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::{
    arguments::{Arguments, Until},
    figures::progress,
};

/// Whether instructions can be counted here.
pub(crate) fn can_count() -> bool {
    let asked = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// What callgrind counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Instructions of the whole run.
    pub(crate) total: u64,
    /// Instructions by called function, what it calls included.
    inside: HashMap<String, u64>,
}

impl Counted {
    /// Instructions inside a function; 0 when it was inlined or never called.
    pub(crate) fn inside(&self, function: &str) -> u64 {
        // Some compilers put a hash behind the name.
        let hash = |rest: &str| rest.starts_with("::h") && rest.len() == "::h".len() + 16;
        let ours = |name: &str| {
            name.strip_prefix(function).is_some_and(|rest| rest.is_empty() || hash(rest))
        };
        self.inside.iter().filter(|(name, _)| ours(name)).map(|(_, count)| count).sum()
    }
}

/// Runs a probe under callgrind; on the wire in `folder`, or on a new one.
pub(crate) fn probe(
    arguments: &Arguments,
    until: Until,
    folder: Option<&Path>,
    times: usize,
) -> anyhow::Result<Counted> {
    let new = tempfile::tempdir()?;
    let counts = new.path().join("callgrind.out");
    let name = until.to_possible_value().context("a probe has a name")?;
    progress(&format!("counting instructions: {} × {times}", name.get_name()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe()?)
        .arg(format!("--seed={}", arguments.seed))
        .arg(format!("--a-day={}", arguments.a_day));
    if let Some(sets) = &arguments.sets {
        command.arg("--sets").arg(sets);
    }
    command.arg("probe").arg(folder.unwrap_or(&new.path().join("wire")));
    command.args(["--until", name.get_name(), "--times", &times.to_string()]);
    let said = command.stdin(Stdio::null()).output()?;
    if !said.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&said.stderr));
    }
    counted(&fs::read_to_string(&counts)?)
}

/// Reads callgrind's own format: names are written once with a number, a call's line is followed by
/// the line of what it cost.
fn counted(text: &str) -> anyhow::Result<Counted> {
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut counted = Counted::default();
    let (mut called, mut cost_next) = ("", false);
    for line in text.lines() {
        if cost_next {
            let cost =
                line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
            let name = names.get(called).copied().unwrap_or_default();
            *counted.inside.entry(name.to_owned()).or_default() += cost;
            cost_next = false;
        } else if let Some(function) = line.strip_prefix("fn=").or(line.strip_prefix("cfn=")) {
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(number, name);
            }
            if line.starts_with('c') {
                called = number;
            }
        } else if line.starts_with("calls=") {
            cost_next = true;
        } else if let Some(total) = line.strip_prefix("totals:").or(line.strip_prefix("summary:")) {
            counted.total = total.trim().parse().context("callgrind's sum")?;
        }
    }
    if counted.total == 0 {
        bail!("callgrind counted nothing");
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: &str = "events: Ir\n\nfn=(1) main\n16 400\ncfn=(2) a::b\ncalls=3 50\n16 700\ncfn=(3) a::b::{{closure}}\n\
        calls=1 5\n16 30\n\nfn=(2)\n51 100\ncfn=(4) a::bc\ncalls=1 6\n52 7\n\nfn=(5) other\ncfn=(2)\ncalls=1 50\n17 11\n\n\
        totals: 1248\n";

    #[test]
    fn what_a_function_costs_is_the_sum_of_its_calls() {
        let counted = counted(COUNTS).unwrap();
        assert_eq!(counted.total, 1248);
        assert_eq!(counted.inside("main"), 0);
        assert_eq!(counted.inside("other"), 0);
        assert_eq!(counted.inside("a::b"), 711);
    }
}
