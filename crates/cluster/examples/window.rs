//! Fills a window with an invented wire and says what it costs, stage by stage.
//!
//! `window [ITEMS [ITEMS_MAX]]`: so many items placed (1,100,000), so many of them in the window at most
//! (1,000,000). The wire is the same on every run: articles of 3 kB, of which four in ten are new, the others
//! copies, versions, teasers, reports by a template and articles with a paragraph of another. Traces go into a file, as a
//! store would keep them, and are read back from there; only where each stands is in memory. What is told
//! of time is the processor's, without that of inventing the articles.

use std::{array, cell::RefCell, env, fs, io, os::unix::fs::FileExt, path::PathBuf, time::Instant};

use depeche_cluster::{Candidate, Limits, Stage, Trace, Window};
use depeche_news::jiff::Timestamp;

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        ((u128::from(self.next()) * sides.max(1) as u128) >> 64) as usize
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    /// 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Words of a language and names in it. The n-th word is used 1/n as often as the first.
const WORDS: usize = 80_000;
const NAMES: usize = 60_000;

/// Phrases that anybody may use: every twentieth word begins one.
const PHRASES: usize = 20_000;

/// Articles back from which copies and the like are taken, mostly from the nearest.
const BACK_MAX: f64 = 30_000.0;

/// Articles told at one time by several outlets in words of their own, and how many of them.
const EVENTS: usize = 400;

/// An invented wire.
struct Wire {
    words: Vec<String>,
    names: Vec<String>,
    phrases: Vec<String>,
}

/// An article: headline, and text with one paragraph a line.
#[derive(Clone)]
struct Article {
    title: String,
    lines: Vec<String>,
}

impl Wire {
    fn new() -> Self {
        let mut dice = Dice(1);
        let words: Vec<String> = (0..WORDS).map(|rank| word(rank, &mut dice)).collect();
        let names = (0..NAMES).map(|_| capital(&word(9_000, &mut dice))).collect();
        let mut wire = Self { words, names, phrases: Vec::new() };
        wire.phrases = (0..PHRASES)
            .map(|_| {
                let count = 4 + dice.roll(4);
                let words: Vec<&str> = (0..count).map(|_| wire.word(&mut dice)).collect();
                words.join(" ")
            })
            .collect();
        wire
    }

    fn word(&self, dice: &mut Dice) -> &str {
        let rank = (WORDS as f64).powf(dice.share()) as usize;
        self.words.get(rank.saturating_sub(1)).map_or("", String::as_str)
    }

    /// A name of an event: some are in the news all year, most only now.
    fn name(&self, event: u64, dice: &mut Dice) -> &str {
        let mut own = Dice(event * 31 + dice.roll(6) as u64);
        let rank = (NAMES as f64).powf(1.0 - own.share() * 0.6) as usize;
        self.names.get(rank % NAMES).map_or("", String::as_str)
    }

