//! The page of one source: what it is, how it does, what it brought lately, its rows; and what an
//! administrator may change of it.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use depeche_news::{
    SourceId, SourceVisibility,
    jiff::{Timestamp, ToSpan, civil::Date},
};
use depeche_store::{HeldLine, Misread, SourceFacts, SourceView, Subscription, Viewer};
use depeche_text::typeset;

use crate::{
    App,
    article::{colon, until_told},
    dates,
    failure::Failure,
    forms::{Asked, Named},
    list::{self, Day, PAGE_ROWS},
    page::{Here, Page, Visit, draw, read},
    problems,
    pushed::{self, Deliveries},
    sources::{SourceLine, line},
    words::Words,
};

/// Days of the chart: a month, so that every day of the week stands in it four times.
const DAYS: usize = 30;

/// Height of the chart in its own units, and of the least bar that can be seen.
const CHART_HEIGHT: usize = 50;
const BAR_LEAST: usize = 2;

/// Items told of that are held back: an agency's day has some dozens.
const HELD_MAX: usize = 100;

/// Problems told of one delivery; more of them are the same over again.
const PROBLEMS_MAX: usize = 3;

/// `GET /sources/{id}`
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<SourceId>,
    asked: Asked,
) -> Result<Response, Failure> {
    let (viewer, now) = (visit.viewer, visit.now);
    let after = asked.get("avant").and_then(list::read_place);
    let days = days(&app, now);
    let starts: Vec<Timestamp> = days.iter().map(|(_, start)| *start).collect();
    let found = read(&app, move |store| {
        let Some(view) = store.source(viewer, now, &named.id)? else { return Ok(None) };
        let facts = store.source_facts(viewer, now, &named.id, &starts)?.unwrap_or_default();
        let rows = store.latest_of_source(viewer, now, &named.id, after.as_ref(), PAGE_ROWS)?;
        let held = store.held_of_source(viewer, now, &named.id, HELD_MAX)?;
        let pushes = match viewer {
            Viewer::Administrator => Some(pushed::pushes(store, &view)?),
            Viewer::Reader => None,
        };
        Ok(Some((view, facts, rows, held, pushes)))
    })
    .await?;
    let (view, facts, rows, held, pushes) = found.ok_or(Failure::NotFound)?;
    let pushes = pushes.unwrap_or_default();
    let w = visit.words();
    let total: usize = facts.days.iter().sum();
    let most = facts.days.iter().copied().max().unwrap_or_default();
    let bars = bars(&visit, &days, &facts.days);
    let day = |at: Option<&Bar>| at.map(|bar| bar.day.clone()).unwrap_or_default();
    draw(&SourcePage {
        page: Page::new(&app, &visit, Here::Sources),
        w,
        colon: colon(visit.language),
        facts: lines(&app, &visit, &view, &facts, pushes.subscription.as_ref()),
        brought: w.articles(total),
        shares: shares(&facts, w),
        chart: w.chart(total, most),
        greatest: w.greatest(most),
        first_day: day(bars.first()),
        last_day: day(bars.last()),
        bars: if total == 0 { Vec::new() } else { bars },
        misread: facts.misread.iter().map(|misread| misread_line(&app, &visit, misread)).collect(),
        pushed: pushes.deliveries(&app, &visit, &view),
        held: held.into_iter().map(|line| held_row(&app, &visit, line)).collect(),
        form: visit.administers().then(|| Form::of(&view, &facts)),
        source: line(&app, &visit, &view),
        days: list::days(&rows.rows, visit.language, &app.settings.zone),
        older: rows.next.as_ref().map(list::write_place),
    })
}

/// The days of the chart and when each begins where the wire is, the earliest first.
fn days(app: &App, now: Timestamp) -> Vec<(Date, Timestamp)> {
    let zone = &app.settings.zone;
    let today = now.to_zoned_datetime(zone.clone()).date();
    let ago = (0..DAYS as i64).rev().map(|days| today.saturating_sub(days.days()));
    ago.filter_map(|date| Some((date, date.to_zoned_datetime(zone.clone()).ok()?.timestamp())))
        .collect()
}

/// A word and what is said under it.
struct Fact {
    word: &'static str,
    told: String,
    /// Set for a time.
    exact: Option<String>,
}

