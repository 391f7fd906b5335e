//! What a French desk writes around a text becomes fields: the words at its headline, the lines above it, its
//! dateline, its signature. Copies of agencies come in feeds of every format, so this is done for all.

use depeche_formats::Entry;
use depeche_news::{
    Article, Block, Desk, Item, Moment, Signal, Status, Topic, Urgency,
    jiff::{Timestamp, ToSpan, civil, tz::Offset},
};
use depeche_text::{
    agency::{self, DeskLine, Mark},
    fold,
};

/// Blocks above a text that may be lines of the desk: marks, an update, an embargo, a note.
const LINES_MAX: usize = 6;

/// What a desk says of an entry beside its text; nothing for feeds without its words.
pub(crate) fn of_entry(entry: &Entry) -> Desk {
    let Some(desk) = entry.desk.as_deref() else { return Desk::default() };
    let mut desk = desk.clone();
    desk.byline = desk.byline.or_else(|| entry.byline.clone());
    desk.creditline = desk.creditline.or_else(|| entry.credit.clone());
    desk.copyright = desk.copyright.or_else(|| entry.rights.clone());
    desk
}

/// Takes the words of the desk off an item and puts them into its fields. `from_agency`: its format says it is an
/// agency's own, so that a bare kill is believed.
pub(crate) fn settle(item: &mut Item, from_agency: bool) {
    let marks = headline(item);
    let marked = !marks.is_empty();
    let mut lines = Lines { trusted: from_agency || marked, ..Lines::default() };
    above(&mut item.article, &mut lines);
    let killed = is_killed(item, &marks, &lines, from_agency);
    for (mark, word) in &marks {
        item.desk.labels.push(word.clone());
        mean(item, *mark, from_agency);
    }
    for word in std::mem::take(&mut lines.labels) {
        let mark = agency::split_marks(&word).marks.first().map(|(mark, _)| *mark);
        mark.into_iter()
            .filter(|mark| *mark != Mark::Kill)
            .for_each(|mark| mean(item, mark, from_agency));
        item.desk.labels.push(word);
    }
    take_over(item, lines);
    if killed {
        item.status = Status::Canceled;
        item.signal = Some(Signal::Kill);
    }
    dateline(item, from_agency);
    below(item);
    insertions(item);
    authors(item);
}

/// Takes the marks off the headline; gives them.
fn headline(item: &mut Item) -> Vec<(Mark, String)> {
    let marked = agency::split_marks(&item.article.headline);
    let marks = marked.marks.iter().map(|(mark, word)| (*mark, (*word).to_owned())).collect();
    // A headline that is only marks is all there is to show.
    if !marked.text.is_empty() {
        item.article.headline = marked.text.to_owned();
    }
    marks
}

/// What a mark says of the item.
fn mean(item: &mut Item, mark: Mark, from_agency: bool) {
    let number = match mark {
        Mark::Flash | Mark::Alert => Urgency::new(1),
        Mark::Urgent => Urgency::new(3),
        _ => None,
    };
    item.urgency = match (number, item.urgency) {
        (Some(word), Some(number)) => Some(word.min(number)),
        (word, number) => word.or(number),
    };
    let signal = match mark {
        Mark::Correction => Some(Signal::Correction),
        Mark::Update => Some(Signal::Update),
        Mark::Advisory if from_agency => Some(Signal::Advisory),
        _ => None,
    };
    item.signal = item.signal.or(signal);
}

/// What stood above a text.
#[derive(Default)]
struct Lines {
    /// Notes and kills are believed: an agency's format or headline says whose they are.
    trusted: bool,
    labels: Vec<String>,
    updated_with: Option<String>,
    embargo: Option<String>,
    notes: Vec<String>,
    kill: bool,
}

/// Takes the lines of the desk off the start of a body, or of the standfirst where that is all there is.
fn above(article: &mut Article, lines: &mut Lines) {
    if article.body.is_empty() {
        let mut blocks = article.standfirst.take().map(Block::Paragraph).into_iter().collect();
        take_lines(&mut blocks, lines);
        article.standfirst = blocks.into_iter().next().map(|block| block.text());
    } else {
        take_lines(&mut article.body, lines);
    }
}

