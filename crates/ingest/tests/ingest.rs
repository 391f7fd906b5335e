//! Deliveries on their way to the wire, with a real store.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use depeche_ingest::Ingest;
use depeche_news::{
    Article, Delivery, DeliveryKind, ItemId, SourceId, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Again, DeliveryState, Keep, ReadAgain, Rereading, SourceChange};
use support::desk::{Desk, STORY, desk, item, whole};

#[test]
fn a_guid_that_all_entries_share_identifies_nothing() {
    let mut desk = desk();
    let a = desk.source("a");
    let entry = |n: &str| item("fil", n, &format!("Titre {n}"), &whole());
    desk.feed(&a, &[entry("1"), entry("2")]);
    desk.feed(&a, &[entry("3"), entry("1"), entry("2")]);
    assert_eq!(desk.headlines(), ["Titre 1", "Titre 2", "Titre 3"]);
    assert!(desk.items().iter().all(|item| item.versions == 1));
}

#[test]
fn an_entry_that_goes_back_to_what_it_was_makes_three_versions() {
    let mut desk = desk();
    let a = desk.source("a");
    for title in ["Premier", "Second", "Second", "Premier"] {
        desk.feed(&a, &[item("1", "1", title, &whole()), item("2", "2", "Autre", &whole())]);
    }
    let versions: Vec<u32> = desk.items().iter().map(|item| item.versions).collect();
    assert_eq!(desk.headlines(), ["Autre", "Premier"]);
    assert_eq!(versions.iter().sum::<u32>(), 4);
}

#[test]
fn of_two_versions_in_one_delivery_the_later_counts() {
    let mut desk = desk();
    let a = desk.source("a");
    let entry = |title: &str, at: &str| {
        format!(
            "<entry><id>tag:1</id><title>{title}</title><updated>2016-02-11T{at}:00Z</updated>\
             <content type=\"html\">{}</content></entry>",
            whole().replace('<', "&lt;"),
        )
    };
    let feed = |entries: &[String]| {
        let entries = entries.concat();
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Fil</title>{entries}</feed>")
    };
    let both = feed(&[entry("Premier", "10:00"), entry("Corrigé", "11:00")]);
    desk.deliver(&a, DeliveryKind::Feed, &both);
    assert_eq!(desk.headlines(), ["Corrigé"]);
    // The later one alone, as it stood, and then beside an older one that was not there before.
    desk.deliver(&a, DeliveryKind::Feed, &feed(&[entry("Corrigé", "11:00")]));
    let old = feed(&[entry("Corrigé", "11:00"), entry("Brouillon", "09:00")]);
    desk.deliver(&a, DeliveryKind::Feed, &old);
    assert_eq!(desk.headlines(), ["Corrigé"]);
    assert!(desk.items().iter().all(|item| item.versions == 1));
}

#[test]
fn a_teaser_is_published_at_once_and_moves_to_what_its_page_proves_to_be_a_copy_of() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "1", "Meuse : la cote d'alerte levée", &whole())]);
    desk.feed(&b, &[item("2", "2", "Verdun respire", "La cote d'alerte a été levée mardi...")]);
    assert_eq!(desk.headlines().len(), 2);
    let wanted = desk.wanted_page().unwrap();
    let page = format!(
        "<html lang=fr><body><article><h1>Verdun respire</h1>{}</article></body></html>",
        whole()
    );
    desk.deliver(&b, DeliveryKind::Page(wanted.clone()), &page);
    let items = desk.items();
    assert_eq!(items[0].dispatch, items[1].dispatch);
    assert_eq!(items[1].relation, "copy");
    let view = desk.store.article(Viewer::Reader, desk.now, &wanted).unwrap().unwrap();
    assert_eq!(view.article.body.len(), 5);
    assert!(!view.teaser_only && view.copies.len() == 1);
}

