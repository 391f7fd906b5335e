//! Backup to one file while the wire runs, and restore from one.
//!
//! Either writes beside what it makes and renames it when it is whole and on disk, so that under
//! its own name there is never a half of it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use depeche_news::jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::{
    Error, Lease, Store,
    connection::{allowed, connect, file_of},
    lease, schema,
    trouble::has_room,
    window,
};

/// How often a backup looks how far it is: a bar that moves four times a second looks alive.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Bytes copied between two words on how far a restore is.
const COPIED_AT_ONCE: usize = 1 << 20;

/// How long a restore waits for a process that is about to leave the folder.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the process that runs a wire holds in its folder.
const WORKS: [&str; 4] = ["collect", "serve", "ingest", "index"];

/// Bytes of the header of an SQLite file, and what it begins with.
const HEADER_BYTES: usize = 100;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What came of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The schema of the backup, which is now the newest.
    pub schema: u32,
    /// The epoch of the wire's new life.
    pub epoch: u64,
    /// How many items it holds.
    pub items: u64,
    /// Where the wire is kept that was in the folder before.
    pub kept: Option<PathBuf>,
}

impl Store {
    /// Writes all of the store to the new file `to`, as it was at one moment, while others write on;
    /// gives its size. `progress` is told how many bytes of how many are written.
    pub fn backup(&self, to: &Path, progress: impl Fn(u64, u64) + Sync) -> Result<u64, Error> {
        let (place, to) = placed(to)?;
        refuse_own_names(self.folder(), &place, &to)?;
        let connection = connect(&file_of(self.folder()), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let bytes: u64 = connection.query_row(
            "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
            [],
            |row| row.get(0),
        )?;
        if !has_room(&place, bytes) {
            return Err(Error::DiskFull);
        }
        let part = Part::beside(&to)?;
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Told once at least, however fast it is.
                loop {
                    progress(fs::metadata(&part.path).map_or(0, |part| part.len()), bytes);
                    if ended.load(Ordering::SeqCst) {
                        break;
                    }
                    std::thread::sleep(LOOK_EVERY);
                }
            });
            let written = vacuum_into(&connection, &part.path);
            ended.store(true, Ordering::SeqCst);
            written
        })?;
        whole(&connect(&part.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)?;
        refuse_existing(&to)?;
        part.becomes(&to)?;
        Ok(fs::metadata(&to).map_or(bytes, |file| file.len()))
    }
}

/// Makes the wire in `folder` that of the backup `from`, as a new life of it: cursors and pages of
/// the old one are told to begin anew, all sessions end. A wire that is there is refused, or kept
/// beside under a dated name if `replace` says so. What is refused changes nothing.
pub fn restore(
    from: &Path,
    folder: &Path,
    replace: bool,
    progress: impl Fn(u64, u64),
) -> Result<Restored, Error> {
    let schema = looked_at(from)?;
    lease::make_folder(folder)?;
    allowed(folder)?;
    let mut leases = Vec::new();
    for work in WORKS {
        leases.push(Lease::take_within(folder, work, PATIENCE)?);
    }
    let file = file_of(folder);
    let before = fs::metadata(&file).map_or(0, |file| file.len());
    if before > 0 && !replace {
        return Err(Error::HoldsWire { folder: folder.to_owned() });
    }
    let old_epoch = if before > 0 { epoch_of(&file)? } else { 0 };
    let part = Part::beside(&file)?;
    copy(from, folder, &part, progress)?;
    let (epoch, items) = new_life(&part.path, old_epoch)?;
    let kept = if before > 0 { Some(put_aside(folder)?) } else { None };
    // A log without its file, as a crash may leave one, is not this file's; nor is the window of the wire before.
    remove_logs(&file);
    window::drop_window(folder)?;
    part.becomes(&file)?;
    Ok(Restored { schema, epoch, items, kept })
}

