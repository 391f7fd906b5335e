//! `cargo xtask bench`: what the path costs, from the bytes of a feed to a reader's page.
//!
//! Rates are by the second of CPU, of all threads, and costs are CPU or instructions: they hold on a
//! machine that does other things too. What each figure means stands in `docs/design/016-bench.md`.

mod archive;
mod arguments;
mod client;
mod clock;
mod figures;
mod instructions;
mod making;
mod outlet;
mod pages;
mod parts;
mod server;
mod stages;
mod text;

use std::{fs, path::Path, process::Command};

use anyhow::Context;
use clap::Parser;
use depeche_news::jiff::Timestamp;

use arguments::{Archive, Arguments, Own, Part, Probe, Until};
use figures::{Figures, progress};
use making::{Made, made};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.own {
        Some(Own::Serve(wanted)) => server::serve(wanted),
        Some(Own::Probe(wanted)) => probe(&arguments, wanted),
        Some(Own::Text { count }) => text(&arguments, *count),
        Some(Own::Feeds { folder, items }) => parts::feeds::write(&arguments, folder, *items),
        Some(Own::Archive(wanted)) => archive(&arguments, wanted),
        None => bench(&arguments),
    }
}

fn text(arguments: &Arguments, count: usize) -> anyhow::Result<()> {
    let mut newsroom = making::newsroom(arguments, count)?;
    for _ in 0..count {
        let piece = newsroom.piece();
        let text = piece.paragraphs.join("\n\n");
        figures::say(&serde_json::json!({ "title": piece.headline, "text": text }).to_string());
    }
    Ok(())
}

fn probe(arguments: &Arguments, wanted: &Probe) -> anyhow::Result<()> {
    match wanted.until {
        Until::Written | Until::Recorded | Until::Worked | Until::Indexed => {
            parts::ingest::probe(arguments, wanted)
        }
        Until::Moved | Until::Drawn => parts::latest::probe(wanted),
        Until::Searched => parts::search::probe(arguments, wanted),
    }
}

fn archive(arguments: &Arguments, wanted: &Archive) -> anyhow::Result<()> {
    archive::write(arguments, wanted)?;
    if wanted.only_write {
        return Ok(());
    }
    let mut figures = Figures::begin(header(arguments));
    parts::archive::measure(&mut figures, wanted)?;
    arguments.json.as_ref().map_or(Ok(()), |file| figures.write(file))
}

fn bench(arguments: &Arguments) -> anyhow::Result<()> {
    stages::listen();
    let mut figures = Figures::begin(header(arguments));
    if arguments.instructions && !instructions::can_count() {
        figures
            .left_out("all", "instructions are counted by valgrind, which is not installed here");
    }
    match &arguments.keep {
        Some(folder) => measure(&mut figures, arguments, folder)?,
        None => {
            // Beside the program and not in the system's folder for temporary files, which may be memory.
            let beside = std::env::current_exe()?;
            let beside = beside.parent().context("this program lies in no folder")?;
            let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(beside)?;
            measure(&mut figures, arguments, folder.path())?;
        }
    }
    if let Some(file) = &arguments.json {
        figures.write(file)?;
    }
    Ok(())
}

fn measure(figures: &mut Figures, arguments: &Arguments, base: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(base).with_context(|| format!("cannot make {}", base.display()))?;
    let sizes = arguments.sizes();
    let last = *sizes.last().context("--articles names no size")?;
    let wants = |part| arguments.wants(part);
    // Polls, and instructions of ingest, bring their own wires.
    let large = match Part::ON_A_WIRE.into_iter().any(wants) {
        true => {
            progress(&format!("making a wire of {last} articles"));
            Some(made(base, arguments, last)?)
        }
        false => None,
    };
    if let Some(large) = &large {
        on_a_wire(figures, arguments, base, large)?;
    }
    if wants(Part::Poll) {
        progress("polls");
        parts::poll::measure(figures, arguments)?;
    }
    if wants(Part::Feeds) {
        progress("reading feeds");
        parts::feeds::measure(figures, arguments, base)?;
    }
    if wants(Part::Pages) {
        progress("taking stories from pages");
        parts::extract::measure(figures, arguments)?;
    }
    if wants(Part::Copies) {
        progress("finding copies");
        parts::copies::measure(figures, arguments, last)?;
    }
    if wants(Part::Index) {
        progress("making an index");
        parts::index::measure(figures, arguments, last, arguments.keep.as_deref())?;
    }
    if let Some(large) = large.filter(|_| wants(Part::Live)) {
        progress("live pages");
        parts::live::measure(figures, arguments, &large)?;
    }
    Ok(())
}

fn on_a_wire(
    figures: &mut Figures,
    arguments: &Arguments,
    base: &Path,
    large: &Made,
) -> anyhow::Result<()> {
    let wants = |part| arguments.wants(part);
    if wants(Part::Ingest) {
        parts::ingest::measure(figures, large);
        if arguments.socket {
            parts::ingest::socket(figures, arguments)?;
        }
        if arguments.instructions && instructions::can_count() {
            parts::ingest::instructions(figures, arguments)?;
        }
    }
    if wants(Part::Space) {
        parts::space::measure(figures, large)?;
    }
    if wants(Part::Memory) {
        progress("starting the program");
        parts::memory::measure(figures, large)?;
    }
    if wants(Part::Search) {
        progress("searching");
        parts::search::measure(figures, arguments, large)?;
    }
    if wants(Part::Lag) {
        progress("news while the program runs");
        parts::lag::measure(figures, arguments, large)?;
    }
    if wants(Part::Latest) {
        latest(figures, arguments, base, large)?;
    }
    Ok(())
}

fn latest(
    figures: &mut Figures,
    arguments: &Arguments,
    base: &Path,
    large: &Made,
) -> anyhow::Result<()> {
    progress("drawing pages");
    let sizes = arguments.sizes();
    let mut small = None;
    if let Some(&first) = sizes.first().filter(|_| sizes.len() > 1) {
        small = parts::latest::draw(figures, arguments, &made(base, arguments, first)?)?;
    }
    let drawn = parts::latest::draw(figures, arguments, large)?;
    if let (Some(small), Some(drawn)) = (small, drawn) {
        let more = 100.0 * (drawn / small - 1.0);
        figures.held("latest", "instructions more than at the small size", more, "%", "≤ 10");
    }
    progress("asking for a page that is known");
    parts::latest::kept(figures, arguments, large)
}

/// What every figure depends on.
fn header(arguments: &Arguments) -> Vec<(&'static str, String)> {
    let sizes: Vec<String> = arguments.sizes().iter().map(usize::to_string).collect();
    vec![
        ("date", Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string()),
        ("commit", commit()),
        ("machine", machine()),
        (
            "build",
            if cfg!(debug_assertions) { "not optimised: figures mean nothing" } else { "release" }
                .to_owned(),
        ),
        ("text", arguments.text()),
        ("sizes", format!("{} articles, {} a day", sizes.join(", "), arguments.a_day)),
    ]
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let said = Command::new("git").args(arguments).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])
        .is_some_and(|said| !said.is_empty());
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    if changed { format!("{commit} with changes") } else { commit }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, name)| name.trim());
    format!("{cores} × {model}, {}", std::env::consts::ARCH)
}
