//! The administrator's token and the sessions it opens. Only hashes are stored.

use depeche_news::jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Error, Receipt, Store, connection::ms};

/// Days a session lasts: long enough for daily use, short enough that a lost laptop is locked out
/// within a month.
pub const SESSION_DAYS: i64 = 30;

const TOKEN: &str = "administrator_token_hash";

impl Store {
    /// Makes the administrator's token if there is none yet; the only time it can be read.
    pub fn first_administrator_token(&self) -> Receipt<Option<String>> {
        self.write(|transaction| {
            if meta(transaction, TOKEN)?.is_some() {
                return Ok(None);
            }
            let token = secret(transaction)?;
            set_meta(transaction, TOKEN, &hash(&token))?;
            Ok(Some(token))
        })
    }

    /// Makes a new administrator's token; the old one and all sessions end.
    pub fn new_administrator_token(&self) -> Receipt<String> {
        self.write(|transaction| {
            let token = secret(transaction)?;
            set_meta(transaction, TOKEN, &hash(&token))?;
            transaction.execute("DELETE FROM session", [])?;
            Ok(token)
        })
    }

    /// Whether this is the administrator's token.
    pub fn administrator_token_matches(&self, token: &str) -> Result<bool, Error> {
        let given = blake3::hash(token.trim().as_bytes());
        self.read_all(|connection| {
            let stored =
                meta(connection, TOKEN)?.and_then(|text| blake3::Hash::from_hex(text).ok());
            // Comparing two hashes takes the same time whatever they hold.
            Ok(stored.is_some_and(|stored| stored == given))
        })
    }

    /// Opens a session; gives what its cookie carries.
    pub fn open_session(&self, now: Timestamp) -> Receipt<String> {
        self.write(move |transaction| {
            let token = secret(transaction)?;
            transaction.execute("DELETE FROM session WHERE ends_at <= ?1", [ms(now)])?;
            let ends = now
                .checked_add(SignedDuration::from_hours(24 * SESSION_DAYS))
                .unwrap_or(Timestamp::MAX);
            transaction.execute(
                "INSERT INTO session (token_hash, ends_at) VALUES (?1, ?2)",
                params![blake3::hash(token.as_bytes()).as_bytes().as_slice(), ms(ends)],
            )?;
            Ok(token)
        })
    }

    /// Whether this cookie's session is open.
    pub fn session_valid(&self, token: &str, now: Timestamp) -> Result<bool, Error> {
        self.read_all(|connection| {
            Ok(connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM session WHERE token_hash = ?1 AND ends_at > ?2)",
                params![blake3::hash(token.as_bytes()).as_bytes().as_slice(), ms(now)],
                |row| row.get(0),
            )?)
        })
    }

    /// Ends a session.
    pub fn close_session(&self, token: &str) -> Receipt<()> {
        let hash = *blake3::hash(token.as_bytes()).as_bytes();
        self.write(move |transaction| {
            transaction.execute("DELETE FROM session WHERE token_hash = ?1", [hash.as_slice()])?;
            Ok(())
        })
    }
}

/// A secret of 192 random bits. SQLite's generator is seeded by the system's and is a stream
/// cipher (ChaCha20, `sqlite3_randomness`).
pub(crate) fn secret(connection: &Connection) -> Result<String, Error> {
    Ok(connection.query_row("SELECT lower(hex(randomblob(24)))", [], |row| row.get(0))?)
}

fn hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

pub(crate) fn meta(connection: &Connection, key: &str) -> Result<Option<String>, Error> {
    Ok(connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()?)
}

pub(crate) fn set_meta(connection: &Connection, key: &str, value: &str) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [key, value],
    )?;
    Ok(())
}
