//! What the last document of each source held, so that an entry which still stands there as it
//! stood is not understood again.
//!
//! A feed of fifty entries is sent whole for each new one. That the others change nothing would show
//! in their digests too, after all the work that it takes to get there.

use depeche_news::limits::ingest::MARKS_MAX;
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use depeche_formats::{Channel, Entry};
use depeche_news::{SourceId, is_web};

/// The marks of the entries of each source's last document. It is ahead of the store after an error
/// and has to be dropped with the ingest.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Sorted.
    marks: HashMap<SourceId, Vec<u64>>,
    count: usize,
}

impl Seen {
    /// The entries of a document that have to be understood, and takes note of all. An entry stands
    /// for itself only where no other one has its identity: of two versions the later counts.
    pub(crate) fn fresh<'e>(
        &mut self,
        source: &SourceId,
        channel: &Channel,
        entries: &'e [Entry],
        worthless: &HashSet<&str>,
    ) -> Vec<&'e Entry> {
        let mut alone: HashMap<(Option<&str>, Option<&str>), bool> = HashMap::new();
        for entry in entries {
            alone
                .entry(identity(entry, worthless))
                .and_modify(|alone| *alone = false)
                .or_insert(true);
        }
        let mark = |entry: &Entry| mark(channel, entry, worthless);
        let marks: Vec<u64> = entries.iter().map(mark).collect();
        let known = self.remember(source, marks.clone());
        let fresh = |(entry, mark): &(&Entry, u64)| {
            known.binary_search(mark).is_err()
                || alone.get(&identity(entry, worthless)) != Some(&true)
        };
        entries.iter().zip(marks).filter(fresh).map(|(entry, _)| entry).collect()
    }

    /// Has the next document of a source understood whole.
    pub(crate) fn forget(&mut self, source: &SourceId) {
        self.count -= self.marks.remove(source).map_or(0, |marks| marks.len());
    }

    /// Puts the marks of a new document in the place of those before, which it gives back.
    fn remember(&mut self, source: &SourceId, mut marks: Vec<u64>) -> Vec<u64> {
        if self.count + marks.len() > MARKS_MAX {
            *self = Self::default();
        }
        marks.sort_unstable();
        self.count += marks.len();
        let before = self.marks.insert(source.clone(), marks).unwrap_or_default();
        self.count -= before.len();
        before
    }
}

/// What an entry is known by: its guid where that is worth something, else its address.
fn identity<'e>(entry: &'e Entry, worthless: &HashSet<&str>) -> (Option<&'e str>, Option<&'e str>) {
    let address = entry.link.as_deref().filter(|link| is_web(link));
    match entry.guid.as_deref().filter(|guid| address.is_none() || !worthless.contains(guid)) {
        Some(guid) => (Some(guid), None),
        None => (None, address),
    }
}

/// A hash of all that an entry is understood by.
fn mark(channel: &Channel, entry: &Entry, worthless: &HashSet<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&channel.title, &channel.link, &channel.language, entry).hash(&mut hasher);
    entry.guid.as_deref().is_some_and(|guid| worthless.contains(guid)).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(guid: &str, title: &str) -> Entry {
        Entry { guid: Some(guid.to_owned()), title: Some(title.to_owned()), ..Entry::default() }
    }

    #[track_caller]
    fn check(seen: &mut Seen, channel: &str, entries: &[(&str, &str)], fresh: &[&str]) {
        let source = SourceId::of_address("https://a.example/fil");
        let channel = Channel { title: Some(channel.to_owned()), ..Channel::default() };
        let entries: Vec<Entry> = entries.iter().map(|(guid, title)| entry(guid, title)).collect();
        let found = seen.fresh(&source, &channel, &entries, &HashSet::new());
        let titles: Vec<&str> = found.iter().filter_map(|entry| entry.title.as_deref()).collect();
        assert_eq!(titles, fresh);
    }

    #[test]
    fn only_what_is_new_or_changed_is_fresh() {
        let mut seen = Seen::default();
        check(&mut seen, "Fil", &[("1", "a"), ("2", "b")], &["a", "b"]);
        check(&mut seen, "Fil", &[("3", "c"), ("1", "a"), ("2", "b")], &["c"]);
        check(&mut seen, "Fil", &[("3", "c"), ("1", "A")], &["A"]);
        check(&mut seen, "Fil", &[("1", "a"), ("2", "b")], &["a", "b"]);
        check(&mut seen, "Le fil", &[("1", "a"), ("2", "b")], &["a", "b"]);
        check(&mut seen, "Le fil", &[("1", "a"), ("1", "B")], &["a", "B"]);
        assert_eq!(seen.count, 2);
    }
}
