//! The query language against a real index: what it finds is what holding it against each article says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use depeche_news::{
    DispatchId, ItemId, SourceId, Viewer,
    jiff::{Timestamp, ZonedDateTime},
};
use depeche_search::{
    About, Catalogue, Change, Index, Order, Paper, Query, Scope, Sheet, Spellings,
};

const DAY: i64 = 86_400;

fn source(name: &str) -> SourceId {
    SourceId::of_address(&format!("https://{name}.example/rss"))
}

/// Name, source, headline, body, language, section, urgency, days ago.
type Line =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, u8, i64);

const PAPERS: [Line; 8] = [
    (
        "otan",
        "afp",
        "L'Otan s'engage en Syrie",
        "Les préfètes de la coalition.",
        "fr",
        "Monde",
        2,
        0,
    ),
    (
        "nato",
        "reuters",
        "NATO to help in Syria",
        "Allies study the coalitions.",
        "en",
        "World",
        4,
        1,
    ),
    (
        "greve",
        "afp",
        "Grève à la SNCF",
        "Les trains roulent peu, dit la préfecture.",
        "fr",
        "Social",
        3,
        2,
    ),
    (
        "ratp",
        "monde",
        "La RATP en grève",
        "Le mouvement de grève gagne Paris.",
        "fr",
        "Social",
        5,
        3,
    ),
    (
        "raqqa",
        "monde",
        "Raqqa reprise",
        "L'État islamique recule devant les forces.",
        "fr",
        "Monde",
        4,
        9,
    ),
    ("daech", "afp", "Daech revendique", "Un attentat à Mossoul.", "fr", "Monde", 1, 40),
    (
        "avions",
        "afp",
        "Un porte-avions en été",
        "Les avions partent à l'est.",
        "fr",
        "Monde",
        5,
        400,
    ),
    (
        "gilets",
        "monde",
        "Les gilets en jaune",
        "Des gilets et encore des jaunes, le gilet jaune.",
        "fr",
        "Social",
        5,
        800,
    ),
];

fn now() -> ZonedDateTime {
    "2026-11-27T12:00[Europe/Paris]".parse().unwrap()
}

fn paper(line: &Line) -> Paper {
    let (name, from, headline, body, language, section, urgency, days) = *line;
    let item = ItemId::new(&source(from), Some(name), None, "");
    let at = now().timestamp().as_second() - days * DAY;
    Paper {
        dispatch: DispatchId::from(&item),
        item,
        external: Some(name.to_owned()),
        source: source(from),
        private: false,
        headline: headline.to_owned(),
        credit: String::new(),
        standfirst: String::new(),
        byline: "Jean Dupont".to_owned(),
        body: body.to_owned(),
        language: Some(language.to_owned()),
        about: About {
            agency: (from == "afp").then(|| "AFP".to_owned()),
            section: Some(section.to_owned()),
            urgency: Some(urgency),
            ..About::default()
        },
        at: Timestamp::from_second(at).unwrap(),
        seq: 1,
    }
}

fn filled() -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let mut index = Index::open(folder.path()).unwrap().index;
    // In several segments, as a wire's index is.
    for two in PAPERS.chunks(2) {
        index.apply(&two.iter().map(|line| Change::Put(paper(line))).collect::<Vec<_>>()).unwrap();
        index.commit(1, 1).unwrap();
    }
    (folder, index)
}

fn query(text: &str) -> Query {
    let sources =
        ["afp", "reuters", "monde"].map(|name| (source(name), name.to_owned(), String::new()));
    let (spellings, _) = Spellings::read("SNCF = la compagnie nationale");
    Query::parse(text).named(&Catalogue::new(&sources, &spellings))
}

fn scope(order: Order) -> Scope<'static> {
    Scope { order, now: now(), limit: 50, with_external: true, ..Scope::new(Viewer::Reader) }
}

/// What a query finds at most, by the index; those that hold all words, by holding it against each article.
const FOUND: &[(&str, &str)] = &[
    ("grève OU daech", "daech greve raqqa ratp"),
    ("grève ET sncf", "greve"),
    ("grève SAUF sncf", "ratp"),
    ("(otan OR nato) source:reuters", "nato"),
    ("otan source:reuters", "nato"),
    ("source:afp", "avions daech greve otan"),
    ("source:afp -langue:en urgence:1-2", "daech otan"),
    ("source:tass", ""),
    ("\"gilets jaunes\"", "gilets"),
    ("\"jaunes gilets\"", ""),
    ("\"gilet jaune\"", "gilets"),
    ("\"gilets jaunes\"~2", "gilets"),
    ("titre:grève", "greve ratp"),
    ("pref*", "greve otan"),
    ("préfète", "otan"),
    ("depuis:60h", "greve nato otan"),
    ("avant:2026-01-01", "avions gilets"),
    ("date:2026-11 rubrique:monde", "otan raqqa"),
    ("agence:afp depuis:60j", "daech greve otan"),
    ("auteur:dupont langue:anglais", "nato"),
    ("état islamique", "daech raqqa"),
    ("EI", "daech raqqa"),
    ("rakka", "raqqa"),
    ("\"compagnie nationale\"", ""),
    ("compagnie nationale", "greve"),
    ("avions", "avions"),
    ("été", "avions"),
    ("est", "avions"),
    ("-grève -otan -titre:raqqa", "avions daech gilets"),
    ("titre:raqqa OR source:reuters", "nato raqqa"),
    ("les", ""),
];

#[test]
fn telling_words_are_those_that_some_others_have() {
    let (_folder, index) = filled();
    let reader = index.reader().unwrap();
    for (text, expected) in
        [("La grève, la grève encore, à Mossoul", "greve"), ("Mossoul", ""), ("", "")]
    {
        assert_eq!(reader.telling(text, 5).unwrap().join(" "), expected, "{text}");
    }
    assert!(reader.telling("La grève", 0).unwrap().is_empty());
}

