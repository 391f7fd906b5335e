//! Agencies' messages on their way to the wire: versions, kills, corrections and embargoes, with a real store.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use depeche_news::{
    Delivery, DeliveryKind, ItemId, SourceId, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Cutting, Remains};
use support::desk::{Desk, desk};

/// A message of a wire of the invented agency's, sent on this day of February at this minute.
fn message(number: &str, label: &str, text: &str, sent: &str) -> String {
    format!(
        "\x01{number} 4 i 9\r\nPont/\r\n\x02{label}\r\nLe pont rouvre =\r\n\r\n   {text}\x03{sent} GMT FEV 16\x04"
    )
}

/// What readers see of the items of a wire, in the order of their headlines, after these messages.
fn seen_after(messages: &[&str]) -> Vec<(String, u32)> {
    let mut desk = desk();
    let source = desk.source("a");
    for message in messages {
        desk.deliver(&source, DeliveryKind::Feed, message);
    }
    let mut seen: Vec<_> =
        desk.items().into_iter().map(|item| (item.visibility.to_string(), item.versions)).collect();
    seen.sort();
    seen
}

#[test]
fn a_kill_that_names_one_message_of_its_wire_takes_it_away() {
    let sent = message("hpf0117", "URGENT", "Le pont de Nasbinals rouvre.", "111000");
    let yesterday = message("hpf0117", "URGENT", "Le tunnel de Marvejols ferme.", "101000");
    let kill = |text: &str| message("hpf0123", "ANNULE", text, "111100");
    let names = kill("Prière d'annuler la dépêche hpf0117.");
    let shown = || ("shown".to_owned(), 1);
    let killed = [("notice".to_owned(), 2)];
    assert_eq!(seen_after(&[&sent, &names]), killed);
    assert_eq!(seen_after(&[&yesterday, &names]), killed);
    // What came together with its kill was never on the wire, and neither is a kill by itself.
    assert_eq!(seen_after(&[&(sent.clone() + &names)]), []);
    // Of two messages with this number nobody says which one; of none there is nothing to take away.
    assert_eq!(seen_after(&[&yesterday, &sent, &names]), [shown(), shown()]);
    let by_headline = kill("Prière d'annuler la dépêche «Le pont rouvre».");
    assert_eq!(seen_after(&[&sent, &by_headline]), [shown()]);
    let of_another = kill("Prière d'annuler la dépêche hpf0118.");
    assert_eq!(seen_after(&[&sent, &of_another]), [shown()]);
}

/// A kill has become a version of what it is about, so that it goes with it.
#[test]
fn what_names_an_item_that_is_taken_down_is_cut_out_too() {
    let source = SourceId::of_address("https://a.example/fil");
    let delivery = Delivery {
        source: source.clone(),
        kind: DeliveryKind::Feed,
        address: "https://a.example/".to_owned(),
        headers: Vec::new(),
        body: message("hpf0123", "ANNULE", "Prière d'annuler hpf0117.", "111100").into_bytes(),
        received_at: "2016-02-11T16:00:00Z".parse().unwrap(),
        backfill: false,
        validators: Validators::default(),
    };
    for (guid, expected) in [
        ("iptc7901:hpf0117:2016-02-11", Remains::Nothing),
        ("iptc7901:hpf0123:2016-02-11", Remains::Nothing),
        ("iptc7901:hpf0118:2016-02-11", Remains::Whole),
    ] {
        let ids = [ItemId::new(&source, Some(guid), None, "")].into();
        assert_eq!(depeche_ingest::cut(&delivery, Cutting::Without(&ids)), expected, "{guid}");
    }
}

