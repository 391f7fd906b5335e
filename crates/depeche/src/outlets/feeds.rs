//! Feeds as real outlets write them: whole texts or cut teasers, five formats.

use std::fmt::Write as _;

use depeche_news::jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use serde_json::json;

use super::{
    day::{Edition, Format, Outlet},
    escaped,
};

/// Characters of the teaser that an outlet without full texts puts in its feed.
const TEASER_CHARS: usize = 150;

/// The feed of an outlet.
pub(crate) fn feed(outlet: &Outlet, editions: &[Edition], base: &str) -> String {
    match outlet.format {
        Format::Rss => rss(outlet, editions, base),
        Format::Rdf => rdf(outlet, editions, base),
        Format::Atom => atom(outlet, editions, base),
        Format::Jsonfeed => json_feed(outlet, editions, base),
        Format::Newsml => newsml(outlet, editions),
    }
}

fn link(outlet: &Outlet, edition: &Edition, base: &str) -> String {
    format!("{base}/{}/{}", outlet.key, edition.page())
}

/// The teaser as outlets cut it: in the middle of things, with three dots.
fn teaser(edition: &Edition) -> String {
    let lead = edition.lead();
    match lead.char_indices().nth(TEASER_CHARS) {
        Some((end, _)) => format!("{}...", lead[..end].trim_end()),
        None => format!("{lead}.."),
    }
}

fn html(edition: &Edition) -> String {
    let mut html = String::new();
    // Writing to a String cannot fail.
    if let Some(standfirst) = &edition.standfirst {
        let _ = write!(html, "<p><strong>{}</strong></p>", escaped(standfirst));
    }
    for (number, paragraph) in edition.body.iter().enumerate() {
        if let Some(subhead) = edition.subheads.get(&number) {
            let _ = write!(html, "<h3>{}</h3>", escaped(subhead));
        }
        let _ = write!(html, "<p>{}</p>", escaped(paragraph));
    }
    html
}

fn rss(outlet: &Outlet, editions: &[Edition], base: &str) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <channel><title>{}</title><link>{base}/{}/</link><description>{}</description><language>{}</language>\n",
        escaped(&outlet.name),
        outlet.key,
        escaped(&outlet.name),
        outlet.language,
    );
    for edition in editions {
        let _ = write!(
            xml,
            "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid><pubDate>{}</pubDate>",
            escaped(&edition.printed_headline()),
            link(outlet, edition, base),
            edition.guid,
            rfc_822(edition.first_at),
        );
        for author in &edition.authors {
            let _ = write!(xml, "<dc:creator>{}</dc:creator>", escaped(author));
        }
        for word in edition.section.iter().chain(&edition.keywords) {
            let _ = write!(xml, "<category>{}</category>", escaped(word));
        }
        let _ = match outlet.full_text {
            true => writeln!(
                xml,
                "<description>{}</description><content:encoded><![CDATA[{}]]></content:encoded></item>",
                escaped(edition.lead()),
                html(edition),
            ),
            false => {
                writeln!(xml, "<description>{}</description></item>", escaped(&teaser(edition)))
            }
        };
    }
    xml.push_str("</channel></rss>\n");
    xml
}

fn rdf(outlet: &Outlet, editions: &[Edition], base: &str) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <channel rdf:about=\"{base}/{key}/\"><title>{name}</title><link>{base}/{key}/</link><description>{name}</description>\
         <dc:language>{language}</dc:language></channel>\n",
        key = outlet.key,
        name = escaped(&outlet.name),
        language = outlet.language,
    );
    for edition in editions {
        let address = link(outlet, edition, base);
        let text = if outlet.full_text { html(edition) } else { teaser(edition) };
        let _ = writeln!(
            xml,
            "<item rdf:about=\"{address}\"><title>{}</title><link>{address}</link><description>{}</description>\
             <dc:date>{}</dc:date></item>",
            escaped(&edition.printed_headline()),
            escaped(&text),
            edition.first_at,
        );
    }
    xml.push_str("</rdf:RDF>\n");
    xml
}

