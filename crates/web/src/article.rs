//! The article, alone or as the leading one of its dispatch, with its copies, versions and story.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use depeche_news::{
    Article, Block, Desk, DispatchId, ItemId, Moment, SourceId, Topic, inline_html, is_web,
    jiff::Timestamp, list_html, slug,
};
use depeche_store::{ArticleView, CopyLine, LinkLine, Notice, SourceName, Store, StoryLine};
use depeche_text::{
    agency::{Mark, split_marks},
    typeset,
};

use crate::{
    App,
    comparison::items_href,
    dates,
    editions::{Fragment, Line, goes_on, line},
    failure::Failure,
    forms::Named,
    list::{foreign, href, notice_line},
    page::{Here, Page, Visit, draw, read},
    search::like_href,
    setting::{beside, body, dateline, named_address, set_block},
    story::{story_href, story_language, story_name},
    words::{Language, Words},
};

/// `GET /article/{id}/{slug}`
pub(crate) async fn item(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<ItemId>,
) -> Result<Response, Failure> {
    let (viewer, now, id) = (visit.viewer, visit.now, named.id.clone());
    let view = read(&app, move |store| store.article(viewer, now, &id)).await?;
    let Some(view) = view else { return held_back(&app, &visit, named.id).await };
    let right = slug(&view.article.headline);
    if !is_removed(&view) && named.slug.as_deref().unwrap_or_default() != right {
        return Ok(moved_as_asked(&visit, href("article", view.item.as_str(), &right)));
    }
    article_page(&app, &visit, view, None).await
}

