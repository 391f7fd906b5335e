//! What keeps the store from taking in: a full disk, one that can only be read, damage, a wrong
//! clock. It is found by writing and by looking, told to whoever asks, and gone when it is over.

use std::{fmt, path::Path, sync::Mutex};

use depeche_news::jiff::{SignedDuration, Timestamp};
use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    Error,
    connection::{file_of, lock, time},
};

/// Room that intake leaves free, so that removal, the end of what is under way and a last commit
/// of the index have some: a large feed taken in writes about 20 MB to the store and its log, and
/// the index merges segments of some ten.
const RESERVE_BYTES: u64 = 64 << 20;

/// Of a disk that is smaller than a gigabyte, this part is the reserve: 64 MiB would be all of it.
const RESERVE_PART: u64 = 16;

/// How far our clock may be behind what it said when the newest entry was written: a correction of
/// minutes is usual, summer time is none (everything is in UTC), a day is a clock that was lost.
const BEHIND_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Why nothing is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// The disk is full, or nearly: what is left is kept for removal.
    DiskFull,
    /// The file or its file system can only be read.
    ReadOnly,
    /// The file is not what was written.
    Damaged,
    /// The clock of this machine is wrong.
    Clock,
    /// Anything else that the system answers to a write.
    Other,
}

impl TroubleKind {
    /// Its word in logs and interfaces.
    pub fn word(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Damaged => "damaged",
            Self::Clock => "clock",
            Self::Other => "other",
        }
    }
}

/// A trouble that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Why nothing is taken in.
    pub kind: TroubleKind,
    /// Since when.
    pub since: Timestamp,
    /// What was found, as a sentence without its full stop.
    pub detail: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// What other machines say of our clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockSays {
    /// Nobody was asked, or they do not agree.
    Nothing,
    /// It is right.
    Right,
    /// It is not, and by how much, as a sentence.
    Wrong(String),
}

/// Who finds a trouble; of several, the first of this order is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Finder {
    /// Looking at the disk.
    Disk,
    /// The writer.
    Writing,
    /// Comparing clocks.
    Clock,
    /// The process that collects in this folder.
    Elsewhere,
}

/// What is known to be wrong, and who is told of it.
pub(crate) struct Health {
    found: Mutex<Found>,
    told: watch::Sender<Option<Trouble>>,
}

struct Found {
    by: [Option<Trouble>; 4],
    clock: ClockSays,
}

impl Health {
    pub(crate) fn new() -> Self {
        let found = Found { by: [const { None }; 4], clock: ClockSays::Nothing };
        Self { found: Mutex::new(found), told: watch::Sender::new(None) }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<Trouble>> {
        self.told.subscribe()
    }

    /// Notes what a finder found; nothing ends what it found before.
    pub(crate) fn note(&self, finder: Finder, found: Option<(TroubleKind, String)>) {
        let mut state = lock(&self.found);
        let before = state.by[finder as usize].take();
        state.by[finder as usize] = found.map(|(kind, detail)| {
            let since = before.filter(|before| before.kind == kind).map(|before| before.since);
            Trouble { kind, detail, since: since.unwrap_or_else(Timestamp::now) }
        });
        self.tell(&state);
    }

    /// Notes what another process found.
    pub(crate) fn note_elsewhere(&self, trouble: Option<Trouble>) {
        let mut state = lock(&self.found);
        state.by[Finder::Elsewhere as usize] = trouble;
        self.tell(&state);
    }

    /// What this finder found.
    pub(crate) fn found(&self, finder: Finder) -> Option<TroubleKind> {
        lock(&self.found).by[finder as usize].as_ref().map(|trouble| trouble.kind)
    }

    pub(crate) fn clock_says(&self, says: ClockSays) {
        lock(&self.found).clock = says;
    }

    /// Looks at our clock; `newest` is when the newest entry of the wire was written.
    pub(crate) fn look_at_clock(&self, newest: Option<i64>) {
        let says = lock(&self.found).clock.clone();
        self.note(Finder::Clock, clock(newest, &says, Timestamp::now()));
    }

    /// Looks at the disk that the data folder is on.
    pub(crate) fn look_at_disk(&self, folder: &Path) {
        let full = matches!(self.found(Finder::Disk), Some(TroubleKind::DiskFull));
        self.note(Finder::Disk, disk(folder, full));
    }

    /// Refuses intake while a trouble lasts.
    pub(crate) fn admits(&self) -> Result<(), Error> {
        let trouble = self.told.borrow().clone();
        trouble.map_or(Ok(()), |trouble| Err(Error::Resting(trouble)))
    }

    fn tell(&self, state: &Found) {
        let first = state.by.iter().flatten().next();
        self.told.send_if_modified(|told| {
            // Of a trouble that goes on, the figures in its sentence are not news.
            let same = told.as_ref().map(|told| (told.kind, told.since))
                == first.map(|first| (first.kind, first.since));
            if !same {
                *told = first.cloned();
            }
            !same
        });
    }
}

/// What is wrong with the clock. Other machines that agree with it are believed over the newest
/// entry, which may have been written while it was ahead.
fn clock(newest: Option<i64>, says: &ClockSays, now: Timestamp) -> Option<(TroubleKind, String)> {
    match says {
        ClockSays::Wrong(detail) => return Some((TroubleKind::Clock, detail.clone())),
        ClockSays::Right => return None,
        ClockSays::Nothing => {}
    }
    let newest = time(newest?);
    let behind = now < newest.saturating_sub(BEHIND_MAX).ok()?;
    behind.then(|| {
        let detail =
            format!("the clock says {now:.0}, the newest entry was written at {newest:.0}");
        (TroubleKind::Clock, detail)
    })
}

/// What is wrong with the disk; one that was full is well again when a quarter more than the
/// reserve is free, so that the wire does not start and stop with every megabyte.
fn disk(folder: &Path, full: bool) -> Option<(TroubleKind, String)> {
    let Ok(disk) = statvfs(folder) else {
        let detail = format!("the data folder {} is gone", folder.display());
        return Some((TroubleKind::Other, detail));
    };
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        let detail = format!("the file system of {} can only be read", folder.display());
        return Some((TroubleKind::ReadOnly, detail));
    }
    let file = file_of(folder);
    if file.exists() && access(&file, Access::WRITE_OK).is_err() {
        return Some((TroubleKind::ReadOnly, format!("{} can only be read", file.display())));
    }
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let reserve = reserve(disk.f_blocks.saturating_mul(disk.f_frsize));
    let wanted = if full { reserve + reserve / 4 } else { reserve };
    (free < wanted).then(|| {
        let detail = format!(
            "the disk of {} is full: {} KiB are free, {} KiB are kept for removal",
            folder.display(),
            free / 1024,
            reserve / 1024,
        );
        (TroubleKind::DiskFull, detail)
    })
}

