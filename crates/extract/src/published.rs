//! When a page was published: what it declares, what it shows, its address.

use depeche_news::Moment;
use depeche_news::jiff::tz::Offset;

use crate::Hints;
use crate::dates::{self, Order};
use crate::facts::{DateSeen, Facts};
use crate::headline;

/// The publication, and which evidence told it.
pub(crate) fn published(
    facts: &Facts,
    hints: &Hints,
    (above, lines): (&[String], &[String]),
    starts: &[&str],
) -> Option<(Moment, &'static str)> {
    let order = Order::of_language(facts.language.as_deref().or(hints.language));
    let field = |text: &str| Some(dates::at_clock(dates::field(text, order)?, text, hints.zone));
    let unchanged =
        |text: &str| Some(dates::at_clock(dates::unchanged(text, order)?, text, hints.zone));
    let seen = |wanted: fn(&DateSeen) -> bool| {
        facts.dates.iter().filter(move |seen| wanted(seen)).find_map(|seen| field(&seen.text))
    };
    let in_address = || {
        let declared = facts.canonical.as_deref().into_iter().chain(facts.first_meta(&["og:url"]));
        hints.address.into_iter().chain(declared).find_map(dates::in_address)
    };
    let in_bylines = || {
        let beside = facts.bylines.iter().filter(|byline| !byline.aside);
        beside.map(|byline| &byline.text).find_map(|text| unchanged(text))
    };
    let own = |line: &&String| !is_of_post(facts, line);
    let shown = || {
        seen(|seen| seen.head && !seen.modified)
            .or_else(|| seen(|seen| !seen.aside && !seen.modified))
    };
    let tries: [(&'static str, &dyn Fn() -> Option<Moment>); 15] = [
        ("json-ld", &|| facts.linked.published.as_deref().and_then(field)),
        ("meta", &|| facts.all_metas(PUBLISHED_METAS).find_map(field)),
        ("microdata", &|| facts.property("datePublished").and_then(field)),
        ("time element", &|| seen(|seen| seen.published && !seen.modified)),
        ("address", &in_address),
        ("date on the page", &shown),
        ("line", &|| above.iter().filter(own).find_map(|line| unchanged(line))),
        ("date on the page", &|| seen(|seen| !seen.modified)),
        ("line", &|| lines.iter().filter(own).find_map(|line| unchanged(line))),
        ("byline", &in_bylines),
        ("start of the text", &|| starts.iter().find_map(|text| dates::at_start(text, order))),
        ("start of the text", &|| starts.iter().find_map(|text| dates::after_place(text, order))),
        ("script", &|| facts.scripted.as_deref().and_then(field)),
        ("modification", &|| {
            modified(facts).map(|(at, _)| at).or_else(|| seen(|seen| seen.modified))
        }),
        ("modification", &|| changed(facts, hints, (above, lines))),
    ];
    let (moment, evidence) =
        tries.iter().find_map(|(evidence, read)| Some((read()?, *evidence)))?;
    let swapped = |text: &str| dates::field(text, order.other());
    if let Some(before) = shown_before(facts, moment, &field, &swapped) {
        return Some((before, "date on the page"));
    }
    Some((with_zone(facts, moment, &field), evidence))
}

/// Whether a line is one of a post of another site.
fn is_of_post(facts: &Facts, line: &str) -> bool {
    let line = headline::letters(line);
    facts.posts.iter().any(|post| post.contains(&line))
}

/// The last change, where only the words of the page tell it.
pub(crate) fn changed(
    facts: &Facts,
    hints: &Hints,
    (above, lines): (&[String], &[String]),
) -> Option<Moment> {
    let order = Order::of_language(facts.language.as_deref().or(hints.language));
    let seen = facts.dates.iter().filter(|seen| !seen.aside).map(|seen| &seen.text);
    let bylines = facts.bylines.iter().filter(|byline| !byline.aside).map(|byline| &byline.text);
    let lines = above.iter().chain(lines).filter(|line| !is_of_post(facts, line));
    seen.chain(bylines).chain(lines).find_map(|text| dates::changed(text, order))
}

/// The date that the page shows under its headline, where that is some days before what it declares: a page that
/// moved to another system is declared to be of the day it moved.
fn shown_before(
    facts: &Facts,
    declared: Moment,
    field: &dyn Fn(&str) -> Option<Moment>,
    swapped: &dyn Fn(&str) -> Option<Moment>,
) -> Option<Moment> {
    let head = facts.dates.iter().filter(|seen| seen.head && seen.text.len() <= SHOWN_BYTES_MAX);
    let mut head = head.filter(|seen| !seen.modified);
    let (text, first) = head.find_map(|seen| Some((seen.text.as_str(), field(&seen.text)?)))?;
    let later = |shown: Moment| declared.sort_key().as_second() - shown.sort_key().as_second();
    // «03/10/2023» is the third of October where that is what is declared.
    let same = swapped(text).is_some_and(|other| later(other).abs() < MOVED_SECONDS_MIN);
    (later(first) >= MOVED_SECONDS_MIN && !same).then_some(first)
}

/// Longest text that is a date and little else.
const SHOWN_BYTES_MAX: usize = 60;

/// Two days: less may be a matter of zones, or of when a draft was begun.
const MOVED_SECONDS_MIN: i64 = 2 * 86_400;

/// The same instant with the offset of the outlet, where the page tells it anywhere beside one in UTC.
fn with_zone(facts: &Facts, moment: Moment, field: &dyn Fn(&str) -> Option<Moment>) -> Moment {
    let Moment::Instant { at: wanted, offset: Offset::UTC } = moment else { return moment };
    let told = facts.all_metas(PUBLISHED_METAS).chain(facts.linked.published.as_deref());
    let told = told.chain(facts.property("datePublished"));
    let mut told = told.chain(facts.dates.iter().map(|seen| seen.text.as_str())).filter_map(field);
    let same = |other: &Moment| matches!(other, Moment::Instant { at, offset } if *at == wanted && *offset != Offset::UTC);
    told.find(same).unwrap_or(moment)
}

/// Meta elements that tell the publication, surest first.
const PUBLISHED_METAS: &[&str] = &[
    "article:published_time",
    "published",
    "article:published",
    "og:published_time",
    "datepublished",
    "date.published",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publishdate",
    "publish_date",
    "publication_date",
    "pubdate",
    "pub_date",
    "published_at",
    "published-date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:pageclass:publishtime",
    "article.published",
    "ptime",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dcterms.issued",
    "dc.date",
    "dc.date.created",
    "dc.created",
    "citation_publication_date",
    "date.created",
    "datecreated",
    "rnews:datepublished",
    "bt:pubdate",
    "shareaholic:article_published_time",
    "og:article:published_time",
    "article:created",
    "last-modified-date",
    "created",
    "date",
    "og:pubdate",
    "og:date",
    "displaydate",
    "originalpublicationdate",
    "cdate",
    "timestamp",
];

/// The last change that the page declares.
pub(crate) fn modified(facts: &Facts) -> Option<(Moment, &'static str)> {
    let metas = facts.all_metas(&[
        "article:modified_time",
        "og:updated_time",
        "article:modified",
        "datemodified",
        "last-modified",
        "lastmod",
        "dcterms.modified",
        "revised",
        "modified",
        "og:modified_time",
    ]);
    let linked = facts.linked.modified.as_deref().map(|text| (text, "json-ld"));
    let mut all = linked
        .into_iter()
        .chain(metas.map(|text| (text, "meta")))
        .chain(facts.property("dateModified").map(|text| (text, "microdata")));
    all.find_map(|(text, evidence)| Some((dates::field(text, Order::DayFirst)?, evidence)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::Page;

    #[track_caller]
    fn check(page: &str, expected: &str) {
        let tree = crate::tree::parse(page);
        let facts = Facts::of(&Page::new(&tree));
        let found = published(&facts, &Hints::default(), (&[], &[]), &[]);
        assert_eq!(found.map(|(at, _)| at.to_string()).unwrap_or_default(), expected, "{page}");
    }

    fn declared(at: &str) -> String {
        format!(
            "<html lang=en-gb><meta property=article:published_time content={at}><h1>La crue</h1>"
        )
    }

    #[test]
    fn what_is_shown_is_believed_where_it_is_before_what_is_declared() {
        let moved = declared("2022-11-17T10:33:13Z");
        check(&format!("{moved}<time datetime=2022-03-09>9 March</time>"), "2022-03-09");
        check(&format!("{moved}<time datetime=2022-11-16>16</time>"), "2022-11-17T10:33:13+00:00");
        check(&format!("{moved}<time datetime=2022-12-24>24</time>"), "2022-11-17T10:33:13+00:00");
        let aside = "<aside><time datetime=2022-03-09>9 March</time></aside>";
        check(&format!("{moved}{aside}"), "2022-11-17T10:33:13+00:00");
        let october = declared("2023-10-03");
        check(&format!("{october}<p class=date>10/03/2023</p>"), "2023-10-03");
    }

    #[test]
    fn the_zone_is_taken_from_wherever_it_is_told() {
        let utc = declared("2020-02-25T02:25:54Z");
        check(
            &format!("{utc}<time datetime=2020-02-24T21:25:54-05:00>Monday</time>"),
            "2020-02-24T21:25:54-05:00",
        );
    }

    #[test]
    fn dates_beside_the_story_come_after_its_own() {
        let page = "<nav><span class=date>1.2.2020</span></nav><h1>La crue</h1><span class=date>5.3.2021</span>";
        check(page, "2021-03-05");
        check("<aside><span class=date>1.2.2020</span></aside>", "2020-02-01");
    }

    #[track_caller]
    fn check_text(text: &str, starts: &[&str], expected: &str) {
        let tree = crate::tree::parse("<h1>La crue</h1>");
        let facts = Facts::of(&Page::new(&tree));
        let (lines, hints) =
            ([text.to_owned()], Hints { language: Some("fr"), ..Hints::default() });
        let found = published(&facts, &hints, (&[], &lines), starts).map(|(at, _)| at.to_string());
        let after = changed(&facts, &hints, (&[], &lines)).map(|at| at.to_string());
        let told = format!("{} {}", found.unwrap_or_default(), after.unwrap_or_default());
        assert_eq!(told.trim(), expected, "{text}");
    }

    #[test]
    fn a_change_told_in_words_is_none_of_the_publication() {
        let both = "2026-03-05 2026-03-06";
        check_text("Publié le 5 mars 2026 à 14h32, mis à jour le 6 mars 2026 à 8h", &[], both);
        check_text("Mis à jour le 6 mars 2026, publié le 5 mars 2026", &[], both);
        check_text("Mis à jour le 6 mars 2026", &[], "2026-03-06 2026-03-06");
        let starts = ["La crue", "Valence, le 4 mars 2026"];
        check_text("Mis à jour le 6 mars 2026", &starts, "2026-03-04 2026-03-06");
        check_text("La liste mise à jour le 6 mars 2026", &[], "2026-03-06");
        check_text("Le 6 mars", &[], "");
    }

    #[test]
    fn a_post_of_another_site_has_a_date_of_its_own() {
        let post = |inner: &str| {
            format!("<h1>La crue</h1><blockquote class=twitter-tweet>{inner}</blockquote>")
        };
        check(&post("<time datetime=2026-03-11>11</time>"), "");
        check(&post("<span class=date>March 11, 2026</span>"), "");
        let tree = crate::tree::parse(&post(
            "<p>L'eau monte.</p>&mdash; Mairie (@m) <a href=x>March 11, 2026</a>",
        ));
        let facts = Facts::of(&Page::new(&tree));
        let lines = ["— Mairie (@m) March 11, 2026".to_owned()];
        assert_eq!(published(&facts, &Hints::default(), (&lines, &lines), &[]), None);
    }
}
