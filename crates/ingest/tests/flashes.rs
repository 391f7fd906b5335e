//! An agency's flash and what it sends after it are editions of one dispatch.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use depeche_ingest::Ingest;
use depeche_news::{
    ItemId,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::Store;
use support::deliver;

const FLASH: (&str, &str) =
    ("Incendie dans un entrepôt chimique du port de Ligny", "Un incendie est en cours.");
const URGENT: (&str, &str) = (
    "Incendie dans un entrepôt chimique du port de Ligny, le quartier évacué",
    "Les pompiers ont fait évacuer deux rues autour du quai. Une fumée noire est visible à vingt kilomètres.",
);
const TEXT: &str = "Un feu s'est déclaré mardi matin dans un hangar où sont gardés des solvants, a indiqué la préfecture. \
    Soixante pompiers sont sur place, et les riverains sont priés de fermer leurs fenêtres. Nul n'est blessé à cette heure. \
    La cause n'est pas connue; une enquête sera ouverte par le parquet dès que les lieux seront sûrs.";

/// Which dispatch two items come into, the second of this outlet, so many minutes later.
fn joined(first: (&str, &str), second: (&str, &str, &str), minutes: i64, restart: bool) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut now: Timestamp = "2016-02-11T16:00:00Z".parse().unwrap();
    let mut ingest = Ingest::start(&store, now).unwrap();
    let mut ids = Vec::new();
    for (outlet, guid, title, text, after) in
        [("agence", "1", first.0, first.1, 0), (second.0, "2", second.1, second.2, minutes)]
    {
        now += SignedDuration::from_mins(after);
        if restart {
            drop(ingest.take());
            ingest = Ingest::start(&store, now).unwrap();
        }
        let source = deliver(&store, outlet, (guid, title, text), now);
        while ingest.as_mut().unwrap().work(now, || true).unwrap() > 0 {}
        for job in store.due_jobs(now, 9).unwrap() {
            if let depeche_store::NewJob::FetchPage { item, .. } = job.what {
                store.page_missing(&item).wait().unwrap();
            }
        }
        while ingest.as_mut().unwrap().work(now, || true).unwrap() > 0 {}
        ids.push(ItemId::new(&source, Some(guid), None, ""));
    }
    let known = store.known(&ids).unwrap();
    let (first, second) = (&known[&ids[0]], &known[&ids[1]]);
    let version = second.relation == "version";
    assert_eq!(first.dispatch == second.dispatch, version, "{second:?}");
    version
}

#[test]
fn what_an_agency_sends_after_its_flash_is_a_further_edition() {
    let (title, urgent) = URGENT;
    for (first, outlet, title, text, minutes, expected) in [
        (FLASH, "agence", title, urgent, 1, true),
        (FLASH, "agence", title, TEXT, 40, true),
        (FLASH, "agence", FLASH.0, TEXT, 59, true),
        // Another hour, another outlet, another event.
        (FLASH, "agence", title, urgent, 90, false),
        (FLASH, "journal", title, urgent, 1, false),
        (FLASH, "agence", "Incendie dans un entrepôt vide de Brimeux", urgent, 1, false),
        // Who has told it at length does not go on with a flash.
        ((FLASH.0, TEXT), "agence", title, urgent, 1, false),
    ] {
        for restart in [false, true] {
            let joined = joined(first, (outlet, title, text), minutes, restart);
            assert_eq!(joined, expected, "{outlet} {title} {minutes} {restart}");
        }
    }
}
