//! Fills a window with texts like those of a file and says what it costs.
//!
//! `window TEXTS ITEMS [COPIES_PERCENT [TRACES]]`; TEXTS has one article a line: headline, tab, text with
//! `\n` for a line break. Articles are made of them by changing most words for others of the file,
//! so that length, words and repetition are those of the file and passages are not. What was placed is
//! written to TRACES, if there is no such file, and else restored from it before anything is placed.

use std::{cell::Cell, fs, time::Instant};

use depeche_cluster::{Candidate, Limits, Placement, Trace, Window};

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

/// The articles of the file, and all their words as often as they stand there.
struct Press {
    articles: Vec<(String, String)>,
    words: Vec<String>,
    title_words: Vec<String>,
}

impl Press {
    fn read(path: &str) -> Option<Self> {
        let file = fs::read_to_string(path).ok()?;
        let articles: Vec<(String, String)> = (file.lines())
            .filter_map(|line| line.split_once('\t'))
            .map(|(title, text)| (title.to_owned(), text.replace("\\n", "\n")))
            .collect();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        Some(Self {
            words: articles.iter().flat_map(|(_, text)| words(text)).collect(),
            title_words: articles.iter().flat_map(|(title, _)| words(title)).collect(),
            articles,
        })
    }

    /// The article number `n` of a wire of which some are copies of one not long before.
    fn article(&self, n: usize, copies_percent: usize) -> (String, String) {
        let mut dice = Dice(n as u64 * 7_919);
        if n > 0 && dice.percent(copies_percent) {
            let (title, text) = self.article(n - 1 - dice.roll(n.min(3_000)), 0);
            let kept = text.lines().filter(|_| !dice.percent(15)).collect::<Vec<_>>().join("\n");
            return (title, kept);
        }
        let title = &self.articles[dice.roll(self.articles.len())].0;
        let text = &self.articles[dice.roll(self.articles.len())].1;
        (
            changed(title, &self.title_words, 50, 5, &mut dice),
            changed(text, &self.words, 60, 1, &mut dice),
        )
    }
}

/// A text with so many of its words changed for others, and some for names nobody else has.
fn changed(
    text: &str,
    words: &[String],
    percent: usize,
    names_percent: usize,
    dice: &mut Dice,
) -> String {
    let mut changed = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        for word in line.split_whitespace() {
            match () {
                () if dice.percent(names_percent) => {
                    changed.push_str(&format!("N{}a", dice.roll(40_000)));
                }
                () if dice.percent(percent) => changed.push_str(&words[dice.roll(words.len())]),
                () => changed.push_str(word),
            }
            changed.push(' ');
        }
        changed.push('\n');
    }
    changed
}

/// What a store would keep of what was placed, in room taken beforehand: it is not the window's.
struct Kept {
    records: Vec<u8>,
    ends: Vec<u32>,
    asked: Cell<usize>,
}

/// A dispatch and a story before each trace.
const IDS_BYTES: usize = 40;

impl Kept {
    fn with_room(items: usize) -> Self {
        let (mut records, mut ends) = (vec![1; items * 1_500], vec![1; items]);
        records.clear();
        ends.clear();
        Self { records, ends, asked: Cell::new(0) }
    }

    fn keep(&mut self, dispatch: &str, story: &str, trace: &[u8]) {
        self.records.extend([dispatch.as_bytes(), story.as_bytes(), trace].concat());
        self.ends.push(self.records.len() as u32);
    }

    fn record(&self, number: usize) -> Option<(&str, &str, &[u8])> {
        let end = |number: usize| self.ends.get(number).map(|&end| end as usize);
        let from = number.checked_sub(1).map_or(Some(0), end)?;
        let (ids, trace) = self.records.get(from..end(number)?)?.split_at(IDS_BYTES);
        let (dispatch, story) = std::str::from_utf8(ids).ok()?.split_at(IDS_BYTES / 2);
        Some((dispatch, story, trace))
    }

