//! The pieces as feeds: five formats and four manners of markup, as real outlets write them.

use std::fmt::Write as _;

use depeche_news::jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use serde_json::json;

use super::{OUTLETS, Piece};

/// What an outlet sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Whole texts in `content:encoded`.
    RssContent,
    /// Whole texts in `description`, escaped.
    RssDescription,
    Atom,
    JsonFeed,
    NewsMl,
}

/// How an outlet marks up its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Plain,
    /// Classes, links and bold names in every paragraph.
    Rich,
    /// A picture with its caption, and a line about the author at the end.
    Pictured,
    /// Line breaks in the place of paragraphs.
    Breaks,
}

const KINDS: [(Format, Manner); OUTLETS] = [
    (Format::RssContent, Manner::Plain),
    (Format::NewsMl, Manner::Plain),
    (Format::RssContent, Manner::Rich),
    (Format::RssDescription, Manner::Plain),
    (Format::Atom, Manner::Plain),
    (Format::RssContent, Manner::Pictured),
    (Format::JsonFeed, Manner::Rich),
    (Format::RssDescription, Manner::Breaks),
    (Format::Atom, Manner::Pictured),
    (Format::NewsMl, Manner::Plain),
    (Format::RssContent, Manner::Breaks),
    (Format::JsonFeed, Manner::Plain),
];

/// The address an outlet's feed stands at.
pub(crate) fn address(outlet: usize) -> String {
    format!("https://{}/fil", host(outlet))
}

fn host(outlet: usize) -> String {
    format!("outlet-{outlet}.example")
}

/// The media type of an outlet's feed.
pub(crate) fn media_type(outlet: usize) -> &'static str {
    match KINDS[outlet].0 {
        Format::RssContent | Format::RssDescription => "application/rss+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::JsonFeed => "application/feed+json",
        Format::NewsMl => "application/vnd.iptc.g2.newsmessage+xml",
    }
}

/// The feed of an outlet with these pieces.
pub(crate) fn feed(outlet: usize, pieces: &[&Piece]) -> String {
    let mut feed = String::with_capacity(pieces.iter().map(|piece| piece.text_bytes() * 2).sum());
    let (format, manner) = KINDS[outlet];
    // Writing to a String cannot fail.
    let _ = match format {
        Format::RssContent | Format::RssDescription => {
            rss(&mut feed, outlet, format, manner, pieces)
        }
        Format::Atom => atom(&mut feed, outlet, manner, pieces),
        Format::NewsMl => newsml(&mut feed, outlet, manner, pieces),
        Format::JsonFeed => {
            feed = json_feed(outlet, manner, pieces);
            Ok(())
        }
    };
    feed
}

fn link(outlet: usize, piece: &Piece) -> String {
    format!("https://{}/{}/{}", host(outlet), depeche_news::slug(piece.section), piece.number)
}

fn html(piece: &Piece, manner: Manner) -> String {
    let mut html = String::with_capacity(piece.text_bytes() + 1000);
    let _ = written(&mut html, piece, manner);
    html
}

fn written(html: &mut String, piece: &Piece, manner: Manner) -> std::fmt::Result {
    if let Some(standfirst) = &piece.standfirst {
        write!(html, "<p><strong>{}</strong></p>", escaped(standfirst))?;
    }
    if manner == Manner::Pictured {
        let (number, place) = (piece.number, &piece.place);
        write!(
            html,
            "<figure><img src=\"https://images.example/{number}.jpg\" alt=\"\"/><figcaption>Une vue de {place}, \
             le 4 mai. (Photo d'archives)</figcaption></figure>"
        )?;
    }
    for (at, paragraph) in piece.paragraphs.iter().enumerate() {
        if let Some((before, subhead)) = &piece.subhead
            && *before == at
        {
            write!(html, "<h2>{}</h2>", escaped(subhead))?;
        }
        let text = escaped(paragraph);
        match manner {
            Manner::Plain | Manner::Pictured => writeln!(html, "<p>{text}</p>")?,
            Manner::Breaks => write!(html, "{text}<br /><br />")?,
            Manner::Rich => {
                let (bold, rest) = text.split_once(' ').unwrap_or((&text, ""));
                let place = escaped(&piece.place);
                writeln!(
                    html,
                    "<p class=\"paragraph paragraph--{at}\" data-at=\"{at}\"><b>{bold}</b> {rest} \
                     <a href=\"https://rich.example/{place}?utm_source=feed\">{place}</a></p>"
                )?;
            }
        }
    }
    if manner == Manner::Pictured {
        write!(html, "<p><em>{}</em></p>", escaped(&piece.author))?;
    }
    Ok(())
}

