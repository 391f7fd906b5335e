//! The configuration file: its values become the defaults of the arguments, so that names, types
//! and words are defined once, in `arguments`.
//!
//! A flag wins over the environment, that over the file, and the file over the default.

use std::{
    any::TypeId,
    error::Error as _,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use clap::{
    Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};
use toml::de::{DeTable, DeValue};

use crate::{
    arguments::Arguments,
    command::reference::grouped_help,
    telling::{self, Advice},
};

/// Where a configuration file is looked for last.
const SYSTEM_FILE: &str = "/etc/depeche/depeche.toml";

/// What the file is called in a data folder.
const FILE_NAME: &str = "depeche.toml";

/// Bytes of a configuration file; one with every key is about 3 kB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Commands that a broken file does not keep from working: they tell of it themselves, or do without.
const TOLERANT: [&str; 6] = ["config", "doctor", "completions", "man", "reference", "help"];

/// The arguments of this process, with the configuration file under them.
pub(crate) fn arguments() -> anyhow::Result<Arguments> {
    let given: Vec<OsString> = std::env::args_os().collect();
    let read = of_the_file(&given);
    let under = read.as_ref().ok().and_then(Option::as_ref);
    let command = under.map_or_else(command, |file| file.under(command()));
    let matches = match (command.try_get_matches_from(&given), read) {
        (Ok(matches), Err(broken)) if !tolerant(&matches) => return Err(broken),
        (Ok(matches), _) => matches,
        // What is missing on the command line may stand in the file that cannot be read.
        (Err(error), Err(broken)) if error.use_stderr() => return Err(broken),
        (Err(error), _) => error.exit(),
    };
    let mut arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if arguments.verbose > 0 && !given_as_flag(&matches, "log_level") {
        // -v is a flag too, and wins over what the file or the environment says.
        arguments.log.log_level = None;
    }
    Ok(arguments)
}

/// Whether this command works without the file that it was to read.
fn tolerant(matches: &ArgMatches) -> bool {
    matches.subcommand_name().is_none_or(|name| TOLERANT.contains(&name))
}

/// The file that this process was started with, read again; for `doctor`.
pub(crate) fn file_in_use() -> anyhow::Result<Option<PathBuf>> {
    let given: Vec<OsString> = std::env::args_os().collect();
    Ok(of_the_file(&given)?.map(|file| file.path))
}

fn given_as_flag(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// The command line, with a variable of the environment for every key of the file.
pub(crate) fn command() -> Command {
    let named = |argument: Arg| {
        let wanted = argument.get_env().is_none() && Key::of_run(&argument).is_some();
        let Some(flag) = argument.get_long().filter(|_| wanted).map(str::to_owned) else {
            return argument;
        };
        let list = matches!(argument.get_action(), ArgAction::Append);
        let argument = argument.env(format!("DEPECHE_{}", under_scored(&flag).to_uppercase()));
        if list { argument.value_delimiter(',') } else { argument }
    };
    grouped_help(Arguments::command().mut_subcommand("run", |run| run.mut_args(named)))
}

/// A key of the file, and the argument that defines it.
pub(crate) struct Key {
    /// The table it stands in; empty for the top.
    pub(crate) table: &'static str,
    /// Its name in the file.
    pub(crate) name: String,
    /// The argument.
    pub(crate) argument: Arg,
}

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// A list of texts, or one.
    List,
}

impl Key {
    fn new(table: &'static str, name: &str, argument: &Arg) -> Self {
        Self { table, name: under_scored(name), argument: argument.clone() }
    }

    /// The key of a flag of `run`; none for one that belongs to the command line alone.
    fn of_run(argument: &Arg) -> Option<Self> {
        let flag = argument.get_long().filter(|_| !argument.is_hide_set())?;
        match flag {
            "help" | "version" => None,
            "data" => Some(Self::new("", flag, argument)),
            _ => Some(match flag.strip_prefix("keep-") {
                Some(kept) => Self::new("keep", kept, argument),
                None => Self::new("run", flag, argument),
            }),
        }
    }

    /// The key of a flag of every command.
    fn of_all(argument: &Arg) -> Option<Self> {
        let name = argument.get_long()?.strip_prefix("log-")?;
        Some(Self::new("log", name, argument))
    }

    /// What values it takes.
    pub(crate) fn shape(&self) -> Shape {
        let kind = self.argument.get_value_parser().type_id();
        let whole = [TypeId::of::<u16>(), TypeId::of::<u32>(), TypeId::of::<u64>()];
        match self.argument.get_action() {
            ArgAction::SetTrue => Shape::Switch,
            ArgAction::Append => Shape::List,
            _ if whole.iter().any(|number| kind == *number) => Shape::Number,
            _ => Shape::Text,
        }
    }

    /// The values it takes, where these can be counted.
    pub(crate) fn choices(&self) -> Vec<String> {
        let choices = self.argument.get_possible_values().into_iter();
        choices.map(|choice| choice.get_name().to_owned()).collect()
    }

    /// What its values are called, as in the help.
    pub(crate) fn value_name(&self) -> String {
        let names = self.argument.get_value_names().unwrap_or_default();
        names.first().map_or_else(|| "VALUE".to_owned(), ToString::to_string)
    }

    /// As it is named in a sentence: `listen in [run]`.
    fn place(&self) -> String {
        if self.table.is_empty() {
            format!("`{}` at the top", self.name)
        } else {
            format!("`{}` in [{}]", self.name, self.table)
        }
    }
}

/// Every key of the file, in the order of the tables and of the help.
pub(crate) fn keys(command: &Command) -> Vec<Key> {
    let run = command.get_subcommands().find(|sub| sub.get_name() == "run");
    let run = run.into_iter().flat_map(Command::get_arguments).filter_map(Key::of_run);
    let all = command.get_arguments().filter_map(Key::of_all);
    let mut keys: Vec<Key> = run.chain(all).collect();
    let order = ["", "run", "keep", "log"];
    keys.sort_by_key(|key| order.iter().position(|table| *table == key.table));
    keys
}

fn under_scored(flag: &str) -> String {
    flag.replace('-', "_")
}

/// A configuration file that was read and holds nothing wrong.
pub(crate) struct File {
    /// Where it lies.
    pub(crate) path: PathBuf,
    values: Vec<(Key, Vec<String>)>,
}

impl File {
    /// Reads and checks a file; tells all that is wrong with it at once.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let failed = |what: String| {
            Advice::error(what, "`depeche config show` prints a file with every key")
        };
        let text = text_of(path).map_err(|why| {
            failed(format!("cannot read the configuration {}: {why}", path.display()))
        })?;
        let values = understood(&text, keys(&command()))
            .map_err(|wrong| failed(format!("{}: {}", path.display(), wrong.join("\n       "))))?;
        Ok(Self { path: path.to_owned(), values })
    }

    /// The command line with the values of this file as its defaults.
    pub(crate) fn under(&self, mut command: Command) -> Command {
        for (key, values) in &self.values {
            let id = key.argument.get_id().to_string();
            let set = |argument: Arg| argument.required(false).default_values(values.clone());
            command = match key.table {
                "" => with_data(command, &set),
                "log" => command.mut_arg(id, set),
                _ => command.mut_subcommand("run", |run| run.mut_arg(id, set)),
            };
        }
        command
    }

    /// Whether it says something about a key.
    pub(crate) fn sets(&self, key: &Key) -> bool {
        self.values.iter().any(|(set, _)| (set.table, &set.name) == (key.table, &key.name))
    }
}

