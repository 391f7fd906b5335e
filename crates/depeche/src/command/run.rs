//! `depeche run`: collector, ingest, index and pages in one process, or half of it.

use std::{
    fs::OpenOptions,
    io::{IsTerminal, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use anyhow::Context;
use depeche_collect::{HostPace, Rests, timetable::Intervals};
use depeche_news::jiff::tz::TimeZone;
use depeche_search::Reader;
use depeche_store::{Keep, Lease, Store};
use depeche_web::{Settings, Site, router};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};

use crate::{
    arguments::{Half, Run},
    command::{catalogue, open, retention},
    service::{self, Manager, Stop},
    starters::STARTERS,
    telling::{self, Advice},
    wire::{
        Bell, REST,
        collector::{Collector, SPACING},
        disk_refuses, folders,
        indexer::{self, Indexer},
        ingester, jobs, keeper,
        metrics::{self, Counters, Watched},
        pages,
        subscriber::{self, Hubs},
        tell_troubles,
    },
};

/// How long a stop waits for what the collector has under way: requests to outlets are cut off,
/// transactions end by themselves.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// How long a start waits for the process before it to end: a service manager's restart overlaps, and
/// a stop takes no longer than [`STOP_WITHIN`].
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs until the system says stop.
pub(crate) fn run(run: &Run) -> anyhow::Result<()> {
    let manager = Manager::of_environment();
    let stop = service::stop_on_signals(manager.clone())?;
    let store = open(&run.data.folder)?;
    let lease = |half, work| match run.only {
        Some(only) if only != half => Ok(None),
        _ => self::lease(&store, work).map(Some),
    };
    let collecting = lease(Half::Collect, "collect")?;
    let _serving = lease(Half::Serve, "serve")?;
    let zone = zone(&run.zone)?;
    let base = run.base_url.as_deref().map(base).transpose()?;
    let runtime = runtime()?;
    let mut wire = Wire::new(store.clone());
    // What can be refused is opened before anything is collected.
    let listener = match run.only {
        Some(Half::Collect) => None,
        _ => Some(runtime.block_on(listen(run.listen, "--listen"))?),
    };
    let metrics = run.metrics.map(|address| runtime.block_on(listen(address, "--metrics")));
    if let Some(listener) = metrics.transpose()? {
        let watched = wire.watched();
        runtime.spawn(pages::serve(listener, metrics::router(watched), stop.clone()));
    }
    if let Some(lease) = collecting {
        let client = jobs::client(&run.allowed)?;
        wire.collect(&runtime, lease, client.clone(), intervals(run));
        wire.hear(&runtime, client, base.as_ref().map(|(address, _)| address.clone()));
        wire.keep(retention::keep(&run.keeping));
    }
    manager.watch(&store);
    let Some(listener) = listener else {
        telling::say(&format!("collecting into {}", run.data.folder.display()));
        manager.ready("collecting");
        runtime.block_on(stop.clone().told());
        wire.stop(runtime);
        return Ok(());
    };
    note_open_address(run.listen);
    let settings = Settings {
        zone,
        allowed_hosts: hosts(run, base.as_ref().map(|(_, host)| host.clone())),
        base_url: base.map(|(address, _)| address),
        starter_sources: STARTERS,
        spellings: Arc::new(catalogue::spellings(store.folder())),
        ..Settings::default()
    };
    let address = welcome(&store, &listener)?;
    manager.ready(&format!("serving http://{address}"));
    runtime.block_on(serve(&mut wire, listener, settings, stop));
    wire.stop(runtime);
    Ok(())
}

/// Takes the lease of a half of the work in this folder.
pub(crate) fn lease(store: &Store, work: &str) -> anyhow::Result<Lease> {
    Ok(Lease::take_within(store.folder(), work, PATIENCE)?)
}

fn zone(name: &str) -> anyhow::Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        Advice::error(
            format!("`{name}` is not a time zone"),
            "name one as Europe/Paris or America/Montreal",
        )
    })
}

fn note_open_address(address: SocketAddr) {
    if !address.ip().is_loopback() {
        telling::say(
            "note: the pages can be read by whoever reaches this address; there are no accounts yet",
        );
    }
}

/// The runtime that sockets live in.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

fn intervals(run: &Run) -> Intervals {
    let Some(seconds) = run.poll_every else {
        let longest = Duration::from_secs(u64::from(run.poll_longest) * 60);
        return Intervals { longest, ..Intervals::default() };
    };
    let every = Duration::from_secs(u64::from(seconds.max(1)));
    Intervals { first: every, shortest: every, longest: every }
}

