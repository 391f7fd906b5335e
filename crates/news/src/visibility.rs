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
    /// Taken away by the operator or by retention.
    pub removed: bool,
    /// The visibility of its source.
    pub source: SourceVisibility,
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
/// a notice even where the item was embargoed before, except for an item that was never shown.
pub fn visible(item: Showing, now: Timestamp, viewer: Viewer) -> Visibility {
    if item.source == SourceVisibility::Private && viewer != Viewer::Administrator {
        return Visibility::Hidden;
    }
    if item.embargoed_until.is_some_and(|until| until.sort_key() > now) {
        return Visibility::Hidden;
    }
    match item.status {
        _ if item.removed => Visibility::Notice,
        Status::Canceled => Visibility::Notice,
        Status::Withheld => Visibility::Hidden,
        Status::Usable => Visibility::Shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Showing = Showing {
        status: Status::Usable,
        embargoed_until: None,
        removed: false,
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
        check(Showing { removed: true, ..PLAIN }, Reader, Notice);
        check(Showing { removed: true, status: Status::Withheld, ..PLAIN }, Reader, Notice);
        check(until("2016-02-11T12:00:00Z"), Reader, Shown);
        check(until("2016-02-11T12:00:01Z"), Reader, Hidden);
        check(until("2016-02-12"), Administrator, Hidden);
        check(Showing { source: SourceVisibility::Private, ..PLAIN }, Reader, Hidden);
        check(Showing { source: SourceVisibility::Private, ..PLAIN }, Administrator, Shown);
    }
}
