//! What comes by itself: tokens, deliveries that come again, subscriptions at hubs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use depeche_news::{
    Access, Delivery, DeliveryKind, SourceId, SourceVisibility, Validators, Viewer,
    jiff::{SignedDuration, Timestamp},
    limits::pushed::TOKENS_MAX,
};
use depeche_store::{
    AfterTaking, Appended, Delivered, DeliveryState, FailureNote, KnownBy, NewSource, Recorded,
    SourceChange, SourceKind, SourceState, Store, Subscription, SubscriptionState, WatchedFolder,
};

struct Desk {
    store: Store,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let now = "2016-02-11T16:00:00Z".parse().unwrap();
    Desk { store: Store::open(folder.path()).unwrap(), now, _folder: folder }
}

impl Desk {
    fn source(&self, address: &str, kind: SourceKind) -> SourceId {
        let new = NewSource {
            address: address.to_owned(),
            name: Some(address.to_owned()),
            language: None,
            visibility: SourceVisibility::Shared,
            kind,
        };
        self.store.add_source(new, self.now).wait().unwrap().0
    }

    fn delivery(&self, source: &SourceId, address: &str, body: &str) -> Delivery {
        Delivery {
            source: source.clone(),
            kind: DeliveryKind::Pushed,
            address: address.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            received_at: self.now,
            backfill: false,
            validators: Validators::default(),
        }
    }

    /// A feed was read that names a hub.
    fn names_hub(&self, source: &SourceId, hub: &str, topic: &str) {
        let delivery = self.delivery(source, "https://a.example/fil", &format!("{hub}{topic}"));
        let recorded = self.store.record(delivery).wait().unwrap();
        let (Recorded::New(delivery) | Recorded::Repeated(delivery)) = recorded;
        let read = Appended {
            delivery,
            source: Some(source.clone()),
            hub: Some((hub.to_owned(), topic.to_owned())),
            ..Appended::default()
        };
        self.store.append(read, Vec::new()).wait().unwrap();
    }

    fn due(&self, at: Timestamp) -> Vec<Subscription> {
        if let Some(tidied) = self.store.tidy_subscriptions(at).unwrap() {
            tidied.wait().unwrap();
        }
        self.store.due_subscriptions(at, 10).unwrap()
    }

    fn later(&self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(minutes)
    }
}

const HUB: &str = "https://hub.example/";
const TOPIC: &str = "https://a.example/fil";

#[test]
fn a_token_is_that_of_one_source() {
    let desk = desk();
    let store = &desk.store;
    let (one, other) =
        (desk.source("push:one", SourceKind::Files), desk.source("push:other", SourceKind::Files));
    let token = store.new_intake_token(&one, desk.now).wait().unwrap().unwrap();
    for named in ["one", one.as_str()] {
        assert_eq!(store.pusher(&token, named).unwrap().unwrap().source, one);
    }
    for (token, named) in [
        (token.as_str(), "other"),
        (token.as_str(), other.as_str()),
        (token.as_str(), "nobody"),
        ("", "one"),
        ("0", "one"),
    ] {
        assert_eq!(store.pusher(token, named).unwrap(), None, "{named}");
    }
    store.set_source_state(&one, SourceState::Paused).wait().unwrap();
    assert!(store.pusher(&token, "one").unwrap().unwrap().paused);
    store.remove_source(&one, desk.now).wait().unwrap();
    assert_eq!(store.pusher(&token, "one").unwrap(), None);
    // A source that is taken up again does not take up those who could deliver for it.
    desk.source("push:one", SourceKind::Files);
    assert_eq!(store.pusher(&token, "one").unwrap(), None);
}

