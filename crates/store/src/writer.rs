//! The one writer: a thread that commits what has gathered, and acknowledges after the commit.
//!
//! Where the machine does not let it write, it says so and tries by itself until it can.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use crate::{
    Error, TroubleKind, WireState,
    connection::announce,
    trouble::{Finder, Health},
    wire::wire_state,
};

/// Writes taken into one commit at most. A commit costs a disk write of 0.3 to 6 ms however many
/// it carries; past some hundred, waiting longer gains nothing and delays the first.
const GROUP_MAX: usize = 256;

/// Longest a commit is held open for more writes, so that the first of a group is not kept waiting.
const GROUP_TIME_MAX: Duration = Duration::from_millis(50);

/// Writes that may wait before whoever submits has to wait too.
const QUEUE_MAX: usize = 1024;

/// How often it tries to write while it cannot: soon enough that whoever made room sees the wire go
/// on, and no load for a disk that is ill.
const PROBE_EVERY: Duration = Duration::from_secs(3);

/// Bytes of a try: more than what is left over in the log's last page, so that it takes real room.
const PROBE_BYTES: u32 = 64 << 10;

/// A write that was handed to the writer. It is on disk when this resolves without an error;
/// dropping it does not take the write back.
#[must_use = "a write is only known to be on disk when its receipt was waited for"]
pub struct Receipt<T> {
    answer: oneshot::Receiver<Result<T, Error>>,
}

impl<T> Receipt<T> {
    /// Waits for the commit, blocking the thread. Not for async code: await the receipt there.
    pub fn wait(self) -> Result<T, Error> {
        self.answer.blocking_recv().unwrap_or(Err(Error::Closed))
    }
}

impl<T> Future for Receipt<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map(|answer| answer.unwrap_or(Err(Error::Closed)))
    }
}

/// Writes of one work that build on each other: after one that failed, none is tried any more.
#[derive(Clone, Debug, Default)]
pub struct Chain(Arc<AtomicBool>);

impl Chain {
    /// Refuses a write after one that failed.
    pub(crate) fn whole(&self) -> Result<(), Error> {
        if self.0.load(Ordering::SeqCst) { Err(Error::Broken) } else { Ok(()) }
    }

