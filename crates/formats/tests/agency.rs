//! Agency messages made to be large: what is read of them is bounded, and what was left is told. Each of these
//! takes hours where a list is searched anew for each of its values.

#![expect(clippy::unwrap_used, reason = "a message that cannot be read is a failed test")]

use depeche_formats::{Document, Entry, Hints, read};
use depeche_news::limits::formats::{
    AGENCY_ITEMS_MAX, AGENCY_LIST_MAX, AGENCY_MESSAGE_PROBLEMS_MAX, AGENCY_PROBLEMS_MAX,
};

fn document(text: &str) -> Document {
    read(text.as_bytes(), &Hints::default())
}

/// How often a problem with this word is told.
fn told(document: &Document, word: &str) -> usize {
    document.problems.iter().filter(|problem| problem.word == word).count()
}

fn many(what: usize, make: impl Fn(usize) -> String) -> String {
    (0..what).map(make).collect()
}

/// The longest list of an entry or of its desk.
fn longest(entry: &Entry) -> usize {
    let value = serde_json::to_value(entry).unwrap();
    let desk = value["desk"].as_object().into_iter().flatten();
    let lists = value.as_object().into_iter().flatten().chain(desk);
    lists.filter_map(|(_, value)| value.as_array().map(Vec::len)).max().unwrap()
}

#[test]
fn of_more_items_than_are_read_the_first_are_and_the_rest_is_told() {
    let items = many(AGENCY_ITEMS_MAX * 10, |at| format!("<newsItem guid='{at}'/>"));
    let g2 = document(&format!("<newsMessage><itemSet>{items}</itemSet></newsMessage>"));
    let items = many(AGENCY_ITEMS_MAX + 1, |at| {
        format!("<packageItem guid='{at}'><itemMeta/></packageItem>")
    });
    let packages = document(&format!("<newsMessage><itemSet>{items}</itemSet></newsMessage>"));
    let items = many(AGENCY_ITEMS_MAX + 1, |at| {
        format!(
            "<NewsItem><Identification><NewsItemId>{at}</NewsItemId></Identification></NewsItem>"
        )
    });
    let newsml1 = document(&format!("<NewsML>{items}</NewsML>"));
    let items =
        many(AGENCY_ITEMS_MAX + 1, |at| format!("{{\"uri\":\"{at}\",\"headline\":\"a\"}},"));
    let ninjs = document(&format!("[{}]", items.trim_end_matches(',')));
    // Packages without a headline are no items of their own, but they are looked at.
    for (document, expected) in [
        (g2, AGENCY_ITEMS_MAX),
        (packages, 0),
        (newsml1, AGENCY_ITEMS_MAX),
        (ninjs, AGENCY_ITEMS_MAX),
    ] {
        let format = document.format.as_deref().unwrap();
        assert_eq!((document.items.len(), document.incomplete), (expected, true), "{format}");
        assert!(document.problems.len() <= AGENCY_MESSAGE_PROBLEMS_MAX + 2, "{format}");
    }
}

/// One item, with far more in one of its lists than is believed.
#[track_caller]
fn check_list(format: &str, before: &str, value: impl Fn(usize) -> String, after: &str) {
    let text = format!("{before}{}{after}", many(AGENCY_LIST_MAX * 100, value));
    let document = document(&text);
    assert_eq!(document.format.as_deref(), Some(format));
    let [entry] = document.items.as_slice() else { panic!("one item of {format}") };
    // One of the headlines is the title.
    let longest = longest(entry);
    assert!((AGENCY_LIST_MAX - 1..=AGENCY_LIST_MAX).contains(&longest), "{format}: {longest}");
    assert!(document.incomplete, "{format}");
}

#[test]
fn of_a_list_as_much_is_kept_as_is_believed_and_the_rest_is_told() {
    let (before, after) = ("<newsItem><contentMeta>", "</contentMeta></newsItem>");
    check_list("newsml-g2", before, |at| format!("<subject qcode='a:{at}'/>"), after);
    check_list("newsml-g2", before, |at| format!("<keyword>{at}</keyword>"), after);
    check_list("newsml-g2", before, |at| format!("<creator literal='{at}'/>"), after);
    let (before, after) = ("<newsItem><itemMeta>", "</itemMeta></newsItem>");
    check_list("newsml-g2", before, |at| format!("<link href='{at}'/>"), after);
    check_list("newsml-g2", before, |at| format!("<service qcode='s:{at}'/>"), after);
    check_list("newsml-g2", before, |at| format!("<altId>{at}</altId>"), after);
    let (before, after) =
        ("<NewsML><NewsItem><NewsComponent>", "</NewsComponent></NewsItem></NewsML>");
    let country = |at| format!("<Property FormalName='Country' Value='{at}'/>");
    check_list("newsml1", before, country, after);
    let genre = |at| format!("<classifier type='genre' value='{at}'/>");
    check_list("nitf", "<nitf><head>", genre, "</head></nitf>");
    let (before, after) = ("{\"uri\":\"1\",", "\"headline\":\"a\"}");
    check_list("ninjs", before, |at| format!("\"headline_{at}\":\"{at}\","), after);
    check_list("ninjs", before, |at| format!("\"body_{at}\":\"{at}\","), after);
    let before = "<rss version='2.0'><channel><item xmlns:iptc='http://iptc.org/x'>";
    let after = "</item></channel></rss>";
    check_list("rss2.0", before, |at| format!("<iptc:keyword>{at}</iptc:keyword>"), after);
    let (before, after) = (format!("{before}<iptc:a>"), format!("</iptc:a>{after}"));
    check_list("rss2.0", &before, |at| format!("<iptc:located>{at}</iptc:located>"), &after);
}

#[test]
fn of_problems_as_many_are_told_as_are_read_and_once_that_there_are_more() {
    let items = many(1000, |at| format!("<newsItem guid='{at}'><x href='a b{at}'/></newsItem>"));
    let g2 = document(&format!("<newsMessage><itemSet>{items}</itemSet></newsMessage>"));
    assert_eq!(told(&g2, "bad_address"), AGENCY_PROBLEMS_MAX);
    assert!(told(&g2, "missing_element") > 10);
    // It was said of the form of the message, and holds for its items too.
    assert_eq!((g2.problems.len(), told(&g2, "more_problems")), (AGENCY_MESSAGE_PROBLEMS_MAX, 1));

    let headlines = many(1000, |at| format!("\"headline_{at}\":{at},"));
    let long = "a".repeat(100_000);
    let ninjs = document(&format!(
        "{{\"uri\":\"1\",{headlines}\"type\":\"{long}\",\"{long}\":1,\"headline\":\"a\"}}"
    ));
    // The list of headlines was cut, which is told too.
    assert_eq!((ninjs.problems.len(), told(&ninjs, "more_problems")), (AGENCY_PROBLEMS_MAX + 2, 1));
    assert!(ninjs.problems.iter().all(|problem| problem.detail.len() < 1000));
}