/// Pages that come where a story's page was asked for: what the feed told stays, and why is kept.
#[test]
fn a_wall_or_a_front_page_takes_nothing_from_what_a_feed_told() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/kinds");
    for (name, told) in [
        ("consentement-plein-ecran", "no_body: consent wall"),
        ("accueil-au-lieu-de-l-article", "no_body: front page with 12 links"),
        ("introuvable", "no_body: error page"),
        ("coquille", "no_body: script shell"),
    ] {
        let mut desk = desk();
        let source = desk.source("a");
        desk.feed(&source, &[item("1", "1", "Verdun respire", STORY[0])]);
        let wanted = desk.wanted_page().unwrap();
        let page = std::fs::read_to_string(pages.join(format!("{name}.html"))).unwrap();
        desk.deliver(&source, DeliveryKind::Page(wanted.clone()), &page);
        let view = desk.store.article(Viewer::Reader, desk.now, &wanted).unwrap().unwrap();
        let article = &view.article;
        assert_eq!(
            (article.headline.as_str(), article.standfirst.as_deref()),
            ("Verdun respire", Some(STORY[0])),
            "{name}"
        );
        assert!(article.body.is_empty() && view.teaser_only, "{name}");
        let delivery = desk.store.last_delivery().unwrap();
        let outcome = desk.store.delivery_outcome(delivery).unwrap().unwrap();
        assert_eq!(outcome.state, DeliveryState::Refused, "{name}");
        assert_eq!(outcome.problems[0], told, "{name}");
    }
}

/// A page that is kept for those who pay says so, even if it shows less than the feed did.
#[test]
fn a_stub_behind_a_paywall_marks_its_item() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/kinds");
    let long = STORY.concat();
    for (name, teaser, problem) in [
        ("abonnes-sans-texte", STORY[0], Some("no_body: paywall")),
        ("abonnes-accroche", long.as_str(), None),
        ("abonnes-classe", long.as_str(), None),
    ] {
        let mut desk = desk();
        let source = desk.source("a");
        desk.feed(&source, &[item("1", "1", "Verdun respire", &format!("{teaser}..."))]);
        let wanted = desk.wanted_page().unwrap();
        let page = std::fs::read_to_string(pages.join(format!("{name}.html"))).unwrap();
        desk.deliver(&source, DeliveryKind::Page(wanted.clone()), &page);
        let outcome = desk.store.delivery_outcome(desk.store.last_delivery().unwrap()).unwrap();
        let outcome = outcome.unwrap();
        assert_eq!(outcome.state, DeliveryState::Read, "{name}");
        assert_eq!(outcome.problems.first().map(String::as_str), problem, "{name}");
        let check = |desk: &Desk| {
            let view = desk.store.article(Viewer::Reader, desk.now, &wanted).unwrap().unwrap();
            let article = &view.article;
            assert!(article.paywalled && view.teaser_only && article.body.is_empty(), "{name}");
            assert_eq!(article.headline, "Verdun respire", "{name}");
            assert!(article.standfirst.as_deref().unwrap().starts_with(STORY[0]), "{name}");
        };
        check(&desk);
        assert_eq!(read_again(&mut desk), (1, 0, 0), "{name}");
        check(&desk);
    }
}

#[test]
fn a_teaser_whose_page_cannot_be_had_is_placed_by_what_there_is() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "1", "Meuse : la cote d'alerte levée", &whole())]);
    let start = format!("{} {}...", STORY[0], STORY[1].split(',').next().unwrap());
    desk.feed(&b, &[item("2", "2", "Verdun respire", &start)]);
    let wanted = desk.wanted_page().unwrap();
    desk.store.page_missing(&wanted).wait().unwrap();
    desk.ingest.work(desk.now, || true).unwrap();
    let items = desk.items();
    assert_eq!(
        (items[0].dispatch == items[1].dispatch, items[1].relation.as_str()),
        (true, "teaser")
    );
}

