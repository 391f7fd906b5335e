//! Flashes: an agency tells an event in a few words, and minutes later in more. Too little is in common for a text to be
//! known by it; that it is the same agency, the same hour and nearly the same headline says it.

use std::collections::VecDeque;

use depeche_cluster::{Limits, Trace};
use depeche_news::{
    DispatchId, ItemId, SourceId, StoryId,
    jiff::{SignedDuration, Timestamp},
    limits::ingest::{FLASH_MINUTES, FLASHES_MAX},
};
use depeche_store::{Error, Remembered, Store};

/// What of the shorter headline the other must say.
const HEADLINE_SHARE: f32 = 0.8;

/// A text of a few words, and where it was placed.
pub(crate) struct Flash {
    source: SourceId,
    at: Timestamp,
    trace: Trace,
    pub(crate) item: ItemId,
    pub(crate) dispatch: DispatchId,
    pub(crate) story: StoryId,
}

/// The flashes of the last hour, in the order they came.
#[derive(Default)]
pub(crate) struct Flashes(VecDeque<Flash>);

impl Flashes {
    /// Those that the store knows of.
    pub(crate) fn remembered(store: &Store, now: Timestamp) -> Result<Self, Error> {
        let mut flashes = Self::default();
        let since = now - SignedDuration::from_mins(FLASH_MINUTES);
        store.remembered(since, Limits::default().items_max, |item| {
            let Remembered { id, source, dispatch, story, wire_at, trace, killed, .. } = item;
            if let Some(trace) = Trace::from_bytes(&trace).filter(|_| !killed) {
                flashes.keep((&source, &id), &trace, (&dispatch, &story), wire_at);
            }
        })?;
        Ok(flashes)
    }

    /// Keeps an item in mind if it is a flash.
    pub(crate) fn keep(
        &mut self,
        (source, item): (&SourceId, &ItemId),
        trace: &Trace,
        (dispatch, story): (&DispatchId, &StoryId),
        at: Timestamp,
    ) {
        if !trace.is_brief() {
            return;
        }
        let (source, item) = (source.clone(), item.clone());
        let (dispatch, story) = (dispatch.clone(), story.clone());
        self.0.push_back(Flash { source, at, trace: trace.clone(), item, dispatch, story });
        while self.0.len() > FLASHES_MAX {
            self.0.pop_front();
        }
    }

    /// The flash that a text of this source goes on with, the latest.
    pub(crate) fn before(
        &self,
        source: &SourceId,
        trace: &Trace,
        now: Timestamp,
    ) -> Option<&Flash> {
        let within = SignedDuration::from_mins(FLASH_MINUTES);
        self.0.iter().rev().find(|flash| {
            flash.source == *source
                && now.duration_since(flash.at).abs() <= within
                && trace.headline_share(&flash.trace) >= HEADLINE_SHARE
        })
    }

    /// Forgets an item that is gone or killed: nothing goes on with it.
    pub(crate) fn forget(&mut self, item: &ItemId) {
        self.0.retain(|flash| flash.item != *item);
    }

    /// Says where an item stands that was moved.
    pub(crate) fn moved(&mut self, item: &Remembered) {
        for flash in self.0.iter_mut().filter(|flash| flash.item == item.id) {
            (flash.dispatch, flash.story) = (item.dispatch.clone(), item.story.clone());
        }
    }
}
