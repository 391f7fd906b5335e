//! Days and times as each language writes them, in the zone of the wire.

use depeche_news::{
    Moment,
    jiff::{Timestamp, ZonedDateTime, civil::Date, tz::TimeZone},
};

use crate::words::Language;

/// «Jeudi 11 février 2016», “Thursday 11 February 2016”.
pub(crate) fn full_day(language: Language, date: Date) -> String {
    let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let name = names(language).weekdays.get(weekday).copied().unwrap_or_default();
    format!("{name} {}", day(language, date))
}

/// «11 février 2016», «1er mars 2016», “11 February 2016”.
pub(crate) fn day(language: Language, date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let name = names(language).months.get(month).copied().unwrap_or_default();
    let first = if date.day() == 1 && language == Language::French { "er" } else { "" };
    format!("{}{first} {name} {}", date.day(), date.year())
}

/// «11/02», “11 Feb”: where there is room for a time of day.
pub(crate) fn short_day(language: Language, date: Date) -> String {
    match language {
        Language::French => format!("{:02}/{:02}", date.day(), date.month()),
        Language::English => date.strftime("%-d %b").to_string(),
    }
}

/// `16:41`, in both languages.
pub(crate) fn time(at: &ZonedDateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// The hour's head: «16 h», “16:00”.
pub(crate) fn hour(language: Language, at: &ZonedDateTime) -> String {
    match language {
        Language::French => format!("{}\u{202f}h", at.hour()),
        Language::English => format!("{:02}:00", at.hour()),
    }
}

/// The shortest that is clear to somebody who reads it on the day of `beside`: `16:41`, or with
/// its date when that is another day.
pub(crate) fn short(
    language: Language,
    at: Timestamp,
    beside: Timestamp,
    zone: &TimeZone,
) -> String {
    let at = at.to_zoned_datetime(zone.clone());
    let same_day = at.date() == beside.to_zoned_datetime(zone.clone()).date();
    if same_day { time(&at) } else { day_and_time(language, &at) }
}

/// The same with what stands before it in a sentence: «à 16:41», «hier à 16:41», «le 11 février 2016 à 16:41».
pub(crate) fn lately(
    language: Language,
    at: Timestamp,
    beside: Timestamp,
    zone: &TimeZone,
) -> String {
    let [at, beside] = [at, beside].map(|at| at.to_zoned_datetime(zone.clone()));
    let between = language.of("à", "at");
    if at.date() == beside.date() {
        format!("{between} {}", time(&at))
    } else if at.date().tomorrow().is_ok_and(|next| next == beside.date()) {
        format!("{} {between} {}", language.of("hier", "yesterday"), time(&at))
    } else {
        format!("{} {}", language.of("le", "on"), day_and_time(language, &at))
    }
}

/// «11 février 2016 à 16:41», “11 February 2016 at 16:41”.
pub(crate) fn day_and_time(language: Language, at: &ZonedDateTime) -> String {
    let between = match language {
        Language::French => "à",
        Language::English => "at",
    };
    format!("{} {between} {}", day(language, at.date()), time(at))
}

/// A provider's moment in words: as exact as it was told, no more.
pub(crate) fn moment(language: Language, moment: &Moment, zone: &TimeZone) -> String {
    match moment {
        Moment::Day(date) => day(language, *date),
        Moment::Instant { at, .. } => day_and_time(language, &at.to_zoned_datetime(zone.clone())),
    }
}

/// A day or an instant in its own offset, in no language: «2016-02-11 16:41 +01:00».
pub(crate) fn plain(moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => day.to_string(),
        Moment::Instant { at, offset } => at
            .to_zoned_datetime(TimeZone::fixed(*offset))
            .strftime("%Y-%m-%d %H:%M %:z")
            .to_string(),
    }
}

/// An instant for a `datetime` attribute or a tooltip: `2016-02-11T16:41:05+01:00`.
pub(crate) fn exact(at: &ZonedDateTime) -> String {
    at.timestamp().display_with_offset(at.offset()).to_string()
}

struct Names {
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
}

fn names(language: Language) -> &'static Names {
    match language {
        Language::French => &FRENCH,
        Language::English => &ENGLISH,
    }
}

static FRENCH: Names = Names {
    weekdays: ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
};

static ENGLISH: Names = Names {
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    #[track_caller]
    fn check(at: &str, french: &str, english: &str) {
        let at = at.parse::<Timestamp>().unwrap().to_zoned_datetime(paris());
        assert_eq!(full_day(Language::French, at.date()), french);
        assert_eq!(full_day(Language::English, at.date()), english);
    }

    #[test]
    fn days_in_both_languages() {
        check("2016-02-11T15:41:00Z", "Jeudi 11 février 2016", "Thursday 11 February 2016");
        check("2026-02-28T23:30:00Z", "Dimanche 1er mars 2026", "Sunday 1 March 2026");
    }

    #[test]
    fn yesterday_is_told_as_that() {
        let now: Timestamp = "2016-03-01T00:30:00Z".parse().unwrap();
        let told = |at: &str| {
            let at = at.parse().unwrap();
            [Language::French, Language::English].map(|own| lately(own, at, now, &paris()))
        };
        assert_eq!(told("2016-03-01T00:10:00Z"), ["à 01:10", "at 01:10"]);
        assert_eq!(told("2016-02-29T22:10:00Z"), ["hier à 23:10", "yesterday at 23:10"]);
        let on = ["le 28 février 2016 à 12:00", "on 28 February 2016 at 12:00"];
        assert_eq!(told("2016-02-28T11:00:00Z"), on);
    }

    #[test]
    fn a_day_takes_the_room_of_a_time() {
        let date = Date::constant(2016, 2, 1);
        assert_eq!(short_day(Language::French, date), "01/02");
        assert_eq!(short_day(Language::English, date), "1 Feb");
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let (at, later) =
            ("2016-02-11T15:41:00Z".parse().unwrap(), "2016-02-12T08:00:00Z".parse().unwrap());
        assert_eq!(short(Language::French, at, at, &paris()), "16:41");
        assert_eq!(short(Language::French, at, later, &paris()), "11 février 2016 à 16:41");
        assert_eq!(exact(&at.to_zoned_datetime(paris())), "2016-02-11T16:41:00+01:00");
        assert_eq!(hour(Language::French, &at.to_zoned_datetime(paris())), "16\u{202f}h");
    }

    #[test]
    fn a_moment_is_told_as_exactly_as_it_is_known() {
        let told = |text| moment(Language::French, &Moment::parse(text).unwrap(), &paris());
        assert_eq!(told("2016-02-11"), "11 février 2016");
        assert_eq!(told("2016-02-11T10:41:00-05:00"), "11 février 2016 à 16:41");
    }
}
