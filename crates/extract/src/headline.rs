//! One headline out of the many that a page gives.

use depeche_text::{fold, squash};

use crate::facts::{Facts, Heading};

/// The headline, and which evidence gave it.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) headline: String,
    pub(crate) evidence: &'static str,
    /// All forms of it that the page has, as their letters, to be known again in the body.
    pub(crate) forms: Vec<String>,
}

/// Reconciles the page's headings with its declared titles.
pub(crate) fn choose(facts: &Facts, outlet: Option<&str>) -> Chosen {
    let declared = declared(facts, outlet);
    let (headline, evidence) = heading_as_declared(facts, &declared)
        .or_else(|| declared.first().map(|(text, from)| (text.clone(), *from)))
        .or_else(|| only_heading(facts).map(|text| (text, "heading")))
        .unwrap_or_default();
    let first_level = facts.headings.iter().filter(|heading| heading.level == 1);
    let shown = first_level.map(|heading| heading.text.as_str());
    let told = declared.iter().map(|(text, _)| text.as_str());
    let all = told.chain(shown).chain([facts.title.as_str(), headline.as_str()]);
    let both = all.flat_map(|text| [text, depeche_text::split_credit(text).headline]);
    let mut forms: Vec<String> = both.map(letters).filter(|form| form.len() > 3).collect();
    forms.sort_unstable();
    forms.dedup();
    Chosen { headline, evidence, forms }
}

/// The titles a page declares, surest first, outlet's name taken off.
fn declared(facts: &Facts, outlet: Option<&str>) -> Vec<(String, &'static str)> {
    let metas = facts.all_metas(&[
        "og:title",
        "twitter:title",
        "dc.title",
        "parsely-title",
        "sailthru.title",
    ]);
    let all = facts
        .linked
        .headline
        .as_deref()
        .map(|text| (text, "json-ld"))
        .into_iter()
        .chain(facts.property("headline").map(|text| (text, "microdata")))
        .chain(metas.map(|text| (text, "meta")))
        .chain(std::iter::once((facts.title.as_str(), "title")));
    all.map(|(text, from)| {
        (without_outlet(&squash(&crate::linked_data::decoded(text)), outlet), from)
    })
    .filter(|(text, _)| !text.is_empty())
    .collect()
}

/// The heading that says what the page declares; as it is what readers see, it wins. A kicker in
/// the same heading, which the declared headline has not, is left off.
fn heading_as_declared(
    facts: &Facts,
    declared: &[(String, &'static str)],
) -> Option<(String, &'static str)> {
    let all: Vec<String> = declared.iter().map(|(text, _)| letters(text)).collect();
    let title = self::letters(&facts.title);
    let equal = |heading: &&Heading| all.contains(&heading.letters());
    let within = |heading: &&Heading| {
        let own = heading.letters();
        own.len() * 2 >= title.len() && own.len() > 5 && title.contains(&own)
    };
    let marked = |heading: &&Heading| heading.marked && is_headline(&heading.text);
    let level = |level: u8| facts.headings.iter().filter(move |heading| heading.level == level);
    let found = (level(1).find(equal))
        .or_else(|| level(1).find(within))
        .or_else(|| level(1).find(marked))
        .or_else(|| level(2).find(equal))?;
    let own = found.letters();
    let without_kicker = declared
        .iter()
        .zip(&all)
        .filter(|(_, letters)| own != **letters && own.ends_with(letters.as_str()));
    let shorter = without_kicker
        .map(|((text, from), _)| (text.clone(), *from))
        .find(|(text, _)| is_headline(text));
    Some(shorter.unwrap_or_else(|| (found.text.clone(), "heading")))
}

fn only_heading(facts: &Facts) -> Option<String> {
    facts.headings.iter().find(|h| h.level == 1).map(|h| h.text.clone())
}

fn is_headline(text: &str) -> bool {
    text.split_whitespace().count() >= 3 || text.chars().count() >= 15
}

/// Signs that part the headline from the outlet's name.
const PARTERS: [&str; 12] =
    [" | ", " - ", " – ", " — ", " :: ", " » ", " · ", " • ", " / ", " « ", "ㅣ", "｜"];

/// Takes the outlet's name off a title, at its end or at its start.
pub(crate) fn without_outlet(title: &str, outlet: Option<&str>) -> String {
    let mut title = title.trim();
    for _ in 0..3 {
        let Some((head, tail)) = last_parted(title) else { break };
        let is_name = outlet.is_some_and(|outlet| same_name(outlet, tail));
        if !(is_name || looks_like_name(tail, head)) {
            break;
        }
        title = head.trim_end();
    }
    if let Some((head, tail)) =
        PARTERS.iter().filter_map(|sign| title.split_once(sign)).min_by_key(|(head, _)| head.len())
        && outlet.is_some_and(|outlet| same_name(outlet, head))
    {
        title = tail;
    }
    title.trim().to_owned()
}

fn last_parted(title: &str) -> Option<(&str, &str)> {
    PARTERS.iter().filter_map(|sign| title.rsplit_once(sign)).max_by_key(|(head, _)| head.len())
}

/// Whether the end of a title is the outlet's name by its looks: short beside the rest, no sentence.
fn looks_like_name(tail: &str, head: &str) -> bool {
    let words = tail.split_whitespace().count();
    words <= 4
        && tail.chars().count() <= 32
        && head.split_whitespace().count() >= 3
        && (tail.contains('.')
            || tail.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric()))
        && !tail.ends_with(['?', '!', '»', '"'])
}

fn same_name(outlet: &str, text: &str) -> bool {
    let (outlet, text) = (letters(outlet), letters(text));
    !outlet.is_empty()
        && !text.is_empty()
        && (outlet == text
            || (text.len() > 4 && outlet.contains(&text))
            || (outlet.len() > 4 && text.contains(&outlet) && text.len() < outlet.len() * 2 + 8))
}

impl Heading {
    fn letters(&self) -> String {
        letters(&self.text)
    }
}

/// Only letters and digits, folded: what two spellings of a title share.
pub(crate) fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(title: &str, outlet: Option<&str>, expected: &str) {
        assert_eq!(without_outlet(title, outlet), expected);
    }

    #[test]
    fn the_outlet_is_taken_off() {
        check(
            "La crue recule à Verdun - Le Courrier",
            Some("Le Courrier"),
            "La crue recule à Verdun",
        );
        check(
            "La crue recule à Verdun | Meuse | Le Courrier",
            Some("Le Courrier"),
            "La crue recule à Verdun",
        );
        check("Le Courrier - La crue recule", Some("Le Courrier"), "La crue recule");
        check("Crue - ce qu'on sait", None, "Crue - ce qu'on sait");
        check("Paris - Lyon", None, "Paris - Lyon");
    }
}
