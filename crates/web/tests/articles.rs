//! Articles, dispatches and stories as a browser gets them: where their addresses lead, what they tell, and what is left of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::HashSet;

use axum::{body::Body, http::StatusCode};
use depeche_news::{DispatchId, SourceVisibility, Status, StoryId, jiff::SignedDuration};
use support::{
    browser::{at, get, request, send, signed_in, site},
    desk,
};

#[tokio::test(flavor = "multi_thread")]
async fn slugs_merges_and_copies_lead_to_one_address() {
    let desk = desk();
    let (founder, copy) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let other = desk.source("Bé", SourceVisibility::Shared);
        let founder = desk.append(&source, "1", 9, |_| {});
        let copy = desk.append(&other, "2", 8, |arrival| {
            arrival.placed.dispatch = DispatchId::from(&founder);
            arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
            arrival.placed.relation = "copy".to_owned();
            arrival.placed.evidence = Some("{\"theirs\":0.5}".to_owned());
        });
        (founder, copy)
    })
    .await;
    let site = site(&desk);
    for (address, leads_to) in [
        (format!("/article/{founder}"), format!("/article/{founder}/titre-1")),
        (format!("/article/{copy}/autre"), format!("/article/{copy}/titre-2")),
        (format!("/depeche/{founder}/autre"), format!("/depeche/{founder}/titre-1")),
    ] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{address}");
        assert_eq!(answer.header("location"), leads_to);
        assert_eq!(get(&site, &leads_to).await.status, StatusCode::OK);
    }
    let page = get(&site, &format!("/depeche/{founder}/titre-1")).await.body;
    assert!(page.contains("rel=\"canonical\" href=\"https://") && page.contains(".example/1\""));
    assert!(page.contains("rel=\"noopener noreferrer nofollow\""));
    let copies = get(&site, &format!("/depeche/{founder}/copies")).await.body;
    assert!(
        copies.contains(">Bé</a> <span>copie</span>")
            && copies.contains("<span>2 mots, 1 → 2</span> <a href="),
        "{copies}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desk_says_stands_by_the_text_and_its_notes_are_for_editors() {
    use depeche_news::{Block, Embed, LiveEntry, Relation, Topic};
    let desk = desk();
    let id = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |_| {});
        desk.append(&source, "2", 5, |arrival| {
            arrival.item.address = None;
            arrival.item.article.slugline = Some("France-pont".to_owned());
            arrival.item.article.paywalled = true;
            let at = depeche_news::Moment::parse("2016-02-11T16:54:00+01:00");
            let headline = Some("Point de 17 <heures>".to_owned());
            let embed =
                |address: &str| Block::Embed(Embed { address: address.to_owned(), caption: None });
            arrival.item.article.body.extend([
                Block::Entry(LiveEntry { at, shown: None, headline }),
                embed("https://video.example/1"),
                embed("javascript:y"),
            ]);
            let said = &mut arrival.item.desk;
            said.labels = vec!["URGENT".to_owned(), "PAPIER GENERAL".to_owned()];
            said.updated_with = Some("Actualisé avec le maire".to_owned());
            said.notes = vec!["Corrige le <jour>".to_owned()];
            said.copyright = Some("© 2016 AR".to_owned());
            said.located = vec![Topic {
                name: Some("Nasbinals".to_owned()),
                broader: vec!["Lozère".to_owned()],
                ..Topic::default()
            }];
            let to = |target: &str| Relation { target: target.to_owned(), ..Relation::default() };
            said.links = vec![to("1"), to("https://ar.example/crues"), to("javascript:x"), to("2")];
        })
    })
    .await;
    let site = site(&desk);
    let address = format!("/article/{id}/titre-2");
    let read = get(&site, &address).await.body;
    for told in [
        "Actualisé avec le maire",
        "<span>Réservé aux abonnés</span>",
        "<h2 class=\"entry\"><time datetime=\"2016-02-11T16:54:00+01:00\">",
        "<span>Point de 17 &#60;heures&#62;</span></h2>",
        "À voir ailleurs — <a href=\"https://video.example/1\" rel=\"noopener",
        "PAPIER GENERAL",
        "Nasbinals, Lozère",
        "France-pont",
        "© 2016 AR",
        ">Titre 1</a>",
        "href=\"https://ar.example/crues\"",
        "voir aussi",
    ] {
        assert!(read.contains(told), "{told}");
    }
    for kept_back in ["Corrige le", "javascript:", "URGENT"] {
        assert!(!read.contains(kept_back), "{kept_back}");
    }
    let cookie = signed_in(&desk, &site).await;
    let asked = request("GET", &address).header("cookie", &cookie).body(Body::empty());
    let editor = send(&site, asked.unwrap()).await.body;
    assert!(editor.contains("Note aux rédactions") && editor.contains("Corrige le &#60;jour&#62;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_dispatch_leaves_its_notice_and_no_word_of_its_text() {
    let desk = desk();
    let id = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        desk.append(&source, "1", 9, |_| {});
        desk.append(&source, "1", 5, |arrival| arrival.item.status = Status::Canceled)
    })
    .await;
    let site = site(&desk);
    for address in ["/".to_owned(), format!("/depeche/{id}")] {
        let body = get(&site, &address).await.body;
        assert!(body.contains("Annulée par son agence"), "{address}");
        assert!(!body.contains("Titre 1") && !body.contains("Texte 1"), "{address}");
    }
}