/// Bytes of a disk of this size that intake leaves free.
fn reserve(disk_bytes: u64) -> u64 {
    RESERVE_BYTES.min(disk_bytes / RESERVE_PART)
}

/// Whether this many bytes more fit on the disk of `folder` and leave the reserve.
pub(crate) fn has_room(folder: &Path, bytes: u64) -> bool {
    statvfs(folder).is_ok_and(|disk| {
        let reserve = reserve(disk.f_blocks.saturating_mul(disk.f_frsize));
        disk.f_bavail.saturating_mul(disk.f_frsize) >= bytes.saturating_add(reserve)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(newest: Option<&str>, says: ClockSays, wrong: bool) {
        let now: Timestamp = "2016-02-11T16:00:00Z".parse().unwrap();
        let newest = newest.map(|newest| newest.parse::<Timestamp>().unwrap().as_millisecond());
        assert_eq!(clock(newest, &says, now).is_some(), wrong, "{newest:?} {says:?}");
    }

    #[test]
    fn a_clock_is_wrong_when_it_is_a_day_behind_the_wire_or_others_say_so() {
        check(None, ClockSays::Nothing, false);
        check(Some("2016-02-11T15:59:00Z"), ClockSays::Nothing, false);
        check(Some("2016-02-12T15:59:00Z"), ClockSays::Nothing, false);
        check(Some("2016-02-12T16:01:00Z"), ClockSays::Nothing, true);
        check(Some("2030-01-01T00:00:00Z"), ClockSays::Right, false);
        check(Some("2016-02-11T15:59:00Z"), ClockSays::Wrong("by 20 minutes".into()), true);
    }

    #[test]
    fn the_first_finder_is_told_and_goes_on_since_it_began() {
        let health = Health::new();
        let told = health.subscribe();
        health.note(Finder::Clock, Some((TroubleKind::Clock, "late".into())));
        health.note(Finder::Writing, Some((TroubleKind::DiskFull, "full".into())));
        let first = told.borrow().clone().unwrap();
        assert_eq!((first.kind.word(), &*first.detail), ("disk_full", "full"));
        health.note(Finder::Writing, Some((TroubleKind::DiskFull, "still full".into())));
        assert_eq!(told.borrow().clone().unwrap(), first);
        assert!(matches!(health.admits(), Err(Error::Resting(_))));
        health.note(Finder::Writing, None);
        assert_eq!(told.borrow().clone().unwrap().kind, TroubleKind::Clock);
        health.note(Finder::Clock, None);
        assert_eq!(*told.borrow(), None);
        health.admits().unwrap();
    }

    #[test]
    fn a_small_disk_keeps_a_part_of_itself() {
        assert_eq!(reserve(8 << 20), 512 << 10);
        assert_eq!(reserve(1 << 40), 64 << 20);
    }
}
