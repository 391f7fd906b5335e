//! Subscriptions at hubs (WebSub): found in what a feed tells, asked for, confirmed, renewed, ended.
//!
//! A row's `callback` is the unguessable part of the address that the hub was given. A source has one
//! subscription that is active, and one that is to take its place once its hub has confirmed; others end beside
//! these.

use std::fmt;

use depeche_news::{Delivery, SourceId, jiff::Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Chain, Error, Receipt, Recorded, Store,
    admin::secret,
    connection::{ms, time},
    delivery::{body_digest, record},
    source::source_id,
};

/// No hub is told of it: its address may be a secret, or what it is asked with is.
macro_rules! untold {
    () => {
        "(source.visibility = 'private'
          OR EXISTS (SELECT 1 FROM access WHERE access.source = source.id))"
    };
}

/// A subscription of a source.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The unguessable part of the address that the hub calls.
    pub callback: String,
    /// The source.
    pub source: SourceId,
    /// The source's address.
    pub feed: String,
    /// The hub's address.
    pub hub: String,
    /// What is subscribed to: how the feed calls itself.
    pub topic: String,
    /// What the hub signs with.
    pub secret: String,
    /// How far it is.
    pub state: SubscriptionState,
    /// When the hub was last asked.
    pub asked_at: Option<Timestamp>,
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
    /// Whether its source is not listened to: paused or removed, or asked in a way that no hub is told of.
    pub idle: bool,
}

/// Without what may be sent in our name with it: the secret and the address of the callback.
impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("source", &self.source)
            .field("hub", &self.hub)
            .field("topic", &self.topic)
            .field("state", &self.state)
            .field("asked_at", &self.asked_at)
            .field("until", &self.until)
            .field("failures", &self.failures)
            .field("detail", &self.detail)
            .field("pushed_at", &self.pushed_at)
            .field("ignored", &self.ignored)
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
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

    /// The subscription of a source: the one that is active, if there is one.
    pub fn subscription_of(&self, source: &SourceId) -> Result<Option<Subscription>, Error> {
        let which = "subscription.source = ?1 AND subscription.state <> 'ending'
                     ORDER BY subscription.state = 'active' DESC LIMIT 1";
        self.read_all(|connection| one(connection, which, source.as_str()))
    }

    /// Subscriptions whose hub is to be asked, the longest waiting first, and some of each hub only: many feeds
    /// share one, which keeps the others waiting for nothing.
    pub fn due_subscriptions(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Subscription>, Error> {
        self.read_all(|connection| {
            let sql = format!(
                "{SELECT} WHERE callback IN (
                   SELECT callback FROM (
                     SELECT callback, row_number() OVER (PARTITION BY hub ORDER BY next_at) AS place
                     {FROM} WHERE next_at <= ?1 AND (subscription.state = 'ending' OR NOT {IDLE}))
                   WHERE place <= ?3)
                 ORDER BY next_at LIMIT ?2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![ms(now), limit as i64, OF_ONE_HUB], |row| {
                Ok(subscription(row))
            })?;
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

    /// Has a hub asked again at a time, or before, because somebody says that its subscription is over.
    pub fn subscription_doubted(&self, callback: &str, next_at: Timestamp) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET next_at = min(next_at, ?2) WHERE callback = ?1",
                params![callback, ms(next_at)],
            )?;
            Ok(())
        })
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
            if state != "state" {
                // One that is to take its place goes on in it.
                give_way(transaction, &callback)?;
            }
            transaction.execute(
                &format!(
                    "UPDATE subscription SET detail = ?2, next_at = ?3, state = {state} WHERE callback = ?1"
                ),
                params![callback, detail, ms(next_at)],
            )?;
            Ok(())
        })
    }

    /// Notes that a hub has confirmed. Now, and not before, the subscription ends whose place this one takes.
    pub fn subscription_confirmed(
        &self,
        callback: &str,
        until: Timestamp,
        next_at: Timestamp,
    ) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET state = 'ending', next_at = ?2, failures = 0
                 WHERE state = 'active' AND callback <> ?1 AND source =
                   (SELECT source FROM subscription WHERE callback = ?1 AND state <> 'ending')",
                params![callback, AT_ONCE],
            )?;
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

    /// Has a feed asked because its hub says that there is something new: soon, but not again within a minute.
    pub fn content_announced(&self, callback: &str, now: Timestamp) -> Receipt<()> {
        let callback = callback.to_owned();
        self.write(move |transaction| {
            let given = params![callback, ms(now), ASKED_EVERY_MS];
            transaction.execute(
                "UPDATE source SET next_poll_at = min(next_poll_at, max(?2, coalesce(polled_at + ?3, 0)))
                 WHERE id = (SELECT source FROM subscription WHERE callback = ?1)",
                given,
            )?;
            transaction.execute(
                "UPDATE subscription SET pushed_at = ?2 WHERE callback = ?1",
                params![callback, ms(now)],
            )?;
            Ok(())
        })
    }

    /// Stores what a hub sent. Bytes that it has sent before, however long ago, are counted and bring nothing:
    /// whoever has caught a content that we signed for cannot make us work, or an article go back.
    pub fn content_delivered(&self, callback: &str, delivery: Delivery) -> Receipt<Recorded> {
        let callback = callback.to_owned();
        self.take_in(&Chain::default(), move |transaction| {
            if let Some(id) = sent_before(transaction, &delivery)? {
                transaction
                    .execute("UPDATE delivery SET repeats = repeats + 1 WHERE id = ?1", [id])?;
                return Ok(Recorded::Repeated(id));
            }
            let recorded = record(transaction, &delivery)?;
            transaction.execute(
                "UPDATE subscription SET pushed_at = ?2 WHERE callback = ?1",
                params![callback, ms(delivery.received_at)],
            )?;
            Ok(recorded)
        })
    }
}

