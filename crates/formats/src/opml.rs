//! OPML: lists of subscriptions, read as tolerantly as feeds, written plainly.

use depeche_news::limits::formats::{OUTLINE_FOLDERS_MAX, OUTLINE_PROBLEMS_MAX, OUTLINES_MAX};
use std::collections::BTreeMap;

use depeche_news::Problem;
use serde::Serialize;

use crate::decode::clean_text;
use crate::document::lost;
use crate::made;
use crate::markup::{Element, escape_into, parse};

/// What stands between the names of folders.
const BETWEEN_FOLDERS: &str = " / ";

/// One feed of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// Its name.
    pub title: String,
    /// Address of the feed.
    pub feed: String,
    /// Address of its site.
    pub site: Option<String>,
    /// The folders it is in, outermost first, joined by ` / `; else the first of its categories.
    pub folder: Option<String>,
    /// BCP 47, as written.
    pub language: Option<String>,
}

/// A list as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outlines {
    /// The name of the list.
    pub title: Option<String>,
    /// Its feeds in document order.
    pub outlines: Vec<Outline>,
    /// The input ended early, or a part had to be left out.
    pub incomplete: bool,
    /// What could not be understood.
    pub problems: Vec<Problem>,
}

impl Outlines {
    /// Says once that something is missing, and what.
    fn lost(&mut self, what: &str) {
        self.incomplete = true;
        lost(&mut self.problems, what);
    }
}

/// Reads an OPML list; what is commented out in it is left out.
pub fn read(bytes: &[u8]) -> Outlines {
    let text = clean_text(bytes, None).text;
    let (mut list, enough) = made::within(text.len(), || of_text(&text));
    if !enough {
        list.lost(made::TOO_MUCH);
    }
    list
}

fn of_text(text: &str) -> Outlines {
    let tree = parse(text);
    let mut list = Outlines::default();
    tree.lost.iter().for_each(|lost| list.lost(lost));
    let document = tree.document();
    let root = document.descendants().find(|element| element.is("opml"));
    let root = root.or_else(|| document.descendants().find(|element| element.is("outline")));
    let Some(root) = root else {
        list.problems.push(Problem::new("refused", "not an OPML list"));
        return list;
    };
    let head = root.child("head").and_then(|head| head.child("title"));
    list.title = head.and_then(Element::filled_text);
    for element in root.descendants().filter(|element| element.is("outline")) {
        if list.outlines.len() >= OUTLINES_MAX {
            list.lost("more feeds than are read of one list");
            break;
        }
        if is_comment(element) {
            continue;
        }
        match outline(element) {
            Some(outline) => list.outlines.push(outline),
            None if list.problems.len() < OUTLINE_PROBLEMS_MAX => {
                list.problems.extend(no_feed(element))
            }
            None if no_feed(element).is_some() => {
                list.lost("more outlines without a feed than are told one by one");
            }
            None => {}
        }
    }
    list
}

/// Whether an outline, or one around it, is commented out.
fn is_comment(element: Element<'_, '_>) -> bool {
    let around = std::iter::successors(Some(element), |inner| inner.parent());
    around.take_while(|around| around.is("outline")).take(OUTLINE_FOLDERS_MAX).any(|around| {
        around.attribute("isComment").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    })
}

/// What is said of an outline that should name a feed and does not.
fn no_feed(element: Element<'_, '_>) -> Option<Problem> {
    let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let called = name(element).or_else(|| element.filled("url")).unwrap_or_default();
    match kind.as_str() {
        "rss" | "atom" | "feed" => Some(Problem::new("no_address", called)),
        "include" => Some(Problem::new("passed_over", format!("a list in this list: {called}"))),
        _ => None,
    }
}

/// Writes a list that every reader takes.
pub fn write(title: &str, outlines: &[Outline]) -> String {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n");
    out.push_str("<head><title>");
    escape_into(title, false, &mut out);
    out.push_str("</title></head>\n<body>\n");
    // Feeds without folder first, then folder by folder in the order of their names.
    let mut folders: BTreeMap<Vec<&str>, Vec<&Outline>> = BTreeMap::new();
    for outline in outlines {
        let path = outline.folder.as_deref().unwrap_or_default().split(BETWEEN_FOLDERS);
        let path = path.filter(|folder| !folder.is_empty()).take(OUTLINE_FOLDERS_MAX).collect();
        folders.entry(path).or_default().push(outline);
    }
    let mut open: Vec<&str> = Vec::new();
    for (path, inside) in folders {
        let shared = open.iter().zip(&path).take_while(|(one, other)| one == other).count();
        open.drain(shared..).for_each(|_| out.push_str("</outline>\n"));
        for folder in path.iter().skip(shared) {
            out.push_str("<outline");
            attribute("text", folder, &mut out);
            out.push_str(">\n");
            open.push(folder);
        }
        inside.into_iter().for_each(|outline| write_outline(outline, &mut out));
    }
    open.iter().for_each(|_| out.push_str("</outline>\n"));
    out.push_str("</body>\n</opml>\n");
    out
}

