//! Outlets that deliver one item at a time, to a real store.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use depeche_news::{
    Delivery, DeliveryKind, SourceId, SourceVisibility, Validators, jiff::Timestamp,
};
use depeche_store::{NewSource, SourceKind, Store};

/// Records a feed of one item; its outlet is added at the first.
pub(crate) fn deliver(
    store: &Store,
    outlet: &str,
    (guid, title, text): (&str, &str, &str),
    now: Timestamp,
) -> SourceId {
    let address = format!("https://{outlet}.example/fil");
    let new = NewSource {
        address: address.clone(),
        name: Some(outlet.to_owned()),
        language: Some("fr".to_owned()),
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    let source = store.add_source(new, now).wait().unwrap().0;
    let body = format!(
        "<rss version=\"2.0\"><channel><title>Fil</title><item><title>{title}</title><guid>{guid}</guid>\
         <description>{text}</description></item></channel></rss>"
    );
    let delivery = Delivery {
        source: source.clone(),
        kind: DeliveryKind::Feed,
        address,
        headers: Vec::new(),
        body: body.into_bytes(),
        received_at: now,
        backfill: false,
        validators: Validators::default(),
    };
    store.record(delivery).wait().unwrap();
    source
}
