//! Groups headlines into stories and says how well, or replays a wire that never was.
//!
//! `stories FILE`: one headline a line: its group, tab, the headline, and if known tab and its time, in the
//! order they came. `stories replay [ARTICLES [DAYS]]`: events of hours or days, each told by many under
//! headlines and with bodies of their own, in three languages; three million in twelve months if
//! nothing else is said. Every pair is counted: right where both tell one event.

use std::{
    collections::{HashMap, VecDeque},
    fs,
    time::Instant,
};

use depeche_cluster::{Candidate, Limits, Mend, Placement, Recent, Trace, Window, mends};
use depeche_news::jiff::Timestamp;

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

    /// Small numbers more often than large ones, as words are used.
    fn low(&mut self, sides: usize) -> usize {
        let share = self.roll(1 << 20) as f64 / f64::from(1 << 20);
        (((sides as f64 + 1.0).powf(share) - 1.0) as usize).min(sides - 1)
    }
}

/// A word that nobody says: syllables of a number, told apart by language.
fn word(language: usize, number: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "cor", "di", "fel", "gu", "lan", "mi", "nor", "pa", "ral", "so", "tin", "vu", "zel",
        "che", "bro",
    ];
    let mut word = String::from(["", "k", "w"][language % 3]);
    let mut left = number + 300;
    while left > 0 {
        word.push_str(SYLLABLES[left % 16]);
        left /= 16;
    }
    word
}

