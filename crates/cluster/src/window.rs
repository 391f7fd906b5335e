//! The window: what came in lately, and the one way an item takes into it.

use std::io::{self, Read, Write};

use depeche_news::jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::{
    Candidate, Evidence, Placement, Relation, Trace,
    carriers::TEXT_BITS_MAX,
    compare::{Likeness, Subject},
    glossary::Posting,
    judge::{Verdict, judge},
    names::{NONE, Names, Second},
    snapshot::{NotRestored, Reading, Writing},
    stories::{TEXTS_PER_TERM_MAX, Told, nearest},
    terms::Spelled,
    texts::{Found, Text, Texts, is_indexed, is_indexed_anywhere, looked_up},
    trace,
};

/// How much a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most items, at most a million; beyond it the first to come in go first. With their terms and
    /// fingerprints they take 300 bytes each, and 5 MB whatever their number.
    pub items_max: usize,
    /// Longest time an item stays, in hours.
    pub hours_max: u32,
}

impl Default for Limits {
    /// A week, in which a dispatch is copied if it is copied at all, of 14,000 items a day.
    fn default() -> Self {
        Self { items_max: 100_000, hours_max: 7 * 24 }
    }
}

/// Items of any window: a week of the largest wire one machine takes. What the postings can number is twice as
/// much, since those that are gone keep their number until they are settled.
const ITEMS_MAX: usize = 1_000_000;
const _: () = assert!(2 * ITEMS_MAX <= 1 << TEXT_BITS_MAX);

/// What came in lately, ready to be compared with.
///
/// It finds what may be akin to an item in some 300 bytes for each. The traces themselves stay where
/// the caller keeps them: [`Window::place`] asks for the few it compares in full.
#[derive(Debug)]
pub struct Window {
    limits: Limits,
    names: Names,
    /// The members that lead.
    texts: Texts,
    /// Dispatches that a leader has gone from.
    orphans: Vec<u32>,
    last_at: i64,
    /// What [`Window::advance`] was told last, in seconds.
    clock: Option<i64>,
}

/// Bytes that a window takes, by what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Items, dispatches, stories and their identities.
    pub names: usize,
    /// The texts that later ones are compared with.
    pub texts: usize,
    /// What finds texts by their fingerprints.
    pub fingerprints: usize,
    /// What finds texts by their terms.
    pub terms: usize,
}

/// What is done with an item, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its text becomes fingerprints, figures and terms.
    Reading,
    /// The earlier texts that share fingerprints with it are looked up.
    Finding,
    /// The likeliest of them are compared with it in full.
    Comparing,
    /// Its story is looked for.
    Telling,
    /// It is taken in, and what is too much goes.
    Keeping,
}

/// The earlier item that a subject is most akin to.
struct Kin {
    item: u32,
    like: Likeness,
    verdict: Verdict,
}

/// Members that lead one dispatch. A text that grows over a day has a handful of forms; a
/// dispatch with more is compared by its first ones.
const LEADERS_MAX: u8 = 6;

/// Of a text's fingerprints, the percentage its dispatch must know for it not to lead.
const KNOWN_PERCENT: usize = 70;

/// Dispatches that may share a fingerprint before it loses worth: an agency's background
/// paragraph is pasted into two or three.
const CARRIERS_FREE: usize = 2;

/// Worth in common, in fingerprints, from which a member is compared in full: one for a teaser, two
/// for an article of 900 words, which shares single phrases with many.
const VOTES_MIN: f32 = 0.9;
const VOTES_PER_PRINT_MIN: f32 = 0.008;

/// Worth of a headline in common: enough for a text of any length to be compared.
const HEADLINE_WORTH: f32 = 2.0;

/// Members compared in full.
pub(crate) const COMPARED_MAX: usize = 8;

/// Terms told as evidence of a story.
const EVIDENCE_TERMS_MAX: usize = 5;

/// Dispatches whose leader went that are seen to with one item, and items of each that may take its
/// place: copies differ in little. As many traces are asked for.
pub(crate) const ORPHANS_AT_ONCE: usize = 4;
pub(crate) const HEIRS_MAX: usize = 4;

impl Default for Window {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Window {
    /// An empty window.
    pub fn new(limits: Limits) -> Self {
        let items_max = limits.items_max.clamp(1, ITEMS_MAX);
        Self {
            limits: Limits { items_max, ..limits },
            names: Names::default(),
            texts: Texts::new(items_max),
            orphans: Vec::new(),
            last_at: 0,
            clock: None,
        }
    }

