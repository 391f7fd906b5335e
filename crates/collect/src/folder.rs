//! A watched folder, as agencies drop files into one: which of its files are whole, what they hold, and where
//! they go when they are taken.
//!
//! What is there is listed, then judged without looking again ([`Watch::ripe`]); only a file that is still as it
//! was judged is taken. Nothing outside of the folder is ever read: symbolic links are passed over.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use depeche_news::limits::pushed::{
    BODY_BYTES_MAX, EMPTY_FOR, FOLDER_DEPTH_MAX, FOLDER_FILES_MAX, SAME_NAME_MAX, SETTLE,
};
use flate2::read::MultiGzDecoder;

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

/// What tells that a file is still the same and has not been written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    bytes: u64,
    modified: (i64, i64),
    file: (u64, u64),
}

impl Mark {
    /// The mark of the file at a path, a link not followed; `None` for what is not a file.
    pub fn of(path: &Path) -> Option<Self> {
        Self::told(&fs::symlink_metadata(path).ok()?)
    }

    fn told(found: &fs::Metadata) -> Option<Self> {
        found.is_file().then(|| Self {
            bytes: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            file: (found.dev(), found.ino()),
        })
    }
}

/// What stands in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its files and those in the folders below it.
    pub files: Vec<Listed>,
    /// There are more.
    pub more: bool,
    /// Folders below it that could not be listed, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Lists a folder and those below it, as deep as is looked.
pub fn list(folder: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut below = vec![(PathBuf::new(), fs::read_dir(folder)?)];
    while let Some((inside, entries)) = below.pop() {
        for entry in entries.flatten() {
            let name = inside.join(entry.file_name());
            // As it stands there: a link is neither a file nor a folder.
            let Ok(found) = entry.metadata() else { continue };
            if let Some(mark) = Mark::told(&found) {
                if listing.files.len() >= FOLDER_FILES_MAX {
                    listing.more = true;
                    return Ok(listing);
                }
                listing.files.push(Listed { name, mark });
            } else if found.is_dir() && looked_into(&name) {
                match fs::read_dir(folder.join(&name)) {
                    Ok(entries) => below.push((name, entries)),
                    Err(error) => listing.unreadable.push((name, error.to_string())),
                }
            }
        }
    }
    Ok(listing)
}

fn looked_into(name: &Path) -> bool {
    let depth = name.components().count();
    let ours = depth == 1 && (name == Path::new(TAKEN) || name == Path::new(REFUSED));
    depth <= FOLDER_DEPTH_MAX && !ours && !ends(name).starts_with('.')
}

