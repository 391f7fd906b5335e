//! How far the index is behind the wire, where it is: a second or so is its ordinary way.

use std::sync::Arc;

use depeche_news::jiff::{SignedDuration, Timestamp};

use crate::{
    App, dates,
    failure::Failure,
    page::{Visit, read},
};

/// Entries that the index is behind before it is told that it fills: fewer are a moment of a busy wire.
const ENTRIES_MAX: u64 = 1_000;

/// How long an entry waits for the index before that is told: longer than a store at work, shorter than a reader wonders.
const WAIT_MAX: SignedDuration = SignedDuration::from_secs(30);

/// How far the index is.
pub(super) enum Behind {
    /// It is being filled, and has so many per cent.
    Filling(u64),
    /// It has nothing of what came from then on.
    Since(Timestamp),
}

/// How far the index is, where it is not where the wire is. Without an index there is nothing to tell: no search answers.
pub(super) async fn behind(app: &Arc<App>, visit: &Visit) -> Result<Option<Behind>, Failure> {
    let Some(reader) = app.search.borrow().clone() else { return Ok(None) };
    let wire = app.changes.borrow().cursor;
    let now = visit.now;
    read(app, move |store| {
        // The place of the index is read from its folder. One of another life of the store is about to be filled.
        let indexed = reader.cursor().filter(|cursor| cursor.epoch == wire.epoch);
        let seq = indexed.map_or(0, |cursor| cursor.seq);
        if wire.seq.saturating_sub(seq) > ENTRIES_MAX {
            return Ok(Some(Behind::Filling(seq * 100 / wire.seq)));
        }
        let next = store.entries(seq, 1)?.pop().map(|entry| entry.at);
        Ok(next.filter(|at| now.duration_since(*at) > WAIT_MAX).map(Behind::Since))
    })
    .await
}

impl Behind {
    /// In a sentence.
    pub(super) fn told(&self, app: &App, visit: &Visit) -> String {
        let w = visit.words();
        match self {
            Self::Filling(per_cent) => w.search_filling(*per_cent),
            Self::Since(at) => {
                w.search_behind(&dates::short(visit.language, *at, visit.now, &app.settings.zone))
            }
        }
    }
}
