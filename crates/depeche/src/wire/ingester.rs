//! The loop that takes deliveries to the wire.

use std::time::Duration;

use depeche_ingest::Ingest;
use depeche_news::jiff::Timestamp;
use depeche_store::{Error, Store};

use crate::wire::{Bell, REST};

/// How often it looks for deliveries of other processes, which cannot ring our bell.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often a process without the lease asks for it: it is free the moment its holder is gone.
const LEASE_EVERY: Duration = Duration::from_secs(1);

/// Runs until the bell says stop; `index` is rung when something came on the wire.
pub(crate) fn run(store: &Store, bell: &Bell, index: &Bell) {
    let troubled = || store.trouble().borrow().is_some();
    while !bell.stopped() {
        if troubled() {
            bell.wait(LEASE_EVERY);
            continue;
        }
        match Ingest::start(store, Timestamp::now()) {
            Ok(Some(ingest)) => {
                let done = work(ingest, bell, index, troubled);
                match done {
                    Err(error) if !troubled() => {
                        tracing::error!(%error, "taking in failed; starting anew");
                        bell.wait(REST);
                    }
                    // What the trouble is, is told once; what waits goes on waiting.
                    _ => {}
                }
            }
            Ok(None) => bell.wait(LEASE_EVERY),
            Err(error) => {
                tracing::error!(%error, "cannot start taking in");
                bell.wait(REST);
            }
        }
    }
}

/// Works until the bell says stop or a trouble begins.
fn work(
    mut ingest: Ingest,
    bell: &Bell,
    index: &Bell,
    troubled: impl Fn() -> bool,
) -> Result<(), Error> {
    while !bell.stopped() && !troubled() {
        if ingest.work(Timestamp::now(), || !bell.stopped() && !troubled())? > 0 {
            index.ring();
        } else {
            bell.wait(LOOK_EVERY);
        }
    }
    ingest.stop(Timestamp::now());
    Ok(())
}
