//! Times in a query: ISO 8601 dates and intervals, the dates people write, and how long ago.

use depeche_news::jiff::{
    Span, Timestamp, ToSpan, ZonedDateTime,
    civil::{Date, DateTime, ISOWeekDate, Time, Weekday},
    tz::TimeZone,
};
use depeche_text::fold;

/// A stretch of time, its end not in it; told against the clock when a search is made, for «depuis:7j» means another week
/// every day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Interval {
    from: Option<Edge>,
    until: Option<Edge>,
}

/// An end of an interval.
#[derive(Clone, Debug)]
enum Edge {
    /// A time on the wall clock of the house.
    Civil(DateTime),
    /// So long before now.
    Ago(Span),
    /// So long before or after another time.
    Apart(DateTime, Span),
    /// The beginning of a day, counted back from today.
    DayBefore(i64),
    /// The beginning of the last such day of the week, today among them.
    Last(Weekday),
    /// The beginning of the day after it.
    AfterLast(Weekday),
    /// A moment with its own zone.
    Exact(Timestamp),
}

impl PartialEq for Edge {
    fn eq(&self, other: &Self) -> bool {
        // Spans have no equality of their own: a day may be 23 hours.
        format!("{self:?}") == format!("{other:?}")
    }
}

impl Interval {
    /// Before a time, of which nothing belongs to it (`avant:2016-02`).
    pub(crate) fn before(text: &str) -> Option<Self> {
        Some(Self { from: None, until: Some(period(text)?.0) })
    }

    /// After all of a time (`après:2016-02`).
    pub(crate) fn after(text: &str) -> Option<Self> {
        Some(Self { from: Some(period(text)?.1), until: None })
    }

    /// Since a time, which belongs to it, or for so long (`depuis:7j`).
    pub(crate) fn since(text: &str) -> Option<Self> {
        let from = match ago(text) {
            Some(span) => Edge::Ago(span),
            None => period(text)?.0,
        };
        Some(Self { from: Some(from), until: None })
    }

    /// Within a time or an interval (`date:2016-02`, `date:2016-02/2016-04`, `date:P1W`, `date:PT5H/`).
    pub(crate) fn within(text: &str) -> Option<Self> {
        let Some((from, until)) = text.split_once('/').filter(|_| !is_slashed_date(text)) else {
            if let Some(span) = ago(text) {
                return Some(Self { from: Some(Edge::Ago(span)), until: None });
            }
            let (from, until) = text.split_once("..").map_or_else(
                || period(text),
                |(from, until)| Some((period(from)?.0, period(until)?.1)),
            )?;
            return Some(Self { from: Some(from), until: Some(until) });
        };
        let (start, end) = (period(from), period(until));
        let interval = match (from.trim(), until.trim()) {
            ("", "") => return None,
            ("", _) => Self { from: None, until: Some(end?.1) },
            (_, "") => return Self::since(from),
            _ => match (start, end) {
                (Some((start, _)), Some((_, end))) => Self { from: Some(start), until: Some(end) },
                (Some((start, _)), None) => {
                    let until = apart(&start, ago(until)?)?;
                    Self { from: Some(start), until: Some(until) }
                }
                (None, Some((_, end))) => {
                    let from = apart(&end, ago(from)?.negate())?;
                    Self { from: Some(from), until: Some(end) }
                }
                (None, None) => return None,
            },
        };
        Some(interval)
    }

    /// Its ends as moments, the second not in it. One before or after all times that can be told is the first or the last
    /// of these.
    pub(crate) fn moments(&self, now: &ZonedDateTime) -> (Option<Timestamp>, Option<Timestamp>) {
        let moment = |edge: &Option<Edge>| edge.as_ref().map(|edge| edge.moment(now));
        (moment(&self.from), moment(&self.until))
    }
}

impl Edge {
    fn moment(&self, now: &ZonedDateTime) -> Timestamp {
        let beyond = if self.is_early() { Timestamp::MIN } else { Timestamp::MAX };
        self.reckoned(now).unwrap_or(beyond)
    }

    /// Whether it lies before all times where it cannot be reckoned.
    fn is_early(&self) -> bool {
        match self {
            Self::Civil(time) => time.year() < 0,
            Self::Apart(_, span) => span.is_negative(),
            Self::Ago(_) | Self::DayBefore(_) | Self::Last(_) => true,
            Self::AfterLast(_) | Self::Exact(_) => false,
        }
    }