#[test]
fn the_index_and_an_article_agree() {
    let (_folder, index) = filled();
    let reader = index.reader().unwrap();
    let sheets: Vec<_> = PAPERS.iter().map(|line| (line.0, Sheet::new(&paper(line)))).collect();
    for (text, expected) in FOUND {
        let query = query(text);
        for order in [Order::Score, Order::Relevance, Order::Recency, Order::Mixed] {
            let hits = reader.search(&query, &scope(order)).unwrap();
            let found: BTreeSet<_> =
                hits.hits.iter().filter_map(|hit| hit.external.clone()).collect();
            let found = found.into_iter().collect::<Vec<_>>().join(" ");
            assert_eq!(&found, expected, "{text}, {order:?}");
        }
        let matched = sheets.iter().filter(|(_, sheet)| query.matches(sheet, &now()));
        let matched: BTreeSet<_> = matched.map(|(name, _)| *name).collect();
        let matched = matched.into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(&matched, expected, "{text}, held against each");
    }
}

#[test]
fn what_holds_all_words_comes_first_and_is_counted() {
    let (_folder, index) = filled();
    let reader = index.reader().unwrap();
    for order in [Order::Relevance, Order::Recency, Order::Mixed] {
        let hits = reader.search(&query("grève paris"), &scope(order)).unwrap();
        assert_eq!(hits.hits[0].external.as_deref(), Some("ratp"), "{order:?}");
        assert_eq!((hits.total, hits.whole), (2, 1), "{order:?}");
    }
    let hits = reader.search(&query("grève licorne"), &scope(Order::Mixed)).unwrap();
    assert_eq!((hits.total, hits.whole), (2, 0));
    assert_eq!(hits.missing, ["licorne"]);
    let hits = reader.search(&query("revendiqeu"), &scope(Order::Mixed)).unwrap();
    assert_eq!(hits.meant, [("revendiqeu".to_owned(), "revendique".to_owned())]);
}

#[test]
fn the_latest_that_holds_all_words_is_before_what_holds_more_of_others() {
    let (_folder, mut index) = filled();
    // Younger, and as many words of the query, but not all that were asked for.
    let line =
        ("deux", "afp", "Grève partout", "La SNCF et la RATP roulent peu.", "fr", "Social", 5, 0);
    index.apply(&[Change::Put(paper(&line))]).unwrap();
    index.commit(2, 1).unwrap();
    let asked = query("grève paris (sncf OU ratp)");
    let hits = index.reader().unwrap().search(&asked, &scope(Order::Recency)).unwrap();
    let found: Vec<_> = hits.hits.iter().filter_map(|hit| hit.external.as_deref()).collect();
    assert_eq!((found, hits.whole), (vec!["ratp", "deux", "greve"], 1));
}

#[test]
fn nobody_is_told_of_words_that_they_may_not_see() {
    let (_folder, mut index) = filled();
    let line = ("secret", "afp", "Rien", "Un ornithorynque au palais.", "fr", "Monde", 5, 0);
    index.apply(&[Change::Put(Paper { private: true, ..paper(&line) })]).unwrap();
    index.commit(2, 1).unwrap();
    let told = |index: &Index, text: &str, viewer| {
        let scope = Scope { viewer, ..scope(Order::Mixed) };
        let hits = index.reader().unwrap().search(&query(text), &scope).unwrap();
        (hits.total, hits.missing.len(), hits.meant.len())
    };
    let (reader, administrator) = (Viewer::Reader, Viewer::Administrator);
    for text in ["ornithorynque", "ornithorinque", "ornithoryncue"] {
        assert_eq!(told(&index, text, reader), (0, 1, 0), "{text}");
        assert_eq!(told(&index, text, administrator).0, 1, "{text}");
    }
    // A word of what was taken down is in the files until they are written anew.
    index.apply(&[Change::Delete(paper(&line).item)]).unwrap();
    index.commit(3, 1).unwrap();
    for text in ["ornithorynque", "ornithorinque"] {
        assert_eq!(told(&index, text, administrator), (0, 1, 0), "{text}");
    }
}

#[test]
fn results_are_counted() {
    let (_folder, index) = filled();
    let reader = index.reader().unwrap();
    let counted = Scope { counted: true, ..scope(Order::Mixed) };
    let facets = reader.search(&query("grève OU daech"), &counted).unwrap().facets.unwrap();
    let shown = |values: &[(String, u64)]| {
        values.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(shown(&facets.agencies), "AFP 2");
    assert_eq!(shown(&facets.sections), "Monde 2, Social 2");
    assert_eq!(shown(&facets.languages), "fr 4");
    let sources: Vec<_> =
        facets.sources.iter().map(|(start, count)| (start.as_str(), *count)).collect();
    assert_eq!(sources.len(), 2);
    for (start, _) in sources {
        assert!(["afp", "monde"].iter().any(|name| source(name).as_str().starts_with(start)));
    }
    let days: Vec<_> = facets.days.iter().map(|(day, count)| format!("{day} {count}")).collect();
    assert_eq!(days, ["2026-10-18 1", "2026-11-18 1", "2026-11-24 1", "2026-11-25 1"]);
}

#[test]
fn what_is_being_typed_finds_what_begins_so() {
    let (_folder, index) = filled();
    let reader = index.reader().unwrap();
    for (text, expected) in [("coal", 2), ("la coaliti", 2), ("grève par", 2), ("zz", 0)] {
        let hits = reader.search(&Query::typing(text), &scope(Order::Mixed)).unwrap();
        assert_eq!(hits.total, expected, "{text}");
    }
}