/// Gives every command that works on the wire its folder; the demo's, which would fill it with
/// invented news, is another argument.
fn with_data(command: Command, set: &impl Fn(Arg) -> Arg) -> Command {
    command.mut_subcommands(|sub| {
        let sub = sub.mut_args(|argument| {
            let ours = argument.get_env() == Some(OsStr::new("DEPECHE_DATA"));
            if ours { set(argument) } else { argument }
        });
        with_data(sub, set)
    })
}

/// The text of a file; never waits for a pipe, never takes in a disk image.
fn text_of(path: &Path) -> Result<String, String> {
    let found = fs::metadata(path).map_err(|error| error.to_string())?;
    if !found.is_file() {
        return Err("it is not a file".to_owned());
    }
    if found.len() > FILE_BYTES_MAX {
        return Err("it is larger than 1 MiB".to_owned());
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// The file that these arguments ask for, if one does.
fn of_the_file(given: &[OsString]) -> anyhow::Result<Option<File>> {
    // Only a look: what is wrong with the arguments is told when they are parsed with the file.
    let looked = command().ignore_errors(true).try_get_matches_from(given);
    looked.map_or(Ok(None), |matches| found(&matches))
}

/// Finds and reads the file: the one that is named, that of the data folder, that of the system.
pub(crate) fn found(matches: &ArgMatches) -> anyhow::Result<Option<File>> {
    let path = match matches.get_one::<PathBuf>("config") {
        Some(named) => Some(named.clone()),
        None => {
            let beside = data_named(matches).map(|folder| folder.join(FILE_NAME));
            beside.into_iter().chain([PathBuf::from(SYSTEM_FILE)]).find(|path| path.exists())
        }
    };
    path.map(|path| File::read(&path)).transpose()
}

/// The data folder that the command line or the environment names.
fn data_named(matches: &ArgMatches) -> Option<&PathBuf> {
    let (_, sub) = matches.subcommand()?;
    sub.try_get_one::<PathBuf>("folder").ok().flatten().or_else(|| data_named(sub))
}

/// Reads what a file sets, as the values of arguments; else says all that is wrong with it.
fn understood(text: &str, keys: Vec<Key>) -> Result<Vec<(Key, Vec<String>)>, Vec<String>> {
    let line = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(1, |span| line(span.start));
        vec![format!("line {at} is not TOML: {}", error.message().replace('\n', " "))]
    })?;
    let mut reading = Reading { keys, values: Vec::new(), wrong: Vec::new() };
    for (name, value) in document.get_ref() {
        let (name, at) = (name.get_ref(), line(name.span().start));
        let tables = ["run", "keep", "log"];
        match value.get_ref() {
            DeValue::Table(inside) if tables.contains(&name.as_ref()) => {
                for (key, value) in inside {
                    let at = line(key.span().start);
                    reading.value(name, key.get_ref(), value.get_ref(), at);
                }
            }
            DeValue::Table(_) => {
                let meant = nearest(name, tables.into_iter()).map_or_else(
                    || "the tables are [run], [keep] and [log]".to_owned(),
                    |meant| format!("did you mean [{meant}]?"),
                );
                reading.wrong.push(format!("unknown table [{name}] in line {at}: {meant}"));
            }
            value => reading.value("", name, value, at),
        }
    }
    if reading.wrong.is_empty() { Ok(reading.values) } else { Err(reading.wrong) }
}

