//! What goes on while files are read: deliveries are taken to the wire and to the index as they come.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use depeche_ingest::Ingest;
use depeche_news::jiff::Timestamp;
use depeche_store::{Error, Store};

use crate::wire::{
    Bell,
    indexer::{self, Indexer},
};

/// How often a thread without anything to do looks again, and how often one without the lease asks for it.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Deliveries that may wait to be taken in: enough that reading and taking in never wait for each other in
/// turns, few enough that what an interrupted import has read is on the wire but for some seconds.
const WAITING_MAX: usize = 256;

/// Takes in beside the reading, unless a running wire on the folder does.
pub(super) struct Alongside<'s> {
    store: &'s Store,
    ingest: Bell,
    index: Bell,
    failed: Mutex<Option<anyhow::Error>>,
}

impl<'s> Alongside<'s> {
    /// Runs `reading` with the taking in beside it, which goes on until all of `last` is in or `reading` fails.
    pub(super) fn run<T>(
        store: &'s Store,
        reading: impl FnOnce(&Self) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let this = Self {
            store,
            ingest: Bell::default(),
            index: Bell::default(),
            failed: Mutex::default(),
        };
        std::thread::scope(|scope| {
            scope.spawn(|| this.take_in());
            scope.spawn(|| this.bring_to_index());
            let done = reading(&this);
            this.ingest.stop();
            this.index.stop();
            done
        })
    }

    /// There is something new to take in.
    pub(super) fn ring(&self) {
        self.ingest.ring();
    }

    /// Says no once nothing can go on: the machine does not let us write, or taking in has failed.
    pub(super) fn goes_on(&self) -> anyhow::Result<()> {
        if let Some(trouble) = self.store.troubled() {
            return Err(Error::Resting(trouble).into());
        }
        match self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Waits until little enough waits up to `last`; `look` is called meanwhile with how much does, and may
    /// give up.
    pub(super) fn wait(
        &self,
        last: i64,
        at_most: usize,
        mut look: impl FnMut(usize) -> bool,
    ) -> anyhow::Result<()> {
        loop {
            self.goes_on()?;
            let waiting = self.store.pending_up_to(last)?;
            if waiting <= at_most || !look(waiting) {
                return Ok(());
            }
            std::thread::sleep(LOOK_EVERY / 4);
        }
    }

    /// Lets reading go on only as fast as its deliveries are taken in.
    pub(super) fn keep_pace(
        &self,
        last: i64,
        look: impl FnMut(usize) -> bool,
    ) -> anyhow::Result<()> {
        match self.store.pending_up_to(last)? > WAITING_MAX {
            true => self.wait(last, WAITING_MAX / 2, look),
            false => self.goes_on(),
        }
    }

    fn take_in(&self) {
        let mut waited_at_failure = None;
        while !self.ingest.stopped() {
            let worked = match Ingest::start(self.store, Timestamp::now()) {
                Ok(Some(ingest)) => self.work(ingest),
                // A running wire takes in what is read here.
                Ok(None) => {
                    self.ingest.wait(LOOK_EVERY);
                    continue;
                }
                Err(error) => Err(error),
            };
            let Err(error) = worked else { return };
            // A delivery that is a defect of ours costs itself and a new start; the same failure again, the rest.
            let waiting = self.store.pending_up_to(i64::MAX).ok();
            if waiting.is_none() || waiting == waited_at_failure {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.into());
                return;
            }
            waited_at_failure = waiting;
        }
    }

    fn work(&self, mut ingest: Ingest) -> Result<(), Error> {
        while !self.ingest.stopped() {
            match ingest.work(Timestamp::now(), || !self.ingest.stopped())? {
                0 => self.ingest.wait(LOOK_EVERY),
                _ => self.index.ring(),
            }
        }
        ingest.stop(Timestamp::now());
        Ok(())
    }

    fn bring_to_index(&self) {
        while !self.index.stopped() {
            match Indexer::start(self.store) {
                Ok(Some(indexer)) => indexer::run(indexer, &self.index),
                // What cannot be indexed now is at the end, where an error is told.
                Ok(None) | Err(_) => self.index.wait(LOOK_EVERY * 10),
            }
        }
    }
}
