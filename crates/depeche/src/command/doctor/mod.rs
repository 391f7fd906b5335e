//! `depeche doctor`: whether the wire is well, and what to do where it is not. Facts are gathered
//! first (`facts`); each check is a function of them.

mod facts;

use depeche_news::{
    Cursor,
    jiff::{SignedDuration, Timestamp},
};
use depeche_store::{Checked, Figures, Inspection, Silent, Trouble, TroubleKind};
use serde::Serialize;
use serde_json::json;

use crate::{
    arguments::Doctor,
    command::source::next_step,
    telling::{self, Told},
};

/// Checks the wire of a data folder; fails, with nothing more to say, when something is wrong.
pub(crate) fn doctor(asked: &Doctor) -> anyhow::Result<()> {
    let facts = facts::gather(&asked.data.folder, asked.thorough);
    let found: Vec<Finding> = CHECKS.iter().filter_map(|check| check(&facts)).collect();
    let wrong = found.iter().filter(|finding| finding.verdict == Verdict::Wrong).count();
    if asked.json {
        telling::answer(&json!({ "wrong": wrong, "checks": found }).to_string())?;
    } else {
        found.iter().try_for_each(|finding| telling::answer(&finding.line()))?;
    }
    if wrong > 0 { Err(Told.into()) } else { Ok(()) }
}

/// The checks in the order in which one stands on the other. A check that has nothing to look at,
/// because one before it failed, finds nothing.
const CHECKS: [fn(&Facts) -> Option<Finding>; 12] = [
    configuration,
    folder,
    processes,
    trouble,
    disk,
    clock,
    store,
    index,
    waiting,
    sources,
    watched,
    hubs,
];

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Worth knowing; nothing has to be done.
    Note,
    Wrong,
}

/// What a check found.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    /// What is so, in a sentence.
    said: String,
    /// What is so of each, where it is of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    each: Vec<String>,
    /// What to do next; always there when something is wrong.
    next: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, said: impl Into<String>) -> Option<Self> {
        Some(Self { check, verdict: Verdict::Ok, said: said.into(), each: Vec::new(), next: None })
    }

    fn note(check: &'static str, said: impl Into<String>) -> Option<Self> {
        Some(Self {
            check,
            verdict: Verdict::Note,
            said: said.into(),
            each: Vec::new(),
            next: None,
        })
    }

    fn wrong(
        check: &'static str,
        said: impl Into<String>,
        next: impl Into<String>,
    ) -> Option<Self> {
        let (said, next) = (said.into(), Some(next.into()));
        Some(Self { check, verdict: Verdict::Wrong, said, each: Vec::new(), next })
    }

    fn line(&self) -> String {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Wrong => "wrong",
        };
        let line = format!("{verdict:<5}  {:<13}  {}", self.check, self.said);
        let line = self.each.iter().fold(line, |line, one| format!("{line}\n{:22}- {one}", ""));
        match &self.next {
            Some(next) => format!("{line}\n{:22}next: {next}", ""),
            None => line,
        }
    }
}

/// What the checks look at.
#[derive(Clone, Debug)]
struct Facts {
    now: Timestamp,
    /// The configuration file that was read, or what is wrong with it.
    configuration: Result<Option<String>, String>,
    folder: Folder,
    /// The works that a process has the lease of, and which one.
    processes: Vec<Process>,
    /// What the process that collects says keeps it from taking in.
    trouble: Option<Trouble>,
    disk: Option<Disk>,
    /// When the newest file of the store was written, by the clock of the file system.
    written_at: Option<Timestamp>,
    store: Option<Result<Inspection, Unreadable>>,
    index: Option<Index>,
}

#[derive(Clone, Debug)]
enum Folder {
    Missing,
    Unreachable(String),
    SomethingElse,
    There(Permissions),
}

#[derive(Clone, Debug)]
struct Permissions {
    name: String,
    /// Whether it holds a store.
    has_store: bool,
    owner: u32,
    us: u32,
    /// The first of what others than the owner may read, if they may enter.
    readable: Option<String>,
    writable: bool,
}

#[derive(Clone, Debug)]
struct Process {
    work: &'static str,
    /// Its number and its name, where the system tells.
    who: Option<String>,
}

#[derive(Clone, Debug)]
struct Disk {
    free_bytes: u64,
    /// Whether no further file can be made.
    no_files_left: bool,
    read_only: bool,
}

/// Why a store could not be inspected.
#[derive(Clone, Debug)]
enum Unreadable {
    /// It is no file of SQLite's.
    Foreign,
    /// It gave no answer in the time it had.
    Silent,
    Failed(String),
}

#[derive(Clone, Debug)]
enum Index {
    Missing,
    Unreadable(String),
    /// This user may not open it, which says nothing about it.
    OutOfReach,
    Open {
        cursor: Option<Cursor>,
        documents: u64,
    },
}

