//! A watched folder, as agencies drop files into one: which of its files are whole, what they hold, and where
//! they go when they are taken.
//!
//! What is there is listed, then judged without looking again ([`Watch::ripe`]); only a file that is still as it
//! was judged is taken. Nothing outside of the folder is ever read or written ([`Root`]).

mod root;

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    hash::{BuildHasher, RandomState},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use depeche_news::{
    jiff::Timestamp,
    limits::pushed::{DONE_ALONE_FOR, EMPTY_FOR, FOLDER_ENTRIES_MAX, FOLDER_FILES_MAX, SETTLE},
};

pub use root::{Mark, Root};

/// Where taken files go, by day.
const TAKEN: &str = "taken";

/// Where refused ones go, each with a text beside it that says why.
const REFUSED: &str = "refused";

/// Names that a file has only until it is whole: of lftp and curl, of WinSCP, of browsers, of editors.
const UNFINISHED: [&str; 5] = [".tmp", ".part", ".filepart", ".crdownload", "~"];

/// When a file is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long it has not changed; `None`: that says nothing.
    pub settle: Option<Duration>,
    /// An empty file of the same name with this at its end says so.
    pub done_suffix: Option<String>,
}

impl Rules {
    /// What the operator said; who has done-files made does not trust in waiting, unless he says so too.
    pub fn new(settle_seconds: Option<u32>, done_suffix: Option<String>) -> Self {
        let told = settle_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
        Self { settle: told.or((done_suffix.is_none()).then_some(SETTLE)), done_suffix }
    }
}

/// A file as it was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path inside the folder.
    pub name: PathBuf,
    /// What it was like.
    pub mark: Mark,
}

/// What stands in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its files and those in the folders below it, without those that were taken and stay.
    pub files: Vec<Listed>,
    /// How many of these have names that no file is taken under.
    unfinished: usize,
    /// Those that stay, by what they are remembered by.
    left: HashSet<u64>,
    /// There are more than are looked at.
    pub more: bool,
    /// Folders below it that could not be listed, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Listing {
    /// A file that has said for long that another is whole, which is not there.
    pub fn alone(&self, rules: &Rules, now: Timestamp) -> Option<&Path> {
        let suffix = rules.done_suffix.as_deref().filter(|suffix| !suffix.is_empty())?;
        let (done, files): (Vec<&Listed>, Vec<&Listed>) = self
            .files
            .iter()
            .partition(|file| ends(&file.name).as_bytes().ends_with(suffix.as_bytes()));
        let said: HashMap<&Path, Mark> = done.iter().map(|file| (&*file.name, file.mark)).collect();
        let heard = files.iter().filter_map(|file| said_by(&file.name, suffix, &said));
        let heard: HashSet<PathBuf> = heard.map(|done| done.name).collect();
        let long = now.as_second() - DONE_ALONE_FOR.as_secs() as i64;
        let mut alone =
            done.iter().filter(|done| done.mark.modified.0 <= long && !heard.contains(&done.name));
        alone.next().map(|done| &*done.name)
    }
}

