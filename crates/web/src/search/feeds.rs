//! The results of a search for programs: Atom, RSS, JSON Feed and CSV, each at an address of its own.
//!
//! A feed tells the latest dispatches that hold all words: what holds some of them would make a feed of noise.

use std::{collections::HashSet, sync::Arc};

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use depeche_news::jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use depeche_search::{Hit, Marker, Order, Query, Scope};
use depeche_store::Row;
use depeche_text::is_formula;
use serde_json::{Value, json};

use super::{
    Asking,
    asked::{feed_href, typed},
    base,
    behind::{Behind, behind},
    logged,
    rows::{PASSAGE_CHARS, Text, found, texts},
    searched,
};
use crate::{
    App,
    failure::Failure,
    forms::{Asked, query},
    list::dispatch_href,
    page::{KEPT, Visit, render},
    ready::tagged,
};

/// Entries of a feed: a day of a busy search; who asks each hour misses none.
const ENTRIES: usize = 50;
/// Hits looked at for them; the most carried dispatches have some hundred copies.
const HITS: usize = 1_000;

/// One dispatch of a feed.
struct Entry {
    id: String,
    address: String,
    headline: String,
    source: String,
    section: Option<String>,
    language: Option<String>,
    at: Timestamp,
    updated: Timestamp,
    passage: String,
}

/// A search as a feed.
struct Feed {
    title: String,
    /// Its own address, which is its identity too.
    here: String,
    /// Its page.
    page: String,
    updated: Timestamp,
    entries: Vec<Entry>,
}

/// `GET /recherche.atom`, `.rss`, `.json` and `.csv`
pub(crate) async fn feed(
    State(app): State<Arc<App>>,
    visit: Visit,
    asked: Asked,
    address: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (_, form) = address.path().rsplit_once('.').unwrap_or_default();
    let typed = typed(&asked);
    let base = base(&app, &visit);
    let entries = entries(&app, &visit, &typed, &base).await?;
    let feed = Feed {
        title: printable(&visit.words().feed_of(&typed)),
        here: format!("{base}{}", feed_href(form, &typed)),
        page: format!("{base}/recherche?{}", query([("q", typed.as_str())])),
        // A feed without entries has not changed since ever.
        updated: entries.iter().map(|entry| entry.updated).max().unwrap_or(Timestamp::UNIX_EPOCH),
        entries,
    };
    let (kind, text) = match form {
        "atom" => ("application/atom+xml; charset=utf-8", render(&Atom { feed: &feed })?),
        "rss" => ("application/rss+xml; charset=utf-8", render(&Rss { feed: &feed })?),
        "json" => ("application/feed+json", json_feed(&feed).to_string()),
        _ => ("text/csv; charset=utf-8; header=present", csv(&feed)),
    };
    let mut response =
        tagged(&headers, text, |text| ([(header::CONTENT_TYPE, kind)], text).into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(KEPT));
    if form == "csv" {
        let name = header::HeaderValue::from_static("attachment; filename=\"recherche.csv\"");
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The latest dispatches that hold all words.
async fn entries(
    app: &Arc<App>,
    visit: &Visit,
    typed: &str,
    base: &str,
) -> Result<Vec<Entry>, Failure> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    // What an index that is being filled does not find yet would look gone.
    if let Some(Behind::Filling(_)) = behind(app, visit).await? {
        return Err(Failure::NoIndex);
    }
    let (typed, base) = (typed.to_owned(), base.to_owned());
    let found = searched(app, visit, move |asking| {
        let query = asking.plainly_named(Query::parse(&typed))?;
        let Some(hits) = logged(whole(asking, &query)) else { return Ok(None) };
        let mut found = found(asking, &hits)?;
        found.retain(|(_, row)| row.notice.is_none());
        let texts = texts(asking, &found)?;
        let mut marker = Marker::new(&query);
        let entries = found.into_iter().map(|(hit, row)| {
            let (text, language) = texts.get(&hit.item).map_or(("", None), Text::parts);
            entry(marker.passage(text, language, PASSAGE_CHARS).0, language, row, &base)
        });
        let mut entries: Vec<Entry> = entries.collect();
        // A dispatch is found by its latest copy, and is listed at its own time.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        Ok(Some(entries))
    });
    found.await?.ok_or(Failure::NoIndex)
}

/// The best hit of each dispatch that holds all words, the latest first. Conditions alone have no words to hold.
fn whole(asking: &Asking<'_>, query: &Query) -> Result<Vec<Hit>, depeche_search::Error> {
    let asked = Scope::new(asking.visit.viewer);
    let scope = Scope { limit: HITS, order: Order::Recency, now: asking.now(), ..asked };
    let answer = asking.reader.search(query, &scope)?;
    let mut hits = answer.hits;
    if query.words_counted() > 0 {
        hits.truncate(answer.whole as usize);
    }
    let mut known = HashSet::new();
    hits.retain(|hit| known.insert(hit.dispatch.clone()));
    hits.truncate(ENTRIES);
    Ok(hits)
}

fn entry(passage: String, language: Option<&str>, row: Row, base: &str) -> Entry {
    Entry {
        id: format!("urn:depeche:dispatch:{}", row.dispatch),
        address: format!("{base}{}", dispatch_href(&row.dispatch, &row.headline)),
        headline: printable(&row.headline),
        source: printable(&row.source.name),
        section: row.section.as_deref().map(printable),
        language: language.map(str::to_owned),
        at: row.at,
        updated: row.corrected_at.max(row.updated_at).unwrap_or(row.at).max(row.at),
        passage: printable(&passage),
    }
}

/// Text without what XML cannot carry in any spelling.
fn printable(text: &str) -> String {
    let bad = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().filter(|c| !bad(*c)).collect()
}

/// A time as RSS writes it.
fn mail_date(at: &Timestamp) -> String {
    rfc2822::to_string(&at.to_zoned_datetime(TimeZone::UTC)).unwrap_or_default()
}

/// JSON Feed 1.1.
fn json_feed(feed: &Feed) -> Value {
    let item = |entry: &Entry| {
        let mut item = json!({
            "id": entry.id,
            "url": entry.address,
            "title": entry.headline,
            "content_text": entry.passage,
            "date_published": entry.at.to_string(),
            "date_modified": entry.updated.to_string(),
            "authors": [{ "name": entry.source }],
        });
        if let Some(fields) = item.as_object_mut() {
            fields.extend(entry.language.as_ref().map(|tag| ("language".into(), json!(tag))));
            fields.extend(entry.section.as_ref().map(|section| ("tags".into(), json!([section]))));
        }
        item
    };
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.here,
        "items": feed.entries.iter().map(item).collect::<Vec<_>>(),
    })
}

