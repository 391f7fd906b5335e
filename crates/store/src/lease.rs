//! Leases: which process does a work that only one may do. Held by a lock of the system on a
//! file, so that a killed process holds nothing.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use crate::Error;

/// A work that this process alone does as long as this lives.
#[derive(Debug)]
pub struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lease of `work` (`ingest`, `index`) in `folder`; `None` when another process has it.
    pub fn take(folder: &Path, work: &str) -> Result<Option<Self>, Error> {
        let failed = |reason: std::io::Error| Error::Open {
            folder: folder.to_owned(),
            reason: reason.to_string(),
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let path = folder.join(format!("{work}.lock"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
