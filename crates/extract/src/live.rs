//! Live blogs: stories told entry by entry, each with its time, as their markup or their JSON-LD has them.

use std::collections::HashMap;

use depeche_news::limits::extract::LIVE_ENTRIES_MAX;
use depeche_news::limits::text::LINK_BYTES_MAX;
use depeche_news::{Block, LiveEntry, Moment};
use depeche_text::fold;
use serde_json::Value;
use url::Url;

use crate::blocks::{Page, Piece};
use crate::dates::{self, Order};
use crate::entry;
use crate::facts::Facts;
use crate::headline::letters;
use crate::linked_data::text;
use crate::marks::Marks;
use crate::render::{self, Setting};
use crate::tree::{NodeId, ROOT, Tree};

/// An entry as JSON-LD tells it (`liveBlogUpdate`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Update {
    at: Option<String>,
    headline: Option<String>,
    text: String,
}

/// The entries of a `LiveBlogPosting`.
pub(crate) fn updates(posting: &Value) -> Vec<Update> {
    let updates = match posting.get("liveBlogUpdate") {
        Some(Value::Array(updates)) => updates.as_slice(),
        Some(update) => std::slice::from_ref(update),
        None => &[],
    };
    let read = |update: &Value| Update {
        at: update.get("datePublished").or_else(|| update.get("dateModified")).and_then(text),
        headline: update.get("headline").or_else(|| update.get("name")).and_then(text),
        text: update.get("articleBody").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    updates.iter().take(LIVE_ENTRIES_MAX).map(read).collect()
}

/// Fewest entries of a live blog.
const ENTRIES_MIN: usize = 3;

/// The blocks of a body, with a head before each entry where it is a live blog; whether it is one.
pub(crate) fn blocks(
    page: &Page,
    facts: &Facts,
    pieces: Vec<Piece>,
    base: Option<&Url>,
) -> (Vec<Block>, bool) {
    let nature = &facts.linked.nature;
    let entries = Entries::of(page.tree, &page.marks, &pieces);
    let said =
        nature.live || is_said(facts) || entries.members.keys().any(|id| is_named(page.tree, *id));
    let is_live = nature.live || (said && entries.members.len() >= ENTRIES_MIN);
    if !is_live || entries.members.len() < ENTRIES_MIN {
        let blocks = render::blocks(pieces, &Setting::of_page(page.tree, base));
        return (told(&nature.updates, &blocks, base).unwrap_or(blocks), is_live);
    }
    let blocks = with_heads(page, facts, &entries, pieces, base);
    (told(&nature.updates, &blocks, base).unwrap_or(blocks), true)
}

/// The entries of the JSON-LD, where the page shows less than half of their text, or fewer of them and no more text.
fn told(updates: &[Update], shown: &[Block], base: Option<&Url>) -> Option<Vec<Block>> {
    let entries = shown.iter().filter(|block| matches!(block, Block::Entry(_))).count();
    let with_text = updates.iter().filter(|update| !update.text.is_empty()).count();
    let shown: usize = shown.iter().map(|block| block.text().len()).sum();
    let all: usize = updates.iter().map(|update| update.text.len()).sum();
    let fewer = entries < with_text && shown <= all;
    if updates.len() < ENTRIES_MIN || (shown * 2 >= all && !fewer) {
        return None;
    }
    let links = LINK_BYTES_MAX / updates.len();
    let blocks = updates.iter().flat_map(|update| {
        let at = update.at.as_deref().and_then(|at| dates::field(at, Order::DayFirst));
        let head = LiveEntry { at, shown: None, headline: update.headline.clone() };
        let inner = entry::fragment_within(&update.text, base, links);
        std::iter::once(Block::Entry(head)).chain(inner)
    });
    Some(blocks.collect())
}

fn with_heads(
    page: &Page,
    facts: &Facts,
    entries: &Entries,
    pieces: Vec<Piece>,
    base: Option<&Url>,
) -> Vec<Block> {
    let setting = Setting::of_page(page.tree, base);
    let (mut blocks, mut run) = (Vec::new(), Vec::new());
    let (mut current, mut head) = (None, LiveEntry::default());
    let told_at = told_at(facts);
    for piece in pieces {
        let member = entries.around(page.tree, piece.element);
        if member.is_some() && member != current {
            blocks.extend(render::blocks(std::mem::take(&mut run), &setting));
            current = member;
            let time = member.and_then(|member| entries.members.get(&member)).copied();
            head = self::head(page.tree, time);
            let own = piece.is_heading().then(|| piece.text.clone());
            head.headline = own.or_else(|| heading(page.tree, member?));
            let told = || told_at.get(&letters(head.headline.as_deref()?)).copied();
            head.at = head.at.or_else(told);
            blocks.push(Block::Entry(head.clone()));
        }
        // What the head says is not said again under it.
        let in_head =
            [&head.headline, &head.shown].into_iter().flatten().any(|said| *said == piece.text);
        if member.is_none() || !in_head {
            run.push(piece);
        }
    }
    blocks.extend(render::blocks(run, &setting));
    blocks
}

/// Nodes of an entry among which its heading is looked for.
const HEAD_NODES_MAX: usize = 40;

/// The heading of an entry; the choice of the story's text may have left it out.
fn heading(tree: &Tree, entry: NodeId) -> Option<String> {
    let is_heading = |id: &NodeId| matches!(tree.name(*id), "h2" | "h3" | "h4" | "h5");
    let heading = tree.walk(entry).take(HEAD_NODES_MAX).find(is_heading)?;
    Some(depeche_text::squash(&tree.text(heading))).filter(|text| !text.is_empty())
}

/// Longest time as a page shows it.
const SHOWN_CHARS_MAX: usize = 40;

fn head(tree: &Tree, time: Option<NodeId>) -> LiveEntry {
    let Some(time) = time else { return LiveEntry::default() };
    let shown = tree.text(time);
    let written = tree.attribute(time, "datetime").unwrap_or(&shown);
    LiveEntry {
        at: dates::field(written, Order::DayFirst),
        shown: (!shown.is_empty() && shown.chars().count() <= SHOWN_CHARS_MAX).then_some(shown),
        headline: None,
    }
}

/// When the entries were published by the JSON-LD, by the letters of their headlines.
fn told_at(facts: &Facts) -> HashMap<String, Moment> {
    let updates = facts.linked.nature.updates.iter().rev();
    let told = |update: &Update| {
        let at = dates::field(update.at.as_deref()?, Order::DayFirst)?;
        Some((letters(update.headline.as_deref()?), at))
    };
    updates.filter_map(told).collect()
}

/// The elements made alike, each with a time and a part of the body.
#[derive(Default)]
struct Entries {
    /// Each with the element that tells its time.
    members: HashMap<NodeId, NodeId>,
}

/// How far above its time an entry is looked for, and above a text its entry.
const REACH: usize = 5;
const DEPTH: usize = 12;

impl Entries {
    fn of(tree: &Tree, marks: &[Marks], pieces: &[Piece]) -> Self {
        let mut alike: HashMap<(NodeId, &str, &str), HashMap<NodeId, NodeId>> = HashMap::new();
        let is_time = |id: &NodeId| {
            tree.name(*id) == "time"
                || marks.get(*id as usize).is_some_and(|marks| marks.any(Marks::DATE))
        };
        for time in tree.walk(ROOT).filter(is_time).take(LIVE_ENTRIES_MAX * 4) {
            for around in tree.ancestors(time).take(REACH) {
                let name = tree.attribute(around, "class").unwrap_or_default();
                let name = name.split_whitespace().next().unwrap_or_default();
                let key = (tree.parent(around).unwrap_or(ROOT), tree.name(around), name);
                alike.entry(key).or_default().entry(around).or_insert(time);
            }
        }
        alike.retain(|_, members| members.len() >= ENTRIES_MIN);
        let mut best = Self::default();
        let mut groups: Vec<_> = alike.into_iter().collect();
        groups.sort_by_key(|(key, _)| *key);
        for (_, members) in groups {
            let group = Self { members };
            let mut used: Vec<NodeId> =
                pieces.iter().filter_map(|piece| group.around(tree, piece.element)).collect();
            used.sort_unstable();
            used.dedup();
            if used.len() >= ENTRIES_MIN && used.len() > best.members.len() {
                best.members = group
                    .members
                    .into_iter()
                    .filter(|(id, _)| used.binary_search(id).is_ok())
                    .collect();
            }
        }
        best
    }

    /// The entry that an element is in.
    fn around(&self, tree: &Tree, id: NodeId) -> Option<NodeId> {
        let mut around = std::iter::once(id).chain(tree.ancestors(id).take(DEPTH));
        around.find(|id| self.members.contains_key(id))
    }
}

/// Whether the page is a live blog by its JSON-LD or its titles.
pub(crate) fn is_declared(facts: &Facts) -> bool {
    facts.linked.nature.live || is_said(facts)
}

/// Whether the page calls itself live.
fn is_said(facts: &Facts) -> bool {
    const STARTS: &[&str] = &[
        "en direct",
        "direct",
        "live",
        "liveblog",
        "live-blog",
        "newsblog",
        "liveticker",
        "live-ticker",
        "en vivo",
        "en directo",
        "diretta",
        "ao vivo",
    ];
    const WITHIN: &[&str] = &[
        "minute par minute",
        "live updates",
        "live blog",
        "liveblog",
        "as it happened",
        "suivez en direct",
        "newsticker",
    ];
    let headings = facts.headings.iter().filter(|heading| heading.level == 1).take(2);
    let titles =
        std::iter::once(facts.title.as_str()).chain(headings.map(|heading| heading.text.as_str()));
    titles.map(fold).any(|title| {
        let starts = |start: &&str| crate::phrases::starts_as_word(&title, start);
        STARTS.iter().any(starts) || WITHIN.iter().any(|phrase| title.contains(phrase))
    })
}

/// Whether an element around an entry calls itself live.
fn is_named(tree: &Tree, id: NodeId) -> bool {
    std::iter::once(id).chain(tree.ancestors(id).take(4)).any(|around| {
        let names = tree.attribute(around, "class").unwrap_or_default().to_ascii_lowercase();
        let mut words = names.split(|c: char| !c.is_ascii_alphanumeric());
        tree.attribute(around, "role") == Some("feed")
            || words.any(|word| {
                matches!(
                    word,
                    "live" | "liveblog" | "livefeed" | "liveticker" | "ticker" | "direct"
                )
            })
    })
}
