//! A watched folder, held open: everything in it is reached from there, step by step, and no step is a link.
//!
//! Whoever drops files may also make links, pipes and folders, and put others in their place between two of our
//! steps. So what is opened is looked at once it is open, and what was moved once it has moved.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::{Component, Path, PathBuf},
};

use depeche_formats::{gunzip, is_gzip};
use depeche_news::{
    limits::pushed::{
        BODY_BYTES_MAX, FOLDER_DEPTH_MAX, FOLDER_ENTRIES_MAX, FOLDER_FILES_MAX, SAME_NAME_MAX,
    },
    no_news,
};
use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, Stat, fstat, mkdirat, openat,
        renameat, renameat_with, statat, unlinkat,
    },
    io::Errno,
};

use super::{Listed, Listing, NotTaken, REFUSED, Ripe, TAKEN, Watch, ends, is_unfinished};

/// What tells that a file is still the same and has not been written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    pub(super) bytes: u64,
    pub(super) modified: (i64, i64),
    pub(super) file: (u64, u64),
    /// How many names it has, here or elsewhere.
    pub(super) names: u64,
}

impl Mark {
    /// The mark of what was looked at; `None` for what is not a file.
    fn told(found: &Stat) -> Option<Self> {
        is(found, FileType::RegularFile).then_some(Self {
            bytes: found.st_size as u64,
            modified: (found.st_mtime, found.st_mtime_nsec as i64),
            file: (found.st_dev, found.st_ino),
            #[allow(clippy::unnecessary_cast, reason = "it has another width on other machines")]
            names: found.st_nlink as u64,
        })
    }

    /// Whether there was nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Whether it is that of the same file, which may have been written to.
    pub fn same_file(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

fn is(found: &Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(found.st_mode) == kind
}

/// How a folder is opened: it is one, and no link to one.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

/// How a file is opened: a pipe keeps nobody waiting.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// How a file is made: nothing is written over, and nothing written through a link.
const NEW: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// What the name of a file begins with between its being taken and its being deleted.
const DELETED: &str = ".depeche-";

/// A watched folder, held open.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
}

impl Root {
    /// Opens the folder at a path; that one is the operator's and may be a link.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = FOLDER.difference(OFlags::NOFOLLOW);
        Ok(Self { folder: openat(CWD, path, flags, Mode::empty())? })
    }

    /// Lists its files and those of the folders below it, as deep as is looked. Those that were taken and stay are
    /// passed over, so that however many they are, what is new is seen.
    pub fn list(&self, watch: &Watch) -> io::Result<Listing> {
        let mut listing = Listing::default();
        let mut looks = 0;
        let mut below = VecDeque::from([PathBuf::new()]);
        while !listing.more
            && let Some(inside) = below.pop_front()
        {
            match self.listed(&inside, watch, &mut listing, &mut below, &mut looks) {
                Ok(()) => {}
                Err(error) if inside.as_os_str().is_empty() => return Err(error),
                // It was there a moment ago.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => listing.unreadable.push((inside, error.to_string())),
            }
        }
        Ok(listing)
    }

