//! What article pages read.

use std::collections::HashMap;

use depeche_news::{
    Article, Desk, DispatchId, ItemId, Relation, SourceId, StoryId, Urgency, Viewer, is_web,
    jiff::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use crate::{
    ArticleView, Error, HeldArticle, LinkLine, Notice, PassageLine, SourceName, Store, StoryLine,
    VersionLine,
    body::{Identity, decode},
    connection::time,
    editions::{self, VERSIONS_MAX},
    held::until,
    item::{dispatch_id, story_id},
    latest,
    source::source_id,
    story::headlines,
};

/// Redirects followed at most: a merge leads to what it merged into, which may merge again.
const REDIRECTS_MAX: usize = 32;

impl Store {
    /// The article page of an item, if `viewer` may see it or its notice.
    pub fn article(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &ItemId,
    ) -> Result<Option<ArticleView>, Error> {
        self.read(viewer, now, |connection| {
            let mut view = article(connection, Among::Seen, id)?;
            if let Some(view) = &mut view
                && viewer != Viewer::Administrator
            {
                view.desk = std::mem::take(&mut view.desk).for_readers();
            }
            Ok(view)
        })
    }

    /// The article page of an item that its agency holds back for now. Readers are told nothing.
    pub fn held_article(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &ItemId,
    ) -> Result<Option<HeldArticle>, Error> {
        self.read(viewer, now, |connection| {
            let Some(view) = article(connection, Among::Held, id)? else { return Ok(None) };
            Ok(Some(HeldArticle { view, until: until(connection, id)? }))
        })
    }

    /// The dispatch an id leads to today, and the item that leads it for this viewer.
    pub fn dispatch_lead(
        &self,
        viewer: Viewer,
        now: Timestamp,
        id: &DispatchId,
    ) -> Result<Option<(DispatchId, ItemId)>, Error> {
        self.read(viewer, now, |connection| {
            let id = dispatch_id(followed(connection, id.as_str(), "dispatch")?)?;
            let row = latest::rows(connection, &[id])?.pop();
            Ok(row.map(|row| (row.dispatch, row.item)))
        })
    }

    /// The articles of these items that `viewer` may read, with the names of their sources, and without all that their
    /// pages tell beside. What is a notice, or nothing to this viewer, is not in the answer.
    pub fn articles(
        &self,
        viewer: Viewer,
        now: Timestamp,
        ids: &[ItemId],
    ) -> Result<HashMap<ItemId, (Article, String)>, Error> {
        self.read(viewer, now, |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT version.encoding, version.article, seen.source, seen.guid, seen.address, seen.source_name
                 FROM seen JOIN version ON version.item = seen.id AND version.number = seen.versions
                 WHERE seen.id = ?1 AND seen.seen_as = 2",
            )?;
            let mut articles = HashMap::with_capacity(ids.len());
            for id in ids {
                let read = statement.query_row([id.as_str()], |row| {
                    Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get(5)?, identity(row, 2, 3, 4)))
                });
                if let Some((encoding, stored, source, identity)) = read.optional()? {
                    let article = decode(encoding, &stored, identity?)?.article;
                    articles.insert(id.clone(), (article, source));
                }
            }
            Ok(articles)
        })
    }
}

/// Which items a page is made of: what everybody's view shows, or what only the administrator is told of.
#[derive(Clone, Copy)]
pub(crate) enum Among {
    Seen,
    Held,
}

impl Among {
    /// The view, under the name that queries call it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Held => "held AS seen",
        }
    }
}

