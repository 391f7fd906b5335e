//! What the window says of small dispatches, invented for it.

use std::{
    cell::Cell,
    collections::HashMap,
    ops::{Deref, DerefMut},
    sync::LazyLock,
};

use depeche_news::jiff::Timestamp;

use crate::{
    Candidate, Limits, NotRestored, Placement, Relation, Trace, Window,
    window::{COMPARED_MAX, HEIRS_MAX, ORPHANS_AT_ONCE},
};

/// A window and the traces of what was placed in it.
#[derive(Default)]
struct Desk {
    window: Window,
    traces: HashMap<String, Trace>,
    /// How many traces were asked for.
    asked: Cell<usize>,
}

impl Desk {
    fn new(limits: Limits) -> Self {
        Self { window: Window::new(limits), ..Self::default() }
    }

    fn place(&mut self, candidate: &Candidate<'_>) -> Placement {
        let placed = self.window.place(candidate, |id| {
            self.asked.set(self.asked.get() + 1);
            self.traces.get(id).cloned()
        });
        self.traces.insert(candidate.id.to_owned(), placed.trace.clone());
        placed
    }

    fn restore(&mut self, id: &str, trace: &Trace, dispatch: &str, story: &str) {
        self.window.restore(id, trace, dispatch, story, None);
        self.traces.insert(id.to_owned(), trace.clone());
    }
}

impl Deref for Desk {
    type Target = Window;

    fn deref(&self) -> &Window {
        &self.window
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Window {
        &mut self.window
    }
}

const TITLE: &str = "Meuse : la cote d'alerte dépassée à Verdaincourt";

const LEAD: &str = "La Meuse a dépassé mardi soir sa cote d'alerte à Verdaincourt, où 340 habitants \
    des quartiers bas ont été invités par la préfecture à quitter leur domicile avant la nuit.";
const SECOND: &str = "« Nous préférons évacuer trop tôt que trop tard », a expliqué la maire, Solène \
    Aubrac, devant le gymnase ouvert aux familles. Les pompiers ont installé douze pompes le long \
    du quai des Tanneurs et fermé le pont de pierre à la circulation.";
const THIRD: &str = "Selon le service de prévision des crues, le niveau devrait encore monter de 25 \
    centimètres d'ici à jeudi matin, avant une lente décrue. Deux écoles et le collège resteront \
    fermés mercredi, et les transports scolaires sont suspendus dans tout le canton.";
const FOURTH: &str = "La dernière grande crue de la Meuse dans ce secteur remonte à janvier 1995 ; \
    elle avait laissé une ligne de boue que l'on voit encore sur la façade de la mairie.";

const OTHER: &str = "Le conseil régional a adopté vendredi le plan de relance des lignes ferroviaires \
    secondaires, avec une première tranche de travaux entre Ormes et Saint-Avit dès le printemps.\n\
    Les élus de l'opposition ont regretté un calendrier trop lent et demandé une étude séparée sur \
    le transport des marchandises, que la majorité a repoussée à la prochaine session plénière.";

const OTHER_NEWS: &str = "La présidente de région a promis que les trois haltes fermées depuis dix ans \
    rouvriraient les premières, et que les horaires seraient arrêtés avec les communes avant l'été.";

fn text(paragraphs: &[&str]) -> String {
    paragraphs.join("\n")
}

fn whole() -> String {
    text(&[LEAD, SECOND, THIRD, FOURTH])
}

fn item<'a>(id: &'a str, title: &'a str, text: &'a str) -> Candidate<'a> {
    Candidate { id, title, text, ..Candidate::default() }
}

/// Places `later` after the whole dispatch "1".
fn after_the_dispatch(title: &str, later: &str) -> Placement {
    let mut window = Desk::default();
    let first = window.place(&item("1", TITLE, &whole()));
    assert_eq!((first.relation, first.of), (Relation::Original, None));
    window.place(&item("2", title, later))
}

