//! How the text of an article is set: its blocks in the typography of its language, its leading picture in its place, its
//! hours beside the one it began at.

use depeche_news::{
    Article, Block, Embed, Image, ListEntry, LiveEntry, Moment, Table, Text, jiff::tz::TimeZone,
};

use crate::{dates, words::Language};

/// When an entry of a live blog was written: its hour, and its day too where that is not the one it began on.
pub(crate) fn beside(language: Language, at: &Moment, begun: &Moment, zone: &TimeZone) -> String {
    match (at, begun) {
        (Moment::Instant { at, .. }, Moment::Instant { at: begun, .. }) => {
            dates::short(language, *at, *begun, zone)
        }
        _ => dates::moment(language, at, zone),
    }
}

/// The dateline, unless the text begins with it.
pub(crate) fn dateline(article: &Article) -> Option<&str> {
    let text = article.body.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(text.as_str()),
        _ => None,
    });
    let is_told = |line: &&str| text.is_some_and(|text| text.starts_with(line));
    article.dateline.as_deref().filter(|line| !is_told(line))
}

/// What an address is called: its host and what follows.
pub(crate) fn named_address(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/')
}

/// The leading picture stands below the first paragraph.
pub(crate) fn body(image: Option<Image>, mut body: Vec<Block>) -> Vec<Block> {
    if let Some(image) = image {
        let below = body.iter().position(|block| matches!(block, Block::Paragraph(_)));
        body.insert(below.map_or(0, |first| first + 1), Block::Image(image));
    }
    body
}

pub(crate) fn set_block(
    block: &Block,
    set: &impl Fn(&str) -> String,
    when: &impl Fn(&Moment) -> String,
) -> Block {
    let marked = |text: &Text| text.reset(set(text));
    match block {
        Block::Paragraph(text) => Block::Paragraph(marked(text)),
        Block::Subhead(text) => Block::Subhead(marked(text)),
        Block::Quote(text) => Block::Quote(marked(text)),
        Block::List(entries) => {
            let entry =
                |entry: &ListEntry| ListEntry { text: marked(&entry.text), ..entry.clone() };
            Block::List(entries.iter().map(entry).collect())
        }
        Block::Preformatted(lines) => Block::Preformatted(lines.clone()),
        Block::Image(image) => Block::Image(Image {
            address: image.address.clone(),
            caption: image.caption.as_deref().map(set),
            credit: image.credit.as_deref().map(set),
        }),
        Block::Embed(embed) => Block::Embed(Embed {
            address: embed.address.clone(),
            caption: embed.caption.as_deref().map(set),
        }),
        Block::Entry(entry) => Block::Entry(LiveEntry {
            at: entry.at,
            shown: entry.at.as_ref().map(when).or_else(|| entry.shown.clone()),
            headline: entry.headline.as_deref().map(set),
        }),
        Block::Table(table) => Block::Table(Table {
            rows: table.rows.iter().map(|row| row.iter().map(|cell| set(cell)).collect()).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use depeche_news::is_web;

    use super::*;

    #[test]
    fn the_picture_stands_below_the_first_paragraph() {
        let paragraph = |text: &str| Block::Paragraph(text.into());
        let image = Image { address: "https://a.example/i.jpg".to_owned(), ..Image::default() };
        let placed = body(Some(image.clone()), vec![paragraph("a"), paragraph("b")]);
        assert_eq!(placed, [paragraph("a"), Block::Image(image), paragraph("b")]);
    }

    #[test]
    fn a_dateline_that_the_text_begins_with_is_not_told_twice() {
        let article = |text: &str| Article {
            dateline: Some("VERDUN (HP) -".to_owned()),
            body: vec![Block::Paragraph(text.into())],
            ..Article::default()
        };
        assert_eq!(dateline(&article("La Meuse baisse.")), Some("VERDUN (HP) -"));
        assert_eq!(dateline(&article("VERDUN (HP) - La Meuse baisse.")), None);
    }

    #[test]
    fn an_entry_tells_its_day_where_that_is_another() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let moment = |text: &str| Moment::parse(text).unwrap();
        let begun = moment("2016-02-11T15:00:00+01:00");
        for (at, expected) in [
            ("2016-02-11T16:54:00+01:00", "16:54"),
            ("2016-02-12T00:10:00+01:00", "12 février 2016 à 00:10"),
            ("2016-02-11", "11 février 2016"),
        ] {
            assert_eq!(beside(Language::French, &moment(at), &begun, &zone), expected);
        }
    }

    #[test]
    fn an_address_is_called_by_what_tells_it_apart() {
        for (address, expected) in [
            ("https://www.youtube.com/watch?v=a", "youtube.com/watch?v=a"),
            ("http://a.example/", "a.example"),
        ] {
            assert_eq!(named_address(address), expected);
        }
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_web("https://a.example/1"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "//a.example", " https://a.example"]
        {
            assert!(!is_web(bad), "{bad}");
        }
    }
}
