//! Leases: which process does a work that only one may do. Held by a lock of the system on a
//! file, so that a killed process holds nothing; in the file stands who holds it.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{Error, Trouble};

/// How often a lease that another process holds is asked for again.
const AGAIN_EVERY: Duration = Duration::from_millis(50);

/// Bytes of what stands in a lease: always the same, so that it is written over in place and needs
/// no room on a disk that is full.
const NOTE_BYTES: usize = 512;

/// Letters of a trouble's sentence that stand in a lease; the rest of the note fits beside them.
const DETAIL_LETTERS_MAX: usize = 160;

/// A work that this process alone does as long as this lives.
#[derive(Debug)]
pub struct Lease {
    file: File,
}

/// What stands in a lease.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) process: u32,
    pub(crate) trouble: Option<Trouble>,
}

impl Lease {
    /// Takes the lease of `work` (`collect`, `serve`, `ingest`, `index`) in `folder`; `None` when
    /// another process has it.
    pub fn take(folder: &Path, work: &str) -> Result<Option<Self>, Error> {
        make_folder(folder)?;
        let path = folder.join(format!("{work}.lock"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Error::of_io(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {
                let lease = Self { file };
                lease.note(None);
                Ok(Some(lease))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::of_io(&path, &error)),
        }
    }

    /// Takes the lease of `work`, waiting `patience` for a process that is about to end.
    pub fn take_within(folder: &Path, work: &str, patience: Duration) -> Result<Self, Error> {
        let began = Instant::now();
        loop {
            if let Some(lease) = Self::take(folder, work)? {
                return Ok(lease);
            }
            if began.elapsed() >= patience {
                let process = holder(folder, work).map(|holder| holder.process);
                return Err(Error::Held { work: work.into(), process, folder: folder.into() });
            }
            std::thread::sleep(AGAIN_EVERY);
        }
    }

    /// Writes who holds the lease, and what keeps it from its work, for processes that look.
    pub fn note(&self, trouble: Option<&Trouble>) {
        let trouble = trouble.map(|trouble| Trouble {
            detail: trouble.detail.chars().take(DETAIL_LETTERS_MAX).collect(),
            ..trouble.clone()
        });
        let note = Holder { process: std::process::id(), trouble };
        let mut bytes = serde_json::to_vec(&note).unwrap_or_default();
        bytes.resize(NOTE_BYTES, b'\n');
        // The lock is what counts: without the note, others only know that somebody holds it.
        let _ = self.file.write_all_at(&bytes, 0);
    }
}

/// Who holds the lease of `work`; `None` when nobody does or it does not say so.
pub(crate) fn holder(folder: &Path, work: &str) -> Option<Holder> {
    let mut file = File::open(folder.join(format!("{work}.lock"))).ok()?;
    // A lock that can be shared is held by nobody; it is gone with the file.
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    let mut note = Vec::new();
    file.by_ref().take(NOTE_BYTES as u64).read_to_end(&mut note).ok()?;
    serde_json::from_slice(&note).ok()
}

/// What the process that collects in this folder says keeps it from taking in; `None` when nothing
/// does or nobody collects. Changes nothing.
pub fn collector_rests(folder: &Path) -> Option<Trouble> {
    holder(folder, "collect")?.trouble
}

/// Makes the file of a wire if it is missing: only for whoever runs it, also in a folder that others may enter.
/// SQLite makes those beside it (`-wal`, `-shm`) as this one is.
pub(crate) fn make_file(file: &Path) -> Result<(), Error> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::of_io(file, &error))
        }
        _ => Ok(()),
    }
}

/// Makes the data folder if it is missing: only for whoever runs the wire, since it holds private
/// sources and what is under embargo.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::Open { folder: folder.into(), reason: "it is not a folder".into() }
        }
        _ => Error::of_io(folder, &error),
    })
}
