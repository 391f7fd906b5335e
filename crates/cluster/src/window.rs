//! The window: what came in lately, and the one way an item takes into it.

use std::{collections::VecDeque, sync::Arc};

use depeche_news::jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::{
    Candidate, Evidence, Placement, Relation, Trace,
    carriers::Carriers,
    compare::{Likeness, Subject},
    judge::{Verdict, judge},
    slab::Slab,
    stories::{Stories, Told},
    terms::Spelled,
};

/// How much a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most items; beyond it the first to come in go first.
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

/// What came in lately, ready to be compared with.
#[derive(Debug, Default)]
pub struct Window {
    limits: Limits,
    members: Slab<Member>,
    dispatches: Slab<Dispatch>,
    tales: Slab<Tale>,
    member_by_id: FxHashMap<Arc<str>, u32>,
    dispatch_by_id: FxHashMap<Arc<str>, u32>,
    tale_by_id: FxHashMap<Arc<str>, u32>,
    /// Fingerprints of the members that lead, each under its member.
    by_print: Carriers,
    /// Terms of the members that lead.
    stories: Stories,
    /// Members in the order they came, with some that are gone.
    arrivals: VecDeque<(u64, u32)>,
    arrived: u64,
    last_at: i64,
    /// What [`Window::advance`] was told last, in seconds.
    clock: Option<i64>,
}

/// An item in the window.
#[derive(Debug)]
struct Member {
    id: Arc<str>,
    trace: Trace,
    dispatch: u32,
    /// When it was published, in seconds.
    at: i64,
    /// When it came in, in seconds.
    came: i64,
    /// Which one to come in it was.
    arrival: u64,
    /// Whether later items are compared with it: it has text that its dispatch had not before.
    leads: bool,
}

/// A dispatch with items in the window.
#[derive(Debug)]
struct Dispatch {
    id: Arc<str>,
    tale: u32,
    members: Vec<u32>,
    /// Those of them that lead.
    leaders: Vec<u32>,
}

/// A story with dispatches in the window.
#[derive(Debug)]
struct Tale {
    id: Arc<str>,
    dispatches: u32,
    /// How many members that lead tell it.
    texts: u32,
}

/// The earlier item that a subject is most akin to.
struct Kin {
    member: u32,
    like: Likeness,
    verdict: Verdict,
}

/// Members that lead one dispatch. A text that grows over a day has a handful of forms; a
/// dispatch with more is compared by its first ones.
const LEADERS_MAX: usize = 6;

/// Of a text's fingerprints, the percentage its dispatch must know for it not to lead.
const KNOWN_PERCENT: usize = 70;

/// Dispatches that may share a fingerprint before it loses worth: an agency's background
/// paragraph is pasted into two or three.
const CARRIERS_FREE: usize = 2;

/// Worth in common, in fingerprints, from which a member is compared in full: one for a teaser, two
/// for an article of 500 words, which shares single phrases with many.
const VOTES_MIN: f32 = 0.9;
const VOTES_PER_PRINT_MIN: f32 = 0.014;

/// Members compared in full.
const COMPARED_MAX: usize = 8;

/// Terms told as evidence of a story.
const EVIDENCE_TERMS_MAX: usize = 5;

