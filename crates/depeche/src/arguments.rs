//! The command line, as one definition.

mod items;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use depeche_news::{
    SourceVisibility,
    jiff::{Timestamp, tz::TimeZone},
};
use depeche_outbound::Allowance;

use crate::{command, telling};

pub(crate) use items::{Items, ItemsCommand, OneItem, RemoveItems, TwoItems};

/// Dépêche, a self-hosted news wire: from feeds and pages to one live, searchable wire.
#[derive(Debug, Parser)]
#[command(name = "depeche", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Say more: -v for each delivery, -vv for each step.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// The configuration file; by default depeche.toml in the data folder that is named on the
    /// command line or in DEPECHE_DATA, else /etc/depeche/depeche.toml, if there is one.
    #[arg(long, value_name = "FILE", env = "DEPECHE_CONFIG", global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) log: Log,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is told while it runs.
#[derive(Debug, Args)]
pub(crate) struct Log {
    /// How the log is written.
    #[arg(
        long = "log-format",
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        global = true
    )]
    pub(crate) log_format: telling::Format,
    /// What is logged: error, warn, info, debug or trace, also by part, as warn,depeche=debug. By
    /// default warnings, and what the wire itself has to say.
    #[arg(long = "log-level", value_name = "LEVEL", env = "DEPECHE_LOG", global = true, value_parser = telling::level)]
    pub(crate) log_level: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the wire: collect, take in, index and serve, in one process.
    Run(Run),
    /// Show a wire of invented outlets that goes on by itself.
    Demo(Demo),
    /// Add, list, remove, pause, refresh or test sources.
    #[command(subcommand)]
    Source(SourceCommand),
    /// Make a new administrator's token; the old one and all sessions end.
    Token(Data),
    /// List what the wire holds, as JSON lines, or take some of it down.
    Items(Items),
    /// Check the folder, the store, the index, the clock, the disk and the sources; say what to do.
    Doctor(Doctor),
    /// Tell what goes when, and how long the disk lasts.
    Retention(Retention),
    /// Read items again from what they were read from, with the reader of this version.
    Reprocess(Reprocess),
    /// Make the search index anew from the wire; the old one answers meanwhile.
    Reindex(Data),
    /// Write out what the wire holds: JSON lines, CSV, or Atom with whole texts.
    Export(Export),
    /// Show or check the configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Tell what takes how much of the data folder.
    Space(ListSpace),
    /// Take in archives (WARC), mail, feed files, pages, folders, article lines or OPML files.
    Import(Import),
    /// Write all of the wire to one file, while it runs.
    Backup(Backup),
    /// Make a wire of a backup.
    Restore(Restore),
    /// Take the story out of a page.
    Extract(Extract),
    /// Read a feed or an agency message.
    Read(Batch),
    /// Find the copies of one dispatch and the dispatches of one story.
    Group(Batch),
    /// Search the wire.
    Search(Search),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Print the manual page.
    Man(Man),
    /// Print the reference in Markdown.
    #[command(hide = true)]
    Reference(Reference),
}

/// Where the wire is kept.
#[derive(Clone, Debug, Args)]
pub(crate) struct Data {
    /// The data folder; `run`, `import`, `restore` and `source add` make it if it is missing.
    #[arg(long = "data", value_name = "DIR", env = "DEPECHE_DATA")]
    pub(crate) folder: PathBuf,
}

/// What may be asked besides the public internet.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Allowed {
    /// Private addresses that may be fetched, as 10.0.0.0/8, 192.168.1.7, 127.0.0.1:8080 or the name
    /// intranet.example; refused otherwise. May be given several times.
    #[arg(long = "allow-address", value_name = "CIDR|NAME[:PORT]")]
    pub(crate) addresses: Vec<Allowance>,
    /// Where to complain: a page or an e-mail address, told to every server that is asked.
    #[arg(long, value_name = "ADDRESS", value_parser = contact)]
    pub(crate) contact: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) allowed: Allowed,
    /// Where the pages are served.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8400")]
    pub(crate) listen: SocketAddr,
    /// A name the pages may be asked for by, besides localhost and the listening address.
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// Where readers and hubs reach the pages from outside, as `https://fil.example.org`; without it, no hub is
    /// asked to send what is new.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Do only one half of the work; the other half may run in another process on the same folder.
    #[arg(long, value_enum, value_name = "HALF")]
    pub(crate) only: Option<Half>,
    /// Ask every source at this interval instead of by how often it has news.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) poll_every: Option<u32>,
    /// The longest a quiet source is left alone, in minutes; one with news is asked by its own rhythm.
    #[arg(long, value_name = "MINUTES", default_value_t = 1440, value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) poll_longest: u32,
    /// The readers' time zone.
    #[arg(long, value_name = "ZONE", default_value = "Europe/Paris", value_parser = zone)]
    pub(crate) zone: String,
    /// Where figures for a monitoring system are served, as /metrics (OpenMetrics) and /healthz.
    /// Off by default; for those who watch, not for readers.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) metrics: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
}

