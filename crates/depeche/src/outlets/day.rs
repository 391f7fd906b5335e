//! The sample wire as a day that goes by: what each outlet has published at a moment.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use depeche_news::jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "../../fixtures/wire"]
struct Files;

/// Entries an outlet keeps in its feed.
const WINDOW: usize = 60;

/// Seconds after the start until the first dispatch trickles in: time to open the page.
const FIRST_TRICKLE: i64 = 20;

/// Between two bulletins, once the written dispatches have run out, in multiples of the trickle.
const BULLETIN_EVERY: i64 = 2;

/// An invented outlet.
#[derive(Debug, Deserialize)]
pub(crate) struct Outlet {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) format: Format,
    pub(crate) full_text: bool,
    pub(crate) layout: Layout,
    #[serde(default)]
    pub(crate) section_words: Vec<String>,
    pub(crate) credit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Rss,
    Atom,
    Rdf,
    Jsonfeed,
    Newsml,
}

impl Format {
    /// The name of the feed's file.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Rss => "fil.rss",
            Self::Atom => "fil.atom",
            Self::Rdf => "fil.rdf",
            Self::Jsonfeed => "fil.json",
            Self::Newsml => "fil.xml",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    LiveList,
    Article,
    DivSoup,
    Br,
    Microdata,
    JsonLd,
}

/// A dispatch as it is written in the files.
#[derive(Clone, Debug, Deserialize)]
struct Sample {
    key: String,
    outlet: String,
    hours_before: Option<f64>,
    trickle: Option<i64>,
    headline: String,
    credit: Option<String>,
    standfirst: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    section: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    body: Vec<String>,
    #[serde(default)]
    subheads: BTreeMap<String, String>,
    urgency: Option<u8>,
    signal: Option<String>,
    embargo_minutes: Option<i64>,
    replaces: Option<String>,
    slugline: Option<String>,
}

/// A short recurrent item and the values it is filled with.
#[derive(Debug, Deserialize)]
struct Bulletin {
    outlet: String,
    headline: String,
    body: Vec<String>,
    values: BTreeMap<String, Vec<String>>,
}

/// A dispatch as an outlet has published it.
#[derive(Clone, Debug)]
pub(crate) struct Edition {
    /// The same for all versions of it.
    pub(crate) guid: String,
    pub(crate) version: u32,
    pub(crate) first_at: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) embargo: Option<Timestamp>,
    pub(crate) headline: String,
    pub(crate) credit: Option<String>,
    pub(crate) standfirst: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) section: Option<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) body: Vec<String>,
    pub(crate) subheads: BTreeMap<usize, String>,
    pub(crate) urgency: Option<u8>,
    pub(crate) signal: Option<String>,
    pub(crate) slugline: Option<String>,
}

impl Edition {
    /// The name of its page.
    pub(crate) fn page(&self) -> String {
        format!("{}.html", self.guid)
    }

    /// The headline as the outlet prints it, with the credit in brackets.
    pub(crate) fn printed_headline(&self) -> String {
        match &self.credit {
            Some(credit) => format!("{} ({credit})", self.headline),
            None => self.headline.clone(),
        }
    }

    /// What a list or a feed shows: the standfirst or the first paragraph.
    pub(crate) fn lead(&self) -> &str {
        self.standfirst.as_deref().or(self.body.first().map(String::as_str)).unwrap_or_default()
    }
}

/// The sample wire and when it began.
pub(crate) struct Day {
    start: Timestamp,
    every: i64,
    outlets: Vec<Outlet>,
    samples: Vec<Sample>,
    bulletins: Vec<Bulletin>,
}

impl Day {
    /// Reads the embedded files; the day's «now» is `start`.
    pub(crate) fn read(start: Timestamp, every_seconds: u32) -> anyhow::Result<Self> {
        // Feeds carry whole seconds.
        let start = Timestamp::from_second(start.as_second())?;
        let outlets = parsed("outlets.json")?;
        let bulletins = parsed("bulletins.json")?;
        let mut samples: Vec<Sample> = Vec::new();
        for name in Files::iter().filter(|name| name.starts_with("items/")) {
            samples.extend(parsed::<Vec<Sample>>(&name)?);
        }
        Ok(Self { start, every: i64::from(every_seconds.max(1)), outlets, samples, bulletins })
    }

    pub(crate) fn outlets(&self) -> &[Outlet] {
        &self.outlets
    }

    pub(crate) fn outlet(&self, key: &str) -> Option<&Outlet> {
        self.outlets.iter().find(|outlet| outlet.key == key)
    }

    /// What `outlet` has in its feed at `now`, newest first: of each dispatch its latest version.
    pub(crate) fn published(&self, outlet: &Outlet, now: Timestamp) -> Vec<Edition> {
        let mut latest: HashMap<String, Edition> = HashMap::new();
        let mut samples: Vec<(Timestamp, &Sample)> = self
            .samples
            .iter()
            .filter(|s| s.outlet == outlet.key)
            .map(|s| (self.moment(s), s))
            .collect();
        samples.retain(|(at, _)| *at <= now);
        samples.sort_by_key(|(at, sample)| (*at, sample.key.clone()));
        for (at, sample) in samples {
            let guid = self.root(sample).to_owned();
            let before = latest.get(&guid).map(|edition| (edition.version, edition.first_at));
            let edition = self.edition(sample, guid.clone(), at, before);
            latest.insert(guid, edition);
        }
        let mut editions: Vec<Edition> =
            latest.into_values().chain(self.bulletins_until(outlet, now)).collect();
        editions.sort_by(|a, b| (b.at, &b.guid).cmp(&(a.at, &a.guid)));
        editions.truncate(WINDOW);
        editions
    }

