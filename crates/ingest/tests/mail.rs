//! Messages on their way to the wire: what of a newsletter is news.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use depeche_ingest::{Ingest, cut};
use depeche_news::{
    Article, Block, Delivery, DeliveryKind, Item, SourceVisibility, Validators, Viewer,
    jiff::Timestamp,
};
use depeche_store::{Cutting, NewSource, Remains, SourceKind, Store};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fixtures/mail/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The items that one message becomes, and the delivery it came as.
fn taken_in(message: Vec<u8>) -> (Vec<Item>, Delivery) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now: Timestamp = "2016-02-12T16:00:00Z".parse().unwrap();
    let new = NewSource {
        address: "mail:fil.example".to_owned(),
        name: None,
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Files,
    };
    let source = store.add_source(new, now).wait().unwrap().0;
    let delivery = Delivery {
        source,
        kind: DeliveryKind::Mail,
        address: "mid:1".to_owned(),
        headers: Vec::new(),
        body: message,
        received_at: now,
        backfill: true,
        validators: Validators::default(),
    };
    store.record(delivery.clone()).wait().unwrap();
    let mut ingest = Ingest::start(&store, now).unwrap().unwrap();
    while ingest.work(now, || true).unwrap() > 0 {}
    let mut ids = Vec::new();
    store.each_item(Viewer::Reader, now, |item| ids.push(item.id)).unwrap();
    (ids.iter().map(|id| store.item(id).unwrap().unwrap()).collect(), delivery)
}

fn article(name: &str) -> Article {
    let (mut items, _) = taken_in(fixture(name));
    assert_eq!(items.len(), 1, "{name}");
    items.remove(0).article
}

#[test]
fn a_newsletter_is_its_stories_without_its_furniture() {
    let article = article("newsletter.eml");
    assert_eq!(article.headline, "La crue de la Meuse recule à Verdun");
    assert_eq!(article.published.unwrap().to_string(), "2016-02-11T06:30:00+01:00");
    assert_eq!(article.authors, ["Le Fil de Meuse"]);
    assert_eq!(article.address.as_deref(), Some("https://fil.example/nl/42"));
    assert_eq!(
        (article.outlet.as_deref(), article.language.as_deref()),
        (Some("La matinale de Meuse"), Some("fr"))
    );
    let text = article.text();
    assert!(text.starts_with("La décrue s'est confirmée mercredi"), "{text}");
    assert!(
        article.body.contains(&Block::Subhead("Le marché aux fleurs revient".into())),
        "{:?}",
        article.body
    );
    for furniture in ["navigateur", "désabonner", "Vous recevez", "open.gif", "deux minutes"] {
        assert!(
            !format!("{:?}", article.body).contains(furniture),
            "{furniture}: {:?}",
            article.body
        );
    }
}

#[test]
fn a_press_release_is_its_text() {
    let article = article("press-release.eml");
    assert_eq!(article.headline, "Communiqué: l'audience du 12 février est reportée");
    let expected = [
        Block::Paragraph(
            "L'audience prévue le 12 février devant la première chambre du tribunal est reportée au 19 février, à la demande de la défense."
                .into(),
        ),
        Block::Quote("La cour prend acte de la demande et fixe la nouvelle date.".into()),
        Block::Paragraph("La salle reste ouverte à la presse accréditée.".into()),
    ];
    assert_eq!(article.body, expected);
}

#[test]
fn a_short_message_says_its_text_once_and_its_desk_lines_nowhere() {
    let message = "From: Le Fil <a@fil.example>\r\nSubject: URGENT - La Meuse baisse\r\n\r\n\
        EMBARGO jusqu'au 12 février 2016 à 14h00 GMT\r\n\r\n\
        VERDUN, 12 fév 2016 (HP) - La Meuse baisse depuis jeudi.\r\n\r\n\
        Pour vous désabonner, répondez STOP.\r\n";
    let (items, _) = taken_in(message.as_bytes().to_vec());
    let article = &items[0].article;
    assert_eq!((article.headline.as_str(), &article.standfirst), ("La Meuse baisse", &None));
    let text: Vec<String> = article.body.iter().map(Block::text).collect();
    assert_eq!(text, ["La Meuse baisse depuis jeudi."]);
    assert!(items[0].embargoed_until.is_some());
}

#[test]
fn what_is_no_message_is_refused() {
    assert!(taken_in(Vec::new()).0.is_empty());
    assert!(taken_in(b"From: a@fil.example\r\n\r\n".to_vec()).0.is_empty());
    // Nor is furniture without a subject.
    let furniture = "From: a@fil.example\r\n\r\nPour vous désabonner, répondez STOP.\r\n";
    assert!(taken_in(furniture.as_bytes().to_vec()).0.is_empty());
}

#[test]
fn a_take_down_takes_the_message_whole() {
    let (items, delivery) = taken_in(fixture("newsletter.eml"));
    let gone = HashSet::from([items[0].id()]);
    assert!(matches!(cut(&delivery, Cutting::Without(&gone)), Remains::Nothing));
    assert!(matches!(cut(&delivery, Cutting::Without(&HashSet::new())), Remains::Whole));
}
