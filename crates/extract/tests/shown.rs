//! Pictures, what is embedded, and live blogs: pages in a line each.

use depeche_extract::{Extracted, Hints, article};
use depeche_news::{Article, Block};

const TEXT: &str = "<p>Le conseil municipal a voté lundi soir le plan qui ferme le pont aux camions à partir du 1er mars.</p>\
    <p>La maire a évoqué des fissures dans la deuxième arche, devant une salle comble, et un chantier de quatorze mois.</p>";

/// What the story goes on with.
const MORE: &str = "<p>Les travaux, estimés à trois millions d'euros, doivent commencer à l'automne, a précisé le département, qui en paiera la moitié.</p>\
    <p>L'opposition a regretté une décision prise trop vite et sans solution pour les entreprises de la zone d'activité.</p>";

fn read(body: &str) -> Article {
    let page = format!(
        "<html lang=fr><head><title>Le pont fermé aux camions</title></head><body><article><h1>Le pont fermé aux camions</h1>{body}</article></body></html>"
    );
    let hints = Hints { address: Some("https://a.example/un/deux"), ..Hints::default() };
    let Extracted { article, .. } = article(page.as_bytes(), &hints);
    article
}

#[track_caller]
fn picture(markup: &str, caption: Option<&str>, credit: Option<&str>) {
    let article = read(&format!("{TEXT}{markup}{MORE}"));
    let image = article.body.iter().find_map(|block| match block {
        Block::Image(image) => Some(image),
        _ => None,
    });
    let told = image
        .map(|image| (image.address.as_str(), image.caption.as_deref(), image.credit.as_deref()));
    assert_eq!(told, Some(("https://a.example/i/pont.jpg", caption, credit)), "{markup}");
    assert!(!article.text().contains("Orne Info"), "{markup}");
}

#[test]
fn pictures_have_their_caption_and_their_credit() {
    picture(
        "<figure><img src=/i/pont.jpg><figcaption>Le pont Vieux. © Orne Info</figcaption></figure>",
        Some("Le pont Vieux."),
        Some("Orne Info"),
    );
    picture(
        "<figure><img src=/i/pont.jpg><figcaption>Le pont Vieux <span class=credit>Orne Info</span></figcaption></figure>",
        Some("Le pont Vieux"),
        Some("Orne Info"),
    );
    picture(
        "<figure><img src=/i/pont.jpg><figcaption><p>Le pont Vieux</p><div class=img-credit>Crédit photo : Orne Info</div></figcaption></figure>",
        Some("Le pont Vieux"),
        Some("Orne Info"),
    );
    picture(
        "<div class=media><img src=/i/pont.jpg data-credit='Orne Info'></div>",
        None,
        Some("Orne Info"),
    );
    picture(
        "<div class=media><img src=/i/pont.jpg><div class=legende>Le pont Vieux (Photo Orne Info)</div></div>",
        Some("Le pont Vieux"),
        Some("Orne Info"),
    );
}

#[test]
fn the_leading_picture_has_its_own_caption_and_stands_once() {
    let meta = "<meta property=og:image content=https://a.example/i/pont-1200x630.jpg><meta property=og:image:alt content=Image>";
    let figure = "<figure><img src=/i/pont-800x600.jpg><figcaption>Le pont Vieux. Jeanne Morvan / AFP</figcaption></figure>";
    for markup in [format!("{figure}{TEXT}{meta}"), format!("{TEXT}{figure}{MORE}{meta}")] {
        let article = read(&markup);
        let image = article.image.unwrap_or_default();
        let told = (image.caption.as_deref(), image.credit.as_deref());
        assert_eq!(told, (Some("Le pont Vieux."), Some("Jeanne Morvan / AFP")), "{markup}");
        assert!(!article.body.iter().any(|block| matches!(block, Block::Image(_))), "{markup}");
    }
    let linked = "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Le pont fermé aux camions\",\
        \"image\":{\"url\":\"https://a.example/i/x.jpg\",\"caption\":\"Le pont\",\"creditText\":\"AFP\"}}</script>";
    let image = read(&format!("{linked}{TEXT}")).image.unwrap_or_default();
    assert_eq!((image.caption.as_deref(), image.credit.as_deref()), (Some("Le pont"), Some("AFP")));
}