/// The delivery of a hub with these bytes.
fn sent_before(transaction: &Transaction<'_>, delivery: &Delivery) -> Result<Option<i64>, Error> {
    let digest = body_digest(&delivery.body);
    let mut statement = transaction.prepare_cached(
        "SELECT id FROM delivery WHERE source = ?1 AND address = ?2 AND kind = ?3 AND digest = ?4 LIMIT 1",
    )?;
    let kind = serde_json::to_string(&delivery.kind)?;
    let given = params![delivery.source.as_str(), delivery.address, kind, digest.as_slice()];
    Ok(statement.query_row(given, |row| row.get(0)).optional()?)
}

/// Lets go of a subscription that is active in favour of the one that is to take its place, if there is one.
fn give_way(transaction: &Transaction<'_>, callback: &str) -> Result<(), Error> {
    transaction.execute(
        "DELETE FROM subscription AS held WHERE callback = ?1 AND state = 'active' AND EXISTS
           (SELECT 1 FROM subscription AS other WHERE other.source = held.source
            AND other.state IN ('found', 'asked', 'denied'))",
        [callback],
    )?;
    Ok(())
}

/// Takes note of the hub that a feed names, in the transaction of the items of a delivery. Where it is another
/// than before, the subscription there holds until the new one is confirmed. Once a day at most: feeds that
/// name another one each time would have us call hubs in their name.
pub(crate) fn hub_found(
    transaction: &Transaction<'_>,
    source: &SourceId,
    delivery: i64,
    hub: &str,
    topic: &str,
) -> Result<(), Error> {
    let told = format!(
        "SELECT received_at, EXISTS (SELECT 1 FROM subscription AS held WHERE held.source = ?1
             AND (held.state <> 'ending' AND hub = ?3 AND topic = ?4 OR found_at > received_at - ?5))
         FROM delivery, source WHERE delivery.id = ?2 AND source.id = ?1 AND NOT {UNTOLD}"
    );
    let given = params![source.as_str(), delivery, hub, topic, CHANGED_EVERY_MS];
    let found: Option<(i64, bool)> = transaction
        .prepare_cached(&told)?
        .query_row(given, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((now, false)) = found else { return Ok(()) };
    transaction.execute(
        "DELETE FROM subscription WHERE source = ?1 AND state IN ('found', 'denied')",
        [source.as_str()],
    )?;
    transaction.execute(
        "UPDATE subscription SET state = 'ending', next_at = ?2, failures = 0
         WHERE source = ?1 AND state = 'asked'",
        params![source.as_str(), AT_ONCE],
    )?;
    insert(transaction, source.as_str(), hub, topic, now, AT_ONCE)
}

