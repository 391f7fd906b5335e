//! «Articles semblables»: what the telling words of an article find.

use std::sync::Arc;

use depeche_news::ItemId;
use depeche_search::{Order, Query, Scope};
use depeche_store::{ArticleView, Error};
use depeche_text::typeset;

use super::{
    Asking, Heading, Nothing, Outcome,
    found::{Best, best_of_dispatches},
    logged,
    rows::rows,
    searched,
};
use crate::{
    App,
    failure::Failure,
    forms::query,
    list::href,
    page::{Visit, read},
};

/// Words of the headline that are looked for, and of headline and body together: more find the same at a greater cost.
const HEADLINE_WORDS: usize = 12;
const WORDS_MAX: usize = 25;
/// Results shown: what comes after has little in common.
const RESULTS: usize = 20;

/// The address of what is like an article.
pub(crate) fn like_href(item: &ItemId) -> String {
    format!("/recherche?{}", query([("comme", item.as_str())]))
}

/// What is like an article, and the article.
pub(super) async fn like(
    app: &Arc<App>,
    visit: &Visit,
    item: ItemId,
) -> Result<(Heading, Outcome), Failure> {
    let (viewer, now) = (visit.viewer, visit.now);
    let view = read(app, move |store| store.article(viewer, now, &item)).await?;
    let view = view.filter(|view| view.notice.is_none()).ok_or(Failure::NotFound)?;
    let slug = depeche_news::slug(&view.article.headline);
    let heading = Heading {
        headline: typeset(&view.article.headline, view.article.language.as_deref()).into_owned(),
        href: href("article", view.item.as_str(), &slug),
    };
    let found = searched(app, visit, move |asking| find(asking, &view)).await?;
    Ok((heading, found.unwrap_or(Outcome::NotReady)))
}

fn find(asking: &Asking<'_>, view: &ArticleView) -> Result<Option<Outcome>, Error> {
    let w = asking.visit.words();
    let Some(words) = logged(words(asking, view)) else { return Ok(None) };
    let query = asking.named(Query::plain(&words.join(" ")), &[]);
    let scope = Scope { order: Order::Score, ..Scope::new(asking.visit.viewer) };
    let found = logged(best_of_dispatches(asking.reader, &query, &scope, RESULTS + 1));
    let Some(Best { mut best, .. }) = found else { return Ok(None) };
    best.retain(|hit| hit.dispatch != view.dispatch);
    best.truncate(RESULTS);
    let rows = if words.is_empty() { Vec::new() } else { rows(asking, &query, &best, false)? };
    if rows.is_empty() {
        return Ok(Some(Outcome::Nothing(Nothing::told(w.like_nothing.to_owned()))));
    }
    Ok(Some(Outcome::Like(rows)))
}

/// The words an article is told by: those of its headline before those of its text.
fn words(asking: &Asking<'_>, view: &ArticleView) -> Result<Vec<String>, depeche_search::Error> {
    let article = &view.article;
    let mut words = asking.reader.telling(&article.headline, HEADLINE_WORDS)?;
    let standfirst = article.standfirst.as_deref().unwrap_or_default();
    let text = [&article.headline, standfirst, &article.text()].join("\n");
    for word in asking.reader.telling(&text, WORDS_MAX)? {
        if words.len() < WORDS_MAX && !words.contains(&word) {
            words.push(word);
        }
    }
    Ok(words)
}