/// Looks at a backup without writing anything anywhere; gives its schema.
fn looked_at(from: &Path) -> Result<u32, Error> {
    let unusable = |reason: String| Error::File { file: from.to_owned(), reason };
    // Looked at before it is opened: a pipe would be waited for.
    let found = fs::metadata(from).map_err(|error| unusable(error.to_string()))?;
    if !found.is_file() {
        return Err(unusable("it is not a file".into()));
    }
    let opened = File::open(from).map_err(|error| unusable(error.to_string()))?;
    let mut header = Vec::new();
    opened
        .take(HEADER_BYTES as u64)
        .read_to_end(&mut header)
        .map_err(|error| unusable(error.to_string()))?;
    let pages = pages_bytes(&header).ok_or_else(|| Error::Foreign { file: from.to_owned() })?;
    if found.len() < pages {
        let reason = format!("it ends early: {} of {pages} bytes are there", found.len());
        return Err(unusable(reason));
    }
    if fs::metadata(beside(from, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(unusable("it is in use: part of it is in the -wal beside it".into()));
    }
    let connection = untouched(from)?;
    let schema = schema::recognise(&connection).and_then(|schema| match schema {
        0 => Err(Error::Foreign { file: from.to_owned() }),
        schema => whole(&connection).map(|()| schema),
    });
    schema.map_err(|error| match error {
        Error::Foreign { .. } => Error::Foreign { file: from.to_owned() },
        Error::Damaged(reason) => unusable(format!("it is damaged: {reason}")),
        other => other,
    })
}

/// How many bytes a file with this header has; `None` when it is none of SQLite.
fn pages_bytes(header: &[u8]) -> Option<u64> {
    let number = |at: usize, bytes: usize| {
        let digits = header.get(at..at + bytes)?;
        Some(digits.iter().fold(0u64, |number, &byte| number << 8 | u64::from(byte)))
    };
    let size = match (header.starts_with(MAGIC), number(16, 2)?) {
        (false, _) => return None,
        (true, 1) => 65536,
        (true, size) => size,
    };
    Some(size * number(28, 4)?)
}

/// Opens a file so that nothing is written, neither to it nor beside it.
fn untouched(file: &Path) -> Result<Connection, Error> {
    let file = fs::canonicalize(file).map_err(|error| Error::of_io(file, &error))?;
    let mut name = String::from("file:");
    for &byte in file.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' => name.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(byte)),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&name), flags)
}

/// Fails with the first thing that is wrong with a file.
fn whole(connection: &Connection) -> Result<(), Error> {
    let wrong: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if wrong == "ok" { Ok(()) } else { Err(Error::Damaged(wrong)) }
}

fn vacuum_into(connection: &Connection, part: &Path) -> Result<(), Error> {
    let name = part.to_str().ok_or_else(|| Error::File {
        file: part.to_owned(),
        reason: "its name is not UTF-8".into(),
    })?;
    connection.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// The epoch of the wire that was in the folder; 0 where it cannot be read, which is when it is to be
/// replaced.
fn epoch_of(file: &Path) -> Result<u64, Error> {
    let epoch = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|connection| {
        schema::recognise(&connection)?;
        Ok(connection.query_row("SELECT epoch FROM counter", [], |row| row.get(0))?)
    });
    match epoch {
        Err(Error::Foreign { .. }) => Err(Error::Foreign { file: file.to_owned() }),
        Err(Error::Busy) => Err(Error::Busy),
        other => Ok(other.unwrap_or(0)),
    }
}

fn copy(from: &Path, folder: &Path, part: &Part, progress: impl Fn(u64, u64)) -> Result<(), Error> {
    let mut source = File::open(from).map_err(|error| Error::of_io(from, &error))?;
    let all = source.metadata().map_err(|error| Error::of_io(from, &error))?.len();
    if !has_room(folder, all) {
        return Err(Error::DiskFull);
    }
    let mut target = &part.file;
    let mut bytes = vec![0; COPIED_AT_ONCE];
    let mut copied = 0;
    loop {
        let read = match source.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::of_io(from, &error)),
        };
        target.write_all(&bytes[..read]).map_err(|error| Error::of_io(&part.path, &error))?;
        copied += read as u64;
        progress(copied, all);
    }
}

/// Brings a copy up to date and begins a life of its own in it; gives its epoch and its items.
fn new_life(part: &Path, old_epoch: u64) -> Result<(u64, u64), Error> {
    let mut connection = connect(part, OpenFlags::default())?;
    // One file, without a log beside it that a rename would leave behind.
    connection.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    schema::migrate(&mut connection)?;
    connection.execute_batch("DELETE FROM session; DELETE FROM meta WHERE key = 'probe';")?;
    window::forget_all_untold(&connection)?;
    let epoch = connection.query_row(
        "UPDATE counter SET epoch = max(unixepoch(), epoch + 1, ?1 + 1) RETURNING epoch",
        [old_epoch],
        |row| row.get(0),
    )?;
    let items = connection.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
    connection.close().map_err(|(_, error)| error)?;
    Ok((epoch, items))
}

