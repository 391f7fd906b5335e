//! What a search page is asked for, and the addresses of the pages beside it.

use std::ops::Range;

use depeche_search::{Order, typed_conditions};

use crate::forms::{Asked, query};

/// Characters of a query: a long headline pasted whole, 400 as the field has it, and conditions added by links.
const QUERY_CHARS: usize = 600;
/// Results one can page to; whoever wants more narrows the query.
const RESULTS_MAX: usize = 1000;

/// What is sought, in which order, from which result on.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    /// The query as it was typed.
    pub(super) typed: String,
    pub(super) order: Order,
    /// How many results are passed over.
    pub(super) from: usize,
    /// Whether only the best dispatch of each story is shown.
    pub(super) by_story: bool,
}

impl Sought {
    pub(super) fn of(asked: &Asked) -> Self {
        Self {
            typed: typed(asked),
            order: match asked.get("ordre") {
                Some("date") => Order::Recency,
                Some("pertinence") => Order::Relevance,
                _ => Order::Mixed,
            },
            from: asked.get("apres").and_then(|n| n.parse().ok()).unwrap_or(0).min(RESULTS_MAX),
            by_story: asked.get("plier") == Some("recits"),
        }
    }

    /// The same for another query, from its first result on.
    pub(super) fn with(&self, typed: String) -> Self {
        Self { typed, from: 0, ..self.clone() }
    }

    /// The address of this page.
    pub(super) fn href(&self) -> String {
        let start = self.from.to_string();
        let mut fields = vec![("q", self.typed.as_str())];
        fields.extend(self.kept());
        fields.extend((self.from > 0).then_some(("apres", start.as_str())));
        format!("/recherche?{}", query(fields))
    }

    /// The fields beside the query that a form on this page has to keep.
    pub(super) fn kept(&self) -> Vec<(&'static str, &'static str)> {
        let order = match self.order {
            Order::Recency => Some(("ordre", "date")),
            Order::Relevance => Some(("ordre", "pertinence")),
            Order::Mixed | Order::Score => None,
        };
        order.into_iter().chain(self.by_story.then_some(("plier", "recits"))).collect()
    }

    /// The address of these results for programs: `atom`, `rss`, `json`, `csv`.
    pub(super) fn feed(&self, form: &str) -> String {
        feed_href(form, &self.typed)
    }
}

/// The query of an address, as long as is looked at.
pub(super) fn typed(asked: &Asked) -> String {
    asked.get("q").unwrap_or_default().chars().take(QUERY_CHARS).collect()
}

/// The address of a search for programs.
pub(super) fn feed_href(form: &str, typed: &str) -> String {
    format!("/recherche.{form}?{}", query([("q", typed)]))
}

/// A query without one of its parts.
pub(super) fn without(typed: &str, range: &Range<usize>) -> String {
    let before = typed.get(..range.start).unwrap_or_default().trim_end();
    let after = typed.get(range.end..).unwrap_or_default().trim_start();
    [before, after].join(" ").trim().to_owned()
}

/// A query with a further condition.
pub(super) fn with_condition(typed: &str, condition: &str) -> String {
    // What a quotation mark or a bracket that is never closed would swallow goes before it, and what a last sign or word
    // would turn into its contrary.
    let open = typed.matches('"').count() % 2 == 1
        || typed.matches('(').count() > typed.matches(')').count();
    let last = typed.split_whitespace().next_back().unwrap_or_default();
    let joins = matches!(last, "ET" | "AND" | "&&" | "OU" | "OR" | "SAUF" | "NOT")
        || last.ends_with(['|', '-', '+', '!', '−', ':']);
    let parts = if open || joins { [condition, typed] } else { [typed, condition] };
    parts.join(" ").trim().to_owned()
}

/// A query with this condition in the place of its dates.
pub(super) fn with_date(typed: &str, condition: &str) -> String {
    let mut rest = typed.to_owned();
    for dated in typed_conditions(typed).iter().rev() {
        if dated.is_date && !dated.negated {
            rest = without(&rest, &dated.range);
        }
    }
    with_condition(&rest, condition)
}

/// A value as it is written behind a field: in quotation marks where it is more than a word.
pub(super) fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if value.chars().all(plain) && value.starts_with(char::is_alphanumeric) {
        value.to_owned()
    } else {
        // Of the pairs of marks that are read as such, the first whose end the value does not have in it.
        let mut marks = [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“')].into_iter();
        match marks.find(|(_, end)| !value.contains(*end)) {
            Some((begin, end)) => format!("{begin}{value}{end}"),
            None => format!("\"{}\"", value.replace('"', " ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_come_and_go() {
        for (typed, condition, expected) in [
            ("otan", "lieu:Lyon", "otan lieu:Lyon"),
            ("", "lieu:Lyon", "lieu:Lyon"),
            ("\"otan", "lieu:Lyon", "lieu:Lyon \"otan"),
            ("(otan", "lieu:Lyon", "lieu:Lyon (otan"),
            ("otan OU", "lieu:Lyon", "lieu:Lyon otan OU"),
            ("otan -", "lieu:Lyon", "lieu:Lyon otan -"),
            ("otan lieu:", "lieu:Lyon", "lieu:Lyon otan lieu:"),
        ] {
            assert_eq!(with_condition(typed, condition), expected);
        }
        for (typed, expected) in [
            ("otan", "otan date:2026"),
            ("date:hier otan", "otan date:2026"),
            ("otan date:2025/ crue -date:hier", "otan crue -date:hier date:2026"),
        ] {
            assert_eq!(with_date(typed, "date:2026"), expected);
        }
        for (value, expected) in [
            ("Lyon", "Lyon"),
            ("Le Monde", "\"Le Monde\""),
            ("L'Est", "\"L'Est\""),
            ("-x", "\"-x\""),
            ("dit \"Le Fil\"", "“dit \"Le Fil\"”"),
            ("\"Fil\" ”", "«\"Fil\" ”»"),
            ("\" ” » “", "\"  ” » “\""),
        ] {
            assert_eq!(quoted(value), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_value_is_read_back(value in "[a-zé\"'”» .-]{1,12}[a-z]") {
            let typed = with_condition("mot", &format!("source:{}", quoted(&value)));
            let told = typed_conditions(&typed);
            let [condition] = told.as_slice() else { panic!("{typed}: {told:?}") };
            proptest::prop_assert_eq!(&condition.value, value.trim());
            proptest::prop_assert_eq!(without(&typed, &condition.range), "mot");
        }
    }
}