#[track_caller]
fn check(title: &str, later: &str, relation: Relation) -> Placement {
    let placed = after_the_dispatch(title, later);
    assert_eq!(placed.relation, relation, "{placed:?}");
    assert_eq!(placed.dispatch, if relation.joins() { "1" } else { "2" });
    assert_eq!(placed.of.as_deref(), relation.is_kinship().then_some("1"));
    placed
}

#[test]
fn the_same_text_elsewhere_is_a_copy() {
    let copy = check(TITLE, &whole(), Relation::Copy);
    assert_eq!(copy.story, "1");
    assert_eq!(copy.evidence.paragraphs, [0, 1, 2, 3]);
    assert!(copy.evidence.ours > 0.99 && copy.evidence.theirs > 0.99);
    assert!(copy.evidence.longest_run > 30 && !copy.evidence.figures_differ);
}

#[test]
fn cut_extended_and_renamed_is_still_a_copy() {
    check(TITLE, &text(&[LEAD, SECOND]), Relation::Copy);
    check("Crue : un gymnase pour les évacués", &whole(), Relation::Copy);
    check(TITLE, &whole().to_uppercase().replace('’', "'"), Relation::Copy);
    let local = "À Ligny, la commune voisine, le marché du mercredi est déplacé place de l'Église.";
    let extended = check(TITLE, &text(&[LEAD, SECOND, local, THIRD]), Relation::Copy);
    assert_eq!(extended.evidence.paragraphs, [0, 1, 3]);
    check(TITLE, &text(&["Lire aussi", LEAD, "Publicité", SECOND, THIRD]), Relation::Copy);
}

#[test]
fn another_figure_is_a_version() {
    let corrected = whole().replace("340", "520").replace("25", "40");
    let version = check(TITLE, &corrected, Relation::Version);
    assert!(version.evidence.figures_differ);
    check(TITLE, &whole().replace("25", "40"), Relation::Version);
}

#[test]
fn a_new_lead_is_a_version() {
    let lead = "Le niveau de la Meuse a commencé à baisser jeudi à Verdaincourt, et les familles \
        évacuées mardi pourront rentrer chez elles dans la journée, a annoncé le préfet.\n\
        Les écoles rouvriront vendredi, mais le pont de pierre reste fermé jusqu'à nouvel ordre, \
        le temps que des plongeurs en examinent les piles, et la navette fluviale ne reprendra \
        pas avant la fin du mois.";
    check(TITLE, &text(&[lead, &whole()]), Relation::Version);
}

#[test]
fn the_start_is_a_teaser() {
    check(TITLE, &LEAD.replace("avant la nuit.", "..."), Relation::Teaser);
    check(TITLE, LEAD, Relation::Teaser);
}

#[test]
fn a_pasted_passage_is_background() {
    check("Rail : la région vote", &text(&[OTHER, FOURTH, OTHER]), Relation::Background);
    check("Deux écoles fermées", &text(&[THIRD, FOURTH]), Relation::Background);
}

#[test]
fn one_paragraph_of_a_short_text_is_background_wherever_it_stands() {
    let title = "Rail : la région vote";
    check(title, &text(&[THIRD, OTHER]), Relation::Background);
    check(title, &text(&[OTHER, LEAD]), Relation::Background);
    // What comes later below other news under another headline, too.
    let mut window = Desk::default();
    window.place(&item("1", "Deux écoles fermées", &text(&[SECOND, THIRD])));
    let news = window.place(&item("2", title, &text(&[OTHER, OTHER_NEWS, SECOND, THIRD])));
    assert_eq!(news.relation, Relation::Background);
}

