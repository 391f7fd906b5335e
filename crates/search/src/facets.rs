//! Results counted: by source, agency, language, section, kind, place, person and day.

use depeche_news::jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Date, tz::TimeZone};
use rustc_hash::FxHashMap;
use tantivy::{DocId, columnar::Cardinality};

use crate::{
    paper::{Digits, FACETS},
    view::Segment,
};

/// Values told of each facet, the commonest.
const VALUES_MAX: usize = 40;

/// Days of the histogram looked at: 30 years; what is older is left out of it.
const DAYS_MAX: i64 = 11_000;

/// Results counted one by one.
const ONE_BY_ONE: u64 = 2_048;

/// Of the next ones half as many are taken each second one and count twice, then each fourth, and so on: a million cost no
/// more than some 11,000.
const MORE: u64 = 1_024;

/// Most results that one stands for.
const WEIGHT_MAX: u32 = 1 << 20;

/// Names of a facet looked up in a segment, the commonest there: what is told of all segments is among them.
const NAMES_A_SEGMENT: usize = 256;

/// How many results there are of each kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facets {
    /// Sources by the first sixteen digits of their ids.
    pub sources: Vec<(String, u64)>,
    /// Agencies credited.
    pub agencies: Vec<(String, u64)>,
    /// Languages.
    pub languages: Vec<(String, u64)>,
    /// Sections.
    pub sections: Vec<(String, u64)>,
    /// Kinds of text.
    pub kinds: Vec<(String, u64)>,
    /// Places.
    pub places: Vec<(String, u64)>,
    /// Persons.
    pub persons: Vec<(String, u64)>,
    /// Days of the house that have any, in order, of the last thirty years.
    pub days: Vec<(Date, u64)>,
    /// Whether there were so many that not each was looked at: the counts of what is common are right within some per cent.
    pub estimated: bool,
}

/// Counts documents as they are found: those that are looked at are gathered, and each segment's read a column at a time.
pub(crate) struct Count {
    /// Results seen, and looked at since one stood for more.
    seen: u64,
    looked_at: u64,
    /// How many results one stands for, a power of two.
    weight: u32,
    zone: TimeZone,
    today: Date,
    /// The beginning of each day back from tomorrow's, in microseconds, the latest first, as far as was needed.
    days: Vec<(i64, u64)>,
    sources: FxHashMap<u64, u64>,
    names: [FxHashMap<String, u64>; FACETS.len()],
    /// The documents to look at of the segment that is gone through.
    here: Vec<DocId>,
    /// From which of them on one stands for how many.
    weights: Vec<(usize, u32)>,
    tally: Tally,
}

