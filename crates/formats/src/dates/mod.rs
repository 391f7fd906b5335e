//! Dates as feeds write them: RFC 822 with every mistake, ISO 8601 in all its lengths, epoch
//! seconds, and the words of the languages that print them.
//!
//! The text is cut into numbers, words and marks, and each finds its place by its form, not by its
//! position: «mar., 16 févr. 2016 à 10h05», `Tue Feb 16 10:05:00 CET 2016` and
//! `16/02/2016 10:05` need no pattern of their own. A time without zone is one of its source's zone,
//! where that is known, else UTC.

mod near;
mod numeric;
mod words;

use std::borrow::Cow;

use depeche_news::Moment;
use depeche_news::jiff::{
    Timestamp, civil,
    tz::{Offset, TimeZone},
};
use depeche_news::limits::formats::DATE_BYTES_MAX;

pub use near::{date_near, names_day};
use words::Word;

/// Reads a date as feeds write it; `None` when there is none in it.
pub fn date(text: &str) -> Option<Moment> {
    date_in(text, None)
}

/// Reads a date of a source whose clocks, where it names no zone, are those of `zone`.
pub fn date_in(text: &str, zone: Option<&TimeZone>) -> Option<Moment> {
    let text = text.trim();
    if text.is_empty() || text.len() > DATE_BYTES_MAX {
        return None;
    }
    let text = &numbered(text);
    let numeric = numeric::read(text).and_then(|parts| parts.moment(zone));
    numeric.or_else(|| in_words(text)?.moment(zone))
}

/// `2016年2月16日` with the marks that are used elsewhere.
fn numbered(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(['年', '년']) {
        return Cow::Borrowed(text);
    }
    let marked = text.replace(['年', '년', '月', '월'], "-").replace(['日', '일'], " ");
    Cow::Owned(marked.replace("- ", "-"))
}

/// What is known of a date while it is read.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    /// Seconds since 1970: nothing else is needed.
    at: Option<Timestamp>,
    year: Option<i16>,
    month: Option<i8>,
    perhaps_month: Option<i8>,
    day: Option<i8>,
    clock: Option<Clock>,
    afternoon: Option<bool>,
    offset: Option<i32>,
    /// The place whose clocks are meant: «heure de Paris».
    place: Option<&'static str>,
}

/// A time of day as written: 24:00 and a leap second are still in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
}

impl Parts {
    fn moment(self, zone: Option<&TimeZone>) -> Option<Moment> {
        if let Some(at) = self.at {
            return Some(Moment::utc(at));
        }
        let day =
            civil::Date::new(self.year?, self.month.or(self.perhaps_month)?, self.day?).ok()?;
        let Some(clock) = self.clock else { return Some(Moment::Day(day)) };
        let hour = match self.afternoon {
            Some(true) if clock.hour < 12 => clock.hour + 12,
            Some(false) if clock.hour == 12 => 0,
            _ => clock.hour,
        };
        let midnight = hour == 24 && clock.minute == 0 && clock.second == 0;
        let (day, hour) = if midnight { (day.tomorrow().ok()?, 0) } else { (day, hour) };
        let second = clock.second.min(59);
        let time = civil::Time::new(hour, clock.minute, second, clock.nanosecond).ok()?;
        self.instant(day.to_datetime(time), zone)
    }

    /// What a clock of its zone showed then. An hour that was left out in spring is the one after it, one
    /// that came twice in autumn is the first.
    fn instant(self, clock: civil::DateTime, zone: Option<&TimeZone>) -> Option<Moment> {
        if let Some(seconds) = self.offset {
            let offset = Offset::from_seconds(seconds).ok()?;
            return Some(Moment::Instant { at: offset.to_timestamp(clock).ok()?, offset });
        }
        let place = self.place.and_then(|place| TimeZone::get(place).ok());
        let Some(zone) = place.as_ref().or(zone) else {
            return Some(Moment::utc(Offset::UTC.to_timestamp(clock).ok()?));
        };
        let at = zone.to_ambiguous_timestamp(clock).compatible().ok()?;
        // Sun dials: until 1911 the clocks of Paris were 9 minutes and 21 seconds ahead, which nothing can write.
        let seconds = zone.to_offset(at).seconds() / 60 * 60;
        Some(Moment::Instant { at, offset: Offset::from_seconds(seconds).ok()? })
    }

    fn number(&mut self, digits: &str) -> Option<()> {
        let value: i16 = digits.parse().ok()?;
        if digits.len() >= 3 {
            self.year.is_none().then(|| self.year = Some(value))
        } else if self.day.is_none() {
            self.day = i8::try_from(value).ok();
            Some(())
        } else {
            self.year.is_none().then(|| self.year = Some(century(value)))
        }
    }
}

/// The year that two digits mean: feeds are younger than 1970.
pub(crate) fn century(year: i16) -> i16 {
    match year {
        0..70 => 2000 + year,
        70..100 => 1900 + year,
        _ => year,
    }
}

