//! Opening the store, and the connections that read it.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use depeche_news::{
    Moment, Showing, SourceVisibility, Status, Viewer, Visibility, jiff::Timestamp, visible,
};
use rusqlite::{Connection, OpenFlags, functions::FunctionFlags};
use tokio::sync::watch;

use crate::{Error, Receipt, schema, writer::Writer};

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

/// The store of one data folder. Cheap to clone; all clones share one writer.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    writer: Writer,
    idle: Mutex<Vec<Reader>>,
    changes: watch::Sender<u64>,
}

/// A reading connection and what its `visibility()` function is told about the request.
pub(crate) struct Reader {
    connection: Connection,
    request: Arc<Mutex<(Viewer, Timestamp)>>,
}

impl Store {
    /// Opens the store in `folder`, made if missing, and brings its schema up to date.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let failed = |reason: String| Error::Open { folder: folder.to_owned(), reason };
        // Only for whoever runs the wire: it holds private sources and what is under embargo.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|e| failed(e.to_string()))?;
        let mut connection =
            connect(&file_of(folder), OpenFlags::default()).map_err(|e| failed(e.to_string()))?;
        // Only a new file takes it.
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // Acknowledged means on disk.
        connection.pragma_update(None, "synchronous", "full")?;
        schema::migrate(&mut connection)?;
        let seq = last_seq(&connection)?;
        let (changes, _) = watch::channel(seq);
        let writer = Writer::start(connection, changes.clone());
        let shared = Shared { folder: folder.to_owned(), writer, idle: Mutex::default(), changes };
        let store = Self { shared: Arc::new(shared) };
        store.watch_other_processes()?;
        Ok(store)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// The last place of the wire log, told anew whenever it moves, whichever process wrote.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
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
        self.shared.writer.submit(write)
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

    /// Tells [`Self::changes`] about what other processes write, as long as the store is open.
    fn watch_other_processes(&self) -> Result<(), Error> {
        let connection = connect(&file_of(&self.shared.folder), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let shared = Arc::downgrade(&self.shared);
        std::thread::spawn(move || {
            let mut seen = None;
            while let Some(shared) = shared.upgrade() {
                let now: Option<i64> =
                    connection.pragma_query_value(None, "data_version", |row| row.get(0)).ok();
                if now != seen {
                    seen = now;
                    if let Ok(seq) = last_seq(&connection) {
                        announce(&shared.changes, seq);
                    }
                }
                drop(shared);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Ok(())
    }
}

/// Moves the announced place forward, never back.
pub(crate) fn announce(changes: &watch::Sender<u64>, seq: u64) {
    changes.send_if_modified(|last| {
        let further = seq > *last;
        *last = seq.max(*last);
        further
    });
}

impl Reader {
    fn open(folder: &Path) -> Result<Self, Error> {
        let connection = connect(&file_of(folder), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let request = Arc::new(Mutex::new((Viewer::Reader, Timestamp::MIN)));
        let told = Arc::clone(&request);
        connection.create_scalar_function(
            "visibility",
            4,
            FunctionFlags::SQLITE_UTF8,
            move |row| {
                let (viewer, now) = *lock(&told);
                let showing = Showing {
                    status: status(&row.get::<String>(0)?),
                    embargoed_until: row.get::<Option<i64>>(1)?.map(|ms| Moment::utc(time(ms))),
                    removed: row.get::<Option<i64>>(2)?.is_some(),
                    source: visibility(&row.get::<String>(3)?),
                };
                Ok(match visible(showing, now, viewer) {
                    Visibility::Shown => 2,
                    Visibility::Notice => 1,
                    Visibility::Hidden => 0,
                })
            },
        )?;
        connection.execute_batch(SEEN)?;
        Ok(Self { connection, request })
    }
}

/// The one view that every output reads: items as the request's viewer may see them now. An item
/// that never came on the wire leaves no notice.
const SEEN: &str = "
CREATE TEMP VIEW seen AS
SELECT * FROM (
  SELECT item.*, source.name AS source_name,
         visibility(item.status, item.embargoed_until, item.removed_at, source.visibility) AS seen_as
  FROM item JOIN source ON source.id = item.source
) WHERE seen_as = 2 OR (seen_as = 1 AND on_wire = 1)";

fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn file_of(folder: &Path) -> PathBuf {
    folder.join("depeche.sqlite")
}

pub(crate) fn last_seq(connection: &Connection) -> Result<u64, Error> {
    Ok(connection.query_row("SELECT seq FROM counter", [], |row| row.get(0))?)
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

pub(crate) fn visibility(word: &str) -> SourceVisibility {
    if word == "shared" { SourceVisibility::Shared } else { SourceVisibility::Private }
}

pub(crate) fn visibility_word(visibility: SourceVisibility) -> &'static str {
    match visibility {
        SourceVisibility::Shared => "shared",
        SourceVisibility::Private => "private",
    }
}
