//! Mail: a newsletter or a press release as it was sent, and the files that mailboxes keep them in.
//!
//! MIME itself (parts, encodings, charsets, encoded words) is read by `mail-parser`; what a message means to a
//! wire is ours: whose it is, what it is called, which of its parts is the text.

mod flowed;
mod head;
mod layout;
mod mbox;
mod parts;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use depeche_news::limits::archives::{MAIL_AUTHORS_MAX, MAIL_HEAD_BYTES_MAX};
use depeche_news::{Moment, Problem, is_web, jiff::tz::TimeZone};
use depeche_text::{decode, fold, squash};
use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{
    Address, Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use serde::Serialize;

use head::Head;
pub use mbox::{Mbox, Piece, is_mbox};

use crate::dates::date_in;
use crate::document::lost;

/// A message as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Its `Message-ID`, without angle brackets.
    pub guid: Option<String>,
    /// Its subject, without the tag that a list puts before it.
    pub headline: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// When it was sent.
    pub date: Option<Moment>,
    /// Whose it is.
    pub sender: Sender,
    /// Where it can be read on the web.
    pub address: Option<String>,
    /// BCP 47, as written.
    pub language: Option<String>,
    /// Its text as markup, without what only lays it out.
    pub html: Option<String>,
    /// Its text as such, its lines put together.
    pub text: Option<String>,
    /// What could not be understood, and which parts were passed over.
    pub problems: Vec<Problem>,
}

/// Whose a message is: the list it came by, or who sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sender {
    /// The list's id or the sender's address, in lower case.
    pub id: Option<String>,
    /// What the list or the sender is called.
    pub name: Option<String>,
    /// The `Message-ID` of the message, without angle brackets.
    pub message: Option<String>,
}

/// Whether `start`, the first bytes of a file, begin a message: header fields and nothing else up to a blank
/// line, among them who sent it.
pub fn is_message(start: &[u8]) -> bool {
    // Of a head that is longer, the line is no field in which it is cut.
    let whole_lines = |cut: &[u8]| cut.iter().rposition(|byte| *byte == b'\n').unwrap_or(cut.len());
    let start = match start.get(..MAIL_HEAD_BYTES_MAX) {
        Some(cut) => cut.get(..whole_lines(cut)).unwrap_or(cut),
        None => start,
    };
    let text = String::from_utf8_lossy(start);
    let (mut sender, mut others) = (false, 0);
    for line in text.lines().take_while(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return false;
        }
        match name.to_ascii_lowercase().as_str() {
            "from" => sender = true,
            "date" | "subject" | "message-id" | "received" | "mime-version" | "return-path" => {
                others += 1
            }
            _ => {}
        }
    }
    sender && others > 0
}

/// Says whose a message is, from its head alone.
pub fn sender(bytes: &[u8]) -> Sender {
    let head = Head::of_message(bytes);
    guarded(|| head.parsed().map(|message| sender_of(&message))).unwrap_or_default()
}

/// Reads a message; `zone` is that of its source, for dates that name none.
pub fn read(bytes: &[u8], zone: Option<&TimeZone>) -> Mail {
    let head = Head::of_message(bytes);
    let refused =
        || Mail { problems: vec![Problem::new("refused", "not a message")], ..Mail::default() };
    let read = || {
        let mail = head.parsed().map(|message| understood(&message, zone))?;
        let (html, text, mut problems) = texts(bytes, head);
        problems.extend(mail.problems);
        Some(Mail { html, text, problems, ..mail })
    };
    guarded(read).unwrap_or_else(refused)
}

/// Its author says that it never panics; should it, that costs one message.
fn guarded<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// What its head says of a message.
fn understood(message: &Message<'_>, zone: Option<&TimeZone>) -> Mail {
    let sender = sender_of(message);
    let header =
        |name: &'static str| message.header_raw(name).map(squash).filter(|value| !value.is_empty());
    let archived = header("Archived-At").map(|address| address.trim_matches(['<', '>']).to_owned());
    let mut problems = Vec::new();
    let mut authors = message.from().map(names).unwrap_or_default();
    if authors.len() > MAIL_AUTHORS_MAX {
        authors.truncate(MAIL_AUTHORS_MAX);
        lost(&mut problems, "more authors than are kept of one message");
    }
    Mail {
        guid: sender.message.clone(),
        headline: message
            .subject()
            .map(squash)
            .map(|subject| untagged(&subject, &sender))
            .filter(|line| !line.is_empty()),
        authors,
        date: header("Date")
            .and_then(|text| date_in(&text, zone))
            .or_else(|| received(message, zone)),
        sender,
        address: archived.filter(|address| is_web(address)),
        language: header("Content-Language")
            .and_then(|tags| Some(tags.split(',').next()?.trim().to_owned())),
        problems,
        ..Mail::default()
    }
}

