//! Persons out of bylines: names without titles, agencies, desks or the outlet itself.

use depeche_news::limits::extract::AUTHORS_MAX;
use depeche_text::{fold, squash};

use crate::facts::Facts;
use crate::phrases;

/// The authors, and which evidence named them: the structured data first, bylines last.
pub(crate) fn choose(facts: &Facts, outlet: Option<&str>) -> (Vec<String>, &'static str) {
    let metas = facts.all_metas(&[
        "author",
        "article:author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "dcterms.creator",
        "byl",
        "citation_author",
        "og:author",
        "article:author_name",
        "cxenseparse:author",
    ]);
    let microdata = facts
        .properties
        .iter()
        .filter(|(key, _)| key == "author" || key == "creator")
        .map(|(_, value)| value.as_str());
    let tries: [(&'static str, Vec<&str>); 4] = [
        ("json-ld", facts.linked.authors.iter().map(String::as_str).collect()),
        ("meta", metas.collect()),
        ("microdata", microdata.collect()),
        ("byline", facts.bylines.iter().map(String::as_str).collect()),
    ];
    for (evidence, lines) in tries {
        // One word may be a name where a field says so; in the text of a page it may be anything.
        let words_min = if matches!(evidence, "json-ld" | "microdata") { 1 } else { 2 };
        let found = match evidence {
            "byline" => first_persons(lines.into_iter(), outlet),
            _ => persons(&lines, outlet, words_min),
        };
        if !found.is_empty() {
            return (found, evidence);
        }
    }
    (Vec::new(), "")
}

/// The authors in the lines around a story: after «par», «by», «von», on the same line or on the
/// next one.
pub(crate) fn in_lines(lines: &[String], outlet: Option<&str>) -> (Vec<String>, &'static str) {
    let opens = |line: &str| {
        let folded = format!("{} ", fold(line));
        line.len() < 120 && phrases::BYLINE_STARTS.iter().any(|start| folded.starts_with(start))
    };
    let bylines = lines.iter().enumerate().filter(|(_, line)| opens(line));
    let bylines = bylines.filter_map(|(at, line)| match line.split_whitespace().count() {
        // «Par» alone, or «Written by»: the name stands by itself.
        1 | 2 if line.len() < 14 => lines.get(at + 1),
        _ => Some(line),
    });
    let found = first_persons(bylines.map(String::as_str), outlet);
    let evidence = if found.is_empty() { "" } else { "line" };
    (found, evidence)
}

/// The persons of the first line that names any.
fn first_persons<'a>(lines: impl Iterator<Item = &'a str>, outlet: Option<&str>) -> Vec<String> {
    lines
        .map(|line| persons(&[line], outlet, 2))
        .find(|names| !names.is_empty())
        .unwrap_or_default()
}

/// The persons that these lines name, each once.
pub(crate) fn persons(lines: &[&str], outlet: Option<&str>, words_min: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in lines.iter().flat_map(|line| names(line)) {
        let known = found.iter().any(|before| fold(before) == fold(&name));
        if is_person(&name, outlet, words_min) && !known && found.len() < AUTHORS_MAX {
            found.push(name);
        }
    }
    found
}

/// The names of one byline.
fn names(line: &str) -> Vec<String> {
    let line = squash(line);
    let folded = fold(&line);
    let start = phrases::BYLINE_STARTS
        .iter()
        .find(|start| folded.starts_with(**start))
        .map_or(0, |start| start.chars().count());
    let line: String = line.chars().skip(start).collect();
    let parted =
        [" and ", " und ", " et ", " & ", " y ", " e ", " i ", " avec ", " with ", " mit "]
            .iter()
            .fold(line, |line, word| line.replace(word, ","));
    parted
        .split([',', ';', '|', '/', '•', '·', '(', '–', '—', '\n'])
        .map(tidy)
        .filter(|name| !name.is_empty())
        .collect()
}

fn tidy(name: &str) -> String {
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    let folded = fold(name);
    let start = phrases::BYLINE_STARTS
        .iter()
        .find(|start| folded.starts_with(**start))
        .map_or(0, |start| start.chars().count());
    squash(&name.chars().skip(start).collect::<String>())
}

/// Words that no person's name has, folded.
const NO_PERSON: &[&str] = &[
    "afp",
    "ap",
    "reuters",
    "dpa",
    "apa",
    "ansa",
    "efe",
    "belga",
    "ats",
    "sda",
    "agence",
    "agency",
    "agencies",
    "press",
    "presse",
    "redaction",
    "redaktion",
    "redaccion",
    "redakcja",
    "editorial",
    "editor",
    "editors",
    "staff",
    "desk",
    "newsroom",
    "news",
    "team",
    "admin",
    "administrator",
    "associated",
    "bloomberg",
    "times",
    "post",
    "journal",
    "magazine",
    "daily",
    "online",
    "reporter",
    "reporters",
    "correspondent",
    "correspondant",
    "correspondent",
    "journaliste",
    "writer",
    "the",
    "le",
    "www",
    "http",
    "https",
    "com",
    "contributor",
    "contributors",
    "guest",
    "updated",
    "published",
    "publie",
    "share",
    "twitter",
    "facebook",
    "follow",
    "more",
    "posts",
    "view",
    "all",
    "email",
    "minutes",
    "min",
    "ago",
    "service",
    "services",
    "network",
    "media",
    "tv",
    "radio",
    "blog",
    "web",
    "author",
    "authors",
    "autor",
    "unknown",
    "am",
    "pm",
    "uhr",
    "chief",
    "avec",
    "zeitung",
    "nachrichten",
    "gmbh",
    "wire",
    "inc",
    "llc",
    "about",
    "comments",
    "read",
    "home",
    "contact",
    "jetzt",
    "profil",
    "photos",
    "video",
    "by",
    "on",
    "in",
    "at",
    "for",
    "from",
    "to",
    "and",
    "photo",
    "foto",
];

/// Whether a name is one of a person: one to five words with capitals, none of them a desk's.
fn is_person(name: &str, outlet: Option<&str>, words_min: usize) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    if words.is_empty()
        || words.len() > 5
        || name.len() > 60
        || name.contains(|c: char| c.is_ascii_digit() || "@:_?!\"“«".contains(c))
    {
        return false;
    }
    let capital = |word: Option<&&str>| {
        word.and_then(|word| word.chars().next()).is_some_and(|c| !c.is_lowercase())
    };
    let unspaced = name.chars().any(|c| ('\u{2e80}'..='\u{ffef}').contains(&c));
    let capitals = capital(words.first()) && capital(words.last());
    let formed = unspaced || words_min == 1 || (words.len() >= words_min && capitals);
    let folded = fold(name);
    let of_a_desk =
        folded.split(|c: char| !c.is_alphanumeric()).any(|word| NO_PERSON.contains(&word));
    formed && !of_a_desk && outlet.is_none_or(|outlet| fold(outlet) != folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        assert_eq!(persons(&[line], Some("Le Courrier"), 2), expected);
    }

    #[test]
    fn persons_are_named() {
        check("Par Jeanne Morel", &["Jeanne Morel"]);
        check("Jeanne Morel et Paul Vidal", &["Jeanne Morel", "Paul Vidal"]);
        check("By Ann O'Hara, Senior Reporter", &["Ann O'Hara"]);
        check("La rédaction avec AFP", &[]);
        check("AFP", &[]);
        check("Le Courrier", &[]);
        check("https://a.example/jeanne", &[]);
        check("", &[]);
    }
}
