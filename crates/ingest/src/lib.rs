//! The one place that knows every stage of an article's way: read, understand, place, append.
//!
//! A delivery is taken from the store, where it waits; each stage is one function of one module;
//! what comes out goes back into the store in one transaction. There is one ingest a data folder
//! (its lease says so), so that the window of copies and stories sees the wire in order.

mod again;
mod article;
mod cut;
mod desk;
mod flashes;
mod hub;
mod kept;
mod lines;
mod mail;
mod mending;
mod place;
mod prose;
mod pushed;
mod read;
mod refer;
mod seen;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use depeche_news::limits::store::READING_DEATHS_MAX;
use depeche_news::{
    Delivery, DeliveryKind, Item, ItemId, Problem, Removal, SourceId, Status,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{
    Appended, Arrival, Chain, Error, Known, Lease, PendingDelivery, Placed, Receipt, Store,
};

pub use cut::cut;
pub use pushed::kind_of;
pub use read::READING;

use crate::{
    place::{Places, places_since},
    read::Draft,
    seen::Seen,
};

/// Deliveries worked off in one go: enough for the writer to commit in groups, few enough that a
/// stop is quick.
const DELIVERIES_AT_ONCE: usize = 16;

/// Removals looked at in one go; retention takes some dozens at a time.
const REMOVED_AT_ONCE: usize = 256;

/// Older news than this is backfill: stored, indexed, listed at its own date, never pushed.
const NEWS_HOURS: i64 = 24;

/// The worker that takes deliveries to the wire.
pub struct Ingest {
    store: Store,
    places: Places,
    /// What is placed stands on what was placed before it: after a write that failed, none is tried.
    chain: Chain,
    /// What the last document of each feed held.
    seen: Seen,
    /// How far along the wire log it was looked for items that are gone.
    looked: u64,
    /// How far the decisions of editors had changed at the last look.
    decided: i64,
    /// The part of the wire's time in which stories were mended last.
    mended: i64,
    /// The document that items are being read again from.
    document: again::Document,
    /// The last delivery that was there at the start: what ended the process before is not after it.
    there_at_start: i64,
    /// The snapshot of the window, and when it is to be written anew.
    kept: kept::Kept,
    _lease: Lease,
}

impl Ingest {
    /// Takes the ingest lease of the store's folder and remembers the window; `None` when another
    /// process has the lease.
    pub fn start(store: &Store, now: Timestamp) -> Result<Option<Self>, Error> {
        let Some(lease) = Lease::take(store.folder(), "ingest")? else { return Ok(None) };
        // Looked at first: what goes while the window is remembered is looked for again.
        let looked = store.cursor()?.seq;
        let decided = store.decisions_changed()?;
        let (places, kept) = kept::places(store, looked, now)?;
        let mended = mending::part(store.last_on_wire()?.unwrap_or(now));
        let there_at_start = store.last_delivery()?;
        let (chain, seen, document) = Default::default();
        let store = store.clone();
        Ok(Some(Self {
            store,
            places,
            chain,
            seen,
            looked,
            decided,
            mended,
            document,
            there_at_start,
            kept,
            _lease: lease,
        }))
    }

    /// Works off what waits, releases embargoes that have ended, places what will never be more than a teaser,
    /// and reads some of the items again that are marked for it; gives the number of deliveries and of items read
    /// again, 0 when nothing waited.
    ///
    /// Stops between two deliveries when `go_on` says so.
    ///
    /// After an error the window may be ahead of the store: drop this ingest and start another.
    pub fn work(&mut self, now: Timestamp, go_on: impl Fn() -> bool) -> Result<usize, Error> {
        self.kept.in_work();
        if self.store.next_release()?.is_some_and(|next| next <= now) {
            self.store.release(now).wait()?;
        }
        self.forget_removed()?;
        self.follow_decisions(now)?;
        let waiting = self.store.pending_deliveries(DELIVERIES_AT_ONCE)?;
        let mut unacknowledged: Vec<(SourceId, Receipt<usize>)> = Vec::with_capacity(waiting.len());
        let handed = self.hand_over(&waiting, &mut unacknowledged, go_on);
        // Waited for also after an error: whoever starts anew must find all that will be there. Of both,
        // the write's own error says more than what followed from it.
        acknowledge(&mut unacknowledged).and(handed)?;
        self.place_teasers(now)?;
        let again = self.read_again(now)?;
        self.places.committed();
        self.kept.whole();
        let worked = waiting.len() + again;
        self.keep_window_when_due(worked == 0, now)?;
        Ok(worked)
    }

    fn hand_over(
        &mut self,
        waiting: &[PendingDelivery],
        unacknowledged: &mut Vec<(SourceId, Receipt<usize>)>,
        go_on: impl Fn() -> bool,
    ) -> Result<(), Error> {
        for pending in waiting.iter().take_while(|_| go_on()) {
            // A version of an item must find the one before it stored; sources share no items.
            if unacknowledged.iter().any(|(source, _)| *source == pending.delivery.source) {
                acknowledge(unacknowledged)?;
            }
            if mending::part(pending.delivery.received_at) > self.mended {
                acknowledge(unacknowledged)?;
                self.mend_stories(pending.delivery.received_at)?;
            }
            if pending.id <= self.there_at_start {
                acknowledge(unacknowledged)?;
                self.deliver_marked(pending)?;
                continue;
            }
            if let Some(receipt) = self.deliver(pending)? {
                unacknowledged.push((pending.delivery.source.clone(), receipt));
            }
        }
        Ok(())
    }

    /// Forgets in the window what was taken away since the last look, by whichever process.
    fn forget_removed(&mut self) -> Result<(), Error> {
        loop {
            let removed = self.store.removed_since(self.looked, REMOVED_AT_ONCE)?;
            let Some(last) = removed.last() else { return Ok(()) };
            self.looked = last.seq;
            // What still carries one of them is looked at again, so that it is cut out of it.
            self.seen = Seen::default();
            let before = self.places.window().len();
            removed.iter().for_each(|removed| self.places.forget(&removed.item));
            let taken_down = removed.iter().any(|removed| removed.taken_down);
            if taken_down || self.places.window().len() < before {
                self.kept.removed(&self.store, taken_down)?;
            }
        }
    }

    /// Tells the window where items stand that editors have moved since the last look, by whichever process.
    fn follow_decisions(&mut self, now: Timestamp) -> Result<(), Error> {
        if self.store.decisions_changed()? == self.decided {
            return Ok(());
        }
        let (moved, decided) = self.store.moved_by_decisions(self.decided, places_since(now))?;
        moved.iter().for_each(|item| self.places.put(item));
        self.decided = decided;
        Ok(())
    }

    fn place_teasers(&mut self, now: Timestamp) -> Result<(), Error> {
        for id in self.store.unplaced(DELIVERIES_AT_ONCE)? {
            if let Some(item) = self.store.item(&id)? {
                let placed =
                    catch_unwind(AssertUnwindSafe(|| self.places.place_teaser(&id, &item, now)));
                let panicked = placed.is_err();
                // An empty trace: it stays where it is and is not tried again.
                let placed = placed.unwrap_or_else(|_| {
                    Ok(Placed { trace: Some(Vec::new()), ..place::founded(&id) })
                })?;
                self.store.place(&id, placed, now).wait()?;
                if panicked {
                    return Err(Error::Unreadable(format!("item {id}: placing it panicked")));
                }
            }
        }
        Ok(())
    }

    /// Takes a delivery that was there at the start through every stage, alone and marked as being read: one that ends
    /// the process (for want of memory, by a signal) would end it at every start. It is set aside at last.
    fn deliver_marked(&mut self, pending: &PendingDelivery) -> Result<(), Error> {
        if self.store.begin_reading(pending.id).wait()? >= READING_DEATHS_MAX {
            let why = "the process ended twice while it was read: please report this delivery";
            return self.refuse(pending, &[Problem::new("panic", why)]);
        }
        let delivered = self.deliver(pending).and_then(|receipt| match receipt {
            Some(receipt) => {
                acknowledge(&mut vec![(pending.delivery.source.clone(), receipt)]).map(drop)
            }
            None => Ok(()),
        });
        if delivered.is_err() {
            // Of both errors the first says why.
            self.store.end_reading(pending.id).wait().unwrap_or_default();
        }
        delivered
    }

    /// Takes one delivery through every stage; `None` when it could not be read. A panic would be a
    /// defect of ours; it costs this delivery its reading, never the wire.
    fn deliver(&mut self, pending: &PendingDelivery) -> Result<Option<Receipt<usize>>, Error> {
        let staged = catch_unwind(AssertUnwindSafe(|| self.staged(pending)));
        staged.unwrap_or_else(|_| {
            let problems =
                vec![Problem::new("panic", "a defect of ours: please report this delivery")];
            self.refuse(pending, &problems)?;
            // The window may have been left in the middle of something: have it made anew.
            Err(Error::Unreadable(format!("delivery {}: a stage panicked", pending.id)))
        })
    }

    fn staged(&mut self, pending: &PendingDelivery) -> Result<Option<Receipt<usize>>, Error> {
        let reading = tracing::trace_span!("read")
            .in_scope(|| read::delivery(&self.store, pending, &mut self.seen))?;
        if reading.refused {
            self.refuse(pending, &reading.problems)?;
            return Ok(None);
        }
        let (arrivals, gone) = self.arrivals(pending, reading.drafts)?;
        let feed = pending.delivery.kind == DeliveryKind::Feed;
        if !gone.is_empty() {
            // It will stand in the next document too, and has to be cut out of that as well.
            self.seen.forget(&pending.delivery.source);
        }
        let read = Appended {
            delivery: pending.id,
            source: feed.then(|| pending.delivery.source.clone()),
            title: reading.title,
            language: reading.language,
            ttl_minutes: reading.ttl_minutes,
            schedule: reading.schedule,
            moved_to: reading.moved_to,
            validators: feed.then(|| pending.delivery.validators.clone()),
            hub: reading.hub,
            problems: reading.problems,
            backfill: pending.delivery.backfill,
            gone: (!gone.is_empty()).then_some((gone, cut)),
        };
        Ok(Some(self.store.append_after(&self.chain, read, arrivals)))
    }

    /// Keeps what could not be read for a better reader, and says why.
    fn refuse(&self, pending: &PendingDelivery, problems: &[Problem]) -> Result<(), Error> {
        let panicked = problems.iter().any(|problem| problem.word == "panic");
        if let DeliveryKind::Page(item) = &pending.delivery.kind {
            self.store.page_missing(item).wait()?;
        }
        let told = problems.iter().map(Problem::to_string).collect::<Vec<_>>();
        let Delivery { source, address, backfill, .. } = &pending.delivery;
        // Of an import its summary tells.
        match backfill {
            true => {
                tracing::info!(%source, address, problems = ?told, "a delivery could not be read");
            }
            false => tracing::warn!(
                %source, address, problems = ?told, "a delivery could not be read and is kept as it is",
            ),
        }
        let feed_of =
            (pending.delivery.kind == DeliveryKind::Feed).then(|| pending.delivery.source.clone());
        let word = if panicked { "panic" } else { "not_a_feed" };
        self.store.refuse(pending.id, feed_of, word, problems.to_vec()).wait()
    }

    /// Places the drafts of a delivery that are new or changed; names those of items that were taken
    /// down. What is gone has no place any more.
    fn arrivals(
        &mut self,
        pending: &PendingDelivery,
        drafts: Vec<Draft>,
    ) -> Result<(Vec<Arrival>, Vec<ItemId>), Error> {
        let (drafts, older) = latest(drafts);
        let ids: Vec<ItemId> = drafts.iter().map(|(id, _)| id.clone()).collect();
        let known = self.store.known(&ids)?;
        let (mut arrivals, mut gone) = (Vec::new(), Vec::new());
        for (id, draft) in drafts {
            let digest = draft.item.digest();
            let before = known.get(&id);
            if let Some(removed) = before.and_then(|before| before.removed) {
                gone.extend((removed == Removal::TakenDown).then_some(id));
                continue;
            }
            let is_known = before.is_some_and(|before| before.digest == digest);
            if is_known && !draft.page_had {
                continue;
            }
            let latest = match before {
                Some(_) if !draft.page_had => self.store.item(&id)?,
                _ => None,
            };
            if latest.as_ref().is_some_and(|latest| is_poorer(&draft, latest)) {
                continue;
            }
            arrivals.push(match latest {
                Some(latest) if is_late(&draft.item, &latest) => {
                    self.history(pending, draft, id, digest)
                }
                latest => self.arrival(pending, draft, id, digest, before, latest)?,
            });
        }
        for (id, draft) in older {
            // Their item is there by then: what came with them was newer.
            if known.get(&id).is_none_or(|before| before.removed.is_none()) {
                let digest = draft.item.digest();
                arrivals.push(self.history(pending, draft, id, digest));
            }
        }
        Ok((arrivals, gone))
    }

    /// A version that is older than the one that is there: the store keeps it, nothing is compared with it.
    fn history(
        &self,
        pending: &PendingDelivery,
        draft: Draft,
        id: ItemId,
        digest: [u8; 16],
    ) -> Arrival {
        Arrival {
            teaser: article::teaser(&draft.item.article),
            placed: place::founded(&id),
            item: draft.item,
            id,
            digest,
            external: None,
            received_at: pending.delivery.received_at,
            backfill: true,
            page_wanted: None,
            page_had: false,
            reading: read::READING,
        }
    }

    /// `latest` is the version that this one follows, where its text is not of a page.
    fn arrival(
        &mut self,
        pending: &PendingDelivery,
        draft: Draft,
        id: ItemId,
        digest: [u8; 16],
        before: Option<&Known>,
        latest: Option<Item>,
    ) -> Result<Arrival, Error> {
        let received_at = pending.delivery.received_at;
        let Draft { mut item, external, page_wanted, page_had, .. } = draft;
        if page_wanted.is_some() && before.is_some() {
            // Until the page of the new version is there, the old text is better than none.
            item.article.body = latest.map(|item| item.article.body).unwrap_or_default();
        }
        let placed = tracing::trace_span!("place").in_scope(|| {
            self.places.place(&id, &item, page_wanted.is_some(), before, received_at)
        })?;
        let old = item.article.published.is_some_and(|published| {
            published.sort_key() < received_at - SignedDuration::from_hours(NEWS_HOURS)
        });
        Ok(Arrival {
            teaser: article::teaser(&item.article),
            item,
            id,
            digest,
            external,
            received_at,
            backfill: pending.delivery.backfill || old,
            page_wanted,
            page_had,
            placed,
            reading: read::READING,
        })
    }
}

/// How the window is kept while nothing runs.
impl Ingest {
    /// Ends the work: what it was is kept for the next start. An ingest that is dropped instead leaves the snapshot of
    /// before, and the next one is told what came since.
    pub fn stop(mut self, now: Timestamp) {
        if self.kept.is_behind(&self.store)
            && let Err(error) = self.keep_window(now)
        {
            tracing::warn!(%error, "cannot keep the window; the next start takes longer");
        }
    }

    /// Writes the window when it has moved on: when nothing waits, if that comes in time.
    fn keep_window_when_due(&mut self, idle: bool, now: Timestamp) -> Result<(), Error> {
        let items = self.places.window().len();
        match self.kept.is_due(&self.store, items, idle, now) {
            true => self.keep_window(now),
            false => Ok(()),
        }
    }

    /// All that was placed is committed when this is called.
    fn keep_window(&mut self, now: Timestamp) -> Result<(), Error> {
        let mark = self.store.cursor()?.seq;
        // Whatever others did up to the mark, the window is told before it is written.
        self.forget_removed()?;
        self.follow_decisions(now)?;
        self.kept.write(&self.store, self.places.window(), mark, now)
    }
}

/// Whether `latest`, which the store has, is newer than this version of the item.
fn is_late(item: &Item, latest: &Item) -> bool {
    let told = item.version.is_some() || !item.desk.dates.is_empty();
    (told || latest.status == Status::Canceled) && item.is_older_than(latest)
}

/// Whether a draft is what a broken message has left of `latest`: the same version of its provider with less text.
fn is_poorer(draft: &Draft, latest: &Item) -> bool {
    let new = &draft.item;
    let is_same = match (&new.version, &latest.version) {
        (Some(new), Some(latest)) => new == latest,
        (Some(_), None) => false,
        // What numbers and dates it may have been lost too.
        (None, _) => {
            let told = new.article.modified;
            !latest.desk.dates.is_empty() && (told.is_none() || told == latest.article.modified)
        }
    };
    let size = |item: &Item| {
        item.article.text().len() + item.article.standfirst.as_deref().map_or(0, str::len)
    };
    draft.incomplete && new.status != Status::Canceled && is_same && size(new) < size(latest)
}

/// Waits for all of them; gives the first error.
fn acknowledge(receipts: &mut Vec<(SourceId, Receipt<usize>)>) -> Result<(), Error> {
    receipts.drain(..).map(|(_, receipt)| receipt.wait().map(|_| ())).fold(Ok(()), Result::and)
}

/// Drafts with the items they are of.
type Named = Vec<(ItemId, Draft)>;

/// The drafts of a delivery in its order, each item once, and the versions that are older than these, newest first.
/// Of several versions in one delivery the latest counts: by the provider's own number, else by when it was changed,
/// else the first. What no desk numbers or dates is a repetition, not a version, and is left out.
fn latest(drafts: Vec<Draft>) -> (Named, Named) {
    let mut places: HashMap<ItemId, usize> = HashMap::new();
    let mut latest: Named = Vec::with_capacity(drafts.len());
    let mut older = Vec::new();
    for mut draft in drafts {
        let id = draft.id();
        let Some((_, known)) = places.get(&id).and_then(|&place| latest.get_mut(place)) else {
            places.insert(id.clone(), latest.len());
            latest.push((id, draft));
            continue;
        };
        if is_newer(&draft, known) {
            std::mem::swap(known, &mut draft);
        }
        if draft.item.is_older_than(&known.item) && !draft.item.desk.dates.is_empty() {
            older.push((id, draft));
        }
    }
    (latest, older)
}

fn is_newer(draft: &Draft, known: &Draft) -> bool {
    let age = |draft: &Draft| {
        let number =
            draft.item.version.as_deref().and_then(|version| version.trim().parse::<u64>().ok());
        (number, draft.item.article.modified.map(|modified| modified.sort_key()))
    };
    let older = draft.item.is_older_than(&known.item);
    !older && (known.item.is_older_than(&draft.item) || age(draft) > age(known))
}