#[test]
fn tokens_are_counted_named_and_revoked() {
    let desk = desk();
    let (store, source) = (&desk.store, desk.source("push:one", SourceKind::Files));
    let mut made = Vec::new();
    while let Some(token) = store.new_intake_token(&source, desk.now).wait().unwrap() {
        made.push(token);
    }
    assert_eq!(made.len(), TOKENS_MAX);
    let delivery = desk.delivery(&source, "", "a");
    let pusher = store.pusher(&made[3], "one").unwrap().unwrap();
    store.delivered(delivery, KnownBy::Content, Some(pusher.token)).wait().unwrap();
    let used: Vec<_> = store.intake_tokens(&source).unwrap();
    let used: Vec<_> = used.iter().filter(|token| token.used_at == Some(desk.now)).collect();
    assert_eq!(used.len(), 1);
    let revoked = store.revoke_intake_tokens(&source, Some(&used[0].name)).wait().unwrap();
    assert_eq!((revoked, store.pusher(&made[3], "one").unwrap()), (1, None));
    assert!(store.pusher(&made[0], "one").unwrap().is_some());
    assert_eq!(store.revoke_intake_tokens(&source, None).wait().unwrap(), TOKENS_MAX - 1);
    assert_eq!(store.pusher(&made[0], "one").unwrap(), None);
    let unknown = SourceId::of_address("push:nobody");
    assert_eq!(store.new_intake_token(&unknown, desk.now).wait().unwrap(), None);
}

#[test]
fn what_comes_again_is_known() {
    let desk = desk();
    let source = desk.source("push:one", SourceKind::Files);
    let deliver = |address: &str, body: &str, by: KnownBy| {
        let delivery = desk.delivery(&source, address, body);
        desk.store.delivered(delivery, by, None).wait().unwrap()
    };
    let Delivered::New(a) = deliver("", "A", KnownBy::Content) else { panic!() };
    let Delivered::New(b) = deliver("", "B", KnownBy::Content) else { panic!() };
    assert!(b > a);
    assert_eq!(deliver("", "A", KnownBy::Content), Delivered::Repeated(a));
    let key = || KnownBy::Key("k1".to_owned());
    let Delivered::New(keyed) = deliver("", "A", key()) else { panic!() };
    assert_eq!(deliver("", "A", key()), Delivered::Repeated(keyed));
    assert_eq!(deliver("", "C", key()), Delivered::OtherBytes(keyed));
    // A file of one name may hold something else, and then what it held before.
    let file = "folder:/srv/a.xml";
    let Delivered::New(first) = deliver(file, "A", KnownBy::Address) else { panic!() };
    assert_eq!(deliver(file, "A", KnownBy::Address), Delivered::Repeated(first));
    assert!(matches!(deliver(file, "B", KnownBy::Address), Delivered::New(_)));
    assert!(matches!(deliver(file, "A", KnownBy::Address), Delivered::New(_)));
}

#[test]
fn a_delivery_tells_how_far_it_is() {
    let desk = desk();
    let source = desk.source("push:one", SourceKind::Files);
    let delivery = desk.delivery(&source, "", "A");
    let delivered = desk.store.delivered(delivery, KnownBy::Content, None).wait().unwrap();
    let Delivered::New(id) = delivered else { panic!() };
    let outcome = || desk.store.delivery_outcome(id).unwrap().unwrap();
    assert_eq!(outcome().state, DeliveryState::Waiting);
    let problems = vec![depeche_news::Problem::new("refused", "no news")];
    desk.store.refuse(id, None, "not_a_feed", problems).wait().unwrap();
    assert_eq!(outcome().state, DeliveryState::Refused);
    assert_eq!(outcome().problems, ["refused: no news"]);
    assert_eq!(desk.store.delivery_outcome(id + 1).unwrap(), None);
    let view = desk.store.source(Viewer::Administrator, desk.now, &source).unwrap().unwrap();
    assert_eq!(view.succeeded_at, Some(desk.now));
    let facts = desk.store.source_facts(Viewer::Administrator, desk.now, &source, &[]);
    assert_eq!(facts.unwrap().unwrap().misread.len(), 1);
}

#[test]
fn a_folder_is_watched_as_long_as_its_source_is_listened_to() {
    let desk = desk();
    let source = desk.source("folder:/srv/fil", SourceKind::Files);
    let folder = WatchedFolder {
        source: source.clone(),
        path: "/srv/fil".into(),
        done_suffix: Some(".done".to_owned()),
        settle_seconds: None,
        after: AfterTaking::Leave,
        failure: None,
    };
    desk.store.watch_folder(folder.clone()).wait().unwrap();
    assert_eq!(desk.store.watched_folders().unwrap(), std::slice::from_ref(&folder));
    let note = FailureNote { word: "folder_missing".into(), detail: "gone".into() };
    desk.store.folder_failed(&source, Some(note)).wait().unwrap();
    let failure = Some("folder_missing".to_owned());
    assert_eq!(desk.store.watched_folders().unwrap(), [WatchedFolder { failure, ..folder }]);
    desk.store.set_source_state(&source, SourceState::Paused).wait().unwrap();
    assert_eq!(desk.store.watched_folders().unwrap(), []);
}

