//! What takes how much of the store: for a person who wonders, for `doctor`, for a forecast.

use std::fs;

use depeche_news::SourceId;
use rusqlite::Connection;
use serde::Serialize;

use crate::{Error, Store, source::source_id};

/// How the bytes of the store are spent. The parts from `articles` to `free` make up the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Space {
    /// Items that have a row, those taken away included.
    pub items: u64,
    /// Their versions.
    pub versions: u64,
    /// The texts of all versions, as they are compressed.
    pub articles_bytes: u64,
    /// What copies and stories are found by.
    pub fingerprints_bytes: u64,
    /// Feeds and agency messages as they came, as far as they are kept.
    pub feeds_bytes: u64,
    /// Pages of items as they came.
    pub pages_bytes: u64,
    /// What was handed in: pages by themselves and article lines.
    pub handed_in_bytes: u64,
    /// All else that rows hold: headlines, teasers, addresses, places, and what pages leave empty.
    pub rows_bytes: u64,
    /// The indexes of all tables.
    pub indexes_bytes: u64,
    /// Pages of the file that nothing uses; new rows take them first.
    pub free_bytes: u64,
    /// The database file.
    pub file_bytes: u64,
    /// The log of what was written lately, which is taken over into the file from time to time.
    pub wal_bytes: u64,
    /// The window of copies and stories that is kept for the next start.
    pub window_bytes: u64,
    /// Each table with its indexes, the largest first.
    pub tables: Vec<TableSpace>,
    /// Each source that brought something, the largest first.
    pub sources: Vec<SourceSpace>,
}

/// What a table takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableSpace {
    /// Its name.
    pub name: String,
    /// Pages of its rows.
    pub rows_bytes: u64,
    /// Pages of its indexes.
    pub indexes_bytes: u64,
    /// Each index, the largest first.
    pub indexes: Vec<IndexSpace>,
}

/// What an index takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IndexSpace {
    /// Its name.
    pub name: String,
    /// Its pages.
    pub bytes: u64,
}

/// What a source takes, as far as it can be told apart: its share of rows and indexes cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceSpace {
    /// The source.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// Its items.
    pub items: u64,
    /// Their texts, compressed.
    pub articles_bytes: u64,
    /// Their fingerprints.
    pub fingerprints_bytes: u64,
    /// What they were read from, as far as it is kept.
    pub documents_bytes: u64,
}

impl Space {
    /// What came in from outside, as it came: kept so that it can be read again.
    pub fn documents_bytes(&self) -> u64 {
        self.feeds_bytes + self.pages_bytes + self.handed_in_bytes
    }

    /// What an item takes with its share of rows and indexes, without fingerprints and documents;
    /// 0 where there is none.
    pub fn item_bytes(&self) -> u64 {
        let kept = self.documents_bytes() + self.fingerprints_bytes + self.delivery_rows_bytes();
        (self.file_bytes - self.free_bytes).saturating_sub(kept) / self.items.max(1)
            * u64::from(self.items > 0)
    }

    /// What tells of deliveries beside their bodies; it goes with them, not with the items.
    fn delivery_rows_bytes(&self) -> u64 {
        let delivery = self.tables.iter().find(|table| table.name == "delivery");
        let pages = delivery.map_or(0, |table| table.rows_bytes + table.indexes_bytes);
        pages.saturating_sub(self.documents_bytes())
    }
}

impl SourceSpace {
    /// All that can be told apart.
    pub fn bytes(&self) -> u64 {
        self.articles_bytes + self.fingerprints_bytes + self.documents_bytes
    }
}

impl Store {
    /// Looks up what takes how much. Reads every page of the file once: about a second for each
    /// 500 MB.
    pub fn space(&self) -> Result<Space, Error> {
        let mut space = self.read_all(space)?;
        let wal = self.folder().join("depeche.sqlite-wal");
        space.wal_bytes = fs::metadata(wal).map_or(0, |file| file.len());
        space.window_bytes = self.window_bytes();
        Ok(space)
    }
}