    /// The article with this number of a wire.
    fn article(&self, n: u64) -> Article {
        let mut dice = Dice(n.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let back = 1 + BACK_MAX.powf(dice.share()) as u64;
        let earlier = n.saturating_sub(back);
        match dice.roll(100) {
            0..30 if n > 0 => self.copy(earlier, &mut dice),
            30..38 if n > 0 => self.version(earlier, &mut dice),
            38..45 if n > 0 => self.teaser(earlier),
            45..52 => self.report(n, &mut dice),
            52..58 if n > 0 => self.with_background(n, earlier, &mut dice),
            _ => self.original(n),
        }
    }

    fn original(&self, n: u64) -> Article {
        let mut dice = Dice(n.wrapping_mul(0x9e6c_63d0_676a_9a99));
        let event = n / 4_000 * 4_000 + dice.roll(EVENTS) as u64;
        let title = self.headline(event, &mut dice);
        let lines = 3 + dice.roll(5);
        let lines = (0..lines).map(|_| self.paragraph(event, &mut dice)).collect();
        Article { title, lines }
    }

    fn headline(&self, event: u64, dice: &mut Dice) -> String {
        let mut words = vec![capital(self.word(dice))];
        for _ in 0..6 + dice.roll(6) {
            let named = dice.percent(25);
            words.push(if named { self.name(event, dice) } else { self.word(dice) }.to_owned());
        }
        words.join(" ")
    }

    fn paragraph(&self, event: u64, dice: &mut Dice) -> String {
        let mut text = capital(self.word(dice));
        for _ in 0..35 + dice.roll(50) {
            text.push_str(if dice.percent(9) { ", " } else { " " });
            match dice.roll(100) {
                0..5 => text.push_str(self.name(event, dice)),
                5..7 => text.push_str(&dice.roll(3_000).to_string()),
                7..12 => text.push_str(&self.phrases[dice.roll(PHRASES)]),
                12..15 => text.push_str("« déjà vu »"),
                _ => text.push_str(self.word(dice)),
            }
        }
        text.push('.');
        text
    }

    /// Cut, touched up, under another headline or with a line of the outlet's.
    fn copy(&self, earlier: u64, dice: &mut Dice) -> Article {
        let Article { mut title, mut lines } = self.original(earlier);
        if dice.percent(40) {
            title = self.headline(earlier, dice);
        }
        let kept = if dice.percent(50) { lines.len() } else { 2 + dice.roll(lines.len()) };
        lines.truncate(kept);
        if dice.percent(30) {
            let damaged = |word: &str| match dice.percent(6) {
                true => self.word(dice).to_owned(),
                false => word.to_owned(),
            };
            let text = lines.join("\n");
            let text: Vec<String> = text.split(' ').map(damaged).collect();
            lines = text.join(" ").lines().map(str::to_owned).collect();
        }
        if dice.percent(60) {
            lines.push(format!("Lire aussi : nos abonnés du {} écrivent", dice.roll(40)));
        }
        Article { title, lines }
    }

    /// With other figures or a new lead.
    fn version(&self, earlier: u64, dice: &mut Dice) -> Article {
        let Article { title, mut lines } = self.original(earlier);
        if dice.percent(50) {
            let lead = self.paragraph(earlier, dice);
            lines.insert(0, lead);
        } else if let Some(line) = lines.first_mut() {
            line.push_str(&format!(" Le bilan est de {} morts.", dice.roll(90)));
        }
        Article { title, lines }
    }

    fn teaser(&self, earlier: u64) -> Article {
        let Article { title, lines } = self.original(earlier);
        let start: String = lines.concat().chars().take(240).collect();
        Article { title, lines: vec![format!("{start}…")] }
    }

    /// One of a hundred kinds of report: the words are the same every time, the figures are not.
    fn report(&self, n: u64, dice: &mut Dice) -> Article {
        let kind = dice.roll(100) as u64;
        let of_kind = self.original(u64::MAX / 2 + kind * 4_000);
        let filled = |line: &String| {
            let words = line.split(' ').enumerate();
            let filled = words.map(|(at, word)| match at % 6 {
                3 => dice.roll(100).to_string(),
                _ => word.to_owned(),
            });
            filled.collect::<Vec<_>>().join(" ")
        };
        let lines = of_kind.lines.iter().map(filled).collect();
        Article { title: format!("{} du {}", of_kind.title, n / 20_000), lines }
    }

    fn with_background(&self, n: u64, earlier: u64, dice: &mut Dice) -> Article {
        let mut article = self.original(n);
        let theirs = self.original(earlier).lines;
        article.lines.push(theirs[dice.roll(theirs.len())].clone());
        article
    }
}

/// The word of this rank: frequent ones are short.
fn word(rank: usize, dice: &mut Dice) -> String {
    const BEGINS: [&str; 16] =
        ["b", "ch", "d", "f", "g", "l", "m", "n", "p", "qu", "r", "s", "t", "v", "tr", "pl"];
    const ENDS: [&str; 12] = ["a", "e", "i", "o", "u", "é", "ou", "an", "on", "er", "es", "è"];
    let syllables = 1 + usize::from(rank > 60) + usize::from(rank > 1_500) + dice.roll(2);
    (0..syllables).map(|_| [BEGINS[dice.roll(16)], ENDS[dice.roll(12)]].concat()).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a store would keep of what was placed: a file, and where each trace stands in it.
struct Kept {
    file: fs::File,
    path: PathBuf,
    ends: Vec<u64>,
    /// What is not written yet.
    waiting: Vec<u8>,
    written: u64,
    read: RefCell<(Vec<u8>, u64)>,
}

impl Kept {
    fn new() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("depeche-traces-{}", std::process::id()));
        let file = fs::File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Self {
            file,
            path,
            ends: Vec::new(),
            waiting: Vec::new(),
            written: 0,
            read: RefCell::default(),
        })
    }

    fn keep(&mut self, trace: &Trace) {
        self.waiting.extend(trace.to_bytes());
        self.ends.push(self.written + self.waiting.len() as u64);
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.waiting, self.written)?;
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    fn trace(&self, id: &str) -> Option<Trace> {
        let number = usize::from_str_radix(id, 16).ok()?;
        let from =
            number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let to = *self.ends.get(number)?;
        let (read, count) = &mut *self.read.borrow_mut();
        *count += 1;
        if let Some(from) = from.checked_sub(self.written) {
            let waiting = from as usize..(to - self.written) as usize;
            return Trace::from_bytes(self.waiting.get(waiting)?);
        }
        read.resize((to - from) as usize, 0);
        self.file.read_exact_at(read, from).ok()?;
        Trace::from_bytes(read)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // It is a temporary file; the system takes it away otherwise.
        let _ = fs::remove_file(&self.path);
    }
}

/// Seconds of the processor, and how long each stage took by the clock.
#[derive(Clone, Copy, Default)]
struct Spent {
    cpu: f64,
    stages: [f64; 5],
}

const STAGES: [(Stage, &str); 5] = [
    (Stage::Reading, "signature"),
    (Stage::Finding, "candidates"),
    (Stage::Comparing, "compare"),
    (Stage::Telling, "story"),
    (Stage::Keeping, "index"),
];

