//! Deliveries that come by themselves: who may push them, and what became of one. Of tokens only hashes are
//! stored.

use std::fmt::Write as _;

use depeche_news::{Delivery, ItemId, SourceId, jiff::Timestamp, limits};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Chain, Error, Receipt, Recorded, Store,
    admin::secret,
    connection::{ms, time},
    delivery::{body_digest, record},
    item::item_id,
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

/// What a delivery that came by itself is known by, when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// Its address, as long as no other bytes came from there.
    Address,
    /// A key that its sender gave it; other bytes under the same one are refused.
    Key(String),
    /// Its bytes, however long ago they came.
    Content,
}

/// What became of a delivery that came by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is stored and waits to be read.
    New(i64),
    /// It is one that came before.
    Repeated(i64),
    /// Another one came before under the same key; nothing was stored.
    OtherBytes(i64),
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits to be read.
    Waiting,
    /// It was read.
    Read,
    /// Nothing of it could be read.
    Refused,
}

/// What a delivery brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryOutcome {
    /// How far it is.
    pub state: DeliveryState,
    /// The items that are new or changed by it.
    pub items: Vec<ItemId>,
    /// What was not understood.
    pub problems: Vec<String>,
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

    /// Stores a delivery that came by itself, and that its source has delivered. What it is known by becomes
    /// its address.
    pub fn delivered(
        &self,
        mut delivery: Delivery,
        known_by: KnownBy,
        token: Option<[u8; 32]>,
    ) -> Receipt<Delivered> {
        let once = matches!(known_by, KnownBy::Key(_));
        match known_by {
            KnownBy::Address => {}
            KnownBy::Key(key) => delivery.address = format!("push:key:{key}"),
            KnownBy::Content => {
                delivery.address = format!("push:{}", hexadecimal(&body_digest(&delivery.body)));
            }
        }
        self.take_in(&Chain::default(), move |transaction| {
            if once && let Some(id) = other_bytes(transaction, &delivery)? {
                return Ok(Delivered::OtherBytes(id));
            }
            let recorded = record(transaction, &delivery)?;
            heard(transaction, &delivery, token)?;
            Ok(match recorded {
                Recorded::New(id) => Delivered::New(id),
                Recorded::Repeated(id) => Delivered::Repeated(id),
            })
        })
    }

    /// How far a delivery is and what it brought.
    pub fn delivery_outcome(&self, id: i64) -> Result<Option<DeliveryOutcome>, Error> {
        self.read_all(|connection| {
            let sql = "SELECT state, problems FROM delivery WHERE id = ?1";
            let found: Option<(String, String)> =
                connection.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((state, problems)) = found else { return Ok(None) };
            let state = match state.as_str() {
                "read" => DeliveryState::Read,
                "refused" => DeliveryState::Refused,
                _ => DeliveryState::Waiting,
            };
            let problems = serde_json::from_str(&problems)?;
            Ok(Some(DeliveryOutcome { state, items: brought(connection, id)?, problems }))
        })
    }
}

fn brought(connection: &Connection, delivery: i64) -> Result<Vec<ItemId>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT item FROM version WHERE delivery = ?1 ORDER BY item LIMIT ?2",
    )?;
    let most = limits::pushed::ITEMS_TOLD_MAX as i64;
    let rows = statement.query_map([delivery, most], |row| row.get(0))?;
    rows.map(|row| item_id(row?)).collect()
}

/// A delivery of the same source and address whose bytes are others.
fn other_bytes(transaction: &Transaction<'_>, delivery: &Delivery) -> Result<Option<i64>, Error> {
    let digest = body_digest(&delivery.body);
    let mut statement = transaction.prepare_cached(
        "SELECT id FROM delivery WHERE source = ?1 AND address = ?2 AND digest <> ?3 LIMIT 1",
    )?;
    let given = params![delivery.source.as_str(), delivery.address, digest.as_slice()];
    Ok(statement.query_row(given, |row| row.get(0)).optional()?)
}

/// Notes that a source that is not asked has delivered.
fn heard(
    transaction: &Transaction<'_>,
    delivery: &Delivery,
    by: Option<[u8; 32]>,
) -> Result<(), Error> {
    let at = ms(delivery.received_at);
    transaction
        .prepare_cached(
            "UPDATE source SET succeeded_at = ?2, failures = 0, failure_word = NULL, failure_detail = NULL
             WHERE id = ?1 AND kind = 'files'",
        )?
        .execute(params![delivery.source.as_str(), at])?;
    if let Some(token) = by {
        transaction
            .prepare_cached("UPDATE intake_token SET used_at = ?2 WHERE token_hash = ?1")?
            .execute(params![token.as_slice(), at])?;
    }
    Ok(())
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

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
