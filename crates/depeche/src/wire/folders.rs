//! The loop that looks into watched folders and takes what is whole.
//!
//! It looks once a second rather than having the system tell it: that does not work on network file systems, where
//! such folders often are. A file is put away when its delivery is on disk; where a crash comes between the
//! two, it is taken again, which is known as the same delivery and only counted.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use depeche_collect::folder::{Listing, Mark, NotTaken, Ripe, Root, Rules, Watch};
use depeche_news::{
    Delivery, DeliveryKind, SourceId, Validators,
    jiff::Timestamp,
    limits::pushed::{BODY_BYTES_MAX, EMPTY_LATE_FOR, FILES_AT_ONCE},
};
use depeche_store::{
    AfterTaking, Delivered, Error, FailureNote, KnownBy, Receipt, Store, WatchedFolder,
};

use crate::{
    telling::Seldom,
    wire::{Bell, REST},
};

/// How often it looks: news that was dropped is on the page a second or two after it is whole.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Of the time, at most one part in this is spent on looking, however slow a file system is.
const REST_PARTS: u32 = 10;

/// How long a file that was moved away is looked at, in case its writer had only paused.
const LATE_FOR: Duration = Duration::from_secs(60);

/// Runs until the bell says stop; `ingest` is rung when something was taken.
pub(crate) fn run(store: &Store, bell: &Bell, ingest: &Bell) {
    let mut folders: HashMap<SourceId, Folder> = HashMap::new();
    while !bell.stopped() {
        if store.trouble().borrow().is_some() {
            bell.wait(REST);
            continue;
        }
        let began = Instant::now();
        match store.watched_folders() {
            Ok(watched) => {
                folders.retain(|id, _| watched.iter().any(|folder| folder.source == *id));
                for watched in watched {
                    let folder = folders.entry(watched.source.clone()).or_default();
                    if let Err(error) = folder.look(store, &watched, ingest, bell) {
                        // What the trouble is, is told once; what lies there goes on lying there.
                        if store.trouble().borrow().is_none() {
                            tracing::error!(%error, folder = ?watched.path, "a watched folder cannot be taken in");
                        }
                    }
                }
            }
            Err(error) => tracing::error!(%error, "watched folders cannot be looked for"),
        }
        bell.wait(LOOK_EVERY.max(began.elapsed() * REST_PARTS));
    }
}

/// A folder between two looks.
#[derive(Default)]
struct Folder {
    watch: Watch,
    late: Vec<Late>,
    /// When files that were refused were last told of.
    refused: Seldom,
    /// A file that was taken and cannot be put away, as long as it is there.
    stuck: Option<(Ripe, FailureNote)>,
}

/// A file that was moved away, and may be written to still.
struct Late {
    /// Its path inside the folder.
    name: PathBuf,
    address: String,
    mark: Mark,
    /// Another mark that it has had since.
    changed: Option<(Mark, Instant)>,
    until: Instant,
}

/// A folder, and what it is reached by in this look.
struct Watched<'a> {
    folder: &'a WatchedFolder,
    root: &'a Root,
}

/// A file whose delivery is on its way to the disk.
struct UnderWay {
    ripe: Ripe,
    address: String,
    receipt: Receipt<Delivered>,
}

impl Folder {
    /// Takes what is whole, and notes what keeps it from doing so.
    fn look(
        &mut self,
        store: &Store,
        folder: &WatchedFolder,
        ingest: &Bell,
        stop: &Bell,
    ) -> Result<(), Error> {
        let found = Root::open(&folder.path).and_then(|root| Ok((root.list(&self.watch)?, root)));
        let failure = match found {
            Err(error) => Some(of_folder(&folder.path, &error)),
            Ok((listing, root)) => {
                let rules = Rules::new(folder.settle_seconds, folder.done_suffix.clone());
                let mut ripe = self.watch.ripe(&listing, &rules, Instant::now());
                ripe.truncate(FILES_AT_ONCE);
                let watched = Watched { folder, root: &root };
                let taken = self.take(store, &watched, ripe, stop)?;
                let late = self.take_late(store, &watched, &rules)?;
                if taken.count + late > 0 {
                    ingest.ring();
                }
                taken.failure.or_else(|| self.lasting(&watched, listing, &rules))
            }
        };
        if folder.failure != failure.as_ref().map(|note| note.word.clone()) {
            if let Some(note) = &failure {
                tracing::warn!(
                    folder = ?folder.path, word = note.word, detail = note.detail,
                    "a watched folder cannot be taken in as it should",
                );
            }
            store.folder_failed(&folder.source, failure).wait()?;
        }
        Ok(())
    }

