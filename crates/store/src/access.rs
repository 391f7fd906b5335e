//! How one source is asked where that is not as all are. Nothing but the collector reads it.

use depeche_news::{Access, SourceId};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{Error, Receipt, Store, notice};

impl Store {
    /// What a source is asked with beyond its address; nothing for most.
    pub fn access(&self, source: &SourceId) -> Result<Option<Access>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT user, password, headers, proxy FROM access WHERE source = ?1",
            )?;
            let row = statement.query_row([source.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?))
            });
            let Some((user, password, headers, proxy)) = row.optional()? else { return Ok(None) };
            Ok(Some(Access { user, password, headers: serde_json::from_str(&headers)?, proxy }))
        })
    }

    /// Says what a source is asked with; nothing in particular takes what there was away. What it was last
    /// sent for other eyes is asked for anew.
    pub fn set_access(&self, source: &SourceId, access: Access) -> Receipt<()> {
        let source = source.clone();
        self.write(move |transaction| {
            transaction.execute("DELETE FROM access WHERE source = ?1", [source.as_str()])?;
            notice::set(transaction, &source, notice::SECRET_LEFT, None)?;
            transaction.execute(
                "UPDATE source SET etag = NULL, last_modified = NULL WHERE id = ?1",
                [source.as_str()],
            )?;
            if access.is_none() {
                return Ok(());
            }
            transaction.execute(
                "INSERT INTO access (source, user, password, headers, proxy) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    source.as_str(),
                    access.user,
                    access.password,
                    serde_json::to_string(&access.headers)?,
                    access.proxy
                ],
            )?;
            Ok(())
        })
    }
}

/// Forgets what only the host of a source may see; the way there stays. Gives whether there was anything.
pub(crate) fn give_up_secrets(
    transaction: &Transaction<'_>,
    source: &SourceId,
) -> Result<bool, Error> {
    let forgotten = transaction.execute(
        "UPDATE access SET user = NULL, password = NULL, headers = '[]'
         WHERE source = ?1 AND (user IS NOT NULL OR password IS NOT NULL OR headers <> '[]')",
        [source.as_str()],
    )?;
    transaction
        .execute("DELETE FROM access WHERE source = ?1 AND proxy IS NULL AND headers = '[]' AND user IS NULL AND password IS NULL", [source.as_str()])?;
    Ok(forgotten > 0)
}