/// The last part of a name.
fn ends(name: &Path) -> &OsStr {
    name.file_name().unwrap_or_default()
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ripe {
    /// Its path inside the folder.
    pub name: PathBuf,
    /// What it was like when it was judged.
    pub mark: Mark,
    /// The file that says so.
    pub done: Option<Listed>,
}

/// What is remembered of a folder between two looks.
#[derive(Debug, Default)]
pub struct Watch {
    /// Since when each file is as it is.
    since: HashMap<PathBuf, (Mark, Instant)>,
    /// Files that had an unfinished name at the last look.
    unfinished: HashSet<(u64, u64)>,
    /// Files that were taken and stay, or could not be put away: digests of their names and marks, under a key that
    /// nobody knows, since there may be very many.
    left: HashSet<u64>,
    /// Those that could not be read.
    unread: HashSet<u64>,
    key: RandomState,
}

impl Watch {
    /// The files that are whole, in the order they were last written; those that could not be read come last.
    pub fn ripe(&mut self, listing: &Listing, rules: &Rules, now: Instant) -> Vec<Ripe> {
        let files = listing.files.as_slice();
        let suffix = rules.done_suffix.as_deref().filter(|suffix| !suffix.is_empty());
        let is_done = |name: &Path| {
            suffix.is_some_and(|suffix| ends(name).as_bytes().ends_with(suffix.as_bytes()))
        };
        let said = files.iter().filter(|file| is_done(&file.name));
        let said: HashMap<&Path, Mark> = said.map(|file| (&*file.name, file.mark)).collect();
        let mut since = HashMap::with_capacity(files.len());
        let mut unfinished = HashSet::new();
        let mut ripe = Vec::new();
        for Listed { name, mark } in files.iter().filter(|file| !is_done(&file.name)) {
            if is_unfinished(name) {
                unfinished.insert(mark.file);
                continue;
            }
            let known = self.since.get(name).filter(|(before, _)| before == mark);
            let began = known.map_or(now, |(_, began)| *began);
            since.insert(name.clone(), (*mark, began));
            let done = suffix.and_then(|suffix| said_by(name, suffix, &said));
            let renamed = self.unfinished.contains(&mark.file) && mark.bytes > 0;
            let settled = rules.settle.is_some_and(|settle| {
                let wait = if mark.bytes == 0 { settle.max(EMPTY_FOR) } else { settle };
                now.duration_since(began) >= wait
            });
            // A second name is there for a moment where a file gets its name by a link; else it is refused.
            let linked = mark.names > 1 && now.duration_since(began) < SETTLE;
            if (done.is_some() || renamed || settled) && !linked {
                ripe.push(Ripe { name: name.clone(), mark: *mark, done });
            }
        }
        // Of a folder that was not listed to its end, those may be there still that were not seen.
        if !listing.more || self.left.len() > FOLDER_ENTRIES_MAX {
            self.left.clone_from(&listing.left);
        }
        (self.since, self.unfinished) = (since, unfinished);
        let unread = |ripe: &Ripe| self.unread.contains(&self.digest(&ripe.name, &ripe.mark));
        let mut ripe: Vec<(bool, Ripe)> = ripe.into_iter().map(|r| (unread(&r), r)).collect();
        let key = |(unread, ripe): &(bool, Ripe)| (*unread, ripe.mark.modified, ripe.name.clone());
        ripe.sort_by_cached_key(key);
        if self.unread.len() > FOLDER_FILES_MAX {
            self.unread.clear();
        }
        ripe.into_iter().map(|(_, ripe)| ripe).collect()
    }

    /// Takes note of a file that could not be read: it is tried again when the others have had their turn.
    pub fn unreadable(&mut self, ripe: &Ripe) {
        self.unread.insert(self.digest(&ripe.name, &ripe.mark));
    }

    /// Takes note of a file that stays where it is, though it is done with.
    pub fn leave(&mut self, ripe: &Ripe) {
        self.left.insert(self.digest(&ripe.name, &ripe.mark));
        let done = ripe.done.as_ref().map(|done| self.digest(&done.name, &done.mark));
        self.left.extend(done);
    }

    /// What a file that stays is remembered by, if it is one that does.
    fn left(&self, name: &Path, mark: &Mark) -> Option<u64> {
        Some(self.digest(name, mark)).filter(|digest| self.left.contains(digest))
    }

    fn digest(&self, name: &Path, mark: &Mark) -> u64 {
        self.key.hash_one((name, mark))
    }
}

/// A name that a file has only until it is whole; hidden ones are such too.
fn is_unfinished(name: &Path) -> bool {
    let name = ends(name).to_string_lossy();
    let lower = name.to_ascii_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|end| lower.ends_with(end))
}

