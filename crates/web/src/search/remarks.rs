//! What is said of a search beside its results: what was passed over, what nothing holds, what was taken in its place.

use std::ops::Range;

use depeche_search::{Hits, Query, typed_conditions};
use depeche_text::fold;

use super::{
    asked::{Sought, without},
    narrow::chips,
};
use crate::{
    list::{Line, Piece},
    words::Words,
};

/// Remarks of one kind: a query of many words must not hide its results behind them.
const TOLD_MAX: usize = 3;

/// Something said, and the search it leads to.
pub(super) struct Remark {
    pub(super) text: String,
    /// Its address and its words.
    pub(super) link: Option<(String, String)>,
}

impl Remark {
    fn said(text: impl Into<String>) -> Self {
        Self { text: text.into(), link: None }
    }

    fn leading(text: String, to: &Sought) -> Self {
        Self { text, link: Some((to.href(), to.typed.clone())) }
    }
}

/// What is to be said of these results.
pub(super) fn remarks(
    found: &Hits,
    query: &Query,
    sought: &Sought,
    rows: &[Line],
    w: &Words,
) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    if found.total > 0 && found.whole == 0 && query.words_counted() > 1 {
        remarks.push(Remark::said(w.none_has_all));
    }
    for (typed, used) in found.meant.iter().take(TOLD_MAX) {
        let (place, written) = (place(&sought.typed, typed), written(rows, used));
        let written = written.unwrap_or(used);
        let as_typed = place.clone().and_then(|place| sought.typed.get(place)).unwrap_or(typed);
        let text = w.took_instead(as_typed, written);
        let corrected = place.map(|place| replaced(&sought.typed, &place, written));
        remarks.push(match corrected {
            Some(corrected) => Remark::leading(text, &sought.with(corrected)),
            None => Remark::said(text),
        });
    }
    for word in found.missing.iter().take(TOLD_MAX) {
        let place = place(&sought.typed, word);
        let as_typed = place.and_then(|place| sought.typed.get(place)).unwrap_or(word);
        remarks.push(Remark::said(w.none_with(as_typed)));
    }
    let estimated = found.facets.as_ref().is_some_and(|facets| facets.estimated);
    remarks.extend(found.cut_short.then(|| Remark::said(w.cut_short)));
    remarks.extend(estimated.then(|| Remark::said(w.counts_estimated)));
    let ignored = query.ignored().iter().take(TOLD_MAX);
    remarks.extend(ignored.map(|part| Remark::said(w.passed_over(part))));
    remarks
}

/// A query with the words that were taken for others in their place: what its results are marked by.
pub(super) fn corrected(typed: &str, meant: &[(String, String)]) -> String {
    let mut corrected = typed.to_owned();
    for (word, used) in meant {
        if let Some(place) = place(&corrected, word) {
            corrected = replaced(&corrected, &place, used);
        }
    }
    corrected
}

/// What would find something where nothing was found, judged by what was typed.
pub(super) fn suggestions(sought: &Sought, w: &Words) -> Vec<Remark> {
    let typed = sought.typed.as_str();
    let conditions = typed_conditions(typed);
    let fewer = chips(sought, w).into_iter().zip(&conditions).take(TOLD_MAX);
    let fewer = fewer.map(|(chip, condition)| {
        let less = sought.with(without(typed, &condition.range));
        Remark::leading(w.try_without(&chip.text), &less)
    });
    let mut tried: Vec<Remark> = fewer.collect();
    if typed.contains(['"', '«', '“']) && conditions.is_empty() {
        let plain = typed.replace(['"', '«', '»', '“', '”'], " ");
        let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        tried.push(Remark::leading(w.nothing_try_quotes.to_owned(), &sought.with(plain)));
    }
    let excluded = |word: &&str| word.starts_with(['-', '!']);
    if conditions.is_empty() && typed.split_whitespace().any(|word| excluded(&word)) {
        let kept: Vec<&str> = typed.split_whitespace().filter(|word| !excluded(word)).collect();
        tried.push(Remark::leading(w.nothing_try_without.to_owned(), &sought.with(kept.join(" "))));
    }
    // Without words nothing would be asked for.
    tried.retain(has_words);
    tried.push(Remark::said(w.nothing_try_other));
    tried
}

fn has_words(remark: &Remark) -> bool {
    remark.link.as_ref().is_some_and(|(_, typed)| typed.contains(char::is_alphanumeric))
}

/// Where a word stands in a query, by its folded form.
fn place(typed: &str, folded: &str) -> Option<Range<usize>> {
    words(typed).find(|range| typed.get(range.clone()).is_some_and(|word| fold(word) == folded))
}

/// A query with another word in the place of one.
fn replaced(typed: &str, place: &Range<usize>, word: &str) -> String {
    let (before, after) = (typed.get(..place.start), typed.get(place.end..));
    [before.unwrap_or_default(), word, after.unwrap_or_default()].concat()
}

/// A folded word as it is written in what was found, or another form of it that is marked there.
fn written<'a>(rows: &'a [Line], folded: &str) -> Option<&'a str> {
    let marked = |piece: &'a Piece| Some(piece.text.as_str()).filter(|_| piece.marked);
    let passages = || rows.iter().flat_map(|row| row.passage.iter().flatten()).filter_map(marked);
    let headlines = rows
        .iter()
        .flat_map(|row| words(&row.headline).filter_map(|range| row.headline.get(range)));
    let same = passages().chain(headlines).find(|word| fold(word) == folded);
    same.or_else(|| passages().find(|word| fold(word).starts_with(folded)))
}

/// The words of a short text, by letters and figures alone.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(char::is_alphanumeric)?;
        let word = text.get(start..)?;
        let length = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
        at = start + length;
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{forms::fields, words::Language};

    #[test]
    fn suggestions_fit_what_was_typed() {
        let w = Language::French.words();
        for (query, expected) in [
            ("q=otan", vec![]),
            ("q=%22otan+paris%22+-lyon", vec!["otan paris -lyon", "\"otan paris\""]),
            ("q=otan+lieu:Lyon+langue:en", vec!["otan langue:en", "otan lieu:Lyon"]),
            ("q=lieu:Lyon", vec![]),
            ("q=-lyon", vec![]),
        ] {
            let tried = suggestions(&Sought::of(&fields(query)), w);
            let led: Vec<_> =
                tried.iter().filter_map(|r| Some(r.link.as_ref()?.1.as_str())).collect();
            assert_eq!(led, expected, "{query}");
            assert!(tried.iter().any(|remark| remark.text == w.nothing_try_other));
        }
    }

    #[test]
    fn a_word_is_found_and_replaced_in_its_query() {
        for (typed, folded, expected) in [
            ("l'Otan et la Préfte", "prefte", Some("l'Otan et la préfète")),
            ("prefte", "prefte", Some("préfète")),
            ("prefete", "prefte", None),
        ] {
            let told = place(typed, folded).map(|place| replaced(typed, &place, "préfète"));
            assert_eq!(told.as_deref(), expected, "{typed}");
        }
    }
}
