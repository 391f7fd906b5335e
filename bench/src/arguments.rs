//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures what the path costs: CPU by the second, instructions, memory, bytes.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
pub(crate) struct Arguments {
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) only: Vec<Part>,
    /// Sizes of the wires; the largest is used where one is enough.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1000, 100_000])]
    pub(crate) articles: Vec<usize>,
    /// Articles a day, which decides how many the window of copies and stories holds.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(crate) a_day: usize,
    /// Live pages at once.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) connections: usize,
    /// Also fetch the feeds over a socket.
    #[arg(long)]
    pub(crate) socket: bool,
    /// Also count instructions, under valgrind.
    #[arg(long)]
    pub(crate) instructions: bool,
    /// Take the texts from the evaluation sets in this folder instead of making them up.
    #[arg(long, value_name = "DIR")]
    pub(crate) sets: Option<PathBuf>,
    /// Which texts are made up.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Make the wires in this folder and keep them; those that are there are used again.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Write the figures into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Measure so little that the figures mean nothing; for the tests.
    #[arg(long, hide = true)]
    pub(crate) quick: bool,
    #[command(subcommand)]
    pub(crate) own: Option<Own>,
}

/// The parts, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// From the bytes of feeds to the index, by stage.
    Ingest,
    /// Bytes an article by part.
    Space,
    /// Resident bytes of the program, and how long it takes to its first page.
    Memory,
    /// Queries, indexing, reopening.
    Search,
    /// How far search is behind the wire while the program runs.
    Lag,
    /// «Dernières infos», drawn and kept.
    Latest,
    /// Polls that bring nothing, or little.
    Poll,
    /// Live pages.
    Live,
    /// Reading feeds, beside another reader.
    Feeds,
    /// Taking stories from pages, beside another reader.
    Pages,
    /// Finding copies and stories, in a window of the largest size.
    Copies,
    /// An index of the largest size by itself: how fast it is made, its bytes, and what queries of every kind cost.
    Index,
}

impl Part {
    /// Those that need a large wire.
    pub(crate) const ON_A_WIRE: [Self; 7] = [
        Self::Ingest,
        Self::Space,
        Self::Memory,
        Self::Search,
        Self::Lag,
        Self::Latest,
        Self::Live,
    ];
}

/// What else it does; most of it is what it starts itself with.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Own {
    /// Serves the pages of a wire on a free port.
    #[command(hide = true)]
    Serve(Serve),
    /// Says the first pieces as JSON lines, to look at them.
    Text {
        #[arg(long, default_value_t = 10)]
        count: usize,
    },
    /// Writes a feed of each format into a folder.
    #[command(hide = true)]
    Feeds {
        folder: PathBuf,
        #[arg(long, default_value_t = 50)]
        items: usize,
    },
    /// Writes an invented archive (WARC) and measures its import: whole, killed on its way, and once more.
    Archive(Archive),
    /// Does a work so many times, to be counted from outside.
    #[command(hide = true)]
    Probe(Probe),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    pub(crate) folder: PathBuf,
    /// A file that is served as it is at `/bench/asset`, as gzip.
    #[arg(long)]
    pub(crate) asset: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Archive {
    /// Where it is written; it stays there.
    #[arg(value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Pages in it.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) count: usize,
    /// Bytes of each page that are not its text.
    #[arg(long, default_value_t = 20_000)]
    pub(crate) furniture_bytes: usize,
    /// One gzip member a record, as crawlers write them.
    #[arg(long)]
    pub(crate) gzip: bool,
    /// How often an import of it is killed before it may come to its end.
    #[arg(long, default_value_t = 3)]
    pub(crate) kills: u32,
    /// Only write it.
    #[arg(long)]
    pub(crate) only_write: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Probe {
    pub(crate) folder: PathBuf,
    #[arg(long, value_enum)]
    pub(crate) until: Until,
    #[arg(long)]
    pub(crate) times: usize,
}

/// How far a probe goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    /// Writes feeds.
    Written,
    /// And records them.
    Recorded,
    /// And works them off.
    Worked,
    /// And indexes them.
    Indexed,
    /// Moves the wire.
    Moved,
    /// Moves the wire and draws its page.
    Drawn,
    /// Searches.
    Searched,
}

impl Arguments {
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// What the texts are, in words.
    pub(crate) fn text(&self) -> String {
        match self.sets {
            Some(_) => "real texts, resampled by paragraph".to_owned(),
            None => format!("made up, seed {}", self.seed),
        }
    }

    /// So many repetitions, or a handful for the tests.
    pub(crate) fn times(&self, many: usize) -> usize {
        if self.quick { many.min(5) } else { many }
    }

    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = self.articles.clone();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}
