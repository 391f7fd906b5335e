//! Mailboxes: messages one after the other, each opened by a line `From …`.

use depeche_news::limits::archives::{LINE_BYTES_MAX, MAIL_BYTES_MAX};

/// A mailbox that is being read: bytes in, messages out.
#[derive(Default)]
pub struct Mbox {
    /// The line that is not whole yet.
    line: Vec<u8>,
    message: Vec<u8>,
    /// The message is too long to be held.
    over: bool,
    /// Where in the file the line, and the message, begin.
    line_at: u64,
    message_at: u64,
    /// A message has begun.
    open: bool,
    /// The line before was blank.
    blank: bool,
}

/// A message of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The byte where it begins, its `From …` line included.
    pub offset: u64,
    /// The message; nothing where it is longer than what is read of one.
    pub message: Option<Vec<u8>>,
}

/// Whether `start`, the first bytes of a file, begin a mailbox.
pub fn is_mbox(start: &[u8]) -> bool {
    is_opening(start.split(|byte| *byte == b'\n').next().unwrap_or_default())
}

impl Mbox {
    /// A mailbox that is handed in from this byte on, where a message begins.
    pub fn from(offset: u64) -> Self {
        Self { line_at: offset, message_at: offset, ..Self::default() }
    }

    /// Reads on in `input`; gives the next message, or `None` when all of the input is taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Piece> {
        while !input.is_empty() {
            let end = input.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
            let (piece, rest) = input.split_at(end.unwrap_or(input.len()));
            *input = rest;
            self.line.extend_from_slice(piece);
            if end.is_none() && self.line.len() < LINE_BYTES_MAX {
                continue;
            }
            if let Some(message) = self.take_line() {
                return Some(message);
            }
        }
        None
    }

    /// There is no more input: gives the last message.
    pub fn end(&mut self) -> Option<Piece> {
        let before = if self.line.is_empty() { None } else { self.take_line() };
        before.or_else(|| self.take_message())
    }

    fn take_line(&mut self) -> Option<Piece> {
        let line = std::mem::take(&mut self.line);
        let at = self.line_at;
        self.line_at += line.len() as u64;
        if (self.blank || !self.open) && is_opening(&line) {
            let before = self.take_message();
            (self.open, self.blank, self.message_at) = (true, false, at);
            return before;
        }
        self.blank = line.trim_ascii().is_empty();
        // Lines of the text that look like an opening were escaped, once more each time they were stored.
        let quoted = line.iter().take_while(|byte| **byte == b'>').count();
        let escaped =
            quoted > 0 && line.get(quoted..).is_some_and(|rest| rest.starts_with(b"From "));
        let line = line.get(usize::from(escaped)..).unwrap_or_default();
        self.over |= self.message.len() + line.len() > MAIL_BYTES_MAX;
        match self.over {
            true => self.message = Vec::new(),
            false => self.message.extend_from_slice(line),
        }
        None
    }

    fn take_message(&mut self) -> Option<Piece> {
        let message = std::mem::take(&mut self.message);
        let over = std::mem::take(&mut self.over);
        let held = !message.trim_ascii().is_empty();
        (over || held)
            .then_some(Piece { offset: self.message_at, message: (!over).then_some(message) })
    }
}

/// Whether a line opens a message: who, and when, with a time of day and a year. Text has lines that begin with
/// «From » too.
fn is_opening(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let words = || rest.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let is_time = |word: &[u8]| matches!(word, [hour, b':', minute, ..] | [_, hour, b':', minute, ..] if hour.is_ascii_digit() && minute.is_ascii_digit());
    let is_year = |word: &[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    words().count() >= 5 && words().any(is_time) && words().any(is_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(u64, &str)]) {
        for piece in [1, 5, 1000] {
            let mut mbox = Mbox::default();
            let mut found = Vec::new();
            for mut piece in text.as_bytes().chunks(piece) {
                found.extend(std::iter::from_fn(|| mbox.next(&mut piece)));
            }
            found.extend(std::iter::from_fn(|| mbox.end()));
            let found: Vec<_> = found
                .into_iter()
                .map(|piece| {
                    (
                        piece.offset,
                        String::from_utf8(piece.message.unwrap_or_default()).unwrap_or_default(),
                    )
                })
                .collect();
            assert_eq!(
                found,
                expected.iter().map(|(at, text)| (*at, (*text).to_owned())).collect::<Vec<_>>()
            );
        }
    }

    const FROM: &str = "From eco@fil.example Thu Feb 11 16:41:00 2016\n";

    #[test]
    fn messages_between_their_openings() {
        check(
            &format!("{FROM}A: 1\n\nun\n\n{FROM}A: 2\n\ndeux\n"),
            &[(0, "A: 1\n\nun\n\n"), (56, "A: 2\n\ndeux\n")],
        );
        check(
            &format!("{FROM}A: 1\n\nun\nFrom here on, nothing\n\nFrom then on\n>From x\n>>From y"),
            &[(0, "A: 1\n\nun\nFrom here on, nothing\n\nFrom then on\nFrom x\n>From y")],
        );
        check(&format!("{FROM}\n{FROM}A: 2"), &[(47, "A: 2")]);
        check("", &[]);
    }

    #[test]
    fn what_is_a_mailbox() {
        assert!(is_mbox(FROM.as_bytes()));
        assert!(is_mbox(b"From - Thu Feb 11 16:41:00 2016\r\n"));
        assert!(!is_mbox(b"From Brussels with love at 16:41\n"));
        assert!(!is_mbox(b"From: eco@fil.example\n"));
    }
}
