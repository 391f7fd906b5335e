//! `depeche run`: collector, ingest, index and pages in one process, or half of it.

use std::{net::SocketAddr, thread::JoinHandle, time::Duration};

use anyhow::Context;
use depeche_collect::timetable::Intervals;
use depeche_news::jiff::tz::TimeZone;
use depeche_search::Reader;
use depeche_store::{Keep, Store};
use depeche_web::{Settings, Site, router};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};

use crate::{
    arguments::{Half, Run},
    command::{open, retention},
    starters::STARTERS,
    telling::{self, Advice},
    wire::{
        Bell, REST,
        collector::Collector,
        indexer::{self, Indexer},
        ingester, jobs, keeper, pages,
    },
};

/// How long a stop waits for what is under way: requests are cut off, transactions end by themselves.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Runs until the system says stop.
pub(crate) fn run(run: &Run) -> anyhow::Result<()> {
    let store = open(&run.data.folder)?;
    let zone = TimeZone::get(&run.zone).map_err(|_| {
        Advice::error(
            format!("`{}` is not a time zone", run.zone),
            "name one as Europe/Paris or America/Montreal",
        )
    })?;
    let runtime = runtime()?;
    let mut wire = Wire::new(store.clone());
    if run.only != Some(Half::Serve) {
        wire.collect(&runtime, jobs::client(&run.allowed)?, intervals(run.poll_every));
        wire.keep(retention::keep(&run.keeping));
    }
    if run.only == Some(Half::Collect) {
        telling::say(&format!("collecting into {}", run.data.folder.display()));
        runtime.block_on(stop_signal());
    } else {
        let listener = runtime.block_on(listen(run.listen))?;
        if !run.listen.ip().is_loopback() {
            telling::say(
                "note: the pages can be read by whoever reaches this address; there are no accounts yet",
            );
        }
        let settings = Settings {
            zone,
            allowed_hosts: hosts(run),
            starter_sources: STARTERS,
            ..Settings::default()
        };
        welcome(&store, &listener)?;
        runtime.block_on(serve(&store, listener, settings, wire.search()));
    }
    wire.stop(runtime);
    Ok(())
}

/// The runtime that sockets live in.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

fn intervals(every: Option<u32>) -> Intervals {
    let Some(seconds) = every else { return Intervals::default() };
    let every = Duration::from_secs(u64::from(seconds.max(1)));
    Intervals { first: every, shortest: every, longest: every }
}

fn hosts(run: &Run) -> Vec<String> {
    let listening = match run.listen.ip() {
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        std::net::IpAddr::V4(ip) => ip.to_string(),
    };
    let mut hosts = Settings::default().allowed_hosts;
    hosts.extend(run.hosts.iter().cloned());
    hosts.push(listening);
    hosts
}

/// Opens the socket of the pages.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Advice::error(
            format!("cannot listen on {address}: {error}"),
            "another program may have this port: choose one with --listen 127.0.0.1:PORT",
        )
    })
}

/// Says where the pages are, and the administrator's token the one time it can be read.
pub(crate) fn welcome(store: &Store, listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    telling::answer(&format!("http://{address}"))?;
    if let Some(token) = store.first_administrator_token().wait()? {
        telling::say(&format!("administrator's token, shown this once: {token}"));
        telling::say(&format!("  sign in with it at http://{address}/connexion"));
    }
    Ok(())
}

/// Serves the pages until the system says stop.
pub(crate) async fn serve(
    store: &Store,
    listener: TcpListener,
    settings: Settings,
    search: watch::Receiver<Option<Reader>>,
) {
    let site = Site { store: store.clone(), search, settings };
    tokio::select! {
        () = pages::serve(listener, router(site)) => {}
        () = stop_signal() => {}
    }
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The loops of this process, and what stops them.
pub(crate) struct Wire {
    store: Store,
    ingest: Bell,
    index: Bell,
    keeper: Bell,
    threads: Vec<JoinHandle<()>>,
    reader: watch::Sender<Option<Reader>>,
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
            threads: Vec::new(),
            reader: watch::Sender::new(None),
            collecting: false,
        }
    }

    /// Starts collecting, taking in and indexing.
    pub(crate) fn collect(
        &mut self,
        runtime: &Runtime,
        client: depeche_outbound::Client,
        intervals: Intervals,
    ) {
        self.collecting = true;
        let (store, ingest, index) = (self.store.clone(), self.ingest.clone(), self.index.clone());
        self.threads.push(std::thread::spawn(move || ingester::run(&store, &ingest, &index)));
        let (store, index, reader) = (self.store.clone(), self.index.clone(), self.reader.clone());
        self.threads.push(std::thread::spawn(move || follow(&store, &index, &reader)));
        let collector = Collector::new(self.store.clone(), client, intervals, self.ingest.clone());
        runtime.spawn(collector.run(self.ingest.clone()));
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

/// Opens the index of another process once there is one; its reader then follows by itself.
fn read_once(store: &Store, reader: &watch::Sender<Option<Reader>>) {
    if reader.borrow().is_none()
        && let Ok(opened) = Reader::open(&indexer::folder(store))
    {
        reader.send_replace(Some(opened));
    }
}
