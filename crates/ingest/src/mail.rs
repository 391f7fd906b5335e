//! Mail: a newsletter or a press release becomes an item, its furniture left out.

use depeche_formats::{Channel, Content, Entry, Person, mail};
use depeche_news::{Block, Delivery, Problem, Status, jiff::tz::TimeZone};

use crate::{
    article::{self, escaped},
    desk::Clocks,
    read::{Reading, refused},
};

/// Longest paragraph that is furniture for one phrase in it: legal notices at the end of newsletters are long,
/// paragraphs of a story that name one of these in passing longer.
const FURNITURE_CHARS_MAX: usize = 400;

/// What only a newsletter says of itself, folded; French first, then English and German.
const FURNITURE: &[&str] = &[
    "se desabonner",
    "se desinscrire",
    "vous desabonner",
    "vous desinscrire",
    "desabonnez-vous",
    "desinscription",
    "dans votre navigateur",
    "dans le navigateur",
    "version en ligne",
    "gerer vos preferences",
    "gerer mes preferences",
    "gerer vos abonnements",
    "vous recevez ce",
    "vous avez recu ce",
    "ajoutez-nous a votre carnet",
    "a votre carnet d'adresses",
    "transferer a un ami",
    "tous droits reserves",
    "all rights reserved",
    "unsubscribe",
    "view in browser",
    "view this email",
    "view online",
    "in your browser",
    "manage your preferences",
    "manage preferences",
    "update your preferences",
    "you are receiving this",
    "you received this",
    "you're receiving this",
    "add us to your address book",
    "forward to a friend",
    "forwarded this email",
    "abmelden",
    "abbestellen",
    "im browser",
];

/// Reads one message; a message is whole as it is, and its page is never asked for. `zone` is that of its source.
pub(crate) fn message(delivery: &Delivery, zone: Option<&TimeZone>) -> Reading {
    let mail = mail::read(&delivery.body, zone);
    let mut problems = mail.problems;
    if mail.headline.is_none() && mail.html.is_none() && mail.text.is_none() {
        let mut reading = refused("refused", "a message without subject and text");
        reading.problems.splice(0..0, problems);
        return reading;
    }
    let markup = mail.html.or_else(|| mail.text.as_deref().map(markup_of)).unwrap_or_default();
    let entry = Entry {
        guid: mail.guid,
        title: mail.headline.as_deref().map(escaped),
        link: mail.address,
        language: mail.language,
        published: mail.date,
        authors: mail.authors.into_iter().map(person).collect(),
        content: vec![Content { value: markup, media_type: Some("text/html".to_owned()) }],
        status: Some(Status::Usable),
        ..Entry::default()
    };
    let channel = Channel { title: mail.sender.name.as_deref().map(escaped), ..Channel::default() };
    let headline = depeche_text::fold(&mail.headline.unwrap_or_default());
    let keep =
        |block: &Block| !is_furniture(block) && depeche_text::fold(&block.text()) != headline;
    let draft =
        article::from_whole(&delivery.source, &entry, &channel, Clocks::of(delivery, zone), keep);
    if draft.item.article.body.is_empty() {
        problems.push(Problem::new("no_body", ""));
    }
    Reading { drafts: vec![draft], problems, ..Reading::default() }
}

/// A text as markup, paragraph by paragraph; what is quoted in it stays a quotation.
fn markup_of(text: &str) -> String {
    let mut markup = String::with_capacity(text.len() + 64);
    for part in text.split("\n\n") {
        let is_quote = part.lines().all(|line| line.starts_with('>')) && !part.trim().is_empty();
        let bare: Vec<&str> = match is_quote {
            true => part.lines().map(|line| line.trim_start_matches(['>', ' '])).collect(),
            false => part.lines().collect(),
        };
        let name = if is_quote { "blockquote" } else { "p" };
        markup.push_str(&format!("<{name}>{}</{name}>", escaped(&bare.join("\n"))));
    }
    markup
}

fn person(name: String) -> Person {
    Person { name: Some(escaped(&name)), ..Person::default() }
}

fn is_furniture(block: &Block) -> bool {
    let text = block.text();
    if text.chars().nth(FURNITURE_CHARS_MAX).is_some() {
        return false;
    }
    let folded = depeche_text::fold(&text);
    FURNITURE.iter().any(|phrase| folded.contains(phrase))
}
