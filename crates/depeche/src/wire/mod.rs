//! The loops that drive the wire: each works off what waits and then waits for more.

pub(crate) mod collector;
pub(crate) mod folders;
pub(crate) mod indexer;
pub(crate) mod ingester;
pub(crate) mod jobs;
pub(crate) mod keeper;
pub(crate) mod metrics;
pub(crate) mod pages;
pub(crate) mod subscriber;

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use depeche_store::{Store, TroubleKind};

/// Tells the loops to look again, or to stop.
#[derive(Clone, Default)]
pub(crate) struct Bell(Arc<Shared>);

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    /// There is something new to look at.
    pub(crate) fn ring(&self) {
        *self.0.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.heard.notify_all();
    }

    /// It is time to stop.
    pub(crate) fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// Whether it is time to stop.
    pub(crate) fn stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Waits until the bell rings, `most` at most.
    pub(crate) fn wait(&self, most: Duration) {
        let rung = self.0.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.heard.wait_timeout_while(rung, most, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// Says in the log what keeps the wire from taking in, once when it begins and once when it is over.
pub(crate) async fn tell_troubles(store: Store) {
    let mut troubles = store.trouble();
    let mut told = None;
    loop {
        let trouble = troubles.borrow_and_update().clone();
        match (&told, &trouble) {
            (_, Some(now)) => {
                tracing::error!(word = now.kind.word(), "the wire rests: {now}");
            }
            (Some(_), None) => tracing::info!("the wire goes on"),
            (None, None) => {}
        }
        told = trouble;
        if troubles.changed().await.is_err() {
            return;
        }
    }
}

/// Whether the store's disk refuses writes now: whatever is to be written is better left alone.
pub(crate) fn disk_refuses(store: &Store) -> bool {
    let trouble = store.trouble().borrow().as_ref().map(|trouble| trouble.kind);
    matches!(trouble, Some(TroubleKind::DiskFull | TroubleKind::ReadOnly | TroubleKind::Damaged))
}

/// How long a loop rests after an error of the store, so that a full disk is not hammered.
pub(crate) const REST: Duration = Duration::from_secs(2);