    /// When a sample is published.
    fn moment(&self, sample: &Sample) -> Timestamp {
        match (sample.trickle, sample.hours_before) {
            (Some(order), _) => {
                self.start
                    + SignedDuration::from_secs(FIRST_TRICKLE + (order - 1).max(0) * self.every)
            }
            (None, hours) => {
                self.start - SignedDuration::from_secs((hours.unwrap_or(1.0) * 3600.0) as i64)
            }
        }
    }

    /// The key of the first version of a sample.
    fn root<'d>(&'d self, sample: &'d Sample) -> &'d str {
        let mut root = sample;
        // A chain of versions is a handful long; the bound only guards against a ring.
        for _ in 0..8 {
            let Some(before) = &root.replaces else { break };
            match self.samples.iter().find(|other| other.key == *before) {
                Some(other) => root = other,
                None => break,
            }
        }
        &root.key
    }

    fn edition(
        &self,
        sample: &Sample,
        guid: String,
        at: Timestamp,
        before: Option<(u32, Timestamp)>,
    ) -> Edition {
        let date = day_and_month(at);
        Edition {
            guid,
            version: before.map_or(1, |(version, _)| version + 1),
            first_at: before.map_or(at, |(_, first_at)| first_at),
            at,
            embargo: sample
                .embargo_minutes
                .map(|minutes| self.start + SignedDuration::from_mins(minutes)),
            headline: sample.headline.clone(),
            credit: sample.credit.clone(),
            standfirst: sample.standfirst.clone(),
            authors: sample.authors.clone(),
            section: sample.section.clone(),
            keywords: sample.keywords.clone(),
            body: sample.body.iter().map(|text| text.replace("{date}", &date)).collect(),
            subheads: sample
                .subheads
                .iter()
                .filter_map(|(at, text)| Some((at.parse().ok()?, text.clone())))
                .collect(),
            urgency: sample.urgency,
            signal: sample.signal.clone(),
            slugline: sample.slugline.clone(),
        }
    }

    /// Bulletins start when the written dispatches have run out, one after the other, without end.
    fn bulletins_until(&self, outlet: &Outlet, now: Timestamp) -> Vec<Edition> {
        let written = self.samples.iter().filter_map(|sample| sample.trickle).max().unwrap_or(0);
        let start = self.start + SignedDuration::from_secs(FIRST_TRICKLE + written * self.every);
        let step = self.every * BULLETIN_EVERY;
        let count = now.duration_since(start).as_secs() / step;
        let newest = (count - 8 * WINDOW as i64).max(0)..count.max(0);
        let kinds = self.bulletins.len().max(1) as i64;
        newest
            .filter_map(|number| {
                let bulletin = self.bulletins.get((number % kinds) as usize)?;
                let at = start + SignedDuration::from_secs(number * step);
                (bulletin.outlet == outlet.key).then(|| filled(bulletin, number, at))
            })
            .collect()
    }
}

fn parsed<T: serde::de::DeserializeOwned>(name: &str) -> anyhow::Result<T> {
    let file = Files::get(name).with_context(|| format!("the sample wire has no {name}"))?;
    serde_json::from_slice(&file.data)
        .with_context(|| format!("the sample wire's {name} is damaged"))
}

/// Fills a bulletin: each placeholder walks through its values at its own pace, so that the same
/// combination does not come back soon.
fn filled(bulletin: &Bulletin, number: i64, at: Timestamp) -> Edition {
    let fill = |text: &str| {
        let mut text = text.replace("{date}", &day_and_month(at));
        for (pace, (name, values)) in bulletin.values.iter().enumerate() {
            let index = (number as usize / 8 + number as usize * pace) % values.len().max(1);
            text =
                text.replace(&format!("{{{name}}}"), values.get(index).map_or("", String::as_str));
        }
        text
    };
    Edition {
        guid: format!("bulletin-{number}"),
        version: 1,
        first_at: at,
        at,
        embargo: None,
        headline: fill(&bulletin.headline),
        credit: None,
        standfirst: None,
        authors: Vec::new(),
        section: None,
        keywords: Vec::new(),
        body: bulletin.body.iter().map(|text| fill(text)).collect(),
        subheads: BTreeMap::new(),
        urgency: None,
        signal: None,
        slugline: None,
    }
}

/// The date in a dateline, as French agencies write it: `24 nov`.
fn day_and_month(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["jan", "fév", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"];
    let date = at.to_zoned_datetime(TimeZone::UTC).date();
    format!("{} {}", date.day(), MONTHS.get(date.month() as usize - 1).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_wire_is_what_the_demo_promises() {
        let start: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        let day = Day::read(start, 8).unwrap();
        assert!(day.outlets.len() >= 12);
        let written = day.samples.len();
        assert!(written >= 150, "{written} items");
        for sample in &day.samples {
            assert!(day.outlet(&sample.outlet).is_some(), "{} names an unknown outlet", sample.key);
        }
        let before: usize =
            day.outlets.iter().map(|outlet| day.published(outlet, start).len()).sum();
        let later = start + SignedDuration::from_hours(3);
        let after: usize =
            day.outlets.iter().map(|outlet| day.published(outlet, later).len()).sum();
        assert!(before > 100 && after > before, "{before} at the start, {after} later");
    }
}
