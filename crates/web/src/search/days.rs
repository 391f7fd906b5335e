//! The histogram of a search: how many results each day has, or each week, month or year, as bars that narrow it.

use depeche_news::jiff::{ToSpan, civil::Date};
use depeche_search::typed_conditions;

use super::asked::{Sought, with_date};
use crate::{dates, forms::Asked, words::Language, words::Words};

/// Bars at most: narrower ones cannot be told apart nor hit.
const BARS_MAX: usize = 60;
/// Height of the drawing, in its own units.
const HEIGHT: u64 = 48;
/// Height of the least bar.
const LEAST: u64 = 2;
/// Width of a bar and its gap, in the drawing's own units.
pub(super) const WIDTH: usize = 10;

/// The bars and what stands under them.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) width: usize,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) greatest: String,
}

/// One bar.
pub(super) struct Bar {
    pub(super) href: String,
    pub(super) label: String,
    /// Its days, as the form of dates has them.
    pub(super) from: Date,
    pub(super) until: Date,
    pub(super) x: usize,
    pub(super) y: u64,
    pub(super) height: u64,
}

/// How long a time one bar tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Day,
    Week,
    Month,
    Year,
}

impl Step {
    /// The finest by which these days make no more bars than can be told apart.
    fn between(first: Date, last: Date) -> Self {
        let steps = [Self::Day, Self::Week, Self::Month];
        let fits = |step: &Self| step.starts(first, last).len() <= BARS_MAX;
        steps.into_iter().find(fits).unwrap_or(Self::Year)
    }

    /// The first day of the step that a day is in.
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(back.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// The first day of the next step.
    fn next(self, start: Date) -> Option<Date> {
        let span = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        };
        start.checked_add(span).ok()
    }

    /// The first days of all steps from one day to another, one more than fit where there are more.
    fn starts(self, first: Date, last: Date) -> Vec<Date> {
        let starts = std::iter::successors(Some(self.start(first)), |start| self.next(*start));
        starts.take_while(|start| *start <= last).take(BARS_MAX + 1).collect()
    }

    /// What is written behind `date:` for a step.
    fn condition(self, from: Date, until: Date) -> String {
        match self {
            Self::Day => format!("date:{from}"),
            Self::Week => format!("date:{from}/{until}"),
            Self::Month => format!("date:{:04}-{:02}", from.year(), from.month()),
            Self::Year => format!("date:{:04}", from.year()),
        }
    }

    fn told(self, from: Date, language: Language) -> String {
        let day = dates::day(language, from);
        match self {
            Self::Day => dates::full_day(language, from),
            Self::Week => format!("{} {day}", language.of("semaine du", "week of")),
            Self::Month => day.split_once(' ').map_or(day.clone(), |(_, month)| month.to_owned()),
            Self::Year => from.year().to_string(),
        }
    }
}

/// The chart of these days, which are in order; nothing where all is of one day.
pub(super) fn chart(days: &[(Date, u64)], sought: &Sought, w: &Words) -> Option<Chart> {
    let ((first, _), (last, _)) = (days.first()?, days.last()?);
    if first == last {
        return None;
    }
    let step = Step::between(*first, *last);
    let mut counted: Vec<(Date, u64)> =
        step.starts(*first, *last).into_iter().map(|start| (start, 0)).collect();
    for (day, count) in days {
        let place = counted.partition_point(|(start, _)| start <= day).saturating_sub(1);
        if let Some((_, sum)) = counted.get_mut(place) {
            *sum += count;
        }
    }
    let most = counted.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let bar = |(place, (from, count)): (usize, &(Date, u64))| {
        let until = step.next(*from).and_then(|next| next.yesterday().ok()).unwrap_or(*from);
        let height = (count * HEIGHT / most).max(LEAST);
        let condition = step.condition(*from, until);
        (*count > 0).then(|| Bar {
            href: sought.with(with_date(&sought.typed, &condition)).href(),
            label: w.bar(&step.told(*from, w.language), *count as usize),
            from: *from,
            until,
            x: place * WIDTH,
            y: HEIGHT - height,
            height,
        })
    };
    Some(Chart {
        bars: counted.iter().enumerate().filter_map(bar).collect(),
        width: counted.len() * WIDTH,
        first: dates::day(w.language, *first),
        last: dates::day(w.language, *last),
        greatest: w.at_most(most as usize),
    })
}

