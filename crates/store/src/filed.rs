//! The folders that sources are filed under, as lists of subscriptions carry them.

use std::collections::HashMap;

use depeche_news::SourceId;
use rusqlite::Transaction;

use crate::{Error, Store};

/// Files a source under a folder, where it has none yet: a list that is read again moves nothing.
pub(crate) fn file(
    transaction: &Transaction<'_>,
    id: &SourceId,
    folder: &str,
) -> Result<(), Error> {
    transaction.execute(
        "UPDATE source SET folder = ?2 WHERE id = ?1 AND folder IS NULL",
        [id.as_str(), folder],
    )?;
    Ok(())
}

impl Store {
    /// The folders of the sources that have one; those inside of others are parted by ` / `.
    pub fn source_folders(&self) -> Result<HashMap<SourceId, String>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, folder FROM source WHERE folder IS NOT NULL AND removed_at IS NULL",
            )?;
            let rows = statement
                .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            let filed = rows.map(|row| {
                let (id, folder) = row?;
                let id = SourceId::parse(&id).ok_or_else(|| Error::Unreadable(id.clone()))?;
                Ok((id, folder))
            });
            filed.collect()
        })
    }
}
