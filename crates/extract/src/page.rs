//! The way of a page through this crate, from its bytes to its article.

use std::collections::HashSet;

use depeche_news::limits::extract::{PAGE_BYTES_MAX, PIECES_MAX};
use depeche_news::{Article, Block, Problem};
use depeche_text::{Decoded, fold, squash};
use url::Url;

use crate::blocks::Page;
use crate::choice::{Declared, Model, Sheet};
use crate::content::{self, Known};
use crate::dates::Order;
use crate::facts::Facts;
use crate::kinds::{self, PageKind, Seen};
use crate::lines::{Beside, Line};
use crate::opening::Opening;
use crate::published::{changed, modified, published};
use crate::study::{Study, Titles};
use crate::trail::Trail;
use crate::{
    Extracted, Hints, about, addresses, authors, blocks, choice, credit, dates, ends, headline,
    linked_data, live, paywall, pictures, standfirst, states, tree,
};

/// Understands a page.
pub fn article(page: &[u8], hints: &Hints) -> Extracted {
    let text = decoded(page, hints);
    let extracted = match crate::is_document(&text.text) {
        true => crate::refused(),
        false => of_text(&text, hints, None),
    };
    told_if_cut(page, extracted)
}

/// Adds the problem of a page that was too long to be read to its end.
pub(crate) fn told_if_cut(page: &[u8], mut extracted: Extracted) -> Extracted {
    if page.len() > PAGE_BYTES_MAX {
        extracted.problems.push(Problem::new("incomplete", "page too long"));
    }
    extracted
}

/// Reads the bytes of a page as text: its label, its own declaration, or what it looks like.
pub fn decoded(page: &[u8], hints: &Hints) -> Decoded {
    let page = page.get(..PAGE_BYTES_MAX).unwrap_or(page);
    let label = hints.content_type.and_then(charset_in);
    let start = String::from_utf8_lossy(page.get(..DECLARED_BYTES_MAX).unwrap_or(page));
    let decoded = depeche_text::decode(page, &[label, charset_in(&start)]);
    match depeche_text::mended(&decoded.text) {
        Some(text) => Decoded { text, encoding: "encoded twice", damaged: true },
        None => decoded,
    }
}

/// Where a page declares its charset: browsers look at the first kilobyte, outlets are later.
const DECLARED_BYTES_MAX: usize = 4096;

/// The value after `charset=`.
fn charset_in(text: &str) -> Option<&str> {
    let at = text.find("charset=").or_else(|| text.find("CHARSET="))? + "charset=".len();
    let value = text.get(at..)?.trim_start_matches(['"', '\'', ' ']);
    let end = value
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c))
        .unwrap_or(value.len());
    value.get(..end)
}