#[test]
fn a_subscription_goes_from_found_to_active_and_lapses() {
    let desk = desk();
    let (store, source) = (&desk.store, desk.source(TOPIC, SourceKind::Feed));
    desk.names_hub(&source, HUB, TOPIC);
    let [found] = desk.due(desk.now).try_into().unwrap();
    assert_eq!((found.state, &*found.hub, &*found.topic), (SubscriptionState::Found, HUB, TOPIC));
    assert!(found.callback.len() >= 40 && found.secret != found.callback);
    // The same words again change nothing.
    desk.names_hub(&source, HUB, TOPIC);
    assert_eq!(desk.due(desk.now), std::slice::from_ref(&found));

    store.subscription_asked(&found.callback, desk.now, desk.later(10)).wait().unwrap();
    assert_eq!(desk.due(desk.now), []);
    let held = || store.subscription(&found.callback).unwrap().unwrap();
    assert_eq!((held().state, held().failures), (SubscriptionState::Asked, 1));
    store.subscription_failed(&found.callback, "status 500", desk.later(10)).wait().unwrap();
    assert_eq!(
        (held().state, held().detail.as_deref()),
        (SubscriptionState::Asked, Some("status 500"))
    );
    assert_eq!(desk.due(desk.later(10)).len(), 1);

    let pushed = |at| store.due_sources(at, 1).unwrap()[0].pushed;
    assert!(!pushed(desk.now));
    let confirmed = store.subscription_confirmed(&found.callback, desk.later(60), desk.later(40));
    confirmed.wait().unwrap();
    assert_eq!(
        (held().state, held().failures, held().detail),
        (SubscriptionState::Active, 0, None)
    );
    // A hub that has sent nothing yet is not relied upon.
    assert!(!pushed(desk.later(1)));
    let content = desk.delivery(&source, TOPIC, "news");
    store.content_delivered(&found.callback, content).wait().unwrap();
    assert!(pushed(desk.later(59)));
    assert!(!pushed(desk.later(60)));
    // A renewal that fails does not end what holds.
    assert_eq!(desk.due(desk.later(40)).len(), 1);
    store.subscription_failed(&found.callback, "dns", desk.later(50)).wait().unwrap();
    assert_eq!(held().state, SubscriptionState::Active);
    let at = desk.later(60);
    let poll = depeche_store::Poll::unchanged(desk.now, desk.later(600));
    store.polled(&source, poll).wait().unwrap();
    assert_eq!(desk.due(at).len(), 1);
    assert_eq!(held().state, SubscriptionState::Asked);
    assert_eq!(store.due_sources(at, 1).unwrap().len(), 1, "it is asked at once");
    store.subscription_denied(&found.callback, "no room", desk.later(100)).wait().unwrap();
    assert_eq!(held().state, SubscriptionState::Denied);
}

#[test]
fn content_is_stored_and_what_is_not_signed_is_counted() {
    let desk = desk();
    let (store, source) = (&desk.store, desk.source(TOPIC, SourceKind::Feed));
    desk.names_hub(&source, HUB, TOPIC);
    let callback = desk.due(desk.now)[0].callback.clone();
    store.content_ignored(&callback).wait().unwrap();
    let delivery = desk.delivery(&source, TOPIC, "news");
    let recorded = store.content_delivered(&callback, delivery.clone()).wait().unwrap();
    assert!(matches!(recorded, Recorded::New(_)));
    let again = store.content_delivered(&callback, delivery).wait().unwrap();
    assert!(matches!(again, Recorded::Repeated(_)));
    // One that was caught earlier and is sent again brings nothing back.
    let other = desk.delivery(&source, TOPIC, "later news");
    store.content_delivered(&callback, other).wait().unwrap();
    let replayed = desk.delivery(&source, TOPIC, "news");
    assert_eq!(store.content_delivered(&callback, replayed).wait().unwrap(), again);
    let held = store.subscription(&callback).unwrap().unwrap();
    assert_eq!((held.ignored, held.pushed_at), (1, Some(desk.now)));
}

