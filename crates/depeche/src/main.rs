//! Dépêche: a self-hosted news wire in one binary. Arguments in, wiring, errors told kindly.

mod arguments;
mod batch;
mod command;
mod outlets;
mod service;
mod settings;
mod starters;
mod telling;
mod terminal;
mod wire;

use std::{os::unix::process::CommandExt, process::ExitCode};

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = match settings::arguments() {
        Ok(arguments) => arguments,
        Err(error) => return telling::exit(Err(error)),
    };
    if matches!(arguments.command, Command::Run(_) | Command::Demo(_) | Command::Import(_)) {
        with_one_arena();
    }
    telling::start_log(arguments.verbose, &arguments.log);
    telling::exit(done(arguments))
}

/// Has what runs long begin anew, as the same process, with one arena of memory for all threads. Glibc's
/// usual several each keep what they once needed: 100,000 items from 2,000 sources left more than
/// twice of what one arena leaves. Within the process only `mallopt` could say it, which
/// is unsafe code, and the house has none. Whoever sets the variable decides; where it cannot be done, all goes on
/// as it is.
fn with_one_arena() {
    const ARENAS: &str = "MALLOC_ARENA_MAX";
    let glibc = cfg!(all(target_os = "linux", target_env = "gnu"));
    if !glibc || std::env::var_os(ARENAS).is_some() {
        return;
    }
    let mut given = std::env::args_os();
    let (Some(name), Ok(program)) = (given.next(), std::env::current_exe()) else { return };
    let mut again = std::process::Command::new(program);
    // Comes back only where it failed.
    let _ = again.arg0(name).args(given).env(ARENAS, "1").exec();
}

fn done(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Run(run) => command::run::run(&run),
        Command::Demo(demo) => command::demo::demo(&demo),
        Command::Source(source) => command::source::source(source),
        Command::Token(data) => command::token(&data),
        Command::Items(items) => command::items::items(&items),
        Command::Doctor(doctor) => command::doctor::doctor(&doctor),
        Command::Export(export) => command::export::export(&export),
        Command::Config(config) => command::config::config(&config),
        Command::Reprocess(given) => command::reprocess::reprocess(&given),
        Command::Reindex(data) => command::reprocess::reindex(&data),
        Command::Retention(given) => command::retention::retention(&given),
        Command::Space(list) => command::space::space(&list),
        Command::Import(import) => command::import::import(&import),
        Command::Backup(backup) => command::backup::backup(&backup),
        Command::Restore(restore) => command::restore::restore(&restore),
        Command::Extract(asked) => command::extract::extract(&asked),
        Command::Read(input) => command::batches::read(&input),
        Command::Group(input) => command::batches::group(&input),
        Command::Search(search) => command::batches::search(&search),
        Command::Completions(completions) => command::reference::completions(&completions),
        Command::Man(man) => command::reference::man(&man),
        Command::Reference(reference) => command::reference::reference(&reference),
    }
}
