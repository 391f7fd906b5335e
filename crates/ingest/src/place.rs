//! Placing: which dispatch an item belongs to, and which story.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
};

use depeche_cluster::{Candidate, Limits, Placement, Relation, Trace, Window};
use depeche_news::{
    DispatchId, Item, ItemId, Status, StoryId,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Error, Known, Placed, Remembered, Store};

use crate::flashes::Flashes;

/// Items between two looks at what has become too old for the window.
const TRIM_EVERY: usize = 256;

/// The window, and the identities the wire gives to what it finds.
pub(crate) struct Places {
    window: Window,
    traces: Traces,
    flashes: Flashes,
    since_trim: usize,
}

/// The traces of what is in the window: they stand in the store, and the latest here too, because
/// they may not be committed yet and are the ones asked for most.
struct Traces {
    store: Store,
    latest: HashMap<ItemId, Vec<u8>>,
    order: VecDeque<ItemId>,
    /// What the store said when it could not be read; told by [`Places::place`].
    failed: RefCell<Option<Error>>,
}

/// Traces kept here of what is committed, about 1 MB: a copy mostly comes within the hour.
const LATEST_MAX: usize = 1_024;

impl Traces {
    fn keep(&mut self, id: &ItemId, trace: &[u8]) {
        if self.latest.insert(id.clone(), trace.to_vec()).is_none() {
            self.order.push_back(id.clone());
        }
    }

