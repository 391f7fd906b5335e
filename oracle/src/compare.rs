//! Where feed-rs reads a document: as many items, with the same titles, links, identities and dates.

use std::{path::PathBuf, process::ExitCode};

use depeche_formats::{Document, Entry, Hints, read};
use depeche_news::Moment;
use feed_rs::{model, parser};

use crate::documents;

const BASE: &str = "https://fil.example/rss";

/// Where the two differ and we mean to: the document, what of it, and why we say what we say.
const MEANT: &[(&str, &str, &str)] = &[(
    "latin1-labelled-utf8.xml",
    "title",
    "the label says ISO-8859-1 and the bytes are UTF-8: it believes the label",
)];

/// Compares every document of the folders; says each difference.
pub(crate) fn compare(folders: &[PathBuf]) -> ExitCode {
    let mut differences = 0;
    let (mut compared, mut items) = (0, 0);
    for (name, bytes) in folders.iter().flat_map(|folder| documents(folder)) {
        let theirs = parser::Builder::new().base_uri(Some(BASE)).build().parse(bytes.as_slice());
        let Ok(theirs) = theirs else { continue };
        if theirs.entries.is_empty() {
            continue;
        }
        compared += 1;
        items += theirs.entries.len();
        let ours = read(&bytes, &Hints { base: Some(BASE), ..Hints::default() });
        for (what, said) in different(&ours, &theirs) {
            let meant =
                MEANT.iter().any(|(document, field, _)| *document == name && *field == what);
            if !meant {
                differences += 1;
                println!("{name}: {what}: {said}");
            }
        }
    }
    println!("{compared} documents with {items} items compared, {differences} differences");
    // Comparing nothing is no success.
    if differences > 0 || compared < 5 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn different(ours: &Document, theirs: &model::Feed) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let (own, other) = (ours.items.len(), theirs.entries.len());
    if own != other {
        found.push(("items", format!("{own}, not {other}")));
    }
    let title = theirs.title.as_ref().map(|title| title.content.as_str());
    differs(&mut found, "feed title", ours.feed.title.as_deref(), title, said);
    for (own, other) in ours.items.iter().zip(&theirs.entries) {
        item(&mut found, own, other);
    }
    found
}

fn item(found: &mut Vec<(&'static str, String)>, own: &Entry, other: &model::Entry) {
    let title = other.title.as_ref().map(|title| title.content.as_str());
    differs(found, "title", own.title.as_deref(), title, said);
    let link = other.links.iter().find(|link| link.rel.as_deref().is_none_or(|r| r == "alternate"));
    differs(found, "link", own.link.as_deref(), link.map(|link| link.href.as_str()), str::to_owned);
    // Without an identity it makes one up.
    if own.guid.is_some() {
        differs(found, "guid", own.guid.as_deref(), Some(other.id.as_str()), str::to_owned);
    }
    let seconds = |moment: Option<Moment>| moment.map(|at| at.sort_key().as_second());
    let dates = [seconds(own.published), seconds(own.updated)];
    for at in [other.published, other.updated].into_iter().flatten() {
        if !dates.contains(&Some(at.timestamp())) {
            found.push(("date", format!("{dates:?}, not {at}")));
        }
    }
}

/// Notes a difference in what it says, not in how that is written.
fn differs(
    found: &mut Vec<(&'static str, String)>,
    what: &'static str,
    own: Option<&str>,
    other: Option<&str>,
    said: impl Fn(&str) -> String,
) {
    if let Some(other) = other.filter(|other| !other.trim().is_empty())
        && own.map(&said) != Some(said(other))
    {
        found.push((what, format!("{own:?}, not {other:?}")));
    }
}

/// The words of a title: what is markup to one may be text to the other.
fn said(title: &str) -> String {
    let plain = title.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}
