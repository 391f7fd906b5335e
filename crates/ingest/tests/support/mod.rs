//! Outlets that deliver one item at a time, to a real store.

#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(crate) mod desk;

use depeche_news::{
    Delivery, DeliveryKind, SourceId, SourceVisibility, Validators, jiff::Timestamp,
};
use depeche_store::{NewSource, SourceKind, Store};

/// An outlet with a feed; the same one where it is known already.
pub(crate) fn outlet(store: &Store, name: &str, now: Timestamp) -> SourceId {
    let new = NewSource {
        address: format!("https://{name}.example/fil"),
        name: Some(name.to_owned()),
        language: Some("fr".to_owned()),
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    store.add_source(new, now).wait().unwrap().0
}

/// Records a document of an outlet.
pub(crate) fn record(
    store: &Store,
    source: &SourceId,
    kind: DeliveryKind,
    body: Vec<u8>,
    now: Timestamp,
) {
    let delivery = Delivery {
        source: source.clone(),
        kind,
        address: "https://a.example/".to_owned(),
        headers: Vec::new(),
        body,
        received_at: now,
        backfill: false,
        validators: Validators::default(),
    };
    store.record(delivery).wait().unwrap();
}

/// A feed of these items.
pub(crate) fn rss(items: &str) -> Vec<u8> {
    format!("<rss version=\"2.0\"><channel><title>Fil</title>{items}</channel></rss>").into_bytes()
}

/// Records a feed of one item; its outlet is added at the first.
pub(crate) fn deliver(
    store: &Store,
    name: &str,
    (guid, title, text): (&str, &str, &str),
    now: Timestamp,
) -> SourceId {
    let source = outlet(store, name, now);
    let item = format!(
        "<item><title>{title}</title><guid>{guid}</guid><description>{text}</description></item>"
    );
    record(store, &source, DeliveryKind::Feed, rss(&item), now);
    source
}
