//! Figures of the recogniser of languages: `cargo xtask eval --only language` runs it.
//!
//! `own`: our own headlines. `headlines FILE`: a table whose column `title` holds French headlines. `sentences DIR`:
//! folders named `lingua-NAME-language-model…` with test texts in `testdata`, as lingua's crates have them. Halves are by the
//! parity of a line's hash: `develop` may be looked at, `report` not. With `--wrong`, what is wrong in the first is listed.

#![allow(clippy::print_stdout, reason = "what it says is its output")]

use std::{collections::BTreeMap, fs, hint::black_box, path::Path, time::Instant};

use depeche_text::recognise;

const OWN: &str = include_str!("../tests/language/headlines.tsv");

/// Lingua's names of the 26 languages that are averaged over, and of the others that we know.
#[rustfmt::skip]
const NAMES: [(&str, &str); 26] = [
    ("arabic", "ar"), ("czech", "cs"), ("danish", "da"), ("german", "de"), ("greek", "el"), ("english", "en"),
    ("spanish", "es"), ("persian", "fa"), ("finnish", "fi"), ("french", "fr"), ("hindi", "hi"), ("hungarian", "hu"),
    ("italian", "it"), ("japanese", "ja"), ("korean", "ko"), ("bokmal", "no"), ("dutch", "nl"), ("polish", "pl"),
    ("portuguese", "pt"), ("romanian", "ro"), ("russian", "ru"), ("swedish", "sv"), ("turkish", "tr"),
    ("ukrainian", "uk"), ("vietnamese", "vi"), ("chinese", "zh"),
];
#[rustfmt::skip]
const OTHERS: [(&str, &str); 18] = [
    ("hebrew", "he"), ("urdu", "ur"), ("bulgarian", "bg"), ("catalan", "ca"), ("croatian", "hr"), ("serbian", "sr"),
    ("slovak", "sk"), ("slovene", "sl"), ("estonian", "et"), ("latvian", "lv"), ("lithuanian", "lt"),
    ("indonesian", "id"), ("thai", "th"), ("icelandic", "is"), ("basque", "eu"), ("albanian", "sq"),
    ("macedonian", "mk"), ("belarusian", "be"),
];

/// How often the headlines are read to tell the rate.
const ROUNDS: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wrong = arguments.iter().any(|argument| argument == "--wrong");
    let arguments: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--wrong").collect();
    match arguments.as_slice() {
        ["own"] => own(),
        ["headlines", file] => headlines(Path::new(file), wrong),
        ["sentences", folder] => sentences(Path::new(folder), wrong),
        _ => println!("own | headlines FILE | sentences DIR [--wrong]"),
    }
}

fn told(text: &str) -> &'static str {
    recognise(text).map_or("none", |told| told.language)
}

fn own() {
    let lines: Vec<(&str, &str)> = OWN.lines().filter_map(|line| line.split_once('\t')).collect();
    let mut right = 0;
    for (language, headline) in &lines {
        if told(headline) == *language {
            right += 1;
        } else {
            println!("  {language} said to be {}: {headline}", told(headline));
        }
    }
    println!("language own: {right} of {} = {:.3}", lines.len(), share(right, lines.len()));
}

fn headlines(file: &Path, wrong: bool) {
    let table = fs::read_to_string(file).unwrap_or_default();
    let mut lines = table.lines();
    let column = lines.next().and_then(|names| names.split('\t').position(|name| name == "title"));
    let titles = lines.filter_map(|line| line.split('\t').nth(column.unwrap_or_default()));
    let titles: Vec<&str> = titles.collect();
    for (half, parity) in [("develop", 0), ("report", 1)] {
        let titles: Vec<&&str> = titles.iter().filter(|title| hash(title) % 2 == parity).collect();
        let right = titles.iter().filter(|title| told(title) == "fr").count();
        println!(
            "language headlines {half}: {right} of {} = {:.4}",
            titles.len(),
            share(right, titles.len())
        );
        for title in titles.iter().filter(|title| wrong && parity == 0 && told(title) != "fr") {
            println!("  {:?}: {title}", recognise(title));
        }
    }
    let start = Instant::now();
    for title in titles.iter().cycle().take(titles.len() * ROUNDS) {
        black_box(recognise(black_box(title)));
    }
    let seconds = start.elapsed().as_secs_f64();
    let right = titles.iter().filter(|title| told(title) == "fr").count();
    println!(
        "language headlines: {right} of {} = {:.4}, {:.0} a second",
        titles.len(),
        share(right, titles.len()),
        (titles.len() * ROUNDS) as f64 / seconds
    );
}

fn sentences(folder: &Path, wrong: bool) {
    let folders =
        fs::read_dir(folder).into_iter().flatten().filter_map(|folder| Some(folder.ok()?.path()));
    let folders: Vec<_> = folders.collect();
    for (half, parity) in [("develop", 0), ("report", 1)] {
        for (of, languages) in [("26", &NAMES[..]), ("others", &OTHERS[..])] {
            let mut sums = [0.0; 3];
            let mut lines = Vec::new();
            for (name, tag) in languages {
                let start = format!("lingua-{name}-language-model");
                let is_it = |folder: &&std::path::PathBuf| {
                    folder
                        .file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with(&start))
                };
                let Some(folder) = folders.iter().find(is_it) else { continue };
                let read = |file: &str| {
                    let text =
                        fs::read_to_string(folder.join("testdata").join(file)).unwrap_or_default();
                    text.lines()
                        .filter(|line| hash(line) % 2 == parity)
                        .map(str::to_owned)
                        .collect::<Vec<_>>()
                };
                let whole = read("sentences.txt");
                let starts = whole
                    .iter()
                    .map(|line| line.split_whitespace().take(8).collect::<Vec<_>>().join(" "));
                let mut shares = [0.0; 3];
                for (at, texts) in
                    [whole.clone(), starts.collect(), read("word-pairs.txt")].iter().enumerate()
                {
                    let right = texts.iter().filter(|text| told(text) == *tag).count();
                    shares[at] = share(right, texts.len());
                    sums[at] += shares[at];
                    if wrong && parity == 0 && at < 2 {
                        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
                        for text in texts.iter().filter(|text| told(text) != *tag) {
                            *said.entry(told(text)).or_default() += 1;
                        }
                        println!("    {tag} {at}: {said:?}");
                    }
                }
                lines.push(format!("  {tag} {:.3} {:.3} {:.3}", shares[0], shares[1], shares[2]));
            }
            if parity == 0 && wrong {
                println!("{}", lines.join("\n"));
            }
            let mean = sums.map(|sum| sum / lines.len() as f64);
            println!(
                "language sentences {half}, {of} ({}): sentences {:.3}, first 8 words {:.3}, word pairs {:.3}",
                lines.len(),
                mean[0],
                mean[1],
                mean[2]
            );
        }
    }
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}

/// FNV-1a.
fn hash(line: &str) -> u64 {
    line.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