    /// How many items the window holds.
    pub fn len(&self) -> usize {
        self.names.items()
    }

    /// Whether the window holds no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes the window takes.
    pub fn held(&self) -> Held {
        let [texts, fingerprints, terms] = self.texts.bytes();
        Held { names: self.names.bytes(), texts, fingerprints, terms }
    }

    /// Says where an item belongs and takes it in. What was said of earlier items stays as it is.
    /// An item that is in the window already is forgotten first.
    ///
    /// `traces` gives the trace of an item that was placed or restored, by its id; some 30 at most
    /// are asked for. An item whose trace it has no more is not compared with.
    pub fn place(
        &mut self,
        candidate: &Candidate<'_>,
        traces: impl Fn(&str) -> Option<Trace>,
    ) -> Placement {
        self.place_watched(candidate, traces, |_| {})
    }

    /// Places an item as [`Window::place`] does, and says when each stage of it begins.
    pub fn place_watched(
        &mut self,
        candidate: &Candidate<'_>,
        traces: impl Fn(&str) -> Option<Trace>,
        mut begins: impl FnMut(Stage),
    ) -> Placement {
        begins(Stage::Keeping);
        self.forget(candidate.id);
        self.succeed(&traces);
        begins(Stage::Reading);
        let (mut subject, spelled) = Subject::read(candidate);
        begins(Stage::Finding);
        let (candidates, found) = self.weigh(&mut subject);
        begins(Stage::Comparing);
        let kin = self.kin(&subject, candidates, &traces);
        begins(Stage::Telling);
        // As it is kept: two items with one impossible date are of one time.
        let at = candidate.published.map_or(self.last_at, Timestamp::as_second);
        let at = Second::new(at).as_i64();

        let relation = match &kin {
            _ if subject.prints.is_empty() => Relation::None,
            Some(kin) => kin.verdict.relation,
            None => Relation::Original,
        };
        let (dispatch, tale) = match &kin {
            Some(kin) if relation.joins() => {
                let dispatch = self.names[kin.item].dispatch;
                (Some(dispatch), Some(self.names[dispatch].tale))
            }
            _ => {
                let told = |text: &Text| self.told(text);
                (None, nearest(&self.texts, &subject.trace.terms, at, told))
            }
        };
        let id = |name: Option<u32>| {
            name.map_or_else(|| candidate.id.to_owned(), |name| self.names.spelling(name))
        };
        let (dispatch, story) = (id(dispatch), id(tale));
        let evidence = self.evidence(kin.as_ref(), tale, &spelled);
        let of = kin.filter(|_| relation.is_kinship()).map(|kin| self.names.spelling(kin.item));

        begins(Stage::Keeping);
        let at = candidate.published;
        self.take_in(candidate.id, &subject.trace, &dispatch, &story, at, Some(&found));
        self.settle();
        Placement { dispatch, relation, of, story, evidence, trace: subject.trace }
    }

    /// Takes in an item that was placed before, without asking where it belongs. Items given back
    /// in the order they came in make the window what it was.
    pub fn restore(
        &mut self,
        id: &str,
        trace: &Trace,
        dispatch: &str,
        story: &str,
        published: Option<Timestamp>,
    ) {
        self.forget(id);
        self.move_to(dispatch, story);
        self.take_in(id, trace, dispatch, story, published, None);
        self.settle();
    }

    /// Says when a story of the window began whose first item is not in it: so that it gets no older than others do.
    pub fn begun(&mut self, story: &str, at: Timestamp) {
        if let Some(tale) = self.names.find(story).filter(|&tale| !self.names[tale].is_item()) {
            self.names[tale].at = Second::new(at.as_second());
        }
    }

    /// Forgets an item: nothing that comes later is compared with it.
    pub fn forget(&mut self, id: &str) {
        if let Some(name) = self.names.find(id).filter(|&name| self.names[name].is_item()) {
            self.forget_item(name);
            self.settle();
        }
    }

    /// Leaves nothing of what was forgotten, which is otherwise left until much has come or gone: no
    /// fingerprint and no term.
    pub fn purge(&mut self) {
        if self.texts.has_gone() {
            self.texts.settle(&mut self.names);
        }
    }

    /// Says what time it is for the items that come from here on: an archive of old news stays in the
    /// window as long as any other that comes in now. Without it an item came when it was published.
    pub fn advance(&mut self, now: Timestamp) {
        self.clock = Some(now.as_second());
    }