fn name(number: usize) -> String {
    let word = word(1, 900_000 + number);
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Something that happens: who and where, what about, until when.
struct Event {
    number: usize,
    language: usize,
    names: Vec<String>,
    words: Vec<String>,
    ends: i64,
}

const WORDS: usize = 6_000;
const TOPICS: usize = 300;
const TOPIC_WORDS: usize = 40;

/// Names in the news; few are in it every day.
const NAMES: usize = 40_000;

/// Events under way at a time. Nine of ten articles tell one of them, some more often than others.
const UNDER_WAY: usize = 3_000;

impl Event {
    fn new(number: usize, at: i64, dice: &mut Dice) -> Self {
        let language = dice.roll(3);
        let topic = dice.low(TOPICS);
        let of_topic =
            |dice: &mut Dice| word(language, WORDS + topic * TOPIC_WORDS + dice.roll(TOPIC_WORDS));
        let words = (0..9).map(|_| of_topic(dice)).collect();
        let names = (0..4).map(|_| name(dice.low(NAMES))).collect();
        let hours = 6 + dice.low(6 * 24);
        Self { number, language, names, words, ends: at + hours as i64 * 3_600 }
    }

    fn any(&self, names_percent: usize, words_percent: usize, dice: &mut Dice) -> String {
        match dice.roll(100) {
            rolled if rolled < names_percent => self.names[dice.low(self.names.len())].clone(),
            rolled if rolled < names_percent + words_percent => {
                self.words[dice.low(self.words.len())].clone()
            }
            _ => word(self.language, dice.low(WORDS)),
        }
    }

    fn sentence(&self, words: usize, percents: [usize; 2], dice: &mut Dice) -> String {
        let words: Vec<String> =
            (0..words).map(|_| self.any(percents[0], percents[1], dice)).collect();
        words.join(" ")
    }
}

/// A wire: the events under way and the articles that tell of them.
struct Wire {
    dice: Dice,
    events: Vec<Event>,
    opened: usize,
}

impl Wire {
    fn new() -> Self {
        Self { dice: Dice(6), events: Vec::new(), opened: 0 }
    }

    fn event(&mut self, at: i64) -> Event {
        self.opened += 1;
        Event::new(self.opened, at, &mut self.dice)
    }

    /// The next article.
    fn article(&mut self, at: i64) -> Article {
        while self.events.len() < UNDER_WAY {
            let event = self.event(at);
            self.events.push(event);
        }
        let alone = (self.dice.roll(10) == 0).then(|| self.event(at));
        let place = self.dice.roll(UNDER_WAY) * self.dice.roll(UNDER_WAY) / UNDER_WAY;
        if self.events[place].ends < at {
            self.events[place] = self.event(at);
        }
        let (event, dice) = (alone.as_ref().unwrap_or(&self.events[place]), &mut self.dice);
        let words = 6 + dice.roll(5);
        let title = event.sentence(words, [25, 35], dice);
        let paragraphs: Vec<String> = (0..4).map(|_| event.sentence(30, [6, 14], dice)).collect();
        Article { event: event.number, ends: event.ends, title, text: paragraphs.join("\n") }
    }
}

/// An article: its event, when that ends, headline and text.
struct Article {
    event: usize,
    ends: i64,
    title: String,
    text: String,
}

/// The window with what a store would keep for it.
struct Desk {
    window: Window,
    traces: HashMap<String, Trace>,
    came: VecDeque<String>,
    spent: f64,
}

impl Desk {
    fn new() -> Self {
        let window = Window::new(Limits::default());
        Self { window, traces: HashMap::new(), came: VecDeque::new(), spent: 0.0 }
    }

    fn place(&mut self, candidate: &Candidate<'_>) -> Placement {
        let start = Instant::now();
        if let Some(at) = candidate.published {
            self.window.advance(at);
            self.window.trim(at);
        }
        let placed = self.window.place(candidate, |id| self.traces.get(id).cloned());
        self.spent += start.elapsed().as_secs_f64();
        self.traces.insert(candidate.id.to_owned(), placed.trace.clone());
        self.came.push_back(candidate.id.to_owned());
        if self.came.len() > self.window.len() {
            self.came.pop_front().and_then(|gone| self.traces.remove(&gone));
        }
        placed
    }
}

/// Pairs: said, there, and both.
#[derive(Default)]
struct Pairs {
    said: HashMap<String, u64>,
    there: HashMap<String, u64>,
    both: HashMap<(String, String), u64>,
}

impl Pairs {
    fn add(&mut self, story: &str, event: &str) {
        *self.said.entry(story.to_owned()).or_default() += 1;
        *self.there.entry(event.to_owned()).or_default() += 1;
        *self.both.entry((story.to_owned(), event.to_owned())).or_default() += 1;
    }

    fn told(&self) -> String {
        let pairs = |n: &u64| (n * (n - 1) / 2) as f64;
        let said: f64 = self.said.values().map(pairs).sum();
        let there: f64 = self.there.values().map(pairs).sum();
        let both: f64 = self.both.values().map(pairs).sum();
        format!(
            "pairs: precision {:.3}, recall {:.3}, f1 {:.3}",
            both / said.max(1.0),
            both / there.max(1.0),
            2.0 * both / (said + there).max(1.0)
        )
    }
}

#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn group(path: &str) -> std::io::Result<()> {
    let (mut desk, mut pairs) = (Desk::new(), Pairs::default());
    let mut placed: Vec<(Placement, String)> = Vec::new();
    for (number, line) in fs::read_to_string(path)?.lines().enumerate() {
        let mut cells = line.split('\t');
        let (Some(group), Some(title)) = (cells.next(), cells.next()) else { continue };
        let published = cells.next().and_then(|time| time.parse().ok());
        let id = format!("{number:020x}");
        let candidate = Candidate { id: &id, title, published, ..Candidate::default() };
        let placement = desk.place(&candidate);
        pairs.add(&placement.story, group);
        placed.push((placement, group.to_owned()));
    }
    println!("{}", pairs.told());
    let mended = mend(&mut placed);
    let mut pairs = Pairs::default();
    placed.iter().for_each(|(placement, group)| pairs.add(&placement.story, group));
    println!("mended {mended}: {}", pairs.told());
    Ok(())
}

/// Mends the stories of these dispatches as often as there is something to mend, ten times at most.
fn mend(placed: &mut [(Placement, String)]) -> usize {
    let mut count = 0;
    for _round in 0..10 {
        let recent: Vec<Recent<'_>> = placed
            .iter()
            .map(|(at, _)| Recent { dispatch: &at.dispatch, story: &at.story, trace: &at.trace })
            .collect();
        let found = mends(&recent);
        if found.is_empty() {
            break;
        }
        count += found.len();
        for mend in found {
            for (at, _) in placed.iter_mut() {
                match &mend {
                    Mend::Merge { story, into } if at.story == *story => at.story.clone_from(into),
                    Mend::Split { dispatches, .. } if dispatches.contains(&at.dispatch) => {
                        at.story.clone_from(dispatches.first().unwrap_or(&at.story.clone()));
                    }
                    _ => {}
                }
            }
        }
    }
    count
}

