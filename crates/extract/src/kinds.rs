//! Pages without a story, and what they are instead: by what they declare, how they are built, and what they say.
//!
//! Each judgement stands on what the choice of the body found. A page that declares a dated article is taken for one
//! unless there is next to nothing on it; a list of teasers is told by its build: between its paragraphs stand linked
//! headlines, and no run of paragraphs is as long as a story.

use std::collections::HashSet;

use depeche_text::fold;
use url::Url;

use crate::blocks::{self, Kind, Page, Piece, Strictness};
use crate::content::{Known, is_prose};
use crate::facts::Facts;
use crate::paywall;
use crate::tree::{NodeId, ROOT, Tree};
use crate::walls;

/// What a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageKind {
    /// A page with a story.
    #[default]
    Story,
    /// A page of which nothing was understood.
    Unknown,
    /// A list of other pages: a section, a tag, an author.
    List,
    /// A front page.
    Front,
    /// The results of a search.
    Search,
    /// An error: nothing at this address, no access, a check for robots.
    Error,
    /// A demand for consent.
    Consent,
    /// A form to sign in with.
    Login,
    /// Only a demand for money where the story would be.
    Paywall,
    /// A page that its scripts would have to fill.
    Scripts,
}

impl PageKind {
    /// The word that programs read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Unknown => "unknown",
            Self::List => "list",
            Self::Front => "front",
            Self::Search => "search",
            Self::Error => "error",
            Self::Consent => "consent",
            Self::Login => "login",
            Self::Paywall => "paywall",
            Self::Scripts => "scripts",
        }
    }

    /// Whether the page is something else than the page of one story, and a headline of it names no news.
    pub fn is_no_news(self) -> bool {
        !matches!(self, Self::Story | Self::Unknown | Self::Paywall | Self::Scripts)
    }

    /// Whether the story may be somewhere else on such a page than in its text.
    pub(crate) fn may_be_rescued(self) -> bool {
        !matches!(self, Self::List | Self::Front | Self::Search | Self::Error | Self::Login)
    }

    /// What is said of a page of this kind that leads to so many others.
    pub(crate) fn told(self, links: usize) -> String {
        match self {
            Self::Story | Self::Unknown => String::new(),
            Self::List => format!("list of {links} links"),
            Self::Front => format!("front page with {links} links"),
            Self::Search => format!("search results with {links} links"),
            Self::Error => "error page".to_owned(),
            Self::Consent => "consent wall".to_owned(),
            Self::Login => "login".to_owned(),
            Self::Paywall => "paywall".to_owned(),
            Self::Scripts => "script shell".to_owned(),
        }
    }
}

/// What is known of a page when its kind is asked.
pub(crate) struct Seen<'a> {
    pub(crate) page: &'a Page<'a>,
    pub(crate) facts: &'a Facts,
    pub(crate) known: &'a Known,
    /// Where it was found.
    pub(crate) base: Option<&'a Url>,
    /// What was chosen for the body.
    pub(crate) body: &'a [Piece],
    /// All pieces of the page.
    pub(crate) all: &'a [Piece],
    pub(crate) paywalled: bool,
}

/// A body of this size is a story whatever its page says of itself, unless it is built like a list.
const STORY_SIZE: usize = 600;

/// Fewest linked headlines of a list.
const TITLES_MIN: usize = 5;

/// Fewest cards of a list that is nothing else, and linked headlines of a small front page.
const CARDS_MIN: usize = 3;

/// What was found of a page's kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) kind: PageKind,
    /// To how many others it leads, where it is a list.
    pub(crate) links: usize,
    /// Whether money is asked for after what it shows of a story.
    pub(crate) paywalled: bool,
}

impl Found {
    fn of(kind: PageKind) -> Self {
        Self { kind, ..Self::default() }
    }
}

/// The kind of a page.
pub(crate) fn of(seen: &Seen) -> Found {
    let size = size(seen.body);
    let declared = Declared::of(seen.facts);
    if declared == Declared::Story && size >= paywall::START_CHARS_MAX {
        return Found::default();
    }
    let named = || size < paywall::START_CHARS_MAX && paywall::is_named(seen.page.tree);
    let paywalled = seen.paywalled || named() || paywall::is_asked_after(seen.body, seen.all, size);
    if declared == Declared::Story && size >= STORY_SIZE {
        return Found { paywalled, ..Found::default() };
    }
    let texts: Vec<String> = texts(seen.all);
    let said = walls::Said { titles: &titles(seen), texts: &texts, body: seen.body };
    let certain = declared == Declared::Story;
    let signs = Signs::of(seen);
    let wall = walls::of(seen.page.tree, &said, size, certain);
    if let Some(kind) = wall.filter(|kind| !(signs.search && *kind == PageKind::Error)) {
        return Found::of(kind);
    }
    let build = Build::of(seen);
    if let Some(kind) = list(&signs, &build, declared, seen.body) {
        return Found { links: build.titles, ..Found::of(kind) };
    }
    let kind = match () {
        () if size > 0 => PageKind::Story,
        () if paywalled || texts.iter().any(|text| paywall::is_sure(text)) => PageKind::Paywall,
        () if is_shell(seen.page.tree, seen.all) => PageKind::Scripts,
        () => PageKind::Unknown,
    };
    Found { paywalled: paywalled || kind == PageKind::Paywall, ..Found::of(kind) }
}

