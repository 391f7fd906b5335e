//! How an article stands in its row: what other columns do not hold already, as lines of text,
//! compressed with a dictionary. Rows of every earlier encoding stay readable.

use std::{cell::RefCell, io};

use depeche_news::{
    Article, Block, Desk, Image, Item, Moment, Signal, SourceId, Span, Status, Text, Urgency,
};
use serde::{Deserialize, Serialize};
use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::{CParameter, Strategy, get_frame_content_size},
};

use crate::{Error, delivery::decompress};

/// The encoding of new rows: zstd with [`DICTIONARY`] of the lines that [`lines`] writes.
/// Encoding 1 is zstd of the item as JSON.
pub(crate) const ENCODING: i64 = 2;

/// Made by `cargo xtask train dictionary` from texts of our own. A row names it by its encoding, so
/// it never changes: a better one is a file and an encoding of its own beside it.
static DICTIONARY: &[u8] = include_bytes!("../dictionary/1.zdict");

/// Longest text read back; no delivery is as large as this, so more is damage.
const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What the row of an item says of it, and the rows of its versions therefore do not.
pub(crate) struct Identity {
    pub(crate) source: SourceId,
    pub(crate) guid: Option<String>,
    pub(crate) address: Option<String>,
}

/// The item as a new row keeps it.
pub(crate) fn encode(item: &Item) -> Result<Vec<u8>, Error> {
    let lines = lines(item)?;
    with(&COMPRESSOR, compressor, |compressor| compressor.compress(lines.as_bytes()))
}

/// The item that a row keeps, in whichever encoding.
pub(crate) fn decode(encoding: i64, stored: &[u8], identity: Identity) -> Result<Item, Error> {
    match encoding {
        1 => Ok(serde_json::from_slice(&decompress(stored)?)?),
        ENCODING => item(&text(stored)?, identity),
        other => Err(Error::Unreadable(format!("article encoding {other}"))),
    }
}

/// How long what a row keeps is when it is read, if it says so.
pub(crate) fn length(stored: &[u8]) -> Option<u64> {
    get_frame_content_size(stored).ok().flatten()
}

fn text(stored: &[u8]) -> Result<String, Error> {
    let Some(size) = length(stored) else {
        return Err(Error::Unreadable("an article without its length".to_owned()));
    };
    let size = size.min(TEXT_BYTES_MAX);
    let bytes =
        with(&DECOMPRESSOR, decompressor, |context| context.decompress(stored, size as usize))?;
    String::from_utf8(bytes).map_err(|error| Error::Unreadable(error.to_string()))
}

// A context with its dictionary takes longer to make than an article to compress: each thread that
// reads or writes articles keeps one.
thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Runs `work` on this thread's context, made by `make` the first time.
fn with<C: 'static, T>(
    context: &'static std::thread::LocalKey<RefCell<Option<C>>>,
    make: impl FnOnce() -> io::Result<C>,
    work: impl FnOnce(&mut C) -> io::Result<T>,
) -> Result<T, Error> {
    context
        .with_borrow_mut(|slot| match slot {
            Some(context) => work(context),
            None => work(slot.insert(make()?)),
        })
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// Between zstd's levels: greedy matching from five bytes on, sixteen tries. That is as small as
/// level 6 in two thirds of its time (docs/design/010-space.md).
const LEVEL: i32 = 6;

fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    for parameter in [
        CParameter::WindowLog(18),
        CParameter::HashLog(17),
        CParameter::ChainLog(17),
        CParameter::SearchLog(4),
        CParameter::MinMatch(5),
        CParameter::Strategy(Strategy::ZSTD_greedy),
        // The encoding of the row says which dictionary it is.
        CParameter::DictIdFlag(false),
    ] {
        compressor.set_parameter(parameter)?;
    }
    compressor.set_dictionary(LEVEL, DICTIONARY)?;
    Ok(compressor)
}

fn decompressor() -> io::Result<Decompressor<'static>> {
    Decompressor::with_dictionary(DICTIONARY)
}

/// An item as lines: the headline, the blocks, and what else there is. A paragraph is its text;
/// any other line is told by its first character. The same is written by `xtask/src/train.rs`.
fn lines(item: &Item) -> Result<String, Error> {
    let article = &item.article;
    let mut lines = String::with_capacity(ARTICLE_BYTES);
    push(&mut lines, None, &article.headline);
    if let Some(standfirst) = &article.standfirst {
        push(&mut lines, Some(STANDFIRST), standfirst);
    }
    for block in &article.body {
        match block {
            Block::Paragraph(text) => push_text(&mut lines, None, text)?,
            Block::Subhead(text) => push_text(&mut lines, Some(SUBHEAD), text)?,
            Block::Quote(text) => push_text(&mut lines, Some(QUOTE), text)?,
            block => push(&mut lines, Some(BLOCK), &serde_json::to_string(block)?),
        }
    }
    let rest = serde_json::to_string(&Rest::of(item))?;
    if rest != "{}" {
        push(&mut lines, Some(REST), &rest);
    }
    Ok(lines)
}

