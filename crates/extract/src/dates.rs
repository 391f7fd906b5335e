//! Dates as pages write them: ISO 8601 and its accidents, numbers, and words of many languages.

use std::sync::LazyLock;

use depeche_news::Moment;
use depeche_news::jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::{Offset, TimeZone},
};
use depeche_news::limits::extract::DATE_BYTES_MAX;
use foldhash::HashMap;

/// News on the web starts here; what is before is a founding year or an epoch's zero.
const YEAR_MIN: i16 = 1995;
const YEAR_MAX: i16 = 2060;

/// In which order a page writes day and month in numbers parted by slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

impl Order {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::DayFirst => Self::MonthFirst,
            Self::MonthFirst => Self::DayFirst,
        }
    }

    /// The order of a declared language: the month comes first in American English, which is
    /// meant where English names no country.
    pub(crate) fn of_language(language: Option<&str>) -> Self {
        let language = language.unwrap_or_default().to_ascii_lowercase();
        match language.split(['-', '_']).collect::<Vec<_>>().as_slice() {
            ["en"] | ["en", "us" | "ph", ..] => Self::MonthFirst,
            _ => Self::DayFirst,
        }
    }
}

/// Reads the date of a machine-readable field.
pub(crate) fn field(text: &str, order: Order) -> Option<Moment> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(text);
    }
    iso(text).or_else(|| zoned_words(text)).or_else(|| prose(text, order))
}

/// Finds a date in a line of text such as «Publié le 11 février 2016 à 16:41».
pub(crate) fn prose(text: &str, order: Order) -> Option<Moment> {
    let text: String = text.chars().take(DATE_BYTES_MAX).collect();
    let words = words(&text);
    (0..words.len()).find_map(|at| date_at(words.get(at..)?, order)).map(Moment::Day)
}

/// What pages write before the date of a change, folded.
const CHANGES: [&str; 11] = [
    "mis a jour",
    "mise a jour",
    "modifie",
    "actualise",
    "updated",
    "last updated",
    "last modified",
    "aktualisiert",
    "actualizado",
    "aggiornato",
    "bijgewerkt",
];

/// Whether a text says first of all when something was changed: «Mis à jour le 6 mars 2026».
pub(crate) fn begins_with_change(text: &str) -> bool {
    let text: String = text.chars().take(DATE_BYTES_MAX).collect();
    let folded = depeche_text::fold(&text);
    let start = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    CHANGES.iter().any(|change| start.starts_with(change))
}

/// The date of the change that a line tells by itself or after another date: «Publié le 5 mars 2026, mis à jour le 6 mars
/// 2026». Within prose the words may be of anything.
pub(crate) fn changed(text: &str, order: Order) -> Option<Moment> {
    let text: String = text.chars().take(DATE_BYTES_MAX * 2).collect();
    let folded = depeche_text::fold(&text);
    let at = CHANGES.iter().filter_map(|change| folded.find(change)).min()?;
    let (before, after) = folded.split_at_checked(at)?;
    let told = begins_with_change(&text) || prose(before, order).is_some();
    told.then(|| prose(after, order)).flatten()
}

/// The date of a line that is not that of a change: the other one of «Mis à jour le 6 mars 2026, publié le 5 mars 2026».
pub(crate) fn unchanged(text: &str, order: Order) -> Option<Moment> {
    if !begins_with_change(text) {
        return prose(text, order);
    }
    let folded = depeche_text::fold(text);
    prose(folded.get(folded.find("publi")?..)?, order)
}

/// The date after the place that a text begins with: «Valence, le 16 juillet 2026».
pub(crate) fn after_place(text: &str, order: Order) -> Option<Moment> {
    let (place, rest) = text.split_once(", le ")?;
    let is_place = place.starts_with(char::is_uppercase) && place.split_whitespace().count() <= 4;
    is_place.then(|| at_start(rest, order)).flatten()
}

