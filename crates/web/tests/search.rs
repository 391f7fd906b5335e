//! The search page and the feeds of a search, through the real router: a table for each concern.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use depeche_news::{Block, DispatchId, ItemId, SourceVisibility, StoryId};
use depeche_web::{Settings, Site, router};
use support::{
    Desk,
    browser::{Answer, at, get, indexed, request, searchable, send},
    desk,
};
use tokio::sync::watch;

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Source, what is unique of it, minutes ago, headline, text, section, place.
type Line =
    (&'static str, &'static str, i64, &'static str, &'static str, &'static str, &'static str);

const LINES: [Line; 7] = [
    (
        "Le Fil",
        "otan",
        60,
        "L'Otan à Lyon",
        "La préfète reçoit l'Otan & ses <alliés>.",
        "Monde",
        "LYON",
    ),
    (
        "Le Fil",
        "crue",
        DAY,
        "La crue monte",
        "La préfète ferme les quais de Lyon.",
        "Région",
        "LYON",
    ),
    (
        "L'Est",
        "crue2",
        DAY + 30,
        "Crue : quais fermés",
        "Les quais de Lyon sont fermés.",
        "Région",
        "NANCY",
    ),
    ("L'Est", "vote", 3 * DAY, "=Vote", "Le conseil vote à Nancy.", "Politique", "NANCY"),
    ("Le Fil", "grève", 9 * DAY, "Grève aux quais", "Le port est bloqué.", "Social", "BREST"),
    ("Secrets", "secret", 30, "Un secret de l'Otan", "Rien pour les lecteurs.", "Monde", "LYON"),
    (
        "Le Fil",
        "quais",
        2 * DAY,
        "Les quais rouverts",
        "Promenade à Lyon sur les quais.",
        "Région",
        "LYON",
    ),
];

/// A wire of a few days; two of its dispatches are of one story.
fn fill(desk: &Desk) -> Vec<ItemId> {
    let source = |name| {
        let private = name == "Secrets";
        let visibility = if private { SourceVisibility::Private } else { SourceVisibility::Shared };
        desk.source(name, visibility)
    };
    let sources = ["Le Fil", "L'Est", "Secrets"].map(|name| (name, source(name)));
    let mut items: Vec<ItemId> = Vec::new();
    for (outlet, guid, ago, headline, text, section, place) in LINES {
        let (_, source) = sources.iter().find(|(name, _)| *name == outlet).unwrap();
        let crue = items.get(1).cloned();
        let item = desk.append(source, guid, ago, |arrival| {
            let article = &mut arrival.item.article;
            article.headline = headline.to_owned();
            article.body = vec![Block::Paragraph(text.into())];
            article.section = Some(section.to_owned());
            article.dateline = Some(format!("{place}, 24 nov"));
            if guid == "crue2" {
                arrival.placed.story = StoryId::from(&DispatchId::from(&crue.unwrap()));
            }
        });
        items.push(item);
    }
    items
}

struct Wire {
    site: Router,
    items: Vec<ItemId>,
    _desk: Desk,
    _folder: tempfile::TempDir,
}

async fn wire() -> Wire {
    let (desk, folder) = (desk(), tempfile::tempdir().unwrap());
    let (items, site) = at(&desk, |desk| (fill(desk), searchable(desk, folder.path()))).await;
    Wire { site, items, _desk: desk, _folder: folder }
}

