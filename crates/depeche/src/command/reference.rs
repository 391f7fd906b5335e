//! Help, completions, manual pages and the reference, all from the one definition in `arguments`.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Context;
use clap::{Arg, Command};
use clap_complete::aot;

use crate::{
    arguments::{Completions, Man, Reference, Shell},
    settings::{self, Key, Shape},
    telling,
};

/// What the commands are for, as the help lists them. One that is named nowhere is listed last.
const GROUPS: [(&str, &[&str]); 4] = [
    ("The wire", &["run", "demo", "source", "token"]),
    ("What it holds", &["search", "items", "import", "export"]),
    ("One document or list at a time", &["extract", "read", "group"]),
    (LOOKING_AFTER, &["doctor", "config"]),
];

/// The group of what is new.
const LOOKING_AFTER: &str = "Looking after it";

/// The help of the whole program, with its commands grouped by what they are for.
pub(crate) fn grouped_help(command: Command) -> Command {
    let mut groups = String::new();
    for (title, _) in GROUPS {
        let _ = writeln!(groups, "{title}:");
        for sub in of_group(&command, title) {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(groups, "  {:<12} {about}", sub.get_name());
        }
        groups.push('\n');
    }
    command.help_template(format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n\n{groups}Options:\n{{options}}\n\n\
         `depeche help COMMAND` tells all of a command."
    ))
}

/// The commands of a group in its order, then, in the last one, those without a group.
fn of_group<'c>(command: &'c Command, title: &str) -> Vec<&'c Command> {
    let names =
        GROUPS.iter().find(|(group, _)| *group == title).map_or(&[][..], |(_, names)| names);
    let shown = || command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let mut found: Vec<&Command> =
        names.iter().filter_map(|name| shown().find(|sub| sub.get_name() == *name)).collect();
    if title == LOOKING_AFTER {
        let grouped = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
        found.extend(shown().filter(|sub| !grouped(sub.get_name())));
    }
    found
}

/// `depeche completions`.
pub(crate) fn completions(asked: &Completions) -> anyhow::Result<()> {
    telling::answer(String::from_utf8_lossy(&script(asked.shell)).trim_end())
}

fn script(shell: Shell) -> Vec<u8> {
    let shell = match shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
    };
    let mut script = Vec::new();
    aot::generate(shell, &mut settings::command(), "depeche", &mut script);
    script
}

/// `depeche man`: the page of the program, or one of each command into a folder.
pub(crate) fn man(asked: &Man) -> anyhow::Result<()> {
    // The groups of the help are for the terminal; a manual page has sections of its own.
    let command = settings::command();
    if let Some(folder) = &asked.out {
        fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command, folder))
            .with_context(|| format!("cannot write manual pages into {}", folder.display()))?;
        telling::say(&format!("manual pages written into {}", folder.display()));
        return Ok(());
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    telling::answer(String::from_utf8_lossy(&page).trim_end())
}