/// What is counted of a replay. Pairs are, of a month in six: counting all takes more room than the window.
#[derive(Default)]
struct Replay {
    pairs: Pairs,
    stories: HashMap<String, Life>,
    lives: Lives,
    bytes: usize,
    resident_kb: usize,
}

/// A story: when it was founded, when the event of its founder ends, and when it grew last.
#[derive(Clone, Copy)]
struct Life {
    since: i64,
    ends: i64,
    grew: i64,
}

/// What is counted of all lives: stories that grew at all, those that grew a day after their event's end, the longest
/// time between the two, and the greatest age at which one grew.
#[derive(Default)]
struct Lives {
    grew: usize,
    outlived: usize,
    longest: i64,
    oldest: i64,
}

impl Lives {
    fn add(&mut self, life: Life) {
        let (age, after) = (life.grew - life.since, life.grew - life.ends);
        self.grew += usize::from(age > 0);
        self.outlived += usize::from(after > DAY);
        self.longest = self.longest.max(after);
        self.oldest = self.oldest.max(age);
    }
}

impl Replay {
    fn add(&mut self, placed: &Placement, article: &Article, at: i64) {
        let founded = Life { since: at, ends: article.ends, grew: at };
        self.stories.entry(placed.story.clone()).or_insert(founded).grew = at;
        self.bytes += article.text.len();
        if at < START + PAIRS_DAYS * DAY {
            self.pairs.add(&placed.story, &article.event.to_string());
        }
    }

    /// Counts the stories that ended before `at` and lets go of them.
    fn close(&mut self, at: i64) {
        let Self { stories, lives, .. } = self;
        for (_, life) in stories.extract_if(|_, life| life.grew < at) {
            lives.add(life);
        }
        self.resident_kb = self.resident_kb.max(resident_kb());
    }
}

const START: i64 = 1_767_225_600;
const DAY: i64 = 86_400;
const PAIRS_DAYS: i64 = 14;

#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn replay(articles: usize, days: usize) {
    let (mut wire, mut desk, mut seen) = (Wire::new(), Desk::new(), Replay::default());
    for number in 0..articles {
        let at = START + (number as f64 / articles as f64 * days as f64 * DAY as f64) as i64;
        let article = wire.article(at);
        let id = format!("{number:020x}");
        let published = Timestamp::from_second(at).ok();
        let (title, text) = (article.title.as_str(), article.text.as_str());
        let candidate = Candidate { id: &id, title, text, published };
        let placed = desk.place(&candidate);
        seen.add(&placed, &article, at);
        if number % 50_000 == 0 {
            seen.close(at - 30 * DAY);
        }
    }
    seen.close(i64::MAX);
    let Replay { pairs, lives, bytes, resident_kb, .. } = seen;
    println!(
        "{articles} articles of {} B in {days} days: {:.0} a second, {} MB resident at most, {} in the window",
        bytes / articles.max(1),
        articles as f64 / desk.spent,
        resident_kb / 1024,
        desk.window.len(),
    );
    let in_days = |seconds: i64| seconds as f64 / DAY as f64;
    println!(
        "of {} stories that grew, {} did a day after the end of the event that founded them, the last {:.1} days after it; the oldest {:.1} days old",
        lives.grew,
        lives.outlived,
        in_days(lives.longest),
        in_days(lives.oldest),
    );
    println!("the first {PAIRS_DAYS} days, {}", pairs.told());
}

#[allow(clippy::print_stdout, reason = "an example tells its figures")]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, or: usize| arguments.get(at).and_then(|n| n.parse().ok()).unwrap_or(or);
    match arguments.first().map(String::as_str) {
        Some("replay") => replay(number(1, 3_000_000), number(2, 365)),
        Some(path) => group(path)?,
        None => println!("stories FILE, or stories replay [ARTICLES [DAYS]]"),
    }
    Ok(())
}

fn resident_kb() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
