//! The outermost layer of an archive: plain bytes, or gzip members one after the other, broken ones among them.

use std::collections::VecDeque;

use depeche_news::limits::archives::{GZIP_HEAD_BYTES_MAX, PIECE_BYTES, REREAD_BYTES_MAX};
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// How a gzip member begins.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// What is read of the file itself.
#[derive(Default)]
pub(super) struct Packed {
    state: State,
    /// Where in the file the next byte stands.
    pub(super) offset: u64,
    /// The head of a member, as far as it has come in.
    head: Vec<u8>,
    checksum: Crc,
    /// The last bytes of a member: its checksum and length.
    tail: VecDeque<u8>,
    /// Where the member begins that is being read.
    member: u64,
    /// The last bytes that the member was read from: when it turns out to be broken, the next one may be in them.
    recent: Vec<u8>,
    /// Bytes to be read again, before any other.
    again: Vec<u8>,
    /// How many were, of all members.
    pub(super) reread: usize,
    /// More were to be, and are not.
    pub(super) forgone: bool,
    /// Something was met that cannot be read, and told.
    broken: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Unknown,
    Plain,
    /// Between members, or after one that broke: looking for the next.
    Between,
    Head,
    Body(Box<Decompress>),
    Tail,
}

/// What came of pulling.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pulled {
    /// Bytes, or at least progress.
    Some,
    /// The next bytes are those of a member that begins at this place of the file.
    Member(u64),
    /// A member cannot be read on.
    Broken,
    /// A member was read to its end, which does not fit what it says of itself.
    Damaged,
    /// There is nothing left to pull from.
    Nothing,
}

impl Packed {
    /// One that goes on in the middle of a file.
    pub(super) fn from(offset: u64) -> Self {
        Self { offset, ..Self::default() }
    }