/// Understands the decoded text of a page.
pub(crate) fn of_text(page: &Decoded, hints: &Hints, mut trail: Option<&mut Trail>) -> Extracted {
    let tree = tree::parse(&page.text);
    let parsed = Page::new(&tree);
    let mut told = Told::default();
    let here = hints.address.and_then(|address| Url::parse(address).ok());

    let Declarations { facts, outlet, headline, known, authors: (mut authors, mut evidence) } =
        Declarations::of(&parsed, hints);
    let base = addresses::base(facts.base.as_deref(), here.as_ref());
    let outlet = told.either("outlet", outlet);
    told.by("headline", headline.evidence);
    let declared = Declared::new(facts.linked.body.as_deref(), &headline.headline);
    let model = hints.model.unwrap_or_else(|| choice::own());
    let mut found = content::judged_by(model, &parsed, &known, &declared, trail.as_deref_mut());
    if authors.is_empty() {
        (authors, evidence) = authors_beside(&found, &headline.headline, &facts, outlet.as_deref());
    }
    told.by("authors", evidence);
    ends::without_signature(&mut found.pieces, &authors, trail.as_deref_mut());
    let starts: Vec<&str> = std::iter::once(headline.headline.as_str())
        .chain(found.pieces.iter().take(STARTS_MAX).map(|piece| piece.text.as_str()))
        .collect();
    let above: Vec<String> = found.beside.above.iter().map(Line::text).collect();
    let lines = (above.as_slice(), found.lines.as_slice());
    let published = told.either("published", published(&facts, hints, lines, &starts));
    let changed = || Some((changed(&facts, hints, lines)?, "line"));
    let modified = told.either("modified", modified(&facts).or_else(changed));
    ends::trim(&mut found.pieces, trail.as_deref_mut());
    let standfirst = told.either("standfirst", standfirst_of(&facts, &found, &headline.headline));
    let beside = found.beside;
    let opening = Opening::of(&parsed, &found.pieces, &authors);
    let from = Sources {
        tree: &tree,
        page: &parsed,
        facts: &facts,
        known: &known,
        here: here.as_ref(),
        base: base.as_ref(),
        hints,
        headline: &headline.headline,
        all: &found.all,
    };
    let Shown { kind, links, paywalled, live, mut body, stated, differs } =
        shown(&from, found.pieces, &mut told);
    let picture = pictures::leading(&parsed, &facts, base.as_ref(), opening.as_ref(), &mut body);
    let kind = if body.is_empty() { kind } else { PageKind::Story };
    let mut article = Article {
        headline: headline.headline,
        standfirst,
        authors,
        body,
        published,
        modified,
        image: told.either("image", picture),
        outlet,
        paywalled,
        live,
        ..Article::default()
    };
    surrounded(&mut article, &facts, base.as_ref(), here.as_ref(), &mut told);
    since_first_entry(&mut article, &mut told);
    stated.into_iter().for_each(|stated| completed(&mut article, stated, &facts));
    signed(&mut article, &facts, hints, &beside, &mut told);
    ends::without_credit(&mut article, trail);
    article.dateline = told.either("dateline", dateline(&article));
    let many = found.all.len() >= PIECES_MAX;
    let mut problems = problems(page, tree.cut, many, &article, &kind.told(links));
    problems.extend(differs.then(|| Problem::new("declared_text_differs", "json-ld")));
    Extracted { article, evidence: told.0, problems, kind }
}

/// Fills in what the page tells about its story besides it.
fn surrounded(
    article: &mut Article,
    facts: &Facts,
    base: Option<&Url>,
    here: Option<&Url>,
    told: &mut Told,
) {
    let section = about::section(facts, &article.headline, article.outlet.as_deref());
    article.section = told.either("section", section);
    let evidence;
    (article.keywords, evidence) = about::keywords(facts);
    told.by("keywords", evidence);
    article.address = told.either("address", about::address(facts, base, here));
}

/// Fills in the language, and from whom the story is.
fn signed(article: &mut Article, facts: &Facts, hints: &Hints, beside: &Beside, told: &mut Told) {
    let language = about::language(&sample(article), facts, hints.language);
    article.language = told.either("language", language);
    let french = article.language.as_deref() == Some("fr");
    let credit;
    (article.headline, credit) = credited(article, facts, hints, beside, french);
    // Who signs is not credited besides.
    let signs = |credit: &str| article.authors.iter().any(|name| fold(name) == fold(credit));
    article.credit = told.either("credit", credit.filter(|(credit, _)| !signs(credit)));
}

/// What a body is made from, besides what was chosen of the page.
struct Sources<'a> {
    tree: &'a tree::Tree,
    page: &'a Page<'a>,
    facts: &'a Facts,
    known: &'a Known,
    /// Where the page was found.
    here: Option<&'a Url>,
    /// What its relative addresses start from.
    base: Option<&'a Url>,
    hints: &'a Hints<'a>,
    headline: &'a str,
    /// All pieces of the page.
    all: &'a [blocks::Piece],
}

/// The body as readers get it, and the kind of page it stands on.
struct Shown {
    kind: PageKind,
    /// Other pages of its host that a list leads to.
    links: usize,
    paywalled: bool,
    live: bool,
    body: Vec<Block>,
    /// Where the story is only in the page's scripts.
    stated: Option<states::Story>,
    /// Whether the text that the page declares is another than the one it shows.
    differs: bool,
}

