//! Learns what each piece of a word says for each language: a softmax over the sums of weights, made-up headline by headline.

use std::sync::mpsc;

use depeche_text::language::study::{self, LANES};
use rustc_hash::FxHashMap;

use super::{chance::Chance, headline::Desk};

/// A language of a script: where its headlines come from, its place among the weights, and how often it is learned.
pub(super) struct Lane<'a> {
    pub(super) desk: Desk<'a>,
    pub(super) place: usize,
    pub(super) often: f32,
}

/// Words of a language that its pieces are counted in.
const COUNTED_WORDS: usize = 150_000;

/// A piece seen less often than this says nothing.
const COUNT_MIN: u32 = 2;

/// Headlines that are made up at once, for the learner to take while the next are made.
const BATCH: usize = 500;

/// What is as good as known is not learned again.
const KNOWN: f32 = 1e-4;

/// Step of learning.
const RATE: f32 = 0.04;

/// Weights of the pieces of one script.
pub(super) struct Weights {
    places: FxHashMap<u64, u32>,
    learned: Learned,
}

/// What is learned of each piece.
struct Learned {
    rows: Vec<[f32; LANES]>,
    /// Squares of the steps so far: what was seen often moves little.
    moved: Vec<f32>,
    /// How often each came while learning.
    seen: Vec<u32>,
    start: [f32; LANES],
}

/// Made-up headlines: the number of the lane, and the places of its pieces.
type Batch = Vec<(usize, Vec<u32>)>;

/// The pieces that tell most of the language, most telling first.
pub(super) fn candidates(lanes: &[Lane], count: usize, chance: &mut Chance) -> Vec<u64> {
    let mut all: Vec<(u64, u8, u32)> = Vec::new();
    let mut headline = String::new();
    for lane in lanes {
        let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
        let mut words = 0;
        while words < COUNTED_WORDS {
            lane.desk.write(chance, &mut headline);
            study::words(&headline, |word| {
                words += 1;
                word.pieces(|piece| *counts.entry(piece).or_default() += 1);
            });
        }
        let counts = counts.into_iter().filter(|(_, count)| *count >= COUNT_MIN);
        all.extend(counts.map(|(piece, count)| (piece, lane.place as u8, count)));
    }
    all.sort_unstable();
    let mut told: Vec<(f64, u64)> = all
        .chunk_by(|one, other| one.0 == other.0)
        .map(|same| {
            (information(same.iter().map(|(.., count)| f64::from(*count)), lanes.len()), same[0].0)
        })
        .collect();
    told.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    told.into_iter().take(count).map(|(_, piece)| piece).collect()
}

/// What a piece tells of the language each time it comes, times how often it comes.
fn information(counts: impl Iterator<Item = f64> + Clone, lanes: usize) -> f64 {
    let all: f64 = counts.clone().sum();
    let of = |count: f64| {
        let share = (count + 0.5) / (all + 0.5 * lanes as f64);
        count * (share * lanes as f64).ln()
    };
    counts.map(of).sum()
}

/// Makes up a batch of headlines.
fn batch(places: &FxHashMap<u64, u32>, lanes: &[Lane], chance: &mut Chance) -> Batch {
    let often: f32 = lanes.iter().map(|lane| lane.often).sum();
    let mut headline = String::new();
    let one = |_| {
        let mut told = chance.below_one() * often;
        let number = lanes.iter().position(|lane| {
            told -= lane.often;
            told < 0.0
        });
        let number = number.unwrap_or(lanes.len() - 1);
        lanes[number].desk.write(chance, &mut headline);
        let mut active = Vec::new();
        study::words(&headline, |word| word.pieces(|piece| active.extend(places.get(&piece))));
        (number, active)
    };
    (0..BATCH).map(one).collect()
}

impl Weights {
    pub(super) fn of(pieces: &[u64]) -> Self {
        Self {
            places: pieces
                .iter()
                .enumerate()
                .map(|(place, piece)| (*piece, place as u32))
                .collect(),
            learned: Learned {
                rows: vec![[0.0; LANES]; pieces.len()],
                moved: vec![1.0; pieces.len()],
                seen: vec![0; pieces.len()],
                start: [0.0; LANES],
            },
        }
    }

