//! A desk that takes in: a real store, its ingest, and the time of its day.

use depeche_ingest::Ingest;
use depeche_news::{
    DeliveryKind, ItemId, SourceId, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{ItemLine, NewJob, Store};

use super::{outlet, record, rss};

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) ingest: Ingest,
    pub(crate) now: Timestamp,
    pub(crate) _folder: tempfile::TempDir,
}

pub(crate) fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = "2016-02-11T16:00:00Z".parse().unwrap();
    let ingest = Ingest::start(&store, now).unwrap().unwrap();
    Desk { store, ingest, now, _folder: folder }
}

impl Desk {
    pub(crate) fn source(&self, name: &str) -> SourceId {
        outlet(&self.store, name, self.now)
    }

    pub(crate) fn deliver(&mut self, source: &SourceId, kind: DeliveryKind, body: &str) {
        self.deliver_bytes(source, kind, body.as_bytes().to_vec());
    }

    pub(crate) fn deliver_bytes(&mut self, source: &SourceId, kind: DeliveryKind, body: Vec<u8>) {
        self.now += SignedDuration::from_mins(1);
        record(&self.store, source, kind, body, self.now);
        while self.ingest.work(self.now, || true).unwrap() > 0 {}
    }

    pub(crate) fn feed(&mut self, source: &SourceId, items: &[String]) {
        self.deliver_bytes(source, DeliveryKind::Feed, rss(&items.concat()));
    }

    pub(crate) fn items(&self) -> Vec<ItemLine> {
        let mut items = Vec::new();
        let later = self.now + SignedDuration::from_hours(1);
        self.store.each_item(Viewer::Reader, later, |item| items.push(item)).unwrap();
        items
    }

    pub(crate) fn headlines(&self) -> Vec<String> {
        let mut headlines: Vec<String> =
            self.items().into_iter().map(|item| item.headline).collect();
        headlines.sort();
        headlines
    }

    /// The job that fetches an item's page, as the collector would see it.
    pub(crate) fn wanted_page(&self) -> Option<ItemId> {
        let jobs = self.store.due_jobs(self.now, 9).unwrap();
        jobs.into_iter().find_map(|job| match job.what {
            NewJob::FetchPage { item, .. } => Some(item),
            _ => None,
        })
    }
}

pub(crate) const STORY: [&str; 5] = [
    "La cote d'alerte a été levée mardi matin à Verdun après trois jours de crue, a annoncé la préfecture de la Meuse.",
    "Deux cent dix habitants du quartier du port ont pu regagner leur logement, les autres sont attendus d'ici à jeudi soir.",
    "Le service de prévision avait placé le fleuve en vigilance orange samedi, à la suite de pluies sans précédent en février.",
    "Les dégâts sont estimés à neuf millions d'euros par la communauté d'agglomération, qui demande l'état de catastrophe naturelle.",
    "La circulation reprendra mercredi sur les trois ponts fermés depuis samedi, une fois les piles inspectées par les plongeurs.",
];

pub(crate) fn item(guid: &str, link: &str, title: &str, text: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://a.example/{link}</link><guid isPermaLink=\"false\">{guid}</guid>\
         <description>{}</description></item>",
        text.replace('<', "&lt;"),
    )
}

pub(crate) fn whole() -> String {
    STORY.map(|paragraph| format!("<p>{paragraph}</p>")).concat()
}
