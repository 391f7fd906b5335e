//! What came by itself is what its bytes show it to be: the sender's word for it is wrong too often to be
//! asked.

use depeche_formats::{Kind, mail::is_message, sniff};
use depeche_news::{Delivery, DeliveryKind, jiff::tz::TimeZone, no_news};

use crate::read::{self, Reading};

/// The kind of delivery that these bytes make, or why they make none.
pub fn kind_of(bytes: &[u8]) -> Result<DeliveryKind, &'static str> {
    if let Some(why) = no_news(bytes) {
        return Err(why);
    }
    if is_message(bytes) {
        return Ok(DeliveryKind::Mail);
    }
    match sniff(bytes) {
        Kind::Feed => Ok(DeliveryKind::Feed),
        Kind::Page | Kind::Text => Ok(DeliveryKind::Loose),
        Kind::ArticleLines => Ok(DeliveryKind::Lines),
        Kind::Opml => Err("a list of subscriptions: `depeche import` adds its sources"),
        Kind::Unknown => {
            Err("neither a feed, an agency message, a page, mail, text nor article lines")
        }
    }
}

/// Reads what came by itself; `zone` is that of its source.
pub(crate) fn read(delivery: &Delivery, zone: Option<&TimeZone>) -> Reading {
    match kind_of(&delivery.body) {
        Ok(kind) => read::whole_as(delivery, &kind, zone).unwrap_or_default(),
        Err(why) => read::refused("refused", why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<DeliveryKind>) {
        assert_eq!(kind_of(bytes).ok(), expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn bytes_say_what_they_are() {
        check(b"<rss version='2.0'><channel/></rss>", Some(DeliveryKind::Feed));
        check(b"<newsMessage xmlns='x'/>", Some(DeliveryKind::Feed));
        check(b"<!DOCTYPE html><title>x</title>", Some(DeliveryKind::Loose));
        check("Un texte.\n\nDeux lignes.".as_bytes(), Some(DeliveryKind::Loose));
        check(b"{\"id\": \"1\", \"title\": \"x\"}\n", Some(DeliveryKind::Lines));
        check(
            b"From: Agence <a@a.example>\nSubject: Titre\nMessage-ID: <1@a>\n\nUn texte.",
            Some(DeliveryKind::Mail),
        );
        check(b"<opml version='2.0'/>", None);
        check(b"PK\x03\x04\0\0\0\0\0\0\0\0", None);
        check(b"", None);
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n\0\0"), Err("a picture"));
    }
}
