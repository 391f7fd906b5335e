//! Turns for work that holds a core: whoever asks for much of it must not take the wire from its readers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Who may do some work; the others wait.
pub(crate) struct Turns(Arc<Semaphore>);

impl Turns {
    /// Turns of which so many are taken at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// Waits for a turn. It goes with the work, which is done to its end though whoever asked may leave; nobody closes
    /// the door, so there is always one.
    pub(crate) async fn next(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_third_waits() {
        let turns = Turns::new(2);
        let (first, _second) = (turns.next().await, turns.next().await);
        tokio::select! {
            biased;
            _ = turns.next() => panic!("a third"),
            () = std::future::ready(()) => {}
        }
        drop(first);
        assert!(turns.next().await.is_some());
    }
}