/// The file that says that this one is whole: `a.xml.done`, or `a.done`.
fn said_by(name: &Path, suffix: &str, said: &HashMap<&Path, Mark>) -> Option<Listed> {
    let beside = |stem: &OsStr| {
        let mut done = stem.to_owned();
        done.push(suffix);
        name.with_file_name(done)
    };
    let found = [ends(name), name.file_stem().unwrap_or_default()].map(beside);
    found.into_iter().find_map(|name| said.get(&*name).map(|&mark| Listed { name, mark }))
}

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It is not as it was when it was judged; it is looked at again.
    Changed,
    /// It cannot be read; it stays.
    Unreadable(String),
    /// It is nothing that we take.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use std::{fs, io, os::unix::fs::symlink};

    use depeche_news::limits::pushed::BODY_BYTES_MAX;

    use super::*;

    fn file(name: &str, bytes: u64, number: u64) -> Listed {
        let mark = Mark { bytes, modified: (number as i64, 0), file: (1, number), names: 1 };
        Listed { name: PathBuf::from(name), mark }
    }

    fn settling() -> Rules {
        Rules::new(Some(3), None)
    }

    fn listing(files: &[Listed]) -> Listing {
        Listing { files: files.to_vec(), ..Listing::default() }
    }

    /// What is ripe at each look, a second after the one before.
    #[track_caller]
    fn check(rules: &Rules, looks: &[&[Listed]], expected: &[&[&str]]) {
        let (mut watch, start) = (Watch::default(), Instant::now());
        let mut told = Vec::new();
        for (second, files) in looks.iter().enumerate() {
            let now = start + Duration::from_secs(second as u64);
            let ripe = watch.ripe(&listing(files), rules, now);
            told.push(ripe.iter().map(|r| r.name.display().to_string()).collect::<Vec<_>>());
        }
        assert_eq!(told, expected);
    }

    #[test]
    fn a_file_is_whole_when_it_has_not_changed_for_a_while() {
        let (half, whole) = ([file("a.xml", 10, 1)], [file("a.xml", 20, 1)]);
        let looks: [&[Listed]; 6] = [&half, &half, &whole, &whole, &whole, &whole];
        check(&settling(), &looks, &[&[], &[], &[], &[], &[], &["a.xml"]]);
    }

    #[test]
    fn an_empty_file_waits_for_its_bytes() {
        let empty = [file("a.xml", 0, 1)];
        let mut watch = Watch::default();
        let start = Instant::now();
        let empty = listing(&empty);
        let mut ripe_after =
            |seconds| watch.ripe(&empty, &settling(), start + Duration::from_secs(seconds)).len();
        assert_eq!((ripe_after(0), ripe_after(10), ripe_after(20)), (0, 0, 1));
    }

    #[test]
    fn a_name_says_that_a_file_is_not_whole() {
        let names = [".a.xml", "a.xml.tmp", "a.PART", "a.xml.filepart", "a.crdownload", "a.xml~"];
        let files: Vec<Listed> = names.iter().map(|name| file(name, 9, 1)).collect();
        check(&settling(), &[&files, &[], &files, &files, &files, &files], &[&[] as &[&str]; 6]);
    }

    #[test]
    fn what_is_renamed_into_its_place_is_whole_at_once() {
        let (before, after) = ([file("a.xml.part", 9, 1)], [file("a.xml", 9, 1)]);
        check(&settling(), &[&before, &after], &[&[], &["a.xml"]]);
        let (before, other) = ([file("a.xml.part", 9, 1)], [file("a.xml", 9, 2)]);
        check(&settling(), &[&before, &other], &[&[], &[]]);
    }

    #[test]
    fn a_done_file_says_that_one_is_whole_and_nothing_else_does() {
        let rules = Rules::new(None, Some(".done".to_owned()));
        assert_eq!(rules.settle, None);
        let alone = [file("a.xml", 9, 2), file("b.xml", 9, 1)];
        let both = [
            file("a.xml", 9, 2),
            file("a.xml.done", 0, 3),
            file("b.xml", 9, 1),
            file("b.done", 0, 4),
        ];
        let looks: [&[Listed]; 5] = [&alone, &alone, &alone, &alone, &both];
        check(&rules, &looks, &[&[], &[], &[], &[], &["b.xml", "a.xml"]]);
        let either = Rules::new(Some(1), Some(".done".to_owned()));
        check(&either, &[&alone, &alone], &[&[], &["b.xml", "a.xml"]]);
    }

    #[test]
    fn a_done_file_that_is_alone_for_a_day_is_told() {
        let rules = Rules::new(None, Some(".done".to_owned()));
        let files = [
            file("a.xml", 9, 1),
            file("a.xml.done", 0, 1),
            file("b.xml", 9, 1),
            file("b.done", 0, 1),
            file("c.xml.done", 0, 7),
        ];
        let listing = listing(&files);
        let alone = |second| listing.alone(&rules, Timestamp::from_second(second).unwrap());
        assert_eq!((alone(86_406), alone(86_407)), (None, Some(Path::new("c.xml.done"))));
        assert_eq!(listing.alone(&settling(), Timestamp::MAX), None);
    }

    #[test]
    fn what_is_left_there_is_taken_once_for_each_state() {
        let inside = folder(&[("a.xml", b"1")]);
        let (path, root) = (inside.path(), root(inside.path()));
        let (mut watch, now) = (Watch::default(), Instant::now());
        let at_once = Rules::new(Some(0), None);
        let mut look = |leave: bool| {
            let ripe = watch.ripe(&root.list(&watch).unwrap(), &at_once, now);
            ripe.iter().filter(|_| leave).for_each(|ripe| watch.leave(ripe));
            ripe.len()
        };
        assert_eq!((look(true), look(true), look(true)), (1, 0, 0));
        fs::write(path.join("a.xml"), b"longer").unwrap();
        assert_eq!((look(false), look(true), look(true)), (1, 1, 0));
        // What is gone is forgotten, and nothing remembered in its place.
        fs::rename(path.join("a.xml"), path.join("b.xml")).unwrap();
        assert_eq!((look(true), watch.left.len()), (1, 1));
    }

    /// Folders that nobody clears grow for years.
    #[test]
    fn what_stays_keeps_nothing_new_from_being_seen() {
        let inside = folder(&[]);
        let (path, root) = (inside.path(), root(inside.path()));
        for number in 0..=FOLDER_FILES_MAX {
            fs::write(path.join(format!("{number}.xml")), b"1").unwrap();
        }
        let (mut watch, now) = (Watch::default(), Instant::now());
        let at_once = Rules::new(Some(0), None);
        let listing = root.list(&watch).unwrap();
        assert!(listing.more, "it is told that not all are seen at once");
        for ripe in watch.ripe(&listing, &at_once, now) {
            watch.leave(&ripe);
        }
        fs::write(path.join("new.xml"), b"1").unwrap();
        let listing = root.list(&watch).unwrap();
        assert!(!listing.more);
        assert_eq!(watch.ripe(&listing, &at_once, now).len(), 2);
    }

    /// Whoever may write into a folder may link any file into it, and see it on the wire if it is taken.
    #[test]
    fn a_file_with_a_second_name_is_refused() {
        let outside = folder(&[("administrator.token", b"<rss/>")]);
        let inside = folder(&[("own.xml", b"<rss/>")]);
        let path = inside.path();
        fs::hard_link(outside.path().join("administrator.token"), path.join("a.xml")).unwrap();
        let told = |name: &str| root(path).read(&ripe(path, name));
        assert!(matches!(told("a.xml"), Err(NotTaken::Refused(why)) if why.contains("hard link")));
        assert_eq!(told("own.xml"), Ok(b"<rss/>".to_vec()));
        // A link that comes after it was judged.
        let judged = ripe(path, "own.xml");
        fs::hard_link(path.join("own.xml"), outside.path().join("own.xml")).unwrap();
        assert_eq!(root(path).read(&judged), Err(NotTaken::Changed));
    }

    #[test]
    fn a_file_that_gets_its_name_by_a_link_has_two_for_a_moment() {
        let part = file("a.xml.part", 9, 1);
        let mut both = file("a.xml", 9, 1);
        both.mark.names = 2;
        let after = file("a.xml", 9, 1);
        let (first, second) = ([part.clone()], [part, both.clone()]);
        let looks: [&[Listed]; 3] = [&first, &second, &[after]];
        check(&settling(), &looks, &[&[], &[], &["a.xml"]]);
        let both = [both];
        check(
            &Rules::new(Some(0), None),
            &[&both, &both, &both, &both],
            &[&[], &[], &[], &["a.xml"]],
        );
    }

    /// A program that dies leaves its partial files behind for good.
    #[test]
    fn names_that_are_never_taken_keep_no_file_from_being_seen() {
        let inside = folder(&[("own.xml", b"1")]);
        for number in 0..=FOLDER_FILES_MAX {
            fs::write(inside.path().join(format!("{number}.tmp")), b"").unwrap();
        }
        let listing = root(inside.path()).list(&Watch::default()).unwrap();
        assert!(!listing.more);
        let ripe = Watch::default().ripe(&listing, &Rules::new(Some(0), None), Instant::now());
        assert_eq!(ripe.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_waits_for_the_others() {
        let files = [file("old.xml", 9, 1), file("new.xml", 9, 2)];
        let (mut watch, now) = (Watch::default(), Instant::now());
        let mut look = || {
            let ripe = watch.ripe(&listing(&files), &Rules::new(Some(0), None), now);
            watch.unreadable(&ripe[0]);
            ripe[0].name.display().to_string()
        };
        assert_eq!(
            (look(), look(), look()),
            ("old.xml".into(), "new.xml".into(), "old.xml".into())
        );
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn root(folder: &Path) -> Root {
        Root::open(folder).unwrap()
    }

    fn listed(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = root(folder)
            .list(&Watch::default())
            .unwrap()
            .files
            .iter()
            .map(|file| file.name.display().to_string())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_looked_into_but_never_out_of() {
        let outside = folder(&[("secret.xml", b"x")]);
        let inside = folder(&[
            ("a.xml", b"x"),
            ("sub/b.xml", b"x"),
            ("1/2/3/4/deep.xml", b"x"),
            ("1/2/3/4/5/deeper.xml", b"x"),
            ("taken/2016-02-11/c.xml", b"x"),
            ("refused/d.xml", b"x"),
            (".hidden/e.xml", b"x"),
        ]);
        let link = |from: &Path, name: &str| {
            symlink(from, inside.path().join(name)).unwrap();
        };
        link(outside.path(), "way-out");
        link(&outside.path().join("secret.xml"), "secret.xml");
        assert_eq!(listed(inside.path()), ["1/2/3/4/deep.xml", "a.xml", "sub/b.xml"]);
    }

    fn ripe(folder: &Path, name: &str) -> Ripe {
        let mark = root(folder).mark(Path::new(name)).unwrap();
        Ripe { name: PathBuf::from(name), mark, done: None }
    }

    #[test]
    fn a_file_is_read_out_of_its_gzip_and_within_its_limit() {
        let gzip = |bytes: &[u8]| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            io::Write::write_all(&mut packed, bytes).unwrap();
            packed.finish().unwrap()
        };
        let bomb = gzip(&vec![b' '; BODY_BYTES_MAX + 1]);
        let inside = folder(&[
            ("a.xml", b"<rss/>"),
            ("a.xml.gz", &gzip(b"<rss/>")),
            ("bomb.gz", &bomb),
            ("broken.gz", &[0x1f, 0x8b, 8, 0, 0]),
            ("all.zip", b"PK\x03\x04rest"),
            ("empty.xml", b""),
            ("large.xml", &vec![b' '; BODY_BYTES_MAX + 1]),
        ]);
        let told = |name: &str| root(inside.path()).read(&ripe(inside.path(), name));
        assert_eq!(told("a.xml"), Ok(b"<rss/>".to_vec()));
        assert_eq!(told("a.xml.gz"), Ok(b"<rss/>".to_vec()));
        for (name, why) in [
            ("bomb.gz", "more than 16 MiB when unpacked"),
            ("all.zip", "a zip archive: unpack it, and give the files that are in it"),
            ("empty.xml", "it is empty"),
            ("large.xml", "more than 16 MiB"),
        ] {
            assert_eq!(told(name), Err(NotTaken::Refused(why.to_owned())));
        }
        assert!(matches!(told("broken.gz"), Err(NotTaken::Refused(_))));
    }

    #[test]
    fn only_a_file_that_is_as_it_was_judged_is_taken() {
        let inside = folder(&[("a.xml", b"one"), ("b.xml", b"two")]);
        let path = inside.path();
        let read = |judged: &Ripe| root(path).read(judged);
        let judged = ripe(path, "a.xml");
        fs::write(path.join("a.xml"), b"longer").unwrap();
        assert_eq!(read(&judged), Err(NotTaken::Changed));
        let judged = ripe(path, "b.xml");
        fs::rename(path.join("b.xml"), path.join("c.xml")).unwrap();
        assert_eq!(read(&judged), Err(NotTaken::Changed));
        // A link in its place, though to the same file; a pipe, which nobody writes into.
        symlink(path.join("c.xml"), path.join("b.xml")).unwrap();
        assert_eq!(read(&judged), Err(NotTaken::Changed));
        fs::remove_file(path.join("b.xml")).unwrap();
        pipe(&path.join("b.xml"));
        assert_eq!(read(&judged), Err(NotTaken::Changed));
        assert_eq!(listed(path), ["a.xml", "c.xml"]);
    }

    fn pipe(path: &Path) {
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
    }

    #[test]
    fn what_is_done_with_is_put_away_and_nothing_written_over() {
        let inside = folder(&[("sub/a.xml", b"1"), ("b.pdf", b"3"), ("refused/b.pdf.txt", b"his")]);
        let (path, root) = (inside.path(), root(inside.path()));
        let put = |name: &str| {
            root.put_away(Path::new(name), &ripe(path, name).mark, "2016-02-11").unwrap()
        };
        put("sub/a.xml");
        fs::write(path.join("sub/a.xml"), b"2").unwrap();
        let second = put("sub/a.xml");
        assert_eq!(second, Path::new("taken/2016-02-11/sub/a-2.xml"));
        assert_eq!(fs::read(path.join("taken/2016-02-11/sub/a.xml")).unwrap(), b"1");
        assert_eq!(fs::read(path.join(second)).unwrap(), b"2");
        let judged = ripe(path, "b.pdf");
        let refused = root.put_refused(&judged.name, &judged.mark, "no news").unwrap();
        assert_eq!(refused, Path::new("refused/b-2.pdf"));
        assert_eq!(fs::read_to_string(path.join("refused/b-2.pdf.txt")).unwrap(), "no news\n");
        assert_eq!(fs::read(path.join("refused/b.pdf.txt")).unwrap(), b"his");
        assert_eq!(listed(path), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_written_or_moved_through_a_link() {
        let outside = folder(&[("depeche.sqlite", b"the wire")]);
        let inside = folder(&[("a.pdf", b"1"), ("b.pdf", b"2"), ("sub/c.pdf", b"3")]);
        let (path, root) = (inside.path(), root(inside.path()));
        let wire = outside.path().join("depeche.sqlite");
        fs::create_dir(path.join("refused")).unwrap();
        symlink(&wire, path.join("refused/a.pdf.txt")).unwrap();
        symlink(outside.path(), path.join("refused/sub")).unwrap();
        let refuse = |name: &str| {
            let judged = ripe(path, name);
            root.put_refused(&judged.name, &judged.mark, "no news")
        };
        assert_eq!(refuse("a.pdf").unwrap(), Path::new("refused/a-2.pdf"));
        assert!(refuse("sub/c.pdf").is_err());
        assert_eq!(root.blocked(), None);
        fs::rename(path.join("refused"), path.join("sub/before")).unwrap();
        symlink(outside.path(), path.join("refused")).unwrap();
        symlink(outside.path(), path.join("taken")).unwrap();
        assert!(refuse("b.pdf").is_err());
        let judged = ripe(path, "b.pdf");
        assert!(root.put_away(&judged.name, &judged.mark, "2016-02-11").is_err());
        assert_eq!(root.blocked().unwrap().0, Path::new("taken"));
        assert_eq!(fs::read(wire).unwrap(), b"the wire");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        assert!(path.join("b.pdf").exists() && path.join("sub/c.pdf").exists());
        // Nor is anything reached by a name that leads out.
        let out = PathBuf::from("../").join(outside.path().file_name().unwrap());
        assert_eq!(root.mark(&out.join("depeche.sqlite")), None);
    }

    #[test]
    fn another_file_that_came_under_the_name_is_neither_deleted_nor_moved() {
        let inside = folder(&[("a.xml", b"1"), ("b.xml", b"1")]);
        let (path, root) = (inside.path(), root(inside.path()));
        let judged = ripe(path, "a.xml");
        fs::write(path.join("new"), b"2").unwrap();
        fs::rename(path.join("new"), path.join("a.xml")).unwrap();
        let gone = |done: io::Result<()>| done.unwrap_err().kind() == io::ErrorKind::NotFound;
        assert!(gone(root.delete(&judged.name, &judged.mark)));
        assert!(gone(root.put_away(&judged.name, &judged.mark, "2016-02-11").map(drop)));
        assert_eq!(fs::read(path.join("a.xml")).unwrap(), b"2");
        // The same file, written to since it was read.
        let judged = ripe(path, "b.xml");
        fs::write(path.join("b.xml"), b"longer").unwrap();
        assert!(gone(root.delete(&judged.name, &judged.mark)));
        assert_eq!(fs::read(path.join("b.xml")).unwrap(), b"longer");
        let judged = ripe(path, "b.xml");
        root.delete(&judged.name, &judged.mark).unwrap();
        assert_eq!(listed(path), ["a.xml"]);
    }
}