#[test]
fn a_restart_places_as_if_there_had_been_none() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "1", "Meuse : la cote d'alerte levée", &whole())]);
    let Desk { store, ingest, now, _folder } = desk;
    drop(ingest);
    let ingest = Ingest::start(&store, now).unwrap().unwrap();
    let mut desk = Desk { store, ingest, now, _folder };
    desk.feed(&b, &[item("2", "2", "Crue : fin de l'alerte à Verdun", &whole())]);
    let items = desk.items();
    assert_eq!(
        (items[0].dispatch == items[1].dispatch, items[1].relation.as_str()),
        (true, "copy")
    );
}

#[test]
fn a_copy_is_known_when_only_the_store_still_has_what_it_was_taken_from() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("first", "first", "Meuse : la cote d'alerte levée", &whole())]);
    let others: Vec<String> = (0..1_100u32)
        .map(|n| {
            let word = |at: u32| format!("x{:x}", (n * 100 + at).wrapping_mul(0x9e37_79b1));
            let text: Vec<String> = (0..90).map(word).collect();
            item(&n.to_string(), &n.to_string(), &word(91), &format!("<p>{}.</p>", text.join(" ")))
        })
        .collect();
    desk.feed(&a, &others);
    desk.feed(&b, &[item("copy", "copy", "Crue : fin de l'alerte à Verdun", &whole())]);
    let first = ItemId::new(&a, Some("first"), None, "");
    let copy = ItemId::new(&b, Some("copy"), None, "");
    let known = desk.store.known(&[first.clone(), copy.clone()]).unwrap();
    assert_eq!(known[&copy].dispatch, known[&first].dispatch);
}

#[test]
fn evidence_is_kept_only_where_a_placement_rests_on_something() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "1", "Meuse : la cote d'alerte levée", &whole())]);
    desk.feed(&b, &[item("2", "2", "Crue : fin de l'alerte à Verdun", &whole())]);
    let ids: Vec<ItemId> = desk.items().into_iter().map(|item| item.id).collect();
    let told = |of: &ItemId| {
        let view = desk.store.article(Viewer::Reader, desk.now, of).unwrap().unwrap();
        view.copies[0].evidence.clone()
    };
    let shares = r#"{"longest_run":100,"ours":1.0,"paragraphs":[0,1,2,3,4],"theirs":1.0}"#;
    assert_eq!((told(&ids[0]).as_deref(), told(&ids[1])), (Some(shares), None));
}

#[test]
fn only_one_process_takes_in() {
    let desk = desk();
    assert!(Ingest::start(&desk.store, desk.now).unwrap().is_none());
}

/// The bodies of all deliveries up to the `last`th, as text.
fn bodies(desk: &Desk, last: i64) -> String {
    let body = |id| desk.store.delivery(id).map(|d| d.delivery.body).unwrap_or_default();
    (1..=last).map(|id| String::from_utf8_lossy(&body(id)).into_owned()).collect()
}

#[test]
fn what_was_taken_down_stays_away_though_its_feed_still_carries_it() {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    let victim = item("1", "1", "Meuse : la cote d'alerte levée", &whole());
    let other = |n: &str| item(n, n, &format!("Titre {n}"), &format!("<p>Texte {n} de rien.</p>"));
    desk.feed(&a, std::slice::from_ref(&victim));
    desk.feed(&a, &[other("2"), victim.clone()]);
    let id = desk.items()[0].id.clone();
    let taken =
        desk.store.take_down(vec![id.clone()], String::new(), depeche_ingest::cut, desk.now);
    assert_eq!(taken.wait().unwrap().documents, 2);
    desk.feed(&a, &[other("3"), other("2"), victim.clone()]);
    desk.feed(&a, &[other("4"), other("3"), victim]);
    assert_eq!(desk.headlines(), ["", "Titre 2", "Titre 3", "Titre 4"]);
    let bodies = bodies(&desk, 4);
    assert!(bodies.contains("Titre 4") && !bodies.contains("alerte"), "{bodies}");
    // The window has forgotten it: what copies it founds a dispatch of its own.
    desk.feed(&b, &[item("9", "9", "Verdun respire", &whole())]);
    let copy = desk.items().into_iter().find(|item| item.headline == "Verdun respire").unwrap();
    assert_eq!((copy.relation.as_str(), copy.dispatch.as_str()), ("original", copy.id.as_str()));
}

