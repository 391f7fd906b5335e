//! WARC and ARC archives, read as they come in: one record at a time, in bounded memory, past every break.
//!
//! The bytes of the file are handed to [`Archive::next`] in pieces of any size; it gives a record as soon as it
//! has one. What is in the way (a member of gzip that breaks off, a length that is wrong, bytes between records)
//! is passed over to the next record and told. A record says its [`Place`], from which reading can go on.

mod head;
mod http;
mod member;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use depeche_news::limits::archives::{
    HEAD_BYTES_MAX, PIECE_BYTES, PROBLEMS_MAX, RECORD_BYTES_MAX, REREAD_BYTES_MAX,
    UNPACKED_BYTES_MIN, UNPACKED_PER_BYTE,
};
use depeche_news::{Moment, Problem};

use head::Head;
pub use head::RecordKind;
use member::{Packed, Pulled};

use crate::{Kind, document::lost, lines::blank_line};

/// Where a record of an archive begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The byte of the file where it begins, or where the gzip member begins that it is in.
    pub offset: u64,
    /// How many records begin between that byte and it.
    pub skip: u64,
}

/// A record of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub place: Place,
    /// What it holds, or why it is passed over.
    pub page: Result<Page, Passed>,
}

/// A document out of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was found.
    pub address: String,
    /// When it was.
    pub date: Option<Moment>,
    /// The `Content-Type` it came with.
    pub content_type: Option<String>,
    /// The document, out of its codings.
    pub body: Vec<u8>,
    /// A page, a feed or a plain text.
    pub kind: Kind,
    /// Whether all of it was there.
    pub whole: bool,
}

/// Why a record is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Passed {
    /// It says that the same was there before.
    Revisit,
    /// It is what was asked for.
    Request,
    /// It is about the archive, or of a kind that is not known.
    Other,
    /// The server had no page to give.
    Status,
    /// It is neither a page, a feed nor a text.
    Media,
    /// It is in a coding that is not known.
    Coding,
    /// It says no address.
    NoAddress,
    /// It is longer than what is read of one.
    TooLarge,
    /// It breaks off where its gzip member is damaged: what was unpacked last is noise.
    Damaged,
}

impl Passed {
    /// Its stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revisit => "revisit",
            Self::Request => "request",
            Self::Other => "other",
            Self::Status => "status",
            Self::Media => "media",
            Self::Coding => "coding",
            Self::NoAddress => "no_address",
            Self::TooLarge => "too_large",
            Self::Damaged => "damaged",
        }
    }
}

/// An archive that is being read.
#[derive(Default)]
pub struct Archive {
    packed: Packed,
    /// What was unpacked and is not read yet; read up to `at`.
    window: Vec<u8>,
    at: usize,
    /// Where gzip members begin in the window, and in the file.
    members: VecDeque<(usize, u64)>,
    /// Where in the file the member begins that is being read, and how many records began in it.
    member: Place,
    open: Option<Open>,
    is_arc: Option<bool>,
    ended: bool,
    /// Where in the window a gzip member broke.
    torn: Option<usize>,
    /// Between records: bytes that belong to none were met, and told.
    lost: bool,
    reread: usize,
    /// The line of the window up to which no head ends: what only looks like heads is gone through once.
    no_end: usize,
    /// Bytes that records were unpacked to, beyond what they are.
    unpacked: u64,
    /// Records that were given before, and are not again.
    passing: u64,
    problems: Vec<Problem>,
}

/// A record whose head was read.
struct Open {
    head: Head,
    place: Place,
    /// Bytes of its block that are still to come; up to the next record where that is not known.
    left: Option<u64>,
    block: Vec<u8>,
    /// It is too long to be held.
    over: bool,
    whole: bool,
    /// A gzip member begins in the middle of it, if it is still it.
    at_member: bool,
}

/// What is said where something ought to be read twice, and too much was.
const FORGONE: &str = "what was read for another record is not read again: too much was";

enum Step {
    Record(Record),
    On,
    Hungry,
}

/// Whether `bytes`, unpacked, are the start of an archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"WARC/") || bytes.starts_with(b"filedesc://")
}

impl Archive {
    /// An archive of which the records up to the one at `last` were read; the file is handed in from
    /// `last.offset` on.
    pub fn after(last: Place) -> Self {
        let member = Place { offset: last.offset, skip: 0 };
        Self {
            packed: Packed::from(last.offset),
            member,
            passing: last.skip + 1,
            ..Self::default()
        }
    }

