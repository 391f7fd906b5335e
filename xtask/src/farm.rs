//! `cargo xtask farm`: a farm of invented sources is collected as any other, and what the wire made of it is held
//! against what the farm knows: which items are copies of one dispatch, and what was corrected since.

#![allow(
    clippy::disallowed_types,
    reason = "the farm is of this machine, and no source of the wire is asked"
)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::{cargo, run, target};

/// What is asked for.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The farm: a program for Python that answers `/opml`, `/truth/FEED/ITEM` and `/ctl/touch?feed=FEED&k=ITEM`.
    #[arg(long)]
    tool: PathBuf,
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    feeds: u32,
    /// Items of each feed.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
    items: u32,
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Articles that are corrected once all is there, each of another feed.
    #[arg(long, default_value_t = 20)]
    corrections: u32,
}

/// Ports that the farm listens on, so that a rule for each host sees several.
const PORTS: u16 = 8;

/// How long all may take to be there, and a correction to be a version.
const ALL_WITHIN: Duration = Duration::from_mins(10);
const VERSION_WITHIN: Duration = Duration::from_mins(1);

/// A process that ends with us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        self.0.kill().and_then(|()| self.0.wait()).map(drop).unwrap_or_default();
    }
}

/// Collects the farm, prints how its copies were folded and how its corrections came through.
pub(crate) fn farm(options: &Options) -> anyhow::Result<()> {
    run(cargo().args(["build", "--quiet", "--locked", "--release", "--package", "depeche"]))?;
    let wire = Wire { program: target().join("release/depeche"), data: target().join("farm") };
    if wire.data.exists() {
        fs::remove_dir_all(&wire.data)?;
    }
    fs::create_dir_all(&wire.data)?;
    let port = free_ports()?;
    let (farm, _farm) = (Farm { port }, started(options, port)?);
    let subscriptions = wire.data.join("farm.opml");
    fs::write(&subscriptions, farm.get("/opml")?)?;
    wire.done(&["import", "--data"], &[&subscriptions.display().to_string()])?;
    let _wire = wire.started()?;

    let began = Instant::now();
    let items = wire.when_all_are_there(options.feeds as usize * options.items as usize, began)?;
    println!(
        "{} items of {} feeds: {:.0} s",
        items.len(),
        options.feeds,
        began.elapsed().as_secs_f64()
    );
    let mut truths = Vec::new();
    for feed in 0..options.feeds {
        for item in 0..options.items {
            truths.push(farm.truth(feed, item)?);
        }
    }
    println!("{}", folded(&truths, &items)?);
    println!("{}", corrected(options, &farm, &wire, &items)?);
    Ok(())
}

/// The first of so many ports in a row that nobody listens on.
fn free_ports() -> anyhow::Result<u16> {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut ports = (20_000..60_000).step_by(usize::from(PORTS));
    ports.find(|&first| (first..first + PORTS).all(free)).context("no eight free ports in a row")
}

fn started(options: &Options, port: u16) -> anyhow::Result<Running> {
    let mut command = Command::new("python3");
    command.arg(&options.tool).args(["--now", "now", "--quiet"]);
    for (name, value) in [
        ("--port", u32::from(port)),
        ("--ports", u32::from(PORTS)),
        ("--feeds", options.feeds),
        ("--items", options.items),
        ("--seed", options.seed),
    ] {
        command.arg(name).arg(value.to_string());
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let farm = Running(command.spawn().context("cannot start python3")?);
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > VERSION_WITHIN {
            bail!("{} does not listen on port {port}", options.tool.display());
        }
        sleep(Duration::from_millis(100));
    }
    Ok(farm)
}

/// The farm as it is asked.
struct Farm {
    port: u16,
}

impl Farm {
    fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let body = answer.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let body = body.and_then(|at| answer.get(at..)).context("no answer of HTTP")?;
        Ok(body.to_vec())
    }

    fn truth(&self, feed: u32, item: u32) -> anyhow::Result<Truth> {
        let json: Value = serde_json::from_slice(&self.get(&format!("/truth/{feed}/{item}"))?)?;
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Ok(Truth {
            address: text("url"),
            feed: text("feed"),
            dispatch: text("story"),
            kind: text("kind"),
            told: match json["full"].as_bool() {
                Some(true) => text("body"),
                _ => text("teaser"),
            },
        })
    }
}

/// What the farm knows of an item.
struct Truth {
    address: String,
    feed: String,
    dispatch: String,
    kind: String,
    /// What of its text stands in the feed.
    told: String,
}

/// The wire that collects.
struct Wire {
    program: PathBuf,
    data: PathBuf,
}

/// An item as the wire exports it, by its address.
type Items = HashMap<String, Value>;

