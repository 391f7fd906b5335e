//! Deliveries: what came in is stored before anything else is done with it.

use depeche_news::{Delivery, DeliveryKind, Problem, SourceId, Validators};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Chain, Error, Poll, Receipt, Store,
    connection::{ms, time},
    removal::drop_page_of_gone,
    source::polled,
};

/// Compression level of stored bytes: level 3 is zstd's default, about 300 MB/s a core.
const ZSTD_LEVEL: i32 = 3;

/// Largest body read back; what is stored was bounded when it came in, so more is damage.
const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What became of a delivery that was handed to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is stored and waits to be read.
    New(i64),
    /// Its content is that of the latest one of its source and address; it was only counted.
    Repeated(i64),
}

/// A delivery that waits to be read.
#[derive(Clone, Debug)]
pub struct PendingDelivery {
    /// Its number.
    pub id: i64,
    /// What came in.
    pub delivery: Delivery,
    /// The zone of its source's dates that name none (IANA name).
    pub zone: Option<String>,
}

impl Store {
    /// Stores a delivery. One whose bytes are those of the latest delivery of its source and
    /// address is only counted, and its validators are taken over at once where that one was read.
    pub fn record(&self, delivery: Delivery) -> Receipt<Recorded> {
        self.take_in(&Chain::default(), move |transaction| record(transaction, &delivery))
    }

    /// Notes how asking a source went together with what it brought: both or neither, so that a
    /// source whose delivery could not be stored is asked again at once.
    pub fn received(
        &self,
        source: &SourceId,
        poll: Poll,
        delivery: Option<Delivery>,
    ) -> Receipt<Option<Recorded>> {
        let source = source.clone();
        self.take_in(&Chain::default(), move |transaction| {
            // First the poll, so that what the delivery itself finds out is noted after it.
            polled(transaction, &source, &poll, delivery.is_some())?;
            delivery.map(|delivery| record(transaction, &delivery)).transpose()
        })
    }

