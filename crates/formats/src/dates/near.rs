//! Dates in a sentence, which leaves out what the day of its writing says: «jusqu'à vendredi 18h30», «le 12 février
//! à 06H00 GMT», «jusqu'à 18h00».

use depeche_news::Moment;
use depeche_news::jiff::{
    ToSpan, civil,
    tz::{Offset, TimeZone},
};
use depeche_news::limits::formats::DATE_PHRASE_BYTES_MAX;

use super::words::{self, Word};
use super::{Clock, Parts, numeric, zone_sign};

/// Reads the first moment that a sentence names. What it leaves out is taken from `near`, when it was written:
/// the year that brings the day closest, the next such weekday, the next such hour. Clocks are those that it
/// names, else those of `zone`, else UTC.
pub fn date_near(text: &str, near: Option<Moment>, zone: Option<&TimeZone>) -> Option<Moment> {
    let text = text.get(..text.floor_char_boundary(DATE_PHRASE_BYTES_MAX))?;
    let said = Said::of(&text.replace(['(', ')', '[', ']'], " "));
    let parts = said.parts;
    let clocks = parts.clocks(zone);
    let today = near.map(|near| match near {
        Moment::Day(day) => day,
        Moment::Instant { at, .. } => clocks.to_datetime(at).date(),
    });
    let at = |day: civil::Date| {
        Parts { year: Some(day.year()), month: Some(day.month()), day: Some(day.day()), ..parts }
            .moment(Some(&clocks))
    };
    if let Some(day) = said.day(today)? {
        return at(day);
    }
    // «Jusqu'à 18h00» is the next 18h00 there is.
    let today = today.filter(|_| parts.clock.is_some())?;
    let first = at(today)?;
    let is_over = near.is_some_and(|near| near.sort_key() > first.sort_key());
    if is_over { at(today.tomorrow().ok()?) } else { Some(first) }
}

/// Whether a sentence names a day, by its date or as a weekday.
pub fn names_day(text: &str) -> bool {
    let said = text.get(..text.floor_char_boundary(DATE_PHRASE_BYTES_MAX)).map(Said::of);
    said.is_some_and(|said| said.parts.day.is_some() || said.weekday.is_some())
}

/// What a sentence says of a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    parts: Parts,
    /// Days after Monday.
    weekday: Option<i8>,
}

/// What was read last, for what only means something beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Last {
    #[default]
    Nothing,
    /// A number that may be a day or an hour; whether a word before it says that it is a day.
    Number(i8, bool),
    Month(i8),
    /// A clock, or a word that goes with one: a zone may follow.
    Clock,
    /// «heure de»: whose it is follows.
    Hour,
    /// «le», «au», a weekday: a day may follow.
    Before,
}

