//! The one place that decides what may be shown to whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Moment, Status};

/// Who is looking. Every store query that a reader causes takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anyone who reaches the pages.
    Reader,
    /// Whoever holds the administrator's token.
    Administrator,
}

/// Who may see a source's items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceVisibility {
    /// Every reader.
    #[default]
    Shared,
    /// The administrator only.
    Private,
}

/// What of an item decides whether it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Showing {
    /// Its provider's status.
    pub status: Status,
    /// Its embargo.
    pub embargoed_until: Option<Moment>,
    /// How it was taken away, if it was.
    pub removed: Option<Removal>,
    /// The visibility of its source.
    pub source: SourceVisibility,
}

/// How an item was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// By the operator: a notice says so.
    TakenDown,
    /// By retention: its time was over.
    Expired,
}

/// How an item is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Whole.
    Shown,
    /// A notice in its place, no text.
    Notice,
    /// Not at all.
    Hidden,
}

/// Decides how an item is shown to `viewer` at `now`.
///
/// An embargo that names only a day ends with that day's start in UTC. A kill or a removal leaves
/// a notice even where the item was embargoed before, except for an item that was never shown. What has
/// expired leaves none: a list would be full of them.
pub fn visible(item: Showing, now: Timestamp, viewer: Viewer) -> Visibility {
    if item.source == SourceVisibility::Private && viewer != Viewer::Administrator {
        return Visibility::Hidden;
    }
    if item.embargoed_until.is_some_and(|until| until.sort_key() > now) {
        return Visibility::Hidden;
    }
    match item.status {
        _ if item.removed == Some(Removal::Expired) => Visibility::Hidden,
        _ if item.removed == Some(Removal::TakenDown) => Visibility::Notice,
        Status::Canceled => Visibility::Notice,
        Status::Withheld => Visibility::Hidden,
        Status::Usable => Visibility::Shown,
    }
}

/// Whether its agency holds an item back for now, which only the desk is told: it must know what will appear.
pub fn held(item: Showing, now: Timestamp, viewer: Viewer) -> bool {
    let appears = item.removed.is_none() && item.status != Status::Canceled;
    let hidden = visible(item, now, viewer) == Visibility::Hidden;
    viewer == Viewer::Administrator && appears && hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Showing = Showing {
        status: Status::Usable,
        embargoed_until: None,
        removed: None,
        source: SourceVisibility::Shared,
    };

    #[track_caller]
    fn check(item: Showing, viewer: Viewer, expected: Visibility) {
        let now = "2016-02-11T12:00:00Z".parse().unwrap();
        assert_eq!(visible(item, now, viewer), expected);
    }

    #[test]
    fn what_may_be_shown_to_whom() {
        use {Viewer::*, Visibility::*};
        let until = |text| Showing { embargoed_until: Moment::parse(text), ..PLAIN };
        check(PLAIN, Reader, Shown);
        check(Showing { status: Status::Canceled, ..PLAIN }, Reader, Notice);
        check(Showing { status: Status::Withheld, ..PLAIN }, Reader, Hidden);
        check(Showing { removed: Some(Removal::TakenDown), ..PLAIN }, Reader, Notice);
        check(
            Showing { removed: Some(Removal::TakenDown), status: Status::Withheld, ..PLAIN },
            Reader,
            Notice,
        );
        check(Showing { removed: Some(Removal::Expired), ..PLAIN }, Reader, Hidden);
        check(Showing { removed: Some(Removal::Expired), ..PLAIN }, Administrator, Hidden);
        check(until("2016-02-11T12:00:00Z"), Reader, Shown);
        check(until("2016-02-11T12:00:01Z"), Reader, Hidden);
        check(until("2016-02-12"), Administrator, Hidden);
        check(Showing { source: SourceVisibility::Private, ..PLAIN }, Reader, Hidden);
        check(Showing { source: SourceVisibility::Private, ..PLAIN }, Administrator, Shown);
    }

    #[test]
    fn what_is_held_back_is_told_to_the_desk_only() {
        let now = "2016-02-11T12:00:00Z".parse().unwrap();
        let until = |text| Showing { embargoed_until: Moment::parse(text), ..PLAIN };
        let withheld = Showing { status: Status::Withheld, ..PLAIN };
        for (item, expected) in [
            (PLAIN, false),
            (withheld, true),
            (until("2016-02-11T12:00:00Z"), false),
            (until("2016-02-12"), true),
            (Showing { status: Status::Canceled, ..until("2016-02-12") }, false),
            (Showing { removed: Some(Removal::TakenDown), ..withheld }, false),
            (Showing { removed: Some(Removal::Expired), ..withheld }, false),
            (Showing { source: SourceVisibility::Private, ..withheld }, true),
        ] {
            assert_eq!(held(item, now, Viewer::Administrator), expected, "{item:?}");
            assert!(!held(item, now, Viewer::Reader), "{item:?}");
        }
    }
}
