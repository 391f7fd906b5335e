//! «Dernières infos»: what drawing it costs at each size, and what answering a page that is known
//! costs beside an asset of as many bytes.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;

use crate::{
    arguments::{Arguments, Probe, Until},
    client::Connection,
    clock::{cpu_of, cpu_of_process},
    figures::{Figures, ms},
    instructions,
    making::Made,
    pages::{Moving, Pages},
    server::{self, ASSET, Running},
};

const PART: &str = "latest";

/// Drawings that are counted.
const DRAWINGS: usize = 60;

/// Drawings that are counted under valgrind.
const DRAWINGS_COUNTED: usize = 12;

/// The newest rows under an address that is drawn at each request: of the top of the list the program
/// keeps a copy, and while the wire moves fast it draws that only some times a second.
const DRAWN: &str = "/?avant=9999999999999-ffffffffffffffffffff";

/// What browsers accept, as a line of the request.
const ACCEPTED: &str = "accept-encoding: gzip\r\n";

/// Connections that ask at once.
const ASKING: usize = 4;

/// Requests of one connection in a round.
const REQUESTS: usize = 250;

/// CPU of the server that a figure is made of at least; it is counted in hundredths of a second.
const CPU_MIN: Duration = Duration::from_secs(1);

/// Rounds at most, where the machine does not tell CPU.
const ROUNDS_MAX: usize = 60;

/// Drawing, at one size. Gives the instructions of one drawing, where they are counted.
pub(crate) fn draw(
    figures: &mut Figures,
    arguments: &Arguments,
    made: &Made,
) -> anyhow::Result<Option<f64>> {
    let articles = made.note.articles;
    let times = arguments.times(DRAWINGS);
    let mut moving = Moving::of(&made.folder)?;
    let pages = Pages::new(server::pages(&moving.store))?;
    for (name, encoding) in [("as browsers ask, compressed", "gzip"), ("plain", "")] {
        // The first drawing opens connections and fills caches.
        pages.get(DRAWN, encoding)?;
        let moved = each(&mut moving, times, || Ok(()))?;
        let drawn = each(&mut moving, times, || pages.get(DRAWN, encoding).map(|_| ()))?;
        let cost = ms(drawn.saturating_sub(moved)) / times as f64;
        let name = format!("drawn at {articles} articles, {name} (CPU)");
        match encoding {
            "gzip" => figures.held(PART, &name, cost, "ms", "≤ 3"),
            _ => figures.tell(PART, &name, cost, "ms"),
        }
    }
    let (plain, gzip) = (pages.get(DRAWN, "")?.body.len(), pages.get(DRAWN, "gzip")?.body.len());
    figures.tell(PART, "  its size", plain as f64, "bytes");
    figures.tell(PART, "  its size compressed", gzip as f64, "bytes");
    if !(arguments.instructions && instructions::can_count()) {
        return Ok(None);
    }
    let run = |until| instructions::probe(arguments, until, Some(&made.folder), DRAWINGS_COUNTED);
    let (moved, drawn) = (run(Until::Moved)?, run(Until::Drawn)?);
    let count = drawn.total.saturating_sub(moved.total) as f64 / DRAWINGS_COUNTED as f64;
    figures.tell(
        PART,
        &format!("drawn at {articles} articles (instructions)"),
        count / 1e3,
        "k instr.",
    );
    Ok(Some(count))
}

/// CPU of moving the wire so many times, with a work after each.
fn each(
    moving: &mut Moving,
    times: usize,
    work: impl Fn() -> anyhow::Result<()>,
) -> anyhow::Result<Duration> {
    let (done, cost) = cpu_of(|| steps(moving, times, work));
    done.map(|()| cost)
}

fn steps(
    moving: &mut Moving,
    times: usize,
    work: impl Fn() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    (0..times).try_for_each(|_| moving.step().and_then(|()| work()))
}

/// The same page again and again, over sockets, beside an asset of as many bytes.
pub(crate) fn kept(
    figures: &mut Figures,
    arguments: &Arguments,
    made: &Made,
) -> anyhow::Result<()> {
    let (requests, rounds) = (arguments.times(REQUESTS), arguments.times(ROUNDS_MAX).max(2));
    let (asset, etag) = page_as_asset(&made.folder)?;
    let running = Running::start(&made.folder, Some(asset.path()))?;
    let known = format!("{ACCEPTED}if-none-match: {}\r\n", etag.context("the page has no ETag")?);
    let wanted = [("/", ACCEPTED, 200), (ASSET, ACCEPTED, 200), ("/", known.as_str(), 304)];
    let mut connections =
        (0..ASKING).map(|_| Connection::open(running.port)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut costs = [(0usize, Duration::ZERO); 3];
    // In turns, so that what else the machine does falls on all.
    for round in 0..rounds {
        for ((path, headers, status), (asked, cost)) in wanted.iter().zip(&mut costs) {
            if *cost < CPU_MIN {
                let ask = |c: &mut Connection| ask(c, requests, path, headers, *status);
                let spent = at_once(&running, &mut connections, ask)?;
                *asked += if round == 0 { 0 } else { ASKING * requests };
                *cost += if round == 0 { Duration::ZERO } else { spent };
            }
        }
        if costs.iter().all(|(_, cost)| *cost >= CPU_MIN) {
            break;
        }
    }
    let rates = costs.map(|(asked, cost)| crate::figures::rate(asked, cost));
    figures.tell(PART, "the same page again", rates[0], "requests/CPU s");
    figures.tell(PART, "an asset of as many bytes", rates[1], "requests/CPU s");
    figures.held(PART, "the page's rate, of the asset's", rates[0] / rates[1], "", "≥ 0.8");
    figures.tell(PART, "«unchanged» (304)", rates[2], "requests/CPU s");
    Ok(())
}

/// The page as it is sent, in a file; and its tag.
fn page_as_asset(folder: &Path) -> anyhow::Result<(tempfile::NamedTempFile, Option<String>)> {
    let running = Running::start(folder, None)?;
    let answer = Connection::open(running.port)?.get("/", ACCEPTED)?;
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), &answer.body)?;
    Ok((file, answer.etag))
}

/// CPU that the server spends while every connection does this.
fn at_once(
    running: &Running,
    connections: &mut [Connection],
    work: impl Fn(&mut Connection) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<Duration> {
    let (cpu, work) = (|| cpu_of_process(running.pid()).unwrap_or_default(), &work);
    let before = cpu();
    std::thread::scope(|scope| {
        let working: Vec<_> = connections
            .iter_mut()
            .map(|connection| scope.spawn(move || work(connection)))
            .collect();
        working.into_iter().try_for_each(|working| {
            working.join().map_err(|_| anyhow::anyhow!("a connection panicked"))?
        })
    })?;
    Ok(cpu() - before)
}

fn ask(
    connection: &mut Connection,
    requests: usize,
    path: &str,
    headers: &str,
    status: u16,
) -> anyhow::Result<()> {
    for _ in 0..requests {
        let answer = connection.get(path, headers)?;
        anyhow::ensure!(answer.status == status, "{path} answered {}", answer.status);
    }
    Ok(())
}

/// The work that is counted from outside; valgrind does not bear our reading the clock.
pub(crate) fn probe(probe: &Probe) -> anyhow::Result<()> {
    let mut moving = Moving::of(&probe.folder)?;
    let pages = Pages::new(server::pages(&moving.store))?;
    pages.get(DRAWN, "gzip")?;
    let drawn = probe.until == Until::Drawn;
    let draw = || if drawn { pages.get(DRAWN, "gzip").map(|_| ()) } else { Ok(()) };
    steps(&mut moving, probe.times, draw)
}
