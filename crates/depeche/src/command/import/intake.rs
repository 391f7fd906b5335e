//! What goes into the store: deliveries with the place of the file they are from, in order, at the pace at which
//! they are taken in.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs,
    io::BufRead,
    path::Path,
    sync::atomic::Ordering,
};

use depeche_news::{
    Delivery, DeliveryKind, Problem, SourceId, SourceVisibility, Validators, jiff::Timestamp,
    limits::archives::IMPORT_PROBLEMS_MAX,
};
use depeche_store::{Chain, ImportedFile, Mark, NewSource, Receipt, Recorded, SourceKind, Store};

use super::{
    alongside::Alongside,
    files::{Form, Opened},
    progress::Progress,
};
use crate::service::Stop;

/// Deliveries handed to the store that are not on disk yet: a commit holds many.
const UNACKNOWLEDGED_MAX: usize = 32;

/// What came of an import so far.
#[derive(Default)]
pub(super) struct Told {
    pub(super) deliveries: usize,
    pub(super) repeated: usize,
    pub(super) sources: usize,
    /// Records of archives, messages of mailboxes, article lines and documents that were read.
    pub(super) units: u64,
    /// Records that hold no news, by why they were passed over.
    pub(super) passed: BTreeMap<&'static str, usize>,
    pub(super) first_delivery: Option<i64>,
    pub(super) last_delivery: i64,
    pub(super) problems: Vec<String>,
    problems_more: usize,
}

/// What goes in, file by file.
pub(super) struct Intake<'i, 's> {
    pub(super) store: &'s Store,
    alongside: &'i Alongside<'s>,
    stop: &'i Stop,
    pub(super) progress: &'i mut Progress<'s>,
    /// The name of the source that all is kept under.
    pub(super) name: Option<&'i str>,
    known: HashMap<String, SourceId>,
    unacknowledged: VecDeque<Receipt<Recorded>>,
    /// A place of a file stands for all that was read before it: after a write that failed, none is tried.
    chain: Chain,
    pub(super) told: Told,
}

/// The file that is being read.
pub(super) struct Reading<'p> {
    pub(super) path: &'p Path,
    /// What it is called as the address of a delivery.
    pub(super) address: String,
    pub(super) file: ImportedFile,
    /// How far it was read when this import began; and how far it is now.
    pub(super) before: Mark,
    pub(super) mark: Mark,
}

impl<'i, 's> Intake<'i, 's> {
    pub(super) fn new(
        store: &'s Store,
        alongside: &'i Alongside<'s>,
        stop: &'i Stop,
        progress: &'i mut Progress<'s>,
        name: Option<&'i str>,
    ) -> anyhow::Result<Self> {
        let (known, unacknowledged, chain, mut told): (_, _, _, Told) = Default::default();
        // What an interrupted import has read waits to be taken in too.
        told.last_delivery = store.last_delivery()?;
        Ok(Self { store, alongside, stop, progress, name, known, unacknowledged, chain, told })
    }

    /// Whether reading stops here: the person at the terminal wants it.
    pub(super) fn stops(&self) -> bool {
        self.stop.is_told()
    }

