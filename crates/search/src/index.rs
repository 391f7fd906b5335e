//! The one writer of the index.

use std::path::{Path, PathBuf};

use depeche_news::{Cursor, ItemId};
use tantivy::{IndexReader, ReloadPolicy, SegmentReader};

use crate::{
    Error,
    folder::{self, Writable},
    paper::{Change, Fields},
    reader::{Reader, holds},
    typesetter::Typesetter,
};

/// Deleted documents of a segment, as a percentage, from which it is written anew: below a quarter the room
/// gained is not worth the writing.
const WORN_PERCENT: u32 = 25;

/// The index as its one writer holds it.
pub struct Index {
    path: PathBuf,
    fields: Fields,
    writable: Writable,
    reader: IndexReader,
    /// What readers of this process search; one, so that none keeps an old state.
    searched: Reader,
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
        let typesetter = Typesetter::default();
        let searched = Reader::new(reader.clone(), fields.clone())?;
        let index = Self { path, fields, writable, reader, searched, typesetter, cursor };
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
                let set = self.typesetter.set(paper);
                self.writable.writer.add_document(self.fields.document(paper, set))?;
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

    /// Makes sure that of these items, deleted and committed, no word is left in a file: a segment keeps what is
    /// deleted in it until it is merged. Each that held one of them is written anew without it.
    pub fn purge(&mut self, items: &[ItemId]) -> Result<(), Error> {
        let fields = self.fields.clone();
        self.rewrite(|segment| holds(segment, &fields, items))
    }

    /// Writes segments anew in which more than a quarter of the documents are deleted: what only grew old
    /// need not be gone at once.
    pub fn purge_worn(&mut self) -> Result<(), Error> {
        self.rewrite(|segment| {
            Ok(segment.num_deleted_docs() * 100 > segment.max_doc() * WORN_PERCENT)
        })
    }

    fn rewrite(
        &mut self,
        wanted: impl Fn(&SegmentReader) -> tantivy::Result<bool>,
    ) -> Result<(), Error> {
        let searcher = self.reader.searcher();
        for segment in searcher.segment_readers() {
            // A merge that was under way may have taken it first; then it is written anew already.
            if wanted(segment)? && self.is_there(segment)? {
                self.writable.writer.merge(&[segment.segment_id()]).wait()?;
            }
        }
        drop(searcher);
        self.reader.reload()?;
        // The files of a segment stay as long as a search may read them.
        self.searched.renew()?;
        self.writable.writer.garbage_collect_files().wait()?;
        Ok(())
    }

    fn is_there(&self, segment: &SegmentReader) -> Result<bool, Error> {
        let there = self.writable.index.searchable_segment_ids()?;
        Ok(there.contains(&segment.segment_id()))
    }

    /// Empties the index, for a replay from the beginning; done with the next commit, until which searches
    /// find what was there.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.writable.writer.delete_all_documents()?;
        Ok(())
    }

    /// Waits until the merges that are under way are done, and ends.
    pub fn settle(self) -> Result<(), Error> {
        self.writable.writer.wait_merging_threads()?;
        Ok(())
    }

    /// How far along the wire log the last commit is.
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Whether a search found a file torn. Then the index is to be doubted and opened again.
    pub fn is_broken(&self) -> bool {
        self.searched.is_broken()
    }

    /// Lets the next opening look through all of it, however large it is, and build it anew if it has to be.
    pub fn doubt(&self) {
        folder::doubt(&self.path);
    }

    /// A reader that sees each commit of this writer at once.
    pub fn reader(&self) -> Result<Reader, Error> {
        Ok(self.searched.clone())
    }
}

/// Reads `epoch.seq` back.
pub(crate) fn cursor_of_payload(payload: &str) -> Option<Cursor> {
    let (epoch, seq) = payload.split_once('.')?;
    Some(Cursor { epoch: epoch.parse().ok()?, seq: seq.parse().ok()? })
}
