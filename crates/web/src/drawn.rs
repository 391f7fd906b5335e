//! «Dernières infos» and «À la une» are drawn once for a state of the wire and kept, ready to be sent.
//!
//! Whoever comes while a page is drawn waits for it instead of drawing it too. While the wire is so
//! busy that every request would draw anew, the list is drawn four times a second, the front once, and in
//! between may be as much older than the wire.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use depeche_news::Viewer;
use depeche_store::WireState;
use tokio::{sync::Mutex, task::spawn_blocking};

use crate::{
    App,
    failure::Failure,
    page::{Visit, told_to_log},
    ready::{Coding, Ready},
    trouble::Banner,
    words::Language,
};

/// How often a page is drawn anew.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// How long a page lasts on a busy wire.
    busy_lasts: Duration,
    /// Pages drawn in a row before the wire counts as busy: whoever changes something and looks at
    /// once sees it.
    in_a_row: u32,
    /// How long a page lasts though nothing changes, where time itself changes it.
    lasts: Option<Duration>,
}

/// The list: no eye sees that it is a quarter of a second late, and four pages a second cost some
/// hundredths of a core.
pub(crate) const LIST: Pace =
    Pace { busy_lasts: Duration::from_millis(250), in_a_row: 8, lasts: None };

/// The front counts a day of the wire for each page, and what is told of hours grows old by itself.
pub(crate) const FRONT: Pace =
    Pace { busy_lasts: Duration::from_secs(1), in_a_row: 3, lasts: Some(Duration::from_secs(60)) };

/// The kept pages, one for each viewer and language.
pub(crate) struct Drawn {
    slots: Vec<Slot>,
    pace: Pace,
}

/// One page and whose it is.
struct Slot {
    viewer: Viewer,
    language: Language,
    kept: RwLock<Option<Kept>>,
    turn: Arc<Mutex<Budget>>,
}

#[derive(Clone)]
struct Kept {
    sheet: Arc<Sheet>,
    /// Set on a busy wire: until then it is good although the wire has gone on.
    good_until: Option<Instant>,
    /// From then on it is not good although the wire has not gone on.
    stale_at: Option<Instant>,
}

/// A page and the state it was drawn at.
pub(crate) struct Sheet {
    pub(crate) state: WireState,
    pub(crate) banner: Option<Banner>,
    pub(crate) ready: Ready,
}

impl Drawn {
    pub(crate) fn new(pace: Pace) -> Self {
        let of = |language| {
            [Viewer::Reader, Viewer::Administrator].map(|viewer| Slot {
                viewer,
                language,
                kept: RwLock::new(None),
                turn: Arc::new(Mutex::new(Budget::full(pace, Instant::now()))),
            })
        };
        Self { slots: Language::ALL.into_iter().flat_map(of).collect(), pace }
    }

    /// The page of this visit among `those`, kept or drawn by `draw`, ready in the encoding that is wanted.
    pub(crate) async fn page(
        app: &Arc<App>,
        those: fn(&App) -> &Self,
        visit: &Visit,
        coding: Coding,
        draw: impl FnOnce() -> Result<Sheet, Failure> + Send + 'static,
    ) -> Result<Arc<Sheet>, Failure> {
        let place = those(app).place(visit)?;
        let state = *app.changes.borrow();
        let banner = Banner::of(app, visit);
        let slot = &those(app).slots[place];
        if let Some(sheet) = slot.good(state, banner.as_ref()).filter(|s| s.ready.has(coding)) {
            return Ok(sheet);
        }
        let mut budget = Arc::clone(&slot.turn).lock_owned().await;
        let app = Arc::clone(app);
        // The turn goes along: whoever asked may leave, and the page is drawn and kept all the same.
        let drawn = spawn_blocking(move || {
            let kept = those(&app);
            let slot = &kept.slots[place];
            let sheet = match slot.good(state, banner.as_ref()) {
                Some(sheet) => sheet,
                None => slot.keep(draw()?, &mut budget, kept.pace.lasts),
            };
            sheet.ready.bytes(coding);
            Ok(sheet)
        });
        drawn.await.map_err(|error| told_to_log(&error))?
    }

    fn place(&self, visit: &Visit) -> Result<usize, Failure> {
        let ours = |slot: &Slot| slot.viewer == visit.viewer && slot.language == visit.language;
        self.slots.iter().position(ours).ok_or(Failure::Trouble)
    }
}

impl Slot {
    /// The kept page, if it is still good at this state of the wire.
    fn good(&self, state: WireState, banner: Option<&Banner>) -> Option<Arc<Sheet>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let Kept { sheet, good_until, stale_at } = kept.as_ref()?;
        if stale_at.is_some_and(|at| Instant::now() >= at) {
            return None;
        }
        let good = sheet.state.covers(&state)
            || good_until.is_some_and(|until| {
                // What an operator did to a source is seen at once, whatever the wire does.
                let wire_alone = WireState { cursor: sheet.state.cursor, ..state };
                sheet.state.covers(&wire_alone)
                    && sheet.state.cursor.epoch == state.cursor.epoch
                    && Instant::now() < until
            });
        (good && sheet.banner.as_ref() == banner).then(|| Arc::clone(sheet))
    }

    fn keep(&self, sheet: Sheet, budget: &mut Budget, lasts: Option<Duration>) -> Arc<Sheet> {
        let (sheet, now) = (Arc::new(sheet), Instant::now());
        let (good_until, stale_at) = (budget.spend(now), lasts.map(|lasts| now + lasts));
        let kept = Kept { sheet: Arc::clone(&sheet), good_until, stale_at };
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        sheet
    }
}

