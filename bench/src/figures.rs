//! Figures as they are printed, one line each, and written as JSON.

use std::{fs, io::Write as _, path::Path, time::Duration};

use anyhow::Context;
use serde::Serialize;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) part: &'static str,
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// What it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) goal: Option<&'static str>,
}

/// Where figures are told as they come.
pub(crate) struct Figures {
    header: Vec<(&'static str, String)>,
    figures: Vec<Figure>,
}

impl Figures {
    /// Prints what every figure depends on.
    pub(crate) fn begin(header: Vec<(&'static str, String)>) -> Self {
        for (name, value) in &header {
            say(&format!("{name:<10} {value}"));
        }
        say("");
        Self { header, figures: Vec::new() }
    }

    pub(crate) fn tell(&mut self, part: &'static str, name: &str, value: f64, unit: &'static str) {
        self.print(Figure { part, name: name.to_owned(), value, unit, goal: None });
    }

    /// A figure with what it should be beside it.
    pub(crate) fn held(
        &mut self,
        part: &'static str,
        name: &str,
        value: f64,
        unit: &'static str,
        goal: &'static str,
    ) {
        self.print(Figure { part, name: name.to_owned(), value, unit, goal: Some(goal) });
    }

    fn print(&mut self, figure: Figure) {
        let Figure { part, name, value, unit, goal } = &figure;
        let goal = goal.map(|goal| format!("   (goal {goal})")).unwrap_or_default();
        say(&format!("{part:<8} {name:<58} {:>11} {unit}{goal}", shown(*value)));
        self.figures.push(figure);
    }

    /// Says why something is not measured.
    pub(crate) fn left_out(&self, part: &str, why: &str) {
        say(&format!("{part:<8} left out: {why}"));
    }

    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let header: serde_json::Map<String, serde_json::Value> = self
            .header
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
            .collect();
        let all = serde_json::json!({ "header": header, "figures": self.figures });
        let text = serde_json::to_string_pretty(&all)?;
        fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
    }
}

/// How many a second of CPU.
pub(crate) fn rate(count: usize, cpu: Duration) -> f64 {
    count as f64 / cpu.as_secs_f64().max(1e-9)
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The value that so many hundredths of all are not above.
pub(crate) fn percentile(values: &mut [f64], hundredths: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * hundredths).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

/// Four digits that count; large numbers in groups of three.
fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        0.0..0.1 => 4,
        0.1..1.0 => 3,
        1.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 && digit.is_ascii_digit() && grouped != "-" {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}

/// Says a line of the answer.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever closed our output wants no more of it.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Says on the error output how far a work is.
pub(crate) fn progress(what: &str) {
    let _ = writeln!(std::io::stderr().lock(), "… {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, expected: &str) {
        assert_eq!(shown(value), expected);
    }

    #[test]
    fn figures_are_readable() {
        check(0.012_34, "0.0123");
        check(0.5, "0.500");
        check(3.456, "3.46");
        check(34.56, "34.6");
        check(1523.4, "1,523");
        check(1_234_567.0, "1,234,567");
        check(-1523.0, "-1,523");
        check(0.0, "0.0000");
    }

    #[test]
    fn percentiles() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 50), 50.0);
        assert_eq!(percentile(&mut values, 99), 99.0);
        assert_eq!(percentile(&mut [], 99), 0.0);
    }
}
