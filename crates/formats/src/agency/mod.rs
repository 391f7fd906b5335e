//! What agencies send: `NewsML-G2`, NewsML 1.2, NITF, ninjs, the text messages of their old wires, and
//! feeds with their words in them.
//!
//! Codes are compared by what stands after their colon: `stat:usable` is `usable` whatever an
//! agency calls the list. A status that is not known holds the item back: what may not be shown
//! is worse shown than what may be shown is late.

pub(crate) mod extension;
mod forms;
mod g2;
mod item;
mod newsml1;
pub(crate) mod ninjs;
mod ninjs_form;
mod nitf;
pub(crate) mod wire;

use std::ops::Range;

use depeche_news::limits::formats::{
    AGENCY_ITEMS_MAX, AGENCY_MESSAGE_PROBLEMS_MAX, AGENCY_VALUE_CHARS_MAX,
};
use depeche_news::{Problem, Signal, Status, jiff::tz::TimeZone};
use depeche_text::agency::Mark;

pub(crate) use item::AgencyItem;
pub use wire::is_numbered_daily;

use crate::markup::{Element, Lower, Tree, inner_markup};
use crate::{Content, Document};

/// How a kill names another message that it may be about; of several only one has come in.
pub const KILLS: &str = "kills";

/// How a correction names another message that it may be about.
pub const CORRECTS: &str = "corrects";

/// Roots that agencies send: those of whole messages, then those that carry no news or only a part of an item.
const ROOTS: [&str; 16] = [
    "newsmessage",
    "newsitem",
    "packageitem",
    "newsml",
    "nitf",
    "conceptitem",
    "knowledgeitem",
    "planningitem",
    "catalogitem",
    "catalog",
    "conceptset",
    "contentmeta",
    "contentset",
    "groupset",
    "itemmeta",
    "rightsinfo",
];

/// Reads a tree as an agency's message; `None` when it is none.
pub(crate) fn read(tree: &Tree<'_>, zone: Option<&TimeZone>) -> Option<Document> {
    let document = tree.document();
    let root = document.children().find(|top| ROOTS.contains(&Lower::of(top.name()).as_str()))?;
    let mut document = match Lower::of(root.name()).as_str() {
        // The root of NewsML 1; that of its successor is another.
        "newsml" => newsml1::read(root, zone),
        "nitf" => nitf::read(root, zone),
        _ => g2::read(root, zone),
    };
    if document.items.is_empty() {
        let what = format!("a {} without news items", root.name());
        document.problems.push(Problem::new("no_item", what));
    }
    Some(document)
}

/// What is said of an item one of whose lists was longer than is kept.
pub(crate) const LIST_CUT: &str = "more entries in a list than are kept";

/// Says what is wrong, once, as long as there is room; and once that there was more.
pub(crate) fn tell(problems: &mut Vec<Problem>, max: usize, problem: Problem) {
    let has = |problem: &Problem| problems.contains(problem);
    let problem = match problems.len() < max {
        true => problem,
        false => Problem::new("more_problems", "than are told"),
    };
    if problems.len() <= max && !has(&problem) {
        problems.push(problem);
    }
}

/// Adds an item, as long as there is room for it and for its lists.
fn add(document: &mut Document, draft: AgencyItem, part: Option<Range<usize>>) {
    if document.items.len() >= AGENCY_ITEMS_MAX {
        return document.lost(MORE_ITEMS);
    }
    let AgencyItem { entry, problems, cut, .. } = draft.finished();
    if cut {
        document.lost(LIST_CUT);
    }
    let guid = entry.guid.as_deref().unwrap_or_default();
    let guid: String = guid.chars().take(AGENCY_VALUE_CHARS_MAX).collect();
    let of_item = |mut problem: Problem| {
        if !guid.is_empty() {
            problem.detail = format!("{} in {guid}", problem.detail);
        }
        problem
    };
    for problem in problems {
        tell(&mut document.problems, AGENCY_MESSAGE_PROBLEMS_MAX, of_item(problem));
    }
    document.items.push(entry);
    document.parts.extend(part);
}

/// The items among `root` and what is below it, as many as are read; items inside of items are content.
fn items<'t, 'a>(
    root: Element<'t, 'a>,
    names: &[&str],
    document: &mut Document,
) -> Vec<Element<'t, 'a>> {
    let named = |element: &Element<'_, '_>| names.iter().any(|name| element.is(name));
    let outer = |element: &Element<'_, '_>| {
        let around = std::iter::successors(element.parent(), |inner| inner.parent());
        around.filter(named).count() == 0
    };
    let all = std::iter::once(root).chain(root.descendants()).filter(named).filter(outer);
    bounded(all, document)
}

/// As many of a message's items as are read, and the document told when there are more.
fn bounded<T>(items: impl Iterator<Item = T>, document: &mut Document) -> Vec<T> {
    let mut items: Vec<T> = items.take(AGENCY_ITEMS_MAX + 1).collect();
    if items.len() > AGENCY_ITEMS_MAX {
        items.truncate(AGENCY_ITEMS_MAX);
        document.lost(MORE_ITEMS);
    }
    items
}

const MORE_ITEMS: &str = "more items than are read of one message";

