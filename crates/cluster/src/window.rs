//! The window: what came in lately, and the one way an item takes into it.

use depeche_news::jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::{
    Candidate, Evidence, Placement, Relation, Trace,
    compare::{Likeness, Subject},
    glossary::Posting,
    judge::{Verdict, judge},
    names::{NONE, Names, Second},
    stories::{TEXTS_PER_TERM_MAX, Told, nearest},
    terms::Spelled,
    texts::{Text, Texts, indexed, is_indexed},
};

/// How much a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most items, at most 200,000; beyond it the first to come in go first.
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

/// Items of any window. With those that are gone but not settled it is what the postings can number.
const ITEMS_MAX: usize = 200_000;

/// What came in lately, ready to be compared with.
///
/// It finds what may be akin to an item in some 300 bytes for each. The traces themselves stay where
/// the caller keeps them: [`Window::place`] asks for the few it compares in full.
#[derive(Debug, Default)]
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

impl Window {
    /// An empty window.
    pub fn new(limits: Limits) -> Self {
        let items_max = limits.items_max.clamp(1, ITEMS_MAX);
        Self { limits: Limits { items_max, ..limits }, ..Self::default() }
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
        self.forget(candidate.id);
        self.succeed(&traces);
        let (mut subject, spelled) = Subject::read(candidate);
        let kin = self.kin(&mut subject, &traces);
        let at = candidate.published.map_or(self.last_at, Timestamp::as_second);

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

        self.take_in(candidate.id, &subject.trace, &dispatch, &story, candidate.published);
        self.settle(false);
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
        self.take_in(id, trace, dispatch, story, published);
        self.settle(true);
    }

    /// Forgets an item: nothing that comes later is compared with it.
    pub fn forget(&mut self, id: &str) {
        if let Some(name) = self.names.find(id).filter(|&name| self.names[name].is_item()) {
            self.forget_item(name);
            self.settle(true);
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
        self.settle(true);
    }
}

/// How the window finds what a subject is akin to.
impl Window {
    /// The earlier item most akin to the subject; sets the worth of the subject's fingerprints.
    fn kin(&self, subject: &mut Subject, traces: &impl Fn(&str) -> Option<Trace>) -> Option<Kin> {
        let candidates = self.weigh(subject);
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

    /// The items that share the most with the subject. What many dispatches have is worth little;
    /// a fingerprint that is not indexed is worth what the one before it in its paragraph is.
    fn weigh(&self, subject: &mut Subject) -> Vec<u32> {
        let mut votes = Votes::new(&self.texts);
        let (mut paragraph, mut worth) = (None, 1.0);
        for (at, (print, own_worth)) in subject.prints.iter().zip(&mut subject.worth).enumerate() {
            if paragraph.replace(print.paragraph) != Some(print.paragraph) {
                worth = 1.0;
            }
            if is_indexed(at, print.hash) {
                worth = votes.give(print.hash, 1.0);
            }
            *own_worth = worth;
        }
        if let Some(headline) = subject.headline {
            votes.give(headline, HEADLINE_WORTH);
        }
        let votes = votes.by_text;
        let enough = |(text, votes): (u32, f32)| {
            let text_of = self.texts.get(text)?;
            let shorter = usize::from(text_of.prints).min(subject.prints.len()).min(200);
            let enough = votes >= VOTES_MIN.max(shorter as f32 * VOTES_PER_PRINT_MIN);
            enough.then_some((text, votes, text_of.name))
        };
        let mut votes: Vec<_> = votes.into_iter().filter_map(enough).collect();
        votes.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        votes.into_iter().take(COMPARED_MAX).map(|(.., item)| item).collect()
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
}

impl<'a> Votes<'a> {
    fn new(texts: &'a Texts) -> Self {
        let mut by_text = FxHashMap::default();
        by_text.reserve(64);
        Self { texts, by_text, carriers: Vec::new(), dispatches: Vec::new() }
    }

    /// Gives the worth of a fingerprint, so many times, to all texts that carry it, and returns it.
    fn give(&mut self, print: u32, times: f32) -> f32 {
        let Self { texts, by_text, carriers, dispatches } = self;
        carriers.clear();
        dispatches.clear();
        texts.each_carrier(print, |number, text| {
            carriers.push(number);
            dispatches.push(text.dispatch);
        });
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

    /// Takes in an item that is not in the window.
    fn take_in(
        &mut self,
        id: &str,
        trace: &Trace,
        dispatch: &str,
        story: &str,
        published: Option<Timestamp>,
    ) {
        let at = published.map_or(self.last_at, Timestamp::as_second);
        self.last_at = at;
        let item = self.names.intern(id);
        let dispatch = self.dispatch(dispatch, story);
        self.names.enter(item, dispatch);
        self.names[item].at = Second::new(at);
        self.names[item].came = Second::new(self.clock.unwrap_or(at));
        self.lead(item, trace);
        while self.len() > self.limits.items_max
            && let Some(oldest) = self.names.oldest()
        {
            self.forget_item(oldest);
        }
    }

    /// Lets an item lead if it has text that its dispatch's leaders have not.
    fn lead(&mut self, item: u32, trace: &Trace) {
        let dispatch = self.names[item].dispatch;
        let leaders = self.names[dispatch].leaders;
        if leaders >= LEADERS_MAX || (leaders > 0 && self.knows(dispatch, trace)) {
            return;
        }
        let Some(text) = self.texts.add(item, dispatch, trace) else { return };
        self.names[item].text = text;
        self.names[dispatch].leaders += 1;
        let tale = self.names[dispatch].tale;
        self.names[tale].texts += 1;
    }

    /// Whether the leaders of a dispatch have most of a text.
    fn knows(&self, dispatch: u32, trace: &Trace) -> bool {
        let (mut known, mut all) = (0, 0);
        for print in indexed(&trace.prints) {
            let mut ours = false;
            self.texts.each_carrier(print, |_, text| ours |= text.dispatch == dispatch);
            known += usize::from(ours);
            all += 1;
        }
        known * 100 >= all * KNOWN_PERCENT
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
                    self.lead(heir, &trace);
                }
            }
        }
    }

    fn settle(&mut self, restoring: bool) {
        if self.texts.is_unsettled(restoring) {
            self.texts.settle(&mut self.names);
        }
    }
}
