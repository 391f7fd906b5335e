//! A desk: a store with a file, sources and items by their short names.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test fails by panicking"
)]

use depeche_news::{
    Article, Block, Delivery, DeliveryKind, DispatchId, Item, ItemId, Kind, SourceId,
    SourceVisibility, StoryId, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Appended, Arrival, NewSource, Placed, Recorded, SourceKind, Store, Viewer};

/// A store with a file of its own, and the moment that counts as now.
pub(crate) struct Desk {
    pub store: Store,
    pub now: Timestamp,
    pub _folder: tempfile::TempDir,
}

pub(crate) fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    Desk { store, now: "2016-02-11T16:00:00Z".parse().unwrap(), _folder: folder }
}

impl Desk {
    pub(crate) fn source(&self, address: &str, visibility: SourceVisibility) -> SourceId {
        let new = NewSource {
            address: address.to_owned(),
            name: Some(address.to_owned()),
            language: None,
            visibility,
            kind: SourceKind::Feed,
        };
        self.store.add_source(new, self.now).wait().unwrap().0
    }

    pub(crate) fn deliver(&self, source: &SourceId, body: &str) -> Recorded {
        let delivery = Delivery {
            source: source.clone(),
            kind: DeliveryKind::Feed,
            address: "https://a.example/fil.rss".to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            received_at: self.now,
            backfill: false,
            validators: Validators { etag: Some(format!("\"{body}\"")), last_modified: None },
        };
        self.store.record(delivery).wait().unwrap()
    }

    /// Appends one item as `edit` leaves it, at `minute` past the hour; gives its id.
    pub(crate) fn append(
        &self,
        source: &SourceId,
        guid: &str,
        minute: i64,
        edit: impl FnOnce(&mut Arrival),
    ) -> ItemId {
        let article = Article {
            headline: format!("Titre {guid}"),
            body: vec![Block::Paragraph(format!("Texte {guid}").into())],
            ..Article::default()
        };
        let item = Item { guid: Some(guid.to_owned()), ..Item::of(source.clone(), article) };
        let id = item.id();
        let dispatch = DispatchId::from(&id);
        let story = StoryId::from(&dispatch);
        let mut arrival = Arrival {
            id: id.clone(),
            digest: item.digest(),
            item,
            teaser: "Accroche".to_owned(),
            external: None,
            received_at: self.now + SignedDuration::from_mins(minute),
            backfill: false,
            page_wanted: None,
            page_had: false,
            placed: Placed {
                dispatch,
                story,
                relation: "original".to_owned(),
                related_to: None,
                evidence: None,
                trace: None,
            },
            reading: "test",
        };
        edit(&mut arrival);
        arrival.digest = arrival.item.digest();
        let delivery = match self.deliver(source, &format!("{guid} {minute}")) {
            Recorded::New(id) | Recorded::Repeated(id) => id,
        };
        let read = Appended { delivery, ..Appended::default() };
        self.store.append(read, vec![arrival]).wait().unwrap();
        id
    }

    pub(crate) fn headlines(&self, viewer: Viewer) -> Vec<String> {
        let latest = self.store.latest(viewer, self.later(59), None, 50).unwrap();
        latest.rows.into_iter().map(|row| row.headline).collect()
    }

    pub(crate) fn later(&self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(minutes)
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.store.entries(0, 100).unwrap().into_iter().map(|entry| entry.kind).collect()
    }
}

pub(crate) fn join(founder: &ItemId) -> impl FnOnce(&mut Arrival) + use<> {
    let dispatch = DispatchId::from(founder);
    move |arrival: &mut Arrival| {
        arrival.placed.story = StoryId::from(&dispatch);
        arrival.placed.dispatch = dispatch;
        arrival.placed.relation = "copy".to_owned();
    }
}
