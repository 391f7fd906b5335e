//! A desk for tests: a real store in a temporary folder, filled with news we made up.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test uses its part of the desk")]

pub(crate) mod browser;

use depeche_news::{
    Article, Block, Delivery, DeliveryKind, DispatchId, Item, ItemId, Moment, Signal, SourceId,
    SourceVisibility, Status, StoryId, Urgency, Validators,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Appended, Arrival, FailureNote, NewSource, Placed, Poll, Recorded, SourceKind, Store,
};
use depeche_text::teaser;

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    _folder: tempfile::TempDir,
}

/// A desk whose last hour ends now, by the real clock: that is the one the pages read.
pub(crate) fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    Desk { store, now: Timestamp::now(), _folder: folder }
}

impl Desk {
    pub(crate) fn source(&self, name: &str, visibility: SourceVisibility) -> SourceId {
        let new = NewSource {
            address: format!("https://{}.example/fil.rss", depeche_news::slug(name)),
            name: Some(name.to_owned()),
            language: None,
            visibility,
            kind: SourceKind::Feed,
        };
        self.store.add_source(new, self.now).wait().unwrap().0
    }

    /// An arrival of `source`, `ago` minutes before now, as `edit` leaves it.
    pub(crate) fn arrival(
        &self,
        source: &SourceId,
        guid: &str,
        ago: i64,
        edit: impl FnOnce(&mut Arrival),
    ) -> Arrival {
        let at = self.now - SignedDuration::from_mins(ago);
        let article = Article {
            headline: format!("Titre {guid}"),
            body: vec![Block::Paragraph(format!("Texte {guid}").into())],
            language: Some("fr".to_owned()),
            published: Some(Moment::utc(at)),
            ..Article::default()
        };
        let item = Item {
            guid: Some(guid.to_owned()),
            address: Some(format!("https://{source}.example/{guid}")),
            ..Item::of(source.clone(), article)
        };
        let id = item.id();
        let dispatch = DispatchId::from(&id);
        let placed = Placed {
            story: StoryId::from(&dispatch),
            dispatch,
            relation: "original".to_owned(),
            related_to: None,
            evidence: None,
            trace: None,
        };
        let mut arrival = Arrival {
            id,
            digest: item.digest(),
            item,
            teaser: String::new(),
            external: None,
            received_at: at,
            backfill: false,
            page_wanted: None,
            page_had: false,
            placed,
            reading: "test",
        };
        edit(&mut arrival);
        arrival.digest = arrival.item.digest();
        let text = arrival.item.article.text();
        arrival.teaser = teaser(&text, depeche_store::TEASER_CHARS);
        arrival
    }

    pub(crate) fn take(&self, source: &SourceId, arrivals: Vec<Arrival>) {
        let body = format!("{arrivals:?}").into_bytes();
        let delivery = Delivery {
            source: source.clone(),
            kind: DeliveryKind::Feed,
            address: "https://a.example/fil.rss".to_owned(),
            headers: Vec::new(),
            body,
            received_at: self.now,
            backfill: false,
            validators: Validators::default(),
        };
        let recorded = self.store.record(delivery).wait().unwrap();
        let (Recorded::New(delivery) | Recorded::Repeated(delivery)) = recorded;
        let read = Appended { delivery, source: Some(source.clone()), ..Appended::default() };
        self.store.append(read, arrivals).wait().unwrap();
    }

    pub(crate) fn append(
        &self,
        source: &SourceId,
        guid: &str,
        ago: i64,
        edit: impl FnOnce(&mut Arrival),
    ) -> ItemId {
        let arrival = self.arrival(source, guid, ago, edit);
        let id = arrival.id.clone();
        self.take(source, vec![arrival]);
        id
    }