/// Room for an article of ordinary length.
const ARTICLE_BYTES: usize = 4096;

const STANDFIRST: char = '\u{1}';
const SUBHEAD: char = '\u{2}';
const QUOTE: char = '\u{3}';
/// A block that is rarely met, or the marks of the text in the line before, as JSON.
const BLOCK: char = '\u{4}';
/// What is neither headline, standfirst nor body, as JSON.
const REST: char = '\u{5}';
/// Stands before a character that would mean something here.
const ESCAPE: char = '\u{6}';

/// The marks of the text in the line before.
#[derive(Serialize, Deserialize)]
struct Marks {
    spans: Vec<Span>,
}

/// How the marks of a text begin as JSON; no block begins so.
const MARKS: &str = "{\"spans\":";

/// A text in the line of its kind, and its marks, if it has any, in the next.
fn push_text(lines: &mut String, kind: Option<char>, text: &Text) -> Result<(), Error> {
    push(lines, kind, text);
    if !text.spans().is_empty() {
        let marks = serde_json::to_string(&Marks { spans: text.spans().to_vec() })?;
        push(lines, Some(BLOCK), &marks);
    }
    Ok(())
}

/// Gives a block the marks of its text.
fn mark(block: Option<&mut Block>, json: &str) -> Result<(), Error> {
    let Marks { spans } = serde_json::from_str(json)?;
    if let Some(Block::Paragraph(text) | Block::Subhead(text) | Block::Quote(text)) = block {
        *text = Text::new(std::mem::take(text), spans);
    }
    Ok(())
}

fn push(lines: &mut String, kind: Option<char>, text: &str) {
    lines.extend(kind);
    // All bytes at once: stopping at the first would cost more than it saves.
    if !text.bytes().fold(false, |found, byte| found | (byte <= b'\n')) {
        lines.push_str(text);
    } else {
        for c in text.chars() {
            match c {
                '\n' => lines.extend([ESCAPE, 'n']),
                STANDFIRST..=ESCAPE => lines.extend([ESCAPE, char::from(c as u8 + b'@')]),
                _ => lines.push(c),
            }
        }
    }
    lines.push('\n');
}

fn unescaped(line: &str) -> String {
    if !line.as_bytes().contains(&(ESCAPE as u8)) {
        return line.to_owned();
    }
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (c, if c == ESCAPE { characters.next() } else { None }) {
            (ESCAPE, Some('n')) => text.push('\n'),
            (ESCAPE, Some(marked @ 'A'..='F')) => text.push(char::from(marked as u8 - b'@')),
            _ => text.push(c),
        }
    }
    text
}

fn item(text: &str, identity: Identity) -> Result<Item, Error> {
    let mut article = Article::default();
    let mut rest = Rest::default();
    let mut lines = text.split_terminator('\n');
    article.headline = lines.next().map(unescaped).unwrap_or_default();
    for line in lines {
        let mut marked = line.chars();
        match (marked.next(), marked.as_str()) {
            (Some(STANDFIRST), text) => article.standfirst = Some(unescaped(text)),
            (Some(SUBHEAD), text) => article.body.push(Block::Subhead(unescaped(text).into())),
            (Some(QUOTE), text) => article.body.push(Block::Quote(unescaped(text).into())),
            (Some(BLOCK), json) if json.starts_with(MARKS) => {
                mark(article.body.last_mut(), &unescaped(json))?
            }
            (Some(BLOCK), json) => article.body.push(serde_json::from_str(&unescaped(json))?),
            (Some(REST), json) => rest = serde_json::from_str(&unescaped(json))?,
            _ => article.body.push(Block::Paragraph(unescaped(line).into())),
        }
    }
    Ok(rest.onto(article, identity))
}

/// What is neither headline, standfirst nor body. Only what is there is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Rest {
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<Moment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dateline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slugline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paywalled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<Canonical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<Signal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embargoed_until: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    urgency: Option<Urgency>,
    #[serde(skip_serializing_if = "Desk::is_empty")]
    desk: Desk,
}

/// The address an article calls canonical: mostly the one its feed gives for it, which stands in
/// the row of the item.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Canonical {
    TheItems(bool),
    Own(String),
}

