//! Rows as every list draws them, grouped by day and hour.

use depeche_news::{
    DispatchId,
    jiff::{Timestamp, tz::TimeZone},
    slug,
};
use depeche_store::{Notice, Place, Row, SourceName};
use depeche_text::{teaser, typeset};

use crate::{
    dates,
    words::{Language, Words},
};

/// Rows of a page: three screens of a laptop, and 14 kB of compressed HTML, which a first round
/// trip carries.
pub(crate) const PAGE_ROWS: usize = 50;

/// Characters of the teaser beside a row's facts: what one line has room for.
const LEAD_CHARS: usize = 64;
/// Characters of an outlet's name; feeds that call themselves by a sentence are cut.
pub(crate) const NAME_CHARS: usize = 32;
/// Characters of a section's name; longer ones are whole paths.
const SECTION_CHARS: usize = 28;

/// The rows of one day.
pub(crate) struct Day {
    /// `2016-02-11`
    pub(crate) key: String,
    pub(crate) heading: String,
    pub(crate) hours: Vec<Hour>,
}

/// The rows of one hour.
pub(crate) struct Hour {
    /// `2016-02-11T16`
    pub(crate) key: String,
    pub(crate) heading: String,
    pub(crate) rows: Vec<Line>,
}

/// One row, ready to be drawn.
pub(crate) struct Line {
    pub(crate) id: DispatchId,
    /// Seconds; what rows are ordered by where script weaves new ones in.
    pub(crate) at: i64,
    pub(crate) time: String,
    pub(crate) href: String,
    pub(crate) headline: String,
    pub(crate) credit: Option<String>,
    /// Where it is not the page's.
    pub(crate) language: Option<String>,
    pub(crate) urgent: bool,
    pub(crate) who: String,
    pub(crate) copies: usize,
    pub(crate) section: Option<String>,
    pub(crate) teaser: Option<String>,
    /// What happened to it.
    pub(crate) event: Option<String>,
    /// That there is a further edition, where nothing was corrected.
    pub(crate) updated: Option<String>,
    /// What stands in its place.
    pub(crate) notice: Option<String>,
    /// The passage that a search found.
    pub(crate) passage: Option<Vec<Piece>>,
    /// Where else a search leads from it.
    pub(crate) beside: Vec<Beside>,
}

/// A link under a row.
pub(crate) struct Beside {
    pub(crate) href: String,
    pub(crate) text: String,
}

/// A piece of a passage.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) marked: bool,
}

/// Groups rows, which come newest first.
pub(crate) fn days(rows: &[Row], language: Language, zone: &TimeZone) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for row in rows {
        let at = row.at.to_zoned_datetime(zone.clone());
        let key = at.date().to_string();
        if days.last().is_none_or(|day| day.key != key) {
            let heading = dates::full_day(language, at.date());
            days.push(Day { key: key.clone(), heading, hours: Vec::new() });
        }
        let Some(day) = days.last_mut() else { continue };
        let key = format!("{key}T{:02}", at.hour());
        if day.hours.last().is_none_or(|hour| hour.key != key) {
            day.hours.push(Hour { key, heading: dates::hour(language, &at), rows: Vec::new() });
        }
        if let Some(hour) = day.hours.last_mut() {
            hour.rows.push(line(row, language, zone));
        }
    }
    days
}

/// One row.
pub(crate) fn line(row: &Row, language: Language, zone: &TimeZone) -> Line {
    let w = language.words();
    let theirs = row.language.as_deref();
    let set = |text: &str| typeset(text, theirs).into_owned();
    let notice = row.notice.as_ref().map(|notice| notice_line(notice, row.at, w, zone));
    let when = |at| dates::short(language, at, row.at, zone);
    let corrected = row.corrected_at.filter(|_| notice.is_none());
    let updated = row.updated_at.filter(|_| notice.is_none() && corrected.is_none());
    Line {
        id: row.dispatch.clone(),
        at: row.at.as_second(),
        time: match row.day_only {
            true => String::new(),
            false => dates::time(&row.at.to_zoned_datetime(zone.clone())),
        },
        href: dispatch_href(&row.dispatch, &row.headline),
        headline: set(&row.headline),
        credit: row.credit.as_deref().map(set),
        language: foreign(theirs, language),
        urgent: notice.is_none() && row.urgency.is_some_and(|urgency| urgency.is_urgent()),
        who: who(row),
        copies: row.copies,
        section: row.section.as_deref().map(|section| teaser(section, SECTION_CHARS)),
        teaser: Some(set(&teaser(&row.teaser, LEAD_CHARS))).filter(|t| !t.is_empty()),
        event: corrected.map(|at| w.corrected_at(&when(at))),
        updated: updated.map(|at| w.updated_at(&when(at))),
        notice,
        passage: None,
        beside: Vec::new(),
    }
}

/// The outlets a row names: who leads it, and one more.
fn who(row: &Row) -> String {
    let name = |source: &SourceName| teaser(&source.name, NAME_CHARS);
    match row.others.first() {
        Some(other) => format!("{} · {}", name(&row.source), name(other)),
        None => name(&row.source),
    }
}

/// What stands in the place of a dispatch, in a line.
pub(crate) fn notice_line(
    notice: &Notice,
    beside: Timestamp,
    w: &Words,
    zone: &TimeZone,
) -> String {
    let short = |at: &Timestamp| dates::short(w.language, *at, beside, zone);
    match notice {
        Notice::Killed { at } => w.killed_at(&short(at)),
        Notice::Removed { at, .. } => w.removed_at(&short(at)),
    }
}

/// The language of a text where it is not that of the page.
pub(crate) fn foreign(theirs: Option<&str>, page: Language) -> Option<String> {
    theirs.filter(|tag| *tag != page.tag()).map(str::to_owned)
}

/// The address of a dispatch.
pub(crate) fn dispatch_href(id: &DispatchId, headline: &str) -> String {
    href("depeche", id.as_str(), &slug(headline))
}

/// An address with its readable end, if there is one.
pub(crate) fn href(kind: &str, id: &str, slug: &str) -> String {
    match slug {
        "" => format!("/{kind}/{id}"),
        slug => format!("/{kind}/{id}/{slug}"),
    }
}

/// A place in the list as it stands in an address: `1455205260000-` and the dispatch.
pub(crate) fn write_place(place: &Place) -> String {
    format!("{}-{}", place.at.as_millisecond(), place.dispatch)
}

/// Reads a place; anything that is none is the top of the list.
pub(crate) fn read_place(text: &str) -> Option<Place> {
    let (at, dispatch) = text.rsplit_once('-')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some(Place { at, dispatch: DispatchId::parse(dispatch)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_address() {
        let dispatch = DispatchId::parse("0123456789abcdef0123").unwrap();
        let at = "2016-02-11T15:41:00.250Z".parse().unwrap();
        let place = Place { at, dispatch };
        assert_eq!(read_place(&write_place(&place)), Some(place));
        for bad in
            ["", "-", "x-0123456789abcdef0123", "1-2", "99999999999999999-0123456789abcdef0123"]
        {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_ends_readably_where_it_can() {
        assert_eq!(href("depeche", "1", "l-otan"), "/depeche/1/l-otan");
        assert_eq!(href("depeche", "1", ""), "/depeche/1");
    }
}
