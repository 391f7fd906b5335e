//! CPU of the stages inside ingest, from the spans it marks them with (`read`, `place`): what is spent
//! in a span, less what is spent in spans inside it.

use std::{
    cell::RefCell,
    fmt::{self, Write as _},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::clock::thread_cpu;

/// The spans that are counted.
const STAGES: [&str; 2] = ["read", "place"];

static SPENT: [AtomicU64; STAGES.len()] = [const { AtomicU64::new(0) }; STAGES.len()];

thread_local! {
    /// The stages this thread is in, and since when the innermost one runs.
    static IN: RefCell<(Vec<usize>, Duration)> = const { RefCell::new((Vec::new(), Duration::ZERO)) };
}

/// Counts from now on, in every thread.
pub(crate) fn listen() {
    // A second time is as good as the first.
    let _ = tracing::subscriber::set_global_default(Stages);
}

/// CPU spent in a stage so far; nothing when ingest does not mark it.
pub(crate) fn spent(stage: &str) -> Duration {
    let at = STAGES.iter().position(|name| *name == stage);
    let nanoseconds =
        at.and_then(|at| SPENT.get(at)).map_or(0, |spent| spent.load(Ordering::Relaxed));
    Duration::from_nanos(nanoseconds)
}

struct Stages;

impl Stages {
    /// Gives what was spent since the last change to the innermost stage, then changes the stages.
    fn change(change: impl FnOnce(&mut Vec<usize>)) {
        let now = thread_cpu();
        IN.with_borrow_mut(|(stages, since)| {
            if let Some(spent) = stages.last().and_then(|&stage| SPENT.get(stage)) {
                spent.fetch_add((now - *since).as_nanos() as u64, Ordering::Relaxed);
            }
            *since = now;
            change(stages);
        });
    }
}

impl Subscriber for Stages {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        match metadata.is_span() {
            true => {
                STAGES.contains(&metadata.name()) && metadata.target().starts_with("depeche_ingest")
            }
            false => *metadata.level() <= Level::WARN && metadata.target().starts_with("depeche"),
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let at = STAGES.iter().position(|name| *name == span.metadata().name()).unwrap_or(0);
        Id::from_u64(at as u64 + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut told = Told(format!("{}: ", event.metadata().level()));
        event.record(&mut told);
        crate::figures::progress(&told.0);
    }

    fn enter(&self, span: &Id) {
        let stage = span.into_u64() as usize - 1;
        Self::change(|stages| stages.push(stage));
    }

    fn exit(&self, _: &Id) {
        Self::change(|stages| {
            stages.pop();
        });
    }
}

/// A warning of the program, as a line.
struct Told(String);

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin() {
        let _ = (0..3_000_000u64).fold(1u64, |sum, n| std::hint::black_box(sum ^ n));
    }

    #[test]
    fn an_inner_stage_is_not_counted_twice() {
        let subscriber = Stages;
        let (outer, inner) = (Id::from_u64(1), Id::from_u64(2));
        let whole = thread_cpu();
        subscriber.enter(&outer);
        spin();
        subscriber.enter(&inner);
        spin();
        subscriber.exit(&inner);
        subscriber.exit(&outer);
        let whole = thread_cpu() - whole;
        let (read, place) = (spent("read"), spent("place"));
        assert!(read > Duration::ZERO && place > Duration::ZERO);
        assert!(read + place <= whole, "{read:?} + {place:?} > {whole:?}");
        assert_eq!(spent("nowhere"), Duration::ZERO);
    }
}
