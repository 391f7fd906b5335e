//! What the operator should know of a source that answers all the same, until it no longer holds.

use std::collections::BTreeMap;

use depeche_news::SourceId;
use rusqlite::{Transaction, params};

use crate::{Error, FailureNote};

/// It moved to another host, and its password and headers were not taken along.
pub(crate) const SECRET_LEFT: &str = "secret_left";

/// Its own text says that it has moved, and it was not followed there.
pub(crate) const ANNOUNCED: &str = "announced";

/// The words of a source, each with its detail.
type Notices = BTreeMap<String, String>;

/// Notes that something holds of a source, or that it no longer does.
pub(crate) fn set(
    transaction: &Transaction<'_>,
    source: &SourceId,
    word: &str,
    detail: Option<&str>,
) -> Result<(), Error> {
    let before: String = transaction
        .prepare_cached("SELECT notices FROM source WHERE id = ?1")?
        .query_row([source.as_str()], |row| row.get(0))?;
    let mut notices: Notices = serde_json::from_str(&before)?;
    match detail {
        Some(detail) => notices.insert(word.to_owned(), detail.to_owned()),
        None => notices.remove(word),
    };
    let after = serde_json::to_string(&notices)?;
    if after != before {
        transaction
            .prepare_cached("UPDATE source SET notices = ?2 WHERE id = ?1")?
            .execute(params![source.as_str(), after])?;
    }
    Ok(())
}

/// The notices of a row.
pub(crate) fn listed(json: &str) -> Result<Vec<FailureNote>, Error> {
    let notices: Notices = serde_json::from_str(json)?;
    Ok(notices.into_iter().map(|(word, detail)| FailureNote { word, detail }).collect())
}
