//! The story in the data that a page's own scripts work with, where the page itself does not show it: the state of
//! Next.js, Nuxt, Apollo and Redux, JSON in scripts, and at last any long text in a script.
//!
//! A text is taken for the story when it stands under a name that means a body, or is a run of paragraphs in one list, and
//! fits what the page is called. It is sanitised like any fragment by whoever takes it.

mod literal;
mod nuxt;
mod walk;

use std::collections::HashMap;

use depeche_news::limits::extract::{STATE_BYTES_MAX, STATE_VALUES_MAX, STATES_MAX};
use depeche_text::fold;
use serde_json::Value;

use crate::headline::letters;
use crate::tree::{NodeId, ROOT, Tree};

/// A story that was found in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Story {
    /// Markup or plain text.
    pub(crate) text: String,
    pub(crate) headline: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) authors: Vec<String>,
    /// Which kind of data it was in.
    pub(crate) evidence: &'static str,
}

/// What the page says of the story that is looked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// All forms of the headline, as letters.
    pub(crate) headlines: &'a [String],
    pub(crate) headline: &'a str,
    /// Folded descriptions.
    pub(crate) standfirsts: &'a [String],
    pub(crate) address: Option<&'a str>,
}

/// Shortest text that may be a story.
const STORY_BYTES_MIN: usize = 200;

/// The longest text in the page's scripts that fits what is wanted.
pub(crate) fn story(tree: &Tree, wanted: &Wanted) -> Option<Story> {
    let mut found = Vec::new();
    let mut room = STATE_BYTES_MAX;
    let mut made = nuxt::Room::new();
    let mut streamed = String::new();
    for id in tree.walk(ROOT).filter(|id| tree.name(*id) == "script") {
        let Some(text) = text(tree, id, &mut room) else { continue };
        if text.contains("__next_f.push(") {
            streamed.push_str(&chunks(&text));
        } else {
            of_script(tree, id, &text, &mut made, &mut found);
        }
    }
    of_stream(&streamed, &mut found);
    found.sort_by_key(|story| std::cmp::Reverse(story.text.len()));
    let words = words(wanted.headline);
    found.into_iter().find(|story| fits(story, wanted, &words))
}

/// What stands in a script, if it may hold a story and there is room for it.
fn text(tree: &Tree, id: NodeId, room: &mut usize) -> Option<String> {
    let kind = tree.attribute(id, "type").unwrap_or_default();
    let skipped = kind.contains("ld+json") || kind.contains("template") || kind.contains("html");
    let texts = || tree.children(id).filter_map(|child| tree.text_of(child));
    let size: usize = texts().map(str::len).sum();
    // A stream comes in pieces of any size.
    let short = size < STORY_BYTES_MIN && !texts().any(|text| text.contains("__next_f"));
    if skipped || short || size > *room {
        return None;
    }
    *room -= size;
    Some(texts().collect())
}

fn of_script(tree: &Tree, id: NodeId, script: &str, made: &mut nuxt::Room, found: &mut Vec<Story>) {
    let named = tree.attribute(id, "id").unwrap_or_default();
    let evidence = match script {
        _ if named.contains("NEXT") => "next data",
        _ if named.contains("NUXT") || script.contains("__NUXT__") => "nuxt data",
        _ => "page state",
    };
    let before = found.len();
    let mut room = STATE_VALUES_MAX;
    for state in states(script) {
        let put_together = named.contains("NUXT").then(|| nuxt::read(&state, made)).flatten();
        let state = put_together.unwrap_or(state);
        walk::gather(&state, evidence, &HashMap::new(), &mut room, found);
    }
    if found.len() == before {
        literal::gather(script, evidence, found);
    }
}

/// The JSON values of a script: all of it, or what is given to a name.
fn states(script: &str) -> Vec<Value> {
    let script = script.trim();
    if script.starts_with(['{', '['])
        && let Ok(state) = serde_json::from_str(script.trim_end_matches(';'))
    {
        return vec![state];
    }
    let (mut states, mut at) = (Vec::new(), 0);
    for _ in 0..STATES_MAX {
        let Some(start) = next_given(script, at) else { break };
        let rest = script.get(start..).unwrap_or_default();
        at = start + 1;
        if let Some((state, end)) = value(rest) {
            states.push(state);
            at = start + end.max(1);
        }
    }
    states
}

