//! `read`, `group` and `search`, on files or as a batch.

use depeche_news::{Viewer, jiff::Timestamp};
use depeche_search::{Order, Reader, Scope};
use depeche_store::Store;
use serde_json::{Value, json};

use crate::{
    arguments::{Batch, Search},
    batch, command,
    command::{catalogue, unreadable},
    telling,
    telling::Advice,
    wire::indexer,
};

/// Hits that a search without --batch prints.
const HITS: usize = 20;

/// Reads feeds and agency messages.
pub(crate) fn read(input: &Batch) -> anyhow::Result<()> {
    each(input, batch::read::answer)
}

/// Groups article lines; a file is such lines, not one article.
pub(crate) fn group(input: &Batch) -> anyhow::Result<()> {
    let mut grouper = batch::group::Group::new();
    if input.batch {
        return batch::run(|line| grouper.answer(line));
    }
    for path in &input.files {
        let lines = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            telling::answer(
                &batch::answered(line, &mut |line: &str| grouper.answer(line)).to_string(),
            )?;
        }
    }
    Ok(())
}

/// Answers the batch, or each file as the batch would.
fn each(input: &Batch, mut answer: impl FnMut(&str) -> Value) -> anyhow::Result<()> {
    if input.batch {
        return batch::run(answer);
    }
    for path in &input.files {
        if let Err(error) = std::fs::metadata(path) {
            return Err(unreadable(path, &error));
        }
        let line =
            json!({ "id": path.to_string_lossy(), "path": path.to_string_lossy() }).to_string();
        telling::answer(&batch::answered(&line, &mut answer).to_string())?;
    }
    Ok(())
}

/// Searches the wire of a data folder.
pub(crate) fn search(search: &Search) -> anyhow::Result<()> {
    let store = command::open_existing(&search.data.folder)?;
    let reader = Reader::open(&indexer::folder(&store)).map_err(|error| {
        Advice::error(
            format!("cannot open the search index: {error}"),
            "it is made by `depeche run` or `depeche import` on the same --data folder",
        )
    })?;
    if search.batch {
        return batch::run(|line| batch::search::answer(&reader, line));
    }
    print_hits(&store, &reader, &search.query.join(" "))
}

fn print_hits(store: &Store, reader: &Reader, words: &str) -> anyhow::Result<()> {
    let scope = Scope { limit: HITS, order: Order::Mixed, ..Scope::new(Viewer::Administrator) };
    let query = catalogue::query(store, Viewer::Administrator, words)?;
    let hits = reader.search(&query, &scope)?;
    for hit in hits.hits {
        let Some(view) = store.article(Viewer::Administrator, Timestamp::now(), &hit.item)? else {
            continue;
        };
        let line = json!({
            "id": hit.item,
            "headline": view.article.headline,
            "source": view.source.name,
            "address": view.address,
            "at": view.at,
            "score": hit.score,
        });
        telling::answer(&line.to_string())?;
    }
    Ok(())
}