fn rss(
    xml: &mut String,
    outlet: usize,
    format: Format,
    manner: Manner,
    pieces: &[&Piece],
) -> std::fmt::Result {
    let host = host(outlet);
    write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <channel><title>Fil {outlet}</title><link>https://{host}/</link><description>Toute l'information</description>\
         <language>fr</language>\n"
    )?;
    for piece in pieces {
        write!(
            xml,
            "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{host}-{}</guid><pubDate>{}</pubDate>\
             <dc:creator>{}</dc:creator><category>{}</category>",
            escaped(&piece.headline),
            link(outlet, piece),
            piece.number,
            rfc_822(piece.at),
            escaped(&piece.author),
            escaped(piece.section),
        )?;
        let html = html(piece, manner);
        match format {
            Format::RssContent => writeln!(
                xml,
                "<description>{}</description><content:encoded><![CDATA[{html}]]></content:encoded></item>",
                escaped(lead(piece)),
            )?,
            _ => writeln!(xml, "<description>{}</description></item>", escaped(&html))?,
        }
    }
    xml.push_str("</channel></rss>\n");
    Ok(())
}

/// The beginning as outlets cut it.
fn lead(piece: &Piece) -> &str {
    let text = piece.standfirst.as_ref().or(piece.paragraphs.first()).map_or("", String::as_str);
    text.char_indices().nth(180).map_or(text, |(end, _)| &text[..end])
}

fn atom(xml: &mut String, outlet: usize, manner: Manner, pieces: &[&Piece]) -> std::fmt::Result {
    let host = host(outlet);
    write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"fr\">\n\
         <title>Fil {outlet}</title><id>tag:{host},2026:fil</id><link href=\"https://{host}/\"/>\n"
    )?;
    for piece in pieces {
        writeln!(
            xml,
            "<entry><title>{}</title><id>tag:{host},2026:{}</id><link rel=\"alternate\" href=\"{}\"/>\
             <published>{at}</published><updated>{at}</updated><author><name>{}</name></author>\
             <category term=\"{}\"/><summary>{}</summary><content type=\"html\">{}</content></entry>",
            escaped(&piece.headline),
            piece.number,
            link(outlet, piece),
            escaped(&piece.author),
            escaped(piece.section),
            escaped(lead(piece)),
            escaped(&html(piece, manner)),
            at = piece.at,
        )?;
    }
    xml.push_str("</feed>\n");
    Ok(())
}

fn json_feed(outlet: usize, manner: Manner, pieces: &[&Piece]) -> String {
    let host = host(outlet);
    let items: Vec<_> = pieces
        .iter()
        .map(|piece| {
            json!({
                "id": format!("{host}-{}", piece.number),
                "url": link(outlet, piece),
                "title": piece.headline,
                "date_published": piece.at.to_string(),
                "authors": [{ "name": piece.author }],
                "tags": [piece.section],
                "content_html": html(piece, manner),
            })
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": format!("Fil {outlet}"),
        "home_page_url": format!("https://{host}/"),
        "language": "fr",
        "items": items,
    });
    feed.to_string()
}

fn newsml(xml: &mut String, outlet: usize, manner: Manner, pieces: &[&Piece]) -> std::fmt::Result {
    let host = host(outlet);
    xml.push_str(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<newsMessage xmlns=\"http://iptc.org/std/nar/2006-10-01/\"><itemSet>\n",
    );
    for piece in pieces {
        writeln!(
            xml,
            "<newsItem guid=\"urn:newsml:{host}:{}\" version=\"1\" standard=\"NewsML-G2\" standardversion=\"2.35\" \
             xml:lang=\"fr\"><itemMeta><itemClass qcode=\"ninat:text\"/><provider literal=\"Agence {outlet}\"/>\
             <versionCreated>{at}</versionCreated><firstCreated>{at}</firstCreated><pubStatus qcode=\"stat:usable\"/>\
             </itemMeta><contentMeta><urgency>4</urgency><contentCreated>{at}</contentCreated><headline>{}</headline>\
             <creditline>Agence {outlet}</creditline><language tag=\"fr\"/><slugline>{}</slugline><keyword>{}</keyword>\
             </contentMeta><contentSet><inlineXML contenttype=\"application/xhtml+xml\">\
             <html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{}</body></html></inlineXML></contentSet></newsItem>",
            piece.number,
            escaped(&piece.headline),
            escaped(&format!("{}-{}", piece.section, piece.place)),
            escaped(piece.section),
            html(piece, manner),
            at = piece.at,
        )?;
    }
    xml.push_str("</itemSet></newsMessage>\n");
    Ok(())
}

fn rfc_822(at: Timestamp) -> String {
    rfc2822::to_string(&at.to_zoned_datetime(TimeZone::UTC)).unwrap_or_default()
}

/// Text as XML and HTML carry it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(c),
        }
    }
    safe
}