fn take_lines(blocks: &mut Vec<Block>, lines: &mut Lines) {
    for _ in 0..LINES_MAX {
        let Some(Block::Paragraph(text) | Block::Subhead(text)) = blocks.first() else { return };
        let Some(rest) = take_line(text, lines) else { return };
        if rest.is_empty() {
            blocks.remove(0);
        } else if let Some(first) = blocks.first_mut() {
            *first = Block::Paragraph(rest);
        }
    }
}

/// Takes one line; gives what is left of its paragraph, `None` where there was none.
fn take_line(text: &str, lines: &mut Lines) -> Option<String> {
    let marked = agency::split_marks(text);
    if marked.text.is_empty() && !marked.marks.is_empty() {
        lines.labels.extend(marked.marks.iter().map(|(_, word)| (*word).to_owned()));
        return Some(String::new());
    }
    let (line, rest) = agency::desk_line(text)?;
    match line {
        DeskLine::Update(with) => lines.updated_with = Some(with.to_owned()),
        DeskLine::Embargo(until) => lines.embargo = Some(until.to_owned()),
        DeskLine::Note(note) if lines.trusted => lines.notes.push(note.to_owned()),
        DeskLine::Kill(note) if lines.trusted => {
            lines.kill = true;
            lines.notes.push(note.to_owned());
        }
        DeskLine::Note(_) | DeskLine::Kill(_) => return None,
    }
    Some(rest.to_owned())
}

/// Whether a text kills its item: its headline says so in the way of a desk, and something bears it out. A word
/// alone may be a newspaper's on a concert that was called off.
fn is_killed(item: &Item, marks: &[(Mark, String)], lines: &Lines, from_agency: bool) -> bool {
    let Some((_, word)) = marks.iter().find(|(mark, _)| *mark == Mark::Kill) else { return false };
    let article = &item.article;
    let said =
        article.body.iter().take(LINES_MAX).any(|block| agency::is_kill_phrase(&block.text()))
            || article.standfirst.as_deref().is_some_and(agency::is_kill_phrase)
            || item.desk.notes.iter().any(|note| agency::is_kill_phrase(note));
    let empty = article.body.is_empty() && article.standfirst.is_none();
    let strong = fold(word).starts_with("attention");
    lines.kill || said || (from_agency && (empty || strong))
}

fn take_over(item: &mut Item, lines: Lines) {
    if let Some(with) = lines.updated_with {
        item.signal = item.signal.or(Some(Signal::Update));
        item.desk.updated_with = Some(with);
    }
    item.desk.notes.extend(lines.notes);
    if let Some(line) = lines.embargo {
        let published = item.article.published.or(item.article.modified);
        match until(&line, published) {
            Some(end) => {
                let later = item.embargoed_until.filter(|own| own.sort_key() > end.sort_key());
                item.embargoed_until = later.or(Some(end));
            }
            // An embargo whose end cannot be read holds until a later version lifts it.
            None if item.embargoed_until.is_none() && item.status == Status::Usable => {
                item.status = Status::Withheld;
            }
            None => {}
        }
        item.desk.labels.push(depeche_text::squash(&format!("SOUS EMBARGO {line}")));
    }
}

/// Takes the dateline off the first paragraph.
fn dateline(item: &mut Item, from_agency: bool) {
    let article = &mut item.article;
    if let Some(Block::Paragraph(text)) = article.body.first_mut()
        && let Some((dateline, rest)) = depeche_text::split_dateline(text)
    {
        let place = |line: &str| depeche_text::dateline_place(line).map(fold);
        let known = article.dateline.as_deref();
        if known.is_none_or(|known| place(known) == place(dateline)) {
            let dateline = dateline.trim().to_owned();
            *text = rest.to_owned();
            article.dateline.get_or_insert(dateline);
        }
    }
    if from_agency && item.desk.located.is_empty() {
        let place = article.dateline.as_deref().and_then(depeche_text::dateline_place);
        let name = place.map(str::to_owned);
        item.desk.located.extend(name.map(|name| Topic { name: Some(name), ..Topic::default() }));
    }
}

