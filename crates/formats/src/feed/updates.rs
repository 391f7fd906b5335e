//! What a feed says of its own timetable: `skipHours`, `skipDays`, and the syndication module.

use depeche_news::Schedule;

use super::Place;
use crate::markup::Element;

/// Updates in one period that are believed: once a minute in an hour is a wire, more is a slip.
const FREQUENCY_MAX: u32 = 60;

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Updates {
    schedule: Schedule,
    period_seconds: Option<u32>,
    frequency: Option<u32>,
}

impl Updates {
    /// An element of the syndication module.
    pub(super) fn said(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        let text = element.text();
        match name {
            "updateperiod" => self.period_seconds = period(&text).or(self.period_seconds),
            "updatefrequency" => {
                let said =
                    text.trim().parse().ok().filter(|times| (1..=FREQUENCY_MAX).contains(times));
                self.frequency = said.or(self.frequency);
            }
            "updatebase" => {
                self.schedule.update_base = place.date(&text).map(|base| base.sort_key())
            }
            _ => {}
        }
    }

    /// `<skipHours>`: some count from 1 to 24, which is 0.
    pub(super) fn skipped_hours(&mut self, element: Element<'_, '_>) {
        let hours = element.children().filter(|child| child.is("hour"));
        let hours = hours.filter_map(|hour| hour.text().trim().parse::<u8>().ok());
        self.schedule.skip_hours.extend(hours.filter(|hour| *hour <= 24).map(|hour| hour % 24));
        sort(&mut self.schedule.skip_hours);
    }

    /// `<skipDays>`: English names, as the format asks for.
    pub(super) fn skipped_days(&mut self, element: Element<'_, '_>) {
        let days = element.children().filter(|child| child.is("day"));
        self.schedule.skip_days.extend(days.filter_map(|day| weekday(&day.text())));
        sort(&mut self.schedule.skip_days);
    }

    /// As a schedule. A frequency alone is one of the module's default period, a day.
    pub(super) fn into_schedule(self) -> Schedule {
        let Self { mut schedule, period_seconds, frequency } = self;
        let period = period_seconds.or(frequency.map(|_| DAY_SECONDS));
        schedule.update_seconds = period.map(|period| period / frequency.unwrap_or(1));
        schedule
    }
}

const DAY_SECONDS: u32 = 24 * 60 * 60;

fn period(word: &str) -> Option<u32> {
    match word.trim().to_ascii_lowercase().as_str() {
        "hourly" => Some(60 * 60),
        "daily" => Some(DAY_SECONDS),
        "weekly" => Some(7 * DAY_SECONDS),
        "monthly" => Some(30 * DAY_SECONDS),
        "yearly" => Some(365 * DAY_SECONDS),
        _ => None,
    }
}

fn weekday(name: &str) -> Option<u8> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let name = name.trim().to_ascii_lowercase();
    (1..=7).zip(NAMES).find(|(_, start)| name.starts_with(start)).map(|(number, _)| number)
}

fn sort(list: &mut Vec<u8>) {
    list.sort_unstable();
    list.dedup();
}

#[cfg(test)]
mod tests {

    #[track_caller]
    fn check(inside: &str, hours: &[u8], days: &[u8], update_seconds: Option<u32>) {
        let text = format!("<rss><channel>{inside}</channel></rss>");
        let schedule = crate::read(text.as_bytes(), &crate::Hints::default()).feed.schedule;
        let told = (schedule.skip_hours.as_slice(), schedule.skip_days.as_slice());
        assert_eq!((told, schedule.update_seconds), ((hours, days), update_seconds), "{inside}");
    }

    #[test]
    fn hours_and_days_without_news() {
        check(
            "<skipHours><hour>3</hour><hour> 24 </hour><hour>3</hour></skipHours>",
            &[0, 3],
            &[],
            None,
        );
        check("<skipHours><hour>25</hour><hour>x</hour></skipHours>", &[], &[], None);
        check(
            "<skipDays><day>Sunday</day><day>saturday</day><day>?</day></skipDays>",
            &[],
            &[6, 7],
            None,
        );
    }

    #[test]
    fn how_often_a_feed_is_updated() {
        let hourly = "<sy:updatePeriod>\n hourly \n</sy:updatePeriod>";
        check(hourly, &[], &[], Some(3600));
        check(&format!("{hourly}<sy:updateFrequency>4</sy:updateFrequency>"), &[], &[], Some(900));
        check("<sy:updateFrequency>2</sy:updateFrequency>", &[], &[], Some(43_200));
        check("<sy:updateFrequency>0</sy:updateFrequency>", &[], &[], None);
        check("<sy:updatePeriod>often</sy:updatePeriod>", &[], &[], None);
        let text = "<rdf:RDF xmlns:s='http://purl.org/rss/1.0/modules/syndication/'><channel>\
            <s:updatePeriod>weekly</s:updatePeriod><s:updateBase>2016-02-11T12:00+00:00</s:updateBase>\
            </channel></rdf:RDF>";
        let schedule = crate::read(text.as_bytes(), &crate::Hints::default()).feed.schedule;
        assert_eq!(schedule.update_seconds, Some(604_800));
        assert_eq!(schedule.update_base, "2016-02-11T12:00:00Z".parse().ok());
        let paris = depeche_news::jiff::tz::TimeZone::get("Europe/Paris").ok();
        let hints = crate::Hints { zone: paris.as_ref(), ..crate::Hints::default() };
        let text = text.replace("+00:00", "");
        let schedule = crate::read(text.as_bytes(), &hints).feed.schedule;
        assert_eq!(schedule.update_base, "2016-02-11T11:00:00Z".parse().ok());
    }
}
