//! From the bytes of feeds to the index: what an item costs, stage by stage.

use std::{path::Path, time::Duration};

use depeche_collect::{Target, fetch};
use depeche_news::{SourceId, Validators, jiff::Timestamp};

use crate::{
    arguments::{Arguments, Probe, Until},
    clock::thread_cpu,
    figures::{Figures, rate},
    instructions::{self, Counted},
    making::{Made, Way, newsroom},
    outlet::{Document, Outlet, client},
    text::{OUTLETS, Piece, feeds},
};

const PART: &str = "ingest";

/// Items that are taken in under valgrind, which runs fifty times slower.
const COUNTED: usize = 600;

/// Pieces in a feed that is fetched.
const FETCHED: usize = 25;

pub(crate) fn measure(figures: &mut Figures, made: &Made) {
    let Some(spent) = made.spent else {
        figures.left_out(PART, "the wire was there already; give --keep another folder");
        return;
    };
    let items = made.note.articles;
    let seconds = spent.all.as_secs_f64();
    figures.held(
        PART,
        "items a CPU second, in all",
        rate(items, spent.all),
        "items/s",
        "1,500 to 5,000",
    );
    let stages = [
        ("recorded", spent.record),
        ("read", spent.read),
        ("placed", spent.place),
        ("appended", spent.append),
        ("indexed", spent.index),
    ];
    for (name, cpu) in stages {
        let share = 100.0 * cpu.as_secs_f64() / seconds;
        let name = format!("{name} ({share:.0} % of the CPU)");
        figures.tell(PART, &name, rate(items, cpu), "items/s");
    }
    let rest = stages.iter().fold(spent.all, |rest, (_, cpu)| rest.saturating_sub(*cpu));
    let name = "everything else (known items, the waiting)";
    figures.tell(PART, name, 100.0 * rest.as_secs_f64() / seconds, "% of CPU");
}

/// What fetching the feeds adds, over a real socket.
pub(crate) fn socket(figures: &mut Figures, arguments: &Arguments) -> anyhow::Result<()> {
    let mut newsroom = newsroom(arguments, 50 * FETCHED)?;
    let outlet = Outlet::open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = client(&outlet)?;
    let mut cost = Duration::ZERO;
    for at in 0..50 {
        let pieces: Vec<Piece> = (0..FETCHED).map(|_| newsroom.piece()).collect();
        let number = at % OUTLETS;
        let feed = feeds::feed(number, &pieces.iter().collect::<Vec<_>>());
        outlet.publish(Document::new(feed, feeds::media_type(number)));
        let target = Target {
            source: SourceId::of_address(&outlet.address()),
            address: outlet.address(),
            validators: Validators::default(),
            access: None,
            first: false,
        };
        let before = thread_cpu();
        let fetched = runtime.block_on(fetch(&client, &target, Timestamp::now()));
        // The first one opens the connection and is not counted.
        cost += if at == 0 { Duration::ZERO } else { thread_cpu() - before };
        anyhow::ensure!(fetched.delivery.is_some(), "nothing was fetched: {:?}", fetched.outcome);
    }
    figures.tell(PART, "fetched over a socket", rate(49 * FETCHED, cost), "items/s");
    Ok(())
}

/// Instructions an item, by stage: the differences of runs that stop a stage later each.
pub(crate) fn instructions(figures: &mut Figures, arguments: &Arguments) -> anyhow::Result<()> {
    let items = arguments.sizes().first().copied().unwrap_or(COUNTED).min(COUNTED);
    let run = |until| instructions::probe(arguments, until, None, items);
    let (written, recorded, worked, indexed) =
        (run(Until::Written)?, run(Until::Recorded)?, run(Until::Worked)?, run(Until::Indexed)?);
    let of = |more: u64, less: u64| more.saturating_sub(less) as f64 / items as f64 / 1e3;
    let mut tell = |name: &str, value| figures.tell(PART, name, value, "k instr./item");
    tell("instructions in all", of(indexed.total, written.total));
    tell("instructions: recorded", of(recorded.total, written.total));
    let inside = |counted: &Counted, function| counted.inside(function);
    let (read, place) = (
        inside(&worked, "depeche_ingest::read::delivery"),
        inside(&worked, "depeche_ingest::place::Places::place"),
    );
    tell("instructions: read", of(read, 0));
    tell("instructions: placed", of(place, 0));
    tell("instructions: appended and all else", of(worked.total, recorded.total + read + place));
    tell("instructions: indexed", of(indexed.total, worked.total));
    Ok(())
}

/// The work that is counted from outside.
pub(crate) fn probe(arguments: &Arguments, probe: &Probe) -> anyhow::Result<()> {
    let mut newsroom = newsroom(arguments, probe.times)?;
    let mut way = Way::open(Path::new(&probe.folder))?;
    let pieces: Vec<Piece> = (0..probe.times).map(|_| newsroom.piece()).collect();
    for pieces in pieces.chunks(300) {
        let deliveries = way.deliveries(pieces);
        if probe.until == Until::Written {
            continue;
        }
        way.record(deliveries)?;
        if probe.until != Until::Recorded {
            way.work(pieces.last().map_or_else(Timestamp::now, |piece| piece.at))?;
        }
        if probe.until == Until::Indexed {
            way.index()?;
        }
    }
    Ok(())
}