/// What is left of a feed of three entries, by their guids, when one is taken down.
#[track_caller]
fn left_without(gone: &str, third: &str, left: &[&str]) {
    let asks =
        "Prière d'annuler notre dépêche de 16h01, envoyée par erreur à nos abonnés du littoral.";
    let entry = |guid: &str, title: &str, text: &str| {
        format!(
            "<item><guid>{guid}</guid><title>{title}</title><description>{text}</description></item>"
        )
    };
    let source = SourceId::of_address("https://a.example/fil");
    let delivery = Delivery {
        source: source.clone(),
        kind: DeliveryKind::Feed,
        address: "https://a.example/".to_owned(),
        headers: Vec::new(),
        body: format!(
            "<rss version='2.0'><channel><title>Fil</title>{}{}{}</channel></rss>",
            entry(
                "pont",
                "Le pont de Mende rouvre",
                "Le pont de Mende rouvre jeudi, dit le maire."
            ),
            entry("port", "Le port de Sète a rouvert", "Le port de Sète a rouvert jeudi à midi."),
            entry("kill", &format!("ANNULATION - {third}"), asks),
        )
        .into_bytes(),
        received_at: "2016-02-11T16:00:00Z".parse().unwrap(),
        backfill: false,
        validators: Validators::default(),
    };
    let ids = [ItemId::new(&source, Some(gone), None, "")].into();
    let text = match depeche_ingest::cut(&delivery, Cutting::Without(&ids)) {
        Remains::Part(rest) => String::from_utf8(rest).unwrap(),
        Remains::Whole => "pont port kill".to_owned(),
        Remains::Nothing => String::new(),
    };
    let guids = ["pont", "port", "kill"];
    let found: Vec<&str> =
        guids.into_iter().filter(|guid| text.contains(&format!(">{guid}<"))).collect();
    assert_eq!(found, left, "{gone} {third}");
}

#[test]
fn a_line_that_kills_by_its_headline_goes_with_what_it_names() {
    let source = SourceId::of_address("file:a");
    let line = |id: &str, title: &str, text: &str| {
        format!("{}\n", serde_json::json!({"id": id, "title": title, "text": text}))
    };
    let (port, kill) = (
        line("port", "Le port a rouvert", "Le port de Sète a rouvert."),
        line("kill", "ANNULATION - Le port a rouvert", "Prière d'annuler notre dépêche de 16h01."),
    );
    let pont = line("pont", "Le pont rouvre", "Le pont de Mende rouvre.");
    let delivery = Delivery {
        source: source.clone(),
        kind: DeliveryKind::Lines,
        address: "file:a.jsonl".to_owned(),
        headers: Vec::new(),
        body: format!("{pont}{port}{kill}").into_bytes(),
        received_at: "2016-02-11T16:00:00Z".parse().unwrap(),
        backfill: false,
        validators: Validators::default(),
    };
    for (gone, left) in [("pont", format!("{port}{kill}")), ("port", pont.clone())] {
        let ids = [ItemId::new(&source, Some(gone), None, "")].into();
        let remains = depeche_ingest::cut(&delivery, Cutting::Without(&ids));
        assert_eq!(remains, Remains::Part(left.into_bytes()), "{gone}");
    }
}

#[test]
fn a_kill_by_its_headline_goes_with_what_it_names() {
    left_without("pont", "Le port de Sète a rouvert", &["port", "kill"]);
    left_without("port", "Le port de Sète a rouvert", &["pont"]);
    left_without("kill", "Le port de Sète a rouvert", &["pont", "port"]);
    // Which one this is about only the store knows.
    left_without("pont", "Le marché de Pau ferme", &["port"]);
}

#[test]
fn a_correction_that_names_one_message_of_its_wire_is_linked_to_it() {
    let mut desk = desk();
    let source = desk.source("a");
    desk.deliver(
        &source,
        DeliveryKind::Feed,
        &message("hpf0117", "URGENT", "Il rouvre.", "111000"),
    );
    let first = desk.items()[0].id.clone();
    let text = "Lire lundi et non mardi dans la dépêche hpf0117.";
    desk.deliver(&source, DeliveryKind::Feed, &message("hpf0123", "CORRECTION", text, "111100"));
    let other = desk.items().into_iter().find(|item| item.id != first).unwrap();
    let view = desk.view(Viewer::Reader, &other.id).unwrap();
    let [link] = view.links.as_slice() else { panic!("one link") };
    assert_eq!((link.rel.as_deref(), link.item.as_ref()), (Some("previousVersion"), Some(&first)));
    let kept = desk.store.item(&first).unwrap().unwrap();
    assert_eq!(kept.article.text(), "Il rouvre.");
}

