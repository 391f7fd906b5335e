//! `depeche source …`: who we listen to.

mod access;
mod change;
mod next_step;

use std::{io::IsTerminal, time::Duration};

use anyhow::{Context, bail};
use depeche_collect::{
    Discovery, Found, HostPace, Rests, RobotsBook, Scout, discover, timetable::Intervals,
};
use depeche_formats::opml::Outline;
use depeche_news::{SourceId, SourceVisibility, Viewer, jiff::Timestamp, pasted};
use depeche_store::{
    Former, KeepSource as Keep, NewSource, SourceChange, SourceKind, SourceState, SourceView, Store,
};
use depeche_web::why_in_english;
use serde_json::json;

use crate::{
    arguments::{AddSource, KeepSource, ListSources, OneSource, SourceCommand, TestSource},
    command::{export, open, open_existing, pushed},
    telling::{self, Advice},
    wire::{collector::SPACING, jobs},
};

pub(crate) use next_step::next_step;

/// Runs one of the source commands.
pub(crate) fn source(command: SourceCommand) -> anyhow::Result<()> {
    match command {
        SourceCommand::Add(add) => self::add(add),
        SourceCommand::List(list) => self::list(&list),
        SourceCommand::Remove(one) => {
            with(&one, |store, source| store.remove_source(&source.id, Timestamp::now()).wait())
        }
        SourceCommand::Pause(one) => with(&one, |store, source| {
            store.set_source_state(&source.id, SourceState::Paused).wait()
        }),
        SourceCommand::Resume(one) => with(&one, |store, source| {
            store.set_source_state(&source.id, SourceState::Active).wait()?;
            store.refresh_source(&source.id, Timestamp::now()).wait()
        }),
        SourceCommand::Refresh(one) => refresh(&one),
        SourceCommand::Change(given) => change::change(given),
        SourceCommand::Keep(given) => keep(&given),
        SourceCommand::Token(given) => pushed::token(&given),
        SourceCommand::Access(given) => access::access(&given),
        SourceCommand::Export(asked) => export::sources(&asked),
        SourceCommand::Test(test) => self::test(&test),
    }
}

fn refresh(one: &OneSource) -> anyhow::Result<()> {
    let store = open_existing(&one.data.folder)?;
    is_asked(&find(&store, &one.source)?)?;
    with(one, |store, source| {
        if source.state == SourceState::Paused {
            telling::say("note: this source is paused and will be asked when it is resumed");
        }
        store.refresh_source(&source.id, Timestamp::now()).wait()
    })
}

/// Refuses what means nothing for a source that is never asked.
pub(crate) fn is_asked(source: &SourceView) -> anyhow::Result<()> {
    if source.kind == SourceKind::Feed {
        return Ok(());
    }
    Err(Advice::error(
        format!("{} is not asked: what it has comes by itself", source.name),
        "its deliveries are let in by tokens (`depeche source token`), by its folder, or by `depeche import`",
    ))
}

fn add(add: AddSource) -> anyhow::Result<()> {
    if add.pushed.is_some() || add.watch.folder.is_some() {
        return pushed::add(&add);
    }
    let address = web_address(add.address.as_deref().unwrap_or_default())?;
    let store = open(&add.data.folder)?;
    let new = NewSource {
        address: address.clone(),
        visibility: add.visibility(),
        name: add.name,
        language: add.language,
        kind: SourceKind::Feed,
    };
    let name = new.name.clone();
    let (id, new) = store.add_source(new, Timestamp::now()).wait()?;
    if new {
        return telling::answer(&json!({ "id": id, "address": address, "new": new }).to_string());
    }
    known(&store, &id, name.filter(|_| add.rename))
}

/// Says of a source that was to be added that it is there already, under which name and address; a name that is
/// given is its name from now on.
fn known(store: &Store, id: &SourceId, name: Option<String>) -> anyhow::Result<()> {
    let now = Timestamp::now();
    if name.is_some() {
        store.change_source(id, SourceChange { name, ..SourceChange::default() }, now).wait()?;
    }
    let Some(source) = store.source(Viewer::Administrator, now, id)? else {
        bail!("the source was removed at this moment: try again");
    };
    let SourceView { name, address, moved, .. } = &source;
    let moved = moved.as_ref().map(was_at).map(|was| format!(" ({was})")).unwrap_or_default();
    telling::say(&format!("note: it is listened to already, as “{name}” at {address}{moved}"));
    let told = json!({
        "id": id, "address": address, "name": name, "new": false, "moved": self::moved(&source),
    });
    telling::answer(&told.to_string())
}

