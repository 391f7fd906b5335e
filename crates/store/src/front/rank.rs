//! Which stories stand «à la une»: a pure function of what was heard of each, and when.

use std::collections::{HashMap, HashSet};

use crate::Standing;

/// One item of a story.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) dispatch: String,
    /// The site its page is on, or else its source.
    pub(super) source: String,
    /// Whom it credits.
    pub(super) credit: Option<String>,
    /// When it is listed, in milliseconds.
    pub(super) at: i64,
    /// What the items of a dispatch are ordered by; the first leads it.
    pub(super) lead_at: i64,
}

/// What a further dispatch of a source that has told the story already is worth, and a copy of a
/// dispatch; the second of them half of that, the third a third: fifty are worth four and a half.
const FURTHER: f64 = 0.1;
const COPY: f64 = 0.1;

/// The time in which what was heard comes to count half: in the morning the evening before counts an
/// eighth.
const HALF_LIFE_MS: f64 = 4.0 * HOUR_MS;

/// The hours that are held against as many before.
const GROWTH_HOURS: f64 = 4.0;

/// What is added to both, so that one voice is not growth already.
const GROWTH_EASE: f64 = 3.0;

/// How much a story may gain and lose by growing or not.
const GROWTH_RANGE: (f64, f64) = (0.5, 2.0);

/// The hours a place is explained in: the fewest in which half of it was heard.
const SPANS: [u32; 6] = [1, 2, 3, 6, 12, 24];

const HOUR_MS: f64 = 3_600_000.0;

/// The place of a story, from all that is known of it, if it has one: only what several sources carry.
///
/// Who tells a story in its own words counts 1, once: a dispatch is a voice of its own where neither
/// its source nor whom it credits was heard in this story before. Further dispatches of the same voice
/// and copies count little, and each of them less than the one before, so that neither a source that
/// writes all day nor an agency that all take over makes a story great. What was heard decays by half
/// every four hours, and the sum is multiplied by the growth: the root of what came in the last four
/// hours against the four before.
///
/// Decay by a half-life, counted forward from each event, is that of Cormode, Shkapenyuk, Srivastava
/// and Xu, “Forward decay” (2009); that a wire has to ask how many tell a thing rather than how often it is told
/// follows from what copies are. The figures are ours, set by the cases below.
pub(super) fn standing(heard: &mut [Heard], now: i64) -> Option<Standing> {
    heard.sort_by(|a, b| (a.lead_at, &a.source).cmp(&(b.lead_at, &b.source)));
    let mut told = Told::default();
    let marks: Vec<Mark> = heard.iter().map(|item| told.mark(item, now)).collect();
    let sum = |value: &dyn Fn(&Mark) -> f64| marks.iter().map(value).sum::<f64>();
    let fresh = sum(&|mark| mark.weight * (-mark.age_ms / HALF_LIFE_MS).exp2());
    let within = |from: f64, to: f64| {
        sum(&|mark| {
            let hours = mark.age_ms / HOUR_MS;
            if (from..to).contains(&hours) { mark.weight } else { 0.0 }
        })
    };
    let (recent, before) = (within(0.0, GROWTH_HOURS), within(GROWTH_HOURS, 2.0 * GROWTH_HOURS));
    let (least, most) = GROWTH_RANGE;
    let growth = ((recent + GROWTH_EASE) / (before + GROWTH_EASE)).sqrt().clamp(least, most);
    let copies = marks.iter().filter(|mark| mark.is_copy).count();
    let standing = Standing { score: fresh * growth, copies, ..explained(&marks)? };
    Some(standing)
}

/// What one item adds.
struct Mark {
    weight: f64,
    age_ms: f64,
    is_voice: bool,
    is_source: bool,
    is_copy: bool,
}

/// Who was heard so far.
#[derive(Default)]
struct Told {
    /// Sources and whom they credit.
    voices: HashSet<String>,
    sources: HashSet<String>,
    /// Items of each dispatch, and further dispatches of each source.
    dispatches: HashMap<String, u32>,
    further: HashMap<String, u32>,
}

impl Told {
    fn mark(&mut self, item: &Heard, now: i64) -> Mark {
        let age_ms = now.saturating_sub(item.at).max(0) as f64;
        let is_source = self.sources.insert(item.source.clone());
        let copy = self.dispatches.entry(item.dispatch.clone()).or_default();
        *copy += 1;
        if *copy > 1 {
            let weight = COPY / f64::from(*copy - 1);
            return Mark { weight, age_ms, is_voice: false, is_source, is_copy: true };
        }
        let credit = item.credit.as_ref().map(|credit| format!("({credit})"));
        let known = self.voices.contains(&item.source)
            || credit.as_ref().is_some_and(|credit| self.voices.contains(credit));
        self.voices.insert(item.source.clone());
        self.voices.extend(credit);
        let weight = if known {
            let further = self.further.entry(item.source.clone()).or_default();
            *further += 1;
            FURTHER / f64::from(*further)
        } else {
            1.0
        };
        Mark { weight, age_ms, is_voice: !known, is_source, is_copy: false }
    }
}

/// Sources of which a story needs two that tell it, or one more that carry it.
const SOURCES_MIN: usize = 2;