fn ends(name: &Path) -> String {
    name.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ripe {
    /// Its path inside the folder.
    pub name: PathBuf,
    /// What it was like when it was judged.
    pub mark: Mark,
    /// The file that says so.
    pub done: Option<PathBuf>,
}

/// What is remembered of a folder between two looks.
#[derive(Debug, Default)]
pub struct Watch {
    /// Since when each file is as it is.
    since: HashMap<PathBuf, (Mark, Instant)>,
    /// Files that had an unfinished name at the last look.
    unfinished: HashSet<(u64, u64)>,
    /// Files that were taken and stay, or could not be put away.
    left: HashMap<PathBuf, Mark>,
}

impl Watch {
    /// The files that are whole, in the order they were last written.
    pub fn ripe(&mut self, files: &[Listed], rules: &Rules, now: Instant) -> Vec<Ripe> {
        let suffix = rules.done_suffix.as_deref().filter(|suffix| !suffix.is_empty());
        let is_done = |name: &Path| suffix.is_some_and(|suffix| ends(name).ends_with(suffix));
        let said: HashSet<&Path> =
            files.iter().map(|file| &*file.name).filter(|name| is_done(name)).collect();
        let mut since = HashMap::with_capacity(files.len());
        let mut unfinished = HashSet::new();
        let mut ripe = Vec::new();
        for Listed { name, mark } in files.iter().filter(|file| !is_done(&file.name)) {
            if is_unfinished(name) {
                unfinished.insert(mark.file);
                continue;
            }
            if self.left.get(name) == Some(mark) {
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
            if done.is_some() || renamed || settled {
                ripe.push(Ripe { name: name.clone(), mark: *mark, done });
            }
        }
        let there: HashSet<&Path> = files.iter().map(|file| &*file.name).collect();
        self.left.retain(|name, _| there.contains(&**name));
        (self.since, self.unfinished) = (since, unfinished);
        ripe.sort_by(|a, b| (a.mark.modified, &a.name).cmp(&(b.mark.modified, &b.name)));
        ripe
    }

    /// Takes note of a file that stays where it is, though it is done with.
    pub fn leave(&mut self, ripe: &Ripe) {
        self.left.insert(ripe.name.clone(), ripe.mark);
    }
}

/// A name that a file has only until it is whole; hidden ones are such too.
fn is_unfinished(name: &Path) -> bool {
    let name = ends(name);
    let lower = name.to_ascii_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|end| lower.ends_with(end))
}

/// The file that says that this one is whole: `a.xml.done`, or `a.done`.
fn said_by(name: &Path, suffix: &str, said: &HashSet<&Path>) -> Option<PathBuf> {
    let beside = |stem: &str| name.with_file_name(format!("{stem}{suffix}"));
    let whole = beside(&ends(name));
    let stem = beside(&name.file_stem().unwrap_or_default().to_string_lossy());
    [whole, stem].into_iter().find(|done| said.contains(&**done))
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

/// What a file holds, out of its gzip where it is one.
pub fn read(folder: &Path, ripe: &Ripe) -> Result<Vec<u8>, NotTaken> {
    let path = folder.join(&ripe.name);
    if ripe.mark.bytes == 0 {
        return Err(NotTaken::Refused("it is empty".into()));
    }
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => NotTaken::Changed,
        _ => NotTaken::Unreadable(error.to_string()),
    };
    let too_large = || NotTaken::Refused(format!("more than {} MiB", BODY_BYTES_MAX >> 20));
    let mut file = fs::File::open(&path).map_err(failed)?;
    // What stands behind a link that was put there meanwhile is another file.
    let opened = file.metadata().map_err(failed)?;
    if Mark::told(&opened) != Some(ripe.mark) {
        return Err(NotTaken::Changed);
    }
    let mut bytes = Vec::new();
    file.by_ref().take(BODY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if Mark::of(&path) != Some(ripe.mark) {
        return Err(NotTaken::Changed);
    }
    if bytes.len() > BODY_BYTES_MAX {
        return Err(too_large());
    }
    match bytes.as_slice() {
        [0x1f, 0x8b, ..] => unzipped(&bytes, BODY_BYTES_MAX),
        [b'P', b'K', 3, 4, ..] => {
            Err(NotTaken::Refused("a zip archive: drop the files that are in it".into()))
        }
        _ => Ok(bytes),
    }
}

fn unzipped(bytes: &[u8], most: usize) -> Result<Vec<u8>, NotTaken> {
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(most as u64 + 1).read_to_end(&mut plain);
    match read {
        Ok(_) if plain.len() > most => {
            Err(NotTaken::Refused(format!("more than {} MiB when unpacked", most >> 20)))
        }
        Ok(_) => Ok(plain),
        Err(error) => Err(NotTaken::Refused(format!("a broken gzip file: {error}"))),
    }
}

/// Moves a file to those that were taken, on this day; gives where it is now.
pub fn put_away(folder: &Path, name: &Path, day: &str) -> io::Result<PathBuf> {
    moved(folder, name, &Path::new(TAKEN).join(day))
}

/// Moves a file to those that were refused, with a text beside it that says why.
pub fn put_refused(folder: &Path, name: &Path, why: &str) -> io::Result<PathBuf> {
    let there = moved(folder, name, Path::new(REFUSED))?;
    let mut beside = there.clone().into_os_string();
    beside.push(".txt");
    fs::write(beside, format!("{why}\n"))?;
    Ok(there)
}

/// Nothing is written over: a further file of the same name gets a number.
fn moved(folder: &Path, name: &Path, to: &Path) -> io::Result<PathBuf> {
    let there = folder.join(to).join(name);
    if let Some(parent) = there.parent() {
        fs::create_dir_all(parent)?;
    }
    let numbered = |number: usize| match number {
        1 => there.clone(),
        _ => {
            let stem = there.file_stem().unwrap_or_default().to_string_lossy();
            let end = there.extension().map(|end| format!(".{}", end.to_string_lossy()));
            there.with_file_name(format!("{stem}-{number}{}", end.unwrap_or_default()))
        }
    };
    let free = (1..SAME_NAME_MAX).map(numbered).find(|path| fs::symlink_metadata(path).is_err());
    let free = free.ok_or(io::ErrorKind::AlreadyExists)?;
    fs::rename(folder.join(name), &free)?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLED: Duration = Duration::from_secs(3);

    fn file(name: &str, bytes: u64, number: u64) -> Listed {
        let mark = Mark { bytes, modified: (number as i64, 0), file: (1, number) };
        Listed { name: PathBuf::from(name), mark }
    }

    fn settling() -> Rules {
        Rules::new(Some(3), None)
    }

    /// What is ripe at each look, a second after the one before.
    #[track_caller]
    fn check(rules: &Rules, looks: &[&[Listed]], expected: &[&[&str]]) {
        let (mut watch, start) = (Watch::default(), Instant::now());
        let mut told = Vec::new();
        for (second, files) in looks.iter().enumerate() {
            let now = start + Duration::from_secs(second as u64);
            let ripe = watch.ripe(files, rules, now);
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
        let mut ripe_after =
            |seconds| watch.ripe(&empty, &settling(), start + Duration::from_secs(seconds)).len();
        assert_eq!((ripe_after(0), ripe_after(60), ripe_after(120)), (0, 0, 1));
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
    fn what_is_left_there_is_taken_once_for_each_state() {
        let (first, second) = ([file("a.xml", 9, 1)], [file("a.xml", 10, 1)]);
        let (mut watch, start) = (Watch::default(), Instant::now());
        watch.ripe(&first, &settling(), start);
        let ripe = watch.ripe(&first, &settling(), start + SETTLED);
        watch.leave(&ripe[0]);
        assert!(watch.ripe(&first, &settling(), start + SETTLED * 2).is_empty());
        watch.ripe(&second, &settling(), start + SETTLED * 3);
        assert_eq!(watch.ripe(&second, &settling(), start + SETTLED * 4).len(), 1);
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

    fn listed(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = list(folder)
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
            std::os::unix::fs::symlink(from, inside.path().join(name)).unwrap();
        };
        link(outside.path(), "way-out");
        link(&outside.path().join("secret.xml"), "secret.xml");
        assert_eq!(listed(inside.path()), ["1/2/3/4/deep.xml", "a.xml", "sub/b.xml"]);
    }

    fn ripe(folder: &Path, name: &str) -> Ripe {
        let mark = Mark::of(&folder.join(name)).unwrap();
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
        let root = inside.path();
        let told = |name: &str| read(root, &ripe(root, name));
        assert_eq!(told("a.xml"), Ok(b"<rss/>".to_vec()));
        assert_eq!(told("a.xml.gz"), Ok(b"<rss/>".to_vec()));
        for (name, why) in [
            ("bomb.gz", "more than 16 MiB when unpacked"),
            ("all.zip", "a zip archive: drop the files that are in it"),
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
        let root = inside.path();
        let judged = ripe(root, "a.xml");
        fs::write(root.join("a.xml"), b"longer").unwrap();
        assert_eq!(read(root, &judged), Err(NotTaken::Changed));
        let judged = ripe(root, "b.xml");
        fs::rename(root.join("b.xml"), root.join("c.xml")).unwrap();
        assert_eq!(read(root, &judged), Err(NotTaken::Changed));
        // A link in its place leads to another file.
        std::os::unix::fs::symlink(root.join("a.xml"), root.join("b.xml")).unwrap();
        assert_eq!(read(root, &judged), Err(NotTaken::Changed));
    }

    #[test]
    fn what_is_done_with_is_put_away_and_nothing_written_over() {
        let inside = folder(&[("sub/a.xml", b"1")]);
        let root = inside.path();
        put_away(root, Path::new("sub/a.xml"), "2016-02-11").unwrap();
        fs::write(root.join("sub/a.xml"), b"2").unwrap();
        let second = put_away(root, Path::new("sub/a.xml"), "2016-02-11").unwrap();
        assert_eq!(second, root.join("taken/2016-02-11/sub/a-2.xml"));
        assert_eq!(fs::read(root.join("taken/2016-02-11/sub/a.xml")).unwrap(), b"1");
        assert_eq!(fs::read(second).unwrap(), b"2");
        fs::write(root.join("b.pdf"), b"3").unwrap();
        let refused = put_refused(root, Path::new("b.pdf"), "no news").unwrap();
        assert_eq!(refused, root.join("refused/b.pdf"));
        assert_eq!(fs::read_to_string(root.join("refused/b.pdf.txt")).unwrap(), "no news\n");
        assert_eq!(listed(root), Vec::<String>::new());
    }
}