/// An address as it can be listened to; a bare host is taken for https.
pub(crate) fn web_address(given: &str) -> anyhow::Result<String> {
    if let Some(address) = pasted(given) {
        return Ok(address);
    }
    let with_scheme =
        if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    match url::Url::parse(&with_scheme) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => Err(Advice::error(
            format!(
                "the address at {} carries a user and a password",
                url.host_str().unwrap_or("?")
            ),
            "addresses are shown to readers: give one without, then say it with `depeche source access`",
        )),
        _ => Err(Advice::error(
            format!("`{given}` is not a web address"),
            "give the address of a feed, as https://www.example.org/rss.xml",
        )),
    }
}

/// The sources that the entries of an OPML list stand for, each with the folder it is filed under; and why some
/// stand for none.
pub(crate) fn of_outlines(
    outlines: Vec<Outline>,
) -> (Vec<(NewSource, Option<String>)>, Vec<String>) {
    let (mut sources, mut refused) = (Vec::new(), Vec::new());
    for outline in outlines {
        let folder = outline.folder.clone();
        match of_outline(outline) {
            Ok(new) => sources.push((new, folder)),
            Err(why) => refused.push(why),
        }
    }
    (sources, refused)
}

fn of_outline(outline: Outline) -> Result<NewSource, String> {
    let address = web_address(&outline.feed)
        .map_err(|_| format!("refused: {} is not a web address", outline.feed))?;
    Ok(NewSource {
        address,
        name: Some(outline.title),
        language: outline.language,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    })
}

fn list(list: &ListSources) -> anyhow::Result<()> {
    let store = open_existing(&list.data.folder)?;
    let sources = store.sources(Viewer::Administrator, Timestamp::now())?;
    let table = std::io::stdout().is_terminal() && !list.json;
    for source in sources {
        telling::answer(&if table { line(&source) } else { object(&source).to_string() })?;
    }
    Ok(())
}

fn line(source: &SourceView) -> String {
    let line = format!(
        "{}  {:<32} {:>7} items  {:<28} {}",
        source.id,
        source.name,
        source.items,
        health(source),
        source.address
    );
    let below = [again(source), step(source).map(|step| format!("next: {step}"))];
    below.into_iter().flatten().fold(line, |line, told| format!("{line}\n{:22}{told}", ""))
}

/// When a source that fails is asked again.
fn again(source: &SourceView) -> Option<String> {
    let asked = source.kind == SourceKind::Feed && source.state == SourceState::Active;
    let at = source.next_poll_at.filter(|_| asked && source.failure.is_some())?;
    Some(format!("asked again at {}", at.strftime("%Y-%m-%d %H:%M UTC")))
}

/// What to do about a source that fails.
fn step(source: &SourceView) -> Option<&'static str> {
    next_step(&source.failure.as_ref()?.word)
}

/// How a source does and what else should be known of it, in a few words.
fn health(source: &SourceView) -> String {
    let notices = source.notices.iter().map(|notice| why_in_english(&notice.word));
    let moved = source.moved.as_ref().map(was_at);
    [state(source)].into_iter().chain(notices).chain(moved).collect::<Vec<_>>().join("; ")
}

fn was_at(former: &Former) -> String {
    format!("moved, was at {} until {}", former.address, day(former.left_at))
}

fn moved(source: &SourceView) -> Option<serde_json::Value> {
    source.moved.as_ref().map(|former| json!({ "from": former.address, "at": former.left_at }))
}

fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

fn state(source: &SourceView) -> String {
    match (&source.failure, source.gone_at) {
        (_, Some(gone)) => format!("gone for good since {}", day(gone)),
        _ if source.state == SourceState::Paused => "paused".to_owned(),
        (None, _) if source.comes_by_itself() => "delivers by itself".to_owned(),
        (None, _) if source.kind == SourceKind::Files => "files handed in".to_owned(),
        (Some(failure), _) => {
            let since = source.succeeded_at.map(|at| format!(" since {}", day(at)));
            let since = since.unwrap_or_default();
            let why = why_in_english(&failure.word);
            format!("failing {}×{since}: {why}", source.failures)
        }
        (None, _) if source.polled_at.is_none() => "not asked yet".to_owned(),
        (None, _) => "well".to_owned(),
    }
}