    /// Deliveries that wait to be read, `limit` at most and not many bytes at once: the sources in turns,
    /// feeds before pages, each source's own in the order they came in.
    ///
    /// One that cannot be read back is given with an empty body: it will be refused, and the others go on.
    pub fn pending_deliveries(&self, limit: usize) -> Result<Vec<PendingDelivery>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                r#"SELECT id, body_bytes FROM (
                   SELECT id, body_bytes, kind, row_number() OVER (PARTITION BY source ORDER BY id) AS place
                   FROM delivery WHERE state = 'new')
                 WHERE place <= ?2 ORDER BY place, kind NOT IN ('"feed"', '"pushed"'), id LIMIT ?1"#,
            )?;
            let waiting = statement.query_map(params![limit as i64, OF_ONE_SOURCE], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            let mut bytes = 0;
            let mut pending = Vec::new();
            for row in waiting {
                let (id, size) = row?;
                bytes += size;
                if bytes > BYTES_AT_ONCE && !pending.is_empty() {
                    break;
                }
                pending.push(whole(connection, id)?);
            }
            // A source's own stay in their order, whichever of them came first in the turns.
            pending.sort_by_key(|pending: &PendingDelivery| pending.id);
            Ok(pending)
        })
    }

    /// The number of the newest delivery; 0 when there is none.
    pub fn last_delivery(&self) -> Result<i64, Error> {
        self.read_all(|c| {
            Ok(c.query_row("SELECT coalesce(max(id), 0) FROM delivery", [], |r| r.get(0))?)
        })
    }

    /// What was not understood of the deliveries from `first` to `last`, `limit` lines at most.
    pub fn delivery_problems(
        &self,
        first: i64,
        last: i64,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT problem.value || ' (' || delivery.address || ')'
                 FROM delivery, json_each(delivery.problems) AS problem
                 WHERE delivery.id BETWEEN ?1 AND ?2 ORDER BY delivery.id LIMIT ?3",
            )?;
            let rows = statement.query_map([first, last, limit as i64], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many deliveries up to `id` still wait to be read.
    pub fn pending_up_to(&self, id: i64) -> Result<usize, Error> {
        self.read_all(|connection| {
            // By the index of what waits, and not through all rows up to that one: hence the sign.
            let count: i64 = connection.query_row(
                "SELECT count(*) FROM delivery WHERE state = 'new' AND +id <= ?1",
                [id],
                |row| row.get(0),
            )?;
            Ok(count as usize)
        })
    }

    /// Marks a delivery as being read; gives how often it was before, without an end of either kind.
    pub fn begin_reading(&self, id: i64) -> Receipt<i64> {
        self.write(move |transaction| {
            let marked = transaction
                .prepare_cached(
                    "UPDATE delivery SET reading = reading + 1 WHERE id = ?1 RETURNING reading - 1",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?;
            Ok(marked.unwrap_or(0))
        })
    }

    /// Takes that mark away from one that has to be read once more although the process did not end.
    pub fn end_reading(&self, id: i64) -> Receipt<()> {
        self.write(move |transaction| {
            transaction.execute("UPDATE delivery SET reading = 0 WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Marks a delivery that could not be read at all; its bytes are kept for a better reader. A
    /// feed's source is told to fail by `word`.
    pub fn refuse(
        &self,
        id: i64,
        feed_of: Option<SourceId>,
        word: &str,
        problems: Vec<Problem>,
    ) -> Receipt<()> {
        let word = word.to_owned();
        self.write(move |transaction| {
            if let Some(source) = feed_of {
                let detail = problems.first().map(Problem::to_string).unwrap_or_default();
                fail(transaction, &source, &word, &detail)?;
            }
            drop_page_of_gone(transaction, id)?;
            finish(transaction, id, "refused", &problems)
        })
    }
}

/// Deliveries of one source that are given at once.
const OF_ONE_SOURCE: i64 = 4;

/// Bytes of bodies given at once: two of the largest feeds.
const BYTES_AT_ONCE: i64 = 32 * 1024 * 1024;

/// One delivery as it is stored.
pub(crate) fn whole(connection: &Connection, id: i64) -> Result<PendingDelivery, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, kind, address, headers, body, received_at, backfill, etag, last_modified,
           (SELECT zone FROM source WHERE source.id = delivery.source)
         FROM delivery WHERE id = ?1",
    )?;
    statement.query_row([id], |row| Ok(pending(row)))?
}

pub(crate) fn record(
    transaction: &Transaction<'_>,
    delivery: &Delivery,
) -> Result<Recorded, Error> {
    let digest = body_digest(&delivery.body);
    let latest = latest(transaction, delivery, digest)?;
    // A message that is sent again after another version of its item may be what counts now.
    let again = match &latest {
        Some((id, _)) => is_sent_again(delivery) && is_superseded(transaction, *id)?,
        None => false,
    };
    if let Some((id, state)) = latest.filter(|_| !again) {
        transaction.execute("UPDATE delivery SET repeats = repeats + 1 WHERE id = ?1", [id])?;
        match state.as_str() {
            "read" if delivery.kind == DeliveryKind::Feed => {
                keep_validators(transaction, &delivery.source, &delivery.validators)?;
            }
            "refused" if delivery.kind == DeliveryKind::Feed => {
                fail(transaction, &delivery.source, "not_a_feed", "as before")?;
            }
            _ => {}
        }
        return Ok(Recorded::Repeated(id));
    }
    let compressed = compress(&delivery.body)?;
    transaction
        .prepare_cached(
            "INSERT INTO delivery (source, kind, address, headers, digest, body, body_bytes, received_at,
                                   backfill, etag, last_modified, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'new')",
        )?
        .execute(params![
            delivery.source.as_str(),
            serde_json::to_string(&delivery.kind)?,
            delivery.address,
            serde_json::to_string(&delivery.headers)?,
            digest.as_slice(),
            compressed,
            delivery.body.len() as i64,
            ms(delivery.received_at),
            delivery.backfill,
            delivery.validators.etag,
            delivery.validators.last_modified,
        ])?;
    Ok(Recorded::New(transaction.last_insert_rowid()))
}

/// The latest delivery of the same source and address, if its bytes are the same. A page whose bytes are not
/// kept any more is wanted again.
fn latest(
    transaction: &Transaction<'_>,
    delivery: &Delivery,
    digest: [u8; 16],
) -> Result<Option<(i64, String)>, Error> {
    let kind = serde_json::to_string(&delivery.kind)?;
    let latest: Option<(i64, Vec<u8>, String)> = transaction
        .prepare_cached(
            "SELECT id, digest, state FROM delivery WHERE source = ?1 AND address = ?2 AND kind = ?3
               AND (body IS NOT NULL OR substr(kind, 1, 6) <> '{\"page')
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([delivery.source.as_str(), &delivery.address, &kind], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(latest.and_then(|(id, stored, state)| (stored == digest).then_some((id, state))))
}

/// Whether a delivery is known by its bytes alone, so that nobody says that it is the same as before.
fn is_sent_again(delivery: &Delivery) -> bool {
    let name = delivery.address.strip_prefix("push:");
    delivery.kind == DeliveryKind::Pushed && name.is_some_and(|name| !name.starts_with("key:"))
}

/// Whether an item that a delivery brought has a later version from another one.
fn is_superseded(transaction: &Transaction<'_>, delivery: i64) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM version JOIN item ON item.id = version.item
                 WHERE version.delivery = ?1 AND version.number < item.versions AND item.removed_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM version AS last WHERE last.item = item.id
                     AND last.number = item.versions AND last.delivery = ?1))";
    Ok(transaction.prepare_cached(sql)?.query_row([delivery], |row| row.get(0))?)
}

pub(crate) fn body_digest(body: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(body).as_bytes()[..16]);
    short
}

fn pending(row: &Row<'_>) -> Result<PendingDelivery, Error> {
    let compressed: Option<Vec<u8>> = row.get(5)?;
    let body = compressed.as_deref().and_then(|stored| decompress(stored).ok()).unwrap_or_default();
    let source: String = row.get(1)?;
    let kind: String = row.get(2)?;
    let headers: String = row.get(4)?;
    let delivery = Delivery {
        source: SourceId::parse(&source).ok_or_else(|| Error::Unreadable(source.clone()))?,
        kind: serde_json::from_str(&kind)?,
        address: row.get(3)?,
        headers: serde_json::from_str(&headers)?,
        body,
        received_at: time(row.get(6)?),
        backfill: row.get(7)?,
        validators: Validators { etag: row.get(8)?, last_modified: row.get(9)? },
    };
    Ok(PendingDelivery { id: row.get(0)?, delivery, zone: row.get(10)? })
}

pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    zstd::bulk::compress(bytes, ZSTD_LEVEL).map_err(|error| Error::Unreadable(error.to_string()))
}

