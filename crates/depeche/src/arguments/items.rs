//! The arguments of `items`: what the wire holds, take-downs, and what editors say.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Data;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Items {
    /// The data folder.
    #[arg(long = "data", value_name = "DIR", env = "DEPECHE_DATA", required = true)]
    pub(crate) folder: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<ItemsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ItemsCommand {
    /// List what the wire holds, as JSON lines.
    List(Data),
    /// Take items down for good: their text, pages and index entries go, a dated notice stays.
    Remove(RemoveItems),
    /// Say that an item is no copy: it becomes a dispatch of its own, in the same story.
    Apart(OneItem),
    /// Say that an item is a copy of another; what was held to be copies of it comes along.
    Together(TwoItems),
    /// Say that an item's story is that of another item.
    SameStory(TwoItems),
    /// Say that an item's dispatch is about something else: it becomes a story of its own.
    OtherStory(OneItem),
    /// List what was said of items, the latest first, as JSON lines.
    Decisions(Data),
    /// Give back what was before one of these decisions.
    Undo(UndoDecision),
}

#[derive(Debug, Args)]
pub(crate) struct OneItem {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, as `depeche items` lists it.
    #[arg(value_name = "ID")]
    pub(crate) item: String,
}

#[derive(Debug, Args)]
pub(crate) struct TwoItems {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its id, as `depeche items` lists it.
    #[arg(value_name = "ID")]
    pub(crate) item: String,
    /// The id of the item it belongs with.
    #[arg(value_name = "OTHER")]
    pub(crate) other: String,
}

#[derive(Debug, Args)]
pub(crate) struct UndoDecision {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its number, as `depeche items decisions` lists it.
    #[arg(value_name = "NUMBER")]
    pub(crate) number: i64,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveItems {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Their ids, as `depeche items` lists them.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Why; readers are told it in the item's place.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Take down all copies of their dispatches as well.
    #[arg(long)]
    pub(crate) whole_dispatch: bool,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
}