/// Visits what is below `root` in document order. `visit` says whether it understood an element;
/// then what is inside of it is not visited, so that nothing is read twice however it is nested.
fn walk<'t, 'a>(root: Element<'t, 'a>, mut visit: impl FnMut(Element<'t, 'a>) -> bool) {
    let mut ahead: Vec<_> = root.children().collect();
    ahead.reverse();
    while let Some(element) = ahead.pop() {
        if !visit(element) {
            let from = ahead.len();
            ahead.extend(element.children());
            if let Some(added) = ahead.get_mut(from..) {
                added.reverse();
            }
        }
    }
}

/// The body of NITF or XHTML as HTML.
fn body(element: Element<'_, '_>) -> Option<Content> {
    let named = |name: &str| element.descendants().find(|inner| inner.is(name));
    let body = named("body.content").or_else(|| named("body")).unwrap_or(element);
    let value = inner_markup(body, true);
    let value = value.trim();
    (!value.is_empty())
        .then(|| Content { value: value.to_owned(), media_type: Some("text/html".to_owned()) })
}

/// Text on one line: agencies print their XML with line breaks and indents in it.
fn line(element: Element<'_, '_>) -> Option<String> {
    element.filled_text().map(one_line)
}

fn one_line(text: String) -> String {
    let is_one = !text.contains(['\n', '\r', '\t']) && !text.contains("  ");
    if is_one { text } else { depeche_text::squash(&text) }
}

fn after_colon(code: &str) -> &str {
    code.rsplit_once(':').map_or(code, |(_, after)| after)
}

/// Of several reasons not to show an item the strictest.
fn stricter(one: Option<Status>, other: Option<Status>) -> Option<Status> {
    let strictness = |status: &Option<Status>| match status {
        None => 0,
        Some(Status::Usable) => 1,
        Some(Status::Withheld) => 2,
        Some(Status::Canceled) => 3,
    };
    std::cmp::max_by_key(one, other, strictness)
}

/// What a word of a desk says of a new version.
pub fn signal_of(mark: Mark) -> Option<Signal> {
    code_of(mark).and_then(signal)
}

/// The code that IPTC has for what a word of a desk says; a form, an urgency and an embargo are no signals.
fn code_of(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::Kill => Some("kill"),
        Mark::Correction => Some("correction"),
        Mark::Update => Some("update"),
        Mark::Advisory => Some("advisory"),
        Mark::Flash | Mark::Alert | Mark::Urgent | Mark::Embargo | Mark::Form => None,
    }
}

/// What a code says; `append` and what else there is says nothing of its own.
fn signal(code: &str) -> Option<Signal> {
    match Lower::of(code).as_str() {
        "update" | "updatereplace" => Some(Signal::Update),
        "correction" | "correct" => Some(Signal::Correction),
        "kill" | "mandatorykill" | "killed" => Some(Signal::Kill),
        "advisory" => Some(Signal::Advisory),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::parse;

    #[track_caller]
    fn check(meta: &str, expected_status: Option<Status>, expected_signal: Option<Signal>) {
        let text = format!("<newsItem><itemMeta>{meta}</itemMeta></newsItem>");
        let entry = read(&parse(&text), None).unwrap().items.remove(0);
        assert_eq!((entry.status, entry.signal), (expected_status, expected_signal));
    }

    #[test]
    fn what_may_be_done_with_an_item() {
        check("", None, None);
        check("<pubStatus qcode='stat:usable'/>", Some(Status::Usable), None);
        check(
            "<pubStatus uri='http://cv.iptc.org/newscodes/pubstatusg2/canceled'/>",
            Some(Status::Canceled),
            None,
        );
        check("<pubStatus qcode='x:gesperrt'/>", Some(Status::Withheld), None);
        check("<embargoed/><pubStatus qcode='stat:usable'/>", Some(Status::Withheld), None);
        check("<embargoed>demain</embargoed>", Some(Status::Withheld), None);
        check(
            "<embargoed>2016-02-12T06:00:00Z</embargoed><pubStatus qcode='stat:usable'/>",
            Some(Status::Usable),
            None,
        );
    }

    #[test]
    fn what_a_new_version_means() {
        check("<signal qcode='sig:update'/><signal qcode='x:append'/>", None, Some(Signal::Update));
        check("<signal qcode='sig:correction'/>", None, Some(Signal::Correction));
        check(
            "<signal qcode='sig:kill'/><signal qcode='sig:update'/>",
            Some(Status::Canceled),
            Some(Signal::Kill),
        );
        check(
            "<signal qcode='sig:kill'/><pubStatus qcode='stat:usable'/>",
            Some(Status::Canceled),
            Some(Signal::Kill),
        );
    }

    #[test]
    fn an_item_inside_of_an_item_is_content() {
        let text = "<newsMessage><itemSet><newsItem guid='1'><contentSet><inlineXML><newsItem guid='2'/></inlineXML></contentSet></newsItem><newsItem guid='3'/></itemSet></newsMessage>";
        let guids: Vec<_> =
            read(&parse(text), None).unwrap().items.into_iter().filter_map(|i| i.guid).collect();
        assert_eq!(guids, ["1", "3"]);
    }
}
