//! The one writer of the index.

use std::path::{Path, PathBuf};

use depeche_news::Cursor;
use tantivy::{IndexReader, ReloadPolicy};

use crate::{
    Error,
    folder::{self, Writable},
    paper::{Change, Fields, Typesetter},
    reader::Reader,
};

/// The index as its one writer holds it.
pub struct Index {
    path: PathBuf,
    fields: Fields,
    writable: Writable,
    reader: IndexReader,
    typesetter: Typesetter,
    cursor: Option<Cursor>,
}

/// An index that was just opened.
pub struct Opened {
    /// The index.
    pub index: Index,
    /// The last wire entry it holds; `None` asks for a replay from the beginning.
    pub cursor: Option<u64>,
}

impl Index {
    /// Opens the index in `folder`. One that is missing, torn or of another schema is begun anew,
    /// and the cursor is `None`. Fails only if another process writes to it, or if the folder
    /// cannot be written.
    pub fn open(folder: &Path) -> Result<Opened, Error> {
        let fields = Fields::new();
        let path = folder::path(folder, &fields);
        let writable = folder::open(&path, &fields)?;
        let payload = writable.index.load_metas()?.payload;
        let cursor = payload.as_deref().and_then(cursor_of_payload);
        let reader =
            writable.index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let typesetter = Typesetter::new(fields.clone());
        let index = Self { path, fields, writable, reader, typesetter, cursor };
        Ok(Opened { index, cursor: cursor.map(|cursor| cursor.seq) })
    }

    /// Takes changes in their order; they are seen after the next commit.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), Error> {
        for change in changes {
            let item = match change {
                Change::Put(paper) => &paper.item,
                Change::Delete(item) => item,
            };
            self.writable.writer.delete_term(self.fields.item_term(item));
            if let Change::Put(paper) = change {
                self.writable.writer.add_document(self.typesetter.document(paper))?;
            }
        }
        Ok(())
    }

    /// Makes the changes durable together with the place in the wire log that they reach to, and
    /// shows them to the readers of this process.
    pub fn commit(&mut self, seq: u64, epoch: u64) -> Result<(), Error> {
        let cursor = Cursor { epoch, seq };
        let mut prepared = self.writable.writer.prepare_commit()?;
        prepared.set_payload(&cursor.to_string());
        prepared.commit()?;
        if self.cursor.replace(cursor).is_none() {
            folder::remove_others(&self.path);
        }
        self.reader.reload()?;
        Ok(())
    }

    /// Empties the index, for a replay from the beginning; done with the next commit.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.writable.writer.delete_all_documents()?;
        Ok(())
    }

    /// How far along the wire log the last commit is.
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// A reader that sees each commit of this writer at once.
    pub fn reader(&self) -> Result<Reader, Error> {
        Reader::new(self.reader.clone(), self.fields.clone())
    }
}

/// Reads `epoch.seq` back.
pub(crate) fn cursor_of_payload(payload: &str) -> Option<Cursor> {
    let (epoch, seq) = payload.split_once('.')?;
    Some(Cursor { epoch: epoch.parse().ok()?, seq: seq.parse().ok()? })
}
