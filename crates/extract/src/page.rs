//! The way of a page through this crate, from its bytes to its article.

use depeche_news::limits::extract::PAGE_BYTES_MAX;
use depeche_news::{Article, Block, Image, Moment, Problem};
use depeche_text::{Decoded, fold, squash};
use url::Url;

use crate::blocks::Page;
use crate::choice::{Declared, Sheet};
use crate::content::{self, Known};
use crate::dates::Order;
use crate::facts::{DateSeen, Facts};
use crate::study::{Study, Titles};
use crate::trail::Trail;
use crate::{
    Extracted, Hints, authors, blocks, choice, dates, headline, linked_data, render, tree,
};

/// Understands a page.
pub fn article(page: &[u8], hints: &Hints) -> Extracted {
    told_if_cut(page, of_text(&decoded(page, hints), hints, None))
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
pub(crate) fn of_text(page: &Decoded, hints: &Hints, trail: Option<&mut Trail>) -> Extracted {
    let tree = tree::parse(&page.text);
    let parsed = Page::new(&tree);
    let mut told = Told::default();
    let base = hints.address.and_then(|address| Url::parse(address).ok());

    let Declarations { facts, outlet, headline, known, authors: (mut authors, mut evidence) } =
        Declarations::of(&parsed, hints);
    let credited = depeche_text::split_credit(&headline.headline);
    told.by("headline", headline.evidence);
    let declared = Declared::new(facts.linked.body.as_deref(), &headline.headline);
    let model = hints.model.unwrap_or_else(|| choice::own());
    let found = content::judged_by(model, &parsed, &known, &declared, trail);
    if authors.is_empty() {
        (authors, evidence) = authors::in_lines(&found.lines, outlet.as_deref());
    }
    if authors.is_empty() {
        (authors, evidence) = authors::by_one_word(&facts, outlet.as_deref());
    }
    told.by("authors", evidence);
    let starts: Vec<&str> = std::iter::once(headline.headline.as_str())
        .chain(found.pieces.iter().take(STARTS_MAX).map(|piece| piece.text.as_str()))
        .collect();
    let published = told.either("published", published(&facts, hints, &found.lines, &starts));
    let standfirst = found.standfirst.clone().or_else(|| declared_standfirst(&facts, &found));
    let body = rescued(&facts, render::blocks(found.pieces, base.as_ref()), &mut told);

    let mut article = Article {
        headline: credited.headline.to_owned(),
        credit: credited.credit.map(str::to_owned).or_else(|| declared_credit(&facts, hints)),
        standfirst,
        authors,
        body,
        published,
        modified: modified(&facts),
        keywords: keywords(&facts),
        section: facts
            .linked
            .section
            .clone()
            .or_else(|| facts.first_meta(&["article:section"]).map(str::to_owned)),
        image: image(&facts, base.as_ref()),
        address: address(&facts, base.as_ref()),
        outlet,
        ..Article::default()
    };
    let declared =
        facts.linked.language.as_deref().or(facts.language.as_deref()).or(hints.language);
    article.language = depeche_text::language(&sample(&article), declared);
    let problems = problems(page, &tree, &article);
    Extracted { article, evidence: told.0, problems }
}

/// What a page declares, reconciled, and what is known by it before the body is looked for.
struct Declarations {
    facts: Facts,
    outlet: Option<String>,
    headline: headline::Chosen,
    known: Known,
    /// The authors, and which evidence named them.
    authors: (Vec<String>, &'static str),
}

impl Declarations {
    fn of(page: &Page, hints: &Hints) -> Self {
        let facts = Facts::of(page);
        let outlet = outlet(&facts);
        let mut headline = headline::choose(&facts, &names(&facts, hints));
        let authors = authors::choose(&facts, outlet.as_deref());
        let known = Known {
            headlines: std::mem::take(&mut headline.forms),
            standfirsts: standfirsts(&facts).map(fold).collect(),
            authors: authors.0.iter().map(|name| fold(name)).collect(),
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
        rows: sheet.rows(&|_| 0.0),
        places: sheet.places(),
        names: sheet.names(),
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

    fn either<T>(&mut self, field: &'static str, found: Option<(T, &'static str)>) -> Option<T> {
        let (value, evidence) = found?;
        self.by(field, evidence);
        Some(value)
    }
}

fn problems(page: &Decoded, tree: &tree::Tree, article: &Article) -> Vec<Problem> {
    let mut problems = Vec::new();
    if page.damaged {
        problems.push(Problem::new("damaged_text", page.encoding));
    }
    if tree.cut {
        problems.push(Problem::new("incomplete", "too large or too deep"));
    }
    if article.body.is_empty() {
        let word = if article.headline.is_empty() { "refused" } else { "no_body" };
        problems.push(Problem::new(word, ""));
    }
    problems
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

fn outlet(facts: &Facts) -> Option<String> {
    let declared = facts
        .first_meta(&["og:site_name", "application-name", "twitter:site_name"])
        .map(str::to_owned);
    let name = declared.or_else(|| facts.linked.outlet.clone())?;
    let name = linked_data::decoded(&name);
    (!name.is_empty() && name.len() < 100).then_some(name)
}

/// Whom the JSON-LD credits, unless it is the outlet itself.
fn declared_credit(facts: &Facts, hints: &Hints) -> Option<String> {
    let credit = facts.linked.credit.as_deref()?;
    let other = !names(facts, hints).is(credit) && !authors::is_desk(credit);
    other.then(|| credit.to_owned())
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

/// The declared description, unless it is cut or only the start of the body.
fn declared_standfirst(facts: &Facts, found: &content::Body) -> Option<String> {
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
    all.find(|text| text.chars().count() >= 30).filter(|text| !told(text))
}

/// Shortest JSON-LD body that is believed over what was found on the page.
const RESCUE_CHARS_MIN: usize = 200;

/// The body, or that of the JSON-LD where the page shows less than half of it.
fn rescued(facts: &Facts, body: Vec<Block>, told: &mut Told) -> Vec<Block> {
    let size =
        |blocks: &[Block]| blocks.iter().map(|block| block.text().chars().count()).sum::<usize>();
    if let Some(linked) =
        facts.linked.body.as_deref().filter(|linked| linked.len() >= RESCUE_CHARS_MIN)
    {
        let linked: Vec<Block> = crate::fragment(linked, None);
        if size(&linked) >= RESCUE_CHARS_MIN && size(&body) * 2 < size(&linked) {
            told.by("body", "json-ld");
            return linked;
        }
    }
    told.by("body", "page");
    body
}

/// First pieces of a story that may begin with its date.
const STARTS_MAX: usize = 2;

fn published(
    facts: &Facts,
    hints: &Hints,
    lines: &[String],
    starts: &[&str],
) -> Option<(Moment, &'static str)> {
    let order = Order::of_language(facts.language.as_deref().or(hints.language));
    let field = |text: &str| dates::field(text, order);
    let seen = |wanted: fn(&DateSeen) -> bool| {
        facts.dates.iter().filter(move |seen| wanted(seen)).find_map(|seen| field(&seen.text))
    };
    let in_address = || {
        let declared = facts.canonical.as_deref().into_iter().chain(facts.first_meta(&["og:url"]));
        hints.address.into_iter().chain(declared).find_map(dates::in_address)
    };
    let in_bylines = || {
        let beside = facts.bylines.iter().filter(|byline| !byline.aside);
        beside.map(|byline| &byline.text).find_map(|text| dates::prose(text, order))
    };
    let tries: [(&'static str, &dyn Fn() -> Option<Moment>); 11] = [
        ("json-ld", &|| facts.linked.published.as_deref().and_then(field)),
        ("meta", &|| facts.all_metas(PUBLISHED_METAS).find_map(field)),
        ("microdata", &|| facts.property("datePublished").and_then(field)),
        ("time element", &|| seen(|seen| seen.published && !seen.modified)),
        ("address", &in_address),
        ("date on the page", &|| seen(|seen| !seen.modified)),
        ("line", &|| lines.iter().find_map(|line| dates::prose(line, order))),
        ("byline", &in_bylines),
        ("start of the text", &|| starts.iter().find_map(|text| dates::at_start(text, order))),
        ("script", &|| facts.scripted.as_deref().and_then(field)),
        ("modification", &|| modified(facts).or_else(|| seen(|seen| seen.modified))),
    ];
    tries.iter().find_map(|(evidence, read)| Some((read()?, *evidence)))
}

/// Meta elements that tell the publication, surest first.
const PUBLISHED_METAS: &[&str] = &[
    "article:published_time",
    "published",
    "article:published",
    "og:published_time",
    "datepublished",
    "date.published",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publishdate",
    "publish_date",
    "publication_date",
    "pubdate",
    "pub_date",
    "published_at",
    "published-date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:pageclass:publishtime",
    "article.published",
    "ptime",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dcterms.issued",
    "dc.date",
    "dc.date.created",
    "dc.created",
    "citation_publication_date",
    "date.created",
    "datecreated",
    "rnews:datepublished",
    "bt:pubdate",
    "shareaholic:article_published_time",
    "og:article:published_time",
    "article:created",
    "last-modified-date",
    "created",
    "date",
    "og:pubdate",
    "og:date",
    "displaydate",
    "originalpublicationdate",
    "cdate",
    "timestamp",
];

fn modified(facts: &Facts) -> Option<Moment> {
    let metas = facts.all_metas(&[
        "article:modified_time",
        "og:updated_time",
        "article:modified",
        "datemodified",
        "last-modified",
        "lastmod",
        "dcterms.modified",
        "revised",
        "modified",
        "og:modified_time",
    ]);
    let linked = facts.linked.modified.as_deref().into_iter();
    linked
        .chain(metas)
        .chain(facts.property("dateModified"))
        .find_map(|text| dates::field(text, Order::DayFirst))
}

fn keywords(facts: &Facts) -> Vec<String> {
    if !facts.linked.keywords.is_empty() {
        return facts.linked.keywords.clone();
    }
    let tags: Vec<String> =
        facts.all_metas(&["article:tag"]).flat_map(linked_data::split_keywords).collect();
    if !tags.is_empty() {
        return tags;
    }
    facts
        .first_meta(&["news_keywords", "keywords"])
        .map(linked_data::split_keywords)
        .unwrap_or_default()
}

fn image(facts: &Facts, base: Option<&Url>) -> Option<Image> {
    let declared = facts
        .first_meta(&["og:image", "og:image:url", "twitter:image"])
        .or(facts.linked.image.as_deref())?;
    let caption = facts.first_meta(&["og:image:alt"]).map(str::to_owned);
    Some(Image { address: render::absolute(declared, base)?, caption, credit: None })
}

fn address(facts: &Facts, base: Option<&Url>) -> Option<String> {
    let declared = facts
        .canonical
        .as_deref()
        .into_iter()
        .chain(facts.first_meta(&["og:url"]))
        .chain(facts.linked.address.as_deref());
    declared
        .filter(|address| !address.is_empty())
        .find_map(|address| render::absolute(address, base))
        .or_else(|| base.map(|base| base.as_str().to_owned()))
}
