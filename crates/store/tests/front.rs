//! «À la une» over a real store: who counts for whom, and what does not count.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use depeche_news::{
    DispatchId, ItemId, Moment, Signal, SourceId, SourceVisibility, Status, StoryId,
};
use depeche_store::{Arrival, Front, Viewer};
use support::{Desk, desk, join};

const MINUTES: i64 = 59;

fn front(desk: &Desk, viewer: Viewer) -> Front {
    desk.store.front(viewer, desk.later(MINUTES), 10).unwrap()
}

/// The stories by the headlines that their first items have.
fn named(front: &Front) -> Vec<&str> {
    front.stories.iter().map(|story| story.line.headlines[0].headline.as_str()).collect()
}

fn sources<const N: usize>(desk: &Desk, names: [&str; N]) -> [SourceId; N] {
    names.map(|name| desk.source(name, SourceVisibility::Shared))
}

fn in_story(founder: &ItemId) -> impl FnOnce(&mut Arrival) + use<> {
    let story = StoryId::from(&DispatchId::from(founder));
    move |arrival: &mut Arrival| arrival.placed.story = story
}

/// A story that each of these sources tells, from `minute` on; gives its items.
fn told(desk: &Desk, name: &str, sources: &[SourceId], minute: i64) -> Vec<ItemId> {
    let mut items: Vec<ItemId> = Vec::new();
    for (n, source) in sources.iter().enumerate() {
        let guid = format!("{name}{n}");
        let item = match items.first() {
            None => desk.append(source, &guid, minute, |_| {}),
            Some(founder) => desk.append(source, &guid, minute + n as i64, in_story(founder)),
        };
        items.push(item);
    }
    items
}

#[test]
fn what_several_tell_stands_first_and_what_one_tells_nowhere() {
    let desk = desk();
    let all = sources(&desk, ["a", "b", "c", "d", "e"]);
    told(&desk, "two", &all[..2], 30);
    told(&desk, "five", &all, 20);
    told(&desk, "alone", &all[..1], 50);
    let founder = desk.append(&all[0], "copied", 40, |_| {});
    for source in &all[1..] {
        desk.append(source, "copied", 41, join(&founder));
    }
    let front = front(&desk, Viewer::Reader);
    assert_eq!(named(&front), ["Titre five0", "Titre two0", "Titre copied"]);
    let five = &front.stories[0];
    assert_eq!((five.standing.voices, five.standing.hours, five.standing.copies), (5, 1, 0));
    assert_eq!((five.line.dispatches, five.first.source.name.as_str()), (5, "a"));
    assert_eq!(five.first.at, desk.later(20));
    let newest: Vec<_> = five.rows.iter().map(|row| row.headline.as_str()).collect();
    assert_eq!(newest, ["Titre five4", "Titre five3", "Titre five2"]);
    let copied = &front.stories[2].standing;
    assert_eq!((copied.voices, copied.sources, copied.copies), (1, 5, 4));
}

#[test]
fn feeds_of_one_site_are_one_voice() {
    // Where the pages of three feeds are, and how many voices these are.
    for (hosts, voices) in [
        (["a.example", "b.example", "c.example"], Some(3)),
        (["www.a.example", "a.example", "b.example:8080"], Some(2)),
        (["A.example", "www.a.example", "u@a.example"], None),
    ] {
        let desk = desk();
        let all = sources(&desk, ["politique", "sports", "monde"]);
        let mut founder: Option<ItemId> = None;
        for (source, host) in all.iter().zip(hosts) {
            let item = desk.append(source, host, 20, |arrival| {
                arrival.item.address = Some(format!("https://{host}/{source}"));
                if let Some(founder) = &founder {
                    in_story(founder)(arrival);
                }
            });
            founder.get_or_insert(item);
        }
        let front = front(&desk, Viewer::Reader);
        let told = front.stories.first().map(|story| story.standing.voices);
        assert_eq!(told, voices, "{hosts:?}");
    }
}

#[test]
fn a_private_source_counts_for_who_may_see_it() {
    let desk = desk();
    let [open] = sources(&desk, ["open"]);
    let hidden = desk.source("hidden", SourceVisibility::Private);
    told(&desk, "x", &[hidden, open], 10);
    assert_eq!(named(&front(&desk, Viewer::Reader)), [""; 0]);
    let all = front(&desk, Viewer::Administrator);
    assert_eq!(named(&all), ["Titre x0"]);
    assert_eq!(all.stories[0].first.source.name, "hidden");
}

#[test]
fn what_may_not_be_shown_does_not_count() {
    for hide in [
        (|arrival: &mut Arrival| arrival.item.status = Status::Canceled) as fn(&mut Arrival),
        |arrival| arrival.item.status = Status::Withheld,
        |arrival| {
            let tomorrow: Moment = Moment::parse("2016-02-12T16:00:00Z").unwrap();
            arrival.item.embargoed_until = Some(tomorrow);
        },
    ] {
        let desk = desk();
        let both = sources(&desk, ["a", "b"]);
        let items = told(&desk, "x", &both, 10);
        assert_eq!(front(&desk, Viewer::Reader).stories.len(), 1);
        let story = StoryId::from(&DispatchId::from(&items[0]));
        desk.append(&both[1], "x1", 30, |arrival| {
            arrival.placed.story = story;
            arrival.item.signal = Some(Signal::Kill);
            hide(arrival);
        });
        assert_eq!(named(&front(&desk, Viewer::Administrator)), [""; 0]);
    }
}

#[test]
fn who_told_it_yesterday_is_no_new_voice() {
    const DAY: i64 = 26 * 60;
    let desk = desk();
    let all = sources(&desk, ["a", "b", "c"]);
    let items = told(&desk, "old", &all, -DAY);
    assert_eq!(named(&front(&desk, Viewer::Reader)), [""; 0]);
    desk.append(&all[1], "again", 10, in_story(&items[0]));
    desk.append(&all[2], "again", 20, in_story(&items[0]));
    assert_eq!(named(&front(&desk, Viewer::Reader)), [""; 0], "the same two go on");
    let [d, e] = sources(&desk, ["d", "e"]);
    desk.append(&d, "new", 30, in_story(&items[0]));
    desk.append(&e, "new", 40, in_story(&items[0]));
    let front = front(&desk, Viewer::Reader);
    assert_eq!(front.stories[0].standing.voices, 2);
    assert_eq!(front.stories[0].first.at, desk.later(-DAY));
}

#[test]
fn old_news_that_is_taken_in_now_is_no_growth() {
    let desk = desk();
    let both = sources(&desk, ["a", "b"]);
    let old = |arrival: &mut Arrival| {
        arrival.item.article.published = Moment::parse("2015-06-01T12:00:00Z");
    };
    let founder = desk.append(&both[0], "1", 10, old);
    desk.append(&both[1], "2", 11, |arrival| {
        old(arrival);
        in_story(&founder)(arrival);
    });
    assert_eq!(named(&front(&desk, Viewer::Reader)), [""; 0]);
}