#[test]
fn without_headlines_phrases_make_a_copy_only_where_they_are_all_over_both() {
    let relation = |earlier: &str, later: &str| {
        let mut window = Desk::default();
        window.place(&item("1", "", earlier));
        window.place(&item("2", "", later)).relation
    };
    let mut at = 1;
    let other_words = |word: &str| {
        at += 1;
        if at % 6 == 0 { format!("{word}x") } else { word.to_owned() }
    };
    let reworded = whole().split(' ').map(other_words).collect::<Vec<_>>().join(" ");
    assert_eq!(relation(&whole(), &reworded), Relation::Copy);
    let others: String = (0..700).map(|n| format!("mot{n} ")).collect();
    let roundup = text(&[&whole(), &others]);
    assert!(!relation(&roundup, &reworded).joins());
    assert_eq!(relation(&roundup, &whole()), Relation::Copy);
}

#[test]
fn a_copy_that_was_worked_over_is_thinly_alike_all_over() {
    let mut at = 0;
    let damaged = |word: &str| {
        at += 1;
        if at % 6 == 0 { format!("{word}x") } else { word.to_owned() }
    };
    let whole = text(&[LEAD, SECOND, THIRD, FOURTH]);
    let scanned = whole.split([' ', '\n']).map(damaged).collect::<Vec<_>>().join(" ");
    let copy = check("Crue : un gymnase pour les évacués", &scanned, Relation::Copy);
    assert!(copy.evidence.ours < 0.6, "{:?}", copy.evidence);
}

#[test]
fn the_next_part_of_a_series_is_no_copy() {
    let title = "Dans la Meuse, un hiver avec les sinistrés de la crue de Verdaincourt";
    let mut window = Desk::default();
    window.place(&item("1", &format!("{title} (1/3)"), &whole()));
    let next = text(&[THIRD, FOURTH, OTHER]);
    let next = window.place(&item("2", &format!("{title} (2/3)"), &next));
    assert_eq!(next.relation, Relation::Background);
    // A take of an agency begins as the one before.
    let take = window.place(&item("3", &format!("{title} (2)"), &text(&[&whole(), OTHER])));
    assert_eq!((take.relation, take.of.as_deref()), (Relation::Copy, Some("1")));
}

#[test]
fn an_edition_that_says_so_is_a_version() {
    let begun = text(&[LEAD, SECOND, OTHER]);
    check(&format!("ACTUALISATION - {TITLE}"), &begun, Relation::Version);
    check(TITLE, &format!("(Version corrigée)\n{begun}"), Relation::Version);
    check(TITLE, &begun, Relation::Copy);
    // Who has it as it is copies it.
    check(&format!("ACTUALISATION - {TITLE}"), &whole(), Relation::Copy);
}

#[test]
fn a_teaser_is_known_by_its_headline() {
    let title = "Verdaincourt : la Meuse dépasse sa cote, les familles évacuées au gymnase";
    let mut window = Desk::default();
    window.place(&item("1", title, &text(&[SECOND, THIRD, FOURTH])));
    let teaser =
        window.place(&item("2", title, "La décrue n'est pas attendue avant jeudi matin ..."));
    assert_eq!((teaser.relation, teaser.of.as_deref()), (Relation::Teaser, Some("1")));
    assert!(teaser.evidence.same_headline);
    let other = window.place(&item("3", title, OTHER));
    assert_eq!(other.relation, Relation::Original);
}

#[test]
fn a_headline_that_three_dispatches_have_is_a_column() {
    let title = "Le grand entretien du matin : une invitée face aux questions des auditeurs";
    let mut window = Desk::default();
    for (id, text) in
        [("1", text(&[SECOND, THIRD])), ("2", OTHER.to_owned()), ("3", OTHER_NEWS.to_owned())]
    {
        assert_eq!(window.place(&item(id, title, &text)).relation, Relation::Original);
    }
    let next = window.place(&item("4", title, "Ce matin, elle revient sur dix ans de mandat ..."));
    assert_eq!(next.relation, Relation::Original);
}

#[test]
fn a_trace_of_before_is_read_as_one_without_a_part() {
    let bytes =
        Desk::default().place(&item("1", "Crue de la Meuse (2/3)", &whole())).trace.to_bytes();
    let read = |head: u8| {
        let mut bytes = bytes.clone();
        bytes[1] = head;
        let trace = Trace::from_bytes(&bytes).unwrap();
        (trace.titled, trace.part)
    };
    assert_eq!((bytes[1], read(1), read(0)), (5, (true, 0), (false, 0)));
}

