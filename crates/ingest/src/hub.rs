//! The hub that sends what is new in a feed, as the feed or the answer it came in names it (WebSub).

use depeche_formats::Channel;
use depeche_news::{Delivery, is_web, limits::pushed::HUB_BYTES_MAX};

/// The hub and what the feed calls itself: the answer's headers come first, then the document. A feed that
/// does not say what it calls itself is called by its address.
pub(crate) fn named(delivery: &Delivery, feed: &Channel) -> Option<(String, String)> {
    let headers = delivery.headers.iter().filter(|(name, _)| name == "link");
    let told: Vec<Linked> = headers.flat_map(|(_, value)| links(value)).collect();
    let of_header = |rel: &str| {
        let link = told.iter().find(|link| link.rels.iter().any(|r| r == rel))?;
        Some(link.address.clone())
    };
    let of_document = |rel: &str| {
        let named = |link: &&depeche_formats::Link| {
            let rels = link.rel.as_deref().unwrap_or_default();
            rels.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case(rel))
        };
        Some(feed.links.iter().find(named)?.href.clone())
    };
    let believed = |address: &String| is_web(address) && address.len() <= HUB_BYTES_MAX;
    let hub = of_header("hub").or_else(|| of_document("hub")).filter(believed)?;
    let topic = of_header("self").or_else(|| of_document("self")).filter(believed);
    Some((hub, topic.unwrap_or_else(|| delivery.found_at().to_owned())))
}

/// A link of a header.
struct Linked {
    address: String,
    rels: Vec<String>,
}

/// The links of a `Link` header (RFC 8288): `<address>; rel="hub", <address>; rel=self`. What cannot be read
/// is passed over.
fn links(header: &str) -> Vec<Linked> {
    let mut links = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((address, after)) = after.split_once('>') else { break };
        let (parameters, next) = after.split_at(end_of_parameters(after));
        let rels = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then_some(value)
        });
        let rels = rels.unwrap_or_default().trim().trim_matches('"').to_ascii_lowercase();
        let rels = rels.split_ascii_whitespace().map(str::to_owned).collect();
        links.push(Linked { address: address.trim().to_owned(), rels });
        rest = next;
    }
    links
}

/// Where the parameters of a link end: at a comma outside of quotes.
fn end_of_parameters(text: &str) -> usize {
    let mut quoted = false;
    let end = text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use depeche_formats::Link;
    use depeche_news::{DeliveryKind, SourceId, Validators, jiff::Timestamp};

    use super::*;

    fn delivery(headers: &[&str]) -> Delivery {
        Delivery {
            source: SourceId::of_address("https://a.example/fil"),
            kind: DeliveryKind::Feed,
            address: "https://a.example/fil".to_owned(),
            headers: headers.iter().map(|h| ("link".to_owned(), (*h).to_owned())).collect(),
            body: Vec::new(),
            received_at: Timestamp::UNIX_EPOCH,
            backfill: false,
            validators: Validators::default(),
        }
    }

    #[track_caller]
    fn check(headers: &[&str], document: &[(&str, &str)], expected: Option<(&str, &str)>) {
        let link = |(rel, href): &(&str, &str)| Link {
            href: (*href).to_owned(),
            rel: Some((*rel).to_owned()),
            ..Link::default()
        };
        let feed = Channel { links: document.iter().map(link).collect(), ..Channel::default() };
        let expected = expected.map(|(hub, topic)| (hub.to_owned(), topic.to_owned()));
        assert_eq!(named(&delivery(headers), &feed), expected);
    }

    #[test]
    fn headers_come_before_the_document() {
        let (hub, own) = ("https://hub.example/", "https://a.example/self");
        check(&[], &[], None);
        check(&[], &[("hub", hub), ("self", own)], Some((hub, own)));
        check(&[], &[("HUB", hub)], Some((hub, "https://a.example/fil")));
        check(&[], &[("self", own)], None);
        check(
            &["<https://b.example/>; rel=\"hub\""],
            &[("hub", hub), ("self", own)],
            Some(("https://b.example/", own)),
        );
        check(
            &[
                "<https://hub.example/>; title=\"a, b\"; rel=hub, <https://a.example/self>;rel=\"x self\"",
            ],
            &[],
            Some((hub, own)),
        );
        check(
            &["<https://hub.example/>; rel=hub", "<https://a.example/self>; REL=self"],
            &[],
            Some((hub, own)),
        );
        check(&["<javascript:x>; rel=hub"], &[], None);
        check(&["<https://hub.example/; rel=hub", "; rel=hub"], &[], None);
    }

    #[test]
    fn no_header_makes_it_fall() {
        for noise in [
            "<",
            "<>",
            "<>;",
            "<>;rel",
            "<>;rel=\"",
            "<>;rel=\"hub, <",
            ",,<a>;=;rel=hub;\"",
            "é<é>;rel=é",
        ] {
            links(noise);
        }
    }
}
