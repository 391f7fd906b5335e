//! Reading again: an item is made anew from what it was read from, and never made poorer.

use depeche_extract as extract;
use depeche_news::{Item, ItemId, jiff::Timestamp};
use depeche_store::{Again, Error, PendingDelivery, ReadAgain, Store, ToReread};

use crate::{Ingest, article, desk::Clocks, read, refer};

/// Items read again in one go, between two deliveries: some tens of milliseconds.
const ITEMS_AT_ONCE: usize = 32;

/// The last delivery that was read again: items of one document come together.
#[derive(Default)]
pub(crate) struct Document {
    delivery: Option<i64>,
    items: Vec<(ItemId, read::Draft)>,
}

impl Ingest {
    /// Reads some of the marked items again; gives how many, 0 when none is marked.
    pub(crate) fn read_again(&mut self, now: Timestamp) -> Result<usize, Error> {
        let marked = self.store.to_reread(ITEMS_AT_ONCE)?;
        if marked.is_empty() {
            self.document = Document::default();
            // A mark without an item would be looked for for ever.
            if self.store.rereading()?.0 > 0 {
                self.store.forget_lost_marks().wait()?;
            }
            return Ok(0);
        }
        // Its items may not all have come in the batch before.
        let mut document = std::mem::take(&mut self.document);
        let mut again = Vec::with_capacity(marked.len());
        for before in marked {
            again.push(self.read_one_again(&mut document, before, now)?);
        }
        self.document = document;
        let count = again.len();
        self.store.reread(again, now).wait()?;
        Ok(count)
    }

    fn read_one_again(
        &mut self,
        document: &mut Document,
        before: ToReread,
        now: Timestamp,
    ) -> Result<Again, Error> {
        let Some(draft) = document.item(&self.store, &before)? else {
            return Ok(Again::Unreadable(Box::new(before)));
        };
        let digest = draft.digest();
        let Some(item) = understood(draft, &before) else {
            return Ok(Again::Unreadable(Box::new(before)));
        };
        let changed = before.item.as_ref() != Some(&item);
        // What was never compared is not compared now: it has no text of its own yet.
        let trace = match changed && before.known.placed {
            true => {
                self.places.told_again(&before.id, &item, &before.known, before.wire_at, now)?
            }
            false => None,
        };
        let teaser = article::teaser(&item.article);
        let reading = read::READING;
        Ok(Again::Read(Box::new(ReadAgain { before, item, digest, teaser, trace, reading })))
    }
}

impl Document {
    /// The item as its delivery tells it, `None` where that is not kept or does not tell it any more.
    fn item(&mut self, store: &Store, before: &ToReread) -> Result<Option<Item>, Error> {
        let Some(delivery) = before.delivery else { return Ok(None) };
        if self.delivery != Some(delivery) {
            let pending = store.delivery(delivery)?;
            let reading = read::whole(&pending);
            let mut drafts = reading.map(|reading| reading.drafts).unwrap_or_default();
            let zone = read::zone(&pending);
            refer::resolve(store, Clocks::of(&pending.delivery, zone.as_ref()), &mut drafts)?;
            self.items = crate::latest(drafts).0;
            self.delivery = Some(delivery);
        }
        let told = self.items.iter().find(|(id, _)| *id == before.id);
        Ok(told.map(|(_, draft)| draft.item.clone()))
    }
}

/// The item with its page merged in; `None` where that would make it poorer.
fn understood(mut item: Item, before: &ToReread) -> Option<Item> {
    if before.page_had {
        let page = before.page.as_ref()?;
        let read = page_article(page, &item);
        if !article::complete(&mut item.article, read) {
            return None;
        }
    }
    let had_body = before.item.as_ref().is_some_and(|before| !before.article.body.is_empty());
    if item.article.body.is_empty() && had_body {
        // The text of an older version stands until the page of this one comes.
        item.article.body = before.item.as_ref()?.article.body.clone();
    }
    Some(item)
}

fn page_article(page: &PendingDelivery, item: &Item) -> depeche_news::Article {
    let zone = read::zone(page);
    let hints = read::page_hints(&page.delivery, item.article.language.as_deref(), zone.as_ref());
    extract::article(&page.delivery.body, &hints).article
}
