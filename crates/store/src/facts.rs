//! Facts about a store, for `doctor` and for whoever watches the wire. Nothing here changes
//! anything: a store is looked at from outside, also where it cannot be written, or is damaged.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use depeche_news::{Cursor, jiff::Timestamp};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use crate::{
    Error, FailureNote, Store,
    connection::{ms, time},
    schema::KNOWN,
    wire::cursor,
};

/// Figures of the wire as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// How far the wire is.
    pub cursor: Cursor,
    /// When its last entry was written.
    pub last_entry_at: Option<Timestamp>,
    /// Items on the wire.
    pub items: u64,
    /// Deliveries that came in and are not read yet.
    pub deliveries_waiting: u64,
    /// When the oldest of these came in.
    pub oldest_delivery_at: Option<Timestamp>,
    /// Pages that are still to be fetched.
    pub pages_wanted: u64,
    /// Since when the longest waiting of these is due.
    pub oldest_page_due_at: Option<Timestamp>,
    /// Feeds that are listened to and answer, or were not asked yet.
    pub sources_well: u64,
    /// Feeds that are listened to and fail.
    pub sources_failing: u64,
    /// Feeds that are paused.
    pub sources_paused: u64,
    /// Bytes of the database, free pages included, without its log.
    pub bytes: u64,
}

/// A source that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// Its name.
    pub name: String,
    /// Failures since the last success.
    pub failures: u32,
    /// The last time it answered as it should.
    pub succeeded_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub failure: FailureNote,
}

/// A folder that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedSeen {
    /// The name of its source.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
    /// What kept it from being taken in when it was last looked at.
    pub failure: Option<FailureNote>,
}

/// Failing sources that an inspection names: what somebody reads in one go.
pub const SILENT: usize = 10;

/// How much of a store was checked for damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Every page, without comparing indexes and tables.
    Quickly,
    /// All of it.
    Thoroughly,
    /// As much as the time allowed.
    InPart,
}

/// What a store looks like from outside.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Its schema.
    pub schema: u32,
    /// The newest schema that this program knows.
    pub known: u32,
    /// What is wrong with the file; nothing when all is well.
    pub damage: Vec<String>,
    /// How much was looked at.
    pub checked: Checked,
    /// Its figures; none where its schema is a later one.
    pub figures: Option<Figures>,
    /// Items that belong in the index.
    pub indexable: u64,
    /// The sources that have failed longest.
    pub silent: Vec<Silent>,
    /// The folders that are watched.
    pub folders: Vec<WatchedSeen>,
    /// Feeds whose hub nobody has asked for a day.
    pub hubs_unasked: u64,
}

impl Store {
    /// Figures of the wire as it stands.
    pub fn figures(&self) -> Result<Figures, Error> {
        self.read_all(figures)
    }
}

/// How long one statement of an inspection waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Looks at the store in `folder` without changing it, its integrity for `at_most` (no limit: all of
/// it, thoroughly). Fails where the file cannot be read as a store at all.
pub fn inspect(
    folder: &Path,
    now: Timestamp,
    at_most: Option<Duration>,
) -> Result<Inspection, Error> {
    let connection = open(folder)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let schema: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let (damage, checked) = integrity(&connection, at_most)?;
    let mut seen = Inspection {
        schema,
        known: KNOWN,
        damage,
        checked,
        figures: None,
        indexable: 0,
        silent: Vec::new(),
        folders: Vec::new(),
        hubs_unasked: 0,
    };
    if (1..=KNOWN).contains(&schema) {
        seen.figures = Some(figures(&connection)?);
        seen.indexable = indexable(&connection, now)?;
        seen.silent = silent(&connection)?;
    }
    if schema == KNOWN {
        seen.hubs_unasked = hubs_unasked(&connection, now)?;
        seen.folders = folders(&connection)?;
    }
    Ok(seen)
}

/// Feeds that named a hub a day ago that was never asked: the wire cannot be reached by it.
fn hubs_unasked(connection: &Connection, now: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM subscription JOIN source ON source.id = subscription.source
               WHERE subscription.state = 'found' AND asked_at IS NULL AND found_at < ?1 - 86400000
                 AND source.state = 'active' AND removed_at IS NULL";
    Ok(connection.query_row(sql, [ms(now)], |row| row.get(0))?)
}

/// Opens the file for reading only. Where no process has it open and none left a log behind, it is
/// opened as one that never changes: then SQLite puts no file of its own beside it, and needs none.
fn open(folder: &Path) -> Result<Connection, Error> {
    let file = folder.join("depeche.sqlite");
    let log = folder.join("depeche.sqlite-wal");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let as_it_is = || Connection::open_with_flags(uri(&file), flags);
    let at_rest = || Connection::open_with_flags(uri(&file) + "?immutable=1", flags);
    if !log.exists() {
        return Ok(at_rest()?);
    }
    let connection = as_it_is()?;
    let readable = connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0));
    match readable {
        // A log that was left behind in a folder where we may not write cannot be opened.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => Ok(at_rest()?),
        _ => Ok(connection),
    }
}

