//! Who may push deliveries of a source. Of tokens only hashes are stored.

use std::fmt::Write as _;

use depeche_news::{SourceId, jiff::Timestamp, limits};
use rusqlite::{OptionalExtension, Row, params};

use crate::{
    Error, Receipt, Store,
    admin::secret,
    connection::{ms, time},
    source::source_id,
};

/// Bytes of a token's hash that name it where one of several is meant.
const NAME_BYTES: usize = 4;

/// A token that deliveries of a source may be pushed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeToken {
    /// What it is called: the start of its hash.
    pub name: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The last time something was delivered with it.
    pub used_at: Option<Timestamp>,
}

/// Who pushes: a token that is valid, and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pusher {
    /// The source it may deliver for.
    pub source: SourceId,
    /// Whether that is paused.
    pub paused: bool,
    /// The hash of the token.
    pub token: [u8; 32],
}

impl Store {
    /// Makes a token for a source; the only time it can be read. `None` where the source has as many as it
    /// may have, or is not there.
    pub fn new_intake_token(&self, source: &SourceId, now: Timestamp) -> Receipt<Option<String>> {
        let source = source.clone();
        self.write(move |transaction| {
            let may = "SELECT EXISTS (SELECT 1 FROM source WHERE id = ?1 AND removed_at IS NULL)
                       AND (SELECT count(*) FROM intake_token WHERE source = ?1) < ?2";
            let most = limits::pushed::TOKENS_MAX as i64;
            if !transaction.query_row(may, params![source.as_str(), most], |row| row.get(0))? {
                return Ok(None);
            }
            let token = secret(transaction)?;
            transaction.execute(
                "INSERT INTO intake_token (token_hash, source, made_at) VALUES (?1, ?2, ?3)",
                params![hash(&token).as_slice(), source.as_str(), ms(now)],
            )?;
            Ok(Some(token))
        })
    }

    /// Revokes the token of this name, or all tokens of a source; gives how many.
    pub fn revoke_intake_tokens(&self, source: &SourceId, name: Option<&str>) -> Receipt<usize> {
        let (source, name) = (source.clone(), name.map(str::to_lowercase));
        self.write(move |transaction| {
            Ok(transaction.execute(
                "DELETE FROM intake_token
                 WHERE source = ?1 AND (?2 IS NULL OR lower(hex(substr(token_hash, 1, 4))) = ?2)",
                params![source.as_str(), name],
            )?)
        })
    }

    /// The tokens of a source, the oldest first.
    pub fn intake_tokens(&self, source: &SourceId) -> Result<Vec<IntakeToken>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT token_hash, made_at, used_at FROM intake_token WHERE source = ?1
                 ORDER BY made_at, token_hash",
            )?;
            let rows = statement.query_map([source.as_str()], token)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Who pushes with this token for the source of this id or pushed name; `None` where the token is not
    /// valid or is that of another one.
    pub fn pusher(&self, token: &str, named: &str) -> Result<Option<Pusher>, Error> {
        let token = hash(token);
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT source.id, source.state = 'paused'
                 FROM intake_token JOIN source ON source.id = intake_token.source
                 WHERE token_hash = ?1 AND removed_at IS NULL AND (id = ?2 OR address = 'push:' || ?2)",
            )?;
            let found = statement
                .query_row(params![token.as_slice(), named], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let pusher = |(id, paused)| Ok(Pusher { source: source_id(id)?, paused, token });
            found.map(pusher).transpose()
        })
    }
}

/// Found by its hash, so that how long looking for it takes says nothing of what stands beside it.
fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.trim().as_bytes()).as_bytes()
}

fn token(row: &Row<'_>) -> rusqlite::Result<IntakeToken> {
    let hash: Vec<u8> = row.get(0)?;
    let name = hexadecimal(hash.get(..NAME_BYTES).unwrap_or_default());
    Ok(IntakeToken {
        name,
        made_at: time(row.get(1)?),
        used_at: row.get::<_, Option<i64>>(2)?.map(time),
    })
}

/// Bytes as small letters and digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
