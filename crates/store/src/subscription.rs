//! Subscriptions at hubs (WebSub): found in what a feed tells, asked for, confirmed, renewed, ended.
//!
//! A row's `callback` is the unguessable part of the address that the hub was given. A source has one
//! subscription that holds; that of an address it has moved away from ends beside it.

use depeche_news::{Delivery, SourceId, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Chain, Error, Receipt, Recorded, Store,
    admin::secret,
    connection::{ms, time},
    delivery::record,
    source::source_id,
};

/// A subscription of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The unguessable part of the address that the hub calls.
    pub callback: String,
    /// The source.
    pub source: SourceId,
    /// The hub's address.
    pub hub: String,
    /// What is subscribed to: how the feed calls itself.
    pub topic: String,
    /// What the hub signs with.
    pub secret: String,
    /// How far it is.
    pub state: SubscriptionState,
    /// The end of the lease, once it was confirmed.
    pub until: Option<Timestamp>,
    /// How often the hub was asked since it last confirmed.
    pub failures: u32,
    /// Why the hub said no.
    pub detail: Option<String>,
    /// When content last came.
    pub pushed_at: Option<Timestamp>,
    /// Contents whose signature was wrong or missing.
    pub ignored: u32,
    /// Whether its source is paused or removed.
    pub idle: bool,
}

/// How far a subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// The feed names a hub.
    Found,
    /// The hub was asked and has not confirmed.
    Asked,
    /// The hub has confirmed.
    Active,
    /// The hub has said no.
    Denied,
    /// The hub is asked to send nothing more.
    Ending,
}

impl SubscriptionState {
    fn parse(word: &str) -> Self {
        match word {
            "asked" => Self::Asked,
            "active" => Self::Active,
            "denied" => Self::Denied,
            "ending" => Self::Ending,
            _ => Self::Found,
        }
    }
}

impl Store {
    /// The subscription that a hub calls.
    pub fn subscription(&self, callback: &str) -> Result<Option<Subscription>, Error> {
        self.read_all(|connection| one(connection, "callback = ?1", callback))
    }

    /// The subscription of a source that holds.
    pub fn subscription_of(&self, source: &SourceId) -> Result<Option<Subscription>, Error> {
        let which = "subscription.source = ?1 AND subscription.state <> 'ending'";
        self.read_all(|connection| one(connection, which, source.as_str()))
    }

