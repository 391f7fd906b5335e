//! What a French desk writes around a text becomes fields: the words at its headline, the lines above it, its
//! dateline, its signature. Copies of agencies come in feeds of every format, so this is done for all.

use std::borrow::Cow;

use depeche_formats::{
    Entry,
    dates::{date_near, names_day},
    signal_of,
};
use depeche_news::limits::ingest::FIRST_LINE_BYTES_MAX;
use depeche_news::{
    Article, Block, Delivery, Desk, Item, Moment, Signal, Status, Topic, Urgency,
    jiff::{Timestamp, tz::TimeZone},
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

/// What the times of a delivery without date or zone are told by.
#[derive(Clone, Copy)]
pub(crate) struct Clocks<'z> {
    /// The zone of its source.
    pub(crate) zone: Option<&'z TimeZone>,
    /// When it came in.
    pub(crate) received_at: Timestamp,
}

impl<'z> Clocks<'z> {
    /// Those of a delivery of a source in this zone.
    pub(crate) fn of(delivery: &Delivery, zone: Option<&'z TimeZone>) -> Self {
        Self { zone, received_at: delivery.received_at }
    }
}

/// Takes the words of the desk off an item and puts them into its fields. `from_agency`: its format says it is an
/// agency's own, so that a bare kill is believed.
pub(crate) fn settle(item: &mut Item, from_agency: bool, clocks: Clocks<'_>) {
    let zone = clocks.zone;
    let told = item.article.published.or(item.article.modified);
    let published = Some(told.unwrap_or(Moment::utc(clocks.received_at)));
    let mut lines = Lines { from_agency, published, zone, ..Lines::default() };
    let found = headline_embargo(item, &mut lines);
    let marks = headline(item);
    // Behind another or a mark there may be one more.
    if found || !marks.is_empty() {
        headline_embargo(item, &mut lines);
    }
    lines.trusted = from_agency || !marks.is_empty();
    above(&mut item.article, &mut lines);
    if !lines.embargoes.is_empty() {
        headline_of_body(&mut item.article);
    }
    let killed = is_killed(item, &marks, &lines, from_agency);
    for (mark, word) in marks.into_iter().chain(std::mem::take(&mut lines.labels)) {
        mean(item, mark, from_agency);
        item.desk.labels.push(word);
    }
    // What `lines` add to these has been read.
    let told = item.desk.labels.len();
    take_over(item, lines);
    if from_agency {
        embargo_of_labels(item, told, published, zone);
    }
    if killed {
        item.status = Status::Canceled;
        item.signal = Some(Signal::Kill);
    }
    dateline_apart(&mut item.article);
    place(item, from_agency);
    below(item);
    insertions(item);
    authors(item);
}

/// Takes an embargo off the headline, wherever it stands at it; says whether there was one.
fn headline_embargo(item: &mut Item, lines: &mut Lines<'_>) -> bool {
    let Some((words, rest)) = agency::headline_embargo(&item.article.headline) else {
        return false;
    };
    let end = until(words, lines.published, lines.zone);
    if end.is_none() && !lines.from_agency {
        return false;
    }
    lines.embargo(words, end);
    item.article.headline = rest.to_owned();
    true
}

/// The headline of a text that had an embargo for one: its first line, where more of it follows.
fn headline_of_body(article: &mut Article) {
    if !article.headline.is_empty() || article.body.len() < 2 {
        return;
    }
    let first = article.body.first().and_then(|block| match block {
        Block::Paragraph(text) | Block::Subhead(text) => Some(text.trim()),
        _ => None,
    });
    let is_line = |text: &&str| !text.ends_with('.') && text.len() <= FIRST_LINE_BYTES_MAX;
    if let Some(line) = first.filter(is_line) {
        article.headline = line.to_owned();
        article.body.remove(0);
    }
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
    // A kill needs more than a word; an advisory is a desk's only where a desk speaks.
    let signal = signal_of(mark).filter(|signal| match signal {
        Signal::Kill => false,
        Signal::Advisory => from_agency,
        Signal::Update | Signal::Correction => true,
    });
    item.signal = item.signal.or(signal);
}