impl Facts {
    fn inspection(&self) -> Option<&Inspection> {
        self.store.as_ref()?.as_ref().ok()
    }

    fn figures(&self) -> Option<&Figures> {
        self.inspection()?.figures.as_ref()
    }

    fn does(&self, work: &str) -> bool {
        self.processes.iter().any(|process| process.work == work)
    }
}

fn configuration(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "configuration";
    match &facts.configuration {
        Ok(Some(file)) => Finding::ok(NAME, format!("{file} is in order")),
        Ok(None) => Finding::ok(NAME, "no file; flags, environment and defaults hold"),
        Err(why) => Finding::wrong(
            NAME,
            why,
            "correct the file; `depeche config check` checks it, `depeche config show` prints every key",
        ),
    }
}

fn folder(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "folder";
    let there = match &facts.folder {
        Folder::Missing => {
            return Finding::wrong(
                NAME,
                "the data folder is not there",
                "--data names it; `depeche run` makes a new wire, `depeche restore` brings one back",
            );
        }
        Folder::Unreachable(why) => {
            let said = format!("the data folder cannot be looked into: {why}");
            return Finding::wrong(NAME, said, "run doctor as the user that runs the wire");
        }
        Folder::SomethingElse => {
            return Finding::wrong(NAME, "what --data names is not a folder", "name a folder");
        }
        Folder::There(there) => there,
    };
    let Permissions { name, owner, us, .. } = there;
    if !there.has_store {
        return Finding::wrong(
            NAME,
            format!("there is no wire in {name}"),
            "--data names the folder of a wire; `depeche run`, `import` and `source add` make a new one",
        );
    }
    if !there.writable && facts.processes.is_empty() {
        return Finding::wrong(
            NAME,
            format!("user {us} may not write to {name}, which belongs to user {owner}"),
            format!("run the wire as user {owner}, or give it the folder: chown -R {us} {name}"),
        );
    }
    if let Some(what) = &there.readable {
        return Finding::note(
            NAME,
            format!("{name} can be entered by others, who may read {what}: chmod 700 {name}"),
        );
    }
    if owner != us {
        return Finding::note(
            NAME,
            format!(
                "{name} belongs to user {owner}; what user {us} makes in it, the wire may not write to"
            ),
        );
    }
    Finding::ok(NAME, format!("{name} is ours alone"))
}

fn processes(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "processes";
    let Folder::There(_) = facts.folder else { return None };
    if facts.processes.is_empty() {
        return Finding::note(
            NAME,
            "no process collects, takes in or indexes: the wire does not run",
        );
    }
    let told = facts.processes.iter().map(|process| match &process.who {
        Some(who) => format!("{who} {}", process.work),
        None => format!("a process {}", process.work),
    });
    Finding::ok(NAME, told.collect::<Vec<_>>().join(", "))
}

fn trouble(facts: &Facts) -> Option<Finding> {
    let trouble = facts.trouble.as_ref()?;
    let next = match trouble.kind {
        TroubleKind::DiskFull => "make room; the wire goes on by itself within seconds",
        TroubleKind::ReadOnly => "make the folder writable again; the wire goes on by itself",
        TroubleKind::Damaged => {
            "stop the wire and bring back the last backup with `depeche restore --replace`"
        }
        TroubleKind::Clock => {
            "set this machine's clock; the wire goes on by itself within a minute"
        }
        TroubleKind::Other => "look into the wire's log and the system's for what failed",
    };
    Finding::wrong("trouble", format!("nothing is taken in: {trouble}"), next)
}

/// Below this, a busy day may fill the disk before anybody looks.
const FREE_BYTES_NOTED: u64 = 1 << 30;

/// Below this, one merge of the index or one checkpoint of the store can fail.
const FREE_BYTES_MIN: u64 = 64 << 20;

fn disk(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "disk";
    const ROOM: &str = "make room, or keep less: depeche.toml [keep] says for how long; the wire goes on by itself";
    let disk = facts.disk.as_ref()?;
    let free = bytes(disk.free_bytes);
    if disk.read_only {
        return Finding::wrong(
            NAME,
            "the file system is mounted read-only",
            "look into the system's log for why, and mount it for writing",
        );
    }
    if disk.no_files_left {
        return Finding::wrong(NAME, "the file system can hold no further file", ROOM);
    }
    match disk.free_bytes {
        free_bytes if free_bytes < FREE_BYTES_MIN => {
            Finding::wrong(NAME, format!("{free} are free"), ROOM)
        }
        free_bytes if free_bytes < FREE_BYTES_NOTED => {
            Finding::note(NAME, format!("only {free} are free"))
        }
        _ => Finding::ok(NAME, format!("{free} are free")),
    }
}