impl Said {
    fn of(text: &str) -> Self {
        let mut said = Self::default();
        let mut last = Last::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = if first.is_ascii_digit() {
                said.number(rest, &mut last)
            } else if first.is_alphabetic() {
                let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                last = said.word(word, last);
                after
            } else {
                said.mark(rest, last)
            };
        }
        said.loose_day(last);
        let named = said.parts.offset.is_some() || said.parts.place.is_some();
        said.parts.offset = said
            .parts
            .offset
            .or_else(|| zone_in(text).filter(|_| !named && said.parts.clock.is_some()));
        said
    }

    /// A day that is named, `Some(None)` where none is, `None` where it cannot be.
    fn day(self, today: Option<civil::Date>) -> Option<Option<civil::Date>> {
        let Parts { year, month, day, .. } = self.parts;
        match (year, month, day, self.weekday) {
            (Some(year), Some(month), Some(day), _) => {
                Some(Some(civil::Date::new(year, month, day).ok()?))
            }
            (None, Some(month), Some(day), _) => Some(Some(nearest_year(today?, month, day)?)),
            (_, None, Some(day), _) => Some(Some(next_month_with(today?, day)?)),
            (_, _, None, Some(weekday)) => Some(Some(next_weekday(today?, weekday)?)),
            _ => Some(None),
        }
    }

    /// A run of digits: a whole date, a day and a month, a time, or a number that the next word explains.
    fn number<'t>(&mut self, rest: &'t str, last: &mut Last) -> &'t str {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let marked = after.strip_prefix(['/', '-', '.']);
        let dated = marked.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
        if dated && self.parts.day.is_none() {
            // Of what is behind the day nothing is believed: the sentence goes on.
            if let Some(whole) = numeric::read(rest) {
                (self.parts.year, self.parts.month, self.parts.day) =
                    (whole.year, whole.month, whole.day);
                let after = numeric::after_day(rest);
                let Some((clock, after)) = numeric::bare_clock(after)
                    .filter(|_| self.parts.clock.is_none() && whole.clock.is_some())
                else {
                    let clocked = self.parts.clock.is_some();
                    *last = if clocked { Last::Clock } else { Last::Nothing };
                    return after;
                };
                (self.parts.clock, *last) = (Some(clock), Last::Clock);
                return after;
            }
            if let Some(after) = self.slashed(digits, after) {
                return after;
            }
        }
        if self.parts.clock.is_none()
            && let Some((clock, after)) = numeric::clock(rest)
        {
            self.loose_day(std::mem::replace(last, Last::Clock));
            self.parts.clock = Some(clock);
            return after;
        }
        let ordinal = ["er", "st", "nd", "rd", "th"];
        let after = ordinal.iter().find_map(|end| after.strip_prefix(end)).unwrap_or(after);
        let small = digits.parse().ok().filter(|day| (0..=31).contains(day));
        *last = match (small, *last) {
            (Some(day), Last::Month(month)) if self.parts.day.is_none() => {
                (self.parts.month, self.parts.day) = (Some(month), Some(day));
                Last::Nothing
            }
            (Some(number), before) => Last::Number(number, before == Last::Before),
            (None, _) => {
                let year = digits.parse().ok().filter(|year| (1900..2200).contains(year));
                self.parts.year = self.parts.year.or(year.filter(|_| self.parts.day.is_some()));
                Last::Nothing
            }
        };
        after
    }

    /// `12/02` without its year.
    fn slashed<'t>(&mut self, day: &str, after: &'t str) -> Option<&'t str> {
        let rest = after.strip_prefix('/')?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (month, rest) = rest.split_at(end);
        let (day, month) = (day.parse().ok()?, month.parse().ok()?);
        (self.parts.day, self.parts.month) = (Some(day), Some(month));
        Some(rest)
    }

    fn word(&mut self, word: &str, last: Last) -> Last {
        let folded = depeche_text::fold(word);
        if let Some(weekday) = weekday(&folded) {
            self.weekday = self.weekday.or(Some(weekday));
            return Last::Before;
        }
        match (folded.as_str(), last) {
            ("heure" | "heures", _) if self.parts.clock.is_some() => return Last::Hour,
            ("de" | "du" | "la" | "l", Last::Hour) => return Last::Hour,
            ("le" | "au" | "du" | "on" | "until", _) => return Last::Before,
            ("midi" | "noon", _) => return self.at(12, last),
            // The end of the day that is named: an embargo is better kept too long.
            ("minuit" | "midnight", _) => return self.at(24, last),
            _ => {}
        }
        match (words::meaning(word), last) {
            (Some(Word::Month(month) | Word::PerhapsMonth(month)), Last::Number(day, _))
                if self.parts.month.is_none() =>
            {
                (self.parts.month, self.parts.day) = (Some(month), Some(day));
                Last::Nothing
            }
            (Some(Word::Month(month)), _) => Last::Month(month),
            (Some(Word::Afternoon(is)), last) => {
                if let Last::Number(hour, _) = last {
                    self.at(hour, Last::Nothing);
                }
                self.parts.afternoon = Some(is);
                Last::Clock
            }
            // «et» and «est» are words, ET and EST are zones.
            (Some(Word::Zone(offset)), Last::Clock | Last::Hour)
                if !word.chars().any(char::is_lowercase) || matches!(word, "gmt" | "utc") =>
            {
                self.parts.offset = self.parts.offset.or(Some(offset));
                Last::Clock
            }
            (Some(Word::Place(place)), Last::Clock | Last::Hour) => {
                self.parts.place = self.parts.place.or(Some(place));
                Last::Nothing
            }
            (_, last) => {
                self.loose_day(last);
                Last::Nothing
            }
        }
    }

    /// Takes an hour that is said in words or before AM and PM.
    fn at(&mut self, hour: i8, last: Last) -> Last {
        self.loose_day(last);
        self.parts.clock = self.parts.clock.or(Some(Clock { hour, ..Clock::default() }));
        Last::Clock
    }

    /// «Jusqu'au 13 à 6h», «vendredi 13»: a number that a word before it makes a day, and no month behind it.
    fn loose_day(&mut self, last: Last) {
        if let Last::Number(day, true) = last {
            self.parts.day = self.parts.day.or(Some(day));
        }
    }

    /// `+0100` behind a time.
    fn mark<'t>(&mut self, rest: &'t str, last: Last) -> &'t str {
        if last == Last::Clock
            && let Some((offset, after)) = zone_sign(rest, &self.parts)
        {
            self.parts.offset = Some(offset);
            return after;
        }
        let mut chars = rest.chars();
        chars.next();
        chars.as_str()
    }
}

