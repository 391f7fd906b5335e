//! What editors say of copies and stories: it moves items, is remembered, can be undone, and outlives what comes after.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use depeche_ingest::Ingest;
use depeche_news::{
    DispatchId, ItemId, SourceId, StoryId, Viewer,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Decided, DecisionKind, Known, NotDecided, Placed, Rereading, Store};
use support::deliver;

const FLOOD: &str = "La cote d'alerte a été levée mardi matin à Verdun après trois jours de crue, a annoncé la préfecture. \
    Deux cent dix habitants du quartier du port ont pu regagner leur logement, les autres sont attendus jeudi soir. \
    Le service de prévision avait placé le fleuve en vigilance orange samedi, à la suite de pluies sans précédent.";

const BUDGET: &str = "Le conseil municipal de Pau a voté lundi soir un budget en hausse de deux pour cent, malgré l'opposition. \
    Trois écoles seront rénovées et la médiathèque ouvrira le dimanche, a précisé le premier adjoint aux finances. \
    Les impôts locaux ne bougeront pas cette année, mais la dette augmente de onze millions d'euros.";

const BRIDGE: (&str, &str) =
    ("Un pont ferme à Albi", "Le pont vieux d'Albi est fermé aux voitures jusqu'à lundi.");

struct Desk {
    store: Store,
    ingest: Option<Ingest>,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = "2016-02-11T16:00:00Z".parse().unwrap();
    let ingest = Ingest::start(&store, now).unwrap();
    Desk { store, ingest, now, _folder: folder }
}

impl Desk {
    /// One item of an outlet of its own, which is added at the first.
    fn news(&mut self, outlet: &str, title: &str, text: &str) -> ItemId {
        self.now += SignedDuration::from_mins(1);
        let source = deliver(&self.store, outlet, ("1", title, text), self.now);
        self.work();
        ItemId::new(&source, Some("1"), None, "")
    }

    fn work(&mut self) {
        let ingest = self.ingest.as_mut().unwrap();
        while ingest.work(self.now, || true).unwrap() > 0 {}
    }

    fn restart(&mut self) {
        self.ingest = None;
        self.ingest = Ingest::start(&self.store, self.now).unwrap();
    }

    fn known(&self, id: &ItemId) -> Known {
        self.store.known(std::slice::from_ref(id)).unwrap().remove(id).unwrap()
    }

    /// Which of the items are of one dispatch, and which of one story: each by the place of the first in the list.
    fn groups(&self, ids: &[&ItemId]) -> (Vec<usize>, Vec<usize>) {
        let known: Vec<Known> = ids.iter().map(|id| self.known(id)).collect();
        let place = |same: &dyn Fn(&Known, &Known) -> bool| {
            known
                .iter()
                .map(|one| known.iter().position(|other| same(one, other)).unwrap())
                .collect()
        };
        (place(&|a, b| a.dispatch == b.dispatch), place(&|a, b| a.story == b.story))
    }

    fn decide(&mut self, kind: DecisionKind, item: &ItemId, other: Option<&ItemId>) -> i64 {
        match self.store.decide(kind, item.clone(), other.cloned(), self.now).wait().unwrap() {
            Decided::Done { number, .. } => number,
            Decided::Refused(why) => panic!("{why:?}"),
        }
    }

    /// Puts an item into a story, as a verdict of the cluster does.
    fn put(&self, id: &ItemId, story: StoryId) {
        let known = self.known(id);
        let placed = Placed {
            dispatch: known.dispatch,
            story,
            relation: known.relation,
            related_to: None,
            evidence: None,
            trace: None,
        };
        self.store.place(id, placed, self.now).wait().unwrap();
    }

    fn undone(&mut self, number: i64) -> Result<usize, NotDecided> {
        match self.store.undo_decision(number, self.now).wait().unwrap() {
            Decided::Done { moved, .. } => Ok(moved.len()),
            Decided::Refused(why) => Err(why),
        }
    }
}