fn article(
    connection: &Connection,
    among: Among,
    id: &ItemId,
) -> Result<Option<ArticleView>, Error> {
    let from = among.name();
    let sql = format!(
        "SELECT seen.dispatch, seen.story, seen.source, seen.source_name, seen.address, seen.sort_at, seen.wire_at,
                seen.corrected_at, seen.urgency, seen.page, seen.killed_at, seen.removed_at, seen.removal_reason,
                seen.seen_as, version.encoding, version.article, seen.headline, seen.guid
         FROM {from} LEFT JOIN version ON version.item = seen.id AND version.number = seen.versions
         WHERE seen.id = ?1",
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let Some(mut view) = statement
        .query_row([id.as_str()], |row| Ok(article_view(row, id)))
        .optional()?
        .transpose()?
    else {
        return Ok(None);
    };
    view.versions = versions(connection, id, view.notice.is_some(), VERSIONS_MAX)?;
    (view.copies, view.more_copies) = editions::items(connection, &view.dispatch)?;
    let at = view.copies.iter().position(|copy| copy.item == *id);
    view.own = match at {
        Some(at) => Some(view.copies.remove(at)),
        None => editions::item(connection, among, id)?,
    };
    view.links = links(connection, &view, id)?;
    view.passage = shared_passage(connection, &view)?;
    let story = view.story.take();
    if let Some(line) = story {
        view.story = story_line(connection, &line.id)?.filter(|line| line.dispatches > 1);
    }
    Ok(Some(view))
}

/// Whether nothing but a teaser could be read of what its outlet sells.
pub(crate) fn is_stub(article: &Article) -> bool {
    article.paywalled && article.body.is_empty()
}

fn article_view(row: &SqlRow<'_>, id: &ItemId) -> Result<ArticleView, Error> {
    let notice = notice(row, 10, 13)?;
    let hidden = notice.is_some();
    let stored: Option<Vec<u8>> = row.get(15)?;
    let (mut article, desk) = match (&notice, stored) {
        (None, Some(stored)) => {
            let item = decode(row.get(14)?, &stored, identity(row, 2, 17, 4)?)?;
            (item.article, item.desk)
        }
        _ => (Article::default(), Desk::default()),
    };
    if notice.is_none() && article.headline.is_empty() {
        article.headline = row.get(16)?;
    }
    let story = StoryLine { id: story_id(row.get(1)?)?, headlines: Vec::new(), dispatches: 0 };
    let missing = matches!(row.get::<_, String>(9)?.as_str(), "wanted" | "missing");
    let teaser_only = missing || is_stub(&article);
    Ok(ArticleView {
        item: id.clone(),
        dispatch: dispatch_id(row.get(0)?)?,
        story: Some(story),
        source: SourceName { id: source_id(row.get(2)?)?, name: row.get(3)? },
        article,
        notice,
        // The words of an address often repeat the headline that may not be shown.
        address: if hidden { None } else { row.get(4)? },
        at: time(row.get(5)?),
        wire_at: time(row.get(6)?),
        corrected_at: row.get::<_, Option<i64>>(7)?.map(time),
        urgency: row.get::<_, Option<u8>>(8)?.and_then(Urgency::new),
        teaser_only,
        desk,
        links: Vec::new(),
        passage: None,
        versions: Vec::new(),
        own: None,
        copies: Vec::new(),
        more_copies: false,
    })
}

/// Links shown of one item; a package names some dozens.
const LINKS_MAX: usize = 24;

/// What an item names: other items of its source that this viewer may see, and pages on the web.
fn links(
    connection: &Connection,
    view: &ArticleView,
    own: &ItemId,
) -> Result<Vec<LinkLine>, Error> {
    let mut lines = Vec::new();
    for relation in view.desk.links.iter().take(LINKS_MAX) {
        lines.extend(link(connection, &view.source.id, relation, own)?);
    }
    Ok(lines)
}

/// The item of another dispatch that this one has a passage of, or that has one of this.
fn shared_passage(
    connection: &Connection,
    view: &ArticleView,
) -> Result<Option<PassageLine>, Error> {
    let own = view.own.as_ref().filter(|own| own.relation == "background" && view.notice.is_none());
    let Some(item) = own.and_then(|own| own.related_to.clone()) else { return Ok(None) };
    let headline = headline(connection, &item)?;
    Ok(headline.map(|headline| PassageLine { item, headline }))
}

/// The headline of an item that the viewer may read.
fn headline(connection: &Connection, id: &ItemId) -> Result<Option<String>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT headline FROM seen WHERE id = ?1 AND seen_as = 2")?;
    Ok(statement.query_row([id.as_str()], |row| row.get(0)).optional()?)
}

fn link(
    connection: &Connection,
    source: &SourceId,
    relation: &Relation,
    own: &ItemId,
) -> Result<Option<LinkLine>, Error> {
    let target = relation.target.as_str();
    // A link to a version has its number at the end, which an identity has not.
    let without_version = target.rsplit_once(':').map(|(before, _)| before);
    for guid in [Some(target), without_version].into_iter().flatten() {
        let id = ItemId::new(source, Some(guid), None, "");
        if id == *own {
            // Its own versions are listed anyway.
            return Ok(None);
        }
        if let Some(headline) = headline(connection, &id)? {
            let (rel, title) = (relation.rel.clone(), Some(headline));
            return Ok(Some(LinkLine { rel, title, item: Some(id), address: None }));
        }
    }
    Ok(is_web(target).then(|| LinkLine {
        rel: relation.rel.clone(),
        title: relation.title.clone(),
        item: None,
        address: Some(target.to_owned()),
    }))
}

