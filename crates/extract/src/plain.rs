//! The text of a page as a scraper saw it: no markup, the furniture still between the lines.

use depeche_news::limits::extract::PLAIN_LINES_MAX;
use depeche_text::{agency, fold, squash};

use crate::blocks::{Piece, ends_sentence};
use crate::content::{self, Body, Known};
use crate::dates::Order;
use crate::rule::Rule;
use crate::trail::Trail;
use crate::{authors, dates, phrases};

/// What the lines of a page tell.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) headline: String,
    pub(crate) standfirst: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) published: Option<depeche_news::Moment>,
    pub(crate) body: Body,
}

/// A headline is not longer than this.
const HEADLINE_CHARS_MAX: usize = 220;

/// Reads headline, standfirst and body out of the lines of a page.
pub(crate) fn read(text: &str, mut trail: Option<&mut Trail>) -> Lines {
    let (desk, mut lines) = of_desk(lines(text));
    let below = signed(&mut lines);
    // A short note has no line of a whole sentence's length: its first line is over the others.
    let first = lines.iter().position(|line| is_prose(line)).unwrap_or(1);
    let head = lines.get(..first).unwrap_or_default();
    let headline = head.iter().rev().find(|line| is_headline(line));
    let headline = headline.or_else(|| head.iter().rev().find(|line| may_be_headline(line)));
    let headline = headline.cloned().unwrap_or_default();
    let rest = lines.get(first..).unwrap_or_default();
    let standfirst =
        rest.first().filter(|line| rest.iter().filter(|other| other == line).count() > 1).cloned();

    let known = Known { headlines: vec![crate::headline::letters(&headline)], ..Known::default() };
    let story = rest.iter().filter(|line| Some(*line) != standfirst.as_ref());
    if let Some(trail) = trail.as_deref_mut() {
        let rule = |line: &String| if *line == headline { Rule::Headline } else { Rule::Head };
        head.iter().for_each(|line| trail.line(line, rule(line)));
        standfirst.iter().for_each(|line| trail.line(line, Rule::Standfirst));
        desk.iter().for_each(|line| trail.line(line, Rule::Kept));
    }
    let lines = story.cloned().map(Piece::of_line).collect();
    let mut body = content::judged(lines, &known, trail.as_deref_mut());
    if let Some(trail) = trail {
        below.iter().for_each(|line| trail.line(line, Rule::Kept));
    }
    body.pieces.splice(0..0, desk.into_iter().map(Piece::of_line));
    body.pieces.extend(below.into_iter().map(Piece::of_line));
    Lines {
        authors: byline(head),
        published: head.iter().find_map(|line| dates::prose(released(line), Order::DayFirst)),
        headline,
        standfirst,
        body,
    }
}

/// The lines above a text in which a desk says what may be done with it, and the others. They are no headline, and
/// what they say of a day is not when the text was published; who reads the words of desks finds them above the body.
fn of_desk(lines: Vec<String>) -> (Vec<String>, Vec<String>) {
    let is_of_desk = |line: &String| {
        let marked = agency::split_marks(line);
        agency::desk_line(line).is_some_and(|(_, rest)| rest.is_empty())
            || (marked.text.is_empty() && !marked.marks.is_empty())
    };
    let is_story = |line: &&String| is_prose(line) && !is_of_desk(line);
    let first = lines.iter().position(|line| is_story(&line)).unwrap_or(lines.len());
    let (mut desk, mut others) = (Vec::new(), Vec::new());
    for (at, line) in lines.into_iter().enumerate() {
        match at < first.min(HEAD_LINES_MAX) && is_of_desk(&line) {
            true => desk.push(line),
            false => others.push(line),
        }
    }
    (desk, others)
}

/// Takes signature and agency off the end of a text, which no story has in it.
fn signed(lines: &mut Vec<String>) -> Vec<String> {
    let is_of_desk =
        |line: &String| agency::is_signature(line) || agency::ending_credit(line).is_some();
    let from =
        lines.iter().rposition(|line| !is_of_desk(line)).map_or(lines.len(), |last| last + 1);
    lines.split_off(from)
}

/// Lines above a text that may be of a desk.
const HEAD_LINES_MAX: usize = 12;

/// The lines of a text; one that was wrapped in the middle of a sentence is made whole again.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut joins = false;
    for line in text.lines().take(PLAIN_LINES_MAX).map(squash) {
        if line.is_empty() {
            joins = false;
            continue;
        }
        match lines.last_mut() {
            Some(last) if joins && line.starts_with(char::is_lowercase) && !ends_sentence(last) => {
                last.push(' ');
                last.push_str(&line);
            }
            _ => lines.push(line),
        }
        joins = lines.last().is_some_and(|last| last.len() > 50);
    }
    lines
}

fn is_prose(line: &str) -> bool {
    let size = crate::blocks::size(line);
    (size >= 60 && ends_sentence(line)) || size >= HEADLINE_CHARS_MAX
}

fn is_headline(line: &str) -> bool {
    let size = crate::blocks::size(line);
    (line.split_whitespace().count() >= 4 || size >= 25) && may_be_headline(line)
}

/// Whether a line could be a headline, however short.
fn may_be_headline(line: &str) -> bool {
    crate::blocks::size(line) <= HEADLINE_CHARS_MAX
        && dates::prose(released(line), Order::DayFirst).is_none()
        && !phrases::is_furniture_line(&fold(line))
        && !is_byline(line)
}

/// A headline without its embargo, whose end is not when it was published.
fn released(line: &str) -> &str {
    agency::headline_embargo(line).map_or(line, |(_, rest)| rest)
}

fn is_byline(line: &str) -> bool {
    let folded = fold(line);
    phrases::BYLINE_STARTS.iter().any(|start| folded.starts_with(start)) && line.len() < 60
}

fn byline(head: &[String]) -> Vec<String> {
    let line = head.iter().find(|line| is_byline(line));
    line.map(|line| authors::persons(&[line], None, 2)).unwrap_or_default()
}
