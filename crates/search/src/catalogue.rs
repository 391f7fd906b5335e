//! The names that a query may use on one wire: of its sources, and of what has several spellings.

use depeche_news::SourceId;
use depeche_text::fold;

use crate::{Names, Spellings};

/// Sources and spellings of a wire, as one viewer may see them.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// Sources with their names and addresses.
    pub sources: &'a [(SourceId, String, String)],
    /// The operator's own names with several spellings.
    pub spellings: &'a Spellings,
}

impl Names for Catalogue<'_> {
    /// Those of that very name; where there is none, those whose name has it in it or whose address does.
    fn sources(&self, name: &str) -> Vec<SourceId> {
        let sought = fold(name.trim());
        let by = |is: &dyn Fn(&str, &str) -> bool| -> Vec<SourceId> {
            let found = self.sources.iter().filter(|(_, name, address)| is(&fold(name), address));
            found.map(|(id, _, _)| id.clone()).collect()
        };
        if sought.is_empty() {
            return Vec::new();
        }
        let same = by(&|name, _| name == sought);
        if !same.is_empty() {
            return same;
        }
        by(&|name, address| name.contains(&sought) || host(address).contains(&sought))
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
        let catalogue = Catalogue { sources: &sources, spellings: &Spellings::default() };
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
