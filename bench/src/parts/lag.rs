//! How far search is behind the wire while the program runs: from an item's place in the log to the first search that finds it.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use depeche_news::{Delivery, jiff::Timestamp};
use depeche_store::Store;

use crate::{
    arguments::Arguments,
    client::Connection,
    figures::{Figures, ms, percentile, progress},
    making::{Made, Way},
    server::{Running, program},
    text::{Newsroom, Piece, Plan},
};

const PART: &str = "lag";

/// Rounds of news, and pieces in each.
const ROUNDS: usize = 20;
const PIECES: usize = 25;

/// Time between two rounds, no multiple of what any loop waits for.
const APART: Duration = Duration::from_millis(730);

/// How often the wire and the search are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(3);

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Numbers of these pieces start beyond those of any other part.
const FIRST: usize = 2_000_000_000;

pub(crate) fn measure(
    figures: &mut Figures,
    arguments: &Arguments,
    made: &Made,
) -> anyhow::Result<()> {
    let Some(program) = program() else {
        figures.left_out(PART, "the program is not beside this one; name it in DEPECHE");
        return Ok(());
    };
    let rounds = rounds(arguments, made)?;
    let store = Store::open(&made.folder)?;
    let running = Running::program(&program, &made.folder)?;
    let mut pages = Connection::open(running.port)?;
    // The first search opens the index.
    wait(|| Ok(pages.get("/recherche.json?q=ministre", "")?.status == 200))?;
    let (mut taken, mut found) = (Vec::new(), Vec::new());
    let count = rounds.len();
    for (round, (deliveries, word)) in rounds.into_iter().enumerate() {
        let before = store.cursor()?.seq;
        let began = Instant::now();
        let receipts: Vec<_> = deliveries.into_iter().map(|one| store.record(one)).collect();
        receipts.into_iter().try_for_each(|receipt| receipt.wait().map(|_| ()))?;
        wait(|| Ok(store.cursor()?.seq >= before + PIECES as u64))?;
        taken.push(ms(began.elapsed()));
        let on_the_wire = Instant::now();
        let address = format!("/recherche.json?q={word}");
        wait(|| {
            let answer = pages.get(&address, "")?;
            Ok(String::from_utf8_lossy(&answer.body).contains("date_published"))
        })?;
        found.push(ms(on_the_wire.elapsed()));
        progress(&format!("round {} of {count} is found", round + 1));
        sleep(APART);
    }
    figures.tell(PART, "from delivery to wire, p50 (wall)", percentile(&mut taken, 50), "ms");
    figures.tell(PART, "from wire to search, p50 (wall)", percentile(&mut found, 50), "ms");
    let most = percentile(&mut found, 100);
    figures.held(PART, "from wire to search, longest (wall)", most, "ms", "≤ 1,000");
    Ok(())
}

/// What outlets deliver in each round, with the word that only the piece which is read last has in it.
fn rounds(arguments: &Arguments, made: &Made) -> anyhow::Result<Vec<(Vec<Delivery>, String)>> {
    let count = arguments.times(ROUNDS);
    let now = Timestamp::now();
    let mut newsroom = Newsroom::open(&Plan {
        seed: arguments.seed ^ 0x1a6,
        count: count * PIECES,
        a_day: arguments.a_day,
        end: now,
        sets: arguments.sets.as_deref(),
        first: FIRST + now.as_second().unsigned_abs() as usize * 1000,
    })?;
    let way = Way::open(&made.folder)?;
    let mut rounds = Vec::new();
    for round in 0..count {
        let mut pieces: Vec<Piece> =
            (0..PIECES).map(|_| Piece { at: now, ..newsroom.piece() }).collect();
        let word = format!("quetzal{round}n{}", now.as_second());
        let last = pieces.iter_mut().max_by_key(|piece| (piece.outlet, piece.number));
        let last = last.context("no piece")?;
        last.headline = format!("{word} {}", last.headline);
        last.paragraphs.iter_mut().for_each(|text| *text = format!("{word}, {text}"));
        rounds.push((way.deliveries(&pieces), word));
    }
    Ok(rounds)
}

/// Waits until something is so.
fn wait(mut is_so: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let began = Instant::now();
    while !is_so()? {
        if began.elapsed() > PATIENCE {
            bail!("it was not so within {} s", PATIENCE.as_secs());
        }
        sleep(LOOK_EVERY);
    }
    Ok(())
}
