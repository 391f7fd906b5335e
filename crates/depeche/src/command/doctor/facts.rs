//! What `doctor` looks at, gathered without changing anything and without waiting for long.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io::Read,
    os::unix::fs::MetadataExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::mpsc,
    time::Duration,
};

use depeche_news::jiff::Timestamp;
use depeche_search::Reader;
use depeche_store::{FailureNote, WatchedSeen, collector_rests, inspect};
use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};

use crate::{
    command::doctor::{Disk, Facts, Folder, Index, Permissions, Process, Unreadable},
    settings,
    wire::folders,
};

/// How long the quick look at a store's pages may take: 20 s read some gigabytes.
const QUICK_LOOK: Duration = Duration::from_secs(20);

/// How long a store or an index may take to answer at all; a disk that hangs does not hang us.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Gathers the facts about a data folder.
pub(super) fn gather(data: &Path, thorough: bool) -> Facts {
    let now = Timestamp::now();
    let configuration = settings::file_in_use()
        .map(|file| file.map(|file| file.display().to_string()))
        .map_err(|error| format!("{error:#}"));
    let folder = folder(data);
    let mut facts = Facts {
        now,
        configuration,
        folder,
        processes: Vec::new(),
        trouble: None,
        disk: None,
        written_at: None,
        store: None,
        index: None,
    };
    if let Folder::There(there) = &facts.folder {
        let has_store = there.has_store;
        facts.processes = processes(data);
        facts.trouble = collector_rests(data);
        facts.disk = disk(data);
        facts.written_at = written_at(data);
        facts.store = has_store.then(|| store(data, now, thorough));
        facts.index = has_store.then(|| index(data));
    }
    facts
}

fn folder(data: &Path) -> Folder {
    let found = match fs::metadata(data) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Folder::Missing,
        Err(error) => return Folder::Unreachable(error.to_string()),
    };
    if !found.is_dir() {
        return Folder::SomethingElse;
    }
    let store = fs::symlink_metadata(data.join("depeche.sqlite"));
    if let Err(error) = &store
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Folder::Unreachable(error.to_string());
    }
    Folder::There(Permissions {
        name: data.display().to_string(),
        has_store: store.is_ok(),
        owner: found.uid(),
        us: rustix::process::geteuid().as_raw(),
        readable: (found.mode() & 0o077 != 0).then(|| readable(data)).flatten(),
        writable: access(data, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
    })
}

/// The first thing in the folder that others than its owner may look into.
fn readable(data: &Path) -> Option<String> {
    let entries = fs::read_dir(data).ok()?.flatten();
    // A link has a mode of its own that says nothing.
    let is_open = |found: Metadata| !found.is_symlink() && found.mode() & 0o077 != 0;
    let open = entries.filter(|entry| entry.metadata().is_ok_and(is_open));
    open.map(|entry| entry.file_name().to_string_lossy().into_owned()).min()
}

/// The works that only one process does, by their leases, and who does each.
fn processes(data: &Path) -> Vec<Process> {
    let works = [("collect", "collects"), ("ingest", "takes in"), ("index", "indexes")];
    let held = works.into_iter().filter_map(|(lease, work)| {
        let file = File::open(data.join(format!("{lease}.lock"))).ok()?;
        // Shared, for the time of this look: whoever wants the lease just now asks again.
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                Some(Process { work, who: file.metadata().ok().and_then(|file| holder(&file)) })
            }
            _ => None,
        }
    });
    held.collect()
}

/// Who has a lock on a file, as Linux tells it: `1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF`.
fn holder(file: &Metadata) -> Option<String> {
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let pid = locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", pid, place, ..] = words.as_slice() else { return None };
        let inode: u64 = place.rsplit(':').next()?.parse().ok()?;
        (inode == file.ino()).then(|| (*pid).to_owned())
    })?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(format!("{} (process {pid})", if name.is_empty() { "a program" } else { name.trim() }))
}