/// What is shown of the pieces that were chosen, and what is taken from elsewhere where they are too few.
fn shown(from: &Sources, pieces: Vec<blocks::Piece>, told: &mut Told) -> Shown {
    let Sources { tree, page, facts, known, here, base, hints, headline, all } = *from;
    let paywalled = paywall::is_declared(facts);
    let seen = Seen { page, facts, known, base: here, body: &pieces, all, paywalled };
    let kinds::Found { kind, links, mut paywalled } = kinds::of(&seen);
    let linked = facts.linked.body.clone().filter(|_| kind.may_be_rescued());
    let pieces = if kind == PageKind::Story { pieces } else { Vec::new() };
    let (blocks, live) = live::blocks(page, facts, pieces, base);
    let (mut body, differs) = rescued(linked.as_deref(), headline, blocks, told);
    let stated = stated(tree, known, headline, hints, base, kind, &mut body);
    if let Some(stated) = &stated {
        told.instead("body", stated.evidence);
    }
    let declared = paywalled;
    paywalled |= paywall::without_lines(&mut body, paywalled);
    let by = |yes: bool, declared: bool| match (yes, declared) {
        (true, true) => "declared",
        (true, false) => "page",
        _ => "",
    };
    told.by("paywalled", by(paywalled, declared));
    told.by("live", by(live, facts.linked.nature.live));
    Shown { kind, links, paywalled, live, body, stated, differs }
}

/// What a page declares, reconciled, and what is known by it before the body is looked for.
struct Declarations {
    facts: Facts,
    /// The outlet, and which evidence named it.
    outlet: Option<(String, &'static str)>,
    headline: headline::Chosen,
    known: Known,
    /// The authors, and which evidence named them.
    authors: (Vec<String>, &'static str),
}

impl Declarations {
    fn of(page: &Page, hints: &Hints) -> Self {
        let facts = Facts::of(page);
        let outlet = about::outlet(&facts);
        let mut headline = headline::choose(&facts, &names(&facts, hints));
        let authors = authors::choose(&facts, outlet.as_ref().map(|(name, _)| name.as_str()));
        let known = Known {
            headlines: std::mem::take(&mut headline.forms),
            standfirsts: standfirsts(&facts).map(fold).collect(),
            authors: authors.0.iter().map(|name| fold(name)).collect(),
            live: live::is_declared(&facts),
        };
        Self { facts, outlet, headline, known, authors }
    }
}

/// What the model sees of a page.
pub(crate) fn study(page: &Decoded, hints: &Hints) -> Study {
    let tree = tree::parse(&page.text);
    let parsed = Page::new(&tree);
    let Declarations { facts, headline, known, .. } = Declarations::of(&parsed, hints);
    let declared = Declared::new(facts.linked.body.as_deref(), &headline.headline);
    let (pieces, at) = content::texts(&parsed);
    let texts: Vec<_> = at.iter().filter_map(|at| pieces.get(*at)).collect();
    let sheet = Sheet::new(&parsed, texts.clone(), &known, &declared);
    Study {
        rows: sheet.rows(&Model::default()),
        places: sheet.places(),
        names: sheet.names(),
        wordings: sheet.wordings(),
        texts: texts.into_iter().map(|piece| piece.text.clone()).collect(),
    }
}

/// What might be the headline of a page, with what is known of each.
pub(crate) fn titles(page: &Decoded, hints: &Hints) -> Titles {
    let tree = tree::parse(&page.text);
    let facts = Facts::of(&Page::new(&tree));
    let names = names(&facts, hints);
    let all = headline::gather(&facts, &names);
    let signs = headline::of_all(&all, &facts, &names);
    Titles {
        signs: signs.iter().map(|signs| signs.to_vec()).collect(),
        texts: all.into_iter().map(|one| one.text).collect(),
    }
}

/// What the columns of the model's rows are called: those of any piece.
pub(crate) fn columns() -> Vec<&'static str> {
    let tree = tree::parse("<p>x");
    let page = Page::new(&tree);
    let pieces = content::texts(&page).0;
    Sheet::new(&page, pieces.iter().collect(), &Known::default(), &Declared::default()).columns()
}

/// Which evidence each field was taken from.
#[derive(Default)]
struct Told(Vec<(&'static str, String)>);

impl Told {
    fn by(&mut self, field: &'static str, evidence: &str) {
        if !evidence.is_empty() {
            self.0.push((field, evidence.to_owned()));
        }
    }

    fn instead(&mut self, field: &'static str, evidence: &str) {
        self.0.retain(|(told, _)| *told != field);
        self.by(field, evidence);
    }

    fn either<T>(&mut self, field: &'static str, found: Option<(T, &'static str)>) -> Option<T> {
        let (value, evidence) = found?;
        self.by(field, evidence);
        Some(value)
    }
}

fn problems(
    page: &Decoded,
    cut: bool,
    many: bool,
    article: &Article,
    instead: &str,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if page.damaged {
        problems.push(Problem::new("damaged_text", page.encoding));
    }
    if cut {
        problems.push(Problem::new("incomplete", "too large or too deep"));
    }
    if many {
        problems.push(Problem::new("incomplete", "too many paragraphs"));
    }
    if article.body.is_empty() {
        let nothing = article.headline.is_empty() && instead.is_empty();
        let word = if nothing { "refused" } else { "no_body" };
        problems.push(Problem::new(word, instead));
    }
    problems
}

/// The dateline that the story begins with; it stays in the text, as the page has it.
pub(crate) fn dateline(article: &Article) -> Option<(String, &'static str)> {
    let first = article.body.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(text),
        _ => None,
    })?;
    let dateline = depeche_text::dateline(first)?;
    let place = fold(dateline.trim_end_matches(|c: char| !c.is_alphanumeric()));
    // «MONTAGNE — Le refuge…»: what the page calls its section is no place here.
    let label = article.section.iter().chain(&article.outlet).any(|name| fold(name) == place);
    (!label).then(|| (dateline.to_owned(), "text"))
}