/// Takes signature and agency off the end of the body.
fn below(item: &mut Item) {
    let body = &mut item.article.body;
    while body.len() > 1 {
        let Some(Block::Paragraph(last)) = body.last() else { return };
        if agency::is_signature(last) && item.desk.signature.is_none() {
            item.desk.signature = Some(last.clone());
        } else if let Some(credit) = agency::ending_credit(last)
            .or_else(|| in_dateline(last, item.article.dateline.as_deref()))
        {
            item.article.credit.get_or_insert_with(|| credit.to_owned());
        } else {
            return;
        }
        body.pop();
    }
}

/// The agency in brackets, where the dateline has the same.
fn in_dateline<'l>(line: &'l str, dateline: Option<&str>) -> Option<&'l str> {
    let line = line.trim();
    let inner = line.strip_prefix('(')?.strip_suffix(')')?;
    dateline.is_some_and(|dateline| dateline.contains(line)).then_some(inner)
}

fn insertions(item: &mut Item) {
    let blocks = item.article.body.iter().map(Block::text);
    let texts: Vec<String> = blocks.chain(item.article.standfirst.clone()).collect();
    for insertion in texts.iter().flat_map(|text| agency::insertions(text)) {
        if !item.desk.insertions.iter().any(|known| known == insertion) {
            item.desk.insertions.push(insertion.to_owned());
        }
    }
}

/// Longest byline that is taken for names: two names and a place.
const BYLINE_BYTES_MAX: usize = 80;

/// Names out of a byline, where the format names nobody: `Par Maud PÉRIER et Léo Cazals`.
fn authors(item: &mut Item) {
    let Some(byline) = item.desk.byline.as_deref().filter(|_| item.article.authors.is_empty())
    else {
        return;
    };
    let names = ["Par ", "par ", "PAR ", "By ", "by ", "BY "]
        .iter()
        .find_map(|word| byline.strip_prefix(word))
        .unwrap_or(byline);
    if names.len() > BYLINE_BYTES_MAX || names.contains(['@', '/', '(']) {
        return;
    }
    let names = names.split(" et ").flat_map(|part| part.split(" and ")).map(str::trim);
    item.article.authors.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
}

/// When an embargo ends: `jusqu'au 12 février à 06H00 GMT`, `jusqu'à vendredi 18h30 (heure de Paris)`. Without a
/// zone it is UTC, which in France is later: an embargo is better kept too long.
fn until(line: &str, published: Option<Moment>) -> Option<Moment> {
    let folded = fold(line);
    let words: Vec<&str> =
        folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '.')).collect();
    let paris = ["paris", "francaise", "locale", "hec", "cet", "cest"];
    let paris = words.iter().any(|word| paris.contains(word));
    let clock = clock(&words);
    let day = day(&words, published)
        .or_else(|| clock.and(published).map(|at| utc(at.sort_key()).date()))?;
    let Some(time) = clock else { return Some(Moment::Day(day)) };
    let end = |day: civil::Date| instant(day.to_datetime(time), paris);
    let named = self::day(&words, published).is_some();
    let first = end(day)?;
    // «Jusqu'à 18h00» is the next 18h00 there is.
    match published.filter(|published| !named && published.sort_key() > first.sort_key()) {
        Some(_) => end(day.tomorrow().ok()?),
        None => Some(first),
    }
}

fn utc(at: Timestamp) -> civil::DateTime {
    Offset::UTC.to_datetime(at)
}

/// `06h00`, `6h`, `18:30`.
fn clock(words: &[&str]) -> Option<civil::Time> {
    words.iter().find_map(|word| {
        let (hour, minute) = word.split_once(['h', ':'])?;
        let minute = if minute.is_empty() { "0" } else { minute };
        civil::Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    })
}

fn day(words: &[&str], published: Option<Moment>) -> Option<civil::Date> {
    let base = published.map(|at| utc(at.sort_key()).date());
    let number = |word: &str| word.strip_suffix("er").unwrap_or(word).parse::<i8>().ok();
    for (at, pair) in words.windows(2).enumerate() {
        let [day, month] = pair else { continue };
        let (Some(day), Some(month)) = (number(day), month_number(month)) else { continue };
        let year =
            words.get(at + 2).and_then(|year| year.parse::<i16>().ok().filter(|y| *y > 1999));
        return match year {
            Some(year) => civil::Date::new(year, month, day).ok(),
            None => nearest_year(base?, month, day),
        };
    }
    let slashed = words.iter().find_map(|word| {
        let mut parts = word.split('/');
        let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        match parts.next() {
            Some(year) => civil::Date::new(year.parse().ok()?, month, day).ok(),
            None => nearest_year(base?, month, day),
        }
    });
    slashed.or_else(|| weekday(words, base?))
}

