//! Cuts a page into tokens for html5ever's tree builder, by the rules of the HTML standard.
//!
//! The whole page is at hand as one valid text, errors are told to nobody and the words of a comment are read by nobody:
//! so that most tokens are slices of the page, and the states of the standard are places in a few loops. What is
//! rare and intricate, a doctype, html5ever's own tokenizer reads. Tests hold both to the same trees.

use depeche_news::limits::extract::TAG_ATTRIBUTES_MAX;
use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::{Attribute, LocalName, QualName, ns};

/// Hands all tokens of a page to `sink`.
pub(crate) fn feed(page: &str, sink: &impl TokenSink) {
    let page = page.strip_prefix('\u{feff}').unwrap_or(page);
    let page = one_kind_of_line_ends(page);
    let shared = StrTendril::from_slice(&page);
    let mut reader = Reader { page: &page, shared, at: 0, sink, last: LocalName::default() };
    reader.all();
}

/// The standard's first step.
fn one_kind_of_line_ends(page: &str) -> Cow<'_, str> {
    if page.contains('\r') {
        Cow::Owned(page.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(page)
    }
}

struct Reader<'a, S> {
    page: &'a str,
    /// The same text, of which slices are shared without copies.
    shared: StrTendril,
    at: usize,
    sink: &'a S,
    /// The start tag before, which alone an end tag closes in raw text.
    last: LocalName,
}

/// How what stands between a tag and its end is read.
enum Inside {
    Markup,
    Raw,
    /// With references to characters.
    Escapable,
    Script,
    /// To the end of the page.
    Plain,
}

/// The white space that parts the words of a tag.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\x0c')
}

/// What ends the name of a tag.
fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