#[test]
fn what_is_embedded_becomes_the_address_of_its_page() {
    let embeds = "<div class=video><iframe src='//www.youtube.com/embed/aB1?autoplay=1'></iframe></div>\
        <blockquote class=twitter-tweet><p>Un mot <a href=https://t.co/1>x</a></p><a href=https://twitter.com/a/status/7>1 mars</a></blockquote>\
        <iframe src=https://ads.example/x></iframe>";
    let article = read(&format!("{TEXT}{embeds}{MORE}"));
    let embedded: Vec<&str> = article
        .body
        .iter()
        .filter_map(|block| match block {
            Block::Embed(embed) => Some(embed.address.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(embedded, ["https://www.youtube.com/watch?v=aB1", "https://x.com/a/status/7"]);
}

/// What a body shows after its last paragraph.
fn last_shown(article: &Article) -> Vec<&str> {
    let last = article.body.iter().rev().map_while(|block| match block {
        Block::Embed(embed) => Some(embed.address.as_str()),
        Block::Image(image) => Some(image.address.as_str()),
        _ => None,
    });
    let mut shown: Vec<&str> = last.collect();
    shown.reverse();
    shown
}

#[test]
fn what_a_story_shows_after_its_last_paragraph_is_its_own() {
    const VIDEO: &str = "<iframe src=https://www.youtube.com/embed/fin></iframe>";
    const TWEET: &str = "<blockquote class=twitter-tweet><p>Un mot</p><a href=https://twitter.com/a/status/7>1 mars</a></blockquote>";
    const PHOTO: &str = "<figure><img src=/i/fin.jpg><figcaption>Le pont.</figcaption></figure>";
    const FOOT: &str =
        "<h2>À lire aussi</h2><ul><li><a href=/x>La médiathèque change d'horaires</a></ul>";
    let (video, photo) = ("https://www.youtube.com/watch?v=fin", "https://a.example/i/fin.jpg");
    let body = |end: &str| format!("<div class=texte>{TEXT}{MORE}{end}</div>{FOOT}");
    for (markup, expected) in [
        (body(&format!("<div class=video>{VIDEO}</div>")), vec![video]),
        (body(&format!("<h3>Vidéo : le pont vu du ciel</h3>{VIDEO}")), vec![video]),
        (body(&format!("{TWEET}{PHOTO}")), vec!["https://x.com/a/status/7", photo]),
        (body("<p><a href=/i/grand.jpg><img src=/i/fin.jpg width=640></a></p>"), vec![photo]),
        (
            format!("<div class=texte>{TEXT}{MORE}</div><div class=player>{VIDEO}</div>{FOOT}"),
            vec![video],
        ),
        // A share bar, signs, the author's portrait, other stories.
        (body("<div class=share><a href=/s><img src=/i/s.png width=400></a></div>"), vec![]),
        (body("<p><img src=/i/fin.jpg width=24></p>"), vec![]),
        (body("<div class=author><figure><img src=/i/a.jpg></figure></div>"), vec![]),
        (
            body(
                "<figure><a href=/autre><img src=/i/a.jpg></a><figcaption><a href=/autre>Un autre titre</a></figcaption></figure>",
            ),
            vec![],
        ),
        (body(&format!("<ul><li>{VIDEO}<li>{VIDEO}</ul>")), vec![]),
        (body(&format!("<aside>{VIDEO}</aside>")), vec![]),
        (body(&format!("<div class=related-videos>{VIDEO}</div>")), vec![]),
        (format!("{}{VIDEO}{PHOTO}", body("")), vec![]),
    ] {
        let article = read(&markup);
        assert_eq!(last_shown(&article), expected, "{markup}");
        assert!(!article.text().contains("ciel"));
    }
}

#[test]
fn a_table_of_figures_is_whole() {
    let rows = ["1999|180|3 100|22", "2012|310|4 700|26", "2026|420|5 250|31"];
    let row = |row: &&str| format!("<tr><td>{}</td></tr>", row.replace('|', "</td><td>"));
    let table = format!(
        "<table><tr><th>Année</th><th>Poids lourds par jour</th><th>Voitures</th><th>Cars</th></tr>{}</table>",
        rows.iter().map(row).collect::<String>()
    );
    let tables = |article: &Article| -> Vec<usize> {
        let rows = article.body.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table.rows.len()),
            _ => None,
        });
        rows.collect()
    };
    assert_eq!(tables(&read(&format!("{TEXT}{table}{MORE}"))), [4]);
    let menu = "<table><tr><td><a href=/a>Une</a></td><td><a href=/b>Région</a></td></tr>\
        <tr><td><a href=/c>Sports</a></td><td><a href=/d>Culture</a></td></tr></table>";
    assert_eq!(tables(&read(&format!("{TEXT}{menu}{MORE}"))), [0_usize; 0]);
}

