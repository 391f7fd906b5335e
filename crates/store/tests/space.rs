//! What takes how much of the store, and that rows of earlier encodings stay readable in it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use depeche_news::{
    Article, Block, Delivery, DeliveryKind, DispatchId, Item, ItemId, SourceId, SourceVisibility,
    StoryId, Validators, jiff::Timestamp,
};
use depeche_store::{
    Appended, Arrival, NewSource, Placed, Recorded, SourceKind, Space, Store, Viewer,
};

const NOW: &str = "2016-02-11T16:00:00Z";

fn source(store: &Store, name: &str) -> SourceId {
    let new = NewSource {
        address: format!("https://{name}.example/fil.rss"),
        name: Some(name.to_owned()),
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    store.add_source(new, NOW.parse().unwrap()).wait().unwrap().0
}

fn deliver(store: &Store, source: &SourceId, kind: DeliveryKind, body: &str) -> i64 {
    let delivery = Delivery {
        source: source.clone(),
        kind,
        address: format!("https://a.example/{}", body.len()),
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        received_at: NOW.parse().unwrap(),
        backfill: false,
        validators: Validators::default(),
    };
    match store.record(delivery).wait().unwrap() {
        Recorded::New(id) | Recorded::Repeated(id) => id,
    }
}

fn item(source: &SourceId, guid: &str, text: &str) -> Item {
    let article = Article {
        headline: format!("Titre {guid} {}", text.len()),
        body: vec![Block::Paragraph(text.into())],
        ..Article::default()
    };
    Item {
        guid: Some(guid.to_owned()),
        address: Some(format!("https://a.example/{guid}")),
        ..Item::of(source.clone(), article)
    }
}

fn append(store: &Store, item: Item, trace: usize) -> ItemId {
    let (id, now): (ItemId, Timestamp) = (item.id(), NOW.parse().unwrap());
    let dispatch = DispatchId::from(&id);
    let read = Appended {
        delivery: deliver(store, &item.source, DeliveryKind::Feed, &format!("{id}{trace}")),
        ..Appended::default()
    };
    let arrival = Arrival {
        id: id.clone(),
        digest: item.digest(),
        item,
        teaser: "Accroche".to_owned(),
        external: None,
        received_at: now,
        backfill: false,
        page_wanted: None,
        page_had: false,
        placed: Placed {
            story: StoryId::from(&dispatch),
            dispatch,
            relation: "original".to_owned(),
            related_to: None,
            evidence: None,
            trace: Some(vec![7; trace]),
        },
        reading: "test",
    };
    store.append(read, vec![arrival]).wait().unwrap();
    id
}

/// The parts that make up the file.
fn parts(space: &Space) -> u64 {
    space.articles_bytes
        + space.fingerprints_bytes
        + space.documents_bytes()
        + space.rows_bytes
        + space.indexes_bytes
        + space.free_bytes
}

#[test]
fn an_empty_store_takes_its_empty_tables() {
    let folder = tempfile::tempdir().unwrap();
    let space = Store::open(folder.path()).unwrap().space().unwrap();
    assert_eq!((space.items, space.versions, space.item_bytes()), (0, 0, 0));
    assert_eq!(parts(&space), space.file_bytes);
    assert!(space.sources.is_empty() && space.wal_bytes > 0);
}

#[test]
fn every_byte_of_the_file_is_told_once_and_each_source_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (a, b) = (source(&store, "a"), source(&store, "b"));
    source(&store, "still silent");
    for guid in 0..40 {
        append(&store, item(&a, &guid.to_string(), "Le fleuve monte."), 600);
    }
    let revised = append(&store, item(&b, "1", "La gare est fermée."), 100);
    append(&store, item(&b, "1", "La gare est fermée depuis midi."), 200);
    deliver(&store, &b, DeliveryKind::Page(revised), &"<p>gare</p>".repeat(10));
    deliver(&store, &b, DeliveryKind::Loose, "<p>autre</p>");
    let space = store.space().unwrap();
    assert_eq!(parts(&space), space.file_bytes);
    assert_eq!((space.items, space.versions, space.fingerprints_bytes), (41, 42, 40 * 600 + 200));
    let told: Vec<_> =
        space.sources.iter().map(|source| (source.name.as_str(), source.items)).collect();
    assert_eq!(told, [("a", 40), ("b", 1)]);
    let documents: u64 = space.sources.iter().map(|source| source.documents_bytes).sum();
    assert_eq!(documents, space.documents_bytes());
    assert!(space.feeds_bytes > space.pages_bytes && space.pages_bytes > 0);
    assert!(space.handed_in_bytes > 0);
    let table = |name: &str| space.tables.iter().find(|table| table.name == name).unwrap();
    assert!(table("version").rows_bytes >= space.articles_bytes);
    assert!(table("item").indexes.iter().any(|index| index.name == "item_source"));
    assert!(space.item_bytes() > 0);
}

/// Writes the only version anew as a store before the dictionary has it.
fn rewrite_as_encoding_1(folder: &Path, item: &Item) {
    let article = zstd::bulk::compress(&serde_json::to_vec(item).unwrap(), 3).unwrap();
    let connection = rusqlite::Connection::open(folder.join("depeche.sqlite")).unwrap();
    let changed = connection
        .execute(
            "UPDATE version SET encoding = 1, headline = ?1, article = ?2",
            rusqlite::params![item.article.headline, article],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

#[test]
fn an_article_of_the_first_encoding_reads_as_one_of_today() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut item = item(&source(&store, "a"), "1", "Le fleuve monte.");
    item.article.address = item.address.clone();
    let id = append(&store, item.clone(), 10);
    let read = || {
        let now = NOW.parse().unwrap();
        let page = store.article(Viewer::Reader, now, &id).unwrap().unwrap();
        let paper = store.papers(now, std::slice::from_ref(&id)).unwrap().remove(&id).unwrap();
        (store.item(&id).unwrap().unwrap(), page.article, page.versions, paper.article)
    };
    let today = read();
    assert_eq!((&today.0, &today.2[0].headline), (&item, &item.article.headline));
    assert_eq!((&today.1, &today.3), (&item.article, &item.article));
    rewrite_as_encoding_1(folder.path(), &item);
    assert_eq!(read(), today);
}
