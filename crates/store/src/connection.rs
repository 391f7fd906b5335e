//! Opening the store, and the connections that read it.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_news::{
    Moment, Removal, Showing, SourceVisibility, Status, Viewer, Visibility, held, jiff::Timestamp,
    visible,
};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension,
    config::DbConfig,
    functions::{Context, FunctionFlags},
};
use rustix::{
    fs::{Access, access},
    process::geteuid,
};
use tokio::sync::watch;

use crate::{
    Chain, ClockSays, Error, Receipt, Trouble, WireState, lease, schema, trouble::Health,
    wire::wire_state, writer::Writer,
};

/// How long a statement waits for another process's write. A group commit takes milliseconds; ten
/// seconds cover a slow disk and a large import beside us.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle reading connections kept. A request holds one for a few milliseconds; two cores never
/// have more than this many running at once.
const READERS_IDLE_MAX: usize = 4;

/// Page cache of a connection, in KiB. The latest page touches about 1 MB.
const CACHE_KIB: i64 = 4096;

/// Bytes of a page of the file. Rows of an article take 1.3 kB each: pages of 4 kB are left a third
/// empty by them, those of 16 kB save 4 % more and have twice as much written for each item.
const PAGE_BYTES: i64 = 8192;

/// How often a process looks whether another one wrote: well under the 2 s from publication to
/// the page, and cheap (one pragma).
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks between two at the disk and at the clock: a second each, and a collector at its fastest
/// takes in far less than the reserve in that.
const LOOKS_A_SECOND: u32 = 4;

/// The store of one data folder. Cheap to clone; all clones share one writer.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    writer: Writer,
    idle: Mutex<Vec<Reader>>,
    changes: watch::Sender<WireState>,
    health: Arc<Health>,
}

/// A reading connection and what its `visibility()` function is told about the request.
pub(crate) struct Reader {
    connection: Connection,
    request: Arc<Mutex<(Viewer, Timestamp)>>,
}

impl Store {
    /// Opens the store in `folder`, made if missing, and brings its schema up to date. What is not
    /// ours, or not this user's, is refused and left as it is.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        lease::make_folder(folder)?;
        allowed(folder)?;
        let file = file_of(folder);
        recognised(&file)?;
        lease::make_file(&file)?;
        let mut connection = connect(&file, OpenFlags::default())?;
        wal(&connection, folder)?;
        schema::migrate(&mut connection)?;
        let (changes, _) = watch::channel(wire_state(&connection)?);
        let health = Arc::new(Health::new());
        let writer = Writer::start(connection, changes.clone(), Arc::clone(&health));
        let shared =
            Shared { folder: folder.to_owned(), writer, idle: Mutex::default(), changes, health };
        let store = Self { shared: Arc::new(shared) };
        store.watch()?;
        Ok(store)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// How far the wire and what is shown of its sources are, told anew whenever one of them moves,
    /// whichever process wrote; of a write of ours before its receipt resolves.
    pub fn changes(&self) -> watch::Receiver<WireState> {
        self.shared.changes.subscribe()
    }

