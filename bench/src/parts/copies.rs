//! Finding copies and stories: texts as they come, one after the other, into a window that holds them all.

use std::{array, time::Duration};

use depeche_cluster::{Candidate, Limits, Stage, Trace, Window};

use crate::{
    arguments::Arguments,
    clock::thread_cpu,
    figures::{Figures, rate},
    making::newsroom,
    text::Piece,
};

const PART: &str = "copies";

/// The stages, by the names they are told under.
const STAGES: [(Stage, &str); 5] = [
    (Stage::Reading, "signature"),
    (Stage::Finding, "candidates"),
    (Stage::Comparing, "compared"),
    (Stage::Telling, "story"),
    (Stage::Keeping, "kept"),
];

/// Of the last articles, so many in a hundred are timed: the window is as full as it gets then.
const TIMED_PERCENT: usize = 20;

/// Places as many articles as asked for; tells the cost of the last of them, by stage, and what the window takes.
pub(crate) fn measure(
    figures: &mut Figures,
    arguments: &Arguments,
    articles: usize,
) -> anyhow::Result<()> {
    let mut newsroom = newsroom(arguments, articles)?;
    let limits = Limits { items_max: articles, hours_max: u32::MAX };
    let mut desk = Desk { window: Window::new(limits), traces: Vec::with_capacity(articles) };
    let timed_from = articles - articles * TIMED_PERCENT / 100;
    let (mut spent, mut bytes, mut joined) = ([Duration::ZERO; STAGES.len()], 0, 0);
    for number in 0..articles {
        let piece = newsroom.piece();
        bytes += piece.text_bytes();
        let (joins, stages) = desk.place(number, &piece);
        joined += usize::from(joins);
        if number >= timed_from {
            spent.iter_mut().zip(stages).for_each(|(all, one)| *all += one);
        }
    }
    let timed = articles - timed_from;
    let [reading, finding, comparing, telling, keeping] = spent;
    let without_stories = reading + finding + comparing + keeping;
    let name = format!("copies, {articles} in the window");
    figures.held(PART, &name, rate(timed, without_stories), "/s", "≥ 10,000");
    figures.tell(PART, "copies and stories", rate(timed, without_stories + telling), "/s");
    for ((_, name), spent) in STAGES.iter().zip(spent) {
        figures.tell(PART, name, spent.as_secs_f64() * 1e6 / timed.max(1) as f64, "µs");
    }
    let held = desk.window.held();
    let held = held.names + held.texts + held.fingerprints + held.terms;
    figures.tell(PART, "window", held as f64 / articles.max(1) as f64, "B/article");
    figures.tell(PART, "text", bytes as f64 / articles.max(1) as f64, "B/article");
    figures.tell(PART, "in the dispatch of another", joined as f64, "articles");
    Ok(())
}

/// The window and the traces that a store keeps otherwise.
struct Desk {
    window: Window,
    traces: Vec<Vec<u8>>,
}

impl Desk {
    /// Whether the piece came into another's dispatch, and the CPU of each stage.
    fn place(&mut self, number: usize, piece: &Piece) -> (bool, [Duration; STAGES.len()]) {
        let (id, text) = (format!("{number:020x}"), piece.paragraphs.join("\n"));
        let candidate =
            Candidate { id: &id, title: &piece.headline, text: &text, published: Some(piece.at) };
        let trace = |id: &str| {
            let number = usize::from_str_radix(id, 16).ok()?;
            Trace::from_bytes(self.traces.get(number)?)
        };
        let mut began: Vec<(Stage, Duration)> = Vec::with_capacity(8);
        let begins = |stage| began.push((stage, thread_cpu()));
        let placed = self.window.place_watched(&candidate, trace, begins);
        let end = thread_cpu();
        self.traces.push(placed.trace.to_bytes());
        let ends = began.iter().skip(1).map(|(_, at)| *at).chain([end]);
        let stages: Vec<(Stage, Duration)> =
            began.iter().zip(ends).map(|((stage, at), end)| (*stage, end - *at)).collect();
        let of = |wanted: Stage| {
            stages.iter().filter(|(stage, _)| *stage == wanted).map(|(_, spent)| *spent).sum()
        };
        (placed.dispatch != id, array::from_fn(|at| of(STAGES[at].0)))
    }
}
