//! How fast what a query is about grows old.

use tantivy::{DocId, DocSet, TERMINATED, schema::IndexRecordOption};

use crate::{
    clause::{Clause, Lies},
    query::Query,
    view::View,
};

/// Documents of the rarest word looked at, spread over its list.
const LOOKED_AT: u64 = 400;

/// The half-life of a query is that share of the median age of what holds its rarest word: what is told of today loses
/// half by tomorrow, what was told over years hardly matters when.
const AGE_SHARE: f32 = 0.7;

/// Shortest half-life, in seconds: a day.
const SHORTEST: f32 = 86_400.0;

/// Longest, in seconds: half a year.
const LONGEST: f32 = 180.0 * 86_400.0;

/// After this time half of what recency is worth for a query is gone, in seconds. Who names a time has said what matters.
pub(crate) fn half_life(view: &View, query: &Query, clauses: &[Clause]) -> tantivy::Result<f32> {
    if query.asks_time() {
        return Ok(f32::INFINITY);
    }
    let Some(rarest) = clauses.iter().max_by(|a, b| a.rarity.total_cmp(&b.rarity)) else {
        return Ok(LONGEST);
    };
    let mut ages = ages(view, rarest)?;
    if ages.is_empty() {
        return Ok(LONGEST);
    }
    let middle = ages.len() / 2;
    let (_, median, _) = ages.select_nth_unstable(middle);
    Ok((*median as f32 / 1_000_000.0 * AGE_SHARE).clamp(SHORTEST, LONGEST))
}

/// How old documents with a word are against the latest of the index, in microseconds; of a common word some of them,
/// spread evenly.
fn ages(view: &View, clause: &Clause) -> tantivy::Result<Vec<i64>> {
    let Some(list) = clause.lists.iter().max_by_key(|list| list.documents()) else {
        return Ok(Vec::new());
    };
    let step = (view.documents / LOOKED_AT + 1) as DocId;
    let all = list.documents() <= LOOKED_AT;
    let mut ages = Vec::new();
    for (number, segment) in view.segments.iter().enumerate() {
        let mut age = |document: DocId| {
            ages.push(view.newest.saturating_sub(segment.at.get_val(document)));
        };
        match &list.lies {
            Lies::Made(documents) => {
                let here = documents.get(number).map_or(&[][..], |documents| documents);
                let every = if all { 1 } else { (list.documents() / LOOKED_AT + 1) as usize };
                here.iter().step_by(every).for_each(|document| age(*document));
            }
            Lies::There(places) => {
                let Some(Some(place)) = places.get(number) else { continue };
                let lists = &segment.text(list.text).lists;
                let mut postings =
                    lists.read_postings_from_terminfo(place, IndexRecordOption::Basic)?;
                let mut document = postings.doc();
                while document != TERMINATED {
                    age(document);
                    let next = document.saturating_add(step);
                    document = match all {
                        true => postings.advance(),
                        false if next < segment.reader.max_doc() => postings.seek(next),
                        false => break,
                    };
                }
            }
        }
    }
    Ok(ages)
}