/// What stands at a text of minute 10 after a copy of it, that came earlier or later, was killed.
#[track_caller]
fn warned(credit: Option<&str>, copy_came: i64, copy_told: &str, is_warned: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let desk = desk();
    let (site, text) = runtime.block_on(async {
        let text = at(&desk, |desk| {
            let [alpha, beta] =
                ["Alpha", "Beta"].map(|name| desk.source(name, SourceVisibility::Shared));
            let text = desk.append(&alpha, "1", 60, |arrival| {
                arrival.received_at = desk.now - SignedDuration::from_mins(10);
                arrival.item.article.credit = credit.map(str::to_owned);
            });
            for status in [Status::Usable, Status::Canceled] {
                desk.append(&beta, "b", 60, |arrival| {
                    arrival.received_at = desk.now - SignedDuration::from_mins(copy_came);
                    arrival.item.article.published = depeche_news::Moment::parse(copy_told);
                    arrival.item.status = status;
                    arrival.placed.dispatch = DispatchId::from(&text);
                    arrival.placed.story = StoryId::from(&arrival.placed.dispatch);
                });
            }
            text
        })
        .await;
        (site(&desk), text)
    });
    let page = runtime.block_on(get(&site, &format!("/article/{text}/titre-1"))).body;
    assert_eq!(page.contains("dont ce texte est repris"), is_warned, "{credit:?} {copy_came}");
}