    fn reckoned(&self, now: &ZonedDateTime) -> Option<Timestamp> {
        let on = |date: Option<Date>| at(date?.to_datetime(Time::midnight()), now.time_zone());
        let last = |weekday: Weekday| match now.date().weekday() == weekday {
            true => Some(now.date()),
            false => now.date().nth_weekday(-1, weekday).ok(),
        };
        match self {
            Self::Civil(time) => at(*time, now.time_zone()),
            Self::Ago(span) => now.checked_sub(*span).ok().map(|time| time.timestamp()),
            Self::Apart(time, span) => at(time.checked_add(*span).ok()?, now.time_zone()),
            Self::DayBefore(days) => on(now.date().checked_sub(days.days()).ok()),
            Self::Last(weekday) => on(last(*weekday)),
            Self::AfterLast(weekday) => on(last(*weekday)?.tomorrow().ok()),
            Self::Exact(at) => Some(*at),
        }
    }
}

/// The moment of a time on the wall.
fn at(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_zoned_datetime(time).ok().map(|zoned| zoned.timestamp())
}

/// Another edge so far from one that stands in the calendar.
fn apart(edge: &Edge, span: Span) -> Option<Edge> {
    match edge {
        Edge::Civil(time) => Some(Edge::Apart(*time, span)),
        _ => None,
    }
}

/// Whether it is a day as it is written with strokes, and no interval.
fn is_slashed_date(text: &str) -> bool {
    written_day(text).is_some()
}

/// The beginning and the end of the time that a text names.
fn period(text: &str) -> Option<(Edge, Edge)> {
    let text = text.trim();
    let civil = |from: DateTime, length: Span| {
        Some((Edge::Civil(from), Edge::Civil(from.checked_add(length).ok()?)))
    };
    let day = |date: Date| civil(date.to_datetime(Time::midnight()), 1.day());
    if let Some(date) = written_day(text) {
        return day(date);
    }
    if let Some(named) = named_day(text) {
        return Some(named);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((Edge::Exact(at), Edge::Exact(at)));
    }
    if let Some((year, week)) = text.split_once("-W").filter(|(year, _)| year.len() == 4) {
        let monday = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday);
        return civil(monday.ok()?.date().to_datetime(Time::midnight()), 1.week());
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T' | b' '))
    {
        return None;
    }
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<i8>().ok());
    match text.len() {
        4 => {
            civil(Date::new(text.parse().ok()?, 1, 1).ok()?.to_datetime(Time::midnight()), 1.year())
        }
        7 => {
            let year = text.get(..4)?.parse().ok()?;
            let month = Date::new(year, number(text.get(5..))?, 1).ok()?;
            civil(month.to_datetime(Time::midnight()), 1.month())
        }
        8 | 10 => day(text.parse().ok()?),
        13 => {
            let date: Date = text.get(..10)?.parse().ok()?;
            civil(date.at(number(text.get(11..))?.clamp(0, 23), 0, 0, 0), 1.hour())
        }
        16 => civil(text.parse().ok()?, 1.minute()),
        _ => civil(text.parse().ok()?, 1.second()),
    }
}

