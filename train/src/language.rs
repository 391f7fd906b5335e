//! `cargo xtask train language`: the weights of the recogniser of languages, from lingua's counts.
//!
//! Words are made up as each language makes them (`chain`), put into headlines (`headline`), and what their pieces say is learned
//! from them (`weigh`): a great many pieces first, then the most telling ones alone, which are laid out as the recogniser
//! finds them.

mod chain;
mod chance;
mod headline;
mod weigh;

use std::path::{Path, PathBuf};

use anyhow::Context;
use depeche_text::language::study::{self, BUCKETS, LANES, SLOTS, STEP};

use rustc_hash::{FxHashMap, FxHashSet};

use chain::Chain;
use chance::Chance;
use headline::Desk;
use weigh::{Lane, Weights};

/// What the file says first.
const HEADER: &str = "Weights of Depeche's recogniser of languages. Learned from the n-gram counts of the lingua language models 1.3.0, (c) Peter M. Stahl, \
    Apache-2.0, which were counted in the Wortschatz corpora of Leipzig University.\n";

/// The languages of a script: lingua's name, and how often it is learned.
struct Group {
    languages: &'static [(&'static str, f32)],
    /// Pieces learned first, and slots that they get in the end.
    candidates: usize,
    slots: usize,
    headlines: usize,
}

/// In the order of `study`'s lists. Half-sisters of a language and languages hardly asked for count less.
#[rustfmt::skip]
const GROUPS: [Group; study::GROUPS] = [
    Group {
        languages: &[
            ("french", 1.5), ("english", 1.5), ("german", 1.0), ("spanish", 1.0), ("italian", 1.0),
            ("portuguese", 1.0), ("dutch", 1.0), ("catalan", 0.8), ("polish", 1.0), ("czech", 1.0),
            ("slovak", 0.9), ("hungarian", 1.0), ("romanian", 1.0), ("swedish", 1.0), ("danish", 1.0),
            ("bokmal", 1.0), ("nynorsk", 0.3), ("finnish", 1.0), ("estonian", 0.9), ("latvian", 0.9),
            ("lithuanian", 0.9), ("croatian", 0.9), ("slovene", 0.9), ("serbian", 0.25), ("turkish", 1.0),
            ("vietnamese", 1.0), ("indonesian", 0.9), ("icelandic", 0.6), ("basque", 0.6), ("albanian", 0.6),
        ],
        candidates: 400_000,
        slots: usize::MAX,
        headlines: 1_800_000,
    },
    Group {
        languages: &[
            ("russian", 1.5), ("ukrainian", 1.0), ("bulgarian", 1.0), ("serbian", 0.9), ("macedonian", 0.7),
            ("belarusian", 0.7),
        ],
        candidates: 60_000,
        slots: 14_000,
        headlines: 500_000,
    },
    Group {
        languages: &[("arabic", 1.0), ("persian", 1.0), ("urdu", 1.0)],
        candidates: 20_000,
        slots: 5_000,
        headlines: 100_000,
    },
    Group {
        languages: &[("chinese", 1.0), ("japanese", 1.0)],
        candidates: 8_000,
        slots: 4_000,
        headlines: 100_000,
    },
];

/// Learns the weights from the models in `models` and writes them.
pub(crate) fn learn(models: &Path, out: &Path) -> anyhow::Result<()> {
    let mut bytes = vec![0; study::BYTES];
    let header = bytes.get_mut(..HEADER.len()).context("the header is too long")?;
    header.copy_from_slice(HEADER.as_bytes());
    let mut room = Room::default();
    // The large group last: it gets what room the small ones leave.
    let mut groups = Vec::new();
    for (number, group) in GROUPS.iter().enumerate().rev() {
        groups.push(of_group(models, number, group, &mut room)?);
    }
    groups.reverse();
    let filled = lay(&groups, &mut bytes);
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{}: {} bytes, {filled} pieces", out.display(), bytes.len());
    Ok(())
}

/// What the buckets still hold.
#[derive(Default)]
struct Room {
    filled: FxHashMap<usize, usize>,
    signs: FxHashSet<(usize, u16)>,
}

impl Room {
    /// Whether a piece finds a place, which it then has.
    fn takes(&mut self, piece: u64) -> bool {
        let (bucket, sign) = study::place(piece);
        let filled = self.filled.entry(bucket).or_default();
        let takes = *filled < SLOTS && self.signs.insert((bucket, sign));
        *filled += usize::from(takes);
        takes
    }
}

