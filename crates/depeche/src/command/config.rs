//! `depeche config …`: what can be set, and what holds.

use crate::{
    arguments::{CheckConfig, ConfigCommand},
    command::reference,
    settings::{self, Holding},
    telling,
};

/// Runs one of the configuration commands.
pub(crate) fn config(command: &ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Show => telling::answer(reference::commented_file().trim_end()),
        ConfigCommand::Check(check) => self::check(check),
    }
}

/// Prints what holds as a file that would make it hold, with the origin of each value.
fn check(check: &CheckConfig) -> anyhow::Result<()> {
    let (file, held) = settings::holding(check.file.as_deref(), &check.flags)?;
    settings::say_read(file.as_deref());
    let mut table = "";
    for holding in held {
        if holding.key.table != table {
            table = holding.key.table;
            telling::answer(&format!("\n[{table}]"))?;
        }
        telling::answer(&line(&holding))?;
    }
    Ok(())
}

fn line(Holding { key, value, origin }: &Holding) -> String {
    match value {
        Some(value) => format!("{:<40} # {origin}", format!("{} = {value}", key.name)),
        None => format!("# {} is not set", key.name),
    }
}