#[test]
fn a_document_that_cannot_be_cut_goes_whole() {
    let mut desk = desk();
    let a = desk.source("a");
    let message = format!(
        "<nitf><head><title>La crue</title><docdata><doc-id id-string=\"1\"/></docdata></head>\
         <body><body.content>{}</body.content></body></nitf>",
        whole()
    );
    desk.deliver(&a, DeliveryKind::Feed, &message);
    let id = desk.items()[0].id.clone();
    desk.store.take_down(vec![id], String::new(), depeche_ingest::cut, desk.now).wait().unwrap();
    assert_eq!(bodies(&desk, 1), "");
}

#[test]
fn what_tells_of_an_item_beside_its_entry_goes_with_the_document() {
    let entry = "<item><guid>1</guid><title>Révélé : l'étrange Wuzzlekind arrêté</title>\
                 <description>Court.</description></item><item><guid>2</guid><title>Autre</title></item>";
    let about =
        |told: &str| format!("<rss><channel><title>Fil</title>{told}{entry}</channel></rss>");
    let latin1 = |text: &str| -> Vec<u8> {
        let text = format!("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>{text}");
        text.chars().map(|c| c as u8).collect()
    };
    let comment = about("<!-- Révélé : l'étrange Wuzzlekind arrêté -->");
    let escaped = about(
        "<description>R&#233;v&#233;l&#233; : l'&#233;trange Wuzzlekind arr&#234;t&#233;</description>",
    );
    for (document, kept) in [
        (latin1(&comment), false),
        (comment.into_bytes(), false),
        (escaped.into_bytes(), false),
        (latin1(&about("")), true),
    ] {
        let mut desk = desk();
        let a = desk.source("a");
        desk.deliver_bytes(&a, DeliveryKind::Feed, document);
        let is_it = |item: &depeche_store::ItemLine| item.guid.as_deref() == Some("1");
        let id = desk.items().into_iter().find(is_it).unwrap().id;
        desk.store
            .take_down(vec![id], String::new(), depeche_ingest::cut, desk.now)
            .wait()
            .unwrap();
        let left = bodies(&desk, 1);
        assert_eq!((left.contains("Autre"), left.contains("Wuzzlekind")), (kept, false), "{left}");
    }
}

#[test]
fn article_lines_are_cut_by_lines() {
    let mut desk = desk();
    let a = desk.source("a");
    let line = |id: &str| {
        format!("{{\"id\":\"{id}\",\"title\":\"Titre {id}\",\"text\":\"Texte {id}.\"}}\n")
    };
    let lines = [line("1"), "{\n".to_owned(), line("2")].concat();
    desk.deliver(&a, DeliveryKind::Lines, &lines);
    let one = desk.items().into_iter().find(|item| item.headline == "Titre 1").unwrap().id;
    desk.store.take_down(vec![one], String::new(), depeche_ingest::cut, desk.now).wait().unwrap();
    assert_eq!(bodies(&desk, 1), line("2"));
}

/// Has everything read again; gives what came of it.
fn read_again(desk: &mut Desk) -> (usize, usize, usize) {
    desk.store.mark_to_reread(Rereading::default()).wait().unwrap();
    while desk.ingest.work(desk.now, || true).unwrap() > 0 {}
    let (left, done) = desk.store.rereading().unwrap();
    assert_eq!(left, 0);
    (done.reread, done.changed, done.unreadable)
}