pub(crate) fn decompress(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten().unwrap_or(0) as usize;
    zstd::bulk::decompress(bytes, size.min(BODY_BYTES_MAX))
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// Notes that what a source sent could not be read, where the poll itself found nothing wrong.
fn fail(
    transaction: &Transaction<'_>,
    source: &SourceId,
    word: &str,
    detail: &str,
) -> Result<(), Error> {
    transaction.execute(
        "UPDATE source SET failures = failures + 1, failure_word = ?2, failure_detail = ?3
         WHERE id = ?1 AND failure_word IS NULL",
        [source.as_str(), word, detail],
    )?;
    Ok(())
}

/// Marks a delivery as done with, inside the transaction of its items.
pub(crate) fn finish(
    transaction: &Transaction<'_>,
    id: i64,
    state: &str,
    problems: &[Problem],
) -> Result<(), Error> {
    let told: Vec<String> =
        problems.iter().take(PROBLEMS_KEPT_MAX).map(Problem::to_string).collect();
    transaction
        .prepare_cached("UPDATE delivery SET state = ?2, problems = ?3 WHERE id = ?1")?
        .execute(params![id, state, serde_json::to_string(&told)?])?;
    Ok(())
}

/// Problems kept of one delivery: a broken document repeats the same one at every item.
const PROBLEMS_KEPT_MAX: usize = 20;

/// Takes over what to send at the next request, in the transaction of the items it stands for.
pub(crate) fn keep_validators(
    transaction: &Transaction<'_>,
    source: &SourceId,
    validators: &Validators,
) -> Result<(), Error> {
    transaction
        .prepare_cached("UPDATE source SET etag = ?2, last_modified = ?3 WHERE id = ?1")?
        .execute(params![source.as_str(), validators.etag, validators.last_modified])?;
    Ok(())
}