/// The year that brings a day next to another, for dates without one.
fn nearest_year(base: civil::Date, month: i8, day: i8) -> Option<civil::Date> {
    let own = civil::Date::new(base.year(), month, day).ok()?;
    let long_ago = own < base.checked_sub(180.days()).ok()?;
    if long_ago { civil::Date::new(base.year() + 1, month, day).ok() } else { Some(own) }
}

fn weekday(words: &[&str], base: civil::Date) -> Option<civil::Date> {
    const DAYS: [&str; 7] =
        ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    let wanted = words.iter().find_map(|word| DAYS.iter().position(|day| day == word))?;
    let today = usize::try_from(base.weekday().to_monday_zero_offset()).ok()?;
    let days = (wanted + 7 - today) % 7;
    base.checked_add(i64::try_from(days).ok()?.days()).ok()
}

fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["janv", "fev", "mars", "avr", "mai", "juin", "juil", "aou", "sept", "oct", "nov", "dec"];
    let at = MONTHS.iter().position(|month| word.starts_with(month))?;
    i8::try_from(at + 1).ok()
}

/// A wall clock as an instant, in UTC or in Paris: summer there is from the last Sunday of March to the last of
/// October, each at one o'clock UTC.
fn instant(at: civil::DateTime, paris: bool) -> Option<Moment> {
    let hours = if paris { if is_summer(at) { 2 } else { 1 } } else { 0 };
    let offset = Offset::from_seconds(hours * 60 * 60).ok()?;
    Some(Moment::Instant { at: offset.to_timestamp(at).ok()?, offset })
}