/// Where the next value begins that a script gives to a name: `= {"`, `= JSON.parse(`.
fn next_given(script: &str, from: usize) -> Option<usize> {
    let rest = script.get(from..)?;
    let mut equals = rest.match_indices('=').map(|(at, _)| from + at + 1);
    equals
        .find_map(|at| {
            let after = script.get(at..)?;
            let bare = after.trim_start();
            let inside = bare.strip_prefix(['{', '['])?.trim_start();
            let is_json = inside.starts_with(['"', '{', '[']);
            is_json.then_some(at + after.len() - bare.len())
        })
        .into_iter()
        .chain(script.get(from..)?.find("JSON.parse(").map(|at| from + at))
        .min()
}

/// The value at the start of a script's text, and where it ends.
fn value(text: &str) -> Option<(Value, usize)> {
    if let Some(inside) = text.strip_prefix("JSON.parse(") {
        let inside = inside.trim_start().trim_start_matches("decodeURIComponent(");
        let (literal, end) = literal::read(inside)?;
        let state = serde_json::from_str(&literal).ok();
        let state =
            state.or_else(|| serde_json::from_str(&literal::percent_decoded(&literal)).ok())?;
        return Some((state, text.len() - inside.len() + end));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let state = values.next()?.ok()?;
    Some((state, values.byte_offset()))
}

/// What a script adds to the stream of the app router (`self.__next_f.push([1,"…"])`).
fn chunks(script: &str) -> String {
    let pushed = script.split("__next_f.push(").skip(1).filter_map(value);
    let texts = pushed.filter_map(|(pushed, _)| Some(pushed.get(1)?.as_str()?.to_owned()));
    texts.collect()
}

/// The rows of such a stream: `id:JSON` to the end of the line, `id:Tlength,text`. A text is named in the others by `$id`.
fn of_stream(stream: &str, found: &mut Vec<Story>) {
    let rows = rows(stream);
    let texts: HashMap<&str, &str> =
        rows.iter().filter_map(|row| Some((row.id, row.content.err()?))).collect();
    // Told from the others once, not wherever one is named.
    let texts: HashMap<&str, &str> =
        texts.into_iter().filter(|(_, text)| walk::is_told(text)).collect();
    let mut room = STATE_VALUES_MAX;
    for json in rows.iter().filter_map(|row| row.content.ok()) {
        if let Ok(state) = serde_json::from_str(json) {
            walk::gather(&state, "next data", &texts, &mut room, found);
        }
    }
    for text in texts.values() {
        let text = (*text).to_owned();
        walk::add(found, Story { text, evidence: "next data", ..Story::default() });
    }
}

/// A row of a stream: JSON, or a text.
struct Row<'s> {
    id: &'s str,
    content: Result<&'s str, &'s str>,
}

fn rows(mut stream: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    while !stream.is_empty() {
        // No search goes farther than an id or a length does: each row would search to the end.
        let digits = stream.bytes().take(9).take_while(u8::is_ascii_hexdigit).count();
        let parted = stream.split_at_checked(digits).filter(|_| digits <= 8);
        let Some((id, row)) = parted.and_then(|(id, row)| Some((id, row.strip_prefix(':')?)))
        else {
            let next = stream.find('\n').map_or(stream.len(), |at| at + 1);
            stream = stream.get(next..).unwrap_or_default();
            continue;
        };
        let text = row.strip_prefix('T').and_then(|row| {
            let digits = row.bytes().take(9).take_while(u8::is_ascii_hexdigit).count();
            let (length, text) = row.split_at_checked(digits)?;
            Some((length, text.strip_prefix(',')?))
        });
        let length = |(length, text)| Some((usize::from_str_radix(length, 16).ok()?, text));
        if let Some((length, text)) = text.and_then(length) {
            let end = (length.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at));
            let (text, rest) = text.split_at(end.unwrap_or(text.len()));
            rows.push(Row { id, content: Err(text) });
            stream = rest;
        } else {
            let (row, rest) = row.split_once('\n').unwrap_or((row, ""));
            let json = row.trim_start_matches(|c: char| c.is_ascii_uppercase());
            rows.push(Row { id, content: Ok(json) });
            stream = rest;
        }
    }
    rows
}

/// The words of a headline that say what it is about.
fn words(headline: &str) -> Vec<String> {
    let folded = fold(headline);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().count() >= 4).map(str::to_owned).collect()
}

/// Whether a text is the story that the page is about: by its title, its start, its words, or the address.
fn fits(story: &Story, wanted: &Wanted, words: &[String]) -> bool {
    let title = story.headline.as_deref().map(letters).filter(|title| title.len() >= 8);
    let by_title = title.as_ref().is_some_and(|title| wanted.headlines.contains(title));
    by_title || by_text(story, wanted, words) || by_address(story, wanted)
}