impl Rest {
    fn of(item: &Item) -> Self {
        let article = &item.article;
        let canonical = article.address.as_ref().map(|address| match &item.address {
            Some(known) if known == address => Canonical::TheItems(true),
            _ => Canonical::Own(address.clone()),
        });
        Self {
            language: article.language.clone(),
            published: article.published,
            modified: article.modified,
            authors: article.authors.clone(),
            section: article.section.clone(),
            keywords: article.keywords.clone(),
            credit: article.credit.clone(),
            dateline: article.dateline.clone(),
            slugline: article.slugline.clone(),
            outlet: article.outlet.clone(),
            image: article.image.clone(),
            paywalled: article.paywalled.then_some(true),
            live: article.live.then_some(true),
            canonical,
            version: item.version.clone(),
            status: Some(item.status).filter(|status| *status != Status::Usable),
            signal: item.signal,
            embargoed_until: item.embargoed_until,
            urgency: item.urgency,
            desk: item.desk.clone(),
        }
    }
}

impl Rest {
    fn onto(self, text: Article, identity: Identity) -> Item {
        let address = match self.canonical {
            Some(Canonical::Own(address)) => Some(address),
            Some(Canonical::TheItems(_)) => identity.address.clone(),
            None => None,
        };
        let article = Article {
            credit: self.credit,
            slugline: self.slugline,
            authors: self.authors,
            dateline: self.dateline,
            language: self.language,
            published: self.published,
            modified: self.modified,
            keywords: self.keywords,
            section: self.section,
            image: self.image,
            address,
            outlet: self.outlet,
            paywalled: self.paywalled.unwrap_or_default(),
            live: self.live.unwrap_or_default(),
            ..text
        };
        Item {
            source: identity.source,
            guid: identity.guid,
            address: identity.address,
            version: self.version,
            status: self.status.unwrap_or_default(),
            signal: self.signal,
            embargoed_until: self.embargoed_until,
            urgency: self.urgency,
            article,
            desk: self.desk,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use depeche_news::{Bullet, Dated, Embed, ListEntry, LiveEntry, Table, Topic};

    use super::*;

    fn full() -> Item {
        let image = Image {
            address: "https://a.example/pont.jpg".to_owned(),
            caption: Some("Le pont\nVieux".to_owned()),
            credit: None,
        };
        let article = Article {
            headline: "La Meuse en crue".to_owned(),
            credit: Some("HP".to_owned()),
            slugline: Some("FRANCE-CRUE".to_owned()),
            standfirst: Some("Le fleuve monte.\nEncore.".to_owned()),
            authors: vec!["Marie Delcourt".to_owned()],
            dateline: Some("VERDUN (HP) -".to_owned()),
            body: vec![
                Block::Paragraph("Quelque 340 personnes ont été évacuées.".into()),
                Block::Paragraph("".into()),
                Block::Subhead("Le pic".into()),
                Block::Quote("Nous\u{1}n'attendons pas\u{6}\n\u{5}".into()),
                Block::List(vec!["Verdun".into(), "".into()]),
                Block::Image(image.clone()),
                Block::Table(Table { rows: vec![vec!["a\tb".to_owned()], Vec::new()] }),
                Block::Paragraph("\u{4}{\"paragraph\":\"non\"}".into()),
            ],
            language: Some("fr".to_owned()),
            published: Moment::parse("2016-02-11T16:41:00+01:00"),
            modified: Moment::parse("2016-02-12"),
            keywords: vec!["crue".to_owned(), "Meuse".to_owned()],
            section: Some("Intempéries".to_owned()),
            image: Some(image),
            address: Some("https://a.example/crue".to_owned()),
            outlet: Some("Courrier".to_owned()),
            paywalled: false,
            live: false,
        };
        Item {
            source: SourceId::of_address("https://a.example/fil.rss"),
            guid: Some("1".to_owned()),
            address: Some("https://a.example/crue".to_owned()),
            version: Some("2".to_owned()),
            status: Status::Withheld,
            signal: Some(Signal::Correction),
            embargoed_until: Moment::parse("2016-02-11T18:00:00Z"),
            urgency: Urgency::new(3),
            article,
            desk: Desk::default(),
        }
    }

    fn identity(item: &Item) -> Identity {
        let (guid, address) = (item.guid.clone(), item.address.clone());
        Identity { source: item.source.clone(), guid, address }
    }

    #[track_caller]
    fn check(edit: impl FnOnce(&mut Item)) {
        let mut item = full();
        edit(&mut item);
        let stored = encode(&item).unwrap();
        assert_eq!(decode(ENCODING, &stored, identity(&item)).unwrap(), item);
    }

    #[test]
    fn what_is_kept_is_what_was_given() {
        check(|_| {});
        check(|item| item.article = Article::default());
        check(|item| item.article.standfirst = Some(String::new()));
        check(|item| item.article.headline = "\u{5}{}".to_owned());
        check(|item| item.article.headline = "Deux\nlignes\u{6}n".to_owned());
        check(|item| item.article.body = vec![Block::Paragraph("\n".into())]);
        check(|item| item.article.address = Some("https://b.example/".to_owned()));
        check(|item| item.article.address = None);
        check(|item| item.address = None);
        check(|item| {
            let at = Moment::parse("2016-02-11T16:54:00+01:00");
            item.article.body.push(Block::Entry(LiveEntry { at, ..LiveEntry::default() }));
            let address = "https://video.example/1".to_owned();
            item.article.body.push(Block::Embed(Embed { address, caption: None }));
        });
        check(|item| {
            let spans = [(0, 2, "strong"), (3, 6, "https://a.example/\n?\u{1}")];
            let spans = spans.map(|(start, end, what)| Span::from((start, end, what.to_owned())));
            let text = Text::new("Un mot\u{6}.", spans.to_vec());
            let entry = ListEntry { text: text.clone(), depth: 1, mark: Bullet::Number(3) };
            item.article.body = vec![
                Block::Paragraph(text.clone()),
                Block::Quote(text.clone()),
                Block::Subhead(text),
                Block::List(vec!["un".into(), entry]),
                Block::Preformatted("  un\n\n\tdeux".to_owned()),
                Block::Paragraph("{\"spans\":[]}".into()),
            ];
        });
        check(|item| (item.article.paywalled, item.article.live) = (true, true));
        check(|item| {
            item.desk.notes.push("Reprend l'urgent\n\u{5}{}".to_owned());
            item.desk.located.push(Topic { name: Some("Verdun".to_owned()), ..Topic::default() });
            let at = Moment::parse("2016-02-11T16:41:00+01:00").unwrap();
            item.desk.dates.push(Dated { what: "sent".to_owned(), at });
        });
    }

    /// What was written before texts had marks and lists numbers is read as it was meant.
    #[test]
    fn blocks_are_as_short_as_what_they_say() {
        let numbered = ListEntry { mark: Bullet::Number(3), ..ListEntry::from("un") };
        let term = ListEntry { depth: 1, mark: Bullet::Term, ..ListEntry::from("un") };
        let link = Span::from((3, 6, "https://a.example/".to_owned()));
        let linked = Text::new("Un mot.", vec![link]);
        for (block, json) in [
            (Block::Paragraph("Un.".into()), r#"{"paragraph":"Un."}"#),
            (Block::List(vec!["un".into(), "deux".into()]), r#"{"list":["un","deux"]}"#),
            (Block::List(vec![numbered]), r#"{"list":[{"text":"un","mark":{"number":3}}]}"#),
            (Block::List(vec![term]), r#"{"list":[{"text":"un","depth":1,"mark":"term"}]}"#),
            (
                Block::Quote(linked.clone()),
                r#"{"quote":{"text":"Un mot.","spans":[[3,6,"https://a.example/"]]}}"#,
            ),
            (
                Block::List(vec![ListEntry::from(linked)]),
                r#"{"list":[{"text":"Un mot.","spans":[[3,6,"https://a.example/"]]}]}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&block).unwrap(), json);
            assert_eq!(serde_json::from_str::<Block>(json).unwrap(), block);
        }
        let bad = r#"{"paragraph":{"text":"Un mot.","spans":[[3,600,"strong"],[0,2,"data:x"]]}}"#;
        assert_eq!(serde_json::from_str::<Block>(bad).unwrap(), Block::Paragraph("Un mot.".into()));
    }

    #[test]
    fn rows_of_every_encoding_are_read() {
        for (encoding, stored) in [
            (1, include_bytes!("../tests/rows/1.zst").as_slice()),
            (2, include_bytes!("../tests/rows/2.zst").as_slice()),
        ] {
            assert_eq!(decode(encoding, stored, identity(&full())).unwrap(), full(), "{encoding}");
        }
    }

    #[test]
    fn what_is_damaged_or_later_is_told_and_never_a_panic() {
        let stored = encode(&full()).unwrap();
        for length in 0..stored.len() {
            assert!(decode(ENCODING, &stored[..length], identity(&full())).is_err());
        }
        for place in 0..stored.len() {
            let mut stored = stored.clone();
            stored[place] ^= 0x5a;
            let _ = decode(ENCODING, &stored, identity(&full()));
        }
        let later = decode(ENCODING + 1, &stored, identity(&full()));
        assert!(matches!(later, Err(Error::Unreadable(told)) if told == "article encoding 3"));
    }
}
