//! `depeche export`: what the wire holds, as JSON lines, a table or an Atom feed, item by item; and
//! `depeche source export`: whom it listens to, as an OPML list.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use depeche_formats::{atom, opml};
use depeche_news::{Article, SourceId, SourceVisibility, Viewer, is_web, jiff::Timestamp};
use depeche_search::{Order, Reader, Scope};
use depeche_store::{Exported, Notice, SourceKind, Store, Wanted};
use depeche_text::is_formula;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::{
    arguments::{Export, ExportFormat, ExportSources},
    command::{catalogue, open_existing, source::find},
    telling::{self, Advice},
    wire::indexer,
};

/// Hits of a search that are exported: as many as the index gives of one.
const HITS_MAX: usize = 2_000;

/// How often the terminal is told how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(200);

/// Writes out what is asked for.
pub(crate) fn export(asked: &Export) -> anyhow::Result<()> {
    let store = open_existing(&asked.data.folder)?;
    let source = asked.source.as_deref().map(|meant| find(&store, meant)).transpose()?;
    let wanted =
        Wanted { since: asked.since, until: asked.until, source: source.map(|source| source.id) };
    let viewer = if asked.public { Viewer::Reader } else { Viewer::Administrator };
    let mut out = Out::open(&asked.out)?;
    let written = write(&store, asked, viewer, &wanted, &mut out.writer);
    out.end(written, "item")
}

/// Writes the list of feeds that are listened to; private ones only when they are asked for.
pub(crate) fn sources(asked: &ExportSources) -> anyhow::Result<()> {
    let store = open_existing(&asked.data.folder)?;
    let mut folders = store.source_folders()?;
    let mut sources = store.sources(Viewer::Administrator, Timestamp::now())?;
    sources.retain(|source| {
        let may = asked.private || source.visibility == SourceVisibility::Shared;
        source.kind == SourceKind::Feed && may
    });
    let outlines: Vec<opml::Outline> = sources
        .into_iter()
        .map(|source| opml::Outline {
            folder: folders.remove(&source.id),
            title: source.name,
            feed: source.address,
            site: None,
            language: source.language,
        })
        .collect();
    let mut out = Out::open(&asked.out)?;
    let list = opml::write("Dépêche", &outlines);
    let written = out.writer.write_all(list.as_bytes()).and_then(|()| out.writer.flush());
    out.end(written.map(|()| Ok(outlines.len())), "source")
}

fn write(
    store: &Store,
    asked: &Export,
    viewer: Viewer,
    wanted: &Wanted,
    out: &mut impl Write,
) -> io::Result<anyhow::Result<usize>> {
    let now = Timestamp::now();
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(TOLD_EVERY);
    out.write_all(before(asked.format, now).as_bytes())?;
    let (mut count, mut failed) = (0, None);
    let mut each = |exported: Exported| {
        let written = out.write_all(one(asked.format, &exported, viewer).as_bytes());
        count += 1;
        if count % 100 == 0 {
            progress.set_message(format!("{count} items"));
        }
        failed = written.err();
        failed.is_none()
    };
    let read = match &asked.query {
        None => store.each_exported(viewer, now, wanted, &mut each).map_err(Into::into),
        Some(words) => each_found(store, viewer, wanted, words, &mut each),
    };
    if let Some(error) = failed {
        return Err(error);
    }
    progress.finish_and_clear();
    if asked.format == ExportFormat::Atom {
        out.write_all(atom::END.as_bytes())?;
    }
    out.flush()?;
    Ok(read.map(|()| count))
}

/// Calls `each` for what a search finds, the latest first.
fn each_found(
    store: &Store,
    viewer: Viewer,
    wanted: &Wanted,
    words: &str,
    each: &mut impl FnMut(Exported) -> bool,
) -> anyhow::Result<()> {
    let reader = Reader::open(&indexer::folder(store)).map_err(|error| {
        Advice::error(
            format!("cannot open the search index: {error}"),
            "it is made by `depeche run` or `depeche import` on the same --data folder",
        )
    })?;
    let sources: Vec<SourceId> = wanted.source.iter().cloned().collect();
    let scope = Scope {
        limit: HITS_MAX,
        order: Order::Recency,
        after: wanted.since,
        before: wanted.until,
        sources: &sources,
        ..Scope::new(viewer)
    };
    let found = reader.search(&catalogue::query(store, viewer, words)?, &scope)?;
    if found.total > found.hits.len() as u64 {
        telling::say(&format!(
            "note: {} items are found, the {} latest are written; --since and --until take them in parts",
            found.total,
            found.hits.len()
        ));
    }
    let now = Timestamp::now();
    for hit in found.hits {
        if let Some(exported) = store.exported(viewer, now, &hit.item)?
            && !each(exported)
        {
            break;
        }
    }
    Ok(())
}

