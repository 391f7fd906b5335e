//! What the terminal is told: the log, and errors once, kindly.

use std::{
    fmt,
    io::{IsTerminal, Write},
    process::ExitCode,
};

use tracing_subscriber::{EnvFilter, fmt::time::SystemTime};

use crate::command;

/// An error with a word on what to do next.
#[derive(Debug)]
pub(crate) struct Advice {
    what: String,
    hint: String,
}

impl Advice {
    /// `what` failed, and `hint` is what the person at the terminal can do.
    pub(crate) fn error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { what: what.into(), hint: hint.into() }.into()
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Advice {}

/// Starts the log on standard error: warnings, with -v what each delivery brought, with -vv every
/// step; `DEPECHE_LOG` says it in detail.
pub(crate) fn start_log(verbose: u8) {
    let level = match verbose {
        0 => "warn,depeche=info",
        1 => "info",
        _ => "debug,hyper=info,tantivy=info",
    };
    let filter = EnvFilter::try_from_env("DEPECHE_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_timer(SystemTime)
        .init();
}

/// Prints one line for the person at the terminal; a closed terminal is no error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints one line for the program that reads us; gives up quietly when that has seen enough.
pub(crate) fn answer(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        done => Ok(done?),
    }
}

/// Tells an error once, with its causes and what to do, and gives the exit code.
pub(crate) fn exit(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    say(&format!("error: {}", causes.join(": ")));
    let advice = error.chain().find_map(|cause| cause.downcast_ref::<Advice>());
    let store = || error.chain().find_map(|cause| command::hint(cause.downcast_ref()?));
    if let Some(hint) = advice.map(|advice| &*advice.hint).or_else(store) {
        say(&format!("  hint: {hint}"));
    }
    ExitCode::FAILURE
}
