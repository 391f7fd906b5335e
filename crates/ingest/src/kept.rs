//! The window between two runs: its snapshot in the data folder, and how a start makes the window of it.
//!
//! A snapshot is believed only if it is of this life of the wire and of this program; what has changed behind its
//! mark is told the window again, out of the store. In any doubt it is taken away, and the window is told everything again.

use std::{
    io::{self, BufRead, BufReader, Read},
    time::Instant,
};

use depeche_cluster::{Limits, Window};
use depeche_news::{
    ItemId,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Error, Store};

use crate::{
    place::{Places, places_since, tell as tell_item},
    read::READING,
};

/// Changes behind a snapshot that are told again: half a window. With more, telling everything is not slower.
const CHANGES_MAX: usize = 50_000;

/// A snapshot is written anew when the log is ahead of it by this part of the window, but not by fewer entries than
/// that: so every item has 2 kB written once more, and after a kill an eighth of the window is to be told again.
const BEHIND_PART: usize = 8;
const BEHIND_MIN: usize = 1_024;

/// It waits for a moment in which nothing waits, until the log is ahead of it by so many times that.
const BUSY_TIMES: usize = 2;

/// Least time between two that are written while the wire runs.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// When one is written anew that has items which have expired since: retention may take some every minute.
const EXPIRED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Bytes that are read at a time.
const READ_AT_ONCE: usize = 1 << 16;

/// Longest first line of a snapshot.
const HEADING_BYTES_MAX: u64 = 512;

/// The snapshot that is in the folder, and what has happened since.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Up to where in the wire log it knows; `None` where there is none.
    mark: Option<u64>,
    /// When it was written last, or it was tried, or the work began.
    tried: Timestamp,
    /// Something that it has is gone.
    outdated: bool,
    /// Something that is gone was in the window since its postings were last put in order.
    unpurged: bool,
    /// All that the window knows is committed: nothing has failed.
    whole: bool,
}

impl Kept {
    /// Says that the window may be ahead of the store from here on.
    pub(crate) fn in_work(&mut self) {
        self.whole = false;
    }

    /// Says that all that the window knows is committed.
    pub(crate) fn whole(&mut self) {
        self.whole = true;
    }

    /// Says that items are gone which were in the window. What was taken down is nowhere any more, wherever it was; what
    /// has expired goes with the next snapshot.
    pub(crate) fn removed(&mut self, store: &Store, taken_down: bool) -> Result<(), Error> {
        (self.outdated, self.unpurged) = (true, true);
        if taken_down {
            store.drop_window()?;
            self.mark = None;
        }
        Ok(())
    }

    /// Whether the snapshot should be written while the wire runs.
    pub(crate) fn is_due(&self, store: &Store, items: usize, idle: bool, now: Timestamp) -> bool {
        // A clock that was put back must not hold it off.
        let waited = now.duration_since(self.tried).abs();
        if waited < AGAIN_AFTER || !self.may_write(store) {
            return false;
        }
        let Some(mark) = self.mark else { return idle && items > 0 };
        let behind = store.changes().borrow().cursor.seq.saturating_sub(mark) as usize;
        let part = BEHIND_MIN.max(items / BEHIND_PART);
        let expired = self.outdated && waited >= EXPIRED_AFTER;
        (idle && (behind >= part || expired)) || behind >= BUSY_TIMES * part
    }

    /// Whether the snapshot is not what it would be now.
    pub(crate) fn is_behind(&self, store: &Store) -> bool {
        let told = Some(store.changes().borrow().cursor.seq);
        self.may_write(store) && (self.mark != told || self.outdated || store.has_untold())
    }

    /// Whether the window may be written: it is what the store says, and the machine lets us.
    fn may_write(&self, store: &Store) -> bool {
        self.whole && store.trouble().borrow().is_none()
    }

    /// Writes the snapshot. That it could not be written is told and keeps nothing from going on: the one before is
    /// still good.
    pub(crate) fn write(
        &mut self,
        store: &Store,
        window: &mut Window,
        mark: u64,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.tried = now;
        if std::mem::take(&mut self.unpurged) {
            window.purge();
        }
        let began = Instant::now();
        if let Err(error) = write(store, window, mark) {
            tracing::warn!(%error, "cannot keep the window; after a kill the next start takes longer");
            return Ok(());
        }
        (self.mark, self.outdated) = (Some(mark), false);
        let (items, bytes, took) = (window.len(), store.window_bytes(), began.elapsed());
        tracing::debug!(items, bytes, ?took, "the window is kept");
        // Whoever took something down meanwhile took the one before away.
        let removed = store.removed_since(mark, CHANGES_MAX)?;
        if removed.iter().any(|removed| removed.taken_down) {
            self.removed(store, true)?;
        }
        store.forget_untold(mark)
    }
}

