//! The form of a `NewsML-G2` message: what in it cannot be right, wherever it stands.

use depeche_news::limits::formats::{AGENCY_CHECKED_MAX, AGENCY_PROBLEMS_MAX};
use depeche_news::{Problem, jiff::civil};

use super::tell;
use crate::dates::date;
use crate::markup::{Element, Lower};

/// What is wrong with the values of a message's elements and attributes. Foreign vocabularies inside of it are not
/// looked at.
pub(super) fn problems(root: Element<'_, '_>) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut note = |problem: Problem| tell(&mut found, AGENCY_PROBLEMS_MAX, problem);
    for element in std::iter::once(root).chain(root.descendants()).take(AGENCY_CHECKED_MAX) {
        for (name, value) in element.pairs() {
            if let Some(problem) = attribute(element, name, value.trim()) {
                note(problem);
            }
        }
        if element.is("related") && depth_of_related(element) > RELATED_DEEP_MAX {
            note(Problem::new("nested_too_deep", "related"));
        }
        if is_own_child_of_details(element) {
            note(Problem::new(
                "unknown_element",
                format!("{} in organisationDetails", element.name()),
            ));
        }
    }
    found
}

/// How deep `related` may stand in itself.
const RELATED_DEEP_MAX: usize = 3;

fn depth_of_related(element: Element<'_, '_>) -> usize {
    std::iter::successors(Some(element), |inner| inner.parent())
        .take(AROUND_MAX)
        .filter(|around| around.is("related"))
        .count()
}

/// Elements around one that are looked at.
const AROUND_MAX: usize = 32;

/// What an organisation may say of itself; anything else there has to be of another vocabulary.
const DETAILS: [&str; 8] = [
    "founded",
    "dissolved",
    "location",
    "contactinfo",
    "hasinstrument",
    "affiliation",
    "address",
    "remoteinfo",
];

fn is_own_child_of_details(element: Element<'_, '_>) -> bool {
    let in_details = element.parent().is_some_and(|around| around.is("organisationDetails"));
    in_details
        && !element.full_name().contains(':')
        && !DETAILS.contains(&Lower::of(element.name()).as_str())
}

fn attribute(element: Element<'_, '_>, name: &str, value: &str) -> Option<Problem> {
    let lower = Lower::of(name);
    let bad = |word: &str| {
        let value: String = value.chars().take(60).collect();
        Some(Problem::new(word, format!("{name} {value:?} of {}", element.name())))
    };
    match lower.as_str() {
        "qcode" | "typeqcode" if !value.is_empty() && !value.contains(':') => bad("bad_code"),
        "href" if has_bad_address(value) => bad("bad_address"),
        other if other.ends_with("uri") && has_bad_address(value) => bad("bad_address"),
        "modified" | "validfrom" | "validto" | "schemecreated" | "schememodified"
        | "schemeretired"
            if !value.is_empty() && date(value).is_none() && !is_short(value) =>
        {
            bad("unreadable_date")
        }
        _ => None,
    }
}

/// A year, or a year and a month, which are dates of their own in G2.
fn is_short(value: &str) -> bool {
    let day = if value.len() == 4 { format!("{value}-01-01") } else { format!("{value}-01") };
    day.parse::<civil::Date>().is_ok()
}

/// What cannot stand in an address: a `%` without two digits, a blank, an angle bracket.
fn has_bad_address(value: &str) -> bool {
    let percent = value.match_indices('%').any(|(at, _)| {
        let digits = value.get(at + 1..at + 3);
        !digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    percent || value.contains([' ', '\t', '\n', '<', '>', '"'])
}