/// The address that the pages are reached at, and the host in it.
fn base(given: &str) -> anyhow::Result<(String, String)> {
    let advice = || {
        Advice::error(
            format!("--base-url {given} is not the address of a site"),
            "give it as https://fil.example.org, without a path",
        )
    };
    let url = url::Url::parse(given).map_err(|_| advice())?;
    let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    let host = url.host_str().filter(|_| plain && matches!(url.scheme(), "http" | "https"));
    let host = host.ok_or_else(advice)?.to_owned();
    Ok((given.trim_end_matches('/').to_owned(), host))
}

fn hosts(run: &Run, reached_at: Option<String>) -> Vec<String> {
    let listening = match run.listen.ip() {
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        std::net::IpAddr::V4(ip) => ip.to_string(),
    };
    let mut hosts = Settings::default().allowed_hosts;
    hosts.extend(run.hosts.iter().cloned());
    hosts.push(listening);
    hosts.extend(reached_at);
    hosts
}

/// Opens the socket that a flag asks for.
pub(crate) async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Advice::error(
            format!("cannot listen on {address}: {error}"),
            format!("another program may have this port: choose one with {flag} 127.0.0.1:PORT"),
        )
    })
}

/// Says where the pages are, and the administrator's token the one time it can be read. Gives the
/// address.
pub(crate) fn welcome(store: &Store, listener: &TcpListener) -> anyhow::Result<SocketAddr> {
    let address = listener.local_addr()?;
    telling::answer(&format!("http://{address}"))?;
    let token = match store.first_administrator_token().wait() {
        // The pages can be read all the same, and say what is wrong.
        Err(error) if store.troubled().is_some() => {
            telling::say(&format!("the administrator's token cannot be looked for: {error}"));
            telling::say("  make one with `depeche token` when that is over");
            None
        }
        token => token?,
    };
    if let Some(token) = token {
        if std::io::stderr().is_terminal() {
            telling::say(&format!("administrator's token, shown this once: {token}"));
        } else {
            hand_over(&store.folder().join("administrator.token"), &token);
        }
        telling::say(&format!("  sign in with it at http://{address}/connexion"));
    }
    Ok(address)
}

/// Puts the token into a file of the operator's alone: a service's log is kept, and read by others.
fn hand_over(file: &Path, token: &str) {
    // One of an earlier life of this folder may be readable by others.
    let _ = std::fs::remove_file(file);
    let mut made = OpenOptions::new();
    let made = made.write(true).create_new(true).mode(0o600).open(file);
    match made.and_then(|mut made| writeln!(made, "{token}")) {
        Ok(()) => telling::say(&format!(
            "administrator's token: in {}; remove the file once you have read it",
            file.display()
        )),
        Err(error) => telling::say(&format!(
            "the administrator's token could not be written to {}: {error}; `depeche token` makes a new one",
            file.display()
        )),
    }
}

/// Serves the pages until it is time to stop.
pub(crate) async fn serve(wire: &mut Wire, listener: TcpListener, settings: Settings, stop: Stop) {
    let (store, search) = (wire.store.clone(), wire.search());
    let trouble = store.trouble();
    let site = Site { store, search, trouble, ending: stop.watched(), settings };
    let pages = metrics::counted(router(site), wire.counters.clone());
    pages::serve(listener, pages, stop).await;
}

/// The loops of this process, and what stops them.
pub(crate) struct Wire {
    store: Store,
    ingest: Bell,
    index: Bell,
    keeper: Bell,
    folders: Bell,
    threads: Vec<JoinHandle<()>>,
    reader: watch::Sender<Option<Reader>>,
    counters: Counters,
    /// The turns and the rests of hosts, as the collector knows them.
    manners: (HostPace, Rests),
    collecting: bool,
}