/// Text enough to tell the language by.
pub(crate) fn sample(article: &Article) -> String {
    let mut sample = String::new();
    for text in article.body.iter().map(Block::text) {
        sample.push_str(&text);
        sample.push(' ');
        if sample.len() > 2_000 {
            break;
        }
    }
    if sample.len() < 200 {
        sample.push_str(&article.headline);
        sample.push(' ');
        sample.push_str(article.standfirst.as_deref().unwrap_or_default());
    }
    sample
}

/// The authors in the lines beside the story, each element by itself, then in all lines that may be bylines, then those who
/// sign with nothing but their name; at last, names of one word that a field declares.
fn authors_beside(
    found: &content::Body,
    headline: &str,
    facts: &Facts,
    outlet: Option<&str>,
) -> (Vec<String>, &'static str) {
    let lines = found.beside.above.iter().chain(&found.beside.below);
    let parts: Vec<String> = lines.flat_map(Line::apart).collect();
    let story: String = std::iter::once(headline)
        .chain(
            found
                .pieces
                .iter()
                .filter(|p| p.size > ends::SIGNATURE_SIZE_MAX)
                .map(|p| p.text.as_str()),
        )
        .flat_map(|text| [text, " "])
        .collect();
    let tries: [&dyn Fn() -> (Vec<String>, &'static str); 7] = [
        &|| authors::in_lines(&parts, outlet),
        &|| authors::in_lines(&found.lines, outlet),
        &|| authors::alone(&found.beside, &story, outlet),
        &|| authors::by_one_word(facts, outlet),
        &|| authors::one_word_in_lines(&parts, outlet),
        &|| authors::of_the_same_name(facts),
        &|| authors::organisations(facts, outlet),
    ];
    tries.iter().map(|read| read()).find(|(names, _)| !names.is_empty()).unwrap_or_default()
}

/// What parts a headline from the outlet's name in a title.
const TITLE_SIGNS: [&str; 4] = [" - ", " | ", " – ", " — "];

/// The headline without its credit, and the credit: of the headline, of the fields, or of the lines beside the story.
fn credited(
    article: &Article,
    facts: &Facts,
    hints: &Hints,
    beside: &Beside,
    french: bool,
) -> (String, Option<(String, &'static str)>) {
    let headline = article.headline.as_str();
    let split = depeche_text::split_credit(headline);
    if let Some(credit) = split.credit {
        return (split.headline.to_owned(), Some((credit.to_owned(), "headline")));
    }
    if let Some((title, credit)) =
        french.then(|| credit::in_headline(facts, headline, beside)).flatten()
    {
        return (title, Some((credit, "headline")));
    }
    let (outlet, own) = (names(facts, hints), article.outlet.as_deref());
    let labels: Vec<&str> = std::iter::once(facts.linked.section.as_deref())
        .chain([facts.first_meta(&["article:section"])])
        .flatten()
        .chain(facts.linked.keywords.iter().map(String::as_str))
        // What the title has after a sign is the outlet, or a part of it.
        .chain(TITLE_SIGNS.iter().filter_map(|sign| Some(facts.title.rsplit_once(sign)?.1)))
        .collect();
    let known = credit::Known {
        outlet: &outlet,
        own,
        authors: &article.authors,
        labels,
        french,
        dateline: credit::in_dateline(beside),
    };
    let bylines: Vec<Line> = facts
        .bylines
        .iter()
        .filter(|byline| !byline.aside)
        .map(|byline| Line::of_text(&byline.text))
        .collect();
    let forms = credit::in_forms(facts, headline, french).map(|credit| (credit, "headline"));
    let declared = || Some((declared_credit(facts, &outlet, french)?, "declared"));
    let lines = || Some((credit::in_lines(beside, &bylines, &known)?, "line"));
    let credit = forms.or_else(declared).or_else(lines);
    let title = credit.as_ref().map_or(headline, |(credit, _)| credit::without(headline, credit));
    (title.to_owned(), credit)
}

/// Whom the JSON-LD or a meta element credits, unless it is the outlet itself.
fn declared_credit(facts: &Facts, outlet: &headline::Outlet, french: bool) -> Option<String> {
    let named = facts.linked.authors.iter().map(String::as_str);
    let named = named.chain(facts.all_metas(&["author", "article:author"]));
    let sources = facts.all_metas(&["news_source", "dc.source", "dcterms.source", "source"]);
    let all = facts.linked.credit.as_deref().into_iter();
    let all = all.chain(named.filter(|name| credit::names_agency(name, french)));
    let mut all =
        all.chain(sources.filter(|name| depeche_text::is_credit(name) && !name.contains('.')));
    all.find(|name| !outlet.is(name) && !authors::is_desk(name)).map(str::to_owned)
}

/// The names by which the outlet may sign its titles.
fn names(facts: &Facts, hints: &Hints) -> headline::Outlet {
    let declared = facts.first_meta(&["og:site_name", "application-name", "twitter:site_name"]);
    let address = hints.address.or(facts.canonical.as_deref());
    headline::Outlet::new(&[declared, facts.linked.outlet.as_deref()], address)
}

fn standfirsts(facts: &Facts) -> impl Iterator<Item = &str> {
    let metas = facts.all_metas(&[
        "description",
        "og:description",
        "twitter:description",
        "dc.description",
    ]);
    facts.linked.description.as_deref().into_iter().chain(metas)
}

/// The standfirst that the page shows, or else declares.
fn standfirst_of(
    facts: &Facts,
    found: &content::Body,
    headline: &str,
) -> Option<(String, &'static str)> {
    let shown = found.standfirst.clone().map(|text| (text, "page"));
    shown.or_else(|| Some((declared_standfirst(facts, found, headline)?, "declared")))
}

/// The declared description, unless it is cut, only the start of the body, or says nothing of the story.
fn declared_standfirst(facts: &Facts, found: &content::Body, headline: &str) -> Option<String> {
    let first = found.pieces.iter().find(|piece| piece.kind != blocks::Kind::Image)?;
    let start = fold(&first.text);
    let told = |text: &str| {
        let folded = fold(text);
        let bare = folded.trim_end_matches(['.', '…', ' ', '[', ']']);
        depeche_text::is_cut(text)
            || start.starts_with(bare)
            || content::same_start(&start, &folded)
    };
    let mut all = standfirsts(facts).map(|text| squash(&linked_data::decoded(text)));
    let texts = found.pieces.iter().map(|piece| piece.text.as_str());
    let bare = depeche_text::split_credit(headline).headline;
    let story: String =
        std::iter::once(headline).chain(texts).flat_map(|text| [text, " "]).collect();
    all.find(|text| text.chars().count() >= 30)
        .filter(|text| headline::letters(text) != headline::letters(bare))
        .filter(|text| !told(text) && standfirst::tells_of(text, &story))
}

/// Shortest JSON-LD body that is believed over what was found on the page.
const RESCUE_CHARS_MIN: usize = 200;

/// The body, or that of the JSON-LD where the page shows less than half of it.
///
/// One that tells of something else is left, and the second answer says so.
fn rescued(
    linked: Option<&str>,
    headline: &str,
    body: Vec<Block>,
    told: &mut Told,
) -> (Vec<Block>, bool) {
    let mut differs = false;
    if let Some(linked) = linked.filter(|linked| linked.len() >= RESCUE_CHARS_MIN) {
        let linked: Vec<Block> = crate::fragment(linked, None);
        if chars(&linked) >= RESCUE_CHARS_MIN && chars(&body) * 2 < chars(&linked) {
            if tells_of_same(&linked, headline, &body) {
                told.by("body", "json-ld");
                return (linked, false);
            }
            differs = true;
        }
    }
    told.by("body", "page");
    (body, differs)
}

/// Whether a third of the words of the headline, or of those that the page shows, are in a text.
fn tells_of_same(text: &[Block], headline: &str, shown: &[Block]) -> bool {
    let words_of = |text: &str| -> HashSet<String> {
        let folded = fold(text);
        let words = folded.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| word.chars().count() > 3).map(str::to_owned).collect()
    };
    let all = |blocks: &[Block]| -> HashSet<String> {
        blocks.iter().flat_map(|block| words_of(&block.text())).collect()
    };
    let (text, headline, shown) = (all(text), words_of(headline), all(shown));
    let are_in = |words: &HashSet<String>| words.intersection(&text).count() * 3 >= words.len();
    // What has no words of its own, as in a script without spaces, contradicts nothing.
    headline.is_empty() || are_in(&headline) || !shown.is_empty() && are_in(&shown)
}

/// A body of this size is never looked for in scripts.
const SHOWN_CHARS_MAX: usize = 1_500;

/// Puts the story of the page's scripts in the place of a body that is less than half of it.
fn stated(
    tree: &tree::Tree,
    known: &Known,
    headline: &str,
    hints: &Hints,
    base: Option<&Url>,
    kind: PageKind,
    body: &mut Vec<Block>,
) -> Option<states::Story> {
    let shown = chars(body);
    if shown > SHOWN_CHARS_MAX || !kind.may_be_rescued() {
        return None;
    }
    let wanted = states::Wanted {
        headlines: &known.headlines,
        headline,
        standfirsts: &known.standfirsts,
        address: hints.address,
    };
    let story = states::story(tree, &wanted)?;
    let blocks = crate::fragment(&story.text, base.map(Url::as_str));
    let more = chars(&blocks) >= RESCUE_CHARS_MIN && shown * 2 < chars(&blocks);
    more.then(|| *body = blocks)?;
    Some(story)
}

/// A live blog is of the day of its first entry, where nothing declares another.
fn since_first_entry(article: &mut Article, told: &mut Told) {
    const DECLARED: [&str; 5] = ["json-ld", "meta", "microdata", "time element", "address"];
    let is_declared = |(field, evidence): &(&str, String)| {
        *field == "published" && DECLARED.contains(&evidence.as_str())
    };
    if !article.live || told.0.iter().any(is_declared) {
        return;
    }
    let entries = article.body.iter().filter_map(|block| match block {
        Block::Entry(entry) => entry.at,
        _ => None,
    });
    if let Some(first) = entries.min_by_key(|at| at.sort_key()) {
        article.published = Some(first);
        told.instead("published", "first entry");
    }
}

/// Takes what the page neither shows nor declares from where its story was found.
fn completed(article: &mut Article, story: states::Story, facts: &Facts) {
    let named = facts.headings.iter().any(|heading| heading.level == 1)
        || facts.first_meta(&["og:title"]).is_some()
        || facts.linked.headline.is_some();
    if let Some(headline) = story.headline.filter(|_| !named) {
        article.headline = squash(&headline);
    }
    article.published =
        article.published.or_else(|| dates::field(story.published.as_deref()?, Order::DayFirst));
    if article.authors.is_empty() {
        article.authors = story.authors;
    }
}

fn chars(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.text().chars().count()).sum()
}

/// First pieces of a story that may begin with its date.
const STARTS_MAX: usize = 2;