    /// Subscriptions whose hub is to be asked, the longest waiting first.
    pub fn due_subscriptions(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Subscription>, Error> {
        self.read_all(|connection| {
            let sql = format!(
                "{SELECT} WHERE next_at <= ?1 AND (subscription.state = 'ending' OR NOT {IDLE})
                 ORDER BY next_at LIMIT ?2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows =
                statement.query_map(params![ms(now), limit as i64], |row| Ok(subscription(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// Has those end whose source is paused or removed, and notes those that the hub let lapse: their source
    /// is asked again at once.
    pub fn tidy_subscriptions(&self, now: Timestamp) -> Result<Option<Receipt<()>>, Error> {
        let any = format!("SELECT EXISTS (SELECT 1 {FROM} WHERE {LAPSED} OR {STRAY})");
        let needed = self.read_all(|connection| {
            Ok(connection.prepare_cached(&any)?.query_row([ms(now)], |row| row.get(0))?)
        })?;
        let tidied = move |transaction: &Transaction<'_>| tidied(transaction, ms(now));
        Ok(Some(self.write(tidied)).filter(|_| needed))
    }

    /// Notes that a hub is about to be asked, and when to ask again if it does not confirm: before it is
    /// asked, since some confirm before they answer.
    pub fn subscription_asked(
        &self,
        callback: &str,
        now: Timestamp,
        next_at: Timestamp,
    ) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET asked_at = ?2, next_at = ?3, failures = failures + 1,
                   state = iif(state IN ('active', 'ending'), state, 'asked')
                 WHERE callback = ?1",
                params![callback, ms(now), ms(next_at)],
            )?;
            Ok(())
        })
    }

    /// Notes why a hub could not be asked. What it confirmed before holds as long as its lease.
    pub fn subscription_failed(
        &self,
        callback: &str,
        detail: &str,
        next_at: Timestamp,
    ) -> Receipt<()> {
        self.refused(callback, "state", detail, next_at)
    }

    /// Notes that a hub has said no, and when to ask it again.
    pub fn subscription_denied(
        &self,
        callback: &str,
        detail: &str,
        next_at: Timestamp,
    ) -> Receipt<()> {
        self.refused(callback, "iif(state = 'ending', state, 'denied')", detail, next_at)
    }

    fn refused(
        &self,
        callback: &str,
        state: &'static str,
        detail: &str,
        next_at: Timestamp,
    ) -> Receipt<()> {
        let (callback, detail) = (callback.to_owned(), detail.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                &format!(
                    "UPDATE subscription SET detail = ?2, next_at = ?3, state = {state} WHERE callback = ?1"
                ),
                params![callback, detail, ms(next_at)],
            )?;
            Ok(())
        })
    }

    /// Notes that a hub has confirmed.
    pub fn subscription_confirmed(
        &self,
        callback: &str,
        until: Timestamp,
        next_at: Timestamp,
    ) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET state = 'active', until = ?2, next_at = ?3, failures = 0, detail = NULL
                 WHERE callback = ?1 AND state <> 'ending'",
                params![callback, ms(until), ms(next_at)],
            )?;
            Ok(())
        })
    }

    /// Ends a subscription. That of a source that is only paused is kept in mind, under another address.
    pub fn subscription_ended(&self, callback: &str, now: Timestamp) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| ended(transaction, &callback, now))
    }

    /// Counts a content whose signature was wrong or missing.
    pub fn content_ignored(&self, callback: &str) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET ignored = ignored + 1 WHERE callback = ?1",
                [callback],
            )?;
            Ok(())
        })
    }

    /// Stores what a hub sent.
    pub fn content_delivered(&self, callback: &str, delivery: Delivery) -> Receipt<Recorded> {
        let callback = callback.to_owned();
        self.take_in(&Chain::default(), move |transaction| {
            let recorded = record(transaction, &delivery)?;
            transaction.execute(
                "UPDATE subscription SET pushed_at = ?2 WHERE callback = ?1",
                params![callback, ms(delivery.received_at)],
            )?;
            Ok(recorded)
        })
    }
}