#[test]
fn no_copy_is_a_dispatch_of_its_own_and_stays_it() {
    let mut desk = desk();
    let first = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let copy = desk.news("b", "La crue est finie à Verdun", FLOOD);
    let all = [&first, &copy];
    assert_eq!(desk.groups(&all), (vec![0, 0], vec![0, 0]));

    let decision = desk.decide(DecisionKind::Apart, &copy, None);
    assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 0]));
    assert_eq!(desk.known(&copy).relation, "original");

    // Another version of it, a reading anew and a restart leave it where it is.
    desk.news("b", "La crue est finie à Verdun, dit la préfecture", FLOOD);
    desk.store.mark_to_reread(Rereading::default()).wait().unwrap();
    desk.work();
    desk.restart();
    desk.work();
    assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 0]));

    assert_eq!(desk.undone(decision), Ok(1));
    assert_eq!(
        (desk.groups(&all), desk.known(&copy).relation.as_str()),
        ((vec![0, 0], vec![0, 0]), "copy")
    );
    assert_eq!(desk.undone(decision), Err(NotDecided::NoDecision));
    let told: Vec<bool> =
        desk.store.decisions().unwrap().iter().map(|d| d.undone_at.is_some()).collect();
    assert_eq!(told, [true]);
}

#[test]
fn the_others_go_on_where_the_founder_is_set_apart() {
    let mut desk = desk();
    let first = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let second = desk.news("b", "La crue est finie à Verdun", FLOOD);
    let third = desk.news("c", "La crue est finie à Verdun", FLOOD);
    let all = [&first, &second, &third];
    let decision = desk.decide(DecisionKind::Apart, &first, None);
    assert_eq!(desk.groups(&all).0, [0, 1, 1]);
    assert_eq!(desk.known(&first).dispatch, DispatchId::from(&first));
    assert_eq!(desk.known(&second).relation, "original");
    let rows = desk.store.latest(Viewer::Reader, desk.now, None, 9).unwrap().rows;
    assert_eq!(rows.len(), 2);
    assert_eq!(desk.undone(decision), Ok(2));
    assert_eq!(desk.groups(&all).0, [0, 0, 0]);
    assert_eq!(desk.known(&second).relation, "copy");
}

#[test]
fn what_belongs_together_is_one_and_old_addresses_lead_on() {
    let mut desk = desk();
    let flood = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let copy = desk.news("b", "La crue est finie à Verdun", FLOOD);
    let budget = desk.news("c", "Pau vote son budget", BUDGET);
    let all = [&flood, &copy, &budget];
    assert_eq!(desk.groups(&all), (vec![0, 0, 2], vec![0, 0, 2]));
    let decision = desk.decide(DecisionKind::Together, &flood, Some(&budget));
    assert_eq!(desk.groups(&all), (vec![0, 0, 0], vec![0, 0, 0]));
    let old = DispatchId::from(&flood);
    let led = desk.store.dispatch_lead(Viewer::Reader, desk.now, &old).unwrap().unwrap();
    assert_eq!(led.0, DispatchId::from(&budget));
    let story = StoryId::from(&old);
    let led = desk.store.story(Viewer::Reader, desk.now, &story, None).unwrap().unwrap();
    assert_eq!(led.id, StoryId::from(&DispatchId::from(&budget)));
    // What comes is told of it: a copy joins the dispatch where its text is now.
    let later = desk.news("d", "La crue est finie à Verdun", FLOOD);
    assert_eq!(desk.known(&later).dispatch, DispatchId::from(&budget));
    assert_eq!(desk.undone(decision), Ok(2));
    assert_eq!(desk.groups(&all), (vec![0, 0, 2], vec![0, 0, 2]));
    let led = desk.store.dispatch_lead(Viewer::Reader, desk.now, &old).unwrap().unwrap();
    assert_eq!(led.0, old);
}