/// How long things are kept.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Keeping {
    /// Days items are kept, by the time they are listed at; for ever if not given. `depeche source keep` says
    /// it for one source.
    #[arg(long = "keep-items-days", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) items_days: Option<u32>,
    /// Days the pages are kept that items were read from; for ever if not given.
    #[arg(long = "keep-pages-days", value_name = "DAYS")]
    pub(crate) pages_days: Option<u32>,
    /// Days feed documents are kept whole; after that, only the entries that brought something.
    #[arg(long = "keep-documents-days", value_name = "DAYS", default_value_t = 7)]
    pub(crate) documents_days: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Reprocess {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Only items of this source: its id, address or name.
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Only items listed since this day or time.
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Also those that the reader of this version has read.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Retention {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) keeping: Keeping,
    /// Let go of what is due now.
    #[arg(long)]
    pub(crate) apply: bool,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Half {
    /// Fetch, take in and index; no pages.
    Collect,
    /// Serve the pages of what another process collects.
    Serve,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the wire in this folder instead of a temporary one.
    #[arg(long = "data", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Where the pages are served; by default 127.0.0.1:8400, or any free port if that is taken.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Seconds between two new dispatches; bulletins, once the written ones have run out, take twice as long.
    #[arg(long, value_name = "SECONDS", default_value_t = 8)]
    pub(crate) every: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Listen to the feed at an address.
    Add(AddSource),
    /// List the sources and how each does.
    List(ListSources),
    /// Stop listening to a source; what it brought stays on the wire.
    Remove(OneSource),
    /// Stop asking a source until it is resumed.
    Pause(OneSource),
    /// Ask a paused source again.
    Resume(OneSource),
    /// Ask a source as soon as the running wire can.
    Refresh(OneSource),
    /// Change a source's name, its language, the zone of its dates, or who may see it.
    Change(ChangeSource),
    /// Say how long a source's items are kept.
    Keep(KeepSource),
    /// Make, list or revoke the tokens that a source delivers with.
    Token(SourceToken),
    /// Say how a source is asked: with a password, with headers, through a proxy; or show it.
    Access(AccessSource),
    /// Write the sources as an OPML list, which every feed reader takes.
    Export(ExportSources),
    /// Find the sources that an address leads to, without listening to them: a site, a feed, a sitemap.
    Test(TestSource),
}

#[derive(Debug, Args)]
pub(crate) struct AddSource {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The address of its feed.
    #[arg(required_unless_present_any = ["pushed", "watched"], conflicts_with_all = ["pushed", "watched"])]
    pub(crate) address: Option<String>,
    /// Add a source of this name that delivers by itself; `depeche source token` makes its token.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["watched", "name"])]
    pub(crate) pushed: Option<String>,
    #[command(flatten)]
    pub(crate) watch: WatchFolder,
    /// Its name; by default what its feed calls itself.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Give the name of --name also to a source that is listened to already.
    #[arg(long, requires = "name")]
    pub(crate) rename: bool,
    /// Its language, as fr or en.
    #[arg(long)]
    pub(crate) language: Option<String>,
    /// Show its items to the administrator only.
    #[arg(long)]
    pub(crate) private: bool,
}

impl AddSource {
    /// Who may see it.
    pub(crate) fn visibility(&self) -> SourceVisibility {
        if self.private { SourceVisibility::Private } else { SourceVisibility::Shared }
    }
}

/// A folder that files are dropped into, and how it is watched.
#[derive(Debug, Args)]
pub(crate) struct WatchFolder {
    /// Add a folder that files are dropped into.
    #[arg(id = "watched", long = "folder", value_name = "PATH")]
    pub(crate) folder: Option<PathBuf>,
    /// A file is whole when an empty one beside it has the same name with this at its end; then waiting alone
    /// says nothing, unless --settle is given too.
    #[arg(long, value_name = "SUFFIX", requires = "watched")]
    pub(crate) done_suffix: Option<String>,
    /// A file is whole when it has not changed for this long; 3 s if neither is given.
    #[arg(long, value_name = "SECONDS", requires = "watched")]
    pub(crate) settle: Option<u32>,
    /// What becomes of a file that was taken: moved to `taken/` and the day, deleted, or left.
    #[arg(long, value_enum, value_name = "WHAT", default_value = "move", requires = "watched")]
    pub(crate) after: After,
}

/// What becomes of a file that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum After {
    /// Moved to `taken/` and the day, inside the folder.
    Move,
    /// Deleted.
    Delete,
    /// Left where it is.
    Leave,
}