/// What its agency holds back for now, as the administrator sees it. It has no address but that of its id: one with
/// its headline would be told by whoever remembers where addresses lead.
async fn held_back(app: &Arc<App>, visit: &Visit, id: ItemId) -> Result<Response, Failure> {
    let (viewer, now, name) = (visit.viewer, visit.now, id.to_string());
    let held = read(app, move |store| store.held_article(viewer, now, &id)).await?;
    let Some(held) = held else { return Err(absent(app, visit, name).await?) };
    let band = until_told(app, visit, held.until);
    let mut response = article_page(app, visit, held.view, Some(band)).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// How long an item is held back: «Sous embargo jusqu’au 27 novembre 2026 à 06:00».
pub(crate) fn until_told(app: &App, visit: &Visit, until: Option<Timestamp>) -> String {
    let w = visit.words();
    let at = |until: Timestamp| until.to_zoned_datetime(app.settings.zone.clone());
    let when = until.map(|until| dates::day_and_time(visit.language, &at(until)));
    when.map_or_else(|| w.withheld.to_owned(), |when| format!("{} {when}", w.embargoed_until))
}

/// `GET /depeche/{id}/{slug}`
pub(crate) async fn dispatch(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<DispatchId>,
) -> Result<Response, Failure> {
    let view = leading(&app, &visit, named.id.clone()).await?;
    let right = slug(&view.article.headline);
    if view.dispatch == named.id && is_removed(&view) {
        return article_page(&app, &visit, view, None).await;
    }
    if view.dispatch != named.id || named.slug.as_deref().unwrap_or_default() != right {
        return Ok(moved_as_asked(&visit, href("depeche", view.dispatch.as_str(), &right)));
    }
    article_page(&app, &visit, view, None).await
}

/// `GET /depeche/{id}/copies`: what a row opens in place.
pub(crate) async fn copies(
    State(app): State<Arc<App>>,
    visit: Visit,
    named: Named<DispatchId>,
) -> Result<Response, Failure> {
    let view = leading(&app, &visit, named.id).await?;
    let (shared, asked) = (Arc::clone(&app), visit.clone());
    let line = read(&app, move |store| line(&shared, &asked, store, &view, None)).await?;
    draw(&Fragment { line })
}

/// The leading article of a dispatch, whatever it was merged into.
async fn leading(app: &Arc<App>, visit: &Visit, id: DispatchId) -> Result<ArticleView, Failure> {
    let (viewer, now, name) = (visit.viewer, visit.now, id.to_string());
    let view = read(app, move |store| match store.dispatch_lead(viewer, now, &id)? {
        Some((_, lead)) => store.article(viewer, now, &lead),
        None => Ok(None),
    })
    .await?;
    match view {
        Some(view) => Ok(view),
        None => Err(absent(app, visit, name).await?),
    }
}

/// Why there is nothing at the address of an item or a dispatch: it was here once, or never.
async fn absent(app: &Arc<App>, visit: &Visit, id: String) -> Result<Failure, Failure> {
    let (viewer, now) = (visit.viewer, visit.now);
    let expired = read(app, move |store| store.has_expired(viewer, now, &id)).await?;
    Ok(if expired { Failure::Gone } else { Failure::NotFound })
}

/// Whether the operator took it down: then any address of it says so, also one with its old words.
fn is_removed(view: &ArticleView) -> bool {
    matches!(view.notice, Some(Notice::Removed { .. }))
}

/// The address it has for good, and what was asked of it.
pub(crate) fn moved_as_asked(visit: &Visit, to: String) -> Response {
    moved(&if visit.query.is_empty() { to } else { format!("{to}?{}", visit.query) })
}

/// The address it has for good.
pub(crate) fn moved(to: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
}

async fn article_page(
    app: &Arc<App>,
    visit: &Visit,
    view: ArticleView,
    held: Option<String>,
) -> Result<Response, Failure> {
    if view.copies.is_empty() && view.own.as_ref().is_none_or(|own| own.versions.len() < 2) {
        return drawn(app, visit, view, Line::default(), held);
    }
    let (shared, asked) = (Arc::clone(app), visit.clone());
    let told = move |store: &Store| {
        let line = line(&shared, &asked, store, &view, Some(&view.item))?;
        Ok((view, line))
    };
    let (view, line) = read(app, told).await?;
    drawn(app, visit, view, line, held)
}

fn drawn(
    app: &App,
    visit: &Visit,
    view: ArticleView,
    line: Line,
    held: Option<String>,
) -> Result<Response, Failure> {
    let w = visit.words();
    let zone = &app.settings.zone;
    let removed = is_removed(&view);
    let warning = warning(app, visit, &view);
    let facts = facts(app, visit, &view, held.is_some());
    let notice = view.notice.as_ref().map(|notice| told(notice, w));
    let notice_title = view.notice.as_ref().map(|n| notice_line(n, visit.now, w, zone));
    let theirs = view.article.language.clone();
    let set = |text: &str| typeset(text, theirs.as_deref()).into_owned();
    let begun = view.article.published.unwrap_or(Moment::utc(view.at));
    let when = |at: &Moment| beside(visit.language, at, &begun, zone);
    let about = about(&view.article, &view.desk, w, &set);
    let passage = view.passage.as_ref().map(|passage| Linked {
        what: w.link_passage,
        title: set(&passage.headline),
        href: items_href((&view.item, None), (&passage.item, None)),
        away: false,
    });
    let links = passage.into_iter().chain(links(&view.links, w, &set)).collect();
    let dateline = dateline(&view.article).map(&set);
    let like = held.is_none().then(|| like_href(&view.item));
    let article = view.article;
    let mut response = draw(&ArticlePage {
        page: Page::new(app, visit, Here::Elsewhere),
        w,
        colon: colon(visit.language),
        headline: notice_title.unwrap_or_else(|| set(&article.headline)),
        credit: article.credit.as_deref().map(set),
        standfirst: article.standfirst.as_deref().map(set),
        section: article.section,
        authors: authors(&article.authors, w),
        dateline,
        body: body(article.image, article.body)
            .iter()
            .filter(|block| !matches!(block, Block::Embed(embed) if !is_web(&embed.address)))
            .map(|block| set_block(block, &set, &when))
            .collect(),
        language: foreign(theirs.as_deref(), visit.language),
        urgent: view.notice.is_none() && view.urgency.is_some_and(|urgency| urgency.is_urgent()),
        source: view.source,
        facts,
        held,
        warning,
        paywalled: article.paywalled,
        live: article.live,
        teaser_only: view.teaser_only && notice.is_none(),
        like: like.filter(|_| notice.is_none()),
        notice,
        original: view.address.filter(|address| is_web(address)),
        line,
        updated_with: view.desk.updated_with.as_deref().map(set),
        notes: view.desk.notes.iter().map(|note| set(note)).collect(),
        about,
        links,
        story: view.story.map(|story| StoryLink::of(visit, &story)),
    })?;
    if removed {
        *response.status_mut() = StatusCode::GONE;
    }
    Ok(response)
}

/// A warning above the text, and where it leads.
struct Warning {
    text: String,
    href: String,
    /// What is read here is wrong, or may be.
    grave: bool,
}

/// What became of the dispatch that this text is taken from: whoever quotes a copy has to know that
/// its agency has killed or corrected it since.
fn warning(app: &App, visit: &Visit, view: &ArticleView) -> Option<Warning> {
    let (w, zone) = (visit.words(), &app.settings.zone);
    let earlier = || view.copies.iter().filter(|copy| view.notice.is_none() && is_from(view, copy));
    let when = |at| dates::short(visit.language, at, visit.now, zone);
    let leads = |copy: &CopyLine, text, grave| Warning {
        text,
        href: href("article", copy.item.as_str(), &slug(&copy.headline)),
        grave,
    };
    let killed = earlier().find_map(|copy| match copy.notice {
        Some(Notice::Killed { at }) => {
            Some(leads(copy, w.taken_from_killed(&copy.source.name, &when(at)), true))
        }
        _ => None,
    });
    // Also by an item of its own, which came later than this text.
    let corrected = || {
        let from: Vec<&SourceId> = earlier().map(|copy| &copy.source.id).collect();
        let others = view.copies.iter().filter(|copy| copy.source != view.source);
        let agency = others.filter(|copy| copy.notice.is_none() && from.contains(&&copy.source.id));
        let mut corrections = agency.filter_map(|copy| Some((copy, copy.corrected_at?)));
        let (copy, at) = corrections.find(|(copy, at)| copy.wire_at.max(*at) > view.wire_at)?;
        Some(leads(copy, w.taken_from_corrected(&copy.source.name, &when(at)), true))
    };
    let newer = || {
        let copy = newer_edition(view)?;
        Some(leads(copy, w.newer_edition(&when(copy.lead_at)), copy.corrected_at.is_some()))
    };
    killed.or_else(corrected).or_else(newer)
}

/// What the outlet itself has brought out last of the same dispatch since, as an item of its own.
fn newer_edition(view: &ArticleView) -> Option<&CopyLine> {
    let own = view.own.as_ref().filter(|_| view.notice.is_none())?;
    let newer = |copy: &&CopyLine| {
        copy.source == view.source
            && copy.lead_at > own.lead_at
            && copy.notice.is_none()
            && copy.relation != "teaser"
            && goes_on(own, copy)
    };
    view.copies.iter().filter(newer).max_by_key(|copy| (copy.lead_at, &copy.item))
}

/// Whether the text may be from this copy: by when both came on the wire, for a date is told by whoever likes, and by
/// whom it credits, where it credits anybody.
fn is_from(view: &ArticleView, copy: &CopyLine) -> bool {
    let credits = |credit: &str| {
        let credit = credit.to_lowercase();
        let theirs = copy.credit.iter().map(|theirs| theirs.to_lowercase());
        credit.contains(&copy.source.name.to_lowercase()) || theirs.into_iter().any(|c| c == credit)
    };
    copy.wire_at <= view.wire_at && view.article.credit.as_deref().is_none_or(credits)
}

/// What stands before a colon: a narrow space in French.
pub(crate) fn colon(language: Language) -> &'static str {
    match language {
        Language::French => "\u{202f}:",
        Language::English => ":",
    }
}