impl Count {
    pub(crate) fn new(now: &ZonedDateTime, newest: i64) -> Self {
        let zone = now.time_zone().clone();
        let newest = Timestamp::from_microsecond(newest).unwrap_or(now.timestamp());
        let today = newest.to_zoned_datetime(zone.clone()).date();
        Self {
            seen: 0,
            looked_at: 0,
            weight: 1,
            zone,
            today,
            days: Vec::new(),
            sources: FxHashMap::default(),
            names: Default::default(),
            here: Vec::new(),
            weights: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Counts a document of the segment that is gone through.
    pub(crate) fn take(&mut self, document: DocId) {
        self.seen += 1;
        if self.seen & (u64::from(self.weight) - 1) != 0 {
            return;
        }
        self.looked_at += 1;
        let most = if self.weight == 1 { ONE_BY_ONE } else { MORE };
        if self.looked_at > most && self.weight < WEIGHT_MAX {
            (self.weight, self.looked_at) = (self.weight * 2, 0);
        }
        if self.weights.last().is_none_or(|(_, weight)| *weight != self.weight) {
            self.weights.push((self.here.len(), self.weight));
        }
        self.here.push(document);
    }

    /// Is done with a segment: reads what was found there.
    pub(crate) fn close(&mut self, segment: &Segment) -> tantivy::Result<()> {
        let here = std::mem::take(&mut self.here);
        let weights = std::mem::take(&mut self.weights);
        let each = || weighed(&weights, here.len());
        let mut values = vec![0; here.len()];
        segment.source.get_vals(&here, &mut values);
        for (source, weight) in values.iter().zip(each()) {
            *self.sources.entry(*source).or_default() += u64::from(weight);
        }
        let mut times = vec![0; here.len()];
        segment.at.get_vals(&here, &mut times);
        for (at, weight) in times.iter().zip(each()) {
            self.take_day(*at, weight);
        }
        for (facet, names) in self.names.iter_mut().enumerate() {
            let Some(column) = segment.facet(facet) else { continue };
            self.tally.open(column.num_terms());
            let ords = column.ords();
            match ords.get_cardinality() {
                Cardinality::Multivalued => {
                    for (document, weight) in here.iter().zip(each()) {
                        column.term_ords(*document).for_each(|ord| self.tally.add(ord, weight));
                    }
                }
                Cardinality::Full => {
                    ords.values.get_vals(&here, &mut values);
                    for (ord, weight) in values.iter().zip(each()) {
                        self.tally.add(*ord, weight);
                    }
                }
                Cardinality::Optional => {
                    for (document, weight) in here.iter().zip(each()) {
                        if let Some(ord) = ords.first(*document) {
                            self.tally.add(ord, weight);
                        }
                    }
                }
            }
            let counted = self.tally.finish();
            segment.name(facet, &counted, |name, count| add(names, name, count))?;
        }
        Ok(())
    }

    fn take_day(&mut self, at: i64, weight: u32) {
        while self.days.last().is_none_or(|(start, _)| *start > at)
            && (self.days.len() as i64) < DAYS_MAX
        {
            let day = self.today.checked_sub((self.days.len() as i64).days()).ok();
            let start = day.and_then(|day| day.to_zoned_datetime(self.zone.clone()).ok());
            let Some(start) = start else { break };
            self.days.push((start.timestamp().as_microsecond(), 0));
        }
        let place = self.days.partition_point(|(start, _)| *start > at);
        if let Some((_, count)) = self.days.get_mut(place) {
            *count += u64::from(weight);
        }
    }

    /// What was counted.
    pub(crate) fn finish(self) -> Facets {
        let sources = self.sources.into_iter();
        let sources = sources.map(|(high, count)| (Digits { high, low: 0 }.start(), count));
        let [agencies, languages, sections, kinds, places, persons] = self.names.map(commonest);
        let (today, estimated) = (self.today, self.weight > 1);
        let days = self.days.into_iter().enumerate().filter(|(_, (_, count))| *count > 0);
        let days = days.filter_map(|(back, (_, count))| {
            Some((today.checked_sub((back as i64).days()).ok()?, count))
        });
        let mut days: Vec<(Date, u64)> = days.collect();
        days.reverse();
        Facets {
            sources: commonest(sources),
            agencies,
            languages,
            sections,
            kinds,
            places,
            persons,
            days,
            estimated,
        }
    }
}

/// How many results each of `count` documents stands for, by the places from which on that changes.
fn weighed(weights: &[(usize, u32)], count: usize) -> impl Iterator<Item = u32> {
    let ends = weights.iter().skip(1).map(|(from, _)| *from).chain([count]);
    let runs = weights.iter().zip(ends);
    runs.flat_map(|((from, weight), end)| std::iter::repeat_n(*weight, end.saturating_sub(*from)))
}

fn add(names: &mut FxHashMap<String, u64>, name: &str, count: u32) {
    match names.get_mut(name) {
        Some(sum) => *sum += u64::from(count),
        None => {
            names.insert(name.to_owned(), u64::from(count));
        }
    }
}

/// Counts the values of one column of one segment by their numbers.
#[derive(Default)]
struct Tally {
    counts: Vec<u32>,
    /// The numbers that were counted, each once.
    counted: Vec<u64>,
}

impl Tally {
    /// Makes room for the numbers of a column; all counts are 0 before and after.
    fn open(&mut self, terms: usize) {
        self.counts.resize(self.counts.len().max(terms), 0);
    }

    fn add(&mut self, ord: u64, weight: u32) {
        if let Some(count) = self.counts.get_mut(ord as usize) {
            if *count == 0 {
                self.counted.push(ord);
            }
            *count = count.saturating_add(weight);
        }
    }

    /// The commonest values, by number.
    fn finish(&mut self) -> Vec<(u64, u32)> {
        let counts = &mut self.counts;
        let taken = self.counted.drain(..).filter_map(|ord| {
            let count = counts.get_mut(ord as usize)?;
            Some((ord, std::mem::take(count)))
        });
        let mut counted: Vec<(u64, u32)> = taken.collect();
        if counted.len() > NAMES_A_SEGMENT {
            let by_count = |(_, count): &(u64, u32)| std::cmp::Reverse(*count);
            counted.select_nth_unstable_by_key(NAMES_A_SEGMENT, by_count);
            counted.truncate(NAMES_A_SEGMENT);
        }
        counted.sort_unstable();
        counted
    }
}

/// The commonest first, those as common by name.
fn commonest(names: impl IntoIterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut names: Vec<(String, u64)> = names.into_iter().collect();
    names.sort_unstable_by(|(a, many), (b, other)| other.cmp(many).then_with(|| a.cmp(b)));
    names.truncate(VALUES_MAX);
    names
}
