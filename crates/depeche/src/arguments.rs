//! The command line, as one definition.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use depeche_outbound::Allowance;

/// Dépêche, a self-hosted news wire: from feeds and pages to one live, searchable wire.
#[derive(Debug, Parser)]
#[command(name = "depeche", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Say more: -v for each delivery, -vv for each step.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
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
    /// List what the wire holds, as JSON lines.
    Items(Data),
    /// Tell what takes how much of the data folder.
    Space(ListSpace),
    /// Take in feed files, pages, folders, article lines or OPML files.
    Import(Import),
    /// Take the story out of a page.
    Extract(Batch),
    /// Read a feed or an agency message.
    Read(Batch),
    /// Find the copies of one dispatch and the dispatches of one story.
    Group(Batch),
    /// Search the wire.
    Search(Search),
}

/// Where the wire is kept.
#[derive(Clone, Debug, Args)]
pub(crate) struct Data {
    /// The data folder; made if missing.
    #[arg(long = "data", value_name = "DIR", env = "DEPECHE_DATA")]
    pub(crate) folder: PathBuf,
}

/// What may be asked besides the public internet.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Allowed {
    /// Private addresses that may be fetched, as 10.0.0.0/8, 192.168.1.7 or 127.0.0.1:8080;
    /// refused otherwise. May be given several times.
    #[arg(long = "allow-address", value_name = "CIDR[:PORT]")]
    pub(crate) addresses: Vec<Allowance>,
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
    /// Do only one half of the work; the other half may run in another process on the same folder.
    #[arg(long, value_enum)]
    pub(crate) only: Option<Half>,
    /// Ask every source at this interval instead of by how often it has news.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) poll_every: Option<u32>,
    /// The readers' time zone.
    #[arg(long, value_name = "ZONE", default_value = "Europe/Paris")]
    pub(crate) zone: String,
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
    /// Ask an address what it is, without listening to it.
    Test(TestSource),
}

#[derive(Debug, Args)]
pub(crate) struct AddSource {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The address of its feed.
    pub(crate) address: String,
    /// Its name; by default what its feed calls itself.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its language, as fr or en.
    #[arg(long)]
    pub(crate) language: Option<String>,
    /// Show its items to the administrator only.
    #[arg(long)]
    pub(crate) private: bool,
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
pub(crate) struct TestSource {
    #[command(flatten)]
    pub(crate) allowed: Allowed,
    /// The address to ask.
    pub(crate) address: String,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Files or folders: feeds, agency messages, pages or their plain text, article lines
    /// (JSON), OPML; each may be gzip.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The name of the source they are kept under.
    #[arg(long)]
    pub(crate) source: Option<String>,
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
    /// What to search for.
    #[arg(required_unless_present = "batch")]
    pub(crate) query: Vec<String>,
}