/// The heads of the entries: time in UTC, time as shown, headline.
fn heads(article: &Article) -> Vec<(String, String, String)> {
    let heads = article.body.iter().filter_map(|block| match block {
        Block::Entry(entry) => Some((
            entry.at.map(|at| at.to_string()).unwrap_or_default(),
            entry.shown.clone().unwrap_or_default(),
            entry.headline.clone().unwrap_or_default(),
        )),
        _ => None,
    });
    heads.collect()
}

#[test]
fn live_blogs_are_told_entry_by_entry() {
    let post = |hour: u32, text: &str| {
        format!(
            "<div class=post><time datetime='2026-03-02T{hour}:54:00+01:00'>{hour}h54</time><h3>Point de {hour} heures</h3><p>{text}</p></div>"
        )
    };
    let posts = [
        post(
            16,
            "Les écoles resteront ouvertes mardi, a annoncé le rectorat à l'issue d'une réunion à la préfecture.",
        ),
        post(
            15,
            "Le trafic a repris sur la ligne après deux heures d'arrêt, selon l'exploitant, avec des retards jusqu'au soir.",
        ),
        post(
            14,
            "La cote d'alerte est atteinte à Verdun, où les habitants du quartier du port ont été prévenus par la mairie.",
        ),
    ];
    let article = read(&format!("<div class=live-feed>{}</div>", posts.concat()));
    assert!(article.live);
    let heads = heads(&article);
    assert_eq!(heads.len(), 3, "{:?}", article.body);
    assert_eq!(
        heads[0],
        (
            "2026-03-02T16:54:00+01:00".to_owned(),
            "16h54".to_owned(),
            "Point de 16 heures".to_owned()
        )
    );
    assert!(article.text().starts_with("Point de 16 heures\n\nLes écoles"), "{}", article.text());
    assert_eq!(article.text().matches("Point de 15 heures").count(), 1, "{}", article.text());

    let update = |at: &str, text: &str| {
        format!(
            "{{\"@type\":\"BlogPosting\",\"headline\":\"À {at}\",\"datePublished\":\"2026-03-02T{at}:00Z\",\"articleBody\":\"{text}\"}}"
        )
    };
    let linked = format!(
        "<script type=application/ld+json>{{\"@type\":\"LiveBlogPosting\",\"headline\":\"Crue\",\"liveBlogUpdate\":[{},{},{}]}}</script>",
        update("10:00", "La cote d'alerte est atteinte à Verdun."),
        update("09:00", "La pluie redouble sur le bassin de la Meuse."),
        update("08:00", "La vigilance orange est maintenue."),
    );
    let article = read(&linked);
    assert!(article.live && article.text().contains("La pluie redouble"));
    assert_eq!(self::heads(&article).len(), 3);
    assert!(!read(TEXT).live);
}

#[test]
fn a_page_has_the_dateline_that_its_text_begins_with() {
    for (start, expected) in [
        (
            "VALBOURG-SUR-ORNE, 5 janvier (Agence) - ",
            Some("VALBOURG-SUR-ORNE, 5 janvier (Agence) -"),
        ),
        ("Valbourg (AFP) – ", Some("Valbourg (AFP) –")),
        ("WASHINGTON — ", Some("WASHINGTON —")),
        ("MONTAGNE — ", None),
        ("", None),
    ] {
        let section = "<meta property=article:section content=Montagne>";
        let page = format!("{section}<p>{start}{}{MORE}", TEXT.trim_start_matches("<p>"));
        let article = read(&page);
        assert_eq!(article.dateline.as_deref(), expected, "{start}");
        assert!(article.text().starts_with(&format!("{start}Le conseil")), "{}", article.text());
        let text = format!("Le pont fermé\n\n{}", article.text());
        let plain = depeche_extract::plain(&text, &Hints::default()).article;
        assert_eq!(
            plain.dateline.as_deref(),
            expected.or(start.strip_suffix(' ').filter(|s| !s.is_empty()))
        );
    }
}