impl<S: TokenSink> Reader<'_, S> {
    fn all(&mut self) {
        while let Some(inside) = self.markup() {
            match inside {
                Inside::Markup => {}
                Inside::Raw | Inside::Escapable => self.raw(matches!(inside, Inside::Escapable)),
                Inside::Script => self.script(),
                Inside::Plain => self.close(self.page.len()),
            }
        }
        let _ = self.sink.process_token(Token::EOFToken, 1);
        self.sink.end();
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.page.as_bytes().get(at).copied()
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.page.get(from..to).unwrap_or_default()
    }

    /// The first byte from `from` on that is wanted, or the end of the page.
    fn find(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.find_in(from, self.page.len(), wanted)
    }

    /// The same of a part of the page.
    fn find_in(&self, from: usize, to: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.page.as_bytes().get(from..to).unwrap_or_default();
        from + rest.iter().position(|&byte| wanted(byte)).unwrap_or(rest.len())
    }

    /// The first `wanted` from `from` on.
    fn find_text(&self, from: usize, wanted: &str) -> Option<usize> {
        self.page.get(from..)?.find(wanted).map(|at| from + at)
    }

    fn find_char(&self, from: usize, wanted: char) -> Option<usize> {
        self.page.get(from..)?.find(wanted).map(|at| from + at)
    }

    /// A part of the page, without a copy.
    fn share(&self, from: usize, to: usize) -> StrTendril {
        let place = u32::try_from(from).ok().zip(u32::try_from(to - from).ok());
        let part = place.and_then(|(from, size)| self.shared.try_subtendril(from, size).ok());
        part.unwrap_or_default()
    }

    fn emit(&self, token: Token) -> TokenSinkResult<S::Handle> {
        self.sink.process_token(token, 1)
    }

    fn text(&self, text: StrTendril) {
        if !text.is_empty() {
            let _ = self.emit(Token::CharacterTokens(text));
        }
    }

    /// Reads on to the end of one tag; nothing at the end of the page.
    fn markup(&mut self) -> Option<Inside> {
        loop {
            let end = self.find(self.at, |byte| matches!(byte, b'<' | b'&' | b'\0'));
            self.text(self.share(self.at, end));
            self.at = end;
            match self.byte(end)? {
                b'<' => {
                    if let Some(inside) = self.opened() {
                        return Some(inside);
                    }
                }
                b'&' => {
                    let (text, end) = self.reference(end, self.page.len(), false);
                    self.text(text);
                    self.at = end;
                }
                _ => {
                    let _ = self.emit(Token::NullCharacterToken);
                    self.at = end + 1;
                }
            }
        }
    }

    /// What begins with the `<` at hand.
    fn opened(&mut self) -> Option<Inside> {
        let start = self.at;
        match (self.byte(start + 1), self.byte(start + 2)) {
            (Some(b'/'), Some(b'>')) => self.at = start + 3,
            (Some(b'/'), Some(name)) if name.is_ascii_alphabetic() => {
                self.at = start + 2;
                return Some(self.tag(TagKind::EndTag));
            }
            (Some(b'/'), Some(_)) => self.bogus_comment(start + 2),
            (Some(b'!'), _) => self.declaration(start + 2),
            (Some(b'?'), _) => self.bogus_comment(start + 1),
            (Some(name), _) if name.is_ascii_alphabetic() => {
                self.at = start + 1;
                return Some(self.tag(TagKind::StartTag));
            }
            (next, _) => {
                self.at = start + 1 + usize::from(next == Some(b'/'));
                self.text(self.share(start, self.at));
            }
        }
        None
    }

    /// What begins with `<!`.
    fn declaration(&mut self, from: usize) {
        let starts = |word: &str| {
            let found = self.page.as_bytes().get(from..from + word.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
        };
        let foreign = || self.sink.adjusted_current_node_present_but_not_in_html_namespace();
        if starts("--") {
            self.comment(from + 2);
        } else if starts("doctype") {
            self.doctype(from - 2);
        } else if self.page.get(from..).is_some_and(|rest| rest.starts_with("[CDATA[")) && foreign()
        {
            self.cdata(from + "[CDATA[".len());
        } else {
            self.bogus_comment(from);
        }
    }

    fn comment(&mut self, from: usize) {
        let rest = self.page.get(from..).unwrap_or_default();
        let end = if rest.starts_with('>') {
            from + 1
        } else if rest.starts_with("->") {
            from + 2
        } else {
            let mut at = from;
            loop {
                let Some(dashes) = self.find_text(at, "--") else { break self.page.len() };
                match (self.byte(dashes + 2), self.byte(dashes + 3)) {
                    (Some(b'>'), _) => break dashes + 3,
                    (Some(b'!'), Some(b'>')) => break dashes + 4,
                    _ => at = dashes + 1,
                }
            }
        };
        self.commented(end);
    }

    fn bogus_comment(&mut self, from: usize) {
        self.commented(self.find_char(from, '>').map_or(self.page.len(), |end| end + 1));
    }

    fn commented(&mut self, end: usize) {
        let _ = self.emit(Token::CommentToken(StrTendril::new()));
        self.at = end;
    }

    /// A doctype ends with the first `>`, wherever it stands.
    fn doctype(&mut self, from: usize) {
        let end = self.find_char(from, '>').map_or(self.page.len(), |end| end + 1);
        if let Some(doctype) = doctype_of(self.share(from, end)) {
            let _ = self.emit(Token::DoctypeToken(doctype));
        }
        self.at = end;
    }

    fn cdata(&mut self, from: usize) {
        let end = self.find_text(from, "]]>");
        self.at = end.map_or(self.page.len(), |end| end + 3);
        let mut start = from;
        let end = end.unwrap_or(self.page.len());
        while start < end {
            let null = self.find_in(start, end, |byte| byte == b'\0');
            self.text(self.share(start, null));
            if null < end {
                let _ = self.emit(Token::NullCharacterToken);
            }
            start = null + 1;
        }
    }

    /// Reads a tag from its name on and hands it over, unless the page ends in it.
    fn tag(&mut self, kind: TagKind) -> Inside {
        let start = self.at;
        self.at = self.find(start, ends_name);
        let name = LocalName::from(&*name(self.slice(start, self.at)));
        let mut tag = Tag {
            kind,
            name,
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        if !self.attributes(&mut tag) {
            self.at = self.page.len();
            return Inside::Markup;
        }
        if kind == TagKind::StartTag {
            self.last = tag.name.clone();
        }
        match self.emit(Token::TagToken(tag)) {
            TokenSinkResult::RawData(RawKind::Rcdata) => Inside::Escapable,
            TokenSinkResult::RawData(RawKind::Rawtext) => Inside::Raw,
            TokenSinkResult::RawData(_) => Inside::Script,
            TokenSinkResult::Plaintext => Inside::Plain,
            // The standard's tokenizer stops at scripts and at each declared charset; we go on.
            _ => Inside::Markup,
        }
    }

    /// Reads the attributes of a tag and its `>`; false where the page ends before.
    fn attributes(&mut self, tag: &mut Tag) -> bool {
        loop {
            self.at = self.find(self.at, |byte| !is_space(byte));
            match self.byte(self.at) {
                None => return false,
                Some(b'>') => {
                    self.at += 1;
                    return true;
                }
                Some(b'/') => {
                    self.at += 1;
                    tag.self_closing = self.byte(self.at) == Some(b'>');
                }
                Some(_) => {
                    if !self.attribute(tag) {
                        return false;
                    }
                }
            }
        }
    }

    fn attribute(&mut self, tag: &mut Tag) -> bool {
        let start = self.at;
        let end = self.find(start + 1, |byte| ends_name(byte) || byte == b'=');
        self.at = self.find(end, |byte| !is_space(byte));
        let value = match self.byte(self.at) {
            Some(b'=') => {
                self.at = self.find(self.at + 1, |byte| !is_space(byte));
                self.value()
            }
            _ => Some((self.at, self.at)),
        };
        let Some((from, to)) = value else { return false };
        // What an end tag is given means nothing.
        if tag.kind == TagKind::StartTag && tag.attrs.len() < TAG_ATTRIBUTES_MAX {
            let name = LocalName::from(&*name(self.slice(start, end)));
            if tag.attrs.iter().any(|has| has.name.local == name) {
                tag.had_duplicate_attributes = true;
            } else {
                let name = QualName::new(None, ns!(), name);
                tag.attrs.push(Attribute { name, value: self.decoded(from, to, true) });
            }
        }
        true
    }

    /// Where the value stands that begins here; nothing where the page ends in it.
    fn value(&mut self) -> Option<(usize, usize)> {
        let start = self.at;
        let place = match self.byte(start)? {
            quote @ (b'"' | b'\'') => {
                let end = self.find(start + 1, |byte| byte == quote);
                self.at = end + 1;
                (start + 1, end)
            }
            b'>' => (start, start),
            _ => {
                self.at = self.find(start, |byte| is_space(byte) || byte == b'>');
                (start, self.at)
            }
        };
        (place.1 < self.page.len()).then_some(place)
    }

    /// A part of the page with its references read.
    fn decoded(&self, from: usize, to: usize, in_attribute: bool) -> StrTendril {
        let part = self.page.as_bytes().get(from..to).unwrap_or_default();
        // Without a way out, so that it is done for many bytes at a time.
        if !part.iter().fold(false, |any, byte| any | (*byte == b'&') | (*byte == b'\0')) {
            return self.share(from, to);
        }
        let mut at = self.find_in(from, to, |byte| matches!(byte, b'&' | b'\0'));
        let mut text = self.share(from, at);
        while at < to {
            if self.byte(at) == Some(b'&') {
                let (read, end) = self.reference(at, to, in_attribute);
                text.push_tendril(&read);
                at = end;
            } else {
                text.push_char('\u{fffd}');
                at += 1;
            }
            let end = self.find_in(at, to, |byte| matches!(byte, b'&' | b'\0'));
            text.push_slice(self.slice(at, end));
            at = end;
        }
        text
    }

    /// The text that the reference at an `&` stands for, and where it ends: `&` itself where it is none.
    fn reference(&self, at: usize, to: usize, in_attribute: bool) -> (StrTendril, usize) {
        let rest = self.slice(at + 1, to);
        let found = match rest.as_bytes().first() {
            Some(b'#') => numeric(rest).map(|(c, size)| (StrTendril::from_char(c), size)),
            Some(byte) if byte.is_ascii_alphanumeric() => named(rest, in_attribute),
            _ => None,
        };
        match found {
            Some((text, size)) => (text, at + 1 + size),
            None => (self.share(at, at + 1), at + 1),
        }
    }

    /// Reads raw text to the end tag of its element.
    fn raw(&mut self, escapable: bool) {
        let mut at = self.at;
        let end = loop {
            let Some(open) = self.find_char(at, '<') else { break self.page.len() };
            if self.is_end_of(open, &self.last) {
                break open;
            }
            at = open + 1;
        };
        if escapable {
            self.text(self.decoded(self.at, end, false));
            self.at = end;
            self.close(end);
        } else {
            self.close(end);
        }
    }

    /// Hands over the raw text before `end`, and the end tag that stands there.
    fn close(&mut self, end: usize) {
        let text = self.slice(self.at, end);
        if text.contains('\0') {
            self.text(StrTendril::from(text.replace('\0', "\u{fffd}")));
        } else {
            self.text(self.share(self.at, end));
        }
        self.at = end;
        if end < self.page.len() {
            self.at += 2;
            self.tag(TagKind::EndTag);
        }
    }

    /// Whether the `<` at `open` begins the end tag of `name`.
    fn is_end_of(&self, open: usize, name: &str) -> bool {
        let from = open + 2;
        self.byte(open + 1) == Some(b'/') && self.is_named(from, name)
    }

    /// Whether a tag's name at `from` is `name`, whole.
    fn is_named(&self, from: usize, name: &str) -> bool {
        let end = from + name.len();
        let found = self.page.as_bytes().get(from..end);
        found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && self.byte(end).is_some_and(ends_name)
    }

    /// Reads a script to its end tag: in what stands between `<!--` and `-->`, scripts may hold scripts.
    fn script(&mut self) {
        let (mut commented, mut nested) = (false, false);
        let mut at = self.at;
        let end = loop {
            let sign = if commented {
                self.find(at, |byte| matches!(byte, b'<' | b'-'))
            } else {
                self.find_char(at, '<').unwrap_or(self.page.len())
            };
            let Some(rest) = self.page.get(sign..).filter(|rest| !rest.is_empty()) else {
                break self.page.len();
            };
            at = sign + 1;
            if commented && rest.starts_with("-->") {
                (commented, nested, at) = (false, false, sign + 3);
            } else if self.is_end_of(sign, "script") {
                if !nested {
                    break sign;
                }
                nested = false;
            } else if !commented && rest.starts_with("<!--") {
                // Its own dashes may be those of its end.
                (commented, at) = (true, sign + 2);
            } else if commented && rest.starts_with('<') && self.is_named(at, "script") {
                nested = true;
            }
        };
        self.close(end);
    }
}

/// The name of a tag or an attribute as the standard writes it.
fn name(name: &str) -> Cow<'_, str> {
    if !name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'\0') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.to_ascii_lowercase().replace('\0', "\u{fffd}"))
}

