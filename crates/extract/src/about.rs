//! What a page tells about its story besides the story: outlet, section, keywords, language, address; each with the
//! evidence that told it.

use depeche_text::fold;
use url::Url;

use crate::facts::Facts;
use crate::headline::{PARTERS, letters};
use crate::{addresses, linked_data};

/// Longest name of an outlet, in bytes.
const OUTLET_BYTES_MAX: usize = 100;

/// The outlet's name as the page declares it.
pub(crate) fn outlet(facts: &Facts) -> Option<(String, &'static str)> {
    let declared = facts.first_meta(&["og:site_name", "application-name", "twitter:site_name"]);
    let linked = || facts.linked.outlet.as_deref().map(|name| (name, "json-ld"));
    let site = || facts.linked.site.as_deref().map(|name| (name, "json-ld"));
    let title = || Some((after_headline(facts)?, "title"));
    let found = declared.map(|name| (name, "meta")).or_else(linked).or_else(site).or_else(title);
    let (name, evidence) = found?;
    let name = linked_data::decoded(name);
    (!name.is_empty() && name.len() < OUTLET_BYTES_MAX).then_some((name, evidence))
}

/// What the title has after the page's first heading and a sign, if that is all it has.
fn after_headline(facts: &Facts) -> Option<&str> {
    let heading = facts.headings.iter().find(|heading| heading.level == 1 && !heading.aside)?;
    let (headline, name) = PARTERS.iter().find_map(|sign| facts.title.rsplit_once(sign))?;
    let own = letters(headline);
    let same = own == letters(&heading.text) && !own.is_empty();
    let one = !PARTERS.iter().any(|sign| name.contains(sign));
    (same && one && name.chars().count() <= SECTION_CHARS_MAX).then(|| name.trim())
}

/// The section: as declared, as the link to its category, or as the last step of the way down to the page.
pub(crate) fn section(
    facts: &Facts,
    headline: &str,
    outlet: Option<&str>,
) -> Option<(String, &'static str)> {
    let linked = facts.linked.section.as_deref().map(|name| (name, "json-ld"));
    let meta = || facts.first_meta(&["article:section"]).map(|name| (name, "meta"));
    let category = || facts.labels.categories.first().map(|name| (name.as_str(), "link"));
    let crumbs = [(&facts.linked.crumbs, "json-ld"), (&facts.labels.crumbs, "breadcrumb")];
    let step = || {
        let mut ways = crumbs.iter();
        ways.find_map(|(way, evidence)| Some((last_step(way, headline, outlet)?, *evidence)))
    };
    let (name, evidence) = linked.or_else(meta).or_else(category).or_else(step)?;
    let name = name.replace(char::is_control, "");
    (!name.is_empty()).then_some((name, evidence))
}

/// Longest name of a section that is only found on the way to a page.
const SECTION_CHARS_MAX: usize = 40;

/// What sites call their front page, folded.
const FRONT: [&str; 12] = [
    "accueil",
    "page d'accueil",
    "home",
    "homepage",
    "une",
    "a la une",
    "startseite",
    "start",
    "inicio",
    "portada",
    "inizio",
    "pagina inicial",
];

/// The step before the page itself that is not the front page.
fn last_step<'a>(way: &'a [String], headline: &str, outlet: Option<&str>) -> Option<&'a str> {
    let own = letters(headline);
    let is_section = |step: &&String| {
        let folded = fold(step);
        let front = FRONT.contains(&folded.as_str()) || outlet.is_some_and(|o| fold(o) == folded);
        let itself = letters(step);
        // What is cut with «…» is the headline's start.
        !front
            && !itself.is_empty()
            && !own.starts_with(&itself)
            && !itself.starts_with(&own)
            && step.chars().count() <= SECTION_CHARS_MAX
    };
    way.iter().rev().find(is_section).map(String::as_str)
}

/// The keywords: as declared, or as the links to their pages.
pub(crate) fn keywords(facts: &Facts) -> (Vec<String>, &'static str) {
    let metas = |names: &'static [&str]| -> Vec<String> {
        facts.all_metas(names).flat_map(linked_data::split_keywords).collect()
    };
    let named = || {
        let words = facts.first_meta(&["news_keywords", "keywords"]);
        words.map(linked_data::split_keywords).unwrap_or_default()
    };
    let tries: [(&'static str, &dyn Fn() -> Vec<String>); 4] = [
        ("json-ld", &|| facts.linked.keywords.clone()),
        ("meta", &|| metas(&["article:tag"])),
        ("link", &|| facts.labels.tags.clone()),
        ("meta", &named),
    ];
    let mut found = tries.iter().map(|(evidence, read)| (read(), *evidence));
    let (words, evidence) = found.find(|(words, _)| !words.is_empty()).unwrap_or_default();
    (words.iter().map(|word| word.replace(char::is_control, "")).collect(), evidence)
}