fn write(store: &Store, window: &Window, mark: u64) -> Result<(), Error> {
    let Some(heading) = heading(store, mark)? else {
        return Err(Error::Unreadable(format!("entry {mark} of the wire")));
    };
    let held = window.held();
    let bytes = held.names + held.texts + held.fingerprints + held.terms + READ_AT_ONCE;
    store.keep_window(bytes as u64, |mut out| {
        out.write_all(heading.as_bytes())?;
        window.snapshot(mark, &mut out)
    })
}

/// What the file begins with: the program that made it, and the place in the wire up to which it knows.
fn heading(store: &Store, mark: u64) -> Result<Option<String>, Error> {
    let place = store.place_on_wire(mark)?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(place.map(|place| format!("depeche window {version} {READING} {place}\n")))
}

/// The places as they were: out of the snapshot, or told again. `looked` is how far the wire log was before.
pub(crate) fn places(store: &Store, looked: u64, now: Timestamp) -> Result<(Places, Kept), Error> {
    let kept =
        |mark, outdated| Kept { mark, tried: now, outdated, unpurged: outdated, whole: true };
    let began = Instant::now();
    match restored(store, looked, now)? {
        Ok((window, mark)) => {
            tracing::debug!(items = window.len(), took = ?began.elapsed(), "the window is read");
            let removed = store.removed_since(mark, CHANGES_MAX)?;
            let mut kept = kept(Some(mark), !removed.is_empty());
            if removed.iter().any(|removed| removed.taken_down) {
                kept.removed(store, true)?;
            }
            Ok((Places::of(store, window, now)?, kept))
        }
        Err(why) => {
            if let Some(why) = why {
                tracing::info!(
                    why,
                    "the window that was kept is left; it is told everything again"
                );
                store.drop_window()?;
            }
            let places = Places::remembered(store, now)?;
            // What was noted for a snapshot is in the window now.
            store.forget_untold(looked)?;
            tracing::debug!(took = ?began.elapsed(), "the window is told again");
            Ok((places, kept(None, false)))
        }
    }
}

/// A window out of the snapshot, and its mark; or why not, nothing where there is none.
type Restored = Result<(Window, u64), Option<String>>;

fn restored(store: &Store, looked: u64, now: Timestamp) -> Result<Restored, Error> {
    let not = |why: String| Ok(Err(Some(why)));
    let file = match store.kept_window() {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Err(None)),
        Err(error) => return not(error.to_string()),
    };
    let mut file = BufReader::with_capacity(READ_AT_ONCE, file);
    let told = match first_line(&mut file) {
        Ok(told) => told,
        Err(error) => return not(format!("cannot read it: {error}")),
    };
    let (mut window, mark) = match Window::restored(Limits::default(), &mut file) {
        Ok(restored) => restored,
        Err(error) => return not(error.to_string()),
    };
    // No number that is nonsense gets as far as the store.
    if mark > looked || heading(store, mark)? != Some(told) {
        return not("it is of another wire or another depeche".to_owned());
    }
    let Some(changed) = store.changed_since(mark, CHANGES_MAX)? else {
        return not("too much has changed since".to_owned());
    };
    tell(store, &mut window, &changed, now)?;
    Ok(Ok((window, mark)))
}

/// Tells the window how items stand now, and what time it is.
fn tell(
    store: &Store,
    window: &mut Window,
    changed: &[ItemId],
    now: Timestamp,
) -> Result<(), Error> {
    store.remembered_of(changed, places_since(now), |id, item| {
        let known = item.is_some_and(|item| tell_item(window, &item));
        if !known {
            window.forget(id.as_str());
        }
    })?;
    window.trim(now);
    Ok(())
}

/// The line that the file begins with, with its end.
fn first_line(file: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    file.by_ref().take(HEADING_BYTES_MAX).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}