fn sender_of(message: &Message<'_>) -> Sender {
    let id_of_message = message.message_id().map(squash).filter(|id| !id.is_empty());
    if let Some(list) = message.header_raw(HeaderName::ListId) {
        let named = message.list_id().as_address().and_then(|list| list.first());
        let id = list_id(list);
        let name = named.and_then(|list| list.name()).map(squash).filter(|name| !name.is_empty());
        if id.is_some() {
            return Sender { name: name.or_else(|| id.clone()), id, message: id_of_message };
        }
    }
    let from = message.from().or_else(|| message.sender()).and_then(|from| from.first());
    let address = from.and_then(|from| from.address()).map(|address| address.trim().to_lowercase());
    let name = from.and_then(|from| from.name()).map(squash).filter(|name| !name.is_empty());
    Sender {
        name: name.or_else(|| address.clone()),
        id: address.filter(|address| !address.is_empty()),
        message: id_of_message,
    }
}

/// The id in `Le Fil du soir <soir.fil.example>`.
fn list_id(list: &str) -> Option<String> {
    let id = list.rsplit_once('<').map_or(list, |(_, id)| id);
    Some(squash(id.split('>').next().unwrap_or_default()).to_lowercase())
        .filter(|id| !id.is_empty())
}

/// The subject without the list's tag, which stands first or after «Re:».
fn untagged(subject: &str, sender: &Sender) -> String {
    let Some((before, rest)) = subject.split_once('[') else { return subject.to_owned() };
    let Some((tag, after)) = rest.split_once(']') else { return subject.to_owned() };
    let letters =
        |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let names = [sender.id.as_deref(), sender.name.as_deref()];
    let tag = letters(tag);
    let is_tag = !tag.is_empty() && names.iter().flatten().any(|name| letters(name).contains(&tag));
    match is_tag && before.len() <= "Re: Fwd: ".len() && !after.trim().is_empty() {
        true => squash(&format!("{before}{after}")),
        false => subject.to_owned(),
    }
}

fn names(from: &Address<'_>) -> Vec<String> {
    let names = from.iter().filter_map(|person| person.name()).map(squash);
    names.filter(|name| !name.is_empty()).collect()
}

/// When the last server took it, for a message that does not say when it was sent.
fn received(message: &Message<'_>, zone: Option<&TimeZone>) -> Option<Moment> {
    let (_, when) = message.header_raw(HeaderName::Received)?.rsplit_once(';')?;
    date_in(&squash(when), zone)
}

/// The text as markup and as such, and what is said of the other parts.
fn texts(bytes: &[u8], head: Head<'_>) -> (Option<String>, Option<String>, Vec<Problem>) {
    let (mut html, mut text) = (String::new(), String::new());
    let mut problems = Vec::new();
    for leaf in parts::leaves(bytes, head, &mut problems) {
        if leaf.is_message {
            problems.push(attached(leaf.head.body.unwrap_or(leaf.bytes)));
            continue;
        }
        let whole = leaf.head.with_body();
        let has_head = leaf.head.body.is_some() && !leaf.is_empty;
        let parse = |bytes| MessageParser::default().parse(bytes);
        let Some(message) = Some(&*whole).filter(|_| has_head).and_then(parse) else {
            // A part without a head, or one that says it has parts and has none, is text.
            text.push_str(&decode(leaf.head.body.unwrap_or(leaf.bytes), &[]).text);
            continue;
        };
        let Some(part) = message.part(0) else { continue };
        match &part.body {
            _ if is_attached(part) => problems.extend(passed_over(part)),
            PartType::Html(_) => {
                html.push_str(&layout::text_of(&part_text(&message, part, &mut problems)));
            }
            PartType::Text(_) if is_plain(part) => {
                let attribute = |name| part.content_type().and_then(|kind| kind.attribute(name));
                let is = |name, value: &str| {
                    attribute(name).is_some_and(|a| a.eq_ignore_ascii_case(value))
                };
                let body = part_text(&message, part, &mut problems);
                text.push_str(&flowed::lines(&body, is("format", "flowed"), is("delsp", "yes")));
                text.push_str("\n\n");
            }
            _ => problems.extend(passed_over(part)),
        }
    }
    let filled = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    (filled(html), filled(text.trim_end().to_owned()), problems)
}

/// Whether a part is a file that came along, and not of the text.
fn is_attached(part: &MessagePart<'_>) -> bool {
    let is_attachment = part.content_disposition().is_some_and(|kind| kind.is_attachment());
    is_attachment || part.content_type().is_some_and(|kind| kind.has_attribute("name"))
}

fn is_plain(part: &MessagePart<'_>) -> bool {
    part.content_type()
        .is_none_or(|kind| kind.subtype().is_none_or(|name| name.eq_ignore_ascii_case("plain")))
}