fn of_group(
    models: &Path,
    number: usize,
    group: &Group,
    room: &mut Room,
) -> anyhow::Result<(Vec<u64>, Weights)> {
    let chains = group.languages.iter().map(|(name, _)| Chain::read(&model(models, name)?));
    let chains = chains.collect::<anyhow::Result<Vec<Chain>>>()?;
    let names = if number == 0 { headline::names() } else { Vec::new() };
    let lanes: Vec<Lane> = group
        .languages
        .iter()
        .zip(&chains)
        .enumerate()
        .map(|(place, ((name, often), chain))| Lane {
            desk: Desk {
                chain,
                english: chains.get(1).filter(|_| number == 0 && *name != "english"),
                names: &names,
                plain: number == 0,
                romanised: number == 0 && *name == "serbian",
            },
            place,
            often: *often,
        })
        .collect();
    let mut chance = Chance::new(20_261_127 + number as u64);
    let candidates = weigh::candidates(&lanes, group.candidates, &mut chance);
    let mut weights = Weights::of(&candidates);
    let found = weights.learn(&lanes, group.headlines, &mut chance);
    eprintln!(
        "group {number}: {} candidates, {found:.4} of made-up headlines found",
        candidates.len()
    );
    let ranked = weights.ranked(lanes.len()).into_iter().map(|(piece, _)| piece);
    let kept: Vec<u64> = ranked.filter(|piece| room.takes(*piece)).take(group.slots).collect();
    weights.keep(&kept);
    let found = weights.learn(&lanes, group.headlines / 2, &mut chance);
    eprintln!("group {number}: {} kept, {found:.4} found", kept.len());
    Ok((kept, weights))
}

/// The folder of a crate as cargo unpacks it, whatever its version.
fn model(models: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let start = format!("lingua-{name}-language-model");
    let folders =
        std::fs::read_dir(models).with_context(|| format!("cannot read {}", models.display()))?;
    let folder = folders.filter_map(|folder| Some(folder.ok()?.path())).find(|folder| {
        folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    });
    Ok(folder
        .with_context(|| format!("no {start} in {}", models.display()))?
        .join("models/ngrams.fst"))
}

/// Lays the weights out; tells how many pieces have a slot.
fn lay(groups: &[(Vec<u64>, Weights)], bytes: &mut [u8]) -> usize {
    let starts_at = study::HEADER_BYTES;
    let signs_at = starts_at + study::START_BYTES;
    let rows_at = signs_at + BUCKETS * SLOTS * 2;
    let mut filled = vec![0; BUCKETS];
    for (number, (_, weights)) in groups.iter().enumerate() {
        let least = weights.start().iter().copied().fold(f32::MAX, f32::min);
        for (place, start) in weights.start().iter().enumerate() {
            let steps = ((start - least) / STEP).round() as i16;
            let at = starts_at + 2 * (number * LANES + place);
            bytes[at..at + 2].copy_from_slice(&steps.to_le_bytes());
        }
    }
    for (pieces, weights) in groups {
        for piece in pieces {
            let (bucket, sign) = study::place(*piece);
            let Some(row) = weights.row(*piece) else { continue };
            let slot = bucket * SLOTS + filled[bucket];
            filled[bucket] += 1;
            let (packed, shift) = pack(row);
            bytes[signs_at + 2 * slot..][..2].copy_from_slice(&(sign << 2 | shift).to_le_bytes());
            bytes[rows_at + slot * LANES / 2..][..LANES / 2].copy_from_slice(&packed);
        }
    }
    filled.iter().sum()
}

/// A row in half bytes, and how far they are to be shifted.
fn pack(row: &[f32; LANES]) -> ([u8; LANES / 2], u16) {
    let most = row.iter().copied().fold(f32::MIN, f32::max);
    let least = row.iter().copied().fold(f32::MAX, f32::min);
    let shift = (0..3).find(|shift| STEP * (15 << shift) as f32 >= most - least).unwrap_or(3);
    let step = STEP * (1 << shift) as f32;
    let least = least.max(most - 15.0 * step);
    let half = |weight: f32| ((weight - least) / step).round().clamp(0.0, 15.0) as u8;
    let mut packed = [0; LANES / 2];
    for (place, byte) in packed.iter_mut().enumerate() {
        *byte = half(row[place]) | half(row[place + LANES / 2]) << 4;
    }
    (packed, shift)
}