    /// What is wrong at every look until somebody sees to it.
    fn lasting(
        &mut self,
        watched: &Watched<'_>,
        listing: Listing,
        rules: &Rules,
    ) -> Option<FailureNote> {
        if watched.folder.after != AfterTaking::Leave
            && let Some((name, why)) = watched.root.blocked()
        {
            return Some(note("folder_fixed", &name, why));
        }
        self.stuck.take_if(|(ripe, _)| watched.root.mark(&ripe.name) != Some(ripe.mark));
        let stuck = self.stuck.as_ref().map(|(_, note)| note.clone());
        let no_file = "the file that it says is whole is not there";
        let alone = listing.alone(rules, Timestamp::now());
        let alone = alone.map(|name| note("done_alone", name, no_file));
        let unlisted = listing.unreadable.into_iter().next();
        let full = "there are more files than are looked at: clear out what is done with";
        let full = listing.more.then(|| note("folder_full", &watched.folder.path, full));
        let unlisted = unlisted.map(|(name, why)| note("file_denied", &name, &why));
        stuck.or(full).or(unlisted).or(alone)
    }

    fn take(
        &mut self,
        store: &Store,
        watched: &Watched<'_>,
        ripe: Vec<Ripe>,
        stop: &Bell,
    ) -> Result<Taken, Error> {
        let (mut taken, mut under_way, mut bytes) = (Taken::default(), Vec::new(), 0);
        for ripe in ripe {
            if stop.stopped() {
                break;
            }
            match looked_at(watched.root, &ripe) {
                Ok(body) => {
                    bytes += body.len();
                    let address = address_of(&watched.folder.path.join(&ripe.name));
                    let receipt = deliver(store, watched.folder, &address, body);
                    under_way.push(UnderWay { ripe, address, receipt });
                }
                Err(NotTaken::Changed) => {}
                Err(NotTaken::Unreadable(why)) => {
                    self.watch.unreadable(&ripe);
                    taken.fails(note("file_denied", &ripe.name, &why));
                }
                Err(NotTaken::Refused(why)) => taken.noted(self.refuse(watched, &ripe, &why)),
            }
            // Two of the largest at once are held in memory, and no more.
            if bytes > BODY_BYTES_MAX {
                self.finish(watched, std::mem::take(&mut under_way), &mut taken)?;
                bytes = 0;
            }
        }
        self.finish(watched, under_way, &mut taken)?;
        Ok(taken)
    }

    /// Puts away the files whose deliveries are on disk.
    fn finish(
        &mut self,
        watched: &Watched<'_>,
        under_way: Vec<UnderWay>,
        taken: &mut Taken,
    ) -> Result<(), Error> {
        for UnderWay { ripe, address, receipt } in under_way {
            receipt.wait()?;
            taken.count += 1;
            taken.noted(self.done_with(watched, &ripe, address));
        }
        Ok(())
    }

    fn done_with(
        &mut self,
        watched: &Watched<'_>,
        ripe: &Ripe,
        address: String,
    ) -> Option<FailureNote> {
        let put = match watched.folder.after {
            AfterTaking::Leave => {
                self.watch.leave(ripe);
                return None;
            }
            AfterTaking::Delete => watched.root.delete(&ripe.name, &ripe.mark).map(|()| None),
            AfterTaking::Move => {
                let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
                watched.root.put_away(&ripe.name, &ripe.mark, &day).map(Some)
            }
        };
        match put {
            Ok(there) => {
                self.late.extend(there.map(|name| Late {
                    name,
                    address,
                    mark: ripe.mark,
                    changed: None,
                    until: Instant::now() + LATE_FOR,
                }));
                remove_done(watched.root, ripe)
            }
            Err(error) => self.stays(ripe, &error),
        }
    }

    /// Moves what is nothing that we take to the refused ones.
    fn refuse(&mut self, watched: &Watched<'_>, ripe: &Ripe, why: &str) -> Option<FailureNote> {
        if let Some(more) = self.refused.due("", Instant::now()) {
            let file = watched.folder.path.join(&ripe.name);
            tracing::warn!(?file, why, more, "a file that was dropped is refused");
        }
        if watched.folder.after == AfterTaking::Leave {
            self.watch.leave(ripe);
            return None;
        }
        match watched.root.put_refused(&ripe.name, &ripe.mark, why) {
            Ok(there) => {
                // Some write only at the end what they said at the beginning would come.
                self.late.extend(ripe.mark.is_empty().then(|| Late {
                    name: there,
                    address: address_of(&watched.folder.path.join(&ripe.name)),
                    mark: ripe.mark,
                    changed: None,
                    until: Instant::now() + EMPTY_LATE_FOR,
                }));
                remove_done(watched.root, ripe)
            }
            Err(error) => self.stays(ripe, &error),
        }
    }