/// What is said of a message in a message.
fn attached(bytes: &[u8]) -> Problem {
    let head = Head::of_message(bytes);
    let message = head.parsed();
    let subject = message.as_ref().and_then(|message| message.subject()).map(squash);
    Problem::new("passed_over", format!("an attached message: {}", subject.unwrap_or_default()))
}

/// The text of a part. Where it does not name its charset and is not UTF-8, it is asked what it looks like.
fn part_text<'m>(
    message: &'m Message<'_>,
    part: &'m MessagePart<'_>,
    problems: &mut Vec<Problem>,
) -> Cow<'m, str> {
    let text = part.text_contents().unwrap_or_default();
    if part.is_encoding_problem {
        problems.push(Problem::new("incomplete", "a part that is not encoded as it says"));
    }
    let labelled = part.content_type().is_some_and(|kind| kind.has_attribute("charset"));
    if labelled || !text.contains(char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(text);
    }
    let raw = message
        .raw_message
        .get(part.offset_body as usize..part.offset_end as usize)
        .unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    bytes.map_or(Cow::Borrowed(text), |bytes| Cow::Owned(decode(&bytes, &[]).text))
}

/// What is said of a part that is no text of the message: pictures of its layout are not worth a word.
fn passed_over(part: &MessagePart<'_>) -> Option<Problem> {
    let media = part
        .content_type()
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("*")));
    let media = media.unwrap_or_else(|| "text/plain".to_owned()).to_lowercase();
    let named = part.attachment_name().map(squash);
    match part.content_id() {
        _ if media.starts_with("image/") && named.is_none() => None,
        Some(_) => None,
        None => Some(Problem::new(
            "passed_over",
            format!("an attached file: {} ({media})", named.unwrap_or_default()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use depeche_news::limits::archives::MAIL_PARTS_MAX;

    use super::*;

    fn mail(head: &str, body: &str) -> Mail {
        read(
            format!("From: =?utf-8?q?Le_Fil_=C3=A9co?= <eco@fil.example>\r\n{head}\r\n\r\n{body}")
                .as_bytes(),
            None,
        )
    }

    #[track_caller]
    fn check_head(head: &str, headline: &str, sender: (&str, &str)) {
        let mail = mail(head, "Texte");
        assert_eq!(mail.headline.as_deref().unwrap_or_default(), headline);
        assert_eq!(
            (
                mail.sender.id.as_deref().unwrap_or_default(),
                mail.sender.name.as_deref().unwrap_or_default()
            ),
            sender
        );
    }

    #[test]
    fn whose_it_is_and_what_it_is_called() {
        let us = ("eco@fil.example", "Le Fil éco");
        check_head(
            "Subject: =?iso-8859-1?Q?La_dette_recule_=E0_peine?=",
            "La dette recule à peine",
            us,
        );
        check_head(
            "Subject: =?utf-8?b?TCdPdGFuIHNl?= =?utf-8?b?IHLDqXVuaXQ=?=",
            "L'Otan se réunit",
            us,
        );
        check_head("Subject: [Exclusif] La dette recule", "[Exclusif] La dette recule", us);
        let list = "List-Id: =?utf-8?q?La_matinale_=C3=A9co?= <matinale.fil.example>\r\n";
        let them = ("matinale.fil.example", "La matinale éco");
        check_head(&format!("{list}Subject: [Matinale] La dette recule"), "La dette recule", them);
        check_head(
            &format!("{list}Subject: Re: [matinale] La dette recule"),
            "Re: La dette recule",
            them,
        );
        check_head(
            &format!("{list}Subject: [Analyse] La dette recule"),
            "[Analyse] La dette recule",
            them,
        );
        check_head(
            "List-Id: <SOIR.fil.example>\r\nSubject: x",
            "x",
            ("soir.fil.example", "soir.fil.example"),
        );
    }

    #[test]
    fn a_head_in_latin_1_without_a_word_of_it() {
        let mail = read(
            b"From: Le Fil <a@fil.example>\r\nSubject: L'\xe9t\xe9 des m\xe9dias\r\n\r\nTexte",
            None,
        );
        assert_eq!(mail.headline.as_deref(), Some("L'été des médias"));
    }

    #[test]
    fn dates_ids_and_where_it_is_read() {
        let mail = mail(
            "Date: jeu, 11 =?utf-8?q?f=C3=A9v?= 2016 16:41 +0100\r\nReceived: by mx.example; Thu, 11 Feb 2016 15:42:00 +0000\r\n\
             Message-ID: <1@fil.example>\r\nArchived-At: <https://fil.example/1>\r\nContent-Language: fr, en",
            "",
        );
        assert_eq!(
            mail.date.map(|date| date.to_string()).as_deref(),
            Some("2016-02-11T15:42:00+00:00")
        );
        assert_eq!(mail.guid.as_deref(), Some("1@fil.example"));
        assert_eq!(
            (mail.address.as_deref(), mail.language.as_deref()),
            (Some("https://fil.example/1"), Some("fr"))
        );
    }

    #[test]
    fn a_date_without_zone_is_of_its_source() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let sent = |head: &str| {
            let message = format!("From: a@fil.example\r\n{head}\r\n\r\nTexte");
            read(message.as_bytes(), Some(&paris)).date.map(|date| date.to_string())
        };
        let expected = Some("2016-02-11T16:41:00+01:00".to_owned());
        assert_eq!(sent("Date: Thu, 11 Feb 2016 16:41:00"), expected);
        assert_eq!(sent("Received: by mx.example; Thu, 11 Feb 2016 16:41:00"), expected);
        assert_ne!(sent("Date: Thu, 11 Feb 2016 16:41:00 +0000"), expected);
    }

    #[test]
    fn the_parts_of_a_newsletter() {
        let body = "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nLa dette recule =C3=A0 peine\r\n\
            --b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+TGEgZGV0dGUgcmVjdWxlIOAgcGVpbmU8L3A+\r\n--b--\r\n\
            --a\r\nContent-Type: application/pdf; name=\"budget.pdf\"\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n\
            --a\r\nContent-Type: image/gif\r\nContent-ID: <1>\r\n\r\nGIF\r\n--a--\r\n";
        let mail = mail("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a", body);
        assert_eq!(mail.html.as_deref(), Some("<p>La dette recule à peine</p>"));
        assert_eq!(mail.text.as_deref(), Some("La dette recule à peine"));
        let told: Vec<_> = mail.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["passed_over: an attached file: budget.pdf (application/pdf)"]);
    }

    #[test]
    fn a_text_without_charset() {
        let mail = read(
            b"From: a@fil.example\r\n\r\nL'\xe9t\xe9 des m\xe9dias commence \xe0 Bruxelles",
            None,
        );
        assert_eq!(mail.text.as_deref(), Some("L'été des médias commence à Bruxelles"));
    }

    #[track_caller]
    fn check_incomplete(message: &str, text: &str, what: &str) {
        let mail = read(message.as_bytes(), None);
        let told: Vec<_> = mail.problems.iter().map(ToString::to_string).collect();
        assert_eq!((mail.text.as_deref(), told), (Some(text), vec![format!("incomplete: {what}")]));
    }

    #[test]
    fn heads_and_parts_without_end_are_read_up_to_a_limit_and_it_is_said() {
        let from = "From: a@fil.example\r\n";
        let multipart = "Content-Type: multipart/mixed; boundary=b\r\n";
        let head = "a head that is longer than is read of one";
        check_incomplete(&format!("{from}{}\r\nTexte", "X:\r\n".repeat(600)), "Texte", head);
        check_incomplete(&format!("{from}To: {}\r\n\r\nTexte", "a,".repeat(40_000)), "Texte", head);
        check_incomplete(
            &format!("From: {}\r\n\r\nTexte", "A <a@b>,".repeat(MAIL_AUTHORS_MAX + 1)),
            "Texte",
            "more authors than are kept of one message",
        );
        let part = format!("--b\r\n{}\r\nTexte\r\n--b--", "X:\r\n".repeat(80));
        check_incomplete(&format!("{from}{multipart}\r\n{part}"), "Texte", head);
        let empty = "--b\r\n\r\n\r\n".repeat(MAIL_PARTS_MAX - 1);
        let parts = format!("{empty}--b\r\n\r\nTexte\r\n--b\r\n\r\nPlus\r\n--b--");
        check_incomplete(
            &format!("{from}{multipart}\r\n{parts}"),
            &format!("{}Texte", "\n\n".repeat(MAIL_PARTS_MAX - 1)),
            "more parts than are read of one message",
        );
    }

    #[test]
    fn what_is_a_message() {
        assert!(is_message(b"Received: by x\r\n\tfor y\r\nFrom: a@fil.example\r\n\r\nTexte"));
        let long =
            format!("From: a@fil.example\nDate: x\n{}", "Xyz:\n".repeat(MAIL_HEAD_BYTES_MAX));
        for cut in 0..5 {
            assert!(is_message(&long.as_bytes()[..MAIL_HEAD_BYTES_MAX + cut]));
            assert!(is_message(long.replacen("x", &"x".repeat(1 + cut), 1).as_bytes()));
        }
        assert!(!is_message(b"Title: x\r\nFrom: a@fil.example\r\n\r\nTexte"));
        assert!(!is_message("Otan : le sommet\nFrom: x\nDate: y".as_bytes()));
        assert!(!is_message(b"<html>From: a\nDate: b"));
        assert_eq!(read(b"", None).problems.len(), 1);
    }
}
