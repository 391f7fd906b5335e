//! A dispatch as one line: what came when, what it is, what it did to the text, and who may read of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::{body::Body, http::StatusCode};
use depeche_news::{Block, DispatchId, ItemId, Signal, SourceVisibility, Status, StoryId, Urgency};
use depeche_store::Arrival;
use support::{
    Desk,
    browser::{at, get, request, send, signed_in, site},
    desk,
};

/// A desk whose hour is noon of a day in Paris, so that times are told without their day.
fn at_noon() -> Desk {
    let mut desk = desk();
    desk.now = "2016-02-11T11:00:00Z".parse().unwrap();
    desk
}

/// What an arrival says, a paragraph a line, and under which headline and words of its desk.
fn says(headline: &str, labels: &[&str], text: &str) -> impl FnOnce(&mut Arrival) + use<> {
    let (headline, text) = (headline.to_owned(), text.to_owned());
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    move |arrival| {
        arrival.item.article.headline = headline;
        arrival.item.article.body =
            text.lines().map(|line| Block::Paragraph(line.into())).collect();
        arrival.item.desk.labels = labels;
    }
}

/// Puts an arrival into the dispatch of `founder`.
fn joins(arrival: &mut Arrival, founder: &ItemId, relation: &str, to: &ItemId) {
    arrival.placed.dispatch = DispatchId::from(founder);
    arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
    arrival.placed.relation = relation.to_owned();
    arrival.placed.related_to = Some(to.to_string());
}

/// The lines as they are read, without markup.
fn lines(page: &str) -> Vec<String> {
    let Some((_, list)) = page.split_once("<ol class=\"editions\">") else { return Vec::new() };
    let (list, _) = list.split_once("</ol>").unwrap();
    list.split("<li").skip(1).map(|line| text(line.split_once('>').unwrap().1)).collect()
}