/// The days that a query is narrowed to, as the form of dates shows them.
pub(super) fn range(typed: &str) -> (String, String) {
    let conditions = typed_conditions(typed);
    let dated = conditions.iter().find(|condition| condition.is_date && !condition.negated);
    let value = dated.map(|condition| condition.value.as_str()).unwrap_or_default();
    let (from, until) = value.split_once('/').unwrap_or((value, value));
    let day = |text: &str| text.parse::<Date>().map(|day| day.to_string()).unwrap_or_default();
    (day(from), day(until))
}

/// The query that a filled form of dates asks for; nothing where none was sent.
pub(super) fn narrowed(asked: &Asked, typed: &str) -> Option<String> {
    if !asked.has("de") && !asked.has("a") {
        return None;
    }
    let day = |name| asked.get(name).and_then(|text| text.parse::<Date>().ok());
    let condition = match (day("de"), day("a")) {
        (Some(from), Some(until)) if from == until => format!("date:{from}"),
        (Some(from), Some(until)) => format!("date:{}/{}", from.min(until), from.max(until)),
        (Some(from), None) => format!("date:{from}/"),
        (None, Some(until)) => format!("date:/{until}"),
        (None, None) => String::new(),
    };
    Some(with_date(typed, &condition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::fields;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(days: &[(&str, u64)], bars: usize, first: &str, told: &str) {
        let days: Vec<_> = days.iter().map(|(day, count)| (date(day), *count)).collect();
        let sought = Sought::of(&fields("q=crue+date:2020/&ordre=date"));
        let chart = chart(&days, &sought, Language::French.words()).unwrap();
        assert_eq!(chart.width / WIDTH, bars);
        assert_eq!(chart.bars[0].href, format!("/recherche?q=crue+{first}&ordre=date"));
        assert_eq!(chart.bars[0].label, told);
        assert_eq!(chart.bars.iter().map(|bar| bar.height).max(), Some(HEIGHT));
    }

    #[test]
    fn bars_are_as_fine_as_they_fit() {
        check(
            &[("2026-11-01", 1), ("2026-11-24", 9)],
            24,
            "date%3A2026-11-01",
            "Dimanche 1er novembre 2026\u{202f}: 1 article",
        );
        check(
            &[("2026-01-01", 4), ("2026-11-24", 9)],
            48,
            "date%3A2025-12-29%2F2026-01-04",
            "semaine du 29 décembre 2025\u{202f}: 4 articles",
        );
        check(
            &[("2024-01-31", 4), ("2026-11-24", 9)],
            35,
            "date%3A2024-01",
            "janvier 2024\u{202f}: 4 articles",
        );
        check(
            &[("2010-01-31", 4), ("2026-11-24", 9)],
            17,
            "date%3A2010",
            "2010\u{202f}: 4 articles",
        );
        let sought = Sought::of(&fields("q=crue"));
        for days in [vec![], vec![(date("2026-11-24"), 3)]] {
            assert!(chart(&days, &sought, Language::French.words()).is_none());
        }
    }

    #[test]
    fn dates_of_a_form_become_a_condition() {
        for (query, expected) in [
            ("de=2026-11-01&a=2026-11-24", Some("crue date:2026-11-01/2026-11-24")),
            ("de=2026-11-24&a=2026-11-01", Some("crue date:2026-11-01/2026-11-24")),
            ("de=2026-11-24&a=2026-11-24", Some("crue date:2026-11-24")),
            ("de=2026-11-24&a=", Some("crue date:2026-11-24/")),
            ("de=&a=2026-11-24", Some("crue date:/2026-11-24")),
            ("de=hier&a=x", Some("crue")),
            ("x=1", None),
        ] {
            let narrowed = narrowed(&fields(query), "date:hier crue");
            assert_eq!(narrowed.as_deref(), expected, "{query}");
        }
        for (typed, expected) in [
            ("crue date:2026-11-01/2026-11-24", ("2026-11-01", "2026-11-24")),
            ("date:2026-11-01", ("2026-11-01", "2026-11-01")),
            ("date:/2026-11-01", ("", "2026-11-01")),
            ("date:hier", ("", "")),
        ] {
            let (from, until) = range(typed);
            assert_eq!((from.as_str(), until.as_str()), expected, "{typed}");
        }
    }
}
