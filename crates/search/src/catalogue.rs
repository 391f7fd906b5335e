//! The names that a query may use on one wire: of its sources, and of what has several spellings.

use std::cell::OnceCell;

use depeche_news::SourceId;
use depeche_text::fold;

use crate::{Names, Spellings};

/// Sources and spellings of a wire, as one viewer may see them.
#[derive(Clone, Debug)]
pub struct Catalogue<'a> {
    sources: &'a [(SourceId, String, String)],
    spellings: &'a Spellings,
    /// The names of the sources, folded when the first is asked for: a query may name some dozens.
    folded: OnceCell<Vec<String>>,
}

impl<'a> Catalogue<'a> {
    /// Sources with their names and addresses, and the operator's own names with several spellings.
    pub fn new(sources: &'a [(SourceId, String, String)], spellings: &'a Spellings) -> Self {
        Self { sources, spellings, folded: OnceCell::new() }
    }

    /// The sources whose folded name and address are as asked for.
    fn by(&self, is: impl Fn(&str, &str) -> bool) -> Vec<SourceId> {
        let fold_all = || self.sources.iter().map(|(_, name, _)| fold(name).trim().to_owned());
        let folded = self.folded.get_or_init(|| fold_all().collect());
        let found = self.sources.iter().zip(folded);
        let found = found.filter(|((_, _, address), name)| is(name, address));
        found.map(|((id, ..), _)| id.clone()).collect()
    }
}

impl Names for Catalogue<'_> {
    /// Those of that very name; where there is none, those whose name has it in it or whose address does.
    fn sources(&self, name: &str) -> Vec<SourceId> {
        let sought = fold(name.trim());
        if sought.is_empty() {
            return Vec::new();
        }
        let same = self.by(|name, _| name == sought);
        if !same.is_empty() {
            return same;
        }
        self.by(|name, address| name.contains(&sought) || host(address).contains(&sought))
    }

    /// No searches are kept yet.
    fn saved(&self, _: &str) -> Option<String> {
        None
    }

    fn spellings(&self) -> &Spellings {
        self.spellings
    }
}

/// The host of an address.
fn host(address: &str) -> &str {
    let after = address.split_once("://").map_or(address, |(_, after)| after);
    after.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_by_their_names() {
        let source = |name: &str, address: &str| {
            (SourceId::of_address(address), name.to_owned(), address.to_owned())
        };
        let sources = [
            source("Le Monde", "https://lemonde.example/rss"),
            source("Le Monde - Idées", "https://lemonde.example/idees"),
            source("AFP", "https://flux.example/lemonde"),
        ];
        let spellings = Spellings::default();
        let catalogue = Catalogue::new(&sources, &spellings);
        for (name, expected) in [
            ("le monde", 1),
            ("LE MONDE", 1),
            ("monde", 2),
            ("lemonde.example", 2),
            ("flux.example", 1),
            ("idees", 1),
            ("tass", 0),
            ("", 0),
        ] {
            assert_eq!(catalogue.sources(name).len(), expected, "{name}");
        }
    }
}