/// The date that a text begins with, as in «(3 mars 2015) La crue…» or «03.03.2015 – La crue…».
pub(crate) fn at_start(text: &str, order: Order) -> Option<Moment> {
    let text: String = text.chars().take(DATE_BYTES_MAX).collect();
    let words = words(&text);
    let first = words.iter().position(|word| !matches!(word, Word::Sign(_)))?;
    date_at(words.get(first..)?, order).map(Moment::Day)
}

/// Finds a date in the path of an address: `/2016/02/11/`, `/20160211-`, `/2016-02-11`.
pub(crate) fn in_address(address: &str) -> Option<Moment> {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = path.split(['?', '#']).next()?;
    let numbers: Vec<&str> = path.split(|c: char| !c.is_ascii_digit()).collect();
    if let Some(date) = with_month(path) {
        return Some(Moment::Day(date));
    }
    for at in 0..numbers.len() {
        let part = |i: usize| numbers.get(at + i).copied().unwrap_or_default();
        if part(0).len() == 4
            && (1..=2).contains(&part(1).len())
            && (1..=2).contains(&part(2).len())
            && let Some(date) = date(number(part(0))?, number(part(1))?, number(part(2))?)
        {
            return Some(Moment::Day(date));
        }
        if (1..=2).contains(&part(0).len())
            && (1..=2).contains(&part(1).len())
            && part(2).len() == 4
            && let Some(date) = date(number(part(2))?, number(part(1))?, number(part(0))?)
        {
            return Some(Moment::Day(date));
        }
        if part(0).len() == 8
            && let Some(moment) = digits(part(0)).or_else(|| day_first(part(0)))
        {
            return Some(moment);
        }
    }
    None
}

/// `/2016/february/11`
fn with_month(path: &str) -> Option<Date> {
    let folders: Vec<&str> = path.split('/').collect();
    folders.windows(3).find_map(|three| match three {
        [year, name, day] if year.len() == 4 && day.len() <= 2 => {
            date(number(year)?, month(&depeche_text::fold(name))?, number(day)?)
        }
        _ => None,
    })
}

/// `11022016` at the start of a folder, as in `/11022016-otan`.
fn day_first(part: &str) -> Option<Moment> {
    date(number(part.get(4..)?)?, number(part.get(2..4)?)?, number(part.get(..2)?)?)
        .map(Moment::Day)
}

/// `20160211`, or seconds or milliseconds since 1970.
fn digits(text: &str) -> Option<Moment> {
    match text.len() {
        8 => date(number(text.get(..4)?)?, number(text.get(4..6)?)?, number(text.get(6..)?)?)
            .map(Moment::Day),
        10 => plausible(Timestamp::from_second(text.parse().ok()?).ok()?),
        13 => plausible(Timestamp::from_millisecond(text.parse().ok()?).ok()?),
        _ => None,
    }
}

fn plausible(at: Timestamp) -> Option<Moment> {
    let year = Offset::UTC.to_datetime(at).year();
    (YEAR_MIN..=YEAR_MAX).contains(&year).then(|| Moment::utc(at))
}

/// ISO 8601 with `T` or a space between day and time, seconds or none, any offset or none.
fn iso(text: &str) -> Option<Moment> {
    let day = text.get(..10)?;
    let bytes = day.as_bytes();
    if !matches!((bytes.get(4)?, bytes.get(7)?), (b'-', b'-') | (b'/', b'/')) {
        return None;
    }
    let day = date(number(day.get(..4)?)?, number(day.get(5..7)?)?, number(day.get(8..10)?)?)?;
    let rest = text.get(10..)?.trim_start_matches(['T', 't', ' ', ',']);
    Some(at_time(day, rest).unwrap_or(Moment::Day(day)))
}

/// A day with its time and offset; without an offset only the day is certain.
fn at_time(day: Date, time: &str) -> Option<Moment> {
    let zone_at = time.find(['Z', 'z', '+', '-', ' ']).filter(|&at| at >= 4)?;
    let (clock, zone) = time.split_at(zone_at);
    let mut parts = clock.split([':', '.', ',']).map(number);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().flatten().unwrap_or(0);
    let (zone, later) = half_of_day(zone.trim());
    let offset = offset(zone)?;
    let hour =
        later.map_or(Some(hour), |later| (1..=12).contains(&hour).then_some(hour % 12 + later))?;
    let small = |n: i16| i8::try_from(n).ok();
    let clock = depeche_news::jiff::civil::Time::new(
        small(hour)?,
        small(minute)?,
        small(second.min(59))?,
        0,
    );
    let at = offset.to_timestamp(day.to_datetime(clock.ok()?)).ok()?;
    Some(Moment::Instant { at, offset })
}

