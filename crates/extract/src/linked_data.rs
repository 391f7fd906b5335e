//! The article in a page's JSON-LD, wherever it hides: arrays, `@graph`, `mainEntity`.

use depeche_news::limits::extract::{LINKED_NAMES_MAX, LINKED_OBJECTS_MAX};
use depeche_text::squash;
use serde_json::Value;

use crate::nature::{Nature, Picture};

/// What the JSON-LD says of the article.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// Whether it calls itself an article of news.
    pub(crate) news: bool,
    pub(crate) headline: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) authors: Vec<String>,
    /// Authors that it calls organisations.
    pub(crate) organisations: Vec<String>,
    pub(crate) outlet: Option<String>,
    /// Who else the article is from: an agency, by its own field or as an author that is no person.
    pub(crate) credit: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) section: Option<String>,
    pub(crate) keywords: Vec<String>,
    /// What the site that the page belongs to is called.
    pub(crate) site: Option<String>,
    /// The way down to the page, step by step.
    pub(crate) crumbs: Vec<String>,
    pub(crate) image: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) address: Option<String>,
    /// What it says of its picture.
    pub(crate) picture: Picture,
    /// What it says of the page's kind.
    pub(crate) nature: Nature,
}

/// Reads the article out of the page's scripts.
pub(crate) fn article(scripts: &[String]) -> Linked {
    let documents: Vec<Value> = scripts.iter().filter_map(|script| parsed(script)).collect();
    let mut objects = Vec::new();
    for document in &documents {
        gather(document, &mut objects);
    }
    let (nature, crumbs, site) = (Nature::of(&objects, rank), crumbs(&objects), site(&objects));
    let ranked = objects.iter().filter_map(|object| Some((rank(object)?, *object)));
    match ranked.min_by_key(|(rank, _)| *rank) {
        Some((rank, object)) => {
            Linked { news: rank == 0, nature, crumbs, site, ..read(object, &objects) }
        }
        // A recipe or a guide tells when it is of as well.
        None => {
            let published = objects.iter().find_map(|object| object.get("datePublished"));
            Linked {
                published: published.and_then(text),
                nature,
                crumbs,
                site,
                ..Linked::default()
            }
        }
    }
}

/// Parses a script; raw line breaks in strings and comment marks around are forgiven.
fn parsed(script: &str) -> Option<Value> {
    let script = script.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
    let script = script
        .trim_start_matches("//<![CDATA[")
        .trim_end_matches("//]]>")
        .trim()
        .trim_end_matches(';');
    serde_json::from_str(script).ok().or_else(|| {
        let plain: String = script.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&plain).ok()
    })
}

/// All objects that may be the page's article. The parser bounds the depth to 128.
fn gather<'a>(value: &'a Value, objects: &mut Vec<&'a Value>) {
    if objects.len() >= LINKED_OBJECTS_MAX {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, objects)),
        Value::Object(fields) => {
            objects.push(value);
            for name in [
                "@graph",
                "mainEntity",
                "mainEntityOfPage",
                "author",
                "publisher",
                "breadcrumb",
                "isPartOf",
            ] {
                if let Some(inner) = fields.get(name) {
                    gather(inner, objects);
                }
            }
        }
        _ => {}
    }
}