    fn get(&self, id: &str) -> Option<Trace> {
        let id = ItemId::parse(id)?;
        if let Some(trace) = self.latest.get(&id) {
            return Trace::from_bytes(trace);
        }
        match self.store.trace(&id) {
            Ok(trace) => Trace::from_bytes(&trace?),
            Err(error) => {
                self.failed.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}

impl Places {
    /// A window, of which the traces stand in the store.
    pub(crate) fn of(store: &Store, window: Window, now: Timestamp) -> Result<Self, Error> {
        let traces = Traces {
            store: store.clone(),
            latest: HashMap::new(),
            order: VecDeque::new(),
            failed: RefCell::default(),
        };
        let flashes = Flashes::remembered(store, now)?;
        Ok(Self { window, traces, flashes, since_trim: 0 })
    }

    pub(crate) fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    /// The window as it was: told again what the store knows, in the order in which it came in. An item
    /// whose trace is of a form that is no longer read stays where it is and is not compared with.
    pub(crate) fn remembered(store: &Store, now: Timestamp) -> Result<Self, Error> {
        let limits = Limits::default();
        let mut window = Window::new(limits);
        let since = places_since(now);
        store.remembered(since, limits.items_max, |item| {
            tell(&mut window, &item);
        })?;
        Self::of(store, window, now)
    }

    /// Tells the window where an item stands now.
    pub(crate) fn put(&mut self, item: &Remembered) {
        tell(&mut self.window, item);
        self.flashes.moved(item);
    }

    /// Forgets an item, so that nothing later is compared with it.
    pub(crate) fn forget(&mut self, id: &ItemId) {
        self.window.forget(id.as_str());
        self.traces.latest.remove(id);
        self.flashes.forget(id);
    }

    /// Says that all that was placed is committed: of its traces only the latest are kept here.
    pub(crate) fn committed(&mut self) {
        while self.traces.order.len() > LATEST_MAX {
            self.traces.order.pop_front().and_then(|id| self.traces.latest.remove(&id));
        }
    }

    /// Places one item. Who was placed before keeps its dispatch through all its versions, since
    /// others may have been placed by it. An item of which a teaser was known so far has only been
    /// given a dispatch of its own, and is placed by the first whole text there is of it.
    pub(crate) fn place(
        &mut self,
        id: &ItemId,
        item: &Item,
        page_wanted: bool,
        before: Option<&Known>,
        now: Timestamp,
    ) -> Result<Placed, Error> {
        // A kill often carries no text, and a teaser is not all of it.
        let later = item.status == Status::Canceled || page_wanted;
        if item.status == Status::Canceled {
            self.flashes.forget(id);
        }
        match before {
            Some(before) if later => Ok(kept(before)),
            None if later => Ok(founded(id)),
            Some(before) if before.placed => self.replaced(id, item, before, now),
            _ => self.placed(id, item, now),
        }
    }

    /// Places an item of which there will never be more than a teaser.
    pub(crate) fn place_teaser(
        &mut self,
        id: &ItemId,
        item: &Item,
        now: Timestamp,
    ) -> Result<Placed, Error> {
        self.placed(id, item, now)
    }

    /// Tells the window the text of an item that was read again, and gives its trace. One that came in too long
    /// ago to be in the window stays out of it.
    pub(crate) fn told_again(
        &mut self,
        id: &ItemId,
        item: &Item,
        known: &Known,
        wire_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Error> {
        let trace = self.replaced(id, item, known, now)?.trace;
        let hours = i64::from(Limits::default().hours_max);
        if wire_at < now - SignedDuration::from_hours(hours) {
            self.forget(id);
        }
        Ok(trace)
    }

    fn placed(&mut self, id: &ItemId, item: &Item, now: Timestamp) -> Result<Placed, Error> {
        self.trim(now);
        let placement = self.compare(id, item, now)?;
        let dispatch = DispatchId::parse(&placement.dispatch);
        let (Some(dispatch), Some(story)) = (dispatch, StoryId::parse(&placement.story)) else {
            return Ok(founded(id));
        };
        let mut placed = Placed {
            dispatch,
            story,
            relation: placement.relation.as_str().to_owned(),
            related_to: placement.of.clone(),
            evidence: told(&placement),
            trace: Some(self.kept_trace(id, &placement.trace)),
        };
        if placed.dispatch.as_str() == id.as_str() {
            self.goes_on(id, item, &placement.trace, &mut placed, now);
        }
        let place = (&placed.dispatch, &placed.story);
        self.flashes.keep((&item.source, id), &placement.trace, place, now);
        Ok(placed)
    }

    /// Puts a text that nothing was found for into the dispatch of the flash that it goes on with, if there is one.
    fn goes_on(
        &mut self,
        id: &ItemId,
        item: &Item,
        trace: &Trace,
        placed: &mut Placed,
        now: Timestamp,
    ) {
        let Some(flash) = self.flashes.before(&item.source, trace, now) else { return };
        placed.dispatch = flash.dispatch.clone();
        placed.story = flash.story.clone();
        placed.relation = Relation::Version.as_str().to_owned();
        placed.related_to = Some(flash.item.to_string());
        // What was found was found of another item.
        placed.evidence = None;
        let (dispatch, story) = (flash.dispatch.as_str(), flash.story.as_str());
        self.window.restore(id.as_str(), trace, dispatch, story, Some(published(item, now)));
    }

    /// A new version stays where it was; the window is told its new text.
    fn replaced(
        &mut self,
        id: &ItemId,
        item: &Item,
        before: &Known,
        now: Timestamp,
    ) -> Result<Placed, Error> {
        let trace = self.compare(id, item, now)?.trace;
        let (dispatch, story) = (before.dispatch.as_str(), before.story.as_str());
        self.window.restore(id.as_str(), &trace, dispatch, story, Some(published(item, now)));
        Ok(Placed { trace: Some(self.kept_trace(id, &trace)), ..kept(before) })
    }

    fn kept_trace(&mut self, id: &ItemId, trace: &Trace) -> Vec<u8> {
        let bytes = trace.to_bytes();
        self.traces.keep(id, &bytes);
        bytes
    }

    fn compare(&mut self, id: &ItemId, item: &Item, now: Timestamp) -> Result<Placement, Error> {
        let article = &item.article;
        let mut text = article.text();
        if text.is_empty() {
            text = article.standfirst.clone().unwrap_or_default();
        } else if let Some(standfirst) = &article.standfirst {
            text = format!("{standfirst}\n\n{text}");
        }
        self.window.advance(now);
        let candidate = Candidate {
            id: id.as_str(),
            title: &article.headline,
            text: &text,
            published: Some(published(item, now)),
        };
        let placement = self.window.place(&candidate, |id| self.traces.get(id));
        self.traces.failed.take().map_or(Ok(placement), Err)
    }

    fn trim(&mut self, now: Timestamp) {
        self.since_trim += 1;
        if self.since_trim >= TRIM_EVERY {
            self.since_trim = 0;
            self.window.trim(now);
        }
    }
}

/// Tells a window of an item that was placed before, as one that came when it came; false where its trace is of a form
/// that is no longer read.
pub(crate) fn tell(window: &mut Window, item: &Remembered) -> bool {
    let Some(trace) = Trace::from_bytes(&item.trace) else { return false };
    window.advance(item.wire_at);
    let (dispatch, story) = (item.dispatch.as_str(), item.story.as_str());
    window.restore(item.id.as_str(), &trace, dispatch, story, Some(item.at));
    if let Some(since) = item.story_since {
        window.begun(story, since);
    }
    true
}

/// Since when what came in is in the window.
pub(crate) fn places_since(now: Timestamp) -> Timestamp {
    now - SignedDuration::from_hours(i64::from(Limits::default().hours_max))
}

/// What a placement rests on, as the store keeps it: nothing where it rests on nothing, shares in
/// hundredths, and the terms of a story only where the item came into one.
fn told(placement: &Placement) -> Option<String> {
    let evidence = &placement.evidence;
    let hundredths = |share: f32| (f64::from(share) * 100.0).round() / 100.0;
    let mut told = serde_json::Map::new();
    if evidence.ours > 0.0 || evidence.theirs > 0.0 {
        told.insert("ours".to_owned(), hundredths(evidence.ours).into());
        told.insert("theirs".to_owned(), hundredths(evidence.theirs).into());
        told.insert("paragraphs".to_owned(), evidence.paragraphs.clone().into());
        told.insert("longest_run".to_owned(), evidence.longest_run.into());
    }
    for (word, holds) in
        [("figures_differ", evidence.figures_differ), ("same_headline", evidence.same_headline)]
    {
        if holds {
            told.insert(word.to_owned(), true.into());
        }
    }
    if placement.story != placement.dispatch && !evidence.story_terms.is_empty() {
        told.insert("story_terms".to_owned(), evidence.story_terms.clone().into());
    }
    (!told.is_empty()).then(|| serde_json::Value::Object(told).to_string())
}

/// When an item was published; nobody publishes in the future.
fn published(item: &Item, now: Timestamp) -> Timestamp {
    item.article.published.map_or(now, |published| published.sort_key().min(now))
}

/// A dispatch of its own.
pub(crate) fn founded(id: &ItemId) -> Placed {
    let dispatch = DispatchId::from(id);
    Placed {
        story: StoryId::from(&dispatch),
        dispatch,
        relation: "original".to_owned(),
        related_to: None,
        evidence: None,
        trace: None,
    }
}

/// The place an item had.
fn kept(before: &Known) -> Placed {
    Placed {
        dispatch: before.dispatch.clone(),
        story: before.story.clone(),
        relation: before.relation.clone(),
        related_to: None,
        evidence: None,
        trace: None,
    }
}