impl Wire {
    fn started(&self) -> anyhow::Result<Running> {
        let mut command = Command::new(&self.program);
        command.args([
            "run",
            "--listen",
            "127.0.0.1:0",
            "--allow-address",
            "127.0.0.0/8",
            "--data",
        ]);
        command.arg(&self.data).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Running(command.spawn().context("cannot start depeche")?))
    }

    fn done(&self, before: &[&str], after: &[&str]) -> anyhow::Result<Vec<u8>> {
        let mut command = Command::new(&self.program);
        let output = command.args(before).arg(&self.data).args(after).output()?;
        if !output.status.success() {
            bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output.stdout)
    }

    fn items(&self) -> anyhow::Result<Items> {
        let lines = self.done(&["export", "--data"], &[])?;
        let lines = String::from_utf8(lines)?;
        let item = |line: &str| -> anyhow::Result<(String, Value)> {
            let item: Value = serde_json::from_str(line)?;
            Ok((item["address"].as_str().unwrap_or_default().to_owned(), item))
        };
        lines.lines().map(item).collect()
    }

    /// The items when so many are there, each with its page.
    fn when_all_are_there(&self, count: usize, began: Instant) -> anyhow::Result<Items> {
        loop {
            let items = self.items()?;
            let whole = items.values().filter(|item| item["teaser_only"] != true).count();
            if whole >= count {
                return Ok(items);
            }
            if began.elapsed() > ALL_WITHIN {
                bail!("{whole} of {count} items after {} s", ALL_WITHIN.as_secs());
            }
            sleep(Duration::from_secs(1));
        }
    }
}

/// How many copies stand with most of their dispatch, by kind, and what stands together that should not.
fn folded(truths: &[Truth], items: &Items) -> anyhow::Result<String> {
    let mut dispatches: BTreeMap<&str, Vec<(&Truth, &str)>> = BTreeMap::new();
    let mut stories: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut joined: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for truth in truths {
        let item = items.get(&truth.address).with_context(|| format!("no {}", truth.address))?;
        let place = |name: &str| item[name].as_str().unwrap_or_default();
        let (dispatch, story) = (place("dispatch"), place("story"));
        dispatches.entry(&truth.dispatch).or_default().push((truth, dispatch));
        joined.entry(dispatch).or_default().insert(&truth.dispatch);
        stories.entry(story).or_default().insert(&truth.dispatch);
    }
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for copies in dispatches.values().filter(|copies| copies.len() > 1) {
        let with = |other: &str| copies.iter().filter(|(_, dispatch)| *dispatch == other).count();
        let most = copies.iter().map(|(_, dispatch)| (with(dispatch), *dispatch)).max();
        for (truth, dispatch) in copies {
            let (folded, all) = kinds.entry(&truth.kind).or_default();
            *all += 1;
            *folded += usize::from(most.is_some_and(|(many, most)| many > 1 && most == *dispatch));
        }
    }
    let kinds: Vec<String> =
        kinds.iter().map(|(kind, (folded, all))| format!("{kind} {folded} of {all}")).collect();
    let several = |groups: &BTreeMap<&str, BTreeSet<&str>>| {
        groups.values().filter(|those| those.len() > 1).count()
    };
    Ok(format!(
        "folded: {}; dispatches with items of several: {} of {}; stories with several dispatches: {} of {}",
        kinds.join(", "),
        several(&joined),
        joined.len(),
        several(&stories),
        stories.len(),
    ))
}

/// Corrects articles of the farm, asks their feeds once, and counts which became versions.
fn corrected(
    options: &Options,
    farm: &Farm,
    wire: &Wire,
    before: &Items,
) -> anyhow::Result<String> {
    let (mut told, mut silent) = (Vec::new(), Vec::new());
    for feed in 0..options.feeds.min(options.corrections) {
        let item = options.items - 1 - feed % options.items.min(5);
        let was = farm.truth(feed, item)?;
        farm.get(&format!("/ctl/touch?feed={feed}&k={item}"))?;
        let is = farm.truth(feed, item)?;
        let list = if was.told == is.told { &mut silent } else { &mut told };
        list.push(is.address);
        wire.done(&["source", "refresh", "--data"], &[&was.feed])?;
    }
    let versions = |items: &Items, address: &String| {
        items.get(address).and_then(|item| item["versions"].as_array()).map_or(0, Vec::len)
    };
    let began = Instant::now();
    loop {
        let now = wire.items()?;
        let new = |list: &[String]| {
            list.iter().filter(|one| versions(&now, one) > versions(before, one)).count()
        };
        let waited = began.elapsed();
        if new(&told) == told.len() || waited > VERSION_WITHIN {
            return Ok(format!(
                "corrections that the feed shows: {} of {} are versions after one poll, {:.1} s; that it does not show: {} of {}",
                new(&told),
                told.len(),
                waited.as_secs_f64(),
                new(&silent),
                silent.len(),
            ));
        }
        sleep(Duration::from_millis(500));
    }
}