fn disk(data: &Path) -> Option<Disk> {
    let told = statvfs(data).ok()?;
    Some(Disk {
        free_bytes: told.f_bavail.saturating_mul(told.f_frsize),
        // Some file systems have no fixed number, and tell 0 of 0.
        no_files_left: told.f_files > 0 && told.f_favail == 0,
        read_only: told.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}

/// When the store was written last, as its files say.
fn written_at(data: &Path) -> Option<Timestamp> {
    let files = ["depeche.sqlite", "depeche.sqlite-wal"].map(|name| data.join(name));
    let times = files.iter().filter_map(|file| fs::metadata(file).ok()?.modified().ok());
    times.max().and_then(|time| Timestamp::try_from(time).ok())
}

/// What every file of SQLite's begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

fn store(
    data: &Path,
    now: Timestamp,
    thorough: bool,
) -> Result<depeche_store::Inspection, Unreadable> {
    let file = data.join("depeche.sqlite");
    let failed = |error: std::io::Error| Unreadable::Failed(error.to_string());
    // A pipe or a device would be waited for.
    if !fs::metadata(&file).map_err(failed)?.is_file() {
        return Err(Unreadable::Foreign);
    }
    let mut start = Vec::new();
    let opened = File::open(&file).map_err(failed)?;
    opened.take(MAGIC.len() as u64).read_to_end(&mut start).map_err(failed)?;
    if start != MAGIC {
        return Err(Unreadable::Foreign);
    }
    let (data, at_most) = (data.to_owned(), (!thorough).then_some(QUICK_LOOK));
    let within = if thorough { Duration::MAX } else { ANSWER_WITHIN };
    let inspected = answered(within, move || inspect(&data, now, at_most));
    let mut seen = inspected
        .ok_or(Unreadable::Silent)?
        .map_err(|error| Unreadable::Failed(error.to_string()))?;
    seen.folders.iter_mut().for_each(look_into);
    Ok(seen)
}

/// Looks whether a watched folder is there now: what was noted of that is old where nobody has looked since.
fn look_into(folder: &mut WatchedSeen) {
    let path = folder.path.clone();
    let listed = answered(ANSWER_WITHIN, move || fs::read_dir(path).map(|_| ()));
    match listed {
        None => {
            let detail = "it gave no answer in a minute".to_owned();
            folder.failure = Some(FailureNote { word: "folder_failed".to_owned(), detail });
        }
        Some(Err(error)) => folder.failure = Some(folders::of_folder(&folder.path, &error)),
        // Another user may be denied what this one may read.
        Some(Ok(())) => {
            let over = |failure: &FailureNote| failure.word != "folder_missing";
            folder.failure = folder.failure.take().filter(over);
        }
    }
}

fn index(data: &Path) -> Index {
    let folder = data.join("index");
    // Opening an index takes a lock file of tantivy's, which must be writable.
    let reachable = !folder.exists() || access(&folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let opened = answered(ANSWER_WITHIN, move || {
        // tantivy trusts its own files, and a torn one can make it panic.
        catch_unwind(AssertUnwindSafe(|| {
            let reader = Reader::open(&folder)?;
            Ok((reader.cursor(), reader.documents()))
        }))
    });
    match opened {
        None => Index::Unreadable("it gave no answer in a minute".to_owned()),
        Some(Err(_)) => Index::Unreadable("a file of it is torn".to_owned()),
        Some(Ok(Err(depeche_search::Error::Missing(_)))) => Index::Missing,
        Some(Ok(Err(_))) if !reachable => Index::OutOfReach,
        Some(Ok(Err(error))) => Index::Unreadable(error.to_string()),
        Some(Ok(Ok((cursor, documents)))) => Index::Open { cursor, documents },
    }
}

/// What `ask` answers, if it does in time; it is left behind otherwise.
fn answered<T: Send + 'static>(
    within: Duration,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (answer, answers) = mpsc::channel();
    std::thread::spawn(move || answer.send(ask()));
    if within == Duration::MAX { answers.recv().ok() } else { answers.recv_timeout(within).ok() }
}
