//! The pages without a socket: what drawing costs and nothing else.

use std::path::Path;

use axum::{Router, body::Body, http::Request};
use depeche_news::{
    Article, Block, Delivery, DeliveryKind, DispatchId, Item, Moment, SourceVisibility, StoryId,
    Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Appended, Arrival, NewSource, Placed, Recorded, SourceKind, SourceState, Store,
};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::client::Answer;

/// Largest page that is taken.
const PAGE_BYTES_MAX: usize = 64 << 20;

/// The pages, asked in this process.
pub(crate) struct Pages {
    router: Router,
    runtime: Runtime,
}

impl Pages {
    pub(crate) fn new(router: Router) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { router, runtime })
    }

    /// Asks for a page; `encoding` is what the reader accepts, nothing for plain.
    pub(crate) fn get(&self, path: &str, encoding: &str) -> anyhow::Result<Answer> {
        let mut request = Request::builder().uri(path).header("host", "127.0.0.1");
        request = request.header("accept-language", "fr");
        if !encoding.is_empty() {
            request = request.header("accept-encoding", encoding);
        }
        let request = request.body(Body::empty())?;
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await?;
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), PAGE_BYTES_MAX).await?;
            Ok(Answer { status, etag: None, body: body.to_vec() })
        })
    }
}

/// Moves a wire a place further and leaves its first page as it was: an old item gets a new version.
/// Who keeps a page drawn has to draw it again.
pub(crate) struct Moving {
    pub(crate) store: Store,
    arrival: Arrival,
    delivery: i64,
    times: usize,
}

impl Moving {
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let store = Store::open(folder)?;
        let now = Timestamp::now();
        let new = NewSource {
            address: "file:bench".to_owned(),
            name: Some("Bench".to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Files,
        };
        let (source, _) = store.add_source(new, now).wait()?;
        store.set_source_state(&source, SourceState::Paused).wait()?;
        let delivery = Delivery {
            source: source.clone(),
            kind: DeliveryKind::Lines,
            address: "bench".to_owned(),
            headers: Vec::new(),
            body: now.to_string().into_bytes(),
            received_at: now,
            backfill: true,
            validators: Validators::default(),
        };
        let (Recorded::New(delivery) | Recorded::Repeated(delivery)) =
            store.record(delivery).wait()?;
        let item = Item {
            guid: Some("moving".to_owned()),
            ..Item::of(
                source,
                Article {
                    published: Some(Moment::utc(now - SignedDuration::from_hours(24 * 400))),
                    ..Article::default()
                },
            )
        };
        let id = item.id();
        let dispatch = DispatchId::from(&id);
        let placed = Placed {
            story: StoryId::from(&dispatch),
            dispatch,
            relation: "original".to_owned(),
            related_to: None,
            evidence: None,
            trace: None,
        };
        let arrival = Arrival {
            digest: item.digest(),
            id,
            item,
            teaser: String::new(),
            external: None,
            received_at: now,
            backfill: true,
            page_wanted: None,
            page_had: false,
            placed,
            reading: "bench",
        };
        let mut moving = Self { store, arrival, delivery, times: 0 };
        moving.step()?;
        Ok(moving)
    }

    pub(crate) fn step(&mut self) -> anyhow::Result<()> {
        self.times += 1;
        let now = Timestamp::now();
        let arrival = &mut self.arrival;
        arrival.item.article.headline = format!("{now} {}", self.times);
        arrival.item.article.body =
            vec![Block::Paragraph(arrival.item.article.headline.as_str().into())];
        arrival.digest = arrival.item.digest();
        arrival.received_at = now;
        let read = Appended { delivery: self.delivery, backfill: true, ..Appended::default() };
        let moved = self.store.append(read, vec![arrival.clone()]).wait()?;
        anyhow::ensure!(moved == 1, "the wire did not move");
        Ok(())
    }
}