    /// Forgets what came in longer ago than the limits allow at `now`, up to the first item that did
    /// not.
    pub fn trim(&mut self, now: Timestamp) {
        let oldest = now.as_second() - i64::from(self.limits.hours_max) * 3600;
        while let Some(item) = self.names.oldest()
            && self.names[item].came.as_i64() < oldest
        {
            self.forget_item(item);
        }
        self.settle();
    }
}

/// How the window is kept while nothing runs.
impl Window {
    /// Writes the window as it is. `mark` is the caller's: it says up to where the window has been told what came.
    pub fn snapshot(&self, mark: u64, out: &mut impl Write) -> io::Result<()> {
        let mut out = Writing::new(out)?;
        out.u32(u32::from(trace::FORM))?;
        out.u64(mark)?;
        let numbers = self.names.write(&mut out)?;
        self.texts.write(&numbers, &mut out)?;
        let there = |&name: &u32| [numbers.get(name as usize).copied().unwrap_or(NONE)];
        out.rows(self.orphans.len(), self.orphans.iter().map(there))?;
        out.u64(self.last_at as u64)?;
        out.u32(u32::from(self.clock.is_some()))?;
        out.u64(self.clock.unwrap_or(0) as u64)?;
        out.end()
    }

    /// The window as it was when the snapshot was written, and its mark. It finds what it would have found and
    /// takes the limits it is given now; a snapshot of a window so much larger or smaller that its postings
    /// are of another kind is refused. However broken the bytes are, it takes no more room than
    /// they or the limits allow.
    pub fn restored(limits: Limits, from: &mut impl Read) -> Result<(Self, u64), NotRestored> {
        let mut from = Reading::new(from)?;
        if from.u32()? != u32::from(trace::FORM) {
            return Err(NotRestored::OtherForm);
        }
        let mark = from.u64()?;
        let mut window = Self::new(limits);
        window.names = Names::read(&mut from, ITEMS_MAX)?;
        window.texts.read(&mut window.names, &mut from)?;
        window.orphans = from.rows(2 * ITEMS_MAX, |[name]| Some(name))?;
        window.last_at = from.u64()? as i64;
        let told = from.u32()? > 0;
        window.clock = Some(from.u64()? as i64).filter(|_| told);
        from.end()?;
        while window.len() > window.limits.items_max
            && let Some(oldest) = window.names.oldest()
        {
            window.forget_item(oldest);
        }
        window.settle();
        Ok((window, mark))
    }
}

/// How the window finds what a subject is akin to.
impl Window {
    /// The one of these items that is most akin to the subject.
    fn kin(
        &self,
        subject: &Subject,
        candidates: Vec<u32>,
        traces: &impl Fn(&str) -> Option<Trace>,
    ) -> Option<Kin> {
        let compare = |item: u32| {
            let like = subject.like(&traces(&self.names.spelling(item))?);
            let verdict = judge(&like, subject.cut);
            Some(Kin { item, like, verdict })
        };
        let rank = |kin: &Kin| (kin.verdict.relation.joins(), kin.verdict.relation.is_kinship());
        let kin = candidates.into_iter().filter_map(compare).reduce(|best, next| {
            let order = rank(&next).cmp(&rank(&best));
            let order = order.then(next.verdict.strength.total_cmp(&best.verdict.strength));
            if order.is_gt() { next } else { best }
        });
        kin.filter(|kin| kin.verdict.relation.is_kinship())
    }

    /// The items that share the most with the subject; sets the worth of its fingerprints. What many dispatches have is worth little;
    /// a fingerprint that is not indexed is worth what the one before it in its paragraph is.
    fn weigh(&self, subject: &mut Subject) -> (Vec<u32>, Found) {
        let mut votes = Votes::new(&self.texts);
        self.texts.bring_near(&looked_up(&subject.trace).collect::<Vec<_>>());
        let (mut paragraph, mut worth, mut known) = (None, 1.0, None);
        for (at, (print, own_worth)) in subject.prints.iter().zip(&mut subject.worth).enumerate() {
            if paragraph.replace(print.paragraph) != Some(print.paragraph) {
                (worth, known) = (1.0, None);
            }
            if is_indexed(at, print.hash) {
                worth = votes.give(print.hash, 1.0);
                // Anywhere in another text this one is looked up, others only at its head: where
                // a paragraph under every article is concerned, those are not known for what they are.
                if is_indexed_anywhere(print.hash) {
                    known = Some(worth);
                }
                worth = known.map_or(worth, |known| worth.min(known));
            }
            *own_worth = worth;
        }
        if let Some(headline) = subject.headline {
            votes.give(headline, HEADLINE_WORTH);
        }
        let Votes { by_text: votes, found, .. } = votes;
        let enough = |(text, votes): (u32, f32)| {
            let text_of = self.texts.get(text)?;
            let shorter = usize::from(text_of.prints).min(subject.prints.len()).min(200);
            let enough = votes >= VOTES_MIN.max(shorter as f32 * VOTES_PER_PRINT_MIN);
            enough.then_some((text, votes, text_of.name))
        };
        let mut votes: Vec<_> = votes.into_iter().filter_map(enough).collect();
        votes.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        (votes.into_iter().take(COMPARED_MAX).map(|(.., item)| item).collect(), found)
    }

