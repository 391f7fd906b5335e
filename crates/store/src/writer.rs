//! The one writer: a thread that commits what has gathered, and acknowledges after the commit.

use std::{
    pin::Pin,
    sync::mpsc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use crate::{Error, WireState, connection::announce, wire::wire_state};

/// Writes taken into one commit at most. A commit costs a disk write of 0.3 to 6 ms however many
/// it carries; past some hundred, waiting longer gains nothing and delays the first.
const GROUP_MAX: usize = 256;

/// Longest a commit is held open for more writes, so that the first of a group is not kept waiting.
const GROUP_TIME_MAX: Duration = Duration::from_millis(50);

/// Writes that may wait before whoever submits has to wait too.
const QUEUE_MAX: usize = 1024;

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

/// Runs one write inside the group's transaction (none: it could not begin) and gives back what
/// acknowledges it.
type Write = Box<dyn FnOnce(Option<&mut Transaction<'_>>) -> Acknowledge + Send>;
/// Tells whoever waits: with `None` what the write gave, else that the commit failed.
type Acknowledge = Box<dyn FnOnce(Option<String>)>;

pub(crate) struct Writer {
    queue: mpsc::SyncSender<Write>,
}

impl Writer {
    pub(crate) fn start(connection: Connection, changes: watch::Sender<WireState>) -> Self {
        let (queue, writes) = mpsc::sync_channel(QUEUE_MAX);
        std::thread::spawn(move || run(connection, &writes, &changes));
        Self { queue }
    }

    pub(crate) fn submit<T, F>(&self, write: F) -> Receipt<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let write: Write = Box::new(move |transaction| {
            let result = transaction.map_or(Err(Error::Closed), |t| in_savepoint(t, write));
            Box::new(move |commit_failed| {
                let result = match commit_failed {
                    None => result,
                    Some(reason) => Err(Error::Commit(reason)),
                };
                // Nobody waits any more: the write stands all the same.
                let _ = sender.send(result);
            })
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
    if result.is_err() {
        transaction.execute_batch("ROLLBACK TO one_write")?;
    }
    transaction.execute_batch("RELEASE one_write")?;
    result
}

fn run(
    mut connection: Connection,
    writes: &mpsc::Receiver<Write>,
    changes: &watch::Sender<WireState>,
) {
    while let Ok(first) = writes.recv() {
        let mut acknowledgements = Vec::new();
        let committed = commit_group(&mut connection, first, writes, &mut acknowledgements);
        let failure = committed.err().map(|error| error.to_string());
        if failure.is_none()
            && let Ok(state) = wire_state(&connection)
        {
            announce(changes, state);
        }
        for acknowledge in acknowledgements {
            acknowledge(failure.clone());
        }
    }
}

fn commit_group(
    connection: &mut Connection,
    first: Write,
    writes: &mpsc::Receiver<Write>,
    acknowledgements: &mut Vec<Acknowledge>,
) -> Result<(), Error> {
    let began = Instant::now();
    let mut transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate)
    {
        Ok(transaction) => transaction,
        Err(error) => {
            acknowledgements.push(first(None));
            return Err(error.into());
        }
    };
    acknowledgements.push(first(Some(&mut transaction)));
    while acknowledgements.len() < GROUP_MAX && began.elapsed() < GROUP_TIME_MAX {
        let Ok(next) = writes.try_recv() else { break };
        acknowledgements.push(next(Some(&mut transaction)));
    }
    transaction.commit()?;
    Ok(())
}