fn lines(
    app: &App,
    visit: &Visit,
    view: &SourceView,
    facts: &SourceFacts,
    subscription: Option<&Subscription>,
) -> Vec<Fact> {
    let (w, zone) = (visit.words(), &app.settings.zone);
    let plain = |word, told| Fact { word, told, exact: None };
    let instant = |word, at: Option<Timestamp>| {
        let told = at?.to_zoned_datetime(zone.clone());
        let exact = Some(dates::exact(&told));
        Some(Fact { word, told: dates::short(visit.language, at?, visit.now, zone), exact })
    };
    let language = view.language.as_deref().map(|tag| w.language_name(tag).to_owned());
    let since = view.added_at.to_zoned_datetime(zone.clone());
    let seen_by = match view.visibility {
        SourceVisibility::Shared => w.seen_by_all,
        SourceVisibility::Private => w.seen_by_us,
    };
    let kept = match facts.keep_days {
        Some(days) => w.days_counted(days as usize),
        None => w.kept_as_set.to_owned(),
    };
    let ours = visit.administers();
    [
        language.map(|name| plain(w.source_language, name)),
        Some(Fact {
            word: w.source_since,
            told: dates::day(visit.language, since.date()),
            exact: Some(dates::exact(&since)),
        }),
        ours.then(|| plain(w.source_seen_by, seen_by.to_owned())),
        ours.then(|| plain(w.kept_days, kept)),
        instant(w.asked_last, view.polled_at),
        instant(w.answered_last, view.succeeded_at),
        instant(w.news_last, view.news_at.filter(|_| view.items > 0)),
        instant(w.asked_next, view.next_poll_at.filter(|at| *at > visit.now)),
        (view.failures > 0).then(|| plain(w.failures_since, w.number(view.failures as usize))),
        subscription.map(|held| plain(w.hub, pushed::hub_told(app, visit, held))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A part of what a source brought.
struct Share {
    count: String,
    word: &'static str,
    /// In whole per cent.
    part: String,
}

fn shares(facts: &SourceFacts, w: &Words) -> Vec<Share> {
    let total = facts.alone + facts.first + facts.after_others;
    let share = |(count, word): (usize, &'static str)| Share {
        count: w.number(count),
        word,
        part: w.per_cent((count * 100 + total / 2) / total.max(1)),
    };
    let parts = [
        (facts.alone, w.brought_alone),
        (facts.first, w.brought_first),
        (facts.after_others, w.brought_after),
    ];
    parts.into_iter().filter(|(count, _)| *count > 0).map(share).collect()
}

/// One day of the chart.
struct Bar {
    day: String,
    count: String,
    x: usize,
    y: usize,
    height: usize,
}

fn bars(visit: &Visit, days: &[(Date, Timestamp)], counts: &[usize]) -> Vec<Bar> {
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let bar = |(place, ((date, _), count)): (usize, (&(Date, Timestamp), &usize))| {
        let least = if *count > 0 { BAR_LEAST } else { 0 };
        let height = (count * CHART_HEIGHT / most).max(least);
        Bar {
            day: dates::day(visit.language, *date),
            count: visit.words().number(*count),
            x: place * 10 + 1,
            y: CHART_HEIGHT - height,
            height,
        }
    };
    days.iter().zip(counts).enumerate().map(bar).collect()
}

/// A delivery of which something was not understood.
struct MisreadLine {
    when: String,
    exact: String,
    /// Which delivery, and where its article is.
    name: String,
    href: Option<String>,
    problems: Vec<problems::Told>,
    more: Option<String>,
}

fn misread_line(app: &App, visit: &Visit, misread: &Misread) -> MisreadLine {
    let w = visit.words();
    let at = misread.received_at.to_zoned_datetime(app.settings.zone.clone());
    let more = misread.problems.len().saturating_sub(PROBLEMS_MAX);
    let is_file = ["file:", "folder:"].iter().any(|kind| misread.address.starts_with(kind));
    let file = misread.address.rsplit('/').next().filter(|_| is_file);
    let file = file.map(|name| format!(", {name}")).unwrap_or_default();
    let refused = if misread.refused { w.refused_whole } else { "" };
    let between = if misread.refused { ", " } else { "" };
    MisreadLine {
        when: dates::short(visit.language, misread.received_at, visit.now, &app.settings.zone),
        exact: dates::exact(&at),
        name: format!("{} {}{file}{between}{refused}", w.delivery_number, misread.delivery),
        href: misread.item.as_ref().map(|item| format!("/article/{item}")),
        problems: misread
            .problems
            .iter()
            .take(PROBLEMS_MAX)
            .map(|problem| problems::told(problem, visit.language))
            .collect(),
        more: (more > 0).then(|| format!("+{}", w.number(more))),
    }
}

/// An item that its agency holds back for now.
struct HeldRow {
    href: String,
    headline: String,
    language: Option<String>,
    until: String,
}

fn held_row(app: &App, visit: &Visit, line: HeldLine) -> HeldRow {
    HeldRow {
        href: format!("/article/{}", line.item),
        headline: typeset(&line.headline, line.language.as_deref()).into_owned(),
        language: list::foreign(line.language.as_deref(), visit.language),
        until: until_told(app, visit, line.until),
    }
}

/// What the administrator's form holds.
struct Form {
    language: String,
    keep_days: String,
}

impl Form {
    fn of(view: &SourceView, facts: &SourceFacts) -> Self {
        Self {
            language: view.language.clone().unwrap_or_default(),
            keep_days: facts.keep_days.map(|days| days.to_string()).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage {
    page: Page,
    w: &'static Words,
    colon: &'static str,
    source: SourceLine,
    facts: Vec<Fact>,
    brought: String,
    shares: Vec<Share>,
    chart: String,
    greatest: String,
    first_day: String,
    last_day: String,
    bars: Vec<Bar>,
    misread: Vec<MisreadLine>,
    pushed: Option<Deliveries>,
    held: Vec<HeldRow>,
    form: Option<Form>,
    days: Vec<Day>,
    older: Option<String>,
}