#[derive(Debug, Args)]
pub(crate) struct SourceToken {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, address or name.
    pub(crate) source: String,
    /// List the tokens instead: their names, when they were made and last used.
    #[arg(long, conflicts_with = "revoke")]
    pub(crate) list: bool,
    /// Revoke the token of this name instead, or all of them.
    #[arg(long, value_name = "TOKEN", num_args = 0..=1, default_missing_value = "all")]
    pub(crate) revoke: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListSources {
    #[command(flatten)]
    pub(crate) data: Data,
    /// JSON lines, also on a terminal.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListSpace {
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object, also on a terminal.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneSource {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, address or name.
    pub(crate) source: String,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeSource {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, address or name.
    pub(crate) source: String,
    #[command(flatten)]
    pub(crate) to: SourceChanges,
}

/// What is changed of a source: at least one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct SourceChanges {
    /// Its name; an empty one is what its feed calls itself, from its next document on.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its language, as fr or en; an empty one is what its feed says.
    #[arg(long)]
    pub(crate) language: Option<String>,
    /// The zone of its dates that name none, as Europe/Paris; an empty one is UTC. Holds for what comes in from
    /// now on; `depeche reprocess` reads again what came before.
    #[arg(long, value_name = "ZONE", value_parser = zone_or_none)]
    pub(crate) zone: Option<String>,
    /// Who may see its items.
    #[arg(long, value_enum)]
    pub(crate) visibility: Option<Visibility>,
    /// Whether the pages of its items are fetched where its feed tells only a teaser.
    #[arg(long, value_enum)]
    pub(crate) pages: Option<Pages>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Visibility {
    /// Every reader.
    Shared,
    /// The administrator only.
    Private,
}

#[derive(Debug, Args)]
pub(crate) struct KeepSource {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, address or name.
    pub(crate) source: String,
    /// A number of days, `forever`, or `default`: as --keep-items-days says.
    #[arg(value_name = "DAYS|forever|default")]
    pub(crate) days: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pages {
    /// Fetch the page of an item of which only a teaser is known.
    Fetch,
    /// What the feed tells is all there is.
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct AccessSource {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, address or name.
    pub(crate) source: String,
    /// The name to sign in with (HTTP Basic).
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The file that holds the password in its first line; - is standard input.
    #[arg(long, value_name = "FILE", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,
    /// A header to send, as 'Accept-Language: fr'. May be given several times; a secret is better kept in a
    /// file, since command lines can be read by others.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// A file with a header a line, as Authorization: Bearer …; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) headers_file: Option<PathBuf>,
    /// The proxy to ask through, as `http://proxy.example:3128` or `socks5://127.0.0.1:9050`; a private address
    /// has to be allowed by --allow-address of `depeche run`.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) proxy: Option<String>,
    /// The file that holds the proxy's address, where that has a password in it; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "proxy")]
    pub(crate) proxy_file: Option<PathBuf>,
    /// Ask it as all others again.
    #[arg(long, conflicts_with_all = ["user", "password_file", "headers", "headers_file", "proxy", "proxy_file"])]
    pub(crate) clear: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportSources {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Where it is written; a file appears when it is whole. - is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) out: PathBuf,
    /// Also the private sources. Their addresses often hold a key: give such a list to nobody.
    #[arg(long)]
    pub(crate) private: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestSource {
    #[command(flatten)]
    pub(crate) allowed: Allowed,
    /// The address of a site, a section, a feed or a sitemap, with or without https://.
    pub(crate) address: String,
    /// One JSON object, also on a terminal.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Files or folders: archives (WARC, ARC), mailboxes (mbox) and messages (.eml), feeds, agency
    /// messages, pages or their plain text, article lines (JSON), OPML; each may be gzip.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The name of the source they are kept under.
    #[arg(long)]
    pub(crate) source: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The file to write; one that exists is refused.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The backup.
    pub(crate) file: PathBuf,
    /// Put a wire that is in the folder aside; it is kept beside under a dated name.
    #[arg(long)]
    pub(crate) replace: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// Pages: addresses of the web, files (HTML or plain text, each may be gzip), or - for standard input.
    #[arg(required_unless_present = "batch", value_name = "URL|FILE|-")]
    pub(crate) inputs: Vec<String>,
    /// JSON lines in on standard input, JSON lines out in the same order.
    #[arg(long, conflicts_with_all = ["inputs", "explain", "address", "form"])]
    pub(crate) batch: bool,
    /// Show each block of the page, whether it is in the article, and why.
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) form: Form,
    /// The address of a page that is read from a file: its relative addresses are made whole by it.
    #[arg(long, value_name = "URL", value_parser = command::extract::base)]
    pub(crate) address: Option<String>,
    /// The zone of times that tell none, as Europe/Paris; without it only their day is told.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub(crate) zone: Option<String>,
    /// Weights to choose the story's paragraphs by, as `cargo xtask train story` makes them.
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) allowed: Allowed,
}

/// The form of what is printed.
#[derive(Debug, Args)]
#[group(id = "form", multiple = false)]
pub(crate) struct Form {
    /// One JSON object a page, with all that is known of it: what is printed where no terminal reads.
    #[arg(long)]
    pub(crate) json: bool,
    /// Markdown.
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Only the text of the body; with --explain, the table.
    #[arg(long)]
    pub(crate) text: bool,
    /// A small HTML page, with nothing active in it.
    #[arg(long)]
    pub(crate) html: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Batch {
    /// JSON lines in on standard input, JSON lines out in the same order.
    #[arg(long, conflicts_with = "files")]
    pub(crate) batch: bool,
    /// Files to do instead; one JSON object out for each.
    #[arg(required_unless_present = "batch")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    #[command(flatten)]
    pub(crate) data: Data,
    /// JSON lines in on standard input, JSON lines out in the same order.
    #[arg(long, conflicts_with = "query")]
    pub(crate) batch: bool,
    /// What to search for; words with a hyphen before them (`-word`) after a `--`. The best 20 are told.
    #[arg(required_unless_present = "batch")]
    pub(crate) query: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object instead of lines.
    #[arg(long)]
    pub(crate) json: bool,
    /// Check every row and index of the store, however long it takes.
    #[arg(long)]
    pub(crate) thorough: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The form that is written.
    #[arg(long, value_enum, default_value = "jsonl")]
    pub(crate) format: ExportFormat,
    /// Only what stands in the list at this time or later: a day (2016-02-11, from its start in
    /// UTC) or a time with its offset.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<Timestamp>,
    /// Only what stands in the list before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Timestamp>,
    /// Only what this source brought: its id, address or name.
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Only what a search for these words finds; at most the 2,000 latest.
    #[arg(long, value_name = "WORDS")]
    pub(crate) query: Option<String>,
    /// Where it is written; a file appears when it is whole. - is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) out: PathBuf,
    /// Only what any reader may see: no private sources.
    #[arg(long)]
    pub(crate) public: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object a line, with everything the wire knows of an item.
    Jsonl,
    /// A table for spreadsheets.
    Csv,
    /// An Atom feed with whole texts.
    Atom,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a configuration file with every key, what it is for and its default.
    Show,
    /// Check a configuration file; print what holds and where each value comes from.
    Check(CheckConfig),
}

#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// The file; by default the one that `depeche run` would read.
    pub(crate) file: Option<PathBuf>,
    /// Flags of `depeche run` to check together with it.
    #[arg(last = true, value_name = "FLAGS", allow_hyphen_values = true)]
    pub(crate) flags: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// The shells that completions are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write the page of every command into this folder instead.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Reference {
    /// Write commands.md and configuration.md into this folder instead.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What may stand in a `User-Agent` as an address: one word of plain letters.
fn contact(text: &str) -> Result<String, String> {
    let text = text.trim();
    let sayable = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()\\;\"".contains(&byte));
    match sayable && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => {
            Err("give a page (https://news.example.org/robot) or an e-mail address".to_owned())
        }
    }
}

/// A day, from its start in UTC, or a time with its offset.
fn time(text: &str) -> Result<Timestamp, String> {
    let moment = depeche_news::Moment::parse(text);
    moment
        .map(|moment| moment.sort_key())
        .ok_or_else(|| "give a day as 2016-02-11 or a time as 2016-02-11T16:41:00+01:00".to_owned())
}

/// A zone as the zone tables call it.
fn zone(text: &str) -> Result<String, String> {
    let found = TimeZone::get(text.trim()).ok();
    let name = found.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
    name.ok_or_else(|| {
        "no zone is called so; they are as Europe/Paris or America/Montreal".to_owned()
    })
}

fn zone_or_none(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Ok(String::new()) } else { zone(text) }
}