/// A path as an address of SQLite's.
fn uri(file: &Path) -> String {
    let absolute: PathBuf = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let path = absolute.to_string_lossy();
    format!("file:{}", path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

/// Lines of damage that are told; more say nothing more.
const DAMAGE_MAX: usize = 10;

fn integrity(
    connection: &Connection,
    at_most: Option<Duration>,
) -> Result<(Vec<String>, Checked), Error> {
    let pragma = if at_most.is_some() { "quick_check" } else { "integrity_check" };
    let (done, over) = mpsc::channel::<()>();
    let interrupt = connection.get_interrupt_handle();
    if let Some(at_most) = at_most {
        std::thread::spawn(move || {
            if over.recv_timeout(at_most) == Err(mpsc::RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        });
    }
    let mut damage = Vec::new();
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}({DAMAGE_MAX})"))?;
    let looked = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .try_for_each(|line| line.map(|line| damage.push(line)));
    drop(done);
    damage.retain(|line| line != "ok");
    match looked {
        Ok(()) if at_most.is_some() => Ok((damage, Checked::Quickly)),
        Ok(()) => Ok((damage, Checked::Thoroughly)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok((damage, Checked::InPart))
        }
        Err(error) => Err(error.into()),
    }
}

fn figures(connection: &Connection) -> Result<Figures, Error> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let moment = |sql: &str| {
        connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).map(|ms| ms.map(time))
    };
    let feeds = |condition: &str| {
        number(&format!(
            "SELECT count(*) FROM source WHERE removed_at IS NULL AND kind = 'feed' AND {condition}"
        ))
    };
    let waiting = "FROM delivery WHERE state = 'new'";
    let pages = "FROM job WHERE state = 'waiting' AND kind = 'fetch_page'";
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    Ok(Figures {
        cursor: cursor(connection)?,
        last_entry_at: connection
            .query_row("SELECT at FROM wire ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
            .optional()?
            .map(time),
        items: number("SELECT coalesce(sum(items), 0) FROM source")?,
        deliveries_waiting: number(&format!("SELECT count(*) {waiting}"))?,
        oldest_delivery_at: moment(&format!("SELECT min(received_at) {waiting}"))?,
        pages_wanted: number(&format!("SELECT count(*) {pages}"))?,
        oldest_page_due_at: moment(&format!("SELECT min(due_at) {pages}"))?,
        sources_well: feeds("state = 'active' AND failure_word IS NULL")?,
        sources_failing: feeds("state = 'active' AND failure_word IS NOT NULL")?,
        sources_paused: feeds("state = 'paused'")?,
        bytes: pragma("page_count")?.saturating_mul(pragma("page_size")?),
    })
}

/// Items that the index holds when it is up to date: those that somebody may see whole.
fn indexable(connection: &Connection, now: Timestamp) -> Result<u64, Error> {
    Ok(connection.query_row(
        "SELECT count(*) FROM item WHERE on_wire AND status = 'usable' AND removed_at IS NULL
           AND (embargoed_until IS NULL OR embargoed_until <= ?1)",
        [ms(now)],
        |row| row.get(0),
    )?)
}

fn folders(connection: &Connection) -> Result<Vec<WatchedSeen>, Error> {
    let mut statement = connection.prepare(
        "SELECT name, substr(address, 8), failure_word, coalesce(failure_detail, '') FROM source
         JOIN watched_folder ON watched_folder.source = source.id
         WHERE removed_at IS NULL AND state = 'active' ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| {
        let (word, detail) = (row.get::<_, Option<String>>(2)?, row.get(3)?);
        Ok(WatchedSeen {
            name: row.get(0)?,
            path: PathBuf::from(row.get::<_, String>(1)?),
            failure: word.map(|word| FailureNote { word, detail }),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn silent(connection: &Connection) -> Result<Vec<Silent>, Error> {
    let mut statement = connection.prepare(
        "SELECT name, failures, succeeded_at, failure_word, coalesce(failure_detail, '') FROM source
         WHERE removed_at IS NULL AND kind = 'feed' AND state = 'active' AND failure_word IS NOT NULL
         ORDER BY coalesce(succeeded_at, added_at), name LIMIT ?1",
    )?;
    let rows = statement.query_map([SILENT as i64], |row| {
        Ok(Silent {
            name: row.get(0)?,
            failures: row.get(1)?,
            succeeded_at: row.get::<_, Option<i64>>(2)?.map(time),
            failure: FailureNote { word: row.get(3)?, detail: row.get(4)? },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
