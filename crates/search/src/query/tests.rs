use super::*;
use crate::Paper;
use depeche_news::{
    DispatchId, ItemId,
    jiff::{Timestamp, ZonedDateTime},
};

fn shown_run(words: &[Word]) -> String {
    let word = |word: &Word| format!("{}{}", word.form(), if word.begins { "*" } else { "" });
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A tree as text.
fn shown(node: &Node) -> String {
    let all = |parts: &[Node]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
    match node {
        Node::Run { part: Part::Headline, words, .. } => format!("titre:{}", shown_run(words)),
        Node::Run { words, slop: 0, .. } => format!("\"{}\"", shown_run(words)),
        Node::Run { words, slop, .. } => format!("\"{}\"~{slop}", shown_run(words)),
        Node::Said { what, words } => format!("{what:?}:{}", words.join("+")),
        Node::Urgency(from, to) => format!("urgence:{from}-{to}"),
        Node::Sources(_) => "sources".to_owned(),
        Node::SourceNamed(name) => format!("source:{name}"),
        Node::Saved(name) => format!("recherche:{name}"),
        Node::Time(_) => "temps".to_owned(),
        Node::Not(inner) => format!("-{}", shown(inner)),
        Node::All(parts) => format!("({})", all(parts)),
        Node::Any(parts) => format!("[{}]", all(parts)),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let query = Query::parse(text);
    let mut parts = vec![shown_run(&query.wanted)];
    parts.extend(query.must.iter().map(shown));
    parts.extend(query.ignored.iter().map(|ignored| format!("?{}", ignored.text)));
    parts.retain(|part| !part.is_empty());
    assert_eq!(parts.join(" "), expected, "{text}");
}

#[test]
fn what_readers_type() {
    check("Otan Syrie", "otan syrie");
    check("l'Otan et les Syriens", "otan syriens");
    check("\"gilets jaunes\" Paris", "paris \"gilets jaunes\"");
    check("« gilets jaunes »", "\"gilets jaunes\"");
    check("\"otan syrie\"~3 \"otan\"", "\"otan syrie\"~3 \"otan\"");
    check("grève -SNCF", "greve -\"sncf\"");
    check("grève !\"la poste\"", "greve -\"poste\"");
    check("grève -porte-avions", "greve -\"porte avions\"");
    check("FGTB: colère", "fgtb colere");
    check("porte-avions - Syrie", "porte avions syrie");
    check("+grève paris", "paris \"greve\"");
    check("\"jamais fermé", "jamais ferme");
    check("manif* paris", "paris \"manif*\"");
    check("ma*", "?ma*");
    check("port* mari* nav* ferr* rout*", "\"port*\" \"mari*\" \"nav*\" \"ferr*\" ?rout*");
    check("langue:fr,en,,fr", "[Language:fr Language:en]");
    check("lieu:\"Bar-le-Duc\",Paris x", "x [Place:bar+le+duc Place:paris]");
    check("lieu:Paris,«Saint Denis» x", "x [Place:paris Place:saint+denis]");
    check("source:\"Fil Direct\",\"Orbites\"", "[source:Fil Direct source:Orbites]");
    check("titre:crue,grève", "[titre:crue titre:greve]");
    check("titre:\"la crue, monte\"", "(titre:crue titre:monte \"crue monte\")");
    check("https://a.example/b", "https example b");
    check("", "");
    check("- ! \" « : titre: ( ) | ~ *", "titre");
}

#[test]
fn operators_and_brackets() {
    check("grève OR blocage", "[\"greve\" \"blocage\"]");
    check("grève OU blocage SNCF", "sncf [\"greve\" \"blocage\"]");
    check("sncf grève | blocage", "sncf [\"greve\" \"blocage\"]");
    check("grève ET sncf", "\"greve\" \"sncf\"");
    check("grève AND (sncf OR ratp)", "\"greve\" [\"sncf\" \"ratp\"]");
    check("(a1 b1) OR (c1 d1)", "[(\"a1\" \"b1\") (\"c1\" \"d1\")]");
    check("(grève sncf)", "greve sncf");
    check("grève SAUF (sncf OR ratp)", "greve -[\"sncf\" \"ratp\"]");
    check("grève -(sncf ratp)", "greve -(\"sncf\" \"ratp\")");
    check("OR grève OU", "greve");
    check("L'ETAT ET LES MAIRES OU NON", "etat maires non");
    check("((((((((((grève))))))))))", "greve ?(");
    check(")grève( ((", "greve");
}

#[test]
fn fields_in_french_and_english() {
    check("titre:otan Syrie", "syrie titre:otan");
    check("intitle:\"ashton carter\"", "(titre:ashton titre:carter \"ashton carter\")");
    check("titre:(otan syrie)", "(titre:otan titre:syrie)");
    check("titre:(otan OR onu)", "[titre:otan titre:onu]");
    check("otan source:afp", "otan source:afp");
    check("source:afp,reuters", "[source:afp source:reuters]");
    check("source:\"Le Monde, idées\"", "source:Le Monde, idées");
    check("-source:afp", "-source:afp");
    check("auteur:\"Jean Dupont\" author:paul", "Author:jean+dupont Author:paul");
    check("langue:français lang:en-GB", "Language:fr Language:en");
    check("rubrique:Politique section:sport", "Section:politique Section:sport");
    check("lieu:Lyon personne:\"Angela Merkel\"", "Place:lyon Person:angela+merkel");
    check("type:interview agence:AFP", "Kind:interview Agency:afp");
    check("urgence:1-3 urgency:flash urgence:<=2", "urgence:1-3 urgence:1-1 urgence:1-2");
    check("urgence:très", "?très");
    check("après:2016-02 avant:2016-03 depuis:7j date:P1W", "temps temps temps temps");
    check("date:2016-02/2016-04 date:/2016 depuis:lundi", "temps temps temps");
    check("avant:demain", "?demain");
    check("search:\"ma veille\"", "recherche:ma veille");
    check("inurl:blog otan", "otan ?blog");
}

#[test]
fn plain_text_has_no_operators() {
    let query = Query::plain("-Macron: «les gilets jaunes» OR titre:x !");
    assert_eq!(shown_run(&query.words), "macron gilets jaunes or titre x");
    assert!(query.must.is_empty());
}

#[test]
fn the_word_that_is_being_typed_may_go_on() {
    assert_eq!(shown_run(&Query::typing("otan syr").words), "otan syr*");
    assert_eq!(shown_run(&Query::typing("otan syr ").words), "otan syr");
    assert_eq!(shown_run(&Query::typing("otan s").words), "otan");
    assert_eq!(shown_run(&Query::typing("otan \"syr").words), "otan syr*");
    assert_eq!(shown_run(&Query::typing("\"otan syr\"").words), "otan syr");
    assert_eq!(shown_run(&Query::typing("manifestation de").words), "manifestation");
}

#[test]
fn too_many_words_are_passed_over_and_told() {
    let text = (0..40).map(|n| format!("mot{n}")).collect::<Vec<_>>().join(" ");
    let query = Query::parse(&text);
    assert_eq!(query.words.len(), WORDS_MAX);
    assert_eq!(query.ignored().len(), 40 - WORDS_MAX);
    assert_eq!(query.named(&Known::default()).ignored().len(), 40 - WORDS_MAX);
    let listed = Query::parse(&format!(
        "source:{}",
        (0..99).map(|n| n.to_string()).collect::<Vec<_>>().join(",")
    ));
    assert_eq!(listed.ignored(), [Ignored { text: "32".to_owned(), reason: Reason::Many }]);
    let long = Query::parse(&"mot ".repeat(10_000));
    assert_eq!(long.words.len(), 1);
    assert!(long.ignored().iter().all(|ignored| ignored.reason == Reason::Long));
    let brackets = Query::parse(&"(".repeat(1_000));
    assert!(brackets.is_empty() && brackets.ignored().len() == 1);
}

#[derive(Default)]
struct Known(Spellings);

impl Names for Known {
    fn spellings(&self) -> &Spellings {
        &self.0
    }

    fn sources(&self, name: &str) -> Vec<SourceId> {
        if name == "afp" { vec![SourceId::of_address("https://afp.example/")] } else { Vec::new() }
    }

    fn saved(&self, name: &str) -> Option<String> {
        match name {
            "veille" => Some("otan (syrie OR irak) source:afp".to_owned()),
            "serpent" => Some("recherche:serpent otan".to_owned()),
            _ => None,
        }
    }
}

#[test]
fn names_are_looked_up() {
    let tree = |text: &str| {
        let query = Query::parse(text).named(&Known::default());
        query.must.iter().map(shown).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(tree("source:afp"), "sources");
    assert_eq!(tree("recherche:veille"), "([\"syrie\" \"irak\"] sources \"otan\")");
    assert_eq!(tree("recherche:serpent").matches("otan").count(), SAVED_DEPTH_MAX);
    let query = Query::parse("otan source:tass").named(&Known::default());
    assert_eq!(query.ignored()[0].reason, Reason::Source);
}

fn paper() -> Paper {
    Paper {
        item: ItemId::parse("00000000000000000001").unwrap(),
        external: None,
        dispatch: DispatchId::parse("00000000000000000001").unwrap(),
        source: SourceId::of_address("https://afp.example/"),
        private: false,
        headline: "L'Otan s'engage en Syrie".to_owned(),
        credit: String::new(),
        standfirst: "Le chef du Pentagone l'a dit jeudi".to_owned(),
        byline: "Jean Dupont".to_owned(),
        body: "Les préfètes étudient l'aide à la coalition. L'État islamique recule.".to_owned(),
        language: Some("fr".to_owned()),
        about: crate::About {
            agency: Some("AFP".to_owned()),
            section: Some("Monde".to_owned()),
            urgency: Some(2),
            persons: vec!["Ashton Carter".to_owned()],
            ..Default::default()
        },
        at: "2016-02-11T16:49:00Z".parse::<Timestamp>().unwrap(),
        seq: 1,
    }
}

#[test]
fn one_article_is_held_against_a_query() {
    let sheet = Sheet::new(&paper());
    let now: ZonedDateTime = "2016-02-12T12:00[Europe/Paris]".parse().unwrap();
    for (text, expected) in [
        ("otan syrie", true),
        ("prefete coalitions", true),
        ("otan turquie", false),
        ("otan OR turquie", true),
        ("turquie OR (otan syrie)", true),
        ("\"otan engage\"", true),
        ("\"engage otan\"", false),
        ("\"engage otan\"~2", true),
        ("\"chef du pentagone\"", true),
        ("\"chef pentagone\"", false),
        ("\"chef pentagone\"~1", true),
        ("otan -turquie", true),
        ("otan -coalition", false),
        ("titre:otan", true),
        ("titre:coalition", false),
        ("coal*", true),
        ("tur*", false),
        ("auteur:dupont", true),
        ("auteur:durand", false),
        ("agence:afp langue:fr rubrique:monde urgence:1-3", true),
        ("urgence:4-9", false),
        ("personne:carter", true),
        ("depuis:2j", true),
        ("depuis:2h", false),
        ("date:2016-02-11", true),
        ("avant:2016-02-11", false),
        ("source:afp", true),
        ("source:tass", false),
        ("-source:afp", false),
        ("daech", true),
        ("", false),
    ] {
        let query = Query::parse(text).named(&Known::default());
        assert_eq!(query.matches(&sheet, &now), expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,80}|[-+!()\"«»:~*| a-zA-ZORETU0-9/]{0,80}") {
        let sheet = Sheet::new(&paper());
        let now: ZonedDateTime = "2016-02-12T12:00[Europe/Paris]".parse().unwrap();
        for query in [Query::parse(&text), Query::typing(&text), Query::plain(&text)] {
            query.named(&Known::default()).matches(&sheet, &now);
        }
    }
}