/// How surely an object is the article; lower is surer.
fn rank(object: &Value) -> Option<u8> {
    let types = object.get("@type")?;
    let types: Vec<&str> = match types {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let rank = types.iter().filter_map(|name| {
        let name = name.rsplit(['/', ':']).next().unwrap_or(name);
        match name {
            "Article" | "BlogPosting" | "LiveBlogPosting" | "Report" | "Review"
            | "ScholarlyArticle" | "TechArticle" | "SocialMediaPosting" => Some(1),
            "WebPage" | "ItemPage" if object.get("datePublished").is_some() => Some(4),
            "VideoObject" | "Recipe" => Some(3),
            _ if name.ends_with("NewsArticle") || name.ends_with("Article") => Some(0),
            _ => None,
        }
    });
    let rank = rank.min()?;
    let has_headline = object.get("headline").is_some() || object.get("name").is_some();
    Some(if has_headline { rank } else { rank + 5 })
}

fn read(object: &Value, objects: &[&Value]) -> Linked {
    let field = |name: &str| object.get(name).and_then(text);
    Linked {
        news: false,
        headline: field("headline").or_else(|| field("name")),
        description: field("description").or_else(|| field("abstract")),
        published: field("datePublished")
            .or_else(|| field("dateCreated"))
            .or_else(|| field("uploadDate")),
        modified: field("dateModified"),
        authors: persons(object, objects),
        organisations: organisations(object, objects).map(|(name, _)| name).collect(),
        outlet: object
            .get("publisher")
            .and_then(|publisher| named(publisher, objects))
            .map(|(name, _)| name),
        credit: credit(object, objects),
        language: field("inLanguage"),
        section: object
            .get("articleSection")
            .and_then(|section| all_texts(section).into_iter().next()),
        keywords: object.get("keywords").map(keywords).unwrap_or_default(),
        image: object.get("image").or_else(|| object.get("thumbnailUrl")).and_then(address),
        body: object.get("articleBody").and_then(Value::as_str).map(str::to_owned),
        address: object
            .get("mainEntityOfPage")
            .and_then(address)
            .or_else(|| object.get("url").and_then(address)),
        picture: Picture::of(object.get("image"), objects),
        crumbs: Vec::new(),
        site: None,
        nature: Nature::default(),
    }
}

/// The steps of the first `BreadcrumbList`, by their positions.
fn crumbs(objects: &[&Value]) -> Vec<String> {
    let is_list = |object: &&&Value| {
        object
            .get("@type")
            .is_some_and(|kind| all_texts(kind).iter().any(|k| k == "BreadcrumbList"))
    };
    let steps = objects.iter().find(is_list).and_then(|list| list.get("itemListElement"));
    let Some(Value::Array(steps)) = steps else { return Vec::new() };
    let named = steps.iter().take(LINKED_NAMES_MAX).filter_map(|step| {
        let inner = || step.get("item").and_then(|item| item.get("name"));
        let name = step.get("name").or_else(inner).and_then(text)?;
        Some((step.get("position").and_then(position).unwrap_or(u64::MAX), name))
    });
    let mut named: Vec<(u64, String)> = named.collect();
    named.sort_by_key(|(at, _)| *at);
    named.into_iter().map(|(_, name)| name).collect()
}

/// The name of the first `WebSite`.
fn site(objects: &[&Value]) -> Option<String> {
    let is_site = |object: &&&Value| {
        object.get("@type").is_some_and(|kind| all_texts(kind).iter().any(|k| k == "WebSite"))
    };
    objects.iter().find(is_site).and_then(|site| site.get("name")).and_then(text)
}

/// A number, also where it is written as text.
fn position(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A field's text, entities decoded (some outlets encode twice), whitespace squashed.
pub(crate) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => squash(&decoded(text)),
        Value::Array(values) => {
            return values.iter().find_map(|value| value.as_str()).map(|one| squash(&decoded(one)));
        }
        Value::Object(fields) => {
            return fields
                .get("@value")
                .or_else(|| fields.get("name"))
                .and_then(Value::as_str)
                .map(squash);
        }
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Text without markup and character references.
pub(crate) fn decoded(text: &str) -> String {
    if text.contains(['<', '&']) {
        crate::tree::parse(text).text(crate::tree::ROOT)
    } else {
        text.to_owned()
    }
}

fn persons(object: &Value, objects: &[&Value]) -> Vec<String> {
    let mut names = Vec::new();
    for field in ["author", "creator"] {
        let values = match object.get(field) {
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
            None => vec![],
        };
        for value in values.into_iter().take(LINKED_NAMES_MAX) {
            if let Some((name, kind)) = named(value, objects)
                && !kind.contains("Organization")
                && !is_photographer(value)
            {
                names.push(name);
            }
        }
        if !names.is_empty() {
            break;
        }
    }
    names
}

/// The authors that are organisations, with their types.
fn organisations<'a>(
    object: &'a Value,
    objects: &'a [&'a Value],
) -> impl Iterator<Item = (String, String)> + 'a {
    let authors = match object.get("author") {
        Some(Value::Array(values)) => values.iter().take(LINKED_NAMES_MAX).collect(),
        Some(value) => vec![value],
        None => vec![],
    };
    let named = authors.into_iter().filter_map(|author| named(author, objects));
    named.filter(|(_, kind)| kind.contains("Organization"))
}

