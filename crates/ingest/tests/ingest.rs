//! Deliveries on their way to the wire, with a real store.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use depeche_ingest::Ingest;
use depeche_news::{
    Article, Delivery, DeliveryKind, ItemId, SourceId, SourceVisibility, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Again, Cutting, DeliveryState, ItemLine, Keep, NewJob, NewSource, ReadAgain, Remains,
    Rereading, SourceChange, SourceKind, Store,
};

struct Desk {
    store: Store,
    ingest: Ingest,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = "2016-02-11T16:00:00Z".parse().unwrap();
    let ingest = Ingest::start(&store, now).unwrap().unwrap();
    Desk { store, ingest, now, _folder: folder }
}

impl Desk {
    fn source(&self, name: &str) -> SourceId {
        let new = NewSource {
            address: format!("https://{name}.example/fil"),
            name: Some(name.to_owned()),
            language: Some("fr".to_owned()),
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Feed,
        };
        self.store.add_source(new, self.now).wait().unwrap().0
    }

    fn deliver(&mut self, source: &SourceId, kind: DeliveryKind, body: &str) {
        self.deliver_bytes(source, kind, body.as_bytes().to_vec());
    }

    fn deliver_bytes(&mut self, source: &SourceId, kind: DeliveryKind, body: Vec<u8>) {
        self.now += SignedDuration::from_mins(1);
        let delivery = Delivery {
            source: source.clone(),
            kind,
            address: "https://a.example/".to_owned(),
            headers: Vec::new(),
            body,
            received_at: self.now,
            backfill: false,
            validators: Validators::default(),
        };
        self.store.record(delivery).wait().unwrap();
        while self.ingest.work(self.now, || true).unwrap() > 0 {}
    }

    fn feed(&mut self, source: &SourceId, items: &[String]) {
        let body = format!(
            "<rss version=\"2.0\"><channel><title>Fil</title>{}</channel></rss>",
            items.concat()
        );
        self.deliver(source, DeliveryKind::Feed, &body);
    }

    fn items(&self) -> Vec<ItemLine> {
        let mut items = Vec::new();
        let later = self.now + SignedDuration::from_hours(1);
        self.store.each_item(Viewer::Reader, later, |item| items.push(item)).unwrap();
        items
    }

    fn headlines(&self) -> Vec<String> {
        let mut headlines: Vec<String> =
            self.items().into_iter().map(|item| item.headline).collect();
        headlines.sort();
        headlines
    }

    /// The job that fetches an item's page, as the collector would see it.
    fn wanted_page(&self) -> Option<ItemId> {
        let jobs = self.store.due_jobs(self.now, 9).unwrap();
        jobs.into_iter().find_map(|job| match job.what {
            NewJob::FetchPage { item, .. } => Some(item),
            _ => None,
        })
    }
}

const STORY: [&str; 5] = [
    "La cote d'alerte a été levée mardi matin à Verdun après trois jours de crue, a annoncé la préfecture de la Meuse.",
    "Deux cent dix habitants du quartier du port ont pu regagner leur logement, les autres sont attendus d'ici à jeudi soir.",
    "Le service de prévision avait placé le fleuve en vigilance orange samedi, à la suite de pluies sans précédent en février.",
    "Les dégâts sont estimés à neuf millions d'euros par la communauté d'agglomération, qui demande l'état de catastrophe naturelle.",
    "La circulation reprendra mercredi sur les trois ponts fermés depuis samedi, une fois les piles inspectées par les plongeurs.",
];

fn item(guid: &str, link: &str, title: &str, text: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://a.example/{link}</link><guid isPermaLink=\"false\">{guid}</guid>\
         <description>{}</description></item>",
        text.replace('<', "&lt;"),
    )
}

fn whole() -> String {
    STORY.map(|paragraph| format!("<p>{paragraph}</p>")).concat()
}

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