#[test]
fn stories_are_joined_and_parted() {
    let mut desk = desk();
    let flood = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let budget = desk.news("b", "Pau vote son budget", BUDGET);
    let all = [&flood, &budget];
    assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 1]));
    let joined = desk.decide(DecisionKind::SameStory, &budget, Some(&flood));
    assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 0]));
    // The founder's part keeps the address of the story.
    let parted = desk.decide(DecisionKind::OtherStory, &flood, None);
    assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 1]));
    assert_eq!(desk.known(&flood).story, StoryId::from(&DispatchId::from(&flood)));
    assert_eq!(desk.undone(joined), Err(NotDecided::MovedSince(parted)));
    assert_eq!(desk.undone(parted), Ok(1));
    assert_eq!(desk.undone(joined), Ok(1));
    assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 1]));
}

#[test]
fn what_came_to_what_was_set_apart_comes_back_with_it() {
    let mut desk = desk();
    let first = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let copy = desk.news("b", "La crue est finie à Verdun", FLOOD);
    let later = desk.news("c", "Le budget de Pau est voté", BUDGET);
    let all = [&first, &copy, &later];
    let apart = desk.decide(DecisionKind::Apart, &copy, None);
    desk.decide(DecisionKind::Together, &later, Some(&copy));
    assert_eq!(desk.groups(&all), (vec![0, 1, 1], vec![0, 0, 0]));
    assert_eq!(desk.undone(apart), Ok(1));
    assert_eq!(desk.groups(&all), (vec![0, 0, 0], vec![0, 0, 0]));
    // The window knows of it: what is like the one that came along is of the same dispatch now.
    let last = desk.news("d", "Le budget de Pau est voté", BUDGET);
    assert_eq!(desk.known(&last).dispatch, desk.known(&first).dispatch);
}

#[test]
fn the_address_of_a_story_does_not_lead_where_its_dispatch_once_was() {
    let mut desk = desk();
    let first = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let other = desk.news("b", "Le budget de Pau est voté", BUDGET);
    let third = desk.news("c", BRIDGE.0, BRIDGE.1);
    let decision = desk.decide(DecisionKind::Together, &first, Some(&other));
    assert_eq!(desk.undone(decision), Ok(1));
    desk.decide(DecisionKind::SameStory, &first, Some(&third));
    let address = StoryId::parse(first.as_str()).unwrap();
    let led = desk.store.story(Viewer::Reader, desk.now, &address, None).unwrap().unwrap();
    assert_eq!(led.id.as_str(), third.as_str());
}

#[test]
fn a_story_of_its_own_is_nobody_elses() {
    let mut desk = desk();
    let first = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let other = desk.news("b", "Le budget de Pau est voté", BUDGET);
    let third = desk.news("c", BRIDGE.0, BRIDGE.1);
    let fourth = desk.news(
        "d",
        "Grève des bus à Nice",
        "Les chauffeurs de bus de Nice ont cessé le travail mercredi.",
    );
    let all = [&first, &other, &third, &fourth];
    // Its founder leaves a story that goes on under its name, and is then parted from where it went.
    desk.decide(DecisionKind::SameStory, &other, Some(&first));
    desk.decide(DecisionKind::SameStory, &fourth, Some(&third));
    desk.decide(DecisionKind::Together, &first, Some(&third));
    desk.decide(DecisionKind::Apart, &first, None);
    assert_eq!(desk.groups(&all).1, [0, 1, 0, 0]);
    assert_eq!(desk.known(&other).story.as_str(), first.as_str());
    let decision = desk.decide(DecisionKind::OtherStory, &first, None);
    assert_eq!(desk.groups(&all).1, [0, 1, 2, 2]);
    assert_eq!(desk.known(&first).story.as_str(), first.as_str());
    assert_eq!(desk.undone(decision), Ok(2));
    assert_eq!(desk.groups(&all).1, [0, 1, 0, 0]);
}