impl Wire {
    /// No loop yet.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            ingest: Bell::default(),
            index: Bell::default(),
            keeper: Bell::default(),
            folders: Bell::default(),
            threads: Vec::new(),
            reader: watch::Sender::new(None),
            counters: Counters::new(),
            manners: (HostPace::new(SPACING), Rests::default()),
            collecting: false,
        }
    }

    /// Starts collecting, taking in and indexing.
    pub(crate) fn collect(
        &mut self,
        runtime: &Runtime,
        lease: Lease,
        client: depeche_outbound::Client,
        intervals: Intervals,
    ) {
        self.collecting = true;
        let (store, ingest, index) = (self.store.clone(), self.ingest.clone(), self.index.clone());
        self.threads.push(std::thread::spawn(move || ingester::run(&store, &ingest, &index)));
        let (store, index, reader) = (self.store.clone(), self.index.clone(), self.reader.clone());
        self.threads.push(std::thread::spawn(move || follow(&store, &index, &reader)));
        let (counters, ingest) = (self.counters.clone(), self.ingest.clone());
        let collector = Collector::new(self.store.clone(), client, intervals, counters, ingest);
        self.manners = (collector.pace.clone(), collector.rests.clone());
        runtime.spawn(collector.run(lease, self.ingest.clone()));
        runtime.spawn(tell_troubles(self.store.clone()));
    }

    /// Starts listening to what comes by itself: watched folders, and the hubs that can reach us at `base`.
    pub(crate) fn hear(
        &mut self,
        runtime: &Runtime,
        client: depeche_outbound::Client,
        base: Option<String>,
    ) {
        let (store, folders, ingest) =
            (self.store.clone(), self.folders.clone(), self.ingest.clone());
        self.threads.push(std::thread::spawn(move || folders::run(&store, &folders, &ingest)));
        match base {
            Some(base) => {
                let (store, stop) = (self.store.clone(), self.ingest.clone());
                let (pace, rests) = self.manners.clone();
                let hubs = Hubs { store, client, pace, rests, base, busy: Arc::default() };
                runtime.spawn(subscriber::run(hubs, stop));
            }
            None => tracing::info!("no hub is asked to send what is new: --base-url is not given"),
        }
    }

    /// What the figures of this process are read from.
    pub(crate) fn watched(&self) -> Watched {
        let (store, counters) = (self.store.clone(), self.counters.clone());
        Watched { store, search: self.reader.subscribe(), counters }
    }

    /// Starts letting go of what is kept long enough.
    pub(crate) fn keep(&mut self, keep: Keep) {
        let (store, stop) = (self.store.clone(), self.keeper.clone());
        self.threads.push(std::thread::spawn(move || keeper::run(&store, keep, &stop)));
    }

    /// What the pages search in; where another process indexes, its index.
    pub(crate) fn search(&mut self) -> watch::Receiver<Option<Reader>> {
        if !self.collecting {
            let (store, stop, reader) =
                (self.store.clone(), self.index.clone(), self.reader.clone());
            self.threads.push(std::thread::spawn(move || read_beside(&store, &stop, &reader)));
        }
        self.reader.subscribe()
    }

    /// Stops every loop and waits for what is under way.
    pub(crate) fn stop(self, runtime: Runtime) {
        self.ingest.stop();
        self.index.stop();
        self.keeper.stop();
        self.folders.stop();
        runtime.shutdown_timeout(STOP_WITHIN);
        for thread in self.threads {
            // A loop that panicked has said so in the log.
            let _ = thread.join();
        }
    }
}

/// Indexes, or reads the index of the process that does until it is gone.
fn follow(store: &Store, stop: &Bell, reader: &watch::Sender<Option<Reader>>) {
    while !stop.stopped() {
        // Opening an index writes, and one that cannot be written is not to be taken for a torn one.
        if disk_refuses(store) {
            read_once(store, reader);
            stop.wait(REST);
            continue;
        }
        let started = Indexer::start(store).and_then(|indexer| {
            indexer.map(|indexer| Ok((indexer.reader()?, indexer))).transpose()
        });
        match started {
            Ok(Some((opened, indexer))) => {
                reader.send_replace(Some(opened));
                indexer::run(indexer, stop);
            }
            Ok(None) => {
                read_once(store, reader);
                stop.wait(REST);
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "cannot index; trying again");
                stop.wait(REST);
            }
        }
    }
}

fn read_beside(store: &Store, stop: &Bell, reader: &watch::Sender<Option<Reader>>) {
    while !stop.stopped() {
        read_once(store, reader);
        stop.wait(REST);
    }
}

/// Opens the index of another process once there is one; its reader then follows by itself. One that found a file torn is
/// opened again.
fn read_once(store: &Store, reader: &watch::Sender<Option<Reader>>) {
    if reader.borrow().as_ref().is_none_or(Reader::is_broken)
        && let Ok(opened) = Reader::open(&indexer::folder(store))
    {
        reader.send_replace(Some(opened));
    }
}
