//! `depeche import`: feed files, pages, folders, article lines and OPML files become news.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use depeche_formats::{Kind, opml, sniff};
use depeche_ingest::Ingest;
use depeche_news::{
    Delivery, DeliveryKind, SourceId, SourceVisibility, Validators, jiff::Timestamp,
};
use depeche_store::{NewSource, Recorded, SourceKind, Store};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::{
    arguments::Import,
    command::{open, source::of_outline},
    telling::{self, Advice},
    wire::indexer,
};

/// Largest file read as one document; archives come as formats of their own.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of a file that tell what it is.
const SNIFFED_BYTES: usize = 64 * 1024;

/// Problems of deliveries that the summary repeats.
const PROBLEMS_TOLD: usize = 50;

/// Article lines in one delivery: a transaction of some hundred items, a few megabytes at most.
const LINES_AT_ONCE: usize = 500;

/// Bytes of article lines in one delivery.
const LINES_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Folders below the given one that are looked into; deeper ones are a mistake or a loop.
const FOLDER_DEPTH_MAX: usize = 16;

/// How often a command looks whether the running wire has passed its last delivery.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Takes in the files; done when all of it can be searched.
pub(crate) fn import(import: &Import) -> anyhow::Result<()> {
    let store = open(&import.data.folder)?;
    let mut files = Vec::new();
    for given in &import.files {
        fs::metadata(given).map_err(|error| {
            Advice::error(
                format!("cannot read {}: {error}", given.display()),
                "give a file or folder that exists",
            )
        })?;
        gather(given, 0, &mut files)?;
    }
    let before = item_count(&store)?;
    let progress = bar(files.len() as u64);
    let mut intake = Intake { store: &store, name: import.source.clone(), ..Intake::new(&store) };
    for file in &files {
        intake.file(file)?;
        progress.inc(1);
    }
    progress.set_message("taking in");
    work_off(&store, intake.last_delivery)?;
    progress.finish_and_clear();
    if let Some(first) = intake.first_delivery {
        intake.problems.extend(store.delivery_problems(
            first,
            intake.last_delivery,
            PROBLEMS_TOLD,
        )?);
    }
    let summary = json!({
        "files": files.len(),
        "deliveries": intake.deliveries,
        "repeated": intake.repeated,
        "sources": intake.sources,
        "items": item_count(&store)?.saturating_sub(before),
        "problems": intake.problems,
    });
    telling::answer(&summary.to_string())?;
    if intake.deliveries + intake.repeated + intake.sources == 0 {
        anyhow::bail!("nothing was taken in: {}", intake.problems.join("; "));
    }
    Ok(())
}

fn item_count(store: &Store) -> anyhow::Result<usize> {
    let sources = store.sources(depeche_news::Viewer::Administrator, Timestamp::now())?;
    Ok(sources.iter().map(|source| source.items).sum())
}