fn is_summer(at: civil::DateTime) -> bool {
    let last_sunday = |month: i8| {
        let first = civil::Date::new(at.year(), month, 1).ok()?;
        first.nth_weekday_of_month(-1, civil::Weekday::Sunday).ok()
    };
    let (Some(start), Some(end)) = (last_sunday(3), last_sunday(10)) else { return false };
    at >= start.at(2, 0, 0, 0) && at < end.at(3, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use depeche_news::SourceId;

    use super::*;

    fn settled(headline: &str, body: &[&str], from_agency: bool) -> Item {
        let article = Article {
            headline: headline.to_owned(),
            body: body.iter().map(|text| Block::Paragraph((*text).to_owned())).collect(),
            published: Moment::parse("2016-02-11T16:00:00+01:00"),
            ..Article::default()
        };
        let mut item = Item {
            guid: Some("1".to_owned()),
            ..Item::of(SourceId::of_address("https://a.example/fil"), article)
        };
        settle(&mut item, from_agency);
        item
    }

    #[test]
    fn words_at_the_headline_become_fields() {
        let item = settled("URGENT - CORRECTION - Le pont", &["Un."], false);
        assert_eq!(item.article.headline, "Le pont");
        assert_eq!(item.desk.labels, ["URGENT", "CORRECTION"]);
        assert_eq!(
            (item.urgency.map(Urgency::get), item.signal),
            (Some(3), Some(Signal::Correction))
        );
    }

    #[test]
    fn what_stands_around_a_text_becomes_fields() {
        let item = settled(
            "Le pont rouvre (PAPIER GENERAL)",
            &[
                "(Actualisé avec déclaration du maire)",
                "Prière de noter l'orthographe de Nasbinals.",
                "BRUXELLES, 11 fév 2016 (HP) - Il (le pont, ndlr) rouvre.",
                "Fin.",
                "abc-def/gh",
                "(AFP)",
            ],
            false,
        );
        let (article, desk) = (&item.article, &item.desk);
        assert_eq!(article.text(), "Il (le pont, ndlr) rouvre.\n\nFin.");
        assert_eq!(article.dateline.as_deref(), Some("BRUXELLES, 11 fév 2016 (HP) -"));
        assert_eq!(article.credit.as_deref(), Some("AFP"));
        assert_eq!(desk.updated_with.as_deref(), Some("Actualisé avec déclaration du maire"));
        assert_eq!(desk.notes, ["Prière de noter l'orthographe de Nasbinals."]);
        assert_eq!(desk.insertions, ["le pont, ndlr"]);
        assert_eq!(desk.signature.as_deref(), Some("abc-def/gh"));
        assert_eq!(item.signal, Some(Signal::Update));
    }

    #[test]
    fn a_feed_without_words_of_a_desk_stays_as_it_is() {
        let item = settled("Le vol est annulé", &["Prière de patienter, dit-on.", "Un."], false);
        assert!(item.desk.is_empty(), "{:?}", item.desk);
        assert_eq!(item.article.text(), "Prière de patienter, dit-on.\n\nUn.");
    }

    #[track_caller]
    fn killed(headline: &str, body: &[&str], from_agency: bool, expected: bool) {
        let item = settled(headline, body, from_agency);
        assert_eq!(item.status == Status::Canceled, expected, "{headline}");
    }

    #[test]
    fn a_text_kills_only_where_it_says_so_to_editors() {
        let asks = "Prière d'annuler la dépêche de 16h10 intitulée «Le pont».";
        killed("ANNULE: Le pont", &[asks], false, true);
        killed("ATTENTION - ANNULE - Le pont", &["Le pont rouvre."], true, true);
        killed("ATTENTION - ANNULE - Le pont", &["Cette dépêche est annulée."], false, true);
        killed("ANNULATION - Le pont", &[], true, true);
        killed("ANNULATION - Le pont", &["Le concert n'aura pas lieu."], true, false);
        killed("ANNULE: le concert de Bercy", &["Le concert n'aura pas lieu."], false, false);
        killed("ATTENTION - ANNULE - Le pont", &["Le pont rouvre."], false, false);
        killed("Vol annulé", &[asks], false, false);
        killed("Vol annulé", &["Le vol Paris-Nice est annulé."], true, false);
        killed("Annulation du sommet", &[asks], true, false);
    }

    #[track_caller]
    fn ends(line: &str, expected: Option<&str>) {
        let end = until(line, Moment::parse("2016-02-11T16:00:00+01:00"));
        assert_eq!(end.map(|end| end.to_string()).as_deref(), expected);
    }

    #[test]
    fn the_end_of_an_embargo_is_read_as_it_is_written() {
        ends("jusqu'au 12 février à 06H00 GMT", Some("2016-02-12T06:00:00+00:00"));
        ends(
            "jusqu'au vendredi 12 février 2016 à 6h (heure de Paris)",
            Some("2016-02-12T06:00:00+01:00"),
        );
        ends("jusqu'au 1er juillet à 6h, heure de Paris", Some("2016-07-01T06:00:00+02:00"));
        ends("jusqu'à vendredi 18h30", Some("2016-02-12T18:30:00+00:00"));
        ends("jusqu'à 18h00 GMT", Some("2016-02-11T18:00:00+00:00"));
        ends("jusqu'à 06h00 GMT", Some("2016-02-12T06:00:00+00:00"));
        ends("jusqu'au 12/02 à 18:00", Some("2016-02-12T18:00:00+00:00"));
        ends("jusqu'au 12 janvier", Some("2016-01-12"));
        ends("jusqu'au 3 août", Some("2016-08-03"));
        ends("jusqu'à nouvel ordre", None);
        assert_eq!(until("jusqu'au 12 février", None), None);
    }

    #[test]
    fn an_embargo_above_the_text_holds() {
        let item =
            settled("Le prix", &["SOUS EMBARGO jusqu'au 12 février à 06h00 GMT", "Un."], false);
        assert_eq!(item.embargoed_until, Moment::parse("2016-02-12T06:00:00Z"));
        assert_eq!(item.article.text(), "Un.");
        let item = settled("Le prix", &["SOUS EMBARGO jusqu'à nouvel ordre", "Un."], false);
        assert_eq!(item.status, Status::Withheld);
    }
}