fn text(markup: &str) -> String {
    let mut text = String::new();
    for piece in markup.split('<') {
        let shown = piece.split_once('>').map_or(piece, |(_, after)| after);
        text.push(' ');
        text.push_str(shown);
    }
    text.split([' ', '\n'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .replace("&#39;", "'")
}

const LEAD: &str = "La crue de la Meuse a fait 12 morts à Verdun, dit le préfet.";
const REST: &str = "Les écoles restent fermées jusqu'à lundi dans toute la vallée.\n\
    Un pont a été emporté dans la nuit près de Commercy.\n\
    Le niveau devrait baisser dès demain, selon les services de l'Etat.";
const OWN: &str = "Notre journaliste a vu des maisons inondées.";

/// A dispatch as it grows: an agency's urgent, its text, copies that cut and add, a correction, a lead.
struct Flood {
    urgent: ItemId,
    whole: ItemId,
    cut: ItemId,
    added: ItemId,
}

fn flood(desk: &Desk) -> Flood {
    let [agency, east, west] =
        ["AFP", "L'Est", "Ouest"].map(|name| desk.source(name, SourceVisibility::Shared));
    let all = format!("{LEAD}\n{REST}");
    let corrected = all.replace("12 morts", "14 morts");
    let urgent = desk.append(&agency, "1", 60, |arrival| {
        says("Crue: 12 morts", &["URGENT"], LEAD)(arrival);
    });
    let join = |headline: &str, labels: &[&str], text: &str, to: &ItemId| {
        let (says, founder, to) = (says(headline, labels, text), urgent.clone(), to.clone());
        move |arrival: &mut Arrival| {
            says(arrival);
            joins(arrival, &founder, "copy", &to);
        }
    };
    let whole = desk.append(&agency, "2", 50, join("Crue: 12 morts", &[], &all, &urgent));
    let (first, _) = REST.split_once('\n').unwrap();
    let text = format!("{LEAD}\n{first}");
    let cut = desk.append(&east, "3", 40, join("La crue", &[], &text, &whole));
    let text = format!("{all}\n{OWN}");
    let added = desk.append(&west, "4", 35, join("La Meuse", &[], &text, &whole));
    desk.append(&agency, "2", 30, |arrival| {
        join("Crue: 14 morts", &["CORRECTION"], &corrected, &urgent)(arrival);
        arrival.item.signal = Some(Signal::Correction);
    });
    let text = format!("{corrected}\n{OWN}\n{OWN}");
    desk.append(&agency, "5", 20, |arrival| {
        join("Crue: 14 morts", &["LEAD"], &text, &whole)(arrival);
        arrival.item.desk.updated_with = Some("Actualisé avec réactions".to_owned());
    });
    Flood { urgent, whole, cut, added }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatch_is_read_as_one_line() {
    let desk = at_noon();
    let flood = at(&desk, flood).await;
    let site = site(&desk);
    let french = [
        "11:00 AFP urgent l’original la première 14 mots",
        "11:10 AFP nouvelle édition corrigé à 11:30 48 mots, ajoute 34 mots comparer",
        "11:20 L'Est copie 25 mots, coupe 2 paragraphes, garde 52\u{202f}% comparer avec AFP (11:10)",
        "11:25 Ouest copie 55 mots, ajoute 7 mots comparer avec AFP (11:10)",
        "11:30 AFP correction 12\u{a0}morts → 14\u{a0}morts, titre\u{202f}: «\u{202f}Crue\u{202f}: 14 morts\u{202f}» voir ce qui a changé",
        "11:40 AFP lead la plus longue 62 mots, ajoute 14 mots comparer avec 11:10 Actualisé avec réactions",
    ];
    let copies = get(&site, &format!("/depeche/{}/copies", flood.urgent)).await.body;
    assert_eq!(lines(&copies), french);
    let bare = get(&site, &format!("/article/{}?editions=toutes", flood.cut)).await;
    assert_eq!(bare.header("location"), format!("/article/{}/la-crue?editions=toutes", flood.cut));
    let page = get(&site, &format!("/article/{}/la-crue", flood.cut)).await.body;
    let mut here = french.map(str::to_owned);
    here[2] = here[2].replace("copie", "copie affichée ici");
    assert_eq!(lines(&page), here);
    for (part, id, other) in [
        ("comparaison", &flood.whole, format!("{}?version=1", flood.urgent)),
        ("comparaison", &flood.cut, format!("{}?avant=1", flood.whole)),
        ("comparaison", &flood.added, format!("{}?avant=1", flood.whole)),
        ("versions", &flood.whole, "2".to_owned()),
    ] {
        let href = format!("/article/{id}/{part}/{other}");
        assert!(page.contains(&format!("<a href=\"{href}\">")), "{href}: {page}");
        let answer = get(&site, &href).await;
        assert_eq!(answer.status, StatusCode::OK, "{href}");
        // What was corrected later is no difference of what was taken before.
        let corrected = answer.body.contains("14</ins>") || answer.body.contains("14</del>");
        assert_eq!(corrected, part == "versions", "{href}: {}", answer.body);
    }
    let latest = format!("/article/{}/comparaison/{}", flood.cut, flood.whole);
    assert!(get(&site, &latest).await.body.contains("14</del>"));
    assert!(page.contains(&format!("<a href=\"/article/{}/crue-14-morts\">AFP</a>", flood.whole)));
    let address = format!("/depeche/{}/copies", flood.urgent);
    let asked = request("GET", &address).header("accept-language", "en");
    let copies = send(&site, asked.body(Body::empty()).unwrap()).await.body;
    assert_eq!(
        lines(&copies)[2],
        "11:20 L'Est copy 25 words, cuts 2 paragraphs, keeps 52% compare with AFP (11:10)"
    );
}

/// An outlet is placed by what it shares most with, here an early copy of another outlet; it has what the agency has by then.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_held_against_what_the_agency_had_by_then_where_that_is_nearer() {
    let desk = at_noon();
    let cut = at(&desk, |desk| {
        let flood = flood(desk);
        let [north, south] =
            ["Nord", "Sud"].map(|name| desk.source(name, SourceVisibility::Shared));
        let all = format!("{LEAD}\n{REST}").replace("12 morts", "14 morts");
        for (source, number, ago, text) in
            [(&north, "6", 10, format!("{all}\n{OWN}\n{OWN}")), (&south, "7", 9, LEAD.to_owned())]
        {
            desk.append(source, number, ago, |arrival| {
                says("La Meuse en crue", &[], &text)(arrival);
                joins(arrival, &flood.urgent, "copy", &flood.cut);
            });
        }
        flood.cut
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/article/{cut}/la-crue")).await.body;
    assert_eq!(
        lines(&page)[6..],
        [
            "11:50 Nord copie 62 mots, même texte comparer avec AFP (11:40)",
            "11:51 Sud copie 14 mots, coupe 1 paragraphe, garde 56\u{202f}% comparer avec L'Est (11:20)"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_keeps_its_place_and_tells_nothing() {
    let desk = at_noon();
    let flood = at(&desk, |desk| {
        let flood = flood(desk);
        let agency = desk.source("AFP", SourceVisibility::Shared);
        desk.append(&agency, "2", 10, |arrival| {
            says("Crue: 15 morts", &[], "Secret")(arrival);
            joins(arrival, &flood.urgent, "copy", &flood.urgent);
            arrival.item.status = Status::Canceled;
            arrival.item.signal = Some(Signal::Kill);
        });
        flood
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/article/{}/la-crue", flood.cut)).await.body;
    assert_eq!(
        lines(&page),
        [
            "11:00 AFP urgent l’original la première 14 mots",
            "11:10 AFP Annulée par son agence à 11:50",
            "11:20 L'Est copie affichée ici 25 mots, ajoute 11 mots comparer",
            "11:25 Ouest copie 55 mots, ajoute 41 mots comparer",
            "11:40 AFP lead la plus longue 62 mots, 12\u{a0}morts → 14\u{a0}morts, ajoute 49 mots, coupe 1 mot, garde 92\u{202f}%, \
             titre\u{202f}: «\u{202f}Crue\u{202f}: 14 morts\u{202f}» comparer Actualisé avec réactions",
        ]
    );
    assert!(!page.contains(&format!("comparaison/{}", flood.whole)), "{page}");
    let killed = get(&site, &format!("/article/{}", flood.whole)).await.body;
    assert_eq!(lines(&killed)[1], "11:10 AFP Annulée par son agence à 11:50 affichée ici");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_viewer_may_not_see_is_in_no_line() {
    let desk = at_noon();
    let (founder, copy) = at(&desk, |desk| {
        let open = desk.source("A", SourceVisibility::Shared);
        let own = desk.source("Privée", SourceVisibility::Private);
        let other = desk.source("B", SourceVisibility::Shared);
        let founder = desk.append(&open, "1", 60, says("Un", &[], LEAD));
        let hidden = desk.append(&own, "2", 50, |arrival| {
            says("Deux", &[], &format!("{LEAD}\n{REST}"))(arrival);
            joins(arrival, &founder, "copy", &founder);
        });
        let copy = desk.append(&other, "3", 40, |arrival| {
            says("Trois", &[], &format!("{LEAD}\n{REST}"))(arrival);
            joins(arrival, &founder, "copy", &hidden);
            arrival.placed.evidence = Some(r#"{"theirs":0.42}"#.to_owned());
            arrival.item.article.credit = Some("Privée".to_owned());
        });
        desk.append(&open, "4", 30, |arrival| {
            says("Quatre", &[], LEAD)(arrival);
            joins(arrival, &founder, "copy", &founder);
            arrival.item.status = Status::Withheld;
        });
        (founder, copy)
    })
    .await;
    let site = site(&desk);
    let address = format!("/article/{copy}/trois");
    let told = [
        "11:00 A l’original la première 14 mots",
        "11:20 B copie la plus longue affichée ici 48 mots, ajoute 34 mots comparer",
    ];
    assert_eq!(lines(&get(&site, &address).await.body), told);
    let copies = get(&site, &format!("/depeche/{founder}/copies")).await.body;
    assert!(!copies.contains("Privée") && lines(&copies).len() == 2, "{copies}");
    let cookie = signed_in(&desk, &site).await;
    let asked = request("GET", &address).header("cookie", &cookie).body(Body::empty()).unwrap();
    let told = lines(&send(&site, asked).await.body);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(
        told[1],
        "11:10 Privée copie l’original la plus longue 48 mots, ajoute 34 mots comparer"
    );
    assert_eq!(
        told[2],
        "11:20 B copie affichée ici 48 mots, même texte comparer avec Privée (11:10)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_copies_are_folded_but_for_what_is_looked_for() {
    let desk = at_noon();
    let (founder, last) = at(&desk, |desk| {
        let agency = desk.source("Agence", SourceVisibility::Shared);
        let founder = desk.append(&agency, "f", 200, says("Un", &[], LEAD));
        let mut last = founder.clone();
        for n in 0..100 {
            let source = desk.source(&format!("Journal {n}"), SourceVisibility::Shared);
            last = desk.append(&source, &format!("c{n}"), 150 - n, |arrival| {
                says("Un", &[], LEAD)(arrival);
                joins(arrival, &founder, "copy", &founder);
            });
        }
        desk.append(&agency, "f", 5, |arrival| {
            says("Un", &[], &LEAD.replace("12", "14"))(arrival);
            arrival.item.signal = Some(Signal::Correction);
        });
        (founder, last)
    })
    .await;
    let site = site(&desk);
    let address = format!("/article/{last}/un");
    let page = get(&site, &address).await.body;
    let told = lines(&page);
    assert_eq!(told.len(), 20, "{told:?}");
    assert!(told[0].contains("Agence") && told[0].contains("corrigé à"), "{told:?}");
    assert_eq!(told[1], "09:30 Journal 0 copie 14 mots, même texte comparer");
    assert!(told[18].contains("Journal 99 copie affichée ici"), "{told:?}");
    assert_eq!(
        told[19],
        "11:55 Agence correction 12\u{a0}morts → 14\u{a0}morts voir ce qui a changé"
    );
    let more = format!("<a href=\"{address}?editions=toutes#copies\">82 autres</a>");
    assert!(page.contains(&more), "{page}");
    let all = get(&site, &format!("{address}?editions=toutes")).await.body;
    assert_eq!(lines(&all).len(), 102);
    assert!(all.contains(&format!("<a href=\"{address}#copies\">N’afficher que")), "{all}");
    let copies = get(&site, &format!("/depeche/{founder}/copies")).await.body;
    assert_eq!(lines(&copies).len(), 20);
    assert!(copies.contains(&format!("/article/{founder}/un?editions=toutes#copies")), "{copies}");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_told_in_the_order_they_came() {
    let desk = at_noon();
    let (one, many, alone) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let version = |number: &str, text: &str, labels: &[&str]| {
            let (number, says) = (number.to_owned(), says("Un", labels, text));
            move |arrival: &mut Arrival| {
                says(arrival);
                arrival.item.version = Some(number);
                // Of a flash, that it is urgent is not told again.
                arrival.item.urgency = Urgency::new(1);
            }
        };
        let alone = desk.append(&source, "0", 50, says("Zéro", &[], LEAD));
        let flash = "La crue a fait 12 morts.";
        desk.append(&source, "1", 40, version("1", flash, &["FLASH"]));
        desk.append(&source, "1", 30, version("3", &format!("{LEAD}\n{REST}"), &["LEAD"]));
        let one = desk.append(&source, "1", 20, version("2", LEAD, &["URGENT"]));
        let mut many = one.clone();
        for n in 0..30 {
            let text = format!("{LEAD}\n{REST}\nIl y a {n} blessés.");
            many = desk.append(&source, "2", 40 - n, |arrival| {
                says("Direct", &[], &text)(arrival);
                arrival.item.urgency = Urgency::new(2);
            });
        }
        (one, many, alone)
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/article/{one}/un")).await.body;
    assert_eq!(
        lines(&page),
        [
            "11:20 A flash l’original la première affichée ici 6 mots",
            "11:30 A lead ajoute 34 mots voir ce qui a changé",
            "11:40 A urgent, version antérieure, reçue après coup ajoute 8 mots voir ce qui a changé",
        ]
    );
    let told = lines(&get(&site, &format!("/article/{many}/direct")).await.body);
    assert_eq!(told.len(), 20, "{told:?}");
    assert!(told[0].starts_with("11:20 A urgent l’original"), "{told:?}");
    assert_eq!(
        told[19],
        "11:49 A mise à jour 28\u{a0}blessés → 29\u{a0}blessés voir ce qui a changé"
    );
    let page = get(&site, &format!("/article/{alone}/zero")).await.body;
    assert!(lines(&page).is_empty() && !page.contains("copies-title"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_original_is_the_agencys_whoever_came_first() {
    let desk = at_noon();
    let long: String =
        (0..12_000_u64).map(|n| format!("{:x} ", n.wrapping_mul(0x9e37_79b9_7f4a))).collect();
    let (first, agency) = at(&desk, |desk| {
        let [paper, agency, radio] = ["Le Fil", "AFP - Monde", "Radio"]
            .map(|name| desk.source(name, SourceVisibility::Shared));
        let first = desk.append(&paper, "1", 60, |arrival| {
            says("Un", &[], LEAD)(arrival);
            arrival.item.article.credit = Some("avec AFP".to_owned());
        });
        let join = |text: &str, relation: &'static str| {
            let (says, founder) = (says("Un", &[], text), first.clone());
            move |arrival: &mut Arrival| {
                says(arrival);
                joins(arrival, &founder, relation, &founder);
                arrival.placed.evidence = Some(r#"{"theirs":0.42}"#.to_owned());
            }
        };
        let agency = desk.append(&agency, "2", 50, join(LEAD, "copy"));
        // Who gathers from two goes on with neither.
        for (guid, ago, credit) in [("5", 48, "Reuters"), ("6", 46, "Belga")] {
            desk.append(&paper, guid, ago, |arrival| {
                join(&format!("{LEAD}\n{OWN}"), "copy")(arrival);
                arrival.item.article.credit = Some(credit.to_owned());
            });
        }
        desk.append(&radio, "3", 40, join("La crue de la Meuse a fait", "teaser"));
        // Too long to be read for a line.
        desk.append(&radio, "4", 30, join(&long, "version"));
        (first, agency)
    })
    .await;
    let site = site(&desk);
    let copies = get(&site, &format!("/depeche/{first}/copies")).await.body;
    assert_eq!(
        lines(&copies),
        [
            "11:00 Le Fil la première 14 mots",
            "11:10 AFP - Monde copie l’original 14 mots, même texte comparer",
            "11:12 Le Fil copie 21 mots, ajoute 7 mots comparer",
            "11:14 Le Fil copie 21 mots, ajoute 7 mots comparer",
            "11:20 Radio accroche 7 mots, garde 50\u{202f}% comparer",
            "11:30 Radio nouvelle édition la plus longue comparer avec 11:20",
        ]
    );
    assert!(copies.contains(&format!("/article/{agency}/comparaison/{first}")), "{copies}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_of_editions_that_came_as_items_of_their_own() {
    let desk = at_noon();
    // Who brings the second item, what it is, and what the row says of it.
    let cases = [
        ("A", "version", None, Some("<span>nouvelle édition à 11:30</span>")),
        (
            "A",
            "version",
            Some(Signal::Correction),
            Some("<span class=\"event\">corrigé à 11:30</span>"),
        ),
        ("A", "teaser", None, None),
        ("B", "version", Some(Signal::Correction), None),
    ];
    let items = at(&desk, |desk| {
        let own = desk.source("A", SourceVisibility::Shared);
        let other = desk.source("B", SourceVisibility::Shared);
        let mut items = Vec::new();
        for (number, (source, relation, signal, _)) in cases.into_iter().enumerate() {
            let first = desk.append(&own, &format!("{number}-1"), 60, says("Crue", &[], LEAD));
            let source = if source == "A" { &own } else { &other };
            let second = desk.append(source, &format!("{number}-2"), 30, |arrival| {
                says("Crue", &[], REST)(arrival);
                joins(arrival, &first, relation, &first);
                arrival.item.signal = signal;
            });
            items.push((first, second));
        }
        items
    })
    .await;
    let site = site(&desk);
    let list = get(&site, "/").await.body;
    for ((first, second), (.., expected)) in items.iter().zip(cases) {
        let row = list.split("<li class=\"row").find(|row| row.contains(first.as_str())).unwrap();
        let told = row.contains("édition à") || row.contains("orrigé");
        assert_eq!(told, expected.is_some(), "{row}");
        assert!(expected.is_none_or(|expected| row.contains(expected)), "{row}");
        let page = get(&site, &format!("/article/{second}/crue")).await.body;
        assert!(!page.contains("orrigé"), "it was itself not corrected: {page}");
        let page = get(&site, &format!("/article/{first}/crue")).await.body;
        let newer = "Une édition plus récente de cette dépêche est parue ";
        assert_eq!(page.contains(newer), expected.is_some(), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_warns_of_a_correction_that_is_an_item_of_its_own() {
    let desk = at_noon();
    let [before, after] = at(&desk, |desk| {
        let [agency, east] =
            ["AFP", "L'Est"].map(|name| desk.source(name, SourceVisibility::Shared));
        let founder = desk.append(&agency, "1", 60, says("Crue", &[], LEAD));
        let copy = |guid: &str| {
            desk.append(&east, guid, 40, |arrival| {
                says("La crue", &[], LEAD)(arrival);
                joins(arrival, &founder, "copy", &founder);
            })
        };
        let before = copy("2");
        desk.append(&agency, "3", 20, |arrival| {
            says("Crue", &[], LEAD)(arrival);
            joins(arrival, &founder, "version", &founder);
            arrival.item.signal = Some(Signal::Correction);
        });
        [before, founder]
    })
    .await;
    let site = site(&desk);
    let warns = "AFP, dont ce texte est repris, a corrigé sa dépêche depuis";
    for (item, expected) in [(&before, true), (&after, false)] {
        let page = get(&site, &format!("/article/{item}")).await;
        let page = get(&site, page.header("location")).await.body;
        assert_eq!(page.contains(warns), expected, "{page}");
    }
}
