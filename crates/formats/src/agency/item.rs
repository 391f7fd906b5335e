//! An item of an agency while it is read: its fields, and what of them could not be understood.

use depeche_news::limits::formats::{AGENCY_LIST_MAX, AGENCY_PROBLEMS_MAX, AGENCY_VALUE_CHARS_MAX};
use depeche_news::{
    Dated, Desk, Moment, Problem, Relation, Signal, Status, Topic, Urgency, Worded,
    jiff::tz::TimeZone,
};

use depeche_text::agency::{Mark, split_marks};

use super::{after_colon, signal, stricter, tell};
use crate::dates;
use crate::markup::Lower;
use crate::{Entry, Keyword, Link};

/// What was read of an item so far.
#[derive(Debug, Default)]
pub(crate) struct AgencyItem {
    /// Its fields.
    pub(crate) entry: Entry,
    /// What is wrong with it.
    pub(crate) problems: Vec<Problem>,
    /// One of its lists had more than is kept of it.
    pub(crate) cut: bool,
    /// It sends no version of its own and has no need of one: each message is an item.
    unversioned: bool,
    /// The zone of its dates that name none.
    zone: Option<TimeZone>,
}

/// What became of a value that was to go into a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is in it now.
    New,
    /// It was in it before.
    Known,
    /// There is no room for it.
    Full,
}

/// Puts a value into a list that has none like it, as long as there is room. A full one is not searched, so that a
/// list costs no more for being sent a million values.
pub(super) fn push<T: PartialEq>(list: &mut Vec<T>, value: T) -> Pushed {
    if list.len() >= AGENCY_LIST_MAX {
        return Pushed::Full;
    }
    if list.contains(&value) {
        return Pushed::Known;
    }
    list.push(value);
    Pushed::New
}

impl AgencyItem {
    /// Adds values to a list of the desk's.
    pub(crate) fn desk_list<T: PartialEq>(
        &mut self,
        list: impl Fn(&mut Desk) -> &mut Vec<T>,
        values: impl IntoIterator<Item = T>,
    ) {
        for value in values {
            self.cut |= push(list(self.desk()), value) == Pushed::Full;
        }
    }

    /// Adds values to a list of the entry's.
    pub(crate) fn entry_list<T: PartialEq>(
        &mut self,
        list: impl Fn(&mut Entry) -> &mut Vec<T>,
        values: impl IntoIterator<Item = T>,
    ) {
        for value in values {
            self.cut |= push(list(&mut self.entry), value) == Pushed::Full;
        }
    }

    /// Adds another item or page that it names.
    pub(crate) fn link(&mut self, link: Link) {
        let Link { href: target, rel, title, .. } = link.clone();
        self.desk_list(|desk| &mut desk.links, [Relation { rel, target, title }]);
        self.entry_list(|entry| &mut entry.links, [link]);
    }

    /// An item of a source in this zone.
    pub(crate) fn of(zone: Option<&TimeZone>) -> Self {
        Self { zone: zone.cloned(), ..Self::default() }
    }

    /// A message of a wire, which is numbered each day anew and has no versions.
    pub(crate) fn numbered_daily() -> Self {
        Self { unversioned: true, ..Self::default() }
    }

    /// The desk's part of its fields.
    pub(crate) fn desk(&mut self) -> &mut Desk {
        self.entry.desk.get_or_insert_default()
    }

    /// Says what is wrong, once.
    pub(crate) fn problem(&mut self, word: &str, detail: impl Into<String>) {
        tell(&mut self.problems, AGENCY_PROBLEMS_MAX, Problem::new(word, detail));
    }

    /// Says that a field has a value that cannot be.
    pub(crate) fn bad(&mut self, word: &str, field: &str, value: &str) {
        let value: String = value.chars().take(AGENCY_VALUE_CHARS_MAX).collect();
        self.problem(word, format!("{field} {value:?}"));
    }