/// Who came in how many hours, if they are several.
fn explained(marks: &[Mark]) -> Option<Standing> {
    let count = |hours: u32, is: fn(&Mark) -> bool| {
        let within = |mark: &&Mark| is(mark) && mark.age_ms <= f64::from(hours) * HOUR_MS;
        marks.iter().filter(within).count()
    };
    let longest = SPANS.last().copied().unwrap_or_default();
    let (voices, sources) = (count(longest, |m| m.is_voice), count(longest, |m| m.is_source));
    let by_voice = voices >= SOURCES_MIN;
    if !by_voice && sources <= SOURCES_MIN {
        return None;
    }
    let is: fn(&Mark) -> bool = if by_voice { |m| m.is_voice } else { |m| m.is_source };
    let half = (count(longest, is)).div_ceil(2).max(SOURCES_MIN);
    let hours = SPANS.into_iter().find(|hours| count(*hours, is) >= half).unwrap_or(longest);
    let (voices, sources) = (count(hours, |m| m.is_voice), count(hours, |m| m.is_source));
    Some(Standing { voices, sources, hours, ..Standing::default() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const NOW: i64 = 1_455_200_000_000;

    /// Items of a line each: `dispatch source minutes-ago` and whom it credits.
    fn place(items: &[String]) -> Option<Standing> {
        let mut heard: Vec<Heard> = items
            .iter()
            .map(|item| {
                let parts: Vec<&str> = item.split(' ').collect();
                let at = NOW - parts[2].parse::<i64>().unwrap() * 60_000;
                Heard {
                    dispatch: parts[0].to_owned(),
                    source: parts[1].to_owned(),
                    credit: parts.get(3).map(|credit| (*credit).to_owned()),
                    at,
                    lead_at: at,
                }
            })
            .collect();
        standing(&mut heard, NOW)
    }

    fn score(items: impl IntoIterator<Item = String>) -> f64 {
        place(&items.into_iter().collect::<Vec<_>>()).map_or(0.0, |standing| standing.score)
    }

    /// A dispatch of each of so many sources, one every ten minutes, the last `ago` minutes ago.
    fn told_by(sources: usize, ago: usize) -> impl Iterator<Item = String> {
        (0..sources).map(move |n| format!("d{n} s{n} {}", ago + n * 10))
    }

    #[track_caller]
    fn above(first: impl IntoIterator<Item = String>, second: impl IntoIterator<Item = String>) {
        let (first, second) = (score(first), score(second));
        assert!(first > second, "{first} is not above {second}");
    }

    #[test]
    fn six_who_tell_it_stand_above_thirty_who_copy_it() {
        let copied = || (0..31).map(|n| format!("d s{n} {}", 60 - n));
        above(told_by(6, 5), copied());
        above(told_by(3, 5), copied());
        above(copied(), (0..3).map(|n| format!("d s{n} {}", 60 - n)));
    }

    #[test]
    fn who_writes_fifty_alone_has_no_place() {
        let alone = || (0..50).map(|n| format!("d{n} s {n}"));
        assert_eq!(score(alone()), 0.0);
        above(told_by(3, 5), alone().chain(["x t 3".to_owned()]));
    }

    #[test]
    fn an_old_story_goes() {
        above(told_by(2, 5), told_by(12, 12 * 60));
        above(told_by(6, 5), told_by(6, 60));
        assert_eq!(score(told_by(12, 25 * 60)), 0.0);
        // One more who takes it up on the next day does not bring it back.
        let again = || told_by(12, 20 * 60).chain(["new s99 10".to_owned()]);
        above(told_by(3, 10), again());
    }

    #[test]
    fn one_who_takes_it_up_again_is_no_growth_yet() {
        let again = ["a x 660".to_owned(), "b y 10".to_owned()];
        let these_hours = (0..3).map(|n| format!("d{n} s{n} {}", 140 + n * 45));
        above(these_hours, again);
    }

    #[test]
    fn what_grows_stands_above_what_goes_on() {
        let evenly = (0..6).map(|n| format!("d{n} s{n} {}", n * 60));
        let growing = (0..6).map(|n| format!("d{n} s{n} {}", [5, 10, 20, 30, 40, 300][n]));
        above(growing, evenly);
    }

    #[test]
    fn who_credits_the_same_is_one_voice() {
        let credited = (0..4).map(|n| format!("d{n} s{n} {n} HP"));
        let standing = place(&credited.collect::<Vec<_>>()).unwrap();
        assert_eq!((standing.voices, standing.sources), (1, 4));
    }

    #[test]
    fn a_place_is_explained_by_the_hours_in_which_half_came() {
        let told = |lines: &[&str]| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            place(&lines).map(|s| (s.voices, s.sources, s.hours, s.copies))
        };
        assert_eq!(told(&["a x 100", "b y 90", "c z 20", "d w 10"]), Some((2, 2, 1, 0)));
        assert_eq!(told(&["a x 300", "b y 110", "c z 100", "c w 10"]), Some((2, 3, 2, 1)));
        assert_eq!(told(&["a x 50", "a y 40", "a z 30"]), Some((1, 3, 1, 2)));
        assert_eq!(told(&["a x 50", "a y 40"]), None);
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn nothing_a_clock_says_breaks_it() {
        let mut heard: Vec<Heard> = [i64::MIN, i64::MAX, 0, NOW + 1]
            .iter()
            .enumerate()
            .map(|(n, at)| Heard {
                dispatch: n.to_string(),
                source: n.to_string(),
                credit: None,
                at: *at,
                lead_at: *at,
            })
            .collect();
        assert!(standing(&mut heard, NOW).unwrap().score.is_finite());
    }
}