impl Window {
    /// An empty window.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// How many items the window holds.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the window holds no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says where an item belongs and takes it in. What was said of earlier items stays as it is.
    /// An item that is in the window already is forgotten first.
    pub fn place(&mut self, candidate: &Candidate<'_>) -> Placement {
        self.forget(candidate.id);
        let (mut subject, spelled) = Subject::read(candidate);
        let kin = self.kin(&mut subject);
        let at = candidate.published.map_or(self.last_at, Timestamp::as_second);

        let relation = match &kin {
            _ if subject.prints.is_empty() => Relation::None,
            Some(kin) => kin.verdict.relation,
            None => Relation::Original,
        };
        let (dispatch, tale) = match &kin {
            Some(kin) if relation.joins() => self.of_member(kin.member),
            _ => (None, self.stories.nearest(&subject.trace.terms, at, |text| self.told(text))),
        };
        let id = |text: Option<&Arc<str>>| text.map_or(candidate.id, |id| id).to_owned();
        let dispatch = id(dispatch.and_then(|d| self.dispatches.get(d)).map(|d| &d.id));
        let story = id(tale.and_then(|tale| self.tales.get(tale)).map(|tale| &tale.id));
        let evidence = self.evidence(kin.as_ref(), tale, &spelled);
        let of = kin.filter(|_| relation.is_kinship());
        let of = of.and_then(|kin| Some(self.members.get(kin.member)?.id.to_string()));

        self.restore(candidate.id, &subject.trace, &dispatch, &story, candidate.published);
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
        let at = published.map_or(self.last_at, Timestamp::as_second);
        self.last_at = at;
        self.arrived += 1;
        let id: Arc<str> = id.into();
        let dispatch = self.dispatch(&id, dispatch, story);
        let (trace, arrival) = (trace.clone(), self.arrived);
        let member = self.members.insert(Member {
            id: id.clone(),
            trace,
            dispatch,
            at,
            came: self.clock.unwrap_or(at),
            arrival,
            leads: false,
        });
        self.member_by_id.insert(id, member);
        self.arrivals.push_back((arrival, member));
        if let Some(dispatch) = self.dispatches.get_mut(dispatch) {
            dispatch.members.push(member);
        }
        self.lead(member);
        self.make_room();
    }

    /// Forgets an item: nothing that comes later is compared with it.
    pub fn forget(&mut self, id: &str) {
        let Some(number) = self.member_by_id.remove(id) else { return };
        self.follow(number);
        let Some(member) = self.members.remove(number) else { return };
        let Some(dispatch) = self.dispatches.get_mut(member.dispatch) else { return };
        if let Some(at) = dispatch.members.iter().position(|&other| other == number) {
            dispatch.members.remove(at);
        }
        if dispatch.members.is_empty() {
            self.close(member.dispatch);
        } else if member.leads {
            self.succeed(member.dispatch);
        }
    }

    /// Says what time it is for the items that come from here on: an archive of old news stays in the
    /// window as long as any other that comes in now. Without it an item came when it was published.
    pub fn advance(&mut self, now: Timestamp) {
        self.clock = Some(now.as_second());
    }

    /// Forgets what came in longer ago than the limits allow at `now`.
    pub fn trim(&mut self, now: Timestamp) {
        let oldest = now.as_second() - i64::from(self.limits.hours_max) * 3600;
        let old: Vec<Arc<str>> = (self.arrivals.iter())
            .filter_map(|&(arrival, member)| self.arrival(arrival, member))
            .filter(|member| member.came < oldest)
            .map(|member| member.id.clone())
            .collect();
        for id in old {
            self.forget(&id);
        }
        self.forget_arrivals();
    }
}

/// How the window finds what a subject is akin to.
impl Window {
    /// The earlier item most akin to the subject; sets the worth of the subject's fingerprints.
    fn kin(&self, subject: &mut Subject) -> Option<Kin> {
        let candidates = self.weigh(subject);
        let compare = |member: u32| {
            let like = subject.like(&self.members.get(member)?.trace);
            let verdict = judge(&like, subject.cut);
            Some(Kin { member, like, verdict })
        };
        let rank = |kin: &Kin| (kin.verdict.relation.joins(), kin.verdict.relation.is_kinship());
        let kin = candidates.into_iter().filter_map(compare).reduce(|best, next| {
            let order = rank(&next).cmp(&rank(&best));
            let order = order.then(next.verdict.strength.total_cmp(&best.verdict.strength));
            if order.is_gt() { next } else { best }
        });
        kin.filter(|kin| kin.verdict.relation.is_kinship())
    }