fn bar(files: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files, {elapsed} {msg}");
    ProgressBar::new(files).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The files of a folder and of those in it, by name; hidden ones are passed over.
fn gather(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth > FOLDER_DEPTH_MAX || (depth > 0 && path.is_symlink()) {
        return Ok(());
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
    let mut inside: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    inside.retain(|path| {
        !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
    });
    inside.sort();
    inside.iter().try_for_each(|path| gather(path, depth + 1, files))
}

/// What goes in, file by file.
struct Intake<'s> {
    store: &'s Store,
    name: Option<String>,
    deliveries: usize,
    repeated: usize,
    sources: usize,
    first_delivery: Option<i64>,
    last_delivery: i64,
    problems: Vec<String>,
}

impl<'s> Intake<'s> {
    fn new(store: &'s Store) -> Self {
        Self {
            store,
            name: None,
            deliveries: 0,
            repeated: 0,
            sources: 0,
            first_delivery: None,
            last_delivery: 0,
            problems: Vec::new(),
        }
    }

    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let opened = opened(path).and_then(|mut reader| {
            let start = reader.fill_buf()?.to_vec();
            Ok((reader, start))
        });
        let (mut reader, start) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.pass_over("unreadable", path, &error.to_string()),
        };
        let stem = path
            .file_stem()
            .map_or_else(|| "import".into(), |stem| stem.to_string_lossy().into_owned());
        if sniff(&start) == Kind::ArticleLines {
            return self.lines(path, reader, &stem);
        }
        let mut bytes = Vec::new();
        if let Err(error) = reader.by_ref().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes) {
            return self.pass_over("unreadable", path, &error.to_string());
        }
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return self.pass_over("too_large", path, "more than 64 MiB in one document");
        }
        match sniff(&bytes) {
            Kind::Opml => self.outlines(path, &bytes),
            Kind::Feed => self.document(path, bytes, DeliveryKind::Feed, &stem),
            Kind::Page | Kind::Text => {
                let outlet = outlet(&bytes);
                self.document(path, bytes, DeliveryKind::Loose, &outlet)
            }
            Kind::ArticleLines => self.lines(path, bytes.as_slice(), &stem),
            Kind::Unknown => {
                self.pass_over("refused", path, "neither a feed, a page, text nor article lines")
            }
        }
    }

    /// Says of a file why nothing of it was taken; the others go on.
    fn pass_over(&mut self, word: &str, path: &Path, why: &str) -> anyhow::Result<()> {
        self.problems.push(format!("{word}: {}: {why}", path.display()));
        Ok(())
    }

    fn document(
        &mut self,
        path: &Path,
        bytes: Vec<u8>,
        kind: DeliveryKind,
        name: &str,
    ) -> anyhow::Result<()> {
        let name = self.name.clone().unwrap_or_else(|| name.to_owned());
        let source = self.source(&name)?;
        self.deliver(source, kind, absolute(path), bytes)
    }

    /// Article lines go in by source, in pieces that a transaction holds well, as they are read.
    fn lines(&mut self, path: &Path, mut reader: impl BufRead, stem: &str) -> anyhow::Result<()> {
        let mut piece = String::new();
        let (mut held, mut name, mut pieces) = (0, String::new(), 0);
        let file = absolute(path);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            match reader.by_ref().take(LINES_BYTES_MAX as u64).read_until(b'\n', &mut bytes) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.pass_over("incomplete", path, &error.to_string())?;
                    break;
                }
            }
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let source = self.name.clone().unwrap_or_else(|| source_of(line, stem));
            if held == LINES_AT_ONCE
                || piece.len() > LINES_BYTES_MAX
                || (held > 0 && source != name)
            {
                self.piece(&name, format!("{file}#{pieces}"), std::mem::take(&mut piece))?;
                (held, pieces) = (0, pieces + 1);
            }
            name = source;
            piece.push_str(line);
            piece.push('\n');
            held += 1;
        }
        if held > 0 { self.piece(&name, format!("{file}#{pieces}"), piece) } else { Ok(()) }
    }

    fn piece(&mut self, name: &str, address: String, piece: String) -> anyhow::Result<()> {
        let source = self.source(name)?;
        self.deliver(source, DeliveryKind::Lines, address, piece.into_bytes())
    }

    /// The source that files of this name are kept under.
    fn source(&mut self, name: &str) -> anyhow::Result<SourceId> {
        let new = NewSource {
            address: format!("file:{name}"),
            name: Some(name.to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Files,
        };
        Ok(self.store.add_source(new, Timestamp::now()).wait()?.0)
    }

    fn deliver(
        &mut self,
        source: SourceId,
        kind: DeliveryKind,
        address: String,
        body: Vec<u8>,
    ) -> anyhow::Result<()> {
        let delivery = Delivery {
            source,
            kind,
            address,
            headers: Vec::new(),
            body,
            received_at: Timestamp::now(),
            backfill: true,
            validators: Validators::default(),
        };
        match self.store.record(delivery).wait()? {
            Recorded::New(id) => {
                self.first_delivery.get_or_insert(id);
                self.last_delivery = id;
                self.deliveries += 1;
            }
            Recorded::Repeated(id) => {
                // It may still wait to be read, after an import that was interrupted.
                self.last_delivery = self.last_delivery.max(id);
                self.repeated += 1;
            }
        }
        Ok(())
    }

    fn outlines(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let read = opml::read(bytes);
        self.problems
            .extend(read.problems.iter().map(|problem| format!("{problem}: {}", path.display())));
        for outline in read.outlines {
            let new = match of_outline(outline) {
                Ok(new) => new,
                Err(why) => {
                    self.problems.push(format!("{why}: {}", path.display()));
                    continue;
                }
            };
            self.sources += usize::from(self.store.add_source(new, Timestamp::now()).wait()?.1);
        }
        Ok(())
    }
}

fn source_of(line: &str, otherwise: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let source = line
        .get("source")
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|source| !source.is_empty());
    source.unwrap_or(otherwise).to_owned()
}

/// What a file is called as the address of a delivery.
fn absolute(path: &Path) -> String {
    let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    format!("file:{}", full.display())
}

/// The outlet that a page names as its own; its pages are kept under that name.
fn outlet(page: &[u8]) -> String {
    let article = depeche_extract::any(page, &depeche_extract::Hints::default()).article;
    let host = || Some(url::Url::parse(article.address.as_deref()?).ok()?.host_str()?.to_owned());
    article.outlet.clone().or_else(host).unwrap_or_else(|| "import".to_owned())
}

/// A file to read, out of its gzip where it is one.
fn opened(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(SNIFFED_BYTES, fs::File::open(path)?);
    if !file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(file));
    }
    Ok(Box::new(BufReader::with_capacity(SNIFFED_BYTES, flate2::read::MultiGzDecoder::new(file))))
}

/// Takes the deliveries to the wire and the index, or waits until the running wire has.
fn work_off(store: &Store, last: i64) -> anyhow::Result<()> {
    // What the running wire waits for may never be over.
    let goes_on = || match store.troubled() {
        Some(trouble) => Err(depeche_store::Error::Resting(trouble)),
        None => Ok(()),
    };
    loop {
        goes_on()?;
        if let Some(mut ingest) = Ingest::start(store, Timestamp::now())? {
            while ingest.work(Timestamp::now(), || true)? > 0 {}
            break;
        }
        if store.pending_up_to(last)? == 0 {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    indexer::caught_up(store)
}
