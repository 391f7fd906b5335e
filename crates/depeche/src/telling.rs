//! What the terminal is told: the log, and errors once, kindly.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    io::{IsTerminal, Write},
    process::ExitCode,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use clap::ValueEnum;
use depeche_news::jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::{Event, Level, Subscriber, field::Field};
use tracing_subscriber::{
    EnvFilter,
    field::MakeExt,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Writer, debug_fn},
        time::SystemTime,
    },
    registry::LookupSpan,
};

use crate::{arguments::Log, command};

/// An error with a word on what to do next.
#[derive(Debug)]
pub(crate) struct Advice {
    what: String,
    hint: String,
    code: u8,
}

impl Advice {
    /// `what` failed, and `hint` is what the person at the terminal can do.
    pub(crate) fn error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { what: what.into(), hint: hint.into(), code: 1 }.into()
    }

    /// The person at the terminal wanted no more: `what` was not done to its end, and `hint` says how to go on.
    pub(crate) fn interrupted(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { what: what.into(), hint: hint.into(), code: INTERRUPTED }.into()
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Advice {}

/// The exit code of a program that was interrupted, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The format that was asked for; what is said before or without one is for people.
static FORMAT: OnceLock<Format> = OnceLock::new();

/// A level as `--log-level` takes it; a filter that means nothing is an error, not silence.
pub(crate) fn level(text: &str) -> Result<String, String> {
    let told = |_| {
        "give error, warn, info, debug, trace or off, also by part (warn,depeche=debug)".to_owned()
    };
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(told)
}

/// Starts the log on standard error: warnings, with -v what each delivery brought, with -vv every
/// step, or what a level says.
pub(crate) fn start_log(verbose: u8, log: &Log) {
    let usual = match verbose {
        0 => "warn,depeche=info",
        1 => "info",
        _ => "debug,hyper=info,tantivy=info",
    };
    let filter = EnvFilter::new(log.log_level.as_deref().unwrap_or(usual));
    let _ = FORMAT.set(log.log_format);
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(log.log_format == Format::Text && std::io::stderr().is_terminal());
    match log.log_format {
        Format::Text => {
            let lines = tracing_subscriber::fmt::format().with_target(false).with_timer(SystemTime);
            let fields = debug_fn(|out, field, value| match field.name() {
                "message" => write!(out, "{}", shown(&guarded(&format!("{value:?}")))),
                name => write!(out, "{name}={}", shown(&guarded(&format!("{value:?}")))),
            });
            started.fmt_fields(fields.delimited(" ")).event_format(Once::new(lines)).init();
        }
        Format::Json => started.event_format(Once::new(JsonLines)).init(),
    }
}

/// How long a warning that comes again and again is held back: a disk that stays full is told of
/// once, and then often enough that it is not forgotten.
const AGAIN_AFTER: Duration = Duration::from_secs(10 * 60);

/// Warnings that are remembered; beyond, something is so wrong that telling twice is no harm.
const REMEMBERED_MAX: usize = 256;

/// Tells the same warning or error once in a while, however often it comes.
struct Once<F> {
    format: F,
    told: Mutex<HashMap<u64, Instant>>,
}

impl<F> Once<F> {
    fn new(format: F) -> Self {
        Self { format, told: Mutex::default() }
    }

    /// Whether this is to be told now.
    fn due(&self, event: &Event<'_>, now: Instant) -> bool {
        if *event.metadata().level() > Level::WARN {
            return true;
        }
        let mut words = DefaultHasher::new();
        let fields = Fields::of(event);
        (event.metadata().name(), fields.0.values().map(ToString::to_string).collect::<Vec<_>>())
            .hash(&mut words);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now.duration_since(*at) < AGAIN_AFTER);
        if told.len() >= REMEMBERED_MAX {
            told.clear();
        }
        let mut first = false;
        told.entry(words.finish()).or_insert_with(|| {
            first = true;
            now
        });
        first
    }
}

impl<S, N, F> FormatEvent<S, N> for Once<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if self.due(event, Instant::now()) {
            self.format.format_event(context, writer, event)
        } else {
            Ok(())
        }
    }
}

/// Holds back what is told of each of many files or pages of one source: one line a minute, with how many more
/// there were.
#[derive(Default)]
pub(crate) struct Seldom(Mutex<HashMap<String, (Instant, u64)>>);

/// How long one line stands for all that is alike.
const SELDOM: Duration = Duration::from_secs(60);

/// Sources that are remembered for that.
const SELDOM_MAX: usize = 4096;

impl Seldom {
    /// How many were not told of since the last line about `of`, if one is due.
    pub(crate) fn due(&self, of: &str, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, more)) = told.get_mut(of)
            && now.duration_since(*at) < SELDOM
        {
            *more += 1;
            return None;
        }
        if told.len() >= SELDOM_MAX {
            told.retain(|_, (at, _)| now.duration_since(*at) < SELDOM);
        }
        let before = told.insert(of.to_owned(), (now, 0));
        Some(before.map_or(0, |(_, more)| more))
    }
}

/// One JSON object a line: time, level, message, fields.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::of(event).0;
        let message = fields.remove("message").unwrap_or_default();
        let level = event.metadata().level().as_str().to_lowercase();
        writeln!(writer, "{}", shown(&object(&level, message, fields).to_string()))
    }
}

fn object(level: &str, message: Value, fields: Map<String, Value>) -> Value {
    let time = Timestamp::now().to_string();
    json!({ "time": time, "level": level, "message": message, "fields": fields })
}