#[test]
fn a_killed_copy_warns_where_the_text_can_be_taken_from_it() {
    warned(None, 20, "2016-02-11", true);
    warned(Some("Avec Beta"), 20, "2016-02-11", true);
    warned(Some("Une autre agence"), 20, "2016-02-11", false);
    // Whatever it tells of its age, it came after the text.
    warned(None, 5, "2000-01-03", false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_down_is_gone_and_says_why() {
    let desk = desk();
    let id = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let id = desk.append(&source, "1", 9, |_| {});
        let nothing = |_: &depeche_news::Delivery, _: depeche_store::Cutting<'_>| {
            depeche_store::Remains::Nothing
        };
        let taken = desk.store.take_down(
            vec![id.clone()],
            "Jugement du 9 mai".to_owned(),
            nothing,
            desk.now,
        );
        taken.wait().unwrap();
        id
    })
    .await;
    let site = site(&desk);
    let row = get(&site, "/").await;
    assert!(row.status == StatusCode::OK && row.body.contains("Retirée"), "{}", row.body);
    for (address, words) in [
        (format!("/article/{id}"), ["Cette dépêche a été retirée", "Jugement du 9 mai"]),
        (format!("/article/{id}/titre-1"), ["Cette dépêche a été retirée", "Jugement du 9 mai"]),
        (format!("/depeche/{id}/titre-1"), ["Cette dépêche a été retirée", "Jugement du 9 mai"]),
        (format!("/depeche/{id}?lang=en"), ["was removed from this wire", "Jugement du 9 mai"]),
    ] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::GONE, "{address}");
        for word in words {
            assert!(answer.body.contains(word), "{address}: {}", answer.body);
        }
        assert!(!answer.body.contains("Texte 1"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_any_more_says_so_to_whom_it_was_shown() {
    let desk = desk();
    let (open, hidden) = at(&desk, |desk| {
        let (a, b) = (
            desk.source("A", SourceVisibility::Shared),
            desk.source("B", SourceVisibility::Private),
        );
        let ids = (desk.append(&a, "1", 60 * 48, |_| {}), desk.append(&b, "2", 60 * 48, |_| {}));
        let keep = depeche_store::Keep { items_days: Some(1), ..depeche_store::Keep::default() };
        assert_eq!(desk.store.expire(keep, desk.now, 9).wait().unwrap(), 2);
        ids
    })
    .await;
    let site = site(&desk);
    for address in [format!("/article/{open}"), format!("/depeche/{open}/titre-1")] {
        let answer = get(&site, &address).await;
        assert_eq!(answer.status, StatusCode::GONE, "{address}");
        assert!(answer.body.contains("n’est plus conservée"), "{address}");
    }
    assert!(get(&site, &format!("/article/{open}?lang=en")).await.body.contains("no longer kept"));
    assert_eq!(get(&site, &format!("/article/{hidden}")).await.status, StatusCode::NOT_FOUND);
    assert!(!get(&site, "/").await.body.contains("Titre 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_lists_its_dispatches_and_each_article_leads_to_it() {
    let desk = desk();
    let (founder, english) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let founder = desk.append(&source, "1", 90, |arrival| {
            arrival.item.article.headline = "L'eau monte à Verdun".to_owned();
        });
        let english = desk.append(&source, "2", 5, |arrival| {
            arrival.item.article.headline = "Water".to_owned();
            arrival.item.article.language = Some("en".to_owned());
            arrival.placed.story = StoryId::from(&DispatchId::from(&founder));
        });
        (founder, english)
    })
    .await;
    let site = site(&desk);
    let article = get(&site, &format!("/article/{founder}/l-eau-monte-a-verdun")).await.body;
    assert!(article.contains("Dans ce sujet"), "{article}");
    let address = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    assert_eq!(address, format!("/sujet/{founder}/l-eau-monte-a-verdun"));
    let article = get(&site, &format!("/article/{english}/water")).await.body;
    let link = format!("<a href=\"{address}\">L’eau monte à Verdun</a>");
    assert!(article.contains(&link), "a story's name is set in its own language: {article}");
    let story = get(&site, &address).await.body;
    assert!(story.contains("L’eau") && story.contains("Water") && story.contains("2 dépêches"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_is_told_whole_and_betrays_no_private_source() {
    let desk = desk();
    let (founder, cookie_site) = at(&desk, |desk| {
        let [agency, paper] =
            ["Agence", "Journal"].map(|name| desk.source(name, SourceVisibility::Shared));
        let secret = desk.source("Secrète", SourceVisibility::Private);
        let first = desk.append(&secret, "0", 300, |_| {});
        let story = StoryId::from(&DispatchId::from(&first));
        let terms = r#"{"story_terms":["otan","prefete"]}"#;
        for (guid, ago) in [("La préfète et l'Otan", 200), ("L'Otan décide", 100)] {
            for source in [&agency, &paper] {
                let dispatch = desk.arrival(&agency, guid, ago, |_| {}).placed.dispatch;
                desk.append(source, guid, ago, |arrival| {
                    arrival.item.article.headline = guid.to_owned();
                    arrival.placed.dispatch = dispatch.clone();
                    arrival.placed.story = story.clone();
                    arrival.placed.evidence = Some(terms.to_owned());
                });
            }
        }
        let killed = |arrival: &mut depeche_store::Arrival| {
            arrival.placed.story = story.clone();
            arrival.item.status = Status::Canceled;
        };
        desk.append(&paper, "k", 90, |arrival| arrival.placed.story = story.clone());
        desk.append(&paper, "k", 80, killed);
        (first, site(desk))
    })
    .await;
    let site = cookie_site;
    let address = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    let page = get(&site, &address).await.body;
    for told in [
        "3 dépêches, 5 articles de 2 sources",
        "1 annulé ou retiré",
        "D’abord chez",
        ">Agence</a>",
        "<a href=\"/recherche?q=Otan\">Otan</a>",
        ">préfète</a>",
        "Annulée par son agence",
        "+1",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Secrète") && !page.contains("Titre k"), "{page}");
    let cookie = signed_in(&desk, &site).await;
    let own = request("GET", &address).header("cookie", &cookie).body(Body::empty());
    let own = send(&site, own.unwrap()).await.body;
    assert!(
        own.contains("Secrète") && own.contains("4 dépêches, 6 articles de 3 sources"),
        "{own}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_story_shows_every_dispatch_once() {
    const DISPATCHES: usize = 320;
    let desk = desk();
    let founder = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let founder = desk.append(&source, "n0", 0, |_| {});
        let story = StoryId::from(&DispatchId::from(&founder));
        let more = (1..DISPATCHES).map(|n| {
            desk.arrival(&source, &format!("n{n}"), (n / 3) as i64, |arrival| {
                arrival.placed.story = story.clone();
            })
        });
        desk.take(&source, more.collect());
        founder
    })
    .await;
    let site = site(&desk);
    let top = get(&site, &format!("/sujet/{founder}")).await.header("location").to_owned();
    let (mut seen, mut address, mut pages) = (HashSet::new(), top, 0);
    while !address.is_empty() {
        let body = get(&site, &address).await.body;
        for row in body.split("<li class=\"row").skip(1) {
            let id = row.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(seen.insert(id.to_owned()), "{id} is shown twice");
        }
        let more = body.split("<a href=\"").find(|link| link.contains("rel=\"next\""));
        address = more.map_or_else(String::new, |link| link.split('"').next().unwrap().to_owned());
        pages += 1;
    }
    assert_eq!((seen.len(), pages), (DISPATCHES, 2));
}