/// The language of a text, by what the page or its source declares and by the text itself.
pub(crate) fn language(
    sample: &str,
    facts: &Facts,
    source: Option<&str>,
) -> Option<(String, &'static str)> {
    let declared = facts.linked.language.as_deref().map(|language| (language, "json-ld"));
    let page = || facts.language.as_deref().map(|language| (language, "html"));
    let declared = declared.or_else(page).or_else(|| source.map(|language| (language, "source")));
    let language = depeche_text::language(sample, declared.map(|(language, _)| language))?;
    let is_told = |(told, _): &(&str, &str)| {
        told.split(['-', '_'])
            .next()
            .is_some_and(|told| told.trim().eq_ignore_ascii_case(&language))
    };
    let evidence = declared.filter(is_told).map_or("text", |(_, evidence)| evidence);
    Some((language, evidence))
}

/// The address that the page calls its own, where it may be believed, or the one it was found at.
pub(crate) fn address(
    facts: &Facts,
    base: Option<&Url>,
    here: Option<&Url>,
) -> Option<(String, &'static str)> {
    let canonical = facts.canonical.as_deref().map(|address| (address, "canonical"));
    let declared = canonical
        .into_iter()
        .chain(facts.first_meta(&["og:url"]).map(|address| (address, "meta")))
        .chain(facts.linked.address.as_deref().map(|address| (address, "json-ld")));
    let found = declared
        .filter(|(address, _)| !address.is_empty())
        .find_map(|(address, by)| Some((addresses::canonical(address, base, here)?, by)));
    let (url, evidence) = found.or_else(|| Some((here?.clone(), "where it was found")))?;
    Some((String::from(url), evidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::Page;

    #[track_caller]
    fn check(page: &str, section: &str, keywords: &[&str]) {
        let tree = crate::tree::parse(page);
        let facts = Facts::of(&Page::new(&tree));
        let told = super::section(&facts, "La crue recule à Verdun", Some("Le Courrier"));
        let told = told.map(|(name, by)| format!("{name} ({by})")).unwrap_or_default();
        assert_eq!(
            (told.as_str(), super::keywords(&facts).0),
            (section, keywords.iter().map(|word| (*word).to_owned()).collect()),
            "{page}"
        );
    }

    #[test]
    fn section_and_keywords_where_only_links_tell_them() {
        check(
            "<p class=cat><a rel='category tag' href=/eau>Eau</a></p><footer><a rel=tag href=/crue>crue</a>, <a rel=tag href=/meuse>Meuse</a></footer>\
             <ul><li><a rel=tag href=/autre>autre article</a></li></ul>",
            "Eau (link)",
            &["crue", "Meuse"],
        );
        check(
            "<nav class=breadcrumb><a href=/>Accueil</a> <a href=/r>Région</a> <a href=/r/e>Environnement</a> <span>La crue recule à Verdun</span></nav>",
            "Environnement (breadcrumb)",
            &[],
        );
        check(
            "<ul class='fil-ariane'><li><a href=/>Le Courrier</a><li><a href=/r>Région</a><li><a href=/x>La crue recule…</a></ul>",
            "Région (breadcrumb)",
            &[],
        );
        check(
            r#"<script type="application/ld+json">{"@type":"WebPage","breadcrumb":{"@type":"BreadcrumbList","itemListElement":[
            {"@type":"ListItem","position":2,"item":{"@id":"/r","name":"Région"}},{"@type":"ListItem","position":1,"name":"Accueil"},
            {"@type":"ListItem","position":3,"name":"La crue recule à Verdun"}]}}</script>"#,
            "Région (json-ld)",
            &[],
        );
        check(
            "<nav class=menu><a href=/r>Région</a></nav><aside><a rel=tag href=/x>nuage</a></aside>",
            "",
            &[],
        );
        check(
            "<meta property=article:section content=Eau><a rel=category href=/r>Région</a>",
            "Eau (meta)",
            &[],
        );
    }

    #[test]
    fn an_outlet_that_only_title_or_site_names() {
        for (page, wanted) in [
            (
                "<title>La crue recule - Le Courrier</title><h1>La crue recule</h1>",
                Some(("Le Courrier", "title")),
            ),
            ("<title>La crue recule - Eau | Le Courrier</title><h1>La crue recule</h1>", None),
            ("<title>La crue - un bilan</title><h1>La crue - un bilan</h1>", None),
            (
                r#"<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"Le Courrier"},{"@type":"WebPage"}]}</script>"#,
                Some(("Le Courrier", "json-ld")),
            ),
        ] {
            let tree = crate::tree::parse(page);
            let facts = Facts::of(&Page::new(&tree));
            let told = outlet(&facts);
            assert_eq!(told.as_ref().map(|(name, by)| (name.as_str(), *by)), wanted, "{page}");
        }
    }

    #[test]
    fn what_told_the_language() {
        let french = "La crue de la Meuse recule et les habitants de la ville sont rentrés dans leurs maisons.";
        for (page, wanted) in
            [("<html lang=fr-FR>", "html"), ("<html lang=en>", "text"), ("<p>x", "source")]
        {
            let tree = crate::tree::parse(page);
            let facts = Facts::of(&Page::new(&tree));
            let told = language(french, &facts, Some("fr"));
            assert_eq!(told, Some(("fr".to_owned(), wanted)), "{page}");
        }
    }
}
