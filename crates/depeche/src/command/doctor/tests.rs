//! Each check, line by line.

use depeche_store::{FailureNote, WatchedSeen};

use super::*;

fn facts() -> Facts {
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let figures = Figures {
        cursor: Cursor { epoch: 7, seq: 100 },
        last_entry_at: Some(now),
        items: 90,
        deliveries_waiting: 0,
        oldest_delivery_at: None,
        pages_wanted: 0,
        oldest_page_due_at: None,
        sources_well: 3,
        sources_failing: 0,
        sources_paused: 0,
        bytes: 12_000_000,
    };
    Facts {
        now,
        configuration: Ok(None),
        folder: Folder::There(there()),
        processes: Vec::new(),
        trouble: None,
        disk: Some(Disk { free_bytes: 20 << 30, no_files_left: false, read_only: false }),
        written_at: Some(now),
        store: Some(Ok(Inspection {
            schema: 2,
            known: 2,
            damage: Vec::new(),
            checked: Checked::Quickly,
            figures: Some(figures),
            indexable: 88,
            silent: Vec::new(),
            folders: Vec::new(),
            hubs_unasked: 0,
        })),
        index: Some(open(100, 88)),
    }
}

fn there() -> Permissions {
    Permissions {
        name: "/srv/fil".to_owned(),
        has_store: true,
        owner: 1,
        us: 1,
        readable: None,
        writable: true,
    }
}

fn open(seq: u64, documents: u64) -> Index {
    Index::Open { cursor: Some(Cursor { epoch: 7, seq }), documents }
}