/// How long a feed stays with the hub it names, whatever it says.
const CHANGED_EVERY_MS: i64 = 24 * 60 * 60 * 1000;

/// How often a feed is asked at most because its hub says so.
const ASKED_EVERY_MS: i64 = 60 * 1000;

/// Subscriptions of one hub that are given at once.
const OF_ONE_HUB: i64 = 4;

/// Due however early it is.
const AT_ONCE: i64 = 0;

fn insert(
    transaction: &Transaction<'_>,
    source: &str,
    hub: &str,
    topic: &str,
    found_at: i64,
    next_at: i64,
) -> Result<(), Error> {
    let (callback, signing) = (secret(transaction)?, secret(transaction)?);
    transaction.execute(
        "INSERT INTO subscription (callback, source, hub, topic, secret, state, found_at, next_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'found', ?6, ?7)",
        params![callback, source, hub, topic, signing, found_at, next_at],
    )?;
    Ok(())
}

fn ended(transaction: &Transaction<'_>, callback: &str, now: Timestamp) -> Result<(), Error> {
    let mut statement = transaction.prepare_cached(
        "DELETE FROM subscription WHERE callback = ?1 AND state = 'ending'
         RETURNING source, hub, topic, found_at",
    )?;
    let gone = statement.query_row([callback], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, i64>(3)?,
        ))
    });
    let Some((source, hub, topic, found_at)) = gone.optional()? else { return Ok(()) };
    let wanted = format!(
        "SELECT removed_at IS NULL AND NOT {UNTOLD} AND NOT EXISTS
           (SELECT 1 FROM subscription WHERE subscription.source = source.id AND state <> 'ending')
         FROM source WHERE id = ?1"
    );
    if transaction.query_row(&wanted, [&source], |row| row.get(0))? {
        insert(transaction, &source, &hub, &topic, found_at, ms(now))?;
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
    transaction.execute(
        &format!(
            "DELETE FROM subscription WHERE callback IN (SELECT callback {FROM} WHERE {LAPSED} AND {REPLACED})"
        ),
        [now],
    )?;
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

/// No hub is told of its source.
const UNTOLD: &str = untold!();

/// Its source is not listened to.
const IDLE: &str =
    concat!("(source.state = 'paused' OR source.removed_at IS NOT NULL OR ", untold!(), ")");

/// Confirmed once, and its lease is over.
const LAPSED: &str = "(subscription.state = 'active' AND until <= ?1)";

/// There is one that is to take its place.
const REPLACED: &str = "EXISTS (SELECT 1 FROM subscription AS other
  WHERE other.source = subscription.source AND other.state IN ('found', 'asked', 'denied'))";

/// To be ended: the hub may think that it holds.
const STRAY: &str = concat!(
    "(subscription.state IN ('asked', 'active')
      AND (source.state = 'paused' OR source.removed_at IS NOT NULL OR ",
    untold!(),
    ") OR subscription.state IN ('found', 'denied') AND (source.removed_at IS NOT NULL OR ",
    untold!(),
    "))"
);

/// Never confirmed, and its source is removed or no hub is to be told of it.
const GONE: &str = concat!(
    "subscription.state IN ('found', 'denied') AND (source.removed_at IS NOT NULL OR ",
    untold!(),
    ")"
);

/// Whether the hub of a source sends what is new, so that it need not be asked often: it has confirmed, and what was
/// new last came from it, or at the time when it sent. One that has fallen silent is found out by the next
/// poll that finds news.
pub(crate) const SENDS: &str = "EXISTS (SELECT 1 FROM subscription AS held
  WHERE held.source = source.id AND held.state = 'active' AND held.until > ?1
  AND held.pushed_at >= coalesce(source.news_at, 0) - 1800000)";

const SELECT: &str = concat!(
    "SELECT callback, subscription.source, hub, topic, secret, subscription.state, until,
       subscription.failures, detail, pushed_at, ignored,
       (source.state = 'paused' OR source.removed_at IS NOT NULL OR ",
    untold!(),
    "), asked_at, source.address
     FROM subscription JOIN source ON source.id = subscription.source"
);

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
        asked_at: row.get::<_, Option<i64>>(12)?.map(time),
        feed: row.get(13)?,
    })
}