/// Takes note of the hub that a feed names, in the transaction of its items. Where it is another than
/// before, the subscription there ends.
pub(crate) fn hub_found(
    transaction: &Transaction<'_>,
    source: &SourceId,
    hub: &str,
    topic: &str,
) -> Result<(), Error> {
    let known = transaction
        .prepare_cached(
            "SELECT hub, topic FROM subscription WHERE source = ?1 AND state <> 'ending'",
        )?
        .query_row([source.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    if known.is_some_and(|known| (known.0.as_str(), known.1.as_str()) == (hub, topic)) {
        return Ok(());
    }
    transaction.execute(
        "DELETE FROM subscription WHERE source = ?1 AND state IN ('found', 'denied')",
        [source.as_str()],
    )?;
    transaction.execute(
        "UPDATE subscription SET state = 'ending', next_at = ?2, failures = 0
         WHERE source = ?1 AND state <> 'ending'",
        params![source.as_str(), AT_ONCE],
    )?;
    insert(transaction, source.as_str(), hub, topic, AT_ONCE)
}

/// Due however early it is.
const AT_ONCE: i64 = 0;

fn insert(
    transaction: &Transaction<'_>,
    source: &str,
    hub: &str,
    topic: &str,
    now: i64,
) -> Result<(), Error> {
    transaction.execute(
        "INSERT INTO subscription (callback, source, hub, topic, secret, state, next_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'found', ?6)",
        params![secret(transaction)?, source, hub, topic, secret(transaction)?, now],
    )?;
    Ok(())
}

fn ended(transaction: &Transaction<'_>, callback: &str, now: Timestamp) -> Result<(), Error> {
    let gone = transaction
        .query_row(
            "DELETE FROM subscription WHERE callback = ?1 AND state = 'ending'
             RETURNING source, hub, topic",
            [callback],
            |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            },
        )
        .optional()?;
    let Some((source, hub, topic)) = gone else { return Ok(()) };
    let wanted = "SELECT removed_at IS NULL AND NOT EXISTS
                    (SELECT 1 FROM subscription WHERE subscription.source = source.id AND state <> 'ending')
                  FROM source WHERE id = ?1";
    if transaction.query_row(wanted, [&source], |row| row.get(0))? {
        insert(transaction, &source, &hub, &topic, ms(now))?;
    }
    Ok(())
}

fn tidied(transaction: &Transaction<'_>, now: i64) -> Result<(), Error> {
    transaction.execute(
        &format!(
            "UPDATE source SET next_poll_at = min(next_poll_at, ?1)
             WHERE id IN (SELECT subscription.source {FROM} WHERE {LAPSED})"
        ),
        [now],
    )?;
    let marked = |set: &str, which: &str| {
        let sql = format!(
            "UPDATE subscription SET {set}
             WHERE callback IN (SELECT callback {FROM} WHERE {which} AND ?1 = ?1)"
        );
        transaction.execute(&sql, [now])
    };
    marked("state = 'asked'", LAPSED)?;
    transaction.execute(
        &format!(
            "DELETE FROM subscription WHERE callback IN (SELECT callback {FROM} WHERE {GONE})"
        ),
        [],
    )?;
    marked("state = 'ending', next_at = ?1, failures = 0", STRAY)?;
    Ok(())
}

const FROM: &str = "FROM subscription JOIN source ON source.id = subscription.source";

/// Its source is not listened to.
const IDLE: &str = "(source.state = 'paused' OR source.removed_at IS NOT NULL)";

/// Confirmed once, and its lease is over.
const LAPSED: &str = "(subscription.state = 'active' AND until <= ?1)";

/// To be ended: the hub may think that it holds.
const STRAY: &str = "(subscription.state IN ('asked', 'active')
  AND (source.state = 'paused' OR source.removed_at IS NOT NULL)
  OR subscription.state IN ('found', 'denied') AND source.removed_at IS NOT NULL)";

/// Never confirmed, and its source is removed.
const GONE: &str = "subscription.state IN ('found', 'denied') AND source.removed_at IS NOT NULL";

const SELECT: &str =
    "SELECT callback, subscription.source, hub, topic, secret, subscription.state, until,
    subscription.failures, detail, pushed_at, ignored,
    source.state = 'paused' OR source.removed_at IS NOT NULL
  FROM subscription JOIN source ON source.id = subscription.source";

fn one(connection: &Connection, which: &str, named: &str) -> Result<Option<Subscription>, Error> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE {which}"))?;
    statement.query_row([named], |row| Ok(subscription(row))).optional()?.transpose()
}

fn subscription(row: &Row<'_>) -> Result<Subscription, Error> {
    Ok(Subscription {
        callback: row.get(0)?,
        source: source_id(row.get(1)?)?,
        hub: row.get(2)?,
        topic: row.get(3)?,
        secret: row.get(4)?,
        state: SubscriptionState::parse(&row.get::<_, String>(5)?),
        until: row.get::<_, Option<i64>>(6)?.map(time),
        failures: row.get(7)?,
        detail: row.get(8)?,
        pushed_at: row.get::<_, Option<i64>>(9)?.map(time),
        ignored: row.get(10)?,
        idle: row.get(11)?,
    })
}