    /// Lists one folder; those below it are only noted, so that none is held open meanwhile.
    fn listed(
        &self,
        inside: &Path,
        watch: &Watch,
        listing: &mut Listing,
        below: &mut VecDeque<PathBuf>,
        looks: &mut usize,
    ) -> io::Result<()> {
        let folder = self.below(inside)?;
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            // Links and folders count too: whoever makes enough of them keeps us no longer than files do.
            *looks += 1;
            let waiting = listing.files.len() - listing.unfinished;
            if *looks > FOLDER_ENTRIES_MAX || waiting >= FOLDER_FILES_MAX {
                listing.more = true;
                break;
            }
            // As it stands there: a link is neither a file nor a folder.
            let Ok(found) = looked_at(&folder, name) else { continue };
            let name = inside.join(name);
            if let Some(mark) = Mark::told(&found) {
                if is_unfinished(&name) {
                    // They are only remembered to know them under their next name.
                    if listing.unfinished < FOLDER_FILES_MAX {
                        listing.unfinished += 1;
                        listing.files.push(Listed { name, mark });
                    }
                    continue;
                }
                match watch.left(&name, &mark) {
                    Some(left) => drop(listing.left.insert(left)),
                    None => listing.files.push(Listed { name, mark }),
                }
            } else if is(&found, FileType::Directory) && looked_into(&name) {
                below.push_back(name);
            }
        }
        Ok(())
    }

    /// The mark of a file in it; `None` for what is not a file, or not there.
    pub fn mark(&self, name: &Path) -> Option<Mark> {
        let (folder, last) = self.place(name).ok()?;
        Mark::told(&looked_at(&folder, last).ok()?)
    }

    /// What a file holds, out of its gzip where it is one.
    pub fn read(&self, ripe: &Ripe) -> Result<Vec<u8>, NotTaken> {
        if ripe.mark.bytes == 0 {
            return Err(NotTaken::Refused("it is empty".into()));
        }
        if ripe.mark.names > 1 {
            // Whoever may write here could show us any file that we may read, and he may not.
            let why = "it has another name elsewhere (a hard link): drop a copy";
            return Err(NotTaken::Refused(why.into()));
        }
        let (folder, last) = self.place(&ripe.name).map_err(not_read)?;
        let file =
            openat(&folder, last, FILE, Mode::empty()).map_err(|error| not_read(error.into()))?;
        let judged =
            |file: &File| fstat(file).is_ok_and(|found| Mark::told(&found) == Some(ripe.mark));
        let file = File::from(file);
        if !judged(&file) {
            return Err(NotTaken::Changed);
        }
        let mut bytes = Vec::new();
        (&file).take(BODY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(not_read)?;
        if !judged(&file) || self.mark(&ripe.name) != Some(ripe.mark) {
            return Err(NotTaken::Changed);
        }
        if bytes.len() > BODY_BYTES_MAX {
            return Err(NotTaken::Refused(format!("more than {} MiB", BODY_BYTES_MAX >> 20)));
        }
        match bytes.as_slice() {
            packed if is_gzip(packed) => unpacked(packed),
            other => match no_news(other) {
                Some(why) => Err(NotTaken::Refused(why.to_owned())),
                None => Ok(bytes),
            },
        }
    }

    /// What keeps taken and refused files from being put away: a link, or anything else that is no folder.
    pub fn blocked(&self) -> Option<(PathBuf, &'static str)> {
        [TAKEN, REFUSED].into_iter().find_map(|name| {
            let found = looked_at(&self.folder, OsStr::new(name)).ok()?;
            let why = match FileType::from_raw_mode(found.st_mode) {
                FileType::Directory => return None,
                FileType::Symlink => "it is a link, and nothing is moved through one",
                _ => "it is not a folder",
            };
            Some((PathBuf::from(name), why))
        })
    }

    /// Moves a file to those that were taken, on this day; gives where it is now.
    pub fn put_away(&self, name: &Path, mark: &Mark, day: &str) -> io::Result<PathBuf> {
        let there = Path::new(TAKEN).join(day).join(name);
        let (folder, _) = self.made(&there)?;
        for there in numbered(&there) {
            match self.moved(name, mark, &folder, ends(&there)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                done => return done.map(|()| there),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Moves a file to those that were refused, with a text beside it that says why.
    pub fn put_refused(&self, name: &Path, mark: &Mark, why: &str) -> io::Result<PathBuf> {
        let there = Path::new(REFUSED).join(name);
        let (folder, _) = self.made(&there)?;
        for there in numbered(&there) {
            let mut beside = ends(&there).to_owned();
            beside.push(".txt");
            let text = match openat(&folder, &beside, NEW, Mode::from_raw_mode(0o666)) {
                Err(Errno::EXIST) => continue,
                made => made?,
            };
            let done = self.moved(name, mark, &folder, ends(&there));
            if done.is_err() {
                unlinkat(&folder, &beside, AtFlags::empty())?;
            }
            match done {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                done => {
                    done?;
                    File::from(text).write_all(format!("{why}\n").as_bytes())?;
                    return Ok(there);
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Deletes a file, and no other one that has come under its name. It gets another name first: what turns out
    /// to be something else gets its own one back.
    pub fn delete(&self, name: &Path, mark: &Mark) -> io::Result<()> {
        let (folder, _) = self.place(name)?;
        let aside = format!("{DELETED}{:x}", mark.file.1);
        let aside = OsStr::new(&aside);
        self.moved(name, mark, &folder, aside)?;
        if looked_at(&folder, aside).ok().and_then(|found| Mark::told(&found)) != Some(*mark) {
            // It was written to since it was read.
            self.back(name, &folder, aside)?;
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(unlinkat(&folder, aside, AtFlags::empty())?)
    }

    /// Moves the file that was judged to a name that is free. Another one that has come under its name
    /// meanwhile goes back there, to be judged itself, as if this one had not been found.
    fn moved(&self, name: &Path, mark: &Mark, to: &OwnedFd, free: &OsStr) -> io::Result<()> {
        let judged = |found: &Stat| Mark::told(found).is_some_and(|found| found.same_file(mark));
        let (folder, last) = self.place(name)?;
        if !judged(&looked_at(&folder, last)?) {
            return Err(io::ErrorKind::NotFound.into());
        }
        renamed(&folder, last, to, free)?;
        if judged(&looked_at(to, free)?) {
            return Ok(());
        }
        self.back(name, to, free)?;
        Err(io::ErrorKind::NotFound.into())
    }

    /// Gives what was moved by mistake its name again, or one like it where that one is taken by now.
    fn back(&self, name: &Path, from: &OwnedFd, moved: &OsStr) -> io::Result<()> {
        let (folder, _) = self.place(name)?;
        for name in numbered(name) {
            match renamed(from, moved, &folder, ends(&name)) {
                Err(Errno::EXIST) => {}
                done => return Ok(done?),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The folder that a file of it stands in, and its name there.
    fn place<'a>(&self, name: &'a Path) -> io::Result<(OwnedFd, &'a OsStr)> {
        Ok((self.below(name.parent().unwrap_or(Path::new("")))?, ends(name)))
    }

    /// Opens a folder below it.
    fn below(&self, inside: &Path) -> io::Result<OwnedFd> {
        let mut folder = self.folder.try_clone()?;
        for step in steps(inside) {
            folder = openat(&folder, step?, FOLDER, Mode::empty())?;
        }
        // What is read of a folder is read by its handle, and the copy of one shares its place.
        Ok(openat(&folder, ".", FOLDER, Mode::empty())?)
    }

    /// As [`Self::place`], with folders made that are not there.
    fn made<'a>(&self, name: &'a Path) -> io::Result<(OwnedFd, &'a OsStr)> {
        let mut folder = self.folder.try_clone()?;
        for step in steps(name.parent().unwrap_or(Path::new(""))) {
            let step = step?;
            match mkdirat(&folder, step, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            folder = openat(&folder, step, FOLDER, Mode::empty())?;
        }
        Ok((folder, ends(name)))
    }
}

/// The names on the way to a place inside; there is no way out.
fn steps(inside: &Path) -> impl Iterator<Item = io::Result<&OsStr>> {
    inside.components().map(|step| match step {
        Component::Normal(name) => Ok(name),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    })
}

fn looked_at(folder: impl AsFd, name: &OsStr) -> io::Result<Stat> {
    Ok(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Renames without writing over anything; file systems of other machines that cannot promise that are asked
/// whether the name is free first.
fn renamed(from: &OwnedFd, name: &OsStr, to: &OwnedFd, free: &OsStr) -> Result<(), Errno> {
    match renameat_with(from, name, to, free, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            match statat(to, free, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Err(Errno::EXIST),
                Err(_) => renameat(from, name, to, free),
            }
        }
        done => done,
    }
}

/// A path and those like it with a number, as a further file of the same name gets one.
fn numbered(there: &Path) -> impl Iterator<Item = PathBuf> {
    (1..SAME_NAME_MAX).map(move |number| match number {
        1 => there.to_owned(),
        _ => {
            let mut name = there.file_stem().unwrap_or_default().to_owned();
            name.push(format!("-{number}"));
            if let Some(end) = there.extension() {
                name.push(".");
                name.push(end);
            }
            there.with_file_name(name)
        }
    })
}

fn looked_into(name: &Path) -> bool {
    let depth = name.components().count();
    let ours = depth == 1 && (name == Path::new(TAKEN) || name == Path::new(REFUSED));
    depth <= FOLDER_DEPTH_MAX && !ours && !ends(name).as_bytes().starts_with(b".")
}

fn not_read(error: io::Error) -> NotTaken {
    match Errno::from_io_error(&error) {
        // It is gone; or a link has taken its place, or that of a folder on the way.
        Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => NotTaken::Changed,
        _ => NotTaken::Unreadable(error.to_string()),
    }
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, NotTaken> {
    let plain = gunzip(packed, BODY_BYTES_MAX);
    match plain.whole {
        true => Ok(plain.bytes),
        false if plain.bytes.len() == BODY_BYTES_MAX => {
            let most = BODY_BYTES_MAX >> 20;
            Err(NotTaken::Refused(format!("more than {most} MiB when unpacked")))
        }
        false => Err(NotTaken::Refused("a broken gzip file".into())),
    }
}