/// `depeche reference`: what `docs/reference` is made by.
pub(crate) fn reference(asked: &Reference) -> anyhow::Result<()> {
    let pages = [("commands.md", commands()), ("configuration.md", configuration())];
    for (name, text) in pages {
        match &asked.out {
            Some(folder) => write(folder, name, &text)?,
            None => telling::answer(&text)?,
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Says of a generated page where it comes from.
const GENERATED: &str = "<!-- Written by `cargo xtask reference` from crates/depeche/src/arguments.rs; not by hand. -->\n";

/// Every command with its arguments.
pub(crate) fn commands() -> String {
    let mut root = settings::command();
    root.build();
    let mut page = format!("{GENERATED}# Commands\n\nEvery command also takes:\n\n");
    arguments(&root, false, &mut page);
    for (title, _) in GROUPS {
        let _ = write!(page, "\n## {title}\n");
        for sub in of_group(&root, title).into_iter().filter(|sub| sub.get_name() != "help") {
            command(sub, "depeche", &mut page);
        }
    }
    page
}

fn command(command: &Command, above: &str, page: &mut String) {
    let name = format!("{above} {}", command.get_name());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    if command.has_subcommands() {
        let subs = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        return subs.for_each(|sub| self::command(sub, &name, page));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim_end();
    let about = about.unwrap_or_default();
    let _ = write!(page, "\n### `{name}`\n{}\n\n    {usage}\n\n", stopped(&about));
    arguments(command, true, page);
}

/// A line for each argument; those of every command only where they are defined.
fn arguments(command: &Command, own: bool, page: &mut String) {
    let shown = command.get_arguments().filter(|argument| {
        let of_clap = matches!(argument.get_id().as_str(), "help" | "version");
        let elsewhere = own && argument.is_global_set();
        !(argument.is_hide_set() || of_clap || elsewhere)
    });
    for argument in shown {
        let _ = writeln!(page, "- `{}`: {}", spelling(argument), words(argument));
    }
}

/// An argument as it is typed.
fn spelling(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let names = argument.get_value_names().unwrap_or_default();
    let takes = argument.get_num_args().is_none_or(|number| number.takes_values());
    let value = names.first().filter(|_| takes).map(|name| format!(" {name}")).unwrap_or_default();
    match argument.get_long() {
        Some(long) => format!("{short}--{long}{value}"),
        None => value.trim_start().to_owned(),
    }
}

/// What an argument is for, with its values, its default and its variable.
fn words(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string);
    let mut words = stopped(&help.unwrap_or_default());
    let takes = argument.get_num_args().is_none_or(|number| number.takes_values());
    let choices = argument.get_possible_values();
    if takes && !choices.is_empty() {
        let told = choices.iter().map(|choice| match choice.get_help() {
            Some(help) => format!("`{}` ({help})", choice.get_name()),
            None => format!("`{}`", choice.get_name()),
        });
        let _ = write!(words, " One of {}.", told.collect::<Vec<_>>().join(", "));
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if takes && !defaults.is_empty() {
        let _ = write!(words, " Default: `{}`.", defaults.join(", "));
    }
    if let Some(variable) = argument.get_env() {
        let _ = write!(words, " Variable: `{}`.", variable.to_string_lossy());
    }
    words
}

/// A sentence with its full stop, which clap takes away.
fn stopped(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

/// The configuration file.
pub(crate) fn configuration() -> String {
    let mut page = format!(
        "{GENERATED}# Configuration\n\n\
         `depeche run` and the commands that work on its folder read one file, in TOML: the one that `--config` or \
         `DEPECHE_CONFIG` names; else `depeche.toml` in the data folder, where `--data` or `DEPECHE_DATA` names that; else \
         `/etc/depeche/depeche.toml`. There need not be any.\n\n\
         A flag wins over the environment, the environment over the file, the file over the default. A list that is given \
         replaces one that stands lower. A key that is unknown, or of another kind, is an error with its line and the name that \
         was meant. `depeche config check` says what holds and where each value comes from; `depeche config show` prints this \
         file:\n\n```toml\n{}```\n",
        commented_file()
    );
    let mut table = None;
    for key in settings::keys(&settings::command()) {
        if table != Some(key.table) {
            table = Some(key.table);
            let title = if key.table.is_empty() {
                "At the top".to_owned()
            } else {
                format!("`[{}]`", key.table)
            };
            let _ = write!(page, "\n## {title}\n\n");
        }
        let flag = key.argument.get_long().unwrap_or_default();
        let _ = writeln!(
            page,
            "- `{}`, {}, flag `--{flag}`: {}",
            key.name,
            kind(&key),
            words(&key.argument)
        );
    }
    page
}

fn kind(key: &Key) -> &'static str {
    match key.shape() {
        Shape::Switch => "true or false",
        Shape::Number => "a whole number",
        Shape::Text => "text",
        Shape::List => "a list of texts",
    }
}

/// A configuration file with every key as a comment: what it is for, and its default or an example.
pub(crate) fn commented_file() -> String {
    let mut file = String::from(
        "# The configuration of Dépêche. Every key is a flag of `depeche run`; what is commented out\n\
         # shows the default, or what a value looks like.\n",
    );
    let mut table = "";
    for key in settings::keys(&settings::command()) {
        if key.table != table {
            table = key.table;
            let _ = write!(file, "\n[{table}]\n");
        }
        let help = key.argument.get_long_help().or(key.argument.get_help());
        let help = stopped(&help.map(ToString::to_string).unwrap_or_default());
        let choices = key.choices();
        let help = if choices.is_empty() {
            help
        } else {
            format!("{help} One of {}.", choices.join(", "))
        };
        file.push('\n');
        for line in wrapped(&help) {
            let _ = writeln!(file, "# {line}");
        }
        let _ = writeln!(file, "#{} = {}", key.name, example(&key));
    }
    file
}

/// The default of a key as the file writes it; where it has none, what its value is called.
fn example(key: &Key) -> String {
    let defaults: Vec<String> = key
        .argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    settings::in_toml(key, &defaults).unwrap_or_else(|| match key.shape() {
        Shape::Switch => "false".to_owned(),
        Shape::Number => "365".to_owned(),
        Shape::List => "[]".to_owned(),
        Shape::Text => key
            .choices()
            .first()
            .map_or_else(|| format!("\"{}\"", key.value_name()), |choice| format!("\"{choice}\"")),
    })
}

/// Text in lines that a terminal of 80 columns shows whole.
fn wrapped(text: &str) -> Vec<String> {
    const COLUMNS: usize = 96;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() && line.chars().count() + word.chars().count() >= COLUMNS {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        let command = settings::command();
        command.clone().debug_assert();
        // An argument with the name of one that every command takes would be taken for it.
        let of_all: Vec<_> = command.get_arguments().map(Arg::get_id).collect();
        fn look(command: &Command, of_all: &[&clap::Id]) {
            for sub in command.get_subcommands() {
                let taken =
                    sub.get_arguments().find(|argument| of_all.contains(&argument.get_id()));
                assert!(taken.is_none(), "{}: {taken:?}", sub.get_name());
                look(sub, of_all);
            }
        }
        look(&command, &of_all);
    }

    #[track_caller]
    fn current(name: &str, made: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
        let kept = fs::read_to_string(path).unwrap_or_default();
        assert!(kept == made, "docs/reference/{name} is not current: run `cargo xtask reference`");
    }

    #[test]
    fn the_reference_is_current() {
        current("commands.md", &commands());
        current("configuration.md", &configuration());
    }

    #[test]
    fn every_command_and_argument_says_what_it_is_for() {
        fn look(command: &Command) {
            assert!(command.get_about().is_some(), "{} says nothing", command.get_name());
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(look);
        }
        look(&settings::command());
    }

    #[test]
    fn every_shell_is_served_and_every_group_names_commands() {
        for shell in Shell::value_variants() {
            assert!(String::from_utf8(script(*shell)).unwrap().contains("depeche"), "{shell:?}");
        }
        let command = settings::command();
        let mut names = GROUPS.iter().flat_map(|(_, names)| names.iter());
        assert_eq!(names.find(|name| command.find_subcommand(name).is_none()), None);
    }
}