#[test]
fn other_news_is_original() {
    let other = check("Rail : la région vote", OTHER, Relation::Original);
    assert_eq!(other.story, "2");
    check(TITLE, "", Relation::None);
}

#[test]
fn what_grew_is_compared_with_all_its_forms() {
    let mut window = Desk::default();
    window.place(&item("flash", TITLE, LEAD));
    let long = window.place(&item("long", TITLE, &whole()));
    assert_eq!((long.relation, long.dispatch.as_str()), (Relation::Copy, "flash"));
    let copy = window.place(&item("copy", "Autre titre", &text(&[SECOND, THIRD, FOURTH])));
    assert_eq!(copy.dispatch, "flash");
}

fn weather(town: &str, day: &str, numbers: [u8; 4]) -> String {
    let [low, high, wind, gusts] = numbers;
    format!(
        "{day}, le ciel sera couvert sur {town} avec des températures comprises entre {low} et {high} degrés.\n\
         L'après-midi, le vent soufflera de {wind} à {gusts} km/h et la pluie gagnera par l'ouest.\n\
         La tendance des jours suivants sera donnée dans le prochain bulletin de la rédaction."
    )
}

#[test]
fn two_towns_of_one_weather_template_are_two_dispatches() {
    let mut window = Desk::default();
    window.place(&item("1", "Météo à Ormes", &weather("Ormes", "Lundi", [3, 11, 20, 55])));
    let other =
        window.place(&item("2", "Météo à Ligny", &weather("Ligny", "Mardi", [7, 16, 35, 80])));
    assert_eq!((other.relation, other.dispatch.as_str()), (Relation::Original, "2"));
}

#[test]
fn two_matches_of_one_template_are_two_dispatches_whatever_the_score() {
    let report = |ours: &str, theirs: &str, minutes: [u8; 3], points: u8| {
        let [first, second, third] = minutes;
        format!(
            "{ours} s'est imposé 2-0 contre {theirs} samedi en match de la 12e journée.\n\
             Buts aux minutes {first}, {second} et {third} ; l'arbitre a donné 3 cartons.\n\
             Au classement, {ours} compte {points} points et recevra Ormes lors de la journée suivante."
        )
    };
    let mut window = Desk::default();
    window.place(&item(
        "1",
        "Ligue : Ligny bat Saint-Avit",
        &report("Ligny", "Saint-Avit", [5, 16, 84], 34),
    ));
    let other = report("Valmorel", "Saint-Avit", [1, 25, 43], 60);
    let other = window.place(&item("2", "Ligue : Valmorel bat Saint-Avit", &other));
    assert_eq!((other.relation, other.dispatch.as_str()), (Relation::Original, "2"));
}

const HEADLINES: [&str; 3] = [
    "Séisme : trois villages coupés du monde près de Valmorel",
    "Après le séisme, les villages de Valmorel toujours coupés du monde",
    "Cyclisme : Aubrac s'impose au sprint à Valmorel",
];

#[test]
fn headlines_alone_make_stories() {
    let mut window = Desk::default();
    let placed = HEADLINES.map(|title| window.place(&item(title, title, "")));
    assert!(placed.iter().all(|placed| placed.relation == Relation::None));
    assert_eq!(placed[1].story, placed[0].story);
    assert_eq!(placed[1].evidence.story_terms[0], "valmorel");
    assert_ne!(placed[1].dispatch, placed[0].dispatch);
    assert_ne!(placed[2].story, placed[0].story);
}

