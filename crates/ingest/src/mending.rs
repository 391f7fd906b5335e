//! Mending: stories of the last two days are looked at again with what came after, at borders of the wire's own time.

use depeche_cluster::{Mend, Recent, Trace, mends};
use depeche_news::{
    DispatchId, StoryId,
    jiff::{SignedDuration, Timestamp},
    limits::ingest::{MEND_DISPATCHES_MAX, MEND_EVERY_MINUTES, MEND_HOURS, MEND_ROUNDS_MAX},
};
use depeche_store::{Error, StoryMend};

use crate::Ingest;

/// Which part of the wire's time a moment is in; stories are mended once in each.
pub(crate) fn part(at: Timestamp) -> i64 {
    at.as_second().div_euclid(MEND_EVERY_MINUTES * 60)
}

impl Ingest {
    /// Mends until nothing is to be mended, so that who starts in the middle of a part of time finds nothing left.
    pub(crate) fn mend_stories(&mut self, now: Timestamp) -> Result<(), Error> {
        self.mended = part(now);
        for _round in 0..MEND_ROUNDS_MAX {
            if self.mend_once(now)? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Mends what should be mended, and tells the window; gives how much that was.
    fn mend_once(&mut self, now: Timestamp) -> Result<usize, Error> {
        let since = now - SignedDuration::from_hours(MEND_HOURS);
        let recent = self.store.recent_dispatches(since, MEND_DISPATCHES_MAX)?;
        let traces: Vec<Option<Trace>> =
            recent.iter().map(|one| Trace::from_bytes(&one.trace)).collect();
        let told: Vec<Recent<'_>> = recent
            .iter()
            .zip(&traces)
            .filter_map(|(one, trace)| {
                let (dispatch, story) = (one.dispatch.as_str(), one.story.as_str());
                Some(Recent { dispatch, story, trace: trace.as_ref()? })
            })
            .collect();
        let mends: Vec<StoryMend> = mends(&told).iter().filter_map(of_cluster).collect();
        let count = mends.len();
        if count == 0 {
            return Ok(0);
        }
        tracing::info!(mends = count, "stories are mended");
        let moved = self.store.mend_stories(mends, now).wait()?;
        moved.iter().for_each(|item| self.places.put(item));
        Ok(count)
    }
}

/// A mend in the store's words.
fn of_cluster(mend: &Mend) -> Option<StoryMend> {
    match mend {
        Mend::Merge { story, into } => {
            Some(StoryMend::Merge { story: StoryId::parse(story)?, into: StoryId::parse(into)? })
        }
        Mend::Split { dispatches, .. } => {
            let dispatches = dispatches.iter().map(|id| DispatchId::parse(id));
            Some(StoryMend::Split { dispatches: dispatches.collect::<Option<_>>()? })
        }
    }
}