    /// The members that share the most with the subject. What many dispatches have is worth little;
    /// a fingerprint that is not indexed is worth what the one before it in its paragraph is.
    fn weigh(&self, subject: &mut Subject) -> Vec<u32> {
        let mut votes: FxHashMap<u32, f32> = FxHashMap::default();
        let mut carriers = Vec::new();
        let (mut paragraph, mut worth) = (None, 1.0);
        for (at, (print, own_worth)) in subject.prints.iter().zip(&mut subject.worth).enumerate() {
            if paragraph.replace(print.paragraph) != Some(print.paragraph) {
                worth = 1.0;
            }
            if is_indexed(at, print.hash) {
                carriers.clear();
                carriers.extend(self.by_print.members(print.hash));
                worth = self.worth(&carriers);
                for &member in &carriers {
                    *votes.entry(member).or_default() += worth;
                }
            }
            *own_worth = worth;
        }
        let enough = |&(member, votes): &(u32, f32)| {
            let theirs = self.members.get(member).map_or(0, |member| member.trace.prints.len());
            let shorter = theirs.min(subject.prints.len()).min(200);
            votes >= VOTES_MIN.max(shorter as f32 * VOTES_PER_PRINT_MIN)
        };
        let mut votes: Vec<_> = votes.into_iter().filter(enough).collect();
        votes.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        votes.into_iter().take(COMPARED_MAX).map(|(member, _)| member).collect()
    }

    /// What a fingerprint is worth that these members carry, 0 to 1.
    fn worth(&self, carriers: &[u32]) -> f32 {
        if carriers.len() <= CARRIERS_FREE {
            return 1.0;
        }
        let of = |member: &u32| self.members.get(*member).map(|member| member.dispatch);
        let mut dispatches: Vec<u32> = carriers.iter().filter_map(of).collect();
        dispatches.sort_unstable();
        dispatches.dedup();
        let share = CARRIERS_FREE as f32 / dispatches.len().max(CARRIERS_FREE) as f32;
        share * share
    }

    /// The dispatch and the story of a member.
    fn of_member(&self, member: u32) -> (Option<u32>, Option<u32>) {
        let dispatch = self.members.get(member).map(|member| member.dispatch);
        (dispatch, dispatch.and_then(|d| Some(self.dispatches.get(d)?.tale)))
    }

    /// A member as its story knows it.
    fn told(&self, member: u32) -> Option<Told<'_>> {
        let member = self.members.get(member)?;
        let story = self.dispatches.get(member.dispatch)?.tale;
        let story_texts = self.tales.get(story)?.texts;
        Some(Told { terms: &member.trace.terms, story, story_texts, at: member.at })
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
            story_terms,
        }
    }

    /// The words that a text has in common with a story, the most telling first.
    fn story_terms(&self, tale: u32, spelled: &[Spelled]) -> Vec<String> {
        let tells = |text: &u32| self.told(*text).is_some_and(|told| told.story == tale);
        let worth = |spelled: &Spelled| {
            f32::from(spelled.term.weight) * self.stories.rarity(spelled.term.hash)
        };
        let mut shared: Vec<_> = (spelled.iter())
            .filter(|spelled| self.stories.latest(spelled.term.hash).any(|text| tells(&text)))
            .map(|spelled| (worth(spelled), &spelled.word))
            .collect();
        shared.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        shared.into_iter().take(EVIDENCE_TERMS_MAX).map(|(_, word)| word.clone()).collect()
    }
}

/// How the window keeps its books.
impl Window {
    /// The number of a dispatch, opened if it has no item here.
    fn dispatch(&mut self, founder: &Arc<str>, id: &str, story: &str) -> u32 {
        if let Some(&number) = self.dispatch_by_id.get(id) {
            return number;
        }
        let id = if **founder == *id { founder.clone() } else { id.into() };
        let tale = match self.tale_by_id.get(story) {
            Some(&tale) => tale,
            None => {
                let id: Arc<str> = if *id == *story { id.clone() } else { story.into() };
                let tale = self.tales.insert(Tale { id: id.clone(), dispatches: 0, texts: 0 });
                self.tale_by_id.insert(id, tale);
                tale
            }
        };
        if let Some(tale) = self.tales.get_mut(tale) {
            tale.dispatches += 1;
        }
        let dispatch = Dispatch { id: id.clone(), tale, members: Vec::new(), leaders: Vec::new() };
        let number = self.dispatches.insert(dispatch);
        self.dispatch_by_id.insert(id, number);
        number
    }

