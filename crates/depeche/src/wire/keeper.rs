//! The loop that lets go of what is kept long enough, in small batches beside the intake.

use std::time::Duration;

use depeche_ingest::cut;
use depeche_news::jiff::Timestamp;
use depeche_store::{Cutting, Error, Keep, Lease, Remains, Store, Trouble, TroubleKind};
use serde::Serialize;

use crate::wire::{Bell, REST};

/// How often it looks: what is kept for days is not kept by the minute.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// Items that expire in one write: some milliseconds of the writer.
const ITEMS_AT_ONCE: usize = 64;

/// Documents reduced in one write; each is read and written anew.
const DOCUMENTS_AT_ONCE: usize = 4;

/// Pages dropped in one write.
const PAGES_AT_ONCE: usize = 64;

/// Rest between two writes, so that the intake comes in between.
const BETWEEN: Duration = Duration::from_millis(20);

/// What went.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Tended {
    pub(crate) items: usize,
    pub(crate) documents: usize,
    pub(crate) pages: usize,
}

/// Runs until the bell says stop; of several processes on one folder, one does it.
pub(crate) fn run(store: &Store, keep: Keep, bell: &Bell) {
    while !bell.stopped() {
        let rest = match Lease::take(store.folder(), "keep") {
            Ok(_) if rests(store).is_some() => REST,
            Ok(Some(_lease)) => match tend_in_time(store, keep, bell) {
                Ok(tended) => {
                    tell(tended);
                    LOOK_EVERY
                }
                Err(error) => {
                    tracing::error!(%error, "cannot let go of what is old; trying again");
                    REST
                }
            },
            Ok(None) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "cannot look after what is kept; trying again");
                REST
            }
        };
        bell.wait(rest);
    }
}

fn tell(tended: Tended) {
    let Tended { items, documents, pages } = tended;
    if items + documents + pages > 0 {
        tracing::info!(items, documents, pages, "let go of what was kept long enough");
    }
}

/// Lets go by the time that retention goes by.
fn tend_in_time(store: &Store, keep: Keep, bell: &Bell) -> Result<Tended, Error> {
    let now = store.keeping_time(Timestamp::now()).wait()?;
    tend(store, keep, now, || !bell.stopped())
}

/// Lets go of all whose time is over at `now`, as long as `go_on` says so and nothing is wrong.
pub(crate) fn tend(
    store: &Store,
    keep: Keep,
    now: Timestamp,
    go_on: impl Fn() -> bool,
) -> Result<Tended, Error> {
    if let Some(trouble) = rests(store) {
        return Err(Error::Resting(trouble));
    }
    let go_on = || go_on() && rests(store).is_none();
    Ok(Tended {
        items: batches(ITEMS_AT_ONCE, go_on, |limit| store.expire(keep, now, limit).wait())?,
        documents: batches(1, go_on, |_| reduce(store, keep, now))?,
        pages: batches(PAGES_AT_ONCE, go_on, |limit| store.drop_pages(keep, now, limit).wait())?,
    })
}

/// Why nothing is let go of now: by a clock that is wrong everything may be old. A full disk is what
/// letting go is for.
fn rests(store: &Store) -> Option<Trouble> {
    store.troubled().filter(|trouble| trouble.kind != TroubleKind::DiskFull)
}

/// Does one batch after the other until one is not full.
fn batches(
    full: usize,
    go_on: impl Fn() -> bool,
    one: impl Fn(usize) -> Result<usize, Error>,
) -> Result<usize, Error> {
    let mut all = 0;
    while go_on() {
        let done = one(full)?;
        all += done;
        if done < full {
            break;
        }
        std::thread::sleep(BETWEEN);
    }
    Ok(all)
}

/// Reduces some documents to what brought something.
fn reduce(store: &Store, keep: Keep, now: Timestamp) -> Result<usize, Error> {
    let due = store.due_documents(keep, now, DOCUMENTS_AT_ONCE)?;
    let reduced = due.into_iter().map(|due| {
        let remains = match due.brought.is_empty() {
            true => Remains::Nothing,
            false => cut(&due.document.delivery, Cutting::Only(&due.brought)),
        };
        (due, remains)
    });
    store.reduce(reduced.collect()).wait()
}
