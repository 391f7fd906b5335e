//! The sources and what an administrator does with them: who may, what is told of it, and where it leads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::{body::Body, http::StatusCode};
use depeche_news::{DispatchId, ItemId, SourceId, SourceVisibility};
use depeche_store::{Moved, Poll, SourceKind};
use support::{
    Desk,
    browser::{at, get, post, request, send, signed_in, site},
    desk,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changes_without_a_session_from_our_own_pages() {
    let desk = desk();
    let source = at(&desk, |desk| desk.source("A", SourceVisibility::Shared)).await;
    let site = site(&desk);
    let acts = [
        "/sources/ajouter".to_owned(),
        "/sources/tester".to_owned(),
        "/sources/opml".to_owned(),
        format!("/sources/{source}/pause"),
        format!("/sources/{source}/retirer"),
    ];
    for act in &acts {
        for cookie in ["", "session=0123456789abcdef", "session="] {
            let answer = post(&site, act, cookie, "adresse=https://b.example/").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act} with {cookie}");
        }
    }
    let cookie = signed_in(&desk, &site).await;
    let foreign = request("POST", &acts[3])
        .header("cookie", &cookie)
        .header("origin", "http://evil.example")
        .body(Body::empty());
    assert_eq!(send(&site, foreign.unwrap()).await.status, StatusCode::FORBIDDEN);
    let cross = request("POST", &acts[3])
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty());
    assert_eq!(send(&site, cross.unwrap()).await.status, StatusCode::FORBIDDEN);
    let asked = request("GET", &acts[3]).header("cookie", &cookie).body(Body::empty());
    assert_eq!(send(&site, asked.unwrap()).await.status, StatusCode::METHOD_NOT_ALLOWED);

    let answer = post(&site, &acts[3], &cookie, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(get(&site, "/sources").await.body.contains("En pause"));
    let answer = post(&site, "/sources/ajouter", &cookie, "adresse=ftp://b.example/").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer =
        post(&site, "/sources/ajouter", &cookie, "adresse=https://b.example/&nom=Bé").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(get(&site, "/sources").await.body.contains(">Bé<"));

    assert_eq!(post(&site, "/deconnexion", &cookie, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(post(&site, &acts[3], &cookie, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_opens_nothing() {
    let desk = desk();
    at(&desk, |desk| desk.store.new_administrator_token().wait().unwrap()).await;
    let site = site(&desk);
    for form in ["jeton=x", "jeton=", "", "%ff=%zz"] {
        let answer = post(&site, "/connexion", "", form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form}");
        assert_eq!(answer.header("set-cookie"), "", "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_source_is_the_administrators() {
    let desk = desk();
    let source = at(&desk, |desk| {
        desk.source("Ouverte", SourceVisibility::Shared);
        let source = desk.source("Secrète", SourceVisibility::Private);
        desk.append(&source, "1", 5, |_| {});
        source
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for address in ["/".to_owned(), "/sources".to_owned(), format!("/sources/{source}")] {
        assert!(!get(&site, &address).await.body.contains("Secrète"), "{address}");
        let own = request("GET", &address).header("cookie", &cookie).body(Body::empty());
        assert!(send(&site, own.unwrap()).await.body.contains("Secrète"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_offers_a_start() {
    let desk = desk();
    let site = site(&desk);
    assert!(get(&site, "/").await.body.contains("name=\"jeton\""));
    let cookie = signed_in(&desk, &site).await;
    let own = request("GET", "/").header("cookie", &cookie).body(Body::empty());
    let body = send(&site, own.unwrap()).await.body;
    assert!(body.contains("name=\"adresse\"") && body.contains("name=\"opml\""));

    let tested = post(&site, "/sources/tester", &cookie, "adresse=https://b.example/").await;
    let job = tested.header("location").to_owned();
    assert!(job.starts_with("/travaux/"), "{job}");
    let waiting = request("GET", &job).header("cookie", &cookie).body(Body::empty());
    assert!(send(&site, waiting.unwrap()).await.body.contains("http-equiv=\"refresh\""));
    assert_eq!(get(&site, &job).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_given_is_in_the_list_at_once() {
    let desk = desk();
    let source = at(&desk, |desk| {
        let source = desk.source("Ancien nom", SourceVisibility::Shared);
        desk.append(&source, "1", 5, |_| {});
        source
    })
    .await;
    let site = site(&desk);
    assert!(get(&site, "/").await.body.contains("Ancien nom"));
    let cookie = signed_in(&desk, &site).await;
    let form = "nom=Nouveau+nom&langue=fr&jours=30";
    let answer = post(&site, &format!("/sources/{source}/modifier"), &cookie, form).await;
    assert_eq!(answer.header("location"), format!("/sources/{source}"));
    let list = get(&site, "/").await.body;
    assert!(list.contains("Nouveau nom") && !list.contains("Ancien nom"));
    let own = request("GET", &format!("/sources/{source}")).header("cookie", &cookie);
    let page = send(&site, own.body(Body::empty()).unwrap()).await.body;
    assert!(page.contains("30 jours") && page.contains("value=\"fr\""), "{page}");
    let reader = get(&site, &format!("/sources/{source}")).await.body;
    assert!(!reader.contains("30 jours") && !reader.contains("modifier"), "{reader}");

    let form = "nom=Nouveau+nom&privee=1";
    post(&site, &format!("/sources/{source}/modifier"), &cookie, form).await;
    assert!(!get(&site, "/").await.body.contains("Nouveau nom"));
    for bad in ["jours=0", "langue=x"] {
        let answer = post(&site, &format!("/sources/{source}/modifier"), &cookie, bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let answer = post(&site, &format!("/sources/{source}/modifier"), "", "nom=x").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_tells_what_it_brought_and_who_had_it_before() {
    let desk = desk();
    let (source, refused) = at(&desk, |desk| {
        let source = desk.source("Le Courrier", SourceVisibility::Shared);
        let other = desk.source("Agence", SourceVisibility::Shared);
        let secret = desk.source("Secrète", SourceVisibility::Private);
        for n in 0..3 {
            desk.append(&source, &format!("n{n}"), n, |_| {});
        }
        let founder = desk.append(&other, "f", 50, |_| {});
        let hidden = desk.append(&secret, "s", 50, |_| {});
        for (guid, founder) in [("c1", &founder), ("c2", &hidden)] {
            desk.append(&source, guid, 20, |arrival| {
                arrival.placed.dispatch = DispatchId::from(founder);
            });
        }
        desk.polled(&source, Some("timeout"));
        let files = depeche_store::NewSource {
            address: "file:archive".to_owned(),
            name: Some("Archive".to_owned()),
            language: Some("en".to_owned()),
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Files,
        };
        (source, desk.store.add_source(files, desk.now).wait().unwrap().0)
    })
    .await;
    let site = site(&desk);
    let page = get(&site, &format!("/sources/{source}")).await.body;
    for told in [
        "https://le-courrier.example/fil.rss",
        "Échecs de suite<dd>1",
        "Prochaine demande",
        "<b>4</b> qu’elle est seule à publier <span>80\u{202f}%</span>",
        "<b>1</b> parus d’abord ailleurs <span>20\u{202f}%</span>",
        "5 articles en trente jours, 5 au plus en un jour",
        "<th scope=\"row\">",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Secrète"));
    assert_eq!(page.matches("<rect ").count(), 30);
    let cookie = signed_in(&desk, &site).await;
    let own = request("GET", &format!("/sources/{source}")).header("cookie", &cookie);
    let own = send(&site, own.body(Body::empty()).unwrap()).await.body;
    assert!(own.contains("<b>2</b> parus d’abord ailleurs"), "the private source counts: {own}");
    let english = get(&site, &format!("/sources/{refused}?lang=en")).await.body;
    assert!(english.contains("Language<dd>English") && english.contains("Files imported by hand"));
    assert!(!english.contains("<svg"), "nothing to draw");
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_of_a_source_lead_back_to_its_page() {
    let desk = desk();
    let source = at(&desk, |desk| desk.source("A", SourceVisibility::Shared)).await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let own = format!("/sources/{source}");
    for (act, from, leads_to) in [
        ("pause", own.as_str(), own.as_str()),
        ("reprendre", "/sources", "/sources"),
        ("interroger", "", "/sources"),
        ("retirer", own.as_str(), "/sources"),
    ] {
        let request = request("POST", &format!("{own}/{act}"))
            .header("cookie", &cookie)
            .header("origin", "http://127.0.0.1:7410")
            .header("referer", format!("http://127.0.0.1:7410{from}"));
        let answer = send(&site, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("location"), leads_to, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_is_confirmed_and_what_is_wrong_is_told_at_its_field() {
    let desk = desk();
    at(&desk, |desk| desk.fill(1)).await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let own = async |address: &str| {
        let asked = request("GET", address).header("cookie", &cookie).body(Body::empty());
        send(&site, asked.unwrap()).await.body
    };
    let form = "adresse=https://n.example/fil&nom=Nouvelle";
    let answer = post(&site, "/sources/ajouter", &cookie, form).await;
    let page = own(answer.header("location")).await;
    let told = "«\u{202f}Nouvelle\u{202f}» est ajoutée\u{202f}; elle est interrogée maintenant.";
    assert!(page.contains(told), "{page}");
    assert_eq!(page.matches("class=\"fresh-source\"").count(), 1);
    assert!(page.contains("Pas encore interrogée.") && page.contains("Voir ce qui est venu"));
    let row = page.split("<li id=\"source-").find(|row| row.contains(">Nouvelle<")).unwrap();
    let id = row.split('"').next().unwrap();
    let its_page = own(&format!("/sources/{id}")).await;
    assert!(its_page.contains("Pas encore interrogée."), "{its_page}");
    assert!(!its_page.contains("Voir ce qui est venu"), "that would lead to where it stands");
    let english = format!("{}&lang=en", answer.header("location"));
    assert!(own(&english).await.contains("“Nouvelle” is added; it is being asked now."));

    for (act, form, kept, message) in [
        (
            "ajouter",
            "adresse=n%27importe+quoi&nom=X",
            "value=\"n&#39;importe quoi\"",
            "adresse-faute",
        ),
        ("tester", "adresse=n%27importe+quoi", "value=\"n&#39;importe quoi\"", "adresse-faute"),
        ("ajouter", "adresse=+&nom=Gardée", "value=\"Gardée\"", "adresse-faute"),
        ("livrees", "nom=", "value=\"\"", "nom-faute"),
        ("livrees", "nom=%21%21", "value=\"!!\"", "nom-faute"),
    ] {
        let answer = post(&site, &format!("/sources/{act}"), &cookie, form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(answer.body.contains(kept), "{form}: {kept}");
        assert!(answer.body.contains(&format!("id=\"{message}\"")), "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sources_can_be_narrowed_without_script() {
    let desk = desk();
    let site = site(&desk);
    at(&desk, |desk| desk.fill(1)).await;
    assert!(!get(&site, "/sources").await.body.contains("name=\"filtre\""));
    at(&desk, |desk| {
        for n in 0..9 {
            desk.source(&format!("Autre {n}"), SourceVisibility::Shared);
        }
    })
    .await;
    let named = |body: &str| body.matches("<li id=\"source-").count();
    let all = get(&site, "/sources").await.body;
    assert!(all.contains("name=\"filtre\"") && named(&all) == 21);
    for (asked, count) in [("vallee", 1), ("AUTRE", 9), ("autre-3.example", 1), ("rien", 0)] {
        let body = get(&site, &format!("/sources?filtre={asked}")).await.body;
        assert_eq!(named(&body), count, "{asked}");
        assert!(body.contains("21 sources"), "{asked}");
    }
}

/// A delivery from this address with one article, of which something was not understood.
fn misread(desk: &Desk, source: &SourceId, address: &str) -> ItemId {
    let delivery = depeche_news::Delivery {
        source: source.clone(),
        kind: depeche_news::DeliveryKind::Pushed,
        address: address.to_owned(),
        headers: Vec::new(),
        body: address.as_bytes().to_vec(),
        received_at: desk.now,
        backfill: false,
        validators: depeche_news::Validators::default(),
    };
    let depeche_store::Recorded::New(delivery) = desk.store.record(delivery).wait().unwrap() else {
        panic!("it came before");
    };
    let problems = vec![depeche_news::Problem::new("no_body", "urn:x")];
    let read = depeche_store::Appended { delivery, problems, ..Default::default() };
    let arrival = desk.arrival(source, address, 5, |_| {});
    let item = arrival.id.clone();
    desk.store.append(read, vec![arrival]).wait().unwrap();
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_not_understood_is_named() {
    let desk = desk();
    let source = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        for address in
            ["file:/srv/a/import.xml", "folder:/srv/a/drop.xml", "https://a.example/fil.xml"]
        {
            misread(desk, &source, address);
        }
        source
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let asked = request("GET", &format!("/sources/{source}")).header("cookie", &cookie);
    let body = send(&site, asked.body(Body::empty()).unwrap()).await.body;
    let section =
        body.split("id=\"misread-title\"").nth(1).unwrap().split("</section>").next().unwrap();
    for (name, is_told) in [(", import.xml", true), (", drop.xml", true), ("fil.xml", false)] {
        assert_eq!(section.contains(name), is_told, "{name}: {section}");
    }
    assert!(!section.contains("/srv/a"), "{section}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_understood_is_told_in_the_readers_language() {
    let desk = desk();
    let (source, item) = at(&desk, |desk| {
        let source = desk.source("A", SourceVisibility::Shared);
        let item = misread(desk, &source, "push:a");
        (source, item)
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for (language, sentence) in [
        ("fr", "Un article n’a pas de texte, seulement un titre."),
        ("en", "An article has no text, only a headline."),
    ] {
        let address = format!("/sources/{source}?lang={language}");
        let asked = request("GET", &address).header("cookie", &cookie).body(Body::empty());
        let body = send(&site, asked.unwrap()).await.body;
        assert!(body.contains(sentence) && !body.contains("no_body"), "{language}");
        assert!(body.contains(&format!("href=\"/article/{item}\"")), "{language}");
        assert!(!get(&site, &address).await.body.contains(sentence), "{language}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_source_was_before_is_told_without_what_may_be_a_key() {
    let desk = desk();
    let source = at(&desk, |desk| {
        let new = depeche_store::NewSource {
            address: "https://a.example/ancien?key=s3cret".to_owned(),
            name: Some("A".to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Feed,
        };
        let source = desk.store.add_source(new, desk.now).wait().unwrap().0;
        let to = Moved { address: "https://a.example/fil".to_owned(), same_host: true };
        let moved = Poll { moved_to: Some(to), ..Poll::unchanged(desk.now, desk.now) };
        desk.store.polled(&source, moved).wait().unwrap();
        source
    })
    .await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for address in ["/sources".to_owned(), format!("/sources/{source}")] {
        let reader = get(&site, &address).await.body;
        assert!(reader.contains("Elle était à https://a.example/ancien jusqu’à"), "{reader}");
        assert!(!reader.contains("s3cret"), "{reader}");
        let own = request("GET", &address).header("cookie", &cookie).body(Body::empty());
        let own = send(&site, own.unwrap()).await.body;
        assert!(own.contains("https://a.example/ancien?key=s3cret"), "{own}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_to_be_private_stays_so_after_a_slip() {
    let desk = desk();
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    for (act, wrong) in [("ajouter", "adresse=rien+du+tout"), ("livrees", "nom=%21%21")] {
        for (tick, ticked) in [("&privee=1", true), ("", false)] {
            let sent = format!("{wrong}{tick}");
            let answer = post(&site, &format!("/sources/{act}"), &cookie, &sent).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
            let own = answer.body.split(&format!("action=\"/sources/{act}\"")).nth(1).unwrap();
            let own = own.split("</form>").next().unwrap();
            assert_eq!(own.contains("name=\"privee\" value=\"1\" checked"), ticked, "{sent}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_already_listened_to_is_not_told_as_added() {
    let desk = desk();
    at(&desk, |desk| desk.source("Connue", SourceVisibility::Shared)).await;
    let site = site(&desk);
    let cookie = signed_in(&desk, &site).await;
    let own = async |address: &str| {
        let asked = request("GET", address).header("cookie", &cookie).body(Body::empty());
        send(&site, asked.unwrap()).await.body
    };
    let known = "adresse=https://connue.example/fil.rss";
    for (form, french, english) in [
        (
            known.to_owned(),
            &["«\u{202f}Connue\u{202f}» est déjà suivie."][..],
            &["“Connue” is already listened to."][..],
        ),
        (
            format!("{known}&adresse=https://n.example/fil&adresse=n.example/fil&nom=Nouvelle"),
            &[
                "«\u{202f}Connue\u{202f}» est déjà suivie.",
                "«\u{202f}Nouvelle\u{202f}» est ajoutée",
            ],
            &["“Connue” is already listened to.", "“Nouvelle” is added;"],
        ),
        (
            format!("{known}&adresse=https://n.example/fil"),
            &["2 sources sont déjà suivies."],
            &["2 sources are already listened to."],
        ),
    ] {
        let answer = post(&site, "/sources/ajouter", &cookie, &form).await;
        let address = answer.header("location");
        for (page, told) in
            [(own(address).await, french), (own(&format!("{address}&lang=en")).await, english)]
        {
            assert_eq!(page.matches("class=\"say done\"").count(), told.len(), "{form}: {page}");
            for told in told {
                assert!(page.contains(told), "{form}: {told}: {page}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_need_somebody_stand_first() {
    let desk = desk();
    at(&desk, |desk| {
        let [_, noticed, failing] =
            ["Alpha", "Beta", "Gamma"].map(|name| desk.source(name, SourceVisibility::Shared));
        desk.polled(&failing, Some("timeout"));
        let notice = ("foreign_pages".to_owned(), Some("2 pages".to_owned()));
        let poll = Poll { notices: vec![notice], ..Poll::unchanged(desk.now, desk.now) };
        desk.store.polled(&noticed, poll).wait().unwrap();
    })
    .await;
    let body = get(&site(&desk), "/sources").await.body;
    let place = |name: &str| body.find(&format!(">{name}</a>")).unwrap();
    assert!(place("Beta") < place("Gamma") && place("Gamma") < place("Alpha"), "{body}");
}
