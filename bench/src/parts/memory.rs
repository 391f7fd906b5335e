//! The program itself on a wire that is there: how long to its first page, and what it holds.

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::{
    client::Connection,
    clock::{Memory, cpu_of_process, memory_of_process},
    figures::{Figures, ms},
    making::Made,
    server::{Running, program},
};

const PART: &str = "memory";

/// Longest a page is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Quiet for so long, a program has nothing more to load.
const QUIET: Duration = Duration::from_millis(1500);

pub(crate) fn measure(figures: &mut Figures, made: &Made) -> anyhow::Result<()> {
    let Some(program) = program() else {
        figures.left_out(PART, "the program is not beside this one; name it in DEPECHE");
        return Ok(());
    };
    let articles = made.note.articles;
    // The first start warms the system's cache.
    drop(start(&program, &made.folder)?);
    let (running, first_page) = start(&program, &made.folder)?;
    let cpu = cpu_of_process(running.pid()).unwrap_or_default();
    let name = format!("restart to first page, {articles} articles (wall)");
    figures.held(PART, &name, ms(first_page), "ms", "≤ 2,000");
    figures.tell(PART, "  CPU until then", ms(cpu), "ms");
    settle(running.pid());
    tell(figures, running.pid(), "after the start", "≤ 150 MB, aiming at 80")?;
    read_pages(&running)?;
    settle(running.pid());
    tell(figures, running.pid(), "after 100 pages and searches", "≤ 150 MB, aiming at 80")?;
    Ok(())
}

/// Starts the program and waits for a page with rows.
fn start(program: &Path, folder: &Path) -> anyhow::Result<(Running, Duration)> {
    let began = Instant::now();
    let running = Running::program(program, folder)?;
    while began.elapsed() < PATIENCE {
        if let Ok(answer) = Connection::open(running.port).and_then(|mut pages| pages.get("/", ""))
        {
            let page = String::from_utf8_lossy(&answer.body).into_owned();
            if answer.status == 200 && page.contains("class=\"row") {
                return Ok((running, began.elapsed()));
            }
        }
        sleep(Duration::from_millis(5));
    }
    bail!("no page with rows within {} s", PATIENCE.as_secs())
}

/// Waits until the process uses no more CPU.
fn settle(pid: u32) {
    let (began, mut last, mut since) = (Instant::now(), Duration::ZERO, Instant::now());
    while since.elapsed() < QUIET && began.elapsed() < PATIENCE {
        let now = cpu_of_process(pid).unwrap_or_default();
        // A loop that looks around now and then is quiet.
        if now > last + Duration::from_millis(20) {
            (last, since) = (now, Instant::now());
        }
        sleep(Duration::from_millis(100));
    }
}

fn tell(figures: &mut Figures, pid: u32, when: &str, goal: &'static str) -> anyhow::Result<()> {
    let Memory { resident, anonymous, peak } =
        memory_of_process(pid).context("the program has ended")?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    figures.held(PART, &format!("resident {when}"), megabytes(resident), "MB", goal);
    figures.tell(PART, "  of it not pages of files", megabytes(anonymous), "MB");
    figures.tell(PART, "  peak", megabytes(peak), "MB");
    Ok(())
}

fn read_pages(running: &Running) -> anyhow::Result<()> {
    let mut pages = Connection::open(running.port)?;
    for at in 0..50 {
        pages.get("/", "accept-encoding: gzip\r\n")?;
        let word = ["ministre", "région", "selon", "conférence", "procureur"][at % 5];
        pages.get(
            &format!("/recherche?q={}", word.replace('é', "%C3%A9")),
            "accept-encoding: gzip\r\n",
        )?;
    }
    Ok(())
}