impl Wire {
    async fn search(&self, query: &str) -> String {
        let answer = get(&self.site, &format!("/recherche?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        answer.body
    }
}

/// The headlines of the rows, in order.
fn headlines(body: &str) -> Vec<String> {
    let rows = body.split("<li class=\"row").skip(1);
    let headline = |row: &str| {
        let link = row.split("<h4").nth(1)?.split("<a href=").nth(1)?.split_once('>')?.1;
        Some(link.split("</a>").next()?.replace("&#39;", "'"))
    };
    rows.filter_map(headline).collect()
}

/// The addresses of links whose text has this in it.
fn links(body: &str, text: &str) -> Vec<String> {
    let links = body.split("<a href=\"").skip(1).filter_map(|link| {
        let (href, rest) = link.split_once('"')?;
        let inside = rest.split("</a>").next()?;
        inside.contains(text).then(|| href.replace("&#38;", "&"))
    });
    links.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_found_is_told() {
    let wire = wire().await;
    for (query, told) in [
        ("q=otan+nancy", "Aucun article n’a tous ces mots."),
        ("q=otan+licorne", "Aucun article avec «\u{202f}licorne\u{202f}»."),
        (
            "q=prefte",
            "Rien pour «\u{202f}prefte\u{202f}»\u{202f}; voici «\u{202f}préfète\u{202f}».",
        ),
        ("q=licorne", "Rien ne répond à «\u{202f}licorne\u{202f}»."),
        ("q=otan+lieu:Brest", "Sans la condition «\u{202f}lieu\u{202f}: Brest\u{202f}»"),
        ("q=otan+date:jamais", "Laissé de côté\u{202f}: «\u{202f}jamais\u{202f}»"),
        ("q=otan+licorne&lang=en", "No article with “licorne”."),
    ] {
        let body = wire.search(query).await;
        assert!(body.contains(told), "{query}: {body}");
    }
    let body = wire.search("q=lyon+prefte").await;
    assert_eq!(links(&body, "Essayez plutôt"), ["/recherche?q=lyon+pr%C3%A9f%C3%A8te"]);
    let body = wire.search("q=lyon+quais").await;
    for told in ["Aucun article", "Rien pour", "Laissé de côté"] {
        assert!(!body.contains(told), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_narrowed_by_links() {
    let wire = wire().await;
    let body = wire.search("q=lyon").await;
    for (value, href, count) in [
        ("L'Est", "/recherche?q=lyon+source%3A%22L%27Est%22", 1),
        ("Région", "/recherche?q=lyon+rubrique%3AR%C3%A9gion", 3),
        ("Nancy", "/recherche?q=lyon+lieu%3ANancy", 1),
    ] {
        let value = value.replace('\'', "&#39;");
        assert!(links(&body, &value).contains(&href.to_owned()), "{value}: {body}");
        assert_eq!(
            headlines(&wire.search(&href["/recherche?".len()..]).await).len(),
            count,
            "{href}"
        );
    }
    // All are in French: there is nothing to choose.
    assert!(!body.contains("<h2>Langue</h2>"), "{body}");
    assert!(!body.contains("Secrets"), "{body}");
    let body = wire.search("q=lyon+rubrique:R%C3%A9gion+-source:%22Le+Fil%22&ordre=date").await;
    assert_eq!(
        links(&body, "rubrique\u{202f}: Région"),
        ["/recherche?q=lyon+-source%3A%22Le+Fil%22&ordre=date"]
    );
    assert_eq!(
        links(&body, "sauf source\u{202f}: Le Fil"),
        ["/recherche?q=lyon+rubrique%3AR%C3%A9gion&ordre=date"]
    );
    assert_eq!(headlines(&body), ["Crue\u{202f}: quais fermés"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_bars_and_a_form() {
    let wire = wire().await;
    let body = wire.search("q=quais").await;
    assert_eq!(body.matches("class=\"room\"").count(), 3, "{body}");
    let bars = links(&body, "class=\"room\"");
    let first = wire.search(&bars[0]["/recherche?".len()..]).await;
    assert_eq!(headlines(&first), ["Grève aux quais"], "{}", bars[0]);
    assert!(first.contains("class=\"chips\""), "{first}");
    for (fields, location) in [
        ("q=quais&de=2026-11-01&a=2026-11-24", "/recherche?q=quais+date%3A2026-11-01%2F2026-11-24"),
        (
            "q=quais+date:hier&de=2026-11-01&a=&plier=recits",
            "/recherche?q=quais+date%3A2026-11-01%2F&plier=recits",
        ),
        ("q=quais+date:hier&de=&a=", "/recherche?q=quais"),
    ] {
        let answer = get(&wire.site, &format!("/recherche?{fields}")).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, location));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_and_folding() {
    let wire = wire().await;
    let all =
        ["La crue monte", "Crue\u{202f}: quais fermés", "Les quais rouverts", "Grève aux quais"];
    let by_date = wire.search("q=quais&ordre=date").await;
    assert_eq!(headlines(&by_date), all);
    for order in ["", "&ordre=pertinence"] {
        assert_eq!(headlines(&wire.search(&format!("q=quais{order}")).await).len(), 4);
    }
    let folded = wire.search("q=quais&ordre=date&plier=recits").await;
    assert_eq!(headlines(&folded), [all[0], all[2], all[3]]);
    let story = links(&folded, "1 autre du même sujet");
    assert!(story.len() == 1 && story[0].starts_with("/sujet/"), "{story:?}");
    assert_eq!(links(&folded, "tous les articles des sujets"), ["/recherche?q=quais&ordre=date"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_results_alone_are_given_while_one_types() {
    let wire = wire().await;
    let part = wire.search("q=pref&partie=1").await;
    assert!(!part.contains("<html") && part.contains("data-title=\"pref — Rechercher\""), "{part}");
    assert_eq!(headlines(&part).len(), 2);
    // The last word is whole once something else follows, and on the page itself.
    assert!(wire.search("q=pref").await.contains("Rien ne répond"));
    assert!(wire.search("q=&partie=1").await.contains("Un mot, un nom"));
    assert!(!part.contains("partie="), "no link leads to a part of a page");
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_like_one() {
    let wire = wire().await;
    let crue = wire.items[1].as_str();
    let body = wire.search(&format!("comme={crue}")).await;
    let found = headlines(&body);
    assert!(found.contains(&"Crue\u{202f}: quais fermés".to_owned()), "{found:?}");
    assert!(!found.contains(&"La crue monte".to_owned()) && !body.contains("Secrets"), "{found:?}");
    let article = get(&wire.site, &format!("/article/{crue}/la-crue-monte")).await.body;
    let here = format!("/recherche?comme={crue}");
    assert_eq!(links(&article, "Articles semblables"), [here.as_str()]);
    assert!(links(&wire.search("q=crue").await, "semblables").contains(&here));
    let secret = wire.items[5].as_str();
    for nobody in [secret, "x", "0123456789abcdef0123456789abcdef"] {
        let answer = get(&wire.site, &format!("/recherche?comme={nobody}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nobody}");
    }
}

async fn feed(wire: &Wire, form: &str, query: &str) -> Answer {
    let answer = get(&wire.site, &format!("/recherche.{form}?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_a_feed() {
    let wire = wire().await;
    for (form, kind, has) in [
        ("atom", "application/atom+xml; charset=utf-8", "<title>L&#39;Otan à Lyon</title>"),
        (
            "atom",
            "",
            "<link rel=\"self\" type=\"application/atom+xml\" href=\"http://127.0.0.1:7410/recherche.atom?q=pr%C3%A9f%C3%A8te+lyon\"/>",
        ),
        ("atom", "", "La préfète reçoit l&#39;Otan &#38; ses &#60;alliés&#62;."),
        (
            "rss",
            "application/rss+xml; charset=utf-8",
            "<guid isPermaLink=\"false\">urn:depeche:dispatch:",
        ),
        ("rss", "", " +0000</pubDate>"),
        ("json", "application/feed+json", "\"title\":\"L'Otan à Lyon\""),
        (
            "csv",
            "text/csv; charset=utf-8; header=present",
            "\"L'Otan à Lyon\",\"Le Fil\",\"Monde\",\"fr\",\"La préfète reçoit",
        ),
    ] {
        let answer = feed(&wire, form, "q=pr%C3%A9f%C3%A8te+lyon").await;
        assert!(kind.is_empty() || answer.header("content-type") == kind, "{form}");
        assert!(answer.body.contains(has), "{form} has no {has}: {}", answer.body);
        // Only what holds both words.
        assert!(!answer.body.contains("fermés"), "{form}: {}", answer.body);
    }
    // Whoever asks for what nothing holds whole is told nothing, and nobody is told what is private.
    for (query, entries) in
        [("q=otan+nancy", 0), ("q=licorne", 0), ("q=", 0), ("q=otan", 1), ("q=lieu:Lyon", 3)]
    {
        let body = feed(&wire, "atom", query).await.body;
        assert_eq!(body.matches("<entry").count(), entries, "{query}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&feed(&wire, "json", "q=quais").await.body).unwrap();
    let titles =
        json["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap());
    assert_eq!(
        titles.collect::<Vec<_>>(),
        ["La crue monte", "Crue : quais fermés", "Les quais rouverts", "Grève aux quais"]
    );
    assert!(feed(&wire, "csv", "q=vote").await.body.contains(",\"'=Vote\","));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_known_again_and_named_by_its_page() {
    let wire = wire().await;
    for form in ["atom", "rss", "json", "csv"] {
        let address = format!("/recherche.{form}?q=quais");
        let tag = get(&wire.site, &address).await.header("etag").to_owned();
        let again = request("GET", &address).header("if-none-match", &tag).body(Body::empty());
        assert_eq!(
            send(&wire.site, again.unwrap()).await.status,
            StatusCode::NOT_MODIFIED,
            "{form}"
        );
        let page = wire.search("q=quais").await;
        assert_eq!(page.matches(&format!("href=\"{address}\"")).count(), 2, "{form}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_take_us_up() {
    let wire = wire().await;
    let description = get(&wire.site, "/opensearch.xml").await.body;
    for kind in [
        "text/html",
        "application/atom+xml",
        "application/rss+xml",
        "application/x-suggestions+json",
    ] {
        assert!(description.contains(&format!("<Url type=\"{kind}\"")), "{kind}: {description}");
    }
    let image = description.split("<Image").nth(1).unwrap().split(['>', '<']).nth(1).unwrap();
    let icon = image.strip_prefix("http://127.0.0.1:7410").unwrap();
    assert_eq!(get(&wire.site, icon).await.status, StatusCode::OK);
    assert!(wire.search("").await.contains("<link rel=\"search\""));
    for (query, expected) in [
        ("q=pref", "[\"pref\",[\"L'Otan à Lyon\",\"La crue monte\"]]"),
        ("q=licorne", "[\"licorne\",[]]"),
        ("", "[\"\",[]]"),
    ] {
        let answer = get(&wire.site, &format!("/recherche/suggestions?{query}")).await;
        assert_eq!(answer.header("content-type"), "application/x-suggestions+json");
        assert_eq!(answer.body, expected, "{query}");
    }
}

/// A row tells which copy was found where another one leads it, and the count how many rows the copies make.
#[tokio::test(flavor = "multi_thread")]
async fn the_copy_that_was_found_is_told() {
    let (desk, folder) = (desk(), tempfile::tempdir().unwrap());
    let site = at(&desk, |desk| {
        let items = fill(desk);
        let source = desk.source("Le Matin", SourceVisibility::Shared);
        desk.append(&source, "copie", 10, |arrival| {
            arrival.item.article.headline = "La crue, vue du matin".to_owned();
            arrival.item.article.standfirst = Some("Les digues tiennent.".to_owned());
            arrival.placed.dispatch = DispatchId::from(&items[1]);
            arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
        });
        searchable(desk, folder.path())
    });
    let site = site.await;
    let page = get(&site, "/recherche?q=crue").await.body;
    assert!(page.contains("3 articles en 2 dépêches"), "{page}");
    let page = get(&site, "/recherche?q=matin").await.body;
    assert_eq!(headlines(&page), ["La crue monte"]);
    let copy = links(&page, "copie trouvée\u{202f}: Le Matin");
    assert!(copy.len() == 1 && copy[0].starts_with("/article/"), "{page}");
    let page = get(&site, "/recherche?q=matin&apres=400").await.body;
    assert_eq!(headlines(&page).len(), 1, "beyond the last page is the last page");
}

/// What was not indexed for long is told, and programs are asked to come again where there is no index at all.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_lacks_something_says_so() {
    let (desk, folder) = (desk(), tempfile::tempdir().unwrap());
    let reader = at(&desk, |desk| {
        fill(desk);
        indexed(desk, folder.path(), 3)
    });
    let (give, search) = watch::channel(Some(reader.await));
    let site = router(Site::new(desk.store.clone(), search, Settings::default()));
    let body = async |address: &str| get(&site, address).await.body;
    let late = "La recherche n’a pas encore ce qui est arrivé depuis";
    for address in ["/recherche?q=quais", "/recherche?q=quais&partie=1"] {
        let page = body(address).await;
        assert!(page.contains(late) && headlines(&page).len() == 4, "{page}");
    }
    give.send_replace(None);
    assert!(body("/recherche?q=quais").await.contains("L’index de recherche se construit"));
    for address in ["/recherche.atom?q=quais", "/recherche/suggestions?q=quais"] {
        let answer = get(&site, address).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        assert_eq!(answer.header("retry-after"), "30");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_is_an_error() {
    let wire = wire().await;
    let many = "mot+".repeat(10_000);
    let deep = "(".repeat(1_000);
    let closed = "a)".repeat(1_000);
    let odd = [
        many.as_str(),
        &deep,
        &closed,
        "%ff%fe%00",
        "%F0%9F%98%80",
        "%22",
        "-",
        "source:",
        "date:/",
        "titre:(((",
        "%C2%AB",
        "%E2%80%9C",
        "a+OU",
        "OU+OU",
        "*",
        "source:%22%22",
        "%0d%0aX:y",
        "%E2%80%AE",
        "date:99999-99-99/",
    ];
    for query in odd {
        for address in [
            format!("/recherche?q={query}"),
            format!("/recherche?q={query}&partie=1&plier=recits&ordre=date&apres=99999999999"),
            format!("/recherche?q={query}&de=x&a=2026-99-99"),
            format!("/recherche.atom?q={query}"),
            format!("/recherche.csv?q={query}"),
            format!("/recherche/suggestions?q={query}"),
        ] {
            let Ok(asked) = Request::builder()
                .uri(&address)
                .header("host", "127.0.0.1:7410")
                .body(Body::empty())
            else {
                panic!("{address}")
            };
            let status = send(&wire.site, asked).await.status;
            assert!(
                [StatusCode::OK, StatusCode::SEE_OTHER].contains(&status),
                "{status} {address}"
            );
        }
    }
}