/// Further than this ahead of us, a time was told by another clock than ours.
const CLOCK_WRONG_BY: SignedDuration = SignedDuration::from_mins(5);

/// The clock of a machine that lost its time stands at its beginning; this program is younger.
const BEFORE_US: &str = "2026-01-01T00:00:00Z";

fn clock(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "clock";
    const SET: &str = "set the clock (timedatectl set-ntp true) before the wire goes on";
    let Folder::There(_) = facts.folder else { return None };
    let now = facts.now;
    let shown = now.strftime("%Y-%m-%d %H:%M:%S UTC");
    if BEFORE_US.parse().is_ok_and(|before: Timestamp| now < before) {
        return Finding::wrong(NAME, format!("it says {shown}, before this program was made"), SET);
    }
    let ahead = |at: Timestamp| at.duration_since(now) > CLOCK_WRONG_BY;
    let entry = facts.figures().and_then(|figures| figures.last_entry_at);
    if let Some(at) = entry.filter(|at| ahead(*at)) {
        let said = format!("it says {shown}; the newest entry of the wire is of {at}");
        return Finding::wrong(NAME, said, SET);
    }
    if let Some(at) = facts.written_at.filter(|at| ahead(*at)) {
        let said = format!("it says {shown}; the file system wrote the store at {at}");
        return Finding::wrong(NAME, said, SET);
    }
    Finding::ok(NAME, format!("it says {shown}"))
}

fn store(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "store";
    const RESTORE: &str = "stop the wire, keep a copy of the folder, and bring back the last backup with `depeche restore --replace`";
    let inspection = match facts.store.as_ref()? {
        Ok(inspection) => inspection,
        Err(Unreadable::Foreign) => {
            return Finding::wrong(NAME, "depeche.sqlite is not a database", RESTORE);
        }
        Err(Unreadable::Silent) => {
            let said = "it gave no answer in a minute";
            return Finding::wrong(
                NAME,
                said,
                "look whether the disk is well, then try --thorough",
            );
        }
        Err(Unreadable::Failed(why)) => {
            return Finding::wrong(NAME, format!("it cannot be read: {why}"), RESTORE);
        }
    };
    let Inspection { schema, known, damage, checked, .. } = inspection;
    if !damage.is_empty() {
        return Finding::wrong(NAME, format!("it is damaged: {}", damage.join("; ")), RESTORE);
    }
    if schema > known {
        let said = format!("its schema is {schema}, this program knows up to {known}");
        return Finding::wrong(NAME, said, "use a newer depeche");
    }
    let looked = match checked {
        Checked::Quickly => "whole at a quick look",
        Checked::Thoroughly => "whole",
        Checked::InPart => {
            "too large for a quick look (--thorough takes its time); what was seen is whole"
        }
    };
    match (facts.figures(), schema < known) {
        (None, _) => Finding::wrong(NAME, "the database holds no wire", RESTORE),
        (Some(_), true) => Finding::note(
            NAME,
            format!("{looked}; its schema is {schema}, the next start brings it to {known}"),
        ),
        (Some(figures), false) => Finding::ok(
            NAME,
            format!("{looked}; {} items, {}, schema {schema}", figures.items, bytes(figures.bytes)),
        ),
    }
}

fn index(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "index";
    const REBUILD: &str = "start the wire anew (`depeche run`): it builds the index from the store by itself, nothing is lost";
    let (figures, indexable) = (facts.figures()?, facts.inspection()?.indexable);
    let followed = facts.does("indexes");
    let (cursor, documents) = match facts.index.as_ref()? {
        Index::Missing if indexable == 0 => return Finding::ok(NAME, "nothing to search yet"),
        Index::Missing if followed => return Finding::note(NAME, "it is being built"),
        Index::Missing => {
            return Finding::wrong(NAME, "it is missing, so nothing can be found", REBUILD);
        }
        Index::OutOfReach => return Finding::note(NAME, "this user may not open it"),
        Index::Unreadable(why) => {
            return Finding::wrong(NAME, format!("it cannot be opened: {why}"), REBUILD);
        }
        Index::Open { cursor, documents } => (*cursor, *documents),
    };
    let ours = cursor
        .filter(|cursor| cursor.epoch == figures.cursor.epoch && cursor.seq <= figures.cursor.seq);
    let Some(cursor) = ours else {
        let said = "it belongs to another life of the store";
        return if followed {
            Finding::note(NAME, said)
        } else {
            Finding::wrong(NAME, said, REBUILD)
        };
    };
    let behind = figures.cursor.seq - cursor.seq;
    match behind {
        1.. => {
            Finding::note(NAME, format!("{behind} entries behind the wire, {documents} documents"))
        }
        0 if documents == indexable => {
            Finding::ok(NAME, format!("{documents} documents, up to date"))
        }
        // Read one after the other while the wire goes on, the two may differ by what came between.
        0 if followed => {
            Finding::note(NAME, format!("{documents} documents, the store has {indexable} items"))
        }
        0 => Finding::wrong(
            NAME,
            format!("it holds {documents} documents, the store has {indexable} items to be found"),
            "remove the folder `index` in the data folder and start the wire: it is built anew",
        ),
    }
}