fn write_outline(outline: &Outline, out: &mut String) {
    out.push_str("<outline type=\"rss\"");
    attribute("text", &outline.title, out);
    attribute("xmlUrl", &outline.feed, out);
    if let Some(site) = &outline.site {
        attribute("htmlUrl", site, out);
    }
    if let Some(language) = &outline.language {
        attribute("language", language, out);
    }
    out.push_str("/>\n");
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape_into(value, true, out);
    out.push('"');
}

/// An outline that names a feed; one without address is a folder.
fn outline(element: Element<'_, '_>) -> Option<Outline> {
    let is_feed = || {
        let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
        matches!(kind.as_str(), "rss" | "atom" | "feed")
    };
    // Lists of the first years have the feed's address in `url`.
    let named = ["xmlUrl", "feedUrl", "rssUrl"].into_iter().find_map(|name| element.filled(name));
    let feed = named.or_else(|| element.filled("url").filter(|_| is_feed()))?;
    let folders: Vec<_> = std::iter::successors(element.parent(), |inner| inner.parent())
        .take_while(|around| around.is("outline"))
        .take(OUTLINE_FOLDERS_MAX)
        .filter(|around| around.attribute("xmlUrl").is_none())
        .filter_map(name)
        .collect();
    // All feeds of a folder have its name, however long that is.
    let may_be = made::take(folders.iter().map(String::len).sum());
    let folder = folders.into_iter().rev().collect::<Vec<_>>().join(BETWEEN_FOLDERS);
    let folder = Some(folder)
        .filter(|_| may_be)
        .filter(|folder| !folder.is_empty())
        .or_else(|| category(element));
    Some(Outline {
        title: name(element).unwrap_or_else(|| feed.clone()),
        feed,
        site: element.filled("htmlUrl"),
        folder,
        language: element
            .filled("language")
            .filter(|language| !language.eq_ignore_ascii_case("unknown")),
    })
}

/// The first of its categories, `/Presse/Régions,/Quotidiens`, as folders.
fn category(element: Element<'_, '_>) -> Option<String> {
    let categories = element.filled("category")?;
    let path = categories.split(',').next()?.split('/').map(str::trim);
    let path: Vec<&str> =
        path.filter(|folder| !folder.is_empty()).take(OUTLINE_FOLDERS_MAX).collect();
    (!path.is_empty()).then(|| path.join(BETWEEN_FOLDERS))
}

fn name(element: Element<'_, '_>) -> Option<String> {
    element.filled("title").or_else(|| element.filled("text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str, Option<&str>)]) {
        let list = read(format!("<opml><body>{body}</body></opml>").as_bytes());
        let found: Vec<_> = list
            .outlines
            .iter()
            .map(|o| (o.title.as_str(), o.feed.as_str(), o.folder.as_deref()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lists_of_every_program() {
        let feed = "<outline type=rss text='R&D' xmlUrl='https://a.example/?x=1&y=2'>";
        check(feed, &[("R&D", "https://a.example/?x=1&y=2", None)]);
        check(
            "<outline text=Presse><outline text=Fil xmlurl=/f /></outline>",
            &[("Fil", "/f", Some("Presse"))],
        );
        check(
            "<outline text=A><outline title=B><outline xmlUrl=f /></outline></outline>",
            &[("f", "f", Some("A / B"))],
        );
        check("<outline text=Note>", &[]);
        check(
            "<outline category='/Presse/Sud, /x' xmlUrl=f /><outline isComment=true><outline xmlUrl=g /></outline>",
            &[("f", "f", Some("Presse / Sud"))],
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let outline = |title: &str, folder: Option<&str>| Outline {
            title: title.to_owned(),
            feed: format!("https://a.example/{title}?a&b"),
            site: Some("https://a.example/".to_owned()),
            folder: folder.map(str::to_owned),
            language: Some("fr".to_owned()),
        };
        let outlines = [
            outline("L'\"Écho\" & <fils>", None),
            outline("b", Some("Presse")),
            outline("c", Some("Presse")),
            outline("d", Some("Presse / Régions")),
            outline("e", Some("Radio / Locales / Sud")),
        ];
        let list = read(write("Nos & sources", &outlines).as_bytes());
        assert_eq!(
            (list.title.as_deref(), list.outlines.as_slice()),
            (Some("Nos & sources"), outlines.as_slice())
        );
        assert!(!list.incomplete);
    }

    #[test]
    fn outlines_that_name_no_feed_are_told_up_to_a_limit() {
        let none = "<outline type='rss' text='x'/>".repeat(OUTLINE_PROBLEMS_MAX + 2);
        let list = read(format!("<opml><body>{none}</body></opml>").as_bytes());
        let last = list.problems.last().map(|problem| problem.word.as_str());
        assert_eq!((list.problems.len(), last), (OUTLINE_PROBLEMS_MAX + 1, Some("incomplete")));
    }

    #[test]
    fn what_is_no_list() {
        assert_eq!(read(b"<html></html>").problems.len(), 1);
        assert!(read(b"<opml><body><outline xmlUrl='f'/>").incomplete);
        let told = read(
            b"<opml><outline type='rss' text='Le Fil'/><outline type='include' url='/x'/></opml>",
        )
        .problems;
        let told: Vec<_> = told.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["no_address: Le Fil", "passed_over: a list in this list: /x"]);
    }
}
