//! Deliveries that come by themselves: what one is known by when it comes again, and what became of it.

use depeche_news::{Delivery, ItemId, limits};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Chain, Error, Receipt, Recorded, Store,
    connection::ms,
    delivery::{body_digest, record},
    intake_token::hexadecimal,
    item::item_id,
};

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