#[test]
fn what_only_bodies_repeat_makes_no_story() {
    let fire = "Le toit s'est effondré avant l'aube. Le montant des pertes n'est pas évalué; il sera évalué jeudi par un \
                assureur, et ce montant dira si l'on rebâtit.";
    let bridge = "Des fissures sont apparues sous la pile du milieu. Un premier montant, évalué par la commune, avait paru \
                  trop haut; ce qu'a évalué le département est un montant plus haut encore.";
    for (title, joins) in [("Un pont ferme à Ligny", false), ("Le montant fait débat", true)] {
        let mut window = Desk::default();
        window.place(&item("1", "La halle de Valmorel a brûlé", fire));
        let later = window.place(&item("2", title, bridge));
        assert_eq!(later.relation, Relation::Original);
        assert_eq!(later.story == "1", joins, "{title}: {:?}", later.evidence);
    }
}

#[test]
fn nothing_joins_a_story_that_has_been_silent() {
    let mut window = Desk::default();
    let mut story = |id, hours: i64| {
        let published = Timestamp::from_second(1_772_352_000 + hours * 3_600).ok();
        let told = Candidate { published, ..item(id, HEADLINES[usize::from(id != "1")], "") };
        window.place(&told).story
    };
    assert_eq!(story("1", 0), "1");
    // A day for each text that tells it, three days at most.
    assert_eq!(story("25 hours", 25), "25 hours");
    assert_eq!(story("2", 48), "25 hours");
    assert_eq!(story("3", 95), "25 hours");
    assert_eq!(story("4", 168), "4");
}

/// A stream with copies, versions, stories and noise.
fn stream() -> Vec<(String, String, String)> {
    let texts = [
        (TITLE, whole()),
        ("Rail : la région vote", OTHER.to_owned()),
        (TITLE, text(&[LEAD, SECOND])),
        (TITLE, whole().replace("340", "520")),
        (HEADLINES[0], String::new()),
        ("Météo à Ormes", weather("Ormes", "Lundi", [3, 11, 20, 55])),
        (HEADLINES[1], String::new()),
        ("Météo à Ligny", weather("Ligny", "Mardi", [7, 16, 35, 80])),
        ("Rail", text(&[OTHER, FOURTH])),
        (TITLE, LEAD.to_owned()),
    ];
    let one = |(n, (title, text)): (usize, (&str, String))| (n.to_string(), title.to_owned(), text);
    texts.into_iter().enumerate().map(one).collect()
}

fn place_all(window: &mut Desk, stream: &[(String, String, String)]) -> Vec<Placement> {
    stream.iter().map(|(id, title, text)| window.place(&item(id, title, text))).collect()
}

#[test]
fn the_same_stream_has_the_same_answers() {
    let stream = stream();
    let once = place_all(&mut Desk::default(), &stream);
    assert_eq!(once, place_all(&mut Desk::default(), &stream));
}

#[test]
fn a_restored_window_answers_as_the_one_that_placed() {
    let stream = stream();
    let (before, after) = stream.split_at(5);
    let (mut placing, mut restored) = (Desk::default(), Desk::default());
    for placed in place_all(&mut placing, before).iter().zip(before) {
        let (placed, (id, ..)) = placed;
        let trace = Trace::from_bytes(&placed.trace.to_bytes()).unwrap();
        assert_eq!(trace, placed.trace);
        restored.restore(id, &trace, &placed.dispatch, &placed.story);
    }
    assert_eq!(place_all(&mut placing, after), place_all(&mut restored, after));
}

/// The `n`th item of a long wire: every third one takes a paragraph of an earlier one, every fifth one
/// is a copy of one, and headlines have words in common.
fn wire_item(n: u32) -> (String, String) {
    let word = |topic: u32, at: u32| crate::words::mix(u64::from(topic) * 1_000 + u64::from(at));
    let paragraph = |topic: u32, from: u32| {
        let words = (from..from + 30).map(|at| format!("m{:x}", word(topic, at)));
        words.collect::<Vec<_>>().join(" ")
    };
    let topic = if n % 5 == 4 { n.saturating_sub(4 + n % 37) } else { n };
    let other = if n % 3 == 2 { n.saturating_sub(2 + n % 11) } else { topic };
    let text = [paragraph(topic, 0), paragraph(other, 30), paragraph(topic, 60)].join("\n");
    let title =
        [word(0, topic % 9), word(1, topic % 400), word(2, topic % 401), word(3, topic % 30)];
    (title.map(|word| format!("T{word:x}")).join(" "), text)
}