#[test]
fn stories_that_are_one_are_mended_unless_an_editor_parted_them() {
    let (one, other) = (
        "Crue à Verdun : la Meuse recule, alerte levée",
        "Verdun : alerte levée, la crue de la Meuse recule",
    );
    for parted in [false, true] {
        let mut desk = desk();
        let first = desk.news("a", one, "Les habitants rentrent chez eux.");
        let second = desk.news("b", other, "Le fleuve a perdu un mètre en une nuit.");
        let all = [&first, &second];
        let own = StoryId::from(&DispatchId::from(&second));
        if desk.known(&second).story != own {
            let decision = desk.decide(DecisionKind::OtherStory, &second, None);
            if !parted {
                // What was said is taken back, and the item is put where no editor put it.
                desk.undone(decision).unwrap();
                desk.put(&second, own);
            }
        }
        assert_eq!(desk.groups(&all), (vec![0, 1], vec![0, 1]));
        desk.now += SignedDuration::from_mins(40);
        desk.news("c", "Pau vote son budget", BUDGET);
        let expected = if parted { vec![0, 1] } else { vec![0, 0] };
        assert_eq!(desk.groups(&all), (vec![0, 1], expected), "{parted}");
        // The address of the story that ended leads on.
        let old = StoryId::from(&DispatchId::from(&second));
        let led = desk.store.story(Viewer::Reader, desk.now, &old, None).unwrap().unwrap();
        assert_eq!(led.id, desk.known(&second).story);
    }
}

#[test]
fn a_story_in_which_an_editor_put_something_is_not_mended() {
    let mut desk = desk();
    let first = desk.news(
        "a",
        "Crue à Verdun : la Meuse recule, alerte levée",
        "Les habitants rentrent chez eux.",
    );
    let second = desk.news("b", "Pau vote son budget", BUDGET);
    let third = desk.news(
        "c",
        "Grève des bus à Pau",
        "Les chauffeurs ont cessé le travail mercredi matin.",
    );
    desk.decide(DecisionKind::SameStory, &third, Some(&second));
    // The cluster took a text of the first story for one of this.
    let later = desk.news(
        "d",
        "Verdun : alerte levée, la crue de la Meuse recule",
        "Le fleuve a perdu un mètre.",
    );
    let story = desk.known(&second).story;
    desk.put(&later, story.clone());
    desk.now += SignedDuration::from_mins(40);
    desk.news(
        "e",
        "Un incendie détruit la halle de Sedan",
        "La halle a brûlé dans la nuit sans faire de victime.",
    );
    assert_eq!(desk.known(&later).story, story);
    assert_ne!(desk.known(&first).story, story);
}

#[test]
fn what_cannot_be_decided_changes_nothing() {
    let mut desk = desk();
    let flood = desk.news("a", "La crue est finie à Verdun", FLOOD);
    let none = ItemId::new(&SourceId::of_address("x"), Some("1"), None, "");
    for (kind, item, other, why) in [
        (DecisionKind::Apart, &flood, None, NotDecided::AlreadySo),
        (DecisionKind::OtherStory, &flood, None, NotDecided::AlreadySo),
        (DecisionKind::Together, &flood, Some(&flood), NotDecided::AlreadySo),
        (DecisionKind::Together, &flood, None, NotDecided::AlreadySo),
        (DecisionKind::Apart, &none, None, NotDecided::NoItem(none.to_string())),
        (DecisionKind::SameStory, &flood, Some(&none), NotDecided::NoItem(none.to_string())),
    ] {
        let decided = desk.store.decide(kind, item.clone(), other.cloned(), desk.now).wait();
        assert_eq!(decided.unwrap(), Decided::Refused(why));
    }
    assert_eq!(desk.undone(1), Err(NotDecided::NoDecision));
    assert!(desk.store.decisions().unwrap().is_empty());
}