#[test]
fn an_embargo_in_the_head_of_a_wires_message_holds() {
    let mut desk = desk();
    let source = desk.source("a");
    let message = "\x01hpf0123 4 i 9\r\nPrix/\r\n\x02SOUS EMBARGO JUSQU'AU VENDREDI 12 FEVRIER 2016 A 06H00 GMT\r\n\
        Le prix du Causse =\r\n\r\n   Un texte.\x03111541 GMT FEV 16\x04";
    desk.deliver(&source, DeliveryKind::Feed, message);
    let end: Timestamp = "2016-02-12T06:00:00Z".parse().unwrap();
    assert!(desk.items().is_empty());
    assert_eq!(desk.store.next_release().unwrap(), Some(end));
}

/// A file of the invented agency's.
fn agency(name: &str) -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/agency");
    std::fs::read(root.join(name)).unwrap()
}

/// The formats that carry versions, with the ending of their files.
const VERSIONED: [(&str, &str); 7] = [
    ("newsml-g2", "xml"),
    ("newsml1", "xml"),
    ("nitf", "xml"),
    ("ninjs1", "json"),
    ("ninjs2", "json"),
    ("ninjs3", "json"),
    ("rss", "xml"),
];

impl Desk {
    /// Hands in a message of the agency's, at its own day.
    fn send(&mut self, source: &SourceId, format: &str, ending: &str, name: &str) {
        let bytes = agency(&format!("{format}/{name}.{ending}"));
        self.deliver_bytes(source, DeliveryKind::Feed, bytes);
    }

    fn kinds(&self) -> Vec<depeche_news::Kind> {
        let entries = self.store.entries(0, 1_000).unwrap();
        entries.into_iter().map(|entry| entry.kind).collect()
    }

    fn view(&self, viewer: Viewer, id: &ItemId) -> Option<depeche_store::ArticleView> {
        self.store.article(viewer, self.now, id).unwrap()
    }
}

/// An agency's morning: everything happens on 10 February 2016.
fn morning() -> Desk {
    let mut desk = desk();
    desk.now = "2016-02-10T10:00:00Z".parse().unwrap();
    desk
}

#[test]
fn what_came_late_is_history_in_every_format() {
    use depeche_news::{Kind, Signal};
    for (format, ending) in VERSIONED {
        let mut desk = morning();
        let source = desk.source("agence");
        desk.send(&source, format, ending, "1-urgent");
        desk.send(&source, format, ending, "3-correction");
        let told = desk.kinds();
        assert_eq!(told, [Kind::Published, Kind::Corrected], "{format}");
        desk.send(&source, format, ending, "2-update");
        desk.send(&source, format, ending, "2-update");
        desk.send(&source, format, ending, "1-urgent");
        assert_eq!(desk.kinds(), told, "{format}");
        let [item] = desk.items().try_into().unwrap();
        assert_eq!(
            (item.versions, item.headline.as_str()),
            (3, "Un pont emporté par la crue à Nasbinals")
        );
        let view = desk.view(Viewer::Reader, &item.id).unwrap();
        assert!(view.article.text().contains("et non 430"), "{format}");
        let versions: Vec<_> = view.versions.iter().map(|v| (v.number, v.signal)).collect();
        let expected = [(3, Some(Signal::Correction)), (2, Some(Signal::Update)), (1, None)];
        assert_eq!(versions, expected, "{format}");
    }
}