#[test]
fn a_window_that_moved_on_is_restored_as_it_is() {
    let limits = Limits { items_max: 1_500, hours_max: 1 };
    let (mut placing, mut restored) = (Desk::new(limits), Desk::new(limits));
    let place = |desk: &mut Desk, n: u32| {
        let (title, text) = wire_item(n);
        desk.place(&item(&n.to_string(), &title, &text))
    };
    let placed: Vec<Placement> = (0..4_000).map(|n| place(&mut placing, n)).collect();
    assert!(placed.iter().filter(|placed| placed.relation == Relation::Copy).count() > 700);
    for (n, placed) in placed.iter().enumerate().skip(2_500) {
        restored.restore(&n.to_string(), &placed.trace, &placed.dispatch, &placed.story);
    }
    assert_eq!(placing.len(), restored.len());
    // Stories go by how rare words are, which the texts that have gone still count for a while.
    let mut other_stories = 0;
    for n in 4_000..4_400 {
        let (before, after) = (place(&mut placing, n), place(&mut restored, n));
        let dispatch = |placed: &Placement| (placed.dispatch.clone(), placed.of.clone());
        assert_eq!(
            (dispatch(&before), before.relation, before.evidence.ours),
            (dispatch(&after), after.relation, after.evidence.ours),
            "{n}"
        );
        other_stories += usize::from(before.story != after.story);
    }
    assert!(other_stories <= 4, "{other_stories}");
}

#[test]
fn a_thousand_items_with_one_text_are_compared_with_its_leader() {
    let mut window = Desk::new(Limits { items_max: 500, hours_max: 1 });
    for n in 0..1_000 {
        let placed = window.place(&item(&format!("{n}"), TITLE, &whole()));
        assert_eq!(placed.dispatch, "0");
    }
    // One of two that came goes again, and with each of those its heir is asked for.
    assert!(window.asked.get() <= 1_000 + 500 * (1 + HEIRS_MAX), "{}", window.asked.get());
}

#[test]
fn a_passage_that_all_have_is_compared_with_a_few() {
    let mut window = Desk::default();
    for n in 0..300u32 {
        let (title, text) = wire_item(n * 5);
        window.asked.set(0);
        window.place(&item(&n.to_string(), &title, &format!("{SECOND}\n{text}")));
        assert!(window.asked.get() <= COMPARED_MAX);
    }
}

#[test]
fn many_leaders_that_went_at_once_are_seen_to_by_and_by() {
    let mut window = Desk::default();
    let at = |seconds: i64| Some(Timestamp::from_second(seconds).unwrap());
    for n in 0..100u32 {
        let (title, text) = wire_item(n * 5);
        let first = format!("{n}");
        window.place(&Candidate { published: at(0), ..item(&first, &title, &text) });
    }
    for n in 0..100u32 {
        let (title, text) = wire_item(n * 5);
        let copy = format!("copy {n}");
        window.place(&Candidate { published: at(3_600), ..item(&copy, &title, &text) });
    }
    window.trim(Timestamp::from_second(7 * 24 * 3_600 + 1).unwrap());
    assert_eq!(window.len(), 100);
    for n in 0..30 {
        window.asked.set(0);
        window.place(&item(&format!("other {n}"), OTHER, OTHER));
        assert!(window.asked.get() <= ORPHANS_AT_ONCE * HEIRS_MAX + COMPARED_MAX);
    }
    let (title, text) = wire_item(50);
    assert_eq!(window.place(&item("late", &title, &text)).of.as_deref(), Some("copy 10"));
}