/// What was read of a file so far.
struct Reading {
    keys: Vec<Key>,
    values: Vec<(Key, Vec<String>)>,
    wrong: Vec<String>,
}

impl Reading {
    fn value(&mut self, table: &str, name: &str, value: &DeValue<'_>, line: usize) {
        let known = self.keys.iter().position(|key| key.table == table && key.name == name);
        let Some(place) = known else {
            let wrong = format!("unknown key `{name}` in line {line}: {}", self.meant(table, name));
            return self.wrong.push(wrong);
        };
        let key = self.keys.remove(place);
        match checked(&key, value) {
            Ok(values) => self.values.push((key, values)),
            Err(why) => self.wrong.push(format!("`{name}` in line {line} {why}")),
        }
    }

    /// The key that was meant: one of the same table with a like name, else one of another table.
    fn meant(&self, table: &str, name: &str) -> String {
        let here = || self.keys.iter().filter(|key| key.table == table);
        if let Some(meant) = nearest(name, here().map(|key| key.name.as_str())) {
            return format!("did you mean `{meant}`?");
        }
        let place = nearest(name, self.keys.iter().map(|key| key.name.as_str()));
        let elsewhere = self.keys.iter().find(|key| Some(key.name.as_str()) == place);
        elsewhere.map_or_else(
            || "no key has a like name".to_owned(),
            |key| format!("did you mean {}?", key.place()),
        )
    }
}

/// The name most like `name`, if one is like enough to have been meant.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    /// Below this, two names have little more than some letters in common.
    const LIKE: f64 = 0.75;
    let likeness = names.map(|known| (strsim::jaro_winkler(name, known), known));
    let best = likeness.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= LIKE).then_some(best.1)
}