/// CSV (RFC 4180). It begins with a byte order mark, or spreadsheets take «é» for two letters.
fn csv(feed: &Feed) -> String {
    let mut out =
        String::from("\u{feff}date,headline,source,section,language,passage,address,id\r\n");
    for entry in &feed.entries {
        let none = String::new();
        let cells = [
            &entry.at.to_string(),
            &entry.headline,
            &entry.source,
            entry.section.as_ref().unwrap_or(&none),
            entry.language.as_ref().unwrap_or(&none),
            &entry.passage,
            &entry.address,
            &entry.id,
        ];
        let cells: Vec<String> = cells.into_iter().map(|cell| self::cell(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// A cell. Spreadsheets run what begins like a formula, also in quotation marks, so that an apostrophe goes before it.
fn cell(text: &str) -> String {
    format!("\"{}{}\"", if is_formula(text) { "'" } else { "" }, text.replace('"', "\"\""))
}

#[derive(Template)]
#[template(path = "atom.xml")]
struct Atom<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "rss.xml")]
struct Rss<'a> {
    feed: &'a Feed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("L'Otan, \"la\" coalition", "\"L'Otan, \"\"la\"\" coalition\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            (" +1", "\"' +1\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
            ("\u{200b}\u{feff} =1", "\"'\u{200b}\u{feff} =1\""),
            ("- dit-il", "\"'- dit-il\""),
            ("", "\"\""),
            ("deux\nlignes", "\"deux\nlignes\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn what_xml_cannot_carry_is_left_out() {
        assert_eq!(printable("a\u{0}\u{8}b\u{ffff}\nc\td"), "ab\nc\td");
    }
}
