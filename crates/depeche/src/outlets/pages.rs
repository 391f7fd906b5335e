//! Article pages as real outlets serve them: menus, search boxes, lists of other news, the
//! standfirst repeated, a teaser cut with three dots, in six layouts.

use std::fmt::Write as _;

use serde_json::json;

use super::{
    day::{Edition, Layout, Outlet},
    escaped,
};

/// Other news listed around the story.
const OTHERS: usize = 6;

/// The page of one dispatch.
pub(crate) fn page(outlet: &Outlet, edition: &Edition, others: &[Edition], base: &str) -> String {
    let others: Vec<&Edition> =
        others.iter().filter(|other| other.guid != edition.guid).take(OTHERS).collect();
    let story = match outlet.layout {
        Layout::LiveList => live_list(edition, &others),
        Layout::Article => article(outlet, edition),
        Layout::JsonLd => article(outlet, edition),
        Layout::DivSoup => div_soup(edition),
        Layout::Br => with_breaks(edition),
        Layout::Microdata => microdata(edition),
    };
    let language = &outlet.language;
    let (search, more) = words(language);
    let mut menu = String::new();
    for word in &outlet.section_words {
        let _ = write!(menu, "<li><a href=\"/{}/\">{}</a></li>", outlet.key, escaped(word));
    }
    let mut related = String::new();
    for other in &others {
        let _ = write!(
            related,
            "<li><a href=\"{}\">{}</a></li>",
            other.page(),
            escaped(&other.headline)
        );
    }
    let (head, title, name) =
        (head(outlet, edition, base), escaped(&edition.printed_headline()), escaped(&outlet.name));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} - {name}</title>\n{head}</head>\n\
         <body>\n<header class=\"entete\"><a href=\"/{key}/\">{name}</a>\n\
         <form role=\"search\"><input type=\"search\" name=\"q\"><button>{search}</button></form>\n\
         <nav><ul class=\"menu\">{menu}</ul></nav></header>\n<div class=\"conteneur\">\n{story}\n\
         <aside class=\"a-lire\"><h2>{more}</h2><ul>{related}</ul></aside>\n</div>\n\
         <footer class=\"pied\"><ul><li><a href=\"#\">{name}</a></li><li><a href=\"#\">Contact</a></li></ul></footer>\n\
         </body>\n</html>\n",
        key = outlet.key,
    )
}

fn words(language: &str) -> (&'static str, &'static str) {
    match language {
        "fr" => ("Rechercher", "À lire aussi"),
        "de" => ("Suchen", "Mehr zum Thema"),
        "es" => ("Buscar", "Te puede interesar"),
        _ => ("Search", "Read more"),
    }
}

fn head(outlet: &Outlet, edition: &Edition, base: &str) -> String {
    let headline = escaped(&edition.printed_headline());
    let address = format!("{base}/{}/{}", outlet.key, edition.page());
    let mut head = format!(
        "<link rel=\"canonical\" href=\"{address}\">\n<meta property=\"og:title\" content=\"{headline}\">\n\
         <meta property=\"og:site_name\" content=\"{}\">\n",
        escaped(&outlet.name),
    );
    if matches!(outlet.layout, Layout::Article | Layout::LiveList) {
        let _ = writeln!(
            head,
            "<meta property=\"article:published_time\" content=\"{}\">\n<meta name=\"description\" content=\"{}\">",
            edition.first_at,
            escaped(edition.lead()),
        );
    }
    if outlet.layout == Layout::JsonLd {
        let authors: Vec<_> =
            edition.authors.iter().map(|name| json!({ "@type": "Person", "name": name })).collect();
        let data = json!({
            "@context": "https://schema.org",
            "@graph": [{
                "@type": "NewsArticle",
                "headline": edition.printed_headline(),
                "datePublished": edition.first_at.to_string(),
                "dateModified": edition.at.to_string(),
                "author": authors,
                "description": edition.lead(),
                "inLanguage": outlet.language,
                "mainEntityOfPage": address,
            }],
        });
        // JSON in a script element must not close it.
        let data = data.to_string().replace("</", "<\\/");
        let _ = writeln!(head, "<script type=\"application/ld+json\">{data}</script>");
    }
    head
}

fn paragraphs(edition: &Edition) -> String {
    let mut html = String::new();
    for (number, paragraph) in edition.body.iter().enumerate() {
        if let Some(subhead) = edition.subheads.get(&number) {
            let _ = writeln!(html, "<h2>{}</h2>", escaped(subhead));
        }
        let _ = writeln!(html, "<p>{}</p>", escaped(paragraph));
    }
    html
}