/// The values of a key as its argument takes them, or what is wrong with them.
fn checked(key: &Key, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let values = match (key.shape(), value) {
        (Shape::Switch, DeValue::Boolean(true)) => vec!["true".to_owned()],
        (Shape::Switch, DeValue::Boolean(false)) => vec!["false".to_owned()],
        (Shape::Switch, other) => return Err(not(other, "true or false")),
        (Shape::Number, DeValue::Integer(number)) => vec![number.to_string()],
        (Shape::Number, other) => return Err(not(other, "a whole number")),
        (Shape::Text | Shape::List, DeValue::String(text)) => vec![text.to_string()],
        (Shape::List, DeValue::Array(list)) => {
            let texts = list.iter().map(|entry| match entry.get_ref() {
                DeValue::String(text) => Ok(text.to_string()),
                other => Err(not(other, "a list of texts in quotes")),
            });
            texts.collect::<Result<_, _>>()?
        }
        (Shape::List, other) => return Err(not(other, "a list of texts in quotes")),
        (Shape::Text, other) => return Err(not(other, "a text in quotes")),
    };
    values.iter().try_for_each(|value| allowed(key, value))?;
    Ok(values)
}

fn not(value: &DeValue<'_>, wanted: &str) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("is {article} {kind}: give {wanted}")
}

/// Asks the argument itself whether it takes a value.
fn allowed(key: &Key, value: &str) -> Result<(), String> {
    if key.shape() == Shape::Switch {
        return Ok(());
    }
    let parser = key.argument.get_value_parser().clone();
    let one = Arg::new("value").long("value").value_parser(parser).action(ArgAction::Set);
    let asked = Command::new("value").no_binary_name(true).arg(one);
    let Err(error) = asked.try_get_matches_from([format!("--value={value}")]) else {
        return Ok(());
    };
    let why = match (error.get(ContextKind::ValidValue), error.source()) {
        (Some(ContextValue::Strings(choices)), _) => format!("give one of {}", choices.join(", ")),
        (_, Some(source)) => source.to_string(),
        (..) => format!("give {}", key.value_name()),
    };
    Err(format!("cannot be \"{value}\": {why}"))
}

/// A value that holds, and where it comes from.
pub(crate) struct Holding {
    /// The key.
    pub(crate) key: Key,
    /// Its value as the file would say it; nothing when it is not set.
    pub(crate) value: Option<String>,
    /// `flag`, `environment`, `file` or `default`.
    pub(crate) origin: &'static str,
}

/// What would hold for `depeche run` with these flags; also the file that was read for it.
pub(crate) fn holding(
    file: Option<&Path>,
    flags: &[OsString],
) -> anyhow::Result<(Option<PathBuf>, Vec<Holding>)> {
    let lenient =
        || command().mut_subcommand("run", |run| run.mut_args(|argument| argument.required(false)));
    let mut given: Vec<OsString> = vec!["depeche".into(), "run".into()];
    given.extend(flags.iter().cloned());
    let parsed = |command: Command| {
        command.try_get_matches_from(&given).map_err(|error| anyhow::anyhow!("{}", told(&error)))
    };
    let file = match file {
        Some(path) => Some(File::read(path)?),
        None => found(&parsed(lenient())?)?,
    };
    let command = file.as_ref().map_or_else(lenient, |file| file.under(lenient()));
    let matches = parsed(command.clone())?;
    let keys = keys(&command).into_iter();
    let held = keys.map(|key| held(key, &matches, file.as_ref())).collect();
    Ok((file.map(|file| file.path), held))
}

/// The first line of an error of clap, without its «error: ».
fn told(error: &clap::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

fn held(key: Key, matches: &ArgMatches, file: Option<&File>) -> Holding {
    let id = key.argument.get_id().as_str();
    let matches = match key.table {
        "log" => matches,
        _ => matches.subcommand_matches("run").unwrap_or(matches),
    };
    let origin = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "flag",
        Some(ValueSource::EnvVariable) => "environment",
        _ if file.is_some_and(|file| file.sets(&key)) => "file",
        _ => "default",
    };
    let raw = matches.get_raw(id).into_iter().flatten();
    let values: Vec<String> = raw.map(|value| value.to_string_lossy().into_owned()).collect();
    let value = in_toml(&key, &values);
    Holding { key, value, origin }
}

/// Values as the file writes them.
pub(crate) fn in_toml(key: &Key, values: &[String]) -> Option<String> {
    let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string();
    match key.shape() {
        Shape::List if values.is_empty() => None,
        Shape::List => {
            Some(format!("[{}]", values.iter().map(quoted).collect::<Vec<_>>().join(", ")))
        }
        Shape::Text => values.first().map(quoted),
        Shape::Number | Shape::Switch => values.first().cloned(),
    }
}

