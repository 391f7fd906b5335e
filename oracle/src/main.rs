//! Other readers beside ours: where feed-rs reads a document, do we say the same, and how fast; how fast are stories
//! taken from pages, beside dom_smoothie.
//!
//!     depeche-oracle compare FOLDER…    every file that both read; fails where they differ
//!     depeche-oracle speed FOLDER       both by turns over each file of it; a JSON line a figure
//!     depeche-oracle pages FOLDER       the same for the pages of it, one line in all
//!
//! feed-rs is strict and we are not, so that only what it reads is compared. It is asked of nothing but tests.

mod compare;
mod pages;
mod speed;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folders: Vec<PathBuf> = arguments.iter().skip(1).map(PathBuf::from).collect();
    match (arguments.first().map(String::as_str), folders.as_slice()) {
        (Some("compare"), [_, ..]) => compare::compare(&folders),
        (Some("speed"), [folder]) => speed::speed(folder),
        (Some("pages"), [folder]) => pages::pages(folder),
        _ => {
            eprintln!("depeche-oracle compare FOLDER… | speed FOLDER | pages FOLDER");
            ExitCode::FAILURE
        }
    }
}

/// The documents in a folder, by name.
fn documents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<_> = files
        .map(|file| file.path())
        .filter(|path| !path.to_string_lossy().ends_with(".expected.json"))
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            Some((name, fs::read(&path).ok()?))
        })
        .collect();
    found.sort();
    found
}
