//! What is made of a document beyond its own bytes: one account for all that a reading writes more than once.
//!
//! Every field has its limit, and a document that uses one base, entity or list ten thousand times stays within
//! each of them. What is written out of such a name is taken from this account; when it is empty, the name is left
//! as it is written, and the document says that something is missing. The account is that of the thread, so that
//! no reader has to hand it on to the last address of the last link.

use std::cell::Cell;

use depeche_news::limits::formats::{MADE_BYTES_MIN, MADE_PER_BYTE};

thread_local! {
    /// What may still be made; `None` where nothing is being read.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    static EMPTY: Cell<bool> = const { Cell::new(false) };
}

/// What is said of a document whose account was empty.
pub(crate) const TOO_MUCH: &str =
    "more is made of its names and addresses than is kept of one document";

/// Reads a document of so many bytes with an account of its own; tells whether that was enough.
pub(crate) fn within<T>(document: usize, reading: impl FnOnce() -> T) -> (T, bool) {
    let budget = document.saturating_mul(MADE_PER_BYTE).max(MADE_BYTES_MIN);
    let _outer = Outer(LEFT.replace(Some(budget)), EMPTY.replace(false));
    let read = reading();
    (read, !EMPTY.get())
}

/// Takes what is made from the account; false when there is not so much left, from then on for everything.
pub(crate) fn take(bytes: usize) -> bool {
    let Some(left) = LEFT.get() else { return true };
    let left = left.checked_sub(bytes).filter(|_| !EMPTY.get());
    EMPTY.set(left.is_none());
    LEFT.set(Some(left.unwrap_or(0)));
    left.is_some()
}

/// The account around this one, put back also after a panic.
struct Outer(Option<usize>, bool);

impl Drop for Outer {
    fn drop(&mut self) {
        LEFT.set(self.0);
        EMPTY.set(self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_that_of_its_document() {
        let (inner, enough) = within(0, || {
            assert!(take(MADE_BYTES_MIN));
            let inner = within(0, || take(MADE_BYTES_MIN + 1) || take(1));
            assert!(!take(1));
            inner
        });
        assert_eq!((inner, enough), ((false, false), false));
        assert!(take(usize::MAX));
        assert!(within(MADE_BYTES_MIN, || take(MADE_BYTES_MIN * MADE_PER_BYTE)).1);
    }
}
