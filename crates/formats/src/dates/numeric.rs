//! Dates made of numbers: ISO 8601, slashes and dots, seconds since 1970; times and offsets.

use depeche_news::jiff::{Timestamp, civil};

use super::{Clock, Parts, century, known};

/// Reads a date that starts with its numbers; `None` when it is written another way.
pub(super) fn read(text: &str) -> Option<Parts> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    match (first.len(), rest.chars().next()) {
        (9 | 10, None) => {
            since_1970(first.parse().ok().and_then(|s| Timestamp::from_second(s).ok()))
        }
        (13, None) => {
            since_1970(first.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()))
        }
        (14, _) => with_time(compact_day(&first[..8])?, &first[8..], rest),
        (8, _) => with_time(compact_day(first)?, rest, ""),
        (4, None) => Some(parts_of(first.parse().ok()?, 1, 1)),
        (4, Some(mark @ ('-' | '/' | '.'))) => year_first(first, &rest[1..], mark),
        (1 | 2, Some(mark @ ('/' | '.' | '-'))) => day_or_month_first(first, &rest[1..], mark),
        _ => None,
    }
}

/// What stands behind the numbers of a day, three at most with one mark between them.
pub(super) fn after_day(text: &str) -> &str {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let mut rest = text.get(digits(text)..).unwrap_or_default();
    let Some(mark) = rest.chars().next() else { return rest };
    for _ in 0..2 {
        match rest.strip_prefix(mark).map(|after| (digits(after), after)) {
            Some((end @ 1.., after)) => rest = after.get(end..).unwrap_or_default(),
            _ => return rest,
        }
    }
    rest
}

/// A time without marks behind a day and words: ` à 0600`, `T06`.
pub(super) fn bare_clock(text: &str) -> Option<(Clock, &str)> {
    let time = text.trim_start_matches(is_between);
    if clock(time).is_some() { None } else { compact_clock(time) }
}

/// What stands between a day and its time.
fn is_between(c: char) -> bool {
    c.is_whitespace() || c.is_alphabetic() || c == ','
}

/// `2016-02-16`, `2016-02`, `2016-046`, with or without a time.
fn year_first(year: &str, rest: &str, mark: char) -> Option<Parts> {
    let year: i16 = year.parse().ok()?;
    let (second, after) = number(rest)?;
    if second.len() == 3 {
        let day =
            civil::Date::new(year, 1, 1).ok()?.with().day_of_year(second.parse().ok()?).build();
        let day = day.ok()?;
        return with_time(parts_of(day.year(), day.month(), day.day()), after, "");
    }
    let month = second.parse().ok()?;
    let Some((day, after)) = after.strip_prefix(mark).and_then(number) else {
        return with_time(parts_of(year, month, 1), after, "");
    };
    with_time(parts_of(year, month, day.parse().ok()?), after, "")
}

/// `16/02/2016`, the European order; the American one when only that is possible, or with AM/PM.
fn day_or_month_first(first: &str, rest: &str, mark: char) -> Option<Parts> {
    let (second, rest) = number(rest)?;
    let (year, after) = number(rest.strip_prefix(mark)?)?;
    let year = if year.len() <= 2 { century(year.parse().ok()?) } else { year.parse().ok()? };
    let (first, second): (i8, i8) = (first.parse().ok()?, second.parse().ok()?);
    let lower = after.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    let american =
        second > 12 || mark == '/' && first <= 12 && words.any(|word| matches!(word, "am" | "pm"));
    let (month, day) = if american { (first, second) } else { (second, first) };
    with_time(parts_of(year, month, day), after, "")
}

/// A day, then a time in digits or nothing, then what is left.
fn with_time(mut parts: Parts, time: &str, rest: &str) -> Option<Parts> {
    let after_words = time.trim_start_matches(is_between);
    let time = if after_words.is_empty() { time } else { after_words };
    let (clock, after) = match clock(time).or_else(|| compact_clock(time)) {
        Some((clock, after)) => (Some(clock), after),
        None => (None, time),
    };
    parts.clock = clock;
    let zone = if after.is_empty() { rest } else { after }.trim_start();
    match offset(zone) {
        Some((offset, _)) => parts.offset = Some(offset),
        None => zone
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .for_each(|word| known(word, &mut parts)),
    }
    Some(parts)
}

