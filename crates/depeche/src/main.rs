//! Dépêche: a self-hosted news wire in one binary. Arguments in, wiring, errors told kindly.

mod arguments;
mod batch;
mod command;
mod outlets;
mod starters;
mod telling;
mod wire;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    telling::start_log(arguments.verbose);
    let done = match arguments.command {
        Command::Run(run) => command::run::run(&run),
        Command::Demo(demo) => command::demo::demo(&demo),
        Command::Source(source) => command::source::source(source),
        Command::Token(data) => command::token(&data),
        Command::Items(items) => command::items::items(&items),
        Command::Space(list) => command::space::space(&list),
        Command::Import(import) => command::import::import(&import),
        Command::Extract(input) => command::batches::extract(&input),
        Command::Read(input) => command::batches::read(&input),
        Command::Group(input) => command::batches::group(&input),
        Command::Search(search) => command::batches::search(&search),
    };
    telling::exit(done)
}