impl Lines<'_> {
    /// Notes the words of an embargo and its end, each once; [`hold`] takes the latest.
    fn embargo(&mut self, words: &str, end: Option<Moment>) {
        let words = words.to_owned();
        if !self.embargoes.iter().any(|(known, _)| fold(known) == fold(&words)) {
            self.embargoes.push((words, end));
        }
    }
}

/// What stood above a text.
#[derive(Default)]
struct Lines<'z> {
    from_agency: bool,
    /// When it was written, and by which clocks.
    published: Option<Moment>,
    zone: Option<&'z TimeZone>,
    /// Notes and kills are believed: an agency's format or headline says whose they are.
    trusted: bool,
    labels: Vec<(Mark, String)>,
    updated_with: Option<String>,
    /// The words of embargoes, and their ends where they can be read.
    embargoes: Vec<(String, Option<Moment>)>,
    notes: Vec<String>,
    kill: bool,
}

/// Takes the lines of the desk off the start of a body, or of the standfirst where that is all there is.
fn above(article: &mut Article, lines: &mut Lines<'_>) {
    if article.body.is_empty() {
        let mut blocks = article
            .standfirst
            .take()
            .map(|text| Block::Paragraph(text.into()))
            .into_iter()
            .collect();
        take_lines(&mut blocks, lines);
        article.standfirst = blocks.into_iter().next().map(|block| block.text());
    } else {
        take_lines(&mut article.body, lines);
    }
}

fn take_lines(blocks: &mut Vec<Block>, lines: &mut Lines<'_>) {
    for _ in 0..LINES_MAX {
        let Some(Block::Paragraph(text) | Block::Subhead(text)) = blocks.first() else { return };
        let Some(rest) = take_line(text, lines) else { return };
        if rest.is_empty() {
            blocks.remove(0);
        } else if let Some(first) = blocks.first_mut() {
            *first = Block::Paragraph(rest.into());
        }
    }
}