    /// Reads on in `input`; gives the next record, or `None` when all of the input is taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Record> {
        loop {
            match self.step() {
                Step::Record(_) if self.passing > 0 => self.passing -= 1,
                Step::Record(record) => return Some(record),
                Step::On => {}
                Step::Hungry if input.is_empty() && !self.packed.has_more() => return None,
                Step::Hungry => self.pull(input),
            }
        }
    }

    /// There is no more input: gives what is left, record by record, then `None`.
    pub fn end(&mut self) -> Option<Record> {
        loop {
            if self.packed.in_member() {
                self.told("the archive ends in the middle of a gzip member");
                self.packed.give_up();
                self.told_of_members();
            }
            if let Some(record) = self.next(&mut &[][..]) {
                return Some(record);
            }
            // What was given up may have had other members in it.
            if !self.packed.in_member() && std::mem::replace(&mut self.ended, true) {
                return None;
            }
        }
    }

    /// What could not be read since this was asked last.
    pub fn problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    fn told(&mut self, what: &str) {
        self.told_at(self.place(), what);
    }

    fn told_at(&mut self, place: Place, what: &str) {
        if self.passing > 0 {
            return;
        }
        match self.problems.len() < PROBLEMS_MAX {
            true => {
                let at = format!("{what} (byte {})", place.offset);
                self.problems.push(Problem::new("incomplete", at));
            }
            false => lost(&mut self.problems, "and more, which is not told one by one"),
        }
    }

    fn told_of_members(&mut self) {
        if std::mem::take(&mut self.packed.forgone) {
            self.told(FORGONE);
        }
    }

    fn pull(&mut self, input: &mut &[u8]) {
        if self.at >= PIECE_BYTES || self.at == self.window.len() {
            self.window.drain(..self.at);
            self.members.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(self.at));
            self.torn = self.torn.and_then(|torn| torn.checked_sub(self.at));
            self.no_end = self.no_end.saturating_sub(self.at);
            self.at = 0;
        }
        match self.packed.pull(input, &mut self.window) {
            Pulled::Member(offset) => self.members.push_back((self.window.len(), offset)),
            Pulled::Broken => {
                self.torn = Some(self.window.len());
                self.told("a gzip member cannot be read to its end");
            }
            Pulled::Damaged => {
                self.torn = Some(self.window.len());
                self.told("a gzip member does not fit its checksum");
            }
            Pulled::Some | Pulled::Nothing => {}
        }
        self.told_of_members();
    }

    /// Where what is read now stands in the file.
    fn place(&self) -> Place {
        if self.packed.is_plain() {
            let ahead = self.window.len().saturating_sub(self.at) as u64;
            return Place { offset: self.packed.offset.saturating_sub(ahead), skip: 0 };
        }
        self.member
    }

    /// What is unpacked and not read.
    fn rest(&self) -> &[u8] {
        self.window.get(self.at..).unwrap_or_default()
    }

    /// Bytes up to the next gzip member, or all there are.
    fn up_to_member(&self) -> usize {
        let next = self.members.iter().map(|(at, _)| *at).find(|at| *at > self.at);
        next.unwrap_or(self.window.len()).saturating_sub(self.at)
    }

    /// Goes on by so many bytes, into the next member where that begins there.
    fn go(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.window.len());
        while let Some((_, offset)) = self.members.pop_front_if(|(at, _)| *at <= self.at) {
            self.member = Place { offset, skip: 0 };
        }
    }

    fn step(&mut self) -> Step {
        match self.open.take() {
            None => self.between(),
            Some(open) if open.left == Some(0) => self.close(open),
            Some(open) => self.take(open),
        }
    }

    /// Whether a record begins with `bytes`; `None` where that needs more of them.
    fn begins(&self, bytes: &[u8]) -> Option<bool> {
        let warc = || match bytes.get(..5) {
            Some(start) => Some(start == b"WARC/"),
            None => (!b"WARC/".starts_with(bytes) || self.ended).then_some(false),
        };
        let arc = || match bytes.iter().take(HEAD_BYTES_MAX).position(|byte| *byte == b'\n') {
            Some(end) => Some(head::arc(bytes.get(..end).unwrap_or_default()).is_some()),
            None => (self.ended || bytes.len() >= HEAD_BYTES_MAX).then_some(false),
        };
        match self.is_arc {
            Some(true) => arc(),
            Some(false) => warc(),
            None => warc().and_then(|is_warc| if is_warc { Some(true) } else { arc() }),
        }
    }

    fn between(&mut self) -> Step {
        let blank = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.go(blank);
        if self.rest().is_empty() {
            return Step::Hungry;
        }
        match self.begins(self.rest()) {
            None => Step::Hungry,
            Some(true) => self.open(),
            Some(false) => {
                if !std::mem::replace(&mut self.lost, true) {
                    self.told("bytes that belong to no record");
                }
                let line = self.rest().iter().position(|byte| *byte == b'\n').map(|end| end + 1);
                // A line of anything may be longer than what is there of it.
                self.go(line.unwrap_or(self.rest().len()).min(self.up_to_member().max(1)));
                Step::On
            }
        }
    }

    /// Reads the head of a record.
    fn open(&mut self) -> Step {
        let is_arc = *self.is_arc.get_or_insert_with(|| {
            !self.window.get(self.at..).unwrap_or_default().starts_with(b"WARC/")
        });
        let end = if is_arc {
            self.rest().iter().position(|byte| *byte == b'\n').map(|end| end + 1)
        } else {
            self.end_of_head()
        };
        let rest = self.rest();
        let there = self.up_to_member();
        let is_cut = there < end.unwrap_or(rest.len())
            && rest.get(there..).is_some_and(|next| self.begins(next) == Some(true));
        let end = match end {
            _ if is_cut => {
                self.told("the head of a record does not end");
                self.go(there);
                return Step::On;
            }
            Some(end) => end,
            None if rest.len() < HEAD_BYTES_MAX && !self.ended => return Step::Hungry,
            None => {
                self.told("the head of a record does not end");
                self.go(1);
                self.lost = true;
                return Step::On;
            }
        };
        let block = rest.get(..end).unwrap_or_default();
        let head = if is_arc { head::arc(block).unwrap_or_default() } else { head::warc(block) };
        let place = self.place();
        self.member.skip += 1;
        self.lost = false;
        if head.length.is_none() {
            self.told("a record does not say how long it is");
        }
        self.go(end);
        let (left, block) = (head.length, Vec::new());
        self.open =
            Some(Open { head, place, left, block, over: false, whole: true, at_member: false });
        Step::On
    }

    /// Where the head ends that is read now, from the line on up to which none does.
    fn end_of_head(&mut self) -> Option<usize> {
        let from = self.no_end.max(self.at);
        let lines = self.window.get(from..).unwrap_or_default();
        let end = blank_line(lines).map(|end| from + end - self.at);
        if end.is_none() {
            let whole = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
            self.no_end = from + whole;
        }
        end
    }

    /// Takes what is there of a record's block.
    fn take(&mut self, mut open: Open) -> Step {
        let Some(left) = open.left else { return self.take_up_to_next(open) };
        // Archives are packed record by record, or in blocks of any size: only a head tells them apart.
        if open.at_member {
            match self.begins(self.rest()) {
                Some(true) => return self.short(open),
                None if !self.ended => {
                    self.open = Some(open);
                    return Step::Hungry;
                }
                _ => open.at_member = false,
            }
        }
        let there = self.up_to_member();
        if there == 0 && self.ended {
            return self.short(open);
        }
        let took = there.min(usize::try_from(left).unwrap_or(usize::MAX));
        open.push(self.rest().get(..took).unwrap_or_default());
        open.left = Some(left - took as u64);
        let members = self.members.len();
        self.go(took);
        open.at_member = self.members.len() < members && open.left != Some(0);
        let is_hungry = open.left != Some(0) && self.rest().is_empty() && !self.ended;
        self.open = Some(open);
        if is_hungry { Step::Hungry } else { Step::On }
    }

    /// A record ends before it has all that it says it has.
    fn short(&mut self, mut open: Open) -> Step {
        open.whole = false;
        if self.torn == Some(self.at) {
            return Step::Record(Record { place: open.place, page: Err(Passed::Damaged) });
        }
        self.told_at(open.place, "a record is shorter than it says");
        self.reread(&mut open);
        self.finish(open)
    }

    /// Looks for what follows a record whose block is whole by its own account.
    fn close(&mut self, mut open: Open) -> Step {
        let rest = self.rest();
        let there = self.up_to_member();
        let blank =
            rest.iter().take(there).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        // Its member ends with it, or the archive does.
        let is_end = blank == there && (there < rest.len() || self.ended);
        match if is_end { Some(true) } else { self.begins(rest.get(blank..).unwrap_or_default()) } {
            None => {
                self.open = Some(open);
                Step::Hungry
            }
            _ if blank == there && !is_end => {
                self.open = Some(open);
                Step::Hungry
            }
            Some(true) => self.finish(open),
            Some(false) => {
                open.whole = false;
                self.told_at(open.place, "a record is not as long as it says");
                if !self.reread(&mut open) && self.is_arc == Some(false) {
                    open.left = None;
                    self.open = Some(open);
                    return Step::On;
                }
                self.finish(open)
            }
        }
    }

    /// Takes a record up to the next one, where its length is wrong or not told.
    fn take_up_to_next(&mut self, mut open: Open) -> Step {
        let there = self.up_to_member();
        let rest = self.rest().get(..there).unwrap_or_default();
        // Up to the start of a line, so that a head is seen whole.
        let line = rest.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
        let next = rest.get(line.unwrap_or(0)..).unwrap_or_default();
        let took = match line {
            Some(line) => match self.begins(next) {
                Some(true) => {
                    open.push(rest.get(..line).unwrap_or_default());
                    self.go(line);
                    return self.finish(open);
                }
                None if !self.ended => 0,
                _ => line,
            },
            None => there,
        };
        open.push(rest.get(..took).unwrap_or_default());
        self.go(took);
        if self.ended && self.rest().is_empty() {
            return self.finish(open);
        }
        self.open = Some(open);
        if took == 0 || self.rest().is_empty() { Step::Hungry } else { Step::On }
    }

    /// Gives back what a record with a wrong length swallowed of the next one; false where it has nothing of it.
    fn reread(&mut self, open: &mut Open) -> bool {
        if open.over {
            self.told_at(
                open.place,
                "what a record that is too long took of the next ones is lost",
            );
            return false;
        }
        // The line that opens a record of an ARC file may stand in any text.
        if self.is_arc == Some(true) {
            return false;
        }
        let Some(end) = swallowed(&open.block) else { return false };
        let next = open.block.split_off(end);
        self.reread += next.len();
        if self.reread > REREAD_BYTES_MAX {
            self.told_at(open.place, FORGONE);
            return false;
        }
        self.members.iter_mut().for_each(|(at, _)| *at += next.len());
        self.torn = self.torn.map(|torn| torn + next.len());
        self.window.splice(self.at..self.at, next);
        self.no_end = 0;
        true
    }

    fn finish(&mut self, open: Open) -> Step {
        let page = match open.over {
            true if matches!(
                open.head.kind,
                RecordKind::Response | RecordKind::Resource | RecordKind::Conversion
            ) =>
            {
                Err(Passed::TooLarge)
            }
            true => Err(Passed::Other),
            false
                if self.unpacked > self.packed.offset * UNPACKED_PER_BYTE + UNPACKED_BYTES_MIN =>
            {
                self.told_at(
                    open.place,
                    "what its records are unpacked to is more than an archive has",
                );
                Err(Passed::TooLarge)
            }
            false => http::page(&open.head, &open.block),
        };
        let unpacked = page.as_ref().map_or(0, |page| page.body.len());
        self.unpacked += unpacked.saturating_sub(open.block.len()) as u64;
        let page = page.map(|page| Page { whole: page.whole && open.whole, ..page });
        Step::Record(Record { place: open.place, page })
    }
}

impl Open {
    fn push(&mut self, piece: &[u8]) {
        self.over |= self.block.len() + piece.len() > RECORD_BYTES_MAX;
        match self.over {
            true => self.block = Vec::new(),
            false => self.block.extend_from_slice(piece),
        }
    }
}

/// Where in a block the next record begins that was swallowed with it.
fn swallowed(block: &[u8]) -> Option<usize> {
    let start = b"\r\n\r\nWARC/1.";
    let at = block.windows(start.len()).position(|window| window == start)?;
    Some(at + 4)
}