/// The facts of a wire that is well, changed in one thing.
fn but(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

fn with_inspection(change: impl FnOnce(&mut Inspection)) -> Facts {
    but(|facts| change(facts.store.as_mut().unwrap().as_mut().unwrap()))
}

fn with_figures(change: impl FnOnce(&mut Figures)) -> Facts {
    with_inspection(|inspection| change(inspection.figures.as_mut().unwrap()))
}

fn running(mut facts: Facts) -> Facts {
    let process = |work| Process { work, who: Some("depeche (process 9)".to_owned()) };
    facts.processes = ["collects", "takes in", "indexes"].map(process).to_vec();
    facts
}

#[track_caller]
fn check(check: fn(&Facts) -> Option<Finding>, facts: &Facts, expected: &str) {
    let finding = check(facts).map(|finding| {
        assert_eq!(finding.verdict == Verdict::Wrong, finding.next.is_some(), "{finding:?}");
        let line = finding.line();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    assert_eq!(finding.as_deref().unwrap_or("nothing"), expected);
}

#[test]
fn a_wire_that_is_well() {
    let facts = running(facts());
    let verdicts: Vec<_> = CHECKS.iter().filter_map(|check| check(&facts)).collect();
    // All but trouble, hubs and watched folders, of which there is nothing to say.
    assert_eq!(verdicts.len(), CHECKS.len() - 3);
    assert!(verdicts.iter().all(|finding| finding.verdict == Verdict::Ok), "{verdicts:#?}");
}

#[test]
fn troubles() {
    let at = facts().now;
    let kind = TroubleKind::DiskFull;
    let full = Trouble { kind, since: at, detail: "the disk is full".to_owned() };
    check(trouble, &facts(), "nothing");
    check(
        trouble,
        &but(|facts| facts.trouble = Some(full)),
        "wrong trouble nothing is taken in: the disk is full next: make room; the wire goes on by itself within seconds",
    );
}

#[test]
fn configurations() {
    let with = |configuration| but(|facts| facts.configuration = configuration);
    check(
        configuration,
        &with(Ok(Some("/etc/d.toml".to_owned()))),
        "ok configuration /etc/d.toml is in order",
    );
    check(
        configuration,
        &with(Err("d.toml: unknown key `a` in line 1".to_owned())),
        "wrong configuration d.toml: unknown key `a` in line 1 next: correct the file; `depeche config check` checks \
         it, `depeche config show` prints every key",
    );
}

#[test]
fn folders() {
    let with = |found| but(|facts| facts.folder = found);
    let permissions = |change: fn(&mut Permissions)| {
        let mut there = there();
        change(&mut there);
        with(Folder::There(there))
    };
    check(folder, &facts(), "ok folder /srv/fil is ours alone");
    check(
        folder,
        &with(Folder::Missing),
        "wrong folder the data folder is not there next: --data names it; `depeche run` makes a new wire, `depeche \
         restore` brings one back",
    );
    check(
        folder,
        &with(Folder::SomethingElse),
        "wrong folder what --data names is not a folder next: name a folder",
    );
    check(
        folder,
        &with(Folder::Unreachable("permission denied".to_owned())),
        "wrong folder the data folder cannot be looked into: permission denied next: run doctor as the user that \
         runs the wire",
    );
    check(
        folder,
        &permissions(|there| there.has_store = false),
        "wrong folder there is no wire in /srv/fil next: --data names the folder of a wire; `depeche run`, `import` \
         and `source add` make a new one",
    );
    let foreign = permissions(|there| (there.writable, there.owner) = (false, 5));
    check(
        folder,
        &foreign,
        "wrong folder user 1 may not write to /srv/fil, which belongs to user 5 next: run the wire as user 5, or \
         give it the folder: chown -R 1 /srv/fil",
    );
    // Whoever runs the wire may; who looks at it need not.
    check(
        folder,
        &running(foreign),
        "note folder /srv/fil belongs to user 5; what user 1 makes in it, the wire may not write to",
    );
    check(
        folder,
        &permissions(|there| there.readable = Some("depeche.sqlite".to_owned())),
        "note folder /srv/fil can be entered by others, who may read depeche.sqlite: chmod 700 /srv/fil",
    );
    check(processes, &with(Folder::Missing), "nothing");
    check(clock, &with(Folder::Missing), "nothing");
}

#[test]
fn hubs_that_are_not_asked() {
    check(hubs, &facts(), "nothing");
    for (unasked, told) in [(1, "1 feed names"), (3, "3 feeds name")] {
        check(
            hubs,
            &with_inspection(|inspection| inspection.hubs_unasked = unasked),
            &format!(
                "note hubs {told} a hub that sends what is new at once, and none is asked: give `depeche run` the \
                 address it is reached at, with --base-url"
            ),
        );
    }
}

#[test]
fn processes_and_disks() {
    check(
        processes,
        &facts(),
        "note processes no process collects, takes in or indexes: the wire does not run",
    );
    let half = but(|facts| facts.processes = vec![Process { work: "collects", who: None }]);
    check(processes, &half, "ok processes a process collects");
    let with = |change: fn(&mut Disk)| but(|facts| change(facts.disk.as_mut().unwrap()));
    check(disk, &facts(), "ok disk 21.4 GB are free");
    check(disk, &with(|disk| disk.free_bytes = 900_000_000), "note disk only 900 MB are free");
    check(
        disk,
        &with(|disk| disk.free_bytes = 1_000),
        "wrong disk 1 kB are free next: make room, or keep less: depeche.toml [keep] says for how long; the wire goes \
         on by itself",
    );
    check(
        disk,
        &with(|disk| disk.read_only = true),
        "wrong disk the file system is mounted read-only next: look into the system's log for why, and mount it for \
         writing",
    );
    check(disk, &but(|facts| facts.disk = None), "nothing");
}

#[test]
fn clocks() {
    const SET: &str = "next: set the clock (timedatectl set-ntp true) before the wire goes on";
    check(clock, &facts(), "ok clock it says 2026-03-01 12:00:00 UTC");
    let later = "2026-03-01T12:06:00Z".parse().ok();
    check(
        clock,
        &with_figures(|figures| figures.last_entry_at = later),
        &format!(
            "wrong clock it says 2026-03-01 12:00:00 UTC; the newest entry of the wire is of 2026-03-01T12:06:00Z {SET}"
        ),
    );
    check(
        clock,
        &but(|facts| facts.written_at = later),
        &format!(
            "wrong clock it says 2026-03-01 12:00:00 UTC; the file system wrote the store at 2026-03-01T12:06:00Z {SET}"
        ),
    );
    check(
        clock,
        &but(|facts| facts.now = "1970-01-01T00:00:10Z".parse().unwrap()),
        &format!("wrong clock it says 1970-01-01 00:00:10 UTC, before this program was made {SET}"),
    );
}

#[test]
fn stores() {
    const RESTORE: &str = "next: stop the wire, keep a copy of the folder, and bring back the last backup with \
                           `depeche restore --replace`";
    let with = |store| but(|facts| facts.store = Some(store));
    check(store, &facts(), "ok store whole at a quick look; 90 items, 12 MB, schema 2");
    check(
        store,
        &with(Err(Unreadable::Foreign)),
        &format!("wrong store depeche.sqlite is not a database {RESTORE}"),
    );
    check(
        store,
        &with(Err(Unreadable::Failed("no such table".to_owned()))),
        &format!("wrong store it cannot be read: no such table {RESTORE}"),
    );
    check(
        store,
        &with_inspection(|seen| seen.damage = vec!["page 3 is torn".to_owned()]),
        &format!("wrong store it is damaged: page 3 is torn {RESTORE}"),
    );
    check(
        store,
        &with_inspection(|seen| seen.schema = 3),
        "wrong store its schema is 3, this program knows up to 2 next: use a newer depeche",
    );
    check(
        store,
        &with_inspection(|seen| seen.schema = 1),
        "note store whole at a quick look; its schema is 1, the next start brings it to 2",
    );
    check(
        store,
        &with_inspection(|seen| seen.figures = None),
        &format!("wrong store the database holds no wire {RESTORE}"),
    );
    check(store, &but(|facts| facts.store = None), "nothing");
}

#[test]
fn indexes() {
    const REBUILD: &str = "next: start the wire anew (`depeche run`): it builds the index from the store by itself, \
                           nothing is lost";
    let with = |found| but(|facts| facts.index = Some(found));
    check(index, &facts(), "ok index 88 documents, up to date");
    check(index, &with(open(90, 80)), "note index 10 entries behind the wire, 80 documents");
    check(
        index,
        &with(open(100, 87)),
        "wrong index it holds 87 documents, the store has 88 items to be found next: remove the folder `index` in the \
         data folder and start the wire: it is built anew",
    );
    check(index, &running(with(open(100, 87))), "note index 87 documents, the store has 88 items");
    check(
        index,
        &with(Index::Missing),
        &format!("wrong index it is missing, so nothing can be found {REBUILD}"),
    );
    check(index, &running(with(Index::Missing)), "note index it is being built");
    check(
        index,
        &with(Index::Unreadable("torn".to_owned())),
        &format!("wrong index it cannot be opened: torn {REBUILD}"),
    );
    check(index, &with(Index::OutOfReach), "note index this user may not open it");
    let other = Index::Open { cursor: Some(Cursor { epoch: 6, seq: 100 }), documents: 88 };
    check(
        index,
        &with(other),
        &format!("wrong index it belongs to another life of the store {REBUILD}"),
    );
    check(
        index,
        &with(open(101, 88)),
        &format!("wrong index it belongs to another life of the store {REBUILD}"),
    );
    check(index, &but(|facts| facts.store = Some(Err(Unreadable::Foreign))), "nothing");
}

#[test]
fn work_that_waits() {
    check(waiting, &facts(), "ok waiting work everything that came in is read; no page is wanted");
    let pages = with_figures(|figures| {
        figures.pages_wanted = 4;
        figures.oldest_page_due_at = "2026-03-01T09:00:00Z".parse().ok();
    });
    check(
        waiting,
        &pages,
        "ok waiting work everything that came in is read; 4 pages are wanted, the oldest since 3 h",
    );
    let unread = with_figures(|figures| {
        figures.deliveries_waiting = 2;
        figures.oldest_delivery_at = "2026-03-01T11:45:00Z".parse().ok();
    });
    let said =
        "waiting work 2 deliveries are not read yet, the oldest since 15 min; no page is wanted";
    check(waiting, &unread, &format!("note {said}"));
    check(
        waiting,
        &running(unread),
        &format!(
            "wrong {said} next: the log of the wire says why it does not get on; start it anew, nothing is lost"
        ),
    );
}

#[test]
fn sources_that_fail() {
    check(sources, &facts(), "ok sources 3 feeds, none fails");
    check(
        sources,
        &with_figures(|figures| figures.sources_well = 0),
        "note sources no feed is listened to; `depeche source add` adds one",
    );
    let failing = |well| {
        with_inspection(|seen| {
            let figures = seen.figures.as_mut().unwrap();
            (figures.sources_well, figures.sources_failing) = (well, 2);
            let failure = |word: &str| FailureNote { word: word.to_owned(), detail: String::new() };
            seen.silent = vec![
                Silent {
                    name: "Le Fil".to_owned(),
                    failures: 9,
                    succeeded_at: None,
                    failure: failure("dns"),
                },
                Silent {
                    name: "L'Écho".to_owned(),
                    failures: 2,
                    succeeded_at: "2026-02-20T12:00:00Z".parse().ok(),
                    failure: failure("timeout"),
                },
            ];
        })
    };
    let worst = "- Le Fil: never answered, the server’s name does not exist (9×); next: check how its name is written, and \
                 this machine's name server - L'Écho: no answer for 9 days, the server takes too long (2×)";
    check(sources, &failing(1), &format!("note sources 2 of 3 feeds fail {worst}"));
    check(
        sources,
        &failing(0),
        &format!(
            "wrong sources 2 of 2 feeds fail {worst} next: when all fail, the reason is most often here: the network, \
             the name server, a firewall"
        ),
    );
    let mut many = failing(1);
    let seen = many.store.as_mut().unwrap().as_mut().unwrap();
    seen.figures.as_mut().unwrap().sources_failing = 9;
    check(
        sources,
        &many,
        &format!(
            "note sources 9 of 10 feeds fail {worst} - and 7 more: `depeche source list` shows all"
        ),
    );
}

#[test]
fn folders_that_are_watched() {
    let watching = |failure: Option<FailureNote>| {
        with_inspection(|seen| {
            let (name, path) = ("Dépôt".to_owned(), "/srv/depot".into());
            seen.folders = vec![WatchedSeen { name, path, failure }];
        })
    };
    check(watched, &facts(), "nothing");
    check(watched, &watching(None), "ok watched the watched folder can be taken in");
    let missing =
        FailureNote { word: "folder_missing".to_owned(), detail: "\"/srv/depot\"".to_owned() };
    let why = depeche_web::why_in_english("folder_missing");
    let expected = format!(
        "wrong watched 1 of 1 watched folders cannot be taken in - Dépôt: {why}: \"/srv/depot\"; next: bring the \
         folder back, or stop watching it: `depeche source remove` next: do what is said of each; what lies in them \
         is taken then"
    );
    check(watched, &watching(Some(missing)), &expected);
}
