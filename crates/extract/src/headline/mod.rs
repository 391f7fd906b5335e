//! One headline out of the many that a page gives.
//!
//! `candidates` gathers what might be it, `signs` says what is known of each in numbers, and `weights`
//! what each number is worth: they are learned by `cargo xtask train headline`
//! (docs/design/023-fields.md).

mod candidates;
mod outlet;
mod signs;
mod weights;

use depeche_text::fold;

use crate::facts::Facts;

pub(crate) use outlet::{Outlet, PARTERS};

pub(crate) use candidates::{Candidate, gather};
pub(crate) use signs::{NAMES, of_all};

/// The headline, and which evidence gave it.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) headline: String,
    pub(crate) evidence: &'static str,
    /// All forms of it that the page has, as their letters, to be known again in the body.
    pub(crate) forms: Vec<String>,
}

/// The candidate that most speaks for.
pub(crate) fn choose(facts: &Facts, outlet: &Outlet) -> Chosen {
    let all = gather(facts, outlet);
    let worth = |signs: &signs::Signs| -> f32 {
        signs.iter().zip(&weights::WEIGHTS).map(|(sign, weight)| sign * weight).sum()
    };
    let signs = of_all(&all, facts, outlet);
    // Of equals the first, which is the surer source.
    let best = signs.iter().map(worth).enumerate().rev().max_by(|a, b| a.1.total_cmp(&b.1));
    let best = best.and_then(|(at, _)| all.get(at));
    // On a page that says it is another one, a list with this item open, all that it declares is of the list.
    let is_list = facts.canonical.as_deref().is_some_and(|there| outlet.is_list(there));
    let item = all.iter().find(|one| is_list && one.is_from(candidates::from::OWN_LINK));
    let found = item.or(best);
    let (headline, evidence) =
        found.map(|found| (found.text.clone(), found.evidence())).unwrap_or_default();
    let forms = forms(&all, facts, &headline);
    Chosen { headline, evidence, forms }
}

fn forms(all: &[Candidate], facts: &Facts, headline: &str) -> Vec<String> {
    let told = all.iter().filter(|one| one.is_whole()).map(|one| one.text.as_str());
    let shown = facts.headings.iter().filter(|heading| heading.level == 1);
    let shown = shown.map(|heading| heading.text.as_str());
    let all = told.chain(shown).chain([facts.title.as_str(), headline]);
    let both = all.flat_map(|text| [text, depeche_text::split_credit(text).headline]);
    let mut forms: Vec<String> = both.map(letters).filter(|form| form.len() > 3).collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Only letters and digits, folded: what two spellings of a title share.
pub(crate) fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::Page;

    #[track_caller]
    fn check(page: &str, expected: &str) {
        let tree = crate::tree::parse(page);
        let facts = Facts::of(&Page::new(&tree));
        let outlet = Outlet::new(
            &[Some("Le Courrier")],
            Some("https://www.lecourrier.example/2016/02/11/la-crue-recule"),
        );
        assert_eq!(choose(&facts, &outlet).headline, expected);
    }

    #[test]
    fn one_of_many() {
        let title = "<title>La crue recule à Verdun - Le Courrier</title>";
        check(&format!("{title}<h1>La crue recule à Verdun</h1>"), "La crue recule à Verdun");
        check(
            &format!("{title}<h1><a href='/'>Le Courrier</a></h1><h2>La crue recule à Verdun</h2>"),
            "La crue recule à Verdun",
        );
        check(
            &format!("{title}<h1><span>Météo</span> <span>La crue recule à Verdun</span></h1>"),
            "La crue recule à Verdun",
        );
        check(&format!("{title}<h1>LA CRUE RECULE À VERDUN</h1>"), "La crue recule à Verdun");
        check(&format!("{title}<aside><h1>Les plus lus</h1></aside>"), "La crue recule à Verdun");
        check("<h1>La crue recule à Verdun</h1>", "La crue recule à Verdun");
        check(
            "<font size=5>La crue recule à Verdun</font><p>L'eau baisse.</p>",
            "La crue recule à Verdun",
        );
        check("<div class=grand-titre>La crue recule à Verdun</div>", "La crue recule à Verdun");
        check("<p>Rien</p>", "");
    }

    #[test]
    fn an_item_of_a_list_that_is_open() {
        let page = "<link rel=canonical href=/direct><title>En direct - Le Courrier</title>\
            <h1>En direct</h1><h3><a href=/2>Verdun respire</a></h3><h3><a href=/2016/02/11/la-crue-recule>La crue recule</a></h3>";
        check(page, "La crue recule");
    }

    #[test]
    fn a_piece_is_no_headline_of_its_own() {
        let page = "<title>La crue recule - Verdun respire | Le Courrier</title>\
            <meta property=og:title content='La crue recule - Verdun respire'>\
            <h1>La crue recule - Verdun respire</h1>";
        check(page, "La crue recule - Verdun respire");
    }
}