    /// A text as its story knows it.
    fn told(&self, text: &Text) -> Option<Told> {
        let story = self.names[text.dispatch].tale;
        let story_texts = self.names[story].texts;
        let since = Some(self.names[story].at.as_i64()).filter(|&since| since > 0);
        Some(Told { story, story_texts, at: self.names[text.name].at.as_i64(), since })
    }

    /// What a decision rests on: the text in common with `kin`, the terms in common with the story.
    fn evidence(&self, kin: Option<&Kin>, tale: Option<u32>, spelled: &[Spelled]) -> Evidence {
        let story_terms = tale.map_or_else(Vec::new, |tale| self.story_terms(tale, spelled));
        let Some(Kin { like, .. }) = kin else {
            return Evidence { story_terms, ..Evidence::default() };
        };
        Evidence {
            ours: like.ours,
            theirs: like.theirs,
            paragraphs: like.paragraphs.clone(),
            longest_run: like.run,
            figures_differ: like.other_figures > 0,
            same_headline: like.same_headline,
            story_terms,
        }
    }

    /// The words that a text has in common with a story, the most telling first.
    fn story_terms(&self, tale: u32, spelled: &[Spelled]) -> Vec<String> {
        let rarity = self.texts.rarity();
        let worth = |spelled: &Spelled| {
            let term = spelled.term;
            f32::from(term.weight) * rarity(term.hash, self.texts.entry(term.hash).len())
        };
        let tells = |posting: Posting| {
            let text = self.texts.get(posting.text());
            text.is_some_and(|text| self.names[text.dispatch].tale == tale)
        };
        let mut terms: Vec<_> = spelled.iter().map(|spelled| (worth(spelled), spelled)).collect();
        terms.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.word.cmp(&b.1.word)));
        (terms.into_iter())
            .filter(|(_, spelled)| {
                let entry = self.texts.entry(spelled.term.hash);
                entry.latest().take(TEXTS_PER_TERM_MAX).any(tells)
            })
            .take(EVIDENCE_TERMS_MAX)
            .map(|(_, spelled)| spelled.word.clone())
            .collect()
    }
}

/// What speaks for each text, while the subject's fingerprints are looked up.
struct Votes<'a> {
    texts: &'a Texts,
    by_text: FxHashMap<u32, f32>,
    carriers: Vec<u32>,
    dispatches: Vec<u32>,
    found: Found,
}

impl<'a> Votes<'a> {
    fn new(texts: &'a Texts) -> Self {
        let mut by_text = FxHashMap::default();
        by_text.reserve(64);
        let (carriers, dispatches) = (Vec::new(), Vec::new());
        Self { texts, by_text, carriers, dispatches, found: Found::default() }
    }

    /// Gives the worth of a fingerprint, so many times, to all texts that carry it, and returns it.
    fn give(&mut self, print: u32, times: f32) -> f32 {
        let Self { texts, by_text, carriers, dispatches, found } = self;
        carriers.clear();
        dispatches.clear();
        texts.each_carrier(print, |number, text| {
            carriers.push(number);
            dispatches.push(text.dispatch);
        });
        found.note(dispatches);
        let worth = worth_of(dispatches);
        for &text in &*carriers {
            *by_text.entry(text).or_default() += worth * times;
        }
        worth
    }
}

/// What a fingerprint is worth that texts of these dispatches carry, 0 to 1.
fn worth_of(dispatches: &mut Vec<u32>) -> f32 {
    if dispatches.len() <= CARRIERS_FREE {
        return 1.0;
    }
    dispatches.sort_unstable();
    dispatches.dedup();
    let share = CARRIERS_FREE as f32 / dispatches.len().max(CARRIERS_FREE) as f32;
    share * share
}

/// How the window keeps its books.
impl Window {
    /// The number of a dispatch, opened if it has no item here.
    fn dispatch(&mut self, id: &str, story: &str) -> u32 {
        let dispatch = self.names.intern(id);
        if !self.names[dispatch].is_dispatch() {
            let tale = self.names.intern(story);
            self.names[tale].dispatches += 1;
            self.names[dispatch].tale = tale;
        }
        dispatch
    }