    /// What keeps this wire from taking in, told anew when that begins, changes or ends. It says the
    /// same in a process that only serves as in the one that collects.
    pub fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.shared.health.subscribe()
    }

    /// What keeps this wire from taking in now: the disk is looked at before it answers.
    pub fn troubled(&self) -> Option<Trouble> {
        self.shared.health.look_at_disk(self.folder());
        self.trouble().borrow().clone()
    }

    /// Takes note of what other machines say of our clock; the trouble that follows from it is told
    /// before this returns.
    pub fn clock_compared(&self, says: ClockSays) {
        self.shared.health.clock_says(says);
        if let Ok(newest) = self.read_all(newest_entry) {
            self.shared.health.look_at_clock(newest);
        }
    }

    /// Checks that the file is whole; gives what is wrong with it, nothing when all is well.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check")?;
            let told = statement.query_map([], |row| row.get(0))?;
            let mut wrong: Vec<String> = told.collect::<Result<_, _>>()?;
            wrong.retain(|line| line != "ok");
            let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
            let dangling = statement.query_map([], |row| row.get::<_, String>(0))?;
            for table in dangling {
                wrong.push(format!("a row of {} refers to one that is not there", table?));
            }
            Ok(wrong)
        })
    }

    /// Runs `write` in the writer's next transaction.
    pub(crate) fn write<T, F>(&self, write: F) -> Receipt<T>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.shared.writer.submit(Chain::default(), write)
    }

    /// Runs a write that takes something in: refused while a trouble lasts, and after one of the
    /// same chain that failed.
    pub(crate) fn take_in<T, F>(&self, chain: &Chain, write: F) -> Receipt<T>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (health, chain) = (Arc::clone(&self.shared.health), chain.clone());
        self.shared.writer.submit(chain.clone(), move |transaction| {
            chain.whole()?;
            health.admits()?;
            write(transaction)
        })
    }

    /// Runs `read` on a connection that sees what `viewer` may see at `now`, in one snapshot.
    pub(crate) fn read<T>(
        &self,
        viewer: Viewer,
        now: Timestamp,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let reader = match lock(&self.shared.idle).pop() {
            Some(reader) => reader,
            None => Reader::open(&self.shared.folder)?,
        };
        *lock(&reader.request) = (viewer, now);
        let result = {
            let snapshot = reader.connection.unchecked_transaction()?;
            read(&snapshot)
        };
        let mut idle = lock(&self.shared.idle);
        if idle.len() < READERS_IDLE_MAX {
            idle.push(reader);
        }
        result
    }

    /// Runs `read` for our own work, which is nobody's request.
    pub(crate) fn read_all<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.read(Viewer::Administrator, Timestamp::MAX, read)
    }

    /// Tells [`Self::changes`] about what other processes write, and [`Self::trouble`] about the
    /// disk and the clock, as long as the store is open.
    fn watch(&self) -> Result<(), Error> {
        let connection = connect(&file_of(self.folder()), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut look = Look { connection, seen: None, newest: None, number: 0 };
        look.once(&self.shared);
        let shared = Arc::downgrade(&self.shared);
        std::thread::spawn(move || {
            while let Some(shared) = shared.upgrade() {
                look.once(&shared);
                drop(shared);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Ok(())
    }
}

/// Looks at what moves without us: the file, the disk, the clock, the process that collects.
struct Look {
    connection: Connection,
    /// The version of the file, as SQLite counts it.
    seen: Option<i64>,
    /// When the newest entry of the wire was written.
    newest: Option<i64>,
    number: u32,
}

impl Look {
    fn once(&mut self, shared: &Shared) {
        let now = self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).ok();
        if now != self.seen {
            self.seen = now;
            if let Ok(state) = wire_state(&self.connection) {
                announce(&shared.changes, state);
            }
            self.newest = newest_entry(&self.connection).unwrap_or(self.newest);
        }
        if self.number.is_multiple_of(LOOKS_A_SECOND) {
            shared.health.look_at_disk(&shared.folder);
            shared.health.look_at_clock(self.newest);
            let holder = lease::holder(&shared.folder, "collect");
            // What this process finds, it has found.
            let other = holder.filter(|holder| holder.process != std::process::id());
            shared.health.note_elsewhere(other.and_then(|holder| holder.trouble));
        }
        self.number = self.number.wrapping_add(1);
    }
}

/// Moves what is announced forward, never back: two threads look at the store.
pub(crate) fn announce(changes: &watch::Sender<WireState>, state: WireState) {
    changes.send_if_modified(|last| {
        let known = last.covers(&state);
        if !known {
            *last = last.later(state);
        }
        !known
    });
}

impl Reader {
    fn open(folder: &Path) -> Result<Self, Error> {
        let connection = connect(&file_of(folder), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let request = Arc::new(Mutex::new((Viewer::Reader, Timestamp::MIN)));
        let told = Arc::clone(&request);
        let utf8 = FunctionFlags::SQLITE_UTF8;
        connection.create_scalar_function("visibility", 4, utf8, move |row| {
            let (viewer, now) = *lock(&told);
            Ok(match visible(showing(row)?, now, viewer) {
                Visibility::Shown => 2,
                Visibility::Notice => 1,
                Visibility::Hidden => 0,
            })
        })?;
        let told = Arc::clone(&request);
        connection.create_scalar_function("held", 4, utf8, move |row| {
            let (viewer, now) = *lock(&told);
            Ok(held(showing(row)?, now, viewer))
        })?;
        connection.execute_batch(SEEN)?;
        connection.execute_batch(HELD)?;
        Ok(Self { connection, request })
    }
}

/// What decides of an item, from the four arguments of an SQL function.
fn showing(row: &Context<'_>) -> rusqlite::Result<Showing> {
    Ok(Showing {
        status: status(&row.get::<String>(0)?),
        embargoed_until: row.get::<Option<i64>>(1)?.map(|ms| Moment::utc(time(ms))),
        removed: row.get::<Option<String>>(2)?.map(|word| removal(&word)),
        source: visibility(&row.get::<String>(3)?),
    })
}

/// The one view that every output reads: items as the request's viewer may see them now. An item
/// that never came on the wire leaves no notice.
const SEEN: &str = "
CREATE TEMP VIEW seen AS
SELECT * FROM (
  SELECT item.*, source.name AS source_name,
         visibility(item.status, item.embargoed_until, item.removal, source.visibility) AS seen_as
  FROM item JOIN source ON source.id = item.source
) WHERE seen_as = 2 OR (seen_as = 1 AND on_wire = 1)";

/// Beside it, what agencies hold back for now, for the administrator's own pages; for readers it is empty.
const HELD: &str = "
CREATE TEMP VIEW held AS
SELECT item.*, source.name AS source_name, 2 AS seen_as
FROM item JOIN source ON source.id = item.source
WHERE (item.status = 'withheld' OR item.embargoed_until IS NOT NULL)
  AND held(item.status, item.embargoed_until, item.removal, source.visibility)";

/// Refuses a folder that this user may not use, and a wire that is another user's: what this one
/// makes in it, its owner could not write.
pub(crate) fn allowed(folder: &Path) -> Result<(), Error> {
    let denied = |path: &Path| {
        let path = path.to_owned();
        move |errno: rustix::io::Errno| Error::of_io(&path, &errno.into())
    };
    access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).map_err(denied(folder))?;
    let file = file_of(folder);
    let Ok(found) = std::fs::metadata(&file) else { return Ok(()) };
    let (owner, user) = (found.uid(), geteuid().as_raw());
    if owner != user {
        return Err(Error::OtherOwner { folder: folder.to_owned(), owner, user });
    }
    access(&file, Access::READ_OK | Access::WRITE_OK).map_err(denied(&file))
}

/// Looks whose file it is before anything opens it to write.
fn recognised(file: &Path) -> Result<(), Error> {
    if std::fs::metadata(file).map_or(0, |found| found.len()) == 0 {
        return Ok(());
    }
    let found = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|connection| schema::recognise(&connection));
    match found {
        // It was left in the middle of a write, which only a writer can bring to its end; then it is
        // looked at again.
        Err(Error::ReadOnly | Error::Sqlite(_)) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Readers beside the writer, and acknowledged means on disk.
fn wal(connection: &Connection, folder: &Path) -> Result<(), Error> {
    // A file that turns out not to be ours keeps its mode.
    schema::recognise(connection)?;
    // Only a new file takes it.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        let reason = format!("its log cannot be used (journal mode {mode})");
        return Err(Error::Open { folder: folder.to_owned(), reason });
    }
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(())
}

pub(crate) fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Without this SQLite plans a statement anew, for half a millisecond, at each new value bound
    // where a partial index might depend on it: at every row read through the view.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

pub(crate) fn file_of(folder: &Path) -> PathBuf {
    folder.join("depeche.sqlite")
}

pub(crate) fn last_seq(connection: &Connection) -> Result<u64, Error> {
    Ok(connection.query_row("SELECT seq FROM counter", [], |row| row.get(0))?)
}

/// When the newest entry of the wire was written.
fn newest_entry(connection: &Connection) -> Result<Option<i64>, Error> {
    let sql = "SELECT at FROM wire ORDER BY seq DESC LIMIT 1";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

/// Locks even after a panic elsewhere: what is guarded here is replaced whole or not at all.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds as the columns keep them.
pub(crate) fn ms(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// The time of a column; what is out of range becomes the epoch, since only we write columns.
pub(crate) fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn status(word: &str) -> Status {
    match word {
        "usable" => Status::Usable,
        "canceled" => Status::Canceled,
        _ => Status::Withheld,
    }
}

pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Usable => "usable",
        Status::Withheld => "withheld",
        Status::Canceled => "canceled",
    }
}

pub(crate) fn removal(word: &str) -> Removal {
    if word == "taken_down" { Removal::TakenDown } else { Removal::Expired }
}

pub(crate) fn visibility(word: &str) -> SourceVisibility {
    if word == "shared" { SourceVisibility::Shared } else { SourceVisibility::Private }
}

pub(crate) fn visibility_word(visibility: SourceVisibility) -> &'static str {
    match visibility {
        SourceVisibility::Shared => "shared",
        SourceVisibility::Private => "private",
    }
}