/// A day as it is written in much of the world: 11/02/2016, 11.2.2016, 11-02-2016.
fn written_day(text: &str) -> Option<Date> {
    let mut parts = text.trim().split(['/', '.', '-']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Today, yesterday, the day before, or the last Monday.
fn named_day(text: &str) -> Option<(Edge, Edge)> {
    let back = |days| Some((Edge::DayBefore(days), Edge::DayBefore(days - 1)));
    let weekday = match fold(text).as_str() {
        "aujourd'hui" | "aujourdhui" | "today" => return back(0),
        "hier" | "yesterday" => return back(1),
        "avant-hier" | "avanthier" => return back(2),
        "lundi" | "monday" => Weekday::Monday,
        "mardi" | "tuesday" => Weekday::Tuesday,
        "mercredi" | "wednesday" => Weekday::Wednesday,
        "jeudi" | "thursday" => Weekday::Thursday,
        "vendredi" | "friday" => Weekday::Friday,
        "samedi" | "saturday" => Weekday::Saturday,
        "dimanche" | "sunday" => Weekday::Sunday,
        _ => return None,
    };
    Some((Edge::Last(weekday), Edge::AfterLast(weekday)))
}

/// How long: `7j`, `24h`, `2sem`, `3mois`, `1an`, in English too, or an ISO 8601 duration (`P1W`).
fn ago(text: &str) -> Option<Span> {
    let text = text.trim();
    if text.starts_with(['P', 'p']) {
        return text.parse::<Span>().ok().filter(|span| span.is_positive());
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok().filter(|number| (1..=100_000).contains(number))?;
    let span = Span::new();
    let span = match fold(unit.trim()).as_str() {
        "min" | "mn" | "minute" | "minutes" => span.try_minutes(number),
        "h" | "heure" | "heures" | "hour" | "hours" => span.try_hours(number),
        "j" | "d" | "jour" | "jours" | "day" | "days" => span.try_days(number),
        "s" | "sem" | "w" | "semaine" | "semaines" | "week" | "weeks" => span.try_weeks(number),
        "m" | "mois" | "month" | "months" => span.try_months(number),
        "a" | "an" | "ans" | "y" | "annee" | "annees" | "year" | "years" => span.try_years(number),
        _ => return None,
    };
    span.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Friday 27 November 2026, noon in Paris.
    fn now() -> ZonedDateTime {
        "2026-11-27T12:00[Europe/Paris]".parse().unwrap()
    }

    #[track_caller]
    fn check(interval: Option<Interval>, from: &str, until: &str) {
        let (start, end) = interval.expect("understood").moments(&now());
        let shown = |at: Option<Timestamp>| {
            let at = at.map(|at| at.to_zoned_datetime(now().time_zone().clone()));
            at.map_or_else(String::new, |at| at.strftime("%Y-%m-%dT%H:%M").to_string())
        };
        assert_eq!((shown(start).as_str(), shown(end).as_str()), (from, until));
    }

    #[test]
    fn times_as_they_are_typed() {
        let (month, after) = ("2016-02-01T00:00", "2016-03-01T00:00");
        check(Interval::before("2016-02"), "", month);
        check(Interval::after("2016-02"), after, "");
        check(Interval::since("2016-02"), month, "");
        check(Interval::within("2016-02"), month, after);
        check(Interval::within("2016"), "2016-01-01T00:00", "2017-01-01T00:00");
        check(Interval::within("2016-02-11"), "2016-02-11T00:00", "2016-02-12T00:00");
        check(Interval::within("11/02/2016"), "2016-02-11T00:00", "2016-02-12T00:00");
        check(Interval::within("1.2.2016"), month, "2016-02-02T00:00");
        check(Interval::within("2016-W06"), "2016-02-08T00:00", "2016-02-15T00:00");
        check(Interval::within("2016-02-11T14:30"), "2016-02-11T14:30", "2016-02-11T14:31");
        check(Interval::within("2016-02/2016-04"), month, "2016-05-01T00:00");
        check(Interval::within("2016-02..2016-04"), month, "2016-05-01T00:00");
        check(Interval::within("2016-02-01/P1M"), month, after);
        check(Interval::within("P1M/2016-02"), month, after);
        check(Interval::within("2016-02/"), month, "");
        check(Interval::within("/2016-02"), "", after);
        check(Interval::within("P1W"), "2026-11-20T12:00", "");
        check(Interval::within("PT5H/"), "2026-11-27T07:00", "");
        check(Interval::since("7j"), "2026-11-20T12:00", "");
        check(Interval::since("24 h"), "2026-11-26T12:00", "");
        check(Interval::since("2sem"), "2026-11-13T12:00", "");
        check(Interval::since("3mois"), "2026-08-27T12:00", "");
        check(Interval::since("1an"), "2025-11-27T12:00", "");
        check(Interval::within("hier"), "2026-11-26T00:00", "2026-11-27T00:00");
        check(Interval::since("aujourd’hui"), "2026-11-27T00:00", "");
        check(Interval::since("lundi"), "2026-11-23T00:00", "");
        check(Interval::within("friday"), "2026-11-27T00:00", "2026-11-28T00:00");
        check(Interval::before("2016-02-11T14:30Z"), "", "2016-02-11T15:30");
    }

    #[test]
    fn beyond_all_times() {
        let moments = |interval: Option<Interval>| interval.expect("understood").moments(&now());
        assert_eq!(moments(Interval::after("9999-12-30")), (Some(Timestamp::MAX), None));
        assert_eq!(moments(Interval::since("19000a")), (Some(Timestamp::MIN), None));
        assert_eq!(
            moments(Interval::within("2016/P9000Y")),
            ("2015-12-31T23:00:00Z".parse().ok(), Some(Timestamp::MAX))
        );
    }

    #[test]
    fn what_is_no_time() {
        for text in ["", "/", "demain matin", "2016-13", "31/02/2016", "7x", "0j", "P", "2016-W60"]
        {
            assert_eq!(Interval::within(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[0-9PTWDMYHhjs/:.\\-]{0,24}|\\PC{0,12}") {
            for interval in [Interval::before(&text), Interval::since(&text), Interval::within(&text)] {
                let _ = interval.map(|interval| interval.moments(&now()));
            }
        }
    }
}