/// «heure normale de l'Est», which a sentence ends with a comma or a stop.
fn zone_in(text: &str) -> Option<i32> {
    text.split([',', '.', ';']).find_map(words::zone_phrase)
}

fn weekday(folded: &str) -> Option<i8> {
    const DAYS: [(&str, &str); 7] = [
        ("lundi", "monday"),
        ("mardi", "tuesday"),
        ("mercredi", "wednesday"),
        ("jeudi", "thursday"),
        ("vendredi", "friday"),
        ("samedi", "saturday"),
        ("dimanche", "sunday"),
    ];
    let is = |french: &str, english: &str| {
        folded == french || folded == english || Some(folded) == english.get(..3)
    };
    let at = DAYS.iter().position(|(french, english)| is(french, english))?;
    i8::try_from(at).ok()
}

/// The year that brings a day next to another: this one, or the next where it would be long ago.
fn nearest_year(today: civil::Date, month: i8, day: i8) -> Option<civil::Date> {
    let own = civil::Date::new(today.year(), month, day).ok()?;
    let is_long_ago = own < today.checked_sub(180.days()).ok()?;
    if is_long_ago { civil::Date::new(today.year() + 1, month, day).ok() } else { Some(own) }
}

/// The next day with this number, today among them.
fn next_month_with(today: civil::Date, day: i8) -> Option<civil::Date> {
    let first = today.first_of_month();
    // After a month without a 31st there is one with it.
    (0..3)
        .filter_map(|months| {
            let month = first.checked_add(months.months()).ok()?;
            civil::Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= today)
}

fn next_weekday(today: civil::Date, weekday: i8) -> Option<civil::Date> {
    let days = (weekday + 7 - today.weekday().to_monday_zero_offset()) % 7;
    today.checked_add(i64::from(days).days()).ok()
}

impl Parts {
    /// Whose clocks a time is told by.
    fn clocks(self, zone: Option<&TimeZone>) -> TimeZone {
        let named = self.offset.and_then(|seconds| Offset::from_seconds(seconds).ok());
        let named = named.map(TimeZone::fixed);
        let place = || self.place.and_then(|place| TimeZone::get(place).ok());
        named.or_else(place).or_else(|| zone.cloned()).unwrap_or(TimeZone::UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, zone: &str, expected: Option<&str>) {
        let near = Moment::parse("2016-02-11T16:00:00+01:00");
        let zone = (!zone.is_empty()).then(|| TimeZone::get(zone).unwrap());
        let read = date_near(text, near, zone.as_ref());
        assert_eq!(read.map(|at| at.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn what_a_sentence_leaves_out_is_taken_from_when_it_was_written() {
        check("jusqu'au 12 février à 06H00 GMT", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'au 12/02 à 18:00", "", Some("2016-02-12T18:00:00+00:00"));
        check("jusqu'au 12/02/2016 à 18:00", "", Some("2016-02-12T18:00:00+00:00"));
        check("jusqu'au 2016-02-12 06:00", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'au 12/02/2016 - 6h", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'au 05/12/2016 (samedi) 6h", "", Some("2016-12-05T06:00:00+00:00"));
        check("until 12/05/2016 6pm", "", Some("2016-12-05T18:00:00+00:00"));
        check("jusqu'au 12/02/2016-6h", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'au 12/02/2016 : 06h00", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'au 12.02.2016 à 0600 GMT", "", Some("2016-02-12T06:00:00+00:00"));
        check("until 2016-02-12T06:00:00+01:00", "", Some("2016-02-12T06:00:00+01:00"));
        check("until 2016-02-12T06:00Z", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'au 12 janvier", "", Some("2016-01-12"));
        check("jusqu'au 3 août", "", Some("2016-08-03"));
        check("jusqu'au 20 mars. 2017, 6h", "", Some("2017-03-20T06:00:00+00:00"));
        check("jusqu'à vendredi 18h30", "", Some("2016-02-12T18:30:00+00:00"));
        check("jusqu'au vendredi 19 à 6h", "", Some("2016-02-19T06:00:00+00:00"));
        check("jusqu'au 13 à 6h", "", Some("2016-02-13T06:00:00+00:00"));
        check("jusqu'au 10 à 6h", "", Some("2016-03-10T06:00:00+00:00"));
        check("jusqu'à 18h00 GMT", "", Some("2016-02-11T18:00:00+00:00"));
        check("jusqu'à 06h00 GMT", "", Some("2016-02-12T06:00:00+00:00"));
        check("jusqu'à minuit", "", Some("2016-02-12T00:00:00+00:00"));
        check("jusqu'au 12 février à midi", "", Some("2016-02-12T12:00:00+00:00"));
        check("until Mon 6am", "", Some("2016-02-15T06:00:00+00:00"));
        check("until Tue. 6am", "", Some("2016-02-16T06:00:00+00:00"));
        check("until Wed 6am", "", Some("2016-02-17T06:00:00+00:00"));
        check("until Thu 6 pm", "", Some("2016-02-11T18:00:00+00:00"));
        check("until Fri 6am", "", Some("2016-02-12T06:00:00+00:00"));
        check("until Sat 6am", "", Some("2016-02-13T06:00:00+00:00"));
        check("until Sun 6am", "", Some("2016-02-14T06:00:00+00:00"));
        check("until Friday 6 pm EST", "", Some("2016-02-12T18:00:00-05:00"));
        check("until February 12 at 18:00 +0100", "", Some("2016-02-12T18:00:00+01:00"));
    }

    #[test]
    fn a_sentence_tells_its_zone_or_has_that_of_its_source() {
        let (paris, montreal) = ("Europe/Paris", "America/Montreal");
        check("jusqu'à vendredi 18h30", paris, Some("2016-02-12T18:30:00+01:00"));
        check("jusqu'au 1er juillet à 6h", paris, Some("2016-07-01T06:00:00+02:00"));
        check("jusqu'à vendredi 18h30", montreal, Some("2016-02-12T18:30:00-05:00"));
        check("jusqu'à 18h00", montreal, Some("2016-02-11T18:00:00-05:00"));
        check("le 12 février à 6h HNE", paris, Some("2016-02-12T06:00:00-05:00"));
        check("le 12 juillet à 6 h, HAE", "", Some("2016-07-12T06:00:00-04:00"));
        check("le 12 février à 6h (heure de Montréal)", paris, Some("2016-02-12T06:00:00-05:00"));
        check("à 6h, heure normale de l'Est, le 12 février", "", Some("2016-02-12T06:00:00-05:00"));
        check("vendredi 6h, heure française", montreal, Some("2016-02-12T06:00:00+01:00"));
        check("vendredi 6h, heure du Québec", paris, Some("2016-02-12T06:00:00-05:00"));
        check("until 06:00 GMT on 12/02/2016", paris, Some("2016-02-12T06:00:00+00:00"));
        check("until 06:00 on 12/02/2016 GMT", paris, Some("2016-02-12T06:00:00+00:00"));
        check("à 6h du 13", paris, Some("2016-02-13T06:00:00+01:00"));
        check("vendredi 6h, heure de Genève", "", Some("2016-02-12T06:00:00+01:00"));
        check("vendredi 6h GMT", paris, Some("2016-02-12T06:00:00+00:00"));
        // Words that look like zones and places, and are none.
        check("vendredi 18h30 et pas avant", paris, Some("2016-02-12T18:30:00+01:00"));
        check("le 12/02/2016 à 18h30 et pas avant", paris, Some("2016-02-12T18:30:00+01:00"));
        check("le 12/02/2016, 18:30 est l'heure", paris, Some("2016-02-12T18:30:00+01:00"));
        check("vendredi 18h30 pour le sommet de Londres", paris, Some("2016-02-12T18:30:00+01:00"));
        check("jusqu'à 18h, 4 feuillets", paris, Some("2016-02-11T18:00:00+01:00"));
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for text in [
            "jusqu'à nouvel ordre",
            "DU PETROLE",
            "de 48 heures",
            "jusqu'au 31 février",
            "jusqu'au 12 janvier 18h75",
            "",
        ] {
            check(text, "Europe/Paris", None);
        }
        assert_eq!(date_near("jusqu'au 12 février", None, None), None);
        assert_eq!(date_near("jusqu'à 18h", None, None), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "([0-9]{1,5}|\\PC|[ /:h.+-]|mars|au |minuit|pm|GMT|lundi){0,12}") {
            let _ = date_near(&text, Moment::parse("2016-02-29"), None);
            let _ = date_near(&text, Some(Moment::utc(depeche_news::jiff::Timestamp::MAX)), None);
        }
    }
}