/// The zone that follows «AM», «PM» or «Uhr», and what the first two add to an hour of twelve.
fn half_of_day(zone: &str) -> (&str, Option<i16>) {
    const WORDS: [(&str, Option<i16>); 5] =
        [("am", Some(0)), ("a.m.", Some(0)), ("pm", Some(12)), ("p.m.", Some(12)), ("uhr", None)];
    let found = WORDS.iter().find_map(|(word, adds)| {
        let start = zone.get(..word.len())?;
        let rest = zone.get(word.len()..)?;
        let is_word = start.eq_ignore_ascii_case(word) && !rest.starts_with(char::is_alphanumeric);
        is_word.then(|| (rest.trim_start_matches([' ', ',', '(']).trim_end_matches(')'), *adds))
    });
    found.unwrap_or((zone, None))
}

/// `Z`, `+01:00`, `+0100`, `+01`, or the abbreviations with one meaning in news.
pub(crate) fn offset(zone: &str) -> Option<Offset> {
    let hours = |hours: i32| Offset::from_seconds(hours * 3600).ok();
    match zone {
        "Z" | "z" | "UTC" | "GMT" | "UT" | "+0000" => return Some(Offset::UTC),
        "CET" | "MEZ" | "HNEC" => return hours(1),
        "CEST" | "MESZ" | "HAEC" => return hours(2),
        "BST" => return hours(1),
        "EST" => return hours(-5),
        "EDT" => return hours(-4),
        "CDT" => return hours(-5),
        "PST" => return hours(-8),
        "PDT" => return hours(-7),
        _ => {}
    }
    let digits: String = zone.get(1..)?.chars().filter(char::is_ascii_digit).take(4).collect();
    let hour = i32::from(number(digits.get(..2)?)?);
    let minute = digits.get(2..4).and_then(number).unwrap_or(0);
    let seconds = hour * 3600 + i32::from(minute) * 60;
    let seconds = match zone.as_bytes().first()? {
        b'+' => seconds,
        b'-' => -seconds,
        _ => return None,
    };
    OFFSETS.contains(&seconds).then(|| Offset::from_seconds(seconds).ok()).flatten()
}

/// The offsets in use on Earth, in seconds: from Baker Island to the Line Islands.
const OFFSETS: std::ops::RangeInclusive<i32> = -12 * 3600..=14 * 3600;

/// The instant of a day by the clock that the same text tells, where it tells one and no zone: «11 février 2016 à 16h41».
pub(crate) fn at_clock(moment: Moment, text: &str, zone: Option<&TimeZone>) -> Moment {
    let (Moment::Day(day), Some(zone), Some(time)) = (moment, zone, clock(text)) else {
        return moment;
    };
    let at = zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible();
    at.map_or(moment, |at| Moment::Instant { at, offset: zone.to_offset(at) })
}

/// The time of day in a text, if there is just one: `16:41`, `16:41:05`, `16h41`, `16 h 41`.
fn clock(text: &str) -> Option<Time> {
    let bytes = text.as_bytes().get(..text.len().min(DATE_BYTES_MAX)).unwrap_or_default();
    let mut found = None;
    let mut at = 0;
    while at < bytes.len() {
        let Some((time, end)) = clock_at(bytes, at) else {
            at += 1;
            continue;
        };
        if found.replace(time).is_some_and(|before| before != time) {
            return None;
        }
        at = end;
    }
    found
}