    /// Reads a date and keeps it under its name.
    pub(crate) fn date(&mut self, what: &str, text: &str) -> Option<Moment> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let at = dates::date_in(text, self.zone.as_ref());
        match at {
            Some(at) if self.desk().date(what).is_none() => {
                self.desk_list(|desk| &mut desk.dates, [Dated { what: what.to_owned(), at }]);
            }
            Some(_) => {}
            None => self.bad("unreadable_date", what, text),
        }
        at
    }

    /// Notes when it was first made.
    pub(crate) fn first_created(&mut self, text: &str) {
        self.entry.published = self.date("first_created", text).or(self.entry.published);
    }

    /// Notes when this version was made.
    pub(crate) fn version_created(&mut self, text: &str) {
        self.entry.updated = self.date("version_created", text).or(self.entry.updated);
    }

    /// Notes an embargo. One without an end that can be read holds until a later version lifts it.
    pub(crate) fn embargo(&mut self, text: &str) {
        match self.date("embargoed", text) {
            Some(until) => self.entry.embargoed_until = Some(until),
            None => self.entry.status = stricter(self.entry.status, Some(Status::Withheld)),
        }
    }

    /// Notes a status. One that is not known holds the item back.
    pub(crate) fn status(&mut self, code: &str) {
        if code.is_empty() {
            return;
        }
        let status = match Lower::of(code).as_str() {
            "usable" => Status::Usable,
            "canceled" | "cancelled" | "killed" => Status::Canceled,
            "withheld" | "embargoed" => Status::Withheld,
            _ => {
                self.bad("unknown_status", "status", code);
                Status::Withheld
            }
        };
        self.entry.status = stricter(self.entry.status, Some(status));
    }

    /// Notes a signal. A kill cancels the item; no signal beside it takes that back.
    pub(crate) fn signal(&mut self, code: &str) {
        let code = after_colon(code);
        if code.is_empty() {
            return;
        }
        self.desk_list(|desk| &mut desk.signals, [code.to_owned()]);
        let new = signal(code);
        self.weigh(new);
        if new == Some(Signal::Kill) {
            self.entry.status = stricter(self.entry.status, Some(Status::Canceled));
        }
    }

    /// Keeps of two signals what readers most have to know, whichever stands first.
    fn weigh(&mut self, new: Option<Signal>) {
        let weight = |signal: &Option<Signal>| match signal {
            None => 0,
            Some(Signal::Advisory) => 1,
            Some(Signal::Update) => 2,
            Some(Signal::Correction) => 3,
            Some(Signal::Kill) => 4,
        };
        self.entry.signal = std::cmp::max_by_key(self.entry.signal, new, weight);
    }

    /// Notes an urgency.
    pub(crate) fn urgency(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        // Some send 4.0, and 0 for none.
        let number = text.strip_suffix(".0").unwrap_or(text).parse::<u8>().ok();
        match number.and_then(Urgency::new) {
            Some(urgency) => self.entry.urgency = Some(urgency),
            None if number == Some(0) => {}
            None => self.bad("bad_urgency", "urgency", text),
        }
    }

    /// Adds a word to editors; one that begins with CORRECTION says what the version is.
    pub(crate) fn note(&mut self, text: Option<String>) {
        let Some(text) = text else { return };
        let marks = split_marks(&text).marks;
        if marks.first().is_some_and(|(mark, _)| *mark == Mark::Correction) {
            self.weigh(Some(Signal::Correction));
        }
        self.desk_list(|desk| &mut desk.notes, [text.clone()]);
        self.entry.note.get_or_insert(text);
    }

    /// Adds a headline; the main one by `role` is the title.
    pub(crate) fn headline(&mut self, role: Option<&str>, text: Option<String>) {
        let Some(text) = text else { return };
        let role = role.map(after_colon).filter(|role| !role.is_empty());
        let worded = Worded { role: role.map(str::to_owned), text };
        self.desk_list(|desk| &mut desk.headlines, [worded]);
    }

    /// Adds a subject with its code, and as a keyword.
    pub(crate) fn subject(&mut self, topic: Topic) {
        if topic.label().is_none() {
            return;
        }
        let keyword = Keyword {
            term: topic.code.clone(),
            scheme: topic.scheme.clone(),
            label: topic.name.clone(),
        };
        let topic = self.bounded(topic);
        self.desk_list(|desk| &mut desk.subjects, [topic]);
        self.entry_list(|entry| &mut entry.keywords, [keyword]);
    }

    /// A topic with as much around it as is kept.
    fn bounded(&mut self, mut topic: Topic) -> Topic {
        self.cut |= topic.broader.len() > AGENCY_LIST_MAX;
        topic.broader.truncate(AGENCY_LIST_MAX);
        topic
    }

    /// Adds a form of the text.
    pub(crate) fn genre(&mut self, topic: Topic) {
        let topic = self.bounded(topic);
        self.desk_list(|desk| &mut desk.genres, topic.label().is_some().then(|| topic.clone()));
    }

    /// Adds a keyword.
    pub(crate) fn keyword(&mut self, term: Option<String>) {
        let keyword = term.map(|term| Keyword { term: Some(term), ..Keyword::default() });
        self.entry_list(|entry| &mut entry.keywords, keyword);
    }

    /// Adds a place.
    pub(crate) fn located(&mut self, topic: Topic) {
        let Some(name) = topic.label().map(str::to_owned) else { return };
        let topic = self.bounded(topic);
        self.entry_list(|entry| &mut entry.located, [name]);
        self.entry_list(|entry| &mut entry.located, topic.broader.iter().cloned());
        self.desk_list(|desk| &mut desk.located, [topic]);
    }

    /// Adds what is around the last place.
    pub(crate) fn broader(&mut self, name: String) {
        let Some(place) = self.desk().located.last_mut() else {
            return self.located(Topic { name: Some(name), ..Topic::default() });
        };
        let pushed = push(&mut place.broader, name.clone());
        self.cut |= pushed == Pushed::Full;
        self.entry_list(|entry| &mut entry.located, [name]);
    }

    /// Adds another name of the item.
    pub(crate) fn alt_id(&mut self, role: Option<String>, text: Option<String>) {
        let Some(text) = text else { return };
        self.desk_list(|desk| &mut desk.alt_ids, [Worded { role, text }]);
    }

    /// Notes whose it is.
    pub(crate) fn copyright(&mut self, text: Option<String>) {
        let Some(text) = text else { return };
        self.entry.rights.get_or_insert_with(|| text.clone());
        self.desk().copyright.get_or_insert(text);
    }

    /// The item, with what is missing of it told. What stands between the main headline and the others is
    /// settled here, when all are known.
    pub(super) fn finished(mut self) -> Self {
        self.desk();
        self.settle_headline();
        let entry = &self.entry;
        let (guid, version, dated) =
            (entry.guid.is_some(), entry.version.is_some(), entry.updated.is_some());
        let said = entry.title.is_some() || !entry.content.is_empty() || entry.summary.is_some();
        if !guid {
            self.problem("missing_guid", "an item without an identity of its own");
        }
        if !version && !dated && !self.unversioned {
            self.problem("missing_version", "neither a version nor when it was made");
        }
        if !said && self.entry.enclosures.is_empty() && self.entry.status != Some(Status::Canceled)
        {
            self.problem("missing_content", "neither headline nor text nor file");
        }
        self
    }

    /// The headline without role or with that of a main one is the title; what only goes under it is none.
    fn settle_headline(&mut self) {
        let Some(desk) = self.entry.desk.as_deref_mut() else { return };
        let role =
            |worded: &Worded| worded.role.as_deref().unwrap_or_default().to_ascii_lowercase();
        let rank = |worded: &Worded| match role(worded).as_str() {
            "" | "main" => 3,
            role if role.contains("sub") || role.contains("under") => 1,
            _ => 2,
        };
        let best = desk.headlines.iter().map(rank).max();
        // What goes under a headline is one only where there is no other.
        let none_yet = self.entry.title.is_none();
        let best = best.filter(|rank| *rank > 1 || none_yet);
        let main = desk.headlines.iter().position(|worded| Some(rank(worded)) == best);
        if let Some(main) = main {
            let main = desk.headlines.remove(main);
            self.entry.title = Some(main.text);
        }
    }
}