    /// Moves a dispatch that has items here to the story it belongs to now.
    fn move_to(&mut self, dispatch: &str, story: &str) {
        let there = self.names.find(dispatch).filter(|&name| self.names[name].is_dispatch());
        let Some(dispatch) = there else { return };
        let (before, tale) = (self.names[dispatch].tale, self.names.intern(story));
        if before == tale {
            return;
        }
        let leaders = u32::from(self.names[dispatch].leaders);
        self.names[dispatch].tale = tale;
        self.names[tale].dispatches += 1;
        self.names[tale].texts += leaders;
        self.names[before].dispatches -= 1;
        self.names[before].texts -= leaders;
        self.names.release(before);
    }

    /// Takes in an item that is not in the window.
    fn take_in(
        &mut self,
        id: &str,
        trace: &Trace,
        dispatch: &str,
        story: &str,
        published: Option<Timestamp>,
        found: Option<&Found>,
    ) {
        let at = published.map_or(self.last_at, Timestamp::as_second);
        self.last_at = at;
        let item = self.names.intern(id);
        let dispatch = self.dispatch(dispatch, story);
        self.names.enter(item, dispatch);
        self.names[item].at = Second::new(at);
        self.names[item].came = Second::new(self.clock.unwrap_or(at));
        self.lead(item, trace, found);
        while self.len() > self.limits.items_max
            && let Some(oldest) = self.names.oldest()
        {
            self.forget_item(oldest);
        }
    }

    /// Lets an item lead if it has text that its dispatch's leaders have not.
    fn lead(&mut self, item: u32, trace: &Trace, found: Option<&Found>) {
        let dispatch = self.names[item].dispatch;
        let leaders = self.names[dispatch].leaders;
        if leaders >= LEADERS_MAX {
            return;
        }
        if found.is_none() {
            self.texts.bring_near(&looked_up(trace).collect::<Vec<_>>());
        }
        if leaders > 0 && self.knows(dispatch, trace, found) {
            return;
        }
        let Some(text) = self.texts.add(item, dispatch, trace, found) else { return };
        let leads = self.names.lead(item, dispatch, text);
        debug_assert!(leads.is_some());
    }

    /// Whether the leaders of a dispatch have most of a text.
    fn knows(&self, dispatch: u32, trace: &Trace, found: Option<&Found>) -> bool {
        let all = looked_up(trace).count() - usize::from(trace.headline().is_some());
        let known = match found {
            Some(found) => found.known(dispatch, all),
            None => {
                (looked_up(trace).take(all)).filter(|&print| self.carries(dispatch, print)).count()
            }
        };
        known * 100 >= all * KNOWN_PERCENT
    }

    /// Whether a text of a dispatch carries a fingerprint.
    fn carries(&self, dispatch: u32, print: u32) -> bool {
        let mut ours = false;
        self.texts.each_carrier(print, |_, text| ours |= text.dispatch == dispatch);
        ours
    }

    /// Forgets an item, and its dispatch and story with their last.
    fn forget_item(&mut self, item: u32) {
        let (dispatch, text) = (self.names[item].dispatch, self.names[item].text);
        let tale = self.names[dispatch].tale;
        self.names.leave(item);
        if text != NONE {
            self.texts.remove(text);
            self.names[item].text = NONE;
            self.names[dispatch].leaders -= 1;
            self.names[tale].texts -= 1;
        }
        if !self.names[dispatch].is_dispatch() {
            self.names[tale].dispatches -= 1;
            self.names.release(tale);
            self.names.release(dispatch);
        } else if text != NONE {
            self.orphans.push(dispatch);
        }
        self.names.release(item);
    }

    /// Lets those lead who were only known through a leader that went.
    fn succeed(&mut self, traces: &impl Fn(&str) -> Option<Trace>) {
        for _ in 0..ORPHANS_AT_ONCE {
            let Some(dispatch) = self.orphans.pop() else { return };
            let follows = |&item: &u32| self.names[item].text == NONE;
            let heirs: Vec<u32> =
                self.names.items_of(dispatch).take(HEIRS_MAX).filter(follows).collect();
            for heir in heirs {
                if let Some(trace) = traces(&self.names.spelling(heir)) {
                    self.lead(heir, &trace, None);
                }
            }
        }
    }

    fn settle(&mut self) {
        if self.texts.is_unsettled() {
            self.texts.settle(&mut self.names);
        }
    }
}