    pub(crate) fn polled(&self, source: &SourceId, failure: Option<&str>) {
        let failure = failure
            .map(|word| FailureNote { word: word.to_owned(), detail: format!("detail of {word}") });
        let next_at = self.now + SignedDuration::from_mins(30);
        self.store
            .polled(source, Poll { failure, ..Poll::unchanged(self.now, next_at) })
            .wait()
            .unwrap();
    }

    /// A wire as it looks after a working day: copies, urgent ones, a correction, a kill.
    pub(crate) fn fill(&self, rows: usize) {
        let sources: Vec<_> =
            OUTLETS.iter().map(|name| self.source(name, SourceVisibility::Shared)).collect();
        for (n, source) in sources.iter().enumerate() {
            self.polled(source, None);
            if n == 5 {
                self.polled(source, Some("connect"));
            }
        }
        for n in 0..rows {
            self.fill_row(&sources, n);
        }
    }

    fn fill_row(&self, sources: &[SourceId], n: usize) {
        let ago = (n * 7 / 2) as i64;
        let source = &sources[n * 5 % sources.len()];
        let (headline, section) = HEADLINES[n % HEADLINES.len()];
        let round = n / HEADLINES.len();
        let headline =
            if round == 0 { headline.to_owned() } else { format!("{headline} ({round})") };
        let text = |headline: &str| {
            let opening = OPENINGS[n % OPENINGS.len()];
            let mut body = vec![Block::Paragraph(format!("{opening} ({headline}.)").into())];
            body.extend(PARAGRAPHS.iter().map(|text| Block::Paragraph((*text).into())));
            body.insert(3, Block::Subhead("Une enquête ouverte".into()));
            body
        };
        let edit = |arrival: &mut Arrival| {
            let article = &mut arrival.item.article;
            article.headline.clone_from(&headline);
            article.section = Some(section.to_owned());
            article.body = text(&headline);
            article.standfirst = Some(STANDFIRST.to_owned());
            if n % 11 == 2 {
                arrival.item.urgency = Urgency::new(2);
            }
            if n % 13 == 4 {
                article.credit = Some("Claire Vasseur".to_owned());
            }
        };
        let founder = self.append(source, &format!("f{n}"), ago, edit);
        for copy in 0..[0, 3, 0, 1, 0, 0, 7, 0, 2, 0][n % 10] {
            let source = &sources[(n * 5 + copy + 1) % sources.len()];
            self.append(source, &format!("c{n}-{copy}"), ago - 1, |arrival| {
                edit(arrival);
                arrival.placed.dispatch = DispatchId::from(&founder);
                arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
                arrival.placed.relation = if copy == 1 { "version" } else { "copy" }.to_owned();
                arrival.placed.evidence = Some(r#"{"ours":1.0,"theirs":0.64}"#.to_owned());
            });
        }
        let corrected = |arrival: &mut Arrival, headline: &str| {
            edit(arrival);
            arrival.item.article.headline = headline.to_owned();
            arrival.item.signal = Some(Signal::Correction);
        };
        if n % 17 == 1 {
            let headline = format!("{headline}, selon un nouveau bilan");
            self.append(source, &format!("f{n}"), ago - 2, |a| corrected(a, &headline));
        }
        if n % 19 == 7 {
            self.append(source, &format!("f{n}"), ago - 2, |a| {
                edit(a);
                a.item.status = Status::Canceled;
                a.item.signal = Some(Signal::Kill);
            });
        }
    }
}

const OUTLETS: [&str; 12] = [
    "Agence Centrale",
    "Le Courrier de l'Est",
    "Radio Littoral",
    "La Gazette des Alpes",
    "Le Quotidien",
    "Ouest Matin",
    "Agence du Sud",
    "Télé Vallée",
    "L'Indépendant du Nord",
    "Les Nouvelles",
    "Info Métropole",
    "The Harbour Post",
];

const HEADLINES: [(&str, &str); 25] = [
    ("Le conseil des ministres examine un projet de loi sur l'eau potable", "Politique"),
    ("La préfète de la Haute-Lande lève l'alerte aux crues", "Région"),
    ("Séisme de magnitude 6,1 au large des îles Corvan : pas de victime signalée", "Monde"),
    ("Grève dans les transports : un train sur trois attendu vendredi", "Économie"),
    (
        "« Nous ne céderons pas » : les salariés de la fonderie votent la poursuite du mouvement",
        "Social",
    ),
    ("Un incendie détruit deux hangars dans la zone industrielle de Brévannes", "Faits divers"),
    ("Le port de Saint-Elme rouvre après trois jours de tempête", "Région"),
    ("Budget : la commission rejette l'amendement sur les niches fiscales", "Politique"),
    ("Rugby : Montclar s'impose 24-17 et prend la tête du championnat", "Sport"),
    ("Vaccination contre la grippe : la campagne prolongée d'un mois", "Santé"),
    ("Trois alpinistes secourus dans le massif des Aiguilles Rouges", "Région"),
    ("L'inflation ralentit à 1,8 % sur un an en octobre", "Économie"),
    ("Procès des pollueurs de la Vègre : le parquet requiert deux ans ferme", "Justice"),
    ("Élections municipales : qui sont les candidats à Port-Valmer ?", "Politique"),
    ("Le musée des Tisserands rouvre ses portes après quatre ans de travaux", "Culture"),
    ("Un câble sous-marin sectionné prive l'archipel d'internet", "Monde"),
    ("Canicule : douze départements en vigilance orange ce week-end", "Météo"),
    ("La chancelière attendue à Bruxelles pour un sommet sur l'énergie", "Monde"),
    ("Lycées : la réforme du baccalauréat repoussée d'un an, annonce le ministère", "Éducation"),
    ("Mort du romancier Paul Sénéchal, auteur des « Rives », à 91 ans", "Culture"),
    ("Collision entre deux péniches sur la Loivre : la navigation interrompue", "Faits divers"),
    ("Cyclisme : Aubin Ferrand remporte la deuxième étape au sprint", "Sport"),
    (
        "Une bombe de la Seconde Guerre mondiale désamorcée à Lancy, 3.000 personnes évacuées",
        "Région",
    ),
    ("Pêche : accord trouvé sur les quotas de bar pour l'an prochain", "Économie"),
    ("Le loup observé pour la première fois depuis un siècle dans le Perchois", "Environnement"),
];

const OPENINGS: [&str; 6] = [
    "Réunis ce matin en préfecture, les services de l'État ont fait le point sur la situation.",
    "La nouvelle était attendue depuis plusieurs semaines par les riverains et les associations.",
    "C'est une première depuis dix ans, et les professionnels du secteur s'en félicitent.",
    "Les opérations se poursuivaient en milieu de journée, selon une source proche du dossier.",
    "Le gouvernement assure que le calendrier sera tenu malgré les réserves de l'opposition.",
    "Quelque deux cents personnes s'étaient rassemblées devant la mairie en fin d'après-midi.",
];

const STANDFIRST: &str = "Les autorités ont confirmé l'information en fin de matinée. Une \
    cellule de crise a été ouverte, et les habitants sont invités à suivre les consignes.";

const PARAGRAPHS: [&str; 4] = [
    "Selon un premier bilan communiqué à la presse, aucune victime n'est à déplorer. « Les \
     équipes sont restées mobilisées toute la nuit », a déclaré le maire, qui s'est rendu sur \
     place peu avant 6 heures.",
    "Le trafic a été interrompu pendant près de deux heures; il a repris progressivement dans la \
     matinée. La circulation reste difficile sur les axes secondaires, où plusieurs arbres sont \
     tombés.",
    "Une enquête a été ouverte pour déterminer l'origine des faits. Le parquet n'a pas souhaité \
     faire de commentaire à ce stade.",
    "La réunion prévue mardi est maintenue. Elle doit rassembler une quarantaine d'élus et de \
     représentants des habitants autour d'un même sujet: que faire, et à quel prix ?",
];
