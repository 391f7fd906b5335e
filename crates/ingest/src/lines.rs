//! Article lines: one JSON object a line, as `depeche import FILE.jsonl` and pushes bring them.

use std::collections::HashMap;

use depeche_formats::dates::date_in;
use depeche_news::limits::ingest::{LINES_MAX, LINES_PROBLEMS_MAX};
use depeche_news::{Article, Delivery, Item, ItemId, Moment, Problem, jiff::tz::TimeZone};

use crate::{
    article,
    desk::Clocks,
    read::{Draft, Reading, web_address},
};

/// One line of `depeche import FILE.jsonl`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Line {
    id: Option<String>,
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
    published: Option<String>,
    language: Option<String>,
}

/// Reads the article lines of a delivery; what is no article is told, with its line. `zone` is that of its source.
pub(crate) fn read(delivery: &Delivery, zone: Option<&TimeZone>) -> Reading {
    let mut reading = Reading::default();
    let mut told = Problems::default();
    let mut places: HashMap<ItemId, (usize, usize)> = HashMap::new();
    // A piece of a file says with which line it begins.
    let first = delivery.address.rsplit_once("#L").and_then(|(_, first)| first.parse().ok());
    let first: usize = first.unwrap_or(1);
    for (number, line) in String::from_utf8_lossy(&delivery.body).lines().enumerate() {
        let number = first.saturating_add(number);
        if line.trim().is_empty() {
            continue;
        }
        if reading.drafts.len() >= LINES_MAX {
            told.incomplete(number);
            break;
        }
        let read = match self::line(delivery, line, zone) {
            Ok(read) => read,
            Err(why) => {
                told.of_line(number, &why);
                continue;
            }
        };
        read.doubts.iter().for_each(|doubt| told.of_line(number, doubt));
        let id = read.draft.item.id();
        match places.get(&id).copied() {
            // Of a list that is added to, the later line is the newer state.
            Some((place, before)) => {
                if let Some(draft) = reading.drafts.get_mut(place) {
                    if draft.item.digest() != read.draft.item.digest() {
                        let same = format!("the same item as line {before}; the later one counts");
                        told.of_line(number, &same);
                    }
                    *draft = read.draft;
                }
                places.insert(id, (place, number));
            }
            None => {
                places.insert(id, (reading.drafts.len(), number));
                reading.drafts.push(read.draft);
            }
        }
    }
    reading.refused = reading.drafts.is_empty();
    reading.problems = told.all();
    reading
}

/// What is told of lines: of each by itself while they are few, then how many more there are.
#[derive(Default)]
struct Problems {
    told: Vec<Problem>,
    more: usize,
}

impl Problems {
    fn of_line(&mut self, number: usize, what: &str) {
        match self.told.len() < LINES_PROBLEMS_MAX {
            true => self.told.push(Problem::new("bad_input", format!("line {number}: {what}"))),
            false => self.more += 1,
        }
    }

    fn incomplete(&mut self, number: usize) {
        let what = format!("lines from {number} on: more than are read of one delivery");
        self.told.push(Problem::new("incomplete", what));
    }

    fn all(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let more = format!("and {} more of its lines", self.more);
            self.told.push(Problem::new("bad_input", more));
        }
        self.told
    }
}

/// An article line that was read, and what of it was not understood.
pub(crate) struct ReadLine {
    pub(crate) draft: Draft,
    doubts: Vec<String>,
}

/// Reads one article line, or says why it is none.
pub(crate) fn line(
    delivery: &Delivery,
    line: &str,
    zone: Option<&TimeZone>,
) -> Result<ReadLine, String> {
    // A list would be taken for the fields in their order.
    if !line.trim_start().starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    from_line(delivery, serde_json::from_str(line).map_err(|error| error.to_string())?, zone)
}

fn from_line(delivery: &Delivery, line: Line, zone: Option<&TimeZone>) -> Result<ReadLine, String> {
    let text = line.text.unwrap_or_default();
    let mut doubts = Vec::new();
    let published = line.published.as_deref().map(str::trim).filter(|date| !date.is_empty());
    let moment = published.and_then(|date| Moment::parse(date).or_else(|| date_in(date, zone)));
    if let Some(date) = published.filter(|_| moment.is_none()) {
        doubts.push(format!("`published` is not a date: {}", shortened(date)));
    }
    let url = line.url.as_deref().map(str::trim).filter(|url| !url.is_empty());
    let address = url.and_then(web_address);
    if let Some(url) = url.filter(|_| address.is_none()) {
        doubts.push(format!("`url` is not a web address: {}", shortened(url)));
    }
    let mut article = Article {
        headline: depeche_text::squash(&line.title.unwrap_or_default()),
        body: article::paragraphs(&text),
        published: moment,
        ..Article::default()
    };
    if article.headline.is_empty() && article.body.is_empty() {
        return Err("neither a title nor a text".to_owned());
    }
    article.language = depeche_text::language(&text, line.language.as_deref());
    let external = line.id;
    let guid = external.clone();
    let mut item = Item { guid, address, ..Item::of(delivery.source.clone(), article) };
    article::finish(&mut item, false, Clocks::of(delivery, zone));
    let draft = Draft { external, ..Draft::of(item) };
    Ok(ReadLine { draft, doubts })
}

/// The start of a value, for a problem to name it.
fn shortened(value: &str) -> String {
    depeche_text::teaser(&depeche_text::squash(value), 60)
}

#[cfg(test)]
mod tests {
    use depeche_news::{DeliveryKind, SourceId, Validators, jiff::Timestamp};

    use super::*;

    fn lines(body: String, zone: Option<&TimeZone>) -> Reading {
        let delivery = Delivery {
            source: SourceId::of_address("file:a"),
            kind: DeliveryKind::Lines,
            address: "file:a.jsonl#L7".to_owned(),
            headers: Vec::new(),
            body: body.into_bytes(),
            received_at: Timestamp::UNIX_EPOCH,
            backfill: false,
            validators: Validators::default(),
        };
        read(&delivery, zone)
    }

    #[track_caller]
    fn check(body: String, drafts: usize, problems: usize, last: &str) {
        let reading = lines(body, None);
        let told = reading.problems.last().map(ToString::to_string).unwrap_or_default();
        assert_eq!(
            (reading.drafts.len(), reading.problems.len(), told.as_str()),
            (drafts, problems, last)
        );
    }

    #[test]
    fn what_is_told_and_read_of_many_lines_has_an_end() {
        let line = |id: usize| format!("{{\"id\":\"{id}\",\"title\":\"T\"}}\n");
        check("x\n".repeat(2), 0, 2, "bad_input: line 8: not a JSON object");
        check(
            format!("{}{}", "x\n".repeat(LINES_PROBLEMS_MAX + 10), line(1)),
            1,
            LINES_PROBLEMS_MAX + 1,
            "bad_input: and 10 more of its lines",
        );
        check(
            (0..LINES_MAX + 1).map(line).collect(),
            LINES_MAX,
            1,
            "incomplete: lines from 50007 on: more than are read of one delivery",
        );
    }

    #[test]
    fn a_date_without_zone_is_of_its_source() {
        let line = "{\"title\":\"T\",\"published\":\"2016-02-11 16:41\"}".to_owned();
        let paris = TimeZone::get("Europe/Paris").ok();
        let published = lines(line, paris.as_ref()).drafts.remove(0).item.article.published;
        assert_eq!(published.unwrap().to_string(), "2016-02-11T16:41:00+01:00");
    }
}