fn size(pieces: &[Piece]) -> usize {
    pieces.iter().filter(|piece| piece.kind != Kind::Image).map(|piece| piece.size).sum()
}

/// Most pieces whose words are looked at: a wall says what it is at the start.
const TEXTS_MAX: usize = 400;

fn texts(pieces: &[Piece]) -> Vec<String> {
    let texts = pieces.iter().filter(|piece| piece.kind != Kind::Image);
    texts.take(TEXTS_MAX).map(|piece| fold(&piece.text)).collect()
}

/// All that the page calls itself, folded.
fn titles(seen: &Seen) -> Vec<String> {
    let facts = seen.facts;
    let headings = facts.headings.iter().filter(|heading| heading.level == 1).take(3);
    let metas = facts.all_metas(&["og:title"]).take(1);
    let all = std::iter::once(facts.title.as_str())
        .chain(metas)
        .chain(headings.map(|heading| heading.text.as_str()));
    all.filter(|title| !title.is_empty()).map(fold).collect()
}

/// How surely a page declares a story.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    No,
    /// It says that it is an article and no more.
    Perhaps,
    Story,
}

impl Declared {
    fn of(facts: &Facts) -> Self {
        let nature = &facts.linked.nature;
        let is_list = nature.has(LIST_TYPES);
        let dated = facts.first_meta(&["article:published_time", "article:published"]).is_some();
        let article = facts.all_metas(&["og:type"]).any(|kind| kind.contains("article"));
        let main =
            facts.property("headline").is_some() && facts.property("datePublished").is_some();
        match nature.articles {
            1 | 2 if !is_list => Self::Story,
            _ if dated && !is_list => Self::Story,
            0..=2 if article || main || nature.articles > 0 || dated => Self::Perhaps,
            _ => Self::No,
        }
    }
}

/// Types of JSON-LD that name a page of other pages.
const LIST_TYPES: &[&str] = &["CollectionPage", "SearchResultsPage", "ProfilePage"];

/// Types that a story in chapters has as well.
const LIST_LIKE_TYPES: &[&str] = &["ItemList", "Blog"];

/// The longest teasers of a list, on the average.
const TEASER_SIZE_MAX: usize = 300;

/// Longest excuse for a search without results.
const NOTHING_FOUND_SIZE_MAX: usize = 300;

/// What a list is, if the page is one.
fn list(signs: &Signs, build: &Build, declared: Declared, body: &[Piece]) -> Option<PageKind> {
    let size = size(body);
    let cards = build.is_cards() && size < STORY_SIZE && declared == Declared::No;
    let front = signs.root && declared == Declared::No && build.titles >= CARDS_MIN;
    let few = build.titles < TITLES_MIN && !cards && !front;
    let results = signs.search && (build.titles >= 1 || size < NOTHING_FOUND_SIZE_MAX);
    if declared == Declared::Story || (few && !results) {
        return None;
    }
    let surely = signs.types || signs.root || signs.search || signs.many;
    let by_sign = (surely || (signs.names && declared == Declared::No))
        && build.longest < STORY_SIZE
        && (signs.types || signs.search || !build.opens_story);
    let by_build = declared == Declared::No && build.is_teasers() && !build.opens_story;
    let only = size == 0 || (by_links(body) && declared == Declared::No && !build.opens_story);
    // Teasers are short: what has more prose to a headline is a story in chapters.
    let longest = if surely { TEASER_SIZE_MAX } else { TEASER_SIZE_MAX * 3 / 4 };
    let short = size <= build.titles.max(1) * longest;
    if !(short && (by_sign || by_build || only || cards)) {
        return None;
    }
    Some(match () {
        () if signs.search => PageKind::Search,
        () if signs.root => PageKind::Front,
        () => PageKind::List,
    })
}

/// Whether most of what was taken for the body are links.
fn by_links(body: &[Piece]) -> bool {
    let linked: usize = body.iter().map(|piece| piece.linked).sum();
    linked * 10 >= size(body) * 6
}