#[test]
fn relative_addresses_start_from_the_base_of_the_page() {
    let base = "<base target=_top><base href=/autre/><base href=https://b.example/>";
    let head = "<link rel=canonical href=deux><meta property=og:image content=une.jpg>";
    let article = read(&format!("{base}{head}{TEXT}<img src=pont.jpg>{MORE}"));
    let image = |block: &Block| match block {
        Block::Image(image) => Some(image.address.clone()),
        _ => None,
    };
    let shown: Vec<String> = article.body.iter().filter_map(image).collect();
    assert_eq!(shown, ["https://a.example/autre/pont.jpg"]);
    assert_eq!(article.image.unwrap_or_default().address, "https://a.example/autre/une.jpg");
    assert_eq!(article.address.as_deref(), Some("https://a.example/autre/deux"));
}

#[test]
fn a_page_does_not_lead_into_the_network_of_its_reader() {
    let head = "<link rel=canonical href=https://b.example/un/deux><meta property=og:image content=http://192.168.0.1/logo.png>";
    let article = read(&format!("{head}{TEXT}<img src=http://[::1]/pont.jpg>{MORE}"));
    assert!(!article.body.iter().any(|block| matches!(block, Block::Image(_))), "{article:?}");
    assert_eq!(article.image, None);
    assert_eq!(article.address.as_deref(), Some("https://a.example/un/deux"));
}

#[test]
fn a_live_blog_is_of_the_day_of_its_first_entry() {
    let entry = |day: u8, text: &str| {
        format!(
            "<div class=live-entry><time datetime=2026-03-{day:02}T08:00:00+01:00>8h</time><h3>Point du {day}</h3>{text}</div>"
        )
    };
    let page = format!(
        "<div class=live-blog>{}{}{}</div>",
        entry(7, TEXT),
        entry(6, MORE),
        entry(5, &TEXT.replace("pont", "bac"))
    );
    let article = read(&page);
    let first = article.published.map(|at| at.to_string()).unwrap_or_default();
    assert!(article.live && first.starts_with("2026-03-05"), "{article:?}");
}

#[test]
fn a_declared_text_that_tells_of_something_else_is_left() {
    let linked = |text: &str| {
        let text = text.repeat(8);
        format!(
            "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"Le pont fermé aux camions\",\"articleBody\":\"{text}\"}}</script>"
        )
    };
    let other = "Gagnez beaucoup d'argent depuis votre salon grâce à cette méthode secrète, sans aucun effort. ";
    let same = "Le pont reste fermé aux camions, et la mairie cherche toujours un passage pour les entreprises. ";
    for (text, is_taken) in [(other, false), (same, true)] {
        let page = format!(
            "<html lang=fr><title>Le pont fermé aux camions</title><article><h1>Le pont fermé aux camions</h1>{}{TEXT}</article>",
            linked(text)
        );
        let Extracted { article, problems, .. } = article(page.as_bytes(), &Hints::default());
        assert_eq!(article.text().contains(text.trim()), is_taken, "{article:?}");
        let told = problems.iter().any(|problem| problem.word == "declared_text_differs");
        assert_eq!(told, !is_taken, "{problems:?}");
    }
}

#[track_caller]
fn opens(markup: &str, expected: Option<(&str, Option<&str>)>) {
    let article = read(markup);
    let image = article.image.as_ref();
    let told = image.map(|image| (image.address.as_str(), image.caption.as_deref()));
    assert_eq!(told, expected, "{markup}");
    let twice = article.body.iter().any(|block| matches!(block, Block::Image(_)));
    assert!(!twice || expected.is_none(), "{markup}");
}