fn atom(outlet: &Outlet, editions: &[Edition], base: &str) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         <title>{}</title><id>tag:{}.example,2026:fil</id><link href=\"{base}/{}/\"/>\n",
        outlet.language,
        escaped(&outlet.name),
        outlet.key,
        outlet.key,
    );
    for edition in editions {
        let _ = write!(
            xml,
            "<entry><title>{}</title><id>tag:{}.example,2026:{}</id><link rel=\"alternate\" href=\"{}\"/>\
             <published>{}</published><updated>{}</updated>",
            escaped(&edition.printed_headline()),
            outlet.key,
            edition.guid,
            link(outlet, edition, base),
            edition.first_at,
            edition.at,
        );
        for author in &edition.authors {
            let _ = write!(xml, "<author><name>{}</name></author>", escaped(author));
        }
        for word in edition.section.iter().chain(&edition.keywords) {
            let _ = write!(xml, "<category term=\"{}\"/>", escaped(word));
        }
        let _ = match outlet.full_text {
            true => writeln!(
                xml,
                "<summary>{}</summary><content type=\"html\">{}</content></entry>",
                escaped(edition.lead()),
                escaped(&html(edition)),
            ),
            false => writeln!(xml, "<summary>{}</summary></entry>", escaped(&teaser(edition))),
        };
    }
    xml.push_str("</feed>\n");
    xml
}

fn json_feed(outlet: &Outlet, editions: &[Edition], base: &str) -> String {
    let items: Vec<_> = editions
        .iter()
        .map(|edition| {
            let mut item = json!({
                "id": edition.guid,
                "url": link(outlet, edition, base),
                "title": edition.printed_headline(),
                "date_published": edition.first_at.to_string(),
                "authors": edition.authors.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
                "tags": edition.section.iter().chain(&edition.keywords).collect::<Vec<_>>(),
            });
            match outlet.full_text {
                true => item["content_html"] = html(edition).into(),
                false => item["summary"] = teaser(edition).into(),
            }
            item
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": format!("{base}/{}/", outlet.key),
        "language": outlet.language,
        "items": items,
    });
    feed.to_string()
}

/// An agency's messages as NewsML-G2, one newsItem a dispatch, in its latest version.
fn newsml(outlet: &Outlet, editions: &[Edition]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<newsMessage xmlns=\"http://iptc.org/std/nar/2006-10-01/\"><itemSet>\n",
    );
    for edition in editions {
        news_item(&mut xml, outlet, edition);
    }
    xml.push_str("</itemSet></newsMessage>\n");
    xml
}

fn news_item(xml: &mut String, outlet: &Outlet, edition: &Edition) {
    let killed = edition.signal.as_deref() == Some("kill");
    let _ = write!(
        xml,
        "<newsItem guid=\"urn:newsml:{}.example:{}\" version=\"{}\" standard=\"NewsML-G2\" standardversion=\"2.35\" \
         xml:lang=\"{}\"><itemMeta><itemClass qcode=\"ninat:text\"/><provider literal=\"{}\"/>\
         <versionCreated>{}</versionCreated><firstCreated>{}</firstCreated>",
        outlet.key,
        edition.guid,
        edition.version,
        outlet.language,
        escaped(&outlet.name),
        edition.at,
        edition.first_at,
    );
    if let Some(embargo) = edition.embargo {
        let _ = write!(xml, "<embargoed>{embargo}</embargoed>");
    }
    let _ =
        write!(xml, "<pubStatus qcode=\"stat:{}\"/>", if killed { "canceled" } else { "usable" });
    if let Some(signal) = &edition.signal {
        let _ = write!(xml, "<signal qcode=\"sig:{}\"/>", escaped(signal));
    }
    let _ = write!(
        xml,
        "</itemMeta><contentMeta><urgency>{}</urgency><contentCreated>{}</contentCreated><headline>{}</headline>\
         <creditline>{}</creditline><language tag=\"{}\"/>",
        edition.urgency.unwrap_or(4),
        edition.first_at,
        escaped(&edition.headline),
        escaped(outlet.credit.as_deref().unwrap_or(&outlet.name)),
        outlet.language,
    );
    if let Some(slugline) = &edition.slugline {
        let _ = write!(xml, "<slugline>{}</slugline>", escaped(slugline));
    }
    for word in edition.section.iter().chain(&edition.keywords) {
        let _ = write!(xml, "<keyword>{}</keyword>", escaped(word));
    }
    let _ = writeln!(
        xml,
        "</contentMeta><contentSet><inlineXML contenttype=\"application/xhtml+xml\">\
         <html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{}</body></html></inlineXML></contentSet></newsItem>",
        html(edition),
    );
}

fn rfc_822(at: Timestamp) -> String {
    rfc2822::to_string(&at.to_zoned_datetime(TimeZone::UTC)).unwrap_or_default()
}