/// What speaks for a list beside its build.
struct Signs {
    /// Its JSON-LD says so.
    types: bool,
    /// It stands at the top of its host.
    root: bool,
    /// Its address or its names of classes are those of sections.
    names: bool,
    /// It declares several articles side by side.
    many: bool,
    search: bool,
}

impl Signs {
    fn of(seen: &Seen) -> Self {
        let facts = seen.facts;
        let own = facts.canonical.as_deref().or_else(|| facts.first_meta(&["og:url"]));
        let own = own.and_then(|address| match seen.base {
            Some(base) => base.join(address.trim()).ok(),
            None => Url::parse(address.trim()).ok(),
        });
        let address = own.as_ref().or(seen.base);
        let names = body_names(seen.page.tree);
        let named = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
        let types = &facts.linked.nature;
        Self {
            types: types.has(LIST_TYPES) || (types.articles == 0 && types.has(LIST_LIKE_TYPES)),
            root: address.is_some_and(is_root) || named(FRONT_NAMES),
            names: named(LIST_NAMES) || address.is_some_and(is_section),
            many: types.articles > 2,
            search: types.has(&["SearchResultsPage"])
                || address.is_some_and(is_search)
                || named(SEARCH_NAMES)
                || titles(seen).iter().any(|title| walls::is_search_title(title)),
        }
    }
}

/// Names that systems give to the `body` of a list, a front page, a page of results.
const LIST_NAMES: &[&str] =
    &["archive", "category", "tag", "author", "date", "tax", "rubrique", "listing", "section-page"];
const FRONT_NAMES: &[&str] = &["home", "front", "frontpage", "homepage", "front-page", "home-page"];
const SEARCH_NAMES: &[&str] = &["search", "search-results", "search-no-results"];

fn body_names(tree: &Tree) -> Vec<String> {
    let body = tree.walk(ROOT).find(|id| tree.name(*id) == "body");
    let names = body.and_then(|body| tree.attribute(body, "class")).unwrap_or_default();
    names.split_whitespace().take(60).map(str::to_ascii_lowercase).collect()
}

fn is_root(address: &Url) -> bool {
    let path = address.path().trim_matches('/').to_ascii_lowercase();
    let is_index = path.starts_with("index.") || path.starts_with("accueil") || path == "home";
    let is_language = path.len() == 2 && path.bytes().all(|b| b.is_ascii_alphabetic());
    address.query().is_none() && (path.is_empty() || (is_index && path.len() < 14) || is_language)
}

fn is_search(address: &Url) -> bool {
    const PLACES: &[&str] = &["search", "recherche", "suche", "buscar", "busca", "cerca", "zoeken"];
    let mut parts = address.path().rsplit('/').filter(|part| !part.is_empty());
    parts.next().is_some_and(|last| PLACES.contains(&last)) && parts.count() < 2
}

fn is_section(address: &Url) -> bool {
    const FOLDERS: &[&str] = &[
        "tag",
        "tags",
        "category",
        "categories",
        "categorie",
        "rubrique",
        "rubriques",
        "theme",
        "themes",
        "thema",
        "topic",
        "topics",
        "section",
        "sections",
        "author",
        "authors",
        "auteur",
        "auteurs",
        "autor",
        "search",
        "recherche",
        "suche",
        "buscar",
        "archives",
    ];
    let mut parts: Vec<&str> = address.path().split('/').filter(|part| !part.is_empty()).collect();
    let Some(last) = parts.pop() else { return false };
    let paged = last.bytes().all(|b| b.is_ascii_digit()) && parts.last() == Some(&"page");
    // What ends with a number or has a long name of many words is an article in a section's folder.
    let named = last.matches('-').count() < 4 && !last.bytes().any(|b| b.is_ascii_digit());
    paged || (named && parts.iter().any(|part| FOLDERS.contains(part))) || FOLDERS.contains(&last)
}

/// How a page is built: its linked headlines, and the paragraphs between them.
#[derive(Default)]
struct Build {
    /// Linked headlines, each address once.
    titles: usize,
    /// The size of the longest run of paragraphs without a linked headline in it.
    longest: usize,
    /// Whether such a run of some length follows the page's own headline.
    opens_story: bool,
    /// Of the places between two paragraphs of the body: all, and those with a linked headline.
    gaps: (usize, usize),
    /// Paragraphs of the body: all, and those of them that directly follow a linked heading.
    cards: (usize, usize),
}

/// A run of paragraphs right under the headline that is no introduction of a section; under a headline of several
/// words less is enough: a section has a name.
const OPENING_SIZE: usize = 280;
const OPENING_UNDER_WORDS_SIZE: usize = 100;
const HEADLINE_WORDS_MIN: usize = 5;