    /// Lets a member lead if it has text that its dispatch's leaders have not.
    fn lead(&mut self, number: u32) {
        let Some(member) = self.members.get(number) else { return };
        let Some(dispatch) = self.dispatches.get(member.dispatch) else { return };
        let leaders = &dispatch.leaders;
        let known = |print: &u32| self.by_print.members(*print).any(|m| leaders.contains(&m));
        let prints = &member.trace.prints;
        let news = leaders.is_empty()
            || indexed(prints).filter(known).count() * 100
                < indexed(prints).count() * KNOWN_PERCENT;
        if !news || leaders.len() >= LEADERS_MAX {
            return;
        }
        for print in indexed(prints) {
            self.by_print.insert(print, number);
        }
        self.stories.tell(number, &member.trace.terms);
        if let Some(tale) = self.tales.get_mut(dispatch.tale) {
            tale.texts += 1;
        }
        let dispatch = member.dispatch;
        if let Some(dispatch) = self.dispatches.get_mut(dispatch) {
            dispatch.leaders.push(number);
        }
        if let Some(member) = self.members.get_mut(number) {
            member.leads = true;
        }
    }

    /// Takes what `lead` did back.
    fn follow(&mut self, number: u32) {
        let Some(member) = self.members.get(number).filter(|member| member.leads) else { return };
        for print in indexed(&member.trace.prints) {
            self.by_print.remove(print, number);
        }
        self.stories.untell(number, &member.trace.terms);
        let Some(dispatch) = self.dispatches.get_mut(member.dispatch) else { return };
        dispatch.leaders.retain(|&leader| leader != number);
        if let Some(tale) = self.tales.get_mut(dispatch.tale) {
            tale.texts = tale.texts.saturating_sub(1);
        }
    }

    /// After a leader went: lets those lead who were only known through it.
    fn succeed(&mut self, dispatch: u32) {
        let Some(dispatch) = self.dispatches.get(dispatch) else { return };
        let follows = |m: &u32| self.members.get(*m).is_some_and(|m| !m.leads);
        let heirs: Vec<u32> =
            dispatch.members.iter().copied().filter(follows).take(HEIRS_MAX).collect();
        for heir in heirs {
            self.lead(heir);
        }
    }

    /// Closes a dispatch without items, and its story with the last.
    fn close(&mut self, number: u32) {
        let Some(dispatch) = self.dispatches.remove(number) else { return };
        self.dispatch_by_id.remove(&dispatch.id);
        let Some(tale) = self.tales.get_mut(dispatch.tale) else { return };
        tale.dispatches -= 1;
        if tale.dispatches == 0
            && let Some(tale) = self.tales.remove(dispatch.tale)
        {
            self.tale_by_id.remove(&tale.id);
        }
    }

    /// Forgets the first to come in while there are too many.
    fn make_room(&mut self) {
        while self.members.len() > self.limits.items_max.max(1) {
            let Some((arrival, member)) = self.arrivals.pop_front() else { return };
            if let Some(id) = self.arrival(arrival, member).map(|member| member.id.clone()) {
                self.forget(&id);
            }
        }
        if self.arrivals.len() > 2 * self.members.len() + 64 {
            self.forget_arrivals();
        }
    }

    /// The member that came in as the `arrival`th, if it is still here.
    fn arrival(&self, arrival: u64, member: u32) -> Option<&Member> {
        self.members.get(member).filter(|member| member.arrival == arrival)
    }

    fn forget_arrivals(&mut self) {
        let members = &self.members;
        self.arrivals.retain(|&(arrival, member)| {
            members.get(member).is_some_and(|member| member.arrival == arrival)
        });
    }
}

/// Whether the fingerprint at this place of a text is looked up: those of its head, which is all
/// that a teaser has, and every second one after. That finds the texts; what they share is then
/// seen from all.
fn is_indexed(at: usize, print: u32) -> bool {
    at < HEAD_PRINTS || print.is_multiple_of(2)
}

/// Fingerprints of a head: 300 characters or so.
const HEAD_PRINTS: usize = 16;

/// The fingerprints of a text that are looked up.
fn indexed(prints: &[u32]) -> impl Iterator<Item = u32> + '_ {
    prints
        .iter()
        .enumerate()
        .filter(|(at, print)| is_indexed(*at, **print))
        .map(|(_, &print)| print)
}

/// Items of one dispatch that may take a leader's place: its copies differ in little.
const HEIRS_MAX: usize = 16;