/// Takes one line; gives what is left of its paragraph, `None` where there was none.
fn take_line(text: &str, lines: &mut Lines<'_>) -> Option<String> {
    let marked = agency::split_marks(text);
    if marked.text.is_empty() && !marked.marks.is_empty() {
        lines.labels.extend(marked.marks.iter().map(|(mark, word)| (*mark, (*word).to_owned())));
        return Some(String::new());
    }
    let (line, rest) = agency::desk_line(text)?;
    match line {
        DeskLine::Update(with) => lines.updated_with = Some(with.to_owned()),
        DeskLine::Embargo(words) => {
            let end = until(words, lines.published, lines.zone);
            // «EMBARGO DU PETROLE» in a newspaper is news: only an agency's holds without an end.
            if end.is_none() && !lines.from_agency {
                return None;
            }
            lines.embargo(words, end);
        }
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
fn is_killed(item: &Item, marks: &[(Mark, String)], lines: &Lines<'_>, from_agency: bool) -> bool {
    let Some((_, word)) = marks.iter().find(|(mark, _)| *mark == Mark::Kill) else { return false };
    let article = &item.article;
    let said =
        article.body.iter().take(LINES_MAX).any(|block| agency::is_kill_phrase(&words_of(block)))
            || article.standfirst.as_deref().is_some_and(agency::is_kill_phrase)
            || item.desk.notes.iter().any(|note| agency::is_kill_phrase(note));
    let empty = article.body.is_empty() && article.standfirst.is_none();
    let strong = fold(word).starts_with("attention");
    lines.kill || said || (from_agency && (empty || strong))
}

fn take_over(item: &mut Item, lines: Lines<'_>) {
    if let Some(with) = lines.updated_with {
        item.signal = item.signal.or(Some(Signal::Update));
        item.desk.updated_with = Some(with);
    }
    item.desk.notes.extend(lines.notes);
    for (words, end) in lines.embargoes {
        hold(item, end);
        item.desk.labels.push(depeche_text::squash(&words));
    }
}

/// Reads the embargo in the words at an agency's headline, as wires carry it: «SOUS EMBARGO JUSQU'AU 12 FEVRIER 6H»,
/// «SOUS EMBARGO»; in as many labels as its own format and its marks told.
fn embargo_of_labels(
    item: &mut Item,
    told: usize,
    published: Option<Moment>,
    zone: Option<&TimeZone>,
) {
    for label in item.desk.labels.get(..told).unwrap_or_default().to_vec() {
        let Some((DeskLine::Embargo(words), _)) = agency::desk_line(&label) else { continue };
        // «EMBARGO» alone may be what the text is about.
        if fold(words) != "embargo" {
            hold(item, until(words, published, zone));
        }
    }
}

/// Holds an item until the end of an embargo, the later one where its format tells one too. One whose end cannot be
/// read holds until a later version lifts it.
fn hold(item: &mut Item, end: Option<Moment>) {
    match end {
        Some(end) => {
            let later = item.embargoed_until.filter(|own| own.sort_key() > end.sort_key());
            item.embargoed_until = later.or(Some(end));
        }
        None if item.embargoed_until.is_none() && item.status == Status::Usable => {
            item.status = Status::Withheld;
        }
        None => {}
    }
}

/// Takes the dateline off the first paragraph, in either the form of agencies or the one that its page was seen to have.
pub(crate) fn dateline_apart(article: &mut Article) {
    let Some(Block::Paragraph(text)) =
        article.body.iter_mut().find(|block| matches!(block, Block::Paragraph(_)))
    else {
        return;
    };
    let known = article.dateline.as_deref();
    let is_known = |start: &&str| start.ends_with(['-', '–', '—']);
    if let Some(rest) = known.filter(is_known).and_then(|known| text.strip_prefix(known)) {
        *text = text.behind(text.len() - rest.trim_start().len());
    } else if let Some((dateline, rest)) = depeche_text::split_dateline(text) {
        let place = |line: &str| depeche_text::dateline_place(line).map(fold);
        if known.is_none_or(|known| place(known) == place(dateline)) {
            let dateline = dateline.trim().to_owned();
            *text = text.behind(text.len() - rest.len());
            article.dateline.get_or_insert(dateline);
        }
    }
}

/// Where an agency's text is from, if only its dateline says so.
fn place(item: &mut Item, from_agency: bool) {
    if from_agency && item.desk.located.is_empty() {
        let place = item.article.dateline.as_deref().and_then(depeche_text::dateline_place);
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
            item.desk.signature = Some(last.to_string());
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

/// Notes the editor's words inside of a text; they stay there, so that none is lost beyond the first ones.
fn insertions(item: &mut Item) {
    let Item { article, desk, .. } = item;
    let blocks = article.body.iter().map(words_of);
    for text in blocks.chain(article.standfirst.as_deref().map(Cow::Borrowed)) {
        for insertion in agency::insertions(&text) {
            if desk.insertions.len() >= agency::INSERTIONS_MAX {
                return;
            }
            if !desk.insertions.iter().any(|known| known == insertion) {
                desk.insertions.push(insertion.to_owned());
            }
        }
    }
}

/// The words of a block, copied only where they stand in pieces.
fn words_of(block: &Block) -> Cow<'_, str> {
    match block {
        Block::Paragraph(text) | Block::Subhead(text) | Block::Quote(text) => Cow::Borrowed(text),
        Block::Image(_) | Block::Embed(_) => Cow::Borrowed(""),
        Block::Preformatted(_) | Block::List(_) | Block::Table(_) | Block::Entry(_) => {
            Cow::Owned(block.text())
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
/// zone it is told by its source's clocks, and in a source without one by UTC, which in France is later.
fn until(line: &str, published: Option<Moment>, zone: Option<&TimeZone>) -> Option<Moment> {
    let read = |said: &str| date_near(said, published, zone);
    // «du 9 février à 8h jusqu'au 12 février à 6h»: its end is what counts.
    let end = match last_part(line) {
        Some(last) if names_day(last) => read(last)?,
        // «Friday 27 November, until 06:00» has its day before; «until further notice» has no end.
        Some(last) => {
            let (last, whole) = (read(last)?, read(line)?);
            if whole.sort_key() > last.sort_key() { whole } else { last }
        }
        None => read(line)?,
    };
    match (end, zone) {
        // A day begins where the source is, which overseas is later than it does in UTC.
        (Moment::Day(day), Some(zone)) => {
            let start = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok()?;
            Some(Moment::Instant { at: start, offset: zone.to_offset(start) })
        }
        _ => Some(end),
    }
}

/// What stands behind the word that ends a range, and the word itself.
fn last_part(line: &str) -> Option<&str> {
    let lower = line.to_ascii_lowercase();
    let is_word = |at: &usize| {
        let before = lower.get(..*at).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphabetic)
    };
    let at = |word: &str| lower.match_indices(word).map(|(at, _)| at).find(is_word);
    let first = ["jusqu", "until", "till"].into_iter().filter_map(at).min()?;
    line.get(first..)
}

#[cfg(test)]
mod tests {
    use depeche_news::SourceId;

    use super::*;

    fn settled(headline: &str, body: &[&str], from_agency: bool) -> Item {
        let article = Article {
            headline: headline.to_owned(),
            body: body.iter().map(|text| Block::Paragraph((*text).into())).collect(),
            published: Moment::parse("2016-02-11T16:00:00+01:00"),
            ..Article::default()
        };
        let mut item = Item {
            guid: Some("1".to_owned()),
            ..Item::of(SourceId::of_address("https://a.example/fil"), article)
        };
        let received_at = "2016-02-11T15:10:00Z".parse().unwrap();
        settle(&mut item, from_agency, Clocks { zone: None, received_at });
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

    #[test]
    fn as_many_insertions_are_noted_as_a_text_may_have() {
        let paragraphs: Vec<String> = (0..100).map(|at| format!("Un ({at}, ndlr).")).collect();
        let paragraphs: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
        let item = settled("Le pont", &paragraphs, false);
        assert_eq!(item.desk.insertions.len(), agency::INSERTIONS_MAX);
        assert_eq!(item.article.body.len(), 100);
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
        let end = until(line, Moment::parse("2016-02-11T16:00:00+01:00"), None);
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
        ends("du 9 février à 8h jusqu'au 12 février à 6h", Some("2016-02-12T06:00:00+00:00"));
        for from in ["from 9 February until", "FROM 9 FEBRUARY UNTIL", "From 9 February at 8h till"]
        {
            ends(&format!("Embargoed {from} 12 February 06:00"), Some("2016-02-12T06:00:00+00:00"));
        }
        ends("Embargoed Friday 19 February, until 06:00", Some("2016-02-19T06:00:00+00:00"));
        ends("du 9 février à 8h jusqu'à nouvel ordre", None);
        ends("le 19 février, jusqu'à 6h", Some("2016-02-19T06:00:00+00:00"));
        ends("du 9 février à 8h jusqu'à 18h", Some("2016-02-11T18:00:00+00:00"));
        ends("jusqu'au 12 février à 6h HNE", Some("2016-02-12T06:00:00-05:00"));
        ends("jusqu'au 12 février à 6h (heure de Montréal)", Some("2016-02-12T06:00:00-05:00"));
        assert_eq!(until("jusqu'au 12 février", None, None), None);
    }

    #[track_caller]
    fn ends_in_montreal(line: &str, expected: &str) {
        let zone = TimeZone::get("America/Montreal").unwrap();
        let end = until(line, Moment::parse("2016-02-11T16:00:00-05:00"), Some(&zone));
        assert_eq!(end.map(|end| end.to_string()).as_deref(), Some(expected));
    }

    #[test]
    fn an_embargo_is_told_by_the_clocks_of_its_source() {
        ends_in_montreal("jusqu'au 12 février à 6h", "2016-02-12T06:00:00-05:00");
        ends_in_montreal("jusqu'à vendredi 18h30", "2016-02-12T18:30:00-05:00");
        ends_in_montreal("jusqu'au 12 juillet", "2016-07-12T00:00:00-04:00");
        ends_in_montreal("jusqu'au 12 février à 6h GMT", "2016-02-12T06:00:00+00:00");
        ends_in_montreal("jusqu'au 12 février, 6h, heure de Paris", "2016-02-12T06:00:00+01:00");
    }

    #[test]
    fn an_embargo_above_the_text_holds() {
        let item =
            settled("Le prix", &["SOUS EMBARGO jusqu'au 12 février à 06h00 GMT", "Un."], false);
        assert_eq!(item.embargoed_until, Moment::parse("2016-02-12T06:00:00Z"));
        assert_eq!(item.article.text(), "Un.");
        let item = settled("Le prix", &["SOUS EMBARGO jusqu'à nouvel ordre", "Un."], true);
        assert_eq!((item.status, item.article.text().as_str()), (Status::Withheld, "Un."));
        for (headline, line) in [("SOUS EMBARGO - Le prix", "Un."), ("Le prix", "SOUS EMBARGO")] {
            assert_eq!(settled(headline, &[line, "Un."], true).status, Status::Withheld);
        }
    }

    #[test]
    fn of_several_embargoes_at_a_headline_the_latest_holds() {
        for headline in [
            "[SOUS EMBARGO jusqu'au 12 mars à 6h] Le prix (SOUS EMBARGO jusqu'au 12 mars à 18h)",
            "[SOUS EMBARGO jusqu'au 12 mars à 6h] URGENT - Le prix (EMBARGO jusqu'au 12 mars à 18h)",
            "URGENT - SOUS EMBARGO jusqu'au 12 mars à 18h - Le prix",
        ] {
            let item = settled(headline, &["Un."], false);
            assert_eq!(item.embargoed_until, Moment::parse("2016-03-12T18:00:00Z"), "{headline}");
            assert_eq!(item.article.headline, "Le prix");
        }
    }

    #[test]
    fn a_headline_that_is_an_embargo_gives_way_to_the_first_line() {
        let line = "SOUS EMBARGO jusqu'au 12 février à 06h00 GMT";
        for (headline, expected) in [(line, "Le prix"), ("", "")] {
            let item = settled(headline, &["Le prix", "Un."], false);
            assert_eq!(item.article.headline, expected);
            assert_eq!(item.embargoed_until.is_some(), !headline.is_empty());
        }
    }

    #[test]
    fn an_embargo_that_a_text_is_about_holds_nothing() {
        let item = settled("L'Opep", &["EMBARGO DU PETROLE", "Un."], true);
        assert_eq!(item.status, Status::Usable);
        assert_eq!(item.article.text(), "EMBARGO DU PETROLE\n\nUn.");
    }

    #[test]
    fn only_an_agency_holds_a_text_without_saying_until_when() {
        for (headline, line) in [
            ("EMBARGO DU PETROLE", "EMBARGO DU PETROLE"),
            ("EMBARGO - Le pétrole", "EMBARGO: DU PETROLE ARRIVE"),
            ("SOUS EMBARGO - L'île", "SOUS EMBARGO"),
            ("L'île", "SOUS EMBARGO jusqu'à nouvel ordre"),
            ("L'île", "EMBARGO AU 31 FEVRIER"),
        ] {
            let item = settled(headline, &[line, "Un."], false);
            assert_eq!((item.status, item.embargoed_until), (Status::Usable, None), "{line}");
            let said = format!("{} {} {:?}", item.article.headline, item.article.text(), item.desk);
            assert!(said.contains(line), "{said}");
        }
        let held = settled("Le prix", &["EMBARGO jusqu'au 12 mars 18h", "Un."], false);
        assert_eq!(held.embargoed_until, Moment::parse("2016-03-12T18:00:00Z"));
    }
}