#[test]
fn without_a_declared_picture_the_story_opens_with_its_own() {
    let pont = Some(("https://a.example/i/pont.jpg", Some("Le pont Vieux.")));
    let bare = Some(("https://a.example/i/pont.jpg", None));
    let caption = "<figcaption>Le pont Vieux. © Orne Info</figcaption>";
    for (image, expected) in [
        (format!("<figure><img src=/i/pont.jpg>{caption}</figure>"), pont),
        (
            format!("<figure><img srcset='/i/s.jpg 300w, /i/pont.jpg 1100w'>{caption}</figure>"),
            pont,
        ),
        (
            format!(
                "<figure><picture><source srcset='/i/pont.jpg 1280w, /i/xl.jpg 2560w'><img src='data:image/gif;base64,R0'></picture>{caption}</figure>"
            ),
            pont,
        ),
        (format!("<figure><img src=/i/blank.gif data-src=/i/pont.jpg>{caption}</figure>"), pont),
        (format!("<header><figure><img src=/i/pont.jpg>{caption}</figure></header>"), pont),
        ("<img src=/i/pont.jpg width=800 height=450>".to_owned(), bare),
        ("<a href=/i/pont-xl.jpg><img src=/i/pont.jpg width=800></a>".to_owned(), bare),
        ("<img src=/i/pont.jpg>".to_owned(), None),
        ("<img src=/i/pont.jpg width=90 height=90>".to_owned(), None),
        ("<img src=/i/logo-orne.png width=800>".to_owned(), None),
        ("<img src=/i/pub.png width=728 height=90>".to_owned(), None),
        ("<a href=/autre><img src=/i/pont.jpg width=800></a>".to_owned(), None),
        ("<aside><img src=/i/pont.jpg width=800></aside>".to_owned(), None),
        ("<div class=author-box><img src=/i/jeanne.jpg width=800></div>".to_owned(), None),
        ("<img src=/i/pont.jpg width=800 style='display:none'>".to_owned(), None),
        ("<img src=http://127.0.0.1/i/pont.jpg width=800>".to_owned(), None),
    ] {
        opens(&format!("{image}{TEXT}{MORE}"), expected);
    }
    // What stands deeper in the text stays there.
    let figure = format!("<figure><img src=/i/pont.jpg>{caption}</figure>");
    let article = read(&format!("{TEXT}{figure}{MORE}"));
    assert!(article.image.is_none() && article.body.iter().any(|b| matches!(b, Block::Image(_))));
}

#[test]
fn a_declared_picture_is_known_by_any_of_its_addresses() {
    let meta = "<meta property=og:image content=https://a.example/i/pont-1200x630.jpg>";
    for image in [
        "<img srcset='/i/pont-300x200.jpg 300w, /i/pont-800x600.jpg 800w'>",
        "<img src=/i/small.jpg srcset='/i/pont-800x600.jpg 800w'>",
        "<picture><source srcset=/i/pont-w800.webp><img src='data:image/gif;base64,R0'></picture>",
    ] {
        let markup = format!(
            "{TEXT}<figure>{image}<figcaption>Le pont Vieux. © Orne Info</figcaption></figure>{MORE}{meta}"
        );
        let article = read(&markup);
        let image = article.image.unwrap_or_default();
        let told = (image.caption.as_deref(), image.credit.as_deref());
        assert_eq!(told, (Some("Le pont Vieux."), Some("Orne Info")), "{markup}");
        assert!(!article.body.iter().any(|block| matches!(block, Block::Image(_))), "{markup}");
    }
}

#[test]
fn the_picture_says_what_told_it() {
    let linked = "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Le pont\",\"image\":\"https://a.example/i/x.jpg\"}</script>";
    let own = "<img src=/i/pont.jpg width=800>";
    for (head, evidence) in [
        ("<meta property=og:image content=https://a.example/i/p.jpg>", Some("meta")),
        (linked, Some("json-ld")),
        ("<meta property=og:image content='data:image/gif;base64,R0'>", Some("page")),
        ("", Some("page")),
    ] {
        let page = format!(
            "<title>Le pont</title>{head}<article><h1>Le pont</h1>{own}{TEXT}{MORE}</article>"
        );
        let hints = Hints { address: Some("https://a.example/un/deux"), ..Hints::default() };
        let told = article(page.as_bytes(), &hints).evidence;
        let told = told.iter().find(|(field, _)| *field == "image").map(|(_, by)| by.as_str());
        assert_eq!(told, evidence, "{head}");
    }
}