/// Gives the wire of `folder` a dated name, with its log where it could not be emptied.
fn put_aside(folder: &Path) -> Result<PathBuf, Error> {
    let file = file_of(folder);
    // What is damaged keeps its log; nobody else has it open, since every lease is ours.
    if let Ok(connection) = connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    let at = Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    let mut kept = folder.join(format!("depeche-{at}.sqlite"));
    for number in 2.. {
        if !kept.exists() {
            break;
        }
        kept = folder.join(format!("depeche-{at}-{number}.sqlite"));
    }
    fs::rename(&file, &kept).map_err(|error| Error::of_io(&file, &error))?;
    let log = beside(&file, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        fs::rename(&log, beside(&kept, "-wal")).map_err(|error| Error::of_io(&log, &error))?;
    }
    Ok(kept)
}

fn remove_logs(file: &Path) {
    for end in ["-wal", "-shm", "-journal"] {
        // It is usually not there.
        let _ = fs::remove_file(beside(file, end));
    }
}

/// The folder of a new file, and the file by its whole name.
fn placed(to: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let unusable = |reason: String| Error::File { file: to.to_owned(), reason };
    let name = to.file_name().ok_or_else(|| unusable("it has no name".into()))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    let place = fs::canonicalize(parent.unwrap_or(Path::new(".")))
        .map_err(|error| unusable(format!("its folder cannot be used: {error}")))?;
    let file = place.join(name);
    refuse_existing(&file)?;
    Ok((place, file))
}

fn refuse_existing(file: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(Error::File { file: file.to_owned(), reason: "it is there already".into() }),
        Err(_) => Ok(()),
    }
}

/// Keeps backups off the names that the wire itself uses in its folder.
fn refuse_own_names(folder: &Path, place: &Path, to: &Path) -> Result<(), Error> {
    let folder = fs::canonicalize(folder).map_err(|error| Error::of_io(folder, &error))?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let own = name.starts_with("depeche.sqlite") || name.starts_with(window::NAME);
    let own = own || name.ends_with(".lock");
    let own = own || ["index", "depeche.toml", "administrator.token"].contains(&&*name);
    if (place == folder && own) || place.starts_with(folder.join("index")) {
        let reason = "the wire itself uses this name".to_owned();
        return Err(Error::File { file: to.to_owned(), reason });
    }
    Ok(())
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A file in the making; gone when it does not become one.
pub(crate) struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    /// Begins the part of `file`. What an interrupted process left there is begun anew; a living one
    /// that writes the same keeps it.
    pub(crate) fn beside(file: &Path) -> Result<Self, Error> {
        let path = beside(file, ".part");
        if Self::is_written(&path) {
            let reason = "another depeche writes it just now".to_owned();
            return Err(Error::File { file: path, reason });
        }
        // Never into what is there: it may be a link to elsewhere, or another user's file.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::of_io(&path, &error));
            }
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.create_new(true).read(true).write(true).mode(0o600);
        let opened = options.open(&path).map_err(|error| Error::of_io(&path, &error))?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let reason = "another depeche writes it just now".to_owned();
                return Err(Error::File { file: path, reason });
            }
            Err(TryLockError::Error(error)) => return Err(Error::of_io(&path, &error)),
        }
        remove_logs(&path);
        Ok(Self { path, file: opened })
    }

    /// Takes away what an ended process left of `file`; a living one that writes it goes on.
    pub(crate) fn sweep(file: &Path) -> Result<(), Error> {
        let path = beside(file, ".part");
        match fs::symlink_metadata(&path) {
            Ok(left) if left.is_file() && !Self::is_written(&path) => {}
            _ => return Ok(()),
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(|error| Error::of_io(&path, &error)),
        }
    }

    /// Whether a living process writes it. Looked at before it is opened: a pipe would be waited for.
    fn is_written(path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|left| left.is_file())
            && File::open(path)
                .is_ok_and(|left| matches!(left.try_lock(), Err(TryLockError::WouldBlock)))
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Brings it to the disk, then to its name.
    pub(crate) fn becomes(self, file: &Path) -> Result<(), Error> {
        let failed = |error: io::Error| Error::of_io(file, &error);
        self.file.sync_all().map_err(failed)?;
        fs::rename(&self.path, file).map_err(failed)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename it is not there any more.
        let _ = fs::remove_file(&self.path);
        remove_logs(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_how_many_bytes_there_are() {
        let mut header = [0; HEADER_BYTES];
        assert_eq!(pages_bytes(&header), None);
        header[..16].copy_from_slice(MAGIC);
        header[16..18].copy_from_slice(&[0x10, 0]);
        header[28..32].copy_from_slice(&[0, 0, 1, 2]);
        assert_eq!(pages_bytes(&header), Some(4096 * 258));
        header[16..18].copy_from_slice(&[0, 1]);
        assert_eq!(pages_bytes(&header), Some(65536 * 258));
        assert_eq!(pages_bytes(&header[..20]), None);
    }
}