#[test]
fn an_item_whose_trace_is_gone_is_not_compared_with_and_can_be_forgotten() {
    let mut window = Desk::default();
    window.place(&item("1", TITLE, &whole()));
    window.traces.clear();
    assert_eq!(window.place(&item("2", TITLE, &whole())).relation, Relation::Original);
    window.forget("1");
    assert_eq!(window.place(&item("3", TITLE, &whole())).dispatch, "2");
}

#[test]
fn what_is_forgotten_is_not_compared_with() {
    let mut window = Desk::default();
    window.place(&item("1", TITLE, &whole()));
    window.place(&item("h", HEADLINES[0], ""));
    window.forget("1");
    window.forget("h");
    window.forget("never");
    assert!(window.is_empty());
    assert_eq!(window.place(&item("2", TITLE, &whole())).relation, Relation::Original);
    assert_eq!(window.place(&item("3", HEADLINES[1], "")).story, "3");
}

#[test]
fn a_copy_takes_the_place_of_a_forgotten_founder() {
    let mut window = Desk::default();
    window.place(&item("1", TITLE, &whole()));
    window.place(&item("2", TITLE, &whole()));
    window.forget("1");
    let later = window.place(&item("3", TITLE, &whole()));
    assert_eq!((later.dispatch.as_str(), later.of.as_deref()), ("1", Some("2")));
}

#[test]
fn an_item_is_no_copy_of_itself() {
    let mut window = Desk::default();
    window.place(&item("1", TITLE, &whole()));
    let again = window.place(&item("1", TITLE, &whole()));
    assert_eq!((again.relation, window.len()), (Relation::Original, 1));
}

#[test]
fn the_window_keeps_its_limits() {
    let mut window = Desk::new(Limits { items_max: 2, hours_max: 24 });
    let published = Some("2026-03-01T08:00:00Z".parse::<Timestamp>().unwrap());
    for id in ["1", "2", "3"] {
        window.place(&Candidate { published, ..item(id, id, OTHER) });
    }
    assert_eq!(window.len(), 2);
    window.trim("2026-03-02T07:59:59Z".parse().unwrap());
    assert_eq!(window.len(), 2);
    window.trim("2026-03-02T08:00:01Z".parse().unwrap());
    assert!(window.is_empty());
}

#[test]
fn a_trace_is_small() {
    let article = (0..500).map(|n| format!("mot{} ", n * n)).collect::<String>();
    let trace = Desk::default().place(&item("1", TITLE, &article)).trace.to_bytes();
    assert!(trace.len() < 1_024, "{}", trace.len());
}