/// A date with the names of days, months and zones in it.
fn in_words(text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            rest = digits(rest, &mut parts)?;
        } else if first.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            known(word, &mut parts);
            rest = after;
        } else {
            rest = match zone_sign(rest, &parts) {
                Some((offset, after)) => {
                    parts.offset = Some(offset);
                    after
                }
                None => &rest[first.len_utf8()..],
            };
        }
    }
    parts.offset = parts.offset.or_else(|| parts.clock.and_then(|_| words::zone_phrase(text)));
    Some(parts)
}

/// A run of digits: a time when `:` or `h` follows, else a year or a day.
fn digits<'t>(rest: &'t str, parts: &mut Parts) -> Option<&'t str> {
    if parts.clock.is_none()
        && let Some((clock, after)) = numeric::clock(rest)
    {
        parts.clock = Some(clock);
        return Some(after);
    }
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    parts.number(number)?;
    // 1er janvier, 3rd of May
    let ordinal = ["er", "st", "nd", "rd", "th"];
    let stripped = ordinal.iter().find_map(|ending| after.strip_prefix(ending));
    Some(stripped.unwrap_or(after))
}

fn known(word: &str, parts: &mut Parts) {
    match words::meaning(word) {
        Some(Word::Month(month)) if parts.month.is_none() => parts.month = Some(month),
        Some(Word::PerhapsMonth(month)) => parts.perhaps_month = Some(month),
        Some(Word::Zone(offset)) if parts.clock.is_some() && parts.offset.is_none() => {
            parts.offset = Some(offset);
        }
        Some(Word::Place(name)) if parts.clock.is_some() => parts.place = Some(name),
        Some(Word::Afternoon(is)) => parts.afternoon = Some(is),
        _ => {}
    }
}