fn told(notice: &Notice, w: &Words) -> String {
    match notice {
        Notice::Killed { .. } => w.killed_why.to_owned(),
        Notice::Removed { reason, .. } if reason.trim().is_empty() => w.removed_why.to_owned(),
        Notice::Removed { reason, .. } => {
            format!("{} {}", w.removed_why, typeset(reason.trim(), Some(w.language.tag())))
        }
    }
}

fn authors(names: &[String], w: &Words) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Some(w.list(&names).into_owned()).filter(|text| !text.is_empty())
}

/// A line of facts about times.
struct Fact {
    word: &'static str,
    when: String,
    exact: String,
    grave: bool,
}

fn facts(app: &App, visit: &Visit, view: &ArticleView, held: bool) -> Vec<Fact> {
    let (w, language, zone) = (visit.words(), visit.language, &app.settings.zone);
    let instant = |word, at: Timestamp, grave| {
        let at = at.to_zoned_datetime(zone.clone());
        Fact { word, when: dates::day_and_time(language, &at), exact: dates::exact(&at), grave }
    };
    let published = match &view.article.published {
        Some(moment) => Fact {
            word: w.published,
            when: dates::moment(language, moment, zone),
            exact: moment.to_string(),
            grave: false,
        },
        None => instant(if held { w.came_in } else { w.on_wire }, view.at, false),
    };
    // One that came to correct another was itself not corrected.
    let corrected = view.corrected_at.filter(|at| *at != view.at);
    let corrected = corrected.map(|at| instant(w.corrected, at, true));
    let modified = view.article.modified.filter(|_| corrected.is_none()).map(|moment| Fact {
        word: w.modified,
        when: dates::moment(language, &moment, zone),
        exact: moment.to_string(),
        grave: false,
    });
    // A provider that says «modified» at the moment of publishing has told nothing.
    let modified = modified.filter(|fact| fact.when != published.when);
    [Some(published), modified, corrected].into_iter().flatten().collect()
}

