//! Results counted: by source, agency, language, section, kind, place, person and day.

use std::collections::HashMap;

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

/// Results counted one by one; of the next ones as many again are taken each second one and count twice, then each fourth,
/// so that a million cost no more than some 20,000.
const ONE_BY_ONE: u64 = 2_048;

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

/// Counts documents as they are found.
pub(crate) struct Count {
    /// Results seen, and looked at since one stood for more.
    seen: u64,
    looked_at: u64,
    /// How many results one stands for.
    weight: u32,
    zone: TimeZone,
    today: Date,
    /// The beginning of each day back from tomorrow's, in microseconds, the latest first, as far as was needed.
    days: Vec<(i64, u64)>,
    sources: HashMap<u64, u64>,
    names: [HashMap<String, u64>; FACETS.len()],
    /// Counted in the segment that is gone through, by the numbers of its dictionaries.
    here: [Vec<u32>; FACETS.len()],
    here_sources: FxHashMap<u64, u32>,
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
            sources: HashMap::new(),
            names: Default::default(),
            here: Default::default(),
            here_sources: FxHashMap::default(),
        }
    }

    /// Begins with a segment.
    pub(crate) fn open(&mut self, segment: &Segment) {
        for (here, column) in self.here.iter_mut().zip(&segment.facets) {
            here.clear();
            here.resize(column.as_ref().map_or(0, |column| column.num_terms()), 0);
        }
    }

    /// Counts a document.
    pub(crate) fn take(&mut self, segment: &Segment, document: DocId) {
        self.seen += 1;
        if !self.seen.is_multiple_of(u64::from(self.weight)) {
            return;
        }
        self.looked_at += 1;
        if self.looked_at > ONE_BY_ONE {
            (self.weight, self.looked_at) = (self.weight.saturating_mul(2), 0);
        }
        let weight = self.weight;
        for (here, column) in self.here.iter_mut().zip(&segment.facets) {
            let Some(column) = column else { continue };
            let mut add = |ord: u64| {
                if let Some(count) = here.get_mut(ord as usize) {
                    *count += weight;
                }
            };
            match column.ords().get_cardinality() {
                Cardinality::Multivalued => column.term_ords(document).for_each(add),
                Cardinality::Full | Cardinality::Optional => {
                    column.ords().first(document).into_iter().for_each(&mut add);
                }
            }
        }
        *self.here_sources.entry(segment.source.get_val(document)).or_default() += weight;
        self.take_day(segment.at.get_val(document));
    }

    fn take_day(&mut self, at: i64) {
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
            *count += u64::from(self.weight);
        }
    }

    /// Is done with a segment.
    pub(crate) fn close(&mut self, segment: &Segment) -> tantivy::Result<()> {
        for (source, count) in self.here_sources.drain() {
            *self.sources.entry(source).or_default() += u64::from(count);
        }
        for ((here, column), names) in self.here.iter().zip(&segment.facets).zip(&mut self.names) {
            let Some(column) = column else { continue };
            let counted = (0..).zip(here).filter(|(_, count)| **count > 0);
            let mut counted: Vec<(u64, u32)> = counted.map(|(ord, count)| (ord, *count)).collect();
            if counted.len() > NAMES_A_SEGMENT {
                let by_count = |(_, count): &(u64, u32)| std::cmp::Reverse(*count);
                counted.select_nth_unstable_by_key(NAMES_A_SEGMENT, by_count);
                counted.truncate(NAMES_A_SEGMENT);
                counted.sort_unstable();
            }
            let (ords, counts): (Vec<u64>, Vec<u32>) = counted.into_iter().unzip();
            let mut counts = counts.into_iter();
            let take = |name: &[u8]| {
                let name = String::from_utf8_lossy(name).into_owned();
                *names.entry(name).or_default() += u64::from(counts.next().unwrap_or_default());
            };
            let read = column.dictionary().sorted_ords_to_term_cb(&ords, take);
            read.map_err(tantivy::TantivyError::from)?;
        }
        Ok(())
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
            sources: commonest(sources.collect()),
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

/// The commonest first, those as common by name.
fn commonest(names: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut names: Vec<(String, u64)> = names.into_iter().collect();
    names.sort_unstable_by(|(a, many), (b, other)| other.cmp(many).then_with(|| a.cmp(b)));
    names.truncate(VALUES_MAX);
    names
}