/// The fields of an event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn of(event: &Event<'_>) -> Self {
        let mut fields = Self::default();
        event.record(&mut fields);
        fields
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, guarded(&format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, guarded(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

/// Letters of an address that are logged: whoever makes a feed makes its addresses as long as he likes.
const ADDRESS_CHARS: usize = 200;

/// Text without what web addresses may carry in secret: a password before the host, a key in the
/// query. Logs are kept, and read by others.
fn guarded(text: &str) -> String {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']' | '\\');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let (address, after) = address.split_at(address.find(ends).unwrap_or(address.len()));
        let (address, cut) = match address.char_indices().nth(ADDRESS_CHARS) {
            Some((at, _)) => (address.split_at(at).0, "…"),
            None => (address, ""),
        };
        let host_ends = address.find(['/', '?', '#']).unwrap_or(address.len());
        let (host, path) = address.split_at(host_ends);
        out.push_str(before);
        out.push_str(host.rsplit_once('@').map_or(host, |(_, host)| host));
        match path.split_once('?') {
            Some((path, _)) => out.extend([path, "?…"]),
            None => out.push_str(path),
        }
        out.push_str(cut);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text as a terminal or a log sees it. What came from others may hold characters that command a terminal or turn
/// the order of what stands after them: these are shown as escapes, which are right inside of JSON too. Line
/// breaks and tabs stay.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let commands = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(commands) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        match commands(c) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Prints one line for the person at the terminal; where the log is JSON lines, as one of these. A
/// closed terminal is no error.
pub(crate) fn say(line: &str) {
    say_at("info", line, Map::new());
}

fn say_at(level: &str, line: &str, fields: Map<String, Value>) {
    let mut out = std::io::stderr().lock();
    let _ = match FORMAT.get() {
        Some(Format::Json) => {
            writeln!(out, "{}", shown(&object(level, line.into(), fields).to_string()))
        }
        _ => writeln!(out, "{}", shown(line)),
    };
}

/// Prints one line for the program that reads us; gives up quietly when that has seen enough.
pub(crate) fn answer(line: &str) -> anyhow::Result<()> {
    written(&format!("{}\n", shown(line)))
}

/// Prints a text as it is, in which nothing foreign is left that commands a terminal.
pub(crate) fn written(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        done => Ok(done?),
    }
}

/// Tells an error once, with its causes and what to do, and gives the exit code.
pub(crate) fn exit(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if error.is::<Told>() {
        return ExitCode::FAILURE;
    }
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let causes = causes.join(": ");
    let advice = error.chain().find_map(|cause| cause.downcast_ref::<Advice>());
    let store = || error.chain().find_map(|cause| command::hint(cause.downcast_ref()?));
    let code = ExitCode::from(advice.map_or(1, |advice| advice.code));
    let hint = advice.map(|advice| &*advice.hint).or_else(store);
    if FORMAT.get() == Some(&Format::Json) {
        let hint = hint.map(|hint| ("hint".to_owned(), hint.into()));
        say_at("error", &causes, hint.into_iter().collect());
        return code;
    }
    say(&format!("error: {causes}"));
    if let Some(hint) = hint {
        say(&format!("  hint: {hint}"));
    }
    code
}

/// What failed was told already, in the answer itself; only the exit code is left to say so.
#[derive(Debug)]
pub(crate) struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told already")
    }
}

impl std::error::Error for Told {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(guarded(text), expected);
    }

    #[test]
    fn many_files_of_one_source_are_one_line_a_minute() {
        let (seldom, start) = (Seldom::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let told = [0, 1, 59].map(|seconds| seldom.due("a", at(seconds)));
        assert_eq!(told, [Some(0), None, None]);
        assert_eq!(seldom.due("b", at(1)), Some(0));
        assert_eq!((seldom.due("a", at(60)), seldom.due("a", at(120))), (Some(2), Some(0)));
    }

    #[test]
    fn nothing_commands_a_terminal() {
        let shows = |text: &str, expected: &str| assert_eq!(shown(text), expected);
        shows("Été «x»\t1\n2", "Été «x»\t1\n2");
        shows("a\u{1b}]0;b\u{7}c\r\u{9b}31m\u{7f}", "a\\u001b]0;b\\u0007c\\u000d\\u009b31m\\u007f");
        shows("\u{202e}txt.exe\u{2066}", "\\u202etxt.exe\\u2066");
        let text = "\u{1b}\u{202e}\u{85}";
        let line = json!({ "name": text }).to_string();
        assert_eq!(serde_json::from_str::<Value>(&shown(&line)).unwrap()["name"], text);
    }

    #[test]
    fn addresses_are_logged_without_their_secrets() {
        check("a source failed", "a source failed");
        check("\"https://a.example/fil.rss\"", "\"https://a.example/fil.rss\"");
        check("https://a.example/fil?key=s3cret&x=1 (dns)", "https://a.example/fil?… (dns)");
        check("https://me:s3cret@a.example:8080/?k", "https://a.example:8080/?…");
        check(
            "from http://a.example?k=s to \"http://b@c/\"",
            "from http://a.example?… to \"http://c/\"",
        );
        check("at ://", "at ://");
        let long = "x".repeat(900);
        let kept = &long[..ADDRESS_CHARS - "a.example/".len()];
        check(
            &format!("https://a.example/{long} failed"),
            &format!("https://a.example/{kept}… failed"),
        );
    }
}