    fn broken(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs one write inside the group's transaction (none: it could not begin) and gives back what
/// acknowledges it.
type Write = Box<dyn FnOnce(Option<&mut Transaction<'_>>) -> Done + Send>;
/// Tells whoever waits: with `None` what the write gave, else that the commit failed.
type Acknowledge = Box<dyn FnOnce(Option<&Error>)>;

/// A write that was run, and the trouble of the machine that it met.
struct Done {
    acknowledge: Acknowledge,
    trouble: Option<(TroubleKind, String)>,
}

pub(crate) struct Writer {
    queue: mpsc::SyncSender<Write>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        changes: watch::Sender<WireState>,
        health: Arc<Health>,
    ) -> Self {
        let (queue, writes) = mpsc::sync_channel(QUEUE_MAX);
        std::thread::spawn(move || run(connection, &writes, &changes, &health));
        Self { queue }
    }

    pub(crate) fn submit<T, F>(&self, chain: Chain, write: F) -> Receipt<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let write: Write = Box::new(move |transaction| {
            let result = transaction.map_or(Err(Error::Closed), |t| in_savepoint(t, write));
            let failure = result.as_ref().err();
            let trouble = failure.and_then(|error| Some((error.trouble()?, error.to_string())));
            if result.is_err() {
                chain.broken();
            }
            let acknowledge: Acknowledge = Box::new(move |commit_failed| {
                let result = match commit_failed {
                    None => result,
                    Some(error) => {
                        chain.broken();
                        Err(error.shared())
                    }
                };
                // Nobody waits any more: the write stands all the same.
                let _ = sender.send(result);
            });
            Done { acknowledge, trouble }
        });
        // A writer that is gone drops the sender, and the receipt says Closed.
        let _ = self.queue.send(write);
        Receipt { answer }
    }
}

/// Runs a write so that its failure takes back only itself, not the rest of the group.
fn in_savepoint<T>(
    transaction: &mut Transaction<'_>,
    write: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    transaction.execute_batch("SAVEPOINT one_write")?;
    let result = write(transaction);
    // A full or failing disk makes SQLite take back the whole transaction by itself.
    if result.is_err() && gone(transaction) {
        return result;
    }
    if result.is_err() {
        transaction.execute_batch("ROLLBACK TO one_write")?;
    }
    transaction.execute_batch("RELEASE one_write")?;
    result
}

fn gone(transaction: &Transaction<'_>) -> bool {
    transaction.is_autocommit()
}

fn run(
    mut connection: Connection,
    writes: &mpsc::Receiver<Write>,
    changes: &watch::Sender<WireState>,
    health: &Health,
) {
    let mut tried = Instant::now();
    loop {
        // What is damaged is not made whole by a write that works.
        let troubled =
            health.found(Finder::Writing).is_some_and(|kind| kind != TroubleKind::Damaged);
        if troubled && tried.elapsed() >= PROBE_EVERY {
            tried = Instant::now();
            if probe(&connection).is_ok() {
                health.note(Finder::Writing, None);
            }
            continue;
        }
        let next = if troubled {
            writes.recv_timeout(PROBE_EVERY)
        } else {
            writes.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match next {
            Ok(first) => group(&mut connection, first, writes, changes, health),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Writes something that takes room, and takes it away again.
fn probe(connection: &Connection) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('probe', hex(randomblob(?1)))
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [PROBE_BYTES / 2],
    )?;
    connection.execute("DELETE FROM meta WHERE key = 'probe'", [])?;
    Ok(())
}

/// One transaction, and everyone in it told.
fn group(
    connection: &mut Connection,
    first: Write,
    writes: &mpsc::Receiver<Write>,
    changes: &watch::Sender<WireState>,
    health: &Health,
) {
    let mut done = Vec::new();
    let failure = commit(connection, first, writes, &mut done).err();
    if failure.is_none()
        && let Ok(state) = wire_state(connection)
    {
        announce(changes, state);
    }
    let of_commit = failure.as_ref().and_then(|error| Some((error.trouble()?, error.to_string())));
    let trouble = done.iter_mut().find_map(|done| done.trouble.take()).or(of_commit);
    if trouble.is_some() {
        // Told before the receipts are: whoever sees its write fail sees why.
        health.note(Finder::Writing, trouble);
    }
    for done in done {
        (done.acknowledge)(failure.as_ref());
    }
}

fn commit(
    connection: &mut Connection,
    first: Write,
    writes: &mpsc::Receiver<Write>,
    done: &mut Vec<Done>,
) -> Result<(), Error> {
    let began = Instant::now();
    let mut transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate)
    {
        Ok(transaction) => transaction,
        Err(error) => {
            done.push(first(None));
            return Err(error.into());
        }
    };
    done.push(first(Some(&mut transaction)));
    // Where the transaction is gone, a further write would begin one of its own.
    while done.len() < GROUP_MAX && began.elapsed() < GROUP_TIME_MAX && !gone(&transaction) {
        let Ok(next) = writes.try_recv() else { break };
        done.push(next(Some(&mut transaction)));
    }
    if gone(&transaction) {
        return Err(taken_back(done));
    }
    Ok(transaction.commit()?)
}

/// Why the group's transaction is gone: by the trouble that its last write met.
fn taken_back(done: &[Done]) -> Error {
    match done.last().and_then(|done| done.trouble.as_ref()) {
        Some((TroubleKind::DiskFull, _)) => Error::DiskFull,
        Some((TroubleKind::ReadOnly, _)) => Error::ReadOnly,
        Some((TroubleKind::Damaged, reason)) => Error::Damaged(reason.clone()),
        Some((_, reason)) => Error::Commit(reason.clone()),
        None => Error::Commit("the transaction was taken back".into()),
    }
}

#[cfg(test)]
mod tests {
    use depeche_news::Cursor;

    use super::*;

    /// SQLite takes a whole transaction back when the disk fills in the middle of a large one.
    #[test]
    fn receipts_are_right_about_a_group_whose_transaction_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("file")).unwrap();
        connection
            .execute_batch("CREATE TABLE counter (seq); INSERT INTO counter VALUES (0); CREATE TABLE noted (who)")
            .unwrap();
        let nothing = WireState { cursor: Cursor { epoch: 1, seq: 0 }, outlets: 0 };
        let changes = watch::Sender::new(nothing);
        let writer = Writer::start(connection, changes, Arc::new(Health::new()));
        let (go, wait) = mpsc::channel::<()>();
        let note = |who: i64| {
            move |transaction: &Transaction<'_>| {
                transaction.execute("INSERT INTO noted VALUES (?1)", [who])?;
                Ok(())
            }
        };
        let first = writer.submit(Chain::default(), move |transaction| {
            // Held until the others have gathered.
            wait.recv().map_err(|_| Error::Closed)?;
            note(1)(transaction)
        });
        let second = writer.submit(Chain::default(), |transaction| {
            transaction.execute_batch("ROLLBACK")?;
            Err::<(), _>(Error::DiskFull)
        });
        let third = writer.submit(Chain::default(), note(3));
        go.send(()).unwrap();
        let told = [first.wait().is_ok(), second.wait().is_ok(), third.wait().is_ok()];
        let noted = Connection::open(folder.path().join("file")).unwrap();
        let there = [1, 2, 3].map(|who: i64| {
            let sql = "SELECT EXISTS (SELECT 1 FROM noted WHERE who = ?1)";
            noted.query_row(sql, [who], |row| row.get::<_, bool>(0)).unwrap()
        });
        assert_eq!(told, there);
        assert!(there[2], "the next group is not held up");
    }
}
