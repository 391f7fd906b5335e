//! Writes Atom (RFC 4287) with whole texts, entry by entry, so that a long feed is never held whole.
//! What was taken away is told as a tombstone (RFC 6721).

use depeche_news::{
    Article, Moment, html,
    jiff::{Timestamp, tz::Offset},
};

use crate::markup::escape_into;

/// What a feed says of itself.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Its permanent identity, a URI.
    pub id: &'a str,
    /// Its name.
    pub title: &'a str,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// An entry to write.
#[derive(Clone, Debug)]
pub struct Written<'a> {
    /// Its permanent identity, a URI.
    pub id: &'a str,
    /// What is told.
    pub article: &'a Article,
    /// The page of the original.
    pub address: Option<&'a str>,
    /// Who published it.
    pub outlet: &'a str,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// The start of a feed.
pub fn head(head: &Head<'_>) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" \
         xmlns:at=\"http://purl.org/atompub/tombstones/1.0\">\n",
    );
    element("id", "", head.id, &mut out);
    element("title", "", head.title, &mut out);
    element("updated", "", &head.updated.to_string(), &mut out);
    element("generator", "", "Dépêche", &mut out);
    out
}

/// One entry.
pub fn entry(written: &Written<'_>) -> String {
    let article = written.article;
    let language = article.language.as_deref().map(|language| attribute("xml:lang", language));
    let mut out = format!("<entry{}>\n", language.unwrap_or_default());
    element("id", "", written.id, &mut out);
    element("title", "", &article.headline, &mut out);
    element("updated", "", &written.updated.to_string(), &mut out);
    if let Some(published) = article.published {
        element("published", "", &date_time(published), &mut out);
    }
    if let Some(address) = written.address {
        out.push_str(&format!("<link rel=\"alternate\"{}/>\n", attribute("href", address)));
    }
    // An entry has an author; where nobody signs, the outlet does.
    let outlet = [written.outlet.to_owned()];
    let authors = if article.authors.is_empty() { &outlet[..] } else { &article.authors };
    for author in authors {
        out.push_str("<author>");
        element("name", "", author, &mut out);
        out.push_str("</author>\n");
    }
    for keyword in article.section.iter().chain(&article.keywords) {
        out.push_str(&format!("<category{}/>\n", attribute("term", keyword)));
    }
    if let Some(standfirst) = &article.standfirst {
        element("summary", "", standfirst, &mut out);
    }
    element("content", " type=\"html\"", &html(&article.body), &mut out);
    out.push_str("<source>");
    element("title", "", written.outlet, &mut out);
    out.push_str("</source>\n</entry>\n");
    out
}

/// What stands in the place of an entry that may not be shown any more.
pub fn tombstone(id: &str, when: Timestamp) -> String {
    let (id, when) = (attribute("ref", id), attribute("when", &when.to_string()));
    format!("<at:deleted-entry{id}{when}/>\n")
}

/// The end of a feed.
pub const END: &str = "</feed>\n";

/// A moment as Atom has it, which knows no bare days: a day is told from its start.
fn date_time(moment: Moment) -> String {
    match moment {
        Moment::Day(_) => moment.sort_key().display_with_offset(Offset::UTC).to_string(),
        Moment::Instant { .. } => moment.to_string(),
    }
}

fn element(name: &str, attributes: &str, text: &str, out: &mut String) {
    out.push_str(&format!("<{name}{attributes}>"));
    escape_into(&printable(text), false, out);
    out.push_str(&format!("</{name}>\n"));
}

fn attribute(name: &str, value: &str) -> String {
    let mut out = format!(" {name}=\"");
    escape_into(&printable(value), true, &mut out);
    out.push('"');
    out
}

/// Text without what XML cannot carry in any spelling.
fn printable(text: &str) -> String {
    let bad = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().filter(|c| !bad(*c)).collect()
}

#[cfg(test)]
mod tests {
    use depeche_news::Block;

    use super::*;
    use crate::{Document, Hints, read};

    fn written(article: &Article) -> Document {
        let at: Timestamp = "2016-02-11T16:00:00Z".parse().unwrap();
        let head = head(&Head { id: "urn:depeche:1", title: "Fil & <dépêches>", updated: at });
        let entry = entry(&Written {
            id: "urn:depeche:item:a",
            article,
            address: Some("https://a.example/?x=1&y=\"2\""),
            outlet: "L'Écho",
            updated: at,
        });
        let text = [&head, entry.as_str(), &tombstone("urn:depeche:item:b", at), END].concat();
        read(text.as_bytes(), &Hints::default())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let article = Article {
            headline: "L'Otan, «la» coalition & <b>l'État</b> \u{8}".to_owned(),
            standfirst: Some("Un chapeau < deux".to_owned()),
            authors: vec!["Jeanne Corvisier".to_owned()],
            body: vec![
                Block::Paragraph("Un & deux <script>".into()),
                Block::Quote("« Nous étudions »".into()),
                Block::List(vec!["a".into(), "b".into()]),
            ],
            language: Some("fr".to_owned()),
            published: Moment::parse("2016-02-11T16:41:00+01:00"),
            keywords: vec!["Otan".to_owned()],
            ..Article::default()
        };
        let document = written(&article);
        assert!(document.problems.is_empty() && !document.incomplete, "{:?}", document.problems);
        assert_eq!(document.feed.title.as_deref(), Some("Fil & <dépêches>"));
        let [entry] = document.items.as_slice() else { panic!("{:?}", document.items) };
        let title = "L'Otan, «la» coalition & <b>l'État</b>";
        assert_eq!(entry.title.as_deref().map(str::trim), Some(title));
        assert_eq!(entry.summary.as_deref(), article.standfirst.as_deref());
        assert_eq!(entry.guid.as_deref(), Some("urn:depeche:item:a"));
        assert_eq!(entry.link.as_deref(), Some("https://a.example/?x=1&y=\"2\""));
        assert_eq!(entry.published, article.published);
        assert_eq!(entry.authors[0].name.as_deref(), Some("Jeanne Corvisier"));
        assert_eq!(entry.language.as_deref(), Some("fr"));
        assert_eq!(
            entry.content[0].value,
            "<p>Un &amp; deux &lt;script&gt;</p><blockquote>« Nous étudions »</blockquote><ul><li>a</li><li>b</li></ul>"
        );
    }

    #[test]
    fn a_day_is_told_from_its_start_and_the_outlet_signs_where_nobody_does() {
        let article = Article { published: Moment::parse("2016-02-11"), ..Article::default() };
        let document = written(&article);
        let entry = &document.items[0];
        assert_eq!(entry.published, Moment::parse("2016-02-11T00:00:00Z"));
        assert_eq!(entry.authors[0].name.as_deref(), Some("L'Écho"));
    }
}