proptest::proptest! {
    #[test]
    fn any_text_has_a_place(title in "\\PC{0,40}", texts in proptest::collection::vec("(\\PC|\n){0,400}", 1..5)) {
        let mut window = Desk::new(Limits { items_max: 2, hours_max: 1 });
        for (n, text) in texts.iter().enumerate() {
            let placed = window.place(&item(&n.to_string(), &title, text));
            let bytes = placed.trace.to_bytes();
            proptest::prop_assert_eq!(Trace::from_bytes(&bytes), Some(placed.trace));
        }
    }

    #[test]
    fn any_bytes_are_a_trace_or_none(bytes in proptest::collection::vec(0u8.., 0..64)) {
        if let Some(trace) = Trace::from_bytes(&bytes) {
            proptest::prop_assert_eq!(trace.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_damaged_trace_does_no_harm(at in 0usize..600, byte in 0u8..) {
        let mut bytes = Desk::default().place(&item("1", TITLE, &whole())).trace.to_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Some(trace) = Trace::from_bytes(&bytes) {
            let mut window = Desk::default();
            window.restore("1", &trace, "1", "1");
            window.place(&item("2", TITLE, &whole()));
        }
    }
}

/// A window with items of all kinds in it: some settled, some not, some gone.
fn used(items: u32) -> Desk {
    let mut desk = Desk::new(USED_LIMITS);
    for n in 0..items {
        let (title, text) = wire_item(n);
        let id = if n % 3 == 0 { n.to_string() } else { format!("{n:020x}") };
        desk.place(&item(&id, &title, &text));
    }
    for n in (items.saturating_sub(900)..items).step_by(7) {
        desk.window.forget(&format!("{n:020x}"));
    }
    desk
}

const USED_LIMITS: Limits = Limits { items_max: 1_500, hours_max: 1 };

fn snapshot(window: &Window, mark: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    window.snapshot(mark, &mut bytes).unwrap();
    bytes
}

#[test]
fn a_window_from_its_snapshot_is_what_it_was() {
    for items in [0, 700, 4_000] {
        let mut going_on = used(items);
        let bytes = snapshot(&going_on.window, 42);
        let (window, mark) = Window::restored(USED_LIMITS, &mut bytes.as_slice()).unwrap();
        assert_eq!((mark, window.len()), (42, going_on.window.len()));
        assert!(snapshot(&window, 42) == bytes, "another snapshot after {items}");
        let mut restored = Desk { window, traces: going_on.traces.clone(), ..Desk::default() };
        for n in items..items + 2_500 {
            let (title, text) = wire_item(n);
            let id = n.to_string();
            let candidate = item(&id, &title, &text);
            assert_eq!(going_on.place(&candidate), restored.place(&candidate), "{items} {n}");
        }
    }
}

#[test]
fn a_smaller_window_takes_what_came_last_from_a_snapshot() {
    let desk = used(1_000);
    let bytes = snapshot(&desk.window, 0);
    let limits = Limits { items_max: 50, hours_max: 1 };
    let (window, _) = Window::restored(limits, &mut bytes.as_slice()).unwrap();
    assert_eq!(window.len(), 50);
    let other = Limits { items_max: 1_000_000, hours_max: 1 };
    let refused = Window::restored(other, &mut bytes.as_slice());
    assert!(matches!(refused, Err(NotRestored::OtherForm)));
}

#[test]
fn a_snapshot_that_is_cut_or_mixed_is_refused() {
    let bytes = snapshot(&used(300).window, 1);
    let restored = |bytes: &[u8]| {
        Window::restored(USED_LIMITS, &mut { bytes }).map(|(window, _)| window.len())
    };
    assert!(restored(&bytes).is_ok());
    for cut in (0..bytes.len()).step_by(211).chain(bytes.len() - 13..bytes.len()) {
        assert!(matches!(restored(&bytes[..cut]), Err(NotRestored::Broken)), "{cut}");
    }
    // Where the first block ends.
    let (older, newer) = (snapshot(&used(700).window, 1), snapshot(&used(701).window, 2));
    let block = 8 + 4 + (1 << 16) + 8;
    let mixed = [&newer[..block], &older[block..]].concat();
    assert!(matches!(restored(&mixed), Err(NotRestored::Broken)));
    assert!(matches!(restored(b"something else"), Err(NotRestored::OtherForm)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_snapshot_with_a_flipped_bit_is_refused(at in 0usize.., bit in 0u8..8) {
        static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| snapshot(&used(300).window, 1));
        let mut bytes = BYTES.clone();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        proptest::prop_assert!(Window::restored(USED_LIMITS, &mut bytes.as_slice()).is_err());
    }

    /// Damage that the sums do not tell, because they were made after it.
    #[test]
    fn a_snapshot_of_nonsense_does_no_harm(changes in proptest::collection::vec((0usize.., 0u8..), 1..4)) {
        static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| snapshot(&used(300).window, 1));
        let mut inner = crate::snapshot::unsealed(&BYTES);
        for (at, byte) in changes {
            let at = at % inner.len();
            inner[at] = byte;
        }
        let bytes = crate::snapshot::sealed(&inner);
        if let Ok((window, _)) = Window::restored(USED_LIMITS, &mut bytes.as_slice()) {
            let mut desk = Desk { window, ..Desk::default() };
            for n in 0..40 {
                let (title, text) = wire_item(290 + n);
                desk.place(&item(&n.to_string(), &title, &text));
            }
            desk.window.trim(Timestamp::MAX);
        }
    }
}