/// Where it goes: standard output, or a file that appears when it is whole.
struct Out {
    writer: Box<dyn Write>,
    file: Option<(PathBuf, PathBuf)>,
}

impl Out {
    fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self { writer: Box::new(BufWriter::new(io::stdout())), file: None });
        }
        if fs::symlink_metadata(path).is_ok() {
            return Err(Advice::error(
                format!("{} is there already", path.display()),
                "--out makes a new file: give another name, or move that one away",
            ));
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let made = fs::File::create(&part).map_err(|error| {
            Advice::error(
                format!("cannot write {}: {error}", part.display()),
                "--out names a file in a folder that is there and may be written to",
            )
        })?;
        Ok(Self { writer: Box::new(BufWriter::new(made)), file: Some((part, path.to_owned())) })
    }

    /// Puts the file in its place, or takes the half of one away.
    fn end(self, written: io::Result<anyhow::Result<usize>>, what: &str) -> anyhow::Result<()> {
        let Self { writer, file } = self;
        drop(writer);
        let Some((part, path)) = file else {
            return match written {
                // Whoever reads us has seen enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written.context("cannot write to standard output")?.map(|_| ()),
            };
        };
        let written = written.with_context(|| format!("cannot write {}", part.display()));
        let placed = written.and_then(|written| written).and_then(|count| {
            fs::rename(&part, &path)
                .with_context(|| format!("cannot put {} in its place", path.display()))?;
            Ok(count)
        });
        match placed {
            Ok(count) => {
                let several = if count == 1 { "" } else { "s" };
                telling::say(&format!("{count} {what}{several} written to {}", path.display()));
                Ok(())
            }
            Err(error) => {
                let _ = fs::remove_file(&part);
                Err(error)
            }
        }
    }
}

/// What stands before the items.
fn before(format: ExportFormat, now: Timestamp) -> String {
    match format {
        ExportFormat::Jsonl => String::new(),
        ExportFormat::Csv => row(&COLUMNS.map(str::to_owned)),
        ExportFormat::Atom => {
            atom::head(&atom::Head { id: "urn:depeche:export", title: "Dépêche", updated: now })
        }
    }
}

fn one(format: ExportFormat, exported: &Exported, viewer: Viewer) -> String {
    match format {
        ExportFormat::Jsonl => format!("{}\n", told(object(exported, viewer), viewer)),
        ExportFormat::Csv => row(&cells(exported, viewer)),
        ExportFormat::Atom => atom_of(exported),
    }
}

/// Everything the wire knows of an item. What only the administrator needs (the address a source is
/// asked at, which may hold a key) is left out for readers.
fn object(exported: &Exported, viewer: Viewer) -> Value {
    let item = exported.item.as_ref();
    let article = item.map(|item| &item.article);
    let administrator = viewer == Viewer::Administrator;
    let versions: Vec<Value> = exported
        .versions
        .iter()
        .map(|version| {
            json!({
                "number": version.number,
                "received_at": version.received_at,
                "version": version.version,
                "signal": version.signal,
                "headline": version.headline,
            })
        })
        .collect();
    json!({
        "id": exported.id,
        "guid": item.and_then(|item| item.guid.as_ref()),
        "external": exported.external,
        "address": item.and_then(|item| item.address.as_ref()).filter(|address| administrator || is_web(address)),
        "source": {
            "id": exported.source.id,
            "name": exported.source.name,
            "address": administrator.then_some(&exported.source_address),
            "visibility": exported.visibility,
        },
        "dispatch": exported.dispatch,
        "story": exported.story,
        "relation": exported.relation,
        "related_to": exported.related_to,
        "at": exported.at,
        "wire_at": exported.wire_at,
        "corrected_at": exported.corrected_at,
        "teaser_only": exported.teaser_only,
        "status": item.map(|item| item.status),
        "signal": item.and_then(|item| item.signal),
        "urgency": item.and_then(|item| item.urgency),
        "version": item.and_then(|item| item.version.as_ref()),
        "text": article.map(Article::text),
        "article": article,
        "desk": item.map(|item| &item.desk).filter(|desk| !desk.is_empty()),
        "versions": versions,
        "notice": exported.notice.as_ref().map(notice),
    })
}