/// The character of a reference by number, from its `#` on, and its size in the page.
fn numeric(text: &str) -> Option<(char, usize)> {
    let (base, from) = match text.as_bytes().get(1)? {
        b'x' | b'X' => (16, 2),
        _ => (10, 1),
    };
    let digits = text.bytes().skip(from).map_while(|byte| char::from(byte).to_digit(base));
    let (mut number, mut size) = (0_u32, from);
    for digit in digits {
        number = number.saturating_mul(base).saturating_add(digit);
        size += 1;
    }
    if size == from {
        return None;
    }
    let c = match number {
        0 => None,
        0x80..=0x9f => {
            let meant = C1_REPLACEMENTS.get(number as usize - 0x80).copied().flatten();
            meant.or(char::from_u32(number))
        }
        _ => char::from_u32(number),
    };
    let semicolon = usize::from(text.as_bytes().get(size) == Some(&b';'));
    Some((c.unwrap_or('\u{fffd}'), size + semicolon))
}

/// The text of a reference by name, the longest that begins here, and its size in the page.
fn named(text: &str, in_attribute: bool) -> Option<(StrTendril, usize)> {
    let letters = text.bytes().take(NAME_BYTES_MAX).take_while(u8::is_ascii_alphanumeric).count();
    let known = |size: usize| {
        let found = text.get(..size).and_then(|name| NAMED_ENTITIES.get(name)).copied();
        found.filter(|(first, _)| *first != 0)
    };
    let whole = known(letters + 1).filter(|_| text.as_bytes().get(letters) == Some(&b';'));
    let (size, (first, second)) = match whole {
        Some(found) => (letters + 1, found),
        None => (1..=letters).rev().find_map(|size| Some((size, known(size)?)))?,
    };
    let next = text.as_bytes().get(size);
    let goes_on = next.is_some_and(|next| *next == b'=' || next.is_ascii_alphanumeric());
    if whole.is_none() && in_attribute && goes_on {
        return None;
    }
    let mut read = StrTendril::new();
    [first, second].iter().filter(|c| **c != 0).filter_map(|c| char::from_u32(*c)).for_each(|c| {
        read.push_char(c);
    });
    Some((read, size))
}

/// No name of a character is longer.
const NAME_BYTES_MAX: usize = 32;

/// Reads a doctype.
fn doctype_of(text: StrTendril) -> Option<Doctype> {
    struct Seen(RefCell<Option<Doctype>>);
    impl TokenSink for Seen {
        type Handle = ();
        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            if let Token::DoctypeToken(doctype) = token {
                self.0.borrow_mut().get_or_insert(doctype);
            }
            TokenSinkResult::Continue
        }
    }
    let tokenizer = Tokenizer::new(Seen(RefCell::default()), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(text);
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}