#[test]
fn a_feed_that_moves_ends_its_subscription_and_begins_another() {
    let desk = desk();
    let (store, source) = (&desk.store.clone(), desk.source(TOPIC, SourceKind::Feed));
    desk.names_hub(&source, HUB, TOPIC);
    let before = desk.due(desk.now)[0].clone();
    store.subscription_asked(&before.callback, desk.now, desk.later(10)).wait().unwrap();
    store.subscription_confirmed(&before.callback, desk.later(60), desk.later(40)).wait().unwrap();
    let state = |callback: &str| Some(store.subscription(callback).unwrap()?.state);
    // Feeds that name ever others are not believed each time.
    desk.names_hub(&source, "https://b.example/", TOPIC);
    assert_eq!(desk.due(desk.now), []);
    let tomorrow = Desk { now: desk.later(24 * 60 + 1), ..desk };
    let until = tomorrow.later(60);
    store.subscription_confirmed(&before.callback, until, until).wait().unwrap();
    tomorrow.names_hub(&source, "https://c.example/", TOPIC);
    tomorrow.names_hub(&source, HUB, TOPIC);
    tomorrow.names_hub(&source, "https://d.example/", TOPIC);
    let [new] = tomorrow.due(tomorrow.now).try_into().unwrap();
    assert_eq!((&*new.hub, new.state), ("https://c.example/", SubscriptionState::Found));
    store.subscription_asked(&new.callback, tomorrow.now, until).wait().unwrap();
    // What was sent before goes on until the new one holds.
    assert_eq!(state(&before.callback), Some(SubscriptionState::Active));
    store.subscription_denied(&new.callback, "no", until).wait().unwrap();
    assert_eq!(store.subscription_of(&source).unwrap().unwrap().callback, before.callback);
    store.subscription_confirmed(&new.callback, until, until).wait().unwrap();
    let ending = tomorrow.due(tomorrow.now);
    assert_eq!(ending.len(), 1);
    assert_eq!(
        (&*ending[0].callback, ending[0].state),
        (&*before.callback, SubscriptionState::Ending)
    );
    store.subscription_ended(&before.callback, tomorrow.now).wait().unwrap();
    assert_eq!(state(&before.callback), None);
    assert_eq!(store.subscription_of(&source).unwrap().unwrap().callback, new.callback);
}

#[test]
fn a_lease_that_lapses_gives_way_to_the_one_that_takes_its_place() {
    let desk = desk();
    let source = desk.source(TOPIC, SourceKind::Feed);
    desk.names_hub(&source, HUB, TOPIC);
    let before = desk.due(desk.now)[0].callback.clone();
    let until = desk.later(3 * 24 * 60);
    desk.store.subscription_asked(&before, desk.now, until).wait().unwrap();
    desk.store.subscription_confirmed(&before, until, until).wait().unwrap();
    let later = Desk { now: desk.later(2 * 24 * 60), ..desk };
    later.names_hub(&source, "https://b.example/", TOPIC);
    let due = later.due(until);
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].hub, "https://b.example/");
    assert_eq!(later.store.subscription(&before).unwrap(), None);
}

/// The address of a private source may be its secret.
#[test]
fn no_hub_is_told_of_a_source_that_is_not_for_everybody() {
    let desk = desk();
    let (store, source) = (&desk.store, desk.source(TOPIC, SourceKind::Feed));
    let show = |visibility| {
        let change = SourceChange { visibility: Some(visibility), ..SourceChange::default() };
        assert!(store.change_source(&source, change, desk.now).wait().unwrap());
    };
    show(SourceVisibility::Private);
    desk.names_hub(&source, HUB, TOPIC);
    assert_eq!(desk.due(desk.now), []);
    assert_eq!(store.subscription_of(&source).unwrap(), None);
    show(SourceVisibility::Shared);
    desk.names_hub(&source, HUB, TOPIC);
    let found = desk.due(desk.now)[0].clone();
    assert!(!format!("{found:?}").contains(&found.secret));
    assert!(!format!("{found:?}").contains(&found.callback));
    store.subscription_asked(&found.callback, desk.now, desk.later(10)).wait().unwrap();
    let access = Access { user: Some("desk".into()), ..Access::default() };
    store.set_access(&source, access).wait().unwrap();
    let [ending] = desk.due(desk.now).try_into().unwrap();
    assert_eq!((ending.state, ending.idle), (SubscriptionState::Ending, true));
    store.subscription_ended(&found.callback, desk.now).wait().unwrap();
    assert_eq!(desk.due(desk.later(10)), []);
    desk.names_hub(&source, HUB, TOPIC);
    assert_eq!(store.subscription_of(&source).unwrap(), None);
}

