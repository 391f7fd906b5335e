//! Placing: which dispatch an item belongs to, and which story.

use depeche_cluster::{Candidate, Limits, Placement, Trace, Window};
use depeche_news::{
    DispatchId, Item, ItemId, Status, StoryId,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Error, Known, Placed, Store};

/// Items between two looks at what has become too old for the window.
const TRIM_EVERY: usize = 256;

/// The window, and the identities the wire gives to what it finds.
pub(crate) struct Places {
    window: Window,
    since_trim: usize,
}

impl Places {
    /// The window as it was: told again what the store knows, in the order in which it came in. An item
    /// whose trace is of a form that is no longer read stays where it is and is not compared with.
    pub(crate) fn remembered(store: &Store, now: Timestamp) -> Result<Self, Error> {
        let limits = Limits::default();
        let mut window = Window::new(limits);
        let since = now - SignedDuration::from_hours(i64::from(limits.hours_max));
        for item in store.remembered(since)? {
            let Some(trace) = Trace::from_bytes(&item.trace) else { continue };
            window.advance(item.wire_at);
            let (dispatch, story) = (item.dispatch.as_str(), item.story.as_str());
            window.restore(item.id.as_str(), &trace, dispatch, story, Some(item.at));
        }
        Ok(Self { window, since_trim: 0 })
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
    ) -> Placed {
        // A kill often carries no text, and a teaser is not all of it.
        let later = item.status == Status::Canceled || page_wanted;
        match before {
            Some(before) if later => kept(before),
            None if later => founded(id),
            Some(before) if before.placed => self.replaced(id, item, before, now),
            _ => self.placed(id, item, now).unwrap_or_else(|| founded(id)),
        }
    }

    /// Places an item of which there will never be more than a teaser.
    pub(crate) fn place_teaser(&mut self, id: &ItemId, item: &Item, now: Timestamp) -> Placed {
        self.placed(id, item, now).unwrap_or_else(|| founded(id))
    }

    fn placed(&mut self, id: &ItemId, item: &Item, now: Timestamp) -> Option<Placed> {
        self.trim(now);
        self.window.forget(id.as_str());
        let placement = self.compare(id, item, now);
        Some(Placed {
            dispatch: DispatchId::parse(&placement.dispatch)?,
            story: StoryId::parse(&placement.story)?,
            relation: placement.relation.as_str().to_owned(),
            related_to: placement.of.clone(),
            evidence: told(&placement),
            trace: Some(placement.trace.to_bytes()),
        })
    }

    /// A new version stays where it was; the window is told its new text.
    fn replaced(&mut self, id: &ItemId, item: &Item, before: &Known, now: Timestamp) -> Placed {
        self.window.forget(id.as_str());
        let trace = self.compare(id, item, now).trace;
        self.window.forget(id.as_str());
        let (dispatch, story) = (before.dispatch.as_str(), before.story.as_str());
        self.window.restore(id.as_str(), &trace, dispatch, story, Some(published(item, now)));
        Placed { trace: Some(trace.to_bytes()), ..kept(before) }
    }

    fn compare(&mut self, id: &ItemId, item: &Item, now: Timestamp) -> Placement {
        let article = &item.article;
        let mut text = article.text();
        if text.is_empty() {
            text = article.standfirst.clone().unwrap_or_default();
        } else if let Some(standfirst) = &article.standfirst {
            text = format!("{standfirst}\n\n{text}");
        }
        self.window.advance(now);
        self.window.place(&Candidate {
            id: id.as_str(),
            title: &article.headline,
            text: &text,
            published: Some(published(item, now)),
            source: Some(item.source.as_str()),
            language: article.language.as_deref(),
        })
    }

    fn trim(&mut self, now: Timestamp) {
        self.since_trim += 1;
        if self.since_trim >= TRIM_EVERY {
            self.since_trim = 0;
            self.window.trim(now);
        }
    }
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
    if evidence.figures_differ {
        told.insert("figures_differ".to_owned(), true.into());
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