/// Fields that hold an address.
const ADDRESSES: [&str; 4] = ["address", "guid", "external", "href"];

/// Without the addresses that tell readers where on this machine a file lay.
fn told(mut object: Value, viewer: Viewer) -> Value {
    let mut within = match viewer {
        Viewer::Administrator => Vec::new(),
        _ => vec![&mut object],
    };
    while let Some(value) = within.pop() {
        match value {
            Value::Array(values) => within.extend(values),
            Value::Object(fields) => within.extend(fields.iter_mut().map(|(field, value)| {
                let local = ["file:", "folder:"];
                let is_local = |text: &str| local.iter().any(|scheme| text.starts_with(scheme));
                if ADDRESSES.contains(&field.as_str()) && value.as_str().is_some_and(is_local) {
                    *value = Value::Null;
                }
                value
            })),
            _ => {}
        }
    }
    object
}

fn notice(notice: &Notice) -> Value {
    match notice {
        Notice::Killed { at } => json!({ "kind": "killed", "at": at }),
        Notice::Removed { at, reason } => json!({ "kind": "removed", "at": at, "reason": reason }),
    }
}

/// The columns of the table.
const COLUMNS: [&str; 18] = [
    "id",
    "at",
    "published",
    "headline",
    "credit",
    "standfirst",
    "text",
    "authors",
    "source",
    "section",
    "language",
    "keywords",
    "address",
    "dispatch",
    "story",
    "relation",
    "versions",
    "notice",
];

fn cells(exported: &Exported, viewer: Viewer) -> [String; COLUMNS.len()] {
    let nothing = Article::default();
    let item = exported.item.as_ref();
    let article = item.map_or(&nothing, |item| &item.article);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let notice = match &exported.notice {
        None => "",
        Some(Notice::Killed { .. }) => "killed",
        Some(Notice::Removed { .. }) => "removed",
    };
    [
        exported.id.to_string(),
        exported.at.to_string(),
        article.published.map(|published| published.to_string()).unwrap_or_default(),
        article.headline.clone(),
        text(&article.credit),
        text(&article.standfirst),
        article.text(),
        article.authors.join("; "),
        exported.source.name.clone(),
        text(&article.section),
        text(&article.language),
        article.keywords.join("; "),
        item.and_then(|item| item.address.clone())
            .filter(|address| viewer == Viewer::Administrator || is_web(address))
            .unwrap_or_default(),
        exported.dispatch.to_string(),
        exported.story.to_string(),
        exported.relation.clone(),
        exported.versions.len().to_string(),
        notice.to_owned(),
    ]
}

/// One row as RFC 4180 has it.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

/// A cell; a headline is not ours, and an apostrophe before what begins like a formula makes it text.
fn quoted(cell: &str) -> String {
    let shown = telling::shown(cell);
    let guarded = if is_formula(cell) { format!("'{shown}") } else { shown.into_owned() };
    if guarded.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

fn atom_of(exported: &Exported) -> String {
    let id = format!("urn:depeche:item:{}", exported.id);
    let Some(item) = &exported.item else {
        let (Some(Notice::Killed { at }) | Some(Notice::Removed { at, .. })) = &exported.notice
        else {
            return String::new();
        };
        return atom::tombstone(&id, *at);
    };
    let latest = exported.versions.first().map_or(exported.wire_at, |version| version.received_at);
    atom::entry(&atom::Written {
        id: &id,
        article: &item.article,
        // A path of this machine is no address of an entry, for whomever.
        address: item.address.as_deref().filter(|address| is_web(address)),
        outlet: &exported.source.name,
        updated: latest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, expected: &str) {
        assert_eq!(quoted(cell), expected);
    }

    #[test]
    fn cells_are_text_whatever_they_begin_with() {
        check("a\u{1b}]0;b\u{202e}", "a\\u001b]0;b\\u202e");
        check("Otan", "Otan");
        check("", "");
        check("=1+1", "'=1+1");
        check(" =1", "' =1");
        check("+33", "'+33");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("a,b", "\"a,b\"");
        check("il a dit \"non\"", "\"il a dit \"\"non\"\"\"");
        check("=cmd|' /C calc'!A0,\"x\"", "\"'=cmd|' /C calc'!A0,\"\"x\"\"\"");
        check("deux\nlignes", "\"deux\nlignes\"");
        check("1 - 1", "1 - 1");
    }
}
