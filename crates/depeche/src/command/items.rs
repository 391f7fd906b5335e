//! `depeche items`: what the wire holds, as JSON lines, the take-down of some of it, and what editors say of it.

mod decisions;

use std::{
    io::{BufRead, IsTerminal, Write},
    path::Path,
    time::{Duration, Instant},
};

use depeche_ingest::cut;
use depeche_news::{ItemId, Viewer, jiff::Timestamp};
use depeche_search::Reader;
use depeche_store::{ItemLine, Store};
use serde_json::json;

use crate::{
    arguments::{Items, ItemsCommand, RemoveItems},
    command::open_existing,
    telling::{self, Advice},
    wire::indexer::{self, Indexer},
};

/// How long the running indexer is waited for; it needs seconds unless it is filling the index.
const INDEX_WITHIN: Duration = Duration::from_secs(60);

/// How often it is looked whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Runs one of the items commands; by itself it lists.
pub(crate) fn items(items: &Items) -> anyhow::Result<()> {
    match (&items.command, &items.folder) {
        (Some(ItemsCommand::Remove(given)), _) => remove(given),
        (Some(ItemsCommand::List(data)), _) => list(&data.folder),
        (Some(said), _) => decisions::run(said),
        (None, Some(folder)) => list(folder),
        (None, None) => Err(Advice::error("no data folder was given", "name it with --data DIR")),
    }
}

/// Lists every item, oldest on the wire first; then what agencies hold back for now.
fn list(folder: &Path) -> anyhow::Result<()> {
    let store = open_existing(folder)?;
    let (now, mut told) = (Timestamp::now(), Ok(()));
    let mut tell = |item: ItemLine| {
        if told.is_ok() {
            told = serde_json::to_string(&item)
                .map_err(Into::into)
                .and_then(|line| telling::answer(&line));
        }
    };
    store.each_item(Viewer::Administrator, now, &mut tell)?;
    store.each_held(Viewer::Administrator, now, &mut tell)?;
    told
}

/// Takes items down.
fn remove(given: &RemoveItems) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let reason = given.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Advice::error(
            "a reason is missing",
            "readers are told it in the item's place: --reason \"Jugement du 9 mai 2026\"",
        ));
    }
    let ids = meant(&store, given)?;
    for id in &ids {
        telling::say(&format!("  {}", described(&store, id)?));
    }
    if !given.yes && !confirmed(ids.len())? {
        return Err(Advice::error(
            "nothing was removed",
            "answer yes, or give --yes where nobody can be asked",
        ));
    }
    let taken = store.take_down(ids.clone(), reason, cut, Timestamp::now()).wait()?;
    let log_emptied = store.scrub()?;
    let index_purged = out_of_index(&store, &ids)?;
    let answer = json!({
        "items": ids,
        "removed": taken.items,
        "documents": taken.documents,
        "pages": taken.pages,
        "log_emptied": log_emptied,
        "index_purged": index_purged,
    });
    telling::answer(&answer.to_string())?;
    if !(log_emptied && index_purged) {
        telling::say(
            "note: readers do not find it any more, but a running process still holds old files; \
             run the same command again to have them emptied",
        );
    }
    Ok(())
}

/// The items that are meant, each once.
fn meant(store: &Store, given: &RemoveItems) -> anyhow::Result<Vec<ItemId>> {
    let mut meant = Vec::new();
    for text in &given.ids {
        let id = ItemId::parse(text.trim());
        let known = id.as_ref().map(|id| store.known(std::slice::from_ref(id))).transpose()?;
        let Some((id, known)) = known.and_then(|known| known.into_iter().next()) else {
            return Err(Advice::error(
                format!("there is no item `{text}`; nothing was removed"),
                "`depeche items` lists their ids; it is the part after /article/ or /depeche/ of a page's address",
            ));
        };
        match given.whole_dispatch {
            true => meant.extend(store.items_of_dispatch(&known.dispatch)?),
            false => meant.push(id),
        }
    }
    meant.sort();
    meant.dedup();
    Ok(meant)
}

fn described(store: &Store, id: &ItemId) -> anyhow::Result<String> {
    let view = store.article(Viewer::Administrator, Timestamp::now(), id)?;
    Ok(match view {
        Some(view) if view.notice.is_some() => {
            format!("{id}  {}: a notice stands in its place", view.source.name)
        }
        Some(view) => format!("{id}  {}: {}", view.source.name, view.article.headline),
        None => match store.held_article(Viewer::Administrator, Timestamp::now(), id)? {
            Some(held) => {
                format!(
                    "{id}  {}: {} (held back)",
                    held.view.source.name, held.view.article.headline
                )
            }
            None => format!("{id}  not on the wire"),
        },
    })
}

/// Asks whoever sits at the terminal; false where nobody does.
fn confirmed(items: usize) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut terminal = std::io::stderr();
    write!(terminal, "Remove {items} for good? Their text cannot be brought back. [yes/no] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "o" | "oui"))
}

/// Takes items out of the index, or waits until the process that indexes has; false when it has not in time.
fn out_of_index(store: &Store, ids: &[ItemId]) -> anyhow::Result<bool> {
    let folder = indexer::folder(store);
    if !folder.exists() {
        return Ok(true);
    }
    let (seq, began) = (store.cursor()?.seq, Instant::now());
    while began.elapsed() < INDEX_WITHIN {
        if let Some(mut indexer) = Indexer::start(store)? {
            indexer.catch_up()?;
            return Ok(true);
        }
        if let Ok(reader) = Reader::open(&folder)
            && reader.cursor().is_some_and(|cursor| cursor.seq >= seq)
            && !holds(&reader, ids)?
        {
            return Ok(true);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(false)
}

fn holds(reader: &Reader, ids: &[ItemId]) -> anyhow::Result<bool> {
    for id in ids {
        if reader.still_holds(id)? {
            return Ok(true);
        }
    }
    Ok(false)
}