/// Pages that may be drawn before one has to last: one more each time that one would have lasted.
struct Budget {
    pace: Pace,
    left: u32,
    counted_at: Instant,
}

impl Budget {
    fn full(pace: Pace, now: Instant) -> Self {
        Self { pace, left: pace.in_a_row, counted_at: now }
    }

    /// Takes a page; says until when it has to last, if it was the last one for now.
    fn spend(&mut self, now: Instant) -> Option<Instant> {
        let lasts = self.pace.busy_lasts;
        let regained = now.duration_since(self.counted_at).as_millis() / lasts.as_millis();
        if regained > 0 {
            let regained = u32::try_from(regained).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(regained).min(self.pace.in_a_row);
            self.counted_at = now;
        }
        self.left = self.left.saturating_sub(1);
        (self.left == 0).then(|| now + lasts)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use depeche_news::{SourceVisibility, jiff::Timestamp};
    use depeche_store::{NewSource, SourceKind, Store};
    use tokio::sync::watch;

    use super::*;
    use crate::{Settings, live::Live};

    #[test]
    fn a_busy_wire_is_drawn_four_times_a_second() {
        let mut now = Instant::now();
        let mut budget = Budget::full(LIST, now);
        for drawn in 1..LIST.in_a_row {
            assert_eq!(budget.spend(now), None, "{drawn}");
        }
        for _ in 0..20 {
            let until = budget.spend(now).expect("the page has to last");
            assert_eq!(until, now + LIST.busy_lasts);
            now = until;
        }
        now += LIST.busy_lasts * LIST.in_a_row;
        assert_eq!(budget.spend(now), None, "a quiet wire is drawn at once again");
    }

    fn app(folder: &std::path::Path) -> Arc<App> {
        let store = Store::open(folder).unwrap();
        Arc::new(App {
            changes: store.changes(),
            store,
            search: watch::channel(None).1,
            settings: Settings::default(),
            live: Live::new(watch::channel(false).1),
            trouble: watch::channel(None).1,
            drawn: Drawn::new(LIST),
            front: Drawn::new(FRONT),
            door: crate::door::Door::new(),
            effects: crate::editions::Remembered::default(),
            comparisons: crate::turns::Turns::new(1),
            searches: crate::turns::Turns::new(1),
        })
    }

    fn visit(viewer: Viewer) -> Visit {
        Visit {
            language: Language::French,
            viewer,
            now: Timestamp::now(),
            session: None,
            query: String::new(),
            host: String::new(),
        }
    }

    /// A page that counts how often it was drawn.
    fn drawing(
        app: &Arc<App>,
        drawn: &Arc<AtomicUsize>,
    ) -> impl FnOnce() -> Result<Sheet, Failure> + Send + 'static {
        let (app, drawn) = (Arc::clone(app), Arc::clone(drawn));
        move || {
            drawn.fetch_add(1, Ordering::SeqCst);
            // Long enough for everybody else to come meanwhile.
            std::thread::sleep(Duration::from_millis(50));
            let state = *app.changes.borrow();
            Ok(Sheet { state, banner: None, ready: Ready::new(format!("{state:?}")) })
        }
    }

    async fn ask(app: &Arc<App>, drawn: &Arc<AtomicUsize>, viewer: Viewer) -> Arc<Sheet> {
        let page =
            Drawn::page(app, |app| &app.drawn, &visit(viewer), Coding::Gzip, drawing(app, drawn))
                .await;
        page.expect("a page")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_comes_while_a_page_is_drawn_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (app, drawn) = (app(folder.path()), Arc::new(AtomicUsize::new(0)));
        let all: Vec<_> = (0..50)
            .map(|_| {
                let (app, drawn) = (Arc::clone(&app), Arc::clone(&drawn));
                tokio::spawn(async move { ask(&app, &drawn, Viewer::Reader).await })
            })
            .collect();
        for asked in all {
            assert!(asked.await.unwrap().ready.has(Coding::Gzip));
        }
        assert_eq!(drawn.load(Ordering::SeqCst), 1);
        ask(&app, &drawn, Viewer::Administrator).await;
        assert_eq!(drawn.load(Ordering::SeqCst), 2, "each viewer has a page of their own");

        let new = NewSource {
            address: "https://a.example/".to_owned(),
            name: None,
            language: None,
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Feed,
        };
        app.store.add_source(new, Timestamp::now()).await.unwrap();
        ask(&app, &drawn, Viewer::Reader).await;
        ask(&app, &drawn, Viewer::Reader).await;
        assert_eq!(drawn.load(Ordering::SeqCst), 3, "what changed is drawn anew, once");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_nobody_waits_for_any_more_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (app, drawn) = (app(folder.path()), Arc::new(AtomicUsize::new(0)));
        let (asking, counting) = (Arc::clone(&app), Arc::clone(&drawn));
        let leaving = tokio::spawn(async move { ask(&asking, &counting, Viewer::Reader).await });
        while drawn.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        leaving.abort();
        ask(&app, &drawn, Viewer::Reader).await;
        assert_eq!(drawn.load(Ordering::SeqCst), 1);
    }
}