/// A time with marks between: `10:05`, `9:05:00.123`, `10h05`, `10 h 05`, `10 heures`.
pub(super) fn clock(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = number(text)?;
    let mut clock = Clock { hour: hour.parse().ok()?, ..Clock::default() };
    let marked = rest.trim_start();
    let Some(after_mark) = marked.strip_prefix(':').filter(|_| marked.len() == rest.len()) else {
        return hours(clock, marked);
    };
    let (minute, rest) = number(after_mark).filter(|(minute, _)| minute.len() <= 2)?;
    clock.minute = minute.parse().ok()?;
    let Some((second, rest)) = rest.strip_prefix([':', '.']).and_then(number) else {
        return Some((clock, rest));
    };
    clock.second = second.parse().ok()?;
    let Some((fraction, rest)) = rest.strip_prefix(['.', ',']).and_then(number) else {
        return Some((clock, rest));
    };
    clock.nanosecond = nanoseconds(fraction);
    Some((clock, rest))
}

/// `h05`, `h 05`, `heures 05` after the hour; the minutes may be missing.
fn hours(mut clock: Clock, text: &str) -> Option<(Clock, &str)> {
    let rest = text.strip_prefix(['h', 'H'])?;
    let rest = rest.strip_prefix("eures").or_else(|| rest.strip_prefix("eure")).unwrap_or(rest);
    if rest.starts_with(char::is_alphabetic) {
        return None;
    }
    let Some((minute, after)) = number(rest.trim_start()) else { return Some((clock, rest)) };
    if minute.len() > 2 {
        return Some((clock, rest));
    }
    clock.minute = minute.parse().ok()?;
    Some((clock, after))
}

/// `1005` and `100500` after a `T`, or the hour alone.
fn compact_clock(text: &str) -> Option<(Clock, &str)> {
    let (digits, rest) = number(text)?;
    let pair = |at: usize| match digits.get(at..at + 2) {
        Some(pair) => pair.parse().ok(),
        None => Some(0),
    };
    matches!(digits.len(), 2 | 4 | 6).then_some(())?;
    Some((Clock { hour: pair(0)?, minute: pair(2)?, second: pair(4)?, nanosecond: 0 }, rest))
}

/// `Z`, `+0100`, `+01:00`, `-5`; seconds east of Greenwich.
pub(super) fn offset(text: &str) -> Option<(i32, &str)> {
    let zulu = text.strip_prefix(['Z', 'z']).filter(|rest| !rest.starts_with(char::is_alphabetic));
    if let Some(rest) = zulu {
        return Some((0, rest));
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let (digits, rest) = number(text.trim_start_matches(['+', '-', '−']))?;
    let value: i32 = digits.parse().ok()?;
    let (hours, minutes, rest) = match (digits.len(), rest.strip_prefix(':').and_then(number)) {
        (1 | 2, Some((minutes, rest))) => (value, minutes.parse().ok()?, rest),
        (1 | 2, None) => (value, 0, rest),
        (3 | 4, _) => (value / 100, value % 100, rest),
        _ => return None,
    };
    // Only then is it small enough to be counted with.
    (hours <= 15 && minutes < 60).then(|| (sign * (hours * 3600 + minutes * 60), rest))
}

fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn nanoseconds(fraction: &str) -> i32 {
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'))
}

fn compact_day(digits: &str) -> Option<Parts> {
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(parts_of(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn parts_of(year: i16, month: i8, day: i8) -> Parts {
    Parts { year: Some(year), month: Some(month), day: Some(day), ..Parts::default() }
}

fn since_1970(at: Option<Timestamp>) -> Option<Parts> {
    Some(Parts { at: Some(at?), ..Parts::default() })
}