/// A delivery is read within a second; one that waits so long waits for something else.
const WAITING_WRONG_AFTER: SignedDuration = SignedDuration::from_mins(10);

fn waiting(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "waiting work";
    let figures = facts.figures()?;
    let since =
        |at: Option<Timestamp>| at.map(|at| facts.now.duration_since(at)).unwrap_or_default();
    let (unread, oldest) = (figures.deliveries_waiting, since(figures.oldest_delivery_at));
    let pages = match figures.pages_wanted {
        0 => "no page is wanted".to_owned(),
        count => format!(
            "{count} pages are wanted, the oldest since {}",
            duration(since(figures.oldest_page_due_at))
        ),
    };
    if unread == 0 {
        return Finding::ok(NAME, format!("everything that came in is read; {pages}"));
    }
    let said = format!(
        "{unread} deliveries are not read yet, the oldest since {}; {pages}",
        duration(oldest)
    );
    if facts.does("takes in") && oldest > WAITING_WRONG_AFTER {
        return Finding::wrong(
            NAME,
            said,
            "the log of the wire says why it does not get on; start it anew, nothing is lost",
        );
    }
    Finding::note(NAME, said)
}

fn sources(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "sources";
    let (figures, inspection) = (facts.figures()?, facts.inspection()?);
    let (well, failing) = (figures.sources_well, figures.sources_failing);
    let said = match (well + failing, failing) {
        (0, _) => {
            return Finding::note(NAME, "no feed is listened to; `depeche source add` adds one");
        }
        (all, 0) => return Finding::ok(NAME, format!("{all} feeds, none fails")),
        (all, failing) => format!("{failing} of {all} feeds fail"),
    };
    let mut each: Vec<String> =
        inspection.silent.iter().map(|source| silent(source, facts.now)).collect();
    let more = failing.saturating_sub(each.len() as u64);
    each.extend((more > 0).then(|| format!("and {more} more: `depeche source list` shows all")));
    let all =
        "when all fail, the reason is most often here: the network, the name server, a firewall";
    let found = match well == 0 && failing > 1 {
        true => Finding::wrong(NAME, said, all),
        false => Finding::note(NAME, said),
    };
    found.map(|found| Finding { each, ..found })
}

/// Says only where folders are watched: few are.
fn watched(facts: &Facts) -> Option<Finding> {
    const NAME: &str = "watched";
    let folders = &facts.inspection()?.folders;
    let failing = folders.iter().filter_map(|folder| Some((folder, folder.failure.as_ref()?)));
    let each: Vec<String> = failing
        .clone()
        .map(|(folder, failure)| {
            let why = depeche_web::why_in_english(&failure.word);
            format!("{}: {why}: {}{}", folder.name, failure.detail, next(&failure.word))
        })
        .collect();
    match (folders.len(), failing.count()) {
        (0, _) => None,
        (1, 0) => Finding::ok(NAME, "the watched folder can be taken in"),
        (all, 0) => Finding::ok(NAME, format!("all {all} watched folders can be taken in")),
        (all, failing) => {
            let said = format!("{failing} of {all} watched folders cannot be taken in");
            let do_next = "do what is said of each; what lies in them is taken then";
            Finding::wrong(NAME, said, do_next).map(|found| Finding { each, ..found })
        }
    }
}

fn next(word: &str) -> String {
    next_step(word).map(|step| format!("; next: {step}")).unwrap_or_default()
}

/// Says only where something is to be done: few need hubs.
fn hubs(facts: &Facts) -> Option<Finding> {
    let unasked = facts.inspection()?.hubs_unasked;
    if unasked == 0 {
        return None;
    }
    let (feeds, name) = if unasked == 1 { ("feed", "names") } else { ("feeds", "name") };
    Finding::note(
        "hubs",
        format!(
            "{unasked} {feeds} {name} a hub that sends what is new at once, and none is asked: give `depeche run` \
             the address it is reached at, with --base-url"
        ),
    )
}

fn silent(source: &Silent, now: Timestamp) -> String {
    let why = depeche_web::why_in_english(&source.failure.word);
    let since = source.succeeded_at.map_or_else(
        || "never answered".to_owned(),
        |at| format!("no answer for {}", duration(now.duration_since(at))),
    );
    let next = next(&source.failure.word);
    format!("{}: {since}, {why} ({}×){next}", source.name, source.failures)
}

/// A duration as one says it.
fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Bytes as one says them.
fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

#[cfg(test)]
mod tests;
