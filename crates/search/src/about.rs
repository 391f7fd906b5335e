//! What is said of an article beside its text, out of what its provider and its desk say.

use depeche_news::{Article, Desk, Topic, Urgency};
use depeche_text::fold;

use crate::{
    paper::{About, NAMES_MAX, Paper, primary},
    query::{Said, said_words},
};

/// Words before the name of an agency in a credit.
const BEFORE_AGENCY: [&str; 5] = ["avec ", "par ", "source ", "with ", "by "];

/// Longest name of a place at the head of a dateline, in characters.
const PLACE_CHARS_MAX: usize = 40;

impl About {
    /// Of an article, its desk and its urgency.
    pub fn of(article: &Article, desk: &Desk, urgency: Option<Urgency>) -> Self {
        let agency = article.credit.as_deref().or(desk.creditline.as_deref());
        let name = |topic: &Topic| topic.name.clone().filter(|name| !name.trim().is_empty());
        let kind = match article.live {
            true => Some("direct".to_owned()),
            false => desk.genres.iter().find_map(name).map(|genre| genre.to_lowercase()),
        };
        let located = desk.located.iter().filter_map(name);
        let written = article.dateline.as_deref().and_then(place);
        let mut places: Vec<String> = Vec::new();
        for place in located.map(|name| cased(name.trim())).chain(written) {
            if !places.iter().any(|known| fold(known) == fold(&place)) {
                places.push(place);
            }
        }
        Self {
            agency: agency.map(agency_name).filter(|name| !name.is_empty()),
            section: article.section.as_deref().map(|section| section.trim().to_owned()),
            kind,
            places,
            persons: Vec::new(),
            urgency: urgency.map(Urgency::get),
        }
    }
}

/// Bytes looked at of one thing that is said: a line of many authors.
const SAID_BYTES_MAX: usize = 1_000;

fn cut(value: &str) -> &str {
    value.get(..value.floor_char_boundary(SAID_BYTES_MAX)).unwrap_or_default()
}

/// The words of what is said of a paper beside its text.
pub(crate) fn said(paper: &Paper) -> String {
    let about = &paper.about;
    let language = paper.language.as_deref().map(primary);
    let one = |what: Said, value: Option<&str>| value.map(|value| (what, value.to_owned()));
    let many = |what: Said, values: &[String]| {
        values.iter().take(NAMES_MAX).map(|value| (what, value.clone())).collect::<Vec<_>>()
    };
    let mut all: Vec<(Said, String)> = [
        one(Said::Author, Some(paper.byline.as_str())),
        one(Said::Agency, about.agency.as_deref()),
        one(Said::Language, language),
        one(Said::Section, about.section.as_deref()),
        one(Said::Kind, about.kind.as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    all.extend(many(Said::Place, &about.places));
    all.extend(many(Said::Person, &about.persons));
    let mut galley = String::new();
    for (what, value) in all {
        for word in said_words(cut(&value)) {
            galley.push_str(&what.term(&word));
            galley.push(' ');
        }
    }
    galley
}

/// The agency of a credit: «avec AFP» is AFP.
fn agency_name(credit: &str) -> String {
    let mut name = credit.trim();
    for before in BEFORE_AGENCY {
        let start = name.get(..before.len()).filter(|start| start.eq_ignore_ascii_case(before));
        if start.is_some() {
            name = name.get(before.len()..).unwrap_or_default().trim_start();
        }
    }
    name.to_owned()
}

/// The place that a dateline begins with (`BRUXELLES, 11 fév 2016 (AFP) -`), as names are written.
fn place(dateline: &str) -> Option<String> {
    let name = dateline.split([',', '(', '—', '–']).next()?.trim();
    let right = name.chars().count() <= PLACE_CHARS_MAX
        && name.chars().any(char::is_alphabetic)
        && !name.chars().any(|c| c.is_ascii_digit());
    if !right {
        return None;
    }
    Some(cased(name))
}

/// Words inside of a French place name that are written small.
const SMALL: [&str; 12] =
    ["le", "la", "les", "l", "de", "du", "des", "d", "sur", "sous", "en", "et"];

/// A name that is all in capitals as names are written: Bar-le-Duc, Saint-Étienne.
fn cased(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut written = String::with_capacity(name.len());
    for part in name.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let lower = part.to_lowercase();
        let word = lower.trim_end_matches(|c: char| !c.is_alphanumeric());
        let mut letters = lower.chars();
        match letters.next() {
            Some(first) if written.is_empty() || !SMALL.contains(&word) => {
                written.extend(first.to_uppercase());
                written.push_str(letters.as_str());
            }
            _ => written.push_str(&lower),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_desk_says() {
        for (dateline, expected) in [
            ("BRUXELLES, 11 fév 2016 (AFP) -", Some("Bruxelles")),
            ("Lyon (AFP) —", Some("Lyon")),
            ("SAINT-ÉTIENNE, 3 mars", Some("Saint-Étienne")),
            ("BAR-LE-DUC, 3 mars", Some("Bar-le-Duc")),
            ("LE HAVRE, 3 mars", Some("Le Havre")),
            ("VILLENEUVE-D'ASCQ (AFP)", Some("Villeneuve-d'Ascq")),
            ("11 février 2016", None),
            ("", None),
        ] {
            assert_eq!(place(dateline).as_deref(), expected, "{dateline}");
        }
        for (credit, expected) in
            [("AFP", "AFP"), ("avec AFP", "AFP"), ("Avec  Reuters ", "Reuters")]
        {
            assert_eq!(agency_name(credit), expected);
        }
        let article = Article { live: true, section: Some("Monde".into()), ..Article::default() };
        let about = About::of(&article, &Desk::default(), Urgency::new(2));
        assert_eq!((about.kind.as_deref(), about.urgency), (Some("direct"), Some(2)));
    }
}