/// Articles invented before the clock is started.
const AT_ONCE: u64 = 1_000;

/// Seconds between two items, so that a million are a week's.
const SECONDS_APART: f64 = 0.6;

fn placed(
    window: &mut Window,
    n: u64,
    article: &Article,
    kept: &mut Kept,
    spent: &mut Spent,
) -> bool {
    let (id, text) = (format!("{n:020x}"), article.lines.join("\n"));
    let at = Timestamp::from_second((1.7e9 + n as f64 * SECONDS_APART) as i64).ok();
    let candidate = Candidate { id: &id, title: &article.title, text: &text, published: at };
    let mut running: Option<(Stage, Instant)> = None;
    let mut watch = |stage: Option<Stage>| {
        let now = Instant::now();
        if let Some((before, since)) = running.take() {
            let at = STAGES.iter().position(|(stage, _)| *stage == before).unwrap_or(0);
            spent.stages[at] += (now - since).as_secs_f64();
        }
        running = stage.map(|stage| (stage, now));
    };
    let placement =
        window.place_watched(&candidate, |id| kept.trace(id), |stage| watch(Some(stage)));
    watch(None);
    kept.keep(&placement.trace);
    placement.dispatch != id
}

#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let (items, items_max) = (number(0).unwrap_or(1_100_000), number(1).unwrap_or(1_000_000));
    let wire = Wire::new();
    let mut kept = Kept::new()?;
    let limits = Limits { items_max: items_max as usize, ..Limits::default() };
    let mut window = Window::new(limits);
    let (mut spent, mut bytes, mut joined) = (Spent::default(), 0, 0);
    let before = resident_kb();
    println!("the wire itself is {} MB resident", before / 1_024);
    let report_every = (items / 20).next_multiple_of(AT_ONCE);
    let mut since = (0, Spent::default(), 0);
    for from in (0..items).step_by(AT_ONCE as usize) {
        let articles: Vec<Article> =
            (from..items.min(from + AT_ONCE)).map(|n| wire.article(n)).collect();
        let start = processor_seconds();
        for (n, article) in (from..).zip(&articles) {
            bytes += article.lines.iter().map(|line| line.len() + 1).sum::<usize>();
            joined += usize::from(placed(&mut window, n, article, &mut kept, &mut spent));
        }
        spent.cpu += processor_seconds() - start;
        kept.flush()?;
        let done = from + articles.len() as u64;
        if done.is_multiple_of(report_every) || done == items {
            let (before, spent_before, asked_before) = since;
            told(done, done - before, spent_before, &spent);
            let asked = kept.read.borrow().1;
            println!(
                "          {} B a text, {joined} joined, {:.2} traces a place, {} MB resident",
                bytes as u64 / done,
                (asked - asked_before) as f64 / (done - before) as f64,
                resident_kb() / 1_024,
            );
            since = (done, spent, asked);
        }
    }
    println!("bytes by part: {:?} of {} items", window.held(), window.len());
    started_again(window, limits)
}

/// Writes a snapshot and reads it, as a restart would.
#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn started_again(window: Window, limits: Limits) -> io::Result<()> {
    let path = env::temp_dir().join(format!("depeche-snapshot-{}", std::process::id()));
    let start = processor_seconds();
    window.snapshot(0, &mut fs::File::create(&path)?)?;
    let (wrote, bytes) = (processor_seconds() - start, fs::metadata(&path)?.len());
    drop(window);
    let start = processor_seconds();
    let restored = Window::restored(limits, &mut io::BufReader::new(fs::File::open(&path)?));
    let read = processor_seconds() - start;
    fs::remove_file(&path)?;
    let (window, _) = restored.map_err(io::Error::other)?;
    println!("a snapshot of {} MB: written in {wrote:.1} s, read in {read:.1} s", bytes >> 20);
    println!("{} items then, {} MB resident", window.len(), resident_kb() / 1_024);
    Ok(())
}

/// The rate of the latest items, and microseconds of each stage.
#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn told(done: u64, count: u64, before: Spent, now: &Spent) {
    let micros = |now: f64, before: f64| (now - before) * 1e6 / count as f64;
    let cpu = micros(now.cpu, before.cpu);
    let clock: [f64; 5] = array::from_fn(|at| micros(now.stages[at], before.stages[at]));
    // Others use the processor as well: a stage has of its time the share that it has of the clock's.
    let stages = clock.map(|clock_us| clock_us * cpu / clock.iter().sum::<f64>());
    let told = STAGES.iter().zip(stages).map(|((_, name), us)| format!("{name} {us:.1}"));
    let told = told.collect::<Vec<_>>().join(", ");
    let story = stages[3];
    println!("{done:9} items: {:6.0} a second, {cpu:.1} us: {told}", 1e6 / cpu);
    println!("          {:6.0} a second without stories", 1e6 / (cpu - story));
}

/// What this thread has had of the processor.
fn processor_seconds() -> f64 {
    let said = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    said.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn resident_kb() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
