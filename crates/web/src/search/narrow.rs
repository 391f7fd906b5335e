//! What a search is narrowed by: the conditions that stand in its query, and those that would find fewer.

use std::collections::HashMap;

use depeche_news::SourceId;
use depeche_search::{Facets, typed_conditions};
use depeche_text::fold;

use super::asked::{Sought, quoted, with_condition, without};
use crate::{article::colon, words::Words};

/// Values shown of a facet at once, and in all.
const VALUES_SHOWN: usize = 8;
const VALUES_MAX: usize = 24;

/// A condition of the query, and the search without it.
pub(super) struct Chip {
    pub(super) text: String,
    pub(super) href: String,
}

/// The conditions of a query.
pub(super) fn chips(sought: &Sought, w: &Words) -> Vec<Chip> {
    let conditions = typed_conditions(&sought.typed);
    let chip = |condition: &depeche_search::TypedCondition| {
        let sign = if condition.negated { w.except } else { "" };
        let (field, value) = (condition.field.to_lowercase(), &condition.value);
        Chip {
            text: format!("{sign}{field}{} {value}", colon(w.language)),
            href: sought.with(without(&sought.typed, &condition.range)).href(),
        }
    };
    conditions.iter().map(chip).collect()
}

/// What results can be told apart by.
pub(super) struct Facet {
    pub(super) word: &'static str,
    pub(super) first: Vec<Value>,
    /// Behind «plus».
    pub(super) rest: Vec<Value>,
}

/// A value and the search for it.
pub(super) struct Value {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) count: String,
}

/// The facets of these results; `sources` are those with their names that the viewer may see.
pub(super) fn facets(
    facets: &Facets,
    sources: &[(SourceId, String, String)],
    sought: &Sought,
    w: &Words,
) -> Vec<Facet> {
    let outlets = by_name(&facets.sources, sources);
    let language = |tag: &str| w.language_name(tag).to_owned();
    let same = |name: &str| name.to_owned();
    let of = |french, english| w.language.of(french, english);
    let made = [
        facet(w.facet_source, of("source", "source"), &outlets, &same, sought, w),
        facet(w.facet_agency, of("agence", "agency"), &facets.agencies, &same, sought, w),
        facet(w.facet_section, of("rubrique", "section"), &facets.sections, &same, sought, w),
        facet(w.facet_place, of("lieu", "place"), &facets.places, &same, sought, w),
        facet(w.facet_person, of("personne", "person"), &facets.persons, &same, sought, w),
        facet(w.facet_kind, of("type", "kind"), &facets.kinds, &same, sought, w),
        facet(w.facet_language, of("langue", "lang"), &facets.languages, &language, sought, w),
    ];
    made.into_iter().flatten().collect()
}

/// A facet with more than one value, without those that are asked for already.
fn facet(
    word: &'static str,
    field: &str,
    values: &[(String, u64)],
    name: &dyn Fn(&str) -> String,
    sought: &Sought,
    w: &Words,
) -> Option<Facet> {
    let asked = typed_conditions(&sought.typed);
    let is_asked =
        |value: &str| asked.iter().any(|condition| fold(&condition.value) == fold(value));
    // What has no word in it could not be asked for.
    let told = values.iter().filter(|(value, _)| value.contains(char::is_alphanumeric));
    let value = |(value, count): &(String, u64)| {
        let condition = format!("{field}:{}", quoted(value));
        Value {
            name: name(value),
            href: sought.with(with_condition(&sought.typed, &condition)).href(),
            count: w.number(*count as usize),
        }
    };
    let free = told.filter(|(value, _)| !is_asked(value)).take(VALUES_MAX);
    let mut first: Vec<Value> = free.map(value).collect();
    let rest = first.split_off(first.len().min(VALUES_SHOWN));
    (values.len() > 1 && !first.is_empty()).then_some(Facet { word, first, rest })
}

/// Sources by their names, those of one name together. One that is gone has no name to narrow by.
fn by_name(
    counted: &[(String, u64)],
    sources: &[(SourceId, String, String)],
) -> Vec<(String, u64)> {
    let digits = counted.first().map_or(0, |(start, _)| start.len());
    let names: HashMap<&str, &str> = sources
        .iter()
        .filter_map(|(id, name, _)| Some((id.as_str().get(..digits)?, name.as_str())))
        .collect();
    let mut outlets: Vec<(String, u64)> = Vec::new();
    for (start, count) in counted {
        let Some(name) = names.get(start.as_str()) else { continue };
        match outlets.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum += count,
            None => outlets.push(((*name).to_owned(), *count)),
        }
    }
    outlets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{forms::fields, words::Language};

    #[test]
    fn conditions_are_told_and_taken_away() {
        let w = Language::French.words();
        let sought =
            Sought::of(&fields("q=otan+source:%22Le+Monde%22+-lieu:Lyon&ordre=date&apres=20"));
        let chips = chips(&sought, w);
        let told: Vec<_> =
            chips.iter().map(|chip| (chip.text.as_str(), chip.href.as_str())).collect();
        assert_eq!(
            told,
            [
                ("source\u{202f}: Le Monde", "/recherche?q=otan+-lieu%3ALyon&ordre=date"),
                ("sauf lieu\u{202f}: Lyon", "/recherche?q=otan+source%3A%22Le+Monde%22&ordre=date"),
            ]
        );
    }

    #[test]
    fn a_facet_has_several_values_and_shows_eight() {
        let w = Language::French.words();
        let sought = Sought::of(&fields("q=crue+rubrique:sport"));
        let sections: Vec<_> = (0..12).map(|n| (format!("Rubrique {n}"), 20 - n)).collect();
        let sections = [vec![("Sport".to_owned(), 30)], sections].concat();
        let agencies = vec![("AFP".to_owned(), 3)];
        let found = Facets { sections, agencies, ..Facets::default() };
        let facets = facets(&found, &[], &sought, w);
        let [section] = facets.as_slice() else { panic!("one facet") };
        assert_eq!((section.first.len(), section.rest.len()), (8, 4));
        assert_eq!(section.first[0].name, "Rubrique 0");
        assert_eq!(
            section.first[0].href,
            "/recherche?q=crue+rubrique%3Asport+rubrique%3A%22Rubrique+0%22"
        );
    }

    #[test]
    fn sources_of_one_name_are_one_value() {
        let source = |address: &str, name: &str| {
            (SourceId::of_address(address), name.to_owned(), address.to_owned())
        };
        let sources = [source("a", "Le Fil"), source("b", "Le Fil"), source("c", "AFP")];
        let counted: Vec<_> =
            sources.iter().map(|(id, ..)| (id.as_str()[..16].to_owned(), 2)).collect();
        let gone = ("0123456789abcdef".to_owned(), 9);
        let outlets = by_name(&[counted, vec![gone]].concat(), &sources);
        assert_eq!(outlets, [("Le Fil".to_owned(), 4), ("AFP".to_owned(), 2)]);
    }
}