/// How much of a text is compared with the words of the headline.
const COMPARED_CHARS: usize = 20_000;

fn by_text(story: &Story, wanted: &Wanted, words: &[String]) -> bool {
    let plain: String = story.text.chars().take(COMPARED_CHARS).collect();
    let folded = fold(&crate::linked_data::decoded(&plain));
    let starts = |standfirst: &String| {
        let start: String = standfirst.chars().take(60).collect();
        start.chars().count() >= 40 && folded.contains(&start)
    };
    let has = words.iter().filter(|word| folded.contains(word.as_str())).count();
    (words.len() >= 3 && has * 10 >= words.len() * 6) || wanted.standfirsts.iter().any(starts)
}

/// Whether the words of its title are those of the page's address.
fn by_address(story: &Story, wanted: &Wanted) -> bool {
    let (Some(title), Some(address)) = (&story.headline, wanted.address) else { return false };
    let address = fold(address);
    let words = words(title);
    let has = words.iter().filter(|word| address.contains(word.as_str())).count();
    has >= 3 && has * 10 >= words.len() * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "Le conseil municipal a voté lundi soir le plan qui ferme le pont aux camions. \
        La maire a évoqué des fissures dans la deuxième arche, devant une salle comble. Les travaux, estimés à trois \
        millions d'euros, commenceront à l'automne et dureront quatorze mois, a précisé le département.";

    #[track_caller]
    fn check(scripts: &str, evidence: Option<&str>, headline: Option<&str>) {
        let tree = crate::tree::parse(scripts);
        let headlines = [letters("Le pont fermé aux camions")];
        let wanted = Wanted {
            headlines: &headlines,
            headline: "Le pont fermé aux camions",
            ..Wanted::default()
        };
        let story = story(&tree, &wanted);
        let told = story.as_ref().map(|story| (story.evidence, story.headline.as_deref()));
        assert_eq!(told, evidence.map(|evidence| (evidence, headline)), "{scripts}");
        if let Some(story) = story {
            assert!(story.text.contains("deuxième arche") && story.text.contains("quatorze mois"));
        }
    }

    #[test]
    fn stories_are_found_where_frameworks_keep_them() {
        let title = Some("Le pont fermé aux camions");
        let object = format!("{{\"title\":\"Le pont fermé aux camions\",\"body\":\"{STORY}\"}}");
        let next = format!(
            "<script id=__NEXT_DATA__ type=application/json>{{\"props\":{object}}}</script>"
        );
        check(&next, Some("next data"), title);
        check(
            &format!("<script>window.__INITIAL_STATE__ = {{\"a\":{object}}};x()</script>"),
            Some("page state"),
            title,
        );
        check(
            &format!("<script>Fusion.x=1;Fusion.globalContent={object};</script>"),
            Some("page state"),
            title,
        );
        check(
            &format!(
                "<script>window.__PRELOADED_STATE__ = JSON.parse(\"{}\")</script>",
                object.replace('"', "\\\"")
            ),
            Some("page state"),
            title,
        );
        let devalue = format!(
            "[[\"Reactive\",1],{{\"article\":2}},{{\"title\":3,\"content\":4}},\"Le pont fermé aux camions\",\"{STORY}\"]"
        );
        check(
            &format!("<script id=__NUXT_DATA__ type=application/json>{devalue}</script>"),
            Some("nuxt data"),
            title,
        );
        check(
            &format!(
                "<script>window.__NUXT__=(function(a){{return {{data:[{{body:a}}]}}}}(\"<p>{STORY}\"))</script>"
            ),
            Some("nuxt data"),
            None,
        );
        let row = format!("7:T{:x},{STORY}8:[]\n", STORY.len());
        let push =
            |text: &str| format!("<script>self.__next_f.push([1,{}])</script>", Value::from(text));
        let (a, b) = row.split_at(100);
        check(&format!("{}{}", push(a), push(b)), Some("next data"), None);
        check(&push(&format!("3:{object}\n")), Some("next data"), title);
    }

    #[test]
    fn what_does_not_fit_or_is_no_story_is_left() {
        let other =
            STORY.replace("pont", "port").replace("camions", "bateaux").replace("ferme", "ouvre");
        check(&format!("<script>x={{\"body\":\"{other}\"}}</script>"), None, None);
        check("<script>x={\"body\":\"le pont ferme aux camions\"}</script>", None, None);
        check(
            &format!(
                "<script>x={{\"tracking\":\"{}\"}}</script>",
                "ferme,camions,pont,".repeat(40)
            ),
            None,
            None,
        );
    }
}