    /// Takes in one file, whatever it is; goes on where an earlier import was interrupted.
    pub(super) fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        if self.stops() {
            return Ok(());
        }
        let opened = Opened::open(path, &self.progress.read)
            .and_then(|mut opened| Ok((opened.digest()?, opened)));
        let (digest, opened) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.pass_over("unreadable", path, &error.to_string());
                return Ok(());
            }
        };
        let address = absolute(path);
        let source = self.name.unwrap_or_default().to_owned();
        let file = ImportedFile { digest, source, path: address.clone() };
        let before = self.store.imported(&file)?;
        if let Some(before) = before.as_ref().filter(|before| before.done_at.is_some()) {
            if before.path != address {
                let why = format!("the same bytes were taken in as {}", before.path);
                self.pass_over("repeated", path, &why);
            }
            self.told.repeated += 1;
            let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
            self.progress.read.fetch_add(bytes, Ordering::Relaxed);
            return Ok(());
        }
        let before = before.map(|before| before.mark).unwrap_or_default();
        let mut reading = Reading { path, address, file, before, mark: before };
        let whole = match opened.form {
            Form::Archive => self.archive(&mut reading, opened)?,
            Form::Mbox => self.mailbox(&mut reading, opened)?,
            Form::Lines => self.lines(&mut reading, opened)?,
            Form::Document => self.document(&mut reading, opened)?,
        };
        self.acknowledge(0)?;
        if whole {
            self.store.file_done(&reading.file, reading.mark, Timestamp::now()).wait()?;
        }
        Ok(())
    }

    /// Reads a file piece by piece and hands each to `take`, which takes all of it or stops; false where the
    /// person at the terminal wants it to stop. A file that breaks off is read as far as it goes.
    pub(super) fn pieces<'p>(
        &mut self,
        reading: &mut Reading<'p>,
        mut file: impl BufRead,
        mut take: impl FnMut(&mut Self, &mut Reading<'p>, &mut &[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<bool> {
        loop {
            let mut piece = match file.fill_buf() {
                Ok([]) => return Ok(true),
                Ok(piece) => piece,
                Err(error) => {
                    self.pass_over("incomplete", reading.path, &error.to_string());
                    return Ok(true);
                }
            };
            let bytes = piece.len();
            take(self, reading, &mut piece)?;
            if self.stops() {
                return Ok(false);
            }
            file.consume(bytes);
        }
    }

    /// Waits until all that was read is on the wire, or until the person at the terminal wants no more.
    pub(super) fn taken_in(&mut self) -> anyhow::Result<()> {
        self.acknowledge(0)?;
        let (stop, units, progress) = (self.stop, self.told.units, &mut *self.progress);
        self.alongside.wait(self.told.last_delivery, 0, |waiting| {
            progress.tell(units, Some(waiting));
            !stop.is_told()
        })
    }

    /// Says of a file why nothing of it was taken; the others go on.
    pub(super) fn pass_over(&mut self, word: &str, path: &Path, why: &str) {
        self.problem(format!("{word}: {}: {why}", path.display()));
    }

    /// Says of a file what of it could not be read.
    pub(super) fn problems(&mut self, path: &Path, problems: Vec<Problem>) {
        for problem in problems {
            self.problem(format!("{problem}: {}", path.display()));
        }
    }

    fn problem(&mut self, told: String) {
        let told_all = &mut self.told.problems;
        if told_all.len() < IMPORT_PROBLEMS_MAX {
            return told_all.push(told);
        }
        self.told.problems_more += 1;
        let more = format!("and {} more", self.told.problems_more);
        match self.told.problems.get_mut(IMPORT_PROBLEMS_MAX) {
            Some(line) => *line = more,
            None => self.told.problems.push(more),
        }
    }

    /// Counts a unit of a file.
    pub(super) fn unit(&mut self, reading: &mut Reading<'_>) {
        reading.mark.units += 1;
        self.told.units += 1;
        self.progress.tell(self.told.units, None);
    }

    /// The source that files of this name are kept under.
    pub(super) fn files_source(&mut self, name: &str) -> anyhow::Result<SourceId> {
        let name = self.name.unwrap_or(name).to_owned();
        self.source(format!("file:{name}"), &name)
    }

    /// The source with this address, made if it is not there.
    pub(super) fn source(&mut self, address: String, name: &str) -> anyhow::Result<SourceId> {
        if let Some(known) = self.known.get(&address) {
            return Ok(known.clone());
        }
        let new = NewSource {
            address: address.clone(),
            name: Some(name.to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Files,
        };
        let (id, is_new) = self.store.add_source(new, Timestamp::now()).wait()?;
        self.told.sources += usize::from(is_new);
        self.known.insert(address, id.clone());
        Ok(id)
    }

    /// Hands a part of a file to the store.
    pub(super) fn deliver(
        &mut self,
        reading: &Reading<'_>,
        source: SourceId,
        kind: DeliveryKind,
        address: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> anyhow::Result<()> {
        let delivery = Delivery {
            source,
            kind,
            address,
            headers,
            body,
            received_at: Timestamp::now(),
            backfill: true,
            validators: Validators::default(),
        };
        let recorded =
            self.store.record_of_file(&self.chain, delivery, &reading.file, reading.mark);
        self.unacknowledged.push_back(recorded);
        self.acknowledge(UNACKNOWLEDGED_MAX)?;
        let (units, stop, progress) = (self.told.units, self.stop, &mut *self.progress);
        self.alongside.keep_pace(self.told.last_delivery, |waiting| {
            progress.tell(units, Some(waiting));
            !stop.is_told()
        })
    }

    /// Waits until no more than so many deliveries are not on disk.
    fn acknowledge(&mut self, at_most: usize) -> anyhow::Result<()> {
        while self.unacknowledged.len() > at_most {
            let Some(receipt) = self.unacknowledged.pop_front() else { break };
            match receipt.wait()? {
                Recorded::New(id) => {
                    self.told.first_delivery.get_or_insert(id);
                    self.told.last_delivery = self.told.last_delivery.max(id);
                    self.told.deliveries += 1;
                }
                Recorded::Repeated(id) => {
                    // It may still wait to be read, after an import that was interrupted.
                    self.told.last_delivery = self.told.last_delivery.max(id);
                    self.told.repeated += 1;
                }
            }
            self.alongside.ring();
        }
        Ok(())
    }
}

/// What a file is called as the address of a delivery.
fn absolute(path: &Path) -> String {
    let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    format!("file:{}", full.display())
}