/// The time of day that stands at a place, and where it ends.
fn clock_at(bytes: &[u8], at: usize) -> Option<(Time, usize)> {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let two = |at: usize| {
        let digits = std::str::from_utf8(bytes.get(at..at + 2)?).ok()?;
        (!is_digit(at + 2)).then(|| number(digits)).flatten()
    };
    let space = |at: usize| at + usize::from(bytes.get(at) == Some(&b' '));
    if !is_digit(at) || (at > 0 && is_digit(at - 1)) {
        return None;
    }
    let len = 1 + usize::from(is_digit(at + 1));
    let hour = number(std::str::from_utf8(bytes.get(at..at + len)?).ok()?)?;
    let minutes = match bytes.get(at + len)? {
        b':' => at + len + 1,
        b'h' | b'H' => space(at + len + 1),
        b' ' if matches!(bytes.get(at + len + 1), Some(b'h' | b'H')) => space(at + len + 2),
        _ => return None,
    };
    let minute = two(minutes)?;
    let seconds = two(minutes + 3).filter(|_| bytes.get(minutes + 2) == Some(&b':'));
    let small = |n: i16| i8::try_from(n).ok();
    let time = Time::new(small(hour)?, small(minute)?, small(seconds.unwrap_or(0))?, 0).ok()?;
    Some((time, minutes + if seconds.is_some() { 5 } else { 2 }))
}

/// `Thu, 11 Feb 2016 16:41:00 +0100`.
fn zoned_words(text: &str) -> Option<Moment> {
    let Moment::Day(day) = prose(text, Order::DayFirst)? else { return None };
    let clock = text.find(':')?;
    let start = text.get(..clock)?.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    at_time(day, text.get(start..)?)
}

/// A word of a text that may hold a date.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Number { value: i16, digits: usize },
    Month(i16),
    Sign(char),
    Other,
}

