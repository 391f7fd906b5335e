//! What takes how much of the file, as SQLite lays it out.

use crate::{Error, Store};

/// One table or index on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its name in the schema.
    pub name: String,
    /// Whether it is an index.
    pub index: bool,
    /// Bytes of all its pages.
    pub bytes: u64,
}

impl Store {
    /// Every table and index and the bytes of its pages. Reads every page: not for a reader's request.
    pub fn trees(&self) -> Result<Vec<Tree>, Error> {
        self.read_all(|connection| {
            let mut statement = connection.prepare(
                "SELECT dbstat.name, coalesce(schema.type = 'index', 0), sum(dbstat.pgsize)
                 FROM dbstat LEFT JOIN sqlite_schema AS schema ON schema.name = dbstat.name
                 WHERE dbstat.aggregate = TRUE GROUP BY dbstat.name ORDER BY dbstat.name",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Tree { name: row.get(0)?, index: row.get(1)?, bytes: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Bytes of the fingerprints by which copies and stories are found.
    pub fn trace_bytes(&self) -> Result<u64, Error> {
        self.read_all(|connection| {
            Ok(connection.query_row(
                "SELECT coalesce(sum(length(trace)), 0) FROM item",
                [],
                |row| row.get(0),
            )?)
        })
    }
}