/// A line that says under a text what its agency says of it.
struct About {
    word: &'static str,
    text: String,
}

/// Genre, place, slug and rights, as far as the desk says them.
fn about(article: &Article, desk: &Desk, w: &Words, set: &impl Fn(&str) -> String) -> Vec<About> {
    let is_form = |label: &&String| {
        split_marks(label).marks.first().is_some_and(|(mark, _)| *mark == Mark::Form)
    };
    let forms = desk.labels.iter().filter(is_form).map(String::as_str);
    let genres: Vec<&str> = forms.chain(desk.genres.iter().filter_map(Topic::label)).collect();
    let places: Vec<&str> = desk
        .located
        .iter()
        .flat_map(|place| place.label().into_iter().chain(place.broader.iter().map(String::as_str)))
        .collect();
    let rights: Vec<&str> =
        desk.copyright.iter().chain(&desk.usage_terms).map(String::as_str).collect();
    let lines = [
        (w.genre, genres.join(", ")),
        (w.place, places.join(", ")),
        (w.slugline, article.slugline.clone().unwrap_or_default()),
        (w.rights, rights.join(". ")),
    ];
    let lines = lines.into_iter().filter(|(_, text)| !text.is_empty());
    lines.map(|(word, text)| About { word, text: set(&text) }).collect()
}

/// Another item or page that this one names.
struct Linked {
    what: &'static str,
    title: String,
    href: String,
    away: bool,
}

fn links(lines: &[LinkLine], w: &Words, set: &impl Fn(&str) -> String) -> Vec<Linked> {
    let link = |line: &LinkLine| {
        let what = match line.rel.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
            "previousversion" | "previous-version" | "derivedfrom" => w.link_previous,
            "translationof" | "translatedfrom" | "translatedas" | "istranslationof" => {
                w.link_translation
            }
            _ => w.link_see_also,
        };
        let (href, away) = match (&line.item, &line.address) {
            (Some(item), _) => (
                href("article", item.as_str(), &slug(line.title.as_deref().unwrap_or_default())),
                false,
            ),
            (None, Some(address)) if is_web(address) => (address.clone(), true),
            _ => return None,
        };
        let title = line.title.as_deref().map_or_else(|| href.clone(), set);
        Some(Linked { what, title, href, away })
    };
    lines.iter().filter_map(link).collect()
}

/// The story that an article is in.
struct StoryLink {
    href: String,
    headline: String,
    /// Where it is not the page's.
    language: Option<String>,
    size: String,
}

impl StoryLink {
    fn of(visit: &Visit, story: &StoryLine) -> Self {
        let name = story_name(&story.headlines);
        let theirs = story_language(&story.headlines, name);
        Self {
            href: story_href(&story.id, &story.headlines),
            headline: typeset(name, theirs).into_owned(),
            language: foreign(theirs, visit.language),
            size: visit.words().dispatches(story.dispatches),
        }
    }
}

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage {
    page: Page,
    w: &'static Words,
    colon: &'static str,
    headline: String,
    credit: Option<String>,
    standfirst: Option<String>,
    section: Option<String>,
    authors: Option<String>,
    dateline: Option<String>,
    body: Vec<Block>,
    language: Option<String>,
    urgent: bool,
    source: SourceName,
    facts: Vec<Fact>,
    notice: Option<String>,
    /// How long its agency holds it back.
    held: Option<String>,
    warning: Option<Warning>,
    teaser_only: bool,
    /// Where what is like it stands.
    like: Option<String>,
    paywalled: bool,
    live: bool,
    original: Option<String>,
    line: Line,
    updated_with: Option<String>,
    notes: Vec<String>,
    about: Vec<About>,
    links: Vec<Linked>,
    story: Option<StoryLink>,
}