fn words(text: &str) -> Vec<Word> {
    let folded = depeche_text::fold(text);
    let mut words = Vec::new();
    let mut rest = folded.as_str();
    while let Some(c) = rest.chars().next() {
        let class =
            |d: char| if c.is_ascii_digit() { d.is_ascii_digit() } else { d.is_alphabetic() };
        let end = if c.is_alphanumeric() {
            rest.find(|d| !class(d)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (word, after) = rest.split_at(end.max(c.len_utf8()));
        rest = after;
        match c {
            _ if c.is_ascii_digit() => words.push(
                number(word)
                    .map_or(Word::Other, |value| Word::Number { value, digits: word.len() }),
            ),
            '年' | '月' | '日' | '년' | '월' | '일' => words.push(Word::Sign(c)),
            _ if c.is_alphabetic() => match word {
                "de" | "del" | "of" | "st" | "nd" | "rd" | "th" | "er" => {}
                _ => words.push(month(word).map_or(Word::Other, Word::Month)),
            },
            '.' | '/' | '-' | '–' => words.push(Word::Sign(c)),
            _ => {}
        }
    }
    words
}

fn date_at(words: &[Word], order: Order) -> Option<Date> {
    use Word::{Month, Number, Sign};
    match *words {
        // 2016-02-11, 2016/02/11, 2016.02.11, 2016年2月11日
        [
            Number { value: y, digits: 4 },
            Sign(_),
            Number { value: m, .. },
            Sign(_),
            Number { value: d, .. },
            ..,
        ] => date(y, m, d),
        // 11/02/2016, and 02/11/2016 where that is the custom.
        [
            Number { value: a, digits: 1..=2 },
            Sign(s),
            Number { value: b, digits: 1..=2 },
            Sign(_),
            Number { value: y, digits },
            ..,
        ] if digits == 4 || digits == 2 => {
            let y = if digits == 2 { 2000 + y } else { y };
            let (day_first, month_first) = (date(y, b, a), date(y, a, b));
            if s == '/' && order == Order::MonthFirst {
                month_first.or(day_first)
            } else {
                day_first.or(month_first)
            }
        }
        // 11 février 2016, 11. Februar 2016, 11-Feb-2016
        [Number { value: d, digits: 1..=2 }, Month(m), Number { value: y, digits: 4 }, ..]
        | [
            Number { value: d, digits: 1..=2 },
            Sign(_),
            Month(m),
            Number { value: y, digits: 4 },
            ..,
        ]
        | [
            Number { value: d, digits: 1..=2 },
            Sign(_),
            Month(m),
            Sign(_),
            Number { value: y, digits: 4 },
            ..,
        ]
        | [
            Number { value: d, digits: 1..=2 },
            Month(m),
            Sign(_),
            Number { value: y, digits: 4 },
            ..,
        ] => date(y, m, d),
        // February 11, 2016; Feb. 11 2016
        [Month(m), Number { value: d, digits: 1..=2 }, Number { value: y, digits: 4 }, ..]
        | [
            Month(m),
            Sign(_),
            Number { value: d, digits: 1..=2 },
            Number { value: y, digits: 4 },
            ..,
        ] => date(y, m, d),
        _ => None,
    }
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (YEAR_MIN..=YEAR_MAX).contains(&year).then_some(date)
}

fn number(text: &str) -> Option<i16> {
    (!text.is_empty() && text.len() <= 4).then(|| text.parse().ok()).flatten()
}

/// The month a folded word names in one of our languages, whole or cut.
pub(crate) fn month(word: &str) -> Option<i16> {
    const MONTHS: [&str; 12] = [
        "january ledna sijecnja ιανουαριου січня يناير gener tammikuuta styczen jan janvier janv januar janner jaenner enero ene janeiro gennaio gen januari stycznia января ianuarie ocak januára",
        "february unora veljace φεβρουαριου лютого فبراير febrer helmikuuta feb fevrier fevr fev februar feber febrero fevereiro febbraio februari lutego февраля februarie subat",
        "march brezna ozujka μαρτιου березня مارس maret maaliskuuta mar mars marz maerz mrz marzo marco maart mrt marca марта martie mart",
        "april dubna travnja απριλιου квітня ابريل أبريل huhtikuuta apr avril avr abril abr aprile kwietnia апреля aprilie nisan",
        "may kvetna svibnja μαιου травня مايو maig toukokuuta mayıs mai mayo maio maggio mag mei maja мая mayis",
        "june cervna lipnja ιουνιου червня يونيو juny kesakuuta jun juin juni junio junho giugno giu czerwca июня iunie haziran",
        "july cervence srpnja ιουλιου липня يوليو juliol heinakuuta jul juillet juil juli julio julho luglio lug lipca июля iulie temmuz",
        "august srpna kolovoza αυγουστου серпня اغسطس أغسطس agost elokuuta aug aout agosto ago augustus augusti sierpnia августа agustos",
        "september zari rujna σεπτεμβριου вересня سبتمبر setembre syyskuuta sep sept septembre septiembre setembro set settembre wrzesnia сентября septembrie eylul",
        "october rijna οκτωβριου жовтня اكتوبر أكتوبر lokakuuta oct octobre oktober okt octubre outubro out ottobre ott pazdziernika октября octombrie ekim",
        "november listopadu studenoga νοεμβριου نوفمبر marraskuuta kasım nov novembre noviembre novembro listopada ноября noiembrie kasim",
        "december prosince prosinca δεκεμβριου грудня ديسمبر joulukuuta aralık dec decembre dezember dez diciembre dic dezembro dicembre desember grudnia декабря decembrie aralik",
    ];
    static BY_NAME: LazyLock<HashMap<&'static str, i16>> = LazyLock::new(|| {
        let mut by_name = HashMap::default();
        for (number, names) in (1..).zip(MONTHS) {
            // A name of two months is that of the first.
            names.split(' ').for_each(|name| _ = by_name.entry(name).or_insert(number));
        }
        by_name
    });
    BY_NAME.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown =
            field(text, Order::DayFirst).map(|moment| moment.to_string()).unwrap_or_default();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_zone_is_read_by_its_name() {
        for (text, wanted) in [
            ("May 2, 2019 10:15 AM EDT", "2019-05-02T10:15:00-04:00"),
            ("May 2, 2019, 12:05 a.m. EST", "2019-05-02T00:05:00-05:00"),
            ("2 May 2019 12:05 pm BST", "2019-05-02T12:05:00+01:00"),
            ("2. Mai 2019, 10:15 Uhr MESZ", "2019-05-02T10:15:00+02:00"),
            ("2. Mai 2019, 10:15 Uhr", "2019-05-02"),
            ("May 2, 2019 14:15 PM EDT", "2019-05-02"),
        ] {
            let found = field(text, Order::DayFirst).map(|at| at.to_string());
            assert_eq!(found.as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_clock_without_a_zone_is_of_the_source() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        for (text, wanted) in [
            ("2016-02-11T16:41:05", "2016-02-11T16:41:05+01:00"),
            ("Publié le 11 février 2016 à 16h41", "2016-02-11T16:41:00+01:00"),
            ("11 juillet 2016, 6 h 05", "2016-07-11T06:05:00+02:00"),
            ("11.02.2016 16:41 | 16:41", "2016-02-11T16:41:00+01:00"),
            ("11 février 2016 de 16h à 18h30 et 19h00", "2016-02-11"),
            ("2016-02-11T16:41:00+15:00", "2016-02-11"),
            ("11 février 2016 à 26h41", "2016-02-11"),
            ("11 février 2016, 12:345", "2016-02-11"),
        ] {
            let day = field(text, Order::DayFirst).unwrap();
            assert_eq!(at_clock(day, text, Some(&paris)).to_string(), wanted, "{text}");
            assert_eq!(at_clock(day, text, None), day, "{text}");
        }
    }

    #[test]
    fn dates_of_fields() {
        check("2016-02-11T16:41:00+01:00", "2016-02-11T16:41:00+01:00");
        check("2016-02-11T16:41+0100", "2016-02-11T16:41:00+01:00");
        check("2016-02-11T15:41:00.123Z", "2016-02-11T15:41:00+00:00");
        check("2016-02-11 16:41:00", "2016-02-11");
        check("2016-02-11T16:41:00", "2016-02-11");
        check("Thu, 11 Feb 2016 16:41:00 +0100", "2016-02-11T16:41:00+01:00");
        check("20160211", "2016-02-11");
        check("1455205260", "2016-02-11T15:41:00+00:00");
        check("0000-00-00", "");
        check("hier", "");
    }

    #[test]
    fn dates_of_lines() {
        check("Publié le 11 février 2016 à 16:41", "2016-02-11");
        check("1er août 2019", "2019-08-01");
        check("Feb. 11, 2016", "2016-02-11");
        check("02/13/2016", "2016-02-13");
        check("11/02/2016", "2016-02-11");
        check("11. März 2016", "2016-03-11");
        check("11 de febrero de 2016", "2016-02-11");
        check("2016年2月11日", "2016-02-11");
        check("11.02.16", "2016-02-11");
        check("Publié le mardi 3 mars 2015 à 18h42, mis à jour le 4 mars 2015", "2015-03-03");
        check("Le 3/03/2015 à 18:42", "2015-03-03");
        check("3 sept. 2015", "2015-09-03");
        check("10 fevrier 2015", "2015-02-10");
        check("Mis en ligne le 1er févr. 2015", "2015-02-01");
        check("12 déc. 2015", "2015-12-12");
        check("5 Kasım 2015", "2015-11-05");
        check("3. března 2015", "2015-03-03");
        check("3 березня 2015", "2015-03-03");
        check("Publié hier à 18h04", "");
        check("© 2015 Le Courrier", "");
    }

    #[test]
    fn dates_of_addresses() {
        let found = |address| in_address(address).map(|moment| moment.to_string());
        assert_eq!(found("https://a.example/2016/02/11/otan").as_deref(), Some("2016-02-11"));
        assert_eq!(found("https://a.example/monde/20160211-otan").as_deref(), Some("2016-02-11"));
        assert_eq!(found("https://a.example/2016/february/11/otan").as_deref(), Some("2016-02-11"));
        assert_eq!(found("https://a.example/11022016-otan").as_deref(), Some("2016-02-11"));
        assert_eq!(found("https://a.example/12345678"), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", near in "[0-9TZ:+ ./-]{0,30}") {
            let _ = (field(&text, Order::DayFirst), field(&near, Order::MonthFirst), in_address(&text));
        }
    }
}