fn standfirst(edition: &Edition, open: &str, close: &str) -> String {
    edition
        .standfirst
        .as_ref()
        .map(|text| format!("{open}{}{close}\n", escaped(text)))
        .unwrap_or_default()
}

fn authors(edition: &Edition) -> String {
    escaped(&edition.authors.join(", "))
}

/// The start of the body, cut where the outlet's program cuts it.
fn cut(text: &str) -> String {
    let end = text.char_indices().nth(140).map_or(text.len(), |(end, _)| end);
    format!("{}...", escaped(&text[..end]))
}

/// A live page: the list of the latest news above, standfirst and teaser again below.
fn live_list(edition: &Edition, others: &[&Edition]) -> String {
    let mut list = String::new();
    for other in others {
        let _ =
            write!(list, "<li><a href=\"{}\">{}</a></li>", other.page(), escaped(&other.headline));
    }
    let again = escaped(edition.lead());
    let teaser = edition.body.first().map(|text| cut(text)).unwrap_or_default();
    format!(
        "<section class=\"fil\"><h2>Dernières Infos</h2><ul>{list}</ul></section>\n<article class=\"depeche\">\n<h1>{}</h1>\n{}\
         <div class=\"depeche__corps\">\n{}</div>\n</article>\n<div class=\"liste\"><a href=\"{}\"><p>{again}</p><p>{teaser}</p></a></div>",
        escaped(&edition.printed_headline()),
        standfirst(edition, "<p class=\"chapo\"><strong>", "</strong></p>"),
        paragraphs(edition),
        edition.page(),
    )
}

fn article(outlet: &Outlet, edition: &Edition) -> String {
    let signed = if edition.authors.is_empty() { escaped(&outlet.name) } else { authors(edition) };
    format!(
        "<main><article>\n<p class=\"rubrique\">{}</p>\n<h1>{}</h1>\n{}<p class=\"signature\">Par {signed}</p>\n\
         <time datetime=\"{at}\">{at}</time>\n<div class=\"corps\">\n{}</div>\n\
         <ul class=\"partage\"><li><a href=\"#\">Partager</a></li><li><a href=\"#\">Imprimer</a></li></ul>\n</article></main>",
        escaped(edition.section.as_deref().unwrap_or_default()),
        escaped(&edition.printed_headline()),
        standfirst(edition, "<p class=\"chapo\">", "</p>"),
        paragraphs(edition),
        at = edition.first_at,
    )
}

fn div_soup(edition: &Edition) -> String {
    let mut html = format!(
        "<div class=\"b1\"><div class=\"b2\"><div class=\"titre\"><h1>{}</h1></div>{}<div class=\"date\">{}</div>",
        escaped(&edition.printed_headline()),
        standfirst(edition, "<div class=\"intro\">", "</div>"),
        edition.first_at,
    );
    for (number, paragraph) in edition.body.iter().enumerate() {
        if let Some(subhead) = edition.subheads.get(&number) {
            let _ = write!(html, "<div class=\"inter\"><b>{}</b></div>", escaped(subhead));
        }
        let _ = write!(html, "<div class=\"t\"><span>{}</span></div>", escaped(paragraph));
    }
    html.push_str("</div><div class=\"pub\"></div></div>");
    html
}

fn with_breaks(edition: &Edition) -> String {
    let text: Vec<String> = edition.body.iter().map(|paragraph| escaped(paragraph)).collect();
    format!(
        "<div id=\"contenu\"><h1>{}</h1>{}<div class=\"texte\">{}</div></div>",
        escaped(&edition.printed_headline()),
        standfirst(edition, "<h2 class=\"chapo\">", "</h2>"),
        text.join("<br><br>\n"),
    )
}

fn microdata(edition: &Edition) -> String {
    format!(
        "<div itemscope itemtype=\"https://schema.org/NewsArticle\">\n<h1 itemprop=\"headline\">{}</h1>\n{}\
         <span itemprop=\"author\" itemscope itemtype=\"https://schema.org/Person\"><span itemprop=\"name\">{}</span></span>\n\
         <meta itemprop=\"datePublished\" content=\"{}\">\n<div itemprop=\"articleBody\">\n{}</div>\n</div>",
        escaped(&edition.printed_headline()),
        standfirst(edition, "<p itemprop=\"description\">", "</p>"),
        authors(edition),
        edition.first_at,
        paragraphs(edition),
    )
}