impl Build {
    fn of(seen: &Seen) -> Self {
        let links = Links::of(seen);
        let in_body: HashSet<NodeId> = seen.body.iter().map(|piece| piece.element).collect();
        let mut build = Self::default();
        let mut titles = HashSet::new();
        // What a run under the headline has to have to be a story.
        let (mut run, mut opening) = (0, None);
        let (mut in_gap, mut before, mut under) = (false, false, false);
        for piece in blocks::pieces(seen.page, Strictness::Elements) {
            let title = links.title(&piece);
            if let Some(address) = title {
                titles.insert(address);
                (run, opening, in_gap, under) = (0, None, true, piece.is_heading());
            }
            if !piece.is_heading() && is_prose(&piece) {
                run += piece.size - piece.linked.min(piece.size);
                build.longest = build.longest.max(run);
                build.opens_story |= opening.is_some_and(|enough| run >= enough);
                if in_body.contains(&piece.element) {
                    build.gaps.0 += usize::from(before);
                    build.gaps.1 += usize::from(before && in_gap);
                    (before, in_gap) = (true, false);
                    build.cards.0 += 1;
                    build.cards.1 += usize::from(under);
                }
                under = false;
            } else if seen.known.is_headline(&piece) && piece.link_density() < 0.5 {
                let words = piece.text.split_whitespace().count() >= HEADLINE_WORDS_MIN
                    || piece.size > 2 * piece.text.chars().count();
                (run, opening) =
                    (0, Some(if words { OPENING_UNDER_WORDS_SIZE } else { OPENING_SIZE }));
            }
        }
        build.titles = titles.len();
        build
    }

    /// Whether each paragraph of the body stands under a linked heading of its own.
    fn is_cards(&self) -> bool {
        let (all, under) = self.cards;
        all >= 2 && all == under && self.titles >= CARDS_MIN
    }

    /// Whether what was taken for the body are the teasers of other pages.
    fn is_teasers(&self) -> bool {
        let (all, linked) = self.gaps;
        let mostly =
            (all >= 3 && linked * 10 >= all * 7) || (matches!(all, 1 | 2) && linked == all);
        mostly && self.longest < STORY_SIZE
    }
}

/// The links of a page to other pages of its host.
struct Links<'a> {
    tree: &'a Tree,
    host: Option<&'a str>,
}

/// Shortest text of a linked headline.
const TITLE_SIZE_MIN: usize = 18;

impl<'a> Links<'a> {
    fn of(seen: &Seen<'a>) -> Self {
        Self { tree: seen.page.tree, host: seen.base.and_then(Url::host_str) }
    }

    /// Where a linked headline leads: one that is the whole piece, or that opens it. Nothing where there is none.
    fn title(&self, piece: &Piece) -> Option<&'a str> {
        if piece.kind == Kind::Image || piece.linked < TITLE_SIZE_MIN || !is_title(&piece.text) {
            return None;
        }
        let whole = piece.link_density() >= 0.8;
        let around =
            std::iter::once(piece.element).chain(self.tree.ancestors(piece.element)).take(4);
        let within = self.tree.walk(piece.element).take(40);
        let around = around.filter(|_| whole);
        let opens = |id: &NodeId| {
            let text = self.tree.text(*id);
            // A sentence that begins with a link goes on after it.
            let after = piece.text.strip_prefix(&text).map(str::trim_start);
            is_title(&text) && after.is_some_and(|rest| rest.starts_with(char::is_uppercase))
        };
        let mut links = within.chain(around).filter(|id| self.tree.name(*id) == "a");
        let link = links.find(|id| whole || opens(id))?;
        self.tree.attribute(link, "href").filter(|address| self.is_own(address))
    }

    fn is_own(&self, address: &str) -> bool {
        let Some((_, rest)) = address.split_once("//") else {
            return !address.starts_with(['#', '?']) && !address.contains("javascript:");
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        self.host.is_none_or(|own| domain(own) == domain(host))
    }
}

fn is_title(text: &str) -> bool {
    let size = blocks::size(text);
    size >= TITLE_SIZE_MIN
        && (text.split_whitespace().count() >= 3 || size >= 2 * text.chars().count())
}

/// The last two names of a host: subdomains are sections of one outlet.
fn domain(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let at = dots.nth(1).map_or(0, |at| at + 1);
    host.get(at..).unwrap_or(host)
}

/// Whether a page has scripts and next to no text.
fn is_shell(tree: &Tree, pieces: &[Piece]) -> bool {
    let text: usize =
        pieces.iter().filter(|piece| piece.link_density() < 0.5).map(|p| p.size).sum();
    text < 400 && tree.walk(ROOT).any(|id| tree.name(id) == "script")
}
