//! `depeche import`: archives, mailboxes, feed files, pages, folders, article lines and OPML files become news.
//!
//! A file is read as a stream: what is read is recorded, delivery by delivery, each with the place of the file it
//! came from, and taken in beside the reading, which waits when too much of it is waiting. So memory is bounded
//! whatever the file, what was read is on the wire when an import is interrupted, and the same command goes on
//! where it was.

mod alongside;
mod archive;
mod documents;
mod files;
mod intake;
mod lines;
mod mailbox;
mod progress;

use anyhow::bail;
use depeche_store::Store;
use serde_json::json;

use crate::{
    arguments::Import,
    command::open,
    service::{self, Manager, Stop},
    telling::{self, Advice},
    wire::indexer,
};

use self::{alongside::Alongside, files::Found, intake::Intake, progress::Progress};

/// Problems of deliveries that the summary repeats.
const PROBLEMS_TOLD: usize = 50;

/// What to give instead of what was not taken.
const TAKEN: &str = "give feeds, agency messages, pages, texts, mail (mbox, eml), web archives (WARC, ARC), article lines \
                     or OPML lists, or folders of them, as they are or gzip";

/// Takes in the files; done when all of it can be searched.
pub(crate) fn import(import: &Import) -> anyhow::Result<()> {
    let store = open(&import.data.folder)?;
    let (files, passed) = files::found(&import.files)?;
    let stop = service::stop_on_signals(Manager::default())?;
    let mut progress = Progress::new(&store, files.iter().map(|file| file.bytes).sum())?;
    let intake = Alongside::run(&store, |alongside| {
        let mut intake =
            Intake::new(&store, alongside, &stop, &mut progress, import.source.as_deref())?;
        passed.iter().for_each(|(folder, why)| intake.pass_over("passed_over", folder, why));
        files.iter().try_for_each(|file| intake.file(&file.path))?;
        intake.taken_in()?;
        Ok(intake.told)
    })?;
    if !stop.is_told() {
        indexer::caught_up(&store)?;
    }
    progress.end();
    summary(&store, &files, intake, progress.items()?, &stop)
}

fn summary(
    store: &Store,
    files: &[Found],
    mut told: intake::Told,
    items: usize,
    stop: &Stop,
) -> anyhow::Result<()> {
    if let Some(first) = told.first_delivery {
        told.problems.extend(store.delivery_problems(first, told.last_delivery, PROBLEMS_TOLD)?);
    }
    let summary = json!({
        "files": files.len(),
        "deliveries": told.deliveries,
        "repeated": told.repeated,
        "sources": told.sources,
        "records": told.units,
        "passed_over": told.passed,
        "items": items,
        "problems": told.problems,
        "interrupted": stop.is_told(),
    });
    telling::answer(&summary.to_string())?;
    if stop.is_told() {
        return Err(Advice::interrupted(
            "interrupted: what was read is kept",
            "the same command goes on where this one was",
        ));
    }
    if told.deliveries + told.repeated + told.sources == 0 && told.passed.is_empty() {
        if files.is_empty() && told.problems.is_empty() {
            told.problems.push("there is no file in what was given".to_owned());
        }
        let what = format!("nothing was taken in: {}", told.problems.join("; "));
        bail!(Advice::error(what, TAKEN));
    }
    Ok(())
}