/// The organisation an article is from beside its outlet.
fn credit(object: &Value, objects: &[&Value]) -> Option<String> {
    let publisher = object.get("publisher").and_then(|publisher| named(publisher, objects));
    let source = object.get("sourceOrganization").and_then(|source| named(source, objects));
    let organisations = organisations(object, objects);
    let is_publisher = |name: &str| {
        publisher
            .as_ref()
            .is_some_and(|(own, _)| depeche_text::fold(own) == depeche_text::fold(name))
    };
    let told = object.get("creditText").and_then(text).map(|told| squash(&decoded(&told)));
    let told = told.filter(|told| depeche_text::is_credit(told));
    let mut all =
        told.into_iter().chain(source.into_iter().chain(organisations).map(|(name, _)| name));
    all.find(|name| {
        !name.is_empty() && name.chars().count() <= CREDIT_CHARS_MAX && !is_publisher(name)
    })
}

/// Longest name of an organisation that is a credit.
const CREDIT_CHARS_MAX: usize = 48;

/// Whether somebody is named for the pictures.
fn is_photographer(value: &Value) -> bool {
    let job = value.get("jobTitle").and_then(text).map(|job| depeche_text::fold(&job));
    job.is_some_and(|job| {
        ["photo", "foto", "illustrat", "infograph"].iter().any(|word| job.contains(word))
    })
}

/// The name and type of a person or organisation, directly or by reference.
fn named(value: &Value, objects: &[&Value]) -> Option<(String, String)> {
    if let Value::String(name) = value {
        return Some((squash(&decoded(name)), String::new()));
    }
    if let Value::Array(values) = value {
        return values
            .first()
            .filter(|value| !value.is_array())
            .and_then(|value| named(value, objects));
    }
    let own = value.get("name").and_then(text);
    let referred = || {
        let id = value.get("@id")?.as_str()?;
        objects
            .iter()
            .filter(|object| object.get("@id").and_then(Value::as_str) == Some(id))
            .find(|object| object.get("name").is_some())
            .copied()
    };
    let object = if own.is_some() { value } else { referred()? };
    let kind = object.get("@type").map(|kind| all_texts(kind).join(" ")).unwrap_or_default();
    Some((object.get("name").and_then(text)?, kind))
}

pub(crate) fn all_texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().take(LINKED_NAMES_MAX).filter_map(text).collect(),
        _ => text(value).into_iter().collect(),
    }
}

fn keywords(value: &Value) -> Vec<String> {
    match value {
        Value::String(all) => split_keywords(&decoded(all)),
        _ => all_texts(value),
    }
}

/// Keywords as one text, parted by commas or semicolons.
pub(crate) fn split_keywords(all: &str) -> Vec<String> {
    all.split([',', ';'])
        .map(squash)
        .filter(|word| !word.is_empty())
        .take(LINKED_NAMES_MAX)
        .collect()
}

fn address(value: &Value) -> Option<String> {
    match value {
        Value::String(address) => Some(address.trim().to_owned()),
        Value::Array(values) => values.first().filter(|value| !value.is_array()).and_then(address),
        Value::Object(fields) => ["url", "@id", "contentUrl"]
            .into_iter()
            .find_map(|name| fields.get(name)?.as_str())
            .map(|a| a.trim().to_owned()),
        _ => None,
    }
}