#[test]
fn a_kill_is_final_unless_something_newer_comes() {
    for (format, ending) in VERSIONED {
        let mut desk = morning();
        let source = desk.source("agence");
        for name in ["1-urgent", "2-update", "4-cancel", "3-correction", "1-urgent"] {
            desk.send(&source, format, ending, name);
        }
        let [item] = desk.items().try_into().unwrap();
        assert_eq!((item.visibility, item.headline.as_str()), ("notice", ""), "{format}");
        let newer = String::from_utf8_lossy(&agency(&format!("{format}/3-correction.{ending}")))
            .replace("version=\"3\"", "version=\"5\"")
            .replace("\"version\": \"3\"", "\"version\": \"5\"")
            .replace("version>3<", "version>5<")
            .replace(">3</RevisionId>", ">5</RevisionId>")
            .replace(".ar501:3U<", ".ar501:5U<");
        desk.deliver(&source, DeliveryKind::Feed, &newer.replace("iso-8859-1", "utf-8"));
        let [item] = desk.items().try_into().unwrap();
        assert_eq!(item.visibility, "shown", "{format}");
        assert_eq!(item.versions, 5, "{format}");
    }
}

#[test]
fn an_embargo_ends_by_itself_at_its_minute_in_every_format() {
    use depeche_news::Kind;
    for (format, ending) in VERSIONED {
        let mut desk = morning();
        let source = desk.source("agence");
        desk.send(&source, format, ending, "embargo");
        assert!(desk.items().is_empty() && desk.kinds().is_empty(), "{format}");
        let end: Timestamp = "2016-02-11T05:00:00Z".parse().unwrap();
        assert_eq!(desk.store.next_release().unwrap(), Some(end), "{format}");
        desk.ingest.work(end - SignedDuration::from_secs(1), || true).unwrap();
        assert!(desk.kinds().is_empty(), "{format}");
        desk.ingest.work(end, || true).unwrap();
        desk.now = end;
        assert_eq!(desk.kinds(), [Kind::Released], "{format}");
        let [item] = desk.items().try_into().unwrap();
        assert_eq!(item.headline, "Le prix du Causse à Sidonie Marquès", "{format}");
        let view = desk.view(Viewer::Reader, &item.id).unwrap();
        let text = "La romancière Sidonie Marquès reçoit le prix du Causse pour «Les Drailles».";
        assert_eq!(view.article.text(), text, "{format}");
    }
}

#[test]
fn what_a_desk_says_is_kept_and_its_notes_are_for_editors() {
    for (format, ending) in VERSIONED {
        let mut desk = morning();
        let source = desk.source("agence");
        desk.send(&source, format, ending, "2-update");
        let [item] = desk.items().try_into().unwrap();
        let view = desk.view(Viewer::Administrator, &item.id).unwrap();
        let said = &view.desk;
        assert_eq!(said.notes, ["Reprend l'urgent de 07h05"], "{format}");
        assert_eq!(
            said.updated_with.as_deref(),
            Some("Actualisé avec réaction du maire"),
            "{format}"
        );
        assert_eq!(said.labels, ["PAPIER GENERAL"], "{format}");
        assert_eq!(said.signature.as_deref(), Some("odv-mcr/lca"), "{format}");
        assert_eq!(said.insertions, ["celui de la route d'Aumont, ndlr"], "{format}");
        assert_eq!(said.located[0].name.as_deref(), Some("Nasbinals"), "{format}");
        assert!(said.copyright.is_some() && !said.genres.is_empty(), "{format}");
        assert_eq!(view.article.slugline.as_deref(), Some("France-intempéries-pont"), "{format}");
        assert!(view.article.text().starts_with("La crue de la Truyère"), "{format}");
        let reader = desk.view(Viewer::Reader, &item.id).unwrap();
        assert!(reader.desk.notes.is_empty(), "{format}");
        assert_eq!(reader.desk.labels, said.labels, "{format}");
    }
}

