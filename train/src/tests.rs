//! From made-up pages to weights, and from weights to the story of a page of an outlet that was not learned from.

use depeche_extract::{Hints, study};
use serde_json::json;

use crate::learn::{Effort, model};
use crate::pages::Page;

/// A sentence of its own for each outlet and place.
fn sentence(outlet: usize, place: usize) -> String {
    const WHO: [&str; 5] =
        ["Le conseil", "La préfecture", "Le syndicat", "Une habitante", "Le maire"];
    const WHAT: [&str; 4] = ["a demandé", "a refusé", "attend", "examine"];
    const WHOM: [&str; 7] = [
        "le budget",
        "une enquête",
        "la réouverture",
        "un délai",
        "le report",
        "des renforts",
        "une aide",
    ];
    let at = outlet * 7 + place * 3;
    format!(
        "{} {} {} de la commune de Val-{outlet}-{place}, après une longue séance tenue mardi soir.",
        WHO[at % 5],
        WHAT[at % 4],
        WHOM[at % 7]
    )
}

/// A page as the outlet makes it, with its truth.
fn page(outlet: usize) -> (String, serde_json::Value) {
    let story: Vec<String> = (0..4 + outlet % 4).map(|place| sentence(outlet, place)).collect();
    let other: Vec<String> = (20..23).map(|place| sentence(outlet + 1, place)).collect();
    let menu: String =
        (0..8).map(|at| format!("<li><a href=/{at}>Rubrique {at}</a></li>")).collect();
    let body: String = story.iter().map(|text| format!("<p>{text}</p>")).collect();
    let teasers: String =
        other.iter().map(|text| format!("<div class=card><a href=/x>{text}</a></div>")).collect();
    let html = format!(
        "<title>Titre {outlet}</title><ul class=top-menu>{menu}</ul><h1>Titre {outlet}</h1>\
         <div class=texte>{body}</div><h3>Lire aussi</h3><div class=plus-lus>{teasers}</div>\
         <p class=mentions>Tous droits réservés, le journal de Val-{outlet}, rédaction et abonnements.</p>"
    );
    let truth = json!({
        "id": outlet.to_string(), "url": format!("https://val{outlet}.example/une"), "body": story.join("\n"),
    });
    (html, truth)
}

fn pages(outlets: std::ops::Range<usize>) -> Vec<Page> {
    let each = outlets.map(page);
    each.map(|(html, truth)| Page::new(study::of(html.as_bytes(), &Hints::default()), &truth))
        .collect()
}

#[test]
fn what_is_learned_holds_for_another_outlet() {
    let pages = pages(0..40);
    let pages: Vec<&Page> = pages.iter().collect();
    let effort = Effort { first: 12, second: 12 };
    let learned = model(&pages, &effort);
    let read = study::Model::of_bytes(&learned.to_bytes()).unwrap();
    assert!(
        read == learned && model(&pages, &effort) == learned,
        "the same pages, the same weights"
    );
    for outlet in 100..104 {
        let (html, truth) = page(outlet);
        let hints = Hints { model: Some(&read), ..Hints::default() };
        let article = depeche_extract::article(html.as_bytes(), &hints).article;
        assert_eq!(article.text().replace("\n\n", "\n"), truth["body"].as_str().unwrap());
    }
}

#[test]
fn labels_follow_the_true_body() {
    let (html, truth) = page(3);
    let study = study::of(html.as_bytes(), &Hints::default());
    let texts = study.texts.clone();
    let page = Page::new(study, &truth);
    let labelled: Vec<_> = texts
        .iter()
        .zip(&page.labels)
        .filter(|(_, label)| **label)
        .map(|(text, _)| text.as_str())
        .collect();
    assert_eq!(labelled.join("\n"), truth["body"].as_str().unwrap());
}