    fn trace(&self, id: &str) -> Option<Trace> {
        self.asked.set(self.asked.get() + 1);
        Trace::from_bytes(self.record(usize::from_str_radix(id, 16).ok()?)?.2)
    }

    fn write(&self, path: &str) -> std::io::Result<()> {
        let ends = self.ends.iter().flat_map(|end| end.to_le_bytes());
        let count = (self.ends.len() as u32).to_le_bytes().into_iter();
        fs::write(path, count.chain(ends).chain(self.records.iter().copied()).collect::<Vec<u8>>())
    }

    fn read(&mut self, path: &str) -> Option<()> {
        let file = fs::read(path).ok()?;
        let (count, rest) = file.split_first_chunk()?;
        let (ends, records) = rest.split_at_checked(u32::from_le_bytes(*count) as usize * 4)?;
        let (ends, _) = ends.as_chunks();
        self.ends.extend(ends.iter().map(|end| u32::from_le_bytes(*end)));
        self.records.extend(records);
        Some(())
    }
}

/// Tells the window again what was kept, and says how long that takes.
#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn restore(window: &mut Window, kept: &Kept) {
    let start = Instant::now();
    for number in 0..kept.ends.len() {
        if let Some((dispatch, story, trace)) = kept.record(number)
            && let Some(trace) = Trace::from_bytes(trace)
        {
            window.restore(&format!("{number:020x}"), &trace, dispatch, story, None);
        }
    }
    println!("bytes by part: {:?}", window.held());
    println!("{:7} items restored in {:.2} s", window.len(), start.elapsed().as_secs_f64());
}

/// What is measured, under a name that a profiler finds.
#[inline(never)]
fn place(window: &mut Window, candidate: &Candidate<'_>, kept: &Kept) -> Placement {
    window.place(candidate, |id| kept.trace(id))
}

#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<usize>().ok());
    let (Some(press), Some(items)) =
        (arguments.first().and_then(|path| Press::read(path)), number(1))
    else {
        println!("window TEXTS ITEMS [COPIES_PERCENT]");
        return;
    };
    let copies = number(2).unwrap_or(30);
    let (mut bytes, mut joined, mut stories, mut spent) = (0, 0, 0, 0.0);
    let traces = arguments.get(3);
    let restored = traces.map_or(0, |_| Limits::default().items_max);
    let mut kept = Kept::with_room(items + restored);
    if let Some(path) = traces {
        kept.read(path);
    }
    let known = kept.ends.len();
    let before = resident_kb();
    let mut window = Window::new(Limits::default());
    restore(&mut window, &kept);
    for n in known..known + items {
        let (title, text) = press.article(n, copies);
        let id = format!("{n:020x}");
        bytes += text.len();
        let start = Instant::now();
        let candidate = Candidate { id: &id, title: &title, text: &text, ..Candidate::default() };
        let placed = place(&mut window, &candidate, &kept);
        spent += start.elapsed().as_secs_f64();
        kept.keep(&placed.dispatch, &placed.story, &placed.trace.to_bytes());
        joined += usize::from(placed.dispatch != id);
        stories += usize::from(placed.story != id);
        let done = n + 1 - known;
        if done.is_power_of_two() || done.is_multiple_of(10_000) || done == items {
            println!(
                "{:7} items, {} B a text, {joined} joined, {stories} in a story, {:.1} us and {:.2} traces a place, {} B resident an item",
                n + 1,
                bytes / done,
                spent * 1e6 / done as f64,
                kept.asked.get() as f64 / done as f64,
                resident_kb().saturating_sub(before) * 1024 / window.len(),
            );
        }
    }
    println!("bytes by part: {:?} of {} items", window.held(), window.len());
    if known == 0
        && let Some(path) = traces
    {
        let written = kept.write(path);
        println!("traces: {written:?}");
        drop(window);
        restore(&mut Window::new(Limits::default()), &kept);
    }
}

fn resident_kb() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
