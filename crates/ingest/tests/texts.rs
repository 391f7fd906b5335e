//! What a desk writes in words, in whatever a text comes in: plain text that is pushed or dropped, wires and feeds.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use depeche_ingest::Ingest;
use depeche_news::{
    Delivery, DeliveryKind, Item, SourceId, SourceVisibility, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{DeliveryOutcome, ItemLine, NewSource, SourceKind, Store};

struct Desk {
    store: Store,
    ingest: Ingest,
    source: SourceId,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = "2026-11-26T16:00:00Z".parse().unwrap();
    let ingest = Ingest::start(&store, now).unwrap().unwrap();
    let new = NewSource {
        address: "push:causse".to_owned(),
        name: None,
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Files,
    };
    let (source, _) = store.add_source(new, now).wait().unwrap();
    Desk { store, ingest, source, now, _folder: folder }
}

impl Desk {
    /// Hands a message in; gives what became of it.
    fn push(&mut self, body: &[u8]) -> DeliveryOutcome {
        self.deliver(DeliveryKind::Pushed, body)
    }

    fn deliver(&mut self, kind: DeliveryKind, body: &[u8]) -> DeliveryOutcome {
        self.now += SignedDuration::from_mins(1);
        let delivery = Delivery {
            source: self.source.clone(),
            kind,
            address: format!("push:{}", self.now),
            headers: Vec::new(),
            body: body.to_vec(),
            received_at: self.now,
            backfill: false,
            validators: Validators::default(),
        };
        let known_by = depeche_store::KnownBy::Content;
        let stored = self.store.delivered(delivery, known_by, None).wait().unwrap();
        while self.ingest.work(self.now, || true).unwrap() > 0 {}
        use depeche_store::Delivered::{New, OtherBytes, Repeated};
        let (New(id) | Repeated(id) | OtherBytes(id)) = stored;
        self.store.delivery_outcome(id).unwrap().unwrap()
    }

    /// What readers are shown.
    fn shown(&self) -> Vec<ItemLine> {
        let mut items = Vec::new();
        self.store.each_item(Viewer::Reader, self.now, |item| items.push(item)).unwrap();
        items
    }

    fn only(&self, outcome: &DeliveryOutcome) -> Item {
        self.store.item(&outcome.items[0]).unwrap().unwrap()
    }
}

const STORY: &str = "Le prix du Causse a été remis jeudi soir à Millau à l'auteur d'un roman sur la transhumance, a annoncé le jury.";

fn rss(title: &str, description: &str) -> String {
    format!(
        "<rss version='2.0'><channel><title>Fil</title><item><guid>1</guid><title>{title}</title>\
         <description>{description}</description></item></channel></rss>"
    )
}

fn iptc7901(head: &str, text: &str) -> String {
    format!("\x01hpf0123 4 i 9\r\nPrix/\r\n\x02{head}\r\n\r\n   {text}\x03261541 GMT NOV 26\x04")
}

/// Says what is held of a message, and that the words of its embargo stand nowhere in the text.
#[track_caller]
fn held(body: &str, until: &str) {
    let mut desk = desk();
    let outcome = desk.push(body.as_bytes());
    assert!(desk.shown().is_empty(), "{body}");
    let item = desk.only(&outcome);
    let until: Timestamp = until.parse().unwrap();
    assert_eq!(desk.store.next_release().unwrap(), Some(until), "{body}");
    assert_eq!(item.article.headline, "Le prix du Causse attribué", "{body}");
    let text = format!("{} {:?}", item.article.text(), item.article.standfirst);
    assert!(!text.to_lowercase().contains("embargo"), "{text}");
    assert!(!text.contains("27"), "{text}");
    assert!(text.contains("transhumance"), "{text}");
    let published = item.article.published.map(|at| at.sort_key());
    assert!(published.is_none_or(|at| at < desk.now), "{published:?}");
    let labels = item.desk.labels.join("|");
    assert!(labels.contains("27"), "{labels}");
}

const EMBARGOES: [&str; 6] = [
    "SOUS EMBARGO JUSQU'AU VENDREDI 27 NOVEMBRE 2026 A 06H00",
    "SOUS EMBARGO jusqu'au 27/11 à 6h",
    "Sous embargo jusqu'au 27 novembre 2026 à 6h00",
    "EMBARGOED UNTIL 27 November 2026 06:00",
    "NOT FOR PUBLICATION BEFORE 27 November 2026 06:00",
    "À NE PAS DIFFUSER AVANT le 27/11 à 6h",
];

const HEADLINE: &str = "Le prix du Causse attribué";

#[test]
fn an_embargo_in_words_holds_in_every_form() {
    for words in EMBARGOES {
        let end = "2026-11-27T06:00:00Z";
        held(&format!("{words}\n\n{HEADLINE}\n\n{STORY}\n"), end);
        held(&format!("{HEADLINE}\n{words}\n\n{STORY}\n"), end);
        held(&format!("{HEADLINE} ({words})\n\n{STORY}\n"), end);
        held(&format!("{HEADLINE}\n\n{words}. {STORY}\n"), end);
        held(&iptc7901(&format!("{HEADLINE}\r\n({words}) ="), STORY), end);
        held(&iptc7901(&format!("{HEADLINE} ({words}) ="), STORY), end);
        held(&iptc7901(&format!("{HEADLINE} ="), &format!("{words}\r\n\r\n   {STORY}")), end);
        held(&rss(&format!("[{words}] {HEADLINE}"), &format!("{words}. {STORY}")), end);
        held(&rss(&format!("{HEADLINE} - {words}"), STORY), end);
        let line =
            serde_json::json!({"id": "1", "title": format!("({words}) {HEADLINE}"), "text": STORY});
        held(&format!("{line}\n"), end);
    }
}

#[test]
fn prose_about_an_embargo_holds_nothing() {
    let said = "L'embargo jusqu'au 27 novembre sur le pétrole russe a été prolongé jeudi par les ministres.";
    for body in [
        format!("{said}\n\n{STORY}"),
        format!("Pétrole : l'embargo jusqu'au 27 novembre prolongé\n\n{said} {STORY}"),
        format!("Sous embargo jusqu'au 27 novembre, le rapport a fuité\n\n{STORY}"),
        rss("Embargo jusqu'au 27 novembre sur le pétrole russe", said),
        iptc7901("Embargo jusqu'au 27 novembre sur le pétrole russe =", said),
    ] {
        let mut desk = desk();
        desk.push(body.as_bytes());
        assert_eq!(desk.shown().len(), 1, "{body}");
    }
}

/// A message of the invented agency's in NewsML-G2.
fn g2(version: &str, text: &str) -> String {
    format!(
        "<?xml version='1.0'?><newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='urn:causse:1' version='{version}' \
         standard='NewsML-G2' standardversion='2.29'><itemMeta><itemClass qcode='ninat:text'/><provider literal='HP'/>\
         <versionCreated>2026-11-26T1{version}:00:00Z</versionCreated><pubStatus qcode='stat:usable'/></itemMeta>\
         <contentMeta><headline>{HEADLINE}</headline></contentMeta><contentSet><inlineXML contenttype='application/xhtml+xml'>\
         <html xmlns='http://www.w3.org/1999/xhtml'><body><p>{text}</p></body></html></inlineXML></contentSet></newsItem>"
    )
}

/// What readers see of the one item: its headline and its text.
fn read_of(desk: &Desk) -> (String, String) {
    let item = desk.store.item(&desk.shown()[0].id).unwrap().unwrap();
    (item.article.headline.clone(), item.article.text())
}

#[test]
fn what_is_left_of_a_broken_message_takes_nothing_away() {
    let whole = g2("1", STORY);
    let mut desk = desk();
    desk.push(whole.as_bytes());
    let empty = &whole[..whole.find("<contentMeta>").unwrap()];
    let outcome = desk.push(empty.as_bytes());
    assert_eq!(outcome.state, depeche_store::DeliveryState::Refused);
    let told = outcome.problems.join("; ");
    assert!(told.contains("neither headline nor text in urn:causse:1"), "{told}");
    let story = (HEADLINE.to_owned(), STORY.to_owned());
    for cut in ["<contentSet>", "a annoncé"] {
        desk.push(&whole.as_bytes()[..whole.find(cut).unwrap()]);
        assert_eq!(read_of(&desk), story, "{cut}");
    }
    assert_eq!(desk.shown()[0].versions, 1);
    // A later version that is broken is better than none, and is made whole by the same one.
    let second = g2("2", &format!("{STORY} Il a vingt ans."));
    desk.push(&second.as_bytes()[..second.find("a annoncé").unwrap()]);
    assert_ne!(read_of(&desk), story);
    desk.push(second.as_bytes());
    assert_eq!(read_of(&desk).1, format!("{STORY} Il a vingt ans."));
}

#[test]
fn a_kill_or_a_withheld_message_needs_no_text() {
    for (status, expected) in [("canceled", "notice"), ("withheld", "shown")] {
        let mut desk = desk();
        desk.push(g2("1", STORY).as_bytes());
        let bare = g2("2", "").replace("stat:usable", &format!("stat:{status}"));
        let from = bare.find("<contentMeta>").unwrap();
        let bare = format!("{}</newsItem>", &bare[..from]);
        let outcome = desk.push(bare.as_bytes());
        assert_eq!(outcome.state, depeche_store::DeliveryState::Read, "{status}");
        let shown = desk.shown();
        let visible: Vec<_> = shown.iter().map(|item| item.visibility.to_string()).collect();
        assert!(visible.is_empty() || visible == [expected], "{status} {visible:?}");
        assert_eq!(outcome.items.len(), 1, "{status}");
    }
}

#[test]
fn bytes_that_are_sent_again_stand_where_their_version_and_date_put_them() {
    let (first, other, second) =
        (g2("1", STORY), g2("1", "Le prix est annulé, dit le jury."), g2("2", "Il est remis."));
    let mut desk = desk();
    for (message, expected) in [
        (&first, STORY),
        (&first, STORY),
        (&other, "Le prix est annulé, dit le jury."),
        (&first, STORY),
        (&second, "Il est remis."),
        (&first, "Il est remis."),
        (&first, "Il est remis."),
    ] {
        desk.push(message.as_bytes());
        assert_eq!(read_of(&desk).1, expected);
    }
    assert_eq!(desk.shown()[0].versions, 4);
}

const PORT: &str =
    "Le port de Sète a rouvert jeudi après trois jours de tempête, a annoncé la capitainerie.";

/// A plain text, as a desk sends it.
fn text(headline: &str, body: &str) -> String {
    format!("{headline}\n\nSETE (Hérault), 26 nov 2026 (AdS) - {body}\n\nabc-def/gh\n")
}

#[test]
fn a_plain_text_gives_the_fields_of_a_wire() {
    let mut desk = desk();
    let outcome = desk.push(text("URGENT - Sète : le port a rouvert", PORT).as_bytes());
    let item = desk.only(&outcome);
    assert_eq!(item.article.headline, "Sète : le port a rouvert");
    assert_eq!(item.article.text(), PORT);
    assert_eq!(item.article.dateline.as_deref(), Some("SETE (Hérault), 26 nov 2026 (AdS) -"));
    assert_eq!(item.desk.signature.as_deref(), Some("abc-def/gh"));
    assert_eq!(item.urgency.map(|urgency| urgency.get()), Some(3));
    let outcome = desk.push(text("CORRECTION - Sète : le port a rouvert mardi", PORT).as_bytes());
    let item = desk.only(&outcome);
    assert_eq!(item.article.headline, "Sète : le port a rouvert mardi");
    assert_eq!(item.signal, Some(depeche_news::Signal::Correction));
}

/// What readers see after these messages: what is shown, with its versions, by headline.
#[track_caller]
fn killed(messages: &[&str], expected: &[(&str, u32)]) {
    let mut desk = desk();
    messages.iter().for_each(|message| _ = desk.push(message.as_bytes()));
    let shown = desk.shown();
    let mut seen: Vec<_> =
        shown.iter().map(|item| (item.visibility.to_string(), item.versions)).collect();
    seen.sort();
    let expected: Vec<_> =
        expected.iter().map(|(word, many)| ((*word).to_owned(), *many)).collect();
    assert_eq!(seen, expected);
    // Read again, all stays as it is.
    desk.store.mark_to_reread(depeche_store::Rereading::default()).wait().unwrap();
    while desk.ingest.work(desk.now, || true).unwrap() > 0 {}
    let again: Vec<_> = desk.shown().into_iter().map(|item| (item.id, item.headline)).collect();
    let before: Vec<_> = shown.into_iter().map(|item| (item.id, item.headline)).collect();
    assert_eq!(again, before);
}

#[test]
fn a_kill_takes_away_the_one_item_that_has_its_headline() {
    let title = "Sète : le port a rouvert";
    let asks =
        "Prière d'annuler notre dépêche de 16h01, envoyée par erreur à nos abonnés du littoral.";
    let (sent, kill) = (text(title, PORT), text(&format!("ANNULATION - {title}"), asks));
    let twin = text(title, &PORT.replace("jeudi", "mardi"));
    let other = text("Sète : le port reste fermé", PORT);
    killed(&[&sent, &kill], &[("notice", 2)]);
    killed(&[&other, &sent, &kill, &kill], &[("notice", 2), ("shown", 1)]);
    killed(&[&sent, &twin, &kill], &[("shown", 1), ("shown", 1)]);
    killed(&[&other, &kill], &[("shown", 1)]);
    let news = text(
        &format!("ANNULATION - {title}"),
        "La fête n'aura pas lieu, a dit jeudi le maire aux habitants.",
    );
    killed(&[&sent, &news], &[("shown", 1), ("shown", 1)]);
    let in_feed = |guid: &str, title: &str, text: &str| {
        rss(title, text).replace("<guid>1", &format!("<guid>{guid}"))
    };
    killed(
        &[&in_feed("1", title, PORT), &in_feed("2", &format!("ANNULATION - {title}"), asks)],
        &[("notice", 2)],
    );
    let line = |id: &str, title: &str, text: &str, day: &str| {
        format!(
            "{}\n",
            serde_json::json!({"id": id, "title": title, "text": text, "published": day})
        )
    };
    let (monday, tuesday) = ("2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z");
    let sent = [
        line("1", title, PORT, tuesday),
        line("2", "Agde : la plage a rouvert", STORY, tuesday),
        line("3", "Pau : le marché a rouvert", &STORY.replace("prix", "fil"), tuesday),
    ];
    // Several kills at once, one of a day on which what it names was not there yet.
    let kills = [
        line("4", &format!("ANNULATION - {title}"), asks, tuesday),
        line("5", "ANNULATION - Agde : la plage a rouvert", asks, monday),
        line("6", "ANNULATION - Pau : le marché a rouvert", asks, tuesday),
    ];
    killed(&[&sent.concat(), &kills.concat()], &[("notice", 2), ("notice", 2), ("shown", 1)]);
}

#[test]
fn a_note_to_editors_makes_a_correction() {
    for (note, expected) in [
        ("CORRECTION : remplace Millau par Sète", depeche_news::Signal::Correction),
        ("Avec une correction de la date", depeche_news::Signal::Update),
    ] {
        let mut desk = desk();
        let told = format!("<signal qcode='sig:update'/><edNote>{note}</edNote></itemMeta>");
        let outcome = desk.push(g2("1", STORY).replace("</itemMeta>", &told).as_bytes());
        assert_eq!(desk.only(&outcome).signal, Some(expected), "{note}");
    }
}

#[test]
fn a_second_headline_stands_under_the_first() {
    let nitf = |under: &str| {
        format!(
            "<nitf><head><docdata><doc-id id-string='1'/></docdata></head><body><body.head><hedline>\
             <hl1>{HEADLINE}</hl1><hl2>{under}</hl2></hedline></body.head><body.content><p>{STORY}</p>\
             </body.content></body></nitf>"
        )
    };
    let said = "Le prix du Causse a été remis jeudi soir";
    for (under, expected) in
        [("Le jury a voté deux fois", Some("Le jury a voté deux fois")), (said, None)]
    {
        let mut desk = desk();
        let outcome = desk.push(nitf(under).as_bytes());
        let item = desk.only(&outcome);
        assert_eq!(item.article.headline, HEADLINE);
        assert_eq!(item.article.standfirst.as_deref(), expected);
    }
}

#[test]
fn a_table_of_numbers_is_no_news() {
    let mut desk = desk();
    for kind in [DeliveryKind::Pushed, DeliveryKind::Loose] {
        let outcome = desk.deliver(kind, b"a;b;c\n1;2;3\n");
        assert_eq!(outcome.state, depeche_store::DeliveryState::Refused);
        assert!(outcome.problems.join("").contains("no news in it"), "{:?}", outcome.problems);
    }
    desk.push(b"Le pont rouvre.\n");
    assert_eq!(desk.shown().len(), 1);
}