    /// It cannot be put away: it is remembered, so that it is not taken every second.
    fn stays(&mut self, ripe: &Ripe, error: &io::Error) -> Option<FailureNote> {
        if error.kind() == io::ErrorKind::NotFound {
            // Its sender moved it meanwhile, or put another one in its place.
            return None;
        }
        self.watch.leave(ripe);
        let note = note("folder_fixed", &ripe.name, &error.to_string());
        self.stuck = Some((ripe.clone(), note.clone()));
        Some(note)
    }

    /// Takes again what was written to after it had been moved away.
    fn take_late(
        &mut self,
        store: &Store,
        watched: &Watched<'_>,
        rules: &Rules,
    ) -> Result<usize, Error> {
        let (now, mut count) = (Instant::now(), 0);
        let settle = rules.settle.unwrap_or(LOOK_EVERY);
        self.late.retain(|late| late.until > now || late.changed.is_some());
        for late in &mut self.late {
            let written = |mark: &Mark| mark.same_file(&late.mark) && *mark != late.mark;
            let Some(mark) = watched.root.mark(&late.name).filter(written) else {
                late.changed = None;
                continue;
            };
            let since = late.changed.filter(|(before, _)| *before == mark).map(|(_, since)| since);
            late.changed = Some((mark, since.unwrap_or(now)));
            if since.is_none_or(|since| now.duration_since(since) < settle) {
                continue;
            }
            let ripe = Ripe { name: late.name.clone(), mark, done: None };
            if let Ok(body) = looked_at(watched.root, &ripe) {
                deliver(store, watched.folder, &late.address, body).wait()?;
                tracing::info!(file = ?late.name, "a file was written to after it was taken, and is taken again");
                count += 1;
            }
            (late.mark, late.changed, late.until) = (mark, None, now + LATE_FOR);
        }
        Ok(count)
    }
}

/// Removes the file that said that this one is whole, and none that says so of a further one.
fn remove_done(root: &Root, ripe: &Ripe) -> Option<FailureNote> {
    let done = ripe.done.as_ref()?;
    let error = root.delete(&done.name, &done.mark).err()?;
    let gone = error.kind() == io::ErrorKind::NotFound;
    (!gone).then(|| note("folder_fixed", &done.name, &error.to_string()))
}

/// What came of one look.
#[derive(Default)]
struct Taken {
    count: usize,
    failure: Option<FailureNote>,
}

impl Taken {
    fn fails(&mut self, note: FailureNote) {
        self.failure.get_or_insert(note);
    }

    fn noted(&mut self, failure: Option<FailureNote>) {
        failure.into_iter().for_each(|note| self.fails(note));
    }
}

/// What a file holds, if that is something we read.
fn looked_at(root: &Root, ripe: &Ripe) -> Result<Vec<u8>, NotTaken> {
    let body = root.read(ripe)?;
    depeche_ingest::kind_of(&body).map_err(|why| NotTaken::Refused(why.to_owned()))?;
    Ok(body)
}

fn deliver(
    store: &Store,
    folder: &WatchedFolder,
    address: &str,
    body: Vec<u8>,
) -> Receipt<Delivered> {
    let delivery = Delivery {
        source: folder.source.clone(),
        kind: DeliveryKind::Pushed,
        address: address.to_owned(),
        headers: Vec::new(),
        body,
        received_at: Timestamp::now(),
        backfill: false,
        validators: Validators::default(),
    };
    store.delivered(delivery, KnownBy::Address, None)
}

fn address_of(path: &Path) -> String {
    format!("folder:{}", path.display())
}

/// Names are told with what is no letter in them escaped: whoever drops a file chooses its name.
fn note(word: &str, name: &Path, why: &str) -> FailureNote {
    FailureNote { word: word.to_owned(), detail: format!("{name:?}: {why}") }
}

/// Why a folder cannot be looked into.
pub(crate) fn of_folder(path: &Path, error: &io::Error) -> FailureNote {
    let word = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "folder_missing",
        io::ErrorKind::PermissionDenied => "folder_denied",
        _ => "folder_failed",
    };
    note(word, path, &error.to_string())
}
