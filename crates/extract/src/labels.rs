//! Names that a page gives its story by links only: tags, categories, the way down to it from the front page.

use depeche_news::limits::extract::LINKED_NAMES_MAX;

use depeche_text::squash;

use crate::blocks::Page;
use crate::tree::{NodeId, Tree};

/// What the links of a page call its story, each in the order of the page.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Links with `rel=tag`.
    pub(crate) tags: Vec<String>,
    /// Links that say they lead to a category.
    pub(crate) categories: Vec<String>,
    /// The steps of a breadcrumb.
    pub(crate) crumbs: Vec<String>,
    /// What the first tag stands in: those elsewhere are of other stories.
    tagged: Option<NodeId>,
    categorised: Option<NodeId>,
    /// Breadcrumbs that told nothing.
    looked: usize,
}

/// Longest name, in bytes: more is no label.
const NAME_BYTES_MAX: usize = 80;

/// Elements around a link in which its neighbours stand: an item and its list.
const AROUND: usize = 2;

/// Elements of a breadcrumb that are looked at.
const CRUMB_NODES_MAX: usize = 80;

/// Breadcrumbs that are looked at: a page has one, some have it twice.
const CRUMBS_MAX: usize = 8;

/// Elements of a link that are looked at.
const LINK_NODES_MAX: usize = 20;

impl Labels {
    /// Takes in a link.
    pub(crate) fn link(&mut self, tree: &Tree, id: NodeId) {
        let Some(rel) = tree.attribute(id, "rel") else { return };
        let says = |wanted: &str| rel.split_whitespace().any(|r| r.eq_ignore_ascii_case(wanted));
        let category = says("category");
        if !category && !says("tag") || is_aside(tree, id) {
            return;
        }
        let (names, place) = match category {
            true => (&mut self.categories, &mut self.categorised),
            false => (&mut self.tags, &mut self.tagged),
        };
        let around = tree.ancestors(id).take(AROUND).last();
        let near = tree.ancestors(id).take(AROUND).any(|a| Some(a) == *place);
        if place.is_none() || near {
            *place = place.or(around);
            add(names, name(tree, id));
        }
    }

    /// Takes in an element, if it is a breadcrumb.
    pub(crate) fn crumb(&mut self, page: &Page, id: NodeId) {
        let done = !self.crumbs.is_empty() || self.looked >= CRUMBS_MAX;
        if done || !is_breadcrumb(page.tree, id) {
            return;
        }
        self.looked += 1;
        let tree = page.tree;
        let links = tree.walk(id).take(CRUMB_NODES_MAX).filter(|inner| tree.name(*inner) == "a");
        links.for_each(|link| add(&mut self.crumbs, name(tree, link)));
    }
}

fn add(names: &mut Vec<String>, name: String) {
    let is_new = !name.is_empty() && !names.contains(&name);
    if is_new && name.len() <= NAME_BYTES_MAX && names.len() < LINKED_NAMES_MAX {
        names.push(name);
    }
}

/// The text of a link, without the sign that some put before a keyword.
fn name(tree: &Tree, id: NodeId) -> String {
    let mut text = String::new();
    for piece in tree.walk(id).take(LINK_NODES_MAX).filter_map(|id| tree.text_of(id)) {
        if text.len() + piece.len() > NAME_BYTES_MAX * 4 {
            return String::new();
        }
        text.extend(piece.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    squash(text.trim_start_matches(['#', ' ']))
}

fn is_aside(tree: &Tree, id: NodeId) -> bool {
    tree.ancestors(id).any(|around| matches!(tree.name(around), "aside" | "nav"))
}

/// Whether an element calls itself the way to the page, by its class, its label or its type.
fn is_breadcrumb(tree: &Tree, id: NodeId) -> bool {
    const NAMES: [&str; 3] = ["readcrumb", "ariane", "READCRUMB"];
    let is_list = matches!(tree.name(id), "nav" | "ol" | "ul" | "div" | "p" | "section");
    is_list
        && ["class", "id", "itemtype", "typeof", "aria-label"].iter().any(|attribute| {
            tree.attribute(id, attribute)
                .is_some_and(|value| NAMES.iter().any(|name| value.contains(name)))
        })
}