/// A wire with a whole item, a teaser with its page and an article line.
fn read_from_everything() -> (Desk, ItemId) {
    let mut desk = desk();
    let (a, b) = (desk.source("a"), desk.source("b"));
    desk.feed(&a, &[item("1", "1", "Meuse : la cote d'alerte levée", &whole())]);
    desk.feed(&b, &[item("2", "2", "Verdun respire", "La cote d'alerte a été levée mardi...")]);
    let wanted = desk.wanted_page().unwrap();
    let page =
        format!("<html lang=fr><body><article><h1>V</h1>{}</article></body></html>", whole());
    desk.deliver(&b, DeliveryKind::Page(wanted.clone()), &page);
    desk.deliver(
        &a,
        DeliveryKind::Lines,
        "{\"id\":\"3\",\"title\":\"Trois\",\"text\":\"Un texte.\"}",
    );
    (desk, wanted)
}

#[test]
fn the_same_reader_again_changes_nothing_also_from_reduced_documents() {
    let (mut desk, _) = read_from_everything();
    assert_eq!(read_again(&mut desk), (3, 0, 0));
    let later = desk.now + SignedDuration::from_hours(24 * 9);
    let due = desk.store.due_documents(Keep::default(), later, 99).unwrap();
    let reduced = due.into_iter().map(|due| {
        let cutting = depeche_store::Cutting::Only(&due.brought);
        let remains = depeche_ingest::cut(&due.document.delivery, cutting);
        (due, remains)
    });
    assert_eq!(desk.store.reduce(reduced.collect()).wait().unwrap(), 4);
    let before = desk.items();
    assert_eq!(read_again(&mut desk), (3, 0, 0));
    assert_eq!(desk.items(), before);
}

#[test]
fn what_was_read_badly_is_mended_where_it_stands() {
    let (mut desk, with_page) = read_from_everything();
    let before = desk.items();
    let right = desk.store.item(&with_page).unwrap().unwrap();
    desk.store.mark_to_reread(Rereading::default()).wait().unwrap();
    let spoilt = desk.store.to_reread(9).unwrap().into_iter().map(|before| {
        let mut item = before.item.clone().unwrap();
        item.article = Article { headline: "Gâté".to_owned(), ..Article::default() };
        let (digest, teaser) = ([0; 16], "gâté".to_owned());
        let read = ReadAgain { before, item, digest, teaser, trace: None, reading: "0" };
        Again::Read(Box::new(read))
    });
    desk.store.reread(spoilt.collect(), desk.now).wait().unwrap();
    assert_eq!(desk.headlines(), ["Gâté"; 3]);
    assert_eq!(read_again(&mut desk), (3, 3, 0));
    assert_eq!(desk.items(), before);
    assert_eq!(desk.store.item(&with_page).unwrap().unwrap(), right);
}

#[test]
fn nothing_becomes_poorer_by_being_read_again() {
    let (mut desk, with_page) = read_from_everything();
    let before = desk.store.item(&with_page).unwrap();
    let keep = Keep { pages_days: Some(1), ..Keep::default() };
    let later = desk.now + SignedDuration::from_hours(48);
    assert_eq!(desk.store.drop_pages(keep, later, 9).wait().unwrap(), 1);
    assert_eq!(read_again(&mut desk), (2, 0, 1));
    assert_eq!(desk.store.item(&with_page).unwrap(), before);
}

#[test]
fn a_time_without_zone_is_one_of_its_source_and_is_read_again_when_that_changes() {
    let mut desk = desk();
    let source = desk.source("a");
    let change =
        |zone: &str| SourceChange { zone: Some(Some(zone.to_owned())), ..SourceChange::default() };
    desk.store.change_source(&source, change("Europe/Paris"), desk.now).wait().unwrap();
    let entry = item("1", "1", "Meuse : la cote d'alerte levée", &whole());
    let dated = entry.replace("<guid", "<pubDate>11/02/2016 16:05</pubDate><guid");
    desk.feed(&source, &[dated]);
    let published = |desk: &Desk| {
        let id = desk.items()[0].id.clone();
        desk.store.item(&id).unwrap().unwrap().article.published.unwrap().to_string()
    };
    assert_eq!(published(&desk), "2016-02-11T16:05:00+01:00");
    desk.store.change_source(&source, change("America/Montreal"), desk.now).wait().unwrap();
    desk.store.mark_to_reread(Rereading::default()).wait().unwrap();
    while desk.ingest.work(desk.now, || true).unwrap() > 0 {}
    assert_eq!(published(&desk), "2016-02-11T16:05:00-05:00");
}