fn object(source: &SourceView) -> serde_json::Value {
    json!({
        "id": source.id,
        "name": source.name,
        "address": source.address,
        "state": source.state,
        "kind": source.kind,
        "visibility": source.visibility,
        "items": source.items,
        "polled_at": source.polled_at,
        "succeeded_at": source.succeeded_at,
        "news_at": source.news_at,
        "next_poll_at": source.next_poll_at,
        "gone_at": source.gone_at,
        "zone": source.zone,
        "failures": source.failures,
        "failure": source.failure,
        "notices": source.notices,
        "moved": moved(source),
        "health": health(source),
        "next_step": step(source),
    })
}

/// Does something to the one source that is meant, and says which it was.
fn with(
    one: &OneSource,
    act: impl FnOnce(&Store, &SourceView) -> Result<(), depeche_store::Error>,
) -> anyhow::Result<()> {
    let store = open_existing(&one.data.folder)?;
    let source = find(&store, &one.source)?;
    act(&store, &source)?;
    telling::answer(
        &json!({ "id": source.id, "name": source.name, "address": source.address }).to_string(),
    )
}

/// The one source that is meant by an id, an address or a name.
pub(crate) fn find(store: &Store, meant: &str) -> anyhow::Result<SourceView> {
    let sources = store.sources(Viewer::Administrator, Timestamp::now())?;
    let named = |source: &&SourceView| {
        source.id.as_str() == meant
            || source.address == meant
            || source.name.eq_ignore_ascii_case(meant)
    };
    let mut found = sources.iter().filter(named);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.clone()),
        (Some(_), Some(_)) => bail!(Advice::error(
            format!("several sources are called `{meant}`"),
            "give the id that `depeche source list` shows",
        )),
        (None, _) if let Some(id) = store.source_formerly_at(meant)? => {
            let found = sources.iter().find(|source| source.id == id);
            found.cloned().context("the source was removed at this moment: try again")
        }
        (None, _) => bail!(Advice::error(
            format!("no source is called `{meant}`"),
            "`depeche source list` shows their names, addresses and ids",
        )),
    }
}

fn keep(given: &KeepSource) -> anyhow::Result<()> {
    let keep = match given.days.trim() {
        "forever" => Keep::Forever,
        "default" => Keep::AsAll,
        days => match days.parse::<u32>() {
            Ok(days) if days > 0 => Keep::Days(days),
            _ => bail!(Advice::error(
                format!("`{days}` is not a number of days"),
                "give a number from 1 on, `forever` or `default`",
            )),
        },
    };
    let store = open_existing(&given.data.folder)?;
    let source = find(&store, &given.source)?;
    store.keep_source(&source.id, keep).wait()?;
    telling::answer(
        &json!({ "id": source.id, "name": source.name, "keep": given.days }).to_string(),
    )
}

fn test(test: &TestSource) -> anyhow::Result<()> {
    let address = web_address(&test.address)?;
    let client = jobs::client(&test.allowed)?;
    let (pace, robots, rests) =
        (HostPace::new(SPACING), RobotsBook::new(jobs::AGENT), Rests::default());
    let scout = Scout {
        client: &client,
        pace: &pace,
        robots: &robots,
        rests: &rests,
        least: Intervals::default().first,
        now: Timestamp::now(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let discovery = runtime.block_on(discover(scout, &test.address));
    // What still waits for a name server is not waited for.
    runtime.shutdown_timeout(Duration::ZERO);
    match std::io::stdout().is_terminal() && !test.json {
        true => listed(&discovery)?,
        false => telling::answer(&jobs::told(&discovery).to_string())?,
    }
    match discovery.failure {
        None => Ok(()),
        Some(failure) => {
            let (why, detail) = (why_in_english(&failure.word()), &failure.detail);
            let said = format!("{address} leads to no source: {why} ({detail})");
            match next_step(&failure.word()) {
                Some(step) => Err(Advice::error(said, step)),
                None => bail!(said),
            }
        }
    }
}

/// What was found, for a person to read.
fn listed(discovery: &Discovery) -> anyhow::Result<()> {
    for found in &discovery.found {
        let Found { address, title, format, items, newest, preview, .. } = found;
        let newest = newest.map(|newest| format!(", newest {newest}")).unwrap_or_default();
        telling::answer(&format!("{title}\n  {address}\n  {format}, {items} items{newest}"))?;
        for (headline, at) in preview {
            let at = at.map(|at| at.to_string()).unwrap_or_default();
            telling::answer(&format!("  {at:<25}  {headline}"))?;
        }
    }
    Ok(())
}