fn space(connection: &Connection) -> Result<Space, Error> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    let page_bytes = pragma("page_size")?;
    let tables = tables(connection)?;
    let sources = sources(connection)?;
    let mut space = Space {
        file_bytes: pragma("page_count")? * page_bytes,
        free_bytes: pragma("freelist_count")? * page_bytes,
        indexes_bytes: tables.iter().map(|table| table.indexes_bytes).sum(),
        items: sources.iter().map(|source| source.items).sum(),
        articles_bytes: sources.iter().map(|source| source.articles_bytes).sum(),
        fingerprints_bytes: sources.iter().map(|source| source.fingerprints_bytes).sum(),
        versions: connection.query_row("SELECT count(*) FROM version", [], |row| row.get(0))?,
        tables,
        sources,
        ..Space::default()
    };
    documents(connection, &mut space)?;
    let told_apart = space.articles_bytes + space.fingerprints_bytes + space.documents_bytes();
    let rows: u64 = space.tables.iter().map(|table| table.rows_bytes).sum();
    space.rows_bytes = rows.saturating_sub(told_apart);
    Ok(space)
}

/// The pages of each table and index, by the tree they belong to.
fn tables(connection: &Connection) -> Result<Vec<TableSpace>, Error> {
    let mut statement = connection.prepare(
        "SELECT coalesce(tbl_name, stat.name), stat.name, stat.pgsize
         FROM dbstat AS stat LEFT JOIN sqlite_schema AS entry ON entry.name = stat.name
         WHERE stat.aggregate = TRUE ORDER BY stat.pgsize DESC, stat.name",
    )?;
    let trees = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut tables: Vec<TableSpace> = Vec::new();
    for tree in trees {
        let (table, name, bytes): (String, String, u64) = tree?;
        let place = tables.iter().position(|known| known.name == table).unwrap_or_else(|| {
            tables.push(TableSpace { name: table.clone(), ..TableSpace::default() });
            tables.len() - 1
        });
        let known = &mut tables[place];
        if name == table {
            known.rows_bytes = bytes;
        } else {
            known.indexes_bytes += bytes;
            known.indexes.push(IndexSpace { name, bytes });
        }
    }
    tables.sort_by_key(|table| std::cmp::Reverse(table.rows_bytes + table.indexes_bytes));
    Ok(tables)
}

fn sources(connection: &Connection) -> Result<Vec<SourceSpace>, Error> {
    let mut statement = connection.prepare(
        "SELECT source.id, source.name, coalesce(item.many, 0), coalesce(version.articles, 0),
                coalesce(item.traces, 0), coalesce(delivery.bodies, 0)
         FROM source
         LEFT JOIN (SELECT source AS of, count(*) AS many, sum(length(trace)) AS traces FROM item GROUP BY source)
           AS item ON item.of = source.id
         LEFT JOIN (SELECT item.source AS of, sum(length(article)) AS articles
                    FROM version JOIN item ON item.id = version.item GROUP BY item.source)
           AS version ON version.of = source.id
         LEFT JOIN (SELECT source AS of, sum(length(body)) AS bodies FROM delivery GROUP BY source)
           AS delivery ON delivery.of = source.id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    })?;
    let mut sources = Vec::new();
    for row in rows {
        let (id, name, items, articles_bytes, fingerprints_bytes, documents_bytes) = row?;
        let id = source_id(id)?;
        sources.push(SourceSpace {
            id,
            name,
            items,
            articles_bytes,
            fingerprints_bytes,
            documents_bytes,
        });
    }
    sources.retain(|source| source.items > 0 || source.bytes() > 0);
    sources.sort_by(|a, b| b.bytes().cmp(&a.bytes()).then_with(|| a.name.cmp(&b.name)));
    Ok(sources)
}

/// Sums up what is kept as it came in, by what it was meant to be.
fn documents(connection: &Connection, space: &mut Space) -> Result<(), Error> {
    let mut statement = connection.prepare(
        "SELECT CASE WHEN kind = '\"feed\"' THEN 0 WHEN kind LIKE '{\"page\"%' THEN 1 ELSE 2 END,
                coalesce(sum(length(body)), 0)
         FROM delivery GROUP BY 1",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, u64>(1)?)))?;
    for row in rows {
        match row? {
            (0, bytes) => space.feeds_bytes = bytes,
            (1, bytes) => space.pages_bytes = bytes,
            (_, bytes) => space.handed_in_bytes = bytes,
        }
    }
    Ok(())
}
