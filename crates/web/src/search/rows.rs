//! Results as rows: those of every list, with the passage that was found under each.

use std::{collections::HashMap, ops::Range};

use depeche_news::{Article, DispatchId, ItemId, StoryId, slug};
use depeche_search::{Hit, Marker, Query};
use depeche_store::{Error, Row};
use depeche_text::typeset;

use super::{Asking, like_href};
use crate::{
    dates,
    list::{self, Beside, Line, Piece, href},
    story::story_href,
};

/// Characters of a passage: three lines under a row.
pub(super) const PASSAGE_CHARS: usize = 220;

/// The rows of these hits, each with its passage; by story also with what else the story has.
pub(super) fn rows(
    asking: &Asking<'_>,
    query: &Query,
    hits: &[Hit],
    by_story: bool,
) -> Result<Vec<Line>, Error> {
    let Asking { app, visit, .. } = asking;
    let w = visit.words();
    let found = found(asking, hits)?;
    let stories = if by_story { others(asking, &found)? } else { HashMap::new() };
    let texts = texts(asking, &found)?;
    let mut marker = Marker::new(query);
    let mut lines = Vec::with_capacity(found.len());
    for (hit, row) in found {
        let mut line = list::line(&row, visit.language, &app.settings.zone);
        line.time = dates::short(visit.language, row.at, visit.now, &app.settings.zone);
        if row.notice.is_none() {
            let (text, language) = texts.get(&hit.item).map_or(("", None), Text::parts);
            let (passage, marks) = marker.passage(text, language, PASSAGE_CHARS);
            let pieces = pieces(&passage, &marks, language);
            line.teaser = None;
            line.passage = Some(pieces).filter(|pieces| !pieces.is_empty());
            if let Some(copy) = texts.get(&hit.item).filter(|_| hit.item != row.item) {
                let text = w.copy_found(&copy.source);
                line.beside.push(Beside { href: copy.href.clone(), text });
            }
            line.beside.push(Beside { href: like_href(&row.item), text: w.like_this.to_owned() });
        }
        if let Some((href, others)) = stories.get(&row.story).cloned() {
            line.beside.insert(0, Beside { href, text: w.others_of_story(others) });
        }
        lines.push(line);
    }
    Ok(lines)
}

/// These hits with what lists show of their dispatches; those that may not be seen are left out.
pub(super) fn found<'a>(
    asking: &Asking<'_>,
    hits: &'a [Hit],
) -> Result<Vec<(&'a Hit, Row)>, Error> {
    let ids: Vec<DispatchId> = hits.iter().map(|hit| hit.dispatch.clone()).collect();
    let rows = asking.store.rows(asking.visit.viewer, asking.visit.now, &ids)?;
    let of = |row: Row| Some((hits.iter().find(|hit| hit.dispatch == row.dispatch)?, row));
    Ok(rows.into_iter().filter_map(of).collect())
}

/// What a passage is taken from.
pub(super) struct Text {
    text: String,
    language: Option<String>,
    /// The address of its article, and its source.
    href: String,
    source: String,
}

impl Text {
    /// The text and its language.
    pub(super) fn parts(&self) -> (&str, Option<&str>) {
        (&self.text, self.language.as_deref())
    }
}

/// The texts of these hits that the visitor may read.
pub(super) fn texts(
    asking: &Asking<'_>,
    found: &[(&Hit, Row)],
) -> Result<HashMap<ItemId, Text>, Error> {
    let ids: Vec<ItemId> = found.iter().map(|(hit, _)| hit.item.clone()).collect();
    let articles = asking.store.articles(asking.visit.viewer, asking.visit.now, &ids)?;
    let text = |id: &ItemId, article: Article, source| {
        let href = href("article", id.as_str(), &slug(&article.headline));
        let body = article.text();
        let lead = article.standfirst.filter(|lead| !body.starts_with(lead.as_str()));
        let parts: Vec<String> = lead.into_iter().chain([body]).collect();
        let text = parts.join("\n");
        Text { text, language: article.language, href, source }
    };
    let texts = articles.into_iter().map(|(id, (article, source))| {
        let text = text(&id, article, source);
        (id, text)
    });
    Ok(texts.collect())
}

/// The addresses of the stories of these rows that have other dispatches, and how many.
fn others(
    asking: &Asking<'_>,
    found: &[(&Hit, Row)],
) -> Result<HashMap<StoryId, (String, usize)>, Error> {
    let ids: Vec<StoryId> = found.iter().map(|(_, row)| row.story.clone()).collect();
    let lines = asking.store.story_lines(asking.visit.viewer, asking.visit.now, &ids)?;
    let several = lines.into_iter().filter(|line| line.dispatches > 1);
    let told = several.map(|line| {
        let href = story_href(&line.id, &line.headlines);
        (line.id, (href, line.dispatches - 1))
    });
    Ok(told.collect())
}

/// Cuts a passage at its marks and sets each piece.
fn pieces(passage: &str, marks: &[Range<usize>], language: Option<&str>) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(marks.len() * 2 + 1);
    let mut push = |range: Range<usize>, marked| {
        let Some(text) = passage.get(range).filter(|text| !text.is_empty()) else { return };
        let mut text = typeset(text, language).into_owned();
        // An elision whose word is marked stands at the end of its piece: «l'|Otan».
        if language == Some("fr") && text.ends_with('\'') {
            text.pop();
            text.push('’');
        }
        pieces.push(Piece { text, marked });
    };
    let mut end = 0;
    for mark in marks {
        push(end..mark.start, false);
        push(mark.clone(), true);
        end = mark.end;
    }
    push(end..passage.len(), false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_cut_at_its_marks() {
        let cut = pieces("L'Otan dit non", &[2..6, 7..10], Some("fr"));
        let shown: Vec<_> = cut.iter().map(|p| (p.text.as_str(), p.marked)).collect();
        assert_eq!(
            shown,
            [("L’", false), ("Otan", true), (" ", false), ("dit", true), (" non", false)]
        );
        // Marks that fit no text are passed over.
        assert_eq!(pieces("é", &[1..9, 3..4], None).len(), 0);
    }
}