    /// Learns from so many made-up headlines; tells which share of the last part was found before it was learned.
    pub(super) fn learn(&mut self, lanes: &[Lane], headlines: usize, chance: &mut Chance) -> f32 {
        let Self { places, learned } = self;
        let batches = headlines / BATCH;
        let (mut right, mut judged) = (0, 0);
        std::thread::scope(|scope| {
            let (give, take) = mpsc::sync_channel(16);
            scope.spawn(move || {
                for _ in 0..batches {
                    // Nobody takes any more only where the learner has broken down.
                    if give.send(batch(places, lanes, chance)).is_err() {
                        return;
                    }
                }
            });
            for (number, batch) in take.into_iter().enumerate() {
                let left = 1.0 - number as f32 / batches as f32;
                for (lane, active) in batch {
                    let truth = lanes[lane].place;
                    let shares = learned.shares(&active, lanes);
                    if left < 0.1 {
                        judged += 1;
                        right += usize::from(shares.iter().all(|share| *share <= shares[truth]));
                    }
                    learned.step(&active, &shares, truth, RATE * (0.1 + 0.9 * left));
                }
            }
        });
        right as f32 / judged.max(1) as f32
    }

    /// The pieces with their weights, the most telling first.
    pub(super) fn ranked(&self, lanes: usize) -> Vec<(u64, f32)> {
        let mut ranked: Vec<(u64, f32)> = self
            .places
            .iter()
            .map(|(piece, place)| {
                let row = &self.learned.rows[*place as usize][..lanes];
                let mean = row.iter().sum::<f32>() / lanes as f32;
                let spread: f32 = row.iter().map(|weight| (weight - mean).powi(2)).sum();
                (*piece, spread * (self.learned.seen[*place as usize] as f32).sqrt())
            })
            .collect();
        ranked.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        ranked
    }

    /// Keeps these pieces alone.
    pub(super) fn keep(&mut self, pieces: &[u64]) {
        let mut kept = Self::of(pieces);
        kept.learned.start = self.learned.start;
        for (place, piece) in pieces.iter().enumerate() {
            let from = self.places[piece] as usize;
            kept.learned.rows[place] = self.learned.rows[from];
            kept.learned.moved[place] = self.learned.moved[from];
        }
        *self = kept;
    }

    pub(super) fn row(&self, piece: u64) -> Option<&[f32; LANES]> {
        self.learned.rows.get(*self.places.get(&piece)? as usize)
    }

    /// What each language has before any piece.
    pub(super) fn start(&self) -> &[f32; LANES] {
        &self.learned.start
    }
}

impl Learned {
    fn shares(&self, active: &[u32], lanes: &[Lane]) -> [f32; LANES] {
        let mut sums = self.start;
        for place in active {
            for (sum, weight) in sums.iter_mut().zip(&self.rows[*place as usize]) {
                *sum += weight;
            }
        }
        let most = lanes.iter().map(|lane| sums[lane.place]).fold(f32::MIN, f32::max);
        let mut shares = [0.0; LANES];
        for lane in lanes {
            shares[lane.place] = (sums[lane.place] - most).exp();
        }
        let all: f32 = shares.iter().sum();
        shares.map(|share| share / all)
    }

    fn step(&mut self, active: &[u32], shares: &[f32; LANES], truth: usize, rate: f32) {
        let mut wrong = *shares;
        wrong[truth] -= 1.0;
        let square: f32 = wrong.iter().map(|wrong| wrong * wrong).sum();
        for place in active.iter().map(|place| *place as usize) {
            self.seen[place] += 1;
            if square < KNOWN {
                continue;
            }
            self.moved[place] += square;
            let step = rate / self.moved[place].sqrt();
            for (weight, wrong) in self.rows[place].iter_mut().zip(&wrong) {
                *weight -= step * wrong;
            }
        }
        for (start, wrong) in self.start.iter_mut().zip(&wrong) {
            *start -= rate * 0.001 * wrong;
        }
    }
}
