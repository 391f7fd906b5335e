//! Cuts a query into words, phrases, fields and signs.

use super::fields::{Field, field};

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// A bracket, and the field that stood before it.
    Open(Option<Field>),
    Close,
    And,
    Or,
    /// What follows must not be there.
    Not,
    /// What follows must be there.
    Plus,
    /// A word or a phrase, and the field that stood before it.
    Piece {
        field: Option<Field>,
        text: &'a str,
        quoted: bool,
        slop: u32,
    },
}

/// Reads a query from its start.
pub(crate) struct Lexer<'a> {
    rest: &'a str,
    /// Whether words in capitals are operators: in a line that has nothing but capitals they are words.
    operators: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text.trim(), operators: text.chars().any(char::is_lowercase) }
    }

    pub(crate) fn at_end(&self) -> bool {
        self.rest.trim_start().is_empty()
    }

    /// Bytes that are left, without the spaces before them.
    pub(crate) fn left(&self) -> usize {
        self.rest.trim_start().len()
    }

    /// Bytes that are left, with the spaces before them.
    pub(crate) fn left_untrimmed(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.rest = self.rest.trim_start();
            let first = self.rest.chars().next()?;
            let after = self.rest.get(first.len_utf8()..).unwrap_or_default();
            let glued = after.chars().next().is_some_and(|next| !next.is_whitespace());
            match first {
                '(' => return self.go(after, Token::Open(None)),
                ')' => return self.go(after, Token::Close),
                '-' | '!' | '−' if glued => return self.go(after, Token::Not),
                '+' if glued => return self.go(after, Token::Plus),
                '|' => return self.go(after.trim_start_matches('|'), Token::Or),
                '-' | '!' | '−' | '+' => self.rest = after,
                _ => return Some(self.word()),
            }
        }
    }

    fn go(&mut self, rest: &'a str, token: Token<'a>) -> Option<Token<'a>> {
        self.rest = rest;
        Some(token)
    }

    fn word(&mut self) -> Token<'a> {
        let named = field(self.rest);
        if let Some((found, value)) = named {
            if let Some(inner) = value.strip_prefix('(') {
                self.rest = inner;
                return Token::Open(Some(found));
            }
            self.rest = value;
        }
        let field = named.map(|(found, _)| found);
        if let Some((text, rest)) = field.and_then(|_| list(self.rest)) {
            self.rest = rest;
            return Token::Piece { field, text, quoted: false, slop: 0 };
        }
        if let Some((text, rest)) = quoted(self.rest) {
            let (slop, rest) = slop(rest);
            self.rest = rest;
            return Token::Piece { field, text, quoted: true, slop };
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        match text {
            "AND" | "ET" | "&&" if self.operators && field.is_none() => Token::And,
            "OR" | "OU" if self.operators && field.is_none() => Token::Or,
            "NOT" | "SAUF" if self.operators && field.is_none() => Token::Not,
            _ => Token::Piece { field, text, quoted: false, slop: 0 },
        }
    }
}

/// The values with commas between them that `text` begins with, where one is in quotation marks, and what follows.
fn list(text: &str) -> Option<(&str, &str)> {
    let (mut rest, mut values, mut any_quoted) = (text, 0, false);
    loop {
        let (value, after) = first_value(rest);
        any_quoted |= value.starts_with(|c| closing(c).is_some());
        values += 1;
        match after.strip_prefix(',') {
            Some(next) if !value.is_empty() => rest = next,
            _ => {
                let length = text.len() - after.len();
                return (values > 1 && any_quoted).then(|| text.split_at(length));
            }
        }
    }
}

/// The first value of a list, its quotation marks among it, and what follows.
pub(crate) fn first_value(text: &str) -> (&str, &str) {
    let end = match quoted(text) {
        Some((_, rest)) => text.len() - rest.len(),
        None => {
            let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',');
            text.find(ends).unwrap_or(text.len())
        }
    };
    text.split_at(end)
}

/// A value without the quotation marks around it, and whether it had any.
pub(crate) fn unquoted(value: &str) -> (&str, bool) {
    quoted(value).map_or((value, false), |(inner, _)| (inner, true))
}

fn closing(first: char) -> Option<char> {
    match first {
        '"' => Some('"'),
        '“' => Some('”'),
        '„' => Some('“'),
        '«' => Some('»'),
        _ => None,
    }
}

/// The text between quotation marks that `text` begins with, and what follows. A quotation that is never closed is plain
/// words.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    text.get(first.len_utf8()..)?.split_once(closing(first)?)
}

/// How many places the words of a phrase may be apart, behind it (`"a b"~3`).
fn slop(text: &str) -> (u32, &str) {
    let Some(after) = text.strip_prefix('~') else { return (0, text) };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = after.split_at(digits);
    (number.parse().unwrap_or_default(), rest)
}