#[test]
fn an_embargo_above_a_text_ends_by_the_clocks_of_its_source() {
    for (zone, end) in
        [("America/Montreal", "2016-02-12T11:00:00Z"), ("Europe/Paris", "2016-02-12T05:00:00Z")]
    {
        let mut desk = desk();
        let source = desk.source("a");
        let zone = Some(Some(zone.to_owned()));
        let change = SourceChange { zone, ..SourceChange::default() };
        desk.store.change_source(&source, change, desk.now).wait().unwrap();
        let text = format!("<p>SOUS EMBARGO jusqu'au 12 février à 6h</p>{}", whole());
        let entry = item("1", "1", "Meuse : la cote d'alerte levée", &text);
        let dated = entry.replace("<guid", "<pubDate>11/02/2016 16:05</pubDate><guid");
        desk.feed(&source, &[dated]);
        let end: Timestamp = end.parse().unwrap();
        assert_eq!(desk.store.next_release().unwrap(), Some(end));
    }
}

#[test]
fn a_planet_is_not_the_outlet_and_a_picture_keeps_who_made_it() {
    let mut desk = desk();
    let source = desk.source("a");
    let entry = item("1", "1", "Meuse : la cote d'alerte levée", &whole()).replace(
        "<guid",
        "<source url=\"https://b.example/fil\">Radio B</source><media:content url=\"https://b.example/i.jpg\">\
         <media:description>Le pont</media:description><media:credit>J. Doe</media:credit></media:content><guid",
    );
    desk.feed(&source, &[entry]);
    let read = desk.store.item(&desk.items()[0].id).unwrap().unwrap().article;
    let image = read.image.unwrap();
    assert_eq!(read.outlet.as_deref(), Some("Radio B"));
    assert_eq!(
        (image.caption.as_deref(), image.credit.as_deref()),
        (Some("Le pont"), Some("J. Doe"))
    );
}

#[test]
fn what_ends_the_process_twice_while_it_is_read_is_set_aside() {
    let desk = desk();
    let (bad, good) = (desk.source("a"), desk.source("b"));
    let body = |name: &str| {
        let item = item(name, &format!("/{name}"), name, &whole());
        format!("<rss version=\"2.0\"><channel>{item}</channel></rss>").into_bytes()
    };
    let record = |desk: &Desk, source: &SourceId, name: &str| {
        let delivery = Delivery {
            source: source.clone(),
            kind: DeliveryKind::Feed,
            address: format!("https://{name}.example/"),
            headers: Vec::new(),
            body: body(name),
            received_at: desk.now,
            backfill: false,
            validators: Validators::default(),
        };
        desk.store.record(delivery).wait().unwrap();
        desk.store.last_delivery().unwrap()
    };
    let ends = record(&desk, &bad, "ends");
    let once = record(&desk, &bad, "once");
    record(&desk, &good, "good");
    // What a process leaves that dies while it reads: the mark, and nothing else.
    for id in [ends, ends, once] {
        desk.store.begin_reading(id).wait().unwrap();
    }
    let Desk { store, ingest, now, _folder } = desk;
    drop(ingest);
    let ingest = Ingest::start(&store, now).unwrap().unwrap();
    let mut desk = Desk { store, ingest, now, _folder };
    while desk.ingest.work(desk.now, || true).unwrap() > 0 {}
    assert_eq!(desk.headlines(), ["good", "once"]);
    let problems = desk.store.delivery_problems(0, i64::MAX, 10).unwrap();
    assert_eq!(
        problems,
        [
            "panic: the process ended twice while it was read: please report this delivery (https://ends.example/)"
        ]
    );
}
