//! Placing: which dispatch an item belongs to, and which story.

use depeche_cluster::{Candidate, Limits, Placement, Trace, Window};
use depeche_news::{
    DispatchId, Item, ItemId, Status, StoryId,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Error, Known, Placed, Store};

use crate::read::Draft;

/// How far back the window remembers after a restart; the window's own limits cut closer.
const REMEMBERED_DAYS: i64 = 30;

/// Items between two looks at what has become too old for the window.
const TRIM_EVERY: usize = 256;

/// The window, and the identities the wire gives to what it finds.
pub(crate) struct Places {
    window: Window,
    since_trim: usize,
}

impl Places {
    /// The window as it was: told again what the store knows.
    pub(crate) fn remembered(store: &Store, now: Timestamp) -> Result<Self, Error> {
        let mut window = Window::new(Limits::default());
        for item in store.remembered(now - SignedDuration::from_hours(24 * REMEMBERED_DAYS))? {
            if let Some(trace) = Trace::from_bytes(&item.trace) {
                window.restore(
                    item.id.as_str(),
                    &trace,
                    item.dispatch.as_str(),
                    item.story.as_str(),
                    Some(item.at),
                );
            }
        }
        Ok(Self { window, since_trim: 0 })
    }

    /// Places one item. Who was placed before keeps its dispatch through all its versions, since
    /// others may have been placed by it; only the page of an item of which a teaser was known so
    /// far may move it.
    pub(crate) fn place(
        &mut self,
        id: &ItemId,
        item: &Item,
        draft: &Draft,
        before: Option<&Known>,
        now: Timestamp,
    ) -> Placed {
        match before {
            // A kill often carries no text: the place stays that of the text it kills.
            Some(before) if item.status == Status::Canceled || draft.page_wanted.is_some() => {
                kept(before)
            }
            None if draft.page_wanted.is_some() || item.status == Status::Canceled => founded(id),
            Some(before) if !draft.page_had => self.replaced(id, item, before, now),
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
            evidence: serde_json::to_string(&placement.evidence).ok(),
            trace: Some(placement.trace.to_bytes()),
        })
    }

    /// A new version stays where it was; the window is told its new text.
    fn replaced(&mut self, id: &ItemId, item: &Item, before: &Known, now: Timestamp) -> Placed {
        self.window.forget(id.as_str());
        let trace = self.compare(id, item, now).trace;
        self.window.forget(id.as_str());
        let at = item.article.published.map_or(now, |published| published.sort_key());
        self.window.restore(
            id.as_str(),
            &trace,
            before.dispatch.as_str(),
            before.story.as_str(),
            Some(at),
        );
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
        self.window.place(&Candidate {
            id: id.as_str(),
            title: &article.headline,
            text: &text,
            published: Some(
                article.published.map_or(now, |published| published.sort_key().min(now)),
            ),
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

/// A dispatch of its own.
fn founded(id: &ItemId) -> Placed {
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