/// Says which file was read.
pub(crate) fn say_read(path: Option<&Path>) {
    match path {
        Some(path) => telling::say(&format!("{} is in order", path.display())),
        None => {
            telling::say("there is no configuration file; flags, environment and defaults hold")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys as helpers of retention will add them, whatever this program has.
    fn with_keep() -> Vec<Key> {
        let days = Arg::new("items").long("keep-items-days").value_parser(clap::value_parser!(u32));
        keys(&command().mut_subcommand("run", |run| run.arg(days)))
    }

    #[track_caller]
    fn wrong(text: &str, expected: &str) {
        let told = understood(text, with_keep()).map(|_| ()).unwrap_err();
        assert_eq!(told, expected.lines().collect::<Vec<_>>());
    }

    #[track_caller]
    fn right(text: &str, name: &str, expected: &[&str]) {
        let values = understood(text, with_keep()).map_err(|wrong| wrong.join("; ")).unwrap();
        let found = values.iter().find(|(key, _)| key.name == name).map(|(_, values)| values);
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn what_a_file_may_say() {
        right("data = \"/srv/fil\"", "data", &["/srv/fil"]);
        right("[run]\nlisten = \"[::1]:80\"", "listen", &["[::1]:80"]);
        right("[run]\nhost = [\"a.example\", \"b.example\"]", "host", &["a.example", "b.example"]);
        right("[run]\nhost = \"a.example\"", "host", &["a.example"]);
        right("[run]\nhost = []", "host", &[]);
        right("[run]\npoll_every = 60", "poll_every", &["60"]);
        right("run.zone = \"Europe/Brussels\"", "zone", &["Europe/Brussels"]);
        right("[keep]\nitems_days = 400", "items_days", &["400"]);
        right("[log]\nformat = \"json\"", "format", &["json"]);
        right("[log]\nlevel = \"warn,depeche=debug\"", "level", &["warn,depeche=debug"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
        wrong("\n\n[run]\nlisen = 1", "unknown key `lisen` in line 4: did you mean `listen`?");
        wrong("listen = \"x\"", "unknown key `listen` in line 1: did you mean `listen` in [run]?");
        wrong("[run]\nwindow = 1", "unknown key `window` in line 2: no key has a like name");
        wrong("[keeep]", "unknown table [keeep] in line 1: did you mean [keep]?");
        wrong("[users]", "unknown table [users] in line 1: the tables are [run], [keep] and [log]");
        wrong("run = 1", "unknown key `run` in line 1: no key has a like name");
        wrong("[run]\nzone = 1", "`zone` in line 2 is an integer: give a text in quotes");
        wrong(
            "[run]\npoll_every = \"1\"",
            "`poll_every` in line 2 is a string: give a whole number",
        );
        wrong(
            "[run]\nhost = [1]",
            "`host` in line 2 is an integer: give a list of texts in quotes",
        );
        wrong(
            "[log]\nformat = \"xml\"",
            "`format` in line 2 cannot be \"xml\": give one of text, json",
        );
        wrong(
            "[run]\nlisten = \"80\"",
            "`listen` in line 2 cannot be \"80\": invalid socket address syntax",
        );
        wrong(
            "[run]\npoll_every = -1\nonly = \"all\"",
            "`only` in line 3 cannot be \"all\": give one of collect, serve\n\
             `poll_every` in line 2 cannot be \"-1\": -1 is not in 1..=4294967295",
        );
        let told = understood("[run]\nlisten = ", keys(&command())).map(|_| ()).unwrap_err();
        assert!(told[0].starts_with("line 2 is not TOML: "), "{told:?}");
    }

    #[test]
    fn the_demo_never_takes_the_folder_of_the_wire() {
        let values = understood("data = \"/srv/fil\"", keys(&command())).ok().unwrap();
        let file = File { path: PathBuf::new(), values };
        let parse = |line: &str| {
            let given = line.split(' ').map(OsString::from);
            Arguments::from_arg_matches(&file.under(command()).get_matches_from(given)).unwrap()
        };
        let arguments = parse("depeche demo");
        assert!(
            matches!(&arguments.command, crate::arguments::Command::Demo(demo) if demo.folder.is_none())
        );
        let arguments = parse("depeche source list");
        assert!(format!("{:?}", arguments.command).contains("/srv/fil"));
    }
}