    /// Whether it is one byte of the archive for one of the file.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.state, State::Plain | State::Unknown)
    }

    /// Whether a member has begun and not ended.
    pub(super) fn in_member(&self) -> bool {
        matches!(self.state, State::Head | State::Body(_))
    }

    /// Whether there is something to pull without more input.
    pub(super) fn has_more(&self) -> bool {
        !self.again.is_empty()
    }

    /// Unpacks some of `input` into `out`.
    pub(super) fn pull(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Pulled {
        if self.again.is_empty() {
            return self.pull_from(input, out);
        }
        let again = std::mem::take(&mut self.again);
        let mut rest = &again[..];
        let pulled = self.pull_from(&mut rest, out);
        self.again.extend_from_slice(rest);
        pulled
    }

    /// Gives a member up that does not go on; what it was read from is looked at again for the next one.
    pub(super) fn give_up(&mut self) {
        self.state = State::Between;
        let recent = std::mem::take(&mut self.recent);
        let next = (0..recent.len()).find(|at| {
            let rest = recent.get(*at..).unwrap_or_default();
            rest.starts_with(&MAGIC) || MAGIC.starts_with(rest)
        });
        let again = next.and_then(|at| recent.get(at..)).unwrap_or_default();
        self.reread += again.len();
        let is_forgone = self.reread > REREAD_BYTES_MAX && !again.is_empty();
        self.forgone |= is_forgone;
        if !is_forgone {
            self.offset = self.offset.saturating_sub(again.len() as u64);
            self.again = again.to_vec();
        }
    }

    fn pull_from(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Pulled {
        let Some(first) = input.first() else { return Pulled::Nothing };
        match &mut self.state {
            State::Unknown => {
                self.state = match first {
                    0x1f => State::Between,
                    _ => State::Plain,
                };
                Pulled::Some
            }
            State::Plain => {
                let (piece, rest) = input.split_at(input.len().min(PIECE_BYTES));
                out.extend_from_slice(piece);
                self.offset += piece.len() as u64;
                *input = rest;
                Pulled::Some
            }
            State::Between => self.find_member(input),
            State::Head => self.read_head(input),
            State::Body(_) => self.inflate(input, out),
            State::Tail => self.read_tail(input),
        }
    }

    /// Passes over what is between members. Padding with zeros is usual, anything else is told.
    fn find_member(&mut self, input: &mut &[u8]) -> Pulled {
        let at = input.iter().position(|byte| *byte == MAGIC[0]).unwrap_or(input.len());
        let (passed, rest) = input.split_at(at);
        let junk = passed.iter().any(|byte| *byte != 0);
        self.offset += at as u64;
        *input = rest;
        if !rest.is_empty() {
            self.head.clear();
            self.member = self.offset;
            self.state = State::Head;
        }
        if junk { self.breaks() } else { Pulled::Some }
    }

    /// Says once that what follows cannot be read, until a member begins that can be.
    fn breaks(&mut self) -> Pulled {
        match std::mem::replace(&mut self.broken, true) {
            true => Pulled::Some,
            false => Pulled::Broken,
        }
    }

    fn read_head(&mut self, input: &mut &[u8]) -> Pulled {
        let had = self.head.len();
        let room = GZIP_HEAD_BYTES_MAX - had.min(GZIP_HEAD_BYTES_MAX);
        let new = input.get(..input.len().min(room)).unwrap_or_default();
        self.head.extend_from_slice(new);
        let took = match head_bytes(&self.head) {
            MemberHead::Whole(bytes) => {
                self.checksum = Crc::new();
                self.tail.clear();
                self.recent.clear();
                self.state = State::Body(Box::new(Decompress::new(false)));
                self.head.truncate(bytes);
                bytes - had.min(bytes)
            }
            MemberHead::More if self.head.len() < GZIP_HEAD_BYTES_MAX => new.len(),
            _ => {
                // No member after all: looked for again right after the byte that looked like one.
                self.state = State::Between;
                usize::from(had == 0).min(new.len())
            }
        };
        self.offset += took as u64;
        *input = input.get(took..).unwrap_or_default();
        match self.state {
            State::Body(_) => Pulled::Member(self.member),
            State::Between => self.breaks(),
            _ => Pulled::Some,
        }
    }

    fn inflate(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Pulled {
        let State::Body(body) = &mut self.state else { return Pulled::Some };
        let (before, from) = (body.total_in(), out.len());
        out.reserve(PIECE_BYTES);
        let some = input.get(..PIECE_BYTES).unwrap_or(input);
        let status = body.decompress_vec(some, out, FlushDecompress::None);
        let took = (body.total_in() - before) as usize;
        self.checksum.update(out.get(from..).unwrap_or_default());
        let piece = input.get(..took).unwrap_or_default();
        if self.recent.len() > PIECE_BYTES {
            self.recent.drain(..PIECE_BYTES / 2);
        }
        self.recent.extend_from_slice(piece);
        self.offset += took as u64;
        *input = input.get(took..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => self.state = State::Tail,
            Ok(_) if took > 0 || out.len() > from => {}
            _ => {
                self.give_up();
                return self.breaks();
            }
        }
        Pulled::Some
    }

    fn read_tail(&mut self, input: &mut &[u8]) -> Pulled {
        let missing = 8 - self.tail.len();
        let (tail, rest) = input.split_at(input.len().min(missing));
        self.tail.extend(tail);
        self.offset += tail.len() as u64;
        *input = rest;
        if self.tail.len() < 8 {
            return Pulled::Some;
        }
        self.state = State::Between;
        let told = self.tail.iter().take(4).rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        if told == self.checksum.sum() {
            self.broken = false;
            return Pulled::Some;
        }
        self.recent.extend(&self.tail);
        // Where the rest of a member is missing, the one after it may pass for that.
        self.give_up();
        Pulled::Damaged
    }
}

/// How much of the head of a gzip member is there.
enum MemberHead {
    Whole(usize),
    More,
    None,
}

/// How many bytes the head of a gzip member takes.
fn head_bytes(bytes: &[u8]) -> MemberHead {
    if !MAGIC.iter().zip(bytes).all(|(one, other)| one == other) {
        return MemberHead::None;
    }
    let Some(flags) = bytes.get(3) else { return MemberHead::More };
    if flags & 0xe0 != 0 {
        return MemberHead::None;
    }
    let mut end = 10;
    if flags & 4 != 0 {
        let Some([low, high]) = bytes.get(end..end + 2) else { return MemberHead::More };
        end += 2 + usize::from(u16::from_le_bytes([*low, *high]));
    }
    // A file name and a comment, each ended by a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let rest = bytes.get(end..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| *byte == 0) else {
                return MemberHead::More;
            };
            end += length + 1;
        }
    }
    end += if flags & 2 != 0 { 2 } else { 0 };
    if bytes.len() >= end { MemberHead::Whole(end) } else { MemberHead::More }
}