/// `+0100` after a time; with `GMT` or `UTC` before it too.
fn zone_sign<'t>(rest: &'t str, parts: &Parts) -> Option<(i32, &'t str)> {
    parts.clock?;
    let (offset, after) = numeric::offset(rest)?;
    // `(CET -1)`: after a named zone with an offset of its own a number means nothing.
    parts.offset.is_none_or(|named| named == 0).then_some((offset, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(date(text).map(|m| m.to_string()).as_deref(), Some(expected), "{text}");
    }

    #[track_caller]
    fn none(text: &str) {
        assert_eq!(date(text), None);
    }

    #[test]
    fn rfc_822_and_its_mistakes() {
        let at = "2016-02-16T10:05:00+01:00";
        check("Tue, 16 Feb 2016 10:05:00 +0100", at);
        check("Mon,16 Feb 2016 10:05:00 +01:00", at);
        check(" tue,  16  february  16 10:05 CET", at);
        check("16-Feb-2016 10:05:00 +0100 (CET)", at);
        check("Tue Feb 16 10:05:00 CET 2016", at);
        check("Tue Feb 16 10:05:00 2016", "2016-02-16T10:05:00+00:00");
        check("Tue, 16 Feb 2016 10:05:00 GMT+0100", at);
        check("Tue, 16 Feb 2016 04:05:00 EST", "2016-02-16T04:05:00-05:00");
        check("Tue, 6 Feb 2016 9:05:00 Z", "2016-02-06T09:05:00+00:00");
        check("Tue, 16 Feb 2016 24:00:00 GMT", "2016-02-17T00:00:00+00:00");
        check("February 16, 2016 10:05 PM", "2016-02-16T22:05:00+00:00");
        check("Tue, 16 Feb 2016", "2016-02-16");
    }

    #[test]
    fn iso_8601_in_all_its_lengths() {
        check("2016-02-16T10:05:00+01:00", "2016-02-16T10:05:00+01:00");
        check("2016-02-16T10:05:00.123+0100", "2016-02-16T10:05:00.123+01:00");
        check("2016-02-16 10:05:00", "2016-02-16T10:05:00+00:00");
        check("2016-02-16t10:05z", "2016-02-16T10:05:00+00:00");
        check("2016-02-16T10:05:00 CET", "2016-02-16T10:05:00+01:00");
        check("20240710T125902Z", "2024-07-10T12:59:02+00:00");
        check("20160216", "2016-02-16");
        check("2016-02-16", "2016-02-16");
        check("2016-02", "2016-02-01");
        check("2016", "2016-01-01");
        check("2016-02-16T10", "2016-02-16T10:00:00+00:00");
        check("2016-046", "2016-02-15");
        check("2016/02/16 10:05", "2016-02-16T10:05:00+00:00");
    }

    #[test]
    fn the_words_of_languages() {
        check("mar., 16 févr. 2016 10:05:00 +0100", "2016-02-16T10:05:00+01:00");
        check("mardi 16 février 2016 à 10h05", "2016-02-16T10:05:00+00:00");
        check("Le 1er août 2016", "2016-08-01");
        check("16 février 2016, 10 heures", "2016-02-16T10:00:00+00:00");
        check("16 février 2016 à 10h", "2016-02-16T10:00:00+00:00");
        check("16 février 2016 à 10 heures 05", "2016-02-16T10:05:00+00:00");
        check("16 DÉCEMBRE 2016 à 10 h 05", "2016-12-16T10:05:00+00:00");
        check("Di, 16. März 2016 10:05", "2016-03-16T10:05:00+00:00");
        check("16 de febrero de 2016", "2016-02-16");
    }

    #[test]
    fn numbers_alone() {
        check("1455613500", "2016-02-16T09:05:00+00:00");
        check("1455613500123", "2016-02-16T09:05:00.123+00:00");
        check("16/02/2016 10:05", "2016-02-16T10:05:00+00:00");
        check("02/16/2016 10:05:00 AM", "2016-02-16T10:05:00+00:00");
        check("02/03/2016 1:05 PM", "2016-02-03T13:05:00+00:00");
        check("02/03/2016", "2016-03-02");
        check("16.02.16", "2016-02-16");
    }

    #[track_caller]
    fn at_home(zone: &str, text: &str, expected: &str) {
        let zone = TimeZone::get(zone).unwrap();
        assert_eq!(date_in(text, Some(&zone)).unwrap().to_string(), expected, "{text}");
    }

    #[test]
    fn a_time_without_zone_is_one_of_the_sources_own() {
        at_home("Europe/Paris", "2016-02-16 10:05:00", "2016-02-16T10:05:00+01:00");
        at_home("Europe/Paris", "mardi 16 août 2016 à 10h05", "2016-08-16T10:05:00+02:00");
        at_home("America/Montreal", "16/08/2016 10:05", "2016-08-16T10:05:00-04:00");
        at_home("Pacific/Noumea", "Tue, 16 Feb 2016 10:05:00", "2016-02-16T10:05:00+11:00");
        at_home("Europe/Paris", "Tue, 16 Feb 2016 10:05:00 GMT", "2016-02-16T10:05:00+00:00");
        at_home("Europe/Paris", "2016-02-16T10:05:00Z", "2016-02-16T10:05:00+00:00");
        at_home("Europe/Paris", "1455613500", "2016-02-16T09:05:00+00:00");
        at_home("Europe/Paris", "2016-02-16", "2016-02-16");
        at_home("Europe/Paris", "1848-02-24 10:05", "1848-02-24T10:04:39+00:09");
        // Half past two was left out on the one day and came twice on the other.
        at_home("Europe/Paris", "2016-03-27 02:30", "2016-03-27T03:30:00+02:00");
        at_home("Europe/Paris", "2016-10-30 02:30", "2016-10-30T02:30:00+02:00");
    }

    #[test]
    fn zones_by_their_french_names() {
        check("16 février 2016 à 10h05 (heure de Paris)", "2016-02-16T10:05:00+01:00");
        check("16 août 2016, 10 h 05, heure de Bruxelles", "2016-08-16T10:05:00+02:00");
        check("2016-08-16T10:05:00[Europe/Paris]", "2016-08-16T10:05:00+02:00");
        check("2016-08-16T10:05:00+09:00[Europe/Paris]", "2016-08-16T10:05:00+09:00");
        check("16 août 2016 10:05 heure d'été d’Europe centrale", "2016-08-16T10:05:00+02:00");
        check("16 févr. 2016 10:05 heure normale d'Europe centrale", "2016-02-16T10:05:00+01:00");
        check("16 août 2016 10 h 05 HAE", "2016-08-16T10:05:00-04:00");
        check("16 févr. 2016 10h05 HNE", "2016-02-16T10:05:00-05:00");
        check("16 février 2016 à 10h05 TU", "2016-02-16T10:05:00+00:00");
        check("16 février 2016 à 10h05 UTC+1", "2016-02-16T10:05:00+01:00");
        // A place before the time is where it was written.
        check("Paris, le 16 février 2016 à 10h05", "2016-02-16T10:05:00+00:00");
    }

    #[test]
    fn the_words_of_more_languages() {
        check("Τρι, 16 Φεβ 2016 10:05:00 EET", "2016-02-16T10:05:00+02:00");
        check("16 lutego 2016", "2016-02-16");
        check("вт, 16 фев 2016 10:05:00 +0300", "2016-02-16T10:05:00+03:00");
        check("16. února 2016", "2016-02-16");
        check("16 Şubat 2016", "2016-02-16");
        check("16 februarie 2016", "2016-02-16");
        check("2016. február 16.", "2016-02-16");
        check("2016年2月16日 10:05", "2016-02-16T10:05:00+00:00");
        check("2016년 2월 16일 10:05", "2016-02-16T10:05:00+00:00");
    }

    #[test]
    fn what_is_no_date() {
        none("");
        none("hier");
        none("10:05");
        none("30 Feb 2016");
        none("16/16/2016");
        none("Tue, 16 Feb 2016 25:61:00 GMT");
        none("99999999999999999999");
        none("16 Feb 2016 10:05 +1:99999999");
        none(&"1".repeat(200));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", near in "[0-9TZ:+/., a-zé-]{0,30}") {
            let _ = (date(&text), date(&near));
        }
    }
}