/// Reads a notice from three columns in a row (killed_at, removed_at, removal_reason) and the one
/// that says how the item is seen.
pub(crate) fn notice(
    row: &SqlRow<'_>,
    killed: usize,
    seen_as: usize,
) -> Result<Option<Notice>, Error> {
    if row.get::<_, i64>(seen_as)? == 2 {
        return Ok(None);
    }
    Ok(Some(match row.get::<_, Option<i64>>(killed + 1)? {
        Some(at) => Notice::Removed {
            at: time(at),
            reason: row.get::<_, Option<String>>(killed + 2)?.unwrap_or_default(),
        },
        None => Notice::Killed { at: time(row.get::<_, Option<i64>>(killed)?.unwrap_or_default()) },
    }))
}

/// Reads from three columns in a row of items what its versions do not repeat.
pub(crate) fn identity(
    row: &SqlRow<'_>,
    source: usize,
    guid: usize,
    address: usize,
) -> Result<Identity, Error> {
    let (guid, address) = (row.get(guid)?, row.get(address)?);
    Ok(Identity { source: source_id(row.get(source)?)?, guid, address })
}

/// The versions of an item that were on the wire, the latest `limit` of them, newest first.
pub(crate) fn versions(
    connection: &Connection,
    id: &ItemId,
    notice: bool,
    limit: usize,
) -> Result<Vec<VersionLine>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT number, received_at, version.version, signal, version.headline, encoding, article, source, guid, address
         FROM version JOIN item ON item.id = version.item
         WHERE version.item = ?1 AND shown ORDER BY number DESC LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![id.as_str(), limit], |row| Ok(version(row, notice)))?;
    rows.map(|row| row?).collect()
}

fn version(row: &SqlRow<'_>, notice: bool) -> Result<VersionLine, Error> {
    let signal: Option<String> = row.get(3)?;
    let mut headline: String = if notice { String::new() } else { row.get(4)? };
    if headline.is_empty() && !notice {
        // Since encoding 2 it stands with the article. A version that cannot be read back is
        // listed without it; the page of the others must not fail for it.
        let stored: Vec<u8> = row.get(6)?;
        headline = decode(row.get(5)?, &stored, identity(row, 7, 8, 9)?)
            .map(|item| item.article.headline)
            .unwrap_or_default();
    }
    Ok(VersionLine {
        number: row.get(0)?,
        received_at: time(row.get(1)?),
        version: row.get(2)?,
        signal: signal.and_then(|word| serde_json::from_str(&word).ok()),
        headline,
    })
}

/// A story as another page names it.
pub(crate) fn story_line(
    connection: &Connection,
    id: &StoryId,
) -> Result<Option<StoryLine>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(DISTINCT dispatch) FROM seen WHERE story = ?1 AND seen_as = 2",
    )?;
    let count: i64 = statement.query_row([id.as_str()], |row| row.get(0))?;
    let headlines = headlines(connection, id)?;
    let line = StoryLine { id: id.clone(), headlines, dispatches: count as usize };
    Ok(Some(line).filter(|line| !line.headlines.is_empty()))
}

/// Follows redirects from an id that is gone to what it is now.
pub(crate) fn followed(connection: &Connection, id: &str, kind: &str) -> Result<String, Error> {
    let there = match kind {
        "story" => "SELECT EXISTS (SELECT 1 FROM item WHERE story = ?1)",
        _ => "SELECT EXISTS (SELECT 1 FROM dispatch WHERE id = ?1)",
    };
    let mut id = id.to_owned();
    for _ in 0..REDIRECTS_MAX {
        if connection.query_row(there, [&id], |row| row.get::<_, bool>(0))? {
            break;
        }
        let next = connection.query_row(
            "SELECT now FROM redirect WHERE kind = ?1 AND gone = ?2",
            [kind, &id],
            |row| row.get(0),
        );
        match next.optional()? {
            // Where it led to tells of the item that founded it, which this viewer may not know of.
            Some(next) if !is_hidden(connection, &id)? => id = next,
            _ => break,
        }
    }
    Ok(id)
}

/// Whether there is an item with this id that may not be seen.
fn is_hidden(connection: &Connection, id: &str) -> Result<bool, Error> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM item WHERE id = ?1) AND NOT EXISTS (SELECT 1 FROM seen WHERE id = ?1)",
        [id],
        |row| row.get(0),
    )?)
}