#[test]
fn text_messages_are_items_of_their_own() {
    let mut desk = morning();
    let source = desk.source("agence");
    desk.deliver_bytes(&source, DeliveryKind::Feed, agency("iptc7901/ladder.txt"));
    let items = desk.items();
    let shown = items.iter().filter(|item| item.visibility == "shown").count();
    // The kill names another message by its headline only: it is not shown, and takes nothing away.
    assert_eq!((items.len(), shown), (3, 3));
    let urgencies = items.iter().map(|item| desk.store.item(&item.id).unwrap().unwrap().urgency);
    assert!(urgencies.flatten().any(|urgency| urgency.get() == 3));
    assert!(desk.store.next_release().unwrap().is_some());
    let mut desk = morning();
    let source = desk.source("agence");
    desk.deliver_bytes(&source, DeliveryKind::Feed, agency("anpa1312/two.txt"));
    assert_eq!(desk.headlines(), ["Un pont emporté par la crue à Nasbinals"]);
}

#[test]
fn versions_of_one_item_in_one_delivery_are_all_kept() {
    let mut desk = morning();
    let source = desk.source("agence");
    let item = |name: &str| {
        let text = String::from_utf8(agency(&format!("newsml-g2/{name}.xml"))).unwrap();
        text.split_once("?>").unwrap().1.to_owned()
    };
    let message = format!(
        "<newsMessage><itemSet>{}{}{}</itemSet></newsMessage>",
        item("3-correction"),
        item("1-urgent"),
        item("2-update")
    );
    desk.deliver(&source, DeliveryKind::Feed, &message);
    assert_eq!(desk.kinds(), [depeche_news::Kind::Published]);
    let [item] = desk.items().try_into().unwrap();
    assert_eq!(item.versions, 3);
    let view = desk.view(Viewer::Reader, &item.id).unwrap();
    let numbers: Vec<_> = view.versions.iter().map(|version| version.version.clone()).collect();
    assert_eq!(numbers, ["3", "2", "1"].map(|number| Some(number.to_owned())));
}

#[test]
fn what_an_item_names_can_be_gone_to() {
    let mut desk = morning();
    let source = desk.source("agence");
    let text = String::from_utf8(agency("newsml-g2/2-update.xml")).unwrap();
    let other = text.replace("ar-501\" version=\"2\"", "ar-499\" version=\"1\"");
    desk.deliver(&source, DeliveryKind::Feed, &other);
    let [item] = desk.items().try_into().unwrap();
    let links = desk.view(Viewer::Reader, &item.id).unwrap().links;
    assert_eq!(links.len(), 1, "a version that is not there is no link");
    assert_eq!(
        links[0].address.as_deref(),
        Some("https://agence-riveraine.example/dossiers/crues")
    );
    desk.send(&source, "newsml-g2", "xml", "1-urgent");
    let links = desk.view(Viewer::Reader, &item.id).unwrap().links;
    assert_eq!(links[0].title.as_deref(), Some("Un pont emporté par la crue à Nasbinals"));
    assert!(links[0].item.is_some() && links[0].address.is_none());
}

#[test]
fn nothing_goes_on_with_a_flash_that_was_killed() {
    let headline = "Le pont de Nasbinals emporté par la crue";
    let told = |message: String| message.replace("Le pont rouvre", headline);
    let flash = told(message("hpf0117", "FLASH", "Le pont est tombé.", "111000"));
    let kill = message("hpf0123", "ANNULE", "Prière d'annuler la dépêche hpf0117.", "111005");
    let urgent = told(message("hpf0124", "URGENT", "Le pont, dit le maire, tient.", "111010"));
    for (messages, dispatches) in [(vec![&flash, &urgent], 1), (vec![&flash, &kill, &urgent], 2)] {
        let mut desk = desk();
        let source = desk.source("a");
        for message in messages {
            desk.deliver(&source, DeliveryKind::Feed, message);
        }
        let mut founders: Vec<_> = desk.items().into_iter().map(|item| item.dispatch).collect();
        founders.sort();
        founders.dedup();
        assert_eq!(founders.len(), dispatches);
    }
}