#[test]
fn a_hub_has_its_feed_asked_soon_and_not_at_once_again() {
    let desk = desk();
    let (store, source) = (&desk.store, desk.source(TOPIC, SourceKind::Feed));
    desk.names_hub(&source, HUB, TOPIC);
    let callback = desk.due(desk.now)[0].callback.clone();
    let poll = depeche_store::Poll::unchanged(desk.now, desk.later(600));
    store.polled(&source, poll).wait().unwrap();
    let due = |at: Timestamp| store.due_sources(at, 1).unwrap().len();
    let seconds = |seconds| desk.now + SignedDuration::from_secs(seconds);
    store.content_announced(&callback, seconds(5)).wait().unwrap();
    assert_eq!((due(seconds(59)), due(seconds(60))), (0, 1));
    // Nor does it have it asked later than it is due.
    store.content_announced(&callback, desk.later(30)).wait().unwrap();
    assert_eq!(due(seconds(60)), 1);
}

#[test]
fn hubs_that_nobody_asks_are_counted() {
    let desk = desk();
    let source = desk.source(TOPIC, SourceKind::Feed);
    desk.names_hub(&source, HUB, TOPIC);
    let folder = desk.store.folder();
    let unasked = |at| depeche_store::inspect(folder, at, None).unwrap().hubs_unasked;
    assert_eq!((unasked(desk.later(60)), unasked(desk.later(25 * 60))), (0, 1));
    let found = desk.due(desk.now)[0].callback.clone();
    desk.store.subscription_asked(&found, desk.now, desk.later(10)).wait().unwrap();
    assert_eq!(unasked(desk.later(25 * 60)), 0);
}

/// Thousands of feeds share one hub.
#[test]
fn feeds_of_one_hub_keep_those_of_others_waiting_for_nothing() {
    let desk = desk();
    for number in 0..9 {
        let topic = format!("https://a.example/{number}");
        let source = desk.source(&topic, SourceKind::Feed);
        desk.names_hub(&source, if number < 8 { HUB } else { "https://b.example/" }, &topic);
    }
    let due = desk.store.due_subscriptions(desk.now, 64).unwrap();
    let of = |hub: &str| due.iter().filter(|held| held.hub == hub).count();
    assert_eq!((of(HUB), of("https://b.example/")), (4, 1));
}

#[test]
fn a_source_that_is_paused_is_subscribed_to_anew_when_it_goes_on() {
    let desk = desk();
    let (store, source) = (&desk.store, desk.source(TOPIC, SourceKind::Feed));
    desk.names_hub(&source, HUB, TOPIC);
    let callback = desk.due(desk.now)[0].callback.clone();
    store.subscription_asked(&callback, desk.now, desk.later(10)).wait().unwrap();
    store.set_source_state(&source, SourceState::Paused).wait().unwrap();
    let [ending] = desk.due(desk.now).try_into().unwrap();
    assert_eq!((ending.state, ending.idle), (SubscriptionState::Ending, true));
    store.subscription_ended(&callback, desk.now).wait().unwrap();
    assert_eq!(desk.due(desk.now), []);
    store.set_source_state(&source, SourceState::Active).wait().unwrap();
    let [anew] = desk.due(desk.now).try_into().unwrap();
    assert_eq!((anew.state, &*anew.hub), (SubscriptionState::Found, HUB));
    assert_ne!(anew.callback, callback);
    store.remove_source(&source, desk.now).wait().unwrap();
    assert_eq!(desk.due(desk.now), []);
    assert_eq!(store.subscription(&anew.callback).unwrap(), None);
}
